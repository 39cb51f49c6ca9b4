//! Controllers that hold a pressure: one unknown flow each, found through a small dense system.
//!
//! Mechanism: an active controller's flow x is injected at its end and taken out at its start; its condition is a
//! linear combination of pressures (what it senses) plus a slight droop. One solve with the factor per controller gives
//! the response of all pressures to its flow; the conditions then are a dense linear system of the size of the number of
//! active controllers. Newton's method keeps its quadratic convergence.

use super::core::Core;
use super::reduction::NONE;
use super::specials::{CONTROLLER_SLOPE_PA_S_KG, Controller, Regime};
use super::structure::Structure;

/// What a controller senses at the present potentials.
pub fn sensed_pa(structure: &Structure, core: &Core, controller: &Controller) -> f64 {
    let pressure = |node: u32| pressure_pa(structure, core, node);
    pressure(controller.plus) - controller.minus.map_or(0.0, pressure)
}

/// Pressure of a node of the core at the present potentials.
pub fn pressure_pa(structure: &Structure, core: &Core, node: u32) -> f64 {
    let representative = structure.contraction.representative[node as usize] as usize;
    let at = structure.reduction.core_of[representative];
    // Sensed nodes are kept in the core; a node adrift has no pressure to sense.
    core.potential.get(at as usize).copied().unwrap_or(0.0) + core.node_offset[node as usize]
}

/// Buffers of the dense system.
#[derive(Clone, Debug, Default)]
pub struct Bordered {
    /// Special links that are active controllers.
    active: Vec<u32>,
    /// Response of all unknowns to each active controller, one after the other.
    responses: Vec<f64>,
    matrix: Vec<f64>,
    flows: Vec<f64>,
    /// Flow beyond that of the matrix conductance, by special link.
    extra: Vec<f64>,
}

impl Bordered {
    /// Flow a special link gets beyond what conductance and potentials give.
    pub fn extra(&self, special: usize) -> f64 {
        self.extra.get(special).copied().unwrap_or(0.0)
    }

    /// Corrects the pressure step `right` so that the active controllers meet their conditions.
    pub fn correct(&mut self, structure: &mut Structure, core: &Core, right: &mut [f64]) {
        let chains = structure.reduction.chain_count();
        self.active.clear();
        self.extra.clear();
        self.extra.resize(core.specials.len(), 0.0);
        for (at, special) in core.specials.iter().enumerate() {
            if special.regime == Regime::Active && !structure.dead[chains + at] {
                self.active.push(at as u32);
            }
        }
        let (count, size) = (self.active.len(), right.len());
        if count == 0 {
            return;
        }
        self.responses.clear();
        self.responses.resize(count * size, 0.0);
        for (column, &at) in self.active.iter().enumerate() {
            let response = &mut self.responses[column * size..(column + 1) * size];
            let [from, to] = structure.edges[chains + at as usize];
            if from != NONE {
                response[from as usize] += 1.0;
            }
            if to != NONE {
                response[to as usize] -= 1.0;
            }
            structure.factor.solve(response);
        }
        self.matrix.clear();
        self.matrix.resize(count * count, 0.0);
        self.flows.clear();
        for (row, &at) in self.active.iter().enumerate() {
            let link = chains + at as usize;
            let Some(controller) = core.specials[at as usize].controller() else { continue };
            let unknown = |node: u32| {
                let representative = structure.contraction.representative[node as usize] as usize;
                match structure.reduction.core_of[representative] {
                    NONE => NONE,
                    at => structure.unknown_of[at as usize],
                }
            };
            let plus = unknown(controller.plus);
            let minus = controller.minus.map_or(NONE, unknown);
            let droop = controller.sense * controller.droop_pa_s_kg(core.droop);
            let [from, to] = structure.edges[link];
            let value = |values: &[f64], at: u32| if at == NONE { 0.0 } else { values[at as usize] };
            // Change of (sensed + droop · flow) with a change of pressures, without the extra flow itself.
            let effect = |values: &[f64]| {
                value(values, plus) - value(values, minus)
                    + droop * (value(values, from) - value(values, to)) / CONTROLLER_SLOPE_PA_S_KG
            };
            for column in 0..count {
                let response = &self.responses[column * size..(column + 1) * size];
                let own = if column == row { droop } else { 0.0 };
                self.matrix[row * count + column] = own - effect(response);
            }
            let now = sensed_pa(structure, core, controller) + droop * core.flow[link];
            self.flows.push(controller.set_pa - now - effect(right));
        }
        solve_dense(&mut self.matrix, &mut self.flows);
        for (column, &at) in self.active.iter().enumerate() {
            let flow = self.flows[column];
            self.extra[at as usize] = flow;
            for (value, response) in right.iter_mut().zip(&self.responses[column * size..(column + 1) * size]) {
                *value -= flow * response;
            }
        }
    }
}

/// Gaussian elimination with row pivoting; vanishing pivots give the unknown 0.
fn solve_dense(matrix: &mut [f64], right: &mut [f64]) {
    let n = right.len();
    for k in 0..n {
        let pivot =
            (k..n).fold(k, |best, row| if matrix[row * n + k].abs() > matrix[best * n + k].abs() { row } else { best });
        if pivot != k {
            for column in 0..n {
                matrix.swap(k * n + column, pivot * n + column);
            }
            right.swap(k, pivot);
        }
        let head = matrix[k * n + k];
        if head == 0.0 {
            continue;
        }
        for row in k + 1..n {
            let share = matrix[row * n + k] / head;
            if share != 0.0 {
                for column in k..n {
                    matrix[row * n + column] -= share * matrix[k * n + column];
                }
                right[row] -= share * right[k];
            }
        }
    }
    for k in (0..n).rev() {
        let mut value = right[k];
        for column in k + 1..n {
            value -= matrix[k * n + column] * right[column];
        }
        let head = matrix[k * n + k];
        right[k] = if head == 0.0 { 0.0 } else { value / head };
    }
}
