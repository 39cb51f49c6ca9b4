//! A historian that is nothing but a map, tags to store, and samples to put in.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use hypocaust::io::historian::{Historian, Reading, TagKey};
use hypocaust::live::{Observed, Quality, Sample, Tag, TagId, TagTable, Timestamp};
use hypocaust::units::Quantity;

pub const HOUR_MS: i64 = 3_600_000;
/// 2026-01-14 00:00 UTC.
pub const START_MS: i64 = 1_768_348_800_000;

pub fn tag(name: &str) -> Tag {
    Tag::new(name, Observed::SupplyTemperature, Quantity::Temperature)
}

/// A table of tags `T0`, `T1` …
pub fn table(count: usize) -> TagTable {
    named(&(0..count).map(|n| format!("T{n}")).collect::<Vec<_>>())
}

pub fn named(names: &[String]) -> TagTable {
    let mut table = TagTable::default();
    names.iter().for_each(|name| {
        table.add(tag(name)).unwrap();
    });
    table
}

pub fn sample(tag: u32, source_ms: i64, arrival_ms: i64, value: f64, quality: Quality) -> Sample {
    Sample {
        tag: TagId(tag),
        source_time: Timestamp::from_ms(source_ms),
        arrival_time: Timestamp::from_ms(arrival_ms),
        value,
        quality,
    }
}

/// What a historian should hold: of each tag and instant the first sample.
#[derive(Clone, Debug, Default)]
pub struct Model {
    rows: BTreeMap<(String, i64), (f64, Quality)>,
    doubles: BTreeMap<(String, i64), Vec<(f64, Quality)>>,
}

impl Model {
    pub fn put(&mut self, name: &str, sample: &Sample) {
        let key = (name.to_owned(), sample.source_time.ms());
        let value = (sample.value, sample.quality);
        match self.rows.entry(key) {
            Entry::Vacant(place) => {
                place.insert(value);
            }
            Entry::Occupied(place) => self.doubles.entry(place.key().clone()).or_default().push(value),
        }
    }

    /// Whether this value was ever given, be it as a double that does not count.
    pub fn was_given(&self, name: &str, reading: &Reading) -> bool {
        let key = (name.to_owned(), reading.source_time.ms());
        let given = self.rows.get(&key).into_iter().chain(self.doubles.get(&key).into_iter().flatten());
        let mut given = given.map(|(value, quality)| (value.to_bits(), *quality));
        given.any(|given| given == (reading.value.to_bits(), reading.quality))
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn range(&self, name: &str, from_ms: i64, to_ms: i64) -> Vec<Reading> {
        self.rows
            .range((name.to_owned(), from_ms)..(name.to_owned(), to_ms))
            .map(|((_, ms), &(value, quality))| Reading { source_time: Timestamp::from_ms(*ms), value, quality })
            .collect()
    }

    pub fn at(&self, name: &str, ms: i64) -> Option<Reading> {
        self.range(name, ms - 40 * 24 * HOUR_MS, ms + 1).pop()
    }

    /// Every row of every tag, from both.
    pub fn assert_equal(&self, historian: &Historian) {
        let (from, to) = (Timestamp::from_ms(i64::MIN), Timestamp::from_ms(i64::MAX));
        let mut rows = 0;
        for (key, tag) in historian.tags() {
            let found = historian.range(key, from, to).unwrap();
            assert_eq!(found, self.range(&tag.name, i64::MIN, i64::MAX), "{}", tag.name);
            rows += found.len();
        }
        assert_eq!(rows, self.len());
    }

    /// All tags at an instant.
    pub fn assert_equal_at(&self, historian: &Historian, ms: i64) {
        let found = historian.at(Timestamp::from_ms(ms), 40).unwrap();
        for (TagKey(key), tag) in historian.tags() {
            assert_eq!(found[key as usize], self.at(&tag.name, ms), "{} at {}", tag.name, Timestamp::from_ms(ms));
        }
    }
}
