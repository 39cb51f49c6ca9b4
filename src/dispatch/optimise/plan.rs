//! A plan: which source runs when and gives how much, what the stores do, what it costs, and which limits it keeps.
//!
//! [`Plan::bill`] and [`Plan::violations`] know nothing of how a plan was found: they go by the model alone, step by step, so
//! that a mistake of the search cannot hide.

use super::model::{Model, Rates};

/// A plan over the steps of a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Which sources run, by step: bit by number of the source.
    pub running: Vec<u32>,
    /// Heat by source and step, W.
    pub heat_w: Vec<Vec<f64>>,
    /// Heat out of each store by step, W; negative: into it.
    pub store_w: Vec<Vec<f64>>,
    /// Content of each store at the end of each step, J.
    pub content_j: Vec<Vec<f64>>,
    /// Heat that is missing, and heat that nobody wants, by step, W.
    pub missing_w: Vec<f64>,
    pub surplus_w: Vec<f64>,
    /// What areas lack beyond what can come in, or have beyond what can go out, W, by area and step.
    pub area_missing_w: Vec<Vec<f64>>,
    pub area_surplus_w: Vec<Vec<f64>>,
}

/// What a plan costs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bill {
    pub shares: Rates,
    pub starts: f64,
    pub start_count: usize,
    /// Price of what is missing or too much: heat, beyond a quota, at the end of a store; no money either.
    pub missing: f64,
    pub carbon_kg: f64,
    /// Heat by source, J.
    pub heat_j: Vec<f64>,
    pub starts_of: Vec<usize>,
    pub money_of: Vec<f64>,
}

impl Bill {
    /// What the search minimises.
    pub fn objective(&self) -> f64 {
        self.shares.total() + self.starts + self.missing
    }

    /// What is paid, CO₂ at its price included.
    pub fn money(&self) -> f64 {
        self.shares.total() - self.shares.0[super::model::Share::Preference as usize] + self.starts
    }
}

/// A limit of the model that a plan breaks.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    pub step: usize,
    /// Source, store or area; empty: the balance.
    pub who: String,
    pub what: &'static str,
    pub amount_w: f64,
}

impl Plan {
    /// Nothing given yet; which sources run is still to be said.
    pub fn idle(steps: usize, units: usize, stores: usize, areas: usize) -> Plan {
        let nothing = |count: usize| vec![vec![0.0; steps]; count];
        Plan {
            running: Vec::with_capacity(steps),
            heat_w: nothing(units),
            store_w: nothing(stores),
            content_j: nothing(stores),
            missing_w: vec![0.0; steps],
            surplus_w: vec![0.0; steps],
            area_missing_w: nothing(areas),
            area_surplus_w: nothing(areas),
        }
    }

    pub fn runs(&self, unit: usize, step: usize) -> bool {
        self.running[step] >> unit & 1 == 1
    }

    /// What it costs.
    pub fn bill(&self, model: &Model) -> Bill {
        let (steps, count) = (model.steps(), model.units.len());
        let mut bill =
            Bill { heat_j: vec![0.0; count], starts_of: vec![0; count], money_of: vec![0.0; count], ..Bill::default() };
        let seconds = model.step_s;
        for (number, unit) in model.units.iter().enumerate() {
            let mut own = Rates::default();
            let mut was_on = unit.was_on;
            for step in 0..steps {
                let on = self.runs(number, step);
                let heat_j = self.heat_w[number][step] * seconds;
                bill.heat_j[number] += heat_j;
                own.add(&unit.running_1_j[step], heat_j);
                bill.carbon_kg += unit.carbon_kg_j[step] * heat_j;
                if on {
                    own.add(&unit.standing_1_s[step], seconds);
                    bill.carbon_kg += unit.standing_carbon_kg_s * seconds;
                    if !was_on {
                        bill.starts_of[number] += 1;
                    }
                }
                was_on = on;
            }
            let starts = unit.start * bill.starts_of[number] as f64;
            bill.starts += starts;
            bill.start_count += bill.starts_of[number];
            bill.money_of[number] = own.total() - own.0[super::model::Share::Preference as usize] + starts;
            bill.shares.add(&own, 1.0);
        }
        let wrong = self.missing_w.iter().chain(&self.surplus_w);
        let of_areas = self.area_missing_w.iter().chain(&self.area_surplus_w).flatten();
        let mut lacking_j = seconds * wrong.chain(of_areas).sum::<f64>();
        for (unit, heat_j) in model.units.iter().zip(&bill.heat_j).filter(|(unit, _)| unit.quota_j.is_finite()) {
            lacking_j += (heat_j - unit.quota_j).max(0.0);
        }
        for (store, content_j) in model.stores.iter().zip(&self.content_j) {
            lacking_j += content_j.last().map_or(0.0, |last_j| (store.end_j - last_j).max(0.0));
        }
        let beyond = |cut: &super::model::Cut| (0..steps).map(|step| cut.beyond_w(self, step)).sum::<f64>();
        lacking_j += seconds * model.cuts.iter().map(beyond).sum::<f64>();
        bill.missing = model.missing_1_j * lacking_j;
        bill
    }

