//! A sealed file: rows of one day, packed per tag, never changed once it has its name.
//!
//! Layout: a magic word; slices of up to 256 tags, each a directory (tag, instants, number of rows, length and check sum of
//! every block) with its own CRC-32C and the blocks behind it; the root (what the file holds, where each slice begins);
//! a foot of fixed length with place and CRC-32C of the root. Every byte is under a check sum, so rot is found when
//! a byte is used, and a reader needs three short reads for a tag.
//!
//! A file is written under the ending `.part` and gets its name when it is whole and synchronised.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::bits::{Bytes, put_varint, unzigzag, zigzag};
use super::block::{self, Encoder, MOST_ROWS, Row};
use super::disk::{Disk, Output};
use super::error::damaged;
use super::hot::Window;
use crate::io::IoError;
use crate::physics::calendar::CivilTime;

const MAGIC: [u8; 8] = *b"HyBlock1";
const FOOT: usize = 24;
const TAGS_PER_SLICE: usize = 256;
/// A slice is ended when its blocks are this long.
const SLICE_BYTES: usize = 512 * 1024;

/// Says: every row of the records up to this one that lies outside the window is in a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub sequence: u64,
    pub window: Window,
}

/// What a segment is, apart from its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nature {
    /// Days since 1970.
    pub day: i64,
    /// Counts the segments of a historian; part of the name.
    pub generation: u64,
    /// Number of the last record its rows may come from. Of two rows of one tag and instant the one from the segment of
    /// lower order counts.
    pub order: u64,
    pub mark: Option<Mark>,
    /// Generations of the segments that this one replaces.
    pub replaces: Vec<u64>,
}

/// What a segment holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    pub nature: Nature,
    pub first_ms: i64,
    pub last_ms: i64,
    pub rows: u64,
    slices: Vec<Slice>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Slice {
    first_tag: u32,
    last_tag: u32,
    at: u64,
    directory: u32,
    blocks: u32,
}

impl Root {
    /// The lowest and the highest tag.
    pub fn tags(&self) -> RangeInclusive<u32> {
        self.slices.first().map_or(0, |slice| slice.first_tag)..=self.slices.last().map_or(0, |slice| slice.last_tag)
    }

    /// Number of slices.
    pub fn slice_count(&self) -> usize {
        self.slices.len()
    }
}

/// Where a block stands and what it holds.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub tag: u32,
    pub first_ms: i64,
    pub last_ms: i64,
    count: usize,
    at: u64,
    length: usize,
    sum: u32,
}

/// Endings of names: rows, and hourly summaries of rows that are gone.
pub const ROWS: &str = "blocks";
pub const SUMMARY: &str = "hours";

/// Name of a segment below the folder of the historian: `2026-01/2026-01-14.20467.00000012.blocks`.
pub fn file_name(day: i64, generation: u64, ending: &str) -> PathBuf {
    let civil = CivilTime::of(day as f64 * 86_400.0);
    let month = format!("{:04}-{:02}", civil.year, civil.month);
    PathBuf::from(format!("{month}/{month}-{:02}.{day}.{generation:08}.{ending}", civil.day))
}

/// Day and generation in the name of a segment, and whether it is a summary.
pub fn of_file_name(name: &str) -> Option<(i64, u64, bool)> {
    let mut parts = name.rsplit('.');
    let is_summary = match parts.next()? {
        ROWS => false,
        SUMMARY => true,
        _ => return None,
    };
    let generation = parts.next()?.parse().ok()?;
    Some((parts.next()?.parse().ok()?, generation, is_summary))
}

/// Writes a segment from its lowest tag to its highest.
#[derive(Debug)]
pub struct SegmentWriter {
    output: Box<dyn Output>,
    part: PathBuf,
    path: PathBuf,
    root: Root,
    at: u64,
    unsynced: usize,
    directory: Vec<Entry>,
    blocks: Vec<u8>,
    tags: usize,
    seed: u32,
    encoder: Encoder,
}

/// Bytes after which a segment being written is synchronised, so that no later commit waits for all of them.
const SYNC_EVERY: usize = 1 << 20;

