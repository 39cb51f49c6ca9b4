//! The live side from the sample to the disk, for hours and days of a clock that is only told: screening, alarms, curves,
//! pictures, and the historian with packing and thinning. What comes is kept, and memory does not grow.
//!
//! Devices fall silent and send late what they kept, instruments stick and spike, somebody acknowledges alarms, the clock
//! of the computer jumps. Memory is counted for the whole process, so the test runs itself again, alone in one of its
//! own. A sample of every tag every ten seconds; seven hours of few tags here, HYPOCAUST_SOAK_HOURS=24 (or 72: then days
//! are thinned, too) for long, with all tags of the demo city, on the real disk, and with what the system says the process
//! takes.

use std::io::{Read, Seek, SeekFrom, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;

use hypocaust::cli::{most_memory, watch_memory};
use hypocaust::io::field::MapOptions;
use hypocaust::io::field::map::device_map;
use hypocaust::io::historian::disk::{Disk, RealDisk};
use hypocaust::io::historian::{Historian, Options, Reading};
use hypocaust::live::{Fault, Quality, Readings, Sample, TagId, TagTable, Timestamp};
use hypocaust::network::generate::demo_city;
use hypocaust::session::live::{Intake, Points};
use hypocaust::solver::{Options as SolveOptions, Solver};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::historian::QuickDisk;

const ALONE: &str = "HYPOCAUST_TEST_ALONE";
const HOURS: &str = "HYPOCAUST_SOAK_HOURS";
const HOUR_MS: i64 = 3_600_000;
/// 2026-01-14 19:00 UTC: midnight, when days are packed, comes soon.
const START_MS: i64 = 1_768_417_200_000;
const PERIOD_MS: i64 = 10_000;

#[test]
fn memory_does_not_grow_and_what_comes_is_kept() {
    if std::env::var_os(ALONE).is_some() {
        let hours: Option<i64> = std::env::var(HOURS).ok().map(|text| text.parse().expect("a number of hours"));
        soak(hours.unwrap_or(7), hours.is_some());
        return;
    }
    let name = "live_soak::memory_does_not_grow_and_what_comes_is_kept";
    let alone = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--test-threads=1", "--nocapture"])
        .env(ALONE, "1")
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&alone.stdout);
    println!("{said}");
    assert!(alone.status.success() && said.contains("1 passed"));
}

/// What the system says the process takes, MB; 0 where it does not say.
fn resident_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok()).map_or(0.0, |kb| kb / 1024.0)
}

/// The field: what every instrument shows, and what is wrong with it.
struct Field {
    tags: Arc<TagTable>,
    true_values: Vec<f64>,
    /// Devices by tag.
    device: Vec<usize>,
    devices: usize,
    random: SmallRng,
    /// What silent devices keep to send later.
    kept: Vec<Sample>,
}

impl Field {
    /// All samples of an instant. `hour` says which devices are silent: others each hour, for half of it.
    fn say(&mut self, source: Timestamp, arrival: Timestamp, minute: i64) -> Vec<Sample> {
        let silent = (minute % 60 < 30).then_some((minute / 60) as usize % self.devices);
        let mut out = Vec::with_capacity(self.true_values.len());
        for (place, (tag, _)) in self.tags.iter().enumerate() {
            let swing = (minute as f64 / 1440.0 * std::f64::consts::TAU).sin();
            let noise: f64 = self.random.random::<f64>() - 0.5;
            let true_value = self.true_values[place];
            // One in 500 sticks, one sample in 20 000 is a spike.
            let mut value =
                if place % 500 == 77 { true_value } else { true_value * (1.0 + 0.03 * swing + 0.004 * noise) };
            if self.random.random_bool(5e-5) {
                value *= 3.0;
            }
            let value = (value * 100.0).round() / 100.0;
            let sample = Sample { tag, source_time: source, arrival_time: arrival, value, quality: Quality::Good };
            if silent == Some(self.device[place]) {
                let lost = Sample { value: f64::NAN, quality: Quality::Bad(Fault::Communication), ..sample };
                // Stamped when the silence was noticed, so that the value sent later has an instant of its own.
                out.push(Sample { source_time: source.plus_ms(1), ..lost });
                self.kept.push(sample);
            } else {
                out.push(sample);
            }
        }
        if minute % 60 == 30 {
            out.extend(self.kept.drain(..).map(|sample| Sample { arrival_time: arrival, ..sample }));
        }
        out
    }
}

