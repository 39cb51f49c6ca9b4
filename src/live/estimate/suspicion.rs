//! Largest normalised residual: which line of the sum does not fit, and which others would look the same.
//!
//! A residual divided by its own standard deviation under healthy instruments is normal with variance 1 (Monticelli and
//! Garcia, 1983); among single errors the one at fault has the largest. Lines whose residual nothing else checks have
//! none. Assumptions are tested like instruments, so that a demand that really changes is not taken for a broken meter.

use super::fit::{Fit, Row};
use super::instrument::Gradient;
use super::model::Model;
use super::state::State;

/// Smallest share of its own variance that a residual must have to say anything.
const LEAST_CHECKED: f64 = 1e-3;
/// Correlation of two residuals from which on their errors cannot be told apart.
const LOOKS_ALIKE: f64 = 0.97;

/// Residual of one line.
#[derive(Clone, Copy, Debug)]
pub struct Tested {
    pub rest: f64,
    /// Standard deviation of the residual.
    pub spread: f64,
    /// NaN where nothing checks the line.
    pub normalised: f64,
}

/// Residuals of all lines at a settled state; needs the selected inverse. With `change`, a step not taken yet, they are
/// those after it.
pub fn residuals(fit: &Fit, model: &Model, state: &State, rows: &[Row], change: Option<&[f64]>) -> Vec<Tested> {
    rows.iter()
        .map(|row| {
            let gradient = fit.gradient(model, state, row.reads);
            let mut rest = row.value - fit.value(model, state, row.reads);
            if let Some(change) = change {
                rest -= gradient.times(change);
            }
            let own = row.deviation * row.deviation;
            let explained = fit.variance(&gradient);
            let variance = if row.out { own + explained } else { own - explained };
            let checked = variance > LEAST_CHECKED * own;
            let spread = variance.max(0.0).sqrt();
            Tested { rest, spread, normalised: if checked { rest / spread } else { f64::NAN } }
        })
        .collect()
}

/// The line that is still in and fits worst, beyond the limit; ties go to the earlier line.
pub fn worst(tested: &[Tested], rows: &[Row], limit: f64) -> Option<usize> {
    let mut found: Option<(usize, f64)> = None;
    for (at, (tested, row)) in tested.iter().zip(rows).enumerate() {
        let size = tested.normalised.abs();
        if !row.out && size > limit && found.is_none_or(|(_, largest)| size > largest) {
            found = Some((at, size));
        }
    }
    found.map(|(at, _)| at)
}

/// Lines still in an error of which would leave nearly the same residuals as one of line `at`.
pub fn alike(fit: &Fit, model: &Model, state: &State, rows: &[Row], tested: &[Tested], at: usize) -> Vec<usize> {
    let gradients: Vec<Gradient> = rows.iter().map(|row| fit.gradient(model, state, row.reads)).collect();
    let mut unit = vec![0.0; fit.system.size()];
    for &(scalar, factor) in gradients[at].entries() {
        unit[scalar] += factor;
    }
    let answer = fit.system.solve(&unit);
    let own = tested[at].spread;
    let mut out = Vec::new();
    for (other, row) in rows.iter().enumerate() {
        if other == at || row.out || tested[other].normalised.is_nan() {
            continue;
        }
        let correlation = gradients[other].times(&answer) / (own * tested[other].spread);
        if correlation.abs() > LOOKS_ALIKE {
            out.push(other);
        }
    }
    out
}

/// z such that a standard normal number lies beyond ±z with this probability (Acklam's rational approximation, relative
/// error below 1.2e-9 in the quantile).
pub fn two_sided_limit(probability: f64) -> f64 {
    let p = (0.5 * probability).clamp(1e-300, 0.5);
    const A: [f64; 6] = [
        -3.969683028665376e1,
        2.209460984245205e2,
        -2.759285104469687e2,
        1.383_577_518_672_69e2,
        -3.066479806614716e1,
        2.506628277459239,
    ];
    const B: [f64; 5] =
        [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1];
    const C: [f64; 6] = [
        -7.784894002430293e-3,
        -3.223964580411365e-1,
        -2.400758277161838,
        -2.549732539343734,
        4.374664141464968,
        2.938163982698783,
    ];
    const D: [f64; 4] = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416];
    let polynomial = |coefficients: &[f64], x: f64| coefficients.iter().fold(0.0, |sum, c| sum * x + c);
    if p < 0.02425 {
        let q = (-2.0 * p.ln()).sqrt();
        return -polynomial(&C, q) / (polynomial(&D, q) * q + 1.0);
    }
    let q = p - 0.5;
    let r = q * q;
    -polynomial(&A, r) * q / (polynomial(&B, r) * r + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_those_of_the_normal_table() {
        for (probability, z) in [(0.05, 1.959964), (0.01, 2.575829), (1e-3, 3.290527), (1e-6, 4.891638)] {
            assert!((two_sided_limit(probability) - z).abs() < 1e-5, "{probability}: {}", two_sided_limit(probability));
        }
    }
}
