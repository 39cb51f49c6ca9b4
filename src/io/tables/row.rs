//! One row of a table as an element asks for it: texts, numbers and words by column, with every problem noted where it
//! stands.

use std::cell::RefCell;

use csv::StringRecord;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::header::{self, LINK_NOTES};
use super::table::Table;
use super::words;
use crate::io::file::nearest;
use crate::io::{IoError, Problem, numbers};
use crate::network::attributes::{Attribute, Attributes};
use crate::network::{ElementKind, ElementRef, Name, Notes};

/// A row, its table, and where problems go.
pub struct Row<'a> {
    pub table: &'a Table,
    pub line: usize,
    cells: &'a StringRecord,
    pub id: Name,
    kind: ElementKind,
    error: &'a RefCell<IoError>,
}

impl<'a> Row<'a> {
    /// A row of a table whose rows are elements of `kind`.
    pub fn new(
        table: &'a Table,
        (line, cells): &'a (usize, StringRecord),
        kind: ElementKind,
        error: &'a RefCell<IoError>,
    ) -> Row<'a> {
        let mut row = Row { table, line: *line, cells, id: Name::from(""), kind, error };
        row.id = Name::from(row.text("id").unwrap_or(""));
        row
    }

    /// A problem of this row.
    pub fn problem(&self, key: &'static str) -> Problem {
        let element = (!self.id.is_empty()).then(|| ElementRef::new(self.kind, self.id.clone()));
        Problem::new(&self.table.file, key).line(self.line).element(element)
    }

    pub fn push(&self, problem: Problem) {
        self.error.borrow_mut().push(problem);
    }

    /// The text of a cell; `None` where the column is missing or the cell is empty.
    pub fn text(&self, column: &str) -> Option<&'a str> {
        let text = self.cells.get(self.table.column(column)?)?;
        (!text.is_empty()).then_some(text)
    }

    /// The text of a cell that must be there.
    pub fn required(&self, column: &'static str) -> Option<&'a str> {
        let text = self.text(column);
        if text.is_none() {
            self.push(self.problem("io-missing-cell").with("column", column));
        }
        text
    }

    /// The number in a cell, in the documented unit. `None` where there is none; a problem is noted where it is bad.
    pub fn number(&self, column: &str) -> Option<f64> {
        let at = self.table.column(column)?;
        let text = self.text(column)?;
        match number(text) {
            Ok(number) => Some(number / self.table.columns[at].per_unit),
            Err(key) => {
                let problem = self.problem(key).with("field", &self.table.columns[at].header);
                self.push(problem.with("got", text).with("word", text).with("meant", text.replacen(',', ".", 1)));
                None
            }
        }
    }

    /// The number in a cell that must be there.
    pub fn required_number(&self, column: &'static str) -> Option<f64> {
        self.required(column)?;
        self.number(column)
    }

    /// A word of an enumeration in a cell, in this program's or in Chinese words.
    pub fn word<E: DeserializeOwned>(&self, column: &str) -> Option<E> {
        let text = self.text(column)?;
        let word = words::canonical(text);
        match serde_json::from_value(Value::String(word.clone())) {
            Ok(value) => Some(value),
            Err(reason) => {
                let reason = reason.to_string();
                let known: Vec<&str> = reason.split('`').skip(3).step_by(2).collect();
                self.unknown_word(column, text, &word, &known);
                None
            }
        }
    }

    /// Notes a word that is none of the known ones.
    pub fn unknown_word(&self, column: &str, text: &str, word: &str, known: &[&str]) {
        let problem = |key| self.problem(key).with("field", column).with("word", text);
        self.push(match nearest(word, known.iter().copied()) {
            Some(meant) => problem("io-unknown-word-meant").with("meant", meant),
            None => problem("io-unknown-word").with("known", known.join(", ")),
        });
    }

    /// Name, chamber and everything in columns the program does not know.
    pub fn notes(&self, more: Attributes) -> Option<Box<Notes>> {
        let mut notes = Notes {
            name: self.text(LINK_NOTES[0]).unwrap_or("").to_owned(),
            chamber: self.text(LINK_NOTES[1]).map(Name::from),
            attributes: self.attributes(),
        };
        notes.attributes.extend(more);
        (notes != Notes::default()).then(|| Box::new(notes))
    }

    /// What stands in columns the program does not know, so that nothing is lost.
    pub fn attributes(&self) -> Attributes {
        let mut out = Attributes::default();
        for (column, cell) in self.table.columns.iter().zip(self.cells) {
            if column.known.is_none() && !column.header.is_empty() && !cell.is_empty() {
                let key = column.header.strip_prefix(ATTRIBUTE_PREFIX).unwrap_or(&column.header);
                out.insert(key.to_owned(), attribute(cell));
            }
        }
        out
    }

    /// Sets the further fields of the table on an element.
    pub fn further<T: Serialize + DeserializeOwned>(&self, element: T) -> T {
        let fields = header::further(self.table.name);
        let present: Vec<(&str, &str, &str)> = fields
            .iter()
            .filter(|(_, path)| !path.is_empty())
            .filter_map(|(column, path)| Some((*column, *path, self.text(column)?)))
            .collect();
        if present.is_empty() {
            return element;
        }
        let Ok(mut form) = serde_json::to_value(&element) else { return element };
        for (column, path, text) in present {
            let before = form.clone();
            // Only the field knows what it takes: `12` may be a number or a material, `1` a count, a yes or a word.
            let yes = match text {
                "1" => Value::Bool(true),
                "0" => Value::Bool(false),
                _ => Value::Null,
            };
            let word = Value::String(words::canonical(text));
            // Lists and groups stand in a cell as JSON.
            let list = match text.as_bytes().first() {
                Some(b'[' | b'{') => serde_json::from_str(text).unwrap_or(Value::Null),
                _ => Value::Null,
            };
            let readings = [self.value(column, text), Value::from(text), word, yes, list];
            let fits = readings.into_iter().filter(|value| !value.is_null()).any(|value| {
                form = before.clone();
                put(&mut form, path, value);
                serde_json::from_value::<T>(form.clone()).is_ok()
            });
            if !fits {
                let reason = serde_json::from_value::<T>(form).err().map(|e| e.to_string()).unwrap_or_default();
                form = before;
                if reason.starts_with("unknown variant") {
                    let known: Vec<&str> = reason.split('`').skip(3).step_by(2).collect();
                    self.unknown_word(column, text, &words::canonical(text), &known);
                } else {
                    let key =
                        if number(text) == Err("io-decimal-comma") { "io-decimal-comma" } else { "io-want-other" };
                    let wanted = reason.rsplit("expected ").next().unwrap_or("").to_owned();
                    let problem = self.problem(key).with("field", column).with("got", text).with("wanted", wanted);
                    self.push(problem.with("meant", text.replacen(',', ".", 1)));
                }
            }
        }
        serde_json::from_value(form).unwrap_or(element)
    }

    fn value(&self, column: &str, text: &str) -> Value {
        let per_unit = self.table.column(column).map_or(1.0, |at| self.table.columns[at].per_unit);
        match text.to_lowercase().as_str() {
            "true" | "yes" | "是" => return Value::Bool(true),
            "false" | "no" | "否" => return Value::Bool(false),
            _ => {}
        }
        match number(text) {
            // Whole numbers stay whole: fields that count refuse `3.0`.
            Ok(_) if per_unit == 1.0 && text.parse::<u64>().is_ok() => {
                text.parse::<u64>().map(Value::from).unwrap_or(Value::Null)
            }
            Ok(number) => Value::from(number / per_unit),
            Err(_) => Value::String(text.to_owned()),
        }
    }

    /// Notes every number of the element that is out of its range.
    pub fn check<T: Serialize>(&self, element: &T) {
        for bad in numbers::check(element) {
            let problem = self.problem(bad.key()).with("field", bad.field).with("value", bad.value);
            self.push(problem.with("low", bad.low).with("high", bad.high));
        }
    }
}

