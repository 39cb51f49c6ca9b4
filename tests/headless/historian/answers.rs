//! What is asked of a history besides values: aggregates, exports, backups, and the command line.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hypocaust::io::historian::{Historian, Interval, Options, Selection};
use hypocaust::live::{Fault, Observed, Quality, Sample, TagTable, Timestamp};
use hypocaust::units::Quantity;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::RowAccessor;

use super::disk::QuickDisk;
use super::faults::{TAGS, batch, options, put};
use super::model::{HOUR_MS, Model, START_MS, sample, table, tag};

fn recorded(folder: &Path, batches: usize) -> (Historian, Model) {
    let historian = Historian::open(folder, options()).unwrap();
    historian.register(&table(TAGS as usize)).unwrap();
    let mut model = Model::default();
    for number in 0..batches {
        historian.append(&batch(number)).unwrap();
        put(&mut model, number);
    }
    (historian, model)
}

#[test]
fn a_backup_taken_while_samples_come_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (historian, mut model) = recorded(&folder.path().join("here"), 250);
    let there = folder.path().join("there");
    let ended = AtomicBool::new(false);
    // Someone records on while the copy is made.
    let (made, before) = std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut number = 250;
            while !ended.load(Ordering::SeqCst) {
                historian.append(&batch(number)).unwrap();
                number += 1;
            }
            number
        });
        let made = historian.backup(&there);
        ended.store(true, Ordering::SeqCst);
        (made.unwrap(), writer.join().unwrap())
    });
    assert!(made.files > 5);
    // A backup stands at some batch between the beginning and the end of the copying.
    let copy = Historian::open(&there, options()).unwrap();
    assert!(copy.damage().is_empty() && copy.verify().damage.is_empty());
    let holds = |model: &Model| {
        let (from, to) = (Timestamp::from_ms(i64::MIN), Timestamp::from_ms(i64::MAX));
        let mut tags = copy.tags().into_iter();
        tags.all(|(key, tag)| copy.range(key, from, to).unwrap() == model.range(&tag.name, i64::MIN, i64::MAX))
    };
    let mut number = 250;
    while !holds(&model) {
        assert!(number < before, "the copy holds no state that ever was");
        put(&mut model, number);
        number += 1;
    }
    assert!(historian.backup(&there).unwrap_err().to_string().contains("not empty"));
    // The copy can be recorded to.
    copy.register(&table(TAGS as usize)).unwrap();
    copy.append(&batch(number)).unwrap();
    put(&mut model, number);
    model.assert_equal(&copy);
}

#[test]
fn exports_hold_every_row() {
    let folder = tempfile::tempdir().unwrap();
    let (historian, model) = recorded(&folder.path().join("history"), 300);
    let selection = Selection {
        tags: historian.tags().into_iter().map(|(key, _)| key).collect(),
        from: Timestamp::from_ms(START_MS),
        to: Timestamp::from_ms(START_MS + 30 * HOUR_MS),
    };
    let wanted: Vec<_> = historian
        .tags()
        .into_iter()
        .flat_map(|(_, tag)| {
            let rows = model.range(&tag.name, START_MS, START_MS + 30 * HOUR_MS);
            rows.into_iter().map(move |reading| (tag.name.to_string(), reading.source_time, reading.value.to_bits()))
        })
        .collect();
    let path = folder.path().join("all.csv");
    assert_eq!(historian.export_csv(&selection, &path).unwrap(), wanted.len() as u64);
    let rows: Vec<(String, String, f64, String)> =
        csv::Reader::from_path(&path).unwrap().deserialize().map(Result::unwrap).collect();
    let found: Vec<_> = rows
        .iter()
        .map(|(tag, time, value, quality)| {
            assert_eq!(quality, if value.is_nan() { "communication" } else { "good" });
            (tag.clone(), Timestamp::parse(time).unwrap(), value.to_bits())
        })
        .collect();
    assert_eq!(found, wanted);

    let path = folder.path().join("all.parquet");
    assert_eq!(historian.export_parquet(&selection, &path).unwrap(), wanted.len() as u64);
    let reader = SerializedFileReader::new(std::fs::File::open(&path).unwrap()).unwrap();
    let found: Vec<_> = reader
        .get_row_iter(None)
        .unwrap()
        .map(|row| {
            let row = row.unwrap();
            let time = Timestamp::from_ms(row.get_timestamp_millis(1).unwrap());
            (row.get_string(0).unwrap().clone(), time, row.get_double(2).unwrap().to_bits())
        })
        .collect();
    assert_eq!(found, wanted);
    let nowhere = historian.export_csv(&selection, &folder.path().join("no/folder/a.csv")).unwrap_err();
    assert!(nowhere.to_string().contains("no such file"), "{nowhere}");
}

