//! Mains cut into shorter pipes, as a survey or a GIS draws them, until the network has as many pipes as asked for.
//!
//! The longest piece is cut first; supply and return of a trench are cut alike, so that pieces stay paired. Nothing else of
//! the network changes: lengths and fittings are shared out.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::geometry::Point;
use super::inserted;
use crate::network::{Link, LinkId, LinkKind, Name, Network, Node, Pipe};

/// A trench and into how many pieces it is cut.
#[derive(Clone, Debug)]
struct Trench {
    pipes: [LinkId; 2],
    length_m: f64,
    pieces: usize,
}

impl Trench {
    fn piece_m(&self) -> f64 {
        self.length_m / self.pieces as f64
    }
}

impl PartialEq for Trench {
    fn eq(&self, other: &Trench) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Trench {}

impl PartialOrd for Trench {
    fn partial_cmp(&self, other: &Trench) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Trench {
    /// By the length of a piece; of equal ones the first laid comes first.
    fn cmp(&self, other: &Trench) -> Ordering {
        self.piece_m().total_cmp(&other.piece_m()).then_with(|| other.pipes[0].index().cmp(&self.pipes[0].index()))
    }
}

/// Cuts paired pipes until there are `wanted` of them (one more where that is odd); no fewer than are laid.
pub(super) fn cut(network: &mut Network, wanted: usize) {
    let mut laid = 0;
    let mut trenches = BinaryHeap::new();
    for view in network.links() {
        let LinkKind::Pipe(pipe) = &view.link.kind else { continue };
        laid += 1;
        let pair = pipe.details.pair.as_ref().and_then(|pair| network.link_id(pair));
        if let Some(pair) = pair.filter(|pair| view.handle.index() < pair.index()) {
            trenches.push(Trench { pipes: [view.handle, pair], length_m: pipe.length_m, pieces: 1 });
        }
    }
    while laid < wanted {
        let Some(mut longest) = trenches.pop() else { break };
        longest.pieces += 1;
        laid += 2;
        trenches.push(longest);
    }
    let mut cut: Vec<Trench> = trenches.into_iter().filter(|trench| trench.pieces > 1).collect();
    cut.sort_by_key(|trench| trench.pipes[0].index());
    for trench in cut {
        for pipe in trench.pipes {
            in_pieces(network, pipe, trench.pieces);
        }
    }
}

/// The id of a piece, counted from 1.
fn piece_id(id: &str, piece: usize) -> Name {
    if piece == 1 { id.into() } else { format!("{id}.{piece}").into() }
}

/// Replaces a pipe by pieces; its partner of the trench runs the other way.
fn in_pieces(network: &mut Network, link: LinkId, pieces: usize) {
    let Some((id, from, to, Link { kind: LinkKind::Pipe(whole), notes })) = network.remove_link(link) else { return };
    let ends = [from, to].map(|node| network.node(node).map_or([0.0; 3], |node| [node.x_m, node.y_m, node.z_m]));
    let side = network.node(from).map(|node| node.side).unwrap_or_default();
    let mut way: Vec<[f64; 3]> = vec![ends[0]];
    way.extend(&whole.details.route_m);
    way.push(ends[1]);
    let mut begin = from;
    for piece in 1..=pieces {
        let [near, far] = [piece - 1, piece].map(|at| at as f64 / pieces as f64);
        let (_, [x_m, y_m, z_m]) = between(&way, near, far);
        let end = if piece == pieces {
            to
        } else {
            let node = Node { side, x_m, y_m, z_m, ..Node::default() };
            inserted(network.insert_node(format!("{id}.n{piece}"), node))
        };
        let mut pipe: Pipe = whole.clone();
        pipe.length_m /= pieces as f64;
        pipe.zeta /= pieces as f64;
        pipe.details.route_m = between(&way, near, far).0;
        pipe.details.pair = whole.details.pair.as_ref().map(|pair| piece_id(pair, pieces + 1 - piece));
        let link = Link { kind: LinkKind::Pipe(pipe), notes: notes.clone() };
        inserted(network.insert_link(piece_id(&id, piece), begin, end, link));
        begin = end;
    }
}

fn plan_m(a: [f64; 3], b: [f64; 3]) -> f64 {
    let [x, y]: Point = [b[0] - a[0], b[1] - a[1]];
    x.hypot(y)
}

/// Points of a way strictly between two shares of its length, and the point at the second.
fn between(way: &[[f64; 3]], near: f64, far: f64) -> (Vec<[f64; 3]>, [f64; 3]) {
    let whole_m: f64 = way.windows(2).map(|pair| plan_m(pair[0], pair[1])).sum();
    let (mut passed_m, mut inside, mut end) = (0.0, Vec::new(), way.last().copied().unwrap_or_default());
    for pair in way.windows(2) {
        let length_m = plan_m(pair[0], pair[1]);
        let target_m = far * whole_m - passed_m;
        if target_m <= length_m && length_m > 0.0 {
            let share = target_m / length_m;
            end = std::array::from_fn(|axis| pair[0][axis] + share * (pair[1][axis] - pair[0][axis]));
            break;
        }
        passed_m += length_m;
        if passed_m > near * whole_m {
            inside.push(pair[1]);
        }
    }
    (inside, end)
}
