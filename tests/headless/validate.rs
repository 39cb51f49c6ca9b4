//! Every code of validation has a network that provokes exactly it, and a healthy network provokes none.

use hypocaust::network::edit::Edit;
use hypocaust::network::validate::validate;
use hypocaust::network::{
    Boundary, Building, Chamber, Characteristic, Code, Consumer, Demand, ElementKind, ElementRef, Finding,
    FrictionModel, Link, Network, Node, Notes, Pipe, PipeState, PropertyPoint, Pump, PumpPoint, Scenario, Secondary,
    Sensor, Severity, Side, Source, SourceControl, Valve, ValveKind, WaterModel,
};
use hypocaust::units::Quantity;

fn node(side: Side, x_m: f64) -> Node {
    Node { side, x_m, ..Node::default() }
}

fn reference() -> Source {
    Source::default()
}

/// Source – 1 – 2 with a consumer each, supply and return, a sectioning valve between 1 and 2 on the supply.
fn healthy() -> Network {
    let mut network = Network::new();
    for i in 0..3 {
        let x_m = 100.0 * f64::from(i);
        network.insert_node(format!("S{i}"), node(Side::Supply, x_m)).unwrap();
        network.insert_node(format!("R{i}"), node(Side::Return, x_m)).unwrap();
    }
    network.insert_node("Sv", node(Side::Supply, 150.0)).unwrap();
    add(&mut network, "H", "R0", "S0", reference());
    add(&mut network, "PS1", "S0", "S1", Pipe::default());
    add(&mut network, "PR1", "R1", "R0", Pipe::default());
    add(&mut network, "V", "S1", "Sv", Valve::default());
    add(&mut network, "PS2", "Sv", "S2", Pipe::default());
    add(&mut network, "PR2", "R2", "R1", Pipe::default());
    add(&mut network, "C1", "S1", "R1", Consumer::default());
    add(&mut network, "C2", "S2", "R2", Consumer::default());
    network
}

fn add(network: &mut Network, id: &str, from: &str, to: &str, link: impl Into<Link>) {
    network.insert_link_between(id, from, to, link).unwrap();
}

/// Takes a link out and puts another in its place.
fn replace(network: &mut Network, id: &str, kind: ElementKind, from: &str, to: &str, link: impl Into<Link>) {
    Edit::Remove { element: ElementRef::new(kind, id) }.apply(network).unwrap();
    add(network, id, from, to, link);
}

fn pump(points: &[(f64, f64)]) -> Pump {
    let point = |&(flow_m3_h, head_m): &(f64, f64)| PumpPoint { flow_m3_h, head_m, efficiency: None };
    Pump { curve: points.iter().map(point).collect(), ..Pump::default() }
}

fn codes(network: &Network) -> Vec<Code> {
    validate(network).iter().map(|finding| finding.code).collect()
}

fn only(change: impl FnOnce(&mut Network)) -> Finding {
    let mut network = healthy();
    change(&mut network);
    let mut findings = validate(&network);
    assert_eq!(findings.len(), 1, "{findings:?}");
    findings.remove(0)
}

fn pipe_with(change: impl FnOnce(&mut Pipe)) -> Finding {
    let mut pipe = Pipe::default();
    change(&mut pipe);
    only(|n| replace(n, "PS1", ElementKind::Pipe, "S0", "S1", pipe))
}

fn valve_with(change: impl FnOnce(&mut Valve)) -> Finding {
    let mut valve = Valve::default();
    change(&mut valve);
    only(|n| replace(n, "V", ElementKind::Valve, "S1", "Sv", valve))
}

#[track_caller]
fn assert_is(finding: &Finding, code: Code, kind: ElementKind, id: &str) {
    assert_eq!((finding.code, &finding.element), (code, &ElementRef::new(kind, id)), "{finding:?}");
}

#[test]
fn a_healthy_network_yields_nothing() {
    assert_eq!(validate(&healthy()), []);
}

#[test]
fn an_empty_network_is_said_to_be_empty() {
    assert_eq!(codes(&Network::new()), [Code::EmptyNetwork]);
}

