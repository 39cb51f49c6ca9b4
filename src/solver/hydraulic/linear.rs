//! Sparse symmetric factorisation L D Lᵀ of the core's conductance matrix.
//!
//! The matrix is a weighted Laplacian grounded at the nodes of given pressure: positive definite, a few entries a row.
//! Fill is kept low by the approximate minimum degree ordering of faer; the factorisation is the up-looking one of
//! Davis (*Algorithm 849*, ACM TOMS 31, 2005), with the pattern of every row of L found once per structure, so that a
//! numeric factorisation touches nothing but numbers. Pivots that vanish (a zone hanging on closed valves alone) are
//! replaced by a small positive number, which leaves that zone a pressure far away instead of none.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::sparse::SymbolicSparseColMatRef;
use faer::sparse::linalg::amd;

use super::reduction::NONE;

/// Smallest pivot, relative to the diagonal it started from: below it only rounding errors are left.
const SMALLEST_PIVOT: f64 = 1e-13;

/// Factorisation with its symbolic part.
#[derive(Clone, Debug, Default)]
pub struct Factor {
    size: usize,
    /// Position of each unknown in the elimination order.
    position: Vec<u32>,
    /// Assembled matrix: diagonal, and off-diagonal values by row of the upper triangle (column index in `column`).
    diagonal: Vec<f64>,
    off_diagonal: Vec<f64>,
    row_start: Vec<u32>,
    column: Vec<u32>,
    /// Pattern of row k of L in elimination order: which columns, and where their next value goes.
    pattern_start: Vec<u32>,
    pattern: Vec<u32>,
    l_start: Vec<u32>,
    l_row: Vec<u32>,
    l_value: Vec<f64>,
    l_fill: Vec<u32>,
    d: Vec<f64>,
    work: Vec<f64>,
}

impl Factor {
    /// Symbolic work for `size` unknowns joined by `edges` (unknowns at both ends; [`NONE`] for the ground). Gives for
    /// every edge the slot of its off-diagonal value, [`NONE`] where it has none.
    pub fn analyse(&mut self, size: usize, edges: &[[u32; 2]], slots: &mut Vec<u32>) {
        self.size = size;
        let order = minimum_degree(size, edges);
        self.position.clear();
        self.position.resize(size, 0);
        for (position, &unknown) in order.iter().enumerate() {
            self.position[unknown] = position as u32;
        }
        // Upper triangle by column = lower triangle by row: entries (row k, column i < k).
        let mut entries: Vec<(u64, u32)> = Vec::with_capacity(edges.len());
        for (edge, &[a, b]) in edges.iter().enumerate() {
            if a != NONE && b != NONE && a != b {
                let (a, b) = (self.position[a as usize], self.position[b as usize]);
                entries.push(((u64::from(a.max(b)) << 32) | u64::from(a.min(b)), edge as u32));
            }
        }
        entries.sort_unstable();
        slots.clear();
        slots.resize(edges.len(), NONE);
        self.row_start.clear();
        self.row_start.resize(size + 1, 0);
        self.column.clear();
        let mut last = u64::MAX;
        for &(key, edge) in &entries {
            if key != last {
                self.column.push(key as u32);
                self.row_start[(key >> 32) as usize + 1] += 1;
                last = key;
            }
            slots[edge as usize] = self.column.len() as u32 - 1;
        }
        for row in 0..size {
            self.row_start[row + 1] += self.row_start[row];
        }
        self.find_pattern();
        self.diagonal.resize(size, 0.0);
        self.off_diagonal.resize(self.column.len(), 0.0);
        self.l_value.resize(self.l_row.len(), 0.0);
        self.l_fill.resize(size, 0);
        self.d.resize(size, 0.0);
        self.work.clear();
        self.work.resize(size, 0.0);
    }

