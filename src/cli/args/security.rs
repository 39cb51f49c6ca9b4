//! The arguments of the audit log and of the users.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::TextOrJson;
use crate::live::access::Role;

#[derive(Debug, Args)]
pub struct Audit {
    #[command(subcommand)]
    pub action: AuditAction,
}

#[derive(Debug, Subcommand)]
pub enum AuditAction {
    /// Check that no record was changed, taken out, put in or moved; names the first broken one
    Verify {
        /// The audit log
        file: PathBuf,
        /// Heads kept elsewhere; shows whether the end was cut off. Those beside the log are read anyway
        #[arg(long = "heads", value_name = "FILE")]
        heads: Vec<PathBuf>,
        #[arg(long, value_enum, default_value = "text")]
        format: TextOrJson,
    },
    /// Write the head of a whole log, to be kept on another machine
    Head {
        /// The audit log
        file: PathBuf,
        /// Where to write; by default standard output
        #[arg(short, long, value_name = "PATH")]
        output: Option<PathBuf>,
    },
    /// Show records
    Show {
        /// The audit log
        file: PathBuf,
        /// So many of the last ones
        #[arg(long, value_name = "COUNT", default_value = "50")]
        last: usize,
        #[arg(long, value_enum, default_value = "text")]
        format: TextOrJson,
    },
}

#[derive(Debug, Args)]
pub struct User {
    #[command(subcommand)]
    pub action: UserAction,
    /// File of the users; by default in the folder of the settings. The audit log is beside it: audit.log
    #[arg(long, global = true, value_name = "PATH", env = "HYPOCAUST_USERS")]
    pub users: Option<PathBuf>,
    /// Who does it, for the audit log
    #[arg(long, global = true, value_name = "NAME", env = "HYPOCAUST_WHO", default_value = "", hide_env_values = true)]
    pub who: String,
}

#[derive(Debug, Subcommand)]
pub enum UserAction {
    /// List the users
    List {
        #[arg(long, value_enum, default_value = "text")]
        format: TextOrJson,
    },
    /// Add a user; the password is the first line of standard input
    Add {
        name: String,
        /// viewer, dispatcher, engineer or administrator
        #[arg(long, value_parser = role)]
        role: Role,
    },
    /// Give a user another role; a new administrator's new password is the first line of standard input
    Role {
        name: String,
        /// viewer, dispatcher, engineer or administrator
        #[arg(value_parser = role)]
        role: Role,
    },
    /// Give a user another password, the first line of standard input, and end a lock-out
    Password { name: String },
    /// Take a user off the list
    Remove { name: String },
}

fn role(text: &str) -> Result<Role, String> {
    Role::ALL
        .into_iter()
        .find(|role| role.word() == text)
        .ok_or_else(|| "expected viewer, dispatcher, engineer or administrator".to_owned())
}

#[derive(Debug, Args)]
pub struct Write {
    /// Device map of the field, which permits what may be written
    #[arg(long, value_name = "MAP")]
    pub map: PathBuf,
    /// Tag to set
    #[arg(long, value_name = "TAG")]
    pub tag: String,
    /// New value, in the unit of the device map
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true, value_parser = finite)]
    pub value: f64,
    /// Who writes; an engineer at least, for writing is switched on for this one command. The password is the first line of
    /// standard input
    #[arg(long = "as", value_name = "NAME")]
    pub who: String,
    /// File of the users; by default in the folder of the settings
    #[arg(long, value_name = "PATH", env = "HYPOCAUST_USERS")]
    pub users: Option<PathBuf>,
    /// Audit log; by default beside the users: audit.log
    #[arg(long, value_name = "PATH")]
    pub audit: Option<PathBuf>,
    /// Network that stands in the field: shows what the model expects before anything is written
    #[arg(long, value_name = "FILE")]
    pub network: Option<PathBuf>,
    /// Write without asking; else the second line of standard input must say yes
    #[arg(long)]
    pub yes: bool,
}

fn finite(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err("expected a number".to_owned()),
    }
}
