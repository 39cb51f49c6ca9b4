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
//! 6. `results`: back to all nodes and links, with residuals from the finished arrays; `acceptance` holds them against
//!    every law before a state is called solved.
//!
//! Consumers start at their set flow. Those whose pressure difference turns out too small are *freed*: they become links
//! that follow min(set flow, √(Δp/S)) and never reverse. A freed consumer that finds enough pressure after all is pinned
//! at its set flow by its own law, so the set of freed ones only grows, which ends; at the end all laws hold at once.
//! Where this finds no end, `balance` sets given flows aside that have no way and names them, all consumers are freed at
//! once, and the branches of all corners are found together (`joint`); after that comes the way by stages of `newton`.
//! Sources that hold the worst consumer's pressure are settled by a secant iteration around the usual way, before anybody
//! is freed, and as controllers among the other corners in `joint`.

mod acceptance;
mod balance;
mod complementarity;
mod consumers;
mod contraction;
mod controllers;
mod core;
mod feedback;
mod islands;
mod joint;
mod laws;
pub mod limits;
mod linear;
mod newton;
mod pockets;
mod reduction;
mod references;
mod results;
mod roles;
mod specials;
mod state;
mod structure;
mod work;
mod worst_point;

pub use self::core::gravity_pa;
pub use acceptance::LAW_TOLERANCE;
pub(in crate::solver) use laws::{Limited, TwoWay};
pub(in crate::solver) use linear::ordering::{Graph, little_fill};
pub use state::HydraulicState;
pub use work::Work;

use self::core::Core;
use acceptance::Broken;
use balance::Aside;
use joint::Branches;
use newton::{Newton, Outcome};
use reduction::NONE;
use results::Results;
use specials::{Controller, Droop, Regime, Special};
use structure::{Structure, Update};
use worst_point::WorstPoints;

use super::options::Options;
use super::problem::Problem;
use crate::network::{Code, ElementRef, Finding, Network, Severity};
use crate::units::Quantity;

/// Rounds of freeing consumers; each frees at least one more group, seldom more than four are needed.
const MOST_ROUNDS: usize = 100;

/// Newton steps of the usual way, all rounds together; ordinary networks take less than half.
const QUICK_STEPS: u32 = 16;

/// Rounds of setting aside what controllers bar.
const MOST_BARRED: usize = 3;

/// Newton steps in which all corners are settled together.
const JOINT_STEPS: u32 = 18;

/// Newton steps kept for what is said where controllers find no rest, and the least for its last try.
const RESERVED_STEPS: u32 = 14;
const LEAST_LAST_STEPS: u32 = 30;

/// Newton steps of one solve of the usual way.
const QUICK_SOLVE: u32 = 12;

/// The hydraulic solver with its workspace: symbolic work and the last flows and pressures.
#[derive(Clone, Debug, Default)]
pub struct Hydraulics {
    structure: Structure,
    core: Core,
    newton: Newton,
    results: Results,
    freed: Vec<bool>,
    worst_points: WorstPoints,
    /// Given flows that have no way, set aside in the last solve.
    aside: Aside,
    /// Sources (special links) that no rise brings to what they are to hold, in the last solve.
    beyond: Vec<u32>,
    state: HydraulicState,
    /// The state is that of an earlier solve, and flows and potentials of the core are not; regimes that go with it.
    recalled: Option<Vec<(u32, Regime)>>,
}

/// A state to start from again.
#[derive(Clone, Debug, Default)]
pub struct Start {
    pressure_pa: Vec<f64>,
    mass_flow_kg_s: Vec<f64>,
    leak_kg_s: Vec<f64>,
    freed: Vec<bool>,
    /// Regimes of the specials, by link; flows do not tell those of controllers.
    regimes: Vec<(u32, Regime)>,
}

