//! Means, extremes and totals by the minute, hour, day and month, as operation reports ask for them (T/CDHA and CJJ
//! practice: hourly, daily and monthly mean temperatures; flows and heats as totals).
//!
//! A value counts from its instant until the next one, at most ten minutes: the mean is weighted by time, so an
//! irregular period or a gap does not bend it, and `coverage` says how much of the interval is known. A running total
//! counts by what it rises from reading to reading; where it falls it was reset or exchanged and begins at nought.

use super::block::Row;
use super::hot::{DAY_MS, HOUR_MS, day_of};
use super::store::{EARLIEST_MS, Historian, LATEST_MS, TagKey};
use super::thinning::LOOK_BACK_DAYS;
use crate::io::IoError;
use crate::live::{Quality, Timestamp};
use crate::physics::calendar::{CivilTime, days_from_civil};

/// How long a value holds at most when no other follows, ms.
const LONGEST_HOLD_MS: i64 = 10 * 60_000;

/// Length of the pieces that time is cut into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    Minute,
    Hour,
    Day,
    Month,
}

/// What is known of a tag in one interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Aggregate {
    /// Start of the interval (inclusive) and of the next one.
    pub from: Timestamp,
    pub to: Timestamp,
    /// Weighted by time; `None` without a usable value.
    pub mean: Option<f64>,
    pub least: Option<f64>,
    pub most: Option<f64>,
    /// Last usable value.
    pub last: Option<f64>,
    /// What a running total rose by, from the last reading before the interval to the last one in it; `None` without
    /// a reading in it.
    pub rise: Option<f64>,
    /// How often the running total fell.
    pub resets: u32,
    /// Readings, and those of them that are usable.
    pub readings: u32,
    pub usable: u32,
    /// Known part of the interval, 0…1.
    pub coverage: f64,
}

impl Interval {
    /// Start of the interval that holds an instant, and of the next one; days and months begin at midnight of a zone
    /// `offset_ms` ahead of UTC.
    fn around(self, ms: i64, offset_ms: i64) -> (i64, i64) {
        let local = ms + offset_ms;
        let (from, to) = match self {
            Interval::Minute => {
                let from = local - local.rem_euclid(60_000);
                (from, from + 60_000)
            }
            Interval::Hour => {
                let from = local - local.rem_euclid(HOUR_MS);
                (from, from + HOUR_MS)
            }
            Interval::Day => (day_of(local) * DAY_MS, (day_of(local) + 1) * DAY_MS),
            Interval::Month => {
                let civil = CivilTime::of((day_of(local) * 86_400) as f64);
                let (year, month) = if civil.month == 12 { (civil.year + 1, 1) } else { (civil.year, civil.month + 1) };
                // The first of a month exists.
                let start = |year, month| days_from_civil(year, month, 1).unwrap_or(day_of(local)) * DAY_MS;
                (start(civil.year, civil.month), start(year, month))
            }
        };
        (from - offset_ms, to - offset_ms)
    }
}

impl Historian {
    /// A stretch of time narrowed to what is stored at all, of any tag.
    pub fn span(&self, from: Timestamp, to: Timestamp) -> Result<(Timestamp, Timestamp), IoError> {
        let (mut first, mut last, segments) = {
            let state = self.shared.state();
            let rows = || state.hot.tags().chain(state.sealing.iter().flat_map(|frozen| frozen.tags_from(0)));
            let first = rows().filter_map(|(_, rows)| rows.first()).map(|row| row.ms).min();
            let last = rows().filter_map(|(_, rows)| rows.last()).map(|row| row.ms).max();
            let ends = [state.segments.values().next(), state.segments.values().next_back()];
            let summaries = state.summaries.values().next().into_iter().chain(state.summaries.values().next_back());
            (first, last, ends.into_iter().flatten().flatten().chain(summaries).cloned().collect::<Vec<_>>())
        };
        for segment in segments {
            let root = segment.root()?;
            first = Some(first.map_or(root.first_ms, |first| first.min(root.first_ms)));
            last = Some(last.map_or(root.last_ms, |last| last.max(root.last_ms)));
        }
        let (Some(first), Some(last)) = (first, last) else { return Ok((from, from)) };
        Ok((from.max(Timestamp::from_ms(first)), to.min(Timestamp::from_ms(last).plus_ms(1))))
    }
}

/// Intervals of one answer at most.
const MOST_INTERVALS: usize = 1_000_000;

