//! Nodes whose pressures differ by a known amount become one: fixed pressures hang on the ground, sources with a fixed
//! rise join their two nodes.
//!
//! Mechanism: a forest of *steps* over the nodes concerned, each step from a parent to a child with a known pressure
//! difference; the root of the tree that holds every fixed pressure is the ground. Links that would close a cycle of
//! known differences are *redundant*: either they agree with the others (and share the flow) or they contradict.

use super::roles::{Role, Roles};

/// Where a known pressure difference comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// Ground to a node with given pressure.
    Ground,
    /// Parent is the start of this link.
    Forward(u32),
    /// Parent is the end of this link.
    Backward(u32),
}

/// The child's pressure follows from the parent's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub parent: u32,
    pub child: u32,
    pub via: Via,
}

/// The forest; node `node_count` is the ground.
#[derive(Clone, Debug, Default)]
pub struct Contraction {
    /// Representative of each node (the ground for all that hang on it), and of the ground last.
    pub representative: Vec<u32>,
    /// Parents come before their children.
    pub steps: Vec<Step>,
    /// Rigid links that close a cycle.
    pub redundant: Vec<u32>,
}

impl Contraction {
    pub fn build(&mut self, node_count: usize, roles: &Roles) {
        let ground = node_count as u32;
        self.representative.clear();
        self.representative.extend(0..=ground);
        self.steps.clear();
        self.redundant.clear();
        let rigid: Vec<u32> =
            (0..roles.roles.len() as u32).filter(|&link| roles.roles[link as usize] == Role::Rigid).collect();
        if rigid.is_empty() && roles.fixed.is_empty() {
            return;
        }
        // Grow from the ground, then from whatever is left: few links, so repeated sweeps are cheap and keep the order.
        let mut known = vec![false; node_count];
        for &node in &roles.fixed {
            known[node as usize] = true;
            self.representative[node as usize] = ground;
            self.steps.push(Step { parent: ground, child: node, via: Via::Ground });
        }
        let mut used = vec![false; rigid.len()];
        let mut next_root = 0;
        loop {
            let mut grew = true;
            while grew {
                grew = false;
                for (at, &link) in rigid.iter().enumerate() {
                    let (from, to) = (roles.from[link as usize], roles.to[link as usize]);
                    let step = match (used[at], known[from as usize], known[to as usize]) {
                        (true, _, _) | (false, false, false) => continue,
                        (false, true, true) => {
                            used[at] = true;
                            self.redundant.push(link);
                            continue;
                        }
                        (false, true, false) => Step { parent: from, child: to, via: Via::Forward(link) },
                        (false, false, true) => Step { parent: to, child: from, via: Via::Backward(link) },
                    };
                    used[at] = true;
                    known[step.child as usize] = true;
                    self.representative[step.child as usize] = self.representative[step.parent as usize];
                    self.steps.push(step);
                    grew = true;
                }
            }
            while next_root < rigid.len() && used[next_root] {
                next_root += 1;
            }
            match rigid.get(next_root) {
                Some(&link) => known[roles.from[link as usize] as usize] = true,
                None => break,
            }
        }
    }
}
