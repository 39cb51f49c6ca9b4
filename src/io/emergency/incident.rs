//! An incident as a sheet for people and as JSON for programs, and an answer as the entries that keep it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::sheet::{Section, Sheet, SheetTable};
use crate::emergency::incident::{Entry, Event, Incident, Moment, OrderState, PlanRecord, Snapshot, State, ValveStage};
use crate::emergency::{Request, Response};
use crate::io::{IoError, Problem, file};
use crate::network::Network;
use crate::text::{Argument, Language};
use crate::units::DisplayUnits;

/// The entries that keep an answer: the plan, and the whole of it frozen with the network's revision.
pub fn plan_events(network: &Network, request: &Request, response: &Response) -> Result<[Event; 2], IoError> {
    let units = DisplayUnits::default();
    let answer = super::json(network, response, Language::English);
    let unreadable = |error: serde_json::Error| Problem::new("".as_ref(), "io-system").with("reason", error);
    let mut sheets = BTreeMap::new();
    for language in Language::ALL {
        let sheet = super::sheet(network, response, language, &units);
        sheets.insert(language.tag().to_owned(), serde_json::to_value(sheet).map_err(unreadable)?);
    }
    let snapshot = Snapshot {
        revision: file::revision(network)?,
        response: serde_json::from_str(&answer).map_err(unreadable)?,
        sheets,
    };
    Ok([Event::Planned(Box::new(PlanRecord::of(network, request, response))), Event::Frozen(Box::new(snapshot))])
}

/// The sheet frozen last, in a reader's language, with its revision; `None` where none is, or it cannot be read.
pub fn frozen_sheet(incident: &Incident, language: Language) -> Option<(Sheet, String)> {
    let number = *incident.state().snapshots.last()?;
    let Event::Frozen(snapshot) = &incident.entries().get(number)?.event else { return None };
    let sheet = snapshot.sheets.get(language.tag()).or_else(|| snapshot.sheets.values().next())?;
    Some((serde_json::from_value(sheet.clone()).ok()?, snapshot.revision.clone()))
}

/// One reader's words for an incident. Names of elements come from the network, where there is one.
pub(super) struct Words<'a> {
    pub network: Option<&'a Network>,
    pub language: Language,
}

