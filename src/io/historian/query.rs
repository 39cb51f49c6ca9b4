//! Reading: a stretch of time of one tag, and all tags at one instant.
//!
//! Rows come from segments, from rows being sealed and from memory, in this order; of several of one instant the first
//! counts. A reader looks at memory first and at files afterwards, so that what is sealed meanwhile is seen twice rather
//! than not at all.

use std::cell::RefCell;
use std::sync::Arc;

use super::block::Row;
use super::error::{damaged, gather};
use super::hot::{DAY_MS, between, day_of};
use super::segment::Segment;
use super::store::{Historian, TagKey};
use crate::io::IoError;
use crate::live::{Quality, Timestamp};

/// One stored value.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    pub source_time: Timestamp,
    pub value: f64,
    pub quality: Quality,
}

/// Equal when every bit is.
impl PartialEq for Reading {
    fn eq(&self, other: &Reading) -> bool {
        self.source_time == other.source_time
            && self.value.to_bits() == other.value.to_bits()
            && self.quality == other.quality
    }
}

/// What could be read, and what could not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    pub readings: Vec<Reading>,
    /// Files or parts of files that are damaged; their rows are missing above. Empty where all is sound.
    pub damage: IoError,
}

/// How often reading begins again because files were packed under its hands.
const ATTEMPTS: usize = 4;

/// Puts rows in order of time; of several of one instant the first stays.
pub(super) fn merge(rows: &mut Vec<Row>) {
    if rows.is_sorted_by(|a, b| a.ms < b.ms) {
        return;
    }
    // Stable: rows of one instant stay in the order of their sources.
    rows.sort_by_key(|row| row.ms);
    rows.dedup_by_key(|row| row.ms);
}

pub(super) struct Found {
    pub rows: Vec<Row>,
    pub damage: IoError,
}

impl Historian {
    /// The values of a tag from an instant (inclusive) to another (exclusive), in order of time.
    ///
    /// Fails where any file in the stretch is damaged; [`Historian::salvage`] reads the rest.
    pub fn range(&self, tag: TagKey, from: Timestamp, to: Timestamp) -> Result<Vec<Reading>, IoError> {
        let History { readings, damage } = self.salvage(tag, from, to);
        if damage.is_empty() { Ok(readings) } else { Err(damage) }
    }

    /// As [`Historian::range`], with all that can be read where something is damaged.
    pub fn salvage(&self, tag: TagKey, from: Timestamp, to: Timestamp) -> History {
        let mut found = self.rows(tag.0, from.ms(), to.ms());
        let readings = self.readings(&found.rows, &mut found.damage);
        History { readings, damage: found.damage }
    }

    pub(super) fn rows(&self, tag: u32, from_ms: i64, to_ms: i64) -> Found {
        let mut found = Found { rows: Vec::new(), damage: IoError::default() };
        if from_ms >= to_ms {
            return found;
        }
        for attempt in 1..=ATTEMPTS {
            found.rows.clear();
            found.damage = IoError::default();
            let (fresh, segments) = self.sources(tag, from_ms, to_ms);
            let mut gone = false;
            for segment in &segments {
                gone |= !self.of_segment(segment, tag, from_ms, to_ms, &mut found) && !segment.path.exists();
            }
            if gone && attempt < ATTEMPTS {
                self.refresh();
                continue;
            }
            found.rows.extend(fresh);
            merge(&mut found.rows);
            break;
        }
        found
    }

    /// Rows in memory and the segments that may have more.
    fn sources(&self, tag: u32, from_ms: i64, to_ms: i64) -> (Vec<Row>, Vec<Arc<Segment>>) {
        let state = self.shared.state();
        let mut fresh = Vec::new();
        if let Some(sealing) = &state.sealing {
            fresh.extend_from_slice(between(sealing.tag(tag), from_ms, to_ms));
        }
        fresh.extend_from_slice(between(state.hot.tag(tag), from_ms, to_ms));
        (fresh, state.segments_between(from_ms, to_ms))
    }

