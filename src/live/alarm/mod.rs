//! Alarms after ISA-18.2 (IEC 62682): an alarm asks a person to act.
//!
//! [`Definition`]s say when ([`templates`] makes them from a table of tags and the standard's lists), [`AlarmSystem`] turns
//! samples and readings of the model into [`Event`]s: dead-band and delays per condition, one state machine per alarm,
//! shelves that end by themselves, suppression by design. Views and statistics are plain data for lists and journals.
//! Nothing here reads a clock, draws, stores or asks who may do what: instants and user names come in with the calls, and
//! whether a role may acknowledge or shelve is checked before ([`Right`](super::access::Right)).

mod definition;
mod record;
mod state;
mod statistics;
mod system;
mod templates;
mod view;
mod watch;

pub use definition::{AlarmId, Condition, Definition, Kind, Priority, Rule, subject};
pub use record::Record;
pub use state::{Event, Happening, Refusal, State};
pub use statistics::{BadActor, MANAGEABLE_A_DAY};
pub use system::{AlarmSystem, ModelReading, SHELF_MS, Shelf};
pub use templates::{definitions, not_confirmed};
pub use view::{Counts, Order, Overview, Row};
