//! Valve plans against brute force on random small networks, and what must hold of every plan.

use std::collections::BTreeSet;

use hypocaust::emergency::isolation::{Broken, Isolation, IsolationFault, Isolator};
use hypocaust::emergency::ways::{Passage, Reliance, Ways};
use hypocaust::network::{
    Boundary, Consumer, LinkId, LinkKind, Network, Node, Pipe, PipeState, Pump, Side, Source, Valve, ValveCondition,
    ValveKind,
};
use proptest::prelude::*;

/// One link of a drawn network: ends as shares of the node count, and what it is.
#[derive(Clone, Debug)]
struct Drawn {
    from: usize,
    to: usize,
    kind: u8,
}

fn drawn(nodes: usize) -> impl Strategy<Value = Drawn> {
    (0..nodes, 0..nodes, 0u8..16).prop_map(|(from, to, kind)| Drawn { from, to, kind })
}

fn network(nodes: usize, links: &[Drawn], feeds: &[usize]) -> Network {
    let mut network = Network::new();
    for n in 0..nodes {
        let side = if n % 2 == 0 { Side::Supply } else { Side::Return };
        let boundary = feeds.contains(&n).then_some(Boundary::MakeUp {
            pressure_pa: 3e5,
            capacity_kg_s: None,
            temperature_c: 10.0,
        });
        network
            .insert_node(format!("N{n}"), Node { side, boundary: boundary.map(Box::new), ..Node::default() })
            .unwrap();
    }
    for (i, link) in links.iter().enumerate() {
        if link.from == link.to {
            continue;
        }
        let valve = |condition, opening, kind| Valve { condition, opening, kind, ..Valve::default() };
        use ValveCondition::{Operable, Stuck, Unknown, Unreachable};
        let element: hypocaust::network::Link = match link.kind {
            0..=2 => Pipe::default().into(),
            3 => Pipe { state: PipeState::OneWay, ..Pipe::default() }.into(),
            4 => Pipe { state: PipeState::Closed, ..Pipe::default() }.into(),
            5 => valve(Stuck, 1.0, ValveKind::Sectioning).into(),
            6 => valve(Unreachable, 1.0, ValveKind::Sectioning).into(),
            7 => valve(Unknown, 1.0, ValveKind::Sectioning).into(),
            8 => valve(Operable, 0.0, ValveKind::Sectioning).into(),
            9 => valve(Operable, 1.0, ValveKind::Check).into(),
            10 => Pump { check_valve: true, ..Pump::default() }.into(),
            11 => Consumer::default().into(),
            12 if i % 3 == 0 => Source::default().into(),
            _ => valve(Operable, 1.0, ValveKind::Isolating).into(),
        };
        network
            .insert_link_between(format!("L{i}"), &format!("N{}", link.from), &format!("N{}", link.to), element)
            .unwrap();
    }
    network
}

/// Whether water from a feed gets to an end of the break with these valves shut: written anew from the elements, without the
/// program's tracing. Stopped feeds are given.
fn reaches(network: &Network, broken: LinkId, shut: &BTreeSet<LinkId>, stopped: &BTreeSet<usize>) -> bool {
    let mut wet: BTreeSet<usize> = BTreeSet::new();
    for (handle, _, node) in network.nodes() {
        if node.boundary.is_some() {
            wet.insert(handle.index());
        }
    }
    for view in network.links() {
        if view.source().is_some_and(|source| source.running) {
            wet.extend([view.from.index(), view.to.index()]);
        }
    }
    wet.retain(|node| !stopped.contains(node));
    loop {
        let before = wet.len();
        for view in network.links() {
            if view.handle == broken || shut.contains(&view.handle) {
                continue;
            }
            let (from, to) = (view.from.index(), view.to.index());
            let (forth, back) = match &view.link.kind {
                LinkKind::Pipe(pipe) => (pipe.state != PipeState::Closed, pipe.state == PipeState::Open),
                LinkKind::Valve(valve) => (valve.opening > 0.0, valve.opening > 0.0 && valve.kind != ValveKind::Check),
                LinkKind::Pump(pump) => (true, !pump.check_valve),
                LinkKind::Source(_) => (false, false),
                LinkKind::Consumer(consumer) => (!consumer.shut, !consumer.shut),
            };
            if forth && wet.contains(&from) {
                wet.insert(to);
            }
            if back && wet.contains(&to) {
                wet.insert(from);
            }
        }
        if wet.len() == before {
            break;
        }
    }
    let view = network.link_view(broken).unwrap();
    wet.contains(&view.from.index()) || wet.contains(&view.to.index())
}

