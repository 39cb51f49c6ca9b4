//! All symbolic work of one structure: roles, contraction, core, what hangs on no pressure reference, factor pattern.

use super::super::problem::{Element, Hold, LeakRow, Problem};
use super::contraction::Contraction;
use super::linear::Factor;
use super::reduction::{NONE, Reduction};
use super::roles::Roles;
use crate::network::sets::Sets;

/// What an update found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Update {
    /// Nothing that shapes the system has changed.
    Same,
    /// The same nodes and links, other roles: flows and pressures are still a good start.
    Reshaped,
    /// Another network.
    Replaced,
}

/// Symbolic work, valid while [`Roles`] stay equal.
#[derive(Clone, Debug, Default)]
pub struct Structure {
    pub roles: Roles,
    pub contraction: Contraction,
    pub reduction: Reduction,
    /// By core node: no way to a given pressure, not even through something that may be shut at the moment.
    pub adrift_core: Vec<bool>,
    pub any_adrift: bool,
    /// The same by node of the network; empty where nothing is adrift.
    pub adrift: Vec<bool>,
    /// Unknown of each core node; [`NONE`] for the ground and what is adrift.
    pub unknown_of: Vec<u32>,
    pub unknowns: usize,
    /// Unknowns at both ends of each core link.
    pub edges: Vec<[u32; 2]>,
    /// Core links adrift: out of the system.
    pub dead: Vec<bool>,
    pub slots: Vec<u32>,
    pub factor: Factor,
    candidate: Roles,
    /// Whether sources that hold the worst consumer's pressure are controllers.
    pub follow: bool,
    /// By special: a source that holds its supply pressure where it cannot change it; out of the system.
    idle: Vec<bool>,
}

impl Structure {
    /// The hole behind a link beyond those of the problem.
    pub fn leak<'a>(&self, problem: &'a Problem, link: usize) -> Option<&'a LeakRow> {
        problem.leaks.get(link.checked_sub(self.roles.first_leak as usize)?)
    }

    /// Brings the structure up to date.
    pub fn update(&mut self, problem: &Problem, freed: &[bool]) -> Update {
        self.candidate.assign(problem, freed, self.follow);
        let built = self.contraction.representative.len() == problem.node_count() + 1;
        let same_ends = built && self.roles.has_ends_of(problem, &self.candidate);
        if same_ends && self.roles.has_roles_of(&self.candidate) {
            return Update::Same;
        }
        if same_ends {
            self.candidate.exchange_ends(&mut self.roles);
        } else {
            self.candidate.take_ends(problem);
        }
        std::mem::swap(&mut self.candidate, &mut self.roles);
        let nodes = problem.node_count();
        self.contraction.build(nodes, &self.roles);
        self.reduction.build(nodes, &self.roles, &self.contraction);
        self.find_idle(problem);
        self.find_adrift(nodes);
        self.number_unknowns();
        self.number_by_elimination();
        if same_ends { Update::Reshaped } else { Update::Replaced }
    }

    /// Sources whose supply pressure is given anyway, or as far above that before them as something else holds it.
    fn find_idle(&mut self, problem: &Problem) {
        let representative = &self.contraction.representative;
        let ground = problem.node_count() as u32;
        self.idle.clear();
        self.idle.extend(self.reduction.specials.iter().map(|&link| {
            let Some(Element::Source(row)) = problem.elements.get(link as usize) else { return false };
            if !matches!(problem.sources[*row as usize].hold, Hold::SupplyPressure(_)) {
                return false;
            }
            let [from, to] =
                [problem.from[link as usize], problem.to[link as usize]].map(|node| representative[node as usize]);
            to == ground || to == from
        }));
    }

    /// What no link of the core joins to the ground is adrift.
    fn find_adrift(&mut self, nodes: usize) {
        let reduction = &self.reduction;
        let count = reduction.core_nodes.len();
        let mut parts = Sets::new(count);
        let chains = reduction.chain_count();
        for (link, ends) in reduction.ends.iter().enumerate() {
            // Water can leave by a hole, but a hole holds no pressure.
            if link >= chains
                && (reduction.specials[link - chains] >= self.roles.first_leak || self.idle[link - chains])
            {
                continue;
            }
            // The ground is the last and goes on standing for its part.
            parts.join_under_greatest(ends[0], ends[1]);
        }
        let ground = count as u32 - 1;
        self.adrift_core.clear();
        for core in 0..count as u32 {
            self.adrift_core.push(parts.of(core) != ground);
        }
        self.any_adrift = self.adrift_core.iter().any(|&adrift| adrift);
        self.adrift.clear();
        if !self.any_adrift {
            return;
        }
        self.adrift.resize(nodes + 1, false);
        for (core, &node) in reduction.core_nodes.iter().enumerate() {
            self.adrift[node as usize] = self.adrift_core[core];
        }
        for chain in 0..reduction.chain_count() {
            let adrift = self.adrift_core[reduction.ends[chain][0] as usize];
            let range = reduction.chain_start[chain] as usize..reduction.chain_start[chain + 1] as usize;
            for piece in &reduction.pieces[range] {
                self.adrift[piece.node as usize] = adrift;
            }
        }
        for leaf in reduction.leaves.iter().rev() {
            self.adrift[leaf.node as usize] = self.adrift[leaf.parent as usize];
        }
        for node in 0..nodes {
            self.adrift[node] = self.adrift[self.contraction.representative[node] as usize];
        }
    }

    /// Finds the order of elimination; unknowns are numbered by it from then on.
    fn number_by_elimination(&mut self) {
        let position = self.factor.analyse(self.unknowns, &self.edges, &mut self.slots);
        for unknown in self.unknown_of.iter_mut().chain(self.edges.iter_mut().flatten()) {
            if *unknown != NONE {
                *unknown = position[*unknown as usize];
            }
        }
    }

    fn number_unknowns(&mut self) {
        let count = self.reduction.core_nodes.len();
        self.unknown_of.clear();
        self.unknowns = 0;
        for core in 0..count {
            // The ground is the last core node.
            if self.adrift_core[core] || core + 1 == count {
                self.unknown_of.push(NONE);
            } else {
                self.unknown_of.push(self.unknowns as u32);
                self.unknowns += 1;
            }
        }
        self.edges.clear();
        self.dead.clear();
        let chains = self.reduction.chain_count();
        for (link, ends) in self.reduction.ends.iter().enumerate() {
            self.edges.push(ends.map(|core| self.unknown_of[core as usize]));
            // What is idle may join a part that is adrift to one that is not.
            let idle = link >= chains && self.idle[link - chains];
            self.dead.push(idle || self.adrift_core[ends[0] as usize]);
        }
    }
}
