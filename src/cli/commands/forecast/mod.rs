//! `forecast`: heat loads of the days ahead, or how well they would have been forecast.

mod judged;
mod told;

use std::sync::Arc;

use rayon::prelude::*;

use super::{line, load, load_for_json};
use crate::cli::args::{Forecast as Given, TextOrJson};
use crate::cli::{Failure, Printer};
use crate::dispatch::forecast::journal;
use crate::dispatch::forecast::limits::{Limits, exceeded, source_element};
use crate::dispatch::forecast::prior::Priors;
use crate::dispatch::forecast::winter::{Winter, make};
use crate::dispatch::forecast::{
    Evaluation, Fold, Forecast, Forecaster, HORIZON, Holidays, LoadHistory, Scene, Setting, Subject, SubjectKind,
    evaluate,
};
use crate::dispatch::weather::{HourlyWeather, WeatherUncertainty};
use crate::io::heat_history;
use crate::io::historian::{Historian, Options as HistorianOptions};
use crate::io::modbus::map::DeviceMap;
use crate::live::estimate::tags_of_sensors;
use crate::network::{Finding, Network};
use crate::physics::weather::WeatherSeries;

/// A rolling judgement learns from four weeks at least.
const ROLLING_FROM_H: i64 = 28 * 24;

/// What is forecast from.
struct Known {
    network: Option<Network>,
    priors: Priors,
    weather: Option<HourlyWeather>,
    holidays: Holidays,
    history: LoadHistory,
    subjects: Vec<Subject>,
}

pub fn run(given: &Given, printer: &Printer) -> Result<(), Failure> {
    let known = Known::read(given, printer)?;
    if let Some(path) = &given.write_history {
        printer.data(Some(path), heat_history::to_csv(&known.history).as_bytes())?;
    }
    let uncertainty = match &known.weather {
        Some(_) => WeatherUncertainty::USUAL.times(given.weather_error),
        None => WeatherUncertainty::NONE,
    };
    let setting = Setting { uncertainty, seed: given.seed, ..Setting::default() };
    if given.evaluate { known.evaluate(given, &setting, printer) } else { known.forecast(given, &setting, printer) }
}

impl Known {
    fn read(given: &Given, printer: &Printer) -> Result<Known, Failure> {
        let texts = printer.language.texts();
        let network = match (&given.file, given.format) {
            (None, _) => None,
            (Some(file), TextOrJson::Json) => Some(load_for_json(file, printer)?),
            (Some(file), TextOrJson::Text) => Some(load(file, printer)?),
        };
        let series = super::weather::read_in_a_row(&given.weather, f64::from(given.offset) * 60.0, printer)?;
        let weather = series.as_ref().and_then(HourlyWeather::of);
        let mut holidays = if given.holidays == "none" { Holidays::weekends() } else { Holidays::china() };
        if !matches!(given.holidays.as_str(), "none" | "china") {
            heat_history::read_holidays(given.holidays.as_ref(), &mut holidays)
                .map_err(|error| printer.refusal(&error))?;
        }
        let history = match (&given.history, given.made, &network) {
            (Some(path), _, network) if path.is_dir() => {
                let Some(network) = network else {
                    return Err(Failure::input(texts.get("forecast-folder-needs-network")));
                };
                from_folder(given, path, network, printer)?
            }
            (Some(path), _, network) => {
                heat_history::read(path, network.as_ref()).map_err(|error| printer.refusal(&error))?
            }
            (None, Some(days), Some(network)) => {
                let (Some(series), Some(hourly)) = (&series, &weather) else {
                    return Err(Failure::input(texts.get("forecast-no-weather-to-make")));
                };
                made(given, network, series, hourly, &holidays, days, printer)?
            }
            (None, ..) => LoadHistory::default(),
        };
        if given.history.is_some() && history.is_empty() {
            return Err(Failure::input(texts.get("forecast-history-empty")));
        }
        let priors = network.as_ref().map(Priors::of_network).unwrap_or_default();
        let mut subjects: Vec<Subject> = history.iter().map(|(subject, _)| subject.clone()).collect();
        if weather.is_some() {
            subjects.extend(priors.subjects().cloned());
        }
        subjects.sort();
        subjects.dedup();
        for id in &given.elements {
            if !subjects.iter().any(|subject| *subject.name == **id) {
                return Err(Failure::input(texts.with("forecast-no-element", &[("id", id.clone().into())])));
            }
        }
        if !given.elements.is_empty() {
            subjects.retain(|subject| given.elements.iter().any(|id| **id == *subject.name));
        }
        for (id, _) in &given.quotas {
            if !subjects.contains(&Subject::source(id)) {
                return Err(Failure::input(texts.with("forecast-no-element", &[("id", id.clone().into())])));
            }
        }
        Ok(Known { network, priors, weather, holidays, history, subjects })
    }

