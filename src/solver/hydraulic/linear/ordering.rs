//! Elimination order with little fill: the approximate minimum degree ordering of faer, part by part.
//!
//! Parts of the network that nothing joins are ordered one by one, and parts that are equal when their unknowns are counted
//! through are ordered once: the supply and the return side of a heating network mostly are.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::sparse::SymbolicSparseColMatRef;
use faer::sparse::linalg::amd;

use crate::network::sets::Sets;

/// A graph by its lower neighbours: those of node k are `lower[start[k]..start[k + 1]]`, rising; each pair once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    pub start: Vec<u32>,
    pub lower: Vec<u32>,
}

impl Graph {
    pub fn size(&self) -> usize {
        self.start.len().saturating_sub(1)
    }

    fn lower(&self, node: usize) -> &[u32] {
        &self.lower[self.start[node] as usize..self.start[node + 1] as usize]
    }
}

/// `order[position] = unknown`.
pub fn little_fill(graph: &Graph) -> Vec<u32> {
    let part_of = parts(graph);
    let count = part_of.iter().max().map_or(0, |&last| last as usize + 1);
    // Nodes of each part, rising, and the number of each node within its part.
    let mut nodes: Vec<Vec<u32>> = vec![Vec::new(); count];
    let mut within = Vec::with_capacity(graph.size());
    for (node, &part) in part_of.iter().enumerate() {
        within.push(nodes[part as usize].len() as u32);
        nodes[part as usize].push(node as u32);
    }
    let mut order = Vec::with_capacity(graph.size());
    let mut ordered: Vec<(Graph, Vec<u32>)> = Vec::new();
    for nodes in &nodes {
        let part = part(graph, nodes, &within);
        let known = ordered.iter().position(|(other, _)| *other == part).unwrap_or_else(|| {
            let order = minimum_degree(&part);
            ordered.push((part, order));
            ordered.len() - 1
        });
        order.extend(ordered[known].1.iter().map(|&at| nodes[at as usize]));
        // Equal parts come in pairs; more than a few different ones are not worth comparing.
        if ordered.len() > 4 {
            ordered.remove(0);
        }
    }
    order
}

/// Part of each node; parts are numbered by their first node.
fn parts(graph: &Graph) -> Vec<u32> {
    let size = graph.size();
    let mut sets = Sets::new(size);
    for node in 0..size {
        for &other in graph.lower(node) {
            sets.join_under_least(node as u32, other);
        }
    }
    // The first node of a part stands for it.
    let mut parts = 0;
    let mut part_of = vec![0; size];
    for node in 0..size {
        let first = sets.of(node as u32) as usize;
        part_of[node] = if first == node {
            parts += 1;
            parts - 1
        } else {
            part_of[first]
        };
    }
    part_of
}

/// A part by itself.
fn part(graph: &Graph, nodes: &[u32], within: &[u32]) -> Graph {
    let mut part = Graph { start: Vec::with_capacity(nodes.len() + 1), lower: Vec::new() };
    part.start.push(0);
    for &node in nodes {
        part.lower.extend(graph.lower(node as usize).iter().map(|&other| within[other as usize]));
        part.start.push(part.lower.len() as u32);
    }
    part
}

fn minimum_degree(graph: &Graph) -> Vec<u32> {
    let size = graph.size();
    let natural = || (0..size as u32).collect();
    if size < 3 {
        return natural();
    }
    let matrix = SymbolicSparseColMatRef::new_checked(size, size, &graph.start, None, &graph.lower);
    let mut order = vec![0u32; size];
    let mut inverse = vec![0u32; size];
    // Memory enough for the ordering, or none: any order is right, a good one is only faster.
    let Ok(mut memory) = MemBuffer::try_new(amd::order_maybe_unsorted_scratch::<u32>(size, graph.lower.len())) else {
        return natural();
    };
    let stack = MemStack::new(&mut memory);
    match amd::order_maybe_unsorted(&mut order, &mut inverse, matrix, amd::Control::default(), stack) {
        Ok(_) => order,
        Err(_) => natural(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ring of so many nodes with a tail, and the same again, number by number between the first.
    #[test]
    fn equal_parts_are_ordered_alike_and_all_nodes_once() {
        let ring = 7;
        let mut graph = Graph { start: vec![0], lower: Vec::new() };
        for node in 0..2 * ring {
            graph.lower.extend((node >= 2).then(|| node - 2));
            graph.lower.extend((node / 2 == ring - 2).then_some(node % 2));
            let from = graph.start.last().map_or(0, |&start| start as usize);
            graph.lower[from..].sort_unstable();
            graph.start.push(graph.lower.len() as u32);
        }
        let order = little_fill(&graph);
        let (one, other) = order.split_at(ring as usize);
        assert!(one.iter().all(|node| node % 2 == 0));
        assert_eq!(other, one.iter().map(|node| node + 1).collect::<Vec<_>>());
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..2 * ring).collect::<Vec<_>>());
    }
}
