//! The shipped network with one of every element: it is valid, solves, and every machine does what it is there for.

use std::path::Path;

use hypocaust::io;
use hypocaust::network::{Code, Network, validate};
use hypocaust::solver::{Options, Solution, Solver};

fn open() -> Network {
    let file = "networks/every-element/every-element.hypocaust.json";
    io::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap().network
}

fn solve(network: &Network) -> Solution {
    let solution = Solver::new().solve(network, &Options::default());
    assert!(solution.converged, "{:?}", solution.findings);
    solution
}

#[test]
fn one_of_every_element_works_together() {
    let network = open();
    assert_eq!(validate::validate(&network), []);
    let solution = solve(&network);
    let link = |id: &str| network.link_id(id).unwrap();
    let pressure = |id: &str| solution.node(network.node_id(id).unwrap()).unwrap().pressure_pa;
    for consumer in &solution.consumers {
        assert!(consumer.satisfied, "{}: {:?}", network.link_name(consumer.link), solution.findings);
    }
    // What each of them holds.
    assert!((pressure("St") - 800e3).abs() < 1.0, "turbine");
    assert!((pressure("Rq") - pressure("Ru") - 220e3).abs() < 10.0, "booster");
    assert!((pressure("Sd") - pressure("R2") - 95e3).abs() < 1.0, "differential-pressure controller");
    assert!((pressure("Si") - pressure("Ri") - 90e3).abs() < 1.0, "branch pump");
    assert!((pressure("Sn") - pressure("Rn") - 55e3).abs() < 1.0, "worst point");
    assert!(solution.turbine(link("turbine")).unwrap().recovered_power_w > 1e4);
    for pump in ["plant", "booster", "isolation", "branch-pump", "bypass-mixing", "supply-mixing", "distributed"] {
        let state = solution.pump(link(pump)).unwrap();
        assert!(state.speed > 0.3 && state.speed < 1.0 && state.shaft_power_w > 100.0, "{pump}: {state:?}");
    }
    assert!(solution.source(link("store")).unwrap().heat_w < -1e6, "the store charges");
    let primary_w = solution.consumer(link("warming")).unwrap().heat_w;
    assert!((primary_w / solution.source(link("isolation")).unwrap().heat_w - 1.0).abs() < 1e-6);
    let jet = solution.station(link("jet")).unwrap();
    assert!((jet.mixed_temperature_c - (84.9 + 0.75 * 50.0) / 1.75).abs() < 0.3, "{jet:?}");
    assert!(solution.report.energy_imbalance_w < 1.0);
}

#[test]
fn its_leak_is_named_and_made_up() {
    let network = open();
    let leaking = network.with_scenario("泄漏").unwrap();
    let solution = solve(&leaking);
    let [leak] = solution.leaks[..] else { panic!("{:?}", solution.leaks) };
    // 30 mm at half a megapascal: some 13 kg/s.
    assert!(leak.mass_flow_kg_s > 10.0 && leak.mass_flow_kg_s < 16.0, "{leak:?}");
    let named = solution.findings.iter().find(|finding| finding.code == Code::Leak).unwrap();
    assert_eq!(&*named.element.id, "S23");
}
