//! Which state of a network is which, and what changed between two of them: what lets a solver keep its work.
//!
//! Every change draws a number that no other change of any network in this program has drawn or will draw, so equal
//! revisions mean equal contents wherever they are met: a clone has the revision of its original until either changes,
//! and then they have different ones for ever. Beside it goes a short journal of the elements changed last. A solver
//! that knows revision R asks what changed since; where the journal does not reach back to R (too many changes, another
//! network, nodes or links added or removed, other settings) it is told nothing and starts anew. The numbers are drawn
//! from one counter of the program and reach no result.
//!
//! It is safe because there is no way to the inside of a node or link but `Network::node_mut` and `Network::link_mut`,
//! which write here first. What no solver reads (buildings, chambers, sensors, scenarios, backdrop) is not written down.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{LinkId, NodeId};

/// Changes remembered. With many more than that, building anew is cheaper than following them.
const REMEMBERED: usize = 256;

/// Revision of a network in which nothing has ever happened.
const EMPTY: u64 = 0;

/// An element that may differ from what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    Node(NodeId),
    Link(LinkId),
}

/// Revision and journal of one network.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    revision: u64,
    /// Revision before each change, rising; and what was changed.
    journal: VecDeque<(u64, Change)>,
}

/// A number that nobody else has or gets; never 0.
pub(crate) fn fresh() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(EMPTY);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}

impl History {
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// One element is about to change.
    pub fn note(&mut self, change: Change) {
        if self.journal.len() == REMEMBERED {
            self.journal.pop_front();
        }
        self.journal.push_back((self.revision, change));
        self.revision = fresh();
    }

    /// More is about to change than a list of elements can tell.
    pub fn restart(&mut self) {
        self.journal.clear();
        self.revision = fresh();
    }

    /// What changed since that revision, oldest first; `None` where that is not known.
    pub fn since(&self, revision: u64) -> Option<impl Iterator<Item = Change> + '_> {
        let first = if revision == self.revision {
            self.journal.len()
        } else {
            // One thread at a time changes a network, so the numbers it drew rise.
            self.journal.binary_search_by_key(&revision, |&(before, _)| before).ok()?
        };
        Some(self.journal.range(first..).map(|&(_, change)| change))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn since(history: &History, revision: u64) -> Option<Vec<Change>> {
        history.since(revision).map(Iterator::collect)
    }

    #[test]
    fn a_clone_shares_the_past_and_nothing_after() {
        let (a, b) = (Change::Link(LinkId(1)), Change::Node(NodeId(2)));
        let mut one = History::default();
        one.restart();
        let start = one.revision();
        one.note(a);
        let mut other = one.clone();
        assert_eq!(one.revision(), other.revision());
        one.note(a);
        other.note(b);
        assert_ne!(one.revision(), other.revision());
        assert_eq!(since(&one, other.revision()), None);
        assert_eq!(since(&other, one.revision()), None);
        assert_eq!(since(&one, start), Some(vec![a, a]));
        assert_eq!(since(&other, start), Some(vec![a, b]));
        assert_eq!(since(&other, other.revision()), Some(vec![]));
        other.restart();
        assert_eq!(since(&other, start), None);
    }

    #[test]
    fn the_journal_is_bounded_and_says_so() {
        let mut history = History::default();
        for link in 0..=REMEMBERED as u32 {
            history.note(Change::Link(LinkId(link)));
        }
        assert_eq!(history.journal.len(), REMEMBERED);
        assert_eq!(since(&history, EMPTY), None);
    }
}
