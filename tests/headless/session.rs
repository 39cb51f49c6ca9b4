//! The program without a window: undo, drags, late solutions, commands and their texts.

use std::path::Path;
use std::sync::Arc;

use hypocaust::io::Problem;
use hypocaust::io::export::ExportFormat;
use hypocaust::network::edit::Edit;
use hypocaust::network::{ElementKind, ElementRef, Finding, Network, Node, Pipe, Side, Valve};
use hypocaust::session::colouring::{ColourBy, Pairing, Range};
use hypocaust::session::jobs::{Files, Jobs};
use hypocaust::session::live::LiveCommand;
use hypocaust::session::{Command, Document, Panel, Preferences, Session, Theme, UnitSet, ViewRequest, apply, search};
use hypocaust::solver::Solution;
use hypocaust::text::Language;
use hypocaust::units::Quantity;
use proptest::prelude::*;

/// Supply A–B–C with a valve, return beside it.
fn network() -> Network {
    let mut network = Network::new();
    for (side, name, y) in [(Side::Supply, "S", 0.0), (Side::Return, "R", 2.0)] {
        for i in 0..3 {
            let node = Node { x_m: 100.0 * f64::from(i), y_m: y, side, ..Node::default() };
            network.insert_node(format!("{name}{i}"), node).unwrap();
        }
    }
    network.insert_link_between("P1", "S0", "S1", Pipe::default()).unwrap();
    network.insert_link_between("V1", "S1", "S2", Valve::default()).unwrap();
    network.insert_link_between("P2", "R2", "R1", Pipe::default()).unwrap();
    network
}

fn session() -> Session {
    Session::with_network(network(), Language::English)
}

fn valve() -> ElementRef {
    ElementRef::new(ElementKind::Valve, "V1")
}

fn open_to(share: f64) -> Edit {
    Edit::set(valve(), "opening", share)
}

fn opening(session: &Session) -> f64 {
    let link = session.network().link_id("V1").unwrap();
    session.network().link_view(link).unwrap().valve().unwrap().opening
}

#[test]
fn a_drag_is_one_undo_step() {
    let mut session = session();
    apply(&mut session, Command::BeginDrag);
    for share in [0.9, 0.7, 0.5, 0.3] {
        let effects = apply(&mut session, Command::UpdateDrag(open_to(share)));
        assert!(effects.solve);
        assert_eq!(opening(&session), share);
    }
    apply(&mut session, Command::CommitDrag);
    assert!(session.document().is_dirty());
    apply(&mut session, Command::Undo);
    assert_eq!(opening(&session), 1.0);
    assert!(session.network().same_as(&network()));
    assert!(!session.document().is_dirty() && !session.document().history().can_undo());
    apply(&mut session, Command::Redo);
    assert_eq!(opening(&session), 0.3);
}

#[test]
fn a_cancelled_drag_and_a_drag_back_leave_no_step() {
    let mut session = session();
    apply(&mut session, Command::BeginDrag);
    apply(&mut session, Command::UpdateDrag(open_to(0.2)));
    apply(&mut session, Command::CancelDrag);
    assert!(session.network().same_as(&network()) && !session.document().history().can_undo());
    apply(&mut session, Command::BeginDrag);
    apply(&mut session, Command::UpdateDrag(open_to(0.2)));
    apply(&mut session, Command::UpdateDrag(open_to(1.0)));
    apply(&mut session, Command::CommitDrag);
    assert!(!session.document().history().can_undo());
}

#[test]
fn a_drag_beyond_the_limit_keeps_the_last_good_value_and_says_so() {
    let mut session = session();
    apply(&mut session, Command::BeginDrag);
    apply(&mut session, Command::UpdateDrag(open_to(0.4)));
    let effects = apply(&mut session, Command::UpdateDrag(open_to(1.4)));
    assert!(!effects.solve);
    apply(&mut session, Command::UpdateDrag(open_to(1.4)));
    apply(&mut session, Command::CommitDrag);
    assert_eq!(opening(&session), 0.4);
    assert_eq!(session.notifications().len(), 1, "the same complaint is said once");
    apply(&mut session, Command::Undo);
    assert_eq!(opening(&session), 1.0);
}

