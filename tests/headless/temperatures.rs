//! Temperatures at given flows: reference networks, circles, water at rest, reversal, heat balance.

use hypocaust::network::{
    Consumer, Demand, Network, Node, Pipe, PipeState, Pump, PumpPoint, Settings, Source, SourceControl, WaterModel,
};
use hypocaust::solver::problem::Problem;
use hypocaust::solver::thermal::{HeatProblem, Temperatures};
use proptest::prelude::*;

use crate::reference_data::{expected, network, number};

struct Solved {
    network: Network,
    problem: Problem,
    temperatures: Temperatures,
    imbalance_share: f64,
    sources_w: f64,
    consumers_w: f64,
}

impl Solved {
    fn node_c(&self, id: &str) -> f64 {
        self.temperatures.node_c[self.problem.node(self.network.node_id(id).unwrap()).unwrap()]
    }

    fn link(&self, id: &str) -> usize {
        self.problem.link(self.network.link_id(id).unwrap()).unwrap()
    }
}

fn solve(network: Network, flow: impl Fn(&str) -> f64) -> Solved {
    let problem = Problem::new(&network).unwrap();
    let heat = HeatProblem::new(&network, &problem);
    let flows: Vec<f64> = problem.link_handles.iter().map(|&link| flow(network.link_name(link).as_ref())).collect();
    let mut temperatures = Temperatures::default();
    let balance = temperatures.solve(&problem, &heat, &flows);
    let turned_over = balance.sources_w.abs() + balance.fed_w.abs() + balance.losses_w.abs();
    assert!(
        temperatures.node_c.iter().chain(&temperatures.inlet_c).chain(&temperatures.outlet_c).all(|t| t.is_finite())
    );
    Solved {
        imbalance_share: balance.imbalance_w() / turned_over.max(1.0),
        sources_w: balance.sources_w,
        consumers_w: balance.consumers_w,
        network,
        problem,
        temperatures,
    }
}

/// Temperatures and losses of a reference network at its own flows.
fn reproduces(name: &str, tolerance_k: f64, imbalance_share: f64) {
    let [pipes, consumers, sources] = ["pipes", "consumers", "sources"].map(|file| expected(name, file));
    let solved = solve(network(name), |id| {
        [&pipes, &consumers, &sources]
            .into_iter()
            .find_map(|table| table.get(id))
            .map(|row| number(row, "mdot_kg_s"))
            .unwrap()
    });
    for (id, row) in expected(name, "nodes") {
        let (got, want) = (solved.node_c(&id), number(&row, "t_c"));
        assert!((got - want).abs() < tolerance_k, "{name} node {id}: {got} instead of {want}");
    }
    for (id, row) in &pipes {
        let link = solved.link(id);
        for (got, column) in
            [(solved.temperatures.inlet_c[link], "t_in_c"), (solved.temperatures.outlet_c[link], "t_out_c")]
        {
            assert!((got - number(row, column)).abs() < tolerance_k, "{name} pipe {id} {column}: {got}");
        }
        let (got, want) = (solved.temperatures.loss_w[link], number(row, "q_loss_w"));
        assert!((got - want).abs() < 1e-4 * want.abs().max(100.0), "{name} pipe {id} loss: {got} instead of {want}");
    }
    let want: f64 = sources.values().map(|row| number(row, "q_w")).sum();
    assert!((solved.sources_w / want - 1.0).abs() < 1e-4, "{name}: {} instead of {want}", solved.sources_w);
    assert!(solved.imbalance_share < imbalance_share, "{name}: imbalance {}", solved.imbalance_share);
}

#[test]
fn constant_water_reference_networks_are_reproduced() {
    for name in ["n10_const_mdot", "n100_const_mdot", "n100x2_const_mdot"] {
        reproduces(name, 1e-8, 1e-9);
    }
}

#[test]
fn table_water_reference_networks_are_reproduced() {
    for name in ["n10_water_heat", "n100_water_heat", "n1000_water_heat"] {
        // Supply is at 90 °C and the table ends at 89.85 °C: the reference goes on along its last line, we stay at its
        // last value (2e-5 K). The convention of mean heat capacities does not add up along a way; see `HeatBalance`.
        reproduces(name, 1e-4, 1e-3);
    }
}

fn constant_water() -> Settings {
    Settings {
        water: WaterModel::Constant { density_kg_m3: 975.0, viscosity_pa_s: 4e-4, heat_capacity_j_kgk: 4190.0 },
        ..Settings::default()
    }
}

