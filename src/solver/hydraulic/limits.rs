//! What the machines can do and the solution asks of them all the same: pumps beyond their curve or without flow,
//! sources pushed backwards, make-up beyond its capacity. Pressures and velocities in the network are judged elsewhere.

use super::super::problem::{Problem, PumpHold, PumpRow};
use super::state::HydraulicState;
use crate::network::{Code, ElementRef, Finding, Network};
use crate::units::Quantity;

/// Share of the largest flow that counts as no flow.
const NO_FLOW_SHARE: f64 = 1e-9;

/// Share of a set value that may be missing.
const SET_SHARE: f64 = 1e-4;
/// Pressure that a pump may take out of the water unnoticed, Pa: that of its own casing.
const CASING_PA: f64 = 1e3;

/// Whether a pump with a control reaches what it is to hold, and without braking.
fn hold(pump: &PumpRow, flow: f64, state: &mut HydraulicState, element: ElementRef) {
    let drop_pa = state.drop_pa[pump.link as usize];
    let (quantity, set, reached) = match pump.hold {
        PumpHold::Speed | PumpHold::Source => return,
        PumpHold::MassFlow(set) => (Quantity::MassFlow, set, flow),
        PumpHold::Rise(set) => (Quantity::PressureDifference, set, -drop_pa),
        PumpHold::DifferentialPressure { set_pa, high, low } => {
            let sensed_pa = state.pressure_pa[high as usize] - state.pressure_pa[low as usize];
            (Quantity::PressureDifference, set_pa, sensed_pa)
        }
    };
    if drop_pa > CASING_PA {
        let finding = Finding::new(Code::PumpBrakes, element);
        state.findings.push(finding.physical("drop", Quantity::PressureDifference, drop_pa));
    } else if reached < set - SET_SHARE * set.abs() {
        let finding = Finding::new(Code::PumpAtFullSpeed, element);
        state.findings.push(finding.physical("set", quantity, set).physical("reached", quantity, reached));
    }
}

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
        hold(pump, flow, state, name(pump.link));
    }
    for source in &problem.sources {
        let flow = state.mass_flow_kg_s[source.link as usize];
        // A store that charges is meant to.
        if flow < -none && source.store_return_c.is_nan() {
            state.findings.push(Finding::new(Code::SourceReversed, name(source.link)).physical(
                "flow",
                Quantity::MassFlow,
                flow,
            ));
        }
    }
    for (leak, &flow) in problem.leaks.iter().zip(&state.leak_kg_s) {
        if flow > none {
            let finding = Finding::new(Code::Leak, name(leak.link)).physical("flow", Quantity::MassFlow, flow);
            state.findings.push(finding.physical("position", Quantity::Share, leak.position));
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
