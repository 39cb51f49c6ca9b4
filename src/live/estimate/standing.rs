//! How valves, pumps, sources and substations stand in the field, as their own tags tell.
//!
//! Mechanism: the openings, speeds and running states among the tags are gathered by element once; each look reads them
//! from the newest samples and gives a [`Position`] where all that is needed is good and fresh. What stands still while its
//! own flow meter sees water is contradicted and moves nothing. What becomes of a position is decided by
//! [`follow`](super::follow). Secondary sides are no part of the network here: the running state of a substation is that of
//! its circulation pump and is left alone, the opening of its control valve is not.

use std::collections::BTreeMap;

use crate::live::reading::measured_at;
use crate::live::{Observed, Sample, TagId, TagTable, Timestamp, instrument_deviation};
use crate::network::edit::Edit;
use crate::network::{ElementRef, Link, LinkKind, Network, Pump, PumpControl, ValveKind};

/// Openings this close to an end are that end: limit switches and position transmitters leave the last per cent open.
const END: f64 = 0.01;
/// Changes of opening and speed below these are noise of the transmitter.
const OPENING_STEP: f64 = 0.02;
const SPEED_STEP: f64 = 0.01;
/// Deviations of its own meter from which on water is flowing.
const FLOWS: f64 = 5.0;

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Position {
    /// Of a valve, 0…1.
    Opening(f64),
    /// Of a pump over its rated speed; 0 where it stands still.
    Speed(f64),
    /// Source or substation: connected and in operation.
    InOperation(bool),
}

impl Position {
    /// How a link is drawn; `None` for what has no position.
    pub fn drawn(link: &Link) -> Option<Position> {
        match &link.kind {
            LinkKind::Valve(valve) => is_set(valve.kind).then_some(Position::Opening(valve.opening)),
            LinkKind::Pump(pump) => Some(Position::Speed(if turns(pump) { pump.speed } else { 0.0 })),
            LinkKind::Source(source) => Some(Position::InOperation(source.running)),
            LinkKind::Consumer(consumer) => Some(Position::InOperation(!consumer.shut)),
            LinkKind::Pipe(_) => None,
        }
    }

    /// Whether no water passes.
    pub fn is_shut(self) -> bool {
        match self {
            Position::Opening(share) | Position::Speed(share) => share <= 0.0,
            Position::InOperation(runs) => !runs,
        }
    }

    /// Whether two positions are told apart.
    pub fn differs(self, other: Position) -> bool {
        let apart = match (self, other) {
            (Position::Opening(a), Position::Opening(b)) => (a - b).abs() >= OPENING_STEP,
            (Position::Speed(a), Position::Speed(b)) => (a - b).abs() >= SPEED_STEP,
            (Position::InOperation(a), Position::InOperation(b)) => a != b,
            _ => true,
        };
        apart || self.is_shut() != other.is_shut()
    }

    /// What brings an element of the network into this position.
    pub fn edits(self, element: &ElementRef, network: &Network) -> Vec<Edit> {
        let link = network.find_link(element).and_then(|link| network.link(link));
        match (self, link.map(|link| &link.kind)) {
            (Position::Opening(opening), _) => vec![Edit::set(element.clone(), "opening", opening)],
            (Position::InOperation(runs), Some(LinkKind::Consumer(_))) => {
                vec![Edit::set(element.clone(), "shut", !runs)]
            }
            (Position::InOperation(runs), _) => vec![Edit::set(element.clone(), "running", runs)],
            (Position::Speed(speed), kind) => {
                let mut edits = vec![Edit::set(element.clone(), "running", speed > 0.0)];
                if let Some(LinkKind::Pump(pump)) = kind
                    && speed > 0.0
                    && pump.control == PumpControl::Speed
                {
                    edits.push(Edit::set(element.clone(), "speed", speed));
                }
                edits
            }
        }
    }
}

/// Whether a valve of this kind stands where somebody has put it; the others move by themselves.
const fn is_set(kind: ValveKind) -> bool {
    matches!(
        kind,
        ValveKind::Sectioning | ValveKind::Isolating | ValveKind::Control | ValveKind::Balancing | ValveKind::Bypass
    )
}

fn turns(pump: &Pump) -> bool {
    pump.running && pump.parallel > 0
}

/// What the field tells of one element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Told {
    pub position: Position,
    /// The tag that tells it.
    pub tag: TagId,
    pub at: Timestamp,
    /// A meter that sees water flow where nothing should, or none where it should.
    pub against: Option<TagId>,
}

/// The tags of one element that tell its position.
#[derive(Clone, Debug)]
struct Watched {
    element: ElementRef,
    opening: Option<TagId>,
    speed: Option<TagId>,
    running: Vec<TagId>,
    flow: Option<TagId>,
}

/// All elements whose position is measured.
#[derive(Clone, Debug, Default)]
pub struct Positions {
    watched: Vec<Watched>,
}

/// Newest good and fresh value of a tag, and when it was so.
type Values<'a> = &'a dyn Fn(TagId) -> Option<(f64, Timestamp)>;

