//! Writing to the field, guarded. Off unless somebody with the right switches it on.
//!
//! A command takes four steps, each recorded in the audit log before it is done: **arm** (a role that may write; lasts five
//! minutes), **select** (device, tag, old and new value and what the model predicts are shown), **operate** (by the same
//! user within 30 s, after everything was checked again on the present value), and what comes of it: the device's **echo**
//! must equal what was written, and within two scans after it the value must be **read back**; else
//! [`Outcome::NotConfirmed`] is told, which is an alarm. What the echo itself brought along is no reading back: a device that
//! takes a value and lets go of it is found out. One command is under way per device, ten a minute in all. The model is select-before-operate of
//! IEC 60870-5 and DNP3.
//!
//! Pure: the wire is a [`Writer`], the audit log a [`Ledger`], instants come in. There is no way here that a lost signal
//! writes a value of its own: regulators must hold their present position then (CJJ/T 34-2022, clause 13.1.5), so nothing is
//! ever written but what somebody operated.

mod permit;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::access::{Right, Sitting};
use super::audit::{Deed, Ledger};
use super::{Sample, TagId, TagTable, Timestamp};

pub use permit::{Interlock, Permit, Refused};

/// How long arming lasts.
pub const ARMED_MS: i64 = 5 * 60_000;
/// How long a selection lasts.
pub const SELECTED_MS: i64 = 30_000;
/// Commands in one minute, all devices together.
pub const MOST_A_MINUTE: usize = 10;
/// How long a device may take to echo.
pub const ECHO_MS: i64 = 5_000;
/// What the two scans of reading back may take longer than their periods: requests under way and waiting.
const SCAN_MARGIN_MS: i64 = 1_000;

/// A command to the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// Counts commands from 1.
    pub number: u64,
    pub device: Arc<str>,
    pub tag: TagId,
    /// In the unit of the tag's samples.
    pub value: f64,
}

/// What the wire says at once.
#[derive(Clone, Debug, PartialEq)]
pub enum Handed {
    /// Written; the device echoed this value.
    Echo(f64),
    /// Handed on; [`Control::echoed`] will tell.
    Pending,
    /// It could not be written, or nobody knows whether it was.
    Failed(String),
}

/// What carries commands to devices. Must not try again by itself.
pub trait Writer {
    fn write(&mut self, order: &Order) -> Handed;
}

/// What a command is expected to change, from the model: shown with the selection and kept in the audit log.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicted {
    /// In words a person reads: `ST012 available pressure`.
    pub what: String,
    /// With their units, as shown.
    pub before: String,
    pub after: String,
}

/// What somebody has selected.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    pub number: u64,
    pub user: String,
    pub device: Arc<str>,
    pub tag: TagId,
    pub old: f64,
    pub new: f64,
    pub predicted: Vec<Predicted>,
    pub until: Timestamp,
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Echoed and read back.
    Confirmed { order: Order, user: String },
    /// An alarm: nobody knows what the device does now.
    NotConfirmed { order: Order, user: String, why: Unconfirmed },
}

/// Why a command is not confirmed.
#[derive(Clone, Debug, PartialEq)]
pub enum Unconfirmed {
    Failed(String),
    NoEcho,
    OtherEcho(f64),
    /// Two scans brought no good reading of the new value.
    NotReadBack,
}

impl Unconfirmed {
    /// Key of its sentence in the translation files.
    pub const fn key(&self) -> &'static str {
        match self {
            Unconfirmed::Failed(_) => "control-unconfirmed-failed",
            Unconfirmed::NoEcho => "control-unconfirmed-no-echo",
            Unconfirmed::OtherEcho(_) => "control-unconfirmed-other-echo",
            Unconfirmed::NotReadBack => "control-unconfirmed-not-read-back",
        }
    }
}

/// A command under way.
#[derive(Clone, Debug)]
struct Flight {
    order: Order,
    user: String,
    tolerance: f64,
    written: Timestamp,
    /// When the echo came.
    echoed: Option<Timestamp>,
}

