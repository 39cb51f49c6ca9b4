//! L7: the command line. As typed ([`args`]) → as meant → run ([`commands`]). The only place that prints: data to
//! stdout or a file, talk to stderr ([`printer`]). Exit codes are in [`exit`].

pub mod args;
mod commands;
pub mod exit;
mod printer;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

pub use commands::bench::{most_memory, watch_memory};
pub use exit::Failure;
pub use printer::Printer;

use args::{Arguments, Command};

/// Runs the program with these arguments (the first is the program's name).
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    exit::report_panics();
    let parsed = match Arguments::try_parse_from(arguments) {
        Ok(parsed) => parsed,
        Err(error) => return exit::usage(&error),
    };
    let printer = Printer::new(parsed.language(), parsed.quiet);
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(parsed, &printer)));
    match outcome {
        Ok(Ok(())) => ExitCode::from(exit::DONE),
        Ok(Err(failure)) => exit::fail(&printer, &failure),
        Err(_) => ExitCode::from(exit::OURS),
    }
}

fn run(mut arguments: Arguments, printer: &Printer) -> Result<(), Failure> {
    if let (Some(file), Some(_)) = (&arguments.file, &arguments.command) {
        return Err(Failure::input(
            printer.language.texts().with("cli-file-before-verb", &[("file", file.display().to_string().into())]),
        ));
    }
    let language_given = arguments.has_language();
    match arguments.command.take() {
        None => commands::open::run(&arguments, language_given, printer),
        Some(Command::Check(given)) => commands::check::run(&given, printer),
        Some(Command::Solve(given)) => commands::solve::run(&given, printer),
        Some(Command::Simulate(given)) => commands::simulate::run(&given, printer),
        Some(Command::Retrofit(given)) => commands::retrofit::run(&given, printer),
        Some(Command::Dispatch(given)) => commands::dispatch::run(&given, printer),
        Some(Command::Compare(given)) => commands::compare::run(&given, printer),
        Some(Command::Import(given)) => commands::import::run(&given, printer),
        Some(Command::Export(given)) => commands::export::run(&given, printer),
        Some(Command::Generate(given)) => commands::generate::run(&given, printer),
        Some(Command::Verify(given)) => commands::verify::run(&given, printer),
        Some(Command::Render(given)) => commands::render::run(&given, printer),
        Some(Command::Meter(given)) => commands::meter::run(&given, printer),
        Some(Command::Burst(given)) => commands::burst::run(&given, printer),
        Some(Command::Live(given)) => commands::live::run(&given, printer),
        Some(Command::Incident(given)) => commands::incident::run(&given, printer),
        Some(Command::Criticality(given)) => commands::criticality::run(&given, printer),
        Some(Command::Estimate(given)) => commands::estimate::run(&given, printer),
        Some(Command::Calibrate(given)) => commands::calibrate::run(&given, printer),
        Some(Command::Balance(given)) => commands::balance::run(&given, printer),
        Some(Command::Forecast(given)) => commands::forecast::run(&given, printer),
        Some(Command::Energy(given)) => commands::energy::run(&given, printer),
        Some(Command::Curve(given)) => commands::curve::run(&given, printer),
        Some(Command::Fit(given)) => commands::fit::run(&given, printer),
        Some(Command::History(given)) => commands::history::run(&given, printer),
        Some(Command::Field(given)) => commands::field::run(&given, printer),
        Some(Command::Bench(given)) => commands::bench::run(&given, printer),
        Some(Command::Probe(given)) => commands::probe::run(&given, printer),
        Some(Command::Orders(given)) => commands::orders::run(&given, printer),
        Some(Command::Audit(given)) => commands::audit::run(&given, printer),
        Some(Command::Write(given)) => commands::write::run(&given, printer),
        Some(Command::User(given)) => commands::user::run(&given, printer),
        Some(Command::Schema) => commands::schema::run(printer),
        Some(Command::Completions(given)) => commands::completions::run(&given, printer),
    }
}
