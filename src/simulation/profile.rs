//! Temperatures along pipes in few numbers: every pipe in cells of about equal length, the mean of each in two bytes.
//!
//! Enough to see a front on its way down a main, small enough to keep for every minute of a day.

use std::ops::Range;

use super::pipe::Pipe;
use super::transport::Transport;

/// Cells of one pipe, at least and at most.
const LEAST_CELLS: f64 = 2.0;
const MOST_CELLS: f64 = 16.0;
/// One unit of a coded temperature, and the lowest temperature there is a code for.
const STEP_C: f64 = 0.005;
const LOWEST_C: f64 = -100.0;

/// Which cells belong to which pipe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cells {
    /// First cell by pipe row, and the number of all.
    starts: Box<[u32]>,
}

impl Cells {
    /// Cells of about this length, at least two a pipe.
    pub fn new(pipes: &[Pipe], cell_m: f64) -> Cells {
        let mut starts = Vec::with_capacity(pipes.len() + 1);
        let mut next = 0u32;
        for pipe in pipes {
            starts.push(next);
            next += cells_of(pipe.data.length_m, cell_m);
        }
        starts.push(next);
        Cells { starts: starts.into() }
    }

    /// Number of all cells.
    pub fn count(&self) -> usize {
        self.starts.last().map_or(0, |count| *count as usize)
    }

    /// Cells of a pipe from its `from` end on.
    pub fn of(&self, pipe: usize) -> Range<usize> {
        match self.starts.get(pipe..pipe + 2) {
            Some(&[start, end]) => start as usize..end as usize,
            _ => 0..0,
        }
    }

    /// Mean temperature of each cell, coded.
    pub fn read(&self, transport: &Transport) -> Box<[u16]> {
        let mut out = vec![0u16; self.count()];
        for (row, pipe) in transport.pipes.iter().enumerate() {
            let cells = &mut out[self.of(row)];
            let count = cells.len() as f64;
            let (mut cell, mut filled, mut sum_j_kg) = (0, 0.0, 0.0);
            let mut put = |cell: usize, mean_j_kg: f64| {
                if let Some(slot) = cells.get_mut(cell) {
                    *slot = coded(transport.enthalpy.temperature_c(mean_j_kg));
                }
            };
            let mut last_j_kg = f64::NAN;
            pipe.each_part(|share, enthalpy_j_kg| {
                let mut left = share * count;
                last_j_kg = enthalpy_j_kg;
                while filled + left >= 1.0 - 1e-9 {
                    let part = (1.0 - filled).min(left);
                    put(cell, sum_j_kg + part * enthalpy_j_kg);
                    left = (left - part).max(0.0);
                    (cell, filled, sum_j_kg) = (cell + 1, 0.0, 0.0);
                }
                filled += left;
                sum_j_kg += left * enthalpy_j_kg;
            });
            // What rounding, or a pipe without content, leaves open.
            let rest_j_kg = if last_j_kg.is_nan() { transport.inlet_j_kg[pipe.data.link as usize] } else { last_j_kg };
            while cell < count as usize {
                put(cell, rest_j_kg);
                cell += 1;
            }
        }
        out.into()
    }
}

/// Number of cells of a pipe.
pub fn cells_of(length_m: f64, cell_m: f64) -> u32 {
    // NaN and infinity end at the limits.
    (length_m / cell_m).round().clamp(LEAST_CELLS, MOST_CELLS) as u32
}

/// Two bytes for a temperature, right to 0.0025 K; NaN has a code of its own.
pub fn coded(temperature_c: f64) -> u16 {
    if temperature_c.is_nan() {
        return u16::MAX;
    }
    ((temperature_c - LOWEST_C) / STEP_C).round().clamp(0.0, f64::from(u16::MAX - 1)) as u16
}

/// Temperature of a code.
pub fn decoded(code: u16) -> f64 {
    if code == u16::MAX { f64::NAN } else { LOWEST_C + STEP_C * f64::from(code) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_keep_temperatures_to_millikelvins() {
        for temperature_c in [-40.0, 0.0, 63.217, 130.0, 180.0] {
            assert!((decoded(coded(temperature_c)) - temperature_c).abs() <= 0.0026, "{temperature_c}");
        }
        assert!(decoded(coded(f64::NAN)).is_nan());
        assert_eq!(decoded(coded(1e9)), LOWEST_C + STEP_C * f64::from(u16::MAX - 1));
    }
}
