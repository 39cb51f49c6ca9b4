//! The program without arguments: a live demo city within seconds, values moving, a dead device shown dead, a stuck
//! instrument found and named, alarms answered by a key.

use std::time::Duration;

use serde_json::Value;

use crate::desktop::{PARKED, Window};

fn names(state: &Value, list: &str) -> Vec<String> {
    let list = state["field"][list].as_array();
    list.into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

fn rounds(state: &Value) -> u64 {
    state["field"]["rounds"].as_u64().unwrap_or(0)
}

#[test]
fn the_demo_city_is_live() {
    let mut window = Window::open_live("live", [1600, 900], &["--language", "en"]);
    let first = window.wait("the estimated field", |state| state["field"]["shown"] == true);
    window.focus();
    window.move_to(PARKED);
    let silent = names(&first, "silent");
    assert_eq!(silent.len(), 1, "one device is dead: {silent:?}");
    let later = window
        .wait("new values", |state| rounds(state) >= rounds(&first) + 10 && state["solution"] != first["solution"]);
    assert_ne!(later["colours"], first["colours"], "the colours follow the field");
    window.hands(&["key", "a"]);
    // Ninety-three readings without change at one a second, after twenty seconds of life.
    let found = window.wait_within(Duration::from_secs(300), "the stuck instrument", |state| {
        names(state, "alarms").iter().any(|alarm| alarm.ends_with(".T1/quality"))
    });
    assert_eq!(names(&found, "doubted").len(), 1, "no other instrument is doubted: {found:#}");
    let mut alarms = names(&found, "alarms");
    alarms.sort();
    let stuck = names(&found, "doubted").remove(0);
    assert_eq!(alarms, [format!("{}/communication", silent[0]), format!("{stuck}/quality")]);
    window.moment("live");
    // The picture of a what-if is not that of the field; the way back is.
    window.hands(&["key", "v"]);
    window.wait("the calculation", |state| state["field"]["shown"] == false);
    window.hands(&["key", "v"]);
    window.wait("the field again", |state| state["field"]["shown"] == true);
}
