//! An incident: what happened, in order, by whom, and how it stands.
//!
//! [`Incident`] is a list of [`Entry`]s and nothing else. How it stands ([`State`]) is folded from them each time it is
//! asked, so that there is no second truth beside the log; entries are only ever added. Before one is added,
//! [`Incident::refusal`] says whether it can be true (a plan with a valve found stuck cannot). The answers of the search are
//! kept beside the plan as frozen [`Snapshot`]s. Elements are named by id. What does not live here: the file
//! ([`crate::io::incident`]), and making the plan ([`super::respond`]).

mod entry;
mod moment;
mod state;

pub use entry::{BreakRecord, Entry, Event, Opening, OrderState, PlanRecord, PlannedValve, RequestRecord, Snapshot};
pub use moment::{CHINA_OFFSET_MIN, Moment, NotAMoment};
pub use state::{OrderStatus, State, ValveStage, ValveStatus};

use std::collections::BTreeMap;

use super::closing::Field;
use super::response::Request;
use crate::network::{LinkId, Name, Network};
use crate::text::Language;

/// An incident.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Incident {
    entries: Vec<Entry>,
}

/// What an entry cannot be without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    Id,
    Breaks,
    Address,
    Order,
    Text,
}

/// Why an entry cannot follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The first entry opens the incident.
    NotOpened,
    OpenedTwice,
    Missing(Missing),
    /// A plan before any break was reported.
    NothingReported,
    /// The plan closes a valve that was found stuck.
    UsesStuck(Name),
    /// The plan is the one in force, asked with the same.
    NothingChanged,
}

impl Refusal {
    /// The sentence's key; its remedy stands under `.help`.
    pub const fn key(&self) -> &'static str {
        match self {
            Refusal::NotOpened => "incident-not-opened",
            Refusal::OpenedTwice => "incident-opened-twice",
            Refusal::Missing(Missing::Id) => "incident-missing-id",
            Refusal::Missing(Missing::Breaks) => "incident-missing-breaks",
            Refusal::Missing(Missing::Address) => "incident-missing-address",
            Refusal::Missing(Missing::Order) => "incident-missing-order",
            Refusal::Missing(Missing::Text) => "incident-missing-text",
            Refusal::NothingReported => "incident-nothing-reported",
            Refusal::UsesStuck(_) => "incident-uses-stuck",
            Refusal::NothingChanged => "incident-nothing-changed",
        }
    }

    /// The valve it speaks of.
    pub fn valve(&self) -> Option<&str> {
        match self {
            Refusal::UsesStuck(valve) => Some(valve),
            _ => None,
        }
    }

    /// What is wrong, and what to do.
    pub fn text(&self, language: Language) -> String {
        let texts = language.texts();
        let valve = [("valve", self.valve().unwrap_or_default().to_owned().into())];
        format!("{}; {}", texts.with(self.key(), &valve), texts.with(&format!("{}.help", self.key()), &valve))
    }
}

/// An element of the log that the network does not have (any more).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown(pub Name);

impl Incident {
    /// From the entries of a file, as they are.
    pub const fn from_entries(entries: Vec<Entry>) -> Incident {
        Incident { entries }
    }

    pub fn into_entries(self) -> Vec<Entry> {
        self.entries
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How it stands.
    pub fn state(&self) -> State<'_> {
        State::of(&self.entries)
    }

    /// Why this entry cannot come next; `None` where it can.
    pub fn refusal(&self, entry: &Entry) -> Option<Refusal> {
        let blank = |text: &str| text.trim().is_empty();
        if self.entries.is_empty() != matches!(entry.event, Event::Opened(_)) {
            return Some(if self.entries.is_empty() { Refusal::NotOpened } else { Refusal::OpenedTwice });
        }
        match &entry.event {
            Event::Opened(opening) if blank(&opening.id) => Some(Refusal::Missing(Missing::Id)),
            Event::Reported { breaks } if breaks.is_empty() => Some(Refusal::Missing(Missing::Breaks)),
            Event::Complaint { address, .. } if blank(address) => Some(Refusal::Missing(Missing::Address)),
            Event::WorkOrder { order, .. } if blank(order) => Some(Refusal::Missing(Missing::Order)),
            Event::Note if blank(&entry.text) => Some(Refusal::Missing(Missing::Text)),
            Event::Planned(plan) => {
                let state = self.state();
                if state.breaks.is_empty() {
                    return Some(Refusal::NothingReported);
                }
                let stuck = plan.valves.iter().find(|planned| state.stuck.contains(&planned.valve));
                if let Some(planned) = stuck {
                    return Some(Refusal::UsesStuck(planned.valve.clone()));
                }
                let same = state.plan.is_some_and(|now| now.is_as(plan));
                same.then_some(Refusal::NothingChanged)
            }
            _ => None,
        }
    }

    /// Adds an entry, or says why not and leaves everything as it was.
    pub fn push(&mut self, entry: Entry) -> Result<(), Refusal> {
        match self.refusal(&entry) {
            Some(refusal) => Err(refusal),
            None => {
                self.entries.push(entry);
                Ok(())
            }
        }
    }

    /// How far the crews have come by `now`: the valves confirmed shut, when and by whom.
    pub fn field(&self, network: &Network, now: Moment) -> Field {
        let state = self.state();
        let Some(opened) = state.opened else { return Field::default() };
        let since_s = |moment: Moment| moment.seconds_since(opened).max(0) as f64;
        let confirmed = state.valves.iter().filter(|(_, status)| status.stage == ValveStage::Confirmed);
        let shut = confirmed.filter_map(|(valve, status)| {
            let crew = status.crew.and_then(|crew| usize::try_from(crew).ok()?.checked_sub(1));
            Some((network.link_id(valve)?, (since_s(status.since), crew)))
        });
        let shut: BTreeMap<LinkId, (f64, Option<usize>)> = shut.collect();
        // Before anybody has done anything it is the alarm that counts, however long somebody thought.
        if shut.is_empty() { Field::default() } else { Field { now_s: since_s(now), shut } }
    }

    /// The same for the moment at which the plan in force was made.
    pub fn field_of_plan(&self, network: &Network) -> Field {
        let is_plan = |entry: &Entry| matches!(entry.event, Event::Planned(_));
        let Some(at) = self.entries.iter().rposition(is_plan) else { return Field::default() };
        Incident::from_entries(self.entries[..at].to_vec()).field(network, self.entries[at].time)
    }

    /// What to ask the search with now: the breaks reported, the valves found stuck and found in order, on top of `base`
    /// (crews, weather, norm; its breaks and reliance on valves by name are replaced, its trust in unknown ones kept).
    pub fn request(&self, network: &Network, base: &Request) -> Result<Request, Unknown> {
        let state = self.state();
        let mut request = base.clone();
        let place = |broken: &BreakRecord| broken.place(network).ok_or_else(|| Unknown(broken.element.clone()));
        request.breaks = state.breaks.iter().map(place).collect::<Result<_, _>>()?;
        let link = |valve: &Name| network.link_id(valve).ok_or_else(|| Unknown(valve.clone()));
        request.reliance.unusable = state.stuck.iter().map(link).collect::<Result<_, _>>()?;
        request.reliance.usable = state.usable.iter().map(link).collect::<Result<_, _>>()?;
        Ok(request)
    }
}
