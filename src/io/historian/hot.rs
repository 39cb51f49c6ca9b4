//! Rows that are in the log but in no sealed segment yet, by tag and in order of time; in memory.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::block::Row;

/// Length of an hour and a day, ms.
pub const HOUR_MS: i64 = 3_600_000;
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// The hours that stay open when the others are sealed: from (inclusive) to (exclusive), ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub from_ms: i64,
    pub to_ms: i64,
}

impl Window {
    /// Nothing stays open.
    pub const NONE: Window = Window { from_ms: i64::MAX, to_ms: i64::MAX };

    pub const fn contains(&self, ms: i64) -> bool {
        ms >= self.from_ms && ms < self.to_ms
    }
}

/// Start of the hour of an instant.
pub const fn hour_of(ms: i64) -> i64 {
    ms.saturating_sub(ms.rem_euclid(HOUR_MS))
}

/// Number of the day of an instant, from 1970-01-01.
pub const fn day_of(ms: i64) -> i64 {
    ms.div_euclid(DAY_MS)
}

/// Rows of many tags by the number of the tag; those of a tag rise in time, each instant once.
#[derive(Debug, Default)]
pub struct Hot {
    series: Vec<Vec<Row>>,
    rows: usize,
}

impl Hot {
    /// Takes a row in; `false` where the tag has one of this instant already, which stays.
    pub fn insert(&mut self, tag: u32, row: Row) -> bool {
        let index = tag as usize;
        if index >= self.series.len() {
            self.series.resize_with(index + 1, Vec::new);
        }
        let series = &mut self.series[index];
        match series.last() {
            Some(last) if last.ms >= row.ms => match series.binary_search_by_key(&row.ms, |row| row.ms) {
                Ok(_) => return false,
                Err(at) => series.insert(at, row),
            },
            _ => series.push(row),
        }
        self.rows += 1;
        true
    }

    pub const fn rows(&self) -> usize {
        self.rows
    }

    pub fn tag(&self, tag: u32) -> &[Row] {
        self.series.get(tag as usize).map_or(&[], Vec::as_slice)
    }

    /// Tags that have rows.
    pub fn tags(&self) -> impl Iterator<Item = (u32, &[Row])> {
        self.series.iter().enumerate().filter(|(_, rows)| !rows.is_empty()).map(|(tag, rows)| (tag as u32, &rows[..]))
    }

    /// Takes out all rows but those of the window.
    pub fn split(&mut self, window: Window) -> Frozen {
        let mut series = BTreeMap::new();
        for (tag, rows) in self.series.iter_mut().enumerate() {
            let from = rows.partition_point(|row| row.ms < window.from_ms);
            let to = rows.partition_point(|row| row.ms < window.to_ms);
            if from == 0 && to == rows.len() {
                continue;
            }
            let mut out = std::mem::take(rows);
            if to > from {
                rows.extend_from_slice(&out[from..to]);
                out.drain(from..to);
            }
            self.rows -= out.len();
            series.insert(tag as u32, out);
        }
        Frozen { series }
    }
}

/// Rows on their way into segments; they no longer change.
#[derive(Debug, Default)]
pub struct Frozen {
    series: BTreeMap<u32, Vec<Row>>,
}

impl Frozen {
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    pub fn tag(&self, tag: u32) -> &[Row] {
        self.series.get(&tag).map_or(&[], Vec::as_slice)
    }

    /// Tags from a number on, with their rows.
    pub fn tags_from(&self, tag: u32) -> impl Iterator<Item = (u32, &[Row])> {
        self.series.range(tag..).map(|(&tag, rows)| (tag, &rows[..]))
    }

    /// Days that have rows, in order.
    pub fn days(&self) -> Vec<i64> {
        let mut days = BTreeMap::new();
        for rows in self.series.values() {
            let mut rest = &rows[..];
            while let Some(first) = rest.first() {
                let day = day_of(first.ms);
                if let Entry::Vacant(entry) = days.entry(day) {
                    entry.insert(());
                }
                rest = &rest[rest.partition_point(|row| day_of(row.ms) <= day)..];
            }
        }
        days.into_keys().collect()
    }
}

/// The rows of a half-open stretch of time.
pub fn between(rows: &[Row], from_ms: i64, to_ms: i64) -> &[Row] {
    let from = rows.partition_point(|row| row.ms < from_ms);
    let to = rows.partition_point(|row| row.ms < to_ms);
    rows.get(from..to).unwrap_or(&[])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(ms: i64) -> Row {
        Row { ms, value: ms as f64, quality: 0 }
    }

    #[test]
    fn late_and_double_rows_find_their_place() {
        let mut hot = Hot::default();
        let taken: Vec<bool> = [5, 9, 7, 5, -3, 9].map(|ms| hot.insert(3, row(ms))).to_vec();
        assert_eq!(taken, [true, true, true, false, true, false]);
        assert_eq!(hot.tag(3), [-3, 5, 7, 9].map(row));
        assert_eq!((hot.rows(), hot.tag(0).len(), hot.tag(99).len()), (4, 0, 0));
        let frozen = hot.split(Window { from_ms: 5, to_ms: 9 });
        assert_eq!((hot.tag(3), hot.rows()), (&[5, 7].map(row)[..], 2));
        assert_eq!(frozen.tag(3), [-3, 9].map(row));
        assert_eq!(frozen.days(), [-1, 0]);
        assert!(hot.split(Window { from_ms: 0, to_ms: 100 }).is_empty());
        assert_eq!(hot.split(Window::NONE).tag(3).len(), 2);
        assert_eq!(hot.rows(), 0);
    }
}
