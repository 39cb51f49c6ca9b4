//! The last word on a state that claims to be solved: nodes balance, laws hold, pressures come from somewhere.
//!
//! Mechanism: the sweep that finishes the results leaves the largest mass imbalance, the largest residual of a law and the
//! largest loss or weight of any link behind; here they are held against what can be told apart, the pressures are looked
//! through once, and links with corners (limits, controllers, pumps, make-ups, holes) are asked one by one whether their
//! flow and pressure difference lie on their law. It judges the finished arrays and asks no regime, so that it also sees
//! a mistake of the iteration. Only where something is broken are the arrays searched for where.
//!
//! Water at rest behind what is shut has no pressure of its own. The iteration may leave any number there; one that
//! no sum of all losses, weights and given pressures could reach is no pressure, and would besides be so large a scale
//! that nothing could be seen beside it.
//!
//! Not here: given flows (by construction), consumers at their set flow (`consumers`), held rises (`references`), and
//! laws while densities are anticipated (the coupled solve sees to those).

use super::super::problem::Problem;
use super::core::{Core, gravity_pa};
use super::specials::Point;
use super::state::HydraulicState;
use super::structure::Structure;
use crate::network::{Code, ElementRef, Finding, Network};
use crate::units::Quantity;

/// Mass imbalance of a node relative to the largest flow.
const MASS_TOLERANCE: f64 = 1e-9;
/// Residual of a law relative to the largest pressure or loss: four times what the iteration may leave.
pub const LAW_TOLERANCE: f64 = 4e-9;
/// The same of links with corners, of which there are few: whether they are on their law or at a limit is no matter of
/// rounding.
const CORNER_TOLERANCE: f64 = 1e-9;
/// Gauge pressures have no zero of their own: their scale is at least this, Pa.
const LEAST_PRESSURE_PA: f64 = 1e5;
/// Below this nothing flows.
const LEAST_FLOW_KG_S: f64 = 1e-9;

/// The worst of what contradicts a state.
#[derive(Clone, Debug)]
pub struct Broken {
    element: ElementRef,
    quantity: Quantity,
    error: f64,
    limit: f64,
}

impl Broken {
    pub fn finding(self, iterations: u32) -> Finding {
        Finding::new(Code::NotConverged, self.element)
            .count("iterations", iterations as usize)
            .physical("residual", self.quantity, self.error)
            .physical("limit", self.quantity, self.limit)
    }
}

/// What is wrong with a state, at its worst place; `None`: it is sound. `largest_loss_pa`: largest loss by law or weight
/// of a link.
pub fn broken(
    network: &Network,
    problem: &Problem,
    structure: &Structure,
    core: &Core,
    largest_loss_pa: f64,
    state: &HydraulicState,
) -> Option<Broken> {
    let node_ref = |node: usize| network.node_ref(problem.node_handles[node]);
    let flow_kg_s = state.largest_flow_kg_s.max(core.largest_injection()).max(LEAST_FLOW_KG_S);
    let least_kg_s = MASS_TOLERANCE * flow_kg_s;
    if state.max_mass_imbalance_kg_s > least_kg_s {
        let balance = &core.by_node[..problem.node_count()];
        let worst = (0..balance.len()).max_by(|&a, &b| balance[a].abs().total_cmp(&balance[b].abs()))?;
        let error = state.max_mass_imbalance_kg_s;
        return Some(Broken { element: node_ref(worst), quantity: Quantity::MassFlow, error, limit: least_kg_s });
    }
    let (mut largest_pa, mut highest) = (0.0, 0);
    for (node, pressure) in state.pressure_pa.iter().enumerate() {
        let pressure = pressure.abs();
        if pressure > largest_pa {
            (largest_pa, highest) = (pressure, node);
        } else if pressure.is_nan() && !(structure.any_adrift && structure.adrift[node]) {
            (largest_pa, highest) = (f64::INFINITY, node);
            break;
        }
    }
    let reach_pa = reach_pa(problem, structure, core, largest_loss_pa);
    if largest_pa > reach_pa {
        let element = node_ref(highest);
        return Some(Broken { element, quantity: Quantity::Pressure, error: largest_pa, limit: reach_pa });
    }
    let scale_pa = largest_pa.max(largest_loss_pa).max(LEAST_PRESSURE_PA);
    let allowed_pa = LAW_TOLERANCE * scale_pa;
    let p = |node: u32| state.pressure_pa[node as usize];
    // Link, error and what was allowed.
    let mut worst: Option<(usize, f64, f64)> = None;
    let mut meet = |link: usize, error: f64, limit: f64| {
        if worst.is_none_or(|(_, most, _)| error > most) {
            worst = Some((link, error, limit));
        }
    };
    let corner_pa = CORNER_TOLERANCE * largest_pa.max(LEAST_PRESSURE_PA);
    let chains = structure.reduction.chain_count();
    for (at, (special, &link)) in core.specials.iter().zip(&structure.reduction.specials).enumerate() {
        if structure.dead[chains + at] {
            continue;
        }
        let link = link as usize;
        let (from, to) = (structure.roles.from[link], structure.roles.to[link]);
        let difference_pa = if link < problem.link_count() {
            p(from) - p(to) + gravity_pa(problem, link)
        } else if let Some(leak) = structure.leak(problem, link) {
            p(from) - leak.outside_pa
        } else {
            let row = structure.roles.limited[link - problem.link_count()] as usize;
            problem.boundaries[row].pressure_pa - p(to)
        };
        let sensed_pa =
            special.controller().map_or(0.0, |controller| p(controller.plus) - controller.minus.map_or(0.0, p));
        let flow = state.mass_flow_kg_s.get(link).copied().unwrap_or(core.flow[chains + at]);
        let difference_pa = difference_pa - core.feedback.of_special(at, flow).0;
        let scale_kg_s = flow_kg_s;
        let point = Point { flow_kg_s: flow, difference_pa, sensed_pa, least_kg_s, allowed_pa: corner_pa, scale_kg_s };
        if let Some(error) = special.beside_law_pa(problem, point) {
            meet(link, error, corner_pa);
        }
    }
    // Anticipated densities stand in the laws of the core, not in those of the results.
    if core.feedback.is_idle() && state.max_momentum_residual_pa > allowed_pa {
        for chain in &structure.reduction.pieces {
            let link = chain.link() as usize;
            let error = (p(problem.from[link]) - p(problem.to[link]) + core.head[link] - state.drop_pa[link]).abs();
            if error > allowed_pa {
                meet(link, error, allowed_pa);
            }
        }
    }
    worst.map(|(link, error, limit)| Broken {
        element: structure.element(network, problem, link as u32),
        quantity: Quantity::PressureDifference,
        error,
        limit,
    })
}

/// No pressure can be farther from zero: every loss, weight, given pressure and set value at its largest, on a way
/// through all links.
fn reach_pa(problem: &Problem, structure: &Structure, core: &Core, largest_loss_pa: f64) -> f64 {
    let mut most = largest_loss_pa.max(LEAST_PRESSURE_PA);
    let mut meet = |pressure: f64| most = most.max(pressure.abs());
    problem.boundaries.iter().for_each(|row| meet(row.pressure_pa));
    structure.contraction.steps.iter().for_each(|step| meet(core.node_offset[step.child as usize]));
    let chains = structure.reduction.chain_count();
    for (special, &drop) in core.specials.iter().zip(&core.drop[chains..]) {
        meet(drop);
        meet(special.controller().map_or(0.0, |controller| controller.set_pa));
    }
    (10 + problem.link_count() + problem.node_count()) as f64 * most
}
