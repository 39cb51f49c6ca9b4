//! Meters in a table: a history of loads as `forecast` reads it, with columns for power, water, fuel and weather beside them;
//! or the time series of `simulate`.
//!
//! A table has `time` and a column for every meter: `ID:what_unit`, where `what` is heat (may be left out), electricity, make_up,
//! circulated or fuel, and `source:`, `station:` or `building:` may stand before the id. Units w, kw, mw, gj_h, m3_h are rates that
//! hold until the next row (an hour and a half at most); j, gj, mwh, kwh, m3, t are counters. `city` is all sources together.
//! The time series of a run has `time_s`; its rows end at their time. Not here: historians.

use std::path::Path;

use csv::StringRecord;

use crate::dispatch::energy::{EnergyHistory, Hourly, Outdoor, PlaceKind, Resource};
use crate::dispatch::forecast::HourlyLoad;
use crate::io::heat_history::wall_time_s;
use crate::io::sheet::cells;
use crate::io::{IoError, Problem, encoding};
use crate::network::Network;
use crate::physics::calendar::HOUR_S;

/// How a table is read.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// When a simulated run began, s.
    pub start_s: f64,
    /// Value at which counters begin again at nought, in the unit of their column.
    pub span: Option<f64>,
    /// Heat in a tonne of a source's fuel, J/t, by id.
    pub heat_of_fuel_j_t: Vec<(String, f64)>,
}

/// What a column tells.
#[derive(Clone, Debug, PartialEq)]
enum Meter {
    Outdoor,
    Supplied,
    Received,
    Own(PlaceKind, String, Resource),
}

struct Column {
    at: usize,
    field: String,
    meter: Meter,
    /// To J, m³ or °C; of a rate per second.
    factor: f64,
    counts: bool,
    readings: Vec<(f64, f64)>,
}

/// Units: behind the name, resource's unit is J or m³, whether it is a counter.
const UNITS: [(&str, f64, bool, bool); 11] = [
    ("_gj_h", 1e9 / HOUR_S, true, false),
    ("_m3_h", 1.0 / HOUR_S, false, false),
    ("_kwh", 3.6e6, true, true),
    ("_mwh", 3.6e9, true, true),
    ("_gj", 1e9, true, true),
    ("_m3", 1.0, false, true),
    ("_kw", 1e3, true, false),
    ("_mw", 1e6, true, false),
    ("_j", 1.0, true, true),
    ("_w", 1.0, true, false),
    ("_t", 0.0, true, true),
];

/// Columns of other readers.
const PASSED_OVER: [&str; 5] = ["wind_m_s", "solar_w_m2", "风速", "太阳辐射", "辐射"];

fn resource_of(word: &str) -> Option<Resource> {
    Resource::ALL.into_iter().find(|resource| resource.word() == word)
}

/// The place of a name that may have its kind before it.
fn place_of(name: &str, places: &EnergyHistory) -> Option<(PlaceKind, String)> {
    let kinds = [PlaceKind::Source, PlaceKind::Station, PlaceKind::Building];
    let (kinds, id) = match name.split_once(':') {
        Some((word, id)) => (kinds.into_iter().filter(|kind| kind.word() == word).collect(), id),
        None => (kinds.to_vec(), name),
    };
    kinds.into_iter().find(|kind| places.find(*kind, id).is_some()).map(|kind| (kind, id.to_owned()))
}

