//! `incident`: show the log of an incident, follow it, add to it, print its report. [`Log`] is how `burst` writes into one.

use std::path::Path;
use std::time::Duration;

use super::burst::{refusal, write_report};
use super::load;
use super::table::sheet_text;
use crate::cli::args::{AddEntry, AddText, Incident as Given, IncidentAction, NewEntry, TextOrJson};
use crate::cli::{Failure, Printer};
use crate::emergency::incident::{BreakRecord, CHINA_OFFSET_MIN, Entry, Event, Incident, Moment, Opening, Unknown};
use crate::emergency::{Request, Response, respond};
use crate::io::emergency as forms;
use crate::io::incident::{ENDING, Journal};
use crate::io::report::Report;
use crate::network::{Name, Network};
use crate::solver::Solver;

pub fn run(given: &Given, printer: &Printer) -> Result<(), Failure> {
    if let Some(IncidentAction::Add(new)) = &given.action {
        return add(&given.file, new, printer);
    }
    let journal = open(&given.file, printer)?;
    let mut network = given.network.as_deref().map(|path| load(path, printer)).transpose()?;
    let now = Moment::now(CHINA_OFFSET_MIN);
    let data = match given.format {
        TextOrJson::Text => {
            let mut sheet = forms::incident_sheet(journal.incident(), network.as_ref(), now, printer.language);
            sheet.sections.extend(network.iter().flat_map(|network| forms::base_sections(network, printer.language)));
            sheet_text(&sheet)
        }
        TextOrJson::Json => forms::incident_json(journal.incident(), now),
    };
    if let Some(path) = &given.report {
        report(path, given, network.as_mut(), journal.incident(), printer)?;
    }
    printer.data(given.output.as_deref(), data.as_bytes())?;
    if given.follow { follow(journal, network.as_ref(), printer) } else { Ok(()) }
}

/// The report: with a network, of the plan in force solved on it once more; else of what was frozen last.
fn report(
    path: &Path,
    given: &Given,
    network: Option<&mut Network>,
    incident: &Incident,
    printer: &Printer,
) -> Result<(), Failure> {
    let mut response = None;
    let network = match (network, incident.state().plan) {
        (Some(network), Some(plan)) => {
            // The repair time as it was found, whatever norm it came from.
            let base = Request { repair_s: Some(plan.repair_s), ..plan.request.base() };
            let mut request = incident.request(network, &base).map_err(|unknown| not_here(&unknown, printer))?;
            request.crews.field = incident.field_of_plan(network);
            let answer = respond(network, &request, &mut Solver::new());
            response = Some(answer.map_err(|fault| refusal(&fault, printer))?);
            Some(&*network)
        }
        (network, _) => network.map(|network| &*network),
    };
    write_report(
        path,
        &Report {
            network,
            response: response.as_ref(),
            incident: Some(incident),
            language: printer.language,
            units: &printer.units,
            made: Moment::now(CHINA_OFFSET_MIN),
            who: &given.by,
        },
        printer,
    )
}

fn not_here(unknown: &Unknown, printer: &Printer) -> Failure {
    let id = unknown.0.to_string().into();
    Failure::input(printer.language.texts().with("incident-not-this-network", &[("id", id)]))
}

/// Opens a log; lines that were read past go to stderr.
fn open(path: &Path, printer: &Printer) -> Result<Journal, Failure> {
    let journal = Journal::open(path).map_err(|error| printer.refusal(&error))?;
    for problem in journal.problems() {
        printer.error(&problem.text(printer.language));
    }
    Ok(journal)
}

/// What others add, as they add it, until somebody stops it.
fn follow(mut journal: Journal, network: Option<&Network>, printer: &Printer) -> Result<(), Failure> {
    loop {
        std::thread::sleep(Duration::from_secs(1));
        let new = journal.refresh().map_err(|error| printer.refusal(&error))?;
        let entries = journal.incident().entries();
        for entry in &entries[entries.len().saturating_sub(new)..] {
            let line = forms::entry_line(entry, network, printer.language);
            printer.data(None, format!("{line}\n").as_bytes())?;
        }
    }
}