impl Words<'_> {
    fn word(&self, key: &str) -> String {
        self.language.texts().get(key).into_owned()
    }

    fn sentence(&self, key: &str, arguments: &[(&str, Argument<'_>)]) -> String {
        self.language.texts().with(key, arguments)
    }

    /// Id, and what people call it.
    fn name(&self, id: &str) -> String {
        let network = self.network;
        let link = network.and_then(|network| Some(network.link(network.link_id(id)?)?.name().to_owned()));
        let name = link.or_else(|| Some(network?.buildings().get(id)?.name.clone()));
        match name {
            Some(name) if !name.is_empty() => format!("{id} {name}"),
            _ => id.to_owned(),
        }
    }

    fn names<T: AsRef<str>>(&self, ids: &[T]) -> String {
        let names: Vec<String> = ids.iter().map(|id| self.name(id.as_ref())).collect();
        if names.is_empty() { "–".to_owned() } else { names.join(", ") }
    }

    fn crew(&self, crew: Option<u32>) -> String {
        crew.map_or_else(|| "–".to_owned(), |crew| crew.to_string())
    }

    fn stage(&self, stage: ValveStage) -> String {
        self.word(match stage {
            ValveStage::Planned => "incident-valve-planned",
            ValveStage::Ordered => "incident-valve-ordered",
            ValveStage::Confirmed => "incident-valve-confirmed",
            ValveStage::Stuck => "incident-valve-stuck",
            ValveStage::Reopened => "incident-valve-reopened",
        })
    }

    fn order(&self, state: OrderState) -> String {
        self.word(match state {
            OrderState::Issued => "incident-order-issued",
            OrderState::Accepted => "incident-order-accepted",
            OrderState::OnSite => "incident-order-on-site",
            OrderState::Done => "incident-order-done",
            OrderState::Cancelled => "incident-order-cancelled",
        })
    }

    /// What happened and what was said of it.
    fn entry(&self, entry: &Entry) -> String {
        let event = self.event(&entry.event);
        match (&entry.event, entry.text.as_str()) {
            (_, "") => event,
            (Event::Note, text) => text.to_owned(),
            (_, text) => format!("{event} {text}"),
        }
    }

    /// What happened, in one sentence.
    pub fn event(&self, event: &Event) -> String {
        let text = |text: &str| Argument::from(text.to_owned());
        let valve = |key: &str, valve: &str| self.sentence(key, &[("valve", self.name(valve).into())]);
        match event {
            Event::Opened(opening) => {
                let key = if opening.drill { "incident-event-drill" } else { "incident-event-opened" };
                self.sentence(key, &[("id", text(&opening.id))])
            }
            Event::Reported { breaks } => {
                let names: Vec<&str> = breaks.iter().map(|broken| &*broken.element).collect();
                self.sentence("incident-event-reported", &[("breaks", self.names(&names).into())])
            }
            Event::Planned(plan) => {
                let necessary: Vec<&str> =
                    plan.valves.iter().filter(|valve| !valve.optional).map(|valve| &*valve.valve).collect();
                self.sentence(
                    "incident-event-planned",
                    &[("count", necessary.len().into()), ("valves", necessary.join(", ").into())],
                )
            }
            Event::ValveOrdered { valve, crew } => {
                let key = if crew.is_some() { "incident-event-ordered" } else { "incident-event-ordered-remote" };
                self.sentence(key, &[("valve", self.name(valve).into()), ("crew", self.crew(*crew).into())])
            }
            Event::ValveConfirmed { valve: id } => valve("incident-event-confirmed", id),
            Event::ValveStuck { valve: id, unreachable: false } => valve("incident-event-stuck", id),
            Event::ValveStuck { valve: id, unreachable: true } => valve("incident-event-unreachable", id),
            Event::ValveUsable { valve: id } => valve("incident-event-usable", id),
            Event::ValveReopened { valve: id } => valve("incident-event-reopened", id),
            Event::Resupplied { elements } => {
                self.sentence("incident-event-resupplied", &[("elements", self.names(elements).into())])
            }
            Event::RepairBegun => self.word("incident-event-repair-begun"),
            Event::RepairEnded => self.word("incident-event-repair-ended"),
            Event::Restored => self.word("incident-event-restored"),
            Event::Note => self.word("incident-event-note"),
            Event::Complaint { address, phone, element } => {
                let at: Vec<String> = [address.clone(), phone.clone()]
                    .into_iter()
                    .chain(element.as_ref().map(|element| self.name(element)))
                    .filter(|part| !part.is_empty())
                    .collect();
                self.sentence("incident-event-complaint", &[("from", at.join(", ").into())])
            }
            Event::WorkOrder { order, crew, state, element } => {
                let about: Vec<String> = [crew.clone()]
                    .into_iter()
                    .chain(element.as_ref().map(|element| self.name(element)))
                    .filter(|part| !part.is_empty())
                    .collect();
                let about = if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
                self.sentence(
                    "incident-event-order",
                    &[("order", text(order)), ("state", self.order(*state).into()), ("about", about.into())],
                )
            }
            Event::Frozen(snapshot) => {
                self.sentence("incident-event-frozen", &[("revision", text(short(&snapshot.revision)))])
            }
        }
    }
}

/// As many digits of a revision as people compare.
pub fn short(revision: &str) -> &str {
    revision.get(..12).unwrap_or(revision)
}

/// `1:05`, hours and minutes.
fn duration(seconds: i64) -> String {
    let minutes = seconds.max(0) / 60;
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

/// The incident as a sheet: how it stands, the valves, the timeline, complaints and orders. `now` ends the counting of
/// one that is still open.
pub fn incident_sheet(incident: &Incident, network: Option<&Network>, now: Moment, language: Language) -> Sheet {
    let words = Words { network, language };
    let state = incident.state();
    let id = state.opening.map_or("", |opening| &opening.id);
    let key = if state.is_drill() { "incident-title-drill" } else { "incident-title" };
    let mut sheet = Sheet { title: words.sentence(key, &[("id", id.to_owned().into())]), ..Sheet::default() };
    sheet.lines = standing(&words, &state, now);
    sheet.sections = incident_sections(incident, network, language);
    sheet
}

/// How it stands, in sentences.
pub fn incident_standing(
    incident: &Incident,
    network: Option<&Network>,
    now: Moment,
    language: Language,
) -> Vec<String> {
    standing(&Words { network, language }, &incident.state(), now)
}

/// Valves, orders, complaints and timeline.
pub fn incident_sections(incident: &Incident, network: Option<&Network>, language: Language) -> Vec<Section> {
    let words = Words { network, language };
    let state = incident.state();
    let mut sections: Vec<Section> = valves(&words, &state).into_iter().collect();
    sections.extend(orders(&words, &state));
    sections.extend(complaints(&words, incident, &state));
    sections.push(timeline(&words, incident));
    sections
}

fn standing(words: &Words<'_>, state: &State<'_>, now: Moment) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(title) = state.opening.map(|opening| &opening.network).filter(|title| !title.is_empty()) {
        lines.push(title.clone());
    }
    if let (Some(opened), Some(open_s)) = (state.opened, state.open_s(now)) {
        let key = if state.restored.is_some() { "incident-over" } else { "incident-open" };
        let arguments = [("opened", opened.to_string().into()), ("time", duration(open_s).into())];
        lines.push(words.sentence(key, &arguments));
    }
    let breaks: Vec<&str> = state.breaks.iter().map(|broken| &*broken.element).collect();
    lines.push(words.sentence("incident-breaks", &[("breaks", words.names(&breaks).into())]));
    match (state.plan, state.planned) {
        (Some(plan), Some(planned)) => {
            let (shut, necessary) = state.progress();
            let arguments = [
                ("plan", state.plans.into()),
                ("time", planned.time_of_day().into()),
                ("shut", shut.into()),
                ("count", necessary.into()),
            ];
            lines.push(words.sentence("incident-plan", &arguments));
            if !plan.stop_sources.is_empty() {
                let sources = words.names(&plan.stop_sources);
                lines.push(words.sentence("incident-stop", &[("sources", sources.into())]));
            }
            if state.is_isolated() && state.restored.is_none() {
                lines.push(words.word("incident-isolated"));
            }
        }
        _ => lines.push(words.word("incident-no-plan")),
    }
    if state.replan {
        lines.push(words.word("incident-replan"));
    }
    for (key, moment) in [("incident-repair-begun", state.repair_begun), ("incident-repair-ended", state.repair_ended)]
    {
        if let Some(moment) = moment {
            lines.push(words.sentence(key, &[("time", moment.time_of_day().into())]));
        }
    }
    lines
}

fn table(words: &Words<'_>, heads: &[&str], rows: Vec<Vec<String>>) -> Option<SheetTable> {
    let heads = heads.iter().map(|key| words.word(key)).collect();
    (!rows.is_empty()).then_some(SheetTable { heads, rows })
}

fn valves(words: &Words<'_>, state: &State<'_>) -> Option<Section> {
    let planned = state.plan.map_or(&[][..], |plan| &plan.valves);
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut row = |number: String, id: &str, chamber: Option<&str>| {
        let Some(status) = state.valves.get(id) else { return };
        let chamber = chamber.map_or_else(|| "–".to_owned(), |chamber| chamber_name(words, chamber));
        let crew = words.crew(status.crew);
        rows.push(vec![number, words.name(id), chamber, crew, words.stage(status.stage), status.since.time_of_day()]);
    };
    for (number, valve) in planned.iter().enumerate() {
        let number = if valve.optional { "·".to_owned() } else { (number + 1).to_string() };
        row(number, &valve.valve, valve.chamber.as_deref());
    }
    // Of earlier plans, or found otherwise.
    for id in state.valves.keys().filter(|id| !planned.iter().any(|valve| valve.valve == **id)) {
        row("–".to_owned(), id, None);
    }
    let heads = [
        "emergency-order",
        "emergency-valve",
        "emergency-chamber",
        "emergency-crew",
        "incident-state",
        "incident-since",
    ];
    let table = table(words, &heads, rows)?;
    Some(Section { title: words.word("incident-valves"), table: Some(table), ..Section::default() })
}

fn chamber_name(words: &Words<'_>, id: &str) -> String {
    match words.network.and_then(|network| network.chambers().get(id)).map(|chamber| chamber.name.as_str()) {
        Some(name) if !name.is_empty() => format!("{id} {name}"),
        _ => id.to_owned(),
    }
}

fn orders(words: &Words<'_>, state: &State<'_>) -> Option<Section> {
    let rows = state.orders.iter().map(|(number, order)| {
        let element = order.element.as_ref().map_or_else(|| "–".to_owned(), |element| words.name(element));
        vec![
            (*number).to_owned(),
            order.text.clone(),
            order.crew.clone(),
            element,
            words.order(order.state),
            order.since.time_of_day(),
        ]
    });
    let heads = [
        "incident-order-number",
        "incident-work",
        "emergency-crew",
        "incident-element",
        "incident-state",
        "incident-since",
    ];
    let table = table(words, &heads, rows.collect())?;
    Some(Section { title: words.word("incident-orders"), table: Some(table), ..Section::default() })
}

fn complaints(words: &Words<'_>, incident: &Incident, state: &State<'_>) -> Option<Section> {
    let rows = state.complaints.iter().filter_map(|&number| {
        let entry = incident.entries().get(number)?;
        let Event::Complaint { address, phone, element } = &entry.event else { return None };
        let element = element.as_ref().map_or_else(|| "–".to_owned(), |element| words.name(element));
        Some(vec![entry.time.time_of_day(), address.clone(), phone.clone(), element, entry.text.clone()])
    });
    let heads = ["incident-time", "incident-address", "incident-phone", "incident-element", "incident-words"];
    let table = table(words, &heads, rows.collect())?;
    Some(Section { title: words.word("incident-complaints"), table: Some(table), ..Section::default() })
}

fn timeline(words: &Words<'_>, incident: &Incident) -> Section {
    let mut section = Section { title: words.word("incident-timeline"), ..Section::default() };
    let mut day = String::new();
    let rows = incident.entries().iter().map(|entry: &Entry| {
        let date = entry.time.date();
        // The date stands where it changes.
        let time = if date == day { entry.time.time_of_day() } else { format!("{date} {}", entry.time.time_of_day()) };
        day = date;
        vec![time, entry.who.clone(), words.entry(entry)]
    });
    section.table = table(words, &["incident-time", "incident-who", "incident-what"], rows.collect());
    section
}

/// The incident as JSON text: how it stands, and every entry as in its file.
pub fn incident_json(incident: &Incident, now: Moment) -> String {
    let state = incident.state();
    let stage = |stage: ValveStage| match stage {
        ValveStage::Planned => "planned",
        ValveStage::Ordered => "ordered",
        ValveStage::Confirmed => "confirmed",
        ValveStage::Stuck => "stuck",
        ValveStage::Reopened => "reopened",
    };
    let valves: serde_json::Map<String, Value> = state
        .valves
        .iter()
        .map(|(id, status)| {
            let value = json!({ "state": stage(status.stage), "since": status.since, "crew": status.crew });
            (id.to_string(), value)
        })
        .collect();
    let orders: serde_json::Map<String, Value> = state
        .orders
        .iter()
        .map(|(number, order)| {
            let value = json!({
                "state": order.state,
                "crew": order.crew,
                "element": order.element,
                "text": order.text,
                "issued": order.issued,
                "since": order.since,
            });
            ((*number).to_owned(), value)
        })
        .collect();
    let (shut, necessary) = state.progress();
    let value = json!({
        "id": state.opening.map(|opening| &opening.id),
        "drill": state.is_drill(),
        "opened": state.opened,
        "open_s": state.open_s(now),
        "restored": state.restored,
        "breaks": state.breaks,
        "plans": state.plans,
        "plan": state.plan,
        "planned": state.planned,
        "confirmed": shut,
        "necessary": necessary,
        "isolated": state.is_isolated(),
        "replan": state.replan,
        "stuck": state.stuck,
        "usable": state.usable,
        "valves": valves,
        "orders": orders,
        "repair_begun": state.repair_begun,
        "repair_ended": state.repair_ended,
        "entries": incident.entries(),
    });
    format!("{value:#}\n")
}

/// One entry as one line.
pub fn entry_line(entry: &Entry, network: Option<&Network>, language: Language) -> String {
    let words = Words { network, language };
    let who = if entry.who.is_empty() { String::new() } else { format!("{}: ", entry.who) };
    format!("{} {who}{}", entry.time.time_of_day(), words.entry(entry))
}
