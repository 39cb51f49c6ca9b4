//! One value of one tag at one instant.

use super::{Quality, TagId, Timestamp};

/// One value of one tag at one instant. Values are in SI units (°C for temperatures) like everywhere in the program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    pub tag: TagId,
    /// When it was true in the field: the device's own stamp, else the middle of request and reply.
    pub source_time: Timestamp,
    /// When it arrived here.
    pub arrival_time: Timestamp,
    /// In the SI unit of the tag's quantity (m³/h for volume flow, see [`Quantity`](crate::units::Quantity)); NaN where
    /// none came. A bad sample may carry the last value for showing; nobody may reckon with it.
    pub value: f64,
    pub quality: Quality,
}

/// Where a shown value comes from. Told apart everywhere a value is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// By an instrument, lately.
    Measured,
    /// By an instrument, but longer ago than two periods.
    Stale,
    /// By the state estimation, from other measurements and the model.
    Estimated,
    /// Neither: design values, forecasts, what the file says.
    Assumed,
}

impl Origin {
    /// Key of its name in the translation files.
    pub const fn key(self) -> &'static str {
        match self {
            Origin::Measured => "origin-measured",
            Origin::Stale => "origin-stale",
            Origin::Estimated => "origin-estimated",
            Origin::Assumed => "origin-assumed",
        }
    }
}
