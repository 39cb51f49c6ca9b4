//! The power is cut, bits rot, the disk is full, the clock jumps: nothing acknowledged is lost, nothing is invented, and
//! no value ever becomes another one without a word.
//!
//! A few of each here; for many: HYPOCAUST_POWER_CUTS, HYPOCAUST_ROTTEN_BITS, HYPOCAUST_FULL_DISKS = how many.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hypocaust::io::historian::forward::Start;
use hypocaust::io::historian::{Historian, Options};
use hypocaust::live::{Fault, Quality, Sample, Timestamp};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::disk::{Done, QuickDisk, RecordingDisk, SmallDisk, cut_power};
use super::model::{HOUR_MS, Model, START_MS, sample, table};

pub const TAGS: u32 = 24;

pub fn many(name: &str, few: usize) -> usize {
    std::env::var(name).ok().map_or(few, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
}

/// Small, so that sealing and packing happen all the time.
pub fn options() -> Options {
    Options { most_hot_rows: 2_000, rows_per_step: 100, disk: Arc::new(QuickDisk), ..Options::default() }
}

/// Batch of a number: mostly seven minutes on, some rows late, some doubles, some without a value.
pub fn batch(number: usize) -> Vec<Sample> {
    let clock = START_MS + number as i64 * 7 * 60_000;
    let mut random = SmallRng::seed_from_u64(number as u64);
    (0..TAGS)
        .filter_map(|tag| {
            let late = if random.random_bool(0.9) { 0 } else { random.random_range(0..30) * HOUR_MS / 2 };
            let value = match tag % 3 {
                0 => f64::from(random.random_range(400..900)) / 10.0,
                1 => f64::from(random.random::<f32>()),
                _ if random.random_bool(0.2) => f64::NAN,
                _ => 1.0,
            };
            let quality = if value.is_nan() { Quality::Bad(Fault::Communication) } else { Quality::Good };
            random.random_bool(0.95).then(|| sample(tag, clock - late, clock, value, quality))
        })
        .collect()
}

pub fn put(model: &mut Model, number: usize) {
    batch(number).iter().for_each(|sample| model.put(&format!("T{}", sample.tag.0), sample));
}

/// Whether a historian holds what was acknowledged, with or without the batch that was under way.
pub fn assert_holds(historian: &Historian, acknowledged: &Model, under_way: usize, what: &str) {
    let (from, to) = (Timestamp::from_ms(i64::MIN), Timestamp::from_ms(i64::MAX));
    let mut with = acknowledged.clone();
    put(&mut with, under_way);
    let mut both = [true, true];
    for (key, tag) in historian.tags() {
        let found = historian.salvage(key, from, to);
        assert!(found.damage.is_empty(), "{what}: {}", found.damage);
        for (fits, model) in both.iter_mut().zip([acknowledged, &with]) {
            *fits &= found.readings == model.range(&tag.name, i64::MIN, i64::MAX);
        }
    }
    let tags = historian.tags().len();
    assert!(tags == TAGS as usize || acknowledged.len() == 0, "{what}: {tags} tags");
    assert!(both[0] || both[1], "{what}: rows are missing or were never given");
}

#[test]
fn a_power_cut_loses_nothing_acknowledged() {
    let cuts = many("HYPOCAUST_POWER_CUTS", 20);
    let per_run = 20;
    for run in 0..cuts.div_ceil(per_run) {
        let mut random = SmallRng::seed_from_u64(run as u64);
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("history");
        fs::create_dir(&root).unwrap();
        let disk = RecordingDisk::default();
        let options = || Options { disk: Arc::new(disk.clone()), ..options() };
        let mut historian = Historian::open(&root, options()).unwrap();
        historian.register(&table(TAGS as usize)).unwrap();
        historian.link("upstream", Start::Now).unwrap();
        let batches = random.random_range(50..500);
        for number in 0..batches {
            if random.random_bool(0.01) {
                drop(historian);
                historian = Historian::open(&root, options()).unwrap();
                historian.register(&table(TAGS as usize)).unwrap();
            }
            historian.append(&batch(number)).unwrap();
            disk.remember(Done::Acknowledged(number + 1));
        }
        drop(historian);
        let done = disk.done();
        for cut in 0..per_run.min(cuts - run * per_run) {
            let count = random.random_range(0..=done.len());
            let image = tempfile::tempdir().unwrap();
            let image_root = image.path().join("history");
            fs::create_dir(&image_root).unwrap();
            cut_power(&done, count, &root, &image_root, &mut random);
            let acknowledged = done[..count].iter().rev().find_map(|done| match done {
                Done::Acknowledged(batches) => Some(*batches),
                _ => None,
            });
            let acknowledged = acknowledged.unwrap_or(0);
            let mut model = Model::default();
            (0..acknowledged).for_each(|number| put(&mut model, number));
            let what = format!("run {run}, cut {cut} after {count} of {}", done.len());
            let historian = Historian::open(&image_root, self::options()).unwrap_or_else(|e| panic!("{what}: {e}"));
            assert_holds(&historian, &model, acknowledged, &what);
            // It goes on from there: what was under way comes again.
            historian.register(&table(TAGS as usize)).unwrap();
            for number in acknowledged..acknowledged + 30 {
                historian.append(&batch(number)).unwrap();
                put(&mut model, number);
            }
            historian.tidy().unwrap();
            assert!(historian.trouble().is_none(), "{what}: {:?}", historian.trouble());
            model.assert_equal(&historian);
        }
    }
}

pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// A clock years ahead for a moment does not make a history old: the days that were kept stay.
#[test]
fn a_clock_years_ahead_thins_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { keep_days: Some(3), ..options() };
    let historian = Historian::open(folder.path(), options).unwrap();
    historian.register(&table(2)).unwrap();
    let mut model = Model::default();
    let record = |hour: i64, model: &mut Model| {
        let ms = START_MS + hour * HOUR_MS;
        let batch: Vec<Sample> = (0..2).map(|tag| sample(tag, ms, ms, hour as f64, Quality::Good)).collect();
        batch.iter().for_each(|sample| model.put(&format!("T{}", sample.tag.0), sample));
        historian.append(&batch).unwrap();
        historian.tidy().unwrap();
    };
    (0..72).for_each(|hour| record(hour, &mut model));
    let ten_years = 10 * 365 * 24;
    (ten_years..ten_years + 3).for_each(|hour| record(hour, &mut model));
    (72..80).for_each(|hour| record(hour, &mut model));
    model.assert_equal(&historian);
    // What is old goes all the same.
    (80..24 * 9).for_each(|hour| record(hour, &mut Model::default()));
    let rows =
        historian.range(historian.key("T0").unwrap(), Timestamp::from_ms(0), Timestamp::from_ms(i64::MAX)).unwrap();
    assert!(rows[0].source_time >= Timestamp::from_ms(START_MS + 24 * 5 * HOUR_MS), "{}", rows[0].source_time);
}

