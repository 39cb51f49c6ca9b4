//! Stations with pumps and mixing, turbines, sources with circulation pumps and heat stores: figures by hand.

use hypocaust::network::edit::Edit;
use hypocaust::network::{
    Code, Connection, Consumer, Demand, ElementKind, ElementRef, HeatStore, Network, Pump, PumpPoint, Source,
    SourceControl, SourceKind, Station, Valve, ValveKind,
};
use hypocaust::solver::{Options, Solution, Solver};

use crate::hydraulic_reference::solve;
use crate::hydraulic_zoo::{
    DENSITY_KG_M3, assert_sound, codes, flow, ladder, nodes, pipe, pressure, reference, settings,
};

const WEIGHT_N_M3: f64 = DENSITY_KG_M3 * 9.81;

/// 40 m at rest, 30 m at 100 m³/h.
fn pump() -> Pump {
    let point = |flow_m3_h, head_m, efficiency| PumpPoint { flow_m3_h, head_m, efficiency: Some(efficiency) };
    Pump { curve: vec![point(0.0, 40.0, 0.5), point(100.0, 30.0, 0.8)], ..Pump::default() }
}

fn head_m(flow_m3_h: f64) -> f64 {
    40.0 - 0.1 * flow_m3_h
}

/// kg/s of m³/h.
fn kg_s(flow_m3_h: f64) -> f64 {
    flow_m3_h / 3600.0 * DENSITY_KG_M3
}

/// A station straight at a source that holds this rise.
fn station(connection: Connection, station: Station, rise_pa: f64, flow_m3_h: f64) -> Network {
    let mut network = Network::new();
    network.set_settings(settings());
    nodes(&mut network, &["S0", "R0"]);
    network.insert_link_between("H", "R0", "S0", reference(rise_pa)).unwrap();
    let consumer = Consumer {
        demand: Demand::MassFlow { mass_flow_kg_s: kg_s(flow_m3_h) },
        connection,
        // 1 bar at 50 m³/h.
        kv_open_m3_h: Some(50.0 * (DENSITY_KG_M3 / 1000.0_f64).sqrt()),
        station: Some(Box::new(station)),
        ..Consumer::default()
    };
    network.insert_link_between("C", "S0", "R0", consumer).unwrap();
    network
}

fn pump_state(network: &Network, solution: &Solution, id: &str) -> hypocaust::solver::PumpState {
    *solution.pump(network.link_id(id).unwrap()).unwrap()
}

#[test]
fn a_distributed_pump_gives_what_the_network_lacks() {
    let with_pump = Station { pump: Some(pump()), ..Station::default() };
    // 50 m³/h need 100 kPa in the open valve; 40 kPa are there.
    let network = station(Connection::Indirect, with_pump.clone(), 40e3, 50.0);
    let solution = solve(&network);
    assert_sound(&solution);
    assert!((flow(&network, &solution, "C") - kg_s(50.0)).abs() < 1e-9);
    let duty = pump_state(&network, &solution, "C");
    assert!((duty.head_m - 60e3 / WEIGHT_N_M3).abs() < 1e-6, "{duty:?}");
    // s²·40 − s·0.1·50 = 6.255 m.
    let speed = (5.0 + (25.0 + 160.0 * duty.head_m).sqrt()) / 80.0;
    assert!((duty.speed - speed).abs() < 1e-5);
    // Even against the network (−50 kPa) it delivers.
    let network = station(Connection::Indirect, with_pump.clone(), -50e3, 50.0);
    let solution = solve(&network);
    assert_sound(&solution);
    assert!((flow(&network, &solution, "C") - kg_s(50.0)).abs() < 1e-9);
    assert!(!codes(&solution).contains(&Code::NegativeAvailablePressure), "{:?}", solution.findings);
    // Too much for it: valve and curve meet where 10⁵ (q/50)² = ρ g (40 − 0.1 q) − 150 kPa.
    let network = station(Connection::Indirect, with_pump.clone(), -150e3, 100.0);
    let solution = solve(&network);
    assert_sound(&solution);
    let q = flow(&network, &solution, "C") / DENSITY_KG_M3 * 3600.0;
    let missing = 1e5 * (q / 50.0).powi(2) - (WEIGHT_N_M3 * head_m(q) - 150e3);
    assert!(q > 1.0 && q < 100.0 && missing.abs() < 1.0, "{q} {missing}");
    assert!(codes(&solution).contains(&Code::ConsumerShort));
    // With pressure enough it stands.
    let network = station(Connection::Indirect, with_pump, 200e3, 50.0);
    let duty = pump_state(&network, &solve(&network), "C");
    assert_eq!((duty.speed, duty.head_m, duty.shaft_power_w), (0.0, 0.0, 0.0));
}