/// What a header means; an error is the key of what is wrong with it.
fn column(at: usize, field: &str, places: &EnergyHistory, reading: &Reading) -> Result<Column, &'static str> {
    let lower = field.to_lowercase();
    let made =
        |meter, factor, counts| Ok(Column { at, field: field.to_owned(), meter, factor, counts, readings: Vec::new() });
    if matches!(lower.as_str(), "temperature_c" | "outdoor_temperature_c" | "室外温度" | "温度") {
        return made(Meter::Outdoor, 1.0, false);
    }
    let (name, unit) = match UNITS.iter().find(|unit| lower.ends_with(unit.0)) {
        Some(unit) => (&field[..field.len() - unit.0.len()], *unit),
        None => (field, ("", 1.0, true, false)),
    };
    let (_, factor, of_energy, counts) = unit;
    if matches!(name, "city" | "全市" | "全网") {
        return if of_energy && factor > 0.0 { made(Meter::Supplied, factor, counts) } else { Err("io-energy-unit") };
    }
    let (place, resource) = match name.rsplit_once(':').and_then(|(place, word)| Some((place, resource_of(word)?))) {
        Some((place, resource)) => (place, resource),
        None => (name, Resource::Heat),
    };
    let Some((kind, id)) = place_of(place, places) else { return Err("io-energy-no-place") };
    if of_energy == matches!(resource, Resource::MakeUp | Resource::Circulated) {
        return Err("io-energy-unit");
    }
    let factor = if factor > 0.0 {
        factor
    } else if resource != Resource::Fuel {
        return Err("io-energy-unit");
    } else {
        let found = reading.heat_of_fuel_j_t.iter().find(|(own, _)| *own == id);
        found.map(|(_, heat_j_t)| *heat_j_t).ok_or("io-energy-fuel")?
    };
    made(Meter::Own(kind, id, resource), factor, counts)
}

/// What a header of the time series of a run means; `None` for what is no meter.
fn simulated(at: usize, field: &str, places: &EnergyHistory) -> Option<Column> {
    let meter = match field {
        "outdoor_temperature_c" => Meter::Outdoor,
        "supplied_w" => Meter::Supplied,
        "consumed_w" => Meter::Received,
        _ => {
            let (id, what) = field.rsplit_once(':')?;
            let resource = resource_of(what.strip_suffix("_w")?)?;
            let (kind, id) = place_of(id, places)?;
            Meter::Own(kind, id, resource)
        }
    };
    Some(Column { at, field: field.to_owned(), meter, factor: 1.0, counts: false, readings: Vec::new() })
}

/// Reads a table; every source, substation and building of the network is a place.
pub fn read(file: &Path, network: &Network, reading: &Reading) -> Result<EnergyHistory, IoError> {
    parse(file, &encoding::read(file)?, network, reading)
}

