//! Judges forecasts on days held out, beside persistence and plain regression on the same split.
//!
//! All that learns sees the hours before the split only and is not taught again. From origins every seven hours behind
//! it five days are forecast, once with the weather that came and once with a weather forecast as wrong as they are. Errors are shares of the
//! actual load; hours with less than a twentieth of the mean load (meters at rest) are left out and counted. Persistence is
//! the same hour of the last known day, and of the last known week; plain regression is least squares on outdoor temperature,
//! wind, sun, hour of the day and weekend with the same weather forecast. Not here: choosing a model.

use super::calendar::DayKind;
use super::forecaster::{Forecaster, Method, Setting, same_hour};
use super::history::{HourlyLoad, Subject};
use super::learned::Scene;
use super::prior::LoadPrior;
use super::ridge::{Linear, fit};
use super::{HORIZON, QUANTILES};
use crate::dispatch::weather::WeatherUncertainty;
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
    /// The forecast with weather as forecast, and with the weather that came.
    Forecast,
    ForecastKnownWeather,
    /// Plain regression, likewise.
    Regression,
    RegressionKnownWeather,
    Yesterday,
    LastWeek,
}

impl Judged {
    pub const ALL: [Judged; 6] = [
        Judged::Forecast,
        Judged::ForecastKnownWeather,
        Judged::Regression,
        Judged::RegressionKnownWeather,
        Judged::Yesterday,
        Judged::LastWeek,
    ];

    /// The word in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Judged::Forecast => "forecast",
            Judged::ForecastKnownWeather => "forecast_known_weather",
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
    fn add(&mut self, told_w: f64, actual_w: f64) {
        self.share += (told_w - actual_w).abs() / actual_w;
        self.absolute_w += (told_w - actual_w).abs();
        self.actual_w += actual_w;
        self.count += 1;
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
    /// Share of held-out hours inside the inner and the outer interval, by [`TOLD`].
    pub inside: [[f64; TOLD.len()]; 2],
}

impl Evaluation {
    pub fn score(&self, judged: Judged, told: usize) -> Score {
        self.scores[judged as usize][told]
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

/// Judges a load behind a split (the first hour held out). The scene's weather must reach over all of it; its trials must end at the
/// split. `None` where there is nothing to learn from or to judge by.
pub fn evaluate(
    subject: &Subject,
    load: &HourlyLoad,
    scene: &Scene,
    prior: Option<&LoadPrior>,
    split: i64,
    setting: &Setting,
    judged_with: &WeatherUncertainty,
) -> Option<Evaluation> {
    let past = load.before(split);
    let forecaster = Forecaster::learn(subject, &past, scene, prior, setting)?;
    let plain = Plain::learn(&past, scene)?;
    let least_w = LEAST_SHARE * load.mean_w()?;
    let end = load.last_known(i64::MAX)?;
    let mut out = Evaluation {
        subject: subject.clone(),
        method: forecaster.method(),
        origins: 0,
        learned: past.known().filter(|(hour, _)| scene.weather.at(*hour).is_some()).count(),
        too_small: (split..=end).filter_map(|hour| load.at(hour)).filter(|heat_w| *heat_w < least_w).count(),
        scores: Default::default(),
        inside: [[0.0; TOLD.len()]; 2],
    };
    let judge = forecaster.judge(load, scene);
    for origin in (split - 1..end).step_by(STRIDE) {
        let (truth, known) = scene.weather.ahead(origin, HORIZON);
        let truth = &truth[..known];
        // Other chances than those the intervals were learned from.
        let told = judged_with.forecast_of(truth, setting.seed.wrapping_add(0x9e37_79b9).wrapping_add(origin as u64));
        let with_told = judge.ahead(origin, &told);
        let lines = [
            &with_told,
            &judge.ahead(origin, truth),
            &plain.ahead(scene, origin, &told),
            &plain.ahead(scene, origin, truth),
        ];
        out.origins += 1;
        for lead in 1..=known {
            let Some(actual_w) = load.at(origin + lead as i64).filter(|heat_w| *heat_w >= least_w) else { continue };
            let beside = forecaster.beside(lead, with_told[lead - 1]);
            let inside = [(1, 2), (0, 3)].map(|(low, high)| (beside[low]..=beside[high]).contains(&actual_w));
            let last = [24, 168].map(|period| same_hour(load, origin, lead, period));
            for (at, _) in TOLD.iter().enumerate().filter(|(_, (first, last))| (*first..=*last).contains(&lead)) {
                for (scores, line) in out.scores.iter_mut().zip(lines) {
                    scores[at].add(line[lead - 1], actual_w);
                }
                for (scores, value_w) in out.scores[lines.len()..].iter_mut().zip(last) {
                    if let Some(value_w) = value_w {
                        scores[at].add(value_w, actual_w);
                    }
                }
                for (shares, inside) in out.inside.iter_mut().zip(inside) {
                    shares[at] += f64::from(u8::from(inside));
                }
            }
        }
    }
    for shares in &mut out.inside {
        for (share, score) in shares.iter_mut().zip(&out.scores[0]) {
            *share /= score.count as f64;
        }
    }
    (out.scores[0][0].count > 0).then_some(out)
}

const _: () = assert!(QUANTILES.len() == 4, "an inner and an outer interval");
