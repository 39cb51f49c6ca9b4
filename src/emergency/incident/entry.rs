//! One line of an incident's timeline: when, who, what.
//!
//! Everything is named by id, never by handle: a log outlives the program and the state of the network it was written at.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Moment;
use crate::emergency::burst::{Break, Hole};
use crate::emergency::response::{Request, Response};
use crate::network::{LinkId, Name, Network};

/// A line of the timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub time: Moment,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub who: String,
    pub event: Event,
    /// In the writer's words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Event {
    /// First of every log.
    Opened(Box<Opening>),
    /// These places are broken; more of them may be reported later.
    Reported {
        breaks: Vec<BreakRecord>,
    },
    /// What is to be closed from now on; takes the place of every earlier plan.
    Planned(Box<PlanRecord>),
    ValveOrdered {
        valve: Name,
        /// Counted from 1; without one, the control room.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        crew: Option<u32>,
    },
    ValveConfirmed {
        valve: Name,
    },
    /// Does not move, or nobody gets to it: to be planned without.
    ValveStuck {
        valve: Name,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unreachable: bool,
    },
    /// Found in order, whatever the archive says.
    ValveUsable {
        valve: Name,
    },
    ValveReopened {
        valve: Name,
    },
    /// A switching action that brings heat back, and what was switched.
    Resupplied {
        elements: Vec<Name>,
    },
    RepairBegun,
    RepairEnded,
    /// Everybody has heat again: the incident is over.
    Restored,
    Note,
    /// A user complains or asks.
    Complaint {
        address: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        phone: String,
        /// Building or consumer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        element: Option<Name>,
    },
    /// Work for a crew; a later entry with the same order number says how it stands.
    WorkOrder {
        order: String,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        crew: String,
        state: OrderState,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        element: Option<Name>,
    },
    /// The answer as of this moment, to be looked at when the network is another.
    Frozen(Box<Snapshot>),
}

/// How a log begins.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// Number or name of the incident.
    pub id: String,
    /// Title of the network's settings.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub network: String,
    /// A rehearsal: nothing of it happened.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drill: bool,
}

/// A broken place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakRecord {
    pub element: Name,
    /// Along a pipe: 0 at its start, 1 at its end.
    pub position: f64,
    /// Without it, torn off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hole_m2: Option<f64>,
}

/// What a plan was asked with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestRecord {
    pub breaks: Vec<BreakRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stuck: Vec<Name>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub usable: Vec<Name>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trust_unknown: bool,
    pub crews: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outdoor_c: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repair_s: Option<f64>,
    /// Other supply was not looked for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub without_resupply: bool,
}

/// One valve of a plan. Times count from the alarm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedValve {
    pub valve: Name,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chamber: Option<Name>,
    /// Counted from 1; without one, the control room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crew: Option<u32>,
    pub begins_s: f64,
    pub shut_s: f64,
}

/// A plan, as short as a crew needs it; the whole answer stands in a [`Snapshot`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanRecord {
    pub request: RequestRecord,
    /// In the order of closing.
    pub valves: Vec<PlannedValve>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stop_sources: Vec<Name>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stop_feeds: Vec<Name>,
    pub shut_s: f64,
    pub repair_s: f64,
    /// Consumers that lose heat, and how many of them all of it; `None` where the state could not be solved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumers: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_off: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_w: Option<f64>,
}

/// How a work order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrderState {
    Issued,
    Accepted,
    OnSite,
    Done,
    Cancelled,
}

impl OrderState {
    /// In the order they are passed.
    pub const ALL: [OrderState; 5] =
        [OrderState::Issued, OrderState::Accepted, OrderState::OnSite, OrderState::Done, OrderState::Cancelled];
}

/// An answer kept as it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// Of the network it was found on.
    pub revision: String,
    /// The JSON answer of `burst`.
    pub response: Value,
    /// The same for people, by language tag.
    pub sheets: std::collections::BTreeMap<String, Value>,
}

/// A number that JSON can carry.
fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { 0.0 }
}

impl BreakRecord {
    pub fn of(network: &Network, broken: &Break) -> BreakRecord {
        let hole_m2 = match broken.hole {
            Hole::FullBore => None,
            Hole::Area { area_m2 } => Some(finite(area_m2)),
        };
        BreakRecord { element: network.link_name(broken.link), position: finite(broken.position), hole_m2 }
    }

    /// As the search takes it; `None` where the network has no such element.
    pub fn place(&self, network: &Network) -> Option<Break> {
        let hole = self.hole_m2.map_or(Hole::FullBore, |area_m2| Hole::Area { area_m2 });
        Some(Break { link: network.link_id(&self.element)?, position: self.position, hole })
    }
}

impl RequestRecord {
    /// Crews, weather, repair time and trust as they were asked with; breaks and valves come from the incident.
    pub fn base(&self) -> Request {
        let mut base = Request {
            outdoor_c: self.outdoor_c,
            repair_s: self.repair_s,
            without_resupply: self.without_resupply,
            ..Request::default()
        };
        base.crews.count = self.crews;
        base.reliance.trust_unknown = self.trust_unknown;
        base
    }

    pub fn of(network: &Network, request: &Request) -> RequestRecord {
        let names = |links: &std::collections::BTreeSet<LinkId>| {
            let mut names: Vec<Name> = links.iter().map(|&link| network.link_name(link)).collect();
            names.sort();
            names
        };
        RequestRecord {
            breaks: request.breaks.iter().map(|broken| BreakRecord::of(network, broken)).collect(),
            stuck: names(&request.reliance.unusable),
            usable: names(&request.reliance.usable),
            trust_unknown: request.reliance.trust_unknown,
            crews: request.crews.count,
            outdoor_c: request.outdoor_c.map(finite),
            repair_s: request.repair_s.map(finite),
            without_resupply: request.without_resupply,
        }
    }
}

impl PlanRecord {
    /// Whether it asks nobody for anything else than another: the same valves in the same order, asked with the same.
    pub fn is_as(&self, other: &PlanRecord) -> bool {
        let valves = |plan: &PlanRecord| plan.valves.iter().map(|planned| planned.valve.clone()).collect::<Vec<_>>();
        self.request == other.request && self.repair_s == other.repair_s && valves(self) == valves(other)
    }

    /// The plan of an answer.
    pub fn of(network: &Network, request: &Request, response: &Response) -> PlanRecord {
        let names = |links: &[LinkId]| links.iter().map(|&link| network.link_name(link)).collect();
        let totals = response.impact.as_ref().map(|impact| impact.totals);
        PlanRecord {
            request: RequestRecord::of(network, request),
            valves: response
                .tasks
                .iter()
                .map(|task| PlannedValve {
                    valve: network.link_name(task.valve),
                    optional: task.optional,
                    chamber: task.chamber.clone(),
                    crew: task.crew.and_then(|crew| u32::try_from(crew + 1).ok()),
                    begins_s: finite(task.begins_s),
                    shut_s: finite(task.shut_s),
                })
                .collect(),
            stop_sources: names(&response.plan.stopped_sources),
            stop_feeds: response.plan.stopped_feeds.iter().map(|&node| network.node_name(node)).collect(),
            shut_s: finite(response.shut_s),
            repair_s: finite(response.repair_s),
            consumers: totals.map(|totals| totals.consumers),
            cut_off: totals.map(|totals| totals.cut_off),
            lost_w: totals.map(|totals| finite(totals.lost_w)),
        }
    }
}
