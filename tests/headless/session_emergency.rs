//! A burst in the session: question and answer, what crews report, carrying out, going stale, and a rehearsal.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use hypocaust::network::edit::Edit;
use hypocaust::network::generate::demo_city;
use hypocaust::network::{ElementKind, ElementRef, Network};
use hypocaust::session::emergency::answer::{Pace, work};
use hypocaust::session::emergency::{Answer, EmergencyCommand, EmergencyNews, EmergencyRequest, Standing};
use hypocaust::session::jobs::{Files, Jobs};
use hypocaust::session::{Command, Effects, Panel, Session, ViewRequest, apply};
use hypocaust::text::Language;

/// A main of the demo city that valves of both sides can shut off.
fn main_of(network: &Network) -> ElementRef {
    let bore_mm = |view: &hypocaust::network::LinkView<'_>| Some((1000.0 * view.pipe()?.inner_diameter_m) as u32);
    let mut mains: Vec<_> = network.links().filter_map(|view| Some((bore_mm(&view)?, view.element()))).collect();
    mains.sort();
    mains.into_iter().find(|(bore, _)| *bore >= 300).unwrap().1
}

fn ask(session: &mut Session, command: EmergencyCommand) -> Effects {
    apply(session, Command::Emergency(command))
}

/// Works a question out here and now and hands the session the news, early answer first.
fn answered(session: &mut Session, effects: &Effects) {
    let request: EmergencyRequest = *effects.emergency.clone().expect("a question");
    let pace = Pace { newest: AtomicU64::new(request.number), ..Pace::default() };
    let mut news = Vec::new();
    work(&request, Instant::now(), &pace, &mut |piece| news.push(piece));
    for piece in news {
        session.take_emergency_news(piece);
    }
}

fn answer(session: &Session) -> Arc<Answer> {
    session.emergency().unwrap().answer().unwrap().clone()
}

fn burst() -> Session {
    let mut session = Session::with_network(demo_city(), Language::English);
    let main = main_of(session.network());
    apply(&mut session, Command::Point(main, 0.25));
    let effects = ask(&mut session, EmergencyCommand::BurstHere);
    assert!(effects.view.iter().any(|wish| matches!(wish, ViewRequest::FlyTo { .. })), "the camera goes there at once");
    assert!(!effects.solve && effects.emergency.is_some());
    answered(&mut session, &effects);
    session
}

fn valve(session: &Session, at: usize) -> ElementRef {
    let answer = answer(session);
    answer.network.link_ref(answer.response.plan.valves[at])
}

#[test]
fn one_key_brings_the_whole_answer_and_changes_nothing_in_the_network() {
    let mut session = Session::with_network(demo_city(), Language::English);
    let before = session.network().clone();
    let shown = session.shows(Panel::Inspector);
    let effects = ask(&mut session, EmergencyCommand::BurstHere);
    assert!(effects.emergency.is_none() && session.notifications().len() == 1, "without a pipe it says what to do");
    let mut session = burst();
    assert!(session.network().same_as(&before) && !session.document().is_dirty());
    let answer = answer(&session);
    assert!(answer.complete && !answer.response.plan.valves.is_empty());
    assert_eq!(answer.response.breaks[0].position, 0.25, "where it was pointed at");
    assert!(!answer.zone[0].is_empty(), "the zone has an outline");
    assert_eq!(session.emergency_standing(), Some(Standing::Current));
    assert!(session.shows(Panel::Emergency) && !session.shows(Panel::Inspector));
    ask(&mut session, EmergencyCommand::Close);
    assert!(session.emergency().is_none() && session.shows(Panel::Inspector) == shown);
}

#[test]
fn a_valve_that_does_not_move_is_never_in_the_next_plan() {
    let mut session = burst();
    let stuck = valve(&session, 0);
    let second = valve(&session, 1);
    ask(&mut session, EmergencyCommand::IsShut(second));
    let effects = ask(&mut session, EmergencyCommand::DoesNotMove(stuck.clone()));
    answered(&mut session, &effects);
    let planned = answer(&session);
    let stuck_link = planned.network.find_link(&stuck).unwrap();
    assert!(planned.response.plan.all_valves().all(|link| link != stuck_link));
    assert!(planned.response.tasks.iter().all(|task| task.valve != stuck_link));
    let emergency = session.emergency().unwrap();
    assert!(emergency.is_stuck(&stuck.id) && emergency.shut().count() == 1, "what was reported before stands");
    let effects = ask(&mut session, EmergencyCommand::TakeBack(stuck.clone()));
    answered(&mut session, &effects);
    assert!(answer(&session).response.plan.all_valves().any(|link| link == stuck_link));
}

