//! What the commands about alternatives do to a session.

use std::path::PathBuf;
use std::sync::Arc;

use super::page::page_path;
use super::work::{CompareRequest, Prices, beside};
use super::{Alternatives, AlternativesCommand, Card, HOURS, MOST, MakeRequest, PageRequest};
use crate::dispatch::alternative::{Alternative, SourceRunning, ready};
use crate::network::Severity;
use crate::network::edit::Edit;
use crate::session::Command;
use crate::session::apply::change;
use crate::session::command::Panel;
use crate::session::effects::Effects;
use crate::session::live::{self, LiveCommand, OrderCommand, PlanNetwork};
use crate::session::message::Message;
use crate::session::state::Session;

/// Does what a command about alternatives asks.
pub fn apply(session: &mut Session, command: AlternativesCommand, effects: &mut Effects) {
    match command {
        AlternativesCommand::TakeChanges(name) => take_changes(session, &name, effects),
        AlternativesCommand::AddScenario(name) => match Alternative::of_scenario(session.network(), &name) {
            Ok(alternative) => add(session, alternative),
            Err(error) => refuse(session, error.to_string()),
        },
        AlternativesCommand::AddRunning(running) => {
            let name = session.language().texts().get(&running_key(running)).into_owned();
            add(session, Alternative::base(name).running(running));
        }
        AlternativesCommand::AddReady(recipe) => {
            session.alternatives.making += 1;
            effects.make = Some(Box::new(MakeRequest {
                document: session.document_number,
                network: session.document.snapshot(),
                recipe,
                language: session.language,
                units: session.units.clone(),
            }));
        }
        AlternativesCommand::Remove(at) => {
            let alternatives = &mut session.alternatives;
            if at < alternatives.list.len() {
                alternatives.list.remove(at);
                if alternatives.chosen > at {
                    alternatives.chosen = 0;
                }
            }
        }
        AlternativesCommand::Clear => {
            effects.stop_comparison = true;
            let kept = std::mem::take(&mut session.alternatives);
            session.alternatives = Alternatives {
                weather: kept.weather,
                start_calendar_s: kept.start_calendar_s,
                hours: kept.hours,
                number: kept.number,
                hides_inspector: kept.hides_inspector,
                ..Alternatives::default()
            };
        }
        AlternativesCommand::SetHours(hours) if hours.is_finite() => {
            session.alternatives.hours = hours.clamp(HOURS[0], HOURS[1]);
        }
        AlternativesCommand::SetHours(_) => {}
        AlternativesCommand::SetWeather(weather) => session.alternatives.weather = weather,
        AlternativesCommand::SetStart(start_calendar_s) => session.alternatives.start_calendar_s = start_calendar_s,
        AlternativesCommand::Compare => compare(session, effects),
        AlternativesCommand::Stop => {
            effects.stop_comparison = true;
            session.alternatives.progress = None;
        }
        AlternativesCommand::Choose(at) => {
            if at <= session.alternatives.list.len() {
                session.alternatives.chosen = at;
            }
        }
        AlternativesCommand::Show(card) => session.alternatives.card = card,
        AlternativesCommand::ToggleMap => session.alternatives.on_map ^= true,
        AlternativesCommand::MakeItSo => make_it_so(session, effects),
        AlternativesCommand::Issue => issue(session, effects),
        AlternativesCommand::Print(path) => print(session, path, effects),
    }
}

/// Key of the name of a way of running.
pub fn running_key(running: SourceRunning) -> String {
    format!("alternatives-running-{}", running.word())
}

pub(super) fn refuse(session: &mut Session, reason: String) {
    session.notify(Severity::Error, Message::new("message-alternative-refused").with("reason", reason));
}

/// At the end of the list, under a name that no other one has.
pub(super) fn add(session: &mut Session, mut alternative: Alternative) {
    let alternatives = &mut session.alternatives;
    if alternatives.list.len() >= MOST {
        session.notify(Severity::Warning, Message::new("message-alternatives-many").with("count", MOST.to_string()));
        return;
    }
    let wanted = alternative.name.trim().to_owned();
    let taken = |name: &str| alternatives.list.iter().any(|known| known.name == name);
    alternative.name = match taken(&wanted) {
        false => wanted,
        true => (2..).map(|number| format!("{wanted} {number}")).find(|name| !taken(name)).unwrap_or(wanted),
    };
    alternatives.list.push(alternative);
    alternatives.chosen = alternatives.list.len();
    let shown = session.shows(Panel::Alternatives);
    if !shown {
        crate::session::apply::show(session, Panel::Alternatives);
    }
}

