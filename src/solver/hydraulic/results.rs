//! From the solved core back to every node and link, and the figures that prove it.
//!
//! Flows: chains pass theirs on to their pieces, leaves have theirs already, contracted links take what balances their
//! nodes. Pressures: along chains and out to the leaves with the drops of one last sweep over all pipes, whose resistances
//! are made in blocks on the spot (tree branches have no other use of them). The two residuals are computed from the
//! finished arrays alone, so that they also catch a mistake made on the way.

use super::super::problem::{Element, Problem, Resistance};
use super::contraction::Via;
use super::core::{BLOCK, BLOCKED, Core, gravity_pa};
use super::laws::TwoWay;
use super::reduction::NONE;
use super::roles::Role;
use super::state::HydraulicState;
use super::structure::Structure;
use crate::physics::friction_batch::{PipeResistances, PipesInFluid};

/// Buffers of the way back.
#[derive(Clone, Debug, Default)]
pub struct Results {
    pipes: PipesInFluid,
    resistances: PipeResistances,
    slope: Vec<f64>,
    /// Plain links other than pipes.
    others: Vec<u32>,
    /// Largest loss by law or weight of any link, Pa.
    pub largest_loss_pa: f64,
}

impl Results {
    /// Fills flows, pressures, drops and residuals of `state`.
    pub fn collect(&mut self, problem: &Problem, structure: &Structure, core: &mut Core, state: &mut HydraulicState) {
        self.spread_flows(problem, structure, core);
        self.law_drops(problem, structure, core, state);
        pressures(problem, structure, core, state);
        self.largest_loss_pa = residuals(problem, structure, core, state);
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
        contracted_balance(problem, structure, core);
        for step in structure.contraction.steps.iter().rev() {
            let surplus = core.by_node[step.child as usize];
            match step.via {
                Via::Ground => {}
                Via::Forward(link) => core.link_flow[link as usize] = -surplus,
                Via::Backward(link) => core.link_flow[link as usize] = surplus,
            }
            core.by_node[step.parent as usize] += surplus;
        }
        share_between_equals(structure, core);
    }

    /// Drops of all plain links by their laws, at their flows; those of all others are found later.
    fn law_drops(&mut self, problem: &Problem, structure: &Structure, core: &Core, state: &mut HydraulicState) {
        let links = problem.link_count();
        let drop_pa = &mut state.drop_pa;
        drop_pa.resize(links, 0.0);
        self.slope.resize(BLOCK, 0.0);
        self.others.clear();
        let pipes = &mut self.pipes;
        for start in (0..links).step_by(BLOCK) {
            let range = start..(start + BLOCK).min(links);
            pipes.resize(range.len());
            pipes.density_kg_m3.copy_from_slice(&problem.density_kg_m3[range.clone()]);
            pipes.viscosity_pa_s.copy_from_slice(&problem.viscosity_pa_s[range.clone()]);
            for (at, element) in problem.elements[range.clone()].iter().enumerate() {
                match *element {
                    Element::Plain(Resistance::Pipe(row)) => {
                        let pipe = &problem.pipes[row as usize];
                        pipes.length_m[at] = pipe.length_m;
                        pipes.inner_diameter_m[at] = pipe.inner_diameter_m;
                        pipes.roughness_m[at] = pipe.roughness_m;
                        pipes.zeta[at] = pipe.zeta;
                    }
                    Element::Plain(_) => self.others.push((start + at) as u32),
                    // Whatever stands there from an earlier block, its drop is replaced.
                    _ => {}
                }
            }
            self.resistances.clear();
            self.resistances.extend_in_fluid(pipes, BLOCKED);
            let (flow, drop) = (&core.link_flow[range.clone()], &mut drop_pa[range]);
            self.resistances.pressure_drops(problem.friction, flow, drop, &mut self.slope);
        }
        for &link in &self.others {
            let link = link as usize;
            if let (Element::Plain(resistance), Role::Plain) = (problem.elements[link], structure.roles.roles[link]) {
                drop_pa[link] = TwoWay::new(problem, link, resistance).drop(problem, core.link_flow[link]).drop_pa;
            }
        }
    }
}

