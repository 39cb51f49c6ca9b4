//! Alternatives in the session: made, compared on a thread, looked at, made so; nothing is drawn that belongs to another
//! state of the network.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hypocaust::dispatch::alternative::{Figure, SourceRunning};
use hypocaust::network::edit::Edit;
use hypocaust::network::generate::{Parameters, city};
use hypocaust::network::{ElementKind, ElementRef, Network};
use hypocaust::session::alternatives::{AlternativesCommand, MOST, Recipe};
use hypocaust::session::colouring::ColourBy;
use hypocaust::session::jobs::{Files, Jobs};
use hypocaust::session::timeline::WeatherChoice;
use hypocaust::session::view::{Tone, sheet_rows};
use hypocaust::session::{Command, Panel, Session, apply};
use hypocaust::text::Language;

fn small_city() -> Network {
    city(&Parameters { stations: 4, seed: 3, ..Parameters::default() })
}

struct Desk {
    session: Session,
    jobs: Jobs,
}

impl Desk {
    fn new() -> Desk {
        let files = Files::on_disk(|| Ok(small_city()));
        let jobs = Jobs::new(files, Arc::new(|| {})).unwrap();
        let mut desk = Desk { session: Session::with_network(small_city(), Language::English), jobs };
        desk.ask(AlternativesCommand::SetHours(3.0));
        desk.ask(AlternativesCommand::SetWeather(WeatherChoice::Winter("harbin-like")));
        desk
    }

    fn do_(&mut self, command: Command) {
        let effects = apply(&mut self.session, command);
        self.jobs.follow(&mut self.session, &effects);
    }

    fn ask(&mut self, command: AlternativesCommand) {
        self.do_(Command::Alternatives(command));
    }

    /// Polls until nothing is under way.
    fn settle(&mut self) {
        let started = Instant::now();
        while self.jobs.is_busy(&self.session) {
            self.jobs.poll(&mut self.session);
            std::thread::sleep(Duration::from_millis(2));
            assert!(started.elapsed() < Duration::from_secs(300), "the comparison does not end");
        }
    }

    /// Ready-made ones come from a thread.
    fn add(&mut self, recipe: Recipe) {
        self.ask(AlternativesCommand::AddReady(recipe));
        self.settle();
    }

    fn names(&self) -> Vec<&str> {
        self.session.alternatives().list().iter().map(|one| one.name.as_str()).collect()
    }

    fn quiet(&self) {
        assert!(self.session.notifications().is_empty(), "{:?}", self.session.notifications());
    }
}

/// Everything of a network, as the file has it.
fn all(network: &Network) -> String {
    hypocaust::io::file::revision(network).expect("it can be written")
}

fn first(network: &Network, kind: ElementKind) -> ElementRef {
    network.links().map(|view| view.element()).find(|element| element.kind == kind).expect("there is one")
}

#[test]
fn changes_become_an_alternative_and_the_drawing_is_as_before() {
    let mut desk = Desk::new();
    let before = desk.session.document().snapshot();
    let source = first(&before, ElementKind::Source);
    desk.do_(Command::Edit(Edit::set(source.clone(), "supply_temperature_c", 104.0)));
    desk.do_(Command::Edit(Edit::set(source, "supply_temperature_c", 105.0)));
    desk.ask(AlternativesCommand::TakeChanges("Colder".to_owned()));
    assert_eq!(desk.names(), ["Colder"]);
    assert_eq!(desk.session.alternatives().list()[0].edits.len(), 2);
    assert_eq!(all(desk.session.network()), all(&before));
    assert!(!desk.session.document().is_dirty() && desk.session.shows(Panel::Alternatives));
    desk.quiet();
    // Without changes there is nothing to take, and it says so.
    desk.ask(AlternativesCommand::TakeChanges(String::new()));
    assert_eq!(desk.session.alternatives().list().len(), 1);
    assert_eq!(desk.session.notifications().len(), 1);
    // Made so it is one step that can be undone.
    desk.do_(Command::DismissNotifications);
    desk.ask(AlternativesCommand::MakeItSo);
    assert_ne!(all(desk.session.network()), all(&before));
    desk.do_(Command::Undo);
    assert_eq!(all(desk.session.network()), all(&before));
    desk.quiet();
}

#[test]
fn names_are_told_apart_and_a_sheet_has_room_for_so_many() {
    let mut desk = Desk::new();
    for _ in 0..MOST {
        desk.add(Recipe::Supply(-5.0));
    }
    let names = desk.names();
    let different: std::collections::BTreeSet<&&str> = names.iter().collect();
    assert_eq!((names.len(), different.len()), (MOST, MOST), "{names:?}");
    desk.quiet();
    desk.ask(AlternativesCommand::AddRunning(SourceRunning::Priority));
    assert_eq!(desk.session.alternatives().list().len(), MOST);
    assert_eq!(desk.session.notifications().len(), 1);
    desk.ask(AlternativesCommand::Choose(2));
    desk.ask(AlternativesCommand::Remove(0));
    assert_eq!(desk.session.alternatives().list().len(), MOST - 1);
    assert_eq!(desk.session.alternatives().chosen(), 0, "places have moved");
    desk.ask(AlternativesCommand::Choose(99));
    assert_eq!(desk.session.alternatives().chosen(), 0);
}

