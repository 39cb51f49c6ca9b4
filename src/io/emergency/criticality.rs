//! The ranking of failures as JSON, CSV and sheet.

use serde_json::{Value, json};

use super::json_form::ids;
use super::sheet::{Section, Sheet, Writer};
use crate::emergency::criticality::{Criticality, Failure, Outage, PairOutage};
use crate::network::{LinkId, Network};
use crate::text::Language;
use crate::units::{DisplayUnits, Quantity};

/// Rows of the printed tables.
const MOST_ROWS: usize = 20;

/// The element a failure is named by: a source, or the longest pipe of a segment.
fn named_by(network: &Network, failure: &Failure) -> Option<LinkId> {
    match failure {
        Failure::Source(link) => Some(*link),
        Failure::Segment(segment) => segment.links.iter().copied().max_by(|&a, &b| {
            let length = |link| network.link_view(link).and_then(|view| view.pipe()).map_or(0.0, |pipe| pipe.length_m);
            length(a).total_cmp(&length(b)).then(b.cmp(&a))
        }),
    }
}

/// What the two failures of a pair are named by.
fn names_of(network: &Network, found: &Criticality, pair: &PairOutage) -> [String; 2] {
    pair.of.map(|place| {
        let failure = found.outages.get(place).and_then(|outage| named_by(network, &outage.failure));
        failure.map_or_else(String::new, |link| network.link_name(link).to_string())
    })
}

fn outage_form(network: &Network, outage: &Outage) -> Value {
    let (kind, links, length_m) = match &outage.failure {
        Failure::Source(link) => ("source", ids(network, &[*link]), Value::Null),
        Failure::Segment(segment) => ("segment", ids(network, &segment.links), json!(segment.length_m)),
    };
    json!({
        "kind": kind,
        "element": named_by(network, &outage.failure).map(|link| network.link_name(link).to_string()),
        "links": links,
        "length_m": length_m,
        "close": ids(network, &outage.closed),
        "stop_sources": ids(network, &outage.stopped_sources),
        "solved": outage.solved,
        "lost_w": if outage.lost_w.is_finite() { json!(outage.lost_w) } else { Value::Null },
        "consumers": outage.consumers,
        "cut_off": outage.cut_off,
        "below_accident_share": outage.below_accident_share,
        "people": outage.people,
        "households": outage.households,
        "hospitals": outage.hospitals,
        "too_cold_buildings": outage.too_cold,
        "repair_s": outage.repair_s,
    })
}

/// The ranking as JSON text with a final newline.
pub fn criticality_json(network: &Network, found: &Criticality) -> String {
    let value = json!({
        "kept_share": found.kept_share,
        "pairs": found.pairs.iter().map(|pair| {
            let mut form = outage_form(network, &pair.outage);
            form["kind"] = json!("pair");
            form["elements"] = json!(names_of(network, found, pair));
            form["beyond_w"] = json!(pair.beyond_w);
            form
        }).collect::<Vec<_>>(),
        "outages": found.outages.iter().map(|outage| outage_form(network, outage)).collect::<Vec<_>>(),
        "critical_valves": found.critical_valves.iter().map(|valve| json!({
            "valve": &*network.link_name(valve.valve),
            "widens_w": valve.widens_w,
            "widens_consumers": valve.widens_consumers,
        })).collect::<Vec<_>>(),
        "missing_valves": found.missing_valves.iter().map(|valve| json!({
            "pipe": &*network.link_name(valve.pipe),
            "place_m": valve.place_m,
            "saves_w": valve.saves_w,
        })).collect::<Vec<_>>(),
    });
    format!("{value:#}\n")
}

