//! Sources that hold the available pressure at the worst consumer, or at a given one.
//!
//! With given flows the available pressure rises by exactly what the rise of a single source does, so one correction
//! settles it. Where other sources or saturating consumers take part, the secant of the last two tries takes over,
//! kept within what is known to be too low and too high (Illinois rule). A consumer whose pressure something else
//! holds (a controller, a limiter, a pump of its own) does not follow at all; that is noticed and said.

use super::super::problem::{Element, Hold, Problem};
use super::controllers::pressure_pa;
use super::core::Core;
use super::state::HydraulicState;
use super::structure::Structure;
use crate::network::{Code, Finding, Network, Severity};
use crate::units::Quantity;

/// Accuracy of the held pressure, Pa.
const TOLERANCE_PA: f64 = 0.1;
/// Corrections of one solve.
const MOST_CORRECTIONS: usize = 40;
/// Bounds of d(available)/d(rise): other sources may take up to nine tenths of a change.
const SLOPES: std::ops::RangeInclusive<f64> = 0.1..=2.0;
/// Answer to a change of rise below which the consumer does not follow, and how often that must be seen.
const NO_ANSWER: f64 = 1e-4;
const MOST_UNANSWERED: u32 = 1;
/// Rises beyond this are no pumps any more, Pa.
const MOST_RISE_PA: f64 = 1e8;

/// What the tries with one source have shown.
#[derive(Clone, Copy, Debug, Default)]
struct Tries {
    /// Last (rise, missing).
    last: Option<(f64, f64)>,
    /// Rises with too little and too much, each with what was missing.
    low: Option<(f64, f64)>,
    high: Option<(f64, f64)>,
    unanswered: u32,
}

impl Tries {
    /// Next rise after a try that missed by `missing_pa` (positive: too little). `None`: it cannot be reached.
    fn next(&mut self, rise_pa: f64, missing_pa: f64) -> Option<f64> {
        let slope = match self.last {
            Some((other, then)) if (rise_pa - other).abs() > TOLERANCE_PA => {
                let slope = (then - missing_pa) / (rise_pa - other);
                self.unanswered = if slope.abs() < NO_ANSWER { self.unanswered + 1 } else { 0 };
                slope
            }
            _ => 1.0,
        };
        let same_side = self.last.is_some_and(|(_, then)| then.signum() == missing_pa.signum());
        self.last = Some((rise_pa, missing_pa));
        let (own, other) =
            if missing_pa > 0.0 { (&mut self.low, &mut self.high) } else { (&mut self.high, &mut self.low) };
        *own = Some((rise_pa, missing_pa));
        if same_side && let Some((_, weight)) = other {
            // Illinois: an end that stays for two tries counts half.
            *weight *= 0.5;
        }
        if let (Some((low, missing)), Some((high, over))) = (self.low, self.high)
            && low < high
        {
            if high - low < 1e-9 * high.abs().max(1e5) {
                return None;
            }
            let secant = low + (high - low) * missing / (missing - over);
            let margin = 0.01 * (high - low);
            return Some(secant.clamp(low + margin, high - margin));
        }
        if self.unanswered >= MOST_UNANSWERED {
            return None;
        }
        let next = rise_pa + missing_pa / slope.clamp(*SLOPES.start(), *SLOPES.end());
        (next.abs() <= MOST_RISE_PA).then_some(next)
    }
}

