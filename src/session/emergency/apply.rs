//! What the commands of an emergency do to a session.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::book::BookRequest;
use super::drill::Drill;
use super::{
    BreakPlace, Card, Carried, Emergency, EmergencyCommand, EmergencyRequest, EmergencyWork, MOST_CREWS, Standing,
};
use crate::emergency::Break;
use crate::emergency::burst::Hole;
use crate::emergency::incident::Event;
use crate::emergency::isolation::IsolationFault;
use crate::emergency::rehearsal::Rehearsal;
use crate::network::edit::Edit;
use crate::network::finding::element_text;
use crate::network::{ElementKind, ElementRef, Severity};
use crate::session::command::Panel;
use crate::session::effects::Effects;
use crate::session::message::Message;
use crate::session::state::Session;
use crate::text::Language;

/// Pipes from this diameter on burst in a rehearsal of anything.
const MAIN_M: f64 = 0.25;

/// Does what a command of an emergency asks.
pub fn apply(session: &mut Session, command: EmergencyCommand, effects: &mut Effects) {
    match command {
        EmergencyCommand::BurstHere | EmergencyCommand::BurstAlso | EmergencyCommand::Rehearse => {
            let Some(place) = chosen(session) else {
                session.notify(Severity::Warning, Message::new("message-burst-select"));
                return;
            };
            let also = command == EmergencyCommand::BurstAlso;
            begin(session, place, also, effects);
            if command == EmergencyCommand::Rehearse {
                rehearse(session, effects);
            }
        }
        EmergencyCommand::RehearseAny => match any_main(session) {
            Some(place) => {
                begin(session, place, false, effects);
                rehearse(session, effects);
            }
            None => session.notify(Severity::Warning, Message::new("message-no-main")),
        },
        EmergencyCommand::DoesNotMove(valve) => report(session, &valve, true, effects),
        EmergencyCommand::IsShut(valve) => report(session, &valve, false, effects),
        EmergencyCommand::TakeBack(valve) => {
            let Some(emergency) = &mut session.emergency else { return };
            if emergency.shut.remove(&valve.id) {
                emergency.log(Event::ValveReopened { valve: valve.id.clone() });
            }
            if emergency.stuck.remove(&valve.id) {
                emergency.log(Event::ValveUsable { valve: valve.id.clone() });
                ask(session, effects);
            }
        }
        EmergencyCommand::Choose(merit) => {
            let Some(emergency) = &mut session.emergency else { return };
            if emergency.merit != merit {
                emergency.merit = merit;
                emergency.card = Card::Close;
                ask(session, effects);
            }
        }
        EmergencyCommand::Replan => {
            if let Some(emergency) = &mut session.emergency {
                emergency.carried.clear();
                emergency.answer = None;
                ask(session, effects);
            }
        }
        EmergencyCommand::CarryOut => carry_out(session, 0, effects),
        EmergencyCommand::CarryOutSteps(steps) => carry_out(session, steps, effects),
        EmergencyCommand::Show(card) => {
            if let Some(emergency) = &mut session.emergency {
                emergency.card = card;
            }
        }
        EmergencyCommand::SetHole(at, hole) => {
            let network = session.document.snapshot();
            let Some(emergency) = session.emergency.as_mut().filter(|emergency| emergency.drill.is_none()) else {
                return;
            };
            let Some(place) = emergency.places.get_mut(at).filter(|place| place.hole != hole) else { return };
            place.hole = hole;
            emergency.log_breaks(&network, false);
            ask(session, effects);
        }
        EmergencyCommand::SetCrews(crews) => {
            let Some(emergency) = session.emergency.as_mut().filter(|emergency| emergency.drill.is_none()) else {
                return;
            };
            let crews = crews.clamp(1, MOST_CREWS);
            if emergency.crews != crews {
                emergency.crews = crews;
                ask(session, effects);
            }
        }
        EmergencyCommand::KeepLog => session.begin_log(),
        EmergencyCommand::OpenLog(path) => session.open_log(path),
        EmergencyCommand::ToggleBanner => session.banner ^= true,
        EmergencyCommand::Frame => effects.view.extend(session.emergency_view()),
        EmergencyCommand::Report => match session.report_request() {
            Some(request) => {
                session.begin_log();
                effects.report = Some(Box::new(request));
            }
            None => session.notify(Severity::Info, Message::new("message-plan-not-ready")),
        },
        EmergencyCommand::Close => session.leave_emergency(),
        EmergencyCommand::Order(_)
        | EmergencyCommand::PlayPause
        | EmergencyCommand::Speed(_)
        | EmergencyCommand::EndRehearsal => direct(session, command, effects),
    }
}

