//! The regulator's table of a period (DB22/T appendix E): every row of every source, substation and thermometer, from a
//! historian, and as CSV both ways.
//!
//! The table at an instant is [`crate::live::regulator`]'s. Here a reading has its mean over the known hours of the period, its
//! extremes and its last value, a running total its value at the end and what it rose by. A row that nobody measures stays, with its
//! name and without numbers; a difference that has no tag of its own is reckoned from supply and return hour by hour.

use std::collections::BTreeMap;
use std::path::Path;

use super::csv_form::quoted;
use super::historian::Tagged;
use crate::dispatch::energy::Period;
use crate::io::historian::Aggregate;
use crate::io::sheet::{Column, Sheet};
use crate::io::{IoError, Problem};
use crate::live::dictionary::{Content, Row, RowKind, dictionary};
use crate::live::{Observed, Tag};
use crate::network::{ElementKind, ElementRef, Network};
use crate::units::Quantity;

/// One row of one place, in the unit of the row.
#[derive(Clone, Debug, PartialEq)]
pub struct AppendixLine {
    /// The source, substation or building.
    pub element: ElementRef,
    /// Number of the row: `1.8`.
    pub row: String,
    /// Tags it is read from; empty where nobody measures it.
    pub tags: Vec<String>,
    pub mean: Option<f64>,
    pub least: Option<f64>,
    pub most: Option<f64>,
    /// The last value in the period.
    pub last: Option<f64>,
    /// What a running total rose by.
    pub rise: Option<f64>,
    /// Share of the hours that are known.
    pub known_share: f64,
}

fn report_rows() -> impl Iterator<Item = &'static Row> {
    dictionary().rows().iter().filter(|row| row.kind == RowKind::Report)
}

/// Whether a place has such a row.
fn is_of(row: &Row, kind: ElementKind) -> bool {
    match row.row.split('.').next() {
        Some("1") => matches!(kind, ElementKind::Source | ElementKind::Consumer),
        Some("2") => kind == ElementKind::Consumer,
        _ => matches!(kind, ElementKind::Building | ElementKind::Consumer),
    }
}

/// From SI to a unit of the appendix.
fn scale(symbol: &str) -> f64 {
    let units = Quantity::ALL.iter().flat_map(|quantity| quantity.units());
    units.into_iter().find(|unit| unit.symbol == symbol).map_or(1.0, |unit| unit.scale)
}

/// The known hours of a period: mean, least, most, last, and where it counts what it rose by.
#[derive(Clone, Copy, Debug)]
struct HourOf {
    hour: i64,
    mean: f64,
    least: f64,
    most: f64,
    last: f64,
}

fn hours(tagged: &Tagged<'_>, tag: &Tag, period: Period) -> Result<Vec<HourOf>, IoError> {
    let Some(key) = tagged.historian.key(&tag.name) else { return Ok(Vec::new()) };
    let own = |piece: &Aggregate| {
        let hour = tagged.local_hour(piece.from);
        // Rooms are read twice an hour: a reading is enough.
        let known = piece.usable > 0 && period.hours().contains(&hour);
        let (mean, least, most) = (piece.mean?, piece.least?, piece.most?);
        known.then_some(HourOf { hour, mean, least, most, last: piece.last? })
    };
    Ok(tagged.hours(key)?.iter().filter_map(own).collect())
}

fn line(element: &ElementRef, row: &Row, tags: Vec<String>, hours: &[HourOf], period: Period) -> AppendixLine {
    let unit = scale(&row.unit);
    let count = hours.len() as f64;
    let over = |pick: fn(&HourOf) -> f64, fold: fn(f64, f64) -> f64| hours.iter().map(pick).reduce(fold);
    let total = row.content == Content::Total;
    let reading = |value: Option<f64>| value.filter(|_| !total).map(|value| value * unit);
    AppendixLine {
        element: element.clone(),
        row: row.row.clone(),
        tags,
        mean: reading(over(|hour| hour.mean, |a, b| a + b).map(|sum| sum / count)),
        least: reading(over(|hour| hour.least, f64::min)),
        most: reading(over(|hour| hour.most, f64::max)),
        last: hours.last().map(|hour| hour.last * unit),
        rise: None,
        known_share: count / period.len() as f64,
    }
}

