//! What may be written at all, within what bounds, and why a command is refused.

use serde::{Deserialize, Serialize};

use crate::live::audit::NotRecorded;
use crate::live::{Range, TagId};

/// Leave to write one tag. A tag without a permit is never written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permit {
    pub tag: TagId,
    /// Values that may be set, in the unit of the tag's samples.
    pub range: Range,
    /// Greatest change by one command.
    pub most_step: f64,
    /// Time between two commands.
    pub least_interval_ms: i64,
    /// How near echo and reading must come to what was written, and how far the present value may have moved between
    /// selecting and operating.
    pub tolerance: f64,
    #[serde(default)]
    pub interlocks: Vec<Interlock>,
}

/// Another value that must be good and within bounds: a pump that runs, a pressure that holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interlock {
    pub tag: TagId,
    pub within: Range,
}

/// Why nothing was done.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refused {
    #[error("writing is switched off")]
    Off,
    #[error("the role may not, or the screen has locked itself")]
    NotAllowed,
    #[error("not armed")]
    NotArmed,
    #[error("the tag has no permit to be written")]
    NoPermit,
    #[error("the present value is not good, or too old")]
    NotGood,
    #[error("the value is outside what is permitted")]
    OutOfRange,
    #[error("the step is greater than permitted")]
    StepTooGreat,
    #[error("the value is what it should become already")]
    NothingToChange,
    #[error("too soon after the last command")]
    TooSoon,
    #[error("too many commands in a minute")]
    TooMany,
    #[error("an interlock stands against it")]
    Interlocked(TagId),
    #[error("somebody else has selected this device")]
    SelectedByOther,
    #[error("a command to this device is under way")]
    UnderWay,
    #[error("not selected by this user, or longer ago than 30 seconds")]
    NotSelected,
    #[error("the value has changed since it was selected")]
    Changed,
    #[error(transparent)]
    NotRecorded(#[from] NotRecorded),
}

impl Refused {
    /// The tag that stands in the way, and what the system said, for the arguments `tag` and `reason` of the sentence.
    pub fn details(&self) -> (Option<TagId>, &str) {
        match self {
            Refused::Interlocked(tag) => (Some(*tag), ""),
            Refused::NotRecorded(NotRecorded(reason)) => (None, reason),
            _ => (None, ""),
        }
    }

    /// Key of its sentence in the translation files.
    pub const fn key(&self) -> &'static str {
        match self {
            Refused::Off => "control-refused-off",
            Refused::NotAllowed => "control-refused-not-allowed",
            Refused::NotArmed => "control-refused-not-armed",
            Refused::NoPermit => "control-refused-no-permit",
            Refused::NotGood => "control-refused-not-good",
            Refused::OutOfRange => "control-refused-out-of-range",
            Refused::StepTooGreat => "control-refused-step",
            Refused::NothingToChange => "control-refused-nothing-to-change",
            Refused::TooSoon => "control-refused-too-soon",
            Refused::TooMany => "control-refused-too-many",
            Refused::Interlocked(_) => "control-refused-interlocked",
            Refused::SelectedByOther => "control-refused-selected-by-other",
            Refused::UnderWay => "control-refused-under-way",
            Refused::NotSelected => "control-refused-not-selected",
            Refused::Changed => "control-refused-changed",
            Refused::NotRecorded(_) => "control-refused-not-recorded",
        }
    }
}
