//! What a link has not sent yet.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use crate::io::historian::bits::{Bytes, put_varint, zigzag};
use crate::io::historian::block::Row;
use crate::io::historian::disk;
use crate::io::historian::error::{damaged, gather};
use crate::io::historian::frame::{self, Item, Kind};
use crate::io::historian::hot::{HOUR_MS, between};
use crate::io::historian::log::{LogFile, TagRow};
use crate::io::historian::query::merge;
use crate::io::historian::store::{Historian, State};
use crate::io::{IoError, Problem};
use crate::live::{Quality, Timestamp};

/// Rows of one parcel at most, about, and at least where they did not get through.
const PARCEL_ROWS: usize = 200_000;
const SMALLEST_PARCEL: usize = 1000;
const SHORTEST_WINDOW_MS: i64 = 1000;

/// How far a link has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// The other side has every record up to this one, except those of the hours below.
    acknowledged: u64,
    /// Hours that have rows the other side may lack and the log no longer holds.
    hours: BTreeSet<i64>,
    /// Of the first of these hours the other side has what lies before this instant.
    sent_until_ms: i64,
    /// How much time goes into a parcel; found while sending. 0: not found yet.
    window_ms: i64,
    /// How often the parcel size was halved because one did not get through; only in memory.
    halvings: u32,
    /// How often hours were added; only in memory.
    changes: u64,
}

/// What a new link begins with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// Everything that is stored.
    #[default]
    Everything,
    /// What comes from now on.
    Now,
}

/// A row on its way.
#[derive(Clone, Debug)]
pub struct Outgoing {
    pub tag: Arc<str>,
    pub source_time: Timestamp,
    pub value: f64,
    pub quality: Quality,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Position {
    /// All records up to this one.
    Record(u64),
    /// The first hour up to an instant.
    Hour { hour_ms: i64, until_ms: i64, changes: u64 },
}

/// Rows to be sent together.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// In order of arrival; of an hour that is sealed tag by tag, each in order of time.
    pub rows: Vec<Outgoing>,
    position: Position,
}

/// How much a link has not sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Batches in the log.
    pub batches: u64,
    /// Whole hours.
    pub hours: usize,
    /// Start of the oldest of them.
    pub oldest: Option<Timestamp>,
}

fn file_of(folder: &Path, name: &str) -> PathBuf {
    folder.join("links").join(format!("{name}.link"))
}

impl Link {
    /// Start of the oldest hour that has to be sent.
    pub fn oldest_hour(&self) -> Option<i64> {
        self.hours.first().copied()
    }

    fn content(&self, seed: u32) -> Vec<u8> {
        let mut body = Vec::new();
        put_varint(&mut body, self.acknowledged);
        put_varint(&mut body, zigzag(self.sent_until_ms));
        put_varint(&mut body, self.hours.len() as u64);
        let mut before = 0;
        for &hour in &self.hours {
            put_varint(&mut body, zigzag(hour / HOUR_MS - before));
            before = hour / HOUR_MS;
        }
        let mut out = Vec::new();
        frame::write(&mut out, seed, Kind::Link, self.acknowledged, &body);
        out
    }

    fn parse(body: &[u8]) -> Option<Link> {
        let mut body = Bytes::new(body);
        let mut link = Link { acknowledged: body.varint()?, sent_until_ms: body.signed()?, ..Link::default() };
        let mut hour = 0i64;
        for _ in 0..body.varint()? {
            hour = hour.checked_add(body.signed()?)?;
            link.hours.insert(hour.checked_mul(HOUR_MS)?);
        }
        body.rest().is_empty().then_some(link)
    }

    /// Rows of the next parcel, about.
    fn parcel_rows(&self) -> usize {
        (PARCEL_ROWS >> self.halvings).max(SMALLEST_PARCEL)
    }

    fn add_hour(&mut self, hour: i64) {
        // An hour that was sent in part gets rows that may lie in that part.
        if self.hours.first().is_some_and(|&first| hour <= first) {
            self.sent_until_ms = i64::MIN;
        }
        self.hours.insert(hour);
        self.changes += 1;
    }
}

/// Reads the links of a folder; a damaged one is told and begins anew with everything.
pub fn load(folder: &Path, state: &mut State) -> Result<(), IoError> {
    let entries = match fs::read_dir(folder.join("links")) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(IoError::system(&folder.join("links"), &error)),
    };
    for entry in entries {
        let path = entry.map_err(|error| IoError::system(folder, &error))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".link"));
        let Some(name) = name.map(str::to_owned) else { continue };
        let bytes = fs::read(&path).map_err(|error| IoError::system(&path, &error))?;
        let link = match &frame::scan(state.names.seed(), &bytes)[..] {
            [Item::Record { kind: Kind::Link, body, .. }] => Link::parse(&bytes[body.clone()]),
            _ => None,
        };
        let link = link.unwrap_or_else(|| {
            gather(&mut state.damage, damaged(&path, "link"));
            everything(state)
        });
        state.links.insert(name, link);
    }
    Ok(())
}

