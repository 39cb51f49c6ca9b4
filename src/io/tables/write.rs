//! A network as a folder of CSV tables: what the reader takes, in the order of the network.

use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use super::header::{self, LINK_NOTES};
use super::row::ATTRIBUTE_PREFIX;
use crate::io::{IoError, Problem, numbers, save};
use crate::network::attributes::{Attribute, Attributes};
use crate::network::{
    Characteristic, Demand, ElementKind, ElementRef, FrictionModel, LinkKind, LinkView, Network, SourceControl, Valve,
    ValveKind, WaterModel,
};

/// Writes all tables of the network into a folder, making it where it is not there. Each file is replaced as a whole;
/// tables without rows are not written, and those left there by an earlier network are taken away.
///
/// Tables hold no buildings, chambers, sensors, scenarios, emergency base, bends or insulation.
pub fn write_folder(folder: &Path, network: &Network) -> Result<(), IoError> {
    finite(folder, network)?;
    std::fs::create_dir_all(folder).map_err(|error| IoError::system(folder, &error))?;
    for (name, rows) in tables(network) {
        let path = folder.join(format!("{name}.csv"));
        if rows.is_empty() {
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(IoError::system(&path, &error));
                }
                _ => {}
            }
        } else {
            save::atomic(&path, csv_text(name, &rows).as_bytes())?;
        }
    }
    Ok(())
}

/// Cells of a row by column.
type Cells = Vec<(String, String)>;

fn tables(network: &Network) -> Vec<(&'static str, Vec<Cells>)> {
    let mut out = vec![
        ("settings", settings(network)),
        ("water", water(network)),
        ("nodes", network.nodes().map(|(_, id, node)| node_cells(id, node)).collect()),
    ];
    for (name, kind) in [
        ("pipes", ElementKind::Pipe),
        ("valves", ElementKind::Valve),
        ("pumps", ElementKind::Pump),
        ("sources", ElementKind::Source),
        ("consumers", ElementKind::Consumer),
    ] {
        let links = network.links().filter(|view| view.link.kind.element_kind() == kind);
        out.push((name, links.map(|view| link_cells(network, name, view)).collect()));
    }
    out.push(("pump_curves", network.links().flat_map(curve).collect()));
    out
}

/// Contract columns always, the others where some row has one.
fn csv_text(name: &str, rows: &[Cells]) -> String {
    let own = header::COLUMNS.iter().find(|(table, _)| *table == name).map_or(&[][..], |(_, columns)| *columns);
    let mut columns: Vec<String> = own.iter().map(|(column, _)| (*column).to_owned()).collect();
    let further: Vec<&str> = header::names(name);
    let mut others: Vec<&String> = rows.iter().flatten().filter(|(_, cell)| !cell.is_empty()).map(|(c, _)| c).collect();
    others.sort_by_key(|column| (further.iter().position(|name| name == column).unwrap_or(usize::MAX), *column));
    others.dedup();
    for column in others {
        if !columns.contains(column) {
            columns.push(column.clone());
        }
    }
    let mut out = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail.
    let _ = out.write_record(&columns);
    for row in rows {
        let cell = |column: &String| row.iter().find(|(name, _)| name == column).map_or("", |(_, cell)| cell.as_str());
        let _ = out.write_record(columns.iter().map(cell));
    }
    String::from_utf8(out.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn cells<const N: usize>(pairs: [(&str, String); N]) -> Cells {
    pairs.into_iter().map(|(column, cell)| (column.to_owned(), cell)).collect()
}

/// A JSON value as a cell.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn number(value: f64) -> String {
    plain(&Value::from(value))
}

fn optional(value: Option<f64>) -> String {
    value.map(number).unwrap_or_default()
}

/// The word of an enumeration.
fn word<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value).map(|value| plain(&value)).unwrap_or_default()
}

fn settings(network: &Network) -> Vec<Cells> {
    let settings = network.settings();
    let friction: &FrictionModel = &settings.friction;
    let mut pairs = vec![("title", settings.title.clone()), ("friction", word(friction))];
    match &settings.water {
        WaterModel::Iapws => pairs.push(("water", "iapws".to_owned())),
        WaterModel::Table { .. } => pairs.push(("water", "table".to_owned())),
        WaterModel::Constant { density_kg_m3, viscosity_pa_s, heat_capacity_j_kgk } => {
            pairs.push(("water", "constant".to_owned()));
            pairs.push(("density_kg_m3", number(*density_kg_m3)));
            pairs.push(("viscosity_pa_s", number(*viscosity_pa_s)));
            pairs.push(("heat_capacity_j_kgk", number(*heat_capacity_j_kgk)));
        }
    }
    pairs.push(("ambient_temperature_c", number(settings.ambient_temperature_c)));
    pairs.push(("outdoor_temperature_c", number(settings.outdoor_temperature_c)));
    pairs.push(("gravity_m_s2", number(settings.gravity_m_s2)));
    pairs.push(("coordinate_system", settings.coordinate_system.clone()));
    pairs.into_iter().map(|(key, value)| cells([("key", key.to_owned()), ("value", value)])).collect()
}

