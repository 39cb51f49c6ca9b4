//! What follows batches in small steps: rows of hours that are over become segments, segments of days that are over become
//! one segment per day, days past their time are removed.
//!
//! Order of events, so that a cut at any point loses nothing: segments are whole and synchronised before they get their
//! names; the one that carries the mark (up to which record everything is sealed) gets its name last; log files are
//! removed after that. A cut in between leaves rows twice, which reading tells apart by tag and instant.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::block::Row;
use super::disk::Disk;
use super::hot::{DAY_MS, Frozen, HOUR_MS, Window, between, day_of, hour_of};
use super::query::merge;
use super::segment::{Finished, Mark, Nature, ROWS, Segment, SegmentWriter};
use super::store::{Historian, Writer};
use super::thinning::Thin;
use crate::io::IoError;

/// Segments of a packed day beside its large one that are left alone.
const LATE_SEGMENTS: usize = 8;

/// Work that takes several steps.
#[derive(Debug)]
pub(super) enum Job {
    Seal(Box<Seal>),
    Pack(Box<Pack>),
    Thin(Box<Thin>),
}

/// Rows on their way into segments.
#[derive(Debug)]
pub(super) struct Seal {
    rows: Arc<Frozen>,
    mark: Mark,
    /// Log files that hold nothing newer.
    logs: BTreeSet<u64>,
    /// Days still to write; the last carries the mark.
    days: Vec<i64>,
    written: usize,
    writer: Option<SegmentWriter>,
    next_tag: u32,
    finished: Vec<Finished>,
}

/// Segments of a day on their way into one.
#[derive(Debug)]
pub(super) struct Pack {
    day: i64,
    sources: Vec<Arc<Segment>>,
    writer: Option<SegmentWriter>,
    next_tag: u32,
    last_tag: u32,
    tags_per_step: u32,
}

impl Historian {
    /// One step of the work that is due; whether there was any.
    pub(super) fn work(&self, writer: &mut Writer) -> Result<bool, IoError> {
        if self.shared.pins.load(Ordering::SeqCst) > 0 {
            return Ok(false);
        }
        if writer.job.is_none() {
            writer.job = match self.seal_due(writer) {
                Some(seal) => Some(Job::Seal(Box::new(seal))),
                None => match self.pack_due(writer)? {
                    Some(pack) => Some(Job::Pack(Box::new(pack))),
                    None => self.thin_due(writer)?.map(|thin| Job::Thin(Box::new(thin))),
                },
            };
        }
        let done = match &mut writer.job {
            None => return Ok(false),
            Some(Job::Seal(seal)) => seal.step(self, &mut writer.next_generation),
            Some(Job::Pack(pack)) => pack.step(self, &mut writer.next_generation),
            Some(Job::Thin(thin)) => thin.step(self, &mut writer.next_generation),
        };
        match done {
            Ok(false) => {}
            Ok(true) => writer.job = None,
            Err(error) => {
                // A disk may be full: what has no name yet gives its room back.
                let disk = &*self.shared.options.disk;
                match writer.job.take() {
                    Some(Job::Seal(mut seal)) => {
                        seal.restart(disk);
                        writer.job = Some(Job::Seal(seal));
                    }
                    Some(Job::Pack(pack)) => {
                        writer.not_packed.insert(pack.day);
                        pack.writer.into_iter().for_each(|writer| writer.abandon(disk));
                    }
                    Some(Job::Thin(thin)) => {
                        writer.not_packed.insert(thin.day);
                        thin.abandon().into_iter().for_each(|writer| writer.abandon(disk));
                    }
                    None => {}
                }
                return Err(error);
            }
        }
        Ok(true)
    }

