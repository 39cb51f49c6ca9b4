//! Signing in and commands to the field, by label: what is shown at each step, and what a click asks for.

use std::collections::BTreeMap;
use std::sync::Arc;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use hypocaust::live::access::{Role, Secret};
use hypocaust::live::control::{Permit, Predicted, Selection};
use hypocaust::live::{Range, TagId};
use hypocaust::network::ElementKind;
use hypocaust::session::live::{ControlCommand, ControlDesk, Door, End, LiveCommand, LiveNews, Seat, Told};
use hypocaust::session::{Command, Message, Panel};
use hypocaust::text::Language;

use crate::desk::{Desk, element, texts};
use crate::languages::{ALLOWED, latin_words};
use crate::live::{NOW, desk};

/// The flow through C1, of 19.5 kg/s, may be set.
const TAG: TagId = TagId(2);

fn permitted() -> ControlDesk {
    let permit = Permit {
        tag: TAG,
        range: Range { least: 5.0, most: 40.0 },
        most_step: 10.0,
        least_interval_ms: 0,
        tolerance: 0.01,
        interlocks: Vec::new(),
    };
    ControlDesk { door: Door::Guarded, permits: Arc::new(BTreeMap::from([(TAG, permit)])), ..ControlDesk::default() }
}

fn seat(role: Role, armed: bool) -> Option<Seat> {
    let armed_until = armed.then(|| NOW.plus_ms(200_000));
    Some(Seat { user: "li".to_owned(), role, locked: false, armed_until })
}

fn armed() -> ControlDesk {
    ControlDesk { on: true, seat: seat(Role::Dispatcher, true), ..permitted() }
}

fn selected() -> ControlDesk {
    let predicted = Predicted { what: "C1".to_owned(), before: "1.2 MW".to_owned(), after: "1.4 MW".to_owned() };
    let selection = Selection {
        number: 7,
        user: "li".to_owned(),
        device: "C1".into(),
        tag: TAG,
        old: 19.5,
        new: 22.0,
        predicted: vec![predicted],
        until: NOW.plus_ms(21_000),
    };
    ControlDesk { selection: Some(selection), ..armed() }
}

fn told(end: End, key: &'static str) -> ControlDesk {
    let why = (end != End::Confirmed).then(|| Message::new(key));
    let told = Told { at: NOW, user: "li".to_owned(), value: 22.0, end, why };
    ControlDesk { told: BTreeMap::from([(TAG, told)]), ..armed() }
}

/// The window with the desk in this state and C1 selected.
fn open(language: Language, control: ControlDesk) -> Harness<'static, Desk> {
    let mut desk = desk(language);
    show(&mut desk, control);
    desk.ask(Command::Select(element(ElementKind::Consumer, "C1")));
    let mut harness = desk.open(1280.0, 1000.0);
    harness.run_ok();
    harness
}

fn show(desk: &mut Desk, control: ControlDesk) {
    let mut picture = (**desk.session.live_picture().unwrap()).clone();
    picture.control = Arc::new(control);
    assert!(desk.session.take_live(LiveNews::Picture(Arc::new(picture))));
}

fn shown(harness: &Harness<'_, Desk>) -> String {
    texts(harness).into_iter().map(|(text, ..)| text).collect::<Vec<_>>().join("\n")
}

fn asked(harness: &Harness<'_, Desk>, wanted: &ControlCommand) -> bool {
    harness.state().log.contains(&Command::Live(LiveCommand::Control(wanted.clone())))
}

