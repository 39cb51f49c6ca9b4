//! Water networks from EPANET input files beside EPANET's own results at hour 0.

use std::path::Path;

use super::library::columns;
use super::run::{Job, solve};
use super::{Case, Comparison, Library, Quantity, Tolerance};
use crate::io;
use crate::solver::Mode;
use crate::solver::fluid::Fluid;
use crate::text::Language;

const SOURCE: &str = "EPANET 2.3.5 at hour 0";
/// Temperature at which density is asked for; imported water is the same at every temperature.
const ANY_TEMPERATURE_C: f64 = 20.0;

/// `X.inp` is compared with `X_nodes.csv`, or, being the same network in other units, with `X_si_nodes.csv`.
pub(super) fn all(library: &Library) -> Vec<Job<'_>> {
    let mut jobs: Vec<Job<'_>> = Vec::new();
    for path in library.paths() {
        let Some(stem) = path.strip_suffix(".inp") else { continue };
        let results = [stem.to_owned(), format!("{stem}_si")];
        let results = results.into_iter().find(|stem| library.get(&format!("{stem}_nodes.csv")).is_some());
        if let Some(results) = results {
            jobs.push(Box::new(move || Case::new(stem, SOURCE, compare(library, path, &results))));
        }
    }
    jobs
}

fn compare(library: &Library, path: &str, results: &str) -> Result<Vec<Comparison>, String> {
    let (network, _) = io::inp::parse(library.need(path)?, Path::new(path)).map_err(|e| e.text(Language::English))?;
    let solution = solve(&network, Mode::Hydraulic)?;
    let settings = network.settings();
    let fluid = Fluid::new(&settings.water).map_err(|fault| format!("{path}: bad {}", fault.0))?;
    let density_kg_m3 = fluid.density_kg_m3(ANY_TEMPERATURE_C);
    let missing = |table: &str, id: &str| format!("{table} expects '{id}', which the network does not have");

    let mut heads = Vec::new();
    let table = format!("{results}_nodes.csv");
    for (id, [head_m]) in columns(library.need(&table)?, &table, "id", ["head"])? {
        let node = network.node_id(&id).ok_or_else(|| missing(&table, &id))?;
        let (data, state) = network.node(node).zip(solution.node(node)).ok_or_else(|| missing(&table, &id))?;
        heads.push((id, head_m, state.pressure_pa / (density_kg_m3 * settings.gravity_m_s2) + data.z_m));
    }
    let mut flows = Vec::new();
    let table = format!("{results}_links.csv");
    for (id, [flow_l_s]) in columns(library.need(&table)?, &table, "id", ["flow"])? {
        let state = network.link_id(&id).and_then(|link| solution.link(link)).ok_or_else(|| missing(&table, &id))?;
        flows.push((id, flow_l_s, state.mass_flow_kg_s / density_kg_m3 * 1000.0));
    }
    Ok(vec![
        Comparison::new(Quantity::FlowLitres, Tolerance::of_largest(1e-3), flows),
        Comparison::new(Quantity::Head, Tolerance::absolute(0.01), heads),
    ])
}
