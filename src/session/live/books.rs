//! Where people and what they do are kept: the file of users, and the audit log as the engine writes it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::io::audit::AuditLog;
use crate::io::users::Users;
use crate::io::{IoError, Problem};
use crate::live::audit::{Deed, Ledger, NotRecorded};
use crate::text::Language;

/// Where people and their acts are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Books {
    /// The file of users.
    pub users: PathBuf,
    /// The audit log.
    pub audit: PathBuf,
}

impl Books {
    /// With the audit log beside the users, where no other is named.
    pub fn new(users: PathBuf, audit: Option<PathBuf>) -> Books {
        let audit = audit.unwrap_or_else(|| users.with_file_name("audit.log"));
        Books { users, audit }
    }

    /// Refused where they cannot be used: so that it is said where they were named.
    pub fn check(&self) -> Result<(), IoError> {
        if Users::open(&self.users)?.list().is_empty() {
            return Err(Problem::new(&self.users, "users-file-empty").into());
        }
        AuditLog::open(&self.audit).map(|_| ())
    }
}

/// The audit log, opened anew as long as it cannot be.
pub(super) struct Log {
    path: PathBuf,
    open: Option<AuditLog>,
    /// Why the last record could not be written.
    pub wrong: Option<String>,
    language: Language,
    /// What is done now is done for this dispatch order.
    order: Option<u64>,
    /// The dispatch orders of commands that are not ended yet, by what stands as their number.
    orders: BTreeMap<String, u64>,
}

impl Log {
    pub fn new(path: PathBuf, language: Language) -> Log {
        let mut log = Log { path, open: None, wrong: None, language, order: None, orders: BTreeMap::new() };
        log.wrong = log.with(|_| Ok(())).err();
        log
    }

    /// From now on records bear the number of this dispatch order, and so do later ones of the same commands.
    pub fn for_order(&mut self, order: Option<u64>) {
        self.order = order;
    }

    /// With the dispatch order it was done for.
    fn marked(&mut self, deed: &Deed) -> Deed {
        let command = deed.details.get("number").cloned();
        if let Some((order, command)) = self.order.zip(command.clone()) {
            self.orders.insert(command, order);
        }
        let order = self.order.or_else(|| self.orders.get(command.as_deref()?).copied());
        if let Some(command) = command.filter(|_| matches!(deed.action.as_str(), "confirmed" | "not-confirmed")) {
            self.orders.remove(&command);
        }
        match order {
            Some(order) => deed.clone().with("order", order),
            None => deed.clone(),
        }
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut AuditLog) -> Result<T, IoError>) -> Result<T, String> {
        let opened = match self.open.take() {
            Some(open) => Ok(open),
            None => AuditLog::open(&self.path),
        };
        opened.and_then(|open| act(self.open.insert(open))).map_err(|error| error.text(self.language))
    }
}

impl Ledger for Log {
    fn record(&mut self, deed: &Deed) -> Result<(), NotRecorded> {
        let deed = self.marked(deed);
        let recorded = self.with(|log| log.append(&deed).map(|_| ()));
        self.wrong = recorded.as_ref().err().cloned();
        recorded.map_err(NotRecorded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_audit_log_lies_beside_the_users_unless_another_is_named() {
        let users = PathBuf::from("/etc/hypocaust/users.json");
        assert_eq!(Books::new(users.clone(), None).audit, PathBuf::from("/etc/hypocaust/audit.log"));
        let other = Some(PathBuf::from("/var/log/a.log"));
        assert_eq!(Books::new(users, other).audit, PathBuf::from("/var/log/a.log"));
    }
}