    /// Elimination tree and the pattern of every row of L, in the order in which its columns must be used.
    fn find_pattern(&mut self) {
        let size = self.size;
        let mut parent = vec![NONE; size];
        let mut mark = vec![NONE; size];
        let mut count = vec![0u32; size];
        let mut path = Vec::new();
        let mut row = Vec::new();
        self.pattern.clear();
        self.pattern_start.clear();
        self.pattern_start.push(0);
        for k in 0..size {
            mark[k] = k as u32;
            row.clear();
            for at in self.row_start[k]..self.row_start[k + 1] {
                let mut i = self.column[at as usize];
                path.clear();
                while mark[i as usize] != k as u32 {
                    if parent[i as usize] == NONE {
                        parent[i as usize] = k as u32;
                    }
                    path.push(i);
                    count[i as usize] += 1;
                    mark[i as usize] = k as u32;
                    i = parent[i as usize];
                }
                // A path found later must be used before those found earlier that it ends in; written from the back.
                row.extend(path.iter().rev());
            }
            self.pattern.extend(row.iter().rev());
            self.pattern_start.push(self.pattern.len() as u32);
        }
        self.l_start.clear();
        self.l_start.push(0);
        let mut sum = 0;
        for columns in &count {
            sum += columns;
            self.l_start.push(sum);
        }
        self.l_row.clear();
        self.l_row.resize(sum as usize, 0);
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
            self.diagonal[self.position[a as usize] as usize] += conductance;
        }
        if b != NONE {
            self.diagonal[self.position[b as usize] as usize] += conductance;
        }
        if slot != NONE {
            self.off_diagonal[slot as usize] -= conductance;
        }
    }

    /// Numeric factorisation of what was assembled. Gives how many pivots had to be replaced.
    pub fn factorise(&mut self) -> usize {
        let mut replaced = 0;
        let work = &mut self.work;
        self.l_fill.copy_from_slice(&self.l_start[..self.size]);
        for k in 0..self.size {
            for at in self.row_start[k] as usize..self.row_start[k + 1] as usize {
                work[self.column[at] as usize] = self.off_diagonal[at];
            }
            let mut d = self.diagonal[k];
            for &i in &self.pattern[self.pattern_start[k] as usize..self.pattern_start[k + 1] as usize] {
                let i = i as usize;
                let value = work[i];
                work[i] = 0.0;
                let (start, end) = (self.l_start[i] as usize, self.l_fill[i] as usize);
                for (&row, &l) in self.l_row[start..end].iter().zip(&self.l_value[start..end]) {
                    work[row as usize] -= l * value;
                }
                let l = value / self.d[i];
                d -= l * value;
                self.l_row[end] = k as u32;
                self.l_value[end] = l;
                self.l_fill[i] += 1;
            }
            let smallest = SMALLEST_PIVOT * self.diagonal[k];
            if d.is_nan() || d <= smallest {
                d = smallest.max(f64::MIN_POSITIVE);
                replaced += 1;
            }
            self.d[k] = d;
        }
        replaced
    }

    /// Solves in place; unknowns in their own order. `scratch` has the same length.
    pub fn solve(&self, values: &mut [f64], scratch: &mut [f64]) {
        for (unknown, &position) in self.position.iter().enumerate() {
            scratch[position as usize] = values[unknown];
        }
        for k in 0..self.size {
            let value = scratch[k];
            let range = self.l_start[k] as usize..self.l_start[k + 1] as usize;
            for (&row, &l) in self.l_row[range.clone()].iter().zip(&self.l_value[range]) {
                scratch[row as usize] -= l * value;
            }
        }
        for k in (0..self.size).rev() {
            let range = self.l_start[k] as usize..self.l_start[k + 1] as usize;
            let mut value = scratch[k] / self.d[k];
            for (&row, &l) in self.l_row[range.clone()].iter().zip(&self.l_value[range]) {
                value -= l * scratch[row as usize];
            }
            scratch[k] = value;
        }
        for (unknown, &position) in self.position.iter().enumerate() {
            values[unknown] = scratch[position as usize];
        }
    }
}

/// Elimination order with little fill: `order[position] = unknown`.
fn minimum_degree(size: usize, edges: &[[u32; 2]]) -> Vec<usize> {
    let natural = || (0..size).collect();
    if size < 3 {
        return natural();
    }
    let mut pairs: Vec<(u32, u32)> =
        edges.iter().filter(|[a, b]| *a != NONE && *b != NONE && a != b).map(|&[a, b]| (a.max(b), a.min(b))).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let mut column_start = vec![0usize; size + 1];
    for &(column, _) in &pairs {
        column_start[column as usize + 1] += 1;
    }
    for column in 0..size {
        column_start[column + 1] += column_start[column];
    }
    let rows: Vec<usize> = pairs.iter().map(|&(_, row)| row as usize).collect();
    let matrix = SymbolicSparseColMatRef::new_checked(size, size, &column_start, None, &rows);
    let mut order = vec![0usize; size];
    let mut inverse = vec![0usize; size];
    // Memory enough for the ordering, or none: any order is right, a good one is only faster.
    let Ok(mut memory) = MemBuffer::try_new(amd::order_maybe_unsorted_scratch::<usize>(size, rows.len())) else {
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
        factor.analyse(size, &edges, &mut slots);
        factor.clear();
        for (edge, ends) in edges.iter().enumerate() {
            factor.add(*ends, slots[edge], conductance(edge));
        }
        assert_eq!(factor.factorise(), 0);
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
        factor.solve(&mut right, &mut vec![0.0; size]);
        for (got, wanted) in right.iter().zip(&expected) {
            assert!((got - wanted).abs() < 1e-12);
        }
    }
}
