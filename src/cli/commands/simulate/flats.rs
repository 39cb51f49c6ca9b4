//! Room temperatures of single flats at the end of a run, from the building's and the flats' places in it.

use std::fmt::Write as _;

use super::way::Way;
use crate::network::Building;
use crate::network::thermal::Served;
use crate::physics::building::FlatGrid;

/// Heat conductance to the flat above or below and beside, over the mean loss of a flat: bare slabs, plastered walls.
const VERTICAL_COUPLING: f64 = 1.0;
const HORIZONTAL_COUPLING: f64 = 0.4;
/// Storey height where only the height is known, m, and flats on a storey where no households are.
const STOREY_M: f64 = 3.0;
const FLATS_PER_STOREY: usize = 4;
/// More flats than this in a building are counted as this many: the factors tell only ends from the middle.
const MOST_FLATS: usize = 40;

fn grid(building: &Building, sizing_share: f64) -> FlatGrid {
    let by_height = (building.height_m / STOREY_M).round().max(1.0) as usize;
    let storeys = building.storeys.map_or(by_height, usize::from).clamp(1, MOST_FLATS);
    let households = building.households.map(|count| (count as usize).div_ceil(storeys));
    FlatGrid {
        storeys,
        flats_per_storey: households.unwrap_or(FLATS_PER_STOREY).clamp(1, MOST_FLATS),
        sizing_share,
        vertical_coupling: VERTICAL_COUPLING,
        horizontal_coupling: HORIZONTAL_COUPLING,
    }
}

/// One row a flat: building, consumer, storey from the ground, flat from the west, factor of its place, room temperature.
pub fn csv(way: &Way<'_>, sizing_share: f64) -> String {
    let mut out = "building,consumer,storey,flat,position_factor,building_room_c,room_c\n".to_owned();
    let served = Served::new(way.network);
    for view in way.network.links() {
        let station = way.simulation.consumer_row(view.handle).and_then(|row| way.simulation.consumers().nth(row));
        let Some(station) = station.and_then(|(model, _)| model.station()) else { continue };
        for (id, at) in served.building_ids(view.id).zip(station.buildings()) {
            let Some(building) = way.network.buildings().get(id) else { continue };
            let grid = grid(building, sizing_share);
            let rooms = grid.room_temperatures_c(at.room_c, way.outdoor_c);
            for (place, room_c) in rooms.into_iter().enumerate() {
                let (storey, flat) = (place / grid.flats_per_storey, place % grid.flats_per_storey);
                let factor = grid.factor(storey, flat);
                let (consumer, number) = (view.id, storey + 1);
                let _ = writeln!(out, "{id},{consumer},{number},{},{factor:.3},{:.3},{room_c:.3}", flat + 1, at.room_c);
            }
        }
    }
    out
}
