//! Substations in time: from the primary main to the water that leaves for the buildings.
//!
//! [`Station`] joins several secondary systems (高/中/低区) on one primary pair; each [`SecondarySystem`] has a
//! [`Conversion`] (plate, absorption, booster heat pump, electric boiler, mixing, direct), a [`SetPoint`], a control valve
//! with travel time and a [`Circuit`] of secondary water. The temperature of the primary return follows from the
//! secondary side in all of them. Two calls a step: [`Station::demand`] says what flow it would take now, the network
//! answers with what it gets, [`Station::step`] goes on from there. Not here: pipes, buildings, pressures of the network.

mod absorption;
mod actuator;
mod boost;
mod circuit;
mod conversion;
mod mixing;
mod set_point;
mod system;

pub use absorption::{AbsorptionDesign, AbsorptionExchanger};
pub use actuator::{Actuator, Travel};
pub use boost::{BoosterHeatPump, ElectricBooster};
pub use circuit::{Circuit, CircuitPump, MixedVolume, static_pressure_pa};
pub use conversion::{Conversion, Converted};
pub use mixing::{MixingPump, MixingPumpDuty, jet_pump_drop_pa, mixed_temperature_c, mixing_ratio};
pub use set_point::{HeldTemperature, SetPoint, SetPointState};
pub use system::{SecondarySystem, Station, StationInputs, StationOutputs, SystemInputs, SystemOutputs, SystemState};
