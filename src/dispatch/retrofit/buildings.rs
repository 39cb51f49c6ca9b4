//! Buildings: valves of flats (户用温控阀), control by room temperature, seals and windows (外窗密封, 节能外窗).
//!
//! Where a building loses less, its heat index falls, and the design heat of its station with the loss of all its buildings. Radiators
//! and branch flows count as adapted to the new loss; what an unchanged radiator would overheat is not simulated.

use serde_json::{Value, json};

use super::{Left, Numbers, Parameter, Retrofit, Where, Why, kit};
use crate::network::edit::Edit;
use crate::network::thermal::{area_m2, building};
use crate::network::{Building, ElementKind, ElementRef, Name, Network};
use crate::simulation::equip::HEAT_CAPACITY_J_KGK;

/// The heat indices contain so much network loss (`physics::building`).
const NETWORK_LOSS: f64 = 1.05;
/// Heat capacity of outdoor air by volume at the freezing point, J/(m³ K).
const AIR_J_M3K: f64 = 1300.0;
const HOUR_S: f64 = 3600.0;

pub const THERMOSTATS: &[Parameter] = &[Parameter {
    name: "room_c",
    default: 20.0,
    range: (14.0, 26.0),
    source: "usual middle position of a thermostatic valve (EN 215); the guide names no room temperature",
}];

pub const SEALS: &[Parameter] = &[
    Parameter {
        name: "less_infiltration",
        default: 0.4,
        range: (0.0, 1.0),
        source: "the guide, 五（三）4: 30 to 50 %",
    },
    Parameter {
        name: "air_changes_1_h",
        default: 0.5,
        range: (0.0, 3.0),
        source: "JGJ 26: air change of housing; all of it counted as infiltration",
    },
    Parameter {
        name: "air_m3_m2",
        default: 1.8,
        range: (1.0, 6.0),
        source: "JGJ 26: heated air is 0.6 of the volume, at 3 m a storey",
    },
];

pub const WINDOWS: &[Parameter] = &[
    Parameter {
        name: "built_before_year",
        default: 2000.0,
        range: (1800.0, 2100.0),
        source: "assumption: buildings before the second step of energy saving",
    },
    Parameter {
        name: "old_u_w_m2k",
        default: 3.0,
        range: (0.5, 7.0),
        source: "assumption: double glazing of the time; single glazing has about 6",
    },
    Parameter {
        name: "new_u_w_m2k",
        default: 1.8,
        range: (0.5, 7.0),
        source: "the guide, table 5-2, number 1: 1.6 to 1.8",
    },
    Parameter {
        name: "window_m2_m2",
        default: 0.17,
        range: (0.0, 1.0),
        source: "assumption: window area over floor area of housing",
    },
];

fn element(id: &Name) -> ElementRef {
    ElementRef::new(ElementKind::Building, id.clone())
}

fn in_heating(network: &Network, id: &Name, field: &str, value: Value) -> Edit {
    kit::set_in_group(network, element(id), "heating", field, value)
}

/// Buildings on a station that are meant themselves or by their station.
fn meant_buildings<'a>(network: &'a Network, meant: &'a Where) -> impl Iterator<Item = (&'a Name, &'a Building)> {
    network
        .buildings()
        .iter()
        .filter(|(id, building)| building.consumer.as_deref().is_some_and(|station| meant.holds(id, Some(station))))
}

/// All emitters get valves that hold a room temperature.
pub fn thermostats(network: &Network, meant: &Where, numbers: &Numbers<'_>) -> Retrofit {
    let mut out = Retrofit::default();
    let room_c = numbers.of("room_c");
    for (id, building) in meant_buildings(network, meant) {
        if building.heating.as_deref().is_some_and(|heating| heating.thermostat_temperature_c.is_some()) {
            out.left.push(Left { element: element(id), why: Why::Regulated });
            continue;
        }
        out.edits.push(in_heating(network, id, "thermostat_temperature_c", room_c.into()));
        out.changed.push(element(id));
    }
    out
}

/// A controller at every entrance holds the room temperature of design.
pub fn room_control(network: &Network, meant: &Where) -> Retrofit {
    let mut out = Retrofit::default();
    for (id, building) in meant_buildings(network, meant) {
        if building.heating.as_deref().is_some_and(|heating| heating.entrance.is_some()) {
            out.left.push(Left { element: element(id), why: Why::Regulated });
            continue;
        }
        out.edits.push(in_heating(network, id, "entrance", "room".into()));
        out.changed.push(element(id));
    }
    out
}

/// Windows let in less air.
pub fn seals(network: &Network, meant: &Where, numbers: &Numbers<'_>) -> Retrofit {
    let less_w_k_m2 =
        numbers.of("less_infiltration") * AIR_J_M3K * numbers.of("air_m3_m2") * numbers.of("air_changes_1_h") / HOUR_S;
    less_loss(network, meant, |_| less_w_k_m2)
}

/// Old buildings get new windows.
pub fn windows(network: &Network, meant: &Where, numbers: &Numbers<'_>) -> Retrofit {
    let year = numbers.of("built_before_year");
    let less_w_k_m2 = (numbers.of("old_u_w_m2k") - numbers.of("new_u_w_m2k")).max(0.0) * numbers.of("window_m2_m2");
    less_loss(network, meant, |building| {
        if building.year_built.is_some_and(|built| f64::from(built) < year) { less_w_k_m2 } else { 0.0 }
    })
}

/// Buildings lose so much less, W/K per m² of floor (half of their loss at most).
fn less_loss(network: &Network, meant: &Where, less_w_k_m2: impl Fn(&Building) -> f64) -> Retrofit {
    let mut out = Retrofit::default();
    let design_c = network.settings().design_or_present_outdoor_c();
    let stations = kit::stations(network, &Where::All, &mut Vec::new());
    for station in &stations {
        let (mut whole_w_k, mut less_w_k, mut edits, mut changed) = (0.0, 0.0, Vec::new(), Vec::new());
        let own = network.buildings().iter().filter(|(_, one)| one.consumer.as_deref() == Some(station.view.id));
        for (id, one) in own {
            let Ok(model) = building(one, design_c, HEAT_CAPACITY_J_KGK) else {
                out.left.push(Left { element: element(id), why: Why::NoArea });
                continue;
            };
            let loss_w_k = model.mass.steady_loss_w_k();
            whole_w_k += loss_w_k;
            let area_m2 = area_m2(one);
            let saved_w_k = (less_w_k_m2(one) * area_m2).min(0.5 * loss_w_k);
            if !(saved_w_k > 0.0 && meant.holds(id, Some(station.view.id))) {
                continue;
            }
            let room_c = one.heating.as_deref().map_or(18.0, |heating| heating.room_temperature_c);
            let index_w_m2 = (loss_w_k - saved_w_k) * (room_c - design_c) * NETWORK_LOSS / area_m2;
            less_w_k += saved_w_k;
            edits.push(in_heating(network, id, "heat_index_w_m2", index_w_m2.into()));
            changed.push(element(id));
        }
        if changed.is_empty() {
            continue;
        }
        out.edits.append(&mut edits);
        out.changed.append(&mut changed);
        let heat_w = station.heat_w * (1.0 - less_w_k / whole_w_k);
        out.edits.push(station.set("demand.heat.heat_w", json!(heat_w)));
    }
    out
}
