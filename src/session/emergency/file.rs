//! The file of the incident being dealt with: begun with the first thing that is done, opened from the disk, followed.
//!
//! Asking alone writes nothing: a planner who tries out ten breaks leaves no files behind. From the first report, switching
//! or choice on, everything since the alarm stands in the file and every further entry is written as it happens
//! ([`super::book`]). What others add to the same file is taken over: valves, breaks, and a plan anew where they call for
//! one. A rehearsal has a file only with its report.

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;

use super::apply::ask;
use super::book::{BookNews, BookRequest};
use super::{BreakPlace, Card, Emergency};
use crate::emergency::burst::Hole;
use crate::emergency::incident::{CHINA_OFFSET_MIN, Entry, Incident, Moment, ValveStage};
use crate::io::incident::ENDING;
use crate::network::{Name, Network, Severity};
use crate::session::effects::Effects;
use crate::session::message::Message;
use crate::session::state::Session;

/// The file an incident stands in, as the session knows it.
#[derive(Clone, Debug, Default)]
pub struct LogFile {
    pub path: PathBuf,
    /// Entries the file has.
    pub entries: usize,
    /// Own entries handed over, oldest first, that the file is not known to have yet.
    under_way: VecDeque<Entry>,
    dealt_with: usize,
}

impl LogFile {
    /// Entries made here that are not known to be on the disk yet.
    pub fn under_way(&self) -> usize {
        self.under_way.len()
    }

    /// An own entry goes to the file.
    pub(super) fn hand_over(&mut self, entry: Entry) {
        self.under_way.push_back(entry);
    }
}

/// Breaks as an incident states them, in this network.
fn places_of(incident: &Incident, network: &Network) -> Vec<BreakPlace> {
    let state = incident.state();
    let places = state.breaks.iter().filter_map(|record| {
        let broken = record.place(network)?;
        Some(BreakPlace { element: network.link_ref(broken.link), position: broken.position, hole: broken.hole })
    });
    places.collect()
}

/// Valves reported stuck, and reported shut.
fn valves_of(incident: &Incident) -> [BTreeSet<Name>; 2] {
    let state = incident.state();
    let shut = state.valves.iter().filter(|(_, status)| status.stage == ValveStage::Confirmed);
    [state.stuck.iter().cloned().collect(), shut.map(|(valve, _)| valve.clone()).collect()]
}

impl Session {
    /// Begins the file with everything since the alarm, unless there is one, or it is a rehearsal.
    pub(super) fn begin_log(&mut self) {
        let folder = self.document.path.as_ref().and_then(|path| path.parent()).map(PathBuf::from).unwrap_or_default();
        let Some(emergency) = self.emergency.as_mut().filter(|e| e.drill.is_none() && e.file.is_none()) else { return };
        let entries = emergency.incident.entries().to_vec();
        let Some(opened) = entries.first().map(|entry| entry.time) else { return };
        let broken = emergency.places.first().map_or_else(String::new, |place| place.element.id.to_string());
        let broken = broken.replace(['/', '\\'], "-");
        let stem = format!("incident-{broken}-{}-{}", opened.date(), opened.time_of_day().replace(':', ""));
        // Two alarms of one second are two incidents.
        let names = (1..100).map(|number| if number == 1 { stem.clone() } else { format!("{stem}-{number}") });
        let paths = names.map(|name| folder.join(format!("{name}{ENDING}")));
        let Some(path) = paths.into_iter().find(|path| !path.exists()) else { return };
        emergency.outbox.clear();
        let under_way = entries.iter().cloned().collect();
        emergency.file = Some(LogFile { path: path.clone(), under_way, ..LogFile::default() });
        self.log_requests.push(BookRequest::Begin { path, entries });
    }

    /// Takes part in the incident of a file; it shows once the file is read.
    pub(super) fn open_log(&mut self, path: PathBuf) {
        self.log_requests.push(BookRequest::Open { path });
    }

    /// What is to be written, in order.
    pub(in crate::session) fn take_log_requests(&mut self) -> Vec<BookRequest> {
        let mut requests = std::mem::take(&mut self.log_requests);
        let outbox = self.emergency.iter_mut().flat_map(|emergency| std::mem::take(&mut emergency.outbox));
        requests.extend(outbox.map(|entry| BookRequest::Add(Box::new(entry))));
        requests
    }

