//! Newton steps that settle all corners at once: limits, and controllers that sense pressures.
//!
//! In every step all laws are replaced by straight lines, and which branch each corner is on is found together with the
//! flows, as a complementarity problem of the size of the number of corners (`complementarity`; Josephy 1979). The
//! branches are no matter of going to and fro between steps: only the curvature of the laws is left to iterate upon.
//!
//! The system: every corner link gets a typical conductance in the matrix and an unknown flow beyond it; one solve with
//! the factor for each gives the answer of all pressures, and its conditions are straight functions of these unknowns.
//! What is shut leaks a ten thousand millionth of what a typical link passes, so that water at rest between shut links
//! has the mean of the pressures around it. Exact laws come after it (`newton`).

use super::super::problem::Problem;
use super::complementarity::{Complementarity, LAW, LOW, Nest, THIRD};
use super::controllers::sensed_pa;
use super::core::{Core, flow_scale, gravity_pa};
use super::newton::{LONGEST_STEP, Newton, Outcome, TYPICAL_DIFFERENCE_PA};
use super::reduction::NONE;
use super::specials::{Droop, Regime, Walls};
use super::structure::Structure;
use super::worst_point;

/// Corners that are settled together (dense systems of their number); where there are more, limits stay outside as walls.
const MOST_CORNERS: usize = 160;
/// Height of the walls that stand for limits outside, in typical differences.
const WALL: f64 = 1e6;
/// Conductance of what is shut, relative to a typical one.
const SHUT_CONDUCTANCE: f64 = 1e-9;
/// Leak that no difference of pressures of a network explains, relative to the largest flow.
const MOST_LEAK: f64 = 1e-5;
/// Flow error at which the branches are taken as found.
const FOUND: f64 = 1e-7;
/// The same without waiting for the last digits.
const SURELY: f64 = 1e-11;
/// Set values are held to this, Pa, relative to a typical difference.
const HELD: f64 = 1e-7;

/// An error is better than the best so far by this factor; without, steps are halved after some, and it ends after more.
const BETTER: f64 = 0.9;
const SHORTENED_EVERY: u32 = 3;
const MOST_STALLED: u32 = 8;

/// Steps without anything better, and error, after which the digits of the pressures are taken to give no more: the finished
/// state is asked again anyway.
const DIGITS_STALLED: u32 = 2;
const FOUND_BY_DIGITS: f64 = 1e-5;

/// Rises beyond this are no pumps any more, Pa.
const MOST_RISE_PA: f64 = 1e8;
/// Steps without anything better, and error, after which what leaks is seen to leak.
const LEAKS_STALLED: u32 = 3;
const LEAKS_FOUND: f64 = 1e-4;

/// What has become of the branches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Branches {
    Found,
    /// Found, but what is shut would have to pass water.
    Leaking,
    /// Found, but a source would need a greater rise than there is.
    Beyond,
    /// Too many controllers for this way.
    TooMany,
    /// Not found.
    Open,
}

/// Buffers.
#[derive(Clone, Debug, Default)]
pub struct Corners {
    /// Special links that take part.
    links: Vec<u32>,
    taken: Vec<bool>,
    all: bool,
    /// Sources (special links) that would need a greater rise than there is.
    beyond: Vec<u32>,
    responses: Vec<f64>,
    system: Complementarity,
    extra: Vec<f64>,
}

impl Corners {
    /// Whether a special link takes part.
    pub fn takes(&self, special: usize) -> bool {
        self.taken.get(special).copied().unwrap_or(false)
    }

    /// Flow of a special link beyond that of its conductance.
    pub fn extra(&self, special: usize) -> f64 {
        self.extra.get(special).copied().unwrap_or(0.0)
    }

    /// Special links of the sources that would need a greater rise than there is.
    pub fn beyond(&self) -> &[u32] {
        &self.beyond
    }

    /// Nobody takes part any more.
    pub fn clear(&mut self) {
        self.links.clear();
        self.taken.clear();
        self.extra.clear();
    }

    /// Takes a part of the step.
    fn shorten(&mut self, share: f64) {
        self.extra.iter_mut().for_each(|value| *value *= share);
    }

