//! From prices and a load to a plan that the network bears: what is asked, and everything known about the answer.
//!
//! First the network is run as it runs by itself: that tells what it loses in each step (losses and what its water stores), what
//! its pumps take, and a split that it bears. The rest is `planning`. Beside the plan stand running by rule, each within the same
//! transport limits, and running as the network does by itself.

use super::model::{Area, Fault, Model};
use super::near::{Drawn, own_plan};
use super::plan::Plan;
use super::planning::Asked;
use super::rules::{Rule, by_rule, merit_order};
use super::search::{Effort, Outcome, optimise};
use super::terms::{Clock, Terms, TermsError};
use super::trial::{Setting, Start, Tried, network_heat_w};
use crate::network::{Finding, Network};

/// Losses assumed before the first run, share of the load.
const FIRST_LOSS: f64 = 0.05;
/// Electricity of the pumps assumed before the first run, per joule of heat.
const FIRST_PUMPS: f64 = 0.006;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Request {
    pub terms: Terms,
    /// Heat all consumers together ask for by step, W, and the outdoor temperature.
    pub load_w: Vec<f64>,
    pub outdoor_c: Vec<f64>,
    pub step_s: f64,
    pub start_calendar_s: f64,
    pub effort: Effort,
    /// Whether the plan is simulated; without, it is only the model's.
    pub verify: bool,
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    Terms(Vec<TermsError>),
    Model(Vec<Fault>),
    /// The network cannot be simulated.
    Network(Vec<Finding>),
}

/// Running without a plan, for comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// None: as the network runs by itself, all sources on.
    pub rule: Option<Rule>,
    pub money: f64,
    pub carbon_kg: f64,
    /// Heat it leaves missing, and heat nobody wants, J.
    pub missing_j: f64,
    pub surplus_j: f64,
    /// Share of the steps in which the rule had to give way to the transport limits.
    pub gave_way: f64,
}

/// A plan with everything known about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// With the transport limits found.
    pub model: Model,
    /// Its bound and gap are those of the model with the transport limits.
    pub outcome: Outcome,
    /// No plan costs less, were the network without limits; none: not asked.
    pub free_bound: Option<f64>,
    pub compared: Vec<Compared>,
    /// Losses of the network and what its water stores, by step, W.
    pub network_w: Vec<f64>,
    pub beside: Vec<Option<usize>>,
    /// Of the plan; none: it was not simulated.
    pub tried: Option<Tried>,
    /// Findings of the network as it runs by itself.
    pub own_found: usize,
    /// Steps drawn towards the network's own way.
    pub drawn: Vec<Drawn>,
    /// Plans made, and simulated.
    pub plans: usize,
    pub simulated: usize,
    /// Model against simulation.
    pub difference: Difference,
}

/// How far the simulation is from the model.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Difference {
    /// Heat of all sources: simulated over planned, less one.
    pub heat_share: f64,
    /// Largest difference of one source in one step, W.
    pub step_w: f64,
    /// Root mean square over sources and steps, W.
    pub root_mean_square_w: f64,
    /// Consumers: got over asked for, less one.
    pub consumed_share: f64,
    /// Losses with what the water stores: simulated less planned, W, mean.
    pub network_w: f64,
    /// Electricity of the pumps, simulated over planned, less one.
    pub pumps_share: f64,
}

