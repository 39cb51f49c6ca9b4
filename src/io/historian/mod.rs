//! The historian: every sample that came from the field, kept for years, found in milliseconds.
//!
//! Samples go to a log that is forced to the disk before [`Historian::append`] returns ([`log`]), and to memory ([`hot`]).
//! When an hour is over its rows are packed into a segment, a file that never changes again ([`segment`], [`block`]); when
//! a day is over its segments become one ([`sealing`]). Every byte on disk is under a CRC-32C, so rot is found when it is
//! read. One program writes a folder at a time; others may read it. Links to other historians ([`forward`]) send on
//! what they have not sent yet from the same files.
//!
//! What does not live here: screening, alarms, and clocks. The only time this module knows is that of the samples.

mod aggregate;
mod backup;
mod bits;
mod block;
pub mod disk;
mod error;
mod export;
pub mod forward;
mod frame;
mod hot;
mod identity;
mod log;
mod names;
mod options;
mod query;
mod recorder;
mod recovery;
mod sealing;
mod segment;
mod settings;
mod store;
mod thinning;
mod verify;

pub use aggregate::{Aggregate, Interval};
pub use backup::Backup;
pub use export::{Selection, quality_word};
pub use names::{StoredTag, Summing};
pub use options::Options;
pub use query::{History, Reading};
pub use recorder::{Recorder, Refused, Status, Ticket};
pub use settings::{LinkSettings, Settings};
pub use store::{Appended, Historian, TagKey};
pub use verify::Verification;