    /// Takes in what the file says.
    pub fn take_log_news(&mut self, news: BookNews) -> Effects {
        let mut effects = Effects::default();
        match news {
            BookNews::Entries { path, entries, dealt_with } => {
                let Some(emergency) = &mut self.emergency else { return effects };
                let Some(file) = emergency.file.as_mut().filter(|file| file.path == path) else { return effects };
                for _ in file.dealt_with..dealt_with {
                    file.under_way.pop_front();
                }
                file.dealt_with = dealt_with;
                file.entries = entries.len();
                let whole = entries.into_iter().chain(file.under_way.iter().cloned()).collect();
                emergency.incident = Incident::from_entries(whole);
                self.follow_log(&mut effects);
            }
            BookNews::Opened { path, entries } => self.join(path, entries, &mut effects),
            BookNews::Fault { path, error } => {
                let reason = error.text(self.language);
                let message = Message::new("message-log-fault").with("path", path.display().to_string());
                self.notify(Severity::Error, message.with("reason", reason));
            }
        }
        effects
    }

    /// What the log says that is not known here: then it is planned anew.
    fn follow_log(&mut self, effects: &mut Effects) {
        let network = self.document.snapshot();
        let Some(emergency) = &mut self.emergency else { return };
        let [stuck, shut] = valves_of(&emergency.incident);
        let places = places_of(&emergency.incident, &network);
        emergency.shut = shut;
        let news = emergency.stuck != stuck || (!places.is_empty() && emergency.places != places);
        if news {
            emergency.stuck = stuck;
            emergency.places = places;
            ask(self, effects);
        }
    }

    /// Shows the incident of a file that was read.
    fn join(&mut self, path: PathBuf, entries: Vec<Entry>, effects: &mut Effects) {
        let network = self.document.snapshot();
        let incident = Incident::from_entries(entries);
        let places = places_of(&incident, &network);
        let shown = path.display().to_string();
        if places.is_empty() {
            self.log_requests.push(BookRequest::Close);
            self.notify(Severity::Warning, Message::new("message-log-elsewhere").with("path", shown));
            return;
        }
        let [stuck, shut] = valves_of(&incident);
        let crews = incident.state().plan.map(|plan| plan.request.crews);
        let file = LogFile { path, entries: incident.entries().len(), ..LogFile::default() };
        let mut emergency = Emergency::of(places, self.panels_before());
        emergency.crews = crews.unwrap_or(emergency.crews).clamp(1, super::MOST_CREWS);
        (emergency.stuck, emergency.shut) = (stuck, shut);
        (emergency.incident, emergency.file, emergency.card) = (incident, Some(file), Card::Log);
        self.show_emergency(emergency);
        self.notify(Severity::Info, Message::new("message-log-opened").with("path", shown));
        ask(self, effects);
        effects.view.extend(self.emergency_view());
    }

    /// Beside the file worked on: a report made now.
    pub(super) fn report_path(&self, emergency: &Emergency) -> PathBuf {
        let folder = self.document.path.as_ref().and_then(|path| path.parent()).map(PathBuf::from).unwrap_or_default();
        let broken = emergency.places.first().map_or_else(String::new, |place| place.element.id.to_string());
        let now = Moment::now(CHINA_OFFSET_MIN);
        let broken = broken.replace(['/', '\\'], "-");
        folder.join(format!("incident-{broken}-{}-{}.pdf", now.date(), now.time_of_day().replace(':', "")))
    }
}

/// A hole of this diameter; `None`: torn off.
pub fn hole_of(diameter_m: Option<f64>) -> Hole {
    diameter_m.filter(|diameter_m| *diameter_m > 0.0 && diameter_m.is_finite()).map_or(Hole::FullBore, |diameter_m| {
        Hole::Area { area_m2: 0.25 * std::f64::consts::PI * diameter_m * diameter_m }
    })
}

/// The diameter of a round hole; `None`: torn off.
pub fn diameter_m(hole: Hole) -> Option<f64> {
    match hole {
        Hole::FullBore => None,
        Hole::Area { area_m2 } => Some((4.0 * area_m2 / std::f64::consts::PI).sqrt()),
    }
}
