//! What the heights of a chain will do when its flow changes, learnt from one coupled pass to the next.
//!
//! Between two passes of flows and temperatures the density of the water answers to the flow: with less flow it arrives
//! colder, is heavier, and drives or brakes the chain by its height. Where it brakes, taking densities as given makes a
//! weak loop swing to and fro for ever. So the law of a chain gets a straight line through its last flow, with the slope
//! (never negative) at which the weight of its water answered to the flow the last time: the secant method for the
//! chain. At the flow the densities belong to, the line is zero, so that it changes the way to the solution and not the
//! solution. A slope fades by half each pass, which keeps one that jumps between two directions from being forgotten too
//! soon.

use super::super::problem::Problem;
use super::core::gravity_pa;
use super::structure::Structure;

/// Share of a slope that is kept for the next pass.
const KEPT: f64 = 0.5;
/// Changes of flow below this share of the largest say nothing.
const SMALLEST_SHARE: f64 = 1e-11;

/// Slopes by chain; empty: no feedback.
#[derive(Clone, Debug, Default)]
pub struct Feedback {
    /// Pa s/kg, ≥ 0.
    pub slope_pa_s_kg: Vec<f64>,
    /// Flow at which the line is zero.
    pub anchor_kg_s: Vec<f64>,
    weight_pa: Vec<f64>,
}

impl Feedback {
    /// Takes densities as given again.
    pub fn forget(&mut self) {
        self.slope_pa_s_kg.clear();
        self.anchor_kg_s.clear();
        self.weight_pa.clear();
    }

    /// The densities of the problem are those that belong to these flows of the chains.
    pub fn learn(&mut self, problem: &Problem, structure: &Structure, flow_kg_s: &[f64]) {
        let reduction = &structure.reduction;
        let chains = reduction.chain_count();
        let Some(flow_kg_s) = flow_kg_s.get(..chains) else { return };
        let known = self.weight_pa.len() == chains;
        let largest = flow_kg_s.iter().fold(0.0, |largest: f64, flow| largest.max(flow.abs()));
        if !known {
            self.forget();
            self.slope_pa_s_kg.resize(chains, 0.0);
            self.anchor_kg_s.extend_from_slice(flow_kg_s);
            self.weight_pa.resize(chains, 0.0);
        }
        for (chain, &flow) in flow_kg_s.iter().enumerate() {
            let range = reduction.chain_start[chain] as usize..reduction.chain_start[chain + 1] as usize;
            let weight_pa: f64 = reduction.pieces[range]
                .iter()
                .map(|piece| {
                    let gravity = gravity_pa(problem, piece.link() as usize);
                    if piece.forward() { gravity } else { -gravity }
                })
                .sum();
            if known {
                let moved = flow - self.anchor_kg_s[chain];
                let kept = KEPT * self.slope_pa_s_kg[chain];
                let answered = if moved.abs() > SMALLEST_SHARE * largest {
                    (self.weight_pa[chain] - weight_pa) / moved
                } else {
                    0.0
                };
                // `max` takes the kept slope where the new one is no number.
                self.slope_pa_s_kg[chain] = answered.max(kept);
                self.anchor_kg_s[chain] = flow;
            }
            self.weight_pa[chain] = weight_pa;
        }
    }
}
