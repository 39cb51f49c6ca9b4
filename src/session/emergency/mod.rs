//! A break being dealt with: what has burst, what crews report, the newest answer, what of it has been carried out.
//!
//! Changed by [`EmergencyCommand`]s ([`apply`]) and by the news of a thread ([`answer`]); nothing in the network changes
//! until a plan is carried out, which is one step of the edit log. An answer belongs to the state of the document it was
//! worked out for: [`Session::emergency_standing`] says whether that still is the one shown. A [`Drill`] is the same with
//! the plan hidden and the user's own orders instead.

pub mod answer;
pub(super) mod apply;
pub mod book;
pub mod colours;
mod command;
mod drill;
mod file;
mod log;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use answer::{Answer, EmergencyNews, EmergencyRequest, EmergencyWork, Fare, Role};
pub use apply::apply;
pub use book::{BookNews, is_log};
pub use command::{Card, EmergencyCommand, SPEEDS};
pub use drill::Drill;
pub use file::{LogFile, diameter_m, hole_of};
pub use log::{ReportRequest, write as write_report};

use super::command::Panel;
use super::message::Message;
use super::state::Session;
use crate::emergency::Request;
use crate::emergency::burst::Hole;
use crate::emergency::closing::Crews;
use crate::emergency::incident::{CHINA_OFFSET_MIN, Entry, Incident, Moment};
use crate::emergency::response::Merit;
use crate::network::edit::Edit;
use crate::network::{ElementRef, LinkId, Name, Network};
use crate::session::ViewRequest;
use crate::session::view;

/// What has burst and where along it.
#[derive(Clone, Debug, PartialEq)]
pub struct BreakPlace {
    pub element: ElementRef,
    /// 0 at the start of a pipe, 1 at its end.
    pub position: f64,
    pub hole: Hole,
}

/// Crews that can be asked for.
pub const MOST_CREWS: usize = 12;

/// A plan or part of one that was carried out.
#[derive(Clone, Debug)]
pub struct Carried {
    /// State of the document before and after.
    pub(super) before: u64,
    pub(super) after: u64,
    /// Actions of re-supply among it.
    pub steps: usize,
    /// Everything changed against the state the answer is for.
    pub(super) edits: Vec<Edit>,
}

/// How the answer stands to the network shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The network is as it was when the answer was asked for.
    Current,
    /// The plan and so many actions of re-supply have been carried out.
    CarriedOut { steps: usize },
    /// The network has changed since in other ways.
    Stale,
}

/// A break being dealt with.
#[derive(Clone, Debug)]
pub struct Emergency {
    pub(super) places: Vec<BreakPlace>,
    pub(super) stuck: BTreeSet<Name>,
    pub(super) shut: BTreeSet<Name>,
    pub(super) merit: Merit,
    /// Newest request.
    pub(super) number: u64,
    pub(super) waiting: bool,
    pub(super) answer: Option<Arc<Answer>>,
    pub(super) fault: Option<Message>,
    pub(super) carried: Vec<Carried>,
    pub(super) card: Card,
    pub(super) drill: Option<Drill>,
    /// Crews the plan counts on.
    pub(super) crews: usize,
    pub(super) incident: Incident,
    /// Where the incident is being written; `None` until something is done.
    pub(super) file: Option<LogFile>,
    /// Entries on their way to the file.
    pub(super) outbox: Vec<Entry>,
    /// Panels shown before.
    pub(super) panels: Vec<Panel>,
}

impl Emergency {
    /// Nothing but the breaks; `panels` come back when it is over.
    pub(super) fn of(places: Vec<BreakPlace>, panels: Vec<Panel>) -> Emergency {
        Emergency {
            places,
            stuck: BTreeSet::new(),
            shut: BTreeSet::new(),
            merit: Merit::default(),
            number: 0,
            waiting: false,
            answer: None,
            fault: None,
            carried: Vec::new(),
            card: Card::Close,
            drill: None,
            crews: Crews::default().count,
            incident: Incident::default(),
            file: None,
            outbox: Vec::new(),
            panels,
        }
    }

    /// Crews the plan counts on.
    pub fn crews(&self) -> usize {
        self.crews
    }

    /// The file it stands in.
    pub fn file(&self) -> Option<&LogFile> {
        self.file.as_ref()
    }

    pub fn places(&self) -> &[BreakPlace] {
        &self.places
    }

    /// The newest answer; perhaps not yet to the newest question.
    pub fn answer(&self) -> Option<&Arc<Answer>> {
        self.answer.as_ref()
    }

    /// Whether a newer or fuller answer is being worked out.
    pub fn is_waiting(&self) -> bool {
        self.waiting
    }

    /// Why there is no answer.
    pub fn fault(&self) -> Option<&Message> {
        self.fault.as_ref()
    }

    pub fn card(&self) -> Card {
        self.card
    }

    pub fn merit(&self) -> Merit {
        self.merit
    }

    pub fn is_stuck(&self, valve: &str) -> bool {
        self.stuck.contains(valve)
    }

    pub fn is_shut(&self, valve: &str) -> bool {
        self.shut.contains(valve)
    }

    /// Valves reported not to move.
    pub fn stuck(&self) -> impl Iterator<Item = &Name> {
        self.stuck.iter()
    }

    /// Valves reported shut.
    pub fn shut(&self) -> impl Iterator<Item = &Name> {
        self.shut.iter()
    }

    pub fn drill(&self) -> Option<&Drill> {
        self.drill.as_ref()
    }

