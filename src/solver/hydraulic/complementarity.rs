//! Conditions with corners, all at once: a system of nested least and greatest of straight functions.
//!
//! Each condition is rising in its own unknown and is made of three straight functions of all unknowns, `low`, `law`
//! and `third`: limits ask for max(third, min(low, law)) = 0, throttles for min(low, max(law, third)) = 0, held values
//! for third = 0. Where only limits take part the matrices of all choices of pieces are positive definite in their
//! scaling, so that exactly one solution exists; controllers that sense elsewhere may spoil that.
//!
//! Mechanism: first the active pieces are guessed from the last point and solved for, as long as that changes them for
//! the better. Where it does not come to an end, the way from a point to the solution is followed piece by piece
//! (Katzenelson 1965): what is missing shrinks in proportion, at every corner one row of the matrix is exchanged, and
//! where the sign of its determinant changes the way turns back and is followed on. Among pieces that all have one sign
//! that way is straight and ends; among others it may lead away, which is said.
//!
//! The inverse is kept and corrected by one row at a time; it is small and dense.

/// Which nest of pieces a condition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nest {
    /// max(third, min(low, law)).
    Limits,
    /// min(low, max(law, third)).
    Throttle,
    /// third.
    Held,
}

/// Positions of the pieces of a condition.
pub const LOW: usize = 0;
pub const LAW: usize = 1;
pub const THIRD: usize = 2;

/// Rounds of guessing.
const GUESSES: usize = 12;
/// Turns of the way beyond two for each condition.
const MOST_TURNS: usize = 60;
/// The same, so that large systems do not take for ever: turns times numbers in the matrix.
const MOST_WORK: usize = 4_000_000;
/// Conditions up to which other points are tried.
const MOST_STANDING: usize = 100;
/// Exchanges of rows after which the inverse is computed anew.
const REFRESH: usize = 40;
/// A factor of the determinant below which a matrix counts as singular.
const SINGULAR: f64 = 1e-13;

/// The system and its solution.
#[derive(Clone, Debug, Default)]
pub struct Complementarity {
    pub nests: Vec<Nest>,
    /// Constants of the three pieces of each condition.
    pub constants: Vec<[f64; 3]>,
    /// Rows of the three pieces of each condition, one after the other.
    pub rows: Vec<f64>,
    /// Solution, and the pieces it lies on.
    pub unknowns: Vec<f64>,
    pub pieces: Vec<usize>,
    least: f64,
    inverse: Vec<f64>,
    exchanged: usize,
    values: Vec<[f64; 3]>,
    slopes: Vec<[f64; 3]>,
    direction: Vec<f64>,
}

fn select(nest: Nest, [low, law, third]: [f64; 3]) -> usize {
    match nest {
        Nest::Limits => {
            let inner = if low < law { LOW } else { LAW };
            if third > low.min(law) { THIRD } else { inner }
        }
        Nest::Throttle => {
            let inner = if third > law { THIRD } else { LAW };
            if low < law.max(third) { LOW } else { inner }
        }
        Nest::Held => THIRD,
    }
}

impl Complementarity {
    /// Empty, for this many conditions. Values closer than `least` are equal.
    pub fn clear(&mut self, count: usize, least: f64) {
        self.least = least;
        self.nests.clear();
        self.nests.resize(count, Nest::Held);
        self.constants.clear();
        self.constants.resize(count, [0.0; 3]);
        self.rows.clear();
        self.rows.resize(3 * count * count, 0.0);
    }

    /// Row of a piece.
    pub fn row(&mut self, condition: usize, piece: usize) -> &mut [f64] {
        let count = self.count();
        let at = (3 * condition + piece) * count;
        &mut self.rows[at..at + count]
    }

    fn count(&self) -> usize {
        self.nests.len()
    }

    fn at(&self, condition: usize, piece: usize) -> &[f64] {
        let count = self.count();
        let at = (3 * condition + piece) * count;
        &self.rows[at..at + count]
    }

