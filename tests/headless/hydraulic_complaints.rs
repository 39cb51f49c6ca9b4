//! What users of other programs have complained about, rebuilt small, each with the right answer and named after its
//! cause.
//!
//! | cause | public complaint | test |
//! |---|---|---|
//! | zero flow makes the matrix singular | pandapipes #570, #679; WNTR #81; modelica-buildings #4276 | `hydraulic_zoo::all_consumers_at_zero_flow`, `zero_flow_loop_between_busy_branches`, [`one_of_two_consumers_at_rest`] |
//! | isolated parts solved silently or not at all | pandapipes #601, #567; WNTR #187, #217; EPANET #748 | `hydraulic_zoo::a_part_cut_off_on_both_sides…`, `fixed_demand_of_an_island…`, `no_reference_at_all`, [`a_regulator_in_a_part_cut_off`] |
//! | parallel pumps do not converge | pandapipes #253, #545, #693 | `hydraulic_zoo::parallel_pumps_share_by_their_curves`, [`parallel_pumps_before_a_given_demand`] |
//! | regulators cycle | USEPA/EPANET2.2 #9, EPANET #582 | `hydraulic_zoo::regulators_side_by_side_do_not_cycle`, [`forty_regulated_laterals_in_a_row`] |
//! | a reducing valve behind a sustaining one | EPANET #692 | [`reducing_valve_behind_a_sustaining_one`] |
//! | a limiter before a greater demand | EPANET #582 | [`limiter_before_a_greater_demand`] |
//! | unclear messages, no check beforehand | pandapipes #188, #340; WNTR #261 | [`every_refusal_names_element_and_remedy`] |
//! | unphysical results accepted | pandapipes #337, #417 | `hydraulic_zoo::five_fold_demand_saturates…`, [`demand_against_a_check_valve`], [`flow_into_a_dead_end`], [`make_up_smaller_than_the_demand`] |
//! | stagnant loops (Re ≈ 1) cycle | pandapipes 0.16, Colebrook | [`stagnant_loop_near_reynolds_one`], [`loop_between_laminar_and_turbulent`] |
//! | negative consumer flow | pandapipes 0.16 | [`a_consumer_that_feeds`] |
//! | supply colder than the wanted return | pandapipes 0.16 | [`supply_colder_than_the_wanted_return`] |
//! | two fixed-pressure sources | pandapipes 0.16 | `hydraulic_zoo::two_fixed_pressures_are_both_named`, [`two_references_in_one_network`] |
//! | two references at different heights | pandapipes 0.16 (pressure against the local air) | [`two_open_levels_at_different_heights_are_at_rest`] |
//! | closed supply lateral of a fixed-flow consumer dropped | pandapipes 0.16 | `hydraulic_zoo::demand_behind_a_closed_valve`, [`closed_supply_lateral_of_a_fixed_flow_consumer`] |
//! | demand behind a closed pipe: −2.5 million m | EPANET 2.3 | `hydraulic_zoo::fixed_demand_of_an_island_is_refused_by_name` |
//! | a pump would run backwards | pandapipes 0.16 | `hydraulic_zoo::a_pump_too_weak_passes_nothing_and_says_so` |
//! | worst-point control missing | pandapipes pull 711 | `hydraulic_zoo::source_that_holds_the_worst_consumer`, [`a_worst_point_nothing_can_lift`] |
//! | coupled heat with 40 m of height | pandapipes 0.16: 12 of 30 | `coupled::forty_metres_of_height_settle` |
//! | a controller that starves what it feeds | | [`sustaining_valve_that_starves_a_demand`] |

use hypocaust::network::edit::Edit;
use hypocaust::network::validate::validate;
use hypocaust::network::{
    Boundary, Code, Demand, ElementKind, ElementRef, Finding, Network, Node, Pipe, PipeState, Pump, PumpPoint, Side,
    Source, SourceControl, Valve, ValveKind,
};
use hypocaust::solver::{Mode, Options, Solution, Solver};
use hypocaust::text::Language;
use hypocaust::units::DisplayUnits;

