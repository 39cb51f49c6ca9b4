//! `export`: network and results as GeoJSON, CSV tables or EPANET INP.

use super::load;
use crate::cli::args::{Export, ExportFormat};
use crate::cli::{Failure, Printer};
use crate::io;
use crate::solver::{Options, Solution, Solver};

pub fn run(given: &Export, printer: &Printer) -> Result<(), Failure> {
    let network = load(&given.file, printer)?;
    let solution: Option<Solution> = (!given.no_results && given.format != ExportFormat::Inp)
        .then(|| Solver::new().solve(&network, &Options::default()));
    if let Some(solution) = &solution {
        printer.findings(&solution.findings);
        if !solution.converged {
            return Err(Failure::input(printer.language.texts().get("cli-export-unsolved").into_owned()));
        }
    }
    let format = match given.format {
        ExportFormat::Geojson => io::export::ExportFormat::GeoJson,
        ExportFormat::Inp => io::export::ExportFormat::Inp,
        ExportFormat::Csv => io::export::ExportFormat::Tables,
    };
    let findings = io::export::write(&given.output, format, &network, solution.as_ref())
        .map_err(|error| printer.refusal(&error))?;
    printer.findings(&findings);
    let texts = printer.language.texts();
    printer.say(&texts.with("cli-written", &[("path", given.output.display().to_string().into())]));
    Ok(())
}
