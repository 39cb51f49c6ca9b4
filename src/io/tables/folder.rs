//! A folder of CSV files as tables, or the same in memory.

use std::path::Path;

use super::build;
use super::table::{Table, table_name};
use crate::io::format::{Format, check_size};
use crate::io::{IoError, Problem};
use crate::network::{Code, ElementRef, Finding, Network};

/// Reads a network from a folder of CSV tables. The findings say what was mended or guessed.
pub fn read_folder(folder: &Path) -> Result<(Network, Vec<Finding>), IoError> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| IoError::system(folder, &error))? {
        files.push(entry.map_err(|error| IoError::system(folder, &error))?.path());
    }
    // The order in which a folder lists its files is chance.
    files.sort();
    let mut error = IoError::default();
    let mut tables: Vec<Table> = Vec::new();
    let mut findings = Vec::new();
    let mut found = false;
    for file in files {
        let extension = file.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        if !matches!(extension.as_deref(), Some("csv" | "tsv")) || !file.is_file() {
            continue;
        }
        let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let Some(name) = table_name(&stem) else {
            findings.push(left_out(&stem));
            continue;
        };
        found = true;
        if let Some(first) = tables.iter().find(|table| table.name == name) {
            error.push(Problem::new(&file, "io-table-twice").with("first", first.file.display()));
            continue;
        }
        let size = std::fs::metadata(&file).map_err(|error| IoError::system(&file, &error))?.len();
        check_size(&file, size, Format::Tables)?;
        let bytes = std::fs::read(&file).map_err(|error| IoError::system(&file, &error))?;
        tables.extend(Table::from_csv(&file, name, &bytes, &mut error));
    }
    if !found {
        return Err(Problem::new(folder, "io-no-tables").into());
    }
    let (network, more) = build::build(folder, &tables, error)?;
    findings.extend(more);
    Ok((network, findings))
}

/// Reads a network from tables in memory, each (file name, content); `place` names them in messages.
pub fn read_texts(place: &Path, files: &[(&str, &str)]) -> Result<(Network, Vec<Finding>), IoError> {
    let mut error = IoError::default();
    let mut tables: Vec<Table> = Vec::new();
    let mut findings = Vec::new();
    for (file, text) in files {
        let path = place.join(file);
        let stem = Path::new(file).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        match table_name(&stem) {
            Some(name) => tables.extend(Table::from_csv(&path, name, text.as_bytes(), &mut error)),
            None => findings.push(left_out(&stem)),
        }
    }
    let (network, more) = build::build(place, &tables, error)?;
    findings.extend(more);
    Ok((network, findings))
}

/// A table nobody knows stays unread.
pub(super) fn left_out(table: &str) -> Finding {
    Finding::new(Code::ImportMended, ElementRef::network()).phrase(
        "text",
        "io-note-table-left-out",
        &[("table", table.to_owned())],
    )
}
