//! A table of a few named columns that is no part of a network: weather, meter readings, households.
//!
//! CSV in any usual encoding, with comma, semicolon or tab, comments behind `#`, headers in this program's words or
//! their Chinese. Every problem is noted with its line; the caller decides what a row means. Not here: the tables of a
//! network (`tables`), which are richer.

use std::path::{Path, PathBuf};

use csv::{Reader, ReaderBuilder, StringRecord, Trim};

use super::{IoError, Problem, encoding};
use crate::physics::calendar::CivilTime;

/// A column: its name in this program and what else its header may say.
pub type Column = (&'static str, &'static [&'static str]);

/// No row of such a table is longer.
const LONGEST_LINE: usize = 1 << 16;

/// A table as read, with its problems so far.
#[derive(Debug)]
pub struct Sheet {
    file: PathBuf,
    /// Place in the file of each known column.
    places: Vec<(&'static str, Option<usize>)>,
    header: (usize, StringRecord),
    rows: Vec<(usize, StringRecord)>,
}

/// One row of a table.
#[derive(Clone, Copy, Debug)]
pub struct SheetRow<'a> {
    sheet: &'a Sheet,
    /// Counted from 1.
    pub line: usize,
    cells: &'a StringRecord,
}

/// Cells of a text, its delimiter told by its first line; lines that begin with # are passed over.
pub(super) fn cells(text: &str) -> Reader<&[u8]> {
    let header = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#')).unwrap_or("");
    let delimiter = [b',', b';', b'\t'].into_iter().max_by_key(|d| {
        // Of equal counts the earlier wins: max_by_key keeps the last, so the comma is counted twice.
        2 * header.bytes().filter(|byte| byte == d).count() + usize::from(*d == b',')
    });
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .comment(Some(b'#'))
        .delimiter(delimiter.unwrap_or(b','))
        .from_reader(text.as_bytes())
}

impl Sheet {
    /// Reads a file.
    pub fn read(file: &Path, columns: &[Column], required: &[&'static str]) -> Result<Sheet, IoError> {
        Sheet::parse(file, &encoding::read(file)?, columns, required)
    }

    /// Reads a text that came from a file.
    pub fn parse(file: &Path, text: &str, columns: &[Column], required: &[&'static str]) -> Result<Sheet, IoError> {
        if let Some(at) = text.find(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            let line = text[..at].matches('\n').count() + 1;
            return Err(Problem::new(file, "io-binary-line").line(line).into());
        }
        if let Some(at) = text.lines().position(|line| line.len() > LONGEST_LINE) {
            return Err(Problem::new(file, "io-line-long").line(at + 1).into());
        }
        let mut reader = cells(text);
        let mut records = Vec::new();
        let mut lines = Lines { text, at: 0, line: 1 };
        for record in reader.records() {
            let record = record.map_err(|reason| {
                let line = reason.position().map_or(0, |position| position.line() as usize);
                Problem::new(file, "io-system").with("reason", &reason).line(line)
            })?;
            if record.iter().any(|cell| !cell.is_empty()) {
                let start = record.position().map_or(0, |position| position.byte() as usize);
                records.push((lines.of(start), record));
            }
        }
        let mut records = records.into_iter();
        let Some((line, header)) = records.next() else {
            return Err(Problem::new(file, "io-table-empty").into());
        };
        let mut error = IoError::default();
        let place = |(name, others): &Column| {
            header.iter().position(|cell| {
                let cell = cell.to_lowercase();
                cell == *name || others.iter().any(|other| cell == *other)
            })
        };
        let places: Vec<(&'static str, Option<usize>)> =
            columns.iter().map(|column| (column.0, place(column))).collect();
        for column in required {
            if !places.iter().any(|(name, place)| name == column && place.is_some()) {
                let present = header.iter().collect::<Vec<_>>().join(", ");
                let problem = Problem::new(file, "io-column-missing").with("column", column);
                error.push(problem.with("present", present).line(line));
            }
        }
        let width = header.len();
        let mut rows = Vec::new();
        for (line, record) in records {
            let used = (0..record.len()).rev().find(|at| !record[*at].is_empty()).map_or(0, |last| last + 1);
            if used > width {
                let problem = Problem::new(file, "io-row-long").with("cells", used).with("columns", width);
                error.push(problem.line(line));
                continue;
            }
            rows.push((line, record));
        }
        error.into_result()?;
        Ok(Sheet { file: file.to_owned(), places, header: (line, header), rows })
    }

    pub fn file(&self) -> &Path {
        &self.file
    }

    pub fn rows(&self) -> impl Iterator<Item = SheetRow<'_>> {
        self.rows.iter().map(|(line, cells)| SheetRow { sheet: self, line: *line, cells })
    }

    /// Notes every column whose header is none of the known ones: a misspelt one would leave its values out unseen.
    pub fn refuse_unknown(&self, error: &mut IoError) {
        let (line, header) = &self.header;
        for (at, cell) in header.iter().enumerate() {
            if cell.is_empty() || self.places.iter().any(|(_, place)| *place == Some(at)) {
                continue;
            }
            let names = self.places.iter().map(|(name, _)| *name);
            let problem = match super::file::place::nearest(cell, names.clone()) {
                Some(meant) => Problem::new(&self.file, "io-unknown-field-meant").with("meant", meant),
                None => {
                    let known = names.collect::<Vec<_>>().join(", ");
                    Problem::new(&self.file, "io-unknown-field").with("known", known)
                }
            };
            error.push(problem.with("field", cell).line(*line));
        }
    }

    pub fn has(&self, column: &str) -> bool {
        self.places.iter().any(|(name, place)| *name == column && place.is_some())
    }
}

/// Counts lines. The reader's own count stops in front of the blank lines and remarks before a record.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of the first content at or behind a byte; bytes must rise from call to call.
    fn of(&mut self, byte: usize) -> usize {
        let byte = byte.clamp(self.at, self.text.len());
        self.line += self.text.as_bytes()[self.at..byte].iter().filter(|b| **b == b'\n').count();
        self.at = byte;
        while let Some(end) = self.text.get(self.at..).and_then(|rest| rest.find('\n')) {
            let content = self.text[self.at..self.at + end].trim();
            if !content.is_empty() && !content.starts_with('#') {
                break;
            }
            self.at += end + 1;
            self.line += 1;
        }
        self.line
    }
}

impl<'a> SheetRow<'a> {
    /// The file it stands in.
    pub fn file(&self) -> &'a Path {
        &self.sheet.file
    }

    /// A problem of this row.
    pub fn problem(&self, key: &'static str) -> Problem {
        Problem::new(&self.sheet.file, key).line(self.line)
    }

    /// The text of a cell; `None` where the column is missing or the cell is empty.
    pub fn text(&self, column: &str) -> Option<&'a str> {
        let place = self.sheet.places.iter().find(|(name, _)| *name == column)?.1?;
        self.cells.get(place).filter(|text| !text.is_empty())
    }

    /// A text that must be there.
    pub fn required(&self, column: &'static str) -> Result<&'a str, Box<Problem>> {
        self.text(column).ok_or_else(|| Box::new(self.problem("io-missing-cell").with("column", column)))
    }

    /// A number within a range; `None` where the cell is empty.
    pub fn number(&self, column: &'static str, low: f64, high: f64) -> Result<Option<f64>, Box<Problem>> {
        let Some(text) = self.text(column) else { return Ok(None) };
        let value = super::tables::number(text).map_err(|key| {
            let problem = self.problem(key).with("field", column).with("got", text).with("word", text);
            Box::new(problem.with("meant", text.replacen(',', ".", 1)))
        })?;
        if (low..=high).contains(&value) {
            return Ok(Some(value));
        }
        let problem = self.problem("io-out-of-range").with("field", column).with("value", value);
        Err(Box::new(problem.with("low", low).with("high", high)))
    }

    /// A number that must be there.
    pub fn required_number(&self, column: &'static str, low: f64, high: f64) -> Result<f64, Box<Problem>> {
        self.required(column)?;
        self.number(column, low, high)?.ok_or_else(|| Box::new(self.problem("io-missing-cell").with("column", column)))
    }

    /// A date and time that must be there, in seconds as `calendar` counts them.
    pub fn time_s(&self, column: &'static str) -> Result<f64, Box<Problem>> {
        let text = self.required(column)?;
        parse_time_s(text).ok_or_else(|| Box::new(self.problem("io-bad-time").with("field", column).with("got", text)))
    }
}

/// `2024-01-15 07:30`, with `T` between, `/` in the date, seconds, or the date alone; local standard time.
pub fn parse_time_s(text: &str) -> Option<f64> {
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, "00:00"));
    let mut parts = date.trim().split(['-', '/']);
    let (year, month, day) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    let mut clock = time.trim().split(':');
    let hour: u32 = clock.next()?.parse().ok()?;
    let minute: u32 = clock.next()?.parse().ok()?;
    let second: f64 = clock.next().map_or(Some(0.0), |text| text.parse().ok())?;
    // 24:00 ends a day in many loggers.
    let valid = hour <= 24 && minute < 60 && (0.0..60.0).contains(&second) && (hour < 24 || minute == 0);
    if parts.next().is_some() || clock.next().is_some() || !valid {
        return None;
    }
    CivilTime { year, month, day, second_of_day: f64::from(hour * 3600 + minute * 60) + second }.time_s()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_the_usual_forms() {
        let half_past_seven = 19_737.0 * 86_400.0 + 7.5 * 3600.0;
        for text in ["2024-01-15 07:30", "2024-01-15T07:30:00", "2024/1/15 7:30"] {
            assert_eq!(parse_time_s(text), Some(half_past_seven), "{text}");
        }
        assert_eq!(parse_time_s("2024-01-15 24:00"), parse_time_s("2024-01-16"));
        for text in ["2024-02-30 00:00", "07:30", "2024-01-15 25:00", "2024-01-15 07:61", "x"] {
            assert_eq!(parse_time_s(text), None, "{text}");
        }
    }

    #[test]
    fn columns_in_any_order_with_comments_and_chinese_headers() {
        const COLUMNS: &[Column] = &[("id", &["编号"]), ("area_m2", &["面积"])];
        let sheet = Sheet::parse(Path::new("a.csv"), "# note\n面积;编号\n\n80.5;A\n;B\n", COLUMNS, &["id"]).unwrap();
        let rows: Vec<_> =
            sheet.rows().map(|row| (row.line, row.text("id"), row.number("area_m2", 0.0, 1e3).unwrap())).collect();
        assert_eq!(rows, [(4, Some("A"), Some(80.5)), (5, Some("B"), None)]);
        let missing = Sheet::parse(Path::new("a.csv"), "area_m2\n1\n", COLUMNS, &["id"]).unwrap_err();
        assert!(missing.to_string().contains("a.csv:1") && missing.to_string().contains("id"), "{missing}");
    }
}