fn water(network: &Network) -> Vec<Cells> {
    let WaterModel::Table { density_kg_m3, viscosity_pa_s, heat_capacity_j_kgk } = &network.settings().water else {
        return Vec::new();
    };
    [("density_kg_m3", density_kg_m3), ("viscosity_pa_s", viscosity_pa_s), ("heat_capacity_j_kgk", heat_capacity_j_kgk)]
        .into_iter()
        .flat_map(|(property, points)| {
            points.iter().map(move |point| {
                cells([
                    ("property", property.to_owned()),
                    ("temperature_c", number(point.temperature_c)),
                    ("value", number(point.value)),
                ])
            })
        })
        .collect()
}

fn node_cells(id: &str, node: &crate::network::Node) -> Cells {
    let mut out = cells([
        ("id", id.to_owned()),
        ("side", word(&node.side)),
        ("x_m", number(node.x_m)),
        ("y_m", number(node.y_m)),
        ("z_m", number(node.z_m)),
    ]);
    further(&mut out, "nodes", node);
    attributes(&mut out, &node.attributes);
    out
}

fn link_cells(network: &Network, table: &str, view: LinkView<'_>) -> Cells {
    let mut out = cells([
        ("id", view.id.to_string()),
        ("from", network.node_name(view.from).to_string()),
        ("to", network.node_name(view.to).to_string()),
    ]);
    match &view.link.kind {
        LinkKind::Pipe(pipe) => {
            out.extend(cells([
                ("length_m", number(pipe.length_m)),
                ("dn", pipe.details.dn.map(|dn| dn.to_string()).unwrap_or_default()),
                ("inner_diameter_m", number(pipe.inner_diameter_m)),
                ("outer_diameter_m", number(pipe.outer_diameter_m)),
                ("roughness_m", number(pipe.roughness_m)),
                ("zeta", number(pipe.zeta)),
                ("u_w_m2k", optional(pipe.u_w_m2k)),
            ]));
            further(&mut out, table, pipe);
        }
        LinkKind::Valve(valve) => {
            out.extend(valve_cells(valve));
            further(&mut out, table, &**valve);
        }
        LinkKind::Pump(pump) => {
            out.extend(cells([("speed", number(pump.speed)), ("parallel", pump.parallel.to_string())]));
            further(&mut out, table, &**pump);
        }
        LinkKind::Source(source) => {
            out.extend(control_cells(&source.control));
            out.extend(cells([("supply_temperature_c", number(source.supply_temperature_c))]));
            further(&mut out, table, &**source);
        }
        LinkKind::Consumer(consumer) => {
            let (mode, column, value) = match consumer.demand {
                Demand::MassFlow { mass_flow_kg_s } => ("mass_flow", "mass_flow_kg_s", mass_flow_kg_s),
                Demand::Heat { heat_w } => ("heat", "heat_w", heat_w),
            };
            out.extend(cells([
                ("mode", mode.to_owned()),
                (column, number(value)),
                ("return_temperature_c", number(consumer.return_temperature_c)),
            ]));
            further(&mut out, table, &**consumer);
        }
    }
    if let Some(notes) = &view.link.notes {
        let chamber = notes.chamber.as_deref().unwrap_or("").to_owned();
        out.extend(cells([(LINK_NOTES[0], notes.name.clone()), (LINK_NOTES[1], chamber)]));
        attributes(&mut out, &notes.attributes);
    }
    out
}

fn valve_cells(valve: &Valve) -> Cells {
    let set_value = match valve.kind {
        ValveKind::Flow => valve.set_flow_kg_s,
        ValveKind::DifferentialPressure
        | ValveKind::PressureReducing
        | ValveKind::PressureSustaining
        | ValveKind::PressureBreaking
        | ValveKind::Turbine => valve.set_pressure_pa,
        _ => None,
    };
    let characteristic = match &valve.characteristic {
        Characteristic::Linear => "linear".to_owned(),
        Characteristic::QuickOpening => "quick-opening".to_owned(),
        Characteristic::EqualPercentage { rangeability } => format!("equal-percentage:{}", number(*rangeability)),
        Characteristic::Table { points } => {
            let pairs: Vec<String> = points.iter().map(|[h, k]| format!("{}:{}", number(*h), number(*k))).collect();
            pairs.join(" ")
        }
    };
    cells([
        ("kind", word(&valve.kind)),
        ("kv_m3_h", optional(valve.kv_m3_h)),
        ("opening", number(valve.opening)),
        ("characteristic", characteristic),
        ("diameter_m", optional(valve.diameter_m)),
        ("state", if valve.opening == 0.0 { "closed" } else { "open" }.to_owned()),
        ("set_value", optional(set_value)),
    ])
}

