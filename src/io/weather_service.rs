//! Weather as services answer it: the saved reply, read where it lies.
//!
//! Two open formats in JSON: Open-Meteo (`hourly` with columns, <https://open-meteo.com/en/docs>), and MET Norway's general point
//! forecast (`properties.timeseries`, <https://api.met.no/doc/ForecastJSON>), which has clouds instead of radiation: its hours
//! get the radiation of sun and clouds at their place. Units are those that the reply names. Times in UTC become local standard time by an offset; a
//! reply in a zone of its own keeps it. Not here: asking a service; nothing is fetched.

use std::path::Path;

use serde_json::{Map, Value};

use super::sheet::parse_time_s;
use super::{IoError, Problem};
use crate::physics::calendar::HOUR_S;
use crate::physics::sun::{global_w_m2, sine_of_height};
use crate::physics::weather::Weather;

/// Whether a text is a reply in JSON rather than a table.
pub(super) fn is_reply(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with('{')
}

/// Entries with rising times in local standard time.
pub(super) fn entries(file: &Path, text: &str, utc_offset_s: f64) -> Result<Vec<(f64, Weather)>, IoError> {
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
        let problem = Problem::new(file, "io-weather-json").with("reason", &error);
        problem.at(error.line(), error.column())
    })?;
    if let Some(hourly) = value.get("hourly").and_then(Value::as_object) {
        return columns(file, &value, hourly, utc_offset_s);
    }
    if let Some(series) = value.pointer("/properties/timeseries").and_then(Value::as_array) {
        return points(file, &value, series, utc_offset_s);
    }
    // What a service answers instead of weather.
    let reason = value.get("reason").and_then(Value::as_str).unwrap_or("");
    Err(Problem::new(file, "io-weather-service").with("reason", reason).into())
}

/// A column of Open-Meteo under one of its names, with the factor and offset of its unit.
struct Column<'a> {
    name: &'static str,
    values: &'a [Value],
    factor: f64,
    offset: f64,
}

impl<'a> Column<'a> {
    fn find(
        file: &Path,
        reply: &'a Value,
        hourly: &'a Map<String, Value>,
        names: [&'static str; 2],
    ) -> Result<Option<Column<'a>>, IoError> {
        let found = names.into_iter().find_map(|name| Some((name, hourly.get(name)?.as_array()?)));
        let Some((name, values)) = found else { return Ok(None) };
        let unit = reply.pointer(&format!("/hourly_units/{name}")).and_then(Value::as_str).unwrap_or("");
        let (factor, offset) = match unit {
            "°F" => (5.0 / 9.0, -32.0 * 5.0 / 9.0),
            "km/h" => (1.0 / 3.6, 0.0),
            "mp/h" | "mph" => (0.44704, 0.0),
            "kn" => (1852.0 / 3600.0, 0.0),
            "°C" | "m/s" | "W/m²" => (1.0, 0.0),
            _ => return Err(problem(file, "io-weather-unit", name).with("unit", unit).into()),
        };
        Ok(Some(Column { name, values, factor, offset }))
    }

    fn at(&self, file: &Path, at: usize) -> Result<Option<f64>, Box<Problem>> {
        match self.values.get(at) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => number(value)
                .map(|value| Some(self.factor * value + self.offset))
                .ok_or_else(|| Box::new(problem(file, "io-weather-value", self.name).with("got", value))),
        }
    }
}

fn problem(file: &Path, key: &'static str, field: &str) -> Problem {
    Problem::new(file, key).with("field", field)
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().filter(|value| value.is_finite())
}

