//! `import`: a foreign file into a native one, with a report of what was mended, guessed or refused.

use std::path::PathBuf;

use crate::cli::args::{self, Import};
use crate::cli::{Failure, Printer};
use crate::io;
use crate::io::geojson::{ImportOptions, Mirror};

pub fn run(given: &Import, printer: &Printer) -> Result<(), Failure> {
    let output = given.output.clone().unwrap_or_else(|| beside(&given.source));
    let spinner = printer.spinner(&given.source.display().to_string());
    // Only maps leave room for choices.
    let opened = match io::format::detect(&given.source) {
        Ok(io::Format::GeoJson) => io::geojson::import(&given.source, &options(given)),
        _ => io::open(&given.source),
    };
    spinner.finish_and_clear();
    let opened = opened.map_err(|error| printer.refusal(&error))?;
    printer.findings(&opened.findings);
    io::file::write(&output, &opened.network).map_err(|error| printer.refusal(&error))?;
    let texts = printer.language.texts();
    printer.say(&texts.with(
        "cli-imported",
        &[
            ("nodes", opened.network.node_count().into()),
            ("links", opened.network.link_count().into()),
            ("remarks", opened.findings.len().into()),
            ("path", output.display().to_string().into()),
        ],
    ));
    Ok(())
}

fn options(given: &Import) -> ImportOptions {
    ImportOptions {
        snap_tolerance_m: given.snap_tolerance,
        mirror: match given.mirror {
            args::Mirror::Auto => Mirror::Auto,
            args::Mirror::Always => Mirror::Always,
            args::Mirror::Never => Mirror::Never,
        },
        crs: given.crs.clone(),
    }
}

/// `Net3.inp` → `Net3.hypocaust.json`.
fn beside(source: &std::path::Path) -> PathBuf {
    let stem = source.file_stem().unwrap_or_else(|| "network".as_ref()).to_string_lossy().into_owned();
    source.with_file_name(format!("{stem}.hypocaust.json"))
}
