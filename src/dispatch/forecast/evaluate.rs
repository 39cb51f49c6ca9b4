//! Judges forecasts on days held out, beside persistence and plain regression on the same split.
//!
//! All that learns sees the hours before a split only and is not taught again until the next one: one split and the days behind
//! it, or a row of splits through the whole winter (a rolling origin). From origins every seven hours behind
//! a split five days are forecast: with a weather forecast as wrong as they are, with the same not corrected by measurements, and with the
//! weather that came. What the weather's wrongness alone changes in the forecast stands beside: no model that believes the same
//! weather forecast can be much better than that. Errors are shares of the
//! actual load; hours with less than a twentieth of the mean load (meters at rest) are left out and counted. Persistence is
//! the same hour of the last known day, and of the last known week; plain regression is least squares on outdoor temperature,
//! wind, sun, hour of the day and weekend with the same weather forecast. Not here: choosing a model.

use std::collections::BTreeMap;

use super::calendar::DayKind;
use super::forecaster::{Forecaster, Judge, Method, Setting, same_hour};
use super::history::{HourlyLoad, Subject};
use super::learned::Scene;
use super::prior::LoadPrior;
use super::ridge::{Linear, fit};
use super::{HORIZON, QUANTILES};
use crate::dispatch::weather::WeatherUncertainty;
use crate::physics::calendar::{CivilTime, HOUR_S};
use crate::physics::weather::Weather;

/// Leads that are told, (first, last) hour ahead: the day ahead, its parts, the days behind it.
pub const TOLD: [(usize, usize); 8] = [(1, 24), (1, 6), (7, 12), (13, 24), (25, 48), (49, 72), (73, 96), (97, 120)];

/// Hours between origins; prime to a day.
const STRIDE: usize = 7;
/// Least share of the mean load that counts.
const LEAST_SHARE: f64 = 0.05;

/// What is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// The forecast with weather as forecast, with the same not corrected by measurements, with the weather that came.
    Forecast,
    ForecastUncorrectedWeather,
    ForecastKnownWeather,
    /// Not an error but the first less the third: what the weather's wrongness alone does.
    WeatherAlone,
    /// Plain regression, likewise.
    Regression,
    RegressionKnownWeather,
    Yesterday,
    LastWeek,
}

impl Judged {
    pub const ALL: [Judged; 8] = [
        Judged::Forecast,
        Judged::ForecastUncorrectedWeather,
        Judged::ForecastKnownWeather,
        Judged::WeatherAlone,
        Judged::Regression,
        Judged::RegressionKnownWeather,
        Judged::Yesterday,
        Judged::LastWeek,
    ];

    /// The word in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Judged::Forecast => "forecast",
            Judged::ForecastUncorrectedWeather => "forecast_uncorrected_weather",
            Judged::ForecastKnownWeather => "forecast_known_weather",
            Judged::WeatherAlone => "weather_alone",
            Judged::Regression => "regression",
            Judged::RegressionKnownWeather => "regression_known_weather",
            Judged::Yesterday => "yesterday",
            Judged::LastWeek => "last_week",
        }
    }
}

/// Errors over some leads.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    share: f64,
    absolute_w: f64,
    actual_w: f64,
    count: usize,
}

impl Score {
    fn add(&mut self, error_w: f64, actual_w: f64) {
        self.share += error_w.abs() / actual_w;
        self.absolute_w += error_w.abs();
        self.actual_w += actual_w;
        self.count += 1;
    }

    fn join(&mut self, other: &Score) {
        self.share += other.share;
        self.absolute_w += other.absolute_w;
        self.actual_w += other.actual_w;
        self.count += other.count;
    }

    /// Mean absolute share of error (MAPE), 0…; NaN where nothing was judged.
    pub fn mape(&self) -> f64 {
        self.share / self.count as f64
    }

    /// Sum of absolute errors over sum of loads; NaN where nothing was judged.
    pub fn weighted(&self) -> f64 {
        self.absolute_w / self.actual_w
    }

    pub fn count(&self) -> usize {
        self.count
    }
}

