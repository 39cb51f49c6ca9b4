//! Alternatives in a session: what a planner sets side by side, the newest sheet, and which of them is looked at.
//!
//! Changed by [`AlternativesCommand`]s ([`apply`]) and by the news of a thread ([`work`]). Nothing in the network changes until one
//! is made so, which is one step of the edit log. A sheet belongs to the state of the document it was worked out for:
//! [`Session::sheet_is_current`]. What is simulated and counted lives in `dispatch::alternative`.

mod apply;
mod command;
mod page;
mod recipe;
pub mod work;

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

pub(super) use apply::apply;
pub use apply::running_key;
pub use command::{AlternativesCommand, Card};
pub use page::{PageRequest, write_page};
pub use recipe::{MakeRequest, Recipe};
pub use work::{CompareNews, CompareRequest, Sheet};

use super::command::Panel;
use super::effects::Effects;
use super::message::Message;
use super::state::Session;
use super::timeline::WeatherChoice;
use crate::dispatch::alternative::{Alternative, Assessment};
use crate::network::Severity;

/// Most alternatives beside the network as it is: more columns nobody reads.
pub const MOST: usize = 8;
/// Longest and shortest period, hours.
pub const HOURS: [f64; 2] = [1.0, 168.0];

/// What is set side by side.
#[derive(Clone, Debug)]
pub struct Alternatives {
    pub(super) list: Vec<Alternative>,
    pub(super) weather: WeatherChoice,
    pub(super) start_calendar_s: Option<f64>,
    pub(super) hours: f64,
    /// Recipes being worked out.
    pub(super) making: usize,
    /// Newest request.
    pub(super) number: u64,
    /// Share done of the comparison under way.
    pub(super) progress: Option<f64>,
    pub(super) sheet: Option<Arc<Sheet>>,
    pub(super) fault: Option<Message>,
    /// Column looked at; 0 is the network as it is.
    pub(super) chosen: usize,
    pub(super) on_map: bool,
    pub(super) card: Card,
    /// The inspector gave way to the panel and comes back after it.
    pub(super) hides_inspector: bool,
}

impl Default for Alternatives {
    fn default() -> Self {
        Alternatives {
            list: Vec::new(),
            weather: WeatherChoice::default(),
            start_calendar_s: None,
            hours: 24.0,
            making: 0,
            number: 0,
            progress: None,
            sheet: None,
            fault: None,
            chosen: 0,
            on_map: false,
            card: Card::default(),
            hides_inspector: false,
        }
    }
}

impl Alternatives {
    /// Without the network as it is.
    pub fn list(&self) -> &[Alternative] {
        &self.list
    }

    pub fn weather(&self) -> &WeatherChoice {
        &self.weather
    }

    pub fn start_calendar_s(&self) -> Option<f64> {
        self.start_calendar_s
    }

    pub fn hours(&self) -> f64 {
        self.hours
    }

    /// Whether a recipe is being worked out.
    pub fn is_making(&self) -> bool {
        self.making > 0
    }

    /// Share done of the comparison under way.
    pub fn progress(&self) -> Option<f64> {
        self.progress
    }

    /// The newest sheet; perhaps not of the list as it is now.
    pub fn sheet(&self) -> Option<&Arc<Sheet>> {
        self.sheet.as_ref()
    }

    /// Why there is no sheet.
    pub fn fault(&self) -> Option<&Message> {
        self.fault.as_ref()
    }

    /// Column looked at; 0 is the network as it is.
    pub fn chosen(&self) -> usize {
        self.chosen
    }

    /// Whether the picture is to show what the chosen one changes.
    pub fn on_map(&self) -> bool {
        self.on_map
    }

    pub fn card(&self) -> Card {
        self.card
    }

    /// The chosen alternative; `None`: the network as it is.
    pub fn chosen_alternative(&self) -> Option<&Alternative> {
        self.list.get(self.chosen.checked_sub(1)?)
    }

    /// What was found of the chosen column.
    pub fn chosen_assessment(&self) -> Option<&Assessment> {
        self.sheet.as_ref()?.rows.get(self.chosen)?.as_ref().ok()
    }
}

impl Session {
    /// What is set side by side.
    pub fn alternatives(&self) -> &Alternatives {
        &self.alternatives
    }

    /// Whether the sheet is of the network and the list as they are now.
    pub fn sheet_is_current(&self) -> bool {
        let Some(sheet) = &self.alternatives.sheet else { return false };
        sheet.state == self.document.state() && sheet.alternatives[..] == self.alternatives.list[..]
    }

    /// The two states whose difference the picture shows: of the network as it is, and of the chosen alternative.
    pub fn shown_change(&self) -> Option<(&Assessment, &Assessment)> {
        let wanted = self.alternatives.on_map && self.shows(Panel::Alternatives);
        let sheet = self.alternatives.sheet.as_ref().filter(|_| wanted)?;
        // Another network has other places.
        if sheet.state != self.document.state() || self.alternatives.chosen == 0 {
            return None;
        }
        let [base, chosen] =
            [0, self.alternatives.chosen].map(|at| sheet.rows.get(at).and_then(|row| row.as_ref().ok()));
        base.zip(chosen)
    }

    /// Changes with the two states whose difference is shown; 0 while none is.
    pub fn change_version(&self) -> u64 {
        self.shown_change().map_or(0, |_| {
            (self.alternatives.sheet.as_ref().map_or(0, |sheet| sheet.number) << 8) + self.alternatives.chosen as u64
        })
    }

    /// Compares here and now, for who has no threads to wait for.
    pub fn compare_here(&mut self) {
        let mut effects = Effects::default();
        apply(self, AlternativesCommand::Compare, &mut effects);
        let Some(request) = effects.comparison else { return };
        let told = Mutex::new(Vec::new());
        work::work(&request, &AtomicBool::new(false), &|news| {
            told.lock().unwrap_or_else(PoisonError::into_inner).push(news);
        });
        for news in told.into_inner().unwrap_or_else(PoisonError::into_inner) {
            self.take_compare_news(request.number, news);
        }
    }

    /// Another document is open: only how to compare stays.
    pub(super) fn leave_alternatives(&mut self) {
        let kept = std::mem::take(&mut self.alternatives);
        // A comparison still under way is not for this document.
        let Alternatives { number, hides_inspector, .. } = kept;
        self.alternatives = Alternatives { number: number + 1, hides_inspector, ..Alternatives::default() };
    }

    /// Takes in what a thread tells.
    pub(super) fn take_compare_news(&mut self, number: u64, news: CompareNews) -> bool {
        let news = match news {
            CompareNews::Made { document, made } => {
                if document == self.document_number {
                    self.alternatives.making = self.alternatives.making.saturating_sub(1);
                    match made {
                        Ok(alternative) => apply::add(self, *alternative),
                        Err(reason) => apply::refuse(self, reason),
                    }
                }
                return true;
            }
            news => news,
        };
        let alternatives = &mut self.alternatives;
        if number != alternatives.number || alternatives.progress.is_none() {
            return false;
        }
        match news {
            CompareNews::Progress(share) => alternatives.progress = Some(share),
            CompareNews::Done(sheet) => {
                alternatives.progress = None;
                alternatives.fault = None;
                alternatives.chosen = alternatives.chosen.min(sheet.rows.len().saturating_sub(1));
                alternatives.sheet = Some(sheet);
            }
            CompareNews::Made { .. } => {}
            CompareNews::Failed(reason) => {
                alternatives.progress = None;
                let message = Message::new("message-alternatives-failed").with("reason", reason);
                alternatives.fault = Some(message.clone());
                self.notify(Severity::Error, message);
            }
        }
        true
    }
}
