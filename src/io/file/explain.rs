//! From what the JSON reader says to what a person can act on: field, got, wanted, place and remedy.
//!
//! Works on the words of serde's messages, which are part of its documented interface for messages ("invalid type: X,
//! expected Y"); anything unknown is passed on as it is, with its place.

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::place::{line_and_column, nearest, offset_at, offset_of};
use crate::io::Problem;
use crate::network::{ElementKind, ElementRef};

/// A text and the file it came from.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    pub file: &'a Path,
    pub text: &'a str,
}

impl<'a> Text<'a> {
    /// A problem at a byte offset.
    pub fn problem(&self, key: &'static str, offset: usize) -> Problem {
        let (line, column) = line_and_column(self.text, offset);
        Problem::new(self.file, key).at(line, column)
    }

    /// The whole text is not JSON: says where, in which element, and whether it simply ends too early.
    pub fn not_json(&self, error: &serde_json::Error) -> Problem {
        let offset = offset_at(self.text, error.line(), error.column());
        let element = self.last_id_before(offset);
        let reason = strip_place(&error.to_string());
        // A number cut behind its point is no end of file to the reader, but it is to people.
        let last = offset + 1 >= self.text.trim_end().len() && !reason.starts_with("trailing");
        if error.is_eof() || last {
            let last = element.unwrap_or_default();
            let key = if last.is_empty() { "io-truncated" } else { "io-truncated-after" };
            return self.problem(key, self.text.len()).with("last", last);
        }
        let near: String = self.text.get(offset..).unwrap_or("").chars().take_while(|c| *c != '\n').take(20).collect();
        // The reader stops within or just behind a word JSON does not have.
        // No word of interest is longer than this; garbage may be one endless word.
        const LONGEST: usize = 12;
        let mut from = offset.saturating_sub(LONGEST);
        while !self.text.is_char_boundary(from) {
            from += 1;
        }
        let start =
            from + self.text[from..offset].trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '-').len();
        let word: String =
            self.text[start..].chars().take(LONGEST).take_while(|c| c.is_ascii_alphabetic() || *c == '-').collect();
        let word = word.trim_start_matches('-');
        let key = match word {
            "NaN" | "nan" | "Infinity" | "inf" | "Inf" => "io-not-finite-word",
            _ => "io-not-json",
        };
        let problem = self.problem(key, offset).with("word", word).with("near", near.trim()).with("reason", reason);
        match element {
            Some(id) => problem.element(Some(ElementRef::new(self.section_before(offset), id))),
            None => problem,
        }
    }

    /// The id of the element a place lies in, told from the text alone because it could not be read.
    fn last_id_before(&self, offset: usize) -> Option<String> {
        let before = self.text.get(..offset)?;
        // An id may stand behind the place on the same line, but elements begin with their id.
        let line = before.rsplit('\n').take(2).find(|line| line.contains("\"id\""))?;
        let value = line[line.rfind("\"id\"")? + 4..].trim_start().strip_prefix(':')?.trim_start();
        let id = value.strip_prefix('"')?.split('"').next()?;
        Some(id.chars().take(80).collect())
    }

    fn section_before(&self, offset: usize) -> ElementKind {
        let before = self.text.get(..offset).unwrap_or("");
        super::SECTIONS
            .iter()
            .filter_map(|(key, kind)| Some((before.rfind(&format!("\"{key}\""))?, (*kind)?)))
            .max_by_key(|(at, _)| *at)
            .map_or(ElementKind::Network, |(_, kind)| kind)
    }

    /// One element (or the settings) is JSON but not what it should be.
    pub fn bad_value<T: DeserializeOwned>(
        &self,
        piece: &str,
        kind: ElementKind,
        common: &[&'static str],
        error: &serde_json::Error,
    ) -> Problem {
        let start = offset_of(self.text, piece);
        let element = match kind {
            ElementKind::Network => Some(ElementRef::network()),
            kind => id_in(piece).map(|id| ElementRef::new(kind, id)),
        };
        let mut reader = serde_json::Deserializer::from_str(piece);
        let path = match serde_path_to_error::deserialize::<_, T>(&mut reader) {
            Ok(_) => String::new(),
            Err(error) => error.path().to_string(),
        };
        let field = if path == "." { String::new() } else { path };
        let reason = strip_place(&error.to_string());
        let words = Words::of(&reason);
        // A field is best shown where its name stands; otherwise where the reader stopped.
        let name = match &words {
            Words::UnknownField { name, .. } => name.as_str(),
            _ => field.rsplit('.').find(|part| !part.starts_with('[')).unwrap_or(""),
        };
        let inside =
            (!name.is_empty()).then(|| piece.find(&format!("\"{name}\""))).flatten().unwrap_or_else(|| match &words {
                Words::Missing { .. } => 0,
                _ => offset_at(piece, error.line(), error.column()),
            });
        let problem = |key| self.problem(key, start + inside).element(element.clone());
        let parent = || field.rsplit_once('.').map_or("", |(parent, _)| parent).to_owned();
        match words {
            Words::UnknownField { name, known } => {
                let top = !field.contains('.');
                let known: Vec<&str> = if top {
                    common.iter().copied().chain(known.iter().map(String::as_str)).collect()
                } else {
                    known.iter().map(String::as_str).collect()
                };
                match nearest(&name, known.iter().copied()) {
                    Some(meant) => problem("io-unknown-field-meant").with("field", &name).with("meant", meant),
                    None => problem("io-unknown-field").with("field", &name).with("known", known.join(", ")),
                }
            }
            Words::UnknownWord { word, known } => {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let field = if field.is_empty() { parent() } else { field.clone() };
                match nearest(&word, known.iter().copied()) {
                    Some(meant) => {
                        problem("io-unknown-word-meant").with("field", field).with("word", word).with("meant", meant)
                    }
                    None => problem("io-unknown-word")
                        .with("field", field)
                        .with("word", word)
                        .with("known", known.join(", ")),
                }
            }
            Words::Missing { name } => problem("io-missing-field").with("field", joined(&field, &name)),
            Words::Twice { name } => problem("io-duplicate-field").with("field", joined(&field, &name)),
            Words::Wrong { got, wanted } => problem(wanted_key(&wanted))
                .with("field", if field.is_empty() { kind.word() } else { &field })
                .with("got", got)
                .with("wanted", wanted),
            Words::Other => problem("io-bad-value").with("field", field).with("reason", reason),
        }
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() || path == name || path.ends_with(&format!(".{name}")) {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// The id of an element whose other fields could not be read.
pub fn id_in(piece: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct OnlyId {
        id: Option<serde_json::Value>,
    }
    match serde_json::from_str::<OnlyId>(piece).ok()?.id? {
        serde_json::Value::String(id) => Some(id),
        other => Some(other.to_string()),
    }
}

/// The reader's message without its "at line 1 column 2", which counts from the element.
fn strip_place(text: &str) -> String {
    text.rsplit_once(" at line ").map_or(text, |(reason, _)| reason).to_owned()
}

enum Words {
    UnknownField { name: String, known: Vec<String> },
    UnknownWord { word: String, known: Vec<String> },
    Missing { name: String },
    Twice { name: String },
    Wrong { got: String, wanted: String },
    Other,
}

impl Words {
    fn of(reason: &str) -> Words {
        let quoted: Vec<String> = reason.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        let first = || quoted.first().cloned().unwrap_or_default();
        let rest = || quoted.iter().skip(1).cloned().collect();
        if reason.starts_with("unknown field `") {
            Words::UnknownField { name: first(), known: rest() }
        } else if reason.starts_with("unknown variant `") {
            Words::UnknownWord { word: first(), known: rest() }
        } else if reason.starts_with("missing field `") {
            Words::Missing { name: first() }
        } else if reason.starts_with("duplicate field `") {
            Words::Twice { name: first() }
        } else if reason.starts_with("data did not match any variant of untagged enum Attribute") {
            Words::Wrong { got: String::new(), wanted: "attribute".to_owned() }
        } else if let Some((got, wanted)) = reason
            .strip_prefix("invalid type: ")
            .or_else(|| reason.strip_prefix("invalid value: "))
            .or_else(|| reason.strip_prefix("invalid length "))
            .and_then(|rest| rest.split_once(", expected "))
        {
            Words::Wrong { got: plain_value(got), wanted: wanted.to_owned() }
        } else {
            Words::Other
        }
    }
}

/// `string "abc"` → `"abc"`: the kind of value is told by how it looks.
fn plain_value(got: &str) -> String {
    match got {
        "map" => "{ … }".to_owned(),
        "sequence" => "[ … ]".to_owned(),
        "null" | "unit value" => "null".to_owned(),
        _ => {
            let value = got.split_once(' ').map_or(got, |(kind, value)| {
                if matches!(kind, "string" | "integer" | "boolean") {
                    value
                } else {
                    got.strip_prefix("floating point ").unwrap_or(got)
                }
            });
            value.trim_matches('`').chars().take(60).collect()
        }
    }
}

fn wanted_key(wanted: &str) -> &'static str {
    match wanted {
        "f64" | "f32" | "a number" => "io-want-number",
        "u8" | "u16" | "u32" | "u64" | "usize" | "i32" | "i64" => "io-want-whole",
        "a string" | "a borrowed string" | "string or map" => "io-want-text",
        "a boolean" => "io-want-flag",
        "attribute" => "io-want-attribute",
        other if other.starts_with("a sequence") || other.contains("array") || other.contains("elements") => {
            "io-want-list"
        }
        other if other.starts_with("struct") || other.starts_with("an element") || other.contains("map") => {
            "io-want-group"
        }
        _ => "io-want-other",
    }
}
