//! Numbers of the core: known injections gathered from leaves and chains, and the laws of all core links at once.
//!
//! Chains are evaluated in one sweep over their Darcy pieces (several pipes per instruction) and a short loop over the
//! few pieces of other kinds. All buffers are kept between solves; nothing is allocated in an iteration.

use super::super::problem::{Element, Hold, Problem, Resistance};
use super::contraction::Via;
use super::feedback::Feedback;
use super::laws::{TwoWay, pipe_in_fluid, typical_pipe_flow_kg_s};
use super::roles::Role;
use super::specials::{Droop, Regime, Special, Walls};
use super::state::HydraulicState;
use super::structure::Structure;
use crate::physics::friction::PipeResistance;
use crate::physics::friction_batch::{PipeResistances, PipesInFluid};

/// A piece of a chain that is no Darcy pipe.
#[derive(Clone, Copy, Debug)]
struct OtherPiece {
    chain: u32,
    sign: f64,
    offset_kg_s: f64,
    law: TwoWay,
}

/// Numbers of the core, by core link and core node.
#[derive(Clone, Debug, Default)]
pub struct Core {
    pub flow: Vec<f64>,
    pub drop: Vec<f64>,
    pub slope: Vec<f64>,
    /// What the law of a link must lose beyond the difference of the potentials: heights and contracted differences.
    pub constant: Vec<f64>,
    /// Pressure of the representative; the ground, last, is 0.
    pub potential: Vec<f64>,
    /// Water entering at each core node, all removed leaves and chains included.
    pub injection: Vec<f64>,
    pub specials: Vec<Special>,
    /// Droop of the controllers at present.
    pub droop: Droop,
    /// Pressure of each node above its representative.
    pub node_offset: Vec<f64>,
    /// Flow added by inner nodes up to each piece.
    pub piece_offset: Vec<f64>,
    /// Flows by link: leaves and injected links are final before the iteration, the rest is written after it.
    pub link_flow: Vec<f64>,
    /// By link of the problem: p(from) − p(to) + ρ g Δz when its representatives have equal pressure.
    pub head: Vec<f64>,
    /// Answer of the densities to the flows, in a coupled solve.
    pub feedback: Feedback,
    /// Working memory by node, the ground last.
    pub by_node: Vec<f64>,
    chain_pipes: PipeResistances,
    chain_of: Vec<u32>,
    sign: Vec<f64>,
    offset: Vec<f64>,
    pipe_flow: Vec<f64>,
    pipe_drop: Vec<f64>,
    pipe_slope: Vec<f64>,
    others: Vec<OtherPiece>,
    block: PipesInFluid,
}

/// Pipes taken at once to their resistances: six columns that stay in the first-level cache.
pub const BLOCK: usize = 256;

/// A pipe whose numbers are no numbers: it stops everything, and the result says so by its findings.
pub const BLOCKED: PipeResistance =
    PipeResistance { reynolds_per_kg_s: 1.0, relative_roughness: 0.0, friction_pa_s2_kg2: 1e15, minor_pa_s2_kg2: 0.0 };

impl Core {
    /// Everything that does not change during the iteration. `rises` by source row.
    pub fn prepare(&mut self, problem: &Problem, structure: &Structure, rises: &[f64], restructured: bool) {
        let reduction = &structure.reduction;
        let links = reduction.ends.len();
        if restructured || self.flow.len() != links {
            self.flow.clear();
            self.flow.resize(links, 0.0);
            self.potential.clear();
            self.potential.resize(reduction.core_nodes.len(), 0.0);
            self.specials.clear();
            self.specials
                .extend(reduction.specials.iter().map(|&link| Special::new(problem, structure, link as usize)));
        } else {
            for (special, &link) in self.specials.iter_mut().zip(&reduction.specials) {
                special.refresh(problem, structure, link as usize);
            }
        }
        self.drop.resize(links, 0.0);
        self.slope.resize(links, 0.0);
        self.offsets(problem, structure, rises, restructured);
        self.heads(problem, structure);
        self.inject(problem, structure);
        self.gather_chains(problem, structure);
        self.feedback.spread(&structure.reduction, &self.piece_offset);
    }