#[test]
fn what_is_missing_is_offered_one_step_after_the_other() {
    let off = ControlDesk { off: Some(Message::new("control-off-no-users")), door: Door::Open, ..permitted() };
    assert!(shown(&open(Language::English, off)).contains("no file of users was named"));

    let mut harness = open(Language::English, permitted());
    assert!(shown(&harness).contains("Not signed in"));
    harness.get_all_by_label("Sign in...").next().expect("the button in the inspector").click();
    harness.run_ok();
    assert!(harness.state().session.shows(Panel::SignIn));

    let dispatcher = ControlDesk { seat: seat(Role::Dispatcher, false), ..permitted() };
    let text = shown(&open(Language::English, dispatcher));
    assert!(text.contains("li · dispatcher") && text.contains("Writing is switched off"), "{text}");
    let mut harness = open(Language::English, ControlDesk { seat: seat(Role::Engineer, false), ..permitted() });
    harness.get_by_label("Switch writing on").click();
    harness.run_ok();
    assert!(asked(&harness, &ControlCommand::Switch(true)));

    let viewer = ControlDesk { on: true, seat: seat(Role::Viewer, false), ..permitted() };
    assert!(shown(&open(Language::English, viewer)).contains("As viewer you may not"));
    let unarmed = ControlDesk { on: true, seat: seat(Role::Dispatcher, false), ..permitted() };
    let mut harness = open(Language::English, unarmed);
    harness.get_by_label("Arm").click();
    harness.run_ok();
    assert!(asked(&harness, &ControlCommand::Arm));
}

#[test]
fn a_value_is_typed_selected_seen_and_operated() {
    let mut harness = open(Language::English, armed());
    let text = shown(&harness);
    assert!(text.contains("Armed, 3:20 left") && text.contains("at most"), "{text}");
    harness.get_by_label("New value of C1.F").focus();
    harness.run_ok();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    harness.get_by_label("New value of C1.F").type_text("79.2");
    harness.run_ok();
    harness.get_by_label("Select").click();
    harness.run_ok();
    // Shown in t/h, asked in kg/s.
    let wanted = harness.state().log.iter().find_map(|command| match command {
        Command::Live(LiveCommand::Control(ControlCommand::Select { tag, value })) => Some((*tag, *value)),
        _ => None,
    });
    let (tag, value) = wanted.expect("a selection");
    assert!(tag == TAG && (value - 22.0).abs() < 1e-9, "{value}");

    // The second step shows where, from what to what, and what is expected.
    show(harness.state_mut(), selected());
    harness.run_ok();
    let text = shown(&harness);
    for wanted in ["C1.F on C1", "→", "1.4 MW", "21 s left to operate"] {
        assert!(text.contains(wanted), "no '{wanted}' in {text}");
    }
    harness.get_by_label("Operate").click();
    harness.run_ok();
    assert!(asked(&harness, &ControlCommand::Operate { number: 7 }));
    harness.get_by_label("Take back").click();
    harness.run_ok();
    assert!(asked(&harness, &ControlCommand::Cancel));

    for (end, key, wanted) in [
        (End::Confirmed, "", "confirmed by reading back"),
        (End::Refused, "control-refused-step", "refused. The step is greater"),
        (End::NotConfirmed, "control-unconfirmed-not-read-back", "not confirmed. The new value was not read back"),
    ] {
        show(harness.state_mut(), told(end, key));
        harness.run_ok();
        assert!(shown(&harness).contains(wanted), "no '{wanted}' in {}", shown(&harness));
    }
}

