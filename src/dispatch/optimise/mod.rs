//! Optimal dispatch: which source runs when and gives how much, when stores charge, over a day or five.
//!
//! The question is a mixed-integer programme; it is taken apart by steps. `model` is the question, `plan` an answer with
//! its bill and its own check; `core` scales it; `prices` puts prices on what ties the steps and finds the least cost of every way of
//! running; `paths` joins them to the cheapest path, which is a proven lower bound; `programme` is the linear programme
//! that gives the prices and the heats; `search` goes to and fro between the two and branches where a gap stays. `rules` is
//! running by rule, what savings are counted against. `terms` makes a model of a network and a file of prices, `trial` lets the
//! simulator run a plan (`served`: who lacks heat), `bearing` and `transport` find what the pipes between sources carry, `planning` goes
//! between all of them until the network bears the plan (`near`: the way back to what it bears), `propose` is what a user asks for.

mod bearing;
mod core;
pub mod model;
pub mod near;
mod paths;
pub mod plan;
mod planning;
mod prices;
mod programme;
pub mod propose;
mod rules;
mod search;
mod served;
pub mod terms;
mod transport;
pub mod trial;

pub use model::{Area, Cut, Fault, Forbidden, Model, Rates, Share, Store, Unit};
pub use plan::{Bill, Plan, Violation};
pub use rules::{Rule, by_rule, merit_order};
pub use search::{Effort, Outcome, optimise};
