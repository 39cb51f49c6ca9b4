//! The states of an alarm after ISA-18.2 (IEC 62682), and what happens to it.

use serde::{Deserialize, Serialize};

use super::definition::AlarmId;
use crate::live::Timestamp;

/// State of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nothing to say.
    Normal,
    /// In alarm, nobody has taken note.
    Unacknowledged,
    /// In alarm, somebody has.
    Acknowledged,
    /// Gone before anybody took note.
    ReturnedUnacknowledged,
    /// Put aside by an operator for a time.
    Shelved,
    /// Put aside by a rule.
    SuppressedByDesign,
    /// Put aside for maintenance.
    OutOfService,
}

impl State {
    /// Every state.
    pub const ALL: [State; 7] = [
        State::Normal,
        State::Unacknowledged,
        State::Acknowledged,
        State::ReturnedUnacknowledged,
        State::Shelved,
        State::SuppressedByDesign,
        State::OutOfService,
    ];

    /// Key of its name in the translation files.
    pub const fn key(self) -> &'static str {
        match self {
            State::Normal => "alarms-state-normal",
            State::Unacknowledged => "alarms-state-unacknowledged",
            State::Acknowledged => "alarms-state-acknowledged",
            State::ReturnedUnacknowledged => "alarms-state-returned",
            State::Shelved => "alarms-state-shelved",
            State::SuppressedByDesign => "alarms-state-suppressed",
            State::OutOfService => "alarms-state-out-of-service",
        }
    }

    /// Whether somebody has to take note.
    pub const fn waits(self) -> bool {
        matches!(self, State::Unacknowledged | State::ReturnedUnacknowledged)
    }

    /// Whether it is shown in the list of alarms.
    pub const fn is_announced(self) -> bool {
        matches!(self, State::Unacknowledged | State::Acknowledged | State::ReturnedUnacknowledged)
    }

    /// Whether somebody or a rule has put it aside.
    pub const fn is_hidden(self) -> bool {
        matches!(self, State::Shelved | State::SuppressedByDesign | State::OutOfService)
    }

    /// Whether one event may lead from this state to another one.
    pub const fn may_become(self, next: State) -> bool {
        use State::{
            Acknowledged, Normal, OutOfService, ReturnedUnacknowledged, Shelved, SuppressedByDesign, Unacknowledged,
        };
        match (self, next) {
            (Normal, Unacknowledged | SuppressedByDesign)
            | (Unacknowledged, Acknowledged | ReturnedUnacknowledged)
            | (Acknowledged, Normal)
            | (ReturnedUnacknowledged, Unacknowledged | Normal)
            // Back from aside: in alarm still, or no longer, or a rule holds it.
            | (Shelved | OutOfService, Normal | Unacknowledged | SuppressedByDesign)
            | (SuppressedByDesign, Normal | Unacknowledged) => true,
            // From any state into these two; out of service is stronger.
            (OutOfService, Shelved) => false,
            (from, Shelved) => !matches!(from, Shelved),
            (from, OutOfService) => !matches!(from, OutOfService),
            _ => false,
        }
    }
}

/// What happened to an alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Happening {
    /// The condition came.
    Raised,
    /// The condition went.
    Cleared,
    Acknowledged {
        user: String,
        comment: String,
    },
    Shelved {
        user: String,
        until: Timestamp,
        reason: String,
    },
    /// Taken back by a person.
    Unshelved {
        user: String,
    },
    /// The time was over.
    ShelfEnded,
    Suppressed {
        by: AlarmId,
    },
    Unsuppressed,
    RemovedFromService {
        user: String,
        reason: String,
    },
    ReturnedToService {
        user: String,
    },
}

impl Happening {
    /// Key of its name in the translation files.
    pub const fn key(&self) -> &'static str {
        match self {
            Happening::Raised => "alarms-event-raised",
            Happening::Cleared => "alarms-event-cleared",
            Happening::Acknowledged { .. } => "alarms-event-acknowledged",
            Happening::Shelved { .. } => "alarms-event-shelved",
            Happening::Unshelved { .. } => "alarms-event-unshelved",
            Happening::ShelfEnded => "alarms-event-shelf-ended",
            Happening::Suppressed { .. } => "alarms-event-suppressed",
            Happening::Unsuppressed => "alarms-event-unsuppressed",
            Happening::RemovedFromService { .. } => "alarms-event-removed-from-service",
            Happening::ReturnedToService { .. } => "alarms-event-returned-to-service",
        }
    }
}

/// An entry of the journal. `from` = `to` where the condition changed behind a shelf, a rule or maintenance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Counts every event of this system from 1.
    pub number: u64,
    pub alarm: AlarmId,
    /// When it happened in the field, to the millisecond: the order of events is by this.
    pub at: Timestamp,
    /// When it was known here.
    pub seen: Timestamp,
    pub what: Happening,
    pub from: State,
    pub to: State,
    /// The value that caused it; `None` for what people and rules do, and where there is none.
    pub value: Option<f64>,
}

/// Why a command was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no such alarm")]
    Unknown,
    #[error("there is nothing to acknowledge")]
    NothingToAcknowledge,
    #[error("say why")]
    NoReason,
    #[error("say who you are")]
    NoUser,
    #[error("a shelf lasts from 15 minutes to 8 hours")]
    ShelfTime,
    #[error("it is aside already")]
    AlreadyAside,
    #[error("it is not aside")]
    NotAside,
}

impl Refusal {
    /// Every refusal.
    pub const ALL: [Refusal; 7] = [
        Refusal::Unknown,
        Refusal::NothingToAcknowledge,
        Refusal::NoReason,
        Refusal::NoUser,
        Refusal::ShelfTime,
        Refusal::AlreadyAside,
        Refusal::NotAside,
    ];

    /// Key of its sentence in the translation files.
    pub const fn key(self) -> &'static str {
        match self {
            Refusal::Unknown => "alarms-refused-unknown",
            Refusal::NothingToAcknowledge => "alarms-refused-nothing-to-acknowledge",
            Refusal::NoReason => "alarms-refused-no-reason",
            Refusal::NoUser => "alarms-refused-no-user",
            Refusal::ShelfTime => "alarms-refused-shelf-time",
            Refusal::AlreadyAside => "alarms-refused-already-aside",
            Refusal::NotAside => "alarms-refused-not-aside",
        }
    }
}
