//! The file of users: names, roles, password hashes. No password stands in it, and nobody but its owner may read it.
//!
//! Passwords are hashed with argon2id (RFC 9106) and a salt of their own: 19 MiB, 2 passes, 1 lane; for administrators
//! 64 MiB, 3 passes, 4 lanes. Five wrong passwords in a row lock a user out for a quarter of an hour, counted in the file so
//! that a restart does not forget it. An unknown name takes as long to refuse as a known one. The file is replaced whole
//! ([`save`]), so that a crash leaves the old or the new one.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, PasswordHash, Version};
use serde::{Deserialize, Serialize};

use super::{IoError, Problem, save};
use crate::live::Timestamp;
use crate::live::access::{Role, Sitting};

/// Wrong passwords in a row that lock a user out.
pub const FAILURES: u32 = 5;
/// For how long.
pub const LOCKED_OUT_MS: i64 = 15 * 60_000;
/// Fewest characters of a password; of an administrator's.
pub const LEAST_LENGTH: (usize, usize) = (10, 14);
/// More than any password: what is longer is a mistake, and would take long to hash.
const MOST_LENGTH: usize = 1024;

/// A user as the file has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    pub name: String,
    pub role: Role,
    /// `$argon2id$v=19$…`
    password: String,
    pub since: Timestamp,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failures: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked_until: Option<Timestamp>,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    version: u32,
    users: Vec<User>,
}

const VERSION: u32 = 1;

/// Why nobody was signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Name or password is wrong; which of them is not told.
    Wrong,
    LockedOut {
        until: Timestamp,
    },
}

impl Denied {
    /// Key of its sentence in the translation files.
    pub const fn key(&self) -> &'static str {
        match self {
            Denied::Wrong => "users-wrong",
            Denied::LockedOut { .. } => "users-locked-out",
        }
    }
}

/// The users of an installation.
#[derive(Debug)]
pub struct Users {
    path: PathBuf,
    list: Vec<User>,
}