/// Guards the way to the field.
#[derive(Clone, Debug)]
pub struct Control {
    on: bool,
    tags: TagTable,
    permits: BTreeMap<TagId, Permit>,
    /// By user, until when.
    armed: BTreeMap<String, Timestamp>,
    /// By device.
    selections: BTreeMap<Arc<str>, Selection>,
    flights: BTreeMap<Arc<str>, Flight>,
    written: BTreeMap<TagId, Timestamp>,
    recent: VecDeque<Timestamp>,
    live: BTreeMap<TagId, Sample>,
    number: u64,
}

impl Control {
    /// Off, with these permits.
    pub fn new(tags: &TagTable, permits: impl IntoIterator<Item = Permit>) -> Control {
        Control {
            on: false,
            tags: tags.clone(),
            permits: permits.into_iter().map(|permit| (permit.tag, permit)).collect(),
            armed: BTreeMap::new(),
            selections: BTreeMap::new(),
            flights: BTreeMap::new(),
            written: BTreeMap::new(),
            recent: VecDeque::new(),
            live: BTreeMap::new(),
            number: 0,
        }
    }

    /// Whether writing is switched on.
    pub const fn is_on(&self) -> bool {
        self.on
    }

    /// The permit of a tag.
    pub fn permit(&self, tag: TagId) -> Option<&Permit> {
        self.permits.get(&tag)
    }

    /// What may be written, and within what bounds.
    pub fn permits(&self) -> impl Iterator<Item = &Permit> {
        self.permits.values()
    }

    /// The present value, if it is good and not older than two periods.
    pub fn present(&self, tag: TagId, now: Timestamp) -> Option<f64> {
        let sample = self.live.get(&tag).filter(|sample| sample.quality.is_good() && sample.value.is_finite())?;
        let period_ms = i64::from(self.tags.get(tag)?.period_ms);
        (now.ms_since(sample.arrival_time) <= 2 * period_ms).then_some(sample.value)
    }

    /// Whether a command to this tag would be neither too soon nor one too many: its device is idle, its interval over, and
    /// the minute has room.
    pub fn is_free(&self, tag: TagId, now: Timestamp) -> bool {
        let idle = self.tags.get(tag).is_none_or(|tag| !self.flights.contains_key(&tag.device));
        let interval_ms = self.permits.get(&tag).map_or(0, |permit| permit.least_interval_ms);
        let over = self.written.get(&tag).is_none_or(|at| now.ms_since(*at) >= interval_ms);
        idle && over && self.recent.iter().filter(|at| now.ms_since(**at) < 60_000).count() < MOST_A_MINUTE
    }

    /// Until when a user is armed.
    pub fn armed_until(&self, user: &str, now: Timestamp) -> Option<Timestamp> {
        self.armed.get(user).copied().filter(|until| now < *until)
    }

    /// Selections that still hold.
    pub fn selections(&self, now: Timestamp) -> impl Iterator<Item = &Selection> {
        self.selections.values().filter(move |selection| now <= selection.until)
    }

    /// Commands whose outcome is not known yet.
    pub fn under_way(&self) -> impl Iterator<Item = &Order> {
        self.flights.values().map(|flight| &flight.order)
    }

    /// Switches writing as a whole on or off. Off, it ends what is armed and selected; commands under way are followed to
    /// their end. Off it goes even where that cannot be recorded: the error then tells that the record is missing.
    pub fn switch(&mut self, who: &Sitting, on: bool, now: Timestamp, ledger: &mut dyn Ledger) -> Result<(), Refused> {
        allowed(who, Right::EnableWriting, now)?;
        let recorded = ledger.record(&deed(who, now, if on { "writing-on" } else { "writing-off" }, ""));
        self.on = on && recorded.is_ok();
        self.armed.clear();
        self.selections.clear();
        Ok(recorded?)
    }

