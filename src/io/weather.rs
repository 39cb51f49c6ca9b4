//! Weather from a file, and the example winters that come with the program.
//!
//! A table with `time`, `temperature_c` and, where known, `wind_m_s` and `solar_w_m2` (else 0), a row an hour or any
//! other rising times; or the saved reply of a weather service (`weather_service`). The examples are synthetic: made by a seeded random process around monthly means and daily
//! swings typical of the place, with cold spells and clouds. They are no measurements and no design data. Not here:
//! interpolation.

use std::path::Path;

use super::sheet::{Column, Sheet};
use super::{IoError, Problem, encoding, weather_service};
use crate::physics::calendar::HOUR_S;
use crate::physics::weather::{Weather, WeatherError, WeatherSeries};

const COLUMNS: &[Column] = &[
    ("time", &["时间"]),
    ("temperature_c", &["室外温度", "温度"]),
    ("wind_m_s", &["风速"]),
    ("solar_w_m2", &["太阳辐射", "辐射"]),
];

/// An example winter, 15 November to 15 March by the hour.
#[derive(Clone, Copy, Debug)]
pub struct ExampleWinter {
    /// `beijing-like`, …
    pub name: &'static str,
    text: &'static str,
}

/// The example winters.
pub const EXAMPLE_WINTERS: [ExampleWinter; 3] = [
    ExampleWinter { name: "beijing-like", text: include_str!("../../assets/weather/beijing-like.csv") },
    ExampleWinter { name: "harbin-like", text: include_str!("../../assets/weather/harbin-like.csv") },
    ExampleWinter { name: "urumqi-like", text: include_str!("../../assets/weather/urumqi-like.csv") },
];

impl ExampleWinter {
    /// The winter of this name.
    pub fn by_name(name: &str) -> Option<ExampleWinter> {
        EXAMPLE_WINTERS.into_iter().find(|winter| winter.name == name)
    }

    /// The file itself, as a pattern for own files.
    pub fn text(&self) -> &'static str {
        self.text
    }

    pub fn series(&self) -> Result<WeatherSeries, IoError> {
        parse(Path::new(self.name), self.text)
    }
}

/// China's standard time ahead of UTC, s: replies of services in UTC are read so where nothing else is said.
pub const CHINA_OFFSET_S: f64 = 8.0 * HOUR_S;

/// Reads weather from a file.
pub fn read(file: &Path) -> Result<WeatherSeries, IoError> {
    read_at(file, CHINA_OFFSET_S)
}

/// Reads weather from a file; times that a service tells in UTC become local by this offset, s.
pub fn read_at(file: &Path, utc_offset_s: f64) -> Result<WeatherSeries, IoError> {
    let text = encoding::read(file)?;
    if weather_service::is_reply(&text) {
        return reply(file, &text, utc_offset_s);
    }
    parse(file, &text)
}

/// Reads weather from the text of a table.
pub fn parse(file: &Path, text: &str) -> Result<WeatherSeries, IoError> {
    series(&Sheet::parse(file, text, COLUMNS, &["time", "temperature_c"])?)
}

/// Reads weather from the text of a service's reply.
pub fn reply(file: &Path, text: &str, utc_offset_s: f64) -> Result<WeatherSeries, IoError> {
    let entries = weather_service::entries(file, text, utc_offset_s)?;
    WeatherSeries::new(&entries).map_err(|reason| {
        let key = match reason {
            WeatherError::NotRising { .. } => "io-time-not-rising",
            WeatherError::Empty | WeatherError::NotFinite { .. } => "io-weather-empty",
        };
        Problem::new(file, key).into()
    })
}

fn series(sheet: &Sheet) -> Result<WeatherSeries, IoError> {
    let mut error = IoError::default();
    let (mut entries, mut lines) = (Vec::new(), Vec::new());
    for row in sheet.rows() {
        let read = || -> Result<_, Box<Problem>> {
            Ok((
                row.time_s("time")?,
                Weather {
                    temperature_c: row.required_number("temperature_c", -70.0, 60.0)?,
                    wind_m_s: row.number("wind_m_s", 0.0, 80.0)?.unwrap_or(0.0),
                    solar_w_m2: row.number("solar_w_m2", 0.0, 1500.0)?.unwrap_or(0.0),
                },
            ))
        };
        match read() {
            Ok(entry) => {
                entries.push(entry);
                lines.push(row.line);
            }
            Err(problem) => error.push(*problem),
        }
    }
    error.into_result()?;
    WeatherSeries::new(&entries).map_err(|reason| {
        let key = match reason {
            WeatherError::Empty => return Problem::new(sheet.file(), "io-weather-empty").into(),
            WeatherError::NotRising { .. } => "io-time-not-rising",
            // Numbers that are not finite were refused row by row.
            WeatherError::NotFinite { .. } => "io-weather-empty",
        };
        let (WeatherError::NotRising { at } | WeatherError::NotFinite { at }) = reason else {
            return Problem::new(sheet.file(), key).into();
        };
        Problem::new(sheet.file(), key).line(lines.get(at).copied().unwrap_or(0)).into()
    })
}
