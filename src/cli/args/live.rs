//! The arguments of what follows a field.

use std::path::PathBuf;

use clap::Args;

use super::{TableFormat, positive};

#[derive(Debug, Args)]
pub struct Live {
    /// Network that stands in the field; without it the demo city with simulated devices
    pub file: Option<PathBuf>,
    /// Device map of the field; without it simulated devices of the network, on this machine
    #[arg(long, value_name = "MAP", requires = "file")]
    pub map: Option<PathBuf>,
    /// Folder that keeps what the field says
    #[arg(long, value_name = "FOLDER", requires = "map")]
    pub history: Option<PathBuf>,
    /// Follow for so long, then print what is known
    #[arg(long = "for", value_name = "SECONDS", value_parser = positive, default_value = "10")]
    pub seconds: f64,
    /// Print the table a regulator receives (appendix E of DB22/T) instead
    #[arg(long)]
    pub regulator: bool,
    #[arg(long, value_enum, default_value = "text")]
    pub format: TableFormat,
    /// File for the answer; by default standard output
    #[arg(long, value_name = "PATH")]
    pub output: Option<PathBuf>,
}
