//! The estimator between minutes: what it remembers, what it has stopped believing.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::live::{Doubt, Fault, Quality, Sample, TagId, TagTable, Timestamp};
use crate::network::{Finding, Network};
use crate::solver::{Options as SolveOptions, Solver};

use super::answer::Observed;
use super::belief::{Estimate, Suspect};
use super::fit::Fit;
use super::instrument::Instrument;
use super::leak::Watch;
use super::model::Model;
use super::options::Options;
use super::state::State;
use super::window::Window;

/// What an earlier estimate knew of the inputs: value and variance of flow and outlet temperature.
#[derive(Clone, Debug)]
pub(super) struct Memory {
    pub at: Timestamp,
    pub flow: Vec<(f64, f64)>,
    pub outlet: Vec<(f64, f64)>,
}

/// An instrument that is not believed.
#[derive(Clone, Debug)]
pub(super) struct Distrust {
    pub suspect: Suspect,
    /// Estimates in a row that agreed with it again.
    pub agreed: u32,
}

/// Estimates the state of a network minute by minute.
#[derive(Clone, Debug)]
pub struct Estimator {
    pub(super) network: Arc<Network>,
    pub(super) tags: Arc<TagTable>,
    pub(super) options: Options,
    pub(super) model: Model,
    /// The last estimate, and the state by the network's own data.
    pub(super) state: State,
    pub(super) fit: Fit,
    /// Instrument of a tag, by its handle.
    pub(super) instrument_of: Vec<Option<u32>>,
    pub(super) windows: Vec<Window>,
    /// Last quality of each instrument's tag.
    pub(super) usable: Vec<bool>,
    pub(super) memory: VecDeque<Memory>,
    pub(super) distrusted: BTreeMap<usize, Distrust>,
    /// Whether instruments that contradict the others are left out; not while it is the model that may be wrong.
    pub(super) sifts: bool,
    /// Samples before belong to another state of the network.
    pub(super) since: Timestamp,
    /// Water that is always lost, kg/s.
    pub(super) ordinary_kg_s: Option<f64>,
    pub(super) watch: Watch,
    /// Which unknowns are observed, for this set of lines in use.
    pub(super) observed: Option<(Vec<bool>, Observed)>,
}

impl Estimator {
    /// Prepares a network and the tags that are measured in it. Tags the model knows nothing about are left alone.
    ///
    /// # Errors
    /// What makes the network unusable for the solver.
    pub fn new(network: Arc<Network>, tags: Arc<TagTable>) -> Result<Estimator, Vec<Finding>> {
        Estimator::with_options(network, tags, Options::default())
    }

    /// The same with other assumptions.
    ///
    /// # Errors
    /// What makes the network unusable for the solver.
    pub fn with_options(
        network: Arc<Network>,
        tags: Arc<TagTable>,
        options: Options,
    ) -> Result<Estimator, Vec<Finding>> {
        let start = Solver::new().solve(&network, &SolveOptions { judge: false, ..SolveOptions::default() });
        let model = Model::new(&network, &start, &options)?;
        let state = State::new(&model, &start);
        // In the order of names: the order of the table must change nothing, not even a bit.
        let mut named: Vec<(&str, TagId, Instrument)> = tags
            .iter()
            .filter_map(|(id, tag)| Some((&*tag.name, id, Instrument::new(&network, &model, id, tag)?)))
            .collect();
        named.sort_by(|a, b| a.0.cmp(b.0));
        let mut instrument_of = vec![None; tags.len()];
        for (at, (_, id, _)) in named.iter().enumerate() {
            instrument_of[id.index()] = Some(at as u32);
        }
        let instruments: Vec<Instrument> = named.into_iter().map(|(_, _, instrument)| instrument).collect();
        let count = instruments.len();
        let fit = Fit::new(&model, instruments);
        Ok(Estimator {
            network,
            tags,
            options,
            model,
            state,
            fit,
            instrument_of,
            windows: vec![Window::default(); count],
            usable: vec![false; count],
            memory: VecDeque::new(),
            distrusted: BTreeMap::new(),
            sifts: true,
            since: Timestamp::from_ms(i64::MIN),
            ordinary_kg_s: None,
            watch: Watch::default(),
            observed: None,
        })
    }

    /// Number of tags that the model can explain.
    pub fn instruments(&self) -> usize {
        self.windows.len()
    }

