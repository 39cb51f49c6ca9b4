//! Everything that can be asked of the live side.

use super::control::ControlCommand;
use super::orders::OrderCommand;
use crate::live::alarm::AlarmId;
use crate::session::command::Shortcut;

/// A request about live data; see [`Command::Live`](crate::session::Command::Live).
#[derive(Clone, Debug, PartialEq)]
pub enum LiveCommand {
    /// Show the field as estimated from its measurements, or the calculation of the network as drawn.
    ToggleFollow,
    /// The network as drawn is what stands in the field from now on: a plan was carried out.
    Adopt,
    /// Somebody has seen this alarm.
    Acknowledge(AlarmId),
    AcknowledgeAll,
    /// Keep an alarm quiet for so many minutes.
    Shelve {
        alarm: AlarmId,
        minutes: u32,
    },
    Unshelve(AlarmId),
    /// Signing in, and commands to the field.
    Control(ControlCommand),
    /// Dispatch orders.
    Orders(OrderCommand),
    /// Devices on this machine, driven by the network as drawn, in place of a field.
    Simulate,
    /// Stop reading the field.
    Disconnect,
}

impl LiveCommand {
    /// Every request that needs nothing further.
    pub fn palette() -> Vec<LiveCommand> {
        let mut all = vec![LiveCommand::ToggleFollow, LiveCommand::AcknowledgeAll, LiveCommand::Adopt];
        all.extend(ControlCommand::PALETTE.map(LiveCommand::Control));
        all.extend(OrderCommand::PALETTE.map(LiveCommand::Orders));
        all.extend([LiveCommand::Simulate, LiveCommand::Disconnect]);
        all
    }

    pub const fn id(&self) -> &'static str {
        match self {
            LiveCommand::ToggleFollow => "live-toggle-follow",
            LiveCommand::Adopt => "live-adopt",
            LiveCommand::Acknowledge(_) => "live-acknowledge",
            LiveCommand::AcknowledgeAll => "live-acknowledge-all",
            LiveCommand::Shelve { .. } => "live-shelve",
            LiveCommand::Unshelve(_) => "live-unshelve",
            LiveCommand::Control(command) => command.id(),
            LiveCommand::Orders(command) => command.id(),
            LiveCommand::Simulate => "live-simulate",
            LiveCommand::Disconnect => "live-disconnect",
        }
    }

    pub const fn shortcut(&self) -> Option<Shortcut> {
        match self {
            LiveCommand::ToggleFollow => Some(Shortcut { ctrl: false, shift: false, key: "V" }),
            LiveCommand::AcknowledgeAll => Some(Shortcut { ctrl: false, shift: false, key: "K" }),
            _ => None,
        }
    }
}
