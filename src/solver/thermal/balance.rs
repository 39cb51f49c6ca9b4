//! Where the heat comes from and where it goes.

use super::super::problem::{Element, NONE, Problem};
use super::problem::HeatProblem;
use super::steady::Temperatures;

/// Heat balance of a network, W.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HeatBalance {
    pub sources_w: f64,
    pub consumers_w: f64,
    pub losses_w: f64,
    /// Carried in by water from outside, above 0 °C.
    pub fed_w: f64,
    /// Carried off by water drawn from the network, above 0 °C.
    pub drawn_w: f64,
}

impl HeatBalance {
    /// What the balance misses: 0 up to rounding for constant and IAPWS water; with property tables also what their
    /// convention of mean heat capacities does not add up to (0.05 % of the heat).
    pub fn imbalance_w(&self) -> f64 {
        (self.sources_w + self.fed_w - self.consumers_w - self.losses_w - self.drawn_w).abs()
    }
}

impl Temperatures {
    /// The heat balance of these temperatures.
    pub fn balance(&self, problem: &Problem, heat: &HeatProblem, flow_kg_s: &[f64]) -> HeatBalance {
        let fluid = &problem.fluid;
        let mut balance = HeatBalance::default();
        for (link, flow) in flow_kg_s.iter().enumerate() {
            if self.upstream[link] == NONE {
                continue;
            }
            let given_w = || flow.abs() * fluid.heat_between_j_kg(self.outlet_c[link], self.inlet_c[link]);
            match problem.elements[link] {
                Element::Source(_) => balance.sources_w += given_w(),
                Element::Consumer(_) => balance.consumers_w -= given_w(),
                _ => balance.losses_w += self.loss_w[link],
            }
        }
        for node in 0..problem.node_count() {
            for (flow, feed_c) in self.feeds(problem, heat, node) {
                balance.fed_w += flow * fluid.heat_between_j_kg(feed_c, 0.0);
            }
            let drawn = problem.demand_kg_s[node].max(0.0) + (-self.exchange_kg_s[node]).max(0.0);
            if drawn > 0.0 {
                balance.drawn_w += drawn * fluid.heat_between_j_kg(self.node_c[node], 0.0);
            }
        }
        balance
    }
}