/// A supply temperature and a heat meter over 40 days, with a day without communication and an exchanged meter.
fn two_tags(folder: &Path) -> Historian {
    let mut table = TagTable::default();
    table.add(tag("T")).unwrap();
    let mut meter = tag("E");
    (meter.observed, meter.quantity) = (Observed::Energy, Quantity::Energy);
    table.add(meter).unwrap();
    let options = Options { disk: Arc::new(QuickDisk), ..Options::default() };
    let historian = Historian::open(folder, options).unwrap();
    historian.register(&table).unwrap();
    let mut samples = Vec::new();
    for step in 0..40 * 288i64 {
        let ms = START_MS + step * 300_000;
        let hour = step / 12;
        let down = (240..264).contains(&hour);
        let (value, quality) =
            if down { (f64::NAN, Quality::Bad(Fault::Communication)) } else { (hour as f64, Quality::Good) };
        samples.push(sample(0, ms, ms, value, quality));
        let energy = if step < 5000 { 1e9 + step as f64 * 2e6 } else { (step - 5000) as f64 * 2e6 };
        samples.push(sample(1, ms, ms, energy, Quality::Good));
    }
    for chunk in samples.chunks(576) {
        assert_eq!(historian.append(chunk).unwrap().stored, chunk.len());
    }
    historian
}

#[test]
fn means_and_totals_by_hour_day_and_month() {
    let folder = tempfile::tempdir().unwrap();
    let historian = two_tags(folder.path());
    let (temperature, meter) = (historian.key("T").unwrap(), historian.key("E").unwrap());
    let (from, to) = (Timestamp::from_ms(START_MS), Timestamp::from_ms(START_MS + 40 * 24 * HOUR_MS));
    let hours = historian.aggregate(temperature, from, to, Interval::Hour).unwrap();
    assert_eq!(hours.len(), 960);
    for (hour, found) in hours.iter().enumerate() {
        // What was known last holds ten minutes into the silence.
        let mean = if (240..264).contains(&hour) { (hour == 240).then_some(239.0) } else { Some(hour as f64) };
        assert_eq!((found.mean, found.readings), (mean, 12), "hour {hour}");
    }
    assert!((hours[240].coverage - 5.0 / 60.0).abs() < 1e-12, "{}", hours[240].coverage);
    // Local days and months: 2026-01-14 08:00 is the first hour.
    let days = historian.aggregate(meter, from, to, Interval::Day).unwrap();
    let months = historian.aggregate(meter, from, to, Interval::Month).unwrap();
    assert_eq!((days.len(), months.len()), (41, 2));
    assert_eq!(days[1].rise, Some(288.0 * 2e6));
    assert_eq!(months[0].to, Timestamp::parse("2026-02-01T00:00:00+08:00").unwrap());
    let total =
        |pieces: &[hypocaust::io::historian::Aggregate]| pieces.iter().filter_map(|piece| piece.rise).sum::<f64>();
    assert_eq!(total(&days), total(&months));
    // The exchange loses the step between the last reading of the old meter and the first of the new one.
    assert_eq!(total(&days), (40.0 * 288.0 - 2.0) * 2e6);
    assert_eq!(months.iter().map(|month| month.resets).sum::<u32>(), 1);
}

