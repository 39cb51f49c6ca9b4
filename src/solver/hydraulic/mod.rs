//! Flows and pressures at given densities and viscosities: fast, and convergent from any start.
//!
//! Mechanism, in the order of the files:
//!
//! 1. `roles`: flows that are given (consumers at their set flow, sources that hold a flow, demands) are injections, not
//!    unknowns.
//! 2. `contraction`: nodes at known pressure differences become one.
//! 3. `reduction`: branches of the tree kind need no iteration, chains become one link; a small core remains.
//! 4. `structure`: parts without a way to a pressure reference are set aside; the pattern of the matrix is analysed.
//!    Everything up to here is kept while roles and ends of links stay the same.
//! 5. `core`, `laws`, `specials`, `newton`, `linear`, `controllers`: Newton's method on the core. Without corners the
//!    problem is strictly convex in the flows and the line search makes it converge from any start.
//! 6. `results`: back to all nodes and links, with residuals from the finished arrays.
//!
//! Consumers start at their set flow. Those whose pressure difference turns out too small are *freed*: they become links
//! that follow min(set flow, √(Δp/S)) and never reverse. A freed consumer that finds enough pressure after all is pinned
//! at its set flow by its own law, so the set of freed ones only grows, which ends; at the end all laws hold at once.
//! Sources that hold the worst consumer's pressure are settled by a secant iteration around all this, before anybody is
//! freed.

mod consumers;
mod contraction;
mod controllers;
mod core;
mod feedback;
mod islands;
mod laws;
pub mod limits;
mod linear;
mod newton;
mod reduction;
mod references;
mod results;
mod roles;
mod specials;
mod state;
mod structure;
mod worst_point;

pub use state::HydraulicState;

use self::core::Core;
use newton::{Newton, Outcome};
use reduction::NONE;
use results::Results;
use specials::give_up_all;
use structure::{Structure, Update};
use worst_point::WorstPoints;

use super::options::Options;
use super::problem::Problem;
use crate::network::{Code, ElementRef, Finding, Network};
use crate::units::Quantity;

/// Rounds of freeing consumers; each frees at least one more group, seldom more than four are needed.
const MOST_ROUNDS: usize = 100;

/// The hydraulic solver with its workspace: symbolic work and the last flows and pressures.
#[derive(Clone, Debug, Default)]
pub struct Hydraulics {
    structure: Structure,
    core: Core,
    newton: Newton,
    results: Results,
    freed: Vec<bool>,
    worst_points: WorstPoints,
    state: HydraulicState,
}

impl Hydraulics {
    /// Solves the problem; starts from the last solution where the network has the same nodes and links. The network is
    /// asked for names only. The state stays in place for the next call to start from.
    pub fn solve(&mut self, network: &Network, problem: &Problem, options: &Options) -> &HydraulicState {
        self.freed.resize(problem.consumers.len(), false);
        self.worst_points.begin(problem);
        let mut total = Outcome::default();
        let mut solved = true;
        // What has happened to the structure since the last flows were found on it.
        let mut update = Update::Same;
        for _ in 0..MOST_ROUNDS {
            let now = self.structure.update(problem, &self.freed);
            if now == Update::Replaced {
                self.freed.fill(false);
                self.structure.update(problem, &self.freed);
            }
            update = update.max(now);
            // A consumer with nothing but itself between a part and its pressure reference cannot have its set flow.
            if self.structure.any_adrift && consumers::free_adrift(problem, &self.structure, &mut self.freed) {
                continue;
            }
            let outcome = self.solve_round(problem, options, update);
            update = Update::Same;
            total.iterations += outcome.iterations;
            (total.error, total.worst) = (outcome.error, outcome.worst);
            solved = outcome.converged;
            if !solved {
                break;
            }
            if self.worst_points.adjust(problem, &self.state) {
                continue;
            }
            if !consumers::free_short(problem, &self.structure, &self.state, &mut self.freed) {
                break;
            }
        }
        self.report(network, problem, options, solved, total);
        consumers::keep_short(problem, &self.structure, &self.core, &mut self.freed);
        &self.state
    }

