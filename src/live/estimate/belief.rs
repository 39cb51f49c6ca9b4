//! What an estimate says: values with where they come from and how far they may be off, residuals, suspects, leaks.

use crate::live::{Origin, TagId, Timestamp};
use crate::network::LinkId;
use crate::solver::Solution;

/// How far a value can be believed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Belief {
    /// Standard deviation in the value's unit.
    pub deviation: f64,
    pub origin: Origin,
}

impl Belief {
    /// Of a value nobody knows anything about.
    pub const NONE: Belief = Belief { deviation: f64::INFINITY, origin: Origin::Assumed };
}

/// Beliefs about a node's pressure (Pa) and temperature (K).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NodeBelief {
    pub pressure: Belief,
    pub temperature: Belief,
}

/// Belief about a link's flow (kg/s), and about the temperature of what leaves a substation or source (K).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinkBelief {
    pub flow: Belief,
    pub outlet: Belief,
}

/// A measurement against the estimate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Residual {
    pub tag: TagId,
    /// Mean of the samples that were used, in the unit of the tag's samples.
    pub measured: f64,
    pub estimated: f64,
    /// Standard deviation of the measurement.
    pub deviation: f64,
    /// (measured − estimated) over the standard deviation of that difference. NaN where nothing else tells what the tag
    /// should read: then no error of it can be seen.
    pub normalised: f64,
    /// Whether it took part in the estimate.
    pub used: bool,
}

/// What is wrong with an instrument.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Error {
    /// Reads this much more than it should.
    Offset(f64),
    /// Has stopped moving since then.
    Stuck(Timestamp),
    /// Shows what this other instrument should show, and the other way round.
    Swapped(TagId),
}

/// An instrument that is not believed any more.
#[derive(Clone, Debug, PartialEq)]
pub struct Suspect {
    pub tag: TagId,
    pub error: Error,
    /// Size of its normalised residual.
    pub normalised: f64,
    pub since: Timestamp,
    /// Instruments an error of which would look nearly the same.
    pub or_else: Vec<TagId>,
}

/// A place where water may be leaving.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// The likeliest pipe.
    pub link: LinkId,
    /// Probability that the leak lies within [`SEARCH_RADIUS_M`](super::SEARCH_RADIUS_M) of the middle of that pipe.
    pub probability: f64,
    /// Water lost if it is there.
    pub mass_flow_kg_s: f64,
    pub deviation_kg_s: f64,
}

/// Water is leaving the network.
#[derive(Clone, Debug, PartialEq)]
pub struct Leak {
    pub since: Timestamp,
    /// Water lost beyond what is ordinary, by the best candidate, and its standard deviation.
    pub mass_flow_kg_s: f64,
    pub deviation_kg_s: f64,
    /// Likeliest first.
    pub candidates: Vec<Candidate>,
}

/// State of the network from the measurements of the last minutes.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    pub at: Timestamp,
    /// The fit has settled; else the numbers are not to be relied on.
    pub converged: bool,
    pub iterations: u32,
    /// The state, like that of a solve.
    pub solution: Solution,
    /// By [`NodeId::index`](crate::network::NodeId::index).
    pub nodes: Vec<NodeBelief>,
    /// By [`LinkId::index`](crate::network::LinkId::index).
    pub links: Vec<LinkBelief>,
    /// By tag, rising: every tag that the model can explain and that has a value.
    pub residuals: Vec<Residual>,
    /// By tag, rising.
    pub suspects: Vec<Suspect>,
    pub leak: Option<Leak>,
    /// Weighted sum of squares, and how many independent checks are in it: the sum is about as large where laws and
    /// instruments are as good as is taken for granted.
    pub sum_of_squares: f64,
    pub redundancy: f64,
    /// Nodes whose pressure and links whose flow the measurements alone determine, of how many.
    pub observed_nodes: [usize; 2],
    pub observed_links: [usize; 2],
}
