//! The form of results is a contract with scripts outside: every key is pinned here.

use std::path::Path;

use hypocaust::io::{IoError, Problem, geojson_export, results};
use hypocaust::network::{
    Boundary, Building, Code, Consumer, ElementKind, ElementRef, Finding, Network, Node, Pipe, Settings, Side, Source,
    WaterModel,
};
use hypocaust::solver::{ConsumerState, LinkState, NodeState, Report, Solution, SourceState};
use hypocaust::text::Language;
use proptest::prelude::*;

use crate::support::networks::networks;

/// Source, one pipe, consumer; with a state made up so that every kind of value occurs.
fn solved() -> (Network, Solution) {
    let mut network = Network::new();
    for (id, side) in [("S0", Side::Supply), ("S1", Side::Supply), ("R0", Side::Return)] {
        network.insert_node(id, Node { side, ..Node::default() }).unwrap();
    }
    network.insert_link_between("H0", "R0", "S0", Source::default()).unwrap();
    network.insert_link_between("PS0", "S0", "S1", Pipe::default()).unwrap();
    network.insert_link_between("C0", "S1", "R0", Consumer::default()).unwrap();
    let finding = Finding::new(Code::Stagnant, ElementRef::new(ElementKind::Pipe, "PS0")).count("count", 1);
    let mut solution = Solution::unsolved(&network, vec![finding]);
    solution.converged = true;
    solution.report = Report { iterations: 7, max_mass_imbalance_kg_s: 1e-12, ..Report::default() };
    solution.nodes[0] = NodeState { pressure_pa: 453464.3, temperature_c: 87.42 };
    solution.nodes[1] = NodeState { pressure_pa: 450000.0, temperature_c: f64::NAN };
    solution.links[1] = LinkState {
        mass_flow_kg_s: 5.056,
        velocity_m_s: 0.665,
        pressure_drop_pa: 10884.7,
        inlet_temperature_c: 87.42,
        outlet_temperature_c: 85.28,
        heat_loss_w: 45486.6,
    };
    solution.sources = vec![SourceState {
        link: network.link_id("H0").unwrap(),
        mass_flow_kg_s: 35.01,
        heat_w: 6411351.4,
        supply_pressure_pa: 650000.0,
        return_pressure_pa: 400000.0,
    }];
    solution.consumers = vec![ConsumerState {
        link: network.link_id("C0").unwrap(),
        mass_flow_kg_s: 4.503,
        available_pressure_pa: 174081.2,
        heat_w: 700937.0,
        satisfied: true,
    }];
    (network, solution)
}

