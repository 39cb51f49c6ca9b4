//! The only mutation of a session: a command goes in, what has to follow comes out.

use std::path::PathBuf;

use super::alternatives;
use super::command::{Command, Panel};
use super::effects::{Effects, ExportRequest, LoadRequest, SaveRequest, ViewRequest};
use super::emergency::{self, EmergencyCommand};
use super::live;
use super::message::Message;
use super::state::{Session, Theme};
use super::timeline;
use super::view;
use crate::io::export::ExportFormat;
use crate::network::edit::{Edit, EditError};
use crate::network::finding::element_text;
use crate::network::{ElementRef, Scenario, Severity};
use crate::units::NumberStyle;

/// Does what a command asks. What cannot be done becomes a notification and changes nothing.
pub fn apply(session: &mut Session, command: Command) -> Effects {
    let mut effects = Effects::default();
    let command = match command {
        // The file of an incident belongs to the network that is open.
        Command::Open(path) if emergency::is_log(&path) => {
            close(session, Panel::Open);
            Command::Emergency(EmergencyCommand::OpenLog(path))
        }
        // What would lose unsaved changes asks first.
        Command::NewDemo | Command::Open(_) | Command::Quit if session.document.is_dirty() => {
            session.waiting = Some(command);
            show(session, Panel::Unsaved);
            return effects;
        }
        Command::DiscardChanges => {
            close(session, Panel::Unsaved);
            let Some(waiting) = session.waiting.take() else { return effects };
            waiting
        }
        command => command,
    };
    match command {
        Command::NewDemo => load(session, LoadRequest::Demo, &mut effects),
        Command::Open(path) => load(session, LoadRequest::File(path), &mut effects),
        Command::Save => match session.document.path.clone() {
            Some(path) => save(session, path, &mut effects),
            None => show(session, Panel::SaveAs),
        },
        Command::SaveAs(path) => save(session, path, &mut effects),
        Command::Export(path) => export(session, path, &mut effects),
        Command::Quit => effects.quit = true,
        Command::Undo
        | Command::Redo
        | Command::Edit(_)
        | Command::BeginDrag
        | Command::UpdateDrag(_)
        | Command::CommitDrag
        | Command::CancelDrag
        | Command::KeepScenario(_)
        | Command::ApplyScenario(_) => change(session, command, &mut effects),
        Command::Solve => effects.solve = true,
        Command::Time(command) => timeline::apply(session, command, &mut effects),
        Command::Emergency(command) => emergency::apply(session, command, &mut effects),
        Command::Live(command) => live::apply(session, command, &mut effects),
        Command::Alternatives(command) => alternatives::apply(session, command, &mut effects),
        Command::Fit => effects.view.push(ViewRequest::Fit),
        Command::North => effects.view.push(ViewRequest::North),
        Command::Top => effects.view.push(ViewRequest::Top),
        Command::Screenshot(path) => {
            let path = if path.as_os_str().is_empty() { PathBuf::from("hypocaust.png") } else { path };
            effects.view.push(ViewRequest::Screenshot { path });
        }
        Command::FlyTo(element) => fly_to(session, &element, &mut effects),
        Command::FlyToSelection => {
            if let Some(element) = session.selection.clone() {
                fly_to(session, &element, &mut effects);
            }
        }
        Command::Select(_)
        | Command::Point(..)
        | Command::ClearSelection
        | Command::SelectWorst
        | Command::Hover(_)
        | Command::Search(_)
        | Command::DiagramTo(_) => choose(session, command, &mut effects),
        other => look(session, other),
    }
    effects
}

fn load(session: &mut Session, request: LoadRequest, effects: &mut Effects) {
    session.loading = Some(match &request {
        LoadRequest::Demo => String::new(),
        LoadRequest::File(path) => path.display().to_string(),
    });
    close(session, Panel::Open);
    effects.load = Some(request);
}

fn save(session: &mut Session, path: PathBuf, effects: &mut Effects) {
    session.document.commit_drag();
    close(session, Panel::SaveAs);
    effects.save = Some(SaveRequest {
        path,
        network: session.document.snapshot(),
        state: session.document.state(),
        document: session.document_number,
    });
}

/// Results go along where they are those of the network as it is.
fn export(session: &mut Session, path: PathBuf, effects: &mut Effects) {
    let Some(format) = ExportFormat::of(&path) else {
        let message = Message::new("message-export-unknown").with("path", path.display().to_string());
        session.notify(Severity::Error, message);
        return;
    };
    session.document.commit_drag();
    close(session, Panel::Export);
    let solution =
        session.steady_solution().filter(|solution| session.solution_is_current() && solution.converged).cloned();
    effects.export = Some(ExportRequest { path, format, network: session.document.snapshot(), solution });
}

