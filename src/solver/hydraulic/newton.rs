//! Newton's method on the core: Todini–Pilati gradient steps, a line search on the content, regimes between steps.
//!
//! With all regimes fixed the flows minimise the strictly convex content Σ∫(f − c) dm among mass-balanced flows. A step
//! solves the weighted Laplacian of conductances 1/f′ for pressure *corrections* (so rounding errors shrink with the
//! step) and moves the flows within the cycle space. The slope of the content along the step is Σ(f − d)·δm with d the
//! pressure difference at the *new* potentials: a balanced step does no work in any potential, so that this is the same
//! number with the large terms cancelled, it is −Σδm²·f′ at the start (always down), and whatever is pinned or controls
//! counts as the fixed drop it is. Where the slope at the full step shows that the minimum was overshot, the step is cut
//! back to it.
//!
//! Two ways lead to a solution:
//!
//! * [`Newton::iterate`], the usual one: regimes change between steps (see `specials`). A primal–dual active set; fast,
//!   and it may cycle. Then, or where what is pinned leaves water no way, it gives up early.
//! * [`Newton::settle`], the safe one: vertical branches become steep walls and controllers get a droop, both sharpened
//!   in three stages, and only then regimes are read off the flows. *Why limits cannot cycle there:* with walls every
//!   law is a continuous strictly rising function, so each stage is the minimum of one strictly convex function with
//!   piecewise smooth gradient; every accepted step lowers it, no piece is entered twice with the same value, and close
//!   to the minimum the full step is taken (Newton's method is finite on the pieces that are linear). As the walls rise
//!   their minimum tends to that of the limited problem, which exists wherever given flows have a way (`balance`).
//!   *What is not proved:* controllers that sense pressures are no part of a convex function. With a great droop their
//!   flows hardly depend on each other and the state is unique; on the way to no droop several that pull against each
//!   other may come to a fold. They then stand open and are named.
//!
//! Controllers that sense pressures elsewhere add one unknown flow each, eliminated through a small dense system
//! (`controllers`).

use super::super::options::Options;
use super::super::problem::Problem;
use super::controllers::Bordered;
use super::core::{Core, flow_scale};
use super::joint::Corners;
use super::pockets::Pockets;
use super::reduction::NONE;
use super::specials::{CONTROLLER_SLOPE_PA_S_KG, Corner, Droop, Regime, SMALLEST_SLOPE_PA_S_KG, Walls};
use super::structure::Structure;

/// Slope of the content at the end of a step, relative to that at its beginning, up to which the step is accepted.
const ACCEPTED_SLOPE: f64 = 0.3;
/// Longest change of a flow in one step, relative to the largest flow.
pub const LONGEST_STEP: f64 = 4.0;
/// Trials of one line search.
const SEARCH_TRIALS: usize = 8;
/// Changes of one regime, and steps while any regime changes, after which walls replace the vertical branches.
const PATIENCE: u32 = 3;
const PATIENCE_STEPS: u32 = 12;
/// Flow error below which controllers may change their regime: before that they would follow noise.
const CALM: f64 = 0.05;
/// Error of the set value of a controller, Pa.
const SET_TOLERANCE_PA: f64 = 1e-4;
/// Momentum residual relative to the largest pressure; in narrow pipes the flow error alone would leave more.
const MOMENTUM_TOLERANCE: f64 = 1e-9;
/// Mass imbalance of a core node relative to the largest flow.
const BALANCE_TOLERANCE: f64 = 1e-11;
/// A stage on the way from soft laws to exact ones: slope of the walls that stand for vertical branches, and droop of
/// controllers, both in typical pressure differences per largest flow.
#[derive(Clone, Copy, Debug)]
struct Stage {
    wall: f64,
    droop: f64,
}

const STAGES: [Stage; 3] =
    [Stage { wall: 1e3, droop: 1.0 }, Stage { wall: 1e4, droop: 1e-2 }, Stage { wall: 1e6, droop: 1e-4 }];
