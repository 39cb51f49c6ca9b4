//! Writing to the field: nothing without role, arming, selection, bounds and record; everything confirmed or alarmed.

use std::cell::RefCell;
use std::rc::Rc;

use proptest::prelude::*;

use hypocaust::live::access::{IDLE_LOCK_MS, Role, Sitting};
use hypocaust::live::audit::{Deed, Ledger, NotRecorded};
use hypocaust::live::control::{
    ARMED_MS, Control, ECHO_MS, Handed, Interlock, MOST_A_MINUTE, Order, Outcome, Permit, Predicted, Refused,
    SELECTED_MS, Unconfirmed, Writer,
};
use hypocaust::live::{Doubt, Observed, Quality, Range, Sample, Tag, TagId, TagTable, Timestamp};
use hypocaust::text::Language;
use hypocaust::units::Quantity;

/// What happened, in one row: records and writes.
#[derive(Clone, Debug)]
enum Entry {
    Record(Deed),
    Write(Order),
}

type Story = Rc<RefCell<Vec<Entry>>>;

struct Book(Story, bool);

impl Ledger for Book {
    fn record(&mut self, deed: &Deed) -> Result<(), NotRecorded> {
        if self.1 {
            return Err(NotRecorded("disk full".to_owned()));
        }
        self.0.borrow_mut().push(Entry::Record(deed.clone()));
        Ok(())
    }
}

struct Wire(Story, Handed);

impl Writer for Wire {
    fn write(&mut self, order: &Order) -> Handed {
        self.0.borrow_mut().push(Entry::Write(order.clone()));
        self.1.clone()
    }
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms)
}

/// Two set-points on two devices, one pressure that must hold.
fn table() -> TagTable {
    let mut table = TagTable::default();
    for (name, device, observed, quantity) in [
        ("ST1.T.SET", "ST1", Observed::SupplyTemperatureSetting, Quantity::Temperature),
        ("ST2.T.SET", "ST2", Observed::SupplyTemperatureSetting, Quantity::Temperature),
        ("ST1.P1", "ST1", Observed::SupplyPressure, Quantity::Pressure),
    ] {
        table
            .add(Tag {
                name: name.into(),
                device: device.into(),
                element: None,
                observed,
                quantity,
                period_ms: 1000,
                range: Some(Range { least: 0.0, most: 1e7 }),
                limits: Default::default(),
                deviation_si: None,
            })
            .unwrap();
    }
    table
}

const RANGE: Range = Range { least: 40.0, most: 80.0 };
const PRESSURE: Range = Range { least: 300e3, most: 1e6 };
const STEP: f64 = 10.0;
const INTERVAL_MS: i64 = 2_000;

fn permits() -> Vec<Permit> {
    let permit = |tag: u32, interlocks: Vec<Interlock>| Permit {
        tag: TagId(tag),
        range: RANGE,
        most_step: STEP,
        least_interval_ms: INTERVAL_MS,
        tolerance: 0.5,
        interlocks,
    };
    vec![permit(0, vec![Interlock { tag: TagId(2), within: PRESSURE }]), permit(1, vec![])]
}

fn sample(tag: u32, ms: i64, value: f64, quality: Quality) -> Sample {
    Sample { tag: TagId(tag), source_time: at(ms), arrival_time: at(ms), value, quality }
}

/// On, with good values and somebody armed, at 10 s.
fn armed() -> (Control, Sitting, Story) {
    let story: Story = Rc::default();
    let mut book = Book(story.clone(), false);
    let mut control = Control::new(&table(), permits());
    let engineer = Sitting::begin("zhao", Role::Engineer, at(10_000));
    control.switch(&engineer, true, at(10_000), &mut book).unwrap();
    let li = Sitting::begin("li", Role::Dispatcher, at(10_000));
    control.arm(&li, at(10_000), &mut book).unwrap();
    live(&mut control, 10_000, 50.0);
    (control, li, story)
}

fn live(control: &mut Control, ms: i64, value: f64) -> Vec<Outcome> {
    let samples =
        [sample(0, ms, value, Quality::Good), sample(1, ms, value, Quality::Good), sample(2, ms, 600e3, Quality::Good)];
    control.take(at(ms), &samples, &mut Vec::new())
}