/// Rises of all sources, those of worst-point sources being found.
#[derive(Clone, Debug, Default)]
pub struct WorstPoints {
    /// p(to) − p(from) by source row.
    pub rises_pa: Vec<f64>,
    tries: Vec<Tries>,
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
        self.tries.clear();
        self.tries.resize(problem.sources.len(), Tries::default());
        self.corrections = 0;
        self.settled = true;
    }

    /// Whether sources hold the pressure of consumers, all of them at one value: then their rises can be found together
    /// with the flows.
    pub fn can_follow(&self, problem: &Problem) -> bool {
        let mut held = problem.sources.iter().filter_map(|source| match source.hold {
            Hold::WorstPoint { available_pa, consumer } => Some((consumer, available_pa)),
            _ => None,
        });
        let Some((consumer, set_pa)) = held.next() else { return false };
        let one = held.all(|(other, other_pa)| other == consumer && (other_pa - set_pa).abs() <= TOLERANCE_PA);
        one && (consumer.is_some() || candidates(problem).next().is_some())
    }

    /// Takes the rises that were found together with the flows.
    pub fn take(&mut self, problem: &Problem, structure: &Structure, core: &Core) {
        for (row, source) in problem.sources.iter().enumerate() {
            if matches!(source.hold, Hold::WorstPoint { .. }) {
                let ends = [problem.from[source.link as usize], problem.to[source.link as usize]];
                let [from, to] = ends.map(|node| pressure_pa(structure, core, node));
                if (to - from).abs() < MOST_RISE_PA {
                    self.rises_pa[row] = to - from;
                }
            }
        }
        self.tries.fill(Tries::default());
        self.corrections = 0;
    }

    /// Corrects the rises from what the last solve gave. Gives whether another solve is needed.
    pub fn adjust(&mut self, problem: &Problem, state: &HydraulicState) -> bool {
        self.settled = true;
        let mut moved = false;
        for (row, source) in problem.sources.iter().enumerate() {
            let Hold::WorstPoint { available_pa, consumer } = source.hold else { continue };
            let Some(now) = available(problem, state, consumer) else { continue };
            let error = available_pa - now;
            if error.abs() <= TOLERANCE_PA {
                continue;
            }
            self.settled = false;
            if let Some(next) = self.tries[row].next(self.rises_pa[row], error) {
                self.rises_pa[row] = next;
                moved = true;
            }
        }
        self.corrections += usize::from(!self.settled);
        moved && self.corrections <= MOST_CORRECTIONS
    }

    /// Asks whether all pressures are held, and leaves the rises as they are.
    pub fn settle(&mut self, problem: &Problem, state: &HydraulicState) {
        self.settled = problem.sources.iter().all(|source| {
            let Hold::WorstPoint { available_pa, consumer } = source.hold else { return true };
            available(problem, state, consumer).is_none_or(|now| (available_pa - now).abs() <= TOLERANCE_PA)
        });
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
                    Finding::new(Code::SetValueNotHeld, element)
                        .severe(Severity::Error)
                        .physical("set", Quantity::PressureDifference, available_pa)
                        .physical("sensed", Quantity::PressureDifference, now),
                );
            }
        }
        false
    }
}

/// Has every source that holds the worst consumer's pressure sense the one that is it at present.
pub fn sense_the_worst(problem: &Problem, structure: &Structure, core: &mut Core) {
    let pressure = |node: u32| pressure_pa(structure, core, node);
    let available = |row: &usize| {
        let link = problem.consumers[*row].link as usize;
        pressure(problem.from[link]) - pressure(problem.to[link])
    };
    let worst = candidates(problem)
        .filter(|&row| {
            let link = problem.consumers[row].link as usize;
            !structure.any_adrift
                || !structure.adrift[problem.from[link] as usize] && !structure.adrift[problem.to[link] as usize]
        })
        .min_by(|a, b| available(a).total_cmp(&available(b)));
    let Some(worst) = worst.map(|row| problem.consumers[row].link as usize) else { return };
    let (high, low) = (problem.from[worst], problem.to[worst]);
    for (&link, special) in structure.reduction.specials.iter().zip(&mut core.specials) {
        if let Some(Element::Source(row)) = problem.elements.get(link as usize)
            && matches!(problem.sources[*row as usize].hold, Hold::WorstPoint { consumer: None, .. })
        {
            special.sense(high, low);
        }
    }
}

/// Consumers that draw water and have no pump of their own: one with a pump takes what the network lacks from there.
fn candidates(problem: &Problem) -> impl Iterator<Item = usize> {
    (0..problem.consumers.len()).filter(|&row| problem.consumers[row].set_flow_kg_s > 0.0 && !has_pump(problem, row))
}

fn has_pump(problem: &Problem, consumer: usize) -> bool {
    let station = problem.consumers[consumer].station;
    problem.stations.get(station as usize).is_some_and(|station| station.pump.as_ref().is_some_and(|pump| pump.boosts))
}

/// Available pressure at a consumer, or the least of all that draw water.
fn available(problem: &Problem, state: &HydraulicState, consumer: Option<u32>) -> Option<f64> {
    let at = |row: usize| {
        let link = problem.consumers[row].link as usize;
        state.pressure_pa[problem.from[link] as usize] - state.pressure_pa[problem.to[link] as usize]
    };
    match consumer {
        Some(row) => Some(at(row as usize)),
        None => candidates(problem).map(at).filter(|pressure| pressure.is_finite()).min_by(f64::total_cmp),
    }
    .filter(|pressure| pressure.is_finite())
}
