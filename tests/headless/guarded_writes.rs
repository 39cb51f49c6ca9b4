//! The whole way from a person to a register, over real sockets: sign in, arm, select, operate, read back, alarm, audit.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hypocaust::io::audit::{AuditLog, Record, verify};
use hypocaust::io::modbus::map::{Device, DeviceMap, Point, WritePermit};
use hypocaust::io::modbus::value::DataType;
use hypocaust::io::users::Users;
use hypocaust::live::access::{Right, Role, Secret};
use hypocaust::live::alarm::Kind;
use hypocaust::live::{TagId, Timestamp};
use hypocaust::network::Network;
use hypocaust::session::live::engine::Engine;
use hypocaust::session::live::{
    Books, Connect, ControlCommand, ControlDesk, End, LiveNews, LiveOrder, LiveSource, Picture,
};
use hypocaust::text::Language;
use hypocaust::units::Quantity;

use crate::support::plc::{Act, Plc, on_registers};
use crate::support::program::hypocaust;

const HONEST: TagId = TagId(0);
/// Takes every value and keeps its own.
const STUBBORN: TagId = TagId(1);
/// Takes a value, shows it once, and lets go of it.
const FORGETFUL: TagId = TagId(2);
/// Answers every write with an exception.
const UNWILLING: TagId = TagId(3);
const NEVER: Duration = Duration::from_secs(60);
const PASSWORD: &str = "return water 55";

/// Values by register.
type Registers = Arc<Mutex<BTreeMap<u16, u16>>>;

/// A controller with four set points of whole kelvins at 60 °C; how many writes reached it.
fn controller() -> (Plc, Registers, Arc<Mutex<Vec<u16>>>) {
    let registers: Registers = Arc::new(Mutex::new((0..4).map(|at| (at, 60)).collect()));
    let writes: Arc<Mutex<Vec<u16>>> = Arc::default();
    let (held, seen, once) = (registers.clone(), writes.clone(), AtomicBool::new(false));
    let plc = Plc::start(move |asked| {
        let mut registers = held.lock().unwrap();
        let write = asked.pdu[0] == 6;
        if write {
            seen.lock().unwrap().push(asked.address());
        }
        vec![Act::Send(match asked.address() {
            1 if write => asked.frame(&asked.pdu),
            2 if write => {
                once.store(true, Ordering::SeqCst);
                on_registers(asked, &mut registers)
            }
            3 if write => asked.exception(4),
            // The reading back of the writer itself sees the value, the next scan does not.
            2 if once.swap(false, Ordering::SeqCst) => {
                let answer = on_registers(asked, &mut registers);
                registers.insert(2, 60);
                answer
            }
            _ => on_registers(asked, &mut registers),
        })]
    });
    (plc, registers, writes)
}

fn map(plc: &Plc) -> DeviceMap {
    let device = Device::tcp("ST1", plc.address.ip().to_string(), plc.address.port(), 1);
    let write = Some(WritePermit { least: 40.0, most: 90.0, most_step: Some(20.0), least_interval_s: 0.0 });
    let point = |register: u16| Point {
        quantity: Quantity::Temperature,
        unit: Quantity::Temperature.units()[0],
        write,
        period_ms: 1000,
        // Else the reading back would be one of all four.
        alone: true,
        ..Point::new(format!("ST1.T{register}.SET"), "ST1", register, DataType::U16)
    };
    DeviceMap { devices: vec![device], points: (0..4).map(point).collect() }
}

pub(crate) fn users(folder: &Path) -> PathBuf {
    let path = folder.join("users.json");
    let mut users = Users::open(&path).unwrap();
    let now = Timestamp::from_ms(0);
    users.add("wang", Role::Administrator, "boiler feed water 7", now).unwrap();
    for (name, role) in [("guest", Role::Viewer), ("li", Role::Dispatcher), ("zhao", Role::Engineer)] {
        users.add(name, role, PASSWORD, now).unwrap();
    }
    path
}

/// A field followed by a test.
pub(crate) struct Room {
    pub engine: Engine,
    pub newest: Option<Arc<Picture>>,
    pub troubles: Vec<String>,
}

impl Room {
    fn open(map: DeviceMap, books: Option<Books>) -> Room {
        let source = LiveSource::Map { map: Arc::new(map), history: None };
        let network = Arc::new(Network::new());
        let mut room = Room::follow(Connect {
            source,
            network,
            state: 0,
            books,
            orders: None,
            planner: None,
            language: Language::English,
        });
        room.until("values of all tags", |picture| picture.latest.iter().all(|latest| latest.quality.is_good()));
        room
    }

    pub fn follow(asked: Connect) -> Room {
        let mut engine = Engine::default();
        let nobody: hypocaust::session::jobs::Waker = Arc::new(|| {});
        engine.connect(asked, &nobody);
        Room { engine, newest: None, troubles: Vec::new() }
    }

