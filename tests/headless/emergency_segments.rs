//! Parts between closable valves, against those that WNTR finds on EPANET's examples and on two of its own test networks
//! (`tests/data/valve_segments`).

use std::collections::BTreeMap;
use std::path::Path;

use hypocaust::emergency::criticality::segments;
use hypocaust::emergency::ways::{Reliance, Ways};
use hypocaust::network::{LinkId, Network, Node, Pipe, Valve};
use serde_json::Value;

/// A network's links as open pipes, with a valve between link and node for every pair of the layer.
fn with_valves(model: &Network, layer: &[(String, String)]) -> Network {
    let mut network = Network::new();
    for (_, id, _) in model.nodes() {
        network.insert_node(id.clone(), Node::default()).unwrap();
    }
    for view in model.links() {
        let ends = [view.from, view.to].map(|end| {
            let node = model.node_name(end).to_string();
            if !layer.contains(&(view.id.to_string(), node.clone())) {
                return node;
            }
            let beside = format!("{}|{node}", view.id);
            network.insert_node(beside.clone(), Node::default()).unwrap();
            network.insert_link_between(format!("V|{beside}"), &node, &beside, Valve::default()).unwrap();
            beside
        });
        network.insert_link_between(view.id.clone(), &ends[0], &ends[1], Pipe::default()).unwrap();
    }
    network
}

/// Compares all layers of one network; the number of parts in all.
fn compare(inp: &str, segments_file: &str) -> usize {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let model = hypocaust::io::open(&root.join(inp)).unwrap().network;
    let text = std::fs::read_to_string(root.join("tests/data/valve_segments").join(segments_file)).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let mut parts = 0;
    for case in expected["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let pair = |pair: &Value| (pair[0].as_str().unwrap().to_owned(), pair[1].as_str().unwrap().to_owned());
        let layer: Vec<(String, String)> = case["valves"].as_array().unwrap().iter().map(pair).collect();
        let network = with_valves(&model, &layer);
        let found = segments(&network, &Ways::new(&network, &Reliance::default()));
        let number = |kind: &str, id: &str| case[kind][id].as_u64().unwrap_or_else(|| panic!("{name}: {kind} {id}"));
        let mut seen: BTreeMap<u64, usize> = BTreeMap::new();
        let mut count = 0;
        for (i, segment) in found.iter().enumerate() {
            for &link in &segment.links {
                let theirs = number("links", &network.link_name(link));
                assert_eq!(*seen.entry(theirs).or_insert(i), i, "{name}: link {}", network.link_name(link));
                count += 1;
                let ends = network.ends(link).unwrap();
                for node in [ends.0, ends.1].map(|end| network.node_name(end)) {
                    if !node.contains('|') {
                        assert_eq!(number("nodes", &node), theirs, "{name}: node {node}");
                    }
                }
            }
            // One of theirs for each of ours.
            let first: LinkId = segment.links[0];
            let theirs = number("links", &network.link_name(first));
            assert!(segment.links.iter().all(|&link| number("links", &network.link_name(link)) == theirs), "{name}");
        }
        assert_eq!(count, model.link_count(), "{inp}: {name}");
        assert_eq!(seen.len(), found.len(), "{inp}: {name}");
        parts += found.len();
    }
    parts
}

#[test]
fn the_same_parts_as_wntr() {
    let parts = [
        compare("networks/epanet-net3/Net3.inp", "net3_segments.json"),
        compare("tests/data/epanet/Net1.inp", "net1_segments.json"),
        compare("tests/data/epanet/ky4_si.inp", "ky4_segments.json"),
        compare("tests/data/valve_segments/Anytown.inp", "anytown_segments.json"),
        compare("tests/data/valve_segments/Awumah_layout8.inp", "awumah8_segments.json"),
    ];
    assert!(parts.iter().all(|&parts| parts > 30), "{parts:?}");
}
