//! Hydraulics and heat together: reference networks, heights, consumers out of reach.

use hypocaust::network::edit::Edit;
use hypocaust::network::{ElementKind, ElementRef, Network};
use hypocaust::solver::{Mode, Options, Solution, Solver};

use crate::reference_data::{expected, network, number};

fn solve(network: &Network) -> Solution {
    Solver::new().solve(network, &Options { mode: Mode::Thermal, ..Options::default() })
}

/// Flows to 1e-5 of the largest, pressures to 20 Pa, temperatures as given.
fn reproduces(name: &str, tolerance_k: f64) {
    let network = network(name);
    let solution = solve(&network);
    assert!(solution.converged, "{name}: {:?} {:?}", solution.report, solution.findings);
    let pipes = expected(name, "pipes");
    let largest = pipes.values().map(|row| number(row, "mdot_kg_s").abs()).fold(0.0, f64::max);
    let (mut flow, mut pressure_pa, mut kelvin): (f64, f64, f64) = (0.0, 0.0, 0.0);
    for (id, row) in &pipes {
        let state = solution.link(network.link_id(id).unwrap()).unwrap();
        flow = flow.max((state.mass_flow_kg_s - number(row, "mdot_kg_s")).abs() / largest);
        kelvin = kelvin.max((state.outlet_temperature_c - number(row, "t_out_c")).abs());
    }
    for (id, row) in expected(name, "nodes") {
        let state = solution.node(network.node_id(&id).unwrap()).unwrap();
        pressure_pa = pressure_pa.max((state.pressure_pa - number(&row, "p_gauge_pa")).abs());
        kelvin = kelvin.max((state.temperature_c - number(&row, "t_c")).abs());
    }
    for (id, row) in expected(name, "consumers") {
        let state = solution.consumer(network.link_id(&id).unwrap()).unwrap();
        flow = flow.max((state.mass_flow_kg_s - number(&row, "mdot_kg_s")).abs() / largest);
        let want = number(&row, "q_w");
        assert!((state.heat_w / want - 1.0).abs() < 1e-5, "{name} {id}: {} W instead of {want}", state.heat_w);
        assert!(state.satisfied, "{name} {id}");
    }
    for (id, row) in expected(name, "sources") {
        let state = solution.source(network.link_id(&id).unwrap()).unwrap();
        assert!((state.heat_w / number(&row, "q_w") - 1.0).abs() < 1e-4, "{name} {id}: {}", state.heat_w);
    }
    assert!(flow < 1e-5 && pressure_pa < 20.0 && kelvin < tolerance_k, "{name}: {flow} {pressure_pa} Pa {kelvin} K");
}

#[test]
fn small_reference_networks_are_reproduced() {
    for name in ["n10_const_mdot", "n100_const_mdot", "n100x2_const_mdot", "n10_water_heat", "n100_water_heat"] {
        reproduces(name, 0.01);
    }
}

#[test]
fn the_large_reference_network_is_reproduced() {
    reproduces("n1000_water_heat", 0.1);
}

/// The network with heights drawn at random between 0 and `height_m`, supply and return of a place alike.
fn with_heights(name: &str, height_m: f64, seed: u64) -> Network {
    let mut network = network(name);
    let ids: Vec<String> = network.nodes().map(|(_, id, _)| id.to_string()).collect();
    for id in ids {
        // SplitMix64 of the place's number: the same for S7 and R7.
        let place: u64 = id[1..].parse().unwrap();
        let mut z = place.wrapping_add(seed << 32).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let z_m = ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64 * height_m;
        Edit::set(ElementRef::new(ElementKind::Node, id), "z_m", z_m).apply(&mut network).unwrap();
    }
    network
}

#[test]
fn forty_metres_of_height_settle() {
    let mut failed = Vec::new();
    // The large one has dozens of weak loops at once.
    let small = (0..30).map(|seed| ("n100_water_heat", seed));
    for (name, seed) in small.chain([("n1000_water_heat", 1), ("n1000_water_heat", 9)]) {
        let solution = solve(&with_heights(name, 40.0, seed));
        if !solution.converged {
            failed.push((name, seed, solution.findings.first().cloned()));
        }
    }
    assert!(failed.is_empty(), "{} failed: {failed:?}", failed.len());
}

#[test]
fn what_the_hydraulics_cannot_solve_is_no_reason_to_stop_the_program() {
    // No pressure reference: nothing is known, nothing panics, and the next network is solved as if nothing had been.
    let mut network = network("n10_water_heat");
    let source = ElementRef::new(ElementKind::Source, "H0");
    Edit::set(source.clone(), "running", false).apply(&mut network).unwrap();
    let mut solver = Solver::new();
    let unsolved = solver.solve(&network, &Options::default());
    assert!(!unsolved.converged && !unsolved.findings.is_empty());
    Edit::set(source, "running", true).apply(&mut network).unwrap();
    let again = solver.solve(&network, &Options::default());
    let fresh = solve(&network);
    assert!(again.converged);
    for (left, right) in again.nodes.iter().zip(&fresh.nodes) {
        assert!((left.temperature_c - right.temperature_c).abs() < 1e-4);
    }
}
