//! Maps of utilities (GeoJSON, with attribute tables beside it) as networks.
//!
//! Steps: `read` brings features into metres and joins tables by id, `fields` and `kinds` know what columns mean,
//! `topology` finds out what meets what, `draft` puts valves and pumps into the pipes, `assemble` makes the network and
//! where only one line is drawn for both pipes adds the return. Whatever was mended, guessed or refused is a finding
//! that names the feature. Not here: writing maps.

mod assemble;
mod direction;
mod draft;
mod elements;
mod fields;
mod guess;
mod kinds;
mod places;
pub mod projection;
mod read;
mod report;
mod topology;

use std::path::{Path, PathBuf};

use super::{Format, IoError, Opened, Problem, encoding};
use crate::network::{Finding, Network};

/// Whether one drawn line stands for both pipes of the trench.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mirror {
    /// It does where no line says that it is supply or return.
    #[default]
    Auto,
    Always,
    Never,
}

/// How to read a map.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportOptions {
    /// Ends, symbols and lines closer than this meet.
    pub snap_tolerance_m: f64,
    pub mirror: Mirror,
    /// Name of the coordinate system, where the file does not tell it (`EPSG:4547`); projected systems are in metres.
    pub crs: Option<String>,
}

impl Default for ImportOptions {
    /// Half a metre: wider than the slips of digitising, narrower than the distance of supply and return.
    fn default() -> Self {
        ImportOptions { snap_tolerance_m: 0.5, mirror: Mirror::Auto, crs: None }
    }
}

/// Reads a map and the tables beside it: CSV files whose names begin with the name of the map.
///
/// Errors: the file is no GeoJSON, lies off the earth, or has no pipe. Single bad features are refused in the findings.
pub fn import(path: &Path, options: &ImportOptions) -> Result<Opened, IoError> {
    let text = encoding::read(path)?;
    let mut tables = Vec::new();
    for table in tables_beside(path)? {
        let text = encoding::read(&table)?;
        tables.push((table, text));
    }
    let (network, findings) = parse(&text, &tables, path, options)?;
    Ok(Opened { network, findings, format: Format::GeoJson })
}

/// Reads the text of a map and of its tables; `file` and the names of the tables are only named in messages.
pub fn parse(
    text: &str,
    tables: &[(PathBuf, String)],
    file: &Path,
    options: &ImportOptions,
) -> Result<(Network, Vec<Finding>), IoError> {
    let mut report = report::Report::default();
    let layer = read::read(text, tables, file, options.crs.as_deref(), &mut report)?;
    let draft = draft::Draft::new(&layer, options, &mut report);
    if draft.pipes().next().is_none() {
        return Err(Problem::new(file, "gis-no-pipes").into());
    }
    Ok(assemble::assemble(draft, &layer, report))
}

/// `pipes.csv`, `pipes_2.csv`, `pipes-attributes.csv` for `pipes.geojson`, sorted by name.
fn tables_beside(path: &Path) -> Result<Vec<PathBuf>, IoError> {
    let Some(stem) = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()) else { return Ok(Vec::new()) };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = std::fs::read_dir(folder).map_err(|error| IoError::system(folder, &error))?;
    let mut tables: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|table| {
            let name = table.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let csv = name.to_lowercase().ends_with(".csv");
            let rest = name.strip_prefix(&stem).unwrap_or("?");
            csv && rest.starts_with(['.', '_', '-'])
        })
        .collect();
    tables.sort();
    Ok(tables)
}
