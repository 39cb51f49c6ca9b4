//! Hours in the session: runs arrive frame by frame, the playhead moves without a clock, edits leave the hours stale and
//! lead on from any instant.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hypocaust::network::edit::Edit;
use hypocaust::network::generate::{Parameters, city};
use hypocaust::network::{ElementKind, ElementRef, Network, Side};
use hypocaust::session::colouring::ColourBy;
use hypocaust::session::jobs::{Files, Jobs};
use hypocaust::session::timeline::{RunOrder, SPEEDS, TimeCommand, Timeline, WeatherChoice};
use hypocaust::session::view::summary;
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
        Desk { session: Session::with_network(small_city(), Language::English), jobs }
    }

    fn ask(&mut self, command: Command) {
        let effects = apply(&mut self.session, command);
        self.jobs.follow(&mut self.session, &effects);
    }

    fn time(&mut self, command: TimeCommand) {
        self.ask(Command::Time(command));
    }

    /// Polls until nothing is under way.
    fn settle(&mut self) {
        let started = Instant::now();
        while self.jobs.is_busy(&self.session) {
            self.jobs.poll(&mut self.session);
            std::thread::sleep(Duration::from_millis(2));
            assert!(started.elapsed() < Duration::from_secs(300), "the run does not end");
        }
        assert!(self.session.notifications().is_empty(), "{:?}", self.session.notifications());
    }

    fn with_hours(hours: f64) -> Desk {
        let mut desk = Desk::new();
        desk.time(TimeCommand::Run(order(hours)));
        desk.settle();
        desk
    }

    fn timeline(&self) -> &Timeline {
        self.session.timeline().expect("hours")
    }

    fn passed_s(&self) -> f64 {
        self.timeline().playhead_s() - self.timeline().start_s()
    }

    fn source_supply_c(&self) -> f64 {
        summary(&self.session).supply_temperature_c
    }
}

fn order(hours: f64) -> RunOrder {
    RunOrder { hours, weather: WeatherChoice::Winter("harbin-like"), ..RunOrder::default() }
}

#[test]
fn a_run_brings_its_hours_and_shows_them() {
    let desk = Desk::with_hours(2.0);
    let timeline = desk.timeline();
    assert_eq!(timeline.len(), 121, "a frame every minute, both ends");
    assert!((timeline.computed_s() - timeline.start_s() - 7200.0).abs() < 1e-6 && timeline.is_complete());
    assert!(desk.session.shows(Panel::Time) && desk.session.shows_time());
    assert_eq!(desk.passed_s(), 0.0);
    let solution = desk.session.solution().unwrap();
    assert!(solution.converged && solution.sources.iter().map(|source| source.heat_w).sum::<f64>() > 1e6);
    assert!(desk.session.diagram().is_some(), "the pressure diagram follows");
    assert!(summary(&desk.session).loss_w > 1e3);
    assert!(timeline.bytes() < 30_000_000, "{}", timeline.bytes());
    // Sources are plants with their limits, as on the command line.
    let first = &timeline.parts()[0].started.first;
    assert!(first.sources().all(|(model, _)| model.plant().is_some()), "a source without its plant");
}

#[test]
fn at_six_hundred_times_ten_minutes_pass_in_a_second() {
    let mut desk = Desk::with_hours(2.0);
    assert!(!desk.session.advance(1.0), "nothing plays by itself");
    desk.time(TimeCommand::PlayPause);
    assert_eq!(desk.timeline().speed(), 600.0);
    for _ in 0..50 {
        assert!(desk.session.advance(0.02));
    }
    assert!((desk.passed_s() - 600.0).abs() < 1e-6, "{}", desk.passed_s());
    desk.time(TimeCommand::Slower);
    desk.session.advance(1.0);
    assert!((desk.passed_s() - 660.0).abs() < 1e-6);
    for _ in 0..3 {
        desk.time(TimeCommand::Faster);
    }
    assert_eq!(desk.timeline().speed(), SPEEDS[3]);
    desk.session.advance(10.0);
    assert_eq!(desk.passed_s(), 7200.0, "it stops at the end of the hours");
    assert!(!desk.timeline().is_playing());
    desk.time(TimeCommand::PlayPause);
    assert_eq!(desk.passed_s(), 0.0, "and begins anew");
}

#[test]
fn the_playhead_goes_where_it_is_put() {
    let mut desk = Desk::with_hours(1.0);
    let start_s = desk.timeline().start_s();
    desk.time(TimeCommand::Scrub(start_s + 1234.0));
    assert_eq!(desk.passed_s(), 1234.0);
    desk.time(TimeCommand::StepForward);
    assert_eq!(desk.passed_s(), 1260.0);
    desk.time(TimeCommand::StepBack);
    assert_eq!(desk.passed_s(), 1200.0);
    desk.time(TimeCommand::HourForward);
    assert_eq!(desk.passed_s(), 3600.0);
    desk.time(TimeCommand::Scrub(f64::NAN));
    assert_eq!(desk.passed_s(), 3600.0);
    desk.time(TimeCommand::ToStart);
    assert_eq!(desk.passed_s(), 0.0);
    desk.time(TimeCommand::ToEnd);
    assert_eq!(desk.passed_s(), 3600.0);
}