    /// Weather and calendar; forecasts of the weather are tried up to an hour.
    fn scene(&self, setting: &Setting, last_known: i64) -> Option<Scene> {
        match &self.weather {
            Some(weather) => Some(Scene::new(
                weather.clone(),
                self.holidays.clone(),
                &setting.uncertainty,
                last_known + 1,
                setting.seed,
            )),
            None => {
                let first = self.history.iter().map(|(_, load)| load.first_hour()).min()?;
                let end = self.history.last_hour()?.max(last_known) + 1 + HORIZON as i64;
                Scene::without_weather(first, end, last_known, self.holidays.clone())
            }
        }
    }

    fn forecast(&self, given: &Given, setting: &Setting, printer: &Printer) -> Result<(), Failure> {
        let texts = printer.language.texts();
        let asked = given.at.map(|time_s| (time_s / 3600.0).floor() as i64 - 1);
        let Some(origin) = asked.or(self.history.last_hour()) else {
            return Err(Failure::input(texts.get("forecast-no-history")));
        };
        let Some(scene) = self.scene(setting, origin) else {
            return Err(Failure::input(texts.get("forecast-no-history")));
        };
        let bar = printer.progress(self.subjects.len() as u64, &texts.get("forecast-learning"));
        let empty = crate::dispatch::forecast::HourlyLoad::default();
        let one = |subject: &Subject| -> Result<Forecast, Failure> {
            // Only what was known at the time.
            let load = self.history.get(subject).unwrap_or(&empty).before(origin + 1);
            let forecaster = Forecaster::learn(subject, &load, &scene, self.priors.get(subject), setting);
            bar.inc(1);
            let forecaster = forecaster.ok_or_else(|| {
                let id = subject.name.to_string();
                Failure::input(texts.with("forecast-nothing-known", &[("id", id.into())]))
            })?;
            Ok(forecaster.forecast(&load, &scene, origin))
        };
        let found: Result<Vec<Forecast>, Failure> = self.subjects.par_iter().map(one).collect();
        bar.finish_and_clear();
        let forecasts = found?;
        let findings = self.findings(given, &forecasts);
        let tracked = match &given.journal {
            Some(path) => {
                let mut issued = heat_history::read_journal(path).map_err(|error| printer.refusal(&error))?;
                let tracked = journal::track(&issued, &self.history);
                issued.extend(forecasts.iter().flat_map(journal::entries));
                printer.data(Some(path), heat_history::journal_text(&issued).as_bytes())?;
                tracked
            }
            None => Vec::new(),
        };
        let told = told::Told { forecasts: &forecasts, findings: &findings, tracked: &tracked, given, printer };
        let data = match given.format {
            TextOrJson::Json => told.json(),
            TextOrJson::Text => told.text(),
        };
        printer.data(given.output.as_deref(), data.as_bytes())?;
        if given.format == TextOrJson::Text {
            printer.findings(&findings);
        }
        Ok(())
    }

    /// Sources that would have to give more than they can or may.
    fn findings(&self, given: &Given, forecasts: &[Forecast]) -> Vec<Finding> {
        let of_source = |forecast: &&Forecast| forecast.subject.kind == SubjectKind::Source;
        forecasts
            .iter()
            .filter(of_source)
            .flat_map(|forecast| {
                let element = source_element(&forecast.subject.name);
                let source = self.network.as_ref().and_then(|network| {
                    let link = network.find_link(&element)?;
                    network.link_view(link)?.source().and_then(|source| source.capacity_w)
                });
                let quota = given.quotas.iter().find(|(id, _)| **id == *forecast.subject.name);
                let limits = Limits { capacity_w: source, quota_j: quota.map(|(_, gigajoules)| gigajoules * 1e9) };
                exceeded(forecast, &limits, &element)
            })
            .collect()
    }