impl Historian {
    /// Aggregates of a tag for every interval that a stretch of time touches; the first and the last are counted whole. Uncertain values count, bad ones do not.
    pub fn aggregate(
        &self,
        tag: TagKey,
        from: Timestamp,
        to: Timestamp,
        interval: Interval,
    ) -> Result<Vec<Aggregate>, IoError> {
        let offset_ms = self.shared.options.offset_ms;
        let (from_ms, to_ms) = (from.ms().clamp(EARLIEST_MS, LATEST_MS), to.ms().clamp(EARLIEST_MS, LATEST_MS));
        let mut start = interval.around(from_ms, offset_ms).0;
        let mut pieces = Vec::new();
        while start < to_ms && pieces.len() < MOST_INTERVALS {
            let (from, to) = interval.around(start, offset_ms);
            pieces.push((from, to));
            start = to;
        }
        let (Some(&(first, _)), Some(&(_, end))) = (pieces.first(), pieces.last()) else { return Ok(Vec::new()) };
        // A day earlier: the value that holds at the start, and the running total before it. After an outage longer ago.
        let Before { rows: mut found, mut hours, mut last } = self.rows_and_hours(tag.0, first - DAY_MS, end)?;
        let known_before = found.iter().any(|row| row.ms < first && is_usable(row));
        if !known_before && last.is_none_or(|row| row.ms >= first) {
            Before { rows: found, hours, last } = self.rows_and_hours(tag.0, first - LOOK_BACK_DAYS * DAY_MS, end)?;
        }
        let fresh_from = hours.last().map_or(i64::MIN, |hour| (day_of(hour.from.ms()) + 1) * DAY_MS);
        let mut rows: Vec<Row> = last.into_iter().collect();
        rows.extend(found.into_iter().filter(|row| row.ms >= fresh_from));
        let usable: Vec<Row> = rows.iter().copied().filter(is_usable).collect();
        let aggregate = |(from_ms, to_ms): (i64, i64)| {
            let begin = fresh_from.clamp(from_ms, to_ms);
            let mut fresh = of(&usable, begin, to_ms);
            fresh.readings = super::hot::between(&rows, begin, to_ms).len() as u32;
            if begin == from_ms {
                return fresh;
            }
            let from = hours.partition_point(|hour| hour.from.ms() < from_ms);
            let to = hours.partition_point(|hour| hour.from.ms() < to_ms);
            // Of minutes nothing is left.
            let thinned = if interval == Interval::Minute { &[] } else { hours.get(from..to).unwrap_or(&[]) };
            combine(from_ms, to_ms, thinned.iter().chain(std::iter::once(&fresh)))
        };
        Ok(pieces.into_iter().map(aggregate).collect())
    }
}

/// What is known of a span: rows, what is left of days whose rows are gone (these days lie before those that have some),
/// and the last value of those.
struct Before {
    rows: Vec<Row>,
    hours: Vec<Aggregate>,
    last: Option<Row>,
}

impl Historian {
    fn rows_and_hours(&self, tag: u32, from_ms: i64, to_ms: i64) -> Result<Before, IoError> {
        let found = self.rows(tag, from_ms, to_ms);
        found.damage.into_result()?;
        let (hours, last) = self.summary(tag, from_ms, to_ms)?;
        Ok(Before { rows: found.rows, hours, last })
    }
}

/// One aggregate of several that follow each other.
fn combine<'a>(from_ms: i64, to_ms: i64, parts: impl Iterator<Item = &'a Aggregate>) -> Aggregate {
    let mut whole = of(&[], from_ms, to_ms);
    let (mut weighted, mut known) = (0.0, 0.0);
    for part in parts {
        let weight = part.coverage * part.to.ms_since(part.from) as f64;
        if let Some(mean) = part.mean
            && weight > 0.0
        {
            weighted += mean * weight;
            known += weight;
        }
        let either = |a: Option<f64>, b: Option<f64>, pick: fn(f64, f64) -> f64| match (a, b) {
            (Some(a), Some(b)) => Some(pick(a, b)),
            (a, b) => a.or(b),
        };
        whole.least = either(whole.least, part.least, f64::min);
        whole.most = either(whole.most, part.most, f64::max);
        whole.rise = either(whole.rise, part.rise, |a, b| a + b);
        whole.last = part.last.or(whole.last);
        whole.resets += part.resets;
        whole.readings += part.readings.max(part.usable);
        whole.usable += part.usable;
    }
    whole.mean = (known > 0.0).then(|| weighted / known);
    whole.coverage = known / (to_ms - from_ms) as f64;
    whole
}

pub(super) fn is_usable(row: &Row) -> bool {
    row.value.is_finite() && Quality::of_code(row.quality).is_some_and(Quality::is_usable)
}

