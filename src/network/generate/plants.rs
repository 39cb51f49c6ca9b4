//! Heat sources: where they stand and what their sites look like.

use super::Parameters;
use super::dice::Dice;
use super::geometry::{Point, add, distance, dot, inside, right_of, scaled, sub, unit};
use super::plan::{Class, Plan};
use super::rounded;
use crate::network::SourceKind;

/// A heat source.
#[derive(Clone, Debug)]
pub(super) struct Plant {
    /// The crossing its main leads to.
    pub(super) crossing: usize,
    pub(super) at: Point,
    /// Away from the city.
    pub(super) outward: Point,
    pub(super) kind: SourceKind,
}

/// Chooses the places: the first downstream at the river outside the city, the second at the other end, more spread
/// over the city as far from each other as possible.
pub(super) fn plants(plan: &Plan, count: usize) -> Vec<Plant> {
    let usable: Vec<usize> = (0..plan.crossings.len())
        .filter(|&crossing| {
            let streets = &plan.streets_at[crossing];
            streets.iter().any(|&street| plan.streets[street].class == Class::Arterial)
                && !streets.iter().any(|&street| plan.streets[street].bridge)
        })
        .collect();
    let everywhere: Vec<usize> =
        (0..plan.crossings.len()).filter(|&crossing| !plan.streets_at[crossing].is_empty()).collect();
    let usable = if usable.is_empty() { everywhere } else { usable };
    let score = |crossing: usize| {
        let [east, north] = sub(plan.crossings[crossing], plan.centre);
        // Downstream is east; a place within a kilometre of the water.
        east - 0.35 * north.abs() - 0.8 * (plan.river.distance_m(plan.crossings[crossing]) - 500.0).max(0.0)
    };
    let Some(first) = usable.iter().copied().max_by(|&a, &b| score(a).total_cmp(&score(b)).then(b.cmp(&a))) else {
        return Vec::new();
    };
    let mut chosen = vec![first];
    let mut nearest: Vec<f64> = usable.iter().map(|&c| distance(plan.crossings[c], plan.crossings[first])).collect();
    while chosen.len() < count.min(usable.len()) {
        let Some(next) = (0..usable.len()).max_by(|&a, &b| nearest[a].total_cmp(&nearest[b]).then(b.cmp(&a))) else {
            break;
        };
        if nearest[next] <= 0.0 {
            break;
        }
        let crossing = usable[next];
        chosen.push(crossing);
        for (distance_m, &other) in nearest.iter_mut().zip(&usable) {
            *distance_m = distance_m.min(distance(plan.crossings[other], plan.crossings[crossing]));
        }
    }
    chosen.into_iter().enumerate().map(|(number, crossing)| site(plan, number, crossing)).collect()
}

fn site(plan: &Plan, number: usize, crossing: usize) -> Plant {
    let start = plan.crossings[crossing];
    let towards = unit(sub(start, plan.centre));
    let reach = if number == 0 { 520.0 } else { 330.0 };
    // The freest of eight directions, outward preferred.
    let outward = (0..8)
        .map(|eighth| {
            let axis = [towards, right_of(towards)];
            let [along, across] =
                [[1.0, 0.0], [0.7, 0.7], [0.7, -0.7], [0.0, 1.0], [0.0, -1.0], [-0.7, 0.7], [-0.7, -0.7], [-1.0, 0.0]]
                    [eighth];
            unit(add(scaled(axis[0], along), scaled(axis[1], across)))
        })
        .map(|direction| {
            let at = add(start, scaled(direction, reach));
            let near = plan.crossings.iter().enumerate().filter(|(c, _)| !plan.streets_at[*c].is_empty());
            let room = near.map(|(_, &c)| distance(c, at)).fold(f64::INFINITY, f64::min);
            let dry = (plan.river.distance_m(at) - 0.5 * plan.river.width_m - 160.0).min(0.0);
            (room + 3.0 * dry + 60.0 * dot(direction, towards), direction)
        })
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map_or(towards, |(_, direction)| direction);
    let inner = number >= 4;
    let at = add(start, scaled(outward, if inner { 90.0 } else { reach })).map(rounded);
    let kind = match number % 4 {
        0 => SourceKind::CombinedHeatAndPower,
        1 => SourceKind::GasBoiler,
        2 => SourceKind::CoalBoiler,
        _ => SourceKind::BiomassBoiler,
    };
    Plant { crossing, at, outward, kind }
}

