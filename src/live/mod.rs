//! L4: what comes in from the field, and what is made of it.
//!
//! Here live the words everybody shares ([`Timestamp`], [`Quality`], [`Sample`], [`Tag`]) and the pure parts that turn
//! samples into knowledge. Nothing here opens a socket or a file, starts a thread or reads a clock: instants come in with
//! the samples. Protocols, the historian and the audit log are in `io`, the running whole is in `session`.

pub mod access;
pub mod alarm;
pub mod audit;
pub mod control;
mod deviation;
pub mod dictionary;
pub mod estimate;
pub mod health;
mod observed;
pub mod order;
mod quality;
mod reading;
pub mod regulator;
mod sample;
pub mod screening;
mod tag;
mod time;

pub use deviation::instrument_deviation;
pub use quality::{Doubt, Fault, Quality};
pub use reading::{Readings, reading, reading_of};
pub use sample::{Origin, Sample};
pub use tag::{Limits, Observed, Range, Tag, TagId, TagTable, TwiceNamed};
pub use time::{NotATimestamp, Timestamp};
