//! What goes out to other programs, one function for command line and window: GeoJSON, a folder of tables, EPANET INP.
//!
//! A target is written whole or not at all, file by file. What the other format cannot hold comes back as findings.

use std::path::Path;

use super::save::atomic;
use super::{IoError, geojson_export, inp, results, tables};
use crate::network::{Finding, Network};
use crate::solver::Solution;

/// What other programs read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// One file for maps.
    GeoJson,
    /// A folder of CSV tables, with results in a folder `results` inside it.
    Tables,
    /// EPANET, supply and return as they are, without results.
    Inp,
}

impl ExportFormat {
    pub const ALL: [ExportFormat; 3] = [ExportFormat::GeoJson, ExportFormat::Tables, ExportFormat::Inp];

    /// The format a path asks for by its ending; a path without one is a folder of tables.
    pub fn of(path: &Path) -> Option<ExportFormat> {
        let Some(ending) = path.extension() else { return Some(ExportFormat::Tables) };
        match ending.to_string_lossy().to_ascii_lowercase().as_str() {
            "geojson" => Some(ExportFormat::GeoJson),
            "inp" => Some(ExportFormat::Inp),
            _ => None,
        }
    }

    /// Ending of its files, with the dot; empty for folders.
    pub const fn ending(self) -> &'static str {
        match self {
            ExportFormat::GeoJson => ".geojson",
            ExportFormat::Tables => "",
            ExportFormat::Inp => ".inp",
        }
    }
}

/// Writes a network, with its results where given and the format has room for them.
///
/// # Errors
/// The path cannot be written.
pub fn write(
    path: &Path,
    format: ExportFormat,
    network: &Network,
    solution: Option<&Solution>,
) -> Result<Vec<Finding>, IoError> {
    match format {
        ExportFormat::GeoJson => {
            let text = match solution {
                Some(solution) => geojson_export::results(network, solution),
                None => geojson_export::network(network),
            };
            atomic(path, text.as_bytes())?;
        }
        ExportFormat::Inp => {
            let written = inp::write(network);
            atomic(path, written.text.as_bytes())?;
            return Ok(written.findings);
        }
        ExportFormat::Tables => {
            tables::write_folder(path, network)?;
            if let Some(solution) = solution {
                results::write_csv(&path.join("results"), network, solution)?;
            }
        }
    }
    Ok(Vec::new())
}
