//! Energy analysis: meters of a network from tables, simulated runs and historians; plans and targets; the analysis as a
//! sheet for people, CSV and JSON; and the regulator's table of a period (appendix E).
//!
//! Nothing is reckoned here (`dispatch::energy`), nothing drawn (`report`).

pub mod appendix;
mod csv_form;
mod historian;
mod json_form;
mod plan;
mod sheet;
mod table;

pub use csv_form::csv;
pub use historian::{Tagged, of_historian};
pub use json_form::json;
pub use plan::{read_plan, read_targets};
pub use sheet::{period_text, sheet};
pub use table::{Reading, read};

use std::collections::BTreeSet;

use crate::dispatch::energy::{EnergyHistory, Metered, Place, PlaceKind};
use crate::network::Network;

/// Places of a network without any series: its sources and substations, and the buildings. The two sides of a station
/// between zones are neither: what they pass on was given by a plant and is taken by a substation.
pub fn places(network: &Network) -> EnergyHistory {
    let passing: BTreeSet<&str> = network
        .links()
        .filter_map(|view| view.source()?.exchanger.as_ref())
        .map(|exchanger| &*exchanger.primary)
        .collect();
    let mut out = EnergyHistory::default();
    for view in network.links() {
        if let Some(source) = view.source().filter(|source| source.exchanger.is_none()) {
            // Tanks give back what plants gave them.
            if source.store.is_none() {
                out.metered.push(Metered::new(Place::new(PlaceKind::Source, view.id, view.link.name()), None));
            }
        } else if let Some(consumer) = view.consumer().filter(|_| !passing.contains(&**view.id)) {
            let place = Place::new(PlaceKind::Station, view.id, view.link.name());
            let houses = network.buildings().values().filter(|own| own.consumer.as_deref() == Some(view.id));
            let of_houses = || houses.map(crate::network::thermal::area_m2).sum::<f64>();
            out.metered.push(Metered::new(place, Some(consumer.heated_area_m2.unwrap_or_else(of_houses))));
        }
    }
    for (id, building) in network.buildings() {
        let area_m2 = crate::network::thermal::area_m2(building);
        out.metered.push(Metered::new(Place::new(PlaceKind::Building, id, &building.name), Some(area_m2)));
    }
    out.sort();
    out
}

/// Leaves out what has no meter and cannot have one now: buildings, plants that do not run, consumers that are shut.
fn settle(mut history: EnergyHistory, network: &Network) -> EnergyHistory {
    let rests = |metered: &Metered| {
        let view = || network.link_id(&metered.place.id).and_then(|link| network.link_view(link));
        match metered.place.kind {
            PlaceKind::Source => view().and_then(|view| view.source().map(|source| !source.running)).unwrap_or(false),
            PlaceKind::Station => view().and_then(|view| view.consumer().map(|own| own.shut)).unwrap_or(false),
            _ => true,
        }
    };
    history.metered.retain(|metered| metered.is_measured() || !rests(metered));
    history
}
