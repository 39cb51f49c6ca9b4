//! The estimator of a network that people operate: valves, pumps, sources and substations stand as the field tells.
//!
//! Mechanism: the network estimated is the one drawn plus edits that bring every element into the position last told and
//! taken over ([`standing`](super::standing)). A new position has to be told by two samples one after the other (the very
//! first look believes one), and the estimator is made anew once a minute at most, with everything due in one go. A
//! position that is doubtful, stale, missing or contradicted moves nothing, neither away from what was drawn nor back.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::live::{Sample, TagId, TagTable, Timestamp};
use crate::network::edit::Edit;
use crate::network::{ElementRef, Finding, Network};

use super::estimator::patience_ms;
use super::standing::{Position, Positions, Told};
use super::{Estimate, Estimator, Options};

/// Least time between two times that the estimator is made anew.
const AGAIN_MS: i64 = 60_000;
/// Samples in a row that have to tell a new position.
const SAMPLES: u32 = 2;

/// Whether the estimate reckons with a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    Yes,
    /// Not yet: it has to be told twice, and the estimator is not made anew more than once a minute.
    Waits,
    /// No: this meter says otherwise.
    Against(TagId),
    /// No: with it the network cannot be calculated.
    Impossible,
}

/// Something that stands otherwise in the field than it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    pub element: ElementRef,
    /// The tag that tells it.
    pub tag: TagId,
    pub field: Position,
    pub drawn: Position,
    /// It has stood so since then, as far as is known.
    pub since: Timestamp,
    pub taken: Taken,
}

/// What was last told of an element.
#[derive(Clone, Copy, Debug)]
struct Seen {
    told: Told,
    /// First sample that told another position than the estimator has, and how many in a row did.
    begun: Timestamp,
    samples: u32,
    /// It stands where it stands since then.
    settled: Timestamp,
    /// This position made the network one that cannot be calculated.
    refused: bool,
}

/// Estimates the state of a network that stands as the field tells.
#[derive(Clone, Debug)]
pub struct Follower {
    drawn: Arc<Network>,
    tags: Arc<TagTable>,
    positions: Positions,
    estimator: Estimator,
    seen: BTreeMap<ElementRef, Seen>,
    /// Positions the estimator has, where they are not those drawn.
    held: BTreeMap<ElementRef, Position>,
    /// When the estimator was last made anew; before the first look not yet.
    made: Option<Timestamp>,
}

impl Follower {
    /// Prepares a network as drawn and the tags that are measured in it.
    ///
    /// # Errors
    /// What makes the network unusable for the solver.
    pub fn new(network: Arc<Network>, tags: Arc<TagTable>, options: Options) -> Result<Follower, Vec<Finding>> {
        Ok(Follower {
            positions: Positions::new(&network, &tags),
            estimator: Estimator::with_options(network.clone(), tags.clone(), options)?,
            drawn: network,
            tags,
            seen: BTreeMap::new(),
            held: BTreeMap::new(),
            made: None,
        })
    }

    /// State of the network now. `samples` are the latest of every tag, in any order.
    pub fn estimate(&mut self, samples: &[Sample], now: Timestamp) -> Estimate {
        self.look(samples, now);
        self.estimator.estimate(samples, now)
    }

    /// The network as the estimate has it: the one drawn, standing as the field tells.
    pub fn network(&self) -> &Arc<Network> {
        self.estimator.network()
    }

    /// Everything that stands otherwise in the field than drawn, by element.
    pub fn standing(&self) -> Vec<Standing> {
        let one = |(element, seen): (&ElementRef, &Seen)| {
            let (field, drawn) = (seen.told.position, self.drawn_at(element)?);
            let taken = match self.held.get(element) {
                Some(held) if !held.differs(field) => Taken::Yes,
                _ if seen.refused => Taken::Impossible,
                _ => seen.told.against.map_or(Taken::Waits, Taken::Against),
            };
            let standing =
                Standing { element: element.clone(), tag: seen.told.tag, field, drawn, since: seen.settled, taken };
            field.differs(drawn).then_some(standing)
        };
        self.seen.iter().filter_map(one).collect()
    }

    fn drawn_at(&self, element: &ElementRef) -> Option<Position> {
        Position::drawn(self.drawn.link(self.drawn.find_link(element)?)?)
    }

    /// Takes in what is told of positions, and makes the estimator anew where that is due.
    fn look(&mut self, samples: &[Sample], now: Timestamp) {
        let tags = self.tags.clone();
        let told = self.positions.read(&self.drawn, &tags, samples, now, |tag| patience_ms(&tags, tag));
        for (element, told) in told {
            self.note(element, told);
        }
        let first = self.made.is_none();
        if !first && self.made.is_some_and(|made| now.ms_since(made) < AGAIN_MS) {
            return;
        }
        // Whether anything is due or not, the first look is over.
        self.made.get_or_insert(Timestamp::from_ms(i64::MIN / 2));
        let enough = if first { 1 } else { SAMPLES };
        let due: Vec<(ElementRef, Seen)> = self
            .seen
            .iter()
            .filter(|(_, seen)| seen.samples >= enough && seen.told.against.is_none() && !seen.refused)
            .map(|(element, seen)| (element.clone(), *seen))
            .collect();
        if !due.is_empty() {
            self.made = Some(now);
            self.take_over(&due);
        }
    }

    fn note(&mut self, element: ElementRef, told: Told) {
        let Some(drawn) = self.drawn_at(&element) else { return };
        let has = self.held.get(&element).copied().unwrap_or(drawn);
        let is_new = told.position.differs(has);
        let fresh = Seen { told, begun: told.at, samples: u32::from(is_new), settled: told.at, refused: false };
        let Some(seen) = self.seen.get_mut(&element) else {
            self.seen.insert(element, fresh);
            return;
        };
        let moved = told.position.differs(seen.told.position);
        if told.at <= seen.told.at {
            // The same sample once more; its meter may have changed its mind.
            seen.told.against = told.against;
            return;
        }
        if moved {
            (seen.settled, seen.refused) = (told.at, false);
        }
        seen.samples = if is_new { seen.samples.saturating_add(1) } else { 0 };
        if seen.samples == 1 {
            seen.begun = told.at;
        }
        // The position a valve is said to stand at is the first of those that do not differ, so that it cannot creep.
        seen.told = if moved { told } else { Told { position: seen.told.position, ..told } };
    }

    /// Makes the estimator anew with these positions and those it has; where that cannot be, they are refused.
    fn take_over(&mut self, due: &[(ElementRef, Seen)]) {
        let mut held = self.held.clone();
        for (element, seen) in due {
            let as_drawn = self.drawn_at(element).is_some_and(|drawn| !drawn.differs(seen.told.position));
            if as_drawn {
                held.remove(element);
            } else {
                held.insert(element.clone(), seen.told.position);
            }
        }
        let edits = held.iter().flat_map(|(element, position)| position.edits(element, &self.drawn)).collect();
        let mut network = (*self.drawn).clone();
        let applied = Edit::Batch { label: String::new(), edits }.apply(&mut network).is_ok();
        let begun = due.iter().map(|(_, seen)| seen.begun).min().unwrap_or(Timestamp::from_ms(0));
        let settled = due.iter().map(|(_, seen)| seen.settled).max().unwrap_or(begun);
        let stands = applied && self.estimator.stand(Arc::new(network), [begun, settled]).is_ok();
        if stands {
            self.held = held;
        }
        for (element, _) in due {
            if let Some(seen) = self.seen.get_mut(element) {
                seen.samples = 0;
                seen.refused = !stands;
            }
        }
    }
}
