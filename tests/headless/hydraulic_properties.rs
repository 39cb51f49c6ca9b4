//! What must hold for any network: balance, independence of names and order, determinism, monotony, convergence.

use hypocaust::network::{
    Boundary, Network, Node, Pipe, PipeState, Pump, PumpPoint, Side, Source, SourceControl, Valve, ValveKind,
};
use hypocaust::solver::Solution;
use proptest::prelude::*;

use crate::hydraulic_reference::solve;
use crate::hydraulic_zoo::{assert_sound, consumer, reference, settings};

/// A link of a random two-pipe network.
#[derive(Clone, Debug)]
enum Part {
    /// Pipe between two places on one side.
    Pipe {
        supply: bool,
        ends: [usize; 2],
        length_m: f64,
        diameter_m: f64,
        state: u8,
    },
    Valve {
        supply: bool,
        ends: [usize; 2],
        kind: u8,
        size: f64,
    },
    Pump {
        ends: [usize; 2],
        flow_m3_h: f64,
        head_m: f64,
        check_valve: bool,
    },
    Consumer {
        at: usize,
        flow_kg_s: f64,
        kv: Option<f64>,
    },
    Source {
        at: usize,
        kind: u8,
        size: f64,
    },
}

/// Kinds of valve whose law looks at nothing but themselves, and all kinds.
const LIMITED: u8 = 6;
const SENSING: u8 = 9;

fn part(places: usize, kinds: u8) -> impl Strategy<Value = Part> {
    let ends = prop::array::uniform2(0..places);
    let pipe = (any::<bool>(), ends.clone(), 1.0..3.0_f64, -1.8..0.1_f64, 0..20u8).prop_map(
        |(supply, ends, length, diameter, state)| Part::Pipe {
            supply,
            ends,
            length_m: 10f64.powf(length),
            diameter_m: 10f64.powf(diameter),
            state,
        },
    );
    let valve = (any::<bool>(), ends.clone(), 0..kinds, 0.0..1.0_f64)
        .prop_map(|(supply, ends, kind, size)| Part::Valve { supply, ends, kind, size });
    let pump = (ends, 5.0..200.0_f64, 5.0..60.0_f64, any::<bool>())
        .prop_map(|(ends, flow_m3_h, head_m, check_valve)| Part::Pump { ends, flow_m3_h, head_m, check_valve });
    let demand = prop_oneof![1 => Just(0.0), 4 => (-3.0..1.5_f64).prop_map(|log| 10f64.powf(log))];
    let station = (0..places, demand, prop::option::of(1.0..100.0_f64))
        .prop_map(|(at, flow_kg_s, kv)| Part::Consumer { at, flow_kg_s, kv });
    let source = (0..places, 0..2u8, 0.1..1.0_f64).prop_map(|(at, kind, size)| Part::Source { at, kind, size });
    prop_oneof![10 => pipe, 2 => valve, 1 => pump, 5 => station, 1 => source]
}

/// Places in a row joined on both sides, a reference source at the first, and anything else on top.
fn parts(kinds: u8) -> impl Strategy<Value = (Vec<f64>, Vec<Part>)> {
    (3..14usize).prop_flat_map(move |places| {
        (prop::collection::vec(0.0..40.0_f64, places), prop::collection::vec(part(places, kinds), 1..40))
    })
}

fn build(heights_m: &[f64], parts: &[Part], order: impl Fn(usize) -> usize, prefix: &str) -> Network {
    let mut network = Network::new();
    network.set_settings(settings());
    let id = |supply: bool, at: usize| format!("{prefix}{}{at}", if supply { 'S' } else { 'R' });
    for at in 0..heights_m.len() {
        let at = order(at) % heights_m.len();
        for supply in [true, false] {
            let side = if supply { Side::Supply } else { Side::Return };
            // Reordering visits some places twice.
            let _ = network.insert_node(id(supply, at), Node { side, z_m: heights_m[at], ..Node::default() });
        }
    }
    for (at, z_m) in heights_m.iter().enumerate() {
        for supply in [true, false] {
            let side = if supply { Side::Supply } else { Side::Return };
            let _ = network.insert_node(id(supply, at), Node { side, z_m: *z_m, ..Node::default() });
        }
    }
    let link = |network: &mut Network, name: String, from: String, to: String, link: hypocaust::network::Link| {
        if from != to {
            network.insert_link_between(name, &from, &to, link).unwrap();
        }
    };
    link(&mut network, format!("{prefix}H"), id(false, 0), id(true, 0), reference(400_000.0).into());
    for at in 1..heights_m.len() {
        for supply in [true, false] {
            let pipe = Pipe { length_m: 150.0, inner_diameter_m: 0.1, ..Pipe::default() };
            link(&mut network, format!("{prefix}B{at}{supply}"), id(supply, at - 1), id(supply, at), pipe.into());
        }
    }
    for at in 0..parts.len() {
        let at = order(at) % parts.len();
        let name = format!("{prefix}L{at}");
        if network.link_id(&name).is_none() {
            add(&mut network, &parts[at], name, &id, &link);
        }
    }
    for (at, part) in parts.iter().enumerate() {
        let name = format!("{prefix}L{at}");
        if network.link_id(&name).is_none() {
            add(&mut network, part, name, &id, &link);
        }
    }
    network
}

