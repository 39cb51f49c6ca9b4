//! Calibration against history: roughness of groups of pipes, openings of valves and heads of pumps, with days held out to
//! tell whether the model has really become better.
//!
//! Every parameter is the logarithm of a factor on the pressure difference that its links make of a flow. The state of each moment is estimated as
//! always; how the sum of squares answers to a parameter follows from the multipliers of the balances (first order) and
//! from the factor of the system (second order, Gauss–Newton), so that states and parameters are found in turn and every
//! moment costs a few solves. Held-out moments are predicted from flows and the sources' pressures alone, and the pressures
//! elsewhere compared with what was measured: before and after.

use std::sync::Arc;

use nalgebra::{DMatrix, DVector};

use crate::live::{Readings, Sample, TagTable, Timestamp};
use crate::network::edit::Edit;
use crate::network::{Finding, LinkId, LinkKind, Network, PumpPoint, Valve};
use crate::solver::LinkLaw;
use crate::solver::problem::{Problem, characteristic};

use super::instrument::{Instrument, Reads};
use super::model::{InputKind, Model, Part, WATER};
use super::summary::quantile;
use super::{Estimator, Options};

/// Rounds at most, and the change of a logarithm at which the parameters have settled.
const MOST_ROUNDS: usize = 12;
const SETTLED: f64 = 1e-3;
/// A round changes no resistance by more than this, as a logarithm.
const LARGEST_STEP: f64 = 0.7;

/// What is to be found.
#[derive(Clone, Debug, PartialEq)]
pub enum Parameter {
    /// One factor on the friction of all these pipes.
    Roughness { name: String, pipes: Vec<LinkId> },
    /// The opening of a valve.
    Opening(LinkId),
    /// One factor on the heads of a pump's curve: a worn impeller, or one turned down.
    Head(LinkId),
}

/// Samples of one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    pub at: Timestamp,
    pub samples: Vec<Sample>,
}

/// A parameter found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// Resistance (of a pump: head) over that of the network's data.
    pub factor: f64,
    /// Standard deviation of its logarithm: as much as was assumed where the history says nothing.
    pub deviation: f64,
}

/// Errors of predicted pressures, Pa.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    pub count: usize,
    pub median_pa: f64,
    pub ninety_pa: f64,
    pub root_mean_square_pa: f64,
}

/// Outcome of a calibration.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// In the order of the parameters.
    pub found: Vec<Found>,
    /// Prediction of the moments it was found from, with the network as it was and as it is now.
    pub history: [Spread; 2],
    /// The same of the held-out moments.
    pub before: Spread,
    pub after: Spread,
    /// What makes the network's own data say the same.
    pub edits: Vec<Edit>,
    pub rounds: usize,
    pub settled: bool,
}

/// Finds the parameters from the moments of `history`, and tells by those of `held_out` what it is worth. `assumed`:
/// standard deviation of the logarithm of a factor before anything is measured.
///
/// # Errors
/// What makes the network unusable for the solver.
pub fn calibrate(
    network: &Arc<Network>,
    tags: &Arc<TagTable>,
    parameters: &[Parameter],
    [history, held_out]: [&[Moment]; 2],
    options: &Options,
    assumed: f64,
) -> Result<Calibration, Vec<Finding>> {
    let base = Estimator::with_options(network.clone(), tags.clone(), options.clone())?;
    let links: Vec<Vec<usize>> = parameters.iter().map(|parameter| links_of(&base.model, parameter)).collect();
    let count = parameters.len();
    let mut logarithm = DVector::<f64>::zeros(count);
    let mut precision = DMatrix::<f64>::identity(count, count) / (assumed * assumed);
    let (mut rounds, mut settled) = (0, count == 0);
    // At first all instruments are believed: one that contradicts the rest may be the one that knows of what is to be
    // found. When the parameters have settled, those that still do are left out.
    let mut sifts = false;
    while !settled && rounds < MOST_ROUNDS {
        rounds += 1;
        let mut slope = &logarithm / (assumed * assumed);
        precision = DMatrix::<f64>::identity(count, count) / (assumed * assumed);
        for moment in history {
            let mut estimator = with_factors(&base, &links, &logarithm);
            estimator.sifts = sifts;
            let estimate = estimator.estimate(&moment.samples, moment.at);
            if estimate.converged {
                add_moment(&estimator, &links, &mut slope, &mut precision);
            }
        }
        let Some(step) = precision.clone().cholesky().map(|factor| factor.solve(&slope)) else { break };
        let largest = step.amax();
        let share = if largest > LARGEST_STEP { LARGEST_STEP / largest } else { 1.0 };
        logarithm -= share * step;
        let at_rest = share * largest < SETTLED;
        settled = at_rest && sifts;
        sifts |= at_rest;
    }
    let covariance = precision.try_inverse().unwrap_or_else(|| DMatrix::identity(count, count) * (assumed * assumed));
    let found = (0..count)
        .map(|at| Found { factor: logarithm[at].exp(), deviation: covariance[(at, at)].max(0.0).sqrt() })
        .collect();
    let calibrated = with_factors(&base, &links, &logarithm);
    let spreads = |moments: &[Moment]| [&base, &calibrated].map(|estimator| predict(estimator, network, tags, moments));
    let (history, [before, after]) = (spreads(history), spreads(held_out));
    let edits = edits(&base.model, network, parameters, &logarithm);
    Ok(Calibration { found, history, before, after, edits, rounds, settled })
}

