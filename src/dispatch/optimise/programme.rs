//! The linear programme over a few ways of running: how much heat each source gives, and what the ties between steps are worth.
//!
//! Given some paths (which sources run in which step), their mixture with weights that sum to one, every step's heat per way of
//! running, and the contents, ramps and quotas that tie the steps. With one path it is the dispatch of that path. With
//! several it is an upper bound of the best lower bound, and its multipliers are the prices for `prices`. Solved by
//! Clarabel's interior point method, whose multipliers lie in the middle of where they may lie: prices that settle fast.

use clarabel::algebra::CscMatrix;
use clarabel::solver::{DefaultSettings, DefaultSolver, IPSolver, SolverStatus, SupportedConeT};

use super::core::Core;
use super::plan::Plan;
use super::prices::{Prices, fall_at, running};

/// A programme as it is written down: minimise cost·x where rows of equations hold and rows of inequalities are ≤.
#[derive(Default)]
struct Rows {
    cost: Vec<f64>,
    equal: Vec<(Vec<(usize, f64)>, f64)>,
    at_most: Vec<(Vec<(usize, f64)>, f64)>,
}

/// Its solution, and the multipliers of equations and inequalities.
struct Solved {
    cost: f64,
    x: Vec<f64>,
    equal: Vec<f64>,
    at_most: Vec<f64>,
}

impl Rows {
    fn variable(&mut self, cost: f64) -> usize {
        self.cost.push(cost);
        self.cost.len() - 1
    }

    fn at_most(&mut self, row: Vec<(usize, f64)>, bound: f64) -> usize {
        self.at_most.push((row, bound));
        self.at_most.len() - 1
    }

    fn equal(&mut self, row: Vec<(usize, f64)>, value: f64) -> usize {
        self.equal.push((row, value));
        self.equal.len() - 1
    }

    fn solve(self) -> Option<Solved> {
        let (columns, equals) = (self.cost.len(), self.equal.len());
        let rows = equals + self.at_most.len();
        let (mut row_of, mut column_of, mut value_of, mut bound) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (row, (terms, value)) in self.equal.iter().chain(&self.at_most).enumerate() {
            for (column, factor) in terms {
                row_of.push(row);
                column_of.push(*column);
                value_of.push(*factor);
            }
            bound.push(*value);
        }
        let matrix = CscMatrix::new_from_triplets(rows, columns, row_of, column_of, value_of);
        let none = CscMatrix::<f64>::zeros((columns, columns));
        let cones = [SupportedConeT::ZeroConeT(equals), SupportedConeT::NonnegativeConeT(self.at_most.len())];
        let settings = DefaultSettings { verbose: false, max_threads: 1, ..DefaultSettings::default() };
        let mut solver = DefaultSolver::new(&none, &self.cost, &matrix, &bound, &cones, settings).ok()?;
        solver.solve();
        let usable = matches!(
            solver.solution.status,
            SolverStatus::Solved | SolverStatus::AlmostSolved | SolverStatus::InsufficientProgress
        );
        if !usable {
            return None;
        }
        let multipliers = &solver.solution.z;
        let (equal, at_most) = (multipliers[..equals].to_vec(), multipliers[equals..].to_vec());
        let x = std::mem::take(&mut solver.solution.x);
        Some(Solved { cost: solver.solution.obj_val, x, equal, at_most })
    }
}

/// A way of running in a step with its variables.
struct Node {
    way: u32,
    weight: usize,
    /// Heat above the least load: (source, variable).
    above: Vec<(usize, usize)>,
    /// Heat out of each store.
    out: Vec<usize>,
    /// Missing and surplus: of the whole, then of each area.
    scopes: Vec<[usize; 2]>,
    /// Row of each cut of the step.
    cuts: Vec<usize>,
}

