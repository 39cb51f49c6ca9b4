//! Temperatures of the whole network over one step at given flows: every pipe in two halves, every node a mixture.
//!
//! Pipes that hold more than a step of their flow give out what they held, whatever enters; the rest (short pipes, valves,
//! consumers) pass a temperature on within the step. Along these the nodes are taken in the direction of flow (Kahn's
//! order, kept while flows stay). Where even these run in a circle, it is swept until it agrees. All inflow of a
//! node in a step is one mixture: a front is widened by at most a step at every node it passes.

use super::enthalpy::Enthalpy;
use super::layout::{self, Start};
use super::ledger::Ledger;
use super::pipe::Pipe;
use super::store::End;
use crate::network::Network;
use crate::solver::Solution;
use crate::solver::problem::{Element, NONE, Problem};
use crate::solver::thermal::HeatProblem;

/// Flows smaller than this share of the largest are rounding, not water.
const SMALLEST_FLOW_SHARE: f64 = 1e-13;
/// What pressure-given nodes exchange with the outside below this share of the largest flow is rounding.
const SMALLEST_EXCHANGE_SHARE: f64 = 1e-9;
const MOST_SWEEPS: usize = 200;
const SWEPT_J_KG: f64 = 1e-6;

/// How fronts are followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Front {
    /// Wall as warm as its water; any step. For networks.
    #[default]
    Plug,
    /// With the film between water and wall and turbulent mixing; steps of seconds. For single pipes and small networks.
    Film,
}

/// How water gets from the upstream to the downstream end of a link within a step.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    /// Nothing flows.
    Rest,
    /// What leaves does not depend on what enters.
    Given,
    /// Outlet is fixed + slope·inlet (a pipe shorter than its flow).
    Pipe,
    /// As it comes.
    Passes,
    /// Row of the consumer.
    Consumer(u32),
}

/// The network's water.
#[derive(Clone, Debug)]
pub struct Transport {
    pub pipes: Vec<Pipe>,
    /// Row of the pipe by dense link; NONE for what is no pipe.
    pub pipe_of_link: Vec<u32>,
    pub enthalpy: Enthalpy,
    /// By dense node, J/kg.
    pub node_j_kg: Vec<f64>,
    /// At the upstream and downstream end of every link, J/kg.
    pub inlet_j_kg: Vec<f64>,
    pub outlet_j_kg: Vec<f64>,
    flow_kg_s: Vec<f64>,
    upstream: Vec<u32>,
    downstream: Vec<u32>,
    way: Vec<Way>,
    /// Water from outside at nodes: (node, kg/s, J/kg), and drawn off: (node, kg/s).
    feeds: Vec<(u32, f64, f64)>,
    draws: Vec<(u32, f64)>,
    /// Leaves each node, draws included.
    out_kg_s: Vec<f64>,
    /// Nodes in the direction of flow, then those in circles; links that pass on, grouped by upstream node.
    order: Vec<u32>,
    in_order: usize,
    passing: Vec<u32>,
    passing_start: Vec<u32>,
    /// Nodes at which nothing flows, with the end of a pipe there.
    resting: Vec<(u32, u32, End)>,
    sum_kg_s: Vec<f64>,
    sum_w: Vec<f64>,
}

