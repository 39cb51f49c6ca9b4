//! One tag in time: range, clock, rate of change, spike, stuck.
//!
//! Each sample is compared with the few that came before it. A value that is refused because it jumped is remembered:
//! when the next ones agree with it, it was a step and not a spike, and it is believed from then on.

use super::cause::Cause;
use super::parameters::{Nature, Parameters};
use crate::live::{Quality, Range, Sample, Tag, Timestamp, instrument_deviation};

/// Accepted values kept for the median.
const KEPT: usize = 5;
/// Values needed before anything is called a spike.
const NEEDED: usize = 4;
/// Stamps may lie this far ahead of the clock; field devices keep time to seconds, not to milliseconds.
pub const CLOCK_TOLERANCE_MS: i64 = 5_000;
/// Equal values in a row that are never stuck, however restless the instrument was.
pub const LEAST_RUN: u32 = 10;
/// ln of the odds against calling a healthy instrument stuck, per run of equal values: one in a thousand million.
const LN_ODDS: f64 = 20.723_265_836_946_41;
/// Mean length of runs of equal values supposed of an instrument not seen before: every fifth value differs.
const SUPPOSED_RUN: f64 = 5.0;
/// Runs that the supposition weighs.
const SUPPOSED_WEIGHT: u32 = 3;
/// Runs of its own after which an instrument is known.
const KNOWN_RUNS: u32 = 10;
/// Runs the mean looks back over.
const RUNS_KEPT: u32 = 50;
/// Samples behind a later one, in order among themselves, until the device's clock is taken as set back.
const SET_BACK: u8 = 3;

/// Equal values in a row after which an instrument is stuck, whose runs are `mean_run` long on average.
///
/// Runs of an instrument that repeats itself with probability p = 1 − 1/`mean_run` are longer than n with probability
/// pⁿ; n is where that falls below 10⁻⁹.
pub fn stuck_after(mean_run: f64) -> u32 {
    let repeats = (1.0 - 1.0 / mean_run.max(1.0)).clamp(0.0, 0.998);
    let run = if repeats > 0.0 { (LN_ODDS / -repeats.ln()).ceil() } else { 0.0 };
    // At most 20.8 · 500 by the clamp: the cast is exact.
    (run as u32).max(LEAST_RUN)
}

#[derive(Clone, Copy, Debug)]
struct Suspect {
    value: f64,
    count: u8,
}

#[derive(Clone, Copy, Debug)]
struct Run {
    bits: u64,
    since: Timestamp,
    length: u32,
}

/// What has been seen of one tag.
#[derive(Clone, Debug)]
pub struct Course {
    pub parameters: Parameters,
    range: Range,
    period_ms: i64,
    /// Last accepted value.
    last: Option<(Timestamp, f64)>,
    /// Latest stamp.
    stamp: Option<Timestamp>,
    recent: [f64; KEPT],
    count: usize,
    suspect: Option<Suspect>,
    run: Option<Run>,
    mean_run: f64,
    runs: u32,
    /// Mean run of the stillest of its kind, while it is not known itself.
    peers: Option<f64>,
    behind: Option<(Timestamp, u8)>,
    cause: Cause,
}

impl Course {
    pub fn new(tag: &Tag) -> Course {
        let parameters = Parameters::of(tag.observed, tag.element.as_ref());
        Course {
            parameters,
            range: tag.range.unwrap_or(parameters.possible),
            period_ms: i64::from(tag.period_ms.max(1)),
            last: None,
            stamp: None,
            recent: [0.0; KEPT],
            count: 0,
            suspect: None,
            run: None,
            mean_run: SUPPOSED_RUN,
            runs: SUPPOSED_WEIGHT,
            peers: None,
            behind: None,
            cause: Cause::Given,
        }
    }

    /// Samples of equal value after which this instrument is called stuck, as it has behaved so far; `None` for what may
    /// stand still.
    pub fn stuck_after(&self) -> Option<u32> {
        let mean_run = match self.peers {
            Some(peers) if self.known_run().is_none() => peers,
            _ => self.mean_run,
        };
        self.parameters.sticks.then(|| stuck_after(mean_run))
    }

    /// Mean length of its runs of equal values, once enough of them are known.
    pub fn known_run(&self) -> Option<f64> {
        (self.runs >= SUPPOSED_WEIGHT + KNOWN_RUNS).then_some(self.mean_run)
    }

    /// Tells how the stillest of its kind behaves.
    pub fn suppose(&mut self, peers: Option<f64>) {
        self.peers = peers;
    }

    /// What speaks against a sample by itself. Bad samples and repeated ones teach nothing.
    pub fn check(&mut self, tag: &Tag, sample: &Sample, now: Timestamp) -> Cause {
        if !sample.quality.is_usable() {
            return Cause::Given;
        }
        if !sample.value.is_finite() {
            return Cause::NotANumber;
        }
        if !self.range.contains(sample.value) {
            return Cause::OutsideRange { least: self.range.least, most: self.range.most };
        }
        let ahead_ms = sample.source_time.ms_since(now.max(sample.arrival_time));
        if ahead_ms > CLOCK_TOLERANCE_MS {
            return Cause::Ahead { ms: ahead_ms };
        }
        if let Some(behind_ms) = self.behind(sample) {
            return Cause::Behind { ms: behind_ms };
        }
        if self.stamp == Some(sample.source_time) && self.run.is_some_and(|run| run.bits == sample.value.to_bits()) {
            // Sent again.
            return self.cause;
        }
        self.stamp = Some(sample.source_time);
        self.cause = self.judge(tag, sample);
        self.cause
    }