use crate::hydraulic_reference::solve;
use crate::hydraulic_zoo::{
    DENSITY_KG_M3, assert_sound, codes, consumer, flow, ladder, nodes, pipe, pressure, reference, settings,
};

const GRAVITY_M_S2: f64 = 9.81;

fn finding(solution: &Solution, code: Code) -> &Finding {
    solution.findings.iter().find(|finding| finding.code == code).unwrap_or_else(|| panic!("{:?}", solution.findings))
}

fn set(network: &mut Network, kind: ElementKind, id: &str, field: &str, value: impl Into<serde_json::Value>) {
    Edit::set(ElementRef::new(kind, id), field, value).apply(network).unwrap();
}

/// Reservoir at this head – pipe – node "a".
fn well(head_m: f64) -> Network {
    let mut network = Network::new();
    network.set_settings(settings());
    let boundary = Some(Box::new(Boundary::Reservoir { head_m, temperature_c: 10.0 }));
    network.insert_node("well", Node { boundary, ..Node::default() }).unwrap();
    nodes(&mut network, &["a"]);
    network.insert_link_between("P", "well", "a", pipe(200.0, 0.15)).unwrap();
    network
}

fn draw(network: &mut Network, id: &str, demand_kg_s: f64) {
    network.insert_node(id, Node { demand_kg_s, ..Node::default() }).unwrap();
}

#[test]
fn one_of_two_consumers_at_rest() {
    let mut network = ladder(2, 200_000.0, 3.0);
    set(&mut network, ElementKind::Consumer, "C2", "demand", serde_json::json!({"mass-flow": {"mass_flow_kg_s": 0.0}}));
    let solution = solve(&network);
    assert_sound(&solution);
    assert_eq!(flow(&network, &solution, "PS2"), 0.0);
    assert_eq!(pressure(&network, &solution, "S2"), pressure(&network, &solution, "S1"));
}

#[test]
fn a_regulator_in_a_part_cut_off() {
    let mut network = ladder(2, 200_000.0, 3.0);
    nodes(&mut network, &["Sa", "Sb", "Ra"]);
    for (id, from, to) in [("VS", "S2", "Sa"), ("VR", "Ra", "R2")] {
        network.insert_link_between(id, from, to, Valve { opening: 0.0, ..Valve::default() }).unwrap();
    }
    let regulator = Valve { kind: ValveKind::Flow, set_flow_kg_s: Some(1.0), ..Valve::default() };
    network.insert_link_between("F", "Sa", "Sb", regulator).unwrap();
    network.insert_link_between("C", "Sb", "Ra", consumer(2.0)).unwrap();
    let solution = solve(&network);
    assert_sound(&solution);
    assert_eq!(flow(&network, &solution, "F"), 0.0);
    assert_eq!(&*finding(&solution, Code::CutOff).element.id, "C");
}

#[test]
fn parallel_pumps_before_a_given_demand() {
    let mut network = well(30.0);
    nodes(&mut network, &["b"]);
    draw(&mut network, "end", 44.0);
    let curve = |head: [f64; 3]| Pump {
        curve: [(0.0, head[0]), (40.0, head[1]), (110.0, head[2])]
            .map(|(flow_m3_h, head_m)| PumpPoint { flow_m3_h, head_m, efficiency: None })
            .to_vec(),
        ..Pump::default()
    };
    network.insert_link_between("U1", "a", "b", curve([60.0, 55.0, 20.0])).unwrap();
    network.insert_link_between("U2", "a", "b", curve([60.0, 55.0, 20.0])).unwrap();
    network.insert_link_between("P2", "b", "end", pipe(100.0, 0.2)).unwrap();
    let solution = solve(&network);
    assert_sound(&solution);
    for id in ["U1", "U2"] {
        assert!((flow(&network, &solution, id) - 22.0).abs() < 1e-8);
    }
}