fn nodes(network: &mut Network, ids: &[&str]) {
    for id in ids {
        network.insert_node(*id, Node::default()).unwrap();
    }
}

/// Source R→S; S–A–B with a pump circle A→B→C→A; consumer at B.
fn circle(u_w_m2k: f64) -> Network {
    let mut network = Network::new();
    network.set_settings(constant_water());
    nodes(&mut network, &["R", "S", "A", "B", "C"]);
    let pipe = || Pipe { u_w_m2k: Some(u_w_m2k), ..Pipe::default() };
    let point = PumpPoint { flow_m3_h: 10.0, head_m: 10.0, efficiency: None };
    network.insert_link_between("H", "R", "S", Source { supply_temperature_c: 90.0, ..Source::default() }).unwrap();
    network.insert_link_between("SA", "S", "A", pipe()).unwrap();
    network.insert_link_between("AB", "A", "B", pipe()).unwrap();
    network.insert_link_between("BC", "B", "C", Pump { curve: vec![point], ..Pump::default() }).unwrap();
    network.insert_link_between("CA", "C", "A", pipe()).unwrap();
    let consumer = Consumer { return_temperature_c: 40.0, ..Consumer::default() };
    network.insert_link_between("U", "B", "R", consumer).unwrap();
    network
}

#[test]
fn water_in_a_circle_has_the_temperature_its_balance_gives() {
    // m from the source, f·m round the circle.
    let flows = |m: f64, round: f64| {
        move |id: &str| match id {
            "AB" => m + round,
            "BC" | "CA" => round,
            _ => m,
        }
    };
    let lossless = solve(circle(0.0), flows(1.0, 50.0));
    for id in ["S", "A", "B", "C"] {
        assert!((lossless.node_c(id) - 90.0).abs() < 1e-7, "{id}: {}", lossless.node_c(id));
    }
    // Closed form: T_A·(m + f) = m·T_S' + f·T_C', each pipe e^(−N) towards 5 °C.
    let (m, f) = (0.7, 3.0);
    let solved = solve(circle(8.0), flows(m, f));
    let loss_w_k = 8.0 * std::f64::consts::PI * 0.108 * 100.0;
    let keep = |flow: f64| (-loss_w_k / (4190.0 * flow)).exp();
    let over_s = 85.0 * keep(m);
    let round = keep(m + f) * keep(f);
    let over_a = m * over_s / (m + f - f * round);
    assert!((solved.node_c("A") - 5.0 - over_a).abs() < 1e-9, "{} instead of {}", solved.node_c("A"), over_a + 5.0);
    assert!(solved.imbalance_share < 1e-9, "{}", solved.imbalance_share);
    // IAPWS water: no closed form, but heat is kept.
    let mut iapws = circle(8.0);
    iapws.set_settings(Settings::default());
    let solved = solve(iapws, flows(m, f));
    assert!(solved.imbalance_share < 1e-8, "{}", solved.imbalance_share);
}

#[test]
fn a_circle_that_nothing_enters_is_as_warm_as_the_ground() {
    for u_w_m2k in [0.0, 8.0] {
        let solved = solve(circle(u_w_m2k), |id| if matches!(id, "AB" | "BC" | "CA") { 2.0 } else { 0.0 });
        for id in ["A", "B", "C"] {
            assert!((solved.node_c(id) - 5.0).abs() < 1e-6, "{id}: {}", solved.node_c(id));
        }
    }
}

#[test]
fn water_at_rest_is_as_warm_as_the_ground() {
    let solved = solve(circle(8.0), |_| 0.0);
    assert!(solved.temperatures.node_c.iter().all(|t| *t == 5.0));
    assert_eq!((solved.sources_w, solved.imbalance_share), (0.0, 0.0));
    // Only the branch to C stands still.
    let solved = solve(circle(8.0), |id| if matches!(id, "BC" | "CA") { 0.0 } else { 1.0 });
    assert_eq!(solved.node_c("C"), 5.0);
    assert!(solved.node_c("B") > 60.0);
    let link = solved.link("CA");
    assert_eq!((solved.temperatures.inlet_c[link], solved.temperatures.loss_w[link]), (5.0, 0.0));
}

