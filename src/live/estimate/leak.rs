//! Where water is leaving: by make-up and by the pattern of residuals.
//!
//! The multiplier of a node's water balance says how much the fit would gain if water could leave there; divided by its
//! own standard deviation it is the normalised multiplier test (Zhu and Abur, 2006), for all nodes at once out of the
//! selected inverse. For a leak in the middle of a pipe the multipliers of both ends are averaged, which is exact for a
//! law that is straight over the change. With a flat prior over length the gain gives the probability of every pipe; the
//! places shown are the three circles that hold most of it. That there is a leak at all is decided over minutes by a
//! cumulative sum (Page, 1954) of what is made up beyond the ordinary.

use crate::live::Timestamp;
use crate::network::Network;

use super::belief::Candidate;
use super::fit::Fit;
use super::model::{Model, Part, WATER};
use super::state::State;

/// Radius around a candidate whose probability it carries.
pub const SEARCH_RADIUS_M: f64 = 250.0;
/// Candidates told.
const CANDIDATES: usize = 3;
/// Pipes that are compared with each other; the rest together is next to impossible.
const COMPARED: usize = 3000;
/// Excess of make-up, in standard deviations, that is seen in a single minute.
pub const SEEN_EXCESS: f64 = 4.0;
/// Slack of the cumulative sum in standard deviations: half of the change that is looked for.
const SLACK: f64 = 0.75;

/// Cumulative sum of what is made up beyond the ordinary.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    sum: f64,
    /// When the sum began to rise.
    pub rising_since: Option<Timestamp>,
    /// What is made up can be seen to be too much in every single minute since then.
    pub seen_since: Option<Timestamp>,
    /// A leak is called since then.
    pub called: Option<Timestamp>,
}

impl Watch {
    /// Takes the excess of one minute in standard deviations; gives whether a leak is called. `limit` is the height of the
    /// sum at which one is; the call ends where the sum has gone down again.
    pub fn take(&mut self, now: Timestamp, excess: f64, limit: f64) -> bool {
        if !excess.is_finite() {
            return self.called.is_some();
        }
        self.seen_since = if excess > SEEN_EXCESS { self.seen_since.or(Some(now)) } else { None };
        // A single sample calls nothing, however far off: that is as likely the meter.
        let step = (excess - SLACK).min(0.7 * limit);
        self.sum = (self.sum + step).clamp(0.0, 2.0 * limit);
        if self.sum == 0.0 {
            self.rising_since = None;
            self.called = None;
        } else if self.rising_since.is_none() {
            self.rising_since = Some(now);
        }
        if self.sum > limit && self.called.is_none() {
            // A sum may have crept up before anything happened.
            self.called = self.seen_since.or(self.rising_since);
        }
        self.called.is_some()
    }
}

impl Watch {
    /// Since when the instruments may show a leak: what they showed before belongs to another state.
    pub fn begun(&self) -> Option<Timestamp> {
        self.called.or(self.seen_since)
    }
}

/// Height of the sum at which healthy minutes call a leak with about this probability each (Siegmund's approximation of
/// the run length for a slack k: ARL ≈ e^(2k(h+1.166))/(2k²)).
pub fn limit_of(probability: f64) -> f64 {
    let run = 1.0 / probability.clamp(1e-12, 0.5);
    (2.0 * SLACK * SLACK * run).ln() / (2.0 * SLACK) - 1.166
}

/// What a leak at one place would explain.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Dense link.
    pub link: usize,
    /// Half the fall of the sum of squares.
    pub gain: f64,
    pub mass_flow_kg_s: f64,
    pub deviation_kg_s: f64,
    /// Logarithm of its weight among all places.
    weight: f64,
}