/// What a rehearsal under way is told.
fn direct(session: &mut Session, command: EmergencyCommand, effects: &mut Effects) {
    let Some(emergency) = &mut session.emergency else { return };
    let Some(drill) = emergency.drill.as_mut().filter(|drill| !drill.over) else { return };
    match command {
        EmergencyCommand::Order(valve) => {
            let network = drill.network.clone();
            let Some(link) = network.find_link(&valve) else { return };
            if drill.rehearsal.order(&network, link, drill.clock_s) {
                return;
            }
            if !drill.rehearsal.take_back(&network, link, drill.clock_s) {
                let message = Message::new("message-order-stands").with("valve", valve.id.to_string());
                session.notify(Severity::Info, message);
            }
        }
        EmergencyCommand::PlayPause => drill.playing ^= true,
        EmergencyCommand::Speed(minutes) if minutes.is_finite() => drill.speed = minutes.clamp(0.1, 60.0),
        EmergencyCommand::EndRehearsal => {
            let Some(answer) = emergency.answer.clone() else {
                session.notify(Severity::Info, Message::new("message-plan-not-ready"));
                return;
            };
            // Whoever is still turning is waited for.
            let ended_s = drill.rehearsal.orders.iter().map(|order| order.shut_s).fold(drill.clock_s, f64::max);
            (drill.over, drill.clock_s) = (true, ended_s);
            let over = drill.clone();
            let closings = drill.rehearsal.closings(ended_s);
            session.emergency_number += 1;
            emergency.number = session.emergency_number;
            emergency.waiting = true;
            emergency.log_drill(&over);
            effects.emergency = Some(Box::new(EmergencyRequest {
                number: emergency.number,
                network: over.network.clone(),
                state: answer.state,
                work: EmergencyWork::Compare { answer, closings, ended_s },
            }));
        }
        _ => {}
    }
}

/// The pipe, valve or pump selected and where it was pointed at.
fn chosen(session: &Session) -> Option<BreakPlace> {
    let element = session.selection.clone()?;
    let breakable = matches!(element.kind, ElementKind::Pipe | ElementKind::Valve | ElementKind::Pump);
    breakable.then(|| BreakPlace { element, position: session.selected_at.unwrap_or(0.5), hole: Hole::FullBore })
}

/// A main chosen by chance: the n-th rehearsal of a network is the same on every machine.
fn any_main(session: &mut Session) -> Option<BreakPlace> {
    let pipes: Vec<ElementRef> = session
        .network()
        .links()
        .filter(|view| view.pipe().is_some_and(|pipe| pipe.inner_diameter_m >= MAIN_M))
        .map(|view| view.element())
        .collect();
    session.drill_number += 1;
    let mut chance = ChaCha8Rng::seed_from_u64(session.drill_number);
    let at = (chance.next_u64() % pipes.len().max(1) as u64) as usize;
    Some(BreakPlace { element: pipes.get(at)?.clone(), position: 0.5, hole: Hole::FullBore })
}