#[test]
fn only_the_newest_question_is_answered() {
    let mut session = burst();
    let (first, second) = (valve(&session, 0), valve(&session, 1));
    let old = ask(&mut session, EmergencyCommand::DoesNotMove(first));
    let new = ask(&mut session, EmergencyCommand::DoesNotMove(second));
    let number = new.emergency.as_ref().unwrap().number;
    answered(&mut session, &new);
    answered(&mut session, &old);
    assert_eq!(answer(&session).number, number, "the late answer of the older question is dropped");
    assert_eq!(answer(&session).request.reliance.unusable.len(), 2);
}

#[test]
fn carrying_out_is_one_step_and_undo_brings_the_network_back() {
    let mut session = burst();
    let before = session.network().clone();
    let effects = ask(&mut session, EmergencyCommand::CarryOut);
    assert!(effects.solve && session.document().is_dirty());
    assert_eq!(session.emergency_standing(), Some(Standing::CarriedOut { steps: 0 }));
    let shut = |session: &Session, id: &str| {
        let network = session.network();
        network.link_id(id).and_then(|link| network.link_view(link)).unwrap().valve().unwrap().opening == 0.0
    };
    let first = valve(&session, 0);
    assert!(shut(&session, &first.id));
    // Another plan replaces it: still one step away from the start.
    let effects = ask(&mut session, EmergencyCommand::DoesNotMove(first.clone()));
    answered(&mut session, &effects);
    ask(&mut session, EmergencyCommand::CarryOut);
    assert!(!shut(&session, &first.id), "the valve that does not move stands open again");
    apply(&mut session, Command::Undo);
    assert!(session.network().same_as(&before) && !session.document().history().can_undo());
    assert_eq!(session.emergency_standing(), Some(Standing::Current));
}

#[test]
fn a_change_in_the_network_makes_the_answer_stale_until_planned_anew() {
    let mut session = burst();
    let other = session.network().links().find(|view| view.consumer().is_some()).unwrap().element();
    apply(&mut session, Command::Edit(Edit::set(other, "shut", true)));
    assert_eq!(session.emergency_standing(), Some(Standing::Stale));
    let revision = session.revision();
    ask(&mut session, EmergencyCommand::CarryOut);
    assert_eq!(session.revision(), revision, "a stale plan is not carried out");
    let effects = ask(&mut session, EmergencyCommand::Replan);
    answered(&mut session, &effects);
    assert_eq!(session.emergency_standing(), Some(Standing::Current));
}

#[test]
fn a_second_break_is_answered_together_with_the_first() {
    let mut session = burst();
    let first = session.emergency().unwrap().places()[0].element.clone();
    let second =
        session.network().links().find(|view| view.pipe().is_some() && view.element() != first).unwrap().element();
    apply(&mut session, Command::Select(second));
    let effects = ask(&mut session, EmergencyCommand::BurstAlso);
    answered(&mut session, &effects);
    assert_eq!(answer(&session).response.breaks.len(), 2);
}

#[test]
fn a_place_that_cannot_burst_is_refused_with_a_sentence() {
    let mut session = Session::with_network(demo_city(), Language::Chinese);
    let consumer = session.network().links().find(|view| view.consumer().is_some()).unwrap().element();
    apply(&mut session, Command::Select(consumer));
    assert!(ask(&mut session, EmergencyCommand::BurstHere).emergency.is_none());
    assert_eq!(session.notifications().len(), 1);
}

#[test]
fn who_would_rather_have_the_whole_answer_at_once_gets_no_part_of_it() {
    let mut session = Session::with_network(demo_city(), Language::English);
    let main = main_of(session.network());
    apply(&mut session, Command::Point(main, 0.25));
    let request: EmergencyRequest = *ask(&mut session, EmergencyCommand::BurstHere).emergency.unwrap();
    let told = |patience_ms: u64| {
        let pace = Pace { newest: AtomicU64::new(request.number), patience_ms: AtomicU64::new(patience_ms) };
        let mut complete = Vec::new();
        work(&request, Instant::now(), &pace, &mut |piece| match piece {
            EmergencyNews::Answer(answer) => complete.push(answer.complete),
            other => panic!("{other:?}"),
        });
        complete
    };
    assert_eq!(told(0), [false, true]);
    assert_eq!(told(3_600_000), [true]);
}

