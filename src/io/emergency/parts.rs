//! Single parts of the sheet, for whoever shows one thing at a time.

use super::sections::{action, alternatives, burst, clocks, fallbacks, priority, restore, resupply, users, valves};
use super::sheet::{Section, Writer};
use crate::emergency::Response;
use crate::emergency::resupply::Action;
use crate::network::{Network, Priority};
use crate::text::Language;
use crate::units::DisplayUnits;

/// Rows of long tables: a window has lists of its own.
const MOST_ROWS: usize = 30;

/// A part of the sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Burst,
    Valves,
    Fallbacks,
    Alternatives,
    Users,
    Clock,
    Resupply,
    Restore,
}

/// One part of the sheet; `None` where there is nothing to say.
pub fn section(
    network: &Network,
    response: &Response,
    language: Language,
    units: &DisplayUnits,
    part: Part,
) -> Option<Section> {
    let writer = Writer { network, language, units, most_rows: MOST_ROWS };
    match part {
        Part::Burst => Some(burst(&writer, response)),
        Part::Valves => Some(valves(&writer, response)),
        Part::Fallbacks => fallbacks(&writer, response),
        Part::Alternatives => alternatives(&writer, response),
        Part::Users => users(&writer, response),
        Part::Clock => clocks(&writer, response),
        Part::Resupply => resupply(&writer, response),
        Part::Restore => Some(restore(&writer, response)),
    }
}

/// What an action of re-supply is, as a sentence.
pub fn action_text(network: &Network, taken: &Action, language: Language, units: &DisplayUnits) -> String {
    action(&Writer { network, language, units, most_rows: MOST_ROWS }, taken)
}

/// What a priority is called.
pub fn priority_text(network: &Network, of: Priority, language: Language, units: &DisplayUnits) -> String {
    priority(&Writer { network, language, units, most_rows: MOST_ROWS }, of)
}
