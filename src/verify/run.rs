//! All cases, one after the other.

use super::{Case, Comparison, Library, district, epanet, heat, measured, metering, oracles, published, tables};
use crate::network::{Network, Severity};
use crate::solver::{Mode, Options, Solution, Solver};
use crate::text::Language;
use crate::units::DisplayUnits;

/// All cases after they were run, in the order they are shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Verification {
    pub cases: Vec<Case>,
}

impl Verification {
    /// Whether nothing that was run failed.
    pub fn passed(&self) -> bool {
        self.cases.iter().all(|case| case.passed() != Some(false))
    }

    /// (passed, failed, not run)
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |wanted| self.cases.iter().filter(|case| case.passed() == wanted).count();
        (count(Some(true)), count(Some(false)), count(None))
    }

    /// The comparison that used most of its tolerance.
    pub fn worst(&self) -> Option<(&Case, &Comparison)> {
        let all =
            self.cases.iter().flat_map(|case| case.comparisons().iter().map(move |comparison| (case, comparison)));
        all.fold(None, |worst: Option<(&Case, &Comparison)>, at| match worst {
            Some(known) if known.1.share() >= at.1.share() => Some(known),
            _ => Some(at),
        })
    }
}

/// Runs every case of the library; `progress` hears (cases done, cases in all) before each.
pub fn verify(library: &Library, mut progress: impl FnMut(usize, usize)) -> Verification {
    let mut jobs: Vec<Box<dyn FnOnce() -> Case + '_>> = Vec::new();
    jobs.extend(oracles::all(library));
    jobs.extend(metering::all(library));
    jobs.extend(heat::all(library));
    jobs.extend(tables::all(library));
    jobs.extend(epanet::all(library));
    jobs.extend(published::all(library));
    jobs.extend(measured::all(library));
    jobs.extend(district::all(library));
    let count = jobs.len();
    let mut cases = Vec::with_capacity(count);
    for (done, job) in jobs.into_iter().enumerate() {
        progress(done, count);
        cases.push(job());
    }
    progress(count, count);
    Verification { cases }
}

/// A case yet to be run.
pub(super) type Job<'a> = Box<dyn FnOnce() -> Case + 'a>;

/// Solves from nothing; the reason where there is no solution.
pub(super) fn solve(network: &Network, mode: Mode) -> Result<Solution, String> {
    let solution = Solver::new().solve(network, &Options { mode, ..Options::default() });
    if solution.converged {
        return Ok(solution);
    }
    let reasons: Vec<String> = solution
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| finding.message(Language::English, &DisplayUnits::default()))
        .collect();
    Err(if reasons.is_empty() {
        format!(
            "no solution after {} iterations, largest momentum residual {} Pa",
            solution.report.iterations, solution.report.max_momentum_residual_pa
        )
    } else {
        reasons.join("; ")
    })
}
