//! Renaming and reordering elements changes nothing beyond 1e-9 on networks as utilities have them: generated grids with
//! several sources, and a whole city with heat.

use hypocaust::network::generate::{GridLoops, GridParameters, Parameters, city, grid};
use hypocaust::network::{LinkKind, Name, Network};
use hypocaust::solver::{Mode, Options, Solver};

/// The same network with every node and link renamed and inserted in an order of its own.
fn reordered(network: &Network, stride: usize) -> Network {
    let mut other = Network::new();
    other.set_settings(network.settings().clone());
    let nodes: Vec<_> = network.nodes().collect();
    for at in order(nodes.len(), stride) {
        let (_, id, node) = nodes[at];
        other.insert_node(renamed(id), node.clone()).unwrap();
    }
    let links: Vec<_> = network.links().collect();
    for at in order(links.len(), stride) {
        let view = links[at];
        let (from, to) = (renamed(&network.node_name(view.from)), renamed(&network.node_name(view.to)));
        let mut link = view.link.clone();
        // A pipe knows its neighbour in the trench by name.
        if let LinkKind::Pipe(pipe) = &mut link.kind {
            pipe.details.pair = pipe.details.pair.as_deref().map(renamed);
        }
        other.insert_link_between(renamed(view.id), &from, &to, link).unwrap();
    }
    other
}

fn renamed(id: &str) -> Name {
    Name::from(format!("{}~{id}", id.len() % 7))
}

/// Every place once, far from the order they stood in: strides through the list, remainders one after the other.
fn order(count: usize, stride: usize) -> Vec<usize> {
    (0..stride).rev().flat_map(|start| (start..count).step_by(stride)).collect()
}

/// Largest difference of flows, relative to the largest flow, and of pressures, relative to the largest pressure.
fn difference(network: &Network, mode: Mode, stride: usize) -> (f64, f64) {
    let other = reordered(network, stride);
    let options = Options { mode, ..Options::default() };
    let (a, b) = (Solver::new().solve(network, &options), Solver::new().solve(&other, &options));
    assert!(a.converged && b.converged);
    let mut flow = (0.0_f64, 0.0_f64);
    for view in network.links() {
        let there = other.link_id(&renamed(view.id)).unwrap();
        let (m, n) = (a.link(view.handle).unwrap().mass_flow_kg_s, b.link(there).unwrap().mass_flow_kg_s);
        flow = (flow.0.max((m - n).abs()), flow.1.max(m.abs()));
    }
    let mut pressure = (0.0_f64, 0.0_f64);
    for (handle, id, _) in network.nodes() {
        let there = other.node_id(&renamed(id)).unwrap();
        let (p, q) = (a.node(handle).unwrap().pressure_pa, b.node(there).unwrap().pressure_pa);
        pressure = (pressure.0.max((p - q).abs()), pressure.1.max(p.abs()));
    }
    (flow.0 / flow.1, pressure.0 / pressure.1)
}

#[test]
fn names_and_order_of_grids_change_nothing() {
    for seed in 1..=6 {
        for loops in [GridLoops::Share(0.02), GridLoops::Share(0.12), GridLoops::Meshed] {
            let network = grid(&GridParameters::new(600, loops, seed));
            for stride in [2, 13] {
                let (flow, pressure) = difference(&network, Mode::Hydraulic, stride);
                assert!(flow <= 1e-9 && pressure <= 1e-9, "seed {seed} {loops:?}: {flow:e} {pressure:e}");
            }
        }
    }
}

#[test]
fn names_and_order_of_a_city_change_nothing() {
    let network = city(&Parameters { stations: 30, seed: 3, ..Parameters::default() });
    for mode in [Mode::Hydraulic, Mode::Thermal] {
        let (flow, pressure) = difference(&network, mode, 7);
        assert!(flow <= 1e-9 && pressure <= 1e-9, "{mode:?}: {flow:e} {pressure:e}");
    }
}
