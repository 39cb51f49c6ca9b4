//! The alarm list as it is shown.

use std::sync::Arc;

use crate::live::alarm::{AlarmSystem, BadActor, Happening, Order, Overview, Priority, Record, Row};
use crate::live::{TagTable, Timestamp};
use crate::text::Language;
use crate::units::{DisplayUnits, Quantity};

/// One alarm of the list, with the kind of number its value is.
#[derive(Clone, Debug, PartialEq)]
pub struct AlarmLine {
    pub row: Row,
    pub quantity: Quantity,
}

impl AlarmLine {
    /// 1 is the highest.
    pub const fn priority(&self) -> u8 {
        match self.row.priority {
            Priority::High => 1,
            Priority::Medium => 2,
            Priority::Low => 3,
        }
    }

    /// The tag or device it is about.
    pub fn subject(&self) -> &str {
        self.row.subject()
    }

    /// Whether somebody has to take note.
    pub const fn waits(&self) -> bool {
        self.row.state.waits()
    }

    /// What is wrong: `supply pressure low-low 412 kPa (limit 450 kPa)`.
    pub fn text(&self, language: Language, units: &DisplayUnits) -> String {
        let texts = language.texts();
        let kind = texts.get(self.row.kind.key()).into_owned();
        let number = |si: f64| units.text(self.quantity, si);
        match (self.row.value, self.row.limit) {
            (Some(value), Some(limit)) => texts.with(
                "live-alarms-value-limit",
                &[("kind", kind.into()), ("value", number(value).into()), ("limit", number(limit).into())],
            ),
            _ => kind,
        }
    }
}

/// Events in the sequence that is shown; the journal has all.
const EVENTS_SHOWN: usize = 200;
const DAY_MS: i64 = 86_400_000;

/// One alarm of those that came most often in the last day.
#[derive(Clone, Debug, PartialEq)]
pub struct Frequent {
    /// The tag or device it is about, and the key of what is wrong.
    pub subject: String,
    pub kind: &'static str,
    pub count: usize,
    /// Of all alarms of the day, 0…1.
    pub share: f64,
}

/// What an event says: who did it, why, or the value that did it.
pub fn event_text(record: &Record, language: Language, units: &DisplayUnits) -> String {
    let texts = language.texts();
    let mut out = texts.get(record.what.key()).into_owned();
    let mut say = |text: &str| {
        if !text.is_empty() {
            out.push_str(" · ");
            out.push_str(text);
        }
    };
    match &record.what {
        Happening::Acknowledged { user, comment } => {
            say(user);
            say(comment);
        }
        Happening::Shelved { user, reason, .. } | Happening::RemovedFromService { user, reason } => {
            say(user);
            say(reason);
        }
        Happening::Unshelved { user } | Happening::ReturnedToService { user } => say(user),
        Happening::Suppressed { .. } => say(record.by.as_deref().unwrap_or_default()),
        Happening::Raised | Happening::Cleared | Happening::ShelfEnded | Happening::Unsuppressed => {
            if let Some((value, quantity)) = record.value.zip(record.quantity) {
                say(&units.text(quantity, value));
            }
        }
    }
    out
}

/// The alarm list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlarmBoard {
    /// Those to be answered first come first.
    pub lines: Vec<AlarmLine>,
    /// Shelved, suppressed and out of service.
    pub aside: Vec<AlarmLine>,
    pub overview: Overview,
    /// Since when there have been more alarms than a person can answer.
    pub flood: Option<Timestamp>,
    /// The sequence of events, the latest first.
    pub events: Arc<[Record]>,
    /// What came most often in the last day, the most first.
    pub frequent: Vec<Frequent>,
    /// Alarms announced in the last day.
    pub of_the_day: usize,
}

impl AlarmBoard {
    /// As it is now; `quantity` of a row's tag.
    pub(super) fn of(
        alarms: &mut AlarmSystem,
        tags: &TagTable,
        now: Timestamp,
        quantity: impl Fn(&Row) -> Quantity,
    ) -> AlarmBoard {
        let ends_of_time = [i64::MIN, i64::MAX].map(Timestamp::from_ms);
        let events = alarms.events(ends_of_time[0], ends_of_time[1]).rev().take(EVENTS_SHOWN);
        let events = events.filter_map(|event| alarms.record(event, tags)).collect();
        let frequent = |bad: BadActor| {
            let definition = alarms.definition(bad.alarm)?;
            let subject = definition.subject().to_owned();
            Some(Frequent { subject, kind: definition.kind.key(), count: bad.count, share: bad.share })
        };
        let frequent = alarms.worst_ten(now).into_iter().filter_map(frequent).collect();
        let of_the_day = alarms.announced(now, DAY_MS);
        let line = |row: Row| AlarmLine { quantity: quantity(&row), row };
        AlarmBoard {
            lines: alarms.rows(Order::Priority).into_iter().map(line).collect(),
            aside: alarms.aside().into_iter().map(line).collect(),
            overview: alarms.overview(),
            flood: alarms.flood(now),
            events,
            frequent,
            of_the_day,
        }
    }

    /// Alarms nobody has seen yet.
    pub fn unacknowledged(&self) -> usize {
        self.lines.iter().filter(|line| line.waits()).count()
    }

    /// Alarms whose cause is there.
    pub fn active(&self) -> usize {
        self.lines.iter().filter(|line| line.row.active).count()
    }

    /// Announced alarms by priority, the highest first.
    pub fn counts(&self) -> [usize; 3] {
        [self.overview.high, self.overview.medium, self.overview.low].map(|counts| counts.all())
    }
}
