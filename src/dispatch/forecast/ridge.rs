//! Regularised linear regression: coefficients that explain the past and stay small (A. E. Hoerl and R. W. Kennard,
//! Technometrics 12, 1970).
//!
//! Columns are brought to mean 0 and deviation 1. The past is cut into blocks; how strongly coefficients are held down is
//! chosen by how well each block is predicted from the others, and those coefficients of all but one block are kept, so
//! that every past hour has a prediction by a model that has not seen its days. Not here: what the columns are.

use nalgebra::{DMatrix, DVector};

/// Blocks of the past.
pub const BLOCKS: usize = 6;

/// Penalties tried, as shares of the number of rows.
const PENALTIES: [f64; 6] = [1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0];

/// Mean of the target and a coefficient for every column as it stands (not scaled).
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
    /// Penalty chosen, as a share of the number of rows.
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

    /// Centred second moments per row.
    fn centred(&self) -> DMatrix<f64> {
        let size = self.first.len();
        let mean = &self.first / self.weight;
        DMatrix::from_fn(size, size, |i, j| {
            let (i, j) = (i.max(j), i.min(j));
            self.second[(i, j)] / self.weight - mean[i] * mean[j]
        })
    }

    /// Coefficients held down by a penalty; columns that do not vary get none.
    fn solve(&self, penalty: f64) -> Linear {
        let columns = self.first.len() - 1;
        let centred = self.centred();
        let deviation: Vec<f64> = (0..columns)
            .map(|i| {
                let variance = centred[(i, i)];
                // Rounding of sums of squares of this size.
                let least = 1e-10 * (self.second[(i, i)] / self.weight).abs();
                if variance > least { variance.sqrt() } else { 0.0 }
            })
            .collect();
        let scaled = |i: usize, j: usize| {
            let both = deviation[i] * deviation[j];
            if both > 0.0 { centred[(i, j)] / both } else { 0.0 }
        };
        let system = DMatrix::from_fn(columns, columns, |i, j| {
            let diagonal = if i == j { penalty + if deviation[i] > 0.0 { 0.0 } else { 1.0 } } else { 0.0 };
            scaled(i, j) + diagonal
        });
        let target =
            DVector::from_fn(
                columns,
                |i, _| {
                    if deviation[i] > 0.0 { centred[(i, columns)] / deviation[i] } else { 0.0 }
                },
            );
        // A correlation matrix with something on its diagonal is positive definite; nothing learned where rounding says otherwise.
        let found = system.cholesky().map_or_else(|| DVector::zeros(columns), |factor| factor.solve(&target));
        let coefficients: Vec<f64> =
            (0..columns).map(|i| if deviation[i] > 0.0 { found[i] / deviation[i] } else { 0.0 }).collect();
        let mean = &self.first / self.weight;
        let explained: f64 = coefficients.iter().enumerate().map(|(i, coefficient)| coefficient * mean[i]).sum();
        Linear { constant: mean[columns] - explained, coefficients }
    }

    /// Sum of the squared errors of a model over the rows.
    fn error(&self, model: &Linear) -> f64 {
        let columns = self.first.len() - 1;
        let mut vector = DVector::from_fn(columns + 1, |i, _| model.coefficients.get(i).map_or(1.0, |own| -own));
        vector[columns] = 1.0;
        let symmetric = DMatrix::from_fn(columns + 1, columns + 1, |i, j| self.second[(i.max(j), i.min(j))]);
        let square = (vector.transpose() * symmetric * &vector)[(0, 0)];
        let mean = vector.dot(&self.first);
        square - 2.0 * model.constant * mean + self.weight * model.constant * model.constant
    }
}

/// Fits rows (their target in the last place) with a weight and a block (below [`BLOCKS`]) each. `None` without rows.
pub fn fit<'a>(rows: impl Iterator<Item = (&'a [f64], f64, usize)>) -> Option<Ridge> {
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
    let others: Vec<Sums> = blocks.iter().map(|block| all.plus(block, -1.0)).collect();
    let models = |penalty: f64| -> Vec<Linear> {
        // Where one block holds all rows there is nothing to learn from elsewhere.
        let model = |sums: &Sums| if sums.weight > 1e-9 { sums.solve(penalty) } else { all.solve(penalty) };
        others.iter().map(model).collect()
    };
    let mut best: Option<(f64, f64, Vec<Linear>)> = None;
    for penalty in PENALTIES {
        let without = models(penalty);
        let error: f64 = blocks.iter().zip(&without).map(|(block, model)| block.error(model)).sum();
        if best.as_ref().is_none_or(|(least, ..)| error < *least) {
            best = Some((error, penalty, without));
        }
    }
    let (_, penalty, without) = best?;
    Some(Ridge { whole: all.solve(penalty), without, penalty })
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
        assert_eq!(found.whole.coefficients[2], 0.0, "a column that does not vary");
        assert!((found.whole.value(&[0.3, 100.2, 5.0]) - (3.0 + 0.6 - 50.1)).abs() < 1e-3);
        assert_eq!(found.without.len(), BLOCKS);
    }

    #[test]
    fn noise_is_not_learned() {
        // Forty columns of noise, as many rows as a plain fit would follow exactly.
        let rows: Vec<Vec<f64>> = (0..48)
            .map(|at| (0..41).map(|column| wave(at * 41 + column * column + 7, 12.9898) * 3.0).collect())
            .collect();
        let found = fit(rows.iter().enumerate().map(|(at, row)| (&row[..], 1.0, at / 8))).unwrap();
        assert!(found.penalty >= 1.0, "{}", found.penalty);
        assert!(fit(std::iter::empty()).is_none());
    }
}