/// Days past their time keep their hourly figures, and those of the days after them are as if nothing had gone.
#[test]
fn thinned_days_keep_their_hours() {
    let [whole, thinned] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let _ = two_tags(whole.path());
    drop(two_tags(thinned.path()));
    let whole = Historian::open(whole.path(), Options::default()).unwrap();
    let keep = || Options { keep_days: Some(20), ..Options::default() };
    let historian = Historian::open(thinned.path(), keep()).unwrap();
    historian.register(&whole_table(&whole)).unwrap();
    whole.register(&whole_table(&whole)).unwrap();
    // A link that waits for an early hour keeps the days from there on.
    historian.link("upstream", hypocaust::io::historian::forward::Start::Everything).unwrap();
    let end = START_MS + 40 * 24 * HOUR_MS;
    let last = [sample(0, end, end + 600_000, 960.0, Quality::Good)];
    let rows = |historian: &Historian| {
        let key = historian.key("E").unwrap();
        historian.range(key, Timestamp::from_ms(START_MS), Timestamp::from_ms(end)).unwrap().len()
    };
    historian.append(&last).unwrap();
    whole.append(&last).unwrap();
    historian.tidy().unwrap();
    assert_eq!(rows(&historian), 40 * 288);
    while let Some(parcel) = historian.parcel("upstream").unwrap() {
        historian.acknowledge("upstream", &parcel).unwrap();
    }
    historian.tidy().unwrap();
    assert!(historian.trouble().is_none() && historian.verify().damage.is_empty());
    assert_eq!(rows(&historian), 20 * 288);
    let (from, to) = (Timestamp::from_ms(START_MS), Timestamp::from_ms(end));
    let historian = [historian, Historian::read(thinned.path(), keep()).unwrap()];
    for historian in &historian {
        for tag in ["T", "E"] {
            for every in [Interval::Hour, Interval::Day, Interval::Month] {
                let wanted = whole.aggregate(whole.key(tag).unwrap(), from, to, every).unwrap();
                let found = historian.aggregate(historian.key(tag).unwrap(), from, to, every).unwrap();
                assert_eq!(found.len(), wanted.len());
                for (found, wanted) in found.iter().zip(&wanted) {
                    let near = |a: Option<f64>, b: Option<f64>| match (a, b) {
                        (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * b.abs(),
                        (a, b) => a.is_none() && b.is_none(),
                    };
                    let at = (tag, every, found.from.to_string());
                    assert_eq!(
                        (found.from, found.least, found.most),
                        (wanted.from, wanted.least, wanted.most),
                        "{at:?}"
                    );
                    assert_eq!(
                        (found.last, found.resets, found.usable),
                        (wanted.last, wanted.resets, wanted.usable),
                        "{at:?}"
                    );
                    // At the seam of two thinned days the value that held over midnight is not known.
                    assert!((found.coverage - wanted.coverage).abs() < 0.01, "{at:?} {found:?} {wanted:?}");
                    assert!(near(found.rise, wanted.rise), "{at:?} {found:?} {wanted:?}");
                    let mean = found.mean.is_some() == wanted.mean.is_some();
                    assert!(
                        mean && found.mean.zip(wanted.mean).is_none_or(|(a, b)| (a - b).abs() <= 0.01 * b.abs()),
                        "{at:?}"
                    );
                }
            }
        }
    }
}

fn whole_table(historian: &Historian) -> TagTable {
    let mut table = TagTable::default();
    for (_, stored) in historian.tags() {
        let mut tag = tag(&stored.name);
        if &*stored.name == "E" {
            (tag.observed, tag.quantity) = (Observed::Energy, Quantity::Energy);
        }
        table.add(tag).unwrap();
    }
    table
}

fn hypocaust(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hypocaust")).args(arguments).env("LC_ALL", "C").output().unwrap()
}

fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_command_line_answers_while_another_program_writes() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("history");
    let historian = two_tags(&root);
    let root = root.to_str().unwrap();
    let (code, out, _) = said(&hypocaust(&["history", root, "tags", "--format", "json"]));
    let tags: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, tags[1]["tag"].as_str(), tags[1]["kind"].as_str()), (Some(0), Some("E"), Some("counter")));

    let ask = [
        "history",
        root,
        "range",
        "T",
        "--from",
        "2026-01-14T10:00",
        "--to",
        "2026-01-14T03:00:00Z",
        "--format",
        "csv",
    ];
    let (code, out, _) = said(&hypocaust(&ask));
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!((code, lines.len(), lines[1]), (Some(0), 13, "2026-01-14T02:00:00.000Z,2,good"));

    let (code, out, _) = said(&hypocaust(&["history", root, "at", "2026-01-24T20:00", "--format", "json"]));
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, found[0]["quality"].as_str()), (Some(0), Some("communication")));
    assert!(found[0]["value"].is_null() && found[1]["value"].is_number());

    let (code, out, _) = said(&hypocaust(&["history", root, "aggregate", "E", "--every", "month", "--format", "csv"]));
    assert_eq!((code, out.lines().count()), (Some(0), 3));
    let (code, out, _) =
        said(&hypocaust(&["--language", "zh-CN", "history", root, "aggregate", "T", "--every", "day"]));
    assert!(code == Some(0) && out.contains("平均值"), "{out}");

    let file = folder.path().join("out.parquet");
    let (code, _, err) = said(&hypocaust(&["history", root, "export", file.to_str().unwrap(), "--tag", "T"]));
    assert!(code == Some(0) && err.contains("11520 values"), "{err}");
    let copy = folder.path().join("copy");
    let copy = copy.to_str().unwrap();
    assert_eq!(said(&hypocaust(&["history", root, "backup", copy])).0, Some(0));
    let (code, out, _) = said(&hypocaust(&["history", copy, "verify"]));
    assert!(code == Some(0) && out.contains(" segments with "), "{out}");
    // Whole, however far the packing had come when it was made.
    let again = folder.path().join("again.csv");
    let (code, _, err) = said(&hypocaust(&["history", copy, "export", again.to_str().unwrap(), "--tag", "T"]));
    assert!(code == Some(0) && err.contains("11520 values"), "{err}");
    drop(historian);

    for (arguments, what) in [
        (&["history", root, "range", "X"][..], "no tag \"X\""),
        (&["history", root, "at", "tomorrow"], "no instant"),
        (&["history", root, "export", "out.txt"], ".csv or .parquet"),
        (&["history", "no/where", "tags"], "holds no historian"),
        (&["history", root, "backup", root], "not empty"),
    ] {
        let (code, _, err) = said(&hypocaust(arguments));
        assert!(code == Some(1) && err.contains(what), "{arguments:?}: {err}");
    }
    // One rotten byte in the copy.
    let month = Path::new(copy).join("2026-01");
    let file = std::fs::read_dir(month).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    std::fs::write(&file, bytes).unwrap();
    let (code, _, err) = said(&hypocaust(&["history", copy, "verify"]));
    assert!(code == Some(1) && err.contains("check sum"), "{err}");
}

