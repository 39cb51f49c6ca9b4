//! A load learned from its history: physics, what regression adds to it, errors carried on, and how wrong all that has been.
//!
//! [`Scene`] holds what all loads of a city share: weather, calendar, their features. [`Learned::from`] fits a load: the physical prior is
//! scaled to the history, a ridge regression explains what it misses, hours that lie far off (meters, not heat) are
//! left out and the fit repeated: now bent where nothing is left to be asked for ([`link`](super::link)), and weighed by relative errors, so that mild days
//! count as much as cold ones. Every past hour is then predicted by the model that has not seen its block of days; these errors teach
//! what to carry on ([`Recent`]) and, with weather forecasts as wrong as they are in life, give the quantiles of the error by lead.
//! Not here: what to do where history is too thin.

use super::calendar::Holidays;
use super::features::{FEATURES, Filters, fill};
use super::history::HourlyLoad;
use super::link::{delivered, working};
use super::prior::{LoadPrior, PriorState};
use super::recent::Recent;
use super::ridge::{BLOCKS, Linear, PENALTIES, Ridge, fit_with};
use super::{HORIZON, LEADS, QUANTILES, group_of};
use crate::dispatch::weather::{CALM, HourlyWeather, WeatherUncertainty};
use crate::dispatch::weather_correction::WeatherCorrection;
use crate::physics::weather::Weather;

/// Hours between forecasts tried for the intervals; prime to a day.
const STRIDE: usize = 13;
/// Days at the end of history that the intervals are learned from.
const INTERVAL_DAYS: i64 = 60;
/// Hours further off than so many deviations (by the median) are not heat but meters.
const FAR: f64 = 6.0;
/// Hours that one block of days takes; blocks come round again behind the last.
const BLOCK_H: i64 = 20 * 24;
/// Share of a row's weight that is left after so many hours: last winter counts, this one counts more.
const HALF_LIFE_H: f64 = 120.0 * 24.0;
/// Errors count relative to the load, but not to less than this share of its mean.
const LEAST_RELATIVE: f64 = 0.25;
/// Fits: one to see what lies far off, then steps of Gauss and Newton for the bend.
const ROUNDS: usize = 3;

type Row = [f64; FEATURES];

/// Weather and calendar, as all loads of a city share them.
#[derive(Clone, Debug)]
pub struct Scene {
    pub weather: HourlyWeather,
    pub holidays: Holidays,
    /// False where the weather is made up: a calendar alone.
    pub weather_known: bool,
    rows: Vec<Row>,
    filters: Vec<Filters>,
    correction: WeatherCorrection,
    /// Forecasts of the weather as they might have been, to learn the intervals from.
    trials: Vec<(i64, Vec<Weather>, Vec<Row>)>,
}

impl Scene {
    /// `end_hour`: the first hour whose load is not known; trials of weather forecasts end there.
    pub fn new(
        weather: HourlyWeather,
        holidays: Holidays,
        uncertainty: &WeatherUncertainty,
        end_hour: i64,
        seed: u64,
    ) -> Scene {
        let mut filter = Filters::NEW;
        let (mut rows, mut filters) = (Vec::new(), Vec::new());
        for hour in weather.first_hour()..weather.end_hour() {
            let Some(now) = weather.at(hour) else { continue };
            filter.step(&now);
            let mut row = [0.0; FEATURES];
            fill(&mut row, hour, &now, &filter, &holidays);
            rows.push(row);
            filters.push(filter);
        }
        let correction = WeatherCorrection::learn(&weather, uncertainty, end_hour, seed);
        let mut scene = Scene { weather, holidays, weather_known: true, rows, filters, correction, trials: Vec::new() };
        let end = end_hour.min(scene.weather.end_hour());
        let first = scene.weather.first_hour().max(end - INTERVAL_DAYS * 24);
        for origin in (first..end - 1).step_by(STRIDE) {
            let (truth, _) = scene.weather.ahead(origin, HORIZON);
            let told = uncertainty.forecast_of(&truth, seed.wrapping_add(origin as u64));
            let told = scene.corrected(origin, &told);
            let rows = scene.rows_ahead(origin, &told);
            scene.trials.push((origin, told, rows));
        }
        scene
    }

    /// For loads whose weather nobody knows, between two hours: the season and the calendar must do.
    pub fn without_weather(first_hour: i64, end_hour: i64, last_known: i64, holidays: Holidays) -> Option<Scene> {
        let hours = usize::try_from(end_hour - first_hour).ok()?;
        let weather = HourlyWeather::new(first_hour, vec![CALM; hours])?;
        let scene = Scene::new(weather, holidays, &WeatherUncertainty::NONE, last_known + 1, 0);
        Some(Scene { weather_known: false, ..scene })
    }