impl SegmentWriter {
    pub fn create(
        disk: &dyn Disk,
        folder: &Path,
        nature: Nature,
        ending: &str,
        seed: u32,
    ) -> Result<SegmentWriter, IoError> {
        let path = folder.join(file_name(nature.day, nature.generation, ending));
        let part = path.with_added_extension("part");
        let failed = |error| IoError::system(&path, &error);
        let parent = path.parent().unwrap_or(folder);
        if !parent.is_dir() {
            disk.create_folder(parent).map_err(failed)?;
            disk.sync_folder(folder).map_err(failed)?;
        }
        let mut output = disk.create(&part).map_err(failed)?;
        output.write(&MAGIC).map_err(failed)?;
        let root = Root { nature, first_ms: i64::MAX, last_ms: i64::MIN, rows: 0, slices: Vec::new() };
        Ok(SegmentWriter {
            output,
            part,
            path,
            root,
            at: MAGIC.len() as u64,
            unsynced: 0,
            directory: Vec::new(),
            blocks: Vec::new(),
            tags: 0,
            seed,
            encoder: Encoder::default(),
        })
    }

    /// Gives up: what was written so far takes no room.
    pub fn abandon(self, disk: &dyn Disk) {
        drop(self.output);
        // Where it cannot be removed, the next opening does it.
        let _ = disk.remove(&self.part);
    }

    /// Adds rows of one tag in rising order of time; every tag once, from the lowest to the highest.
    pub fn push(&mut self, tag: u32, rows: &[Row]) -> Result<(), IoError> {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(()) };
        self.root.first_ms = self.root.first_ms.min(first.ms);
        self.root.last_ms = self.root.last_ms.max(last.ms);
        self.root.rows += rows.len() as u64;
        // Blocks of equal length rather than full ones and a rest.
        let length = rows.len().div_ceil(rows.len().div_ceil(MOST_ROWS));
        for rows in rows.chunks(length) {
            let (Some(first), Some(last)) = (rows.first(), rows.last()) else { continue };
            let from = self.blocks.len();
            self.encoder.encode(rows, &mut self.blocks);
            let bytes = &self.blocks[from..];
            self.directory.push(Entry {
                tag,
                first_ms: first.ms,
                last_ms: last.ms,
                count: rows.len(),
                at: 0,
                length: bytes.len(),
                sum: block::checksum(self.seed, bytes, tag, first.ms, last.ms, rows.len()),
            });
        }
        self.tags += 1;
        if self.tags >= TAGS_PER_SLICE || self.blocks.len() >= SLICE_BYTES {
            self.end_slice()?;
        }
        Ok(())
    }

    fn end_slice(&mut self) -> Result<(), IoError> {
        let (Some(first), Some(last)) = (self.directory.first(), self.directory.last()) else { return Ok(()) };
        let mut bytes = Vec::with_capacity(self.directory.len() * 16);
        put_varint(&mut bytes, self.directory.len() as u64);
        let (mut tag, mut ms) = (first.tag, 0i64);
        for entry in &self.directory {
            put_varint(&mut bytes, u64::from(entry.tag - tag));
            put_varint(&mut bytes, zigzag(entry.first_ms.wrapping_sub(ms)));
            put_varint(&mut bytes, entry.last_ms.wrapping_sub(entry.first_ms) as u64);
            put_varint(&mut bytes, entry.count as u64);
            put_varint(&mut bytes, entry.length as u64);
            bytes.extend_from_slice(&entry.sum.to_le_bytes());
            (tag, ms) = (entry.tag, entry.first_ms);
        }
        let sum = crc32c::crc32c_append(self.seed, &bytes);
        bytes.extend_from_slice(&sum.to_le_bytes());
        self.root.slices.push(Slice {
            first_tag: first.tag,
            last_tag: last.tag,
            at: self.at,
            directory: bytes.len() as u32,
            blocks: self.blocks.len() as u32,
        });
        bytes.append(&mut self.blocks);
        self.directory.clear();
        self.tags = 0;
        self.write(&bytes)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), IoError> {
        self.output.write(bytes).map_err(|error| IoError::system(&self.path, &error))?;
        self.at += bytes.len() as u64;
        self.unsynced += bytes.len();
        if self.unsynced >= SYNC_EVERY {
            self.output.sync().map_err(|error| IoError::system(&self.path, &error))?;
            self.unsynced = 0;
        }
        Ok(())
    }

    /// Ends the file and puts it on the disk; it has no name yet.
    pub fn finish(mut self) -> Result<Finished, IoError> {
        self.end_slice()?;
        let at = self.at;
        let root = write_root(&self.root);
        let mut bytes = root.clone();
        let from = bytes.len();
        bytes.extend_from_slice(&at.to_le_bytes());
        bytes.extend_from_slice(&(root.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&crc32c::crc32c_append(self.seed, &root).to_le_bytes());
        bytes.extend_from_slice(&MAGIC[4..]);
        let sum = crc32c::crc32c_append(self.seed, &bytes[from..]);
        bytes.extend_from_slice(&sum.to_le_bytes());
        self.write(&bytes)?;
        self.output.sync().map_err(|error| IoError::system(&self.path, &error))?;
        Ok(Finished { part: self.part, path: self.path, root: self.root, seed: self.seed })
    }
}

