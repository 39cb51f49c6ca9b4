//! The transport limits of a network as a model has them: found before planning, and completed by every plan.
//!
//! First the cheapest splits at a few loads and prices, by a small linear programme, each held against the network at rest until
//! the network bears them all (`bearing`). Then every plan, step by step, in the same way. Every limit found holds in all steps. What the
//! network's own way of running gives in a step stays allowed in it.

use rayon::prelude::*;

use super::bearing::{Bearing, alike};
use super::model::{Cut, Model};
use super::plan::Plan;
use super::programme::cheapest_split;
use super::trial::{Setting, Start, beside_w, network_heat_w};
use crate::network::Network;

/// Rounds of splits and limits before planning.
const ROUNDS: usize = 10;
/// Loads and prices that are asked about.
const LEVELS: usize = 3;
const PRICES: usize = 3;
/// Parts of the time; each has limits drawn from its worst step. A fixed number: what a solve starts from must not depend on
/// the machine.
const PARTS: usize = 12;
/// Limits that differ by less (cosine; share of the demand) are one.
const SAME: f64 = 0.9992;
const SAME_SHARE: f64 = 0.003;

/// What is known of a network's transport.
pub(super) struct Transport<'a> {
    network: &'a Network,
    setting: &'a Setting,
    bearing: Bearing,
    /// Heat of each source as the network runs by itself, by step, W.
    own_w: &'a [Vec<f64>],
}

impl<'a> Transport<'a> {
    /// `None` where there is nothing to share out.
    pub(super) fn new(
        network: &'a Network,
        setting: &'a Setting,
        start: &Start,
        own_w: &'a [Vec<f64>],
    ) -> Option<Transport<'a>> {
        if setting.sources.len() < 2 {
            return None;
        }
        let mut bearing = Bearing::new(network, setting, start)?;
        let mut by_load = by(own_w.len(), |step| own_w[step].iter().sum());
        by_load.dedup();
        for step in spread(&by_load, LEVELS) {
            bearing.bears(network, &own_w[step]);
        }
        Some(Transport { network, setting, bearing, own_w })
    }

    /// Limits of the pumps, and of what the cheapest splits meet.
    pub(super) fn probe(&self, model: &mut Model) {
        let steps = model.steps();
        let count = model.units.len();
        for unit in 0..count {
            let widest =
                (0..steps).map(|step| model.units[unit].most_w[step] + beside_w(self.setting, model, unit, step));
            let most_w = self.bearing.most_w(unit);
            if most_w < widest.fold(0.0, f64::max) {
                let id = format!("source-flow-high {}", model.units[unit].id);
                self.add(model, along(self.setting, model, id, unit, 1.0, most_w));
            }
        }
        let level = spread(&by(steps, |step| self.own_w[step].iter().sum()), LEVELS);
        let cost = |step: usize| model.units.iter().map(|unit| unit.running_1_j[step].total()).sum::<f64>();
        let price = spread(&by(steps, cost), PRICES);
        for _ in 0..ROUNDS {
            let mut asked: Vec<(usize, Vec<f64>)> = Vec::new();
            for &at in &level {
                let total_w: f64 = self.own_w[at].iter().sum();
                let most_w: Vec<f64> = (0..count)
                    .map(|unit| model.units[unit].most_w[at] + beside_w(self.setting, model, unit, at))
                    .collect();
                let cuts: Vec<(&[f64], f64)> = model.cuts.iter().map(|cut| (&*cut.units, cut.most_w[at])).collect();
                for &hour in &price {
                    let cost: Vec<f64> = model.units.iter().map(|unit| unit.running_1_j[hour].total()).collect();
                    let split = cheapest_split(&cost, &most_w, &cuts, total_w);
                    let near = |other: &[f64], own: &[f64]| {
                        other.iter().zip(own).all(|(a, b)| (a - b).abs() < SAME_SHARE * total_w)
                    };
                    if let Some(split) = split.filter(|own| !asked.iter().any(|(_, other)| near(other, own))) {
                        asked.push((at, split));
                    }
                }
            }
            let found: Vec<Vec<Cut>> = asked
                .par_iter()
                .map(|(at, heat_w)| self.bearing.clone().planes(self.network, &self.own_w[*at], heat_w, steps))
                .collect();
            let mut any = false;
            for cut in found.into_iter().flatten() {
                any |= self.add(model, cut);
            }
            if !any {
                break;
            }
        }
    }

    /// Limits that a plan does not keep; whether there were any.
    pub(super) fn take_in(&self, model: &mut Model, plan: &Plan) -> bool {
        let steps = model.steps();
        let part = steps.div_ceil(PARTS);
        let heat = |step: usize| -> Vec<f64> {
            (0..model.units.len()).map(|unit| network_heat_w(self.setting, plan, unit, step).max(0.0)).collect()
        };
        let found: Vec<Vec<Cut>> = (0..PARTS)
            .into_par_iter()
            .map(|number| {
                let mut bearing = self.bearing.clone();
                let mut worst: Option<(usize, f64)> = None;
                for step in number * part..((number + 1) * part).min(steps) {
                    let excess = bearing.excess(self.network, &heat(step));
                    if Bearing::is_beyond(excess) && worst.is_none_or(|(_, other)| excess > other) {
                        worst = Some((step, excess));
                    }
                }
                let Some((step, _)) = worst else { return Vec::new() };
                let heat_w = heat(step);
                let own_w = &self.own_w[step];
                let share = heat_w.iter().sum::<f64>() / own_w.iter().sum::<f64>().max(1.0);
                let own_w: Vec<f64> = own_w.iter().map(|w| share * w).collect();
                bearing.planes(self.network, &own_w, &heat_w, steps)
            })
            .collect();
        let mut any = false;
        for cut in found.into_iter().flatten() {
            any |= self.add(model, cut);
        }
        any
    }

    /// Takes a limit in; `false`: it is known.
    fn add(&self, model: &mut Model, mut cut: Cut) -> bool {
        let most_w = model.demand_w.iter().copied().fold(0.0, f64::max);
        for (step, own_w) in self.own_w.iter().enumerate() {
            let own_w: f64 = cut.units.iter().zip(own_w).map(|(share, w)| share * w).sum();
            cut.most_w[step] = cut.most_w[step].max(own_w);
        }
        let least = |cut: &Cut| cut.most_w.iter().copied().fold(f64::INFINITY, f64::min);
        let same = |other: &&mut Cut| alike(&other.units, &cut.units) > SAME;
        match model.cuts.iter_mut().find(same) {
            Some(other) if least(other) <= least(&cut) + SAME_SHARE * most_w => false,
            Some(other) => {
                *other = cut;
                true
            }
            None => {
                model.cuts.push(cut);
                true
            }
        }
    }
}

