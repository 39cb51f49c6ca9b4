//! The data of the cases: what is compiled in, and what a folder adds.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use super::embedded::{FILES, MEASURED, SHIPPED};
use crate::io::IoError;

/// Files by path (with `/`) relative to the folder of reference data (shipped networks: `networks/…`).
#[derive(Clone, Debug, Default)]
pub struct Library {
    files: BTreeMap<String, Cow<'static, str>>,
}

impl Library {
    /// What is part of the program.
    pub fn embedded() -> Library {
        let files = FILES
            .iter()
            .chain(SHIPPED)
            .chain(MEASURED)
            .map(|(path, text)| ((*path).to_owned(), Cow::Borrowed(*text)))
            .collect();
        Library { files }
    }

    /// Adds every text file of a folder and its subfolders; a file of the same path replaces what was there, unless it
    /// is no case at all.
    pub fn add_folder(&mut self, folder: &Path) -> Result<(), IoError> {
        let mut open = vec![(folder.to_path_buf(), String::new())];
        while let Some((at, prefix)) = open.pop() {
            let entries = std::fs::read_dir(&at).map_err(|error| IoError::system(&at, &error))?;
            for entry in entries {
                let entry = entry.map_err(|error| IoError::system(&at, &error))?;
                let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
                // Follows links to folders no deeper than the names say: a link in a circle would never end.
                let kind = entry.file_type().map_err(|error| IoError::system(&path, &error))?;
                if kind.is_dir() {
                    open.push((path, format!("{prefix}{name}/")));
                } else if [".csv", ".json", ".inp"].iter().any(|end| name.ends_with(end)) {
                    let text = crate::io::encoding::read(&path)?;
                    let mut key = format!("{prefix}{name}");
                    let foreign = name.ends_with(".json")
                        && name != "oracles.json"
                        && name != super::metering::PATH
                        && name != super::heat::PATH
                        && !is_case_file(&text);
                    if foreign && self.files.contains_key(&key) {
                        // The same network in somebody else's form: it must not push the case out of sight.
                        key = format!("{}/{key}", folder.display());
                    }
                    self.files.insert(key, Cow::Owned(text));
                }
            }
        }
        Ok(())
    }

    /// Adds or replaces one file.
    pub fn insert(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.files.insert(path.into(), Cow::Owned(text.into()));
    }

    pub fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(AsRef::as_ref)
    }

    /// All paths, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// A file that has to be there.
    pub(super) fn need(&self, path: &str) -> Result<&str, String> {
        self.get(path).ok_or_else(|| format!("the file {path} is missing"))
    }
}

/// Whether a JSON text holds a network in the native form, as every case file does.
pub(super) fn is_case_file(text: &str) -> bool {
    text.contains("\"hypocaust\":") && text.contains("\"expected\":")
}

/// Rows of a CSV file as the chosen columns, text first and numbers after; says which line is wrong.
pub(super) fn columns<const N: usize>(
    text: &str,
    path: &str,
    id: &str,
    numbers: [&str; N],
) -> Result<Vec<(String, [f64; N])>, String> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| format!("{path}: {error}"))?.clone();
    let find = |name: &str| {
        headers.iter().position(|header| header == name).ok_or_else(|| format!("{path}: it has no column '{name}'"))
    };
    let id = find(id)?;
    let mut places = [0; N];
    for (place, name) in places.iter_mut().zip(numbers) {
        *place = find(name)?;
    }
    let mut rows = Vec::new();
    for (line, record) in reader.records().enumerate() {
        let record = record.map_err(|error| format!("{path}: {error}"))?;
        let mut row = [0.0; N];
        for (value, place) in row.iter_mut().zip(places) {
            let word = record.get(place).unwrap_or("");
            *value = word.parse().map_err(|_| format!("{path}, line {}: '{word}' is not a number", line + 2))?;
        }
        rows.push((record.get(id).unwrap_or("").to_owned(), row));
    }
    Ok(rows)
}