fn add(path: &Path, new: &AddEntry, printer: &Printer) -> Result<(), Failure> {
    let mut journal = open(path, printer)?;
    let event = event(&new.what);
    let named = match &event {
        Event::ValveOrdered { valve, .. }
        | Event::ValveConfirmed { valve }
        | Event::ValveStuck { valve, .. }
        | Event::ValveUsable { valve }
        | Event::ValveReopened { valve } => Some(valve.clone()),
        _ => None,
    };
    let known = |valve: &Name| {
        journal.incident().entries().iter().any(|entry| match &entry.event {
            Event::Planned(plan) => plan.valves.iter().any(|planned| planned.valve == *valve),
            _ => false,
        })
    };
    let texts = printer.language.texts();
    if let Some(valve) = named.filter(|valve| !known(valve)) {
        // Somebody on the spot may know better than every plan; a slip of the pen should be seen all the same.
        printer.say(&texts.with("incident-not-in-plan", &[("valve", valve.to_string().into())]));
    }
    let entry = Entry { time: new.time(), who: new.who.clone(), event, text: text(&new.what).to_owned() };
    let line = forms::entry_line(&entry, None, printer.language);
    journal.add(entry).map_err(|error| printer.refusal(&error))?;
    printer.say(&line);
    if journal.incident().state().replan {
        printer.say(&texts.get("incident-replan"));
    }
    Ok(())
}

impl AddEntry {
    fn time(&self) -> Moment {
        self.at.unwrap_or_else(|| Moment::now(CHINA_OFFSET_MIN))
    }
}

fn event(new: &NewEntry) -> Event {
    let name = |id: &String| Name::from(id.as_str());
    match new {
        NewEntry::Note(_) => Event::Note,
        NewEntry::Order { valve, crew, .. } => Event::ValveOrdered { valve: name(valve), crew: *crew },
        NewEntry::Confirm { valve, .. } => Event::ValveConfirmed { valve: name(valve) },
        NewEntry::Stuck { valve, unreachable, .. } => {
            Event::ValveStuck { valve: name(valve), unreachable: *unreachable }
        }
        NewEntry::Usable { valve, .. } => Event::ValveUsable { valve: name(valve) },
        NewEntry::Reopened { valve, .. } => Event::ValveReopened { valve: name(valve) },
        NewEntry::Resupply { elements, .. } => Event::Resupplied { elements: elements.iter().map(name).collect() },
        NewEntry::RepairBegun(_) => Event::RepairBegun,
        NewEntry::RepairEnded(_) => Event::RepairEnded,
        NewEntry::Restored(_) => Event::Restored,
        NewEntry::Complaint { address, phone, element, .. } => {
            Event::Complaint { address: address.clone(), phone: phone.clone(), element: element.as_ref().map(name) }
        }
        NewEntry::Work { order, crew, state, element, .. } => Event::WorkOrder {
            order: order.clone(),
            crew: crew.clone(),
            state: (*state).into(),
            element: element.as_ref().map(name),
        },
    }
}

fn text(new: &NewEntry) -> &str {
    let (NewEntry::Note(words)
    | NewEntry::Order { words, .. }
    | NewEntry::Confirm { words, .. }
    | NewEntry::Stuck { words, .. }
    | NewEntry::Usable { words, .. }
    | NewEntry::Reopened { words, .. }
    | NewEntry::Resupply { words, .. }
    | NewEntry::RepairBegun(words)
    | NewEntry::RepairEnded(words)
    | NewEntry::Restored(words)
    | NewEntry::Complaint { words, .. }
    | NewEntry::Work { words, .. }) = new;
    let AddText { text } = words;
    text.as_deref().unwrap_or_default()
}

