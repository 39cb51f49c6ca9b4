//! How long to wait before trying again.

use std::time::Duration;

/// The span after the first failure, and the longest.
const FIRST: Duration = Duration::from_millis(500);
/// With 24 s, half of many devices are back 7 s after an outage of half a minute, practically all after 24 s.
const LONGEST: Duration = Duration::from_secs(24);
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
    use rand::{RngExt, SeedableRng};

    use super::*;

    #[test]
    fn the_span_doubles_up_to_the_longest() {
        let most = [1, 2, 3, 6, 7, 40, u32::MAX].map(|failures| wait(failures, 1.0).as_millis());
        assert_eq!(most, [550, 1050, 2050, 16_050, 24_050, 24_050, 24_050]);
        assert_eq!(wait(9, 0.0), LEAST);
    }

    /// 500 devices lost together for 30 s: when they ask again after that, and how many in the same half second.
    #[test]
    fn an_outage_ends_soon_and_without_a_storm() {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
        let mut back: Vec<f64> = (0..500)
            .map(|_| {
                let (mut at_s, mut failures) = (0.0, 0);
                while at_s < 30.0 {
                    failures += 1;
                    at_s += wait(failures, rng.random()).as_secs_f64();
                }
                at_s - 30.0
            })
            .collect();
        back.sort_by(f64::total_cmp);
        assert!(back[250] < 8.5 && back[495] < 24.1, "{} {}", back[250], back[495]);
        let most = back.iter().map(|from| back.iter().filter(|at| (*from..from + 0.5).contains(*at)).count()).max();
        assert!(most < Some(50), "{most:?}");
    }
}
