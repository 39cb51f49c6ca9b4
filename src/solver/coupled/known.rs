//! The last water that had an answer, to go back towards where the next one has none.
//!
//! Between two passes densities and set flows may jump to values that no state of the network has, and at which
//! controllers find no rest. Half way back they are nearer to what is known to be soluble.

use crate::solver::hydraulic::{Hydraulics, Start};
use crate::solver::problem::Problem;

/// Steps back in one solve.
const MOST_RETREATS: u32 = 12;

/// Density, viscosity and set flows of the last pass that was solved, and its state.
#[derive(Clone, Debug, Default)]
pub struct Known {
    density_kg_m3: Vec<f64>,
    viscosity_pa_s: Vec<f64>,
    set_flow_kg_s: Vec<f64>,
    start: Start,
}

impl Known {
    /// Knows nothing.
    pub fn forget(&mut self) {
        self.density_kg_m3.clear();
    }

    /// This water has an answer.
    pub fn keep(&mut self, problem: &Problem, hydraulics: &Hydraulics) {
        hydraulics.note(&mut self.start);
        self.density_kg_m3.clone_from(&problem.density_kg_m3);
        self.viscosity_pa_s.clone_from(&problem.viscosity_pa_s);
        self.set_flow_kg_s.clear();
        self.set_flow_kg_s.extend(problem.consumers.iter().map(|consumer| consumer.set_flow_kg_s));
    }

    /// Goes half way back, to start from what is known; `false`: nothing is known, or it has gone back often enough.
    pub fn retreat(&self, problem: &mut Problem, hydraulics: &mut Hydraulics, count: &mut u32) -> bool {
        if self.density_kg_m3.is_empty() || *count >= MOST_RETREATS {
            return false;
        }
        *count += 1;
        hydraulics.recall(&self.start);
        let halve = |value: &mut f64, known: f64| *value = 0.5 * (*value + known);
        problem.density_kg_m3.iter_mut().zip(&self.density_kg_m3).for_each(|(value, &known)| halve(value, known));
        problem.viscosity_pa_s.iter_mut().zip(&self.viscosity_pa_s).for_each(|(value, &known)| halve(value, known));
        for (consumer, &known) in problem.consumers.iter_mut().zip(&self.set_flow_kg_s) {
            halve(&mut consumer.set_flow_kg_s, known);
        }
        true
    }
}
