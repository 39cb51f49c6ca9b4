//! Sources that share the load as a plan says.
//!
//! A plan is made for the load that a run of the alternative with its own holds has shown. In the run that counts, one source
//! holds the pressure at the worst consumer (the pressure reference while it runs, else the one with the largest share) and
//! gives what is wanted; every other one holds the flow that carries its share of the heat taken at present. Shares, not heats: where
//! it is colder than planned, all give more. Tanks of the prices stand beside their sources: the source makes what it gives less what its tank gives.

use super::bill::makes_heat;
use super::{Conditions, Refusal, SourceRunning};
use crate::dispatch::optimise::propose::{Request, propose};
use crate::dispatch::optimise::terms::{Clock, SourceTerms, Terms};
use crate::dispatch::optimise::{Effort, Model, Plan, Rule, by_rule, merit_order};
use crate::network::{LinkId, Network, SourceControl};
use crate::simulation::Simulation;
use crate::solver::problem::Hold;

/// Available pressure at the worst consumer above the most that any requires, Pa.
const MARGIN_PA: f64 = 20_000.0;
/// Where no consumer says what it requires.
const USUAL_REQUIRED_PA: f64 = 80_000.0;
/// Flows are set anew this often, s.
const INTERVAL_S: f64 = 300.0;

/// Load of a run by step of the plan, means.
#[derive(Clone, Debug, Default)]
pub(super) struct Load {
    pub consumed_w: Vec<f64>,
    pub supplied_w: Vec<f64>,
    pub outdoor_c: Vec<f64>,
}

/// A plan as shares.
#[derive(Clone, Debug)]
pub(super) struct Steering {
    step_s: f64,
    sources: Vec<LinkId>,
    /// By source and step: share of all heat given to the network, and whether it runs.
    share: Vec<Vec<f64>>,
    runs: Vec<Vec<bool>>,
    /// By source and step: heat of the tanks beside it over the heat it gives to the network.
    tank_share: Vec<Vec<f64>>,
    reference: Option<usize>,
    available_pa: f64,
    set_at_s: f64,
}

/// Terms for a network without prices: every source free, as large as it says.
fn bare(network: &Network) -> Terms {
    let source = network
        .links()
        .filter(|view| view.source().is_some_and(makes_heat))
        .map(|view| SourceTerms { id: view.id.to_string(), free: true, was_mw: 1.0, ..SourceTerms::default() })
        .collect();
    Terms { power_price_1_kwh: vec![0.0], pump_efficiency: 0.7, source, ..Terms::default() }
}

impl Steering {
    /// A plan for this load. `terms` are those that fit the network.
    pub fn new(
        network: &Network,
        alternative: &super::Alternative,
        terms: Option<&Terms>,
        conditions: &Conditions,
        load: &Load,
    ) -> Result<Steering, Refusal> {
        let name = || alternative.name.clone();
        let own = bare(network);
        let clock = Clock {
            steps: load.consumed_w.len(),
            step_s: conditions.plan_parts() as f64 * conditions.step_s,
            start_s: conditions.start_calendar_s.rem_euclid(86_400.0),
        };
        let ruled = |rule: Rule| {
            let terms = terms.unwrap_or(&own);
            let refused = |errors| Refusal::Prices { alternative: name(), errors };
            let (units, links) = terms.units(network, &clock, 0.0).map_err(refused)?;
            let missing_1_j = Model::usual_missing_1_j(&units);
            let model = Model {
                step_s: clock.step_s,
                demand_w: load.supplied_w.clone(),
                units,
                stores: Vec::new(),
                areas: Vec::new(),
                cuts: Vec::new(),
                forbidden: Vec::new(),
                missing_1_j,
            };
            let plan = by_rule(&model, rule, &merit_order(&model));
            Ok((plan, links, Vec::new()))
        };
        let (plan, links, beside) = match alternative.running {
            SourceRunning::AsDrawn | SourceRunning::Priority => ruled(Rule::Priority)?,
            SourceRunning::EqualShares => ruled(Rule::EqualShares)?,
            SourceRunning::Optimised => {
                let terms = terms.ok_or_else(|| Refusal::NeedsPrices { alternative: name() })?;
                let request = Request {
                    terms: terms.clone(),
                    load_w: load.consumed_w.clone(),
                    outdoor_c: load.outdoor_c.clone(),
                    step_s: clock.step_s,
                    start_calendar_s: conditions.start_calendar_s,
                    effort: Effort::default(),
                    verify: true,
                };
                let refused = |refusal| Refusal::Plan { alternative: name(), refusal: Box::new(refusal) };
                let proposal = propose(network, &request, || ()).map_err(refused)?;
                let links = terms.source.iter().filter_map(|own| network.link_id(&own.id)).collect();
                (proposal.outcome.plan, links, proposal.beside)
            }
        };
        Ok(Steering::of(network, &plan, links, &beside, clock.step_s))
    }

