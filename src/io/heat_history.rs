//! Heat loads by the hour: from a table, from the historian, and to a table; and the journal of issued forecasts.
//!
//! A table has `time` and a column for every load: `city`, or the id of a source or substation; W, or with `_kw`, `_mw` behind
//! the id what that says. Columns of weather beside them are passed over, so that one table can be both. A row holds from
//! its time until the next; an empty cell is a gap. An offset behind a time (`+01:00`, `Z`) is passed over: times are those of
//! the wall. The historian gives means of hours that are known to at least half. Not here: what is made of it.

use std::path::Path;

use csv::StringRecord;

use super::historian::{Historian, Interval};
use super::sheet::{Column, Sheet, cells, parse_time_s};
use super::{IoError, Problem, encoding};
use crate::dispatch::forecast::journal::Issued;
use crate::dispatch::forecast::limits::hour_text;
use crate::dispatch::forecast::{HourlyLoad, LoadHistory, Subject, SubjectKind};
use crate::live::{Observed, TagTable, Timestamp};
use crate::network::{ElementKind, ElementRef, Network};

/// Columns that are no loads.
const WEATHER: [&str; 8] = ["temperature_c", "wind_m_s", "solar_w_m2", "室外温度", "温度", "风速", "太阳辐射", "辐射"];

/// What a name is: in a network its source or substation, else a substation; `city` is the city.
fn subject_of(name: &str, network: Option<&Network>) -> Option<Subject> {
    if matches!(name, "city" | "全市" | "全网") {
        return Some(Subject::city());
    }
    let Some(network) = network else {
        return Some(match name.strip_prefix("source:") {
            Some(source) => Subject::source(source),
            None => Subject::station(name),
        });
    };
    let name = name.strip_prefix("source:").unwrap_or(name);
    let is = |kind| network.find_link(&ElementRef::new(kind, name)).is_some();
    if is(ElementKind::Source) {
        Some(Subject::source(name))
    } else {
        is(ElementKind::Consumer).then(|| Subject::station(name))
    }
}

/// Without an offset behind it.
pub(super) fn wall_time_s(text: &str) -> Option<f64> {
    let cut = text.find('T').or_else(|| text.find(' ')).and_then(|at| {
        let end = text[at..].find(['+', 'Z']).or_else(|| text[at..].find('-'))?;
        Some(&text[..at + end])
    });
    parse_time_s(cut.unwrap_or(text).trim())
}

/// Reads a table.
pub fn read(file: &Path, network: Option<&Network>) -> Result<LoadHistory, IoError> {
    parse(file, &encoding::read(file)?, network)
}

/// Reads a table that came from a file.
pub fn parse(file: &Path, text: &str, network: Option<&Network>) -> Result<LoadHistory, IoError> {
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
    let Some(time_at) = record.iter().position(|cell| matches!(cell.to_lowercase().as_str(), "time" | "时间")) else {
        let present = record.iter().collect::<Vec<_>>().join(", ");
        return Err(Problem::new(file, "io-column-missing")
            .with("column", "time")
            .with("present", present)
            .line(line)
            .into());
    };
    let mut columns: Vec<(usize, String, f64, Subject)> = Vec::new();
    for (at, cell) in record.iter().enumerate() {
        if at == time_at || cell.is_empty() || WEATHER.contains(&cell) {
            continue;
        }
        let units = [("_kw", 1e3), ("_mw", 1e6), ("_w", 1.0)];
        let lower = cell.to_lowercase();
        let (name, unit_w) = units
            .iter()
            .find(|(unit, _)| lower.ends_with(unit))
            .map_or((cell, 1.0), |(unit, watts)| (&cell[..cell.len() - unit.len()], *watts));
        match subject_of(name, network) {
            Some(subject) => columns.push((at, cell.to_owned(), unit_w, subject)),
            None => error.push(Problem::new(file, "io-no-such-load").with("name", name).line(line)),
        }
    }
    if columns.is_empty() && error.is_empty() {
        error.push(Problem::new(file, "io-no-loads").line(line));
    }
    let mut readings: Vec<Vec<(f64, f64)>> = vec![Vec::new(); columns.len()];
    let mut before_s = f64::NEG_INFINITY;
    while let Some(line) = next(&mut record)? {
        let Some(text) = record.get(time_at).filter(|text| !text.is_empty()) else { continue };
        let Some(time_s) = wall_time_s(text) else {
            error.push(Problem::new(file, "io-bad-time").with("field", "time").with("got", text).line(line));
            continue;
        };
        if time_s <= before_s {
            error.push(Problem::new(file, "io-time-not-rising").line(line));
            continue;
        }
        before_s = time_s;
        for ((at, field, unit_w, _), readings) in columns.iter().zip(&mut readings) {
            let Some(cell) = record.get(*at).filter(|cell| !cell.is_empty()) else { continue };
            match super::tables::number(cell) {
                Ok(value) => readings.push((time_s, value * unit_w)),
                Err(key) => {
                    let problem = Problem::new(file, key).with("field", field).with("got", cell).with("word", cell);
                    error.push(problem.with("meant", cell.replacen(',', ".", 1)).line(line));
                }
            }
        }
    }
    error.into_result()?;
    let series = columns.into_iter().zip(&readings).map(|((.., subject), own)| (subject, HourlyLoad::of_readings(own)));
    Ok(LoadHistory::new(series.collect()))
}

