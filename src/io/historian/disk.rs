//! The few operations by which the historian changes its folder.
//!
//! They stand behind a trait so that tests can cut the power between any two of them, lose what was not synchronised, or
//! fill the disk up. Reading goes to the system directly.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use crate::io::save;

/// Changes files and folders.
pub trait Disk: fmt::Debug + Send + Sync {
    /// A new, empty file; one of that name is emptied.
    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>>;
    /// Gives a file another name in its folder, replacing one that had it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// The folder and those above it; nothing where it is there.
    fn create_folder(&self, path: &Path) -> io::Result<()>;
    /// Makes names that were given or taken in a folder outlast a power cut.
    fn sync_folder(&self, path: &Path) -> io::Result<()>;
}

/// A file being written from front to back.
pub trait Output: fmt::Debug + Send {
    fn write(&mut self, data: &[u8]) -> io::Result<()>;
    /// Makes what was written outlast a power cut.
    fn sync(&mut self) -> io::Result<()>;
    /// Throws away what lies behind the first `length` bytes.
    fn cut(&mut self, length: u64) -> io::Result<()>;
}

/// The disk of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        Ok(Box::new(RealOutput(File::create(path)?)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        save::sync_folder(path)
    }
}

#[derive(Debug)]
struct RealOutput(File);

impl Output for RealOutput {
    fn write(&mut self, data: &[u8]) -> io::Result<()> {
        self.0.write_all(data)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.0.set_len(length)?;
        self.0.seek(SeekFrom::Start(length)).map(|_| ())
    }
}

/// Writes a small file whole: under another name first, then in one step in the old one's place.
pub fn replace(disk: &dyn Disk, path: &Path, content: &[u8]) -> io::Result<()> {
    let part = path.with_added_extension("part");
    let mut output = disk.create(&part)?;
    output.write(content)?;
    output.sync()?;
    drop(output);
    disk.rename(&part, path)?;
    match path.parent() {
        Some(folder) => disk.sync_folder(folder),
        None => Ok(()),
    }
}
