//! Forecasts of heat load: how good on held-out days, what they fall back to, and that they look at nothing they must not.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use hypocaust::dispatch::forecast::evaluate::{Judged, TOLD};
use hypocaust::dispatch::forecast::prior::Priors;
use hypocaust::dispatch::forecast::winter::{Winter, make};
use hypocaust::dispatch::forecast::{
    Evaluation, Fold, Forecaster, HORIZON, Holidays, HourlyLoad, LoadPrior, Method, Note, Scene, Setting, Subject,
    SubjectKind, evaluate,
};
use hypocaust::dispatch::weather::{HourlyWeather, WeatherUncertainty};
use hypocaust::io::heat_history;
use hypocaust::io::historian::{Historian, Options};
use hypocaust::io::weather::ExampleWinter;
use hypocaust::live::estimate::tags_of_sensors;
use hypocaust::live::{Quality, Sample, Timestamp};
use hypocaust::network::generate::{Parameters, city, demo_city};
use hypocaust::physics::weather::WeatherSeries;

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("networks/demo-city/heat-history.csv")
}

fn winter_weather(name: &str) -> WeatherSeries {
    ExampleWinter::by_name(name).unwrap().series().unwrap()
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hypocaust")).arg("forecast").args(arguments).env("LC_ALL", "C").output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A load that no equation of the forecast makes: bent in the cold, with two rhythms, gusts, a power law, noise that lasts, and gaps.
fn strange(weather: &HourlyWeather) -> HourlyLoad {
    let (mut slow, mut noise) = (None, 0.0);
    let mut dice: u64 = 42;
    let mut chance = || {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) as f64 / (1u64 << 31) as f64
    };
    let values = (weather.first_hour()..weather.end_hour())
        .map(|hour| {
            let now = weather.at(hour)?;
            let slow = slow.get_or_insert(now.temperature_c);
            *slow += (now.temperature_c - *slow) / 22.0;
            let felt_c = 0.7 * *slow + 0.3 * now.temperature_c - 0.15 * now.wind_m_s * now.wind_m_s / 4.0;
            let own = hour.rem_euclid(24);
            let weekend = (hour.div_euclid(24) + 3).rem_euclid(7) >= 5;
            let people = if weekend { [9, 10, 11, 20] } else { [6, 7, 18, 19] }.contains(&own);
            let asked = (17.0 - felt_c - 0.006 * now.solar_w_m2).max(0.0).powf(1.12);
            noise = 0.85 * noise + 0.02 * (chance() + chance() - 1.0);
            let heat_w = 1e6 * (4.0 + asked * if own < 5 { 0.93 } else { 1.0 } + f64::from(u8::from(people)) * 4.0);
            let gap = chance() < 0.002 || (hour - weather.first_hour()).rem_euclid(900) < 20;
            (!gap).then_some(heat_w * (1.0 + noise))
        })
        .collect();
    HourlyLoad::new(weather.first_hour(), values)
}

struct Case {
    weather: HourlyWeather,
    load: HourlyLoad,
}

impl Case {
    fn strange(name: &str) -> Case {
        let weather = HourlyWeather::of(&winter_weather(name)).unwrap();
        // Up to the middle of February: behind it loads are small, and weather forecasts as wrong as ever.
        let load = strange(&weather).before(weather.first_hour() + 95 * 24);
        Case { weather, load }
    }

    fn scene(&self, last_known: i64) -> Scene {
        let uncertainty = WeatherUncertainty::USUAL;
        Scene::new(self.weather.clone(), Holidays::china(), &uncertainty, last_known + 1, 1)
    }

    /// Learned from the hours before a split, judged on those up to an end.
    fn judged(&self, split: i64, end: i64) -> Evaluation {
        let setting = Setting::default();
        let fold = Fold { split, end, scene: self.scene(split - 1) };
        evaluate(&Subject::city(), &self.load, &fold, None, &setting, &setting.uncertainty).unwrap()
    }
}

fn must_be_good(found: &Evaluation, limit: f64) {
    let mape = |judged| found.score(judged, 0).mape();
    let (ours, known) = (mape(Judged::Forecast), mape(Judged::ForecastKnownWeather));
    assert!(ours <= mape(Judged::ForecastUncorrectedWeather), "{:?}: measurements make it worse", found.subject);
    assert!(found.beats_the_plain());
    assert!(ours <= limit, "{:?}: {ours}", found.subject);
    assert!(known <= ours, "{:?}: known weather {known}, forecast {ours}", found.subject);
    for other in [Judged::Regression, Judged::Yesterday, Judged::LastWeek] {
        assert!(ours < mape(other), "{:?}: {ours} against {other:?} {}", found.subject, mape(other));
    }
}