    pub fn until(&mut self, what: &str, found: impl Fn(&Picture) -> bool) -> Arc<Picture> {
        let end = Instant::now() + NEVER;
        loop {
            for news in self.engine.news() {
                match news {
                    LiveNews::Picture(picture) => self.newest = Some(picture),
                    LiveNews::Trouble(message) => self.troubles.push(message.text(Language::English)),
                    LiveNews::Adopted(_) => {}
                    LiveNews::Fault(message) => panic!("{what}: {}", message.text(Language::English)),
                }
            }
            if let Some(picture) = self.newest.clone().filter(|picture| found(picture)) {
                return picture;
            }
            let newest = self.newest.as_ref();
            let desk = newest.map(|picture| (picture.control.seat.clone(), picture.control.told.clone()));
            let orders = newest.map(|picture| &picture.orders.books);
            assert!(Instant::now() < end, "{what}: {desk:?} {:?} {orders:#?}", self.troubles);
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn desk(&mut self, what: &str, found: impl Fn(&ControlDesk) -> bool) -> Arc<Picture> {
        self.until(what, |picture| found(&picture.control))
    }

    pub fn ask(&mut self, command: ControlCommand) {
        self.engine.order(LiveOrder::Control(command));
    }

    /// What is refused is said.
    pub fn refused(&mut self, command: ControlCommand, said: &str) {
        self.troubles.clear();
        self.ask(command);
        let end = Instant::now() + NEVER;
        while !self.troubles.iter().any(|trouble| trouble.contains(said)) {
            assert!(Instant::now() < end, "no '{said}' in {:?}", self.troubles);
            self.until("anything", |_| true);
        }
    }

    pub fn sign_in(&mut self, name: &str) {
        self.ask(ControlCommand::SignIn { name: name.to_owned(), password: Secret::new(PASSWORD) });
        self.desk(name, |desk| desk.seat.as_ref().is_some_and(|seat| seat.user == name && !seat.locked));
    }

    /// Switched on by the engineer, armed by the dispatcher.
    pub fn armed(&mut self) {
        self.sign_in("zhao");
        self.ask(ControlCommand::Switch(true));
        self.desk("switched on", |desk| desk.on);
        self.sign_in("li");
        self.ask(ControlCommand::Arm);
        self.desk("armed", |desk| desk.seat.as_ref().is_some_and(|seat| seat.armed_until.is_some()));
    }

    /// Both steps; what came of them.
    fn write(&mut self, tag: TagId, value: f64) -> (End, String) {
        self.ask(ControlCommand::Select { tag, value });
        let told = |desk: &ControlDesk| desk.told.get(&tag).is_some_and(|told| told.value == value);
        let picture = self.desk("a selection, or a refusal", |desk| desk.selection.is_some() || told(desk));
        if let Some(selection) = &picture.control.selection {
            assert_eq!((selection.tag, selection.old, selection.new, &*selection.device), (tag, 60.0, value, "ST1"));
            self.ask(ControlCommand::Operate { number: selection.number });
        }
        let picture = self.desk("the end of the command", |desk| told(desk) && desk.under_way.is_empty());
        let told = &picture.control.told[&tag];
        (told.end, told.why.as_ref().map_or_else(String::new, |why| why.text(Language::English)))
    }
}

pub(crate) fn records(log: &Path) -> Vec<Record> {
    let mut records = Vec::new();
    verify(log, &[], &mut |record| records.push(record.clone())).unwrap().expect("the log is whole");
    records
}

pub(crate) fn alarm(picture: &Picture, tag: TagId) -> bool {
    picture.alarms.lines.iter().any(|line| line.row.kind == Kind::Command && line.row.tag == Some(tag))
}

#[test]
fn from_the_person_to_the_register_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let books = Books::new(users(folder.path()), None);
    let log = books.audit.clone();
    let (plc, registers, writes) = controller();
    let mut room = Room::open(map(&plc), Some(books));

    // Nobody, a wrong password, and a viewer get nowhere.
    room.refused(ControlCommand::Arm, "Sign in first");
    room.ask(ControlCommand::SignIn { name: "li".to_owned(), password: Secret::new("return water 56") });
    room.desk("denied", |desk| desk.denied.is_some() && desk.seat.is_none());
    room.sign_in("zhao");
    room.ask(ControlCommand::Switch(true));
    room.desk("switched on", |desk| desk.on);
    room.sign_in("guest");
    room.refused(ControlCommand::Arm, "may not write");
    room.refused(ControlCommand::Switch(false), "may not write");
    assert_eq!(room.write(HONEST, 65.0).0, End::Refused);
    assert!(!room.newest.as_ref().unwrap().control.may(Right::Acknowledge));
    assert_eq!(*writes.lock().unwrap(), [] as [u16; 0]);

    // A dispatcher: armed, selected, operated, read back. Bounds hold.
    room.sign_in("li");
    assert_eq!(room.write(HONEST, 66.0).1, "Arm first; arming lasts five minutes.");
    room.ask(ControlCommand::Arm);
    room.desk("armed", |desk| desk.seat.as_ref().is_some_and(|seat| seat.armed_until.is_some()));
    assert_eq!(room.write(HONEST, 91.0).0, End::Refused);
    assert_eq!(room.write(HONEST, 85.0).0, End::Refused);
    assert_eq!(*writes.lock().unwrap(), [] as [u16; 0]);
    assert_eq!(room.write(HONEST, 70.0), (End::Confirmed, String::new()));
    assert_eq!(registers.lock().unwrap()[&0], 70);

    // Devices that do not take it: an alarm each, whatever they say.
    let (end, why) = room.write(STUBBORN, 70.0);
    assert_eq!((end, why.as_str()), (End::NotConfirmed, "The device answered with another value."));
    let (end, why) = room.write(FORGETFUL, 70.0);
    assert_eq!((end, why.as_str()), (End::NotConfirmed, "The new value was not read back within two scans."));
    let (end, why) = room.write(UNWILLING, 70.0);
    assert!(end == End::NotConfirmed && why.contains("04"), "{why}");
    room.until("an alarm for each", |picture| {
        [STUBBORN, FORGETFUL, UNWILLING].iter().all(|tag| alarm(picture, *tag)) && !alarm(picture, HONEST)
    });
    room.engine.order(LiveOrder::Acknowledge(None));
    room.until("no alarm once it is known", |picture| {
        !picture.alarms.lines.iter().any(|l| l.row.kind == Kind::Command)
    });

    // A locked screen ends what was armed; leaving it is recorded.
    room.ask(ControlCommand::Lock);
    room.desk("locked", |desk| desk.seat.as_ref().is_some_and(|seat| seat.locked && seat.armed_until.is_none()));
    assert_eq!(room.write(HONEST, 75.0).0, End::Refused);
    room.engine.order(LiveOrder::Acknowledge(None));
    room.sign_in("li");
    room.ask(ControlCommand::SignOut);
    room.desk("nobody", |desk| desk.seat.is_none());
    assert_eq!(*writes.lock().unwrap(), [0, 1, 2, 3], "each was written once, nothing else ever");

    let records = records(&log);
    let actions: Vec<String> =
        records.iter().map(|record| format!("{} {}", record.deed.user, record.deed.action)).collect();
    let wanted = [
        "li sign-in-failed",
        "zhao sign-in",
        "zhao writing-on",
        "zhao sign-out",
        "guest sign-in",
        "guest select-refused",
        "li sign-in",
        "li arm",
        "li select",
        "li operate",
        "li confirmed",
        "li operate",
        "li not-confirmed",
        "li acknowledge",
        "li disarm",
        "li lock",
        "li unlock",
        "li sign-out",
    ];
    let mut rest = actions.iter();
    for action in wanted {
        assert!(rest.any(|found| found == action), "no '{action}' in its place in {actions:#?}");
    }
    let count = |action: &str| records.iter().filter(|record| record.deed.action == action).count();
    assert_eq!((count("operate"), count("confirmed"), count("not-confirmed")), (4, 1, 3));
    for (at, record) in records.iter().enumerate().filter(|(_, record)| record.deed.action == "operate") {
        let number = &record.deed.details["number"];
        let of = |records: &[Record], action: &str| {
            records.iter().any(|r| r.deed.action == action && r.deed.details.get("number") == Some(number))
        };
        assert!(of(&records[..at], "select"), "{number} was not selected");
        let ended = of(&records[at..], "confirmed") || of(&records[at..], "not-confirmed");
        assert!(ended, "{number} has no end");
    }
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(!text.contains("return water"), "a password stands in the log");
}

#[test]
fn nothing_is_written_that_cannot_be_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let books = Books::new(users(folder.path()), None);
    let log = books.audit.clone();
    let (plc, _, writes) = controller();
    let mut room = Room::open(map(&plc), Some(books));
    room.armed();
    room.ask(ControlCommand::Select { tag: HONEST, value: 70.0 });
    let picture = room.desk("selected", |desk| desk.selection.is_some());
    // Somebody cuts the log off between the two steps.
    let whole = std::fs::read(&log).unwrap();
    std::fs::write(&log, &whole[..whole.len() / 2]).unwrap();
    let number = picture.control.selection.as_ref().unwrap().number;
    room.ask(ControlCommand::Operate { number });
    let picture = room.desk("refused", |desk| desk.told.contains_key(&HONEST));
    assert_eq!(picture.control.told[&HONEST].end, End::Refused);
    assert!(picture.control.off.is_some(), "the desk says why nothing can be written");
    assert_eq!(room.write(HONEST, 71.0).0, End::Refused);
    // Whoever goes may go all the same, and nobody comes in unrecorded.
    room.ask(ControlCommand::SignOut);
    room.desk("nobody", |desk| desk.seat.is_none());
    room.ask(ControlCommand::SignIn { name: "li".to_owned(), password: Secret::new(PASSWORD) });
    room.desk("denied", |desk| desk.denied.is_some() && desk.seat.is_none());
    assert_eq!(*writes.lock().unwrap(), [] as [u16; 0]);
    // Put back, it goes on where it was.
    std::fs::write(&log, &whole).unwrap();
    room.sign_in("li");
    assert_eq!(records(&log).last().unwrap().deed.action, "sign-in");
}

