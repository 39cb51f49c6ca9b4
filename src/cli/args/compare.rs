//! The arguments of `compare`.

use std::path::PathBuf;

use clap::Args;

use super::{TableFormat, date, non_negative, positive};

#[derive(Debug, Args)]
pub struct Compare {
    /// Network all alternatives start from; as it stands it is the first of them
    pub file: PathBuf,
    /// Scenario saved in the file; may be repeated
    #[arg(long = "scenario", value_name = "NAME")]
    pub scenarios: Vec<String>,
    /// File of alternatives: {"alternatives": [{"name", "note", "running", "edits"}]}, or a list of edits; may be repeated
    #[arg(long = "alternative", value_name = "JSON")]
    pub alternatives: Vec<PathBuf>,
    /// Made for any network, may be repeated: without=SOURCE, supply=+5 (K), night=22-5:3 (hours, K of rooms),
    /// district=NODE,COUNT,MW,METRES (or district alone: at the far end), usual (all of these)
    #[arg(long = "ready", value_name = "WHAT", allow_hyphen_values = true)]
    pub ready: Vec<String>,
    /// How the sources share the load: own (as the network's data say), priority, equal, optimised; for one alternative
    /// NAME=WAY; may be repeated
    #[arg(long = "running", value_name = "[NAME=]WAY")]
    pub running: Vec<String>,
    /// Weather by the hour (CSV), or an example winter: beijing-like, harbin-like, urumqi-like. By default the network's
    /// own outdoor temperature stays
    #[arg(long, value_name = "FILE")]
    pub weather: Option<String>,
    /// When it starts, such as 2026-01-15 or 2026-01-15T18:00; by default with the weather
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub start: Option<f64>,
    /// How long
    #[arg(long, value_name = "HOURS", default_value = "24", value_parser = positive)]
    pub hours: f64,
    /// Step of the simulation
    #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = positive)]
    pub step: f64,
    /// Prices and CO₂ (TOML, as for dispatch); without them there is no money
    #[arg(long, value_name = "TOML")]
    pub prices: Option<PathBuf>,
    /// How wrong weather forecasts are, times what is usual (1.5 K a day ahead); 0: the weather is known, and each
    /// alternative is run once instead of three times
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = non_negative)]
    pub weather_error: f64,
    #[arg(long, value_enum, default_value = "text")]
    pub format: TableFormat,
    /// One page to print: the sheet, the best against each other, two maps of what changes
    #[arg(long, value_name = "PDF")]
    pub page: Option<PathBuf>,
    /// Alternative on the maps of the page; by default the first after the base
    #[arg(long, value_name = "NAME", requires = "page")]
    pub map: Option<String>,
    /// File to write with all alternatives, ready ones too, as --alternative reads them
    #[arg(long, value_name = "JSON")]
    pub write: Option<PathBuf>,
    /// Where to write; by default standard output
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
}