fn must_cover(found: &Evaluation) {
    for (level, range) in [(0, 0.68..=0.92), (1, 0.87..=1.0)] {
        let inside = found.inside(level, 0);
        assert!(range.contains(&inside), "{:?}: {inside} inside interval {level}", found.subject);
    }
}

#[test]
fn the_shipped_history_is_forecast_within_the_limits_on_its_last_four_weeks_and_through_the_winter() {
    let network = demo_city();
    let history = heat_history::read(&shipped(), Some(&network)).unwrap();
    let weather = HourlyWeather::of(&winter_weather("harbin-like")).unwrap();
    let priors = Priors::of_network(&network);
    let setting = Setting::default();
    let end = history.last_hour().unwrap() + 1;
    let start = history.iter().map(|(_, load)| load.first_hour()).min().unwrap();
    let fold = |split: i64, end: i64| Fold {
        split,
        end,
        scene: Scene::new(weather.clone(), Holidays::china(), &setting.uncertainty, split, 1),
    };
    let judged = |fold: &Fold, subject: &Subject| {
        let (load, prior) = (history.get(subject).unwrap(), priors.get(subject));
        assert!(prior.is_some(), "{subject:?}");
        let found = evaluate(subject, load, fold, prior, &setting, &setting.uncertainty).unwrap();
        assert_eq!(found.method, Method::Learned);
        found
    };
    let limit = |subject: &Subject| if subject.kind == SubjectKind::City { 0.05 } else { 0.10 };
    let subjects = || {
        let some = ["city", "ST001", "ST017", "ST054"];
        history.iter().map(|(subject, _)| subject).filter(move |subject| some.contains(&&*subject.name))
    };
    assert_eq!(subjects().count(), 4);
    let last = fold(end - 28 * 24, end);
    for subject in subjects() {
        let found = judged(&last, subject);
        must_be_good(&found, limit(subject));
        must_cover(&found);
    }
    // From the fifth week to the end, learned anew every four weeks.
    let mut through: Vec<Option<Evaluation>> = subjects().take(2).map(|_| None).collect();
    for split in (start + 28 * 24..end).step_by(28 * 24) {
        let fold = fold(split, (split + 28 * 24).min(end));
        for (through, subject) in through.iter_mut().zip(subjects()) {
            let found = judged(&fold, subject);
            match through {
                Some(through) => through.join(&found),
                None => *through = Some(found),
            }
        }
    }
    for found in through.into_iter().flatten() {
        must_be_good(&found, limit(&found.subject));
        // Every month holds by itself.
        assert_eq!(found.months.keys().copied().collect::<Vec<_>>(), [(2001, 12), (2002, 1), (2002, 2)]);
        for (month, scores) in &found.months {
            let mape = scores[Judged::Forecast as usize].mape();
            assert!(mape <= limit(&found.subject), "{:?} {month:?}: {mape}", found.subject);
        }
        let by_month: usize = found.months.values().map(|scores| scores[0].count()).sum();
        assert_eq!(by_month, found.score(Judged::Forecast, 0).count());
    }
}

#[test]
fn a_load_of_another_structure_with_noise_and_gaps_is_forecast_too() {
    for name in ["beijing-like", "urumqi-like"] {
        let case = Case::strange(name);
        let found = case.judged(case.load.end_hour() - 28 * 24, case.load.end_hour());
        must_be_good(&found, 0.05);
        must_cover(&found);
        // Errors grow with the lead, and are told for five days.
        let last = TOLD.len() - 1;
        assert!(found.score(Judged::Forecast, last).mape() > found.score(Judged::Forecast, 0).mape());
        assert!(found.score(Judged::Forecast, last).count() > 1000);
    }
}

#[test]
fn the_end_of_the_cold_is_no_harder_than_its_weather() {
    // Up to mid-March, with loads near nothing at noon; the model itself stays within a few per cent.
    let weather = HourlyWeather::of(&winter_weather("beijing-like")).unwrap();
    let case = Case { load: strange(&weather), weather };
    let end = case.load.end_hour();
    // Taught twice; joining two judgements is judging both.
    let halves = [(end - 28 * 24, end - 14 * 24), (end - 14 * 24, end)].map(|(split, end)| case.judged(split, end));
    let mut found = halves[0].clone();
    found.join(&halves[1]);
    assert_eq!(found.origins, halves[0].origins + halves[1].origins);
    let count = |one: &Evaluation| one.score(Judged::Forecast, 0).count();
    assert_eq!(count(&found), count(&halves[0]) + count(&halves[1]));
    let mean = halves.iter().map(|one| one.score(Judged::Forecast, 0).mape() * count(one) as f64).sum::<f64>();
    assert!((found.score(Judged::Forecast, 0).mape() - mean / count(&found) as f64).abs() < 1e-12);
    let mape = |judged| found.score(judged, 0).mape();
    assert!(mape(Judged::ForecastKnownWeather) <= 0.04, "{}", mape(Judged::ForecastKnownWeather));
    assert!(mape(Judged::Forecast) <= mape(Judged::ForecastKnownWeather) + mape(Judged::WeatherAlone));
    assert!(found.beats_the_plain());
}

