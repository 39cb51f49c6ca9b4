//! `simulate` and `fit` as commands: a second way on with a scenario, the flats' temperatures, plants in the summary, constants
//! from a history.

use std::path::Path;
use std::process::{Command, Output};

use hypocaust::io::file;
use hypocaust::network::edit::Edit;
use hypocaust::network::{Building, Consumer, ElementKind, ElementRef, Network, Plant, Scenario, Source, SourceKind};
use serde_json::Value;

use super::elements_zones::two_zones;
use super::stations_in_time::{house, megawatt, network_of};

fn hypocaust(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hypocaust")).args(arguments).env("LC_ALL", "C").output().unwrap()
}

fn written(folder: &Path) -> String {
    let source = Source {
        kind: SourceKind::GasBoiler,
        capacity_w: Some(2e6),
        plant: Some(Box::new(Plant { fuel_price_1_gj: 80.0, ..Plant::default() })),
        ..Source::default()
    };
    let six_storeys = Building { storeys: Some(6), households: Some(24), ..house() };
    let mut network: Network = network_of(source, megawatt(), &[six_storeys]);
    let edit = Edit::set(ElementRef::new(ElementKind::Consumer, "C"), "shut", true);
    network.insert_scenario("outage", Scenario { edits: vec![edit], ..Scenario::default() });
    let path = folder.join("net.hypocaust.json");
    file::write(&path, &network).unwrap();
    path.to_str().unwrap().to_owned()
}

fn column(answer: &Value, name: &str) -> Vec<f64> {
    let values = answer["series"][name].as_array().unwrap_or_else(|| panic!("no column {name}"));
    values.iter().map(|value| value.as_f64().unwrap_or(f64::NAN)).collect()
}

#[test]
fn a_branch_leaves_the_run_at_its_hour_and_stands_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path());
    let rooms = folder.path().join("rooms.csv");
    let arguments = [
        "simulate",
        &file,
        "--hours",
        "24",
        "--step",
        "300",
        "--every",
        "3600",
        "--buildings",
        "--plants",
        "--element",
        "C",
        "--branch",
        "outage",
        "--branch-at",
        "12",
        "--rooms",
        rooms.to_str().unwrap(),
        "--format",
        "json",
    ];
    let output = hypocaust(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let (base, branch) = (column(&answer, "C:room_temperature_c"), column(&answer, "outage/C:room_temperature_c"));
    assert_eq!((base.len(), branch.len()), (24, 24));
    assert!(branch[..12].iter().all(|value| value.is_nan()));
    // An hour after the outage the rooms have hardly cooled, twelve hours after they have by e^(−0.12) of 28 K (−10 °C).
    assert!((base[12] - branch[12]).abs() < 0.5 && branch[23] < base[23] - 2.0, "{base:?} {branch:?}");
    assert_eq!(column(&answer, "outage/C:mass_flow_kg_s")[23], 0.0);
    assert_eq!(answer["branch"]["stations"]["coldest"]["cause"], "shut");
    let plant = &answer["plants"]["H"];
    let number = |key: &str| plant[key].as_f64().unwrap();
    // The difference is that of the two summaries; no water flows in the branch, so its pumps rest and its rooms are short.
    let difference = |key: &str| answer["branch"]["difference"][key].as_f64().unwrap();
    let of = |path: &str| answer.pointer(path).unwrap().as_f64().unwrap();
    assert_eq!(difference("supplied_j"), of("/branch/heat/supplied_j") - of("/heat/supplied_j"));
    assert!((difference("pumping_j") / of("/pumping_j") + 0.5).abs() < 0.05, "{}", answer["branch"]);
    assert!((difference("coldest_room_k") - (branch[23] - base[23])).abs() < 0.01);
    let unmet: f64 = (12..24).map(|hour| (18.0 - branch[hour]).max(0.0) - (18.0 - base[hour]).max(0.0)).sum();
    assert!(
        (difference("unmet_degree_hours") / unmet - 1.0).abs() < 0.15,
        "{unmet} {}",
        answer["branch"]["difference"]
    );
    assert!((number("heat_j") / answer["heat"]["supplied_j"].as_f64().unwrap() - 1.0).abs() < 1e-9);
    assert!((number("cost") / (number("fuel_j") * 80e-9) - 1.0).abs() < 1e-9 && number("co2_kg") > 0.0);
    assert!(answer["branch"]["plants"]["H"]["fuel_j"].as_f64().unwrap() < 0.8 * number("fuel_j"));
    // Six storeys of four flats; the mean weighted with the losses is the building's.
    let rows: Vec<Vec<String>> = csv::Reader::from_path(&rooms)
        .unwrap()
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect();
    assert_eq!(rows.len(), 24);
    let value = |row: &Vec<String>, at: usize| row[at].parse::<f64>().unwrap();
    let weights: f64 = rows.iter().map(|row| value(row, 4)).sum();
    let mean: f64 = rows.iter().map(|row| value(row, 4) * value(row, 6)).sum::<f64>() / weights;
    assert!((mean - value(&rows[0], 5)).abs() < 0.01 && (mean - branch[23]).abs() < 0.1, "{mean} {branch:?}");
    let room = |storey: &str, flat: &str| value(rows.iter().find(|row| row[2] == storey && row[3] == flat).unwrap(), 6);
    assert!(room("6", "1") < room("3", "2") - 0.5, "{rows:?}");
}

