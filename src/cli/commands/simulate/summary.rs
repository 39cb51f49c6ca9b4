//! What a run of `simulate` came to: heat, fuel, cost, the coldest rooms.

use serde_json::{Map, Value, json};

use super::series::all_plants;
use crate::cli::Printer;
use crate::network::Network;
use crate::simulation::{PlantTotals, Simulation};

const MWH_J: f64 = 3.6e9;

fn plant_json(plant: &PlantTotals) -> Value {
    json!({
        "heat_j": plant.heat_j,
        "fuel_j": plant.fuel_j,
        "electricity_j": plant.electricity_j,
        "sold_electricity_j": plant.sold_electricity_j,
        "bought_heat_j": plant.bought_heat_j,
        "co2_kg": plant.co2_kg,
        "cost": plant.cost,
        "starts": plant.starts,
        "short_s": plant.short_s,
        "coldest_supply_c": plant.coldest_supply_c,
    })
}

/// Plants by their id, in the order of the network.
fn plants(network: &Network, simulation: &Simulation) -> Vec<(String, PlantTotals)> {
    let rows = network.links().filter_map(|view| {
        let row = simulation.source_row(view.handle)?;
        let plant = simulation.sources().nth(row)?.0.plant()?;
        Some((view.id.to_string(), *plant))
    });
    rows.collect()
}

