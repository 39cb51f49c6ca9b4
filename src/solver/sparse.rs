//! Symmetric sparse systems in small dense blocks: L D Lᵀ with a block for every pivot, and the part of the inverse that
//! lies on the factor's pattern.
//!
//! For estimation: what belongs to one place (a pressure, its multiplier, a temperature …) is one block, so that an
//! indefinite system of the saddle-point kind has regular pivots without reordering by numbers, and the symbolic work is
//! kept while values change. Order: approximate minimum degree on the graph of blocks. The selected inverse is that of
//! Takahashi, Fagan and Chen (1973): every entry of the inverse where the factor has one, at about twice the cost of the
//! factor. Every solve is refined once with the residual of the assembled matrix. Not here: what the numbers mean.

use super::hydraulic::{Graph, little_fill};

/// A dense block, row by row.
pub type Block<const N: usize> = [[f64; N]; N];

/// A symmetric matrix of `N`×`N` blocks with its factor. Scalars are numbered `block * N + component`.
#[derive(Clone, Debug, Default)]
pub struct BlockSystem<const N: usize> {
    /// Block by place in the elimination, and the reverse.
    order: Vec<u32>,
    place: Vec<u32>,
    /// Lower neighbours of each block (by number, not place) and the values of those pairs, row = the greater block.
    neighbours: Graph,
    pair: Vec<Block<N>>,
    diagonal: Vec<Block<N>>,
    /// Columns of the factor by place: rows below the pivot, rising.
    start: Vec<usize>,
    rows: Vec<u32>,
    lower: Vec<Block<N>>,
    /// Inverses of the pivots.
    pivot: Vec<Block<N>>,
    /// The inverse on the same pattern.
    inverse_lower: Vec<Block<N>>,
    inverse_diagonal: Vec<Block<N>>,
}

const fn zero<const N: usize>() -> Block<N> {
    [[0.0; N]; N]
}

impl<const N: usize> BlockSystem<N> {
    /// Symbolic work for so many blocks; `pairs` are those that have values together, in any order and as often as wanted.
    pub fn new(blocks: usize, pairs: &[[u32; 2]]) -> BlockSystem<N> {
        let mut lists: Vec<[u32; 2]> =
            pairs.iter().filter(|[a, b]| a != b).map(|&[a, b]| [a.max(b), a.min(b)]).collect();
        lists.sort_unstable();
        lists.dedup();
        let mut neighbours = Graph { start: vec![0; blocks + 1], lower: Vec::with_capacity(lists.len()) };
        for &[high, low] in &lists {
            neighbours.start[high as usize + 1] += 1;
            neighbours.lower.push(low);
        }
        for block in 0..blocks {
            neighbours.start[block + 1] += neighbours.start[block];
        }
        let order = little_fill(&neighbours);
        let mut place = vec![0; blocks];
        for (at, &block) in order.iter().enumerate() {
            place[block as usize] = at as u32;
        }
        let (start, rows) = structure(blocks, &lists, &place);
        BlockSystem {
            pair: vec![zero(); lists.len()],
            diagonal: vec![zero(); blocks],
            lower: vec![zero(); rows.len()],
            pivot: vec![zero(); blocks],
            inverse_lower: vec![zero(); rows.len()],
            inverse_diagonal: vec![zero(); blocks],
            order,
            place,
            neighbours,
            start,
            rows,
        }
    }

    /// Number of scalars.
    pub fn size(&self) -> usize {
        self.order.len() * N
    }

    /// Blocks in the factor below its pivots.
    pub fn fill(&self) -> usize {
        self.rows.len()
    }

    /// Sets every value to zero.
    pub fn clear(&mut self) {
        self.pair.fill(zero());
        self.diagonal.fill(zero());
    }

    /// Adds to the entries (a, b) and (b, a), which for a ≠ b are two. A pair of blocks that was not announced is left out.
    pub fn add(&mut self, a: usize, b: usize, value: f64) {
        let (row, column) = (a / N, b / N);
        if row == column {
            let block = &mut self.diagonal[row];
            block[a % N][b % N] += value;
            if a != b {
                block[b % N][a % N] += value;
            }
            return;
        }
        let (high, low) = if row > column { (a, b) } else { (b, a) };
        if let Some(slot) = self.slot(high / N, low / N) {
            self.pair[slot][high % N][low % N] += value;
        }
    }

