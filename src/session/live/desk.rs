//! Who sits at the screen and what stands of commands to the field, as plain data to be shown.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::live::access::{Right, Role};
use crate::live::control::{Permit, Selection};
use crate::live::{TagId, Timestamp};
use crate::session::message::Message;

/// Somebody signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    pub user: String,
    pub role: Role,
    /// The password is needed again.
    pub locked: bool,
    /// Until when commands may be given.
    pub armed_until: Option<Timestamp>,
}

/// Whether people are told apart at this screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Door {
    /// There is no file of users: whoever is there may answer alarms, and nobody may write.
    #[default]
    Open,
    /// Who wants to act signs in.
    Guarded,
}

/// What came of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Echoed and read back.
    Confirmed,
    /// Nothing was written.
    Refused,
    /// Nobody knows what the device does: an alarm.
    NotConfirmed,
}

/// The last command to a tag, and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub at: Timestamp,
    pub user: String,
    /// What was to be written, SI.
    pub value: f64,
    pub end: End,
    /// Why, where it was refused or not confirmed.
    pub why: Option<Message>,
}

/// The desk as it stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ControlDesk {
    pub door: Door,
    pub seat: Option<Seat>,
    /// A password is being checked.
    pub signing_in: bool,
    /// Why nobody was signed in the last time.
    pub denied: Option<Message>,
    /// Why nothing can be written at all: no users, no audit log, nothing that may be written.
    pub off: Option<Message>,
    /// Whether an engineer has switched writing on.
    pub on: bool,
    /// What may be written, and within what bounds.
    pub permits: Arc<BTreeMap<TagId, Permit>>,
    /// What is selected and waits for the second step.
    pub selection: Option<Selection>,
    /// A selection whose effect is being calculated.
    pub selecting: Option<TagId>,
    /// Written, and not read back yet.
    pub under_way: Vec<TagId>,
    /// By tag, the last command.
    pub told: BTreeMap<TagId, Told>,
}

impl ControlDesk {
    /// Whether who sits here may do this now.
    pub fn may(&self, right: Right) -> bool {
        match (&self.seat, self.door) {
            (Some(seat), _) => !seat.locked && seat.role.may(right),
            (None, Door::Open) => {
                matches!(right, Right::View | Right::Acknowledge | Right::Shelve | Right::Adopt | Right::Orders)
            }
            (None, Door::Guarded) => right == Right::View,
        }
    }

    /// Whether who sits here is armed.
    pub fn is_armed(&self, now: Timestamp) -> bool {
        self.seat.as_ref().and_then(|seat| seat.armed_until).is_some_and(|until| now < until)
    }
}