#[test]
fn a_command_goes_all_the_way_and_each_step_is_recorded_before_it() {
    let (mut control, li, story) = armed();
    let (mut book, mut wire) = (Book(story.clone(), false), Wire(story.clone(), Handed::Echo(55.0)));
    let predicted = vec![Predicted { what: "ST1 heat".into(), before: "1.2 MW".into(), after: "1.4 MW".into() }];
    let selection = control.select(&li, TagId(0), 55.0, predicted, at(10_500), &mut book).unwrap();
    assert_eq!((selection.old, selection.new, &*selection.device), (50.0, 55.0, "ST1"));
    let outcome = control.operate(&li, selection.number, at(11_000), &mut book, &mut wire).unwrap();
    assert_eq!(outcome, None, "echoed, not yet read back");
    // A reading from before the command, then the new value.
    assert_eq!(live(&mut control, 11_000, 50.0), []);
    let outcomes = live(&mut control, 12_000, 55.2);
    assert!(matches!(&outcomes[..], [Outcome::Confirmed { user, .. }] if user == "li"));
    assert_eq!(control.tick(at(60_000), &mut book), []);
    let steps: Vec<String> = story
        .borrow()
        .iter()
        .map(|entry| match entry {
            Entry::Record(deed) => deed.action.clone(),
            Entry::Write(order) => format!("WRITE {}", order.value),
        })
        .collect();
    assert_eq!(steps, ["writing-on", "arm", "select", "operate", "WRITE 55"]);
    let Entry::Record(select) = story.borrow()[2].clone() else { panic!() };
    assert_eq!(select.details["predicted ST1 heat"], "1.2 MW → 1.4 MW");
}

#[test]
fn what_is_not_echoed_or_not_read_back_is_told() {
    for (handed, then) in [
        (Handed::Failed("refused".into()), "failed"),
        (Handed::Echo(50.0), "other"),
        (Handed::Pending, "silent"),
        (Handed::Echo(55.0), "unread"),
    ] {
        let (mut control, li, story) = armed();
        let (mut book, mut wire) = (Book(story.clone(), false), Wire(story.clone(), handed));
        let number = control.select(&li, TagId(0), 55.0, vec![], at(10_500), &mut book).unwrap().number;
        let mut outcomes: Vec<Outcome> =
            control.operate(&li, number, at(11_000), &mut book, &mut wire).unwrap().into_iter().collect();
        for ms in (12_000..20_000).step_by(1000) {
            outcomes.extend(live(&mut control, ms, 50.0));
            // Even where nothing can be recorded any more.
            outcomes.extend(control.tick(at(ms), &mut Book(story.clone(), true)));
        }
        let [Outcome::NotConfirmed { why, .. }] = &outcomes[..] else { panic!("{then}: {outcomes:?}") };
        let found = match why {
            Unconfirmed::Failed(_) => "failed",
            Unconfirmed::OtherEcho(_) => "other",
            Unconfirmed::NoEcho => "silent",
            Unconfirmed::NotReadBack => "unread",
        };
        assert_eq!(found, then);
    }
}

#[test]
fn each_guard_refuses_by_itself() {
    let select = |control: &mut Control, li: &Sitting, tag: u32, value: f64, ms: i64| {
        control.select(li, TagId(tag), value, vec![], at(ms), &mut Vec::new()).map(|selection| selection.number)
    };
    let (mut control, li, story) = armed();
    let wire = || Wire(story.clone(), Handed::Echo(55.0));
    assert_eq!(select(&mut control, &li, 2, 5e5, 10_500), Err(Refused::NoPermit));
    assert_eq!(select(&mut control, &li, 0, 39.9, 10_500), Err(Refused::OutOfRange));
    assert_eq!(select(&mut control, &li, 0, f64::NAN, 10_500), Err(Refused::OutOfRange));
    assert_eq!(select(&mut control, &li, 0, 60.1, 10_500), Err(Refused::StepTooGreat));
    assert_eq!(select(&mut control, &li, 0, 50.3, 10_500), Err(Refused::NothingToChange));
    assert_eq!(select(&mut control, &li, 0, 55.0, 12_001), Err(Refused::NotGood), "too old");
    let viewer = Sitting::begin("guest", Role::Viewer, at(10_000));
    assert_eq!(select(&mut control, &viewer, 0, 55.0, 10_500), Err(Refused::NotAllowed));
    let other = Sitting::begin("wang", Role::Dispatcher, at(10_000));
    assert_eq!(select(&mut control, &other, 0, 55.0, 10_500), Err(Refused::NotArmed));
    control.arm(&other, at(10_000), &mut Vec::new()).unwrap();
    let number = select(&mut control, &li, 0, 55.0, 10_500).unwrap();
    assert_eq!(select(&mut control, &other, 0, 55.0, 10_600), Err(Refused::SelectedByOther));
    let operate = |control: &mut Control, who: &Sitting, number: u64, ms: i64| {
        control.operate(who, number, at(ms), &mut Vec::new(), &mut wire())
    };
    assert_eq!(operate(&mut control, &other, number, 10_700), Err(Refused::NotSelected));
    assert_eq!(operate(&mut control, &li, number, 10_501 + SELECTED_MS), Err(Refused::NotSelected));
    live(&mut control, 10_800, 51.0);
    assert_eq!(operate(&mut control, &li, number, 10_900), Err(Refused::Changed));
    live(&mut control, 10_900, 50.0);
    let doubt = sample(0, 10_950, 50.0, Quality::Uncertain(Doubt::Stuck));
    control.take(at(10_950), &[doubt], &mut Vec::new());
    assert_eq!(select(&mut control, &li, 0, 55.0, 10_960), Err(Refused::NotGood));
    live(&mut control, 11_000, 50.0);
    control.take(at(11_000), &[sample(2, 11_000, 200e3, Quality::Good)], &mut Vec::new());
    assert_eq!(select(&mut control, &li, 0, 55.0, 11_100), Err(Refused::Interlocked(TagId(2))));
    live(&mut control, 11_200, 50.0);
    // The record cannot be written: no write.
    let number = select(&mut control, &li, 0, 55.0, 11_300).unwrap();
    let full = &mut Book(story.clone(), true);
    assert!(matches!(control.operate(&li, number, at(11_400), full, &mut wire()), Err(Refused::NotRecorded(_))));
    assert!(!story.borrow().iter().any(|entry| matches!(entry, Entry::Write(_))), "nothing has been written so far");
    let number = select(&mut control, &li, 0, 55.0, 11_500).unwrap();
    operate(&mut control, &li, number, 11_600).unwrap();
    assert_eq!(select(&mut control, &li, 0, 56.0, 11_700), Err(Refused::UnderWay));
    assert_eq!(live(&mut control, 12_000, 55.0).len(), 1);
    assert_eq!(select(&mut control, &li, 0, 56.0, 12_100), Err(Refused::TooSoon));
    let engineer = Sitting::begin("zhao", Role::Engineer, at(12_000));
    control.switch(&engineer, false, at(12_200), &mut Vec::new()).unwrap();
    assert_eq!(select(&mut control, &li, 1, 56.0, 12_300), Err(Refused::Off));
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Pass(i64),
    Live(f64, bool),
    Switch(usize, bool),
    Arm(usize),
    Select(usize, u32, f64),
    Operate(usize, u64, u8),
    Echo(u64, f64),
    FullDisk(bool),
}

