//! A valve closed by mouse in the window: colours, inspector and pressure diagram follow; undo brings every bit back.

use serde_json::Value;

use crate::desktop::{PARKED, Window, rectangle};

fn text<'a>(state: &'a Value, key: &str) -> &'a str {
    state[key].as_str().unwrap_or_default()
}

/// Sectioning valves on the supply side, as they lie in the window.
fn valves(state: &Value) -> Vec<(String, [i64; 2])> {
    let signs = state["signs"].as_array().expect("signs");
    signs
        .iter()
        .filter_map(|sign| {
            let id = sign["element"].as_str()?;
            let at = [sign["at"][0].as_i64()?, sign["at"][1].as_i64()?];
            id.starts_with("valve VS").then(|| (id.to_owned(), at))
        })
        .collect()
}

/// The slider of the opening in the inspector.
fn slider(state: &Value) -> Option<([i64; 4], String)> {
    let widget = state["widgets"].as_array()?.iter().find(|widget| {
        widget["role"] == "Slider" && widget["name"].as_str().is_some_and(|name| name.contains("Opening"))
    })?;
    Some((rectangle(&widget["rect"]), widget["value"].as_str()?.to_owned()))
}

#[test]
fn closing_a_valve_by_mouse_changes_the_picture_and_undo_brings_every_bit_back() {
    let mut window = Window::open("valve", [1280, 720], &["--language", "en"]);
    let ready = window.wait("the first solution", |state| state["converged"] == true);
    window.focus();
    let map = rectangle(&ready["map"]);
    assert!(map[2] > 300 && map[3] > 200, "the panels leave a map to look at: {map:?}");

    // Come nearer by the wheel, as a person would before aiming at a valve.
    let middle = [map[0] + map[2] / 2, map[1] + map[3] / 2];
    window.move_to(middle);
    for _ in 0..6 {
        window.hands(&["click", "4"]);
    }
    let near = window.wait("the camera to come nearer", |state| state["signs"] != ready["signs"]);

    // The first valve that answers to the mouse; others may lie under a panel or a sign.
    let mut found = None;
    for (id, at) in valves(&near) {
        window.move_to(at);
        let state = window.wait("the cursor to arrive", |state| state["pointer"] == serde_json::json!(at));
        if text(&state, "hover") == id {
            found = Some((id, at));
            break;
        }
    }
    let (valve, _) = found.expect("a valve can be pointed at");
    window.hands(&["click", "1"]);
    window.wait("the valve to be selected", |state| text(state, "selection") == valve);
    window.move_to(PARKED);
    let before = window.wait("the slider of the valve", |state| state["hover"].is_null() && slider(state).is_some());
    let picture_before = window.picture("valve-1-before");
    assert!(picture_before.distinct_colours(picture_before.whole()) > 400, "the window is not blank");

    // Drag the opening to nothing.
    let (rect, value) = slider(&before).expect("a slider");
    assert_eq!(value, "100", "{valve} is open");
    let y = rect[1] + rect[3] / 2;
    window.move_to([rect[0] + rect[2] - 6, y]);
    window.hands(&["mousedown", "1"]);
    for step in 1..=4 {
        // A drag thrown at the window within one frame is none: each step waits until the program has seen it.
        let at = [rect[0] + rect[2] - 6 - step * rect[2] / 4, y];
        window.move_to(at);
        window.wait("the drag to go on", |state| state["pointer"] == serde_json::json!(at));
    }
    window.hands(&["mouseup", "1"]);
    window.move_to(PARKED);
    let closed = window.wait("the valve to be shut", |state| {
        state["hover"].is_null() && slider(state).is_some_and(|(_, value)| value == "0")
    });
    let picture_closed = window.picture("valve-2-closed");
    assert_ne!(closed["solution"], before["solution"], "closing {valve} changes the solution");
    assert_ne!(closed["colours"], before["colours"], "closing {valve} changes the colours");
    assert_ne!(closed["diagram"], before["diagram"], "closing {valve} changes the pressure diagram");
    assert_eq!(closed["can_undo"], true);
    let inspector = [map[0] + map[2], map[1], window.size[0] as i64 - map[0] - map[2], map[3]];
    let diagram = [map[0], map[1] + map[3], map[2], window.size[1] as i64 - map[1] - map[3] - 30];
    for (name, area, least) in [("map", map, 30), ("inspector", inspector, 30), ("diagram", diagram, 10)] {
        let differing = picture_before.differing(&picture_closed, area, 12);
        assert!(differing >= least, "the {name} looks the same after closing {valve}: {differing} pixels differ");
    }

    // One step back.
    // As fingers do it: frames without graphics card are slow, and keys that go down and up within one are hard to tell
    // apart. Each little move of the mouse shows that what came before it has been seen.
    for (keys, step) in [(["keydown", "ctrl"], 1), (["key", "z"], 0), (["keyup", "ctrl"], 1)] {
        window.hands(&keys);
        let at = [PARKED[0] + step, PARKED[1]];
        window.move_to(at);
        window.wait("the keys to be seen", |state| state["pointer"] == serde_json::json!(at));
    }
    window.move_to(PARKED);
    let undone = window.wait("the undo", |state| slider(state).is_some_and(|(_, value)| value == "100"));
    let picture_undone = window.picture("valve-3-undone");
    for key in ["solution", "colours", "diagram"] {
        assert_eq!(undone[key], before[key], "undo restores the {key} bit for bit");
    }
    assert_eq!(undone["can_undo"], false, "the whole drag was one step");
    for (name, area) in [("map", map), ("diagram", diagram)] {
        let differing = picture_before.differing(&picture_undone, area, 0);
        assert_eq!(differing, 0, "the {name} does not look as before");
    }
}