impl Transport {
    /// The water of a network at the start: as the steady state has it, where one is given and asked for, else uniform.
    pub fn start(
        network: &Network,
        problem: &Problem,
        heat: &HeatProblem,
        start: Start,
        steady: Option<&Solution>,
    ) -> Transport {
        let enthalpy = Enthalpy::new(&problem.fluid);
        let (uniform_c, steady) = match start {
            Start::Uniform { temperature_c } => (temperature_c, None),
            Start::Steady => (heat.ambient_c, steady),
        };
        let mean_c = |link: usize| {
            let state = steady.map(|solution| solution.links[problem.link_handles[link].index()]);
            let mean = state.map(|state| 0.5 * (state.inlet_temperature_c + state.outlet_temperature_c));
            mean.filter(|mean| mean.is_finite()).unwrap_or(uniform_c)
        };
        let pipes = layout::pipes(network, problem, heat, mean_c)
            .into_iter()
            .map(|data| {
                let link = data.link as usize;
                let around_c = heat.surroundings_c[link];
                let content = match steady {
                    Some(solution) => layout::steady_content(solution, problem, link, around_c, &enthalpy),
                    None => vec![(1.0, enthalpy.of(uniform_c))],
                };
                Pipe::new(data, around_c, &content, &enthalpy)
            })
            .collect();
        let node_j_kg = problem
            .node_handles
            .iter()
            .map(|node| {
                let known = steady.map(|solution| solution.nodes[node.index()].temperature_c);
                enthalpy.of(known.filter(|t| t.is_finite()).unwrap_or(uniform_c))
            })
            .collect();
        Transport::new(pipes, node_j_kg, enthalpy, problem.link_count())
    }

    pub fn new(pipes: Vec<Pipe>, node_j_kg: Vec<f64>, enthalpy: Enthalpy, links: usize) -> Transport {
        let mut pipe_of_link = vec![NONE; links];
        for (row, pipe) in pipes.iter().enumerate() {
            pipe_of_link[pipe.data.link as usize] = row as u32;
        }
        let nodes = node_j_kg.len();
        Transport {
            pipes,
            pipe_of_link,
            enthalpy,
            node_j_kg,
            inlet_j_kg: vec![f64::NAN; links],
            outlet_j_kg: vec![f64::NAN; links],
            flow_kg_s: vec![0.0; links],
            upstream: vec![NONE; links],
            downstream: vec![NONE; links],
            way: vec![Way::Rest; links],
            feeds: Vec::new(),
            draws: Vec::new(),
            out_kg_s: vec![0.0; nodes],
            order: Vec::new(),
            in_order: 0,
            passing: Vec::new(),
            passing_start: vec![0; nodes + 1],
            resting: Vec::new(),
            sum_kg_s: vec![0.0; nodes],
            sum_w: vec![0.0; nodes],
        }
    }

    /// Heat in water and walls above 0 °C, J.
    pub fn heat_j(&self) -> f64 {
        self.pipes.iter().map(Pipe::heat_j).sum()
    }

    /// Flow by dense link, positive from → to.
    pub fn flow_kg_s(&self) -> &[f64] {
        &self.flow_kg_s
    }

    /// Temperature of every node.
    pub fn node_c(&self, node: usize) -> f64 {
        self.enthalpy.temperature_c(self.node_j_kg[node])
    }

    /// Takes flows (by dense link; NaN counts as none) for steps of this length from now on.
    pub fn set_flows(&mut self, problem: &Problem, heat: &HeatProblem, flow_kg_s: &[f64], step_s: f64, front: Front) {
        if front == Front::Film {
            for pipe in &mut self.pipes {
                let flow = flow_kg_s[pipe.data.link as usize];
                let film = layout::film(pipe, flow, &problem.fluid, &self.enthalpy);
                pipe.refine(film, flow, step_s);
            }
        }
        let nodes = problem.node_count();
        let largest = flow_kg_s.iter().fold(0.0, |most: f64, flow| most.max(flow.abs()));
        let smallest = largest * SMALLEST_FLOW_SHARE;
        self.out_kg_s.fill(0.0);
        self.sum_kg_s.fill(0.0);
        for (link, &flow) in flow_kg_s.iter().enumerate() {
            let (from, to) = (problem.from[link], problem.to[link]);
            let (flow, up, down) = match flow {
                _ if flow > smallest => (flow, from, to),
                _ if flow < -smallest => (flow, to, from),
                _ => (0.0, NONE, NONE),
            };
            (self.flow_kg_s[link], self.upstream[link], self.downstream[link]) = (flow, up, down);
            self.way[link] = if up == NONE {
                Way::Rest
            } else {
                self.out_kg_s[up as usize] += flow.abs();
                self.sum_kg_s[down as usize] += flow.abs();
                let forward = flow > 0.0;
                match problem.elements[link] {
                    _ if self.pipe_of_link[link] != NONE => {
                        let pipe = &self.pipes[self.pipe_of_link[link] as usize];
                        if pipe.outlasts(flow, step_s) { Way::Given } else { Way::Pipe }
                    }
                    Element::Source(_) if forward => Way::Given,
                    // A store that charges gives the return what lies at its bottom.
                    Element::Source(row) if !problem.sources[row as usize].store_return_c.is_nan() => Way::Given,
                    Element::Consumer(row) if forward => Way::Consumer(row),
                    _ => Way::Passes,
                }
            };
        }
        self.exchange_with_outside(problem, heat, largest);
        self.resting.clear();
        for node in 0..nodes {
            if self.sum_kg_s[node] == 0.0 && self.out_kg_s[node] == 0.0 {
                let pipe = heat.at(node).iter().map(|&link| self.pipe_of_link[link as usize]).find(|&row| row != NONE);
                if let Some(row) = pipe {
                    let link = self.pipes[row as usize].data.link as usize;
                    let end = if problem.from[link] as usize == node { End::From } else { End::To };
                    self.resting.push((node as u32, row, end));
                }
            }
        }
        self.put_in_order(problem, nodes);
    }