#[test]
fn the_summary_in_words_names_plants_rooms_and_the_branch() {
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path());
    let run = |more: &[&str]| {
        let mut arguments = vec!["simulate", &file, "--hours", "6", "--step", "300", "--buildings", "--plants"];
        arguments.extend(more);
        let output = hypocaust(&arguments);
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, text, _) = run(&["--branch", "outage", "--branch-at", "3"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("H: heat ") && text.contains("coldest rooms at C: "), "{text}");
    assert!(text.contains("from hour 3.0 on with scenario outage"), "{text}");
    assert!(text.contains("branch less base: supplied -") && text.contains(" K h per substation"), "{text}");
    let (code, _, error) = run(&["--branch", "outage", "--branch-at", "7"]);
    assert_ne!(code, Some(0));
    assert!(error.contains("ends before scenario outage begins"), "{error}");
    let (_, csv, _) = run(&["--format", "csv"]);
    assert!(csv.lines().next().unwrap().contains("plants:fuel_w,plants:electricity_w"), "{csv}");
}

#[test]
fn losses_are_told_by_pipe_and_zone_and_follow_the_ground_of_the_season() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zones.hypocaust.json");
    file::write(&path, &two_zones(8e6, 12e6)).unwrap();
    let losses = folder.path().join("losses.csv");
    let run = |more: &[&str]| -> Value {
        let mut arguments = vec!["simulate", path.to_str().unwrap(), "--hours", "12", "--step", "300"];
        arguments.extend(["--losses", losses.to_str().unwrap(), "--format", "json"]);
        arguments.extend(more);
        let output = hypocaust(&arguments);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let answer = run(&[]);
    let lost_j = answer["heat"]["lost_j"].as_f64().unwrap();
    let zones = answer["lost_by_zone_j"].as_object().unwrap();
    assert_eq!(zones.keys().collect::<Vec<_>>(), ["plant", "station"]);
    let of = |zone: &str, side: &str| zones[zone][side].as_f64().unwrap();
    let sum = of("plant", "supply") + of("plant", "return") + of("station", "supply") + of("station", "return");
    assert!((sum / lost_j - 1.0).abs() < 1e-9, "{zones:?}");
    assert!(of("plant", "supply") > of("plant", "return"), "{zones:?}");
    let rows: Vec<Vec<String>> = csv::Reader::from_path(&losses)
        .unwrap()
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect();
    assert_eq!(rows.len(), 4);
    let kwh: f64 = rows.iter().map(|row| row[4].parse::<f64>().unwrap()).sum();
    assert!((kwh * 3.6e6 / lost_j - 1.0).abs() < 1e-5, "{rows:?}");
    // The middle of January: ground of −12 °C at the surface, the frost not yet down at the pipes.
    let winter = run(&["--ground", "6,18,25"])["heat"]["lost_j"].as_f64().unwrap();
    let warm = run(&["--ground", "20,0,25"])["heat"]["lost_j"].as_f64().unwrap();
    assert!(winter > 1.02 * warm, "{winter} {warm}");
}

#[test]
fn a_station_that_its_data_cannot_make_is_told() {
    let folder = tempfile::tempdir().unwrap();
    // A return of 20 °C leaves no secondary side above the room.
    let network = network_of(Source::default(), Consumer { return_temperature_c: 20.0, ..megawatt() }, &[]);
    let path = folder.path().join("net.hypocaust.json");
    file::write(&path, &network).unwrap();
    let output = hypocaust(&["simulate", path.to_str().unwrap(), "--hours", "1", "--buildings"]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("consumer C runs on the network's figures alone"), "{error}");
}

#[test]
fn constants_come_back_from_a_history() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.csv");
    // 80 h, 2 kW/K, 30 m² of sun: steps of half an hour, solved exactly.
    let (constant_s, loss_w_k, area_m2) = (80.0 * 3600.0, 2000.0, 30.0);
    let mut rows = "time,room_temperature_c,outdoor_temperature_c,heat_w,solar_w_m2\n".to_owned();
    let mut room_c = 19.0;
    for step in 0..480 {
        let hour = f64::from(step) * 0.5;
        let outdoor_c = -8.0 + 6.0 * (hour / 24.0 * std::f64::consts::TAU).sin() - 0.02 * hour;
        let heat_w = if (step / 60) % 2 == 0 { 60_000.0 } else { 30_000.0 };
        let sun = (400.0 * ((hour / 24.0 - 0.25) * std::f64::consts::TAU).sin()).max(0.0);
        let (day, of_day) = (step / 48, step % 48);
        rows += &format!(
            "2024-01-{:02} {:02}:{:02},{room_c},{outdoor_c},{heat_w},{sun}\n",
            day + 1,
            of_day / 2,
            of_day % 2 * 30
        );
        let steady_c = outdoor_c + (heat_w + area_m2 * sun) / loss_w_k;
        room_c = steady_c + (room_c - steady_c) * f64::exp(-1800.0 / constant_s);
    }
    std::fs::write(&path, rows).unwrap();
    let output = hypocaust(&["fit", path.to_str().unwrap(), "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    for (key, expected) in [("time_constant_s", constant_s), ("loss_w_k", loss_w_k), ("solar_aperture_m2", area_m2)] {
        assert!((found[key].as_f64().unwrap() / expected - 1.0).abs() < 1e-6, "{key}: {found}");
    }
    let text = String::from_utf8(hypocaust(&["fit", path.to_str().unwrap()]).stdout).unwrap();
    assert!(text.contains("time constant 80.0 h") && text.contains("time_constant_s 288000"), "{text}");
    std::fs::write(&path, "time,room_temperature_c,outdoor_temperature_c\n2024-01-01 00:00,20,0\n").unwrap();
    let output = hypocaust(&["fit", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
}
