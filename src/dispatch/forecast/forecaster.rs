//! Chooses the method that the data bear, names it, learns anew when history has grown, and gives forecasts.
//!
//! Learned from history where three weeks of hours are known together with their weather; else the physical prior scaled to the days
//! there are; else the prior alone; without a prior and a weather, the same hour of the day before. Every result says
//! which it was and what was missing. Not here: the models themselves.

use super::history::{HourlyLoad, Subject};
use super::learned::{Course, Learned, Scene, quantiles};
use super::prior::LoadPrior;
use super::{HORIZON, QUANTILES};
use crate::dispatch::weather::{CALM, WeatherUncertainty};
use crate::physics::weather::Weather;

/// How a forecast was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Physics corrected by what history taught.
    Learned,
    /// Physics scaled to the little history there is.
    ScaledPrior,
    /// Physics alone.
    Prior,
    /// The same hour of the last day that is known.
    Persistence,
}

impl Method {
    /// The word in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Method::Learned => "learned",
            Method::ScaledPrior => "scaled-prior",
            Method::Prior => "prior",
            Method::Persistence => "persistence",
        }
    }
}

/// What a reader of a forecast has to know.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Note {
    /// Hours known with their weather, and hours that learning needs.
    ThinHistory { known: usize, needed: usize },
    /// The last value is so many hours old.
    Old { hours: i64 },
    /// Share of the hours between the first and the last that is not known.
    Gaps { share: f64 },
    /// The weather is known for so many of the hours ahead; behind them its last day comes again.
    WeatherEnds { hours: usize },
    /// No weather is known: season and calendar alone.
    NoWeather,
    /// Hours that lie far off were left out as errors of meters.
    LeftOut { hours: usize },
    /// The intervals are assumed, not learned.
    AssumedIntervals,
}

/// How to forecast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// How wrong weather forecasts are.
    pub uncertainty: WeatherUncertainty,
    /// Known hours that learning needs, and that scaling the prior needs.
    pub least_learned: usize,
    pub least_scaled: usize,
    /// New hours after which it learns anew.
    pub relearn: usize,
    /// Of the weather forecasts that the intervals are learned from.
    pub seed: u64,
}

impl Default for Setting {
    fn default() -> Self {
        Setting {
            uncertainty: WeatherUncertainty::USUAL,
            least_learned: 21 * 24,
            least_scaled: 48,
            relearn: 24,
            seed: 1,
        }
    }
}

/// Assumed errors where none could be learned, at the levels of [`QUANTILES`]: deviation 15 % of a scaled prior and of
/// persistence, 25 % of a prior alone.
const ASSUMED: [f64; QUANTILES.len()] = [-1.96, -1.28, 1.28, 1.96];
/// A value older than this is told.
const OLD_H: i64 = 24;
/// So is a larger share of gaps.
const MANY_GAPS: f64 = 0.1;

#[derive(Clone, Debug)]
enum Model {
    Learned(Box<Learned>),
    Prior { prior: LoadPrior, factor: f64, quantiles: Option<[f64; QUANTILES.len()]> },
    Persistence,
}

/// A load's model.
#[derive(Clone, Debug)]
pub struct Forecaster {
    pub subject: Subject,
    setting: Setting,
    prior: Option<LoadPrior>,
    model: Model,
    notes: Vec<Note>,
    /// Known hours when it learned.
    learned_of: usize,
    /// Last hour that it learned from.
    learned_until: i64,
}

/// An hour of a forecast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForecastHour {
    pub hour: i64,
    pub heat_w: f64,
    /// At the levels of [`QUANTILES`].
    pub quantiles_w: [f64; QUANTILES.len()],
}

/// Five days ahead.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    pub subject: Subject,
    /// The last hour before it.
    pub origin: i64,
    pub method: Method,
    pub notes: Vec<Note>,
    pub hours: Vec<ForecastHour>,
    /// Mean absolute error over the actual load on days not learned from, by group of [`super::LEADS`]; empty where not known.
    pub errors: Vec<f64>,
}

