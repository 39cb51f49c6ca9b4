//! No verb: the twin in a window.

use std::path::Path;

use crate::cli::{Failure, Printer};

#[cfg(not(feature = "desktop"))]
pub fn run(_file: Option<&Path>, printer: &Printer) -> Result<(), Failure> {
    Err(Failure::input(printer.language.texts().get("cli-no-desktop").into_owned()))
}

#[cfg(feature = "desktop")]
pub fn run(file: Option<&Path>, printer: &Printer) -> Result<(), Failure> {
    use super::load;
    use crate::session::{Document, Session};

    let mut session = Session::new(printer.language);
    match file {
        Some(path) => {
            let network = load(path, printer)?;
            session.adopt(Document::new(network, Some(path.to_owned()), Vec::new()));
        }
        None => session.adopt(Document::new(super::demo(), None, Vec::new())),
    }
    crate::twin::run(session, super::files()).map_err(|error| super::twin_failure(&error, printer))
}
