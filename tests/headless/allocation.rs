//! A solve that continues from the last one takes no memory worth the name: its iteration allocates nothing.
//!
//! Allocations are counted for the whole process, so the test runs itself again, alone in a process of its own.

use std::process::Command;

use hypocaust::cli::{most_memory, watch_memory};
use hypocaust::network::edit::Edit;
use hypocaust::network::generate::{GridLoops, GridParameters, grid};
use hypocaust::network::{ElementRef, Network};
use hypocaust::solver::hydraulic::Hydraulics;
use hypocaust::solver::problem::Problem;
use hypocaust::solver::{Mode, Options};

const ALONE: &str = "HYPOCAUST_TEST_ALONE";
/// Lists of sources and pressure references; a column of the network would take more than twice of it.
const FEW_BYTES: usize = 2_000;

#[test]
fn a_warm_solve_allocates_next_to_nothing() {
    if std::env::var_os(ALONE).is_some() {
        count();
        return;
    }
    let name = "allocation::a_warm_solve_allocates_next_to_nothing";
    let alone = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--test-threads=1", "--nocapture"])
        .env(ALONE, "1")
        .output()
        .unwrap();
    assert!(alone.status.success(), "{}", String::from_utf8_lossy(&alone.stderr));
    assert!(String::from_utf8_lossy(&alone.stdout).contains("1 passed"));
}

fn count() {
    let mut network = grid(&GridParameters::new(1500, GridLoops::Meshed, 1));
    let pipes: Vec<ElementRef> =
        network.links().filter(|view| view.pipe().is_some()).map(|view| view.element()).collect();
    let options = Options { mode: Mode::Hydraulic, ..Options::default() };
    let mut hydraulics = Hydraulics::default();
    let changed = |network: &mut Network, zeta: f64| {
        Edit::set(pipes[pipes.len() / 3].clone(), "zeta", zeta).apply(network).unwrap();
        Problem::new(network).unwrap()
    };
    for zeta in [1.0, 30.0] {
        let problem = changed(&mut network, zeta);
        assert!(hydraulics.solve(&network, &problem, &options).converged);
    }
    let problem = changed(&mut network, 2.0);
    assert!(8 * problem.node_count() > 2 * FEW_BYTES);
    let before = watch_memory();
    let state = hydraulics.solve(&network, &problem, &options);
    let taken = most_memory() - before;
    assert!(state.converged && state.iterations > 0);
    assert!(taken < FEW_BYTES, "{taken} bytes");
}
