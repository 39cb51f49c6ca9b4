//! The native file: what is written is read back, rewriting changes no byte.

use std::path::Path;

use hypocaust::io::{IoError, file};
use hypocaust::network::{Link, Network, Node, Notes, Pipe, Side, Valve};
use hypocaust::text::Language;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::support::networks::networks;

fn small() -> Network {
    let mut network = Network::new();
    for (id, x) in [("A", 0.1 + 0.2), ("节点 B", 100.0), ("C", 200.0)] {
        network.insert_node(id, Node { x_m: x, side: Side::Supply, ..Node::default() }).unwrap();
    }
    network.insert_link_between("P1", "A", "节点 B", Pipe::default()).unwrap();
    let mut valve = Link::from(Valve::default());
    valve.notes =
        Some(Box::new(Notes { name: "东门 \"1\"".to_owned(), chamber: Some("J1".into()), ..Notes::default() }));
    network.insert_link_between("V1", "节点 B", "C", valve).unwrap();
    network
}

#[test]
fn one_element_a_line_and_the_same_bytes_again() {
    let text = file::to_string(&small()).unwrap();
    insta::assert_snapshot!(text, @r##"
{
  "hypocaust": 1,
  "settings": {
    "title": "",
    "friction": "colebrook",
    "water": "iapws",
    "ambient_temperature_c": 5.0,
    "outdoor_temperature_c": -10.0,
    "gravity_m_s2": 9.81,
    "coordinate_system": "local metres"
  },
  "nodes": [
    { "id": "A", "side": "supply", "x_m": 0.30000000000000004, "y_m": 0.0, "z_m": 0.0 },
    { "id": "节点 B", "side": "supply", "x_m": 100.0, "y_m": 0.0, "z_m": 0.0 },
    { "id": "C", "side": "supply", "x_m": 200.0, "y_m": 0.0, "z_m": 0.0 }
  ],
  "pipes": [
    { "id": "P1", "from": "A", "to": "节点 B", "length_m": 100.0, "inner_diameter_m": 0.1, "outer_diameter_m": 0.108, "roughness_m": 0.0005 }
  ],
  "valves": [
    { "id": "V1", "from": "节点 B", "to": "C", "kind": "sectioning", "opening": 1.0, "name": "东门 \"1\"", "chamber": "J1" }
  ]
}
"##);
    let back = file::from_str(&text, Path::new("small.hypocaust.json")).unwrap();
    assert!(back.same_as(&small()));
    assert_eq!(file::to_string(&back).unwrap(), text);
}

/// What reading the text says is wrong.
fn refused(text: &str) -> IoError {
    match file::from_str(text, Path::new("bad.json")) {
        Ok(_) => panic!("this must be refused:\n{text}"),
        Err(error) => error,
    }
}

/// A file around these lines of pipes, with nodes A and B.
fn with_pipes(lines: &[&str]) -> String {
    let nodes = "{ \"id\": \"A\", \"side\": \"supply\" },\n    { \"id\": \"B\", \"side\": \"supply\" }";
    let pipes = lines.join(",\n    ");
    format!("{{\n  \"hypocaust\": 1,\n  \"nodes\": [\n    {nodes}\n  ],\n  \"pipes\": [\n    {pipes}\n  ]\n}}\n")
}

const GOOD: &str = r#""length_m": 10.0, "inner_diameter_m": 0.1, "outer_diameter_m": 0.108, "roughness_m": 0.0005"#;

#[test]
fn everything_wrong_with_elements_is_listed_at_once() {
    let pipe = |id: &str, rest: &str| format!("{{ \"id\": \"{id}\", \"from\": \"A\", \"to\": \"B\", {rest} }}");
    let lines = [
        pipe("P1", GOOD),
        pipe("P2", &GOOD.replace("length_m", "lenght_m")),
        pipe("P3", &GOOD.replace("10.0", "\"ten\"")),
        pipe("P4", &GOOD.replace("10.0", "-10.0")),
        pipe("P5", &GOOD.replace("10.0", "null")),
        pipe("P6", &GOOD.replace("\"length_m\": 10.0, ", "")),
        pipe("P1", GOOD),
        pipe("P7", GOOD).replace("\"to\": \"B\"", "\"to\": \"C\""),
        pipe("P8", GOOD).replace("\"to\": \"B\", ", ""),
        pipe("P9", &format!("{GOOD}, \"state\": \"opne\"")),
        pipe("P10", &format!("{GOOD}, \"details\": {{ \"dn\": -50, \"laying\": \"buried\" }}")),
        pipe("P11", &format!("{GOOD}, \"details\": {{ \"depht_m\": 1.0 }}")),
        pipe("P12", &format!("{GOOD}, \"colour\": \"red\"")),
        pipe("P13", &format!("{GOOD}, \"length_m\": 20.0")),
        pipe("P14", &format!("{GOOD}, \"attributes\": {{ \"owner\": [1] }}")),
        pipe("", GOOD),
        format!("{{ {GOOD}, \"from\": \"A\", \"to\": \"B\" }}"),
        pipe("P15", &format!("{GOOD}, \"details\": {{ \"route_m\": [[1.0, 2.0]] }}")),
        "17".to_owned(),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    insta::assert_snapshot!(refused(&with_pipes(&lines)), @r##"
bad.json:9:43: pipe P2: there is no field "lenght_m"; did you mean "length_m"?
bad.json:10:43: pipe P3: length_m is "ten", not a number; write a number with a decimal point and without unit or quotes
bad.json:11:43: pipe P4: length_m is -10; it must lie between 0 and 200000; correct it, and check its unit
bad.json:12:43: pipe P5: length_m is null, not a number; write a number with a decimal point and without unit or quotes
bad.json:13:5: pipe P6: the field "length_m" is missing; add it
bad.json:14:5: pipe P1: the id "P1" is taken by the element in line 8; give one of the two another id
bad.json:15:32: pipe P7: to names the node "C", which does not exist; did you mean "A"?
bad.json:16:5: pipe P8: the field "to" is missing; add it
bad.json:17:136: pipe P9: state cannot be "opne"; did you mean "open"?
bad.json:18:150: pipe P10: details.dn is -50, not a whole number; write a whole number, zero or greater
bad.json:19:150: pipe P11: there is no field "depht_m"; did you mean "depth_m"?
bad.json:20:137: pipe P12: there is no field "colour"; remove it, or use one of id, from, to, name, chamber, attributes, length_m, inner_diameter_m, outer_diameter_m, roughness_m, zeta, u_w_m2k, state, leaks, details
bad.json:21:146: pipe P13: the field "length_m" stands twice; remove one of the two
bad.json:22:153: pipe P14: attributes.owner holds what no attribute can; an attribute is a number, a text, true or false
bad.json:23:5: the id is empty; give the element an id
bad.json:24:5: the field "id" is missing; add it
bad.json:25:171: pipe P15: details.route_m[0] is 2, not a list of the right length; write a list in square brackets
bad.json:26:6: pipe is 17, not a group of fields; write its fields in braces
"##);
}

#[test]
fn more_problems_than_anybody_reads_are_counted() {
    let lines: Vec<String> =
        (0..50).map(|i| format!("{{ \"id\": \"P{i}\", \"from\": \"A\", \"to\": \"X\", {GOOD} }}")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let error = refused(&with_pipes(&lines));
    assert_eq!((error.problems.len(), error.further), (20, 30));
    assert!(error.to_string().ends_with("… and 30 more problems"));
}

#[test]
fn files_that_are_no_network_say_why() {
    let good = with_pipes(&[&format!("{{ \"id\": \"P1\", \"from\": \"A\", \"to\": \"B\", {GOOD} }}")]);
    let cases = [
        String::new(),
        "  \n\t".to_owned(),
        "[]".to_owned(),
        "null".to_owned(),
        "hello".to_owned(),
        "{}".to_owned(),
        "{ \"type\": \"FeatureCollection\", \"features\": [] }".to_owned(),
        "{ \"hypocaust\": 2 }".to_owned(),
        "{ \"hypocaust\": 0 }".to_owned(),
        "{ \"hypocaust\": \"one\" }".to_owned(),
        "{ \"hypocaust\": 1, \"pipe\": [] }".to_owned(),
        "{ \"hypocaust\": 1, \"nodes\": {} }".to_owned(),
        "{ \"hypocaust\": 1, \"nodes\": [], \"nodes\": [] }".to_owned(),
        "{ \"hypocaust\": 1, \"settings\": { \"friction\": \"colbrook\", \"gravity\": 9.81 } }".to_owned(),
        "{ \"hypocaust\": 1, \"settings\": { \"gravity\": 9.81 } }".to_owned(),
        "{ \"hypocaust\": 1, \"terrain\": { \"x_m\": 0, \"y_m\": 0, \"cell_m\": 10, \"columns\": 2, \"z_m\": [1, 2, 3] } }".to_owned(),
        good[..good.len() - 60].to_owned(),
        good.replace("10.0", "NaN"),
        good.replace("10.0,", "10.0;"),
        good.replace("\"to\"", "to"),
        good.replace("10.0", "1e999"),
        "[".repeat(100_000),
        "{\"hypocaust\":1,\"nodes\":".to_owned() + &"[".repeat(100_000),
    ];
    let all: Vec<String> = cases.iter().map(|text| refused(text).to_string()).collect();
    insta::assert_snapshot!(all.join("\n"), @r##"
bad.json: the file is empty; restore it from a copy, or export it again
bad.json: the file is empty; restore it from a copy, or export it again
bad.json:1:1: a network file is one JSON object; the file must begin with a brace and the version
bad.json:1:1: a network file is one JSON object; the file must begin with a brace and the version
bad.json:1:1: this is not valid JSON at "hello" (expected value); correct the text here; a comma, quote or bracket may be missing or too many
bad.json:1:1: the version is missing, so this is no network file; begin the file with "hypocaust": 1
bad.json:1:1: this is GeoJSON, not a network file; rename it to .geojson, or import it
bad.json:1:16: the file has version 2; this program knows up to 1: it was made by a newer Hypocaust; update the program, or save the file from there in the older form
bad.json:1:16: the file has version 0, which no release ever wrote; this program knows 1; set the version to 1 if the file was written by hand
bad.json:1:16: the version is "one"; it must be a whole number; write "hypocaust": 1
bad.json:1:27: there is no field "pipe"; did you mean "pipes"?
bad.json:1:28: nodes is {}, not a list of the right length; write a list in square brackets
bad.json:1:41: the field "nodes" stands twice; remove one of the two
bad.json:1:33: network: friction cannot be "colbrook"; did you mean "colebrook"?
bad.json:1:33: network: there is no field "gravity"; did you mean "gravity_m_s2"?
bad.json:1:30: the terrain has 3 heights in rows of 2 with cells of 10 m, which is no grid; give complete rows and a cell size above zero
bad.json:8:83: the file ends in the middle; the last element begun is P1; it was cut short on the way; copy it again or restore it
bad.json:8:55: pipe P1: NaN is not a number a file can hold; write a finite number, or leave the field out where it may be unset
bad.json:8:59: pipe P1: this is not valid JSON at "; "inner_diameter_m"" (expected `,` or `}`); correct the text here; a comma, quote or bracket may be missing or too many
bad.json:8:32: pipe P1: this is not valid JSON at "to: "B", "length_m":" (key must be a string); correct the text here; a comma, quote or bracket may be missing or too many
bad.json:8:43: pipe P1: length_m: number out of range; correct it
bad.json:1:1: a network file is one JSON object; the file must begin with a brace and the version
bad.json:1:100024: the file ends in the middle; it was cut short on the way; copy it again or restore it
"##);
}

#[test]
fn wrong_encodings_and_garbage_are_refused_on_opening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.hypocaust.json");
    let mut all = Vec::new();
    let gbk = encoding_rs::GBK.encode("{ \"hypocaust\": 1,\n \"nodes\": [{ \"id\": \"节点\" }] }").0.into_owned();
    for bytes in [
        gbk.as_slice(),
        b"\x00\x01\x02\x03",
        b"PK\x03\x04 not really",
        b"\x89PNG\r\n\x1a\n\x00",
        b"{ \"hypocaust\": 1 } x",
    ] {
        std::fs::write(&path, bytes).unwrap();
        let error = hypocaust::io::open(&path).unwrap_err().to_string();
        all.push(error.replace(&path.display().to_string(), "FILE"));
    }
    all.push(
        hypocaust::io::open(&folder.path().join("none.json"))
            .unwrap_err()
            .to_string()
            .replace(&folder.path().display().to_string(), ""),
    );
    insta::assert_snapshot!(all.join("\n"), @r##"
FILE:2: the text is not UTF-8 from here on; save the file in UTF-8
FILE: this is not text but binary data; name a network file (*.hypocaust.json, *.inp, *.geojson, *.xlsx) or a folder of tables
FILE: the workbook cannot be read (Zip error: invalid Zip archive: Could not find EOCD); open it in a spreadsheet program and save it as .xlsx again
FILE: this is not text but binary data; name a network file (*.hypocaust.json, *.inp, *.geojson, *.xlsx) or a folder of tables
FILE:1:20: this is not valid JSON at "x" (trailing characters); correct the text here; a comma, quote or bracket may be missing or too many
/none.json: there is no such file or folder; check the path
"##);
}

#[test]
fn a_gigabyte_of_garbage_is_refused_by_its_length() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["big.hypocaust.json", "big.inp", "big.geojson", "big.xlsx", "big.json", "big"] {
        let path = folder.path().join(name);
        // A sparse file: the length is there, the disk is not used.
        let file = std::fs::File::create(&path).unwrap();
        use std::io::Write;
        (&file).write_all(b"[TITLE] { garbage").unwrap();
        file.set_len(1 << 30).unwrap();
        let error = hypocaust::io::open(&path).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
    let tables = folder.path().join("tables");
    std::fs::create_dir(&tables).unwrap();
    std::fs::File::create(tables.join("nodes.csv")).unwrap().set_len(1 << 30).unwrap();
    let error = hypocaust::io::open(&tables).unwrap_err();
    assert!(error.to_string().contains("nodes.csv"), "{error}");
}

#[test]
fn numbers_no_file_can_hold_are_refused_on_writing() {
    let mut network = small();
    network.insert_node("D", Node { z_m: f64::NAN, ..Node::default() }).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.hypocaust.json");
    std::fs::write(&path, "old").unwrap();
    let error = file::write(&path, &network).unwrap_err();
    assert!(error.to_string().contains("node D: z_m is NaN"), "{error}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
}

#[test]
fn the_published_schema_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/schema/network-1.schema.json");
    let now = file::schema();
    if std::env::var_os("HYPOCAUST_UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap();
    assert!(
        published == now,
        "run the tests once with HYPOCAUST_UPDATE_SCHEMA=1 and look at what changed in {}",
        path.display()
    );
}

#[test]
fn the_schema_knows_every_key_the_writer_writes() {
    let schema: serde_json::Value = serde_json::from_str(&file::schema()).unwrap();
    let text = file::to_string(&small()).unwrap();
    let written: serde_json::Value = serde_json::from_str(&text).unwrap();
    for (section, list) in written.as_object().unwrap() {
        let known = &schema["properties"][section];
        assert!(!known.is_null(), "{section}");
        for element in list.as_array().into_iter().flatten() {
            for key in element.as_object().unwrap().keys() {
                assert!(!known["items"]["properties"][key].is_null(), "{section}.{key}");
            }
        }
    }
}

/// A key without sentence would reach people as the key itself.
#[test]
fn every_key_the_readers_use_has_its_sentences() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/io")];
    let mut keys = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            for key in source.split('"').filter(|word| word.starts_with("io-") && !word.contains(' ')) {
                keys += 1;
                for language in Language::ALL {
                    let texts = language.texts();
                    assert!(texts.has(key), "{}: {key} in {language:?}", path.display());
                    let note = key.starts_with("io-note-") || key == "io-further";
                    assert!(
                        note || texts.has(&format!("{key}.help")),
                        "{}: {key}.help in {language:?}",
                        path.display()
                    );
                }
            }
        }
    }
    assert!(keys > 50, "the walk found only {keys} keys");
}

#[test]
fn the_example_of_the_documentation_is_read() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/native-file.md")).unwrap();
    let example = page.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let network = file::from_str(example, Path::new("docs/native-file.md")).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((network.node_count(), network.link_count()), (4, 4));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn read_write_read_is_identical(network in networks()) {
        let text = file::to_string(&network).unwrap();
        let back = file::from_str(&text, Path::new("random")).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert!(back.same_as(&network), "{}", text);
        prop_assert_eq!(file::to_string(&back).unwrap(), text);
    }

    #[test]
    fn damaged_files_never_panic_and_say_where(network in networks(), cuts in vec((any::<(u16, u8)>(), ".{0,6}"), 1..4)) {
        let mut text = file::to_string(&network).unwrap();
        for ((at, length), insert) in cuts {
            let mut from = at as usize % text.len().max(1);
            while !text.is_char_boundary(from) { from -= 1; }
            let mut to = (from + length as usize % 12).min(text.len());
            while !text.is_char_boundary(to) { to += 1; }
            text.replace_range(from..to, &insert);
        }
        if let Err(error) = file::from_str(&text, Path::new("damaged")) {
            prop_assert!(!error.problems.is_empty());
            for problem in &error.problems {
                prop_assert!(problem.line.is_some() || text.trim().is_empty(), "{}", error);
                prop_assert!(!problem.help(Language::English).is_empty());
                prop_assert!(!problem.message(Language::Chinese).starts_with("io-"), "{}", problem.message(Language::Chinese));
            }
        }
    }

    #[test]
    fn a_file_cut_short_is_never_taken_for_whole(network in networks(), at in any::<u32>()) {
        let text = file::to_string(&network).unwrap();
        let mut cut = at as usize % text.trim_end().len();
        while !text.is_char_boundary(cut) { cut -= 1; }
        prop_assert!(file::from_str(&text[..cut], Path::new("cut")).is_err());
    }
}
