//! `bench`: how fast this machine solves a network, best of several, data already in memory.
//!
//! Cold runs use one solver that is told to forget everything between them: it knows nothing of the network, but the memory
//! it works in has been lent by the system already. Warm runs change one element and solve; both write over the solution of
//! the run before. What-ifs are solved on all processors, everything included: the first solution, copies for each
//! thread, edits and their undoing.

use std::time::Instant;

use serde_json::{Value, json};

use super::load;
use crate::cli::args::{Bench, TextOrJson};
use crate::cli::{Failure, Printer};
use crate::network::edit::Edit;
use crate::network::{ElementRef, LinkKind, LinkView, Network, fields};
use crate::solver::batch::Batch;
use crate::solver::{Mode, Options, Solution, Solver};

/// Counts bytes so that `peak_bytes` is what network and solver take, not what the system lends the process.
#[global_allocator]
pub(super) static ALLOCATOR: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

/// Starts to watch the memory of the whole process; gives the bytes in use now.
pub fn watch_memory() -> usize {
    ALLOCATOR.reset_peak_usage();
    ALLOCATOR.current_usage()
}

/// Most bytes in use at a time since [`watch_memory`].
pub fn most_memory() -> usize {
    ALLOCATOR.peak_usage()
}

/// Elements changed in the warm measurement.
const CHANGES: usize = 20;

pub fn run(given: &Bench, printer: &Printer) -> Result<(), Failure> {
    let bar = printer.progress(u64::from(given.repeat) * 2, &printer.language.texts().get("cli-measuring"));
    // Texts of the program and the like are no part of what a network takes.
    let before = ALLOCATOR.current_usage();
    let mut network = load(&given.file, printer)?;
    ALLOCATOR.reset_peak_usage();
    let options = Options { mode: Mode::Hydraulic, ..Options::default() };

    let mut cold_s = f64::INFINITY;
    let mut iterations = 0;
    let (mut solver, mut solution) = (Solver::new(), Solution::default());
    for _ in 0..given.repeat {
        solver.forget();
        let start = Instant::now();
        solver.solve_into(&network, &options, &mut solution);
        cold_s = cold_s.min(start.elapsed().as_secs_f64());
        iterations = solution.report.iterations;
        if !solution.converged {
            bar.finish_and_clear();
            printer.findings(&solution.findings);
            return Err(Failure::input(printer.language.texts().get("cli-bench-unsolved").into_owned()));
        }
        bar.inc(1);
    }

    let changes = changes(&network);
    let mut valve_s = f64::INFINITY;
    for _ in 0..given.repeat {
        let mut total_s = 0.0;
        for edit in &changes {
            let start = Instant::now();
            let back = edit.apply(&mut network).map_err(|error| Failure::Ours(error.to_string()))?;
            solver.solve_into(&network, &options, &mut solution);
            total_s += start.elapsed().as_secs_f64();
            if !solution.converged {
                bar.finish_and_clear();
                printer.findings(&solution.findings);
                return Err(Failure::input(printer.language.texts().get("cli-bench-unsolved").into_owned()));
            }
            back.apply(&mut network).map_err(|error| Failure::Ours(error.to_string()))?;
            solver.solve_into(&network, &options, &mut solution);
        }
        valve_s = valve_s.min(total_s / changes.len().max(1) as f64);
        bar.inc(1);
    }
    bar.finish_and_clear();

    let pipes = network.links().filter(|view| view.pipe().is_some()).count();
    let peak_bytes = ALLOCATOR.peak_usage().saturating_sub(before);
    drop((solver, solution));
    let batch = batch(given, &network, &options, printer);
    let mut value = json!({
        "pipes": pipes,
        "nodes": network.node_count(),
        "threads": 1,
        "cold_s": cold_s,
        "valve_s": valve_s,
        "iterations": iterations,
        "peak_bytes": peak_bytes,
    });
    if let Some(batch) = batch {
        value["scenarios"] = json!(batch.scenarios);
        value["scenarios_solved"] = json!(batch.solved);
        value["scenarios_s"] = json!(batch.seconds);
        value["scenarios_threads"] = json!(batch.threads);
    }
    let data = match given.format {
        TextOrJson::Json => format!("{value:#}\n"),
        TextOrJson::Text => text(&value, printer),
    };
    printer.data(None, data.as_bytes())
}

