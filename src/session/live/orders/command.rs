//! What a person at the screen can ask about dispatch orders.

use std::sync::Arc;

use crate::live::order::{SetPoint, Watched};
use crate::network::Network;

/// One order, or all of a book that it can be asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    Order(u64),
    Book(u64),
}

/// Orders to be issued.
#[derive(Clone, Debug, PartialEq)]
pub struct Issue {
    /// What the plan is called.
    pub plan: String,
    pub set_points: Vec<SetPoint>,
    /// What the model says they bring about; may be empty.
    pub watched: Vec<Watched>,
}

/// The network of a plan. Two are equal where they are the same one.
#[derive(Clone, Debug)]
pub struct PlanNetwork(pub Arc<Network>);

impl PartialEq for PlanNetwork {
    fn eq(&self, other: &PlanNetwork) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// A step of dispatch orders; see [`super::keeper`].
#[derive(Clone, Debug, PartialEq)]
pub enum OrderCommand {
    /// A plan in set-points.
    Issue(Box<Issue>),
    /// A plan as a network: what differs from the network that stands in the field, watched as the model predicts from the
    /// estimated state.
    IssueNetwork {
        plan: String,
        network: PlanNetwork,
    },
    /// The network as drawn is the plan.
    IssueDrawn {
        plan: String,
    },
    /// Crew, station or plant has it.
    Receive(Which),
    /// They will do it.
    Confirm(Which),
    /// They will not.
    Refuse {
        order: u64,
        why: String,
    },
    /// They say it is done.
    Report(Which),
    /// They say it cannot be done.
    Fail {
        order: u64,
        why: String,
    },
    Withdraw {
        which: Which,
        why: String,
    },
    /// Write what is confirmed, due and can be written, one after the other, by whoever is armed.
    Execute(Which),
    /// No further order is written.
    Stop,
    /// Plan anew from the estimated state, without waiting for the quarter of an hour.
    Replan,
    /// Issue what the last planning proposes.
    IssueProposal,
}

impl OrderCommand {
    /// Those that need nothing further.
    pub const PALETTE: [OrderCommand; 3] = [OrderCommand::Stop, OrderCommand::Replan, OrderCommand::IssueProposal];

    pub const fn id(&self) -> &'static str {
        match self {
            OrderCommand::Issue(_) | OrderCommand::IssueNetwork { .. } => "orders-issue",
            OrderCommand::IssueDrawn { .. } => "orders-issue-drawn",
            OrderCommand::Receive(_) => "orders-receive",
            OrderCommand::Confirm(_) => "orders-confirm",
            OrderCommand::Refuse { .. } => "orders-refuse",
            OrderCommand::Report(_) => "orders-report",
            OrderCommand::Fail { .. } => "orders-fail",
            OrderCommand::Withdraw { .. } => "orders-withdraw",
            OrderCommand::Execute(_) => "orders-execute",
            OrderCommand::Stop => "orders-stop",
            OrderCommand::Replan => "orders-replan",
            OrderCommand::IssueProposal => "orders-issue-proposal",
        }
    }
}
