//! The optimal dispatch against cases solved by hand, against enumeration, and against another solver of mixed-integer
//! programmes.

use hypocaust::dispatch::optimise::{
    Area, Cut, Effort, Forbidden, Model, Rates, Rule, Share, Store, Unit, by_rule, optimise,
};
use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, Variable};

/// Until nothing is left between plan and bound.
const EXACT: Effort = Effort { gap: 1e-6, rounds: 600, trials: 2000 };
const HOUR_S: f64 = 3600.0;
const MWH_J: f64 = 3.6e9;
/// Kept limits: a thousandth of a per cent of the demand.
const TOLERANCE_W: f64 = 500.0;

fn unit(id: &str, steps: usize, capacity_mw: f64, price_1_mwh: f64) -> Unit {
    Unit::simple(id, steps, 1e6 * capacity_mw, Rates::of(Share::Fuel, price_1_mwh / MWH_J))
}

fn least(mut unit: Unit, least_mw: f64) -> Unit {
    unit.least_w = vec![1e6 * least_mw; unit.least_w.len()];
    unit
}

fn model(demand_mw: &[f64], units: Vec<Unit>, stores: Vec<Store>) -> Model {
    let missing_1_j = Model::usual_missing_1_j(&units);
    Model {
        step_s: HOUR_S,
        demand_w: demand_mw.iter().map(|mw| 1e6 * mw).collect(),
        units,
        stores,
        areas: Vec::new(),
        cuts: Vec::new(),
        forbidden: Vec::new(),
        missing_1_j,
    }
}

fn tank(steps: usize, capacity_mwh: f64, power_mw: f64, start_mwh: f64) -> Store {
    Store {
        id: "tank".to_owned(),
        least_j: 0.0,
        most_j: capacity_mwh * MWH_J,
        start_j: start_mwh * MWH_J,
        end_j: start_mwh * MWH_J,
        charge_w: vec![1e6 * power_mw; steps],
        discharge_w: vec![1e6 * power_mw; steps],
        kept: 1.0,
    }
}

fn solved(model: &Model) -> hypocaust::dispatch::optimise::Outcome {
    let found = optimise(model, &EXACT, &[]).unwrap();
    let broken = found.plan.violations(model, TOLERANCE_W);
    assert!(broken.is_empty(), "{broken:?}");
    let objective = found.bill.objective();
    assert!(found.bound <= objective + 1e-9 * objective.abs(), "bound above the plan");
    found
}

fn near(found: f64, wanted: f64) {
    assert!((found - wanted).abs() <= 2e-5 * wanted.abs().max(1.0), "{found} instead of {wanted}");
}

#[test]
fn merit_order_by_hand() {
    // 60 MW: 50 from the cheap one, 10 from the dear one.
    let found = solved(&model(&[60.0], vec![unit("a", 1, 50.0, 100.0), unit("b", 1, 40.0, 200.0)], vec![]));
    near(found.bill.money(), 50.0 * 100.0 + 10.0 * 200.0);
    near(found.plan.heat_w[0][0], 50e6);
}

#[test]
fn a_least_load_pushes_the_cheap_source_down() {
    // The dear one cannot give 10: it gives 30, and the cheap one 30.
    let units = vec![unit("a", 1, 50.0, 100.0), least(unit("b", 1, 40.0, 200.0), 30.0)];
    let found = solved(&model(&[60.0], units, vec![]));
    near(found.bill.money(), 30.0 * 100.0 + 30.0 * 200.0);
}

#[test]
fn a_start_is_not_worth_an_hour() {
    // Three hours, the middle one needs 10 MW more. Cheap peak plant: 10·120 + start 1000; the other: 10·200.
    let mut peak = unit("peak", 3, 40.0, 120.0);
    peak.start = 1000.0;
    let units = |start: f64| {
        let mut peak = peak.clone();
        peak.start = start;
        vec![unit("base", 3, 50.0, 100.0), peak, unit("always", 3, 20.0, 200.0)]
    };
    let base = 140.0 * 100.0;
    near(solved(&model(&[45.0, 60.0, 45.0], units(1000.0), vec![])).bill.money(), base + 10.0 * 200.0);
    near(solved(&model(&[45.0, 60.0, 45.0], units(500.0), vec![])).bill.money(), base + 10.0 * 120.0 + 500.0);
}

