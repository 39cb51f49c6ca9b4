//! `simulate`: the network in time, as a summary for people or a time series for programs; from any instant a second way on
//! with a scenario, beside the first.

mod flats;
mod losses;
mod series;
mod summary;
mod tally;
mod way;

use std::time::Instant;

use self::series::Place;
use self::way::{Setting, Way};
use super::bench::ALLOCATOR;
use super::load;
use crate::cli::args::{Simulate, TableFormat};
use crate::cli::{Failure, Printer};
use crate::network::{Network, Severity, validate};

pub fn run(given: &Simulate, printer: &Printer) -> Result<(), Failure> {
    let mut network = load(&given.file, printer)?;
    if let Some(name) = &given.scenario {
        network = network.with_scenario(name).map_err(|error| Failure::input(error.to_string()))?;
    }
    checked(&network, printer)?;
    let texts = printer.language.texts();
    let found = |id: &String| {
        Place::of(&network, id)
            .ok_or_else(|| Failure::input(texts.with("cli-simulate-no-element", &[("id", id.clone().into())])))
    };
    given.elements.iter().try_for_each(|id| found(id).map(drop))?;
    let branched = match &given.branch {
        Some(name) => {
            let branched = network.with_scenario(name).map_err(|error| Failure::input(error.to_string()))?;
            checked(&branched, printer)?;
            Some((name, branched))
        }
        None => None,
    };
    let weather = super::weather::read(given.weather.as_deref(), printer)?;
    ALLOCATOR.reset_peak_usage();
    let start = Instant::now();
    let setting = Setting::new(given, &network, weather);
    let mut base = Way::new(&network, &setting, printer)?;
    let mut branch: Option<Way<'_>> = None;
    let steps = (given.hours * 3600.0 / given.step).ceil() as u64;
    let bar = printer.progress(steps, &texts.get("cli-simulating"));
    for step in 0..steps {
        if let Some((_, network)) = &branched
            && branch.is_none()
            && base.simulation.time_s() >= given.branch_at * 3600.0 - 1e-6
        {
            branch = Some(base.branch(network, &setting, printer)?);
        }
        let last = step + 1 == steps;
        base.step(&setting, last);
        if let Some(branch) = &mut branch {
            branch.step(&setting, last);
        }
        if step % 60 == 0 {
            bar.set_position(step);
        }
    }
    bar.finish_and_clear();
    if let Some((name, _)) = &branched
        && branch.is_none()
    {
        return Err(Failure::input(texts.with("cli-simulate-branch-late", &[("name", (*name).clone().into())])));
    }
    let mut value = base.summary(printer);
    value["steps"] = steps.into();
    value["wall_s"] = start.elapsed().as_secs_f64().into();
    value["peak_bytes"] = ALLOCATOR.peak_usage().into();
    let mut all_solved = base.tell_unsolved(printer);
    if let Some(rooms) = &given.rooms {
        let shown = branch.as_ref().unwrap_or(&base);
        printer.data(Some(rooms), flats::csv(shown, given.flat_sizing).as_bytes())?;
    }
    if let Some(path) = &given.losses {
        printer.data(Some(path), losses::csv(branch.as_ref().unwrap_or(&base)).as_bytes())?;
    }
    if let (Some((name, _)), Some(branch)) = (&branched, branch) {
        all_solved &= branch.tell_unsolved(printer);
        value["branch"] = branch.summary(printer);
        value["branch"]["scenario"] = name.as_str().into();
        value["branch"]["at_hours"] = given.branch_at.into();
        value["branch"]["difference"] = tally::difference(&value, &value["branch"]);
        base.series.beside(branch.series, name);
    }
    let data = match given.format {
        TableFormat::Json => base.series.json(value),
        TableFormat::Csv => base.series.csv(),
        TableFormat::Text => summary::text(&value, printer),
    };
    printer.data(given.output.as_deref(), data.as_bytes())?;
    if all_solved { Ok(()) } else { Err(Failure::Input(None)) }
}

fn checked(network: &Network, printer: &Printer) -> Result<(), Failure> {
    let checks = validate::validate(network);
    if checks.iter().any(|finding| finding.severity == Severity::Error) {
        printer.findings(&checks);
        return Err(Failure::Input(None));
    }
    Ok(())
}
