//! No verb: the twin in a window.

use std::path::Path;

use crate::cli::{Failure, Printer};

#[cfg(not(feature = "desktop"))]
pub fn run(_file: Option<&Path>, printer: &Printer) -> Result<(), Failure> {
    Err(Failure::input(printer.language.texts().get("cli-no-desktop").into_owned()))
}

#[cfg(feature = "desktop")]
pub fn run(_file: Option<&Path>, _printer: &Printer) -> Result<(), Failure> {
    Err(Failure::input("not here yet"))
}