    /// Whether every corner takes part.
    pub fn all(&self) -> bool {
        self.all
    }

    /// Laws of all specials: those that take part without walls.
    pub fn evaluate(&self, problem: &Problem, core: &mut Core, walls: Option<Walls>) {
        let chains = core.flow.len() - core.specials.len();
        for (at, special) in core.specials.iter().enumerate() {
            let law = special.law(problem, core.flow[chains + at], walls.filter(|_| !self.takes(at)));
            let (answer_pa, answer_slope) = core.feedback.of_special(at, core.flow[chains + at]);
            core.drop[chains + at] = law.drop_pa + answer_pa;
            core.slope[chains + at] = law.slope_pa_s_kg + answer_slope;
        }
    }

    /// Who takes part. Gives whether they are few enough.
    pub fn choose(&mut self, structure: &Structure, core: &Core) -> bool {
        let chains = structure.reduction.chain_count();
        let alive = |at: usize| !structure.dead[chains + at];
        let all = (0..core.specials.len()).filter(|&at| alive(at)).count() <= MOST_CORNERS;
        self.all = all;
        self.links.clear();
        self.taken.clear();
        self.taken.resize(core.specials.len(), false);
        for (at, special) in core.specials.iter().enumerate() {
            if alive(at) && (all || special.controller().is_some()) {
                self.links.push(at as u32);
                self.taken[at] = true;
            }
        }
        self.links.len() <= MOST_CORNERS
    }

