//! Random networks by the thousand, solved and judged: `hypocaust verify --random N`.
//!
//! A case is a seed. Its network is drawn (`network::generate::random`), solved from nothing, and judged by code that
//! knows nothing of the solver's arrays: what must be refused follows from structure and planted defects (`expect`),
//! what is solved must obey mass balance and every law to 1e-9 (`judge`, `element`). A case fails when a well-posed
//! network is not solved, an ill-posed one is not refused under the right name, a solve takes more than
//! [`MOST_ITERATIONS`], or anything panics.
//!
//! What "well-posed" means here: every part that asks for water has a way to a given pressure; given differences do not
//! contradict each other; given flows can be balanced. Consumers that pressure does not reach and controllers that stand
//! open or shut are ordinary states of such networks, not failures.

mod element;
mod expect;
mod flow;
mod judge;
mod probe;
mod report;
mod run;

pub use expect::{Expectation, Expected, expected};
pub use judge::{Judgement, TOLERANCE, judge};
pub use report::{random_json, random_text};
pub use run::{CaseResult, MOST_ITERATIONS, RandomRun, Verdict, case_seed, run_case, run_cases};

use crate::network::{Consumer, Demand};

/// Whether a consumer draws anything.
fn asks(consumer: &Consumer) -> bool {
    !consumer.shut
        && match consumer.demand {
            Demand::MassFlow { mass_flow_kg_s } => mass_flow_kg_s > 0.0,
            Demand::Heat { heat_w } => heat_w > 0.0,
        }
}
