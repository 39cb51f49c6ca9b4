//! The native file: what is written is read back, rewriting changes no byte.

use std::path::Path;

use hypocaust::io::file;
use hypocaust::network::{Link, Network, Node, Notes, Pipe, Side, Valve};

fn small() -> Network {
    let mut network = Network::new();
    for (id, x) in [("A", 0.1 + 0.2), ("节点 B", 100.0), ("C", 200.0)] {
        network.insert_node(id, Node { x_m: x, side: Side::Supply, ..Node::default() }).unwrap();
    }
    network.insert_link_between("P1", "A", "节点 B", Pipe::default()).unwrap();
    let mut valve = Link::from(Valve::default());
    valve.notes =
        Some(Box::new(Notes { name: "东门 \"1\"".to_owned(), chamber: Some("J1".into()), ..Notes::default() }));
    network.insert_link_between("V1", "节点 B", "C", valve).unwrap();
    network
}

#[test]
fn one_element_a_line_and_the_same_bytes_again() {
    let text = file::to_string(&small()).unwrap();
    insta::assert_snapshot!(text, @r##"
{
  "hypocaust": 1,
  "settings": {
    "title": "",
    "friction": "colebrook",
    "water": "iapws",
    "ambient_temperature_c": 5.0,
    "outdoor_temperature_c": -10.0,
    "gravity_m_s2": 9.81,
    "coordinate_system": "local metres"
  },
  "nodes": [
    { "id": "A", "side": "supply", "x_m": 0.30000000000000004, "y_m": 0.0, "z_m": 0.0 },
    { "id": "节点 B", "side": "supply", "x_m": 100.0, "y_m": 0.0, "z_m": 0.0 },
    { "id": "C", "side": "supply", "x_m": 200.0, "y_m": 0.0, "z_m": 0.0 }
  ],
  "pipes": [
    { "id": "P1", "from": "A", "to": "节点 B", "length_m": 100.0, "inner_diameter_m": 0.1, "outer_diameter_m": 0.108, "roughness_m": 0.0005 }
  ],
  "valves": [
    { "id": "V1", "from": "节点 B", "to": "C", "kind": "sectioning", "opening": 1.0, "name": "东门 \"1\"", "chamber": "J1" }
  ]
}
"##);
    let back = file::from_str(&text, Path::new("small.hypocaust.json")).unwrap();
    assert!(back.same_as(&small()));
    assert_eq!(file::to_string(&back).unwrap(), text);
}
