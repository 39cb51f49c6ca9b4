//! Buildings in the blocks: rows of slabs facing south, tower compounds, shops around courtyards, schools, hospitals,
//! works at the rim.
//!
//! Each block is filled in a frame of its own (one axis along the side that runs most east–west); an outline is kept
//! when all its corners lie in the block with room to every side, clear of the river and of what stands already.

use super::dice::Dice;
use super::geometry::{Point, add, distance_to_segment, dot, inside, length, middle, scaled, sub, unit};
use super::plan::{Block, Plan};
use super::rounded;
use crate::network::Priority;

/// What a block is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Usage {
    /// Slabs of six or seven storeys, before 2000.
    OldHousing,
    /// Slabs of eleven storeys, after 2000.
    NewHousing,
    /// Towers of eighteen storeys and more.
    Towers,
    Commercial,
    School,
    Hospital,
    Works,
    Park,
}

/// A building before it has an id.
#[derive(Clone, Debug)]
pub(super) struct House {
    pub(super) outline: Vec<Point>,
    pub(super) centre: Point,
    pub(super) block: usize,
    pub(super) usage: Usage,
    pub(super) storeys: u16,
    pub(super) height_m: f64,
    pub(super) area_m2: f64,
    pub(super) year: u16,
    pub(super) households: u32,
}

impl House {
    /// Design heat per floor area: heat index after CJJ 34 by use and by the energy standard of the year built
    /// (30 %, 50 %, 65 %, 75 % saving against 1980), network losses included.
    pub(super) fn heat_index_w_m2(&self) -> f64 {
        let by_year = |levels: [f64; 4]| match self.year {
            ..1996 => levels[0],
            1996..2008 => levels[1],
            2008..2018 => levels[2],
            _ => levels[3],
        };
        match self.usage {
            Usage::OldHousing | Usage::NewHousing | Usage::Towers | Usage::Park => by_year([60.0, 52.0, 43.0, 36.0]),
            Usage::School => by_year([70.0, 64.0, 56.0, 50.0]),
            Usage::Hospital => by_year([78.0, 70.0, 65.0, 60.0]),
            Usage::Commercial => by_year([72.0, 65.0, 58.0, 52.0]),
            Usage::Works => 75.0,
        }
    }

    pub(super) fn priority(&self) -> Priority {
        match self.usage {
            Usage::School => Priority::School,
            Usage::Hospital => Priority::Hospital,
            Usage::Commercial => Priority::Commercial,
            Usage::Works => Priority::Industrial,
            _ => Priority::Residential,
        }
    }

    /// People who live or work in it.
    pub(super) fn people(&self) -> u32 {
        if self.households > 0 { (f64::from(self.households) * 2.6) as u32 } else { (self.area_m2 / 28.0) as u32 }
    }

    /// Time in which an unheated building loses 63 % of its temperature difference: heavy and well insulated is slow.
    pub(super) fn time_constant_h(&self) -> f64 {
        let base = match self.year {
            ..1996 => 55.0,
            1996..2008 => 75.0,
            2008..2018 => 100.0,
            _ => 130.0,
        };
        if self.usage == Usage::Works { 30.0 } else { base }
    }
}

/// Uses for all blocks.
pub(super) fn usages(plan: &Plan, seed: u64) -> Vec<Usage> {
    let mut dice = Dice::new(seed, 20);
    let mut since_school = 4;
    let mut since_hospital = 12;
    plan.blocks
        .iter()
        .map(|block| {
            let outward = length(sub(plan.block_centre(block), plan.centre)) / plan.radius_m.max(1.0);
            let corners = plan.corners(block);
            let large = super::geometry::area(&corners) > 24_000.0;
            since_school += 1;
            since_hospital += 1;
            let draw = dice.share();
            if block.square || draw > 0.965 {
                Usage::Park
            } else if since_hospital > 26 && large && outward < 0.75 {
                since_hospital = 0;
                Usage::Hospital
            } else if since_school > 9 && large && dice.chance(0.3) {
                since_school = 0;
                Usage::School
            } else {
                let steps: [(f64, Usage); 5] = if outward < 0.3 {
                    [
                        (0.42, Usage::Commercial),
                        (0.66, Usage::Towers),
                        (0.92, Usage::OldHousing),
                        (1.0, Usage::NewHousing),
                        (1.0, Usage::Works),
                    ]
                } else if outward < 0.62 {
                    [
                        (0.1, Usage::Commercial),
                        (0.3, Usage::Towers),
                        (0.78, Usage::OldHousing),
                        (1.0, Usage::NewHousing),
                        (1.0, Usage::Works),
                    ]
                } else {
                    [
                        (0.04, Usage::Commercial),
                        (0.36, Usage::Towers),
                        (0.5, Usage::OldHousing),
                        (0.84, Usage::NewHousing),
                        (1.0, Usage::Works),
                    ]
                };
                let draw = draw / 0.965;
                steps.iter().find(|(until, _)| draw <= *until).map_or(Usage::OldHousing, |&(_, usage)| usage)
            }
        })
        .collect()
}

