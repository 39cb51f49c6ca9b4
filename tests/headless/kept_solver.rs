//! A solver that keeps the network it solved last gives bit for bit what one gives that builds it anew: over random
//! edits and their undoing, several networks, and clones that go apart.

use hypocaust::network::edit::Edit;
use hypocaust::network::elements::{Boundary, Link, Node, Pump, PumpPoint, Side, Valve, ValveKind};
use hypocaust::network::generate::{GridLoops, GridParameters, Parameters, city, grid};
use hypocaust::network::{ElementKind, ElementRef, LinkKind, Network};
use hypocaust::solver::batch::{Batch, ScenarioRefused};
use hypocaust::solver::problem::{Changes, Problem};
use hypocaust::solver::{Mode, Options, Solution, Solver, rules};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A grid with every kind of link, a controller and a make-up of limited capacity.
fn mixed(seed: u64) -> Network {
    let mut network = grid(&GridParameters::new(150, GridLoops::Share(0.2), seed));
    let valves = [
        Valve { opening: 0.7, kv_m3_h: Some(900.0), ..Valve::default() },
        Valve { kind: ValveKind::Check, diameter_m: Some(0.2), ..Valve::default() },
        Valve {
            kind: ValveKind::PressureReducing,
            set_pressure_pa: Some(6e5),
            diameter_m: Some(0.2),
            ..Valve::default()
        },
        Valve { kind: ValveKind::GeneralPurpose, loss_curve: vec![[100.0, 2.0], [500.0, 9.0]], ..Valve::default() },
    ];
    let from: Vec<_> = network.nodes().filter(|node| node.2.side == Side::Supply).map(|node| node.0).take(40).collect();
    for (at, valve) in valves.into_iter().enumerate() {
        network.insert_link(format!("V{at}"), from[3 * at], from[3 * at + 20], valve).unwrap();
    }
    let curve = vec![PumpPoint { flow_m3_h: 300.0, head_m: 20.0, efficiency: None }];
    network.insert_link("booster", from[5], from[30], Pump { curve, ..Pump::default() }).unwrap();
    let boundary = Some(Box::new(Boundary::MakeUp { pressure_pa: 5e5, capacity_kg_s: Some(3.0), temperature_c: 60.0 }));
    let end = network.insert_node("M", Node { boundary, side: Side::Return, ..Node::default() }).unwrap();
    let back = network.nodes().find(|node| node.2.side == Side::Return).unwrap().0;
    network.insert_link("VM", end, back, Valve { diameter_m: Some(0.1), ..Valve::default() }).unwrap();
    network
}

/// The same contents, with nothing known about how they came about.
fn without_past(network: &Network) -> Network {
    let mut other = network.clone();
    other.set_settings(network.settings().clone());
    assert!(other.changes_since(network.revision()).is_none());
    other
}

