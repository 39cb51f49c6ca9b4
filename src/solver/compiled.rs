//! The flat problem of the network solved last, kept and brought up to date instead of built again.
//!
//! Safe because a network's revision stands for its contents wherever it is met (`network::history`): the same revision
//! is the same problem; a network whose journal reaches back to the revision compiled is patched element by element
//! (`problem::patch`, bit for bit what a rebuild gives); for any other network the problem is rebuilt, in the memory it
//! has. A coupled solve writes its own densities and flows into the problem, which then stands for no revision any more.

use super::problem::Problem;
use crate::network::{Finding, Network};

/// A problem and what it was made of.
#[derive(Clone, Debug, Default)]
pub struct Compiled {
    /// Revision of the network whose problem this is exactly.
    revision: Option<u64>,
    problem: Option<Problem>,
}

impl Compiled {
    /// The next network is built anew, in the memory there is.
    pub fn forget(&mut self) {
        self.revision = None;
    }

    /// The problem of this network, or every finding that makes its numbers unusable.
    pub fn update(&mut self, network: &Network) -> Result<&mut Problem, Vec<Finding>> {
        // Until the end is reached the problem is nobody's.
        let known = self.revision.take();
        let mut kept = self.problem.take();
        let follows = match (&mut kept, known.and_then(|revision| network.changes_since(revision))) {
            (Some(problem), Some(changes)) => problem.changes.version != 0 && problem.patch(network, changes),
            _ => false,
        };
        let problem = match (kept, follows) {
            (Some(problem), true) => problem,
            (Some(mut problem), false) => {
                let rebuilt = problem.rebuild(network);
                if let Err(findings) = rebuilt {
                    self.problem = Some(problem);
                    return Err(findings);
                }
                problem
            }
            (None, _) => Problem::new(network)?,
        };
        self.revision = Some(network.revision());
        Ok(self.problem.insert(problem))
    }
}
