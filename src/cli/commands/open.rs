//! No verb: the twin in a window.

use crate::cli::args::Arguments;
use crate::cli::{Failure, Printer};

#[cfg(not(feature = "desktop"))]
pub fn run(_arguments: &Arguments, _language_given: bool, printer: &Printer) -> Result<(), Failure> {
    Err(Failure::input(printer.language.texts().get("cli-no-desktop").into_owned()))
}

/// How far ahead the dispatch is planned while a field is followed.
#[cfg(feature = "desktop")]
const PLANNED_HOURS: f64 = 6.0;

/// Opens the window as this user left it; a language given on the command line goes before the one remembered.
#[cfg(feature = "desktop")]
pub fn run(arguments: &Arguments, language_given: bool, printer: &Printer) -> Result<(), Failure> {
    use super::load;
    use crate::session::live::{DispatchPlanner, LiveSource};
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
    // Users and a map that cannot be read are said here, where they were typed, not later in the window.
    let books = super::books(arguments.users.as_ref(), arguments.audit.as_ref(), printer)?;
    let beside = books.as_ref().map(|books| books.audit.with_file_name("orders.log"));
    let within = || arguments.history.as_ref().map(|folder| folder.join("orders.log"));
    if let Some(log) = arguments.orders.clone().or(beside).or_else(within) {
        session.keep_orders(log);
    }
    if let Some(prices) = &arguments.prices {
        let terms = crate::io::dispatch::read_terms(prices).map_err(|error| printer.refusal(&error))?;
        session.plan_with(std::sync::Arc::new(DispatchPlanner { terms, hours: PLANNED_HOURS, weather: None }));
    }
    if let Some(books) = books {
        session.keep_books(books);
    }
    if !arguments.offline {
        session.bring_demo_field();
    }
    match &arguments.file {
        Some(path) => {
            let network = load(path, printer)?;
            session.adopt(Document::new(network, Some(path.clone()), Vec::new()));
            if let Some(map) = &arguments.live {
                session.connect(super::field_of(map, arguments.history.as_ref(), printer)?);
            }
        }
        None => {
            session.adopt(Document::new(super::demo(), None, Vec::new()));
            if !arguments.offline {
                session.connect(LiveSource::Simulated);
            }
        }
    }
    crate::twin::run(session, super::files(), kept_at).map_err(|error| super::twin_failure(&error, printer))
}
