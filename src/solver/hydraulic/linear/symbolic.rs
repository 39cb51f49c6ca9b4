//! Which numbers the factor has: elimination tree, supernodes, and where everything goes.
//!
//! Columns are renumbered so that every subtree of the elimination tree is a run of columns. Neighbouring columns with
//! (nearly) the same rows become one *front*: a dense block of its columns over itself and the rows below. Letting a few
//! zeros in makes fronts larger and fewer. A front passes what is left over for its rows below to the front of the first
//! of them, its parent; where they go there is found here once, so that the numeric work searches nothing.

use super::super::reduction::NONE;
use super::ordering::{Graph, little_fill};

/// Columns a front may have with such a share of zeros among its numbers (after Chen, Davis, Hager & Rajamanickam,
/// *Algorithm 887*, ACM TOMS 35, 2008; the shares by measurement).
const RELAXED: [(u32, f64); 4] = [(4, 0.6), (16, 0.2), (48, 0.1), (u32::MAX, 0.05)];

/// A dense block of columns.
#[derive(Clone, Copy, Debug, Default)]
pub struct Front {
    /// First column, and how many.
    pub first: u32,
    pub columns: u32,
    /// Rows below: a range of [`Symbolic::rows`] and [`Symbolic::relative`].
    pub rows: u32,
    pub rows_start: u32,
    /// Start of its numbers: by column, over own columns and rows below.
    pub values: u32,
    /// Fronts that pass their rest to this one; they are the last ones before it whose rest is still waiting.
    pub children: u32,
    /// The front whose rest waits just below that of this one; any number where nothing does.
    pub before: u32,
    /// Entries of the matrix in it: a range of [`Symbolic::entries`].
    pub entries_start: u32,
}

impl Front {
    /// How many numbers it has.
    pub fn size(&self) -> usize {
        self.columns as usize * (self.columns + self.rows) as usize
    }
}

/// Pattern of the factor.
#[derive(Clone, Debug, Default)]
pub struct Symbolic {
    pub fronts: Vec<Front>,
    /// Positions of rows below, rising in each front.
    pub rows: Vec<u32>,
    /// For each of them its place in the parent front.
    pub relative: Vec<u32>,
    /// Off-diagonal entries of the matrix, front by front: slot, and where its value goes in the front.
    pub entries: Vec<[u32; 2]>,
    /// Slots of off-diagonal values.
    pub slots: usize,
    pub values: usize,
    /// Most numbers that wait at a time, and of one front.
    pub most_waiting: usize,
    pub most_rest: usize,
    /// Most rows below of one front.
    pub most_rows: usize,
}

/// Numbers of the lower triangle of a square.
pub fn triangle(rows: usize) -> usize {
    rows * (rows + 1) / 2
}