/// The outages as CSV, worst first.
pub fn criticality_csv(network: &Network, found: &Criticality) -> Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "rank",
        "kind",
        "element",
        "length_m",
        "close",
        "lost_w",
        "consumers",
        "cut_off",
        "below_accident_share",
        "people",
        "households",
        "hospitals",
        "too_cold_buildings",
        "repair_s",
        "solved",
    ])?;
    let mut write = |rank: usize, kind: &str, elements: String, length_m: String, outage: &Outage| {
        writer.write_record([
            (rank + 1).to_string(),
            kind.to_owned(),
            elements,
            length_m,
            ids(network, &outage.closed).join(" "),
            outage.lost_w.to_string(),
            outage.consumers.to_string(),
            outage.cut_off.to_string(),
            outage.below_accident_share.to_string(),
            outage.people.to_string(),
            outage.households.to_string(),
            outage.hospitals.to_string(),
            outage.too_cold.map(|count| count.to_string()).unwrap_or_default(),
            outage.repair_s.to_string(),
            outage.solved.to_string(),
        ])
    };
    for (rank, outage) in found.outages.iter().enumerate() {
        let (kind, length_m) = match &outage.failure {
            Failure::Source(_) => ("source", String::new()),
            Failure::Segment(segment) => ("segment", segment.length_m.to_string()),
        };
        let element = named_by(network, &outage.failure).map(|link| network.link_name(link).to_string());
        write(rank, kind, element.unwrap_or_default(), length_m, outage)?;
    }
    for (rank, pair) in found.pairs.iter().enumerate() {
        write(rank, "pair", names_of(network, found, pair).join(" "), String::new(), &pair.outage)?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The ranking as a sheet.
pub fn criticality_sheet(network: &Network, found: &Criticality, language: Language, units: &DisplayUnits) -> Sheet {
    let writer = Writer { network, language, units, most_rows: MOST_ROWS, tables: true };
    let mut sheet = Sheet { title: writer.word("emergency-criticality"), ..Sheet::default() };
    sheet.lines.push(writer.sentence(
        "emergency-kept",
        &[("count", found.outages.len().into()), ("share", writer.value(Quantity::Share, found.kept_share).into())],
    ));
    let rows = found.outages.iter().take(MOST_ROWS).enumerate().map(|(rank, outage)| {
        let name = named_by(network, &outage.failure).map_or_else(String::new, |link| writer.link(link));
        let many = match &outage.failure {
            Failure::Segment(segment) => segment.links.len(),
            Failure::Source(_) => 1,
        };
        vec![
            (rank + 1).to_string(),
            if many > 1 { format!("{name} +{}", many - 1) } else { name },
            outage.closed.len().to_string(),
            writer.units.number(Quantity::Heat, outage.lost_w),
            outage.cut_off.to_string(),
            outage.people.to_string(),
            outage.too_cold.map_or_else(|| "–".to_owned(), |count| count.to_string()),
        ]
    });
    let outages = writer.table(
        &[
            ("emergency-order", None),
            ("emergency-failing", None),
            ("emergency-valves-short", None),
            ("emergency-heat-lost", Some(Quantity::Heat)),
            ("emergency-cut-off", None),
            ("emergency-people", None),
            ("emergency-cold-buildings", None),
        ],
        rows,
    );
    sheet.sections.push(Section { title: writer.word("emergency-worst"), table: outages, ..Section::default() });
    let rows = found.pairs.iter().take(MOST_ROWS).enumerate().map(|(rank, pair)| {
        vec![
            (rank + 1).to_string(),
            names_of(network, found, pair).join(" + "),
            writer.units.number(Quantity::Heat, pair.outage.lost_w),
            writer.units.number(Quantity::Heat, pair.beyond_w),
            pair.outage.cut_off.to_string(),
            pair.outage.people.to_string(),
        ]
    });
    let heads = [
        ("emergency-order", None),
        ("emergency-failing", None),
        ("emergency-heat-lost", Some(Quantity::Heat)),
        ("emergency-beyond", Some(Quantity::Heat)),
        ("emergency-cut-off", None),
        ("emergency-people", None),
    ];
    if let Some(table) = writer.table(&heads, rows) {
        let title = writer.word("emergency-pairs");
        sheet.sections.push(Section { title, table: Some(table), ..Section::default() });
    }
    let rows = found.critical_valves.iter().take(MOST_ROWS).map(|valve| {
        vec![
            writer.link(valve.valve),
            writer.place(valve.valve),
            writer.units.number(Quantity::Heat, valve.widens_w),
            valve.widens_consumers.to_string(),
        ]
    });
    let heads = [
        ("emergency-valve", None),
        ("emergency-chamber", None),
        ("emergency-widens", Some(Quantity::Heat)),
        ("emergency-more-cut-off", None),
    ];
    if let Some(table) = writer.table(&heads, rows) {
        let title = writer.word("emergency-critical-valves");
        sheet.sections.push(Section { title, table: Some(table), ..Section::default() });
    }
    let rows = found.missing_valves.iter().map(|valve| {
        let place = valve.place_m.map_or_else(|| "–".to_owned(), |[x, y]| format!("{x:.0}, {y:.0}"));
        vec![writer.link(valve.pipe), place, writer.units.number(Quantity::Heat, valve.saves_w)]
    });
    let heads = [("emergency-pipe", None), ("emergency-place", None), ("emergency-saves", Some(Quantity::Heat))];
    if let Some(table) = writer.table(&heads, rows) {
        let title = writer.word("emergency-missing-valves");
        sheet.sections.push(Section { title, table: Some(table), ..Section::default() });
    }
    sheet
}
