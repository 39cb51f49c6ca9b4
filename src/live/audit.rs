//! What people (and the program in their name) do, as records. The chained log on disk is in `io`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::access::Role;

/// Something done, about to be done, or refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    pub at: Timestamp,
    /// Who; `program` where nobody asked for it.
    pub user: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// What: `select`, `operate`, `acknowledge`, `user-add` …
    pub action: String,
    /// To what: a tag, an alarm, a user. Empty where it concerns the whole.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// Whatever else is worth knowing: values, reasons, outcomes. Never a secret.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, String>,
}

impl Deed {
    pub fn new(at: Timestamp, user: impl Into<String>, action: impl Into<String>, subject: impl Into<String>) -> Deed {
        Deed {
            at,
            user: user.into(),
            role: None,
            action: action.into(),
            subject: subject.into(),
            details: BTreeMap::new(),
        }
    }

    pub fn by(mut self, role: Role) -> Deed {
        self.role = Some(role);
        self
    }

    /// Adds a detail.
    pub fn with(mut self, name: &str, value: impl std::fmt::Display) -> Deed {
        self.details.insert(name.to_owned(), value.to_string());
        self
    }
}

/// The record could not be written, so nothing may be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the audit record could not be written ({0}); nothing was done")]
pub struct NotRecorded(pub String);

/// Where records go. When `record` returns, the record is safe.
pub trait Ledger {
    fn record(&mut self, deed: &Deed) -> Result<(), NotRecorded>;
}

/// In memory: for tests and rehearsals.
impl Ledger for Vec<Deed> {
    fn record(&mut self, deed: &Deed) -> Result<(), NotRecorded> {
        self.push(deed.clone());
        Ok(())
    }
}