/// One edit made of three numbers; most of them are of the kind that can be followed row by row.
fn edit(network: &Network, what: u32, place: u32, value: f64) -> Edit {
    let links: Vec<_> = network.links().collect();
    let link = links[place as usize % links.len()];
    let pick = |wanted: &dyn Fn(&Link) -> bool| {
        let found: Vec<_> = links.iter().filter(|view| wanted(view.link)).collect();
        found.get(place as usize % found.len().max(1)).map_or_else(|| link.element(), |view| view.element())
    };
    let nodes: Vec<_> = network.nodes().map(|node| node.1).collect();
    let node = ElementRef::new(ElementKind::Node, nodes[place as usize % nodes.len()].clone());
    let (element, field, value): (ElementRef, &str, Value) = match what % 16 {
        0 => (pick(&|l| matches!(l.kind, LinkKind::Pipe(_))), "zeta", json!(value * 50.0)),
        1 => (pick(&|l| matches!(l.kind, LinkKind::Pipe(_))), "inner_diameter_m", json!(0.05 + value)),
        2 => (pick(&|l| matches!(l.kind, LinkKind::Pipe(_))), "details.nominal_pressure_pa", json!(value * 1e6)),
        3 => {
            let state = ["open", "closed", "one-way"][(value * 3.0) as usize % 3];
            (pick(&|l| matches!(l.kind, LinkKind::Pipe(_))), "state", json!(state))
        }
        4 => (pick(&|l| matches!(l.kind, LinkKind::Valve(_))), "opening", json!((value * 1.2 - 0.1).clamp(0.0, 1.0))),
        5 => (pick(&|l| matches!(l.kind, LinkKind::Valve(_))), "diameter_m", json!(0.05 + value)),
        6 => (
            pick(&|l| matches!(l.kind, LinkKind::Consumer(_))),
            "demand",
            json!({"mass-flow": {"mass_flow_kg_s": value}}),
        ),
        7 => (pick(&|l| matches!(l.kind, LinkKind::Consumer(_))), "shut", json!(value > 0.5)),
        8 => (pick(&|l| matches!(l.kind, LinkKind::Consumer(_))), "required_pressure_pa", json!(value * 4e5)),
        9 => (pick(&|l| matches!(l.kind, LinkKind::Source(_))), "supply_temperature_c", json!(80.0 + 40.0 * value)),
        10 => (pick(&|l| matches!(l.kind, LinkKind::Pump(_))), "speed", json!(value)),
        11 => (node, "z_m", json!(value * 30.0)),
        13 => {
            let holes = json!([{"position": value, "hole_diameter_m": 0.01}]);
            (
                pick(&|l| matches!(l.kind, LinkKind::Pipe(_))),
                "leaks",
                if place.is_multiple_of(3) { Value::Null } else { holes },
            )
        }
        12 => (node, "demand_kg_s", json!(value - 0.3)),
        15 => (
            pick(&|l| matches!(l.kind, LinkKind::Consumer(_))),
            "hand_opening",
            if place.is_multiple_of(4) { Value::Null } else { json!((value * 1.1 - 0.05).clamp(0.0, 1.0)) },
        ),
        _ => match (value * 4.0) as u32 {
            0 => return Edit::Remove { element: link.element() },
            1 => (node, "side", json!(["supply", "return", "single"][place as usize % 3])),
            2 => (ElementRef::network(), "gravity_m_s2", json!(9.8 + 0.01 * value)),
            _ => (node, "boundary", json!({"reservoir": {"head_m": 60.0 + 10.0 * value}})),
        },
    };
    Edit::set(element, field, value)
}

fn bits(solution: &Solution) -> String {
    // Debug prints every digit that tells two numbers apart, and NaN as NaN.
    format!("{solution:?}")
}

/// Everything about a problem but its version.
fn rows(mut problem: Problem) -> String {
    problem.changes = Changes::default();
    format!("{problem:?}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn what_is_kept_never_differs_from_what_is_built(
        seed in 0u64..1000,
        steps in prop::collection::vec((0usize..4, 0u32..16, 0u32..10_000, 0.0f64..1.0), 1..14),
    ) {
        let first = mixed(seed);
        let mut networks = [first.clone(), mixed(seed + 1), first];
        let (mut keeping, mut building) = (Solver::new(), Solver::new());
        let options = Options { mode: Mode::Hydraulic, ..Options::default() };
        let mut undo: Vec<(usize, Edit)> = Vec::new();
        let mut solution = Solution::default();
        let mut followed = Problem::new(&networks[0]).ok().map(|problem| (problem, networks[0].revision()));
        for (which, what, place, value) in steps {
            if which == 3 {
                if let Some((which, back)) = undo.pop() {
                    // Links removed since may stand in its way; that is an answer too.
                    let _ = back.apply(&mut networks[which]);
                }
            } else {
                let edit = edit(&networks[which], what, place, value);
                if let Ok(back) = edit.apply(&mut networks[which]) {
                    undo.push((which, back));
                }
            }
            let network = &networks[which % 3];
            keeping.solve_into(network, &options, &mut solution);
            let built = building.solve(&without_past(network), &options);
            prop_assert_eq!(bits(&solution), bits(&built));
            prop_assert_eq!(
                rules::judge(network, &solution, &rules::Rules::default()).len(),
                rules::judge(network, &built, &rules::Rules::default()).len()
            );
            // The problem alone, where it can be followed.
            let new = Problem::new(network).ok();
            followed = match (followed, new) {
                (Some((mut problem, revision)), Some(new)) => {
                    let patched = network.changes_since(revision).is_some_and(|c| problem.patch(network, c));
                    if patched {
                        prop_assert_eq!(rows(problem.clone()), rows(new));
                    }
                    Some((if patched { problem } else { Problem::new(network).unwrap() }, network.revision()))
                }
                (_, new) => new.map(|new| (new, network.revision())),
            };
        }
    }
}

