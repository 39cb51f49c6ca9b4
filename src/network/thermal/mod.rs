//! From the elements of a network to the models of heat in time.
//!
//! What an element says is taken; what it leaves open follows from its kind, class and design heat by stated defaults.
//! A model that its data contradicts is refused with the field that does. Not here: running the models.

mod building;
mod plant;
mod served;
mod station;

pub use building::{area_m2, building};
pub use plant::{plant, store};
pub use served::{Served, ServedBuilding, ServedSystem};
pub use station::{secondary_side, station};

use std::fmt;

/// Why an element's data make no model.
#[derive(Clone, Debug, PartialEq)]
pub struct ThermalFault {
    /// Field as in files (`secondary.secondary_supply_temperature_c`).
    pub field: &'static str,
    /// In English, as all internal reasons.
    pub reason: String,
}

impl ThermalFault {
    fn new(field: &'static str, reason: impl Into<String>) -> ThermalFault {
        ThermalFault { field, reason: reason.into() }
    }
}

impl fmt::Display for ThermalFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.reason)
    }
}

impl std::error::Error for ThermalFault {}
