//! EPANET input files (`*.inp`): reading one as a water network at hour 0, and writing any network as one.
//!
//! Reading goes in three steps: `scan` cuts the text into sections, lines and words; `model` and its neighbours turn
//! them into EPANET's own objects, still in the units of the file and checked line by line; `build` makes the network
//! in SI. The conventions are EPANET 2.3's to the digit (its unit factors, g = 32.2 ft/s², patterns and controls as they
//! stand at hour 0), so that its results are reproduced and not merely resembled. Whatever has no place in a steady
//! state (quality, energy prices, later controls) is named in the findings. Not here: solving, running through time.

mod build;
mod controls;
mod links;
mod model;
mod nodes;
mod options;
mod place;
mod scan;
mod units;
mod write;

use std::path::Path;

use super::{IoError, Problem, encoding};
use crate::network::{Finding, Network};

pub use write::{Written, write};

/// Reads an INP file in any of the usual encodings; see [`parse`].
pub fn read(path: &Path) -> Result<(Network, Vec<Finding>), IoError> {
    parse(&encoding::read(path)?, path)
}

/// Reads the text of an INP file; `file` is only named in messages.
///
/// Errors: every line that cannot be understood, with section, what stands there and what was wanted. Findings: what
/// was left out, guessed or decided by a control at hour 0.
pub fn parse(text: &str, file: &Path) -> Result<(Network, Vec<Finding>), IoError> {
    let scanned = scan::scan(text, file)?;
    let model = model::Model::read(&scanned, file)?;
    // Ids were checked while reading; should the network still refuse one, its own words say which.
    build::build(&model, &scanned)
        .map_err(|error| Problem::plain(file, error.to_string(), "rename the element and import again").into())
}