#[test]
fn a_trickle_arrives_at_ground_temperature() {
    let solved = solve(circle(8.0), |id| if matches!(id, "BC" | "CA") { 0.0 } else { 1e-9 });
    assert!((solved.node_c("B") - 5.0).abs() < 1e-6);
}

#[test]
fn a_consumer_never_heats_the_network() {
    // Water reaches the consumer colder than its return temperature.
    let solved = solve(circle(80.0), |id| if matches!(id, "BC" | "CA") { 0.0 } else { 0.3 });
    assert!(solved.node_c("B") < 40.0);
    assert_eq!(solved.node_c("R"), solved.node_c("B"));
    assert_eq!(solved.consumers_w, 0.0);
    assert!(solved.imbalance_share < 1e-9);
}

#[test]
fn drawn_and_fed_water_carries_its_heat() {
    let mut network = Network::new();
    network.set_settings(constant_water());
    nodes(&mut network, &["A"]);
    network.insert_node("F", Node { demand_kg_s: -1.0, ..Node::default() }).unwrap();
    network.insert_node("D", Node { demand_kg_s: 3.0, ..Node::default() }).unwrap();
    let boundary = hypocaust::network::Boundary::MakeUp { pressure_pa: 3e5, capacity_kg_s: None, temperature_c: 60.0 };
    network.insert_node("M", Node { boundary: Some(Box::new(boundary)), ..Node::default() }).unwrap();
    for (id, from, to) in [("MA", "M", "A"), ("FA", "F", "A"), ("AD", "A", "D")] {
        network.insert_link_between(id, from, to, Pipe { u_w_m2k: Some(0.0), ..Pipe::default() }).unwrap();
    }
    let solved = solve(network, |id| match id {
        "MA" => 2.0,
        "FA" => 1.0,
        _ => 3.0,
    });
    // 2 kg/s at 60 °C and 1 kg/s of cold water at 10 °C.
    assert!((solved.node_c("D") - 130.0 / 3.0).abs() < 1e-12);
    assert!(solved.imbalance_share < 1e-12);
}

#[test]
fn a_computed_pair_loses_less_than_two_single_pipes() {
    let build = |paired: bool| {
        let mut network = Network::new();
        network.set_settings(constant_water());
        nodes(&mut network, &["R0", "S0", "S1", "R1"]);
        network
            .insert_link_between("H", "R0", "S0", Source { supply_temperature_c: 110.0, ..Source::default() })
            .unwrap();
        for (id, from, to, other) in [("PS", "S0", "S1", "PR"), ("PR", "R1", "R0", "PS")] {
            let mut pipe = Pipe { length_m: 1000.0, ..Pipe::default() };
            pipe.details.pair = paired.then(|| other.into());
            network.insert_link_between(id, from, to, pipe).unwrap();
        }
        let consumer = Consumer { return_temperature_c: 50.0, ..Consumer::default() };
        network.insert_link_between("C", "S1", "R1", consumer).unwrap();
        network
    };
    let [single, pair] = [false, true].map(|paired| solve(build(paired), |_| 3.0));
    let loss = |solved: &Solved, id: &str| solved.temperatures.loss_w[solved.link(id)];
    // DN100 with 35 mm of foam: tens of W/m.
    assert!((10_000.0..60_000.0).contains(&loss(&single, "PS")), "{}", loss(&single, "PS"));
    let (alone, together) = (loss(&single, "PS") + loss(&single, "PR"), loss(&pair, "PS") + loss(&pair, "PR"));
    assert!(together < alone && together > 0.7 * alone, "{together} instead of {alone}");
    // The neighbour takes from the supply and gives to the return.
    assert!(loss(&pair, "PR") < loss(&single, "PR"));
    assert!(pair.imbalance_share < 1e-9 && single.imbalance_share < 1e-9);
}

