//! Sparse symmetric factorisation L D Lᵀ of the core's conductance matrix.
//!
//! The matrix is a weighted Laplacian grounded at the nodes of given pressure: positive definite, a few entries a row.
//! Fill is kept low by `ordering`; the numeric work is the multifrontal method (Duff & Reid, ACM TOMS 9, 1983): `symbolic`
//! groups columns into dense fronts once per structure, and a factorisation then goes over the fronts, adds what their
//! children have left over, eliminates the front's columns by the kernels of `dense` and passes the rest on. It touches
//! nothing but numbers and allocates nothing. Pivots that vanish (a zone hanging on closed valves alone) are replaced by a
//! small positive number, which leaves that zone a pressure far away instead of none.

mod dense;
pub(in crate::solver) mod ordering;
mod symbolic;

use super::reduction::NONE;
use crate::physics::registers::widest_registers;
use symbolic::{Front, Symbolic, triangle};

/// Smallest pivot, relative to the diagonal it started from: below it only rounding errors are left.
const SMALLEST_PIVOT: f64 = 1e-13;

/// Factorisation with its symbolic part.
#[derive(Clone, Debug, Default)]
pub struct Factor {
    symbolic: Symbolic,
    /// Assembled matrix: diagonal by unknown, off-diagonal by slot.
    diagonal: Vec<f64>,
    off_diagonal: Vec<f64>,
    /// Columns of L, front by front; the diagonal of each is 1 and its place is not read.
    l: Vec<f64>,
    d: Vec<f64>,
    /// What finished fronts leave over for their parents, one lower triangle after the other.
    waiting: Vec<f64>,
    /// The same of the front at work.
    rest: Vec<f64>,
    below: Vec<f64>,
}

impl Factor {
    /// Symbolic work for `size` unknowns joined by `edges` (unknowns at both ends; [`NONE`] for the ground). Gives the
    /// number that each unknown has from now on, by the order of elimination; writes for every edge the slot of its
    /// off-diagonal value, [`NONE`] where it has none.
    pub fn analyse(&mut self, size: usize, edges: &[[u32; 2]], slots: &mut Vec<u32>) -> Vec<u32> {
        let position = self.symbolic.analyse(size, edges, slots);
        let symbolic = &self.symbolic;
        for (list, length) in [
            (&mut self.diagonal, size),
            (&mut self.d, size),
            (&mut self.off_diagonal, symbolic.slots),
            (&mut self.l, symbolic.values),
            (&mut self.waiting, symbolic.most_waiting),
            (&mut self.rest, symbolic.most_rest),
            (&mut self.below, symbolic.most_rows),
        ] {
            list.clear();
            list.resize(length, 0.0);
        }
        position
    }

    /// Numbers in the factor, and of all rests passed from front to front.
    pub fn numbers(&self) -> (usize, usize) {
        (self.symbolic.values, self.symbolic.fronts.iter().map(|front| triangle(front.rows as usize)).sum())
    }

    pub fn clear(&mut self) {
        self.diagonal.fill(0.0);
        self.off_diagonal.fill(0.0);
    }

    /// Adds the conductance of an edge between two unknowns ([`NONE`]: ground).
    #[inline]
    pub fn add(&mut self, [a, b]: [u32; 2], slot: u32, conductance: f64) {
        if a == b {
            return;
        }
        if a != NONE {
            self.diagonal[a as usize] += conductance;
        }
        if b != NONE {
            self.diagonal[b as usize] += conductance;
        }
        if slot != NONE {
            self.off_diagonal[slot as usize] -= conductance;
        }
    }

    /// Numeric factorisation of what was assembled. Gives how many pivots had to be replaced.
    pub fn factorise(&mut self) -> usize {
        widest_registers!(factorise(factor: &mut Factor = self) -> usize)
    }

    /// Solves in place.
    pub fn solve(&mut self, values: &mut [f64]) {
        widest_registers!(solve(factor: &mut Factor = self, values: &mut [f64] = values));
    }
}

