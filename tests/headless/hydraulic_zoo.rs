//! Small networks on which hydraulic solvers are known to fail, each named after its cause, with the right answer.

use hypocaust::network::{
    Boundary, Code, Consumer, Demand, Network, Node, Pipe, PipeState, Pump, PumpPoint, Settings, Side, Source,
    SourceControl, Valve, ValveKind, WaterModel,
};
use hypocaust::solver::{Solution, Solver};

use crate::hydraulic_reference::{hydraulic, solve};

pub const DENSITY_KG_M3: f64 = 977.77;

pub fn settings() -> Settings {
    Settings {
        water: WaterModel::Constant {
            density_kg_m3: DENSITY_KG_M3,
            viscosity_pa_s: 0.000404,
            heat_capacity_j_kgk: 4190.2,
        },
        ..Settings::default()
    }
}

pub fn pipe(length_m: f64, inner_diameter_m: f64) -> Pipe {
    Pipe { length_m, inner_diameter_m, ..Pipe::default() }
}

pub fn consumer(mass_flow_kg_s: f64) -> Consumer {
    Consumer { demand: Demand::MassFlow { mass_flow_kg_s }, ..Consumer::default() }
}

pub fn reference(rise_pa: f64) -> Source {
    let control = SourceControl::Reference { return_pressure_pa: 300_000.0, pressure_rise_pa: rise_pa };
    Source { control, ..Source::default() }
}

pub fn nodes(network: &mut Network, ids: &[&str]) {
    for id in ids {
        let side = if id.starts_with('R') { Side::Return } else { Side::Supply };
        network.insert_node(*id, Node { side, ..Node::default() }).unwrap();
    }
}

/// Source, `count` stations in a row: S0–S1–…, R0–R1–…, consumer Ck between Sk and Rk.
pub fn ladder(count: usize, rise_pa: f64, flow_kg_s: f64) -> Network {
    let mut network = Network::new();
    network.set_settings(settings());
    nodes(&mut network, &["S0", "R0"]);
    network.insert_link_between("H", "R0", "S0", reference(rise_pa)).unwrap();
    for at in 1..=count {
        let ends = |letter: char| (format!("{letter}{}", at - 1), format!("{letter}{at}"));
        for letter in ['S', 'R'] {
            let (from, to) = ends(letter);
            nodes(&mut network, &[to.as_str()]);
            network.insert_link_between(format!("P{to}"), &from, &to, pipe(200.0, 0.1)).unwrap();
        }
        network
            .insert_link_between(format!("C{at}"), &format!("S{at}"), &format!("R{at}"), consumer(flow_kg_s))
            .unwrap();
    }
    network
}

pub fn flow(network: &Network, solution: &Solution, id: &str) -> f64 {
    solution.link(network.link_id(id).unwrap()).unwrap().mass_flow_kg_s
}

pub fn pressure(network: &Network, solution: &Solution, id: &str) -> f64 {
    solution.node(network.node_id(id).unwrap()).unwrap().pressure_pa
}

pub fn codes(solution: &Solution) -> Vec<Code> {
    solution.findings.iter().map(|finding| finding.code).collect()
}

/// What every good answer has.
pub fn assert_sound(solution: &Solution) {
    assert!(solution.converged, "{:?} {:?}", solution.report, solution.findings);
    let largest = solution.links.iter().map(|link| link.mass_flow_kg_s.abs()).fold(1e-3, f64::max);
    assert!(solution.report.max_mass_imbalance_kg_s <= 1e-9 * largest, "{:?}", solution.report);
    assert!(solution.report.max_momentum_residual_pa <= 1e-2, "{:?}", solution.report);
    assert!(solution.report.iterations <= 60, "{:?}", solution.report);
}

#[test]
fn all_consumers_at_zero_flow() {
    let mut network = ladder(4, 200_000.0, 0.0);
    // A loop as well, so that the core is not empty.
    network.insert_link_between("tie", "S1", "S4", pipe(500.0, 0.08)).unwrap();
    let solution = solve(&network);
    assert_sound(&solution);
    assert!(solution.links.iter().all(|link| link.mass_flow_kg_s.abs() < 1e-12));
    assert_eq!(pressure(&network, &solution, "S4"), 500_000.0);
    assert_eq!(pressure(&network, &solution, "R4"), 300_000.0);
}

