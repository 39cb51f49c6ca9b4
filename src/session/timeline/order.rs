//! What a run through the hours is asked for: weather, start, length; and the weather that was found for it.

use std::path::PathBuf;
use std::sync::Arc;

use crate::io::IoError;
use crate::io::weather::{self, EXAMPLE_WINTERS, ExampleWinter};
use crate::network::Network;
use crate::physics::calendar::{CivilTime, DAY_S};
use crate::physics::weather::{Weather, WeatherSeries};

/// A night is from this hour of the day on, and this long, s.
const EVENING_S: f64 = 18.0 * 3600.0;
const NIGHT_S: f64 = 14.0 * 3600.0;
/// Longest run, hours: two weeks.
pub const MOST_HOURS: f64 = 336.0;

/// Where the weather of a run comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum WeatherChoice {
    /// The example winter whose coldest night is nearest to what the network is laid out for.
    #[default]
    Fitting,
    /// The example winter of this name.
    Winter(&'static str),
    File(PathBuf),
    /// The outdoor temperature of the network's settings, always.
    AsSet,
}

/// A run through some hours.
#[derive(Clone, Debug, PartialEq)]
pub struct RunOrder {
    pub weather: WeatherChoice,
    /// As `physics::calendar` counts; `None`: the evening before the coldest night.
    pub start_calendar_s: Option<f64>,
    pub hours: f64,
    /// Scenario of the network to run; `None`: the network as it stands.
    pub scenario: Option<String>,
}

impl Default for RunOrder {
    fn default() -> Self {
        RunOrder { weather: WeatherChoice::default(), start_calendar_s: None, hours: NIGHT_S / 3600.0, scenario: None }
    }
}

/// Weather and start that were found for an order.
#[derive(Clone, Debug, PartialEq)]
pub struct RunWeather {
    /// Word of the example winter, name of the file, or empty where the network's own temperature holds.
    pub name: String,
    /// `None`: one temperature, always.
    pub series: Option<Arc<WeatherSeries>>,
    pub constant: Weather,
    pub start_calendar_s: f64,
}

impl RunWeather {
    /// Reads the weather of an order.
    ///
    /// # Errors
    /// A file that cannot be read, or is no weather.
    pub fn find(order: &RunOrder, network: &Network) -> Result<RunWeather, IoError> {
        let outdoor_c = network.settings().outdoor_temperature_c;
        let (name, series) = match &order.weather {
            WeatherChoice::AsSet => (String::new(), None),
            WeatherChoice::File(path) => (path.display().to_string(), Some(weather::read(path)?)),
            WeatherChoice::Winter(name) => match ExampleWinter::by_name(name) {
                Some(winter) => (winter.name.to_owned(), Some(winter.series()?)),
                None => ((*name).to_owned(), Some(weather::read(name.as_ref())?)),
            },
            WeatherChoice::Fitting => {
                let (name, series) = fitting(outdoor_c)?;
                (name.to_owned(), Some(series))
            }
        };
        let start = order.start_calendar_s.or_else(|| series.as_ref().map(coldest_evening_s));
        // 15 January 2026 in the evening, where nothing else says when.
        let start_calendar_s = start.unwrap_or(20_468.0 * DAY_S + EVENING_S);
        let constant = Weather { temperature_c: outdoor_c, wind_m_s: 0.0, solar_w_m2: 0.0 };
        Ok(RunWeather { name, series: series.map(Arc::new), constant, start_calendar_s })
    }

    pub fn at(&self, calendar_s: f64) -> Weather {
        self.series.as_ref().map_or(self.constant, |series| series.at(calendar_s))
    }

    /// Mean over a step.
    pub fn mean(&self, calendar_s: f64, step_s: f64) -> Weather {
        self.series.as_ref().map_or(self.constant, |series| series.mean(calendar_s, step_s))
    }
}

