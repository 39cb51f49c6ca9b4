//! Dispatch orders: the one way an order goes, the log under torn lines and several programs, and the whole way over real
//! sockets, from a plan to the new state of a simulated field.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hypocaust::io::field::{Fault, Field, FieldOptions, MapOptions, Pace};
use hypocaust::io::modbus::map::{DeviceMap, WriteInterlock};
use hypocaust::io::orders::OrderLog;
use hypocaust::live::order::{Entry, Event, How, Order, Orders, SetPoint, Setting, State, Verdict, Watched, value_of};
use hypocaust::live::{Observed, Origin, TagId, Timestamp};
use hypocaust::network::edit::Edit;
use hypocaust::network::generate::{GridDemand, GridLoops, GridParameters, grid};
use hypocaust::network::{ElementKind, ElementRef, Network};
use hypocaust::session::live::{
    BookLine, Books, Connect, ControlCommand, Issue, LiveOrder, LiveSource, OrderCommand, OrderLine, Picture,
    PlanNetwork, Which,
};
use hypocaust::text::Language;
use proptest::prelude::*;

use crate::guarded_writes::{Room, alarm, records, users};
use crate::support::program::hypocaust;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms)
}

fn point(id: &str, value: f64, due_ms: i64) -> SetPoint {
    SetPoint::new(ElementRef::new(ElementKind::Source, id), Setting::SupplyTemperature, value, at(due_ms))
}

fn entry(ms: i64, event: Event) -> Entry {
    Entry { at: at(ms), who: "李 \"x\"\n".to_owned(), event }
}

fn why() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), Just("valve stuck\n{}".to_owned()), any::<String>()]
}

/// Any event about one of a few orders, those that may not follow among them.
fn any_event() -> impl Strategy<Value = Event> {
    let order = || 0..5u64;
    let how = prop::sample::select(vec![How::Written, How::Noticed, How::Reported]);
    let verdict = prop::sample::select(vec![Verdict::AsPredicted, Verdict::Otherwise, Verdict::NotPredicted]);
    let value = || prop::option::of(prop_oneof![-1e9..1e9f64, Just(f64::NAN)]);
    let values = prop::collection::vec(prop_oneof![9 => -40.0..200.0f64, 1 => Just(f64::INFINITY)], 0..4);
    prop_oneof![
        2 => (0..3u64, order(), values).prop_map(|(book, first, values)| Event::Issue {
            book,
            first,
            plan: "plan".to_owned(),
            set_points: values.into_iter().map(|value| point("HS", value, 500)).collect(),
            watched: Vec::new(),
            patience_ms: 1000,
        }),
        3 => order().prop_map(|order| Event::Receive { order }),
        3 => order().prop_map(|order| Event::Confirm { order }),
        1 => (order(), why()).prop_map(|(order, why)| Event::Refuse { order, why }),
        1 => (order(), why()).prop_map(|(order, why)| Event::Hinder { order, why }),
        3 => (order(), any::<u64>()).prop_map(|(order, command)| Event::Write { order, command }),
        4 => (order(), how, value()).prop_map(|(order, how, value)| Event::Execute { order, how, value }),
        1 => (order(), why()).prop_map(|(order, why)| Event::Fail { order, why }),
        3 => (order(), verdict, value()).prop_map(|(order, verdict, value)| Event::Compare { order, verdict, value }),
        1 => (order(), why()).prop_map(|(order, why)| Event::Withdraw { order, why }),
        1 => order().prop_map(|order| Event::Overdue { order }),
    ]
}

