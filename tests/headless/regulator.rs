//! The table a regulator receives, from samples and from a history.

use std::path::Path;
use std::process::Command;

use hypocaust::io::field::MapOptions;
use hypocaust::io::field::map::device_map;
use hypocaust::io::historian::{Historian, Options};
use hypocaust::live::regulator::{RegulatorLine, regulator_table};
use hypocaust::live::{Doubt, Fault, Quality, Sample, TagTable, Timestamp};
use hypocaust::network::ElementKind;
use hypocaust::network::generate::demo_city;
use hypocaust::solver::Solver;

fn demo_map() -> hypocaust::io::modbus::DeviceMap {
    let network = demo_city();
    let steady = Solver::new().solve(&network, &hypocaust::solver::Options::default());
    device_map(&network, &steady, &MapOptions { port_base: 1000, users: 1, ..MapOptions::default() })
}

fn sample(tags: &TagTable, name: &str, second: i64, value: f64, quality: Quality) -> Sample {
    let time = Timestamp::from_ms(1_780_000_000_000 + 1000 * second);
    Sample { tag: tags.id(name).unwrap(), source_time: time, arrival_time: time, value, quality }
}

fn find<'a>(lines: &'a [RegulatorLine], element: &str, row: &str) -> &'a RegulatorLine {
    let mut of = lines.iter().filter(|line| &*line.element.id == element && line.row.row == row);
    let line = of.next().unwrap_or_else(|| panic!("no line {row} of {element}"));
    assert!(of.next().is_none(), "{row} of {element} twice");
    line
}

fn values(tags: &TagTable) -> Vec<Sample> {
    vec![
        sample(tags, "HS01.T1", 0, 112.5, Quality::Good),
        sample(tags, "HS01.T2", -3, 52.25, Quality::Uncertain(Doubt::Spike)),
        sample(tags, "HS01.P1", 0, 0.845e6, Quality::Good),
        sample(tags, "HS01.F", 0, 2400.5, Quality::Good),
        sample(tags, "HS01.Q", 0, 165.5e6, Quality::Bad(Fault::Communication)),
        sample(tags, "HS01.E", 0, 640_000e9, Quality::Good),
        sample(tags, "ST001.T1", 0, 108.0, Quality::Good),
        sample(tags, "ST001.T3", 0, 55.5, Quality::Good),
        sample(tags, "ST001.T4", 0, 41.0, Quality::Good),
        sample(tags, "ST002.T3", 0, 50.0, Quality::Good),
        sample(tags, "ST002.T4", 0, f64::NAN, Quality::Bad(Fault::NotANumber)),
    ]
}

#[test]
fn every_measured_line_of_the_appendix_is_there_in_its_unit_and_none_is_made_up() {
    let map = demo_map();
    let tags = map.tags().unwrap();
    let samples = values(&tags);
    let lines = regulator_table(&tags, |id| samples.iter().find(|sample| sample.tag == id).copied());
    let of = |kind: ElementKind| lines.iter().filter(|line| line.element.kind == kind).count();
    // Two plants with the first group, 60 substations with both, a room for each.
    assert_eq!([ElementKind::Source, ElementKind::Consumer, ElementKind::Building].map(of), [2 * 8, 60 * 12, 60]);
    for (element, row, value) in [
        ("HS01", "1.1", 112.5),
        ("HS01", "1.2", 52.25),
        ("HS01", "1.3", 60.25),
        ("HS01", "1.4", 0.845),
        ("HS01", "1.6", 2400.5),
        ("HS01", "1.8", 640_000.0),
        ("ST001", "1.1", 108.0),
        ("ST001", "2.1", 55.5),
        ("ST001", "2.3", 14.5),
    ] {
        let found = find(&lines, element, row).value.unwrap_or(f64::NAN);
        assert!((found - value).abs() < 1e-9 * value, "{element} {row}: {found}");
    }
    // A difference is as good as the worse, and as old as the older.
    let difference = find(&lines, "HS01", "1.3");
    assert_eq!(difference.quality, Quality::Uncertain(Doubt::Spike));
    assert_eq!(difference.source_time, Some(Timestamp::from_ms(1_779_999_997_000)));
    for (element, row, quality) in [
        ("HS01", "1.7", Quality::Bad(Fault::Communication)),
        ("HS01", "1.5", Quality::Bad(Fault::NeverRead)),
        ("HS02", "1.3", Quality::Bad(Fault::NeverRead)),
        ("ST002", "2.3", Quality::Bad(Fault::NotANumber)),
    ] {
        let line = find(&lines, element, row);
        assert_eq!((line.value, line.quality), (None, quality), "{element} {row}");
    }
}

fn hypocaust(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_hypocaust")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_history_and_its_device_map_give_the_table_as_of_any_instant() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let map = demo_map();
    let tags = map.tags().unwrap();
    map.write(Path::new(&at("devices.toml"))).unwrap();
    let historian = Historian::open(Path::new(&at("history")), Options::default()).unwrap();
    historian.register(&tags).unwrap();
    historian.append(&values(&tags)).unwrap();
    historian.append(&[sample(&tags, "HS01.T1", 600, 115.0, Quality::Good)]).unwrap();
    drop(historian);

    let csv = hypocaust(&["history", &at("history"), "regulator", &at("devices.toml"), "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(
        reader.headers().unwrap().iter().collect::<Vec<_>>().join(","),
        "element,row,name,name_zh,value,unit,quality,time,tag"
    );
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2 * 8 + 60 * 12 + 60);
    let cell = |element: &str, row: &str| {
        let found = rows.iter().find(|record| &record[0] == element && &record[1] == row).unwrap();
        [&found[3], &found[4], &found[5], &found[6], &found[8]].map(str::to_owned)
    };
    assert_eq!(cell("source:HS01", "1.1"), ["供水温度", "115", "°C", "good", "HS01.T1"]);
    assert_eq!(cell("source:HS01", "1.7"), ["瞬时热量", "", "MW", "communication", "HS01.Q"]);

    // Before the last value came, and in words.
    let time = ["--time", "2026-05-28T20:28:00Z"];
    let before = hypocaust(
        &[&["history", &at("history"), "regulator", &at("devices.toml"), "--format", "json"][..], &time].concat(),
    );
    let before: serde_json::Value = serde_json::from_str(&before).unwrap();
    assert_eq!(before["lines"][0]["value"], 112.5, "{}", before["lines"][0]);
    let text = hypocaust(&["--language", "zh-CN", "history", &at("history"), "regulator", &at("devices.toml")]);
    let line = text.lines().find(|line| line.starts_with("HS01") && line.contains("1.4")).unwrap();
    assert!(line.contains("供水压力") && line.contains("0.845") && line.contains("MPa"), "{line}");
}

/// The running twin gives the same lines of what it follows.
#[test]
fn the_live_demo_gives_the_table() {
    let csv = hypocaust(&["live", "--for", "5", "--regulator", "--format", "csv"]);
    let rows: Vec<csv::StringRecord> = csv::Reader::from_reader(csv.as_bytes()).records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2 * 8 + 60 * 12 + 60);
    assert!(rows.iter().any(|row| &row[1] == "3.1" && row[0].starts_with("building:B")));
}
