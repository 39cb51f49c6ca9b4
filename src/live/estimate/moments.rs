//! Moments out of a history: what every tag showed on the mean at the beginning of every hour, for a calibration.
//!
//! Samples are taken in one by one, in any order and from any source, so that a season need not be in memory at once.
//! Only good ones count.

use std::collections::BTreeMap;

use crate::live::{Quality, Sample, TagId, Timestamp};

use super::calibrate::Moment;

/// Part of the time between two moments that is averaged over, at most this long.
const SHARE: i64 = 4;
const LONGEST_MS: i64 = 600_000;

/// Sums by moment and tag.
#[derive(Clone, Debug)]
pub struct Moments {
    every_ms: i64,
    sums: BTreeMap<i64, BTreeMap<TagId, (f64, u32)>>,
}

impl Moments {
    /// A moment so often; each stands for a quarter of that time, ten minutes at most.
    pub fn new(every_ms: i64) -> Moments {
        Moments { every_ms: every_ms.max(1), sums: BTreeMap::new() }
    }

    /// Takes a sample in, where it belongs to a moment.
    pub fn take(&mut self, tag: TagId, at: Timestamp, value: f64, quality: Quality) {
        let past_ms = at.ms().rem_euclid(self.every_ms);
        if !quality.is_good() || !value.is_finite() || past_ms >= (self.every_ms / SHARE).clamp(1, LONGEST_MS) {
            return;
        }
        let sum = self.sums.entry(at.ms() - past_ms).or_default().entry(tag).or_default();
        sum.0 += value;
        sum.1 += 1;
    }

    /// The moments in the order of time, and those of them that lie within so many ms of the last as held out.
    pub fn split(self, held_out_ms: i64) -> [Vec<Moment>; 2] {
        let last = self.sums.keys().next_back().copied().unwrap_or(0);
        let mut out = [Vec::new(), Vec::new()];
        for (ms, sums) in self.sums {
            let at = Timestamp::from_ms(ms);
            let sample = |(tag, (sum, count)): (TagId, (f64, u32))| Sample {
                tag,
                source_time: at,
                arrival_time: at,
                value: sum / f64::from(count),
                quality: Quality::Good,
            };
            let moment = Moment { at, samples: sums.into_iter().map(sample).collect() };
            out[usize::from(ms > last.saturating_sub(held_out_ms))].push(moment);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_the_mean_of_good_samples_and_the_last_day_is_held_out() {
        let mut moments = Moments::new(3_600_000);
        for hour in 0..48i64 {
            for minute in [0, 5, 9, 30] {
                let at = Timestamp::from_ms(hour * 3_600_000 + minute * 60_000);
                // What lies beyond ten minutes would be seen in the mean.
                let value = if minute == 30 { 1e6 } else { (hour + minute) as f64 };
                moments.take(TagId(3), at, value, Quality::Good);
            }
            let at = Timestamp::from_ms(hour * 3_600_000);
            moments.take(TagId(3), at, 1e6, Quality::Bad(crate::live::Fault::OutOfRange));
        }
        let [history, held_out] = moments.split(86_400_000);
        assert_eq!((history.len(), held_out.len()), (24, 24));
        assert_eq!(history[2].samples.len(), 1);
        assert!((history[2].samples[0].value - (2.0 + 14.0 / 3.0)).abs() < 1e-12);
        assert_eq!(held_out[0].at, Timestamp::from_ms(24 * 3_600_000));
    }
}
