//! What may be alarmed: conditions, priorities, delays.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::live::TagId;
use crate::network::ElementRef;
use crate::text::Language;

pub use crate::live::dictionary::Urgency as Priority;

/// Handle of an alarm: its row in the list of definitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlarmId(pub u32);

impl AlarmId {
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What kind of alarm it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    HighHigh,
    High,
    Low,
    LowLow,
    Rate,
    Deviation,
    Quality,
    Communication,
    Contact,
    /// A command was not confirmed: nobody knows what the device does.
    Command,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 10] = [
        Kind::HighHigh,
        Kind::High,
        Kind::Low,
        Kind::LowLow,
        Kind::Rate,
        Kind::Deviation,
        Kind::Quality,
        Kind::Communication,
        Kind::Contact,
        Kind::Command,
    ];

    /// Key of its name in the translation files; `KEY.help`: what to do.
    pub const fn key(self) -> &'static str {
        match self {
            Kind::HighHigh => "alarms-kind-high-high",
            Kind::High => "alarms-kind-high",
            Kind::Low => "alarms-kind-low",
            Kind::LowLow => "alarms-kind-low-low",
            Kind::Rate => "alarms-kind-rate",
            Kind::Deviation => "alarms-kind-deviation",
            Kind::Quality => "alarms-kind-quality",
            Kind::Communication => "alarms-kind-communication",
            Kind::Contact => "alarms-kind-contact",
            Kind::Command => "alarms-kind-command",
        }
    }
}

/// When it is raised and when it goes. Numbers in the unit of the tag's samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Condition {
    /// Above the limit; gone at or below `limit − dead_band`.
    Above { limit: f64, dead_band: f64 },
    /// Below the limit; gone at or above `limit + dead_band`.
    Below { limit: f64, dead_band: f64 },
    /// Changes faster than this either way, from one sample to the next.
    Rate { most_per_s: f64 },
    /// Further from the model than this; gone within `most − dead_band`.
    Deviation { most: f64, dead_band: f64 },
    /// The value cannot be trusted, for another reason than the link.
    Quality,
    /// The device does not answer.
    Communication,
    /// 1.
    Contact,
    /// The program says so.
    Program,
}

impl Condition {
    /// The number that must not be passed, where there is one.
    pub const fn limit(&self) -> Option<f64> {
        match *self {
            Condition::Above { limit, .. } | Condition::Below { limit, .. } => Some(limit),
            Condition::Rate { most_per_s } => Some(most_per_s),
            Condition::Deviation { most, .. } => Some(most),
            Condition::Quality | Condition::Communication | Condition::Contact | Condition::Program => None,
        }
    }
}

/// One alarm that can be raised.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    /// Unique: `ST012.P1/low-low`.
    pub name: Arc<str>,
    pub kind: Kind,
    pub condition: Condition,
    pub tag: Option<TagId>,
    /// Device of the tag, or the one whose link is watched.
    pub device: Arc<str>,
    pub element: Option<ElementRef>,
    pub priority: Priority,
    /// The condition must last so long.
    pub on_delay_ms: i64,
    /// And be gone so long.
    pub off_delay_ms: i64,
    /// Row of the standard's alarm lists that asks for it: `A.0.5 1.2`.
    pub clause: Option<Arc<str>>,
}

impl Definition {
    /// The tag or device it is about.
    pub fn subject(&self) -> &str {
        subject(&self.name)
    }

    /// What a person reads: what it is about and what is wrong with it.
    pub fn title(&self, language: Language) -> String {
        format!("{} {}", self.subject(), language.texts().get(self.kind.key()))
    }

    /// What to do about it.
    pub fn advice(&self, language: Language) -> String {
        language.texts().get(&format!("{}.help", self.kind.key())).into_owned()
    }
}

/// The tag or device that the alarm of a name is about.
pub fn subject(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(subject, _)| subject)
}

/// While a cause stands, its effects are no news: suppression by design.
///
/// Of several causes the first to come (first-out) is announced; the others and the effects that come while it stands are
/// suppressed. What was announced before stays. Suppressed alarms that outlast the cause are announced then.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rule {
    pub causes: Vec<AlarmId>,
    pub effects: Vec<AlarmId>,
}
