//! `audit`: verify the chained log, write its head, show its records.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use super::line;
use crate::cli::args::{Audit, AuditAction, TextOrJson};
use crate::cli::{Failure, Printer};
use crate::io::audit::{self, Broken, Chain, Head, Record};

pub fn run(given: &Audit, printer: &Printer) -> Result<(), Failure> {
    match &given.action {
        AuditAction::Verify { file, heads, format } => verify(file, heads, *format, printer),
        AuditAction::Head { file, output } => head(file, output.as_deref(), printer),
        AuditAction::Show { file, last, format } => show(file, *last, *format, printer),
    }
}

fn read(
    file: &Path,
    heads: &[Head],
    each: &mut dyn FnMut(&Record),
    printer: &Printer,
) -> Result<Result<Chain, Broken>, Failure> {
    audit::verify(file, heads, each).map_err(|error| printer.refusal(&error))
}

fn broken(file: &Path, broken: &Broken, printer: &Printer) -> Failure {
    printer.refusal(&broken.problem(file).into())
}

fn verify(file: &Path, named: &[PathBuf], format: TextOrJson, printer: &Printer) -> Result<(), Failure> {
    let beside = audit::heads_of(file);
    let mut heads = Vec::new();
    for path in named.iter().chain(beside.exists().then_some(&beside)) {
        heads.extend(audit::read_heads(path).map_err(|error| printer.refusal(&error))?);
    }
    let found = read(file, &heads, &mut |_| {}, printer)?;
    let texts = printer.language.texts();
    match (&found, format) {
        (Ok(chain), TextOrJson::Text) => {
            let text =
                texts.with("audit-whole", &[("records", chain.records.into()), ("heads", (heads.len() as u64).into())]);
            printer.data(None, format!("{text}\n").as_bytes())
        }
        (Ok(chain), TextOrJson::Json) => {
            let hash = chain.head().map(|head| head.hash);
            let answer =
                serde_json::json!({ "whole": true, "records": chain.records, "hash": hash, "heads": heads.len() });
            printer.data(None, format!("{answer}\n").as_bytes())
        }
        (Err(wrong), TextOrJson::Text) => Err(broken(file, wrong, printer)),
        (Err(wrong), TextOrJson::Json) => {
            let message = wrong.problem(file).message(printer.language);
            let answer = serde_json::json!({ "whole": false, "record": wrong.record, "message": message });
            printer.data(None, format!("{answer}\n").as_bytes())?;
            Err(broken(file, wrong, printer))
        }
    }
}

fn head(file: &Path, output: Option<&Path>, printer: &Printer) -> Result<(), Failure> {
    let chain = read(file, &[], &mut |_| {}, printer)?.map_err(|wrong| broken(file, &wrong, printer))?;
    let Some(head) = chain.head() else {
        return Err(Failure::input(printer.language.texts().get("audit-empty")));
    };
    let json = serde_json::to_string(&head).map_err(|error| Failure::Ours(error.to_string()))?;
    printer.data(output, format!("{json}\n").as_bytes())
}

fn show(file: &Path, last: usize, format: TextOrJson, printer: &Printer) -> Result<(), Failure> {
    let mut records: VecDeque<Record> = VecDeque::new();
    let found = read(
        file,
        &[],
        &mut |record| {
            records.push_back(record.clone());
            if records.len() > last {
                records.pop_front();
            }
        },
        printer,
    )?;
    let mut text = String::new();
    for record in &records {
        match format {
            TextOrJson::Json => {
                let json = serde_json::to_string(record).map_err(|error| Failure::Ours(error.to_string()))?;
                line(&mut text, format_args!("{json}"));
            }
            TextOrJson::Text => {
                let deed = &record.deed;
                let role = deed.role.map_or(String::new(), |role| format!(" ({})", role.word()));
                let details: Vec<String> = deed.details.iter().map(|(name, value)| format!("{name}={value}")).collect();
                line(
                    &mut text,
                    format_args!(
                        "{:>7}  {}  {}{role}  {}  {}  {}",
                        record.number,
                        deed.at,
                        deed.user,
                        deed.action,
                        deed.subject,
                        details.join(", ")
                    ),
                );
            }
        }
    }
    printer.data(None, text.as_bytes())?;
    // What was shown was whole; what comes behind the break was not.
    found.map(|_| ()).map_err(|wrong| broken(file, &wrong, printer))
}
