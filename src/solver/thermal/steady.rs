//! Every temperature of the steady state at given flows, in one pass along the water.
//!
//! Nodes mix: Σ_in c̄·m·(T_out − T_node) = 0 with c̄ the mean heat capacity between both. Pipes lose heat exponentially,
//! sources give water at their supply temperature, consumers at their return temperature (or unchanged where it arrives
//! colder than that: a consumer never heats the network), everything else passes water on. Nodes are taken in the
//! direction of flow (Kahn's order); what remains runs in a circle and goes to [`circle`](super::circle).
//! Where nothing flows the water has the temperature of its surroundings; no temperature is ever NaN.

use crate::physics::heat_loss;

use super::super::fluid::Fluid;
use super::super::problem::{Element, NONE, Problem};
use super::balance::HeatBalance;
use super::circle;
use super::problem::HeatProblem;

/// Flows smaller than this share of the largest are rounding, not water.
const SMALLEST_FLOW_SHARE: f64 = 1e-13;
/// Scalar equations are iterated until the temperature moves less than this.
pub(super) const ROUNDING_K: f64 = 1e-11;
/// Each step of those iterations gains about four digits; this is far more than is ever needed.
const MAX_STEPS: usize = 30;
/// Sweeps until two pipes of a trench agree on what they give each other.
const MAX_PAIR_SWEEPS: usize = 30;
const PAIR_AGREEMENT_K: f64 = 1e-9;

/// Temperatures by dense index, and the scratch to find them.
#[derive(Clone, Debug, Default)]
pub struct Temperatures {
    pub node_c: Vec<f64>,
    /// At the upstream end of each link.
    pub inlet_c: Vec<f64>,
    /// At the downstream end of each link, before mixing.
    pub outlet_c: Vec<f64>,
    /// Heat each link loses to its surroundings, W.
    pub loss_w: Vec<f64>,
    /// Surroundings of each link including the warmth of its neighbour.
    pub(super) surroundings_c: Vec<f64>,
    /// Dense node at the upstream and downstream end of the water in each link; NONE where nothing flows.
    pub(super) upstream: Vec<u32>,
    pub(super) downstream: Vec<u32>,
    /// Whether the outlet temperature of the link depends on its inlet temperature.
    pub(super) depends: Vec<bool>,
    /// Consumers whose water arrives colder than they give it back.
    passes: Vec<bool>,
    /// Links whose outlet temperature is still to come, by node.
    waiting: Vec<u32>,
    queue: Vec<u32>,
    inflow: Vec<(f64, f64)>,
    /// Water entering (positive) or leaving from outside at nodes of given pressure.
    pub(super) exchange_kg_s: Vec<f64>,
}

impl Temperatures {
    /// Finds all temperatures at these flows (by dense link, positive from → to; NaN counts as none) and gives the heat
    /// balance. Pipes in one trench are iterated until they agree.
    pub fn solve(&mut self, problem: &Problem, heat: &HeatProblem, flow_kg_s: &[f64]) -> HeatBalance {
        self.begin(problem, heat);
        self.prepare(problem, heat, flow_kg_s);
        for _ in 0..MAX_PAIR_SWEEPS {
            self.sweep(problem, heat, flow_kg_s);
            if self.exchange_between_pairs(heat) < PAIR_AGREEMENT_K {
                break;
            }
        }
        self.balance(problem, heat, flow_kg_s)
    }

    /// One sweep only: for a caller that iterates anyway. Gives by how much the surroundings of paired pipes moved, K.
    pub fn step(&mut self, problem: &Problem, heat: &HeatProblem, flow_kg_s: &[f64]) -> f64 {
        self.prepare(problem, heat, flow_kg_s);
        self.sweep(problem, heat, flow_kg_s);
        self.exchange_between_pairs(heat)
    }

    /// Forgets the last solve. [`Temperatures::step`] needs this once for each network.
    pub fn begin(&mut self, problem: &Problem, heat: &HeatProblem) {
        let (nodes, links) = (problem.node_count(), problem.link_count());
        let refill = |list: &mut Vec<f64>, length: usize, value: f64| {
            list.clear();
            list.resize(length, value);
        };
        refill(&mut self.node_c, nodes, heat.ambient_c);
        refill(&mut self.exchange_kg_s, nodes, 0.0);
        for list in [&mut self.inlet_c, &mut self.outlet_c, &mut self.loss_w] {
            refill(list, links, 0.0);
        }
        self.surroundings_c.clone_from(&heat.surroundings_c);
        for list in [&mut self.upstream, &mut self.downstream] {
            list.clear();
            list.resize(links, NONE);
        }
        for list in [&mut self.depends, &mut self.passes] {
            list.clear();
            list.resize(links, false);
        }
        self.waiting.clear();
        self.waiting.resize(nodes, 0);
    }

