//! Files of a history spoilt in every way that disks, programs and people spoil files: bits and stretches changed, cut, put
//! in, moved, files exchanged, files of another history put in their place. Nothing panics, no value is shown that was not
//! given for its tag and instant, and what is missing is told.
//!
//! A thousand cases here; HYPOCAUST_FUZZ_SECONDS=600 for so long, each time with other numbers.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hypocaust::io::historian::Historian;
use hypocaust::io::historian::forward::Start;
use hypocaust::live::{Sample, TagId, Timestamp};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::faults::{TAGS, batch, files, options};
use super::model::{Model, named, table};

/// A history on disk: path below its folder, and content.
type Files = Vec<(PathBuf, Vec<u8>)>;

/// Records some batches; what is on the disk then, and what was given. `shift` gives the same instants other values and
/// the numbers of tags another meaning.
fn history(shift: u32) -> (Files, Model) {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::default();
    {
        let historian = Historian::open(folder.path(), options()).unwrap();
        let names: Vec<String> = (0..TAGS).map(|tag| format!("T{}", (tag + shift) % TAGS)).collect();
        historian.register(&named(&names)).unwrap();
        historian.link("upstream", Start::Now).unwrap();
        for number in 0..230 {
            let samples: Vec<Sample> = batch(number)
                .into_iter()
                .map(|sample| Sample { value: sample.value + f64::from(shift), ..sample })
                .collect();
            historian.append(&samples).unwrap();
            samples.iter().for_each(|sample| model.put(&names[sample.tag.index()], sample));
        }
    }
    let below = |path: PathBuf| path.strip_prefix(folder.path()).unwrap().to_owned();
    let read = |path: PathBuf| (below(path.clone()), fs::read(path).unwrap());
    (files(folder.path()).into_iter().map(read).filter(|(path, _)| !path.ends_with("lock")).collect(), model)
}

fn write(folder: &Path, files: &Files) {
    for (path, bytes) in files {
        fs::create_dir_all(folder.join(path).parent().unwrap()).unwrap();
        fs::write(folder.join(path), bytes).unwrap();
    }
}

fn stretch(random: &mut SmallRng, length: usize) -> std::ops::Range<usize> {
    let from = random.random_range(0..=length);
    // Mostly short, now and then the rest of the file.
    let most = (length - from).min(if random.random_bool(0.8) { 40 } else { usize::MAX });
    from..from + random.random_range(0..=most)
}

/// Spoils one file; says how. `None` where the change left everything as it was.
fn spoil(files: &mut Files, own: &Files, foreign: &Files, random: &mut SmallRng) -> Option<String> {
    let at = random.random_range(0..files.len());
    let kind = |path: &Path| path.extension().map(|ending| ending.to_owned());
    let path = files[at].0.clone();
    let before = files[at].1.clone();
    let bytes = &mut files[at].1;
    // Where bytes come from that belong elsewhere: a file of the same kind, of this history or of the other.
    let source = if random.random_bool(0.5) { own } else { foreign };
    let alike: Vec<&Vec<u8>> =
        source.iter().filter(|(other, _)| kind(other) == kind(&path)).map(|(_, bytes)| bytes).collect();
    let other = alike.get(random.random_range(0..alike.len().max(1))).copied();
    let range = stretch(random, bytes.len());
    let how = match random.random_range(0..11) {
        0 | 1 => {
            for _ in 0..random.random_range(1..=4) {
                if !bytes.is_empty() {
                    let bit = random.random_range(0..bytes.len() * 8);
                    bytes[bit / 8] ^= 1 << (bit % 8);
                }
            }
            "bits"
        }
        2 => {
            bytes[range].iter_mut().for_each(|byte| *byte = random.random());
            "any bytes"
        }
        3 => {
            let fill = [0, 0xff][random.random_range(0..2)];
            bytes[range].fill(fill);
            "one byte again and again"
        }
        4 => {
            bytes.truncate(range.start);
            "cut"
        }
        5 => {
            bytes.drain(range);
            "a piece taken out"
        }
        6 => {
            let piece = bytes[range.clone()].to_vec();
            bytes.splice(range.end..range.end, piece);
            "a piece twice"
        }
        7 => {
            let to = random.random_range(0..=bytes.len());
            let piece = bytes[range].to_vec();
            let end = (to + piece.len()).min(bytes.len());
            bytes.splice(to..end, piece);
            "a piece over another"
        }
        8 => {
            // The same place of a file of the same form: what fits best.
            let other = other?;
            let range = range.start.min(other.len())..range.end.min(other.len());
            bytes.splice(range.clone(), other[range].iter().copied());
            "a piece of another file"
        }
        9 => {
            bytes.clone_from(other?);
            "another file"
        }
        _ => {
            let more = stretch(random, before.len());
            bytes.extend_from_slice(&before[more]);
            "more at the end"
        }
    };
    (*bytes != before).then(|| format!("{} ({how})", path.display()))
}

