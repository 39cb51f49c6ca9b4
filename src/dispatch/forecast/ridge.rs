//! Regularised linear regression: coefficients that explain the past and stay small (A. E. Hoerl and R. W. Kennard,
//! Technometrics 12, 1970).
//!
//! Columns are taken about their means, in the units they come in: who calls chooses units in which coefficients are alike. The past is cut into blocks; how strongly coefficients are held down is
//! chosen by how well each block is predicted from the others, and those coefficients of all but one block are kept, so
//! that every past hour has a prediction by a model that has not seen its days. Not here: what the columns are.

use nalgebra::{DMatrix, DVector};

/// Blocks of the past.
pub const BLOCKS: usize = 6;

/// Penalties tried, per unit of weight.
pub const PENALTIES: [f64; 5] = [1e-5, 1e-4, 1e-3, 1e-2, 0.1];

/// A constant and a coefficient for every column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Linear {
    pub constant: f64,
    pub coefficients: Vec<f64>,
}

impl Linear {
    pub fn value(&self, row: &[f64]) -> f64 {
        self.constant + self.coefficients.iter().zip(row).map(|(coefficient, value)| coefficient * value).sum::<f64>()
    }
}

/// A fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Ridge {
    /// From all rows.
    pub whole: Linear,
    /// From all rows but those of each block.
    pub without: Vec<Linear>,
    /// Penalty chosen, per unit of weight.
    pub penalty: f64,
}

/// Sums over rows, weighted.
#[derive(Clone, Debug)]
struct Sums {
    weight: f64,
    /// Of the columns and, last, the target.
    first: DVector<f64>,
    second: DMatrix<f64>,
}

impl Sums {
    fn new(size: usize) -> Sums {
        Sums { weight: 0.0, first: DVector::zeros(size), second: DMatrix::zeros(size, size) }
    }

    /// Takes a row with its target in the last place. Most entries of a row are 0: only pairs of others are added, lower triangle.
    fn add(&mut self, row: &[f64], weight: f64, present: &mut Vec<usize>) {
        present.clear();
        present.extend((0..row.len()).filter(|at| row[*at] != 0.0));
        self.weight += weight;
        for (place, &i) in present.iter().enumerate() {
            self.first[i] += weight * row[i];
            for &j in &present[..=place] {
                self.second[(i, j)] += weight * row[i] * row[j];
            }
        }
    }

    fn plus(&self, other: &Sums, sign: f64) -> Sums {
        Sums {
            weight: self.weight + sign * other.weight,
            first: &self.first + sign * &other.first,
            second: &self.second + sign * &other.second,
        }
    }

    fn moments(&self) -> Moments {
        let size = self.first.len();
        let mean = &self.first / self.weight;
        let centred = DMatrix::from_fn(size, size, |i, j| {
            let (i, j) = (i.max(j), i.min(j));
            self.second[(i, j)] / self.weight - mean[i] * mean[j]
        });
        Moments { mean, centred }
    }

    /// Sum of the squared errors of a model over the rows.
    fn error(&self, model: &Linear) -> f64 {
        let columns = self.first.len() - 1;
        let mut vector = DVector::from_fn(columns + 1, |i, _| model.coefficients.get(i).map_or(1.0, |own| -own));
        vector[columns] = 1.0;
        let mut square = 0.0;
        for j in 0..=columns {
            let below: f64 = (j + 1..=columns).map(|i| self.second[(i, j)] * vector[i]).sum();
            square += vector[j] * (2.0 * below + self.second[(j, j)] * vector[j]);
        }
        let mean = vector.dot(&self.first);
        square - 2.0 * model.constant * mean + self.weight * model.constant * model.constant
    }
}

/// Means and centred second moments per unit of weight, of rows that many penalties are tried on.
#[derive(Clone, Debug)]
struct Moments {
    mean: DVector<f64>,
    centred: DMatrix<f64>,
}

