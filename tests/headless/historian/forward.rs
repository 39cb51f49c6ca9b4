//! Store and forward: the other side gets every row once and in order, however often either side is killed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hypocaust::io::historian::Historian;
use hypocaust::io::historian::forward::{Forwarder, Outgoing, Start, Target, TargetError};
use hypocaust::live::{Quality, Sample};
use proptest::prelude::*;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::faults::{TAGS, batch, options};
use super::model::{HOUR_MS, Model, START_MS, sample, table};

/// The other side: keeps what comes first, remembers the order, and breaks down on request.
#[derive(Clone, Default)]
struct Other {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    rows: BTreeMap<(String, i64), (u64, u8)>,
    /// Instants of each tag in the order in which they came first.
    order: BTreeMap<String, Vec<i64>>,
    received: usize,
    down: bool,
}

impl Other {
    fn take(&self, rows: &[Outgoing]) {
        let mut inner = self.inner.lock().unwrap();
        inner.received += rows.len();
        for row in rows {
            let key = (row.tag.to_string(), row.source_time.ms());
            if !inner.rows.contains_key(&key) {
                inner.order.entry(key.0.clone()).or_default().push(key.1);
                inner.rows.insert(key, (row.value.to_bits(), row.quality.code()));
            }
        }
    }

    fn assert_equal(&self, model: &Model) {
        let inner = self.inner.lock().unwrap();
        assert_eq!(inner.rows.len(), model.len(), "rows there and here");
        for ((tag, ms), &(bits, quality)) in &inner.rows {
            let here = model.range(tag, *ms, ms + 1);
            let here: Vec<_> = here.iter().map(|reading| (reading.value.to_bits(), reading.quality.code())).collect();
            assert_eq!(here, [(bits, quality)], "{tag} at {ms}");
        }
    }
}

impl Target for Other {
    fn store(&mut self, rows: &[Outgoing]) -> Result<(), TargetError> {
        if self.inner.lock().unwrap().down {
            return Err(TargetError("down".to_owned()));
        }
        self.take(rows);
        Ok(())
    }
}