/// How a batch went.
struct Batched {
    scenarios: usize,
    /// Those with a steady state.
    solved: usize,
    seconds: f64,
    threads: usize,
}

/// What-ifs with one valve shut each, spread over the valves; pipes take over where there are too few valves.
fn batch(given: &Bench, network: &Network, options: &Options, printer: &Printer) -> Option<Batched> {
    let wanted = given.scenarios as usize;
    if wanted == 0 {
        return None;
    }
    let is_valve = |view: &LinkView<'_>| view.valve().is_some_and(|valve| valve.set_pressure_pa.is_none());
    let valves = network.links().filter(is_valve).map(|view| Edit::set(view.element(), "opening", 0.0));
    let pipes =
        network.links().filter(|view| view.pipe().is_some()).map(|view| Edit::set(view.element(), "state", "closed"));
    let valves: Vec<Edit> = valves.collect();
    let pool: Vec<Edit> = if valves.len() >= wanted { valves } else { valves.into_iter().chain(pipes).collect() };
    let step = (pool.len() / wanted).max(1);
    let scenarios: Vec<Vec<Edit>> = pool.into_iter().step_by(step).take(wanted).map(|edit| vec![edit]).collect();
    let bar = printer.progress(scenarios.len() as u64, &printer.language.texts().get("cli-measuring"));
    let batch = Batch { options: *options, threads: 0 };
    let start = Instant::now();
    let answers = batch.solve(network, &scenarios, |_, _, solution| solution.converged, || bar.inc(1));
    let seconds = start.elapsed().as_secs_f64();
    bar.finish_and_clear();
    Some(Batched {
        scenarios: scenarios.len(),
        solved: answers.iter().filter(|answer| matches!(answer, Ok(true))).count(),
        seconds,
        threads: std::thread::available_parallelism().map_or(1, usize::from),
    })
}

/// One changed resistance each, spread evenly over the valves, or over the pipes where there are no valves.
fn changes(network: &Network) -> Vec<Edit> {
    let valves: Vec<_> = network
        .links()
        .filter(|view| view.valve().is_some_and(|valve| valve.opening > 0.5 && valve.set_pressure_pa.is_none()))
        .collect();
    let chosen =
        if valves.len() >= CHANGES { valves } else { network.links().filter(|view| view.pipe().is_some()).collect() };
    let step = (chosen.len() / CHANGES).max(1);
    chosen
        .iter()
        .step_by(step)
        .take(CHANGES)
        .map(|view| {
            let element: ElementRef = view.element();
            match &view.link.kind {
                LinkKind::Valve(_) => Edit::set(element, "opening", 0.3),
                _ => {
                    let zeta = fields::get(network, &element, "zeta").and_then(|v| v.as_f64()).unwrap_or(0.0);
                    Edit::set(element, "zeta", zeta + 20.0)
                }
            }
        })
        .collect()
}

fn text(value: &Value, printer: &Printer) -> String {
    let number = |key: &str| value[key].as_f64().unwrap_or(f64::NAN);
    let mut out = printer.language.texts().with(
        "cli-bench",
        &[
            ("pipes", value["pipes"].to_string().into()),
            ("nodes", value["nodes"].to_string().into()),
            ("cold", format!("{:.3} ms", number("cold_s") * 1e3).into()),
            ("valve", format!("{:.3} ms", number("valve_s") * 1e3).into()),
            ("iterations", value["iterations"].to_string().into()),
            ("memory", format!("{:.1} MB", number("peak_bytes") / 1e6).into()),
        ],
    );
    out.push('\n');
    if value["scenarios"].is_number() {
        out += &printer.language.texts().with(
            "cli-bench-scenarios",
            &[
                ("scenarios", value["scenarios"].to_string().into()),
                ("threads", value["scenarios_threads"].to_string().into()),
                ("time", format!("{:.3} s", number("scenarios_s")).into()),
            ],
        );
        out.push('\n');
    }
    out
}
