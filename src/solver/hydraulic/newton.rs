//! Newton's method on the core: Todini–Pilati gradient steps, a line search on the content, regimes between steps.
//!
//! With all regimes fixed the flows minimise the strictly convex content Σ∫(f − c) dm among mass-balanced flows. A step
//! solves the weighted Laplacian of conductances 1/f′ for pressure *corrections* (so rounding errors shrink with the
//! step) and moves the flows within the cycle space, where the slope of the content along the step is Σ(f − c)·δm,
//! computed from values the next step needs anyway. Where the slope at the full step shows that the minimum was
//! overshot, the step is cut back to it. Regimes change between steps (see `specials`); where one of them changes too
//! often, the vertical branches are replaced by steep walls, for which the line search alone guarantees the descent, and
//! the regimes are read off that solution. Controllers that sense pressures elsewhere add one unknown flow each,
//! eliminated through a small dense system (`controllers`).

use super::super::options::Options;
use super::super::problem::Problem;
use super::controllers::Bordered;
use super::core::Core;
use super::reduction::NONE;
use super::specials::{CONTROLLER_SLOPE_PA_S_KG, Corner, DROOP_PA_S_KG, Regime, SMALLEST_SLOPE_PA_S_KG};
use super::structure::Structure;

/// Slope of the content at the end of a step, relative to that at its beginning, up to which the step is accepted.
const ACCEPTED_SLOPE: f64 = 0.3;
/// Longest change of a flow in one step, relative to the largest flow.
const LONGEST_STEP: f64 = 4.0;
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
/// A pressure difference typical for heating networks, Pa: with the largest flow it gives the scale of conductances.
const TYPICAL_DIFFERENCE_PA: f64 = 1e5;
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

/// Buffers of the iteration.
#[derive(Clone, Debug, Default)]
pub struct Newton {
    conductance: Vec<f64>,
    residual: Vec<f64>,
    step: Vec<f64>,
    trial: Vec<f64>,
    right: Vec<f64>,
    scratch: Vec<f64>,
    bordered: Bordered,
}

struct Check {
    error: f64,
    worst: u32,
    settled: bool,
}

impl Newton {
    /// Iterates `core` to the tolerance. `warm`: flows and potentials are those of an earlier solution.
    pub fn iterate(
        &mut self,
        problem: &Problem,
        structure: &mut Structure,
        core: &mut Core,
        options: &Options,
        warm: bool,
    ) -> Outcome {
        let links = core.flow.len();
        for buffer in [&mut self.conductance, &mut self.residual, &mut self.step, &mut self.trial] {
            buffer.resize(links, 0.0);
        }
        self.right.resize(structure.unknowns, 0.0);
        self.scratch.resize(structure.unknowns, 0.0);
        // The error is known after the first assembly; until then controllers keep their regime.
        let mut outcome = Outcome { worst: NONE, error: f64::INFINITY, ..Outcome::default() };
        let mut balanced = false;
        let mut soft: Option<f64> = None;
        let mut hardened = false;
        if warm {
            core.evaluate_chains(problem);
        } else {
            core.linearise(problem);
        }
        let mut first_cold = !warm;
        loop {
            let scale = flow_scale(core);
            let mut changed = false;
            let calm = outcome.error <= CALM;
            if !first_cold {
                if soft.is_none() {
                    changed = self.update_regimes(problem, structure, core, scale, calm);
                    if changed {
                        balanced = false;
                    }
                }
                core.evaluate_specials(problem, soft);
            }
            let check = self.assemble(structure, core, scale, soft);
            outcome.error = check.error;
            outcome.worst = check.worst;
            if !first_cold && !changed && check.settled && check.error <= options.tolerance {
                // Where the flows come out at once no controller has been asked yet.
                if !calm && core.specials.iter().any(|special| special.controller().is_some()) {
                    continue;
                }
                match soft {
                    None => {
                        outcome.converged = true;
                        return outcome;
                    }
                    Some(wall) => {
                        // Steeper walls, then none: the regimes are those of the flows.
                        let unit = TYPICAL_DIFFERENCE_PA / scale;
                        if wall < 1e5 * unit {
                            soft = Some(wall * 1e3);
                        } else {
                            soft = None;
                            hardened = true;
                            self.harden(core);
                        }
                        continue;
                    }
                }
            }
            if outcome.iterations >= options.max_iterations {
                return outcome;
            }
            if soft.is_none() && !hardened && cycles(core, outcome.iterations) {
                // From a fresh start: cycling regimes have left flows far from anything.
                let scale = core.largest_injection().max(core.linearise(problem));
                core.potential.fill(0.0);
                soft = Some(1e3 * TYPICAL_DIFFERENCE_PA / scale);
                self.assemble(structure, core, scale, soft);
                balanced = false;
            }
            outcome.iterations += 1;
            structure.factor.factorise();
            structure.factor.solve(&mut self.right, &mut self.scratch);
            self.bordered.correct(structure, core, &mut self.right, &mut self.scratch);
            let longest = if first_cold { f64::INFINITY } else { LONGEST_STEP * scale };
            balanced = self.take_step(problem, structure, core, soft, balanced && !first_cold, longest);
            first_cold = false;
        }
    }

