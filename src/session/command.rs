//! Everything that can be asked of the program, with the key of its text, its shortcut, and the list for the palette.

use std::path::PathBuf;

use super::alternatives::AlternativesCommand;
use super::colouring::{ColourBy, Range};
use super::emergency::EmergencyCommand;
use super::live::LiveCommand;
use super::state::{Theme, UnitSet};
use super::timeline::TimeCommand;
use crate::network::ElementRef;
use crate::network::edit::Edit;
use crate::text::Language;
use crate::units::Quantity;

/// A request. The only way anything changes; see [`apply`](super::apply()).
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Open the generated demo city.
    NewDemo,
    /// Read a native file or anything that can be imported.
    Open(PathBuf),
    /// Save to the known path; asks for one where there is none.
    Save,
    SaveAs(PathBuf),
    /// Write network and results for other programs; the ending of the path tells the format.
    Export(PathBuf),
    Quit,
    /// Go on with what waits for an answer about unsaved changes, and lose them.
    DiscardChanges,
    Undo,
    Redo,
    Edit(Edit),
    /// Start of a drag: everything until its end is one undo step.
    BeginDrag,
    /// What the drag does now, replacing what it did before.
    UpdateDrag(Edit),
    CommitDrag,
    CancelDrag,
    Select(ElementRef),
    /// Select by pointing at a place of the element: 0 at its start, 1 at its end. In a rehearsal pointing at a valve is an
    /// order.
    Point(ElementRef, f64),
    ClearSelection,
    /// What the pointer is over.
    Hover(Option<ElementRef>),
    /// Move the camera to an element.
    FlyTo(ElementRef),
    FlyToSelection,
    Fit,
    North,
    Top,
    Search(String),
    ColourBy(ColourBy),
    /// Hold the legend's range at these values, or let it follow (`None`).
    LockRange(Option<Range>),
    ToggleRangeLock,
    PipeExaggeration(f64),
    ToggleTerrain,
    ToggleBuildings,
    ToggleLabels,
    ToggleUnderground,
    ToggleSupply,
    ToggleReturn,
    ToggleTheme,
    SetTheme(Theme),
    SetLanguage(Language),
    SetUnits(UnitSet),
    /// Read this quantity in the unit with this symbol.
    SetUnit(Quantity, &'static str),
    ToggleGrouping,
    /// Draw the pressure diagram to this consumer; `None`: to the worst one.
    DiagramTo(Option<ElementRef>),
    /// Select the consumer with the least available pressure.
    SelectWorst,
    TogglePanel(Panel),
    ShowPanel(Panel),
    ClosePanel(Panel),
    /// Keep the edits made since opening as a named scenario of the network.
    KeepScenario(String),
    /// Apply the edits of a scenario as one step.
    ApplyScenario(String),
    Solve,
    /// Runs through hours, and the playhead.
    Time(TimeCommand),
    /// A burst: plan, reports, rehearsal.
    Emergency(EmergencyCommand),
    /// Field data: what is shown, alarms.
    Live(LiveCommand),
    /// Ways of building and running the network, side by side.
    Alternatives(AlternativesCommand),
    Screenshot(PathBuf),
    DismissNotification(u64),
    DismissNotifications,
}

/// A part of the window that can be shown or hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Panel {
    Elements,
    Problems,
    Scenarios,
    Inspector,
    Diagram,
    Legend,
    /// The hours computed; while it is shown the picture is that at the playhead.
    Time,
    /// A break being dealt with; while it is shown the picture is its picture.
    Emergency,
    /// Ways of building and running the network side by side; their orders.
    Alternatives,
    /// Field devices and the quality of their data.
    Live,
    Alarms,
    /// Asks for name and password.
    SignIn,
    Palette,
    Run,
    Open,
    SaveAs,
    Export,
    Units,
    Keyboard,
    About,
    /// Asks what to do with unsaved changes; opens by itself.
    Unsaved,
}

