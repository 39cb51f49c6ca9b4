//! From the whole network to its core: leaves and chains are taken out, because they need no iteration.
//!
//! A branch of the tree kind carries a flow that follows from the injections behind it alone; it is removed leaf by
//! leaf. In what remains, nodes with exactly two plain links carry one unknown flow through both; such chains become one
//! link of the core, whose law is the sum of its pieces at that flow plus what the nodes between have added. Only nodes
//! where three or more ways meet, or where something other than a plain pipe ends, are left for Newton's method. In
//! heating networks that is a few per cent.
//!
//! No adjacency lists: each node keeps its number of plain links and the exclusive or of their numbers (with the end it
//! is at) and of its neighbours, so a leaf's only link and parent, and the next link and node of a chain, are read off
//! without looking at any list of links. Everything here is symbolic and stays valid while the roles and ends of the
//! links do.

use super::contraction::Contraction;
use super::roles::{Role, Roles};

/// "None" among dense indices.
pub const NONE: u32 = u32::MAX;

/// A removed leaf: all water injected at `node` leaves through its link to `parent`.
#[derive(Clone, Copy, Debug)]
pub struct Leaf {
    code: u32,
    pub node: u32,
    pub parent: u32,
}

impl Leaf {
    #[inline]
    pub fn link(&self) -> u32 {
        self.code >> 1
    }

    /// Whether the link starts at `node`.
    #[inline]
    pub fn outward(&self) -> bool {
        self.code & 1 == 0
    }
}

/// One link inside a chain.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    code: u32,
    /// Node behind the link, going along the chain: an inner node, or the end.
    pub node: u32,
}

impl Piece {
    #[inline]
    pub fn link(&self) -> u32 {
        self.code >> 1
    }

    /// Whether the link points along the chain.
    #[inline]
    pub fn forward(&self) -> bool {
        self.code & 1 == 0
    }
}

/// Stands for the ground among core nodes until they are counted.
const GROUND: u32 = NONE - 1;

/// Degree of a node that is removed, and what is added to that of a node that must stay in the core.
const REMOVED: u32 = 1 << 30;
const PINNED: u32 = 1 << 31;

/// What the elimination knows of a node: its plain links as exclusive or of twice their number, plus one where the node
/// is their end, and its neighbours as exclusive or.
#[derive(Clone, Copy, Debug, Default)]
struct Joint {
    degree: u32,
    links: u32,
    neighbours: u32,
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
    /// Core node (position in `core_nodes`) at both ends of each core link: chains, then specials.
    pub ends: Vec<[u32; 2]>,
    /// Representatives that are nodes of the core; the ground is the last.
    pub core_nodes: Vec<u32>,
    /// Position in `core_nodes`; [`NONE`] for nodes that are not in the core.
    pub core_of: Vec<u32>,
    /// Links with an end at a node that has been contracted into another.
    pub beside_contracted: Vec<u32>,
    joints: Vec<Joint>,
}

impl Reduction {
    pub fn chain_count(&self) -> usize {
        self.chain_start.len().saturating_sub(1)
    }

    pub fn build(&mut self, node_count: usize, roles: &Roles, contraction: &Contraction) {
        let representative = &contraction.representative;
        let ground = representative[node_count] as usize;
        let total = node_count + 1;
        self.joints.clear();
        self.joints.resize(total, Joint::default());
        self.joints[ground].degree |= PINNED;
        for &node in &roles.kept {
            self.joints[representative[node as usize] as usize].degree |= PINNED;
        }
        self.specials.clear();
        self.beside_contracted.clear();
        for (link, ((&role, &from), &to)) in roles.roles.iter().zip(&roles.from).zip(&roles.to).enumerate() {
            let (a, b) = (representative[from as usize], representative[to as usize]);
            if a != from || b != to {
                self.beside_contracted.push(link as u32);
            }
            match role {
                Role::Plain => {
                    let code = 2 * link as u32;
                    for (end, code, other) in [(a, code, b), (b, code + 1, a)] {
                        let joint = &mut self.joints[end as usize];
                        joint.degree += 1;
                        joint.links ^= code;
                        joint.neighbours ^= other;
                    }
                    // Both ends in one contracted node: a ring with nothing but itself; it stays in the core.
                    if a == b {
                        self.joints[a as usize].degree |= PINNED;
                    }
                }
                Role::Special | Role::Controller => {
                    self.specials.push(link as u32);
                    self.joints[a as usize].degree |= PINNED;
                    self.joints[b as usize].degree |= PINNED;
                }
                Role::Off | Role::Rigid | Role::Injected => {}
            }
        }
        self.remove_leaves();
        self.join_chains(roles, representative, ground);
        self.leaves.shrink_to(self.leaves.len());
        self.pieces.shrink_to(self.pieces.len());
    }

