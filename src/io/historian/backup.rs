//! A copy of a historian, made while samples come in.
//!
//! Segments never change, so they are copied as they are; of the log what is acknowledged when copying begins, behind which
//! it only grows. Nothing is packed or removed meanwhile; batches are stored all the same.

use std::fs;
use std::io::Read;
use std::path::Path;

use super::disk::Disk;
use super::store::Historian;
use crate::io::{IoError, Problem};

/// How often copying begins again.
const ATTEMPTS: usize = 5;

/// What a backup holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backup {
    pub files: usize,
    pub bytes: u64,
}

impl Historian {
    /// Copies everything acknowledged so far to a folder that is empty or missing. The copy is a historian that can be
    /// opened.
    pub fn backup(&self, to: &Path) -> Result<Backup, IoError> {
        if fs::read_dir(to).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(Problem::new(to, "historian-backup-not-empty").into());
        }
        // Where another program writes, files may be packed under our hands: what is copied by then does no harm.
        for _ in 1..ATTEMPTS {
            let outcome = self.copy_all(to);
            let state = self.shared.state();
            let complete = state.segments.values().flatten().all(|segment| segment.path.exists());
            if outcome.is_ok() || complete {
                return outcome;
            }
            drop(state);
            self.refresh();
        }
        self.copy_all(to)
    }

    fn copy_all(&self, to: &Path) -> Result<Backup, IoError> {
        let shared = &*self.shared;
        let disk = &*shared.options.disk;
        // Counted under the writer's lock, so that no step of packing is under way that removes files later.
        let pin = self.pin();
        let mut made = Backup::default();
        let mut behind = false;
        let (mut names, logs) = {
            let state = shared.state();
            (state.names.clone(), state.logs.clone())
        };
        disk.create_folder(&to.join("log")).map_err(|error| IoError::system(to, &error))?;
        for log in &logs {
            // Only what is acknowledged; a torn end stays behind.
            let length = if log.damaged { u64::MAX } else { log.end() };
            let name = log.path.strip_prefix(&shared.folder).unwrap_or(&log.path);
            match copy(disk, &log.path, &to.join(name), length) {
                Ok(bytes) => made.add(bytes),
                // Another program has sealed it meanwhile; its segments are newer than what this one knows.
                Err(_) if shared.lock.is_none() && !log.path.exists() => behind = true,
                Err(error) => return Err(error),
            }
        }
        if behind {
            self.refresh();
        }
        let segments: Vec<_> = {
            let state = shared.state();
            state.segments.values().flatten().chain(state.summaries.values()).cloned().collect()
        };
        for segment in segments {
            let name = segment.path.strip_prefix(&shared.folder).unwrap_or(&segment.path);
            let target = to.join(name);
            if let Some(folder) = target.parent().filter(|folder| !folder.is_dir()) {
                disk.create_folder(folder).map_err(|error| IoError::system(folder, &error))?;
            }
            made.add(copy(disk, &segment.path, &target, u64::MAX)?);
        }
        // Names last: without them the folder is no historian.
        names.save(disk, to)?;
        disk.sync_folder(to).map_err(|error| IoError::system(to, &error))?;
        drop(pin);
        Ok(made)
    }
}

impl Backup {
    fn add(&mut self, bytes: u64) {
        self.files += 1;
        self.bytes += bytes;
    }
}

fn copy(disk: &dyn Disk, from: &Path, to: &Path, length: u64) -> Result<u64, IoError> {
    let mut source = fs::File::open(from).map_err(|error| IoError::system(from, &error))?.take(length);
    let failed = |error| IoError::system(to, &error);
    let mut output = disk.create(to).map_err(failed)?;
    let mut bytes = vec![0; 1 << 20];
    let mut copied = 0;
    loop {
        let read = source.read(&mut bytes).map_err(|error| IoError::system(from, &error))?;
        if read == 0 {
            break;
        }
        output.write(&bytes[..read]).map_err(failed)?;
        copied += read as u64;
    }
    output.sync().map_err(failed)?;
    Ok(copied)
}