#[test]
fn between_frames_values_lie_on_the_straight_line_and_whole_frames_are_exact() {
    let mut desk = Desk::with_hours(1.0);
    let start_s = desk.timeline().start_s();
    let heat = |desk: &Desk| desk.session.solution().unwrap().sources[0].heat_w;
    let mut at = |passed_s: f64| {
        desk.time(TimeCommand::Scrub(start_s + passed_s));
        heat(&desk)
    };
    let (a, b, middle) = (at(600.0), at(660.0), at(630.0));
    assert_ne!(a, b);
    assert!((middle - 0.5 * (a + b)).abs() <= 1e-6 * a.abs(), "{a} {middle} {b}");
    assert_eq!(at(600.0).to_bits(), a.to_bits(), "coming back shows the same bits");
}

#[test]
fn colours_follow_the_playhead_and_keep_their_range() {
    let mut desk = Desk::with_hours(6.0);
    desk.ask(Command::ColourBy(ColourBy::Temperature));
    let first = desk.session.coloured();
    desk.time(TimeCommand::ToEnd);
    let last = desk.session.coloured();
    assert_ne!(first.links, last.links);
    assert_eq!(first.automatic, last.automatic, "the range is that of all hours");
    // Along the longest supply pipe there are more than its two ends.
    let network = desk.session.network();
    let longest = network.links().max_by(|a, b| {
        let length = |view: &hypocaust::network::LinkView<'_>| view.pipe().map_or(0.0, |pipe| pipe.length_m);
        length(a).total_cmp(&length(b))
    });
    let along = last.along.as_ref().unwrap();
    let values = along.of(longest.unwrap().handle.index());
    assert!(values.len() > 3 && values.iter().all(|value| (20.0..140.0).contains(value)), "{values:?}");
    desk.ask(Command::ColourBy(ColourBy::Room));
    let rooms = desk.session.coloured();
    assert_eq!(rooms.buildings.len(), desk.session.network().buildings().len());
    let warm = rooms.buildings.iter().filter(|room_c| (10.0..25.0).contains(*room_c)).count();
    assert!(warm > 0 && warm == rooms.buildings.iter().filter(|room_c| room_c.is_finite()).count(), "{warm}");
    assert!(rooms.range(None).is_valid());
}

#[test]
fn edits_leave_the_hours_and_mark_them_and_undo_takes_the_mark_back() {
    let mut desk = Desk::with_hours(1.0);
    let heat_w = desk.session.solution().unwrap().sources[0].heat_w;
    assert!(!desk.session.timeline_is_stale());
    let consumer = first_consumer(desk.session.network());
    desk.ask(Command::Edit(Edit::set(consumer, "shut", true)));
    assert!(desk.session.timeline_is_stale());
    assert_eq!(desk.session.solution().unwrap().sources[0].heat_w, heat_w);
    desk.ask(Command::Undo);
    assert!(!desk.session.timeline_is_stale());
    desk.ask(Command::Redo);
    desk.time(TimeCommand::RunAgain);
    desk.settle();
    assert!(!desk.session.timeline_is_stale());
    assert!(desk.session.solution().unwrap().sources.iter().map(|source| source.heat_w).sum::<f64>() < heat_w);
}

fn first_consumer(network: &Network) -> ElementRef {
    let view = network.links().find(|view| view.consumer().is_some()).expect("a consumer");
    ElementRef::new(ElementKind::Consumer, view.id.clone())
}

#[test]
fn running_on_from_the_playhead_keeps_the_past_and_changes_what_follows() {
    let mut desk = Desk::with_hours(3.0);
    let start_s = desk.timeline().start_s();
    desk.time(TimeCommand::Scrub(start_s + 5400.0));
    let supply_c = desk.source_supply_c();
    let past: Vec<[f64; 2]> =
        desk.timeline().heat_curve(1000).into_iter().filter(|p| p[0] < start_s + 5400.0).collect();
    let consumer = first_consumer(desk.session.network());
    let link = desk.session.network().find_link(&consumer).unwrap();
    let room_c = desk.session.shown_place().unwrap().station(link).unwrap().room_c;
    desk.ask(Command::Edit(Edit::set(consumer, "shut", true)));
    desk.time(TimeCommand::RunOn);
    desk.settle();
    assert!(!desk.session.timeline_is_stale());
    assert_eq!(desk.timeline().parts().len(), 2);
    assert_eq!(desk.passed_s(), 5400.0, "the playhead stays");
    assert!((desk.source_supply_c() - supply_c).abs() < 0.5, "water keeps its temperature");
    let now = desk.timeline().heat_curve(1000);
    assert_eq!(now[..past.len()], past[..], "the past stays to the bit");
    let station = |desk: &Desk| desk.session.shown_place().unwrap().station(link).unwrap();
    assert!((station(&desk).room_c - room_c).abs() < 0.05, "the rooms remember");
    desk.time(TimeCommand::ToEnd);
    assert_eq!(desk.passed_s(), 3.0 * 3600.0, "to the same end");
    assert_eq!(station(&desk).primary_flow_kg_s, 0.0);
    assert!(station(&desk).room_c < room_c, "without heat the rooms cool");
    let shut = desk.session.solution().unwrap().consumer(link).unwrap();
    assert_eq!((shut.mass_flow_kg_s, shut.heat_w), (0.0, 0.0));
}

