//! Networks made from a seed: what was wished for is met, and nothing depends on chance beyond the seed.

use std::collections::BTreeSet;

use hypocaust::network::generate::{GridDemand, GridLoops, GridParameters, Parameters, city, grid};
use hypocaust::network::{LinkKind, Network, NodeId, Priority, Severity, Side, ValveKind, validate};

/// Number of connected parts of one side, pipes and valves only.
fn parts(network: &Network, side: Side) -> usize {
    let mut head: Vec<usize> = (0..network.node_bound()).collect();
    fn find(head: &mut [usize], mut at: usize) -> usize {
        while head[at] != at {
            head[at] = head[head[at]];
            at = head[at];
        }
        at
    }
    for view in network.links() {
        if matches!(view.link.kind, LinkKind::Pipe(_) | LinkKind::Valve(_)) {
            let (a, b) = (find(&mut head, view.from.index()), find(&mut head, view.to.index()));
            // A bypass joins the sides and is no way for a side.
            if network.node(view.from).unwrap().side == network.node(view.to).unwrap().side {
                head[a.max(b)] = a.min(b);
            }
        }
    }
    let roots: BTreeSet<usize> = network
        .nodes()
        .filter(|(_, _, node)| node.side == side)
        .map(|(id, _, _)| find(&mut head, id.index()))
        .collect();
    roots.len()
}

/// Pipes name each other as pairs, one on each side, equally long and wide.
fn assert_paired(network: &Network) {
    for view in network.links() {
        let Some(pipe) = view.pipe() else { continue };
        let pair = pipe.details.pair.as_ref().unwrap_or_else(|| panic!("{} has no pair", view.id));
        let other = network.link_view(network.link_id(pair).unwrap()).unwrap();
        let partner = other.pipe().unwrap();
        assert_eq!(partner.details.pair.as_ref(), Some(view.id));
        assert_eq!((pipe.length_m, pipe.inner_diameter_m), (partner.length_m, partner.inner_diameter_m));
        let side = |node| network.node(node).unwrap().side;
        assert_eq!(side(view.from), side(view.to), "{}", view.id);
        assert_ne!(side(view.from), side(other.from), "{}", view.id);
    }
}

fn pipes_of(network: &Network) -> usize {
    network.links().filter(|view| view.pipe().is_some()).count()
}

#[test]
fn bench_network_has_exactly_the_pipes_asked_for_and_is_whole() {
    for (pipes, loops, seed) in [
        (8, GridLoops::Share(0.0), 0),
        (100, GridLoops::Share(0.12), 1),
        (1000, GridLoops::Share(0.02), 2),
        (1000, GridLoops::Meshed, 3),
        (20_000, GridLoops::Share(0.12), 4),
        (20_000, GridLoops::Meshed, 5),
    ] {
        let network = grid(&GridParameters::new(pipes, loops, seed));
        assert_eq!(pipes_of(&network), pipes, "{loops:?}");
        assert_eq!((parts(&network, Side::Supply), parts(&network, Side::Return)), (1, 1), "{pipes} {loops:?}");
        assert_paired(&network);
    }
}

#[test]
fn bench_network_has_the_loops_asked_for() {
    let network = grid(&GridParameters::new(10_000, GridLoops::Share(0.12), 1));
    // Peers were measured on 9384 nodes at this size.
    let loops_a_side = (10_000 - network.node_count()) / 2 + 1;
    assert!((9300..9450).contains(&network.node_count()), "{}", network.node_count());
    assert!((290..330).contains(&loops_a_side), "{loops_a_side}");
    let meshed = grid(&GridParameters::new(10_000, GridLoops::Meshed, 1));
    assert!(((10_000 - meshed.node_count()) / 2 + 1).abs_diff(1400) < 60, "{}", meshed.node_count());
}

#[test]
fn a_seed_decides_the_whole_bench_network() {
    let wish = GridParameters { demand: GridDemand::Heat, ..GridParameters::new(2000, GridLoops::Share(0.12), 9) };
    assert!(grid(&wish).same_as(&grid(&wish)));
    assert!(!grid(&wish).same_as(&grid(&GridParameters { seed: 10, ..wish })));
}

