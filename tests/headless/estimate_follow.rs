//! Openings and states measured in the field are taken over by the estimation, and only such as can be believed.

use std::sync::Arc;

use hypocaust::live::estimate::trial::{Setup, instruments};
use hypocaust::live::estimate::{Estimate, Follower, Options, Position, Standing, Taken};
use hypocaust::live::{Doubt, Fault, Observed, Quality, Readings, Sample, Tag, TagId, TagTable, Timestamp};
use hypocaust::network::edit::Edit;
use hypocaust::network::generate::demo_city;
use hypocaust::network::{ElementKind, ElementRef, Network};
use hypocaust::solver::{Options as SolveOptions, Solution, Solver};
use hypocaust::text::Language;
use hypocaust::units::{DisplayUnits, Quantity};

use crate::support::rows::{boosted, tag};

/// A sectioning valve of a main that carries much water.
const VALVE: &str = "VS0001";

fn valve() -> ElementRef {
    ElementRef::new(ElementKind::Valve, VALVE)
}

fn solve(network: &Network) -> Solution {
    Solver::new().solve(network, &SolveOptions::default())
}

fn with(network: &Network, element: &ElementRef, field: &str, value: impl Into<serde_json::Value>) -> Network {
    let mut other = network.clone();
    Edit::set(element.clone(), field, value).apply(&mut other).unwrap();
    other
}

/// What exact instruments show of a network.
fn exact(network: &Network, tags: &TagTable, at: Timestamp) -> Vec<Sample> {
    let solution = solve(network);
    let readings = Readings::new(network, tags.iter().map(|(_, tag)| tag));
    let one = |(place, (tag, _)): (usize, (TagId, &Tag))| Sample {
        tag,
        source_time: at,
        arrival_time: at,
        value: readings.get(network, &solution, place).unwrap_or(f64::NAN),
        quality: Quality::Good,
    };
    tags.iter().enumerate().map(one).collect()
}

/// The city, the instruments of its plants and stations, and the transmitter of one valve.
fn city() -> (Arc<Network>, Arc<TagTable>, TagId) {
    let network = Arc::new(demo_city());
    let mut tags = instruments(&network, &solve(&network), &Setup::default(), 1);
    let position = tags.add(tag("VS0001.CV", valve(), Observed::Opening, Quantity::Share)).unwrap();
    (network, Arc::new(tags), position)
}

fn second(seconds: i64) -> Timestamp {
    Timestamp::from_ms(1000 * seconds)
}

fn worst_pa(truth: &Network, estimate: &Estimate) -> f64 {
    let wanted = solve(truth);
    let pairs = wanted.nodes.iter().zip(&estimate.solution.nodes);
    pairs.map(|(a, b)| (a.pressure_pa - b.pressure_pa).abs()).fold(0.0, f64::max)
}

fn follower(network: &Arc<Network>, tags: &Arc<TagTable>) -> Follower {
    Follower::new(network.clone(), tags.clone(), Options::default()).unwrap()
}

fn opening(network: &Network) -> f64 {
    network.link_view(network.find_link(&valve()).unwrap()).unwrap().valve().unwrap().opening
}

fn told(standing: &[Standing], tags: &TagTable, language: Language) -> Vec<String> {
    let units = DisplayUnits::default();
    standing.iter().map(|standing| standing.text(tags, language, &units)).collect()
}

#[test]
fn a_valve_that_stands_otherwise_than_drawn_is_estimated_as_it_stands() {
    let (network, tags, position) = city();
    let truth = with(&network, &valve(), "opening", 0.04);
    let samples = exact(&truth, &tags, second(0));
    let mut following = follower(&network, &tags);
    let estimate = following.estimate(&samples, second(0));
    assert!(estimate.converged && estimate.suspects.is_empty(), "{:?}", estimate.suspects);
    let error_pa = worst_pa(&truth, &estimate);
    assert!(error_pa < 10.0, "{error_pa} Pa off");
    let standing = following.standing();
    assert_eq!(told(&standing, &tags, Language::English), ["Valve VS0001 stands at 4.0 %, drawn open"]);
    assert_eq!(told(&standing, &tags, Language::Chinese), ["阀门 VS0001 现场开度 4.0 %，图上全开"]);
    assert_eq!((standing[0].tag, standing[0].taken), (position, Taken::Yes));
    // Without the transmitter the same readings fit the network as drawn badly.
    let blind: Vec<Sample> = samples.into_iter().filter(|sample| sample.tag != position).collect();
    let mut drawn = follower(&network, &tags);
    let estimate = drawn.estimate(&blind, second(0));
    assert!(!estimate.suspects.is_empty() || worst_pa(&truth, &estimate) > 100.0 * error_pa);
    assert!(drawn.standing().is_empty());
}

