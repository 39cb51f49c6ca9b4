//! Incidents: the fold of any log, the file under torn writes and several programs, and the command line.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use hypocaust::emergency::incident::{
    BreakRecord, Entry, Event, Incident, Moment, Opening, OrderState, PlanRecord, PlannedValve, Refusal, RequestRecord,
    Snapshot, State, ValveStage,
};
use hypocaust::emergency::{Request, respond};
use hypocaust::io::emergency as forms;
use hypocaust::io::incident::Journal;
use hypocaust::network::Name;
use hypocaust::network::generate::demo_city;
use hypocaust::solver::Solver;
use hypocaust::text::Language;
use proptest::prelude::*;
use serde_json::{Value, json};

fn moment(unix_s: i64) -> Moment {
    Moment { unix_s, offset_min: 480 }
}

fn entry(unix_s: i64, event: Event) -> Entry {
    Entry { time: moment(unix_s), who: "Li".to_owned(), event, text: String::new() }
}

fn opening() -> Entry {
    entry(0, Event::Opened(Box::new(Opening { id: "T-1".to_owned(), ..Opening::default() })))
}

fn broken(element: &str) -> BreakRecord {
    BreakRecord { element: element.into(), position: 0.5, hole_m2: None }
}

fn plan(valves: &[&str], stuck: &[&str]) -> Event {
    let names = |ids: &[&str]| ids.iter().map(|id| Name::from(*id)).collect::<Vec<_>>();
    let planned = |valve: Name| PlannedValve {
        valve,
        optional: false,
        chamber: None,
        crew: Some(1),
        begins_s: 0.0,
        shut_s: 60.0,
    };
    let request =
        RequestRecord { breaks: vec![broken("P1")], stuck: names(stuck), crews: 2, ..RequestRecord::default() };
    let valves = names(valves).into_iter().map(planned).collect();
    Event::Planned(Box::new(PlanRecord { request, valves, ..PlanRecord::default() }))
}

fn name() -> impl Strategy<Value = Name> {
    prop_oneof![Just("V1"), Just("V2"), Just("阀 3\n\"x\""), Just("")].prop_map(Name::from)
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[a-z ]{0,8}", Just("东区\t\u{2028}{}\"\\".to_owned()), any::<String>()]
}

fn breaks() -> impl Strategy<Value = Vec<BreakRecord>> {
    let one = (name(), 0.0..=1.0, prop::option::of(1e-6..1.0f64));
    prop::collection::vec(one.prop_map(|(element, position, hole_m2)| BreakRecord { element, position, hole_m2 }), 0..3)
}

fn plans() -> impl Strategy<Value = PlanRecord> {
    let valve = (name(), any::<bool>(), prop::option::of(1..4u32), 0.0..1e5f64);
    let valve = valve.prop_map(|(valve, optional, crew, begins_s)| PlannedValve {
        valve,
        optional,
        chamber: None,
        crew,
        begins_s,
        shut_s: begins_s + 60.0,
    });
    let names = || prop::collection::vec(name(), 0..3);
    (breaks(), names(), prop::collection::vec(valve, 0..4), prop::option::of(-40.0..5.0f64)).prop_map(
        |(breaks, stuck, valves, outdoor_c)| PlanRecord {
            request: RequestRecord { breaks, stuck, crews: 2, outdoor_c, ..RequestRecord::default() },
            valves,
            shut_s: 1234.5,
            lost_w: Some(1.0 / 3.0),
            ..PlanRecord::default()
        },
    )
}

