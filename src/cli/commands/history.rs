//! `history`: what the historian of a folder holds, read while the live twin writes it or afterwards.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::local_time::LocalTime;
use super::table::Table;
use super::{alarm_history, line};
use crate::cli::args::{Every, History, HistoryAction, Stretch, TableFormat, TextOrJson};
use crate::cli::{Failure, Printer};
use crate::io::alarm_journal;
use crate::io::historian::forward::Backlog;
use crate::io::historian::{
    Aggregate, Historian, Interval, Options, Reading, Selection, StoredTag, Summing, TagKey, quality_word,
};
use crate::io::modbus::DeviceMap;
use crate::live::regulator::regulator_table;
use crate::live::{Quality, Sample, TagId, Timestamp};

pub fn run(given: &History, printer: &Printer) -> Result<(), Failure> {
    let options = Options { offset_ms: i64::from(given.offset) * 60_000, ..Options::default() };
    let time = LocalTime { offset_ms: i64::from(given.offset) * 60_000, printer };
    if let HistoryAction::Alarms(asked) = &given.action {
        return alarm_history::run(&given.folder, asked, &time, printer);
    }
    let historian = Historian::read(&given.folder, options).map_err(|error| printer.refusal(&error))?;
    // What a damaged file held is missing from every answer.
    let damage = historian.damage();
    if !damage.is_empty() {
        printer.error(&damage.text(printer.language));
    }
    let question = Question { historian, time, printer };
    match &given.action {
        HistoryAction::Tags { format } => question.tags(*format),
        HistoryAction::Range { tag, time, format, output } => question.range(tag, time, *format, output.as_deref()),
        HistoryAction::At { time, days_back, format } => question.at(time, *days_back, *format),
        HistoryAction::Aggregate { tag, every, time, format, output } => {
            question.aggregate(tag, *every, time, *format, output.as_deref())
        }
        HistoryAction::Regulator { map, time, days_back, format, output } => {
            question.regulator(map, time.as_deref(), *days_back, *format, output.as_deref())
        }
        HistoryAction::Export { output, tags, time } => question.export(output, tags, time),
        HistoryAction::Links { format } => question.links(*format),
        HistoryAction::Verify { format } => question.verify(*format),
        HistoryAction::Backup { to } => question.backup(&given.folder, to),
        // Answered above: it needs no values.
        HistoryAction::Alarms(_) => Ok(()),
    }
}

struct Question<'a> {
    historian: Historian,
    time: LocalTime<'a>,
    printer: &'a Printer,
}

