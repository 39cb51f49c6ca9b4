//! Water that runs in a circle: nodes whose temperatures depend on each other.
//!
//! The remaining nodes are divided into strongly connected parts (Tarjan), taken in the direction of flow. Within a part
//! every node is a mean of its inflows with weights w > 0, and every pipe maps its inlet linearly to its outlet with a
//! slope of 0…1: an M-matrix. Unknown is the excess over the ground; 1e-12 more on the diagonal makes the matrix strictly
//! dominant, so that even a circle that nothing enters and that loses nothing has an answer: the ground. Heat capacities follow by iteration; they
//! change by 1e-4 per kelvin, so that each round gains several digits.

use faer::linalg::solvers::Solve;
use faer::sparse::{SparseColMat, Triplet};

use super::super::problem::{NONE, Problem};
use super::problem::HeatProblem;
use super::steady::{ROUNDING_K, Temperatures};

const MAX_ROUNDS: usize = 200;
/// Weight of the ground against that of the inflows.
const ANCHOR_SHARE: f64 = 1e-12;

/// Parts of what the walk along the flow did not reach, upstream first; a part of one node is no circle.
pub(super) fn parts(state: &Temperatures, problem: &Problem, heat: &HeatProblem) -> Vec<Vec<u32>> {
    let nodes = problem.node_count();
    let mut number = vec![NONE; nodes];
    let mut low = vec![NONE; nodes];
    let mut on_stack = vec![false; nodes];
    let mut stack: Vec<u32> = Vec::new();
    let mut count = 0;
    let mut parts: Vec<Vec<u32>> = Vec::new();
    // (node, next of its links): recursion written out, circles can be long.
    let mut path: Vec<(u32, usize)> = Vec::new();
    for root in 0..nodes {
        if state.is_reached(root) || number[root] != NONE {
            continue;
        }
        path.push((root as u32, 0));
        while let Some((node, next)) = path.pop() {
            let at = node as usize;
            if next == 0 {
                (number[at], low[at], on_stack[at]) = (count, count, true);
                count += 1;
                stack.push(node);
            }
            let mut next = next;
            let mut deeper = None;
            let links = heat.at(at);
            while next < links.len() {
                let link = links[next] as usize;
                next += 1;
                if state.upstream[link] != node || !state.depends[link] {
                    continue;
                }
                let down = state.downstream[link];
                if number[down as usize] == NONE {
                    deeper = Some(down);
                    break;
                }
                if on_stack[down as usize] {
                    low[at] = low[at].min(number[down as usize]);
                }
            }
            if let Some(down) = deeper {
                path.push((node, next.max(1)));
                path.push((down, 0));
                continue;
            }
            if low[at] == number[at] {
                let mut part = Vec::new();
                while let Some(member) = stack.pop() {
                    on_stack[member as usize] = false;
                    part.push(member);
                    if member == node {
                        break;
                    }
                }
                part.sort_unstable();
                parts.push(part);
            }
            if let Some(&(parent, _)) = path.last() {
                low[parent as usize] = low[parent as usize].min(low[at]);
            }
        }
    }
    parts.reverse();
    parts
}

/// Temperatures of the nodes of one circle; inflows from outside it are known.
pub(super) fn solve(state: &mut Temperatures, problem: &Problem, heat: &HeatProblem, flow_kg_s: &[f64], part: &[u32]) {
    let place = |node: u32| part.binary_search(&node).ok();
    for &node in part {
        state.node_c[node as usize] = heat.ambient_c;
    }
    for _ in 0..MAX_ROUNDS {
        let (matrix, right) = equations(state, problem, heat, flow_kg_s, part, &place);
        let solved = SparseColMat::<usize, f64>::try_new_from_triplets(part.len(), part.len(), &matrix)
            .ok()
            .and_then(|matrix| matrix.sp_lu().ok())
            .map(|lu| lu.solve(&faer::Col::from_fn(part.len(), |row| right[row])));
        let mut change: f64 = 0.0;
        for (row, &node) in part.iter().enumerate() {
            // Without a factorisation (which diagonal dominance rules out) one step of relaxation serves.
            let next_c = match &solved {
                Some(solution) => solution[row] + heat.ambient_c,
                None => {
                    relaxed(&matrix, &right, row, |column| state.node_c[part[column] as usize] - heat.ambient_c)
                        + heat.ambient_c
                }
            };
            let next_c = if next_c.is_finite() { next_c } else { heat.ambient_c };
            change = change.max((next_c - state.node_c[node as usize]).abs());
            state.node_c[node as usize] = next_c;
        }
        if change < ROUNDING_K * 10.0 {
            break;
        }
    }
}