/// A segment that is whole but has no name yet.
#[derive(Debug)]
pub struct Finished {
    part: PathBuf,
    path: PathBuf,
    root: Root,
    seed: u32,
}

impl Finished {
    /// Gives up.
    pub fn abandon(self, disk: &dyn Disk) {
        let _ = disk.remove(&self.part);
    }

    /// Gives the segment its name. The caller synchronises the folder.
    pub fn publish(self, disk: &dyn Disk) -> Result<Segment, IoError> {
        disk.rename(&self.part, &self.path).map_err(|error| IoError::system(&self.path, &error))?;
        let segment = Segment::at(self.path, self.root.nature.day, self.root.nature.generation, self.seed);
        let _ = segment.root.set(self.root);
        Ok(segment)
    }
}

fn write_root(root: &Root) -> Vec<u8> {
    let mut out = Vec::new();
    let nature = &root.nature;
    for number in
        [nature.day as u64, nature.generation, nature.order, root.rows, root.first_ms as u64, root.last_ms as u64]
    {
        out.extend_from_slice(&number.to_le_bytes());
    }
    out.push(u8::from(nature.mark.is_some()));
    if let Some(mark) = nature.mark {
        for number in [mark.sequence, mark.window.from_ms as u64, mark.window.to_ms as u64] {
            out.extend_from_slice(&number.to_le_bytes());
        }
    }
    put_varint(&mut out, nature.replaces.len() as u64);
    nature.replaces.iter().for_each(|&generation| put_varint(&mut out, generation));
    put_varint(&mut out, root.slices.len() as u64);
    for slice in &root.slices {
        for number in
            [slice.first_tag.into(), slice.last_tag.into(), slice.at, slice.directory.into(), slice.blocks.into()]
        {
            put_varint(&mut out, number);
        }
    }
    out
}

fn read_root(bytes: &[u8]) -> Option<Root> {
    let mut bytes = Bytes::new(bytes);
    let (day, generation, order, rows) = (bytes.i64()?, bytes.u64()?, bytes.u64()?, bytes.u64()?);
    let (first_ms, last_ms) = (bytes.i64()?, bytes.i64()?);
    let mark = match bytes.byte()? {
        0 => None,
        _ => {
            let sequence = bytes.u64()?;
            Some(Mark { sequence, window: Window { from_ms: bytes.i64()?, to_ms: bytes.i64()? } })
        }
    };
    let replaces = (0..bytes.varint()?).map(|_| bytes.varint()).collect::<Option<_>>()?;
    let slices = (0..bytes.varint()?)
        .map(|_| {
            Some(Slice {
                first_tag: bytes.varint()?.try_into().ok()?,
                last_tag: bytes.varint()?.try_into().ok()?,
                at: bytes.varint()?,
                directory: bytes.varint()?.try_into().ok()?,
                blocks: bytes.varint()?.try_into().ok()?,
            })
        })
        .collect::<Option<_>>()?;
    let nature = Nature { day, generation, order, mark, replaces };
    bytes.rest().is_empty().then_some(Root { nature, first_ms, last_ms, rows, slices })
}