/// A link that has sent nothing.
fn everything(state: &State) -> Link {
    let mut link = Link::default();
    for segment in state.segments.values().flatten() {
        let day_ms = segment.day * 24 * HOUR_MS;
        match segment.root() {
            Ok(root) => {
                let first = root.first_ms - root.first_ms.rem_euclid(HOUR_MS);
                (first..=root.last_ms).step_by(HOUR_MS as usize).for_each(|hour| link.add_hour(hour));
            }
            Err(_) => (0..24).for_each(|hour| link.add_hour(day_ms + hour * HOUR_MS)),
        }
    }
    link
}

/// Makes links remember what log files hold that they have not sent; the files may go after that.
pub fn release(historian: &Historian, logs: &[LogFile]) -> Result<(), IoError> {
    let shared = &*historian.shared;
    let mut changed = Vec::new();
    {
        let mut state = shared.change();
        for (name, link) in &mut state.links {
            let (before, sent) = (link.changes, link.acknowledged);
            for log in logs.iter().filter(|log| log.last_sequence().is_some_and(|last| last > sent)) {
                log.touched.iter().for_each(|&hour| link.add_hour(hour));
            }
            if link.changes != before {
                changed.push((name.clone(), link.clone()));
            }
        }
    }
    changed.iter().try_for_each(|(name, link)| save(historian, name, link))
}

fn save(historian: &Historian, name: &str, link: &Link) -> Result<(), IoError> {
    let path = file_of(&historian.shared.folder, name);
    disk::replace(&*historian.shared.options.disk, &path, &link.content(historian.shared.seed()))
        .map_err(|error| IoError::system(&path, &error))
}

impl Historian {
    /// Makes a link of this name where there is none. Names are letters, digits, `-` and `_`.
    pub fn link(&self, name: &str, start: Start) -> Result<(), IoError> {
        let writer = self.writing()?;
        let shared = &*self.shared;
        if shared.state().links.contains_key(name) {
            return Ok(());
        }
        let sound = !name.is_empty() && name.chars().all(|sign| sign.is_alphanumeric() || "-_".contains(sign));
        if !sound {
            return Err(Problem::new(&shared.folder, "historian-link-name").with("name", name).into());
        }
        let folder = shared.folder.join("links");
        if !folder.is_dir() {
            let failed = |error| IoError::system(&folder, &error);
            shared.options.disk.create_folder(&folder).map_err(failed)?;
            shared.options.disk.sync_folder(&shared.folder).map_err(failed)?;
        }
        let link = match start {
            Start::Everything => everything(&shared.state()),
            Start::Now => Link { acknowledged: writer.next_sequence - 1, ..Link::default() },
        };
        save(self, name, &link)?;
        shared.change().links.insert(name.to_owned(), link);
        Ok(())
    }

    /// Names of the links, in order.
    pub fn links(&self) -> Vec<String> {
        self.shared.state().links.keys().cloned().collect()
    }

    /// What a link has not sent.
    pub fn backlog(&self, name: &str) -> Backlog {
        let state = self.shared.state();
        let Some(link) = state.links.get(name) else { return Backlog::default() };
        let places = state.logs.iter().flat_map(|log| &log.places);
        Backlog {
            batches: places.filter(|place| place.sequence > link.acknowledged).count() as u64,
            hours: link.hours.len(),
            oldest: link.hours.first().map(|&hour| Timestamp::from_ms(hour)),
        }
    }

    /// The next rows that a link has to send; `None` where there are none (or no such link).
    pub fn parcel(&self, name: &str) -> Result<Option<Parcel>, IoError> {
        let Some(link) = self.shared.state().links.get(name).cloned() else { return Ok(None) };
        match link.hours.first() {
            Some(&hour) => self.of_hour(name, &link, hour).map(Some),
            None => self.of_log(&link),
        }
    }

    fn of_hour(&self, name: &str, link: &Link, hour_ms: i64) -> Result<Parcel, IoError> {
        let from_ms = link.sent_until_ms.clamp(hour_ms, hour_ms + HOUR_MS);
        let window_ms = if link.window_ms == 0 { HOUR_MS / 6 } else { link.window_ms };
        let until_ms = (from_ms + window_ms).min(hour_ms + HOUR_MS);
        let rows = self.rows_of_all(from_ms, until_ms)?;
        let wanted = link.parcel_rows();
        let fitting = match rows.len() {
            count if count > 2 * wanted => (window_ms / 2).max(SHORTEST_WINDOW_MS),
            count if count < wanted / 2 => (window_ms * 2).min(HOUR_MS),
            _ => window_ms,
        };
        if let Some(link) = self.shared.change().links.get_mut(name) {
            link.window_ms = fitting;
        }
        Ok(Parcel {
            rows: self.outgoing(&rows)?,
            position: Position::Hour { hour_ms, until_ms, changes: link.changes },
        })
    }