type Adder<'a> = &'a dyn Fn(&mut Network, String, String, String, hypocaust::network::Link);

fn add(network: &mut Network, part: &Part, name: String, id: &dyn Fn(bool, usize) -> String, link: Adder<'_>) {
    match part {
        Part::Pipe { supply, ends, length_m, diameter_m, state } => {
            let state = match state {
                0 => PipeState::Closed,
                1 => PipeState::OneWay,
                _ => PipeState::Open,
            };
            let pipe = Pipe { length_m: *length_m, inner_diameter_m: *diameter_m, state, ..Pipe::default() };
            link(network, name, id(*supply, ends[0]), id(*supply, ends[1]), pipe.into());
        }
        Part::Valve { supply, ends, kind, size } => {
            let (is_held, is_sensing) = (matches!(kind, 6 | 7), *kind == 8);
            let kind = [
                ValveKind::Sectioning,
                ValveKind::Check,
                ValveKind::Flow,
                ValveKind::PressureBreaking,
                ValveKind::DifferentialPressure,
                ValveKind::Control,
                ValveKind::PressureReducing,
                ValveKind::PressureSustaining,
                ValveKind::DifferentialPressure,
            ][usize::from(*kind)];
            let valve = Valve {
                kind,
                kv_m3_h: Some(5.0 + 300.0 * size),
                opening: if *size < 0.1 { 0.0 } else { 1.0 },
                set_flow_kg_s: Some(5.0 * size),
                set_pressure_pa: Some(if is_held { 300_000.0 + 400_000.0 * size } else { 50_000.0 * size }),
                sensing_nodes: is_sensing.then(|| [id(true, ends[1]).into(), id(false, ends[1]).into()]),
                ..Valve::default()
            };
            link(network, name, id(*supply, ends[0]), id(*supply, ends[1]), valve.into());
        }
        Part::Pump { ends, flow_m3_h, head_m, check_valve } => {
            let curve = vec![PumpPoint { flow_m3_h: *flow_m3_h, head_m: *head_m, efficiency: None }];
            let pump = Pump { curve, check_valve: *check_valve, ..Pump::default() };
            link(network, name, id(true, ends[0]), id(true, ends[1]), pump.into());
        }
        Part::Consumer { at, flow_kg_s, kv } => {
            let station = hypocaust::network::Consumer { kv_open_m3_h: *kv, ..consumer(*flow_kg_s) };
            link(network, name, id(true, *at), id(false, *at), station.into());
        }
        Part::Source { at, kind, size } => {
            let control = match kind {
                0 => SourceControl::PressureRise { pressure_rise_pa: 300_000.0 * size },
                _ => SourceControl::MassFlow { mass_flow_kg_s: 3.0 * size },
            };
            let to = if *at == 0 { 1 } else { *at };
            link(network, name, id(false, to), id(true, to), Source { control, ..Source::default() }.into());
        }
    }
}

/// Two sources that hold different rises at one place contradict each other; two that feed given flows never do.
fn contradictory(parts: &[Part]) -> bool {
    let mut places: Vec<usize> = parts
        .iter()
        .filter_map(|part| match part {
            Part::Source { at, kind: 0, .. } => Some((*at).max(1)),
            _ => None,
        })
        .collect();
    let count = places.len();
    places.sort_unstable();
    places.dedup();
    places.len() < count
}

fn difference(one: &Network, a: &Solution, other: &Network, b: &Solution, prefix: &str) -> (f64, f64) {
    let largest = a.links.iter().map(|link| link.mass_flow_kg_s.abs()).fold(1.0, f64::max);
    let flows = one.links().map(|view| {
        let twin = other.link_id(&format!("{prefix}{}", view.id)).unwrap();
        (a.link(view.handle).unwrap().mass_flow_kg_s - b.link(twin).unwrap().mass_flow_kg_s).abs() / largest
    });
    let pressures = one.nodes().map(|(handle, id, _)| {
        let twin = other.node_id(&format!("{prefix}{id}")).unwrap();
        (a.node(handle).unwrap().pressure_pa - b.node(twin).unwrap().pressure_pa).abs()
    });
    (flows.fold(0.0, f64::max), pressures.fold(0.0, f64::max))
}

