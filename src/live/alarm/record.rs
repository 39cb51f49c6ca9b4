//! Events as they are written down, and alarms as they were left: a program that ends in the middle of a shift gives the
//! shelves, acknowledgements and maintenance of its people to the next one.
//!
//! A [`Record`] names its alarm instead of counting it, so that it can be read when the tags have changed. Where records are
//! kept is not said here.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::definition::{AlarmId, Condition, Kind, Priority, subject};
use super::state::{Event, Happening, State};
use super::system::{AlarmSystem, Shelf};
use crate::live::{TagTable, Timestamp};
use crate::units::Quantity;

/// An event that can be read without the definitions it was made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Counts the events of all runs of the program.
    pub number: u64,
    /// When it happened in the field.
    pub at: Timestamp,
    /// When it was known here.
    pub seen: Timestamp,
    /// Name of the alarm: `ST012.P1/low-low`.
    pub alarm: Arc<str>,
    pub kind: Kind,
    pub priority: Priority,
    pub what: Happening,
    pub from: State,
    pub to: State,
    /// In the unit of the tag's samples (SI; m³/h for volume flow).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<f64>,
    /// What kind of number value and limit are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Quantity>,
    /// Name of the alarm that suppressed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Arc<str>>,
}

impl Record {
    /// The tag or device it is about.
    pub fn subject(&self) -> &str {
        subject(&self.alarm)
    }
}

impl AlarmSystem {
    /// An event of this system as a record.
    pub fn record(&self, event: &Event, tags: &TagTable) -> Option<Record> {
        let definition = self.definition(event.alarm)?;
        let by = match event.what {
            Happening::Suppressed { by } => self.definition(by).map(|cause| cause.name.clone()),
            _ => None,
        };
        Some(Record {
            number: event.number,
            at: event.at,
            seen: event.seen,
            alarm: definition.name.clone(),
            kind: definition.kind,
            priority: definition.priority,
            what: event.what.clone(),
            from: event.from,
            to: event.to,
            value: event.value,
            limit: definition.condition.limit(),
            quantity: definition.tag.and_then(|tag| tags.get(tag)).map(|tag| tag.quantity),
            by,
        })
    }

    /// Takes up where another run left off. `records` in the order they were written. To be called before the first step.
    ///
    /// What was in alarm is in alarm until a sample says otherwise, acknowledged or not as it was; shelves that have not ended
    /// and maintenance go on. What was suppressed is looked at anew. Alarms that are no longer defined are passed over.
    pub fn restore(&mut self, records: &[Record], now: Timestamp) {
        let places: BTreeMap<Arc<str>, AlarmId> = self
            .definitions()
            .iter()
            .enumerate()
            .map(|(number, definition)| (definition.name.clone(), AlarmId(number as u32)))
            .collect();
        for record in records {
            self.number = self.number.max(record.number);
            let Some(&id) = places.get(&record.alarm) else { continue };
            let alarm = &mut self.alarms[id.index()];
            match &record.what {
                Happening::Raised | Happening::Suppressed { .. } => {
                    alarm.standing = true;
                    alarm.raised = Some((record.at, record.value.unwrap_or(f64::NAN)));
                    alarm.acknowledged_by = None;
                }
                Happening::Cleared => alarm.standing = false,
                Happening::Acknowledged { user, .. } => alarm.acknowledged_by = Some((user.clone(), record.seen)),
                Happening::Shelved { user, until, reason } => {
                    alarm.shelved = Some(Shelf { user: user.clone(), reason: reason.clone(), until: *until });
                }
                Happening::Unshelved { .. } | Happening::ShelfEnded => alarm.shelved = None,
                Happening::RemovedFromService { user, reason } => {
                    alarm.shelved = None;
                    alarm.out_of_service = Some((user.clone(), reason.clone()));
                }
                Happening::ReturnedToService { .. } => alarm.out_of_service = None,
                Happening::Unsuppressed => {}
            }
            alarm.shown = match record.to {
                State::Shelved | State::OutOfService | State::SuppressedByDesign => State::Normal,
                shown => shown,
            };
        }
        let definitions = self.definitions.clone();
        for (alarm, definition) in self.alarms.iter_mut().zip(definitions.iter()) {
            if alarm.shelved.as_ref().is_some_and(|shelf| shelf.until.ms_since(now) > super::SHELF_MS.1) {
                // The clock was set back by hours: no shelf may last longer than one is allowed to.
                alarm.shelved = None;
            }
            // Suppressed ones begin anew: whether their cause still stands is for the first samples to say.
            let hidden = alarm.shelved.is_some() || alarm.out_of_service.is_some();
            if alarm.standing && !hidden && alarm.shown == State::Normal {
                alarm.standing = false;
            }
            if alarm.standing && definition.condition == Condition::Program {
                // The program that knew of it has ended; whoever has not seen it shall see it still.
                alarm.standing = false;
                alarm.shown = match alarm.shown {
                    State::Unacknowledged => State::ReturnedUnacknowledged,
                    State::Acknowledged => State::Normal,
                    shown => shown,
                };
            }
            alarm.watch.resume(alarm.standing);
        }
    }
}
