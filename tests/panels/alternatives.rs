//! Alternatives side by side: every card readable in both languages and sizes, buttons ask for what they say.

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use hypocaust::dispatch::alternative::SourceRunning;
use hypocaust::network::edit::Edit;
use hypocaust::network::generate::{Parameters, city};
use hypocaust::session::alternatives::{AlternativesCommand, Card};
use hypocaust::session::timeline::WeatherChoice;
use hypocaust::session::{Command, Panel, Session};
use hypocaust::text::Language;

use crate::desk::{Desk, texts};
use crate::languages::{ALLOWED, latin_words};

/// A small city with two alternatives, compared over two hours.
fn compared(language: Language) -> Desk {
    let mut network = city(&Parameters { stations: 3, seed: 5, ..Parameters::default() });
    let mut settings = network.settings().clone();
    settings.title = "Test".to_owned();
    network.set_settings(settings);
    let source = network.links().find(|view| view.source().is_some()).expect("a source").element();
    let mut desk = Desk { session: Session::with_network(network, language), log: Vec::new(), layout: None }.solved();
    let ask = |desk: &mut Desk, command| desk.ask(Command::Alternatives(command));
    ask(&mut desk, AlternativesCommand::SetHours(2.0));
    ask(&mut desk, AlternativesCommand::SetWeather(WeatherChoice::Winter("harbin-like")));
    desk.ask(Command::Edit(Edit::set(source, "supply_temperature_c", 90.0)));
    ask(&mut desk, AlternativesCommand::TakeChanges(String::new()));
    ask(&mut desk, AlternativesCommand::AddRunning(SourceRunning::EqualShares));
    desk.session.compare_here();
    assert!(desk.session.sheet_is_current(), "{:?}", desk.session.alternatives().fault());
    ask(&mut desk, AlternativesCommand::Choose(1));
    desk.solved()
}

#[test]
fn every_card_is_whole_in_both_languages() {
    for language in Language::ALL {
        let mut desk = compared(language);
        for (width, height) in [(1280.0, 720.0), (1920.0, 1080.0)] {
            for card in Card::ALL {
                desk.ask(Command::Alternatives(AlternativesCommand::Show(card)));
                let mut harness = desk.open(width, height);
                harness.run_ok();
                let all = texts(&harness);
                for (text, rect, clip) in &all {
                    let sideways = rect.left() >= clip.left() - 1.5 && rect.right() <= clip.right() + 1.5;
                    // A sheet of many columns scrolls sideways.
                    assert!(
                        sideways || card == Card::Sheet,
                        "{width} {language:?} {card:?}: '{text}' at {rect} in {clip}"
                    );
                }
                if language == Language::Chinese {
                    let ids = ["ST", "HS", "PS", "PR", "VS", "VR", "Test", "k", "M", "G", "CO"];
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
}

#[test]
fn the_sheet_leads_to_the_map_and_back_into_the_drawing() {
    let mut harness = compared(Language::English).open(1600.0, 900.0);
    harness.run_ok();
    harness.get_by_label("Change on the map").click();
    harness.run_ok();
    assert!(harness.state().session.coloured().is_change);
    assert!(harness.query_by_label_contains("Change: Changes made").is_some(), "the legend says what is shown");
    harness.get_by_label("Make it so").click();
    harness.run_ok();
    let session = &harness.state().session;
    assert!(session.document().is_dirty() && !session.sheet_is_current());
    assert!(harness.query_by_label_contains("compare again").is_some(), "an old sheet says that it is old");
}

#[test]
fn the_menu_adds_what_it_names() {
    let mut desk = Desk::new(Language::English);
    desk.ask(Command::ShowPanel(Panel::Alternatives));
    assert!(!desk.session.shows(Panel::Inspector), "the sheet has its place");
    let mut harness = desk.open(1600.0, 900.0);
    harness.run_ok();
    harness.get_by_role_and_label(Role::Button, "Add").click();
    harness.run_ok();
    harness.get_by_label_contains("Sources share the load").click();
    harness.run_ok();
    harness.get_by_label("Equal shares").click();
    harness.run_ok();
    let names: Vec<String> = harness.state().session.alternatives().list().iter().map(|one| one.name.clone()).collect();
    assert_eq!(names, ["Equal shares"]);
    harness.state_mut().ask(Command::ClosePanel(Panel::Alternatives));
    assert!(harness.state().session.shows(Panel::Inspector), "and gives it back");
}

#[test]
fn without_a_field_there_is_nobody_to_order() {
    let mut desk = compared(Language::English);
    desk.ask(Command::Alternatives(AlternativesCommand::Issue));
    let said = desk.session.notifications().iter().any(|one| one.message.key == "message-alternatives-no-field");
    assert!(said, "{:?}", desk.session.notifications());
}
