//! Pressure-isolation stations (隔压站) in time: heat that passes from one zone of the network to another through plates.
//!
//! Mechanism: the primary side takes the flow that brings the warmed water to what the source on the other side wants,
//! found on the exchanger's own curve as the steady solver finds it, and no more than the station may take; water too cold
//! for that opens its valve. Both outlets follow from the flows there are. A step knows the inlets of the step before, so that
//! what the primary water gave and what the secondary took may differ while inlets move: the difference lies in the water of
//! the exchanger and leaves it within minutes, so that no heat appears or vanishes. Not here: pressures, which do not pass.

use super::terminal::Passed;
use crate::physics::exchanger::Stream;
use crate::physics::root;
use crate::solver::problem::{ExchangerRow, Problem};

/// Accuracy of the flow found, relative to the most allowed.
const FLOW_SHARE: f64 = 1e-9;
/// Time in which an exchanger gives back what lies in its water, s.
const HELD_S: f64 = 300.0;

/// A station between two zones.
#[derive(Clone, Copy, Debug)]
pub(super) struct Isolation {
    pub row: ExchangerRow,
    /// Primary flow at most.
    most_kg_s: f64,
    /// Given by the primary and not yet taken by the secondary water, J.
    pub held_j: f64,
}

/// What passed both sides in the last step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sides {
    pub primary: Passed,
    pub secondary: Passed,
}

impl Sides {
    fn primary(&self, mass_flow_kg_s: f64, inlet_c: f64) -> Stream {
        Stream { mass_flow_kg_s, inlet_c, heat_capacity_j_kgk: self.primary.heat_capacity_j_kgk }
    }

    fn secondary(&self, mass_flow_kg_s: f64) -> Stream {
        Stream {
            mass_flow_kg_s: mass_flow_kg_s.max(0.0),
            inlet_c: self.secondary.inlet_c,
            heat_capacity_j_kgk: self.secondary.heat_capacity_j_kgk,
        }
    }
}

impl Isolation {
    /// All stations of a problem whose consumers still ask for what their data say.
    pub fn all(problem: &Problem) -> Vec<Isolation> {
        let one = |row: &ExchangerRow| {
            let most_kg_s = problem.consumers[row.consumer as usize].set_flow_kg_s.max(0.0);
            Isolation { row: *row, most_kg_s, held_j: 0.0 }
        };
        problem.exchangers.iter().map(one).collect()
    }

    /// Primary flow that warms the secondary water to `set_c`.
    pub fn wanted_kg_s(&self, sides: &Sides, set_c: f64) -> f64 {
        let secondary = sides.secondary(sides.secondary.mass_flow_kg_s);
        if secondary.mass_flow_kg_s == 0.0 || secondary.inlet_c >= set_c {
            return 0.0;
        }
        let above_k = |flow: f64| {
            let primary = sides.primary(flow, sides.primary.inlet_c);
            self.row.plate.exchange(primary, secondary).secondary_outlet_c - set_c
        };
        if above_k(self.most_kg_s) <= 0.0 {
            return self.most_kg_s;
        }
        root::between(0.0, self.most_kg_s, FLOW_SHARE * self.most_kg_s, above_k)
    }

    /// Temperature the primary water leaves with.
    pub fn return_c(&self, sides: &Sides, inlet_c: f64, primary_kg_s: f64, secondary_kg_s: f64) -> f64 {
        let primary = sides.primary(primary_kg_s, inlet_c);
        self.row.plate.exchange(primary, sides.secondary(secondary_kg_s)).primary_outlet_c
    }

    /// Temperature the secondary water leaves with.
    pub fn supply_c(&self, sides: &Sides, primary_kg_s: f64, secondary_kg_s: f64, step_s: f64) -> f64 {
        let secondary = sides.secondary(secondary_kg_s);
        let stream_w_k = secondary.mass_flow_kg_s * secondary.heat_capacity_j_kgk;
        if stream_w_k <= 0.0 {
            return secondary.inlet_c;
        }
        let out = self.row.plate.exchange(sides.primary(primary_kg_s.max(0.0), sides.primary.inlet_c), secondary);
        let supply_c = secondary.inlet_c + (out.heat_w + self.held_j / HELD_S.max(step_s)) / stream_w_k;
        // No warmer than what warms it and no colder than it came: the rest stays where it is.
        let warmest_c = sides.primary.inlet_c.max(secondary.inlet_c);
        supply_c.min(warmest_c).max(secondary.inlet_c.min(sides.primary.inlet_c))
    }
}