#[test]
fn nothing_behind_the_origin_is_looked_at_and_twice_the_load_is_twice_the_forecast() {
    let case = Case::strange("harbin-like");
    let origin = case.load.first_hour() + 60 * 24;
    let scene = case.scene(origin);
    let setting = Setting::default();
    let forecast = |load: &HourlyLoad| {
        let past = load.before(origin + 1);
        let made = Forecaster::learn(&Subject::city(), &past, &scene, None, &setting).unwrap();
        // Told of more than it may see.
        made.forecast(load, &scene, origin)
    };
    let first = forecast(&case.load);
    assert_eq!(first.hours.len(), HORIZON);
    assert_eq!(first, forecast(&case.load), "the same bits every time");
    let changed = |change: &dyn Fn(i64, f64) -> f64| {
        let (start, end) = (case.load.first_hour(), case.load.end_hour());
        let value = |hour: i64| case.load.at(hour).map(|heat_w| change(hour, heat_w));
        HourlyLoad::new(start, (start..end).map(value).collect())
    };
    assert_eq!(first, forecast(&changed(&|hour, heat_w| if hour > origin { 3.0 * heat_w } else { heat_w })));
    let twice = forecast(&changed(&|_, heat_w| 2.0 * heat_w));
    for (one, two) in first.hours.iter().zip(&twice.hours) {
        assert!((two.heat_w / one.heat_w - 2.0).abs() < 1e-6);
        assert!(one.quantiles_w.is_sorted() && one.quantiles_w[1] <= one.heat_w && one.heat_w <= one.quantiles_w[2]);
    }
    // A meter that shows nonsense for some hours, also the last ones, is not believed.
    let wrong = |hour: i64| hour > origin - 3 || (hour - 7).rem_euclid(500) == 0;
    let meter = forecast(&changed(&|hour, heat_w| if wrong(hour) { 20.0 * heat_w } else { heat_w }));
    assert!(meter.notes.iter().any(|note| matches!(note, Note::LeftOut { hours } if *hours >= 3)), "{:?}", meter.notes);
    for (one, other) in first.hours.iter().zip(&meter.hours) {
        assert!((other.heat_w / one.heat_w - 1.0).abs() < 0.08, "{one:?} {other:?}");
    }
}

