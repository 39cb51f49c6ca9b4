//! From the solved core back to every node and link, and the figures that prove it.
//!
//! Flows: chains pass theirs on to their pieces, leaves have theirs already, contracted links take what balances their
//! nodes. Pressures: along chains and out to the leaves with the drops of one last sweep over all pipes, whose resistances
//! are made in blocks on the spot (tree branches have no other use of them). The two residuals are computed from the
//! finished arrays alone, so that they also catch a mistake made on the way.

use super::super::problem::{Element, Problem, Resistance};
use super::contraction::Via;
use super::core::{BLOCK, BLOCKED, Core, gravity_pa};
use super::laws::{TwoWay, pipe_in_fluid};
use super::reduction::NONE;
use super::roles::Role;
use super::state::HydraulicState;
use super::structure::Structure;
use crate::physics::friction_batch::{PipeResistances, PipesInFluid};

/// Buffers of the way back.
#[derive(Clone, Debug, Default)]
pub struct Results {
    block: Block,
    /// By link: what its end has more pressure than its start, over plain links.
    rise: Vec<f64>,
    balance: Vec<f64>,
}

/// Some pipes on their way to their drops.
#[derive(Clone, Debug, Default)]
struct Block {
    pipes: PipesInFluid,
    resistances: PipeResistances,
    links: Vec<u32>,
    flow: Vec<f64>,
    drop: Vec<f64>,
    slope: Vec<f64>,
}

impl Block {
    /// Evaluates the collected pipes into the drops of their links and begins anew.
    fn finish(&mut self, problem: &Problem, drop_pa: &mut [f64]) {
        self.resistances.clear();
        self.resistances.extend_in_fluid(&self.pipes, BLOCKED);
        self.drop.resize(self.flow.len(), 0.0);
        self.slope.resize(self.flow.len(), 0.0);
        self.resistances.pressure_drops(problem.friction, &self.flow, &mut self.drop, &mut self.slope);
        for (&link, &drop) in self.links.iter().zip(&self.drop) {
            drop_pa[link as usize] = drop;
        }
        self.pipes.clear();
        self.links.clear();
        self.flow.clear();
    }
}

impl Results {
    /// Fills flows, pressures, drops and residuals of `state`.
    pub fn collect(&mut self, problem: &Problem, structure: &Structure, core: &mut Core, state: &mut HydraulicState) {
        self.spread_flows(problem, structure, core);
        self.law_drops(problem, structure, core, state);
        self.pressures(problem, structure, core, state);
        self.residuals(problem, structure, core, state);
        state.leak_kg_s.clear();
        state.leak_kg_s.extend_from_slice(&core.link_flow[structure.roles.first_leak as usize..]);
        std::mem::swap(&mut state.mass_flow_kg_s, &mut core.link_flow);
        state.mass_flow_kg_s.truncate(problem.link_count());
    }

    /// Flow of every link into `core.link_flow`.
    fn spread_flows(&mut self, problem: &Problem, structure: &Structure, core: &mut Core) {
        let reduction = &structure.reduction;
        let chains = reduction.chain_count();
        for chain in 0..chains {
            if structure.dead[chain] {
                continue;
            }
            for at in reduction.chain_start[chain] as usize..reduction.chain_start[chain + 1] as usize {
                let piece = &reduction.pieces[at];
                let flow = core.flow[chain] + core.piece_offset[at];
                core.link_flow[piece.link() as usize] = if piece.forward() { flow } else { -flow };
            }
        }
        for (at, &link) in reduction.specials.iter().enumerate() {
            if !structure.dead[chains + at] {
                core.link_flow[link as usize] = core.flow[chains + at];
            }
        }
        if structure.any_adrift {
            for link in 0..problem.link_count() {
                if structure.adrift[problem.from[link] as usize] || structure.adrift[problem.to[link] as usize] {
                    core.link_flow[link] = 0.0;
                }
            }
        }
        if structure.contraction.steps.is_empty() {
            return;
        }
        // Water left over at each node goes towards the root of its contracted tree.
        self.contracted_balance(problem, structure, core);
        for step in structure.contraction.steps.iter().rev() {
            let surplus = self.balance[step.child as usize];
            match step.via {
                Via::Ground => {}
                Via::Forward(link) => core.link_flow[link as usize] = -surplus,
                Via::Backward(link) => core.link_flow[link as usize] = surplus,
            }
            self.balance[step.parent as usize] += surplus;
            self.balance[step.child as usize] = 0.0;
        }
        share_between_equals(structure, core);
    }