/// How well a load was forecast.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    pub subject: Subject,
    pub method: Method,
    /// Origins judged, hours learned from, hours held out that were too small to judge.
    pub origins: usize,
    pub learned: usize,
    pub too_small: usize,
    /// By [`Judged::ALL`] and [`TOLD`].
    pub scores: [[Score; TOLD.len()]; Judged::ALL.len()],
    /// The day ahead by month (year, month) of the hour forecast, by [`Judged::ALL`].
    pub months: BTreeMap<(i32, u32), [Score; Judged::ALL.len()]>,
    /// Held-out hours inside the inner and the outer interval, by [`TOLD`].
    inside: [[usize; TOLD.len()]; 2],
}

impl Evaluation {
    pub fn score(&self, judged: Judged, told: usize) -> Score {
        self.scores[judged as usize][told]
    }

    /// Share of the judged hours inside the inner (0) or the outer interval; NaN where nothing was judged.
    pub fn inside(&self, level: usize, told: usize) -> f64 {
        self.inside[level][told] as f64 / self.scores[0][told].count as f64
    }

    /// Adds what was judged behind a later split; hours learned stay those of the first.
    pub fn join(&mut self, later: &Evaluation) {
        self.origins += later.origins;
        self.too_small += later.too_small;
        self.scores.iter_mut().flatten().zip(later.scores.iter().flatten()).for_each(|(own, other)| own.join(other));
        self.inside.iter_mut().flatten().zip(later.inside.iter().flatten()).for_each(|(own, other)| *own += other);
        for (month, scores) in &later.months {
            let own = self.months.entry(*month).or_default();
            own.iter_mut().zip(scores).for_each(|(own, other)| own.join(other));
        }
    }

    /// Whether the day ahead is better than plain regression and persistence on the same hours.
    pub fn beats_the_plain(&self) -> bool {
        let mape = |judged| self.score(judged, 0).mape();
        [Judged::Regression, Judged::Yesterday, Judged::LastWeek]
            .into_iter()
            .all(|other| mape(Judged::Forecast) < mape(other) || mape(other).is_nan())
    }
}

/// Plain regression.
struct Plain(Linear);

const PLAIN: usize = 3 + 24 + 1;

impl Plain {
    fn row(scene: &Scene, hour: i64, weather: &Weather) -> [f64; PLAIN] {
        let mut row = [0.0; PLAIN];
        row[..3].copy_from_slice(&[weather.temperature_c, weather.wind_m_s, weather.solar_w_m2]);
        row[3 + hour.rem_euclid(24) as usize] = 1.0;
        row[PLAIN - 1] = f64::from(u8::from(scene.holidays.kind(hour) != DayKind::Work));
        row
    }

    fn learn(load: &HourlyLoad, scene: &Scene) -> Option<Plain> {
        let rows: Vec<[f64; PLAIN + 1]> = load
            .known()
            .filter_map(|(hour, heat_w)| {
                let mut row = [0.0; PLAIN + 1];
                row[..PLAIN].copy_from_slice(&Plain::row(scene, hour, &scene.weather.at(hour)?));
                row[PLAIN] = heat_w;
                Some(row)
            })
            .collect();
        let blocks = super::ridge::BLOCKS;
        let found = fit(rows.iter().enumerate().map(|(at, row)| (&row[..], 1.0, at * blocks / rows.len())))?;
        Some(Plain(found.whole))
    }

    fn ahead(&self, scene: &Scene, origin: i64, told: &[Weather]) -> Vec<f64> {
        (origin + 1..).zip(told).map(|(hour, now)| self.0.value(&Plain::row(scene, hour, now)).max(0.0)).collect()
    }
}

/// Hours judged by models that were taught by the hours before them.
#[derive(Clone, Debug)]
pub struct Fold {
    /// The first hour not learned from.
    pub split: i64,
    /// The first hour that no forecast of this fold starts in.
    pub end: i64,
    /// Its weather must reach over all that is judged, its trials must end at the split.
    pub scene: Scene,
}

