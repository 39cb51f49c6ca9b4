//! Which links let water pass, which of them a crew can shut, and where water comes from: the network as a tracing sees it.
//!
//! Built once for a state of the network and asked many times; dense arrays by handle. A valve counts as closable when it is
//! open, of a kind that shuts tight, has a drive, and neither its condition nor the caller says that it cannot be moved.
//! Sources and outside pressures are where water comes from; tracing never passes through a source, because a source can
//! be stopped. Pressures and flows are not looked at.

use std::collections::BTreeSet;

use crate::network::{Drive, LinkId, LinkKind, Network, PipeState, Valve, ValveCondition, ValveKind};

/// How water can pass a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// Both ways, and nobody can stop it.
    Open,
    /// From → to only.
    OneWay,
    /// Both ways until somebody shuts it.
    Closable,
    /// Not at all: shut, or not there.
    Shut,
    /// A source: water comes out of both its ends.
    Source,
}

/// What a crew may rely on beyond what the network says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reliance {
    /// Valves that were found stuck or out of reach.
    pub unusable: BTreeSet<LinkId>,
    /// Valves that were found in order, whatever the archive says.
    pub usable: BTreeSet<LinkId>,
    /// Valves whose condition nobody knows are relied upon as well.
    pub trust_unknown: bool,
}

/// The network as a tracing sees it.
#[derive(Clone, Debug)]
pub struct Ways {
    ends: Vec<[u32; 2]>,
    passages: Vec<Passage>,
    fed: Vec<bool>,
    /// Links at node n: `links[starts[n]..starts[n + 1]]`.
    starts: Vec<u32>,
    links: Vec<LinkId>,
}

/// Whether a valve of this kind shuts tight in both directions.
const fn shuts_tight(kind: ValveKind) -> bool {
    matches!(
        kind,
        ValveKind::Sectioning | ValveKind::Isolating | ValveKind::Control | ValveKind::Balancing | ValveKind::Bypass
    )
}

/// Whether a valve stands in a chamber that is under water.
pub fn is_flooded(network: &Network, link: LinkId) -> bool {
    let chamber = network.link(link).and_then(|link| link.notes.as_ref()?.chamber.as_ref());
    chamber.and_then(|id| network.chambers().get(id)).is_some_and(|chamber| chamber.flooded)
}

/// Whether it can be moved: by the control room wherever it stands, by a crew only where the chamber can be entered.
pub fn can_be_moved(network: &Network, link: LinkId, valve: &Valve, reliance: &Reliance) -> bool {
    if reliance.unusable.contains(&link) || valve.drive == Drive::SelfActing || !shuts_tight(valve.kind) {
        return false;
    }
    let can_enter = valve.drive != Drive::Manual || !is_flooded(network, link);
    reliance.usable.contains(&link)
        || match valve.condition {
            ValveCondition::Operable => can_enter,
            ValveCondition::Unknown => can_enter && reliance.trust_unknown,
            ValveCondition::Stuck | ValveCondition::Unreachable => false,
        }
}

fn passage(network: &Network, link: LinkId, kind: &LinkKind, reliance: &Reliance) -> Passage {
    match kind {
        LinkKind::Pipe(pipe) => match pipe.state {
            PipeState::Open => Passage::Open,
            PipeState::Closed => Passage::Shut,
            PipeState::OneWay => Passage::OneWay,
        },
        LinkKind::Valve(valve) => {
            if valve.opening <= 0.0 {
                Passage::Shut
            } else if matches!(valve.kind, ValveKind::Check | ValveKind::Turbine) {
                Passage::OneWay
            } else if can_be_moved(network, link, valve, reliance) {
                Passage::Closable
            } else {
                Passage::Open
            }
        }
        LinkKind::Pump(pump) if pump.check_valve => Passage::OneWay,
        LinkKind::Pump(_) => Passage::Open,
        LinkKind::Source(source) => {
            if source.running {
                Passage::Source
            } else {
                Passage::Shut
            }
        }
        LinkKind::Consumer(consumer) => {
            if consumer.shut {
                Passage::Shut
            } else {
                Passage::Open
            }
        }
    }
}

