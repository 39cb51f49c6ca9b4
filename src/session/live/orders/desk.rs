//! Dispatch orders as they stand, as plain data to be shown.

use std::path::PathBuf;
use std::sync::Arc;

use crate::live::order::{Beyond, Book, Order, Progress, SetPoint, State, Watched};
use crate::live::{Origin, TagId, Timestamp};
use crate::network::ElementRef;
use crate::session::message::Message;

/// One order.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderLine {
    /// Set-point, state, deeds with time and person.
    pub order: Order,
    /// The tag that shows its value.
    pub tag: Option<TagId>,
    /// That tag may be written: it can be carried out from here. Else it is told to people.
    pub writable: bool,
    /// What is read now, SI, when it was true, and whether by an instrument or the estimation.
    pub present: Option<(f64, Timestamp, Origin)>,
    /// It is being written, or waits for its turn.
    pub in_batch: bool,
}

impl OrderLine {
    /// Whether what is read is what was ordered; `None` where nothing is read.
    pub fn is_met(&self) -> Option<bool> {
        Some(self.order.set_point.is_met_by(self.present?.0))
    }

    /// Who did something last, and when. There is at least the issue.
    pub fn last(&self) -> Option<(&str, Timestamp)> {
        self.order.deeds.last().map(|deed| (deed.who.as_str(), deed.at))
    }
}

/// The orders of one time and what is watched for them.
#[derive(Clone, Debug, PartialEq)]
pub struct StepLine {
    pub at: Timestamp,
    /// All its orders have been carried out: what is watched counts.
    pub counts: bool,
    /// In the order the plan names them; the origin of the newest value.
    pub watched: Vec<(Progress, Option<Origin>)>,
    /// Everything watched is as predicted, since then.
    pub reached: Option<Timestamp>,
}

impl StepLine {
    /// Mean share of the way gone, of what was to change; `None` where nothing of it is known.
    pub fn share(&self) -> Option<f64> {
        let shares: Vec<f64> = self
            .watched
            .iter()
            .filter_map(|(progress, _)| progress.share())
            .map(|share| share.clamp(0.0, 1.0))
            .collect();
        (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64)
    }
}

/// A book of orders.
#[derive(Clone, Debug, PartialEq)]
pub struct BookLine {
    pub book: Book,
    pub orders: Vec<OrderLine>,
    /// First to last.
    pub steps: Vec<StepLine>,
}

impl BookLine {
    /// Whether every order has come to an end.
    pub fn is_over(&self) -> bool {
        self.orders.iter().all(|line| line.order.state.is_end())
    }

    /// How many orders are in a state.
    pub fn count(&self, state: State) -> usize {
        self.orders.iter().filter(|line| line.order.state == state).count()
    }
}

/// Orders that are being written one after the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Executing {
    pub user: String,
    pub done: usize,
    pub of: usize,
    /// The one under way.
    pub order: Option<u64>,
}

/// What the last planning from the estimated state came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    pub made_at: Timestamp,
    pub plan: String,
    pub set_points: Vec<SetPoint>,
    pub watched: Vec<Watched>,
}

/// Planning anew, every quarter of an hour.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Planning {
    /// Somebody plans at all.
    pub is_on: bool,
    pub at_work: bool,
    pub next_at: Option<Timestamp>,
    /// Waits for a person to issue it.
    pub proposal: Option<Arc<Proposal>>,
    /// Why the last planning came to nothing.
    pub trouble: Option<Message>,
}

/// The order book as it stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OrderDesk {
    /// The file; `None`: kept in memory only, gone with the program.
    pub file: Option<PathBuf>,
    /// Why it cannot be written.
    pub wrong: Option<Message>,
    /// Newest first.
    pub books: Vec<BookLine>,
    /// A plan is being made into orders.
    pub issuing: bool,
    /// What the plan issued last asks for and no order can carry.
    pub not_orders: Vec<(ElementRef, Beyond)>,
    pub executing: Option<Executing>,
    /// Why the last writing stopped before its end.
    pub stopped: Option<Message>,
    pub planning: Planning,
}
