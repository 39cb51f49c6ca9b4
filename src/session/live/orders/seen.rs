//! What the field shows of orders and of what is watched for them, scan by scan, and the comparison that follows.

use std::collections::BTreeMap;

use super::places::Read;
use crate::live::order::{Book, Event, Order, SCANS, State, Track, Verdict};
use crate::live::{Origin, Timestamp};

/// What was seen of an order's value.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    pub read: Option<Read>,
    /// Scans in a row that show it carried out, and that do not.
    pub met: u32,
    pub lost: u32,
}

/// The orders of one time.
pub(super) struct Step {
    pub track: Track,
    pub origins: Vec<Option<Origin>>,
    pub reached: Option<Timestamp>,
}

impl Seen {
    /// A newer value counts a scan.
    pub fn look(&mut self, order: &Order, read: Option<Read>) {
        let Some((value, at, _)) = read else { return };
        // Only what was read after the last deed tells anything about it.
        let newer = self.read.is_none_or(|(_, last, _)| at > last);
        let after = order.deeds.last().is_none_or(|deed| at > deed.at);
        self.read = read;
        if !newer {
            return;
        }
        let met = after && order.set_point.is_met_by(value);
        self.met = if met { self.met.saturating_add(1) } else { 0 };
        let lost = after && !order.set_point.is_met_by(value);
        self.lost = if lost { self.lost.saturating_add(1) } else { 0 };
    }
}

impl Step {
    pub fn new(book: &Book, at: Timestamp) -> Step {
        let track = Track::new(book.watched.iter().filter(|watched| watched.at == at).cloned());
        Step { origins: vec![None; track.progress().len()], track, reached: None }
    }
}

/// Whether every order of a step has been carried out.
pub(super) fn carried_out(own: &[&Order]) -> bool {
    own.iter().all(|order| matches!(order.state, State::Executed | State::Compared))
}

pub(super) fn executed_at(order: &Order) -> Option<Timestamp> {
    order.deeds.iter().rev().find(|deed| deed.state == State::Executed).map(|deed| deed.at)
}

/// The comparison of the orders of a step that have been carried out, where there is something to be said.
pub(super) fn compared(
    book: &Book,
    step: &Step,
    own: &[&Order],
    seen: &BTreeMap<u64, Seen>,
    now: Timestamp,
) -> Vec<Event> {
    if own.iter().any(|order| order.state.is_open()) {
        return Vec::new();
    }
    let whole = carried_out(own) && !step.track.progress().is_empty();
    let last = own.iter().filter_map(|order| executed_at(order)).max();
    let verdict = match last {
        _ if !whole => Verdict::NotPredicted,
        _ if step.reached.is_some() => Verdict::AsPredicted,
        Some(last) if now.ms_since(last) > book.patience_ms => Verdict::Otherwise,
        _ => return Vec::new(),
    };
    let one = |order: &&&Order| {
        let seen = seen.get(&order.number).copied().unwrap_or_default();
        // What no instrument shows is taken as it was reported.
        order.state == State::Executed && (seen.read.is_none() || seen.met >= SCANS)
    };
    own.iter()
        .filter(one)
        .map(|order| {
            let value = seen.get(&order.number).and_then(|seen| seen.read).map(|(value, ..)| value);
            Event::Compare { order: order.number, verdict, value }
        })
        .collect()
}