#[test]
fn it_falls_back_by_name_and_learns_anew_when_history_has_grown() {
    let case = Case::strange("harbin-like");
    let start = case.load.first_hour();
    let subject = Subject::station("ST1");
    let prior = LoadPrior::common(1e6);
    let setting = Setting::default();
    let after = |days: i64, prior: Option<&LoadPrior>| {
        let origin = start + days * 24;
        let scene = case.scene(origin);
        let load = case.load.before(origin + 1);
        let made = Forecaster::learn(&subject, &load, &scene, prior, &setting)?;
        Some(made.forecast(&load, &scene, origin))
    };
    let method = |days, prior| after(days, prior).map(|forecast| forecast.method);
    assert_eq!(method(0, Some(&prior)), Some(Method::Prior));
    assert_eq!(method(0, None), None, "nothing at all is known");
    assert_eq!(method(2, None), Some(Method::Persistence));
    assert_eq!(method(7, Some(&prior)), Some(Method::ScaledPrior));
    assert_eq!(method(7, None), Some(Method::ScaledPrior), "a common building, scaled");
    assert_eq!(method(40, None), Some(Method::Learned));
    let thin = after(7, Some(&prior)).unwrap();
    assert!(thin.notes.iter().any(|note| matches!(note, Note::ThinHistory { needed: 504, .. })), "{:?}", thin.notes);
    // Scaled to what was seen: the mean of the week ahead is not far from that of the week before.
    let mean_w = thin.hours.iter().map(|hour| hour.heat_w).sum::<f64>() / HORIZON as f64;
    let came_w = thin.hours.iter().filter_map(|hour| case.load.at(hour.hour)).sum::<f64>() / HORIZON as f64;
    assert!((mean_w / came_w - 1.0).abs() < 0.25, "{mean_w} {came_w}");

    // A gap of three days before the origin is told, and the forecast goes on.
    let origin = start + 60 * 24;
    let load = case.load.before(origin - 72);
    let scene = case.scene(origin);
    let mut made = Forecaster::learn(&subject, &load, &scene, None, &setting).unwrap();
    let old = made.forecast(&load, &scene, origin);
    assert!(old.notes.iter().any(|note| matches!(note, Note::Old { hours } if *hours >= 72)), "{:?}", old.notes);
    assert_eq!(old.method, Method::Learned);

    // Twelve hours more teach nothing yet, two days do.
    let until = made.learned_until();
    assert!(!made.follow(&case.load.before(origin - 60), &scene));
    assert_eq!(made.learned_until(), until);
    assert!(made.follow(&case.load.before(origin - 20), &scene));
    assert!(made.learned_until() > until);

    // Without weather the calendar and the last days must do; it is said.
    let scene = Scene::without_weather(start, origin + 1 + HORIZON as i64, origin, Holidays::china()).unwrap();
    let load = case.load.before(origin + 1);
    let blind = Forecaster::learn(&subject, &load, &scene, None, &setting).unwrap().forecast(&load, &scene, origin);
    assert!(blind.notes.contains(&Note::NoWeather) && blind.method == Method::Learned, "{:?}", blind.notes);
    // The weather ends two days ahead.
    let ends = HourlyWeather::new(start, (start..=origin + 48).map(|hour| case.weather.at(hour).unwrap()).collect());
    let scene = Scene::new(ends.unwrap(), Holidays::china(), &setting.uncertainty, origin + 1, 1);
    let short = Forecaster::learn(&subject, &load, &scene, None, &setting).unwrap().forecast(&load, &scene, origin);
    assert!(short.notes.contains(&Note::WeatherEnds { hours: 48 }), "{:?}", short.notes);
}

#[test]
fn a_winter_is_made_by_the_simulator_and_its_sources_give_what_its_stations_take() {
    let network = city(&Parameters { stations: 4, seed: 3, ..Parameters::default() });
    let series = winter_weather("beijing-like");
    let hourly = HourlyWeather::of(&series).unwrap();
    let winter = Winter { days: 3, step_s: 600.0, seed: 5 };
    let made = |winter: &Winter| {
        let mut days = 0;
        let history = make(&network, &series, &hourly, &Holidays::china(), winter, |day| days = day).unwrap();
        assert_eq!(days, 3);
        history
    };
    let history = made(&winter);
    assert_eq!(history, made(&winter), "a seed is a winter");
    assert_ne!(history, made(&Winter { seed: 6, ..winter }));
    let day = |subject: &Subject| {
        let load = history.get(subject).unwrap();
        (load.first_hour() + 24..load.end_hour()).filter_map(|hour| load.at(hour)).collect::<Vec<f64>>()
    };
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let stations = history.iter().filter(|(subject, _)| subject.kind == SubjectKind::Station);
    let taken_w: f64 = stations.map(|(subject, _)| mean(&day(subject))).sum();
    let given_w = mean(&day(&Subject::city()));
    // Losses of a small network, and gaps and rounding of meters.
    assert!(given_w / taken_w > 0.97 && given_w / taken_w < 1.35, "{given_w} {taken_w}");
    let written = heat_history::to_csv(&history);
    let read = heat_history::parse(Path::new("made.csv"), &written, Some(&network)).unwrap();
    assert_eq!(read.len(), history.len());
    for (subject, load) in history.iter() {
        let again = read.get(subject).unwrap();
        let (hour, heat_w) = load.known().nth(5).unwrap();
        assert!((again.at(hour).unwrap() - heat_w).abs() <= 500.0 + 1e-9, "{subject:?}");
    }
}