    /// How far a sample lies behind a later one, unless the device's clock was set back.
    fn behind(&mut self, sample: &Sample) -> Option<i64> {
        let stamp = self.stamp.filter(|stamp| sample.source_time < *stamp)?;
        let in_order = match self.behind {
            Some((before, count)) if sample.source_time > before => count + 1,
            _ => 1,
        };
        if in_order >= SET_BACK {
            self.behind = None;
            self.stamp = None;
            self.last = None;
            self.run = None;
            return None;
        }
        self.behind = Some((sample.source_time, in_order));
        Some(stamp.ms_since(sample.source_time))
    }

    fn judge(&mut self, tag: &Tag, sample: &Sample) -> Cause {
        self.behind = None;
        let stuck = self.follow_run(sample);
        let jump = match self.parameters.nature {
            Nature::Measured => self.jump(tag, sample),
            Nature::Total => self.falls(sample),
            Nature::Held => None,
        };
        if let Some(cause) = jump {
            return cause;
        }
        self.accept(sample);
        stuck.unwrap_or(Cause::Given)
    }

    fn accept(&mut self, sample: &Sample) {
        self.suspect = None;
        self.last = Some((sample.source_time, sample.value));
        self.recent[self.count % KEPT] = sample.value;
        // Only its remainder and whether it is small matter, so that it may start again.
        self.count = if self.count + 1 >= 2 * KEPT { KEPT } else { self.count + 1 };
    }

    /// Whether enough refused values in a row agree that this is a new level. Notes the value otherwise.
    fn agreed(&mut self, value: f64, allowed: f64, needed: u8) -> bool {
        let count = match self.suspect {
            Some(suspect) if (value - suspect.value).abs() <= allowed => suspect.count + 1,
            _ => 1,
        };
        self.suspect = Some(Suspect { value, count });
        if count >= needed {
            // What lies before the step says nothing about what comes after it.
            self.count = 0;
            return true;
        }
        false
    }

    fn jump(&mut self, tag: &Tag, sample: &Sample) -> Option<Cause> {
        let deviation = instrument_deviation(tag, sample.value);
        if let (Some(most_per_s), Some((at, before))) = (self.parameters.most_per_s, self.last) {
            let ms = sample.source_time.ms_since(at);
            let seconds = ms.max(1) as f64 / 1e3;
            let off = (sample.value - before).abs();
            let allowed = most_per_s * seconds + 6.0 * deviation;
            // After a long silence anything may have happened.
            if ms <= 10 * self.period_ms && off > allowed && !self.agreed(sample.value, allowed, 3) {
                return Some(Cause::Rate { per_s: off / seconds, most_per_s });
            }
        }
        let least = self.parameters.least_spike?;
        if self.count < NEEDED {
            return None;
        }
        let (median, spread) = self.median();
        let off = (sample.value - median).abs();
        let allowed = least.max(self.parameters.spike_share * median.abs()).max(8.0 * deviation).max(9.0 * spread);
        (off > allowed && !self.agreed(sample.value, allowed, 2)).then_some(Cause::Spike { off, allowed })
    }

    /// A total that has become less: for one reading a mistake, for two another meter.
    fn falls(&mut self, sample: &Sample) -> Option<Cause> {
        let (_, before) = self.last?;
        let off = before - sample.value;
        (off > 0.0 && !self.agreed(sample.value, off, 2)).then_some(Cause::Spike { off, allowed: 0.0 })
    }

    /// Median of the recent values, and median of their distances from it.
    fn median(&self) -> (f64, f64) {
        let kept = self.count.min(KEPT);
        let mut values = self.recent;
        let values = &mut values[..kept];
        values.sort_unstable_by(f64::total_cmp);
        let median = values[kept / 2];
        for value in values.iter_mut() {
            *value = (*value - median).abs();
        }
        values.sort_unstable_by(f64::total_cmp);
        (median, values[kept / 2])
    }

    /// Follows runs of equal values; the cause where this one has become too long.
    fn follow_run(&mut self, sample: &Sample) -> Option<Cause> {
        let bits = sample.value.to_bits();
        let run = match self.run {
            Some(run) if run.bits == bits => Run { length: run.length.saturating_add(1), ..run },
            before => {
                if let Some(run) = before {
                    self.learn(run);
                }
                Run { bits, since: sample.source_time, length: 1 }
            }
        };
        self.run = Some(run);
        let limit = self.stuck_after()?;
        let rests = self.parameters.rests_at_zero && sample.value == 0.0;
        (!rests && run.length >= limit).then_some(Cause::Stuck { since: run.since, samples: run.length })
    }

    /// A run has ended: what this instrument is used to.
    fn learn(&mut self, run: Run) {
        if self.parameters.rests_at_zero && f64::from_bits(run.bits) == 0.0 {
            return;
        }
        self.runs = (self.runs + 1).min(RUNS_KEPT);
        // A single night of a broken instrument must not blind for a winter.
        let length = f64::from(run.length).min(20.0 * self.mean_run);
        self.mean_run += (length - self.mean_run) / f64::from(self.runs);
    }
}

/// How old the last answer of a tag is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Age {
    Fresh,
    Stale,
    TooOld,
}

impl Age {
    /// By the age of the last sample. Stale after two periods; too old after the time of its kind, at least ten periods.
    pub fn of(age_ms: i64, period_ms: u32, too_old_ms: i64) -> Age {
        let period_ms = i64::from(period_ms.max(1));
        if age_ms > too_old_ms.max(10 * period_ms) {
            Age::TooOld
        } else if age_ms > 2 * period_ms {
            Age::Stale
        } else {
            Age::Fresh
        }
    }
}

impl Cause {
    /// The worse of a sample's own quality and what was found.
    pub(super) fn with(&self, given: Quality) -> Quality {
        given.and(self.quality())
    }
}
