//! Screening of samples: what a healthy instrument does passes, what a broken one does is named.

use hypocaust::live::screening::{Cause, Check, LEAST_RUN, Screen, stuck_after};
use hypocaust::live::{Doubt, Fault, Observed, Quality, Range, Sample, Tag, TagId, TagTable, Timestamp};
use hypocaust::network::{ElementKind, ElementRef, Network, generate};
use hypocaust::physics::water::enthalpy_j_kg;
use hypocaust::units::Quantity;

/// Random numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Normal, of deviation 1.
    fn noise(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

fn tag(name: &str, element: Option<(ElementKind, &str)>, observed: Observed, quantity: Quantity) -> Tag {
    let element = element.map(|(kind, id)| ElementRef::new(kind, id));
    Tag { device: "PLC".into(), element, period_ms: 1000, ..Tag::new(name, observed, quantity) }
}

fn sample(tag: TagId, ms: i64, value: f64) -> Sample {
    let at = Timestamp::from_ms(ms);
    Sample { tag, source_time: at, arrival_time: at, value, quality: Quality::Good }
}

/// One value of one tag through a screen, a second after the other.
fn course(tag_: Tag, values: &[f64]) -> Vec<Quality> {
    let mut table = TagTable::default();
    let id = table.add(tag_).unwrap();
    let mut screen = Screen::new(&table, None);
    values
        .iter()
        .enumerate()
        .map(|(at, &value)| {
            let mut one = [sample(id, at as i64 * 1000, value)];
            screen.screen(one[0].arrival_time, &mut one);
            one[0].quality
        })
        .collect()
}

fn thermometer() -> Tag {
    tag("T", None, Observed::SupplyTemperature, Quantity::Temperature)
}

#[test]
fn what_is_no_number_or_outside_the_instrument_is_bad() {
    let ranged = Tag { range: Some(Range { least: 0.0, most: 150.0 }), ..thermometer() };
    let found = course(ranged, &[90.0, f64::NAN, f64::INFINITY, 151.0, -0.1, 150.0]);
    let bad = Quality::Bad;
    assert_eq!(
        found[1..5],
        [bad(Fault::NotANumber), bad(Fault::NotANumber), bad(Fault::OutOfRange), bad(Fault::OutOfRange)]
    );
    assert!(found[0].is_good() && found[5] != bad(Fault::OutOfRange));
}

#[test]
fn a_spike_is_doubted_and_a_step_is_believed_with_its_second_value() {
    let doubt = Quality::Uncertain(Doubt::Spike);
    let pressure = || tag("P", None, Observed::SupplyPressure, Quantity::Pressure);
    let calm = [600e3, 601e3, 599e3, 600.5e3, 600.2e3];
    let spike: Vec<f64> = calm.iter().copied().chain([900e3, 600.1e3, 600.3e3]).collect();
    let found = course(pressure(), &spike);
    assert_eq!(found[5], doubt);
    assert!(found[..5].iter().chain(&found[6..]).all(|it| it.is_good()), "{found:?}");
    // A burst: the pressure falls and stays down. It must not be doubted for longer than one reading.
    let burst: Vec<f64> = calm.iter().copied().chain([280e3, 275e3, 272e3]).collect();
    let found = course(pressure(), &burst);
    assert_eq!(found[5], doubt);
    assert!(found[6..].iter().all(|it| it.is_good()), "{found:?}");
}

#[test]
fn faster_than_a_thermometer_can_change() {
    let found = course(thermometer(), &[90.0, 90.1, 130.0, 90.2, 90.1]);
    assert_eq!(found[2], Quality::Uncertain(Doubt::RateOfChange));
    assert!(found[3].is_good() && found[4].is_good());
}

#[test]
fn stamps_ahead_of_the_clock_or_behind_a_later_one() {
    let mut table = TagTable::default();
    let id = table.add(thermometer()).unwrap();
    let mut screen = Screen::new(&table, None);
    let mut one = |source_ms: i64, now_ms: i64, value: f64| {
        let mut one = [Sample { source_time: Timestamp::from_ms(source_ms), ..sample(id, now_ms, value) }];
        screen.screen(Timestamp::from_ms(now_ms), &mut one);
        one[0].quality
    };
    let clock = Quality::Uncertain(Doubt::Clock);
    assert!(one(0, 0, 90.0).is_good());
    assert!(one(5_000, 5_000, 90.1).is_good());
    assert_eq!(one(60_000, 6_000, 90.2), clock);
    assert_eq!(one(1_000, 7_000, 90.3), clock);
    assert!(one(8_000, 8_000, 90.4).is_good());
    // A clock set back by an hour: believed once three readings in a row are in order.
    assert_eq!(one(-3_600_000, 9_000, 90.5), clock);
    assert_eq!(one(-3_599_000, 10_000, 90.6), clock);
    assert!(one(-3_598_000, 11_000, 90.7).is_good());
    assert!(one(-3_597_000, 12_000, 90.8).is_good());
}

#[test]
fn an_instrument_that_stands_still_is_stuck_and_recovers() {
    let mut dice = Dice(1);
    let mut values: Vec<f64> = (0..200).map(|_| 90.0 + 0.3 * dice.noise()).collect();
    let still = values[199];
    values.extend(std::iter::repeat_n(still, 30));
    values.extend((0..10).map(|_| 90.0 + 0.3 * dice.noise()));
    let found = course(thermometer(), &values);
    let first = found.iter().position(|it| *it == Quality::Uncertain(Doubt::Stuck)).unwrap();
    // The stated time: ten readings of a restless instrument, the first of them the last that moved.
    assert_eq!(first, 199 + LEAST_RUN as usize - 1);
    assert!(found[..first].iter().chain(&found[230..]).all(|it| it.is_good()));
    // One not seen before: ninety-three.
    let found = course(thermometer(), &[90.0; 120]);
    assert_eq!(found.iter().position(|it| !it.is_good()), Some(stuck_after(5.0) as usize - 1));
    assert_eq!(stuck_after(5.0), 93);
}

#[test]
fn coarse_and_slow_instruments_are_not_stuck() {
    let mut dice = Dice(7);
    // A day, read every ten seconds, shown in steps of 0.1 K: the value stands at its turning points for long.
    let day: Vec<f64> = (0..8640)
        .map(|at| {
            let phase = f64::from(at) / 8640.0 * std::f64::consts::TAU;
            ((70.0 + 5.0 * phase.sin() + 0.03 * dice.noise()) * 10.0).round() / 10.0
        })
        .collect();
    let found = course(thermometer(), &day);
    let doubted = found.iter().filter(|it| !it.is_good()).count();
    assert_eq!(doubted, 0);
}

#[test]
fn set_points_states_totals_and_pumps_at_rest_may_stand() {
    for (observed, quantity, value) in [
        (Observed::SupplyTemperatureSetting, Quantity::Temperature, 55.0),
        (Observed::Opening, Quantity::Share, 0.4),
        (Observed::Speed, Quantity::Share, 0.9),
        (Observed::Running, Quantity::Number, 1.0),
        (Observed::Contact, Quantity::Number, 0.0),
        (Observed::Energy, Quantity::Energy, 1e12),
        (Observed::VolumeFlow, Quantity::VolumeFlow, 0.0),
        (Observed::Heat, Quantity::Heat, 0.0),
    ] {
        let found = course(tag("X", None, observed, quantity), &[value; 5000]);
        assert!(found.iter().all(|it| it.is_good()), "{observed:?}");
    }
}

#[test]
fn a_total_that_falls_is_doubted_once_and_another_meter_is_believed() {
    let energy = || tag("E", None, Observed::Energy, Quantity::Energy);
    let found = course(energy(), &[1e9, 1.1e9, 0.0, 1.2e9]);
    assert_eq!(found[2], Quality::Uncertain(Doubt::Spike));
    assert!(found[3].is_good());
    let found = course(energy(), &[1e9, 1.1e9, 0.0, 1e6, 2e6]);
    assert!(found[3].is_good() && found[4].is_good());
}

#[test]
fn what_no_longer_comes_becomes_stale_then_too_old() {
    let mut table = TagTable::default();
    let id = table.add(thermometer()).unwrap();
    let silent = table.add(tag("S", None, Observed::Pressure, Quantity::Pressure)).unwrap();
    let mut screen = Screen::new(&table, None);
    screen.screen(Timestamp::from_ms(0), &mut [sample(id, 0, 90.0)]);
    assert_eq!(screen.tick(Timestamp::from_ms(2_000)).0, []);
    let (found, remarks) = screen.tick(Timestamp::from_ms(2_001));
    assert_eq!(found[0].quality, Quality::Uncertain(Doubt::Stale));
    assert_eq!((found[0].value, found[0].source_time.ms()), (90.0, 0));
    assert_eq!(found[1].tag, silent);
    assert_eq!(found[1].quality, Quality::Bad(Fault::NeverRead));
    assert_eq!(remarks.len(), 2);
    assert_eq!(screen.tick(Timestamp::from_ms(3_000)).0, [], "said once");
    let (found, _) = screen.tick(Timestamp::from_ms(600_001));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].quality, Quality::Bad(Fault::TooOld));
    let mut again = [sample(id, 600_002, 91.0)];
    screen.screen(Timestamp::from_ms(600_002), &mut again);
    assert!(again[0].quality.is_good());
    assert!(matches!(screen.cause(id), Some(Cause::Given)));
}

