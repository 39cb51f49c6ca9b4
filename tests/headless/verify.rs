//! Published and independently computed results: all of them reproduced, and a wrong one noticed.

use std::path::Path;
use std::sync::LazyLock;

use hypocaust::text::Language;
use hypocaust::verify::{Library, Verification, json, text, verify};

static ALL: LazyLock<Verification> = LazyLock::new(|| verify(&Library::embedded(), |_, _| {}));

/// Everything that is part of the program, and the networks of 1000 consumers and further forms of ky4 beside it.
#[test]
fn every_case_passes() {
    let mut library = Library::embedded();
    library.add_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/reference")).unwrap();
    let verification = verify(&library, |_, _| {});
    let (passed, failed, not_run) = verification.counts();
    assert_eq!((passed, failed, not_run), (89, 0, 0), "{}", text(&verification, Language::English));
    let (_, worst) = verification.worst().unwrap();
    assert!(worst.share() > 0.0 && worst.share() <= 1.0, "{worst:?}");
}

#[test]
fn a_slightly_wrong_temperature_of_one_pipe_is_noticed() {
    let path = "n10_water_heat/expected/pipes.csv";
    let mut library = Library::default();
    for at in Library::embedded().paths().filter(|at| at.starts_with("n10_water_heat/")) {
        library.insert(at, Library::embedded().get(at).unwrap());
    }
    let right = library.get(path).unwrap().to_owned();
    assert!(verify(&library, |_, _| {}).passed());
    // 0.02 K where 0.01 K is allowed.
    library.insert(path, right.replace("85.2835444206", "85.3035444206"));
    let verification = verify(&library, |_, _| {});
    assert!(!verification.passed());
    let (_, worst) = verification.worst().unwrap();
    assert_eq!(worst.worst.as_ref().unwrap().element, "PS0");
}

/// The verdict reaches a script: exit code, stream and the line at the end.
#[test]
fn the_command_prints_the_table_and_ends_with_0() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_hypocaust"))
        .args(["verify"])
        .env("LC_ALL", "C")
        .output()
        .unwrap();
    let table = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{table}");
    assert!(table.contains("85 cases passed, 0 failed, 0 not run"), "{table}");
    assert!(table.lines().last().unwrap().starts_with("largest deviation relative to its tolerance: "), "{table}");
}

#[test]
fn formulas_give_the_published_figures() {
    for name in ["O6", "O7", "O9", "O10"] {
        let case = ALL.cases.iter().find(|case| case.name == name).unwrap();
        assert_eq!(case.passed(), Some(true), "{case:#?}");
    }
}

/// What is not named in the program would be left out of every verification without a word.
#[test]
fn everything_small_in_the_reference_folder_is_part_of_the_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/reference");
    let (mut on_disk, embedded) = (Library::default(), Library::embedded());
    on_disk.add_folder(&root).unwrap();
    let left_out = |path: &str| {
        path.ends_with("solution_info.json") || path.starts_with("n1000") || path.starts_with("epanet/ky4_si")
    };
    let wanted: Vec<&str> = on_disk.paths().filter(|path| !left_out(path)).collect();
    let got: Vec<&str> =
        embedded.paths().filter(|path| !path.starts_with("networks/") && !path.starts_with("measured/")).collect();
    assert_eq!(got, wanted);
    let bytes: usize = got.iter().filter_map(|path| embedded.get(path)).map(str::len).sum();
    assert!(bytes < 1_500_000, "{bytes} bytes would make the program heavy");
}

/// A comparison that cannot fail proves nothing.
#[test]
fn a_wrong_expected_value_makes_its_case_fail() {
    let mut library = Library::embedded();
    let oracles = library.get("oracles.json").unwrap().replace("77.0195", "77.0215");
    library.insert("oracles.json", oracles);
    let verification = verify(&library, |_, _| {});
    let case = verification.cases.iter().find(|case| case.name == "O7").unwrap();
    assert_eq!(case.passed(), Some(false), "{case:#?}");
    assert!(!verification.passed());
    let worst = case.comparisons()[0].worst.as_ref().unwrap();
    assert_eq!(worst.element, "supply");
    assert!((worst.size() - 0.002).abs() < 1e-4, "{worst:?}");
}

/// What a folder holds in a form of its own is named, not dropped, and does not push a case out of sight.
#[test]
fn a_foreign_file_is_named_as_not_run() {
    let folder = tempfile::tempdir().unwrap();
    let published = folder.path().join("published");
    std::fs::create_dir(&published).unwrap();
    std::fs::write(published.join("schutterwald.json"), r#"{ "junction": [], "pipe": [] }"#).unwrap();
    std::fs::write(folder.path().join("alone.inp"), "[END]").unwrap();
    let mut library = Library::default();
    library.insert("published/schutterwald.json", Library::embedded().get("published/schutterwald.json").unwrap());
    library.add_folder(folder.path()).unwrap();
    let verification = verify(&library, |_, _| {});
    let names: Vec<_> = verification.cases.iter().map(|case| (case.name.as_str(), case.passed().is_none())).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert_eq!(names[0], ("alone", true));
    assert!(names[1].0.ends_with("published/schutterwald.json") && names[1].1, "{names:?}");
    assert_eq!(names[2], ("schutterwald", false));
    let table = text(&verification, Language::English);
    assert!(table.contains("not run: there are no results beside it"), "{table}");
}

#[test]
fn a_case_says_name_source_tolerance_deviation_place_and_verdict() {
    let table = text(&ALL, Language::English);
    let lines: Vec<&str> = table.lines().collect();
    let at = lines.iter().position(|line| line.starts_with("O7 ")).unwrap();
    assert!(lines[at].contains("two buried pipes") && lines[at].contains("pipenostics"), "{}", lines[at]);
    let words: Vec<&str> = lines[at + 1].split("  ").map(str::trim).filter(|word| !word.is_empty()).collect();
    assert_eq!(words[..3], ["heat loss per metre", "3", "0.0001 W/m"]);
    assert_eq!(words.last(), Some(&"pass"));
    let chinese = text(&ALL, Language::Chinese);
    assert!(chinese.contains("双管直埋热损失") && chinese.contains("单位长度热损失"));

    let value = json(&ALL);
    let case = value["cases"].as_array().unwrap().iter().find(|case| case["name"] == "O7").unwrap();
    assert_eq!(case["status"], "passed");
    let comparison = &case["comparisons"][0];
    assert_eq!(comparison["quantity"], "loss-per-metre");
    assert_eq!(comparison["unit"], "W/m");
    assert_eq!(comparison["values"], 3);
    for key in ["expected", "computed", "largest_deviation", "allowed", "share_of_tolerance"] {
        assert!(comparison[key].is_f64(), "{key}: {comparison}");
    }
    assert!(comparison["element"].is_string());
}
