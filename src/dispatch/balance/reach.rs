//! Which stations lie behind which valve or pump, and which parts of a network are connected at all.
//!
//! A link is *before* a group of stations when it is a bridge of the network without sources and stations: all their water, and no other, passes it. Then
//! pressure taken there is missing at each of them and nowhere else, and no flow but theirs depends on it. Found by one depth-first
//! search (Tarjan 1974). Links inside loops are bridges of nothing and are left as they stand.

use crate::network::{LinkId, LinkKind, Network, NodeId, PipeState};

/// Bridges and zones of a network.
#[derive(Clone, Debug)]
pub struct Reach {
    /// Zone by node slot.
    zone: Vec<u32>,
    /// By node slot: order of discovery, and the end of the range of its subtree.
    entered: Vec<u32>,
    left: Vec<u32>,
    /// By link slot: the node beyond it, where it is a bridge with no feeding behind it.
    beyond: Vec<Option<NodeId>>,
}

/// What is passed from one node to the other at all.
fn passes(kind: &LinkKind) -> bool {
    match kind {
        LinkKind::Pipe(pipe) => pipe.state != PipeState::Closed,
        LinkKind::Valve(valve) => valve.opening > 0.0,
        LinkKind::Pump(pump) => pump.running,
        LinkKind::Source(_) | LinkKind::Consumer(_) => false,
    }
}

impl Reach {
    pub fn new(network: &Network) -> Reach {
        let bound = network.node_bound();
        let mut joined: Vec<usize> = (0..bound).collect();
        fn find(joined: &mut [usize], mut at: usize) -> usize {
            while joined[at] != at {
                joined[at] = joined[joined[at]];
                at = joined[at];
            }
            at
        }
        let mut neighbours: Vec<Vec<(NodeId, LinkId)>> = vec![Vec::new(); bound];
        let mut feeding = vec![0u32; bound];
        for view in network.links() {
            let (a, b) = (find(&mut joined, view.from.index()), find(&mut joined, view.to.index()));
            joined[a.max(b)] = a.min(b);
            if let LinkKind::Source(_) = view.link.kind {
                feeding[view.from.index()] += 1;
                feeding[view.to.index()] += 1;
            }
            if passes(&view.link.kind) && view.from != view.to {
                neighbours[view.from.index()].push((view.to, view.handle));
                neighbours[view.to.index()].push((view.from, view.handle));
            }
        }
        // Water that enters or leaves anywhere else ties the flows there to no station.
        for (handle, _, node) in network.nodes() {
            if node.boundary.is_some() || node.demand_kg_s != 0.0 {
                feeding[handle.index()] += 1;
            }
        }
        let zone = (0..bound).map(|slot| find(&mut joined, slot) as u32).collect();
        let mut out = Reach {
            zone,
            entered: vec![u32::MAX; bound],
            left: vec![0; bound],
            beyond: vec![None; network.link_bound()],
        };
        let nodes: Vec<NodeId> = network.nodes().map(|(handle, ..)| handle).collect();
        let mut count = 0;
        // Searched from the sources, so that what lies beyond a bridge is what the sources feed through it.
        let (fed, rest): (Vec<NodeId>, Vec<NodeId>) = nodes.into_iter().partition(|node| feeding[node.index()] > 0);
        let mut low = vec![u32::MAX; bound];
        for start in fed.into_iter().chain(rest) {
            if out.entered[start.index()] == u32::MAX {
                out.search(start, &neighbours, &mut feeding, &mut low, &mut count);
            }
        }
        out
    }

    fn search(
        &mut self,
        start: NodeId,
        neighbours: &[Vec<(NodeId, LinkId)>],
        feeding: &mut [u32],
        // Least order reached from a node's subtree by one link beside the tree.
        low: &mut [u32],
        count: &mut u32,
    ) {
        let mut stack: Vec<(NodeId, Option<LinkId>, usize)> = vec![(start, None, 0)];
        self.entered[start.index()] = *count;
        low[start.index()] = *count;
        *count += 1;
        while let Some((node, by, next)) = stack.last_mut() {
            let (node, by) = (*node, *by);
            if let Some(&(other, link)) = neighbours[node.index()].get(*next) {
                *next += 1;
                if Some(link) == by {
                    continue;
                }
                if self.entered[other.index()] == u32::MAX {
                    self.entered[other.index()] = *count;
                    low[other.index()] = *count;
                    *count += 1;
                    stack.push((other, Some(link), 0));
                } else {
                    low[node.index()] = low[node.index()].min(self.entered[other.index()]);
                }
                continue;
            }
            self.left[node.index()] = *count;
            stack.pop();
            if let (Some(link), Some((parent, ..))) = (by, stack.last()) {
                if low[node.index()] == self.entered[node.index()] && feeding[node.index()] == 0 {
                    self.beyond[link.index()] = Some(node);
                }
                low[parent.index()] = low[parent.index()].min(low[node.index()]);
                feeding[parent.index()] += feeding[node.index()];
            }
        }
    }

    /// Number of the connected part a node is in.
    pub fn zone(&self, node: NodeId) -> u32 {
        self.zone[node.index()]
    }

    /// The consumers (their ends given) all of whose water passes a link and whose other end does not lie behind it as well.
    pub fn behind<'a>(
        &'a self,
        link: LinkId,
        consumers: &'a [(LinkId, NodeId, NodeId)],
    ) -> impl Iterator<Item = usize> + 'a {
        let range = self.beyond[link.index()].map(|node| self.entered[node.index()]..self.left[node.index()]);
        consumers.iter().enumerate().filter_map(move |(at, (_, from, to))| {
            let range = range.as_ref()?;
            let within = |node: &NodeId| range.contains(&self.entered[node.index()]);
            (within(from) != within(to)).then_some(at)
        })
    }
}
