//! The search: prices and paths in turn until plan and bound meet, branching where they do not.
//!
//! At the root and at every branch: the programme over the paths known gives prices, the cheapest path at these prices gives a
//! bound and a new path, whose own programme may be a better plan. What is left between both bounds is closed by
//! changing the best plan in the small (starts and stops moved, runs and rests dropped), tried only where the prices do not prove it
//! worthless, and by branching on a source in a step. Effort is counted in rounds, never in time: the same question has the
//! same answer on every machine.

use rayon::prelude::*;
use rustc_hash::FxHashSet;

use super::core::Core;
use super::model::{Fault, Model};
use super::paths::{Branch, cheapest};
use super::plan::{Bill, Plan};
use super::prices::{Priced, Prices};
use super::programme::{Mixture, mix};
use super::rules::{Rule, by_rule, merit_order};

/// How much to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effort {
    /// Gap between plan and bound that is good enough, as a share of the cost.
    pub gap: f64,
    /// Programmes over several paths at most.
    pub rounds: usize,
    /// Programmes of single plans at most.
    pub trials: usize,
}

impl Default for Effort {
    fn default() -> Self {
        Effort { gap: 0.005, rounds: 60, trials: 400 }
    }
}

/// A plan with what is proven about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub plan: Plan,
    pub bill: Bill,
    /// No plan that keeps the limits has a smaller objective.
    pub bound: f64,
    /// (Objective − bound) over the money the plan costs.
    pub gap: f64,
    /// Gap at the root, before any branching.
    pub root_gap: f64,
    pub rounds: usize,
    pub trials: usize,
    pub branches: usize,
}

/// Rounds without a better bound after which a branch is left.
const PATIENCE: usize = 4;
/// Plans changed in the small that are tried beside each other.
const BESIDE: usize = 8;
/// Paths in a programme at most; those without weight go first.
const MOST_PATHS: usize = 24;

struct Search<'a> {
    model: &'a Model,
    core: Core,
    effort: Effort,
    best: Option<(f64, Plan)>,
    tried: FxHashSet<Vec<u32>>,
    rounds: usize,
    trials: usize,
}

/// A branch that is open.
struct Node {
    branch: Branch,
    bound: f64,
    paths: Vec<Vec<u32>>,
    split: Option<(usize, usize)>,
}

/// Plans a model. `known` are ways of running to start from, such as those of an earlier plan.
pub fn optimise(model: &Model, effort: &Effort, known: &[Vec<u32>]) -> Result<Outcome, Vec<Fault>> {
    let faults = model.faults();
    if !faults.is_empty() {
        return Err(faults);
    }
    let core = Core::new(model);
    let mut search =
        Search { model, core, effort: *effort, best: None, tried: FxHashSet::default(), rounds: 0, trials: 0 };
    Ok(search.run(known))
}

