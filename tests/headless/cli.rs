//! The command line as scripts see it: exit codes, streams, keys of the JSON answers.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

fn hypocaust(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hypocaust"))
        .args(arguments)
        .env("LC_ALL", "C")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", text(&output.stdout)))
}

/// A bench network on disk.
fn grid(folder: &tempfile::TempDir) -> String {
    let path = folder.path().join("grid.hypocaust.json");
    let path = path.to_str().unwrap().to_owned();
    let output = hypocaust(&["generate", "--plan", "grid", "--pipes", "100", "--seed", "3", "--output", &path]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    path
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn solve_answers_with_the_agreed_keys() {
    let folder = tempfile::tempdir().unwrap();
    let output = hypocaust(&["solve", &grid(&folder), "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let answer = json(&output);
    assert_eq!(answer["converged"], true);
    for key in ["report", "nodes", "links", "consumers", "sources", "problems"] {
        assert!(keys(&answer).contains(&key), "{key}");
    }
    for (group, wanted) in [
        ("nodes", &["pressure_pa", "temperature_c"][..]),
        (
            "links",
            &[
                "mass_flow_kg_s",
                "velocity_m_s",
                "pressure_drop_pa",
                "inlet_temperature_c",
                "outlet_temperature_c",
                "heat_loss_w",
            ],
        ),
        ("consumers", &["mass_flow_kg_s", "available_pressure_pa", "heat_w", "satisfied"]),
        ("sources", &["mass_flow_kg_s", "heat_w", "supply_pressure_pa", "return_pressure_pa"]),
    ] {
        let (_, first) = answer[group].as_object().unwrap().iter().next().unwrap();
        for key in wanted {
            assert!(keys(first).contains(key), "{group}: {key} is missing from {first}");
            assert!(!first[key].is_null(), "{group}: {key} is null");
        }
    }
    let report = &answer["report"];
    assert!(report["iterations"].as_u64().is_some());
    assert!(report["max_mass_imbalance_kg_s"].as_f64().unwrap() < 1e-6);
    assert!(report["max_momentum_residual_pa"].as_f64().is_some());
}

#[test]
fn data_goes_to_stdout_or_the_file_and_talk_to_stderr() {
    let folder = tempfile::tempdir().unwrap();
    let grid = grid(&folder);
    let to_stdout = hypocaust(&["solve", &grid, "--mode", "hydraulic", "--format", "csv"]);
    let table = text(&to_stdout.stdout);
    assert!(table.starts_with("table,id,pressure_pa,"), "{table}");
    let path = folder.path().join("result.csv");
    let to_file =
        hypocaust(&["solve", &grid, "--mode", "hydraulic", "--format", "csv", "--output", path.to_str().unwrap()]);
    assert!(to_file.stdout.is_empty());
    assert_eq!(std::fs::read_to_string(path).unwrap(), table);
}

#[test]
fn unusable_input_ends_with_1_and_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let broken: PathBuf = folder.path().join("broken.hypocaust.json");
    std::fs::write(&broken, "{ \"hypocaust\": 1, \"nodes\": [ { \"id\": \"A\", \"x\": 1 } ] }").unwrap();
    let broken = broken.to_str().unwrap();
    for arguments in [
        &["check", broken][..],
        &["solve", broken],
        &["import", broken],
        &["bench", broken],
        &["solve", "/no/such/file.inp"],
        &["solve"],
        &["no-such-command", "--flag"],
        &["generate", "--stations", "0", "--output", "x"],
        &[broken, "check", broken],
    ] {
        let output = hypocaust(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty(), "{arguments:?} wrote data: {}", text(&output.stdout));
        assert!(text(&output.stderr).starts_with("error: "), "{arguments:?}: {}", text(&output.stderr));
    }
    let message = text(&hypocaust(&["check", broken]).stderr);
    assert!(message.contains("broken.hypocaust.json:1:") && message.contains("\"x\""), "{message}");
}

#[test]
fn a_script_asking_for_json_gets_its_refusal_in_json() {
    let output = hypocaust(&["solve", "/no/such/file.inp", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let answer = json(&output);
    assert_eq!(answer["converged"], false);
    assert!(!answer["problems"][0]["message"].as_str().unwrap().is_empty());
}

#[test]
fn check_counts_and_lists() {
    let folder = tempfile::tempdir().unwrap();
    let output = hypocaust(&["check", &grid(&folder), "--format", "json"]);
    assert_eq!(output.status.code(), Some(0));
    let answer = json(&output);
    assert_eq!(answer["valid"], true);
    assert!(answer["problems"].is_array() && answer["nodes"].as_u64().unwrap() > 50);
}

#[test]
fn bench_measures_with_the_agreed_keys() {
    let folder = tempfile::tempdir().unwrap();
    let output = hypocaust(&["bench", &grid(&folder), "--repeat", "1", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let answer = json(&output);
    for key in ["pipes", "nodes", "threads", "cold_s", "valve_s", "iterations", "peak_bytes"] {
        assert!(answer[key].as_f64().is_some_and(|n| n >= 0.0), "{key}: {answer}");
    }
    assert_eq!(answer["pipes"], 100);
}

#[test]
fn speaks_chinese_when_asked() {
    let output = hypocaust(&["--language", "zh-CN", "check", "/no/such/file.inp"]);
    assert!(text(&output.stderr).starts_with("错误: "), "{}", text(&output.stderr));
}

#[test]
fn help_version_schema_and_completions_end_with_0() {
    for arguments in [&["--help"][..], &["--version"], &["schema"], &["completions", "bash"], &["solve", "--help"]] {
        let output = hypocaust(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(!output.stdout.is_empty() && output.stderr.is_empty(), "{arguments:?}");
    }
    let schema: Value = json(&hypocaust(&["schema"]));
    assert!(schema["$schema"].is_string());
}

#[test]
fn simulate_writes_a_time_series_and_closes_its_balance() {
    let folder = tempfile::tempdir().unwrap();
    let city = folder.path().join("city.hypocaust.json");
    let city = city.to_str().unwrap();
    assert_eq!(hypocaust(&["generate", "--stations", "5", "--seed", "2", "--output", city]).status.code(), Some(0));
    let arguments = ["simulate", city, "--hours", "3", "--step", "120", "--every", "1800", "--buildings"];
    let winter = ["--weather", "harbin-like", "--start", "2026-01-10"];
    let answer = json(&hypocaust(&[&arguments[..], &winter, &["--format", "json"]].concat()));
    assert!(answer["heat"]["imbalance_share"].as_f64().unwrap() < 1e-6, "{answer:#}");
    let rooms = answer["series"]["coldest_room_c"].as_array().unwrap();
    assert!(rooms.len() == 6 && rooms.iter().all(|room| room.as_f64().unwrap() > 15.0), "{rooms:?}");
    let table = hypocaust(&[&arguments[..], &["--format", "csv"]].concat());
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(table.starts_with("time_s,outdoor_temperature_c,supplied_w") && table.lines().count() == 7, "{table}");
    let refused = hypocaust(&["simulate", city, "--element", "nobody"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("nobody"));
}

#[test]
fn burst_and_criticality_answer_with_the_agreed_keys() {
    let city = concat!(env!("CARGO_MANIFEST_DIR"), "/networks/demo-city/demo-city.hypocaust.json");
    let folder = tempfile::tempdir().unwrap();
    let zone = folder.path().join("zone.geojson");
    let zone = zone.to_str().unwrap();
    let asked = ["burst", city, "--pipe", "PR0005", "--at", "0.25", "--stuck", "VR0002", "--without-resupply"];
    let output = hypocaust(&[&asked[..], &["--format", "json", "--zone", zone]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let answer = json(&output);
    for key in ["solved", "breaks", "burst", "isolation", "impact", "clocks", "resupply", "restore", "problems"] {
        assert!(keys(&answer).contains(&key), "{key}");
    }
    assert_eq!(answer["breaks"][0]["position"], 0.25);
    let close = answer["isolation"]["plan"]["close"].as_array().unwrap();
    assert!(!close.is_empty() && close.iter().all(|valve| valve != "VR0002"));
    let zone: Value = serde_json::from_str(&std::fs::read_to_string(zone).unwrap()).unwrap();
    assert_eq!(zone["type"], "FeatureCollection");
    // Refusals name the element and change nothing.
    for (arguments, word) in [
        (&["burst", city, "--pipe", "P?"][..], "P?"),
        (&["burst", city, "--pipe", "ST001"], "ST001"),
        (&["burst", city, "--pipe", "PR0005", "--stuck", "PS0001"], "PS0001"),
        (&["burst", city, "--pipe", "PR0005", "--at", "2"], "0 to 1"),
    ] {
        let refused = hypocaust(arguments);
        assert_eq!(refused.status.code(), Some(1), "{arguments:?}");
        assert!(text(&refused.stderr).contains(word), "{}", text(&refused.stderr));
        assert!(refused.stdout.is_empty());
    }
    let ranking = hypocaust(&["criticality", &grid(&folder), "--format", "csv"]);
    assert_eq!(ranking.status.code(), Some(0), "{}", text(&ranking.stderr));
    assert!(text(&ranking.stdout).starts_with("rank,kind,element,length_m,close,lost_w,"));
    assert!(text(&ranking.stdout).lines().count() > 1);
}