/// Puts a value at a dotted path, making groups on the way.
fn put(form: &mut Value, path: &str, value: Value) {
    let mut at = form;
    let mut parts = path.split('.').peekable();
    while let Some(part) = parts.next() {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let Value::Object(map) = at else { return };
        let entry = map.entry(part).or_insert(Value::Null);
        if parts.peek().is_none() {
            *entry = value;
            return;
        }
        at = entry;
    }
}

/// Before the key of an attribute in a header, so that no attribute can be taken for a column.
pub const ATTRIBUTE_PREFIX: &str = "attributes.";

/// A free value as it looks. Codes with leading zeros stay text.
fn attribute(cell: &str) -> Attribute {
    match cell {
        "true" => return Attribute::Flag(true),
        "false" => return Attribute::Flag(false),
        _ => {}
    }
    let code = cell.starts_with('+') || (cell.len() > 1 && cell.starts_with('0') && !cell.starts_with("0."));
    match number(cell) {
        Ok(number) if !code => Attribute::Number(number),
        _ => Attribute::Text(cell.to_owned()),
    }
}

/// A finite number with a decimal point, or the key of what is wrong with it.
pub fn number(text: &str) -> Result<f64, &'static str> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        Ok(_) => Err("io-not-finite-word"),
        Err(_) if text.matches(',').count() == 1 && text.replacen(',', ".", 1).parse::<f64>().is_ok() => {
            Err("io-decimal-comma")
        }
        Err(_) => Err("io-want-number"),
    }
}
