//! Results of a solve for other programs: JSON and CSV. Their keys are a contract that scripts rely on: they may grow,
//! never change.
//!
//! What does not live here: solving, and the tables people read in a terminal.

mod csv_form;
mod json_form;
pub mod rows;

pub use csv_form::{csv, write_csv};
pub use json_form::{json, json_refused, json_unreadable};