    fn of(network: &Network, plan: &Plan, sources: Vec<LinkId>, beside: &[Option<usize>], step_s: f64) -> Steering {
        let steps = plan.running.len();
        let tanks_w = |unit: usize, step: usize| -> f64 {
            let own = beside.iter().enumerate().filter(|(_, at)| **at == Some(unit));
            own.map(|(store, _)| plan.store_w[store][step]).sum()
        };
        let count = sources.len();
        let given_w = |unit: usize, step: usize| (plan.heat_w[unit][step] + tanks_w(unit, step)).max(0.0);
        let all_w: Vec<f64> = (0..steps).map(|step| (0..count).map(|unit| given_w(unit, step)).sum()).collect();
        let by = |f: &dyn Fn(usize, usize) -> f64| -> Vec<Vec<f64>> {
            (0..count).map(|unit| (0..steps).map(|step| f(unit, step)).collect()).collect()
        };
        let over = |a: f64, b: f64| if b > 0.0 { a / b } else { 0.0 };
        let share = by(&|unit, step| over(given_w(unit, step), all_w[step]));
        let tank_share = by(&|unit, step| over(tanks_w(unit, step), given_w(unit, step)));
        let runs = (0..count).map(|unit| (0..steps).map(|step| plan.runs(unit, step)).collect()).collect();
        let is_reference = |link: &LinkId| {
            let control = network.link_view(*link).and_then(|view| view.source().map(|source| &source.control));
            matches!(
                control,
                Some(
                    SourceControl::Reference { .. }
                        | SourceControl::WorstPoint { return_pressure_pa: Some(_), .. }
                        | SourceControl::Speed { return_pressure_pa: Some(_) }
                )
            )
        };
        let required = network.links().filter_map(|view| view.consumer()?.required_pressure_pa);
        let required_pa = required.fold(f64::NAN, f64::max);
        let required_pa = if required_pa.is_finite() { required_pa } else { USUAL_REQUIRED_PA };
        Steering {
            step_s,
            reference: sources.iter().position(is_reference),
            sources,
            share,
            runs,
            tank_share,
            available_pa: required_pa + MARGIN_PA,
            set_at_s: f64::NEG_INFINITY,
        }
    }

    /// Step of the plan; before the start the first one counts.
    fn step_at(&self, since_start_s: f64) -> usize {
        let last = self.share.first().map_or(0, Vec::len).saturating_sub(1);
        ((since_start_s + 1e-6) / self.step_s).floor().max(0.0).min(last as f64) as usize
    }

    fn number(&self, link: LinkId) -> Option<usize> {
        self.sources.iter().position(|own| *own == link)
    }

    /// Whether the plan lets a source run; `None` where it does not plan it.
    pub fn runs(&self, link: LinkId, since_start_s: f64) -> Option<bool> {
        self.number(link).map(|unit| self.runs[unit][self.step_at(since_start_s)])
    }

    /// Heat of the tanks beside a source over the heat it gives to the network.
    pub fn tank_share(&self, link: LinkId, since_start_s: f64) -> f64 {
        self.number(link).map_or(0.0, |unit| self.tank_share[unit][self.step_at(since_start_s)])
    }

    /// Tells the sources what to hold from now on.
    pub fn steer(&mut self, simulation: &mut Simulation, since_start_s: f64) {
        if since_start_s - self.set_at_s < INTERVAL_S.min(self.step_s) * (1.0 - 1e-9) {
            return;
        }
        self.set_at_s = since_start_s;
        let step = self.step_at(since_start_s);
        let share = |unit: usize| self.share[unit][step];
        let largest =
            (0..self.sources.len()).max_by(|a, b| share(*a).total_cmp(&share(*b)).then(b.cmp(a))).unwrap_or(0);
        let holding = self.reference.filter(|unit| share(*unit) > 0.0).unwrap_or(largest);
        let (mut heat_w, mut flow, mut back) = (0.0, 0.0, 0.0);
        for passed in self.sources.iter().filter_map(|link| simulation.at_source(*link)) {
            heat_w += passed.heat_w.max(0.0);
            if passed.mass_flow_kg_s > 0.0 {
                flow += passed.mass_flow_kg_s;
                back += passed.mass_flow_kg_s * passed.inlet_c;
            }
        }
        let return_c = back / flow;
        let mut holds = Vec::with_capacity(self.sources.len());
        for (unit, link) in self.sources.iter().enumerate() {
            let Some(passed) = simulation.at_source(*link) else { continue };
            let known = |value: f64, otherwise: f64| if value.is_finite() { value } else { otherwise };
            let standing = passed.mass_flow_kg_s <= 0.0;
            let inlet_c = if standing { return_c } else { known(passed.inlet_c, return_c) };
            let outlet_c = known(passed.outlet_c, simulation.problem().supply_temperature_c);
            let each_j_kg = simulation.problem().fluid.heat_between_j_kg(outlet_c, inlet_c).max(1000.0);
            let flow_kg_s = if each_j_kg.is_finite() { share(unit) * heat_w / each_j_kg } else { 0.0 };
            holds.push(if unit == holding {
                (*link, Hold::WorstPoint { available_pa: self.available_pa, consumer: None })
            } else {
                (*link, Hold::MassFlow(flow_kg_s))
            });
        }
        for (link, hold) in holds {
            simulation.hold(link, hold);
        }
    }
}