/// The ways of an order, written down once more.
fn may_follow(before: State, after: State) -> bool {
    use State::{Compared, Confirmed, Executed, Failed, Issued, Received, Refused, Withdrawn, Writing};
    matches!(
        (before, after),
        (Issued, Issued | Received | Withdrawn)
            | (Received, Received | Confirmed | Refused | Withdrawn)
            | (Confirmed, Confirmed | Writing | Executed | Failed | Withdrawn)
            | (Writing, Writing | Confirmed | Executed | Failed)
            | (Executed, Compared | Failed)
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is entered in whatever order: nothing skips a state, nothing leaves an end, what is refused changes
    /// nothing, and the entries that counts give the same book again.
    #[test]
    fn no_sequence_of_entries_leaves_the_way(events in prop::collection::vec((0..1000i64, any_event()), 0..60)) {
        let mut orders = Orders::default();
        let mut counted = Vec::new();
        for (ms, event) in events {
            let entry = entry(ms, event);
            let before = orders.clone();
            let refusal = orders.refusal(&entry);
            match orders.take(&entry) {
                Ok(()) => {
                    prop_assert_eq!(refusal, None);
                    counted.push(entry);
                }
                Err(refused) => {
                    // As text: what is no number differs from itself.
                    prop_assert_eq!(format!("{:?}", Some(refused)), format!("{refusal:?}"));
                    prop_assert_eq!(&orders, &before);
                }
            }
            for order in before.all() {
                let now = orders.get(order.number).unwrap();
                prop_assert!(order.state == now.state || may_follow(order.state, now.state));
                prop_assert!(!order.state.is_end() || order == now, "nothing leaves an end");
                prop_assert_eq!(&now.deeds[..order.deeds.len()], &order.deeds[..]);
            }
        }
        for order in orders.all() {
            prop_assert_eq!(order.deeds[0].state, State::Issued);
            prop_assert_eq!(order.deeds.last().unwrap().state, order.state);
            prop_assert!(order.deeds.windows(2).all(|pair| may_follow(pair[0].state, pair[1].state)));
            let states: Vec<State> = order.deeds.iter().map(|deed| deed.state).collect();
            if order.state == State::Compared {
                for state in [State::Issued, State::Received, State::Confirmed, State::Executed] {
                    prop_assert!(states.contains(&state), "{:?}", states);
                }
            }
            prop_assert!(order.set_point.value.is_finite() && order.value.is_none_or(f64::is_finite));
            prop_assert!(!order.overdue || order.deeds.iter().any(|deed| deed.word == "overdue" && deed.at > at(500)));
        }
        let mut again = Orders::default();
        for entry in &counted {
            prop_assert_eq!(again.take(entry), Ok(()));
        }
        prop_assert_eq!(again, orders);
    }
}

fn some_entries() -> Vec<Entry> {
    let watched = Watched {
        element: ElementRef::new(ElementKind::Consumer, "热力站 1"),
        observed: Observed::Heat,
        before: 1.0 / 3.0,
        predicted: 2e6,
        tolerance: 1e4,
        at: at(5000),
    };
    let issue = |book: u64, first: u64, values: &[f64]| Event::Issue {
        book,
        first,
        plan: "夜间 plan\n".to_owned(),
        set_points: values.iter().map(|value| point("HS01", *value, 5000)).collect(),
        watched: vec![watched.clone()],
        patience_ms: 60_000,
    };
    let events = [
        issue(1, 1, &[95.5, 0.1 + 0.2]),
        Event::Receive { order: 1 },
        Event::Receive { order: 2 },
        Event::Confirm { order: 1 },
        Event::Refuse { order: 2, why: "泵在检修".to_owned() },
        Event::Write { order: 1, command: 7 },
        Event::Execute { order: 1, how: How::Written, value: Some(95.5) },
        issue(2, 3, &[90.0]),
        Event::Compare { order: 1, verdict: Verdict::AsPredicted, value: Some(95.51) },
        Event::Withdraw { order: 3, why: String::new() },
    ];
    events.into_iter().enumerate().map(|(ms, event)| entry(ms as i64, event)).collect()
}

/// What is read back is what was written; cut anywhere, at most the entry that was cut is lost, and the next one goes on.
#[test]
fn a_log_gives_back_what_was_entered_and_a_torn_tail_loses_only_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.log");
    let entries = some_entries();
    let mut log = OrderLog::open_or_begin(&path).unwrap();
    let mut books = vec![Orders::default()];
    for entry in &entries {
        log.add(entry.clone()).unwrap();
        let mut book = books.last().unwrap().clone();
        book.take(entry).unwrap();
        books.push(book);
        assert_eq!(log.orders(), books.last().unwrap());
    }
    let bytes = std::fs::read(&path).unwrap();
    let ends: Vec<usize> = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    assert_eq!(ends.len(), entries.len());
    for cut in (0..=bytes.len()).step_by(5).chain(ends.iter().copied()) {
        std::fs::write(&path, &bytes[..cut]).unwrap();
        let whole = ends.iter().filter(|end| **end <= cut).count();
        let mut log = OrderLog::open_or_begin(&path).unwrap();
        assert_eq!(log.orders(), &books[whole], "cut at {cut}");
        let torn = cut > 0 && !ends.contains(&cut);
        assert_eq!(log.problems().count(), usize::from(torn));
        if let Some(next) = entries.get(whole) {
            log.add(next.clone()).unwrap();
            assert_eq!(OrderLog::open(&path).unwrap().orders(), &books[whole + 1]);
        }
    }
    // A line that may not follow, and one that is none, are named with their place and read past.
    let mut text = String::from_utf8(bytes).unwrap();
    text += "{\"at\":99,\"who\":\"x\",\"event\":{\"receive\":{\"order\":1}}}\nnot a line\n";
    std::fs::write(&path, &text).unwrap();
    let log = OrderLog::open(&path).unwrap();
    assert_eq!(log.orders(), books.last().unwrap());
    let told: Vec<String> = log.problems().map(|problem| problem.text(Language::English)).collect();
    assert!(told.iter().any(|text| text.contains(":11") && text.contains("order 1 is compared")), "{told:?}");
    assert!(told.iter().any(|text| text.contains(":12")), "{told:?}");
    // Two programs at once: each sees what the other has entered before it adds.
    std::fs::remove_file(&path).unwrap();
    let (mut one, mut other) = (OrderLog::open_or_begin(&path).unwrap(), OrderLog::open_or_begin(&path).unwrap());
    one.add(entries[0].clone()).unwrap();
    other.add(entries[1].clone()).unwrap();
    let refused = one.add(entries[1].clone()).unwrap_err().text(Language::English);
    assert!(refused.contains("order 1 is received"), "{refused}");
    assert!(other.add(entries[0].clone()).is_err(), "numbers are given once");
    one.refresh().unwrap();
    assert_eq!(one.orders(), other.orders());
}