impl Forecaster {
    /// Learns from a history. `None` where nothing at all is known of a load.
    pub fn learn(
        subject: &Subject,
        load: &HourlyLoad,
        scene: &Scene,
        prior: Option<&LoadPrior>,
        setting: &Setting,
    ) -> Option<Forecaster> {
        let with_weather: Vec<(i64, f64)> =
            load.known().filter(|(hour, _)| scene.weather.at(*hour).is_some()).collect();
        let known = with_weather.len();
        let mut notes = Vec::new();
        if !scene.weather_known {
            notes.push(Note::NoWeather);
        }
        let learned = if known >= setting.least_learned {
            // Without a network a common building stands in: its size does not matter, the history scales it.
            let prior = prior.copied().unwrap_or_else(|| LoadPrior::common(load.mean_w().unwrap_or(1.0) / 20.0));
            Learned::from(load, scene, prior)
        } else {
            notes.push(Note::ThinHistory { known, needed: setting.least_learned });
            None
        };
        let model = match (learned, prior.filter(|_| scene.weather_known)) {
            (Some(learned), _) => {
                if learned.left_out > 0 {
                    notes.push(Note::LeftOut { hours: learned.left_out });
                }
                Model::Learned(Box::new(learned))
            }
            (None, Some(prior)) => scaled(*prior, &with_weather, scene, setting),
            (None, None) if scene.weather_known && known >= setting.least_scaled => {
                scaled(LoadPrior::common(load.mean_w()? / 20.0), &with_weather, scene, setting)
            }
            (None, None) => {
                load.mean_w()?;
                Model::Persistence
            }
        };
        if matches!(&model, Model::Persistence | Model::Prior { quantiles: None, .. }) {
            notes.push(Note::AssumedIntervals);
        }
        let learned_until = load.last_known(i64::MAX).unwrap_or(i64::MIN);
        if learned_until > i64::MIN {
            let all = load.known().count();
            let share = 1.0 - all as f64 / (learned_until - load.first_hour() + 1) as f64;
            if share > MANY_GAPS {
                notes.push(Note::Gaps { share });
            }
        }
        Some(Forecaster {
            subject: subject.clone(),
            setting: *setting,
            prior: prior.copied(),
            model,
            notes,
            learned_of: known,
            learned_until,
        })
    }

    /// Learns anew where history has grown by a day's hours; whether it did. The scene is that of the grown history.
    pub fn follow(&mut self, load: &HourlyLoad, scene: &Scene) -> bool {
        let known = load.known().filter(|(hour, _)| scene.weather.at(*hour).is_some()).count();
        if known < self.learned_of + self.setting.relearn {
            return false;
        }
        let anew = Forecaster::learn(&self.subject, load, scene, self.prior.as_ref(), &self.setting);
        let Some(anew) = anew else { return false };
        *self = anew;
        true
    }

    pub fn method(&self) -> Method {
        match &self.model {
            Model::Learned(_) => Method::Learned,
            Model::Prior { factor, .. } if *factor != 1.0 => Method::ScaledPrior,
            Model::Prior { .. } => Method::Prior,
            Model::Persistence => Method::Persistence,
        }
    }

    /// The last hour that it learned from; `None` where from none.
    pub fn learned_until(&self) -> Option<i64> {
        (self.learned_until > i64::MIN).then_some(self.learned_until)
    }

    /// The learned model, where there is one.
    pub fn learned(&self) -> Option<&Learned> {
        match &self.model {
            Model::Learned(learned) => Some(learned),
            _ => None,
        }
    }

    /// The hours after an origin, with the weather that the scene has for them.
    pub fn forecast(&self, load: &HourlyLoad, scene: &Scene, origin: i64) -> Forecast {
        let (mut told, weather_hours) = scene.weather.ahead(origin, HORIZON);
        let corrected = scene.corrected(origin, &told[..weather_hours]);
        told[..weather_hours].copy_from_slice(&corrected);
        let past = load.before(origin + 1);
        let mut notes = self.notes.clone();
        if weather_hours < HORIZON && !notes.contains(&Note::NoWeather) {
            notes.push(Note::WeatherEnds { hours: weather_hours });
        }
        if let Some(last) = past.last_known(origin)
            && origin - last > OLD_H
        {
            notes.push(Note::Old { hours: origin - last });
        }
        let values = self.values(&past, scene, origin, &told);
        let hour = |(lead, heat_w): (usize, f64)| ForecastHour {
            hour: origin + lead as i64,
            heat_w,
            quantiles_w: self.beside(lead, heat_w),
        };
        Forecast {
            subject: self.subject.clone(),
            origin,
            method: self.method(),
            notes,
            hours: (1..).zip(values).map(hour).collect(),
            errors: self.learned().map(|learned| learned.errors.clone()).unwrap_or_default(),
        }
    }