    /// Conductances, residuals and right-hand side at the present flows and potentials, and whether they solve the system.
    fn assemble(&mut self, structure: &mut Structure, core: &Core, scale: f64, soft: Option<f64>) -> Check {
        let reduction = &structure.reduction;
        let chains = reduction.chain_count();
        let floor = PINNED_CONDUCTANCE * scale / TYPICAL_DIFFERENCE_PA;
        let mut check = Check { error: 0.0, worst: NONE, settled: true };
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
            let [from, to] = reduction.ends[link].map(|node| core.potential[reduction.core_of[node as usize] as usize]);
            let difference = from - to + core.constant[link];
            let special = (link >= chains).then(|| &core.specials[link - chains]);
            let (conductance, residual) = match special {
                Some(special) if soft.is_none() && special.pinned().is_some() => (floor, 0.0),
                Some(special) if special.regime == Regime::Active => {
                    let Some(controller) = special.controller() else { continue };
                    let error = controller.set_pa
                        - super::controllers::sensed_pa(structure, core, controller)
                        - controller.sense * DROOP_PA_S_KG * core.flow[link];
                    check.settled &= error.abs() <= SET_TOLERANCE_PA;
                    (1.0 / CONTROLLER_SLOPE_PA_S_KG, 0.0)
                }
                _ => {
                    let conductance = 1.0 / core.slope[link].max(SMALLEST_SLOPE_PA_S_KG);
                    let residual = difference - core.drop[link];
                    // What the digits of the pressures cannot tell apart is no error.
                    let rounding = 8.0 * f64::EPSILON * (from.abs() + to.abs() + core.constant[link].abs());
                    let beyond = (residual.abs() - rounding).max(0.0);
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
        if check.settled {
            // Balance without the corrections of this step.
            let worst = self.largest_imbalance(structure, core);
            check.settled = worst <= BALANCE_TOLERANCE * scale;
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
    fn take_step(
        &mut self,
        problem: &Problem,
        structure: &Structure,
        core: &mut Core,
        soft: Option<f64>,
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
        let mut start_slope = 0.0;
        for link in 0..core.flow.len() {
            if structure.dead[link] {
                self.step[link] = 0.0;
                continue;
            }
            let [from, to] = structure.edges[link];
            let mut step = self.conductance[link] * (self.residual[link] + value(from) - value(to));
            if link >= chains {
                step += self.bordered.extra(link - chains);
            }
            self.step[link] = step;
            if follows_law(core, link, chains, soft) {
                start_slope += (core.drop[link] - core.constant[link]) * step;
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
            core.evaluate_specials(problem, soft);
            let slope: f64 = (0..core.flow.len())
                .filter(|&link| !structure.dead[link] && follows_law(core, link, chains, soft))
                .map(|link| (core.drop[link] - core.constant[link]) * self.step[link])
                .sum();
            if slope.abs() <= -ACCEPTED_SLOPE * start_slope || (trial == 0 && slope <= 0.0) {
                return true;
            }
            if slope > 0.0 {
                (high, high_slope) = (share, slope);
            } else {
                (low, low_slope) = (share, slope);
            }
            let secant = low - low_slope * (high - low) / (high_slope - low_slope);
            let margin = 0.1 * (high - low);
            share = secant.clamp(low + margin, high - margin);
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
        calm: bool,
    ) -> bool {
        let reduction = &structure.reduction;
        let chains = reduction.chain_count();
        let mut changed = false;
        for at in 0..core.specials.len() {
            let link = chains + at;
            if structure.dead[link] {
                continue;
            }
            let [from, to] = reduction.ends[link].map(|node| core.potential[reduction.core_of[node as usize] as usize]);
            let corner = Corner { flow_kg_s: 1e-12 * scale, pressure_pa: 1e-6 + 1e-12 * (from.abs() + to.abs()), calm };
            let difference = from - to + core.constant[link];
            let sensed = core.specials[at]
                .controller()
                .map_or(0.0, |controller| super::controllers::sensed_pa(structure, core, controller));
            changed |= core.specials[at].update(problem, core.flow[link], difference, sensed, corner);
            if let Some(pinned) = core.specials[at].pinned() {
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
            if core.specials[at].controller().is_none() {
                core.specials[at].changes = 0;
            }
        }
    }
}

/// Whether the regimes of limited laws go to and fro.
fn cycles(core: &Core, iterations: u32) -> bool {
    let most =
        core.specials.iter().filter(|special| special.controller().is_none()).map(|special| special.changes).max();
    most.is_some_and(|most| most > PATIENCE || (most > 0 && iterations >= PATIENCE_STEPS))
}

fn follows_law(core: &Core, link: usize, chains: usize, soft: Option<f64>) -> bool {
    if link < chains {
        return true;
    }
    let special = &core.specials[link - chains];
    special.regime != Regime::Active && (soft.is_some() || special.pinned().is_none())
}

/// Largest flow in sight: what errors are measured against.
fn flow_scale(core: &Core) -> f64 {
    // Below this nothing flows.
    const SMALLEST_KG_S: f64 = 1e-9;
    let largest = core.flow.iter().fold(SMALLEST_KG_S, |largest: f64, flow| largest.max(flow.abs()));
    let injected = core.largest_injection();
    if injected.is_finite() { largest.max(injected) } else { largest }
}
