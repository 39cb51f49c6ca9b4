//! Weather by the hour as forecasts use it, and how wrong a forecast of the weather is.
//!
//! [`HourlyWeather`] holds the mean of every hour. [`WeatherUncertainty`] makes of the weather that came a forecast as it might
//! have been issued: errors grow with the lead, are alike from hour to hour, and are drawn from a seed. So a forecast
//! of load can be judged as it will be used, not with weather nobody knew. The spread of the temperature follows what
//! services publish of 2 m temperature at stations after statistical correction: about 1.5 K a day ahead and 2.7 K five days ahead
//! (T. Haiden et al., Evaluation of ECMWF forecasts, ECMWF Technical Memorandum 880, 2021, gives errors of this size for
//! Europe; a MOS of ECMWF's temperature in Heilongjiang is within 2 K in 71.5 % of the first day's winter hours, Heilongjiang Meteorology 2024 no. 2,
//! which is more than is taken here). Not here: reading files, getting forecasts, correcting them (`weather_correction`).

use crate::physics::calendar::HOUR_S;
use crate::physics::weather::{Weather, WeatherSeries};
use crate::simulation::chance::Chance;

/// Where nothing is known of it.
pub(super) const CALM: Weather = Weather { temperature_c: 0.0, wind_m_s: 0.0, solar_w_m2: 0.0 };

/// Means of hours, without gaps. Hours are counted from 1970-01-01 00:00 in local standard time.
#[derive(Clone, Debug, PartialEq)]
pub struct HourlyWeather {
    first_hour: i64,
    values: Vec<Weather>,
}

impl HourlyWeather {
    /// The whole hours that a series covers; `None` where it covers none.
    pub fn of(series: &WeatherSeries) -> Option<HourlyWeather> {
        let (first_s, last_s) = series.span_s();
        let first_hour = (first_s / HOUR_S).ceil() as i64;
        // The last entry of an hourly table stands for its hour: so much is held beyond it.
        let end = (last_s / HOUR_S).floor() as i64 + 1;
        let mean = |hour: i64| series.mean(hour as f64 * HOUR_S, HOUR_S);
        let values: Vec<Weather> = (first_hour..end.max(first_hour)).map(mean).collect();
        (!values.is_empty()).then_some(HourlyWeather { first_hour, values })
    }

    /// From hourly means; `None` where there are none.
    pub fn new(first_hour: i64, values: Vec<Weather>) -> Option<HourlyWeather> {
        (!values.is_empty()).then_some(HourlyWeather { first_hour, values })
    }

    pub fn first_hour(&self) -> i64 {
        self.first_hour
    }

    /// The first hour that is not known any more.
    pub fn end_hour(&self) -> i64 {
        self.first_hour + self.values.len() as i64
    }

    pub fn at(&self, hour: i64) -> Option<Weather> {
        usize::try_from(hour - self.first_hour).ok().and_then(|at| self.values.get(at)).copied()
    }

    /// The hours after `origin`, so many of them; beyond what is known the last day that is known comes again. With
    /// the number of hours that are really known.
    pub fn ahead(&self, origin: i64, hours: usize) -> (Vec<Weather>, usize) {
        let known = usize::try_from(self.end_hour() - 1 - origin).unwrap_or(0).min(hours);
        let value = |lead: i64| {
            let beyond = (origin + lead - (self.end_hour() - 1)).max(0);
            let back = (beyond + 23).div_euclid(24) * 24;
            self.at(origin + lead - back).or_else(|| self.values.last().copied())
        };
        ((1..=hours as i64).filter_map(value).collect(), known)
    }
}

/// Standard deviations of the errors of a weather forecast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WeatherUncertainty {
    /// Temperature: at the origin, where the air is measured, and what comes to it by the root of the days ahead, K.
    pub temperature_k: f64,
    pub temperature_k_by_root_day: f64,
    /// Wind, m/s.
    pub wind_m_s: f64,
    /// Radiation, as a share of itself.
    pub solar_share: f64,
}

