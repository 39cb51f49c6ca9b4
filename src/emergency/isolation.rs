//! The valves that keep water from a break: nearest to it, fewest, or soonest shut.
//!
//! **Nearest**: flood from the break against the water until a closable valve stands in every way. Nothing beyond that
//! ring need be lost, so this loses the fewest users; valves behind which nothing is fed are optional (they only keep water
//! from draining). **Fewest**: a minimum cut ([`super::minimum_cut`]). **Soonest**: the nearest ring of valves that can
//! be shut within T, with the least T for which there is one. Supply and return are one network here: through the
//! consumers the return feeds a break of the supply, so both are cut without being told. A feed that reaches the break
//! past every valve must be stopped itself and is named.
//!
//! Tracing only: who loses how much comes from a solve ([`super::impact`]).

use super::minimum_cut::{Question, minimum_cut};
use super::ways::{Passage, Ways};
use crate::network::{ElementRef, LinkId, LinkKind, Network, NodeId};
use crate::solver::Solution;

/// What broke, for tracing: links that no longer hold, and the node slots at their ends.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Broken {
    pub links: Vec<LinkId>,
    pub ends: Vec<usize>,
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum IsolationFault {
    #[error("there is no element {0} in this network")]
    Unknown(String),
    #[error("{0} cannot burst: a break is at a pipe, a valve or a pump")]
    NotBreakable(ElementRef),
    #[error("no break was named")]
    Nothing,
    #[error("the network is empty: there is nothing that could burst")]
    EmptyNetwork,
}

impl Broken {
    /// Pipes, valves and pumps that no longer hold water. A valve or pump that broke is no help in shutting anything off.
    pub fn new(network: &Network, links: &[LinkId]) -> Result<Broken, IsolationFault> {
        if network.link_count() == 0 {
            return Err(IsolationFault::EmptyNetwork);
        }
        if links.is_empty() {
            return Err(IsolationFault::Nothing);
        }
        let mut broken = Broken::default();
        for &link in links {
            let view = network.link_view(link).ok_or_else(|| IsolationFault::Unknown(format!("{link:?}")))?;
            if !matches!(view.link.kind, LinkKind::Pipe(_) | LinkKind::Valve(_) | LinkKind::Pump(_)) {
                return Err(IsolationFault::NotBreakable(view.element()));
            }
            broken.links.push(link);
            broken.ends.extend([view.from.index(), view.to.index()]);
        }
        broken.ends.sort_unstable();
        broken.ends.dedup();
        Ok(broken)
    }
}

/// A way of shutting off a break.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Isolation {
    /// Valves to close, in slot order; empty where nothing feeds the break.
    pub valves: Vec<LinkId>,
    /// Valves behind which nothing is fed any more: closing them keeps their side from draining, nothing else.
    pub optional: Vec<LinkId>,
    /// Sources that reach the break past every valve: they must be stopped.
    pub stopped_sources: Vec<LinkId>,
    /// Make-up, tanks and feeds that reach it past every valve: they must be shut off.
    pub stopped_feeds: Vec<NodeId>,
    /// By node slot: water from here still reaches the break and drains, with the optional valves closed as well.
    pub zone: Vec<bool>,
    /// By node slot: no water from any source gets here any more, by whatever way through the mains.
    pub unfed: Vec<bool>,
}

impl Isolation {
    /// Whether everything it needs to work can be done: some feed can only be stopped at its source otherwise.
    pub fn needs_stops(&self) -> bool {
        !self.stopped_sources.is_empty() || !self.stopped_feeds.is_empty()
    }

    /// All valves to close, optional ones last.
    pub fn all_valves(&self) -> impl Iterator<Item = LinkId> + '_ {
        self.valves.iter().chain(&self.optional).copied()
    }
}

/// Finds ways of shutting off one break.
#[derive(Clone, Debug)]
pub struct Isolator<'a> {
    network: &'a Network,
    ways: &'a Ways,
    broken: &'a Broken,
    is_broken: Vec<bool>,
}

