//! Files of alternatives: JSON with named ones, or a bare list of edits named after its file.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::dispatch::alternative::{Alternative, SourceRunning};
use crate::io::{IoError, Problem, encoding};
use crate::network::edit::Edit;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    alternatives: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    note: String,
    /// `own`, `priority`, `equal` or `optimised`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    running: Option<String>,
    #[serde(default)]
    edits: Vec<Edit>,
}

/// Reads a file of alternatives; an error names file, line and what is wrong.
pub fn read(path: &Path) -> Result<Vec<Alternative>, IoError> {
    parse(path, &encoding::read(path)?)
}

/// The same of a text.
pub fn parse(path: &Path, text: &str) -> Result<Vec<Alternative>, IoError> {
    let refused = |error: serde_json::Error| -> IoError {
        let reason = error.to_string();
        // The place stands in front already.
        let reason = reason.split(" at line ").next().unwrap_or_default().to_owned();
        Problem::new(path, "io-alternatives").with("reason", reason).at(error.line(), error.column()).into()
    };
    if text.trim_start().starts_with('[') {
        let edits: Vec<Edit> = serde_json::from_str(text).map_err(refused)?;
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        return Ok(vec![Alternative::of_edits(name, edits)]);
    }
    let book: Book = serde_json::from_str(text).map_err(refused)?;
    let mut errors = IoError::default();
    let mut out: Vec<Alternative> = Vec::new();
    for Entry { name, note, running, edits } in book.alternatives {
        let found = running.as_deref().map_or(Some(SourceRunning::AsDrawn), SourceRunning::by_word);
        let Some(found) = found else {
            let word = running.unwrap_or_default();
            errors.push(Problem::new(path, "io-alternative-running").with("name", &name).with("word", word));
            continue;
        };
        if out.iter().any(|other| other.name == name) {
            errors.push(Problem::new(path, "io-alternative-twice").with("name", &name));
        }
        out.push(Alternative { name, note, edits, running: found });
    }
    errors.into_result()?;
    Ok(out)
}

/// Alternatives as a file.
pub fn text(alternatives: &[Alternative]) -> String {
    let entry = |one: &Alternative| Entry {
        name: one.name.clone(),
        note: one.note.clone(),
        running: (one.running != SourceRunning::AsDrawn).then(|| one.running.word().to_owned()),
        edits: one.edits.clone(),
    };
    let book = Book { alternatives: alternatives.iter().map(entry).collect() };
    // Plain data with string keys: nothing in it can be refused.
    let mut out = serde_json::to_string_pretty(&book).unwrap_or_default();
    out.push('\n');
    out
}
