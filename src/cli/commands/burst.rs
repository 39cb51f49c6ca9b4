//! `burst`: a main breaks here: what to close, who is hit, how long they stay warm, what else brings heat.

use std::path::Path;

use super::incident::Log;
use super::table::sheet_text;
use super::{load, load_for_json};
use crate::cli::args::{Burst, TextOrJson};
use crate::cli::{Failure, Printer};
use crate::emergency::burst::{Hole, other_pipe};
use crate::emergency::incident::{CHINA_OFFSET_MIN, Moment};
use crate::emergency::isolation::IsolationFault;
use crate::emergency::repair::RepairNorm;
use crate::emergency::{Break, Request, respond};
use crate::io;
use crate::io::emergency as forms;
use crate::io::report::Report;
use crate::network::finding::element_text;
use crate::network::{LinkId, Network};
use crate::solver::Solver;

pub fn run(given: &Burst, printer: &Printer) -> Result<(), Failure> {
    let mut network = match given.format {
        TextOrJson::Text => load(&given.file, printer)?,
        TextOrJson::Json => load_for_json(&given.file, printer)?,
    };
    if let Some(name) = &given.scenario {
        network = network.with_scenario(name).map_err(|error| Failure::input(error.to_string()))?;
    }
    let mut request = request(&network, given, printer)?;
    let mut log = given.incident.as_deref().map(|path| Log::open(path, &given.who, printer)).transpose()?;
    if let Some(log) = &mut log {
        request = log.request(&network, &request, given.drill)?;
    }
    let spinner = printer.spinner(&printer.language.texts().get("cli-solving"));
    let answer = respond(&mut network, &request, &mut Solver::new());
    spinner.finish_and_clear();
    let response = answer.map_err(|fault| refusal(&fault, printer))?;
    // The log first: what follows may fail, the plan is made.
    let incident = log.map(|log| log.write(&network, &request, &response)).transpose()?;
    if let Some(path) = &given.report {
        write_report(
            path,
            &Report {
                network: Some(&network),
                response: Some(&response),
                incident: incident.as_ref(),
                language: printer.language,
                units: &printer.units,
                made: Moment::now(CHINA_OFFSET_MIN),
                who: &given.who,
            },
            printer,
        )?;
    }
    if let Some(path) = &given.zone {
        io::save::atomic(path, forms::zone_geojson(&network, &response).as_bytes())
            .map_err(|error| printer.refusal(&error))?;
    }
    let data = match given.format {
        TextOrJson::Text => {
            let mut sheet = forms::sheet(&network, &response, printer.language, &printer.units);
            sheet.sections.extend(forms::base_sections(&network, printer.language));
            sheet_text(&sheet)
        }
        TextOrJson::Json => forms::json(&network, &response, printer.language),
    };
    printer.data(given.output.as_deref(), data.as_bytes())?;
    if given.format == TextOrJson::Text && !response.before.converged {
        printer.findings(&response.before.findings);
    }
    Ok(())
}

/// Prints a report into a file.
pub(super) fn write_report(path: &Path, report: &Report<'_>, printer: &Printer) -> Result<(), Failure> {
    let printed = io::report::print(report).and_then(|printed| io::save::atomic(path, &printed.bytes));
    printed.map_err(|error| printer.refusal(&error))
}

fn request(network: &Network, given: &Burst, printer: &Printer) -> Result<Request, Failure> {
    let texts = printer.language.texts();
    if network.link_count() == 0 {
        return Err(Failure::input(forms::fault_text(&IsolationFault::EmptyNetwork, printer.language)));
    }
    let find = |id: &str| {
        network
            .link_id(id)
            .ok_or_else(|| Failure::input(texts.with("emergency-no-element", &[("id", id.to_owned().into())])))
    };
    let hole = given.hole_m2.map_or(Hole::FullBore, |area_m2| Hole::Area { area_m2 });
    let mut request = Request {
        outdoor_c: given.outdoor,
        repair_s: given.repair_hours.map(|hours| 3600.0 * hours),
        without_resupply: given.without_resupply,
        ..Request::default()
    };
    if let Some(path) = &given.repair_norm {
        request.repair_norm = repair_norm(path, printer)?;
    }
    for id in &given.pipes {
        let link = find(id)?;
        request.breaks.push(Break { link, position: given.at, hole });
        if let Some(other) = other_pipe(network, link).filter(|_| given.both) {
            request.breaks.push(Break { link: other, position: given.at, hole });
        }
    }
    let valves = |ids: &[String]| -> Result<Vec<LinkId>, Failure> {
        ids.iter()
            .map(|id| {
                let link = find(id)?;
                let element = element_text(&network.link_ref(link), printer.language);
                match network.link_view(link).and_then(|view| view.valve()) {
                    Some(_) => Ok(link),
                    None => Err(Failure::input(texts.with("emergency-not-a-valve", &[("element", element.into())]))),
                }
            })
            .collect()
    };
    request.reliance.unusable = valves(&given.stuck)?.into_iter().collect();
    request.reliance.usable = valves(&given.usable)?.into_iter().collect();
    request.reliance.trust_unknown = given.trust_unknown;
    request.crews.count = given.crews;
    Ok(request)
}

pub(super) fn refusal(fault: &IsolationFault, printer: &Printer) -> Failure {
    Failure::input(forms::fault_text(fault, printer.language))
}

/// A utility's own repair times.
fn repair_norm(path: &Path, printer: &Printer) -> Result<RepairNorm, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::input(format!("{}: {error}", path.display())))?;
    RepairNorm::from_csv(&text).map_err(|fault| {
        let arguments = [("file", path.display().to_string().into()), ("line", fault.line.into())];
        Failure::input(printer.language.texts().with("emergency-bad-norm", &arguments))
    })
}
