//! What the model says a tag reads: small networks whose answers are known by hand, and the demo city read as a whole.

use hypocaust::live::{Observed, Readings, Tag, reading};
use hypocaust::network::edit::Edit;
use hypocaust::network::{
    Boundary, Chamber, Consumer, Demand, ElementKind, ElementRef, Network, Node, Pump, PumpPoint, Sensor, Side, Source,
    SourceControl, Valve,
};
use hypocaust::solver::{Options, Solution, Solver};
use hypocaust::units::Quantity;

use crate::hydraulic_zoo::{DENSITY_KG_M3, consumer, ladder, nodes, pipe, settings};

fn tag(kind: ElementKind, id: &str, observed: Observed, quantity: Quantity) -> Tag {
    let element = Some(ElementRef::new(kind, id));
    Tag { element, period_ms: 1000, ..Tag::new(format!("{id}.{observed:?}"), observed, quantity) }
}

fn thermal(network: &Network) -> Solution {
    let solution = Solver::new().solve(network, &Options::default());
    assert!(solution.converged, "{:?}", solution.findings);
    solution
}

/// Two stations of 2 kg/s behind each other; the source holds 300 kPa in the return and lifts by 300 kPa.
fn two_stations() -> (Network, Solution) {
    let network = ladder(2, 300_000.0, 2.0);
    let solution = thermal(&network);
    (network, solution)
}

#[test]
fn a_source_reads_what_it_holds_and_what_its_consumers_draw() {
    let (network, solution) = two_stations();
    let read = |observed, quantity| reading(&network, &solution, &tag(ElementKind::Source, "H", observed, quantity));
    let near = |value: Option<f64>, wanted: f64, by: f64| {
        let value = value.unwrap();
        assert!((value - wanted).abs() <= by, "{value} instead of {wanted}");
    };
    near(read(Observed::SupplyPressure, Quantity::Pressure), 600_000.0, 1e-6);
    near(read(Observed::ReturnPressure, Quantity::Pressure), 300_000.0, 1e-6);
    near(read(Observed::PressureDifference, Quantity::PressureDifference), 300_000.0, 1e-6);
    near(read(Observed::MakeUpPressure, Quantity::Pressure), 300_000.0, 0.0);
    near(read(Observed::MassFlow, Quantity::MassFlow), 4.0, 1e-9);
    near(read(Observed::VolumeFlow, Quantity::VolumeFlow), 4.0 * 3600.0 / DENSITY_KG_M3, 1e-9);
    near(read(Observed::SupplyTemperature, Quantity::Temperature), 110.0, 1e-9);
    near(read(Observed::SupplyTemperatureSetting, Quantity::Temperature), 110.0, 0.0);
    near(read(Observed::Running, Quantity::Number), 1.0, 0.0);
    near(read(Observed::MakeUpFlow, Quantity::VolumeFlow), 0.0, 1e-6);
    let heat = solution.sources[0].heat_w;
    near(read(Observed::Heat, Quantity::Heat), heat, 0.0);
    let spread = read(Observed::TemperatureDifference, Quantity::TemperatureDifference).unwrap();
    near(Some(4.0 * 4190.2 * spread), heat, 1e-3);
    // It has no pump, no room and no counter.
    for observed in [Observed::Speed, Observed::Power, Observed::RoomTemperature, Observed::Energy, Observed::Opening] {
        assert_eq!(read(observed, Quantity::Number), None, "{observed:?}");
    }
}

#[test]
fn stations_nodes_and_lines_read_their_own_ends() {
    let (network, solution) = two_stations();
    let read = |kind, id: &str, observed| reading(&network, &solution, &tag(kind, id, observed, Quantity::Number));
    let node = |id: &str| solution.node(network.node_id(id).unwrap()).unwrap().pressure_pa;
    let station = |observed| read(ElementKind::Consumer, "C2", observed);
    assert_eq!(station(Observed::SupplyPressure), Some(node("S2")));
    assert_eq!(station(Observed::ReturnPressure), Some(node("R2")));
    assert_eq!(station(Observed::PressureDifference), Some(node("S2") - node("R2")));
    assert!((station(Observed::ReturnTemperature).unwrap() - 50.0).abs() < 1e-9);
    assert!((station(Observed::MassFlow).unwrap() - 2.0).abs() < 1e-9);
    assert_eq!(read(ElementKind::Node, "S1", Observed::Pressure), Some(node("S1")));
    assert_eq!(read(ElementKind::Node, "S1", Observed::SupplyPressure), Some(node("S1")));
    assert_eq!(read(ElementKind::Node, "S1", Observed::ReturnPressure), None);
    let loss = read(ElementKind::Pipe, "PS1", Observed::PressureDifference).unwrap();
    assert_eq!(loss, node("S0") - node("S1"));
    // A pipe that is drawn against its flow is warm at its start all the same.
    let start = read(ElementKind::Pipe, "PR1", Observed::Temperature).unwrap();
    let link = solution.link(network.link_id("PR1").unwrap()).unwrap();
    assert_eq!(start, if link.mass_flow_kg_s < 0.0 { link.outlet_temperature_c } else { link.inlet_temperature_c });
    // Another kind of element of that name is not meant.
    assert_eq!(read(ElementKind::Valve, "PS1", Observed::PressureDifference), None);
    assert_eq!(read(ElementKind::Node, "nowhere", Observed::Pressure), None);
}

