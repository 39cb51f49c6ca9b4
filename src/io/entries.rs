//! Files of entries, one a line as JSON, added at the end and never changed: the log of an incident, the order book.
//!
//! What [`Journal::add`] has answered for is on the disk: one write at the end of the file, forced down before it returns.
//! A program killed in between leaves at most an unfinished last line; it counts for nothing until its line end is there,
//! is reported with file and line, and is read past. Any other line that cannot be read is reported and read past as well:
//! at night a log with one bad line is worth more than none. Several programs may have the file open at once: writers
//! wait for each other (a lock on the file while one adds), readers see what has been added with [`Journal::refresh`].
//! Not here: what entries mean and which may follow, which is the [`Story`]'s.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{IoError, Problem, lines, save};

/// Keys of what can be wrong with a file.
pub struct Words {
    /// There is a file of this name already.
    pub exists: &'static str,
    pub empty: &'static str,
    pub torn: &'static str,
    pub bad_line: &'static str,
    pub bad_entry: &'static str,
}

/// What entries tell when they are read one after the other.
pub trait Story: Default {
    type Entry: Serialize + DeserializeOwned;
    const WORDS: Words;

    /// Why an entry may not be added; `None` where it may.
    fn problem(&self, path: &Path, entry: &Self::Entry) -> Option<Problem>;

    /// Takes in entries that stand in the file; those that cannot be true come back as problems with their place in
    /// the list.
    fn take(&mut self, path: &Path, entries: Vec<Self::Entry>) -> Vec<(usize, Problem)>;

    /// Whether nothing has been told yet.
    fn is_empty(&self) -> bool;
}

/// A story and the file it stands in.
#[derive(Debug)]
pub struct Journal<S> {
    path: PathBuf,
    story: S,
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

impl<S: Story> Journal<S> {
    fn unread(path: &Path) -> Journal<S> {
        let story = S::default();
        Journal { path: path.to_owned(), story, read: 0, lines: 0, problems: Vec::new(), torn: None }
    }

    /// Begins a file that must not exist yet, with its first entry.
    pub fn create(path: &Path, first: S::Entry) -> Result<Journal<S>, IoError> {
        let mut journal: Journal<S> = Journal::unread(path);
        let line = checked(path, &journal.story, &first)?;
        let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(|error| {
            if error.kind() == std::io::ErrorKind::AlreadyExists {
                Problem::new(path, S::WORDS.exists).into()
            } else {
                IoError::system(path, &error)
            }
        })?;
        file.write_all(line.as_bytes()).and_then(|()| file.sync_all()).map_err(system(path))?;
        save::sync_folder_of(path).map_err(system(path))?;
        // It may follow: it was checked.
        journal.story.take(path, vec![first]);
        (journal.read, journal.lines) = (line.len() as u64, 1);
        Ok(journal)
    }

    /// Reads a file; nothing is written. Refused where no entry can be read from it.
    pub fn open(path: &Path) -> Result<Journal<S>, IoError> {
        let mut journal: Journal<S> = Journal::unread(path);
        journal.refresh()?;
        if journal.story.is_empty() {
            let mut error = IoError::default();
            for problem in journal.problems() {
                error.push(problem.clone());
            }
            if error.is_empty() {
                error.push(Problem::new(path, S::WORDS.empty));
            }
            return Err(error);
        }
        Ok(journal)
    }

    /// Reads a file, or begins one that is empty.
    pub fn open_or_begin(path: &Path) -> Result<Journal<S>, IoError> {
        let mut file = lines::begin_to_add(path)?;
        let mut journal: Journal<S> = Journal::unread(path);
        journal.read_from(&mut file)?;
        Ok(journal)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn story(&self) -> &S {
        &self.story
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
    pub fn add(&mut self, entry: S::Entry) -> Result<(), IoError> {
        self.add_all(vec![entry])
    }

    /// Adds several in one write, each of which may follow the story as it stands now. All or none.
    pub fn add_all(&mut self, entries: Vec<S::Entry>) -> Result<(), IoError> {
        let path = self.path.clone();
        let mut file = lines::open_to_add(&path)?;
        self.read_from(&mut file)?;
        // Ends the line a killed program left; nobody waits for an answer to it any more.
        let mut text = if self.torn.is_some() { "\n".to_owned() } else { String::new() };
        for entry in &entries {
            text += &checked(&path, &self.story, entry)?;
        }
        lines::add(&path, &mut file, text.as_bytes())?;
        self.read_from(&mut file)?;
        Ok(())
    }

    /// Reads whole lines from where the last reading ended.
    fn read_from(&mut self, file: &mut File) -> Result<usize, IoError> {
        let added = match lines::read_added(&self.path, file, self.read)? {
            Some(added) => added,
            None => {
                // Somebody put another file in its place.
                self.story = S::default();
                (self.read, self.lines) = (0, 0);
                self.problems.clear();
                let Some(added) = lines::read_added(&self.path, file, 0)? else { return Ok(0) };
                added
            }
        };
        self.torn = None;
        let mut entries = Vec::new();
        let mut at = Vec::new();
        for line in added.lines() {
            self.lines += 1;
            match read_line::<S>(&self.path, self.lines, line) {
                Ok(Some(entry)) => {
                    entries.push(entry);
                    at.push(self.lines);
                }
                Ok(None) => {}
                Err(problem) => self.problems.push(*problem),
            }
        }
        self.read += added.whole();
        if !added.torn().is_empty() {
            self.torn = Some(Problem::new(&self.path, S::WORDS.torn).line(self.lines + 1));
        }
        let new = entries.len();
        if new > 0 {
            for (place, problem) in self.story.take(&self.path, entries) {
                let line = at.get(place).copied().unwrap_or(self.lines);
                self.problems.push(problem.line(line));
            }
        }
        Ok(new)
    }
}

/// The line of an entry that may follow.
fn checked<S: Story>(path: &Path, story: &S, entry: &S::Entry) -> Result<String, IoError> {
    if let Some(problem) = story.problem(path, entry) {
        return Err(problem.into());
    }
    let line = serde_json::to_string(entry)
        .map_err(|error| IoError::from(Problem::new(path, "io-system").with("reason", error)))?;
    // A number JSON has no word for would be written as null and not be read again.
    match serde_json::from_str::<S::Entry>(&line) {
        Ok(_) => Ok(line + "\n"),
        Err(error) => Err(Problem::new(path, S::WORDS.bad_entry).with("reason", error).into()),
    }
}

/// An entry, or nothing of a blank line.
fn read_line<S: Story>(path: &Path, number: usize, line: &[u8]) -> Result<Option<S::Entry>, Box<Problem>> {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    if line.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    serde_json::from_slice(line).map(Some).map_err(|error| {
        let problem = Problem::new(path, S::WORDS.bad_line).with("reason", reason(&error));
        Box::new(problem.at(number, error.column().max(1)))
    })
}

/// What the reader says, without its own line number: it saw one line only.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(what, _)| what.to_owned())
}