impl Hydraulics {
    /// Solves the problem; starts from the last solution where the network has the same nodes and links. The network is
    /// asked for names only. The state stays in place for the next call to start from.
    pub fn solve(&mut self, network: &Network, problem: &Problem, options: &Options) -> &HydraulicState {
        self.freed.resize(problem.consumers.len(), false);
        self.worst_points.begin(problem);
        self.aside.clear();
        self.beyond.clear();
        self.core.take_heart();
        self.structure.follow = false;
        let mut total = Outcome::default();
        let mut solved = self.quickly(problem, options, &mut total);
        let mut broken = self.broken(network, problem, solved);
        // What the usual way gives out and its own arrays contradict (water at rest that has drifted) is no solution.
        if !solved || broken.is_some() {
            solved = self.carefully(network, problem, options, &mut total);
            broken = self.broken(network, problem, solved);
        }
        self.report(network, problem, options, solved, broken, total);
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
        self.recalled = None;
    }

    /// Within a coupled solve: the densities of the problem were found at the flows of the last solve. The next one
    /// anticipates how they will answer to its own flows; `firm`: whatever the sign of the answer, so that they come to rest.
    pub fn anticipate(&mut self, problem: &Problem, firm: bool) {
        self.core.feedback.learn(problem, &self.structure, &self.state.mass_flow_kg_s, firm);
    }

    /// Takes densities as given again.
    pub fn take_as_given(&mut self) {
        self.core.feedback.forget();
    }

    /// Writes down the state of the last solve.
    pub fn note(&self, start: &mut Start) {
        start.pressure_pa.clone_from(&self.state.pressure_pa);
        start.mass_flow_kg_s.clone_from(&self.state.mass_flow_kg_s);
        start.leak_kg_s.clone_from(&self.state.leak_kg_s);
        start.freed.clone_from(&self.freed);
        start.regimes.clear();
        let specials = self.structure.reduction.specials.iter().zip(&self.core.specials);
        start.regimes.extend(specials.map(|(&link, special)| (link, special.regime)));
        start.regimes.sort_unstable_by_key(|&(link, _)| link);
    }

    /// Starts the next solve, of the same network, from a state written down.
    pub fn recall(&mut self, start: &Start) {
        self.state.pressure_pa.clone_from(&start.pressure_pa);
        self.state.mass_flow_kg_s.clone_from(&start.mass_flow_kg_s);
        self.state.leak_kg_s.clone_from(&start.leak_kg_s);
        self.freed.clone_from(&start.freed);
        self.recalled = Some(start.regimes.clone());
    }

    /// Result of the last solve.
    pub fn state(&self) -> &HydraulicState {
        &self.state
    }

