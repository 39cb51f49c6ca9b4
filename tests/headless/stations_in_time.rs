//! Substations with their buildings in a network: what is recorded of them, and that the cause told is the cause made.

use hypocaust::network::thermal::Served;
use hypocaust::network::{
    Building, Connection, Consumer, Demand, Heating, Network, Node, Pipe, Secondary, Settings, Side, Source,
};
use hypocaust::physics::weather::Weather;
use hypocaust::simulation::{Cause, FixedSupply, Options, Recorder, Simulation, StationInstant, equip};
use hypocaust::text::Language;

const DESIGN_C: f64 = -20.0;

fn weather(temperature_c: f64) -> Weather {
    Weather { temperature_c, wind_m_s: 0.0, solar_w_m2: 0.0 }
}

/// One source of 110 °C, a pipe a side, one consumer.
pub fn network(consumer: Consumer, houses: &[Building]) -> Network {
    network_of(Source::default(), consumer, houses)
}

pub fn network_of(source: Source, consumer: Consumer, houses: &[Building]) -> Network {
    let mut network = Network::new();
    network.set_settings(Settings {
        design_outdoor_temperature_c: Some(DESIGN_C),
        outdoor_temperature_c: DESIGN_C,
        ..Settings::default()
    });
    for (id, side, x_m) in
        [("S0", Side::Supply, 0.0), ("S1", Side::Supply, 100.0), ("R0", Side::Return, 0.0), ("R1", Side::Return, 100.0)]
    {
        network.insert_node(id, Node { side, x_m, ..Node::default() }).unwrap();
    }
    let pipe = || Pipe { length_m: 100.0, inner_diameter_m: 0.1, outer_diameter_m: 0.108, ..Pipe::default() };
    network.insert_link_between("PS", "S0", "S1", pipe()).unwrap();
    network.insert_link_between("PR", "R1", "R0", pipe()).unwrap();
    network.insert_link_between("H", "R0", "S0", source).unwrap();
    network.insert_link_between("C", "S1", "R1", consumer).unwrap();
    for (i, house) in houses.iter().enumerate() {
        let house = Building { consumer: Some("C".into()), ..house.clone() };
        network.insert_building(format!("B{i}"), house).unwrap();
    }
    network
}

pub fn megawatt() -> Consumer {
    Consumer { demand: Demand::Heat { heat_w: 1e6 }, ..Consumer::default() }
}

pub fn house() -> Building {
    Building { heated_area_m2: Some(10_000.0), height_m: 18.0, year_built: Some(1985), ..Building::default() }
}

fn simulation(network: &Network) -> Simulation {
    let mut simulation = Simulation::new(network, Options { step_s: 300.0, ..Options::default() }).unwrap();
    assert_eq!(equip::consumers(network, &mut simulation, true, DESIGN_C), []);
    simulation
}

fn run(network: &Network, simulation: &mut Simulation, hours: f64, weather: Weather) -> StationInstant {
    for _ in 0..(hours * 12.0) as usize {
        assert!(simulation.step(network, weather).converged);
    }
    *simulation.consumers().next().unwrap().0.station().unwrap().instant()
}

#[test]
fn at_rest_a_station_of_nothing_but_its_heat_stays_at_its_design() {
    let network = network(megawatt(), &[]);
    let mut simulation = simulation(&network);
    let at = run(&network, &mut simulation, 48.0, weather(DESIGN_C));
    assert!((at.room_c - 18.0).abs() < 0.05, "{at:?}");
    assert!((at.secondary_supply_c - 75.0).abs() < 0.3 && (at.secondary_return_c - 47.0).abs() < 0.3, "{at:?}");
    assert!((at.heat_w / 1e6 - 1.0).abs() < 0.01 && (at.loss_w / 1e6 - 1.0).abs() < 0.01, "{at:?}");
    assert_eq!(at.cause, Cause::AsDesigned);
    // The network's return of 50 °C less 3 K: 1 MW at 75/47 is 8.53 kg/s; 2 bar, 0.65, 985 kg/m³.
    assert!((at.electricity_w - 8.530 * 2e5 / (985.0 * 0.65)).abs() < 5.0, "{at:?}");
    let used = simulation.consumers().next().unwrap().0.electricity_j();
    assert!((used / (48.0 * 3600.0 * at.electricity_w) - 1.0).abs() < 1e-3, "{used}");
}