#[test]
fn who_is_taken_off_the_list_writes_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let users = users(folder.path());
    let (plc, _, writes) = controller();
    let mut room = Room::open(map(&plc), Some(Books::new(users.clone(), None)));
    room.armed();
    room.ask(ControlCommand::Select { tag: HONEST, value: 70.0 });
    let picture = room.desk("selected", |desk| desk.selection.is_some());
    Users::open(&users).unwrap().remove("li").unwrap();
    let number = picture.control.selection.as_ref().unwrap().number;
    room.refused(ControlCommand::Operate { number }, "li is no longer a user");
    room.desk("nobody", |desk| desk.seat.is_none() && desk.selection.is_none());
    assert_eq!(*writes.lock().unwrap(), [] as [u16; 0]);
}

#[test]
fn without_users_alarms_are_answered_and_nothing_is_written() {
    let (plc, _, writes) = controller();
    let mut room = Room::open(map(&plc), None);
    let picture = room.desk("a reason", |desk| desk.off.is_some());
    assert!(picture.control.may(Right::Acknowledge) && !picture.control.may(Right::Write));
    room.refused(ControlCommand::Arm, "Sign in first");
    room.refused(ControlCommand::Operate { number: 1 }, "Sign in first");
    assert_eq!(room.write(HONEST, 70.0).0, End::Refused);
    assert_eq!(*writes.lock().unwrap(), [] as [u16; 0]);
}

