//! Hydraulic solves from 100 to 100 000 pipes: cold (a network never solved before) and after closing one valve.
//!
//! Below that, how far the hydraulics are from what the memory could deliver: bytes touched and time, per iteration and
//! around the iterations, beside the bandwidth measured in the same run.
//!
//! Columns: the flat problem built from the network in fresh memory; a whole cold solve, by a solver that has forgotten
//! everything but keeps its memory; a solve after one pipe's resistance has changed, which follows the change row by row.
//!
//! Run with `cargo bench --no-default-features --bench solver [-- LARGEST]`: best of several, one thread. On Linux the
//! time is that of the thread on a processor, so that other programs disturb little; elsewhere that of the wall.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

#[path = "stopwatch.rs"]
mod stopwatch;

use std::time::{Duration, Instant};

use stopwatch::Stopwatch;

use hypocaust::network::generate::{GridLoops, GridParameters, grid};
use hypocaust::network::{ElementRef, Network, edit::Edit};
use hypocaust::solver::hydraulic::Hydraulics;
use hypocaust::solver::problem::Problem;
use hypocaust::solver::{Mode, Options, Solution, Solver};

const CASES: [(GridLoops, &str); 3] =
    [(GridLoops::Share(0.02), "2 %"), (GridLoops::Share(0.12), "12 %"), (GridLoops::Meshed, "mesh")];

fn main() {
    let largest = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(100_000usize);
    println!(
        "{:>8} {:>6} {:>10} {:>10} {:>10} {:>4} {:>9}",
        "pipes", "loops", "problem", "cold", "resistance", "it.", "residual"
    );
    for (loops, name) in CASES {
        for pipes in [100, 1_000, 5_000, 10_000, 50_000, 100_000] {
            if pipes <= largest {
                measure(&grid(&GridParameters::new(pipes, loops, 1)), name);
            }
        }
    }
    let [near, far] = [1 << 17, 1 << 25].map(bandwidth_gb_s);
    println!("\nbandwidth of a = b + s c: {near:.1} GB/s over 3 MB, {far:.1} GB/s over 800 MB");
    println!(
        "{:>8} {:>6} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "pipes", "loops", "leaves", "pieces", "unknowns", "factor", "MB/it.", "ms/it.", "MB around", "ms around"
    );
    for (loops, name) in CASES {
        for pipes in [10_000, 100_000] {
            if pipes <= largest {
                against_memory(&grid(&GridParameters::new(pipes, loops, 1)), name);
            }
        }
    }
}

/// Bytes read and written per second by one thread in a sweep over three columns of this length, best of several.
fn bandwidth_gb_s(length: usize) -> f64 {
    let (b, c) = (vec![1.5f64; length], vec![0.5f64; length]);
    let mut a = vec![0.0f64; length];
    let sweeps = ((1usize << 25) / length).max(1);
    let mut best = Duration::MAX;
    for _ in 0..7 {
        let start = Instant::now();
        for _ in 0..sweeps {
            for ((a, b), c) in a.iter_mut().zip(&b).zip(&c) {
                *a = b + 3.0 * c;
            }
            std::hint::black_box(&mut a);
        }
        best = best.min(start.elapsed());
    }
    (24 * length * sweeps) as f64 / best.as_secs_f64() / 1e9
}

/// Time of the hydraulics alone, split into iterations and what is around them by cutting the iteration short.
fn against_memory(network: &Network, name: &str) {
    let Ok(problem) = Problem::new(network) else { return };
    let repeats = (400_000 / network.link_count()).clamp(8, 40);
    let time = |max_iterations: u32| {
        let options = Options { mode: Mode::Hydraulic, max_iterations, ..Options::default() };
        let mut best = Duration::MAX;
        let mut solver = Hydraulics::default();
        for _ in 0..repeats {
            let start = Instant::now();
            solver = Hydraulics::default();
            solver.solve(network, &problem, &options);
            best = best.min(start.elapsed());
        }
        (best.as_secs_f64() * 1e3, solver)
    };
    let (whole_ms, solver) = time(60);
    let iterations = f64::from(solver.state().iterations);
    let (short_ms, _) = time(1);
    let each_ms = (whole_ms - short_ms) / (iterations - 1.0).max(1.0);
    let work = solver.work();
    println!(
        "{:>8} {:>6} {:>9} {:>9} {:>9} {:>9} {:>9.3} {:>9.3} {:>9.3} {:>9.3}",
        problem.pipes.len(),
        name,
        work.leaves,
        work.pieces,
        work.unknowns,
        work.factor_numbers,
        work.bytes_per_iteration as f64 / 1e6,
        each_ms,
        work.bytes_around as f64 / 1e6,
        whole_ms - iterations * each_ms,
    );
}

fn measure(network: &Network, name: &str) {
    let options = Options { mode: Mode::Hydraulic, ..Options::default() };
    let repeats = (200_000 / network.link_count()).clamp(5, 50);
    let mut cold = Duration::MAX;
    let mut flat = Duration::MAX;
    let (mut solver, mut solution) = (Solver::new(), Solution::default());
    let mut report = None;
    for _ in 0..repeats {
        let start = Stopwatch::start();
        let problem = Problem::new(network);
        flat = flat.min(start.elapsed());
        drop(problem);
        solver.forget();
        let start = Stopwatch::start();
        solver.solve_into(network, &options, &mut solution);
        cold = cold.min(start.elapsed());
        assert!(solution.converged, "{:?}", solution.findings);
        report = Some(solution.report);
    }
    let report = report.unwrap_or_default();
    // One pipe's resistance changed, warm: 20 pipes spread over the network.
    let mut changed = network.clone();
    let pipes: Vec<ElementRef> =
        network.links().filter(|view| view.pipe().is_some()).map(|view| view.element()).collect();
    let mut warm = Duration::MAX;
    for _ in 0..3 {
        let mut sum = Duration::ZERO;
        for at in 0..20 {
            let pipe = &pipes[at * pipes.len() / 20];
            if Edit::set(pipe.clone(), "zeta", 3.0 + 0.1 * at as f64).apply(&mut changed).is_err() {
                continue;
            }
            let start = Stopwatch::start();
            solver.solve_into(&changed, &options, &mut solution);
            sum += start.elapsed();
            assert!(solution.converged);
        }
        warm = warm.min(sum / 20);
    }
    println!(
        "{:>8} {:>6} {:>7.3} ms {:>7.3} ms {:>7.3} ms {:>4} {:>9.1e}",
        pipes.len(),
        name,
        flat.as_secs_f64() * 1e3,
        cold.as_secs_f64() * 1e3,
        warm.as_secs_f64() * 1e3,
        report.iterations,
        report.max_momentum_residual_pa,
    );
}