    /// Takes flows, pressures and regimes of an earlier solution of the same network. Gives whether they can serve.
    pub fn resume(&mut self, structure: &Structure, state: &HydraulicState, restructured: bool) -> bool {
        let reduction = &structure.reduction;
        let ground = reduction.core_nodes.len() - 1;
        // Without a change of structure, flows and potentials are still here.
        if !restructured {
            let chains = reduction.chain_count();
            for (special, &flow) in self.specials.iter_mut().zip(&self.flow[chains..]) {
                special.resume(flow);
            }
            return self.flow.iter().chain(&self.potential).all(|value| value.is_finite());
        }
        for core_node in 0..ground {
            let pressure = state.pressure_pa[reduction.core_nodes[core_node] as usize];
            if structure.adrift_core[core_node] {
                continue;
            }
            if !pressure.is_finite() {
                return false;
            }
            self.potential[core_node] = pressure;
        }
        let chains = reduction.chain_count();
        for chain in 0..chains {
            let piece = &reduction.pieces[reduction.chain_start[chain] as usize];
            let flow = state.mass_flow_kg_s[piece.link() as usize];
            self.flow[chain] = if piece.forward() { flow } else { -flow };
        }
        for (at, &link) in reduction.specials.iter().enumerate() {
            // Holes stand behind the links of the state. Make-ups with limited capacity stand nowhere; their flow is found
            // in the first step.
            let hole = || state.leak_kg_s.get(link.checked_sub(structure.roles.first_leak)? as usize);
            let flow = state.mass_flow_kg_s.get(link as usize).or_else(hole);
            self.flow[chains + at] = flow.copied().unwrap_or(0.0);
            self.specials[at].resume(self.flow[chains + at]);
        }
        self.flow.iter().all(|flow| flow.is_finite())
    }

    /// Gives controllers the regimes they had, by link in rising order.
    pub fn recall(&mut self, structure: &Structure, regimes: &[(u32, Regime)]) {
        for (special, link) in self.specials.iter_mut().zip(&structure.reduction.specials) {
            if special.controller().is_some()
                && let Ok(at) = regimes.binary_search_by_key(link, |&(link, _)| link)
            {
                special.regime = regimes[at].1;
            }
        }
    }

    /// Pressures of contracted nodes above their representatives.
    fn offsets(&mut self, problem: &Problem, structure: &Structure, rises: &[f64], restructured: bool) {
        let nodes = problem.node_count() + 1;
        // Those of other nodes are 0 and stay so.
        if restructured || self.node_offset.len() != nodes {
            // A fresh list of zeros takes no memory until it is written to.
            self.node_offset = vec![0.0; nodes];
        }
        for step in &structure.contraction.steps {
            let above = match step.via {
                Via::Ground => given_pressure_pa(problem, step.child),
                Via::Forward(link) => rise_pa(problem, rises, link),
                Via::Backward(link) => -rise_pa(problem, rises, link),
            };
            self.node_offset[step.child as usize] = self.node_offset[step.parent as usize] + above;
        }
    }

    /// Heights and contracted differences of all links.
    fn heads(&mut self, problem: &Problem, structure: &Structure) {
        let links = problem.link_count();
        let weight = problem.gravity_m_s2;
        self.head.clear();
        self.head.extend(problem.density_kg_m3.iter().zip(&problem.from).zip(&problem.to).map(
            |((&density, &from), &to)| {
                density * weight * (problem.elevation_m[from as usize] - problem.elevation_m[to as usize])
            },
        ));
        for &link in structure.reduction.beside_contracted.iter().filter(|&&link| (link as usize) < links) {
            let (from, to) = (problem.from[link as usize] as usize, problem.to[link as usize] as usize);
            self.head[link as usize] += self.node_offset[from] - self.node_offset[to];
        }
    }

    /// Demands and fixed flows, carried through leaves and chains into the core.
    fn inject(&mut self, problem: &Problem, structure: &Structure) {
        let representative = &structure.contraction.representative;
        let injection = &mut self.by_node;
        injection.clear();
        injection.resize(problem.node_count() + 1, 0.0);
        for (node, &demand) in problem.demand_kg_s.iter().enumerate() {
            // Few nodes have one.
            if demand != 0.0 {
                injection[representative[node] as usize] -= demand;
            }
        }
        self.link_flow.clear();
        self.link_flow.resize(structure.roles.roles.len(), 0.0);
        let mut put = |link: u32, flow: f64| {
            self.link_flow[link as usize] = flow;
            injection[representative[problem.from[link as usize] as usize] as usize] -= flow;
            injection[representative[problem.to[link as usize] as usize] as usize] += flow;
        };
        for consumer in &problem.consumers {
            if structure.roles.roles[consumer.link as usize] == Role::Injected {
                put(consumer.link, consumer.set_flow_kg_s);
            }
        }
        for source in &problem.sources {
            if let Hold::MassFlow(flow) = source.hold
                && structure.roles.roles[source.link as usize] == Role::Injected
            {
                put(source.link, flow);
            }
        }
        for leaf in &structure.reduction.leaves {
            let flow = injection[leaf.node as usize];
            self.link_flow[leaf.link() as usize] = if leaf.outward() { flow } else { -flow };
            injection[leaf.parent as usize] += flow;
        }
        let reduction = &structure.reduction;
        self.piece_offset.clear();
        for chain in 0..reduction.chain_count() {
            let mut sum = 0.0;
            let range = reduction.chain_start[chain] as usize..reduction.chain_start[chain + 1] as usize;
            let last = range.end - 1;
            for at in range {
                self.piece_offset.push(sum);
                if at != last {
                    sum += injection[reduction.pieces[at].node as usize];
                }
            }
            injection[reduction.core_nodes[reduction.ends[chain][1] as usize] as usize] += sum;
        }
        self.injection.clear();
        self.injection.extend(reduction.core_nodes.iter().map(|&node| injection[node as usize]));
    }

