//! Which consumers cannot have their set flow, and what is said about them.

use super::super::problem::{ConsumerRow, NONE, Problem};
use super::core::Core;
use super::laws::Limited;
use super::roles::Role;
use super::state::HydraulicState;
use super::structure::Structure;
use crate::network::{Code, Finding, Network};
use crate::physics::valve::resistance_of_kv_pa_s2_kg2;
use crate::units::Quantity;

/// Pressure a consumer may lack and still count as served, Pa.
const SLACK_PA: f64 = 1e-3;
/// Share of its set flow below which a consumer is reported as short.
const SERVED_SHARE: f64 = 1.0 - 1e-6;

/// Pressure difference a consumer needs at its set flow with its control valve fully open and its pump, if it has one, at
/// its greatest speed.
fn needed_pa(problem: &Problem, consumer: &ConsumerRow) -> f64 {
    if consumer.station != NONE
        && let Some(law) = Limited::new(problem, consumer.link as usize)
    {
        return law.drop(problem, consumer.set_flow_kg_s).drop_pa;
    }
    if consumer.kv_open_m3_h.is_finite() {
        let density = problem.density_kg_m3[consumer.link as usize];
        resistance_of_kv_pa_s2_kg2(consumer.kv_open_m3_h, density) * consumer.set_flow_kg_s * consumer.set_flow_kg_s
    } else {
        0.0
    }
}

/// Frees consumers that end at a node without way to a pressure reference. Gives whether any was.
pub fn free_adrift(problem: &Problem, structure: &Structure, freed: &mut [bool]) -> bool {
    let mut any = false;
    for (consumer, freed) in problem.consumers.iter().zip(freed) {
        let link = consumer.link as usize;
        let adrift = structure.adrift[problem.from[link] as usize] || structure.adrift[problem.to[link] as usize];
        if adrift && !*freed && consumer.set_flow_kg_s > 0.0 {
            *freed = true;
            any = true;
        }
    }
    any
}

/// Frees consumers whose pressure difference does not suffice for their set flow. Gives whether any was.
pub fn free_short(problem: &Problem, structure: &Structure, state: &HydraulicState, freed: &mut [bool]) -> bool {
    let mut any = false;
    for (consumer, freed) in problem.consumers.iter().zip(freed) {
        let link = consumer.link as usize;
        if *freed || consumer.set_flow_kg_s <= 0.0 || structure.roles.roles[link] != Role::Injected {
            continue;
        }
        // NaN (adrift) is not short.
        let needed_pa = needed_pa(problem, consumer);
        if state.drop_pa[link] < needed_pa - 1e-9 * needed_pa.abs() - SLACK_PA {
            *freed = true;
            any = true;
        }
    }
    any
}

/// After a solve: freed consumers that have their set flow start the next solve with it as a given flow.
pub fn keep_short(problem: &Problem, structure: &Structure, core: &Core, freed: &mut [bool]) {
    for (&link, special) in structure.reduction.specials.iter().zip(&core.specials) {
        if special.at_high()
            && let Ok(row) = problem.consumers.binary_search_by_key(&link, |consumer| consumer.link)
        {
            freed[row] = false;
        }
    }
}

/// Names the consumers that get less than they ask for.
pub fn check(network: &Network, problem: &Problem, structure: &Structure, state: &mut HydraulicState) {
    for consumer in &problem.consumers {
        let link = consumer.link as usize;
        let served = state.mass_flow_kg_s[link];
        let asked = if consumer.by_hand { consumer.asked_kg_s } else { consumer.set_flow_kg_s };
        if asked <= 0.0 || served >= SERVED_SHARE * asked {
            continue;
        }
        let nothing = served <= (1.0 - SERVED_SHARE) * asked;
        let code = if nothing { Code::DemandUnserved } else { Code::ConsumerShort };
        debug_assert!(structure.roles.roles[link] != Role::Injected || !served.is_finite() || structure.any_adrift);
        state.findings.push(
            Finding::new(code, network.link_ref(problem.link_handles[link]))
                .physical("demand", Quantity::MassFlow, asked)
                .physical("served", Quantity::MassFlow, served.max(0.0)),
        );
    }
}
