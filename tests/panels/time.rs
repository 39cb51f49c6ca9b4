//! The time bar, the dialogue that starts a run, and elements in time.

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use hypocaust::network::edit::Edit;
use hypocaust::network::generate::{Parameters, city};
use hypocaust::network::{ElementKind, ElementRef};
use hypocaust::session::timeline::{RunOrder, TimeCommand, WeatherChoice};
use hypocaust::session::{Command, Panel, Session, Theme};
use hypocaust::text::Language;

use crate::desk::{Desk, texts};
use crate::languages::{ALLOWED, latin_words};

/// A small city after some hours of winter, shown at the end of them.
fn night(language: Language) -> Desk {
    let mut network = city(&Parameters { stations: 3, seed: 5, ..Parameters::default() });
    let mut settings = network.settings().clone();
    settings.title = "Test".to_owned();
    network.set_settings(settings);
    let mut session = Session::with_network(network, language);
    let order = RunOrder { hours: 4.0, weather: WeatherChoice::Winter("harbin-like"), ..RunOrder::default() };
    session.live_through(order, 3.0 * 3600.0).expect("the city lives through a night");
    Desk { session, log: Vec::new(), layout: None }.solved()
}

fn consumer(desk: &Desk) -> ElementRef {
    let network = desk.session.network();
    let view = network.links().find(|view| view.consumer().is_some()).expect("a consumer");
    view.element()
}

fn passed_s(harness: &Harness<'_, Desk>) -> f64 {
    let timeline = harness.state().session.timeline().expect("hours");
    timeline.playhead_s() - timeline.start_s()
}

#[test]
fn buttons_and_keys_move_the_playhead() {
    let mut harness = night(Language::English).open(1280.0, 720.0);
    harness.run_ok();
    assert_eq!(passed_s(&harness), 10_800.0);
    for (key, shift, expected_s) in [
        (egui::Key::ArrowLeft, false, 10_740.0),
        (egui::Key::ArrowRight, false, 10_800.0),
        (egui::Key::ArrowLeft, true, 7200.0),
    ] {
        harness.key_press_modifiers(egui::Modifiers { shift, ..egui::Modifiers::NONE }, key);
        harness.run_ok();
        assert_eq!(passed_s(&harness), expected_s, "{key:?}");
    }
    harness.key_press(egui::Key::Space);
    harness.run_ok();
    assert!(harness.state().session.timeline().unwrap().is_playing());
    harness.get_by_role_and_label(Role::Button, "Pause").click();
    harness.run_ok();
    assert!(!harness.state().session.timeline().unwrap().is_playing());
    harness.get_by_label("3600×").click();
    harness.run_ok();
    assert_eq!(harness.state().session.timeline().unwrap().speed(), 3600.0);
}

#[test]
fn dragging_the_scrubber_shows_that_moment() {
    let mut harness = night(Language::English).open(1280.0, 720.0);
    harness.run_ok();
    let rect = harness.get_by_label("Moment shown").rect();
    let at = |share: f32| egui::pos2(rect.left() + 8.0 + (rect.width() - 16.0) * share, rect.top() + 12.0);
    harness.drag_at(at(0.25));
    harness.run_ok();
    assert!((passed_s(&harness) - 3600.0).abs() < 30.0, "{}", passed_s(&harness));
    harness.hover_at(at(0.5));
    harness.run_ok();
    harness.drop_at(at(0.5));
    harness.run_ok();
    assert!((passed_s(&harness) - 7200.0).abs() < 30.0, "{}", passed_s(&harness));
}

#[test]
fn an_edit_offers_to_run_again_or_on() {
    let mut desk = night(Language::English);
    let consumer = consumer(&desk);
    desk.ask(Command::Edit(Edit::set(consumer, "shut", true)));
    let mut harness = desk.open(1280.0, 720.0);
    harness.run_ok();
    harness.get_by_label("The network has changed since.");
    harness.get_by_role_and_label(Role::Button, "Run on from here").click();
    harness.run_ok();
    assert!(harness.state().log.contains(&Command::Time(TimeCommand::RunOn)));
    assert!(harness.state().session.running().is_some());
}