/// An incident that `burst` opens or plans anew.
#[derive(Debug)]
pub struct Log<'a> {
    path: &'a Path,
    who: &'a str,
    /// `None` while the file does not exist.
    journal: Option<Journal>,
    /// Entries to be written once the answer stands.
    ahead: Vec<Entry>,
    time: Moment,
    printer: &'a Printer,
}

impl<'a> Log<'a> {
    /// Looks at the file; nothing is written.
    pub fn open(path: &'a Path, who: &'a str, printer: &'a Printer) -> Result<Log<'a>, Failure> {
        let journal = if path.exists() { Some(open(path, printer)?) } else { None };
        Ok(Log { path, who, journal, ahead: Vec::new(), time: Moment::now(CHINA_OFFSET_MIN), printer })
    }

    fn entry(&self, event: Event) -> Entry {
        Entry { time: self.time, who: self.who.to_owned(), event, text: String::new() }
    }

    /// What the incident and the command line together ask for. Breaks and valves that the log does not know yet are new.
    pub fn request(&mut self, network: &Network, given: &Request, drill: bool) -> Result<Request, Failure> {
        let mut ahead = self.journal.as_ref().map(|journal| journal.incident().clone()).unwrap_or_default();
        let mut events = Vec::new();
        if ahead.entries().is_empty() {
            let name = self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let id = name.strip_suffix(ENDING).unwrap_or(&name).to_owned();
            let network = network.settings().title.clone();
            events.push(Event::Opened(Box::new(Opening { id, network, drill })));
        }
        let state = ahead.state();
        let breaks: Vec<BreakRecord> = given
            .breaks
            .iter()
            .map(|broken| BreakRecord::of(network, broken))
            .filter(|broken| !state.breaks.contains(broken))
            .collect();
        if !breaks.is_empty() {
            events.push(Event::Reported { breaks });
        }
        for &link in &given.reliance.unusable {
            let valve = network.link_name(link);
            if !state.stuck.contains(&valve) {
                events.push(Event::ValveStuck { valve, unreachable: false });
            }
        }
        for &link in &given.reliance.usable {
            let valve = network.link_name(link);
            if !state.usable.contains(&valve) {
                events.push(Event::ValveUsable { valve });
            }
        }
        for event in events {
            let entry = self.entry(event);
            ahead.push(entry.clone()).map_err(|refusal| Failure::input(refusal.text(self.printer.language)))?;
            self.ahead.push(entry);
        }
        let mut request = ahead.request(network, given).map_err(|unknown| not_here(&unknown, self.printer))?;
        request.crews.field = ahead.field(network, self.time);
        Ok(request)
    }

    /// Writes what was new, then the plan with everything frozen. Says so where the plan is the one in force.
    pub fn write(mut self, network: &Network, request: &Request, response: &Response) -> Result<Incident, Failure> {
        let printer = self.printer;
        let events = forms::plan_events(network, request, response).map_err(|error| printer.refusal(&error))?;
        let mut entries = std::mem::take(&mut self.ahead);
        entries.extend(events.map(|event| self.entry(event)));
        let known = self.journal.as_ref().and_then(|journal| journal.incident().state().plan.cloned());
        let Event::Planned(plan) = &entries[entries.len() - 2].event else {
            return Err(Failure::Ours("a plan is written as two entries".to_owned()));
        };
        if known.is_some_and(|known| known.is_as(plan)) {
            printer.say(&printer.language.texts().get("incident-nothing-changed"));
            entries.truncate(entries.len() - 2);
        }
        let mut entries = entries.into_iter();
        let mut journal = match (self.journal, entries.next()) {
            (Some(mut journal), Some(first)) => {
                journal.add(first).map_err(|error| printer.refusal(&error))?;
                journal
            }
            (Some(journal), None) => journal,
            (None, Some(first)) => Journal::create(self.path, first).map_err(|error| printer.refusal(&error))?,
            (None, None) => return Err(Failure::Ours("an incident begins with an entry".to_owned())),
        };
        for entry in entries {
            journal.add(entry).map_err(|error| printer.refusal(&error))?;
        }
        Ok(journal.incident().clone())
    }
}