    /// Solves from nothing. Gives whether it found a solution; otherwise the unknowns are where least was missing.
    pub fn solve(&mut self) -> bool {
        let count = self.count();
        self.unknowns.clear();
        self.unknowns.resize(count, 0.0);
        self.pieces.clear();
        self.pieces.resize(count, LOW);
        self.settle();
        if count == 0 {
            return true;
        }
        if self.guess() {
            return true;
        }
        self.unknowns.fill(0.0);
        if self.follow() {
            return true;
        }
        let unknowns = std::mem::take(&mut self.unknowns);
        // From where all throttles stand open, or shut: without them there is one solution and a straight way to it.
        if count <= MOST_STANDING && self.nests.contains(&Nest::Throttle) {
            for stand in [LAW, LOW] {
                if self.stand(stand) && self.follow() {
                    return true;
                }
            }
        }
        self.unknowns = unknowns;
        self.settle();
        false
    }

    /// Pieces that belong to the unknowns.
    fn settle(&mut self) {
        self.measure();
        for at in 0..self.count() {
            self.pieces[at] = select(self.nests[at], self.values[at]);
        }
    }

    /// Solves with all throttles on one of their pieces. Gives whether that could be done.
    fn stand(&mut self, piece: usize) -> bool {
        let (nests, constants) = (self.nests.clone(), self.constants.clone());
        for (nest, constant) in self.nests.iter_mut().zip(&mut self.constants) {
            if *nest == Nest::Throttle {
                *nest = Nest::Limits;
                constant[THIRD] = f64::NEG_INFINITY;
                let unused = if piece == LOW { LAW } else { LOW };
                constant[unused] = f64::INFINITY;
            }
        }
        self.unknowns.clear();
        self.unknowns.resize(nests.len(), 0.0);
        self.settle();
        let solved = self.guess() || {
            self.unknowns.fill(0.0);
            self.follow()
        };
        (self.nests, self.constants) = (nests, constants);
        solved
    }

    /// Values of all pieces at the unknowns.
    fn measure(&mut self) {
        let count = self.count();
        self.values.clear();
        for at in 0..count {
            let value = |piece: usize| self.constants[at][piece] + dot(self.at(at, piece), &self.unknowns);
            self.values.push([value(LOW), value(LAW), value(THIRD)]);
        }
    }

    fn guess(&mut self) -> bool {
        if !self.invert() {
            return false;
        }
        for _ in 0..GUESSES {
            let count = self.count();
            for row in 0..count {
                let value: f64 =
                    (0..count).map(|at| self.inverse[row * count + at] * self.constants[at][self.pieces[at]]).sum();
                self.unknowns[row] = -value;
            }
            self.measure();
            let mut changed = false;
            for at in 0..count {
                let piece = select(self.nests[at], self.values[at]);
                // On a corner both pieces are right.
                let same = self.same(at, piece);
                if piece != self.pieces[at] && !same {
                    changed = true;
                    if self.exchange(at, piece).is_none() && !self.invert() {
                        return false;
                    }
                }
            }
            if !changed {
                return true;
            }
        }
        false
    }

    /// Whether two pieces cannot be told apart at the present values.
    fn same(&self, at: usize, piece: usize) -> bool {
        let (a, b) = (self.values[at][piece], self.values[at][self.pieces[at]]);
        (a - b).abs() <= self.least
    }