    /// Completes the pressure step `right` of the links that take no part, and gives those that do their branches.
    /// `scale`: largest flow.
    pub fn correct(
        &mut self,
        problem: &Problem,
        structure: &mut Structure,
        core: &mut Core,
        scale: f64,
        right: &mut [f64],
    ) {
        let chains = structure.reduction.chain_count();
        let (count, size) = (self.links.len(), right.len());
        let typical = scale / TYPICAL_DIFFERENCE_PA;
        self.responses.clear();
        self.responses.resize(count * size, 0.0);
        for (column, &at) in self.links.iter().enumerate() {
            let response = &mut self.responses[column * size..(column + 1) * size];
            let [from, to] = structure.edges[chains + at as usize];
            if from != NONE {
                response[from as usize] -= 1.0;
            }
            if to != NONE {
                response[to as usize] += 1.0;
            }
            structure.factor.solve(response);
        }
        self.system.clear(count, 1e-13 * scale);
        let value = |values: &[f64], at: u32| if at == NONE { 0.0 } else { values[at as usize] };
        let across = |values: &[f64], [from, to]: [u32; 2]| value(values, from) - value(values, to);
        let unknown = |node: u32| {
            let representative = structure.contraction.representative[node as usize] as usize;
            match structure.reduction.core_of[representative] {
                NONE => NONE,
                at => structure.unknown_of[at as usize],
            }
        };
        for (row, &at) in self.links.iter().enumerate() {
            let link = chains + at as usize;
            let special = &core.specials[at as usize];
            let ends = structure.edges[link];
            let controller = special.acting().copied();
            let sensed =
                controller.map(|controller| [unknown(controller.plus), controller.minus.map_or(NONE, unknown)]);
            let sense = controller.map_or(0.0, |controller| controller.sense);
            let droop = controller.map_or(0.0, |controller| controller.droop_pa_s_kg(core.droop));
            let [low, high] = special.limits_kg_s();
            let [p_from, p_to] = structure.reduction.ends[link].map(|node| core.potential[node as usize]);
            let difference = p_from - p_to + core.constant[link];
            let (law, slope) = (core.drop[link], core.slope[link]);
            // Conductance by which residuals of pressure are counted as flow.
            let weight = (1.0 / slope).clamp(1e-3 * typical, 1e3 * typical);
            let leak = SHUT_CONDUCTANCE * typical;
            // Constants: flow, lack of pressure for the law, and what is sensed beyond the set value, at the base step.
            let base = across(right, ends);
            let step = typical * base;
            let flow = core.flow[link] + step;
            let lack = law + slope * step - difference - base;
            let beyond = controller.map_or(0.0, |controller| {
                let change = sensed.map_or(0.0, |sensed| across(right, sensed));
                sense * (sensed_pa(structure, core, &controller) + change - controller.set_pa) + droop * flow
            });
            let source = controller.is_some() && low == f64::NEG_INFINITY;
            self.system.nests[row] = if controller.is_some() && !source { Nest::Throttle } else { Nest::Limits };
            let held = typical * beyond;
            self.system.constants[row] = if source {
                // A source holds its value within the rises there can be.
                let rise = p_to - p_from - core.constant[link] + weight_pa(problem, structure, at as usize) - base;
                [typical * (rise + MOST_RISE_PA), held, typical * (rise - MOST_RISE_PA)]
            } else {
                [
                    flow - low + leak * lack,
                    weight * lack,
                    if controller.is_some() { held } else { flow - high + leak * lack },
                ]
            };
            for column in 0..count {
                let response = &self.responses[column * size..(column + 1) * size];
                let own = if column == row { 1.0 } else { 0.0 };
                let base = across(response, ends);
                let flow = typical * base + own;
                let lack = slope * flow - base;
                let limit = flow + leak * lack;
                let held = sensed.map_or(0.0, |sensed| typical * (sense * across(response, sensed) + droop * flow));
                let shares = match (source, sensed.is_some()) {
                    (true, _) => [-typical * base, held, -typical * base],
                    (_, true) => [limit, weight * lack, held],
                    _ => [limit, weight * lack, limit],
                };
                for (piece, share) in [LOW, LAW, THIRD].into_iter().zip(shares) {
                    self.system.row(row, piece)[column] = share;
                }
            }
        }
        // Where there is no solution, the point where least is missing.
        self.system.solve();
        self.beyond.clear();
        self.extra.clear();
        self.extra.resize(core.specials.len(), 0.0);
        for (column, &at) in self.links.iter().enumerate() {
            let flow = self.system.unknowns[column];
            self.extra[at as usize] = flow;
            for (value, response) in right.iter_mut().zip(&self.responses[column * size..(column + 1) * size]) {
                *value += flow * response;
            }
            let special = &mut core.specials[at as usize];
            let source = special.acting().is_some() && special.limits_kg_s()[0] == f64::NEG_INFINITY;
            special.regime = match (self.system.pieces[column], special.acting().is_some()) {
                (piece, _) if source => {
                    if piece != LAW {
                        self.beyond.push(at);
                    }
                    Regime::Active
                }
                (LOW, _) => Regime::Low,
                (THIRD, true) => Regime::Active,
                (THIRD, false) => Regime::High,
                _ => Regime::Free,
            };
        }
    }

    /// Whether what is shut would have to pass more than it may leak: given flows have no other way.
    fn leaks(&self, structure: &Structure, core: &Core, scale: f64) -> bool {
        let chains = structure.reduction.chain_count();
        self.links.iter().any(|&at| {
            core.specials[at as usize].stands_shut() && core.flow[chains + at as usize].abs() > MOST_LEAK * scale
        })
    }

    /// How far the corners are from their conditions at the present flows and potentials, relative to the largest flow,
    /// and which is farthest.
    pub fn error(&self, problem: &Problem, structure: &Structure, core: &Core, scale: f64) -> (f64, u32) {
        let chains = structure.reduction.chain_count();
        let typical = scale / TYPICAL_DIFFERENCE_PA;
        let mut worst = (0.0, NONE);
        for &at in &self.links {
            let link = chains + at as usize;
            let special = &core.specials[at as usize];
            let [low, high] = special.limits_kg_s();
            let [p_from, p_to] = structure.reduction.ends[link].map(|node| core.potential[node as usize]);
            let lack = core.drop[link] - (p_from - p_to + core.constant[link]);
            let flow = core.flow[link];
            let leak = SHUT_CONDUCTANCE * typical * lack;
            let weight = (1.0 / core.slope[link]).clamp(1e-3 * typical, 1e3 * typical);
            let error = match special.acting() {
                None => (flow - high + leak).max((flow - low + leak).min(weight * lack)),
                Some(controller) => {
                    let beyond = controller.sense * (sensed_pa(structure, core, controller) - controller.set_pa)
                        + controller.droop_pa_s_kg(core.droop) * flow;
                    let held = typical * beyond * (FOUND / HELD);
                    if low == f64::NEG_INFINITY {
                        let rise = p_to - p_from - core.constant[link] + weight_pa(problem, structure, at as usize);
                        (typical * (rise - MOST_RISE_PA)).max(held.min(typical * (rise + MOST_RISE_PA)))
                    } else {
                        (flow + leak).min((weight * lack).max(held))
                    }
                }
            };
            let error = error.abs() / scale;
            if error.is_nan() || error > worst.0 {
                worst = (if error.is_nan() { f64::INFINITY } else { error }, link as u32);
            }
        }
        worst
    }
}