/// Inflow minus outflow minus demand at contracted nodes, over links that are not rigid.
fn contracted_balance(problem: &Problem, structure: &Structure, core: &mut Core) {
    let balance = &mut core.by_node;
    balance.resize(problem.node_count() + 1, 0.0);
    for step in &structure.contraction.steps {
        balance[step.child as usize] = -problem.demand_kg_s[step.child as usize];
    }
    let roles = &structure.roles;
    for &link in &structure.reduction.beside_contracted {
        let link = link as usize;
        if roles.roles[link] != Role::Rigid {
            balance[roles.from[link] as usize] -= core.link_flow[link];
            balance[roles.to[link] as usize] += core.link_flow[link];
        }
    }
}

/// Pressures of all nodes.
fn pressures(problem: &Problem, structure: &Structure, core: &Core, state: &mut HydraulicState) {
    let reduction = &structure.reduction;
    let nodes = problem.node_count();
    let (pressure, drop_pa) = (&mut state.pressure_pa, &state.drop_pa);
    pressure.resize(nodes + 1, f64::NAN);
    if structure.any_adrift {
        pressure.fill(f64::NAN);
    }
    for (core_node, &node) in reduction.core_nodes.iter().enumerate() {
        if !structure.adrift_core[core_node] {
            pressure[node as usize] = core.potential[core_node];
        }
    }
    // From the start of a link to its end.
    let across = |here: f64, link: u32, outward: bool| {
        let rise = core.head[link as usize] - drop_pa[link as usize];
        if outward { here + rise } else { here - rise }
    };
    for chain in 0..reduction.chain_count() {
        if structure.dead[chain] {
            continue;
        }
        let mut here = core.potential[reduction.ends[chain][0] as usize];
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

/// Residuals of mass and momentum, and the drops of everything that has no plain law. Gives the largest loss or weight.
fn residuals(problem: &Problem, structure: &Structure, core: &mut Core, state: &mut HydraulicState) -> f64 {
    let (nodes, links) = (problem.node_count(), problem.link_count());
    // The pressures have their offsets now: only heights are left.
    for &link in structure.reduction.beside_contracted.iter().filter(|&&link| (link as usize) < links) {
        core.head[link as usize] = gravity_pa(problem, link as usize);
    }
    let balance = &mut core.by_node;
    balance.clear();
    balance.extend(problem.demand_kg_s.iter().map(|demand| -demand));
    balance.push(0.0);
    let (mut largest_flow, mut largest_residual, mut largest_loss) = (0.0f64, 0.0f64, 0.0f64);
    let pressure = &state.pressure_pa;
    let by_link = structure.roles.roles.iter().zip(&problem.from).zip(&problem.to).zip(&core.link_flow).zip(&core.head);
    for (((((role, &from), &to), &flow), &head), drop) in by_link.zip(&mut state.drop_pa) {
        let (from, to) = (from as usize, to as usize);
        largest_flow = largest_flow.max(flow.abs());
        balance[from] -= flow;
        balance[to] += flow;
        let difference = pressure[from] - pressure[to] + head;
        largest_loss = largest_loss.max(head.abs());
        if *role == Role::Plain {
            // A link adrift has NaN here, which no comparison takes.
            largest_residual = largest_residual.max((difference - *drop).abs());
            largest_loss = largest_loss.max(drop.abs());
        } else {
            *drop = difference;
        }
    }
    // A source is one machine: the difference of its pressures, without heights.
    for source in &problem.sources {
        let link = source.link as usize;
        if structure.roles.roles[link] != Role::Plain && matches!(problem.elements[link], Element::Source(_)) {
            state.drop_pa[link] = pressure[problem.from[link] as usize] - pressure[problem.to[link] as usize];
        }
    }
    for link in links..structure.roles.roles.len() {
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
        let [from, to] = reduction.ends[link].map(|node| core.potential[node as usize]);
        let answer_pa = core.feedback.of_special(at, core.flow[link]).0;
        largest_residual = largest_residual.max((from - to + core.constant[link] - core.drop[link] + answer_pa).abs());
    }
    state.max_momentum_residual_pa = largest_residual;
    largest_loss
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
