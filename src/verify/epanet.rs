//! Water networks from EPANET input files beside EPANET's own results at hour 0.

use std::path::Path;

use super::library::columns;
use super::run::{Job, solve};
use super::{Case, Comparison, Library, Outcome, Quantity, Tolerance};
use crate::io;
use crate::solver::Mode;
use crate::solver::fluid::Fluid;
use crate::text::Language;

const SOURCE: &str = "EPANET 2.3.5 at hour 0";
/// Temperature at which density is asked for; imported water is the same at every temperature.
const ANY_TEMPERATURE_C: f64 = 20.0;

/// Compares every `X.inp` with the `X_nodes.csv` and `X_links.csv` beside it.
pub(super) fn all(library: &Library) -> Vec<Job<'_>> {
    let networks = library.paths().filter_map(|path| Some((path, path.strip_suffix(".inp")?)));
    networks
        .map(|(path, stem)| {
            Box::new(move || {
                let (nodes, links) = (format!("{stem}_nodes.csv"), format!("{stem}_links.csv"));
                let mut case = Case::new(stem, SOURCE, Ok(Vec::new()));
                case.outcome = match library.get(&nodes).and(library.get(&links)) {
                    Some(_) => Outcome::from(compare(library, path, &nodes, &links)),
                    None => Outcome::NotRun(format!("there are no results beside it ({nodes}, {links})")),
                };
                case
            }) as Job<'_>
        })
        .collect()
}

fn compare(library: &Library, path: &str, nodes: &str, links: &str) -> Result<Vec<Comparison>, String> {
    let (network, _) = io::inp::parse(library.need(path)?, Path::new(path)).map_err(|e| e.text(Language::English))?;
    let solution = solve(&network, Mode::Hydraulic)?;
    let settings = network.settings();
    let fluid = Fluid::new(&settings.water).map_err(|fault| format!("{path}: bad {}", fault.0))?;
    let density_kg_m3 = fluid.density_kg_m3(ANY_TEMPERATURE_C);
    let missing = |table: &str, id: &str| format!("{table} expects '{id}', which the network does not have");

    let mut heads = Vec::new();
    for (id, [head_m]) in columns(library.need(nodes)?, nodes, "id", ["head"])? {
        let node = network.node_id(&id).ok_or_else(|| missing(nodes, &id))?;
        let (data, state) = network.node(node).zip(solution.node(node)).ok_or_else(|| missing(nodes, &id))?;
        heads.push((id, head_m, state.pressure_pa / (density_kg_m3 * settings.gravity_m_s2) + data.z_m));
    }
    let mut flows = Vec::new();
    for (id, [flow_l_s]) in columns(library.need(links)?, links, "id", ["flow"])? {
        let state = network.link_id(&id).and_then(|link| solution.link(link)).ok_or_else(|| missing(links, &id))?;
        flows.push((id, flow_l_s, state.mass_flow_kg_s / density_kg_m3 * 1000.0));
    }
    Ok(vec![
        Comparison::new(Quantity::FlowLitres, Tolerance::of_largest(1e-3), flows),
        Comparison::new(Quantity::Head, Tolerance::absolute(0.01), heads),
    ])
}