#[test]
fn a_leak_is_read_as_make_up_and_a_valve_as_its_opening() {
    let mut network = ladder(2, 300_000.0, 2.0);
    nodes(&mut network, &["Sv", "Rv"]);
    network.insert_link_between("V", "S2", "Sv", Valve { opening: 0.4, ..Valve::default() }).unwrap();
    network.insert_link_between("PRv", "R2", "Rv", pipe(10.0, 0.1)).unwrap();
    network.insert_link_between("CV", "Sv", "Rv", consumer(1.0)).unwrap();
    let hole = serde_json::json!([{ "position": 0.5, "hole_area_m2": 2e-4 }]);
    Edit::set(ElementRef::new(ElementKind::Pipe, "PS1"), "leaks", hole).apply(&mut network).unwrap();
    let solution = thermal(&network);
    let lost = solution.leaks[0].mass_flow_kg_s;
    assert!(lost > 2.0);
    let read = |kind, id: &str, observed, quantity| reading(&network, &solution, &tag(kind, id, observed, quantity));
    let made_up = read(ElementKind::Source, "H", Observed::MakeUpFlow, Quantity::MassFlow).unwrap();
    assert!((made_up - lost).abs() < 1e-6, "{made_up} instead of {lost}");
    let volume = read(ElementKind::Source, "H", Observed::MakeUpFlow, Quantity::VolumeFlow).unwrap();
    assert!((volume - 3600.0 * lost / DENSITY_KG_M3).abs() < 1e-5);
    // The node before the leak gets nothing from outside.
    let inner = read(ElementKind::Node, "S1", Observed::MakeUpFlow, Quantity::MassFlow).unwrap();
    assert!(inner.abs() < 1e-6, "{inner}");
    assert_eq!(read(ElementKind::Valve, "V", Observed::Opening, Quantity::Share), Some(0.4));
}

#[test]
fn a_station_throttled_to_half_its_kv_reads_half_open_and_a_shut_one_closed() {
    let mut network = ladder(1, 300_000.0, 2.0);
    let read = |network: &Network, observed| {
        reading(network, &thermal(network), &tag(ElementKind::Consumer, "C1", observed, Quantity::Share))
    };
    assert_eq!(read(&network, Observed::Opening), None);
    let available = read(&network, Observed::PressureDifference).unwrap();
    // Kv of the flow at this pressure: m³/h · √(ρ/1000 / bar).
    let kv = 2.0 * 3600.0 / DENSITY_KG_M3 * (DENSITY_KG_M3 / 1000.0 / (available / 1e5)).sqrt();
    let set = |network: &mut Network, field: &str, value: serde_json::Value| {
        Edit::set(ElementRef::new(ElementKind::Consumer, "C1"), field, value).apply(network).unwrap();
    };
    set(&mut network, "kv_open_m3_h", (2.0 * kv).into());
    assert!((read(&network, Observed::Opening).unwrap() - 0.5).abs() < 1e-6);
    set(&mut network, "shut", true.into());
    assert_eq!(read(&network, Observed::Opening), Some(0.0));
    assert_eq!(read(&network, Observed::Running), Some(0.0));
    assert_eq!(read(&network, Observed::MassFlow), Some(0.0));
    // Where nothing flows the pipe's end stands for the station.
    assert!(read(&network, Observed::SupplyTemperature).is_some());
}

#[test]
fn pumps_read_speed_and_power_and_nought_when_they_stand() {
    let mut network = Network::new();
    network.set_settings(settings());
    nodes(&mut network, &["S0", "R0", "S1", "R1"]);
    let curve = vec![PumpPoint { flow_m3_h: 10.0, head_m: 30.0, efficiency: Some(0.7) }];
    let pumps = Pump { curve, speed: 0.9, motor_efficiency: Some(0.9), ..Pump::default() };
    let control = SourceControl::Speed { return_pressure_pa: Some(250_000.0) };
    let source = Source { control, pumps: Some(Box::new(pumps)), ..Source::default() };
    network.insert_link_between("H", "R0", "S0", source).unwrap();
    network.insert_link_between("PS", "S0", "S1", pipe(100.0, 0.1)).unwrap();
    network.insert_link_between("PR", "R1", "R0", pipe(100.0, 0.1)).unwrap();
    let asks = Consumer { demand: Demand::MassFlow { mass_flow_kg_s: 2.0 }, ..Consumer::default() };
    network.insert_link_between("C", "S1", "R1", asks).unwrap();
    let solution = thermal(&network);
    let read = |network: &Network, solution: &Solution, observed| {
        reading(network, solution, &tag(ElementKind::Source, "H", observed, Quantity::Number))
    };
    assert_eq!(read(&network, &solution, Observed::Speed), Some(0.9));
    assert_eq!(read(&network, &solution, Observed::MakeUpPressure), Some(250_000.0));
    let power = read(&network, &solution, Observed::Power).unwrap();
    assert_eq!(power, solution.pumps[0].electric_power_w);
    assert!(power > 100.0);
    let stop = Edit::set(ElementRef::new(ElementKind::Source, "H"), "pumps.running", false);
    stop.apply(&mut network).unwrap();
    assert_eq!(read(&network, &solution, Observed::Speed), Some(0.0));
    assert_eq!(read(&network, &solution, Observed::Power), Some(0.0));
}

