//! The field in the panels: readings in the inspector, devices, alarms, and the line that says what is shown.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

use egui_kittest::kittest::Queryable;
use hypocaust::live::alarm::{AlarmId, Happening, Kind, Priority, Record, Row, State};
use hypocaust::live::estimate::{Candidate, Error, Estimate, Leak, Position, Residual, Standing, Suspect, Taken};
use hypocaust::live::health::Score;
use hypocaust::live::screening::Cause;
use hypocaust::live::{Doubt, Fault, Observed, Quality, Sample, Tag, TagId, TagTable, Timestamp};
use hypocaust::network::edit::Edit;
use hypocaust::network::{ElementKind, ElementRef, Network};
use hypocaust::session::live::{
    AlarmBoard, AlarmLine, Concern, DeviceLine, EstimateShown, Frequent, Latest, LiveCommand, LiveNews, LiveSource,
    Picture, Points, Trends,
};
use hypocaust::session::{Command, Panel};
use hypocaust::text::Language;
use hypocaust::units::Quantity;

use crate::desk::{Desk, element, solution, texts};
use crate::languages::{ALLOWED, latin_words};

pub const NOW: Timestamp = Timestamp::from_ms(1_768_330_500_000);

fn tag(name: &str, element: ElementRef, observed: Observed, quantity: Quantity) -> Tag {
    Tag {
        name: name.into(),
        device: "C1".into(),
        element: Some(element),
        observed,
        quantity,
        period_ms: 1000,
        range: None,
        limits: Default::default(),
        deviation_si: None,
    }
}

/// One instrument 3 K too high, water leaving at P2.
fn estimate(network: &Network) -> Estimate {
    let residual = |tag: u32, normalised: f64| Residual {
        tag: TagId(tag),
        measured: 1.0,
        estimated: 1.0,
        deviation: 0.3,
        normalised,
        used: true,
    };
    let link = network.link_id("P2").unwrap();
    Estimate {
        at: NOW,
        converged: true,
        iterations: 4,
        solution: solution(network),
        nodes: Vec::new(),
        links: Vec::new(),
        residuals: vec![residual(0, 6.0), residual(1, -0.3), residual(2, 0.4)],
        suspects: vec![Suspect {
            tag: TagId(0),
            error: Error::Offset(3.0),
            normalised: 6.0,
            since: NOW.plus_ms(-120_000),
            or_else: Vec::new(),
        }],
        leak: Some(Leak {
            since: NOW.plus_ms(-180_000),
            mass_flow_kg_s: 4.0,
            deviation_kg_s: 0.5,
            candidates: vec![Candidate { link, probability: 0.7, mass_flow_kg_s: 4.0, deviation_kg_s: 0.5 }],
        }),
        sum_of_squares: 2.0,
        redundancy: 3.0,
        observed_nodes: [4, 10],
        observed_links: [5, 11],
    }
}

