//! How the program ends: 0 done, 1 your input, 2 our mistake.

use std::io;
use std::process::ExitCode;

use super::Printer;

/// Done.
pub const DONE: u8 = 0;
/// The input cannot be used; the message says what is wrong with it and what to do.
pub const INPUT: u8 = 1;
/// A mistake of the program.
pub const OURS: u8 = 2;

/// Why a command ended without its result.
#[derive(Debug)]
pub enum Failure {
    /// Message for the person, complete with remedy; `None` where the answer itself (a JSON result) said it.
    Input(Option<String>),
    /// The program's own mistake.
    Ours(String),
    /// The reader of our output went away (`hypocaust … | head`): not an error worth words.
    ReaderGone,
}

impl Failure {
    pub fn input(message: impl Into<String>) -> Failure {
        Failure::Input(Some(message.into()))
    }
}

/// Ends with the failure's message and code.
pub fn fail(printer: &Printer, failure: &Failure) -> ExitCode {
    match failure {
        Failure::Input(message) => {
            if let Some(message) = message {
                printer.error(message);
            }
            ExitCode::from(INPUT)
        }
        Failure::Ours(message) => {
            printer.error(&format!("{message}\nThis is a mistake of the program; please report it with the input."));
            ExitCode::from(OURS)
        }
        Failure::ReaderGone => ExitCode::from(DONE),
    }
}

/// Help and version go to stdout with 0; everything else about the arguments is the caller's input.
#[expect(clippy::print_stderr, reason = "the last resort when stdout and stderr themselves fail")]
pub fn usage(error: &clap::Error) -> ExitCode {
    if let Err(broken) = error.print()
        && broken.kind() != io::ErrorKind::BrokenPipe
    {
        eprintln!("hypocaust: {broken}");
    }
    ExitCode::from(if error.use_stderr() { INPUT } else { DONE })
}

/// A panic is our mistake and says so, with the place, instead of a bare Rust message.
#[expect(clippy::print_stderr, reason = "a panic hook has no printer")]
pub fn report_panics() {
    let standard = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        eprintln!("hypocaust: this is a mistake of the program; please report it with the input and these lines:");
        standard(info);
    }));
}
