//! From the whole network to its core: leaves and chains are taken out, because they need no iteration.
//!
//! A branch of the tree kind carries a flow that follows from the injections behind it alone; it is removed leaf by
//! leaf. In what remains, nodes with exactly two plain links carry one unknown flow through both; such chains become one
//! link of the core, whose law is the sum of its pieces at that flow plus what the nodes between have added. Only nodes
//! where three or more ways meet, or where something other than a plain pipe ends, are left for Newton's method. In
//! heating networks that is a few per cent.
//!
//! No adjacency lists: each node keeps its number of plain links and the exclusive or of their numbers, so a leaf's only
//! link, and the other link of a node inside a chain, are read off directly. Everything here is symbolic and stays valid
//! while the roles and ends of the links do.

use super::contraction::Contraction;
use super::roles::{Role, Roles};

/// "None" among dense indices.
pub const NONE: u32 = u32::MAX;

/// A removed leaf: all water injected at `node` leaves through `link` to `parent`.
#[derive(Clone, Copy, Debug)]
pub struct Leaf {
    pub link: u32,
    pub node: u32,
    pub parent: u32,
    /// Whether the link starts at `node`.
    pub outward: bool,
}

/// One link inside a chain.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    pub link: u32,
    /// Whether the link points along the chain.
    pub forward: bool,
    /// Node behind the link, going along the chain: an inner node, or the end.
    pub node: u32,
}

/// The core: its links are the chains, then the specials and controllers.
#[derive(Clone, Debug, Default)]
pub struct Reduction {
    /// In the order of removal: children before parents.
    pub leaves: Vec<Leaf>,
    pub pieces: Vec<Piece>,
    /// Pieces of chain k: `chain_start[k]..chain_start[k + 1]`.
    pub chain_start: Vec<u32>,
    /// Special and controller links of the core.
    pub specials: Vec<u32>,
    /// Representative at both ends of each core link: chains, then specials.
    pub ends: Vec<[u32; 2]>,
    /// Representatives that are nodes of the core; the ground is the last.
    pub core_nodes: Vec<u32>,
    /// Position in `core_nodes`; [`NONE`] for nodes that are not in the core.
    pub core_of: Vec<u32>,
    degree: Vec<u32>,
    links_xor: Vec<u32>,
    pinned: Vec<bool>,
}

impl Reduction {
    pub fn chain_count(&self) -> usize {
        self.chain_start.len().saturating_sub(1)
    }

    pub fn build(&mut self, node_count: usize, roles: &Roles, contraction: &Contraction) {
        let representative = &contraction.representative;
        let ground = representative[node_count] as usize;
        let total = node_count + 1;
        for list in [&mut self.degree, &mut self.links_xor] {
            list.clear();
            list.resize(total, 0);
        }
        self.pinned.clear();
        self.pinned.resize(total, false);
        self.pinned[ground] = true;
        for &node in &roles.kept {
            self.pinned[representative[node as usize] as usize] = true;
        }
        self.specials.clear();
        for (link, role) in roles.roles.iter().enumerate() {
            let ends = [roles.from[link], roles.to[link]].map(|node| representative[node as usize] as usize);
            match role {
                Role::Plain => {
                    for end in ends {
                        self.degree[end] += 1;
                        self.links_xor[end] ^= link as u32;
                    }
                    // Both ends in one contracted node: a ring with nothing but itself; it stays in the core.
                    if ends[0] == ends[1] {
                        self.pinned[ends[0]] = true;
                    }
                }
                Role::Special | Role::Controller => {
                    self.specials.push(link as u32);
                    self.pinned[ends[0]] = true;
                    self.pinned[ends[1]] = true;
                }
                Role::Off | Role::Rigid | Role::Injected => {}
            }
        }
        self.remove_leaves(roles, representative);
        self.join_chains(roles, representative, ground);
    }

    fn remove_leaves(&mut self, roles: &Roles, representative: &[u32]) {
        self.leaves.clear();
        for start in 0..self.degree.len() {
            let mut node = start;
            while self.degree[node] == 1 && !self.pinned[node] {
                let link = self.links_xor[node];
                let from = representative[roles.from[link as usize] as usize] as usize;
                let to = representative[roles.to[link as usize] as usize] as usize;
                let parent = from ^ to ^ node;
                self.leaves.push(Leaf { link, node: node as u32, parent: parent as u32, outward: from == node });
                self.degree[node] = 0;
                self.links_xor[node] = NONE;
                self.degree[parent] -= 1;
                self.links_xor[parent] ^= link;
                // A parent with a higher number is met later anyway, but going on at once keeps branches together.
                node = parent;
            }
        }
    }

    fn join_chains(&mut self, roles: &Roles, representative: &[u32], ground: usize) {
        let total = self.degree.len();
        // A removed leaf has `links_xor` NONE; a node that lost all its links without being removed is a root.
        self.core_of.clear();
        self.core_of.resize(total, NONE);
        self.core_nodes.clear();
        for (node, own) in representative.iter().enumerate().take(total) {
            let own = *own as usize == node && node != ground;
            let removed = self.degree[node] == 0 && self.links_xor[node] == NONE;
            if own && !removed && (self.degree[node] != 2 || self.pinned[node]) {
                self.core_of[node] = self.core_nodes.len() as u32;
                self.core_nodes.push(node as u32);
            }
        }
        self.pieces.clear();
        self.chain_start.clear();
        self.ends.clear();
        self.core_of[ground] = 0;
        // Links of leaves are done; marks for the rest while chains are walked.
        let mut done: Vec<bool> = roles.roles.iter().map(|role| *role != Role::Plain).collect();
        for leaf in &self.leaves {
            done[leaf.link as usize] = true;
        }
        let end_of = |link: u32, which: usize| {
            let node = if which == 0 { roles.from[link as usize] } else { roles.to[link as usize] };
            representative[node as usize]
        };
        for promote in [false, true] {
            for link in 0..roles.roles.len() as u32 {
                if done[link as usize] {
                    continue;
                }
                let which = match [0, 1].into_iter().find(|&which| self.core_of[end_of(link, which) as usize] != NONE) {
                    Some(which) => which,
                    // In the first pass a chain may still be entered from its end; what is left in the second pass is a
                    // ring of its own, which needs one node to begin at.
                    None if !promote => continue,
                    None => {
                        let node = end_of(link, 0);
                        self.core_of[node as usize] = self.core_nodes.len() as u32;
                        self.core_nodes.push(node);
                        0
                    }
                };
                self.chain_start.push(self.pieces.len() as u32);
                let start = end_of(link, which);
                let (mut at, mut link) = (start, link);
                loop {
                    done[link as usize] = true;
                    let forward = end_of(link, 0) == at;
                    let next = if forward { end_of(link, 1) } else { end_of(link, 0) };
                    self.pieces.push(Piece { link, forward, node: next });
                    at = next;
                    if self.core_of[at as usize] != NONE {
                        break;
                    }
                    link ^= self.links_xor[at as usize];
                }
                self.ends.push([start, at]);
            }
        }
        self.chain_start.push(self.pieces.len() as u32);
        for &link in &self.specials {
            self.ends.push([end_of(link, 0), end_of(link, 1)]);
        }
        self.core_of[ground] = self.core_nodes.len() as u32;
        self.core_nodes.push(ground as u32);
    }
}
