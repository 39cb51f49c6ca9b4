//! Reading every byte of a historian and saying what is damaged.

use std::fs;

use super::error::{damaged, gather};
use super::log::LogFile;
use super::segment::Segment;
use super::store::Historian;
use crate::io::IoError;

/// What a verification read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verification {
    pub segments: usize,
    pub log_files: usize,
    /// Rows in segments, doubles included.
    pub sealed_rows: u64,
    /// Rows in the log.
    pub logged_rows: u64,
    pub bytes: u64,
    /// Everything that does not hold; empty where all is sound.
    pub damage: IoError,
}

impl Historian {
    /// Reads every file and checks every check sum. May run while samples come in; what is packed or removed meanwhile is
    /// left out.
    pub fn verify(&self) -> Verification {
        let (segments, logs, found) = {
            let state = self.shared.state();
            let segments = state.segments.values().flatten().chain(state.summaries.values());
            let segments: Vec<_> = segments.cloned().collect();
            (segments, state.logs.clone(), state.damage.clone())
        };
        let mut report = Verification::default();
        for segment in segments {
            let length = fs::metadata(&segment.path).map(|file| file.len());
            let outcome = check(&segment);
            if !segment.path.exists() && (self.shared.lock.is_none() || self.was_replaced(&segment)) {
                continue;
            }
            report.segments += 1;
            report.bytes += length.unwrap_or(0);
            match outcome {
                Ok(rows) => report.sealed_rows += rows,
                Err(error) => gather(&mut report.damage, error),
            }
        }
        for log in logs {
            report.log_files += 1;
            report.bytes += fs::metadata(&log.path).map(|file| file.len()).unwrap_or(0);
            for place in &log.places {
                match log.read(self.shared.seed(), place) {
                    Ok(rows) => report.logged_rows += rows.len() as u64,
                    Err(_) if self.was_removed(&log) || (self.shared.lock.is_none() && !log.path.exists()) => break,
                    Err(error) => gather(&mut report.damage, error),
                }
            }
        }
        // What was found at opening and concerns no file read above: names, torn logs.
        for problem in found.problems {
            if !report.damage.problems.contains(&problem) {
                report.damage.push(problem);
            }
        }
        report
    }

    fn was_replaced(&self, segment: &Segment) -> bool {
        let state = self.shared.state();
        let of_day = state.segments.get(&segment.day);
        if state.summaries.values().any(|known| known.generation == segment.generation) {
            return false;
        }
        !of_day.is_some_and(|of_day| of_day.iter().any(|known| known.generation == segment.generation))
    }

    fn was_removed(&self, log: &LogFile) -> bool {
        !self.shared.state().logs.iter().any(|known| known.number == log.number)
    }
}

/// Reads every block; the number of rows.
fn check(segment: &Segment) -> Result<u64, IoError> {
    segment.check_frame()?;
    let root = segment.root()?;
    let mut reader = segment.open()?;
    let mut rows = 0;
    let mut rising = true;
    for slice in 0..root.slice_count() {
        let mut before = None;
        reader.slice(
            slice,
            false,
            i64::MAX,
            |_| true,
            |entry, block| {
                rows += block.len() as u64;
                rising &= block.is_sorted_by(|a, b| a.ms < b.ms)
                    && block.first().is_some_and(|row| before.is_none_or(|before| before < (entry.tag, row.ms)))
                    && block.last().is_some_and(|row| row.ms == entry.last_ms);
                before = block.last().map(|row| (entry.tag, row.ms));
            },
        )?;
    }
    if rising && rows == root.rows { Ok(rows) } else { Err(damaged(&segment.path, "segment")) }
}