#[test]
fn queries_from_other_threads_see_every_acknowledged_row() {
    let folder = tempfile::tempdir().unwrap();
    let (historian, _) = recorded(folder.path(), 1);
    let ended = AtomicBool::new(false);
    let key = historian.key("T3").unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 1..600i64 {
                let ms = START_MS + number * 600_000;
                let samples: Vec<Sample> =
                    (0..TAGS).map(|tag| sample(tag, ms, ms, number as f64, Quality::Good)).collect();
                historian.append(&samples).unwrap();
            }
            ended.store(true, Ordering::SeqCst);
        });
        // A second program reads the folder beside the one that writes it.
        let reader = Historian::read(folder.path(), options()).unwrap();
        let whole = |historian: &Historian| {
            let found = historian.range(key, Timestamp::from_ms(START_MS + 1), Timestamp::from_ms(i64::MAX)).unwrap();
            assert!(found.iter().zip(1..).all(|(reading, wanted)| reading.value as i64 == wanted), "a row is missing");
            found.len()
        };
        let (mut seen, mut rounds) = (0, 0);
        while !ended.load(Ordering::SeqCst) {
            let now = whole(&historian);
            assert!(now >= seen, "rows vanished");
            seen = now;
            whole(&reader);
            assert!(
                whole(&Historian::read(folder.path(), options()).unwrap()) >= now,
                "an acknowledged row is missing"
            );
            rounds += 1;
        }
        assert!(rounds > 1);
    });
}
