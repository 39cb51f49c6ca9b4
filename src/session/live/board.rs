//! The alarm list as it is shown.

use crate::live::Timestamp;
use crate::live::alarm::{AlarmSystem, Order, Overview, Priority, Row, State};
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
        self.row.name.rsplit_once('/').map_or(&self.row.name, |(subject, _)| subject)
    }

    /// Whether somebody has to take note.
    pub const fn waits(&self) -> bool {
        matches!(self.row.state, State::Unacknowledged | State::ReturnedUnacknowledged)
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
}

impl AlarmBoard {
    /// As it is now; `quantity` of a row's tag.
    pub(super) fn of(alarms: &mut AlarmSystem, now: Timestamp, quantity: impl Fn(&Row) -> Quantity) -> AlarmBoard {
        let line = |row: Row| AlarmLine { quantity: quantity(&row), row };
        AlarmBoard {
            lines: alarms.rows(Order::Priority).into_iter().map(line).collect(),
            aside: alarms.aside().into_iter().map(line).collect(),
            overview: alarms.overview(),
            flood: alarms.flood(now),
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
