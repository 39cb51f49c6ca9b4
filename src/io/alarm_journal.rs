//! The journal of alarms: every event of the alarm system on disk, a file a month, `alarms-2026-01.jsonl`, one event a line.
//!
//! [`append`] has written an event down when it returns. A program killed in between leaves at most an unfinished last line,
//! which the next writer ends and every reader reports and passes over, like any other line that cannot be read: of a journal
//! with one bad line the rest is still worth reading. Plain lines, so that any tool can read them; who altered what is told by the
//! audit log ([`super::audit`]), not by this one. Months are those of UTC. Not here: what events mean
//! ([`crate::live::alarm`]), and threads.

use std::fs;
use std::path::{Path, PathBuf};

use super::{IoError, Problem, lines, save};
use crate::live::Timestamp;
use crate::live::alarm::Record;
use crate::physics::calendar::CivilTime;

/// The folder of a history that holds the journal.
pub const FOLDER: &str = "alarms";

/// What was read, in the order it was written, and lines that could not be read.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    pub records: Vec<Record>,
    pub problems: IoError,
}

/// Name of the file of a month.
fn file_of(time: Timestamp) -> String {
    let civil = CivilTime::of(time.seconds());
    format!("alarms-{:04}-{:02}.jsonl", civil.year, civil.month)
}

/// Writes events at the end of the files of the months they became known in, and forces them down.
pub fn append(folder: &Path, records: &[Record]) -> Result<(), IoError> {
    let mut rest = records;
    while let Some(first) = rest.first() {
        let name = file_of(first.seen);
        let same = rest.iter().take_while(|record| file_of(record.seen) == name).count();
        let (now, later) = rest.split_at(same);
        append_to(&folder.join(name), now)?;
        rest = later;
    }
    Ok(())
}

fn append_to(path: &Path, records: &[Record]) -> Result<(), IoError> {
    let system = |error: std::io::Error| IoError::system(path, &error);
    let mut text = String::new();
    for record in records {
        let line = serde_json::to_string(record)
            .map_err(|error| IoError::from(Problem::new(path, "io-system").with("reason", error)))?;
        text.push_str(&line);
        text.push('\n');
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(system)?;
    }
    let mut file = lines::begin_to_add(path)?;
    let end = file.metadata().map_err(system)?.len();
    let last = lines::read_added(path, &mut file, end.saturating_sub(1))?;
    if last.is_some_and(|last| !last.torn().is_empty()) {
        // Ends the line a killed program left.
        text.insert(0, '\n');
    }
    lines::add(path, &mut file, text.as_bytes())
}

/// The files of a journal, the oldest first. A folder that is missing holds none.
fn files(folder: &Path) -> Result<Vec<PathBuf>, IoError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(IoError::system(folder, &error)),
    };
    let name = |path: &Path| path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    let is_ours = |path: &PathBuf| name(path).is_some_and(|it| it.starts_with("alarms-") && it.ends_with(".jsonl"));
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_ours).collect();
    paths.sort();
    Ok(paths)
}

/// Events known from `from` up to `to`, without it.
pub fn read(folder: &Path, from: Timestamp, to: Timestamp) -> Result<Journal, IoError> {
    let mut out = Journal::default();
    // Two instants without a file name are at the ends of time.
    let month =
        |time: Timestamp| (-62_135_596_800_000..=253_402_300_799_999).contains(&time.ms()).then(|| file_of(time));
    let (first, last) = (month(from), month(to));
    for path in files(folder)? {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if first.as_deref().is_some_and(|first| name < first) || last.as_deref().is_some_and(|last| name > last) {
            continue;
        }
        let bytes = fs::read(&path).map_err(|error| IoError::system(&path, &error))?;
        for (number, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            match serde_json::from_slice::<Record>(line) {
                Ok(record) if (from..to).contains(&record.seen) => out.records.push(record),
                Ok(_) => {}
                Err(error) => {
                    let problem = Problem::new(&path, "alarms-bad-line").with("reason", error);
                    out.problems.push(problem.line(number + 1));
                }
            }
        }
    }
    Ok(out)
}

/// Copies a journal, also while it is written: the files and bytes that were copied.
pub fn copy(from: &Path, to: &Path) -> Result<(usize, u64), IoError> {
    let (mut count, mut size) = (0, 0);
    for path in files(from)? {
        let mut bytes = fs::read(&path).map_err(|error| IoError::system(&path, &error))?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        bytes.truncate(whole);
        fs::create_dir_all(to).map_err(|error| IoError::system(to, &error))?;
        if let Some(name) = path.file_name() {
            save::atomic(&to.join(name), &bytes)?;
            count += 1;
            size += bytes.len() as u64;
        }
    }
    Ok((count, size))
}
