//! Everything a running program knows: document, solution, selection and how the user wants things shown.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::alternatives::Alternatives;
use super::cache::Cache;
use super::colouring::{ColourBy, Coloured, Pairing, Range};
use super::command::{Command, Panel};
use super::document::Document;
use super::emergency::Emergency;
use super::emergency::book::BookRequest;
use super::live::{Books, Live, LiveSource, Planner};
use super::message::{Message, Notification};
use super::timeline::instant::Place;
use super::timeline::{Running, Timeline};
use crate::network::{ElementRef, Finding, Network, Severity};
use crate::solver::Solution;
use crate::text::Language;
use crate::units::{DisplayUnits, NumberStyle, Quantity};

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    #[default]
    Dark,
    Light,
}

/// Ready-made choices of units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitSet {
    /// kPa, t/h, kW.
    Kilopascal,
    /// MPa, t/h, MW.
    Megapascal,
    /// mH₂O, m³/h, GJ/h: the units of printed pressure diagrams.
    MetresOfWater,
    /// bar, kg/s, MW.
    Bar,
}

impl UnitSet {
    pub const ALL: [UnitSet; 4] = [UnitSet::Kilopascal, UnitSet::Megapascal, UnitSet::MetresOfWater, UnitSet::Bar];

    /// The set as display units, keeping the style of numbers.
    pub fn units(self, style: NumberStyle) -> DisplayUnits {
        let (pressure, flow, heat) = match self {
            UnitSet::Kilopascal => ("kPa", "t/h", "kW"),
            UnitSet::Megapascal => ("MPa", "t/h", "MW"),
            UnitSet::MetresOfWater => ("mH₂O", "t/h", "GJ/h"),
            UnitSet::Bar => ("bar", "kg/s", "MW"),
        };
        let mut units = DisplayUnits::default();
        units.style = style;
        for (quantity, symbol) in [
            (Quantity::Pressure, pressure),
            (Quantity::PressureDifference, pressure),
            (Quantity::MassFlow, flow),
            (Quantity::Heat, heat),
        ] {
            let known = units.choose(quantity, symbol);
            debug_assert!(known, "{quantity:?} has no unit {symbol}");
        }
        units
    }
}

/// How the picture is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct ViewSettings {
    pub colour_by: ColourBy,
    /// Range of the legend held fast; `None`: follows the values.
    pub range_lock: Option<Range>,
    /// Pipes are drawn this many times their true diameter.
    pub pipe_exaggeration: f64,
    pub terrain: bool,
    pub buildings: bool,
    pub labels: bool,
    /// Ground faded so that the pipes below are seen.
    pub underground: bool,
    pub supply: bool,
    pub return_side: bool,
}

impl Default for ViewSettings {
    fn default() -> Self {
        ViewSettings {
            colour_by: ColourBy::Pressure,
            range_lock: None,
            pipe_exaggeration: 8.0,
            terrain: true,
            buildings: true,
            labels: true,
            underground: false,
            supply: true,
            return_side: true,
        }
    }
}

/// What the solver is doing, for the status bar.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum SolveState {
    /// Nothing asked yet.
    #[default]
    Idle,
    /// A solve of this revision is on its way.
    Running { revision: u64 },
    /// Solved in this time.
    Done { milliseconds: f64 },
}

