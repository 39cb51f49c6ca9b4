//! Plans made until the network bears one.
//!
//! A bound without the network's limits; what its pipes carry (`transport`); plans within that, each held against the network at
//! rest, until nothing new is found; then simulated in time. What is found there draws its step towards the network's own way
//! (`near`) and the plan is made again. The last resort is the own way itself, so that there is a plan that the network bears
//! whenever it bears its own way. The bound is that of the model with the transport limits, without what was drawn: the gap
//! counts what drawing costs.

use super::model::Model;
use super::near::{Drawn, Near, own_plan};
use super::propose::{Refusal, Request};
use super::search::{Effort, Outcome, optimise};
use super::transport::{Transport, Working, along};
use super::trial::{Setting, Start, Tried};
use crate::network::Network;

/// Plans held against the network at rest, at most.
const AT_REST: usize = 9;
/// Plans simulated, at most; then the network's own way.
const IN_TIME: usize = 7;
/// Plans in one drawing, until the limits that take part are all that matter.
const DRAWN: usize = 3;
/// Gap of a plan that only shows which limits matter.
const ROUGH_GAP: f64 = 0.02;
/// Effort where the same sources run at the same times.
const AS_IT_RAN: Effort = Effort { gap: 1.0, rounds: 0, trials: 0 };
/// Missing heat that is rounding, share of the cost.
const MISSING_SHARE: f64 = 1e-5;
/// Effort where only a bound is wanted, and where a plan is changed in a few steps only.
const QUICK_ROUNDS: usize = 12;
const QUICK_TRIALS: usize = 60;

/// What is planned for.
pub(super) struct Asked<'a> {
    pub network: &'a Network,
    pub request: &'a Request,
    pub setting: &'a Setting,
    pub start: &'a Start,
    /// The network as it runs by itself, and the heats of its sources by step.
    pub own: &'a Tried,
    pub own_w: &'a [Vec<f64>],
}

/// What came of it.
pub(super) struct Planned {
    pub outcome: Outcome,
    pub tried: Tried,
    pub free_bound: f64,
    pub drawn: Vec<Drawn>,
    pub plans: usize,
    pub simulated: usize,
}

impl Asked<'_> {
    /// Plans; the transport limits found stay in the model.
    pub(super) fn planned(&self, model: &mut Model, progress: &impl Fn()) -> Result<Planned, Refusal> {
        let effort = &self.request.effort;
        let quick =
            Effort { rounds: QUICK_ROUNDS.min(effort.rounds), trials: QUICK_TRIALS.min(effort.trials), ..*effort };
        // A tank takes what its source gives: it cannot draw on the network through its source's pumps.
        for unit in 0..model.units.len() {
            if self.setting.tanks_at(unit).next().is_some() {
                let id = format!("tank {}", model.units[unit].id);
                model.cuts.push(along(self.setting, model, id, unit, -1.0, 0.0));
            }
        }
        let transport = Transport::new(self.network, self.setting, self.start, self.own_w);
        let unlimited = model.clone();
        let (free, ()) = rayon::join(
            || optimise(&unlimited, &quick, &[]),
            || transport.iter().for_each(|transport| transport.probe(model)),
        );
        let free = free.map_err(Refusal::Model)?;
        progress();
        let mut working = Working::new(self.setting, model);
        let mut known = free.plan.running.clone();
        let mut plans = 1;
        // Roughly until no limit is new, then as well as asked.
        let mut rough = true;
        let mut outcome = loop {
            let effort = if rough { Effort { gap: ROUGH_GAP.max(effort.gap), rounds: 3, trials: 8 } } else { *effort };
            let outcome = optimise(&working.model, &effort, &[known]).map_err(Refusal::Model)?;
            plans += 1;
            progress();
            known = outcome.plan.running.clone();
            let mut again = working.take_in(model, &outcome.plan);
            if !again && transport.as_ref().is_some_and(|transport| transport.take_in(model, &outcome.plan)) {
                again = working.take_in(model, &outcome.plan);
            }
            if (!again && !rough) || plans > AT_REST {
                break outcome;
            }
            rough = again && rough && plans + 2 < AT_REST;
        };
        let bound = outcome.bound;
        let mut near = Near::new(self.setting, self.own_w);
        let mut best: Option<(usize, Outcome, Tried)> = None;
        let mut simulated = 0;
        loop {
            let tried = self.start.run(self.network, self.setting, model, &outcome.plan);
            simulated += 1;
            progress();
            let found = tried.found.len();
            let again = found > 0 && simulated < IN_TIME && near.draw(model, &outcome.plan, &tried, self.own);
            if best.as_ref().is_none_or(|(least, _, _)| found < *least) {
                best = Some((found, outcome.clone(), tried));
            }
            if !again {
                break;
            }
            for _ in 0..DRAWN {
                let mut drawn = working.model.clone();
                drawn.cuts.extend(near.cuts(model));
                let running = near.running(model, &outcome.plan);
                let known = [running, outcome.plan.running];
                let mut found = optimise(&drawn, &AS_IT_RAN, &known).map_err(Refusal::Model)?;
                if found.bill.missing > MISSING_SHARE * found.bill.money().abs() {
                    // No plan inside the boxes runs the same sources.
                    found = optimise(&drawn, &quick, &known).map_err(Refusal::Model)?;
                }
                plans += 1;
                progress();
                outcome = Self::priced(model, found);
                if !working.take_in(model, &outcome.plan) {
                    break;
                }
            }
        }
        let own = self.own.found.len();
        let (outcome, tried) = match best {
            Some((found, outcome, tried)) if found == 0 || found <= own => (outcome, tried),
            _ => {
                let plan = own_plan(self.setting, model, self.own_w);
                (Outcome { plan, ..outcome }, self.own.clone())
            }
        };
        Working::let_pass(model, &outcome.plan);
        let outcome = Self::against(model, outcome, bound);
        Ok(Planned { outcome, tried, free_bound: free.bound, drawn: near.steps(), plans, simulated })
    }

    /// A plan with its bill without the boxes it was made in.
    fn priced(model: &Model, outcome: Outcome) -> Outcome {
        Outcome { bill: outcome.plan.bill(model), ..outcome }
    }

    /// The gap of a plan to a bound found before.
    fn against(model: &Model, mut outcome: Outcome, bound: f64) -> Outcome {
        outcome.bill = outcome.plan.bill(model);
        let objective = outcome.bill.objective();
        outcome.bound = bound.min(objective);
        outcome.gap = (objective - outcome.bound) / outcome.bill.money().abs().max(1e-9);
        outcome
    }
}