pub(super) fn change(session: &mut Session, command: Command, effects: &mut Effects) {
    let topology = session.network().topology();
    let moves = match &command {
        Command::Edit(edit) | Command::UpdateDrag(edit) => moves_something(edit),
        Command::BeginDrag | Command::CommitDrag | Command::KeepScenario(_) => false,
        _ => true,
    };
    let done = match command {
        Command::Undo => Ok(session.document.undo()),
        Command::Redo => Ok(session.document.redo()),
        Command::Edit(edit) => session.document.edit(&edit).map(|()| true),
        Command::UpdateDrag(edit) => session.document.update_drag(&edit).map(|()| true),
        Command::CancelDrag => Ok(session.document.cancel_drag()),
        Command::BeginDrag => {
            session.document.begin_drag();
            Ok(false)
        }
        Command::CommitDrag => {
            session.document.commit_drag();
            Ok(false)
        }
        Command::KeepScenario(name) => {
            let edits = session.document.history().edits();
            let scenario = Scenario { edits, ..Scenario::default() };
            session.document.insert_scenario(name.clone(), scenario);
            session.notify(Severity::Info, Message::new("message-scenario-kept").with("name", name));
            Ok(false)
        }
        Command::ApplyScenario(name) => match session.network().scenario_edits(&name) {
            Ok(edits) => {
                let edits = edits.into_iter().map(|(_, _, edit)| edit.clone()).collect();
                session.document.edit(&Edit::Batch { label: name, edits }).map(|()| true)
            }
            Err(error) => {
                let message = Message::new("message-edit-refused").with("reason", error.to_string());
                session.notify(Severity::Error, message);
                Ok(false)
            }
        },
        _ => Ok(false),
    };
    match done {
        Ok(true) => {
            session.touch();
            effects.solve = true;
            if moves || session.network().topology() != topology {
                session.cache.forget_pairing();
            }
            if session.selection.as_ref().is_some_and(|element| !session.network().contains(element)) {
                session.selection = None;
            }
        }
        Ok(false) => {}
        Err(error) => {
            let message = refusal(&error, session);
            session.notify(Severity::Error, message);
        }
    }
}

/// Whether an edit can change which supply node belongs to which return node.
fn moves_something(edit: &Edit) -> bool {
    match edit {
        Edit::Set { field, .. } => matches!(field.as_str(), "x_m" | "y_m" | "side" | "details.pair"),
        Edit::SetSettings { .. } | Edit::SetEmergencyBase { .. } => false,
        _ => true,
    }
}

/// Why an edit was refused, as a sentence.
fn refusal(error: &EditError, session: &Session) -> Message {
    let language = session.language;
    match error {
        EditError::NoSuchElement(element) => {
            Message::new("message-no-such-element").with("element", element_text(element, language))
        }
        EditError::BadValue { element, field, value, .. } => Message::new("message-bad-value")
            .with("element", element.id.to_string())
            .with("field", field_text(field, session))
            .with("value", value_text(field, value, session))
            .with("low", limit_text(field, crate::network::fields::range(field).0, session))
            .with("high", limit_text(field, crate::network::fields::range(field).1, session)),
        EditError::NodeInUse { node, count, .. } => {
            Message::new("message-node-in-use").with("element", node.id.to_string()).with("count", count.to_string())
        }
        other => Message::new("message-edit-refused").with("reason", other.to_string()),
    }
}

/// What people call a field.
fn field_text(field: &str, session: &Session) -> String {
    let key = format!("field-{}", field.rsplit('.').next().unwrap_or(field));
    let texts = session.language.texts();
    if texts.has(&key) { texts.get(&key).into_owned() } else { field.to_owned() }
}

/// A refused value in the user's unit where it is a number.
fn value_text(field: &str, value: &str, session: &Session) -> String {
    value.parse().map_or_else(|_| value.to_owned(), |si| session.units.text(view::quantity_of(field), si))
}

/// A limit in the user's unit.
fn limit_text(field: &str, si: f64, session: &Session) -> String {
    session.units.text(view::quantity_of(field), si)
}

fn fly_to(session: &mut Session, element: &ElementRef, effects: &mut Effects) {
    if let Some(place) = view::place(session.network(), element) {
        effects.view.push(ViewRequest::FlyTo {
            x_m: place.x_m,
            y_m: place.y_m,
            z_m: place.z_m,
            radius_m: place.radius_m,
        });
    }
}