impl WeatherUncertainty {
    /// As published (see the module).
    pub const USUAL: WeatherUncertainty =
        WeatherUncertainty { temperature_k: 0.5, temperature_k_by_root_day: 1.0, wind_m_s: 1.3, solar_share: 0.3 };
    /// The weather is known.
    pub const NONE: WeatherUncertainty =
        WeatherUncertainty { temperature_k: 0.0, temperature_k_by_root_day: 0.0, wind_m_s: 0.0, solar_share: 0.0 };

    /// All deviations so many times as large.
    #[must_use]
    pub fn times(self, factor: f64) -> WeatherUncertainty {
        WeatherUncertainty {
            temperature_k: factor * self.temperature_k,
            temperature_k_by_root_day: factor * self.temperature_k_by_root_day,
            wind_m_s: factor * self.wind_m_s,
            solar_share: factor * self.solar_share,
        }
    }

    /// Standard deviation of the temperature so many hours ahead, K.
    pub fn temperature_deviation_k(&self, lead_hours: usize) -> f64 {
        self.temperature_k + self.temperature_k_by_root_day * (lead_hours as f64 / 24.0).sqrt()
    }

    /// Standard deviation of the temperature's mean over the first so many hours, K: errors of neighbouring hours are alike, so
    /// that a mean is hardly better known than an hour.
    pub fn mean_temperature_deviation_k(&self, hours: usize) -> f64 {
        let deviation = |at: usize| self.temperature_deviation_k(at + 1);
        let alike = |apart: usize| {
            let apart = apart as i32;
            SLOW_SHARE * SLOW_KEPT.powi(apart) + (1.0 - SLOW_SHARE) * FAST_KEPT.powi(apart)
        };
        let row = |a: usize| -> f64 { (0..hours).map(|b| deviation(a) * deviation(b) * alike(a.abs_diff(b))).sum() };
        let sum: f64 = (0..hours).map(row).sum();
        sum.sqrt() / hours.max(1) as f64
    }

    /// A forecast of this weather (hours after an origin, in order) as it might have been issued: the same for the same
    /// seed.
    pub fn forecast_of(&self, truth: &[Weather], seed: u64) -> Vec<Weather> {
        let mut errors = [0, 1, 2, 3].map(|purpose| Wander::new(seed, purpose));
        let one = |(at, weather): (usize, &Weather)| {
            // A front that comes early or late, and the air mass behind it: both hours and days of likeness.
            let [slow, fast, wind, sun] = &mut errors;
            let temperature =
                SLOW_SHARE.sqrt() * slow.next(SLOW_KEPT) + (1.0 - SLOW_SHARE).sqrt() * fast.next(FAST_KEPT);
            Weather {
                temperature_c: weather.temperature_c + self.temperature_deviation_k(at + 1) * temperature,
                wind_m_s: (weather.wind_m_s + self.wind_m_s * wind.next(FAST_KEPT)).max(0.0),
                solar_w_m2: (weather.solar_w_m2 * (1.0 + self.solar_share * sun.next(FAST_KEPT))).max(0.0),
            }
        };
        truth.iter().enumerate().map(one).collect()
    }
}

/// Share of the temperature's variance that stays for a day and a half (kept a share e^(−1/36) an hour), and the rest for four hours.
const SLOW_SHARE: f64 = 0.7;
const SLOW_KEPT: f64 = 0.9726;
const FAST_KEPT: f64 = 0.7788;

/// Standard normal numbers that are alike from one to the next.
#[derive(Clone, Debug)]
pub(crate) struct Wander {
    chance: Chance,
    value: Option<f64>,
}

impl Wander {
    /// A stream of its own for each purpose.
    pub(crate) fn new(seed: u64, purpose: u64) -> Wander {
        Wander { chance: Chance::new(seed, purpose), value: None }
    }

    /// Uniform in 0 ≤ x < 1, independent of all before.
    pub(crate) fn share(&mut self) -> f64 {
        self.chance.share()
    }

