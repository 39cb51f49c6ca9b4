//! How the checks share their work: sets of joined nodes with a potential between them.

use crate::network::NodeId;

/// Disjoint sets of nodes; within a set every node has a known offset to the root.
///
/// Union by index (the smaller node becomes the root), so that the result does not depend on the order of joins.
pub(super) struct NodeSets {
    parent: Vec<u32>,
    /// Value of a node minus value of its parent.
    offset: Vec<f64>,
}

impl NodeSets {
    /// Every node alone.
    pub fn new(count: usize) -> NodeSets {
        NodeSets { parent: (0..count as u32).collect(), offset: vec![0.0; count] }
    }

    /// Root of a node's set and the node's value minus the root's.
    pub fn find(&mut self, node: usize) -> (usize, f64) {
        let (mut root, mut total) = (node, 0.0);
        while self.parent[root] as usize != root {
            total += self.offset[root];
            root = self.parent[root] as usize;
        }
        let (mut at, mut rest) = (node, total);
        while self.parent[at] as usize != root && at != root {
            let (next, step) = (self.parent[at] as usize, self.offset[at]);
            self.parent[at] = root as u32;
            self.offset[at] = rest;
            rest -= step;
            at = next;
        }
        (root, total)
    }

    pub fn root(&mut self, node: NodeId) -> usize {
        self.find(node.index()).0
    }

    /// Joins two nodes with no offset between them.
    pub fn join(&mut self, a: NodeId, b: NodeId) {
        self.join_with(a.index(), b.index(), 0.0);
    }

    /// Joins two nodes where value(b) − value(a) = `rise`. If they are joined already: by how much this contradicts.
    pub fn join_with(&mut self, a: usize, b: usize, rise: f64) -> Option<f64> {
        let ((root_a, from_a), (root_b, from_b)) = (self.find(a), self.find(b));
        if root_a == root_b {
            return Some(from_b - from_a - rise);
        }
        // value(root_b) = value(b) − from_b = value(a) + rise − from_b = value(root_a) + from_a + rise − from_b
        let step = from_a + rise - from_b;
        if root_a < root_b {
            self.parent[root_b] = root_a as u32;
            self.offset[root_b] = step;
        } else {
            self.parent[root_a] = root_b as u32;
            self.offset[root_a] = -step;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_add_up_along_any_way() {
        let mut sets = NodeSets::new(5);
        assert_eq!(sets.join_with(3, 1, 2.0), None);
        assert_eq!(sets.join_with(4, 3, 5.0), None);
        assert_eq!(sets.join_with(0, 1, 1.0), None);
        // 0 → 1 = 1, 3 → 1 = 2, so 3 = 0 − 1; 4 = 3 − 5 = 0 − 6.
        assert_eq!(sets.join_with(0, 4, -6.0), Some(0.0));
        assert_eq!(sets.join_with(4, 0, 5.0), Some(1.0));
        assert_eq!(sets.find(2), (2, 0.0));
    }
}