#[test]
fn json_has_the_promised_keys() {
    let (network, solution) = solved();
    insta::assert_snapshot!(results::json(&network, &solution, Language::English), @r##"
{
  "converged": true,
  "report": {
    "iterations": 7,
    "coupling_passes": 0,
    "max_mass_imbalance_kg_s": 1e-12,
    "max_momentum_residual_pa": 0.0,
    "energy_imbalance_w": 0.0
  },
  "nodes": {
    "S0": { "pressure_pa": 453464.3, "temperature_c": 87.42 },
    "S1": { "pressure_pa": 450000.0, "temperature_c": null },
    "R0": { "pressure_pa": null, "temperature_c": null }
  },
  "links": {
    "PS0": { "mass_flow_kg_s": 5.056, "velocity_m_s": 0.665, "pressure_drop_pa": 10884.7, "inlet_temperature_c": 87.42, "outlet_temperature_c": 85.28, "heat_loss_w": 45486.6 }
  },
  "consumers": {
    "C0": { "mass_flow_kg_s": 4.503, "available_pressure_pa": 174081.2, "heat_w": 700937.0, "satisfied": true }
  },
  "sources": {
    "H0": { "mass_flow_kg_s": 35.01, "heat_w": 6411351.4, "supply_pressure_pa": 650000.0, "return_pressure_pa": 400000.0 }
  },
  "problems": [
    { "severity": "info", "code": "stagnant", "element": "PS0", "kind": "pipe", "message": "1 pipes carry no water, pipe PS0 among them; they cool to their surroundings.", "help": "Nothing to do if this is meant; otherwise open a bypass against freezing." }
  ]
}
"##);
}

#[test]
fn problems_speak_the_language_asked_for() {
    let (network, solution) = solved();
    let text = results::json(&network, &solution, Language::Chinese);
    assert!(text.contains("管道 PS0"), "{text}");
}

#[test]
fn csv_has_the_same_columns() {
    let (network, solution) = solved();
    let tables = results::csv(&network, &solution);
    let text: String = tables.iter().map(|(name, content)| format!("{name}\n{content}")).collect();
    insta::assert_snapshot!(text, @r##"
nodes.csv
id,pressure_pa,temperature_c,head_m
S0,453464.3,87.42,
S1,450000.0,,
R0,,,
links.csv
id,mass_flow_kg_s,velocity_m_s,pressure_drop_pa,inlet_temperature_c,outlet_temperature_c,heat_loss_w
PS0,5.056,0.665,10884.7,87.42,85.28,45486.6
consumers.csv
id,mass_flow_kg_s,available_pressure_pa,heat_w,satisfied
C0,4.503,174081.2,700937.0,true
sources.csv
id,mass_flow_kg_s,heat_w,supply_pressure_pa,return_pressure_pa
H0,35.01,6411351.4,650000.0,400000.0
"##);
}

#[test]
fn a_refused_network_and_an_unreadable_file_have_the_same_form() {
    let finding = Finding::new(Code::SelfLoop, ElementRef::new(ElementKind::Pipe, "P1"));
    insta::assert_snapshot!(results::json_refused(&[finding], Language::English), @r##"
{
  "converged": false,
  "report": {
    "iterations": 0,
    "coupling_passes": 0,
    "max_mass_imbalance_kg_s": 0.0,
    "max_momentum_residual_pa": 0.0,
    "energy_imbalance_w": 0.0
  },
  "nodes": {},
  "links": {},
  "consumers": {},
  "sources": {},
  "problems": [
    { "severity": "warning", "code": "self-loop", "element": "P1", "kind": "pipe", "message": "pipe P1 starts and ends at the same node.", "help": "Correct one end, or remove it." }
  ]
}
"##);
    let problem = Problem::new(Path::new("net.hypocaust.json"), "io-missing-field").with("field", "length_m").at(7, 3);
    let error = IoError::from(problem.element(Some(ElementRef::new(ElementKind::Pipe, "P1"))));
    insta::assert_snapshot!(results::json_unreadable(&error, Language::English), @r##"
{
  "converged": false,
  "report": {
    "iterations": 0,
    "coupling_passes": 0,
    "max_mass_imbalance_kg_s": 0.0,
    "max_momentum_residual_pa": 0.0,
    "energy_imbalance_w": 0.0
  },
  "nodes": {},
  "links": {},
  "consumers": {},
  "sources": {},
  "problems": [
    { "severity": "error", "code": "unreadable", "element": "P1", "kind": "pipe", "message": "the field \"length_m\" is missing", "help": "add it", "file": "net.hypocaust.json", "line": 7, "column": 3 }
  ]
}
"##);
}

#[test]
fn water_networks_carry_heads() {
    let mut network = Network::new();
    let water = WaterModel::Constant { density_kg_m3: 1000.0, viscosity_pa_s: 1e-3, heat_capacity_j_kgk: 4190.0 };
    network.set_settings(Settings { water, gravity_m_s2: 10.0, ..Settings::default() });
    let boundary = Some(Box::new(Boundary::Reservoir { head_m: 50.0, temperature_c: 10.0 }));
    network.insert_node("R", Node { z_m: 20.0, boundary, ..Node::default() }).unwrap();
    let mut solution = Solution::unsolved(&network, Vec::new());
    solution.nodes[0].pressure_pa = 300_000.0;
    let result: serde_json::Value =
        serde_json::from_str(&results::json(&network, &solution, Language::English)).unwrap();
    assert_eq!(result["nodes"]["R"]["head_m"], 50.0);
    let (heating, solution) = solved();
    let result: serde_json::Value =
        serde_json::from_str(&results::json(&heating, &solution, Language::English)).unwrap();
    assert!(result["nodes"]["S0"].get("head_m").is_none(), "a heating network has pressures, not heads");
}

#[test]
fn maps_carry_every_field_and_the_results() {
    let (mut network, solution) = solved();
    let footprint_m = vec![[0.0, 0.0], [10.0, 0.0], [10.0, 8.0]];
    network
        .insert_building("B0", Building { footprint_m, consumer: Some("C0".into()), ..Building::default() })
        .unwrap();
    insta::assert_snapshot!(geojson_export::results(&network, &solution), @r##"
{
  "type": "FeatureCollection",
  "coordinate_system": "local metres",
  "features": [
    { "type": "Feature", "id": "S0", "properties": { "id": "S0", "kind": "node", "result_pressure_pa": 453464.3, "result_temperature_c": 87.42, "side": "supply", "z_m": 0.0 }, "geometry": { "coordinates": [0.0, 0.0, 0.0], "type": "Point" } },
    { "type": "Feature", "id": "S1", "properties": { "id": "S1", "kind": "node", "result_pressure_pa": 450000.0, "result_temperature_c": null, "side": "supply", "z_m": 0.0 }, "geometry": { "coordinates": [0.0, 0.0, 0.0], "type": "Point" } },
    { "type": "Feature", "id": "R0", "properties": { "id": "R0", "kind": "node", "result_pressure_pa": null, "result_temperature_c": null, "side": "return", "z_m": 0.0 }, "geometry": { "coordinates": [0.0, 0.0, 0.0], "type": "Point" } },
    { "type": "Feature", "id": "H0", "properties": { "control": "reference", "from": "R0", "id": "H0", "kind": "source", "pressure_rise_pa": 400000.0, "result_heat_w": 6411351.4, "result_mass_flow_kg_s": 35.01, "result_return_pressure_pa": 400000.0, "result_supply_pressure_pa": 650000.0, "return_pressure_pa": 400000.0, "running": true, "supply_temperature_c": 110.0, "to": "S0" }, "geometry": { "coordinates": [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]], "type": "LineString" } },
    { "type": "Feature", "id": "PS0", "properties": { "from": "S0", "id": "PS0", "inner_diameter_m": 0.1, "kind": "pipe", "length_m": 100.0, "outer_diameter_m": 0.108, "result_heat_loss_w": 45486.6, "result_inlet_temperature_c": 87.42, "result_mass_flow_kg_s": 5.056, "result_outlet_temperature_c": 85.28, "result_pressure_drop_pa": 10884.7, "result_velocity_m_s": 0.665, "roughness_m": 0.0005, "side": "supply", "to": "S1" }, "geometry": { "coordinates": [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]], "type": "LineString" } },
    { "type": "Feature", "id": "C0", "properties": { "demand": "heat", "from": "S1", "heat_w": 1000000.0, "id": "C0", "kind": "consumer", "result_available_pressure_pa": 174081.2, "result_heat_w": 700937.0, "result_mass_flow_kg_s": 4.503, "result_satisfied": true, "return_temperature_c": 50.0, "to": "R0" }, "geometry": { "coordinates": [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]], "type": "LineString" } },
    { "type": "Feature", "id": "B0", "properties": { "consumer": "C0", "height_m": 0.0, "id": "B0", "kind": "building", "z_m": 0.0 }, "geometry": { "coordinates": [[[0.0, 0.0], [10.0, 0.0], [10.0, 8.0], [0.0, 0.0]]], "type": "Polygon" } }
  ]
}
"##);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every element is one feature with geometry where it has one, and the whole is JSON a map program reads.
    #[test]
    fn any_network_is_a_map(network in networks()) {
        let map: geojson::FeatureCollection = geojson_export::network(&network).parse().map_err(|error| TestCaseError::fail(format!("{error}")))?;
        let elements = network.node_count() + network.link_count() + network.chambers().len() + network.buildings().len()
            + network.sensors().len() + network.backdrop().streets.len();
        prop_assert_eq!(map.features.len(), elements);
        for feature in &map.features {
            let properties = feature.properties.as_ref().unwrap();
            prop_assert!(properties.values().all(|value| !value.is_object()), "{:?}", properties);
        }
    }
}
