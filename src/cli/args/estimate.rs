//! The arguments of `estimate`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::{TextOrJson, share};

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("from").required(true).args(["samples", "trial"])))]
pub struct Estimate {
    /// Network to estimate; its sensors are the tags
    pub file: PathBuf,
    /// Measured values: a table with tag, value (SI units) and, where there is more than one minute, time
    #[arg(long, value_name = "CSV")]
    pub samples: Option<PathBuf>,
    /// So many trials of every kind with a known truth: nothing wrong, an instrument 10 % off, stuck, a pair swapped, a leak
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub trial: Option<u32>,
    /// First seed of the trials
    #[arg(long, value_name = "SEED", default_value = "1")]
    pub seed: u64,
    /// Trials: share of the substations with instruments
    #[arg(long, value_name = "SHARE", default_value = "1", value_parser = share)]
    pub stations: f64,
    /// Trials: share of the chambers with two pressures
    #[arg(long, value_name = "SHARE", default_value = "0.05", value_parser = share)]
    pub chambers: f64,
    /// Trials: all noise times this
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = share_or_more)]
    pub noise: f64,
    /// Trials: pressure noise as 0.5 % of the reading, not of a span of 1.6 MPa
    #[arg(long)]
    pub of_reading: bool,
    /// Trials: standard deviation of the logarithm of every pipe's true roughness against the file's
    #[arg(long, value_name = "SHARE", default_value = "0", value_parser = share)]
    pub roughness: f64,
    /// Trials: minutes after something has happened
    #[arg(long, value_name = "MINUTES", default_value = "5", value_parser = clap::value_parser!(u32).range(1..=600))]
    pub minutes: u32,
    #[arg(long, value_enum, default_value = "text")]
    pub format: TextOrJson,
    /// Where to write; by default standard output
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
}

fn share_or_more(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|value: &f64| *value > 0.0 && *value <= 100.0)
        .ok_or_else(|| "expected a number above 0, at most 100".to_owned())
}