fn take_changes(session: &mut Session, name: &str, effects: &mut Effects) {
    session.document.commit_drag();
    let edits = session.document().history().edits();
    if edits.is_empty() || session.alternatives.list.len() >= MOST {
        let key = if edits.is_empty() { "message-alternatives-no-changes" } else { "message-alternatives-many" };
        session.notify(Severity::Warning, Message::new(key).with("count", MOST.to_string()));
        return;
    }
    while session.document().history().can_undo() {
        let before = session.revision();
        change(session, Command::Undo, effects);
        if session.revision() == before {
            break;
        }
    }
    let name = match name.trim() {
        "" => session.language().texts().get("alternatives-changes").into_owned(),
        name => name.to_owned(),
    };
    add(session, Alternative::of_edits(name, edits));
}

fn compare(session: &mut Session, effects: &mut Effects) {
    session.document.commit_drag();
    if session.alternatives.list.is_empty() {
        session.notify(Severity::Info, Message::new("message-alternatives-none"));
        return;
    }
    let prices = match &session.document.path {
        Some(path) => beside(path),
        None => Prices::Demo,
    };
    let alternatives = &mut session.alternatives;
    alternatives.number += 1;
    alternatives.progress = Some(0.0);
    alternatives.fault = None;
    alternatives.card = Card::Sheet;
    let request = CompareRequest {
        number: alternatives.number,
        network: session.document.snapshot(),
        state: session.document.state(),
        base_name: session.language.texts().get("alternatives-base").into_owned(),
        alternatives: alternatives.list.clone(),
        weather: alternatives.weather.clone(),
        start_calendar_s: alternatives.start_calendar_s,
        hours: alternatives.hours,
        prices,
        language: session.language,
        units: session.units.clone(),
    };
    effects.comparison = Some(Box::new(request));
}

fn make_it_so(session: &mut Session, effects: &mut Effects) {
    let Some(alternative) = session.alternatives.chosen_alternative() else {
        session.notify(Severity::Info, Message::new("message-alternatives-choose"));
        return;
    };
    if alternative.edits.is_empty() {
        session.notify(Severity::Info, Message::new("message-alternatives-no-edits"));
        return;
    }
    let batch = Edit::Batch { label: alternative.name.clone(), edits: alternative.edits.clone() };
    change(session, Command::Edit(batch), effects);
}

/// What the chosen alternative asks to be set becomes orders; whatever only writes down what is so already is left out.
fn issue(session: &mut Session, effects: &mut Effects) {
    if session.live.is_none() {
        session.notify(Severity::Info, Message::new("message-alternatives-no-field"));
        return;
    }
    let Some(alternative) = session.alternatives.chosen_alternative() else {
        session.notify(Severity::Info, Message::new("message-alternatives-choose"));
        return;
    };
    let same = ready::written_sides(session.network()).unwrap_or_default();
    let edits: Vec<Edit> = alternative.edits.iter().filter(|edit| !same.contains(edit)).cloned().collect();
    if edits.is_empty() {
        session.notify(Severity::Info, Message::new("message-alternatives-nothing-to-order"));
        return;
    }
    let plan = alternative.name.clone();
    match (Alternative { edits, ..alternative.clone() }).network(session.network()) {
        Ok(network) => {
            let network = PlanNetwork(Arc::new(network));
            let command = LiveCommand::Orders(OrderCommand::IssueNetwork { plan, network });
            live::apply(session, command, effects);
            session.alternatives.card = Card::Orders;
        }
        Err(refusal) => refuse(session, refusal.to_string()),
    }
}

fn print(session: &mut Session, path: PathBuf, effects: &mut Effects) {
    let Some(sheet) = session.alternatives.sheet.clone() else {
        session.notify(Severity::Info, Message::new("message-alternatives-not-compared"));
        return;
    };
    let alternatives = &session.alternatives;
    let folder = session.document.path.as_ref().and_then(|path| path.parent()).map(PathBuf::from).unwrap_or_default();
    effects.page = Some(Box::new(PageRequest {
        path: if path.as_os_str().is_empty() { page_path(folder) } else { path },
        map: alternatives.chosen_assessment().filter(|_| alternatives.chosen > 0).map(|chosen| chosen.name.clone()),
        sheet,
        language: session.language,
        units: session.units.clone(),
    }));
}