    /// Follows the way from the present unknowns to the solution.
    fn follow(&mut self) -> bool {
        let count = self.count();
        self.settle();
        if !self.invert() {
            return false;
        }
        let missing: Vec<f64> = (0..count).map(|at| self.values[at][self.pieces[at]]).collect();
        let (mut done, mut sign) = (0.0, 1.0);
        let (mut best, mut best_unknowns) = (0.0, self.unknowns.clone());
        let mut last: Option<(usize, usize)> = None;
        for _ in 0..(2 * count + MOST_TURNS).min(MOST_WORK / (count * count)) {
            self.direction.clear();
            for row in 0..count {
                let value = dot(&self.inverse[row * count..(row + 1) * count], &missing);
                self.direction.push(-sign * value);
            }
            self.slopes.clear();
            for at in 0..count {
                let slope = |piece: usize| dot(self.at(at, piece), &self.direction);
                self.slopes.push([slope(LOW), slope(LAW), slope(THIRD)]);
            }
            // The next corner on the way.
            let mut next: Option<(f64, usize, usize)> = None;
            for at in 0..count {
                let own = self.pieces[at];
                let (value, slope) = (self.values[at], self.slopes[at]);
                for other in [LOW, LAW, THIRD] {
                    if other == own || last == Some((at, other)) || !value[other].is_finite() {
                        continue;
                    }
                    let closing = slope[other] - slope[own];
                    let gap = value[own] - value[other];
                    if closing == 0.0 || gap == 0.0 && last.is_some_and(|(row, _)| row == at) {
                        continue;
                    }
                    let length = gap / closing;
                    if length.is_nan() || length < 0.0 || next.is_some_and(|(least, _, _)| length >= least) {
                        continue;
                    }
                    // Just beyond: does the other piece take over?
                    let beyond = |piece: usize| slope[piece] - slope[own];
                    let there = |piece: usize| {
                        let far = value[piece] + length * slope[piece] - (value[own] + length * slope[own]);
                        if piece == own || piece == other { beyond(piece) } else { far * 1e30 }
                    };
                    let nested = select(self.nests[at], [there(LOW), there(LAW), there(THIRD)]);
                    if nested == other {
                        next = Some((length, at, other));
                    }
                }
            }
            let rest = if sign > 0.0 { 1.0 - done } else { f64::INFINITY };
            match next {
                Some((length, at, other)) if length < rest => {
                    done += sign * length;
                    self.advance(length);
                    if done > best {
                        best = done;
                        best_unknowns.clone_from(&self.unknowns);
                    }
                    let from = self.pieces[at];
                    match self.exchange(at, other) {
                        Some(factor) => sign *= factor.signum(),
                        None => break,
                    }
                    last = Some((at, from));
                }
                _ if sign > 0.0 => {
                    self.advance(rest);
                    return true;
                }
                // It leads away for ever.
                _ => break,
            }
        }
        self.unknowns = best_unknowns;
        self.settle();
        false
    }

    fn advance(&mut self, length: f64) {
        for (unknown, direction) in self.unknowns.iter_mut().zip(&self.direction) {
            *unknown += length * direction;
        }
        for (value, slope) in self.values.iter_mut().zip(&self.slopes) {
            for piece in 0..3 {
                if value[piece].is_finite() {
                    value[piece] += length * slope[piece];
                }
            }
        }
    }

    /// Puts another piece of a condition into the matrix. Gives the factor of the determinant; `None`: singular.
    fn exchange(&mut self, at: usize, piece: usize) -> Option<f64> {
        let count = self.count();
        let own = self.pieces[at];
        self.pieces[at] = piece;
        let change: Vec<f64> = self.at(at, piece).iter().zip(self.at(at, own)).map(|(a, b)| a - b).collect();
        let mut moved = vec![0.0; count];
        for (row, share) in change.iter().enumerate() {
            if *share != 0.0 {
                for (value, inverse) in moved.iter_mut().zip(&self.inverse[row * count..(row + 1) * count]) {
                    *value += share * inverse;
                }
            }
        }
        let factor = 1.0 + moved[at];
        if factor.is_nan() || factor.abs() <= SINGULAR * (1.0 + moved[at].abs()) {
            return None;
        }
        self.exchanged += 1;
        if self.exchanged >= REFRESH {
            return self.invert().then_some(factor);
        }
        for row in 0..count {
            let share = self.inverse[row * count + at] / factor;
            if share != 0.0 {
                for (inverse, moved) in self.inverse[row * count..(row + 1) * count].iter_mut().zip(&moved) {
                    *inverse -= share * moved;
                }
            }
        }
        Some(factor)
    }

