//! What a run adds up beside its heat: the work of the pumps, and how long rooms were colder than designed. And what a branch
//! has more of all that than the run it left.

use serde_json::{Value, json};

use crate::simulation::Simulation;

/// Sums since the start; a branch goes on with those of the run it leaves.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Hydraulic work of sources and pumps of the network, J.
    pumping_j: f64,
    /// Coldest rooms of every substation below their design, added up over substations, K s.
    unmet_k_s: f64,
}

impl Tally {
    /// The step that has just been taken.
    pub fn add(&mut self, simulation: &Simulation) {
        let step_s = simulation.options.step_s;
        self.pumping_j += step_s * simulation.pumping_w();
        let stations = simulation.consumers().filter_map(|(model, _)| model.station());
        let short_k = |room_c: f64, design_c: f64| if design_c > room_c { design_c - room_c } else { 0.0 };
        let unmet_k: f64 = stations
            .map(|station| {
                let at = station.instant();
                short_k(at.room_c, at.design_room_c)
            })
            .sum();
        self.unmet_k_s += step_s * unmet_k;
    }

    /// Puts the sums into a summary.
    pub fn write(&self, simulation: &Simulation, value: &mut Value) {
        value["pumping_j"] = self.pumping_j.into();
        let rooms: Vec<f64> = simulation
            .consumers()
            .filter_map(|(model, _)| model.station())
            .map(|station| station.instant().room_c)
            .filter(|room_c| room_c.is_finite())
            .collect();
        if let Some(stations) = value.get_mut("stations").filter(|_| !rooms.is_empty()) {
            let count = rooms.len() as f64;
            stations["mean_room_temperature_c"] = (rooms.iter().sum::<f64>() / count).into();
            stations["unmet_degree_hours"] = (self.unmet_k_s / 3600.0 / count).into();
        }
    }
}

/// Paths of the summary that are compared, and what the difference is called.
const COMPARED: [(&str, &str); 11] = [
    ("/heat/supplied_j", "supplied_j"),
    ("/heat/consumed_j", "consumed_j"),
    ("/heat/lost_j", "lost_j"),
    ("/pumping_j", "pumping_j"),
    ("/stations/electricity_j", "station_electricity_j"),
    ("/stations/mean_room_temperature_c", "mean_room_k"),
    ("/stations/coldest/room_temperature_c", "coldest_room_k"),
    ("/stations/unmet_degree_hours", "unmet_degree_hours"),
    ("/all_plants/fuel_j", "fuel_j"),
    ("/all_plants/co2_kg", "co2_kg"),
    ("/all_plants/cost", "cost"),
];

/// Branch less base, of all that both tell.
pub fn difference(base: &Value, branch: &Value) -> Value {
    let mut out = json!({});
    for (path, name) in COMPARED {
        let number = |value: &Value| value.pointer(path).and_then(Value::as_f64);
        if let (Some(base), Some(branch)) = (number(base), number(branch)) {
            out[name] = (branch - base).into();
        }
    }
    out
}