#[test]
fn only_a_solution_of_the_present_revision_becomes_current() {
    let mut session = session();
    let early = session.revision();
    let solution = Arc::new(Solution::unsolved(session.network(), Vec::new()));
    apply(&mut session, Command::Edit(open_to(0.5)));
    assert!(!session.accept(early, solution.clone(), Vec::new(), 1.0), "a late solution is dropped");
    assert!(session.solution().is_none());
    assert!(session.accept(session.revision(), solution, Vec::new(), 1.0));
    assert!(session.solution_is_current());
    apply(&mut session, Command::Undo);
    assert!(!session.solution_is_current(), "undo makes a state that is not solved yet");
}

const FILES: Files = Files {
    open: |path: &Path| Err(Problem::plain(path, "there is nothing here", "choose another file").into()),
    save: |_, _| Ok(()),
    export: |_| Ok(Vec::new()),
    demo: || Ok(network()),
};

/// Polls until a condition holds; the waker tells when there is something to poll.
fn wait(
    session: &mut Session,
    jobs: &mut Jobs,
    woken: &std::sync::mpsc::Receiver<()>,
    done: impl Fn(&Session) -> bool,
) {
    loop {
        jobs.poll(session);
        if done(session) {
            return;
        }
        woken.recv().unwrap();
    }
}

fn jobs() -> (Jobs, std::sync::mpsc::Receiver<()>) {
    let (sender, woken) = std::sync::mpsc::sync_channel(64);
    (Jobs::new(FILES, Arc::new(move || sender.send(()).unwrap_or_default())).unwrap(), woken)
}

#[test]
fn the_newest_of_many_requests_is_solved() {
    let mut session = session();
    let (mut jobs, woken) = jobs();
    for i in 1..50 {
        let effects = apply(&mut session, Command::Edit(open_to(f64::from(i) / 50.0)));
        jobs.follow(&mut session, &effects);
    }
    wait(&mut session, &mut jobs, &woken, Session::solution_is_current);
    assert_eq!(session.solution_revision(), session.revision());
    assert!(!jobs.is_busy(&session));
}

#[test]
fn opening_saving_and_failing_to_open() {
    let mut session = Session::new(Language::English);
    let (mut jobs, woken) = jobs();
    let effects = apply(&mut session, Command::NewDemo);
    jobs.follow(&mut session, &effects);
    assert!(session.loading().is_some());
    wait(&mut session, &mut jobs, &woken, |s| s.network().link_count() > 0);
    assert!(session.loading().is_none());

    apply(&mut session, Command::Edit(open_to(0.5)));
    let effects = apply(&mut session, Command::Save);
    assert!(effects.save.is_none() && session.shows(Panel::SaveAs), "a network without file asks where to");
    let effects = apply(&mut session, Command::SaveAs("city.json".into()));
    // What is changed while the writer works is not saved by it.
    apply(&mut session, Command::Edit(open_to(0.7)));
    jobs.follow(&mut session, &effects);
    wait(&mut session, &mut jobs, &woken, |s| s.document().path.is_some());
    assert!(session.document().is_dirty());
    apply(&mut session, Command::Undo);
    assert!(!session.document().is_dirty());

    let before = session.notifications().len();
    let effects = apply(&mut session, Command::Open("nowhere.json".into()));
    jobs.follow(&mut session, &effects);
    wait(&mut session, &mut jobs, &woken, |s| s.notifications().len() > before);
    let said = session.notifications().last().unwrap().message.text(Language::English);
    assert!(said.contains("nowhere.json"), "{said}");
    assert_eq!(opening(&session), 0.5, "a file that does not open changes nothing");
}