#[test]
fn zero_flow_loop_between_busy_branches() {
    let mut network = ladder(3, 300_000.0, 5.0);
    nodes(&mut network, &["Sa", "Sb", "Sc"]);
    for (id, from, to) in [("L1", "S2", "Sa"), ("L2", "Sa", "Sb"), ("L3", "Sb", "Sc"), ("L4", "Sc", "Sa")] {
        network.insert_link_between(id, from, to, pipe(100.0, 0.1)).unwrap();
    }
    let solution = solve(&network);
    assert_sound(&solution);
    assert!(flow(&network, &solution, "L3").abs() < 1e-9);
    assert!((pressure(&network, &solution, "Sb") - pressure(&network, &solution, "S2")).abs() < 1e-6);
}

#[test]
fn demand_behind_a_closed_valve() {
    let mut network = ladder(3, 300_000.0, 2.0);
    nodes(&mut network, &["Sv", "Rv"]);
    network.insert_link_between("V", "S3", "Sv", Valve { opening: 0.0, ..Valve::default() }).unwrap();
    network.insert_link_between("PR", "R3", "Rv", pipe(50.0, 0.1)).unwrap();
    network.insert_link_between("CV", "Sv", "Rv", consumer(2.0)).unwrap();
    let solution = solve(&network);
    assert_sound(&solution);
    assert_eq!(flow(&network, &solution, "CV"), 0.0);
    assert_eq!(flow(&network, &solution, "V"), 0.0);
    // The stub behind the valve stands at the return pressure it is open to.
    let (stub, back) = (pressure(&network, &solution, "Sv"), pressure(&network, &solution, "Rv"));
    assert!((stub - back).abs() < 1e-3, "{stub} {back}");
    assert!((flow(&network, &solution, "PS1") - 6.0).abs() < 1e-9);
    let finding = solution.findings.iter().find(|finding| finding.code == Code::DemandUnserved).unwrap();
    assert_eq!(&*finding.element.id, "CV");
}

#[test]
fn a_part_cut_off_on_both_sides_is_named_and_the_rest_is_solved() {
    let mut network = ladder(3, 300_000.0, 2.0);
    nodes(&mut network, &["Sv", "Rv"]);
    for (id, from, to) in [("VS", "S3", "Sv"), ("VR", "Rv", "R3")] {
        network.insert_link_between(id, from, to, Valve { opening: 0.0, ..Valve::default() }).unwrap();
    }
    network.insert_link_between("CV", "Sv", "Rv", consumer(2.0)).unwrap();
    let solution = solve(&network);
    assert_sound(&solution);
    assert!(pressure(&network, &solution, "Sv").is_nan());
    assert_eq!(flow(&network, &solution, "CV"), 0.0);
    assert!(codes(&solution).contains(&Code::CutOff), "{:?}", solution.findings);
    assert!((flow(&network, &solution, "H") - 6.0).abs() < 1e-9);
}

#[test]
fn five_fold_demand_saturates_instead_of_reversing() {
    let mut network = ladder(6, 400_000.0, 6.0);
    network.insert_link_between("tie", "S1", "S5", pipe(700.0, 0.08)).unwrap();
    let solution = solve(&network);
    assert_sound(&solution);
    let mut short = 0;
    for consumer in &solution.consumers {
        assert!((0.0..=6.0 + 1e-9).contains(&consumer.mass_flow_kg_s), "{consumer:?}");
        assert!(consumer.available_pressure_pa >= -0.1, "{consumer:?}");
        if consumer.mass_flow_kg_s < 5.999 {
            short += 1;
            assert!(consumer.available_pressure_pa.abs() < 0.1 && !consumer.satisfied, "{consumer:?}");
        }
    }
    assert!(short > 0 && short < 6);
    assert!(codes(&solution).iter().any(|code| matches!(code, Code::ConsumerShort | Code::DemandUnserved)));
}

