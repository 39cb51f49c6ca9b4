//! The log: what was acknowledged and is in no segment yet. One record per batch.
//!
//! A log file is written from front to back and never touched again after the next one is begun; it is removed when
//! every row in it is sealed. After a restart a new file is begun, so nothing is ever written behind a torn record.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::bits::{Bytes, put_varint, zigzag};
use super::block::Row;
use super::disk::{Disk, Output};
use super::error::{damage, damaged};
use super::frame::{self, Item, Kind};
use super::hot::hour_of;
use crate::io::{IoError, Problem};

/// Rows of one record at most; larger batches become several.
pub const MOST_ROWS: usize = 1 << 16;

/// A row with the number of its tag.
pub type TagRow = (u32, Row);

/// Packs the rows of a record.
pub fn write_rows(rows: &[TagRow], out: &mut Vec<u8>) {
    put_varint(out, rows.len() as u64);
    let (mut tag_before, mut ms_before) = (0i64, 0i64);
    for (tag, row) in rows {
        put_varint(out, zigzag(i64::from(*tag) - tag_before));
        put_varint(out, zigzag(row.ms.wrapping_sub(ms_before)));
        out.extend_from_slice(&row.value.to_bits().to_le_bytes());
        out.push(row.quality);
        (tag_before, ms_before) = (i64::from(*tag), row.ms);
    }
}

/// The rows of a record; `None` where the bytes are none.
pub fn read_rows(body: &[u8]) -> Option<Vec<TagRow>> {
    let mut body = Bytes::new(body);
    let count = usize::try_from(body.varint()?).ok().filter(|&count| count <= MOST_ROWS)?;
    let mut rows = Vec::with_capacity(count);
    let (mut tag, mut ms) = (0i64, 0i64);
    for _ in 0..count {
        tag = tag.wrapping_add(body.signed()?);
        ms = ms.wrapping_add(body.signed()?);
        let value = f64::from_bits(body.u64()?);
        rows.push((u32::try_from(tag).ok()?, Row { ms, value, quality: body.byte()? }));
    }
    body.rest().is_empty().then_some(rows)
}

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub sequence: u64,
    /// Of the body.
    pub at: u64,
    pub length: usize,
}

/// A log file, as known in memory.
#[derive(Clone, Debug)]
pub struct LogFile {
    pub number: u64,
    pub path: PathBuf,
    pub places: Vec<Place>,
    /// Hours of its rows that no segment is known to hold.
    pub hours: BTreeSet<i64>,
    /// All hours of its rows.
    pub touched: BTreeSet<i64>,
    /// Kept for a person when its rows are sealed.
    pub damaged: bool,
}

pub fn file_name(number: u64) -> PathBuf {
    PathBuf::from(format!("log/{number:08}.log"))
}

impl LogFile {
    pub fn new(folder: &Path, number: u64) -> LogFile {
        let path = folder.join(file_name(number));
        LogFile { number, path, places: Vec::new(), hours: BTreeSet::new(), touched: BTreeSet::new(), damaged: false }
    }

    pub fn add_hours(&mut self, rows: &[TagRow]) {
        let mut last = None;
        for (_, row) in rows {
            let hour = hour_of(row.ms);
            if last != Some(hour) {
                self.hours.insert(hour);
                self.touched.insert(hour);
                last = Some(hour);
            }
        }
    }

    /// Length of the file up to its last record.
    pub fn end(&self) -> u64 {
        // A check sum stands behind the body.
        self.places.last().map_or(0, |place| place.at + place.length as u64 + 4)
    }

    pub fn last_sequence(&self) -> Option<u64> {
        self.places.last().map(|place| place.sequence)
    }

