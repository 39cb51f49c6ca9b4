//! `render`: a picture of a network, without window or display.

use crate::cli::args::Render;
use crate::cli::{Failure, Printer};

#[cfg(not(feature = "desktop"))]
pub fn run(_given: &Render, printer: &Printer) -> Result<(), Failure> {
    Err(Failure::input(printer.language.texts().get("cli-no-desktop").into_owned()))
}

#[cfg(feature = "desktop")]
pub fn run(given: &Render, printer: &Printer) -> Result<(), Failure> {
    use std::sync::Arc;

    use super::load;
    use crate::io::weather::EXAMPLE_WINTERS;
    use crate::session::colouring::ColourBy;
    use crate::session::timeline::{RunOrder, WeatherChoice};
    use crate::session::{Command, Document, Session, Theme, apply};
    use crate::solver::{Options, Solver};
    use crate::twin::{RenderOptions, View, render};

    let Some(colour_by) = ColourBy::from_word(&given.colour_by) else {
        let known = ColourBy::ALL.map(ColourBy::word).join(", ");
        let arguments = [("quantity", given.colour_by.clone().into()), ("known", known.into())];
        return Err(Failure::input(printer.language.texts().with("cli-unknown-quantity", &arguments)));
    };
    let mut session = Session::new(printer.language);
    session.adopt(match &given.file {
        Some(path) => Document::new(load(path, printer)?, Some(path.clone()), Vec::new()),
        None => Document::new(super::demo(), None, Vec::new()),
    });
    apply(&mut session, Command::ColourBy(colour_by));
    apply(&mut session, Command::SetTheme(if given.dark { Theme::Dark } else { Theme::Light }));
    let spinner = printer.spinner(&printer.language.texts().get("cli-solving"));
    let solution = Solver::new().solve(session.network(), &Options::default());
    spinner.finish_and_clear();
    if !solution.converged {
        printer.findings(&solution.findings);
    }
    let revision = session.revision();
    session.accept(revision, Arc::new(solution), Vec::new(), 0.0);
    if given.supply_only {
        apply(&mut session, Command::ToggleReturn);
    }
    if let Some(hours) = given.at {
        let weather = match &given.weather {
            Some(name) => EXAMPLE_WINTERS
                .into_iter()
                .find(|winter| winter.name == name)
                .map_or_else(|| WeatherChoice::File(name.into()), |winter| WeatherChoice::Winter(winter.name)),
            None => WeatherChoice::Fitting,
        };
        // The whole night: the range of the legend is that of all its hours.
        let usual = RunOrder::default();
        let order = RunOrder { weather, hours: hours.max(usual.hours), ..usual };
        let spinner = printer.spinner(&printer.language.texts().get("cli-simulating"));
        let lived = session.live_through(order, 3600.0 * hours);
        spinner.finish_and_clear();
        lived.map_err(|message| Failure::input(message.text(printer.language)))?;
    }
    let options = RenderOptions {
        size: [given.size.0, given.size.1],
        view: View::from_word(&given.view),
        output: given.output.clone(),
    };
    render(session, &options).map_err(|error| super::twin_failure(&error, printer))
}
