//! Draws a weather forecast towards what was measured, as far as forecasts so wrong deserve it.
//!
//! A service's grid is corrected at stations by regression on the forecast and on the last measurements (H. R. Glahn and D. A. Lowry, Journal
//! of Applied Meteorology 11, 1972; what measurements of the last hours add: M. D. Müller, Journal of Applied Meteorology and
//! Climatology 50, 2011). Here such a regression is learned from past hours and forecasts of them as they might have been
//! issued: what lies between the forecast, the same hour of the last day and the mean of that hour in the last week tells, for each
//! group of leads, how much of the difference is error. Where forecasts are known not to err nothing is corrected. It is
//! learned from a model of the errors ([`WeatherUncertainty`]), not from a service's record: a service that has already been
//! corrected by the same measurements leaves less to gain than this believes. Not here: the errors' size.

use super::weather::{HourlyWeather, WeatherUncertainty};
use crate::physics::weather::Weather;
use nalgebra::{SMatrix, SVector};

/// Leads that share coefficients, (first, last) hour ahead.
const GROUPS: [(usize, usize); 12] =
    [(1, 2), (3, 4), (5, 6), (7, 9), (10, 12), (13, 16), (17, 20), (21, 24), (25, 48), (49, 72), (73, 96), (97, 120)];
/// Differences looked at.
const LOOKS: usize = 7;
/// Hours of both sides over which differences are averaged, beside the hour itself.
const AROUND: [usize; 2] = [3, 8];
const DAY: i64 = 24;
/// Days whose mean by the hour counts as usual.
const USUAL_DAYS: i64 = 7;
/// Hours before an origin whose distance from what is usual is looked at.
const LAST_H: i64 = 6;
/// Hours between the origins learned from (prime to a day), forecasts made of each, and how strongly coefficients are held down.
const STRIDE: usize = 11;
const TRIES: u64 = 2;
const HELD: f64 = 0.02;
/// Origins that learning needs.
const LEAST_ORIGINS: usize = 36;
/// Keeps its chance apart from that of other forecasts with the same seed.
const OTHER_CHANCE: u64 = 0x5851_f42d;

type Coefficients = SVector<f64, LOOKS>;

/// Temperature, wind, radiation.
const READ: [fn(&Weather) -> f64; 3] = [|w| w.temperature_c, |w| w.wind_m_s, |w| w.solar_w_m2];

/// How a weather forecast is corrected: coefficients by quantity and group of leads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WeatherCorrection {
    coefficients: Option<[Vec<Coefficients>; READ.len()]>,
}

impl WeatherCorrection {
    /// From the weather before an hour. Nothing is corrected where forecasts do not err, or less than four weeks are known.
    pub fn learn(
        weather: &HourlyWeather,
        uncertainty: &WeatherUncertainty,
        end_hour: i64,
        seed: u64,
    ) -> WeatherCorrection {
        let end = end_hour.min(weather.end_hour());
        let first = weather.first_hour() + (USUAL_DAYS + 1) * DAY;
        let origins: Vec<i64> = (first..end - DAY).step_by(STRIDE).collect();
        if *uncertainty == WeatherUncertainty::NONE || origins.len() < LEAST_ORIGINS {
            return WeatherCorrection::default();
        }
        let longest = GROUPS[GROUPS.len() - 1].1;
        let empty = || vec![(SMatrix::<f64, LOOKS, LOOKS>::zeros(), Coefficients::zeros()); GROUPS.len()];
        let mut sums = READ.map(|_| empty());
        for origin in origins {
            let hours = usize::try_from(end - 1 - origin).unwrap_or(0).min(longest);
            let (truth, _) = weather.ahead(origin, hours);
            for try_ in 0..TRIES {
                let chance = seed.wrapping_add(OTHER_CHANCE).wrapping_add(origin as u64 * TRIES + try_);
                let told = uncertainty.forecast_of(&truth, chance);
                for (sums, read) in sums.iter_mut().zip(READ) {
                    let looks = looks(weather, origin, &told, read);
                    for (((look, told), truth), lead) in looks.iter().zip(&told).zip(&truth).zip(1..) {
                        if let Some((second, first)) = group_of(lead).and_then(|group| sums.get_mut(group)) {
                            *second += look * look.transpose();
                            *first += look * (read(truth) - read(told));
                        }
                    }
                }
            }
        }
        let solve = |(mut second, first): (SMatrix<f64, LOOKS, LOOKS>, Coefficients)| {
            let held = HELD * second.trace() / LOOKS as f64;
            (0..LOOKS).for_each(|at| second[(at, at)] += held);
            second.cholesky().map_or_else(Coefficients::zeros, |factor| factor.solve(&first))
        };
        WeatherCorrection { coefficients: Some(sums.map(|groups| groups.into_iter().map(solve).collect())) }
    }

    /// The forecast of the hours after an origin, corrected by the weather up to it.
    pub fn apply(&self, weather: &HourlyWeather, origin: i64, told: &[Weather]) -> Vec<Weather> {
        let mut out = told.to_vec();
        let Some(coefficients) = &self.coefficients else { return out };
        if origin - weather.first_hour() < (USUAL_DAYS + 1) * DAY || origin >= weather.end_hour() {
            return out;
        }
        let corrections: Vec<Vec<f64>> = READ
            .iter()
            .zip(coefficients)
            .map(|(read, groups)| {
                let looks = looks(weather, origin, told, *read);
                let one = |(look, lead): (&Coefficients, usize)| {
                    group_of(lead).and_then(|group| groups.get(group)).map_or(0.0, |own| own.dot(look))
                };
                looks.iter().zip(1..).map(one).collect()
            })
            .collect();
        for (at, hour) in out.iter_mut().enumerate() {
            hour.temperature_c += corrections[0][at];
            hour.wind_m_s = (hour.wind_m_s + corrections[1][at]).max(0.0);
            // Nights stay dark.
            if hour.solar_w_m2 > 0.0 {
                hour.solar_w_m2 = (hour.solar_w_m2 + corrections[2][at]).max(0.0);
            }
        }
        out
    }
}