/// ρ g (z(from) − z(to)) of a special link: what a held rise does not contain.
fn weight_pa(problem: &Problem, structure: &Structure, special: usize) -> f64 {
    let link = structure.reduction.specials[special] as usize;
    if link < problem.link_count() { gravity_pa(problem, link) } else { 0.0 }
}

impl Newton {
    /// Steps in which all corners are settled at once, until their branches are found; at most `most` steps.
    pub(super) fn together(
        &mut self,
        problem: &Problem,
        structure: &mut Structure,
        core: &mut Core,
        droop: Droop,
        most: u32,
        outcome: &mut Outcome,
    ) -> Branches {
        if !self.corners.choose(structure, core) {
            self.corners.clear();
            return Branches::TooMany;
        }
        core.droop = droop;
        let mut balanced = false;
        let (mut last, mut best, mut best_kg_s, mut stalled) = (f64::INFINITY, f64::INFINITY, f64::INFINITY, 0);
        let mut round = 0;
        loop {
            let scale = flow_scale(core);
            let walls =
                (!self.corners.all()).then_some(Walls { height_pa: WALL * TYPICAL_DIFFERENCE_PA, scale_kg_s: scale });
            if structure.follow {
                worst_point::sense_the_worst(problem, structure, core);
            }
            self.corners.evaluate(problem, core, walls);
            let check = self.assemble(structure, core, scale, walls);
            let (error, worst) = self.corners.error(problem, structure, core, scale);
            (outcome.error, outcome.worst) =
                (check.error.max(error), if error > check.error { worst } else { check.worst });
            let improved = outcome.error < 0.5 * last;
            let absolute = outcome.error * scale;
            stalled = if outcome.error < BETTER * best || absolute < BETTER * best_kg_s { 0 } else { stalled + 1 };
            best = best.min(outcome.error);
            best_kg_s = best_kg_s.min(absolute);
            let digits = stalled >= DIGITS_STALLED && outcome.error <= FOUND_BY_DIGITS;
            let found = balanced && (outcome.error <= SURELY || outcome.error <= FOUND && !improved || digits);
            last = outcome.error;
            // What leaks a lot has pressures whose digits do not suffice for more.
            let leaks = (found || stalled >= LEAKS_STALLED && outcome.error <= LEAKS_FOUND)
                && self.corners.leaks(structure, core, scale);
            if found || leaks || round == most || stalled >= MOST_STALLED {
                self.corners.clear();
                if found && !self.corners.beyond.is_empty() {
                    return Branches::Beyond;
                }
                return match (found, leaks) {
                    (true, false) => Branches::Found,
                    (_, true) => Branches::Leaking,
                    _ => Branches::Open,
                };
            }
            outcome.iterations += 1;
            structure.factor.factorise();
            structure.factor.solve(&mut self.right);
            self.corners.correct(problem, structure, core, scale, &mut self.right);
            // Where it goes to and fro, shorter steps.
            let share = 0.5f64.powi((stalled / SHORTENED_EVERY) as i32);
            if share < 1.0 {
                self.residual.iter_mut().chain(&mut self.right).for_each(|value| *value *= share);
                self.corners.shorten(share);
            }
            balanced = self.take_step(problem, structure, core, walls, balanced, LONGEST_STEP * scale) && share == 1.0;
            round += 1;
        }
    }
}