#[test]
fn saturation_by_valve_size_meets_the_square_law() {
    let mut network = ladder(5, 120_000.0, 8.0);
    for at in 1..=5 {
        let id = format!("C{at}");
        let link = network.link_id(&id).unwrap();
        let (from, to) = network.ends(link).unwrap();
        let mut station = network.link_view(link).unwrap().consumer().unwrap().clone();
        station.kv_open_m3_h = Some(30.0);
        network.insert_link(format!("K{at}"), from, to, station).unwrap();
        let old = hypocaust::network::ElementRef::new(hypocaust::network::ElementKind::Consumer, id.as_str());
        hypocaust::network::edit::Edit::Remove { element: old }.apply(&mut network).unwrap();
    }
    let solution = solve(&network);
    assert_sound(&solution);
    let resistance = 1.296e9 / (DENSITY_KG_M3 * 900.0);
    let mut short = 0;
    for consumer in &solution.consumers {
        let open = (consumer.available_pressure_pa.max(0.0) / resistance).sqrt();
        assert!((consumer.mass_flow_kg_s - open.min(8.0)).abs() < 1e-6, "{consumer:?} {open}");
        short += usize::from(open < 8.0);
    }
    assert!(short > 0);
}

#[test]
fn two_fixed_pressures_are_both_named() {
    let mut network = ladder(4, 300_000.0, 3.0);
    let make_up = Boundary::MakeUp { pressure_pa: 320_000.0, capacity_kg_s: None, temperature_c: 10.0 };
    network
        .insert_node("Rm", Node { side: Side::Return, boundary: Some(Box::new(make_up)), ..Node::default() })
        .unwrap();
    network.insert_link_between("PM", "Rm", "R4", pipe(100.0, 0.1)).unwrap();
    let solution = solve(&network);
    assert_sound(&solution);
    let finding = solution.findings.iter().find(|finding| finding.code == Code::ContradictoryReferences).unwrap();
    let mut names = vec![finding.element.id.to_string(), finding.others[0].id.to_string()];
    names.sort();
    assert_eq!(names, ["H", "Rm"]);
}

#[test]
fn two_sources_that_fix_one_node_differently() {
    let mut network = ladder(2, 300_000.0, 3.0);
    let control = SourceControl::PressureRise { pressure_rise_pa: 250_000.0 };
    network.insert_link_between("H2", "R0", "S0", Source { control, ..Source::default() }).unwrap();
    let solution = solve(&network);
    assert!(!solution.converged);
    let finding = solution.findings.iter().find(|finding| finding.code == Code::ContradictoryReferences).unwrap();
    assert_eq!((&*finding.element.id, &*finding.others[0].id), ("H2", "H"));
}

#[test]
fn equal_sources_side_by_side_share_the_flow() {
    let mut network = ladder(2, 300_000.0, 3.0);
    let control = SourceControl::PressureRise { pressure_rise_pa: 300_000.0 };
    network.insert_link_between("H2", "R0", "S0", Source { control, ..Source::default() }).unwrap();
    let solution = solve(&network);
    assert_sound(&solution);
    assert!((flow(&network, &solution, "H") - 3.0).abs() < 1e-9);
    assert!((flow(&network, &solution, "H2") - 3.0).abs() < 1e-9);
}

fn pump(flow_m3_h: f64, head_m: f64) -> Pump {
    Pump { curve: vec![PumpPoint { flow_m3_h, head_m, efficiency: None }], ..Pump::default() }
}

/// Reservoir – pumps – pipe – reservoir higher up.
fn lift(height_m: f64, pumps: &[Pump]) -> Network {
    let mut network = Network::new();
    network.set_settings(settings());
    for (id, head_m) in [("low", 10.0), ("high", 10.0 + height_m)] {
        let boundary = Some(Box::new(Boundary::Reservoir { head_m, temperature_c: 10.0 }));
        network.insert_node(id, Node { boundary, ..Node::default() }).unwrap();
    }
    nodes(&mut network, &["in", "out"]);
    network.insert_link_between("suction", "low", "in", pipe(20.0, 0.2)).unwrap();
    network.insert_link_between("delivery", "out", "high", pipe(800.0, 0.2)).unwrap();
    for (at, pump) in pumps.iter().enumerate() {
        network.insert_link_between(format!("pump{at}"), "in", "out", pump.clone()).unwrap();
    }
    network
}

