//! Field devices that speak Modbus: what they are ([`map`]), what their words mean ([`value`]).
//!
//! Everything a device says is distrusted: lengths, codes and numbers are checked here, and a value that cannot be right
//! arrives as a bad sample, never as a number. What does not live here: screening, alarms and the decision to write.

pub mod map;
pub mod value;
