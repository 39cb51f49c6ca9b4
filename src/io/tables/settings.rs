//! The tables of the whole network: settings and water properties.

use std::cell::RefCell;

use super::row::{Row, number};
use super::table::Table;
use super::words;
use crate::io::file::nearest;
use crate::io::{IoError, Problem};
use crate::network::{ElementKind, PropertyPoint, Settings, WaterModel};

/// Water at 70 °C: what `water = constant` means where a value is not given.
pub const CONSTANT_WATER: (f64, f64, f64) = (977.77, 0.000_404, 4190.2);

/// Keys of `settings.csv`.
pub const KEYS: [&str; 10] = [
    "title",
    "friction",
    "water",
    "density_kg_m3",
    "viscosity_pa_s",
    "heat_capacity_j_kgk",
    "ambient_temperature_c",
    "outdoor_temperature_c",
    "gravity_m_s2",
    "coordinate_system",
];

/// Settings from their table and the water table, either of which may be missing.
pub fn read(settings: Option<&Table>, water: Option<&Table>, error: &RefCell<IoError>) -> Settings {
    let mut out = Settings::default();
    let mut model: Option<(String, Option<Problem>)> = None;
    let mut constant = [None; 3];
    let mut seen: Vec<String> = Vec::new();
    for entry in settings.iter().flat_map(|table| &table.rows) {
        let Some(table) = settings else { break };
        let row = Row::new(table, entry, ElementKind::Network, error);
        let Some(key) = row.required("key") else { continue };
        let key = key.trim().to_lowercase().replace([' ', '-'], "_");
        if seen.contains(&key) {
            row.push(row.problem("io-duplicate-field").with("field", &key));
        }
        let Some(value) = row.text("value") else { continue };
        let set = |place: &mut f64| match number(value) {
            Ok(number) => *place = number,
            Err(problem) => {
                let problem = row.problem(problem).with("field", &key).with("got", value).with("word", value);
                row.push(problem.with("meant", value.replacen(',', ".", 1)));
            }
        };
        match key.as_str() {
            "title" => value.clone_into(&mut out.title),
            "coordinate_system" => value.clone_into(&mut out.coordinate_system),
            "friction" => {
                if let Some(friction) = row.word("value") {
                    out.friction = friction;
                }
            }
            "water" => {
                let problem = row.problem("io-water-table-missing");
                let word = words::canonical(value);
                if matches!(word.as_str(), "constant" | "table" | "iapws") {
                    model = Some((word, Some(problem)));
                } else {
                    row.unknown_word("water", value, &word, &["constant", "table", "iapws"]);
                }
            }
            "density_kg_m3" => set(constant[0].insert(CONSTANT_WATER.0)),
            "viscosity_pa_s" => set(constant[1].insert(CONSTANT_WATER.1)),
            "heat_capacity_j_kgk" => set(constant[2].insert(CONSTANT_WATER.2)),
            "ambient_temperature_c" => set(&mut out.ambient_temperature_c),
            "outdoor_temperature_c" => set(&mut out.outdoor_temperature_c),
            "gravity_m_s2" => set(&mut out.gravity_m_s2),
            _ => row.push(match nearest(&key, KEYS) {
                Some(meant) => row.problem("io-unknown-field-meant").with("field", &key).with("meant", meant),
                None => row.problem("io-unknown-field").with("field", &key).with("known", KEYS.join(", ")),
            }),
        }
        row.check(&out);
        seen.push(key);
    }
    let word = model.as_ref().map_or_else(
        || match (water.is_some(), constant.iter().any(Option::is_some)) {
            (true, _) => "table",
            (false, true) => "constant",
            (false, false) => "iapws",
        },
        |(word, _)| word.as_str(),
    );
    out.water = match word {
        "iapws" => WaterModel::Iapws,
        "table" => match (water, model.as_ref().and_then(|(_, problem)| problem.clone())) {
            (Some(table), _) => properties(table, error),
            (None, Some(problem)) => {
                error.borrow_mut().push(problem);
                WaterModel::Iapws
            }
            (None, None) => WaterModel::Iapws,
        },
        _ => WaterModel::Constant {
            density_kg_m3: constant[0].unwrap_or(CONSTANT_WATER.0),
            viscosity_pa_s: constant[1].unwrap_or(CONSTANT_WATER.1),
            heat_capacity_j_kgk: constant[2].unwrap_or(CONSTANT_WATER.2),
        },
    };
    out
}

fn properties(table: &Table, error: &RefCell<IoError>) -> WaterModel {
    const PROPERTIES: [&str; 3] = ["density_kg_m3", "viscosity_pa_s", "heat_capacity_j_kgk"];
    let mut points: [Vec<PropertyPoint>; 3] = Default::default();
    for entry in &table.rows {
        let row = Row::new(table, entry, ElementKind::Network, error);
        let (Some(property), Some(temperature_c), Some(value)) =
            (row.required("property"), row.required_number("temperature_c"), row.required_number("value"))
        else {
            continue;
        };
        match PROPERTIES.iter().position(|name| *name == property) {
            Some(at) => points[at].push(PropertyPoint { temperature_c, value }),
            None => row.unknown_word("property", property, property, &PROPERTIES),
        }
    }
    for (name, points) in PROPERTIES.iter().zip(&mut points) {
        if points.is_empty() {
            error.borrow_mut().push(Problem::new(&table.file, "io-property-missing").with("property", name));
        }
        points.sort_by(|a, b| a.temperature_c.total_cmp(&b.temperature_c));
    }
    let [density_kg_m3, viscosity_pa_s, heat_capacity_j_kgk] = points;
    WaterModel::Table { density_kg_m3, viscosity_pa_s, heat_capacity_j_kgk }
}
