//! Networks made from a seed: what was wished for is met, and nothing depends on chance beyond the seed.

use std::collections::BTreeSet;

use hypocaust::network::generate::{GridDemand, GridLoops, GridParameters, grid};
use hypocaust::network::{LinkKind, Network, Side};

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