#[test]
fn parallel_pumps_share_by_their_curves() {
    let network = lift(20.0, &[pump(100.0, 40.0), pump(100.0, 40.0), pump(60.0, 35.0)]);
    let solution = solve(&network);
    assert_sound(&solution);
    let [a, b, c] = ["pump0", "pump1", "pump2"].map(|id| flow(&network, &solution, id));
    assert!((a - b).abs() < 1e-9 && a > c && c > 0.0, "{a} {b} {c}");
    // All three work at the same head: H = 4/3 h − h/3 (Q/q)².
    let head = |m: f64, q: f64, h: f64| 4.0 / 3.0 * h - h / 3.0 * (m * 3600.0 / DENSITY_KG_M3 / q).powi(2);
    assert!((head(a, 100.0, 40.0) - head(c, 60.0, 35.0)).abs() < 1e-6);
    let grouped = Pump { parallel: 2, ..pump(100.0, 40.0) };
    let one = lift(20.0, &[grouped, pump(60.0, 35.0)]);
    let solution = solve(&one);
    assert!((flow(&one, &solution, "pump0") - a - b).abs() < 1e-8);
}

#[test]
fn a_pump_too_weak_passes_nothing_and_says_so() {
    // Shut-off head 4/3·18 = 24 m against 30 m: its check valve stays shut while the strong one runs.
    let network = lift(30.0, &[pump(100.0, 40.0), pump(100.0, 18.0)]);
    let solution = solve(&network);
    assert_sound(&solution);
    assert_eq!(flow(&network, &solution, "pump1"), 0.0);
    assert!(flow(&network, &solution, "pump0") > 1.0);
    let finding = solution.findings.iter().find(|finding| finding.code == Code::PumpNoFlow).unwrap();
    assert_eq!(&*finding.element.id, "pump1");
    // Alone it would run backwards.
    let alone = lift(30.0, &[pump(100.0, 18.0)]);
    let solution = solve(&alone);
    assert_sound(&solution);
    assert_eq!(flow(&alone, &solution, "pump0"), 0.0);
    let without = lift(30.0, &[Pump { check_valve: false, ..pump(100.0, 18.0) }]);
    let solution = solve(&without);
    assert_sound(&solution);
    assert!(flow(&without, &solution, "pump0") < -1.0);
}

#[test]
fn a_pump_beyond_its_curve_is_named() {
    let network = lift(-30.0, &[pump(40.0, 10.0)]);
    let solution = solve(&network);
    assert_sound(&solution);
    assert!(codes(&solution).contains(&Code::PumpBeyondCurve));
}

#[test]
fn constant_power_pump_gives_its_power_to_the_water() {
    let network = lift(20.0, &[Pump { power_w: Some(15_000.0), ..Pump::default() }]);
    let solution = solve(&network);
    assert_sound(&solution);
    let state = solution.link(network.link_id("pump0").unwrap()).unwrap();
    assert!((-state.pressure_drop_pa * state.mass_flow_kg_s / DENSITY_KG_M3 - 15_000.0).abs() < 1e-3);
}

#[test]
fn no_reference_at_all() {
    let mut network = Network::new();
    network.set_settings(settings());
    nodes(&mut network, &["S0", "R0", "S1", "R1"]);
    let control = SourceControl::PressureRise { pressure_rise_pa: 1e5 };
    network.insert_link_between("H", "R0", "S0", Source { control, ..Source::default() }).unwrap();
    network.insert_link_between("PS", "S0", "S1", pipe(100.0, 0.1)).unwrap();
    network.insert_link_between("PR", "R1", "R0", pipe(100.0, 0.1)).unwrap();
    network.insert_link_between("C", "S1", "R1", consumer(2.0)).unwrap();
    let solution = solve(&network);
    assert!(!solution.converged);
    assert!(codes(&solution).contains(&Code::NoPressureReference));
    assert!(codes(&solution).contains(&Code::Island));
    assert!(solution.nodes.iter().all(|node| node.pressure_pa.is_nan()));
}

#[test]
fn fixed_demand_of_an_island_is_refused_by_name() {
    let mut network = lift(-5.0, &[]);
    network.insert_link_between("bridge", "in", "out", pipe(10.0, 0.2)).unwrap();
    nodes(&mut network, &["far"]);
    let far = hypocaust::network::ElementRef::new(hypocaust::network::ElementKind::Node, "far");
    hypocaust::network::edit::Edit::set(far, "demand_kg_s", 3.0).apply(&mut network).unwrap();
    let closed = Pipe { state: PipeState::Closed, ..pipe(10.0, 0.1) };
    network.insert_link_between("shut", "out", "far", closed).unwrap();
    let solution = solve(&network);
    assert!(!solution.converged);
    let finding = solution.findings.iter().find(|finding| finding.code == Code::DemandUnserved).unwrap();
    assert_eq!(&*finding.element.id, "far");
    assert!(flow(&network, &solution, "bridge") > 1.0, "the rest is solved");
}

