//! Everything that can be asked about alternatives.

use std::path::PathBuf;

use super::Recipe;
use crate::dispatch::alternative::SourceRunning;
use crate::session::command::Shortcut;
use crate::session::timeline::WeatherChoice;

/// A request; see [`Command::Alternatives`](crate::session::Command::Alternatives).
#[derive(Clone, Debug, PartialEq)]
pub enum AlternativesCommand {
    /// The edits made since opening become an alternative of this name; the network is as before them again.
    TakeChanges(String),
    /// A scenario of the network.
    AddScenario(String),
    /// The network as it is with its sources running in this way.
    AddRunning(SourceRunning),
    /// One that the program knows how to make for any network.
    AddReady(Recipe),
    /// The so-manieth (0: the first beside the network as it is) is wanted no more.
    Remove(usize),
    Clear,
    SetHours(f64),
    SetWeather(WeatherChoice),
    /// Calendar time to begin at; `None`: the coldest day of the weather.
    SetStart(Option<f64>),
    /// Simulate all and set them side by side.
    Compare,
    Stop,
    /// Look at the so-manieth column: 0 the network as it is, then the alternatives.
    Choose(usize),
    Show(Card),
    /// Colour the picture by what the chosen alternative changes.
    ToggleMap,
    /// Make the edits of the chosen alternative in the network, as one step.
    MakeItSo,
    /// Issue the set-points of the chosen alternative as orders to the field.
    Issue,
    /// Print the sheet on one page.
    Print(PathBuf),
}

/// A card of the panel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Card {
    /// Figures side by side.
    #[default]
    Sheet,
    /// Cost against cold rooms.
    Plot,
    /// What breaks rules, and what an alternative consists of.
    Details,
    /// Orders issued, and how they stand.
    Orders,
}

impl Card {
    pub const ALL: [Card; 4] = [Card::Sheet, Card::Plot, Card::Details, Card::Orders];

    pub const fn word(self) -> &'static str {
        match self {
            Card::Sheet => "sheet",
            Card::Plot => "plot",
            Card::Details => "details",
            Card::Orders => "orders",
        }
    }
}

impl AlternativesCommand {
    /// Every request that needs nothing further.
    pub fn palette() -> Vec<AlternativesCommand> {
        vec![
            AlternativesCommand::Compare,
            AlternativesCommand::Stop,
            AlternativesCommand::ToggleMap,
            AlternativesCommand::MakeItSo,
            AlternativesCommand::Issue,
            AlternativesCommand::Print(PathBuf::new()),
            AlternativesCommand::Clear,
        ]
    }

    pub const fn id(&self) -> &'static str {
        match self {
            AlternativesCommand::TakeChanges(_) => "alternatives-take-changes",
            AlternativesCommand::AddScenario(_) => "alternatives-add-scenario",
            AlternativesCommand::AddRunning(_) => "alternatives-add-running",
            AlternativesCommand::AddReady(_) => "alternatives-add-ready",
            AlternativesCommand::Remove(_) => "alternatives-remove",
            AlternativesCommand::Clear => "alternatives-clear",
            AlternativesCommand::SetHours(_) => "alternatives-hours",
            AlternativesCommand::SetWeather(_) => "alternatives-weather",
            AlternativesCommand::SetStart(_) => "alternatives-start",
            AlternativesCommand::Compare => "alternatives-compare",
            AlternativesCommand::Stop => "alternatives-stop",
            AlternativesCommand::Choose(_) => "alternatives-choose",
            AlternativesCommand::Show(_) => "alternatives-show",
            AlternativesCommand::ToggleMap => "alternatives-map",
            AlternativesCommand::MakeItSo => "alternatives-make-it-so",
            AlternativesCommand::Issue => "alternatives-issue",
            AlternativesCommand::Print(_) => "alternatives-print",
        }
    }

    pub const fn shortcut(&self) -> Option<Shortcut> {
        match self {
            AlternativesCommand::Compare => Some(Shortcut { ctrl: false, shift: true, key: "C" }),
            AlternativesCommand::ToggleMap => Some(Shortcut { ctrl: false, shift: false, key: "X" }),
            _ => None,
        }
    }
}
