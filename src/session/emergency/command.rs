//! Everything that can be asked in an emergency and in a rehearsal.

use std::path::PathBuf;

use crate::emergency::burst::Hole;
use crate::emergency::response::Merit;
use crate::network::ElementRef;
use crate::session::command::Shortcut;

/// A request; see [`Command::Emergency`](crate::session::Command::Emergency).
#[derive(Clone, Debug, PartialEq)]
pub enum EmergencyCommand {
    /// The selected pipe, valve or pump bursts where it was pointed at.
    BurstHere,
    /// It bursts as well as what has burst already.
    BurstAlso,
    /// A crew found that this valve does not move: plan without it.
    DoesNotMove(ElementRef),
    /// A crew reports this valve shut.
    IsShut(ElementRef),
    /// Takes back what was reported of a valve.
    TakeBack(ElementRef),
    /// Work out the plan with this merit.
    Choose(Merit),
    /// Plan anew for the network as it is now.
    Replan,
    /// Make the plan's edits in the network, as one step.
    CarryOut,
    /// The same with the first so many actions of re-supply.
    CarryOutSteps(usize),
    Show(Card),
    /// The hole of the so-manieth break; the plan is made anew.
    SetHole(usize, Hole),
    /// How many crews there are; the plan is made anew.
    SetCrews(usize),
    /// Begin the incident's file now, not only with the first report.
    KeepLog,
    /// Take part in the incident of this file.
    OpenLog(PathBuf),
    /// The headline over the whole width, to be read from far.
    ToggleBanner,
    /// Look at the whole zone.
    Frame,
    /// Print the report as a PDF and keep the log beside it.
    Report,
    /// Leave the emergency; the network stays as it is.
    Close,
    /// The selected pipe bursts, and the user decides alone.
    Rehearse,
    /// Any main bursts.
    RehearseAny,
    /// In a rehearsal: send somebody to close this valve, or call them back.
    Order(ElementRef),
    PlayPause,
    /// Minutes of the rehearsal in a second of the beholder.
    Speed(f64),
    /// Compare with the plan.
    EndRehearsal,
}

/// A card of the emergency panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Card {
    #[default]
    Close,
    Users,
    Rooms,
    Resupply,
    Restore,
    Others,
    Log,
}

impl Card {
    pub const ALL: [Card; 7] =
        [Card::Close, Card::Users, Card::Rooms, Card::Resupply, Card::Restore, Card::Others, Card::Log];

    pub const fn word(self) -> &'static str {
        match self {
            Card::Close => "close",
            Card::Users => "users",
            Card::Rooms => "rooms",
            Card::Resupply => "resupply",
            Card::Restore => "restore",
            Card::Others => "others",
            Card::Log => "log",
        }
    }
}

/// Speeds of a rehearsal offered: minutes in a second.
pub const SPEEDS: [f64; 4] = [0.25, 1.0, 4.0, 10.0];

const fn key(shift: bool, key: &'static str) -> Option<Shortcut> {
    Some(Shortcut { ctrl: false, shift, key })
}

impl EmergencyCommand {
    /// Every request that needs nothing further.
    pub const PALETTE: [EmergencyCommand; 13] = [
        EmergencyCommand::BurstHere,
        EmergencyCommand::BurstAlso,
        EmergencyCommand::Replan,
        EmergencyCommand::CarryOut,
        EmergencyCommand::Frame,
        EmergencyCommand::ToggleBanner,
        EmergencyCommand::KeepLog,
        EmergencyCommand::Report,
        EmergencyCommand::Close,
        EmergencyCommand::Rehearse,
        EmergencyCommand::RehearseAny,
        EmergencyCommand::PlayPause,
        EmergencyCommand::EndRehearsal,
    ];

    pub const fn id(&self) -> &'static str {
        match self {
            EmergencyCommand::BurstHere => "burst-here",
            EmergencyCommand::BurstAlso => "burst-also",
            EmergencyCommand::DoesNotMove(_) => "does-not-move",
            EmergencyCommand::IsShut(_) => "is-shut",
            EmergencyCommand::TakeBack(_) => "take-back",
            EmergencyCommand::Choose(_) => "choose-plan",
            EmergencyCommand::Replan => "replan",
            EmergencyCommand::CarryOut => "carry-out",
            EmergencyCommand::CarryOutSteps(_) => "carry-out-steps",
            EmergencyCommand::Show(_) => "show-card",
            EmergencyCommand::SetHole(..) => "set-hole",
            EmergencyCommand::SetCrews(_) => "set-crews",
            EmergencyCommand::KeepLog => "keep-log",
            EmergencyCommand::OpenLog(_) => "open-log",
            EmergencyCommand::ToggleBanner => "toggle-banner",
            EmergencyCommand::Frame => "frame-zone",
            EmergencyCommand::Report => "emergency-report",
            EmergencyCommand::Close => "close-emergency",
            EmergencyCommand::Rehearse => "rehearse",
            EmergencyCommand::RehearseAny => "rehearse-any",
            EmergencyCommand::Order(_) => "order-valve",
            EmergencyCommand::PlayPause => "rehearsal-play-pause",
            EmergencyCommand::Speed(_) => "rehearsal-speed",
            EmergencyCommand::EndRehearsal => "rehearsal-end",
        }
    }

    pub const fn shortcut(&self) -> Option<Shortcut> {
        match self {
            EmergencyCommand::BurstHere => key(false, "E"),
            EmergencyCommand::BurstAlso => key(true, "E"),
            EmergencyCommand::Frame => key(false, "Z"),
            EmergencyCommand::ToggleBanner => key(false, "F11"),
            EmergencyCommand::Rehearse => key(false, "D"),
            EmergencyCommand::RehearseAny => key(true, "D"),
            EmergencyCommand::PlayPause => key(false, "P"),
            _ => None,
        }
    }
}