    /// A weather forecast of the hours after an origin, drawn towards what was measured up to it.
    pub fn corrected(&self, origin: i64, told: &[Weather]) -> Vec<Weather> {
        self.correction.apply(&self.weather, origin, told)
    }

    fn row(&self, hour: i64) -> Option<&Row> {
        usize::try_from(hour - self.weather.first_hour()).ok().and_then(|at| self.rows.get(at))
    }

    /// Features of the hours after an origin with this weather in them.
    pub fn rows_ahead(&self, origin: i64, told: &[Weather]) -> Vec<Row> {
        let known = usize::try_from(origin - self.weather.first_hour()).unwrap_or(0).min(self.filters.len() - 1);
        let mut filter = self.filters[known];
        let mut out = Vec::with_capacity(told.len());
        for (lead, now) in (1..).zip(told) {
            filter.step(now);
            let mut row = [0.0; FEATURES];
            fill(&mut row, origin + lead, now, &filter, &self.holidays);
            out.push(row);
        }
        out
    }
}

/// Physics and regression together.
#[derive(Clone, Debug, PartialEq)]
struct Base {
    prior: LoadPrior,
    /// Of the load: constant, factor on the prior; then what the regression adds, in shares of `mean_w`.
    constant_w: f64,
    factor: f64,
    mean_w: f64,
}

/// A model of a load.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    base: Base,
    ridge: Ridge,
    recent: Recent,
    /// Errors beyond this are those of meters, W.
    far_w: f64,
    /// Quantiles of (actual − forecast) over the mean load (a kelvin of weather is as many watts on mild days as on cold ones), by group of leads, at the levels of [`QUANTILES`].
    pub quantiles: Vec<[f64; QUANTILES.len()]>,
    /// Mean absolute error over the actual load on days not learned from, by group of leads; NaN where unknown.
    pub errors: Vec<f64>,
    /// Hours learned from, and hours left out as far off.
    pub hours: usize,
    pub left_out: usize,
}

/// A load and its model along the hours whose weather is known.
#[derive(Clone, Debug)]
pub struct Course {
    states: Vec<PriorState>,
    /// Actual less modelled.
    errors: HourlyLoad,
}

impl Base {
    /// The prior along the known weather, with its state after every hour.
    fn run(&self, weather: &HourlyWeather) -> (Vec<f64>, Vec<PriorState>) {
        let (mut heats, mut states) = (Vec::new(), Vec::new());
        let mut state = None;
        for hour in weather.first_hour()..weather.end_hour() {
            let Some(now) = weather.at(hour) else { continue };
            let state = state.get_or_insert_with(|| self.prior.start(&now));
            heats.push(self.prior.step(state, &now));
            states.push(*state);
        }
        (heats, states)
    }

    /// What physics asks for, in shares of the mean load.
    fn physics(&self, prior_w: f64) -> f64 {
        (self.constant_w + self.factor * prior_w) / self.mean_w
    }

    fn value_w(&self, prior_w: f64, row: &Row, linear: &Linear) -> f64 {
        self.mean_w * delivered(self.physics(prior_w) + linear.value(row))
    }
}

/// Constant and factor that bring the prior nearest to the load; the factor alone where a constant would be below nothing.
fn scale(pairs: &[(f64, f64, f64)]) -> (f64, f64) {
    let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 { pairs.iter().map(|(w, p, y)| w * of(*p, *y)).sum() };
    let (weight, p, y) = (sum(&|_, _| 1.0), sum(&|p, _| p), sum(&|_, y| y));
    let (pp, py) = (sum(&|p, _| p * p), sum(&|p, y| p * y));
    let determinant = weight * pp - p * p;
    if determinant > 1e-6 * weight * pp {
        let factor = (weight * py - p * y) / determinant;
        let constant = (y - factor * p) / weight;
        if factor > 0.0 && constant >= 0.0 {
            return (constant, factor);
        }
    }
    if pp > 0.0 { (0.0, (py / pp).max(0.0)) } else { (if weight > 0.0 { y / weight } else { 0.0 }, 0.0) }
}