#[test]
fn the_store_moves_heat_to_the_dear_hour() {
    // Two hours of 40 MW, the source costs 100, then 300, and reaches 60 MW: 20 MWh are moved, one tenth of them lost.
    let mut source = unit("a", 2, 60.0, 100.0);
    source.running_1_j[1] = Rates::of(Share::Power, 300.0 / MWH_J);
    let mut store = tank(2, 50.0, 30.0, 0.0);
    store.kept = 0.9;
    let found = solved(&model(&[40.0, 40.0], vec![source], vec![store]));
    near(found.bill.money(), 60.0 * 100.0 + (40.0 - 0.9 * 20.0) * 300.0);
    near(found.plan.store_w[0][0], -20e6);
}

#[test]
fn ramps_are_started_ahead_of_the_load() {
    // From 20 to 60 MW with rises of 10 MW in an hour: the other source bridges as little as it can.
    let mut slow = unit("slow", 4, 80.0, 100.0);
    (slow.rise_w, slow.was_on, slow.was_w) = (10e6, true, 20e6);
    let found = solved(&model(&[20.0, 20.0, 60.0, 60.0], vec![slow, unit("fast", 4, 60.0, 500.0)], vec![]));
    near(found.bill.money(), (20.0 + 20.0 + 30.0 + 40.0) * 100.0 + (30.0 + 20.0) * 500.0);
}

#[test]
fn a_quota_keeps_the_cheap_source_for_the_dear_hours() {
    // 60 MWh of the cheap one; the other costs 200 and 400.
    let mut cheap = unit("cheap", 2, 50.0, 100.0);
    cheap.quota_j = 60.0 * MWH_J;
    let mut other = unit("other", 2, 50.0, 200.0);
    other.running_1_j[1] = Rates::of(Share::Power, 400.0 / MWH_J);
    let found = solved(&model(&[50.0, 50.0], vec![cheap, other], vec![]));
    near(found.bill.money(), 60.0 * 100.0 + 40.0 * 200.0);
}

#[test]
fn an_area_takes_no_more_than_can_come_in() {
    // The dear source must give what does not pass: 50 MW wanted there, 30 MW can come in.
    let mut question = model(&[100.0], vec![unit("far", 1, 150.0, 100.0), unit("near", 1, 60.0, 300.0)], vec![]);
    question.areas =
        vec![Area { id: "west".to_owned(), units: vec![1], stores: vec![], least_w: vec![20e6], most_w: vec![60e6] }];
    near(solved(&question).bill.money(), 80.0 * 100.0 + 20.0 * 300.0);
}

#[test]
fn what_sources_may_give_together_is_kept_at_least_cost() {
    // a + ½·b ≤ 50 MW, 90 MW wanted: a at 100 gives way to b at 110 (half as much of the limit) before c at 300 has to help.
    let units = vec![unit("a", 1, 80.0, 100.0), unit("b", 1, 60.0, 110.0), unit("c", 1, 60.0, 300.0)];
    let mut question = model(&[90.0], units, vec![]);
    let most_w = vec![50e6];
    question.cuts = vec![Cut { id: "main".to_owned(), units: vec![1.0, 0.5], stores: vec![], most_w }];
    near(solved(&question).bill.money(), 20.0 * 100.0 + 60.0 * 110.0 + 10.0 * 300.0);
}

#[test]
fn preferred_sources_go_first_and_the_preference_is_no_money() {
    let mut green = unit("green", 1, 30.0, 250.0);
    green.running_1_j[0] = green.running_1_j[0].with(Share::Preference, -1000.0 / MWH_J);
    let found = solved(&model(&[50.0], vec![unit("coal", 1, 60.0, 100.0), green], vec![]));
    near(found.bill.money(), 20.0 * 100.0 + 30.0 * 250.0);
}

