//! The arguments of `calibrate`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};

use super::TextOrJson;

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("past").required(true).args(["history", "samples"])))]
pub struct Calibrate {
    /// Network to calibrate
    pub file: PathBuf,
    /// Folder that the live twin records to
    #[arg(long, value_name = "FOLDER")]
    pub history: Option<PathBuf>,
    /// Measured values instead: a table with tag, value (SI units) and time
    #[arg(long, value_name = "CSV")]
    pub samples: Option<PathBuf>,
    /// Device map whose tags the history has; without it the network's sensors are the tags
    #[arg(long, value_name = "MAP")]
    pub map: Option<PathBuf>,
    /// Days at the end that nothing is fitted to: they tell whether the model has become better
    #[arg(long, value_name = "DAYS", default_value = "1", value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub hold_out: u32,
    /// Time between two moments; each is a mean of a quarter of that, ten minutes at most
    #[arg(long, value_name = "MINUTES", default_value = "60", value_parser = clap::value_parser!(u32).range(1..=1440))]
    pub every: u32,
    /// Which pipes have one factor on their roughness together
    #[arg(long, value_enum, default_value = "diameter")]
    pub group: PipeGroup,
    /// Valves whose opening is to be found
    #[arg(long = "valve", value_name = "ID")]
    pub valves: Vec<String>,
    /// Pumps whose heads are to be found, by one factor each
    #[arg(long = "pump", value_name = "ID")]
    pub pumps: Vec<String>,
    /// Standard deviation of the logarithm of a factor before anything is measured
    #[arg(long, value_name = "SHARE", default_value = "0.5", value_parser = positive)]
    pub assumed: f64,
    #[arg(long, value_enum, default_value = "text")]
    pub format: TextOrJson,
    /// Where to write the calibrated network; it is written only where the held-out days are predicted better
    #[arg(short, long, value_name = "PATH")]
    pub output: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PipeGroup {
    /// Up to 150 mm bore, up to 300 mm, above
    Diameter,
    /// Decade of laying
    Year,
    /// Supply and return
    Side,
    /// All pipes
    All,
    /// No pipes: only the valves and pumps named
    None,
}

fn positive(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|value: &f64| value.is_finite() && *value > 0.0)
        .ok_or_else(|| "expected a number above 0".to_owned())
}