/// Flow error at which a stage is left, and steps it may take.
const STAGE_TOLERANCE: f64 = 1e-3;
const STAGE_STEPS: u32 = 10;
/// Steps on branches that are found.
const FINISH_STEPS: u32 = 12;
/// Pressures at which the usual way is given up, Pa.
const ADRIFT_PA: f64 = 1e11;
/// Steps without any change that are waited for water to balance.
const MOST_STALLED: u32 = 2;
const ROUNDED_BALANCE: f64 = 3e-10;
/// Imbalance that a line search on the content bears.
const SEARCHED_BALANCE: f64 = 1e-6;
/// A pressure difference typical for heating networks, Pa: with the largest flow it gives the scale of conductances.
pub const TYPICAL_DIFFERENCE_PA: f64 = 1e5;
/// Conductance of pinned links relative to that scale.
const PINNED_CONDUCTANCE: f64 = 1e-8;

/// How an iteration ended.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    pub converged: bool,
    pub iterations: u32,
    /// Largest flow error relative to the largest flow, and the core link it is at.
    pub error: f64,
    pub worst: u32,
}

impl Outcome {
    /// This way and then another.
    pub fn add(&mut self, next: Outcome) {
        *self = Outcome { iterations: self.iterations + next.iterations, ..next };
    }
}

/// Buffers of the iteration.
#[derive(Clone, Debug, Default)]
pub struct Newton {
    conductance: Vec<f64>,
    pub(super) residual: Vec<f64>,
    step: Vec<f64>,
    /// Pressure difference of each link that follows a law, at the new potentials.
    difference: Vec<f64>,
    trial: Vec<f64>,
    pub(super) right: Vec<f64>,
    pub(super) scratch: Vec<f64>,
    bordered: Bordered,
    pub(super) corners: Corners,
    pockets: Pockets,
    /// Whether pockets keep their level and what is pinned conducts nothing.
    kept: bool,
}

/// Whose regimes follow the flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Watch {
    /// Everybody's.
    All,
    /// Those of limits; controllers only shut against flow back.
    Limits,
    /// Those of controllers: limits are walls.
    Controllers,
}

pub(super) struct Check {
    pub error: f64,
    pub worst: u32,
    settled: bool,
    /// All laws hold, and water is missing somewhere.
    unbalanced: bool,
    /// What is missing is no more than rounding may leave where conductances lie twelve orders of magnitude apart.
    nearly: bool,
}

impl Newton {
    /// Iterates `core` to the tolerance, at most `most` steps. `warm`: flows and potentials are those of an earlier
    /// solution. Gives up early where regimes go to and fro: that is for [`Newton::settle`].
    pub fn iterate(
        &mut self,
        problem: &Problem,
        structure: &mut Structure,
        core: &mut Core,
        options: &Options,
        warm: bool,
        most: u32,
    ) -> Outcome {
        self.begin(structure, core);
        core.droop = Droop::Exact;
        let mut outcome = Outcome { worst: NONE, error: f64::INFINITY, ..Outcome::default() };
        if warm {
            core.evaluate_chains(problem);
        } else {
            self.first_step(problem, structure, core, &mut outcome);
        }
        self.exact(problem, structure, core, options, most, false, &mut outcome);
        outcome
    }

    /// Finds the solution by way of softened laws, from nothing, in at most `most` steps: slow, and safe where regimes
    /// go to and fro. See the head of this file.
    pub fn settle(
        &mut self,
        problem: &Problem,
        structure: &mut Structure,
        core: &mut Core,
        options: &Options,
        most: u32,
    ) -> Outcome {
        self.begin(structure, core);
        let mut outcome = Outcome { worst: NONE, error: f64::INFINITY, ..Outcome::default() };
        self.first_step(problem, structure, core, &mut outcome);
        for special in &mut core.specials {
            special.release();
        }
        for stage in STAGES {
            self.soft(problem, structure, core, stage, most, &mut outcome);
        }
        core.droop = Droop::Exact;
        self.harden(core);
        self.exact(problem, structure, core, options, most, true, &mut outcome);
        outcome
    }

    /// First flows, from nothing, in one step.
    pub fn start(&mut self, problem: &Problem, structure: &mut Structure, core: &mut Core) -> Outcome {
        self.begin(structure, core);
        let mut outcome = Outcome { worst: NONE, error: f64::INFINITY, ..Outcome::default() };
        self.first_step(problem, structure, core, &mut outcome);
        outcome
    }

