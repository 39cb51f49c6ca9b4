//! Which parts of a network hang together, and what the plants of each can give.
//!
//! Two kinds of parts. For **pressures** everything hangs together that water can pass: mains, consumers and sources; a part
//! needs one pressure reference. For **heat** only the mains count: what leaves a plant into its supply main heats the
//! consumers that draw from that main, whatever their returns are joined to. So a district whose supply is cut off from
//! the city lives from its own boilers even while both send their water back into one return.

use std::collections::BTreeMap;

use super::ways::{Passage, Reliance, Ways};
use crate::network::{LinkId, LinkKind, Network, NodeId};
use crate::solver::Solution;

/// What the plants of a part are asked for, and what they can give.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Balance {
    pub asked_w: f64,
    /// Infinite where the capacity of one of them is not known.
    pub capacity_w: f64,
}

impl Balance {
    /// Share of what is asked for that can be given.
    pub fn share(&self) -> f64 {
        if self.asked_w > self.capacity_w { self.capacity_w / self.asked_w } else { 1.0 }
    }
}

/// The parts of a network as it stands.
#[derive(Clone, Debug)]
pub struct Parts {
    pressure: Vec<u32>,
    heat: Vec<u32>,
}

impl Parts {
    pub fn new(network: &Network) -> Parts {
        Parts::of_ways(network, &Ways::new(network, &Reliance::default()))
    }

    /// The same where the ways are known already.
    pub fn of_ways(network: &Network, ways: &Ways) -> Parts {
        let through = |link: LinkId| !matches!(network.link(link).map(|link| &link.kind), Some(LinkKind::Consumer(_)));
        Parts {
            pressure: joined(ways, |link| ways.passage(link) != Passage::Shut),
            heat: joined(ways, |link| !matches!(ways.passage(link), Passage::Shut | Passage::Source) && through(link)),
        }
    }

    /// The part of a node as far as pressures go.
    pub fn by_pressure(&self, node: NodeId) -> u32 {
        self.pressure[node.index()]
    }

    /// The part of a node as far as heat goes: a consumer draws from that of its `from`, a plant gives into that of its `to`.
    pub fn by_heat(&self, node: NodeId) -> u32 {
        self.heat[node.index()]
    }

    /// By part (as far as heat goes), what its plants are asked for in `solution` and what they can give.
    pub fn balance(&self, network: &Network, solution: &Solution) -> BTreeMap<u32, Balance> {
        let mut sums: BTreeMap<u32, Balance> = BTreeMap::new();
        for state in &solution.sources {
            let Some(view) = network.link_view(state.link) else { continue };
            let Some(source) = view.source().filter(|source| source.running) else { continue };
            let sum = sums.entry(self.by_heat(view.to)).or_default();
            sum.asked_w += state.heat_w.max(0.0);
            sum.capacity_w += source.capacity_w.unwrap_or(f64::INFINITY);
        }
        sums
    }
}

/// By node slot, the lowest slot that it is joined with through links that `passes`.
fn joined(ways: &Ways, passes: impl Fn(LinkId) -> bool) -> Vec<u32> {
    let mut part = vec![u32::MAX; ways.node_bound()];
    let mut open = Vec::new();
    for start in 0..part.len() {
        if part[start] != u32::MAX {
            continue;
        }
        part[start] = start as u32;
        open.push(start);
        while let Some(node) = open.pop() {
            for &link in ways.links_at(node) {
                let next = ways.across(link, node);
                if part[next] == u32::MAX && passes(link) {
                    part[next] = start as u32;
                    open.push(next);
                }
            }
        }
    }
    part
}