    /// Forgets what it knows of any network; only memory is kept. The next solve gives the bits a new solver gives.
    pub fn forget(&mut self) {
        self.structure.contraction.representative.clear();
        self.freed.clear();
        self.worst_points = WorstPoints::default();
        self.state.pressure_pa.clear();
        self.core.feedback.forget();
    }

    /// Within a coupled solve: the densities of the problem were found at the flows of the last solve. The next one
    /// anticipates how they will answer to its own flows.
    pub fn anticipate(&mut self, problem: &Problem) {
        self.core.feedback.learn(problem, &self.structure, &self.core.flow);
    }

    /// Takes densities as given again.
    pub fn take_as_given(&mut self) {
        self.core.feedback.forget();
    }

    /// Result of the last solve.
    pub fn state(&self) -> &HydraulicState {
        &self.state
    }

    fn solve_round(&mut self, problem: &Problem, options: &Options, update: Update) -> Outcome {
        let restructured = update != Update::Same;
        let known = update != Update::Replaced && self.state.pressure_pa.len() == problem.node_count();
        self.core.prepare(problem, &self.structure, &self.worst_points.rises_pa, restructured);
        let warm = known && self.core.resume(&self.structure, &self.state, restructured);
        let mut outcome = self.newton.iterate(problem, &mut self.structure, &mut self.core, options, warm);
        // Controllers that fight each other have no steady state; without them the network has one.
        if !outcome.converged && give_up_all(&mut self.core.specials) {
            let before = outcome.iterations;
            outcome = self.newton.iterate(problem, &mut self.structure, &mut self.core, options, false);
            outcome.iterations += before;
        }
        self.results.collect(problem, &self.structure, &mut self.core, &mut self.state);
        outcome
    }

    /// Findings and the verdict.
    fn report(&mut self, network: &Network, problem: &Problem, options: &Options, solved: bool, total: Outcome) {
        let state = &mut self.state;
        state.iterations = total.iterations;
        state.findings.clear();
        state.converged = solved;
        if !solved {
            let element = self.structure.element_of_core_link(network, problem, total.worst);
            state.findings.push(
                Finding::new(Code::NotConverged, element)
                    .count("iterations", total.iterations as usize)
                    .physical("residual", Quantity::MassFlow, total.error * state.largest_flow_kg_s)
                    .physical("limit", Quantity::MassFlow, options.tolerance * state.largest_flow_kg_s),
            );
        }
        state.converged &= references::check(network, problem, &self.structure, &self.core, state);
        if self.structure.any_adrift {
            state.converged &= islands::check(network, problem, &self.structure, state);
        }
        state.converged &= self.worst_points.check(network, problem, state);
        consumers::check(network, problem, &self.structure, state);
        for (at, special) in self.core.specials.iter().enumerate() {
            let Some(controller) = special.controller().filter(|_| special.gave_up()) else { continue };
            let link = (self.structure.reduction.chain_count() + at) as u32;
            let element = self.structure.element_of_core_link(network, problem, link);
            let sensed_pa = controllers::sensed_pa(&self.structure, &self.core, controller);
            state.findings.push(
                Finding::new(Code::SetValueNotHeld, element)
                    .physical("set", Quantity::Pressure, controller.set_pa)
                    .physical("sensed", Quantity::Pressure, sensed_pa),
            );
        }
        limits::check(network, problem, state);
    }
}

impl Structure {
    /// The element that a link of the core stands for (the first of a chain).
    fn element_of_core_link(&self, network: &Network, problem: &Problem, core_link: u32) -> ElementRef {
        if core_link == NONE {
            return ElementRef::network();
        }
        let chains = self.reduction.chain_count();
        let link = if (core_link as usize) < chains {
            self.reduction.pieces[self.reduction.chain_start[core_link as usize] as usize].link()
        } else {
            self.reduction.specials[core_link as usize - chains]
        };
        match problem.link_handles.get(link as usize) {
            Some(&handle) => network.link_ref(handle),
            None => {
                if let Some(leak) = self.leak(problem, link as usize) {
                    return network.link_ref(problem.link_handles[leak.link as usize]);
                }
                let row = self.roles.limited[link as usize - problem.link_count()] as usize;
                network.node_ref(problem.node_handles[problem.boundaries[row].node as usize])
            }
        }
    }
}
