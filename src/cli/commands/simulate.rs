//! `simulate`: the network in time, as a summary for people or a time series for programs.

use std::time::Instant;

use serde_json::{Value, json};

use super::bench::ALLOCATOR;
use super::load;
use crate::cli::args::{Simulate, TableFormat};
use crate::cli::{Failure, Printer};
use crate::network::{LinkId, Network, NodeId, Severity, validate};
use crate::physics::weather::{Weather, WeatherSeries};
use crate::simulation::{Consumer, Options, Simulation, equip};

/// What an element's columns are read from.
enum Place {
    Node(NodeId),
    Link(LinkId),
}

/// One column of the time series.
struct Column {
    name: String,
    values: Vec<f64>,
}

pub fn run(given: &Simulate, printer: &Printer) -> Result<(), Failure> {
    let mut network = load(&given.file, printer)?;
    if let Some(name) = &given.scenario {
        network = network.with_scenario(name).map_err(|error| Failure::input(error.to_string()))?;
    }
    let checks = validate::validate(&network);
    if checks.iter().any(|finding| finding.severity == Severity::Error) {
        printer.findings(&checks);
        return Err(Failure::Input(None));
    }
    let texts = printer.language.texts();
    let places = given
        .elements
        .iter()
        .map(|id| {
            let place = network.node_id(id).map(Place::Node).or_else(|| network.link_id(id).map(Place::Link));
            place.ok_or_else(|| Failure::input(texts.with("cli-simulate-no-element", &[("id", id.clone().into())])))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let weather = super::weather::read(given.weather.as_deref(), printer)?;
    ALLOCATOR.reset_peak_usage();
    let start = Instant::now();
    let mut options = Options { step_s: given.step, ..Options::default() };
    if let Some(series) = &weather {
        options.start_calendar_s = given.start.unwrap_or(series.span_s().0);
    } else if let Some(start_s) = given.start {
        options.start_calendar_s = start_s;
    }
    let mut simulation = Simulation::new(&network, options).map_err(|findings| {
        printer.findings(&findings);
        Failure::Input(None)
    })?;
    let outdoor_c = network.settings().outdoor_temperature_c;
    let at = |time_s: f64| weather_at(weather.as_ref(), options.start_calendar_s + time_s, given.step, outdoor_c);
    if given.buildings || weather.is_some() {
        for left in equip::consumers(&network, &mut simulation, given.buildings, at(0.0).temperature_c) {
            let arguments = [("element", left.element.to_string().into()), ("reason", left.fault.to_string().into())];
            printer.say(&texts.with("cli-simulate-no-model", &arguments));
        }
    }
    let steps = (given.hours * 3600.0 / given.step).ceil() as u64;
    let every = (given.every / given.step).round().max(1.0) as u64;
    let bar = printer.progress(steps, &texts.get("cli-simulating"));
    let mut columns = Columns::new(&network, &given.elements, &simulation);
    let mut unsolved = 0u64;
    for step in 1..=steps {
        let now = at(simulation.time_s());
        let report = simulation.step(&network, now);
        unsolved += u64::from(!report.converged);
        if step % every == 0 || step == steps {
            columns.add(&simulation, &places, now);
            bar.set_position(step);
        }
    }
    bar.finish_and_clear();
    let wall_s = start.elapsed().as_secs_f64();
    if unsolved > 0 {
        printer.say(&texts.with("cli-simulate-unsolved", &[("steps", unsolved.to_string().into())]));
    }
    let total = simulation.total();
    let value = json!({
        "hours": simulation.time_s() / 3600.0,
        "step_s": given.step,
        "steps": steps,
        "hydraulic_solves": simulation.solves(),
        "steps_without_solution": unsolved,
        "wall_s": wall_s,
        "peak_bytes": ALLOCATOR.peak_usage(),
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
    let data = match given.format {
        TableFormat::Json => json_form(value, &columns.all),
        TableFormat::Csv => csv_form(&columns.all),
        TableFormat::Text => text_form(&value, printer),
    };
    printer.data(given.output.as_deref(), data.as_bytes())?;
    if unsolved == 0 { Ok(()) } else { Err(Failure::Input(None)) }
}

fn weather_at(series: Option<&WeatherSeries>, calendar_s: f64, step_s: f64, outdoor_c: f64) -> Weather {
    match series {
        Some(series) => series.mean(calendar_s, step_s),
        None => Weather { temperature_c: outdoor_c, wind_m_s: 0.0, solar_w_m2: 0.0 },
    }
}

/// The time series as it grows.
struct Columns {
    all: Vec<Column>,
    rooms: bool,
    supplied_j: f64,
    consumed_j: f64,
    lost_j: f64,
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

impl Columns {
    fn new(network: &Network, elements: &[String], simulation: &Simulation) -> Columns {
        let mut names: Vec<String> = FIXED.iter().map(|name| (*name).to_owned()).collect();
        let rooms = simulation.consumers().any(|(model, _)| room_c(model).is_some());
        if rooms {
            names.extend(["coldest_room_c".to_owned(), "mean_room_c".to_owned()]);
        }
        for id in elements {
            names.push(format!("{id}:temperature_c"));
            if network.link_id(id).is_some() && network.node_id(id).is_none() {
                names.push(format!("{id}:mass_flow_kg_s"));
            }
        }
        let all = names.into_iter().map(|name| Column { name, values: Vec::new() }).collect();
        Columns { all, rooms, supplied_j: 0.0, consumed_j: 0.0, lost_j: 0.0, time_s: 0.0 }
    }

    /// A row: heats are means since the last row, temperatures those of the last step.
    fn add(&mut self, simulation: &Simulation, places: &[Place], weather: Weather) {
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
        for (_, passed) in simulation.sources() {
            flow += passed.mass_flow_kg_s;
            supply += passed.mass_flow_kg_s * passed.outlet_c;
            back += passed.mass_flow_kg_s * passed.inlet_c;
        }
        row.extend([supply / flow, back / flow]);
        let running = simulation.consumers().filter(|(_, passed)| passed.mass_flow_kg_s > 0.0);
        row.push(running.map(|(_, passed)| passed.inlet_c).fold(f64::NAN, f64::min));
        if self.rooms {
            let rooms: Vec<f64> = simulation.consumers().filter_map(|(model, _)| room_c(model)).collect();
            row.push(rooms.iter().copied().fold(f64::NAN, f64::min));
            row.push(rooms.iter().sum::<f64>() / rooms.len() as f64);
        }
        for place in places {
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
                }
            }
        }
        for (column, value) in self.all.iter_mut().zip(row) {
            column.values.push(value);
        }
    }
}

fn room_c(model: &dyn Consumer) -> Option<f64> {
    model.station().map(|station| station.instant().room_c)
}

fn json_form(mut value: Value, columns: &[Column]) -> String {
    let series: serde_json::Map<String, Value> =
        columns.iter().map(|column| (column.name.clone(), json!(column.values))).collect();
    value["series"] = Value::Object(series);
    format!("{value:#}\n")
}

fn csv_form(columns: &[Column]) -> String {
    let mut out = columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(",");
    out.push('\n');
    for row in 0..columns.first().map_or(0, |column| column.values.len()) {
        let cell = |column: &Column| {
            let value = column.values[row];
            if value.is_finite() { format!("{value}") } else { String::new() }
        };
        out.push_str(&columns.iter().map(cell).collect::<Vec<_>>().join(","));
        out.push('\n');
    }
    out
}

fn text_form(value: &Value, printer: &Printer) -> String {
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    let energy = |key: &str| format!("{:.1}", number(&value["heat"][key]) / 3.6e9);
    let mut out = printer.language.texts().with(
        "cli-simulate",
        &[
            ("hours", format!("{:.1}", number(&value["hours"])).into()),
            ("steps", value["steps"].to_string().into()),
            ("solves", value["hydraulic_solves"].to_string().into()),
            ("wall", format!("{:.2}", number(&value["wall_s"])).into()),
            ("memory", format!("{:.1}", number(&value["peak_bytes"]) / 1e6).into()),
            ("supplied", energy("supplied_j").into()),
            ("consumed", energy("consumed_j").into()),
            ("lost", energy("lost_j").into()),
            ("stored", energy("stored_j").into()),
            ("imbalance", format!("{:.1e}", number(&value["heat"]["imbalance_share"])).into()),
        ],
    );
    out.push('\n');
    out
}
