//! The log of an incident, `*.incident.json`: one entry a line, added at the end, never changed ([`super::entries`]).
//! Not here: what entries mean ([`crate::emergency::incident`]).

use std::path::Path;

use super::Problem;
use super::entries::{self, Story, Words};
use crate::emergency::incident::{Entry, Incident};

/// How the names of such files end.
pub const ENDING: &str = ".incident.json";

/// An incident and the file it stands in.
pub type Journal = entries::Journal<Incident>;

impl Journal {
    pub fn incident(&self) -> &Incident {
        self.story()
    }
}

impl Story for Incident {
    type Entry = Entry;
    const WORDS: Words = Words {
        exists: "incident-exists",
        empty: "incident-empty",
        torn: "incident-torn",
        bad_line: "incident-bad-line",
        bad_entry: "incident-bad-entry",
    };

    fn problem(&self, path: &Path, entry: &Entry) -> Option<Problem> {
        let refusal = self.refusal(entry)?;
        Some(Problem::new(path, refusal.key()).with("valve", refusal.valve().unwrap_or_default()))
    }

    /// What stands in the file counts: a log written by hand at night is not judged afterwards.
    fn take(&mut self, _: &Path, mut entries: Vec<Entry>) -> Vec<(usize, Problem)> {
        let mut all = std::mem::take(self).into_entries();
        all.append(&mut entries);
        *self = Incident::from_entries(all);
        Vec::new()
    }

    fn is_empty(&self) -> bool {
        self.entries().is_empty()
    }
}
