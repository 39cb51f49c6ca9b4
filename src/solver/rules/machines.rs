//! Sources, make-up and pumps within their limits.

use super::Rules;
use super::screen::Suspects;
use crate::network::{Boundary, Code, Finding, LinkKind, Network, Pump};
use crate::physics::calendar::HOUR_S;
use crate::physics::pump_curve::HeadCurve;
use crate::solver::Solution;
use crate::solver::fluid::Fluid;
use crate::units::Quantity;

/// Beyond a limit by less than this share is rounding.
const SLACK: f64 = 1e-6;

pub(super) fn check(
    network: &Network,
    solution: &Solution,
    rules: &Rules,
    suspects: &Suspects,
    findings: &mut Vec<Finding>,
) {
    sources(network, solution, findings);
    make_up(network, solution, suspects, findings);
    pumps(network, solution, suspects, findings);
    suction(network, solution, rules, findings);
}

/// Pressure at the suction of running pumps: against the standard's margin, and against what the pump itself needs.
fn suction(network: &Network, solution: &Solution, rules: &Rules, findings: &mut Vec<Finding>) {
    for state in &solution.pumps {
        if !(state.flow_m3_h > 0.0 && state.head_m > 0.0) {
            continue;
        }
        let element = || network.link_ref(state.link);
        if state.head_m > state.greatest_head_m * (1.0 + 1e-4) {
            findings.push(
                Finding::new(Code::PumpAtFullSpeed, element()).physical("set", Quantity::Head, state.head_m).physical(
                    "reached",
                    Quantity::Head,
                    state.greatest_head_m,
                ),
            );
        }
        let limit_pa = rules.suction_margin_pa.value;
        if state.suction_above_vapour_pa < limit_pa {
            findings.push(
                Finding::new(Code::SuctionPressureLow, element())
                    .severe(rules.suction_margin_pa.severity)
                    .physical("margin", Quantity::PressureDifference, state.suction_above_vapour_pa)
                    .physical("limit", Quantity::PressureDifference, limit_pa),
            );
        }
        let needed_m = state.npsh_required_head_m + rules.npsh_margin_head_m.value;
        if state.npsh_available_head_m < needed_m {
            findings.push(
                Finding::new(Code::NpshShort, element())
                    .severe(rules.npsh_margin_head_m.severity)
                    .physical("available", Quantity::Head, state.npsh_available_head_m)
                    .physical("required", Quantity::Head, needed_m),
            );
        }
    }
}

fn sources(network: &Network, solution: &Solution, findings: &mut Vec<Finding>) {
    for state in &solution.sources {
        let Some(view) = network.link_view(state.link) else { continue };
        let Some(source) = view.source().filter(|source| source.running) else { continue };
        let finding = |code: Code| Finding::new(code, view.element());
        let (flow, heat_w) = (state.mass_flow_kg_s, state.heat_w);
        if flow < 0.0 && source.store.is_none() {
            findings.push(finding(Code::SourceReversed).physical("flow", Quantity::MassFlow, flow));
        }
        if let Some(capacity_w) = source.capacity_w.filter(|capacity| heat_w > capacity * (1.0 + SLACK)) {
            findings.push(finding(Code::SourceOverCapacity).physical("heat", Quantity::Heat, heat_w).physical(
                "capacity",
                Quantity::Heat,
                capacity_w,
            ));
        }
        if let Some(minimum_w) = source.minimum_heat_w.filter(|minimum| heat_w < minimum * (1.0 - SLACK)) {
            findings.push(finding(Code::SourceBelowMinimum).physical("heat", Quantity::Heat, heat_w).physical(
                "minimum",
                Quantity::Heat,
                minimum_w,
            ));
        }
        if let Some(limit) = source.maximum_flow_kg_s.filter(|limit| flow > limit * (1.0 + SLACK)) {
            findings.push(finding(Code::SourceFlowHigh).physical("flow", Quantity::MassFlow, flow).physical(
                "limit",
                Quantity::MassFlow,
                limit,
            ));
        }
    }
}

fn make_up(network: &Network, solution: &Solution, suspects: &Suspects, findings: &mut Vec<Finding>) {
    for &handle in &suspects.limited_make_ups {
        let Some(node) = network.node(handle) else { continue };
        let Some(Boundary::MakeUp { capacity_kg_s: Some(capacity), .. }) = node.boundary() else { continue };
        let mut flow = node.demand_kg_s;
        for link in network.links_at(handle) {
            let (Some((from, to)), Some(state)) = (network.ends(link), solution.link(link)) else { continue };
            if from != to {
                flow += if from == handle { state.mass_flow_kg_s } else { -solution.flow_at_end_kg_s(link) };
            }
        }
        // At its capacity it gives no more: the reference pressure is falling already.
        if flow > 0.0 && flow >= capacity * (1.0 - SLACK) {
            findings.push(
                Finding::new(Code::MakeUpOverCapacity, network.node_ref(handle))
                    .physical("flow", Quantity::MassFlow, flow)
                    .physical("capacity", Quantity::MassFlow, capacity),
            );
        }
    }
}

fn pumps(network: &Network, solution: &Solution, suspects: &Suspects, findings: &mut Vec<Finding>) {
    let Ok(fluid) = Fluid::new(&network.settings().water) else { return };
    let largest = suspects.largest_kg_s;
    for view in suspects.pumps.iter().filter_map(|&link| network.link_view(link)) {
        let LinkKind::Pump(pump) = &view.link.kind else { continue };
        let running = pump.running && pump.parallel > 0 && pump.speed > 0.0;
        let Some(state) = solution.link(view.handle).filter(|_| running) else { continue };
        if state.mass_flow_kg_s.abs() <= 1e-9 * largest {
            findings.push(Finding::new(Code::PumpNoFlow, view.element()));
            continue;
        }
        let temperature_c = if state.inlet_temperature_c.is_finite() { state.inlet_temperature_c } else { 60.0 };
        let flow_m3_h = state.mass_flow_kg_s / fluid.density_kg_m3(temperature_c) * HOUR_S;
        if let Some(limit_m3_h) = largest_flow_m3_h(pump).filter(|limit| flow_m3_h > limit * (1.0 + SLACK)) {
            findings.push(
                Finding::new(Code::PumpBeyondCurve, view.element())
                    .physical("flow", Quantity::VolumeFlow, flow_m3_h)
                    .physical("limit", Quantity::VolumeFlow, limit_m3_h),
            );
        }
    }
}

/// Flow at the end of the curve of the whole group at its speed; `None` without a curve.
fn largest_flow_m3_h(pump: &Pump) -> Option<f64> {
    if pump.power_w.is_some() {
        return None;
    }
    let points: Vec<(f64, f64)> = pump.curve.iter().map(|point| (point.flow_m3_h / HOUR_S, point.head_m)).collect();
    let curve = HeadCurve::from_points(&points).ok()?;
    Some(curve.largest_flow_m3_s() * HOUR_S * f64::from(pump.parallel) * pump.speed)
}