// From here on with a field.

/// Thirty pipes, one source, stations that ask for heat.
fn city() -> Network {
    grid(&GridParameters { demand: GridDemand::Heat, sources: 1, ..GridParameters::new(40, GridLoops::Meshed, 5) })
}

fn field(network: &Network) -> Field {
    let pace = Pace::RealTime { speed: 1.0, refresh: Duration::from_millis(200), refreshes_each_solve: 1 };
    let map = MapOptions { period_ms: 400, ..MapOptions::default() };
    Field::start(network.clone(), FieldOptions { map, pace, noise: 0.2, ..FieldOptions::default() }).unwrap()
}

struct Control {
    room: Room,
    field: Field,
    network: Network,
    log: PathBuf,
    audit: PathBuf,
}

fn element(network: &Network, kind: ElementKind) -> ElementRef {
    network.links().map(|view| view.element()).find(|element| element.kind == kind).unwrap()
}

impl Control {
    fn new(folder: &Path, change: impl FnOnce(&mut DeviceMap, &Network)) -> Control {
        let network = city();
        let field = field(&network);
        let mut map = field.device_map().clone();
        change(&mut map, &network);
        let books = Books::new(users(folder), None);
        let (log, audit) = (folder.join("orders.log"), books.audit.clone());
        let room = Control::follow(&map, &network, Some(books), &log);
        Control { room, field, network, log, audit }
    }

    fn follow(map: &DeviceMap, network: &Network, books: Option<Books>, log: &Path) -> Room {
        Room::follow(Connect {
            source: LiveSource::Map { map: Arc::new(map.clone()), history: None },
            network: Arc::new(network.clone()),
            state: 0,
            books,
            orders: Some(log.to_owned()),
            planner: None,
            language: Language::English,
        })
    }

    fn source(&self) -> ElementRef {
        element(&self.network, ElementKind::Source)
    }

    fn tag(&self, name: &str) -> TagId {
        self.field.device_map().tags().unwrap().id(name).unwrap_or_else(|| panic!("no tag {name}"))
    }

    fn ask(&mut self, command: OrderCommand) {
        self.room.engine.order(LiveOrder::Orders(command));
    }

