//! `completions`: a script that teaches a shell our arguments.

use clap::CommandFactory;

use crate::cli::args::{Arguments, Completions};
use crate::cli::{Failure, Printer};

pub fn run(given: &Completions, printer: &Printer) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(given.shell, &mut Arguments::command(), "hypocaust", &mut script);
    printer.data(None, &script)
}