/// The summary of a run.
pub fn json(network: &Network, simulation: &Simulation, printer: &Printer) -> Value {
    let total = simulation.total();
    let mut value = json!({
        "hours": simulation.time_s() / 3600.0,
        "step_s": simulation.options.step_s,
        "hydraulic_solves": simulation.solves(),
        "heat": {
            "supplied_j": total.supplied_j,
            "consumed_j": total.consumed_j,
            "lost_j": total.lost_j,
            "fed_j": total.fed_j,
            "drawn_j": total.drawn_j,
            "stored_j": total.stored_j,
            "imbalance_share": total.imbalance_share(),
        },
    });
    let plants = plants(network, simulation);
    if !plants.is_empty() {
        let each: Map<String, Value> = plants.iter().map(|(id, plant)| (id.clone(), plant_json(plant))).collect();
        value["plants"] = Value::Object(each);
        value["all_plants"] = plant_json(&all_plants(simulation));
    }
    let stations = network.links().filter_map(|view| {
        let row = simulation.consumer_row(view.handle)?;
        Some((view.id, simulation.consumers().nth(row)?.0.station()?))
    });
    let coldest = stations.clone().min_by(|(_, a), (_, b)| a.instant().room_c.total_cmp(&b.instant().room_c));
    if let Some((id, station)) = coldest {
        let electricity_j: f64 = simulation.consumers().map(|(model, _)| model.electricity_j()).sum();
        let at = station.instant();
        value["stations"] = json!({
            "count": stations.count(),
            "electricity_j": electricity_j,
            "coldest": {
                "id": id,
                "room_temperature_c": at.room_c,
                "cause": at.cause.word(),
                "why": at.why(printer.language),
            },
        });
    }
    value
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

fn megawatt_hours(value: &Value) -> String {
    format!("{:.1}", number(value) / MWH_J)
}

/// The summary as sentences; that of a branch behind it.
pub fn text(value: &Value, printer: &Printer) -> String {
    let texts = printer.language.texts();
    let heat = &value["heat"];
    let mut out = texts.with(
        "cli-simulate",
        &[
            ("hours", format!("{:.1}", number(&value["hours"])).into()),
            ("steps", value["steps"].to_string().into()),
            ("solves", value["hydraulic_solves"].to_string().into()),
            ("wall", format!("{:.2}", number(&value["wall_s"])).into()),
            ("memory", format!("{:.1}", number(&value["peak_bytes"]) / 1e6).into()),
            ("supplied", megawatt_hours(&heat["supplied_j"]).into()),
            ("consumed", megawatt_hours(&heat["consumed_j"]).into()),
            ("lost", megawatt_hours(&heat["lost_j"]).into()),
            ("stored", megawatt_hours(&heat["stored_j"]).into()),
            ("imbalance", format!("{:.1e}", number(&heat["imbalance_share"])).into()),
        ],
    );
    out.push('\n');
    out.push_str(&parts(value, printer));
    if let Some(branch) = value.get("branch") {
        let arguments = [
            ("name", branch["scenario"].as_str().unwrap_or_default().to_owned().into()),
            ("hours", format!("{:.1}", number(&branch["at_hours"])).into()),
            ("supplied", megawatt_hours(&branch["heat"]["supplied_j"]).into()),
            ("consumed", megawatt_hours(&branch["heat"]["consumed_j"]).into()),
            ("lost", megawatt_hours(&branch["heat"]["lost_j"]).into()),
        ];
        out.push_str(&texts.with("cli-simulate-branch", &arguments));
        out.push('\n');
        out.push_str(&parts(branch, printer));
        out.push_str(&difference(&branch["difference"], printer));
    }
    out
}

/// What the branch has more than the run it left, in a sentence; rooms only where there are any.
fn difference(value: &Value, printer: &Printer) -> String {
    let texts = printer.language.texts();
    let signed = |value: &Value, per: f64, digits: usize| format!("{:+.digits$}", number(value) / per);
    let mut out = texts.with(
        "cli-simulate-difference",
        &[
            ("supplied", signed(&value["supplied_j"], MWH_J, 1).into()),
            ("consumed", signed(&value["consumed_j"], MWH_J, 1).into()),
            ("lost", signed(&value["lost_j"], MWH_J, 2).into()),
            ("pumping", signed(&value["pumping_j"], MWH_J, 2).into()),
        ],
    );
    if value.get("mean_room_k").is_some() {
        let arguments = [
            ("mean", signed(&value["mean_room_k"], 1.0, 1).into()),
            ("coldest", signed(&value["coldest_room_k"], 1.0, 1).into()),
            ("unmet", signed(&value["unmet_degree_hours"], 1.0, 1).into()),
        ];
        out.push_str(&texts.with("cli-simulate-difference-rooms", &arguments));
    }
    out.push('\n');
    out
}

/// Plants and rooms of a run.
fn parts(value: &Value, printer: &Printer) -> String {
    let texts = printer.language.texts();
    let mut out = String::new();
    for (id, plant) in value["plants"].as_object().into_iter().flatten() {
        let arguments = [
            ("id", id.clone().into()),
            ("heat", megawatt_hours(&plant["heat_j"]).into()),
            ("fuel", megawatt_hours(&plant["fuel_j"]).into()),
            ("electricity", megawatt_hours(&plant["electricity_j"]).into()),
            ("sold", megawatt_hours(&plant["sold_electricity_j"]).into()),
            ("co2", format!("{:.1}", number(&plant["co2_kg"]) / 1000.0).into()),
            ("cost", format!("{:.0}", number(&plant["cost"])).into()),
            ("starts", plant["starts"].to_string().into()),
        ];
        out.push_str(&texts.with("cli-simulate-plant", &arguments));
        out.push('\n');
        if number(&plant["short_s"]) > 0.0 {
            let arguments = [
                ("id", id.clone().into()),
                ("hours", format!("{:.1}", number(&plant["short_s"]) / 3600.0).into()),
                ("coldest", format!("{:.1}", number(&plant["coldest_supply_c"])).into()),
            ];
            out.push_str(&texts.with("cli-simulate-short", &arguments));
            out.push('\n');
        }
    }
    if let Some(stations) = value.get("stations") {
        let arguments = [
            ("count", stations["count"].to_string().into()),
            ("electricity", megawatt_hours(&stations["electricity_j"]).into()),
            ("id", stations["coldest"]["id"].as_str().unwrap_or_default().to_owned().into()),
            ("why", stations["coldest"]["why"].as_str().unwrap_or_default().to_owned().into()),
        ];
        out.push_str(&texts.with("cli-simulate-stations", &arguments));
        out.push('\n');
    }
    out
}
