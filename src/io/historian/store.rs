//! The historian itself: its state, and taking samples in.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::block::Row;
use super::error::gather;
use super::forward::Link;
use super::hot::{Frozen, Hot, day_of};
use super::log::{LogFile, LogWriter, MOST_ROWS, TagRow};
use super::names::{Names, StoredTag};
use super::options::Options;
use super::sealing::Job;
use super::segment::Segment;
use crate::io::{IoError, Problem};
use crate::live::{Sample, TagId, TagTable};

/// Number of a tag in a historian. It stays the same for ever, whatever becomes of the table of tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TagKey(pub u32);

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    /// Samples that are on the disk now.
    pub stored: usize,
    /// Samples of a tag and instant that memory already has; the first one stays. Doubles of sealed rows are not counted:
    /// they fall out when they are read or sealed.
    pub doubles: usize,
    /// Samples that cannot be stored: of a tag that was not registered, or from before the year 1 or after 9999.
    pub refused: usize,
}

/// What readers see; changed only for moments.
#[derive(Debug, Default)]
pub(super) struct State {
    pub names: Names,
    /// Numbers by the handles of the registered table.
    pub handles: Vec<u32>,
    pub hot: Hot,
    /// Rows being sealed.
    pub sealing: Option<Arc<Frozen>>,
    /// By day; those of a day by order, then generation.
    pub segments: BTreeMap<i64, Vec<Arc<Segment>>>,
    /// By day; what is left of days whose rows are gone.
    pub summaries: BTreeMap<i64, Arc<Segment>>,
    /// From the oldest to the one being written.
    pub logs: Vec<LogFile>,
    /// Ways to other historians.
    pub links: BTreeMap<String, Link>,
    /// What was found wrong when the folder was opened.
    pub damage: IoError,
    /// Batches that a crash interrupted before they were acknowledged.
    pub remarks: Vec<Problem>,
    /// Why the last step of sealing failed.
    pub trouble: Option<IoError>,
}

impl State {
    /// Segments of the days that a half-open stretch of time touches.
    pub fn segments_between(&self, from_ms: i64, to_ms: i64) -> Vec<Arc<Segment>> {
        if from_ms >= to_ms {
            return Vec::new();
        }
        let days = self.segments.range(day_of(from_ms)..=day_of(to_ms - 1));
        days.flat_map(|(_, segments)| segments.iter().cloned()).collect()
    }
}

/// What only the writing thread needs.
#[derive(Debug, Default)]
pub(super) struct Writer {
    pub log: Option<LogWriter>,
    pub next_log: u64,
    pub next_sequence: u64,
    pub next_generation: u64,
    pub job: Option<Job>,
    /// Start of the hours that were left open by the last sealing.
    pub open_from_ms: Option<i64>,
    /// Days whose segments could not be made one; tried again with the next hour.
    pub not_packed: BTreeSet<i64>,
    /// Latest arrival, the historian's only clock.
    pub clock_ms: Option<i64>,
    /// The log could not be brought back into order.
    pub stopped: Option<IoError>,
    pub rows: Vec<TagRow>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub folder: PathBuf,
    pub options: Options,
    pub state: RwLock<State>,
    pub writer: Mutex<Writer>,
    /// Held by the one that writes; `None` where the folder was opened for reading.
    pub lock: Option<File>,
    /// Backups under way: no file is removed meanwhile.
    pub pins: AtomicUsize,
}

/// While it lives no file is packed or removed.
#[derive(Debug)]
pub(super) struct Pin<'a>(&'a AtomicUsize);

impl Drop for Pin<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A store of samples in a folder. Clones are the same store; all methods may be called from any thread.
#[derive(Clone, Debug)]
pub struct Historian {
    pub(super) shared: Arc<Shared>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        // By word, not by closing: a child process that is being started may hold the file open for a moment longer.
        if let Some(lock) = &self.lock {
            // Where it fails the lock goes with the file.
            let _ = lock.unlock();
        }
    }
}