/// Every bit that changes either changes nothing that can be read, or is told; no value becomes another one.
#[test]
fn rotten_bits_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::default();
    {
        let historian = Historian::open(folder.path(), options()).unwrap();
        historian.register(&table(TAGS as usize)).unwrap();
        historian.link("upstream", Start::Now).unwrap();
        for number in 0..250 {
            historian.append(&batch(number)).unwrap();
            put(&mut model, number);
        }
    }
    let files: Vec<(PathBuf, Vec<u8>)> =
        files(folder.path()).into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    let all: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    let kinds = ["blocks", "log", "tags", "copy", "link"];
    for kind in kinds {
        assert!(files.iter().any(|(path, _)| path.to_string_lossy().ends_with(kind)), "no file of kind {kind}");
    }
    let (from, to) = (Timestamp::from_ms(i64::MIN), Timestamp::from_ms(i64::MAX));
    let mut random = SmallRng::seed_from_u64(7);
    let (mut told, mut harmless) = (0, 0);
    for _ in 0..many("HYPOCAUST_ROTTEN_BITS", 150) {
        let mut at = random.random_range(0..all * 8);
        // Every file gets its share, however short.
        let (path, bytes) = if random.random_bool(0.5) {
            let file = &files[random.random_range(0..files.len())];
            if file.1.is_empty() {
                continue;
            }
            at = random.random_range(0..file.1.len() * 8);
            file
        } else {
            files
                .iter()
                .find(|(_, bytes)| {
                    let here = at < bytes.len() * 8;
                    if !here {
                        at -= bytes.len() * 8;
                    }
                    here
                })
                .unwrap()
        };
        let mut rotten = bytes.clone();
        rotten[at / 8] ^= 1 << (at % 8);
        fs::write(path, &rotten).unwrap();
        let what = format!("bit {at} of {}", path.display());
        match Historian::read(folder.path(), options()) {
            Err(_) => told += 1,
            Ok(historian) => {
                let mut is_told = !historian.damage().is_empty();
                let mut missing = historian.tags().len() != TAGS as usize;
                for (key, tag) in historian.tags() {
                    let wanted = model.range(&tag.name, i64::MIN, i64::MAX);
                    let found = historian.salvage(key, from, to);
                    is_told |= !found.damage.is_empty();
                    missing |= found.readings != wanted;
                    // Where the first of two doubles is damaged the second one shows, under the damage told.
                    let given = found.readings.iter().all(|reading| model.was_given(&tag.name, reading));
                    assert!(given, "{what}: another value");
                }
                assert!(is_told || !missing, "{what}: rows are missing without a word");
                // What no query reads, a verification does.
                let verified = !historian.verify().damage.is_empty();
                assert!(verified || !is_told, "{what}: the verification overlooks it");
                if is_told || verified { told += 1 } else { harmless += 1 }
            }
        }
        fs::write(path, bytes).unwrap();
    }
    println!("{told} flipped bits told, {harmless} changed nothing, {all} bytes");
    assert_eq!(harmless, 0, "every byte is under a check sum");
}

