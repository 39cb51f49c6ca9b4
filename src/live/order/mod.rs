//! Dispatch orders (调度指令): set-points that are issued, received, confirmed, executed and compared.
//!
//! The files: `setting` (what can be set, in the words of tags), `book` (orders and the one way they go), `difference`
//! (orders from two states of a network), `schedule` (orders from a plan in time), `outlook` (what the model says they will
//! change), `track` (whether it came so). Pure: instants come in, nothing is written to a device here. The log is
//! `io::orders`, the way to the devices is `session::live`.

mod book;
mod difference;
mod outlook;
mod schedule;
mod setting;
mod track;

pub use book::{Book, Entry, Event, How, Order, OrderDeed, Orders, Refusal, State, Verdict};
pub use difference::{Beyond, Differences, differences, edit, value_of};
pub use outlook::{NoOutlook, as_estimated, outlook};
pub use schedule::{Series, schedule};
pub use setting::{SetPoint, Setting, Watched};
pub use track::{Progress, SCANS, Track};
