//! The time series of `simulate`, as it grows: columns of the whole network, of its plants and of the elements asked for.

use serde_json::{Value, json};

use crate::network::{LinkId, Network, NodeId};
use crate::physics::weather::Weather;
use crate::simulation::{PlantTotals, Simulation};

/// What an element's columns are read from.
pub enum Place {
    Node(NodeId),
    Link(LinkId),
}

impl Place {
    /// The node or link with an id; a node where both have it.
    pub fn of(network: &Network, id: &str) -> Option<Place> {
        network.node_id(id).map(Place::Node).or_else(|| network.link_id(id).map(Place::Link))
    }
}

/// One column of the time series.
struct Column {
    name: String,
    values: Vec<f64>,
}

/// All columns, and the sums they take their means from.
pub struct Series {
    all: Vec<Column>,
    places: Vec<(String, Place)>,
    rooms: bool,
    plants: bool,
    supplied_j: f64,
    consumed_j: f64,
    lost_j: f64,
    made: PlantTotals,
    time_s: f64,
}

const FIXED: [&str; 8] = [
    "time_s",
    "outdoor_temperature_c",
    "supplied_w",
    "consumed_w",
    "lost_w",
    "supply_temperature_c",
    "return_temperature_c",
    "coldest_consumer_inlet_c",
];

const PLANTS: [&str; 5] =
    ["plants:fuel_w", "plants:electricity_w", "plants:sold_electricity_w", "plants:co2_kg_s", "plants:cost_1_h"];

/// What the model at a link records, without the rows of single buildings and what is no quantity.
fn recorded(simulation: &Simulation, link: LinkId) -> Vec<(&'static str, f64)> {
    let consumer = simulation.consumer_row(link).and_then(|row| simulation.consumers().nth(row));
    let source = simulation.source_row(link).and_then(|row| simulation.sources().nth(row));
    let of_consumer = consumer.map(|(model, _)| (model.recorded_names(), model.recorded()));
    let Some((names, values)) = of_consumer.or(source.map(|(model, _)| (model.recorded_names(), model.recorded())))
    else {
        return Vec::new();
    };
    let pairs = names.iter().zip(values).map(|(name, value)| (*name, f64::from(*value)));
    pairs.filter(|(name, _)| !name.starts_with("building_") && *name != "cause").collect()
}

/// Sum over all plants.
pub fn all_plants(simulation: &Simulation) -> PlantTotals {
    let mut sum = PlantTotals { coldest_supply_c: f64::INFINITY, ..PlantTotals::default() };
    for plant in simulation.sources().filter_map(|(model, _)| model.plant()) {
        sum.add(plant);
    }
    sum
}

impl Series {
    /// Columns for the network and for these elements by their ids.
    pub fn new(places: Vec<(String, Place)>, simulation: &Simulation) -> Series {
        let mut names: Vec<String> = FIXED.iter().map(|name| (*name).to_owned()).collect();
        let rooms = simulation.consumers().any(|(model, _)| model.station().is_some());
        if rooms {
            names.extend(["coldest_room_c".to_owned(), "mean_room_c".to_owned()]);
        }
        let plants = simulation.sources().any(|(model, _)| model.plant().is_some());
        if plants {
            names.extend(PLANTS.iter().map(|name| (*name).to_owned()));
        }
        for (id, place) in &places {
            names.push(format!("{id}:temperature_c"));
            if let Place::Link(link) = place {
                names.push(format!("{id}:mass_flow_kg_s"));
                names.extend(recorded(simulation, *link).iter().map(|(name, _)| format!("{id}:{name}")));
            }
        }
        let all = names.into_iter().map(|name| Column { name, values: Vec::new() }).collect();
        let (supplied_j, consumed_j, lost_j, time_s) = (0.0, 0.0, 0.0, 0.0);
        Series { all, places, rooms, plants, supplied_j, consumed_j, lost_j, made: PlantTotals::default(), time_s }
    }

