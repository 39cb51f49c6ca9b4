//! What can be wrong with a file: located problems, each with its remedy.
//!
//! Every reader collects [`Problem`]s and gives them up together as an [`IoError`], so that a person corrects a file
//! once instead of once per mistake. Nothing here decides what is wrong; sentences live in `files.ftl`.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::network::ElementRef;
use crate::text::{Argument, Language};

/// Problems kept in one error; further ones are only counted, nobody reads more at a time.
pub const PROBLEMS_KEPT: usize = 20;

/// One thing that is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The file or folder; a sheet of a workbook stands behind a `#`.
    pub file: PathBuf,
    /// Counted from 1.
    pub line: Option<usize>,
    /// Character in the line, counted from 1.
    pub column: Option<usize>,
    pub element: Option<ElementRef>,
    /// What is concerned where it is no element of a network: a device, a register.
    pub subject: Option<String>,
    what: What,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    Key { key: &'static str, arguments: Vec<(&'static str, String)> },
    Plain { text: String, remedy: String },
}

impl Problem {
    /// A problem whose sentence stands in the translations under `key`, its remedy under `key.help`.
    pub fn new(file: &Path, key: &'static str) -> Problem {
        Problem::of(file, What::Key { key, arguments: Vec::new() })
    }

    /// A problem in words that come from elsewhere (the operating system, a library).
    pub fn plain(file: &Path, text: impl Into<String>, remedy: impl Into<String>) -> Problem {
        Problem::of(file, What::Plain { text: text.into(), remedy: remedy.into() })
    }

    fn of(file: &Path, what: What) -> Problem {
        Problem { file: file.to_owned(), line: None, column: None, element: None, subject: None, what }
    }

    /// Gives an argument of the sentence.
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Problem {
        if let What::Key { arguments, .. } = &mut self.what {
            arguments.push((name, value.to_string()));
        }
        self
    }

    pub fn line(mut self, line: usize) -> Problem {
        self.line = Some(line);
        self
    }

    pub fn at(mut self, line: usize, column: usize) -> Problem {
        self.line = Some(line);
        self.column = Some(column);
        self
    }

    pub fn element(mut self, element: Option<ElementRef>) -> Problem {
        self.element = element;
        self
    }

    /// Names what is concerned, in words that are alike in every language.
    pub fn subject(mut self, subject: impl Into<String>) -> Problem {
        self.subject = Some(subject.into());
        self
    }

    /// What is wrong.
    pub fn message(&self, language: Language) -> String {
        match &self.what {
            What::Plain { text, .. } => text.clone(),
            What::Key { key, .. } => self.sentence(key, language),
        }
    }

    /// What to do about it.
    pub fn help(&self, language: Language) -> String {
        match &self.what {
            What::Plain { remedy, .. } => remedy.clone(),
            What::Key { key, .. } => self.sentence(&format!("{key}.help"), language),
        }
    }

    fn sentence(&self, key: &str, language: Language) -> String {
        let What::Key { arguments, .. } = &self.what else { return String::new() };
        let arguments: Vec<(&str, Argument<'_>)> =
            arguments.iter().map(|(name, value)| (*name, Argument::from(value.as_str()))).collect();
        language.texts().with(key, &arguments)
    }

    /// `file:line:column: element: problem; remedy`.
    pub fn text(&self, language: Language) -> String {
        let mut out = self.file.display().to_string();
        for number in [self.line, self.column].into_iter().flatten() {
            out.push_str(&format!(":{number}"));
        }
        if let Some(element) = &self.element {
            out.push_str(": ");
            out.push_str(&crate::network::finding::element_text(element, language));
        }
        if let Some(subject) = &self.subject {
            out.push_str(&format!(": {subject}"));
        }
        out.push_str(&format!(": {}; {}", self.message(language), self.help(language)));
        out
    }
}

/// A file that could not be read or written, with everything found wrong with it. Nothing was changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IoError {
    /// [`PROBLEMS_KEPT`] at most.
    pub problems: Vec<Problem>,
    /// Problems beyond those kept.
    pub further: usize,
}

impl IoError {
    /// Adds a problem, or counts it when there are enough.
    pub fn push(&mut self, problem: Problem) {
        if self.problems.len() < PROBLEMS_KEPT {
            self.problems.push(problem);
        } else {
            self.further += 1;
        }
    }

    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// `Ok` where no problem was found; otherwise the problems file by file in the order of lines.
    pub fn into_result(mut self) -> Result<(), IoError> {
        self.problems.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
        if self.is_empty() { Ok(()) } else { Err(self) }
    }

    /// An operation the system refused.
    pub fn system(file: &Path, error: &std::io::Error) -> IoError {
        use std::io::ErrorKind;
        let key = match error.kind() {
            ErrorKind::NotFound => "io-not-found",
            ErrorKind::PermissionDenied => "io-permission",
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "io-storage-full",
            ErrorKind::ReadOnlyFilesystem => "io-read-only",
            _ => "io-system",
        };
        Problem::new(file, key).with("reason", error).into()
    }

    /// All problems, one a line.
    pub fn text(&self, language: Language) -> String {
        let mut lines: Vec<String> = self.problems.iter().map(|problem| problem.text(language)).collect();
        if self.further > 0 {
            let further = Argument::from(self.further.to_string());
            lines.push(language.texts().with("io-further", &[("count", further)]));
        }
        lines.join("\n")
    }
}

impl From<Problem> for IoError {
    fn from(problem: Problem) -> IoError {
        IoError { problems: vec![problem], further: 0 }
    }
}

impl fmt::Display for IoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Language::English))
    }
}

impl std::error::Error for IoError {}
