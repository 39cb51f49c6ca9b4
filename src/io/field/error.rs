//! Why there is no field, or no such fault in it.

use std::fmt;

use super::fault::Fault;
use crate::io::IoError;
use crate::network::Finding;
use crate::text::Language;
use crate::units::DisplayUnits;

/// Why there is no field, or no such fault in it.
#[derive(Debug)]
pub enum FieldError {
    /// The network has no steady state to begin with.
    Unsolved(Vec<Finding>),
    /// An address cannot be had.
    Port { host: String, port: u16, error: std::io::Error },
    /// Certificates cannot be read, or are none.
    Certificates(IoError),
    /// A thread or socket was refused.
    System(std::io::Error),
    /// There is no such tag, device or element.
    NoTarget(Fault),
    /// The field has ended.
    Ended,
}

impl FieldError {
    /// What is wrong, and what to do.
    pub fn text(&self, language: Language) -> String {
        let texts = language.texts();
        match self {
            FieldError::Unsolved(findings) => {
                let units = DisplayUnits::default();
                let reason = findings.first().map(|finding| finding.message(language, &units)).unwrap_or_default();
                texts.with("field-unsolved", &[("reason", reason.into())])
            }
            FieldError::Port { host, port, error } => texts.with(
                "field-port",
                &[
                    ("host", host.as_str().into()),
                    // As text: ports have no thousands.
                    ("port", port.to_string().into()),
                    ("reason", error.to_string().into()),
                ],
            ),
            FieldError::Certificates(error) => error.text(language),
            FieldError::System(error) => texts.with("field-system", &[("reason", error.to_string().into())]),
            FieldError::NoTarget(fault) => {
                let arguments = [("target", fault.target.as_str().into()), ("fault", fault.to_string().into())];
                texts.with("field-no-target", &arguments)
            }
            FieldError::Ended => texts.get("field-ended").into_owned(),
        }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Language::English))
    }
}

impl std::error::Error for FieldError {}