#[test]
fn a_worse_quality_of_its_own_is_kept() {
    let mut table = TagTable::default();
    let id = table.add(thermometer()).unwrap();
    let mut screen = Screen::new(&table, None);
    for quality in [Quality::Bad(Fault::Communication), Quality::Uncertain(Doubt::Substituted)] {
        let mut one = [Sample { quality, ..sample(id, 0, f64::NAN) }];
        if quality.is_usable() {
            one[0].value = 80.0;
        }
        screen.screen(Timestamp::from_ms(0), &mut one);
        assert_eq!(one[0].quality, quality);
    }
}

/// What each kind of instrument shows in a station or source at rest.
const KINDS: [(Observed, Quantity); 9] = [
    (Observed::SupplyPressure, Quantity::Pressure),
    (Observed::ReturnPressure, Quantity::Pressure),
    (Observed::PressureDifference, Quantity::PressureDifference),
    (Observed::SupplyTemperature, Quantity::Temperature),
    (Observed::ReturnTemperature, Quantity::Temperature),
    (Observed::MassFlow, Quantity::MassFlow),
    (Observed::VolumeFlow, Quantity::VolumeFlow),
    (Observed::Heat, Quantity::Heat),
    (Observed::Running, Quantity::Number),
];

/// A city whose sources and stations have all of [`KINDS`], and their true values.
fn city() -> (Network, TagTable, Vec<f64>) {
    let network = generate::city(&generate::Parameters { stations: 12, seed: 5, ..Default::default() });
    let mut table = TagTable::default();
    let mut truth = Vec::new();
    let stations = network.links().filter(|link| link.consumer().is_some()).count();
    let sources = network.links().filter(|link| link.source().is_some_and(|source| source.running)).count();
    for link in network.links() {
        let share = if link.consumer().is_some() {
            1.0 / stations as f64
        } else if link.source().is_some_and(|source| source.running) {
            1.0 / sources as f64
        } else {
            continue;
        };
        let (hot, cold) = if link.source().is_some() { (link.to, link.from) } else { (link.from, link.to) };
        let height = |node| network.node(node).map_or(0.0, |node| node.z_m);
        let source = link.source().is_some();
        let mass_kg_s = 400.0 * share;
        let supply_pa = 1.6e6 - if source { 0.0 } else { 100e3 } - 951.0 * 9.80665 * height(hot);
        let return_pa = 0.9e6 + if source { 0.0 } else { 100e3 } - 986.0 * 9.80665 * height(cold);
        let heat = mass_kg_s * (enthalpy_j_kg(110.0, 1e6) - enthalpy_j_kg(55.0, 1e6));
        let values =
            [supply_pa, return_pa, supply_pa - return_pa, 110.0, 55.0, mass_kg_s, mass_kg_s * 3.6 / 0.986, heat, 1.0];
        for ((observed, quantity), value) in KINDS.into_iter().zip(values) {
            table
                .add(Tag {
                    element: Some(link.element()),
                    ..tag(&format!("{}.{observed:?}", link.id), None, observed, quantity)
                })
                .unwrap();
            truth.push(value);
        }
    }
    (network, table, truth)
}