/// 400 networks of each kind; more by the environment variable `HYPOCAUST_CASES`.
fn cases() -> ProptestConfig {
    let cases = std::env::var("HYPOCAUST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(400);
    ProptestConfig { cases, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_network_converges_and_balances((heights_m, parts) in parts(LIMITED)) {
        prop_assume!(!contradictory(&parts));
        let network = build(&heights_m, &parts, |at| at, "");
        let solution = solve(&network);
        assert_sound(&solution);
        for consumer in &solution.consumers {
            prop_assert!(consumer.mass_flow_kg_s >= -1e-9);
        }
        // The same bits again.
        let again = solve(&network);
        prop_assert_eq!(format!("{:?}", solution.links), format!("{:?}", again.links));
        prop_assert_eq!(format!("{:?}", solution.nodes), format!("{:?}", again.nodes));
    }

    #[test]
    fn controllers_settle((heights_m, parts) in parts(SENSING)) {
        prop_assume!(!contradictory(&parts));
        let network = build(&heights_m, &parts, |at| at, "");
        let solution = solve(&network);
        prop_assert!(solution.converged, "{:?} {:?}", solution.report, solution.findings);
        prop_assert!(solution.report.max_mass_imbalance_kg_s <= 1e-8, "{:?}", solution.report);
        prop_assert!(solution.report.max_momentum_residual_pa <= 1e-2, "{:?}", solution.report);
    }

    #[test]
    fn names_and_order_change_nothing((heights_m, parts) in parts(LIMITED), stride in 1..50usize) {
        prop_assume!(!contradictory(&parts));
        let network = build(&heights_m, &parts, |at| at, "");
        let other = build(&heights_m, &parts, |at| at * stride + 3, "x");
        let (a, b) = (solve(&network), solve(&other));
        prop_assert!(a.converged && b.converged);
        let (flow, pressure) = difference(&network, &a, &other, &b, "x");
        prop_assert!(flow <= 1e-7 && pressure <= 1.0, "flow {:e}, pressure {:e} Pa", flow, pressure);
    }
}

#[test]
fn closing_a_way_never_raises_the_flow_of_a_fixed_rise() {
    // Square-law users on a looped ladder behind one fixed rise; close every pipe in turn.
    let mut network = crate::hydraulic_zoo::ladder(6, 300_000.0, 0.0);
    for at in 1..=6 {
        let valve = Valve { kind: ValveKind::Control, kv_m3_h: Some(25.0), ..Valve::default() };
        network.insert_link_between(format!("U{at}"), &format!("S{at}"), &format!("R{at}"), valve).unwrap();
    }
    let tie = Pipe { length_m: 500.0, inner_diameter_m: 0.08, ..Pipe::default() };
    network.insert_link_between("tie", "S1", "S6", tie).unwrap();
    let open = solve(&network);
    assert_sound(&open);
    let total = |network: &Network, solution: &Solution| crate::hydraulic_zoo::flow(network, solution, "H");
    let all: Vec<_> = network.links().filter(|view| view.pipe().is_some()).map(|view| view.element()).collect();
    for pipe in all {
        let mut closed = network.clone();
        hypocaust::network::edit::Edit::set(pipe.clone(), "state", "closed").apply(&mut closed).unwrap();
        let solution = solve(&closed);
        assert!(solution.converged);
        let (less, more) = (total(&closed, &solution), total(&network, &open));
        assert!(less <= more * (1.0 + 1e-12), "{pipe}: {less} > {more}");
    }
}

#[test]
fn a_reservoir_network_without_flow_stands_at_its_level() {
    let mut network = Network::new();
    network.set_settings(settings());
    let boundary = Some(Box::new(Boundary::Reservoir { head_m: 30.0, temperature_c: 10.0 }));
    network.insert_node("top", Node { boundary, z_m: 5.0, ..Node::default() }).unwrap();
    network.insert_node("a", Node { z_m: -10.0, ..Node::default() }).unwrap();
    network.insert_node("b", Node { z_m: 12.0, ..Node::default() }).unwrap();
    for (id, from, to) in [("1", "top", "a"), ("2", "a", "b"), ("3", "b", "top")] {
        let pipe = Pipe { length_m: 100.0, inner_diameter_m: 1.4, ..Pipe::default() };
        network.insert_link_between(id, from, to, pipe).unwrap();
    }
    let solution = solve(&network);
    assert_sound(&solution);
    let head = |id: &str| {
        let node = network.node_id(id).unwrap();
        solution.node(node).unwrap().pressure_pa / (crate::hydraulic_zoo::DENSITY_KG_M3 * 9.81)
            + network.node(node).unwrap().z_m
    };
    assert!((head("a") - 30.0).abs() < 1e-9 && (head("b") - 30.0).abs() < 1e-9);
    assert!(solution.links.iter().all(|link| link.mass_flow_kg_s.abs() < 1e-6));
}
