//! Single parts of the sheet, for whoever shows one thing at a time.

use serde::{Deserialize, Serialize};

use super::sections::{
    action, alternatives, burst, clocks, fallbacks, priority, restore, resupply, shedding, users, valves,
};
use super::sheet::{Section, Writer};
use crate::emergency::Response;
use crate::emergency::resupply::Action;
use crate::network::{Network, Priority};
use crate::text::Language;
use crate::units::DisplayUnits;

/// Rows of long tables: a window has lists of its own.
const MOST_ROWS: usize = 30;

/// A part of the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    Burst,
    Valves,
    Fallbacks,
    Alternatives,
    Users,
    Clock,
    Resupply,
    Shedding,
    Restore,
}

impl Part {
    /// In the order of the sheet.
    pub const ALL: [Part; 9] = [
        Part::Burst,
        Part::Valves,
        Part::Fallbacks,
        Part::Alternatives,
        Part::Users,
        Part::Clock,
        Part::Resupply,
        Part::Shedding,
        Part::Restore,
    ];

    /// Its title in the translations.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Part::Burst => "emergency-burst",
            Part::Valves => "emergency-valves",
            Part::Fallbacks => "emergency-fallbacks",
            Part::Alternatives => "emergency-alternatives",
            Part::Users => "emergency-users",
            Part::Clock => "emergency-clock",
            Part::Resupply => "emergency-resupply",
            Part::Shedding => "emergency-shedding",
            Part::Restore => "emergency-restore",
        }
    }

    /// This part of an answer; `None` where there is nothing to say.
    pub(super) fn of(self, writer: &Writer<'_>, response: &Response) -> Option<Section> {
        match self {
            Part::Burst => Some(burst(writer, response)),
            Part::Valves => Some(valves(writer, response)),
            Part::Fallbacks => fallbacks(writer, response),
            Part::Alternatives => alternatives(writer, response),
            Part::Users => users(writer, response),
            Part::Clock => clocks(writer, response),
            Part::Resupply => resupply(writer, response),
            Part::Shedding => shedding(writer, response),
            Part::Restore => Some(restore(writer, response)),
        }
    }
}

/// The sentences of one part of the sheet, without its table; `None` where there is nothing to say.
pub fn part_sentences(
    network: &Network,
    response: &Response,
    language: Language,
    units: &DisplayUnits,
    part: Part,
) -> Option<Section> {
    part.of(&Writer { network, language, units, most_rows: MOST_ROWS, tables: false }, response)
}

/// What an action of re-supply is, as a sentence.
pub fn action_text(network: &Network, taken: &Action, language: Language, units: &DisplayUnits) -> String {
    action(&Writer { network, language, units, most_rows: MOST_ROWS, tables: false }, taken)
}

/// What a priority is called.
pub fn priority_text(network: &Network, of: Priority, language: Language, units: &DisplayUnits) -> String {
    priority(&Writer { network, language, units, most_rows: MOST_ROWS, tables: false }, of)
}