fn read_directory(seed: u32, bytes: &[u8], slice: &Slice) -> Option<Vec<Entry>> {
    let (bytes, sum) = bytes.split_last_chunk::<4>()?;
    if crc32c::crc32c_append(seed, bytes) != u32::from_le_bytes(*sum) {
        return None;
    }
    let mut bytes = Bytes::new(bytes);
    let count = bytes.varint()?;
    let (mut tag, mut ms) = (slice.first_tag, 0i64);
    let mut at = slice.at.checked_add(slice.directory.into())?;
    let end = at.checked_add(slice.blocks.into())?;
    let mut entries = Vec::new();
    for _ in 0..count {
        tag = tag.checked_add(bytes.varint()?.try_into().ok()?)?;
        let first_ms = ms.wrapping_add(unzigzag(bytes.varint()?));
        let last_ms = first_ms.wrapping_add(bytes.varint()? as i64);
        let count = usize::try_from(bytes.varint()?).ok().filter(|count| (1..=MOST_ROWS).contains(count))?;
        let length = bytes.varint()?;
        entries.push(Entry {
            tag,
            first_ms,
            last_ms,
            count,
            at,
            length: usize::try_from(length).ok()?,
            sum: bytes.u32()?,
        });
        at = at.checked_add(length).filter(|&at| at <= end)?;
        ms = first_ms;
    }
    bytes.rest().is_empty().then_some(entries)
}

/// A segment on disk. Its root is read when it is first needed and kept.
#[derive(Debug)]
pub struct Segment {
    pub path: PathBuf,
    pub day: i64,
    pub generation: u64,
    seed: u32,
    root: OnceLock<Root>,
}

impl Segment {
    pub const fn at(path: PathBuf, day: i64, generation: u64, seed: u32) -> Segment {
        Segment { path, day, generation, seed, root: OnceLock::new() }
    }

    pub fn root(&self) -> Result<&Root, IoError> {
        if let Some(root) = self.root.get() {
            return Ok(root);
        }
        let root = self.open()?.root()?;
        Ok(self.root.get_or_init(|| root))
    }

    /// Whether it was made of the segments of its day.
    pub fn is_packed(&self) -> bool {
        self.root().is_ok_and(|root| !root.nature.replaces.is_empty())
    }

    pub fn open(&self) -> Result<SegmentReader<'_>, IoError> {
        let failed = |error| IoError::system(&self.path, &error);
        let file = File::open(&self.path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        Ok(SegmentReader { segment: self, file, length })
    }

    /// Whether the bytes that no query reads are what they should be: the magic word, and nothing behind the foot.
    pub fn check_frame(&self) -> Result<(), IoError> {
        let mut reader = self.open()?;
        let magic = reader.read(0, MAGIC.len())?;
        // The root is read afresh, not taken from memory.
        reader.root()?;
        if magic == MAGIC { Ok(()) } else { Err(damaged(&self.path, "segment")) }
    }
}

/// A segment opened for reading.
#[derive(Debug)]
pub struct SegmentReader<'a> {
    segment: &'a Segment,
    file: File,
    length: u64,
}