    /// Takes a file apart, gives every record's rows to `each` and tells what is damaged and what a crash
    /// left unfinished.
    pub fn recover(
        folder: &Path,
        number: u64,
        seed: u32,
        bytes: &[u8],
        mut each: impl FnMut(u64, &[TagRow]),
    ) -> (LogFile, Vec<Problem>, Option<Problem>) {
        let mut file = LogFile::new(folder, number);
        let (mut problems, mut unfinished) = (Vec::new(), None);
        for item in frame::scan(seed, bytes) {
            match item {
                Item::Record { kind: Kind::Rows, sequence, body } => {
                    let place = Place { sequence, at: body.start as u64, length: body.len() };
                    match read_rows(&bytes[body]) {
                        Some(rows) => {
                            file.add_hours(&rows);
                            file.places.push(place);
                            each(sequence, &rows);
                        }
                        None => problems.push(damage(&file.path, "log")),
                    }
                }
                Item::Record { .. } | Item::Damaged(_) => problems.push(damage(&file.path, "log")),
                // A write that a crash interrupted; it was never acknowledged.
                Item::Unfinished(range) => {
                    let problem = Problem::new(&file.path, "historian-unfinished-log");
                    unfinished = Some(problem.with("bytes", range.len()));
                }
            }
        }
        file.damaged = !problems.is_empty();
        (file, problems, unfinished)
    }

    /// Reads one record again.
    pub fn read(&self, seed: u32, place: &Place) -> Result<Vec<TagRow>, IoError> {
        use std::io::{Read, Seek, SeekFrom};
        let mut bytes = vec![0; place.length];
        let mut file = fs::File::open(&self.path).map_err(|error| IoError::system(&self.path, &error))?;
        file.seek(SeekFrom::Start(place.at))
            .and_then(|_| file.read_exact(&mut bytes))
            .map_err(|error| IoError::system(&self.path, &error))?;
        let mut tail = [0; 4];
        file.read_exact(&mut tail).map_err(|error| IoError::system(&self.path, &error))?;
        let sum = frame::body_sum(seed, Kind::Rows, place.sequence, &bytes);
        match read_rows(&bytes) {
            Some(rows) if sum == u32::from_le_bytes(tail) => Ok(rows),
            _ => Err(damaged(&self.path, "log")),
        }
    }
}

/// The log file being written.
#[derive(Debug)]
pub struct LogWriter {
    output: Box<dyn Output>,
    path: PathBuf,
    seed: u32,
    length: u64,
    buffer: Vec<u8>,
    body: Vec<u8>,
}

/// Why a batch is not on the disk.
#[derive(Debug)]
pub struct NotWritten {
    pub error: IoError,
    /// The file no longer is what it should be; nothing may be written to it.
    pub fatal: bool,
}

impl LogWriter {
    pub fn create(disk: &dyn Disk, path: &Path, seed: u32) -> Result<LogWriter, IoError> {
        let failed = |error| IoError::system(path, &error);
        let output = disk.create(path).map_err(failed)?;
        if let Some(folder) = path.parent() {
            disk.sync_folder(folder).map_err(failed)?;
        }
        Ok(LogWriter { output, path: path.to_owned(), seed, length: 0, buffer: Vec::new(), body: Vec::new() })
    }

    /// Writes rows as records from a sequence number on and forces them to the disk. On failure the file is as before,
    /// or the failure is fatal.
    pub fn append(&mut self, first_sequence: u64, rows: &[TagRow]) -> Result<Vec<Place>, NotWritten> {
        self.buffer.clear();
        let mut places = Vec::new();
        for (sequence, rows) in (first_sequence..).zip(rows.chunks(MOST_ROWS)) {
            self.body.clear();
            write_rows(rows, &mut self.body);
            frame::write(&mut self.buffer, self.seed, Kind::Rows, sequence, &self.body);
            let at = self.length + (self.buffer.len() - self.body.len() - 4) as u64;
            places.push(Place { sequence, at, length: self.body.len() });
        }
        match self.output.write(&self.buffer).and_then(|()| self.output.sync()) {
            Ok(()) => {
                self.length += self.buffer.len() as u64;
                Ok(places)
            }
            Err(error) => {
                let cut = self.output.cut(self.length).and_then(|()| self.output.sync());
                Err(NotWritten { error: IoError::system(&self.path, &error), fatal: cut.is_err() })
            }
        }
    }
}
