//! Formulas of water, pipes, valves, pumps, heat loss, exchangers, buildings, stations,
//! sources, weather and metering: pure functions on SI f64, °C for temperatures.
//!
//! Lowest layer: nothing here knows of networks, files, units for people or any other module of the crate. Every
//! formula states its source and the range it holds for; where a solver needs the derivative, it comes with the value.

pub mod building;
pub mod calendar;
pub mod characteristics;
pub mod elementary;
pub mod exchanger;
pub mod friction;
pub mod friction_batch;
pub mod ground;
pub mod heat_loss;
pub mod heating_curve;
pub mod metering;
pub mod pipe_wall;
pub mod power_law;
pub mod property_table;
pub mod pump;
pub mod pump_curve;
pub(crate) mod registers;
pub mod root;
pub mod source;
pub mod station;
pub mod sun;
pub mod surge;
pub mod valve;
pub mod water;
pub mod weather;
