//! L3: steady state of a network: flows and pressures, then temperatures, coupled through density and viscosity.
//!
//! [`Solver::solve`] takes a network and gives a [`Solution`] (plain data by handle) or says by element name why there is
//! none. The solver keeps symbolic work and the last state between calls, so that a changed valve costs little. It reads
//! no files, has no clock and starts no threads.

mod answer;
mod coupled;
pub mod fluid;
pub mod hydraulic;
mod machines;
mod options;
pub mod problem;
pub mod rules;
mod solution;
pub mod thermal;

pub use options::{Mode, Options};
pub use solution::{
    ConsumerState, LeakState, LinkState, NodeState, PumpState, Report, Solution, SourceState, StationState,
    TurbineState,
};

use crate::network::{Code, ElementRef, Finding, Network};
use coupled::Coupling;
use hydraulic::Hydraulics;
use problem::Problem;
use rules::Rules;

/// The solver with what it remembers between solves.
#[derive(Clone, Debug, Default)]
pub struct Solver {
    hydraulics: Hydraulics,
    coupling: Coupling,
}

impl Solver {
    pub fn new() -> Self {
        Self::default()
    }

    /// Steady state of the network. Never panics and never fails as a call: an ill-posed network gives a solution with
    /// `converged == false` and findings that name the elements.
    pub fn solve(&mut self, network: &Network, options: &Options) -> Solution {
        if network.link_count() == 0 {
            return Solution::unsolved(network, vec![Finding::new(Code::EmptyNetwork, ElementRef::network())]);
        }
        let mut problem = match Problem::new(network) {
            Ok(problem) => problem,
            Err(findings) => return Solution::unsolved(network, findings),
        };
        let mut solution = match options.mode {
            Mode::Hydraulic => {
                answer::hydraulic_solution(network, &problem, self.hydraulics.solve(network, &problem, options))
            }
            Mode::Thermal => {
                let coupled = self.coupling.solve(network, &mut problem, &mut self.hydraulics, options);
                let mut solution = answer::hydraulic_solution(network, &problem, self.hydraulics.state());
                let temperatures = self.coupling.temperatures();
                answer::add_temperatures(network, &problem, temperatures, &coupled, &mut solution);
                solution.converged &= coupled.settled;
                solution.findings.extend(coupled.finding);
                solution
            }
        };
        machines::add(network, &problem, &mut solution);
        if options.judge {
            let broken = rules::judge(network, &solution, &Rules::default());
            solution.findings.extend(broken);
        }
        solution.findings.sort_by_key(|finding| finding.severity);
        solution
    }
}