    /// A row: heats are means since the last row, temperatures those of the last step.
    pub fn add(&mut self, simulation: &Simulation, weather: Weather) {
        let total = simulation.total();
        let passed_s = simulation.time_s() - self.time_s;
        let mean = |now_j: f64, before_j: f64| (now_j - before_j) / passed_s;
        let mut row = vec![
            simulation.time_s(),
            weather.temperature_c,
            mean(total.supplied_j, self.supplied_j),
            mean(total.consumed_j, self.consumed_j),
            mean(total.lost_j, self.lost_j),
        ];
        (self.supplied_j, self.consumed_j, self.lost_j) = (total.supplied_j, total.consumed_j, total.lost_j);
        self.time_s = simulation.time_s();
        let (mut flow, mut supply, mut back) = (0.0, 0.0, 0.0);
        for (row, (_, passed)) in simulation.sources().enumerate() {
            // Between two zones nothing is supplied.
            if simulation.problem().passes_on(row) {
                continue;
            }
            flow += passed.mass_flow_kg_s;
            supply += passed.mass_flow_kg_s * passed.outlet_c;
            back += passed.mass_flow_kg_s * passed.inlet_c;
        }
        row.extend([supply / flow, back / flow]);
        let running = simulation.consumers().filter(|(_, passed)| passed.mass_flow_kg_s > 0.0);
        row.push(running.map(|(_, passed)| passed.inlet_c).fold(f64::NAN, f64::min));
        if self.rooms {
            let stations = simulation.consumers().filter_map(|(model, _)| model.station());
            let rooms: Vec<f64> = stations.map(|station| station.instant().room_c).collect();
            row.push(rooms.iter().copied().fold(f64::NAN, f64::min));
            row.push(rooms.iter().sum::<f64>() / rooms.len() as f64);
        }
        if self.plants {
            let (now, before) = (all_plants(simulation), self.made);
            row.extend([
                mean(now.fuel_j, before.fuel_j),
                mean(now.electricity_j, before.electricity_j),
                mean(now.sold_electricity_j, before.sold_electricity_j),
                mean(now.co2_kg, before.co2_kg),
                3600.0 * mean(now.cost, before.cost),
            ]);
            self.made = now;
        }
        for (_, place) in &self.places {
            match place {
                Place::Node(node) => {
                    let dense = simulation.problem().node(*node);
                    row.push(dense.map_or(f64::NAN, |node| simulation.transport().node_c(node)));
                }
                Place::Link(link) => {
                    let dense = simulation.problem().link(*link);
                    let ends = dense.map(|link| simulation.transport().ends_c(simulation.problem(), link));
                    row.push(ends.map_or(f64::NAN, |ends| ends.1));
                    row.push(dense.map_or(f64::NAN, |link| simulation.transport().flow_kg_s()[link]));
                    row.extend(recorded(simulation, *link).iter().map(|(_, value)| *value));
                }
            }
        }
        for (column, value) in self.all.iter_mut().zip(row) {
            column.values.push(value);
        }
    }

    /// The columns of another run beside these, from the same instants; those before it began are empty.
    pub fn beside(&mut self, other: Series, name: &str) {
        let rows = self.all.first().map_or(0, |column| column.values.len());
        for Column { name: column, mut values } in other.all.into_iter().skip(2) {
            let missing = rows.saturating_sub(values.len());
            values.splice(0..0, std::iter::repeat_n(f64::NAN, missing));
            self.all.push(Column { name: format!("{name}/{column}"), values });
        }
    }

    pub fn json(&self, mut value: Value) -> String {
        let series: serde_json::Map<String, Value> =
            self.all.iter().map(|column| (column.name.clone(), json!(column.values))).collect();
        value["series"] = Value::Object(series);
        format!("{value:#}\n")
    }

    pub fn csv(&self) -> String {
        let mut out = self.all.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(",");
        out.push('\n');
        for row in 0..self.all.first().map_or(0, |column| column.values.len()) {
            let cell = |column: &Column| {
                let value = column.values[row];
                if value.is_finite() { format!("{value}") } else { String::new() }
            };
            out.push_str(&self.all.iter().map(cell).collect::<Vec<_>>().join(","));
            out.push('\n');
        }
        out
    }
}
