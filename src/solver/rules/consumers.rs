//! Whether consumers get what they ask for.

use super::screen::Suspects;
use super::{Rules, list};
use crate::network::{Code, Consumer, Demand, Finding, LinkId, Network, Severity};
use crate::solver::{ConsumerState, Solution};
use crate::units::Quantity;

/// Less than this share of the demand counts as nothing.
const NOTHING_SHARE: f64 = 1e-6;

/// What a consumer asks for and what it gets, in the unit of its demand.
fn asked_and_served(consumer: &Consumer, state: &ConsumerState) -> (Quantity, f64, f64) {
    match consumer.demand {
        Demand::MassFlow { mass_flow_kg_s } => (Quantity::MassFlow, mass_flow_kg_s, state.mass_flow_kg_s),
        Demand::Heat { heat_w } => (Quantity::Heat, heat_w, state.heat_w),
    }
}

/// Whether a consumer gets what it asks for at an available pressure that is enough. A shut consumer asks for nothing.
pub fn is_satisfied(consumer: &Consumer, state: &ConsumerState, rules: &Rules) -> bool {
    if consumer.shut {
        return true;
    }
    let (_, asked, served) = asked_and_served(consumer, state);
    let least_pa = if consumer.has_pump() { f64::NEG_INFINITY } else { 0.0 };
    served >= rules.served_share.value * asked
        && (asked == 0.0 || state.available_pressure_pa >= consumer.required_pressure_pa.unwrap_or(least_pa))
}

/// Consumers that heat another zone through the exchanger of one of the sources.
fn feeding(network: &Network, solution: &Solution) -> Vec<LinkId> {
    let name = |link| network.link_view(link)?.source()?.exchanger.as_ref().map(|exchanger| &exchanger.primary);
    solution.sources.iter().filter_map(|source| network.link_id(name(source.link)?)).collect()
}

pub(super) fn check(
    network: &Network,
    solution: &Solution,
    rules: &Rules,
    suspects: &Suspects,
    findings: &mut Vec<Finding>,
) {
    type Served = (f64, (LinkId, Quantity, f64, f64));
    let (mut unserved, mut short): (Vec<Served>, Vec<Served>) = (Vec::new(), Vec::new());
    let (mut little, mut negative, mut cold) = (Vec::new(), Vec::new(), Vec::new());
    let feeding = feeding(network, solution);
    for state in suspects.consumers.iter().map(|&row| &solution.consumers[row]) {
        let Some(consumer) = network.link_view(state.link).and_then(|view| view.consumer()) else { continue };
        let (quantity, asked, served) = asked_and_served(consumer, state);
        if consumer.shut || asked <= 0.0 {
            continue;
        }
        if feeding.contains(&state.link) {
            // Its demand is only the most it may take; whether it gets its flow the hydraulics have said.
        } else if !served.is_finite() || served <= NOTHING_SHARE * asked {
            let served = if served.is_finite() { served } else { 0.0 };
            unserved.push((asked, (state.link, quantity, asked, served)));
        } else if served < rules.served_share.value * asked {
            short.push((1.0 - served / asked, (state.link, quantity, asked, served)));
        }
        let available_pa = state.available_pressure_pa;
        if available_pa < 0.0 && state.mass_flow_kg_s > 0.0 && !consumer.has_pump() {
            negative.push((-available_pa, (state.link, available_pa)));
        } else if let Some(required_pa) = consumer.required_pressure_pa.filter(|required| available_pa < *required) {
            little.push((required_pa - available_pa, (state.link, available_pa, required_pa)));
        }
        let inlet_c = solution.link(state.link).map_or(f64::NAN, |link| link.inlet_temperature_c);
        if state.mass_flow_kg_s > 0.0 && inlet_c <= consumer.return_temperature_c {
            cold.push((consumer.return_temperature_c - inlet_c, (state.link, inlet_c, consumer.return_temperature_c)));
        }
    }
    for (found, code) in [(unserved, Code::DemandUnserved), (short, Code::ConsumerShort)] {
        list(found, findings, code, |&(link, quantity, asked, served)| {
            Finding::new(code, network.link_ref(link))
                .severe(rules.served_share.severity)
                .physical("demand", quantity, asked)
                .physical("served", quantity, served)
        });
    }
    list(negative, findings, Code::NegativeAvailablePressure, |&(link, available_pa)| {
        Finding::new(Code::NegativeAvailablePressure, network.link_ref(link)).physical(
            "available",
            Quantity::PressureDifference,
            -available_pa,
        )
    });
    list(little, findings, Code::PressureShort, |&(link, available_pa, required_pa)| {
        Finding::new(Code::PressureShort, network.link_ref(link))
            .physical("available", Quantity::PressureDifference, available_pa)
            .physical("required", Quantity::PressureDifference, required_pa)
    });
    // The network can be solved, so it is no error here: the water has only cooled too far on its way.
    list(cold, findings, Code::NoTemperatureDifference, |&(link, inlet_c, return_c)| {
        Finding::new(Code::NoTemperatureDifference, network.link_ref(link))
            .severe(Severity::Warning)
            .physical("supply", Quantity::Temperature, inlet_c)
            .physical("return", Quantity::Temperature, return_c)
    });
}