#[test]
fn numbers_are_checked() {
    assert_is(&pipe_with(|p| p.length_m = f64::NAN), Code::NotFinite, ElementKind::Pipe, "PS1");
    assert_is(&pipe_with(|p| p.zeta = f64::INFINITY), Code::NotFinite, ElementKind::Pipe, "PS1");
    assert_is(&pipe_with(|p| p.length_m = -1.0), Code::OutOfRange, ElementKind::Pipe, "PS1");
    assert_is(&pipe_with(|p| p.roughness_m = 0.06), Code::OutOfRange, ElementKind::Pipe, "PS1");
    assert_is(&pipe_with(|p| p.outer_diameter_m = 0.09), Code::WallNegative, ElementKind::Pipe, "PS1");
    let consumer = Consumer { demand: Demand::MassFlow { mass_flow_kg_s: -2.0 }, ..Consumer::default() };
    let finding = only(|n| replace(n, "C1", ElementKind::Consumer, "S1", "R1", consumer));
    assert_is(&finding, Code::OutOfRange, ElementKind::Consumer, "C1");
    let finding = only(|n| {
        let mut settings = n.settings().clone();
        settings.water =
            WaterModel::Constant { density_kg_m3: -1.0, viscosity_pa_s: 1e-3, heat_capacity_j_kgk: 4190.0 };
        n.set_settings(settings);
    });
    assert_is(&finding, Code::OutOfRange, ElementKind::Network, "");
}

#[test]
fn friction_laws_need_their_coefficients() {
    let mut network = healthy();
    let mut settings = network.settings().clone();
    settings.friction = FrictionModel::HazenWilliams;
    network.set_settings(settings);
    assert_eq!(codes(&network), [Code::MissingValue; 4]);
}

#[test]
fn ends_are_checked() {
    let finding = only(|n| add(n, "loop", "S1", "S1", Pipe::default()));
    assert_is(&finding, Code::SelfLoop, ElementKind::Pipe, "loop");
    let finding = only(|n| {
        n.insert_node("X", Node::default()).unwrap();
    });
    assert_is(&finding, Code::LonelyNode, ElementKind::Node, "X");
    let finding = only(|n| add(n, "C3", "S1", "S2", Consumer::default()));
    assert_is(&finding, Code::ConsumerSides, ElementKind::Consumer, "C3");
    let finding = only(|n| add(n, "C3", "R2", "S2", Consumer::default()));
    assert_is(&finding, Code::EndsReversed, ElementKind::Consumer, "C3");
    let flow = Source { control: SourceControl::MassFlow { mass_flow_kg_s: 1.0 }, ..Source::default() };
    let finding = only(|n| add(n, "H2", "S1", "S2", flow));
    assert_is(&finding, Code::SourceSides, ElementKind::Source, "H2");
    let finding = only(|n| add(n, "short", "S2", "R2", Pipe::default()));
    assert_is(&finding, Code::PipeJoinsSides, ElementKind::Pipe, "short");
}

#[test]
fn pumps_are_checked() {
    let with = |pump: Pump| only(|n| add(n, "U", "S1", "S2", pump));
    for pump in [
        pump(&[]),
        pump(&[(0.0, 0.0)]),
        pump(&[(10.0, 30.0), (10.0, 20.0)]),
        Pump { parallel: 0, ..pump(&[(10.0, 30.0)]) },
        Pump { power_w: Some(0.0), ..Pump::default() },
    ] {
        let finding = with(pump);
        assert_is(&finding, Code::PumpCurve, ElementKind::Pump, "U");
        assert_eq!(finding.severity, Severity::Error);
    }
    let rising = with(pump(&[(0.0, 20.0), (10.0, 30.0), (20.0, 10.0), (30.0, 5.0)]));
    assert_is(&rising, Code::PumpCurve, ElementKind::Pump, "U");
    assert_eq!(rising.severity, Severity::Warning);
    let mut healthy = healthy();
    add(&mut healthy, "U", "S1", "S2", pump(&[(0.0, 40.0), (10.0, 30.0), (20.0, 10.0)]));
    assert_eq!(codes(&healthy), []);
}