    /// Freezes what is to be sealed, where it is time.
    fn seal_due(&self, writer: &mut Writer) -> Option<Seal> {
        let options = &self.shared.options;
        let from_ms = hour_of(writer.clock_ms?.saturating_sub(options.grace_ms));
        let full = self.shared.state().hot.rows() > options.most_hot_rows;
        if writer.open_from_ms == Some(from_ms) && !full {
            return None;
        }
        // What lies hours ahead of the clock is sealed as well: one mad clock must not keep the log for ever.
        let window = if full { Window::NONE } else { Window { from_ms, to_ms: from_ms.saturating_add(3 * HOUR_MS) } };
        writer.open_from_ms = Some(from_ms);
        writer.not_packed.clear();
        let sequence = writer.next_sequence.checked_sub(1)?;
        let mut state = self.shared.change();
        let rows = Arc::new(state.hot.split(window));
        if rows.is_empty() {
            return None;
        }
        state.sealing = Some(rows.clone());
        // A new log file begins, so that the ones before can go as a whole.
        writer.log = None;
        let logs = state.logs.iter().map(|log| log.number).collect();
        let mut days = rows.days();
        days.reverse();
        Some(Seal {
            rows,
            mark: Mark { sequence, window },
            logs,
            days,
            written: 0,
            writer: None,
            next_tag: 0,
            finished: Vec::new(),
        })
    }

    /// A day whose segments should become one.
    fn pack_due(&self, writer: &mut Writer) -> Result<Option<Pack>, IoError> {
        let Some(open_from_ms) = writer.open_from_ms else { return Ok(None) };
        let found = {
            let state = self.shared.state();
            let over = state.segments.range(..day_of(open_from_ms)).rev();
            let due = over.into_iter().find(|(day, segments)| {
                let packed = segments.iter().any(|segment| segment.is_packed());
                segments.len() > if packed { LATE_SEGMENTS } else { 1 } && !writer.not_packed.contains(day)
            });
            due.map(|(&day, segments)| (day, segments.clone()))
        };
        let Some((day, sources)) = found else { return Ok(None) };
        let (mut rows, mut first_tag, mut last_tag) = (0, u32::MAX, 0);
        for segment in &sources {
            match segment.root() {
                Ok(root) => {
                    rows += root.rows;
                    first_tag = first_tag.min(*root.tags().start());
                    last_tag = last_tag.max(*root.tags().end());
                }
                // Its hours stay as they are; what is sound in them can be read.
                Err(error) => {
                    writer.not_packed.insert(day);
                    return Err(error);
                }
            }
        }
        let tags = u64::from(last_tag.saturating_sub(first_tag)) + 1;
        let per_step = (self.shared.options.rows_per_step as u64 * tags / rows.max(1)).clamp(1, 1 << 20) as u32;
        Ok(Some(Pack { day, sources, writer: None, next_tag: first_tag, last_tag, tags_per_step: per_step }))
    }

    /// Removes a file that is no longer needed. One that cannot be removed is found again at the next opening.
    pub(super) fn remove(&self, path: &Path) -> Result<(), IoError> {
        match self.shared.options.disk.remove(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(IoError::system(path, &error)),
            _ => Ok(()),
        }
    }

    pub(super) fn publish(&self, finished: Vec<Finished>) -> Result<Vec<Segment>, IoError> {
        let disk = &*self.shared.options.disk;
        let mut segments = Vec::new();
        for finished in finished {
            let segment = finished.publish(disk)?;
            // Each name is on the disk before the next is given: the mark must not outlive what it promises.
            if let Some(folder) = segment.path.parent() {
                disk.sync_folder(folder).map_err(|error| IoError::system(folder, &error))?;
            }
            segments.push(segment);
        }
        Ok(segments)
    }
}

fn generation(next: &mut u64) -> u64 {
    *next += 1;
    *next - 1
}

impl Seal {
    /// Begins again from the frozen rows.
    fn restart(&mut self, disk: &dyn Disk) {
        self.writer.take().into_iter().for_each(|writer| writer.abandon(disk));
        self.finished.drain(..).for_each(|finished| finished.abandon(disk));
        self.written = 0;
        self.next_tag = 0;
    }

