//! Reads the reference networks under `tests/data/reference/` without the program's own importer, so that a test of the
//! solver cannot fail for the importer's reasons.

use std::collections::BTreeMap;
use std::path::PathBuf;

use hypocaust::network::{
    Consumer, Demand, Link, Network, Node, Pipe, PropertyPoint, Settings, Side, Source, SourceControl, WaterModel,
};

/// Rows of a table: column name → text.
pub type Row = BTreeMap<String, String>;

pub fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/reference").join(name)
}

/// All rows of `NAME/FILE.csv`; none where there is no such file.
pub fn rows(name: &str, file: &str) -> Vec<Row> {
    let Ok(mut reader) = csv::Reader::from_path(folder(name).join(format!("{file}.csv"))) else { return Vec::new() };
    let header = reader.headers().unwrap().clone();
    reader
        .records()
        .map(|record| header.iter().map(str::to_owned).zip(record.unwrap().iter().map(str::to_owned)).collect())
        .collect()
}

pub fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column} of {row:?}"))
}

/// Expected results of one kind by id.
pub fn expected(name: &str, file: &str) -> BTreeMap<String, Row> {
    let rows = rows(name, &format!("expected/{file}"));
    assert!(!rows.is_empty(), "{name}/expected/{file}.csv is missing");
    rows.into_iter().map(|row| (row["id"].clone(), row)).collect()
}

/// The network of a folder.
pub fn network(name: &str) -> Network {
    let mut network = Network::new();
    network.set_settings(settings(name));
    for row in rows(name, "nodes") {
        let side = if row["side"] == "supply" { Side::Supply } else { Side::Return };
        let [x_m, y_m, z_m] = ["x_m", "y_m", "z_m"].map(|column| number(&row, column));
        network.insert_node(row["id"].as_str(), Node { side, x_m, y_m, z_m, ..Node::default() }).unwrap();
    }
    let mut add = |row: &Row, link: Link| {
        network.insert_link_between(row["id"].as_str(), &row["from"], &row["to"], link).unwrap();
    };
    for row in rows(name, "pipes") {
        let pipe = Pipe {
            length_m: number(&row, "length_m"),
            inner_diameter_m: number(&row, "inner_diameter_m"),
            outer_diameter_m: number(&row, "outer_diameter_m"),
            roughness_m: number(&row, "roughness_m"),
            zeta: number(&row, "zeta"),
            u_w_m2k: Some(number(&row, "u_w_m2k")),
            ..Pipe::default()
        };
        add(&row, pipe.into());
    }
    for row in rows(name, "consumers") {
        let demand = match row["mode"].as_str() {
            "heat" => Demand::Heat { heat_w: number(&row, "heat_w") },
            _ => Demand::MassFlow { mass_flow_kg_s: number(&row, "mass_flow_kg_s") },
        };
        let return_temperature_c = number(&row, "return_temperature_c");
        add(&row, Consumer { demand, return_temperature_c, ..Consumer::default() }.into());
    }
    for row in rows(name, "sources") {
        let pressure_rise_pa = || number(&row, "pressure_rise_pa");
        let control = match row["mode"].as_str() {
            "reference" => SourceControl::Reference {
                return_pressure_pa: number(&row, "return_pressure_pa"),
                pressure_rise_pa: pressure_rise_pa(),
            },
            "pressure_rise" => SourceControl::PressureRise { pressure_rise_pa: pressure_rise_pa() },
            _ => SourceControl::MassFlow { mass_flow_kg_s: number(&row, "mass_flow_kg_s") },
        };
        let supply_temperature_c = number(&row, "supply_temperature_c");
        add(&row, Source { control, supply_temperature_c, ..Source::default() }.into());
    }
    network
}

fn settings(name: &str) -> Settings {
    let values: BTreeMap<String, String> =
        rows(name, "settings").into_iter().map(|row| (row["key"].clone(), row["value"].clone())).collect();
    let value = |key: &str| values[key].parse::<f64>().unwrap();
    let water = if values["water"] == "table" {
        let rows = rows(name, "water");
        let table = |property: &str| -> Vec<PropertyPoint> {
            rows.iter()
                .filter(|row| row["property"] == property)
                .map(|row| PropertyPoint { temperature_c: number(row, "temperature_c"), value: number(row, "value") })
                .collect()
        };
        WaterModel::Table {
            density_kg_m3: table("density_kg_m3"),
            viscosity_pa_s: table("viscosity_pa_s"),
            heat_capacity_j_kgk: table("heat_capacity_j_kgk"),
        }
    } else {
        WaterModel::Constant {
            density_kg_m3: value("density_kg_m3"),
            viscosity_pa_s: value("viscosity_pa_s"),
            heat_capacity_j_kgk: value("heat_capacity_j_kgk"),
        }
    };
    Settings {
        water,
        ambient_temperature_c: value("ambient_temperature_c"),
        gravity_m_s2: value("gravity_m_s2"),
        ..Settings::default()
    }
}
