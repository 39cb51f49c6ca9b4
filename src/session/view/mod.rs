//! What panels show, as plain data in SI units: no widgets, no languages beyond translation keys.

mod place;

pub use place::{Place, line, place};