impl Search<'_> {
    fn run(&mut self, known: &[Vec<u32>]) -> Outcome {
        let order = merit_order(self.model);
        let by_rules = [Rule::Priority, Rule::EqualShares].map(|rule| by_rule(self.model, rule, &order));
        // A rule knows no areas.
        let tolerance_w = 1e-6 * self.core.power_w;
        for plan in &by_rules {
            let broken = plan.violations(self.model, tolerance_w);
            let priced = |what: &str| matches!(what, "missing" | "surplus" | "quota" | "content-at-end");
            if broken.iter().all(|one| priced(one.what)) {
                self.offer(plan.clone());
            }
        }
        let steps = self.core.steps;
        let mut paths: Vec<Vec<u32>> = known.iter().filter(|path| path.len() == steps).cloned().collect();
        paths.extend(by_rules.into_iter().map(|plan| plan.running));
        paths.retain(|path| self.is_valid(path));
        paths.dedup();
        self.try_paths(paths.clone());
        let mut root = Node { branch: Branch::free(steps), bound: f64::NEG_INFINITY, paths, split: None };
        let priced = self.settle(&mut root);
        if let Some(priced) = priced {
            self.polish(&priced);
        }
        let mut bound = root.bound;
        let root_gap = self.gap(bound);
        let mut branches = 0;
        let mut open = vec![root];
        while let Some(next) = (0..open.len()).min_by(|a, b| open[*a].bound.total_cmp(&open[*b].bound).then(a.cmp(b))) {
            bound = bound.max(open[next].bound.min(self.value()));
            if self.gap(bound) <= self.effort.gap || self.rounds >= self.effort.rounds {
                break;
            }
            let node = open.swap_remove(next);
            let Some((unit, step)) = node.split else {
                // Settled: what is left of it is rounding, or could not be settled; its bound stays.
                if open.is_empty() {
                    break;
                }
                open.push(Node { bound: f64::INFINITY, ..node });
                if open.iter().all(|node| node.bound.is_infinite()) {
                    break;
                }
                continue;
            };
            branches += 1;
            for on in [true, false] {
                let mut branch = node.branch.clone();
                let side = if on { &mut branch.on } else { &mut branch.off };
                side[step] |= 1 << unit;
                let paths = node.paths.iter().filter(|path| branch.allows_path(path)).cloned().collect();
                let mut child = Node { branch, bound: node.bound, paths, split: None };
                if let Some(priced) = self.settle(&mut child) {
                    self.polish(&priced);
                }
                if child.bound < self.value() - 1e-12 {
                    open.push(child);
                }
            }
            if open.is_empty() {
                bound = self.value();
            }
        }
        self.outcome(bound, root_gap, branches)
    }

    fn outcome(&mut self, bound: f64, root_gap: f64, branches: usize) -> Outcome {
        let value = self.value();
        let bound = bound.min(value);
        let gap = self.gap(bound);
        // Where limits contradict each other (a quota below the least load), the rule's plan, which names what it breaks.
        let by_rule = || by_rule(self.model, Rule::Priority, &merit_order(self.model));
        let plan = self.best.take().map_or_else(by_rule, |(_, plan)| plan);
        let bill = plan.bill(self.model);
        let bound = bound * self.core.money;
        Outcome { plan, bill, bound, gap, root_gap, rounds: self.rounds, trials: self.trials, branches }
    }

    /// Objective of the best plan.
    fn value(&self) -> f64 {
        self.best.as_ref().map_or(f64::INFINITY, |(value, _)| *value)
    }

    fn gap(&self, bound: f64) -> f64 {
        let Some((value, plan)) = &self.best else { return f64::INFINITY };
        let money = plan.bill(self.model).money().abs() / self.core.money;
        (value - bound).max(0.0) / money.max(1e-9)
    }

    fn offer(&mut self, plan: Plan) {
        let bill = plan.bill(self.model);
        let barred = (0..self.core.steps).filter(|step| self.core.is_forbidden(*step, plan.running[*step])).count();
        let value = bill.objective() / self.core.money + barred as f64 * self.core.barred;
        if value < self.value() {
            self.best = Some((value, plan));
        }
    }

    /// Dispatches paths that were not tried yet.
    fn try_paths(&mut self, paths: Vec<Vec<u32>>) {
        let fresh: Vec<Vec<u32>> = paths.into_iter().filter(|path| self.tried.insert(path.clone())).collect();
        self.trials += fresh.len();
        let core = &self.core;
        let found: Vec<Option<Mixture>> = fresh.par_iter().map(|path| mix(core, std::slice::from_ref(path))).collect();
        for plan in found.into_iter().flatten().filter_map(|mixture| mixture.plan) {
            let plan = self.with_contents(plan);
            self.offer(plan);
        }
    }

    /// Contents as they follow from what goes in and out.
    fn with_contents(&self, mut plan: Plan) -> Plan {
        for (number, store) in self.model.stores.iter().enumerate() {
            let mut content_j = store.start_j;
            for step in 0..self.core.steps {
                content_j = store.kept * content_j - plan.store_w[number][step] * self.model.step_s;
                plan.content_j[number][step] = content_j;
            }
        }
        plan
    }

    /// Prices and paths in turn at one node: its bound, its paths, where to split it. Gives the question at the best prices.
    fn settle(&mut self, node: &mut Node) -> Option<Priced> {
        let mut best_prices: Option<Prices> = None;
        let mut idle = 0;
        if node.paths.is_empty() {
            let priced = Priced::new(&self.core, &Prices::zero(&self.core));
            match cheapest(&self.core, &priced, &node.branch) {
                Some(found) => node.paths.push(found.path),
                None => {
                    node.bound = f64::INFINITY;
                    return None;
                }
            }
        }
        while self.rounds < self.effort.rounds {
            self.rounds += 1;
            let Some(mixture) = mix(&self.core, &node.paths) else { break };
            node.split = most_divided(&self.core, &mixture.shares);
            let priced = Priced::new(&self.core, &mixture.prices);
            let Some(found) = cheapest(&self.core, &priced, &node.branch) else {
                node.bound = f64::INFINITY;
                return None;
            };
            if found.bound > node.bound + 1e-3 * self.effort.gap * found.bound.abs() {
                idle = 0;
            } else {
                idle += 1;
            }
            if found.bound > node.bound || best_prices.is_none() {
                node.bound = node.bound.max(found.bound);
                best_prices = Some(mixture.prices);
            }
            self.try_paths(vec![found.path.clone()]);
            let left = (mixture.cost - node.bound) / self.scale();
            let done = self.gap(node.bound) <= self.effort.gap || left <= 0.1 * self.effort.gap.max(1e-7);
            if done || idle >= PATIENCE || node.paths.contains(&found.path) {
                break;
            }
            if node.paths.len() >= MOST_PATHS {
                let least = (0..node.paths.len()).min_by(|a, b| mixture.weights[*a].total_cmp(&mixture.weights[*b]));
                if let Some(least) = least {
                    node.paths.remove(least);
                }
            }
            node.paths.push(found.path);
        }
        best_prices.map(|prices| Priced::new(&self.core, &prices))
    }

    /// Money of the best plan, for what is relative to it.
    fn scale(&self) -> f64 {
        let money = self.best.as_ref().map_or(1.0, |(_, plan)| plan.bill(self.model).money().abs());
        (money / self.core.money).max(1e-9)
    }

    /// Changes the best plan in the small while that helps.
    fn polish(&mut self, priced: &Priced) {
        while self.trials < self.effort.trials {
            let Some((value, plan)) = &self.best else { return };
            let value = *value;
            let mut near: Vec<(f64, Vec<u32>)> = changed(&self.core, &plan.running)
                .into_iter()
                .filter(|path| self.is_valid(path) && !self.tried.contains(path))
                .map(|path| (priced.of_path(&self.core, &path), path))
                // At these prices no dispatch of it can be cheaper than that.
                .filter(|(least, _)| *least < value - 1e-9 * value.abs())
                .collect();
            near.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
            near.truncate(BESIDE);
            if near.is_empty() {
                return;
            }
            self.try_paths(near.into_iter().map(|(_, path)| path).collect());
            let better = self.value() < value * (1.0 - 1e-6);
            if !better && self.trials % (4 * BESIDE) < BESIDE {
                return;
            }
        }
    }

    /// Whether a path keeps the least times.
    fn is_valid(&self, path: &[u32]) -> bool {
        self.core.units.iter().enumerate().all(|(number, unit)| {
            let (mut was_on, mut locked) = (unit.was_on, unit.locked);
            path.iter().all(|way| {
                let on = way >> number & 1 == 1;
                if on == was_on {
                    locked = locked.saturating_sub(1);
                    return true;
                }
                let free = locked == 0;
                locked = if on { unit.least_on } else { unit.least_off } - 1;
                was_on = on;
                free
            })
        })
    }
}