#[test]
fn forty_regulated_laterals_in_a_row() {
    // A differential-pressure controller before every consumer, from plenty of pressure to none.
    let mut network = ladder(40, 300_000.0, 0.0);
    for at in 1..=40 {
        let (supply, back, middle) = (format!("S{at}"), format!("R{at}"), format!("Sx{at}"));
        nodes(&mut network, &[middle.as_str()]);
        let controller = Valve {
            kind: ValveKind::DifferentialPressure,
            kv_m3_h: Some(10.0),
            set_pressure_pa: Some(30_000.0),
            sensing_nodes: Some([middle.as_str().into(), back.as_str().into()]),
            ..Valve::default()
        };
        network.insert_link_between(format!("D{at}"), &supply, &middle, controller).unwrap();
        let station = hypocaust::network::Consumer { kv_open_m3_h: Some(2.0), ..consumer(0.3) };
        network.insert_link_between(format!("K{at}"), &middle, &back, station).unwrap();
    }
    let solution = solve(&network);
    assert_sound(&solution);
    assert!(!codes(&solution).contains(&Code::SetValueNotHeld), "{:?}", solution.findings);
    let mut held = 0;
    for at in 1..=40 {
        let behind =
            pressure(&network, &solution, &format!("Sx{at}")) - pressure(&network, &solution, &format!("R{at}"));
        let before =
            pressure(&network, &solution, &format!("S{at}")) - pressure(&network, &solution, &format!("R{at}"));
        assert!(behind <= 30_000.1, "{at}: {behind}");
        held += usize::from((behind - 30_000.0).abs() < 0.1);
        // Less than its set value only where it stands open.
        let drop = 1.296e9 / (DENSITY_KG_M3 * 100.0) * flow(&network, &solution, &format!("D{at}")).powi(2);
        assert!((behind - 30_000.0).abs() < 0.1 || (before - behind - drop).abs() < 1.0, "{at}");
    }
    assert!(held > 0);
}

#[test]
fn reducing_valve_behind_a_sustaining_one() {
    // The sustaining valve holds 58 m before it; the reducing one behind it finds less than its 35 m and stands open.
    let weight = DENSITY_KG_M3 * GRAVITY_M_S2;
    let mut network = well(100.0);
    nodes(&mut network, &["b", "c", "d"]);
    let valve = |kind, head_m: f64| Valve {
        kind,
        kv_m3_h: Some(400.0),
        set_pressure_pa: Some(head_m * weight),
        ..Valve::default()
    };
    network.insert_link_between("PSV", "a", "b", valve(ValveKind::PressureSustaining, 58.0)).unwrap();
    network.insert_link_between("P2", "b", "c", pipe(200.0, 0.2)).unwrap();
    network.insert_link_between("PRV", "c", "d", valve(ValveKind::PressureReducing, 35.0)).unwrap();
    let boundary = Some(Box::new(Boundary::Reservoir { head_m: 10.0, temperature_c: 10.0 }));
    network.insert_node("end", Node { boundary, ..Node::default() }).unwrap();
    network.insert_link_between("P3", "d", "end", pipe(200.0, 0.25)).unwrap();
    let solution = solve(&network);
    assert_sound(&solution);
    assert!((pressure(&network, &solution, "a") - 58.0 * weight).abs() < 0.2);
    assert!(pressure(&network, &solution, "d") < 35.0 * weight);
    let through = flow(&network, &solution, "PRV");
    assert!(through > 1.0 && (through - flow(&network, &solution, "PSV")).abs() < 1e-9);
    let drop = 1.296e9 / (DENSITY_KG_M3 * 160_000.0) * through * through;
    let across = pressure(&network, &solution, "c") - pressure(&network, &solution, "d");
    assert!((across - drop).abs() < 1.0, "{across} {drop}");
}

