//! Alternatives of a planner, each simulated in time through the same weather and set side by side.
//!
//! An [`Alternative`] is a list of edits on the network and a way in which its sources share the load. [`assess`] applies the
//! edits, lets the simulator run the hours with substations, buildings and plants (the judge is what happens, not the design
//! state), and counts: heat, power by place, water, money by kind, CO₂, temperatures, rooms too cold, rules broken, the worst loop. The
//! same hours colder and warmer, by what a forecast of the weather is usually wrong, say how certain each figure is. `run` steps,
//! `tally` adds up, `bill` prices, `steer` lets sources follow a plan; [`pareto`] and [`differences`] compare. No files, no
//! clock; runs of several alternatives share the machine's cores, and give the same bits on any number of them.

mod bill;
mod differences;
mod figures;
mod pareto;
pub mod ready;
mod refusal;
mod run;
mod steer;
mod tally;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rayon::prelude::*;

use super::optimise::terms::Terms;
use super::weather::WeatherUncertainty;
use crate::network::edit::Edit;
use crate::network::scenario::ScenarioError;
use crate::network::{ElementRef, Finding, Network, Severity, validate};
use crate::physics::calendar::HOUR_S;
use crate::physics::weather::{Weather, WeatherSeries};
use crate::simulation::Ground;
use crate::solver::Solution;

pub use differences::{Differences, Extremes, LinkDifference, NodeDifference, differences, differences_of_extremes};
pub use figures::{
    Better, Breach, Cold, Electricity, Figure, Figures, HeatFigures, Money, MoneyKind, SourceFigures, WorstLoop,
};
pub use pareto::{Axis, pareto, pareto_of};
pub use refusal::Refusal;

/// One way of building and running the network.
#[derive(Clone, Debug, PartialEq)]
pub struct Alternative {
    pub name: String,
    pub note: String,
    /// Applied one after the other to the base network.
    pub edits: Vec<Edit>,
    pub running: SourceRunning,
}

impl Alternative {
    /// The network as it is, its sources running as its data say.
    pub fn base(name: impl Into<String>) -> Alternative {
        Alternative::of_edits(name, Vec::new())
    }

    /// A list of edits, sources running as the data say.
    pub fn of_edits(name: impl Into<String>, edits: Vec<Edit>) -> Alternative {
        Alternative { name: name.into(), note: String::new(), edits, running: SourceRunning::AsDrawn }
    }

    /// A scenario of the network, with its ancestors.
    ///
    /// # Errors
    /// There is no such scenario, or it is its own ancestor.
    pub fn of_scenario(network: &Network, name: &str) -> Result<Alternative, ScenarioError> {
        let edits = network.scenario_edits(name)?.into_iter().map(|(_, _, edit)| edit.clone()).collect();
        Ok(Alternative::of_edits(name, edits))
    }

    /// The same with sources running in another way.
    #[must_use]
    pub fn running(mut self, running: SourceRunning) -> Alternative {
        self.running = running;
        self
    }

    /// The network with its edits.
    ///
    /// # Errors
    /// An edit cannot be applied, or the network so changed cannot be solved; both name the alternative.
    pub fn network(&self, base: &Network) -> Result<Network, Refusal> {
        let mut network = base.clone();
        for (at, edit) in self.edits.iter().enumerate() {
            edit.apply(&mut network).map_err(|error| Refusal::Edit {
                alternative: self.name.clone(),
                number: at + 1,
                error: Box::new(error),
            })?;
        }
        let mut errors = validate::validate(&network);
        errors.retain(|finding| finding.severity == Severity::Error);
        if errors.is_empty() { Ok(network) } else { Err(self.refused(errors)) }
    }

    fn refused(&self, findings: Vec<Finding>) -> Refusal {
        Refusal::Network { alternative: self.name.clone(), findings }
    }
}

/// How the sources share the load. In every way the supply temperature follows the curve of quality regulation through the
/// network's design point, ordered anew every four hours, and plants keep their capacity, ramps and least loads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceRunning {
    /// Pumps hold what the network's data say; heat follows from that.
    #[default]
    AsDrawn,
    /// The cheapest filled before the next one; without prices in the order of the network.
    Priority,
    /// All that run at the same share of their range.
    EqualShares,
    /// By [`super::optimise::propose`]; needs prices.
    Optimised,
}

impl SourceRunning {
    pub const ALL: [SourceRunning; 4] =
        [SourceRunning::AsDrawn, SourceRunning::Priority, SourceRunning::EqualShares, SourceRunning::Optimised];

    /// Word in files and commands.
    pub const fn word(self) -> &'static str {
        match self {
            SourceRunning::AsDrawn => "own",
            SourceRunning::Priority => "priority",
            SourceRunning::EqualShares => "equal",
            SourceRunning::Optimised => "optimised",
        }
    }

    /// The way of a word.
    pub fn by_word(word: &str) -> Option<SourceRunning> {
        SourceRunning::ALL.into_iter().find(|running| running.word() == word)
    }
}

