//! The plan of a city: streets, blocks between them and a river through the middle.
//!
//! Mechanism: a grid with uneven spacing and arterials is bent by smooth maps (rounded rim, turned quarters, soft
//! waves), so that the topology stays that of a grid while nothing looks like one. Cells outside the rim go, some minor
//! streets are missing (two cells are one block), diagonal avenues leave the central square, and only arterials cross
//! the river.

use super::Parameters;
use super::dice::{Dice, Noise};
use super::geometry::{Point, add, between, distance, middle, scaled, sub, turned};
use super::river::River;
use super::rounded;

/// What a street is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Arterial,
    Diagonal,
    Minor,
}

/// A street between two crossings.
#[derive(Clone, Debug)]
pub(super) struct Street {
    pub(super) ends: [usize; 2],
    pub(super) class: Class,
    /// Which named line of the plan it is part of: columns first, then rows, then diagonals.
    pub(super) line: usize,
    pub(super) bridge: bool,
    pub(super) length_m: f64,
}

impl Street {
    pub(super) fn is_main(&self) -> bool {
        self.class != Class::Minor
    }

    pub(super) fn width_m(&self) -> f64 {
        match self.class {
            Class::Arterial => 40.0,
            Class::Diagonal => 34.0,
            Class::Minor => 18.0,
        }
    }
}

/// A block: its corner crossings in order, and the street along each side (none: bank or missing street).
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) corners: Vec<usize>,
    pub(super) sides: Vec<Option<usize>>,
    /// The square in the middle of the city.
    pub(super) square: bool,
}

/// The plan.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) crossings: Vec<Point>,
    pub(super) streets: Vec<Street>,
    pub(super) blocks: Vec<Block>,
    /// Streets that meet at each crossing, rising.
    pub(super) streets_at: Vec<Vec<usize>>,
    pub(super) river: River,
    pub(super) centre: Point,
    /// Distance from the centre to the farthest crossing.
    pub(super) radius_m: f64,
    /// Which column and row lines are arterials.
    pub(super) arterial: [Vec<bool>; 2],
}

impl Plan {
    pub(super) fn corners(&self, block: &Block) -> Vec<Point> {
        block.corners.iter().map(|&crossing| self.crossings[crossing]).collect()
    }

    pub(super) fn block_centre(&self, block: &Block) -> Point {
        middle(&self.corners(block))
    }
}

/// Bends the straight plan.
struct Bend {
    half: Point,
    quarters: Vec<(Point, f64, f64)>,
    wave: [Noise; 2],
    tilt: f64,
}

impl Bend {
    fn new(seed: u64, half: Point, dice: &mut Dice) -> Bend {
        let radius = half[0].min(half[1]);
        let mut quarters = Vec::new();
        // The old town and the quarter across the river are laid out at angles of their own.
        for (place, reach) in [([0.42, 0.38], 0.62), ([-0.5, -0.55], 0.6), ([-0.45, 0.5], 0.5)] {
            let at = [half[0] * (place[0] + dice.between(-0.1, 0.1)), half[1] * (place[1] + dice.between(-0.1, 0.1))];
            let turn = dice.between(0.12, 0.2) * if dice.chance(0.5) { 1.0 } else { -1.0 };
            quarters.push((at, radius * reach, turn));
        }
        let wave = [Noise::new(seed ^ 0xa11, 1300.0), Noise::new(seed ^ 0xb22, 1300.0)];
        Bend { half, quarters, wave, tilt: dice.between(0.04, 0.09) * if dice.chance(0.5) { 1.0 } else { -1.0 } }
    }

    fn at(&self, point: Point) -> Point {
        let [u, v] = [0, 1].map(|axis| (point[axis] / self.half[axis]).clamp(-1.3, 1.3));
        let mut p = [point[0] * (1.0 - 0.11 * v * v), point[1] * (1.0 - 0.11 * u * u)];
        for &(centre, reach, turn) in &self.quarters {
            let share = distance(p, centre) / reach;
            if share < 1.0 {
                let fade = (1.0 - share * share) * (1.0 - share * share);
                p = turned(p, centre, turn * fade);
            }
        }
        let wave = [0, 1].map(|axis| 90.0 * (self.wave[axis].at(p[0], p[1]) - 0.5));
        turned(add(p, wave), [0.0, 0.0], self.tilt)
    }
}

