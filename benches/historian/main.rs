//! A reference day in the historian, beside plain rows in SQLite: 15 000 tags, one value a minute, 24 hours, 21.6 million
//! rows. Four tags in five are readings in tenths (temperatures), one in five is a raw single float (flows).
//!
//! Every batch is forced to the disk. Every answer is checked against the generator. "Cold" means that the system's page
//! cache was emptied first; where that is not permitted, the line says so.
//!
//! Run with `cargo bench --no-default-features --bench historian [-- [--hours N] [--batch N] [--folder PATH] [historian|sqlite]]`;
//! a week without the other historian with `… -- outage` (see [`outage`]).

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement that fails has nothing to report")]

mod outage;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hypocaust::io::historian::{Historian, Options};
use hypocaust::live::{Observed, Quality, Sample, Tag, TagId, TagTable, Timestamp};
use hypocaust::units::Quantity;

const TAGS: u32 = 15_000;
const MINUTE_MS: i64 = 60_000;
/// 2026-01-14 00:00 UTC.
const START_MS: i64 = 1_768_348_800_000;

struct Arguments {
    hours: i64,
    batch: usize,
    folder: Option<PathBuf>,
    postgres: Option<String>,
    crash: Option<String>,
    until_ms: Option<i64>,
    parts: Vec<String>,
}

fn arguments() -> Arguments {
    let mut out = Arguments {
        hours: 24,
        batch: 10_000,
        folder: None,
        postgres: None,
        crash: None,
        until_ms: None,
        parts: Vec::new(),
    };
    let mut given = std::env::args().skip(1);
    while let Some(word) = given.next() {
        match word.as_str() {
            "--hours" => out.hours = given.next().unwrap().parse().unwrap(),
            "--batch" => out.batch = given.next().unwrap().parse().unwrap(),
            "--folder" => out.folder = Some(given.next().unwrap().into()),
            "--postgres" => out.postgres = given.next(),
            "--crash" => out.crash = given.next(),
            "--until-ms" => out.until_ms = Some(given.next().unwrap().parse().unwrap()),
            "--bench" => {}
            _ => out.parts.push(word),
        }
    }
    out
}

/// Even bits of a number, the same for ever (SplitMix64).
fn scatter(seed: u64) -> u64 {
    let mut z = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Noise of deviation 1, about normal: the sum of four even numbers.
fn noise(seed: u64) -> f64 {
    let bits = scatter(seed);
    let sum: u64 = (0..4).map(|part| (bits >> (16 * part)) & 0xffff).sum();
    (sum as f64 / 65_535.0 - 2.0) * 3f64.sqrt()
}

/// The value of a tag in a minute: a daily swing and the noise of the instrument (0.2 K, or 2 % of flow).
fn value(tag: u32, minute: i64) -> f64 {
    let own = scatter(u64::from(tag)) as f64 / u64::MAX as f64;
    let swing = ((minute as f64 / 1440.0 + own) * std::f64::consts::TAU).sin();
    let noise = noise(u64::from(tag) << 32 | minute as u64);
    if tag % 5 == 4 {
        f64::from((10.0 + 90.0 * own) as f32 * (1.0 + 0.1 * swing as f32) * (1.0 + 0.02 * noise as f32))
    } else {
        ((40.0 + 50.0 * own + 4.0 * swing + 0.2 * noise) * 10.0).round() / 10.0
    }
}

/// All rows of the day in order of arrival, in batches.
fn batches(hours: i64, size: usize) -> impl Iterator<Item = Vec<Sample>> {
    let all = hours * 60 * i64::from(TAGS);
    (0..all).step_by(size).map(move |from| {
        (from..(from + size as i64).min(all))
            .map(|row| {
                let (minute, tag) = (row / i64::from(TAGS), (row % i64::from(TAGS)) as u32);
                let time = Timestamp::from_ms(START_MS + minute * MINUTE_MS);
                let value = value(tag, minute);
                Sample {
                    tag: TagId(tag),
                    source_time: time,
                    arrival_time: time.plus_ms(300),
                    value,
                    quality: Quality::Good,
                }
            })
            .collect()
    })
}

fn table() -> TagTable {
    let mut table = TagTable::default();
    for n in 0..TAGS {
        let name = format!("CS{:04}.AI{:02}", n / 30, n % 30);
        table.add(Tag::new(name, Observed::Other, Quantity::Number)).unwrap();
    }
    table
}

fn bytes_in(folder: &Path) -> u64 {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() { bytes_in(&path) } else { fs::metadata(path).unwrap().len() }
        })
        .sum()
}