impl Learned {
    /// From the hours of a load whose weather is known; `None` where there is nothing to learn from.
    pub fn from(load: &HourlyLoad, scene: &Scene, prior: LoadPrior) -> Option<Learned> {
        let first = scene.weather.first_hour();
        let mean_w = load.mean_w().filter(|mean_w| *mean_w > 0.0)?;
        let mut base = Base { prior, constant_w: 0.0, factor: 1.0, mean_w };
        let (heats, states) = base.run(&scene.weather);
        let known: Vec<(i64, f64)> = load.known().filter(|(hour, _)| scene.row(*hour).is_some()).collect();
        let (start, last) = (known.first()?.0, known.last()?.0);
        let weight = |hour: i64| (-std::f64::consts::LN_2 * (last - hour) as f64 / HALF_LIFE_H).exp();
        let block = |hour: i64| (hour - start).div_euclid(BLOCK_H) as usize % BLOCKS;
        let prior_w = |hour: i64| heats[(hour - first) as usize];
        let mut kept = known.clone();
        let mut ridge: Option<Ridge> = None;
        let mut far_w = f64::INFINITY;
        // Weight by relative errors, known once a first fit tells the size of every hour's load.
        let mut relative: Vec<f64> = vec![1.0; kept.len()];
        // What the last fit says is asked for, by models that have not seen the hour's days.
        let mut asked: Vec<f64> = Vec::new();
        for round in 0..ROUNDS {
            let pairs: Vec<_> = kept
                .iter()
                .zip(&relative)
                .map(|((hour, heat_w), relative)| (relative * weight(*hour), prior_w(*hour), *heat_w))
                .collect();
            if round < 2 {
                (base.constant_w, base.factor) = scale(&pairs);
            }
            let rows: Vec<([f64; FEATURES + 1], f64, usize)> = kept
                .iter()
                .zip(&pairs)
                .enumerate()
                .filter_map(|(at, ((hour, heat_w), (weight, prior_w, _)))| {
                    let mut row = [0.0; FEATURES + 1];
                    row[..FEATURES].copy_from_slice(scene.row(*hour)?);
                    let load = heat_w / mean_w;
                    let (target, factor) = asked.get(at).map_or((load, 1.0), |asked| working(load, *asked));
                    row[FEATURES] = target - base.physics(*prior_w);
                    Some((row, factor * weight, block(*hour)))
                })
                .collect();
            // To see what lies far off one penalty will do; the steps keep what the second fit chose.
            let chosen = ridge.as_ref().map_or(1e-3, |ridge| ridge.penalty);
            let penalties = if round == 1 { &PENALTIES[..] } else { &[chosen][..] };
            let found = fit_with(rows.iter().map(|(row, weight, block)| (&row[..], *weight, *block)), penalties)?;
            let told =
                |hour: i64| Some(base.physics(prior_w(hour)) + found.without[block(hour)].value(scene.row(hour)?));
            if round == 0 {
                let off = |(hour, heat_w): &(i64, f64)| Some(heat_w - mean_w * told(*hour)?.max(0.0));
                let mut sizes: Vec<f64> = known.iter().filter_map(off).map(f64::abs).collect();
                sizes.sort_by(f64::total_cmp);
                // 1.4826 makes the median of normal errors their deviation; a hundredth of the load is never far off.
                far_w = FAR * (1.4826 * sizes.get(sizes.len() / 2).copied()?).max(0.01 * mean_w);
                kept.retain(|entry| off(entry).is_some_and(|error_w| error_w.abs() <= far_w));
                let share = |hour: i64| told(hour).unwrap_or(1.0).max(LEAST_RELATIVE);
                relative = kept.iter().map(|(hour, _)| share(*hour).powi(-2)).collect();
            }
            asked = kept.iter().map(|(hour, _)| told(*hour).unwrap_or(1.0)).collect();
            ridge = Some(found);
        }
        let ridge = ridge?;
        let mut errors = vec![None; (last - start + 1) as usize];
        for (hour, heat_w) in &kept {
            if let Some(row) = scene.row(*hour) {
                let told_w = base.value_w(prior_w(*hour), row, &ridge.without[block(*hour)]);
                errors[(hour - start) as usize] = Some(heat_w - told_w);
            }
        }
        let errors = HourlyLoad::new(start, errors);
        let recent = Recent::learn(&errors);
        let mut learned = Learned {
            base,
            ridge,
            recent,
            far_w,
            quantiles: Vec::new(),
            errors: Vec::new(),
            hours: kept.len(),
            left_out: known.len() - kept.len(),
        };
        learned.learn_intervals(load, scene, &Course { states, errors }, block, start);
        Some(learned)
    }

    /// Forecasts at past origins with weather forecasts, by models that have not seen the days they forecast.
    fn learn_intervals(
        &mut self,
        load: &HourlyLoad,
        scene: &Scene,
        course: &Course,
        block: impl Fn(i64) -> usize,
        start: i64,
    ) {
        let mut found: Vec<Vec<f64>> = vec![Vec::new(); LEADS.len()];
        let mut shares: Vec<(f64, f64)> = vec![(0.0, 0.0); LEADS.len()];
        for (origin, told, rows) in &scene.trials {
            if *origin < start + 168 {
                continue;
            }
            let models = |hour: i64| &self.ridge.without[block(hour).min(BLOCKS - 1)];
            let made = self.values(scene, course, *origin, told, rows, models);
            for (lead, value_w) in (1..).zip(made) {
                let Some(actual_w) = load.at(*origin + lead as i64) else { continue };
                let group = group_of(lead);
                found[group].push((actual_w - value_w) / self.base.mean_w);
                if actual_w > 0.05 * self.base.mean_w {
                    shares[group].0 += (actual_w - value_w).abs() / actual_w;
                    shares[group].1 += 1.0;
                }
            }
        }
        self.quantiles = found.into_iter().map(quantiles).collect();
        self.errors = shares.into_iter().map(|(sum, count)| sum / count).collect();
    }