    /// The usual way: consumers start with their set flow, and as few of them as need be are freed. Gives whether it led
    /// to a solution.
    fn quickly(&mut self, problem: &Problem, options: &Options, total: &mut Outcome) -> bool {
        let most = options.max_iterations.min(QUICK_STEPS);
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
            let recalled = self.recalled.take();
            let restructured = update != Update::Same || recalled.is_some();
            let known = update != Update::Replaced && self.state.pressure_pa.len() == problem.node_count();
            self.core.prepare(problem, &self.structure, &self.worst_points.rises_pa, restructured);
            let warm = known && self.core.resume(&self.structure, &self.state, restructured);
            if let Some(regimes) = recalled.filter(|_| warm) {
                self.core.recall(&self.structure, &regimes);
            }
            update = Update::Same;
            let left = most.saturating_sub(total.iterations).min(QUICK_SOLVE);
            let outcome = self.newton.iterate(problem, &mut self.structure, &mut self.core, options, warm, left);
            total.add(outcome);
            if !outcome.converged {
                return false;
            }
            self.results.collect(problem, &self.structure, &mut self.core, &mut self.state);
            if self.worst_points.adjust(problem, &self.state) {
                continue;
            }
            if !consumers::free_short(problem, &self.structure, &self.state, &mut self.freed) {
                return true;
            }
        }
        false
    }

    /// The safe way: every consumer may saturate, given flows that have no way are set aside, and laws are sharpened step
    /// by step.
    fn carefully(&mut self, network: &Network, problem: &Problem, options: &Options, total: &mut Outcome) -> bool {
        for (freed, consumer) in self.freed.iter_mut().zip(&problem.consumers) {
            *freed = consumer.set_flow_kg_s > 0.0;
        }
        self.structure.update(problem, &self.freed);
        let rises = &self.worst_points.rises_pa;
        self.core.prepare(problem, &self.structure, rises, true);
        self.aside = balance::without_way(problem, &self.structure, &self.core, false);
        let mut eased = self.aside.without(problem);
        if !self.aside.is_empty() {
            self.core.prepare(&eased, &self.structure, rises, true);
        }
        let follow = self.worst_points.can_follow(problem);
        self.structure.follow = follow;
        if follow {
            self.structure.update(problem, &self.freed);
        }
        let (mut outcome, mut branches) = self.branches(&eased, options, true);
        // The results take the flows away: once for each preparation of the core.
        let mut collected = outcome.converged;
        if outcome.converged {
            self.results.collect(&eased, &self.structure, &mut self.core, &mut self.state);
            outcome.converged = self.broken(network, problem, true).is_none();
        }
        total.add(outcome);
        if outcome.converged && follow {
            self.worst_points.take(problem, &self.structure, &self.core);
        }
        // What would be barred by the branches that were found.
        let barred = if branches == Branches::Leaking && !outcome.converged {
            balance::without_way(&eased, &self.structure, &self.core, true)
        } else {
            Aside::default()
        };
        if !outcome.converged {
            if follow {
                self.structure.follow = false;
                self.structure.update(problem, &self.freed);
            }
            let can_stand_open = self.core.specials.iter().any(Special::can_give_up);
            outcome = self.stages(&eased, options, if can_stand_open { RESERVED_STEPS } else { 0 }, total);
            collected = true;
        }
        if !outcome.converged && !barred.is_empty() {
            self.aside.join(barred);
            eased = self.aside.without(problem);
            for _ in 0..MOST_BARRED {
                (outcome, branches) = self.branches(&eased, options, true);
                collected = false;
                total.add(outcome);
                if outcome.converged || branches != Branches::Leaking {
                    break;
                }
                let barred = balance::without_way(&eased, &self.structure, &self.core, true);
                if barred.is_empty() {
                    break;
                }
                self.aside.join(barred);
                eased = self.aside.without(problem);
            }
        }
        // Controllers that find no rest stand open, all of them, and are named for what they then do not hold.
        if !outcome.converged && self.core.give_up() {
            let few = branches != Branches::TooMany;
            collected = false;
            outcome = Outcome::default();
            if few {
                (outcome, branches) = self.branches(&eased, options, false);
                total.add(outcome);
            }
            if !outcome.converged {
                self.core.prepare(&eased, &self.structure, &self.worst_points.rises_pa, false);
                let most = options.max_iterations.saturating_sub(total.iterations).max(LEAST_LAST_STEPS);
                outcome = self.newton.settle(&eased, &mut self.structure, &mut self.core, options, most);
                total.add(outcome);
            }
        }
        if !outcome.converged && branches == Branches::Beyond {
            self.beyond.extend_from_slice(self.newton.corners.beyond());
        }
        if !collected {
            self.results.collect(&eased, &self.structure, &mut self.core, &mut self.state);
        }
        self.worst_points.settle(problem, &self.state);
        outcome.converged
    }

    /// The way by stages, and what sources that hold the worst consumer's pressure make of it; it ends `reserve` steps before
    /// the most there may be.
    fn stages(&mut self, eased: &Problem, options: &Options, reserve: u32, total: &mut Outcome) -> Outcome {
        self.core.prepare(eased, &self.structure, &self.worst_points.rises_pa, true);
        let left = options.max_iterations.saturating_sub(total.iterations + reserve);
        let mut outcome = self.newton.settle(eased, &mut self.structure, &mut self.core, options, left);
        loop {
            total.add(outcome);
            self.results.collect(eased, &self.structure, &mut self.core, &mut self.state);
            let left = options.max_iterations.saturating_sub(total.iterations + reserve);
            if !outcome.converged || left == 0 || !self.worst_points.adjust(eased, &self.state) {
                return outcome;
            }
            self.core.prepare(eased, &self.structure, &self.worst_points.rises_pa, false);
            let warm = self.core.resume(&self.structure, &self.state, false);
            outcome = self.newton.iterate(eased, &mut self.structure, &mut self.core, options, warm, left);
        }
    }

    /// Finds the branches of all corners together, and exact flows on them.
    fn branches(&mut self, eased: &Problem, options: &Options, restructured: bool) -> (Outcome, Branches) {
        self.core.prepare(eased, &self.structure, &self.worst_points.rises_pa, restructured);
        let mut outcome = self.newton.start(eased, &mut self.structure, &mut self.core);
        let (structure, core) = (&mut self.structure, &mut self.core);
        let branches = self.newton.together(eased, structure, core, Droop::Exact, JOINT_STEPS, &mut outcome);
        let barred = branches == Branches::Leaking && !balance::without_way(eased, structure, core, true).is_empty();
        if matches!(branches, Branches::Found | Branches::Leaking) && !barred {
            self.newton.finish(eased, structure, core, options, &mut outcome);
        }
        (outcome, branches)
    }

    /// What the finished arrays say against a state that claims to be solved. Where given flows are set aside, it is
    /// refused anyway.
    fn broken(&mut self, network: &Network, problem: &Problem, solved: bool) -> Option<Broken> {
        if !solved || !self.aside.is_empty() {
            return None;
        }
        let loss_pa = self.results.largest_loss_pa;
        acceptance::broken(network, problem, &self.structure, &self.core, loss_pa, &self.state)
    }

    /// Findings and the verdict.
    fn report(
        &mut self,
        network: &Network,
        problem: &Problem,
        options: &Options,
        solved: bool,
        broken: Option<Broken>,
        total: Outcome,
    ) {
        let state = &mut self.state;
        state.iterations = total.iterations;
        state.findings.clear();
        state.converged = solved;
        let chains = self.structure.reduction.chain_count();
        let sensed_pa = |controller: &Controller| controllers::sensed_pa(&self.structure, &self.core, controller);
        let not_held = |at: usize, controller: &Controller| {
            let element = self.structure.element_of_core_link(network, problem, (chains + at) as u32);
            Finding::new(Code::SetValueNotHeld, element)
                .physical("set", Quantity::Pressure, controller.set_pa)
                .physical("sensed", Quantity::Pressure, sensed_pa(controller))
        };
        if !self.beyond.is_empty() {
            for at in self.beyond.iter().map(|&at| at as usize) {
                let named = self.core.specials[at].controller().map(|controller| not_held(at, controller));
                state.findings.extend(named.map(|finding| finding.severe(Severity::Error)));
            }
        } else if !solved {
            let element = self.structure.element_of_core_link(network, problem, total.worst);
            state.findings.push(
                Finding::new(Code::NotConverged, element)
                    .count("iterations", total.iterations as usize)
                    .physical("residual", Quantity::MassFlow, total.error * state.largest_flow_kg_s)
                    .physical("limit", Quantity::MassFlow, options.tolerance * state.largest_flow_kg_s),
            );
        } else if let Some(broken) = broken {
            state.findings.push(broken.finding(total.iterations));
            state.converged = false;
        }
        state.converged &= self.aside.report(network, problem, &self.structure, state);
        state.converged &= references::check(network, problem, &self.structure, &self.core, state);
        if self.structure.any_adrift {
            state.converged &= islands::check(network, problem, &self.structure, state);
        }
        state.converged &= self.worst_points.check(network, problem, state);
        consumers::check(network, problem, &self.structure, state);
        for (at, special) in self.core.specials.iter().enumerate() {
            let Some(controller) = special.controller().filter(|_| !self.beyond.contains(&(at as u32))) else {
                continue;
            };
            let link = chains + at;
            if !self.structure.dead[link] && special.fails_to_hold(self.core.flow[link], sensed_pa(controller)) {
                state.findings.push(not_held(at, controller));
            }
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
        self.element(network, problem, link)
    }

    /// The element behind a link of the roles: make-ups are named by their node, holes by their pipe.
    fn element(&self, network: &Network, problem: &Problem, link: u32) -> ElementRef {
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
