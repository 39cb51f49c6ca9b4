//! From map coordinates to the coordinates of the picture, and where the ground is.
//!
//! Map: x east, y north, z up, in metres, possibly millions of metres from the origin. Picture: x east, y up, z south,
//! near the origin, so that single precision is enough. Knows nothing of Bevy's world; plain arithmetic.

use bevy::math::Vec3;

use crate::network::Network;

/// Greatest number of rows or columns of the drawn ground: finer grids are thinned.
const MAX_GROUND_CELLS: usize = 200;
/// Cells along one side where the ground has to be guessed from the nodes.
const GUESSED_CELLS: usize = 40;

/// Origin and extent of the picture, and the height of the ground in it.
#[derive(Clone, Debug, PartialEq)]
pub struct MapFrame {
    origin_m: [f64; 3],
    /// Half the extent of the network east–west and north–south, m.
    pub half_extent_m: [f32; 2],
    /// Heights of the ground in the picture, row by row from south to north, on `grid`.
    pub ground: Ground,
}

/// Heights of the ground on a regular grid, in picture coordinates.
#[derive(Clone, Debug, PartialEq)]
pub struct Ground {
    /// West end, north-positive south end, m.
    pub west_m: f32,
    pub south_m: f32,
    pub cell_m: [f32; 2],
    pub columns: usize,
    pub rows: usize,
    pub height_m: Vec<f32>,
}

impl MapFrame {
    /// The frame of a network: centred on it, with ground reaching a margin beyond.
    pub fn of(network: &Network) -> MapFrame {
        let mut low = [f64::INFINITY; 3];
        let mut high = [f64::NEG_INFINITY; 3];
        let mut take = |x: f64, y: f64, z: f64| {
            for (axis, value) in [x, y, z].into_iter().enumerate() {
                if value.is_finite() {
                    low[axis] = low[axis].min(value);
                    high[axis] = high[axis].max(value);
                }
            }
        };
        for (_, _, node) in network.nodes() {
            take(node.x_m, node.y_m, node.z_m);
        }
        if network.node_count() == 0 {
            take(-100.0, -100.0, 0.0);
            take(100.0, 100.0, 0.0);
        }
        for axis in 0..3 {
            if low[axis] > high[axis] {
                (low[axis], high[axis]) = (0.0, 0.0);
            }
        }
        let origin_m = [(low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0, low[2]];
        let half = |axis: usize| (((high[axis] - low[axis]) / 2.0) as f32).max(60.0);
        let half_extent_m = [half(0), half(1)];
        let ground = match &network.backdrop().terrain {
            Some(terrain) if terrain.rows() > 1 && terrain.columns > 1 && terrain.cell_m > 0.0 => {
                let whole = [terrain.columns as usize, terrain.rows() as usize];
                let [columns, rows] = whole.map(|count| count.min(MAX_GROUND_CELLS));
                let span = [(whole[0] - 1) as f64 * terrain.cell_m, (whole[1] - 1) as f64 * terrain.cell_m];
                let cell = [span[0] / (columns - 1) as f64, span[1] / (rows - 1) as f64];
                let height_m = (0..rows * columns)
                    .map(|at| {
                        let x = terrain.x_m + (at % columns) as f64 * cell[0];
                        let y = terrain.y_m + (at / columns) as f64 * cell[1];
                        (terrain.elevation_m(x, y).unwrap_or(origin_m[2]) - origin_m[2]) as f32
                    })
                    .collect();
                Ground {
                    west_m: (terrain.x_m - origin_m[0]) as f32,
                    south_m: (terrain.y_m - origin_m[1]) as f32,
                    cell_m: [cell[0] as f32, cell[1] as f32],
                    columns,
                    rows,
                    height_m,
                }
            }
            _ => guessed_ground(network, origin_m, half_extent_m, high[2] - low[2]),
        };
        MapFrame { origin_m, half_extent_m, ground }
    }

    /// A place of the map in the picture.
    pub fn to_picture(&self, x_m: f64, y_m: f64, z_m: f64) -> Vec3 {
        Vec3::new((x_m - self.origin_m[0]) as f32, (z_m - self.origin_m[2]) as f32, -(y_m - self.origin_m[1]) as f32)
    }

    /// A place of the picture on the map: x, y, z in m.
    pub fn to_map(&self, place: Vec3) -> [f64; 3] {
        [
            f64::from(place.x) + self.origin_m[0],
            f64::from(-place.z) + self.origin_m[1],
            f64::from(place.y) + self.origin_m[2],
        ]
    }

    /// A place of the map on the ground of the picture.
    pub fn on_ground(&self, x_m: f64, y_m: f64) -> Vec3 {
        let mut place = self.to_picture(x_m, y_m, self.origin_m[2]);
        place.y = self.ground.at(place.x, place.z);
        place
    }

    /// Half the diagonal of the network's extent, m.
    pub fn radius_m(&self) -> f32 {
        self.half_extent_m[0].hypot(self.half_extent_m[1])
    }
}

impl Ground {
    /// Height at a place of the picture (z south), bilinear, the rim beyond it.
    pub fn at(&self, x: f32, z: f32) -> f32 {
        if self.columns < 2 || self.rows < 2 {
            return self.height_m.first().copied().unwrap_or(0.0);
        }
        let split = |at: f32, count: usize| {
            let t = at.clamp(0.0, (count - 1) as f32);
            let i = (t as usize).min(count - 2);
            (i, t - i as f32)
        };
        let (i, u) = split((x - self.west_m) / self.cell_m[0], self.columns);
        let (j, v) = split((-z - self.south_m) / self.cell_m[1], self.rows);
        let h = |i: usize, j: usize| self.height_m[j * self.columns + i];
        (h(i, j) * (1.0 - u) + h(i + 1, j) * u) * (1.0 - v) + (h(i, j + 1) * (1.0 - u) + h(i + 1, j + 1) * u) * v
    }