#[test]
fn pumps_in_a_branch_of_the_network_help_all_behind_them() {
    // All four need 277 kPa, the first two 231.
    let mut network = ladder(4, 240_000.0, 3.0);
    let short = solve(&network);
    assert!(codes(&short).contains(&Code::ConsumerShort) || codes(&short).contains(&Code::DemandUnserved));
    // The pump stands between S2 and the rest: cut the pipe there and put it in.
    let pipe_ref = ElementRef::new(ElementKind::Pipe, "PS3");
    Edit::Remove { element: pipe_ref }.apply(&mut network).unwrap();
    nodes(&mut network, &["Sp"]);
    network.insert_link_between("branch", "S2", "Sp", pump()).unwrap();
    network.insert_link_between("PS3", "Sp", "S3", pipe(200.0, 0.1)).unwrap();
    let solution = solve(&network);
    assert_sound(&solution);
    for at in 1..=4 {
        assert!((flow(&network, &solution, &format!("C{at}")) - 3.0).abs() < 1e-6, "{:?}", solution.findings);
    }
    assert!((flow(&network, &solution, "branch") - 6.0).abs() < 1e-6);
}

/// Circuit of the house: 50 kPa at 150 m³/h, what 50 m³/h of primary water make at u = 2.
fn house(pump: Option<Pump>) -> Station {
    Station { mixing_ratio: 2.0, circuit_drop_pa: 50e3, circuit_flow_kg_s: kg_s(150.0), pump }
}

/// 12 m at 150 m³/h and enough beyond.
fn house_pump() -> Pump {
    let point = |flow_m3_h, head_m| PumpPoint { flow_m3_h, head_m, efficiency: Some(0.75) };
    Pump { curve: vec![point(0.0, 18.0), point(150.0, 12.0), point(200.0, 10.0), point(250.0, 4.0)], ..Pump::default() }
}

#[test]
fn a_pump_in_the_bypass_drives_its_circuit_only() {
    // Valve 100 kPa and circuit 50 kPa: 150 kPa are just enough.
    for (rise_pa, served) in [(151e3, true), (149e3, false)] {
        let network = station(Connection::MixingBypassPump, house(Some(house_pump())), rise_pa, 50.0);
        let solution = solve(&network);
        assert_sound(&solution);
        let share = flow(&network, &solution, "C") / kg_s(50.0);
        assert_eq!((share - 1.0).abs() < 1e-9, served, "{rise_pa} {share}");
        // 150 kPa go with the square of the flow.
        assert!(served || (share - (rise_pa / 150e3).sqrt()).abs() < 1e-6);
        let duty = pump_state(&network, &solution, "C");
        assert!((duty.flow_m3_h - 100.0 * share).abs() < 1e-4, "{duty:?}");
        assert!((duty.head_m - 50e3 * share * share / WEIGHT_N_M3).abs() < 1e-4);
    }
    // A pump that cannot lift the circuit's loss is named.
    let weak = Pump { speed: 0.5, ..house_pump() };
    let network = station(Connection::MixingBypassPump, house(Some(weak)), 200e3, 50.0);
    let solution = solve(&network);
    assert!(codes(&solution).contains(&Code::PumpAtFullSpeed), "{:?}", solution.findings);
}