    /// Whether the segment could be read.
    fn of_segment(&self, segment: &Segment, tag: u32, from_ms: i64, to_ms: i64, found: &mut Found) -> bool {
        let outcome = segment.root().and_then(|root| {
            if root.last_ms < from_ms || root.first_ms >= to_ms {
                return Ok(());
            }
            segment.open()?.tag(tag, from_ms, to_ms, &mut found.rows)
        });
        outcome.map_err(|error| gather(&mut found.damage, error)).is_ok()
    }

    fn readings(&self, rows: &[Row], damage: &mut IoError) -> Vec<Reading> {
        let mut unknown = false;
        let readings = rows
            .iter()
            .filter_map(|row| {
                let quality = Quality::of_code(row.quality);
                unknown |= quality.is_none();
                Some(Reading { source_time: Timestamp::from_ms(row.ms), value: row.value, quality: quality? })
            })
            .collect();
        if unknown {
            // Under a sound check sum: written by a later version that knows more qualities.
            gather(damage, damaged(&self.shared.folder, "segment"));
        }
        readings
    }

    /// The latest value of every tag at or before an instant, looking back so many days at most; `None` for a tag without
    /// one. In the order of keys.
    pub fn at(&self, time: Timestamp, days_back: u32) -> Result<Vec<Option<Reading>>, IoError> {
        let mut latest = self.latest(time.ms(), days_back);
        // Files may be packed under our hands; then the list is new.
        for _ in 1..ATTEMPTS {
            if latest.is_ok() {
                break;
            }
            self.refresh();
            latest = self.latest(time.ms(), days_back);
        }
        let mut damage = IoError::default();
        let latest = latest?;
        let readings = latest.iter().map(|row| row.and_then(|row| self.readings(&[row], &mut damage).pop())).collect();
        if damage.is_empty() { Ok(readings) } else { Err(damage) }
    }

    fn latest(&self, ms: i64, days_back: u32) -> Result<Vec<Option<Row>>, IoError> {
        let earliest_ms = ms.saturating_sub(i64::from(days_back).saturating_mul(DAY_MS));
        let (latest, segments) = {
            let state = self.shared.state();
            let mut latest: Vec<Option<Row>> = vec![None; state.names.all().len()];
            let mut take = |tag: u32, rows: &[Row]| {
                let row = rows.get(..rows.partition_point(|row| row.ms <= ms)).and_then(<[Row]>::last);
                if let (Some(row), Some(known)) = (row, latest.get_mut(tag as usize))
                    && row.ms >= earliest_ms
                    && known.is_none_or(|known| known.ms < row.ms)
                {
                    *known = Some(*row);
                }
            };
            if let Some(sealing) = &state.sealing {
                sealing.tags_from(0).for_each(|(tag, rows)| take(tag, rows));
            }
            state.hot.tags().for_each(|(tag, rows)| take(tag, rows));
            let days = state.segments.range(day_of(earliest_ms)..=day_of(ms)).rev();
            // Within a day the last first, so that of doubles the first one is looked at last and stays.
            let segments: Vec<_> = days.flat_map(|(_, of_day)| of_day.iter().rev().cloned()).collect();
            (latest, segments)
        };
        let latest = RefCell::new(latest);
        let known =
            |tag: u32| latest.borrow().get(tag as usize).copied().flatten().map_or(earliest_ms, |known: Row| known.ms);
        for segment in segments {
            let root = segment.root()?;
            let oldest = latest.borrow().iter().map(|known| known.map_or(i64::MIN, |known| known.ms)).min();
            if root.first_ms > ms || oldest.is_some_and(|oldest| oldest > root.last_ms) {
                continue;
            }
            let mut reader = segment.open()?;
            for slice in 0..root.slice_count() {
                reader.slice(
                    slice,
                    true,
                    ms.saturating_add(1),
                    |entry| entry.first_ms <= ms && entry.last_ms >= known(entry.tag),
                    |entry, rows| {
                        let row = rows.get(..rows.partition_point(|row| row.ms <= ms)).and_then(<[Row]>::last);
                        if let Some(row) = row
                            && row.ms >= known(entry.tag)
                            && let Some(known) = latest.borrow_mut().get_mut(entry.tag as usize)
                        {
                            *known = Some(*row);
                        }
                    },
                )?;
            }
        }
        Ok(latest.into_inner())
    }
}
