//! A cold night in the window: computed, played, scrubbed; the front is on the pipes, rooms are in the inspector.

use std::time::Duration;

use serde_json::Value;

use crate::desktop::{PARKED, Window, rectangle};

fn moment_s(state: &Value) -> Option<u64> {
    state["moment_s"].as_u64()
}

fn scrubber(state: &Value) -> [i64; 4] {
    let widgets = state["widgets"].as_array().expect("widgets");
    let widget = widgets.iter().find(|widget| widget["name"] == "Moment shown").expect("the scrubber");
    rectangle(&widget["rect"])
}

#[test]
fn a_night_is_computed_played_and_scrubbed() {
    let mut window = Window::open("time", [1600, 900], &["--language", "en"]);
    window.wait("the first solution", |state| state["converged"] == true);
    window.focus();
    window.move_to(PARKED);
    window.hands(&["key", "3"]);
    window.hands(&["key", "F9"]);
    // Fourteen hours by the minute, both ends.
    let ready = window.wait("the night", |state| state["moments"] == 841 && moment_s(state) == Some(0));
    let first = window.picture("time-1-evening");

    // The front of an order is half way down the mains.
    window.hands(&["key", "Right"]);
    window.wait("a minute later", |state| moment_s(state) == Some(60));
    let rect = scrubber(&ready);
    let at = |share: f64| [rect[0] + 8 + ((rect[2] - 16) as f64 * share) as i64, rect[1] + 12];
    // The second order goes out at 22:00.
    let wanted_s = 4.35 * 3600.0;
    window.move_to(at(wanted_s / 50_400.0));
    window.hands(&["click", "1"]);
    window.wait("the moment clicked", |state| moment_s(state).is_some_and(|at_s| at_s.abs_diff(wanted_s as u64) < 120));
    window.move_to(PARKED);
    let map = rectangle(&window.wait("the hand to leave", |state| state["hover"].is_null())["map"]);
    let later = window.picture("time-2-front");
    let differing = first.differing(&later, map, 6);
    assert!(differing > 300, "four hours later the map looks the same: {differing} pixels differ");

    // Playing takes ten minutes a second.
    let before_s = moment_s(&window.wait("rest", |_| true)).expect("a moment");
    window.hands(&["key", "space"]);
    std::thread::sleep(Duration::from_secs(4));
    window.hands(&["key", "space"]);
    let after = window.wait("the pause", |state| moment_s(state).is_some_and(|at_s| at_s > before_s + 600));
    let passed_s = moment_s(&after).expect("a moment") - before_s;
    assert!(passed_s < 600 * 30, "{passed_s} s passed in four");

    // A substation tells how warm its rooms are.
    // From near by, where signs are large enough to aim at.
    window.move_to([map[0] + map[2] / 2, map[1] + map[3] / 2]);
    for _ in 0..6 {
        window.hands(&["click", "4"]);
    }
    let near = window.wait("the camera to come nearer", |state| state["signs"] != after["signs"]);
    let signs = near["signs"].as_array().expect("signs");
    let stations: Vec<(String, [i64; 2])> = signs
        .iter()
        .filter_map(|sign| {
            let id = sign["element"].as_str().filter(|id| id.starts_with("consumer"))?;
            Some((id.to_owned(), [sign["at"][0].as_i64()?, sign["at"][1].as_i64()?]))
        })
        .collect();
    // The first that answers to the mouse; others may lie under a card or another sign.
    let found = stations.into_iter().find(|(id, at)| {
        window.move_to(*at);
        let state = window.wait("the cursor to arrive", |state| state["pointer"] == serde_json::json!(at));
        state["hover"] == id.as_str()
    });
    assert!(found.is_some(), "no substation answers to the mouse");
    window.hands(&["click", "1"]);
    window.wait("the rooms", |state| {
        state["widgets"].as_array().is_some_and(|widgets| widgets.iter().any(|w| w["value"] == "Room temperature"))
    });
    window.move_to(PARKED);
    window.hands(&["key", "9"]);
    window.wait("the colours of the rooms", |state| state["colours"] != after["colours"]);
    window.picture("time-3-rooms");

    // A building answers to the mouse as well, with its own rooms and why they are as warm as they are.
    let of_station = window.wait("rest", |state| state["hover"].is_null());
    let mut building = None;
    'rows: for row in 1..8 {
        for column in 1..16 {
            let at = [map[0] + map[2] * column / 16, map[1] + map[3] * row / 8];
            window.move_to(at);
            let state = window.wait("the cursor to arrive", |state| state["pointer"] == serde_json::json!(at));
            if let Some(id) = state["hover"].as_str().filter(|id| id.starts_with("building")) {
                building = Some(id.to_owned());
                break 'rows;
            }
        }
    }
    let building = building.expect("a building answers to the mouse");
    window.hands(&["click", "1"]);
    let shown = window.wait("the building", |state| state["selection"] == building.as_str());
    let says = |state: &Value, wanted: &dyn Fn(&str) -> bool| {
        state["widgets"].as_array().is_some_and(|all| all.iter().any(|w| w["value"].as_str().is_some_and(wanted)))
    };
    assert!(says(&shown, &|text| text == "Room temperature"), "{building} shows no room temperature");
    let why = |state: &Value| {
        // A temperature, and the reason as a sentence.
        let all = state["widgets"].as_array().expect("widgets");
        let sentence = |w: &&Value| {
            w["value"].as_str().is_some_and(|text| {
                let digit = text.starts_with(|first: char| first.is_ascii_digit() || first == '-');
                digit && text.ends_with('.') && text.contains(" °C")
            })
        };
        all.iter().find(sentence).map(|w| w["value"].clone())
    };
    assert!(why(&shown).is_some(), "{building} does not say why it is as warm as it is: {shown:#?}");
    assert_ne!(shown["selection"], of_station["selection"]);
    window.move_to(PARKED);
    window.picture("time-4-building");
}