#[test]
fn causes_follow_what_is_done_to_the_network() {
    let plain = network(megawatt(), &[]);
    let cooled = |change: &dyn Fn(&mut Simulation), outdoor_c: f64| {
        let mut simulation = simulation(&plain);
        change(&mut simulation);
        run(&plain, &mut simulation, 60.0, weather(outdoor_c))
    };
    let source = plain.link_id("H").unwrap();
    let cold = FixedSupply { supply_c: 60.0, capacity_w: f64::INFINITY };
    let at = cooled(&|simulation| drop(simulation.set_source(source, Box::new(cold))), DESIGN_C);
    assert_eq!(at.cause, Cause::SupplyTooCold, "{at:?}");
    assert!(at.why(Language::English).contains("primary water of 5"), "{}", at.why(Language::English));
    let at = cooled(&|_| {}, DESIGN_C - 12.0);
    assert_eq!(at.cause, Cause::ColderThanDesign, "{at:?}");
    // A control valve too narrow for the pressure: 4 bar across 2 m³/h per bar½ pass 4 m³/h, it wants 15.
    let narrow = network(Consumer { kv_open_m3_h: Some(2.0), ..megawatt() }, &[]);
    let at = run(&narrow, &mut simulation(&narrow), 60.0, weather(DESIGN_C));
    assert_eq!(at.cause, Cause::FlowShort, "{at:?}");
    assert!(at.primary_flow_kg_s < 0.5 * at.wanted_flow_kg_s && at.available_pressure_pa > 1e5, "{at:?}");
    let shut = network(Consumer { shut: true, ..megawatt() }, &[]);
    let at = run(&shut, &mut simulation(&shut), 40.0, weather(DESIGN_C));
    assert_eq!(at.cause, Cause::Shut, "{at:?}");
    // 100 h time constant: e^(−0.4) of 38 K are left.
    assert!((at.room_c - (DESIGN_C + 38.0 * (-0.4_f64).exp())).abs() < 0.6, "{at:?}");
    let side = Secondary { hour_shift_k: vec![-20.0; 24], ..Secondary::default() };
    let lowered = network(Consumer { secondary: Some(Box::new(side)), ..megawatt() }, &[]);
    let at = run(&lowered, &mut simulation(&lowered), 60.0, weather(DESIGN_C));
    assert_eq!(at.cause, Cause::CurveAsksLess, "{at:?}");
}