#[test]
fn the_thread_answers_in_two_parts_and_the_newest_wins() {
    let files = Files {
        open: |_| panic!("no files here"),
        save: |_, _| panic!("no files here"),
        export: |_| panic!("no files here"),
        demo: || Ok(Network::new()),
    };
    let mut jobs = Jobs::new(files, Arc::new(|| {})).unwrap();
    let mut session = Session::with_network(demo_city(), Language::English);
    let main = main_of(session.network());
    apply(&mut session, Command::Select(main));
    for _ in 0..3 {
        let effects = ask(&mut session, EmergencyCommand::BurstHere);
        jobs.follow(&mut session, &effects);
    }
    let started = Instant::now();
    while !session.emergency().unwrap().answer().is_some_and(|answer| answer.complete) {
        assert!(started.elapsed() < Duration::from_secs(60), "no answer");
        jobs.poll(&mut session);
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(!session.emergency().unwrap().is_waiting());
}

#[test]
fn a_rehearsal_changes_nothing_hides_the_plan_and_ends_with_both_ways_side_by_side() {
    let mut session = Session::with_network(demo_city(), Language::English);
    let before = session.network().clone();
    let main = main_of(session.network());
    apply(&mut session, Command::Select(main));
    let effects = ask(&mut session, EmergencyCommand::Rehearse);
    answered(&mut session, &effects);
    assert!(session.shown_answer().is_none() && session.emergency().unwrap().answer().is_some());
    // Everything the plan closes, and one valve that has nothing to do with it.
    let planned = answer(&session);
    let plan: Vec<_> = planned.response.plan.all_valves().collect();
    let spare = planned
        .network
        .links()
        .filter(|view| view.valve().is_some_and(|valve| valve.opening > 0.0))
        .map(|view| view.handle)
        .find(|link| !plan.contains(link))
        .unwrap();
    for link in plan.iter().copied().chain([spare]) {
        apply(&mut session, Command::Point(planned.network.link_ref(link), 0.5));
    }
    assert_eq!(session.emergency().unwrap().drill().unwrap().orders().len(), plan.len() + 1);
    assert!(session.drill_runs() && session.advance_drill(2.0));
    let clock_s = session.emergency().unwrap().drill().unwrap().clock_s();
    assert_eq!(clock_s, 120.0, "a minute a second");
    let effects = ask(&mut session, EmergencyCommand::EndRehearsal);
    answered(&mut session, &effects);
    let emergency = session.emergency().unwrap();
    let comparison = emergency.drill().unwrap().comparison().unwrap();
    assert!(comparison.own.shut_s.is_some() && comparison.missing.is_empty());
    assert_eq!(comparison.own.valves, comparison.best.valves + 1);
    assert!(comparison.own.lost_m3 > 0.0 && comparison.own.cut_off >= comparison.best.cut_off);
    assert!(session.shown_answer().is_some(), "now the plan is shown");
    assert!(session.network().same_as(&before) && !session.document().is_dirty());
}

#[test]
fn a_rehearsal_without_orders_names_what_is_missing() {
    let mut session = Session::with_network(demo_city(), Language::English);
    let main = main_of(session.network());
    apply(&mut session, Command::Select(main));
    let effects = ask(&mut session, EmergencyCommand::Rehearse);
    answered(&mut session, &effects);
    session.advance_drill(60.0);
    let effects = ask(&mut session, EmergencyCommand::EndRehearsal);
    answered(&mut session, &effects);
    let emergency = session.emergency().unwrap();
    let comparison = emergency.drill().unwrap().comparison().unwrap();
    let plan = &emergency.answer().unwrap().response.plan;
    assert_eq!(comparison.own.shut_s, None);
    assert_eq!(comparison.missing, plan.valves);
    assert!(comparison.own.lost_m3 > comparison.best.lost_m3 && comparison.unnecessary.is_empty());
}

#[test]
fn any_burst_is_the_same_for_everybody() {
    let place = || {
        let mut session = Session::with_network(demo_city(), Language::English);
        ask(&mut session, EmergencyCommand::RehearseAny);
        session.emergency().unwrap().places()[0].clone()
    };
    assert_eq!(place(), place());
    assert_eq!(place().element.kind, ElementKind::Pipe);
}