/// Empties the system's page cache, where that is permitted.
fn empty_cache() -> &'static str {
    let synced = std::process::Command::new("sync").status().is_ok_and(|status| status.success());
    if synced && fs::write("/proc/sys/vm/drop_caches", "3").is_ok() { "cold" } else { "page cache NOT emptied" }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

struct Ingest {
    rows: usize,
    spent: Duration,
    times: Vec<Duration>,
}

impl Ingest {
    /// Stores every batch and times it; making the rows is not counted.
    fn of(hours: i64, size: usize, mut store: impl FnMut(&[Sample])) -> Ingest {
        let mut out = Ingest { rows: 0, spent: Duration::ZERO, times: Vec::new() };
        for batch in batches(hours, size) {
            let start = Instant::now();
            store(&batch);
            let time = start.elapsed();
            out.rows += batch.len();
            out.spent += time;
            out.times.push(time);
        }
        out
    }

    fn print(&mut self, name: &str) {
        self.times.sort_unstable();
        let at = |share: f64| milliseconds(self.times[((self.times.len() - 1) as f64 * share) as usize]);
        println!(
            "{name}: {} rows in {:.1} s = {:.0} rows/s; a batch takes {:.1} ms (median), {:.1} (99 %), {:.1} (longest)",
            self.rows,
            self.spent.as_secs_f64(),
            self.rows as f64 / self.spent.as_secs_f64(),
            at(0.5),
            at(0.99),
            at(1.0)
        );
    }
}

fn historian(given: &Arguments, folder: &Path) {
    let hours = given.hours;
    let historian = Historian::open(folder, Options::default()).unwrap();
    historian.register(&table()).unwrap();
    let mut ingest =
        Ingest::of(hours, given.batch, |batch| assert_eq!(historian.append(batch).unwrap().stored, batch.len()));
    ingest.print("historian");
    assert!(historian.trouble().is_none());
    // Ten minutes into the next day: its first value closes the day.
    let next = Timestamp::from_ms(START_MS + hours * 60 * MINUTE_MS + 10 * MINUTE_MS);
    let last = Sample { tag: TagId(0), source_time: next, arrival_time: next, value: 0.0, quality: Quality::Good };
    historian.append(&[last]).unwrap();
    let start = Instant::now();
    historian.tidy().unwrap();
    println!("  sealing the last hour and packing the day, in one go: {:.0} ms", milliseconds(start.elapsed()));
    let bytes = bytes_in(folder);
    println!("  {:.1} MB on disk = {:.2} bytes/row", bytes as f64 / 1e6, bytes as f64 / ingest.rows as f64);
    drop(historian);
    let cache = empty_cache();
    let start = Instant::now();
    let historian = Historian::open(folder, Options::default()).unwrap();
    println!("  opening: {:.1} ms ({cache})", milliseconds(start.elapsed()));
    historian.register(&table()).unwrap();
    let (from, to) = (Timestamp::from_ms(START_MS), Timestamp::from_ms(START_MS + hours * 60 * MINUTE_MS));
    for round in ["", "warm"] {
        for tag in [7_503u32, 7_504] {
            let cache = if round.is_empty() { empty_cache() } else { round };
            let key = historian.key_of(TagId(tag)).unwrap();
            let start = Instant::now();
            let found = historian.range(key, from, to).unwrap();
            println!("  one tag, {hours} h: {:.2} ms ({cache})", milliseconds(start.elapsed()));
            assert_eq!(found.len() as i64, hours * 60);
            assert!((0..).zip(&found).all(|(minute, reading)| reading.value.to_bits() == value(tag, minute).to_bits()));
        }
    }
    let middle = hours * 30 + 17;
    for round in ["", "warm"] {
        let cache = if round.is_empty() { empty_cache() } else { round };
        let start = Instant::now();
        let found = historian.at(Timestamp::from_ms(START_MS + middle * MINUTE_MS + 30_000), 1).unwrap();
        println!("  all tags at an instant: {:.1} ms ({cache})", milliseconds(start.elapsed()));
        assert!(
            (0..).zip(&found).all(|(tag, reading)| reading.unwrap().value.to_bits() == value(tag, middle).to_bits())
        );
    }
    let start = Instant::now();
    let found = historian.verify();
    assert!(found.damage.is_empty(), "{}", found.damage);
    println!("  verification of everything: {:.0} ms", milliseconds(start.elapsed()));
    let copy = folder.with_extension("backup");
    let start = Instant::now();
    historian.backup(&copy).unwrap();
    println!("  backup: {:.0} ms", milliseconds(start.elapsed()));
    fs::remove_dir_all(copy).unwrap();
}

