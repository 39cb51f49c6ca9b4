//! Hydraulic solves from 100 to 100 000 pipes: cold (a network never solved before) and after closing one valve.
//!
//! Run with `cargo bench --no-default-features --bench solver [-- LARGEST]`: best of several, one thread. On Linux the
//! time is that of the thread on a processor, so that other programs disturb little; elsewhere that of the wall.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::time::{Duration, Instant};

/// Many ticks of the kernel's processor clock.
const TICKS: Duration = Duration::from_millis(40);

/// Processor time of this thread, or the clock where that cannot be read.
struct Stopwatch(Instant, Option<u64>);

impl Stopwatch {
    fn start() -> Stopwatch {
        Stopwatch(Instant::now(), on_processor_ns())
    }

    fn elapsed(&self) -> Duration {
        let wall = self.0.elapsed();
        match (self.1, on_processor_ns()) {
            // The kernel counts in ticks of some milliseconds: too coarse for short times.
            (Some(before), Some(now)) if wall > TICKS => Duration::from_nanos(now.saturating_sub(before)).min(wall),
            _ => wall,
        }
    }
}

fn on_processor_ns() -> Option<u64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

use hypocaust::network::generate::{GridLoops, GridParameters, grid};
use hypocaust::network::{ElementRef, Network, edit::Edit};
use hypocaust::solver::{Mode, Options, Solver};

fn main() {
    let largest = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(100_000usize);
    println!(
        "{:>8} {:>6} {:>10} {:>10} {:>10} {:>4} {:>9}",
        "pipes", "loops", "problem", "cold", "resistance", "it.", "residual"
    );
    for (loops, name) in
        [(GridLoops::Share(0.02), "2 %"), (GridLoops::Share(0.12), "12 %"), (GridLoops::Meshed, "mesh")]
    {
        for pipes in [100, 1_000, 5_000, 10_000, 50_000, 100_000] {
            if pipes > largest {
                continue;
            }
            measure(&grid(&GridParameters::new(pipes, loops, 1)), name);
        }
    }
}

fn measure(network: &Network, name: &str) {
    let options = Options { mode: Mode::Hydraulic, ..Options::default() };
    let repeats = (200_000 / network.link_count()).clamp(5, 50);
    let mut cold = Duration::MAX;
    let mut flat = Duration::MAX;
    let mut solver = Solver::new();
    let mut report = None;
    for _ in 0..repeats {
        let start = Stopwatch::start();
        let problem = hypocaust::solver::problem::Problem::new(network);
        flat = flat.min(start.elapsed());
        drop(problem);
        solver = Solver::new();
        let start = Stopwatch::start();
        let solution = solver.solve(network, &options);
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
            let solution = solver.solve(&changed, &options);
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