/// Positions of the lines of one direction around 0: close in the middle, wider outside, none like the next.
fn lines(cells: usize, close_m: f64, dice: &mut Dice) -> Vec<f64> {
    let middle = cells as f64 / 2.0;
    let mut at = vec![0.0];
    for cell in 0..cells {
        let outward = ((cell as f64 + 0.5 - middle) / middle).abs();
        let step = (close_m + 70.0 * outward * outward) * dice.between(0.78, 1.24);
        at.push(at[cell] + step);
    }
    let half = at[cells] / 2.0;
    at.iter().map(|position| position - half).collect()
}

/// Arterials: the ring one line inside the rim, and every third or fourth line between.
fn arterials(cells: usize, dice: &mut Dice) -> Vec<bool> {
    let mut arterial = vec![false; cells + 1];
    let (first, last) = (1.min(cells), cells.saturating_sub(1));
    arterial[first] = true;
    arterial[last] = true;
    let mut line = first;
    loop {
        line += 3 + usize::from(dice.chance(0.35));
        if line + 1 >= last {
            break;
        }
        arterial[line] = true;
    }
    arterial
}

/// Draws the plan.
pub(super) fn plan(parameters: &Parameters) -> Plan {
    let mut dice = Dice::new(parameters.seed, 10);
    // Two blocks a station, a fifth lost to river, parks and rim.
    let wanted = 2.55 * parameters.stations.max(1) as f64;
    let columns = ((wanted * 1.25).sqrt().ceil() as usize).max(5);
    let rows = ((wanted / columns as f64).ceil() as usize).max(4);
    let (xs, ys) = (lines(columns, 185.0, &mut dice), lines(rows, 165.0, &mut dice));
    let arterial = [arterials(columns, &mut dice), arterials(rows, &mut dice)];
    let half = [xs[columns], ys[rows]];
    let bend = Bend::new(parameters.seed, half, &mut dice);
    let river = River::new(parameters.seed, half[0], half[1], &mut dice).bent(|point| bend.at(point));

    let at = |column: usize, row: usize| row * (columns + 1) + column;
    let mut crossings = Vec::with_capacity((columns + 1) * (rows + 1));
    for &y in &ys {
        for &x in &xs {
            let jitter = [dice.between(-9.0, 9.0), dice.between(-9.0, 9.0)];
            let [x, y] = add(bend.at([x, y]), jitter);
            crossings.push([rounded(x), rounded(y)]);
        }
    }

    // Which cells belong to the city.
    let rim = Noise::new(parameters.seed ^ 0x417, 2.6);
    let present: Vec<bool> = (0..columns * rows)
        .map(|cell| {
            let (column, row) = (cell % columns, cell / columns);
            let [a, b] = [(column, columns), (row, rows)].map(|(i, n)| (2.0 * i as f64 + 1.0) / n as f64 - 1.0);
            let (a2, b2) = (a * a, b * b);
            a2 * a2 + b2 * b2 + 0.55 * (rim.at(column as f64, row as f64) - 0.5) < 1.12
        })
        .collect();
    let has = |column: isize, row: isize| {
        (0..columns as isize).contains(&column)
            && (0..rows as isize).contains(&row)
            && present[row as usize * columns + column as usize]
    };

    let mut draft = StreetDraft { crossings: &crossings, river: &river, streets: Vec::new() };
    // Central square and the avenues from it.
    let (mid_column, mid_row) = central_crossing(&arterial, &crossings, &river);
    let mut diagonal = vec![None; columns * rows];
    for (number, (dx, dy)) in [(1isize, 1isize), (-1, 1), (-1, -1), (1, -1)].into_iter().enumerate() {
        if dice.chance(0.25) {
            continue;
        }
        let (mut i, mut j) = (mid_column as isize, mid_row as isize);
        for _ in 0..(columns.min(rows) / 2).clamp(3, 9) {
            let cell = (i + dx.min(0), j + dy.min(0));
            if !has(cell.0, cell.1) {
                break;
            }
            let index = cell.1 as usize * columns + cell.0 as usize;
            let ends = [at(i as usize, j as usize), at((i + dx) as usize, (j + dy) as usize)];
            let line = columns + rows + 2 + number;
            let Some(street) = draft.street(ends, Class::Diagonal, line, false) else { break };
            diagonal[index] = Some((street, dx * dy > 0));
            (i, j) = (i + dx, j + dy);
        }
    }

    // Streets: a side of a present cell, remembered by its western or southern end for the blocks.
    let mut across = vec![None; (columns + 1) * (rows + 1)];
    let mut up = vec![None; (columns + 1) * (rows + 1)];
    let mut merged = vec![false; columns * rows];
    let mut joined = Vec::new();
    for row in 0..=rows {
        for column in 0..=columns {
            let (i, j) = (column as isize, row as isize);
            let sides = [
                (
                    column < columns,
                    [has(i, j - 1), has(i, j)],
                    arterial[1][row],
                    at(column + 1, row),
                    columns + 1 + row,
                ),
                (row < rows, [has(i - 1, j), has(i, j)], arterial[0][column], at(column, row + 1), column),
            ];
            for (direction, (exists, cells, main, other, line)) in sides.into_iter().enumerate() {
                if !exists || !(cells[0] || cells[1]) {
                    continue;
                }
                let before = if direction == 0 { (column, row.wrapping_sub(1)) } else { (column.wrapping_sub(1), row) };
                if !main && cells[0] && cells[1] && dice.chance(0.17) {
                    let pair = [before.1 * columns + before.0, row * columns + column];
                    if !pair.iter().any(|&cell| merged[cell] || diagonal[cell].is_some()) {
                        pair.iter().for_each(|&cell| merged[cell] = true);
                        joined.push((pair, direction));
                        continue;
                    }
                }
                let class = if main { Class::Arterial } else { Class::Minor };
                let slot = if direction == 0 { &mut across } else { &mut up };
                slot[at(column, row)] = draft.street([at(column, row), other], class, line, direction == 1);
            }
        }
    }

    let streets = draft.streets;
    let square = (mid_row.min(rows - 1)) * columns + mid_column.min(columns - 1);
    let mut blocks = Vec::new();
    let sides = |column: usize, row: usize| {
        [across[at(column, row)], up[at(column + 1, row)], across[at(column, row + 1)], up[at(column, row)]]
    };
    let corners = |column: usize, row: usize| {
        [at(column, row), at(column + 1, row), at(column + 1, row + 1), at(column, row + 1)]
    };
    for cell in (0..columns * rows).filter(|&cell| present[cell] && !merged[cell]) {
        let (column, row) = (cell % columns, cell / columns);
        let (c, s) = (corners(column, row), sides(column, row));
        let square = cell == square && diagonal[cell].is_none();
        match diagonal[cell] {
            None => blocks.push(Block { corners: c.to_vec(), sides: s.to_vec(), square }),
            Some((street, true)) => {
                let cut = Some(street);
                blocks.push(Block { corners: vec![c[0], c[1], c[2]], sides: vec![s[0], s[1], cut], square });
                blocks.push(Block { corners: vec![c[0], c[2], c[3]], sides: vec![cut, s[2], s[3]], square });
            }
            Some((street, false)) => {
                let cut = Some(street);
                blocks.push(Block { corners: vec![c[0], c[1], c[3]], sides: vec![s[0], cut, s[3]], square });
                blocks.push(Block { corners: vec![c[1], c[2], c[3]], sides: vec![s[1], s[2], cut], square });
            }
        }
    }
    for ([first, second], direction) in joined {
        let [a, b] = [first, second].map(|cell| (cell % columns, cell / columns));
        let (ca, cb, sa, sb) = (corners(a.0, a.1), corners(b.0, b.1), sides(a.0, a.1), sides(b.0, b.1));
        let (corners, sides) = if direction == 0 {
            // b lies north of a.
            (vec![ca[0], ca[1], ca[2], cb[2], cb[3], ca[3]], vec![sa[0], sa[1], sb[1], sb[2], sb[3], sa[3]])
        } else {
            (vec![ca[0], ca[1], cb[1], cb[2], ca[2], ca[3]], vec![sa[0], sb[0], sb[1], sb[2], sa[2], sa[3]])
        };
        blocks.push(Block { corners, sides, square: false });
    }

    finish(Plan {
        centre: crossings[at(mid_column, mid_row)],
        crossings,
        streets,
        blocks,
        streets_at: Vec::new(),
        river,
        radius_m: 0.0,
        arterial,
    })
}

