//! One run of an alternative through the hours.
//!
//! Substations with buildings, supply temperatures by the curve of quality regulation and plants are put in as everywhere else
//! (`simulation::equip`). Three hours before the start are run and not counted, so that water and rooms belong to the weather.

use std::sync::Arc;

use super::bill::{Prices, fitting};
use super::steer::{Load, Steering};
use super::tally::Tally;
use super::{Alternative, Conditions, Counter, Extremes, Figures, Instant, Refusal, SourceRunning};
use crate::dispatch::optimise::terms::{Clock, Terms};
use crate::network::{ElementRef, Finding, Network};
use crate::physics::weather::Weather;
use crate::simulation::equip::{self, Unmodelled};
use crate::simulation::{ORDER_INTERVAL_S, Options, Simulation, StepReport};

/// Run before the start, s.
const WARM_UP_S: f64 = 3.0 * 3600.0;
/// Orders of the supply temperature count from this time of the day, s.
const FIRST_ORDER_S: f64 = 2.0 * 3600.0;

fn warm_up_steps(conditions: &Conditions) -> usize {
    (WARM_UP_S / conditions.step_s).ceil() as usize
}

/// Steps of a run, those not counted with them.
pub(super) fn all_steps(conditions: &Conditions) -> u64 {
    (warm_up_steps(conditions) + conditions.steps()) as u64
}

/// An alternative ready to run.
pub(super) struct Prepared {
    pub network: Arc<Network>,
    prices: Option<Prices>,
    steering: Option<Steering>,
}

/// What a run gave.
pub(super) struct Ran {
    pub figures: Figures,
    pub instant: Instant,
    pub extremes: Extremes,
    pub unmodelled: Vec<(ElementRef, String)>,
    load: Load,
}

impl Prepared {
    /// Applies the edits, fits the prices, and makes a plan where sources follow one.
    pub fn new(
        base: &Network,
        alternative: &Alternative,
        conditions: &Conditions,
        counter: &Counter<'_>,
    ) -> Result<Prepared, Refusal> {
        let network = Arc::new(alternative.network(base)?);
        let planned = alternative.running != SourceRunning::AsDrawn;
        let terms: Option<Terms> = conditions
            .prices
            .as_ref()
            .map(|terms| fitting(terms, base, &network, &alternative.name, planned))
            .transpose()?;
        if terms.is_none() && alternative.running == SourceRunning::Optimised {
            return Err(Refusal::NeedsPrices { alternative: alternative.name.clone() });
        }
        let clock = Clock {
            steps: conditions.steps(),
            step_s: conditions.step_s,
            start_s: conditions.start_calendar_s.rem_euclid(86_400.0),
        };
        let prices = terms.clone().map(|terms| Prices::new(terms, &clock)).transpose();
        let prices = prices.map_err(|errors| Refusal::Prices { alternative: alternative.name.clone(), errors })?;
        let mut prepared = Prepared { network, prices, steering: None };
        if planned {
            let shown = prepared.run(base, alternative, conditions, 0.0, counter)?;
            let network = &prepared.network;
            let terms = terms.map(|terms| with_supply(terms, &shown.figures));
            let steering = Steering::new(network, alternative, terms.as_ref(), conditions, &shown.load)?;
            prepared.steering = Some(steering);
        }
        Ok(prepared)
    }