    fn book(&mut self, what: &str, found: impl Fn(&BookLine) -> bool) -> BookLine {
        let picture = self.room.until(what, |picture| picture.orders.books.first().is_some_and(&found));
        picture.orders.books[0].clone()
    }

    fn states(&mut self, what: &str, wanted: &[State]) -> BookLine {
        self.book(what, |book| book.orders.iter().map(|line| line.order.state).eq(wanted.iter().copied()))
    }

    /// Issued, told, received and confirmed.
    fn confirmed(&mut self, points: Vec<SetPoint>) -> BookLine {
        let count = points.len();
        let issue = Issue { plan: "by hand".to_owned(), set_points: points, watched: Vec::new() };
        self.ask(OrderCommand::Issue(Box::new(issue)));
        let book = self.states("issued", &vec![State::Issued; count]);
        let number = book.book.number;
        self.ask(OrderCommand::Receive(Which::Book(number)));
        self.ask(OrderCommand::Confirm(Which::Book(number)));
        self.states("confirmed", &vec![State::Confirmed; count])
    }

    fn now() -> Timestamp {
        Timestamp::from(std::time::SystemTime::now())
    }

    fn set_point(&self, setting: Setting, value: f64) -> SetPoint {
        SetPoint::new(self.source(), setting, value, Control::now())
    }
}

fn has_values(picture: &Picture) -> bool {
    picture.latest.iter().filter(|latest| latest.quality.is_good()).count() * 50 > picture.latest.len() * 49
}

fn order(book: &BookLine, setting: Setting) -> &OrderLine {
    book.orders.iter().find(|line| line.order.set_point.setting == setting).unwrap()
}

