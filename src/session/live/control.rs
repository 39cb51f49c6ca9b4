//! What a person at the screen can ask about signing in and about commands to the field.

use crate::live::TagId;
use crate::live::access::Secret;

/// A step of signing in, or of a command to the field. The engine judges each of them; see [`super::guard`].
#[derive(Clone, Debug, PartialEq)]
pub enum ControlCommand {
    /// Somebody signs in, or takes off the lock of the screen.
    SignIn {
        name: String,
        password: Secret,
    },
    SignOut,
    /// The password is needed again from now on.
    Lock,
    /// Writing as a whole, off by default.
    Switch(bool),
    /// Let commands be given for five minutes.
    Arm,
    Disarm,
    /// First step of a command: show what would be done. SI.
    Select {
        tag: TagId,
        value: f64,
    },
    /// Second step: do it.
    Operate {
        number: u64,
    },
    /// Take the selection back.
    Cancel,
}

impl ControlCommand {
    /// Those that need nothing further.
    pub const PALETTE: [ControlCommand; 6] = [
        ControlCommand::SignOut,
        ControlCommand::Lock,
        ControlCommand::Switch(true),
        ControlCommand::Switch(false),
        ControlCommand::Arm,
        ControlCommand::Disarm,
    ];

    pub const fn id(&self) -> &'static str {
        match self {
            ControlCommand::SignIn { .. } => "control-sign-in",
            ControlCommand::SignOut => "control-sign-out",
            ControlCommand::Lock => "control-lock",
            ControlCommand::Switch(true) => "control-switch-on",
            ControlCommand::Switch(false) => "control-switch-off",
            ControlCommand::Arm => "control-arm",
            ControlCommand::Disarm => "control-disarm",
            ControlCommand::Select { .. } => "control-select",
            ControlCommand::Operate { .. } => "control-operate",
            ControlCommand::Cancel => "control-cancel",
        }
    }
}
