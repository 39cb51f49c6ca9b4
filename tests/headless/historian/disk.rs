//! Disks that remember what was done to them, so that the power can be cut anywhere, and disks that are full.
//!
//! The model of a power cut: of a file, what was written before its last synchronisation is there; of every later write
//! all, nothing, or any of its 512-byte sectors. Of a folder, the names given, taken and removed before its last
//! synchronisation hold; of the later ones the first few, in order. Files and folders are independent of each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use hypocaust::io::historian::disk::{Disk, Output, RealDisk};
use rand::RngExt;
use rand::rngs::SmallRng;

/// What was done, in order. Files by a number of their own, names come and go.
#[derive(Clone, Debug)]
pub enum Done {
    Create(PathBuf, usize),
    Write(usize, Vec<u8>),
    Cut(usize, u64),
    Sync(usize),
    Rename(PathBuf, PathBuf),
    Remove(PathBuf),
    Folder(PathBuf),
    SyncFolder(PathBuf),
    /// Batches up to this number were acknowledged.
    Acknowledged(usize),
}

/// Does everything, and remembers it.
#[derive(Clone, Debug, Default)]
pub struct RecordingDisk {
    done: Arc<Mutex<Vec<Done>>>,
    files: Arc<AtomicU64>,
}

impl RecordingDisk {
    pub fn remember(&self, done: Done) {
        self.done.lock().unwrap().push(done);
    }

    pub fn done(&self) -> Vec<Done> {
        self.done.lock().unwrap().clone()
    }
}

#[derive(Debug)]
struct RecordingOutput {
    disk: RecordingDisk,
    file: usize,
    inner: Box<dyn Output>,
}

impl Disk for RecordingDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        let inner = RealDisk.create(path)?;
        let file = self.files.fetch_add(1, Ordering::SeqCst) as usize;
        self.remember(Done::Create(path.to_owned(), file));
        Ok(Box::new(RecordingOutput { disk: self.clone(), file, inner }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        assert_eq!(from.parent(), to.parent(), "the model knows renaming within a folder only");
        self.remember(Done::Rename(from.to_owned(), to.to_owned()));
        RealDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.remember(Done::Remove(path.to_owned()));
        RealDisk.remove(path)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.remember(Done::Folder(path.to_owned()));
        RealDisk.create_folder(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.remember(Done::SyncFolder(path.to_owned()));
        Ok(())
    }
}

impl Output for RecordingOutput {
    fn write(&mut self, data: &[u8]) -> io::Result<()> {
        self.disk.remember(Done::Write(self.file, data.to_vec()));
        self.inner.write(data)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.disk.remember(Done::Sync(self.file));
        Ok(())
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.disk.remember(Done::Cut(self.file, length));
        self.inner.cut(length)
    }
}

#[derive(Default)]
struct Content {
    bytes: Vec<u8>,
    /// Since the last synchronisation.
    unsynced: Vec<Done>,
}

const SECTOR: usize = 512;

impl Content {
    fn apply(bytes: &mut Vec<u8>, done: &Done) {
        match done {
            Done::Write(_, data) => bytes.extend_from_slice(data),
            Done::Cut(_, length) => bytes.truncate(*length as usize),
            _ => {}
        }
    }

    fn sync(&mut self) {
        for done in std::mem::take(&mut self.unsynced) {
            Content::apply(&mut self.bytes, &done);
        }
    }

    /// What a power cut leaves.
    fn after_cut(&self, random: &mut SmallRng) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        for done in &self.unsynced {
            match (done, random.random_range(0..4)) {
                (Done::Cut(..), 0 | 1) => {}
                (_, 0) => break,
                (Done::Write(_, data), 1) => bytes.resize(bytes.len() + data.len(), 0),
                (Done::Write(_, data), 2) => {
                    for sector in data.chunks(SECTOR) {
                        let kept = random.random_bool(0.5);
                        let length = bytes.len() + sector.len();
                        if kept {
                            bytes.extend_from_slice(sector);
                        }
                        bytes.resize(length, 0);
                    }
                    if random.random_bool(0.5) {
                        bytes.truncate(self.bytes.len().max(bytes.len() - random.random_range(0..=data.len())));
                    }
                }
                _ => Content::apply(&mut bytes, done),
            }
        }
        bytes
    }
}