#[inline(always)]
fn factorise(factor: &mut Factor) -> usize {
    let Factor { symbolic, diagonal, off_diagonal, l, d, waiting, rest, .. } = factor;
    let mut replaced = 0;
    // End of what waits, and the front that put the last of it there.
    let (mut end, mut last) = (0, 0);
    let mut entry = 0;
    for (at, front) in symbolic.fronts.iter().enumerate() {
        let (first, columns, rows) = (front.first as usize, front.columns as usize, front.rows as usize);
        let height = columns + rows;
        let start = front.values as usize;
        let entries_end =
            symbolic.fronts.get(at + 1).map_or(symbolic.entries.len(), |next| next.entries_start as usize);
        let panel = &mut l[start..start + columns * height];
        panel.fill(0.0);
        for &[slot, place] in &symbolic.entries[entry..entries_end] {
            panel[place as usize] = off_diagonal[slot as usize];
        }
        entry = entries_end;
        let diagonal = &diagonal[first..first + columns];
        for (at, (column, &value)) in panel.chunks_exact_mut(height).zip(diagonal).enumerate() {
            column[at] = value;
        }
        let rest = &mut rest[..triangle(rows)];
        rest.fill(0.0);
        for _ in 0..front.children {
            let of = &symbolic.fronts[last];
            let count = of.rows as usize;
            end -= triangle(count);
            let places = &symbolic.relative[of.rows_start as usize..][..count];
            add_child(panel, rest, columns, height, &waiting[end..end + triangle(count)], places);
            last = of.before as usize;
        }
        let pivots = &mut d[first..first + columns];
        for column in 0..columns {
            let (done, own) = panel.split_at_mut(column * height);
            let own = &mut own[column..height];
            dense::subtract(own, done, height, column, &pivots[..column]);
            let mut pivot = own[0];
            let smallest = SMALLEST_PIVOT * diagonal[column];
            if pivot.is_nan() || pivot <= smallest {
                pivot = smallest.max(f64::MIN_POSITIVE);
                replaced += 1;
            }
            pivots[column] = pivot;
            let reciprocal = 1.0 / pivot;
            for value in &mut own[1..] {
                *value *= reciprocal;
            }
        }
        if rows > 0 {
            let mut own = &mut rest[..];
            for row in 0..rows {
                let (column, after) = own.split_at_mut(rows - row);
                dense::subtract(column, panel, height, columns + row, pivots);
                own = after;
            }
            waiting[end..end + triangle(rows)].copy_from_slice(rest);
            end += triangle(rows);
            last = at;
        }
    }
    replaced
}

/// Adds what a child has left over, a lower triangle by column, to the panel and the rest of its parent.
#[inline(always)]
fn add_child(panel: &mut [f64], rest: &mut [f64], columns: usize, height: usize, child: &[f64], places: &[u32]) {
    let rows = height - columns;
    let last = places.last().map_or(0, |&last| last as usize);
    let mut from = 0;
    for (at, &place) in places.iter().enumerate() {
        let place = place as usize;
        let below = &places[at..];
        let column = &child[from..from + below.len()];
        from += below.len();
        let target = if place < columns {
            &mut panel[place * height..(place + 1) * height]
        } else {
            // Column of the rest, as if it began at row 0 of the front.
            let column = place - columns;
            let start = column * rows - triangle(column) + column;
            &mut rest[start..start + rows - column]
        };
        let offset = if place < columns { 0 } else { place };
        // Rows rise: from here on they are neighbours where the last is no further than there are rows.
        if last == place + below.len() - 1 {
            for (target, value) in target[place - offset..].iter_mut().zip(column) {
                *target += value;
            }
        } else {
            for (&row, value) in below.iter().zip(column) {
                target[row as usize - offset] += value;
            }
        }
    }
}

