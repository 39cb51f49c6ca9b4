//! The heat entrance of a building and a room in it, made up from the secondary side of its substation.
//!
//! What leaves the station arrives: water in the building's share, a little cooler, between the pressures of the station's
//! two pipes. The room follows the heat by the closed form of [`RoomCooling`]: while the station gives what the weather
//! wants, it stays at what it is designed for; where it gives less, the room cools by the time constant of the building.
//! Nothing here acts on the network.

use super::secondary::{HEAT_CAPACITY_J_KGK, SECONDARY_DENSITY_KG_M3, StationNow};
use crate::network::thermal;
use crate::network::{Building, Heating};
use crate::physics::building::RoomCooling;

/// What the secondary pipes cost on the way to the building: K, and of the pump's rise on each side.
const COOLED_K: f64 = 0.4;
const RISE_SHARE_LOST: f64 = 0.3;
/// More heat than this, as a share of what the weather wants, leaves by the window.
const MOST_SUPPLIED_SHARE: f64 = 1.25;
/// Rooms differ by so much at most from what the building is designed for, K.
const ROOMS_DIFFER_K: f64 = 0.8;
/// What is left in the batteries of meters in the middle of a season.
const BATTERY_SHARE: f64 = 0.83;

/// A building with a meter at its entrance and a thermometer in a room.
#[derive(Clone, Debug)]
pub struct User {
    /// Of the water its station circulates.
    share: f64,
    normal_c: f64,
    time_constant_h: f64,
    room_c: f64,
}

/// What its devices show at a moment, SI (m³/h).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct UserNow {
    pub supply_c: f64,
    pub return_c: f64,
    pub supply_pa: f64,
    pub return_pa: f64,
    pub flow_m3_h: f64,
    pub heat_w: f64,
    pub room_c: f64,
    pub battery_share: f64,
}

impl User {
    /// From the building's own data. `share` of the water of its station is its own; `place` (−1…1) says where in it the
    /// room lies. `None` where its data contradict each other.
    pub fn new(building: &Building, share: f64, design_outdoor_c: f64, place: f64) -> Option<User> {
        let model = thermal::building(building, design_outdoor_c, HEAT_CAPACITY_J_KGK).ok()?;
        let designed_c = building.heating.as_deref().unwrap_or(&Heating::default()).room_temperature_c;
        let normal_c = designed_c + ROOMS_DIFFER_K * place;
        Some(User { share, normal_c, time_constant_h: model.mass.time_constant_s() / 3600.0, room_c: normal_c })
    }

    /// Lets seconds pass in which the station gave this heat and the weather wanted that.
    pub fn step(&mut self, seconds: f64, heat_w: f64, wanted_w: f64, outdoor_c: f64) {
        let supplied = if wanted_w > 0.0 { heat_w / wanted_w } else { 1.0 };
        let room = RoomCooling {
            start_c: self.room_c,
            normal_c: self.normal_c,
            outdoor_c,
            supplied_share: supplied.clamp(0.0, MOST_SUPPLIED_SHARE),
            time_constant_h: self.time_constant_h,
        };
        self.room_c = room.temperature_c(seconds / 3600.0);
    }

    /// The moment, behind a station that shows this.
    pub fn now(&self, station: &StationNow) -> UserNow {
        // Never cooler than what comes back.
        let supply_c = (station.supply_c - COOLED_K).max(station.return_c);
        let flow_m3_h = self.share * station.flow_m3_h;
        let lost_pa = RISE_SHARE_LOST * (station.supply_pa - station.return_pa);
        UserNow {
            supply_c,
            return_c: station.return_c,
            supply_pa: station.supply_pa - lost_pa,
            return_pa: station.return_pa + lost_pa,
            flow_m3_h,
            heat_w: flow_m3_h / 3600.0 * SECONDARY_DENSITY_KG_M3 * HEAT_CAPACITY_J_KGK * (supply_c - station.return_c),
            room_c: self.room_c,
            battery_share: BATTERY_SHARE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn house() -> User {
        let building = Building {
            heated_area_m2: Some(5000.0),
            height_m: 18.0,
            time_constant_s: Some(100.0 * 3600.0),
            ..Building::default()
        };
        User::new(&building, 0.1, -21.0, 0.0).unwrap()
    }

    #[test]
    fn a_room_stays_while_the_weather_has_its_heat_and_cools_by_its_time_constant_without() {
        let mut user = house();
        user.step(7200.0, 4e6, 4e6, -10.0);
        assert!((user.now(&StationNow::default()).room_c - 18.0).abs() < 1e-9);
        // Of 28 K above the outdoor air, e^−1 are left after the time constant, however many steps it takes.
        for _ in 0..100 {
            user.step(3600.0, 0.0, 4e6, -10.0);
        }
        assert!((user.now(&StationNow::default()).room_c - (-10.0 + 28.0 * (-1.0_f64).exp())).abs() < 1e-9);
        // However much is given, people open their windows.
        for _ in 0..1000 {
            user.step(3600.0, 9e9, 4e6, -10.0);
        }
        assert!((user.now(&StationNow::default()).room_c - 25.0).abs() < 0.01);
    }

    #[test]
    fn the_entrance_carries_its_share_between_the_pipes_of_its_station() {
        let station = StationNow {
            flow_m3_h: 100.0,
            supply_c: 55.0,
            return_c: 40.0,
            supply_pa: 500e3,
            return_pa: 300e3,
            ..StationNow::default()
        };
        let now = house().now(&station);
        assert_eq!((now.flow_m3_h, now.return_c), (10.0, 40.0));
        let carried = 10.0 / 3600.0 * SECONDARY_DENSITY_KG_M3 * HEAT_CAPACITY_J_KGK * (now.supply_c - now.return_c);
        assert!((now.heat_w - carried).abs() < 1e-6 && now.supply_c < 55.0);
        assert!(now.supply_pa < 500e3 && now.return_pa > 300e3 && now.supply_pa > now.return_pa);
    }

    #[test]
    fn a_building_that_contradicts_itself_has_no_devices() {
        assert!(User::new(&Building::default(), 0.1, -21.0, 0.0).is_none());
    }
}
