//! Given flows that have no way: demands at nodes, sources that hold their flow, consumers that feed.
//!
//! One-way elements, limits and closed ones may stand between a given flow and everything that could take or give it.
//! No pressure helps then, and Newton's method would only drive pressures to infinity. Whether the given flows can be
//! balanced is a question of the greatest flow from all that feeds to all that draws, with the given pressures as an
//! unlimited store: by the theorem of Gale and Hoffman they can if and only if everything is saturated. What is not, on
//! its side of the narrowest cut, is set aside: the rest of the network is solved without it, and it is named.
//! The greatest flow is found level by level (Dinic 1970). Asked only where the usual way has failed.

use super::super::problem::{Element, Hold, Problem};
use super::core::Core;
use super::roles::Role;
use super::state::HydraulicState;
use super::structure::Structure;
use crate::network::{Code, ElementRef, Finding, Network};
use crate::units::Quantity;

/// Share of all given flows that counts as nothing.
const ROUNDING: f64 = 1e-12;
/// Elements listed by name in one finding.
const MOST_NAMES: usize = 20;

/// Given flows that are set aside.
#[derive(Clone, Debug, Default)]
pub struct Aside {
    /// Dense nodes whose demand has no way.
    nodes: Vec<u32>,
    /// Dense links: sources that hold a flow, consumers that feed.
    links: Vec<u32>,
    /// Links that bar the way.
    bars: Vec<u32>,
}

impl Aside {
    pub fn clear(&mut self) {
        *self = Aside::default();
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.links.is_empty()
    }

    /// Sets this aside as well.
    pub fn join(&mut self, other: Aside) {
        for (own, more) in
            [(&mut self.nodes, other.nodes), (&mut self.links, other.links), (&mut self.bars, other.bars)]
        {
            own.extend(more);
            own.sort_unstable();
            own.dedup();
        }
    }

    /// The problem without what was set aside.
    pub fn without(&self, problem: &Problem) -> Problem {
        let mut eased = problem.clone();
        for &node in &self.nodes {
            eased.demand_kg_s[node as usize] = 0.0;
        }
        for &link in &self.links {
            match eased.elements[link as usize] {
                Element::Source(row) => eased.sources[row as usize].hold = Hold::MassFlow(0.0),
                Element::Consumer(row) => eased.consumers[row as usize].set_flow_kg_s = 0.0,
                _ => {}
            }
        }
        eased
    }

    /// Names what was set aside. Gives whether nothing was.
    pub fn report(
        &self,
        network: &Network,
        problem: &Problem,
        structure: &Structure,
        state: &mut HydraulicState,
    ) -> bool {
        let bars: Vec<ElementRef> =
            self.bars.iter().take(MOST_NAMES).map(|&link| structure.element(network, problem, link)).collect();
        let mut say = |element: ElementRef, flow_kg_s: f64| {
            state.findings.push(
                Finding::new(Code::FlowNotBalanced, element)
                    .physical("demand", Quantity::MassFlow, flow_kg_s)
                    .physical("served", Quantity::MassFlow, 0.0)
                    .others(bars.clone()),
            );
        };
        for &node in &self.nodes {
            say(network.node_ref(problem.node_handles[node as usize]), problem.demand_kg_s[node as usize]);
        }
        for &link in &self.links {
            let flow_kg_s = match problem.elements[link as usize] {
                Element::Source(row) => match problem.sources[row as usize].hold {
                    Hold::MassFlow(flow_kg_s) => flow_kg_s,
                    _ => 0.0,
                },
                Element::Consumer(row) => problem.consumers[row as usize].set_flow_kg_s,
                _ => 0.0,
            };
            say(network.link_ref(problem.link_handles[link as usize]), flow_kg_s);
        }
        self.is_empty()
    }
}

/// A given flow: what enters at a node.
struct Given {
    node: u32,
    enters_kg_s: f64,
    link: Option<u32>,
}

