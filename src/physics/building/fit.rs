//! Constants of a building from its own history: time constant, kelvin per watt, what sun and constant gains add.
//!
//! Mechanism: the one-mass model is simulated over the whole history and its constants moved until it lies nearest to
//! the measured room temperatures (Gauss–Newton with Levenberg's damping, exact sensitivities, start from a linear
//! regression of the changes). Fitting the simulation, not the changes, keeps noise of the sensors from shortening the
//! time constant. Standard errors from the curvature at the end. Not here: choosing the hours worth fitting.

use nalgebra::{DMatrix, DVector};

/// A moment of the history. Outdoor temperature, heat and sun hold from here to the next sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    pub time_s: f64,
    pub room_c: f64,
    pub outdoor_c: f64,
    pub heat_w: f64,
    pub solar_w_m2: f64,
}

/// What was found. Steady room temperature = outdoor + `gain_k` + `per_watt_k_w`·heat + `per_sun_k_m2_w`·sun.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    pub time_constant_s: f64,
    /// Standard error of the time constant, s.
    pub time_constant_error_s: f64,
    /// 1/UA, K/W; `None` where the heat did not vary.
    pub per_watt_k_w: Option<f64>,
    /// K per W/m² of sun; `None` where there was none.
    pub per_sun_k_m2_w: Option<f64>,
    /// Excess from what is always there, K; 0 where it was not asked for.
    pub gain_k: f64,
    /// Room temperature at the first sample, °C.
    pub start_c: f64,
    /// Root of the mean square of what is left, K.
    pub deviation_k: f64,
    pub samples: usize,
}

/// Why no constants came out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FitError {
    /// Fewer samples than constants, or fewer than 4.
    TooFew { samples: usize, needed: usize },
    /// Sample (from 0) whose time does not rise or that holds no numbers.
    BadSample { at: usize },
    /// The temperatures do not tell the constants apart: nothing moved.
    NoInformation,
}

/// Which constant stands in which place of the vector of unknowns.
#[derive(Clone, Copy)]
struct Terms {
    heat: Option<usize>,
    sun: Option<usize>,
    gain: Option<usize>,
    start: usize,
    count: usize,
}

/// Fits a history of at least four samples. `with_gain`: a constant excess is fitted too (needs a varied history).
pub fn fit(samples: &[Sample], with_gain: bool) -> Result<Fit, FitError> {
    for (at, sample) in samples.iter().enumerate() {
        let finite = [sample.time_s, sample.room_c, sample.outdoor_c, sample.heat_w, sample.solar_w_m2]
            .iter()
            .all(|value| value.is_finite());
        if !finite || (at > 0 && sample.time_s <= samples[at - 1].time_s) {
            return Err(FitError::BadSample { at });
        }
    }
    let varies = |value: fn(&Sample) -> f64| {
        let used = samples.get(..samples.len().saturating_sub(1)).unwrap_or_default();
        used.iter().any(|sample| (value(sample) - value(&used[0])).abs() > 1e-9 * value(&used[0]).abs().max(1e-9))
    };
    let mut count = 1;
    let mut place = |wanted: bool| {
        wanted.then(|| {
            count += 1;
            count - 1
        })
    };
    let (heat, sun, gain) =
        (place(varies(|sample| sample.heat_w)), place(varies(|sample| sample.solar_w_m2)), place(with_gain));
    let terms = Terms { heat, sun, gain, start: count, count: count + 1 };
    let needed = (terms.count + 1).max(4);
    if samples.len() < needed {
        return Err(FitError::TooFew { samples: samples.len(), needed });
    }
    let mut unknowns = regression(samples, terms)?;
    let (mut residuals, mut jacobian) = simulate(samples, terms, &unknowns);
    let mut damping = 1e-4;
    for _ in 0..200 {
        let normal = jacobian.transpose() * &jacobian;
        let gradient = jacobian.transpose() * &residuals;
        let mut damped = normal.clone();
        for i in 0..terms.count {
            damped[(i, i)] += damping * normal[(i, i)].max(1e-300);
        }
        let Some(step) = damped.cholesky().map(|factor| factor.solve(&gradient)) else {
            return Err(FitError::NoInformation);
        };
        let trial = &unknowns - &step;
        let (trial_residuals, trial_jacobian) = simulate(samples, terms, &trial);
        if trial[0] > 0.0 && trial_residuals.norm_squared() <= residuals.norm_squared() {
            let converged = step.iter().zip(trial.iter()).all(|(s, t)| s.abs() <= 1e-11 * t.abs().max(1e-12));
            (unknowns, residuals, jacobian) = (trial, trial_residuals, trial_jacobian);
            damping = (damping * 0.1).max(1e-14);
            if converged {
                break;
            }
        } else {
            damping *= 10.0;
            if damping > 1e12 {
                break;
            }
        }
    }
    let freedom = samples.len().saturating_sub(terms.count).max(1) as f64;
    let variance = residuals.norm_squared() / freedom;
    let normal = jacobian.transpose() * &jacobian;
    let covariance = normal.try_inverse().ok_or(FitError::NoInformation)?;
    let rate = unknowns[0];
    if !(rate > 0.0 && rate.is_finite() && covariance[(0, 0)].is_finite()) {
        return Err(FitError::NoInformation);
    }
    Ok(Fit {
        time_constant_s: 1.0 / rate,
        time_constant_error_s: (covariance[(0, 0)].max(0.0) * variance).sqrt() / (rate * rate),
        per_watt_k_w: terms.heat.map(|at| unknowns[at]),
        per_sun_k_m2_w: terms.sun.map(|at| unknowns[at]),
        gain_k: terms.gain.map_or(0.0, |at| unknowns[at]),
        start_c: unknowns[terms.start],
        deviation_k: (residuals.norm_squared() / samples.len() as f64).sqrt(),
        samples: samples.len(),
    })
}

