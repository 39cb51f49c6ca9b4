//! The printed report: its text can be read back from the file, everything lies on its page, nothing covers anything.

use std::collections::BTreeMap;

use hypocaust::emergency::burst::Hole;
use hypocaust::emergency::incident::{BreakRecord, Entry, Event, Incident, Moment, Opening, OrderState};
use hypocaust::emergency::{Break, Request, Response, respond};
use hypocaust::io::emergency as forms;
use hypocaust::io::report::{PAGE_HEIGHT, PAGE_WIDTH, Printed, Report, print};
use hypocaust::network::edit::Edit;
use hypocaust::network::generate::demo_city;
use hypocaust::network::{Consumer, Demand, Network, Node, Pipe, Side, Source, SourceControl, Valve};
use hypocaust::solver::Solver;
use hypocaust::text::Language;
use hypocaust::units::DisplayUnits;

fn made() -> Moment {
    "2026-11-22T23:30:00+08:00".parse().unwrap()
}

fn printed(
    network: Option<&Network>,
    response: Option<&Response>,
    incident: Option<&Incident>,
    language: Language,
) -> Printed {
    let units = DisplayUnits::default();
    print(&Report { network, response, incident, language, units: &units, made: made(), who: "Wang 王" }).unwrap()
}

fn answer(network: &mut Network, pipe: &str) -> (Request, Response) {
    let link = network.link_id(pipe).unwrap();
    let breaks = vec![Break { link, position: 0.5, hole: Hole::FullBore }];
    let request = Request { breaks, without_resupply: pipe.starts_with("PR"), ..Request::default() };
    let response = respond(network, &request, &mut Solver::new()).unwrap();
    (request, response)
}

/// Everything packed in the file, unpacked, in order.
fn streams(pdf: &[u8]) -> Vec<Vec<u8>> {
    let find = |from: usize, what: &[u8]| {
        pdf[from..].windows(what.len()).position(|window| window == what).map(|at| from + at)
    };
    let mut out = Vec::new();
    let mut from = 0;
    while let Some(start) = find(from, b"\nstream\n") {
        let data = start + b"\nstream\n".len();
        let head = String::from_utf8_lossy(&pdf[from..start]).into_owned();
        let length = head.rsplit("/Length ").next().unwrap();
        let length: usize = length.split_whitespace().next().unwrap().parse().unwrap();
        out.push(miniz_oxide::inflate::decompress_to_vec_zlib(&pdf[data..data + length]).unwrap());
        from = data + length;
    }
    out
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect()
}

/// Glyph to character, as the file's own map says.
fn map(cmap: &str) -> BTreeMap<u16, String> {
    let mut out = BTreeMap::new();
    // Behind the range of codes, which looks the same.
    for line in cmap.split("beginbfchar").skip(1).flat_map(str::lines) {
        let parts: Vec<&str> = line.split(['<', '>']).collect();
        if let ["", glyph, " ", text, ""] = parts[..] {
            let glyph = hex(glyph);
            let units: Vec<u16> = hex(text).chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            out.insert(u16::from_be_bytes([glyph[0], glyph[1]]), String::from_utf16(&units).unwrap());
        }
    }
    out
}

/// The strings of a page, in the order they are shown.
fn shown(content: &[u8], map: &BTreeMap<u16, String>) -> Vec<String> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < content.len() {
        let mut codes = Vec::new();
        match content[at] {
            b'<' => {
                let end = at + content[at..].iter().position(|byte| *byte == b'>').unwrap();
                codes = hex(std::str::from_utf8(&content[at + 1..end]).unwrap());
                at = end;
            }
            b'(' => {
                at += 1;
                let mut depth = 1;
                loop {
                    match content[at] {
                        b'\\' => {
                            at += 1;
                            match content[at] {
                                b'n' => codes.push(b'\n'),
                                b'r' => codes.push(b'\r'),
                                b't' => codes.push(b'\t'),
                                b'b' => codes.push(8),
                                b'f' => codes.push(12),
                                b'0'..=b'7' => {
                                    let digits = std::str::from_utf8(&content[at..at + 3]).unwrap();
                                    codes.push(u8::from_str_radix(digits, 8).unwrap());
                                    at += 2;
                                }
                                other => codes.push(other),
                            }
                        }
                        b'(' => {
                            depth += 1;
                            codes.push(b'(');
                        }
                        b')' if depth == 1 => break,
                        b')' => {
                            depth -= 1;
                            codes.push(b')');
                        }
                        other => codes.push(other),
                    }
                    at += 1;
                }
            }
            _ => {
                at += 1;
                continue;
            }
        }
        out.push(codes.chunks(2).map(|pair| map[&u16::from_be_bytes([pair[0], pair[1]])].as_str()).collect());
        at += 1;
    }
    out
}