impl Users {
    /// Reads the file; without one there are no users yet. Refused where others than the owner may read it.
    pub fn open(path: &Path) -> Result<Users, IoError> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(IoError::system(path, &error)),
        };
        check_private(path)?;
        // Just made, and the program was killed before the first user stood in it.
        let stored = if bytes.is_empty() {
            Stored { version: VERSION, users: Vec::new() }
        } else {
            serde_json::from_slice::<Stored>(&bytes)
                .map_err(|error| IoError::from(Problem::new(path, "users-unreadable").with("reason", error)))?
        };
        if stored.version != VERSION {
            return Err(Problem::new(path, "users-version").with("version", stored.version).into());
        }
        Ok(Users { path: path.to_owned(), list: stored.users })
    }

    /// In the order of names.
    pub fn list(&self) -> &[User] {
        &self.list
    }

    pub fn get(&self, name: &str) -> Option<&User> {
        self.list.iter().find(|user| user.name == name)
    }

    fn get_mut(&mut self, name: &str) -> Result<&mut User, IoError> {
        let unknown = Problem::new(&self.path, "users-unknown").with("name", name);
        self.list.iter_mut().find(|user| user.name == name).ok_or_else(|| unknown.into())
    }

    /// Adds a user. The first one must be an administrator.
    pub fn add(&mut self, name: &str, role: Role, password: &str, now: Timestamp) -> Result<(), IoError> {
        self.reload()?;
        let strange = |c: char| c.is_whitespace() || c.is_control() || c == '/';
        if name.is_empty() || name.chars().count() > 64 || name.contains(strange) {
            return Err(self.problem("users-bad-name", name));
        }
        if self.get(name).is_some() {
            return Err(self.problem("users-taken", name));
        }
        if self.list.is_empty() && role != Role::Administrator {
            return Err(self.problem("users-first", name));
        }
        let password = self.hash(name, role, password)?;
        let user = User { name: name.to_owned(), role, password, since: now, failures: 0, locked_until: None };
        self.list.push(user);
        self.list.sort_by(|a, b| a.name.cmp(&b.name));
        self.save()
    }

    /// Takes a user off the list. The last administrator stays.
    pub fn remove(&mut self, name: &str) -> Result<(), IoError> {
        self.reload()?;
        self.get_mut(name)?;
        self.keep_an_administrator(name, None)?;
        self.list.retain(|user| user.name != name);
        self.save()
    }

    /// Gives a user another role. Who becomes an administrator needs a password that is hashed and long enough for one,
    /// so a new one is set with it.
    pub fn set_role(&mut self, name: &str, role: Role, password: Option<&str>) -> Result<(), IoError> {
        self.reload()?;
        let before = self.get_mut(name)?.role;
        self.keep_an_administrator(name, Some(role))?;
        let hash = match password {
            Some(password) => Some(self.hash(name, role, password)?),
            None if role == Role::Administrator && before != role => {
                return Err(self.problem("users-password-needed", name));
            }
            None => None,
        };
        let user = self.get_mut(name)?;
        user.role = role;
        if let Some(hash) = hash {
            user.password = hash;
        }
        self.save()
    }

    /// Gives a user another password, and lets a locked-out one in again.
    pub fn set_password(&mut self, name: &str, password: &str) -> Result<(), IoError> {
        self.reload()?;
        let role = self.get_mut(name)?.role;
        let hash = self.hash(name, role, password)?;
        let user = self.get_mut(name)?;
        user.password = hash;
        user.failures = 0;
        user.locked_until = None;
        self.save()
    }

    /// Somebody signs in. Failures are counted on disk before they are answered.
    pub fn sign_in(&mut self, name: &str, password: &str, now: Timestamp) -> Result<Result<Sitting, Denied>, IoError> {
        self.reload()?;
        let Some(user) = self.list.iter_mut().find(|user| user.name == name) else {
            // As long as with a name that is known.
            let _ = argon2(Role::Viewer).map(|argon2| argon2.hash_password_with_salt(password.as_bytes(), &[0; 16]));
            return Ok(Err(Denied::Wrong));
        };
        let before = (user.failures, user.locked_until);
        if let Some(until) = user.locked_until {
            if now < until {
                return Ok(Err(Denied::LockedOut { until }));
            }
            user.locked_until = None;
            user.failures = 0;
        }
        let known = password.len() <= MOST_LENGTH
            && PasswordHash::new(&user.password)
                .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
        if known {
            let sitting = Sitting::begin(name, user.role, now);
            user.failures = 0;
            if before != (0, None) {
                self.save()?;
            }
            return Ok(Ok(sitting));
        }
        user.failures += 1;
        let denied = if user.failures >= FAILURES {
            let until = now.plus_ms(LOCKED_OUT_MS);
            user.locked_until = Some(until);
            Denied::LockedOut { until }
        } else {
            Denied::Wrong
        };
        self.save()?;
        Ok(Err(denied))
    }

    fn keep_an_administrator(&self, name: &str, role: Option<Role>) -> Result<(), IoError> {
        let administrator = |user: &&User| user.role == Role::Administrator && user.name != name;
        let stays = role == Some(Role::Administrator) || self.list.iter().any(|user| administrator(&user));
        let was = self.get(name).is_some_and(|user| user.role == Role::Administrator);
        if was && !stays { Err(self.problem("users-last-administrator", name)) } else { Ok(()) }
    }

    fn hash(&self, name: &str, role: Role, password: &str) -> Result<String, IoError> {
        let least = if role == Role::Administrator { LEAST_LENGTH.1 } else { LEAST_LENGTH.0 };
        if password.chars().count() < least || password.len() > MOST_LENGTH {
            let problem = Problem::new(&self.path, "users-weak").with("name", name).with("least", least);
            return Err(problem.into());
        }
        if password.to_lowercase().contains(&name.to_lowercase()) {
            return Err(self.problem("users-password-is-name", name));
        }
        let failed = |reason: String| IoError::from(Problem::new(&self.path, "io-system").with("reason", reason));
        let argon2 = argon2(role).map_err(|error| failed(error.to_string()))?;
        let hash = argon2.hash_password(password.as_bytes()).map_err(|error| failed(error.to_string()))?;
        Ok(hash.to_string())
    }

    fn problem(&self, key: &'static str, name: &str) -> IoError {
        Problem::new(&self.path, key).with("name", name).into()
    }

    /// Takes in what another program changed since.
    fn reload(&mut self) -> Result<(), IoError> {
        self.list = Users::open(&self.path)?.list;
        Ok(())
    }

    fn save(&self) -> Result<(), IoError> {
        // The file is there, and private, before anything stands in it; replacing it keeps its permissions.
        let mut options = OpenOptions::new();
        options.write(true).create(true);
        super::audit::private(&mut options);
        options.open(&self.path).map_err(|error| IoError::system(&self.path, &error))?;
        let stored = Stored { version: VERSION, users: self.list.clone() };
        let json = serde_json::to_vec_pretty(&stored)
            .map_err(|error| IoError::from(Problem::new(&self.path, "io-system").with("reason", error)))?;
        save::atomic(&self.path, &json)
    }
}

/// OWASP's least for argon2id, and three times as much for those who may do everything.
fn argon2(role: Role) -> argon2::Result<Argon2<'static>> {
    let (memory_kib, passes, lanes) = if role == Role::Administrator { (64 * 1024, 3, 4) } else { (19 * 1024, 2, 1) };
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(memory_kib, passes, lanes, None)?))
}

#[cfg(unix)]
fn check_private(path: &Path) -> Result<(), IoError> {
    use std::os::unix::fs::PermissionsExt;
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.permissions().mode() & 0o077 != 0 => {
            Err(Problem::new(path, "users-not-private").into())
        }
        _ => Ok(()),
    }
}

/// Elsewhere the folder of the user's own settings keeps others out.
#[cfg(not(unix))]
fn check_private(_path: &Path) -> Result<(), IoError> {
    Ok(())
}
