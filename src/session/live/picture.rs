//! What is known of the field at one moment, as plain data: one immutable picture handed over by the engine and read by
//! everything that shows something.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, TryLockError};

use super::board::AlarmBoard;
use super::desk::ControlDesk;
use super::orders::OrderDesk;
use super::trend::{TrendPoint, Trends};
use crate::emergency::incident::{CHINA_OFFSET_MIN, Moment};
use crate::live::estimate::{Estimate, Standing, Suspect};
use crate::live::health::Score;
use crate::live::screening::{Cause, Remark};
use crate::live::{Fault, Observed, Origin, Quality, Readings, Sample, Tag, TagId, TagTable, Timestamp};
use crate::network::{ElementKind, ElementRef, LinkKind, Network, NodeId};
use crate::solver::Solution;
use crate::text::Language;
use crate::units::DisplayUnits;

/// The newest sample of a tag.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Latest {
    /// SI; NaN where none has come. Under a bad quality the last one that came, for showing only.
    pub value: f64,
    pub source_time: Timestamp,
    pub quality: Quality,
    /// Why it has that quality.
    pub cause: Cause,
}

/// The tags and which element each belongs to; made once per device map and network.
#[derive(Clone, Debug, Default)]
pub struct Points {
    pub tags: Arc<TagTable>,
    by_element: BTreeMap<ElementRef, Vec<TagId>>,
    /// What a tag is shown at, by tag: the source or substation whose connection it is measured at, else its element.
    shown_at: Vec<Option<ElementRef>>,
}

impl Points {
    pub fn new(tags: Arc<TagTable>, network: &Network) -> Points {
        let mut owners: BTreeMap<ElementRef, ElementRef> = BTreeMap::new();
        for view in network.links() {
            if matches!(view.link.kind, LinkKind::Source(_) | LinkKind::Consumer(_)) {
                for node in [view.from, view.to] {
                    owners.insert(network.node_ref(node), view.element());
                }
            }
        }
        let mut by_element: BTreeMap<ElementRef, Vec<TagId>> = BTreeMap::new();
        let mut shown_at = Vec::with_capacity(tags.len());
        for (id, tag) in tags.iter() {
            let owner = tag.element.as_ref().map(|element| owners.get(element).unwrap_or(element));
            shown_at.push(owner.cloned());
            for element in tag.element.iter().chain(owner.filter(|owner| tag.element.as_ref() != Some(owner))) {
                by_element.entry(element.clone()).or_default().push(id);
            }
        }
        Points { tags, by_element, shown_at }
    }

    /// The tags of an element, in the order of the device map; of a source or substation also those at its connections.
    pub fn of(&self, element: &ElementRef) -> &[TagId] {
        self.by_element.get(element).map_or(&[], Vec::as_slice)
    }

    /// What a tag is shown at on the map.
    pub fn shown_at(&self, tag: TagId) -> Option<&ElementRef> {
        self.shown_at.get(tag.index()).and_then(Option::as_ref)
    }
}

/// A field device and how it answers.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceLine {
    pub name: Arc<str>,
    /// Host and port, or serial port.
    pub address: String,
    pub answers: bool,
    /// When it last answered; `None`: never.
    pub last_answer: Option<Timestamp>,
    /// Median and 99th percentile of the time to an answer, ms.
    pub latency_ms: Option<[f64; 2]>,
    /// What most of its tags are shown at.
    pub element: Option<ElementRef>,
    pub tags: usize,
    /// Share of its tags whose newest sample is good.
    pub good_share: f64,
}

/// What there is to complain about an element, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Concern {
    /// Priority 1 is the highest.
    Alarm { priority: u8, unacknowledged: bool },
    /// Its device does not answer.
    Silent,
    /// A value of it is not good.
    Doubt,
}

/// The state of the field as estimated from its measurements.
#[derive(Clone, Debug)]
pub struct EstimateShown {
    /// Counts the estimates of an engine.
    pub number: u64,
    /// State of the document whose network it is about.
    pub state: u64,
    pub solution: Arc<Solution>,
    /// Value and standard deviation by tag; NaN where the estimate does not tell.
    pub of_tags: Box<[[f64; 2]]>,
    /// What stands otherwise in the field than drawn.
    pub standing: Box<[Standing]>,
    /// Residuals, suspects, leaks, what is observed.
    pub estimate: Arc<Estimate>,
}