#[test]
fn compared_alternatives_stand_side_by_side_and_on_the_map() {
    let mut desk = Desk::new();
    desk.add(Recipe::Supply(-10.0));
    desk.add(Recipe::Supply(0.0));
    desk.ask(AlternativesCommand::Compare);
    assert!(desk.session.alternatives().progress().is_some());
    desk.settle();
    let sheet = desk.session.alternatives().sheet().expect("a sheet").clone();
    assert_eq!(sheet.rows.len(), 3);
    assert!(sheet.rows.iter().all(Result::is_ok), "{:?}", sheet.rows.iter().map(|row| row.as_ref().err()));
    assert!(desk.session.sheet_is_current());
    let rows = sheet_rows(&sheet, desk.session.units());
    let supply = rows.iter().find(|row| row.figure == Figure::Supply).expect("supply temperatures");
    assert!(supply.cells[0].change.is_empty(), "the first column is what others are held against");
    assert!(supply.cells[1].change.starts_with('\u{2212}'), "{:?}", supply.cells[1]);
    for row in &rows {
        // The same network has the same figures to the last digit.
        assert_eq!((row.cells[2].change.as_str(), row.cells[2].tone), ("=", Tone::Neutral), "{:?}", row.figure);
        assert_eq!(row.cells[2].value, row.cells[0].value, "{:?}", row.figure);
    }
    // Colder water loses less on the way.
    let losses = rows.iter().find(|row| row.figure == Figure::NetworkLosses).expect("losses");
    assert_eq!(losses.cells[1].tone, Tone::Better, "{losses:?}");

    desk.do_(Command::ColourBy(ColourBy::Temperature));
    let plain = desk.session.coloured();
    assert!(!plain.is_change);
    desk.ask(AlternativesCommand::Choose(1));
    desk.ask(AlternativesCommand::ToggleMap);
    let coloured = desk.session.coloured();
    assert!(coloured.is_change && coloured.full.low < -5.0, "{:?}", coloured.full);
    assert_eq!(coloured.automatic.low, -coloured.automatic.high, "as it is lies in the middle");
    desk.ask(AlternativesCommand::Choose(2));
    let same = desk.session.coloured();
    assert!(same.is_change && same.full.low.abs() < 1e-9 && same.full.high.abs() < 1e-9, "{:?}", same.full);
    // What is drawn now is another network: its change is not known.
    desk.ask(AlternativesCommand::Choose(1));
    desk.ask(AlternativesCommand::MakeItSo);
    assert!(!desk.session.sheet_is_current() && !desk.session.coloured().is_change);
    desk.do_(Command::Undo);
    assert!(desk.session.sheet_is_current() && desk.session.coloured().is_change);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.pdf");
    desk.ask(AlternativesCommand::Print(path.clone()));
    desk.settle();
    let page = std::fs::read(&path).expect("the page is written");
    assert!(page.starts_with(b"%PDF") && desk.session.notifications().len() == 1);
    desk.do_(Command::DismissNotifications);
    desk.do_(Command::ClosePanel(Panel::Alternatives));
    assert!(!desk.session.coloured().is_change);
    desk.quiet();
}

#[test]
fn an_alternative_that_cannot_be_solved_says_so_in_its_column() {
    let mut desk = Desk::new();
    let sources: Vec<ElementRef> = {
        let network = desk.session.network();
        network.links().filter(|view| view.source().is_some()).map(|view| view.element()).collect()
    };
    for source in &sources {
        desk.do_(Command::Edit(Edit::set(source.clone(), "running", false)));
    }
    desk.ask(AlternativesCommand::TakeChanges("Nothing runs".to_owned()));
    desk.add(Recipe::Supply(-5.0));
    desk.ask(AlternativesCommand::Compare);
    desk.settle();
    let sheet = desk.session.alternatives().sheet().expect("a sheet").clone();
    assert!(sheet.rows[0].is_ok() && sheet.rows[2].is_ok());
    assert!(sheet.rows[1].as_ref().is_err_and(|reason| !reason.is_empty()), "nothing gives heat");
    assert!(!sheet.best[1]);
    desk.quiet();
}

#[test]
fn what_is_given_up_leaves_no_sheet() {
    let mut desk = Desk::new();
    desk.ask(AlternativesCommand::Compare);
    assert!(desk.session.alternatives().progress().is_none(), "there is nothing to compare");
    assert_eq!(desk.session.notifications().len(), 1);
    desk.do_(Command::DismissNotifications);
    desk.ask(AlternativesCommand::SetHours(168.0));
    desk.add(Recipe::Supply(-5.0));
    desk.ask(AlternativesCommand::Compare);
    desk.ask(AlternativesCommand::Stop);
    assert!(desk.session.alternatives().progress().is_none());
    desk.settle();
    // The thread ends soon and is not heard any more.
    std::thread::sleep(Duration::from_millis(100));
    desk.jobs.poll(&mut desk.session);
    assert!(desk.session.alternatives().sheet().is_none());
    desk.quiet();
}
