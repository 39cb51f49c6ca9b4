//! Storing and finding, without faults: against a map that does the same.

use std::sync::Arc;

use hypocaust::io::historian::{Historian, Options, Recorder};
use hypocaust::live::{Doubt, Fault, Quality, Sample, Timestamp};
use proptest::prelude::*;

use super::disk::QuickDisk;
use super::model::{HOUR_MS, Model, START_MS, named, sample, table};

/// One move of a random history.
#[derive(Clone, Debug)]
enum Move {
    /// A batch: clock moves by so much, then samples (tag, how late, value, quality).
    Batch { forward_ms: i64, samples: Vec<(u32, i64, f64, Quality)> },
    /// The program ends and starts again.
    Reopen,
    /// The table of tags is another one: other order, new names, some gone.
    Renumber(u32),
    /// All work that is due is done.
    Tidy,
}

fn quality() -> impl Strategy<Value = Quality> {
    prop_oneof![
        6 => Just(Quality::Good),
        1 => prop::sample::select(Doubt::ALL.to_vec()).prop_map(Quality::Uncertain),
        1 => prop::sample::select(Fault::ALL.to_vec()).prop_map(Quality::Bad),
    ]
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (400i32..900).prop_map(|tenths| f64::from(tenths) / 10.0),
        2 => any::<f32>().prop_map(f64::from),
        1 => any::<u64>().prop_map(f64::from_bits),
        1 => prop::sample::select(vec![f64::NAN, -0.0, 0.0, f64::NEG_INFINITY, f64::MAX, 5e-324]),
    ]
}

/// How late a sample is: mostly not, sometimes an hour or two, a day, months; sometimes ahead of the clock.
fn lateness() -> impl Strategy<Value = i64> {
    prop_oneof![
        12 => Just(0),
        3 => 0..3 * HOUR_MS,
        1 => 0..50 * HOUR_MS,
        1 => 0..2000 * HOUR_MS,
        1 => -30 * HOUR_MS..0,
    ]
    // Few instants, so that doubles happen.
    .prop_map(|ms| ms - ms.rem_euclid(60_000))
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let batch = (
        prop_oneof![6 => Just(60_000i64), 3 => 0..2 * HOUR_MS, 1 => 0..40 * HOUR_MS, 1 => -3 * HOUR_MS..0],
        prop::collection::vec((0u32..12, lateness(), value(), quality()), 0..40),
    )
        .prop_map(|(forward_ms, samples)| Move::Batch { forward_ms: forward_ms - forward_ms % 60_000, samples });
    let one = prop_oneof![20 => batch, 1 => Just(Move::Reopen), 1 => (0u32..4).prop_map(Move::Renumber), 1 => Just(Move::Tidy)];
    prop::collection::vec(one, 1..60)
}

fn names(seed: u32) -> Vec<String> {
    // Twelve of sixteen names, in an order of their own.
    (0..12).map(|n| format!("T{}", (n * 5 + seed * 3) % 16)).collect()
}

