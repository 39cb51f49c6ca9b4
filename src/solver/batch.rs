//! Many what-ifs of one network at once, on all processors.
//!
//! Every scenario is a list of edits on top of the same network. Mechanism: the network is solved once; each thread takes
//! a copy of network and solver, and for every scenario in turn lays the edits over its network, sets flows, pressures and
//! symbolic work of its solver back to that first solution, solves, hands the solution to the caller for whatever is
//! wanted of it, and takes the edits back. The compiled columns follow the edits and their undoing row by row.
//!
//! Each scenario starts from the first solution, never from another scenario's: the answers are the same bits whatever
//! the number of threads and whoever solved what, and they come in the order of the scenarios. The only place of the
//! solver that starts threads; all of them end before the call does.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Options, Solution, Solver};
use crate::network::Network;
use crate::network::edit::{Edit, EditError};

/// Why a scenario has no answer: this edit of its list was refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("edit {number} of the scenario: {error}", number = edit + 1)]
pub struct ScenarioRefused {
    pub edit: usize,
    pub error: EditError,
}

/// How a batch is solved.
#[derive(Clone, Copy, Debug, Default)]
pub struct Batch {
    pub options: Options,
    /// 0: as many as there are processors.
    pub threads: usize,
}

impl Batch {
    /// Solves `network` under each list of edits and gives what `pick` makes of each answer, in the order of `scenarios`.
    /// `pick` gets the number of the scenario, the network with its edits, and the solution (ill-posed scenarios have one
    /// too, with their findings). `progress` is called after each scenario. Both are called from several threads.
    pub fn solve<T: Send>(
        &self,
        network: &Network,
        scenarios: &[Vec<Edit>],
        pick: impl Fn(usize, &Network, &Solution) -> T + Sync,
        progress: impl Fn() + Sync,
    ) -> Vec<Result<T, ScenarioRefused>> {
        let mut base = Solver::new();
        base.solve(network, &self.options);
        let numbers: Vec<usize> = (0..scenarios.len()).collect();
        each(network, &base, &numbers, self.threads, |&number, network, lent| {
            let Lent { solver, solution } = lent;
            let answer = network.what_if(&scenarios[number], |network| {
                solver.solve_into(network, &self.options, solution);
                pick(number, network, solution)
            });
            progress();
            answer.map_err(|(edit, error)| ScenarioRefused { edit, error })
        })
    }
}

/// What a thread is lent for an item of work.
#[derive(Debug)]
pub struct Lent {
    /// Knows what the solver it was copied from knew, whatever was solved with it before.
    pub solver: Solver,
    /// Memory for a solution.
    pub solution: Solution,
}

/// Does `work` for every item, on `threads` threads (0: as many as there are processors), each with its own copy of the
/// network and of the solver `base`; the answers in the order of the items. `work` leaves its network with the contents it
/// was lent with ([`Network::what_if`]). Every item finds the solver as `base` is, so no answer depends on the number of
/// threads.
pub fn each<I: Sync, T: Send>(
    network: &Network,
    base: &Solver,
    items: &[I],
    threads: usize,
    work: impl Fn(&I, &mut Network, &mut Lent) -> T + Sync,
) -> Vec<T> {
    Copies::new(network, threads).each(base, items, work)
}

/// The threads' copies of one network, for several rounds of [`each`]: copying ten thousand pipes with their buildings takes
/// as long as several solves.
#[derive(Debug)]
pub struct Copies<'a> {
    network: &'a Network,
    threads: usize,
    idle: Vec<(Network, Lent)>,
}

impl<'a> Copies<'a> {
    /// On `threads` threads (0: as many as there are processors). Copies are made when they are first needed.
    pub fn new(network: &'a Network, threads: usize) -> Copies<'a> {
        let threads = match threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        };
        Copies { network, threads, idle: Vec::new() }
    }

    /// One round, as [`each`].
    pub fn each<I: Sync, T: Send>(
        &mut self,
        base: &Solver,
        items: &[I],
        work: impl Fn(&I, &mut Network, &mut Lent) -> T + Sync,
    ) -> Vec<T> {
        let next = AtomicUsize::new(0);
        let (network, most) = (self.network, self.threads.min(items.len()));
        let idle = Mutex::new(std::mem::take(&mut self.idle));
        let answers = Mutex::new(Vec::with_capacity(items.len()));
        let labour = || {
            let mut own = Vec::new();
            let mut lent = idle.lock().ok().and_then(|mut idle| idle.pop());
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(number) else { break };
                if let Some((_, lent)) = &mut lent {
                    lent.solver.start_from(base);
                }
                let (network, lent) = lent.get_or_insert_with(|| {
                    (network.clone(), Lent { solver: base.clone(), solution: Solution::default() })
                });
                own.push((number, work(item, network, lent)));
            }
            if let (Ok(mut idle), Some(lent)) = (idle.lock(), lent) {
                idle.push(lent);
            }
            if let Ok(mut answers) = answers.lock() {
                answers.extend(own);
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..most {
                scope.spawn(labour);
            }
            labour();
        });
        self.idle = idle.into_inner().unwrap_or_default();
        // A poisoned lock means that a thread panicked, and the scope has passed that on.
        let mut answers = answers.into_inner().unwrap_or_default();
        answers.sort_unstable_by_key(|&(number, _)| number);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }
}