#[test]
fn limiter_before_a_greater_demand() {
    let mut network = ladder(3, 300_000.0, 2.0);
    nodes(&mut network, &["Sx", "Sy"]);
    let limiter = Valve { kind: ValveKind::Flow, kv_m3_h: Some(50.0), set_flow_kg_s: Some(1.25), ..Valve::default() };
    network.insert_link_between("F", "S3", "Sx", limiter).unwrap();
    network.insert_link_between("PX", "Sx", "Sy", pipe(20.0, 0.05)).unwrap();
    network.insert_link_between("C", "Sy", "R3", consumer(4.0)).unwrap();
    let solution = solve(&network);
    assert_sound(&solution);
    assert!((flow(&network, &solution, "C") - 1.25).abs() < 1e-9);
    assert_eq!(&*finding(&solution, Code::ConsumerShort).element.id, "C");
}

#[test]
fn demand_against_a_check_valve() {
    let mut network = well(30.0);
    nodes(&mut network, &["b"]);
    draw(&mut network, "end", 2.0);
    draw(&mut network, "other", 3.0);
    network.insert_link_between("check", "b", "a", Valve { kind: ValveKind::Check, ..Valve::default() }).unwrap();
    network.insert_link_between("PB", "b", "end", pipe(50.0, 0.1)).unwrap();
    network.insert_link_between("PO", "a", "other", pipe(50.0, 0.1)).unwrap();
    let solution = solve(&network);
    assert!(!solution.converged);
    let named = finding(&solution, Code::FlowNotBalanced);
    assert_eq!(&*named.element.id, "end");
    assert!(named.others.iter().any(|element| &*element.id == "check"), "{named:?}");
    assert!((flow(&network, &solution, "PO") - 3.0).abs() < 1e-9, "the rest is solved");
}

#[test]
fn flow_into_a_dead_end() {
    let mut network = ladder(2, 300_000.0, 2.0);
    nodes(&mut network, &["Sx", "Sy"]);
    let control = SourceControl::MassFlow { mass_flow_kg_s: 1.0 };
    network.insert_link_between("H2", "R2", "Sx", Source { control, ..Source::default() }).unwrap();
    network.insert_link_between("PX", "Sx", "Sy", pipe(20.0, 0.05)).unwrap();
    network.insert_link_between("check", "S2", "Sy", Valve { kind: ValveKind::Check, ..Valve::default() }).unwrap();
    let solution = solve(&network);
    assert!(!solution.converged);
    assert_eq!(&*finding(&solution, Code::FlowNotBalanced).element.id, "H2");
    assert!((flow(&network, &solution, "H") - 4.0).abs() < 1e-9, "the rest is solved");
}

#[test]
fn make_up_smaller_than_the_demand() {
    let mut network = Network::new();
    network.set_settings(settings());
    let boundary =
        Some(Box::new(Boundary::MakeUp { pressure_pa: 300_000.0, capacity_kg_s: Some(2.0), temperature_c: 10.0 }));
    network.insert_node("m", Node { boundary, ..Node::default() }).unwrap();
    draw(&mut network, "end", 5.0);
    network.insert_link_between("P", "m", "end", pipe(50.0, 0.1)).unwrap();
    let solution = solve(&network);
    assert!(!solution.converged);
    let named = finding(&solution, Code::FlowNotBalanced);
    assert_eq!(&*named.element.id, "end");
    assert!(named.others.iter().any(|element| &*element.id == "m"), "{named:?}");
}

#[test]
fn sustaining_valve_that_starves_a_demand() {
    // It is to hold more before it than the well gives, and would have to shut off a demand that no pressure can stop.
    let mut network = well(30.0);
    draw(&mut network, "end", 2.0);
    let valve = Valve {
        kind: ValveKind::PressureSustaining,
        kv_m3_h: Some(100.0),
        set_pressure_pa: Some(900_000.0),
        ..Valve::default()
    };
    network.insert_link_between("V", "a", "end", valve).unwrap();
    let solution = solve(&network);
    // Either way the valve is named: as what bars the way, or as what cannot hold.
    let named = solution.findings.iter().find(|finding| {
        matches!(finding.code, Code::FlowNotBalanced | Code::SetValueNotHeld)
            && (&*finding.element.id == "V" || finding.others.iter().any(|element| &*element.id == "V"))
    });
    assert!(named.is_some(), "{:?}", solution.findings);
}