#[test]
fn the_dialogue_asks_for_a_password_and_shows_none() {
    let mut desk = desk(Language::English);
    show(&mut desk, permitted());
    desk.ask(Command::ShowPanel(Panel::SignIn));
    let mut harness = desk.open(1280.0, 800.0);
    harness.run_ok();
    use egui::accesskit::Role as Widget;
    for (role, label, typed) in
        [(Widget::TextInput, "Name", "li"), (Widget::PasswordInput, "Password", "return water 55")]
    {
        harness.get_by_role_and_label(role, label).focus();
        harness.run_ok();
        harness.get_by_role_and_label(role, label).type_text(typed);
        harness.run_ok();
    }
    assert!(!shown(&harness).contains("water"), "{}", shown(&harness));
    harness.get_by_role_and_label(Widget::Button, "Sign in").click();
    harness.run_ok();
    let wanted = ControlCommand::SignIn { name: "li".to_owned(), password: Secret::new("return water 55") };
    assert!(asked(&harness, &wanted), "{:?}", harness.state().log);
    assert!(!format!("{:?}", harness.state().log).contains("water"));
    // While it is checked nobody asks twice; denied, it says why and the password is to be typed again.
    show(harness.state_mut(), ControlDesk { signing_in: true, ..permitted() });
    harness.run_ok();
    assert!(shown(&harness).contains("being checked"));
    show(harness.state_mut(), ControlDesk { denied: Some(Message::new("users-wrong")), ..permitted() });
    harness.run_ok();
    assert!(shown(&harness).contains("Name or password is wrong") && harness.state().session.shows(Panel::SignIn));
    assert!(!shown(&harness).contains('•'), "the password is gone");
    // Right: the dialogue closes, and the line at the bottom says who sits here.
    show(harness.state_mut(), ControlDesk { seat: seat(Role::Dispatcher, false), ..permitted() });
    harness.run_ok();
    assert!(!harness.state().session.shows(Panel::SignIn) && shown(&harness).contains("li · dispatcher"));
}

#[test]
fn alarms_are_answered_by_who_may() {
    let mut desk = desk(Language::English);
    show(&mut desk, permitted());
    desk.ask(Command::ShowPanel(Panel::Alarms));
    let mut harness = desk.open(1280.0, 900.0);
    harness.run_ok();
    harness.get_by_label("Acknowledge").click();
    harness.run_ok();
    let acknowledged = |harness: &Harness<'_, Desk>| {
        harness.state().log.iter().any(|c| matches!(c, Command::Live(LiveCommand::Acknowledge(_))))
    };
    assert!(!acknowledged(&harness), "nobody is signed in");
    show(harness.state_mut(), ControlDesk { seat: seat(Role::Dispatcher, false), ..permitted() });
    harness.run_ok();
    harness.get_by_label("Acknowledge").click();
    harness.run_ok();
    assert!(acknowledged(&harness));
}

#[test]
fn every_state_of_the_desk_fits_and_reads_in_both_languages() {
    let locked = Some(Seat { locked: true, ..seat(Role::Engineer, false).unwrap() });
    let states = [
        permitted(),
        ControlDesk { off: Some(Message::new("control-off-no-users")), ..permitted() },
        ControlDesk { off: Some(Message::new("control-off-no-permits")), ..permitted() },
        ControlDesk { seat: locked, ..permitted() },
        ControlDesk { denied: Some(Message::new("users-wrong")), signing_in: false, ..permitted() },
        ControlDesk { seat: seat(Role::Engineer, false), ..permitted() },
        ControlDesk { on: true, seat: seat(Role::Viewer, false), ..permitted() },
        armed(),
        ControlDesk { selecting: Some(TAG), ..armed() },
        selected(),
        ControlDesk { under_way: vec![TAG], ..armed() },
        told(End::Confirmed, ""),
        told(End::Refused, "control-refused-too-soon"),
        told(End::NotConfirmed, "control-unconfirmed-no-echo"),
    ];
    for language in Language::ALL {
        for (number, state) in states.iter().enumerate() {
            for dialogue in [false, true] {
                let mut harness = open(language, state.clone());
                if dialogue {
                    harness.state_mut().ask(Command::ShowPanel(Panel::SignIn));
                    harness.run_ok();
                }
                for (text, rect, clip) in texts(&harness) {
                    let inside = rect.left() >= clip.left() - 1.5 && rect.right() <= clip.right() + 1.5;
                    assert!(inside, "{language:?} {number}: '{text}' at {rect} is cut by {clip}");
                    let key = Command::palette().iter().any(|c| c.shortcut().is_some_and(|s| s.text() == text));
                    if language == Language::Chinese && !key {
                        for word in latin_words(&text).iter().filter(|word| *word != "li") {
                            assert!(ALLOWED.contains(&word.as_str()), "{number}: '{word}' in '{text}'");
                        }
                    }
                }
            }
        }
    }
}