/// One row each, keyed by time and tag: the fastest layout to write.
fn sqlite(given: &Arguments, folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    let path = folder.join("rows.sqlite");
    let mut connection = rusqlite::Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE history (ts INTEGER, tag INTEGER, value REAL, quality INTEGER, PRIMARY KEY (ts, tag)) WITHOUT ROWID;",
        )
        .unwrap();
    let mut ingest = Ingest::of(given.hours, given.batch, |batch| {
        let transaction = connection.transaction().unwrap();
        {
            let mut insert =
                transaction.prepare_cached("INSERT OR IGNORE INTO history VALUES (?1, ?2, ?3, ?4)").unwrap();
            for sample in batch {
                let row = (sample.source_time.ms(), sample.tag.0, sample.value, sample.quality.code());
                insert.execute(row).unwrap();
            }
        }
        transaction.commit().unwrap();
    });
    ingest.print("SQLite rows");
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let bytes = bytes_in(folder);
    println!("  {:.1} MB on disk = {:.2} bytes/row", bytes as f64 / 1e6, bytes as f64 / ingest.rows as f64);
    drop(connection);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let cache = empty_cache();
    let start = Instant::now();
    let tag = 7_503u32;
    let mut query = connection.prepare("SELECT ts, value FROM history WHERE tag = ?1 ORDER BY ts").unwrap();
    let found: Vec<(i64, f64)> =
        query.query_map([tag], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    println!("  one tag, {} h: {:.0} ms ({cache})", given.hours, milliseconds(start.elapsed()));
    assert!((0..).zip(&found).all(|(minute, row)| row.1.to_bits() == value(tag, minute).to_bits()));
    let middle = given.hours * 30 + 17;
    let start = Instant::now();
    let mut query = connection.prepare("SELECT tag, value FROM history WHERE ts = ?1").unwrap();
    let rows = query.query_map([START_MS + middle * MINUTE_MS], |row| row.get::<_, f64>(1)).unwrap();
    let found: Vec<f64> = rows.map(Result::unwrap).collect();
    println!("  all tags at an instant: {:.1} ms (warm)", milliseconds(start.elapsed()));
    assert_eq!(found.len(), TAGS as usize);
}

fn main() {
    let given = arguments();
    let temporary = tempfile::tempdir().unwrap();
    let folder = given.folder.clone().unwrap_or_else(|| temporary.path().to_owned());
    if given.parts.iter().any(|part| part == "send") {
        return outage::send(&given);
    }
    println!("{TAGS} tags, {} h, batches of {}", given.hours, given.batch);
    let wanted =
        |part: &str| (given.parts.is_empty() && part != "outage") || given.parts.iter().any(|given| given == part);
    if wanted("historian") {
        historian(&given, &folder.join("historian"));
    }
    if wanted("outage") {
        outage::measure(&given, &folder.join("outage"));
    }
    if wanted("sqlite") {
        sqlite(&given, &folder.join("sqlite"));
    }
}