#[test]
fn the_inspector_says_how_warm_the_rooms_are_and_why() {
    let mut desk = night(Language::English);
    for language in Language::ALL {
        desk.ask(Command::SetLanguage(language));
        let station = consumer(&desk);
        let id = station.id.clone();
        let of_it = |(_, building): &(&hypocaust::network::Name, &hypocaust::network::Building)| {
            building.consumer.as_ref() == Some(&id)
        };
        let building = desk.session.network().buildings().iter().find(of_it).map(|(id, _)| id.clone());
        let building = ElementRef::new(ElementKind::Building, building.expect("a building"));
        for element in [station, building] {
            desk.ask(Command::Select(element.clone()));
            let mut harness = desk.open(1280.0, 900.0);
            harness.run_ok();
            let said: Vec<String> = texts(&harness).into_iter().map(|(text, ..)| text).collect();
            let why = if language == Language::English { "as designed" } else { "设计" };
            assert!(said.iter().any(|text| text.contains(why) && text.contains("°C")), "{element}: {said:?}");
            desk = harness.into_state();
        }
    }
}

#[test]
fn a_run_is_started_from_the_dialogue() {
    let mut desk = Desk::new(Language::English);
    desk.ask(Command::ShowPanel(Panel::Run));
    let mut harness = desk.open(1280.0, 720.0);
    harness.run_ok();
    harness.get_by_role_and_label(Role::TextInput, "Start").click();
    harness.run_ok();
    harness.get_by_role_and_label(Role::TextInput, "Start").type_text("2026-01-15 18:00");
    harness.run_ok();
    harness.get_by_role_and_label(Role::Button, "Simulate").click();
    harness.run_ok();
    let order = harness.state().log.iter().find_map(|command| match command {
        Command::Time(TimeCommand::Run(order)) => Some(order.clone()),
        _ => None,
    });
    // 2026-01-15 is day 20 468.
    assert_eq!(order.expect("a run").start_calendar_s, Some(20_468.0 * 86_400.0 + 18.0 * 3600.0));
    assert!(!harness.state().session.shows(Panel::Run));
}

#[test]
fn nothing_is_cut_covered_or_english_in_the_time_bar() {
    let mut desk = night(Language::English);
    for (stale, width, height) in
        [(false, 1280.0, 720.0), (false, 1920.0, 1080.0), (true, 1280.0, 720.0), (true, 1920.0, 1080.0)]
    {
        for language in Language::ALL {
            desk.ask(Command::SetLanguage(language));
            desk.ask(Command::SetTheme(if stale { Theme::Light } else { Theme::Dark }));
            let station = consumer(&desk);
            if stale && !desk.session.timeline_is_stale() {
                desk.ask(Command::Edit(Edit::set(station.clone(), "shut", true)));
            }
            desk.ask(Command::Select(station));
            let mut harness = desk.open(width, height);
            harness.run_ok();
            let bar = harness.get_by_label(if language == Language::English { "Moment shown" } else { "所示时刻" });
            let bar = bar.rect();
            let all = texts(&harness);
            let of_bar: Vec<_> = all.iter().filter(|(_, rect, _)| rect.bottom() > bar.top() - 34.0).collect();
            assert!(of_bar.len() > 8);
            for (i, (text, rect, clip)) in of_bar.iter().enumerate() {
                let whole = rect.left() >= clip.left() - 1.5 && rect.right() <= clip.right() + 1.5;
                assert!(whole, "{width} {language:?}: '{text}' at {rect} is cut by {clip}");
                for (other, second, _) in of_bar.iter().skip(i + 1) {
                    let both = rect.shrink(1.0).intersect(second.shrink(1.0));
                    assert!(!both.is_positive(), "{width} {language:?}: '{text}' and '{other}' overlap");
                }
            }
            if language == Language::Chinese {
                // Ids of the generated city.
                let ids = ["ST", "HS", "PS", "PR", "VS", "VR", "Test"];
                for (text, ..) in &all {
                    for word in latin_words(text) {
                        let known = ALLOWED.contains(&word.as_str()) || ids.contains(&word.as_str());
                        assert!(known, "'{word}' in '{text}'");
                    }
                }
            }
            desk = harness.into_state();
        }
    }
}

#[test]
fn without_hours_the_bar_offers_to_compute_some() {
    let mut desk = Desk::new(Language::English);
    desk.ask(Command::ShowPanel(Panel::Time));
    let mut harness = desk.open(1280.0, 720.0);
    harness.run_ok();
    harness.get_by_role_and_label(Role::Button, "Simulate a cold night").click();
    harness.run_ok();
    assert!(harness.state().log.contains(&Command::Time(TimeCommand::RunNight)));
}
