//! Heat load of tomorrow: of the city, each source and each substation, 24 hours by the hour and five days, with intervals.
//!
//! A physical model of buildings, controllers and pipes says what the weather asks for ([`prior`]); what is left over is
//! learned from history by regularised regression on weather, its past and the calendar ([`features`], [`ridge`]) that never goes below nothing ([`link`]), the errors of the
//! last hours and days are carried on ([`recent`]), and the errors made on days that were not learned from give the
//! intervals ([`learned`]). [`forecaster`] chooses the method that the data bear and names it. [`evaluate`] judges it all
//! on held-out days beside persistence and plain regression; [`limits`] tells when a forecast exceeds a source;
//! [`journal`] follows what was issued; [`winter`] makes histories with the simulator to try it on. No files, no clock.

pub mod calendar;
pub mod evaluate;
pub mod features;
pub mod forecaster;
pub mod history;
pub mod journal;
pub mod learned;
pub mod limits;
pub mod link;
pub mod prior;
pub mod recent;
pub mod ridge;
pub mod winter;

pub use calendar::{DayKind, Holidays};
pub use evaluate::{Evaluation, Fold, evaluate};
pub use forecaster::{Forecast, ForecastHour, Forecaster, Method, Note, Setting};
pub use history::{HourlyLoad, LoadHistory, Subject, SubjectKind};
pub use learned::Scene;
pub use prior::LoadPrior;

/// Hours that a forecast reaches ahead: five days.
pub const HORIZON: usize = 120;

/// Leads that are judged and learned together, as (first, last) hour ahead.
pub const LEADS: [(usize, usize); 10] =
    [(1, 1), (2, 2), (3, 3), (4, 6), (7, 12), (13, 24), (25, 48), (49, 72), (73, 96), (97, 120)];

/// The group of [`LEADS`] that a lead (from 1) belongs to.
pub fn group_of(lead: usize) -> usize {
    LEADS.iter().position(|(_, last)| lead <= *last).unwrap_or(LEADS.len() - 1)
}

/// Levels of the quantiles that stand beside every value: an interval of 80 % inside one of 95 %.
pub const QUANTILES: [f64; 4] = [0.025, 0.1, 0.9, 0.975];