/// Given flows that cannot be balanced, with all consumers free to take less. `core` must be prepared for that.
/// `shut`: controllers that stand shut at the moment stay so.
pub fn without_way(problem: &Problem, structure: &Structure, core: &Core, shut: bool) -> Aside {
    let mut aside = Aside::default();
    let adrift = |node: u32| structure.any_adrift && structure.adrift[node as usize];
    let mut given: Vec<Given> = Vec::new();
    for (node, &demand) in problem.demand_kg_s.iter().enumerate() {
        if demand != 0.0 && !adrift(node as u32) {
            given.push(Given { node: node as u32, enters_kg_s: -demand, link: None });
        }
    }
    for (link, role) in structure.roles.roles.iter().enumerate().take(problem.link_count()) {
        let flow_kg_s = match problem.elements[link] {
            Element::Source(row) if *role == Role::Injected => match problem.sources[row as usize].hold {
                Hold::MassFlow(flow_kg_s) => flow_kg_s,
                _ => continue,
            },
            Element::Consumer(row) if *role == Role::Injected => problem.consumers[row as usize].set_flow_kg_s,
            _ => continue,
        };
        let (from, to, link) = (problem.from[link], problem.to[link], link as u32);
        if adrift(from) || adrift(to) {
            // Half of it leads nowhere; the part that is adrift is reported with it.
            if adrift(from) != adrift(to) && flow_kg_s != 0.0 {
                aside.links.push(link);
            }
        } else if flow_kg_s != 0.0 {
            given.push(Given { node: from, enters_kg_s: -flow_kg_s, link: Some(link) });
            given.push(Given { node: to, enters_kg_s: flow_kg_s, link: Some(link) });
        }
    }
    // Each round sets at least one of them aside.
    while !given.is_empty() {
        let mut ways = Ways::new(problem, structure, core, &given, shut);
        if ways.saturate() {
            break;
        }
        let reached = ways.reached();
        for one in &given {
            // Feeds that cannot get away are on the near side of the cut, draws that nothing reaches on the far side.
            if reached[one.node as usize] == (one.enters_kg_s > 0.0) {
                match one.link {
                    Some(link) => aside.links.push(link),
                    None => aside.nodes.push(one.node),
                }
            }
        }
        ways.bars(&reached, &mut aside.bars);
        let before = given.len();
        given.retain(|one| match one.link {
            Some(link) => !aside.links.contains(&link),
            None => !aside.nodes.contains(&one.node),
        });
        if given.len() == before {
            break;
        }
    }
    for list in [&mut aside.nodes, &mut aside.links, &mut aside.bars] {
        list.sort_unstable();
        list.dedup();
    }
    aside
}

/// Residual graph: edge k ^ 1 is the way back of edge k.
struct Ways {
    first: Vec<u32>,
    next: Vec<u32>,
    to: Vec<u32>,
    left: Vec<f64>,
    /// The link behind each pair of edges.
    link: Vec<u32>,
    level: Vec<u32>,
    total: f64,
}

const NONE: u32 = u32::MAX;

impl Ways {
    fn new(problem: &Problem, structure: &Structure, core: &Core, given: &[Given], shut: bool) -> Ways {
        let nodes = problem.node_count() + 3;
        let ground = problem.node_count() as u32;
        let mut ways = Ways {
            first: vec![NONE; nodes],
            next: Vec::new(),
            to: Vec::new(),
            left: Vec::new(),
            link: Vec::new(),
            level: Vec::new(),
            total: 0.0,
        };
        let roles = &structure.roles;
        let mut special = structure.reduction.specials.iter().zip(&core.specials).peekable();
        for (link, role) in roles.roles.iter().enumerate() {
            let (from, to) = (roles.from[link], roles.to[link]);
            let [low, high] = match role {
                Role::Off | Role::Injected => continue,
                Role::Plain | Role::Rigid => [f64::NEG_INFINITY, f64::INFINITY],
                Role::Special | Role::Controller => match special.next() {
                    Some((_, special)) if shut && special.stands_shut() => [0.0, 0.0],
                    Some((_, special)) => special.limits_kg_s(),
                    None => continue,
                },
            };
            ways.edge(from, to, high, -low, link as u32);
        }
        for &node in &roles.fixed {
            ways.edge(ground, node, f64::INFINITY, f64::INFINITY, NONE);
        }
        let (start, end) = (ground + 1, ground + 2);
        let (mut fed, mut drawn) = (0.0, 0.0);
        for one in given {
            if one.enters_kg_s > 0.0 {
                fed += one.enters_kg_s;
                ways.edge(start, one.node, one.enters_kg_s, 0.0, NONE);
            } else {
                drawn -= one.enters_kg_s;
                ways.edge(one.node, end, -one.enters_kg_s, 0.0, NONE);
            }
        }
        ways.edge(start, ground, drawn, 0.0, NONE);
        ways.edge(ground, end, fed, 0.0, NONE);
        ways.total = fed + drawn;
        ways
    }

