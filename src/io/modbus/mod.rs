//! Field devices that speak Modbus: over TCP, TLS, serial lines, and serial frames over TCP.
//!
//! - [`map`]: which devices there are and what their registers mean; [`value`]: what words mean.
//! - [`plan`]: which registers are asked for together.
//! - [`pdu`], [`frame`]: requests, replies and frames in bytes, pure and total.
//! - [`line`]: one connection; [`session`]: its task; [`polling`]: all of them on a thread; [`health`]: how they do.
//! - [`write`]: writing and reading back; [`probe`]: a device looked at without a map.
//!
//! Framing and checks are our own. tokio-modbus 0.17 accepts replies of the wrong length in release builds and panics on
//! them in debug builds, answers one behind for ever after a time-out, checks the echo of a write only in debug builds and
//! lets no gateway ignore the transaction number; its codec is private, so none of this can be put right from outside. It
//! serves where it is sound: as an independent server in our benches and tests.
//!
//! Everything a device says is distrusted: a value that cannot be right arrives as a bad sample, never as a number. What
//! does not live here: screening, alarms and the decision to write.

mod backoff;
pub mod fault;
pub mod frame;
pub mod health;
pub mod line;
pub mod map;
pub mod pdu;
pub mod plan;
mod polling;
pub mod probe;
mod session;
mod shared;
pub(in crate::io) mod tls;
pub mod value;
pub mod write;

pub use fault::Fault;
pub use health::{DeviceHealth, DeviceState, Health};
pub use map::DeviceMap;
pub use polling::Polling;
pub use tls::{ROLE_OID, role};
pub use write::{NotWritten, Writer, Written};
