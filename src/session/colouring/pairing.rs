//! Which supply node stands beside which return node: the places where an available head can be told.
//!
//! Partners come, in this order, from consumers and sources (they join the two sides), from pipes that name their pair in
//! the trench, and from nearness on the map. Each later rule fills only what the earlier ones left open.

use std::collections::BTreeMap;

use crate::network::{Network, NodeId, Side};

/// Nodes farther apart than this are not one place: trenches are a few metres wide.
const NEAR_M: f64 = 5.0;

/// Supply and return partners of nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairing {
    /// By node index: its partner on the other side.
    partner: Vec<Option<NodeId>>,
    /// By node index: whether it is the supply node of its pair.
    is_supply: Vec<bool>,
}

impl Pairing {
    pub fn of(network: &Network) -> Pairing {
        let bound = network.node_bound();
        let mut pairing = Pairing { partner: vec![None; bound], is_supply: vec![false; bound] };
        for (node, _, data) in network.nodes() {
            pairing.is_supply[node.index()] = data.side == Side::Supply;
        }
        let side = |node: NodeId| network.node(node).map(|n| n.side);
        let opposite = |a: NodeId, b: NodeId| {
            matches!(
                (side(a), side(b)),
                (Some(Side::Supply), Some(Side::Return)) | (Some(Side::Return), Some(Side::Supply))
            )
        };
        for view in network.links() {
            if (view.consumer().is_some() || view.source().is_some()) && opposite(view.from, view.to) {
                pairing.join(view.from, view.to);
            }
        }
        for view in network.links() {
            let Some(pair) = view.pipe().and_then(|pipe| pipe.details.pair.as_ref()) else { continue };
            let Some((from, to)) = network.link_id(pair).and_then(|link| network.ends(link)) else { continue };
            for end in [view.from, view.to] {
                let other = if distance2(network, end, from) <= distance2(network, end, to) { from } else { to };
                if opposite(end, other) {
                    pairing.join(end, other);
                }
            }
        }
        pairing.join_near(network);
        pairing
    }

    /// (supply node, return node) of the place this node stands at.
    pub fn pair(&self, node: NodeId) -> Option<(NodeId, NodeId)> {
        let partner = (*self.partner.get(node.index())?)?;
        Some(if self.is_supply[node.index()] { (node, partner) } else { (partner, node) })
    }

    /// The node on the other side.
    pub fn partner(&self, node: NodeId) -> Option<NodeId> {
        self.partner.get(node.index()).copied().flatten()
    }

    fn join(&mut self, a: NodeId, b: NodeId) {
        for (one, other) in [(a, b), (b, a)] {
            let slot = &mut self.partner[one.index()];
            if slot.is_none() {
                *slot = Some(other);
            }
        }
    }

    /// Gives every node still alone the nearest node of the other side within [`NEAR_M`].
    fn join_near(&mut self, network: &Network) {
        let cell = |x: f64| (x / NEAR_M).floor() as i64;
        let mut cells: BTreeMap<(i64, i64), Vec<NodeId>> = BTreeMap::new();
        for (id, _, node) in network.nodes() {
            if node.side != Side::Single && node.x_m.is_finite() && node.y_m.is_finite() {
                cells.entry((cell(node.x_m), cell(node.y_m))).or_default().push(id);
            }
        }
        let mut found = Vec::new();
        for (id, _, node) in network.nodes() {
            if node.side == Side::Single || self.partner[id.index()].is_some() {
                continue;
            }
            let (column, row) = (cell(node.x_m), cell(node.y_m));
            let mut best: Option<(f64, NodeId)> = None;
            for dx in -1..=1 {
                for dy in -1..=1 {
                    let place = (column.saturating_add(dx), row.saturating_add(dy));
                    for other in cells.get(&place).into_iter().flatten() {
                        if network.node(*other).is_none_or(|n| n.side == node.side) {
                            continue;
                        }
                        let d = distance2(network, id, *other);
                        if d <= NEAR_M * NEAR_M && best.is_none_or(|(nearest, _)| d < nearest) {
                            best = Some((d, *other));
                        }
                    }
                }
            }
            if let Some((_, other)) = best {
                found.push((id, other));
            }
        }
        for (node, other) in found {
            self.partner[node.index()] = Some(other);
        }
    }
}

/// Square of the distance on the map.
fn distance2(network: &Network, a: NodeId, b: NodeId) -> f64 {
    match (network.node(a), network.node(b)) {
        (Some(a), Some(b)) => (a.x_m - b.x_m).powi(2) + (a.y_m - b.y_m).powi(2),
        _ => f64::INFINITY,
    }
}