    fn values(&self, past: &HourlyLoad, scene: &Scene, origin: i64, told: &[Weather]) -> Vec<f64> {
        match &self.model {
            Model::Learned(learned) => {
                let rows = scene.rows_ahead(origin, told);
                learned.ahead(scene, &learned.course(past, scene), origin, told, &rows)
            }
            Model::Prior { prior, factor, .. } => {
                let first = scene.weather.first_hour();
                let mut before = (first..=origin).filter_map(|hour| scene.weather.at(hour));
                let mut state = prior.start(before.next().as_ref().or(told.first()).unwrap_or(&CALM));
                before.for_each(|now| {
                    prior.step(&mut state, &now);
                });
                told.iter().map(|now| factor * prior.step(&mut state, now)).collect()
            }
            Model::Persistence => {
                let mean_w = past.mean_w().unwrap_or(0.0);
                (1..=told.len()).map(|lead| same_hour(past, origin, lead, 24).unwrap_or(mean_w)).collect()
            }
        }
    }

    /// For many origins on one history: what is the same for all is computed once.
    pub(super) fn judge<'a>(&'a self, load: &'a HourlyLoad, scene: &'a Scene) -> Judge<'a> {
        let course = self.learned().map(|learned| learned.course(load, scene));
        Judge { forecaster: self, load, scene, course }
    }

    pub(super) fn beside(&self, lead: usize, heat_w: f64) -> [f64; QUANTILES.len()] {
        match &self.model {
            Model::Learned(learned) => learned.beside(lead, heat_w),
            Model::Prior { quantiles, factor, .. } => {
                let assumed = if *factor == 1.0 { 0.25 } else { 0.15 };
                let shares = quantiles.unwrap_or(ASSUMED.map(|one| assumed * one));
                shares.map(|share| (heat_w * (1.0 + share)).max(0.0))
            }
            Model::Persistence => ASSUMED.map(|one| (heat_w * (1.0 + 0.15 * one)).max(0.0)),
        }
    }
}

/// A model on a history whose later part it must not see: errors behind an origin are never looked at.
pub(super) struct Judge<'a> {
    forecaster: &'a Forecaster,
    load: &'a HourlyLoad,
    scene: &'a Scene,
    course: Option<Course>,
}

impl Judge<'_> {
    /// Loads of the hours after an origin with this weather in them.
    pub fn ahead(&self, origin: i64, told: &[Weather]) -> Vec<f64> {
        match (&self.forecaster.model, &self.course) {
            (Model::Learned(learned), Some(course)) => {
                let rows = self.scene.rows_ahead(origin, told);
                learned.ahead(self.scene, course, origin, told, &rows)
            }
            _ => self.forecaster.values(&self.load.before(origin + 1), self.scene, origin, told),
        }
    }
}

/// Load at the last known hour that lies a multiple of a period before the one asked for and not behind the origin.
pub fn same_hour(past: &HourlyLoad, origin: i64, lead: usize, period: i64) -> Option<f64> {
    let mut hour = origin + lead as i64;
    while hour > origin {
        hour -= period;
    }
    while hour >= past.first_hour() {
        if let Some(heat_w) = past.at(hour) {
            return Some(heat_w);
        }
        hour -= period;
    }
    None
}

/// A prior with the factor that the last two weeks tell, where there are enough of them; quantiles from its errors then.
fn scaled(prior: LoadPrior, known: &[(i64, f64)], scene: &Scene, setting: &Setting) -> Model {
    if known.len() < setting.least_scaled {
        return Model::Prior { prior, factor: 1.0, quantiles: None };
    }
    let last = known[known.len() - 1].0;
    let mut state = None;
    let (mut told, mut actual, mut pairs) = (0.0, 0.0, Vec::new());
    let mut at = 0;
    for hour in scene.weather.first_hour()..=last {
        let Some(now) = scene.weather.at(hour) else { continue };
        let prior_w = prior.step(state.get_or_insert_with(|| prior.start(&now)), &now);
        while known.get(at).is_some_and(|(own, _)| *own < hour) {
            at += 1;
        }
        if let Some((_, heat_w)) = known.get(at).filter(|(own, _)| *own == hour && last - own < 14 * 24) {
            told += prior_w;
            actual += heat_w;
            pairs.push((prior_w, *heat_w));
        }
    }
    if told <= 0.0 || actual <= 0.0 {
        return Model::Prior { prior, factor: 1.0, quantiles: None };
    }
    let factor: f64 = actual / told;
    let shares: Vec<f64> = pairs
        .iter()
        .filter(|(prior_w, _)| *prior_w > 0.0)
        .map(|(prior_w, heat_w)| heat_w / (factor * prior_w) - 1.0)
        .collect();
    // A week's errors tell their quantiles, less does not; and what is to come is weather that was not seen: half as wide again.
    let told = (shares.len() >= 168).then(|| quantiles(shares).map(|share| 1.5 * share));
    Model::Prior { prior, factor, quantiles: told }
}