impl Ways {
    /// The network as it stands, with what a crew may rely on.
    pub fn new(network: &Network, reliance: &Reliance) -> Ways {
        let mut ends = vec![[0; 2]; network.link_bound()];
        let mut passages = vec![Passage::Shut; network.link_bound()];
        let mut fed = vec![false; network.node_bound()];
        let mut starts = vec![0u32; network.node_bound() + 1];
        for (node, _, data) in network.nodes() {
            fed[node.index()] = data.boundary.is_some() || data.demand_kg_s < 0.0;
        }
        for view in network.links() {
            let at = view.handle.index();
            ends[at] = [view.from.index() as u32, view.to.index() as u32];
            passages[at] = passage(network, view.handle, &view.link.kind, reliance);
            if passages[at] == Passage::Source {
                fed[view.from.index()] = true;
                fed[view.to.index()] = true;
            }
            starts[view.from.index() + 1] += 1;
            starts[view.to.index() + 1] += 1;
        }
        for n in 1..starts.len() {
            starts[n] += starts[n - 1];
        }
        let mut next = starts.clone();
        let mut links = vec![None; starts.last().map_or(0, |&count| count as usize)];
        for view in network.links() {
            for node in [view.from, view.to] {
                let place = &mut next[node.index()];
                links[*place as usize] = Some(view.handle);
                *place += 1;
            }
        }
        // Every place was counted before it was filled.
        let links = links.into_iter().flatten().collect();
        Ways { ends, passages, fed, starts, links }
    }

    /// Number of node slots.
    pub fn node_bound(&self) -> usize {
        self.fed.len()
    }

    pub fn passage(&self, link: LinkId) -> Passage {
        self.passages.get(link.index()).copied().unwrap_or(Passage::Shut)
    }

    /// Links that touch a node slot.
    pub fn links_at(&self, node: usize) -> &[LinkId] {
        &self.links[self.starts[node] as usize..self.starts[node + 1] as usize]
    }

    /// Node slots (from, to) of a link.
    pub fn ends(&self, link: LinkId) -> [usize; 2] {
        self.ends[link.index()].map(|end| end as usize)
    }

    /// Whether water comes into the network at a node: a running source's end, an outside pressure, a feed.
    pub fn is_fed(&self, node: usize) -> bool {
        self.fed[node]
    }

    /// The other end of a link.
    pub fn across(&self, link: LinkId, node: usize) -> usize {
        let [from, to] = self.ends(link);
        if node == from { to } else { from }
    }

    /// Whether water can come to `node` through `link`. A closable valve lets it.
    pub fn can_come(&self, link: LinkId, node: usize) -> bool {
        match self.passage(link) {
            Passage::Open | Passage::Closable => true,
            Passage::OneWay => self.ends(link)[1] == node,
            Passage::Shut | Passage::Source => false,
        }
    }

    /// Everything from which water can come to the starts without passing a link that `stops` (asked with the link and the
    /// node on the starts' side), as flags by node slot.
    pub fn upstream(
        &self,
        starts: impl IntoIterator<Item = usize>,
        mut stops: impl FnMut(LinkId, usize) -> bool,
    ) -> Vec<bool> {
        let mut reached = vec![false; self.node_bound()];
        let mut open: Vec<usize> =
            starts.into_iter().filter(|&node| !std::mem::replace(&mut reached[node], true)).collect();
        while let Some(node) = open.pop() {
            for &link in self.links_at(node) {
                let next = self.across(link, node);
                if !reached[next] && self.can_come(link, node) && !stops(link, node) {
                    reached[next] = true;
                    open.push(next);
                }
            }
        }
        reached
    }

    /// Everything that water from the feeds reaches without entering a node that is `blocked` or passing a link that
    /// `stops`, as flags by node slot. `feeds` says which of the fed nodes still are.
    pub fn downstream(
        &self,
        feeds: impl Fn(usize) -> bool,
        blocked: &[bool],
        mut stops: impl FnMut(LinkId) -> bool,
    ) -> Vec<bool> {
        let mut reached: Vec<bool> =
            (0..self.node_bound()).map(|node| self.fed[node] && !blocked[node] && feeds(node)).collect();
        let mut open: Vec<usize> = (0..reached.len()).filter(|&node| reached[node]).collect();
        while let Some(node) = open.pop() {
            for &link in self.links_at(node) {
                let next = self.across(link, node);
                if !reached[next] && !blocked[next] && self.can_come(link, next) && !stops(link) {
                    reached[next] = true;
                    open.push(next);
                }
            }
        }
        reached
    }

    /// Node slots that `fed` (by node slot) does not hold and that water reaches once the `opened` links let it pass both ways.
    pub fn beyond(&self, fed: &[bool], opened: &[LinkId], mut stops: impl FnMut(LinkId) -> bool) -> BTreeSet<usize> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<usize> = Vec::new();
        loop {
            // A link whose both ends were dark may join what another has brought water to.
            for &link in opened {
                let ends = self.ends(link);
                let wet = ends.map(|end| fed[end] || reached.contains(&end));
                for (here, there) in [(0, 1), (1, 0)] {
                    if wet[here] && !wet[there] && reached.insert(ends[there]) {
                        open.push(ends[there]);
                    }
                }
            }
            if open.is_empty() {
                return reached;
            }
            while let Some(node) = open.pop() {
                for &link in self.links_at(node) {
                    let next = self.across(link, node);
                    if !fed[next] && self.can_come(link, next) && !stops(link) && reached.insert(next) {
                        open.push(next);
                    }
                }
            }
        }
    }
}