fn control_cells(control: &SourceControl) -> Cells {
    match control {
        SourceControl::Reference { return_pressure_pa, pressure_rise_pa } => cells([
            ("mode", "reference".to_owned()),
            ("return_pressure_pa", number(*return_pressure_pa)),
            ("pressure_rise_pa", number(*pressure_rise_pa)),
        ]),
        SourceControl::PressureRise { pressure_rise_pa } => {
            cells([("mode", "pressure_rise".to_owned()), ("pressure_rise_pa", number(*pressure_rise_pa))])
        }
        SourceControl::MassFlow { mass_flow_kg_s } => {
            cells([("mode", "mass_flow".to_owned()), ("mass_flow_kg_s", number(*mass_flow_kg_s))])
        }
        SourceControl::SupplyPressure { supply_pressure_pa } => {
            cells([("mode", "supply_pressure".to_owned()), ("supply_pressure_pa", number(*supply_pressure_pa))])
        }
        SourceControl::Speed { return_pressure_pa } => {
            cells([("mode", "speed".to_owned()), ("return_pressure_pa", optional(*return_pressure_pa))])
        }
        SourceControl::WorstPoint { available_pressure_pa, consumer, return_pressure_pa } => cells([
            ("mode", "worst_point".to_owned()),
            ("available_pressure_pa", number(*available_pressure_pa)),
            ("return_pressure_pa", optional(*return_pressure_pa)),
            ("consumer", consumer.as_deref().unwrap_or("").to_owned()),
        ]),
    }
}

fn curve(view: LinkView<'_>) -> Vec<Cells> {
    let points = view.pump().map_or(&[][..], |pump| &pump.curve);
    points
        .iter()
        .map(|point| {
            cells([
                ("pump", view.id.to_string()),
                ("flow_m3_h", number(point.flow_m3_h)),
                ("head_m", number(point.head_m)),
                ("efficiency", optional(point.efficiency)),
            ])
        })
        .collect()
}

/// The further fields of a table that differ from their default (those the file form leaves out stay empty).
fn further<T: Serialize>(out: &mut Cells, table: &str, element: &T) {
    let Ok(form) = serde_json::to_value(element) else { return };
    for (column, path) in header::further(table).iter().filter(|(_, path)| !path.is_empty()) {
        let value = path.split('.').try_fold(&form, |at, part| at.get(part));
        out.extend(value.map(|value| ((*column).to_owned(), plain(value))));
    }
}

fn attributes(out: &mut Cells, attributes: &Attributes) {
    for (key, value) in attributes.iter() {
        let cell = match value {
            Attribute::Flag(flag) => flag.to_string(),
            Attribute::Number(value) => number(*value),
            Attribute::Text(text) => text.clone(),
        };
        out.push((format!("{ATTRIBUTE_PREFIX}{key}"), cell));
    }
}

/// Refuses numbers no reader would take back.
fn finite(folder: &Path, network: &Network) -> Result<(), IoError> {
    let mut error = IoError::default();
    let mut note = |bad: Vec<numbers::BadNumber>, element: ElementRef| {
        for number in bad.into_iter().filter(|number| !number.value.is_finite()) {
            let problem = Problem::new(folder, "io-not-finite").with("field", number.field);
            error.push(problem.with("value", number.value).element(Some(element.clone())));
        }
    };
    note(numbers::check(network.settings()), ElementRef::network());
    for (_, id, node) in network.nodes() {
        note(numbers::check(node), ElementRef::new(ElementKind::Node, id.clone()));
    }
    for view in network.links() {
        let bad = match &view.link.kind {
            LinkKind::Pipe(pipe) => numbers::check(pipe),
            LinkKind::Valve(valve) => numbers::check(&**valve),
            LinkKind::Pump(pump) => numbers::check(&**pump),
            LinkKind::Source(source) => numbers::check(&**source),
            LinkKind::Consumer(consumer) => numbers::check(&**consumer),
        };
        note(bad, view.element());
    }
    error.into_result()
}
