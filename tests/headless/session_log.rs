//! The incident's file as a session keeps it: begun with the first thing done, shared with other programs, opened again, and
//! nothing lost that was answered for, however the program ends.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hypocaust::emergency::incident::{Entry, Event, Moment, Opening};
use hypocaust::io::incident::Journal;
use hypocaust::network::Network;
use hypocaust::network::generate::demo_city;
use hypocaust::session::emergency::{EmergencyCommand, hole_of};
use hypocaust::session::jobs::{Files, Jobs};
use hypocaust::session::{Command, Session, apply};
use hypocaust::text::Language;

fn entry(event: Event, text: &str) -> Entry {
    Entry { time: Moment::now(480), who: "Li".to_owned(), event, text: text.to_owned() }
}

/// A session and its threads.
struct Desk {
    session: Session,
    jobs: Jobs,
}

impl Desk {
    fn new(network: Network) -> Desk {
        let session = Session::with_network(network, Language::English);
        let jobs = Jobs::new(Files::on_disk(|| Ok(demo_city())), Arc::new(|| {})).unwrap();
        Desk { session, jobs }
    }

    fn ask(&mut self, command: Command) {
        let effects = apply(&mut self.session, command);
        self.jobs.follow(&mut self.session, &effects);
    }

    fn emergency(&mut self, command: EmergencyCommand) {
        self.ask(Command::Emergency(command));
    }

