//! What a substation's controller aims at: a heating curve over the outdoor temperature, corrected by hour and weekday,
//! held on the supply, the return or the mean temperature of the secondary side.
//!
//! Mechanism: the outdoor temperature is smoothed as the buildings smooth it. A set supply is the target itself; a set
//! mean asks for supply = 2·mean − return; a set return shifts the supply of the curve slowly (integrating), because the
//! buildings answer after their pipes. Not here: the valve.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::physics::building::EntranceQuantity;
use crate::physics::calendar;
use crate::physics::heating_curve::HeatingCurve;

/// The secondary temperature that is held.
// 供水、回水、供回水平均温度
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HeldTemperature {
    #[default]
    Supply,
    Return,
    Mean,
    // No controller: the valve stands where a hand left it and passes what the pressure gives.
    Nothing,
}

/// Aim of a controller.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SetPoint {
    pub curve: HeatingCurve,
    pub held: HeldTemperature,
    /// Secondary flow over its design, for the curve.
    pub relative_flow: f64,
    /// Added to the held temperature by hour of the day, K.
    pub hour_shift_k: [f64; 24],
    /// Added by weekday, Monday first, K.
    pub weekday_shift_k: [f64; 7],
    /// The supply is never asked below or above, °C.
    pub supply_range_c: (f64, f64),
    /// Time constant of the smoothed outdoor temperature, s; 0: as it is.
    pub outdoor_filter_s: f64,
    /// Integral time of a held return temperature, s.
    pub return_integral_s: f64,
}

/// What a controller remembers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SetPointState {
    /// Smoothed outdoor temperature, °C.
    pub outdoor_c: f64,
    /// Shift of the supply that holds the return, K.
    pub shift_k: f64,
}

/// Furthest a held return may move the supply off its curve, K.
const FURTHEST_SHIFT_K: f64 = 30.0;

impl SetPoint {
    /// A plain curve on the supply, no corrections.
    pub fn plain(curve: HeatingCurve) -> SetPoint {
        SetPoint {
            curve,
            held: HeldTemperature::Supply,
            relative_flow: 1.0,
            hour_shift_k: [0.0; 24],
            weekday_shift_k: [0.0; 7],
            supply_range_c: (curve.room_c, curve.design_supply_c),
            outdoor_filter_s: 0.0,
            return_integral_s: 3600.0,
        }
    }

    /// State at rest at an outdoor temperature.
    pub fn start(&self, outdoor_c: f64) -> SetPointState {
        SetPointState { outdoor_c, shift_k: 0.0 }
    }

    /// Target of the held temperature, °C, at a (smoothed) outdoor temperature and a time (seconds as in `calendar`).
    pub fn target_c(&self, outdoor_c: f64, time_s: f64) -> f64 {
        let at = self.curve.at_outdoor(outdoor_c, self.relative_flow);
        let target_c = match self.held {
            HeldTemperature::Supply | HeldTemperature::Nothing => at.supply_c,
            HeldTemperature::Return => at.return_c,
            HeldTemperature::Mean => 0.5 * (at.supply_c + at.return_c),
        };
        target_c + self.hour_shift_k[calendar::hour_of_day(time_s)] + self.weekday_shift_k[calendar::weekday(time_s)]
    }

    /// What a controller at a building's entrance holds at an outdoor temperature, °C: the curve's room, return or mean.
    pub fn entrance_c(&self, quantity: EntranceQuantity, outdoor_c: f64) -> f64 {
        let at = self.curve.at_outdoor(outdoor_c, self.relative_flow);
        match quantity {
            EntranceQuantity::Room => self.curve.room_c,
            EntranceQuantity::Return => at.return_c,
            EntranceQuantity::MeanWater => 0.5 * (at.supply_c + at.return_c),
        }
    }

    /// The state after a time with these temperatures.
    pub fn advance(
        &self,
        state: SetPointState,
        outdoor_c: f64,
        return_c: f64,
        time_s: f64,
        seconds: f64,
    ) -> SetPointState {
        let approach =
            |time_constant_s: f64| if time_constant_s > 0.0 { -(-seconds / time_constant_s).exp_m1() } else { 1.0 };
        let smoothed_c = state.outdoor_c + approach(self.outdoor_filter_s) * (outdoor_c - state.outdoor_c);
        let shift_k = if self.held == HeldTemperature::Return {
            let missing_k = self.target_c(smoothed_c, time_s) - return_c;
            (state.shift_k + approach(self.return_integral_s) * missing_k).clamp(-FURTHEST_SHIFT_K, FURTHEST_SHIFT_K)
        } else {
            0.0
        };
        SetPointState { outdoor_c: smoothed_c, shift_k }
    }