#[test]
fn buildings_keep_their_own_masses_gains_and_valves() {
    let light = Building { time_constant_s: Some(40.0 * 3600.0), ..house() };
    let heavy = Building { time_constant_s: Some(200.0 * 3600.0), ..house() };
    let gains = Heating { internal_gain_w_m2: 5.0, ..Heating::default() };
    let full = Building { heating: Some(Box::new(gains)), ..house() };
    let valve = Heating { internal_gain_w_m2: 5.0, thermostat_temperature_c: Some(18.0), ..Heating::default() };
    let throttled = Building { heating: Some(Box::new(valve)), ..house() };
    let network = network(megawatt(), &[light, heavy, full, throttled]);
    assert_eq!(Served::new(&network).building_ids("C").collect::<Vec<_>>(), ["B0", "B1", "B2", "B3"]);
    let mut simulation = simulation(&network);
    let mut recorder = Recorder::new(3600.0, f64::INFINITY, 1 << 24);
    recorder.observe(&simulation);
    let link = network.link_id("H").unwrap();
    let row = simulation.consumer_row(network.link_id("C").unwrap()).unwrap();
    let cold = FixedSupply { supply_c: 45.0, capacity_w: f64::INFINITY };
    for hour in 0..60 {
        if hour == 48 {
            simulation.set_source(link, Box::new(cold)).unwrap();
        }
        for _ in 0..12 {
            assert!(simulation.step(&network, weather(DESIGN_C)).converged);
        }
        recorder.observe(&simulation);
    }
    let warm = recorder.buildings(row, 48.0 * 3600.0);
    let after = recorder.buildings(row, 60.0 * 3600.0);
    assert_eq!(warm.len(), 4);
    // Gains of 5 W/m² scaled like the losses warm the open house and make the valve close on the other.
    assert!(warm[2].room_c > warm[0].room_c + 0.5 && warm[2].gain_w > 0.0, "{warm:?}");
    assert!(warm[3].room_c < warm[2].room_c - 0.4 && warm[3].heat_w < warm[2].heat_w, "{warm:?}");
    // Without warmth the light one cools first.
    assert!(warm[0].room_c - after[0].room_c > 2.5 * (warm[1].room_c - after[1].room_c), "{warm:?} {after:?}");
    let station = recorder.station(row, 60.0 * 3600.0).unwrap();
    assert!((station.room_c - after.iter().map(|b| b.room_c).fold(f64::NAN, f64::min)).abs() < 1e-5);
    assert!((station.heat_w / after.iter().map(|b| b.heat_w).sum::<f64>() - 1.0).abs() < 1e-5);
    assert!(station.internal_w > 0.0 && station.solar_w.abs() < 1.0, "{station:?}");
    // What the network gave is what the rooms and the water got, a day long.
    let total = simulation.total();
    assert!(total.imbalance_j().abs() <= 1e-6 * total.consumed_j);
}

#[test]
fn every_connection_runs_from_the_file_and_heats_its_rooms() {
    for (connection, return_c) in [
        (Connection::Indirect, 50.0),
        (Connection::BuildingExchanger, 50.0),
        (Connection::AbsorptionExchanger, 25.0),
        (Connection::BoosterHeatPump, 25.0),
        (Connection::MixingBypassPump, 50.0),
        (Connection::MixingSupplyPump, 50.0),
        (Connection::MixingReturnPump, 50.0),
        (Connection::JetPump, 50.0),
        (Connection::Direct, 70.0),
    ] {
        let consumer = Consumer { connection, return_temperature_c: return_c, ..megawatt() };
        let network = network(consumer, &[house()]);
        let mut simulation = simulation(&network);
        let at = run(&network, &mut simulation, 36.0, weather(DESIGN_C));
        assert!((at.room_c - 18.0).abs() < 0.5, "{connection:?}: {at:?}");
        let below = at.primary_return_c < at.secondary_return_c - 5.0;
        let deep = matches!(connection, Connection::AbsorptionExchanger | Connection::BoosterHeatPump);
        assert_eq!(below, deep, "{connection:?}: {at:?}");
        let total = simulation.total();
        assert!(total.imbalance_j().abs() <= 1e-6 * total.consumed_j, "{connection:?}");
    }
    // An electric boiler behind the plate makes up for a cold primary, and its power is counted.
    let side =
        |booster_heat_w| Secondary { booster_heat_w, primary_supply_temperature_c: 110.0, ..Secondary::default() };
    let cold = FixedSupply { supply_c: 65.0, capacity_w: f64::INFINITY };
    let [without, with] = [0.0, 5e5].map(|watts| {
        let network = network(Consumer { secondary: Some(Box::new(side(watts))), ..megawatt() }, &[house()]);
        let mut simulation = simulation(&network);
        simulation.set_source(network.link_id("H").unwrap(), Box::new(cold)).unwrap();
        run(&network, &mut simulation, 36.0, weather(DESIGN_C))
    });
    assert!(with.room_c > without.room_c + 1.0, "{with:?} {without:?}");
    assert!(with.electricity_w > without.electricity_w + 5e4, "{with:?} {without:?}");
}
