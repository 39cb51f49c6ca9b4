//! Weather for the commands that run in time: a file, or an example winter by its name.

use std::path::Path;

use crate::cli::{Failure, Printer};
use crate::io::weather::{self, ExampleWinter};
use crate::physics::weather::WeatherSeries;

/// `None` where none is asked for.
pub fn read(given: Option<&str>, printer: &Printer) -> Result<Option<WeatherSeries>, Failure> {
    given.map(|given| one(given, weather::CHINA_OFFSET_S, printer)).transpose()
}

/// Several in a row, each going on where the one before ends; replies of services in UTC become local by the offset, s.
pub fn read_in_a_row(given: &[String], utc_offset_s: f64, printer: &Printer) -> Result<Option<WeatherSeries>, Failure> {
    let mut out: Option<WeatherSeries> = None;
    for given in given {
        let series = one(given, utc_offset_s, printer)?;
        out = Some(match out {
            Some(before) => before.continued_by(&series),
            None => series,
        });
    }
    Ok(out)
}

fn one(given: &str, utc_offset_s: f64, printer: &Printer) -> Result<WeatherSeries, Failure> {
    let series = match ExampleWinter::by_name(given) {
        Some(winter) => winter.series(),
        None => weather::read_at(Path::new(given), utc_offset_s),
    };
    series.map_err(|error| printer.refusal(&error))
}