    fn slot(&self, high: usize, low: usize) -> Option<usize> {
        let range = self.neighbours.start[high] as usize..self.neighbours.start[high + 1] as usize;
        let at = self.neighbours.lower[range.clone()].binary_search(&(low as u32)).ok()?;
        Some(range.start + at)
    }

    /// Numeric factorisation; gives how many pivots were singular and had to be replaced.
    pub fn factorise(&mut self) -> usize {
        self.load();
        let mut replaced = 0;
        for column in 0..self.order.len() {
            let (inverse, singular) = inverted(&self.pivot[column]);
            replaced += usize::from(singular);
            self.pivot[column] = inverse;
            let (from, to) = (self.start[column], self.start[column + 1]);
            for at in from..to {
                let row = self.rows[at] as usize;
                let own = self.lower[at];
                // Column `row` of the factor has every row below it that this column has.
                let scaled = product(&own, &inverse);
                subtract_transposed(&mut self.pivot[row], &scaled, &own);
                let mut target = self.start[row];
                for below in at + 1..to {
                    while self.rows[target] != self.rows[below] {
                        target += 1;
                    }
                    let high = self.lower[below];
                    subtract_transposed(&mut self.lower[target], &high, &scaled);
                }
            }
            for at in from..to {
                self.lower[at] = product(&self.lower[at], &inverse);
            }
        }
        replaced
    }

    /// Assembled values at their places in the factor.
    fn load(&mut self) {
        self.lower.fill(zero());
        for (place, &block) in self.order.iter().enumerate() {
            self.pivot[place] = self.diagonal[block as usize];
        }
        for high in 0..self.order.len() {
            for slot in self.neighbours.start[high] as usize..self.neighbours.start[high + 1] as usize {
                let (row, column) = (self.place[high], self.place[self.neighbours.lower[slot] as usize]);
                let turned = row < column;
                let (row, column) = if turned { (column, row) } else { (row, column) };
                let range = self.start[column as usize]..self.start[column as usize + 1];
                if let Ok(at) = self.rows[range.clone()].binary_search(&row) {
                    let value = &self.pair[slot];
                    self.lower[range.start + at] = if turned { transposed(value) } else { *value };
                }
            }
        }
    }

