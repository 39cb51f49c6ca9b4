//! Pressure-isolation stations between two zones, open stores, and set values that fight.

use hypocaust::network::validate::validate;
use hypocaust::network::{
    Boundary, Code, Consumer, Demand, Finding, Network, Node, Pipe, Pump, PumpControl, PumpPoint, Side, Source,
    SourceControl, SourceKind, Valve, ValveKind, ZoneExchanger,
};
use hypocaust::solver::{Options, Solution, Solver};

use crate::hydraulic_reference::solve;
use crate::hydraulic_zoo::{assert_sound, codes, consumer, flow, nodes, pipe, pressure, settings};

const HEAT_CAPACITY_J_KGK: f64 = 4190.2;

fn main(length_m: f64, inner_diameter_m: f64) -> Pipe {
    Pipe { outer_diameter_m: inner_diameter_m + 0.01, ..pipe(length_m, inner_diameter_m) }
}

/// A zone at 130 °C and 1.6 MPa below, one at 75 °C and 0.4 MPa above, with an exchanger between.
pub fn two_zones(secondary_w: f64, primary_most_w: f64) -> Network {
    let mut network = Network::new();
    network.set_settings(settings());
    nodes(&mut network, &["Sa", "Ra", "Sb", "Rb", "Sc", "Rc", "Sd", "Rd"]);
    let reference = |return_pressure_pa, supply_temperature_c| Source {
        control: SourceControl::Reference { return_pressure_pa, pressure_rise_pa: 300e3 },
        supply_temperature_c,
        ..Source::default()
    };
    network.insert_link_between("plant", "Ra", "Sa", reference(1300e3, 130.0)).unwrap();
    network.insert_link_between("PSa", "Sa", "Sb", main(500.0, 0.2)).unwrap();
    network.insert_link_between("PRa", "Rb", "Ra", main(500.0, 0.2)).unwrap();
    let heat = |heat_w| Consumer { demand: Demand::Heat { heat_w }, ..Consumer::default() };
    let primary = Consumer { return_temperature_c: 55.0, ..heat(primary_most_w) };
    network.insert_link_between("warming", "Sb", "Rb", primary).unwrap();
    let exchanger = ZoneExchanger {
        primary: "warming".into(),
        ua_w_k: 600e3,
        primary_flow_kg_s: 30.0,
        secondary_flow_kg_s: 80.0,
        fouling_k_w: 0.0,
    };
    let station =
        Source { kind: SourceKind::Interconnection, exchanger: Some(Box::new(exchanger)), ..reference(300e3, 75.0) };
    network.insert_link_between("station", "Rc", "Sc", station).unwrap();
    network.insert_link_between("PSc", "Sc", "Sd", main(300.0, 0.3)).unwrap();
    network.insert_link_between("PRc", "Rd", "Rc", main(300.0, 0.3)).unwrap();
    let house = Consumer { return_temperature_c: 50.0, ..heat(secondary_w) };
    network.insert_link_between("house", "Sd", "Rd", house).unwrap();
    network
}

fn thermal(network: &Network) -> Solution {
    Solver::new().solve(network, &Options::default())
}

#[test]
fn heat_passes_an_isolation_station_and_pressure_does_not() {
    let network = two_zones(8e6, 12e6);
    assert_eq!(validate(&network), []);
    let solution = thermal(&network);
    assert!(solution.converged, "{:?}", solution.findings);
    // Each zone has its own level; nothing of one reaches the other.
    assert_eq!(pressure(&network, &solution, "Ra"), 1300e3);
    assert_eq!(pressure(&network, &solution, "Rc"), 300e3);
    let at = |id: &str| *solution.link(network.link_id(id).unwrap()).unwrap();
    let (warming, station) = (at("warming"), at("station"));
    assert!((station.outlet_temperature_c - 75.0).abs() < 1e-5, "{station:?}");
    let given =
        warming.mass_flow_kg_s * HEAT_CAPACITY_J_KGK * (warming.inlet_temperature_c - warming.outlet_temperature_c);
    let taken =
        station.mass_flow_kg_s * HEAT_CAPACITY_J_KGK * (station.outlet_temperature_c - station.inlet_temperature_c);
    assert!(taken > 8e6 && (given / taken - 1.0).abs() < 1e-6, "{given} {taken}");
    // A plate cannot cool the primary below what the secondary brings.
    assert!(warming.outlet_temperature_c > station.inlet_temperature_c);
    assert!(warming.mass_flow_kg_s < 8e6 / (HEAT_CAPACITY_J_KGK * 60.0));
    let plant = solution.source(network.link_id("plant").unwrap()).unwrap();
    assert!(plant.heat_w > taken && solution.report.energy_imbalance_w < 1.0, "{:?}", solution.report);
    assert!(!codes(&solution).contains(&Code::ConsumerShort), "{:?}", solution.findings);
    assert!(solution.consumer(network.link_id("warming").unwrap()).unwrap().satisfied);
}