    fn edge(&mut self, from: u32, to: u32, there: f64, back: f64, link: u32) {
        for (start, end, capacity) in [(from, to, there), (to, from, back)] {
            self.next.push(self.first[start as usize]);
            self.first[start as usize] = self.to.len() as u32;
            self.to.push(end);
            self.left.push(capacity);
        }
        self.link.push(link);
    }

    fn start(&self) -> usize {
        self.first.len() - 2
    }

    fn levels(&mut self) {
        let least = ROUNDING * self.total;
        self.level.clear();
        self.level.resize(self.first.len(), NONE);
        let start = self.start();
        self.level[start] = 0;
        let mut queue = vec![start as u32];
        let mut at = 0;
        while at < queue.len() {
            let node = queue[at] as usize;
            at += 1;
            let mut edge = self.first[node];
            while edge != NONE {
                let to = self.to[edge as usize] as usize;
                if self.left[edge as usize] > least && self.level[to] == NONE {
                    self.level[to] = self.level[node] + 1;
                    queue.push(to as u32);
                }
                edge = self.next[edge as usize];
            }
        }
    }

    /// Sends all there is room for. Gives whether that is everything.
    fn saturate(&mut self) -> bool {
        let (start, end) = (self.start(), self.first.len() - 1);
        let least = ROUNDING * self.total;
        let mut moved = 0.0;
        loop {
            self.levels();
            if self.level[end] == NONE {
                return moved >= self.total * (1.0 - 1e-9);
            }
            let mut at = self.first.clone();
            let mut way: Vec<u32> = Vec::new();
            let mut node = start;
            loop {
                if node == end {
                    let room = way.iter().map(|&edge| self.left[edge as usize]).fold(f64::INFINITY, f64::min);
                    for &edge in &way {
                        self.left[edge as usize] -= room;
                        self.left[(edge ^ 1) as usize] += room;
                    }
                    moved += room;
                    way.clear();
                    node = start;
                    continue;
                }
                let edge = at[node];
                if edge == NONE {
                    // A dead end: back by one edge, which is done with.
                    let Some(last) = way.pop() else { break };
                    node = self.to[(last ^ 1) as usize] as usize;
                    at[node] = self.next[at[node] as usize];
                    continue;
                }
                let to = self.to[edge as usize] as usize;
                if self.left[edge as usize] > least && self.level[to] == self.level[node] + 1 {
                    way.push(edge);
                    node = to;
                } else {
                    at[node] = self.next[edge as usize];
                }
            }
        }
    }

    /// Nodes on the near side of the narrowest cut, after [`Ways::saturate`].
    fn reached(&self) -> Vec<bool> {
        self.level.iter().map(|&level| level != NONE).collect()
    }

    /// Links across the cut.
    fn bars(&self, reached: &[bool], out: &mut Vec<u32>) {
        for (pair, &link) in self.link.iter().enumerate() {
            let ends = [self.to[2 * pair + 1], self.to[2 * pair]].map(|node| reached[node as usize]);
            if link != NONE && ends[0] != ends[1] {
                out.push(link);
            }
        }
    }
}
