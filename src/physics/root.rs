//! The zero of a continuous function of one variable between two bounds.
//!
//! Mechanism: false position with the Illinois weight, a bisection after every step that did not halve the bracket;
//! never leaves the bracket and cannot fail to end. Not here: several unknowns, minima.

/// Where a function crosses zero between `low` and `high`, to `tolerance` in x (or the last bits of a double).
///
/// The function may rise or fall. Where it has one sign on both bounds, the bound nearer to zero is the answer: a
/// controller at the end of its range. A value that is not a number counts as the sign of the upper bound.
pub fn between(low: f64, high: f64, tolerance: f64, mut function: impl FnMut(f64) -> f64) -> f64 {
    let (mut a, mut b) = (low, high);
    let mut fa = function(a);
    if fa == 0.0 {
        return a;
    }
    let mut fb = function(b);
    if fb == 0.0 {
        return b;
    }
    if (fa > 0.0) == (fb > 0.0) {
        return if fa.abs() <= fb.abs() { a } else { b };
    }
    let upper_is_positive = fb > 0.0;
    // Which end the last two false positions kept.
    let mut kept = 0_i8;
    for _ in 0..120 {
        let width = b - a;
        if width.abs() <= tolerance {
            break;
        }
        let guess = (a * fb - b * fa) / (fb - fa);
        let inside = guess > a.min(b) && guess < a.max(b);
        let x = if inside && kept.abs() < 3 { guess } else { 0.5 * (a + b) };
        if x == a || x == b {
            break;
        }
        let fx = function(x);
        if fx == 0.0 {
            return x;
        }
        if (fx > 0.0) == upper_is_positive || fx.is_nan() {
            (b, fb) = (x, fx);
            if kept > 0 {
                fa *= 0.5;
            }
            kept = if x == guess { kept.max(0) + 1 } else { 0 };
        } else {
            (a, fa) = (x, fx);
            if kept < 0 {
                fb *= 0.5;
            }
            kept = if x == guess { kept.min(0) - 1 } else { 0 };
        }
        // A step much shorter than asked for says that the zero is met although the far end has not moved.
        if (b - a).abs() <= tolerance || fx.abs() < f64::MIN_POSITIVE {
            break;
        }
    }
    if fa.abs() <= fb.abs() { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_zeros_of_rising_falling_and_bent_functions() {
        assert!((between(0.0, 2.0, 1e-13, |x| x * x - 2.0) - 2.0_f64.sqrt()).abs() < 1e-12);
        assert!((between(0.0, 2.0, 1e-13, |x| 2.0 - x * x) - 2.0_f64.sqrt()).abs() < 1e-12);
        // Flat on one side, steep on the other: plain false position creeps here.
        assert!((between(-1.0, 30.0, 1e-12, |x| x.exp() - 1.5) - 1.5_f64.ln()).abs() < 1e-11);
        // A step has no zero but a place.
        assert!((between(0.0, 1.0, 1e-12, |x| if x < 0.3 { -1.0 } else { 5.0 }) - 0.3).abs() < 1e-11);
    }

    #[test]
    fn without_a_change_of_sign_the_nearer_bound_answers() {
        assert_eq!(between(1.0, 3.0, 1e-9, |x| x), 1.0);
        assert_eq!(between(1.0, 3.0, 1e-9, |x| x - 4.0), 3.0);
        assert_eq!(between(2.0, 2.0, 1e-9, |x| x), 2.0);
    }

    #[test]
    fn few_evaluations_on_a_smooth_function() {
        let mut calls = 0;
        between(0.0, 1.0, 1e-9, |x| {
            calls += 1;
            x.powi(3) - 0.2
        });
        assert!(calls < 25, "{calls}");
    }
}
