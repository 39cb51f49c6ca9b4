//! The log of an incident, `*.incident.json`: one entry a line, added at the end, never changed.
//!
//! What [`Journal::add`] has answered for is on the disk: one write at the end of the file, forced down before it returns.
//! A program killed in between leaves at most an unfinished last line; it counts for nothing until its line end is there,
//! is reported with file and line, and is read past. Any other line that cannot be read is reported and read past as well:
//! at night a log with one bad line is worth more than none. Several programs may have the file open at once: writers
//! wait for each other (a lock on the file while one adds), readers see what has been added with [`Journal::refresh`].
//! Not here: what entries mean ([`crate::emergency::incident`]).

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::{IoError, Problem, lines, save};
use crate::emergency::incident::{Entry, Incident};

/// How the names of such files end.
pub const ENDING: &str = ".incident.json";

/// An incident and the file it stands in.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    incident: Incident,
    /// Bytes read: always up to behind a line end.
    read: u64,
    lines: usize,
    problems: Vec<Problem>,
    /// The file ends in the middle of this line.
    torn: Option<Problem>,
}

fn system(path: &Path) -> impl Fn(std::io::Error) -> IoError {
    move |error| IoError::system(path, &error)
}

impl Journal {
    /// Begins a file that must not exist yet. The first entry opens the incident.
    pub fn create(path: &Path, first: Entry) -> Result<Journal, IoError> {
        let mut incident = Incident::default();
        let line = checked(path, &incident, &first)?;
        let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(|error| {
            if error.kind() == std::io::ErrorKind::AlreadyExists {
                Problem::new(path, "incident-exists").into()
            } else {
                IoError::system(path, &error)
            }
        })?;
        file.write_all(line.as_bytes()).and_then(|()| file.sync_all()).map_err(system(path))?;
        save::sync_folder_of(path).map_err(system(path))?;
        incident = Incident::from_entries(vec![first]);
        let read = line.len() as u64;
        Ok(Journal { path: path.to_owned(), incident, read, lines: 1, problems: Vec::new(), torn: None })
    }

    /// Reads a file; nothing is written. Refused where no entry can be read from it.
    pub fn open(path: &Path) -> Result<Journal, IoError> {
        let mut journal = Journal {
            path: path.to_owned(),
            incident: Incident::default(),
            read: 0,
            lines: 0,
            problems: Vec::new(),
            torn: None,
        };
        journal.refresh()?;
        if journal.incident.entries().is_empty() {
            let mut error = IoError::default();
            for problem in journal.problems() {
                error.push(problem.clone());
            }
            if error.is_empty() {
                error.push(Problem::new(path, "incident-empty"));
            }
            return Err(error);
        }
        Ok(journal)
    }

    pub fn incident(&self) -> &Incident {
        &self.incident
    }

    /// Lines that could not be read, in their order; the unfinished last one among them.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter().chain(&self.torn)
    }

    /// Takes in what other programs have added since; the number of new entries.
    pub fn refresh(&mut self) -> Result<usize, IoError> {
        let mut file = File::open(&self.path).map_err(system(&self.path))?;
        self.read_from(&mut file)
    }

    /// Adds an entry. When this returns, it is on the disk, behind whatever others have added meanwhile.
    pub fn add(&mut self, entry: Entry) -> Result<(), IoError> {
        let path = self.path.clone();
        let mut file = lines::open_to_add(&path)?;
        self.read_from(&mut file)?;
        let mut line = checked(&path, &self.incident, &entry)?;
        if self.torn.is_some() {
            // Ends the line a killed program left; nobody waits for an answer to it any more.
            line.insert(0, '\n');
        }
        lines::add(&path, &mut file, line.as_bytes())?;
        self.read_from(&mut file)?;
        Ok(())
    }

    /// Reads whole lines from where the last reading ended.
    fn read_from(&mut self, file: &mut File) -> Result<usize, IoError> {
        let added = match lines::read_added(&self.path, file, self.read)? {
            Some(added) => added,
            None => {
                // Somebody put another file in its place.
                self.incident = Incident::default();
                (self.read, self.lines) = (0, 0);
                self.problems.clear();
                let Some(added) = lines::read_added(&self.path, file, 0)? else { return Ok(0) };
                added
            }
        };
        self.torn = None;
        let mut entries = Vec::new();
        for line in added.lines() {
            self.lines += 1;
            match read_line(&self.path, self.lines, line) {
                Ok(entry) => entries.extend(entry),
                Err(problem) => self.problems.push(*problem),
            }
        }
        self.read += added.whole();
        if !added.torn().is_empty() {
            self.torn = Some(Problem::new(&self.path, "incident-torn").line(self.lines + 1));
        }
        let new = entries.len();
        if new > 0 {
            let mut all = std::mem::take(&mut self.incident).into_entries();
            all.append(&mut entries);
            self.incident = Incident::from_entries(all);
        }
        Ok(new)
    }
}

/// The line of an entry that may follow.
fn checked(path: &Path, incident: &Incident, entry: &Entry) -> Result<String, IoError> {
    if let Some(refusal) = incident.refusal(entry) {
        let problem = Problem::new(path, refusal.key()).with("valve", refusal.valve().unwrap_or_default());
        return Err(problem.into());
    }
    let line = serde_json::to_string(entry)
        .map_err(|error| IoError::from(Problem::new(path, "io-system").with("reason", error)))?;
    // A number JSON has no word for would be written as null and not be read again.
    match serde_json::from_str::<Entry>(&line) {
        Ok(_) => Ok(line + "\n"),
        Err(error) => Err(Problem::new(path, "incident-bad-entry").with("reason", error).into()),
    }
}

/// An entry, or nothing of a blank line.
fn read_line(path: &Path, number: usize, line: &[u8]) -> Result<Option<Entry>, Box<Problem>> {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    if line.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    serde_json::from_slice(line).map(Some).map_err(|error| {
        let problem = Problem::new(path, "incident-bad-line").with("reason", reason(&error));
        Box::new(problem.at(number, error.column().max(1)))
    })
}

/// What the reader says, without its own line number: it saw one line only.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(what, _)| what.to_owned())
}