/// Nodes on one side that water from a source on that side can reach through pipes and valves that are not shut.
fn fed(network: &Network, side: Side) -> BTreeSet<NodeId> {
    let mut open: Vec<NodeId> = network
        .links()
        .filter(|view| view.source().is_some())
        .map(|view| if side == Side::Supply { view.to } else { view.from })
        .collect();
    let mut fed: BTreeSet<NodeId> = open.iter().copied().collect();
    while let Some(node) = open.pop() {
        for link in network.links_at(node) {
            let view = network.link_view(link).unwrap();
            let passes = view.pipe().is_some() || view.valve().is_some_and(|valve| valve.opening > 0.0);
            if passes {
                for end in [view.from, view.to] {
                    if fed.insert(end) {
                        open.push(end);
                    }
                }
            }
        }
    }
    fed
}

#[test]
fn every_substation_of_a_city_is_fed_on_both_sides() {
    for (stations, seed, loops) in [(1, 3, 0.12), (5, 1, 0.0), (60, 1, 0.12), (60, 2, 0.3), (250, 7, 0.12)] {
        let network = city(&Parameters { stations, seed, loops, ..Parameters::default() });
        let consumers: Vec<_> = network.links().filter(|view| view.consumer().is_some()).collect();
        assert_eq!(consumers.len(), stations, "seed {seed}");
        let (supply, back) = (fed(&network, Side::Supply), fed(&network, Side::Return));
        for view in consumers {
            assert!(supply.contains(&view.from) && back.contains(&view.to), "{} seed {seed}", view.id);
        }
        assert_eq!((parts(&network, Side::Supply), parts(&network, Side::Return)), (1, 1), "{stations} seed {seed}");
        assert_paired(&network);
    }
}

#[test]
fn a_city_is_valid_and_its_seed_decides_it_whole() {
    for seed in 1..6 {
        let wish = Parameters { seed, ..Parameters::default() };
        let network = city(&wish);
        let errors: Vec<_> =
            validate::validate(&network).into_iter().filter(|finding| finding.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "seed {seed}: {errors:?}");
        assert!(network.same_as(&city(&wish)));
        assert!(!network.same_as(&city(&Parameters { seed: seed + 100, ..wish })));
    }
}

#[test]
fn a_city_has_what_makes_one() {
    let network = city(&Parameters::default());
    let valves = |kind| network.links().filter(|view| view.valve().is_some_and(|valve| valve.kind == kind)).count();
    assert_eq!(network.links().filter(|view| view.source().is_some()).count(), 2);
    assert!(valves(ValveKind::Sectioning) > 20 && valves(ValveKind::Isolating) > 100);
    assert!(network.buildings().len() > 700 && network.chambers().len() > 60 && network.sensors().len() > 300);
    let backdrop = network.backdrop();
    assert!(backdrop.streets.len() > 40 && backdrop.water.len() == 1);
    let terrain = backdrop.terrain.as_ref().unwrap();
    let highest = terrain.z_m.iter().copied().fold(0.0, f32::max);
    assert!((f64::from(highest) - Parameters::default().relief_m).abs() < 0.1, "{highest}");
    // Each house is heated by a substation that exists, and the areas add up.
    let mut area = std::collections::BTreeMap::new();
    for building in network.buildings().values() {
        if let (Some(consumer), Some(area_m2)) = (&building.consumer, building.heated_area_m2) {
            *area.entry(consumer.clone()).or_insert(0.0) += area_m2;
        }
    }
    for view in network.links() {
        if let Some(consumer) = view.consumer() {
            assert!((area[view.id] - consumer.heated_area_m2.unwrap()).abs() < 1.0, "{}", view.id);
        }
    }
    for seed in 1..8 {
        let network = city(&Parameters { seed, stations: 40, ..Parameters::default() });
        assert!(network.buildings().values().any(|building| building.priority == Priority::School), "seed {seed}");
    }
}

#[test]
fn loops_of_a_city_follow_the_wish() {
    // Independent loops a side: links minus nodes plus one, bypasses not counted.
    let loops = |share: f64| {
        let network = city(&Parameters { loops: share, ..Parameters::default() });
        let nodes = network.nodes().filter(|(_, _, node)| node.side == Side::Supply).count();
        let links = network
            .links()
            .filter(|view| view.consumer().is_none() && view.source().is_none())
            .filter(|view| [view.from, view.to].iter().all(|&end| network.node(end).unwrap().side == Side::Supply))
            .count();
        links + 1 - nodes
    };
    let (few, some, many) = (loops(0.0), loops(0.12), loops(0.3));
    // Two ties between the two plants' areas close one loop.
    assert!(few <= 1 && some > few + 4 && many > some + 4, "{few} {some} {many}");
}