    /// The assembled matrix times a vector.
    pub fn multiply(&self, values: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.size()];
        let mut add = |row: usize, column: usize, block: &Block<N>, turned: bool| {
            for i in 0..N {
                for j in 0..N {
                    let value = if turned { block[j][i] } else { block[i][j] };
                    out[row * N + i] += value * values[column * N + j];
                }
            }
        };
        for high in 0..self.order.len() {
            add(high, high, &self.diagonal[high], false);
            for slot in self.neighbours.start[high] as usize..self.neighbours.start[high + 1] as usize {
                let low = self.neighbours.lower[slot] as usize;
                add(high, low, &self.pair[slot], false);
                add(low, high, &self.pair[slot], true);
            }
        }
        out
    }

    /// The solution for a right-hand side, after [`BlockSystem::factorise`].
    pub fn solve(&self, right: &[f64]) -> Vec<f64> {
        let mut out = self.solve_once(right);
        let reached = self.multiply(&out);
        let rest: Vec<f64> = right.iter().zip(&reached).map(|(wanted, got)| wanted - got).collect();
        for (value, correction) in out.iter_mut().zip(self.solve_once(&rest)) {
            *value += correction;
        }
        out
    }

    fn solve_once(&self, right: &[f64]) -> Vec<f64> {
        let count = self.order.len();
        let mut work: Vec<[f64; N]> =
            self.order.iter().map(|&block| std::array::from_fn(|i| right[block as usize * N + i])).collect();
        for column in 0..count {
            let own = work[column];
            for at in self.start[column]..self.start[column + 1] {
                let target = &mut work[self.rows[at] as usize];
                for (value, row) in target.iter_mut().zip(&self.lower[at]) {
                    *value -= dot(row, &own);
                }
            }
        }
        for column in (0..count).rev() {
            let mut own: [f64; N] = std::array::from_fn(|i| dot(&self.pivot[column][i], &work[column]));
            for at in self.start[column]..self.start[column + 1] {
                let below = &work[self.rows[at] as usize];
                for (row, known) in self.lower[at].iter().zip(below) {
                    for (value, entry) in own.iter_mut().zip(row) {
                        *value -= entry * known;
                    }
                }
            }
            work[column] = own;
        }
        let mut out = vec![0.0; self.size()];
        for (&block, values) in self.order.iter().zip(&work) {
            out[block as usize * N..][..N].copy_from_slice(values);
        }
        out
    }

    /// Entries of the inverse on the factor's pattern, after [`BlockSystem::factorise`].
    pub fn invert(&mut self) {
        let mut among: Vec<Block<N>> = Vec::new();
        for column in (0..self.order.len()).rev() {
            let (from, to) = (self.start[column], self.start[column + 1]);
            let count = to - from;
            among.clear();
            among.resize(count * count, zero());
            for one in 0..count {
                let row = self.rows[from + one] as usize;
                among[one * count + one] = self.inverse_diagonal[row];
                let mut at = self.start[row];
                for other in one + 1..count {
                    while self.rows[at] != self.rows[from + other] {
                        at += 1;
                    }
                    among[other * count + one] = self.inverse_lower[at];
                    among[one * count + other] = transposed(&self.inverse_lower[at]);
                }
            }
            for one in 0..count {
                let mut sum = zero();
                for other in 0..count {
                    subtract(&mut sum, &among[one * count + other], &self.lower[from + other]);
                }
                self.inverse_lower[from + one] = sum;
            }
            let mut sum = self.pivot[column];
            for one in 0..count {
                let below = transposed(&self.lower[from + one]);
                subtract(&mut sum, &below, &self.inverse_lower[from + one]);
            }
            self.inverse_diagonal[column] = symmetric(&sum);
        }
    }

    /// An entry of the inverse, after [`BlockSystem::invert`]; `None` where the factor has no entry.
    pub fn inverse(&self, a: usize, b: usize) -> Option<f64> {
        let (row, column) = (self.place[a / N] as usize, self.place[b / N] as usize);
        if row == column {
            return Some(self.inverse_diagonal[row][a % N][b % N]);
        }
        let (row, column, i, j) = if row > column { (row, column, a % N, b % N) } else { (column, row, b % N, a % N) };
        let range = self.start[column]..self.start[column + 1];
        let at = self.rows[range.clone()].binary_search(&(row as u32)).ok()?;
        Some(self.inverse_lower[range.start + at][i][j])
    }
}

/// Rows of the factor's columns: each column has those of the matrix and those of the columns whose first row it is.
fn structure(blocks: usize, pairs: &[[u32; 2]], place: &[u32]) -> (Vec<usize>, Vec<u32>) {
    let mut own: Vec<Vec<u32>> = vec![Vec::new(); blocks];
    for &[a, b] in pairs {
        let (a, b) = (place[a as usize], place[b as usize]);
        own[a.min(b) as usize].push(a.max(b));
    }
    let (mut start, mut rows) = (vec![0], Vec::new());
    for column in 0..blocks {
        let mut list = std::mem::take(&mut own[column]);
        list.sort_unstable();
        list.dedup();
        if let Some((&first, rest)) = list.split_first() {
            own[first as usize].extend_from_slice(rest);
        }
        rows.extend_from_slice(&list);
        start.push(rows.len());
    }
    (start, rows)
}

fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn transposed<const N: usize>(block: &Block<N>) -> Block<N> {
    std::array::from_fn(|i| std::array::from_fn(|j| block[j][i]))
}

fn symmetric<const N: usize>(block: &Block<N>) -> Block<N> {
    std::array::from_fn(|i| std::array::from_fn(|j| 0.5 * (block[i][j] + block[j][i])))
}

fn product<const N: usize>(a: &Block<N>, b: &Block<N>) -> Block<N> {
    let mut out = zero();
    for i in 0..N {
        for k in 0..N {
            for j in 0..N {
                out[i][j] += a[i][k] * b[k][j];
            }
        }
    }
    out
}

/// target −= a·b
fn subtract<const N: usize>(target: &mut Block<N>, a: &Block<N>, b: &Block<N>) {
    for i in 0..N {
        for k in 0..N {
            for j in 0..N {
                target[i][j] -= a[i][k] * b[k][j];
            }
        }
    }
}

/// target −= a·bᵀ
fn subtract_transposed<const N: usize>(target: &mut Block<N>, a: &Block<N>, b: &Block<N>) {
    for i in 0..N {
        for j in 0..N {
            target[i][j] -= dot(&a[i], &b[j]);
        }
    }
}

