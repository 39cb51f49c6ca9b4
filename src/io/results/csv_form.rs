//! The CSV form of a result: one table each for nodes, links, consumers and sources.

use std::path::Path;

use serde::Serialize;

use super::rows::{self, Named};
use crate::io::{IoError, save};
use crate::network::Network;
use crate::solver::Solution;

/// The tables of a result by file name: UTF-8, comma, header, unknown values empty. Tables of what
/// many networks have none of (pumps, mixing stations, turbines, holes in pipes) are left out where they would be empty.
pub fn csv(network: &Network, solution: &Solution) -> Vec<(&'static str, String)> {
    let mut tables = vec![
        ("nodes.csv", table(&["id", "pressure_pa", "temperature_c", "head_m"], rows::nodes(network, solution))),
        (
            "links.csv",
            table(
                &[
                    "id",
                    "mass_flow_kg_s",
                    "velocity_m_s",
                    "pressure_drop_pa",
                    "inlet_temperature_c",
                    "outlet_temperature_c",
                    "heat_loss_w",
                ],
                rows::links(network, solution),
            ),
        ),
        (
            "consumers.csv",
            table(
                &["id", "mass_flow_kg_s", "available_pressure_pa", "heat_w", "satisfied"],
                rows::consumers(network, solution),
            ),
        ),
        (
            "sources.csv",
            table(
                &["id", "mass_flow_kg_s", "heat_w", "supply_pressure_pa", "return_pressure_pa"],
                rows::sources(network, solution),
            ),
        ),
    ];
    if !solution.pumps.is_empty() {
        tables.push(("pumps.csv", table(PUMPS, rows::pumps(network, solution))));
    }
    if !solution.stations.is_empty() {
        let header = &["id", "mixed_flow_kg_s", "mixed_temperature_c", "circuit_drop_pa"];
        tables.push(("stations.csv", table(header, rows::stations(network, solution))));
    }
    if !solution.turbines.is_empty() {
        let header = &["id", "flow_m3_h", "head_m", "efficiency", "recovered_power_w"];
        tables.push(("turbines.csv", table(header, rows::turbines(network, solution))));
    }
    if !solution.leaks.is_empty() {
        let header = &["id", "position", "mass_flow_kg_s", "pressure_pa", "temperature_c"];
        tables.push(("leaks.csv", table(header, rows::leaks(network, solution))));
    }
    tables
}

const PUMPS: &[&str] = &[
    "id",
    "flow_m3_h",
    "head_m",
    "greatest_head_m",
    "speed",
    "efficiency",
    "hydraulic_power_w",
    "shaft_power_w",
    "electric_power_w",
    "suction_above_vapour_pa",
    "npsh_available_head_m",
    "npsh_required_head_m",
];

/// Writes the tables into a folder, making it where it is not there. Each file is replaced as a whole.
pub fn write_csv(folder: &Path, network: &Network, solution: &Solution) -> Result<(), IoError> {
    std::fs::create_dir_all(folder).map_err(|error| IoError::system(folder, &error))?;
    for (name, content) in csv(network, solution) {
        save::atomic(&folder.join(name), content.as_bytes())?;
    }
    Ok(())
}

/// Rows are taken apart by name rather than by position, so that a header can never stand over another column.
fn table<T: Serialize>(header: &[&str], rows: impl Iterator<Item = Named<T>>) -> String {
    let mut out = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail; the text so far is what there is.
    let _ = out.write_record(header);
    for Named { id, row } in rows {
        let fields = serde_json::to_value(&row).unwrap_or_default();
        let cells = header.iter().map(|key| match fields.get(key) {
            _ if *key == "id" => id.to_string(),
            None | Some(serde_json::Value::Null) => String::new(),
            Some(value) => value.to_string(),
        });
        let _ = out.write_record(cells);
    }
    String::from_utf8(out.into_inner().unwrap_or_default()).unwrap_or_default()
}