/// Plans, simulates, plans again. `progress` hears of every plan and every simulation.
pub fn propose(network: &Network, request: &Request, progress: impl Fn()) -> Result<Proposal, Refusal> {
    let steps = request.load_w.len();
    let clock = Clock { steps, step_s: request.step_s, start_s: request.start_calendar_s.rem_euclid(86_400.0) };
    let terms = &request.terms;
    let (units, sources) = terms.units(network, &clock, FIRST_PUMPS).map_err(Refusal::Terms)?;
    let (stores, beside) = terms.stores(&clock, &request.load_w, &request.outdoor_c);
    let supply_c = |(own, link): (&super::terms::SourceTerms, _)| {
        let given = network.link_view(link).and_then(|view| view.source().map(|source| source.supply_temperature_c));
        own.supply_temperature_c.or(given).unwrap_or(110.0)
    };
    let setting = Setting {
        supply_c: terms.source.iter().zip(sources.iter().copied()).map(supply_c).collect(),
        sources,
        beside: beside.clone(),
        load_w: request.load_w.clone(),
        outdoor_c: request.outdoor_c.clone(),
        step_s: request.step_s,
        start_calendar_s: request.start_calendar_s,
        pump_efficiency: terms.pump_efficiency,
    };
    let missing_1_j = Model::usual_missing_1_j(&units);
    let mut model = Model {
        step_s: request.step_s,
        demand_w: request.load_w.iter().map(|w| w * (1.0 + FIRST_LOSS)).collect(),
        units,
        stores,
        areas: areas(terms, &beside, &request.load_w),
        cuts: Vec::new(),
        forbidden: Vec::new(),
        missing_1_j,
    };
    let faults = model.faults();
    if !faults.is_empty() {
        return Err(Refusal::Model(faults));
    }
    if !request.verify {
        let outcome = optimise(&model, &request.effort, &[]).map_err(Refusal::Model)?;
        progress();
        return Ok(Proposal {
            compared: compared(&setting, &model, None),
            network_w: request.load_w.iter().map(|w| FIRST_LOSS * w).collect(),
            model,
            outcome,
            free_bound: None,
            beside,
            tried: None,
            own_found: 0,
            drawn: Vec::new(),
            plans: 1,
            simulated: 0,
            difference: Difference::default(),
        });
    }
    let start = Start::new(network, &setting).map_err(Refusal::Network)?;
    progress();
    let own = start.own_way(network, &setting, &model);
    progress();
    let network_w: Vec<f64> = own.supplied_w.iter().zip(&own.consumed_w).map(|(gave, got)| gave - got).collect();
    model.demand_w = request.load_w.iter().zip(&network_w).map(|(load, lost)| load + lost).collect();
    let (heat, pumps): (f64, f64) = (own.supplied_w.iter().sum(), own.pumps_w.iter().flatten().sum());
    let mut pumps_planned = FIRST_PUMPS;
    if heat > 0.0 && pumps.is_finite() {
        pumps_planned = pumps / heat;
        model.units = terms.units(network, &clock, pumps_planned).map_err(Refusal::Terms)?.0;
    }
    let own_w = shared_out(&own, &model.demand_w);
    for (number, unit) in model.units.iter_mut().enumerate().filter(|(number, _)| terms.source[*number].was_as_network)
    {
        (unit.was_on, unit.was_w) = (own_w[0][number] > 0.0, own_w[0][number]);
    }
    let asked = Asked { network, request, setting: &setting, start: &start, own: &own, own_w: &own_w };
    let found = asked.planned(&mut model, &progress)?;
    let difference = differ(&setting, &found.outcome.plan, &found.tried, &network_w, pumps_planned);
    Ok(Proposal {
        compared: compared(&setting, &model, Some(&own_w)),
        model,
        outcome: found.outcome,
        free_bound: Some(found.free_bound),
        network_w,
        beside,
        tried: Some(found.tried),
        own_found: own.found.len(),
        drawn: found.drawn,
        plans: found.plans,
        simulated: found.simulated,
        difference,
    })
}

/// Heat of each source by step as the network runs by itself, in sum what the model wants.
fn shared_out(own: &Tried, demand_w: &[f64]) -> Vec<Vec<f64>> {
    let step = |(step, demand_w): (usize, &f64)| {
        let heat: Vec<f64> = own.heat_w.iter().map(|heat| heat[step].max(0.0)).collect();
        let all: f64 = heat.iter().sum();
        heat.into_iter().map(|w| w * demand_w / all.max(1.0)).collect()
    };
    demand_w.iter().enumerate().map(step).collect()
}

/// Running without a plan; within the transport limits where the network's own way is known.
fn compared(setting: &Setting, model: &Model, own_w: Option<&[Vec<f64>]>) -> Vec<Compared> {
    let order = merit_order(model);
    let told = |rule: Option<Rule>, plan: &Plan, gave_way: f64| {
        let bill = plan.bill(model);
        Compared {
            rule,
            money: bill.money(),
            carbon_kg: bill.carbon_kg,
            missing_j: plan.missing_w.iter().sum::<f64>() * model.step_s,
            surplus_j: plan.surplus_w.iter().sum::<f64>() * model.step_s,
            gave_way,
        }
    };
    let mut out = Vec::new();
    for rule in [Rule::Priority, Rule::EqualShares] {
        let mut plan = by_rule(model, rule, &order);
        let gave_way = own_w.map_or(0.0, |own_w| give_way(model, &mut plan, own_w));
        out.push(told(Some(rule), &plan, gave_way));
    }
    if let Some(own_w) = own_w {
        out.push(told(None, &own_plan(setting, model, own_w), 0.0));
    }
    out
}