fn links_of(model: &Model, parameter: &Parameter) -> Vec<usize> {
    let wanted: &[LinkId] = match parameter {
        Parameter::Roughness { pipes, .. } => pipes,
        Parameter::Opening(link) | Parameter::Head(link) => std::slice::from_ref(link),
    };
    wanted.iter().filter_map(|link| model.problem.link(*link)).filter(|link| model.parts[*link] == Part::Law).collect()
}

fn with_factors(base: &Estimator, links: &[Vec<usize>], logarithm: &DVector<f64>) -> Estimator {
    let mut estimator = base.clone();
    for (links, logarithm) in links.iter().zip(logarithm.iter()) {
        for &link in links {
            estimator.model.factor[link] *= logarithm.exp();
        }
    }
    estimator
}

/// Adds what one estimated moment says of the parameters.
fn add_moment(estimator: &Estimator, links: &[Vec<usize>], slope: &mut DVector<f64>, precision: &mut DMatrix<f64>) {
    let (model, state, system) = (&estimator.model, &estimator.state, &estimator.fit.system);
    // How the balances answer to each parameter: the flow at a given pressure difference falls by drop over slope.
    let answers: Vec<Vec<(usize, f64)>> = links
        .iter()
        .map(|links| {
            let mut answer = Vec::with_capacity(2 * links.len());
            for &link in links {
                let Some(drop) = model.drop(link, state.law_flow_kg_s[link]) else { continue };
                let less = estimator.fit.conductance[link] * drop.drop_pa;
                answer.push((model.of_node(model.problem.from[link], WATER), less));
                answer.push((model.of_node(model.problem.to[link], WATER), -less));
            }
            answer
        })
        .collect();
    let multiplier = |scalar: usize| state.water[scalar / super::model::COMPONENTS];
    for (row, answer) in answers.iter().enumerate() {
        let mut right = vec![0.0; system.size()];
        for &(scalar, value) in answer {
            slope[row] += value * multiplier(scalar);
            right[scalar] += value;
        }
        let solved = system.solve(&right);
        for (column, other) in answers.iter().enumerate().take(row + 1) {
            let curvature: f64 = -other.iter().map(|&(scalar, value)| value * solved[scalar]).sum::<f64>();
            precision[(row, column)] += curvature;
            if column != row {
                precision[(column, row)] += curvature;
            }
        }
    }
}

/// Errors of all pressures that a prediction from flows and the sources' own instruments gives.
fn predict(base: &Estimator, network: &Network, tags: &TagTable, moments: &[Moment]) -> Spread {
    let readings = Readings::new(network, tags.iter().map(|(_, tag)| tag));
    let mut errors = Vec::new();
    for moment in moments {
        let (told, asked): (Vec<Sample>, Vec<Sample>) =
            moment.samples.iter().partition(|sample| !is_asked(base, sample));
        let estimate = base.clone().estimate(&told, moment.at);
        for sample in asked {
            if let Some(predicted) = readings.get(network, &estimate.solution, sample.tag.index()) {
                errors.push(predicted - sample.value);
            }
        }
    }
    let sizes: Vec<f64> = errors.iter().map(|error| error.abs()).collect();
    Spread {
        count: errors.len(),
        median_pa: quantile(sizes.clone(), 0.5),
        ninety_pa: quantile(sizes, 0.9),
        root_mean_square_pa: (errors.iter().map(|error| error * error).sum::<f64>() / errors.len().max(1) as f64)
            .sqrt(),
    }
}