/// What all alternatives live through.
#[derive(Clone, Debug, PartialEq)]
pub struct Conditions {
    pub weather: Arc<WeatherSeries>,
    /// As `physics::calendar` counts.
    pub start_calendar_s: f64,
    pub hours: f64,
    pub step_s: f64,
    /// Without them there is no money, and CO₂ and fuel are those of the plants' own models.
    pub prices: Option<Arc<Terms>>,
    /// Step of plans, where sources follow one; taken as a whole number of `step_s`.
    pub plan_step_s: f64,
    /// Size of the weather forecast's error: the hours are run colder and warmer by its standard deviation of their mean.
    /// `None`: the weather is what it is, no further runs.
    pub uncertainty: Option<WeatherUncertainty>,
    pub ground: Ground,
    /// The instant kept for the map; `None`: the end of the hour with the lowest mean outdoor temperature.
    pub instant_calendar_s: Option<f64>,
}

impl Conditions {
    /// Weather from a series, with usual uncertainty, steps of five minutes and plans of quarters of an hour.
    pub fn new(weather: Arc<WeatherSeries>, start_calendar_s: f64, hours: f64) -> Conditions {
        Conditions {
            weather,
            start_calendar_s,
            hours,
            step_s: 300.0,
            prices: None,
            plan_step_s: 900.0,
            uncertainty: Some(WeatherUncertainty::USUAL),
            ground: Ground::Settings,
            instant_calendar_s: None,
        }
    }

    /// One outdoor temperature, always, and known.
    pub fn steady(outdoor_c: f64, hours: f64) -> Option<Conditions> {
        let still = Weather { temperature_c: outdoor_c, wind_m_s: 0.0, solar_w_m2: 0.0 };
        let start_s = crate::simulation::Options::default().start_calendar_s;
        let series = WeatherSeries::new(&[(start_s, still)]).ok()?;
        Some(Conditions { uncertainty: None, ..Conditions::new(Arc::new(series), start_s, hours) })
    }

    /// Steps that are counted.
    pub fn steps(&self) -> usize {
        (self.hours * HOUR_S / self.step_s).round().max(1.0) as usize
    }

    /// Steps in one of a plan.
    fn plan_parts(&self) -> usize {
        (self.plan_step_s / self.step_s).round().max(1.0) as usize
    }

    /// Shift of the outdoor temperature in the colder and the warmer run, K.
    pub fn deviation_k(&self) -> f64 {
        let hours = self.hours.ceil().clamp(1.0, 2000.0) as usize;
        self.uncertainty.map_or(0.0, |uncertainty| uncertainty.mean_temperature_deviation_k(hours))
    }

    /// Start of the coldest hour, where no instant is asked for; the end of that hour is the instant.
    fn instant_s(&self) -> f64 {
        let last_s = self.start_calendar_s + self.hours * HOUR_S;
        let coldest = || {
            let hours = self.hours.floor().max(1.0) as usize;
            let ends = (1..=hours).map(|hour| self.start_calendar_s + hour as f64 * HOUR_S);
            let mean_c = |end_s: f64| self.weather.mean(end_s - HOUR_S, HOUR_S).temperature_c;
            ends.min_by(|a, b| mean_c(*a).total_cmp(&mean_c(*b))).unwrap_or(last_s)
        };
        self.instant_calendar_s.unwrap_or_else(coldest).clamp(self.start_calendar_s + self.step_s, last_s)
    }

    /// What is wrong with them, in a sentence.
    fn fault(&self) -> Option<&'static str> {
        let positive = |value: f64| value.is_finite() && value > 0.0;
        if !positive(self.hours) {
            Some("hours must be a number above 0")
        } else if !positive(self.step_s) || self.step_s > 3600.0 {
            Some("the step must be above 0 and at most an hour")
        } else if !positive(self.plan_step_s) {
            Some("the plan's step must be above 0")
        } else if !self.start_calendar_s.is_finite() {
            Some("the start is no time")
        } else {
            None
        }
    }
}

/// One alternative over the hours.
#[derive(Clone, Debug)]
pub struct Assessment {
    pub name: String,
    pub note: String,
    pub running: SourceRunning,
    /// The network with the edits.
    pub network: Arc<Network>,
    /// In the weather expected.
    pub figures: Figures,
    /// In weather colder and warmer by so many K; `None`: the weather is taken as known.
    pub deviation_k: f64,
    pub colder: Option<Figures>,
    pub warmer: Option<Figures>,
    /// State at the instant that the conditions name, expected weather: for the map.
    pub instant: Instant,
    /// Least pressures, greatest speeds and the like of the run in the expected weather.
    pub extremes: Extremes,
    /// Consumers and sources whose data make no model, and why: they follow the weather in proportion, or give what is asked.
    pub unmodelled: Vec<(ElementRef, String)>,
}