impl Panel {
    pub const ALL: [Panel; 21] = [
        Panel::Elements,
        Panel::Problems,
        Panel::Scenarios,
        Panel::Inspector,
        Panel::Diagram,
        Panel::Legend,
        Panel::Time,
        Panel::Emergency,
        Panel::Alternatives,
        Panel::Live,
        Panel::Alarms,
        Panel::SignIn,
        Panel::Palette,
        Panel::Run,
        Panel::Open,
        Panel::SaveAs,
        Panel::Export,
        Panel::Units,
        Panel::Keyboard,
        Panel::About,
        Panel::Unsaved,
    ];

    /// Tabs of one place, of which one at most is shown.
    pub const TABS: [Panel; 5] = [Panel::Elements, Panel::Problems, Panel::Scenarios, Panel::Live, Panel::Alarms];

    /// Whether it lies over the rest and takes the keyboard.
    pub const fn is_dialog(self) -> bool {
        matches!(
            self,
            Panel::SignIn
                | Panel::Palette
                | Panel::Run
                | Panel::Open
                | Panel::SaveAs
                | Panel::Export
                | Panel::Units
                | Panel::Keyboard
                | Panel::About
                | Panel::Unsaved
        )
    }

    pub const fn word(self) -> &'static str {
        match self {
            Panel::Elements => "elements",
            Panel::Problems => "problems",
            Panel::Scenarios => "scenarios",
            Panel::Inspector => "inspector",
            Panel::Diagram => "diagram",
            Panel::Legend => "legend",
            Panel::Time => "time",
            Panel::Emergency => "emergency",
            Panel::Alternatives => "alternatives",
            Panel::Live => "live",
            Panel::Alarms => "alarms",
            Panel::SignIn => "sign-in",
            Panel::Run => "run",
            Panel::Palette => "palette",
            Panel::Open => "open",
            Panel::SaveAs => "save-as",
            Panel::Export => "export",
            Panel::Units => "units",
            Panel::Keyboard => "keyboard",
            Panel::About => "about",
            Panel::Unsaved => "unsaved",
        }
    }
}

/// A key with its modifiers. Keys are named as on the keyboard: letters and digits, `F1`, `Escape`, `Delete`, `Home` …
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortcut {
    pub ctrl: bool,
    pub shift: bool,
    pub key: &'static str,
}

impl Shortcut {
    /// As menus print it: `Ctrl+Shift+S`.
    pub fn text(self) -> String {
        format!("{}{}{}", if self.ctrl { "Ctrl+" } else { "" }, if self.shift { "Shift+" } else { "" }, self.key)
    }
}

const fn plain(key: &'static str) -> Option<Shortcut> {
    Some(Shortcut { ctrl: false, shift: false, key })
}

const fn ctrl(key: &'static str) -> Option<Shortcut> {
    Some(Shortcut { ctrl: true, shift: false, key })
}

const fn ctrl_shift(key: &'static str) -> Option<Shortcut> {
    Some(Shortcut { ctrl: true, shift: true, key })
}

impl Command {
    /// Every command that needs nothing further, in the order of the palette. Commands with an argument are reached by
    /// their place in the window (a list, a field, the 3D view) or by a panel listed here (`Open` by its dialogue).
    pub fn palette() -> Vec<Command> {
        let mut all = vec![
            Command::ShowPanel(Panel::Open),
            Command::NewDemo,
            Command::Save,
            Command::ShowPanel(Panel::SaveAs),
            Command::ShowPanel(Panel::Export),
            Command::Undo,
            Command::Redo,
            Command::Fit,
            Command::North,
            Command::Top,
            Command::FlyToSelection,
            Command::ClearSelection,
            Command::SelectWorst,
            Command::DiagramTo(None),
        ];
        all.extend(ColourBy::ALL.map(Command::ColourBy));
        all.extend([
            Command::ToggleRangeLock,
            Command::ToggleSupply,
            Command::ToggleReturn,
            Command::ToggleTerrain,
            Command::ToggleBuildings,
            Command::ToggleLabels,
            Command::ToggleUnderground,
        ]);
        all.extend(Panel::ALL.into_iter().filter(|p| !p.is_dialog()).map(Command::TogglePanel));
        all.push(Command::ShowPanel(Panel::Run));
        all.extend(TimeCommand::PALETTE.map(Command::Time));
        all.extend(EmergencyCommand::PALETTE.map(Command::Emergency));
        all.extend(AlternativesCommand::palette().into_iter().map(Command::Alternatives));
        all.push(Command::ShowPanel(Panel::SignIn));
        all.extend(LiveCommand::palette().into_iter().map(Command::Live));
        all.extend([Command::ShowPanel(Panel::Palette), Command::ShowPanel(Panel::Units)]);
        all.extend(UnitSet::ALL.map(Command::SetUnits));
        all.extend([Command::ToggleGrouping, Command::ToggleTheme]);
        all.extend(Language::ALL.map(Command::SetLanguage));
        all.extend([
            Command::Solve,
            Command::Screenshot(PathBuf::new()),
            Command::DismissNotifications,
            Command::ShowPanel(Panel::Keyboard),
            Command::ShowPanel(Panel::About),
            Command::Quit,
        ]);
        all
    }

