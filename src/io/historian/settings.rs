//! What a person sets for a history, beside it in `historian.toml`: how long rows are kept, and where they are sent on to.
//!
//! ```toml
//! keep_days = 400                     # rows; hourly means, extremes and totals stay for ever
//!
//! [[link]]
//! name = "regulator"                  # letters, digits, - and _; the state of the link is kept under it
//! postgres = "host=10.1.2.3 user=heat dbname=history"
//! site = "city"                       # tells the rows of this city from those of another
//! password_variable = "REGULATOR_PASSWORD"
//! start = "now"                       # or "everything" that is stored, which is usual
//! ```
//!
//! A password never stands here: it comes from a variable of the environment.

use std::path::Path;

use serde::Deserialize;

use super::forward::postgres::Postgres;
use super::forward::{Forwarder, Start};
use super::options::Options;
use super::store::Historian;
use crate::io::{IoError, Problem, encoding};

const FILE: &str = "historian.toml";

/// What is set for a history; nothing where there is no such file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// See [`Options::keep_days`].
    pub keep_days: Option<u32>,
    #[serde(default, rename = "link")]
    pub links: Vec<LinkSettings>,
}

/// A way to another historian.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkSettings {
    pub name: String,
    /// As PostgreSQL writes connections.
    pub postgres: String,
    pub site: String,
    /// Variable of the environment that holds the password.
    #[serde(default)]
    pub password_variable: Option<String>,
    #[serde(default)]
    pub start: Start,
}

impl Settings {
    /// Reads what is set for the history of a folder.
    pub fn read(folder: &Path) -> Result<Settings, IoError> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Ok(Settings::default());
        }
        let text = encoding::read(&path)?;
        toml::from_str(&text).map_err(|error| {
            let problem = Problem::new(&path, "historian-settings").with("reason", error.message());
            let before = error.span().and_then(|span| text.get(..span.start));
            match before {
                Some(before) => problem.line(before.matches('\n').count() + 1).into(),
                None => problem.into(),
            }
        })
    }

    /// The usual options, with what is set.
    pub fn options(&self) -> Options {
        Options { keep_days: self.keep_days, ..Options::default() }
    }

    /// Starts every link, by name. They end when they are dropped.
    pub fn start_links(&self, historian: &Historian) -> Result<Vec<(String, Forwarder)>, IoError> {
        let path = historian.folder().join(FILE);
        let start = |link: &LinkSettings| -> Result<(String, Forwarder), IoError> {
            let problem = |key| Problem::new(&path, key).subject(&link.name);
            let target = Postgres::new(&link.postgres, &link.site);
            let mut target = target.map_err(|error| problem("historian-link-target").with("reason", error))?;
            if let Some(variable) = &link.password_variable {
                let password = std::env::var(variable);
                let password = password.map_err(|_| problem("historian-link-password").with("variable", variable))?;
                target = target.password(&password);
            }
            historian.link(&link.name, link.start)?;
            let forwarder = Forwarder::start(historian.clone(), &link.name, Box::new(target));
            Ok((link.name.clone(), forwarder.map_err(|error| IoError::system(&path, &error))?))
        };
        self.links.iter().map(start).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Settings, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), text).unwrap();
        Settings::read(folder.path()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_set_is_read_and_what_is_wrong_has_a_line() {
        let link = "[[link]]\nname = \"r\"\npostgres = \"host=h\"\nsite = \"city\"\n";
        let found = read(&format!("keep_days = 400\n{link}start = \"now\"\n")).unwrap();
        assert_eq!((found.options().keep_days, found.links[0].start), (Some(400), Start::Now));
        assert_eq!(read(link).unwrap().links[0].start, Start::Everything);
        let unknown = read(&format!("{link}password = \"x\"\n")).unwrap_err();
        assert!(unknown.contains("historian.toml:5") && unknown.contains("password"), "{unknown}");
        assert!(read("keep_days = \"long\"").unwrap_err().contains(":1"));
        let nothing = tempfile::tempdir().unwrap();
        assert_eq!(Settings::read(nothing.path()), Ok(Settings::default()));
    }
}
