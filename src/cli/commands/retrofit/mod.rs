//! `retrofit`: technologies of the guide simulated on a network before and after, beside what the guide says.

mod told;

use std::collections::BTreeSet;

use crate::cli::args::{Retrofit as Arguments, TableFormat};
use crate::cli::{Failure, Printer};
use crate::dispatch::balance::BalanceError;
use crate::dispatch::retrofit::sheet::{Answer, Request, sheet};
use crate::dispatch::retrofit::{Left, RetrofitError, Technology, Values, Where};
use crate::io;
use crate::io::dispatch::time_text;
use crate::network::{Network, Scenario};
use crate::units::Quantity;

use super::{line, load, load_for_json};

pub fn run(given: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let texts = printer.language.texts();
    let technologies = technologies(&given.technologies, printer)?;
    let Some(file) = &given.file else {
        let data = match given.format {
            TableFormat::Json => format!("{:#}\n", told::list_json(&technologies, printer)),
            TableFormat::Text | TableFormat::Csv => told::list(&technologies, printer),
        };
        return printer.data(given.output.as_deref(), data.as_bytes());
    };
    let network = match given.format {
        TableFormat::Json => load_for_json(file, printer)?,
        TableFormat::Text | TableFormat::Csv => load(file, printer)?,
    };
    let values: Values = given.values.iter().cloned().collect();
    let meant = match &given.places[..] {
        [] => Where::All,
        [all] if all == "all" => Where::All,
        ids => Where::Ids(ids.iter().cloned().collect::<BTreeSet<_>>()),
    };
    let weather = super::weather::read(Some(&given.weather), printer)?;
    // A name is always given: it has a default.
    let Some(weather) = weather else { return Err(Failure::Input(None)) };
    let (first_s, last_s) = weather.span_s();
    let start_calendar_s = given.start.unwrap_or(first_s);
    let covered = ((last_s - start_calendar_s) / 3600.0).floor();
    let hours = given.hours.map_or(covered, f64::from);
    if start_calendar_s < first_s || hours > covered + 1.0 || hours < 1.0 {
        let times = [("first", first_s), ("last", last_s)];
        let times = times.map(|(name, time_s)| (name, time_text(time_s).into()));
        return Err(Failure::input(texts.with("retrofit-not-covered", &times)));
    }
    let request = Request { meant, values, weather, start_calendar_s, hours: hours as usize };
    let bar = printer.progress((technologies.len() * 2 * request.hours) as u64, &texts.get("retrofit-at-work"));
    let answers = sheet(&network, &technologies, &request, || bar.inc(1));
    bar.finish_and_clear();
    let told = told::Told { network: &network, request: &request, answers: &answers, printer };
    let data = match given.format {
        TableFormat::Text => told.text(),
        TableFormat::Json => format!("{:#}\n", told.json()),
        TableFormat::Csv => told.csv(),
    };
    printer.data(given.output.as_deref(), data.as_bytes())?;
    if let Some(path) = &given.keep {
        io::file::write(path, &keep(network, &answers, printer)).map_err(|error| printer.refusal(&error))?;
        printer.say(&texts.with("retrofit-kept", &[("path", path.display().to_string().into())]));
    }
    // Where technologies were named, one that cannot be had is a failure; of all of them some always cannot.
    if given.technologies.iter().any(|name| name != "all") && answers.iter().any(|(_, row)| row.is_err()) {
        return Err(Failure::Input(None));
    }
    Ok(())
}

fn technologies(names: &[String], printer: &Printer) -> Result<Vec<Technology>, Failure> {
    if names.is_empty() || names.iter().any(|name| name == "all") {
        return Ok(Technology::ALL.to_vec());
    }
    let mut out = Vec::new();
    for name in names {
        let Some(technology) = Technology::of_word(name) else {
            let known: Vec<&str> = Technology::ALL.iter().map(|technology| technology.word()).collect();
            let arguments = [("name", name.clone().into()), ("known", known.join(", ").into())];
            return Err(Failure::input(printer.language.texts().with("retrofit-no-technology", &arguments)));
        };
        if !out.contains(&technology) {
            out.push(technology);
        }
    }
    Ok(out)
}

/// A copy with two scenarios a technology.
fn keep(mut network: Network, answers: &[Answer], printer: &Printer) -> Network {
    let texts = printer.language.texts();
    for (technology, row) in answers {
        let Ok(row) = row else { continue };
        let word = technology.word();
        let name = texts.get(&format!("retrofit-name-{word}")).into_owned();
        let parent = (!row.start_edits.is_empty()).then(|| format!("{word}-before"));
        if let Some(before) = &parent {
            let note = texts.with("retrofit-note-before", &[("technology", name.clone().into())]);
            network.insert_scenario(before.as_str(), Scenario { note, parent: None, edits: row.start_edits.clone() });
        }
        let note = name;
        let edits = row.retrofit.edits.clone();
        network.insert_scenario(word, Scenario { note, parent: parent.map(Into::into), edits });
    }
    network
}

/// An element left out and why, as a sentence.
fn left_text(left: &Left, printer: &Printer) -> String {
    let pressure =
        left.why.pressure_pa().map_or(String::new(), |pa| printer.units.text(Quantity::PressureDifference, pa));
    let arguments = [("element", left.element.to_string().into()), ("pressure", pressure.into())];
    printer.language.texts().with(&format!("retrofit-left-{}", left.why.word()), &arguments)
}

/// Why there is no retrofit, as a sentence or several.
fn error_text(error: &RetrofitError, printer: &Printer) -> String {
    let texts = printer.language.texts();
    let of_findings = |key: &str, findings: &[crate::network::Finding]| {
        let mut lines = vec![texts.get(key).into_owned()];
        lines.extend(findings.iter().take(5).map(|finding| printer.finding_text(finding)));
        lines.join("\n")
    };
    match error {
        RetrofitError::Nothing(left) => {
            let mut out = texts.get("retrofit-nothing").into_owned();
            for one in left.iter().take(5) {
                out.push_str("\n  ");
                out.push_str(&left_text(one, printer));
            }
            out
        }
        RetrofitError::NoElement(id) => texts.with("retrofit-no-element", &[("id", id.clone().into())]),
        RetrofitError::NoParameter { name, known, .. } => {
            texts.with("retrofit-no-parameter", &[("name", name.clone().into()), ("known", known.clone().into())])
        }
        RetrofitError::BadParameter { name, low, high, value } => {
            let numbers = [("low", low), ("high", high), ("value", value)];
            let mut arguments = numbers.map(|(key, number)| (key, number.to_string().into())).to_vec();
            arguments.push(("name", name.clone().into()));
            texts.with("retrofit-bad-parameter", &arguments)
        }
        RetrofitError::Unsolved(findings) => of_findings("retrofit-unsolved", findings),
        RetrofitError::Balance(BalanceError::Unsolved(findings) | BalanceError::NoState(findings)) => {
            of_findings("retrofit-no-pressures", findings)
        }
        RetrofitError::Balance(_) => texts.get("retrofit-no-pressures").into_owned(),
        RetrofitError::Refused(error) => error.to_string(),
    }
}

/// A line of text.
fn say(out: &mut String, text: &str) {
    line(out, format_args!("{text}"));
}