    /// Stable word of the command; its text is under `command-ID`, its explanation under `command-ID.tip`.
    pub const fn id(&self) -> &'static str {
        match self {
            Command::NewDemo => "new-demo",
            Command::Open(_) => "open-file",
            Command::Save => "save",
            Command::SaveAs(_) => "save-file-as",
            Command::Export(_) => "export-to",
            Command::Quit => "quit",
            Command::DiscardChanges => "discard-changes",
            Command::Undo => "undo",
            Command::Redo => "redo",
            Command::Edit(_) => "edit",
            Command::BeginDrag | Command::UpdateDrag(_) | Command::CommitDrag | Command::CancelDrag => "drag",
            Command::Select(_) | Command::Point(..) => "select",
            Command::ClearSelection => "clear-selection",
            Command::Hover(_) => "hover",
            Command::FlyTo(_) => "fly-to",
            Command::FlyToSelection => "fly-to-selection",
            Command::Fit => "fit",
            Command::North => "north",
            Command::Top => "top",
            Command::Search(_) => "search",
            Command::ColourBy(by) => by.command_id(),
            Command::LockRange(_) => "lock-range",
            Command::ToggleRangeLock => "toggle-range-lock",
            Command::PipeExaggeration(_) => "pipe-exaggeration",
            Command::ToggleTerrain => "toggle-terrain",
            Command::ToggleBuildings => "toggle-buildings",
            Command::ToggleLabels => "toggle-labels",
            Command::ToggleUnderground => "toggle-underground",
            Command::ToggleSupply => "toggle-supply",
            Command::ToggleReturn => "toggle-return",
            Command::ToggleTheme => "toggle-theme",
            Command::SetTheme(_) => "set-theme",
            Command::SetLanguage(Language::English) => "language-en",
            Command::SetLanguage(Language::Chinese) => "language-zh",
            Command::SetUnits(UnitSet::Kilopascal) => "units-kilopascal",
            Command::SetUnits(UnitSet::Megapascal) => "units-megapascal",
            Command::SetUnits(UnitSet::MetresOfWater) => "units-metres-of-water",
            Command::SetUnits(UnitSet::Bar) => "units-bar",
            Command::SetUnit(..) => "set-unit",
            Command::ToggleGrouping => "toggle-grouping",
            Command::DiagramTo(None) => "diagram-to-worst",
            Command::DiagramTo(Some(_)) => "diagram-to",
            Command::SelectWorst => "select-worst",
            Command::TogglePanel(panel) => match panel {
                Panel::Elements => "toggle-elements",
                Panel::Problems => "toggle-problems",
                Panel::Scenarios => "toggle-scenarios",
                Panel::Inspector => "toggle-inspector",
                Panel::Diagram => "toggle-diagram",
                Panel::Legend => "toggle-legend",
                Panel::Time => "toggle-time",
                Panel::Emergency => "toggle-emergency",
                Panel::Alternatives => "toggle-alternatives",
                Panel::Live => "toggle-live",
                Panel::Alarms => "toggle-alarms",
                _ => "toggle-dialog",
            },
            Command::ShowPanel(panel) => match panel {
                Panel::SignIn => "show-sign-in",
                Panel::Palette => "show-palette",
                Panel::Run => "show-run",
                Panel::Open => "show-open",
                Panel::SaveAs => "show-save-as",
                Panel::Export => "show-export",
                Panel::Units => "show-units",
                Panel::Keyboard => "show-keyboard",
                Panel::About => "show-about",
                _ => "show-panel",
            },
            Command::ClosePanel(_) => "close-panel",
            Command::KeepScenario(_) => "keep-scenario",
            Command::ApplyScenario(_) => "apply-scenario",
            Command::Solve => "solve",
            Command::Time(command) => command.id(),
            Command::Emergency(command) => command.id(),
            Command::Live(command) => command.id(),
            Command::Alternatives(command) => command.id(),
            Command::Screenshot(_) => "screenshot",
            Command::DismissNotification(_) => "dismiss-notification",
            Command::DismissNotifications => "dismiss-notifications",
        }
    }

    /// What menus and the palette call it.
    pub fn text(&self, language: Language) -> String {
        language.texts().get(&format!("command-{}", self.id())).into_owned()
    }

    /// One sentence of explanation.
    pub fn tip(&self, language: Language) -> String {
        language.texts().get(&format!("command-{}.tip", self.id())).into_owned()
    }

    pub const fn shortcut(&self) -> Option<Shortcut> {
        match self {
            Command::ShowPanel(Panel::Open) => ctrl("O"),
            Command::Save => ctrl("S"),
            Command::ShowPanel(Panel::SaveAs) => ctrl_shift("S"),
            Command::ShowPanel(Panel::Export) => ctrl("E"),
            Command::Quit => ctrl("Q"),
            Command::Undo => ctrl("Z"),
            Command::Redo => ctrl_shift("Z"),
            Command::ShowPanel(Panel::Palette) => ctrl("P"),
            Command::ShowPanel(Panel::Keyboard) => plain("F1"),
            Command::TogglePanel(Panel::Elements) => plain("F2"),
            Command::TogglePanel(Panel::Problems) => plain("F3"),
            Command::TogglePanel(Panel::Inspector) => plain("F4"),
            Command::TogglePanel(Panel::Diagram) => plain("F6"),
            Command::TogglePanel(Panel::Legend) => plain("F7"),
            Command::TogglePanel(Panel::Time) => plain("F8"),
            Command::Time(command) => command.shortcut(),
            Command::TogglePanel(Panel::Emergency) => plain("F10"),
            Command::Emergency(command) => command.shortcut(),
            Command::TogglePanel(Panel::Alternatives) => plain("C"),
            Command::Alternatives(command) => command.shortcut(),
            Command::TogglePanel(Panel::Alarms) => plain("A"),
            Command::TogglePanel(Panel::Live) => plain("M"),
            Command::Live(command) => command.shortcut(),
            Command::Solve => plain("F5"),
            Command::Screenshot(_) => plain("F12"),
            Command::Fit => plain("Home"),
            Command::North => plain("N"),
            Command::Top => plain("T"),
            Command::FlyToSelection => plain("F"),
            Command::SelectWorst => plain("W"),
            Command::ClearSelection => plain("Escape"),
            Command::ToggleUnderground => plain("U"),
            Command::ToggleBuildings => plain("B"),
            Command::ToggleLabels => plain("L"),
            Command::ToggleTerrain => plain("G"),
            Command::ToggleTheme => ctrl("T"),
            Command::ColourBy(ColourBy::Pressure) => plain("1"),
            Command::ColourBy(ColourBy::AvailableHead) => plain("2"),
            Command::ColourBy(ColourBy::Temperature) => plain("3"),
            Command::ColourBy(ColourBy::Velocity) => plain("4"),
            Command::ColourBy(ColourBy::SpecificLoss) => plain("5"),
            Command::ColourBy(ColourBy::Flow) => plain("6"),
            Command::ColourBy(ColourBy::Diameter) => plain("7"),
            Command::ColourBy(ColourBy::Side) => plain("8"),
            Command::ColourBy(ColourBy::Room) => plain("9"),
            _ => None,
        }
    }
}