/// The texts of a file, page by page: read from the bytes alone.
fn texts(pdf: &[u8]) -> Vec<Vec<String>> {
    let streams = streams(pdf);
    let is_cmap = |stream: &&Vec<u8>| stream.windows(11).any(|window| window == b"beginbfchar");
    let map = map(std::str::from_utf8(streams.iter().find(is_cmap).unwrap()).unwrap());
    streams.iter().filter(|stream| stream.windows(3).any(|w| w == b" Tf")).map(|stream| shown(stream, &map)).collect()
}

/// Everything on its page, nothing on anything else, and in the file what was meant to be in it.
pub fn check(printed: &Printed) {
    for (number, box_) in printed.placed.iter().enumerate() {
        assert!(box_.page < printed.pages);
        assert!(
            box_.x >= 20.0
                && box_.y >= 20.0
                && box_.x + box_.width <= PAGE_WIDTH - 20.0
                && box_.y + box_.height <= PAGE_HEIGHT - 20.0,
            "outside the page: {box_:?}"
        );
        for other in printed.placed[number + 1..].iter().filter(|other| other.page == box_.page) {
            let apart = box_.x + box_.width <= other.x + 0.6
                || other.x + other.width <= box_.x + 0.6
                || box_.y + box_.height <= other.y + 0.6
                || other.y + other.height <= box_.y + 0.6;
            assert!(apart, "one covers the other: {box_:?} {other:?}");
        }
    }
    let texts = texts(&printed.bytes);
    assert_eq!(texts.len(), printed.pages);
    for (page, shown) in texts.iter().enumerate() {
        let meant: Vec<&str> =
            printed.placed.iter().filter(|placed| placed.page == page).map(|placed| placed.text.as_str()).collect();
        // Blanks that never break have the blank's glyph.
        assert_eq!(shown.join("\n").replace('\u{a0}', " "), meant.join("\n").replace('\u{a0}', " "));
    }
}

pub fn whole(printed: &Printed) -> String {
    texts(&printed.bytes).concat().join("\n")
}

#[test]
fn the_plan_of_the_demo_city_is_whole_in_both_languages() {
    let mut network = demo_city();
    let (_, response) = answer(&mut network, "PS0005");
    for (language, words) in [
        (Language::English, ["Emergency plan", "Valves to close, in this order", "How the numbers were found"]),
        (Language::Chinese, ["应急处置方案", "关阀顺序", "数据的由来"]),
    ] {
        let report = printed(Some(&network), Some(&response), None, language);
        check(&report);
        let text = whole(&report);
        for word in words {
            assert!(text.contains(word), "{word}");
        }
        for task in &response.tasks {
            let id = network.link_name(task.valve);
            assert!(text.contains(&*id), "{id}");
        }
        assert!(text.contains("2026-11-22T23:30:00+08:00"));
        let hospital = response.impact.as_ref().unwrap().consumers.first().unwrap();
        assert!(text.contains(&*network.link_name(hospital.consumer)));
        // Equal input, equal bytes.
        assert_eq!(printed(Some(&network), Some(&response), None, language).bytes, report.bytes);
    }
}

/// Every part that has numbers says how they were found; the solves named are those of the answer.
#[test]
fn every_part_of_the_plan_says_how_its_numbers_were_found() {
    let mut network = demo_city();
    let (_, response) = answer(&mut network, "PS0005");
    let sheet = forms::sheet(&network, &response, Language::English, &DisplayUnits::default());
    for section in &sheet.sections {
        assert!(!section.found.is_empty(), "{}", section.title);
    }
    let steps = format!("{} steps", response.impact.as_ref().unwrap().solution.report.iterations);
    let users = sheet.sections.iter().find(|section| section.title == "Who loses heat");
    let users = users.unwrap_or_else(|| panic!("{:?}", sheet.sections.iter().map(|s| &s.title).collect::<Vec<_>>()));
    assert!(users.found.contains(&steps) && users.found.contains("plan carried out"), "{}", users.found);
}

#[test]
fn a_rehearsal_is_marked_and_prints_without_its_network() {
    let mut network = demo_city();
    let (request, response) = answer(&mut network, "PR0005");
    let entry = |event: Event, text: &str| Entry { time: made(), who: "李".to_owned(), event, text: text.to_owned() };
    let mut incident = Incident::default();
    let opening = Opening { id: "T-7".to_owned(), drill: true, ..Opening::default() };
    incident.push(entry(Event::Opened(Box::new(opening)), "")).unwrap();
    let broken = BreakRecord { element: "PR0005".into(), position: 0.5, hole_m2: None };
    incident.push(entry(Event::Reported { breaks: vec![broken] }, "")).unwrap();
    for event in forms::plan_events(&network, &request, &response).unwrap() {
        incident.push(entry(event, "")).unwrap();
    }
    let (first, second) = (network.link_name(response.tasks[0].valve), network.link_name(response.tasks[1].valve));
    incident.push(entry(Event::ValveConfirmed { valve: first }, "43 turns")).unwrap();
    incident.push(entry(Event::ValveStuck { valve: second, unreachable: false }, "")).unwrap();
    let complaint = Event::Complaint { address: "湖滨路 3 号".into(), phone: "555 0101".into(), element: None };
    incident.push(entry(complaint, "no heat since ten")).unwrap();
    let order =
        Event::WorkOrder { order: "W-1".into(), crew: "北队".into(), state: OrderState::OnSite, element: None };
    incident.push(entry(order, "weld")).unwrap();
    for language in Language::ALL {
        let full = printed(Some(&network), Some(&response), Some(&incident), language);
        let alone = printed(None, None, Some(&incident), language);
        for report in [&full, &alone] {
            check(report);
            let text = whole(report);
            for word in ["T-7", "43 turns", "湖滨路 3 号", "555 0101", "W-1", "北队"] {
                assert!(text.contains(word), "{word}");
            }
            let mark = language.texts().get("report-drill");
            assert!(texts(&report.bytes).iter().all(|page| page.iter().any(|text| *text == mark)));
            for task in &response.tasks {
                assert!(text.contains(&*network.link_name(task.valve)));
            }
        }
        assert!(alone.pages < full.pages);
    }
}