fn group_of(lead: usize) -> Option<usize> {
    GROUPS.iter().position(|(_, last)| lead <= *last)
}

/// What is looked at for every hour ahead: the forecast less the last day's hour, by itself, about it and over its day;
/// less the usual value of the hour, by itself and over its day; how far the last hours were off the usual.
fn looks(weather: &HourlyWeather, origin: i64, told: &[Weather], read: fn(&Weather) -> f64) -> Vec<Coefficients> {
    let measured = |hour: i64| weather.at(hour).map(|now| read(&now));
    // The mean of an hour of the day over the last days before it, none of them behind the origin.
    let usual = |hour: i64| {
        let days = ((hour - origin).max(1) + DAY - 1).div_euclid(DAY);
        let last = hour - DAY * days;
        let values: Vec<f64> = (0..USUAL_DAYS).filter_map(|day| measured(last - DAY * day)).collect();
        values.iter().sum::<f64>() / values.len().max(1) as f64
    };
    let last_day: Vec<f64> = (0..DAY).map(|at| measured(origin - DAY + 1 + at).unwrap_or(0.0)).collect();
    let usual_day: Vec<f64> = (1..=DAY).map(|at| usual(origin + at)).collect();
    let off = |values: &[f64]| -> Vec<f64> {
        told.iter().zip(values.iter().cycle()).map(|(told, value)| read(told) - value).collect()
    };
    let (from_last, from_usual) = (off(&last_day), off(&usual_day));
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let recent: Vec<f64> =
        (origin - LAST_H + 1..=origin).filter_map(|hour| Some(measured(hour)? - usual(hour))).collect();
    let recent = mean(&recent);
    (0..told.len())
        .map(|at| {
            let around = |width: usize| mean(&from_last[at.saturating_sub(width)..(at + width + 1).min(told.len())]);
            let day = at / DAY as usize * DAY as usize;
            let of_day = day..(day + DAY as usize).min(told.len());
            Coefficients::from([
                from_last[at],
                around(AROUND[0]),
                around(AROUND[1]),
                mean(&from_last[of_day.clone()]),
                from_usual[at],
                mean(&from_usual[of_day]),
                recent,
            ])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Days alike but for a temperature that wanders by a few kelvin.
    fn winter() -> HourlyWeather {
        let mut wander = super::super::weather::Wander::new(11, 0);
        let values = (0..100 * 24).map(|hour| {
            let clock = f64::from(hour % 24 - 14) / 24.0 * std::f64::consts::TAU;
            Weather {
                temperature_c: -5.0 + 4.0 * clock.cos() + 2.5 * wander.next(0.98),
                wind_m_s: 3.0,
                solar_w_m2: (300.0 * clock.cos()).max(0.0),
            }
        });
        HourlyWeather::new(1000, values.collect()).unwrap()
    }

    #[test]
    fn a_corrected_forecast_errs_less_on_days_not_learned_from() {
        let (weather, usual) = (winter(), WeatherUncertainty::USUAL);
        let split = 1000 + 60 * 24;
        let correction = WeatherCorrection::learn(&weather, &usual, split, 1);
        let (mut before, mut after) = ([0.0; 3], [0.0; 3]);
        for origin in (split..weather.end_hour() - 120).step_by(5) {
            let (truth, _) = weather.ahead(origin, 120);
            let told = usual.forecast_of(&truth, 77 + origin as u64);
            let corrected = correction.apply(&weather, origin, &told);
            for ((truth, told), corrected) in truth.iter().zip(&told).zip(&corrected) {
                for (at, read) in READ.iter().enumerate() {
                    before[at] += (read(told) - read(truth)).powi(2);
                    after[at] += (read(corrected) - read(truth)).powi(2);
                }
                assert!(corrected.wind_m_s >= 0.0 && (told.solar_w_m2 > 0.0 || corrected.solar_w_m2 == 0.0));
            }
        }
        assert!(
            after[0] < 0.9 * before[0] && after[1] < 0.5 * before[1] && after[2] < before[2],
            "{before:?} {after:?}"
        );
    }

    #[test]
    fn nothing_behind_the_origin_is_looked_at_and_a_known_weather_stays() {
        let weather = winter();
        let split = 1000 + 60 * 24;
        let correction = WeatherCorrection::learn(&weather, &WeatherUncertainty::USUAL, split, 1);
        let (truth, _) = weather.ahead(split, 120);
        let told = WeatherUncertainty::USUAL.forecast_of(&truth, 3);
        let past: Vec<Weather> = (1000..=split).filter_map(|hour| weather.at(hour)).collect();
        let past = HourlyWeather::new(1000, past).unwrap();
        assert_eq!(correction.apply(&weather, split, &told), correction.apply(&past, split, &told));
        assert_eq!(correction, WeatherCorrection::learn(&past, &WeatherUncertainty::USUAL, split, 1));
        let none = WeatherCorrection::learn(&weather, &WeatherUncertainty::NONE, split, 1);
        assert_eq!(none.apply(&weather, split, &told), told);
        // Two weeks teach nothing.
        let early = WeatherCorrection::learn(&weather, &WeatherUncertainty::USUAL, 1000 + 14 * 24, 1);
        assert_eq!(early.apply(&weather, split, &told), told);
    }
}