impl<'a> Isolator<'a> {
    pub fn new(network: &'a Network, ways: &'a Ways, broken: &'a Broken) -> Isolator<'a> {
        let mut is_broken = vec![false; network.link_bound()];
        for link in &broken.links {
            is_broken[link.index()] = true;
        }
        Isolator { network, ways, broken, is_broken }
    }

    fn stops(&self, link: LinkId, usable: &dyn Fn(LinkId) -> bool) -> bool {
        self.is_broken[link.index()] || (self.ways.passage(link) == Passage::Closable && usable(link))
    }

    /// The ring of usable valves nearest to the break.
    pub fn nearest(&self, usable: &dyn Fn(LinkId) -> bool) -> Isolation {
        let zone = self.ways.upstream(self.broken.ends.iter().copied(), |link, _| self.stops(link, usable));
        let mut ring: Vec<LinkId> = Vec::new();
        for node in (0..zone.len()).filter(|&node| zone[node]) {
            let bars = |&link: &LinkId| {
                !self.is_broken[link.index()]
                    && self.ways.passage(link) == Passage::Closable
                    && usable(link)
                    && !zone[self.ways.across(link, node)]
            };
            ring.extend(self.ways.links_at(node).iter().copied().filter(bars));
        }
        ring.sort_unstable();
        ring.dedup();
        self.with(ring)
    }

    /// The fewest usable valves. The same as [`Isolator::nearest`] where none can be spared.
    pub fn fewest(&self, usable: &dyn Fn(LinkId) -> bool) -> Isolation {
        let nearest = self.nearest(usable);
        let stopped = self.stopped_nodes(&nearest);
        let question = Question {
            sinks: &self.broken.ends,
            feeds: &|node| self.ways.is_fed(node) && !stopped[node],
            usable,
            broken: &|link| self.is_broken[link.index()],
        };
        match minimum_cut(self.ways, self.network.link_bound(), &question) {
            Some(cut) if cut.len() < nearest.valves.len() => self.with(cut),
            _ => nearest,
        }
    }

    /// The nearest ring of valves that can be shut soonest: `time_s` says when each could be.
    pub fn soonest(&self, usable: &dyn Fn(LinkId) -> bool, time_s: &dyn Fn(LinkId) -> f64) -> Isolation {
        let mut best = self.nearest(usable);
        let latest = |plan: &Isolation| plan.valves.iter().map(|&link| time_s(link)).fold(0.0, f64::max);
        // Each round gives up the slowest valve of the ring; the ring only grows, so it ends.
        loop {
            let limit_s = latest(&best);
            let next = self.nearest(&|link| usable(link) && time_s(link) < limit_s);
            if best.valves.is_empty()
                || next.stopped_sources.len() > best.stopped_sources.len()
                || next.stopped_feeds.len() > best.stopped_feeds.len()
            {
                return best;
            }
            best = next;
        }
    }

    /// What closing these valves does. Feeds that still reach the break are to be stopped.
    pub fn with(&self, closed: Vec<LinkId>) -> Isolation {
        let is_closed = |link: LinkId| closed.binary_search(&link).is_ok();
        let zone = self
            .ways
            .upstream(self.broken.ends.iter().copied(), |link, _| self.is_broken[link.index()] || is_closed(link));
        let mut stopped_sources: Vec<LinkId> = Vec::new();
        let mut stopped_feeds = Vec::new();
        for (node, _, data) in self.network.nodes().filter(|(node, ..)| zone[node.index()]) {
            let at_node = self.ways.links_at(node.index()).iter().copied();
            stopped_sources.extend(at_node.filter(|&link| self.ways.passage(link) == Passage::Source));
            if data.boundary.is_some() || data.demand_kg_s < 0.0 {
                stopped_feeds.push(node);
            }
        }
        stopped_sources.sort_unstable();
        stopped_sources.dedup();
        let mut plan =
            Isolation { valves: closed, optional: Vec::new(), stopped_sources, stopped_feeds, zone, unfed: Vec::new() };
        let stopped = self.stopped_nodes(&plan);
        let closed = &plan.valves;
        let stops = |link: LinkId| self.is_broken[link.index()] || closed.binary_search(&link).is_ok();
        // Where pressure stands once all is closed: a valve with none behind it need not be closed.
        let pressed = self.ways.downstream(|node| !stopped[node], &plan.zone, stops);
        let consumers = |link: LinkId| self.network.link_view(link).is_some_and(|view| view.consumer().is_some());
        let reached = self.ways.downstream(|node| !stopped[node], &plan.zone, |link| stops(link) || consumers(link));
        plan.unfed = reached.into_iter().map(|fed| !fed).collect();
        let holds = |&link: &LinkId| self.ways.ends(link).iter().any(|&end| pressed[end]);
        let (valves, optional) = plan.valves.iter().copied().partition(holds);
        plan.valves = valves;
        plan.optional = optional;
        plan
    }

    /// Node slots that feed no more once the sources and feeds of a plan are stopped.
    fn stopped_nodes(&self, plan: &Isolation) -> Vec<bool> {
        let mut stopped = vec![false; self.ways.node_bound()];
        for &node in &plan.stopped_feeds {
            stopped[node.index()] = true;
        }
        for &link in &plan.stopped_sources {
            for end in self.ways.ends(link) {
                // Another source or a make-up at the same node goes on feeding.
                let others = self.ways.links_at(end).iter().any(|&other| {
                    self.ways.passage(other) == Passage::Source && !plan.stopped_sources.contains(&other)
                });
                stopped[end] |= !others || plan.zone[end];
            }
        }
        for (node, _, data) in self.network.nodes() {
            if data.boundary.is_some() && !plan.zone[node.index()] {
                stopped[node.index()] = false;
            }
        }
        stopped
    }
}

/// What the network's parts hold before anything is closed: by node slot, whether water from a source gets there through the
/// mains.
pub fn fed_before(network: &Network, ways: &Ways) -> Vec<bool> {
    let none = vec![false; ways.node_bound()];
    let consumers = |link: LinkId| network.link_view(link).is_some_and(|view| view.consumer().is_some());
    ways.downstream(|_| true, &none, consumers)
}

/// Consumers a plan leaves without a source, by tracing, and the heat they drew.
pub fn cut_off(network: &Network, plan: &Isolation, before: &Solution) -> (usize, f64) {
    let mut sum = (0, 0.0);
    for view in network.links().filter(|view| view.consumer().is_some_and(|consumer| !consumer.shut)) {
        let lost = [view.from, view.to].iter().any(|end| plan.unfed[end.index()]);
        if lost {
            sum.0 += 1;
            sum.1 += before
                .consumer(view.handle)
                .map_or(0.0, |state| if state.heat_w.is_finite() { state.heat_w } else { 0.0 });
        }
    }
    sum
}