#[test]
fn what_cannot_be_given_is_named() {
    let question = model(&[50.0, 80.0], vec![unit("a", 2, 60.0, 100.0)], vec![]);
    let found = optimise(&question, &EXACT, &[]).unwrap();
    let broken = found.plan.violations(&question, TOLERANCE_W);
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert_eq!((broken[0].step, broken[0].what), (1, "missing"));
    near(broken[0].amount_w, 20e6);
    let faults = optimise(&model(&[], vec![], vec![]), &EXACT, &[]).unwrap_err();
    assert!(faults[0].to_string().contains("no steps"));
    let mut wrong = model(&[10.0, 10.0], vec![unit("a", 1, 20.0, 1.0)], vec![]);
    wrong.units[0].start = -1.0;
    let faults: Vec<String> = optimise(&wrong, &EXACT, &[]).unwrap_err().iter().map(ToString::to_string).collect();
    assert!(faults.iter().any(|fault| fault.contains("source a: most_w has 1 values, the demand has 2")), "{faults:?}");
    assert!(faults.iter().any(|fault| fault.contains("start is -1")), "{faults:?}");
}

/// Numbers without a crate: the same on every machine.
struct Dice(u64);

impl Dice {
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.share()
    }

    fn one_in(&mut self, count: f64) -> bool {
        self.share() * count < 1.0
    }
}

fn random_unit(dice: &mut Dice, name: usize, steps: usize) -> Unit {
    let capacity = dice.between(15.0, 60.0).round();
    let mut unit = unit(&format!("u{name}"), steps, capacity, dice.between(80.0, 300.0).round());
    if dice.one_in(1.5) {
        unit = least(unit, (capacity * dice.between(0.2, 0.6)).round());
    }
    if dice.one_in(2.0) {
        unit.start = dice.between(100.0, 3000.0).round();
    }
    if dice.one_in(2.0) {
        let rate = dice.between(0.0, 800.0).round() / HOUR_S;
        unit.standing_1_s = vec![Rates::of(Share::Fuel, rate); steps];
    }
    if dice.one_in(3.0) {
        (unit.rise_w, unit.fall_w) = (1e6 * dice.between(4.0, 20.0).round(), 1e6 * dice.between(4.0, 20.0).round());
    }
    (unit.least_on, unit.least_off) = (1 + (3.0 * dice.share()) as usize, 1 + (3.0 * dice.share()) as usize);
    if dice.one_in(2.0) {
        (unit.was_on, unit.was_w) = (true, unit.least_w[0].max(0.5 * unit.most_w[0]));
    }
    unit.was_for = 1 + (4.0 * dice.share()) as usize;
    if dice.one_in(3.0) {
        for rates in &mut unit.running_1_j {
            *rates = rates.with(Share::Power, dice.between(-60.0, 120.0) / MWH_J);
        }
    }
    unit
}

fn random_model(dice: &mut Dice, units: usize, steps: usize) -> Model {
    let units: Vec<Unit> = (0..units).map(|name| random_unit(dice, name, steps)).collect();
    let all: f64 = units.iter().map(|unit| unit.most_w[0] / 1e6).sum();
    let demand: Vec<f64> = (0..steps).map(|_| dice.between(0.35, 0.8) * all).collect();
    let mut stores = Vec::new();
    if !dice.one_in(3.0) {
        let mut store = tank(steps, dice.between(10.0, 60.0), dice.between(5.0, 25.0), 5.0);
        store.kept = dice.between(0.95, 1.0);
        store.end_j *= 0.5;
        stores.push(store);
    }
    let mut question = model(&demand, units, stores);
    if dice.one_in(4.0) {
        question.units[0].quota_j = 0.5 * question.units[0].most_w[0] * HOUR_S * steps as f64;
    }
    if dice.one_in(5.0) {
        question.forbidden.push(Forbidden { step: 1, of: 3, on: 0 });
    }
    if dice.one_in(4.0) {
        let share = 0.15 * question.demand_w[0];
        question.areas.push(Area {
            id: "east".to_owned(),
            units: vec![1],
            stores: if dice.one_in(2.0) { (0..question.stores.len()).collect() } else { vec![] },
            least_w: vec![share; steps],
            most_w: vec![0.6 * question.demand_w[0]; steps],
        });
    }
    for number in 0..(3.0 * dice.share()) as usize {
        // Sources (and the store) together, each with its share; some count against the others.
        let mut shares = |count: usize| (0..count).map(|_| dice.between(-0.4, 1.0)).collect::<Vec<f64>>();
        let (units, stores) = (shares(question.units.len()), shares(question.stores.len()));
        let most: f64 = units.iter().zip(&question.units).map(|(share, unit)| share.max(0.0) * unit.most_w[0]).sum();
        let most_w = (0..steps).map(|_| if dice.one_in(5.0) { f64::INFINITY } else { dice.between(0.3, 0.9) * most });
        let most_w = most_w.collect();
        question.cuts.push(Cut { id: format!("main {number}"), units, stores, most_w });
    }
    question
}