    /// The answer as far as it may be shown: in a rehearsal only after its end.
    pub fn shown(&self) -> Option<&Arc<Answer>> {
        self.answer.as_ref().filter(|_| self.drill.as_ref().is_none_or(Drill::is_over))
    }

    /// The plan in the words of the emergency layer; `None` where something that burst is no more.
    fn question(&self, network: &Network) -> Option<Request> {
        let links = |names: &BTreeSet<Name>| names.iter().filter_map(|id| network.link_id(id)).collect();
        let mut request = Request { merit: self.merit, ..Request::default() };
        for place in &self.places {
            request.breaks.push(crate::emergency::Break {
                link: network.find_link(&place.element)?,
                position: place.position,
                hole: place.hole,
            });
        }
        request.reliance.unusable = links(&self.stuck);
        request.crews.count = self.crews;
        request.crews.field = self.incident.field(network, Moment::now(CHINA_OFFSET_MIN));
        Some(request)
    }
}

impl Session {
    /// The break being dealt with.
    pub fn emergency(&self) -> Option<&Emergency> {
        self.emergency.as_ref()
    }

    /// The emergency while its panel is shown: then the picture is its picture.
    pub fn shown_emergency(&self) -> Option<&Emergency> {
        self.emergency.as_ref().filter(|_| self.shows(Panel::Emergency))
    }

    /// The answer the picture shows.
    pub fn shown_answer(&self) -> Option<&Arc<Answer>> {
        self.shown_emergency().and_then(Emergency::shown)
    }

    /// Whether the headline runs over the whole width.
    pub fn shows_banner(&self) -> bool {
        self.banner && self.shown_emergency().is_some()
    }

    /// How the answer stands to the network shown.
    pub fn emergency_standing(&self) -> Option<Standing> {
        let emergency = self.emergency.as_ref()?;
        let answer = emergency.answer.as_ref()?;
        let state = self.document.state();
        if state == answer.state {
            return Some(Standing::Current);
        }
        let carried = emergency.carried.iter().find(|carried| carried.after == state);
        Some(carried.map_or(Standing::Stale, |carried| Standing::CarriedOut { steps: carried.steps }))
    }

    /// Lets the time of a rehearsal pass: `seconds` of the beholder. Whether anything changed.
    pub fn advance_drill(&mut self, seconds: f64) -> bool {
        let Some(drill) = self.emergency.as_mut().and_then(|emergency| emergency.drill.as_mut()) else { return false };
        drill.advance(seconds)
    }

    /// Whether the clock of a rehearsal runs.
    pub fn drill_runs(&self) -> bool {
        self.emergency.as_ref().and_then(|emergency| emergency.drill.as_ref()).is_some_and(Drill::runs)
    }

    /// Takes in what the thread tells; whether the picture should look at the zone now.
    pub fn take_emergency_news(&mut self, news: EmergencyNews) -> bool {
        let Some(emergency) = &mut self.emergency else { return false };
        match news {
            EmergencyNews::Answer(answer) if answer.number == emergency.number => {
                let first = emergency.answer.as_ref().is_none_or(|known| known.number != answer.number);
                emergency.waiting = !answer.complete;
                emergency.fault = None;
                if answer.complete && emergency.drill.is_none() {
                    emergency.log_plan(&answer);
                }
                emergency.answer = Some(answer);
                first && emergency.shown().is_some()
            }
            EmergencyNews::Fault { number, fault } if number == emergency.number => {
                emergency.waiting = false;
                emergency.answer = None;
                emergency.fault = Some(apply::refusal(&fault, self.language));
                false
            }
            EmergencyNews::Compared { number, comparison } if number == emergency.number => {
                emergency.waiting = false;
                if let Some(drill) = &mut emergency.drill {
                    drill.comparison = Some(*comparison);
                }
                true
            }
            _ => false,
        }
    }

    /// A look at everything concerned: breaks, valves, the zone and who has no heat.
    pub fn emergency_view(&self) -> Option<ViewRequest> {
        let emergency = self.emergency.as_ref()?;
        let mut places: Vec<view::Place> =
            emergency.places.iter().filter_map(|place| view::place(self.network(), &place.element)).collect();
        if let Some(answer) = emergency.shown() {
            let concerned = |link: LinkId| answer.roles.get(link.index()).is_some_and(|role| *role != Role::Served);
            let mut links: Vec<LinkId> = answer.network.links().map(|view| view.handle).collect();
            links.retain(|&link| concerned(link));
            links.extend(answer.response.plan.all_valves());
            let element = |link: LinkId| answer.network.link_ref(link);
            places.extend(links.into_iter().filter_map(|link| view::place(&answer.network, &element(link))));
        }
        let bound = |pick: fn(&view::Place) -> f64| {
            places.iter().map(pick).fold((f64::MAX, f64::MIN), |(low, high), at| (low.min(at), high.max(at)))
        };
        let ((left, right), (south, north)) = (bound(|place| place.x_m), bound(|place| place.y_m));
        if left > right {
            return None;
        }
        let z_m = places.first().map_or(0.0, |place| place.z_m);
        // Whoever rehearses has to find the valves.
        let least_m = if emergency.shown().is_none() && emergency.drill.is_some() { 700.0 } else { 220.0 };
        let radius_m = (0.5 * (right - left).max(north - south) + 60.0).max(least_m);
        Some(ViewRequest::FlyTo { x_m: 0.5 * (left + right), y_m: 0.5 * (south + north), z_m, radius_m })
    }
}