/// A substation whose supply temperature is stuck and whose return pressure no longer comes; one dead device, two alarms.
pub fn desk(language: Language) -> Desk {
    let mut desk = Desk::new(language);
    let network = desk.session.network().clone();
    let consumer = element(ElementKind::Consumer, "C1");
    let mut tags = TagTable::default();
    let supply = element(ElementKind::Node, "S4");
    for one in [
        tag("C1.T1", supply, Observed::Temperature, Quantity::Temperature),
        tag("C1.P2", consumer.clone(), Observed::ReturnPressure, Quantity::Pressure),
        tag("C1.F", consumer.clone(), Observed::MassFlow, Quantity::MassFlow),
    ] {
        tags.add(one).unwrap();
    }
    let points = Arc::new(Points::new(Arc::new(tags), &network));
    let mut trends = Trends::new(3, NOW.plus_ms(-600_000));
    for minute in 0..60 {
        let time = NOW.plus_ms(-600_000 + 10_000 * minute);
        let value = 99.0 + minute as f64 / 60.0;
        trends.push(&Sample { tag: TagId(0), source_time: time, arrival_time: time, value, quality: Quality::Good });
    }
    let latest = [
        (100.0, 0, Quality::Uncertain(Doubt::Stuck), Cause::Stuck { since: NOW.plus_ms(-300_000), samples: 300 }),
        (512e3, -240_000, Quality::Bad(Fault::Communication), Cause::Given),
        (19.5, -500, Quality::Good, Cause::Given),
    ]
    .map(|(value, ago_ms, quality, cause)| Latest { value, source_time: NOW.plus_ms(ago_ms), quality, cause });
    let device = |name: &str, answers: bool, element: Option<ElementRef>| DeviceLine {
        name: name.into(),
        address: "127.0.0.1:5021".to_owned(),
        answers,
        last_answer: Some(NOW.plus_ms(if answers { 0 } else { -240_000 })),
        latency_ms: answers.then_some([0.4, 1.2]),
        element,
        tags: 3,
        good_share: if answers { 2.0 / 3.0 } else { 0.0 },
    };
    let alarm = |id: u32, kind: Kind, priority: Priority, state: State| AlarmLine {
        row: Row {
            alarm: AlarmId(id),
            name: "C1.T1/high".into(),
            kind,
            state,
            priority,
            active: true,
            raised: Some(NOW.plus_ms(-90_000)),
            value: Some(131.0),
            limit: Some(130.0),
            tag: Some(TagId(0)),
            device: "C1".into(),
            element: Some(consumer.clone()),
            acknowledged: None,
            shelf: None,
            suppressed_by: None,
            out_of_service: None,
        },
        quantity: Quantity::Temperature,
    };
    let event = |number: u64, what: Happening, to: State| Record {
        number,
        at: NOW.plus_ms(-90_000 + 10_000 * number as i64),
        seen: NOW,
        alarm: "C1.T1/high-high".into(),
        kind: Kind::HighHigh,
        priority: Priority::High,
        what,
        from: State::Normal,
        to,
        value: Some(131.0),
        limit: Some(130.0),
        quantity: Some(Quantity::Temperature),
        by: None,
    };
    let concern = Concern::Alarm { priority: 1, unacknowledged: true };
    let estimate = EstimateShown {
        number: 1,
        state: desk.session.document().state(),
        solution: Arc::new(solution(&network)),
        of_tags: vec![[99.4, 0.2], [505e3, 2e3], [20.1, 0.3]].into(),
        standing: [Standing {
            element: ElementRef::new(ElementKind::Valve, "V1"),
            tag: TagId(2),
            field: Position::Opening(0.4),
            drawn: Position::Opening(1.0),
            since: NOW,
            taken: Taken::Waits,
        }]
        .into(),
        estimate: Arc::new(estimate(&network)),
    };
    let picture = Picture {
        now: NOW,
        points,
        latest: latest.into(),
        devices: [device("C1", true, Some(consumer.clone())), device("C9", false, None)].into(),
        control: Arc::default(),
        orders: Arc::default(),
        alarms: Arc::new(AlarmBoard {
            lines: vec![
                alarm(7, Kind::HighHigh, Priority::High, State::Unacknowledged),
                alarm(8, Kind::High, Priority::Low, State::Acknowledged),
            ],
            events: [
                event(
                    2,
                    Happening::Acknowledged { user: "李".to_owned(), comment: String::new() },
                    State::Acknowledged,
                ),
                event(1, Happening::Raised, State::Unacknowledged),
            ]
            .into(),
            frequent: vec![Frequent {
                subject: "C1.T1".to_owned(),
                kind: Kind::HighHigh.key(),
                count: 12,
                share: 0.75,
            }],
            of_the_day: 16,
            ..AlarmBoard::default()
        }),
        concerns: Arc::new(BTreeMap::from([(consumer, concern)])),
        estimate: Some(Arc::new(estimate)),
        score: Some(Score { score: 0.667, good: 2, uncertain: 1, bad: 1 }),
        trends: Arc::new(RwLock::new(trends)),
        samples: 1234,
        dropped: 0,
    };
    desk.session.connect(LiveSource::Simulated);
    assert!(desk.session.take_live(LiveNews::Picture(Arc::new(picture))));
    desk
}

#[test]
fn readings_tell_measured_estimated_and_calculated_apart() {
    let mut desk = desk(Language::English);
    desk.ask(Command::Select(element(ElementKind::Consumer, "C1")));
    let mut harness = desk.open(1280.0, 900.0);
    harness.run_ok();
    let shown: Vec<String> = texts(&harness).into_iter().map(|(text, ..)| text).collect();
    let has = |wanted: &str| assert!(shown.iter().any(|text| text.contains(wanted)), "no '{wanted}' in {shown:#?}");
    // Measured where the pipe ends, shown at the substation; doubted, with the reason; estimated with its spread.
    has("100.0 °C");
    has("without change 300 times");
    has("estimated 99.4 °C ± 0.2");
    // No longer comes: the last value with its age.
    has("512.0 kPa");
    has("4 min");
    has("calculated");
}

