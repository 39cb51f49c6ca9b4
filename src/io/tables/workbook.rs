//! A workbook (`*.xlsx`) as tables, one sheet each.
//!
//! Cells are read as a stream: a sheet with one value in its last row and column would otherwise be laid out in memory
//! as a full grid of billions.

use std::io::Cursor;
use std::path::Path;

use calamine::{DataRef, Reader, Xlsx};
use csv::StringRecord;

use super::build;
use super::folder::left_out;
use super::table::{Table, table_name};
use crate::io::format::{Format, check_size};
use crate::io::{IoError, Problem};
use crate::network::{Finding, Network};

/// Columns beyond this are not a table of a network.
const COLUMNS_READ: usize = 256;
/// Rows beyond this are not a table of a network.
const ROWS_READ: usize = 1_000_000;
/// Cells of a whole workbook beyond this would not fit into memory.
const CELLS_READ: usize = 20_000_000;

/// Reads a network from a workbook with one sheet a table. The findings say what was mended or guessed.
pub fn read_xlsx(path: &Path) -> Result<(Network, Vec<Finding>), IoError> {
    let size = std::fs::metadata(path).map_err(|error| IoError::system(path, &error))?.len();
    check_size(path, size, Format::Workbook)?;
    let bytes = std::fs::read(path).map_err(|error| IoError::system(path, &error))?;
    let damaged = |reason: &dyn std::fmt::Display| {
        IoError::from(Problem::new(path, "io-workbook-damaged").with("reason", reason))
    };
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|reason| damaged(&reason))?;
    let mut error = IoError::default();
    let mut tables: Vec<Table> = Vec::new();
    let mut findings = Vec::new();
    let mut count = 0;
    for sheet in workbook.sheet_names() {
        let file = Path::new(&format!("{}#{sheet}", path.display())).to_owned();
        let Some(name) = table_name(&sheet) else {
            findings.push(left_out(&sheet));
            continue;
        };
        if let Some(first) = tables.iter().find(|table| table.name == name) {
            error.push(Problem::new(&file, "io-table-twice").with("first", first.file.display()));
            continue;
        }
        let mut cells = workbook.worksheet_cells_reader(&sheet).map_err(|reason| damaged(&reason))?;
        let mut rows: Vec<(usize, Vec<String>)> = Vec::new();
        while let Some(cell) = cells.next_cell().map_err(|reason| damaged(&reason))? {
            let (row, column) = cell.get_position();
            let (row, column) = (row as usize + 1, column as usize);
            let text = text(cell.get_value());
            if text.is_empty() || column >= COLUMNS_READ {
                continue;
            }
            count += 1;
            if rows.len() >= ROWS_READ || count > CELLS_READ {
                return Err(Problem::new(&file, "io-too-many-rows").with("limit", ROWS_READ).into());
            }
            match rows.last_mut() {
                Some((last, cells)) if *last == row => {
                    cells.resize(cells.len().max(column + 1), String::new());
                    cells[column] = text;
                }
                _ => {
                    let mut cells = vec![String::new(); column + 1];
                    cells[column] = text;
                    rows.push((row, cells));
                }
            }
        }
        // A sheet has no separators: empty cells at the end of a row are simply not there.
        let width = rows.first().map_or(0, |(_, cells)| cells.len());
        let records = rows.into_iter().map(|(row, mut cells)| {
            cells.resize(cells.len().max(width), String::new());
            (row, StringRecord::from(cells))
        });
        tables.extend(Table::from_records(file, name, records.collect(), &mut error));
    }
    if tables.is_empty() && error.is_empty() {
        return Err(Problem::new(path, "io-no-sheets").into());
    }
    let (network, more) = build::build(path, &tables, error)?;
    findings.extend(more);
    Ok((network, findings))
}

/// A cell as it would stand in a CSV file.
fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        // `{}` writes whole numbers without a point: ids like 12 stay 12.
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(flag) => flag.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.trim().to_owned(),
        DataRef::SharedString(text) => text.trim().to_owned(),
        DataRef::DateTime(date) => date.as_f64().to_string(),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
        #[expect(unreachable_patterns, reason = "kinds of cell a later version of the reader may know")]
        _ => String::new(),
    }
}
