//! `simulate`: the network in time, as a summary for people or a time series for programs.

mod series;
mod summary;

use std::sync::Arc;
use std::time::Instant;

use self::series::{Place, Series};
use super::bench::ALLOCATOR;
use super::load;
use crate::cli::args::{Simulate, TableFormat};
use crate::cli::{Failure, Printer};
use crate::network::{Severity, validate};
use crate::physics::weather::{Weather, WeatherSeries};
use crate::simulation::{Options, Simulation, equip};

pub fn run(given: &Simulate, printer: &Printer) -> Result<(), Failure> {
    let mut network = load(&given.file, printer)?;
    if let Some(name) = &given.scenario {
        network = network.with_scenario(name).map_err(|error| Failure::input(error.to_string()))?;
    }
    let checks = validate::validate(&network);
    if checks.iter().any(|finding| finding.severity == Severity::Error) {
        printer.findings(&checks);
        return Err(Failure::Input(None));
    }
    let texts = printer.language.texts();
    let places = given
        .elements
        .iter()
        .map(|id| {
            Place::of(&network, id)
                .ok_or_else(|| Failure::input(texts.with("cli-simulate-no-element", &[("id", id.clone().into())])))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let weather = super::weather::read(given.weather.as_deref(), printer)?;
    ALLOCATOR.reset_peak_usage();
    let start = Instant::now();
    let mut options = Options { step_s: given.step, ..Options::default() };
    if let Some(series) = &weather {
        options.start_calendar_s = given.start.unwrap_or(series.span_s().0);
    } else if let Some(start_s) = given.start {
        options.start_calendar_s = start_s;
    }
    let mut simulation = Simulation::new(&network, options).map_err(|findings| {
        printer.findings(&findings);
        Failure::Input(None)
    })?;
    let outdoor_c = network.settings().outdoor_temperature_c;
    let at = |time_s: f64| weather_at(weather.as_ref(), options.start_calendar_s + time_s, given.step, outdoor_c);
    let outdoor_now_c = at(0.0).temperature_c;
    let mut left = Vec::new();
    if given.buildings || weather.is_some() {
        left.extend(equip::consumers(&network, &mut simulation, given.buildings, outdoor_now_c));
    }
    if given.supply_curve {
        equip::sources_where(&network, &mut simulation, outdoor_now_c, &Arc::default(), |_| true);
    }
    if given.plants {
        left.extend(equip::plants(&network, &mut simulation));
    }
    for left in left {
        let arguments = [("element", left.element.to_string().into()), ("reason", left.fault.to_string().into())];
        printer.say(&texts.with("cli-simulate-no-model", &arguments));
    }
    let steps = (given.hours * 3600.0 / given.step).ceil() as u64;
    let every = (given.every / given.step).round().max(1.0) as u64;
    let bar = printer.progress(steps, &texts.get("cli-simulating"));
    let mut series = Series::new(&network, &given.elements, places, &simulation);
    let mut unsolved = 0u64;
    for step in 1..=steps {
        let now = at(simulation.time_s());
        let report = simulation.step(&network, now);
        unsolved += u64::from(!report.converged);
        if step % every == 0 || step == steps {
            series.add(&simulation, now);
            bar.set_position(step);
        }
    }
    bar.finish_and_clear();
    let wall_s = start.elapsed().as_secs_f64();
    if unsolved > 0 {
        printer.say(&texts.with("cli-simulate-unsolved", &[("steps", unsolved.to_string().into())]));
    }
    let mut value = summary::json(&network, &simulation, printer);
    value["steps"] = steps.into();
    value["steps_without_solution"] = unsolved.into();
    value["wall_s"] = wall_s.into();
    value["peak_bytes"] = ALLOCATOR.peak_usage().into();
    let data = match given.format {
        TableFormat::Json => series.json(value),
        TableFormat::Csv => series.csv(),
        TableFormat::Text => summary::text(&value, printer),
    };
    printer.data(given.output.as_deref(), data.as_bytes())?;
    if unsolved == 0 { Ok(()) } else { Err(Failure::Input(None)) }
}

fn weather_at(series: Option<&WeatherSeries>, calendar_s: f64, step_s: f64, outdoor_c: f64) -> Weather {
    match series {
        Some(series) => series.mean(calendar_s, step_s),
        None => Weather { temperature_c: outdoor_c, wind_m_s: 0.0, solar_w_m2: 0.0 },
    }
}