    /// Inflow minus outflow minus demand at contracted nodes, over links that are not rigid.
    fn contracted_balance(&mut self, problem: &Problem, structure: &Structure, core: &Core) {
        self.balance.resize(problem.node_count() + 1, 0.0);
        for step in &structure.contraction.steps {
            self.balance[step.child as usize] = -problem.demand_kg_s[step.child as usize];
        }
        let roles = &structure.roles;
        for &link in &structure.reduction.beside_contracted {
            let link = link as usize;
            if roles.roles[link] != Role::Rigid {
                self.balance[roles.from[link] as usize] -= core.link_flow[link];
                self.balance[roles.to[link] as usize] += core.link_flow[link];
            }
        }
    }

    /// Drops of all plain links by their laws, at their flows, and what follows from them over the link; NaN for all others
    /// for now.
    fn law_drops(&mut self, problem: &Problem, structure: &Structure, core: &Core, state: &mut HydraulicState) {
        let drop_pa = &mut state.drop_pa;
        drop_pa.clear();
        drop_pa.resize(problem.link_count(), f64::NAN);
        for (link, (element, &flow)) in problem.elements.iter().zip(&core.link_flow).enumerate() {
            match *element {
                Element::Plain(Resistance::Pipe(row)) => {
                    self.block.pipes.push(pipe_in_fluid(problem, link, row));
                    self.block.links.push(link as u32);
                    self.block.flow.push(flow);
                    if self.block.links.len() == BLOCK {
                        self.block.finish(problem, drop_pa);
                    }
                }
                Element::Plain(resistance) if structure.roles.roles[link] == Role::Plain => {
                    drop_pa[link] = TwoWay::new(problem, link, resistance).drop(problem, flow).drop_pa;
                }
                _ => {}
            }
        }
        self.block.finish(problem, drop_pa);
        self.rise.clear();
        self.rise.extend(core.head.iter().zip(drop_pa).map(|(head, drop)| head - *drop));
    }

    /// Residuals of mass and momentum, and the drops of everything that has no plain law.
    fn residuals(&mut self, problem: &Problem, structure: &Structure, core: &Core, state: &mut HydraulicState) {
        let nodes = problem.node_count();
        let balance = &mut self.balance;
        balance.clear();
        balance.extend(problem.demand_kg_s.iter().map(|demand| -demand));
        balance.push(0.0);
        let (mut largest_flow, mut largest_residual) = (0.0f64, 0.0f64);
        let pressure = &state.pressure_pa;
        for (link, ((&role, drop), &flow)) in
            structure.roles.roles.iter().zip(&mut state.drop_pa).zip(&core.link_flow).enumerate()
        {
            let (from, to) = (problem.from[link] as usize, problem.to[link] as usize);
            largest_flow = largest_flow.max(flow.abs());
            balance[from] -= flow;
            balance[to] += flow;
            let mut difference = pressure[from] - pressure[to];
            if role == Role::Plain {
                difference += gravity_pa(problem, link);
                // A link adrift has NaN here, which no comparison takes.
                largest_residual = largest_residual.max((difference - *drop).abs());
            } else {
                if !matches!(problem.elements[link], Element::Source(_)) {
                    difference += gravity_pa(problem, link);
                }
                *drop = difference;
            }
        }
        for link in problem.link_count()..structure.roles.roles.len() {
            let flow = core.link_flow[link];
            balance[structure.roles.from[link] as usize] -= flow;
            balance[structure.roles.to[link] as usize] += flow;
        }
        for &node in &structure.roles.fixed {
            balance[node as usize] = 0.0;
        }
        if structure.any_adrift {
            for (balance, &adrift) in balance.iter_mut().zip(&structure.adrift) {
                if adrift {
                    *balance = 0.0;
                }
            }
        }
        state.largest_flow_kg_s = largest_flow;
        state.max_mass_imbalance_kg_s =
            balance[..nodes].iter().fold(0.0, |largest: f64, balance| largest.max(balance.abs()));
        let reduction = &structure.reduction;
        let chains = reduction.chain_count();
        for (at, special) in core.specials.iter().enumerate() {
            let link = chains + at;
            if structure.dead[link] || special.pinned().is_some() || special.regime == super::specials::Regime::Active {
                continue;
            }
            let [from, to] = reduction.ends[link].map(|node| core.potential[reduction.core_of[node as usize] as usize]);
            largest_residual = largest_residual.max((from - to + core.constant[link] - core.drop[link]).abs());
        }
        state.max_momentum_residual_pa = largest_residual;
    }