/// The same question for another solver; `fixed` says which sources run, else it decides. In MW, MWh; its cost.
fn by_others(model: &Model, fixed: Option<&[u32]>) -> f64 {
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let (steps, hours) = (model.steps(), model.step_s / HOUR_S);
    let missing = model.missing_1_j * MWH_J * hours;
    let mut balance: Vec<LinearExpr> = vec![LinearExpr::empty(); steps];
    let mut in_area: Vec<Vec<LinearExpr>> = vec![vec![LinearExpr::empty(); steps]; model.areas.len()];
    let mut in_cut: Vec<Vec<LinearExpr>> = vec![vec![LinearExpr::empty(); steps]; model.cuts.len()];
    let mut on: Vec<Vec<Variable>> = Vec::new();
    for (number, unit) in model.units.iter().enumerate() {
        let (mut heat, mut runs, mut starts, mut stops) = (vec![], vec![], vec![], vec![]);
        let binary = |problem: &mut Problem, cost: f64, value: Option<bool>| match value {
            Some(value) => problem.add_var(cost, (f64::from(u8::from(value)), f64::from(u8::from(value)))),
            None => problem.add_binary_var(cost),
        };
        for step in 0..steps {
            let cost = unit.running_1_j[step].total() * MWH_J * hours;
            heat.push(problem.add_var(cost, (0.0, unit.most_w[step] / 1e6)));
            let value = fixed.map(|path| path[step] >> number & 1 == 1);
            runs.push(binary(&mut problem, unit.standing_1_s[step].total() * model.step_s, value));
            starts.push(problem.add_var(unit.start, (0.0, 1.0)));
            stops.push(problem.add_var(0.0, (0.0, 1.0)));
        }
        for step in 0..steps {
            let (low, high) = (unit.floor_w(step) / 1e6, unit.most_w[step] / 1e6);
            problem.add_constraint([(heat[step], 1.0), (runs[step], -high)], ComparisonOp::Le, 0.0);
            problem.add_constraint([(heat[step], 1.0), (runs[step], -low)], ComparisonOp::Ge, 0.0);
            // on − on₋ = start − stop, and not both.
            let mut change = vec![(runs[step], 1.0), (starts[step], -1.0), (stops[step], 1.0)];
            let was = if step > 0 {
                change.push((runs[step - 1], -1.0));
                0.0
            } else {
                f64::from(u8::from(unit.was_on))
            };
            problem.add_constraint(change.as_slice(), ComparisonOp::Eq, was);
            problem.add_constraint([(starts[step], 1.0), (runs[step], -1.0)], ComparisonOp::Le, 0.0);
            problem.add_constraint([(stops[step], 1.0), (runs[step], 1.0)], ComparisonOp::Le, 1.0);
            // Least times: who starts stays on.
            let after = |steps: usize| runs.iter().skip(step + 1).take(steps.saturating_sub(1));
            for &later in after(unit.least_on) {
                problem.add_constraint([(later, 1.0), (starts[step], -1.0)], ComparisonOp::Ge, 0.0);
            }
            for &later in after(unit.least_off) {
                problem.add_constraint([(later, 1.0), (stops[step], 1.0)], ComparisonOp::Le, 1.0);
            }
            let least = if unit.was_on { unit.least_on } else { unit.least_off };
            if unit.was_for + step < least {
                problem.add_constraint([(runs[step], 1.0)], ComparisonOp::Eq, f64::from(u8::from(unit.was_on)));
            }
            if unit.rise_w.is_finite() {
                let enter = unit.enter_w() / 1e6;
                let mut up = vec![(heat[step], 1.0), (starts[step], -enter)];
                let mut down = vec![(heat[step], -1.0), (runs[step], -unit.fall_w / 1e6)];
                down.push((stops[step], -unit.leave_w() / 1e6));
                let bounds = if step > 0 {
                    up.extend([(heat[step - 1], -1.0), (runs[step - 1], -unit.rise_w / 1e6)]);
                    down.push((heat[step - 1], 1.0));
                    (0.0, 0.0)
                } else {
                    let free = if unit.was_on { unit.rise_w / 1e6 } else { 0.0 };
                    (unit.was_w / 1e6 + free, -unit.was_w / 1e6)
                };
                problem.add_constraint(up.as_slice(), ComparisonOp::Le, bounds.0);
                problem.add_constraint(down.as_slice(), ComparisonOp::Le, bounds.1);
            }
            balance[step].add(heat[step], 1.0);
            for (cut, rows) in model.cuts.iter().zip(&mut in_cut) {
                rows[step].add(heat[step], cut.units[number]);
            }
            for (area, rows) in model.areas.iter().zip(&mut in_area) {
                if area.units.contains(&number) {
                    rows[step].add(heat[step], 1.0);
                }
            }
        }
        if unit.quota_j.is_finite() {
            let all: Vec<(Variable, f64)> = heat.iter().map(|heat| (*heat, hours)).collect();
            problem.add_constraint(all.as_slice(), ComparisonOp::Le, unit.quota_j / MWH_J);
        }
        on.push(runs);
    }
    for (number, store) in model.stores.iter().enumerate() {
        let mut before: Option<Variable> = None;
        for step in 0..steps {
            let low = if step + 1 == steps { store.least_j.max(store.end_j) } else { store.least_j };
            let content = problem.add_var(0.0, (low / MWH_J, store.most_j / MWH_J));
            let out = problem.add_var(0.0, (-store.charge_w[step] / 1e6, store.discharge_w[step] / 1e6));
            let mut row = vec![(content, 1.0), (out, hours)];
            let value = match before {
                Some(before) => {
                    row.push((before, -store.kept));
                    0.0
                }
                None => store.kept * store.start_j / MWH_J,
            };
            problem.add_constraint(row.as_slice(), ComparisonOp::Eq, value);
            balance[step].add(out, 1.0);
            for (cut, rows) in model.cuts.iter().zip(&mut in_cut) {
                rows[step].add(out, cut.stores[number]);
            }
            for (area, rows) in model.areas.iter().zip(&mut in_area) {
                if area.stores.contains(&number) {
                    rows[step].add(out, 1.0);
                }
            }
            before = Some(content);
        }
    }
    for (area, rows) in model.areas.iter().zip(in_area) {
        for (step, mut row) in rows.into_iter().enumerate() {
            let lacking = problem.add_var(missing, (0.0, 1e4));
            let beyond = problem.add_var(missing, (0.0, 1e4));
            for (slack, factor) in [(lacking, 1.0), (beyond, -1.0)] {
                row.add(slack, factor);
                balance[step].add(slack, factor);
            }
            problem.add_constraint(row.clone(), ComparisonOp::Ge, area.least_w[step] / 1e6);
            problem.add_constraint(row, ComparisonOp::Le, area.most_w[step] / 1e6);
        }
    }
    for (cut, rows) in model.cuts.iter().zip(in_cut) {
        for (step, mut row) in rows.into_iter().enumerate().filter(|(step, _)| cut.most_w[*step].is_finite()) {
            row.add(problem.add_var(missing, (0.0, 1e4)), -1.0);
            problem.add_constraint(row, ComparisonOp::Le, cut.most_w[step] / 1e6);
        }
    }
    for bar in &model.forbidden {
        // Only "none of these runs" is asked here.
        assert_eq!(bar.on, 0);
        let some: Vec<(Variable, f64)> = (0..model.units.len())
            .filter(|unit| bar.of >> unit & 1 == 1)
            .map(|unit| (on[unit][bar.step], 1.0))
            .collect();
        problem.add_constraint(some.as_slice(), ComparisonOp::Ge, 1.0);
    }
    for (step, mut row) in balance.into_iter().enumerate() {
        let lacking = problem.add_var(missing, (0.0, 1e4));
        let beyond = problem.add_var(missing, (0.0, 1e4));
        row.add(lacking, 1.0);
        row.add(beyond, -1.0);
        problem.add_constraint(row, ComparisonOp::Eq, model.demand_w[step] / 1e6);
    }
    problem.solve().map_or(f64::INFINITY, |found| found.into_solution().map_or(f64::NAN, |found| found.objective()))
}