type Equations = (Vec<Triplet<usize, usize, f64>>, Vec<f64>);

/// One row a node, in excess over the ground θ: Σw·θ − Σ w·slope·θ_upstream = Σ w·constant.
fn equations(
    state: &mut Temperatures,
    problem: &Problem,
    heat: &HeatProblem,
    flow_kg_s: &[f64],
    part: &[u32],
    place: &dyn Fn(u32) -> Option<usize>,
) -> Equations {
    let (fluid, ground_c) = (&problem.fluid, heat.ambient_c);
    let mut matrix = Vec::new();
    let mut right = vec![0.0; part.len()];
    for (row, &node) in part.iter().enumerate() {
        let here_c = state.node_c[node as usize];
        let mut total = 0.0;
        for &link in heat.at(node as usize) {
            let link = link as usize;
            if state.downstream[link] != node {
                continue;
            }
            let up = state.upstream[link];
            let inside = place(up).filter(|_| state.depends[link]);
            let inlet_c = state.node_c[up as usize];
            let outlet_c = match inside {
                Some(_) => state.outlet(problem, heat, flow_kg_s, link, inlet_c).0,
                None => state.outlet_c[link],
            };
            let weight = flow_kg_s[link].abs() * fluid.mean_heat_capacity_j_kgk(outlet_c, here_c);
            total += weight;
            match inside {
                // A consumer that gives water back at its return temperature, for now.
                Some(_) if heat.set_outlet_c[link] == outlet_c && inlet_c > outlet_c => {
                    right[row] += weight * (outlet_c - ground_c)
                }
                Some(column) => {
                    let around_c = state.surroundings_c[link];
                    let excess_k = inlet_c - around_c;
                    let slope = if heat.loss_w_k[link] == 0.0 {
                        1.0
                    } else if excess_k.abs() > 1e-6 {
                        ((outlet_c - around_c) / excess_k).clamp(0.0, 1.0)
                    } else {
                        let stream = flow_kg_s[link].abs() * fluid.heat_capacity_j_kgk(around_c);
                        (-heat.loss_w_k[link] / stream).exp()
                    };
                    matrix.push(Triplet { row, col: column, val: -weight * slope });
                    right[row] += weight * (around_c - ground_c) * (1.0 - slope);
                }
                None => right[row] += weight * (outlet_c - ground_c),
            }
        }
        for (flow, feed_c) in state.feeds(problem, heat, node as usize) {
            let weight = flow * fluid.mean_heat_capacity_j_kgk(feed_c, here_c);
            total += weight;
            right[row] += weight * (feed_c - ground_c);
        }
        matrix.push(Triplet { row, col: row, val: total * (1.0 + ANCHOR_SHARE) });
    }
    (matrix, right)
}

fn relaxed(matrix: &[Triplet<usize, usize, f64>], right: &[f64], row: usize, known: impl Fn(usize) -> f64) -> f64 {
    let (mut rest, mut diagonal) = (right[row], 0.0);
    for entry in matrix.iter().filter(|entry| entry.row == row) {
        if entry.col == row { diagonal += entry.val } else { rest -= entry.val * known(entry.col) }
    }
    rest / diagonal
}