    /// Arms a user for five minutes.
    pub fn arm(&mut self, who: &Sitting, now: Timestamp, ledger: &mut dyn Ledger) -> Result<Timestamp, Refused> {
        if !self.on {
            return Err(Refused::Off);
        }
        allowed(who, Right::Write, now)?;
        let until = now.plus_ms(ARMED_MS);
        ledger.record(&deed(who, now, "arm", "").with("until", until))?;
        self.armed.insert(who.user.clone(), until);
        Ok(until)
    }

    /// Ends a user's arming and selection before their time, even where that cannot be recorded.
    pub fn disarm(&mut self, who: &Sitting, now: Timestamp, ledger: &mut dyn Ledger) -> Result<(), Refused> {
        let recorded = ledger.record(&deed(who, now, "disarm", ""));
        self.armed.remove(&who.user);
        self.selections.retain(|_, selection| selection.user != who.user);
        Ok(recorded?)
    }

    /// Takes a user's selection back, even where that cannot be recorded.
    pub fn cancel(&mut self, who: &Sitting, now: Timestamp, ledger: &mut dyn Ledger) -> Result<(), Refused> {
        let Some(selection) = self.selections.values().find(|selection| selection.user == who.user) else {
            return Ok(());
        };
        let record = deed(who, now, "cancel", &self.name(selection.tag)).with("number", selection.number);
        self.selections.retain(|_, selection| selection.user != who.user);
        Ok(ledger.record(&record)?)
    }

    /// First step of a command: shows what would be done. An earlier selection of the same user ends.
    pub fn select(
        &mut self,
        who: &Sitting,
        tag: TagId,
        new: f64,
        predicted: Vec<Predicted>,
        now: Timestamp,
        ledger: &mut dyn Ledger,
    ) -> Result<Selection, Refused> {
        let checked = self.check(who, tag, new, now);
        let name = self.name(tag);
        let (device, old) = match checked {
            Ok(checked) => checked,
            Err(refused) => {
                // A refusal needs no record to stay a refusal.
                let _ = ledger.record(&deed(who, now, "select-refused", &name).with("new", new).with("why", &refused));
                return Err(refused);
            }
        };
        let number = self.number + 1;
        let mut record = deed(who, now, "select", &name).with("device", &device).with("old", old).with("new", new);
        for change in &predicted {
            record =
                record.with(&format!("predicted {}", change.what), format!("{} → {}", change.before, change.after));
        }
        ledger.record(&record.with("number", number))?;
        self.number = number;
        let until = now.plus_ms(SELECTED_MS);
        let selection = Selection { number, user: who.user.clone(), device, tag, old, new, predicted, until };
        self.selections.retain(|_, other| other.user != who.user);
        self.selections.insert(selection.device.clone(), selection.clone());
        Ok(selection)
    }

    /// Second step: checks everything again and writes. What comes of it at once is answered, the rest comes from
    /// [`Control::echoed`], [`Control::take`] and [`Control::tick`].
    pub fn operate(
        &mut self,
        who: &Sitting,
        number: u64,
        now: Timestamp,
        ledger: &mut dyn Ledger,
        writer: &mut dyn Writer,
    ) -> Result<Option<Outcome>, Refused> {
        let own =
            |selection: &&Selection| selection.number == number && selection.user == who.user && now <= selection.until;
        let Some(selection) = self.selections.values().find(own).cloned() else { return Err(Refused::NotSelected) };
        let name = self.name(selection.tag);
        let checked = self.check(who, selection.tag, selection.new, now).and_then(|(_, live)| {
            let permit = self.permits.get(&selection.tag).ok_or(Refused::NoPermit)?;
            if (live - selection.old).abs() <= permit.tolerance { Ok(permit.tolerance) } else { Err(Refused::Changed) }
        });
        // One selection is one attempt.
        self.selections.remove(&selection.device);
        let tolerance = match checked {
            Ok(tolerance) => tolerance,
            Err(refused) => {
                let _ = ledger.record(&deed(who, now, "operate-refused", &name).with("why", &refused));
                return Err(refused);
            }
        };
        let order = Order { number, device: selection.device, tag: selection.tag, value: selection.new };
        let record = deed(who, now, "operate", &name)
            .with("device", &order.device)
            .with("old", selection.old)
            .with("new", order.value)
            .with("number", number);
        ledger.record(&record)?;
        self.written.insert(order.tag, now);
        self.recent.push_back(now);
        let flight = Flight { order: order.clone(), user: who.user.clone(), tolerance, written: now, echoed: None };
        self.flights.insert(order.device.clone(), flight);
        let echo = match writer.write(&order) {
            Handed::Pending => return Ok(None),
            Handed::Echo(value) => Ok(value),
            Handed::Failed(why) => Err(why),
        };
        Ok(self.echoed(number, echo, now, ledger))
    }