#[test]
fn every_way_of_running_tried_one_by_one_gives_the_same_optimum() {
    let mut dice = Dice(11);
    for case in 0..12 {
        let question = random_model(&mut dice, 2, 3);
        let mut best = f64::INFINITY;
        for number in 0..1_u32 << 6 {
            let path: Vec<u32> = (0..3).map(|step| number >> (2 * step) & 3).collect();
            best = best.min(by_others(&question, Some(&path)));
        }
        let found = optimise(&question, &EXACT, &[]).unwrap();
        let own = found.bill.objective();
        if best.is_finite() {
            let broken = found.plan.violations(&question, TOLERANCE_W);
            let told = format!("case {case}: {own}, enumerated {best}, {broken:?}");
            assert!((own - best).abs() <= 1e-4 * best.abs().max(1.0), "{told} {question:?} {:?}", found.plan);
        }
    }
}

#[test]
fn random_cases_have_the_optimum_of_another_solver() {
    let mut dice = Dice(5);
    for case in 0..40 {
        let question = random_model(&mut dice, 3, 5);
        let (other, found) = (by_others(&question, None), optimise(&question, &EXACT, &[]).unwrap());
        let own = found.bill.objective();
        if !other.is_finite() {
            continue;
        }
        assert!(found.bound <= other + 1e-4 * other.abs(), "case {case}: bound {} above {other}", found.bound);
        let broken = found.plan.violations(&question, TOLERANCE_W);
        assert!(own >= other - 1e-4 * other.abs().max(1.0), "case {case}: {own} below {other}, {broken:?}");
        assert!(own <= other + 1e-4 * other.abs().max(1.0), "case {case}: {own}, {other}, gap {}", found.gap);
    }
}