#[test]
fn the_demo_city_brings_its_field_where_it_may() {
    for may in [false, true] {
        let mut session = Session::new(Language::English);
        if may {
            session.bring_demo_field();
        }
        let (mut jobs, woken) = jobs();
        let effects = apply(&mut session, Command::NewDemo);
        jobs.follow(&mut session, &effects);
        wait(&mut session, &mut jobs, &woken, |s| s.network().link_count() > 0);
        assert_eq!(session.live().is_some(), may);
        // Another document has another field, or none; any network can have a simulated one.
        session.adopt(Document::new(network(), None, Vec::new()));
        assert!(session.live().is_none());
        apply(&mut session, Command::Live(LiveCommand::Simulate));
        assert!(session.live().is_some());
        apply(&mut session, Command::Live(LiveCommand::Disconnect));
        assert!(session.live().is_none());
    }
}

#[test]
fn unsaved_changes_are_not_lost_without_a_question() {
    let mut session = session();
    assert!(apply(&mut session, Command::Quit).quit, "nothing to lose, nothing to ask");
    apply(&mut session, Command::Edit(open_to(0.5)));
    for command in [Command::Quit, Command::NewDemo, Command::Open("x".into())] {
        let effects = apply(&mut session, command);
        assert!(!effects.quit && effects.load.is_none() && session.shows(Panel::Unsaved));
    }
    apply(&mut session, Command::ClosePanel(Panel::Unsaved));
    apply(&mut session, Command::Quit);
    assert!(apply(&mut session, Command::DiscardChanges).quit, "the last one asked is done");
    assert!(!apply(&mut session, Command::DiscardChanges).quit, "and only once");
}

#[test]
fn selecting_flying_and_searching() {
    let mut session = session();
    apply(&mut session, Command::Select(valve()));
    assert_eq!(session.selection(), Some(&valve()));
    let effects = apply(&mut session, Command::FlyToSelection);
    let ViewRequest::FlyTo { x_m, .. } = effects.view[0] else { panic!("{:?}", effects.view) };
    assert_eq!(x_m, 150.0);
    apply(&mut session, Command::Edit(Edit::Remove { element: valve() }));
    assert_eq!(session.selection(), None, "what is gone is not selected");
    let hits = search(session.network(), "p", 10);
    assert_eq!(hits.iter().map(|hit| &*hit.element.id).collect::<Vec<_>>(), ["P1", "P2"]);
    let hits = search(session.network(), " s1 ", 10);
    assert_eq!(&*hits[0].element.id, "S1");
}

#[test]
fn escape_closes_the_dialogue_before_it_clears_the_selection() {
    let mut session = session();
    apply(&mut session, Command::Select(valve()));
    apply(&mut session, Command::ShowPanel(Panel::Palette));
    apply(&mut session, Command::ShowPanel(Panel::Units));
    assert!(!session.shows(Panel::Palette), "one dialogue at a time");
    apply(&mut session, Command::ClearSelection);
    assert!(!session.shows(Panel::Units) && session.selection().is_some());
    apply(&mut session, Command::ClearSelection);
    assert!(session.selection().is_none());
}

#[test]
fn every_command_has_text_and_explanation_in_both_languages() {
    let with_arguments = [
        Command::Open("x".into()),
        Command::DiscardChanges,
        Command::SaveAs("x".into()),
        Command::Edit(open_to(0.5)),
        Command::BeginDrag,
        Command::Select(valve()),
        Command::Hover(None),
        Command::FlyTo(valve()),
        Command::Search(String::new()),
        Command::LockRange(None),
        Command::PipeExaggeration(1.0),
        Command::SetTheme(Theme::Dark),
        Command::SetUnit(Quantity::Pressure, "kPa"),
        Command::DiagramTo(Some(valve())),
        Command::ShowPanel(Panel::Legend),
        Command::TogglePanel(Panel::Palette),
        Command::ClosePanel(Panel::Palette),
        Command::KeepScenario(String::new()),
        Command::ApplyScenario(String::new()),
        Command::DismissNotification(1),
    ];
    for language in Language::ALL {
        for command in Command::palette().iter().chain(&with_arguments) {
            for key in [format!("command-{}", command.id()), format!("command-{}.tip", command.id())] {
                assert!(language.texts().has(&key), "{language:?}: {key}");
            }
        }
    }
}