/// One tag in so many, of the demo city.
fn field(one_in: usize) -> (hypocaust::network::Network, Field, Intake) {
    let network = demo_city();
    let steady = Solver::new().solve(&network, &SolveOptions::default());
    let map = device_map(&network, &steady, &MapOptions { port_base: 1, ..MapOptions::default() });
    let mut tags = TagTable::default();
    for (_, tag) in map.tags().unwrap().iter().step_by(one_in) {
        tags.add(tag.clone()).unwrap();
    }
    let tags = Arc::new(tags);
    let readings = Readings::new(&network, tags.iter().map(|(_, tag)| tag));
    let true_values = (0..tags.len()).map(|place| readings.get(&network, &steady, place).unwrap_or(1.0)).collect();
    let names: Vec<&Arc<str>> = map.devices.iter().map(|device| &device.name).collect();
    let device = tags.iter().map(|(_, tag)| names.iter().position(|name| **name == tag.device).unwrap()).collect();
    let intake = Intake::new(Arc::new(Points::new(tags.clone(), &network)), &network, [], Timestamp::from_ms(START_MS));
    let random = SmallRng::seed_from_u64(5);
    (network, Field { tags, true_values, device, devices: names.len(), random, kept: Vec::new() }, intake)
}

/// Samples of some tags as they left the screening, in a file: memory is what is measured.
struct Watched {
    file: std::io::BufWriter<std::fs::File>,
    one_in: u32,
}

impl Watched {
    fn put(&mut self, samples: &[Sample]) {
        for sample in samples.iter().filter(|sample| sample.tag.0.is_multiple_of(self.one_in)) {
            let mut record = [0; 21];
            record[..4].copy_from_slice(&sample.tag.0.to_le_bytes());
            record[4..12].copy_from_slice(&sample.source_time.ms().to_le_bytes());
            record[12..20].copy_from_slice(&sample.value.to_le_bytes());
            record[20] = sample.quality.code();
            self.file.write_all(&record).unwrap();
        }
    }

    /// By tag and instant.
    fn all(self) -> Vec<(TagId, Reading)> {
        let mut file = self.file.into_inner().unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        let record = |record: &[u8]| {
            let number = |at: usize| u64::from_le_bytes(record[at..at + 8].try_into().unwrap());
            let reading = Reading {
                source_time: Timestamp::from_ms(number(4) as i64),
                value: f64::from_bits(number(12)),
                quality: Quality::of_code(record[20]).unwrap(),
            };
            (TagId(u32::from_le_bytes(record[..4].try_into().unwrap())), reading)
        };
        let mut all: Vec<_> = bytes.chunks_exact(21).map(record).collect();
        all.sort_by_key(|(tag, reading)| (*tag, reading.source_time));
        all
    }
}