    /// Whether the model can say what this tag should read.
    pub fn explains(&self, tag: TagId) -> bool {
        self.instrument_of.get(tag.index()).is_some_and(Option::is_some)
    }

    /// The network it was made for.
    pub fn network(&self) -> &Arc<Network> {
        &self.network
    }

    /// State of the network now. `samples` are the latest of every tag, in any order; those known already do no harm.
    pub fn estimate(&mut self, samples: &[Sample], now: Timestamp) -> Estimate {
        self.take(samples, now);
        self.minute(now)
    }

    fn take(&mut self, samples: &[Sample], now: Timestamp) {
        self.usable.fill(false);
        let (mut fresh, mut jumped) = (0usize, 0usize);
        for sample in samples {
            let Some(at) = self.instrument_of.get(sample.tag.index()).copied().flatten() else { continue };
            let at = at as usize;
            let old = now.ms_since(sample.source_time) > self.patience_ms(sample.tag);
            if !is_usable(sample.quality) || !sample.value.is_finite() || old {
                continue;
            }
            self.usable[at] = true;
            let before = self.windows[at].mean(self.options.window, self.since);
            if !self.windows[at].push(sample.source_time, sample.value) {
                continue;
            }
            fresh += 1;
            if let Some((mean, count)) = before {
                let instrument = &self.fit.instruments[at];
                let deviation = instrument.deviation_at(&self.model, &self.state, mean);
                let spread = deviation * (1.0 + 1.0 / count as f64).sqrt();
                jumped += usize::from((sample.value - mean).abs() > 4.0 * spread);
            }
        }
        // Many at once: the network has changed, not the instruments. What was before is not averaged in.
        if jumped > 3 && jumped * 10 > fresh {
            self.since = samples.iter().map(|sample| sample.source_time).max().unwrap_or(now);
            self.memory.clear();
        }
    }

    /// Age at which a sample is worth nothing for an estimate.
    fn patience_ms(&self, tag: TagId) -> i64 {
        patience_ms(&self.tags, tag)
    }

    /// The same instruments in a network that stands otherwise since then: same nodes and links, other openings or states.
    /// What the instruments have shown, what is known of them and of ordinary losses stays; what was concluded since
    /// `begun`, when something began to move, is forgotten, for it was concluded in the wrong network. On error nothing
    /// has changed.
    ///
    /// # Errors
    /// What makes the network unusable for the solver.
    pub fn stand(&mut self, network: Arc<Network>, [begun, settled]: [Timestamp; 2]) -> Result<(), Vec<Finding>> {
        let mut next = Estimator::with_options(network, self.tags.clone(), self.options.clone())?;
        for (own, before) in next.instrument_of.iter().zip(&self.instrument_of) {
            let (Some(own), Some(before)) = (*own, *before) else { continue };
            let (own, before) = (own as usize, before as usize);
            next.windows[own] = std::mem::take(&mut self.windows[before]);
            if let Some(distrust) = self.distrusted.remove(&before).filter(|it| it.suspect.since < begun) {
                next.distrusted.insert(own, distrust);
            }
        }
        next.since = settled;
        next.ordinary_kg_s = self.ordinary_kg_s;
        if self.watch.rising_since.is_none_or(|since| since < begun) {
            next.watch = std::mem::take(&mut self.watch);
        }
        *self = next;
        Ok(())
    }
}

/// Age at which a sample of a tag is worth nothing for an estimate.
pub(super) fn patience_ms(tags: &TagTable, tag: TagId) -> i64 {
    let period = tags.get(tag).map_or(0, |tag| i64::from(tag.period_ms));
    (2 * period).max(180_000)
}

/// Whether the estimate may use it. What others found doubtful by comparing it with the model is decided here anew.
fn is_usable(quality: Quality) -> bool {
    match quality {
        Quality::Good | Quality::Uncertain(Doubt::DeviatesFromModel) => true,
        Quality::Uncertain(Doubt::RateOfChange | Doubt::Stale | Doubt::Clock) => true,
        Quality::Uncertain(Doubt::Spike | Doubt::Stuck | Doubt::Drift | Doubt::Inconsistent | Doubt::Substituted) => {
            false
        }
        Quality::Bad(
            Fault::NeverRead
            | Fault::Communication
            | Fault::DeviceException
            | Fault::OutOfRange
            | Fault::NotANumber
            | Fault::DeviceFault
            | Fault::TooOld
            | Fault::OutOfService,
        ) => false,
    }
}
