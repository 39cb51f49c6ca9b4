//! L5: files: what comes in from other programs, what goes out, and the native file.
//!
//! [`open`] reads anything the program understands and says what it mended or guessed on the way. Each format has its
//! own folder; all of them report what is wrong as located [`Problem`]s and change nothing when they fail. What does not
//! live here: solving, and deciding what to do with a network.

pub mod alarm_journal;
pub mod alternatives;
pub mod audit;
pub mod dispatch;
pub mod emergency;
pub mod encoding;
pub mod energy;
pub mod entries;
pub mod error;
pub mod export;
pub mod field;
pub mod file;
pub mod format;
pub mod geojson;
pub mod geojson_export;
pub mod heat_history;
pub mod historian;
pub mod incident;
pub mod inp;
mod json_lines;
mod lines;
pub mod metering;
pub mod modbus;
pub mod numbers;
pub mod orders;
pub mod report;
pub mod results;
pub mod room_history;
pub mod samples;
pub mod save;
pub mod sheet;
pub mod tables;
pub mod users;
pub mod wanted_flows;
pub mod weather;
mod weather_service;

use std::path::Path;

pub use error::{IoError, Problem};
pub use format::Format;

use crate::network::{Finding, Network};

/// A network that was read.
#[derive(Clone, Debug)]
pub struct Opened {
    pub network: Network,
    /// What was mended, guessed or left out on the way.
    pub findings: Vec<Finding>,
    pub format: Format,
}

/// Reads a network from a file or folder of any known format, told by its name and content.
///
/// Errors name file, line, element and remedy; all that can be found at once is listed.
pub fn open(path: &Path) -> Result<Opened, IoError> {
    let format = format::detect(path)?;
    let (mut network, findings) = match format {
        Format::Native => (file::read(path)?, Vec::new()),
        Format::Inp => inp::read(path)?,
        Format::Tables => tables::read_folder(path)?,
        Format::Workbook => tables::read_xlsx(path)?,
        Format::GeoJson => return geojson::import(path, &geojson::ImportOptions::default()),
    };
    network.compact();
    Ok(Opened { network, findings, format })
}
