//! Looped two-pipe networks as folders of tables with results under `expected/`.

use std::path::Path;

use super::library::columns;
use super::run::{Job, solve};
use super::{Case, Comparison, Library, Quantity, Tolerance};
use crate::io;
use crate::network::edit::Edit;
use crate::network::{FrictionModel, Network, Settings};

use crate::solver::{LinkState, Mode, Solution};
use crate::text::Language;

const SOURCE: &str = "pandapipes 0.16.0, re-checked by independent code";
pub(super) fn all(library: &Library) -> Vec<Job<'_>> {
    let folders = library.paths().filter_map(|path| path.strip_suffix("/expected/nodes.csv"));
    folders.map(|folder| Box::new(move || Case::new(folder, SOURCE, compare(library, folder))) as Job<'_>).collect()
}

fn compare(library: &Library, folder: &str) -> Result<Vec<Comparison>, String> {
    let mut network = read(library, folder)?;
    // The reference extends Colebrook–White to every Reynolds number; in the large networks a few pipes run below 4000.
    let settings = Settings { friction: FrictionModel::ColebrookEverywhere, ..network.settings().clone() };
    Edit::SetSettings { settings: Box::new(settings) }.apply(&mut network).map_err(|error| error.to_string())?;
    let solution = solve(&network, Mode::Thermal)?;

    let expected = |table: &str| format!("{folder}/expected/{table}.csv");
    let path = expected("nodes");
    let (mut pressures, mut temperatures) = (Vec::new(), Vec::new());
    for (id, [pressure_pa, temperature_c]) in columns(library.need(&path)?, &path, "id", ["p_gauge_pa", "t_c"])? {
        let state = network.node_id(&id).and_then(|node| solution.node(node)).ok_or_else(|| missing(&path, &id))?;
        pressures.push((id.clone(), pressure_pa, state.pressure_pa));
        temperatures.push((id, temperature_c, state.temperature_c));
    }
    let mut flows = Vec::new();
    let path = expected("pipes");
    for (id, [flow_kg_s, outlet_c]) in columns(library.need(&path)?, &path, "id", ["mdot_kg_s", "t_out_c"])? {
        let state = link(&network, &solution, &path, &id)?;
        flows.push((id.clone(), flow_kg_s, state.mass_flow_kg_s));
        temperatures.push((id, outlet_c, state.outlet_temperature_c));
    }
    let (mut heats, mut available) = (Vec::new(), Vec::new());
    let path = expected("consumers");
    for (id, [flow_kg_s, heat_w, pressure_pa]) in
        columns(library.need(&path)?, &path, "id", ["mdot_kg_s", "q_w", "dp_pa"])?
    {
        let handle = network.link_id(&id).ok_or_else(|| missing(&path, &id))?;
        let state = solution.consumer(handle).ok_or_else(|| missing(&path, &id))?;
        flows.push((id.clone(), flow_kg_s, state.mass_flow_kg_s));
        heats.push((id.clone(), heat_w, state.heat_w));
        available.push((id, pressure_pa, state.available_pressure_pa));
    }
    let path = expected("sources");
    for (id, [flow_kg_s, heat_w]) in columns(library.need(&path)?, &path, "id", ["mdot_kg_s", "q_w"])? {
        let handle = network.link_id(&id).ok_or_else(|| missing(&path, &id))?;
        let state = solution.source(handle).ok_or_else(|| missing(&path, &id))?;
        flows.push((id.clone(), flow_kg_s, state.mass_flow_kg_s));
        heats.push((id, heat_w, state.heat_w));
    }
    pressures.extend(available);
    Ok(vec![
        Comparison::new(Quantity::Flow, Tolerance::of_largest(1e-5), flows),
        Comparison::new(Quantity::Pressure, Tolerance::absolute(20.0), pressures),
        Comparison::new(Quantity::Temperature, Tolerance::absolute(0.01), temperatures),
        Comparison::new(Quantity::Heat, Tolerance { absolute: 1.0, relative: 1e-4, of_largest: 0.0 }, heats),
    ])
}

/// The network of a folder as the importer reads it.
pub(super) fn read(library: &Library, folder: &str) -> Result<Network, String> {
    let paths = library.paths().filter_map(|path| {
        let name = path.strip_prefix(folder)?.strip_prefix('/')?;
        (!name.contains('/') && name.ends_with(".csv")).then_some(name)
    });
    let files: Vec<(&str, &str)> =
        paths.filter_map(|name| Some((name, library.get(&format!("{folder}/{name}"))?))).collect();
    io::tables::read_texts(Path::new(folder), &files)
        .map(|(network, _)| network)
        .map_err(|error| error.text(Language::English))
}

fn link<'a>(network: &Network, solution: &'a Solution, path: &str, id: &str) -> Result<&'a LinkState, String> {
    network.link_id(id).and_then(|link| solution.link(link)).ok_or_else(|| missing(path, id))
}

fn missing(path: &str, id: &str) -> String {
    format!("{path} expects '{id}', which the network does not have")
}
