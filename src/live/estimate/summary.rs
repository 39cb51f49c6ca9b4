//! Many trials together: shares and quantiles, as the figures of the documentation are given.

use std::sync::Arc;

use crate::network::{Finding, Network};

use super::Options;
use super::trial::{Happening, Outcome, Setup, run};

/// Size of the leak in trials, as a share of circulation.
pub const LEAK_SHARE: f64 = 0.02;
/// A candidate this close to the true place counts as right, m.
pub const CLOSE_M: f64 = 500.0;

/// What is tried, in the order of a summary.
pub const HAPPENINGS: [Happening; 5] =
    [Happening::Nothing, Happening::Gross, Happening::Stuck, Happening::Swapped, Happening::Leak(LEAK_SHARE)];

/// Trials of one happening.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub happening: Happening,
    pub outcomes: Vec<Outcome>,
}

impl Series {
    /// So many trials, with seeds from `seed` on. `done` is called after each.
    ///
    /// # Errors
    /// What makes the network unusable for the solver.
    pub fn run(
        network: &Arc<Network>,
        setup: &Setup,
        happening: Happening,
        options: &Options,
        seeds: std::ops::Range<u64>,
        mut done: impl FnMut(),
    ) -> Result<Series, Vec<Finding>> {
        let mut outcomes = Vec::new();
        for seed in seeds {
            outcomes.push(run(network, setup, happening, options, seed)?);
            done();
        }
        Ok(Series { happening, outcomes })
    }

    fn share(&self, holds: impl Fn(&Outcome) -> bool) -> f64 {
        let count = self.outcomes.iter().filter(|outcome| holds(outcome)).count();
        count as f64 / self.outcomes.len().max(1) as f64
    }

    /// Share of trials in which every wrong instrument was named.
    pub fn named(&self) -> f64 {
        self.share(|outcome| !outcome.wrong.is_empty() && outcome.minutes_to_name.is_some())
    }

    /// Share of trials in which a healthy instrument was named or, where there was none, a leak was called.
    pub fn false_alarms(&self) -> f64 {
        let leak = matches!(self.happening, Happening::Leak(_));
        self.share(|outcome| {
            !outcome.false_names.is_empty()
                || (outcome.minutes_to_leak.is_some() && !leak)
                || outcome.minutes_to_leak == Some(0)
        })
    }

    /// Share of trials in which a leak was called within so many minutes.
    pub fn noticed(&self, minutes: u32) -> f64 {
        self.share(|outcome| outcome.minutes_to_leak.is_some_and(|taken| taken >= 1 && taken <= minutes))
    }

    /// Share of trials in which one of the candidates told is close to the true place.
    pub fn located(&self) -> f64 {
        self.share(|outcome| outcome.candidate_m.iter().any(|(distance_m, _)| *distance_m <= CLOSE_M))
    }

    /// Distance of the first candidate, and of the nearest, m: medians over the trials with candidates.
    pub fn distances_m(&self) -> [f64; 2] {
        let first =
            self.outcomes.iter().filter_map(|outcome| outcome.candidate_m.first()).map(|(distance, _)| *distance);
        let nearest = self
            .outcomes
            .iter()
            .filter_map(|outcome| outcome.candidate_m.iter().map(|(distance, _)| *distance).min_by(f64::total_cmp));
        [quantile(first.collect(), 0.5), quantile(nearest.collect(), 0.5)]
    }

    /// Quantile of the size of the error of available pressures that are not measured, Pa.
    pub fn pressure_error_pa(&self, share: f64) -> f64 {
        let errors = self.outcomes.iter().flat_map(|outcome| &outcome.unmeasured);
        quantile(errors.map(|(error, _)| error.abs()).collect(), share)
    }

    /// Share of those errors within twice the deviation given for them: 95 % if it tells the truth.
    pub fn within_two_deviations(&self) -> f64 {
        let mut all = 0usize;
        let mut within = 0usize;
        for (error, deviation) in self.outcomes.iter().flat_map(|outcome| &outcome.unmeasured) {
            all += 1;
            within += usize::from(error.abs() <= 2.0 * deviation);
        }
        within as f64 / all.max(1) as f64
    }

    /// Longest time it took to name what was wrong in this share of the trials that did, minutes.
    pub fn minutes_to_name(&self, share: f64) -> f64 {
        quantile(self.outcomes.iter().filter_map(|outcome| outcome.minutes_to_name).map(f64::from).collect(), share)
    }
}

/// Value that this share of the values does not exceed; NaN where there are none.
pub fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    values.retain(|value| value.is_finite());
    values.sort_by(f64::total_cmp);
    let at = (share * values.len() as f64).ceil() as usize;
    values.get(at.saturating_sub(1).min(values.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}
