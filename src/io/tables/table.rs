//! One table as read: header, rows of text and where they stand, whatever file they came from.

use std::path::{Path, PathBuf};

use csv::{ReaderBuilder, StringRecord, Trim};

use super::header::{self, Column};
use crate::io::{IoError, Problem, encoding};

/// No row of a network is longer; a line without end is no table, and cut into cells it would fill the memory.
const LONGEST_LINE: usize = 1 << 20;

/// A table with its cells still as text.
#[derive(Debug)]
pub struct Table {
    /// For problems: the CSV file, or the workbook with its sheet behind a `#`.
    pub file: PathBuf,
    /// Name of the table, one of [`header::TABLES`].
    pub name: &'static str,
    pub columns: Vec<Column>,
    /// Line (CSV) or row (sheet) counted from 1, and the cells, as many as there are columns.
    pub rows: Vec<(usize, StringRecord)>,
}

impl Table {
    /// Reads a CSV file: any usual encoding, comma, semicolon or tab.
    pub fn from_csv(file: &Path, name: &'static str, bytes: &[u8], error: &mut IoError) -> Option<Table> {
        let (text, _) = encoding::decode(bytes);
        if let Some(at) = text.find(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            let line = text[..at].matches('\n').count() + 1;
            error.push(Problem::new(file, "io-binary-line").line(line));
            return None;
        }
        if let Some(at) = text.lines().position(|line| line.len() > LONGEST_LINE) {
            error.push(Problem::new(file, "io-line-long").line(at + 1));
            return None;
        }
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(Trim::All)
            .delimiter(separator(&text))
            .from_reader(text.as_bytes());
        let mut records = Vec::new();
        for record in reader.records() {
            match record {
                Ok(record) => {
                    let line = record.position().map_or(0, |position| position.line() as usize);
                    records.push((line, record));
                }
                Err(reason) => {
                    let line = reason.position().map_or(0, |position| position.line() as usize);
                    error.push(Problem::new(file, "io-system").with("reason", &reason).line(line));
                    return None;
                }
            }
        }
        Table::from_records(file.to_owned(), name, records, error)
    }

    /// Takes the first record that has anything in it as header and checks the rest against it.
    pub fn from_records(
        file: PathBuf,
        name: &'static str,
        records: Vec<(usize, StringRecord)>,
        error: &mut IoError,
    ) -> Option<Table> {
        // Spreadsheets leave rows of nothing but separators behind.
        let mut records = records.into_iter().filter(|(_, record)| record.iter().any(|cell| !cell.is_empty()));
        let Some((line, header)) = records.next() else {
            error.push(Problem::new(&file, "io-table-empty"));
            return None;
        };
        let columns: Vec<Column> = header.iter().map(|cell| Column::new(cell, name)).collect();
        let named = columns.iter().rposition(|column| !column.header.is_empty()).map_or(0, |last| last + 1);
        for (i, column) in columns.iter().enumerate() {
            let twice = |other: &Column| match column.known {
                Some(known) => other.known == Some(known),
                None => other.header == column.header,
            };
            if let Some(first) = columns[..i].iter().find(|other| twice(other)).filter(|_| !column.header.is_empty()) {
                error.push(
                    Problem::new(&file, "io-column-twice")
                        .with("first", &first.header)
                        .with("second", &column.header)
                        .line(line),
                );
            }
        }
        let mut rows = Vec::new();
        for (line, mut record) in records {
            let used = (0..record.len()).rev().find(|at| !record[*at].is_empty()).map_or(0, |last| last + 1);
            if record.len() < named || used > named {
                error.push(
                    Problem::new(&file, if used > named { "io-row-long" } else { "io-row-short" })
                        .with("cells", used.max(record.len().min(named)))
                        .with("columns", named)
                        .line(line),
                );
                continue;
            }
            record.truncate(named);
            rows.push((line, record));
        }
        Some(Table { file, name, columns: columns.into_iter().take(named).collect(), rows })
    }

    /// Position of a column by its name in this program.
    pub fn column(&self, known: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.known == Some(known))
    }
}

/// The separator that cuts the header into most cells.
fn separator(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    let mut best = (b',', 0);
    for candidate in [b',', b';', b'\t'] {
        let mut quoted = false;
        let count = header
            .bytes()
            .filter(|byte| {
                quoted ^= *byte == b'"';
                *byte == candidate && !quoted
            })
            .count();
        if count > best.1 {
            best = (candidate, count);
        }
    }
    best.0
}

/// The table a file or sheet of this name holds.
pub fn table_name(stem: &str) -> Option<&'static str> {
    let stem = stem.trim().to_lowercase();
    header::TABLES
        .iter()
        .find(|(name, aliases)| *name == stem || aliases.contains(&stem.as_str()))
        .map(|(name, _)| *name)
}