    fn prepare(&mut self, problem: &Problem, heat: &HeatProblem, flow_kg_s: &[f64]) {
        let nodes = problem.node_count();
        let largest = flow_kg_s.iter().fold(0.0, |most: f64, flow| most.max(flow.abs()));
        let smallest = largest * SMALLEST_FLOW_SHARE;
        self.exchange_kg_s.fill(0.0);
        for (link, &flow) in flow_kg_s.iter().enumerate() {
            let (from, to) = (problem.from[link], problem.to[link]);
            let (up, down) = match flow {
                _ if flow > smallest => (from, to),
                _ if flow < -smallest => (to, from),
                _ => (NONE, NONE),
            };
            (self.upstream[link], self.downstream[link]) = (up, down);
            if up != NONE {
                self.exchange_kg_s[up as usize] += flow.abs();
                self.exchange_kg_s[down as usize] -= flow.abs();
            }
        }
        for node in 0..nodes {
            let need = self.exchange_kg_s[node] + problem.demand_kg_s[node];
            // Elsewhere the difference is the rounding of the hydraulics.
            self.exchange_kg_s[node] = if heat.open_node[node] && need.abs() > largest * 1e-9 { need } else { 0.0 };
        }
    }

    fn sweep(&mut self, problem: &Problem, heat: &HeatProblem, flow_kg_s: &[f64]) {
        loop {
            self.walk(problem, heat, flow_kg_s);
            // Consumers reached by water colder than their return temperature only pass it on. Each round can only add
            // such consumers and so only cool what follows: it ends.
            let mut found = false;
            for consumer in &problem.consumers {
                let link = consumer.link as usize;
                let forward = self.upstream[link] == problem.from[link];
                if forward && !self.passes[link] && self.inlet_c[link] < consumer.return_temperature_c {
                    self.passes[link] = true;
                    found = true;
                }
            }
            if !found {
                return;
            }
        }
    }

    fn walk(&mut self, problem: &Problem, heat: &HeatProblem, flow_kg_s: &[f64]) {
        let nodes = problem.node_count();
        self.waiting.fill(0);
        for link in 0..problem.link_count() {
            let down = self.downstream[link];
            if down == NONE {
                // Water at rest takes the temperature around it; what has no surroundings of its own follows below.
                let rest_c = heat.surroundings_c[link];
                (self.inlet_c[link], self.outlet_c[link], self.loss_w[link]) = (rest_c, rest_c, 0.0);
                continue;
            }
            self.depends[link] = match problem.elements[link] {
                // A store gives water of its own temperature either way.
                Element::Source(row) => {
                    down != problem.to[link] && problem.sources[row as usize].store_return_c.is_nan()
                }
                Element::Consumer(_) => down != problem.to[link] || self.passes[link],
                _ => true,
            };
            if self.depends[link] {
                self.waiting[down as usize] += 1;
            } else {
                self.outlet_c[link] = heat.set_outlet_c[link];
            }
        }
        self.queue.clear();
        self.queue.extend((0..nodes as u32).filter(|&node| self.waiting[node as usize] == 0));
        self.follow(problem, heat, flow_kg_s, 0);
        if self.queue.len() < nodes {
            for part in circle::parts(self, problem, heat) {
                if let [node] = part[..] {
                    self.mix(problem, heat, flow_kg_s, node as usize);
                } else {
                    circle::solve(self, problem, heat, flow_kg_s, &part);
                }
                for node in part {
                    self.pass_on(problem, heat, flow_kg_s, node as usize);
                }
            }
        }
    }

    /// Takes nodes from the queue at `at` on until none is left whose inflows are known.
    fn follow(&mut self, problem: &Problem, heat: &HeatProblem, flow_kg_s: &[f64], mut at: usize) {
        while at < self.queue.len() {
            let node = self.queue[at];
            at += 1;
            self.mix(problem, heat, flow_kg_s, node as usize);
            self.pass_on(problem, heat, flow_kg_s, node as usize);
            for &link in heat.at(node as usize) {
                let link = link as usize;
                if self.upstream[link] == node && self.depends[link] {
                    let down = self.downstream[link];
                    self.waiting[down as usize] -= 1;
                    if self.waiting[down as usize] == 0 {
                        self.queue.push(down);
                    }
                }
            }
        }
    }

    /// Whether the node has been reached in the direction of flow.
    pub(super) fn is_reached(&self, node: usize) -> bool {
        self.waiting[node] == 0
    }

    /// Temperature of a node all of whose inflows are known.
    fn mix(&mut self, problem: &Problem, heat: &HeatProblem, flow_kg_s: &[f64], node: usize) {
        let mut inflow = std::mem::take(&mut self.inflow);
        inflow.clear();
        for &link in heat.at(node) {
            let link = link as usize;
            if self.downstream[link] == node as u32 {
                inflow.push((flow_kg_s[link].abs(), self.outlet_c[link]));
            }
        }
        inflow.extend(self.feeds(problem, heat, node));
        self.node_c[node] = mixed_c(&problem.fluid, &inflow).unwrap_or(heat.ambient_c);
        self.inflow = inflow;
    }

