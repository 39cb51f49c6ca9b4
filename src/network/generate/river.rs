//! The river and the ground: a winding line through the city, its valley, and hills away from it.

use super::dice::{Dice, Noise};
use super::geometry::{Point, distance_to_line, distance_to_segment};
use super::rounded;
use crate::network::Terrain;

/// A river by its middle line.
#[derive(Clone, Debug)]
pub(super) struct River {
    line: Vec<Point>,
    pub(super) width_m: f64,
    /// Parts of the line by strips of x, so that a large city need not look at the whole river for every house.
    strips: Vec<Vec<u32>>,
    strips_from_m: f64,
}

/// Width of a strip; also how far [`River::near_m`] sees.
const STRIP_M: f64 = 300.0;

impl River {
    /// From west to east through a plan of these half measures, in the straight coordinates before the plan is bent.
    pub(super) fn new(seed: u64, half_width_m: f64, half_height_m: f64, dice: &mut Dice) -> River {
        let bends = Noise::new(seed ^ 0x71fe, 1400.0);
        let small = Noise::new(seed ^ 0x3b1d, 520.0);
        let start = dice.between(-0.45, -0.25) * half_height_m;
        let rise = dice.between(0.15, 0.4) * half_height_m;
        let reach = half_width_m * 1.5 + 1500.0;
        let count = (2.0 * reach / 90.0) as usize;
        let line = (0..=count)
            .map(|k| {
                let x = -reach + 2.0 * reach * k as f64 / count as f64;
                let bend = 340.0 * (2.0 * bends.at(x, 0.0) - 1.0) + 70.0 * (2.0 * small.at(x, 0.0) - 1.0);
                [x, start + rise * x / half_width_m.max(1.0) + bend]
            })
            .collect();
        River { line, width_m: 95.0, strips: Vec::new(), strips_from_m: 0.0 }
    }

    /// The river after its points were moved.
    pub(super) fn bent(mut self, bend: impl Fn(Point) -> Point) -> River {
        for point in &mut self.line {
            *point = bend(*point).map(rounded);
        }
        let west = self.line.iter().map(|point| point[0]).fold(f64::INFINITY, f64::min);
        let east = self.line.iter().map(|point| point[0]).fold(f64::NEG_INFINITY, f64::max);
        self.strips_from_m = west;
        self.strips = vec![Vec::new(); ((east - west) / STRIP_M).max(0.0) as usize + 1];
        for (index, part) in self.line.windows(2).enumerate() {
            let [first, last] =
                [part[0][0].min(part[1][0]), part[0][0].max(part[1][0])].map(|x| ((x - west) / STRIP_M) as usize);
            for strip in &mut self.strips[first..=last] {
                strip.push(index as u32);
            }
        }
        self
    }

    pub(super) fn line(&self) -> &[Point] {
        &self.line
    }

    /// Distance where it is below 300 m, else something larger.
    pub(super) fn near_m(&self, point: Point) -> f64 {
        let strip = (point[0] - self.strips_from_m) / STRIP_M;
        let strips = (strip.floor() as isize - 1).max(0) as usize..=(strip.floor() as isize + 1).max(0) as usize;
        strips
            .filter_map(|strip| self.strips.get(strip))
            .flatten()
            .map(|&part| distance_to_segment(point, self.line[part as usize], self.line[part as usize + 1]))
            .fold(f64::INFINITY, f64::min)
    }

    pub(super) fn distance_m(&self, point: Point) -> f64 {
        distance_to_line(point, &self.line)
    }
}

/// Ground elevation over a rectangle: valley along the river, hills beyond, spread over exactly `relief_m`.
pub(super) fn terrain(seed: u64, low: Point, high: Point, relief_m: f64, river: &River) -> Terrain {
    let extent = (high[0] - low[0]).max(high[1] - low[1]);
    let cell_m = (extent / 90.0 / 5.0).ceil().max(8.0) * 5.0;
    let columns = ((high[0] - low[0]) / cell_m).ceil() as u32 + 1;
    let rows = ((high[1] - low[1]) / cell_m).ceil() as u32 + 1;
    let (hills, knolls) = (Noise::new(seed ^ 0x411, 2300.0), Noise::new(seed ^ 0x922, 750.0));
    let far_m = 0.45 * extent;
    let ease = |t: f64| {
        let t = t.clamp(0.0, 1.0);
        t * t * (3.0 - 2.0 * t)
    };
    let mut heights = Vec::with_capacity((columns * rows) as usize);
    for row in 0..rows {
        for column in 0..columns {
            let point = [low[0] + f64::from(column) * cell_m, low[1] + f64::from(row) * cell_m];
            let from_river = river.distance_m(point);
            let slope = 0.16 * ease(from_river / 700.0) + 0.5 * ease((from_river - 350.0) / far_m);
            let bank = ease((from_river - 0.45 * river.width_m) / (0.35 * river.width_m));
            let rolling = (0.5 * hills.at(point[0], point[1]) + 0.12 * knolls.at(point[0], point[1])) * slope * 2.0;
            heights.push(0.07 * bank + slope * 0.6 + rolling * ease(from_river / 900.0));
        }
    }
    let lowest = heights.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = heights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let scale = if highest > lowest { relief_m / (highest - lowest) } else { 0.0 };
    // A river never lies under level ground: its bed is cut even where the relief is none.
    let z_m = heights.iter().map(|&height| (((height - lowest) * scale * 10.0).round() / 10.0) as f32).collect();
    Terrain { x_m: rounded(low[0]), y_m: rounded(low[1]), cell_m, columns, z_m }
}