    fn exchange_with_outside(&mut self, problem: &Problem, heat: &HeatProblem, largest_kg_s: f64) {
        self.feeds.clear();
        self.draws.clear();
        for node in 0..problem.node_count() {
            let demand = problem.demand_kg_s[node];
            let need = self.out_kg_s[node] - self.sum_kg_s[node] + demand;
            let exchange =
                if heat.open_node[node] && need.abs() > largest_kg_s * SMALLEST_EXCHANGE_SHARE { need } else { 0.0 };
            let fed = (-demand).max(0.0) + exchange.max(0.0);
            let drawn = demand.max(0.0) + (-exchange).max(0.0);
            if fed > 0.0 {
                self.feeds.push((node as u32, fed, self.enthalpy.of(heat.feed_temperature_c[node])));
            }
            if drawn > 0.0 {
                self.draws.push((node as u32, drawn));
                self.out_kg_s[node] += drawn;
            }
        }
    }

    fn put_in_order(&mut self, problem: &Problem, nodes: usize) {
        let passes_on = |way: Way| matches!(way, Way::Pipe | Way::Passes | Way::Consumer(_));
        self.passing_start.fill(0);
        let mut waiting = vec![0u32; nodes];
        for link in 0..problem.link_count() {
            if passes_on(self.way[link]) {
                self.passing_start[self.upstream[link] as usize + 1] += 1;
                waiting[self.downstream[link] as usize] += 1;
            }
        }
        for node in 0..nodes {
            self.passing_start[node + 1] += self.passing_start[node];
        }
        let mut next = self.passing_start.clone();
        self.passing.clear();
        self.passing.resize(self.passing_start[nodes] as usize, 0);
        for link in 0..problem.link_count() {
            if passes_on(self.way[link]) {
                let place = &mut next[self.upstream[link] as usize];
                self.passing[*place as usize] = link as u32;
                *place += 1;
            }
        }
        self.order.clear();
        self.order.extend((0..nodes as u32).filter(|&node| waiting[node as usize] == 0));
        let mut at = 0;
        while at < self.order.len() {
            let node = self.order[at] as usize;
            at += 1;
            for place in self.passing_start[node]..self.passing_start[node + 1] {
                let down = self.downstream[self.passing[place as usize] as usize] as usize;
                waiting[down] -= 1;
                if waiting[down] == 0 {
                    self.order.push(down as u32);
                }
            }
        }
        self.in_order = self.order.len();
        self.order.extend((0..nodes as u32).filter(|&node| waiting[node as usize] > 0));
    }

