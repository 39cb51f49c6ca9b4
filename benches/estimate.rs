//! State estimation: what one estimate costs, at the demo city and at cities of up to 10 000 pipes.
//!
//! Columns: pipes and instruments; making the estimator (a solve among it); the first estimate, from the state by the
//! network's own data; a later one, when a minute has passed and nothing is wrong. Instruments are those of the standard's
//! appendices A and C at every source and substation and two pressures in 5 % of the chambers, with noise.
//!
//! Run with `cargo bench --no-default-features --bench estimate [-- PIPES …]`: best of several, one thread.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints its figures, and one that fails has nothing to report"
)]

#[path = "stopwatch.rs"]
mod stopwatch;

use std::sync::Arc;

use hypocaust::live::estimate::Estimator;
use hypocaust::live::estimate::trial::{Setup, instruments};
use hypocaust::live::{Quality, Readings, Sample, TagTable, Timestamp};
use hypocaust::network::Network;
use hypocaust::network::generate::{Parameters, city, demo_city};
use hypocaust::solver::{Options, Solution, Solver};
use stopwatch::Stopwatch;

/// Minutes estimated one after the other, and how often all of that.
const MINUTES: i64 = 6;
const TIMES: usize = 3;
/// Pipes to each substation, about as in the demo city.
const PIPES_OF_A_STATION: usize = 8;

fn main() {
    // `cargo bench` adds its own flag.
    let asked: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if asked.is_empty() { vec![1_000, 10_000] } else { asked };
    println!("pipes    nodes    instruments  made        first       later       steps");
    measure(demo_city());
    for pipes in sizes {
        let stations = (pipes / PIPES_OF_A_STATION).max(4);
        measure(city(&Parameters { stations, pipes, ..Parameters::default() }));
    }
}

fn measure(network: Network) {
    let solution = Solver::new().solve(&network, &Options::default());
    let tags = Arc::new(instruments(&network, &solution, &Setup::default(), 1));
    let network = Arc::new(network);
    let (mut made_s, mut first_s, mut later_s, mut steps) = (f64::MAX, f64::MAX, f64::MAX, 0);
    for _ in 0..TIMES {
        let watch = Stopwatch::start();
        let mut estimator = Estimator::new(network.clone(), tags.clone()).expect("a city can be estimated");
        made_s = watch.elapsed().as_secs_f64().min(made_s);
        for minute in 0..MINUTES {
            let samples = samples(&network, &solution, &tags, minute);
            let watch = Stopwatch::start();
            let estimate = estimator.estimate(&samples, Timestamp::from_ms(60_000 * minute));
            let taken_s = watch.elapsed().as_secs_f64();
            assert!(estimate.converged, "minute {minute} has not settled");
            if minute == 0 {
                first_s = taken_s.min(first_s);
            } else {
                later_s = taken_s.min(later_s);
                steps = estimate.iterations;
            }
        }
    }
    println!(
        "{:<8} {:<8} {:<12} {:>7.1} ms  {:>7.1} ms  {:>7.1} ms  {steps}",
        network.links().filter(|view| view.pipe().is_some()).count(),
        network.node_count(),
        tags.len(),
        1e3 * made_s,
        1e3 * first_s,
        1e3 * later_s,
    );
}

/// What the instruments show in a minute: the state with noise, the same in every run.
fn samples(network: &Network, solution: &Solution, tags: &TagTable, minute: i64) -> Vec<Sample> {
    let readings = Readings::new(network, tags.iter().map(|(_, tag)| tag));
    let at = Timestamp::from_ms(60_000 * minute);
    tags.iter()
        .enumerate()
        .map(|(place, (tag, own))| {
            let value = readings.get(network, solution, place).unwrap_or(f64::NAN);
            let deviation = own.deviation_si.unwrap_or(0.02 * value.abs());
            let noise = (12.9898 * place as f64 + 78.233 * minute as f64).sin();
            Sample { tag, source_time: at, arrival_time: at, value: value + deviation * noise, quality: Quality::Good }
        })
        .collect()
}