/// The program without a window. Fields that a command changes are private; the only mutation is
/// [`apply`](super::apply) and [`Jobs::poll`](super::jobs::Jobs::poll).
#[derive(Debug)]
pub struct Session {
    pub(super) document: Document,
    /// Counts the documents opened.
    pub(super) document_number: u64,
    /// Counts every change of the network, undo and redo included.
    pub(super) revision: u64,
    pub(super) solution: Option<Arc<Solution>>,
    pub(super) solution_revision: u64,
    pub(super) solve_state: SolveState,
    /// Hours computed; shown while the time panel is.
    pub(super) timeline: Option<Timeline>,
    pub(super) running: Option<Running>,
    /// Counts the runs asked for.
    pub(super) run_number: u64,
    /// Counts the timelines.
    pub(super) version: u64,
    /// The field, where one is connected.
    pub(super) live: Option<Live>,
    /// A field still to be connected.
    pub(super) connecting: Option<LiveSource>,
    /// Whether the demo city is opened with a field.
    pub(super) demo_field: bool,
    /// Where people and what they do are kept.
    pub(super) books: Option<Books>,
    /// Where dispatch orders are kept.
    pub(super) order_log: Option<PathBuf>,
    /// Who plans anew from the estimated state.
    pub(super) planner: Option<Arc<dyn Planner>>,
    /// What is set side by side.
    pub(super) alternatives: Alternatives,
    /// A break being dealt with.
    pub(super) emergency: Option<Emergency>,
    /// What is to be done with incidents' files.
    pub(super) log_requests: Vec<BookRequest>,
    /// Counts the questions asked in emergencies.
    pub(super) emergency_number: u64,
    /// Counts the rehearsals of any burst.
    pub(super) drill_number: u64,
    /// Whether an emergency has its headline over the whole width.
    pub(super) banner: bool,
    pub(super) problems: Vec<Finding>,
    pub(super) cache: Cache,
    pub(super) selection: Option<ElementRef>,
    /// Where along the element selected it was pointed at, 0…1.
    pub(super) selected_at: Option<f64>,
    pub(super) hover: Option<ElementRef>,
    /// The consumer (or other element) the pressure diagram leads to; `None`: the worst consumer.
    pub(super) diagram_target: Option<ElementRef>,
    pub(super) search_words: String,
    pub(super) units: DisplayUnits,
    pub(super) language: Language,
    pub(super) theme: Theme,
    pub(super) view: ViewSettings,
    /// Panels shown, sorted.
    pub(super) panels: Vec<Panel>,
    pub(super) notifications: Vec<Notification>,
    pub(super) next_notification: u64,
    /// Path being read, for the progress line.
    pub(super) loading: Option<String>,
    /// What waits for an answer about unsaved changes.
    pub(super) waiting: Option<Command>,
    /// Files opened or saved, newest first.
    pub(super) recent: Vec<PathBuf>,
}

impl Default for Session {
    fn default() -> Self {
        Session::new(Language::default())
    }
}

impl Session {
    /// A session with an empty network.
    pub fn new(language: Language) -> Session {
        Session {
            document: Document::default(),
            document_number: 0,
            revision: 0,
            solution: None,
            solution_revision: 0,
            solve_state: SolveState::Idle,
            timeline: None,
            running: None,
            run_number: 0,
            version: 0,
            live: None,
            connecting: None,
            demo_field: false,
            books: None,
            order_log: None,
            planner: None,
            alternatives: Alternatives::default(),
            emergency: None,
            log_requests: Vec::new(),
            emergency_number: 0,
            drill_number: 0,
            banner: true,
            problems: Vec::new(),
            cache: Cache::default(),
            selection: None,
            selected_at: None,
            hover: None,
            diagram_target: None,
            search_words: String::new(),
            units: DisplayUnits::default(),
            language,
            theme: Theme::default(),
            view: ViewSettings::default(),
            panels: vec![Panel::Elements, Panel::Inspector, Panel::Diagram, Panel::Legend],
            notifications: Vec::new(),
            next_notification: 1,
            loading: None,
            waiting: None,
            recent: Vec::new(),
        }
    }

    /// A session showing a network.
    pub fn with_network(network: Network, language: Language) -> Session {
        let mut session = Session::new(language);
        session.adopt(Document::new(network, None, Vec::new()));
        session
    }

    /// Makes a document the one worked on. The caller asks for a solve.
    pub fn adopt(&mut self, document: Document) {
        self.document = document;
        self.document_number += 1;
        self.solution = None;
        self.selection = None;
        self.selected_at = None;
        self.hover = None;
        self.diagram_target = None;
        self.leave_timeline();
        self.leave_emergency();
        self.leave_alternatives();
        self.leave_live();
        self.cache.forget_pairing();
        self.problems = self.document.import_findings.clone();
        if let Some(path) = self.document.path.clone() {
            self.remember(path);
        }
        self.touch();
    }

    pub(super) fn touch(&mut self) {
        self.revision += 1;
    }

    pub(super) fn remember(&mut self, path: PathBuf) {
        self.recent.retain(|known| *known != path);
        self.recent.insert(0, path);
        self.recent.truncate(10);
    }

    /// Shows a message.
    pub fn notify(&mut self, severity: Severity, message: Message) {
        // The same complaint while dragging past a limit is said once.
        if self.notifications.last().is_some_and(|last| last.message == message) {
            return;
        }
        self.notifications.push(Notification { number: self.next_notification, severity, message });
        self.next_notification += 1;
        if self.notifications.len() > 20 {
            self.notifications.remove(0);
        }
    }

