//! Files of a large network: native text and tables, reading and writing, best of several.
//!
//! Run with `cargo bench --no-default-features --bench files [-- PIPES]`.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a measurement that fails has nothing to report")]

use std::path::Path;
use std::time::{Duration, Instant};

use hypocaust::io::{file, save, tables};
use hypocaust::network::generate::{GridLoops, GridParameters, grid};

const REPEATS: usize = 5;

fn main() {
    let pipes = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(100_000usize);
    let network = grid(&GridParameters::new(pipes, GridLoops::Share(0.02), 1));
    println!("{} nodes, {} links", network.node_count(), network.link_count());
    let (text, to_text) = best(|| file::to_string(&network).expect("a generated network can be written"));
    println!("native file: {:.1} MB", text.len() as f64 / 1e6);
    println!("  to text    {to_text:>10.3?}");
    let (back, from_text) = best(|| file::from_str(&text, Path::new("bench")).expect("what was written reads back"));
    println!("  from text  {from_text:>10.3?}");
    assert!(back.same_as(&network));
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("bench.hypocaust.json");
    let (_, saved) = best(|| save::atomic(&path, text.as_bytes()).expect("the temporary folder can be written"));
    println!("  to disk    {saved:>10.3?}");
    let place = folder.path().join("tables");
    let (_, written) = best(|| tables::write_folder(&place, &network).expect("the temporary folder can be written"));
    println!("tables\n  write      {written:>10.3?}");
    let (_, read) = best(|| tables::read_folder(&place).expect("what was written reads back"));
    println!("  read       {read:>10.3?}");
}

/// The last result and the shortest time.
fn best<T>(mut run: impl FnMut() -> T) -> (T, Duration) {
    let mut shortest = Duration::MAX;
    let mut once = || {
        let start = Instant::now();
        let result = run();
        shortest = shortest.min(start.elapsed());
        result
    };
    let mut result = once();
    for _ in 1..REPEATS {
        result = once();
    }
    (result, shortest)
}