#[test]
fn a_position_that_cannot_be_believed_moves_nothing() {
    let (network, tags, position) = city();
    let truth = exact(&network, &tags, second(0));
    let shown = |quality: Quality, value: f64, at: Timestamp| -> Vec<Sample> {
        let change = |sample: &Sample| match sample.tag {
            tag if tag == position => Sample { value, quality, source_time: at, ..*sample },
            _ => *sample,
        };
        truth.iter().map(change).collect()
    };
    let bad = [
        (Quality::Bad(Fault::Communication), 0.0, second(0)),
        (Quality::Bad(Fault::OutOfRange), 0.5, second(0)),
        (Quality::Uncertain(Doubt::Spike), 0.5, second(0)),
        (Quality::Uncertain(Doubt::Stale), 0.5, second(0)),
        (Quality::Good, f64::NAN, second(0)),
        // Good once, long ago.
        (Quality::Good, 0.5, second(-3600)),
    ];
    for (quality, value, at) in bad {
        let mut following = follower(&network, &tags);
        following.estimate(&shown(quality, value, at), second(0));
        assert!(following.standing().is_empty(), "{quality:?} {value}: {:?}", following.standing());
        assert!(Arc::ptr_eq(following.network(), &network));
    }
    // What was taken over stays when the transmitter fails: neither does it go back by itself.
    let mut following = follower(&network, &tags);
    following.estimate(&shown(Quality::Good, 0.5, second(0)), second(0));
    assert_eq!(opening(following.network()), 0.5);
    for minute in 1..10 {
        following.estimate(&shown(Quality::Bad(Fault::Communication), 1.0, second(60 * minute)), second(60 * minute));
        assert_eq!(opening(following.network()), 0.5);
    }
    assert_eq!(following.standing().len(), 1);
}

/// A valve is shut over some minutes, read every twenty seconds, and opened again.
#[test]
fn while_a_valve_moves_the_estimator_is_made_anew_once_a_minute_at_most() {
    let (network, tags, position) = city();
    let mut following = follower(&network, &tags);
    let course = |step: i64| match step {
        ..6 => 1.0,
        6..18 => 1.0 - (step - 5) as f64 / 12.0 * 0.9,
        18..30 => 0.1,
        _ => 1.0,
    };
    let at_rest = exact(&network, &tags, second(0));
    let mut networks: Vec<(i64, Arc<Network>)> = Vec::new();
    for step in 0..40 {
        let now = second(20 * step);
        let change = |sample: &Sample| {
            let value = if sample.tag == position { course(step) } else { sample.value };
            Sample { value, source_time: now, arrival_time: now, ..*sample }
        };
        // Only what is asked of openings matters here: the readings are those of the valve drawn.
        following.estimate(&at_rest.iter().map(change).collect::<Vec<_>>(), now);
        if networks.last().is_none_or(|(_, last)| !Arc::ptr_eq(last, following.network())) {
            networks.push((step, following.network().clone()));
        }
        match step {
            4 => assert!(following.standing().is_empty()),
            // A position told once is not yet taken over, but it is said.
            6 => assert!(matches!(following.standing()[..], [Standing { taken: Taken::Waits, .. }])),
            7 => assert!(matches!(following.standing()[..], [Standing { taken: Taken::Yes, .. }])),
            29 => {
                assert!((opening(following.network()) - 0.1).abs() < 0.02);
                assert_eq!(following.standing()[0].taken, Taken::Yes);
            }
            _ => {}
        }
    }
    assert!(networks.len() > 2, "{}", networks.len());
    // The first two belong to the beginning: as drawn, and the first movement.
    for pair in networks.windows(2).skip(1) {
        assert!(pair[1].0 - pair[0].0 >= 3, "made anew at steps {} and {}", pair[0].0, pair[1].0);
    }
    assert_eq!(opening(following.network()), 1.0);
    assert!(following.standing().is_empty());
}