fn begin(session: &mut Session, place: BreakPlace, also: bool, effects: &mut Effects) {
    session.document.commit_drag();
    match session.emergency.as_mut().filter(|emergency| also && emergency.drill.is_none()) {
        Some(emergency) => {
            emergency.places.retain(|known| known.element != place.element);
            emergency.places.push(place);
            emergency.carried.clear();
            emergency.answer = None;
        }
        None => {
            let panels = session.panels_before();
            let emergency = Emergency::of(vec![place], panels);
            session.show_emergency(emergency);
        }
    }
    session.clear_for_emergency();
    let network = session.document.snapshot();
    if let Some(emergency) = &mut session.emergency {
        emergency.log_breaks(&network, false);
    }
    ask(session, effects);
    effects.view.extend(session.emergency_view());
}

/// Asks for an answer to what is known now.
pub(super) fn ask(session: &mut Session, effects: &mut Effects) {
    let standing = session.emergency_standing();
    let (document, state) = (session.document.snapshot(), session.document.state());
    let solved = session.steady_solution().filter(|_| session.solution_is_current()).cloned();
    let Some(emergency) = &mut session.emergency else { return };
    // Once a plan is carried out, the question is still the one from before.
    let (network, state) = match (&emergency.answer, standing) {
        (Some(answer), Some(Standing::CarriedOut { .. })) => (answer.network.clone(), answer.state),
        _ => (document, state),
    };
    let Some(request) = emergency.question(&network) else {
        emergency.answer = None;
        emergency.fault = Some(Message::new("message-burst-gone"));
        return;
    };
    session.emergency_number += 1;
    emergency.number = session.emergency_number;
    emergency.waiting = true;
    let before = solved.filter(|_| state == session.document.state());
    effects.emergency = Some(Box::new(EmergencyRequest {
        number: emergency.number,
        network,
        state,
        work: EmergencyWork::Respond { asked: Box::new(request), before },
    }));
}

/// What a crew reports of a valve.
fn report(session: &mut Session, valve: &ElementRef, stuck: bool, effects: &mut Effects) {
    let Some(emergency) = &mut session.emergency else { return };
    let (to, from) =
        if stuck { (&mut emergency.stuck, &mut emergency.shut) } else { (&mut emergency.shut, &mut emergency.stuck) };
    let was_stuck = from.remove(&valve.id) && !stuck;
    to.insert(valve.id.clone());
    let id = valve.id.clone();
    emergency.log(if stuck {
        Event::ValveStuck { valve: id, unreachable: false }
    } else {
        Event::ValveConfirmed { valve: id }
    });
    session.begin_log();
    if stuck || was_stuck {
        ask(session, effects);
    }
}

/// Makes the edits of the plan and of the first `steps` actions of re-supply, as one step of the edit log.
fn carry_out(session: &mut Session, steps: usize, effects: &mut Effects) {
    let standing = session.emergency_standing();
    let Some(emergency) = &session.emergency else { return };
    let Some(answer) = emergency.shown().filter(|_| emergency.drill.is_none()) else { return };
    if standing == Some(Standing::Stale) {
        session.notify(Severity::Warning, Message::new("message-plan-stale"));
        return;
    }
    let response = &answer.response;
    let wanted = match steps.checked_sub(1) {
        None => response.impact.as_ref().map(|impact| &impact.edits),
        Some(last) => response.resupply.steps.get(last).map(|step| &step.after.edits),
    };
    let Some(wanted) = wanted.cloned() else {
        session.notify(Severity::Warning, Message::new("message-nothing-to-carry-out"));
        return;
    };
    let now = session.document.state();
    let done = emergency.carried.iter().find(|carried| carried.after == now).cloned();
    let goes_on = done.as_ref().is_some_and(|done| done.edits.iter().all(|edit| wanted.contains(edit)));
    let before = match &done {
        // Another plan was carried out before this one: it is taken back first.
        Some(done) if !goes_on => {
            session.document.undo();
            done.before
        }
        _ => now,
    };
    let known = done.filter(|_| goes_on).map(|done| done.edits).unwrap_or_default();
    let edits: Vec<Edit> = wanted.iter().filter(|edit| !known.contains(edit)).cloned().collect();
    if edits.is_empty() {
        return;
    }
    let label = label(session, steps);
    let answer = answer.clone();
    match session.document.edit(&Edit::Batch { label: label.clone(), edits }) {
        Ok(()) => {
            let after = session.document.state();
            if let Some(emergency) = &mut session.emergency {
                emergency.carried.push(Carried { before, after, steps, edits: wanted });
                emergency.log_carried_out(&answer, steps, label);
            }
            session.begin_log();
            session.touch();
            effects.solve = true;
        }
        Err(error) => {
            let message = Message::new("message-edit-refused").with("reason", error.to_string());
            session.notify(Severity::Error, message);
        }
    }
}