#[test]
fn an_edit_of_one_element_is_followed_and_names_what_changed() {
    let mut network = mixed(5);
    let mut problem = Problem::new(&network).unwrap();
    for (element, field, value) in [
        ("PS7", "zeta", json!(4.5)),
        ("V0", "opening", json!(0.0)),
        ("V0", "opening", json!(0.4)),
        ("booster", "speed", json!(0.9)),
    ] {
        let link = network.link_id(element).unwrap();
        let before = (network.revision(), problem.changes.version);
        Edit::set(network.link_ref(link), field, value).apply(&mut network).unwrap();
        assert!(problem.patch(&network, network.changes_since(before.0).unwrap()), "{element}.{field}");
        assert_eq!(problem.changes.since, before.1);
        assert_eq!(problem.changes.links, [problem.link(link).unwrap() as u32]);
        assert_eq!(rows(problem.clone()), rows(Problem::new(&network).unwrap()));
    }
}

#[test]
fn temperatures_leave_nothing_behind_in_what_is_kept() {
    let mut network = city(&Parameters { stations: 12, ..Parameters::default() });
    let (mut keeping, mut building) = (Solver::new(), Solver::new());
    let valve = network.links().find(|view| view.valve().is_some()).unwrap().element();
    for (mode, opening) in [(Mode::Thermal, 1.0), (Mode::Hydraulic, 0.6), (Mode::Thermal, 0.3), (Mode::Thermal, 0.3)] {
        Edit::set(valve.clone(), "opening", opening).apply(&mut network).unwrap();
        let options = Options { mode, ..Options::default() };
        let kept = keeping.solve(&network, &options);
        assert!(kept.converged, "{:?}", kept.findings);
        assert_eq!(bits(&kept), bits(&building.solve(&without_past(&network), &options)));
    }
}

#[test]
fn a_solver_that_forgot_is_as_good_as_new() {
    let mut solver = Solver::new();
    for seed in 0..3 {
        let network = mixed(seed);
        for mode in [Mode::Hydraulic, Mode::Thermal] {
            let options = Options { mode, ..Options::default() };
            solver.solve(&mixed(seed + 1), &options);
            solver.solve(&network, &options);
            solver.forget();
            assert_eq!(bits(&solver.solve(&network, &options)), bits(&Solver::new().solve(&network, &options)));
        }
    }
}

#[test]
fn a_batch_gives_the_same_bits_on_any_number_of_threads_and_leaves_nothing_behind() {
    let network = mixed(8);
    let scenarios: Vec<Vec<Edit>> = (0..24)
        .map(|at| (0..at % 3).map(|more| edit(&network, at, 31 * at + more, f64::from(at) / 24.0)).collect())
        .chain([vec![Edit::Remove { element: ElementRef::new(ElementKind::Pipe, "none") }]])
        .collect();
    let batch = |threads| Batch { options: Options { mode: Mode::Hydraulic, ..Options::default() }, threads };
    let all =
        |threads| batch(threads).solve(&network, &scenarios, |number, _, solution| (number, bits(solution)), || ());
    let one = all(1);
    assert_eq!(one, all(3));
    assert!(matches!(one.last(), Some(Err(ScenarioRefused { edit: 0, .. }))));
    for (number, answer) in one.iter().enumerate().filter(|(_, answer)| answer.is_ok()) {
        // Alone as in company.
        let alone = batch(1).solve(&network, &scenarios[number..=number], |_, _, solution| bits(solution), || ());
        assert_eq!(answer.as_ref().map(|answer| &answer.1), alone[0].as_ref());
        assert_eq!(answer.as_ref().map(|answer| answer.0), Ok(number));
    }
}

#[test]
fn a_network_lent_out_comes_back_as_it_was() {
    let mut network = mixed(3);
    let (before, revision) = (network.clone(), network.revision());
    let mut problem = Problem::new(&network).unwrap();
    let valve = Edit::set(ElementRef::new(ElementKind::Valve, "V0"), "opening", 0.0);
    let gone = Edit::Remove { element: ElementRef::new(ElementKind::Valve, "V1") };
    let opening = |network: &Network| network.link_view(network.link_id("V0")?)?.valve().map(|valve| valve.opening);
    assert_eq!(network.what_if(std::slice::from_ref(&valve), opening), Ok(Some(0.0)));
    assert!(network.same_as(&before));
    // Whoever knew it can follow.
    assert!(problem.patch(&network, network.changes_since(revision).unwrap()));
    assert_eq!(rows(problem), rows(Problem::new(&before).unwrap()));
    let links = network.link_count();
    assert_eq!(network.what_if(&[valve.clone(), gone.clone()], |network| network.link_count()), Ok(links - 1));
    assert!(network.same_as(&before));
    assert!(matches!(network.what_if(&[valve, gone.clone(), gone], |_| ()), Err((2, _))));
    assert!(network.same_as(&before));
}