#[test]
fn the_command_tells_the_days_ahead_alarms_and_what_came_true() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal.csv");
    let journal = journal.to_str().unwrap();
    let network = Path::new(env!("CARGO_MANIFEST_DIR")).join("networks/demo-city/demo-city.hypocaust.json");
    let (network, history) = (network.to_str().unwrap().to_owned(), shipped().to_str().unwrap().to_owned());
    let common = [&network[..], "--history", &history, "--weather", "harbin-like", "--journal", journal];
    let with = |more: &[&str]| run(&[&common[..], more].concat());
    let rolling = run(&[
        &network,
        "--history",
        &history,
        "--weather",
        "harbin-like",
        "--evaluate",
        "--rolling",
        "60",
        "--element",
        "ST001",
    ]);
    let told = text(&rolling.stdout);
    assert!(
        told.contains("learned anew every 60 days") && told.contains("2002-01") && told.contains("2002-02"),
        "{told}"
    );
    // Three days into a history: physics, scaled.
    let early = with(&["--at", "2001-11-18T00:00", "--format", "json", "--element", "HS01", "--quota", "HS01=1"]);
    assert!(early.status.success(), "{}", text(&early.stderr));
    let told: serde_json::Value = serde_json::from_slice(&early.stdout).unwrap();
    let forecast = &told["forecasts"][0];
    assert_eq!((forecast["id"].as_str(), forecast["method"].as_str()), (Some("HS01"), Some("scaled-prior")));
    assert_eq!(forecast["hours"].as_array().unwrap().len(), HORIZON);
    assert_eq!(forecast["hours"][0]["time"], "2001-11-18 00:00");
    assert_eq!(told["findings"][0]["code"], "forecast-above-quota", "{told}");
    assert!(told["tracked"].as_array().unwrap().is_empty());
    // A second forecast finds what came of the first.
    let later = with(&["--at", "2001-11-20T00:00", "--element", "HS01"]);
    assert!(later.status.success(), "{}", text(&later.stderr));
    let told = text(&later.stdout);
    assert!(told.contains("HS01: forecasts of this journal so far") && told.contains("2001-11-20 05:00"), "{told}");
    let chinese = with(&["--at", "2001-11-20T00:00", "--element", "ST001", "--language", "zh-CN"]);
    assert!(text(&chinese.stdout).contains("物理模型"), "{}", text(&chinese.stdout));
    // What is missing is said.
    for (arguments, expected) in [
        (&["--element", "ST999"][..], "ST999"),
        (&["--quota", "ST001=5"][..], "ST001"),
        (&["--holidays", "nowhere.csv"][..], "nowhere.csv"),
        (&["--evaluate", "--hold-out", "3000"][..], "3000"),
    ] {
        let refused = with(arguments);
        assert_eq!(refused.status.code(), Some(1), "{arguments:?}");
        assert!(text(&refused.stderr).contains(expected), "{}", text(&refused.stderr));
    }
    let alone = run(&[&network, "--weather", "harbin-like"]);
    assert!(text(&alone.stderr).contains("--at"), "{}", text(&alone.stderr));
    let physics = run(&[&network, "--weather", "harbin-like", "--at", "2002-01-10", "--element", "city"]);
    assert!(text(&physics.stdout).contains("physics"), "{}", text(&physics.stderr));
}

#[test]
fn what_the_live_twin_recorded_is_read_in_local_hours() {
    let network = demo_city();
    let tags = tags_of_sensors(&network);
    let folder = tempfile::tempdir().unwrap();
    let historian = Historian::open(folder.path(), Options::default()).unwrap();
    historian.register(&tags).unwrap();
    // 2026-01-15 00:00 in Beijing, a reading every five minutes; the second plant is silent in the third hour.
    let start_ms = (20_468 * 24 - 8) * 3_600_000_i64;
    let mut samples = Vec::new();
    for at in 0..48_i64 {
        let time = Timestamp::from_ms(start_ms + at * 300_000);
        for (name, heat_w) in [("HS01.Q", 100e6 + (at / 12) as f64 * 1e6), ("HS02.Q", 50e6)] {
            if name == "HS02.Q" && (24..36).contains(&at) {
                continue;
            }
            let tag = tags.id(name).unwrap();
            samples.push(Sample { tag, source_time: time, arrival_time: time, value: heat_w, quality: Quality::Good });
        }
    }
    historian.append(&samples).unwrap();
    let history = heat_history::of_historian(&historian, &tags, &network, 8 * 3_600_000).unwrap();
    let hour = 20_468 * 24;
    let load = |subject: &Subject, at: i64| history.get(subject).unwrap().at(hour + at);
    let near = |found: Option<f64>, heat_w: f64| found.is_some_and(|found| (found - heat_w).abs() < 0.02 * heat_w);
    assert!(near(load(&Subject::source("HS01"), 0), 100e6) && near(load(&Subject::source("HS01"), 3), 103e6));
    assert!(near(load(&Subject::city(), 1), 151e6), "{:?}", load(&Subject::city(), 1));
    assert_eq!(load(&Subject::source("HS02"), 2), None);
    assert_eq!(load(&Subject::city(), 2), None, "a plant that is not known makes the city unknown");
    assert_eq!(load(&Subject::source("HS01"), -1), None);
}
