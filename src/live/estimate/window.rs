//! The last samples of a tag, and what they say by themselves: their mean, and whether the tag has stopped moving.

use std::collections::VecDeque;

use crate::live::Timestamp;

/// Samples kept for each tag.
const KEPT: usize = 40;
/// Equal samples that are looked at before a tag may be called stuck.
const LEAST_RUN: usize = 4;

/// The last samples of one tag, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Window {
    samples: VecDeque<(Timestamp, f64)>,
    /// Steps seen before the run of equal values at the end, and how many of them changed the value.
    steps: u32,
    changes: u32,
    /// How many samples at the end are equal.
    run: u32,
}

impl Window {
    /// Takes a sample that is later than the last; gives whether it was.
    pub fn push(&mut self, at: Timestamp, value: f64) -> bool {
        if let Some(&(last, before)) = self.samples.back() {
            if at <= last {
                return false;
            }
            if value == before {
                self.run += 1;
            } else {
                // The run that has ended counts as steps without a change.
                self.steps = self.steps.saturating_add(self.run.max(1));
                self.changes += 1;
                self.run = 1;
            }
        } else {
            self.run = 1;
        }
        self.samples.push_back((at, value));
        if self.samples.len() > KEPT {
            self.samples.pop_front();
        }
        true
    }

    /// Time and value of the last sample.
    pub fn last(&self) -> Option<(Timestamp, f64)> {
        self.samples.back().copied()
    }

    /// Mean of the last samples, at most `most`, none before `since`, and how many they are.
    pub fn mean(&self, most: usize, since: Timestamp) -> Option<(f64, usize)> {
        let mut sum = 0.0;
        let mut count = 0;
        for &(at, value) in self.samples.iter().rev().take(most) {
            if at < since {
                break;
            }
            sum += value;
            count += 1;
        }
        (count > 0).then(|| (sum / count as f64, count))
    }

    /// Probability that a healthy tag, which changes from sample to sample as often as this one used to, shows so many
    /// equal samples; 1 where it is too early to say.
    pub fn chance_of_run(&self) -> f64 {
        let equal_steps = self.run.saturating_sub(1) as usize;
        if equal_steps + 1 < LEAST_RUN || self.steps < 5 {
            return 1.0;
        }
        // Share of changes by Laplace's rule of succession.
        let changing = (f64::from(self.changes) + 0.5) / (f64::from(self.steps) + 1.0);
        (1.0 - changing.min(0.999)).powi(equal_steps as i32)
    }

    /// How long the last value has stood.
    pub fn standing_since(&self) -> Option<Timestamp> {
        let count = (self.run as usize).min(self.samples.len());
        self.samples.get(self.samples.len().checked_sub(count)?).map(|&(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_that_stops_moving_is_told_from_one_that_never_did() {
        let mut lively = Window::default();
        let mut still = Window::default();
        for minute in 0..12i64 {
            lively.push(Timestamp::from_ms(minute), minute as f64);
            still.push(Timestamp::from_ms(minute), 3.0);
        }
        assert_eq!(lively.chance_of_run(), 1.0);
        for minute in 12..17i64 {
            lively.push(Timestamp::from_ms(minute), 11.0);
            still.push(Timestamp::from_ms(minute), 3.0);
        }
        assert!(lively.chance_of_run() < 1e-5);
        assert_eq!(still.chance_of_run(), 1.0);
        assert_eq!(lively.standing_since(), Some(Timestamp::from_ms(11)));
        assert!(!lively.push(Timestamp::from_ms(3), 1.0), "an older sample was taken");
        assert_eq!(lively.mean(2, Timestamp::from_ms(0)), Some((11.0, 2)));
    }
}
