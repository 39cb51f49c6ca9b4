//! The native file `*.hypocaust.json`: everything a network is, readable by people, stable under version control.
//!
//! One JSON object: the version, the settings, then one list for each kind of element with one element a line, in the
//! order of the network. Field names carry their units and are those of the element types, from which the published
//! schema is made too. Reading checks form, numbers, ids and ends, collects everything it finds, and never gives half a
//! network; writing refuses numbers a reader would not take back. Saving is atomic (see `save`).

mod explain;
pub(in crate::io) mod place;
mod read;
mod record;
mod schema;
mod write;

use std::path::Path;

pub use place::nearest;
pub use read::from_str;
pub use schema::schema;
pub use write::to_string;

use super::format::{self, Format};
use super::{IoError, Problem, save};
use crate::network::{ElementKind, EmergencyBase, Network};

/// Version of the file form. Counted up when an older program could not read a newer file.
pub const SCHEMA_VERSION: u64 = 1;

/// Key that opens every native file and holds the version.
pub(crate) const VERSION_KEY: &str = "hypocaust";

/// The lists of a file in their order, and what their elements are.
pub(crate) const SECTIONS: [(&str, Option<ElementKind>); 15] = [
    ("settings", None),
    ("nodes", Some(ElementKind::Node)),
    ("pipes", Some(ElementKind::Pipe)),
    ("valves", Some(ElementKind::Valve)),
    ("pumps", Some(ElementKind::Pump)),
    ("sources", Some(ElementKind::Source)),
    ("consumers", Some(ElementKind::Consumer)),
    ("chambers", Some(ElementKind::Chamber)),
    ("buildings", Some(ElementKind::Building)),
    ("sensors", Some(ElementKind::Sensor)),
    ("scenarios", None),
    ("emergency", None),
    ("streets", None),
    ("water", None),
    ("terrain", None),
];

/// What tells one state of a network from another: 128 bits of FNV-1a over its native file, in hexadecimal digits. Telephone
/// numbers and stores do not count. The same on every machine; no protection against forgery.
pub fn revision(network: &Network) -> Result<String, IoError> {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let text = if *network.emergency_base() == EmergencyBase::default() {
        to_string(network)?
    } else {
        let mut bare = network.clone();
        bare.set_emergency_base(EmergencyBase::default());
        to_string(&bare)?
    };
    let hash = text.bytes().fold(BASIS, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME));
    Ok(format!("{hash:032x}"))
}

/// Reads a native file.
pub fn read(path: &Path) -> Result<Network, IoError> {
    let metadata = std::fs::metadata(path).map_err(|error| IoError::system(path, &error))?;
    format::check_size(path, metadata.len(), Format::Native)?;
    let bytes = std::fs::read(path).map_err(|error| IoError::system(path, &error))?;
    match String::from_utf8(bytes) {
        Ok(text) => from_str(&text, path),
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let bytes = error.as_bytes();
            let line = bytes[..good].iter().filter(|byte| **byte == b'\n').count() + 1;
            Err(Problem::new(path, "io-not-utf8").line(line).into())
        }
    }
}

/// Writes a native file atomically: afterwards the old or the new file is there, whole.
pub fn write(path: &Path, network: &Network) -> Result<(), IoError> {
    let text = to_string(network).map_err(|mut error| {
        for problem in &mut error.problems {
            problem.file = path.to_owned();
        }
        error
    })?;
    save::atomic(path, text.as_bytes())
}
