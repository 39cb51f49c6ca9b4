//! What happens in an emergency, as an incident's log, and the request to print it.
//!
//! Every report, plan and action becomes an entry with the time of the machine's clock; what cannot follow (the same plan
//! twice) is left out. Where the incident has a file ([`super::file`]) each entry goes there at once, and with a report the
//! answer frozen. A rehearsal is logged as one, into a file beside its report.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Answer, Drill, Emergency};
use crate::emergency::incident::{BreakRecord, CHINA_OFFSET_MIN, Entry, Event, Incident, Moment, Opening, PlanRecord};
use crate::emergency::resupply::Action;
use crate::io::emergency::plan_events;
use crate::io::incident::{ENDING, Journal};
use crate::io::report::{Report, print};
use crate::io::{IoError, save};
use crate::network::{LinkId, Network};
use crate::session::state::Session;
use crate::text::Language;
use crate::units::DisplayUnits;

/// What to print, and where.
#[derive(Clone, Debug)]
pub struct ReportRequest {
    /// The PDF.
    pub path: PathBuf,
    /// The log goes beside it: it has no file of its own.
    pub with_log: bool,
    pub answer: Arc<Answer>,
    pub incident: Incident,
    pub language: Language,
    pub units: DisplayUnits,
}

/// Prints the report; gives the answer as the entry that keeps it. A rehearsal's log is written beside it.
///
/// # Errors
/// A file that cannot be written, as with any other.
pub fn write(request: &ReportRequest) -> Result<Event, IoError> {
    let answer = &request.answer;
    let made = Moment::now(CHINA_OFFSET_MIN);
    let mut incident = request.incident.clone();
    let [_, frozen] = plan_events(&answer.network, &answer.request, &answer.response)?;
    // The answer frozen last stands for the plan in force.
    let _ = incident.push(Entry { time: made, who: String::new(), event: frozen.clone(), text: String::new() });
    let printed = print(&Report {
        network: Some(&answer.network),
        response: Some(&answer.response),
        incident: Some(&incident),
        language: request.language,
        units: &request.units,
        made,
        who: "",
    })?;
    save::atomic(&request.path, &printed.bytes)?;
    if request.with_log {
        let mut entries = incident.into_entries().into_iter();
        let Some(first) = entries.next() else { return Ok(frozen) };
        let stem = request.path.with_extension("");
        let mut journal = Journal::create(&PathBuf::from(format!("{}{ENDING}", stem.display())), first)?;
        entries.try_for_each(|entry| journal.add(entry))?;
    }
    Ok(frozen)
}

impl Emergency {
    /// The log so far.
    pub fn incident(&self) -> &Incident {
        &self.incident
    }

    /// Adds what happened now.
    pub(super) fn log(&mut self, event: Event) {
        self.log_as(event, String::new());
    }

    fn log_as(&mut self, event: Event, text: String) {
        let entry = Entry { time: Moment::now(CHINA_OFFSET_MIN), who: String::new(), event, text };
        // What cannot follow is no entry.
        if self.incident.push(entry.clone()).is_ok()
            && let Some(file) = &mut self.file
        {
            file.hand_over(entry.clone());
            self.outbox.push(entry);
        }
    }

    /// Opens the log, or adds another break to it.
    pub(super) fn log_breaks(&mut self, network: &Network, drill: bool) {
        let Some(request) = self.question(network) else { return };
        if self.incident.entries().is_empty() {
            let now = Moment::now(CHINA_OFFSET_MIN);
            let id = format!("{} {}", now.date(), now.time_of_day());
            let opening = Opening { id, network: network.settings().title.clone(), drill };
            self.log(Event::Opened(Box::new(opening)));
        }
        let breaks = request.breaks.iter().map(|broken| BreakRecord::of(network, broken)).collect();
        self.log(Event::Reported { breaks });
    }

    /// The plan in force from now on.
    pub(super) fn log_plan(&mut self, answer: &Answer) {
        let plan = PlanRecord::of(&answer.network, &answer.request, &answer.response);
        self.log(Event::Planned(Box::new(plan)));
    }

    /// What was switched in the network: nothing but the plan (`text` says so), or actions of re-supply.
    pub(super) fn log_carried_out(&mut self, answer: &Answer, steps: usize, text: String) {
        let Some(step) = steps.checked_sub(1).and_then(|last| answer.response.resupply.steps.get(last)) else {
            self.log_as(Event::Note, text);
            return;
        };
        let links: Vec<LinkId> = match &step.action {
            Action::OpenValves(valves) => valves.clone(),
            Action::StartSource(link) | Action::StartPump(link) => vec![*link],
            Action::RaiseSource { source, .. } => vec![*source],
        };
        let elements = links.into_iter().map(|link| answer.network.link_name(link)).collect();
        self.log_as(Event::Resupplied { elements }, text);
    }

    /// The orders of a rehearsal, once it is over.
    pub(super) fn log_drill(&mut self, drill: &Drill) {
        for order in drill.orders() {
            let valve = drill.network().link_name(order.valve);
            let crew = order.crew.map(|crew| crew as u32 + 1);
            self.log(Event::ValveOrdered { valve: valve.clone(), crew });
            self.log(match order.moves {
                true => Event::ValveConfirmed { valve },
                false => Event::ValveStuck { valve, unreachable: false },
            });
        }
    }
}

impl Session {
    /// The answer as it was printed stands in the log.
    pub(in crate::session) fn log_frozen(&mut self, frozen: Event) {
        if let Some(emergency) = self.emergency.as_mut().filter(|emergency| emergency.drill.is_none()) {
            emergency.log(frozen);
        }
    }

    /// What a report of the emergency would hold, beside the file worked on; `None` without a whole answer.
    pub(super) fn report_request(&self) -> Option<ReportRequest> {
        let emergency = self.emergency()?;
        let answer = emergency.shown().filter(|answer| answer.complete)?.clone();
        Some(ReportRequest {
            path: self.report_path(emergency),
            with_log: emergency.drill.is_some(),
            answer,
            incident: emergency.incident.clone(),
            language: self.language,
            units: self.units.clone(),
        })
    }
}