/// Leaks in the middle of every pipe, after the selected inverse of a fit without any. `known`: size of the leak and its
/// variance, where the make-up tells them; it must then be known to the fit that make-up may be anything.
pub fn places(fit: &Fit, model: &Model, state: &State, known: Option<(f64, f64)>) -> Vec<Place> {
    let problem = &model.problem;
    let mut out = Vec::new();
    for link in 0..problem.drawn_links {
        let Some(row) = problem.pipe_row(link).filter(|_| model.parts[link] == Part::Law) else { continue };
        let (from, to) = (problem.from[link], problem.to[link]);
        let (a, b) = (model.of_node(from, WATER), model.of_node(to, WATER));
        let entry = |a, b| -fit.system.inverse(a, b).unwrap_or(0.0);
        let curvature = 0.25 * (entry(a, a) + entry(b, b) + 2.0 * entry(a, b));
        let multiplier = 0.5 * (state.water[from as usize] + state.water[to as usize]);
        if curvature <= 0.0 || curvature.is_nan() {
            continue;
        }
        let length_m = problem.pipes[row as usize].length_m.max(1e-3);
        // A straight line of gain over the size, less half its curvature, and what is known of the size.
        let (size, variance) = match known {
            Some((size, variance)) => {
                let precision = curvature + 1.0 / variance;
                ((multiplier + size / variance) / precision, 1.0 / precision)
            }
            None => (multiplier / curvature, 1.0 / curvature),
        };
        if size <= 0.0 {
            continue;
        }
        let off = known.map_or(0.0, |(known, variance)| (size - known).powi(2) / variance);
        let gain = multiplier * size - 0.5 * curvature * size * size - 0.5 * off;
        out.push(Place {
            link,
            gain,
            mass_flow_kg_s: size,
            deviation_kg_s: variance.sqrt(),
            weight: gain + 0.5 * variance.ln() + length_m.ln(),
        });
    }
    out
}

/// The places that hold most of the probability, likeliest first, and the probability of every place by itself.
pub fn candidates(network: &Network, model: &Model, places: &[Place]) -> (Vec<Candidate>, Vec<(usize, f64)>) {
    let mut order: Vec<&Place> = places.iter().collect();
    order.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.link.cmp(&b.link)));
    order.truncate(COMPARED);
    let Some(best) = order.first().map(|place| place.weight) else { return (Vec::new(), Vec::new()) };
    let weights: Vec<f64> = order.iter().map(|place| (place.weight - best).exp()).collect();
    let total: f64 = weights.iter().sum();
    let probability: Vec<f64> = weights.iter().map(|weight| weight / total).collect();
    let middles: Vec<[f64; 2]> = order.iter().map(|place| middle_m(network, model, place.link)).collect();
    let near =
        |a: usize, b: usize| (middles[a][0] - middles[b][0]).hypot(middles[a][1] - middles[b][1]) <= SEARCH_RADIUS_M;
    let mut left = probability.clone();
    let mut out = Vec::new();
    // Places of no weight begin no circle.
    let worth: Vec<usize> = (0..order.len()).filter(|&at| probability[at] > 1e-6).collect();
    for _ in 0..CANDIDATES {
        let held =
            |at: usize| -> f64 { worth.iter().filter(|&&other| near(at, other)).map(|&other| left[other]).sum() };
        let mut found: Option<(usize, f64)> = None;
        for &at in worth.iter().filter(|&&at| left[at] > 0.0) {
            let mass = held(at);
            if found.is_none_or(|(_, most)| mass > most * (1.0 + 1e-9)) {
                found = Some((at, mass));
            }
        }
        let Some((at, mass)) = found.filter(|(_, mass)| *mass > 1e-4) else { break };
        out.push(Candidate {
            link: model.problem.link_handles[order[at].link],
            probability: mass,
            mass_flow_kg_s: order[at].mass_flow_kg_s,
            deviation_kg_s: order[at].deviation_kg_s,
        });
        for &other in &worth {
            if near(at, other) {
                left[other] = 0.0;
            }
        }
    }
    (out, order.iter().map(|place| place.link).zip(probability).collect())
}

/// Middle of a pipe on the map.
pub fn middle_m(network: &Network, model: &Model, link: usize) -> [f64; 2] {
    let at = |node: u32| {
        let handle = model.problem.node_handles.get(node as usize).copied();
        handle.and_then(|handle| network.node(handle)).map_or([f64::NAN; 2], |node| [node.x_m, node.y_m])
    };
    let (a, b) = (at(model.problem.from[link]), at(model.problem.to[link]));
    [0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1])]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_lasting_excess_is_called_and_a_single_peak_is_not() {
        let limit = limit_of(1e-5);
        let mut watch = Watch::default();
        let mut minutes = 0;
        while !watch.take(Timestamp::from_ms(minutes * 60_000), 3.0, limit) {
            minutes += 1;
            assert!(minutes < 6);
        }
        assert_eq!(watch.called, Some(Timestamp::from_ms(0)));
        let mut watch = Watch::default();
        assert!(!watch.take(Timestamp::from_ms(0), 1e3, limit));
        for minute in 1..30 {
            assert!(!watch.take(Timestamp::from_ms(minute * 60_000), 0.3, limit));
        }
    }
}