#[test]
fn check_valves_and_one_way_pipes_never_pass_back() {
    let mut network = lift(-10.0, &[]);
    let check = Valve { kind: ValveKind::Check, kv_m3_h: Some(200.0), ..Valve::default() };
    network.insert_link_between("with", "in", "out", check.clone()).unwrap();
    network.insert_link_between("against", "out", "in", check).unwrap();
    let one_way = Pipe { state: PipeState::OneWay, ..pipe(50.0, 0.2) };
    network.insert_link_between("back", "high", "low", one_way).unwrap();
    let solution = solve(&network);
    assert_sound(&solution);
    assert!(flow(&network, &solution, "with") > 1.0);
    assert_eq!(flow(&network, &solution, "against"), 0.0);
    assert_eq!(flow(&network, &solution, "back"), 0.0);
}

/// low(50 m) – P1 – a –[valve]– b – P2 – high(0 m), demand at b.
fn valve_line(valve: Valve, demand_kg_s: f64) -> Network {
    let mut network = Network::new();
    network.set_settings(settings());
    let boundary = Some(Box::new(Boundary::Reservoir { head_m: 50.0, temperature_c: 10.0 }));
    network.insert_node("low", Node { boundary, ..Node::default() }).unwrap();
    let boundary = Some(Box::new(Boundary::Reservoir { head_m: 5.0, temperature_c: 10.0 }));
    network.insert_node("end", Node { boundary, ..Node::default() }).unwrap();
    nodes(&mut network, &["a"]);
    network.insert_node("b", Node { demand_kg_s, ..Node::default() }).unwrap();
    network.insert_link_between("P1", "low", "a", pipe(300.0, 0.15)).unwrap();
    network.insert_link_between("V", "a", "b", valve).unwrap();
    network.insert_link_between("P2", "b", "end", pipe(300.0, 0.15)).unwrap();
    network
}

fn held(kind: ValveKind, set_pressure_pa: Option<f64>, set_flow_kg_s: Option<f64>) -> Valve {
    Valve { kind, kv_m3_h: Some(300.0), set_pressure_pa, set_flow_kg_s, ..Valve::default() }
}

#[test]
fn pressure_reducing_valve_works_opens_and_shuts() {
    for (set_pa, wanted) in [(150_000.0, Some(150_000.0)), (2_000_000.0, None), (10_000.0, Some(47_959.6))] {
        let network = valve_line(held(ValveKind::PressureReducing, Some(set_pa), None), 5.0);
        let solution = solve(&network);
        assert_sound(&solution);
        let behind = pressure(&network, &solution, "b");
        let through = flow(&network, &solution, "V");
        match wanted {
            // Set above what comes through fully open: open.
            None => {
                let drop = solution.link(network.link_id("V").unwrap()).unwrap().pressure_drop_pa;
                assert!((drop - 1.296e9 / (DENSITY_KG_M3 * 9e4) * through * through).abs() < 1.0);
            }
            Some(wanted) if set_pa < 20_000.0 => {
                // Set below the pressure behind it: shut, and the reservoir feeds the demand backwards.
                assert_eq!(through, 0.0);
                assert!(behind < wanted && behind > 20_000.0, "{behind}");
            }
            Some(wanted) => assert!((behind - wanted).abs() < 0.2, "{behind}"),
        }
    }
}

#[test]
fn pressure_sustaining_valve_holds_the_pressure_before_it() {
    let network = valve_line(held(ValveKind::PressureSustaining, Some(400_000.0), None), 5.0);
    let solution = solve(&network);
    assert_sound(&solution);
    assert!((pressure(&network, &solution, "a") - 400_000.0).abs() < 0.2);
    assert!(flow(&network, &solution, "V") > 1.0);
}

#[test]
fn flow_limiter_limits_and_lets_pass() {
    for (set, limited) in [(10.0, true), (1e4, false)] {
        let network = valve_line(held(ValveKind::Flow, None, Some(set)), 0.0);
        let solution = solve(&network);
        assert_sound(&solution);
        let through = flow(&network, &solution, "V");
        assert_eq!(through == set, limited, "{through}");
    }
}