/// What the estimate says each tag should read, with the standard deviation of that; NaN where it does not tell.
/// `readings` are those of all tags.
pub(super) fn estimate_of_tags(
    network: &Network,
    tags: &TagTable,
    readings: &Readings,
    estimate: &Estimate,
) -> Box<[[f64; 2]]> {
    let mut values = vec![f64::NAN; tags.len()];
    readings.read_into(network, &estimate.solution, &mut values);
    let deviation = |tag: &Tag| -> Option<f64> {
        let element = tag.element.as_ref()?;
        let node = |id: NodeId| estimate.nodes.get(id.index());
        let link = network.find_link(element);
        let ends = link.and_then(|link| network.ends(link));
        // Supply and return connection: a substation leads from supply to return, a source from return to supply.
        let ends = if element.kind == ElementKind::Source { ends.map(|(from, to)| (to, from)) } else { ends };
        match tag.observed {
            Observed::Pressure => Some(node(network.node_id(&element.id)?)?.pressure.deviation),
            Observed::Temperature => Some(node(network.node_id(&element.id)?)?.temperature.deviation),
            Observed::SupplyPressure => Some(node(ends?.0)?.pressure.deviation),
            Observed::ReturnPressure => Some(node(ends?.1)?.pressure.deviation),
            Observed::SupplyTemperature => Some(node(ends?.0)?.temperature.deviation),
            Observed::MassFlow => Some(estimate.links.get(link?.index())?.flow.deviation),
            _ => None,
        }
    };
    let pair = |(value, (_, tag)): (f64, (TagId, &Tag))| [value, deviation(tag).unwrap_or(f64::NAN)];
    values.into_iter().zip(tags.iter()).map(pair).collect()
}

impl EstimateShown {
    /// Value and standard deviation of what a tag measures.
    pub fn of_tag(&self, tag: TagId) -> Option<[f64; 2]> {
        self.of_tags.get(tag.index()).copied().filter(|[value, _]| value.is_finite())
    }
}

/// What is known of the field at one moment.
#[derive(Clone, Debug)]
pub struct Picture {
    pub now: Timestamp,
    pub points: Arc<Points>,
    /// By [`TagId`].
    pub latest: Arc<[Latest]>,
    pub devices: Arc<[DeviceLine]>,
    pub alarms: Arc<AlarmBoard>,
    /// Who sits here, and what stands of commands.
    pub control: Arc<ControlDesk>,
    /// Dispatch orders.
    pub orders: Arc<OrderDesk>,
    /// Elements with something to complain about.
    pub concerns: Arc<BTreeMap<ElementRef, Concern>>,
    pub estimate: Option<Arc<EstimateShown>>,
    /// How good the data of the last hour are.
    pub score: Option<Score>,
    pub trends: Arc<RwLock<Trends>>,
    /// Samples taken in since the beginning, and those that had to be dropped because the program was too slow.
    pub samples: u64,
    pub dropped: u64,
}

impl Picture {
    /// Wall clock of the picture: `03:05:12`.
    pub fn time_of_day(&self) -> String {
        Moment { unix_s: self.now.ms().div_euclid(1000), offset_min: CHINA_OFFSET_MIN }.time_of_day()
    }

    /// Newest sample and tag of a handle.
    pub fn tag(&self, id: TagId) -> Option<(&Tag, Latest)> {
        Some((self.points.tags.get(id)?, *self.latest.get(id.index())?))
    }

    /// Newest sample of a tag; `None` where none has come.
    pub fn sample(&self, id: TagId) -> Option<Sample> {
        let Latest { value, source_time, quality, .. } = *self.latest.get(id.index())?;
        let came = quality != Quality::Bad(Fault::NeverRead);
        came.then_some(Sample { tag: id, source_time, arrival_time: source_time, value, quality })
    }

    /// Whether a measured value still counts as one.
    pub fn origin(&self, tag: &Tag, latest: Latest) -> Origin {
        let age_ms = self.now.ms_since(latest.source_time);
        if !latest.quality.is_usable() || age_ms > 2 * i64::from(tag.period_ms) + GRACE_MS {
            Origin::Stale
        } else {
            Origin::Measured
        }
    }

    /// What speaks against the newest value of a tag; `None` where nothing does.
    pub fn remark(&self, id: TagId) -> Option<Remark> {
        let latest = self.latest.get(id.index()).filter(|latest| !latest.quality.is_good())?;
        let Latest { value, source_time: at, quality, cause } = *latest;
        Some(Remark { tag: id, at, value, quality, cause })
    }

    /// What the estimation says against an instrument, as a sentence.
    pub fn suspicion(&self, suspect: &Suspect, language: Language, units: &DisplayUnits) -> String {
        suspect.text(&self.points.tags, self.now, language, units)
    }

    /// The last half hour of a tag. Empty while the engine is writing at this very moment: drawing never waits, the next
    /// frame has it.
    pub fn curve(&self, id: TagId) -> Vec<TrendPoint> {
        match self.trends.try_read() {
            Ok(trends) => trends.curve(id).collect(),
            Err(TryLockError::Poisoned(poisoned)) => PoisonError::into_inner(poisoned).curve(id).collect(),
            Err(TryLockError::WouldBlock) => Vec::new(),
        }
    }

    /// Devices that answer, and all.
    pub fn devices_answering(&self) -> (usize, usize) {
        (self.devices.iter().filter(|device| device.answers).count(), self.devices.len())
    }
}

/// A sample may come this much later than two periods before it counts as stale: the time of the way itself.
pub(super) const GRACE_MS: i64 = 500;