    /// Columns of laws in the order of chains, and the constants of all core links.
    fn gather_chains(&mut self, problem: &Problem, structure: &Structure) {
        let reduction = &structure.reduction;
        self.chain_pipes.clear();
        for list in [&mut self.sign, &mut self.offset] {
            list.clear();
        }
        self.chain_of.clear();
        self.others.clear();
        self.constant.clear();
        self.block.resize(0);
        for chain in 0..reduction.chain_count() {
            let mut constant = 0.0;
            for at in reduction.chain_start[chain] as usize..reduction.chain_start[chain + 1] as usize {
                let piece = &reduction.pieces[at];
                let link = piece.link() as usize;
                let sign = if piece.forward() { 1.0 } else { -1.0 };
                constant += sign * self.head[link];
                match problem.elements[link] {
                    Element::Plain(Resistance::Pipe(row)) => {
                        self.block.push(pipe_in_fluid(problem, link, row));
                        if self.block.len() == BLOCK {
                            self.chain_pipes.extend_in_fluid(&self.block, BLOCKED);
                            self.block.resize(0);
                        }
                        self.chain_of.push(chain as u32);
                        self.sign.push(sign);
                        self.offset.push(self.piece_offset[at]);
                    }
                    Element::Plain(resistance) => self.others.push(OtherPiece {
                        chain: chain as u32,
                        sign,
                        offset_kg_s: self.piece_offset[at],
                        law: TwoWay::new(problem, link, resistance),
                    }),
                    // Chains are made of plain links only.
                    _ => {}
                }
            }
            self.constant.push(constant);
        }
        self.chain_pipes.extend_in_fluid(&self.block, BLOCKED);
        for &link in &reduction.specials {
            self.constant.push(self.link_constant(problem, structure, link as usize));
        }
        let pipes = self.chain_of.len();
        for list in [&mut self.pipe_flow, &mut self.pipe_drop, &mut self.pipe_slope] {
            list.resize(pipes, 0.0);
        }
    }

    /// p(from) − p(to) + ρ g Δz of a link when its representatives have equal pressure.
    pub fn link_constant(&self, problem: &Problem, structure: &Structure, link: usize) -> f64 {
        let (from, to) = (structure.roles.from[link] as usize, structure.roles.to[link] as usize);
        if link >= problem.link_count() {
            if let Some(leak) = structure.leak(problem, link) {
                return self.node_offset[from] - leak.outside_pa;
            }
            // A make-up: the ground at its set pressure.
            let row = structure.roles.limited[link - problem.link_count()] as usize;
            return problem.boundaries[row].pressure_pa - self.node_offset[to];
        }
        self.node_offset[from] - self.node_offset[to] + gravity_pa(problem, link)
    }

    /// Drop and slope of every chain at its flow.
    pub fn evaluate_chains(&mut self, problem: &Problem) {
        for (((flow, &chain), &sign), &offset) in
            self.pipe_flow.iter_mut().zip(&self.chain_of).zip(&self.sign).zip(&self.offset)
        {
            *flow = sign * (self.flow[chain as usize] + offset);
        }
        self.chain_pipes.pressure_drops(problem.friction, &self.pipe_flow, &mut self.pipe_drop, &mut self.pipe_slope);
        let chains = self.flow.len() - self.specials.len();
        self.drop[..chains].fill(0.0);
        self.slope[..chains].fill(0.0);
        for (((&chain, &sign), &drop), &slope) in
            self.chain_of.iter().zip(&self.sign).zip(&self.pipe_drop).zip(&self.pipe_slope)
        {
            self.drop[chain as usize] += sign * drop;
            self.slope[chain as usize] += slope;
        }
        for piece in &self.others {
            let flow = piece.sign * (self.flow[piece.chain as usize] + piece.offset_kg_s);
            let law = piece.law.drop(problem, flow);
            self.drop[piece.chain as usize] += piece.sign * law.drop_pa;
            self.slope[piece.chain as usize] += law.slope_pa_s_kg;
        }
        for chain in 0..self.feedback.slope_pa_s_kg.len() {
            let slope = self.feedback.slope_pa_s_kg[chain];
            self.drop[chain] += slope * (self.flow[chain] - self.feedback.anchor_kg_s[chain]);
            self.slope[chain] += slope;
        }
    }

