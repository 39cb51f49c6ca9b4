//! From the solved core back to every node and link, and the figures that prove it.
//!
//! Flows: chains pass theirs on to their pieces, leaves have theirs already, contracted links take what balances their
//! nodes. Pressures: along chains and out to the leaves with the drops of one last sweep over all pipes. The two
//! residuals are computed from the finished arrays alone, so that they also catch a mistake made on the way.

use super::super::problem::{Element, Problem, Resistance};
use super::contraction::Via;
use super::core::{Core, gravity_pa};
use super::laws::TwoWay;
use super::reduction::NONE;
use super::roles::Role;
use super::state::HydraulicState;
use super::structure::Structure;

/// Buffers of the way back.
#[derive(Clone, Debug, Default)]
pub struct Results {
    pipe_flow: Vec<f64>,
    pipe_drop: Vec<f64>,
    pipe_slope: Vec<f64>,
    balance: Vec<f64>,
}

impl Results {
    /// Fills flows, pressures, drops and residuals of `state`.
    pub fn collect(&mut self, problem: &Problem, structure: &Structure, core: &mut Core, state: &mut HydraulicState) {
        self.spread_flows(problem, structure, core);
        self.law_drops(problem, structure, core, state);
        pressures(problem, structure, core, state);
        self.residuals(problem, structure, core, state);
        let links = problem.link_count();
        state.mass_flow_kg_s.clear();
        state.mass_flow_kg_s.extend_from_slice(&core.link_flow[..links]);
        state.leak_kg_s.clear();
        state.leak_kg_s.extend_from_slice(&core.link_flow[structure.roles.first_leak as usize..]);
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
                core.link_flow[piece.link as usize] = if piece.forward { flow } else { -flow };
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
        self.node_balance(problem, structure, core);
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

    /// Inflow minus outflow minus demand at every node, over links that are not rigid.
    fn node_balance(&mut self, problem: &Problem, structure: &Structure, core: &Core) {
        self.balance.clear();
        self.balance.resize(problem.node_count() + 1, 0.0);
        for (balance, demand) in self.balance.iter_mut().zip(&problem.demand_kg_s) {
            *balance = -demand;
        }
        for (link, role) in structure.roles.roles.iter().enumerate() {
            if *role != Role::Rigid {
                self.balance[structure.roles.from[link] as usize] -= core.link_flow[link];
                self.balance[structure.roles.to[link] as usize] += core.link_flow[link];
            }
        }
    }

    /// Drops of all plain links by their laws, at their flows; the others get NaN for now.
    fn law_drops(&mut self, problem: &Problem, structure: &Structure, core: &Core, state: &mut HydraulicState) {
        let rows = core.resistances.len();
        self.pipe_flow.clear();
        for link in 0..problem.link_count() {
            if problem.pipe_row(link).is_some() {
                self.pipe_flow.push(core.link_flow[link]);
            }
        }
        self.pipe_drop.resize(rows, 0.0);
        self.pipe_slope.resize(rows, 0.0);
        core.resistances.pressure_drops(problem.friction, &self.pipe_flow, &mut self.pipe_drop, &mut self.pipe_slope);
        state.drop_pa.clear();
        state.drop_pa.extend(problem.elements.iter().enumerate().map(|(link, element)| match *element {
            Element::Plain(Resistance::Pipe(row)) => self.pipe_drop[row as usize],
            Element::Plain(resistance) if structure.roles.roles[link] == Role::Plain => {
                TwoWay::new(problem, link, resistance).drop(problem, core.link_flow[link]).drop_pa
            }
            _ => f64::NAN,
        }));
    }

    /// Residuals of mass and momentum, and the drops of everything that has no plain law.
    fn residuals(&mut self, problem: &Problem, structure: &Structure, core: &Core, state: &mut HydraulicState) {
        let adrift = |node: u32| structure.any_adrift && structure.adrift[node as usize];
        state.largest_flow_kg_s = 0.0;
        state.max_momentum_residual_pa = 0.0;
        for link in 0..problem.link_count() {
            let (from, to) = (problem.from[link], problem.to[link]);
            state.largest_flow_kg_s = state.largest_flow_kg_s.max(core.link_flow[link].abs());
            let head =
                if matches!(problem.elements[link], Element::Source(_)) { 0.0 } else { gravity_pa(problem, link) };
            let difference = state.pressure_pa[from as usize] - state.pressure_pa[to as usize] + head;
            if structure.roles.roles[link] == Role::Plain {
                if adrift(from) {
                    continue;
                }
                let residual = (difference - state.drop_pa[link]).abs();
                state.max_momentum_residual_pa = state.max_momentum_residual_pa.max(residual);
            } else {
                state.drop_pa[link] = difference;
            }
        }
        let reduction = &structure.reduction;
        let chains = reduction.chain_count();
        for (at, special) in core.specials.iter().enumerate() {
            let link = chains + at;
            if structure.dead[link] || special.pinned().is_some() || special.regime == super::specials::Regime::Active {
                continue;
            }
            let [from, to] = reduction.ends[link].map(|node| core.potential[reduction.core_of[node as usize] as usize]);
            let residual = (from - to + core.constant[link] - core.drop[link]).abs();
            state.max_momentum_residual_pa = state.max_momentum_residual_pa.max(residual);
        }
        self.node_balance(problem, structure, core);
        for (link, role) in structure.roles.roles.iter().enumerate() {
            if *role == Role::Rigid {
                self.balance[structure.roles.from[link] as usize] -= core.link_flow[link];
                self.balance[structure.roles.to[link] as usize] += core.link_flow[link];
            }
        }
        state.max_mass_imbalance_kg_s = (0..problem.node_count() as u32)
            .filter(|node| structure.roles.fixed.binary_search(node).is_err() && !adrift(*node))
            .fold(0.0, |largest: f64, node| largest.max(self.balance[node as usize].abs()));
    }
}

/// Pressures of all nodes.
fn pressures(problem: &Problem, structure: &Structure, core: &Core, state: &mut HydraulicState) {
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
    // Pressure of the representative at the other end of a link.
    let across = |here: f64, link: u32, outward: bool, drop: f64| {
        let sign = if outward { 1.0 } else { -1.0 };
        here + sign * (core.link_constant(problem, structure, link as usize) - drop)
    };
    for chain in 0..reduction.chain_count() {
        if structure.dead[chain] {
            continue;
        }
        let mut here = pressure[reduction.ends[chain][0] as usize];
        let range = reduction.chain_start[chain] as usize..reduction.chain_start[chain + 1] as usize;
        let last = range.end - 1;
        for at in range {
            let piece = &reduction.pieces[at];
            if at == last {
                break;
            }
            here = across(here, piece.link, piece.forward, state.drop_pa[piece.link as usize]);
            pressure[piece.node as usize] = here;
        }
    }
    for leaf in reduction.leaves.iter().rev() {
        let parent = pressure[leaf.parent as usize];
        // From the parent to the leaf is against the link where the link starts at the leaf.
        pressure[leaf.node as usize] = across(parent, leaf.link, !leaf.outward, state.drop_pa[leaf.link as usize]);
    }
    let representative = &structure.contraction.representative;
    for step in &structure.contraction.steps {
        let root = pressure[representative[step.child as usize] as usize];
        pressure[step.child as usize] = root + core.node_offset[step.child as usize];
    }
    pressure.truncate(nodes);
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