#[test]
fn the_palette_lists_every_command_once_and_no_shortcut_twice() {
    let palette = Command::palette();
    let mut ids: Vec<&str> = palette.iter().map(Command::id).collect();
    ids.sort_unstable();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count, "a command stands twice");
    let mut shortcuts: Vec<String> = palette.iter().filter_map(|c| c.shortcut().map(|s| s.text())).collect();
    shortcuts.sort_unstable();
    let count = shortcuts.len();
    shortcuts.dedup();
    assert_eq!(shortcuts.len(), count, "a shortcut stands twice");
    // Every key of the translations is a command that exists: nothing is left out of palette and places.
    for by in ColourBy::ALL {
        assert!(palette.contains(&Command::ColourBy(by)));
        assert_eq!(ColourBy::from_word(by.word()), Some(by));
    }
    // The question about unsaved changes opens by itself.
    for panel in Panel::ALL.into_iter().filter(|panel| *panel != Panel::Unsaved) {
        assert!(palette.contains(&Command::TogglePanel(panel)) || palette.contains(&Command::ShowPanel(panel)));
    }
}

#[test]
fn supply_and_return_nodes_side_by_side_are_pairs() {
    let network = network();
    let pairing = Pairing::of(&network);
    for i in 0..3 {
        let (supply, back) = (network.node_id(&format!("S{i}")).unwrap(), network.node_id(&format!("R{i}")).unwrap());
        assert_eq!(pairing.pair(supply), Some((supply, back)));
        assert_eq!(pairing.pair(back), Some((supply, back)));
    }
}

#[test]
fn the_legend_range_locks_and_follows() {
    let mut session = session();
    apply(&mut session, Command::ColourBy(ColourBy::Diameter));
    let coloured = session.coloured();
    assert_eq!(coloured.automatic, Range { low: 0.1, high: 0.1 });
    apply(&mut session, Command::ToggleRangeLock);
    apply(&mut session, Command::Edit(Edit::set(ElementRef::new(ElementKind::Pipe, "P1"), "inner_diameter_m", 0.5)));
    let coloured = session.coloured();
    assert_eq!(coloured.automatic.high, 0.5, "values follow the edit");
    assert_eq!(coloured.range(session.view().range_lock).high, 0.1, "the locked range does not");
    apply(&mut session, Command::ColourBy(ColourBy::Pressure));
    assert_eq!(session.view().range_lock, None);
}

#[test]
fn findings_of_reading_stay_among_the_problems() {
    let mut session = Session::new(Language::Chinese);
    let finding = Finding::new(hypocaust::network::Code::ImportGuessed, ElementRef::network());
    session.adopt(Document::new(network(), None, vec![finding.clone()]));
    let solution = Arc::new(Solution::unsolved(session.network(), Vec::new()));
    session.accept(session.revision(), solution, Vec::new(), 0.0);
    assert!(session.problems().contains(&finding));
}

/// What a user may do to the history, in any order.
#[derive(Clone, Debug)]
enum Step {
    Edit(f64),
    Drag(Vec<f64>, bool),
    Undo,
    Redo,
}

