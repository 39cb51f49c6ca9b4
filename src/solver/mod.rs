//! L3: steady state of a network: flows and pressures, then temperatures, coupled through density and viscosity.
//!
//! [`Solver::solve`] takes a network and gives a [`Solution`] (plain data by handle) or says by element name why there is
//! none. The solver keeps the network as columns, symbolic work and the last state between calls, so that a changed valve
//! costs little; [`batch`] solves many what-ifs at once. It reads no files, has no clock and starts no threads except for
//! a batch.

mod answer;
pub mod batch;
mod compiled;
mod coupled;
pub mod fluid;
pub mod hydraulic;
mod law;
pub mod machines;
mod options;
pub mod problem;
pub mod rules;
mod solution;
pub mod sparse;
pub mod thermal;

pub use law::LinkLaw;
pub use options::{AtRest, Mode, Options};
pub use solution::{
    ConsumerState, LeakState, LinkState, NodeState, PumpState, Report, Solution, SourceState, StationState,
    TurbineState,
};

use crate::network::{Code, ElementRef, Finding, Network, Severity};
use compiled::Compiled;
use coupled::Coupling;
use hydraulic::Hydraulics;
use rules::Rules;

/// The solver with what it remembers between solves.
#[derive(Clone, Debug, Default)]
pub struct Solver {
    compiled: Compiled,
    hydraulics: Hydraulics,
    coupling: Coupling,
}

impl Solver {
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets every network; only memory is kept. The next solve gives the bits that a new solver gives.
    pub fn forget(&mut self) {
        self.compiled.forget();
        self.hydraulics.forget();
        self.coupling = Coupling::default();
    }

    /// Takes over what `other` knows of flows, pressures and structure; the columns of its own network stay.
    fn start_from(&mut self, other: &Solver) {
        self.hydraulics.clone_from(&other.hydraulics);
        self.coupling.clone_from(&other.coupling);
    }

    /// Steady state of the network. Never panics and never fails as a call: an ill-posed network gives a solution with
    /// `converged == false` and findings that name the elements.
    pub fn solve(&mut self, network: &Network, options: &Options) -> Solution {
        let mut solution = Solution::default();
        self.solve_into(network, options, &mut solution);
        solution
    }

    /// Steady state with heat; where only flows and temperatures do not come to rest together, flows and pressures alone,
    /// with a finding that says so in place of the error.
    pub fn solve_or_flows(&mut self, network: &Network, options: &Options) -> Solution {
        let with_heat = self.solve(network, options);
        let unsettled = |finding: &&Finding| matches!(finding.code, Code::CouplingNotSettled | Code::WeakLoop);
        let Some(finding) = with_heat.findings.iter().find(unsettled).filter(|_| !with_heat.converged) else {
            return with_heat;
        };
        // Where the passes wandered to is no start.
        self.forget();
        let mut flows = self.solve(network, &Options { mode: Mode::Hydraulic, ..*options });
        if !flows.converged {
            return with_heat;
        }
        flows.findings.push(Finding::new(Code::FlowsAlone, finding.element.clone()));
        flows.findings.push(finding.clone().severe(Severity::Warning));
        flows.findings.sort_by_key(|finding| finding.severity);
        flows
    }

    /// The same as [`Solver::solve`], written over a solution that is no longer needed: its memory serves again.
    pub fn solve_into(&mut self, network: &Network, options: &Options, solution: &mut Solution) {
        if network.link_count() == 0 {
            *solution = Solution::unsolved(network, vec![Finding::new(Code::EmptyNetwork, ElementRef::network())]);
            return;
        }
        let problem = match self.compiled.update(network) {
            Ok(problem) => problem,
            Err(findings) => {
                *solution = Solution::unsolved(network, findings);
                return;
            }
        };
        match options.mode {
            Mode::Hydraulic => {
                answer::hydraulic_solution(problem, self.hydraulics.solve(network, problem, options), solution);
            }
            Mode::Thermal => {
                let coupled = self.coupling.solve(network, problem, &mut self.hydraulics, options);
                answer::hydraulic_solution(problem, self.hydraulics.state(), solution);
                let temperatures = self.coupling.temperatures();
                answer::add_temperatures(network, problem, temperatures, &coupled, solution);
                solution.converged &= coupled.settled;
                solution.findings.extend(coupled.finding);
            }
        }
        machines::add(network, problem, solution);
        if options.judge {
            let state = self.hydraulics.state();
            let hottest_c = match options.mode {
                Mode::Hydraulic => f64::NEG_INFINITY,
                Mode::Thermal => solution.nodes.iter().map(|node| node.temperature_c).fold(f64::NEG_INFINITY, f64::max),
            };
            let broken = rules::judge_fresh(network, problem, state, hottest_c, solution, &Rules::default());
            solution.findings.extend(broken);
        }
        solution.findings.sort_by_key(|finding| finding.severity);
    }
}
