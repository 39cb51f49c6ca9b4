//! No verb: the twin in a window.

use std::path::Path;

use crate::cli::{Failure, Printer};

#[cfg(not(feature = "desktop"))]
pub fn run(_file: Option<&Path>, _language_given: bool, printer: &Printer) -> Result<(), Failure> {
    Err(Failure::input(printer.language.texts().get("cli-no-desktop").into_owned()))
}

/// Opens the window as this user left it; a language given on the command line goes before the one remembered.
#[cfg(feature = "desktop")]
pub fn run(file: Option<&Path>, language_given: bool, printer: &Printer) -> Result<(), Failure> {
    use super::load;
    use crate::session::{Document, Preferences, Session};

    let mut session = Session::new(printer.language);
    let kept_at = Preferences::path();
    if let Some(path) = &kept_at {
        let mut preferences = Preferences::read(path);
        if language_given {
            preferences.language = None;
        }
        session.prefer(&preferences);
    }
    match file {
        Some(path) => {
            let network = load(path, printer)?;
            session.adopt(Document::new(network, Some(path.to_owned()), Vec::new()));
        }
        None => session.adopt(Document::new(super::demo(), None, Vec::new())),
    }
    crate::twin::run(session, super::files(), kept_at).map_err(|error| super::twin_failure(&error, printer))
}
