//! Sliders, numbers, lists and keys ask for what they should.

use egui_kittest::kittest::Queryable;
use hypocaust::network::ElementKind;
use hypocaust::network::edit::Edit;
use hypocaust::session::colouring::ColourBy;
use hypocaust::session::{Command, Panel};
use hypocaust::text::Language;

use crate::desk::{Desk, element};

fn opening(desk: &Desk) -> f64 {
    let network = desk.session.network();
    network.link_view(network.link_id("V1").unwrap()).unwrap().valve().unwrap().opening
}

fn valve_desk() -> Desk {
    let mut desk = Desk::new(Language::English);
    desk.ask(Command::Select(element(ElementKind::Valve, "V1")));
    desk
}

#[test]
fn dragging_the_valve_slider_is_one_undo_step() {
    let mut harness = valve_desk().open(1280.0, 720.0);
    harness.run_ok();
    let rect = harness.get_by_label("Opening, slider").rect();
    let at = |share: f32| egui::pos2(rect.left() + rect.width() * share, rect.center().y);
    harness.drag_at(at(0.9));
    harness.run_ok();
    for share in [0.7, 0.5, 0.3] {
        harness.hover_at(at(share));
        harness.run_ok();
    }
    harness.drop_at(at(0.3));
    harness.run_ok();
    let desk = harness.state();
    assert!((opening(desk) - 0.3).abs() < 0.05, "opening is {}", opening(desk));
    assert_eq!(desk.log.first(), Some(&Command::BeginDrag), "{:?}", desk.log);
    assert_eq!(desk.log.last(), Some(&Command::CommitDrag));
    assert!(desk.log.iter().filter(|c| matches!(c, Command::UpdateDrag(_))).count() >= 3);
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Z);
    harness.run_ok();
    assert_eq!(opening(harness.state()), 1.0, "one undo takes the whole drag back");
    assert!(!harness.state().session.document().history().can_undo());
}

#[test]
fn a_typed_number_is_one_edit_in_the_users_unit() {
    let mut harness = valve_desk().open(1280.0, 720.0);
    harness.run_ok();
    let field = harness.get_by_role_and_label(egui::accesskit::Role::SpinButton, "Opening");
    field.click();
    harness.run_ok();
    harness.get_by_role_and_label(egui::accesskit::Role::SpinButton, "Opening").type_text("40");
    harness.run_ok();
    harness.key_press(egui::Key::Enter);
    harness.run_ok();
    assert!((opening(harness.state()) - 0.4).abs() < 1e-12, "{:?}", harness.state().log);
    let edits = harness.state().log.iter().filter(|c| matches!(c, Command::Edit(_) | Command::UpdateDrag(_))).count();
    assert_eq!(edits, 1, "{:?}", harness.state().log);
}

#[test]
fn choosing_from_a_list_sets_the_word_of_the_file() {
    let mut harness = valve_desk().open(1280.0, 900.0);
    harness.run_ok();
    harness.get_by_role_and_label(egui::accesskit::Role::ComboBox, "Kind").click();
    harness.run_ok();
    harness.get_by_label("Control valve").click();
    harness.run_ok();
    let wanted = Command::Edit(Edit::set(element(ElementKind::Valve, "V1"), "kind", "control"));
    assert!(harness.state().log.contains(&wanted), "{:?}", harness.state().log);
}

#[test]
fn a_click_in_the_list_selects_and_search_finds() {
    let mut harness = Desk::new(Language::English).open(1280.0, 720.0);
    harness.run_ok();
    harness.get_by_role_and_label(egui::accesskit::Role::Button, "C1 200.0 kPa").click();
    harness.run_ok();
    assert_eq!(harness.state().session.selection(), Some(&element(ElementKind::Consumer, "C1")));
    harness.state_mut().ask(Command::Search("v1".to_owned()));
    harness.run_ok();
    harness.get_by_role_and_label(egui::accesskit::Role::Button, "valve V1 100.0 %").click();
    harness.run_ok();
    assert_eq!(harness.state().session.selection(), Some(&element(ElementKind::Valve, "V1")));
}

#[test]
fn the_palette_opens_by_key_and_runs_what_is_typed() {
    let mut harness = Desk::new(Language::English).open(1280.0, 720.0);
    harness.run_ok();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::P);
    harness.run_ok();
    assert!(harness.state().session.shows(Panel::Palette));
    assert!(harness.state().layout.unwrap().wants_keyboard);
    harness.event(egui::Event::Text("colour by temperature".to_owned()));
    harness.run_ok();
    harness.key_press(egui::Key::Enter);
    harness.run_ok();
    assert_eq!(harness.state().session.view().colour_by, ColourBy::Temperature);
    assert!(!harness.state().session.shows(Panel::Palette));
}

#[test]
fn every_shortcut_reaches_its_command() {
    for command in Command::palette() {
        let Some(shortcut) = command.shortcut() else { continue };
        let mut harness = Desk::new(Language::English).open(1280.0, 720.0);
        harness.run_ok();
        let key = egui::Key::from_name(shortcut.key).unwrap_or_else(|| panic!("no key is called {}", shortcut.key));
        let mut modifiers = if shortcut.ctrl { egui::Modifiers::COMMAND } else { egui::Modifiers::NONE };
        modifiers.shift = shortcut.shift;
        harness.key_press_modifiers(modifiers, key);
        harness.run_ok();
        assert!(harness.state().log.contains(&command), "{} did not lead to {command:?}", shortcut.text());
    }
}

#[test]
fn letters_typed_into_a_field_are_no_shortcuts() {
    let mut harness = Desk::new(Language::English).open(1280.0, 720.0);
    harness.run_ok();
    harness.get_by_role(egui::accesskit::Role::TextInput).click();
    harness.run_ok();
    harness.key_press(egui::Key::U);
    harness.run_ok();
    assert!(!harness.state().log.contains(&Command::ToggleUnderground));
    assert!(harness.state().layout.unwrap().wants_keyboard);
}

#[test]
fn a_problem_leads_to_its_element() {
    let mut desk = Desk::new(Language::English);
    let pipe = element(ElementKind::Pipe, "P2");
    let finding = hypocaust::network::Finding::new(hypocaust::network::Code::SelfLoop, pipe.clone());
    let solution = std::sync::Arc::new(crate::desk::solution(desk.session.network()));
    desk.session.accept(desk.session.revision(), solution, vec![finding], 1.0);
    desk.ask(Command::ShowPanel(Panel::Problems));
    let mut harness = desk.open(1280.0, 720.0);
    harness.run_ok();
    harness.get_by_label_contains("pipe P2").click();
    harness.run_ok();
    assert!(harness.state().log.contains(&Command::Select(pipe.clone())));
    assert!(harness.state().log.contains(&Command::FlyTo(pipe)));
}

#[test]
fn hovering_the_pressure_diagram_reads_the_heads() {
    let mut harness = Desk::new(Language::Chinese).open(1280.0, 720.0);
    harness.run_ok();
    let central = harness.state().layout.unwrap().central;
    harness.hover_at(egui::pos2(central.center().x, central.bottom() + 120.0));
    harness.run_ok();
    let read_out = crate::desk::texts(&harness).into_iter().find(|(text, _, _)| text.lines().count() >= 5);
    let (text, _, _) = read_out.expect("no read-out below the pointer");
    for word in ["供水", "回水", "资用压头", "地面", "汽化线"] {
        assert!(text.contains(word), "{text}");
    }
}