    /// Normal with mean 0 and deviation 1, independent of all before: twelve uniform numbers less six, exact on every machine,
    /// of all their digits: the winters that are shipped and told of were drawn so.
    pub(crate) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.share()).sum::<f64>() - 6.0
    }

    /// The next one, of which `kept` is the last.
    pub(crate) fn next(&mut self, kept: f64) -> f64 {
        let fresh = self.normal();
        let value = match self.value {
            Some(last) => kept * last + (1.0 - kept * kept).sqrt() * fresh,
            None => fresh,
        };
        self.value = Some(value);
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weather(temperature_c: f64) -> Weather {
        Weather { temperature_c, wind_m_s: 3.0, solar_w_m2: 100.0 }
    }

    #[test]
    fn hours_are_means_and_the_last_day_comes_again() {
        let entries: Vec<_> = (0..48).map(|hour| (f64::from(hour) * HOUR_S, weather(f64::from(hour)))).collect();
        let hourly = HourlyWeather::of(&WeatherSeries::new(&entries).unwrap()).unwrap();
        assert_eq!((hourly.first_hour(), hourly.end_hour()), (0, 48));
        assert!((hourly.at(3).unwrap().temperature_c - 3.5).abs() < 1e-9);
        assert_eq!((hourly.at(-1), hourly.at(48)), (None, None));
        let (ahead, known) = hourly.ahead(45, 60);
        assert_eq!((ahead.len(), known), (60, 2));
        assert!((ahead[0].temperature_c - 46.5).abs() < 1e-9);
        // Hour 48 is like hour 24, hour 72 and hour 96 too.
        for lead in [3, 27, 51] {
            assert!((ahead[lead - 1].temperature_c - 24.5).abs() < 1e-9, "{lead}");
        }
    }

    #[test]
    fn the_mean_of_a_day_is_as_uncertain_as_many_drawn_days_say() {
        let truth = vec![weather(-5.0); 24];
        let (mut sum, count) = (0.0, 4000);
        for seed in 0..count {
            let made = WeatherUncertainty::USUAL.forecast_of(&truth, seed);
            let error_k = made.iter().map(|one| one.temperature_c + 5.0).sum::<f64>() / 24.0;
            sum += error_k * error_k;
        }
        let (found, said) = ((sum / count as f64).sqrt(), WeatherUncertainty::USUAL.mean_temperature_deviation_k(24));
        assert!((found / said - 1.0).abs() < 0.04, "{found} instead of {said}");
        assert!(said < WeatherUncertainty::USUAL.temperature_deviation_k(24));
        assert_eq!(WeatherUncertainty::NONE.mean_temperature_deviation_k(24), 0.0);
    }

    #[test]
    fn errors_have_the_size_they_say_and_grow() {
        let truth = vec![weather(-5.0); 120];
        let mut squares = [0.0; 120];
        let count = 2000;
        for seed in 0..count {
            for (sum, made) in squares.iter_mut().zip(WeatherUncertainty::USUAL.forecast_of(&truth, seed)) {
                *sum += (made.temperature_c + 5.0_f64).powi(2);
                assert!(made.wind_m_s >= 0.0 && made.solar_w_m2 >= 0.0);
            }
        }
        for lead in [1, 24, 120] {
            let found = (squares[lead - 1] / count as f64).sqrt();
            let said = WeatherUncertainty::USUAL.temperature_deviation_k(lead);
            assert!((found / said - 1.0).abs() < 0.06, "{lead}: {found} instead of {said}");
        }
        assert!((WeatherUncertainty::USUAL.temperature_deviation_k(24) - 1.5).abs() < 0.01);
        assert_eq!(WeatherUncertainty::NONE.forecast_of(&truth, 7), truth);
        assert_eq!(WeatherUncertainty::USUAL.forecast_of(&truth, 7), WeatherUncertainty::USUAL.forecast_of(&truth, 7));
    }
}
