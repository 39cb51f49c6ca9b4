//! The journal of alarms on disk: what was written is read, a killed writer harms one line, months and copies.

use std::fs;
use std::io::Write;
use std::process::Command;

use hypocaust::io::alarm_journal::{self, FOLDER};
use hypocaust::live::Timestamp;
use hypocaust::live::alarm::{Happening, Kind, Priority, Record, State};
use hypocaust::units::Quantity;

/// 2026-01-31 23:59:00 UTC.
const END_OF_MONTH: i64 = 1_769_903_940_000;
const ALWAYS: [Timestamp; 2] = [Timestamp::from_ms(i64::MIN), Timestamp::from_ms(i64::MAX)];

fn record(number: u64, ms: i64, what: Happening, [from, to]: [State; 2]) -> Record {
    Record {
        number,
        at: Timestamp::from_ms(ms - 250),
        seen: Timestamp::from_ms(ms),
        alarm: "ST012.P1/low-low".into(),
        kind: Kind::LowLow,
        priority: Priority::High,
        what,
        from,
        to,
        value: Some(212_000.0),
        limit: Some(250_000.0),
        quantity: Some(Quantity::Pressure),
        by: None,
    }
}

/// Two minutes over the end of a month: raised, seen by somebody, gone.
fn night() -> Vec<Record> {
    let seen = Happening::Acknowledged { user: "li".to_owned(), comment: "crew is on the way".to_owned() };
    vec![
        record(1, END_OF_MONTH, Happening::Raised, [State::Normal, State::Unacknowledged]),
        record(2, END_OF_MONTH + 30_000, seen, [State::Unacknowledged, State::Acknowledged]),
        record(3, END_OF_MONTH + 120_000, Happening::Cleared, [State::Acknowledged, State::Normal]),
    ]
}

#[test]
fn what_was_written_is_read_from_the_month_it_belongs_to() {
    let folder = tempfile::tempdir().unwrap();
    let [from, to] = ALWAYS;
    assert!(alarm_journal::read(folder.path(), from, to).unwrap().records.is_empty(), "nothing yet is no fault");
    alarm_journal::append(folder.path(), &night()).unwrap();
    let mut files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["alarms-2026-01.jsonl", "alarms-2026-02.jsonl"]);
    let journal = alarm_journal::read(folder.path(), from, to).unwrap();
    assert_eq!(journal.records, night());
    assert!(journal.problems.is_empty());
    let second = Timestamp::from_ms(END_OF_MONTH + 30_000);
    let found = alarm_journal::read(folder.path(), second, second.plus_ms(1)).unwrap();
    assert_eq!(found.records, night()[1..2], "from is in, to is not");
}

#[test]
fn a_killed_writer_harms_only_the_line_it_was_at() {
    let folder = tempfile::tempdir().unwrap();
    alarm_journal::append(folder.path(), &night()[..1]).unwrap();
    let path = folder.path().join("alarms-2026-01.jsonl");
    let torn = &fs::read(&path).unwrap()[..40].to_owned();
    fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(torn).unwrap();
    alarm_journal::append(folder.path(), &night()[1..2]).unwrap();
    let journal = alarm_journal::read(folder.path(), ALWAYS[0], ALWAYS[1]).unwrap();
    assert_eq!(journal.records, night()[..2]);
    let problem = journal.problems.to_string();
    assert!(problem.contains("alarms-2026-01.jsonl:2"), "{problem}");
}

#[test]
fn a_copy_made_while_it_is_written_has_whole_lines() {
    let (folder, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    alarm_journal::append(folder.path(), &night()).unwrap();
    let path = folder.path().join("alarms-2026-02.jsonl");
    fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"number\":").unwrap();
    let (files, bytes) = alarm_journal::copy(folder.path(), copy.path()).unwrap();
    assert_eq!(files, 2);
    assert!(bytes > 400);
    let journal = alarm_journal::read(copy.path(), ALWAYS[0], ALWAYS[1]).unwrap();
    assert_eq!(journal.records, night());
    assert!(journal.problems.is_empty());
}

fn asked(folder: &std::path::Path, words: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hypocaust"));
    let output = command.args(["--language", "en", "history"]).arg(folder).arg("alarms").args(words).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_command_tells_the_sequence_of_events_and_what_comes_most_often() {
    let folder = tempfile::tempdir().unwrap();
    alarm_journal::append(&folder.path().join(FOLDER), &night()).unwrap();
    let text = asked(folder.path(), &[]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(lines[1].starts_with("2026-02-01 07:58:59.750"), "local time, to the millisecond: {text}");
    assert!(lines[1].contains("212.0 kPa") && lines[2].contains("li · crew is on the way"), "{text}");
    let json: Vec<Record> = serde_json::from_str(&asked(folder.path(), &["--format", "json"])).unwrap();
    assert_eq!(json, night());
    let csv = asked(folder.path(), &["--format", "csv", "--to", "2026-02-01T08:00"]);
    assert_eq!(csv.lines().count(), 3, "{csv}");
    assert!(csv.contains("2026-01-31T23:58:59.750Z"), "{csv}");
    let none = asked(folder.path(), &["--about", "ST013", "--format", "json"]);
    assert_eq!(none.trim(), "[]");
    let counts: serde_json::Value =
        serde_json::from_str(&asked(folder.path(), &["--frequent", "--format", "json"])).unwrap();
    assert_eq!(counts[0]["count"], 1);
    assert_eq!(counts[0]["alarm"], "ST012.P1/low-low");
}
