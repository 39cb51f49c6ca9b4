//! Water that hardly moves.
//!
//! A pipe whose flow changes direction would change its density at once from that of one end's water to the other's, and
//! a loop could find no state in between. Below a flow too small to matter the water is therefore that of both ends: of
//! one end at the flow where the band begins, of the other where it ends, straight between. Links in a row with nothing
//! beside them carry the same water through and are taken together, or the jump would only move to the next of them. Rows
//! are those of the links that could carry water, so that a row at rest is the same as one with hardly any flow. What
//! remains to jump are places where everything that arrives hardly moves.

use crate::solver::problem::{Element, NONE, Problem};
use crate::solver::thermal::{HeatProblem, Temperatures};

/// Density of links that hardly move.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// By link; NaN: it moves.
    density_kg_m3: Vec<f64>,
    /// Links at each node that can carry water through it, and two of them.
    degree: Vec<u32>,
    pair: Vec<[u32; 2]>,
    /// By link: it can carry water through.
    through: Vec<bool>,
    row: Vec<u32>,
}

impl Standing {
    /// Density in a link, if it hardly moves.
    pub fn density_kg_m3(&self, link: usize) -> Option<f64> {
        self.density_kg_m3.get(link).copied().filter(|density| !density.is_nan())
    }

    /// Begins with a network: finds which links can carry water through, all but what is shut and what ends blind.
    pub fn begin(&mut self, problem: &Problem, heat: &HeatProblem) {
        let (nodes, links) = (problem.node_count(), problem.link_count());
        let shut = |link: usize| match problem.elements[link] {
            Element::Closed => true,
            Element::Consumer(row) => problem.consumers[row as usize].set_flow_kg_s <= 0.0,
            _ => false,
        };
        self.through.clear();
        self.through.extend((0..links).map(|link| !shut(link)));
        self.degree.clear();
        self.degree.resize(nodes, 0);
        for link in (0..links).filter(|&link| self.through[link]) {
            self.degree[problem.from[link] as usize] += 1;
            self.degree[problem.to[link] as usize] += 1;
        }
        // A link to a node with nothing else is blind, and so may be the one before it.
        let ends = |node: usize| problem.demand_kg_s[node] == 0.0 && !heat.open_node[node];
        let mut blind: Vec<usize> = (0..nodes).filter(|&node| self.degree[node] == 1 && ends(node)).collect();
        while let Some(node) = blind.pop() {
            let last = heat.at(node).iter().map(|&link| link as usize).find(|&link| self.through[link]);
            let Some(link) = last else { continue };
            self.through[link] = false;
            for end in [problem.from[link] as usize, problem.to[link] as usize] {
                self.degree[end] -= 1;
                if end != node && self.degree[end] == 1 && ends(end) {
                    blind.push(end);
                }
            }
        }
        self.degree.fill(0);
        self.pair.clear();
        self.pair.resize(nodes, [NONE; 2]);
        for link in (0..links).filter(|&link| self.through[link]) {
            for node in [problem.from[link] as usize, problem.to[link] as usize] {
                if let Some(place) = self.pair[node].get_mut(self.degree[node] as usize) {
                    *place = link as u32;
                }
                self.degree[node] += 1;
            }
        }
    }