#[test]
fn a_day_is_never_below_its_bound_never_above_the_rule_and_keeps_all_limits() {
    let mut dice = Dice(3);
    for case in 0..4 {
        let question = random_model(&mut dice, 4, 24);
        let effort = Effort { gap: 0.005, rounds: 20, trials: 80 };
        let found = optimise(&question, &effort, &[]).unwrap();
        let objective = found.bill.objective();
        assert!(found.bound <= objective + 1e-9 * objective.abs());
        for rule in [Rule::Priority, Rule::EqualShares] {
            let other = by_rule(&question, rule, &[0, 1, 2, 3]);
            let bill = other.bill(&question);
            let broken = other.violations(&question, TOLERANCE_W);
            let keeps = broken.iter().all(|one| matches!(one.what, "missing" | "surplus"));
            assert!(!keeps || objective <= bill.objective() * (1.0 + 1e-9), "case {case}: {rule:?} is cheaper");
        }
        let broken = found.plan.violations(&question, TOLERANCE_W);
        let unavoidable =
            |what: &str| matches!(what, "missing" | "surplus" | "area-import" | "area-export" | "transport");
        assert!(broken.iter().all(|one| unavoidable(one.what)), "case {case}: {broken:?}");
        assert_eq!(optimise(&question, &effort, &[]).unwrap(), found, "the same question, the same answer");
    }
}
