//! The alarm system: conditions to the millisecond, states after ISA-18.2, nothing lost and nothing invented.

use proptest::prelude::*;

use hypocaust::live::alarm::{
    AlarmId, AlarmSystem, Condition, Definition, Event, Happening, Kind, ModelReading, Order, Priority, Record,
    Refusal, Rule, SHELF_MS, State, definitions,
};
use hypocaust::live::{Doubt, Fault, Limits, Observed, Quality, Sample, Tag, TagId, TagTable, Timestamp};
use hypocaust::network::{ElementKind, ElementRef};
use hypocaust::text::Language;
use hypocaust::units::Quantity;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms)
}

fn sample(tag: u32, ms: i64, value: f64) -> Sample {
    Sample { tag: TagId(tag), source_time: at(ms), arrival_time: at(ms), value, quality: Quality::Good }
}

fn tag(name: &str, device: &str, observed: Observed, quantity: Quantity) -> Tag {
    Tag { device: device.into(), period_ms: 1000, ..Tag::new(name, observed, quantity) }
}

fn table(count: usize) -> TagTable {
    let mut table = TagTable::default();
    for number in 0..count {
        table.add(tag(&format!("T{number}"), "PLC", Observed::Temperature, Quantity::Temperature)).unwrap();
    }
    table
}

fn definition(tag: Option<u32>, kind: Kind, condition: Condition, on_delay_ms: i64, off_delay_ms: i64) -> Definition {
    Definition {
        name: format!("{tag:?}/{kind:?}").into(),
        kind,
        condition,
        tag: tag.map(TagId),
        device: "PLC".into(),
        element: None,
        priority: Priority::Low,
        on_delay_ms,
        off_delay_ms,
        clause: None,
    }
}

/// Raised and cleared, by a clock that ticks every millisecond: independent of how the system reckons.
fn by_the_millisecond(samples: &[(i64, f64)], limit: f64, band: f64, on: i64, off: i64, end: i64) -> Vec<(bool, i64)> {
    let (mut raw, mut since, mut active, mut out) = (false, 0, false, Vec::new());
    let turn = |now: i64, raw: bool, since: i64, active: &mut bool, out: &mut Vec<(bool, i64)>| {
        if raw != *active && now - since >= if raw { on } else { off } {
            *active = raw;
            out.push((raw, now));
        }
    };
    for now in 0..=end {
        // What was due comes before what arrives.
        turn(now, raw, since, &mut active, &mut out);
        for (_, value) in samples.iter().filter(|(ms, _)| *ms == now) {
            let next = *value > if raw { limit - band } else { limit };
            if next != raw {
                (raw, since) = (next, now);
            }
        }
        turn(now, raw, since, &mut active, &mut out);
    }
    out
}

/// What an operator or the field may do to a system of five alarms.
#[derive(Clone, Copy, Debug)]
enum Act {
    Sample(u32, f64),
    Silence(bool),
    Program(bool),
    Tick(i64),
    Acknowledge(u32),
    Shelve(u32, i64),
    Unshelve(u32),
    Remove(u32),
    Return(u32),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0..3_u32, prop_oneof![Just(50.0), Just(99.0), Just(101.0), Just(150.0)]).prop_map(|(t, v)| Act::Sample(t, v)),
        1 => any::<bool>().prop_map(Act::Silence),
        1 => any::<bool>().prop_map(Act::Program),
        3 => prop_oneof![1..3000_i64, Just(900_000), Just(30_000_000)].prop_map(Act::Tick),
        3 => (0..6_u32).prop_map(Act::Acknowledge),
        1 => (0..6_u32, prop_oneof![Just(SHELF_MS.0), Just(SHELF_MS.1), Just(1000), Just(i64::MAX)]).prop_map(|(a, ms)| Act::Shelve(a, ms)),
        1 => (0..6_u32).prop_map(Act::Unshelve),
        1 => (0..6_u32).prop_map(Act::Remove),
        1 => (0..6_u32).prop_map(Act::Return),
    ]
}