#[test]
fn no_spoilt_file_makes_a_value_up() {
    let seconds: Option<u64> =
        std::env::var("HYPOCAUST_FUZZ_SECONDS").ok().map(|text| text.parse().expect("a number of seconds"));
    let ((own, model), (foreign, _)) = (history(0), history(5));
    assert!(own.len() > 8, "{}", own.len());
    let (start, first) = (Instant::now(), if seconds.is_some() { rand::random::<u64>() >> 1 } else { 0 });
    let (mut cases, mut told, mut refused, mut resumed) = (0u64, 0, 0, 0);
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &own);
    loop {
        match seconds {
            Some(seconds) if start.elapsed() >= Duration::from_secs(seconds) => break,
            None if cases == 1000 => break,
            _ => {}
        }
        let seed = first + cases;
        cases += 1;
        let mut random = SmallRng::seed_from_u64(seed);
        let mut spoilt = own.clone();
        let times = if random.random_bool(0.7) { 1 } else { random.random_range(2..5) };
        let how: Vec<String> = (0..times).filter_map(|_| spoil(&mut spoilt, &own, &foreign, &mut random)).collect();
        if how.is_empty() {
            continue;
        }
        let what = format!("case {seed}: {}", how.join(", "));
        let goes_on = random.random_bool(0.15);
        let changed: Files = spoilt.into_iter().zip(&own).filter(|(a, b)| a != *b).map(|(a, _)| a).collect();
        write(folder.path(), &changed);
        match if goes_on {
            Historian::open(folder.path(), options())
        } else {
            Historian::read(folder.path(), options())
        } {
            Err(_) => refused += 1,
            Ok(historian) => {
                told += u64::from(look(&historian, &model, &changed, &what));
                if goes_on && historian.register(&table(TAGS as usize)).is_ok() {
                    resumed += 1;
                    go_on(&historian, &model, &what);
                }
            }
        }
        if goes_on {
            fs::remove_dir_all(folder.path()).unwrap();
            write(folder.path(), &own);
        } else {
            write(
                folder.path(),
                &changed.iter().map(|(path, _)| own.iter().find(|file| file.0 == *path).unwrap().clone()).collect(),
            );
        }
    }
    println!("{cases} cases: {told} told, {refused} not opened, {resumed} recorded on, from seed {first}");
    assert!(told > cases / 3);
}

/// Reads everything; whether something was told.
fn look(historian: &Historian, model: &Model, changed: &Files, what: &str) -> bool {
    let (from, to) = (Timestamp::from_ms(i64::MIN), Timestamp::from_ms(i64::MAX));
    let mut told = !historian.damage().is_empty();
    let mut missing = historian.tags().len() != TAGS as usize;
    for (key, tag) in historian.tags() {
        let found = historian.salvage(key, from, to);
        told |= !found.damage.is_empty();
        for reading in &found.readings {
            assert!(model.was_given(&tag.name, reading), "{what}: {} shows {reading:?}", tag.name);
        }
        missing |= found.readings.len() != model.range(&tag.name, i64::MIN, i64::MAX).len();
    }
    told |= !historian.verify().damage.is_empty();
    // A log cut where a batch ends, or within one, is what a power cut leaves of batches that nobody acknowledged: no file
    // can tell the difference.
    let cut = |(path, _): &(PathBuf, Vec<u8>)| path.extension().is_some_and(|ending| ending == "log");
    assert!(told || !missing || changed.iter().any(cut), "{what}: rows are missing without a word");
    told
}

/// Recording goes on over the damage: nothing panics, and what is recorded then is there.
fn go_on(historian: &Historian, model: &Model, what: &str) {
    let mut model = model.clone();
    for number in 400..440 {
        historian.append(&batch(number)).unwrap_or_else(|error| panic!("{what}: {error}"));
        batch(number).iter().for_each(|sample| model.put(&format!("T{}", sample.tag.0), sample));
    }
    // What is damaged may keep a day from being packed.
    let _ = historian.tidy();
    let (from, to) = (Timestamp::from_ms(i64::MIN), Timestamp::from_ms(i64::MAX));
    for tag in 0..TAGS {
        let name = format!("T{tag}");
        let key = historian.key_of(TagId(tag)).unwrap();
        let found = historian.salvage(key, from, to).readings;
        for reading in &found {
            assert!(model.was_given(&name, reading), "{what}, recorded on: {name} shows {reading:?}");
        }
        let late: Vec<_> =
            batch(439).iter().filter(|sample| sample.tag.0 == tag).map(|sample| sample.source_time).collect();
        for time in late {
            assert!(found.iter().any(|reading| reading.source_time == time), "{what}: {name} at {time} is not there");
        }
    }
    while let Ok(Some(parcel)) = historian.parcel("upstream") {
        if historian.acknowledge("upstream", &parcel).is_err() {
            break;
        }
    }
}
