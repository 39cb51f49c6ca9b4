//! Every rule about solutions has a state that breaks exactly it, and a healthy state breaks none.

use hypocaust::network::{
    Boundary, Code, Consumer, Demand, ElementKind, ElementRef, Finding, Network, Node, Pipe, PipeState, Pump,
    PumpPoint, Severity, Side, Source,
};
use hypocaust::solver::rules::{Rules, is_satisfied, judge};
use hypocaust::solver::{ConsumerState, Solution, SourceState};

/// Source H: R0→S0, pipes PS and PR, consumer C: S1→R1, pump U between R1 and R1b.
struct State {
    network: Network,
    solution: Solution,
}

fn pipe() -> Pipe {
    let mut pipe = Pipe::default();
    pipe.details.nominal_pressure_pa = Some(1.6e6);
    pipe
}

fn healthy(source: Source, consumer: Consumer) -> State {
    let mut network = Network::new();
    let capacity = Boundary::MakeUp { pressure_pa: 4e5, capacity_kg_s: Some(2.0), temperature_c: 10.0 };
    for (id, side, boundary) in [
        ("S0", Side::Supply, None),
        ("S1", Side::Supply, None),
        ("R1", Side::Return, None),
        ("R1b", Side::Return, None),
        ("R0", Side::Return, Some(capacity)),
    ] {
        network.insert_node(id, Node { side, boundary: boundary.map(Box::new), ..Node::default() }).unwrap();
    }
    let point = PumpPoint { flow_m3_h: 36.0, head_m: 20.0, efficiency: None };
    let h = network.insert_link_between("H", "R0", "S0", source).unwrap();
    network.insert_link_between("PS", "S0", "S1", pipe()).unwrap();
    let c = network.insert_link_between("C", "S1", "R1", consumer).unwrap();
    network.insert_link_between("U", "R1", "R1b", Pump { curve: vec![point], ..Pump::default() }).unwrap();
    network.insert_link_between("PR", "R1b", "R0", pipe()).unwrap();
    let mut solution = Solution::unsolved(&network, Vec::new());
    solution.converged = true;
    for (node, (pressure_pa, temperature_c)) in
        [(8e5, 110.0), (7.9e5, 109.0), (3.1e5, 50.0), (4.1e5, 50.0), (4e5, 49.0)].into_iter().enumerate()
    {
        solution.nodes[node].pressure_pa = pressure_pa;
        solution.nodes[node].temperature_c = temperature_c;
    }
    for link in &mut solution.links {
        link.mass_flow_kg_s = 10.0;
        link.velocity_m_s = 1.3;
        link.pressure_drop_pa = 1e4;
        link.inlet_temperature_c = 109.0;
        link.outlet_temperature_c = 50.0;
    }
    solution.consumers = vec![ConsumerState {
        link: c,
        mass_flow_kg_s: 10.0,
        available_pressure_pa: 4.8e5,
        heat_w: 1e6,
        satisfied: true,
    }];
    solution.sources = vec![SourceState {
        link: h,
        mass_flow_kg_s: 10.0,
        heat_w: 1.1e6,
        supply_pressure_pa: 8e5,
        return_pressure_pa: 4e5,
    }];
    State { network, solution }
}

fn consumer() -> Consumer {
    Consumer { demand: Demand::Heat { heat_w: 1e6 }, required_pressure_pa: Some(5e4), ..Consumer::default() }
}

fn judged(change: impl FnOnce(&mut State)) -> Vec<Finding> {
    let source =
        Source { capacity_w: Some(2e6), minimum_heat_w: Some(1e5), maximum_flow_kg_s: Some(50.0), ..Source::default() };
    let mut state = healthy(source, consumer());
    change(&mut state);
    judge(&state.network, &state.solution, &Rules::default())
}

#[track_caller]
fn breaks(code: Code, kind: ElementKind, id: &str, change: impl FnOnce(&mut State)) -> Finding {
    let findings = judged(change);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!((findings[0].code, &findings[0].element), (code, &ElementRef::new(kind, id)));
    findings[0].clone()
}

fn link(state: &State, id: &str) -> usize {
    state.network.link_id(id).unwrap().index()
}

#[test]
fn a_healthy_state_breaks_nothing() {
    assert_eq!(judged(|_| {}), []);
    let state = healthy(Source::default(), consumer());
    assert!(is_satisfied(&consumer(), &state.solution.consumers[0], &Rules::default()));
}