#[test]
fn a_full_disk_loses_nothing_acknowledged() {
    for round in 0..many("HYPOCAUST_FULL_DISKS", 4) {
        let mut random = SmallRng::seed_from_u64(round as u64);
        let folder = tempfile::tempdir().unwrap();
        let disk = SmallDisk::default();
        *disk.free.lock().unwrap() = random.random_range(3_000..60_000);
        let options = Options { disk: Arc::new(disk.clone()), ..options() };
        let historian = Historian::open(folder.path(), options).unwrap();
        historian.register(&table(TAGS as usize)).unwrap();
        let mut model = Model::default();
        let (mut refused, mut trouble) = (0, 0);
        let mut number = 0;
        while number < 300 {
            match historian.append(&batch(number)) {
                Ok(_) => {
                    put(&mut model, number);
                    number += 1;
                }
                Err(error) => {
                    assert!(error.to_string().contains("full"), "{error}");
                    refused += 1;
                    if refused % 3 == 0 {
                        *disk.free.lock().unwrap() += random.random_range(0..20_000);
                    }
                }
            }
            trouble += usize::from(historian.trouble().is_some());
        }
        assert!(refused > 0 && trouble > 0, "the disk was never full");
        assert_holds(&historian, &model, number, "full disk");
        *disk.free.lock().unwrap() += 10_000_000;
        historian.tidy().unwrap();
        model.assert_equal(&historian);
        drop(historian);
        let historian = Historian::open(folder.path(), self::options()).unwrap();
        assert!(historian.damage().is_empty(), "{}", historian.damage());
        model.assert_equal(&historian);
    }
}

#[test]
fn a_clock_that_jumps_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let historian = Historian::open(folder.path(), options()).unwrap();
    historian.register(&table(2)).unwrap();
    let mut model = Model::default();
    let year = 365 * 24 * HOUR_MS;
    let mut clock = START_MS;
    for (jump, minutes) in [(0, 200), (year, 90), (-year, 300), (-2 * HOUR_MS, 400), (-3 * year, 30), (3 * year, 500)] {
        clock += jump;
        for _ in 0..minutes {
            clock += 60_000;
            let batch: Vec<Sample> = (0..2).map(|tag| sample(tag, clock, clock, clock as f64, Quality::Good)).collect();
            batch.iter().for_each(|sample| model.put(&format!("T{}", sample.tag.0), sample));
            historian.append(&batch).unwrap();
        }
    }
    model.assert_equal(&historian);
    historian.tidy().unwrap();
    // The log does not grow for ever because of a year that never came.
    let logs = fs::read_dir(folder.path().join("log")).unwrap().count();
    assert!(logs <= 3, "{logs} log files");
    drop(historian);
    let historian = Historian::open(folder.path(), options()).unwrap();
    model.assert_equal(&historian);
    assert!(historian.damage().is_empty());
}