    fn step(&mut self, historian: &Historian, next: &mut u64) -> Result<bool, IoError> {
        let shared = &*historian.shared;
        let seed = shared.seed();
        let Some(&day) = self.days.get(self.written) else {
            return self.finish(historian).map(|()| true);
        };
        let last = self.written + 1 == self.days.len();
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => {
                let nature = Nature {
                    day,
                    generation: generation(next),
                    order: self.mark.sequence,
                    mark: last.then_some(self.mark),
                    replaces: Vec::new(),
                };
                none.insert(SegmentWriter::create(&*shared.options.disk, &shared.folder, nature, ROWS, seed)?)
            }
        };
        let mut left = shared.options.rows_per_step;
        for (tag, rows) in self.rows.tags_from(self.next_tag) {
            if left == 0 {
                self.next_tag = tag;
                return Ok(false);
            }
            let rows = between(rows, day * DAY_MS, (day + 1) * DAY_MS);
            writer.push(tag, rows)?;
            // A tag without rows here costs something too.
            left = left.saturating_sub(rows.len().max(1));
        }
        if let Some(writer) = self.writer.take() {
            self.finished.push(writer.finish()?);
        }
        self.written += 1;
        self.next_tag = 0;
        if self.written == self.days.len() { self.finish(historian).map(|()| true) } else { Ok(false) }
    }

    fn finish(&mut self, historian: &Historian) -> Result<(), IoError> {
        let segments = historian.publish(std::mem::take(&mut self.finished))?;
        let removed = {
            let mut state = historian.shared.change();
            for segment in segments {
                state.segments.entry(segment.day).or_default().push(Arc::new(segment));
            }
            state.sealing = None;
            let window = self.mark.window;
            for log in state.logs.iter_mut().filter(|log| self.logs.contains(&log.number)) {
                log.hours.retain(|&hour| window.contains(hour));
            }
            let logs = std::mem::take(&mut state.logs);
            let (gone, kept): (Vec<_>, Vec<_>) =
                logs.into_iter().partition(|log| self.logs.contains(&log.number) && log.hours.is_empty());
            state.logs = kept;
            gone
        };
        // From here on nothing is left to be sealed, whatever becomes of the old files.
        self.days.clear();
        // The files stay where a link's state cannot be written; the next opening finds them.
        super::forward::release(historian, &removed)?;
        for log in removed {
            if log.damaged {
                let aside = log.path.with_added_extension("damaged");
                let renamed = historian.shared.options.disk.rename(&log.path, &aside);
                renamed.map_err(|error| IoError::system(&log.path, &error))?;
            } else {
                historian.remove(&log.path)?;
            }
        }
        Ok(())
    }
}

impl Pack {
    fn step(&mut self, historian: &Historian, next: &mut u64) -> Result<bool, IoError> {
        let shared = &*historian.shared;
        let seed = shared.seed();
        if self.writer.is_none() {
            let nature = self.nature(generation(next))?;
            self.writer = Some(SegmentWriter::create(&*shared.options.disk, &shared.folder, nature, ROWS, seed)?);
        }
        let Some(writer) = &mut self.writer else { return Ok(true) };
        let end = self.next_tag.saturating_add(self.tags_per_step - 1).min(self.last_tag);
        let mut series = vec![Vec::<Row>::new(); (end - self.next_tag) as usize + 1];
        for segment in &self.sources {
            let mut reader = segment.open()?;
            for slice in reader.slices(self.next_tag..=end)? {
                reader.slice(
                    slice,
                    false,
                    i64::MAX,
                    |entry| (self.next_tag..=end).contains(&entry.tag),
                    |entry, rows| series[(entry.tag - self.next_tag) as usize].extend_from_slice(rows),
                )?;
            }
        }
        for (tag, rows) in (self.next_tag..).zip(&mut series) {
            merge(rows);
            writer.push(tag, rows)?;
        }
        if end < self.last_tag {
            self.next_tag = end + 1;
            return Ok(false);
        }
        let Some(writer) = self.writer.take() else { return Ok(true) };
        let segments = historian.publish(vec![writer.finish()?])?;
        let old: BTreeSet<u64> = self.sources.iter().map(|segment| segment.generation).collect();
        {
            let mut state = shared.change();
            let of_day = state.segments.entry(self.day).or_default();
            of_day.retain(|segment| !old.contains(&segment.generation));
            // Before what came late meanwhile, in the order that decides between doubles.
            of_day.splice(0..0, segments.into_iter().map(Arc::new));
        }
        for segment in &self.sources {
            historian.remove(&segment.path)?;
        }
        Ok(true)
    }

    fn nature(&self, generation: u64) -> Result<Nature, IoError> {
        let mut nature = Nature { day: self.day, generation, order: 0, mark: None, replaces: Vec::new() };
        for segment in &self.sources {
            let source = &segment.root()?.nature;
            nature.order = nature.order.max(source.order);
            nature.replaces.push(source.generation);
            let newer = source.mark.is_some_and(|mark| nature.mark.is_none_or(|known| known.sequence < mark.sequence));
            if newer {
                nature.mark = source.mark;
            }
        }
        Ok(nature)
    }
}