#[test]
fn a_what_if_is_not_painted_with_the_field() {
    let mut desk = desk(Language::English);
    assert!(desk.session.shows_live());
    let field = desk.session.shown_version();
    let pipe = element(ElementKind::Pipe, "P1");
    desk.ask(Command::Edit(Edit::set(pipe, "length_m", 700.0)));
    assert!(!desk.session.shows_live() && !desk.session.is_field_state());
    desk.ask(Command::Undo);
    assert!(desk.session.shows_live());
    assert_eq!(desk.session.shown_version(), field);
    desk.ask(Command::Live(LiveCommand::ToggleFollow));
    assert!(!desk.session.shows_live() && desk.session.is_field_state());
    assert_ne!(desk.session.shown_version(), field);
}

#[test]
fn an_alarm_is_answered_by_a_click() {
    let mut desk = desk(Language::English);
    desk.ask(Command::ShowPanel(Panel::Alarms));
    let mut harness = desk.open(1280.0, 900.0);
    harness.run_ok();
    harness.get_by_label("Acknowledge").click();
    harness.run_ok();
    assert!(harness.state().log.contains(&Command::Live(LiveCommand::Acknowledge(AlarmId(7)))));
    harness.get_all_by_label("C1.T1").next().expect("the place of the first alarm").click();
    harness.run_ok();
    assert_eq!(harness.state().session.selection(), Some(&element(ElementKind::Consumer, "C1")));
}

/// What is folded away is opened too.
fn open_alarms(harness: &mut egui_kittest::Harness<'_, Desk>, language: Language) {
    let text = language.texts();
    let most = text.with("live-alarms-frequent", &[("count", "16".into())]);
    for title in [text.get("live-alarms-events").into_owned(), most] {
        harness.get_by_label(&title).click();
        harness.run_ok();
    }
}

#[test]
fn what_happened_to_alarms_is_told_in_order_with_who_and_when() {
    let mut desk = desk(Language::English);
    desk.ask(Command::ShowPanel(Panel::Alarms));
    let mut harness = desk.open(1280.0, 900.0);
    harness.run_ok();
    open_alarms(&mut harness, Language::English);
    let shown: Vec<String> = texts(&harness).into_iter().map(|(text, ..)| text).collect();
    let place = |wanted: &str| {
        shown.iter().position(|text| text.contains(wanted)).unwrap_or_else(|| panic!("no '{wanted}' in {shown:#?}"))
    };
    assert!(place("acknowledged · 李") < place("raised · 131.0 °C"), "the latest first");
    assert!(shown.contains(&NOW.plus_ms(-80_000).local_text()), "to the millisecond: {shown:#?}");
    place("12×");
    place("75 %");
}

#[test]
fn both_languages_fit_and_chinese_is_whole() {
    for language in Language::ALL {
        for panel in [Panel::Live, Panel::Alarms] {
            let mut desk = desk(language);
            desk.ask(Command::ShowPanel(panel));
            desk.ask(Command::Select(element(ElementKind::Consumer, "C1")));
            let mut harness = desk.open(1280.0, 720.0);
            harness.run_ok();
            if panel == Panel::Alarms {
                open_alarms(&mut harness, language);
            }
            for (text, rect, clip) in texts(&harness) {
                let inside = rect.left() >= clip.left() - 1.5 && rect.right() <= clip.right() + 1.5;
                assert!(inside, "{language:?} {panel:?}: '{text}' at {rect} is cut by {clip}");
                if language == Language::Chinese
                    && !Command::palette().iter().any(|c| c.shortcut().is_some_and(|s| s.text() == text))
                {
                    for word in latin_words(&text) {
                        assert!(ALLOWED.contains(&word.as_str()), "{panel:?}: '{word}' in '{text}'");
                    }
                }
            }
        }
    }
}

#[test]
fn leaks_and_wrong_instruments_are_named() {
    let mut desk = desk(Language::English);
    desk.ask(Command::ShowPanel(Panel::Live));
    let mut harness = desk.open(1280.0, 900.0);
    harness.run_ok();
    let shown: Vec<String> = texts(&harness).into_iter().map(|(text, ..)| text).collect();
    for wanted in [
        "Water is leaving",
        "Valve V1 stands at 40.0 %, drawn open; the estimate",
        "C1.T1 reads 3.0 K too much",
        "40.0 % of pressures",
    ] {
        assert!(shown.iter().any(|text| text.contains(wanted)), "no '{wanted}' in {shown:#?}");
    }
    harness.get_by_label("P2").click();
    harness.run_ok();
    assert_eq!(harness.state().session.selection(), Some(&element(ElementKind::Pipe, "P2")));
}
