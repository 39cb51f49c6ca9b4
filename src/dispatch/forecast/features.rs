//! What a regression sees of an hour: weather, its past, and the calendar.
//!
//! The past of the weather is the outdoor temperature filtered with time constants from hours to days (buildings answer to all of
//! these), sun and wind over some hours. The calendar is the hour of the day on working days and days off, its interplay
//! with how cold it is, the weekday, and the festival. All are plain numbers of one hour; [`Filters`] carries the past, so that
//! a forecast goes on from where history ends.

use super::calendar::{DayKind, Holidays};
use crate::physics::weather::Weather;

/// Time constants of the filtered temperature, h.
const TEMPERATURE_H: [f64; 4] = [3.0, 12.0, 36.0, 96.0];
/// Of sun, sun, and wind.
const OTHER_H: [f64; 3] = [4.0, 24.0, 6.0];
/// Filters in all.
const FILTERS: usize = TEMPERATURE_H.len() + OTHER_H.len();

/// Room temperature at which nothing is asked for, °C.
const BASE_C: f64 = 18.0;
/// Filtered temperatures at which the slope may change, °C.
const BENDS_C: [f64; 4] = [-5.0, 5.0, 10.0, 15.0];

/// Colder than this each hour of the day may have a slope of its own once more, °C: valves and pumps are full open then, nights
/// are no longer let off.
const COLD_C: f64 = -6.0;

/// Units in which one is much: what a coefficient of the same size means about the same. A regression that brought columns
/// to one deviation instead would give those that hardly ever occurred (mild days in a cold winter) enormous weight later.
const TEMPERATURE_K: f64 = 10.0;
const SUN_W_M2: f64 = 200.0;
const CHILL_K_M_S: f64 = 100.0;

/// Features of an hour.
pub const FEATURES: usize = 1 + FILTERS + 2 + BENDS_C.len() + 48 + 48 + 48 + 7 + 1;

/// The past of the weather.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Filters {
    values: [f64; FILTERS],
    started: bool,
}

impl Filters {
    /// Nothing has been seen.
    pub const NEW: Filters = Filters { values: [0.0; FILTERS], started: false };

    /// Another hour has passed.
    pub fn step(&mut self, weather: &Weather) {
        let chill_k_m_s = weather.wind_m_s * (BASE_C - weather.temperature_c).max(0.0);
        let inputs = [weather.solar_w_m2, weather.solar_w_m2, chill_k_m_s];
        let hours = TEMPERATURE_H.iter().chain(&OTHER_H);
        let inputs = std::iter::repeat_n(weather.temperature_c, TEMPERATURE_H.len()).chain(inputs);
        for ((value, hours), input) in self.values.iter_mut().zip(hours).zip(inputs) {
            let taken = if self.started { -(-1.0 / hours).exp_m1() } else { 1.0 };
            *value += taken * (input - *value);
        }
        self.started = true;
    }

    /// Temperature filtered with half a day, °C.
    pub fn half_day_c(&self) -> f64 {
        self.values[1]
    }
}

/// Puts the features of an hour, whose weather the filters have seen, into a row.
pub fn fill(row: &mut [f64; FEATURES], hour: i64, weather: &Weather, filters: &Filters, holidays: &Holidays) {
    let mut at = 0;
    let mut put = |value: f64| {
        row[at] = value;
        at += 1;
    };
    put(weather.temperature_c / TEMPERATURE_K);
    let units = std::iter::repeat_n(TEMPERATURE_K, TEMPERATURE_H.len()).chain([SUN_W_M2, SUN_W_M2, CHILL_K_M_S]);
    filters.values.iter().zip(units).for_each(|(value, unit)| put(value / unit));
    put(weather.solar_w_m2 / SUN_W_M2);
    put(weather.wind_m_s * (BASE_C - weather.temperature_c).max(0.0) / CHILL_K_M_S);
    let half_day_c = filters.half_day_c();
    BENDS_C.iter().for_each(|bend_c| put((half_day_c - bend_c).max(0.0) / TEMPERATURE_K));
    let kind = holidays.kind(hour);
    let off = usize::from(kind != DayKind::Work);
    let own = hour.rem_euclid(24) as usize;
    (0..48).for_each(|place| put(f64::from(u8::from(place == 24 * off + own))));
    let cold = (BASE_C - half_day_c).max(0.0) / 20.0;
    (0..48).for_each(|place| put(if place == 24 * off + own { cold } else { 0.0 }));
    let colder = (COLD_C - half_day_c).max(0.0) / 20.0;
    (0..48).for_each(|place| put(if place == 24 * off + own { colder } else { 0.0 }));
    let weekday = (hour.div_euclid(24) + 3).rem_euclid(7) as usize;
    (0..7).for_each(|day| put(f64::from(u8::from(day == weekday))));
    put(f64::from(u8::from(kind == DayKind::Festival)));
    debug_assert_eq!(at, FEATURES);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_forget_at_their_time_constants_and_a_row_is_filled() {
        let mut filters = Filters::NEW;
        filters.step(&Weather { temperature_c: 10.0, wind_m_s: 0.0, solar_w_m2: 0.0 });
        let cold = Weather { temperature_c: 0.0, wind_m_s: 2.0, solar_w_m2: 50.0 };
        (0..12).for_each(|_| filters.step(&cold));
        assert!((filters.half_day_c() - 10.0 * (-1.0_f64).exp()).abs() < 1e-9);
        let mut row = [f64::NAN; FEATURES];
        // 1970-01-01 08:00, a Thursday.
        fill(&mut row, 8, &cold, &filters, &Holidays::weekends());
        assert!(row.iter().all(|value| value.is_finite()));
        assert_eq!(row[0], 0.0);
        let start = 1 + FILTERS + 2 + BENDS_C.len();
        assert_eq!(row[start + 8], 1.0);
        assert_eq!(row[start..start + 48].iter().sum::<f64>(), 1.0);
        assert_eq!(row[start + 48 + 48 + 48 + 3], 1.0);
    }
}