    /// One step at the flows set. `supply_c` is the outlet temperature of each source (by row of the problem);
    /// `return_c(row, inlet_c, flow)` that of each consumer.
    pub fn step(
        &mut self,
        problem: &Problem,
        step_s: f64,
        supply_c: &[f64],
        return_c: impl Fn(usize, f64, f64) -> f64,
    ) -> Ledger {
        let before_j = self.heat_j();
        let mut ledger = Ledger::default();
        self.sum_kg_s.fill(0.0);
        self.sum_w.fill(0.0);
        for source in &problem.sources {
            let link = source.link as usize;
            if self.way[link] == Way::Given
                && let Element::Source(row) = problem.elements[link]
            {
                self.outlet_j_kg[link] = self.enthalpy.of(supply_c[row as usize]);
                self.arrive(link, self.outlet_j_kg[link]);
            }
        }
        for row in 0..self.pipes.len() {
            let pipe = &mut self.pipes[row];
            let link = pipe.data.link as usize;
            let taken = pipe.take(self.flow_kg_s[link], step_s, &self.enthalpy);
            self.outlet_j_kg[link] = taken.fixed_j_kg;
            if self.way[link] == Way::Given {
                self.arrive(link, taken.fixed_j_kg);
            }
        }
        for &(node, flow, h) in &self.feeds {
            self.sum_kg_s[node as usize] += flow;
            self.sum_w[node as usize] += flow * h;
            ledger.fed_j += flow * h * step_s;
        }
        for at in 0..self.in_order {
            let node = self.order[at] as usize;
            self.mix(node);
            self.pass_on(node, &return_c);
        }
        if self.in_order < self.order.len() {
            self.sweep(&return_c);
        }
        for row in 0..self.pipes.len() {
            let link = self.pipes[row].data.link as usize;
            let up = self.upstream[link];
            if up != NONE {
                self.inlet_j_kg[link] = self.node_j_kg[up as usize];
            }
            self.pipes[row].give(self.inlet_j_kg[link]);
            ledger.lost_j += self.pipes[row].loss_j;
        }
        self.settle_accounts(problem, step_s, &mut ledger);
        ledger.stored_j = self.heat_j() - before_j;
        ledger
    }

    #[inline]
    fn arrive(&mut self, link: usize, enthalpy_j_kg: f64) {
        let (flow, down) = (self.flow_kg_s[link].abs(), self.downstream[link] as usize);
        self.sum_kg_s[down] += flow;
        self.sum_w[down] += flow * enthalpy_j_kg;
    }

    /// Enthalpy of a node all of whose inflows have arrived; without inflow it stays what it was.
    #[inline]
    fn mix(&mut self, node: usize) {
        let total = self.sum_kg_s[node];
        if total > 0.0 {
            self.node_j_kg[node] = self.sum_w[node] / total;
        }
    }

    /// What leaves a link that passes on, at its node's present enthalpy.
    #[inline]
    fn outlet(&self, link: usize, return_c: &impl Fn(usize, f64, f64) -> f64) -> f64 {
        let inlet = self.node_j_kg[self.upstream[link] as usize];
        match self.way[link] {
            Way::Pipe => {
                let taken = self.pipes[self.pipe_of_link[link] as usize].taken();
                taken.fixed_j_kg + taken.slope * inlet
            }
            Way::Consumer(row) => {
                let inlet_c = self.enthalpy.temperature_c(inlet);
                self.enthalpy.of(return_c(row as usize, inlet_c, self.flow_kg_s[link].abs()))
            }
            Way::Rest | Way::Given | Way::Passes => inlet,
        }
    }

    #[inline]
    fn pass_on(&mut self, node: usize, return_c: &impl Fn(usize, f64, f64) -> f64) {
        for place in self.passing_start[node]..self.passing_start[node + 1] {
            let link = self.passing[place as usize] as usize;
            let outlet = self.outlet(link, return_c);
            self.outlet_j_kg[link] = outlet;
            self.arrive(link, outlet);
        }
    }