#[test]
fn controllers_need_set_values_and_tables_must_rise() {
    for kind in [
        ValveKind::DifferentialPressure,
        ValveKind::Flow,
        ValveKind::PressureReducing,
        ValveKind::PressureSustaining,
        ValveKind::PressureBreaking,
    ] {
        assert_is(&valve_with(|v| v.kind = kind), Code::MissingSetValue, ElementKind::Valve, "V");
    }
    assert_is(&valve_with(|v| v.kind = ValveKind::GeneralPurpose), Code::BadTable, ElementKind::Valve, "V");
    let points = vec![[0.0, 0.0], [0.6, 0.5], [0.5, 1.0]];
    let falling = valve_with(|v| v.characteristic = Characteristic::Table { points });
    assert_is(&falling, Code::BadTable, ElementKind::Valve, "V");
    let flat = valve_with(|v| v.characteristic = Characteristic::EqualPercentage { rangeability: 0.0 });
    assert_is(&flat, Code::OutOfRange, ElementKind::Valve, "V");
    let finding = only(|n| {
        let row = |temperature_c, value| PropertyPoint { temperature_c, value };
        let mut settings = n.settings().clone();
        settings.water = WaterModel::Table {
            density_kg_m3: vec![row(20.0, 998.0), row(20.0, 990.0)],
            viscosity_pa_s: vec![row(20.0, 1e-3)],
            heat_capacity_j_kgk: vec![row(20.0, 4190.0)],
        };
        n.set_settings(settings);
    });
    assert_is(&finding, Code::BadTable, ElementKind::Network, "");
}

#[test]
fn dangling_references_are_found_everywhere() {
    let name = |id: &str| Some(id.into());
    let finding = only(|n| {
        n.insert_node("X", Node { chamber: name("nowhere"), ..node(Side::Supply, 0.0) }).unwrap();
        add(n, "PX", "S0", "X", Pipe::default());
    });
    assert_is(&finding, Code::DanglingReference, ElementKind::Node, "X");
    let finding = only(|n| {
        let mut link = Link::from(Pipe::default());
        link.notes = Some(Box::new(Notes { chamber: name("nowhere"), ..Notes::default() }));
        add(n, "PX", "S0", "S1", link);
    });
    assert_is(&finding, Code::DanglingReference, ElementKind::Pipe, "PX");
    let finding = pipe_with(|p| p.details.pair = name("nowhere"));
    assert_is(&finding, Code::DanglingReference, ElementKind::Pipe, "PS1");
    let finding =
        only(|n| n.insert_building("B", Building { consumer: name("nobody"), ..Building::default() }).unwrap());
    assert_is(&finding, Code::DanglingReference, ElementKind::Building, "B");
    let finding = only(|n| {
        let sensor = Sensor {
            name: String::new(),
            element: ElementRef::new(ElementKind::Valve, "nowhere"),
            quantity: Quantity::Pressure,
            tag: String::new(),
            deviation_si: None,
            attributes: Default::default(),
        };
        n.insert_sensor("T1", sensor).unwrap();
    });
    assert_is(&finding, Code::DanglingReference, ElementKind::Sensor, "T1");
    let finding = valve_with(|v| {
        v.kind = ValveKind::DifferentialPressure;
        v.set_pressure_pa = Some(1e5);
        v.sensing_nodes = Some(["S2".into(), "nowhere".into()]);
    });
    assert_is(&finding, Code::DanglingReference, ElementKind::Valve, "V");
    assert_eq!(finding.severity, Severity::Error);
    let control = SourceControl::WorstPoint {
        available_pressure_pa: 5e4,
        consumer: name("nobody"),
        return_pressure_pa: Some(4e5),
    };
    let finding = only(|n| replace(n, "H", ElementKind::Source, "R0", "S0", Source { control, ..Source::default() }));
    assert_is(&finding, Code::DanglingReference, ElementKind::Source, "H");
}