impl SegmentReader<'_> {
    fn read(&mut self, at: u64, length: usize) -> Result<Vec<u8>, IoError> {
        // Before memory is asked for: what a file says of itself may be anything.
        if at.checked_add(length as u64).is_none_or(|end| end > self.length) {
            return Err(damaged(&self.segment.path, "segment"));
        }
        let mut bytes = vec![0; length];
        self.file.seek(SeekFrom::Start(at)).and_then(|_| self.file.read_exact(&mut bytes)).map_err(
            |error| match error.kind() {
                std::io::ErrorKind::UnexpectedEof => damaged(&self.segment.path, "segment"),
                _ => IoError::system(&self.segment.path, &error),
            },
        )?;
        Ok(bytes)
    }

    fn root(&mut self) -> Result<Root, IoError> {
        let bad = || damaged(&self.segment.path, "segment");
        let seed = self.segment.seed;
        let foot_at = self.length.checked_sub(FOOT as u64).ok_or_else(bad)?;
        let foot = self.read(foot_at, FOOT)?;
        let mut bytes = Bytes::new(&foot);
        let parsed = (|| Some((bytes.u64()?, bytes.u32()?, bytes.u32()?, bytes.array::<4>()?, bytes.u32()?)))();
        let (at, root_length, sum, magic, foot_sum) = parsed.ok_or_else(bad)?;
        if magic != MAGIC[4..]
            || crc32c::crc32c_append(seed, &foot[..FOOT - 4]) != foot_sum
            || at.checked_add(root_length.into()) != Some(foot_at)
        {
            return Err(bad());
        }
        let bytes = self.read(at, root_length as usize)?;
        let root = read_root(&bytes).filter(|root| {
            crc32c::crc32c_append(seed, &bytes) == sum
                && root.nature.day == self.segment.day
                && root.nature.generation == self.segment.generation
        });
        root.ok_or_else(bad)
    }

    fn directory(&mut self, slice: &Slice) -> Result<Vec<Entry>, IoError> {
        let bytes = self.read(slice.at, slice.directory as usize)?;
        read_directory(self.segment.seed, &bytes, slice).ok_or_else(|| damaged(&self.segment.path, "segment"))
    }

    /// Appends the rows of a tag in a half-open stretch of time.
    pub fn tag(&mut self, tag: u32, from_ms: i64, to_ms: i64, out: &mut Vec<Row>) -> Result<(), IoError> {
        let slices = &self.segment.root()?.slices;
        let at = slices.partition_point(|slice| slice.last_tag < tag);
        let Some(slice) = slices.get(at).filter(|slice| slice.first_tag <= tag) else { return Ok(()) };
        let directory = self.directory(slice)?;
        let wanted: Vec<Entry> = directory
            .into_iter()
            .filter(|entry| entry.tag == tag && entry.last_ms >= from_ms && entry.first_ms < to_ms)
            .collect();
        let (Some(first), Some(last)) = (wanted.first(), wanted.last()) else { return Ok(()) };
        let start = first.at;
        let bytes = self.read(start, (last.at - start) as usize + last.length)?;
        for entry in &wanted {
            self.unpack(entry, &bytes, start, from_ms, to_ms, out)?;
        }
        Ok(())
    }

    fn unpack(
        &self,
        entry: &Entry,
        bytes: &[u8],
        start: u64,
        from_ms: i64,
        to_ms: i64,
        out: &mut Vec<Row>,
    ) -> Result<(), IoError> {
        let bad = || damaged(&self.segment.path, "segment");
        let from = usize::try_from(entry.at - start).map_err(|_| bad())?;
        let block = bytes.get(from..from + entry.length).ok_or_else(bad)?;
        if block::checksum(self.segment.seed, block, entry.tag, entry.first_ms, entry.last_ms, entry.count) != entry.sum
        {
            return Err(bad());
        }
        let begun = out.len();
        block::decode(block, entry.first_ms, entry.count, to_ms.saturating_sub(1), out).ok_or_else(bad)?;
        if entry.first_ms < from_ms || entry.last_ms >= to_ms {
            let rows = &out[begun..];
            let skipped = rows.partition_point(|row| row.ms < from_ms);
            let kept = rows.partition_point(|row| row.ms < to_ms);
            out.truncate(begun + kept);
            out.drain(begun..begun + skipped.min(kept));
        }
        Ok(())
    }

    /// Numbers of the slices that may hold one of these tags.
    pub fn slices(&self, tags: RangeInclusive<u32>) -> Result<Vec<usize>, IoError> {
        let slices = self.segment.root()?.slices.iter().enumerate();
        let touched = slices.filter(|(_, slice)| slice.first_tag <= *tags.end() && slice.last_tag >= *tags.start());
        Ok(touched.map(|(number, _)| number).collect())
    }

    /// Reads a whole slice and gives every block that `wanted` asks for to `each`, with its rows before `to_ms`, in the
    /// order of tags and instants or from the last to the first.
    pub fn slice(
        &mut self,
        number: usize,
        backwards: bool,
        to_ms: i64,
        mut wanted: impl FnMut(&Entry) -> bool,
        mut each: impl FnMut(&Entry, &[Row]),
    ) -> Result<(), IoError> {
        let Some(slice) = self.segment.root()?.slices.get(number) else { return Ok(()) };
        let mut directory = self.directory(slice)?;
        if backwards {
            directory.reverse();
        }
        let start = slice.at + u64::from(slice.directory);
        let mut bytes = None;
        let mut rows = Vec::new();
        for entry in directory.iter().filter(|entry| wanted(entry)) {
            let bytes = match &mut bytes {
                Some(bytes) => bytes,
                none => none.insert(self.read(start, slice.blocks as usize)?),
            };
            rows.clear();
            self.unpack(entry, bytes, start, i64::MIN, to_ms, &mut rows)?;
            each(entry, &rows);
        }
        Ok(())
    }
}
