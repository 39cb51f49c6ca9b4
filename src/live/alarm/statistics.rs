//! How many alarms, how often, which: what ISA-18.2 wants watched.
//!
//! Figures: a flood begins with more than 10 alarms in 10 minutes and ends with fewer than 5 in 10; chattering is three
//! alarms of one kind in a minute; stale is in alarm for a day; up to 150 alarms a day can be managed by an operator, 300
//! cannot (second-hand from ISA-18.2; the tests hold them to these numbers).

use std::collections::{BTreeMap, VecDeque};

use super::definition::AlarmId;
use super::system::AlarmSystem;
use crate::live::Timestamp;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;
/// Window of a flood.
const FLOOD_MS: i64 = 10 * MINUTE_MS;
/// More than this begins it.
const FLOOD_BEGINS: usize = 10;
/// Fewer than this end it.
const FLOOD_ENDS: usize = 5;
/// So many in a minute are chattering.
const CHATTERS: usize = 3;

/// Alarms a day and operator that can be managed, and that must be cut.
pub const MANAGEABLE_A_DAY: (f64, f64) = (150.0, 300.0);

/// What was announced in the last day.
#[derive(Clone, Debug, Default)]
pub struct Statistics {
    announced: VecDeque<(Timestamp, AlarmId)>,
    flood: Option<Timestamp>,
}

/// A source of many alarms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BadActor {
    pub alarm: AlarmId,
    pub count: usize,
    /// Of all alarms of the day, 0…1.
    pub share: f64,
}

impl Statistics {
    pub(super) fn raised(&mut self, at: Timestamp, alarm: AlarmId) {
        self.announced.push_back((at, alarm));
        while self.announced.front().is_some_and(|(first, _)| at.ms_since(*first) > DAY_MS) {
            self.announced.pop_front();
        }
        if self.flood.is_none() && self.within(at, FLOOD_MS).count() > FLOOD_BEGINS {
            self.flood = Some(at);
        }
    }

    fn within(&self, now: Timestamp, ms: i64) -> impl Iterator<Item = AlarmId> + '_ {
        let recent = self.announced.iter().rev().take_while(move |(at, _)| now.ms_since(*at) < ms);
        recent.map(|(_, alarm)| *alarm)
    }
}

impl AlarmSystem {
    /// Since when there has been a flood of alarms.
    pub fn flood(&mut self, now: Timestamp) -> Option<Timestamp> {
        let statistics = &mut self.statistics;
        if statistics.flood.is_some() && statistics.within(now, FLOOD_MS).count() < FLOOD_ENDS {
            statistics.flood = None;
        }
        statistics.flood
    }

    /// Alarms announced in the last so many ms, at most a day.
    pub fn announced(&self, now: Timestamp, ms: i64) -> usize {
        self.statistics.within(now, ms.min(DAY_MS)).count()
    }

    /// Alarms a day for each of so many operators, by the last day.
    pub fn a_day_each(&self, now: Timestamp, operators: u32) -> f64 {
        self.announced(now, DAY_MS) as f64 / f64::from(operators.max(1))
    }

    /// Alarms that came three times or more in the last minute.
    pub fn chattering(&self, now: Timestamp) -> Vec<AlarmId> {
        let counts = count(self.statistics.within(now, MINUTE_MS));
        counts.into_iter().filter(|(_, count)| *count >= CHATTERS).map(|(alarm, _)| alarm).collect()
    }

    /// Alarms standing for more than a day.
    pub fn stale(&self, now: Timestamp) -> Vec<AlarmId> {
        let alarms =
            self.alarms.iter().enumerate().filter(|(_, alarm)| {
                alarm.watch.active && alarm.raised.is_some_and(|(at, _)| now.ms_since(at) > DAY_MS)
            });
        alarms.map(|(number, _)| AlarmId(number as u32)).collect()
    }

    /// The ten that came most often in the last day, most first.
    pub fn worst_ten(&self, now: Timestamp) -> Vec<BadActor> {
        let counts = count(self.statistics.within(now, DAY_MS));
        let all: usize = counts.values().sum();
        let mut out: Vec<BadActor> = counts
            .into_iter()
            .map(|(alarm, count)| BadActor { alarm, count, share: count as f64 / all.max(1) as f64 })
            .collect();
        out.sort_by(|a, b| b.count.cmp(&a.count).then(a.alarm.cmp(&b.alarm)));
        out.truncate(10);
        out
    }
}

fn count(alarms: impl Iterator<Item = AlarmId>) -> BTreeMap<AlarmId, usize> {
    let mut counts = BTreeMap::new();
    for alarm in alarms {
        *counts.entry(alarm).or_insert(0) += 1;
    }
    counts
}