/// An alternative becomes orders, the orders are written by an armed user through the guard, the simulated field follows,
/// and the new state is what the model predicted from the estimated one.
#[test]
fn a_plan_is_issued_written_and_tracked_to_the_new_state() {
    let folder = tempfile::tempdir().unwrap();
    let mut it = Control::new(folder.path(), |_, _| {});
    let source = it.source();
    // An estimate that was begun when everything had been read, not the first one.
    let number = |picture: &Picture| picture.estimate.as_ref().map_or(0, |estimate| estimate.number);
    let before = number(&it.room.until("values", has_values));
    it.room.until("an estimate", |picture| {
        number(picture) >= before + 2
            && picture.estimate.as_ref().is_some_and(|estimate| estimate.estimate.solution.converged)
    });
    // Nobody has signed in: nothing is issued.
    let mut plan = it.network.clone();
    let was_pa = value_of(&plan, &source, Setting::MakeUpPressure).unwrap();
    Edit::set(source.clone(), "supply_temperature_c", 82.0).apply(&mut plan).unwrap();
    Edit::set(source.clone(), "control.reference.return_pressure_pa", was_pa + 40e3).apply(&mut plan).unwrap();
    let pipe = element(&plan, ElementKind::Pipe);
    Edit::set(pipe.clone(), "roughness_m", 1e-3).apply(&mut plan).unwrap();
    let issue = OrderCommand::IssueNetwork { plan: "cooler".to_owned(), network: PlanNetwork(Arc::new(plan)) };
    it.ask(issue.clone());
    it.room.until("anything", |_| true);
    it.room.armed();
    it.ask(issue);
    let book = it.states("issued", &[State::Issued, State::Issued]);
    let desk = it.room.newest.as_ref().unwrap().orders.clone();
    assert_eq!(desk.books.len(), 1, "what nobody may issue is not issued");
    assert_eq!(desk.not_orders.len(), 1);
    assert_eq!(desk.not_orders[0].0, pipe);
    assert_eq!((book.book.plan.as_str(), book.book.issued_by.as_str()), ("cooler", "li"));
    assert_eq!(order(&book, Setting::SupplyTemperature).order.set_point.value, 82.0);
    assert!(book.orders.iter().all(|line| line.writable && line.is_met() == Some(false)));
    let watched: Vec<Observed> = book.book.watched.iter().map(|watched| watched.observed).collect();
    for observed in [Observed::SupplyTemperature, Observed::VolumeFlow, Observed::Heat, Observed::PressureDifference] {
        assert!(watched.contains(&observed), "{watched:?}");
    }
    let flow = book.book.watched.iter().find(|watched| watched.observed == Observed::VolumeFlow).unwrap();
    assert!(flow.predicted > 1.1 * flow.before, "cooler water must flow faster: {flow:?}");

    // What is not confirmed is not written.
    let number = book.book.number;
    it.ask(OrderCommand::Execute(Which::Book(number)));
    it.room.until("refused", |_| true);
    it.ask(OrderCommand::Receive(Which::Book(number)));
    it.ask(OrderCommand::Confirm(Which::Book(number)));
    it.states("confirmed", &[State::Confirmed; 2]);
    it.ask(OrderCommand::Execute(Which::Book(number)));
    let book = it.states("compared", &[State::Compared; 2]);
    for line in &book.orders {
        let Order { how, verdict, value, set_point, .. } = &line.order;
        assert_eq!((*how, *verdict), (Some(How::Written), Some(Verdict::AsPredicted)), "{line:?}");
        assert!((value.unwrap() - set_point.value).abs() <= set_point.setting.tolerance(set_point.value));
    }
    let step = &book.steps[0];
    assert!(step.reached.is_some() && step.counts && step.share().is_some_and(|share| share > 0.8), "{step:?}");
    assert!(step.watched.iter().all(|(progress, origin)| progress.is_settled() && origin.is_some()));
    assert!(step.watched.iter().any(|(_, origin)| *origin == Some(Origin::Measured)));
    // The world itself obeyed.
    let truth = it.field.network().unwrap();
    assert_eq!(value_of(&truth, &source, Setting::SupplyTemperature), Some(82.0));
    assert!((value_of(&truth, &source, Setting::MakeUpPressure).unwrap() - was_pa - 40e3).abs() < 2e3);
    // Each step stands in the audit log with the order's number.
    let records = records(&it.audit);
    for line in &book.orders {
        for action in ["select", "operate", "confirmed"] {
            let own = |number: &String| *number == line.order.number.to_string();
            let found = records.iter().any(|r| r.deed.action == action && r.deed.details.get("order").is_some_and(own));
            assert!(found, "no {action} of order {}", line.order.number);
        }
    }
    assert!(records.iter().any(|record| record.deed.action == "order-issue" && record.deed.user == "li"));
    // The program is gone; the log says the same.
    let shown: BTreeMap<u64, Order> = book.orders.iter().map(|line| (line.order.number, line.order.clone())).collect();
    it.room.engine.leave();
    let log = OrderLog::open(&it.log).unwrap();
    assert!(log.orders().all().all(|order| shown.get(&order.number) == Some(order)));
    let path = it.log.display().to_string();
    let (code, table, said) = hypocaust(&["orders", &path], "");
    assert_eq!((code, said.as_str()), (0, ""));
    assert!(table.contains("cooler") && table.contains("82.0") && table.contains("compared"), "{table}");
    let (code, json, _) = hypocaust(&["orders", &path, "--format", "json"], "");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, json["orders"][0]["state"].as_str()), (0, Some("compared")));
}

/// Advisory: nobody is armed, the crew does it, and its value is noticed; what no instrument shows is reported.
#[test]
fn what_is_done_by_hand_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let mut it = Control::new(folder.path(), |_, _| {});
    let source = it.source();
    it.room.until("values", has_values);
    it.room.sign_in("li");
    let station = element(&it.network, ElementKind::Consumer);
    let hotter = it.set_point(Setting::SupplyTemperature, 85.0);
    let mut shut = SetPoint::new(station, Setting::Running, 0.0, hotter.at);
    shut.why = "leak in the house".to_owned();
    let book = it.confirmed(vec![hotter, shut]);
    assert_eq!((book.orders[0].writable, book.orders[1].writable, book.orders[1].tag), (true, false, None));
    // Advisory: writing needs an armed user.
    it.room.troubles.clear();
    it.ask(OrderCommand::Execute(Which::Book(book.book.number)));
    it.room.until("anything", |_| true);
    // The plant turns it by hand, past this program.
    let tag = format!("{}.T1.SET", source.id);
    write_by_hand(&it.field, &tag, 85.0);
    // Orders of one time are compared together.
    it.states("noticed", &[State::Executed, State::Confirmed]);
    // A plant's dispatcher enters it on his own machine, the program sees it.
    let (path, second) = (it.log.display().to_string(), book.orders[1].order.number.to_string());
    let (code, _, said) = hypocaust(&["orders", &path, "--done", &second, "--as", "zhang"], "");
    assert_eq!(code, 0, "{said}");
    let book = it.states("reported", &[State::Compared, State::Compared]);
    assert_eq!(book.orders[0].order.how, Some(How::Noticed));
    assert_eq!(
        (book.orders[1].order.how, book.orders[1].order.verdict),
        (Some(How::Reported), Some(Verdict::NotPredicted))
    );
    assert!(book.orders[1].order.deeds.iter().any(|deed| deed.who == "zhang"));
    let (code, _, said) = hypocaust(&["orders", &path, "--done", &second, "--as", "zhang"], "");
    assert!(code == 1 && said.contains("compared"), "{code} {said}");
}