#[test]
fn one_set_point_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let (users, log) = (users(folder.path()), folder.path().join("acts.log"));
    let (plc, registers, writes) = controller();
    let devices = folder.path().join("devices.toml");
    map(&plc).write(&devices).unwrap();
    let [devices, users, log_path] = [&devices, &users, &log].map(|path| path.to_str().unwrap());
    let run = |who: &str, tag: &str, value: &str, typed: &str| {
        let set_point = ["write", "--language", "en", "--tag", tag, "--value", value, "--as", who];
        let files = ["--map", devices, "--users", users, "--audit", log_path];
        let (code, _, said) = hypocaust(&[&set_point[..], &files].concat(), typed);
        (code, said)
    };
    let right = format!("{PASSWORD}\nyes\n");
    let (code, said) = run("zhao", "ST1.T9.SET", "70", &right);
    assert!(code == 1 && said.contains("may not be written"), "{said}");
    let (code, said) = run("zhao", "ST1.T0.SET", "70", "wrong water 55\nyes\n");
    assert!(code == 1 && said.contains("Name or password is wrong"), "{said}");
    let (code, said) = run("li", "ST1.T0.SET", "70", &right);
    assert!(code == 1 && said.contains("Your role may not"), "{said}");
    let (code, said) = run("zhao", "ST1.T0.SET", "70", &format!("{PASSWORD}\nno\n"));
    assert!(code == 1 && said.contains("taken back"), "{said}");
    assert_eq!(*writes.lock().unwrap(), [] as [u16; 0]);
    let (code, said) = run("zhao", "ST1.T0.SET", "70", &right);
    assert!(code == 0 && said.contains("60.0 °C → 70.0 °C") && said.contains("written and read back"), "{said}");
    assert_eq!((registers.lock().unwrap()[&0], writes.lock().unwrap().len()), (70, 1));
    let (code, said) = run("zhao", "ST1.T1.SET", "70", &right);
    assert!(code == 1 && said.contains("not confirmed"), "{said}");
    let actions: Vec<String> = records(&log).into_iter().map(|record| record.deed.action).collect();
    for action in ["sign-in-failed", "cancel", "operate", "confirmed", "not-confirmed", "sign-out"] {
        assert!(actions.iter().any(|found| found == action), "{action}: {actions:?}");
    }
    assert!(AuditLog::open(&log).is_ok());
}
