//! Days past their time: hourly means, extremes and totals stay for ever, the rows go.
//!
//! The summary of a day is a file of the form of a segment with the ending `.hours`: eight series per tag, a value an
//! hour. It is whole and named before the rows are removed; a cut in between is made good at the next opening. Rows that
//! come for a day after it was thinned are removed with the next thinning; its summary stays as it is.

use std::sync::Arc;

use super::aggregate::{Aggregate, is_usable, of};
use super::block::Row;
use super::hot::{DAY_MS, HOUR_MS, between, day_of, hour_of};
use super::query::merge;
use super::segment::{Nature, SUMMARY, Segment, SegmentWriter};
use super::store::{Historian, Writer};
use crate::io::IoError;
use crate::live::Timestamp;

/// Series per tag; its number is that of the tag times this, plus the place of the column.
const COLUMNS: u32 = 8;
const LAST: u32 = 3;

/// How far back a running total's last reading is looked for.
pub(super) const LOOK_BACK_DAYS: i64 = 31;

/// Rows of a day on their way into a summary.
#[derive(Debug)]
pub(super) struct Thin {
    pub day: i64,
    sources: Vec<Arc<Segment>>,
    /// Summaries of the days before, the latest first: what running totals stood at.
    before: Vec<Arc<Segment>>,
    writer: Option<SegmentWriter>,
    next_tag: u32,
    last_tag: u32,
    tags_per_step: u32,
}

impl Historian {
    /// A day that is past its time and that no link waits for.
    pub(super) fn thin_due(&self, writer: &mut Writer) -> Result<Option<Thin>, IoError> {
        let (Some(open_from_ms), Some(keep_days)) = (writer.open_from_ms, self.shared.options.keep_days) else {
            return Ok(None);
        };
        let end = day_of(open_from_ms) - i64::from(keep_days);
        let found = {
            let state = self.shared.state();
            // Days that have rows count too, so that a clock years ahead for a moment does not cost a history: what it
            // stamps is one day.
            let stored = state.segments.range(..day_of(open_from_ms)).rev().map(|(&day, _)| day);
            let kept = stored.take(keep_days as usize).last();
            let end = kept.map_or(end, |kept| end.min(kept));
            let waited_for = state.links.values().filter_map(|link| link.oldest_hour()).map(day_of).min();
            let end = waited_for.map_or(end, |waited| end.min(waited));
            let mut days = state.segments.range(..end).filter(|(day, _)| !writer.not_packed.contains(day));
            days.next().map(|(&day, segments)| {
                let before = state.summaries.range(day - LOOK_BACK_DAYS..day).rev();
                let before: Vec<_> = before.map(|(_, summary)| summary.clone()).collect();
                (day, segments.clone(), before, state.summaries.contains_key(&day))
            })
        };
        let Some((day, sources, before, is_done)) = found else { return Ok(None) };
        if is_done {
            self.drop_day(day, &sources)?;
            return Ok(None);
        }
        let (mut rows, mut last_tag) = (0, 0);
        for segment in &sources {
            match segment.root() {
                Ok(root) => {
                    rows += root.rows;
                    last_tag = last_tag.max(*root.tags().end());
                }
                // Kept: a person may still restore it from a backup.
                Err(error) => {
                    writer.not_packed.insert(day);
                    return Err(error);
                }
            }
        }
        let per_step = self.shared.options.rows_per_step as u64 * (u64::from(last_tag) + 1) / rows.max(1);
        let tags_per_step = per_step.clamp(1, 1 << 20) as u32;
        Ok(Some(Thin { day, sources, before, writer: None, next_tag: 0, last_tag, tags_per_step }))
    }

    /// Forgets and removes the rows of a day.
    pub(super) fn drop_day(&self, day: i64, segments: &[Arc<Segment>]) -> Result<(), IoError> {
        {
            let mut state = self.shared.change();
            let gone = |known: &Arc<Segment>| segments.iter().any(|segment| segment.generation == known.generation);
            if let Some(of_day) = state.segments.get_mut(&day) {
                of_day.retain(|known| !gone(known));
                if of_day.is_empty() {
                    state.segments.remove(&day);
                }
            }
        }
        segments.iter().try_for_each(|segment| self.remove(&segment.path))
    }

