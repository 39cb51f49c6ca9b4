//! Networks of other programs with their results: one JSON file each, the network in the native form.

use std::collections::BTreeMap;
use std::f64::consts::PI;
use std::path::Path;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::library::is_case_file;
use super::run::{Job, solve};
use super::{Case, Comparison, Library, Outcome, Quantity, Tolerance};
use crate::io::file;
use crate::network::{LinkKind, Network};
use crate::solver::fluid::Fluid;
use crate::solver::{Mode, Solution};
use crate::text::Language;

#[derive(Deserialize)]
struct CaseFile<'a> {
    name: String,
    source: String,
    mode: CaseMode,
    #[serde(default)]
    notes: Vec<String>,
    tolerances: BTreeMap<String, Judged>,
    /// Expected values that are judged by a tolerance of their own.
    #[serde(default)]
    apart: Vec<Apart>,
    #[serde(borrow)]
    network: &'a RawValue,
    expected: BTreeMap<Field, BTreeMap<String, f64>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum CaseMode {
    Hydraulic,
    Thermal,
}

#[derive(Deserialize)]
struct Judged {
    #[serde(flatten)]
    tolerance: Tolerance,
    reason: String,
}

#[derive(Deserialize)]
struct Apart {
    field: Field,
    elements: Vec<String>,
    tolerance: Tolerance,
    reason: String,
}

/// What is expected; nodes: pressure and node temperature, links: the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Field {
    PressurePa,
    NodeTemperatureC,
    VelocityMS,
    MassFlowKgS,
    /// At the downstream end of a pipe.
    TemperatureC,
    HeatW,
}

impl Field {
    const fn quantity(self) -> Quantity {
        match self {
            Field::PressurePa => Quantity::Pressure,
            Field::NodeTemperatureC | Field::TemperatureC => Quantity::Temperature,
            Field::VelocityMS => Quantity::Velocity,
            Field::MassFlowKgS => Quantity::Flow,
            Field::HeatW => Quantity::Heat,
        }
    }
}

/// Every JSON file but the oracles and the notes of solvers; what is no case is named as such.
pub(super) fn all(library: &Library) -> Vec<Job<'_>> {
    let no_case = |path: &str| {
        [super::metering::PATH, super::heat::PATH, "oracles.json"].contains(&path)
            || path.ends_with("solution_info.json")
    };
    let paths = library.paths().filter(move |path| path.ends_with(".json") && !no_case(path));
    paths.map(|path| Box::new(move || run(library, path)) as Job<'_>).collect()
}

fn run(library: &Library, path: &str) -> Case {
    let text = library.get(path).unwrap_or_default();
    if !is_case_file(text) {
        let mut case = Case::new(path, path, Ok(Vec::new()));
        case.outcome = Outcome::NotRun("not a case file (network in the native form, expected, tolerances)".to_owned());
        return case;
    }
    match serde_json::from_str::<CaseFile<'_>>(text) {
        Ok(file) => {
            let mut case = Case::new(file.name.as_str(), file.source.as_str(), compare(&file, path));
            case.notes = file.notes;
            case
        }
        Err(error) => Case::new(path, path, Err(format!("{path}: {error}"))),
    }
}

fn compare(file: &CaseFile<'_>, path: &str) -> Result<Vec<Comparison>, String> {
    let network = file::from_str(file.network.get(), Path::new(path)).map_err(|e| e.text(Language::English))?;
    let mode = match file.mode {
        CaseMode::Hydraulic => Mode::Hydraulic,
        CaseMode::Thermal => Mode::Thermal,
    };
    let solution = solve(&network, mode)?;
    let mut comparisons = Vec::new();
    for (&field, values) in &file.expected {
        let quantity = field.quantity();
        let judged = file
            .tolerances
            .get(quantity.word())
            .ok_or_else(|| format!("{path}: it has no tolerance for '{}'", quantity.word()))?;
        let mut rows = Vec::with_capacity(values.len());
        let mut rows_apart = vec![Vec::new(); file.apart.len()];
        for (id, &expected) in values {
            let computed = value(&network, &solution, field, id)
                .ok_or_else(|| format!("{path}: the network has no '{id}' with that quantity"))?;
            let apart = file.apart.iter().position(|apart| apart.field == field && apart.elements.contains(id));
            apart.map_or(&mut rows, |at| &mut rows_apart[at]).push((id.clone(), expected, computed));
        }
        comparisons.push(Comparison::new(quantity, judged.tolerance, rows).because(judged.reason.as_str()));
        for (apart, rows) in file.apart.iter().zip(rows_apart) {
            if !rows.is_empty() {
                comparisons.push(Comparison::new(quantity, apart.tolerance, rows).because(apart.reason.as_str()));
            }
        }
    }
    Ok(comparisons)
}

fn value(network: &Network, solution: &Solution, field: Field, id: &str) -> Option<f64> {
    let node = || solution.node(network.node_id(id)?);
    let link = || solution.link(network.link_id(id)?);
    match field {
        Field::PressurePa => Some(node()?.pressure_pa),
        Field::NodeTemperatureC => Some(node()?.temperature_c),
        Field::VelocityMS => velocity_m_s(network, solution, id),
        Field::MassFlowKgS => Some(link()?.mass_flow_kg_s),
        Field::TemperatureC => Some(link()?.outlet_temperature_c),
        Field::HeatW => Some(solution.consumer(network.link_id(id)?)?.heat_w),
    }
}

/// Of pipes as the solver gives it; of valves in their nominal diameter.
fn velocity_m_s(network: &Network, solution: &Solution, id: &str) -> Option<f64> {
    let handle = network.link_id(id)?;
    let state = solution.link(handle)?;
    let LinkKind::Valve(valve) = &network.link(handle)?.kind else { return Some(state.velocity_m_s) };
    let fluid = Fluid::new(&network.settings().water).ok()?;
    let temperature_c = if state.inlet_temperature_c.is_nan() { 20.0 } else { state.inlet_temperature_c };
    let area_m2 = PI / 4.0 * valve.diameter_m?.powi(2);
    Some(state.mass_flow_kg_s / (fluid.density_kg_m3(temperature_c) * area_m2))
}
