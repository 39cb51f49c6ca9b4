//! Weather for the commands that run in time: a file, or an example winter by its name.

use std::path::Path;

use crate::cli::{Failure, Printer};
use crate::io::weather::{self, ExampleWinter};
use crate::physics::weather::WeatherSeries;

/// `None` where none is asked for.
pub fn read(given: Option<&str>, printer: &Printer) -> Result<Option<WeatherSeries>, Failure> {
    let Some(given) = given else { return Ok(None) };
    let series = match ExampleWinter::by_name(given) {
        Some(winter) => winter.series(),
        None => weather::read(Path::new(given)),
    };
    series.map(Some).map_err(|error| printer.refusal(&error))
}