#[test]
fn pumps_in_supply_and_return_boost_the_primary_as_well() {
    for connection in [Connection::MixingSupplyPump, Connection::MixingReturnPump] {
        // The pump drives the circuit; the primary only has to pass its valve.
        let network = station(connection, house(Some(house_pump())), 101e3, 50.0);
        let solution = solve(&network);
        assert_sound(&solution);
        assert!((flow(&network, &solution, "C") - kg_s(50.0)).abs() < 1e-9);
        let duty = pump_state(&network, &solution, "C");
        assert!((duty.flow_m3_h - 150.0).abs() < 1e-4 && (duty.head_m - 50e3 / WEIGHT_N_M3).abs() < 1e-6, "{duty:?}");
        // 60 kPa: the pump pulls the missing 40 kPa too.
        let network = station(connection, house(Some(house_pump())), 60e3, 50.0);
        let solution = solve(&network);
        assert_sound(&solution);
        assert!((flow(&network, &solution, "C") - kg_s(50.0)).abs() < 1e-9);
        assert!((pump_state(&network, &solution, "C").head_m - 90e3 / WEIGHT_N_M3).abs() < 1e-6);
        // 12 m at 150 m³/h are 115 kPa, 65 of them for the primary: 30 kPa are too few.
        let network = station(connection, house(Some(house_pump())), 30e3, 50.0);
        let solution = solve(&network);
        assert_sound(&solution);
        let q = flow(&network, &solution, "C") / DENSITY_KG_M3 * 3600.0;
        let head = 18.0 - 6.0 * 3.0 * q / 150.0;
        let missing = 150e3 * (q / 50.0).powi(2) - WEIGHT_N_M3 * head - 30e3;
        assert!(q < 50.0 && missing.abs() < 1.0, "{q} {missing}");
    }
}

#[test]
fn a_jet_pump_needs_the_textbook_pressure_and_mixes_the_textbook_temperature() {
    // 1.4·(1 + 2)²·50 kPa and 100 kPa in the valve.
    let needed = 1.4 * 9.0 * 50e3 + 100e3;
    for (rise_pa, share) in [(needed + 1.0, 1.0), (0.81 * needed, 0.9)] {
        let network = station(Connection::JetPump, house(None), rise_pa, 50.0);
        let solution = solve(&network);
        assert_sound(&solution);
        assert!((flow(&network, &solution, "C") / kg_s(50.0) - share).abs() < 1e-6, "{rise_pa}");
        let mixture = solution.station(network.link_id("C").unwrap()).unwrap();
        assert!((mixture.mixed_flow_kg_s - 3.0 * share * kg_s(50.0)).abs() < 1e-4);
        // 110 °C from the source, 50 °C back: (110 + 2·50)/3 = 70 °C.
        assert!((mixture.mixed_temperature_c - 70.0).abs() < 1e-9);
        assert!(solution.pumps.is_empty());
    }
}

#[test]
fn a_turbine_gives_power_and_holds_the_pressure_behind_it() {
    let line = |turbine: Valve, demand_kg_s: f64| {
        let mut network = ladder(1, 400_000.0, demand_kg_s);
        let pipe_ref = ElementRef::new(ElementKind::Pipe, "PS1");
        Edit::Remove { element: pipe_ref }.apply(&mut network).unwrap();
        network.insert_link_between("T", "S0", "S1", turbine).unwrap();
        network
    };
    let turbine = Valve { kind: ValveKind::Turbine, diameter_m: Some(0.15), efficiency: Some(0.7), ..Valve::default() };
    // 700 kPa before it, 500 behind: 10 kg/s give 0.7·200 kPa·10/ρ.
    let network = line(Valve { set_pressure_pa: Some(500e3), kv_m3_h: Some(200.0), ..turbine.clone() }, 10.0);
    let solution = solve(&network);
    assert_sound(&solution);
    let behind = pressure(&network, &solution, "S1");
    assert!((behind - 500e3).abs() < 0.1, "{behind} {:?}", solution.findings);
    let state = solution.turbine(network.link_id("T").unwrap()).unwrap();
    assert!((state.recovered_power_w - 0.7 * 200e3 * 10.0 / DENSITY_KG_M3).abs() < 0.1, "{state:?}");
    // By its curve: 10 m at 20 m³/h, 40 m at 40 m³/h; 30 m³/h lie at 25 m.
    let curve = Valve { loss_curve: vec![[20.0, 10.0], [40.0, 40.0]], ..turbine };
    let network = line(curve, kg_s(30.0));
    let solution = solve(&network);
    assert_sound(&solution);
    let state = solution.turbine(network.link_id("T").unwrap()).unwrap();
    assert!((state.head_m - 25.0).abs() < 1e-6 && (state.flow_m3_h - 30.0).abs() < 1e-6, "{state:?}");
}