/// Writes a register as somebody at the plant would.
fn write_by_hand(field: &Field, tag: &str, value: f64) {
    use hypocaust::io::modbus::Polling;
    let map = Arc::new(field.device_map().clone());
    let (sink, _samples) = std::sync::mpsc::sync_channel(1);
    let mut polling = Polling::start(&map, sink).unwrap();
    let row = map.points.iter().position(|point| &*point.tag == tag).unwrap();
    polling.take_writer().unwrap().write(TagId(row as u32), value).unwrap();
}

/// An interlock stands against it: nothing is written, the order stays, the batch stops before the next one.
#[test]
fn an_interlock_stops_the_batch() {
    let folder = tempfile::tempdir().unwrap();
    let mut it = Control::new(folder.path(), |map, network| {
        let source = element(network, ElementKind::Source);
        let running = format!("{}.CP.RUN", source.id);
        let set = format!("{}.T1.SET", source.id);
        let point = map.points.iter_mut().find(|point| *point.tag == *set).unwrap();
        // A pump that must stand still.
        point.interlocks.push(WriteInterlock { tag: running.as_str().into(), least: -0.5, most: 0.5 });
    });
    it.room.until("values", has_values);
    it.room.armed();
    let was_pa = value_of(&it.network, &it.source(), Setting::MakeUpPressure).unwrap();
    let points =
        vec![it.set_point(Setting::SupplyTemperature, 85.0), it.set_point(Setting::MakeUpPressure, was_pa + 30e3)];
    let book = it.confirmed(points);
    it.ask(OrderCommand::Execute(Which::Book(book.book.number)));
    let picture = it.room.until("stopped", |picture| picture.orders.stopped.is_some());
    let book = &picture.orders.books[0];
    assert!(book.orders.iter().all(|line| line.order.state == State::Confirmed), "{book:?}");
    assert_eq!(book.orders[0].order.deeds.last().unwrap().word, "hinder");
    assert!(book.orders[0].order.deeds.last().unwrap().why.contains("CP.RUN"), "{book:?}");
    let truth = it.field.network().unwrap();
    assert_eq!(value_of(&truth, &it.source(), Setting::SupplyTemperature), Some(90.0), "nothing was written");
    assert!(!records(&it.audit).iter().any(|record| record.deed.action == "operate"));
}