#[inline(always)]
fn solve(factor: &mut Factor, values: &mut [f64]) {
    let Factor { symbolic, l, d, below, .. } = factor;
    for front in &symbolic.fronts {
        forward(symbolic, front, &l[front.values as usize..][..front.size()], values, below);
    }
    backward(symbolic, l, d, values, below);
}

/// Takes what the columns of a front know out of all rows below.
#[inline(always)]
fn forward(symbolic: &Symbolic, front: &Front, panel: &[f64], values: &mut [f64], below: &mut [f64]) {
    let (first, columns, rows) = (front.first as usize, front.columns as usize, front.rows as usize);
    let height = columns + rows;
    let below = &mut below[..rows];
    below.fill(0.0);
    let own = &mut values[first..first + columns];
    for (column, numbers) in panel.chunks_exact(height).enumerate() {
        let (_, own) = own.split_at_mut(column);
        let Some((&mut value, own)) = own.split_first_mut() else { break };
        let (beside, under) = numbers.split_at(columns);
        for (own, number) in own.iter_mut().zip(&beside[column + 1..]) {
            *own -= number * value;
        }
        for (below, number) in below.iter_mut().zip(under) {
            *below += number * value;
        }
    }
    for (&row, value) in symbolic.rows[front.rows_start as usize..].iter().zip(below.iter()) {
        values[row as usize] -= value;
    }
}

/// From the right-hand side after all fronts to the solution.
#[inline(always)]
fn backward(symbolic: &Symbolic, l: &[f64], d: &[f64], values: &mut [f64], below: &mut [f64]) {
    for front in symbolic.fronts.iter().rev() {
        let (first, columns, rows) = (front.first as usize, front.columns as usize, front.rows as usize);
        let height = columns + rows;
        let panel = &l[front.values as usize..][..front.size()];
        let below = &mut below[..rows];
        for (&row, value) in symbolic.rows[front.rows_start as usize..].iter().zip(below.iter_mut()) {
            *value = values[row as usize];
        }
        for (column, numbers) in panel.chunks_exact(height).enumerate().rev() {
            let own = &values[first + column + 1..first + columns];
            let sum = dense::dot(&numbers[column + 1..columns], own) + dense::dot(&numbers[columns..], below);
            values[first + column] = values[first + column] / d[first + column] - sum;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grounded_grid_is_solved() {
        let (rows, columns) = (7u32, 9u32);
        let mut edges = vec![[0, NONE]];
        for y in 0..rows {
            for x in 0..columns {
                let here = y * columns + x;
                if x + 1 < columns {
                    edges.push([here, here + 1]);
                }
                if y + 1 < rows {
                    edges.push([here, here + columns]);
                }
            }
        }
        let size = (rows * columns) as usize;
        let conductance = |edge: usize| 1.0 + (edge as f64 * 0.37).fract();
        let mut factor = Factor::default();
        let mut slots = Vec::new();
        let position = factor.analyse(size, &edges, &mut slots);
        for end in edges.iter_mut().flatten().filter(|end| **end != NONE) {
            *end = position[*end as usize];
        }
        factor.clear();
        for (edge, ends) in edges.iter().enumerate() {
            factor.add(*ends, slots[edge], conductance(edge));
        }
        let expected: Vec<f64> = (0..size).map(|i| (i as f64).sin()).collect();
        let value = |node: u32| if node == NONE { 0.0 } else { expected[node as usize] };
        let mut right = vec![0.0; size];
        for (edge, &[a, b]) in edges.iter().enumerate() {
            let flow = conductance(edge) * (value(a) - value(b));
            right[a as usize] += flow;
            if b != NONE {
                right[b as usize] -= flow;
            }
        }
        assert_eq!(factor.factorise(), 0);
        factor.solve(&mut right);
        for (got, wanted) in right.iter().zip(&expected) {
            assert!((got - wanted).abs() < 1e-12);
        }
    }
}