fn five() -> AlarmSystem {
    let above = Condition::Above { limit: 100.0, dead_band: 5.0 };
    let list = vec![
        definition(Some(0), Kind::High, above, 0, 0),
        definition(Some(1), Kind::High, above, 2000, 1000),
        definition(Some(2), Kind::High, above, 0, 500),
        definition(None, Kind::Communication, Condition::Communication, 1000, 0),
        definition(None, Kind::Command, Condition::Program, 0, 0),
    ];
    let rules = vec![
        Rule { causes: vec![AlarmId(3)], effects: vec![AlarmId(0), AlarmId(1)] },
        Rule { causes: vec![AlarmId(4), AlarmId(2)], effects: vec![AlarmId(1)] },
    ];
    AlarmSystem::new(&table(3), list, rules)
}

/// Does one thing to the five.
fn perform(system: &mut AlarmSystem, act: &Act, now: i64) -> Result<Vec<Event>, Refusal> {
    let silent = |fault| move |tag| Sample { quality: Quality::Bad(fault), ..sample(tag, now, f64::NAN) };
    let all = |fault| (0..3).map(silent(fault)).collect::<Vec<Sample>>();
    let one = |result: Result<Event, Refusal>| result.map(|event| vec![event]);
    let (user, alarm_of) = ("li", AlarmId);
    match *act {
        Act::Sample(tag, value) => Ok(system.step(at(now), &[sample(tag, now, value)], &[])),
        Act::Silence(true) => Ok(system.step(at(now), &all(Fault::Communication), &[])),
        Act::Silence(false) => Ok(system.step(at(now), &all(Fault::DeviceException)[..1], &[])),
        Act::Program(on) => system.set(AlarmId(4), on, at(now), at(now)),
        Act::Tick(_) => Ok(system.step(at(now), &[], &[])),
        Act::Acknowledge(alarm) => one(system.acknowledge(alarm_of(alarm), user, "", at(now))),
        Act::Shelve(alarm, ms) => one(system.shelve(alarm_of(alarm), user, ms, "pump is being changed", at(now))),
        Act::Unshelve(alarm) => one(system.unshelve(alarm_of(alarm), user, at(now))),
        Act::Remove(alarm) => one(system.out_of_service(alarm_of(alarm), user, "calibration", at(now))),
        Act::Return(alarm) => one(system.return_to_service(alarm_of(alarm), user, at(now))),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn dead_band_and_delays_are_exact(
        values in prop::collection::vec((1..40_i64, prop_oneof![Just(90.0), Just(96.0), Just(100.0), Just(104.0)]), 1..20),
        ticks in prop::collection::vec(1..60_i64, 0..20),
        band in prop_oneof![Just(0.0), Just(5.0)],
        on in prop_oneof![Just(0), 1..60_i64],
        off in prop_oneof![Just(0), 1..60_i64],
    ) {
        let mut now = 0;
        let samples: Vec<(i64, f64)> = values.iter().map(|(ms, value)| { now += ms; (now, *value) }).collect();
        let end = now + 200;
        let condition = Condition::Above { limit: 100.0, dead_band: band };
        let mut system = AlarmSystem::new(&table(1), vec![definition(Some(0), Kind::High, condition, on, off)], vec![]);
        let mut instants: Vec<i64> = samples.iter().map(|(ms, _)| *ms).collect();
        let mut tick = 0;
        instants.extend(ticks.iter().map(|ms| { tick += ms; tick }));
        instants.push(end);
        instants.sort_unstable();
        instants.dedup();
        let mut found = Vec::new();
        for instant in instants.into_iter().filter(|ms| *ms <= end) {
            let batch: Vec<Sample> =
                samples.iter().filter(|(ms, _)| *ms == instant).map(|(ms, value)| sample(0, *ms, *value)).collect();
            for event in system.step(at(instant), &batch, &[]) {
                found.push((event.what == Happening::Raised, event.at.ms()));
            }
        }
        prop_assert_eq!(found, by_the_millisecond(&samples, 100.0, band, on, off, end));
    }

    #[test]
    fn nothing_is_lost_nothing_invented_and_states_follow_the_diagram(acts in prop::collection::vec(act(), 1..120)) {
        let mut system = five();
        let mut now = 0;
        let mut states = [State::Normal; 5];
        let mut active = [false; 5];
        let mut shelved_until = [None; 5];
        let mut number = 0;
        for act in acts {
            now += 1;
            if let Act::Tick(ms) = act { now += ms; }
            let before = states;
            let events = perform(&mut system, &act, now);
            match act {
                Act::Acknowledge(alarm) => {
                    let may = before.get(alarm as usize)
                        .is_some_and(|state| matches!(state, State::Unacknowledged | State::ReturnedUnacknowledged));
                    prop_assert_eq!(events.is_ok(), may);
                }
                Act::Shelve(alarm, ms) if events.is_ok() => {
                    prop_assert!((SHELF_MS.0..=SHELF_MS.1).contains(&ms));
                    shelved_until[alarm as usize] = Some(now + ms);
                }
                _ => {}
            }
            for event in events.unwrap_or_default() {
                let which = event.alarm.index();
                number += 1;
                prop_assert_eq!(event.number, number);
                prop_assert_eq!(event.from, states[which], "the journal has a gap: {:?}", event);
                let hidden = event.from.is_hidden() && event.from == event.to
                    && matches!(event.what, Happening::Raised | Happening::Cleared);
                prop_assert!(hidden || event.from.may_become(event.to), "{:?}", event);
                match &event.what {
                    Happening::Raised | Happening::Suppressed { .. } => active[which] = true,
                    Happening::Cleared => active[which] = false,
                    _ => {}
                }
                if event.to == State::Acknowledged {
                    prop_assert!(matches!(event.what, Happening::Acknowledged { .. }), "acknowledged by nobody");
                }
                states[which] = event.to;
            }
            for (which, state) in states.iter().enumerate() {
                let id = AlarmId(which as u32);
                prop_assert_eq!(system.state(id), Some(*state), "a change without an event");
                prop_assert_eq!(system.is_active(id), active[which], "the condition changed without an event");
                match state {
                    State::Normal | State::ReturnedUnacknowledged => prop_assert!(!active[which], "an alarm was lost"),
                    State::Unacknowledged | State::Acknowledged | State::SuppressedByDesign => {
                        prop_assert!(active[which], "an alarm without a cause");
                    }
                    State::Shelved => {
                        if matches!(act, Act::Tick(_) | Act::Sample(..) | Act::Silence(_)) {
                            prop_assert!(shelved_until[which].is_some_and(|until| now < until), "the shelf has no end");
                        }
                    }
                    State::OutOfService => {}
                }
            }
        }
        let rows = system.rows(Order::Priority);
        prop_assert_eq!(rows.len(), states.iter().filter(|state| state.is_announced()).count());
        prop_assert_eq!(system.aside().len(), states.iter().filter(|state| state.is_hidden()).count());
        let kept: Vec<_> = system.events(at(i64::MIN), at(i64::MAX)).map(|event| (event.at, event.number)).collect();
        prop_assert!(kept.is_sorted());
        prop_assert_eq!(kept.len() as u64, number);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever people did before the program ended holds in the next one, and what was in alarm is.
    #[test]
    fn another_run_goes_on_where_this_one_ended(acts in prop::collection::vec(act(), 1..120)) {
        let tags = table(3);
        let mut system = five();
        let (mut now, mut records): (i64, Vec<Record>) = (0, Vec::new());
        for act in &acts {
            now += 1;
            if let Act::Tick(ms) = act { now += ms; }
            for event in perform(&mut system, act, now).unwrap_or_default() {
                let record = system.record(&event, &tags).unwrap();
                let line = serde_json::to_string(&record).unwrap();
                prop_assert_eq!(&serde_json::from_str::<Record>(&line).unwrap(), &record);
                records.push(record);
            }
        }
        let mut next = five();
        next.restore(&records, at(now));
        for number in 0..5 {
            let id = AlarmId(number);
            let (was, is) = (system.state(id).unwrap(), next.state(id).unwrap());
            // Suppressed ones are judged anew; what the program itself raised ended with it, but is seen.
            let wanted = match was {
                State::SuppressedByDesign => State::Normal,
                State::Unacknowledged if number == 4 => State::ReturnedUnacknowledged,
                State::Acknowledged if number == 4 => State::Normal,
                was => was,
            };
            prop_assert_eq!(is, wanted, "alarm {} was {:?}", number, was);
            if !matches!(was, State::SuppressedByDesign) && number != 4 {
                prop_assert_eq!(next.is_active(id), system.is_active(id));
            }
        }
        let kept: Vec<_> = next.aside().into_iter().filter_map(|row| row.shelf).collect();
        let shelves: Vec<_> = system.aside().into_iter().filter_map(|row| row.shelf).collect();
        prop_assert_eq!(kept, shelves);
        // Numbers go on, and a sample that is well ends what stood.
        let last = records.last().map_or(0, |record| record.number);
        now += 1;
        let events = next.step(at(now), &[sample(0, now, 50.0)], &[]);
        prop_assert!(events.iter().all(|event| event.number > last));
    }
}

#[test]
fn a_shelf_needs_a_reason_and_comes_back_in_alarm() {
    let mut system = five();
    let id = AlarmId(0);
    system.step(at(0), &[sample(0, 0, 120.0)], &[]);
    assert_eq!(system.shelve(id, "li", SHELF_MS.0, " ", at(1)).unwrap_err(), Refusal::NoReason);
    assert_eq!(system.shelve(id, "", SHELF_MS.0, "why", at(1)).unwrap_err(), Refusal::NoUser);
    assert_eq!(system.shelve(id, "li", SHELF_MS.0 - 1, "why", at(1)).unwrap_err(), Refusal::ShelfTime);
    system.shelve(id, "li", SHELF_MS.0, "valve work", at(1)).unwrap();
    assert_eq!((system.rows(Order::Time).len(), system.overview().shelved), (0, 1));
    assert!(system.step(at(SHELF_MS.0), &[], &[]).is_empty());
    let events = system.step(at(SHELF_MS.0 + 1), &[], &[]);
    assert_eq!((&events[0].what, events[0].to), (&Happening::ShelfEnded, State::Unacknowledged));
}

#[test]
fn the_first_out_of_a_trip_is_announced_and_the_rest_outlasts_it_in_order() {
    let contact = |tag| definition(Some(tag), Kind::Contact, Condition::Contact, 0, 0);
    let rule = Rule { causes: vec![AlarmId(0), AlarmId(1)], effects: vec![AlarmId(2)] };
    let mut system = AlarmSystem::new(&table(3), vec![contact(0), contact(1), contact(2)], vec![rule]);
    // One batch; in the field 1 came 3 ms before 0, and 2 between them.
    let events = system.step(at(100), &[sample(0, 53, 1.0), sample(1, 50, 1.0), sample(2, 51, 1.0)], &[]);
    let order: Vec<(u32, State)> = events.iter().map(|event| (event.alarm.0, event.to)).collect();
    assert_eq!(order, [(1, State::Unacknowledged), (2, State::SuppressedByDesign), (0, State::SuppressedByDesign)]);
    let soe: Vec<i64> = system.events(at(0), at(1000)).map(|event| event.at.ms()).collect();
    assert_eq!(soe, [50, 51, 53]);
    // The first out goes: the other cause is announced, its effect stays silent.
    let events = system.step(at(200), &[sample(1, 200, 0.0)], &[]);
    let order: Vec<(u32, State)> = events.iter().map(|event| (event.alarm.0, event.to)).collect();
    assert_eq!(order, [(1, State::ReturnedUnacknowledged), (0, State::Unacknowledged)]);
    let events = system.step(at(300), &[sample(0, 300, 0.0)], &[]);
    assert_eq!(events.last().map(|event| (event.alarm.0, event.to)), Some((2, State::Unacknowledged)));
}

#[test]
fn a_dead_link_is_one_alarm_and_not_one_of_each_tag() {
    let mut table = TagTable::default();
    for number in 0..20 {
        let limits = Limits { low: Some(60.0), low_low: Some(50.0), ..Limits::default() };
        let name = format!("ST1.T{number}");
        table.add(Tag { limits, ..tag(&name, "ST1", Observed::SupplyTemperature, Quantity::Temperature) }).unwrap();
    }
    let (list, rules) = definitions(&table);
    let mut system = AlarmSystem::new(&table, list, rules);
    let all = |ms: i64, quality: Quality, value: f64| -> Vec<Sample> {
        (0..20).map(|tag| Sample { quality, ..sample(tag, ms, value) }).collect()
    };
    assert!(system.step(at(0), &all(0, Quality::Good, 90.0), &[]).is_empty());
    let events = system.step(at(1000), &all(1000, Quality::Bad(Fault::Communication), f64::NAN), &[]);
    assert_eq!(events.len(), 1);
    assert_eq!(system.definition(events[0].alarm).map(|it| it.kind), Some(Kind::Communication));
    assert!(system.step(at(900_000), &all(900_000, Quality::Bad(Fault::TooOld), 90.0), &[]).is_empty());
    let events = system.step(at(901_000), &all(901_000, Quality::Good, 90.0), &[]);
    assert_eq!(events.iter().map(|event| event.to).collect::<Vec<_>>(), [State::ReturnedUnacknowledged]);
}

#[test]
fn quality_rate_deviation_and_what_a_bad_value_does_not_do() {
    let list = vec![
        definition(Some(0), Kind::Quality, Condition::Quality, 0, 0),
        definition(Some(0), Kind::Rate, Condition::Rate { most_per_s: 2.0 }, 0, 0),
        definition(Some(0), Kind::Deviation, Condition::Deviation { most: 5.0, dead_band: 1.0 }, 0, 0),
        definition(Some(0), Kind::Low, Condition::Below { limit: 50.0, dead_band: 1.0 }, 0, 0),
    ];
    let mut system = AlarmSystem::new(&table(1), list, vec![]);
    let kinds = |events: Vec<Event>| events.iter().map(|event| (event.alarm.0, event.to)).collect::<Vec<_>>();
    let stuck = Sample { quality: Quality::Uncertain(Doubt::Stuck), ..sample(0, 1000, 90.0) };
    assert_eq!(kinds(system.step(at(1000), &[stuck], &[])), [(0, State::Unacknowledged)]);
    assert_eq!(kinds(system.step(at(2000), &[sample(0, 2000, 90.0)], &[])), [(0, State::ReturnedUnacknowledged)]);
    assert_eq!(kinds(system.step(at(3000), &[sample(0, 3000, 95.0)], &[])), [(1, State::Unacknowledged)]);
    let model = [ModelReading { tag: TagId(0), value: 88.0 }];
    assert_eq!(kinds(system.step(at(3100), &[], &model)), [(2, State::Unacknowledged)]);
    // A number that may not be used neither raises nor clears a limit.
    let bad = Sample { quality: Quality::Bad(Fault::OutOfRange), ..sample(0, 4000, -500.0) };
    assert_eq!(kinds(system.step(at(4000), &[bad], &[])), [(0, State::Unacknowledged)]);
}

#[test]
fn floods_chattering_standing_alarms_and_bad_actors() {
    let high = |tag| definition(Some(tag), Kind::High, Condition::Above { limit: 100.0, dead_band: 0.0 }, 0, 0);
    let mut system = AlarmSystem::new(&table(20), (0..20).map(high).collect(), vec![]);
    for tag in 0..10 {
        system.step(at(i64::from(tag)), &[sample(tag, i64::from(tag), 120.0)], &[]);
    }
    assert_eq!(system.flood(at(20)), None, "ten are no flood");
    system.step(at(20), &[sample(10, 20, 120.0)], &[]);
    assert_eq!(system.flood(at(21)), Some(at(20)));
    assert_eq!(system.flood(at(600_019)), None, "one of the last ten minutes is left");
    for ms in [1_000_000, 1_010_000, 1_020_000] {
        system.step(at(ms), &[sample(15, ms, 120.0)], &[]);
        system.step(at(ms + 1), &[sample(15, ms + 1, 90.0)], &[]);
    }
    assert_eq!(system.chattering(at(1_021_000)), [AlarmId(15)]);
    assert_eq!(system.worst_ten(at(1_021_000))[0].alarm, AlarmId(15));
    assert_eq!(system.worst_ten(at(1_021_000))[0].count, 3);
    assert_eq!(system.a_day_each(at(1_021_000), 2), 7.0);
    assert_eq!(system.stale(at(86_400_000)).len(), 0);
    assert_eq!(system.stale(at(86_400_100)).len(), 11);
}

#[test]
fn the_lists_of_the_standard_reach_the_tags_they_name() {
    let mut table = TagTable::default();
    let source = Some(ElementRef::new(ElementKind::Source, "HS1"));
    let station = Some(ElementRef::new(ElementKind::Consumer, "ST7"));
    let limits = Limits { high_high: Some(130.0), high: Some(120.0), low: Some(60.0), low_low: Some(50.0) };
    for (name, element, observed, quantity) in [
        ("HS1.T1", &source, Observed::SupplyTemperature, Quantity::Temperature),
        ("HS1.AL.POWER", &source, Observed::Contact, Quantity::Number),
        ("HS1.AL.FIRE", &source, Observed::Contact, Quantity::Number),
        ("HS1.CP.FAULT", &source, Observed::Fault, Quantity::Number),
        ("ST7.CP.FAULT", &station, Observed::Fault, Quantity::Number),
    ] {
        let device = if element == &source { "HS1" } else { "ST7" };
        let limits = if name == "HS1.T1" { limits } else { Limits::default() };
        table.add(Tag { element: element.clone(), limits, ..tag(name, device, observed, quantity) }).unwrap();
    }
    let (list, rules) = definitions(&table);
    let find = |name: &str| list.iter().find(|definition| &*definition.name == name).unwrap();
    let outer = find("HS1.T1/high-high");
    assert_eq!((outer.priority, outer.on_delay_ms, outer.clause.as_deref()), (Priority::High, 0, Some("A.0.5 1.1")));
    let inner = find("HS1.T1/low");
    assert_eq!((inner.priority, inner.on_delay_ms), (Priority::Medium, 60_000));
    assert_eq!(inner.condition, Condition::Below { limit: 60.0, dead_band: 2.0 });
    assert_eq!(find("ST7.CP.FAULT/contact").clause.as_deref(), Some("C.0.5 1.2"));
    assert_eq!(find("ST7/communication").clause.as_deref(), Some("C.0.5 1.7"));
    assert_eq!(find("HS1/communication").clause.as_deref(), Some("A.0.5 1.8"));
    // A trip of the plant: power and pump are causes, the falling temperature an effect, fire never silenced by it.
    let named = |ids: &[AlarmId]| ids.iter().map(|id| list[id.index()].name.to_string()).collect::<Vec<_>>();
    let trip = rules.iter().find(|rule| rule.causes.len() == 2).unwrap();
    assert_eq!(named(&trip.causes), ["HS1.AL.POWER/contact", "HS1.CP.FAULT/contact"]);
    assert!(named(&trip.effects).contains(&"HS1.T1/low".to_owned()));
    assert!(!named(&trip.effects).iter().any(|name| name.contains("FIRE")));
}

#[test]
fn every_word_is_there_in_both_languages() {
    use hypocaust::live::Origin;
    use hypocaust::live::access::Role;
    use hypocaust::live::screening::Check;
    let mut keys: Vec<String> = State::ALL.map(State::key).into_iter().map(str::to_owned).collect();
    for kind in Kind::ALL {
        keys.push(kind.key().to_owned());
        keys.push(format!("{}.help", kind.key()));
    }
    keys.extend(Refusal::ALL.map(|refusal| refusal.key().to_owned()));
    keys.extend(Role::ALL.map(|role| role.key().to_owned()));
    keys.extend(Check::ALL.map(|check| check.key().to_owned()));
    keys.extend(Doubt::ALL.map(|doubt| doubt.key().to_owned()));
    keys.extend(Fault::ALL.map(|fault| fault.key().to_owned()));
    keys.extend([Origin::Measured, Origin::Stale, Origin::Estimated, Origin::Assumed].map(|it| it.key().to_owned()));
    keys.push(Quality::Good.key().to_owned());
    keys.extend(["low", "medium", "high"].map(|word| format!("alarms-priority-{word}")));
    for what in [
        Happening::Raised,
        Happening::Cleared,
        Happening::Acknowledged { user: String::new(), comment: String::new() },
        Happening::Shelved { user: String::new(), until: at(0), reason: String::new() },
        Happening::Unshelved { user: String::new() },
        Happening::ShelfEnded,
        Happening::Suppressed { by: AlarmId(0) },
        Happening::Unsuppressed,
        Happening::RemovedFromService { user: String::new(), reason: String::new() },
        Happening::ReturnedToService { user: String::new() },
    ] {
        keys.push(what.key().to_owned());
    }
    for language in Language::ALL {
        let missing: Vec<_> = keys.iter().filter(|key| !language.texts().has(key)).collect();
        assert!(missing.is_empty(), "{language:?}: {missing:?}");
    }
}
