//! From choosing the pipe to the plan: the stages of a response on a city of 10 000 pipes, in memory.
//!
//! Columns: the state before, solved with heat (a window has it already); the first response on top of it (isolation, who
//! loses heat, clocks, refilling); the search for re-supply; all three together. Wall time, best of five, on all processors;
//! then the passes of the coupled solves and the states solved for re-supply.
//!
//! Run with `cargo bench --no-default-features --bench emergency [-- PIPE …]`.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::time::Instant;

use hypocaust::emergency::burst::Hole;
use hypocaust::emergency::{Break, Request, add_resupply, first_response};
use hypocaust::network::Network;
use hypocaust::network::generate::{Parameters, city};
use hypocaust::solver::{Options, Solver};

const ROUNDS: usize = 5;

fn main() {
    let mut network = city(&Parameters { stations: 500, pipes: 10_000, seed: 5, ..Parameters::default() });
    let given: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let pipes = if given.is_empty() { ["PS0018.2", "PS0001", "PR0091.2"].map(String::from).to_vec() } else { given };
    println!("{:>10} {:>9} {:>9} {:>9} {:>9}  passes, solves", "pipe", "before s", "first s", "resupply", "all s");
    for id in pipes {
        match measure(&mut network, &id) {
            Some(line) => println!("{id:>10} {line}"),
            None => println!("{id:>10} is not in this city"),
        }
    }
}

fn measure(network: &mut Network, id: &str) -> Option<String> {
    let link = network.link_id(id)?;
    let breaks = vec![Break { link, position: 0.5, hole: Hole::FullBore }];
    let request = Request { breaks, ..Request::default() };
    let mut best = [f64::INFINITY; 4];
    let mut counts = String::new();
    for _ in 0..ROUNDS {
        let mut solver = Solver::new();
        let start = Instant::now();
        let before = solver.solve(network, &Options::default());
        let solved_s = start.elapsed().as_secs_f64();
        let passes = before.report.coupling_passes;
        let mut response = first_response(network, &request, Some(before), &mut solver).ok()?;
        let first_s = start.elapsed().as_secs_f64();
        add_resupply(network, &request, &mut solver, &mut response, &mut || ());
        let all_s = start.elapsed().as_secs_f64();
        for (best, now_s) in best.iter_mut().zip([solved_s, first_s - solved_s, all_s - first_s, all_s]) {
            *best = best.min(now_s);
        }
        let report = response.impact.as_ref().map(|impact| impact.solution.report).unwrap_or_default();
        counts = format!(
            "{passes} before, {} after ({} iterations), {} states",
            report.coupling_passes, report.iterations, response.resupply.solves
        );
    }
    let [before_s, first_s, resupply_s, all_s] = best;
    Some(format!("{before_s:>9.3} {first_s:>9.3} {resupply_s:>9.3} {all_s:>9.3}  {counts}"))
}