fn soak(hours: i64, is_long: bool) {
    let folder = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Disk> = if is_long { Arc::new(RealDisk) } else { Arc::new(QuickDisk) };
    let options = Options { disk, keep_days: Some(1), ..Options::default() };
    let historian = Historian::open(folder.path(), options).unwrap();
    let (_network, mut field, mut intake) = field(if is_long { 1 } else { 12 });
    historian.register(&field.tags).unwrap();
    let file = std::io::BufWriter::new(tempfile::tempfile().unwrap());
    let mut watched = Watched { file, one_in: if is_long { 211 } else { 17 } };
    let (mut given, mut stored, mut happened) = (0, 0, 0);
    // At the end of each hour: bytes in use, and what the system says.
    let mut by_hour: Vec<(usize, f64)> = Vec::new();
    for step in 0..hours * HOUR_MS / PERIOD_MS {
        let source = Timestamp::from_ms(START_MS + step * PERIOD_MS);
        let minute = step * PERIOD_MS / 60_000;
        // The clock of the computer is three hours ahead for an hour, and an hour behind for another.
        let jump_ms = match minute / 60 {
            3 => 3 * HOUR_MS,
            5 => -HOUR_MS,
            _ => 0,
        };
        let now = source.plus_ms(400 + jump_ms);
        let mut samples = field.say(source, now, minute);
        intake.take(now, &mut samples);
        given += samples.len();
        watched.put(&samples);
        stored += historian.append(&samples).unwrap().stored;
        assert!(historian.trouble().is_none(), "{:?}", historian.trouble());
        for later_ms in [0, 200, 400] {
            intake.tick(now.plus_ms(later_ms));
        }
        happened += intake.happened().len();
        if step * PERIOD_MS % 60_000 == 0 {
            let picture = intake.picture(now, Vec::new(), 0, Default::default(), Default::default());
            assert_eq!(picture.samples, given as u64);
        }
        if step * PERIOD_MS % HOUR_MS == 0 {
            let waiting = intake.waiting(None);
            intake.acknowledge(now, &waiting, "li");
        }
        if (step + 1) * PERIOD_MS % HOUR_MS == 0 {
            let most = most_memory();
            by_hour.push((watch_memory(), resident_mb()));
            println!(
                "hour {}: {:.1} MB in use, at most {:.1}, {:.1} MB resident, {} alarms",
                by_hour.len(),
                by_hour[by_hour.len() - 1].0 as f64 / 1e6,
                most as f64 / 1e6,
                resident_mb(),
                intake.picture(now, Vec::new(), 0, Default::default(), Default::default()).alarms.active()
            );
        }
    }
    assert_eq!(given, stored, "every sample has an instant of its own");
    assert_kept(&historian, &watched.all());
    assert!(historian.verify().damage.is_empty());
    // Warm: the first quarter is over. Of what is in use the least counts in each of two stretches, because a clock set back
    // makes more rows wait for a while; of what the system gave, the most.
    let warm = &by_hour[by_hour.len() / 4..];
    let (before, after) = warm.split_at(warm.len() / 2);
    let of = |stretch: &[(usize, f64)]| {
        let bytes = stretch.iter().map(|hour| hour.0).min().unwrap() as f64;
        (bytes, stretch.iter().map(|hour| hour.1).fold(0.0, f64::max))
    };
    let ((bytes_before, resident_before), (bytes_after, resident_after)) = (of(before), of(after));
    println!(
        "{given} samples and {happened} events of alarms in {hours} h; from one half of the warm hours to the other bytes in use change by {:+.1} %, resident by {:+.1} %",
        100.0 * (bytes_after / bytes_before - 1.0),
        100.0 * (resident_after / resident_before - 1.0)
    );
    assert!(bytes_after < 1.05 * bytes_before, "{by_hour:?}");
    // What the allocator gives back to the system, and when, is only worth asking over a long time.
    assert!(!is_long || resident_after < 1.05 * resident_before, "{by_hour:?}");
}

/// Every row of the watched tags is there as it left the screening; of thinned days the rows are gone, all of them.
fn assert_kept(historian: &Historian, watched: &[(TagId, Reading)]) {
    let (from, to) = (Timestamp::from_ms(i64::MIN), Timestamp::from_ms(i64::MAX));
    let mut tags = 0;
    for of_tag in watched.chunk_by(|a, b| a.0 == b.0) {
        let tag = of_tag[0].0;
        let found = historian.range(historian.key_of(tag).unwrap(), from, to).unwrap();
        let first = found.first().unwrap().source_time;
        let begins = first.ms() == START_MS || first.ms().rem_euclid(24 * HOUR_MS) < PERIOD_MS;
        assert!(begins, "{first}");
        let wanted = of_tag.iter().map(|(_, reading)| *reading).filter(|reading| reading.source_time >= first);
        assert_eq!(found, wanted.collect::<Vec<_>>(), "{tag:?}");
        tags += 1;
    }
    assert!(tags > 10);
}