    fn evaluate(&self, given: &Given, setting: &Setting, printer: &Printer) -> Result<(), Failure> {
        let texts = printer.language.texts();
        let too_short = || match given.rolling {
            Some(_) => Failure::input(texts.get("forecast-rolling-short")),
            None => {
                let days = given.hold_out.to_string();
                Failure::input(texts.with("forecast-hold-out-long", &[("days", days.into())]))
            }
        };
        let last = self.history.last_hour().ok_or_else(too_short)?;
        let first = self.history.iter().map(|(_, load)| load.first_hour()).min().unwrap_or(last);
        // (first hour not learned from, first hour of the next).
        let splits: Vec<(i64, i64)> = match given.rolling {
            Some(days) => {
                let days = i64::from(days) * 24;
                (first + ROLLING_FROM_H..last).step_by(days as usize).map(|split| (split, split + days)).collect()
            }
            None => vec![(last + 1 - i64::from(given.hold_out) * 24, last + 1)],
        };
        if splits.first().is_none_or(|(split, _)| *split <= first) {
            return Err(too_short());
        }
        let with_history: Vec<&Subject> =
            self.subjects.iter().filter(|subject| self.history.get(subject).is_some()).collect();
        let bar = printer.progress((with_history.len() * splits.len()) as u64, &texts.get("forecast-learning"));
        let mut found: Vec<Option<Evaluation>> = vec![None; with_history.len()];
        for (split, end) in splits {
            let fold = Fold { split, end, scene: self.scene(setting, split - 1).ok_or_else(too_short)? };
            let one = |(subject, found): (&&Subject, &mut Option<Evaluation>)| {
                let load = self.history.get(subject);
                let prior = self.priors.get(subject);
                let judged = load.and_then(|load| evaluate(subject, load, &fold, prior, setting, &setting.uncertainty));
                match (found.as_mut(), judged) {
                    (Some(found), Some(judged)) => found.join(&judged),
                    (None, Some(judged)) => *found = Some(judged),
                    (_, None) => {}
                }
                bar.inc(1);
            };
            with_history.par_iter().zip(found.par_iter_mut()).for_each(one);
        }
        bar.finish_and_clear();
        let found: Vec<Evaluation> = found.into_iter().flatten().collect();
        if found.is_empty() {
            return Err(Failure::input(texts.get("forecast-none-judged")));
        }
        let data = match given.format {
            TextOrJson::Json => judged::json(&found, given),
            TextOrJson::Text => judged::text(&found, given, printer),
        };
        printer.data(given.output.as_deref(), data.as_bytes())
    }
}

fn from_folder(
    given: &Given,
    folder: &std::path::Path,
    network: &Network,
    printer: &Printer,
) -> Result<LoadHistory, Failure> {
    let tags = Arc::new(match &given.map {
        Some(map) => {
            let map = DeviceMap::read(map).map_err(|error| printer.refusal(&error))?;
            map.tags().map_err(|twice| Failure::input(twice.to_string()))?
        }
        None => tags_of_sensors(network),
    });
    let offset_ms = i64::from(given.offset) * 60_000;
    let options = HistorianOptions { offset_ms, ..HistorianOptions::default() };
    let historian = Historian::read(folder, options).map_err(|error| printer.refusal(&error))?;
    let damage = historian.damage();
    if !damage.is_empty() {
        printer.error(&damage.text(printer.language));
    }
    heat_history::of_historian(&historian, &tags, network, offset_ms).map_err(|error| printer.refusal(&error))
}

fn made(
    given: &Given,
    network: &Network,
    series: &WeatherSeries,
    hourly: &HourlyWeather,
    holidays: &Holidays,
    days: u32,
    printer: &Printer,
) -> Result<LoadHistory, Failure> {
    let bar = printer.progress(u64::from(days), &printer.language.texts().get("forecast-making"));
    let winter = Winter { days: days as usize, seed: given.seed, ..Winter::default() };
    let found = make(network, series, hourly, holidays, &winter, |day| bar.set_position(day as u64));
    bar.finish_and_clear();
    found.map_err(|findings| {
        printer.findings(&findings);
        Failure::Input(None)
    })
}
