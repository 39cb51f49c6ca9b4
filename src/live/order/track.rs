//! Whether what the orders of one time were to bring about has come: present against predicted, one quantity after the
//! other.
//!
//! A quantity counts a scan whenever a newer value of it comes; it is settled when two scans in a row lie within its
//! tolerance, and unsettled by the next that does not. All settled: the new state is reached.

use super::Watched;
use crate::live::Timestamp;

/// Scans in a row within tolerance that count.
pub const SCANS: u32 = 2;

/// How far a watched quantity has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    pub watched: Watched,
    /// Newest value and when it was true, SI.
    pub present: Option<(f64, Timestamp)>,
    /// Scans in a row within tolerance.
    pub within: u32,
}

impl Progress {
    pub const fn is_settled(&self) -> bool {
        self.within >= SCANS
    }

    /// Share of the way gone.
    pub fn share(&self) -> Option<f64> {
        self.watched.share(self.present?.0)
    }
}

/// What is watched of one step of a plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Track {
    progress: Vec<Progress>,
}

impl Track {
    /// Nothing seen yet.
    pub fn new(watched: impl IntoIterator<Item = Watched>) -> Track {
        let begin = |watched| Progress { watched, present: None, within: 0 };
        Track { progress: watched.into_iter().map(begin).collect() }
    }

    pub fn progress(&self) -> &[Progress] {
        &self.progress
    }

    /// A value of the watched quantity of this place. Counts only where it is newer than the last; `counts` false: it is
    /// shown and settles nothing (orders are still to be carried out).
    pub fn take(&mut self, place: usize, value: f64, at: Timestamp, counts: bool) {
        let Some(progress) = self.progress.get_mut(place) else { return };
        if !value.is_finite() || progress.present.is_some_and(|(_, last)| at <= last) {
            return;
        }
        progress.present = Some((value, at));
        let within = counts && progress.watched.is_reached_by(value);
        progress.within = if within { progress.within.saturating_add(1) } else { 0 };
    }

    /// Whether everything watched is settled; false where nothing is watched.
    pub fn is_reached(&self) -> bool {
        !self.progress.is_empty() && self.progress.iter().all(Progress::is_settled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::Observed;
    use crate::network::{ElementKind, ElementRef};

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(ms)
    }

    fn watched(predicted: f64) -> Watched {
        let element = ElementRef::new(ElementKind::Source, "HS01");
        Watched { element, observed: Observed::Heat, before: 10.0, predicted, tolerance: 1.0, at: at(0) }
    }

    #[test]
    fn reached_is_two_scans_of_everything() {
        assert!(!Track::default().is_reached());
        let mut track = Track::new([watched(20.0), watched(30.0)]);
        track.take(0, 20.5, at(1), true);
        track.take(0, 20.5, at(1), true);
        assert!(!track.progress()[0].is_settled(), "the same scan counts once");
        track.take(0, 19.5, at(2), true);
        assert!(track.progress()[0].is_settled() && !track.is_reached());
        track.take(1, 30.0, at(1), false);
        track.take(1, f64::NAN, at(2), true);
        track.take(1, 30.0, at(3), true);
        assert!(!track.is_reached(), "what came before the orders were carried out settles nothing");
        track.take(1, 30.9, at(4), true);
        assert!(track.is_reached());
        assert_eq!(track.progress()[1].share(), Some(1.045));
        track.take(0, 25.0, at(5), true);
        assert!(!track.is_reached(), "what leaves again is not reached");
        track.take(9, 1.0, at(6), true);
    }
}