    /// Limits it breaks by more than `tolerance_w` (a content: by more than that over a step).
    pub fn violations(&self, model: &Model, tolerance_w: f64) -> Vec<Violation> {
        let mut out = Vec::new();
        let steps = model.steps();
        let mut tell = |step: usize, who: &str, what: &'static str, amount_w: f64| {
            if amount_w > tolerance_w || amount_w.is_nan() {
                out.push(Violation { step, who: who.to_owned(), what, amount_w });
            }
        };
        for step in 0..steps {
            let made: f64 = self.heat_w.iter().map(|heat| heat[step]).sum();
            let stored: f64 = self.store_w.iter().map(|heat| heat[step]).sum();
            let of_areas: f64 = self.area_missing_w.iter().map(|w| w[step]).sum::<f64>()
                - self.area_surplus_w.iter().map(|w| w[step]).sum::<f64>();
            let open_w = made + stored + self.missing_w[step] - self.surplus_w[step] + of_areas - model.demand_w[step];
            tell(step, "", "balance", open_w.abs());
            tell(step, "", "missing", self.missing_w[step]);
            tell(step, "", "surplus", self.surplus_w[step]);
            for forbidden in model.forbidden.iter().filter(|bar| bar.applies(step, self.running[step])) {
                let first = model.units.get(forbidden.of.trailing_zeros() as usize);
                tell(step, first.map_or("", |unit| &unit.id), "forbidden", f64::INFINITY);
            }
        }
        for (number, unit) in model.units.iter().enumerate() {
            let heat = &self.heat_w[number];
            let (mut was_on, mut was_w, mut since) = (unit.was_on, unit.was_w, unit.was_for);
            for (step, &heat_w) in heat.iter().enumerate() {
                let on = self.runs(number, step);
                let (low_w, high_w) = if on { (unit.floor_w(step), unit.most_w[step]) } else { (0.0, 0.0) };
                tell(step, &unit.id, "least-load", low_w - heat_w);
                tell(step, &unit.id, "capacity", heat_w - high_w);
                let rise_w = if was_on { unit.rise_w } else { unit.enter_w() };
                // What its capacity loses is no ramp of its own.
                let before_w = if step > 0 { unit.most_w[step - 1] } else { unit.was_w };
                let fall_w = if on { unit.fall_w.max(before_w - high_w) } else { unit.leave_w() };
                tell(step, &unit.id, "ramp-up", heat_w - was_w - rise_w);
                tell(step, &unit.id, "ramp-down", was_w - heat_w - fall_w);
                if on == was_on {
                    since += 1;
                } else {
                    let least = if was_on { unit.least_on } else { unit.least_off };
                    if since < least {
                        let what = if was_on { "least-time-on" } else { "least-time-off" };
                        tell(step, &unit.id, what, f64::INFINITY);
                    }
                    since = 1;
                }
                if unit.must_run && !on {
                    tell(step, &unit.id, "must-run", f64::INFINITY);
                }
                (was_on, was_w) = (on, heat_w);
            }
            let total_j: f64 = heat.iter().sum::<f64>() * model.step_s;
            tell(steps.saturating_sub(1), &unit.id, "quota", (total_j - unit.quota_j) / model.step_s);
        }
        for (number, store) in model.stores.iter().enumerate() {
            let mut content_j = store.start_j;
            for step in 0..steps {
                let out_w = self.store_w[number][step];
                tell(step, &store.id, "discharge", out_w - store.discharge_w[step]);
                tell(step, &store.id, "charge", -out_w - store.charge_w[step]);
                content_j = store.kept * content_j - out_w * model.step_s;
                tell(step, &store.id, "content", (content_j - store.most_j) / model.step_s);
                tell(step, &store.id, "content", (store.least_j - content_j) / model.step_s);
                tell(step, &store.id, "content", (content_j - self.content_j[number][step]).abs() / model.step_s);
            }
            tell(steps.saturating_sub(1), &store.id, "content-at-end", (store.end_j - content_j) / model.step_s);
        }
        for (number, area) in model.areas.iter().enumerate() {
            for step in 0..steps {
                let made_w: f64 = area.units.iter().map(|unit| self.heat_w[*unit][step]).sum::<f64>()
                    + area.stores.iter().map(|store| self.store_w[*store][step]).sum::<f64>();
                let low_w = area.least_w[step] - made_w;
                let high_w = made_w - area.most_w[step];
                tell(step, &area.id, "area-import", low_w.max(self.area_missing_w[number][step]));
                tell(step, &area.id, "area-export", high_w.max(self.area_surplus_w[number][step]));
            }
        }
        for cut in &model.cuts {
            for step in 0..steps {
                tell(step, &cut.id, "transport", cut.beyond_w(self, step));
            }
        }
        out
    }
}