/// Whether a sample is a pressure away from the sources.
fn is_asked(base: &Estimator, sample: &Sample) -> bool {
    let Some(at) = base.instrument_of.get(sample.tag.index()).copied().flatten() else { return false };
    let instrument: &Instrument = &base.fit.instruments[at as usize];
    let at_source = |node: u32| {
        base.model
            .inputs
            .iter()
            .any(|input| input.kind == InputKind::Source && (input.from == node || input.to == node))
    };
    match instrument.reads {
        Reads::Pressure(node) => !at_source(node),
        Reads::Difference { high, .. } => !at_source(high),
        _ => false,
    }
}

/// The same in the network's own data: roughness that gives the wanted friction at a usual flow, openings, pump curves.
fn edits(model: &Model, network: &Network, parameters: &[Parameter], logarithm: &DVector<f64>) -> Vec<Edit> {
    let mut out = Vec::new();
    let mut problem = model.problem.clone();
    for (parameter, logarithm) in parameters.iter().zip(logarithm.iter()) {
        match parameter {
            Parameter::Roughness { pipes, .. } => {
                for &pipe in pipes {
                    let Some(view) = network.link_view(pipe) else { continue };
                    let (Some(dense), Some(own)) = (model.problem.link(pipe), view.pipe()) else { continue };
                    let roughness_m = own.roughness_m * roughness_factor(&mut problem, dense, logarithm.exp());
                    out.push(Edit::set(view.element(), "roughness_m", roughness_m));
                }
            }
            Parameter::Opening(valve) => {
                let Some(view) = network.link_view(*valve) else { continue };
                if let LinkKind::Valve(own) = &view.link.kind {
                    out.extend(opening(own, logarithm.exp()).map(|it| Edit::set(view.element(), "opening", it)));
                }
            }
            Parameter::Head(pump) => {
                let Some(view) = network.link_view(*pump) else { continue };
                if let LinkKind::Pump(own) = &view.link.kind
                    && !own.curve.is_empty()
                {
                    let scaled = |point: &PumpPoint| PumpPoint { head_m: point.head_m * logarithm.exp(), ..*point };
                    let curve: Vec<PumpPoint> = own.curve.iter().map(scaled).collect();
                    // Numbers become JSON without fail.
                    out.extend(serde_json::to_value(curve).map(|curve| Edit::set(view.element(), "curve", curve)));
                }
            }
        }
    }
    out
}

/// Opening at which a valve has this factor times the resistance it has at its own, by its characteristic; `None` where
/// that is none, or it is shut. Fully open at most.
fn opening(valve: &Valve, factor: f64) -> Option<f64> {
    let characteristic = characteristic(&valve.characteristic)?;
    let share = characteristic.share(valve.opening) / factor.sqrt();
    (share > 0.0).then(|| characteristic.opening(share.min(1.0)))
}

/// Factor on the roughness of a pipe that multiplies its loss by `factor` at a usual flow; within a hundredth and a hundred.
fn roughness_factor(problem: &mut Problem, link: usize, factor: f64) -> f64 {
    let Some(row) = problem.pipe_row(link).map(|row| row as usize) else { return 1.0 };
    let bore_m = problem.pipes[row].inner_diameter_m;
    // About 1 m/s, where friction hardly depends on the flow any more.
    let flow_kg_s = 0.25 * std::f64::consts::PI * bore_m * bore_m * problem.density_kg_m3[link];
    let roughness_m = problem.pipes[row].roughness_m;
    let mut loss_pa = |times: f64| {
        problem.pipes[row].roughness_m = roughness_m * times;
        let law = LinkLaw::new(problem, link);
        problem.pipes[row].roughness_m = roughness_m;
        law.map_or(f64::NAN, |law| law.drop(problem, flow_kg_s).drop_pa)
    };
    let wanted = factor * loss_pa(1.0);
    let (mut low, mut high) = (-4.6_f64, 4.6_f64);
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        if loss_pa(middle.exp()) < wanted {
            low = middle;
        } else {
            high = middle;
        }
    }
    (0.5 * (low + high)).exp()
}