    /// Where a ray meets the ground; `None` where it goes to the sky. `direction` has length 1.
    pub fn hit(&self, from: Vec3, direction: Vec3, reach_m: f32) -> Option<Vec3> {
        // A step is short against the distance, so the march takes some dozen steps whatever the scale.
        let mut travelled = 0.0_f32;
        let mut before = 0.0_f32;
        while travelled < reach_m {
            let place = from + direction * travelled;
            let above = place.y - self.at(place.x, place.z);
            if above <= 0.0 {
                let (mut near, mut far) = (before, travelled);
                for _ in 0..24 {
                    let middle = 0.5 * (near + far);
                    let place = from + direction * middle;
                    if place.y > self.at(place.x, place.z) { near = middle } else { far = middle }
                }
                return Some(from + direction * far);
            }
            before = travelled;
            travelled += (above * 0.5).max(travelled * 0.004).max(0.25);
        }
        None
    }
}

/// Ground through the nodes where the file brings none: inverse distance weights, flat where all heights agree.
fn guessed_ground(network: &Network, origin_m: [f64; 3], half_extent_m: [f32; 2], relief_m: f64) -> Ground {
    let margin = 0.35 * half_extent_m[0].max(half_extent_m[1]) + 60.0;
    let span = half_extent_m.map(|half| 2.0 * (half + margin));
    let cells = if relief_m > 0.5 { GUESSED_CELLS } else { 2 };
    let mut ground = Ground {
        west_m: -span[0] / 2.0,
        south_m: -span[1] / 2.0,
        cell_m: [span[0] / (cells - 1) as f32, span[1] / (cells - 1) as f32],
        columns: cells,
        rows: cells,
        height_m: vec![0.0; cells * cells],
    };
    if cells == 2 {
        return ground;
    }
    // Two thousand nodes tell the lie of the land as well as all of them.
    let stride = network.node_count().div_ceil(2000).max(1);
    let points: Vec<[f32; 3]> = network
        .nodes()
        .step_by(stride)
        .map(|(_, _, node)| {
            [(node.x_m - origin_m[0]) as f32, (node.y_m - origin_m[1]) as f32, (node.z_m - origin_m[2]) as f32]
        })
        .filter(|point| point.iter().all(|value| value.is_finite()))
        .collect();
    for row in 0..cells {
        for column in 0..cells {
            let x = ground.west_m + column as f32 * ground.cell_m[0];
            let y = ground.south_m + row as f32 * ground.cell_m[1];
            let (mut sum, mut weights) = (0.0_f32, 1e-12_f32);
            for point in &points {
                let distance2 = (point[0] - x).powi(2) + (point[1] - y).powi(2) + 100.0;
                let weight = 1.0 / (distance2 * distance2);
                sum += weight * point[2];
                weights += weight;
            }
            ground.height_m[row * cells + column] = sum / weights;
        }
    }
    ground
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Node;

    fn sloping() -> Network {
        let mut network = Network::new();
        for (id, x, y, z) in [("A", 5e6, 4e6, 100.0), ("B", 5e6 + 1000.0, 4e6, 120.0), ("C", 5e6, 4e6 + 1000.0, 140.0)]
        {
            let node = Node { x_m: x, y_m: y, z_m: z, ..Node::default() };
            network.insert_node(id, node).expect("fresh id");
        }
        network
    }

    #[test]
    fn far_coordinates_come_near_the_origin_with_north_away_from_the_viewer() {
        let frame = MapFrame::of(&sloping());
        let a = frame.to_picture(5e6, 4e6, 100.0);
        let c = frame.to_picture(5e6, 4e6 + 1000.0, 140.0);
        assert_eq!(a, Vec3::new(-500.0, 0.0, 500.0));
        assert_eq!(c, Vec3::new(-500.0, 40.0, -500.0));
    }

    #[test]
    fn guessed_ground_follows_the_nodes() {
        let frame = MapFrame::of(&sloping());
        assert!((frame.on_ground(5e6, 4e6 + 1000.0).y - 40.0).abs() < 6.0);
        assert!(frame.on_ground(5e6, 4e6).y < 10.0);
    }

    #[test]
    fn a_ray_from_above_meets_the_ground_below() {
        let frame = MapFrame::of(&sloping());
        let hit = frame.ground.hit(Vec3::new(100.0, 900.0, 50.0), Vec3::NEG_Y, 5000.0).expect("ground below");
        assert!((hit.y - frame.ground.at(100.0, 50.0)).abs() < 0.01);
        assert_eq!(frame.ground.hit(Vec3::new(0.0, 900.0, 0.0), Vec3::Y, 5000.0), None);
    }
}