fn event() -> impl Strategy<Value = Event> {
    let state = prop::sample::select(OrderState::ALL.to_vec());
    prop_oneof![
        (words(), any::<bool>()).prop_map(|(id, drill)| Event::Opened(Box::new(Opening {
            id,
            drill,
            ..Opening::default()
        }))),
        breaks().prop_map(|breaks| Event::Reported { breaks }),
        plans().prop_map(|plan| Event::Planned(Box::new(plan))),
        (name(), prop::option::of(1..4u32)).prop_map(|(valve, crew)| Event::ValveOrdered { valve, crew }),
        name().prop_map(|valve| Event::ValveConfirmed { valve }),
        (name(), any::<bool>()).prop_map(|(valve, unreachable)| Event::ValveStuck { valve, unreachable }),
        name().prop_map(|valve| Event::ValveUsable { valve }),
        name().prop_map(|valve| Event::ValveReopened { valve }),
        prop::collection::vec(name(), 0..3).prop_map(|elements| Event::Resupplied { elements }),
        prop::sample::select(vec![Event::RepairBegun, Event::RepairEnded, Event::Restored, Event::Note]),
        (words(), words()).prop_map(|(address, phone)| Event::Complaint { address, phone, element: None }),
        (words(), words(), state, prop::option::of(name()))
            .prop_map(|(order, crew, state, element)| Event::WorkOrder { order, crew, state, element }),
        words().prop_map(|revision| {
            let response = json!({ "a": [1.5, null, "阀"] });
            Event::Frozen(Box::new(Snapshot { revision, response, ..Snapshot::default() }))
        }),
    ]
}