/// The table of a period: sources, substations and buildings that have a thermometer, by id; rows in the order of the standard.
pub fn appendix(tagged: &Tagged<'_>, network: &Network, period: Period) -> Result<Vec<AppendixLine>, IoError> {
    let mut by_element: BTreeMap<&ElementRef, Vec<&Tag>> = BTreeMap::new();
    let places: Vec<ElementRef> = super::places(network)
        .metered
        .iter()
        .map(|own| {
            let kind = match own.place.kind {
                crate::dispatch::energy::PlaceKind::Source => ElementKind::Source,
                crate::dispatch::energy::PlaceKind::Building => ElementKind::Building,
                _ => ElementKind::Consumer,
            };
            ElementRef::new(kind, own.place.id.clone())
        })
        .collect();
    for (_, tag) in tagged.tags.iter() {
        if let Some(element) = tagged.element(tag, network) {
            by_element.entry(element).or_default().push(tag);
        }
    }
    let mut out = Vec::new();
    for element in &places {
        let own = by_element.get(element).map_or(&[][..], Vec::as_slice);
        let first = |wanted: Observed| own.iter().copied().find(|tag| tag.observed == wanted);
        if element.kind == ElementKind::Building && first(Observed::RoomTemperature).is_none() {
            continue;
        }
        for row in report_rows().filter(|row| is_of(row, element.kind)) {
            let ends = match row.row.as_str() {
                "1.3" => first(Observed::SupplyTemperature).zip(first(Observed::ReturnTemperature)),
                "2.3" => first(Observed::SecondarySupplyTemperature).zip(first(Observed::SecondaryReturnTemperature)),
                _ => None,
            };
            let measured = row.observed.filter(|_| row.row != "2.3").and_then(first);
            if row.observed == Some(Observed::RoomTemperature) {
                for tag in own.iter().filter(|tag| tag.observed == Observed::RoomTemperature) {
                    let known = hours(tagged, tag, period)?;
                    out.push(line(element, row, vec![tag.name.to_string()], &known, period));
                }
                continue;
            }
            let mut found = match (measured, ends) {
                (Some(tag), _) => {
                    let known = hours(tagged, tag, period)?;
                    Some(line(element, row, vec![tag.name.to_string()], &known, period))
                }
                _ => None,
            };
            if found.as_ref().is_none_or(|line| line.last.is_none())
                && let Some((warm, cold)) = ends
            {
                let (warm_hours, cold_hours) = (hours(tagged, warm, period)?, hours(tagged, cold, period)?);
                let cold_by_hour: BTreeMap<i64, &HourOf> = cold_hours.iter().map(|hour| (hour.hour, hour)).collect();
                let difference = |warm: &HourOf| {
                    let cold = cold_by_hour.get(&warm.hour)?;
                    let mean = warm.mean - cold.mean;
                    Some(HourOf { hour: warm.hour, mean, least: mean, most: mean, last: warm.last - cold.last })
                };
                let known: Vec<HourOf> = warm_hours.iter().filter_map(difference).collect();
                let tags = vec![warm.name.to_string(), cold.name.to_string()];
                found = Some(line(element, row, tags, &known, period));
            }
            let mut found = found.unwrap_or_else(|| line(element, row, Vec::new(), &[], period));
            if row.content == Content::Total
                && let Some(tag) = measured
            {
                found.rise = tagged.rise(tag, period)?.map(|rise| rise * scale(&row.unit));
            }
            out.push(found);
        }
    }
    Ok(out)
}

const HEADS: &str = "element,row,part,part_zh,name,name_zh,unit,mean,least,most,last,rise,known_share,tags";

/// The table as CSV, names in both languages.
pub fn to_csv(lines: &[AppendixLine]) -> String {
    use crate::text::Language::{Chinese, English};
    let mut out = format!("{HEADS}\n");
    for line in lines {
        let row = report_rows().find(|row| row.row == line.row);
        let cell = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
        let word = |pick: fn(&Row) -> &str| row.map(pick).unwrap_or_default().to_owned();
        let cells = [
            format!("{}:{}", line.element.kind.word(), line.element.id),
            line.row.clone(),
            word(|row| row.part(English)),
            word(|row| row.part(Chinese)),
            word(|row| row.name(English)),
            word(|row| row.name(Chinese)),
            word(|row| &row.unit),
            cell(line.mean),
            cell(line.least),
            cell(line.most),
            cell(line.last),
            cell(line.rise),
            line.known_share.to_string(),
            line.tags.join(" "),
        ];
        out.push_str(&cells.map(|cell| quoted(&cell)).join(","));
        out.push('\n');
    }
    out
}

const COLUMNS: &[Column] = &[
    ("element", &[]),
    ("row", &[]),
    ("mean", &[]),
    ("least", &[]),
    ("most", &[]),
    ("last", &[]),
    ("rise", &[]),
    ("known_share", &[]),
    ("tags", &[]),
];

/// Reads such a table again; an unknown row or element is refused by its line.
pub fn parse(file: &Path, text: &str) -> Result<Vec<AppendixLine>, IoError> {
    let sheet = Sheet::parse(file, text, COLUMNS, &["element", "row", "known_share"])?;
    let (mut out, mut error) = (Vec::new(), IoError::default());
    for row in sheet.rows() {
        let one = || -> Result<AppendixLine, Box<Problem>> {
            let (element, number) = (row.required("element")?, row.required("row")?);
            let kinds = [ElementKind::Source, ElementKind::Consumer, ElementKind::Building];
            let place = element.split_once(':').and_then(|(word, id)| {
                kinds.into_iter().find(|kind| kind.word() == word).map(|kind| ElementRef::new(kind, id))
            });
            let unknown = |field: &str| Box::new(row.problem("io-energy-no-row").with("field", field));
            let place = place.ok_or_else(|| unknown(element))?;
            if !report_rows().any(|known| known.row == number && is_of(known, place.kind)) {
                return Err(unknown(number));
            }
            let value = |column| row.number(column, -1e18, 1e18);
            Ok(AppendixLine {
                element: place,
                row: number.to_owned(),
                tags: row.text("tags").unwrap_or("").split_whitespace().map(str::to_owned).collect(),
                mean: value("mean")?,
                least: value("least")?,
                most: value("most")?,
                last: value("last")?,
                rise: value("rise")?,
                known_share: row.required_number("known_share", 0.0, 1.0)?,
            })
        };
        match one() {
            Ok(line) => out.push(line),
            Err(problem) => error.push(*problem),
        }
    }
    error.into_result()?;
    Ok(out)
}