/// Start values: changes per second by least squares on λ(t_w − t) + λa·Q + λs·I + λg.
fn regression(samples: &[Sample], terms: Terms) -> Result<DVector<f64>, FitError> {
    let rows = samples.len() - 1;
    let mut matrix = DMatrix::zeros(rows, terms.count - 1);
    let mut changes = DVector::zeros(rows);
    for (row, pair) in samples.windows(2).enumerate() {
        let (now, next) = (&pair[0], &pair[1]);
        let middle_c = 0.5 * (now.room_c + next.room_c);
        matrix[(row, 0)] = now.outdoor_c - middle_c;
        for (term, value) in [(terms.heat, now.heat_w), (terms.sun, now.solar_w_m2), (terms.gain, 1.0)] {
            if let Some(at) = term {
                matrix[(row, at)] = value;
            }
        }
        changes[row] = (next.room_c - now.room_c) / (next.time_s - now.time_s);
    }
    let found = matrix.svd(true, true).solve(&changes, 1e-300).map_err(|_| FitError::NoInformation)?;
    // A hundred hours where the changes say nothing sensible.
    let rate = if found[0] > 1e-8 && found[0] < 1.0 { found[0] } else { 1.0 / 360_000.0 };
    let mut unknowns = DVector::zeros(terms.count);
    unknowns[0] = rate;
    for at in [terms.heat, terms.sun, terms.gain].into_iter().flatten() {
        unknowns[at] = found[at] / rate;
    }
    unknowns[terms.start] = samples[0].room_c;
    Ok(unknowns)
}