#[test]
fn chambers_tanks_sensors_and_weather() {
    let mut network = ladder(1, 300_000.0, 2.0);
    network.insert_chamber("J1", Chamber::default()).unwrap();
    let valve = Valve { opening: 1.0, ..Valve::default() };
    let place = |side| Node { side, chamber: Some("J1".into()), ..Node::default() };
    network.insert_node("Sj", place(Side::Supply)).unwrap();
    network.insert_node("Rj", place(Side::Return)).unwrap();
    network.insert_link_between("VS", "S1", "Sj", valve.clone()).unwrap();
    network.insert_link_between("VR", "Rj", "R1", valve).unwrap();
    network.insert_link_between("Cj", "Sj", "Rj", consumer(1.0)).unwrap();
    let sensor = Sensor {
        name: String::new(),
        element: ElementRef::new(ElementKind::Node, "Sj"),
        quantity: Quantity::Pressure,
        tag: String::new(),
        deviation_si: None,
        attributes: Default::default(),
    };
    network.insert_sensor("PT1", sensor).unwrap();
    let tank = Boundary::Tank {
        level_m: 3.5,
        minimum_level_m: 0.0,
        maximum_level_m: 8.0,
        diameter_m: 5.0,
        temperature_c: 10.0,
    };
    let high = Node { z_m: 60.0, boundary: Some(Box::new(tank)), ..Node::default() };
    let mut cistern = Network::new();
    cistern.insert_node("T", high).unwrap();
    let solution = thermal(&network);
    let read = |kind, id: &str, observed| reading(&network, &solution, &tag(kind, id, observed, Quantity::Number));
    let node = |id: &str| solution.node(network.node_id(id).unwrap()).unwrap().pressure_pa;
    assert_eq!(read(ElementKind::Chamber, "J1", Observed::SupplyPressure), Some(node("Sj")));
    assert_eq!(read(ElementKind::Chamber, "J1", Observed::PressureDifference), Some(node("Sj") - node("Rj")));
    assert_eq!(read(ElementKind::Sensor, "PT1", Observed::Pressure), Some(node("Sj")));
    let mut weather = tag(ElementKind::Network, "", Observed::OutdoorTemperature, Quantity::Temperature);
    weather.element = None;
    assert_eq!(reading(&network, &solution, &weather), Some(-10.0));
    let level = tag(ElementKind::Node, "T", Observed::Level, Quantity::Length);
    assert_eq!(reading(&cistern, &Solution::unsolved(&cistern, Vec::new()), &level), Some(3.5));
    // A network without an answer has no pressures; what its data say stays.
    let nothing = Solution::unsolved(&network, Vec::new());
    assert_eq!(
        reading(&network, &nothing, &tag(ElementKind::Node, "S1", Observed::Pressure, Quantity::Pressure)),
        None
    );
}

#[test]
fn many_at_once_are_the_same_numbers_and_removals_are_noticed() {
    let mut network = hypocaust::network::generate::demo_city();
    let solution = thermal(&network);
    let tags: Vec<Tag> = network
        .sensors()
        .iter()
        .map(|(id, sensor)| {
            let observed = match sensor.quantity {
                Quantity::Pressure => Observed::Pressure,
                Quantity::Temperature => Observed::Temperature,
                Quantity::MassFlow => Observed::MassFlow,
                _ => Observed::Heat,
            };
            Tag { name: id.clone(), ..tag(sensor.element.kind, &sensor.element.id, observed, sensor.quantity) }
        })
        .collect();
    assert_eq!(tags.len(), 336);
    let readings = Readings::new(&network, &tags);
    let mut values = vec![0.0; tags.len()];
    readings.read_into(&network, &solution, &mut values);
    for (tag, &value) in tags.iter().zip(&values) {
        assert_eq!(reading(&network, &solution, tag), Some(value), "{}", tag.name);
    }
    // Every station's water goes back as its consumer's data say, and all of it comes from the two plants.
    let flow = |ids: fn(&Tag) -> bool| -> f64 {
        tags.iter().zip(&values).filter(|(t, _)| t.observed == Observed::MassFlow && ids(t)).map(|(_, v)| v).sum()
    };
    let (made, drawn) = (flow(|t| t.name.starts_with("HS")), flow(|t| t.name.starts_with("ST")));
    assert!((made - drawn).abs() < 0.01 * made, "{made} {drawn}");
    assert!(!readings.is_outdated(&network));
    Edit::Remove { element: ElementRef::new(ElementKind::Consumer, "ST001") }.apply(&mut network).unwrap();
    assert!(readings.is_outdated(&network));
}