    /// The device has answered a command that was handed on.
    pub fn echoed(
        &mut self,
        number: u64,
        echo: Result<f64, String>,
        now: Timestamp,
        ledger: &mut dyn Ledger,
    ) -> Option<Outcome> {
        let flight =
            self.flights.values_mut().find(|flight| flight.order.number == number && flight.echoed.is_none())?;
        let why = match echo {
            Err(why) => Unconfirmed::Failed(why),
            Ok(value) if (value - flight.order.value).abs() <= flight.tolerance => {
                flight.echoed = Some(now);
                return None;
            }
            Ok(value) => Unconfirmed::OtherEcho(value),
        };
        let device = flight.order.device.clone();
        self.end(&device, Some(why), now, ledger)
    }

    /// Takes in screened samples: the present values, and those that confirm a command.
    pub fn take(&mut self, now: Timestamp, samples: &[Sample], ledger: &mut dyn Ledger) -> Vec<Outcome> {
        let mut confirmed = Vec::new();
        for sample in samples {
            self.live.insert(sample.tag, *sample);
            let Some(tag) = self.tags.get(sample.tag) else { continue };
            let Some(flight) = self.flights.get(&tag.device).filter(|flight| flight.order.tag == sample.tag) else {
                continue;
            };
            let new = sample.quality.is_good()
                && flight.echoed.is_some_and(|echoed| sample.source_time > echoed)
                && (sample.value - flight.order.value).abs() <= flight.tolerance;
            if new {
                confirmed.push(tag.device.clone());
            }
        }
        confirmed.into_iter().filter_map(|device| self.end(&device, None, now, ledger)).collect()
    }

    /// Lets time pass: commands without echo or reading are told as not confirmed. To be called every second.
    pub fn tick(&mut self, now: Timestamp, ledger: &mut dyn Ledger) -> Vec<Outcome> {
        self.armed.retain(|_, until| now < *until);
        self.recent.retain(|at| now.ms_since(*at) < 60_000);
        self.selections.retain(|_, selection| now <= selection.until);
        let late: Vec<(Arc<str>, Unconfirmed)> = self
            .flights
            .values()
            .filter_map(|flight| {
                let period_ms = self.tags.get(flight.order.tag).map_or(0, |tag| i64::from(tag.period_ms));
                let (since, most_ms, why) = match flight.echoed {
                    None => (flight.written, ECHO_MS, Unconfirmed::NoEcho),
                    Some(echoed) => (echoed, 2 * period_ms + SCAN_MARGIN_MS, Unconfirmed::NotReadBack),
                };
                (now.ms_since(since) > most_ms).then(|| (flight.order.device.clone(), why))
            })
            .collect();
        late.into_iter().filter_map(|(device, why)| self.end(&device, Some(why), now, ledger)).collect()
    }

    /// A command is over. The outcome is told even where it cannot be recorded: an alarm must not be lost with it.
    fn end(
        &mut self,
        device: &Arc<str>,
        why: Option<Unconfirmed>,
        now: Timestamp,
        ledger: &mut dyn Ledger,
    ) -> Option<Outcome> {
        let flight = self.flights.remove(device)?;
        let name = self.name(flight.order.tag);
        let action = if why.is_none() { "confirmed" } else { "not-confirmed" };
        let mut record = Deed::new(now, flight.user.clone(), action, &*name).with("number", flight.order.number);
        if let Some(why) = &why {
            record = record.with("why", format!("{why:?}"));
        }
        let _ = ledger.record(&record);
        let (order, user) = (flight.order, flight.user);
        Some(match why {
            None => Outcome::Confirmed { order, user },
            Some(why) => Outcome::NotConfirmed { order, user, why },
        })
    }