/// A limit on one source with its tanks: `sign` times its heat is at most so much.
pub(super) fn along(setting: &Setting, model: &Model, id: String, unit: usize, sign: f64, most_w: f64) -> Cut {
    let mut cut = Cut {
        id,
        units: vec![0.0; model.units.len()],
        stores: vec![0.0; model.stores.len()],
        most_w: vec![most_w; model.steps()],
    };
    cut.units[unit] = sign;
    setting.tanks_at(unit).for_each(|store| cut.stores[store] = sign);
    cut
}

/// Steps by a value, rising.
fn by(steps: usize, value: impl Fn(usize) -> f64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..steps).collect();
    order.sort_by(|a, b| value(*a).total_cmp(&value(*b)).then(a.cmp(b)));
    order
}

/// Limits that take part in a programme: in most steps most of them are far from being met.
pub(super) struct Working {
    pub model: Model,
}

/// A limit takes part from this near on, share of the demand, once a plan came so near.
const NEAR_SHARE: f64 = 0.005;
/// The same for splits made without looking ahead.
const FIRST_SHARE: f64 = 0.02;
/// Beyond by less than this share of the demand is met.
const MET_SHARE: f64 = 0.001;

impl Working {
    /// Those near the cheapest split of each step alone.
    pub(super) fn new(setting: &Setting, full: &Model) -> Working {
        let mut model = full.clone();
        model.cuts.clear();
        let mut out = Working { model };
        out.complete(full);
        let splits: Vec<Vec<f64>> = (0..full.steps())
            .into_par_iter()
            .map(|step| {
                let most = |unit: usize| full.units[unit].most_w[step] + beside_w(setting, full, unit, step);
                let most_w: Vec<f64> = (0..full.units.len()).map(most).collect();
                let cost: Vec<f64> = full.units.iter().map(|unit| unit.running_1_j[step].total()).collect();
                let cuts: Vec<(&[f64], f64)> = full.cuts.iter().map(|cut| (&*cut.units, cut.most_w[step])).collect();
                cheapest_split(&cost, &most_w, &cuts, full.demand_w[step]).unwrap_or_default()
            })
            .collect();
        for (cut, own) in full.cuts.iter().zip(&mut out.model.cuts) {
            for (step, split) in splits.iter().enumerate() {
                let at: f64 = cut.units.iter().zip(split).map(|(share, w)| share * w).sum();
                if at > cut.most_w[step] - FIRST_SHARE * full.demand_w[step] {
                    own.most_w[step] = cut.most_w[step];
                }
            }
        }
        out
    }

    /// New limits of the full model, not taking part yet; changed ones are changed where they do.
    fn complete(&mut self, full: &Model) {
        for (number, cut) in full.cuts.iter().enumerate() {
            let none = || vec![f64::INFINITY; cut.most_w.len()];
            let known = self.model.cuts.get(number).map_or_else(none, |own| own.most_w.clone());
            let now = known.iter().zip(&cut.most_w).map(|(own, full)| if own.is_finite() { *full } else { *own });
            let cut = Cut { most_w: now.collect(), ..cut.clone() };
            match self.model.cuts.get_mut(number) {
                Some(own) => *own = cut,
                None => self.model.cuts.push(cut),
            }
        }
    }

    /// Has the limits that a plan meets or nearly meets take part; whether it is beyond one.
    pub(super) fn take_in(&mut self, full: &Model, plan: &Plan) -> bool {
        self.complete(full);
        let mut beyond = false;
        for (cut, own) in full.cuts.iter().zip(&mut self.model.cuts) {
            for step in (0..full.steps()).filter(|step| cut.most_w[*step].is_finite()) {
                let room = (cut.most_w[step] - cut.of(plan, step)) / full.demand_w[step].max(1.0);
                if room < NEAR_SHARE {
                    beyond |= room < -MET_SHARE;
                    own.most_w[step] = cut.most_w[step];
                }
            }
        }
        beyond
    }

    /// What a plan is beyond limits by next to nothing is let pass.
    pub(super) fn let_pass(full: &mut Model, plan: &Plan) {
        let demand_w = full.demand_w.clone();
        for cut in &mut full.cuts {
            for (step, demand_w) in demand_w.iter().enumerate() {
                let at = cut.of(plan, step);
                if at > cut.most_w[step] && at - cut.most_w[step] <= MET_SHARE * demand_w {
                    cut.most_w[step] = at;
                }
            }
        }
    }
}

/// Some of a list, its ends among them.
fn spread(all: &[usize], count: usize) -> Vec<usize> {
    let mut out: Vec<usize> = match all.len() {
        0 => Vec::new(),
        length => (0..count).map(|number| all[number * (length - 1) / (count - 1).max(1)]).collect(),
    };
    out.dedup();
    out
}