/// Second, tag, and its quality from then on.
type Change = (i64, TagId, Quality);

/// Runs the city for so many seconds, `spoil` changing what instruments show; the qualities at the end, and remarks.
fn watch(seconds: i64, spoil: impl Fn(TagId, i64, f64) -> f64) -> (TagTable, Screen, Vec<Quality>, Vec<Change>) {
    let (network, table, truth) = city();
    let mut screen = Screen::new(&table, Some(&network));
    assert!(screen.relation_count() > 80, "{}", screen.relation_count());
    let mut dice = Dice(42);
    let mut last = vec![Quality::Good; table.len()];
    let mut remarks = Vec::new();
    for second in 0..seconds {
        let mut samples: Vec<Sample> = table
            .iter()
            .map(|(id, tag)| {
                let true_ = truth[id.index()];
                let noisy = if tag.observed == Observed::Running {
                    true_
                } else {
                    let deviation = hypocaust::live::instrument_deviation(tag, true_);
                    true_ + deviation * dice.noise()
                };
                sample(id, second * 1000, spoil(id, second, noisy))
            })
            .collect();
        let now = Timestamp::from_ms(second * 1000);
        for remark in screen.screen(now, &mut samples) {
            remarks.push((second, remark.tag, remark.quality));
        }
        for one in &samples {
            last[one.tag.index()] = one.quality;
        }
    }
    (table, screen, last, remarks)
}

