//! Reference networks and oracles: flows and pressures against results of other programs and of formulas.

use hypocaust::network::Network;
use hypocaust::solver::{Mode, Options, Solution, Solver};

use crate::reference_data::{expected, network, number};

pub fn hydraulic() -> Options {
    Options { mode: Mode::Hydraulic, ..Options::default() }
}

pub fn solve(network: &Network) -> Solution {
    Solver::new().solve(network, &hydraulic())
}

/// Flow error relative to the largest flow, and the largest pressure error.
fn deviation(network: &Network, solution: &Solution, name: &str) -> (f64, f64) {
    let (mut flow, mut largest, mut pressure) = (0.0_f64, 0.0_f64, 0.0_f64);
    for (id, row) in expected(name, "pipes") {
        let wanted = number(&row, "mdot_kg_s");
        let got = solution.link(network.link_id(&id).unwrap()).unwrap();
        largest = largest.max(wanted.abs());
        flow = flow.max((got.mass_flow_kg_s - wanted).abs());
        assert!((got.velocity_m_s.abs() - number(&row, "v_m_s").abs()).abs() < 1e-4, "velocity of {id}");
        let drop = number(&row, "dp_friction_pa");
        assert!((got.pressure_drop_pa.abs() - drop.abs()).abs() < 20.0, "drop of {id}");
    }
    for (id, row) in expected(name, "nodes") {
        let got = solution.node(network.node_id(&id).unwrap()).unwrap().pressure_pa;
        pressure = pressure.max((got - number(&row, "p_gauge_pa")).abs());
    }
    (flow / largest, pressure)
}

fn check(name: &str) {
    let network = network(name);
    let solution = solve(&network);
    assert!(solution.converged, "{name}: {:?}", solution.findings);
    let (flow, pressure) = deviation(&network, &solution, name);
    println!("{name}: flow {flow:.2e}, pressure {pressure:.3} Pa, {} iterations", solution.report.iterations);
    assert!(flow < 1e-5 && pressure < 20.0, "{name}: flow {flow:e}, pressure {pressure} Pa");
    assert!(solution.report.max_mass_imbalance_kg_s < 1e-9);
    for (id, row) in expected(name, "consumers") {
        let got = solution.consumer(network.link_id(&id).unwrap()).unwrap();
        assert!((got.available_pressure_pa - number(&row, "dp_pa")).abs() < 20.0, "{id}");
        assert!((got.mass_flow_kg_s - number(&row, "mdot_kg_s")).abs() < 1e-9, "{id}");
    }
    for (id, row) in expected(name, "sources") {
        let got = solution.source(network.link_id(&id).unwrap()).unwrap();
        assert!((got.supply_pressure_pa - number(&row, "p_supply_pa")).abs() < 20.0, "{id}");
        assert!((got.mass_flow_kg_s - number(&row, "mdot_kg_s")).abs() < 1e-2, "{id}");
    }
}

#[test]
fn ten_consumers() {
    check("n10_const_mdot");
}

#[test]
fn hundred_consumers() {
    check("n100_const_mdot");
}

#[test]
fn a_second_source_with_given_flow() {
    check("n100x2_const_mdot");
}

#[test]
fn a_second_source_with_given_rise() {
    check("n1000x2_const_mdot");
}