    /// Nodes whose inflows depend on each other: each is mixed from its neighbours until nothing moves. Pipes and mixing
    /// only shrink differences, so that it ends; what is left open after the last sweep is in the ledger.
    fn sweep(&mut self, return_c: &impl Fn(usize, f64, f64) -> f64) {
        let circle: Vec<u32> = self.order[self.in_order..].to_vec();
        let inside = |node: u32| circle.binary_search(&node).is_ok();
        // What arrived so far came from outside the circle.
        let links: Vec<u32> = circle
            .iter()
            .flat_map(|&node| self.passing_start[node as usize]..self.passing_start[node as usize + 1])
            .map(|place| self.passing[place as usize])
            .filter(|&link| inside(self.downstream[link as usize]))
            .collect();
        let outside: Vec<(f64, f64)> =
            circle.iter().map(|&node| (self.sum_kg_s[node as usize], self.sum_w[node as usize])).collect();
        for _ in 0..MOST_SWEEPS {
            for (&node, &(kg_s, w)) in circle.iter().zip(&outside) {
                (self.sum_kg_s[node as usize], self.sum_w[node as usize]) = (kg_s, w);
            }
            for &link in &links {
                self.outlet_j_kg[link as usize] = self.outlet(link as usize, return_c);
                self.arrive(link as usize, self.outlet_j_kg[link as usize]);
            }
            let mut moved: f64 = 0.0;
            for &node in &circle {
                let known = self.node_j_kg[node as usize];
                self.mix(node as usize);
                moved = moved.max((self.node_j_kg[node as usize] - known).abs());
            }
            if moved < SWEPT_J_KG {
                break;
            }
        }
        // The circle is settled; now what leaves it, and what its own links carry at last.
        for (&node, &(kg_s, w)) in circle.iter().zip(&outside) {
            (self.sum_kg_s[node as usize], self.sum_w[node as usize]) = (kg_s, w);
        }
        for &node in &circle {
            self.pass_on(node as usize, return_c);
        }
    }

    fn settle_accounts(&mut self, problem: &Problem, step_s: f64, ledger: &mut Ledger) {
        for (link, way) in self.way.iter().enumerate() {
            let (given, row) = match way {
                Way::Given if self.pipe_of_link[link] == NONE => (true, link),
                Way::Consumer(_) => (false, link),
                _ => continue,
            };
            let up = self.upstream[row] as usize;
            self.inlet_j_kg[row] = self.node_j_kg[up];
            let heat_j = self.flow_kg_s[row].abs() * (self.outlet_j_kg[row] - self.inlet_j_kg[row]) * step_s;
            if given {
                ledger.supplied_j += heat_j;
            } else {
                ledger.consumed_j -= heat_j;
            }
        }
        for &(node, flow) in &self.draws {
            ledger.drawn_j += flow * self.node_j_kg[node as usize] * step_s;
        }
        for node in 0..problem.node_count() {
            ledger.open_j += (self.sum_w[node] - self.out_kg_s[node] * self.node_j_kg[node]) * step_s;
        }
        for &(node, row, end) in &self.resting {
            if let Some(h) = self.pipes[row as usize].at(end) {
                self.node_j_kg[node as usize] = h;
            }
        }
    }

    /// Temperature at the upstream and downstream end of a link over the last step; at rest those of the water at
    /// its `from` and `to` end.
    pub fn ends_c(&self, problem: &Problem, link: usize) -> (f64, f64) {
        if self.way[link] != Way::Rest {
            let inlet = self.node_j_kg[self.upstream[link] as usize];
            let outlet = if self.way[link] == Way::Passes { inlet } else { self.outlet_j_kg[link] };
            return (self.enthalpy.temperature_c(inlet), self.enthalpy.temperature_c(outlet));
        }
        let row = self.pipe_of_link[link];
        let at = |end: End, node: u32| {
            let own = if row == NONE { None } else { self.pipes[row as usize].at(end) };
            self.enthalpy.temperature_c(own.unwrap_or(self.node_j_kg[node as usize]))
        };
        (at(End::From, problem.from[link]), at(End::To, problem.to[link]))
    }
}