    /// Pressures of all nodes.
    fn pressures(&self, problem: &Problem, structure: &Structure, core: &Core, state: &mut HydraulicState) {
        let reduction = &structure.reduction;
        let nodes = problem.node_count();
        let pressure = &mut state.pressure_pa;
        pressure.clear();
        pressure.resize(nodes + 1, f64::NAN);
        for (core_node, &node) in reduction.core_nodes.iter().enumerate() {
            if !structure.adrift_core[core_node] {
                pressure[node as usize] = core.potential[core_node];
            }
        }
        // From the start of a link to its end.
        let across = |here: f64, link: u32, outward: bool| {
            let rise = self.rise[link as usize];
            if outward { here + rise } else { here - rise }
        };
        for chain in 0..reduction.chain_count() {
            if structure.dead[chain] {
                continue;
            }
            let mut here = pressure[reduction.ends[chain][0] as usize];
            let range = reduction.chain_start[chain] as usize..reduction.chain_start[chain + 1] as usize - 1;
            for piece in &reduction.pieces[range] {
                here = across(here, piece.link(), piece.forward());
                pressure[piece.node as usize] = here;
            }
        }
        for leaf in reduction.leaves.iter().rev() {
            // From the parent to the leaf is against the link where the link starts at the leaf.
            pressure[leaf.node as usize] = across(pressure[leaf.parent as usize], leaf.link(), !leaf.outward());
        }
        let representative = &structure.contraction.representative;
        for step in &structure.contraction.steps {
            let root = pressure[representative[step.child as usize] as usize];
            pressure[step.child as usize] = root + core.node_offset[step.child as usize];
        }
        pressure.truncate(nodes);
    }
}

/// Rigid links side by side with one that carries the flow take equal parts of it.
fn share_between_equals(structure: &Structure, core: &mut Core) {
    let roles = &structure.roles;
    for (at, &link) in structure.contraction.redundant.iter().enumerate() {
        let ends = |link: u32| (roles.from[link as usize], roles.to[link as usize]);
        if structure.contraction.redundant[..at].iter().any(|&other| ends(other) == ends(link)) {
            continue;
        }
        let equals: Vec<u32> = (0..roles.roles.len() as u32)
            .filter(|&other| roles.roles[other as usize] == Role::Rigid && ends(other) == ends(link))
            .collect();
        let total: f64 = equals.iter().map(|&other| core.link_flow[other as usize]).sum();
        for &other in &equals {
            core.link_flow[other as usize] = total / equals.len() as f64;
        }
    }
    debug_assert!(structure.reduction.core_of.last().is_none_or(|&ground| ground != NONE));
}