/// A ring main S0…S{n−1} with branches to consumers, flows made from a random potential-free assignment: each consumer's
/// water goes round one way or the other, so flows balance at every node by construction.
fn ring(settings: Settings, takes: &[(f64, bool)], u_w_m2k: f64) -> (Network, Vec<(String, f64)>) {
    let n = takes.len() + 1;
    let mut network = Network::new();
    network.set_settings(settings);
    for side in ["S", "R"] {
        for i in 0..n {
            network.insert_node(format!("{side}{i}"), Node::default()).unwrap();
        }
    }
    let pipe = || Pipe { length_m: 150.0, u_w_m2k: Some(u_w_m2k), ..Pipe::default() };
    let mut flows = Vec::new();
    let control = SourceControl::Reference { return_pressure_pa: 4e5, pressure_rise_pa: 2e5 };
    network.insert_link_between("H", "R0", "S0", Source { control, ..Source::default() }).unwrap();
    flows.push(("H".to_owned(), takes.iter().map(|(flow, _)| flow).sum()));
    for i in 0..n {
        let j = (i + 1) % n;
        // Consumer k sits at node k + 1; its water comes over 0…k going up, or over the rest going down.
        let flow: f64 = takes
            .iter()
            .enumerate()
            .map(|(k, &(flow, upwards))| {
                if upwards {
                    if i <= k { flow } else { 0.0 }
                } else if i > k {
                    -flow
                } else {
                    0.0
                }
            })
            .sum();
        network.insert_link_between(format!("PS{i}"), &format!("S{i}"), &format!("S{j}"), pipe()).unwrap();
        network.insert_link_between(format!("PR{i}"), &format!("R{i}"), &format!("R{j}"), pipe()).unwrap();
        flows.push((format!("PS{i}"), flow));
        flows.push((format!("PR{i}"), -flow));
    }
    for (k, &(flow, _)) in takes.iter().enumerate() {
        let consumer = Consumer {
            demand: Demand::MassFlow { mass_flow_kg_s: flow },
            return_temperature_c: 30.0 + 3.0 * k as f64,
            ..Consumer::default()
        };
        let (from, to) = (format!("S{}", k + 1), format!("R{}", k + 1));
        network.insert_link_between(format!("C{k}"), &from, &to, consumer).unwrap();
        flows.push((format!("C{k}"), flow));
    }
    (network, flows)
}

fn solve_ring(network: Network, flows: &[(String, f64)]) -> Solved {
    solve(network, |id| flows.iter().find(|(name, _)| name == id).unwrap().1)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn heat_is_kept(takes in prop::collection::vec((0.01f64..20.0, any::<bool>()), 1..8), u in 0.0f64..20.0, iapws in any::<bool>()) {
        let settings = if iapws { Settings::default() } else { constant_water() };
        let (network, flows) = ring(settings, &takes, u);
        let solved = solve_ring(network, &flows);
        prop_assert!(solved.imbalance_share < 1e-9, "{}", solved.imbalance_share);
        let all = &solved.temperatures.node_c;
        prop_assert!(all.iter().all(|t| (5.0 - 1e-9..=110.0 + 1e-9).contains(t)));
    }

    /// A pipe drawn the other way round carries the same water at the same temperatures.
    #[test]
    fn drawing_direction_does_not_matter(takes in prop::collection::vec((0.01f64..20.0, any::<bool>()), 1..6), u in 0.0f64..20.0) {
        let (network, flows) = ring(Settings::default(), &takes, u);
        let mut turned = Network::new();
        turned.set_settings(network.settings().clone());
        for (_, id, node) in network.nodes() {
            turned.insert_node(id.clone(), node.clone()).unwrap();
        }
        let mut turned_flows = Vec::new();
        for view in network.links() {
            let flow = flows.iter().find(|(name, _)| **name == **view.id).unwrap().1;
            let (from, to) = (network.node_name(view.from), network.node_name(view.to));
            if view.pipe().is_some() {
                turned.insert_link_between(view.id.clone(), &to, &from, view.link.clone()).unwrap();
                turned_flows.push((view.id.to_string(), -flow));
            } else {
                turned.insert_link_between(view.id.clone(), &from, &to, view.link.clone()).unwrap();
                turned_flows.push((view.id.to_string(), flow));
            }
        }
        let (a, b) = (solve_ring(network, &flows), solve_ring(turned, &turned_flows));
        for (left, right) in a.temperatures.node_c.iter().zip(&b.temperatures.node_c) {
            prop_assert!((left - right).abs() < 1e-9);
        }
    }
}

#[test]
fn closed_pipes_are_at_rest() {
    let mut network = circle(8.0);
    network.insert_link_between("shut", "A", "C", Pipe { state: PipeState::Closed, ..Pipe::default() }).unwrap();
    let solved = solve(network, |id| if matches!(id, "BC" | "CA" | "shut") { 0.0 } else { 1.0 });
    assert_eq!(solved.temperatures.outlet_c[solved.link("shut")], 5.0);
}