/// What undo calls it.
fn label(session: &Session, steps: usize) -> String {
    let places = session.emergency.iter().flat_map(|emergency| &emergency.places);
    let elements: Vec<String> = places.map(|place| element_text(&place.element, session.language)).collect();
    let key = if steps == 0 { "alarm-label-plan" } else { "alarm-label-steps" };
    Message::new(key).with("element", elements.join(", ")).with("steps", steps.to_string()).text(session.language)
}

/// The user's own orders from now on; the plan is worked out meanwhile and kept back.
fn rehearse(session: &mut Session, effects: &mut Effects) {
    let network = session.document.snapshot();
    let Some(emergency) = &mut session.emergency else { return };
    let breaks = emergency.places.iter().filter_map(|place| {
        Some(Break { link: network.find_link(&place.element)?, position: place.position, hole: place.hole })
    });
    let rehearsal = Rehearsal { breaks: breaks.collect(), ..Rehearsal::default() };
    emergency.incident = Default::default();
    emergency.log_breaks(&network, true);
    emergency.drill = Some(Drill::new(network, rehearsal));
    effects.view.extend(session.emergency_view());
}

/// Why there is no plan, as a sentence.
pub(super) fn refusal(fault: &IsolationFault, language: Language) -> Message {
    match fault {
        IsolationFault::NotBreakable(element) => {
            Message::new("alarm-not-breakable").with("element", element_text(element, language))
        }
        IsolationFault::EmptyNetwork => Message::new("emergency-empty-network"),
        IsolationFault::Unknown(_) | IsolationFault::Nothing => Message::new("message-burst-gone"),
    }
}

impl Session {
    /// The panels from before any emergency.
    pub(super) fn panels_before(&mut self) -> Vec<Panel> {
        if self.emergency.as_ref().is_some_and(|emergency| emergency.file.is_some()) {
            self.log_requests = self.take_log_requests();
            self.log_requests.push(BookRequest::Close);
        }
        self.emergency.take().map_or_else(|| self.panels.clone(), |emergency| emergency.panels)
    }

    /// Shows an emergency in place of any other.
    pub(super) fn show_emergency(&mut self, emergency: Emergency) {
        self.emergency = Some(emergency);
        self.clear_for_emergency();
    }

    fn clear_for_emergency(&mut self) {
        // What has burst has a sign of its own, which the colour of a selection would hide.
        (self.selection, self.selected_at) = (None, None);
        // The map needs the room; what was shown comes back afterwards.
        self.panels = vec![Panel::Legend, Panel::Emergency];
        self.panels.sort_unstable();
    }

    /// Leaves the emergency and brings back the panels from before.
    pub(in crate::session) fn leave_emergency(&mut self) {
        if self.emergency.as_ref().is_some_and(|emergency| emergency.file.is_some()) {
            self.log_requests = self.take_log_requests();
            self.log_requests.push(BookRequest::Close);
        }
        if let Some(emergency) = self.emergency.take() {
            self.panels = emergency.panels;
        }
        self.panels.retain(|panel| *panel != Panel::Emergency);
    }
}