    /// The same for specials; `soft` as in [`Special::law`].
    pub fn evaluate_specials(&mut self, problem: &Problem, soft: Option<Walls>) {
        let chains = self.flow.len() - self.specials.len();
        for (at, special) in self.specials.iter().enumerate() {
            let law = special.law(problem, self.flow[chains + at], soft);
            let (answer_pa, answer_slope) = self.feedback.of_special(at, self.flow[chains + at]);
            self.drop[chains + at] = law.drop_pa + answer_pa;
            self.slope[chains + at] = law.slope_pa_s_kg + answer_slope;
        }
    }

    /// Controllers try again.
    pub fn take_heart(&mut self) {
        for special in &mut self.specials {
            special.take_heart();
        }
    }

    /// Makes every controller that can stand open do so for the rest of the solve. Gives whether there are any.
    pub fn give_up(&mut self) -> bool {
        let mut any = false;
        for special in &mut self.specials {
            any |= special.give_up();
        }
        any
    }

    /// Straight lines instead of laws, for the first flows: chord of each law at a typical flow. Gives the largest of the
    /// typical flows of specials.
    pub fn linearise(&mut self, problem: &Problem) -> f64 {
        for (flow, &reynolds_per_kg_s) in self.pipe_flow.iter_mut().zip(self.chain_pipes.reynolds_per_kg_s()) {
            *flow = typical_pipe_flow_kg_s(reynolds_per_kg_s);
        }
        self.chain_pipes.pressure_drops(problem.friction, &self.pipe_flow, &mut self.pipe_drop, &mut self.pipe_slope);
        let chains = self.flow.len() - self.specials.len();
        self.flow.fill(0.0);
        self.drop.fill(0.0);
        self.slope.fill(0.0);
        for row in 0..self.pipe_flow.len() {
            let chain = self.chain_of[row] as usize;
            let chord = self.pipe_drop[row] / self.pipe_flow[row];
            self.drop[chain] += chord * self.offset[row];
            self.slope[chain] += chord;
        }
        for piece in &self.others {
            let typical = piece.law.typical_flow_kg_s();
            let chord = piece.law.drop(problem, typical).drop_pa / typical;
            self.drop[piece.chain as usize] += chord * piece.offset_kg_s;
            self.slope[piece.chain as usize] += chord;
        }
        let mut largest: f64 = 1e-9;
        for at in 0..self.specials.len() {
            let (typical, drop, slope) = self.specials[at].begin(problem);
            largest = largest.max(typical.abs());
            self.drop[chains + at] = drop;
            self.slope[chains + at] = slope;
        }
        largest
    }

    /// Flow entering the network at the nodes of the problem that hang on a representative, beyond what links carry: used
    /// for the largest flow of all.
    pub fn largest_injection(&self) -> f64 {
        self.injection.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()))
    }
}

/// ρ g (z(from) − z(to)).
pub fn gravity_pa(problem: &Problem, link: usize) -> f64 {
    let (from, to) = (problem.from[link] as usize, problem.to[link] as usize);
    problem.density_kg_m3[link] * problem.gravity_m_s2 * (problem.elevation_m[from] - problem.elevation_m[to])
}

/// p(to) − p(from) of a source with fixed rise.
pub fn rise_pa(problem: &Problem, rises: &[f64], link: u32) -> f64 {
    match problem.elements[link as usize] {
        Element::Source(row) => rises[row as usize],
        _ => 0.0,
    }
}

/// Pressure given at a node: the first boundary in node order, else the first source that is the reference there.
pub fn given_pressure_pa(problem: &Problem, node: u32) -> f64 {
    let boundary = problem.boundaries.iter().find(|row| row.node == node && row.capacity_kg_s.is_infinite());
    if let Some(boundary) = boundary {
        return boundary.pressure_pa;
    }
    problem
        .sources
        .iter()
        .filter(|source| problem.from[source.link as usize] == node)
        .find_map(|source| source.return_pressure_pa)
        .unwrap_or(0.0)
}

/// Largest flow in sight: what errors are measured against.
pub fn flow_scale(core: &Core) -> f64 {
    // Below this nothing flows.
    const SMALLEST_KG_S: f64 = 1e-9;
    let largest = core.flow.iter().fold(SMALLEST_KG_S, |largest: f64, flow| largest.max(flow.abs()));
    let injected = core.largest_injection();
    if injected.is_finite() { largest.max(injected) } else { largest }
}