/// Two districts without coordinates, names longer than a page is wide, signs no typeface has.
#[test]
fn long_names_missing_signs_and_no_coordinates() {
    let mut network = Network::new();
    for (side, letter) in [(Side::Supply, 'S'), (Side::Return, 'R')] {
        for n in 0..4 {
            network.insert_node(format!("{letter}{n}"), Node { side, ..Node::default() }).unwrap();
        }
        let pipe = Pipe { length_m: 300.0, inner_diameter_m: 0.3, outer_diameter_m: 0.325, ..Pipe::default() };
        let valve = Valve { diameter_m: Some(0.3), ..Valve::default() };
        network.insert_link_between(format!("V{letter}"), &format!("{letter}0"), &format!("{letter}1"), valve).unwrap();
        for n in 1..3 {
            let ends = (format!("{letter}{n}"), format!("{letter}{}", n + 1));
            network.insert_link_between(format!("P{letter}{n}"), &ends.0, &ends.1, pipe.clone()).unwrap();
        }
    }
    let control = SourceControl::Reference { return_pressure_pa: 400_000.0, pressure_rise_pa: 300_000.0 };
    let source = Source { control, supply_temperature_c: 110.0, ..Source::default() };
    network.insert_link_between("H", "R0", "S0", source).unwrap();
    let demand = Demand::Heat { heat_w: 1e6 };
    let consumer = Consumer { demand, return_temperature_c: 50.0, ..Consumer::default() };
    network.insert_link_between("C", "S3", "R3", consumer).unwrap();
    let (_, plain) = answer(&mut network, "PS1");
    assert!(!plain.tasks.is_empty());
    let long = "一".repeat(3000) + "\u{1F525}\u{200d}𠮷 \t" + &"x".repeat(2000);
    for id in ["VS", "C", "PS1"] {
        let element = network.link_ref(network.link_id(id).unwrap());
        Edit::set(element, "name", long.as_str()).apply(&mut network).unwrap();
    }
    let (_, response) = answer(&mut network, "PS1");
    for language in Language::ALL {
        let report = printed(Some(&network), Some(&response), None, language);
        check(&report);
        let text = whole(&report);
        assert!(text.contains("[U+1F525]") && text.contains("[U+20BB7]"), "signs the typeface lacks are named");
        assert!(text.contains(&*language.texts().get("report-no-map")));
    }
}

#[test]
fn a_report_of_nothing_is_one_page() {
    for language in Language::ALL {
        let report = printed(None, None, None, language);
        check(&report);
        assert_eq!(report.pages, 1);
    }
    let network = Network::new();
    check(&printed(Some(&network), None, None, Language::English));
}

/// The typeface in the file has exactly the glyphs used, each with an outline.
#[test]
fn the_embedded_typeface_is_cut_down_to_the_signs_used() {
    let report = printed(None, None, None, Language::Chinese);
    let streams = streams(&report.bytes);
    let font = streams.iter().find_map(|stream| ttf_parser::cff::Table::parse(stream)).unwrap();
    let map = streams.iter().find(|stream| stream.windows(11).any(|window| window == b"beginbfchar")).unwrap();
    let map = map_of(map);
    assert_eq!(usize::from(font.number_of_glyphs()), map.len() + 1);
    struct Nothing;
    impl ttf_parser::OutlineBuilder for Nothing {
        fn move_to(&mut self, _: f32, _: f32) {}
        fn line_to(&mut self, _: f32, _: f32) {}
        fn quad_to(&mut self, _: f32, _: f32, _: f32, _: f32) {}
        fn curve_to(&mut self, _: f32, _: f32, _: f32, _: f32, _: f32, _: f32) {}
        fn close(&mut self) {}
    }
    for (glyph, text) in map.iter().filter(|(_, text)| *text != " ") {
        assert!(font.outline(ttf_parser::GlyphId(*glyph), &mut Nothing).is_ok(), "{text}");
    }
    assert!(report.bytes.len() < 60_000, "{}", report.bytes.len());
}

fn map_of(cmap: &[u8]) -> BTreeMap<u16, String> {
    map(std::str::from_utf8(cmap).unwrap())
}
