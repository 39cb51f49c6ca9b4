//! O8: the DESTEST common exercise CE_0, sixteen equal houses under constant load, six results of four programs.
//!
//! The programs differ among themselves; ours has to lie inside their span. The network is the one shipped in
//! `networks/destest`, read from its tables as anybody would.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::super::run::solve;
use super::super::tables::read;
use super::super::{Comparison, Library, Quantity, Tolerance};
use super::parse;
use crate::solver::Mode;

const FOLDER: &str = "networks/destest";

#[derive(Deserialize)]
struct Given {
    programs: BTreeMap<String, Results>,
}

#[derive(Clone, Copy, Deserialize)]
struct Results {
    dp_ie: f64,
    dp_ih: f64,
    #[serde(rename = "T_supply_h")]
    supply_h_c: f64,
    #[serde(rename = "T_house1")]
    house1_c: f64,
    #[serde(rename = "T_return_i")]
    return_i_c: f64,
    #[serde(rename = "loss_ih_W")]
    loss_ih_w: f64,
    #[serde(rename = "total_W")]
    total_w: f64,
}

pub fn compare(entry: &Value, library: &Library) -> Result<Vec<Comparison>, String> {
    let given: Given = parse(entry)?;
    let network = read(library, FOLDER)?;
    let solution = solve(&network, Mode::Thermal)?;
    let node = |id: &str| {
        network.node_id(id).and_then(|node| solution.node(node)).ok_or_else(|| format!("{FOLDER} has no node {id}"))
    };
    let link = |id: &str| network.link_id(id).ok_or_else(|| format!("{FOLDER} has no link {id}"));
    let loss_w = solution.link(link("S_i_h")?).map_or(f64::NAN, |state| state.heat_loss_w);
    let total_w = solution.source(link("plant")?).map_or(f64::NAN, |state| state.heat_w);
    let drop_pa = |to: &str| Ok::<f64, String>(node("S_i")?.pressure_pa - node(to)?.pressure_pa);
    let span = |quantity: Quantity, element: &str, of: fn(&Results) -> f64, computed: f64| {
        let others: Vec<f64> = given.programs.values().map(of).collect();
        inside(quantity, element, &others, computed)
    };
    Ok(vec![
        span(Quantity::Pressure, "supply i to e", |program| program.dp_ie, drop_pa("S_e")?),
        span(Quantity::Pressure, "supply i to h", |program| program.dp_ih, drop_pa("S_h")?),
        span(Quantity::Temperature, "supply h", |program| program.supply_h_c, node("S_h")?.temperature_c),
        span(Quantity::Temperature, "supply house 1", |program| program.house1_c, node("S_house1")?.temperature_c),
        span(Quantity::Temperature, "return i", |program| program.return_i_c, node("R_i")?.temperature_c),
        span(Quantity::Heat, "loss of supply i to h", |program| program.loss_ih_w, loss_w),
        span(Quantity::Heat, "heat of the plant", |program| program.total_w, total_w),
    ])
}

/// The middle of what others computed, with half their span as tolerance.
fn inside(quantity: Quantity, element: &str, others: &[f64], computed: f64) -> Comparison {
    let lowest = others.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = others.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let tolerance = Tolerance::absolute(0.5 * (highest - lowest));
    Comparison::new(quantity, tolerance, vec![(element.to_owned(), 0.5 * (lowest + highest), computed)])
        .because("half the span of the published results around its middle")
}
