//! How the water through a building's emitters is controlled: valves in the rooms, or one controller at the entrance.
//!
//! Thermostatic valves throttle in proportion to the room's excess over their setting (EN 215: a band of about 2 K).
//! A controller at the entrance holds the mean room temperature, or the return or mean water temperature at what a
//! heating curve asks for. Both answer with a share of the full flow. Not here: the valve's hydraulics.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Thermostatic valves of a building taken together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thermostat {
    /// Room temperature at which half the design flow passes.
    pub set_c: f64,
    /// From fully open to closed, K.
    pub band_k: f64,
}

impl Thermostat {
    /// Share of the full flow at a room temperature, 0…1, falling.
    pub fn flow_share(&self, room_c: f64) -> f64 {
        let band_k = self.band_k.max(1e-3);
        ((self.set_c + 0.5 * band_k - room_c) / band_k).clamp(0.0, 1.0)
    }
}

/// What a controller at a building's entrance holds.
// 室温, 回水温度, 供回水平均温度
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EntranceQuantity {
    Room,
    Return,
    MeanWater,
}

/// A controller at the building's entrance. It integrates: the share of flow drifts until the quantity is met.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EntranceControl {
    pub quantity: EntranceQuantity,
    /// Deviation that moves the valve over its whole travel within one integral time, K.
    pub band_k: f64,
    /// s.
    pub integral_time_s: f64,
    /// Smallest share it closes to, so that the building cannot freeze and the sensor is flushed.
    pub smallest_share: f64,
}

impl EntranceControl {
    /// The share of flow after a time with a deviation of the quantity from its set-point (positive: too warm). The
    /// travel of one step is at most what the deviation asks for at once, so a long step does not swing.
    pub fn next_share(&self, share: f64, deviation_k: f64, seconds: f64) -> f64 {
        let asked = deviation_k / self.band_k.max(1e-3);
        let weight = -(-seconds / self.integral_time_s.max(1.0)).exp_m1();
        (share - asked * weight).clamp(self.smallest_share.clamp(0.0, 1.0), 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thermostat_throttles_inside_its_band() {
        let valve = Thermostat { set_c: 20.0, band_k: 2.0 };
        for (room, share) in
            [(15.0, 1.0), (19.0, 1.0), (19.5, 0.75), (20.0, 0.5), (20.5, 0.25), (21.0, 0.0), (25.0, 0.0)]
        {
            assert!((valve.flow_share(room) - share).abs() < 1e-12, "{room}");
        }
    }

    #[test]
    fn entrance_control_moves_against_the_deviation_and_stays_in_range() {
        let control = EntranceControl {
            quantity: EntranceQuantity::Return,
            band_k: 10.0,
            integral_time_s: 1800.0,
            smallest_share: 0.1,
        };
        let share = control.next_share(0.5, 2.0, 1800.0);
        assert!((share - (0.5 - 0.2 * (1.0 - (-1.0_f64).exp()))).abs() < 1e-12);
        assert!(control.next_share(0.5, -2.0, 60.0) > 0.5);
        assert_eq!(control.next_share(0.12, 30.0, 1e9), 0.1);
        assert_eq!(control.next_share(0.9, -30.0, 1e9), 1.0);
    }
}