    /// Hours of a tag from the summaries of the days of a half-open stretch of time, in order, and the last value in them.
    pub(super) fn summary(&self, tag: u32, from_ms: i64, to_ms: i64) -> Result<(Vec<Aggregate>, Option<Row>), IoError> {
        let summaries: Vec<_> = {
            let state = self.shared.state();
            let days = state.summaries.range(day_of(from_ms)..=day_of(to_ms.saturating_sub(1).max(from_ms)));
            days.map(|(_, summary)| summary.clone()).collect()
        };
        let mut hours: Vec<Aggregate> = Vec::new();
        let mut last = None;
        for summary in summaries {
            for column in 0..COLUMNS {
                let mut rows = Vec::new();
                summary.open()?.tag(tag * COLUMNS + column, from_ms, to_ms, &mut rows)?;
                if column == LAST {
                    last = rows.last().copied().or(last);
                }
                for row in rows {
                    let hour_ms = hour_of(row.ms);
                    let at = hours.binary_search_by_key(&hour_ms, |hour| hour.from.ms());
                    let at = at.unwrap_or_else(|at| {
                        hours.insert(at, empty(hour_ms));
                        at
                    });
                    if let Some(hour) = hours.get_mut(at) {
                        put(hour, column, row.value);
                    }
                }
            }
        }
        Ok((hours, last))
    }
}

const fn empty(hour_ms: i64) -> Aggregate {
    Aggregate {
        from: Timestamp::from_ms(hour_ms),
        to: Timestamp::from_ms(hour_ms + HOUR_MS),
        mean: None,
        least: None,
        most: None,
        last: None,
        rise: None,
        resets: 0,
        readings: 0,
        usable: 0,
        coverage: 0.0,
    }
}

/// The value of a column; `None` leaves the hour out of the series.
fn get(hour: &Aggregate, column: u32) -> Option<f64> {
    match column {
        0 => hour.mean,
        1 => hour.least,
        2 => hour.most,
        LAST => hour.last,
        4 => hour.rise,
        5 => (hour.coverage > 0.0).then_some(hour.coverage),
        6 => (hour.usable > 0).then_some(f64::from(hour.usable)),
        _ => (hour.resets > 0).then_some(f64::from(hour.resets)),
    }
}

fn put(hour: &mut Aggregate, column: u32, value: f64) {
    match column {
        0 => hour.mean = Some(value),
        1 => hour.least = Some(value),
        2 => hour.most = Some(value),
        LAST => hour.last = Some(value),
        4 => hour.rise = Some(value),
        5 => hour.coverage = value,
        6 => (hour.usable, hour.readings) = (value as u32, value as u32),
        _ => hour.resets = value as u32,
    }
}

impl Thin {
    /// The writer of the summary, to be abandoned.
    pub fn abandon(self) -> Option<SegmentWriter> {
        self.writer
    }

    pub fn step(&mut self, historian: &Historian, next: &mut u64) -> Result<bool, IoError> {
        let shared = &*historian.shared;
        if self.writer.is_none() {
            let nature = Nature { day: self.day, generation: *next, order: 0, mark: None, replaces: Vec::new() };
            *next += 1;
            self.writer =
                Some(SegmentWriter::create(&*shared.options.disk, &shared.folder, nature, SUMMARY, shared.seed())?);
        }
        let Some(writer) = &mut self.writer else { return Ok(true) };
        let day_ms = self.day * DAY_MS;
        let end = self.next_tag.saturating_add(self.tags_per_step - 1).min(self.last_tag);
        for tag in self.next_tag..=end {
            let mut rows = Vec::new();
            for before in &self.before {
                let mut last = Vec::new();
                before.open()?.tag(tag * COLUMNS + LAST, i64::MIN, i64::MAX, &mut last)?;
                if let Some(row) = last.last() {
                    rows.push(*row);
                    break;
                }
            }
            for segment in &self.sources {
                segment.open()?.tag(tag, i64::MIN, i64::MAX, &mut rows)?;
            }
            merge(&mut rows);
            rows.retain(is_usable);
            let hours: Vec<Aggregate> =
                (0..24).map(|hour| of(&rows, day_ms + hour * HOUR_MS, day_ms + (hour + 1) * HOUR_MS)).collect();
            for column in 0..COLUMNS {
                if column == LAST {
                    // As it was, with its instant: the next day begins with it.
                    let last = hours.iter().filter_map(|hour| between(&rows, hour.from.ms(), hour.to.ms()).last());
                    let last: Vec<Row> = last.copied().collect();
                    writer.push(tag * COLUMNS + column, &last)?;
                    continue;
                }
                let series = hours.iter().filter_map(|hour| Some((hour.from.ms(), get(hour, column)?)));
                let series: Vec<Row> = series.map(|(ms, value)| Row { ms, value, quality: 0 }).collect();
                writer.push(tag * COLUMNS + column, &series)?;
            }
        }
        if end < self.last_tag {
            self.next_tag = end + 1;
            return Ok(false);
        }
        let Some(writer) = self.writer.take() else { return Ok(true) };
        let summary = historian.publish(vec![writer.finish()?])?;
        shared.change().summaries.extend(summary.into_iter().map(|summary| (self.day, Arc::new(summary))));
        historian.drop_day(self.day, &self.sources)?;
        Ok(true)
    }
}