fn parse(file: &Path, text: &str, network: &Network, reading: &Reading) -> Result<EnergyHistory, IoError> {
    let mut history = super::places(network);
    let mut reader = cells(text);
    let (mut record, mut error) = (StringRecord::new(), IoError::default());
    let mut next = |record: &mut StringRecord| -> Result<Option<usize>, IoError> {
        let more = reader.read_record(record).map_err(|reason| {
            let line = reason.position().map_or(0, |position| position.line() as usize);
            IoError::from(Problem::new(file, "io-system").with("reason", &reason).line(line))
        })?;
        Ok(more.then(|| record.position().map_or(0, |position| position.line() as usize)))
    };
    let Some(line) = next(&mut record)? else { return Err(Problem::new(file, "io-table-empty").into()) };
    let find = |names: &[&str]| record.iter().position(|cell| names.contains(&cell.to_lowercase().as_str()));
    let run_at = find(&["time_s"]);
    let Some(time_at) = run_at.or_else(|| find(&["time", "时间"])) else {
        let present = record.iter().collect::<Vec<_>>().join(", ");
        let problem = Problem::new(file, "io-column-missing").with("column", "time").with("present", present);
        return Err(problem.line(line).into());
    };
    let mut columns: Vec<Column> = Vec::new();
    for (at, field) in record.iter().enumerate() {
        if at == time_at || field.is_empty() || PASSED_OVER.contains(&field) {
            continue;
        }
        if run_at.is_some() {
            columns.extend(simulated(at, field, &history));
            continue;
        }
        match column(at, field, &history, reading) {
            Ok(column) if columns.iter().any(|own| own.meter == column.meter) => {
                error.push(Problem::new(file, "io-energy-twice").with("field", field).line(line));
            }
            Ok(column) => columns.push(column),
            Err(key) => error.push(Problem::new(file, key).with("field", field).line(line)),
        }
    }
    if !columns.iter().any(|column| column.meter != Meter::Outdoor) && error.is_empty() {
        error.push(Problem::new(file, "io-energy-nothing").line(line));
    }
    let mut times: Vec<f64> = Vec::new();
    while let Some(line) = next(&mut record)? {
        let Some(text) = record.get(time_at).filter(|text| !text.is_empty()) else { continue };
        let time_s = match run_at {
            Some(_) => text.parse::<f64>().ok().filter(|time_s| time_s.is_finite()).map(|s| reading.start_s + s),
            None => wall_time_s(text),
        };
        let Some(time_s) = time_s else {
            let field = if run_at.is_some() { "time_s" } else { "time" };
            error.push(Problem::new(file, "io-bad-time").with("field", field).with("got", text).line(line));
            continue;
        };
        if times.last().is_some_and(|before_s| time_s <= *before_s) {
            error.push(Problem::new(file, "io-time-not-rising").line(line));
            continue;
        }
        times.push(time_s);
        for column in &mut columns {
            let Some(cell) = record.get(column.at).filter(|cell| !cell.is_empty()) else { continue };
            match crate::io::tables::number(cell) {
                Ok(value) => column.readings.push((time_s, value * column.factor)),
                Err(key) => {
                    let problem =
                        Problem::new(file, key).with("field", &column.field).with("got", cell).with("word", cell);
                    error.push(problem.with("meant", cell.replacen(',', ".", 1)).line(line));
                }
            }
        }
    }
    error.into_result()?;
    if run_at.is_some() {
        let first_step_s = times.get(1).map_or(HOUR_S, |second| second - times[0]);
        let start_of = |time_s: f64| {
            let at = times.partition_point(|time| *time < time_s);
            at.checked_sub(1).map_or(time_s - first_step_s, |before| times[before])
        };
        for (time_s, _) in columns.iter_mut().flat_map(|column| &mut column.readings) {
            *time_s = start_of(*time_s);
        }
    }
    for column in columns {
        let span = reading.span.map(|span| span * column.factor);
        let rates = |readings: &[(f64, f64)]| HourlyLoad::of_readings(readings);
        if column.meter == Meter::Outdoor {
            let mean = rates(&column.readings);
            let celsius = (mean.first_hour()..mean.end_hour()).map(|hour| mean.at(hour)).collect();
            history.outdoor = Some(Outdoor::new(mean.first_hour(), celsius));
            continue;
        }
        let series = if column.counts {
            Hourly::of_counter(&column.readings, span)
        } else {
            Hourly::of_load(&rates(&column.readings))
        };
        match column.meter {
            Meter::Outdoor => {}
            Meter::Supplied => history.supplied = Some(series),
            Meter::Received => history.received = Some(series),
            Meter::Own(kind, id, resource) => {
                if let Some(own) = history.find_mut(kind, &id) {
                    own.set(resource, series);
                }
            }
        }
    }
    Ok(super::settle(history, network))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_by_line() {
        let network = Network::new();
        for (text, expected) in [
            ("time,ST7_kw\n2024-01-15 00:00,1\n", "ST7_kw"),
            ("time,city_m3\n2024-01-15 00:00,1\n", "city_m3"),
            ("time,city_kw\nyesterday,1\n", "energy.csv:2"),
            ("time,city_kw\n2024-01-15 00:00,1\n2024-01-15 00:00,1\n", "energy.csv:3"),
            ("time,temperature_c\n2024-01-15 00:00,1\n", "energy.csv:1"),
            ("date,city\n2024-01-15,1\n", "time"),
        ] {
            let error = parse(Path::new("energy.csv"), text, &network, &Reading::default()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn the_rows_of_a_run_end_at_their_time() {
        let text = "time_s,outdoor_temperature_c,supplied_w,consumed_w,lost_w\n1800,-5,10,8,2\n3600,-5,20,8,2\n7200,-6,30,9,2\n";
        let reading = Reading { start_s: 7200.0, ..Reading::default() };
        let history = parse(Path::new("run.csv"), text, &Network::new(), &reading).unwrap();
        let supplied = history.supplied.unwrap();
        assert_eq!((supplied.first_hour(), supplied.end_hour()), (2, 4));
        assert_eq!(supplied.at(2).unwrap().amount, 15.0 * 3600.0);
        assert_eq!(supplied.at(3).unwrap().amount, 30.0 * 3600.0);
        assert_eq!(history.outdoor.unwrap().at(3), Some(-6.0));
    }
}