#[test]
fn a_healthy_city_is_believed() {
    let (_, screen, _, remarks) = watch(1800, |_, _, value| value);
    let doubted: Vec<_> = remarks.iter().filter(|(_, _, quality)| !quality.is_good()).collect();
    assert!(doubted.is_empty(), "{doubted:?}");
    assert!(screen.broken().is_empty());
}

/// Doubted tags at the end, by name.
fn doubted(table: &TagTable, last: &[Quality]) -> Vec<String> {
    table.iter().filter(|(id, _)| !last[id.index()].is_good()).map(|(_, tag)| tag.name.to_string()).collect()
}

#[test]
fn the_one_stuck_sensor_of_a_city_is_named_in_the_stated_time() {
    let (_, table, truth) = city();
    let victim = table.id(&table.iter().find(|(_, tag)| tag.observed == Observed::ReturnTemperature).unwrap().1.name);
    let victim = victim.unwrap();
    let (table, _, last, remarks) =
        watch(400, |id, second, value| if id == victim && second >= 300 { truth[id.index()] } else { value });
    assert_eq!(doubted(&table, &last), [table.get(victim).unwrap().name.to_string()]);
    let (second, named, quality) = remarks[0];
    assert_eq!((named, quality), (victim, Quality::Uncertain(Doubt::Stuck)));
    assert_eq!(second, 300 + i64::from(LEAST_RUN) - 1);
}

#[test]
fn one_gross_error_is_traced_to_its_instrument() {
    let (_, table, _) = city();
    for (observed, factor) in
        [(Observed::MassFlow, 0.7), (Observed::SupplyPressure, 1.25), (Observed::ReturnPressure, 0.6)]
    {
        let victim = table.iter().find(|(_, tag)| tag.observed == observed).map(|(id, _)| id).unwrap();
        let (table, _, last, _) =
            watch(240, |id, second, value| if id == victim && second >= 60 { value * factor } else { value });
        assert_eq!(doubted(&table, &last), [table.get(victim).unwrap().name.to_string()], "{observed:?}");
        assert_eq!(last[victim.index()], Quality::Uncertain(Doubt::Inconsistent));
    }
}