fn options() -> Options {
    // Small, so that everything that happens in a year at a large city happens here.
    Options { most_hot_rows: 150, rows_per_step: 16, disk: Arc::new(QuickDisk), ..Options::default() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_history_is_that_of_a_map(moves in moves(), questions in prop::collection::vec((0u32..16, 0..100i64, 0..30i64), 12)) {
        let folder = tempfile::tempdir().unwrap();
        let mut historian = Historian::open(folder.path(), options()).unwrap();
        let mut table = named(&names(0));
        historian.register(&table).unwrap();
        let mut model = Model::default();
        let mut clock = START_MS;
        for step in moves {
            match step {
                Move::Batch { forward_ms, samples } => {
                    clock += forward_ms;
                    let batch: Vec<Sample> = samples
                        .into_iter()
                        .map(|(tag, late, value, quality)| sample(tag, clock - late, clock, value, quality))
                        .collect();
                    batch.iter().for_each(|sample| model.put(&table.get(sample.tag).unwrap().name, sample));
                    let done = historian.append(&batch).unwrap();
                    prop_assert_eq!(done.refused, 0);
                    prop_assert_eq!(done.stored + done.doubles, batch.len());
                }
                Move::Reopen => {
                    drop(historian);
                    historian = Historian::open(folder.path(), options()).unwrap();
                    historian.register(&table).unwrap();
                }
                Move::Renumber(seed) => {
                    table = named(&names(seed));
                    historian.register(&table).unwrap();
                }
                Move::Tidy => historian.tidy().unwrap(),
            }
            prop_assert_eq!(historian.trouble(), None);
        }
        model.assert_equal(&historian);
        for (tag, hours, width) in questions {
            let from = clock - hours * HOUR_MS;
            let name = format!("T{tag}");
            if let Some(key) = historian.key(&name) {
                let to = from + width * HOUR_MS;
                let found = historian.range(key, Timestamp::from_ms(from), Timestamp::from_ms(to)).unwrap();
                prop_assert_eq!(found, model.range(&name, from, to));
            }
            model.assert_equal_at(&historian, from);
        }
        // The same after all is sealed and packed, and to a second program that only reads.
        historian.tidy().unwrap();
        model.assert_equal(&historian);
        model.assert_equal_at(&historian, clock);
        let reader = Historian::read(folder.path(), options()).unwrap();
        model.assert_equal(&reader);
        prop_assert!(reader.damage().is_empty() && reader.append(&[]).is_err());
        drop(historian);
        let historian = Historian::open(folder.path(), options()).unwrap();
        model.assert_equal(&historian);
        prop_assert!(historian.damage().is_empty() && historian.remarks().is_empty());
    }
}

#[test]
fn one_program_writes_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let first = Historian::open(folder.path(), Options::default()).unwrap();
    let second = Historian::open(folder.path(), Options::default()).unwrap_err();
    assert!(second.to_string().contains("another program is writing"), "{second}");
    assert!(Historian::read(folder.path(), Options::default()).is_ok());
    drop(first);
    assert!(Historian::open(folder.path(), Options::default()).is_ok());
    let nowhere = Historian::read(&folder.path().join("nothing"), Options::default()).unwrap_err();
    assert!(nowhere.to_string().contains("holds no historian"), "{nowhere}");
}

#[test]
fn what_cannot_be_stored_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let historian = Historian::open(folder.path(), Options::default()).unwrap();
    historian.register(&table(2)).unwrap();
    let batch = [
        sample(0, START_MS, START_MS, 1.0, Quality::Good),
        sample(0, START_MS, START_MS, 2.0, Quality::Good),
        sample(2, START_MS, START_MS, 3.0, Quality::Good),
        sample(1, i64::MAX, START_MS, 3.0, Quality::Good),
        sample(1, i64::MIN, START_MS, 3.0, Quality::Good),
    ];
    let done = historian.append(&batch).unwrap();
    assert_eq!((done.stored, done.doubles, done.refused), (1, 1, 3));
}

#[test]
fn a_recorder_stores_in_order_and_never_waits() {
    let folder = tempfile::tempdir().unwrap();
    let historian = Historian::open(folder.path(), Options::default()).unwrap();
    historian.register(&table(3)).unwrap();
    let recorder = Recorder::start(historian.clone(), 4).unwrap();
    let mut model = Model::default();
    let (mut refused, mut last) = (0, None);
    for minute in 0..500i64 {
        let ms = START_MS + minute * 60_000;
        let batch: Vec<Sample> = (0..3).map(|tag| sample(tag, ms, ms, minute as f64, Quality::Good)).collect();
        match recorder.offer(batch.clone()) {
            Ok(ticket) => {
                batch.iter().for_each(|sample| model.put(&format!("T{}", sample.tag.0), sample));
                last = Some(ticket);
            }
            Err(back) => {
                assert_eq!(back.0, batch);
                refused += 3;
            }
        }
    }
    let last = last.unwrap();
    assert!(recorder.wait(last, std::time::Duration::from_secs(60)));
    assert!(recorder.is_durable(last));
    let status = recorder.finish();
    assert_eq!((status.stored_samples, status.lost_samples), (model.len() as u64, refused));
    assert_eq!((status.acknowledged, status.waiting, status.error), (last.0, 0, None));
    model.assert_equal(&historian);
}
