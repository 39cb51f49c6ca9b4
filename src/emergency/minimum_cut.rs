//! The fewest closable valves that keep all feeds from the break: a minimum cut by augmenting paths.
//!
//! Every closable valve has capacity one, every other passage no limit (Ford and Fulkerson 1956; shortest paths after
//! Edmonds and Karp 1972). Paths are searched from the break against the water, so that of all smallest cuts the one
//! nearest to the break comes out, which cuts off the fewest. A cut in a heating network has a handful of valves: as many
//! searches as valves, each linear in the size of the network.

use std::collections::VecDeque;

use super::ways::{Passage, Ways};
use crate::network::LinkId;

/// Flow through each link, + from → to. Only closable valves are limited.
struct Flow<'a> {
    ways: &'a Ways,
    question: &'a Question<'a>,
    units: Vec<i32>,
}

/// What is to be kept from what.
pub struct Question<'a> {
    /// Node slots at the break.
    pub sinks: &'a [usize],
    /// Whether a node feeds.
    pub feeds: &'a dyn Fn(usize) -> bool,
    /// Whether this closable valve may be counted upon.
    pub usable: &'a dyn Fn(LinkId) -> bool,
    /// Whether this link is what broke.
    pub broken: &'a dyn Fn(LinkId) -> bool,
}

impl Flow<'_> {
    /// Whether one more unit can come through `link` to `node`.
    fn has_room(&self, link: LinkId, node: usize) -> bool {
        if (self.question.broken)(link) {
            return false;
        }
        let towards =
            if self.ways.ends(link)[1] == node { self.units[link.index()] } else { -self.units[link.index()] };
        match self.ways.passage(link) {
            Passage::Shut | Passage::Source => false,
            Passage::Open => true,
            Passage::Closable if (self.question.usable)(link) => towards < 1,
            Passage::Closable => true,
            // Against its direction only what flows along it can be taken back.
            Passage::OneWay => self.ways.ends(link)[1] == node || towards < 0,
        }
    }

    fn add(&mut self, link: LinkId, node: usize) {
        self.units[link.index()] += if self.ways.ends(link)[1] == node { 1 } else { -1 };
    }

    /// The nodes that can still send water to the break, and the way to the first feed found among them.
    fn search(&self) -> (Vec<bool>, Option<Vec<(LinkId, usize)>>) {
        let mut reached = vec![false; self.ways.node_bound()];
        let mut came: Vec<Option<(LinkId, usize)>> = vec![None; self.ways.node_bound()];
        let mut open = VecDeque::new();
        for &sink in self.question.sinks {
            reached[sink] = true;
            open.push_back(sink);
        }
        while let Some(node) = open.pop_front() {
            if (self.question.feeds)(node) {
                let mut way = Vec::new();
                let mut at = node;
                while let Some((link, next)) = came[at] {
                    way.push((link, next));
                    at = next;
                }
                return (reached, Some(way));
            }
            for &link in self.ways.links_at(node) {
                let next = self.ways.across(link, node);
                if !reached[next] && self.has_room(link, node) {
                    reached[next] = true;
                    came[next] = Some((link, node));
                    open.push_back(next);
                }
            }
        }
        (reached, None)
    }
}

/// The smallest set of usable valves between all feeds and the sinks, nearest to the sinks, in slot order; `None` where a feed
/// reaches them without passing one (take those feeds out first).
pub fn minimum_cut(ways: &Ways, links: usize, question: &Question<'_>) -> Option<Vec<LinkId>> {
    let mut flow = Flow { ways, question, units: vec![0; links] };
    loop {
        let (reached, way) = flow.search();
        let Some(way) = way else {
            let mut cut = Vec::new();
            for node in (0..ways.node_bound()).filter(|&node| reached[node]) {
                let crossing = |&link: &LinkId| {
                    !reached[ways.across(link, node)] && ways.can_come(link, node) && !(question.broken)(link)
                };
                cut.extend(ways.links_at(node).iter().copied().filter(crossing));
            }
            cut.sort_unstable();
            cut.dedup();
            return Some(cut);
        };
        let limited = |&(link, _): &(LinkId, usize)| ways.passage(link) == Passage::Closable && (question.usable)(link);
        if !way.iter().any(limited) {
            return None;
        }
        for (link, node) in way {
            flow.add(link, node);
        }
    }
}