/// Judges a load behind a split. `None` where there is nothing to learn from or to judge by.
pub fn evaluate(
    subject: &Subject,
    load: &HourlyLoad,
    fold: &Fold,
    prior: Option<&LoadPrior>,
    setting: &Setting,
    judged_with: &WeatherUncertainty,
) -> Option<Evaluation> {
    let past = load.before(fold.split);
    let forecaster = Forecaster::learn(subject, &past, &fold.scene, prior, setting)?;
    let plain = Plain::learn(&past, &fold.scene)?;
    let least_w = LEAST_SHARE * load.mean_w()?;
    let last = load.last_known(i64::MAX)?;
    let mut out = Evaluation {
        subject: subject.clone(),
        method: forecaster.method(),
        origins: 0,
        learned: past.known().filter(|(hour, _)| fold.scene.weather.at(*hour).is_some()).count(),
        too_small: (fold.split..fold.end.min(last + 1))
            .filter_map(|hour| load.at(hour))
            .filter(|heat_w| *heat_w < least_w)
            .count(),
        scores: Default::default(),
        months: BTreeMap::new(),
        inside: Default::default(),
    };
    let judge = forecaster.judge(load, &fold.scene);
    let judging = Judging { load, least_w, scene: &fold.scene, forecaster: &forecaster, plain: &plain, judge: &judge };
    for origin in (fold.split - 1..fold.end.min(last)).step_by(STRIDE) {
        // Other chances than those the intervals were learned from.
        let chance = setting.seed.wrapping_add(0x9e37_79b9).wrapping_add(origin as u64);
        out.judge_origin(&judging, origin, |truth| judged_with.forecast_of(truth, chance));
    }
    (out.scores[0][0].count > 0).then_some(out)
}

/// What the forecasts of an origin are judged by.
struct Judging<'a> {
    load: &'a HourlyLoad,
    least_w: f64,
    scene: &'a Scene,
    forecaster: &'a Forecaster,
    plain: &'a Plain,
    judge: &'a Judge<'a>,
}

impl Evaluation {
    fn judge_origin(&mut self, by: &Judging<'_>, origin: i64, issue: impl Fn(&[Weather]) -> Vec<Weather>) {
        let scene = by.scene;
        let (truth, known) = scene.weather.ahead(origin, HORIZON);
        let truth = &truth[..known];
        let told = issue(truth);
        let with_told = by.judge.ahead(origin, &scene.corrected(origin, &told));
        let with_truth = by.judge.ahead(origin, truth);
        let uncorrected = by.judge.ahead(origin, &told);
        let plain = [by.plain.ahead(scene, origin, &told), by.plain.ahead(scene, origin, truth)];
        self.origins += 1;
        for lead in 1..=known {
            let hour = origin + lead as i64;
            let Some(actual_w) = by.load.at(hour).filter(|heat_w| *heat_w >= by.least_w) else { continue };
            let at = lead - 1;
            let beside = by.forecaster.beside(lead, with_told[at]);
            let inside = [(1, 2), (0, 3)].map(|(low, high)| (beside[low]..=beside[high]).contains(&actual_w));
            let off = |value_w: f64| Some(value_w - actual_w);
            // In the order of `Judged::ALL`.
            let errors: [Option<f64>; Judged::ALL.len()] = [
                off(with_told[at]),
                off(uncorrected[at]),
                off(with_truth[at]),
                Some(with_told[at] - with_truth[at]),
                off(plain[0][at]),
                off(plain[1][at]),
                same_hour(by.load, origin, lead, 24).and_then(off),
                same_hour(by.load, origin, lead, 168).and_then(off),
            ];
            for (told, _) in TOLD.iter().enumerate().filter(|(_, (first, last))| (*first..=*last).contains(&lead)) {
                for (scores, error_w) in self.scores.iter_mut().zip(errors) {
                    if let Some(error_w) = error_w {
                        scores[told].add(error_w, actual_w);
                    }
                }
                for (shares, inside) in self.inside.iter_mut().zip(inside) {
                    shares[told] += usize::from(inside);
                }
            }
            if lead <= 24 {
                let civil = CivilTime::of(hour as f64 * HOUR_S);
                let month = self.months.entry((civil.year, civil.month)).or_default();
                for (score, error_w) in month.iter_mut().zip(errors) {
                    if let Some(error_w) = error_w {
                        score.add(error_w, actual_w);
                    }
                }
            }
        }
    }
}

const _: () = assert!(QUANTILES.len() == 4, "an inner and an outer interval");