/// What was known of the instruments before a valve moved is still known afterwards.
#[test]
fn what_is_known_of_instruments_outlives_a_valve() {
    let (network, tags, _) = city();
    let wrong = tags.iter().find(|(_, tag)| &*tag.name == "ST020.SupplyPressure").unwrap().0;
    let mut following = follower(&network, &tags);
    let shut = with(&network, &valve(), "opening", 0.04);
    let mut last = None;
    for minute in 0..14 {
        let truth = if minute < 8 { &*network } else { &shut };
        let mut samples = exact(truth, &tags, second(60 * minute));
        for (at, sample) in samples.iter_mut().enumerate() {
            // A little noise, or every instrument would be stuck.
            sample.value *= 1.0 + 1e-4 * (at as f64 + 1.3 * minute as f64).sin();
            if sample.tag == wrong && minute > 3 {
                sample.value += 60e3;
            }
        }
        last = Some(following.estimate(&samples, second(60 * minute)));
    }
    let estimate = last.unwrap();
    assert_eq!(following.standing().len(), 1);
    let named: Vec<TagId> = estimate.suspects.iter().map(|suspect| suspect.tag).collect();
    assert_eq!(named, [wrong]);
    assert!(estimate.suspects[0].since <= second(300), "its record began anew");
    assert!(estimate.leak.is_none());
}

#[test]
fn pumps_sources_and_substations_stand_as_the_field_tells() {
    let point = serde_json::json!({ "curve": [{ "flow_m3_h": 120.0, "head_m": 20.0 }], "speed": 1.0 });
    let network = Arc::new(boosted(point));
    let of = |kind, id: &str| ElementRef::new(kind, id);
    let mut table = TagTable::default();
    let mut add = |name: &str, element: ElementRef, observed, quantity| {
        table.add(tag(name, element, observed, quantity)).unwrap()
    };
    let speed = add("B.HZ", of(ElementKind::Pump, "B"), Observed::Speed, Quantity::Share);
    let turns = add("B.RUN", of(ElementKind::Pump, "B"), Observed::Running, Quantity::Number);
    let boiler = add("H.B1.RUN", of(ElementKind::Source, "H"), Observed::Running, Quantity::Number);
    let circulation = add("H.CP.RUN", of(ElementKind::Source, "H"), Observed::Running, Quantity::Number);
    let flow = add("H.F", of(ElementKind::Source, "H"), Observed::MassFlow, Quantity::MassFlow);
    let control = add("C.CV", of(ElementKind::Consumer, "C"), Observed::Opening, Quantity::Share);
    let tags = Arc::new(table);
    let look = |values: &[(TagId, f64)]| {
        let at = second(0);
        let one = |&(tag, value): &(TagId, f64)| Sample {
            tag,
            source_time: at,
            arrival_time: at,
            value,
            quality: Quality::Good,
        };
        let samples: Vec<Sample> = values.iter().map(one).collect();
        let mut following = follower(&network, &tags);
        following.estimate(&samples, at);
        following
    };
    let pump = |following: &Follower| {
        let network = following.network();
        let view = network.link_view(network.link_id("B").unwrap()).unwrap();
        (view.pump().unwrap().running, view.pump().unwrap().speed)
    };
    let slow = look(&[(speed, 0.8), (turns, 1.0)]);
    assert_eq!(pump(&slow), (true, 0.8));
    let said = told(&slow.standing(), &tags, Language::English);
    assert_eq!(said, ["Pump B is turning at 80.0 %, drawn turning at 100.0 %"]);
    let still = look(&[(speed, 0.8), (turns, 0.0)]);
    assert!(!pump(&still).0, "a pump that is said to stand turns");
    // One boiler of a plant off is no plant off; all off with water flowing is a contradiction.
    assert!(look(&[(boiler, 0.0), (circulation, 1.0)]).standing().is_empty());
    assert!(look(&[(boiler, 0.0)]).standing().is_empty(), "half of what is needed to know was enough");
    let odd = look(&[(boiler, 0.0), (circulation, 0.0), (flow, 30.0)]);
    assert!(matches!(
        odd.standing()[..],
        [Standing { field: Position::InOperation(false), taken: Taken::Against(tag), .. }] if tag == flow
    ));
    assert!(Arc::ptr_eq(odd.network(), &network));
    assert!(told(&odd.standing(), &tags, Language::English)[0].contains("H.F says otherwise"));
    // The control valve of a substation shuts it off.
    let shut = look(&[(control, 0.0)]);
    let consumer = shut.network().link_view(shut.network().link_id("C").unwrap()).unwrap();
    assert!(consumer.consumer().unwrap().shut);
    assert!(look(&[(control, 0.3)]).standing().is_empty());
}