/// What the programme over several paths says.
pub struct Mixture {
    /// Best cost of any mixture.
    pub cost: f64,
    pub prices: Prices,
    /// Share of each source in each step in which it runs.
    pub shares: Vec<Vec<f64>>,
    /// Plan, where there was one path.
    pub plan: Option<Plan>,
    /// Weight of each path.
    pub weights: Vec<f64>,
}

/// Solves the programme over these paths; `None` where the interior point method gives up.
pub fn mix(core: &Core, paths: &[Vec<u32>]) -> Option<Mixture> {
    let mut rows = Rows::default();
    let (steps, count) = (core.steps, core.units.len());
    let path_cost = |path: &Vec<u32>| {
        let (mut cost, mut way) = (0.0, core.was());
        for next in path {
            cost += running(next & !way).map(|unit| core.units[unit].start).sum::<f64>();
            way = *next;
        }
        cost
    };
    let weights: Vec<usize> = paths.iter().map(|path| rows.variable(path_cost(path))).collect();
    rows.equal(weights.iter().map(|weight| (*weight, 1.0)).collect(), 1.0);
    for weight in &weights {
        rows.at_most(vec![(*weight, -1.0)], 0.0);
    }
    let mut nodes: Vec<Vec<Node>> = Vec::with_capacity(steps);
    for step in 0..steps {
        let mut ways: Vec<u32> = paths.iter().map(|path| path[step]).collect();
        ways.sort_unstable();
        ways.dedup();
        let make = |way| node(core, &mut rows, step, way);
        let of_step: Vec<Node> = ways.into_iter().map(make).collect();
        for node in &of_step {
            let mut row: Vec<(usize, f64)> = vec![(node.weight, -1.0)];
            let on_it = paths.iter().zip(&weights).filter(|(path, _)| path[step] == node.way);
            row.extend(on_it.map(|(_, weight)| (*weight, 1.0)));
            rows.equal(row, 0.0);
        }
        nodes.push(of_step);
    }
    let content_rows = contents(core, &mut rows, &nodes);
    let ramp_rows = ramps(core, &mut rows, &nodes, paths, &weights);
    let mut quota_rows = vec![None; count];
    for (number, unit) in core.units.iter().enumerate().filter(|(_, unit)| unit.quota.is_finite()) {
        let all = (0..steps).flat_map(|step| heat_terms(core, &nodes[step], number, step, 1.0));
        let mut row: Vec<(usize, f64)> = all.collect();
        // More than the quota is as dear as missing heat.
        let beyond = rows.variable(core.missing);
        rows.at_most(vec![(beyond, -1.0)], 0.0);
        row.push((beyond, -1.0));
        quota_rows[number] = Some(rows.at_most(row, unit.quota));
    }
    let Solved { cost, x, equal, at_most } = rows.solve()?;
    let mut prices = Prices::zero(core);
    for (own, rows) in prices.content.iter_mut().zip(&content_rows) {
        for (price, row) in own.iter_mut().zip(rows) {
            *price = equal[*row];
        }
    }
    // A multiplier of an inequality below zero is rounding.
    let positive = |row: Option<usize>| row.map_or(0.0, |row| at_most[row].max(0.0));
    for number in 0..count {
        for (step, [rise, fall]) in ramp_rows[number].iter().enumerate() {
            prices.rise[number][step] = positive(*rise);
            prices.fall[number][step] = positive(*fall);
        }
        prices.quota[number] = positive(quota_rows[number]).min(core.missing);
    }
    for (of_step, known) in nodes.iter().zip(&mut prices.cuts) {
        for node in of_step.iter().filter(|node| !node.cuts.is_empty()) {
            let of_cuts: Vec<f64> = node.cuts.iter().map(|row| positive(Some(*row)).min(core.missing)).collect();
            if of_cuts.iter().any(|price| *price > 0.0) {
                known.push((node.way, of_cuts));
            }
        }
    }
    let share = |number: usize, step: usize| {
        nodes[step].iter().filter(|node| node.way >> number & 1 == 1).map(|node| x[node.weight]).sum()
    };
    let shares = (0..count).map(|number| (0..steps).map(|step| share(number, step)).collect()).collect();
    let plan = (paths.len() == 1).then(|| read(core, &nodes, &x, &paths[0]));
    Some(Mixture { cost, prices, shares, plan, weights: weights.iter().map(|weight| x[*weight]).collect() })
}

