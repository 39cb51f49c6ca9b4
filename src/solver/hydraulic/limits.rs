//! What the machines can do and the solution asks of them all the same: pumps beyond their curve or without flow,
//! sources pushed backwards, make-up beyond its capacity. Pressures and velocities in the network are judged elsewhere.

use super::super::problem::Problem;
use super::state::HydraulicState;
use crate::network::{Code, Finding, Network};
use crate::units::Quantity;

/// Share of the largest flow that counts as no flow.
const NO_FLOW_SHARE: f64 = 1e-9;

/// Adds the findings of a finished state to it.
pub fn check(network: &Network, problem: &Problem, state: &mut HydraulicState) {
    let none = NO_FLOW_SHARE * state.largest_flow_kg_s;
    let name = |link: u32| network.link_ref(problem.link_handles[link as usize]);
    for pump in &problem.pumps {
        let flow = state.mass_flow_kg_s[pump.link as usize];
        let density = problem.density_kg_m3[pump.link as usize];
        let limit = pump.curve.largest_flow_m3_s() * pump.group.speed * f64::from(pump.group.parallel) * density;
        if flow.abs() <= none {
            state.findings.push(Finding::new(Code::PumpNoFlow, name(pump.link)));
        } else if flow > limit * (1.0 + 1e-9) {
            state.findings.push(
                Finding::new(Code::PumpBeyondCurve, name(pump.link))
                    .physical("flow", Quantity::MassFlow, flow)
                    .physical("limit", Quantity::MassFlow, limit),
            );
        }
    }
    for source in &problem.sources {
        let flow = state.mass_flow_kg_s[source.link as usize];
        if flow < -none {
            state.findings.push(Finding::new(Code::SourceReversed, name(source.link)).physical(
                "flow",
                Quantity::MassFlow,
                flow,
            ));
        }
    }
    if problem.boundaries.iter().all(|boundary| boundary.capacity_kg_s.is_infinite()) {
        return;
    }
    let mut balance: Vec<f64> = problem.demand_kg_s.clone();
    for link in 0..problem.link_count() {
        balance[problem.from[link] as usize] += state.mass_flow_kg_s[link];
        balance[problem.to[link] as usize] -= state.mass_flow_kg_s[link];
    }
    for boundary in problem.boundaries.iter().filter(|boundary| boundary.capacity_kg_s.is_finite()) {
        let fed = balance[boundary.node as usize];
        if fed >= boundary.capacity_kg_s * (1.0 - 1e-9) - none && fed > none {
            state.findings.push(
                Finding::new(Code::MakeUpOverCapacity, network.node_ref(problem.node_handles[boundary.node as usize]))
                    .physical("flow", Quantity::MassFlow, fed)
                    .physical("capacity", Quantity::MassFlow, boundary.capacity_kg_s),
            );
        }
    }
}