fn any_entry() -> impl Strategy<Value = Entry> {
    (0..4_000_000_000i64, -840..=840i16, words(), event(), words()).prop_map(
        |(unix_s, offset_min, who, event, text)| Entry { time: Moment { unix_s, offset_min }, who, event, text },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Any log in any order has a state, after every entry, and can be shown in both languages.
    #[test]
    fn every_prefix_of_any_log_has_a_state(entries in prop::collection::vec(any_entry(), 0..12)) {
        for end in 0..=entries.len() {
            let state = State::of(&entries[..end]);
            let (shut, necessary) = state.progress();
            prop_assert!(shut <= necessary);
            prop_assert!(!state.stuck.iter().any(|valve| state.usable.contains(valve)));
            prop_assert!(!(state.is_isolated() && state.replan));
        }
        let incident = Incident::from_entries(entries);
        for language in Language::ALL {
            let sheet = forms::incident_sheet(&incident, None, moment(0), language);
            for section in &sheet.sections {
                for row in section.table.iter().flat_map(|table| &table.rows) {
                    prop_assert_eq!(row.len(), section.table.as_ref().map_or(0, |table| table.heads.len()));
                }
            }
        }
        let answer: Value = serde_json::from_str(&forms::incident_json(&incident, moment(0))).unwrap();
        prop_assert_eq!(answer["entries"].as_array().map(Vec::len), Some(incident.entries().len()));
    }

    /// What the rules let through is read back as it was, offset and all, and cut anywhere loses at most the last entry.
    #[test]
    fn a_file_gives_back_what_was_added_and_a_torn_tail_loses_only_the_last(
        events in prop::collection::vec(any_entry(), 0..8),
        cut in 0.0..1.0f64,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.incident.json");
        let mut journal = Journal::create(&path, opening()).unwrap();
        let mut kept = vec![opening()];
        for entry in events {
            let refused = journal.incident().refusal(&entry).is_some();
            prop_assert_eq!(journal.add(entry.clone()).is_err(), refused);
            if !refused {
                kept.push(entry);
            }
        }
        let read = Journal::open(&path).unwrap();
        prop_assert_eq!(read.problems().count(), 0);
        prop_assert_eq!(read.incident().entries(), &kept[..]);
        for (entry, known) in read.incident().entries().iter().zip(&kept) {
            prop_assert_eq!(entry.time.offset_min, known.time.offset_min);
        }
        // Cut somewhere in the last line, as a kill in the middle of a write.
        let bytes = std::fs::read(&path).unwrap();
        let last = bytes[..bytes.len() - 1].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let end = last + ((bytes.len() - last) as f64 * cut) as usize;
        std::fs::write(&path, &bytes[..end]).unwrap();
        if last == 0 {
            prop_assert!(Journal::open(&path).is_err());
            return Ok(());
        }
        let torn = Journal::open(&path).unwrap();
        prop_assert_eq!(torn.incident().entries(), &kept[..kept.len() - 1]);
        let problems: Vec<String> = torn.problems().map(|problem| problem.text(Language::English)).collect();
        prop_assert_eq!(problems.len(), usize::from(end > last), "{:?}", problems);
        if let Some(problem) = problems.first() {
            let place = format!("{}:{}: ", path.display(), kept.len());
            prop_assert!(problem.starts_with(&place), "{}", problem);
        }
        // The next entry stands on a line of its own.
        let mut journal = torn;
        let note = Entry { text: "after the kill".to_owned(), ..entry(9, Event::Note) };
        journal.add(note.clone()).unwrap();
        let again = Journal::open(&path).unwrap();
        prop_assert_eq!(again.incident().entries().last(), Some(&note));
        prop_assert_eq!(again.incident(), journal.incident());
    }

    /// No log that keeps the rules has a plan in force with a valve that was stuck when it was made, and no plan follows
    /// another unless something was found in between.
    #[test]
    fn a_plan_never_uses_a_stuck_valve(entries in prop::collection::vec(any_entry(), 0..20)) {
        let mut incident = Incident::default();
        incident.push(opening()).unwrap();
        for entry in entries {
            let before = incident.clone();
            let Ok(()) = incident.push(entry.clone()) else {
                prop_assert_eq!(&incident, &before);
                continue;
            };
            if let Event::Planned(plan) = &entry.event {
                let known = before.state();
                prop_assert!(!known.breaks.is_empty());
                prop_assert!(plan.valves.iter().all(|valve| !known.stuck.contains(&valve.valve)));
                prop_assert!(known.plan.is_none_or(|earlier| !earlier.is_as(plan)));
            }
        }
    }
}

#[test]
fn from_report_to_restored() {
    let mut incident = Incident::default();
    assert_eq!(incident.push(entry(0, Event::Note)), Err(Refusal::NotOpened));
    let push = |incident: &mut Incident, at: i64, event: Event| incident.push(entry(at, event));
    incident.push(opening()).unwrap();
    assert_eq!(push(&mut incident, 1, plan(&["V1"], &[])), Err(Refusal::NothingReported));
    push(&mut incident, 1, Event::Reported { breaks: vec![broken("P1")] }).unwrap();
    assert!(incident.state().replan, "a break that no plan knows");
    push(&mut incident, 2, plan(&["V1", "V2"], &[])).unwrap();
    assert!(!incident.state().replan);
    assert_eq!(push(&mut incident, 3, plan(&["V1", "V2"], &[])), Err(Refusal::NothingChanged));
    push(&mut incident, 4, Event::ValveConfirmed { valve: "V1".into() }).unwrap();
    assert_eq!(incident.state().progress(), (1, 2));
    push(&mut incident, 5, Event::ValveStuck { valve: "V2".into(), unreachable: false }).unwrap();
    let state = incident.state();
    assert!(state.replan && !state.is_isolated());
    assert_eq!(state.valves["V2"].stage, ValveStage::Stuck);
    assert_eq!(push(&mut incident, 6, plan(&["V1", "V2"], &["V2"])), Err(Refusal::UsesStuck("V2".into())));
    push(&mut incident, 7, plan(&["V1", "V3"], &["V2"])).unwrap();
    let state = incident.state();
    assert_eq!((state.plans, state.replan, state.progress()), (2, false, (1, 2)), "V1 stays shut");
    push(&mut incident, 8, Event::ValveConfirmed { valve: "V3".into() }).unwrap();
    assert!(incident.state().is_isolated());
    assert_eq!(incident.state().open_s(moment(100)), Some(100));
    push(&mut incident, 50, Event::Restored).unwrap();
    assert_eq!(incident.state().open_s(moment(100)), Some(50));
    let order = |state| Event::WorkOrder { order: "W1".into(), crew: String::new(), state, element: None };
    push(&mut incident, 60, order(OrderState::Issued)).unwrap();
    push(&mut incident, 70, order(OrderState::Done)).unwrap();
    let orders = incident.state().orders;
    assert_eq!(
        (orders["W1"].state, orders["W1"].issued, orders["W1"].since),
        (OrderState::Done, moment(60), moment(70))
    );
}

/// Two programs with the same file: each sees what the other adds, and nothing is lost or doubled.
#[test]
fn two_programs_share_a_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.incident.json");
    let mut writer = Journal::create(&path, opening()).unwrap();
    let mut reader = Journal::open(&path).unwrap();
    let note = |text: String| Entry { text, ..entry(1, Event::Note) };
    writer.add(note("one".to_owned())).unwrap();
    assert_eq!(reader.refresh().unwrap(), 1);
    reader.add(note("two".to_owned())).unwrap();
    assert_eq!(writer.refresh().unwrap(), 1);
    assert_eq!(writer.incident(), reader.incident());
    // Half a line of somebody else is nothing yet, and becomes an entry when it is whole.
    let line = serde_json::to_string(&note("three".to_owned())).unwrap();
    let (first, second) = line.split_at(20);
    let mut other = OpenOptions::new().append(true).open(&path).unwrap();
    other.write_all(first.as_bytes()).unwrap();
    assert_eq!((reader.refresh().unwrap(), reader.problems().count()), (0, 1));
    other.write_all(second.as_bytes()).unwrap();
    other.write_all(b"\n").unwrap();
    assert_eq!((reader.refresh().unwrap(), reader.problems().count()), (1, 0));
    // Many at once.
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (path, note) = (&path, &note);
            scope.spawn(move || {
                let mut journal = Journal::open(path).unwrap();
                for number in 0..5 {
                    journal.add(note(format!("{thread}.{number}"))).unwrap();
                }
            });
        }
    });
    let all = Journal::open(&path).unwrap();
    assert_eq!(all.problems().count(), 0);
    let mut texts: Vec<&str> = all.incident().entries()[4..].iter().map(|entry| entry.text.as_str()).collect();
    assert_eq!(texts.len(), 20);
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), 20);
}