#[test]
fn where_several_fit_all_are_doubted_and_the_guilty_is_among_them() {
    let (_, table, _) = city();
    // Too high a return pressure breaks nothing but supply − return = difference: each of the three may be it.
    let victim = table.iter().find(|(_, tag)| tag.observed == Observed::ReturnPressure).map(|(id, _)| id).unwrap();
    let (table, screen, last, _) = watch(240, |id, _, value| if id == victim { value * 1.4 } else { value });
    let names = doubted(&table, &last);
    assert_eq!(names.len(), 3);
    assert!(names.contains(&table.get(victim).unwrap().name.to_string()));
    assert!(matches!(screen.cause(victim), Some(Cause::Contradicts { check: Check::Difference, alone: false, .. })));
}

#[test]
fn a_meter_that_drifts_away_from_its_neighbours_is_a_drift() {
    let (_, table, _) = city();
    let victim = table.iter().find(|(_, tag)| tag.observed == Observed::MassFlow).map(|(id, _)| id).unwrap();
    // A third in twenty minutes.
    let (table, _, last, _) =
        watch(1200, |id, second, value| if id == victim { value * (1.0 - second as f64 / 3600.0) } else { value });
    assert_eq!(doubted(&table, &last), [table.get(victim).unwrap().name.to_string()]);
    assert_eq!(last[victim.index()], Quality::Uncertain(Doubt::Drift));
}

#[test]
fn swapped_thermometers_are_doubted_both() {
    let (_, table, truth) = city();
    let supply = table.iter().find(|(_, tag)| tag.observed == Observed::SupplyTemperature).map(|(id, _)| id).unwrap();
    let back = TagId(supply.0 + 1);
    let (table, screen, last, _) = watch(60, |id, _, value| match id {
        id if id == supply => value - truth[supply.index()] + truth[back.index()],
        id if id == back => value - truth[back.index()] + truth[supply.index()],
        _ => value,
    });
    let names = doubted(&table, &last);
    assert!(names.contains(&table.get(supply).unwrap().name.to_string()), "{names:?}");
    assert!(names.contains(&table.get(back).unwrap().name.to_string()), "{names:?}");
    assert!(screen.broken().iter().any(|broken| broken.check == Check::Hotter));
}

#[test]
fn a_leak_breaks_the_balance_of_the_network_and_accuses_no_instrument() {
    let (network, table, _) = city();
    let sources: Vec<TagId> = table
        .iter()
        .filter(|(_, tag)| tag.element.as_ref().is_some_and(|it| it.kind == ElementKind::Source))
        .map(|(id, _)| id)
        .collect();
    assert!(network.link_count() > 0);
    let flows = |tag: &Tag| matches!(tag.observed, Observed::MassFlow | Observed::VolumeFlow | Observed::Heat);
    let (table, screen, last, _) = watch(300, |id, second, value| {
        if second >= 60 && sources.contains(&id) && flows(table.get(id).unwrap()) { value * 1.3 } else { value }
    });
    assert!(doubted(&table, &last).is_empty(), "{:?}", doubted(&table, &last));
    assert_eq!(screen.broken().iter().map(|broken| broken.check).collect::<Vec<_>>(), [Check::Network]);
}

#[test]
fn every_remark_reads_in_both_languages() {
    use hypocaust::text::Language;
    use hypocaust::units::DisplayUnits;
    let mut table = TagTable::default();
    let id = table.add(thermometer()).unwrap();
    let mut screen = Screen::new(&table, None);
    let mut texts = Vec::new();
    let mut say = |remarks: Vec<hypocaust::live::screening::Remark>| {
        for remark in remarks {
            for language in Language::ALL {
                texts.push(remark.text(&table, language, &DisplayUnits::default()));
            }
        }
    };
    for (second, value) in [90.0, 90.1, 90.2, 90.3, 89.0, 300.0, 99.5, f64::NAN, 140.0, 90.0].into_iter().enumerate() {
        let mut one = [sample(id, second as i64 * 1000, value)];
        say(screen.screen(one[0].arrival_time, &mut one));
    }
    say(screen.tick(Timestamp::from_ms(20_000)).1);
    say(screen.tick(Timestamp::from_ms(20_000_000)).1);
    assert!(texts.len() >= 10, "{texts:#?}");
    for text in &texts {
        assert!(text.contains('T') && !text.contains("reason-") && !text.contains('{'), "{text}");
    }
}