impl Positions {
    pub fn new(network: &Network, tags: &TagTable) -> Positions {
        let mut by_element: BTreeMap<ElementRef, Watched> = BTreeMap::new();
        for (id, tag) in tags.iter() {
            let Some(element) = tag.element.as_ref().and_then(|element| measured_at(network, element)) else {
                continue;
            };
            let Some(link) = network.find_link(element).and_then(|link| network.link(link)) else { continue };
            if Position::drawn(link).is_none() {
                continue;
            }
            let own = by_element.entry(element.clone()).or_insert_with(|| Watched {
                element: element.clone(),
                opening: None,
                speed: None,
                running: Vec::new(),
                flow: None,
            });
            let is_valve_or_station = matches!(link.kind, LinkKind::Valve(_) | LinkKind::Consumer(_));
            match tag.observed {
                Observed::Opening if is_valve_or_station => own.opening = own.opening.or(Some(id)),
                Observed::Speed if matches!(link.kind, LinkKind::Pump(_)) => own.speed = own.speed.or(Some(id)),
                Observed::Running if matches!(link.kind, LinkKind::Pump(_) | LinkKind::Source(_)) => {
                    own.running.push(id);
                }
                Observed::MassFlow | Observed::VolumeFlow => own.flow = own.flow.or(Some(id)),
                _ => {}
            }
        }
        let told = |own: &Watched| own.opening.is_some() || own.speed.is_some() || !own.running.is_empty();
        Positions { watched: by_element.into_values().filter(told).collect() }
    }

    /// What the field tells now, by element. `samples`: the newest of each tag; `patience_ms`: age at which a sample of a
    /// tag is worth nothing.
    pub fn read(
        &self,
        network: &Network,
        tags: &TagTable,
        samples: &[Sample],
        now: Timestamp,
        patience_ms: impl Fn(TagId) -> i64,
    ) -> BTreeMap<ElementRef, Told> {
        let mut newest: BTreeMap<TagId, &Sample> = BTreeMap::new();
        for sample in samples {
            let last = newest.entry(sample.tag).or_insert(sample);
            if sample.source_time > last.source_time {
                *last = sample;
            }
        }
        // Doubtful is not good enough: a wrong position would put the error of one instrument into the whole network.
        let value = |tag: TagId| {
            let sample = newest.get(&tag)?;
            let fresh = now.ms_since(sample.source_time) <= patience_ms(tag);
            (sample.quality.is_good() && sample.value.is_finite() && fresh)
                .then_some((sample.value, sample.source_time))
        };
        let one = |own: &Watched| {
            let link = network.link(network.find_link(&own.element)?)?;
            Some((own.element.clone(), own.told(link, tags, &value)?))
        };
        self.watched.iter().filter_map(one).collect()
    }
}

impl Watched {
    fn told(&self, link: &Link, tags: &TagTable, value: Values<'_>) -> Option<Told> {
        let (position, tag, at) = match &link.kind {
            LinkKind::Valve(_) => {
                let tag = self.opening?;
                let (opening, at) = value(tag)?;
                (Position::Opening(to_end(opening)), tag, at)
            }
            LinkKind::Consumer(_) => {
                let tag = self.opening?;
                let (opening, at) = value(tag)?;
                (Position::InOperation(to_end(opening) > 0.0), tag, at)
            }
            LinkKind::Source(_) => {
                let (runs, tag, at) = self.runs(value)?;
                (Position::InOperation(runs), tag, at)
            }
            LinkKind::Pump(pump) => self.of_pump(pump, value)?,
            LinkKind::Pipe(_) => return None,
        };
        let against = self.against(link, position, tags, value);
        Some(Told { position, tag, at, against })
    }

    /// Whether any of several runs; all of them must be known to say that none does.
    fn runs(&self, value: Values<'_>) -> Option<(bool, TagId, Timestamp)> {
        let mut standing = None;
        let mut all = !self.running.is_empty();
        for &tag in &self.running {
            match value(tag) {
                Some((state, at)) if state > 0.5 => return Some((true, tag, at)),
                Some((_, at)) => standing = standing.or(Some((false, tag, at))),
                None => all = false,
            }
        }
        standing.filter(|_| all)
    }

    fn of_pump(&self, pump: &Pump, value: Values<'_>) -> Option<(Position, TagId, Timestamp)> {
        let runs = self.runs(value);
        if let Some((false, tag, at)) = runs {
            return Some((Position::Speed(0.0), tag, at));
        }
        // Where a control has the speed, the drawn one is only its bound.
        if pump.control == PumpControl::Speed
            && let Some(tag) = self.speed
        {
            let (speed, at) = value(tag)?;
            return Some((Position::Speed(if speed < SPEED_STEP { 0.0 } else { speed }), tag, at));
        }
        runs.map(|(_, tag, at)| (Position::Speed(pump.speed), tag, at))
    }

    /// Its own meter, where that cannot be if it stands so.
    fn against(&self, link: &Link, position: Position, tags: &TagTable, value: Values<'_>) -> Option<TagId> {
        let meter = self.flow?;
        let (flow, _) = value(meter)?;
        let flows = flow.abs() > FLOWS * instrument_deviation(tags.get(meter)?, flow);
        let contradicts = match position {
            // A valve that is open may well have no water passing; what is said to run has.
            Position::InOperation(true) => !flows && Position::drawn(link).is_some_and(Position::is_shut),
            _ => position.is_shut() && flows,
        };
        contradicts.then_some(meter)
    }
}

fn to_end(opening: f64) -> f64 {
    match opening {
        opening if opening <= END => 0.0,
        opening if opening >= 1.0 - END => 1.0,
        opening => opening,
    }
}