// A panic while a lock was held leaves complete values behind: every change of the state is a single insertion or swap.
impl Shared {
    pub fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn change(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the check sums of all files begin with; the same as long as the historian lives.
    pub fn seed(&self) -> u32 {
        self.state().names.seed()
    }

    pub fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Years 1 to 9999: what text can say, and far from where sums of instants overflow.
pub(super) const EARLIEST_MS: i64 = -62_135_596_800_000;
pub(super) const LATEST_MS: i64 = 253_402_300_799_999;

impl Historian {
    /// Opens the historian of a folder for writing and reading; a new one where the folder is empty or missing.
    ///
    /// Everything that was ever acknowledged is there. What is damaged is told by [`Historian::damage`] and does not keep
    /// the rest from being used. Fails where another program writes the folder.
    pub fn open(folder: &Path, options: Options) -> Result<Historian, IoError> {
        super::recovery::open(folder, options, true)
    }

    /// Opens a historian for reading only, also while another program writes it: its state at this moment.
    pub fn read(folder: &Path, options: Options) -> Result<Historian, IoError> {
        super::recovery::read(folder, options)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.shared.folder
    }

    /// Says which names the handles of coming samples mean. Names that are new get a number; names that are gone keep
    /// theirs and their history. On the disk when it returns.
    pub fn register(&self, table: &TagTable) -> Result<(), IoError> {
        let writer = self.writing()?;
        let mut names = self.shared.state().names.clone();
        let handles = table.iter().map(|(_, tag)| names.number(tag)).collect();
        if names.changed() {
            names.save(&*self.shared.options.disk, &self.shared.folder)?;
        }
        let mut state = self.shared.change();
        (state.names, state.handles) = (names, handles);
        drop(state);
        drop(writer);
        Ok(())
    }

    /// All tags that were ever registered, in the order of their keys.
    pub fn tags(&self) -> Vec<(TagKey, StoredTag)> {
        let state = self.shared.state();
        state.names.all().iter().enumerate().map(|(key, tag)| (TagKey(key as u32), tag.clone())).collect()
    }

    /// A tag as stored.
    pub fn tag(&self, key: TagKey) -> Option<StoredTag> {
        self.shared.state().names.all().get(key.0 as usize).cloned()
    }

    /// The key of a name.
    pub fn key(&self, name: &str) -> Option<TagKey> {
        self.shared.state().names.find(name).map(TagKey)
    }

    /// The key of a handle of the registered table.
    pub fn key_of(&self, tag: TagId) -> Option<TagKey> {
        self.shared.state().handles.get(tag.index()).copied().map(TagKey)
    }

    /// What was found damaged when the folder was opened; empty in a sound one.
    pub fn damage(&self) -> IoError {
        self.shared.state().damage.clone()
    }

    /// Batches that a crash interrupted before they were acknowledged, found when the folder was opened.
    pub fn remarks(&self) -> Vec<Problem> {
        self.shared.state().remarks.clone()
    }

    /// Why rows could not be sealed last time, if they could not. They are safe in the log; it is tried again.
    pub fn trouble(&self) -> Option<IoError> {
        self.shared.state().trouble.clone()
    }

    /// Stores samples. When it returns they are on the disk: they outlast the end of the program and a power cut.
    ///
    /// A batch is stored whole or not at all (in parts of 65 536 samples). Of several samples of one tag and instant the
    /// first one stays. An error means that nothing of the batch was acknowledged; it may be given again.
    pub fn append(&self, samples: &[Sample]) -> Result<Appended, IoError> {
        let mut writer = self.writing()?;
        if let Some(error) = &writer.stopped {
            return Err(error.clone());
        }
        let mut done = Appended::default();
        let mut rows = std::mem::take(&mut writer.rows);
        rows.clear();
        {
            let state = self.shared.state();
            for sample in samples {
                let ms = sample.source_time.ms();
                match state.handles.get(sample.tag.index()) {
                    Some(&tag) if (EARLIEST_MS..=LATEST_MS).contains(&ms) => {
                        rows.push((tag, Row { ms, value: sample.value, quality: sample.quality.code() }));
                    }
                    _ => done.refused += 1,
                }
            }
        }
        let outcome = self.append_rows(&mut writer, &rows, &mut done);
        let arrival = samples.iter().map(|sample| sample.arrival_time.ms().clamp(EARLIEST_MS, LATEST_MS)).max();
        writer.rows = rows;
        outcome?;
        // The clock follows arrivals, also backwards when it was set.
        writer.clock_ms = arrival.or(writer.clock_ms);
        self.step(&mut writer);
        Ok(done)
    }

    fn append_rows(&self, writer: &mut Writer, rows: &[TagRow], done: &mut Appended) -> Result<(), IoError> {
        if rows.is_empty() {
            return Ok(());
        }
        let shared = &*self.shared;
        if writer.log.is_none() {
            let file = LogFile::new(&shared.folder, writer.next_log);
            writer.log = Some(LogWriter::create(&*shared.options.disk, &file.path, shared.seed())?);
            writer.next_log += 1;
            shared.change().logs.push(file);
        }
        let Some(log) = &mut writer.log else { return Ok(()) };
        let places = match log.append(writer.next_sequence, rows) {
            Ok(places) => places,
            Err(failed) => {
                if failed.fatal {
                    let mut error = failed.error.clone();
                    gather(&mut error, Problem::new(&shared.folder, "historian-stopped").into());
                    writer.stopped = Some(error);
                }
                return Err(failed.error);
            }
        };
        debug_assert_eq!(places.len(), rows.len().div_ceil(MOST_ROWS));
        writer.next_sequence += places.len() as u64;
        let mut state = shared.change();
        if let Some(file) = state.logs.last_mut() {
            file.places.extend(places);
            file.add_hours(rows);
        }
        let stored = rows.iter().filter(|(tag, row)| state.hot.insert(*tag, *row)).count();
        done.stored += stored;
        done.doubles += rows.len() - stored;
        Ok(())
    }

    /// Where another program writes the folder: its state now.
    pub(super) fn refresh(&self) {
        if self.shared.lock.is_some() {
            return;
        }
        // Where it fails the old state stays, and with it the error that led here.
        if let Ok(fresh) = super::recovery::read(&self.shared.folder, self.shared.options.clone()) {
            let mut fresh = fresh.shared.change();
            std::mem::swap(&mut *self.shared.change(), &mut *fresh);
        }
    }

    /// The writer, where this historian may write.
    pub(super) fn writing(&self) -> Result<MutexGuard<'_, Writer>, IoError> {
        match self.shared.lock {
            Some(_) => Ok(self.shared.writer()),
            None => Err(Problem::new(&self.shared.folder, "historian-read-only").into()),
        }
    }

    /// Keeps every file where it is. Waits for a step of sealing under way.
    pub(super) fn pin(&self) -> Pin<'_> {
        let writer = self.shared.writer();
        self.shared.pins.fetch_add(1, Ordering::SeqCst);
        drop(writer);
        Pin(&self.shared.pins)
    }

    /// Seals and packs all that is due now, without waiting for further batches.
    pub fn tidy(&self) -> Result<(), IoError> {
        let mut writer = self.writing()?;
        while self.work(&mut writer)? {}
        Ok(())
    }

    /// One step of the work that follows a batch. Its failure is not the batch's: that is safe.
    fn step(&self, writer: &mut Writer) {
        let outcome = self.work(writer);
        let trouble = outcome.err();
        if trouble.is_some() || self.shared.state().trouble.is_some() {
            self.shared.change().trouble = trouble;
        }
    }
}