/// Disarmed in the midst: what is written is followed to its end, what waits is not written.
#[test]
fn disarming_stops_what_waits() {
    let folder = tempfile::tempdir().unwrap();
    let mut it = Control::new(folder.path(), |map, _| {
        // Slow steps, so that there is a midst.
        for point in &mut map.points {
            if let Some(write) = &mut point.write {
                write.most_step = Some(3.0).filter(|_| point.tag.ends_with("T1.SET"));
                write.least_interval_s = 2.0;
            }
        }
    });
    it.room.until("values", has_values);
    it.room.armed();
    let was_pa = value_of(&it.network, &it.source(), Setting::MakeUpPressure).unwrap();
    // Too much for one command: four steps of at most three kelvins.
    let points =
        vec![it.set_point(Setting::SupplyTemperature, 80.0), it.set_point(Setting::MakeUpPressure, was_pa + 30e3)];
    let book = it.confirmed(points);
    it.ask(OrderCommand::Execute(Which::Book(book.book.number)));
    let tag = it.tag(&format!("{}.T1.SET", it.source().id));
    it.room.until("the first step is done", |picture| picture.control.told.contains_key(&tag));
    it.room.ask(ControlCommand::Disarm);
    let picture = it.room.until("stopped", |picture| picture.orders.stopped.is_some());
    let book = &picture.orders.books[0];
    let states: Vec<State> = book.orders.iter().map(|line| line.order.state).collect();
    assert_eq!(states, [State::Failed, State::Confirmed], "{book:?}");
    let truth = it.field.network().unwrap();
    let now_c = value_of(&truth, &it.source(), Setting::SupplyTemperature).unwrap();
    assert!((80.5..90.0).contains(&now_c), "stands in the middle, where the log says it stands: {now_c}");
    assert!((value_of(&truth, &it.source(), Setting::MakeUpPressure).unwrap() - was_pa).abs() < 1.0);
    // Armed again, the other one is done; and the first can be ordered anew, in as many steps as it takes.
    it.room.ask(ControlCommand::Arm);
    it.room.desk("armed", |desk| desk.seat.as_ref().is_some_and(|seat| seat.armed_until.is_some()));
    let number = it.room.newest.as_ref().unwrap().orders.books[0].book.number;
    it.ask(OrderCommand::Execute(Which::Book(number)));
    it.states("the other", &[State::Failed, State::Compared]);
    let again = it.set_point(Setting::SupplyTemperature, 82.0);
    let book = it.confirmed(vec![again]);
    it.ask(OrderCommand::Execute(Which::Order(book.orders[0].order.number)));
    it.states("in steps", &[State::Compared]);
    assert_eq!(value_of(&it.field.network().unwrap(), &it.source(), Setting::SupplyTemperature), Some(82.0));
}

/// A device that keeps what it shows: the command is not confirmed, the order has failed, an alarm is raised; and a program
/// that is killed while it writes finds the same book again.
#[test]
fn what_is_not_read_back_fails_with_an_alarm_and_a_killed_program_knows() {
    let folder = tempfile::tempdir().unwrap();
    let mut it = Control::new(folder.path(), |_, _| {});
    it.room.until("values", has_values);
    it.room.armed();
    let (tag, source) = (it.tag(&format!("{}.T1.SET", it.source().id)), it.source());
    it.field.inject(Fault::new(hypocaust::io::field::FaultKind::Stuck, format!("{}.T1.SET", source.id))).unwrap();
    let book = it.confirmed(vec![it.set_point(Setting::SupplyTemperature, 85.0)]);
    it.ask(OrderCommand::Execute(Which::Book(book.book.number)));
    let book = it.states("failed", &[State::Failed]);
    assert!(book.orders[0].order.deeds.iter().any(|deed| deed.word == "write"), "{book:?}");
    it.room.until("an alarm", |picture| alarm(picture, tag));
    it.field.heal();

    // Killed while it wrote: the log ends in a write, and half a line.
    it.room.engine.leave();
    let mut log = OrderLog::open(&it.log).unwrap();
    let issue = log.orders().issue("left", vec![it.set_point(Setting::SupplyTemperature, 60.0)], Vec::new(), 1000);
    let order = 2;
    let now = Control::now();
    let write = Event::Write { order, command: 1 };
    for event in [issue, Event::Receive { order }, Event::Confirm { order }, write] {
        log.add(Entry { at: now, who: "li".to_owned(), event }).unwrap();
    }
    let before = log.orders().clone();
    drop(log);
    use std::io::Write;
    let mut file = std::fs::OpenOptions::new().append(true).open(&it.log).unwrap();
    file.write_all(b"{\"at\":1,\"who\":\"li\",\"event\":{\"exe").unwrap();
    drop(file);
    assert_eq!(OrderLog::open(&it.log).unwrap().orders(), &before);
    it.room = Control::follow(&it.field.device_map().clone(), &it.network, None, &it.log);
    // Its value shows that it was carried out after all.
    it.states("still being written", &[State::Writing]);
    write_by_hand(&it.field, &format!("{}.T1.SET", source.id), 60.0);
    let book = it.states("noticed", &[State::Compared]);
    assert_eq!(book.orders[0].order.how, Some(How::Noticed));
}