/// Column and row of the crossing of two arterials that is the middle of the city: central, but not at the water.
fn central_crossing(arterial: &[Vec<bool>; 2], crossings: &[Point], river: &River) -> (usize, usize) {
    let [columns, rows] = [0, 1].map(|axis| arterial[axis].len());
    let mut best = (f64::INFINITY, (columns / 2, rows / 2));
    for row in (0..rows).filter(|&row| arterial[1][row]) {
        for column in (0..columns).filter(|&column| arterial[0][column]) {
            let crossing = crossings[row * columns + column];
            let shore_m = (430.0 - river.near_m(crossing)).max(0.0);
            let score = distance(crossing, [0.0, 0.0]) + 4.0 * shore_m;
            if score < best.0 {
                best = (score, (column, row));
            }
        }
    }
    best.1
}

/// Streets as they are drawn, the river in mind.
struct StreetDraft<'a> {
    crossings: &'a [Point],
    river: &'a River,
    streets: Vec<Street>,
}

impl StreetDraft<'_> {
    /// Adds a street unless water is in its way; arterials from bank to bank become bridges.
    fn street(&mut self, ends: [usize; 2], class: Class, line: usize, may_bridge: bool) -> Option<usize> {
        let [a, b] = ends.map(|end| self.crossings[end]);
        let clear_m = 0.5 * self.river.width_m + 14.0;
        let wet = (0..=8).any(|k| self.river.near_m(between(a, b, f64::from(k) / 8.0)) < clear_m);
        let bridge = wet && may_bridge && class == Class::Arterial;
        if wet && !bridge {
            return None;
        }
        self.streets.push(Street { ends, class, line, bridge, length_m: rounded(distance(a, b)) });
        Some(self.streets.len() - 1)
    }
}

