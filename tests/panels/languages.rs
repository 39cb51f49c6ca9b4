//! Chinese is whole: no English on screen, every sign in the font.

use std::collections::BTreeSet;

use hypocaust::network::ElementKind;
use hypocaust::panels::fonts;
use hypocaust::session::{Command, Panel};
use hypocaust::text::Language;

use crate::desk::{Desk, element, texts};

/// Latin words that stand in Chinese text by right: names, units, keys, ids of the test network.
pub const ALLOWED: &[&str] = &[
    "English",
    "Hypocaust",
    "EPANET",
    "GeoJSON",
    "MIT",
    "Apache",
    "Noto",
    "Sans",
    "CJK",
    "SC",
    "SIL",
    "Kv",
    "DN",
    "GB",
    "CJJ",
    "NPSH",
    "inp",
    "xlsx",
    "json",
    "incident",
    // The name of an option.
    "live",
    "Test",
    "kPa",
    "MPa",
    "Pa",
    "bar",
    "mH",
    "O",
    "H",
    "t",
    "h",
    "kg",
    "s",
    "kW",
    "MW",
    "GJ",
    "Gcal",
    "W",
    "m",
    "km",
    "mm",
    "K",
    "C",
    "F",
    "x",
    "y",
    "z",
    "ms",
    "min",
    "MWh",
    "kWh",
    "L",
    "U",
    "SI",
    "Ctrl",
    "Shift",
    "Home",
    "Escape",
    "P",
    "S",
    "R",
    "V",
    "PDF",
    "Q",
    "N",
    "T",
    "B",
    "G",
    "DEVNULL",
    "si",
    "J",
    "network",
    "r",
];

pub fn latin_words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_ascii_alphabetic()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

fn check_no_english(desk: Desk, what: &str) {
    let mut harness = desk.open(1600.0, 1000.0);
    harness.run_ok();
    for (text, _, _) in texts(&harness) {
        if Command::palette().iter().any(|c| c.shortcut().is_some_and(|s| s.text() == text)) {
            continue;
        }
        // Paths of the machine are nobody's translation.
        if text.contains('/') && std::path::Path::new(&text).exists() {
            continue;
        }
        for word in latin_words(&text) {
            assert!(ALLOWED.contains(&word.as_str()), "{what}: '{word}' in '{text}'");
        }
    }
}

#[test]
fn no_english_in_chinese_for_any_element() {
    for (kind, id) in [
        (ElementKind::Valve, "V1"),
        (ElementKind::Pipe, "P1"),
        (ElementKind::Pump, "U1"),
        (ElementKind::Source, "H1"),
        (ElementKind::Consumer, "C1"),
        (ElementKind::Node, "S1"),
    ] {
        let mut desk = Desk::new(Language::Chinese);
        desk.ask(Command::Select(element(kind, id)));
        check_no_english(desk, id);
    }
}

#[test]
fn no_english_in_chinese_in_panels_and_dialogues() {
    for panel in Panel::ALL {
        // The folder of the machine the test runs on has names of its own.
        if matches!(panel, Panel::Open | Panel::SaveAs | Panel::Export) {
            continue;
        }
        let mut desk = Desk::new(Language::Chinese);
        desk.ask(Command::ShowPanel(panel));
        check_no_english(desk, panel.word());
    }
}

#[test]
fn every_character_of_every_translation_is_in_the_font() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/translations");
    let mut wanted = BTreeSet::new();
    for language in Language::ALL {
        for file in std::fs::read_dir(root.join(language.tag())).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            wanted.extend(text.chars().filter(|c| !c.is_control()));
        }
    }
    wanted.extend(hypocaust::units::Quantity::ALL.iter().flat_map(|q| q.units()).flat_map(|u| u.symbol.chars()));
    wanted.extend("■▲●→×–…\u{2009}".chars());
    let present = characters(fonts::CJK);
    assert!(present.len() > 7000, "the font has only {} characters", present.len());
    let missing: Vec<char> =
        wanted.into_iter().filter(|c| !present.contains(&u32::from(*c)) && !ELSEWHERE.contains(c)).collect();
    assert!(missing.is_empty(), "run assets/fonts/make_subset.py; missing: {missing:?}");
}

/// Not in Noto Sans CJK: the thin space is made from the space, the small two comes from egui's own font.
const ELSEWHERE: [char; 2] = ['\u{2009}', '₂'];

/// Code points of an OpenType font, from the format 4 subtable of its `cmap` (segments of last and first character).
fn characters(font: &[u8]) -> BTreeSet<u32> {
    let u16_at = |at: usize| usize::from(u16::from_be_bytes([font[at], font[at + 1]]));
    let u32_at = |at: usize| u32::from_be_bytes([font[at], font[at + 1], font[at + 2], font[at + 3]]) as usize;
    let table = (0..u16_at(4)).map(|i| 12 + 16 * i).find(|at| &font[*at..*at + 4] == b"cmap").unwrap();
    let cmap = u32_at(table + 8);
    let subtable = (0..u16_at(cmap + 2)).map(|i| cmap + u32_at(cmap + 8 + 8 * i)).find(|at| u16_at(*at) == 4).unwrap();
    let doubled = u16_at(subtable + 6);
    let (ends, starts) = (subtable + 14, subtable + 16 + doubled);
    (0..doubled)
        .step_by(2)
        .flat_map(|i| u16_at(starts + i)..=u16_at(ends + i))
        .filter(|code| *code < 0xFFFF)
        .map(|code| code as u32)
        .collect()
}