/// How many sources a city gets where the wish leaves it open: each can feed about 150 substations through DN1400.
pub(super) fn count(parameters: &Parameters) -> usize {
    if parameters.sources > 0 {
        parameters.sources
    } else {
        (1 + parameters.stations / 40).min(2 + parameters.stations / 150)
    }
}

/// Blocks a plant stands in or beside: nothing else is built there.
pub(super) fn takes_block(plants: &[Plant], corners: &[Point]) -> bool {
    plants.iter().any(|plant| inside(plant.at, corners))
}

/// A building of a plant's site.
#[derive(Clone, Debug)]
pub(super) struct PlantBuilding {
    pub(super) name: &'static str,
    pub(super) outline: Vec<Point>,
    pub(super) height_m: f64,
}

/// Turbine hall, boiler house, stack and cooling towers, arranged around the place where the main starts.
pub(super) fn buildings(plant: &Plant, seed: u64, number: usize) -> Vec<PlantBuilding> {
    let mut dice = Dice::new(seed, 500 + number as u64);
    let (along, across) = (plant.outward, right_of(plant.outward));
    let place =
        |forward: f64, sideways: f64| add(plant.at, add(scaled(along, forward), scaled(across, sideways))).map(rounded);
    let slab = |name: &'static str, at: Point, w: f64, d: f64, height_m: f64| {
        let outline = [[0.0, -0.5], [1.0, -0.5], [1.0, 0.5], [0.0, 0.5]]
            .iter()
            .map(|corner| place(at[0] + corner[0] * d, at[1] + corner[1] * w))
            .collect();
        PlantBuilding { name, outline, height_m }
    };
    let round = |name: &'static str, at: Point, radius_m: f64, height_m: f64| {
        // Twelve corners: sines of 0°, 30° and 60°.
        const CORNERS: [Point; 12] = {
            const H: f64 = 0.866_025_403_784_438_6;
            [
                [1.0, 0.0],
                [H, 0.5],
                [0.5, H],
                [0.0, 1.0],
                [-0.5, H],
                [-H, 0.5],
                [-1.0, 0.0],
                [-H, -0.5],
                [-0.5, -H],
                [0.0, -1.0],
                [0.5, -H],
                [H, -0.5],
            ]
        };
        let outline =
            CORNERS.iter().map(|corner| place(at[0] + radius_m * corner[0], at[1] + radius_m * corner[1])).collect();
        PlantBuilding { name, outline, height_m }
    };
    let lift = dice.between(0.95, 1.05);
    match plant.kind {
        SourceKind::CombinedHeatAndPower => vec![
            slab("热网首站", [14.0, 0.0], 42.0, 22.0, 14.0),
            slab("汽机房", [48.0, 0.0], 128.0, 34.0, 32.0 * lift),
            slab("锅炉房", [86.0, 0.0], 104.0, 42.0, 58.0 * lift),
            round("烟囱", [152.0, 0.0], 6.5, 180.0),
            round("1号冷却塔", [96.0, 118.0], 33.0, 85.0),
            round("2号冷却塔", [96.0, 200.0], 33.0, 85.0),
            slab("办公楼", [20.0, -86.0], 46.0, 14.0, 18.0),
            slab("封闭煤场", [112.0, -130.0], 110.0, 64.0, 24.0),
        ],
        SourceKind::GasBoiler => vec![
            slab("燃气锅炉房", [12.0, 0.0], 68.0, 30.0, 18.0 * lift),
            round("烟囱", [58.0, -14.0], 2.4, 60.0),
            round("烟囱", [58.0, 14.0], 2.4, 60.0),
            slab("调压站", [20.0, 58.0], 16.0, 11.0, 6.0),
        ],
        _ => vec![
            slab("锅炉房", [12.0, 0.0], 76.0, 34.0, 26.0 * lift),
            round("烟囱", [72.0, 0.0], 4.0, 100.0),
            slab("燃料库", [30.0, 84.0], 60.0, 40.0, 14.0),
        ],
    }
}