    /// Exact flows on branches that are found.
    pub fn finish(
        &mut self,
        problem: &Problem,
        structure: &mut Structure,
        core: &mut Core,
        options: &Options,
        outcome: &mut Outcome,
    ) {
        // Where limits were walls, only their flows tell the branches.
        if !self.corners.all() {
            self.harden(core);
            outcome.error = 0.0;
            let most = outcome.iterations + FINISH_STEPS;
            self.exact(problem, structure, core, options, most, true, outcome);
            return;
        }
        let chains = structure.reduction.chain_count();
        self.pockets.find(structure, core);
        self.kept = true;
        for (at, special) in core.specials.iter().enumerate() {
            if let Some(pinned) = special.pinned() {
                core.flow[chains + at] = pinned;
            }
        }
        let mut balanced = false;
        for step in 0..=FINISH_STEPS {
            let scale = flow_scale(core);
            core.evaluate_chains(problem);
            core.evaluate_specials(problem, None);
            let check = self.assemble(structure, core, scale, None);
            (outcome.error, outcome.worst) = (check.error, check.worst);
            let settled = check.settled || step > MOST_STALLED && check.unbalanced && check.nearly;
            outcome.converged = settled && check.error <= options.tolerance;
            if outcome.converged || step == FINISH_STEPS {
                break;
            }
            outcome.iterations += 1;
            balanced |= self.largest_imbalance(structure, core) <= SEARCHED_BALANCE * scale;
            self.solve_step(structure, core);
            balanced = self.take_step(problem, structure, core, None, balanced, LONGEST_STEP * scale);
        }
        self.kept = false;
        self.pockets.fit(problem, structure, core);
    }

    fn begin(&mut self, structure: &Structure, core: &Core) {
        let links = core.flow.len();
        for buffer in [&mut self.conductance, &mut self.residual, &mut self.step, &mut self.difference, &mut self.trial]
        {
            buffer.resize(links, 0.0);
        }
        self.right.resize(structure.unknowns, 0.0);
        self.scratch.resize(structure.unknowns, 0.0);
    }

    /// First flows from straight lines instead of laws.
    fn first_step(&mut self, problem: &Problem, structure: &mut Structure, core: &mut Core, outcome: &mut Outcome) {
        core.potential.fill(0.0);
        let scale = core.largest_injection().max(core.linearise(problem));
        self.assemble(structure, core, scale, None);
        outcome.iterations += 1;
        self.solve_step(structure, core);
        // From rest, where nothing is given, the step is balanced and can be cut to the flows that fit the laws.
        let at_rest = core.largest_injection() == 0.0;
        self.take_step(problem, structure, core, None, at_rest, f64::INFINITY);
    }

    fn solve_step(&mut self, structure: &mut Structure, core: &Core) {
        structure.factor.factorise();
        structure.factor.solve(&mut self.right);
        self.bordered.correct(structure, core, &mut self.right);
    }

    /// Steps with exact laws until all of them hold, or until regimes cycle.
    fn exact(
        &mut self,
        problem: &Problem,
        structure: &mut Structure,
        core: &mut Core,
        options: &Options,
        most: u32,
        patient: bool,
        outcome: &mut Outcome,
    ) {
        let begun = outcome.iterations;
        let mut balanced = false;
        let mut stalled = 0;
        loop {
            let scale = flow_scale(core);
            let watch = if outcome.error <= CALM { Watch::All } else { Watch::Limits };
            let changed = self.update_regimes(problem, structure, core, scale, watch);
            balanced &= !changed;
            core.evaluate_specials(problem, None);
            let check = self.assemble(structure, core, scale, None);
            (outcome.error, outcome.worst) = (check.error, check.worst);
            if !changed && check.settled && check.error <= options.tolerance {
                // Where the flows come out at once no controller has been asked yet.
                if watch == Watch::Limits && core.specials.iter().any(|special| special.controller().is_some()) {
                    continue;
                }
                outcome.converged = true;
                return;
            }
            // All laws hold and still water is missing: what is pinned leaves it no way.
            stalled = if !changed && check.unbalanced && check.error <= options.tolerance { stalled + 1 } else { 0 };
            if stalled > MOST_STALLED && check.nearly && watch == Watch::All {
                outcome.converged = true;
                return;
            }
            // Pressures from nowhere: what is pinned lets no water out of some part.
            let adrift = !patient
                && !core.specials.is_empty()
                && core.potential.iter().any(|pressure| pressure.abs() > ADRIFT_PA);
            if outcome.iterations >= most
                || adrift
                || stalled > MOST_STALLED
                || !patient && cycles(core, outcome.iterations - begun)
            {
                return;
            }
            outcome.iterations += 1;
            self.solve_step(structure, core);
            balanced = self.take_step(problem, structure, core, None, balanced, LONGEST_STEP * scale);
        }
    }