#[test]
fn every_refusal_names_element_and_remedy() {
    let mut dead_end = well(30.0);
    nodes(&mut dead_end, &["b"]);
    draw(&mut dead_end, "end", 2.0);
    dead_end.insert_link_between("check", "b", "a", Valve { kind: ValveKind::Check, ..Valve::default() }).unwrap();
    dead_end.insert_link_between("PB", "b", "end", pipe(50.0, 0.1)).unwrap();
    let mut broken = ladder(2, 200_000.0, 2.0);
    nodes(&mut broken, &["S9"]);
    broken.insert_link_between("bad", "S2", "S9", Pipe { length_m: f64::NAN, ..Pipe::default() }).unwrap();
    let mut twins = ladder(2, 200_000.0, 2.0);
    let control = SourceControl::PressureRise { pressure_rise_pa: 90_000.0 };
    twins.insert_link_between("H2", "R0", "S0", Source { control, ..Source::default() }).unwrap();
    let units = DisplayUnits::default();
    for (network, code, id) in [
        (&dead_end, Code::FlowNotBalanced, "end"),
        (&broken, Code::NotFinite, "bad"),
        (&twins, Code::ContradictoryReferences, "H2"),
    ] {
        let solution = solve(network);
        assert!(!solution.converged);
        let named = finding(&solution, code);
        for language in Language::ALL {
            assert!(named.message(language, &units).contains(id), "{}", named.message(language, &units));
            assert!(named.help(language, &units).chars().count() > 10);
        }
    }
}

#[test]
fn stagnant_loop_near_reynolds_one() {
    // 1e-5 kg/s through DN100: Re ≈ 0.3. The loop's two equal ways share it.
    for demand in [1e-7, 1e-5, 1e-4, 1e-3] {
        let mut network = well(30.0);
        draw(&mut network, "end", demand);
        for id in ["L", "R"] {
            network.insert_link_between(id, "a", "end", pipe(300.0, 0.1)).unwrap();
        }
        let solution = solve(&network);
        assert_sound(&solution);
        assert!((flow(&network, &solution, "L") - 0.5 * demand).abs() < 1e-9 * demand, "{demand}");
    }
}

#[test]
fn loop_between_laminar_and_turbulent() {
    // Re from 1 500 to 5 000 in one of two unlike ways.
    for step in 0..40 {
        let demand = 0.12 + 0.008 * f64::from(step);
        let mut network = well(30.0);
        draw(&mut network, "end", demand);
        network.insert_link_between("L", "a", "end", pipe(300.0, 0.1)).unwrap();
        network.insert_link_between("R", "a", "end", pipe(450.0, 0.12)).unwrap();
        let solution = solve(&network);
        assert_sound(&solution);
        assert!(solution.report.iterations <= 15, "{demand}: {:?}", solution.report);
    }
}

#[test]
fn a_consumer_that_feeds() {
    let mut network = ladder(3, 300_000.0, 2.0);
    nodes(&mut network, &["Sx"]);
    network.insert_link_between("PX", "S2", "Sx", pipe(50.0, 0.1)).unwrap();
    network.insert_link_between("prosumer", "Sx", "R2", consumer(-1.5)).unwrap();
    let solution = solve(&network);
    assert_sound(&solution);
    assert_eq!(flow(&network, &solution, "prosumer"), -1.5);
    assert!((flow(&network, &solution, "H") - 4.5).abs() < 1e-9);
}

#[test]
fn supply_colder_than_the_wanted_return() {
    let mut network = ladder(2, 200_000.0, 2.0);
    set(&mut network, ElementKind::Source, "H", "supply_temperature_c", 40.0);
    let heat = Demand::Heat { heat_w: 200_000.0 };
    let station = hypocaust::network::Consumer { demand: heat, return_temperature_c: 55.0, ..consumer(0.0) };
    network.insert_link_between("K", "S2", "R2", station).unwrap();
    assert!(validate(&network).iter().any(|finding| finding.code == Code::NoTemperatureDifference));
    let solution = Solver::new().solve(&network, &Options { mode: Mode::Thermal, ..Options::default() });
    assert!(solution.nodes.iter().all(|node| node.temperature_c.is_finite() && node.temperature_c <= 40.0 + 1e-9));
    // No flow of such water gives heat, so none is asked for.
    assert_eq!(flow(&network, &solution, "K"), 0.0);
}

