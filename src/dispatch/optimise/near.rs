//! The way back: a plan drawn step by step towards how the network runs by itself, until the simulator bears it.
//!
//! Where the simulator finds something in a step, the heats of that step and of those before it (water on its way) have to lie
//! between what the network's own way gives and a share of the way to the plan; the next time a smaller share, then none.
//! Boxes only ever shrink, so that this ends, with the own way itself at the latest.

use super::model::{Cut, Model};
use super::plan::Plan;
use super::transport::along;
use super::trial::{Setting, Tried, network_heat_w};
use crate::network::{Code, ElementRef};

/// Shares of the way from the network's own split to the plan, one after the other.
const SHARES: [f64; 5] = [0.92, 0.8, 0.6, 0.3, 0.0];
/// The first of them where a consumer is short: temperatures answer less than pressures do.
const FIRST_WHERE_SHORT: usize = 2;
/// Steps before one in which a consumer is short that are drawn along, s.
const ON_ITS_WAY_S: f64 = 3600.0;
/// A box is this wide at least, share of the demand.
const WIDTH: f64 = 0.001;

/// A step drawn towards the network's own way.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    pub step: usize,
    /// Of the way from the network's own split to the plan at most.
    pub share: f64,
    /// What was found in it, or behind it, first.
    pub because: Code,
    pub element: ElementRef,
}

/// Boxes around the network's own way.
pub(super) struct Near<'a> {
    setting: &'a Setting,
    own_w: &'a [Vec<f64>],
    /// By step: how often it was drawn, and the plan it was drawn from.
    drawn: Vec<Option<(usize, Vec<f64>)>>,
    /// By step: what was found first.
    because: Vec<Option<(Code, ElementRef)>>,
}

impl<'a> Near<'a> {
    pub(super) fn new(setting: &'a Setting, own_w: &'a [Vec<f64>]) -> Near<'a> {
        Near { setting, own_w, drawn: vec![None; own_w.len()], because: vec![None; own_w.len()] }
    }

    /// Steps that were drawn.
    pub(super) fn steps(&self) -> Vec<Drawn> {
        let told = |step: usize| {
            let (times, _) = self.drawn[step].as_ref()?;
            let (because, element) = self.because[step].clone()?;
            Some(Drawn { step, share: SHARES[*times], because, element })
        };
        (0..self.drawn.len()).filter_map(told).collect()
    }

    /// Draws the steps in which something was found that the network's own way does not break; `false`: there is nothing to draw
    /// any more.
    pub(super) fn draw(&mut self, model: &Model, plan: &Plan, tried: &Tried, own: &Tried) -> bool {
        let back = (ON_ITS_WAY_S / model.step_s).ceil() as usize;
        let mut wanted: Vec<Option<usize>> = vec![None; self.drawn.len()];
        for found in &tried.found {
            let own_too = own.found.iter().any(|other| {
                other.step == found.step
                    && other.finding.code == found.finding.code
                    && other.finding.element == found.finding.element
            });
            if own_too {
                continue;
            }
            let short = found.finding.code == Code::ConsumerShort;
            let (before, first) = if short { (back, FIRST_WHERE_SHORT) } else { (1, 0) };
            let span = found.step.saturating_sub(before)..=found.step;
            for wanted in &mut wanted[span.clone()] {
                *wanted = (*wanted).max(Some(first));
            }
            for because in &mut self.because[span] {
                because.get_or_insert_with(|| (found.finding.code, found.finding.element.clone()));
            }
        }
        let mut any = false;
        for (step, first) in wanted.into_iter().enumerate().filter_map(|(step, first)| Some((step, first?))) {
            match &mut self.drawn[step] {
                Some((times, _)) if *times + 1 < SHARES.len() => *times = (*times + 1).max(first),
                Some(_) => continue,
                none => {
                    let heat = |unit: usize| network_heat_w(self.setting, plan, unit, step);
                    *none = Some((first, (0..model.units.len()).map(heat).collect()));
                }
            }
            any = true;
        }
        any
    }

    /// The boxes as limits.
    pub(super) fn cuts(&self, model: &Model) -> Vec<Cut> {
        let mut out = Vec::new();
        for unit in 0..model.units.len() {
            for sign in [1.0, -1.0] {
                let id = format!("as-it-runs {}", model.units[unit].id);
                let mut cut = along(self.setting, model, id, unit, sign, f64::INFINITY);
                for (step, drawn) in self.drawn.iter().enumerate() {
                    let Some((times, from_w)) = drawn else { continue };
                    let own_w = self.own_w[step][unit];
                    let to_w = own_w + SHARES[*times] * (from_w[unit] - own_w);
                    cut.most_w[step] = (sign * own_w).max(sign * to_w) + WIDTH * model.demand_w[step];
                }
                if cut.most_w.iter().any(|w| w.is_finite()) {
                    out.push(cut);
                }
            }
        }
        out
    }

    /// Ways of running from which a plan inside the boxes can start: what the boxes want on is on.
    pub(super) fn running(&self, model: &Model, plan: &Plan) -> Vec<u32> {
        let mut running = plan.running.clone();
        for (step, drawn) in self.drawn.iter().enumerate() {
            let Some((times, from_w)) = drawn else { continue };
            for (unit, (own_w, from_w)) in self.own_w[step].iter().zip(from_w).enumerate() {
                let least_w = own_w.min(own_w + SHARES[*times] * (from_w - own_w));
                if least_w > WIDTH * model.demand_w[step] {
                    running[step] |= 1 << unit;
                }
            }
        }
        running
    }
}

/// The network's own way as a plan: every source gives what it gives by itself, stores keep what they hold.
pub(super) fn own_plan(setting: &Setting, model: &Model, own_w: &[Vec<f64>]) -> Plan {
    let mut plan = Plan::idle(model.steps(), model.units.len(), model.stores.len(), model.areas.len());
    let mut held: Vec<f64> = model.stores.iter().map(|store| store.start_j).collect();
    for (step, own_w) in own_w.iter().enumerate() {
        for (unit, w) in own_w.iter().enumerate() {
            plan.heat_w[unit][step] = *w;
        }
        for (number, store) in model.stores.iter().enumerate() {
            // A tank is kept as full as it was; buildings as warm as they were.
            let lost_w = (held[number] - store.kept * held[number]) / model.step_s;
            let into_w = lost_w.max(0.0).min(store.charge_w[step]);
            if let Some(unit) = setting.beside[number].filter(|unit| own_w[*unit] > 0.0) {
                plan.store_w[number][step] = -into_w;
                plan.heat_w[unit][step] += into_w;
            }
            held[number] = store.kept * held[number] - plan.store_w[number][step] * model.step_s;
            plan.content_j[number][step] = held[number];
        }
        let runs = |unit: &usize| plan.heat_w[*unit][step] > 0.0;
        plan.running.push((0..own_w.len()).filter(runs).fold(0, |way, unit| way | 1 << unit));
        let open_w = model.demand_w[step] - own_w.iter().sum::<f64>();
        plan.missing_w[step] = open_w.max(0.0);
        plan.surplus_w[step] = (-open_w).max(0.0);
    }
    plan
}