#[test]
fn bad_files_are_told_by_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.incident.json");
    let refused = |content: &[u8]| {
        std::fs::write(&path, content).unwrap();
        Journal::open(&path).unwrap_err().to_string()
    };
    assert!(refused(b"").contains("no entry"));
    assert!(refused(b"{\"hypocaust\": 1}\n").contains("a.incident.json:1:"));
    assert!(refused(b"\xff\xfe\n\n[]\n").contains("a.incident.json:3:"));
    assert!(Journal::open(&folder.path().join("none")).unwrap_err().to_string().contains("none"));
    std::fs::remove_file(&path).unwrap();
    let mut journal = Journal::create(&path, opening()).unwrap();
    assert!(Journal::create(&path, opening()).unwrap_err().to_string().contains("already"));
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b"{\"time\": \"yesterday\", \"event\": \"note\"}\n").unwrap();
    journal.add(Entry { text: "behind".to_owned(), ..entry(1, Event::Note) }).unwrap();
    let read = Journal::open(&path).unwrap();
    let problems: Vec<String> = read.problems().map(|problem| problem.text(Language::English)).collect();
    assert!(problems.len() == 1 && problems[0].contains(":2:") && problems[0].contains("yesterday"), "{problems:?}");
    assert_eq!(read.incident().entries().len(), 2);
    // Numbers JSON cannot carry are refused before they are written.
    let nowhere = BreakRecord { position: f64::NAN, ..broken("P1") };
    assert!(journal.add(entry(1, Event::Reported { breaks: vec![nowhere] })).is_err());
    assert_eq!(Journal::open(&path).unwrap().incident().entries().len(), 2);
}