/// Lists by number: those of k are `items[start[k]..start[k + 1]]`, in the order of the pairs.
fn lists(count: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> (Vec<u32>, Vec<u32>) {
    let mut start = vec![0u32; count + 1];
    let mut length = 0;
    for (of, _) in pairs.clone() {
        start[of as usize + 1] += 1;
        length += 1;
    }
    for k in 0..count {
        start[k + 1] += start[k];
    }
    let mut items = vec![0u32; length];
    let mut next = start.clone();
    for (of, item) in pairs {
        items[next[of as usize] as usize] = item;
        next[of as usize] += 1;
    }
    (start, items)
}

impl Symbolic {
    /// Pattern for `size` unknowns joined by `edges` ([`NONE`]: the ground). Gives the elimination position of each
    /// unknown, by which all else here is numbered; writes for every edge the slot of its off-diagonal value, [`NONE`]
    /// where it has none.
    pub fn analyse(&mut self, size: usize, edges: &[[u32; 2]], slots: &mut Vec<u32>) -> Vec<u32> {
        let pairs = joined(size, edges, slots);
        self.slots = pairs.len();
        let (start, lower) = lists(size, pairs.iter().map(|&[low, high]| (high, low)));
        let order = little_fill(&Graph { start, lower });
        let mut position = vec![0u32; size];
        for (at, &unknown) in order.iter().enumerate() {
            position[unknown as usize] = at as u32;
        }
        let placed = |position: &[u32], [a, b]: [u32; 2]| {
            let (a, b) = (position[a as usize], position[b as usize]);
            [a.min(b), a.max(b)]
        };
        let (start, lower) =
            lists(size, pairs.iter().map(|&pair| placed(&position, pair)).map(|[low, high]| (high, low)));
        let (parent, count) = elimination_tree(&start, &lower);
        let place = postorder(&parent);
        for position in &mut position {
            *position = place[*position as usize];
        }
        let mut above = vec![NONE; size];
        let mut below = vec![0u32; size];
        for column in 0..size {
            let at = place[column] as usize;
            above[at] = if parent[column] == NONE { NONE } else { place[parent[column] as usize] };
            below[at] = count[column];
        }
        self.find_fronts(&above, &below);
        let (start, slots_of) =
            lists(size, pairs.iter().enumerate().map(|(slot, &pair)| (placed(&position, pair)[0], slot as u32)));
        let high: Vec<u32> = pairs.iter().map(|&pair| placed(&position, pair)[1]).collect();
        self.find_rows(size, &start, &slots_of, &high);
        position
    }

    /// Runs of columns, as many as have nearly the same rows below.
    fn find_fronts(&mut self, parent: &[u32], below: &[u32]) {
        // While it grows: first column, columns, rows below, zeros let in.
        let mut growing: Vec<(u32, u32, u32, u64)> = Vec::new();
        for column in 0..parent.len() as u32 {
            let (mut first, mut columns, rows, mut zeros) = (column, 1u32, below[column as usize], 0u64);
            while let Some(&(other, width, other_rows, other_zeros)) = growing.last() {
                // The front before hangs on one of these columns?
                let hangs = parent[(other + width - 1) as usize];
                if hangs == NONE || hangs < first || hangs > column {
                    break;
                }
                let merged = width + columns;
                let more = u64::from(width) * u64::from(columns + rows - other_rows);
                let sum = zeros + other_zeros + more;
                let all = u64::from(merged) * u64::from(rows) + u64::from(merged) * u64::from(merged + 1) / 2;
                let share = sum as f64 / all as f64;
                let allowed = RELAXED.iter().any(|&(widest, most)| merged <= widest && share <= most);
                if !allowed && sum > 0 {
                    break;
                }
                growing.pop();
                (first, columns, zeros) = (other, merged, sum);
            }
            growing.push((first, columns, rows, zeros));
        }
        self.fronts.clear();
        self.fronts.extend(growing.iter().map(|&(first, columns, rows, _)| Front {
            first,
            columns,
            rows,
            ..Front::default()
        }));
    }

    /// Rows of all fronts, and where their numbers come from and go to.
    fn find_rows(&mut self, size: usize, start: &[u32], slots_of: &[u32], high: &[u32]) {
        let mut front_of = vec![0u32; size];
        for (at, front) in self.fronts.iter().enumerate() {
            front_of[front.first as usize..(front.first + front.columns) as usize].fill(at as u32);
        }
        self.rows.clear();
        self.relative.clear();
        self.entries.clear();
        let mut mark = vec![NONE; size];
        let mut local = vec![0u32; size];
        let mut waiting: Vec<u32> = Vec::new();
        let (mut values, mut stacked) = (0u32, 0usize);
        (self.most_waiting, self.most_rest, self.most_rows) = (0, 0, 0);
        for at in 0..self.fronts.len() {
            let mut front = self.fronts[at];
            let end = front.first + front.columns;
            let rows_start = self.rows.len();
            let mut meet = |rows: &mut Vec<u32>, row: u32| {
                if row >= end && mark[row as usize] != at as u32 {
                    mark[row as usize] = at as u32;
                    rows.push(row);
                }
            };
            let slots = start[front.first as usize] as usize..start[end as usize] as usize;
            for &slot in &slots_of[slots.clone()] {
                meet(&mut self.rows, high[slot as usize]);
            }
            let first_child = waiting
                .iter()
                .rposition(|&child| {
                    let child = &self.fronts[child as usize];
                    child.rows == 0 || front_of[self.rows[child.rows_start as usize] as usize] != at as u32
                })
                .map_or(0, |before| before + 1);
            for &child in &waiting[first_child..] {
                let child = &self.fronts[child as usize];
                for row in child.rows_start..child.rows_start + child.rows {
                    let row = self.rows[row as usize];
                    meet(&mut self.rows, row);
                }
            }
            self.rows[rows_start..].sort_unstable();
            front.rows_start = rows_start as u32;
            front.rows = (self.rows.len() - rows_start) as u32;
            front.values = values;
            front.children = (waiting.len() - first_child) as u32;
            front.entries_start = self.entries.len() as u32;
            let height = front.columns + front.rows;
            values += front.columns * height;
            for column in 0..front.columns {
                local[(front.first + column) as usize] = column;
            }
            for (row, &of) in self.rows[rows_start..].iter().enumerate() {
                local[of as usize] = front.columns + row as u32;
            }
            for column in 0..front.columns {
                let of = (front.first + column) as usize;
                for &slot in &slots_of[start[of] as usize..start[of + 1] as usize] {
                    let row = local[high[slot as usize] as usize];
                    self.entries.push([slot, column * height + row]);
                }
            }
            self.relative.resize(self.rows.len(), 0);
            for &child in &waiting[first_child..] {
                let child = self.fronts[child as usize];
                stacked -= triangle(child.rows as usize);
                for row in child.rows_start as usize..(child.rows_start + child.rows) as usize {
                    self.relative[row] = local[self.rows[row] as usize];
                }
            }
            waiting.truncate(first_child);
            front.before = waiting.last().copied().unwrap_or(0);
            if front.rows > 0 {
                waiting.push(at as u32);
            }
            let rest = triangle(front.rows as usize);
            stacked += rest;
            self.most_waiting = self.most_waiting.max(stacked);
            self.most_rest = self.most_rest.max(rest);
            self.most_rows = self.most_rows.max(front.rows as usize);
            self.fronts[at] = front;
        }
        self.values = values as usize;
    }
}

/// Pairs of joined unknowns, each once, lower number first; the slot of each edge is its pair.
fn joined(size: usize, edges: &[[u32; 2]], slots: &mut Vec<u32>) -> Vec<[u32; 2]> {
    let between = |&[a, b]: &[u32; 2]| (a != NONE && b != NONE && a != b).then(|| (a.min(b), a.max(b)));
    slots.clear();
    slots.resize(edges.len(), NONE);
    let (start, edges_of) = lists(
        size,
        edges.iter().enumerate().filter_map(|(edge, ends)| between(ends).map(|(low, _)| (low, edge as u32))),
    );
    let mut pairs = Vec::with_capacity(edges_of.len());
    let mut last = vec![NONE; size];
    for low in 0..size {
        let begin = pairs.len() as u32;
        for &edge in &edges_of[start[low] as usize..start[low + 1] as usize] {
            let [a, b] = edges[edge as usize];
            let high = a.max(b) as usize;
            // A pair met before in this list has a slot from `begin` on.
            if last[high] == NONE || last[high] < begin {
                last[high] = pairs.len() as u32;
                pairs.push([low as u32, high as u32]);
            }
            slots[edge as usize] = last[high];
        }
    }
    pairs
}

/// Parent of each column ([`NONE`]: root) and the number of its rows below, from the neighbours before each column.
fn elimination_tree(start: &[u32], lower: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let size = start.len() - 1;
    let mut parent = vec![NONE; size];
    let mut count = vec![0u32; size];
    let mut mark = vec![NONE; size];
    for k in 0..size {
        mark[k] = k as u32;
        for &neighbour in &lower[start[k] as usize..start[k + 1] as usize] {
            let mut i = neighbour as usize;
            while mark[i] != k as u32 {
                if parent[i] == NONE {
                    parent[i] = k as u32;
                }
                count[i] += 1;
                mark[i] = k as u32;
                i = parent[i] as usize;
            }
        }
    }
    (parent, count)
}

/// Place of each column when every subtree is to be a run, children before parents.
fn postorder(parent: &[u32]) -> Vec<u32> {
    let size = parent.len();
    // Children of each column, and roots, as linked lists in rising order.
    let mut first_child = vec![NONE; size + 1];
    let mut next = vec![NONE; size];
    for column in (0..size).rev() {
        let of = if parent[column] == NONE { size } else { parent[column] as usize };
        next[column] = first_child[of];
        first_child[of] = column as u32;
    }
    let mut place = vec![0u32; size];
    let mut placed = 0;
    let mut path: Vec<u32> = Vec::new();
    let mut root = first_child[size];
    while root != NONE {
        path.push(root);
        while let Some(&column) = path.last() {
            let child = first_child[column as usize];
            if child == NONE {
                place[column as usize] = placed;
                placed += 1;
                path.pop();
            } else {
                first_child[column as usize] = next[child as usize];
                path.push(child);
            }
        }
        root = next[root as usize];
    }
    place
}
