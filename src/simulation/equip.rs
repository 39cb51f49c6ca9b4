//! What stands at the ends of a network that is to live through some weather, from the network's data alone.
//!
//! Consumers become substations with their buildings (`network::thermal` makes them of the data), or heats that
//! follow the outdoor temperature; sources follow a supply curve. Models known better are handed to the simulation one by
//! one. Not here: the models themselves.

use std::sync::Arc;

use super::regulated::RegulatedSupply;
use super::terminal::{FixedDemand, FixedReturn};
use super::{HeatedStation, PlantSource, Simulation};
use crate::network::thermal::{self, Served, ThermalFault};
use crate::network::{Demand, ElementRef, LinkId, Network};
use crate::physics::source::PlantState;

/// A consumer draws at most this many times the flow its heat takes at the sources' temperature.
const MOST_FLOW: f64 = 10.0;
/// Heat capacity of water that flows are sized with.
pub const HEAT_CAPACITY_J_KGK: f64 = 4187.0;

/// An element that runs without a model, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Unmodelled {
    pub element: ElementRef,
    pub fault: ThermalFault,
}

/// Puts substations with buildings (`buildings`), or heats that follow the weather, where the network has heats of one outdoor
/// temperature. Consumers that ask for a flow keep it unless their secondary side is given. Stations start where they rest at
/// `outdoor_now_c`. Tells the consumers whose data make no station: they follow the weather in proportion.
pub fn consumers(
    network: &Network,
    simulation: &mut Simulation,
    buildings: bool,
    outdoor_now_c: f64,
) -> Vec<Unmodelled> {
    consumers_where(network, simulation, buildings, outdoor_now_c, |_| true)
}

/// The same for those consumers only that `wanted` names.
pub fn consumers_where(
    network: &Network,
    simulation: &mut Simulation,
    buildings: bool,
    outdoor_now_c: f64,
    wanted: impl Fn(LinkId) -> bool,
) -> Vec<Unmodelled> {
    let settings = network.settings();
    // The heats of a network belong to its design day where it names one, else to the day it shows.
    let design_outdoor_c = settings.design_or_present_outdoor_c();
    let supply_c = simulation.problem().supply_temperature_c;
    let served = Served::new(network);
    let mut unmodelled = Vec::new();
    for view in network.links() {
        let Some(consumer) = view.consumer().filter(|_| wanted(view.handle) && !simulation.isolates(view.handle))
        else {
            continue;
        };
        let heat_w = match consumer.demand {
            Demand::Heat { heat_w } if heat_w > 0.0 => Some(heat_w),
            Demand::Heat { .. } | Demand::MassFlow { .. } => None,
        };
        if buildings && (heat_w.is_some() || consumer.secondary.is_some()) {
            match served.systems(view.id, consumer, supply_c, design_outdoor_c, HEAT_CAPACITY_J_KGK) {
                Ok(systems) => {
                    let primary_c = simulation.at_consumer(view.handle).map_or(supply_c, |passed| passed.inlet_c);
                    let station = HeatedStation::new(systems, primary_c, outdoor_now_c, consumer.shut);
                    // Every consumer of the network is one of the simulation.
                    let _ = simulation.set_consumer(view.handle, Box::new(station));
                    continue;
                }
                Err(fault) => unmodelled.push(Unmodelled { element: view.element(), fault }),
            }
        }
        let Some(heat_w) = heat_w.filter(|_| !consumer.shut) else { continue };
        let return_c = consumer.return_temperature_c;
        let model = FixedReturn {
            demand: FixedDemand::HeatAtOutdoor { heat_w, outdoor_c: design_outdoor_c },
            return_c,
            most_kg_s: MOST_FLOW * heat_w / (HEAT_CAPACITY_J_KGK * (supply_c - return_c).max(1.0)),
            factors: Vec::new(),
            interval_s: 0.0,
        };
        let _ = simulation.set_consumer(view.handle, Box::new(model));
    }
    unmodelled
}

/// Regulates the supply temperature of those sources that `wanted` names by the outdoor temperature: the network's supply
/// temperature belongs to the outdoor temperature of its settings, the return to the mean of its consumers. `orders` may be
/// given ahead (see [`RegulatedSupply::ordered`]).
pub fn sources_where(
    network: &Network,
    simulation: &mut Simulation,
    outdoor_now_c: f64,
    orders: &Arc<[(f64, f64)]>,
    wanted: impl Fn(LinkId) -> bool,
) {
    let settings = network.settings();
    let design_outdoor_c = settings.design_or_present_outdoor_c();
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
        if let Some(mut model) = model.map(|model| model.ordered(orders.clone())) {
            if simulation.time_s() > 0.0
                && let Some(passed) = simulation.at_source(link)
            {
                model = model.continuing(passed.outlet_c);
            }
            let _ = simulation.set_source(link, Box::new(model));
        }
    }
}

/// Puts the plants of a network's data in place of given supply temperatures; what stands at a source already (a supply curve)
/// stays as its wish. Tells the sources whose data make no plant: they give their supply temperature whatever it takes.
pub fn plants(network: &Network, simulation: &mut Simulation) -> Vec<Unmodelled> {
    plants_where(network, simulation, |_| true)
}

/// The same for those sources only that `wanted` names.
pub fn plants_where(
    network: &Network,
    simulation: &mut Simulation,
    wanted: impl Fn(LinkId) -> bool,
) -> Vec<Unmodelled> {
    let mut unmodelled = Vec::new();
    for view in network.links() {
        let Some(source) = view.source().filter(|source| source.exchanger.is_none() && wanted(view.handle)) else {
            continue;
        };
        let (Some(row), Some(&before)) = (simulation.source_row(view.handle), simulation.at_source(view.handle)) else {
            continue;
        };
        match thermal::plant(source, HEAT_CAPACITY_J_KGK) {
            Ok(Some(plant)) => {
                let store = thermal::store(source, HEAT_CAPACITY_J_KGK);
                let state = PlantState { store, ..PlantState::default() };
                let Some(wish) = simulation.sources().nth(row).map(|(model, _)| model.boxed_clone()) else { continue };
                let model = PlantSource::new(plant, state, wish, &before);
                let _ = simulation.set_source(view.handle, Box::new(model));
            }
            Ok(None) => {}
            Err(fault) => unmodelled.push(Unmodelled { element: view.element(), fault }),
        }
    }
    unmodelled
}