#[test]
fn scenarios_name_what_exists_when_their_turn_comes() {
    let scenario = |parent: Option<&str>, edits: Vec<Edit>| Scenario {
        note: String::new(),
        parent: parent.map(Into::into),
        edits,
    };
    let shut = |id: &str| Edit::set(ElementRef::new(ElementKind::Valve, id), "opening", 0.0);
    let link = |l: Link| Box::new(hypocaust::network::edit::LinkData::from(l));
    let finding = only(|n| n.insert_scenario("night", scenario(None, vec![shut("V"), shut("W")])));
    assert_is(&finding, Code::DanglingReference, ElementKind::Network, "");
    let finding = only(|n| n.insert_scenario("night", scenario(Some("day"), vec![])));
    assert_is(&finding, Code::DanglingReference, ElementKind::Network, "");
    let mut cycle = healthy();
    cycle.insert_scenario("day", scenario(Some("night"), vec![]));
    cycle.insert_scenario("night", scenario(Some("day"), vec![]));
    assert_eq!(codes(&cycle), [Code::ScenarioCycle; 2]);
    let mut sound = healthy();
    let valve =
        Edit::AddLink { id: "W".into(), from: "S1".into(), to: "S2".into(), link: link(Valve::default().into()) };
    sound.insert_scenario("new", scenario(None, vec![valve]));
    sound.insert_scenario("later", scenario(Some("new"), vec![shut("W")]));
    assert_eq!(codes(&sound), []);
    let finding = only(|n| {
        let gone = Edit::Remove { element: ElementRef::new(ElementKind::Valve, "V") };
        n.insert_scenario("gone", scenario(None, vec![gone, shut("V")]));
    });
    assert_is(&finding, Code::DanglingReference, ElementKind::Network, "");
}

#[test]
fn a_consumer_must_be_colder_than_the_source() {
    let consumer = Consumer { return_temperature_c: 110.0, ..Consumer::default() };
    let finding = only(|n| replace(n, "C1", ElementKind::Consumer, "S1", "R1", consumer));
    assert_is(&finding, Code::NoTemperatureDifference, ElementKind::Consumer, "C1");
}

#[test]
fn without_any_reference_only_that_is_said() {
    let control = SourceControl::PressureRise { pressure_rise_pa: 1e5 };
    let finding = only(|n| replace(n, "H", ElementKind::Source, "R0", "S0", Source { control, ..Source::default() }));
    assert_is(&finding, Code::NoPressureReference, ElementKind::Network, "");
    let finding = only(|n| {
        replace(n, "H", ElementKind::Source, "R0", "S0", Source { running: false, ..Source::default() });
    });
    assert_is(&finding, Code::NoPressureReference, ElementKind::Network, "");
}

#[test]
fn a_part_that_never_had_a_reference_is_an_island() {
    let apart = |n: &mut Network| {
        for (id, side) in [("SA", Side::Supply), ("SB", Side::Supply), ("RA", Side::Return), ("RB", Side::Return)] {
            n.insert_node(id, node(side, 500.0)).unwrap();
        }
        add(n, "PSX", "SA", "SB", Pipe::default());
        add(n, "PRX", "RB", "RA", Pipe::default());
    };
    let finding = only(|n| {
        apart(n);
        add(n, "CX", "SB", "RB", Consumer::default());
    });
    assert_is(&finding, Code::Island, ElementKind::Consumer, "CX");
    assert_eq!(finding.severity, Severity::Error);
    // A source makes it circulate; still nothing says at which pressure.
    let control = SourceControl::PressureRise { pressure_rise_pa: 1e5 };
    let finding = only(|n| {
        apart(n);
        add(n, "HX", "RA", "SA", Source { control, ..Source::default() });
        add(n, "CX", "SB", "RB", Consumer::default());
    });
    assert_is(&finding, Code::Island, ElementKind::Source, "HX");
}

#[test]
fn a_part_behind_closed_valves_is_cut_off_only_if_it_asks_for_something() {
    let shut = Valve { opening: 0.0, ..Valve::default() };
    let finding = only(|n| replace(n, "V", ElementKind::Valve, "S1", "Sv", shut.clone()));
    assert_is(&finding, Code::CutOff, ElementKind::Consumer, "C2");
    assert_eq!(finding.others.first(), Some(&ElementRef::new(ElementKind::Valve, "V")));
    assert_eq!(finding.severity, Severity::Warning);
    // With its consumer shut as well the branch is simply not in use.
    let mut network = healthy();
    replace(&mut network, "V", ElementKind::Valve, "S1", "Sv", shut);
    replace(&mut network, "C2", ElementKind::Consumer, "S2", "R2", Consumer { shut: true, ..Consumer::default() });
    assert_eq!(codes(&network), []);
    let closed = Pipe { state: PipeState::Closed, ..Pipe::default() };
    let finding = only(|n| replace(n, "PS2", ElementKind::Pipe, "Sv", "S2", closed));
    assert_is(&finding, Code::CutOff, ElementKind::Consumer, "C2");
}

