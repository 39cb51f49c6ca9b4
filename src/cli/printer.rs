//! Data to stdout or a file, talk to stderr, progress bars on long work.

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::Failure;
use crate::io::{IoError, save};
use crate::network::{Finding, Severity};
use crate::text::Language;
use crate::units::DisplayUnits;

/// Where the command line speaks.
#[derive(Debug)]
pub struct Printer {
    pub language: Language,
    pub units: DisplayUnits,
    quiet: bool,
}

impl Printer {
    pub fn new(language: Language, quiet: bool) -> Printer {
        Printer { language, units: DisplayUnits::default(), quiet }
    }

    /// Data: to the file, or to stdout where none is named. The file is replaced only when the data is complete.
    pub fn data(&self, output: Option<&Path>, data: &[u8]) -> Result<(), Failure> {
        match output {
            Some(path) => save::atomic(path, data).map_err(|error| self.refusal(&error)),
            None => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(data).and_then(|()| stdout.flush()).map_err(|error| match error.kind() {
                    io::ErrorKind::BrokenPipe => Failure::ReaderGone,
                    _ => Failure::input(format!("standard output: {error}")),
                })
            }
        }
    }

    /// Talk: progress and remarks.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            self.to_stderr(text);
        }
    }

    /// An error, shown even when quiet.
    pub fn error(&self, text: &str) {
        let mut lines = text.lines();
        let word = self.language.texts().get("cli-error");
        self.to_stderr(&format!("{word}: {}", lines.next().unwrap_or("")));
        for line in lines {
            self.to_stderr(&format!("  {line}"));
        }
    }

    /// Findings to stderr, one line each with its remedy below; errors always, the rest unless quiet.
    pub fn findings(&self, findings: &[Finding]) {
        for finding in findings {
            if finding.severity == Severity::Error || !self.quiet {
                self.to_stderr(&self.finding_text(finding));
            }
        }
    }

    /// One finding as text: `error: message` and the remedy on the next line.
    pub fn finding_text(&self, finding: &Finding) -> String {
        let texts = self.language.texts();
        let word = match finding.severity {
            Severity::Error => texts.get("cli-error"),
            Severity::Warning => texts.get("cli-warning"),
            Severity::Info => texts.get("cli-info"),
        };
        let message = finding.message(self.language, &self.units);
        let help = finding.help(self.language, &self.units);
        format!("{word}: {message}\n  {}: {help}", texts.get("cli-help"))
    }

    /// The failure of a file that could not be read or written, in the reader's language.
    pub fn refusal(&self, error: &IoError) -> Failure {
        Failure::input(error.text(self.language))
    }

    /// A progress bar for work of `steps` steps; hidden where stderr is no terminal.
    pub fn progress(&self, steps: u64, label: &str) -> ProgressBar {
        if self.quiet || !io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new(steps);
        // The template is a constant; where the library refused it the default style serves.
        if let Ok(style) = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len} {eta}") {
            bar.set_style(style);
        }
        bar.set_message(label.to_owned());
        bar
    }

    /// A spinner for work of unknown length; hidden where stderr is no terminal.
    pub fn spinner(&self, label: &str) -> ProgressBar {
        if self.quiet || !io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new_spinner();
        bar.set_message(label.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    }

    fn to_stderr(&self, text: &str) {
        // Nobody to tell when stderr itself is gone.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}