/// An answer kept in the log: plan, revision, sheets; planning anew asks with the valve found stuck and goes around it.
#[test]
fn an_answer_is_frozen_and_a_stuck_valve_is_planned_around() {
    let mut network = demo_city();
    let mut incident = Incident::default();
    incident.push(opening()).unwrap();
    incident.push(entry(1, Event::Reported { breaks: vec![broken("PR0005")] })).unwrap();
    let base = Request { without_resupply: true, ..Request::default() };
    let mut solver = Solver::new();
    let request = incident.request(&network, &base).unwrap();
    let response = respond(&mut network, &request, &mut solver).unwrap();
    for event in forms::plan_events(&network, &request, &response).unwrap() {
        incident.push(entry(2, event)).unwrap();
    }
    let first = incident.state().plan.unwrap().valves[0].valve.clone();
    let (sheet, revision) = forms::frozen_sheet(&incident, Language::Chinese).unwrap();
    assert_eq!(sheet, forms::sheet(&network, &response, Language::Chinese, &hypocaust::units::DisplayUnits::default()));
    assert_eq!(revision, hypocaust::io::file::revision(&demo_city()).unwrap());
    incident.push(entry(3, Event::ValveStuck { valve: first.clone(), unreachable: true })).unwrap();
    let request = incident.request(&network, &base).unwrap();
    let response = respond(&mut network, &request, &mut solver).unwrap();
    let [planned, frozen] = forms::plan_events(&network, &request, &response).unwrap();
    incident.push(entry(4, planned)).unwrap();
    incident.push(entry(4, frozen)).unwrap();
    let state = incident.state();
    assert!(!state.replan && state.plans == 2 && state.snapshots.len() == 2);
    assert!(state.plan.unwrap().valves.iter().all(|valve| valve.valve != first));
    let unknown = Incident::from_entries(vec![entry(1, Event::Reported { breaks: vec![broken("P?")] })]);
    assert_eq!(unknown.request(&network, &base).unwrap_err().0, "P?".into());
}

fn hypocaust(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hypocaust"))
        .args(arguments)
        .current_dir(folder)
        .env("LC_ALL", "C")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap()
}

fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = hypocaust(folder, arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// As a dispatcher would: burst, confirm, stuck, plan anew, complaint, order, restored.
#[test]
fn a_night_on_the_command_line() {
    let city = concat!(env!("CARGO_MANIFEST_DIR"), "/networks/demo-city/demo-city.hypocaust.json");
    let folder = tempfile::tempdir().unwrap();
    let folder: PathBuf = folder.path().to_owned();
    std::fs::create_dir_all(&folder).unwrap();
    let (file, at) = ("night.incident.json", "2026-11-22T23:25:00+08:00");
    let burst = ["burst", city, "--without-resupply", "--incident", file, "--who", "Wang", "--output", "plan.txt"];
    done(&folder, &[&burst[..], &["--pipe", "PR0005", "--drill"]].concat());
    let state = || -> Value { serde_json::from_str(&done(&folder, &["incident", file, "--format", "json"])).unwrap() };
    let opened = state();
    assert_eq!((&opened["id"], &opened["drill"], &opened["plans"]), (&json!("night"), &json!(true), &json!(1)));
    let valves = opened["plan"]["valves"].as_array().unwrap();
    let (first, second) = (valves[0]["valve"].as_str().unwrap(), valves[1]["valve"].as_str().unwrap());
    let add = |what: &[&str]| done(&folder, &[&["incident", file, "add"], what, &["--who", "Li", "--at", at]].concat());
    add(&["confirm", first, "43 turns, tight"]);
    add(&["stuck", second]);
    assert_eq!(state()["replan"], true);
    done(&folder, &burst);
    let again = state();
    assert_eq!((&again["plans"], &again["replan"], &again["stuck"]), (&json!(2), &json!(false), &json!([second])));
    let unchanged = hypocaust(&folder, &burst);
    assert_eq!(unchanged.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&unchanged.stderr).contains("nothing has changed"));
    assert_eq!(state()["plans"], 2);
    add(&["complaint", "--address", "3 Lake Road", "--phone", "555 0101", "cold since ten"]);
    add(&["work", "W-7", "--crew", "north", "--state", "on-site", "weld the main"]);
    add(&["restored"]);
    let shown = done(&folder, &["incident", file, "--network", city]);
    for word in ["Rehearsal night", "43 turns, tight", "3 Lake Road, 555 0101", "W-7", "on site", "23:25:00", "Li"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    let chinese = done(&folder, &["--language", "zh-CN", "incident", file]);
    assert!(chinese.contains("演练 night") && chinese.contains("已到场"), "{chinese}");
    // Refusals change nothing.
    let before = std::fs::read(folder.join(file)).unwrap();
    for (arguments, word) in [
        (&["incident", file, "add", "note"][..], "empty"),
        (&["incident", "none.incident.json"][..], "none.incident.json"),
        (&["incident", file, "add", "note", "x", "--at", "now"][..], "2026-11-22T23:20:05+08:00"),
        (&["burst", city, "--incident", file, "--pipe", "P?"][..], "P?"),
        (&["burst", city, "--incident", file, "--pipe", "ST001"][..], "ST001"),
    ] {
        let refused = hypocaust(&folder, arguments);
        assert_eq!(refused.status.code(), Some(1), "{arguments:?}");
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(said.contains(word), "{arguments:?}: {said}");
    }
    assert_eq!(std::fs::read(folder.join(file)).unwrap(), before);
    std::fs::remove_dir_all(&folder).ok();
}

/// The emergency information base goes through file, edit log and report, and does not make the network another one.
#[test]
fn the_emergency_base_is_kept_changed_and_undone() {
    use hypocaust::io::file;
    use hypocaust::network::edit::Edit;
    use hypocaust::network::{Contact, EmergencyBase};
    let mut network = demo_city();
    assert!(!network.emergency_base().contacts.is_empty());
    let text = file::to_string(&network).unwrap();
    let read = file::from_str(&text, Path::new("a.hypocaust.json")).unwrap();
    assert!(read.same_as(&network));
    let (before, revision) = (network.clone(), file::revision(&network).unwrap());
    let contact = Contact { name: "Zhao \"Z\" 赵".to_owned(), phone: "555-0199".to_owned(), ..Contact::default() };
    let mut base = network.emergency_base().clone();
    base.contacts.push(contact.clone());
    let undo = Edit::SetEmergencyBase { base: Box::new(base) }.apply(&mut network).unwrap();
    assert!(!network.same_as(&before));
    assert_eq!(network.emergency_base().contacts.last(), Some(&contact));
    let again = file::from_str(&file::to_string(&network).unwrap(), Path::new("a.hypocaust.json")).unwrap();
    assert_eq!(again.emergency_base(), network.emergency_base());
    assert_eq!(file::revision(&network).unwrap(), revision, "a telephone number is no other network");
    for language in Language::ALL {
        let sections = forms::base_sections(&network, language);
        let cells: Vec<&String> =
            sections.iter().flat_map(|section| &section.table).flat_map(|table| table.rows.iter().flatten()).collect();
        assert!(cells.contains(&&"555-0199".to_owned()));
    }
    undo.apply(&mut network).unwrap();
    assert!(network.same_as(&before));
    network.set_emergency_base(EmergencyBase::default());
    assert!(forms::base_sections(&network, Language::English).is_empty());
    assert!(!file::to_string(&network).unwrap().contains("\"emergency\""));
    for (bad, word) in [
        (r#"{ "contacts": [ { "nam": "x" } ] }"#, "nam"),
        (r#"{ "stores": [ { "item": "x", "count": "two" } ] }"#, "count"),
        ("5", "emergency"),
    ] {
        let text = format!("{{ \"hypocaust\": 1,\n  \"emergency\": {bad} }}");
        let error = file::from_str(&text, Path::new("a.hypocaust.json")).unwrap_err().to_string();
        assert!(error.contains("a.hypocaust.json:2:"), "{error}");
        assert!(error.contains(word) || word == "emergency", "{error}");
    }
}