fn choose(session: &mut Session, command: Command, effects: &mut Effects) {
    match command {
        Command::Point(element, share) => {
            let is_valve = element.kind == crate::network::ElementKind::Valve;
            choose(session, Command::Select(element.clone()), effects);
            session.selected_at = Some(share.clamp(0.0, 1.0));
            if is_valve && session.emergency().is_some_and(|emergency| emergency.drill().is_some_and(|d| !d.is_over()))
            {
                emergency::apply(session, EmergencyCommand::Order(element), effects);
            }
        }
        Command::Select(element) => {
            session.selected_at = None;
            if session.network().contains(&element) {
                if element.kind == crate::network::ElementKind::Consumer {
                    session.diagram_target = Some(element.clone());
                }
                session.selection = Some(element);
            } else {
                let named = element_text(&element, session.language);
                let message = Message::new("message-no-such-element").with("element", named);
                session.notify(Severity::Warning, message);
            }
        }
        Command::ClearSelection => {
            // Escape first closes what lies on top.
            let before = session.panels.len();
            session.panels.retain(|panel| !panel.is_dialog());
            if session.panels.len() == before {
                session.selection = None;
            }
        }
        Command::SelectWorst => {
            let worst = session
                .solution()
                .and_then(|solution| solution.worst_consumer(session.network()))
                .map(|state| session.network().link_ref(state.link));
            if let Some(element) = worst {
                session.selection = Some(element.clone());
                session.diagram_target = Some(element.clone());
                fly_to(session, &element, effects);
            }
        }
        Command::Hover(element) => session.hover = element,
        Command::Search(words) => session.search_words = words,
        Command::DiagramTo(target) => {
            session.diagram_target = target;
            show(session, Panel::Diagram);
        }
        _ => {}
    }
}

/// Commands that change how things are shown and nothing else.
fn look(session: &mut Session, command: Command) {
    match command {
        Command::ColourBy(by) => {
            session.view.colour_by = by;
            // A range locked for pressures says nothing about temperatures.
            session.view.range_lock = None;
        }
        Command::LockRange(range) => session.view.range_lock = range.filter(|r| r.is_valid()),
        Command::ToggleRangeLock => {
            session.view.range_lock = match session.view.range_lock {
                Some(_) => None,
                None => Some(session.coloured().automatic).filter(|r| r.is_valid()),
            };
        }
        Command::PipeExaggeration(times) if times.is_finite() => {
            session.view.pipe_exaggeration = times.clamp(1.0, 100.0);
        }
        Command::ToggleTerrain => session.view.terrain ^= true,
        Command::ToggleBuildings => session.view.buildings ^= true,
        Command::ToggleLabels => session.view.labels ^= true,
        Command::ToggleUnderground => session.view.underground ^= true,
        Command::ToggleSupply => session.view.supply ^= true,
        Command::ToggleReturn => session.view.return_side ^= true,
        Command::ToggleTheme => {
            session.theme = if session.theme == Theme::Dark { Theme::Light } else { Theme::Dark };
        }
        Command::SetTheme(theme) => session.theme = theme,
        Command::SetLanguage(language) => session.language = language,
        Command::SetUnits(set) => session.units = set.units(session.units.style),
        Command::SetUnit(quantity, symbol) => {
            session.units.choose(quantity, symbol);
        }
        Command::ToggleGrouping => {
            session.units.style = match session.units.style {
                NumberStyle::Plain => NumberStyle::Grouped,
                NumberStyle::Grouped => NumberStyle::Plain,
            };
        }
        Command::TogglePanel(panel) => {
            if session.shows(panel) {
                close(session, panel);
            } else {
                show(session, panel);
            }
        }
        Command::ShowPanel(panel) => show(session, panel),
        Command::ClosePanel(panel) => close(session, panel),
        Command::DismissNotification(number) => session.notifications.retain(|n| n.number != number),
        Command::DismissNotifications => session.notifications.clear(),
        _ => {}
    }
}

pub(super) fn show(session: &mut Session, panel: Panel) {
    if panel.is_dialog() {
        session.panels.retain(|shown| !shown.is_dialog());
    }
    if Panel::TABS.contains(&panel) {
        session.panels.retain(|shown| !Panel::TABS.contains(shown));
    }
    if panel == Panel::Alternatives && session.shows(Panel::Inspector) {
        // A sheet needs the width; whoever wants both opens the inspector again.
        close(session, Panel::Inspector);
        session.alternatives.hides_inspector = true;
    }
    if !session.panels.contains(&panel) {
        session.panels.push(panel);
        session.panels.sort_unstable();
    }
}

fn close(session: &mut Session, panel: Panel) {
    session.panels.retain(|shown| *shown != panel);
    if panel == Panel::Alternatives && std::mem::take(&mut session.alternatives.hides_inspector) {
        show(session, Panel::Inspector);
    }
}
