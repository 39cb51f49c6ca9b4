//! Tables of text for a terminal.

use super::line;
use crate::cli::Printer;
use crate::io::emergency::Sheet;
use crate::units::Quantity;

/// A table of text: first column left, the rest right.
pub struct Table {
    heads: Vec<(&'static str, Option<Quantity>)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Heads are keys of translations, with the quantity whose unit stands behind them.
    pub fn new(heads: &[(&'static str, Option<Quantity>)]) -> Table {
        Table { heads: heads.to_vec(), rows: Vec::new() }
    }

    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    pub fn text(&self, printer: &Printer) -> String {
        let texts = printer.language.texts();
        let head = |(key, quantity): &(&str, Option<Quantity>)| printer.units.head(&texts.get(key), *quantity);
        let heads: Vec<String> = self.heads.iter().map(head).collect();
        let right: Vec<bool> = (0..heads.len()).map(|column| column > 0).collect();
        columns(&heads, &self.rows, &right)
    }
}

/// Heads and rows under each other; columns marked `right` end on one line, the others begin on one.
pub fn columns(heads: &[String], rows: &[Vec<String>], right: &[bool]) -> String {
    let widths: Vec<usize> = heads
        .iter()
        .enumerate()
        .map(|(i, head)| rows.iter().map(|row| width(&row[i])).chain([width(head)]).max().unwrap_or(0))
        .collect();
    let mut out = String::new();
    for row in std::iter::once(heads).chain(rows.iter().map(Vec::as_slice)) {
        let mut text = String::new();
        for ((cell, column), right) in row.iter().zip(&widths).zip(right) {
            let padding = " ".repeat(column - width(cell));
            if !text.is_empty() {
                text.push_str("  ");
            }
            let (before, after) = if *right { (padding.as_str(), "") } else { ("", padding.as_str()) };
            text.push_str(before);
            text.push_str(cell);
            text.push_str(after);
        }
        line(&mut out, format_args!("{}", text.trim_end()));
    }
    out
}

/// A sheet for a terminal: columns of numbers end on one line, columns of words begin on one.
pub fn sheet_text(sheet: &Sheet) -> String {
    let mut out = String::new();
    line(&mut out, format_args!("{}", sheet.title));
    for sentence in &sheet.lines {
        line(&mut out, format_args!("{sentence}"));
    }
    for section in &sheet.sections {
        line(&mut out, format_args!("\n== {}", section.title));
        for sentence in &section.lines {
            line(&mut out, format_args!("{sentence}"));
        }
        if let Some(table) = &section.table {
            let is_number = |cell: &String| cell.starts_with(|c: char| c.is_ascii_digit() || "–-+·".contains(c));
            let right: Vec<bool> =
                (0..table.heads.len()).map(|i| table.rows.iter().all(|row| is_number(&row[i]))).collect();
            out.push_str(&columns(&table.heads, &table.rows, &right));
        }
        for sentence in &section.notes {
            line(&mut out, format_args!("{sentence}"));
        }
    }
    out
}

/// Columns a text takes in a terminal: Chinese characters take two.
fn width(text: &str) -> usize {
    text.chars().map(|c| if matches!(u32::from(c), 0x1100..=0x115F | 0x2E80..=0xFFDC) { 2 } else { 1 }).sum()
}