    /// Inverse of the matrix of the present pieces (Gauss and Jordan, pivots by row).
    fn invert(&mut self) -> bool {
        let count = self.count();
        self.exchanged = 0;
        let mut matrix = Vec::with_capacity(count * count);
        for at in 0..count {
            matrix.extend_from_slice(self.at(at, self.pieces[at]));
        }
        self.inverse.clear();
        self.inverse.resize(count * count, 0.0);
        for at in 0..count {
            self.inverse[at * count + at] = 1.0;
        }
        for k in 0..count {
            let size = |row: usize| matrix[row * count + k].abs();
            let pivot = (k..count).fold(k, |best, row| if size(row) > size(best) { row } else { best });
            let head = matrix[pivot * count + k];
            if head == 0.0 || !head.is_finite() {
                return false;
            }
            if pivot != k {
                for column in 0..count {
                    matrix.swap(k * count + column, pivot * count + column);
                    self.inverse.swap(k * count + column, pivot * count + column);
                }
            }
            for column in 0..count {
                matrix[k * count + column] /= head;
                self.inverse[k * count + column] /= head;
            }
            for row in 0..count {
                let share = matrix[row * count + k];
                if row == k || share == 0.0 {
                    continue;
                }
                for list in [&mut matrix, &mut self.inverse] {
                    let (above, below) = list.split_at_mut(row.max(k) * count);
                    let (target, source) = if row > k {
                        (&mut below[..count], &above[k * count..(k + 1) * count])
                    } else {
                        (&mut above[row * count..(row + 1) * count], &below[..count])
                    };
                    for (target, source) in target.iter_mut().zip(source) {
                        *target -= share * source;
                    }
                }
            }
        }
        true
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(nests: &[Nest], constants: &[[f64; 3]], rows: &[[&[f64]; 3]]) -> Complementarity {
        let mut system = Complementarity::default();
        system.clear(nests.len(), 1e-12);
        for at in 0..nests.len() {
            (system.nests[at], system.constants[at]) = (nests[at], constants[at]);
            for piece in [LOW, LAW, THIRD] {
                system.row(at, piece).copy_from_slice(rows[at][piece]);
            }
        }
        system
    }

    #[test]
    fn limits_stop_what_would_pass_them() {
        // x − 3 = 0 between 0 and 2, and y + x − 1 = 0 between −5 and 5.
        let mut system = system(
            &[Nest::Limits, Nest::Limits],
            &[[0.0, -3.0, -2.0], [5.0, -1.0, -5.0]],
            &[[&[1.0, 0.0], &[1.0, 0.0], &[1.0, 0.0]], [&[0.0, 1.0], &[1.0, 1.0], &[0.0, 1.0]]],
        );
        assert!(system.solve());
        assert_eq!(system.pieces, [THIRD, LAW]);
        assert!((system.unknowns[0] - 2.0).abs() < 1e-12 && (system.unknowns[1] + 1.0).abs() < 1e-12);
    }

    #[test]
    fn throttles_that_sense_each_other_against_the_sense_are_followed_round_the_corner() {
        // Each holds a sum in which the other counts three times as much: of the pieces one matrix has the other sign.
        let mut system = system(
            &[Nest::Throttle, Nest::Throttle],
            &[[0.0, -8.0, -4.0], [0.0, -8.0, -4.0]],
            &[[&[1.0, 0.0], &[1.0, 0.0], &[1.0, 3.0]], [&[0.0, 1.0], &[0.0, 1.0], &[3.0, 1.0]]],
        );
        assert!(system.solve());
        let [x, y] = [system.unknowns[0], system.unknowns[1]];
        for (own, other) in [(x, y), (y, x)] {
            let value = own.min((own - 8.0).max(own + 3.0 * other - 4.0));
            assert!(value.abs() < 1e-9, "{x} {y}");
        }
    }
}
