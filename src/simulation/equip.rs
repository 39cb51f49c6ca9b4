//! What stands at the ends of a network that is to live through some weather, from the network's data alone.
//!
//! Consumers become substations with buildings (as their data describe them, else from the design heat), or heats that
//! follow the outdoor temperature; sources follow a supply curve. Models known better are handed to the simulation one by
//! one. Not here: the models themselves.

use super::regulated::RegulatedSupply;
use super::terminal::{Consumer, FixedDemand, FixedReturn};
use super::{HeatedStation, Simulation};
use crate::network::thermal::Served;
use crate::network::{Demand, LinkId, Network};

/// A consumer draws at most this many times the flow its heat takes at the sources' temperature.
const MOST_FLOW: f64 = 10.0;
const HEAT_CAPACITY_J_KGK: f64 = 4190.0;

/// Puts substations with buildings, or heats that follow the weather, where the network has heats of one outdoor
/// temperature. They start where they rest at `outdoor_now_c`.
pub fn consumers(network: &Network, simulation: &mut Simulation, buildings: bool, outdoor_now_c: f64) {
    consumers_where(network, simulation, buildings, outdoor_now_c, |_| true);
}

/// The same for those consumers only that `wanted` names.
pub fn consumers_where(
    network: &Network,
    simulation: &mut Simulation,
    buildings: bool,
    outdoor_now_c: f64,
    wanted: impl Fn(LinkId) -> bool,
) {
    let design_outdoor_c = network.settings().outdoor_temperature_c;
    let supply_c = simulation.problem().supply_temperature_c;
    let served = Served::new(network);
    for view in network.links() {
        let Some(consumer) = view.consumer().filter(|consumer| !consumer.shut && wanted(view.handle)) else { continue };
        let Demand::Heat { heat_w } = consumer.demand else { continue };
        let return_c = consumer.return_temperature_c;
        let station = buildings
            .then(|| {
                // Where the network describes the secondary side, that holds; else heat and temperatures alone.
                described(&served, view.id, consumer, network.settings().design_outdoor_c(), outdoor_now_c)
                    .or_else(|| HeatedStation::from_design(heat_w, supply_c, return_c, design_outdoor_c, outdoor_now_c))
            })
            .flatten();
        let model: Box<dyn Consumer> = match station {
            Some(station) => Box::new(station),
            None => Box::new(FixedReturn {
                demand: FixedDemand::HeatAtOutdoor { heat_w, outdoor_c: design_outdoor_c },
                return_c,
                most_kg_s: MOST_FLOW * heat_w / (HEAT_CAPACITY_J_KGK * (supply_c - return_c).max(1.0)),
                factors: Vec::new(),
                interval_s: 0.0,
            }),
        };
        // Every consumer of the network is one of the simulation.
        let _ = simulation.set_consumer(view.handle, model);
    }
}

/// A substation as its data describe it, with the buildings behind it; `None` where nothing is said of its secondary side.
fn described(
    served: &Served<'_>,
    id: &str,
    consumer: &crate::network::Consumer,
    design_outdoor_c: f64,
    outdoor_now_c: f64,
) -> Option<HeatedStation> {
    let side = consumer.secondary.as_deref()?;
    // Contradictions were findings of the check before.
    let systems = served.systems(id, consumer, design_outdoor_c, HEAT_CAPACITY_J_KGK).ok()?;
    let start_c = systems.first()?.system.set_point.curve.at_outdoor(outdoor_now_c, 1.0).supply_c;
    let zones = systems.into_iter().map(|zone| (zone.system, zone.building));
    Some(HeatedStation::new(zones, start_c, side.room_temperature_c, outdoor_now_c))
}

/// Regulates the supply temperature of those sources that `wanted` names by the outdoor temperature: the network's supply
/// temperature belongs to the outdoor temperature of its settings, the return to the mean of its consumers.
pub fn sources_where(
    network: &Network,
    simulation: &mut Simulation,
    outdoor_now_c: f64,
    wanted: impl Fn(LinkId) -> bool,
) {
    let design_outdoor_c = network.settings().outdoor_temperature_c;
    let returns: Vec<f64> =
        network.links().filter_map(|view| view.consumer().map(|consumer| consumer.return_temperature_c)).collect();
    let return_c = returns.iter().sum::<f64>() / returns.len() as f64;
    for row in 0..simulation.problem().sources.len() {
        let source = simulation.problem().sources[row];
        let link = simulation.problem().link_handles[source.link as usize];
        if !wanted(link) {
            continue;
        }
        let capacity_w = network.link_view(link).and_then(|view| view.source()?.capacity_w).unwrap_or(f64::INFINITY);
        let model = RegulatedSupply::from_design(
            source.supply_temperature_c,
            return_c,
            design_outdoor_c,
            outdoor_now_c,
            capacity_w,
        );
        if let Some(model) = model {
            let _ = simulation.set_source(link, Box::new(model));
        }
    }
}
