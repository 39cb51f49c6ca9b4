//! Alarms as a list to be drawn: rows in order, counts, the sequence of events. Plain data.

use std::sync::Arc;

use super::definition::{AlarmId, Kind, Priority, subject};
use super::state::{Event, State};
use super::system::{AlarmSystem, Shelf};
use crate::live::{TagId, Timestamp};
use crate::network::ElementRef;

/// One line of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub alarm: AlarmId,
    pub name: Arc<str>,
    pub kind: Kind,
    pub state: State,
    pub priority: Priority,
    /// Whether the condition holds now.
    pub active: bool,
    /// When the condition came last.
    pub raised: Option<Timestamp>,
    /// The value it came with.
    pub value: Option<f64>,
    /// The limit that was passed.
    pub limit: Option<f64>,
    pub tag: Option<TagId>,
    pub device: Arc<str>,
    pub element: Option<ElementRef>,
    /// Who took note, and when.
    pub acknowledged: Option<(String, Timestamp)>,
    pub shelf: Option<Shelf>,
    /// The alarm that makes it no news.
    pub suppressed_by: Option<AlarmId>,
    /// Who took it out of service, and why.
    pub out_of_service: Option<(String, String)>,
}

impl Row {
    /// The tag or device it is about.
    pub fn subject(&self) -> &str {
        subject(&self.name)
    }
}

/// What a list is sorted by first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// High first; within one priority unacknowledged first, then the latest.
    #[default]
    Priority,
    /// Unacknowledged, acknowledged, returned; within one state by priority, then the latest.
    State,
    /// The latest first.
    Time,
}

/// How many alarms stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub unacknowledged: usize,
    pub acknowledged: usize,
    pub returned: usize,
}

impl Counts {
    /// All of them.
    pub const fn all(&self) -> usize {
        self.unacknowledged + self.acknowledged + self.returned
    }
}

/// How many stand, by priority, and what is aside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overview {
    pub high: Counts,
    pub medium: Counts,
    pub low: Counts,
    pub shelved: usize,
    pub suppressed: usize,
    pub out_of_service: usize,
}

impl AlarmSystem {
    fn row(&self, id: AlarmId) -> Option<Row> {
        let (definition, alarm) = (self.definition(id)?, self.alarms.get(id.index())?);
        Some(Row {
            alarm: id,
            name: definition.name.clone(),
            kind: definition.kind,
            state: alarm.state(),
            priority: definition.priority,
            active: alarm.watch.active,
            raised: alarm.raised.map(|(at, _)| at),
            value: alarm.raised.map(|(_, value)| value).filter(|value| value.is_finite()),
            limit: definition.condition.limit(),
            tag: definition.tag,
            device: definition.device.clone(),
            element: definition.element.clone(),
            acknowledged: alarm.acknowledged_by.clone(),
            shelf: alarm.shelved.clone(),
            suppressed_by: alarm.suppressed,
            out_of_service: alarm.out_of_service.clone(),
        })
    }

    fn rows_where(&self, wanted: impl Fn(State) -> bool) -> Vec<Row> {
        let ids = self.alarms.iter().enumerate().filter(|(_, alarm)| wanted(alarm.state()));
        ids.filter_map(|(number, _)| self.row(AlarmId(number as u32))).collect()
    }

    /// The list of alarms: announced ones, sorted.
    pub fn rows(&self, order: Order) -> Vec<Row> {
        let mut rows = self.rows_where(State::is_announced);
        rows.sort_by(|a, b| {
            let priority = b.priority.cmp(&a.priority);
            let state = a.state.cmp(&b.state);
            let time = b.raised.cmp(&a.raised);
            match order {
                Order::Priority => priority.then(state).then(time),
                Order::State => state.then(priority).then(time),
                Order::Time => time.then(priority).then(state),
            }
            .then(a.alarm.cmp(&b.alarm))
        });
        rows
    }

    /// What is aside: shelved, suppressed, out of service, in this order.
    pub fn aside(&self) -> Vec<Row> {
        let mut rows = self.rows_where(State::is_hidden);
        rows.sort_by(|a, b| a.state.cmp(&b.state).then(b.raised.cmp(&a.raised)).then(a.alarm.cmp(&b.alarm)));
        rows
    }

    /// Counts for the head of a screen.
    pub fn overview(&self) -> Overview {
        let mut out = Overview::default();
        for (alarm, definition) in self.alarms.iter().zip(self.definitions()) {
            let counts = match definition.priority {
                Priority::High => &mut out.high,
                Priority::Medium => &mut out.medium,
                Priority::Low => &mut out.low,
            };
            match alarm.state() {
                State::Normal => {}
                State::Unacknowledged => counts.unacknowledged += 1,
                State::Acknowledged => counts.acknowledged += 1,
                State::ReturnedUnacknowledged => counts.returned += 1,
                State::Shelved => out.shelved += 1,
                State::SuppressedByDesign => out.suppressed += 1,
                State::OutOfService => out.out_of_service += 1,
            }
        }
        out
    }

    /// The sequence of events between two instants, in the order of the field, to the millisecond. Ten thousand are kept.
    pub fn events(&self, from: Timestamp, to: Timestamp) -> impl DoubleEndedIterator<Item = &Event> {
        let first = self.events.partition_point(|event| event.at < from);
        let end = self.events.partition_point(|event| event.at <= to);
        self.events.range(first..end.max(first))
    }
}