    /// The supply temperature to reach now, °C.
    pub fn supply_c(&self, state: SetPointState, return_c: f64, time_s: f64) -> f64 {
        let supply_c = match self.held {
            HeldTemperature::Supply | HeldTemperature::Nothing => self.target_c(state.outdoor_c, time_s),
            HeldTemperature::Mean => 2.0 * self.target_c(state.outdoor_c, time_s) - return_c,
            HeldTemperature::Return => {
                self.curve.at_outdoor(state.outdoor_c, self.relative_flow).supply_c + state.shift_k
            }
        };
        let (low, high) = self.supply_range_c;
        supply_c.min(high).max(low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set_point() -> SetPoint {
        SetPoint::plain(HeatingCurve {
            room_c: 18.0,
            design_outdoor_c: -21.1,
            design_supply_c: 75.0,
            design_return_c: 50.0,
            emitter_exponent: 0.3,
        })
    }

    /// Monday 2024-01-15, 0:00.
    const MONDAY_S: f64 = 19_737.0 * 86_400.0;

    #[test]
    fn the_published_curve_without_corrections() {
        let plain = set_point();
        for (outdoor, supply, back) in [(5.0, 41.23, 32.92), (-5.0, 54.94, 40.23), (-15.0, 67.61, 46.51)] {
            assert!((plain.target_c(outdoor, MONDAY_S) - supply).abs() < 0.0051);
            let on_return = SetPoint { held: HeldTemperature::Return, ..plain };
            assert!((on_return.target_c(outdoor, MONDAY_S) - back).abs() < 0.0051);
            let on_mean = SetPoint { held: HeldTemperature::Mean, ..plain };
            assert!((on_mean.target_c(outdoor, MONDAY_S) - 0.5 * (supply + back)).abs() < 0.0051);
        }
    }

    #[test]
    fn hours_and_weekdays_correct_it() {
        let mut night = set_point();
        night.hour_shift_k[3] = -4.0;
        night.weekday_shift_k[6] = -2.0;
        let plain = set_point().target_c(-5.0, MONDAY_S);
        assert!((night.target_c(-5.0, MONDAY_S + 3.5 * 3600.0) - plain + 4.0).abs() < 1e-12);
        assert!((night.target_c(-5.0, MONDAY_S + 4.0 * 3600.0) - plain).abs() < 1e-12);
        assert!((night.target_c(-5.0, MONDAY_S - 12.0 * 3600.0) - plain + 2.0).abs() < 1e-12);
    }

    #[test]
    fn supply_stays_in_its_range() {
        let set_point = SetPoint { supply_range_c: (35.0, 60.0), ..set_point() };
        assert_eq!(set_point.supply_c(set_point.start(-21.0), 40.0, MONDAY_S), 60.0);
        assert_eq!(set_point.supply_c(set_point.start(15.0), 20.0, MONDAY_S), 35.0);
    }

    #[test]
    fn outdoor_temperature_is_smoothed() {
        let slow = SetPoint { outdoor_filter_s: 36_000.0, ..set_point() };
        let state = slow.advance(slow.start(0.0), -10.0, 40.0, MONDAY_S, 36_000.0);
        assert!((state.outdoor_c + 10.0 * (1.0 - (-1.0_f64).exp())).abs() < 1e-12);
    }

    #[test]
    fn a_held_return_is_reached_by_shifting_the_supply() {
        // Buildings that give back 0.8 of the supply's excess over 18 °C after half an hour.
        let held = SetPoint { held: HeldTemperature::Return, supply_range_c: (20.0, 95.0), ..set_point() };
        let (mut state, mut back_c) = (held.start(-5.0), 30.0);
        for step in 0..400 {
            let time_s = MONDAY_S + 300.0 * f64::from(step);
            let supply_c = held.supply_c(state, back_c, time_s);
            back_c += (18.0 + 0.8 * (supply_c - 18.0) - back_c) * (1.0 - (-300.0_f64 / 1800.0).exp());
            state = held.advance(state, -5.0, back_c, time_s, 300.0);
        }
        assert!((back_c - held.target_c(-5.0, MONDAY_S)).abs() < 0.01, "{back_c} {state:?}");
    }
}