impl Moments {
    /// Coefficients held down by a penalty.
    fn solve(&self, penalty: f64) -> Linear {
        let columns = self.mean.len() - 1;
        let mut system = self.centred.view((0, 0), (columns, columns)).into_owned();
        for i in 0..columns {
            system[(i, i)] += penalty;
        }
        let target = DVector::from_fn(columns, |i, _| self.centred[(i, columns)]);
        // Moments with something on their diagonal are positive definite; nothing is learned where rounding says otherwise.
        let found = system.cholesky().map_or_else(|| DVector::zeros(columns), |factor| factor.solve(&target));
        let explained: f64 = found.iter().zip(self.mean.iter()).map(|(coefficient, mean)| coefficient * mean).sum();
        Linear { constant: self.mean[columns] - explained, coefficients: found.iter().copied().collect() }
    }
}

/// Fits rows (their target in the last place) with a weight and a block (below [`BLOCKS`]) each. `None` without rows.
pub fn fit<'a>(rows: impl Iterator<Item = (&'a [f64], f64, usize)>) -> Option<Ridge> {
    fit_with(rows, &PENALTIES)
}

/// The same with these penalties to choose from.
pub fn fit_with<'a>(rows: impl Iterator<Item = (&'a [f64], f64, usize)>, penalties: &[f64]) -> Option<Ridge> {
    let mut blocks: Vec<Sums> = Vec::new();
    let mut present = Vec::new();
    for (row, weight, block) in rows {
        if blocks.is_empty() {
            blocks = vec![Sums::new(row.len()); BLOCKS];
        }
        blocks[block.min(BLOCKS - 1)].add(row, weight, &mut present);
    }
    let first = blocks.first()?;
    let mut all = Sums::new(first.first.len());
    for block in &blocks {
        all = all.plus(block, 1.0);
    }
    let whole = all.moments();
    // Where one block holds all rows there is nothing to learn from elsewhere.
    let without = |block: &Sums| {
        let others = all.plus(block, -1.0);
        if others.weight > 1e-9 { others.moments() } else { whole.clone() }
    };
    let others: Vec<Moments> = blocks.iter().map(without).collect();
    let mut best: Option<(f64, f64, Vec<Linear>)> = None;
    for &penalty in penalties {
        let without: Vec<Linear> = others.iter().map(|moments| moments.solve(penalty)).collect();
        let error: f64 = blocks.iter().zip(&without).map(|(block, model)| block.error(model)).sum();
        if best.as_ref().is_none_or(|(least, ..)| error < *least) {
            best = Some((error, penalty, without));
        }
    }
    let (_, penalty, without) = best?;
    Some(Ridge { whole: whole.solve(penalty), without, penalty })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(at: usize, turns: f64) -> f64 {
        (at as f64 * turns).sin()
    }

    #[test]
    fn a_law_without_noise_is_found() {
        let rows: Vec<[f64; 4]> = (0..300)
            .map(|at| {
                let (a, b) = (wave(at, 0.7), 100.0 + wave(at, 1.3));
                [a, b, 5.0, 3.0 + 2.0 * a - 0.5 * b]
            })
            .collect();
        let found = fit(rows.iter().enumerate().map(|(at, row)| (&row[..], 1.0, at / 50))).unwrap();
        assert_eq!(found.penalty, PENALTIES[0]);
        assert!((found.whole.coefficients[0] - 2.0).abs() < 1e-3 && (found.whole.coefficients[1] + 0.5).abs() < 1e-3);
        assert!(found.whole.coefficients[2].abs() < 1e-6, "a column that does not vary");
        assert!((found.whole.value(&[0.3, 100.2, 5.0]) - (3.0 + 0.6 - 50.1)).abs() < 1e-3);
        assert_eq!(found.without.len(), BLOCKS);
    }

    #[test]
    fn noise_is_not_learned() {
        // Forty columns of noise, as many rows as a plain fit would follow exactly.
        let mut chance = crate::dispatch::weather::Wander::new(5, 0);
        let rows: Vec<Vec<f64>> = (0..48).map(|_| (0..41).map(|_| chance.normal()).collect()).collect();
        let found = fit(rows.iter().enumerate().map(|(at, row)| (&row[..], 1.0, at / 8))).unwrap();
        assert!(found.penalty >= 0.1, "{}", found.penalty);
        assert!(fit(std::iter::empty()).is_none());
    }
}
