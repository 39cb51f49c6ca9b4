//! Running by rule, as it is done where nothing is planned: what savings are counted against.
//!
//! Step by step, without looking ahead and without stores. In an order of priority: as many sources run as the step needs, each
//! filled before the next one. Equal shares: the same sources, each loaded to the same share of the range it has. Capacity,
//! least loads, ramps and least times on and off are kept; where that leaves heat missing or too much, it is said.

use super::model::Model;
use super::plan::Plan;

/// How to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Each source filled before the next one.
    Priority,
    /// All that run at the same share of their range.
    EqualShares,
}

/// Sources from the cheapest on, by the mean cost of a joule at full load.
pub fn merit_order(model: &Model) -> Vec<usize> {
    let mean = |unit: &super::model::Unit| {
        let cost: f64 = (0..model.steps())
            .map(|step| {
                let most_w = unit.most_w[step].max(1.0);
                unit.running_1_j[step].total() + unit.standing_1_s[step].total() / most_w
            })
            .sum();
        cost / model.steps().max(1) as f64
    };
    let costs: Vec<f64> = model.units.iter().map(mean).collect();
    let mut order: Vec<usize> = (0..model.units.len()).collect();
    order.sort_by(|a, b| costs[*a].total_cmp(&costs[*b]).then(a.cmp(b)));
    order
}

/// What a source can do in a step, W.
#[derive(Clone, Copy)]
struct Reach {
    low: f64,
    high: f64,
}

/// Runs by a rule, sources in this order.
pub fn by_rule(model: &Model, rule: Rule, order: &[usize]) -> Plan {
    let (steps, count) = (model.steps(), model.units.len());
    let mut plan = Plan::idle(steps, count, model.stores.len(), model.areas.len());
    plan.content_j = model
        .stores
        .iter()
        .map(|store| (1..=steps).map(|step| store.start_j * store.kept.powi(step as i32)).collect())
        .collect();
    let mut before: Vec<(bool, f64, usize)> =
        model.units.iter().map(|unit| (unit.was_on, unit.was_w, unit.was_for)).collect();
    for step in 0..steps {
        // An area of one source bounds it.
        let area = |number: usize| model.areas.iter().find(|area| area.units == [number]);
        let needed_w = |number: usize| area(number).map_or(0.0, |area| area.least_w[step]);
        let reach = |number: usize| {
            let unit = &model.units[number];
            let (was_on, was_w, _) = before[number];
            let most_w = unit.most_w[step].min(area(number).map_or(f64::INFINITY, |area| area.most_w[step]));
            let most_w = most_w.max(unit.floor_w(step));
            let floor_w = unit.floor_w(step).max(needed_w(number).min(most_w));
            let high = most_w.min(if was_on { was_w + unit.rise_w } else { unit.enter_w() });
            let low = if was_on { floor_w.max(was_w - unit.fall_w) } else { floor_w };
            Reach { low: low.min(most_w), high: high.max(floor_w) }
        };
        let can_switch = |number: usize, to: bool| {
            let unit = &model.units[number];
            let (was_on, was_w, since) = before[number];
            if was_on == to {
                true
            } else if was_on {
                since >= unit.least_on && was_w <= unit.leave_w() && !unit.must_run
            } else {
                since >= unit.least_off && unit.most_w[step] > 0.0
            }
        };
        let allowed = |way: u32| !model.forbidden.iter().any(|bar| bar.applies(step, way));
        let demand_w = model.demand_w[step];
        let mut on: u32 = (0..count)
            .filter(|unit| {
                let must = model.units[*unit].must_run || needed_w(*unit) > 0.0;
                !can_switch(*unit, false) || must && can_switch(*unit, true)
            })
            .fold(0, |mask, unit| mask | 1 << unit);
        let sum =
            |on: u32, f: &dyn Fn(Reach) -> f64| -> f64 { super::prices::running(on).map(|unit| f(reach(unit))).sum() };
        for unit in order {
            if sum(on, &|reach| reach.high) >= demand_w && allowed(on) {
                break;
            }
            if on >> unit & 1 == 0 && can_switch(*unit, true) {
                on |= 1 << unit;
            }
        }
        // Last come, first out, while the least loads are too much and the rest still reaches.
        for unit in order.iter().rev() {
            let without = on & !(1 << unit);
            let too_much = sum(on, &|reach| reach.low) > demand_w;
            let enough = sum(without, &|reach| reach.high) >= demand_w;
            if on >> unit & 1 == 1
                && needed_w(*unit) <= 0.0
                && too_much
                && enough
                && can_switch(*unit, false)
                && allowed(without)
            {
                on = without;
            }
        }
        let mut open_w = demand_w;
        for unit in super::prices::running(on) {
            plan.heat_w[unit][step] = reach(unit).low;
            open_w -= reach(unit).low;
        }
        let room_w = sum(on, &|reach| reach.high - reach.low);
        let share = (open_w / room_w.max(1e-9)).clamp(0.0, 1.0);
        for unit in order.iter().filter(|unit| on >> **unit & 1 == 1) {
            let own_w = reach(*unit).high - reach(*unit).low;
            let take_w = match rule {
                Rule::Priority => own_w.min(open_w.max(0.0)),
                Rule::EqualShares => share * own_w,
            };
            plan.heat_w[*unit][step] += take_w;
            open_w -= take_w;
        }
        plan.missing_w[step] = if open_w > 1e-6 * demand_w { open_w } else { 0.0 };
        plan.surplus_w[step] = if open_w < -1e-6 * demand_w { -open_w } else { 0.0 };
        plan.running.push(on);
        for (unit, before) in before.iter_mut().enumerate() {
            let runs = on >> unit & 1 == 1;
            let since = if runs == before.0 { before.2 + 1 } else { 1 };
            *before = (runs, plan.heat_w[unit][step], since);
        }
    }
    plan
}
