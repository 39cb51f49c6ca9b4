//! Files that grow by whole lines, written by several programs at once: what the audit log, the journal of an incident and the
//! journal of alarms have in common.
//!
//! A writer waits for the others (a lock on the file), reads what they have added, and adds its own in one write. A program
//! killed in between leaves at most an unfinished last line. What a line means, and what is done about an unfinished one,
//! is its reader's business.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::{IoError, save};

/// What stands behind the place where the last reading ended.
#[derive(Debug)]
pub struct Added {
    bytes: Vec<u8>,
    whole: usize,
}

impl Added {
    /// Whole lines with their ends.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes[..self.whole].split_inclusive(|byte| *byte == b'\n')
    }

    /// Bytes of whole lines.
    pub const fn whole(&self) -> u64 {
        self.whole as u64
    }

    /// What lies behind the last line end.
    pub fn torn(&self) -> &[u8] {
        &self.bytes[self.whole..]
    }
}

/// Opens a file to be read and added to, when nobody else is adding. Closing it gives the lock back.
pub fn open_to_add(path: &Path) -> Result<File, IoError> {
    locked(path, OpenOptions::new().read(true).append(true))
}

/// The same; a file that is missing is begun, and its name is on the disk.
pub fn begin_to_add(path: &Path) -> Result<File, IoError> {
    let is_new = !path.exists();
    let file = locked(path, OpenOptions::new().read(true).append(true).create(true))?;
    if is_new {
        save::sync_folder_of(path).map_err(|error| IoError::system(path, &error))?;
    }
    Ok(file)
}

fn locked(path: &Path, how: &OpenOptions) -> Result<File, IoError> {
    let system = |error: std::io::Error| IoError::system(path, &error);
    let file = how.open(path).map_err(system)?;
    match file.lock() {
        Ok(()) => Ok(file),
        // Some network shares know no locks; a single write at the end still stands in one piece there.
        Err(error) if error.kind() == std::io::ErrorKind::Unsupported => Ok(file),
        Err(error) => Err(system(error)),
    }
}

/// Reads from here to the end; `None` where the file is shorter than that.
pub fn read_added(path: &Path, file: &mut File, from: u64) -> Result<Option<Added>, IoError> {
    let system = |error: std::io::Error| IoError::system(path, &error);
    if file.metadata().map_err(system)?.len() < from {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(from)).map_err(system)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(system)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    Ok(Some(Added { bytes, whole }))
}

/// Adds bytes at the end. When this returns, they are on the disk.
pub fn add(path: &Path, file: &mut File, bytes: &[u8]) -> Result<(), IoError> {
    file.write_all(bytes).and_then(|()| file.sync_data()).map_err(|error| IoError::system(path, &error))
}