    /// Water from outside that enters at a node: flow and temperature.
    pub(super) fn feeds(
        &self,
        problem: &Problem,
        heat: &HeatProblem,
        node: usize,
    ) -> impl Iterator<Item = (f64, f64)> + use<> {
        let feed_c = heat.feed_temperature_c[node];
        [-problem.demand_kg_s[node], self.exchange_kg_s[node]]
            .into_iter()
            .filter(|flow| *flow > 0.0)
            .map(move |flow| (flow, feed_c))
    }

    /// Outlet temperatures of all links that water leaves this node by.
    fn pass_on(&mut self, problem: &Problem, heat: &HeatProblem, flow_kg_s: &[f64], node: usize) {
        let inlet_c = self.node_c[node];
        for &link in heat.at(node) {
            let link = link as usize;
            if self.upstream[link] != node as u32 {
                // A valve, pump or consumer at rest is as warm as the node it stands at; a pipe as the ground.
                if self.upstream[link] == NONE && heat.loss_w_k[link] == 0.0 && problem.from[link] == node as u32 {
                    (self.inlet_c[link], self.outlet_c[link]) = (inlet_c, inlet_c);
                }
                continue;
            }
            self.inlet_c[link] = inlet_c;
            let (outlet_c, loss_w) = self.outlet(problem, heat, flow_kg_s, link, inlet_c);
            self.outlet_c[link] = outlet_c;
            self.loss_w[link] = loss_w;
        }
    }

    /// Outlet temperature and heat loss of a link with this inlet temperature.
    pub(super) fn outlet(
        &self,
        problem: &Problem,
        heat: &HeatProblem,
        flow_kg_s: &[f64],
        link: usize,
        inlet_c: f64,
    ) -> (f64, f64) {
        if !self.depends[link] {
            return (self.outlet_c[link], 0.0);
        }
        if self.passes[link] {
            return (inlet_c.min(heat.set_outlet_c[link]), 0.0);
        }
        if heat.loss_w_k[link] == 0.0 {
            return (inlet_c, 0.0);
        }
        let flow = flow_kg_s[link].abs();
        let outlet_c = self.outlet_at(problem, heat, link, inlet_c, flow);
        (outlet_c, flow * problem.fluid.heat_between_j_kg(inlet_c, outlet_c))
    }

    /// Temperature at which water that enters a pipe with this temperature and flow leaves it; what loses no heat passes
    /// it on.
    pub fn outlet_at(&self, problem: &Problem, heat: &HeatProblem, link: usize, inlet_c: f64, flow_kg_s: f64) -> f64 {
        let (fluid, loss_w_k) = (&problem.fluid, heat.loss_w_k[link]);
        if loss_w_k == 0.0 {
            return inlet_c;
        }
        let around_c = self.surroundings_c[link];
        let mut outlet_c = inlet_c;
        for _ in 0..MAX_STEPS {
            let heat_capacity = fluid.mean_heat_capacity_j_kgk(inlet_c, outlet_c);
            let next_c = heat_loss::outlet(inlet_c, around_c, loss_w_k, 1.0, heat_capacity, flow_kg_s).outlet_c;
            let change = (next_c - outlet_c).abs();
            outlet_c = next_c;
            if change < ROUNDING_K || matches!(fluid, Fluid::Constant { .. }) {
                break;
            }
        }
        outlet_c
    }

    /// Lets the pipes of a trench warm each other's surroundings; gives the largest change, K.
    fn exchange_between_pairs(&mut self, heat: &HeatProblem) -> f64 {
        let mut most: f64 = 0.0;
        for pair in &heat.pairs {
            let mean_c = pair.links.map(|link| {
                let link = link as usize;
                0.5 * (self.inlet_c[link] + self.outlet_c[link])
            });
            for (own, other) in [(0, 1), (1, 0)] {
                let around_c = pair.ground_c + pair.share[own] * (mean_c[other] - pair.ground_c);
                let place = &mut self.surroundings_c[pair.links[own] as usize];
                most = most.max((around_c - *place).abs());
                *place = around_c;
            }
        }
        most
    }
}

/// Temperature of a mixture of (flow, temperature); `None` where nothing flows in.
fn mixed_c(fluid: &Fluid, inflow: &[(f64, f64)]) -> Option<f64> {
    let (first, rest) = inflow.split_first()?;
    if rest.iter().all(|(_, temperature_c)| *temperature_c == first.1) {
        return Some(first.1);
    }
    let total: f64 = inflow.iter().map(|(flow, _)| flow).sum();
    let mut mixed_c = inflow.iter().map(|(flow, temperature_c)| flow * temperature_c).sum::<f64>() / total;
    if matches!(fluid, Fluid::Constant { .. }) {
        return Some(mixed_c);
    }
    for _ in 0..MAX_STEPS {
        let (mut weight, mut sum) = (0.0, 0.0);
        for &(flow, temperature_c) in inflow {
            let w = flow * fluid.mean_heat_capacity_j_kgk(temperature_c, mixed_c);
            weight += w;
            sum += w * temperature_c;
        }
        let next_c = sum / weight;
        let change = (next_c - mixed_c).abs();
        mixed_c = next_c;
        if change < ROUNDING_K {
            break;
        }
    }
    Some(mixed_c)
}
