//! What pumps draw in a solved state: sources, pumps of the network, pumps of stations.
//!
//! Electric power where curves and motor tell it, shaft power where only the pump does, else hydraulic power over a usual
//! efficiency; the same way before and after, so that the two can be compared.

use crate::network::{LinkId, LinkKind, Network};
use crate::solver::Solution;
use crate::solver::fluid::Fluid;

/// Efficiency of pump, motor and converter where nothing tells it.
pub const USUAL_EFFICIENCY: f64 = 0.7;

/// Power of one pump group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PumpPower {
    pub link: LinkId,
    pub flow_kg_s: f64,
    pub rise_pa: f64,
    pub power_w: f64,
}

/// All that pump, by link.
pub fn pump_powers(network: &Network, solution: &Solution) -> Vec<PumpPower> {
    pump_powers_at(network, solution, USUAL_EFFICIENCY)
}

/// The same with another efficiency where nothing tells it.
pub fn pump_powers_at(network: &Network, solution: &Solution, usual_efficiency: f64) -> Vec<PumpPower> {
    let fluid = Fluid::new(&network.settings().water).ok();
    let mut powers = Vec::new();
    for view in network.links() {
        let pumps = match &view.link.kind {
            LinkKind::Source(source) => source.running,
            LinkKind::Pump(pump) => pump.running,
            LinkKind::Consumer(consumer) => !consumer.shut && solution.pump(view.handle).is_some(),
            LinkKind::Pipe(_) | LinkKind::Valve(_) => false,
        };
        let Some(state) = solution.link(view.handle).filter(|state| pumps && state.mass_flow_kg_s.is_finite()) else {
            continue;
        };
        let flow_kg_s = state.mass_flow_kg_s;
        let density = |temperature_c: f64| {
            let known_c = if temperature_c.is_finite() { temperature_c } else { 60.0 };
            fluid.as_ref().map_or(1000.0, |fluid| fluid.density_kg_m3(known_c))
        };
        let known = solution.pump(view.handle);
        let rise_pa = match known {
            Some(pump) if pump.flow_m3_h > 0.0 => pump.hydraulic_power_w / (pump.flow_m3_h / 3600.0),
            Some(_) => 0.0,
            None => {
                let [from, to] =
                    [view.from, view.to].map(|end| solution.node(end).map_or(0.0, |node| node.pressure_pa));
                to - from
            }
        };
        let hydraulic_w = known
            .map_or_else(|| flow_kg_s / density(state.inlet_temperature_c) * rise_pa, |pump| pump.hydraulic_power_w);
        let drawn_w = known.into_iter().flat_map(|pump| [pump.electric_power_w, pump.shaft_power_w]);
        let power_w = drawn_w.into_iter().find(|power| power.is_finite()).unwrap_or(hydraulic_w / usual_efficiency);
        powers.push(PumpPower { link: view.handle, flow_kg_s, rise_pa, power_w: power_w.max(0.0) });
    }
    powers
}

/// Power of all together, W.
pub fn total_w(powers: &[PumpPower]) -> f64 {
    powers.iter().map(|power| power.power_w).sum()
}
