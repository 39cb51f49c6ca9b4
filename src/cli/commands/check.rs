//! `check`: everything that is wrong or doubtful about a network, without solving it.

use serde_json::{Value, json};

use super::{line, load, load_for_json};
use crate::cli::args::{Check, TextOrJson};
use crate::cli::{Failure, Printer};
use crate::io::results;
use crate::network::{Severity, validate};

pub fn run(given: &Check, printer: &Printer) -> Result<(), Failure> {
    let network = match given.format {
        TextOrJson::Text => load(&given.file, printer)?,
        TextOrJson::Json => load_for_json(&given.file, printer)?,
    };
    let findings = validate::validate(&network);
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let data = match given.format {
        TextOrJson::Text => {
            let mut text = String::new();
            for finding in &findings {
                line(&mut text, format_args!("{}", printer.finding_text(finding)));
            }
            let texts = printer.language.texts();
            let summary = texts.with(
                "cli-check-summary",
                &[
                    ("nodes", network.node_count().into()),
                    ("links", network.link_count().into()),
                    ("errors", errors.into()),
                    ("warnings", warnings.into()),
                ],
            );
            line(&mut text, format_args!("{summary}"));
            text
        }
        TextOrJson::Json => {
            // The problems in the form every JSON answer has them.
            let answer: Value = serde_json::from_str(&results::json_refused(&findings, printer.language))
                .map_err(|error| Failure::Ours(error.to_string()))?;
            let problems = &answer["problems"];
            let value = json!({
                "valid": errors == 0,
                "nodes": network.node_count(),
                "links": network.link_count(),
                "problems": problems,
            });
            format!("{value:#}\n")
        }
    };
    printer.data(None, data.as_bytes())?;
    if errors > 0 { Err(Failure::Input(None)) } else { Ok(()) }
}