/// The aggregate of usable rows, of which those before and in the interval matter.
pub(super) fn of(rows: &[Row], from_ms: i64, to_ms: i64) -> Aggregate {
    let first = rows.partition_point(|row| row.ms < from_ms);
    let end = rows.partition_point(|row| row.ms < to_ms);
    let inside = rows.get(first..end).unwrap_or(&[]);
    let before = first.checked_sub(1).and_then(|at| rows.get(at));
    let (mut weighted, mut known_ms) = (0.0, 0i64);
    // Differences from the first value: sums of large, nearly equal numbers lose nothing then.
    let base = inside.first().or(before).map_or(0.0, |row| row.value);
    let mut hold = |row: &Row, next_ms: i64| {
        let until = next_ms.min(row.ms.saturating_add(LONGEST_HOLD_MS)).min(to_ms);
        let held = until - row.ms.max(from_ms);
        if held > 0 {
            weighted += (row.value - base) * held as f64;
            known_ms += held;
        }
    };
    if let Some(before) = before {
        hold(before, inside.first().map_or(to_ms, |row| row.ms));
    }
    for (at, row) in inside.iter().enumerate() {
        hold(row, inside.get(at + 1).map_or(to_ms, |next| next.ms));
    }
    let mut rise = 0.0;
    let mut resets = 0;
    let mut last = before.or(inside.first()).map(|row| row.value);
    for row in inside {
        let known = last.replace(row.value).unwrap_or(row.value);
        if row.value < known {
            resets += 1;
            rise += row.value;
        } else {
            rise += row.value - known;
        }
    }
    let values = || inside.iter().map(|row| row.value);
    Aggregate {
        from: Timestamp::from_ms(from_ms),
        to: Timestamp::from_ms(to_ms),
        mean: (known_ms > 0).then(|| base + weighted / known_ms as f64),
        least: values().reduce(f64::min),
        most: values().reduce(f64::max),
        last: inside.last().map(|row| row.value),
        rise: (!inside.is_empty()).then_some(rise),
        resets,
        readings: 0,
        usable: inside.len() as u32,
        coverage: known_ms as f64 / (to_ms - from_ms).max(1) as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(ms: i64, value: f64) -> Row {
        Row { ms, value, quality: 0 }
    }

    #[test]
    fn values_count_by_the_time_they_hold() {
        let minute = 60_000;
        // 10 from before the hour for 3 minutes, 20 for 6 minutes, 50 until ten minutes later, then nothing is known.
        let rows = [row(-2 * minute, 10.0), row(3 * minute, 20.0), row(9 * minute, 50.0)];
        let found = of(&rows, 0, HOUR_MS);
        assert_eq!(found.mean, Some((3.0 * 10.0 + 6.0 * 20.0 + 10.0 * 50.0) / 19.0));
        assert_eq!((found.least, found.most, found.usable), (Some(20.0), Some(50.0), 2));
        assert!((found.coverage - 19.0 / 60.0).abs() < 1e-12);
        assert_eq!(of(&rows, 5 * HOUR_MS, 6 * HOUR_MS).mean, None);
    }

    #[test]
    fn totals_of_neighbours_add_up_also_over_a_reset() {
        let rows: Vec<Row> =
            (0..240).map(|n| row(n * 60_000 + 17, if n < 100 { 900.0 + n as f64 } else { n as f64 - 100.0 })).collect();
        let hours: Vec<Aggregate> = (0..4).map(|n| of(&rows, n * HOUR_MS, (n + 1) * HOUR_MS)).collect();
        let whole = of(&rows, 0, 4 * HOUR_MS);
        assert_eq!(hours.iter().filter_map(|hour| hour.rise).sum::<f64>(), whole.rise.unwrap());
        assert_eq!(whole.rise, Some(99.0 + 139.0));
        assert_eq!((hours[1].resets, whole.resets), (1, 1));
    }

    #[test]
    fn months_begin_at_local_midnight() {
        let at = |text: &str| Timestamp::parse(text).unwrap().ms();
        let inside = at("2026-02-28T23:59:59+08:00");
        let wanted = (at("2026-02-01T00:00:00+08:00"), at("2026-03-01T00:00:00+08:00"));
        assert_eq!(Interval::Month.around(inside, 8 * HOUR_MS), wanted);
        assert_eq!(Interval::Month.around(wanted.1, 8 * HOUR_MS).0, wanted.1);
        let day = (at("2026-02-28T00:00:00+08:00"), wanted.1);
        assert_eq!(Interval::Day.around(inside, 8 * HOUR_MS), day);
    }
}
