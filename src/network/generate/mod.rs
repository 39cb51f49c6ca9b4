//! Networks made by the program from a seed: bench networks of any size.
//!
//! Pure functions: the same parameters give the same network on every machine (exactly rounded arithmetic, no hash
//! order, no clock). Nothing is solved here; pipes are sized by a walk over trees.

mod dice;
mod grid;
mod sizing;

pub use grid::{GridDemand, GridLoops, GridParameters, grid};

use super::InsertError;

/// The result of inserting an element whose id a generator made.
#[allow(clippy::expect_used, reason = "ids come from counters with a prefix per kind, ends from this same network")]
fn inserted<T>(result: Result<T, InsertError>) -> T {
    result.expect("generated ids are unique and ends exist")
}

/// Centimetres: what a survey gives, and short numbers in files.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
