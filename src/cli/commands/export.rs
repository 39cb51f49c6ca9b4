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
    match given.format {
        ExportFormat::Geojson => {
            let text = match &solution {
                Some(solution) => io::geojson_export::results(&network, solution),
                None => io::geojson_export::network(&network),
            };
            printer.data(Some(&given.output), text.as_bytes())?;
        }
        ExportFormat::Inp => {
            let written = io::inp::write(&network);
            printer.findings(&written.findings);
            printer.data(Some(&given.output), written.text.as_bytes())?;
        }
        ExportFormat::Csv => {
            io::tables::write_folder(&given.output, &network).map_err(|error| printer.refusal(&error))?;
            if let Some(solution) = &solution {
                io::results::write_csv(&given.output.join("results"), &network, solution)
                    .map_err(|error| printer.refusal(&error))?;
            }
        }
    }
    let texts = printer.language.texts();
    printer.say(&texts.with("cli-written", &[("path", given.output.display().to_string().into())]));
    Ok(())
}
