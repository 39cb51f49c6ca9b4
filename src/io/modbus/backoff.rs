//! How long to wait before trying again.

use std::time::Duration;

/// The wait after the first failure, and what it never passes.
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);
/// At least this, so that no draw hammers.
const LEAST: Duration = Duration::from_millis(50);

/// The wait after so many failures in a row (1 after the first): a random part, `draw` in 0…1, of a span that doubles.
/// With full jitter devices that fell silent together do not come back in lock-step (M. Brooker, “Exponential backoff
/// and jitter”, 2015).
pub fn wait(failures: u32, draw: f64) -> Duration {
    let doubled = FIRST.saturating_mul(1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX));
    LEAST + doubled.min(LONGEST).mul_f64(draw.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_span_doubles_up_to_half_a_minute() {
        let most = [1, 2, 3, 7, 8, 40, u32::MAX].map(|failures| wait(failures, 1.0).as_millis());
        assert_eq!(most, [550, 1050, 2050, 30_050, 30_050, 30_050, 30_050]);
        assert_eq!(wait(9, 0.0), LEAST);
    }
}
