//! Pressure at every node: above vapour pressure, enough in the return; at every pipe: below its nominal pressure.

use super::screen::Suspects;
use super::{Rules, list};
use crate::network::{Code, Finding, Network, NodeId, Side};
use crate::physics::water::saturation_pressure_pa;
use crate::solver::Solution;
use crate::units::Quantity;

/// Standard atmosphere: gauge pressures count from here.
const ATMOSPHERE_PA: f64 = 101_325.0;

/// Least gauge pressure that water of this temperature may have.
pub(super) fn least_pa(temperature_c: f64, rules: &Rules) -> f64 {
    saturation_pressure_pa(temperature_c) - ATMOSPHERE_PA + rules.vapour_margin_pa.value
}

pub(super) fn check(
    network: &Network,
    solution: &Solution,
    rules: &Rules,
    suspects: &Suspects,
    findings: &mut Vec<Finding>,
) {
    let (mut boiling, mut low) = (Vec::new(), Vec::new());
    for &handle in &suspects.nodes {
        let Some(node) = network.node(handle) else { continue };
        let Some(state) = solution.node(handle).filter(|state| state.pressure_pa.is_finite()) else { continue };
        let pressure_pa = state.pressure_pa;
        let temperature_c = match node.side {
            _ if state.temperature_c.is_finite() => Some(state.temperature_c),
            Side::Supply => suspects.given_c[0],
            Side::Return => suspects.given_c[1],
            Side::Single => None,
        };
        if let Some(temperature_c) = temperature_c {
            let limit_pa = least_pa(temperature_c, rules);
            if pressure_pa < limit_pa {
                boiling.push((limit_pa - pressure_pa, (handle, pressure_pa, limit_pa, temperature_c)));
            }
        }
        if node.side == Side::Return && pressure_pa < rules.return_pressure_pa.value {
            low.push((-pressure_pa, (handle, pressure_pa)));
        }
    }
    list(boiling, findings, Code::PressureBelowVapour, |&(node, pressure_pa, limit_pa, temperature_c)| {
        at(network, Code::PressureBelowVapour, node)
            .severe(rules.vapour_margin_pa.severity)
            .physical("pressure", Quantity::Pressure, pressure_pa)
            .physical("limit", Quantity::Pressure, limit_pa)
            .physical("temperature", Quantity::Temperature, temperature_c)
    });
    list(low, findings, Code::ReturnPressureLow, |&(node, pressure_pa)| {
        at(network, Code::ReturnPressureLow, node)
            .severe(rules.return_pressure_pa.severity)
            .physical("pressure", Quantity::Pressure, pressure_pa)
            .physical("limit", Quantity::Pressure, rules.return_pressure_pa.value)
    });
    let mut high = Vec::new();
    for view in suspects.links.iter().filter_map(|&link| network.link_view(link)) {
        let Some(limit_pa) = view.pipe().and_then(|pipe| pipe.details.nominal_pressure_pa) else { continue };
        let ends = [view.from, view.to].map(|end| solution.node(end).map_or(f64::NAN, |state| state.pressure_pa));
        let pressure_pa = ends[0].max(ends[1]);
        if pressure_pa > limit_pa {
            high.push((pressure_pa - limit_pa, (view.handle, pressure_pa, limit_pa)));
        }
    }
    list(high, findings, Code::PressureAboveNominal, |&(link, pressure_pa, limit_pa)| {
        Finding::new(Code::PressureAboveNominal, network.link_ref(link))
            .physical("pressure", Quantity::Pressure, pressure_pa)
            .physical("limit", Quantity::Pressure, limit_pa)
    });
}

fn at(network: &Network, code: Code, node: NodeId) -> Finding {
    Finding::new(code, network.node_ref(node))
}
