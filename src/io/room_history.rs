//! Measured room temperatures of a building from a file, for the fit of its constants.
//!
//! A table with `time`, `room_temperature_c`, `outdoor_temperature_c` and, where known, `heat_w` and `solar_w_m2` (else 0), a
//! row a reading; what stands in a row holds until the next.

use std::path::Path;

use super::sheet::{Column, Sheet};
use super::{IoError, Problem};
use crate::physics::building::Sample;

const COLUMNS: &[Column] = &[
    ("time", &["时间"]),
    ("room_temperature_c", &["室内温度", "室温"]),
    ("outdoor_temperature_c", &["室外温度"]),
    ("heat_w", &["供热量", "热量"]),
    ("solar_w_m2", &["太阳辐射", "辐射"]),
];

/// Readings of a building, in the order of the file, with the line of each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoomHistory {
    pub samples: Vec<Sample>,
    pub lines: Vec<usize>,
}

/// Reads a history.
pub fn read(file: &Path) -> Result<RoomHistory, IoError> {
    let sheet = Sheet::read(file, COLUMNS, &["time", "room_temperature_c", "outdoor_temperature_c"])?;
    let (mut history, mut error) = (RoomHistory::default(), IoError::default());
    for row in sheet.rows() {
        let sample = || -> Result<Sample, Box<Problem>> {
            Ok(Sample {
                time_s: row.time_s("time")?,
                room_c: row.required_number("room_temperature_c", -50.0, 60.0)?,
                outdoor_c: row.required_number("outdoor_temperature_c", -70.0, 60.0)?,
                heat_w: row.number("heat_w", -1e12, 1e12)?.unwrap_or(0.0),
                solar_w_m2: row.number("solar_w_m2", 0.0, 1500.0)?.unwrap_or(0.0),
            })
        };
        match sample() {
            Ok(sample) => {
                history.samples.push(sample);
                history.lines.push(row.line);
            }
            Err(problem) => error.push(*problem),
        }
    }
    error.into_result()?;
    Ok(history)
}

/// The refusal of a reading (from 0) whose time does not rise.
pub fn not_rising(file: &Path, history: &RoomHistory, at: usize) -> IoError {
    Problem::new(file, "io-time-not-rising").line(history.lines.get(at).copied().unwrap_or(0)).into()
}