#[test]
fn running_on_without_an_edit_gives_what_the_run_gave() {
    let mut desk = Desk::with_hours(2.0);
    let start_s = desk.timeline().start_s();
    desk.time(TimeCommand::ToEnd);
    let before = desk.session.solution().unwrap().clone();
    desk.time(TimeCommand::Scrub(start_s + 3600.0));
    desk.time(TimeCommand::RunOn);
    desk.settle();
    desk.time(TimeCommand::ToEnd);
    let after = desk.session.solution().unwrap();
    for (a, b) in before.nodes.iter().zip(&after.nodes) {
        // Hydraulics start afresh and parcels are cut anew: nothing anybody could measure.
        assert!((a.temperature_c - b.temperature_c).abs() < 0.05, "{a:?} {b:?}");
    }
}

#[test]
fn a_run_can_be_stopped_closed_and_outlived_by_another_network() {
    let mut desk = Desk::new();
    desk.time(TimeCommand::Run(order(200.0)));
    assert!(desk.session.running().is_some());
    let started = Instant::now();
    while desk.session.timeline().is_none_or(|timeline| timeline.len() < 3) {
        desk.jobs.poll(&mut desk.session);
        assert!(started.elapsed() < Duration::from_secs(120), "no frame comes");
    }
    desk.time(TimeCommand::PlayPause);
    for _ in 0..1000 {
        desk.session.advance(100.0);
    }
    assert!(desk.timeline().is_playing(), "at the front of a run under way it waits");
    desk.time(TimeCommand::Stop);
    desk.settle();
    let kept = desk.timeline().len();
    assert!(kept >= 3 && desk.timeline().end_s() == desk.timeline().computed_s());
    desk.time(TimeCommand::Run(order(200.0)));
    desk.ask(Command::NewDemo);
    desk.settle();
    assert!(desk.session.timeline().is_none() && desk.session.running().is_none());
    assert!(desk.session.solution_is_current());
    desk.time(TimeCommand::Close);
    assert!(desk.session.timeline().is_none());
}

#[test]
fn hiding_the_time_bar_shows_the_steady_state() {
    let mut desk = Desk::with_hours(1.0);
    desk.ask(Command::Solve);
    desk.settle();
    let steady = desk.session.steady_solution().unwrap().clone();
    assert!(!Arc::ptr_eq(desk.session.solution().unwrap(), &steady));
    desk.ask(Command::TogglePanel(Panel::Time));
    assert!(Arc::ptr_eq(desk.session.solution().unwrap(), &steady) && desk.session.shown_version() == 0);
    desk.ask(Command::TogglePanel(Panel::Time));
    assert!(desk.session.shows_time());
}

#[test]
fn weather_that_cannot_be_read_is_said() {
    let mut desk = Desk::new();
    let weather = WeatherChoice::File("no-such-weather.csv".into());
    desk.time(TimeCommand::Run(RunOrder { weather, ..order(1.0) }));
    while desk.jobs.is_busy(&desk.session) {
        desk.jobs.poll(&mut desk.session);
    }
    let said = desk.session.notifications()[0].message.text(Language::English);
    assert!(said.contains("no-such-weather.csv"), "{said}");
    assert!(desk.session.timeline().is_none() && desk.session.running().is_none());
}

/// A step of the supply temperature is somewhere on its way: far from the plant the water is still as it was.
#[test]
fn an_order_travels_down_the_main_as_a_front() {
    let mut desk = Desk::with_hours(8.0);
    desk.ask(Command::ColourBy(ColourBy::Temperature));
    let network = desk.session.network().clone();
    let supplies: Vec<_> =
        network.nodes().filter(|(_, _, node)| node.side == Side::Supply).map(|(id, ..)| id).collect();
    let (start_s, end_s) = (desk.timeline().start_s(), desk.timeline().end_s());
    let mut largest_k: f64 = 0.0;
    for minute in (0..((end_s - start_s) / 60.0) as u32).step_by(5) {
        desk.time(TimeCommand::Scrub(start_s + 60.0 * f64::from(minute)));
        let solution = desk.session.solution().unwrap();
        let all: Vec<f64> =
            supplies.iter().filter_map(|node| solution.node(*node)).map(|node| node.temperature_c).collect();
        let spread = all.iter().copied().fold(f64::MIN, f64::max) - all.iter().copied().fold(f64::MAX, f64::min);
        largest_k = largest_k.max(spread);
    }
    assert!(largest_k > 1.0, "no front: at most {largest_k} K between two places of the supply");
}