    /// Everything that stands against a command; device and present value where nothing does.
    fn check(&self, who: &Sitting, tag: TagId, new: f64, now: Timestamp) -> Result<(Arc<str>, f64), Refused> {
        if !self.on {
            return Err(Refused::Off);
        }
        allowed(who, Right::Write, now)?;
        self.armed_until(&who.user, now).ok_or(Refused::NotArmed)?;
        // Bounds that are no numbers bound nothing.
        let bounded = |permit: &&Permit| permit.tolerance.is_finite() && permit.most_step.is_finite();
        let permit = self.permits.get(&tag).filter(bounded).ok_or(Refused::NoPermit)?;
        let known = self.tags.get(tag).ok_or(Refused::NoPermit)?;
        if self.flights.contains_key(&known.device) {
            return Err(Refused::UnderWay);
        }
        if self.selections(now).any(|other| other.device == known.device && other.user != who.user) {
            return Err(Refused::SelectedByOther);
        }
        let old = self.present(tag, now).ok_or(Refused::NotGood)?;
        let instrument = known.range.is_none_or(|range| range.contains(new));
        if !new.is_finite() || !permit.range.contains(new) || !instrument {
            return Err(Refused::OutOfRange);
        }
        let step = (new - old).abs();
        if step <= permit.tolerance {
            return Err(Refused::NothingToChange);
        }
        if step > permit.most_step {
            return Err(Refused::StepTooGreat);
        }
        if self.written.get(&tag).is_some_and(|at| now.ms_since(*at) < permit.least_interval_ms) {
            return Err(Refused::TooSoon);
        }
        if self.recent.iter().filter(|at| now.ms_since(**at) < 60_000).count() >= MOST_A_MINUTE {
            return Err(Refused::TooMany);
        }
        for interlock in &permit.interlocks {
            if !self.present(interlock.tag, now).is_some_and(|value| interlock.within.contains(value)) {
                return Err(Refused::Interlocked(interlock.tag));
            }
        }
        Ok((known.device.clone(), old))
    }

    fn name(&self, tag: TagId) -> Arc<str> {
        self.tags.get(tag).map_or_else(|| format!("#{}", tag.0).into(), |tag| tag.name.clone())
    }
}

fn allowed(who: &Sitting, right: Right, now: Timestamp) -> Result<(), Refused> {
    if who.may(right, now) { Ok(()) } else { Err(Refused::NotAllowed) }
}

fn deed(who: &Sitting, now: Timestamp, action: &str, subject: &str) -> Deed {
    Deed::new(now, who.user.clone(), action, subject).by(who.role)
}

/// A change too great for one command, in equal steps none of which is greater than permitted. Empty where the numbers
/// allow none.
pub fn ramp(old: f64, new: f64, most_step: f64) -> Vec<f64> {
    let count = ((new - old).abs() / most_step).ceil();
    if !(count.is_finite() && (1.0..=10_000.0).contains(&count)) {
        return Vec::new();
    }
    // At most ten thousand: exact.
    let steps = count as u32;
    (1..=steps).map(|step| if step == steps { new } else { old + (new - old) * f64::from(step) / count }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_ends_where_it_should_in_permitted_steps() {
        assert_eq!(ramp(50.0, 60.0, 4.0), [50.0 + 10.0 / 3.0, 50.0 + 20.0 / 3.0, 60.0]);
        assert!(
            ramp(50.0, 60.0, 0.0).is_empty() && ramp(50.0, f64::NAN, 1.0).is_empty() && ramp(1.0, 1.0, 1.0).is_empty()
        );
    }
}