fn step() -> impl Strategy<Value = Step> {
    let share = (0u32..=20).prop_map(|i| f64::from(i) / 20.0);
    prop_oneof![
        share.clone().prop_map(Step::Edit),
        (prop::collection::vec(share, 0..4), any::<bool>()).prop_map(|(s, keep)| Step::Drag(s, keep)),
        Just(Step::Undo),
        Just(Step::Redo),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]
    /// A model with a plain list of states agrees with the session after every step.
    #[test]
    fn undo_and_redo_walk_the_states_as_they_were(steps in prop::collection::vec(step(), 0..40)) {
        let mut session = session();
        let mut states = vec![1.0];
        let mut at = 0;
        for step in steps {
            match step {
                Step::Edit(share) => {
                    apply(&mut session, Command::Edit(open_to(share)));
                    states.truncate(at + 1);
                    states.push(share);
                    at += 1;
                }
                Step::Drag(shares, keep) => {
                    apply(&mut session, Command::BeginDrag);
                    for share in &shares {
                        apply(&mut session, Command::UpdateDrag(open_to(*share)));
                    }
                    apply(&mut session, if keep { Command::CommitDrag } else { Command::CancelDrag });
                    if let Some(share) = shares.last() && keep && *share != states[at] {
                        states.truncate(at + 1);
                        states.push(*share);
                        at += 1;
                    }
                }
                Step::Undo => {
                    apply(&mut session, Command::Undo);
                    at = at.saturating_sub(1);
                }
                Step::Redo => {
                    apply(&mut session, Command::Redo);
                    at = (at + 1).min(states.len() - 1);
                }
            }
            prop_assert_eq!(opening(&session), states[at]);
            prop_assert_eq!(session.document().history().can_undo(), at > 0);
            prop_assert_eq!(session.document().history().can_redo(), at + 1 < states.len());
        }
        while session.document().history().can_undo() {
            apply(&mut session, Command::Undo);
        }
        prop_assert!(session.network().same_as(&network()));
        prop_assert!(!session.document().is_dirty());
    }
}

#[test]
fn preferences_come_back_whole_and_survive_what_they_do_not_know() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/preferences.json");
    let mut session = Session::new(Language::English);
    for command in [
        Command::SetLanguage(Language::Chinese),
        Command::SetTheme(Theme::Light),
        Command::SetUnits(UnitSet::Bar),
        Command::ToggleGrouping,
        Command::PipeExaggeration(3.0),
    ] {
        apply(&mut session, command);
    }
    let kept = session.preferences();
    kept.write(&path).unwrap();
    let read = Preferences::read(&path);
    assert_eq!(read, kept);
    let mut another = Session::new(Language::English);
    another.prefer(&read);
    assert_eq!(another.preferences(), kept);
    assert_eq!(another.units().unit(Quantity::Pressure).symbol, "bar");

    // A later version's words, a broken file, no file: as far as it can be read.
    std::fs::write(&path, r#"{"theme": "sepia", "language": "zh-CN", "units": {"pressure": "furlong"}, "dog": 1}"#)
        .unwrap();
    let mut session = Session::new(Language::English);
    session.prefer(&Preferences::read(&path));
    assert_eq!((session.language(), session.theme()), (Language::Chinese, Theme::Dark));
    assert_eq!(session.units().unit(Quantity::Pressure).symbol, Quantity::Pressure.units()[0].symbol);
    std::fs::write(&path, "{").unwrap();
    assert_eq!(Preferences::read(&path), Preferences::default());
    assert_eq!(Preferences::read(&folder.path().join("none")), Preferences::default());
}

#[test]
fn exporting_tells_the_format_by_the_ending_and_refuses_what_it_does_not_know() {
    let mut session = session();
    let effects = apply(&mut session, Command::Export("out/map.GeoJSON".into()));
    let request = effects.export.expect("a known ending");
    assert_eq!(request.format, ExportFormat::GeoJson);
    assert!(request.solution.is_none(), "no solution yet: the network goes out alone");
    let effects = apply(&mut session, Command::Export("tables".into()));
    assert_eq!(effects.export.expect("a folder").format, ExportFormat::Tables);
    let effects = apply(&mut session, Command::Export("x.docx".into()));
    assert!(effects.export.is_none());
    let said = &session.notifications().last().expect("a message").message;
    assert!(said.text(Language::English).contains(".geojson"), "{said:?}");
}