/// Open-Meteo: a column for each quantity.
fn columns(
    file: &Path,
    reply: &Value,
    hourly: &Map<String, Value>,
    utc_offset_s: f64,
) -> Result<Vec<(f64, Weather)>, IoError> {
    let missing = |field| IoError::from(problem(file, "io-weather-column", field));
    let times = hourly.get("time").and_then(Value::as_array).ok_or_else(|| missing("time"))?;
    let temperature =
        Column::find(file, reply, hourly, ["temperature_2m"; 2])?.ok_or_else(|| missing("temperature_2m"))?;
    let wind = Column::find(file, reply, hourly, ["wind_speed_10m", "windspeed_10m"])?;
    let sun = Column::find(file, reply, hourly, ["shortwave_radiation"; 2])?;
    // Texts are times of the zone asked for, numbers are UTC whatever the zone.
    let zone_s = reply.get("utc_offset_seconds").and_then(number).unwrap_or(0.0);
    let shift_s = if zone_s == 0.0 { utc_offset_s } else { 0.0 };
    let mut error = IoError::default();
    let mut out = Vec::new();
    for (at, time) in times.iter().enumerate() {
        let local_s = match time {
            Value::String(text) => parse_time_s(text).map(|time_s| time_s + shift_s),
            other => number(other).map(|time_s| time_s + shift_s + zone_s),
        };
        let Some(local_s) = local_s else {
            error.push(Problem::new(file, "io-bad-time").with("field", "time").with("got", time));
            continue;
        };
        let of =
            |column: &Option<Column<'_>>, at: usize| column.as_ref().map_or(Ok(None), |column| column.at(file, at));
        let read = || -> Result<Option<Weather>, Box<Problem>> {
            // A reply ends, and archives begin, with hours of which nothing is known.
            let Some(temperature_c) = temperature.at(file, at)? else { return Ok(None) };
            // Radiation is the mean of the hour before its time; at the time itself it is about the mean of both hours beside it.
            let (before, after) = (of(&sun, at)?, of(&sun, at + 1)?);
            Ok(Some(Weather {
                temperature_c,
                wind_m_s: of(&wind, at)?.unwrap_or(0.0).max(0.0),
                solar_w_m2: match (before, after) {
                    (Some(before), Some(after)) => 0.5 * (before + after).max(0.0),
                    (one, other) => one.or(other).unwrap_or(0.0).max(0.0),
                },
            }))
        };
        match read() {
            Ok(Some(weather)) => out.push((local_s, weather)),
            Ok(None) => {}
            Err(problem) => error.push(*problem),
        }
    }
    error.into_result()?;
    Ok(out)
}

/// MET Norway: a record for each time, hours at first, six hours later on.
fn points(file: &Path, reply: &Value, series: &[Value], utc_offset_s: f64) -> Result<Vec<(f64, Weather)>, IoError> {
    let coordinate = |at: usize| reply.pointer(&format!("/geometry/coordinates/{at}")).and_then(number);
    let (Some(longitude), Some(latitude)) = (coordinate(0), coordinate(1)) else {
        return Err(problem(file, "io-weather-column", "geometry.coordinates").into());
    };
    for (field, expected) in [("air_temperature", "celsius"), ("wind_speed", "m/s"), ("cloud_area_fraction", "%")] {
        let unit = reply.pointer(&format!("/properties/meta/units/{field}")).and_then(Value::as_str);
        if let Some(unit) = unit.filter(|unit| *unit != expected) {
            return Err(problem(file, "io-weather-unit", field).with("unit", unit).into());
        }
    }
    let mut error = IoError::default();
    // (UTC, temperature, wind, clouds)
    let mut told: Vec<(f64, [f64; 3])> = Vec::new();
    for record in series {
        let time = record.get("time").and_then(Value::as_str).unwrap_or("");
        let Some(utc_s) = time.strip_suffix('Z').and_then(parse_time_s) else {
            error.push(Problem::new(file, "io-bad-time").with("field", "time").with("got", time));
            continue;
        };
        let value = |field: &str| record.pointer(&format!("/data/instant/details/{field}")).and_then(number);
        let Some(temperature_c) = value("air_temperature") else {
            error.push(problem(file, "io-weather-value", "air_temperature").with("got", time));
            continue;
        };
        let clouds = value("cloud_area_fraction").unwrap_or(100.0) / 100.0;
        told.push((utc_s, [temperature_c, value("wind_speed").unwrap_or(0.0), clouds]));
    }
    error.into_result()?;
    let entry = |utc_s: f64, [temperature_c, wind_m_s, clouds]: [f64; 3]| {
        let solar_w_m2 = global_w_m2(sine_of_height(utc_s, latitude, longitude), clouds);
        (utc_s + utc_offset_s, Weather { temperature_c, wind_m_s: wind_m_s.max(0.0), solar_w_m2 })
    };
    let mut out = Vec::new();
    for pair in told.windows(2) {
        let ((from_s, from), (to_s, to)) = (pair[0], pair[1]);
        out.push(entry(from_s, from));
        // The sun does not go by straight lines of six hours.
        let hours = ((to_s - from_s) / HOUR_S).ceil().clamp(1.0, 24.0) as usize;
        for step in 1..hours {
            let share = step as f64 / hours as f64;
            let between = std::array::from_fn(|at| from[at] + share * (to[at] - from[at]));
            out.push(entry(from_s + share * (to_s - from_s), between));
        }
    }
    out.extend(told.last().map(|(utc_s, values)| entry(*utc_s, *values)));
    Ok(out)
}