#[test]
fn two_references_in_one_network() {
    let mut network = ladder(4, 300_000.0, 3.0);
    network.insert_link_between("H2", "R4", "S4", reference(250_000.0)).unwrap();
    let solution = solve(&network);
    assert_sound(&solution);
    assert_eq!(pressure(&network, &solution, "R0"), 300_000.0);
    assert_eq!(pressure(&network, &solution, "R4"), 300_000.0);
}

#[test]
fn two_open_levels_at_different_heights_are_at_rest() {
    let mut network = Network::new();
    network.set_settings(settings());
    for (id, z_m) in [("low", 0.0), ("high", 60.0)] {
        let boundary = Some(Box::new(Boundary::Reservoir { head_m: 80.0, temperature_c: 10.0 }));
        network.insert_node(id, Node { z_m, boundary, ..Node::default() }).unwrap();
    }
    network.insert_node("between", Node { z_m: 25.0, ..Node::default() }).unwrap();
    network.insert_link_between("P1", "low", "between", pipe(500.0, 0.3)).unwrap();
    network.insert_link_between("P2", "between", "high", pipe(500.0, 0.3)).unwrap();
    let solution = solve(&network);
    assert_sound(&solution);
    assert!(flow(&network, &solution, "P1").abs() < 1e-9);
    for (id, z_m) in [("low", 0.0), ("between", 25.0), ("high", 60.0)] {
        let expected = DENSITY_KG_M3 * GRAVITY_M_S2 * (80.0 - z_m);
        assert!((pressure(&network, &solution, id) - expected).abs() < 1e-6, "{id}");
    }
}

#[test]
fn closed_supply_lateral_of_a_fixed_flow_consumer() {
    let mut network = ladder(3, 300_000.0, 2.0);
    network.insert_node("Sl", Node { side: Side::Supply, ..Node::default() }).unwrap();
    network.insert_node("Rl", Node { side: Side::Return, ..Node::default() }).unwrap();
    network.insert_link_between("LS", "S2", "Sl", Pipe { state: PipeState::Closed, ..pipe(30.0, 0.05) }).unwrap();
    network.insert_link_between("LR", "Rl", "R2", pipe(30.0, 0.05)).unwrap();
    network.insert_link_between("C", "Sl", "Rl", consumer(1.0)).unwrap();
    let solution = solve(&network);
    assert_sound(&solution);
    assert_eq!(flow(&network, &solution, "C"), 0.0);
    assert!(pressure(&network, &solution, "Sl").is_finite());
    assert_eq!(&*finding(&solution, Code::DemandUnserved).element.id, "C");
}

#[test]
fn a_worst_point_nothing_can_lift() {
    // A controller holds 20 kPa at the consumer whose 60 kPa the source is to hold.
    let mut network = ladder(1, 300_000.0, 0.0);
    let control = serde_json::json!({
        "worst-point": {"available_pressure_pa": 60_000.0, "return_pressure_pa": 300_000.0}
    });
    set(&mut network, ElementKind::Source, "H", "control", control);
    nodes(&mut network, &["Sx"]);
    let controller = Valve {
        kind: ValveKind::DifferentialPressure,
        kv_m3_h: Some(30.0),
        set_pressure_pa: Some(20_000.0),
        sensing_nodes: Some(["Sx".into(), "R1".into()]),
        ..Valve::default()
    };
    network.insert_link_between("D", "S1", "Sx", controller).unwrap();
    network.insert_link_between("C", "Sx", "R1", consumer(1.0)).unwrap();
    let solution = solve(&network);
    assert!(!solution.converged);
    assert_eq!(&*finding(&solution, Code::SetValueNotHeld).element.id, "H");
    assert!(solution.report.iterations <= 60, "{:?}", solution.report);
}