    fn of_log(&self, link: &Link) -> Result<Option<Parcel>, IoError> {
        let logs: Vec<LogFile> = {
            let state = self.shared.state();
            let unsent = |log: &LogFile| log.last_sequence().is_some_and(|last| last > link.acknowledged);
            state.logs.iter().filter(|log| unsent(log)).cloned().collect()
        };
        let mut rows: Vec<TagRow> = Vec::new();
        let mut last = None;
        'logs: for log in &logs {
            for place in log.places.iter().filter(|place| place.sequence > link.acknowledged) {
                if rows.len() >= link.parcel_rows() {
                    break 'logs;
                }
                match log.read(self.shared.seed(), place) {
                    Ok(of_record) => rows.extend(of_record),
                    // Sealed and removed meanwhile: its hours are the link's now.
                    Err(_) if !log.path.exists() => break 'logs,
                    Err(error) => return Err(error),
                }
                last = Some(place.sequence);
            }
        }
        let Some(last) = last else { return Ok(None) };
        Ok(Some(Parcel { rows: self.outgoing(&rows)?, position: Position::Record(last) }))
    }

    /// Says that the other side has committed a parcel. On the disk when it returns.
    pub fn acknowledge(&self, name: &str, parcel: &Parcel) -> Result<(), IoError> {
        // One at a time with sealing, which adds hours.
        let writer = self.writing()?;
        let link = {
            let mut state = self.shared.change();
            let Some(link) = state.links.get_mut(name) else { return Ok(()) };
            link.halvings = link.halvings.saturating_sub(1);
            match parcel.position {
                Position::Record(sequence) => link.acknowledged = link.acknowledged.max(sequence),
                Position::Hour { hour_ms, until_ms, changes } => {
                    // Rows may have come to this hour after the parcel was made: it is made anew.
                    if link.hours.first() != Some(&hour_ms) || link.changes != changes {
                        return Ok(());
                    }
                    if until_ms >= hour_ms + HOUR_MS {
                        link.hours.pop_first();
                        link.sent_until_ms = i64::MIN;
                    } else {
                        link.sent_until_ms = until_ms;
                    }
                }
            }
            link.clone()
        };
        let outcome = save(self, name, &link);
        drop(writer);
        outcome
    }

    /// Says that a parcel did not get through: the next ones are smaller, until they do. A slow line or a busy server may
    /// take a small one in time.
    pub fn refused(&self, name: &str) {
        if let Some(link) = self.shared.change().links.get_mut(name) {
            if link.parcel_rows() == SMALLEST_PARCEL {
                return;
            }
            link.halvings += 1;
            if link.window_ms != 0 {
                link.window_ms = (link.window_ms / 2).max(SHORTEST_WINDOW_MS);
            }
        }
    }

    /// Rows of all tags in a half-open stretch of time, by tag, then instant.
    pub(in crate::io::historian) fn rows_of_all(&self, from_ms: i64, to_ms: i64) -> Result<Vec<TagRow>, IoError> {
        let mut series: BTreeMap<u32, Vec<Row>> = BTreeMap::new();
        let (fresh, segments) = {
            let state = self.shared.state();
            let mut fresh: Vec<(u32, Vec<Row>)> = Vec::new();
            let mut take = |tag: u32, rows: &[Row]| {
                let rows = between(rows, from_ms, to_ms);
                if !rows.is_empty() {
                    fresh.push((tag, rows.to_vec()));
                }
            };
            if let Some(sealing) = &state.sealing {
                sealing.tags_from(0).for_each(|(tag, rows)| take(tag, rows));
            }
            state.hot.tags().for_each(|(tag, rows)| take(tag, rows));
            (fresh, state.segments_between(from_ms, to_ms))
        };
        for segment in segments {
            let root = segment.root()?;
            if root.last_ms < from_ms || root.first_ms >= to_ms {
                continue;
            }
            let mut reader = segment.open()?;
            for slice in 0..root.slice_count() {
                reader.slice(
                    slice,
                    false,
                    to_ms,
                    |entry| entry.last_ms >= from_ms && entry.first_ms < to_ms,
                    |entry, rows| series.entry(entry.tag).or_default().extend_from_slice(between(rows, from_ms, to_ms)),
                )?;
            }
        }
        fresh.into_iter().for_each(|(tag, rows)| series.entry(tag).or_default().extend(rows));
        let mut out = Vec::new();
        for (tag, mut rows) in series {
            merge(&mut rows);
            out.extend(rows.into_iter().map(|row| (tag, row)));
        }
        Ok(out)
    }

    /// Rows by name; refused where a name is missing or a quality unknown, because a row left out would be lost.
    fn outgoing(&self, rows: &[TagRow]) -> Result<Vec<Outgoing>, IoError> {
        let state = self.shared.state();
        let names = state.names.all();
        let named = rows.iter().map(|(tag, row)| {
            Some(Outgoing {
                tag: names.get(*tag as usize)?.name.clone(),
                source_time: Timestamp::from_ms(row.ms),
                value: row.value,
                quality: Quality::of_code(row.quality)?,
            })
        });
        named.collect::<Option<_>>().ok_or_else(|| damaged(&self.shared.folder, "names"))
    }
}
