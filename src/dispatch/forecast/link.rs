//! From what the weather asks for to what is delivered: heat does not go below nothing.
//!
//! A regression adds up what cold, sun, wind and the hour ask for; on mild afternoons that is less than nothing, and what is
//! delivered is nothing, hours before for some buildings of a city and later for others. The soft hinge
//! y = s ln(1 + e^(x/s)) is the straight line where much is asked for and bends to 0 within a few s. Not here: the regression.

/// Width s of the bend, in shares of the mean load.
const WIDTH: f64 = 0.15;
/// Least slope that working responses are made with: where nothing is delivered an error tells little of what was asked for.
const LEAST_SLOPE: f64 = 0.05;

/// Delivered, where so much is asked for; both in shares of the mean load.
pub fn delivered(asked: f64) -> f64 {
    let turned = asked / WIDTH;
    // The same with no overflow on either side.
    WIDTH * (turned.max(0.0) + (-turned.abs()).exp().ln_1p())
}

/// Its slope.
fn slope(asked: f64) -> f64 {
    1.0 / (1.0 + (-asked / WIDTH).exp())
}

/// What a linear regression has to meet so that `delivered` meets the load, near a former estimate of what is asked for (Gauss and Newton's step):
/// the value, and the factor on the row's weight.
pub fn working(load: f64, asked: f64) -> (f64, f64) {
    let slope = slope(asked).max(LEAST_SLOPE);
    (asked + (load - delivered(asked)) / slope, slope * slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn much_passes_unchanged_and_less_than_nothing_is_nothing() {
        assert!((delivered(2.0) - 2.0).abs() < 1e-4);
        assert!(delivered(-2.0) > 0.0 && delivered(-2.0) < 1e-4);
        assert!(delivered(1e6) == 1e6 && delivered(-1e6) == 0.0);
        let step = 1e-6;
        for asked in [-0.5, 0.0, 0.1, 0.7] {
            let found = (delivered(asked + step) - delivered(asked - step)) / (2.0 * step);
            assert!((found - slope(asked)).abs() < 1e-6, "{asked}");
        }
    }

    #[test]
    fn steps_of_gauss_and_newton_find_what_was_asked_for() {
        let load = delivered(0.12);
        let mut asked = 0.5;
        for _ in 0..6 {
            asked = working(load, asked).0;
        }
        assert!((asked - 0.12).abs() < 1e-6, "{asked}");
    }
}