fn source_ladder(source: Source, flow_kg_s: f64) -> Network {
    let mut network = Network::new();
    network.set_settings(settings());
    nodes(&mut network, &["S0", "R0", "S1", "R1"]);
    network.insert_link_between("H", "R0", "S0", source).unwrap();
    network.insert_link_between("PS", "S0", "S1", pipe(200.0, 0.15)).unwrap();
    network.insert_link_between("PR", "R1", "R0", pipe(200.0, 0.15)).unwrap();
    network.insert_link_between("C", "S1", "R1", crate::hydraulic_zoo::consumer(flow_kg_s)).unwrap();
    network
}

#[test]
fn a_source_turns_its_pumps_at_their_speed() {
    let control = SourceControl::Speed { return_pressure_pa: Some(250e3) };
    let source = Source { control, pumps: Some(Box::new(pump())), ..Source::default() };
    let network = source_ladder(source.clone(), kg_s(60.0));
    let solution = solve(&network);
    assert_sound(&solution);
    let rise = pressure(&network, &solution, "S0") - pressure(&network, &solution, "R0");
    assert!((rise - WEIGHT_N_M3 * head_m(60.0)).abs() < 0.1, "{rise}");
    assert_eq!(pressure(&network, &solution, "R0"), 250e3);
    let duty = pump_state(&network, &solution, "H");
    assert!((duty.efficiency - 0.68).abs() < 1e-6 && duty.speed == 1.0, "{duty:?}");
    // Stopped pumps convey nothing; the part has lost its reference.
    let stopped = Pump { running: false, ..pump() };
    let network = source_ladder(Source { pumps: Some(Box::new(stopped)), ..source.clone() }, kg_s(60.0));
    assert!(!solve(&network).converged);
    // A source that holds its rise says what its pumps do for it, and when they cannot.
    let held = |rise_pa| Source {
        control: SourceControl::Reference { return_pressure_pa: 250e3, pressure_rise_pa: rise_pa },
        ..source.clone()
    };
    let network = source_ladder(held(WEIGHT_N_M3 * 20.0), kg_s(60.0));
    let solution = solve(&network);
    let duty = pump_state(&network, &solution, "H");
    let speed = (6.0 + (36.0_f64 + 3200.0).sqrt()) / 80.0;
    assert!((duty.speed - speed).abs() < 1e-5 && !codes(&solution).contains(&Code::PumpAtFullSpeed), "{duty:?}");
    let network = source_ladder(held(WEIGHT_N_M3 * 50.0), kg_s(60.0));
    assert!(codes(&solve(&network)).contains(&Code::PumpAtFullSpeed));
}

#[test]
fn a_heat_store_charges_and_discharges() {
    let build = |flow_kg_s: f64| {
        let mut network = ladder(2, 300_000.0, 5.0);
        let store = Source {
            kind: SourceKind::HeatStore,
            control: SourceControl::MassFlow { mass_flow_kg_s: flow_kg_s },
            supply_temperature_c: 95.0,
            store: Some(Box::new(HeatStore { volume_m3: 800.0, lower_temperature_c: 45.0, charge_share: 0.5 })),
            ..Source::default()
        };
        network.insert_link_between("store", "R1", "S1", store).unwrap();
        network
    };
    for (stored_kg_s, from_plant_kg_s) in [(4.0, 6.0), (-4.0, 14.0)] {
        let network = build(stored_kg_s);
        assert!(hypocaust::network::validate::validate(&network).is_empty());
        let solution = Solver::new().solve(&network, &Options::default());
        assert!(solution.converged, "{:?}", solution.findings);
        assert!((flow(&network, &solution, "H") - from_plant_kg_s).abs() < 1e-9);
        assert!(!codes(&solution).contains(&Code::SourceReversed), "{:?}", solution.findings);
        let state = solution.source(network.link_id("store").unwrap()).unwrap();
        let supply = solution.node(network.node_id("S1").unwrap()).unwrap().temperature_c;
        let back = solution.node(network.node_id("R1").unwrap()).unwrap().temperature_c;
        let heat_w = if stored_kg_s > 0.0 { 4.0 * 4190.2 * (95.0 - back) } else { -4.0 * 4190.2 * (supply - 45.0) };
        assert!((state.heat_w - heat_w).abs() < 1.0, "{state:?} {heat_w}");
        assert!(solution.report.energy_imbalance_w < 1.0, "{:?}", solution.report);
    }
}