/// The source and step whose share is farthest from none and all; later steps of a source only where they are clearly so.
fn most_divided(core: &Core, shares: &[Vec<f64>]) -> Option<(usize, usize)> {
    let mut best = (1e-4, None);
    for (unit, of_unit) in shares.iter().enumerate() {
        for (step, share) in of_unit.iter().enumerate() {
            let own = &core.units[unit];
            // Sources that cost much by merely running decide first.
            let weight = own.standing[step].abs() + own.low[step] + own.start + 1e-3;
            let divided = share.min(1.0 - share) * weight.sqrt();
            if divided > best.0 + 1e-9 {
                best = (divided, Some((unit, step)));
            }
        }
    }
    best.1
}

/// Paths that differ from one in one run or rest of one source.
fn changed(core: &Core, path: &[u32]) -> Vec<Vec<u32>> {
    let steps = path.len();
    let mut out = Vec::new();
    for number in 0..core.units.len() {
        let runs = |step: usize| path[step] >> number & 1 == 1;
        // Starts of the spans in which it stays as it is, and the end.
        let mut edges: Vec<usize> =
            std::iter::once(0).chain((1..steps).filter(|step| runs(*step) != runs(step - 1))).collect();
        edges.push(steps);
        let mut set = |from: usize, to: usize, on: bool| {
            let mut next = path.to_vec();
            for way in &mut next[from..to] {
                *way = if on { *way | 1 << number } else { *way & !(1 << number) };
            }
            if next != path {
                out.push(next);
            }
        };
        for span in edges.windows(2) {
            let (from, to) = (span[0], span[1]);
            let on = runs(from);
            set(from, to, !on);
            for by in [1, 2, 4, 8, 16] {
                // Begin later or earlier, end earlier or later.
                set(from, (from + by).min(to), !on);
                set(from.saturating_sub(by), from, on);
                set(to.saturating_sub(by).max(from), to, !on);
                set(to, (to + by).min(steps), on);
            }
        }
        if edges.len() == 2 {
            // Always on or always off: a run or rest anywhere.
            let on = runs(0);
            let length = if on { core.units[number].least_off } else { core.units[number].least_on }.max(4);
            for from in (0..steps).step_by((length / 2).max(1)) {
                set(from, (from + length).min(steps), !on);
            }
        }
    }
    out
}