impl Question<'_> {
    fn tags(&self, format: TextOrJson) -> Result<(), Failure> {
        let tags = self.historian.tags();
        let data = match format {
            TextOrJson::Json => {
                let list: Vec<Value> = tags
                    .iter()
                    .map(|(_, tag)| json!({ "tag": &*tag.name, "quantity": tag.quantity, "kind": kind(tag) }))
                    .collect();
                format!("{:#}\n", Value::Array(list))
            }
            TextOrJson::Text => {
                let mut table = Table::new(&[("history-tag", None), ("history-unit", None), ("history-kind", None)]);
                for (_, tag) in &tags {
                    let unit = self.printer.units.unit(tag.quantity).symbol.to_owned();
                    let word = self.printer.language.texts().get(match tag.summing {
                        Summing::Mean => "history-kind-reading",
                        Summing::Counter => "history-kind-counter",
                        Summing::State => "history-kind-state",
                    });
                    table.row(vec![tag.name.to_string(), unit, word.into_owned()]);
                }
                table.text(self.printer)
            }
        };
        self.printer.data(None, data.as_bytes())
    }

    fn range(&self, name: &str, time: &Stretch, format: TableFormat, output: Option<&Path>) -> Result<(), Failure> {
        let (key, tag) = self.tag(name)?;
        let (from, to) = self.time.stretch(time)?;
        let readings = self.historian.range(key, from, to).map_err(|error| self.printer.refusal(&error))?;
        let data = match format {
            TableFormat::Json => {
                let list: Vec<Value> = readings.iter().map(reading_json).collect();
                format!("{:#}\n", json!({ "tag": name, "quantity": tag.quantity, "values": list }))
            }
            TableFormat::Csv => {
                let mut out = "source_time,value,quality\n".to_owned();
                for reading in &readings {
                    let quality = quality_word(reading.quality);
                    line(&mut out, format_args!("{},{},{quality}", reading.source_time, reading.value));
                }
                out
            }
            TableFormat::Text => {
                let heads = [("history-time", None), ("history-value", Some(tag.quantity)), ("history-quality", None)];
                let mut table = Table::new(&heads);
                for reading in &readings {
                    let value = self.printer.units.number(tag.quantity, reading.value);
                    table.row(vec![self.time.local(reading.source_time), value, self.quality(reading.quality)]);
                }
                table.text(self.printer)
            }
        };
        self.printer.data(output, data.as_bytes())
    }

    fn at(&self, time: &str, days_back: u32, format: TextOrJson) -> Result<(), Failure> {
        let time = self.time.instant(time)?;
        let latest = self.historian.at(time, days_back).map_err(|error| self.printer.refusal(&error))?;
        let tags = self.historian.tags();
        let found = tags.iter().zip(latest).filter_map(|((_, tag), reading)| Some((tag, reading?)));
        let data = match format {
            TextOrJson::Json => {
                let list: Vec<Value> = found
                    .map(|(tag, reading)| {
                        let mut value = reading_json(&reading);
                        value["tag"] = Value::from(&*tag.name);
                        value["quantity"] = json!(tag.quantity);
                        value
                    })
                    .collect();
                format!("{:#}\n", Value::Array(list))
            }
            TextOrJson::Text => {
                let heads =
                    [("history-tag", None), ("history-value", None), ("history-quality", None), ("history-time", None)];
                let mut table = Table::new(&heads);
                for (tag, reading) in found {
                    let value = self.printer.units.text(tag.quantity, reading.value);
                    let (quality, time) = (self.quality(reading.quality), self.time.local(reading.source_time));
                    table.row(vec![tag.name.to_string(), value, quality, time]);
                }
                table.text(self.printer)
            }
        };
        self.printer.data(None, data.as_bytes())
    }

    /// What the map says the tags measure, with the latest value of each.
    fn regulator(
        &self,
        map: &Path,
        time: Option<&str>,
        days_back: u32,
        format: TableFormat,
        output: Option<&Path>,
    ) -> Result<(), Failure> {
        let map = DeviceMap::read(map).map_err(|error| self.printer.refusal(&error))?;
        let tags = map.tags().map_err(|twice| Failure::input(twice.to_string()))?;
        let time = match time {
            Some(text) => self.time.instant(text)?,
            None => self.newest()?,
        };
        let latest = self.historian.at(time, days_back).map_err(|error| self.printer.refusal(&error))?;
        let stored = self.historian.tags();
        let by_name: BTreeMap<&str, Reading> =
            stored.iter().zip(latest).filter_map(|((_, tag), reading)| Some((&*tag.name, reading?))).collect();
        let newest = |id: TagId| {
            let Reading { source_time, value, quality } = *by_name.get(&*tags.get(id)?.name)?;
            Some(Sample { tag: id, source_time, arrival_time: source_time, value, quality })
        };
        let lines = regulator_table(&tags, newest);
        self.printer.data(output, super::regulator::shown(&lines, &tags, format, self.printer).as_bytes())
    }

    /// When the last value came, of any tag.
    fn newest(&self) -> Result<Timestamp, Failure> {
        let (always, ever) = (Timestamp::from_ms(i64::MIN), Timestamp::from_ms(i64::MAX));
        let span = self.historian.span(always, ever).map_err(|error| self.printer.refusal(&error))?;
        Ok(span.1)
    }

    fn aggregate(
        &self,
        name: &str,
        every: Every,
        time: &Stretch,
        format: TableFormat,
        output: Option<&Path>,
    ) -> Result<(), Failure> {
        let (key, tag) = self.tag(name)?;
        let (from, to) = self.time.stretch(time)?;
        let interval = match every {
            Every::Minute => Interval::Minute,
            Every::Hour => Interval::Hour,
            Every::Day => Interval::Day,
            Every::Month => Interval::Month,
        };
        let (from, to) = self.historian.span(from, to).map_err(|error| self.printer.refusal(&error))?;
        let pieces = self.historian.aggregate(key, from, to, interval);
        let pieces = pieces.map_err(|error| self.printer.refusal(&error))?;
        let data = match format {
            TableFormat::Json => {
                let list: Vec<Value> = pieces.iter().map(aggregate_json).collect();
                format!("{:#}\n", json!({ "tag": name, "quantity": tag.quantity, "intervals": list }))
            }
            TableFormat::Csv => {
                let mut out = "from,mean,least,most,last,rise,resets,readings,usable,coverage\n".to_owned();
                let cell = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
                for piece in &pieces {
                    let [mean, least, most, last, rise] =
                        [piece.mean, piece.least, piece.most, piece.last, piece.rise].map(cell);
                    let Aggregate { from, resets, readings, usable, coverage, .. } = piece;
                    line(
                        &mut out,
                        format_args!(
                            "{from},{mean},{least},{most},{last},{rise},{resets},{readings},{usable},{coverage}"
                        ),
                    );
                }
                out
            }
            TableFormat::Text => self.aggregate_text(&tag, &pieces),
        };
        self.printer.data(output, data.as_bytes())
    }

    fn aggregate_text(&self, tag: &StoredTag, pieces: &[Aggregate]) -> String {
        let quantity = Some(tag.quantity);
        let counter = tag.summing == Summing::Counter;
        let total = if counter { "history-rise" } else { "history-mean" };
        let mut table = Table::new(&[
            ("history-time", None),
            (total, quantity),
            ("history-least", quantity),
            ("history-most", quantity),
            ("history-readings", None),
            ("history-coverage", None),
        ]);
        let number = |value: Option<f64>| match value {
            Some(value) => self.printer.units.number(tag.quantity, value),
            None => "–".to_owned(),
        };
        for piece in pieces {
            table.row(vec![
                self.time.local(piece.from),
                number(if counter { piece.rise } else { piece.mean }),
                number(piece.least),
                number(piece.most),
                piece.readings.to_string(),
                format!("{:.0} %", piece.coverage * 100.0),
            ]);
        }
        table.text(self.printer)
    }

    fn export(&self, output: &Path, names: &[String], time: &Stretch) -> Result<(), Failure> {
        let (from, to) = self.time.stretch(time)?;
        let tags = match names {
            [] => self.historian.tags().into_iter().map(|(key, _)| key).collect(),
            names => names.iter().map(|name| Ok(self.tag(name)?.0)).collect::<Result<_, Failure>>()?,
        };
        let selection = Selection { tags, from, to };
        let ending = output.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
        let rows = match ending.as_str() {
            "csv" => self.historian.export_csv(&selection, output),
            "parquet" => self.historian.export_parquet(&selection, output),
            _ => return Err(Failure::input(self.printer.language.texts().get("history-unknown-ending"))),
        };
        let rows = rows.map_err(|error| self.printer.refusal(&error))?;
        let arguments = [("rows", rows.to_string().into()), ("path", output.display().to_string().into())];
        self.printer.say(&self.printer.language.texts().with("history-exported", &arguments));
        Ok(())
    }

    fn verify(&self, format: TextOrJson) -> Result<(), Failure> {
        let found = self.historian.verify();
        let data = match format {
            TextOrJson::Json => {
                let damage: Vec<String> =
                    found.damage.problems.iter().map(|problem| problem.text(self.printer.language)).collect();
                let answer = json!({
                    "segments": found.segments,
                    "log_files": found.log_files,
                    "sealed_rows": found.sealed_rows,
                    "logged_rows": found.logged_rows,
                    "bytes": found.bytes,
                    "damage": damage,
                });
                format!("{answer:#}\n")
            }
            TextOrJson::Text => {
                let arguments = [
                    ("segments", found.segments.to_string().into()),
                    ("logs", found.log_files.to_string().into()),
                    ("sealed", found.sealed_rows.to_string().into()),
                    ("logged", found.logged_rows.to_string().into()),
                    ("size", format!("{:.1}", found.bytes as f64 / 1e6).into()),
                ];
                self.printer.language.texts().with("history-verified", &arguments) + "\n"
            }
        };
        self.printer.data(None, data.as_bytes())?;
        if found.damage.is_empty() { Ok(()) } else { Err(self.printer.refusal(&found.damage)) }
    }

    fn links(&self, format: TextOrJson) -> Result<(), Failure> {
        let links = self.historian.links();
        let backlogs = links.iter().map(|name| (name, self.historian.backlog(name)));
        let data = match format {
            TextOrJson::Json => {
                let link = |(name, backlog): (&String, Backlog)| {
                    let oldest = backlog.oldest.map(|oldest| oldest.to_string());
                    json!({ "link": name, "batches": backlog.batches, "hours": backlog.hours, "oldest": oldest })
                };
                format!("{:#}\n", Value::Array(backlogs.map(link).collect()))
            }
            TextOrJson::Text => {
                let heads = ["history-link", "history-batches", "history-hours", "history-oldest"];
                let mut table = Table::new(&heads.map(|head| (head, None)));
                for (name, backlog) in backlogs {
                    let oldest = backlog.oldest.map_or_else(String::new, |oldest| self.time.local(oldest));
                    table.row(vec![name.clone(), backlog.batches.to_string(), backlog.hours.to_string(), oldest]);
                }
                table.text(self.printer)
            }
        };
        self.printer.data(None, data.as_bytes())
    }

    fn backup(&self, folder: &Path, to: &Path) -> Result<(), Failure> {
        let made = self.historian.backup(to).map_err(|error| self.printer.refusal(&error))?;
        let [from, target] = [folder, to].map(|folder| folder.join(alarm_journal::FOLDER));
        let (files, bytes) = alarm_journal::copy(&from, &target).map_err(|error| self.printer.refusal(&error))?;
        let arguments = [
            ("files", (made.files + files).to_string().into()),
            ("size", format!("{:.1}", (made.bytes + bytes) as f64 / 1e6).into()),
            ("path", to.display().to_string().into()),
        ];
        self.printer.say(&self.printer.language.texts().with("history-backed-up", &arguments));
        Ok(())
    }

    fn tag(&self, name: &str) -> Result<(TagKey, StoredTag), Failure> {
        let key = self.historian.key(name);
        key.and_then(|key| Some((key, self.historian.tag(key)?))).ok_or_else(|| {
            Failure::input(self.printer.language.texts().with("history-unknown-tag", &[("tag", name.into())]))
        })
    }

    fn quality(&self, quality: Quality) -> String {
        self.printer.language.texts().get(quality.key()).into_owned()
    }
}

const fn kind(tag: &StoredTag) -> &'static str {
    match tag.summing {
        Summing::Mean => "reading",
        Summing::Counter => "counter",
        Summing::State => "state",
    }
}

/// Values that JSON cannot hold (NaN, infinite) are null.
fn reading_json(reading: &Reading) -> Value {
    json!({
        "source_time": reading.source_time.to_string(),
        "value": reading.value,
        "quality": quality_word(reading.quality),
    })
}

fn aggregate_json(piece: &Aggregate) -> Value {
    json!({
        "from": piece.from.to_string(),
        "to": piece.to.to_string(),
        "mean": piece.mean,
        "least": piece.least,
        "most": piece.most,
        "last": piece.last,
        "rise": piece.rise,
        "resets": piece.resets,
        "readings": piece.readings,
        "usable": piece.usable,
        "coverage": piece.coverage,
    })
}