/// Variables and rows of a way of running in a step.
fn node(core: &Core, rows: &mut Rows, step: usize, way: u32) -> Node {
    let standing: f64 = running(way).map(|unit| core.units[unit].standing[step]).sum();
    let low: f64 = running(way).map(|unit| core.units[unit].low[step] * core.units[unit].slope[step]).sum();
    let barred = if core.is_forbidden(step, way) { core.barred } else { 0.0 };
    let weight = rows.variable(standing + low + barred);
    let mut node = Node { way, weight, above: Vec::new(), out: Vec::new(), scopes: Vec::new(), cuts: Vec::new() };
    let mut balance = vec![(weight, -core.demand[step])];
    let between = |rows: &mut Rows, variable: usize, low: f64, high: f64| {
        rows.at_most(vec![(variable, -1.0), (weight, low)], 0.0);
        rows.at_most(vec![(variable, 1.0), (weight, -high)], 0.0);
    };
    for number in running(way) {
        let unit = &core.units[number];
        balance.push((weight, unit.low[step]));
        let width = unit.high[step] - unit.low[step];
        if width > 1e-12 {
            let above = rows.variable(unit.slope[step]);
            between(rows, above, 0.0, width);
            balance.push((above, 1.0));
            node.above.push((number, above));
        }
    }
    for store in &core.stores {
        let out = rows.variable(0.0);
        between(rows, out, -store.charge[step], store.discharge[step]);
        balance.push((out, 1.0));
        node.out.push(out);
    }
    for _ in 0..=core.areas.len() {
        let pair = [rows.variable(core.missing), rows.variable(core.missing)];
        for variable in pair {
            between(rows, variable, 0.0, core.room);
        }
        balance.extend([(pair[0], 1.0), (pair[1], -1.0)]);
        node.scopes.push(pair);
    }
    for (number, area) in core.areas.iter().enumerate() {
        let [missing, surplus] = node.scopes[number + 1];
        let mut made = vec![(missing, 1.0), (surplus, -1.0)];
        let of_units = node.above.iter().filter(|(unit, _)| core.area_of[*unit] == Some(number));
        made.extend(of_units.map(|(_, above)| (*above, 1.0)));
        let stores = node.out.iter().zip(&core.area_of_store).filter(|(_, area)| **area == Some(number));
        made.extend(stores.map(|(out, _)| (*out, 1.0)));
        let own = running(way).filter(|unit| core.area_of[*unit] == Some(number));
        let floor: f64 = own.map(|unit| core.units[unit].low[step]).sum();
        let mut high = made.clone();
        high.push((weight, floor - area.most[step]));
        rows.at_most(high, 0.0);
        let mut low: Vec<(usize, f64)> = made.into_iter().map(|(at, factor)| (at, -factor)).collect();
        low.push((weight, area.least[step] - floor));
        rows.at_most(low, 0.0);
    }
    for cut in &core.cuts[step] {
        // Beyond it is as dear as missing heat.
        let beyond = rows.variable(core.missing);
        rows.at_most(vec![(beyond, -1.0)], 0.0);
        let floor: f64 = running(way).map(|unit| cut.units[unit] * core.units[unit].low[step]).sum();
        let mut row = vec![(weight, floor - cut.most), (beyond, -1.0)];
        row.extend(node.above.iter().map(|(unit, above)| (*above, cut.units[*unit])));
        row.extend(node.out.iter().zip(&cut.stores).map(|(out, share)| (*out, *share)));
        row.retain(|(_, factor)| *factor != 0.0);
        node.cuts.push(rows.at_most(row, 0.0));
    }
    rows.equal(balance, 0.0);
    node
}

