//! The arguments of `balance`.

use std::path::PathBuf;

use clap::Args;

use super::{SolveMode, TextOrJson};

#[derive(Debug, Args)]
pub struct Balance {
    /// Network to balance
    pub file: PathBuf,
    /// Flows wanted of stations: a table with station, mass_flow_kg_s; by default the flow each one's demand asks for at design
    /// temperatures
    #[arg(long, value_name = "CSV")]
    pub wanted: Option<PathBuf>,
    /// Take every station as set by hand, those with a controller as fully open to begin with
    #[arg(long)]
    pub by_hand: bool,
    /// Let pumps draw more power than now, where the wanted flows ask for it; otherwise all stations are reduced alike
    #[arg(long)]
    pub more_power: bool,
    /// Do not keep the available pressures that stations require, only what their open valves need
    #[arg(long)]
    pub bare: bool,
    #[arg(long, value_enum, default_value = "thermal")]
    pub mode: SolveMode,
    #[arg(long, value_enum, default_value = "text")]
    pub format: TextOrJson,
    /// Write the network as balanced
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// Write it as it is, with the balance as a scenario of this name on top
    #[arg(long, value_name = "NAME", requires = "output")]
    pub scenario: Option<String>,
}