    /// Runs through the weather, so many K warmer.
    pub fn run(
        &self,
        base: &Network,
        alternative: &Alternative,
        conditions: &Conditions,
        shift_k: f64,
        counter: &Counter<'_>,
    ) -> Result<Ran, Refusal> {
        let network = &*self.network;
        let step_s = conditions.step_s;
        let ahead = warm_up_steps(conditions);
        let first_s = conditions.start_calendar_s - ahead as f64 * step_s;
        let weather_at = |calendar_s: f64, seconds: f64| {
            let mean = conditions.weather.mean(calendar_s, seconds);
            Weather { temperature_c: mean.temperature_c + shift_k, ..mean }
        };
        let options = Options { step_s, start_calendar_s: first_s, ground: conditions.ground, ..Options::default() };
        let mut simulation = started(base, network, options).map_err(|findings| alternative.refused(findings))?;
        let outdoor_c = weather_at(first_s, step_s).temperature_c;
        let mut unmodelled = equip::consumers(network, &mut simulation, true, outdoor_c);
        let end_s = conditions.start_calendar_s + conditions.steps() as f64 * step_s;
        let orders = orders(first_s, end_s, |at_s| weather_at(at_s, ORDER_INTERVAL_S).temperature_c);
        equip::sources_where(network, &mut simulation, outdoor_c, &orders, |_| true);
        unmodelled.extend(equip::plants(network, &mut simulation));
        let told = |one: Unmodelled| (one.element, one.fault.to_string());
        let mut steering = self.steering.clone();
        let prices = self.prices.as_ref();
        let mut tally = None;
        let mut instant = None;
        let instant_s = conditions.instant_s();
        let mut load = LoadTaker::new(conditions);
        for number in 0..ahead + conditions.steps() {
            if !counter.step() {
                return Err(Refusal::Cancelled);
            }
            let calendar_s = first_s + number as f64 * step_s;
            if let Some(steering) = &mut steering {
                steering.steer(&mut simulation, calendar_s - conditions.start_calendar_s);
            }
            if number == ahead {
                tally = Some(Tally::new(network, &simulation, prices));
            }
            let weather = weather_at(calendar_s, step_s);
            let report = simulation.step(network, weather);
            let Some(tally) = &mut tally else { continue };
            let counted = number - ahead;
            tally.add(network, &simulation, &report, weather, counted, prices, steering.as_ref());
            load.add(counted, &report, step_s, weather);
            let now_s = calendar_s + step_s;
            if instant.is_none() && now_s >= instant_s - 0.5 * step_s {
                let solution = simulation.solution_with_machines(network);
                instant = Some(Instant { calendar_s: now_s, solution });
            }
        }
        // Cannot be missing: at least one step is counted, and the instant lies within the hours.
        let (Some(tally), Some(instant)) = (tally, instant) else { return Err(Refusal::Cancelled) };
        let (figures, extremes) = tally.finish(&simulation, prices.is_some());
        Ok(Ran { figures, extremes, instant, unmodelled: unmodelled.into_iter().map(told).collect(), load: load.load })
    }
}

/// Prices with the supply temperatures that a run has shown, so that a plan is tried with the flows its heat will really take.
fn with_supply(mut terms: Terms, shown: &Figures) -> Terms {
    for own in &mut terms.source {
        let known = shown.sources.iter().find(|source| *source.id == *own.id).map(|source| source.supply_c);
        if let Some(supply_c) = known.filter(|supply_c| supply_c.is_finite()) {
            own.supply_temperature_c = Some(supply_c);
        }
    }
    terms
}

/// From the network's steady state; where it has none (a plant that cannot heat the city at its design, water that stands), from that of
/// the base, whose water keeps its place.
fn started(base: &Network, network: &Network, options: Options) -> Result<Simulation, Vec<Finding>> {
    let findings = match Simulation::new(network, options) {
        Ok(simulation) => return Ok(simulation),
        Err(findings) => findings,
    };
    let before = Simulation::new(base, options).map_err(|_| findings)?;
    Ok(before.onto(base, network)?.simulation)
}

/// Supply temperatures are ordered at 2, 6, 10 … o'clock, for the mean outdoor temperature until the next order.
fn orders(start_s: f64, end_s: f64, expected_c: impl Fn(f64) -> f64) -> Arc<[(f64, f64)]> {
    let number = |at_s: f64| ((at_s - FIRST_ORDER_S) / ORDER_INTERVAL_S).floor() as i64;
    let at_s = |number: i64| FIRST_ORDER_S + number as f64 * ORDER_INTERVAL_S;
    (number(start_s)..=number(end_s)).map(|number| (at_s(number), expected_c(at_s(number)))).collect()
}

/// Means by step of a plan.
struct LoadTaker {
    parts: usize,
    /// Steps in the last mean so far.
    count: f64,
    load: Load,
}

impl LoadTaker {
    fn new(conditions: &Conditions) -> LoadTaker {
        LoadTaker { parts: conditions.plan_parts(), count: 0.0, load: Load::default() }
    }

    fn add(&mut self, number: usize, report: &StepReport, step_s: f64, weather: Weather) {
        let Load { consumed_w, supplied_w, outdoor_c } = &mut self.load;
        let values = [report.ledger.consumed_j / step_s, report.ledger.supplied_j / step_s, weather.temperature_c];
        let lists = [consumed_w, supplied_w, outdoor_c];
        if number.is_multiple_of(self.parts) {
            self.count = 0.0;
        }
        self.count += 1.0;
        for (list, value) in lists.into_iter().zip(values) {
            match list.last_mut().filter(|_| self.count > 1.0) {
                Some(mean) => *mean += (value - *mean) / self.count,
                None => list.push(value),
            }
        }
    }
}