/// Valves that a crew can shut, by the elements.
fn closable(network: &Network, broken: LinkId) -> Vec<LinkId> {
    network
        .links()
        .filter(|view| {
            view.handle != broken
                && view.valve().is_some_and(|valve| {
                    valve.condition == ValveCondition::Operable && valve.opening > 0.0 && valve.kind != ValveKind::Check
                })
        })
        .map(|view| view.handle)
        .collect()
}

/// Node slots that feed no more under a plan.
fn stopped(network: &Network, plan: &Isolation) -> BTreeSet<usize> {
    let mut out: BTreeSet<usize> = BTreeSet::new();
    for &source in &plan.stopped_sources {
        let (from, to) = network.ends(source).unwrap();
        for end in [from, to] {
            let other = network.links().any(|view| {
                view.source().is_some()
                    && !plan.stopped_sources.contains(&view.handle)
                    && (view.from == end || view.to == end)
            });
            if !other && network.node(end).unwrap().boundary.is_none() {
                out.insert(end.index());
            }
        }
    }
    out.extend(plan.stopped_feeds.iter().map(|node| node.index()));
    out
}

/// The size of the smallest separating set, by trying all sets in order of their size.
fn smallest(network: &Network, broken: LinkId, valves: &[LinkId], stopped: &BTreeSet<usize>) -> Option<usize> {
    for size in 0..=valves.len() {
        let mut pick: Vec<usize> = (0..size).collect();
        loop {
            let shut: BTreeSet<LinkId> = pick.iter().map(|&i| valves[i]).collect();
            if !reaches(network, broken, &shut, stopped) {
                return Some(size);
            }
            // Next set of this size in lexical order.
            let Some(i) = (0..size).rev().find(|&i| pick[i] < valves.len() - size + i) else { break };
            pick[i] += 1;
            for j in i + 1..size {
                pick[j] = pick[j - 1] + 1;
            }
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    /// Same minimal number of valves as brute force, supply and return, with stuck, unreachable, unknown and broken ones.
    #[test]
    fn as_few_valves_as_brute_force(
        (nodes, links) in (3usize..9).prop_flat_map(|nodes| (Just(nodes), prop::collection::vec(drawn(nodes), 3..16))),
        feeds in prop::collection::vec(0usize..9, 0..2),
        at in 0usize..16,
    ) {
        let network = network(nodes, &links, &feeds);
        let breakable: Vec<LinkId> = network
            .links()
            .filter(|view| view.pipe().is_some() || view.valve().is_some() || view.pump().is_some())
            .map(|view| view.handle)
            .collect();
        prop_assume!(!breakable.is_empty());
        let link = breakable[at % breakable.len()];
        let ways = Ways::new(&network, &Reliance::default());
        let broken = Broken::new(&network, &[link]).unwrap();
        let isolator = Isolator::new(&network, &ways, &broken);
        let valves = closable(&network, link);
        let all: BTreeSet<LinkId> = valves.iter().copied().collect();

        let nearest = isolator.nearest(&|_| true);
        let fewest = isolator.fewest(&|_| true);
        let off = stopped(&network, &nearest);
        // A plant is stopped only when no set of valves keeps it from the break.
        let none = BTreeSet::new();
        prop_assert_eq!(nearest.needs_stops(), reaches(&network, link, &all, &none));
        for plan in [&nearest, &fewest] {
            let shut: BTreeSet<LinkId> = plan.valves.iter().copied().collect();
            prop_assert!(!reaches(&network, link, &shut, &stopped(&network, plan)), "the plan does not isolate");
            // Never relies on what cannot be moved.
            prop_assert!(shut.is_subset(&all));
            // No valve in vain: without any one of them water comes.
            for valve in &plan.valves {
                let mut less = shut.clone();
                less.remove(valve);
                prop_assert!(reaches(&network, link, &less, &stopped(&network, plan)), "{valve:?} is not needed");
            }
        }
        prop_assert_eq!(Some(fewest.valves.len()), smallest(&network, link, &valves, &off));
        // Nothing nearer can be kept out: with every valve there is shut, water from the zone still gets to the break.
        for (handle, ..) in network.nodes() {
            let slot = handle.index();
            if nearest.zone[slot] {
                prop_assert!(fewest.zone[slot], "the plan with fewest valves drains less than the nearest one");
            }
        }
    }
}

/// Where water gets to with links shut and nodes taken out: written anew from the elements, one link after another.
fn wet(
    network: &Network,
    shut: &BTreeSet<LinkId>,
    out: &BTreeSet<usize>,
    stopped: &BTreeSet<usize>,
    through: impl Fn(&LinkKind) -> bool,
) -> BTreeSet<usize> {
    let mut wet: BTreeSet<usize> = BTreeSet::new();
    wet.extend(network.nodes().filter(|(.., node)| node.boundary.is_some()).map(|(handle, ..)| handle.index()));
    for view in network.links().filter(|view| view.source().is_some_and(|source| source.running)) {
        wet.extend([view.from.index(), view.to.index()]);
    }
    wet.retain(|node| !stopped.contains(node) && !out.contains(node));
    loop {
        let before = wet.len();
        for view in network.links().filter(|view| !shut.contains(&view.handle) && through(&view.link.kind)) {
            let (from, to) = (view.from.index(), view.to.index());
            let (forth, back) = match &view.link.kind {
                LinkKind::Pipe(pipe) => (pipe.state != PipeState::Closed, pipe.state == PipeState::Open),
                LinkKind::Valve(valve) => (valve.opening > 0.0, valve.opening > 0.0 && valve.kind != ValveKind::Check),
                LinkKind::Pump(pump) => (true, !pump.check_valve),
                LinkKind::Source(_) => (false, false),
                LinkKind::Consumer(consumer) => (!consumer.shut, !consumer.shut),
            };
            if forth && wet.contains(&from) && !out.contains(&to) {
                wet.insert(to);
            }
            if back && wet.contains(&to) && !out.contains(&from) {
                wet.insert(from);
            }
        }
        if wet.len() == before {
            return wet;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    /// Outside the drained zone a plan changes nothing beyond the zone being gone: water gets exactly where it got to if the
    /// zone had never been there. And who is named as left without water is who has none.
    #[test]
    fn nothing_outside_the_cut_changes_connectivity(
        (nodes, links) in (3usize..10).prop_flat_map(|nodes| (Just(nodes), prop::collection::vec(drawn(nodes), 3..18))),
        feeds in prop::collection::vec(0usize..10, 0..3),
        at in 0usize..18,
    ) {
        let network = network(nodes, &links, &feeds);
        let pipes: Vec<LinkId> = network.links().filter(|view| view.pipe().is_some()).map(|view| view.handle).collect();
        prop_assume!(!pipes.is_empty());
        let link = pipes[at % pipes.len()];
        let ways = Ways::new(&network, &Reliance::default());
        let broken = Broken::new(&network, &[link]).unwrap();
        let isolator = Isolator::new(&network, &ways, &broken);
        for plan in [isolator.nearest(&|_| true), isolator.fewest(&|_| true)] {
            let zone: BTreeSet<usize> = (0..network.node_bound()).filter(|&node| plan.zone[node]).collect();
            // Each valve of the plan stands at the edge of the zone, or keeps the other side of the break dry.
            let mut shut: BTreeSet<LinkId> = plan.all_valves().collect();
            shut.insert(link);
            let off = stopped(&network, &plan);
            let everything = |_: &LinkKind| true;
            let with_plan = wet(&network, &shut, &BTreeSet::new(), &off, everything);
            prop_assert!(with_plan.is_disjoint(&zone), "water in the zone");
            let gone = wet(&network, &BTreeSet::from([link]), &zone, &off, everything);
            prop_assert_eq!(&with_plan, &gone);
            let mains = |kind: &LinkKind| !matches!(kind, LinkKind::Consumer(_));
            let fed = wet(&network, &shut, &zone, &off, mains);
            let unfed: BTreeSet<usize> = (0..network.node_bound()).filter(|&node| plan.unfed[node]).collect();
            prop_assert!(fed.is_disjoint(&unfed));
            prop_assert_eq!(fed.len() + unfed.len(), network.node_count());
        }
    }

    /// Valves are found out of reach one after another: no plan, old or new, ever counts on one that was; the drained zone
    /// only grows; and it comes to an end.
    #[test]
    fn replanning_never_uses_what_was_reported(
        (nodes, links) in (3usize..10).prop_flat_map(|nodes| (Just(nodes), prop::collection::vec(drawn(nodes), 3..18))),
        feeds in prop::collection::vec(0usize..10, 1..3),
        at in 0usize..18,
        which in 0usize..7,
    ) {
        let network = network(nodes, &links, &feeds);
        let pipes: Vec<LinkId> = network.links().filter(|view| view.pipe().is_some()).map(|view| view.handle).collect();
        prop_assume!(!pipes.is_empty());
        let broken = Broken::new(&network, &[pipes[at % pipes.len()]]).unwrap();
        let mut reliance = Reliance::default();
        let mut zone: Vec<bool> = vec![false; network.node_bound()];
        loop {
            let ways = Ways::new(&network, &reliance);
            let isolator = Isolator::new(&network, &ways, &broken);
            let nearest = isolator.nearest(&|_| true);
            let seconds = |link: LinkId| link.index() as f64;
            for plan in [&nearest, &isolator.fewest(&|_| true), &isolator.soonest(&|_| true, &seconds)] {
                prop_assert!(plan.all_valves().all(|valve| !reliance.unusable.contains(&valve)));
            }
            prop_assert!(zone.iter().zip(&nearest.zone).all(|(was, is)| !was || *is));
            zone.clone_from(&nearest.zone);
            let all: Vec<LinkId> = nearest.all_valves().collect();
            let Some(&found) = all.get(which % all.len().max(1)) else { break };
            prop_assert!(reliance.unusable.insert(found));
        }
    }
}

/// A crew cannot enter a flooded chamber; a drive can still be started, and what the crew on the spot says goes before.
#[test]
fn a_flooded_chamber_is_gone_around() {
    use hypocaust::network::edit::Edit;
    use hypocaust::network::{Chamber, Drive};
    let mut network = ladder();
    network.insert_chamber("J2", Chamber { flooded: true, ..Chamber::default() }).unwrap();
    let set = |network: &mut Network, id: &str, field: &str, value: serde_json::Value| {
        let element = network.link_ref(network.link_id(id).unwrap());
        Edit::set(element, field, value).apply(network).unwrap();
    };
    set(&mut network, "VS2", "chamber", "J2".into());
    assert_eq!(names(&network, &plan(&network, "PS3", &Reliance::default()).valves), ["VS0", "VR0"]);
    let entered = Reliance { usable: [network.link_id("VS2").unwrap()].into(), ..Reliance::default() };
    assert_eq!(names(&network, &plan(&network, "PS3", &entered).valves), ["VS2", "VR2"]);
    set(&mut network, "VS2", "drive", serde_json::to_value(Drive::Electric).unwrap());
    assert_eq!(names(&network, &plan(&network, "PS3", &Reliance::default()).valves), ["VS2", "VR2"]);
}

/// plant – V1 – A – V2 – B – V3 – C, supply and return alike, a consumer at each of A, B, C.
fn ladder() -> Network {
    let mut network = Network::new();
    for (side, letter) in [(Side::Supply, 'S'), (Side::Return, 'R')] {
        for n in 0..8 {
            network
                .insert_node(format!("{letter}{n}"), Node { side, x_m: 100.0 * n as f64, ..Node::default() })
                .unwrap();
        }
        for n in 0..7 {
            let (from, to) = (format!("{letter}{n}"), format!("{letter}{}", n + 1));
            if n % 2 == 0 {
                network.insert_link_between(format!("V{letter}{n}"), &from, &to, Valve::default()).unwrap();
            } else {
                network.insert_link_between(format!("P{letter}{n}"), &from, &to, Pipe::default()).unwrap();
            }
        }
    }
    network.insert_link_between("H", "R0", "S0", Source::default()).unwrap();
    for n in [2, 4, 6] {
        network.insert_link_between(format!("C{n}"), &format!("S{n}"), &format!("R{n}"), Consumer::default()).unwrap();
    }
    network
}

fn names(network: &Network, links: &[LinkId]) -> Vec<String> {
    links.iter().map(|&link| network.link_name(link).to_string()).collect()
}

fn plan(network: &Network, link: &str, reliance: &Reliance) -> Isolation {
    let ways = Ways::new(network, reliance);
    let broken = Broken::new(network, &[network.link_id(link).unwrap()]).unwrap();
    Isolator::new(network, &ways, &broken).nearest(&|_| true)
}

#[test]
fn supply_and_return_are_shut_around_a_break() {
    let network = ladder();
    let found = plan(&network, "PS3", &Reliance::default());
    assert_eq!(names(&network, &found.valves), ["VS2", "VR2"]);
    // Nothing is fed behind the next pair: shutting it only keeps water in.
    assert_eq!(names(&network, &found.optional), ["VS4", "VR4"]);
}

#[test]
fn a_stuck_valve_moves_the_plan_outwards_only_there() {
    let network = ladder();
    let stuck = Reliance { unusable: [network.link_id("VS2").unwrap()].into(), ..Reliance::default() };
    let found = plan(&network, "PS3", &stuck);
    assert_eq!(names(&network, &found.valves), ["VS0", "VR0"]);
    assert!(!found.all_valves().any(|link| &*network.link_name(link) == "VS2"));
}

#[test]
fn a_break_before_the_first_valve_stops_the_plant() {
    let mut network = ladder();
    let ids = ["VS0", "VR0"];
    let stuck =
        Reliance { unusable: ids.iter().map(|id| network.link_id(id).unwrap()).collect(), ..Reliance::default() };
    let found = plan(&network, "PS1", &stuck);
    assert_eq!(names(&network, &found.stopped_sources), ["H"]);
    assert!(found.valves.is_empty());
    // In an island nobody feeds, nothing has to be done.
    network.insert_node("X", Node::default()).unwrap();
    network.insert_node("Y", Node::default()).unwrap();
    network.insert_link_between("PX", "X", "Y", Pipe::default()).unwrap();
    let island = plan(&network, "PX", &Reliance::default());
    assert!(island.valves.is_empty() && !island.needs_stops());
}

#[test]
fn a_broken_valve_is_no_help() {
    let network = ladder();
    let found = plan(&network, "VS2", &Reliance::default());
    assert_eq!(names(&network, &found.valves), ["VS0", "VR0"]);
    let refused = Broken::new(&network, &[network.link_id("C2").unwrap()]).unwrap_err();
    assert!(matches!(refused, IsolationFault::NotBreakable(_)));
    assert_eq!(Broken::new(&network, &[]).unwrap_err(), IsolationFault::Nothing);
}

#[test]
fn two_breaks_are_shut_off_together() {
    let network = ladder();
    let ways = Ways::new(&network, &Reliance::default());
    let links = ["PS1", "PS5"].map(|id| network.link_id(id).unwrap());
    let broken = Broken::new(&network, &links).unwrap();
    let found = Isolator::new(&network, &ways, &broken).nearest(&|_| true);
    assert_eq!(names(&network, &found.valves), ["VS0", "VR0"]);
    assert_eq!(ways.passage(network.link_id("H").unwrap()), Passage::Source);
}