    fn remove_leaves(&mut self) {
        self.leaves.clear();
        if self.leaves.capacity() == 0 {
            // Room for the most there can be; what is too much is given back.
            self.leaves.reserve(self.joints.len());
        }
        for start in 0..self.joints.len() {
            let mut node = start;
            while self.joints[node].degree == 1 {
                let Joint { links: code, neighbours: parent, .. } = self.joints[node];
                self.leaves.push(Leaf { code, node: node as u32, parent });
                self.joints[node].degree = REMOVED;
                let above = &mut self.joints[parent as usize];
                above.degree -= 1;
                above.links ^= code ^ 1;
                above.neighbours ^= node as u32;
                // A parent with a higher number is met later anyway, but going on at once keeps branches together.
                node = parent as usize;
            }
        }
    }

    fn join_chains(&mut self, roles: &Roles, representative: &[u32], ground: usize) {
        let total = self.joints.len();
        // A node that lost all its links without being removed is a root.
        self.core_of.clear();
        self.core_of.resize(total, NONE);
        self.core_nodes.clear();
        for (node, own) in representative.iter().enumerate().take(total) {
            let own = *own as usize == node && node != ground;
            let degree = self.joints[node].degree;
            if own && degree != REMOVED && degree != 2 {
                self.core_of[node] = self.core_nodes.len() as u32;
                self.core_nodes.push(node as u32);
            }
        }
        self.pieces.clear();
        if self.pieces.capacity() == 0 {
            self.pieces.reserve(roles.roles.len() - self.leaves.len());
        }
        self.chain_start.clear();
        self.ends.clear();
        self.core_of[ground] = GROUND;
        // Links of leaves are done; marks for the rest while chains are walked.
        let mut done: Vec<bool> = roles.roles.iter().map(|role| *role != Role::Plain).collect();
        for leaf in &self.leaves {
            done[leaf.link() as usize] = true;
        }
        let end_of = |link: u32, which: usize| {
            let node = if which == 0 { roles.from[link as usize] } else { roles.to[link as usize] };
            representative[node as usize]
        };
        let mut left = done.iter().filter(|done| !**done).count();
        for promote in [false, true] {
            if left == 0 {
                break;
            }
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
                let mut code = 2 * link + which as u32;
                let (mut before, mut at) = (start, end_of(link, 1 - which));
                loop {
                    done[(code >> 1) as usize] = true;
                    left = left.saturating_sub(1);
                    self.pieces.push(Piece { code, node: at });
                    if self.core_of[at as usize] != NONE {
                        break;
                    }
                    let joint = self.joints[at as usize];
                    code = joint.links ^ code ^ 1;
                    (before, at) = (at, joint.neighbours ^ before);
                }
                self.ends.push([start, at].map(|node| self.core_of[node as usize]));
            }
        }
        self.chain_start.push(self.pieces.len() as u32);
        for &link in &self.specials {
            self.ends.push([0, 1].map(|which| self.core_of[end_of(link, which) as usize]));
        }
        let last = self.core_nodes.len() as u32;
        self.core_of[ground] = last;
        self.core_nodes.push(ground as u32);
        for end in self.ends.iter_mut().flatten().filter(|end| **end == GROUND) {
            *end = last;
        }
    }
}
