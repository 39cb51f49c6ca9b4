//! Sources that hold the available pressure at the worst consumer, or at a given one.
//!
//! With given flows the available pressure rises by exactly what the rise of a single source does, so one correction
//! settles it; with several sources the secant of the last two tries takes over, bounded to a sensible slope.

use super::super::problem::{Hold, Problem};
use super::state::HydraulicState;
use crate::network::{Code, Finding, Network};
use crate::units::Quantity;

/// Accuracy of the held pressure, Pa.
const TOLERANCE_PA: f64 = 0.1;
/// Corrections of one solve.
const MOST_CORRECTIONS: usize = 40;
/// Bounds of d(available)/d(rise): another source may take up to nine tenths of a change.
const SLOPES: std::ops::RangeInclusive<f64> = 0.1..=2.0;

/// Rises of all sources, those of worst-point sources being found.
#[derive(Clone, Debug, Default)]
pub struct WorstPoints {
    /// p(to) − p(from) by source row.
    pub rises_pa: Vec<f64>,
    /// Last (rise, available) of each source.
    last: Vec<Option<(f64, f64)>>,
    corrections: usize,
    settled: bool,
}

impl WorstPoints {
    pub fn begin(&mut self, problem: &Problem) {
        let known = self.rises_pa.len() == problem.sources.len();
        let rises_pa = problem
            .sources
            .iter()
            .enumerate()
            .map(|(row, source)| match source.hold {
                Hold::Rise(rise) => rise,
                Hold::WorstPoint { .. } if known => self.rises_pa[row],
                Hold::WorstPoint { available_pa, .. } => 2.0 * available_pa,
                Hold::MassFlow(_) | Hold::SupplyPressure(_) | Hold::Speed(_) => 0.0,
            })
            .collect();
        self.rises_pa = rises_pa;
        self.last.clear();
        self.last.resize(problem.sources.len(), None);
        self.corrections = 0;
        self.settled = true;
    }

    /// Corrects the rises from what the last solve gave. Gives whether another solve is needed.
    pub fn adjust(&mut self, problem: &Problem, state: &HydraulicState) -> bool {
        self.settled = true;
        for (row, source) in problem.sources.iter().enumerate() {
            let Hold::WorstPoint { available_pa, consumer } = source.hold else { continue };
            let Some(now) = available(problem, state, consumer) else { continue };
            let error = available_pa - now;
            if error.abs() <= TOLERANCE_PA {
                continue;
            }
            self.settled = false;
            let rise = self.rises_pa[row];
            let slope = match self.last[row] {
                Some((other, then)) if (rise - other).abs() > TOLERANCE_PA => {
                    ((now - then) / (rise - other)).clamp(*SLOPES.start(), *SLOPES.end())
                }
                _ => 1.0,
            };
            self.last[row] = Some((rise, now));
            self.rises_pa[row] = rise + error / slope;
        }
        self.corrections += usize::from(!self.settled);
        !self.settled && self.corrections <= MOST_CORRECTIONS
    }

    /// Reports sources whose pressure cannot be held. Gives whether all are.
    pub fn check(&self, network: &Network, problem: &Problem, state: &mut HydraulicState) -> bool {
        if self.settled {
            return true;
        }
        for source in &problem.sources {
            let Hold::WorstPoint { available_pa, consumer } = source.hold else { continue };
            let Some(now) = available(problem, state, consumer) else { continue };
            if (available_pa - now).abs() > TOLERANCE_PA {
                let element = network.link_ref(problem.link_handles[source.link as usize]);
                state.findings.push(
                    Finding::new(Code::NotConverged, element)
                        .count("iterations", self.corrections)
                        .physical("residual", Quantity::PressureDifference, available_pa - now)
                        .physical("limit", Quantity::PressureDifference, TOLERANCE_PA),
                );
            }
        }
        false
    }
}

/// Available pressure at a consumer, or the least of all that draw water.
fn available(problem: &Problem, state: &HydraulicState, consumer: Option<u32>) -> Option<f64> {
    let at = |row: usize| {
        let link = problem.consumers[row].link as usize;
        state.pressure_pa[problem.from[link] as usize] - state.pressure_pa[problem.to[link] as usize]
    };
    match consumer {
        Some(row) => Some(at(row as usize)),
        None => (0..problem.consumers.len())
            .filter(|&row| problem.consumers[row].set_flow_kg_s > 0.0)
            .map(at)
            .filter(|pressure| pressure.is_finite())
            .min_by(f64::total_cmp),
    }
    .filter(|pressure| pressure.is_finite())
}