#[test]
fn pressures_are_judged() {
    // Water of 109 °C boils at 138.6 kPa absolute: 37 kPa gauge, and 30 kPa more are asked for.
    let finding =
        breaks(Code::PressureBelowVapour, ElementKind::Node, "S1", |s| s.solution.nodes[1].pressure_pa = 6.6e4);
    assert_eq!(finding.severity, Severity::Error);
    assert_eq!(judged(|s| s.solution.nodes[1].pressure_pa = 6.9e4), []);
    breaks(Code::ReturnPressureLow, ElementKind::Node, "R1", |s| s.solution.nodes[2].pressure_pa = 4.9e4);
    let findings = judged(|s| s.solution.nodes[0].pressure_pa = 1.7e6);
    assert_eq!(findings.iter().map(|f| f.code).collect::<Vec<_>>(), [Code::PressureAboveNominal]);
    // After the hydraulics alone the temperatures of sources and consumers serve.
    breaks(Code::PressureBelowVapour, ElementKind::Node, "S1", |s| {
        for node in &mut s.solution.nodes {
            node.temperature_c = f64::NAN;
        }
        s.solution.nodes[1].pressure_pa = 7e4;
    });
}

#[test]
fn pipes_are_judged() {
    breaks(Code::VelocityHigh, ElementKind::Pipe, "PS", |s| {
        let i = link(s, "PS");
        s.solution.links[i].velocity_m_s = -3.6;
    });
    breaks(Code::SpecificLossHigh, ElementKind::Pipe, "PS", |s| {
        let i = link(s, "PS");
        s.solution.links[i].pressure_drop_pa = -3.1e4;
    });
    let finding = breaks(Code::Stagnant, ElementKind::Pipe, "PS", |s| {
        let i = link(s, "PS");
        s.solution.links[i].mass_flow_kg_s = 0.0;
    });
    assert_eq!(finding.others.len(), 1);
    // A pipe that is shut on purpose is not worth a word.
    let shut = Pipe { state: PipeState::Closed, ..pipe() };
    assert_eq!(
        judged(|s| {
            s.network.insert_link_between("X", "S0", "S1", shut).unwrap();
            let mut state = s.solution.links[0];
            state.mass_flow_kg_s = 0.0;
            s.solution.links.push(state);
        }),
        []
    );
}

#[test]
fn consumers_are_judged() {
    let with = |code: Code, change: fn(&mut ConsumerState)| {
        breaks(code, ElementKind::Consumer, "C", |s| change(&mut s.solution.consumers[0]));
    };
    with(Code::DemandUnserved, |c| c.heat_w = 0.0);
    with(Code::DemandUnserved, |c| c.heat_w = f64::NAN);
    with(Code::ConsumerShort, |c| c.heat_w = 9e5);
    with(Code::PressureShort, |c| c.available_pressure_pa = 4e4);
    with(Code::NegativeAvailablePressure, |c| c.available_pressure_pa = -1e3);
    let finding = breaks(Code::NoTemperatureDifference, ElementKind::Consumer, "C", |s| {
        let i = link(s, "C");
        s.solution.links[i].inlet_temperature_c = 45.0;
    });
    assert_eq!(finding.severity, Severity::Warning);
    let state = ConsumerState { available_pressure_pa: 4e4, ..judged_state() };
    assert!(!is_satisfied(&consumer(), &state, &Rules::default()));
}

fn judged_state() -> ConsumerState {
    healthy(Source::default(), consumer()).solution.consumers[0]
}

#[test]
fn machines_are_judged() {
    let source = |code: Code, change: fn(&mut SourceState)| {
        breaks(code, ElementKind::Source, "H", |s| change(&mut s.solution.sources[0]));
    };
    source(Code::SourceOverCapacity, |h| h.heat_w = 2.1e6);
    source(Code::SourceBelowMinimum, |h| h.heat_w = 9e4);
    source(Code::SourceFlowHigh, |h| h.mass_flow_kg_s = 51.0);
    source(Code::SourceReversed, |h| h.mass_flow_kg_s = -1.0);
    breaks(Code::MakeUpOverCapacity, ElementKind::Node, "R0", |s| {
        let i = link(s, "H");
        s.solution.links[i].mass_flow_kg_s = 12.0;
    });
    // One point of 36 m³/h makes a curve that ends at 72 m³/h.
    breaks(Code::PumpBeyondCurve, ElementKind::Pump, "U", |s| {
        let i = link(s, "U");
        s.solution.links[i].mass_flow_kg_s = 20.0;
    });
    breaks(Code::PumpNoFlow, ElementKind::Pump, "U", |s| {
        let i = link(s, "U");
        s.solution.links[i].mass_flow_kg_s = 0.0;
    });
}

#[test]
fn what_the_solver_said_is_not_said_again() {
    let findings = judged(|s| {
        let i = link(s, "U");
        s.solution.links[i].mass_flow_kg_s = 0.0;
        s.solution.findings.push(Finding::new(Code::PumpNoFlow, ElementRef::new(ElementKind::Pump, "U")));
    });
    assert_eq!(findings, []);
}
