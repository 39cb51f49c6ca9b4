//! Which loop does not come to rest.
//!
//! Over the last passes every link's least and greatest flow and weight of water are kept. Where the weight swings most is
//! the heart of it; the loop is the shortest way round through links whose flow swings along.

use std::collections::VecDeque;

use crate::network::{Code, ElementRef, Finding, Network};
use crate::solver::hydraulic::gravity_pa;
use crate::solver::problem::{NONE, Problem};
use crate::units::Quantity;

/// Share of the swing at the heart that counts as swinging along.
const ALONG_SHARE: f64 = 0.5;
/// A weight that swings by less than this moves nothing, Pa.
const LEAST_WEIGHT_PA: f64 = 0.1;

#[derive(Clone, Copy, Debug)]
struct Range {
    low: f64,
    high: f64,
}

impl Range {
    const NOTHING: Range = Range { low: f64::INFINITY, high: f64::NEG_INFINITY };

    fn meet(&mut self, value: f64) {
        (self.low, self.high) = (self.low.min(value), self.high.max(value));
    }

    fn width(self) -> f64 {
        (self.high - self.low).max(0.0)
    }
}

/// Flows and weights of the last passes, by link.
#[derive(Clone, Debug, Default)]
pub struct Swing {
    flow_kg_s: Vec<Range>,
    weight_pa: Vec<Range>,
}

impl Swing {
    /// Begins anew.
    pub fn restart(&mut self) {
        self.flow_kg_s.clear();
        self.weight_pa.clear();
    }

    /// A pass went by, with these flows; the densities of the problem are those they were found with.
    pub fn meet(&mut self, problem: &Problem, flow_kg_s: &[f64]) {
        self.flow_kg_s.resize(flow_kg_s.len(), Range::NOTHING);
        self.weight_pa.resize(flow_kg_s.len(), Range::NOTHING);
        for (link, &flow) in flow_kg_s.iter().enumerate() {
            self.flow_kg_s[link].meet(flow);
            self.weight_pa[link].meet(gravity_pa(problem, link));
        }
    }

    /// The loop that swings, by name; `None` where no weight does.
    pub fn finding(&self, network: &Network, problem: &Problem) -> Option<Finding> {
        let (heart, width_pa) = (0..self.weight_pa.len())
            .filter(|&link| self.flow_kg_s[link].width() > 0.0)
            .map(|link| (link, self.weight_pa[link].width()))
            .reduce(|most, next| if next.1 > most.1 { next } else { most })?;
        if width_pa < LEAST_WEIGHT_PA {
            return None;
        }
        let mut links: Vec<u32> = vec![heart as u32];
        links.extend(self.way_round(problem, heart));
        let mut elements: Vec<ElementRef> = Vec::new();
        for link in links {
            if let Some(&handle) = problem.link_handles.get(link as usize) {
                let element = network.link_ref(handle);
                if !elements.contains(&element) {
                    elements.push(element);
                }
            }
        }
        let others = elements.split_off(1.min(elements.len()));
        let flow = self.flow_kg_s[heart];
        Some(
            Finding::new(Code::WeakLoop, elements.pop()?)
                .count("count", others.len())
                .physical("least", Quantity::MassFlow, flow.low)
                .physical("most", Quantity::MassFlow, flow.high)
                .others(others),
        )
    }

    /// Links that lead from one end of `heart` to the other and swing along; empty where none do.
    fn way_round(&self, problem: &Problem, heart: usize) -> Vec<u32> {
        let least = ALONG_SHARE * self.flow_kg_s[heart].width();
        let (start, goal) = (problem.to[heart], problem.from[heart]);
        let mut at: Vec<Vec<u32>> = vec![Vec::new(); problem.node_count()];
        for (link, flow) in self.flow_kg_s.iter().enumerate().take(problem.link_count()) {
            if link != heart && flow.width() >= least {
                at[problem.from[link] as usize].push(link as u32);
                at[problem.to[link] as usize].push(link as u32);
            }
        }
        let mut came_by = vec![NONE; problem.node_count()];
        let mut queue = VecDeque::from([start]);
        while let Some(node) = queue.pop_front() {
            if node == goal {
                break;
            }
            for &link in &at[node as usize] {
                let [from, to] = [problem.from[link as usize], problem.to[link as usize]];
                let next = if from == node { to } else { from };
                if next != start && came_by[next as usize] == NONE {
                    came_by[next as usize] = link;
                    queue.push_back(next);
                }
            }
        }
        let mut way = Vec::new();
        let mut node = goal;
        while node != start {
            let link = came_by[node as usize];
            if link == NONE {
                return Vec::new();
            }
            way.push(link);
            let [from, to] = [problem.from[link as usize], problem.to[link as usize]];
            node = if from == node { to } else { from };
        }
        way.reverse();
        way
    }
}