/// A history as such a table, in kW.
pub fn to_csv(history: &LoadHistory) -> String {
    let mut out = String::from("time");
    for (subject, _) in history.iter() {
        let prefix = if subject.kind == SubjectKind::Source { "source:" } else { "" };
        out.push_str(&format!(",{prefix}{}_kw", subject.name));
    }
    let first = history.iter().map(|(_, load)| load.first_hour()).min().unwrap_or(0);
    let end = history.iter().map(|(_, load)| load.end_hour()).max().unwrap_or(0);
    for hour in first..end {
        out.push('\n');
        out.push_str(&hour_text(hour));
        for (_, load) in history.iter() {
            out.push(',');
            if let Some(heat_w) = load.at(hour) {
                out.push_str(&format!("{:.0}", heat_w / 1e3));
            }
        }
    }
    out.push('\n');
    out
}

/// Means by the hour of all heats of sources and substations that the historian has; running totals of energy where a
/// load has no other.
pub fn of_historian(
    historian: &Historian,
    tags: &TagTable,
    network: &Network,
    offset_ms: i64,
) -> Result<LoadHistory, IoError> {
    let mut found: Vec<(Subject, bool, HourlyLoad)> = Vec::new();
    for (_, tag) in tags.iter() {
        let total = match tag.observed {
            Observed::Heat => false,
            Observed::Energy => true,
            _ => continue,
        };
        let element = tag.element.as_ref().and_then(|element| match element.kind {
            ElementKind::Sensor => network.sensors().get(&*element.id).map(|sensor| &sensor.element),
            _ => Some(element),
        });
        let Some(element) = element else { continue };
        let subject = match element.kind {
            ElementKind::Source => Subject::source(&element.id),
            ElementKind::Consumer => Subject::station(&element.id),
            _ => continue,
        };
        let Some(key) = historian.key(&tag.name) else { continue };
        let (from, to) = historian.span(Timestamp::from_ms(i64::MIN), Timestamp::from_ms(i64::MAX))?;
        if from >= to {
            continue;
        }
        let hours = historian.aggregate(key, from, to, Interval::Hour)?;
        let Some(first) = hours.first() else { continue };
        let first_hour = (first.from.ms() + offset_ms).div_euclid(3_600_000);
        let values = hours.iter().map(|hour| {
            let known = hour.coverage >= 0.5;
            if total { hour.rise.filter(|_| known).map(|rise| rise / 3600.0) } else { hour.mean.filter(|_| known) }
        });
        found.push((subject, total, HourlyLoad::new(first_hour, values.collect())));
    }
    // Measured heat before what totals rose by.
    found.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    Ok(LoadHistory::new(found.into_iter().map(|(subject, _, load)| (subject, load)).collect()))
}

const JOURNAL: &[Column] =
    &[("kind", &[]), ("id", &[]), ("last_known", &[]), ("time", &[]), ("heat_w", &[]), ("low_w", &[]), ("high_w", &[])];