    /// The model along the weather, and its errors.
    pub fn course(&self, load: &HourlyLoad, scene: &Scene) -> Course {
        let (heats, states) = self.base.run(&scene.weather);
        let first = scene.weather.first_hour();
        let error = |at: usize| {
            let actual_w = load.at(first + at as i64)?;
            Some(actual_w - self.base.value_w(heats[at], &scene.rows[at], &self.ridge.whole))
        };
        let errors: Vec<Option<f64>> = (0..scene.rows.len()).map(error).collect();
        Course { states, errors: HourlyLoad::new(first, self.believed(errors)) }
    }

    /// Errors without those of meters. What has been far off for most of a day is no meter's error but news.
    fn believed(&self, mut errors: Vec<Option<f64>>) -> Vec<Option<f64>> {
        let far: Vec<bool> = errors.iter().map(|error| error.is_some_and(|error| error.abs() > self.far_w)).collect();
        let mut of_a_day = 0;
        for at in 0..errors.len() {
            of_a_day += usize::from(far[at]);
            if at >= 24 {
                of_a_day -= usize::from(far[at - 24]);
            }
            if far[at] && of_a_day <= 12 {
                errors[at] = None;
            }
        }
        errors
    }

    fn values<'a>(
        &'a self,
        scene: &Scene,
        course: &Course,
        origin: i64,
        told: &[Weather],
        rows: &[Row],
        model: impl Fn(i64) -> &'a Linear,
    ) -> Vec<f64> {
        let at = usize::try_from(origin - scene.weather.first_hour()).unwrap_or(0).min(course.states.len() - 1);
        let mut state = course.states[at];
        let carried = self.recent.ahead(&course.errors, origin, told.len());
        let mut out = Vec::with_capacity(told.len());
        for (lead, ((now, row), carried_w)) in (1..).zip(told.iter().zip(rows).zip(carried)) {
            let prior_w = self.base.prior.step(&mut state, now);
            out.push((self.base.value_w(prior_w, row, model(origin + lead)) + carried_w).max(0.0));
        }
        out
    }

    /// Loads of the hours after an origin with this weather in them, W.
    pub fn ahead(&self, scene: &Scene, course: &Course, origin: i64, told: &[Weather], rows: &[Row]) -> Vec<f64> {
        self.values(scene, course, origin, told, rows, |_| &self.ridge.whole)
    }

    /// Values at the levels of [`QUANTILES`] beside a forecast.
    pub fn beside(&self, lead: usize, value_w: f64) -> [f64; QUANTILES.len()] {
        let shares = self.quantiles.get(group_of(lead)).copied().unwrap_or([0.0; QUANTILES.len()]);
        shares.map(|share| (value_w + share * self.base.mean_w).max(0.0))
    }
}

/// Quantiles at the levels of [`QUANTILES`], outwards where the sample is small (split conformal prediction).
pub(super) fn quantiles(mut sample: Vec<f64>) -> [f64; QUANTILES.len()] {
    sample.sort_by(f64::total_cmp);
    let count = sample.len() as f64;
    QUANTILES.map(|level| {
        let rank = if level > 0.5 { ((count + 1.0) * level).ceil() } else { ((count + 1.0) * level).floor() };
        let at = (rank.max(1.0) as usize - 1).min(sample.len().saturating_sub(1));
        sample.get(at).copied().unwrap_or(0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_go_outwards() {
        let found = quantiles((0..99).rev().map(f64::from).collect());
        assert_eq!(found, [1.0, 9.0, 89.0, 97.0]);
        assert_eq!(quantiles(vec![3.0]), [3.0; 4]);
        assert_eq!(quantiles(Vec::new()), [0.0; 4]);
    }

    #[test]
    fn a_prior_is_scaled_with_a_base_load_where_there_is_one() {
        let pairs: Vec<_> = (0..50).map(|at| (1.0, f64::from(at), 7.0 + 2.0 * f64::from(at))).collect();
        let (constant, factor) = scale(&pairs);
        assert!((constant - 7.0).abs() < 1e-9 && (factor - 2.0).abs() < 1e-9);
        let below: Vec<_> = (0..50).map(|at| (1.0, f64::from(at), 2.0 * f64::from(at) - 7.0)).collect();
        assert_eq!(scale(&below).0, 0.0);
        assert_eq!(scale(&[(1.0, 0.0, 4.0), (1.0, 0.0, 6.0)]), (5.0, 0.0));
    }
}
