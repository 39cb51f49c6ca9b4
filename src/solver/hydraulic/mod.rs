//! Flows and pressures at given densities and viscosities.

mod state;

pub use state::HydraulicState;