/// The example winter whose coldest night comes nearest to an outdoor temperature.
fn fitting(outdoor_c: f64) -> Result<(&'static str, WeatherSeries), IoError> {
    let mut best: Option<(f64, &'static str, WeatherSeries)> = None;
    for winter in EXAMPLE_WINTERS {
        let series = winter.series()?;
        let night_c = series.mean(coldest_evening_s(&series), NIGHT_S).temperature_c;
        let distance_k = (night_c - outdoor_c).abs();
        if best.as_ref().is_none_or(|(least, ..)| distance_k < *least) {
            best = Some((distance_k, winter.name, series));
        }
    }
    best.map(|(_, name, series)| (name, series)).ok_or_else(IoError::default)
}

/// The evening before the coldest night of a series; its first moment where it is shorter than a night.
pub fn coldest_evening_s(series: &WeatherSeries) -> f64 {
    let (first_s, last_s) = series.span_s();
    let mut evening_s = (first_s / DAY_S).floor() * DAY_S + EVENING_S;
    let mut coldest = (f64::INFINITY, first_s);
    while evening_s + NIGHT_S <= last_s {
        let mean_c = series.mean(evening_s, NIGHT_S).temperature_c;
        if evening_s >= first_s && mean_c < coldest.0 {
            coldest = (mean_c, evening_s);
        }
        evening_s += DAY_S;
    }
    coldest.1
}

/// `2026-01-15 18:00`, as people may type a start; the time of day may be missing.
pub fn parse_time(text: &str) -> Option<f64> {
    let text = text.trim().replace(['T', '/'], " ").replace('-', " ");
    let mut words = text.split_whitespace();
    let year = words.next()?.parse().ok()?;
    let (month, day) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let second_of_day = match words.next() {
        None => 0.0,
        Some(clock) => {
            let (hour, minute) = clock.split_once(':').unwrap_or((clock, "0"));
            let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
            if hour > 23 || minute > 59 {
                return None;
            }
            f64::from(hour) * 3600.0 + f64::from(minute) * 60.0
        }
    };
    CivilTime { year, month, day, second_of_day }.time_s()
}

/// `2026-01-15 18:00`.
pub fn time_text(calendar_s: f64) -> String {
    format!("{} {}", CivilTime::of(calendar_s).date_text(), clock_text(calendar_s))
}

/// `18:00`.
pub fn clock_text(calendar_s: f64) -> String {
    let minutes = (CivilTime::of(calendar_s).second_of_day / 60.0 + 1e-6).floor() as u32;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_go_there_and_back() {
        for text in ["2026-01-15 18:00", "2025-12-31 23:59", "2024-02-29 00:00"] {
            assert_eq!(time_text(parse_time(text).unwrap()), text);
        }
        assert_eq!(parse_time("2026-01-15"), parse_time("2026/1/15T0:00"));
        for wrong in ["", "2026-13-01", "2026-01-15 24:00", "tomorrow", "2026-01"] {
            assert_eq!(parse_time(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_coldest_night_is_the_coldest() {
        let series = EXAMPLE_WINTERS[0].series().unwrap();
        let evening_s = coldest_evening_s(&series);
        assert_eq!(clock_text(evening_s), "18:00");
        let coldest_c = series.mean(evening_s, NIGHT_S).temperature_c;
        for day in 0..100 {
            let other_s = series.span_s().0.div_euclid(DAY_S) * DAY_S + EVENING_S + f64::from(day) * DAY_S;
            assert!(series.mean(other_s, NIGHT_S).temperature_c >= coldest_c);
        }
    }

    #[test]
    fn a_colder_network_gets_a_colder_winter() {
        let night_c = |outdoor_c: f64| {
            let (_, series) = fitting(outdoor_c).unwrap();
            series.mean(coldest_evening_s(&series), NIGHT_S).temperature_c
        };
        assert!(night_c(-30.0) < night_c(-5.0));
    }
}
