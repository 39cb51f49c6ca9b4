//! Buildings as users of heat: their thermal masses, what gives the heat off, how it is controlled, what is assumed
//! where nothing is known, how rooms differ by position, and how a history of temperatures is turned into constants.
//!
//! [`Building`] joins the parts: one explicit state, `step(inputs, seconds) -> outputs`. [`RoomCooling`] is the closed
//! form for a constant outdoor temperature. Not here: pipes, stations, and which consumer heats which building.

mod class;
mod control;
mod cooling;
mod emitter;
mod fit;
mod model;
mod position;
mod thermal_mass;

pub use class::{BuildingClass, BuildingUsage, CLASSES, EmitterKind, class_of};
pub use control::{EntranceControl, EntranceQuantity, Thermostat};
pub use cooling::{RoomCooling, time_constant_h};
pub use emitter::{Emitter, EmitterHeat};
pub use fit::{Fit, FitError, Sample, fit};
pub use model::{Building, BuildingControl, BuildingInputs, BuildingOutputs, BuildingState};
pub use position::{FlatColumn, FlatGrid, FlatLevel, POSITION_FACTORS, position_factor};
pub use thermal_mass::{MassState, MassStep, StructureMass, ThermalMass};
