//! From prices and a load to a plan that the network bears: plan, simulate, take in what was found, plan again.
//!
//! A first run by rule tells what the network loses in each step (losses and what its water stores, as the simulator has them)
//! and what its pumps take. Then: a plan, its simulation; where a step breaks a rule, the source that is meant, or the one that
//! gives most, may give less in this step, and where it is alone the way of running is forbidden there; then a plan anew. The bound is
//! that of the model with these limits.

use rayon::prelude::*;

use super::model::{Area, Fault, Forbidden, Model, Unit};
use super::plan::Plan;
use super::rules::{Rule, by_rule, merit_order};
use super::search::{Effort, Outcome, optimise};
use super::terms::{Clock, Terms, TermsError};
use super::trial::{Setting, Start, Tried, beside_w, network_heat_w};
use crate::network::{Code, Finding, Network};

/// Plans made at most.
const MOST_PLANS: usize = 5;
/// A limit is drawn this far below what broke a rule.
const LESS: f64 = 0.93;
/// Losses assumed before the first run, share of the load.
const FIRST_LOSS: f64 = 0.05;
/// Electricity of the pumps assumed before the first run, per joule of heat.
const FIRST_PUMPS: f64 = 0.006;
/// Loads at which it is found what the pipes between sources carry.
const CARRIED_LEVELS: usize = 3;
/// Distance kept from that, share of the greatest load.
const CARRIED_MARGIN: f64 = 0.01;

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

/// Running by rule, for comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    pub rule: Rule,
    pub money: f64,
    pub carbon_kg: f64,
    /// Heat it leaves missing, and heat nobody wants, J.
    pub missing_j: f64,
    pub surplus_j: f64,
}

/// A limit that was drawn after a simulation.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    pub step: usize,
    pub unit: usize,
    /// Heat it may give at most; none: this way of running is forbidden.
    pub most_w: Option<f64>,
    pub because: Code,
}

/// A plan with everything known about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    pub model: Model,
    pub outcome: Outcome,
    pub compared: Vec<Compared>,
    /// Losses of the network and what its water stores, by step, W.
    pub network_w: Vec<f64>,
    pub beside: Vec<Option<usize>>,
    /// Of the plan; none: it was not simulated.
    pub tried: Option<Tried>,
    pub drawn: Vec<Drawn>,
    pub plans: usize,
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

/// Plans, simulates, plans again. `progress` hears of every plan.
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
    let demand_w = request.load_w.iter().map(|w| w * (1.0 + FIRST_LOSS)).collect();
    let areas = areas(terms, &beside, &request.load_w);
    let mut model =
        Model { step_s: request.step_s, demand_w, units, stores, areas, forbidden: Vec::new(), missing_1_j };
    let faults = model.faults();
    if !faults.is_empty() {
        return Err(Refusal::Model(faults));
    }
    let mut network_w: Vec<f64> = request.load_w.iter().map(|w| FIRST_LOSS * w).collect();
    let mut start = None;
    let mut pumps_planned = FIRST_PUMPS;
    if request.verify {
        let order = merit_order(&model);
        let first = by_rule(&model, Rule::EqualShares, &order);
        let before = Start::new(network, &setting, &first).map_err(Refusal::Network)?;
        if model.areas.is_empty() {
            model.areas = carried(network, &setting, &before, &model);
            progress();
        }
        let first = by_rule(&model, Rule::Priority, &order);
        let base = before.run(network, &setting, &model, &first);
        progress();
        network_w = base.supplied_w.iter().zip(&base.consumed_w).map(|(gave, got)| gave - got).collect();
        model.demand_w = request.load_w.iter().zip(&network_w).map(|(load, lost)| load + lost).collect();
        let heat: f64 = base.supplied_w.iter().sum();
        let pumps: f64 = base.pumps_w.iter().flatten().sum();
        if heat > 0.0 && pumps.is_finite() {
            pumps_planned = pumps / heat;
            let (units, _) = terms.units(network, &clock, pumps_planned).map_err(Refusal::Terms)?;
            model.units = units;
        }
        start = Some(before);
    }
    let order = merit_order(&model);
    let compared = [Rule::Priority, Rule::EqualShares].map(|rule| {
        let plan = by_rule(&model, rule, &order);
        let bill = plan.bill(&model);
        Compared {
            rule,
            money: bill.money(),
            carbon_kg: bill.carbon_kg,
            missing_j: plan.missing_w.iter().sum::<f64>() * model.step_s,
            surplus_j: plan.surplus_w.iter().sum::<f64>() * model.step_s,
        }
    });
    let (mut drawn, mut plans): (Vec<Drawn>, usize) = (Vec::new(), 0);
    let mut known: Vec<Vec<u32>> = Vec::new();
    let (outcome, tried) = loop {
        let asked = model.clone();
        let outcome = optimise(&model, &request.effort, &known).map_err(Refusal::Model)?;
        plans += 1;
        progress();
        known = vec![outcome.plan.running.clone()];
        let Some(start) = &start else { break (outcome, None) };
        // Limits drawn from here on are for the next plan.
        // A tank takes what its source gives: it cannot draw on the network through its source's pumps.
        let charged = charge_limits(&setting, &mut model, &outcome.plan);
        let tried = start.run(network, &setting, &model, &outcome.plan);
        progress();
        let news = limits(&setting, &mut model, &outcome.plan, &tried);
        if plans >= MOST_PLANS || (news.is_empty() && !charged) {
            model = asked;
            break (outcome, Some(tried));
        }
        drawn.extend(news);
    };
    let difference = tried
        .as_ref()
        .map_or_else(Difference::default, |tried| differ(&setting, &outcome.plan, tried, &network_w, pumps_planned));
    Ok(Proposal { model, outcome, compared: compared.into(), network_w, beside, tried, drawn, plans, difference })
}

