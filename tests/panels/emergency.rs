//! The emergency panel: what it says, what its buttons ask for, both languages whole, nothing cut.

use std::sync::atomic::AtomicU64;
use std::time::Instant;

use egui_kittest::kittest::Queryable;
use hypocaust::network::generate::demo_city;
use hypocaust::network::{ElementKind, ElementRef};
use hypocaust::session::emergency::answer::{Pace, work};
use hypocaust::session::emergency::{Card, EmergencyCommand};
use hypocaust::session::{Command, Effects, Session, apply};
use hypocaust::text::Language;

use crate::desk::{Desk, texts};
use crate::languages::{ALLOWED, latin_words};

fn main_of(session: &Session) -> ElementRef {
    let network = session.network();
    let bore =
        |view: &hypocaust::network::LinkView<'_>| view.pipe().map_or(0, |p| (1000.0 * p.inner_diameter_m) as u32);
    let mut mains: Vec<_> = network.links().map(|view| (bore(&view), view.element())).filter(|m| m.0 >= 300).collect();
    mains.sort();
    mains[0].1.clone()
}

fn answered(session: &mut Session, effects: &Effects) {
    let Some(request) = &effects.emergency else { return };
    let pace = Pace { newest: AtomicU64::new(request.number), ..Pace::default() };
    let mut news = Vec::new();
    work(request, Instant::now(), &pace, &mut |piece| news.push(piece));
    news.into_iter().for_each(|piece| {
        session.take_emergency_news(piece);
    });
}

/// The demo city with a burst main, answered.
fn desk(language: Language, command: EmergencyCommand) -> Desk {
    let session = Session::with_network(demo_city(), language);
    let mut desk = Desk { session, log: Vec::new(), layout: None };
    let main = main_of(&desk.session);
    apply(&mut desk.session, Command::Select(main));
    let effects = apply(&mut desk.session, Command::Emergency(command));
    answered(&mut desk.session, &effects);
    desk
}

fn ended(language: Language) -> Desk {
    let mut desk = desk(language, EmergencyCommand::Rehearse);
    let valve = desk.session.network().links().find(|view| view.valve().is_some()).unwrap().element();
    apply(&mut desk.session, Command::Point(valve, 0.5));
    let effects = apply(&mut desk.session, Command::Emergency(EmergencyCommand::EndRehearsal));
    answered(&mut desk.session, &effects);
    desk
}

#[test]
fn every_card_is_whole_in_both_languages_and_nothing_is_cut_on_its_side() {
    for (width, height) in [(1280.0, 720.0), (1920.0, 1080.0)] {
        for language in Language::ALL {
            for card in Card::ALL {
                let mut desk = desk(language, EmergencyCommand::BurstHere);
                apply(&mut desk.session, Command::Emergency(EmergencyCommand::Show(card)));
                let mut harness = desk.open(width, height);
                harness.run_ok();
                for (text, rect, clip) in texts(&harness) {
                    let inside = rect.left() >= clip.left() - 1.5 && rect.right() <= clip.right() + 1.5;
                    assert!(inside, "{width}×{height} {language:?} {card:?}: '{text}' at {rect} is cut by {clip}");
                }
            }
        }
    }
}

#[test]
fn no_english_in_a_chinese_emergency() {
    let mut desks: Vec<Desk> = Card::ALL
        .into_iter()
        .map(|card| {
            let mut desk = desk(Language::Chinese, EmergencyCommand::BurstHere);
            apply(&mut desk.session, Command::Emergency(EmergencyCommand::Show(card)));
            desk
        })
        .collect();
    desks.push(desk(Language::Chinese, EmergencyCommand::Rehearse));
    desks.push(ended(Language::Chinese));
    for desk in desks {
        let network = desk.session.network();
        let mut ids: Vec<String> = network.links().map(|view| view.id.to_string()).collect();
        ids.extend(network.nodes().map(|(_, id, _)| id.to_string()));
        ids.extend(network.buildings().keys().chain(network.chambers().keys()).map(ToString::to_string));
        let ids: std::collections::BTreeSet<String> = ids.iter().flat_map(|id| latin_words(id)).collect();
        let title = network.settings().title.clone();
        let mut harness = desk.open(1920.0, 1080.0);
        harness.run_ok();
        for (text, _, _) in texts(&harness).into_iter().filter(|(text, ..)| *text != title) {
            for word in latin_words(&text) {
                assert!(ALLOWED.contains(&word.as_str()) || ids.contains(&word), "'{word}' in '{text}'");
            }
        }
    }
}

#[test]
fn buttons_of_a_valve_report_it_and_the_plan_is_asked_for_anew() {
    let desk = desk(Language::English, EmergencyCommand::BurstHere);
    let mut harness = desk.open(1600.0, 1000.0);
    harness.run_ok();
    harness.get_all_by_label("Does not move").next().unwrap().click();
    harness.run_ok();
    let session = &harness.state().session;
    let emergency = session.emergency().unwrap();
    assert_eq!(emergency.stuck().count(), 1);
    assert!(emergency.is_waiting(), "a new plan is under way");
    let asked = harness.state().log.iter().filter(|command| matches!(command, Command::Emergency(_))).count();
    assert_eq!(asked, 1);
}

#[test]
fn carrying_out_by_button_shuts_the_valves_and_undo_stands_beside_it() {
    let desk = desk(Language::English, EmergencyCommand::BurstHere);
    let mut harness = desk.open(1600.0, 1000.0);
    harness.run_ok();
    harness.get_by_label("Carry out the plan").click();
    harness.run_ok();
    assert!(harness.state().session.document().is_dirty());
    harness.get_by_label("Plan carried out in the network");
}

#[test]
fn the_headline_has_figures_that_can_be_read_from_far() {
    for (width, height) in [(1280.0, 720.0), (1920.0, 1080.0)] {
        for language in Language::ALL {
            let mut harness = desk(language, EmergencyCommand::BurstHere).open(width, height);
            harness.run_ok();
            let tallest = texts(&harness).into_iter().map(|(_, rect, _)| rect.height()).fold(0.0, f32::max);
            assert!(tallest >= 28.0, "{width}: the tallest text is {tallest} px");
            let central = harness.state().layout.unwrap().central;
            assert!(central.width() >= 0.5 * width && central.height() >= 0.55 * height, "{width}×{height}: {central}");
        }
    }
}

#[test]
fn the_inspector_of_a_pipe_offers_a_burst() {
    let mut desk = Desk::new(Language::English);
    desk.ask(Command::Select(ElementRef::new(ElementKind::Pipe, "P1")));
    let mut harness = desk.open(1600.0, 1000.0);
    harness.run_ok();
    harness.get_by_label("Burst here").click();
    harness.run_ok();
    assert!(harness.state().session.emergency().is_some());
}
