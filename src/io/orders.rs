//! The log of dispatch orders: one entry a line, added at the end, never changed ([`super::entries`]).
//!
//! A line that is whole but may not follow (somebody wrote it by hand) counts for nothing and is reported with its line.
//! Not here: what entries mean and which may follow ([`crate::live::order`]).

use std::path::Path;

use super::Problem;
use super::entries::{self, Story, Words};
use crate::live::order::{Entry, Orders, Refusal};

/// The orders and the file they stand in.
pub type OrderLog = entries::Journal<Orders>;

impl OrderLog {
    pub fn orders(&self) -> &Orders {
        self.story()
    }
}

fn problem(path: &Path, refusal: &Refusal) -> Problem {
    let number = refusal.number().map_or_else(String::new, |number| number.to_string());
    let problem = Problem::new(path, refusal.key()).with("order", number);
    match refusal {
        Refusal::NotNow { state, event, .. } => problem.with("state", word(state)).with("event", event),
        _ => problem,
    }
}

/// As it stands in the log.
fn word(state: &crate::live::order::State) -> String {
    serde_json::to_value(state).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

impl Story for Orders {
    type Entry = Entry;
    const WORDS: Words = Words {
        exists: "orders-exists",
        empty: "orders-log-empty",
        torn: "orders-torn",
        bad_line: "orders-bad-line",
        bad_entry: "orders-bad-entry",
    };

    fn problem(&self, path: &Path, entry: &Entry) -> Option<Problem> {
        self.refusal(entry).map(|refusal| problem(path, &refusal))
    }

    fn take(&mut self, path: &Path, entries: Vec<Entry>) -> Vec<(usize, Problem)> {
        let refused = |(place, entry): (usize, Entry)| Some((place, problem(path, &Orders::take(self, &entry).err()?)));
        entries.into_iter().enumerate().filter_map(refused).collect()
    }

    fn is_empty(&self) -> bool {
        self.books().next().is_none()
    }
}
