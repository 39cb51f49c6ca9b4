//! The plan of `dispatch --output`, and figures per area that places are to keep.

use std::path::Path;

use csv::StringRecord;

use crate::dispatch::energy::{EnergyHistory, Hourly, PlaceKind, Plan, Resource, Target};
use crate::dispatch::forecast::HourlyLoad;
use crate::io::sheet::{Column, Sheet, cells, parse_time_s};
use crate::io::{IoError, Problem, encoding};

/// Reads a plan: `time`, `demand_mw` and `ID:heat_mw` for each source; where it was tried on the network, what that gave
/// (`ID:simulated_mw`) is what was planned. All other columns are passed over.
pub fn read_plan(file: &Path, places: &EnergyHistory) -> Result<Plan, IoError> {
    let text = encoding::read(file)?;
    let mut reader = cells(&text);
    let mut error = IoError::default();
    let mut records = Vec::new();
    for record in reader.records() {
        let record: StringRecord = record.map_err(|reason| {
            let line = reason.position().map_or(0, |position| position.line() as usize);
            IoError::from(Problem::new(file, "io-system").with("reason", &reason).line(line))
        })?;
        let line = record.position().map_or(0, |position| position.line() as usize);
        records.push((line, record));
    }
    let mut records = records.into_iter();
    let Some((line, header)) = records.next() else { return Err(Problem::new(file, "io-table-empty").into()) };
    let Some(time_at) = header.iter().position(|cell| cell == "time") else {
        let present = header.iter().collect::<Vec<_>>().join(", ");
        let problem = Problem::new(file, "io-column-missing").with("column", "time").with("present", present);
        return Err(problem.line(line).into());
    };
    let place = |ending: &str, id: &str| header.iter().position(|cell| cell.strip_suffix(ending) == Some(id));
    let mut columns: Vec<(Option<String>, usize)> = Vec::new();
    for cell in header.iter() {
        let Some(id) = cell.strip_suffix(":heat_mw") else { continue };
        if places.find(PlaceKind::Source, id).is_none() {
            error.push(Problem::new(file, "io-energy-no-place").with("field", cell).line(line));
        }
        let at = place(":simulated_mw", id).or_else(|| place(":heat_mw", id));
        columns.extend(at.map(|at| (Some(id.to_owned()), at)));
    }
    if columns.is_empty() {
        error.push(Problem::new(file, "io-energy-no-plan").line(line));
    }
    columns.extend(place("", "demand_mw").map(|at| (None, at)));
    let mut readings: Vec<Vec<(f64, f64)>> = vec![Vec::new(); columns.len()];
    for (line, record) in records {
        let text = record.get(time_at).unwrap_or("");
        let Some(time_s) = parse_time_s(text) else {
            error.push(Problem::new(file, "io-bad-time").with("field", "time").with("got", text).line(line));
            continue;
        };
        for ((_, at), readings) in columns.iter().zip(&mut readings) {
            let Some(cell) = record.get(*at).filter(|cell| !cell.is_empty()) else { continue };
            match crate::io::tables::number(cell) {
                Ok(megawatts) => readings.push((time_s, 1e6 * megawatts)),
                Err(key) => {
                    let field = header.get(*at).unwrap_or_default();
                    let problem = Problem::new(file, key).with("field", field).with("got", cell).with("word", cell);
                    error.push(problem.with("meant", cell.replacen(',', ".", 1)).line(line));
                }
            }
        }
    }
    error.into_result()?;
    let mut plan = Plan::default();
    for ((id, _), readings) in columns.into_iter().zip(&readings) {
        let series = Hourly::of_load(&HourlyLoad::of_readings(readings));
        match id {
            Some(id) => plan.sources.push((id, series)),
            None => plan.demand = Some(series),
        }
    }
    Ok(plan)
}

const COLUMNS: &[Column] = &[
    ("id", &["编号"]),
    ("heat_gj_m2", &["单位面积热耗", "热耗"]),
    ("electricity_kwh_m2", &["单位面积电耗", "电耗"]),
    ("water_l_m2", &["单位面积水耗", "水耗"]),
];

/// Reads targets of the period: `id` of a substation or building (`city`: all), and any of `heat_gj_m2`, `electricity_kwh_m2`,
/// `water_l_m2`.
pub fn read_targets(file: &Path, places: &EnergyHistory) -> Result<Vec<Target>, IoError> {
    let sheet = Sheet::read(file, COLUMNS, &["id"])?;
    let (mut out, mut error) = (Vec::new(), IoError::default());
    sheet.refuse_unknown(&mut error);
    let figures = [
        ("heat_gj_m2", Resource::Heat, 1e9),
        ("electricity_kwh_m2", Resource::Electricity, 3.6e6),
        ("water_l_m2", Resource::MakeUp, 1e-3),
    ];
    for row in sheet.rows() {
        let mut one = || -> Result<(), Box<Problem>> {
            let id = row.required("id")?;
            if id != "city" && !places.metered.iter().any(|own| *own.place.id == *id) {
                return Err(Box::new(row.problem("io-energy-no-place").with("field", id)));
            }
            for (column, resource, unit) in figures {
                if let Some(value) = row.number(column, 0.0, 1e6)? {
                    out.push(Target { id: id.to_owned(), resource, per_area: value * unit });
                }
            }
            Ok(())
        };
        if let Err(problem) = one() {
            error.push(*problem);
        }
    }
    error.into_result()?;
    Ok(out)
}
