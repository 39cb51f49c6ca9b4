//! `user`: add, list and change users. Passwords come from standard input, never from the command line, where every other
//! program on the machine could read them. Each change is recorded in the audit log before it is made.

use std::io::{BufRead, IsTerminal, Read};
use std::path::PathBuf;
use std::time::SystemTime;

use super::line;
use crate::cli::args::{TextOrJson, User as Given, UserAction};
use crate::cli::{Failure, Printer};
use crate::io::audit::AuditLog;
use crate::io::users::Users;
use crate::live::Timestamp;
use crate::live::access::Role;
use crate::live::audit::Deed;
use crate::session::Preferences;

/// Longest line read from standard input.
const MOST_BYTES: u64 = 4096;

pub fn run(given: &Given, printer: &Printer) -> Result<(), Failure> {
    let texts = printer.language.texts();
    let path = match &given.users {
        Some(path) => path.clone(),
        None => in_settings().ok_or_else(|| Failure::input(texts.get("users-no-home")))?,
    };
    let refused = |error| printer.refusal(&error);
    let mut users = Users::open(&path).map_err(refused)?;
    if let UserAction::List { format } = &given.action {
        return list(&users, *format, printer);
    }
    let now = Timestamp::from(SystemTime::now());
    let who = if given.who.is_empty() { "command line" } else { &given.who };
    let (action, name, role) = match &given.action {
        UserAction::Add { name, role } => ("user-add", name, Some(*role)),
        UserAction::Role { name, role } => ("user-role", name, Some(*role)),
        UserAction::Password { name } => ("user-password", name, None),
        UserAction::Remove { name } => ("user-remove", name, None),
        UserAction::List { .. } => return Ok(()),
    };
    let promoted = || users.get(name).is_some_and(|user| user.role != Role::Administrator);
    let password = match &given.action {
        UserAction::Add { .. } | UserAction::Password { .. } => Some(password(printer)?),
        UserAction::Role { role: Role::Administrator, .. } if promoted() => Some(password(printer)?),
        _ => None,
    };
    let mut deed = Deed::new(now, who, action, name.as_str());
    if let Some(role) = role {
        deed = deed.with("role", role.word());
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| Failure::input(format!("{}: {error}", folder.display())))?;
    }
    let mut log = AuditLog::open(&path.with_file_name("audit.log")).map_err(refused)?;
    log.append(&deed).map_err(refused)?;
    let done = match (&given.action, &password) {
        (UserAction::Add { name, role }, Some(password)) => users.add(name, *role, password, now),
        (UserAction::Password { name }, Some(password)) => users.set_password(name, password),
        (UserAction::Role { name, role }, password) => users.set_role(name, *role, password.as_deref()),
        (UserAction::Remove { name }, _) => users.remove(name),
        _ => Ok(()),
    };
    if let Err(error) = done {
        // The intent stands in the log; so must that nothing came of it.
        log.append(&Deed::new(now, who, format!("{action}-refused"), name.as_str())).map_err(refused)?;
        return Err(refused(error));
    }
    printer.say(&texts.with("users-done", &[("name", name.clone().into())]));
    Ok(())
}

/// Beside the preferences.
pub(super) fn in_settings() -> Option<PathBuf> {
    Some(Preferences::path()?.with_file_name("users.json"))
}

fn list(users: &Users, format: TextOrJson, printer: &Printer) -> Result<(), Failure> {
    let texts = printer.language.texts();
    let mut text = String::new();
    match format {
        TextOrJson::Json => {
            // Never the hashes.
            let list: Vec<_> = users
                .list()
                .iter()
                .map(|user| {
                    serde_json::json!({
                        "name": user.name,
                        "role": user.role.word(),
                        "since": user.since.to_string(),
                        "locked_until": user.locked_until.map(|until| until.to_string()),
                    })
                })
                .collect();
            line(&mut text, format_args!("{}", serde_json::Value::from(list)));
        }
        TextOrJson::Text => {
            for user in users.list() {
                line(&mut text, format_args!("{:<24} {:<16} {}", user.name, texts.get(user.role.key()), user.since));
            }
            if users.list().is_empty() {
                printer.say(&texts.get("users-none"));
            }
        }
    }
    printer.data(None, text.as_bytes())
}

/// A password, from standard input.
pub(super) fn password(printer: &Printer) -> Result<String, Failure> {
    if std::io::stdin().is_terminal() {
        printer.say(&printer.language.texts().get("users-type-password"));
    }
    input_line()
}

/// The next line of standard input.
pub(super) fn input_line() -> Result<String, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(MOST_BYTES).read_line(&mut text);
    read.map_err(|error| Failure::input(format!("standard input: {error}")))?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}
