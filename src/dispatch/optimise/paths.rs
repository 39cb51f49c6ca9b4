//! The cheapest path through the ways of running, least times on and off included.
//!
//! Mechanism: without least times, dynamic programming backwards over steps and ways of running, source by source, since
//! switching costs add up. That is a bound on what any path still costs, and guides a best-first search whose states also know
//! how long each source must stay as it is. Its first arrival is the cheapest path; where it is stopped early, the least
//! of what is open is still a lower bound.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use rustc_hash::FxHashMap;

use super::core::Core;
use super::prices::Priced;

/// States opened at most; a path is then completed greedily.
const MOST_STATES: usize = 60_000;

/// Sources that have to run, or to rest, by step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Branch {
    pub on: Vec<u32>,
    pub off: Vec<u32>,
}

impl Branch {
    pub fn free(steps: usize) -> Branch {
        Branch { on: vec![0; steps], off: vec![0; steps] }
    }

    pub fn allows(&self, step: usize, way: u32) -> bool {
        way & self.off[step] == 0 && !way & self.on[step] == 0
    }

    pub fn allows_path(&self, path: &[u32]) -> bool {
        path.iter().enumerate().all(|(step, way)| self.allows(step, *way))
    }
}

/// A path and a bound on the cost of all paths.
pub struct Cheapest {
    pub bound: f64,
    pub path: Vec<u32>,
}

struct State {
    way: u32,
    /// Eight bits by source: steps it still has to stay as it is.
    locks: u128,
    cost: f64,
    parent: usize,
}

struct Open {
    estimate: f64,
    step: usize,
    state: usize,
}

impl PartialEq for Open {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Open {}
impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Open {
    /// The greatest comes first: least estimate, then farthest, then oldest.
    fn cmp(&self, other: &Self) -> Ordering {
        other.estimate.total_cmp(&self.estimate).then(self.step.cmp(&other.step)).then(other.state.cmp(&self.state))
    }
}

/// Least cost from each way of running in each step to the end, least times apart: `(step + 1) * ways + way` is what follows
/// after `step`; the first row starts before the first step.
fn to_go(core: &Core, priced: &Priced, branch: &Branch) -> Vec<f64> {
    let ways = core.ways();
    let mut all = vec![0.0; (core.steps + 1) * ways];
    for step in (0..core.steps).rev() {
        let (before, after) = all.split_at_mut((step + 1) * ways);
        let before = &mut before[step * ways..];
        for way in 0..ways {
            let allowed = branch.allows(step, way as u32);
            let node = if allowed { priced.node[step * ways + way] } else { f64::INFINITY };
            before[way] = node + after[way];
        }
        for unit in 0..core.units.len() {
            let (enter, leave) = (priced.enter[unit][step], priced.leave[unit][step]);
            for off in (0..ways).filter(|way| way >> unit & 1 == 0) {
                let on = off | 1 << unit;
                let (cost_off, cost_on) = (before[off], before[on]);
                before[off] = cost_off.min(cost_on + enter);
                before[on] = cost_on.min(cost_off + leave);
            }
        }
    }
    all
}

/// The cheapest path; `None` where the branch leaves none.
pub fn cheapest(core: &Core, priced: &Priced, branch: &Branch) -> Option<Cheapest> {
    let (ways, count) = (core.ways(), core.units.len());
    let rest = to_go(core, priced, branch);
    let locks = core.units.iter().enumerate().map(|(unit, own)| (own.locked.min(255) as u128) << (8 * unit)).sum();
    let mut states = vec![State { way: core.was(), locks, cost: priced.constant, parent: usize::MAX }];
    let mut open = BinaryHeap::new();
    let first = priced.constant + rest[core.was() as usize];
    if !first.is_finite() {
        return None;
    }
    open.push(Open { estimate: first, step: 0, state: 0 });
    let mut known: FxHashMap<(usize, u32, u128), f64> = FxHashMap::default();
    let mut bound = first;
    let mut greedy = false;
    while let Some(Open { estimate, step, state }) = open.pop() {
        if !greedy {
            bound = bound.max(estimate);
        }
        let (way, locks, cost) = (states[state].way, states[state].locks, states[state].cost);
        if known.get(&(step, way, locks)).is_some_and(|best| *best < cost) {
            continue;
        }
        if step == core.steps {
            let mut path = Vec::with_capacity(core.steps);
            let mut at = state;
            while states[at].parent != usize::MAX {
                path.push(states[at].way);
                at = states[at].parent;
            }
            path.reverse();
            return Some(Cheapest { bound, path });
        }
        if states.len() > MOST_STATES && !greedy {
            // From the farthest on, only what follows it.
            greedy = true;
        }
        if greedy {
            open.clear();
        }
        let fixed = (0..count).filter(|unit| locks >> (8 * unit) & 255 > 0).fold(0, |mask, unit| mask | 1_u32 << unit);
        let less: u128 = (0..count)
            .map(|unit| ((locks >> (8 * unit) & 255).saturating_sub(1)) << (8 * unit))
            .fold(0, |all, one| all | one);
        for to in 0..ways as u32 {
            let switched = way ^ to;
            if switched & fixed != 0 || !branch.allows(step, to) {
                continue;
            }
            let next_cost = cost + priced.switch(step, way, to) + priced.node[step * ways + to as usize];
            let estimate = next_cost + rest[(step + 1) * ways + to as usize];
            if !estimate.is_finite() {
                continue;
            }
            let mut next_locks = less;
            for unit in super::prices::running(switched) {
                let own = &core.units[unit];
                let stay = if to >> unit & 1 == 1 { own.least_on } else { own.least_off };
                next_locks |= (stay.saturating_sub(1).min(255) as u128) << (8 * unit);
            }
            let key = (step + 1, to, next_locks);
            let best = known.entry(key).or_insert(f64::INFINITY);
            if next_cost < *best {
                *best = next_cost;
                states.push(State { way: to, locks: next_locks, cost: next_cost, parent: state });
                open.push(Open { estimate, step: step + 1, state: states.len() - 1 });
            }
        }
    }
    None
}