/// All buildings of the city, block after block.
pub(super) fn houses(plan: &Plan, usages: &[Usage], seed: u64) -> Vec<House> {
    let mut houses = Vec::new();
    for (index, block) in plan.blocks.iter().enumerate() {
        let mut dice = Dice::new(seed, 1_000_000 + index as u64);
        let mut site = Site::new(plan, block, index, usages[index], &mut dice);
        match usages[index] {
            Usage::OldHousing => site.rows(13.0, (38.0, 74.0), (5, 7), &mut dice),
            Usage::NewHousing => site.rows(14.5, (36.0, 62.0), (10, 12), &mut dice),
            Usage::Towers => site.towers(&mut dice),
            Usage::Commercial => site.commercial(&mut dice),
            Usage::School => site.school(&mut dice),
            Usage::Hospital => site.hospital(&mut dice),
            Usage::Works => site.works(&mut dice),
            Usage::Park => {}
        }
        houses.append(&mut site.built);
    }
    houses
}

/// Outline kinds in a box `width` × `depth`.
#[derive(Clone, Copy)]
enum Shape {
    Slab,
    /// Two wings.
    L(f64),
    /// Open to the south.
    U(f64),
}

impl Shape {
    fn outline(self, w: f64, d: f64) -> Vec<Point> {
        match self {
            Shape::Slab => vec![[0.0, 0.0], [w, 0.0], [w, d], [0.0, d]],
            Shape::L(t) => vec![[0.0, 0.0], [t, 0.0], [t, d - t], [w, d - t], [w, d], [0.0, d]],
            Shape::U(t) => {
                vec![[0.0, 0.0], [t, 0.0], [t, d - t], [w - t, d - t], [w - t, 0.0], [w, 0.0], [w, d], [0.0, d]]
            }
        }
    }
}

/// A block being built up.
struct Site<'a> {
    plan: &'a Plan,
    corners: Vec<Point>,
    /// Half street width and front garden to each side.
    clearance: Vec<f64>,
    near_river: bool,
    origin: Point,
    axes: [Point; 2],
    /// Extent in the frame.
    low: Point,
    high: Point,
    /// Occupied boxes in the frame: low and high corner.
    taken: Vec<(Point, Point)>,
    built: Vec<House>,
    block: usize,
    usage: Usage,
    year: u16,
}

