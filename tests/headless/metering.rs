//! `meter`: tables in, allocation out, everything wrong named by file and line.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use hypocaust::io::metering::{self, read_folder};
use hypocaust::physics::metering::{Method, allocate};
use hypocaust::text::Language;

fn example() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/examples/metering")
}

fn meter(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hypocaust")).arg("meter").args(arguments).env("LC_ALL", "C").output().unwrap()
}

fn folder(tables: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in tables {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[test]
fn the_example_is_allocated_with_its_doubts() {
    let output = meter(&[example().to_str().unwrap(), "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["method"], "household-meter");
    let households = answer["households"].as_array().unwrap();
    assert_eq!(households.len(), 24);
    let sum: f64 = households.iter().map(|household| household["heat_gj"].as_f64().unwrap()).sum();
    let heat = answer["heat_gj"].as_f64().unwrap();
    assert!((sum / heat - 1.0).abs() < 1e-12 && (heat - 604.42).abs() < 0.1, "{heat}");
    assert!((answer["readings"]["heat_gj"].as_f64().unwrap() - heat).abs() < 1e-9);
    let doubts: Vec<(&str, &str)> = households
        .iter()
        .flat_map(|h| {
            h["doubts"]
                .as_array()
                .unwrap()
                .iter()
                .map(move |d| (h["id"].as_str().unwrap(), d["code"].as_str().unwrap()))
        })
        .collect();
    assert_eq!(doubts, [("203", "missing"), ("402", "nothing"), ("502", "unusual")]);
    // The empty flat still pays the basic part: 89.3 m² at 5.7.
    let empty = households.iter().find(|h| h["id"] == "402").unwrap();
    assert!((empty["bill"]["total"].as_f64().unwrap() - 509.01).abs() < 1e-9);
}

#[test]
fn text_and_csv_say_the_same_and_both_languages_are_complete() {
    let path = example();
    let csv = meter(&[path.to_str().unwrap(), "--format", "csv"]);
    let csv = String::from_utf8(csv.stdout).unwrap();
    assert_eq!(csv.lines().count(), 25);
    assert!(csv.lines().nth(7).unwrap().starts_with("203,89.3,0.687,,"), "{csv}");
    let settlement = read_folder(&path, None).unwrap();
    let allocation = allocate(settlement.heat.heat_j, settlement.method, &settlement.households, 0.0, 0.0).unwrap();
    for language in Language::ALL {
        let text = metering::text(&settlement, &allocation, language);
        assert!(!text.contains("meter-"), "{text}");
        assert_eq!(text.lines().count(), 5 + 25 + 1 - 1, "{text}");
    }
}

#[test]
fn flow_and_temperature_from_radiators_and_risers() {
    let folder = folder(&[
        ("settlement.csv", "key,value\nheat_gj,100\n"),
        ("households.csv", "房号,面积\nA,80\nB,80\n"),
        ("risers.csv", "id,flow_m3_h,temperature_difference_k\nL1,0.5,20\nL2,0.4,30\n"),
        ("radiators.csv", "household,riser,temperature_difference_k\nA,L1,12\nB,L1,8\nA,L2,10\nB,L2,10\n"),
    ]);
    let settlement = read_folder(folder.path(), None).unwrap();
    assert_eq!(settlement.method, Method::FlowTemperature);
    let allocation = allocate(settlement.heat.heat_j, settlement.method, &settlement.households, 0.0, 0.0).unwrap();
    // A: 0.5·12 + 0.4·10 = 10, B: 8.
    assert!((allocation.households[0].heat_j - 100e9 * 10.0 / 18.0).abs() < 1.0);
    // L2's storeys make 20 of 30 K.
    assert_eq!(settlement.riser_doubts.len(), 1);
    assert!(settlement.riser_doubts[0].riser == "L2" && (settlement.riser_doubts[0].share - 2.0 / 3.0).abs() < 1e-12);
}

#[test]
fn everything_wrong_is_named_with_file_and_line() {
    let folder = folder(&[
        ("settlement.csv", "key,value\nmethod,on-off-time-area\nheat_gj,ten\ncolour,red\n"),
        ("households.csv", "id,area_m2,open_h\nA,80,100\nA,90,100\nB,,5\nC,-3,5\n"),
    ]);
    let error = read_folder(folder.path(), None).unwrap_err().to_string();
    assert!(error.contains("settlement.csv:4") && error.contains("colour"), "{error}");
    fs::write(folder.path().join("settlement.csv"), "key,value\nmethod,on-off-time-area\nheat_gj,ten\n").unwrap();
    let error = read_folder(folder.path(), None).unwrap_err().to_string();
    for wanted in
        ["settlement.csv:3", "period_h", "households.csv:3", "households.csv:4", "area_m2 is empty", "households.csv:5"]
    {
        assert!(error.contains(wanted), "{wanted} not in {error}");
    }
    let output = meter(&[folder.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let output = meter(&[example().to_str().unwrap(), "--method", "guess"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("temperature-area"));
}

#[test]
fn a_radiator_of_nobody_and_a_missing_heat_are_refused() {
    let folder = folder(&[
        ("settlement.csv", "key,value\n"),
        ("households.csv", "id,area_m2,allocator_units\nA,80,\n"),
        ("radiators.csv", "household,reading,factor\nA,100,1.2\nZ,50,1\n"),
    ]);
    let error = read_folder(folder.path(), Some(Method::HeatCostAllocator)).unwrap_err().to_string();
    assert!(error.contains("radiators.csv:3") && error.contains('Z'), "{error}");
    assert!(error.contains("heat_gj"), "{error}");
}