/// The cheapest split of a heat between sources, each up to a greatest value, within cuts (shares, greatest sum), W.
pub fn cheapest_split(cost: &[f64], most_w: &[f64], cuts: &[(&[f64], f64)], total_w: f64) -> Option<Vec<f64>> {
    let dearest = cost.iter().copied().fold(1e-300, |most: f64, own| most.max(own.abs()));
    let mut rows = Rows::default();
    let heats: Vec<usize> = cost.iter().map(|own| rows.variable(own / dearest)).collect();
    for (heat, most_w) in heats.iter().zip(most_w) {
        rows.at_most(vec![(*heat, -1.0)], 0.0);
        rows.at_most(vec![(*heat, 1.0)], most_w / total_w);
    }
    let lacking = rows.variable(10.0);
    rows.at_most(vec![(lacking, -1.0)], 0.0);
    let mut balance: Vec<(usize, f64)> = heats.iter().map(|heat| (*heat, 1.0)).collect();
    balance.push((lacking, 1.0));
    rows.equal(balance, 1.0);
    for (shares, most_w) in cuts.iter().filter(|(_, most_w)| most_w.is_finite()) {
        let row = heats.iter().zip(*shares).filter(|(_, share)| **share != 0.0);
        rows.at_most(row.map(|(heat, share)| (*heat, *share)).collect(), most_w / total_w);
    }
    let Solved { x, .. } = rows.solve()?;
    Some(heats.iter().map(|heat| x[*heat].max(0.0) * total_w).collect())
}

/// Heat of a source in a step as terms of a row.
fn heat_terms(core: &Core, nodes: &[Node], unit: usize, step: usize, times: f64) -> Vec<(usize, f64)> {
    let mut out = Vec::new();
    for node in nodes.iter().filter(|node| node.way >> unit & 1 == 1) {
        out.push((node.weight, times * core.units[unit].low[step]));
        out.extend(node.above.iter().filter(|(own, _)| *own == unit).map(|(_, above)| (*above, times)));
    }
    out
}

/// Contents of the stores after each step; the rows that tie them.
fn contents(core: &Core, rows: &mut Rows, nodes: &[Vec<Node>]) -> Vec<Vec<usize>> {
    let mut all = Vec::new();
    for (number, store) in core.stores.iter().enumerate() {
        let mut before: Option<usize> = None;
        let mut own = Vec::with_capacity(core.steps);
        for (step, of_step) in nodes.iter().enumerate() {
            let content = rows.variable(0.0);
            rows.at_most(vec![(content, -1.0)], -store.least);
            if step + 1 == core.steps && store.end > store.least {
                let lacking = rows.variable(core.missing);
                rows.at_most(vec![(lacking, -1.0)], 0.0);
                rows.at_most(vec![(content, -1.0), (lacking, -1.0)], -store.end);
            }
            rows.at_most(vec![(content, 1.0)], store.most);
            let mut row = vec![(content, 1.0)];
            row.extend(of_step.iter().map(|node| (node.out[number], 1.0)));
            let value = match before {
                Some(before) => {
                    row.push((before, -store.kept));
                    0.0
                }
                None => store.kept * store.start,
            };
            own.push(rows.equal(row, value));
            before = Some(content);
        }
        all.push(own);
    }
    all
}