impl<'a> Site<'a> {
    fn new(plan: &'a Plan, block: &Block, index: usize, usage: Usage, dice: &mut Dice) -> Site<'a> {
        let corners = plan.corners(block);
        let origin = middle(&corners);
        // The side that runs most east–west gives the rows their direction.
        let mut east = [1.0, 0.0];
        let mut best = -1.0;
        for (number, &corner) in corners.iter().enumerate() {
            let side = sub(corners[(number + 1) % corners.len()], corner);
            let towards = unit(if side[0] < 0.0 { scaled(side, -1.0) } else { side });
            if towards[0] > best {
                (best, east) = (towards[0], towards);
            }
        }
        let axes = [east, [-east[1], east[0]]];
        let local: Vec<Point> = corners.iter().map(|&c| axes.map(|axis| dot(sub(c, origin), axis))).collect();
        let (low, high) = super::plan::bounds(local.into_iter(), 0.0);
        let clearance = block
            .sides
            .iter()
            .map(|side| side.map_or(8.0, |street| 0.5 * plan.streets[street].width_m() + 6.0))
            .collect();
        let years = match usage {
            Usage::OldHousing => (1978.0, 2001.0),
            Usage::NewHousing => (2002.0, 2020.0),
            Usage::Towers => (2008.0, 2024.0),
            Usage::Commercial => (1988.0, 2019.0),
            Usage::School | Usage::Hospital => (1982.0, 2016.0),
            Usage::Works | Usage::Park => (1975.0, 2005.0),
        };
        let reach = corners.iter().map(|&corner| length(sub(corner, origin))).fold(0.0, f64::max);
        Site {
            plan,
            near_river: plan.river.near_m(origin) < reach + 60.0,
            corners,
            clearance,
            origin,
            axes,
            low,
            high,
            taken: Vec::new(),
            built: Vec::new(),
            block: index,
            usage,
            year: dice.between(years.0, years.1) as u16,
        }
    }

    fn on_map(&self, [u, v]: Point) -> Point {
        add(self.origin, add(scaled(self.axes[0], u), scaled(self.axes[1], v))).map(rounded)
    }

    /// Whether a box may stand here.
    fn free(&self, at: Point, w: f64, d: f64, gap: f64) -> bool {
        let (low, high) = (at, add(at, [w, d]));
        if self
            .taken
            .iter()
            .any(|(l, h)| low[0] - gap < h[0] && l[0] < high[0] + gap && low[1] - gap < h[1] && l[1] < high[1] + gap)
        {
            return false;
        }
        let probes = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.5, 0.0], [0.5, 1.0]];
        probes.iter().all(|probe| {
            let point = self.on_map(add(at, [probe[0] * w, probe[1] * d]));
            inside(point, &self.corners)
                && (0..self.corners.len()).all(|side| {
                    let (a, b) = (self.corners[side], self.corners[(side + 1) % self.corners.len()]);
                    distance_to_segment(point, a, b) >= self.clearance[side]
                })
                && !(self.near_river && self.plan.river.near_m(point) < 0.5 * self.plan.river.width_m + 42.0)
        })
    }

    /// Builds if the place is free.
    fn build(&mut self, at: Point, [w, d]: Point, shape: Shape, storeys: u16, gap: f64, dice: &mut Dice) -> bool {
        if !self.free(at, w, d, gap) {
            return false;
        }
        self.taken.push((at, add(at, [w, d])));
        let local = shape.outline(w, d);
        let storey_m = match self.usage {
            Usage::Works if storeys == 1 => 9.0,
            Usage::Commercial | Usage::Hospital => 4.0,
            Usage::School | Usage::Works => 3.7,
            _ => 2.95,
        };
        let footprint_m2 = super::geometry::area(&local);
        // Residential floors count in full, halls once.
        let area_m2 = (footprint_m2 * f64::from(storeys) * 0.92).round();
        let homes = matches!(self.usage, Usage::OldHousing | Usage::NewHousing | Usage::Towers);
        let flat_m2 = if self.usage == Usage::OldHousing { 68.0 } else { 98.0 };
        self.built.push(House {
            outline: local.iter().map(|&corner| self.on_map(add(at, corner))).collect(),
            centre: self.on_map(add(at, [0.5 * w, 0.5 * d])),
            block: self.block,
            usage: self.usage,
            storeys,
            height_m: (f64::from(storeys) * storey_m * 10.0).round() / 10.0,
            area_m2,
            year: (self.year + dice.below(4) as u16).min(2024),
            households: if homes { (area_m2 / flat_m2) as u32 } else { 0 },
        });
        true
    }

    /// Parallel slabs facing south, as far apart as the winter sun asks for.
    fn rows(&mut self, depth: f64, lengths: (f64, f64), storeys: (u16, u16), dice: &mut Dice) {
        let storeys = storeys.0 + dice.below(usize::from(storeys.1 - storeys.0) + 1) as u16;
        let pitch = depth + 0.75 * 2.95 * f64::from(storeys) + 7.0;
        let standard = dice.between(lengths.0, lengths.1);
        let mut v = self.low[1] + dice.between(4.0, 14.0);
        while v + depth < self.high[1] {
            let mut u = self.low[0] + dice.between(4.0, 16.0);
            while u + lengths.0 < self.high[0] {
                let w = if dice.chance(0.7) { standard } else { dice.between(lengths.0, lengths.1) };
                let tall = if dice.chance(0.12) { storeys.saturating_sub(1) } else { storeys };
                let at = [u, v + dice.between(-1.0, 1.0)];
                if self.build(at, [rounded(w), depth], Shape::Slab, tall, 6.0, dice)
                    || self.build(at, [lengths.0, depth], Shape::Slab, tall, 6.0, dice)
                {
                    u += w + dice.between(9.0, 15.0);
                } else {
                    u += 9.0;
                }
            }
            v += pitch;
        }
    }

    /// Towers in staggered rows, low shops along one side.
    fn towers(&mut self, dice: &mut Dice) {
        let storeys = 18 + dice.below(16) as u16;
        let (w, d) = (dice.between(24.0, 34.0), dice.between(15.0, 18.5));
        let pitch = [w + dice.between(16.0, 24.0), d + dice.between(30.0, 40.0)];
        let mut v = self.low[1] + 14.0;
        let mut row = 0;
        while v + d < self.high[1] {
            let mut u = self.low[0] + 8.0 + if row % 2 == 1 { 0.45 * pitch[0] } else { 0.0 };
            while u + w < self.high[0] {
                let storeys = (storeys + dice.below(5) as u16).saturating_sub(2);
                if self.build([u, v], [rounded(w), rounded(d)], Shape::Slab, storeys, 12.0, dice) {
                    u += pitch[0];
                } else {
                    u += 11.0;
                }
            }
            v += pitch[1];
            row += 1;
        }
        for _ in 0..40 {
            let at = [dice.between(self.low[0], self.high[0]), dice.between(self.low[1], self.high[1])];
            let long = dice.between(30.0, 55.0);
            self.build(at, [rounded(long), 12.0], Shape::Slab, 2, 9.0, dice);
        }
    }

    /// Tries random places, largest first.
    fn scatter(&mut self, tries: usize, size: [(f64, f64); 2], storeys: (u16, u16), gap: f64, dice: &mut Dice) {
        for attempt in 0..tries {
            let shrink = 1.0 - 0.35 * attempt as f64 / tries as f64;
            let [w, d] = size.map(|(low, high)| rounded(dice.between(low, high) * shrink));
            let at = [
                dice.between(self.low[0], (self.high[0] - w).max(self.low[0] + 1.0)),
                dice.between(self.low[1], (self.high[1] - d).max(self.low[1] + 1.0)),
            ];
            let storeys = storeys.0 + dice.below(usize::from(storeys.1 - storeys.0) + 1) as u16;
            let thick = rounded((0.3 * w.min(d)).clamp(11.0, 20.0));
            let shape = match dice.below(4) {
                0 if w > 38.0 && d > 30.0 => Shape::U(thick),
                1 | 2 if w > 30.0 && d > 26.0 => Shape::L(thick),
                _ => Shape::Slab,
            };
            let storeys = if matches!(shape, Shape::Slab) && w * d > 1600.0 { storeys.min(6) } else { storeys };
            self.build(at, [w, d], shape, storeys, gap, dice);
        }
    }

    fn commercial(&mut self, dice: &mut Dice) {
        self.scatter(30, [(46.0, 78.0), (38.0, 56.0)], (4, 9), 12.0, dice);
        self.scatter(40, [(26.0, 34.0), (24.0, 30.0)], (14, 30), 12.0, dice);
        self.scatter(40, [(24.0, 44.0), (13.0, 16.0)], (4, 8), 10.0, dice);
    }

    fn school(&mut self, dice: &mut Dice) {
        let long = dice.between(58.0, 72.0);
        let mut u = self.low[0];
        // The teaching building stands wherever it first fits, the field stays open.
        'place: while u + long < self.high[0] {
            let mut v = self.high[1] - 52.0;
            while v > self.low[1] {
                if self.build([u, v], [rounded(long), 46.0], Shape::U(13.0), 5, 10.0, dice) {
                    break 'place;
                }
                v -= 7.0;
            }
            u += 7.0;
        }
        self.scatter(24, [(36.0, 44.0), (22.0, 26.0)], (2, 3), 14.0, dice);
        self.scatter(30, [(40.0, 56.0), (13.0, 14.0)], (4, 5), 14.0, dice);
    }

    fn hospital(&mut self, dice: &mut Dice) {
        let mut u = self.low[0];
        'place: while u + 76.0 < self.high[0] {
            let mut v = self.low[1];
            while v + 58.0 < self.high[1] {
                if self.build([u, v], [76.0, 54.0], Shape::U(19.0), 14, 12.0, dice) {
                    break 'place;
                }
                v += 7.0;
            }
            u += 7.0;
        }
        self.scatter(30, [(46.0, 60.0), (20.0, 26.0)], (5, 9), 14.0, dice);
        self.scatter(20, [(28.0, 36.0), (13.0, 16.0)], (3, 5), 12.0, dice);
    }

    fn works(&mut self, dice: &mut Dice) {
        self.scatter(50, [(64.0, 105.0), (30.0, 44.0)], (1, 1), 14.0, dice);
        self.scatter(20, [(30.0, 50.0), (13.0, 15.0)], (3, 4), 12.0, dice);
    }
}
