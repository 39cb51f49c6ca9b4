//! The table a regulator receives (appendix E of the provincial standard for smart heating): the newest value of each line
//! for every source, substation and room measured.
//!
//! The first group stands for sources and, of what belongs to the primary network, for substations too; the second for
//! substations; the third has a line for each thermometer. Differences of temperature are taken from their own tag, else
//! reckoned from supply and return, and are as good as the worse of both. A line nobody measures is not in the table, and one
//! that has no usable value has none: nothing is made up.

use std::collections::BTreeMap;

use super::dictionary::{Row, RowKind, dictionary};
use super::{Fault, Observed, Quality, Sample, TagId, TagTable, Timestamp};
use crate::network::{ElementKind, ElementRef};
use crate::units::Quantity;

/// One line of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct RegulatorLine {
    /// The source, substation or building.
    pub element: ElementRef,
    /// The row of the standard, with names and unit.
    pub row: &'static Row,
    /// The tag it is read from; of a difference that is reckoned, that of the supply.
    pub tag: TagId,
    /// In the unit of the row; `None` where nothing usable is known.
    pub value: Option<f64>,
    pub quality: Quality,
    /// When it was true; `None` where nothing ever came.
    pub source_time: Option<Timestamp>,
}

/// A tag and its newest sample, if any came.
type Found = (TagId, Option<Sample>);

/// The table from the newest samples: sources, substations, buildings, each in the order of the tags, lines in that of the
/// standard.
pub fn regulator_table(tags: &TagTable, newest: impl Fn(TagId) -> Option<Sample>) -> Vec<RegulatorLine> {
    let mut order: Vec<&ElementRef> = Vec::new();
    let mut by_element: BTreeMap<&ElementRef, Vec<(Observed, TagId)>> = BTreeMap::new();
    for (id, tag) in tags.iter() {
        let Some(element) = &tag.element else { continue };
        let own = by_element.entry(element).or_default();
        if own.is_empty() {
            order.push(element);
        }
        own.push((tag.observed, id));
    }
    // Stable: within a kind as the tags come.
    order.sort_by_key(|element| match element.kind {
        ElementKind::Source => 0,
        ElementKind::Consumer => 1,
        _ => 2,
    });
    let rows: Vec<&Row> = dictionary().rows().iter().filter(|row| row.kind == RowKind::Report).collect();
    let mut lines = Vec::new();
    for element in order {
        let own = &by_element[element];
        let all = |wanted: Observed| own.iter().filter(move |(observed, _)| *observed == wanted).map(|(_, id)| *id);
        let first = |wanted: Observed| -> Option<Found> { all(wanted).next().map(|id| (id, newest(id))) };
        for row in rows.iter().filter(|row| is_of(row, element.kind)) {
            let found: Vec<Found> = match (row.row.as_str(), row.observed) {
                ("1.3", Some(measured)) => {
                    let own = first(measured);
                    let ends = first(Observed::SupplyTemperature).zip(first(Observed::ReturnTemperature));
                    let is_known = own.is_some_and(|(_, sample)| sample.is_some_and(|it| it.quality.is_usable()));
                    let reckoned = ends.map(|(warm, cold)| difference(warm, cold));
                    if is_known { own } else { reckoned.or(own) }.into_iter().collect()
                }
                ("2.3", _) => first(Observed::SecondarySupplyTemperature)
                    .zip(first(Observed::SecondaryReturnTemperature))
                    .map(|(warm, cold)| difference(warm, cold))
                    .into_iter()
                    .collect(),
                (_, Some(Observed::RoomTemperature)) => {
                    all(Observed::RoomTemperature).map(|id| (id, newest(id))).collect()
                }
                (_, Some(observed)) => first(observed).into_iter().collect(),
                (_, None) => Vec::new(),
            };
            lines.extend(found.into_iter().map(|found| line(element, row, found)));
        }
    }
    lines
}

/// Whether a place has such a line.
fn is_of(row: &Row, kind: ElementKind) -> bool {
    match row.row.split('.').next() {
        Some("1") => matches!(kind, ElementKind::Source | ElementKind::Consumer),
        Some("2") => kind == ElementKind::Consumer,
        _ => matches!(kind, ElementKind::Building | ElementKind::Consumer),
    }
}

/// Warm less cold, as old as the older.
fn difference((tag, warm): Found, (_, cold): Found) -> Found {
    let both = warm.zip(cold).map(|(warm, cold)| Sample {
        tag,
        source_time: warm.source_time.min(cold.source_time),
        arrival_time: warm.arrival_time.max(cold.arrival_time),
        value: warm.value - cold.value,
        quality: warm.quality.and(cold.quality),
    });
    (tag, both)
}

fn line(element: &ElementRef, row: &'static Row, (tag, sample): Found) -> RegulatorLine {
    let quality = sample.map_or(Quality::Bad(Fault::NeverRead), |sample| sample.quality);
    let value = sample.filter(|sample| sample.quality.is_usable() && sample.value.is_finite());
    RegulatorLine {
        element: element.clone(),
        row,
        tag,
        value: value.map(|sample| sample.value * scale(&row.unit)),
        quality,
        source_time: sample.map(|sample| sample.source_time),
    }
}

/// From SI to a unit of the appendix, whose temperatures are in °C as those of the samples are.
fn scale(symbol: &str) -> f64 {
    let units = Quantity::ALL.iter().flat_map(|quantity| quantity.units());
    units.into_iter().find(|unit| unit.symbol == symbol).map_or(1.0, |unit| unit.scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Were a unit of the appendix unknown, its numbers would stand in SI under another name.
    #[test]
    fn every_unit_of_the_appendix_is_known() {
        for row in dictionary().rows().iter().filter(|row| row.kind == RowKind::Report) {
            let known = Quantity::ALL.iter().flat_map(|quantity| quantity.units()).any(|unit| unit.symbol == row.unit);
            assert!(known, "{row:?}");
        }
        assert_eq!([scale("MPa"), scale("MW"), scale("GJ"), scale("m³/h"), scale("°C")], [1e-6, 1e-6, 1e-9, 1.0, 1.0]);
    }
}
