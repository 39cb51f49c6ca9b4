//! The greatest flow between two nodes of a network with limits (Ford and Fulkerson by shortest ways, Edmonds and Karp
//! 1972). Written for the judge: plain, for some hundred nodes.

/// Edges in both directions, as pairs: edge k ^ 1 is the way back of edge k.
#[derive(Clone, Debug)]
pub(super) struct FlowNetwork {
    at: Vec<Vec<usize>>,
    to: Vec<usize>,
    left: Vec<f64>,
}

/// Capacities below this share of the largest finite one are rounding.
const ROUNDING: f64 = 1e-13;

impl FlowNetwork {
    pub(super) fn new(nodes: usize) -> FlowNetwork {
        FlowNetwork { at: vec![Vec::new(); nodes], to: Vec::new(), left: Vec::new() }
    }

    /// An edge with its capacities there and back.
    pub(super) fn edge(&mut self, from: usize, to: usize, there: f64, back: f64) {
        for (start, end, capacity) in [(from, to, there), (to, from, back)] {
            self.at[start].push(self.to.len());
            self.to.push(end);
            self.left.push(capacity);
        }
    }

    fn rounding(&self) -> f64 {
        ROUNDING * self.left.iter().filter(|left| left.is_finite()).fold(0.0, |most: f64, left| most.max(*left))
    }

    /// Shortest way with something left: the edge each node was reached by.
    fn ways(&self, start: usize, least: f64) -> Vec<Option<usize>> {
        let mut by = vec![None; self.at.len()];
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(node) = queue.pop_front() {
            for &edge in &self.at[node] {
                let next = self.to[edge];
                if self.left[edge] > least && next != start && by[next].is_none() {
                    by[next] = Some(edge);
                    queue.push_back(next);
                }
            }
        }
        by
    }

    /// Sends as much as there is room for. Gives how much.
    pub(super) fn run(&mut self, start: usize, end: usize) -> f64 {
        let least = self.rounding();
        let mut sum = 0.0;
        loop {
            let by = self.ways(start, least);
            let way: Vec<usize> = std::iter::successors(by[end], |&edge| by[self.to[edge ^ 1]]).collect();
            if way.is_empty() {
                return sum;
            }
            let room = way.iter().map(|&edge| self.left[edge]).fold(f64::INFINITY, f64::min);
            for edge in way {
                self.left[edge] -= room;
                self.left[edge ^ 1] += room;
            }
            sum += room;
        }
    }

    /// Nodes that could still be reached from the start.
    pub(super) fn reached(&self, start: usize) -> Vec<bool> {
        let mut reached: Vec<bool> = self.ways(start, self.rounding()).iter().map(Option::is_some).collect();
        reached[start] = true;
        reached
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flow_is_that_of_the_narrowest_cut() {
        let mut flow = FlowNetwork::new(4);
        flow.edge(0, 1, 3.0, 0.0);
        flow.edge(0, 2, 2.0, 0.0);
        flow.edge(1, 2, 5.0, 5.0);
        flow.edge(1, 3, 1.0, 0.0);
        flow.edge(2, 3, 3.0, 0.0);
        assert_eq!(flow.run(0, 3), 4.0);
        assert_eq!(flow.reached(0), [true, true, true, false]);
    }
}