    /// Steps with softened laws, until about right.
    fn soft(
        &mut self,
        problem: &Problem,
        structure: &mut Structure,
        core: &mut Core,
        stage: Stage,
        most: u32,
        outcome: &mut Outcome,
    ) {
        let mut balanced = false;
        for _ in 0..STAGE_STEPS {
            let scale = flow_scale(core);
            let unit = TYPICAL_DIFFERENCE_PA / scale;
            core.droop = Droop::Soft(stage.droop * unit);
            let changed = self.update_regimes(problem, structure, core, scale, Watch::Controllers);
            let wall = Some(Walls { height_pa: stage.wall * TYPICAL_DIFFERENCE_PA, scale_kg_s: scale });
            core.evaluate_specials(problem, wall);
            let check = self.assemble(structure, core, scale, wall);
            (outcome.error, outcome.worst) = (check.error, check.worst);
            if !changed && check.error <= STAGE_TOLERANCE || outcome.iterations >= most {
                return;
            }
            outcome.iterations += 1;
            self.solve_step(structure, core);
            balanced = self.take_step(problem, structure, core, wall, balanced, LONGEST_STEP * scale);
        }
    }

    /// Conductances, residuals and right-hand side at the present flows and potentials, and whether they solve the system.
    pub(super) fn assemble(
        &mut self,
        structure: &mut Structure,
        core: &Core,
        scale: f64,
        soft: Option<Walls>,
    ) -> Check {
        let reduction = &structure.reduction;
        let chains = reduction.chain_count();
        let floor = PINNED_CONDUCTANCE * scale / TYPICAL_DIFFERENCE_PA;
        let mut check = Check { error: 0.0, worst: NONE, settled: true, unbalanced: false, nearly: false };
        let largest_pa = core.potential.iter().fold(TYPICAL_DIFFERENCE_PA, |largest: f64, p| largest.max(p.abs()));
        let allowed_pa = MOMENTUM_TOLERANCE * largest_pa;
        structure.factor.clear();
        for (core_node, &unknown) in structure.unknown_of.iter().enumerate() {
            if unknown != NONE {
                self.right[unknown as usize] = core.injection[core_node];
            }
        }
        for link in 0..core.flow.len() {
            if structure.dead[link] {
                continue;
            }
            let [from, to] = reduction.ends[link].map(|node| core.potential[node as usize]);
            let difference = from - to + core.constant[link];
            let special = (link >= chains).then(|| &core.specials[link - chains]);
            let (conductance, residual) = match special {
                Some(_) if self.corners.takes(link - chains) => (scale / TYPICAL_DIFFERENCE_PA, 0.0),
                Some(special) if soft.is_none() && special.pinned().is_some() => {
                    (if self.kept { 0.0 } else { floor }, 0.0)
                }
                Some(special) if special.regime == Regime::Active => {
                    let Some(controller) = special.controller() else { continue };
                    let error = controller.set_pa
                        - super::controllers::sensed_pa(structure, core, controller)
                        - controller.sense * controller.droop_pa_s_kg(core.droop) * core.flow[link];
                    check.settled &= error.abs() <= SET_TOLERANCE_PA;
                    if soft.is_some() && error.abs() > STAGE_TOLERANCE * TYPICAL_DIFFERENCE_PA {
                        check.error = check.error.max(2.0 * STAGE_TOLERANCE);
                    }
                    (1.0 / CONTROLLER_SLOPE_PA_S_KG, 0.0)
                }
                _ => {
                    let conductance = 1.0 / core.slope[link].max(SMALLEST_SLOPE_PA_S_KG);
                    let residual = difference - core.drop[link];
                    // What the digits of the pressures cannot tell apart is no error.
                    let rounding = 8.0 * f64::EPSILON * (from.abs() + to.abs() + core.constant[link].abs());
                    // A residual that is no number must not pass for none.
                    let beyond = if residual.is_nan() { f64::NAN } else { (residual.abs() - rounding).max(0.0) };
                    // Walls are too steep to say anything by pressure.
                    check.settled &= beyond <= allowed_pa || soft.is_some();
                    let error = (beyond * conductance).min(f64::MAX) / scale;
                    if error > check.error || error.is_nan() {
                        check.error = if error.is_nan() { f64::INFINITY } else { error };
                        check.worst = link as u32;
                    }
                    (conductance, residual)
                }
            };
            self.conductance[link] = conductance;
            self.residual[link] = residual;
            let edge = structure.edges[link];
            structure.factor.add(edge, structure.slots[link], conductance);
            let flow = core.flow[link] + conductance * residual;
            if edge[0] != NONE {
                self.right[edge[0] as usize] -= flow;
            }
            if edge[1] != NONE {
                self.right[edge[1] as usize] += flow;
            }
        }
        if self.kept {
            for &anchor in &self.pockets.anchors {
                structure.factor.add([anchor, NONE], NONE, scale / TYPICAL_DIFFERENCE_PA);
            }
        }
        if check.settled {
            // Balance without the corrections of this step.
            let worst = self.largest_imbalance(structure, core);
            check.settled = worst <= BALANCE_TOLERANCE * scale;
            check.unbalanced = !check.settled;
            check.nearly = worst <= ROUNDED_BALANCE * scale;
        }
        check
    }