/// Rows of rising and falling by source and step.
fn ramps(
    core: &Core,
    rows: &mut Rows,
    nodes: &[Vec<Node>],
    paths: &[Vec<u32>],
    weights: &[usize],
) -> Vec<Vec<[Option<usize>; 2]>> {
    let mut all = Vec::new();
    for (number, unit) in core.units.iter().enumerate() {
        let mut own = Vec::new();
        if unit.ramps {
            let runs = |path: &[u32], step: usize| path[step] >> number & 1 == 1;
            let before = |path: &[u32], step: usize| if step > 0 { runs(path, step - 1) } else { unit.was_on };
            let widest = unit.high.iter().copied().fold(unit.was, f64::max);
            for step in 0..core.steps {
                let mut up = heat_terms(core, &nodes[step], number, step, 1.0);
                let mut down = heat_terms(core, &nodes[step], number, step, -1.0);
                let was = if step > 0 {
                    up.extend(heat_terms(core, &nodes[step - 1], number, step - 1, -1.0));
                    down.extend(heat_terms(core, &nodes[step - 1], number, step - 1, 1.0));
                    0.0
                } else {
                    unit.was
                };
                for (path, weight) in paths.iter().zip(weights) {
                    let (was_on, on) = (before(path, step), runs(path, step));
                    if was_on {
                        up.push((*weight, -unit.rise));
                    } else if on {
                        up.push((*weight, -unit.enter));
                    }
                    if on {
                        down.push((*weight, -fall_at(core, number, step)));
                    } else if was_on {
                        down.push((*weight, -unit.leave));
                    }
                }
                let binds_up = unit.rise.min(unit.enter) < widest;
                let binds_down = fall_at(core, number, step).min(unit.leave) < widest;
                own.push([binds_up.then(|| rows.at_most(up, was)), binds_down.then(|| rows.at_most(down, -was))]);
            }
        }
        all.push(own);
    }
    all
}

/// The plan of a single path, in watts and joules, rounding taken out.
fn read(core: &Core, nodes: &[Vec<Node>], x: &[f64], path: &[u32]) -> Plan {
    let steps = core.steps;
    let watts = |value: f64| value * core.power_w;
    let nothing = |value: f64| if value < 1e-7 { 0.0 } else { value };
    let mut plan = Plan::idle(steps, core.units.len(), core.stores.len(), core.areas.len());
    plan.running.extend_from_slice(path);
    for (step, of_step) in nodes.iter().enumerate() {
        let node = &of_step[0];
        let mut open = core.demand[step];
        let mut heat = vec![0.0; core.units.len()];
        for number in running(node.way) {
            heat[number] = core.units[number].low[step];
        }
        for (number, above) in &node.above {
            let unit = &core.units[*number];
            heat[*number] += x[*above].clamp(0.0, unit.high[step] - unit.low[step]);
        }
        open -= heat.iter().sum::<f64>();
        for (number, out) in node.out.iter().enumerate() {
            let store = &core.stores[number];
            let value = x[*out].clamp(-store.charge[step], store.discharge[step]);
            plan.store_w[number][step] = watts(value);
            open -= value;
        }
        for (scope, [missing, surplus]) in node.scopes.iter().enumerate() {
            let both = x[*missing].min(x[*surplus]).max(0.0);
            let (missing, surplus) = (nothing(x[*missing] - both), nothing(x[*surplus] - both));
            open -= missing - surplus;
            let (of_missing, of_surplus) = match scope.checked_sub(1) {
                None => (&mut plan.missing_w, &mut plan.surplus_w),
                Some(area) => (&mut plan.area_missing_w[area], &mut plan.area_surplus_w[area]),
            };
            (of_missing[step], of_surplus[step]) = (watts(missing), watts(surplus));
        }
        // What rounding left open goes to the source with most room for it.
        let room = |number: usize| {
            let unit = &core.units[number];
            if open > 0.0 { unit.high[step] - heat[number] } else { heat[number] - unit.low[step] }
        };
        if let Some(best) = running(node.way).max_by(|a, b| room(*a).total_cmp(&room(*b)).then(b.cmp(a)))
            && room(best) >= open.abs()
        {
            heat[best] += open;
        }
        for (number, heat) in heat.into_iter().enumerate() {
            plan.heat_w[number][step] = watts(heat);
        }
    }
    plan
}