#[test]
fn references_that_disagree_are_named() {
    let make_up = |pressure_pa: f64| {
        let boundary = Some(Box::new(Boundary::MakeUp { pressure_pa, capacity_kg_s: None, temperature_c: 10.0 }));
        Node { boundary, ..node(Side::Return, 0.0) }
    };
    let with_make_up = |pressure_pa: f64, source: Source| {
        let mut network = Network::new();
        network.insert_node("R0", make_up(pressure_pa)).unwrap();
        network.insert_node("S0", node(Side::Supply, 0.0)).unwrap();
        add(&mut network, "H", "R0", "S0", source);
        add(&mut network, "C", "S0", "R0", Consumer::default());
        network
    };
    let disagree = validate(&with_make_up(5e5, reference()));
    assert_eq!(disagree.len(), 1, "{disagree:?}");
    assert_is(&disagree[0], Code::ContradictoryReferences, ElementKind::Source, "H");
    assert_eq!(codes(&with_make_up(4e5, reference())), []);
    // Two sources side by side that hold different rises.
    let rise = |pressure_rise_pa: f64| Source {
        control: SourceControl::PressureRise { pressure_rise_pa },
        ..Source::default()
    };
    let finding = only(|n| add(n, "H2", "R0", "S0", rise(3e5)));
    assert_is(&finding, Code::ContradictoryReferences, ElementKind::Source, "H2");
    // The same rise: nothing says who gives how much.
    let finding = only(|n| add(n, "H2", "R0", "S0", rise(4e5)));
    assert_is(&finding, Code::UndeterminedSplit, ElementKind::Source, "H2");
    // A second reference elsewhere.
    let finding = only(|n| add(n, "H2", "R2", "S2", reference()));
    assert_is(&finding, Code::SeveralReferences, ElementKind::Source, "H2");
    let mut sound = healthy();
    add(&mut sound, "H2", "R2", "S2", rise(3e5));
    assert_eq!(codes(&sound), []);
}

#[test]
fn all_findings_are_listed_errors_first() {
    let mut network = healthy();
    add(&mut network, "loop", "S1", "S1", Pipe::default());
    add(&mut network, "bad", "S1", "S2", Pipe { length_m: -5.0, zeta: f64::NAN, ..Pipe::default() });
    network.insert_chamber("W", Chamber { depth_m: Some(f64::NAN), ..Chamber::default() }).unwrap();
    network.insert_node("X", Node::default()).unwrap();
    assert_eq!(codes(&network), [Code::OutOfRange, Code::NotFinite, Code::NotFinite, Code::SelfLoop, Code::LonelyNode]);
    assert_eq!(validate(&network), validate(&network.clone()));
}

#[test]
fn thermal_data_are_checked_number_by_number_and_as_a_whole() {
    let consumer = |secondary: Secondary| Consumer { secondary: Some(Box::new(secondary)), ..Consumer::default() };
    let with = |network: &mut Network, secondary: Secondary| {
        replace(network, "C1", ElementKind::Consumer, "S1", "R1", consumer(secondary));
    };
    let mut whole = healthy();
    with(&mut whole, Secondary::default());
    assert_eq!(codes(&whole), []);
    let exponent = only(|network| with(network, Secondary { emitter_exponent: 7.0, ..Secondary::default() }));
    assert_is(&exponent, Code::OutOfRange, ElementKind::Consumer, "C1");
    let crossed =
        only(|network| with(network, Secondary { secondary_return_temperature_c: 80.0, ..Secondary::default() }));
    assert_is(&crossed, Code::ThermalContradiction, ElementKind::Consumer, "C1");
    let short = only(|network| with(network, Secondary { hour_shift_k: vec![1.0; 3], ..Secondary::default() }));
    assert_is(&short, Code::ThermalContradiction, ElementKind::Consumer, "C1");
}
