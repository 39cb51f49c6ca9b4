//! Who may do what, and when a screen locks itself.
//!
//! Clause 8.0.12 of DB22/T (urban smart heating) asks for roles with graded rights. Passwords and the file of users are in
//! `io`.

use serde::{Deserialize, Serialize};

use super::Timestamp;

/// What a user is, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Looks.
    Viewer,
    /// Runs the network: alarms and set-points.
    Dispatcher,
    /// Keeps it in order: instruments, alarm settings, permits to write.
    Engineer,
    /// Keeps the users.
    Administrator,
}

/// Something that needs a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Right {
    View,
    Acknowledge,
    Shelve,
    /// Say that the network as drawn is what stands in the field.
    Adopt,
    /// Issue dispatch orders, and enter what becomes of them.
    Orders,
    /// Arm, select and operate.
    Write,
    OutOfService,
    /// Alarm definitions, device maps, permits.
    Configure,
    /// Switch the writing of set-points on or off as a whole.
    EnableWriting,
    ManageUsers,
}

impl Role {
    /// Every role, least first.
    pub const ALL: [Role; 4] = [Role::Viewer, Role::Dispatcher, Role::Engineer, Role::Administrator];

    /// Whether it has a right. Rights are graded: each role has those of the ones below.
    pub fn may(self, right: Right) -> bool {
        let least = match right {
            Right::View => Role::Viewer,
            Right::Acknowledge | Right::Shelve | Right::Adopt | Right::Orders | Right::Write => Role::Dispatcher,
            Right::OutOfService | Right::Configure | Right::EnableWriting => Role::Engineer,
            Right::ManageUsers => Role::Administrator,
        };
        self >= least
    }

    /// The word in files and on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Dispatcher => "dispatcher",
            Role::Engineer => "engineer",
            Role::Administrator => "administrator",
        }
    }

    /// Key of its name in the translation files.
    pub const fn key(self) -> &'static str {
        match self {
            Role::Viewer => "role-viewer",
            Role::Dispatcher => "role-dispatcher",
            Role::Engineer => "role-engineer",
            Role::Administrator => "role-administrator",
        }
    }
}

/// A password on its way from the person to where it is checked. It is never printed, not even for finding mistakes.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The password itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Time without any action after which a screen asks for the password again.
pub const IDLE_LOCK_MS: i64 = 15 * 60_000;

/// Somebody signed in at a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sitting {
    pub user: String,
    pub role: Role,
    last_action: Timestamp,
    locked: bool,
}

impl Sitting {
    /// After a right password.
    pub fn begin(user: impl Into<String>, role: Role, now: Timestamp) -> Sitting {
        Sitting { user: user.into(), role, last_action: now, locked: false }
    }

    /// An action of the user; refused (`false`) where the screen has locked itself.
    pub fn touch(&mut self, now: Timestamp) -> bool {
        if self.is_locked(now) {
            self.locked = true;
            return false;
        }
        self.last_action = self.last_action.max(now);
        true
    }

    /// Locks at once.
    pub fn lock(&mut self) {
        self.locked = true;
    }

    /// Whether the password is needed again. A clock set back does not unlock.
    pub fn is_locked(&self, now: Timestamp) -> bool {
        self.locked || now.ms_since(self.last_action) >= IDLE_LOCK_MS
    }

    /// After the right password of the same user.
    pub fn unlock(&mut self, now: Timestamp) {
        self.locked = false;
        self.last_action = now;
    }

    /// Whether the user may do this now.
    pub fn may(&self, right: Right, now: Timestamp) -> bool {
        !self.is_locked(now) && self.role.may(right)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_graded() {
        let rights = [
            Right::View,
            Right::Acknowledge,
            Right::Shelve,
            Right::Adopt,
            Right::Orders,
            Right::Write,
            Right::OutOfService,
            Right::Configure,
            Right::EnableWriting,
            Right::ManageUsers,
        ];
        for right in rights {
            let mut had = false;
            for role in Role::ALL {
                assert!(!had || role.may(right), "{right:?}: {role:?} has less than the one below");
                had = role.may(right);
            }
            assert!(had);
        }
        assert!(!Role::Viewer.may(Right::Acknowledge) && !Role::Engineer.may(Right::ManageUsers));
    }

    #[test]
    fn a_secret_is_never_printed() {
        let secret = Secret::new("cold return 55");
        assert!(!format!("{secret:?} {:#?}", Some(&secret)).contains("return"));
        assert_eq!(secret.reveal(), "cold return 55");
    }

    #[test]
    fn an_idle_screen_locks_and_stays_locked() {
        let at = Timestamp::from_ms;
        let mut sitting = Sitting::begin("li", Role::Dispatcher, at(0));
        assert!(sitting.touch(at(IDLE_LOCK_MS - 1)));
        assert!(sitting.may(Right::Write, at(2 * IDLE_LOCK_MS - 2)));
        assert!(!sitting.touch(at(2 * IDLE_LOCK_MS - 1)));
        assert!(!sitting.touch(at(0)), "a clock set back unlocks nothing");
        sitting.unlock(at(3 * IDLE_LOCK_MS));
        assert!(
            sitting.may(Right::Shelve, at(3 * IDLE_LOCK_MS)) && !sitting.may(Right::ManageUsers, at(3 * IDLE_LOCK_MS))
        );
    }
}
