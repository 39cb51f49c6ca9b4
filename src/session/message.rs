//! Short messages to the user: kept as key and arguments, so that they follow a change of language.

use crate::network::Severity;
use crate::text::{Argument, Language};

/// A sentence that can be said in any language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub key: &'static str,
    pub arguments: Vec<(&'static str, String)>,
}

impl Message {
    pub fn new(key: &'static str) -> Message {
        Message { key, arguments: Vec::new() }
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Message {
        self.arguments.push((name, value.into()));
        self
    }

    /// The sentence.
    pub fn text(&self, language: Language) -> String {
        let arguments: Vec<(&str, Argument<'_>)> =
            self.arguments.iter().map(|(name, value)| (*name, Argument::from(value.as_str()))).collect();
        language.texts().with(self.key, &arguments)
    }
}

/// A message on screen until it is dismissed (errors) or has been seen (the rest).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Counts up; what [`Command::DismissNotification`](super::Command::DismissNotification) names.
    pub number: u64,
    pub severity: Severity,
    pub message: Message,
}
