//! Small networks in a row, supply beside return, and tags at their elements.

use hypocaust::live::{Observed, Tag};
use hypocaust::network::{
    Consumer, Demand, ElementRef, Network, Node, Pipe, PipeDetails, PipeState, Pump, Side, Source,
};
use hypocaust::units::Quantity;

/// `count` places 300 m apart, each with a node of the supply (`S0` …) and of the return (`R0` …); a source `H` at the first.
fn places(count: usize) -> Network {
    let mut network = Network::new();
    for at in 0..count {
        for (side, letter) in [(Side::Supply, "S"), (Side::Return, "R")] {
            let node = Node { side, x_m: 300.0 * at as f64, ..Node::default() };
            network.insert_node(format!("{letter}{at}"), node).unwrap();
        }
    }
    let source = Source { supply_temperature_c: 100.0, ..Source::default() };
    network.insert_link_between("H", "R0", "S0", source).unwrap();
    network
}

/// 300 m of DN200.
fn pipe() -> Pipe {
    Pipe {
        length_m: 300.0,
        inner_diameter_m: 0.2,
        outer_diameter_m: 0.219,
        roughness_m: 5e-4,
        zeta: 0.0,
        u_w_m2k: Some(0.5),
        state: PipeState::default(),
        leaks: None,
        details: PipeDetails::default().into(),
    }
}

/// A substation that asks for this heat.
fn substation(heat_w: f64) -> Consumer {
    Consumer { demand: Demand::Heat { heat_w }, ..Consumer::default() }
}

/// A source and three stations `A`, `B` and `C` one behind the other.
pub fn ladder() -> Network {
    let mut network = places(4);
    for at in 1..4 {
        let before = at - 1;
        network.insert_link_between(format!("PS{at}"), &format!("S{before}"), &format!("S{at}"), pipe()).unwrap();
        network.insert_link_between(format!("PR{at}"), &format!("R{at}"), &format!("R{before}"), pipe()).unwrap();
        let id = ["A", "B", "C"][before];
        network.insert_link_between(id, &format!("S{at}"), &format!("R{at}"), substation(2e6)).unwrap();
    }
    network
}

/// A source and a substation `C` behind a booster pump `B`, which is as the native file writes it.
pub fn boosted(pump: serde_json::Value) -> Network {
    let mut network = places(3);
    network.insert_link_between("PS", "S0", "S1", pipe()).unwrap();
    network.insert_link_between("PR", "R2", "R0", pipe()).unwrap();
    let pump: Pump = serde_json::from_value(pump).unwrap();
    network.insert_link_between("B", "S1", "S2", pump).unwrap();
    network.insert_link_between("C", "S2", "R2", substation(4e6)).unwrap();
    network
}

/// A tag at an element, read once a minute.
pub fn tag(name: &str, element: ElementRef, observed: Observed, quantity: Quantity) -> Tag {
    Tag { element: Some(element), ..Tag::new(name, observed, quantity) }
}