    fn wait(&mut self, what: &str, until: impl Fn(&Session) -> bool) {
        let started = Instant::now();
        while !until(&self.session) {
            assert!(started.elapsed() < Duration::from_secs(120), "{what}: {:?}", self.session.notifications().last());
            self.jobs.poll(&mut self.session);
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn is_answered(session: &Session) -> bool {
    session.emergency().is_some_and(|e| !e.is_waiting() && e.answer().is_some_and(|answer| answer.complete))
}

fn is_written(session: &Session) -> bool {
    session.emergency().and_then(|e| e.file()).is_some_and(|file| file.under_way() == 0 && file.entries > 0)
}

fn logs(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.filter(|path| path.display().to_string().ends_with(".incident.json")).collect()
}

#[test]
fn everything_done_stands_in_the_file_at_once_and_others_are_seen() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::new(demo_city());
    desk.ask(Command::SaveAs(folder.path().join("city.hypocaust.json")));
    desk.wait("saved", |session| session.document().path.is_some());
    let main = {
        let network = desk.session.network();
        network.link_ref(network.link_id("PS0018").unwrap())
    };
    desk.ask(Command::Point(main, 0.5));
    desk.emergency(EmergencyCommand::BurstHere);
    desk.wait("a plan", is_answered);
    assert_eq!(logs(folder.path()), Vec::<PathBuf>::new(), "asking alone leaves no file behind");
    // A smaller hole and a third crew: planned anew for them.
    desk.emergency(EmergencyCommand::SetHole(0, hole_of(Some(0.05))));
    desk.emergency(EmergencyCommand::SetCrews(3));
    desk.wait("a plan for them", is_answered);
    let answer = desk.session.emergency().unwrap().answer().unwrap().clone();
    assert_eq!((answer.request.crews.count, answer.request.breaks[0].hole), (3, hole_of(Some(0.05))));
    let valve = |at: usize| answer.network.link_ref(answer.response.plan.valves[at]);
    // The first report opens the file with everything since the alarm.
    desk.emergency(EmergencyCommand::IsShut(valve(0)));
    desk.wait("written", is_written);
    let path = logs(folder.path()).pop().expect("a file");
    let journal = Journal::open(&path).unwrap();
    assert!(journal.problems().next().is_none());
    let state = journal.incident().state();
    assert!(state.opening.is_some() && state.plan.is_some() && state.breaks[0].hole_m2.is_some());
    assert_eq!(state.progress().0, 1);
    assert_eq!(journal.incident(), desk.session.emergency().unwrap().incident());
    // Somebody else finds a valve stuck: seen here, and planned around.
    let other = valve(1);
    let mut theirs = Journal::open(&path).unwrap();
    theirs.add(entry(Event::ValveStuck { valve: other.id.clone(), unreachable: false }, "hand wheel broken")).unwrap();
    let id = other.id.clone();
    desk.wait("their report", |session| session.emergency().unwrap().is_stuck(&id));
    desk.wait("a plan around it", is_answered);
    let anew = desk.session.emergency().unwrap().answer().unwrap().clone();
    assert!(!anew.response.plan.all_valves().any(|link| anew.network.link_name(link) == other.id));
    // The crew that shut the first valve starts from there.
    let first = answer.response.plan.valves[0];
    assert!(anew.request.crews.field.shut.contains_key(&first));
    desk.wait("written", is_written);
    let held = desk.session.emergency().unwrap().incident().clone();
    assert_eq!(Journal::open(&path).unwrap().incident(), &held, "one log, whoever looks");
    // Left and opened again from its file, by another session.
    desk.emergency(EmergencyCommand::Close);
    drop(desk);
    let mut next = Desk::new(demo_city());
    next.ask(Command::Open(path.clone()));
    next.wait("the incident", is_answered);
    let emergency = next.session.emergency().unwrap();
    assert!(emergency.is_stuck(&other.id) && emergency.is_shut(&valve(0).id));
    assert_eq!((emergency.crews(), emergency.places()[0].hole), (3, hole_of(Some(0.05))));
    next.emergency(EmergencyCommand::TakeBack(other.clone()));
    next.wait("written", is_written);
    assert!(Journal::open(&path).unwrap().incident().state().stuck.is_empty());
    // What was handed over last is written before the program ends.
    next.emergency(EmergencyCommand::DoesNotMove(other.clone()));
    drop(next);
    assert_eq!(Journal::open(&path).unwrap().incident().state().stuck, [other.id]);
}

#[test]
fn a_log_of_another_network_is_refused_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("far.incident.json");
    let opening = Opening { id: "T".to_owned(), ..Opening::default() };
    Journal::create(&path, entry(Event::Opened(Box::new(opening)), "")).unwrap();
    let mut desk = Desk::new(demo_city());
    desk.ask(Command::Open(path));
    desk.wait("a refusal", |session| !session.notifications().is_empty());
    assert!(desk.session.emergency().is_none());
    let said = desk.session.notifications()[0].message.text(Language::English);
    assert!(said.contains("no break in this network"), "{said}");
}

const WRITER: &str = "HYPOCAUST_TEST_LOG_WRITER";

/// Not a test: the program that is killed. Adds entries and says so once each is answered for.
#[test]
#[ignore = "started by the test below as a program of its own"]
fn writer_that_is_killed() {
    let Some(path) = std::env::var_os(WRITER) else { return };
    let mut journal = Journal::open(Path::new(&path)).unwrap();
    for number in 0.. {
        journal.add(entry(Event::Note, &format!("entry {number} {}", "x".repeat(400)))).unwrap();
        println!("answered {number}");
    }
}

#[test]
fn a_killed_program_loses_nothing_it_has_answered_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("night.incident.json");
    let opening = Opening { id: "T".to_owned(), ..Opening::default() };
    Journal::create(&path, entry(Event::Opened(Box::new(opening)), "")).unwrap();
    let mut expected = 0;
    // Each life ends after another number of entries, somewhere in the middle of the next.
    for life in 1..=6 {
        let mut child = Process::new(std::env::current_exe().unwrap())
            .args(["--exact", "session_log::writer_that_is_killed", "--ignored", "--nocapture"])
            .env(WRITER, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut answered = 0;
        for line in &mut lines {
            answered += usize::from(line.unwrap().contains("answered"));
            if answered == 7 * life {
                break;
            }
        }
        // SIGKILL: nothing of the program runs any more.
        child.kill().unwrap();
        child.wait().unwrap();
        answered += lines.map_while(Result::ok).filter(|line| line.contains("answered")).count();
        assert!(answered >= 7 * life);
        let journal = Journal::open(&path).unwrap();
        let notes = journal.incident().entries().iter().filter(|entry| entry.event == Event::Note).count();
        // One more may have reached the disk without an answer; at most the last line is torn.
        assert!(notes >= expected + answered, "{life}: {notes} of {}", expected + answered);
        assert!(notes <= expected + answered + 1 && journal.problems().count() <= life, "{life}: {notes}");
        expected = notes;
    }
}