/// Inverse of a symmetric block by Gauss–Jordan elimination with full pivoting on the block scaled to unit rows, and
/// whether it was singular: then what is missing is left out (a pseudo-inverse of what is there).
fn inverted<const N: usize>(block: &Block<N>) -> (Block<N>, bool) {
    const SMALLEST: f64 = 1e-290;
    let scale: [f64; N] = std::array::from_fn(|i| {
        let largest = block[i].iter().fold(0.0f64, |most, value| most.max(value.abs()));
        if largest > SMALLEST { 1.0 / largest.sqrt() } else { 1.0 }
    });
    let mut work: Block<N> = std::array::from_fn(|i| std::array::from_fn(|j| block[i][j] * scale[i] * scale[j]));
    let mut out: Block<N> = std::array::from_fn(|i| std::array::from_fn(|j| f64::from(u8::from(i == j))));
    let (mut row_done, mut column_of) = ([false; N], [usize::MAX; N]);
    let mut column_done = [false; N];
    let mut singular = false;
    for _ in 0..N {
        let (mut best, mut at) = (0.0, None);
        for i in (0..N).filter(|&i| !row_done[i]) {
            for j in (0..N).filter(|&j| !column_done[j]) {
                if work[i][j].abs() > best {
                    (best, at) = (work[i][j].abs(), Some((i, j)));
                }
            }
        }
        let Some((row, column)) = at.filter(|_| best > 1e-30) else {
            singular = true;
            break;
        };
        (row_done[row], column_done[column], column_of[row]) = (true, true, column);
        let reciprocal = 1.0 / work[row][column];
        for j in 0..N {
            work[row][j] *= reciprocal;
            out[row][j] *= reciprocal;
        }
        let (own, own_out) = (work[row], out[row]);
        for i in (0..N).filter(|&i| i != row) {
            let factor = work[i][column];
            for j in 0..N {
                work[i][j] -= factor * own[j];
                out[i][j] -= factor * own_out[j];
            }
        }
    }
    let mut ordered = zero();
    for (row, &column) in column_of.iter().enumerate() {
        if column != usize::MAX {
            ordered[column] = out[row];
        }
    }
    let scaled: Block<N> = std::array::from_fn(|i| std::array::from_fn(|j| ordered[i][j] * scale[i] * scale[j]));
    (symmetric(&scaled), singular)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A saddle-point system on a ladder: solution and inverse are those of dense elimination.
    #[test]
    fn a_saddle_point_system_is_solved_and_inverted() {
        let count = 23u32;
        let mut pairs: Vec<[u32; 2]> = (1..count).map(|i| [i - 1, i]).collect();
        pairs.extend((2..count).step_by(3).map(|i| [i, i - 2]));
        pairs.push([0, count - 1]);
        let mut system = BlockSystem::<2>::new(count as usize, &pairs);
        for i in 0..count as usize {
            system.add(2 * i, 2 * i, if i % 4 == 0 { 0.7 } else { 1e-9 });
            system.add(2 * i + 1, 2 * i + 1, -1e-3 * (1.0 + i as f64));
        }
        for (at, [a, b]) in pairs.iter().map(|pair| pair.map(|end| end as usize)).enumerate() {
            let g = 0.1 + (at as f64 * 0.37).fract();
            system.add(2 * a, 2 * a + 1, g);
            system.add(2 * b, 2 * b + 1, g);
            system.add(2 * a, 2 * b + 1, -g);
            system.add(2 * b, 2 * a + 1, -g);
        }
        assert_eq!(system.factorise(), 0);
        let expected: Vec<f64> = (0..system.size()).map(|i| (i as f64).sin()).collect();
        let got = system.solve(&system.multiply(&expected));
        for (got, wanted) in got.iter().zip(&expected) {
            assert!((got - wanted).abs() < 1e-9, "{got} {wanted}");
        }
        system.invert();
        for column in 0..system.size() {
            let mut unit = vec![0.0; system.size()];
            unit[column] = 1.0;
            let dense = system.solve(&unit);
            for (row, wanted) in dense.iter().enumerate() {
                if let Some(entry) = system.inverse(row, column) {
                    assert!((entry - wanted).abs() < 1e-7 * (1.0 + wanted.abs()), "{row} {column}: {entry} {wanted}");
                }
            }
        }
    }
}
