//! L4: running tomorrow: weather and load to come, set-points, and which source gives how much; and what the past used. No files, no clock.

pub mod alternative;
pub mod balance;
pub mod energy;
pub mod forecast;
pub mod heating_curve;
pub mod optimise;
pub mod retrofit;
pub mod weather;
pub mod weather_correction;