    fn largest_imbalance(&mut self, structure: &Structure, core: &Core) -> f64 {
        self.scratch.fill(0.0);
        for (core_node, &unknown) in structure.unknown_of.iter().enumerate() {
            if unknown != NONE {
                self.scratch[unknown as usize] = core.injection[core_node];
            }
        }
        for (link, edge) in structure.edges.iter().enumerate() {
            if edge[0] != NONE {
                self.scratch[edge[0] as usize] -= core.flow[link];
            }
            if edge[1] != NONE {
                self.scratch[edge[1] as usize] += core.flow[link];
            }
        }
        self.scratch.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()))
    }

    /// Moves potentials and flows; cuts the step where it passes the minimum of the content, or is longer than what the
    /// straight lines can be trusted for. Gives whether the flows balance afterwards.
    pub(super) fn take_step(
        &mut self,
        problem: &Problem,
        structure: &Structure,
        core: &mut Core,
        soft: Option<Walls>,
        search: bool,
        longest: f64,
    ) -> bool {
        let chains = structure.reduction.chain_count();
        for (core_node, &unknown) in structure.unknown_of.iter().enumerate() {
            if unknown != NONE {
                core.potential[core_node] += self.right[unknown as usize];
            }
        }
        let value = |unknown: u32| if unknown == NONE { 0.0 } else { self.right[unknown as usize] };
        // Slopes of the content are taken against the new potentials: a balanced step does no work in them, controllers at
        // work and pinned links then count as the fixed drops they are, and large pressures cancel before they are summed.
        let (mut start_slope, mut rounding) = (0.0, 0.0);
        for link in 0..core.flow.len() {
            self.difference[link] = f64::NAN;
            if structure.dead[link] {
                self.step[link] = 0.0;
                continue;
            }
            let [from, to] = structure.edges[link];
            let mut step = self.conductance[link] * (self.residual[link] + value(from) - value(to));
            let taken = link >= chains && self.corners.takes(link - chains);
            if link >= chains {
                step += if taken { self.corners.extra(link - chains) } else { self.bordered.extra(link - chains) };
            }
            self.step[link] = step;
            if follows_law(core, link, chains, if taken { None } else { soft }) {
                let [from, to] = structure.reduction.ends[link].map(|node| core.potential[node as usize]);
                self.difference[link] = from - to + core.constant[link];
                start_slope += (core.drop[link] - self.difference[link]) * step;
                rounding += (from.abs() + to.abs()) * step.abs();
            }
        }
        std::mem::swap(&mut core.flow, &mut self.trial);
        let move_to = |core: &mut Core, start: &[f64], step: &[f64], share: f64| {
            for ((flow, &start), &step) in core.flow.iter_mut().zip(start).zip(step) {
                *flow = start + share * step;
            }
            core.evaluate_chains(problem);
        };
        let length = self.step.iter().fold(0.0, |length: f64, step| length.max(step.abs()));
        if length > longest {
            // Part of the way towards balance as well, so what was balanced stays so.
            move_to(core, &self.trial, &self.step, longest / length);
            return search;
        }
        move_to(core, &self.trial, &self.step, 1.0);
        if !search || start_slope >= 0.0 {
            return true;
        }
        // Regula falsi with bisection on the slope of the content along the step.
        let (mut low, mut low_slope, mut high, mut high_slope) = (0.0, start_slope, 1.0, 0.0);
        let mut share = 1.0;
        for trial in 0..SEARCH_TRIALS {
            self.corners.evaluate(problem, core, soft);
            let slope: f64 = (0..core.flow.len())
                .filter(|&link| !self.difference[link].is_nan())
                .map(|link| (core.drop[link] - self.difference[link]) * self.step[link])
                .sum();
            let enough = slope.abs() <= -ACCEPTED_SLOPE * start_slope || slope.abs() <= 8.0 * f64::EPSILON * rounding;
            if enough || (trial == 0 && slope <= 0.0) {
                return true;
            }
            if slope > 0.0 || !slope.is_finite() {
                // Out of range of numbers: too far in any case.
                (high, high_slope) = (share, if slope.is_finite() { slope } else { -start_slope });
            } else {
                (low, low_slope) = (share, slope);
            }
            let secant = low - low_slope * (high - low) / (high_slope - low_slope);
            let margin = 0.1 * (high - low);
            // `max` first: a secant that is no number becomes the lower end.
            share = secant.max(low + margin).min(high - margin);
            move_to(core, &self.trial, &self.step, share);
        }
        true
    }

    /// Regimes after a step; pins flows. Gives whether any changed.
    fn update_regimes(
        &mut self,
        problem: &Problem,
        structure: &Structure,
        core: &mut Core,
        scale: f64,
        watch: Watch,
    ) -> bool {
        let reduction = &structure.reduction;
        let chains = reduction.chain_count();
        let mut changed = false;
        for at in 0..core.specials.len() {
            let link = chains + at;
            if structure.dead[link] || watch == Watch::Controllers && core.specials[at].controller().is_none() {
                continue;
            }
            let calm = watch != Watch::Limits;
            let [from, to] = reduction.ends[link].map(|node| core.potential[node as usize]);
            let corner = Corner { flow_kg_s: 1e-12 * scale, pressure_pa: 1e-6 + 1e-12 * (from.abs() + to.abs()), calm };
            let difference = from - to + core.constant[link] - core.feedback.of_special(at, core.flow[link]).0;
            let sensed = core.specials[at]
                .controller()
                .map_or(0.0, |controller| super::controllers::sensed_pa(structure, core, controller));
            let droop = core.droop.pa_s_kg();
            changed |= core.specials[at].update(problem, core.flow[link], difference, sensed, droop, corner);
            if watch != Watch::Controllers
                && let Some(pinned) = core.specials[at].pinned()
            {
                core.flow[link] = pinned;
            }
        }
        changed
    }

    /// Regimes of the flows found with walls.
    fn harden(&mut self, core: &mut Core) {
        let chains = core.flow.len() - core.specials.len();
        for at in 0..core.specials.len() {
            core.specials[at].resume(core.flow[chains + at]);
            core.specials[at].changes = 0;
        }
    }
}

/// Whether the regimes of limited laws go to and fro.
fn cycles(core: &Core, iterations: u32) -> bool {
    let most =
        core.specials.iter().filter(|special| special.controller().is_none()).map(|special| special.changes).max();
    most.is_some_and(|most| most > PATIENCE || (most > 0 && iterations >= PATIENCE_STEPS))
}

fn follows_law(core: &Core, link: usize, chains: usize, soft: Option<Walls>) -> bool {
    if link < chains {
        return true;
    }
    let special = &core.specials[link - chains];
    special.regime != Regime::Active && (soft.is_some() || special.pinned().is_none())
}
