//! The clock of the rooms: when each building crosses 16, 14 and 12 °C, and how warm it is when the repair ends.
//!
//! First-order cooling ([`RoomCooling`]) with the building's own time constant, at the outdoor temperature given, with the
//! share of its heat it still gets. Sun and people are left out, so real rooms last a little longer; rooms at corners and
//! under roofs shorter. A building whose data make no thermal model counts with 50 h, the lightest class, and says so.

use super::impact::{ConsumerImpact, shares};
use crate::network::{LinkId, Name, Network, Priority, thermal};
use crate::physics::building::RoomCooling;

/// Temperatures that are watched, °C: below 18 °C people complain, at 12 °C is the lower bound of the emergency rules.
pub const WATCHED_C: [f64; 3] = [16.0, 14.0, 12.0];
/// Time constant where nothing better is known, h.
const LIGHTEST_H: f64 = 50.0;
const HEAT_CAPACITY_J_KGK: f64 = 4187.0;

/// Conditions all buildings share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conditions {
    pub outdoor_c: f64,
    /// From the break to normal supply.
    pub repair_s: f64,
}

/// One building's clock.
#[derive(Clone, Debug, PartialEq)]
pub struct BuildingClock {
    pub building: Name,
    pub consumer: LinkId,
    pub priority: Priority,
    /// Share of the heat it still gets.
    pub supplied_share: f64,
    /// Room temperature it starts from.
    pub start_c: f64,
    pub time_constant_h: f64,
    /// The time constant was not in the data nor followed from them.
    pub assumed: bool,
    /// Seconds until it falls below each of [`WATCHED_C`]; `None`: it never does.
    pub crosses_s: [Option<f64>; 3],
    /// Room temperature when the repair ends.
    pub at_repair_c: f64,
}

impl BuildingClock {
    /// Whether it falls below 12 °C before the repair ends.
    pub fn too_cold(&self, repair_s: f64) -> bool {
        self.crosses_s[2].is_some_and(|at_s| at_s < repair_s)
    }
}

/// Clocks of all buildings whose consumer gets less than all of its heat, coldest at the repair's end first. `share` says what
/// each consumer still gets.
pub fn clocks(network: &Network, conditions: Conditions, share: impl Fn(LinkId) -> f64) -> Vec<BuildingClock> {
    let design_outdoor_c = network.settings().design_outdoor_c();
    let mut out = Vec::new();
    for (id, building) in network.buildings() {
        let Some(consumer) = building.consumer.as_ref().and_then(|name| network.link_id(name)) else { continue };
        let supplied_share = share(consumer).clamp(0.0, 1.0);
        if supplied_share >= 0.999 {
            continue;
        }
        let start_c = building.heating.as_ref().map_or(18.0, |heating| heating.room_temperature_c);
        let model = thermal::building(building, design_outdoor_c, HEAT_CAPACITY_J_KGK).ok();
        let time_constant_h = model.map(|model| model.mass.time_constant_s() / 3600.0);
        out.push(clock(id.clone(), consumer, building.priority, start_c, supplied_share, time_constant_h, conditions));
    }
    // Consumers of which no building is known stand for themselves.
    let known: std::collections::BTreeSet<LinkId> =
        network.buildings().values().filter_map(|building| network.link_id(building.consumer.as_ref()?)).collect();
    for view in network.links() {
        let Some(consumer) = view.consumer().filter(|_| !known.contains(&view.handle)) else { continue };
        let supplied_share = share(view.handle).clamp(0.0, 1.0);
        if supplied_share < 0.999 && !consumer.shut {
            out.push(clock(view.id.clone(), view.handle, consumer.priority, 18.0, supplied_share, None, conditions));
        }
    }
    out.sort_by(|a, b| a.at_repair_c.total_cmp(&b.at_repair_c).then_with(|| a.building.cmp(&b.building)));
    out
}

/// Clocks of all buildings whose consumer is among those that lose heat.
pub fn room_clocks(network: &Network, losses: &[ConsumerImpact], conditions: Conditions) -> Vec<BuildingClock> {
    let share = shares(network, losses);
    clocks(network, conditions, |link| share[link.index()])
}

fn clock(
    building: Name,
    consumer: LinkId,
    priority: Priority,
    start_c: f64,
    supplied_share: f64,
    time_constant_h: Option<f64>,
    conditions: Conditions,
) -> BuildingClock {
    let known_h = time_constant_h.filter(|hours| hours.is_finite() && *hours > 0.0);
    let cooling = RoomCooling {
        start_c,
        normal_c: start_c,
        outdoor_c: conditions.outdoor_c,
        supplied_share,
        time_constant_h: known_h.unwrap_or(LIGHTEST_H),
    };
    BuildingClock {
        building,
        consumer,
        priority,
        supplied_share,
        start_c,
        time_constant_h: cooling.time_constant_h,
        assumed: known_h.is_none(),
        crosses_s: WATCHED_C.map(|limit_c| {
            if start_c <= limit_c { Some(0.0) } else { cooling.hours_to(limit_c).map(|hours| 3600.0 * hours) }
        }),
        at_repair_c: cooling.temperature_c(conditions.repair_s / 3600.0),
    }
}
