//! Networks made by the program from a seed: whole cities to look at and to train on, bench networks to measure with.
//!
//! Pure functions: the same parameters give the same network on every machine (exactly rounded arithmetic, no hash
//! order, no clock). Nothing is solved here; pipes are sized by walks over trees, as a designer does by hand.
//!
//! A [`city`] is made in the order a city grows: river and streets ([`plan`]), buildings ([`houses`]), substations
//! ([`substations`]), plants ([`plants`]), mains ([`mains`], [`pipework`]), and the map around it ([`surroundings`]).

mod dice;
mod draft;
mod emergency;
mod geometry;
mod grid;
mod houses;
mod mains;
mod names;
mod pieces;
mod pipework;
mod plan;
mod plants;
mod random;
mod river;
mod sizing;
mod substations;
mod surroundings;
mod unbalanced;

pub use grid::{GridDemand, GridLoops, GridParameters, grid};
pub use random::{Defect, Planted, RandomNetwork, Shape, Sizes, random};
pub use unbalanced::{Spoilt, UnbalancedCity, unbalanced};

use super::{InsertError, Network, Settings};

/// Design supply temperature of the primary network.
const SUPPLY_C: f64 = 110.0;
/// Outdoor temperature the heat demand is for: design value of a severe-cold city.
const DESIGN_OUTDOOR_C: f64 = -21.0;

/// Wishes for a city.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameters {
    /// Number of substations.
    pub stations: usize,
    pub seed: u64,
    /// Closed loops on each side, as a share of the street crossings with mains.
    pub loops: f64,
    /// Number of heat sources; 0: as many as the size asks for (two for 60 substations).
    pub sources: usize,
    /// Height of the highest ground over the river.
    pub relief_m: f64,
    /// Beyond about so many, only a part of the buildings is put on the map. The heat of all is counted.
    pub most_buildings: usize,
    /// Mains are cut into shorter pipes until there are so many; 0, or fewer than are laid: as laid.
    pub pipes: usize,
}

impl Default for Parameters {
    fn default() -> Self {
        Parameters { stations: 60, seed: 1, loops: 0.12, sources: 0, relief_m: 55.0, most_buildings: 40_000, pipes: 0 }
    }
}

/// The city that opens when no file is named; `networks/demo-city` holds it as a file.
pub fn demo_city() -> Network {
    city(&Parameters { seed: 4, ..Parameters::default() })
}

/// Builds a city with its heating network.
///
/// Every consumer is connected on both sides, mains are sized for 30–70 Pa/m at design load, laterals for at most
/// 240 Pa/m and 3 m/s (limits of CJJ/T 34), and sources give the pressure their worst consumer needs plus a tenth.
/// At least one substation is built; fewer than asked for only where the houses run out.
pub fn city(parameters: &Parameters) -> Network {
    let parameters = &Parameters { stations: parameters.stations.max(1), ..*parameters };
    let plan = plan::plan(parameters);
    let plants = plants::plants(&plan, plants::count(parameters));
    let mut usages = houses::usages(&plan, parameters.seed);
    for (usage, block) in usages.iter_mut().zip(&plan.blocks) {
        if plants::takes_block(&plants, &plan.corners(block)) {
            *usage = houses::Usage::Park;
        }
    }
    let houses = houses::houses(&plan, &usages, parameters.seed);
    let quarters = names::quarters(&usages, parameters.seed);
    let stations = substations::substations(&plan, &houses, parameters);
    let mains = mains::mains(&plan, &plants, &stations, parameters);

    let everything = plan.crossings.iter().copied().chain(plants.iter().map(|plant| plant.at));
    let (low, high) = plan::bounds(everything, 650.0);
    let terrain = river::terrain(parameters.seed, low, high, parameters.relief_m.max(0.0), &plan.river);
    let streets = names::streets(&plan.arterial);
    let plant_titles: Vec<names::Title> = plants
        .iter()
        .enumerate()
        .map(|(number, plant)| names::plant(number, plant.kind == super::SourceKind::CombinedHeatAndPower))
        .collect();
    let station_titles = station_titles(&stations, &houses, &quarters);

    let mut draft = draft::Draft::new(&terrain, parameters.seed);
    draft.network.set_settings(Settings {
        title: format!("示范城市 Demo city ({} substations, seed {})", stations.len(), parameters.seed),
        outdoor_temperature_c: DESIGN_OUTDOOR_C,
        ..Settings::default()
    });
    let design = pipework::Design {
        plan: &plan,
        plants: &plants,
        stations: &stations,
        mains: &mains,
        streets: &streets,
        station_titles: &station_titles,
        plant_titles: &plant_titles,
    };
    let laying = pipework::lay(&design, &mut draft);
    surroundings::buildings(&mut draft, &design, &houses, &quarters, parameters);
    surroundings::sensors(&mut draft.network, &laying);
    let mut network = draft.network;
    pieces::cut(&mut network, parameters.pipes);
    network.set_emergency_base(emergency::base());
    network.set_backdrop(surroundings::backdrop(&plan, &streets, &plants, terrain));
    network
}

/// Substations are called after the quarter they stand in; the second one there gets a number.
fn station_titles(
    stations: &[substations::Substation],
    houses: &[houses::House],
    quarters: &[names::Title],
) -> Vec<names::Title> {
    let mut used = vec![0; quarters.len()];
    stations
        .iter()
        .map(|station| {
            let block = houses[station.house].block;
            used[block] += 1;
            let quarter = &quarters[block];
            let (number, latin) = match used[block] {
                1 => (String::new(), String::new()),
                n => (n.to_string(), format!(" {n}")),
            };
            names::Title {
                chinese: format!("{}{number}热力站", quarter.chinese),
                latin: format!("{}{latin} substation", quarter.latin),
            }
        })
        .collect()
}

/// The result of inserting an element whose id a generator made.
#[expect(clippy::expect_used, reason = "ids come from counters with a prefix per kind, ends from this same network")]
fn inserted<T>(result: Result<T, InsertError>) -> T {
    result.expect("generated ids are unique and ends exist")
}

/// Centimetres: what a survey gives, and short numbers in files.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