#[test]
fn pressure_breaking_and_overflow_valves_take_their_difference() {
    for kind in [ValveKind::PressureBreaking, ValveKind::DifferentialPressure] {
        let network = valve_line(held(kind, Some(200_000.0), None), 0.0);
        let solution = solve(&network);
        assert_sound(&solution);
        let difference = pressure(&network, &solution, "a") - pressure(&network, &solution, "b");
        assert!((difference - 200_000.0).abs() < 1.0, "{difference}");
        // Less than its set difference is on offer: shut.
        let network = valve_line(held(kind, Some(900_000.0), None), 0.0);
        let solution = solve(&network);
        assert_sound(&solution);
        assert_eq!(flow(&network, &solution, "V"), 0.0);
    }
}

#[test]
fn general_purpose_valve_follows_its_curve() {
    let valve = Valve {
        kind: ValveKind::GeneralPurpose,
        loss_curve: vec![[36.0, 2.0], [72.0, 9.0], [180.0, 60.0]],
        ..Valve::default()
    };
    let network = valve_line(valve, 0.0);
    let solution = solve(&network);
    assert_sound(&solution);
    let state = solution.link(network.link_id("V").unwrap()).unwrap();
    let flow_m3_h = state.mass_flow_kg_s / DENSITY_KG_M3 * 3600.0;
    let points = [[0.0, 0.0], [36.0, 2.0], [72.0, 9.0], [180.0, 60.0]];
    let at = (1..4).find(|&at| flow_m3_h <= points[at][0]).unwrap();
    let ([q0, h0], [q1, h1]) = (points[at - 1], points[at]);
    let head_m = h0 + (h1 - h0) * (flow_m3_h - q0) / (q1 - q0);
    assert!((state.pressure_drop_pa - DENSITY_KG_M3 * 9.81 * head_m).abs() < 1e-3);
}

#[test]
fn differential_pressure_controller_holds_what_it_senses() {
    let mut network = ladder(3, 400_000.0, 4.0);
    nodes(&mut network, &["Sx", "Rx", "Sy"]);
    let controller = Valve {
        kind: ValveKind::DifferentialPressure,
        kv_m3_h: Some(100.0),
        set_pressure_pa: Some(80_000.0),
        sensing_nodes: Some(["Sx".into(), "Rx".into()]),
        ..Valve::default()
    };
    network.insert_link_between("D", "S1", "Sx", controller).unwrap();
    network.insert_link_between("PX", "Rx", "R1", pipe(20.0, 0.1)).unwrap();
    let throttle = Valve { kind: ValveKind::Control, kv_m3_h: Some(20.0), ..Valve::default() };
    network.insert_link_between("T", "Sx", "Sy", throttle).unwrap();
    network.insert_link_between("TB", "Sy", "Rx", pipe(5.0, 0.05)).unwrap();
    let solution = solve(&network);
    assert_sound(&solution);
    let held = pressure(&network, &solution, "Sx") - pressure(&network, &solution, "Rx");
    assert!((held - 80_000.0).abs() < 0.2, "{held}");
}

#[test]
fn regulators_side_by_side_do_not_cycle() {
    let mut network = valve_line(held(ValveKind::PressureReducing, Some(150_000.0), None), 20.0);
    let set = |pressure| held(ValveKind::PressureReducing, Some(pressure), None);
    network.insert_link_between("V2", "a", "b", set(150_000.0)).unwrap();
    network.insert_link_between("V3", "a", "b", set(120_000.0)).unwrap();
    let solution = solve(&network);
    assert_sound(&solution);
    assert!((pressure(&network, &solution, "b") - 150_000.0).abs() < 0.2);
    let [one, two, three] = ["V", "V2", "V3"].map(|id| flow(&network, &solution, id));
    assert!((one - two).abs() < 1e-3 && one > 1.0 && three == 0.0, "{one} {two} {three}");
}

#[test]
fn make_up_beyond_its_capacity_lets_the_pressure_fall() {
    let mut network = Network::new();
    network.set_settings(settings());
    let make_up = |capacity_kg_s| Boundary::MakeUp { pressure_pa: 300_000.0, capacity_kg_s, temperature_c: 10.0 };
    network.insert_node("m", Node { boundary: Some(Box::new(make_up(Some(4.0)))), ..Node::default() }).unwrap();
    let open = Some(Boundary::Reservoir { head_m: 1.0, temperature_c: 10.0 });
    network.insert_node("out", Node { boundary: open.map(Box::new), ..Node::default() }).unwrap();
    network.insert_link_between("leak", "m", "out", pipe(30.0, 0.08)).unwrap();
    let solution = solve(&network);
    assert_sound(&solution);
    assert!((flow(&network, &solution, "leak") - 4.0).abs() < 1e-9);
    assert!(pressure(&network, &solution, "m") < 290_000.0);
    assert!(codes(&solution).contains(&Code::MakeUpOverCapacity));
}