/// Keeps what hangs together with the centre and counts the rest out; fills in what follows from the streets.
fn finish(mut plan: Plan) -> Plan {
    let mut at = vec![Vec::new(); plan.crossings.len()];
    for (index, street) in plan.streets.iter().enumerate() {
        for end in street.ends {
            at[end].push(index);
        }
    }
    let mut reached = vec![false; plan.crossings.len()];
    let start = (0..plan.crossings.len())
        .filter(|&crossing| !at[crossing].is_empty())
        .min_by(|&a, &b| distance(plan.crossings[a], plan.centre).total_cmp(&distance(plan.crossings[b], plan.centre)))
        .unwrap_or(0);
    let mut open = vec![start];
    reached[start] = true;
    while let Some(crossing) = open.pop() {
        for &street in &at[crossing] {
            for end in plan.streets[street].ends {
                if !std::mem::replace(&mut reached[end], true) {
                    open.push(end);
                }
            }
        }
    }
    let streets = &plan.streets;
    let lost = |side: &Option<usize>| side.is_none_or(|street| !reached[streets[street].ends[0]]);
    plan.blocks.retain(|block| !block.sides.iter().all(lost));
    for block in &mut plan.blocks {
        for side in &mut block.sides {
            if lost(side) {
                *side = None;
            }
        }
    }
    for (crossing, streets) in at.iter_mut().enumerate() {
        if !reached[crossing] {
            streets.clear();
        }
    }
    plan.radius_m = (0..plan.crossings.len())
        .filter(|&crossing| reached[crossing])
        .map(|crossing| distance(plan.crossings[crossing], plan.centre))
        .fold(0.0, f64::max);
    plan.streets_at = at;
    plan
}

/// South-west and north-east corner of everything, with room around.
pub(super) fn bounds(points: impl Iterator<Item = Point>, room_m: f64) -> (Point, Point) {
    let (low, high) = points.fold(([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]), |(low, high), point| {
        ([low[0].min(point[0]), low[1].min(point[1])], [high[0].max(point[0]), high[1].max(point[1])])
    });
    (sub(low, [room_m; 2]), add(high, scaled([1.0; 2], room_m)))
}
