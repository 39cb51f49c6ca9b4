//! `schema`: the JSON Schema of the native file.

use crate::cli::{Failure, Printer};
use crate::io::file;

pub fn run(printer: &Printer) -> Result<(), Failure> {
    printer.data(None, file::schema().as_bytes())
}