/// Sends until nothing is left, or until something breaks: the other side before, in or after a parcel, or this one
/// between the other's commit and its own note of it.
fn send(historian: &Historian, other: &Other, random: &mut SmallRng, breaks: bool) {
    while let Some(parcel) = historian.parcel("upstream").unwrap() {
        match if breaks { random.random_range(0..8) } else { 7 } {
            0 => return,
            1 => return other.take(&parcel.rows[..random.random_range(0..=parcel.rows.len())]),
            2 => return other.take(&parcel.rows),
            _ => other.take(&parcel.rows),
        }
        historian.acknowledge("upstream", &parcel).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn every_row_arrives_once(seed in any::<u64>(), everything in any::<bool>()) {
        let mut random = SmallRng::seed_from_u64(seed);
        let folder = tempfile::tempdir().unwrap();
        let mut historian = Historian::open(folder.path(), options()).unwrap();
        historian.register(&table(TAGS as usize)).unwrap();
        let other = Other::default();
        let mut model = Model::default();
        let before = random.random_range(0..80);
        let put = |model: &mut Model, number: usize| {
            batch(number).iter().for_each(|sample| model.put(&format!("T{}", sample.tag.0), sample));
        };
        let mut all = Model::default();
        for number in 0..before {
            historian.append(&batch(number)).unwrap();
            put(&mut all, number);
            if everything {
                put(&mut model, number);
            }
        }
        historian.link("upstream", if everything { Start::Everything } else { Start::Now }).unwrap();
        let mut outage = 0;
        for number in before..before + 250 {
            historian.append(&batch(number)).unwrap();
            put(&mut model, number);
            put(&mut all, number);
            if random.random_bool(0.01) {
                drop(historian);
                historian = Historian::open(folder.path(), options()).unwrap();
                historian.register(&table(TAGS as usize)).unwrap();
            }
            if outage == 0 {
                send(&historian, &other, &mut random, true);
                if random.random_bool(0.03) {
                    outage = random.random_range(1..120);
                }
            } else {
                outage -= 1;
            }
        }
        send(&historian, &other, &mut random, false);
        prop_assert_eq!(historian.backlog("upstream"), Default::default());
        if everything {
            other.assert_equal(&model);
        } else {
            // An hour that the link saw in part may come whole; nothing that was never given.
            let inner = other.inner.lock().unwrap();
            prop_assert!(inner.rows.len() >= model.len() && inner.rows.len() <= all.len());
            for (tag, ms) in inner.rows.keys() {
                prop_assert_eq!(all.range(tag, *ms, ms + 1).len(), 1);
            }
        }
    }
}

/// A week without the other side: all of it comes afterwards, hour after hour, each tag in order of time.
#[test]
fn a_week_without_the_other_side_is_made_up_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let historian = Historian::open(folder.path(), options()).unwrap();
    historian.register(&table(5)).unwrap();
    historian.link("upstream", Start::Now).unwrap();
    let other = Other::default();
    other.inner.lock().unwrap().down = true;
    let forwarder = Forwarder::start(historian.clone(), "upstream", Box::new(other.clone())).unwrap();
    let mut model = Model::default();
    let mut record = |minute: i64| {
        let ms = START_MS + minute * 60_000;
        let samples: Vec<Sample> =
            (0..5).map(|tag| sample(tag, ms, ms, (minute * 7 % 11) as f64 / 10.0, Quality::Good)).collect();
        samples.iter().for_each(|sample| model.put(&format!("T{}", sample.tag.0), sample));
        historian.append(&samples).unwrap();
    };
    // Twenty minutes at a time: a week of minutes would take the test a minute.
    (0..7 * 72).for_each(|step| record(step * 20));
    let backlog = historian.backlog("upstream");
    assert!(backlog.hours >= 165, "{backlog:?}");
    let start = Instant::now();
    while forwarder.status().failures == 0 {
        assert!(start.elapsed() < Duration::from_secs(120), "{:?}", forwarder.status());
        std::thread::sleep(Duration::from_millis(20));
    }
    let on_disk: u64 =
        std::fs::read_dir(folder.path().join("log")).unwrap().map(|f| f.unwrap().metadata().unwrap().len()).sum();
    assert!(on_disk < 20_000, "{on_disk} bytes in the log: the week stands there twice");
    other.inner.lock().unwrap().down = false;
    let start = Instant::now();
    while historian.backlog("upstream") != Default::default() {
        assert!(start.elapsed() < Duration::from_secs(120), "{:?}", forwarder.status());
        std::thread::sleep(Duration::from_millis(20));
    }
    // Live again.
    (7 * 72..7 * 72 + 30).for_each(|step| record(step * 20));
    while historian.backlog("upstream") != Default::default() {
        assert!(start.elapsed() < Duration::from_secs(120), "{:?}", forwarder.status());
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(forwarder);
    other.assert_equal(&model);
    let inner = other.inner.lock().unwrap();
    assert!(inner.order.values().all(|instants| instants.is_sorted()), "rows came out of order");
    assert!(inner.received < model.len() * 11 / 10, "{} sent for {} rows", inner.received, model.len());
}

/// Rows that come late for an hour that was sent long ago are sent too.
#[test]
fn late_rows_follow() {
    let folder = tempfile::tempdir().unwrap();
    let historian = Historian::open(folder.path(), options()).unwrap();
    historian.register(&table(1)).unwrap();
    historian.link("upstream", Start::Now).unwrap();
    let other = Other::default();
    let mut random = SmallRng::seed_from_u64(1);
    let mut model = Model::default();
    let mut record = |source_ms: i64, arrival_ms: i64| {
        let sample = sample(0, source_ms, arrival_ms, 1.5, Quality::Good);
        model.put("T0", &sample);
        historian.append(&[sample]).unwrap();
    };
    (0..300).for_each(|step| record(START_MS + step * 600_000, START_MS + step * 600_000));
    send(&historian, &other, &mut random, false);
    // The link is down while they come and while they are sealed.
    let now = START_MS + 300 * 600_000;
    (0..50).for_each(|step| record(START_MS + step * 900_000 + 1, now));
    (0..20).for_each(|step| record(now + step * 600_000, now + step * 600_000));
    historian.tidy().unwrap();
    assert!(historian.backlog("upstream").hours > 10);
    send(&historian, &other, &mut random, false);
    other.assert_equal(&model);
    assert_eq!(HOUR_MS, 3_600_000);
}