    /// Takes a finished solve; whether it became the solution. One of an older revision is dropped: it describes a
    /// network that no longer is.
    pub fn accept(
        &mut self,
        revision: u64,
        solution: Arc<Solution>,
        problems: Vec<Finding>,
        milliseconds: f64,
    ) -> bool {
        if revision != self.revision {
            return false;
        }
        self.problems = self.document.import_findings.iter().cloned().chain(problems).collect();
        self.problems.sort_by_key(|finding| finding.severity);
        self.solution = Some(solution);
        self.solution_revision = revision;
        self.solve_state = SolveState::Done { milliseconds };
        true
    }

    pub fn document(&self) -> &Document {
        &self.document
    }

    pub fn network(&self) -> &Network {
        self.document.network()
    }

    /// Number of the present state of the network; changes with every edit, undo and redo.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The state shown: that at the playhead while hours are shown, that of the field while it is followed, else the newest
    /// steady one.
    pub fn solution(&self) -> Option<&Arc<Solution>> {
        match &self.timeline {
            Some(timeline) if self.shows_time() => timeline.solution(),
            _ => self.live_solution().or(self.solution.as_ref()),
        }
    }

    /// The newest steady solution. While a newer one is computed it may belong to an older revision, see
    /// [`Session::solution_is_current`].
    pub fn steady_solution(&self) -> Option<&Arc<Solution>> {
        self.solution.as_ref()
    }

    /// Whether the picture shows an instant of the timeline.
    pub fn shows_time(&self) -> bool {
        self.shows(Panel::Time) && self.timeline.as_ref().is_some_and(|timeline| timeline.solution().is_some())
    }

    /// Changes with the instant shown; 0 while the steady state is.
    pub fn shown_version(&self) -> u64 {
        if self.shows_live() {
            return self.live_version();
        }
        self.timeline.as_ref().filter(|_| self.shows_time()).map_or(0, Timeline::version)
    }

    /// The instant shown.
    pub fn shown_place(&self) -> Option<Place<'_>> {
        self.timeline.as_ref().filter(|_| self.shows_time()).and_then(Timeline::place)
    }

    /// Revision the solution belongs to: overlays are redrawn when it changes.
    pub fn solution_revision(&self) -> u64 {
        self.solution_revision
    }

    pub fn solution_is_current(&self) -> bool {
        self.solution.is_some() && self.solution_revision == self.revision
    }

    pub fn solve_state(&self) -> SolveState {
        self.solve_state
    }

    /// Findings of import, validation and solution, errors first.
    pub fn problems(&self) -> &[Finding] {
        &self.problems
    }

    /// Which supply node belongs to which return node.
    pub fn pairing(&self) -> Arc<Pairing> {
        self.cache.pairing(self.network())
    }

    /// The values the picture is coloured by, with their range; computed once per solution and choice.
    pub fn coloured(&self) -> Arc<Coloured> {
        self.cache.coloured(self)
    }

    /// The pressure diagram to its target, or to the worst consumer; `None` without solution or way.
    pub fn diagram(&self) -> Option<Arc<super::view::PressureDiagram>> {
        self.cache.diagram(self)
    }

    pub fn selection(&self) -> Option<&ElementRef> {
        self.selection.as_ref()
    }

    pub fn hover(&self) -> Option<&ElementRef> {
        self.hover.as_ref()
    }

    pub fn diagram_target(&self) -> Option<&ElementRef> {
        self.diagram_target.as_ref()
    }

    pub fn search_words(&self) -> &str {
        &self.search_words
    }

    pub fn units(&self) -> &DisplayUnits {
        &self.units
    }

    pub fn language(&self) -> Language {
        self.language
    }

    pub fn theme(&self) -> Theme {
        self.theme
    }

    pub fn view(&self) -> &ViewSettings {
        &self.view
    }

    pub fn shows(&self, panel: Panel) -> bool {
        self.panels.contains(&panel)
    }

    pub fn notifications(&self) -> &[Notification] {
        &self.notifications
    }

    /// What is being read at the moment.
    pub fn loading(&self) -> Option<&str> {
        self.loading.as_deref()
    }

    pub fn recent(&self) -> &[PathBuf] {
        &self.recent
    }

    pub fn is_dragging(&self) -> bool {
        self.document.is_dragging()
    }
}