/// Writes to `to` what is left of `from` when the power is cut after the first `count` things done.
pub fn cut_power(done: &[Done], count: usize, from: &Path, to: &Path, random: &mut SmallRng) {
    let mut contents: BTreeMap<usize, Content> = BTreeMap::new();
    let mut names: BTreeMap<PathBuf, usize> = BTreeMap::new();
    let mut folders: BTreeSet<PathBuf> = BTreeSet::from([from.to_owned()]);
    let mut pending: BTreeMap<PathBuf, Vec<Done>> = BTreeMap::new();
    let parent = |path: &Path| path.parent().unwrap().to_owned();
    let apply = |names: &mut BTreeMap<PathBuf, usize>, folders: &mut BTreeSet<PathBuf>, done: &Done| match done {
        Done::Create(path, file) => drop(names.insert(path.clone(), *file)),
        Done::Rename(from, to) => {
            if let Some(file) = names.remove(from) {
                names.insert(to.clone(), file);
            }
        }
        Done::Remove(path) => drop(names.remove(path)),
        Done::Folder(path) => drop(folders.insert(path.clone())),
        _ => {}
    };
    for event in &done[..count] {
        match event {
            Done::Create(path, file) => {
                contents.insert(*file, Content::default());
                pending.entry(parent(path)).or_default().push(event.clone());
            }
            Done::Rename(path, _) | Done::Remove(path) | Done::Folder(path) => {
                pending.entry(parent(path)).or_default().push(event.clone());
            }
            Done::Write(file, _) | Done::Cut(file, _) => contents.get_mut(file).unwrap().unsynced.push(event.clone()),
            Done::Sync(file) => contents.get_mut(file).unwrap().sync(),
            Done::SyncFolder(path) => {
                for event in pending.remove(path).unwrap_or_default() {
                    apply(&mut names, &mut folders, &event);
                }
            }
            Done::Acknowledged(_) => {}
        }
    }
    for events in pending.values() {
        for event in &events[..random.random_range(0..=events.len())] {
            apply(&mut names, &mut folders, event);
        }
    }
    let place = |path: &Path| to.join(path.strip_prefix(from).unwrap());
    folders.iter().for_each(|folder| fs::create_dir_all(place(folder)).unwrap());
    for (path, file) in names {
        if folders.contains(&parent(&path)) {
            fs::write(place(&path), contents[&file].after_cut(random)).unwrap();
        }
    }
}

/// The real disk without waiting for it: for tests that cut no power.
#[derive(Clone, Copy, Debug, Default)]
pub struct QuickDisk;

#[derive(Debug)]
struct QuickOutput(Box<dyn Output>);

impl Disk for QuickDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        Ok(Box::new(QuickOutput(RealDisk.create(path)?)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        RealDisk.create_folder(path)
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

impl Output for QuickOutput {
    fn write(&mut self, data: &[u8]) -> io::Result<()> {
        self.0.write(data)
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.0.cut(length)
    }
}

/// A disk on which only so many bytes fit.
#[derive(Clone, Debug, Default)]
pub struct SmallDisk {
    pub free: Arc<Mutex<usize>>,
}

#[derive(Debug)]
struct SmallOutput {
    disk: SmallDisk,
    inner: Box<dyn Output>,
}

impl Disk for SmallDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        if *self.free.lock().unwrap() == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(Box::new(SmallOutput { disk: self.clone(), inner: RealDisk.create(path)? }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let length = fs::metadata(path)?.len() as usize;
        RealDisk.remove(path)?;
        *self.free.lock().unwrap() += length;
        Ok(())
    }

    fn create_folder(&self, path: &Path) -> io::Result<()> {
        RealDisk.create_folder(path)
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

impl Output for SmallOutput {
    fn write(&mut self, data: &[u8]) -> io::Result<()> {
        let mut free = self.disk.free.lock().unwrap();
        let fits = data.len().min(*free);
        *free -= fits;
        // As a real disk does: what fits is written.
        self.inner.write(&data[..fits])?;
        if fits < data.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.inner.cut(length)
    }
}
