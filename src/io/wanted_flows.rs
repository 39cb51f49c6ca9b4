//! Flows that are wanted of stations, from a file.
//!
//! A table with `station` (the consumer's id) and `mass_flow_kg_s`, a row a station; stations that are not in it want what their
//! demand asks for.

use std::collections::BTreeMap;
use std::path::Path;

use super::sheet::{Column, Sheet, SheetRow};
use super::{IoError, Problem};
use crate::network::{LinkId, Network};

const COLUMNS: &[Column] = &[("station", &["热力站", "consumer", "id"]), ("mass_flow_kg_s", &["流量", "质量流量"])];

/// Wanted flows by consumer. Ids that are no consumer, or named twice, are refused with their line.
pub fn read(file: &Path, network: &Network) -> Result<BTreeMap<LinkId, f64>, IoError> {
    let sheet = Sheet::read(file, COLUMNS, &["station", "mass_flow_kg_s"])?;
    let (mut flows, mut error) = (BTreeMap::new(), IoError::default());
    for row in sheet.rows() {
        match flow(&row, network) {
            Ok((link, flow)) => {
                if flows.insert(link, flow).is_some() {
                    error.push(row.problem("io-wanted-twice").with("station", row.text("station").unwrap_or_default()));
                }
            }
            Err(problem) => error.push(*problem),
        }
    }
    error.into_result()?;
    Ok(flows)
}

fn flow(row: &SheetRow<'_>, network: &Network) -> Result<(LinkId, f64), Box<Problem>> {
    let name = row.required("station")?;
    let consumer = |link: &LinkId| network.link_view(*link).is_some_and(|view| view.consumer().is_some());
    let link = network.link_id(name).filter(consumer);
    let link = link.ok_or_else(|| Box::new(row.problem("io-no-consumer").with("station", name)))?;
    Ok((link, row.required_number("mass_flow_kg_s", 1e-9, 1e6)?))
}
