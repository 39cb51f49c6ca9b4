//! What the heights of a chain will do when its flow changes, learnt from one coupled pass to the next.
//!
//! Between two passes of flows and temperatures the density of the water answers to the flow: with less flow it arrives
//! colder, is heavier, and drives or brakes the chain by its height. Where it brakes, taking densities as given makes a
//! weak loop swing to and fro for ever. So the law of a chain gets a straight line through its last flow, with the slope
//! (never negative) at which the weight of its water answered to the flow the last time: the secant method for the
//! chain. At the flow the densities belong to, the line is zero, so that it changes the way to the solution and not the
//! solution. A slope fades by half each pass, which keeps one that jumps between two directions from being forgotten too
//! soon.
//!
//! Where flow and weight still go to and fro, because the water of one chain passes into others, the line is made *firm*:
//! it takes the size of the answer, whatever its sign, and hardly fades. That is no longer a secant but the inertia of the
//! water in the loop: flows move a little each pass, towards a state at which they would stay.
//!
//! What is learnt is kept by link, with its sign, and added up to chains anew whenever these change: a consumer that runs
//! short divides chains and must not cost the memory.

use super::super::problem::Problem;
use super::core::gravity_pa;
use super::reduction::Reduction;
use super::structure::Structure;

/// Share of a slope that is kept for the next pass.
const KEPT: f64 = 0.5;
const KEPT_FIRMLY: f64 = 0.9;
/// Changes of flow below this share of the largest say nothing.
const SMALLEST_SHARE: f64 = 1e-11;

/// Slopes by chain; empty: no feedback.
#[derive(Clone, Debug, Default)]
pub struct Feedback {
    /// Pa s/kg, ≥ 0, by chain.
    pub slope_pa_s_kg: Vec<f64>,
    /// Flow of the chain at which the line is zero.
    pub anchor_kg_s: Vec<f64>,
    /// The same two by special of the core: valves with a height of their own.
    specials: Vec<[f64; 2]>,
    by_link: Vec<Memory>,
}

/// What one link has taught.
#[derive(Clone, Copy, Debug, Default)]
struct Memory {
    flow_kg_s: f64,
    weight_pa: f64,
    /// By which its weight fell as its flow rose; of either sign.
    slope_pa_s_kg: f64,
    /// The same, this pass alone.
    answered_pa_s_kg: f64,
}

impl Feedback {
    /// Takes densities as given again.
    pub fn forget(&mut self) {
        self.slope_pa_s_kg.clear();
        self.anchor_kg_s.clear();
        self.specials.clear();
        self.by_link.clear();
    }

    /// Whether nothing is anticipated.
    pub fn is_idle(&self) -> bool {
        self.by_link.is_empty()
    }

    /// The densities of the problem are those that belong to these flows of the links.
    pub fn learn(&mut self, problem: &Problem, structure: &Structure, flow_kg_s: &[f64], firm: bool) {
        if self.by_link.len() != flow_kg_s.len() {
            self.forget();
            self.by_link.extend(flow_kg_s.iter().enumerate().map(|(link, &flow_kg_s)| Memory {
                flow_kg_s,
                weight_pa: gravity_pa(problem, link),
                ..Memory::default()
            }));
            return;
        }
        let largest = flow_kg_s.iter().fold(0.0, |largest: f64, flow| largest.max(flow.abs()));
        for (link, (memory, &flow)) in self.by_link.iter_mut().zip(flow_kg_s).enumerate() {
            let weight_pa = gravity_pa(problem, link);
            let moved = flow - memory.flow_kg_s;
            let answered = (memory.weight_pa - weight_pa) / moved;
            let said = moved.abs() > SMALLEST_SHARE * largest && answered.is_finite();
            memory.answered_pa_s_kg = if said { answered } else { 0.0 };
            memory.weight_pa = weight_pa;
            if flow.is_finite() {
                memory.flow_kg_s = flow;
            }
        }
        let reduction = &structure.reduction;
        let share = if firm { KEPT_FIRMLY } else { KEPT };
        for chain in 0..reduction.chain_count() {
            self.choose(
                reduction.pieces[range(reduction, chain)].iter().map(|piece| piece.link() as usize),
                share,
                firm,
            );
        }
        for &link in &reduction.specials {
            if (link as usize) < self.by_link.len() {
                self.choose(std::iter::once(link as usize), share, firm);
            }
        }
    }

    /// Takes for links in a row what they answered together, or what is left of what they answered before.
    fn choose(&mut self, links: impl Iterator<Item = usize> + Clone, share: f64, firm: bool) {
        let sum = |of: &dyn Fn(&Memory) -> f64| -> f64 { links.clone().map(|link| of(&self.by_link[link])).sum() };
        let kept = share * sum(&|memory| memory.slope_pa_s_kg);
        let answered = sum(&|memory| memory.answered_pa_s_kg);
        let sign = if firm && answered < 0.0 { -1.0 } else { 1.0 };
        let keeps = kept > sign * answered;
        for link in links {
            let memory = &mut self.by_link[link];
            memory.slope_pa_s_kg = if keeps { share * memory.slope_pa_s_kg } else { sign * memory.answered_pa_s_kg };
        }
    }

    /// Pressure that the answer takes from a special at this flow, and its slope.
    pub fn of_special(&self, at: usize, flow_kg_s: f64) -> (f64, f64) {
        self.specials.get(at).map_or((0.0, 0.0), |&[slope, anchor]| (slope * (flow_kg_s - anchor), slope))
    }

    /// Lines of the chains there are now, `offset_kg_s` by piece being what inner nodes add to the flow of its chain.
    pub fn spread(&mut self, reduction: &Reduction, offset_kg_s: &[f64]) {
        self.slope_pa_s_kg.clear();
        self.anchor_kg_s.clear();
        self.specials.clear();
        if self.by_link.is_empty() {
            return;
        }
        for chain in 0..reduction.chain_count() {
            let (mut slope, mut line) = (0.0, 0.0);
            for at in range(reduction, chain) {
                let piece = &reduction.pieces[at];
                let memory = &self.by_link[piece.link() as usize];
                let anchor = if piece.forward() { memory.flow_kg_s } else { -memory.flow_kg_s };
                slope += memory.slope_pa_s_kg;
                line += memory.slope_pa_s_kg * (anchor - offset_kg_s[at]);
            }
            let rises = slope > 0.0 && slope.is_finite() && line.is_finite();
            self.slope_pa_s_kg.push(if rises { slope } else { 0.0 });
            self.anchor_kg_s.push(if rises { line / slope } else { 0.0 });
        }
        self.specials.extend(reduction.specials.iter().map(|&link| match self.by_link.get(link as usize) {
            Some(memory) if memory.slope_pa_s_kg > 0.0 && memory.slope_pa_s_kg.is_finite() => {
                [memory.slope_pa_s_kg, memory.flow_kg_s]
            }
            _ => [0.0, 0.0],
        }));
    }
}

fn range(reduction: &Reduction, chain: usize) -> std::ops::Range<usize> {
    reduction.chain_start[chain] as usize..reduction.chain_start[chain + 1] as usize
}