fn act() -> impl Strategy<Value = Act> {
    let value = || prop_oneof![Just(30.0), Just(45.0), Just(50.0), Just(55.0), Just(58.0), Just(90.0)];
    prop_oneof![
        4 => prop_oneof![1..900_i64, Just(2_500), Just(31_000), Just(301_000)].prop_map(Act::Pass),
        8 => (value(), prop::bool::weighted(0.9)).prop_map(|(v, good)| Act::Live(v, good)),
        1 => (0..4_usize, prop::bool::weighted(0.9)).prop_map(|(who, on)| Act::Switch(who, on)),
        3 => (0..4_usize).prop_map(Act::Arm),
        8 => (0..4_usize, 0..3_u32, value()).prop_map(|(who, tag, v)| Act::Select(who, tag, v)),
        8 => (0..4_usize, 0..2_u64, 0..4_u8).prop_map(|(who, back, how)| Act::Operate(who, back, how)),
        2 => (0..2_u64, value()).prop_map(|(back, v)| Act::Echo(back, v)),
        1 => prop::bool::weighted(0.2).prop_map(Act::FullDisk),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every write is judged afresh from what happened before it, without asking the guard.
    #[test]
    fn no_write_without_every_guard_and_none_without_an_end(acts in prop::collection::vec(act(), 1..150)) {
        let roles = [("guest", Role::Viewer), ("li", Role::Dispatcher), ("wang", Role::Dispatcher), ("zhao", Role::Engineer)];
        let sittings = roles.map(|(name, role)| Sitting::begin(name, role, at(0)));
        let story: Story = Rc::default();
        let mut book = Book(story.clone(), false);
        let mut control = Control::new(&table(), permits());
        let (mut now, mut on, mut last) = (0_i64, false, 0_u64);
        let mut armed_at: [Option<i64>; 4] = [None; 4];
        let mut selected: Vec<(u64, usize, u32, f64, f64, i64)> = Vec::new();
        let mut values: Vec<(i64, f64, bool)> = Vec::new();
        let mut writes: Vec<(i64, u32)> = Vec::new();
        let mut ended = 0;
        for act in acts {
            now += 1;
            let before = story.borrow().len();
            let mut wrote = None;
            let mut outcomes = Vec::new();
            match act {
                Act::Pass(ms) => now += ms,
                Act::Live(value, good) => {
                    let quality = if good { Quality::Good } else { Quality::Uncertain(Doubt::Spike) };
                    let samples = [sample(0, now, value, quality), sample(1, now, value, quality), sample(2, now, 600e3, Quality::Good)];
                    values.push((now, value, good));
                    outcomes.extend(control.take(at(now), &samples, &mut book));
                }
                Act::Switch(who, wanted) => {
                    let done = control.switch(&sittings[who], wanted, at(now), &mut book).is_ok();
                    prop_assert!(!done || (roles[who].1 >= Role::Engineer && now < IDLE_LOCK_MS));
                    if done { on = wanted; armed_at = [None; 4]; selected.clear(); }
                }
                Act::Arm(who) => if control.arm(&sittings[who], at(now), &mut book).is_ok() {
                    prop_assert!(on && roles[who].1 >= Role::Dispatcher && now < IDLE_LOCK_MS);
                    armed_at[who] = Some(now);
                },
                Act::Select(who, tag, value) => {
                    if let Ok(selection) = control.select(&sittings[who], TagId(tag), value, vec![], at(now), &mut book) {
                        last = selection.number;
                        selected.push((selection.number, who, tag, selection.old, value, now));
                    }
                }
                Act::Operate(who, back, how) => {
                    let handed = match how {
                        0 => Handed::Pending,
                        1 => Handed::Failed("no route".into()),
                        2 => Handed::Echo(0.0),
                        _ => Handed::Echo(selected.iter().find(|it| it.0 == last - back.min(last)).map_or(0.0, |it| it.4)),
                    };
                    let mut wire = Wire(story.clone(), handed);
                    wrote = Some(who);
                    if let Ok(outcome) = control.operate(&sittings[who], last - back.min(last), at(now), &mut book, &mut wire) {
                        outcomes.extend(outcome);
                    }
                }
                Act::Echo(back, value) => {
                    outcomes.extend(control.echoed(last - back.min(last), Ok(value), at(now), &mut book));
                }
                Act::FullDisk(full) => book.1 = full,
            }
            outcomes.extend(control.tick(at(now), &mut book));
            ended += outcomes.len();
            let entries: Vec<Entry> = story.borrow()[before..].to_vec();
            for (place, entry) in entries.iter().enumerate() {
                let Entry::Write(order) = entry else { continue };
                let who = wrote.expect("only operating writes");
                let (_, by, tag, old, new, when) = *selected.iter().rev().find(|it| it.0 == order.number).expect("not selected");
                prop_assert!(by == who && tag == order.tag.0 && new == order.value, "not what this user selected");
                prop_assert!(now - when <= SELECTED_MS, "selected too long ago");
                prop_assert!(on && roles[who].1 >= Role::Dispatcher && now < IDLE_LOCK_MS, "no role");
                prop_assert!(armed_at[who].is_some_and(|since| now - since < ARMED_MS), "not armed");
                prop_assert!(RANGE.contains(new) && (new - old).abs() <= STEP, "out of bounds");
                let &(read, value, good) = values.last().expect("no value");
                prop_assert!(good && now - read <= 2_000 && (value - old).abs() <= 0.5, "value not good or changed");
                prop_assert!(writes.iter().all(|(ms, other)| *other != tag || now - ms >= INTERVAL_MS), "too soon");
                prop_assert!(writes.iter().filter(|(ms, _)| now - ms < 60_000).count() < MOST_A_MINUTE, "too many");
                let Some(Entry::Record(deed)) = place.checked_sub(1).and_then(|it| entries.get(it)) else {
                    panic!("a write without a record before it");
                };
                prop_assert_eq!((deed.action.as_str(), &deed.user), ("operate", &sittings[who].user));
                prop_assert_eq!(&deed.details["number"], &order.number.to_string());
                prop_assert!(!writes.contains(&(now, tag)), "written twice");
                writes.push((now, tag));
            }
        }
        // Whatever is still under way ends when time passes.
        ended += control.tick(at(now + ECHO_MS + 60_000), &mut book).len();
        prop_assert_eq!(ended, writes.len(), "a write without an outcome, or an outcome without a write");
        prop_assert_eq!(control.under_way().count(), 0);
    }
}

#[test]
fn every_refusal_reads_in_both_languages() {
    let refused = [
        Refused::Off,
        Refused::NotAllowed,
        Refused::NotArmed,
        Refused::NoPermit,
        Refused::NotGood,
        Refused::OutOfRange,
        Refused::StepTooGreat,
        Refused::NothingToChange,
        Refused::TooSoon,
        Refused::TooMany,
        Refused::Interlocked(TagId(0)),
        Refused::SelectedByOther,
        Refused::UnderWay,
        Refused::NotSelected,
        Refused::Changed,
        Refused::NotRecorded(NotRecorded(String::new())),
    ];
    let unconfirmed = [
        Unconfirmed::Failed(String::new()),
        Unconfirmed::NoEcho,
        Unconfirmed::OtherEcho(0.0),
        Unconfirmed::NotReadBack,
    ];
    let keys = refused.iter().map(Refused::key).chain(unconfirmed.iter().map(Unconfirmed::key));
    for key in keys {
        assert!(Language::ALL.iter().all(|language| language.texts().has(key)), "{key}");
    }
}
