//! One condition in time: dead-band, on-delay, off-delay.
//!
//! The raw condition has a memory of one bit (the dead-band). What is reported follows it once it has lasted for the
//! delay, to the millisecond: a condition that holds from t to t + delay raises at t + delay, one that ends before raises
//! nothing. Delays run in arrival time, which never goes back; reports carry source time.

use super::definition::{Condition, Definition};
use crate::live::{Doubt, Fault, Quality, Sample, Timestamp};

/// A change of the reported condition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turn {
    pub active: bool,
    /// Source time of the change of the raw condition plus the delay.
    pub at: Timestamp,
    /// The value that changed it.
    pub value: f64,
}

/// A condition and its timers.
#[derive(Clone, Debug)]
pub struct Watch {
    raw: bool,
    pub active: bool,
    /// When the raw condition last changed: arrival time, source time, value.
    changed: (Timestamp, Timestamp, f64),
    /// Last value that a rate can be reckoned from.
    before: Option<(Timestamp, f64)>,
    /// Latest instant seen.
    now: Timestamp,
}

impl Watch {
    pub fn new() -> Watch {
        let never = Timestamp::from_ms(i64::MIN);
        Watch { raw: false, active: false, changed: (never, never, f64::NAN), before: None, now: never }
    }

    /// As if the condition had held, or not, for long.
    pub fn resume(&mut self, active: bool) {
        (self.raw, self.active) = (active, active);
    }

    /// Lets time pass up to `now`.
    pub fn advance(&mut self, definition: &Definition, now: Timestamp) -> Option<Turn> {
        self.now = self.now.max(now);
        if self.raw == self.active {
            return None;
        }
        let delay_ms = if self.raw { definition.on_delay_ms } else { definition.off_delay_ms };
        let (arrived, source, value) = self.changed;
        if self.now.ms_since(arrived) < delay_ms {
            return None;
        }
        self.active = self.raw;
        Some(Turn { active: self.active, at: source.plus_ms(delay_ms), value })
    }

    /// Takes in whether the raw condition holds since `source`, known at `arrived`. Up to two turns: one that was due
    /// before, and one at once where there is no delay.
    pub fn put(
        &mut self,
        definition: &Definition,
        arrived: Timestamp,
        source: Timestamp,
        raw: bool,
        value: f64,
    ) -> Turns {
        let arrived = arrived.max(self.now);
        let due = self.advance(definition, arrived);
        if raw != self.raw {
            self.raw = raw;
            self.changed = (arrived, source, value);
        }
        Turns([due, self.advance(definition, arrived)])
    }

    /// Whether the raw condition holds after a sample; `None` where the sample says nothing about it.
    pub fn judge(&mut self, condition: &Condition, sample: &Sample) -> Option<bool> {
        let usable = sample.quality.is_usable() && sample.value.is_finite();
        match *condition {
            Condition::Above { limit, dead_band } => {
                usable.then_some(sample.value > if self.raw { limit - dead_band } else { limit })
            }
            Condition::Below { limit, dead_band } => {
                usable.then_some(sample.value < if self.raw { limit + dead_band } else { limit })
            }
            Condition::Rate { most_per_s } => {
                if !usable {
                    return None;
                }
                let before = self.before.replace((sample.source_time, sample.value));
                let (at, value) = before?;
                let seconds = sample.source_time.ms_since(at) as f64 / 1e3;
                (seconds > 0.0).then(|| (sample.value - value).abs() / seconds > most_per_s)
            }
            Condition::Quality => Some(untrusted(sample.quality)),
            Condition::Contact => usable.then_some(sample.value >= 0.5),
            Condition::Deviation { .. } | Condition::Communication | Condition::Program => None,
        }
    }

    /// The same for a deviation from the model.
    pub fn judge_deviation(&self, most: f64, dead_band: f64, value: f64, model: f64) -> Option<bool> {
        let off = (value - model).abs();
        off.is_finite().then_some(off > if self.raw { most - dead_band } else { most })
    }
}

/// Up to two turns in the order they happened.
#[derive(Clone, Copy, Debug)]
pub struct Turns([Option<Turn>; 2]);

impl IntoIterator for Turns {
    type Item = Turn;
    type IntoIter = std::iter::Flatten<std::array::IntoIter<Option<Turn>, 2>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter().flatten()
    }
}

/// Whether the instrument itself is in question. A dead link is the alarm of the link, not of its tags; a single spike
/// is none.
fn untrusted(quality: Quality) -> bool {
    matches!(
        quality,
        Quality::Uncertain(Doubt::Stuck | Doubt::Drift | Doubt::Inconsistent | Doubt::DeviatesFromModel | Doubt::Clock)
            | Quality::Bad(Fault::DeviceException | Fault::OutOfRange | Fault::NotANumber | Fault::DeviceFault)
    )
}