#[test]
fn an_isolation_station_gives_what_its_primary_may_take() {
    let network = two_zones(8e6, 4e6);
    let solution = thermal(&network);
    assert!(solution.converged, "{:?}", solution.findings);
    let station = *solution.link(network.link_id("station").unwrap()).unwrap();
    assert!(station.outlet_temperature_c < 74.0, "{station:?}");
    let primary = solution.link(network.link_id("warming").unwrap()).unwrap().mass_flow_kg_s;
    // 4 MW from 130 to 55 °C are the most.
    assert!((primary / (4e6 / (HEAT_CAPACITY_J_KGK * 75.0)) - 1.0).abs() < 0.1, "{primary}");
}

/// A pressureless store holds the level of its zone: its water stands 12 m above the return.
#[test]
fn an_open_store_is_the_reference_of_its_zone() {
    let mut network = Network::new();
    network.set_settings(settings());
    nodes(&mut network, &["S0", "S1", "R1"]);
    let tank = Boundary::Tank {
        level_m: 12.0,
        minimum_level_m: 2.0,
        maximum_level_m: 15.0,
        diameter_m: 20.0,
        temperature_c: 50.0,
    };
    network.insert_node("R0", Node { side: Side::Return, boundary: Some(Box::new(tank)), ..Node::default() }).unwrap();
    let rise = SourceControl::PressureRise { pressure_rise_pa: 200e3 };
    network.insert_link_between("H", "R0", "S0", Source { control: rise, ..Source::default() }).unwrap();
    network.insert_link_between("PS", "S0", "S1", pipe(100.0, 0.1)).unwrap();
    network.insert_link_between("PR", "R1", "R0", pipe(100.0, 0.1)).unwrap();
    network.insert_link_between("C", "S1", "R1", consumer(5.0)).unwrap();
    let solution = solve(&network);
    assert_sound(&solution);
    let level_pa = crate::hydraulic_zoo::DENSITY_KG_M3 * 9.81 * 12.0;
    assert!((pressure(&network, &solution, "R0") - level_pa).abs() < 1e-6);
    assert!((flow(&network, &solution, "H") - 5.0).abs() < 1e-9);
}

fn fights(network: &Network) -> Vec<Finding> {
    validate(network).into_iter().filter(|finding| finding.code == Code::SetValuesFight).collect()
}

#[test]
fn set_values_that_fight_are_named_before_the_solve() {
    let build = || {
        let mut network = crate::hydraulic_zoo::ladder(2, 300_000.0, 2.0);
        nodes(&mut network, &["Sx", "Sy"]);
        network
    };
    let held = |kind, set_pa| Valve { kind, set_pressure_pa: Some(set_pa), kv_m3_h: Some(50.0), ..Valve::default() };
    // Behind one valve at most 400 kPa, before the next at least 450.
    let mut network = build();
    network.insert_link_between("V1", "S2", "Sx", held(ValveKind::PressureReducing, 400e3)).unwrap();
    network.insert_link_between("V2", "Sx", "Sy", held(ValveKind::PressureSustaining, 450e3)).unwrap();
    let found = fights(&network);
    assert_eq!(found.len(), 1);
    assert_eq!((&*found[0].element.id, &*found[0].others[0].id), ("V2", "V1"));
    // The other way round they agree; so do two limits.
    let mut network = build();
    network.insert_link_between("V1", "S2", "Sx", held(ValveKind::PressureReducing, 450e3)).unwrap();
    network.insert_link_between("V2", "Sx", "Sy", held(ValveKind::PressureSustaining, 400e3)).unwrap();
    network.insert_link_between("V3", "S1", "Sx", held(ValveKind::PressureReducing, 420e3)).unwrap();
    assert_eq!(fights(&network), []);
    // Two sources that hold one supply pressure, and a pump against a valve about one difference.
    let mut network = build();
    for (id, supply_pressure_pa) in [("H1", 600e3), ("H2", 650e3)] {
        let control = SourceControl::SupplyPressure { supply_pressure_pa };
        network.insert_link_between(id, "R1", "S1", Source { control, ..Source::default() }).unwrap();
    }
    let point = PumpPoint { flow_m3_h: 20.0, head_m: 20.0, efficiency: None };
    let sensing_nodes = || ["S2".into(), "R2".into()];
    let control = PumpControl::DifferentialPressure { set_pressure_pa: 150e3, sensing_nodes: sensing_nodes() };
    network.insert_link_between("U", "S1", "S2", Pump { curve: vec![point], control, ..Pump::default() }).unwrap();
    let valve = Valve { sensing_nodes: Some(sensing_nodes()), ..held(ValveKind::DifferentialPressure, 100e3) };
    network.insert_link_between("V", "S1", "S2", valve).unwrap();
    let mut named: Vec<String> =
        fights(&network).iter().map(|finding| format!("{} {}", finding.element.id, finding.others[0].id)).collect();
    named.sort();
    assert_eq!(named, ["H2 H1", "V U"]);
}
