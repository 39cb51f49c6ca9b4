//! A planner's morning: three alternatives set side by side, one issued as orders, carried out by the devices of the field
//! over Modbus, followed until the new state has come.

use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use crate::desktop::{Window, output_folder, pause, program, widget};

const PASSWORD: &str = "correct horse battery";
/// A day of four columns in three weathers, on a machine that draws as well.
const COMPARED_WITHIN: Duration = Duration::from_secs(300);
const REACHED_WITHIN: Duration = Duration::from_secs(240);

/// Runs the program with something typed in; what it printed.
fn asked(arguments: &[&str], typed: &str) -> String {
    let mut child =
        program().args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program starts");
    child.stdin.take().expect("stdin is piped").write_all(typed.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).expect("it speaks UTF-8")
}

fn names(state: &Value) -> usize {
    state["alternatives"]["names"].as_array().map_or(0, Vec::len)
}

fn states(state: &Value) -> Vec<String> {
    let states = state["alternatives"]["books"][0]["states"].as_array();
    states.into_iter().flatten().filter_map(|state| state.as_str().map(str::to_owned)).collect()
}

fn all(state: &Value, wanted: &str) -> bool {
    let states = states(state);
    !states.is_empty() && states.iter().all(|state| state == wanted)
}

/// Something of the menu of what can be added; `sub` empty: not in a menu of its own.
fn add(window: &mut Window, sub: &str, name: &str, count: usize) {
    window.click("Add");
    if !sub.is_empty() {
        // The sign of a menu within a menu belongs to its name.
        window.click(&format!("{sub} ⏵"));
    }
    window.click(name);
    window.wait(name, |state| names(state) == count);
}

#[test]
fn three_alternatives_are_compared_and_one_is_carried_out() {
    let folder = tempfile::tempdir_in(output_folder()).expect("a folder");
    let [users, log, orders] =
        ["users.json", "acts.log", "orders.log"].map(|name| folder.path().join(name).display().to_string());
    asked(&["user", "--users", &users, "add", "zhao", "--role", "administrator"], &format!("{PASSWORD}\n"));
    let arguments = ["--language", "en", "--users", &users, "--audit", &log, "--orders", &orders];
    let mut window = Window::open_live("alternatives", [1600, 900], &arguments);
    window.wait("the estimated field", |state| state["field"]["shown"] == true);
    window.focus();
    window.fill_screen();
    window.hands(&["key", "c"]);
    window.wait("the panel", |state| state["alternatives"].is_object());
    add(&mut window, "Supply temperature", "Supply \u{2212}5.0 K", 1);
    add(&mut window, "Sources share the load", "Cheapest source first", 2);
    add(&mut window, "", "Rooms 3 K cooler at night", 3);
    window.moment("alternatives-listed");
    window.click("Compare");
    window.wait_within(COMPARED_WITHIN, "the sheet", |state| state["alternatives"]["columns"] == 4);
    window.moment("alternatives-sheet");
    window.click("Supply \u{2212}5.0 K");
    window.wait("the first to be chosen", |state| state["alternatives"]["chosen"] == 1);
    let before = window.wait("the colours of the field", |state| state["alternatives"]["change"] == false);
    window.click("Change on the map");
    let change = window.wait("the change", |state| state["alternatives"]["change"] == true);
    assert_ne!(change["colours"], before["colours"]);
    window.moment("alternatives-map");
    window.click("Plot");
    window.wait("the plot", |state| state["alternatives"]["card"] == "plot");
    window.moment("alternatives-plot");
    window.click("Sheet");
    window.click("Change on the map");
    window.wait("the field again", |state| state["alternatives"]["change"] == false);

    // Orders have somebody who gives them.
    window.click("Orders");
    window.click("Sign in...");
    for (text, key) in [("zhao", "Tab"), (PASSWORD, "Return")] {
        pause();
        window.hands(&["type", "--delay", "60", text]);
        pause();
        window.hands(&["key", key]);
    }
    window.wait("zhao to sit here", |state| widget(state, "Switch writing on").is_some());
    window.click("Sheet");
    window.click("Issue orders");
    window.wait("the orders", |state| all(state, "order-state-issued"));
    window.click("Received");
    window.wait("all to be received", |state| all(state, "order-state-received"));
    window.click("Confirmed");
    window.wait("all to be confirmed", |state| all(state, "order-state-confirmed"));
    // Nothing is written before somebody has switched writing on and is armed.
    window.click("Switch writing on");
    window.click("Arm");
    window.moment("alternatives-orders");
    window.click("Write to the devices");
    let carried_out = |state: &Value| {
        let states = states(state);
        let done = |state: &String| ["order-state-executed", "order-state-compared"].contains(&state.as_str());
        !states.is_empty() && states.iter().all(done)
    };
    window.wait_within(REACHED_WITHIN, "all to be written and read back", carried_out);
    window.wait_within(REACHED_WITHIN, "the new state", |state| {
        state["alternatives"]["books"][0]["reached"] == true && all(state, "order-state-compared")
    });
    window.moment("alternatives-reached");
    drop(window);
    asked(&["audit", "verify", &log], "");
    let shown = asked(&["audit", "show", &log], "");
    for deed in ["sign-in", "writing-on", "select", "operate", "confirmed"] {
        assert!(shown.contains(deed), "no {deed} in\n{shown}");
    }
}
