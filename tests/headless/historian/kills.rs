//! The program is killed while it stores: a child of this test binary writes and says what was acknowledged, the parent
//! kills it and looks.
//!
//! Twelve kills here; HYPOCAUST_KILLS=1000 for many.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use hypocaust::io::historian::disk::RealDisk;
use hypocaust::io::historian::{Historian, Options};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::faults::{TAGS, assert_holds, batch, many, options, put};
use super::model::{Model, table};

const CHILD: &str = "HYPOCAUST_TEST_HISTORIAN";
const FIRST: &str = "HYPOCAUST_TEST_FIRST_BATCH";

/// Not a test of its own: the body of the child. Without its environment it has nothing to do.
#[test]
fn child() {
    let (Ok(folder), Ok(first)) = (std::env::var(CHILD), std::env::var(FIRST)) else { return };
    let options = Options { disk: Arc::new(RealDisk), ..options() };
    let historian = Historian::open(Path::new(&folder), options).unwrap();
    historian.register(&table(TAGS as usize)).unwrap();
    for number in first.parse().unwrap().. {
        let outcome = historian.append(&batch(number));
        let mut out = std::io::stdout().lock();
        match outcome {
            Ok(_) => writeln!(out, "acknowledged {number}").unwrap(),
            Err(error) => {
                writeln!(out, "refused {number} {error}").unwrap();
                return;
            }
        }
        out.flush().unwrap();
    }
}

fn start(folder: &Path, first: usize, limit_blocks: Option<usize>) -> Child {
    let binary = std::env::current_exe().unwrap();
    let mut command = match limit_blocks {
        // No file may grow past the limit; the signal that would end the process is ignored, so that writing fails.
        Some(blocks) => {
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"")).arg(binary);
            shell
        }
        None => Command::new(binary),
    };
    command
        .args(["--exact", "historian::kills::child", "--nocapture", "--test-threads=1"])
        .env(CHILD, folder)
        .env(FIRST, first.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command.spawn().unwrap()
}

/// Reads the child's words until `enough` says so; the number of batches acknowledged so far.
fn listen(child: &mut Child, mut acknowledged: usize, mut enough: impl FnMut(usize) -> bool) -> usize {
    let output = child.stdout.take().unwrap();
    for line in BufReader::new(output).lines() {
        // A line that the kill cut short says nothing.
        let line = line.unwrap_or_default();
        if let Some(number) = line.rsplit_once("acknowledged ").and_then(|(_, number)| number.parse::<usize>().ok()) {
            assert_eq!(number, acknowledged, "batches come in order");
            acknowledged = number + 1;
            if enough(acknowledged) {
                let _ = child.kill();
            }
        }
    }
    child.wait().unwrap();
    acknowledged
}

#[test]
fn a_kill_loses_nothing_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = SmallRng::seed_from_u64(11);
    let mut model = Model::default();
    let mut acknowledged = 0;
    for kill in 0..many("HYPOCAUST_KILLS", 12) {
        // A folder is begun anew now and then, so that the beginning is met too.
        if kill % 50 == 49 {
            std::fs::remove_dir_all(folder.path()).unwrap();
            std::fs::create_dir(folder.path()).unwrap();
            (model, acknowledged) = (Model::default(), 0);
        }
        let mut child = start(folder.path(), acknowledged, None);
        let after = acknowledged + random.random_range(1..120);
        let wait = Duration::from_micros(random.random_range(0..1500));
        let now = listen(&mut child, acknowledged, |batches| {
            let enough = batches >= after;
            if enough {
                // Not always at the same place of a step.
                std::thread::sleep(wait);
            }
            enough
        });
        (acknowledged..now).for_each(|number| put(&mut model, number));
        acknowledged = now;
        let historian = Historian::open(folder.path(), options()).unwrap();
        assert!(historian.damage().is_empty(), "kill {kill}: {}", historian.damage());
        // Every word the child said was read, so one batch at most was under way. It comes again.
        assert_holds(&historian, &model, acknowledged, &format!("kill {kill} after batch {acknowledged}"));
        put(&mut model, acknowledged);
        historian.register(&table(TAGS as usize)).unwrap();
        historian.append(&batch(acknowledged)).unwrap();
        acknowledged += 1;
    }
}

/// The system itself refuses to write on, in the middle of a batch.
#[cfg(target_os = "linux")]
#[test]
fn a_write_refused_by_the_system_loses_nothing_acknowledged() {
    for blocks in [3, 5, 8] {
        let folder = tempfile::tempdir().unwrap();
        let mut child = start(folder.path(), 0, Some(blocks));
        let acknowledged = listen(&mut child, 0, |batches| batches > 5_000);
        assert!(acknowledged < 5_000, "the limit of {blocks} blocks was never met");
        let mut model = Model::default();
        (0..acknowledged).for_each(|number| put(&mut model, number));
        let historian = Historian::open(folder.path(), options()).unwrap();
        assert!(historian.damage().is_empty(), "{}", historian.damage());
        model.assert_equal(&historian);
    }
}
