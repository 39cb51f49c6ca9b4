//! One file per verb.

mod alarm_history;
pub mod audit;
pub mod balance;
pub mod bench;
pub mod burst;
pub mod calibrate;
pub mod check;
pub mod compare;
pub mod completions;
pub mod criticality;
pub mod curve;
pub mod dispatch;
pub mod energy;
pub mod estimate;
pub mod export;
pub mod field;
pub mod fit;
pub mod forecast;
pub mod generate;
pub mod history;
pub mod import;
pub mod incident;
pub mod live;
mod local_time;
pub mod meter;
pub mod open;
pub mod orders;
pub mod probe;
mod regulator;
pub mod render;
pub mod retrofit;
pub mod schema;
pub mod simulate;
pub mod solve;
mod table;
pub mod user;
pub mod verify;
pub mod weather;
pub mod write;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Failure, Printer};
use crate::io;
use crate::io::modbus::map::DeviceMap;
use crate::network::Network;
use crate::session::live::{Books, LiveSource};

/// Opens a network, native or imported; what was mended or guessed goes to stderr.
fn load(path: &Path, printer: &Printer) -> Result<Network, Failure> {
    let spinner = printer.spinner(&path.display().to_string());
    let opened = io::open(path);
    spinner.finish_and_clear();
    let opened = opened.map_err(|error| printer.refusal(&error))?;
    printer.findings(&opened.findings);
    Ok(opened.network)
}

/// Like [`load`], for commands whose answer is JSON: an unreadable file is answered in JSON too, so that a script gets
/// its reason in the form it reads.
fn load_for_json(path: &Path, printer: &Printer) -> Result<Network, Failure> {
    match io::open(path) {
        Ok(opened) => Ok(opened.network),
        Err(error) => {
            printer.data(None, io::results::json_unreadable(&error, printer.language).as_bytes())?;
            Err(printer.refusal(&error))
        }
    }
}

/// The devices of a device map, and the folder that keeps what they say.
fn field_of(map: &Path, history: Option<&PathBuf>, printer: &Printer) -> Result<LiveSource, Failure> {
    let map = DeviceMap::read(map).map_err(|error| printer.refusal(&error))?;
    Ok(LiveSource::Map { map: Arc::new(map), history: history.cloned() })
}

/// Where people and what they do are kept: the files named, else the users in the folder of the settings where there are
/// any; `None`: nobody can be told apart.
fn books(users: Option<&PathBuf>, audit: Option<&PathBuf>, printer: &Printer) -> Result<Option<Books>, Failure> {
    let Some(users) = users.cloned().or_else(|| user::in_settings().filter(|path| path.exists())) else {
        return Ok(None);
    };
    let books = Books::new(users, audit.cloned());
    books.check().map_err(|error| printer.refusal(&error))?;
    Ok(Some(books))
}

/// A line of text as data, with its end.
fn line(text: &mut String, parts: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = std::fmt::Write::write_fmt(text, parts);
    text.push('\n');
}

/// The demo city.
#[cfg(feature = "desktop")]
fn demo() -> Network {
    crate::network::generate::demo_city()
}

/// How the window reads and writes networks.
#[cfg(feature = "desktop")]
fn files() -> crate::session::jobs::Files {
    crate::session::jobs::Files::on_disk(|| Ok(demo()))
}

#[cfg(feature = "desktop")]
fn twin_failure(error: &crate::twin::TwinError, printer: &Printer) -> Failure {
    let text = error.text(printer.language);
    if error.is_input() { Failure::input(text) } else { Failure::Ours(text) }
}