/// What the pipes between the sources carry, as areas of one source each with the tanks beside it: found at some loads, on the
/// straight line between them.
fn carried(network: &Network, setting: &Setting, start: &Start, model: &Model) -> Vec<Area> {
    let low_w = setting.load_w.iter().copied().fold(f64::INFINITY, f64::min);
    let high_w = setting.load_w.iter().copied().fold(0.0, f64::max);
    if model.units.len() < 2 || high_w <= 0.0 {
        return Vec::new();
    }
    let levels = if high_w - low_w < 0.05 * high_w { 1 } else { CARRIED_LEVELS };
    let level_w = |level: usize| high_w - (high_w - low_w) * level as f64 / (levels.max(2) - 1) as f64;
    let with_tanks = |(unit, own): (usize, &Unit)| own.most_w[0] + beside_w(setting, model, unit, 0);
    let capacity_w: Vec<f64> = model.units.iter().enumerate().map(with_tanks).collect();
    let asked: Vec<(usize, usize)> =
        (0..model.units.len()).flat_map(|unit| (0..levels).map(move |level| (unit, level))).collect();
    let found: Vec<Option<[f64; 2]>> = asked
        .par_iter()
        .map(|&(unit, level)| start.carried_w(network, setting, &capacity_w, level_w(level), unit))
        .collect();
    let mut out = Vec::new();
    for (unit, own) in model.units.iter().enumerate() {
        // As shares of the load: the same at all loads where nothing else is known.
        let known: Vec<(f64, [f64; 2])> = (0..levels)
            .filter_map(|level| found[unit * levels + level].map(|bounds| (level_w(level), bounds)))
            .collect();
        let Some(highest) = known.first() else { continue };
        let at = |load_w: f64, end: usize| {
            let next = known.windows(2).find(|pair| load_w <= pair[0].0 && load_w >= pair[1].0);
            let (a, b) = next.map_or((highest, highest), |pair| (&pair[0], &pair[1]));
            let share = if a.0 > b.0 { (load_w - b.0) / (a.0 - b.0) } else { 1.0 };
            b.1[end] + share * (a.1[end] - b.1[end])
        };
        let bounded = known
            .iter()
            .any(|(load_w, [least_w, most_w])| *least_w > 0.0 || *most_w < load_w.min(capacity_w[unit]) * (1.0 - 1e-9));
        if !bounded {
            continue;
        }
        let stores = setting.tanks_at(unit).collect();
        let margin_w = CARRIED_MARGIN * high_w;
        let bound = |load_w: &f64, end: usize| {
            let free = if end == 0 { 0.0 } else { load_w.min(capacity_w[unit]) };
            let found_w = at(*load_w, end);
            match end {
                _ if (found_w - free).abs() < 1e-6 * high_w && end == 1 => capacity_w[unit],
                0 if found_w <= 0.0 => f64::NEG_INFINITY,
                0 => found_w + margin_w,
                _ => found_w - margin_w,
            }
        };
        out.push(Area {
            id: own.id.clone(),
            units: vec![unit],
            stores,
            least_w: setting.load_w.iter().map(|load_w| bound(load_w, 0).max(-capacity_w[unit])).collect(),
            most_w: setting.load_w.iter().map(|load_w| bound(load_w, 1)).collect(),
        });
    }
    out
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

/// Where a tank charges more than its source gives, no more than that.
fn charge_limits(setting: &Setting, model: &mut Model, plan: &Plan) -> bool {
    let mut any = false;
    for (store, beside) in setting.beside.iter().enumerate() {
        let Some(unit) = *beside else { continue };
        for step in 0..plan.running.len() {
            if network_heat_w(setting, plan, unit, step) < -1e-6 * model.demand_w[step] {
                model.stores[store].charge_w[step] = plan.heat_w[unit][step];
                any = true;
            }
        }
    }
    any
}

/// What follows from a simulation: limits for the next plan.
fn limits(setting: &Setting, model: &mut Model, plan: &Plan, tried: &Tried) -> Vec<Drawn> {
    let mut drawn: Vec<Drawn> = Vec::new();
    for found in &tried.found {
        let step = found.step;
        if drawn.iter().any(|other| other.step == step) {
            continue;
        }
        let way = plan.running[step];
        let gives = |unit: usize| network_heat_w(setting, plan, unit, step);
        let all = 0..setting.sources.len();
        let most = all.max_by(|a, b| gives(*a).total_cmp(&gives(*b)).then(b.cmp(a)));
        let Some(unit) = found.unit.or(most) else { continue };
        let alone = way.count_ones() <= 1;
        let most_w = LESS * gives(unit);
        if alone || found.finding.code == Code::NotConverged {
            let of = (1_u32 << setting.sources.len()) - 1;
            model.forbidden.push(Forbidden { step, of, on: way });
            drawn.push(Drawn { step, unit, most_w: None, because: found.finding.code });
        } else {
            let place = model.areas.iter().position(|area| area.units.contains(&unit)).unwrap_or_else(|| {
                let (steps, free_w) = (model.demand_w.len(), 10.0 * model.demand_w[step]);
                model.areas.push(Area {
                    id: model.units[unit].id.clone(),
                    units: vec![unit],
                    stores: setting.tanks_at(unit).collect(),
                    least_w: vec![-free_w; steps],
                    most_w: vec![free_w; steps],
                });
                model.areas.len() - 1
            });
            let area = &mut model.areas[place];
            area.most_w[step] = most_w.max(area.least_w[step]);
            drawn.push(Drawn { step, unit, most_w: Some(most_w), because: found.finding.code });
        }
    }
    drawn
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
