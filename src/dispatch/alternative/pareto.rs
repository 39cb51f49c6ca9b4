//! Which alternatives no other one beats in everything that counts.

use super::Better;
use super::{Assessment, Figure};

/// A figure that counts, in its better direction ([`Figure::better`]; where that is neither, less is).
pub type Axis = Figure;

/// Which rows no other row dominates: as good on every axis and better on one. Smaller is better on all axes. Rows with a value
/// that is not finite are never among them and dominate nobody; equal rows stand together.
pub fn pareto(rows: &[Vec<f64>]) -> Vec<bool> {
    let known = |row: &[f64]| row.iter().all(|value| value.is_finite());
    let dominates =
        |a: &[f64], b: &[f64]| known(a) && a.iter().zip(b).all(|(a, b)| a <= b) && a.iter().zip(b).any(|(a, b)| a < b);
    rows.iter().map(|row| known(row) && !rows.iter().any(|other| dominates(other, row))).collect()
}

/// The same for assessments by their figures in the expected weather.
pub fn pareto_of(rows: &[&Assessment], axes: &[Axis]) -> Vec<bool> {
    let value = |row: &Assessment, axis: &Figure| {
        let value = axis.of(&row.figures).unwrap_or(f64::NAN);
        if axis.better() == Better::More { -value } else { value }
    };
    let rows: Vec<Vec<f64>> = rows.iter().map(|row| axes.iter().map(|axis| value(row, axis)).collect()).collect();
    pareto(&rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_in_everything_beats_and_equals_stand_together() {
        let rows = [[1.0, 5.0], [2.0, 2.0], [3.0, 3.0], [2.0, 2.0], [1.0, f64::NAN], [0.5, 9.0]];
        let rows: Vec<Vec<f64>> = rows.iter().map(|row| row.to_vec()).collect();
        assert_eq!(pareto(&rows), [true, true, false, true, false, true]);
        assert!(pareto(&[]).is_empty());
    }
}
