//! Where the value of an order, or of what is watched for it, is read: a tag, else the estimate.

use std::collections::{BTreeMap, BTreeSet};

use crate::live::order::{SetPoint, Watched};
use crate::live::{Observed, Origin, TagId, TagTable, Timestamp, reading_of};
use crate::network::{ElementRef, Network};
use crate::session::live::intake::Intake;
use crate::units::Quantity;

/// A value read: SI, when it was true, by what.
pub(super) type Read = (f64, Timestamp, Origin);

/// Tags by what they show.
pub(super) struct Places {
    tags: BTreeMap<(ElementRef, Observed), TagId>,
    writable: BTreeSet<TagId>,
}

impl Places {
    /// Of several tags that show the same, the first that may be written, else the first.
    pub fn new(table: &TagTable, writable: impl IntoIterator<Item = TagId>) -> Places {
        let writable: BTreeSet<TagId> = writable.into_iter().collect();
        let mut tags: BTreeMap<(ElementRef, Observed), TagId> = BTreeMap::new();
        for (id, tag) in table.iter() {
            let Some(element) = &tag.element else { continue };
            let known = tags.entry((element.clone(), tag.observed)).or_insert(id);
            if !writable.contains(known) && writable.contains(&id) {
                *known = id;
            }
        }
        Places { tags, writable }
    }

    fn tag(&self, element: &ElementRef, observed: Observed) -> Option<TagId> {
        self.tags.get(&(element.clone(), observed)).copied()
    }

    /// The tag that shows a set-point, and whether it may be written.
    pub fn of(&self, point: &SetPoint) -> Option<(TagId, bool)> {
        let tag = self.tag(&point.element, point.setting.tag(point.element.kind)?)?;
        Some((tag, self.writable.contains(&tag)))
    }

    /// What is read of a set-point now.
    pub fn read(&self, point: &SetPoint, intake: &Intake, network: &Network, now: Timestamp) -> Option<Read> {
        match self.of(point) {
            Some((tag, _)) => intake.good(tag, now).map(|(value, at)| (value, at, Origin::Measured)),
            None => {
                let observed = point.setting.effect()?;
                self.seen(&point.element, observed, point.setting.quantity(), intake, network, now)
            }
        }
    }

    /// What is read of something watched.
    pub fn watch(&self, watched: &Watched, intake: &Intake, network: &Network, now: Timestamp) -> Option<Read> {
        self.seen(&watched.element, watched.observed, watched.quantity(), intake, network, now)
    }

    fn seen(
        &self,
        element: &ElementRef,
        observed: Observed,
        quantity: Quantity,
        intake: &Intake,
        network: &Network,
        now: Timestamp,
    ) -> Option<Read> {
        let measured = self
            .tag(element, observed)
            .filter(|tag| intake.tag(*tag).is_some_and(|tag| tag.quantity == quantity))
            .and_then(|tag| intake.good(tag, now));
        if let Some((value, at)) = measured {
            return Some((value, at, Origin::Measured));
        }
        // Two gauges tell a difference as well as one that shows it.
        if observed == Observed::PressureDifference
            && let [Some((supply, supply_at)), Some((back, back_at))] =
                [Observed::SupplyPressure, Observed::ReturnPressure]
                    .map(|side| self.tag(element, side).and_then(|tag| intake.good(tag, now)))
        {
            return Some((supply - back, supply_at.min(back_at), Origin::Measured));
        }
        let (estimate, at) = intake.estimate()?;
        let value = reading_of(network, &estimate.solution, element, observed, quantity)?;
        Some((value, at, Origin::Estimated))
    }
}
