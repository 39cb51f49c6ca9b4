//! `history FOLDER alarms`: the journal of alarms as a table, and what comes most often.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use serde_json::json;

use super::local_time::LocalTime;
use super::table::columns;
use crate::cli::args::{AlarmHistory, TableFormat};
use crate::cli::{Failure, Printer};
use crate::io::alarm_journal;
use crate::live::alarm::{Happening, Kind, Record, State, subject};
use crate::session::live::event_text;

pub fn run(folder: &Path, asked: &AlarmHistory, time: &LocalTime, printer: &Printer) -> Result<(), Failure> {
    let (from, to) = time.stretch(&asked.time)?;
    let journal = alarm_journal::read(&folder.join(alarm_journal::FOLDER), from, to);
    let journal = journal.map_err(|error| printer.refusal(&error))?;
    // A damaged line is missing from the answer.
    if !journal.problems.is_empty() {
        printer.error(&journal.problems.text(printer.language));
    }
    let mut records = journal.records;
    if let Some(about) = &asked.about {
        records.retain(|record| record.alarm.contains(about.as_str()));
    }
    // In the order of the field; what came in one batch was written in that order already.
    records.sort_by_key(|record| (record.at, record.number));
    let data = if asked.frequent {
        frequent(&records, asked.format, printer)?
    } else {
        sequence(&records, asked.format, time, printer)?
    };
    printer.data(asked.output.as_deref(), data.as_bytes())
}

/// Why a table cannot be written: a column of text always can.
fn unwritable(error: impl std::fmt::Display) -> Failure {
    Failure::input(error.to_string())
}

fn csv_text<T: Serialize>(rows: impl IntoIterator<Item = T>) -> Result<String, Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).map_err(unwritable)?;
    }
    String::from_utf8(writer.into_inner().map_err(unwritable)?).map_err(unwritable)
}

#[derive(Serialize)]
struct Line<'a> {
    at: String,
    seen: String,
    alarm: &'a str,
    kind: Kind,
    what: &'a str,
    from: State,
    to: State,
    value: Option<f64>,
    limit: Option<f64>,
    user: &'a str,
    reason: &'a str,
}

impl<'a> Line<'a> {
    fn of(record: &'a Record) -> Line<'a> {
        let (user, reason) = match &record.what {
            Happening::Acknowledged { user, comment } => (user.as_str(), comment.as_str()),
            Happening::Shelved { user, reason, .. } | Happening::RemovedFromService { user, reason } => {
                (user.as_str(), reason.as_str())
            }
            Happening::Unshelved { user } | Happening::ReturnedToService { user } => (user.as_str(), ""),
            _ => ("", record.by.as_deref().unwrap_or_default()),
        };
        Line {
            at: record.at.to_string(),
            seen: record.seen.to_string(),
            alarm: &record.alarm,
            kind: record.kind,
            what: record.what.key().trim_start_matches("alarms-event-"),
            from: record.from,
            to: record.to,
            value: record.value,
            limit: record.limit,
            user,
            reason,
        }
    }
}

fn sequence(records: &[Record], format: TableFormat, time: &LocalTime, printer: &Printer) -> Result<String, Failure> {
    Ok(match format {
        TableFormat::Json => format!("{:#}\n", json!(records)),
        TableFormat::Csv => csv_text(records.iter().map(Line::of))?,
        TableFormat::Text => {
            let texts = printer.language.texts();
            let row = |record: &Record| {
                vec![
                    time.local(record.at),
                    record.subject().to_owned(),
                    texts.get(record.kind.key()).into_owned(),
                    event_text(record, printer.language, &printer.units),
                    texts.get(record.to.key()).into_owned(),
                ]
            };
            let heads = ["history-time", "history-alarm", "history-kind", "history-event", "history-state"];
            let heads = heads.map(|key| texts.get(key).into_owned());
            columns(&heads, &records.iter().map(row).collect::<Vec<_>>(), &[false; 5])
        }
    })
}

/// How often an alarm came.
#[derive(Serialize)]
struct Count {
    alarm: Arc<str>,
    kind: Kind,
    count: usize,
    /// Of all alarms of that time, 0…1.
    share: f64,
}

/// Alarms announced, by name, the most frequent first.
fn frequent(records: &[Record], format: TableFormat, printer: &Printer) -> Result<String, Failure> {
    let mut counts: BTreeMap<&Arc<str>, (Kind, usize)> = BTreeMap::new();
    for record in records.iter().filter(|record| record.to == State::Unacknowledged) {
        counts.entry(&record.alarm).or_insert((record.kind, 0)).1 += 1;
    }
    let all: usize = counts.values().map(|(_, count)| count).sum();
    let mut counts: Vec<Count> = counts
        .into_iter()
        .map(|(alarm, (kind, count))| Count {
            alarm: alarm.clone(),
            kind,
            count,
            share: count as f64 / all.max(1) as f64,
        })
        .collect();
    counts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.alarm.cmp(&b.alarm)));
    Ok(match format {
        TableFormat::Json => format!("{:#}\n", json!(counts)),
        TableFormat::Csv => csv_text(&counts)?,
        TableFormat::Text => {
            let texts = printer.language.texts();
            let row = |count: &Count| {
                vec![
                    subject(&count.alarm).to_owned(),
                    texts.get(count.kind.key()).into_owned(),
                    count.count.to_string(),
                    format!("{:.1} %", count.share * 100.0),
                ]
            };
            let heads = ["history-alarm", "history-kind", "history-count", "history-share"];
            let heads = heads.map(|key| texts.get(key).into_owned());
            columns(&heads, &counts.iter().map(row).collect::<Vec<_>>(), &[false, false, true, true])
        }
    })
}