impl Assessment {
    /// What it changes at the instant kept.
    pub fn differences_from(&self, base: &Assessment) -> Differences {
        differences((&base.network, &base.instant.solution), (&self.network, &self.instant.solution))
    }

    /// A figure with the least and the greatest of the runs.
    pub fn range(&self, figure: Figure) -> Option<[f64; 3]> {
        let value = figure.of(&self.figures)?;
        let all = [&self.colder, &self.warmer].into_iter().flatten().filter_map(|other| figure.of(other));
        let (low, high) = all.fold((value, value), |(low, high), other| (low.min(other), high.max(other)));
        Some([low, value, high])
    }
}

/// The network at a moment of a run.
#[derive(Clone, Debug)]
pub struct Instant {
    pub calendar_s: f64,
    pub solution: Solution,
}

/// Who watches: hears the share done (0 to 1, rising but for the order of threads), and may stop it.
pub struct Watch<'a> {
    pub cancel: &'a AtomicBool,
    pub progress: &'a (dyn Fn(f64) + Sync),
}

/// Counts steps of all runs together.
struct Counter<'a> {
    watch: &'a Watch<'a>,
    all: u64,
    done: AtomicU64,
}

impl Counter<'_> {
    /// A step is done; whether to go on.
    fn step(&self) -> bool {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if done.is_multiple_of(16) || done == self.all {
            (self.watch.progress)((done as f64 / self.all as f64).min(1.0));
        }
        self.goes_on()
    }

    fn goes_on(&self) -> bool {
        !self.watch.cancel.load(Ordering::Relaxed)
    }
}

/// One alternative.
///
/// # Errors
/// The edit that cannot be applied, a network that cannot be solved, prices that do not fit, or it was cancelled; each names
/// the alternative.
pub fn assess(
    base: &Network,
    alternative: &Alternative,
    conditions: &Conditions,
    watch: &Watch<'_>,
) -> Result<Assessment, Refusal> {
    let one = std::slice::from_ref(alternative);
    // One in, one out.
    assess_all(base, one, conditions, watch).pop().unwrap_or(Err(Refusal::Cancelled))
}

/// Several alternatives, on all cores; in their order.
pub fn assess_all(
    base: &Network,
    alternatives: &[Alternative],
    conditions: &Conditions,
    watch: &Watch<'_>,
) -> Vec<Result<Assessment, Refusal>> {
    if let Some(fault) = conditions.fault() {
        return alternatives.iter().map(|_| Err(Refusal::Conditions(fault))).collect();
    }
    let deviation_k = conditions.deviation_k();
    let shifts_k: &[f64] = if deviation_k > 0.0 { &[0.0, -deviation_k, deviation_k] } else { &[0.0] };
    let planned = alternatives.iter().filter(|one| one.running != SourceRunning::AsDrawn).count();
    let runs = (alternatives.len() * shifts_k.len() + planned) as u64;
    let counter = Counter { watch, all: runs * run::all_steps(conditions), done: AtomicU64::new(0) };
    let prepared: Vec<Result<run::Prepared, Refusal>> = alternatives
        .par_iter()
        .map(|alternative| run::Prepared::new(base, alternative, conditions, &counter))
        .collect();
    let asked: Vec<(usize, f64)> =
        (0..alternatives.len()).flat_map(|at| shifts_k.iter().map(move |shift_k| (at, *shift_k))).collect();
    let mut done: Vec<Option<Result<run::Ran, Refusal>>> = asked
        .par_iter()
        .map(|&(at, shift_k)| {
            let prepared = prepared[at].as_ref().ok()?;
            Some(prepared.run(base, &alternatives[at], conditions, shift_k, &counter))
        })
        .collect();
    let mut results = done.drain(..);
    let mut out = Vec::with_capacity(alternatives.len());
    for (alternative, prepared) in alternatives.iter().zip(&prepared) {
        let own: Vec<Option<Result<run::Ran, Refusal>>> = results.by_ref().take(shifts_k.len()).collect();
        out.push(match prepared {
            Err(refusal) => Err(refusal.clone()),
            Ok(prepared) => joined(alternative, prepared, deviation_k, own),
        });
    }
    out
}

fn joined(
    alternative: &Alternative,
    prepared: &run::Prepared,
    deviation_k: f64,
    own: Vec<Option<Result<run::Ran, Refusal>>>,
) -> Result<Assessment, Refusal> {
    let mut ran = own.into_iter().flatten().collect::<Result<Vec<_>, _>>()?.into_iter();
    let first = ran.next().ok_or(Refusal::Cancelled)?;
    let mut other = || ran.next().map(|one| one.figures);
    Ok(Assessment {
        name: alternative.name.clone(),
        note: alternative.note.clone(),
        running: alternative.running,
        network: prepared.network.clone(),
        figures: first.figures,
        deviation_k,
        colder: other(),
        warmer: other(),
        instant: first.instant,
        extremes: first.extremes,
        unmodelled: first.unmodelled,
    })
}