    /// Finds the links with a flow below `undecided_kg_s` and their water.
    pub fn find(
        &mut self,
        problem: &Problem,
        heat: &HeatProblem,
        temperatures: &Temperatures,
        flow_kg_s: &[f64],
        undecided_kg_s: f64,
    ) {
        let links = flow_kg_s.len();
        self.density_kg_m3.clear();
        let weak = |link: usize| {
            let passes = matches!(problem.elements[link], Element::Plain(_) | Element::Valve(_) | Element::Pump(_));
            passes && flow_kg_s[link].abs() < undecided_kg_s
        };
        if !(0..links).any(weak) {
            return;
        }
        self.density_kg_m3.resize(links, f64::NAN);
        let water = Water { problem, heat, temperatures, flow_kg_s: undecided_kg_s };
        for link in 0..links {
            if !weak(link) || !self.density_kg_m3[link].is_nan() {
                continue;
            }
            self.row.clear();
            self.row.push(link as u32);
            if self.through[link] {
                // Back to the first of the row, and from there on along it.
                let first = self.walk(problem, link as u32, problem.from[link], &weak).unwrap_or(link as u32);
                self.row.clear();
                self.row.push(first);
                let [from, to] = [problem.from[first as usize], problem.to[first as usize]];
                let free = |node: u32| self.next(first, node, &weak).is_none();
                let ahead = if free(from) || !free(to) { to } else { from };
                let mut row = std::mem::take(&mut self.row);
                self.follow(problem, first, ahead, &weak, &mut row);
                self.row = row;
            }
            self.blend(&water, flow_kg_s);
        }
    }

    /// The other link through a node, where there are but two and it hardly moves either.
    fn next(&self, link: u32, node: u32, weak: &dyn Fn(usize) -> bool) -> Option<u32> {
        if self.degree[node as usize] != 2 {
            return None;
        }
        let [a, b] = self.pair[node as usize];
        let other = if a == link { b } else { a };
        (other != link && weak(other as usize)).then_some(other)
    }

    /// Last link of the row beyond `node`.
    fn walk(&self, problem: &Problem, link: u32, node: u32, weak: &dyn Fn(usize) -> bool) -> Option<u32> {
        let mut row = vec![link];
        self.follow(problem, link, node, weak, &mut row);
        row.last().copied()
    }

    /// Adds the links of the row beyond `node`.
    fn follow(&self, problem: &Problem, link: u32, node: u32, weak: &dyn Fn(usize) -> bool, row: &mut Vec<u32>) {
        let (mut link, mut node) = (link, node);
        while let Some(next) = self.next(link, node, weak) {
            // Round in a circle.
            if row.contains(&next) {
                return;
            }
            row.push(next);
            let [from, to] = [problem.from[next as usize], problem.to[next as usize]];
            (link, node) = (next, if from == node { to } else { from });
        }
    }

    /// Water of the links of the row, that of both ends.
    fn blend(&mut self, water: &Water<'_>, flow_kg_s: &[f64]) {
        let problem = water.problem;
        let first = self.row[0] as usize;
        let ends = |link: u32| [problem.from[link as usize], problem.to[link as usize]];
        let start = match self.row.get(1) {
            Some(&second) if ends(second).contains(&problem.from[first]) => problem.to[first],
            _ => problem.from[first],
        };
        let mut end = start;
        for &link in &self.row {
            let [from, to] = ends(link);
            end = if from == end { to } else { from };
        }
        let sign = if problem.from[first] == start { 1.0 } else { -1.0 };
        let forward = (0.5 * (1.0 + sign * flow_kg_s[first] / water.flow_kg_s)).clamp(0.0, 1.0);
        for &link in &self.row {
            self.density_kg_m3[link as usize] = 0.0;
        }
        let count = self.row.len();
        for (share, node, reversed) in [(forward, start, false), (1.0 - forward, end, true)] {
            let mut inlet_c = water.temperatures.node_c[node as usize];
            for at in 0..count {
                let link = self.row[if reversed { count - 1 - at } else { at }] as usize;
                let outlet_c = water.temperatures.outlet_at(problem, water.heat, link, inlet_c, water.flow_kg_s);
                let fluid = &problem.fluid;
                let density = 0.5 * (fluid.density_kg_m3(inlet_c) + fluid.density_kg_m3(outlet_c));
                self.density_kg_m3[link] += share * density;
                inlet_c = outlet_c;
            }
        }
    }
}

/// Where the water of a row comes from.
struct Water<'a> {
    problem: &'a Problem,
    heat: &'a HeatProblem,
    temperatures: &'a Temperatures,
    flow_kg_s: f64,
}