/// Moves a rule's heats towards the network's own split as far as the transport limits want; share of the steps in which they do.
/// Least loads and ramps are then not asked for any more.
fn give_way(model: &Model, plan: &mut Plan, own_w: &[Vec<f64>]) -> f64 {
    let mut moved = 0;
    for (step, own_w) in own_w.iter().enumerate() {
        let needed = model.cuts.iter().map(|cut| {
            let own: f64 = cut.units.iter().zip(own_w).map(|(share, w)| share * w).sum();
            let (at, most) = (cut.of(plan, step), cut.most_w[step]);
            if at > most { ((at - most) / (at - own).max(1e-9)).min(1.0) } else { 0.0 }
        });
        let share = needed.fold(0.0, f64::max);
        if share > 0.0 {
            moved += 1;
            for (unit, own_w) in own_w.iter().enumerate() {
                plan.heat_w[unit][step] += share * (own_w - plan.heat_w[unit][step]);
                if plan.heat_w[unit][step] > 0.0 {
                    plan.running[step] |= 1 << unit;
                }
            }
            // The own split gives what is wanted: less of what was missing or too much is left.
            plan.missing_w[step] *= 1.0 - share;
            plan.surplus_w[step] *= 1.0 - share;
        }
    }
    moved as f64 / own_w.len().max(1) as f64
}

fn areas(terms: &Terms, beside: &[Option<usize>], load_w: &[f64]) -> Vec<Area> {
    let number = |id: &String| terms.source.iter().position(|source| source.id == *id);
    let area = |own: &super::terms::AreaTerms| Area {
        id: own.id.clone(),
        units: own.sources.iter().filter_map(number).collect(),
        stores: (0..beside.len())
            .filter(|store| beside[*store].is_some_and(|unit| own.sources.contains(&terms.source[unit].id)))
            .collect(),
        least_w: load_w.iter().map(|w| (own.load_share * w - 1e6 * own.import_mw).max(0.0)).collect(),
        most_w: load_w.iter().map(|w| own.load_share * w + 1e6 * own.export_mw).collect(),
    };
    terms.area.iter().map(area).collect()
}

fn differ(setting: &Setting, plan: &Plan, tried: &Tried, network_w: &[f64], pumps: f64) -> Difference {
    let (mut planned, mut simulated, mut squares, mut most_w, mut count) = (0.0, 0.0, 0.0, 0.0_f64, 0.0);
    for (unit, heat) in tried.heat_w.iter().enumerate() {
        for (step, heat_w) in heat.iter().enumerate() {
            let planned_w = network_heat_w(setting, plan, unit, step);
            planned += planned_w;
            simulated += heat_w;
            squares += (heat_w - planned_w).powi(2);
            most_w = most_w.max((heat_w - planned_w).abs());
            count += 1.0;
        }
    }
    let from_buildings: f64 = (0..setting.load_w.len()).map(|step| setting.from_buildings_w(plan, step)).sum();
    let asked = setting.load_w.iter().sum::<f64>() - from_buildings;
    let consumed: f64 = tried.consumed_w.iter().sum();
    let steps = network_w.len().max(1) as f64;
    let lost: f64 = tried.supplied_w.iter().sum::<f64>() - consumed;
    let electricity: f64 = tried.pumps_w.iter().flatten().sum();
    let made: f64 = plan.heat_w.iter().flatten().sum();
    Difference {
        heat_share: simulated / planned - 1.0,
        step_w: most_w,
        root_mean_square_w: (squares / f64::max(count, 1.0)).sqrt(),
        consumed_share: consumed / asked - 1.0,
        network_w: (lost - network_w.iter().sum::<f64>()) / steps,
        pumps_share: electricity / (pumps * made) - 1.0,
    }
}