/// Simulated minus measured, and its derivatives by the unknowns.
fn simulate(samples: &[Sample], terms: Terms, unknowns: &DVector<f64>) -> (DVector<f64>, DMatrix<f64>) {
    let rate = unknowns[0];
    let mut residuals = DVector::zeros(samples.len());
    let mut jacobian = DMatrix::zeros(samples.len(), terms.count);
    let mut room_c = unknowns[terms.start];
    let mut sensitivity = vec![0.0; terms.count];
    sensitivity[terms.start] = 1.0;
    for (at, sample) in samples.iter().enumerate() {
        residuals[at] = room_c - sample.room_c;
        for (column, value) in sensitivity.iter().enumerate() {
            jacobian[(at, column)] = *value;
        }
        let Some(next) = samples.get(at + 1) else { break };
        let seconds = next.time_s - sample.time_s;
        let left = (-rate * seconds).exp();
        let drives = [(terms.heat, sample.heat_w), (terms.sun, sample.solar_w_m2), (terms.gain, 1.0)];
        let steady_c = sample.outdoor_c
            + drives.iter().map(|(term, value)| term.map_or(0.0, |i| unknowns[i] * value)).sum::<f64>();
        for value in &mut sensitivity {
            *value *= left;
        }
        sensitivity[0] -= (room_c - steady_c) * seconds * left;
        for (term, value) in drives {
            if let Some(i) = term {
                sensitivity[i] += (1.0 - left) * value;
            }
        }
        room_c = steady_c + (room_c - steady_c) * left;
    }
    (residuals, jacobian)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A year-like history of a known building: heat in blocks, sun by day, outdoor swing.
    fn history(hours: usize, tau_h: f64, noise: impl Fn(usize) -> f64) -> Vec<Sample> {
        let (per_watt, per_sun, gain) = (1.0 / 1000.0, 0.02, 1.5);
        let left = (-1.0 / tau_h).exp();
        let mut room_c = 19.0;
        (0..hours)
            .map(|hour| {
                let angle = hour as f64 * std::f64::consts::TAU / 24.0;
                let sample = Sample {
                    time_s: hour as f64 * 3600.0,
                    room_c: room_c + noise(hour),
                    outdoor_c: -8.0 + 5.0 * angle.sin(),
                    heat_w: if (hour / 37) % 2 == 0 { 30_000.0 } else { 12_000.0 },
                    solar_w_m2: (400.0 * angle.sin()).max(0.0),
                };
                let steady_c = sample.outdoor_c + per_watt * sample.heat_w + per_sun * sample.solar_w_m2 + gain;
                room_c = steady_c + (room_c - steady_c) * left;
                sample
            })
            .collect()
    }

    #[test]
    fn exact_history_gives_exact_constants() {
        let found = fit(&history(400, 80.0, |_| 0.0), true).unwrap();
        assert!((found.time_constant_s / 288_000.0 - 1.0).abs() < 1e-7, "{found:?}");
        assert!((found.per_watt_k_w.unwrap() / 1e-3 - 1.0).abs() < 1e-7);
        assert!((found.per_sun_k_m2_w.unwrap() / 0.02 - 1.0).abs() < 1e-6);
        assert!((found.gain_k - 1.5).abs() < 1e-6 && found.deviation_k < 1e-9);
    }

    #[test]
    fn noise_does_not_shorten_the_time_constant() {
        // Repeatable noise of ±0.3 K without a pattern of its own.
        let noise = |hour: usize| ((hour * 2_654_435_761) % 1000) as f64 / 1000.0 * 0.6 - 0.3;
        let found = fit(&history(600, 80.0, noise), true).unwrap();
        assert!((found.time_constant_s / 288_000.0 - 1.0).abs() < 0.05, "{found:?}");
        assert!(found.time_constant_error_s > 0.0 && found.time_constant_error_s < 0.05 * 288_000.0);
        assert!((found.time_constant_s - 288_000.0).abs() < 4.0 * found.time_constant_error_s);
    }

    #[test]
    fn plain_cool_down_of_a_measured_house() {
        // 21 → 10 °C in 48 h at 3 °C: τ = 48/ln(18/7) = 50.8 h, whatever the steps between.
        let samples: Vec<Sample> = [0.0, 5.0, 11.0, 20.0, 33.0, 48.0]
            .into_iter()
            .map(|hours: f64| Sample {
                time_s: hours * 3600.0,
                room_c: 3.0 + 18.0 * (-hours / 48.0 * (18.0_f64 / 7.0).ln()).exp(),
                outdoor_c: 3.0,
                heat_w: 0.0,
                solar_w_m2: 0.0,
            })
            .collect();
        let found = fit(&samples, false).unwrap();
        assert!((found.time_constant_s / 3600.0 - 50.8).abs() < 0.05, "{found:?}");
        assert_eq!(found.per_watt_k_w, None);
    }

    #[test]
    fn bad_histories_say_why() {
        let mut samples = history(50, 80.0, |_| 0.0);
        assert_eq!(fit(&samples[..3], false), Err(FitError::TooFew { samples: 3, needed: 4 }));
        samples[7].time_s = samples[6].time_s;
        assert_eq!(fit(&samples, true), Err(FitError::BadSample { at: 7 }));
        let still = vec![Sample { time_s: 0.0, room_c: 5.0, outdoor_c: 5.0, heat_w: 0.0, solar_w_m2: 0.0 }; 6];
        let still: Vec<Sample> =
            still.into_iter().enumerate().map(|(i, s)| Sample { time_s: i as f64 * 3600.0, ..s }).collect();
        assert_eq!(fit(&still, false), Err(FitError::NoInformation));
    }
}