/// Reads the journal of issued forecasts; nothing where there is none yet.
pub fn read_journal(file: &Path) -> Result<Vec<Issued>, IoError> {
    if !file.exists() {
        return Ok(Vec::new());
    }
    let sheet = Sheet::read(file, JOURNAL, &["kind", "id", "last_known", "time", "heat_w", "low_w", "high_w"])?;
    let (mut out, mut error) = (Vec::new(), IoError::default());
    for row in sheet.rows() {
        let one = || -> Result<Issued, Box<Problem>> {
            let id = row.required("id")?;
            let subject = match row.required("kind")? {
                "city" => Subject::city(),
                "source" => Subject::source(id),
                _ => Subject::station(id),
            };
            let hour = |column| Ok::<i64, Box<Problem>>((row.time_s(column)? / 3600.0).round() as i64);
            Ok(Issued {
                subject,
                origin: hour("last_known")?,
                hour: hour("time")?,
                heat_w: row.required_number("heat_w", 0.0, 1e12)?,
                low_w: row.required_number("low_w", 0.0, 1e12)?,
                high_w: row.required_number("high_w", 0.0, 1e12)?,
            })
        };
        match one() {
            Ok(issued) => out.push(issued),
            Err(problem) => error.push(*problem),
        }
    }
    error.into_result()?;
    Ok(out)
}

/// The journal as it is written.
pub fn journal_text(issued: &[Issued]) -> String {
    let mut out = String::from("kind,id,last_known,time,heat_w,low_w,high_w\n");
    for one in issued {
        out.push_str(&format!(
            "{},{},{},{},{:.0},{:.0},{:.0}\n",
            one.subject.kind.word(),
            one.subject.name,
            hour_text(one.origin),
            hour_text(one.hour),
            one.heat_w,
            one.low_w,
            one.high_w
        ));
    }
    out
}

const HOLIDAYS: &[Column] = &[("date", &["日期"]), ("kind", &["类型"])];

/// Reads days of one's own into a calendar: `date` and `kind` (`off`, `work` or `festival`; 休, 班, 春节).
pub fn read_holidays(file: &Path, into: &mut crate::dispatch::forecast::Holidays) -> Result<(), IoError> {
    use crate::dispatch::forecast::DayKind;
    let sheet = Sheet::read(file, HOLIDAYS, &["date", "kind"])?;
    let mut error = IoError::default();
    for row in sheet.rows() {
        let one = || -> Result<(f64, DayKind), Box<Problem>> {
            let kind = match row.required("kind")? {
                "off" | "休" => DayKind::Off,
                "work" | "班" => DayKind::Work,
                "festival" | "春节" => DayKind::Festival,
                other => {
                    return Err(Box::new(row.problem("io-no-such-day").with("got", other)));
                }
            };
            Ok((row.time_s("date")?, kind))
        };
        match one() {
            Ok((time_s, kind)) => into.set(time_s, kind),
            Err(problem) => error.push(*problem),
        }
    }
    error.into_result()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<LoadHistory, IoError> {
        parse(Path::new("loads.csv"), text, None)
    }

    #[test]
    fn one_table_can_hold_loads_and_weather_in_several_units() {
        let text = "time;city_mw;A;temperature_c;source:B_kW\n2024-01-15T00:00:00+01:00;2;5;-3;1\n2024-01-15 01:00;;6;-3;2\n2024-01-15 02:00;4;;-4;3\n";
        let history = read_text(text).unwrap();
        let hour = (parse_time_s("2024-01-15").unwrap() / 3600.0) as i64;
        let city = history.get(&Subject::city()).unwrap();
        // A value holds an hour and a half at most: half an hour of the gap is known, which is enough for it.
        assert_eq!([0, 1, 2].map(|at| city.at(hour + at)), [Some(2e6), Some(2e6), Some(4e6)]);
        assert_eq!(history.get(&Subject::station("A")).unwrap().at(hour + 1), Some(6.0));
        assert_eq!(history.get(&Subject::source("B")).unwrap().at(hour + 2), Some(3e3));
        let again = read_text(&to_csv(&history)).unwrap();
        assert_eq!(again.get(&Subject::city()).unwrap().at(hour + 2), Some(4e6));
        assert_eq!(again.len(), history.len());
    }

    #[test]
    fn what_is_wrong_is_told_by_line() {
        for (text, expected) in [
            ("time,city\n2024-01-15 00:00,1\n2024-01-15 00:00,2\n", "loads.csv:3"),
            ("time,city\nyesterday,1\n", "yesterday"),
            ("time,city\n2024-01-15 00:00,warm\n", "warm"),
            ("date,city\n2024-01-15 00:00,1\n", "time"),
            ("time,temperature_c\n2024-01-15 00:00,1\n", "loads.csv:1"),
        ] {
            let error = read_text(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let network = Network::new();
        let error = parse(Path::new("loads.csv"), "time,ST7_kw\n", Some(&network)).unwrap_err().to_string();
        assert!(error.contains("ST7"), "{error}");
    }
}
