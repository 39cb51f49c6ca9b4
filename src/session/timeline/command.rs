//! Everything that can be asked of time: runs and the playhead.

use super::order::RunOrder;
use crate::session::command::Shortcut;

/// A request about time; see [`Command::Time`](crate::session::Command::Time).
#[derive(Clone, Debug, PartialEq)]
pub enum TimeCommand {
    /// Compute these hours.
    Run(RunOrder),
    /// Compute the coldest night of a winter that fits the network.
    RunNight,
    /// The hours shown once more, with the network as it is now.
    RunAgain,
    /// From the playhead on with the network as it is now.
    RunOn,
    /// Give up the run under way; what has been computed stays.
    Stop,
    /// Back to the steady state.
    Close,
    PlayPause,
    /// Seconds of the night in one of the beholder.
    SetSpeed(f64),
    Faster,
    Slower,
    /// Put the playhead there (calendar seconds).
    Scrub(f64),
    StepBack,
    StepForward,
    HourBack,
    HourForward,
    ToStart,
    /// To the newest moment computed.
    ToEnd,
}

/// Speeds offered: seconds of the night in one of the beholder.
pub const SPEEDS: [f64; 4] = [1.0, 60.0, 600.0, 3600.0];

const fn key(shift: bool, key: &'static str) -> Option<Shortcut> {
    Some(Shortcut { ctrl: false, shift, key })
}

impl TimeCommand {
    /// Every request that needs nothing further.
    pub const PALETTE: [TimeCommand; 14] = [
        TimeCommand::RunNight,
        TimeCommand::RunAgain,
        TimeCommand::RunOn,
        TimeCommand::Stop,
        TimeCommand::Close,
        TimeCommand::PlayPause,
        TimeCommand::Faster,
        TimeCommand::Slower,
        TimeCommand::StepBack,
        TimeCommand::StepForward,
        TimeCommand::HourBack,
        TimeCommand::HourForward,
        TimeCommand::ToStart,
        TimeCommand::ToEnd,
    ];

    pub const fn id(&self) -> &'static str {
        match self {
            TimeCommand::Run(_) => "time-run",
            TimeCommand::RunNight => "time-run-night",
            TimeCommand::RunAgain => "time-run-again",
            TimeCommand::RunOn => "time-run-on",
            TimeCommand::Stop => "time-stop",
            TimeCommand::Close => "time-close",
            TimeCommand::PlayPause => "time-play-pause",
            TimeCommand::SetSpeed(_) => "time-set-speed",
            TimeCommand::Faster => "time-faster",
            TimeCommand::Slower => "time-slower",
            TimeCommand::Scrub(_) => "time-scrub",
            TimeCommand::StepBack => "time-step-back",
            TimeCommand::StepForward => "time-step-forward",
            TimeCommand::HourBack => "time-hour-back",
            TimeCommand::HourForward => "time-hour-forward",
            TimeCommand::ToStart => "time-to-start",
            TimeCommand::ToEnd => "time-to-end",
        }
    }

    pub const fn shortcut(&self) -> Option<Shortcut> {
        match self {
            TimeCommand::RunNight => key(false, "F9"),
            TimeCommand::PlayPause => key(false, "Space"),
            TimeCommand::Faster => key(false, "Period"),
            TimeCommand::Slower => key(false, "Comma"),
            TimeCommand::StepBack => key(false, "Left"),
            TimeCommand::StepForward => key(false, "Right"),
            TimeCommand::HourBack => key(true, "Left"),
            TimeCommand::HourForward => key(true, "Right"),
            TimeCommand::ToStart => key(true, "Home"),
            TimeCommand::ToEnd => key(true, "End"),
            _ => None,
        }
    }
}