#[test]
fn source_that_holds_its_supply_pressure() {
    let mut network = ladder(3, 300_000.0, 4.0);
    nodes(&mut network, &["S9", "R9"]);
    let control = SourceControl::SupplyPressure { supply_pressure_pa: 560_000.0 };
    network.insert_link_between("H9", "R9", "S9", Source { control, ..Source::default() }).unwrap();
    network.insert_link_between("PS9", "S9", "S3", pipe(200.0, 0.1)).unwrap();
    network.insert_link_between("PR9", "R3", "R9", pipe(200.0, 0.1)).unwrap();
    let solution = solve(&network);
    assert_sound(&solution);
    assert!((pressure(&network, &solution, "S9") - 560_000.0).abs() < 0.2);
    let both = flow(&network, &solution, "H") + flow(&network, &solution, "H9");
    assert!((both - 12.0).abs() < 1e-8);
}

#[test]
fn source_that_holds_the_worst_consumer() {
    let mut network = ladder(4, 300_000.0, 4.0);
    let source = hypocaust::network::ElementRef::new(hypocaust::network::ElementKind::Source, "H");
    let control =
        serde_json::json!({"worst-point": {"available_pressure_pa": 50_000.0, "return_pressure_pa": 300_000.0}});
    hypocaust::network::edit::Edit::set(source, "control", control).apply(&mut network).unwrap();
    let solution = solve(&network);
    assert_sound(&solution);
    let worst = solution.worst_consumer(&network).unwrap();
    assert!((worst.available_pressure_pa - 50_000.0).abs() < 0.2, "{worst:?}");
    assert_eq!(worst.link, network.link_id("C4").unwrap());
}

#[test]
fn a_source_pushed_backwards_is_named() {
    let mut network = ladder(2, 400_000.0, 0.5);
    let control = SourceControl::PressureRise { pressure_rise_pa: 100_000.0 };
    network.insert_link_between("H2", "R2", "S2", Source { control, ..Source::default() }).unwrap();
    let solution = solve(&network);
    assert_sound(&solution);
    let finding = solution.findings.iter().find(|finding| finding.code == Code::SourceReversed).unwrap();
    assert_eq!(&*finding.element.id, "H2");
}

#[test]
fn a_warm_solve_gives_what_a_cold_one_gives() {
    let mut network = ladder(8, 400_000.0, 2.0);
    network.insert_link_between("tie", "S2", "S7", pipe(600.0, 0.08)).unwrap();
    network.insert_link_between("tieR", "R1", "R8", pipe(900.0, 0.08)).unwrap();
    nodes(&mut network, &["Sv"]);
    network.insert_link_between("V", "S8", "Sv", Valve { kv_m3_h: Some(80.0), ..Valve::default() }).unwrap();
    network.insert_link_between("CV", "Sv", "R8", consumer(6.0)).unwrap();
    let valve = hypocaust::network::ElementRef::new(hypocaust::network::ElementKind::Valve, "V");
    let mut solver = Solver::new();
    for opening in [1.0, 0.3, 0.05, 0.0, 0.02, 0.6, 1.0] {
        hypocaust::network::edit::Edit::set(valve.clone(), "opening", opening).apply(&mut network).unwrap();
        let warm = solver.solve(&network, &hydraulic());
        let cold = solve(&network);
        assert_sound(&warm);
        for (warm, cold) in warm.links.iter().zip(&cold.links) {
            assert!((warm.mass_flow_kg_s - cold.mass_flow_kg_s).abs() < 1e-6, "opening {opening}: {warm:?} {cold:?}");
        }
        for (warm, cold) in warm.nodes.iter().zip(&cold.nodes) {
            assert!((warm.pressure_pa - cold.pressure_pa).abs() < 0.1, "opening {opening}: {warm:?} {cold:?}");
        }
        let again = solver.solve(&network, &hydraulic());
        assert_eq!(warm.report.max_momentum_residual_pa < 1.0, again.report.iterations <= warm.report.iterations);
    }
}
