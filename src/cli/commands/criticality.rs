//! `criticality`: every part that valves can shut off and every source fails in turn.

use super::table::sheet_text;
use super::{load, load_for_json};
use crate::cli::args::{Criticality, TableFormat};
use crate::cli::{Failure, Printer};
use crate::emergency::criticality::{Study, criticality};
use crate::io::emergency as forms;

pub fn run(given: &Criticality, printer: &Printer) -> Result<(), Failure> {
    let network = match given.format {
        TableFormat::Json => load_for_json(&given.file, printer)?,
        _ => load(&given.file, printer)?,
    };
    let outdoor_c = given.rooms.then(|| given.outdoor.unwrap_or(network.settings().outdoor_temperature_c));
    let texts = printer.language.texts();
    let mut study = Study { outdoor_c, pairs: given.pairs, ..Study::default() };
    for id in &given.pairs_of {
        let refused = || Failure::input(texts.with("emergency-no-element", &[("id", id.clone().into())]));
        study.pairs_of.push(network.link_id(id).ok_or_else(refused)?);
    }
    let spinner = printer.spinner(&printer.language.texts().get("emergency-solving"));
    let found = criticality(&network, &study, || spinner.inc(1));
    spinner.finish_and_clear();
    let data = match given.format {
        TableFormat::Text => sheet_text(&forms::criticality_sheet(&network, &found, printer.language, &printer.units)),
        TableFormat::Json => forms::criticality_json(&network, &found),
        TableFormat::Csv => {
            forms::criticality_csv(&network, &found).map_err(|error| Failure::Ours(error.to_string()))?
        }
    };
    printer.data(given.output.as_deref(), data.as_bytes())
}
