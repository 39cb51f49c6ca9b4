//! Energy analysis (能耗分析): what sources, substations and buildings used of heat, power, water and fuel, per area and
//! degree-day, beside other periods, each other, and a plan.
//!
//! The provincial standard for smart heating (DB22/T, clause 4.2.8) names what is wanted: consumption of fuel, heat, power
//! and water of sources, substations and users, specific consumption, comparison with the past (同比, 环比) and with planned
//! figures, rankings, water loss and efficiency; clause 4.2.9 the heat per area. It gives no formulas: those are here, each with
//! its source. [`analyse`] makes of an [`EnergyHistory`] an [`EnergyView`], which tables, reports and windows draw.
//! A figure that cannot be had is [`Refused`] with the reason, never nought. Not here: reading files and historians (`io::energy`).

mod account;
mod compare;
mod degree_days;
mod history;
mod hourly;
mod period;
mod plan;
mod ranking;
mod system;
mod view;

pub use account::{Account, Total};
pub use compare::{Change, Comparison, Other};
pub use degree_days::{BASE_C, DegreeDays, DegreeSum, Outdoor};
pub use history::{EnergyHistory, Metered, Place, PlaceKind, Resource};
pub use hourly::{CounterNotes, Hour, Hourly};
pub use period::{Period, Step};
pub use plan::{Plan, Planned, Target, TargetKept};
pub use ranking::{Ranked, Ranking};
pub use system::System;
pub use view::{EnergyView, Piece, Setting, analyse};

use std::sync::Arc;

/// Why there is no figure.
#[derive(Clone, Debug, PartialEq)]
pub enum Refused {
    /// No meter.
    NotMeasured,
    /// Less of the period is known than asked for.
    TooLittle { known_share: f64 },
    /// Of a sum: so many of its members have none; the first of them.
    Members { refused: usize, of: usize, first: Arc<str> },
    /// No heated area is given.
    NoArea,
    /// No outdoor temperature in the period.
    NoWeather,
    /// What it would be divided by is nought.
    Nought,
}

impl Refused {
    /// The word in tables and JSON.
    pub const fn word(&self) -> &'static str {
        match self {
            Refused::NotMeasured => "not_measured",
            Refused::TooLittle { .. } => "too_little_known",
            Refused::Members { .. } => "members_missing",
            Refused::NoArea => "no_area",
            Refused::NoWeather => "no_weather",
            Refused::Nought => "divided_by_nought",
        }
    }
}

/// A quotient, refused where the divisor is not positive.
fn quotient(value: f64, by: f64) -> Result<f64, Refused> {
    if by > 0.0 { Ok(value / by) } else { Err(Refused::Nought) }
}
