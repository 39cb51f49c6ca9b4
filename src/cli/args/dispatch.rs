//! The arguments of `dispatch`.

use std::path::PathBuf;

use clap::Args;

use super::TextOrJson;

#[derive(Debug, Args)]
pub struct Dispatch {
    /// Network to plan for
    pub file: PathBuf,
    /// Prices, limits of the sources, tanks (TOML; see docs/dispatch.md)
    #[arg(long, value_name = "TOML")]
    pub prices: PathBuf,
    /// Heat all consumers together ask for: a table with time and heat_mw (or heat_w)
    #[arg(long, value_name = "CSV", conflicts_with = "weather")]
    pub load: Option<PathBuf>,
    /// Weather by the hour (CSV), or an example winter: beijing-like, harbin-like, urumqi-like. The load then follows the
    /// outdoor temperature. By default the load of the network's own outdoor temperature stays
    #[arg(long, value_name = "FILE")]
    pub weather: Option<String>,
    /// When the plan starts, such as 2026-01-15 or 2026-01-15T18:00; by default with the load or weather
    #[arg(long, value_name = "DATE", value_parser = super::date)]
    pub start: Option<f64>,
    /// How far it reaches
    #[arg(long, value_name = "HOURS", default_value = "24", value_parser = hours)]
    pub hours: f64,
    /// Step, such as 15m, 1h or 900 (seconds)
    #[arg(long, value_name = "STEP", default_value = "15m", value_parser = step)]
    pub step: f64,
    /// Gap to the lower bound that is good enough, per cent of the cost
    #[arg(long, value_name = "PERCENT", default_value = "0.5", value_parser = super::positive)]
    pub gap: f64,
    /// Do not try the plan on the network: losses and pumps are then assumed
    #[arg(long)]
    pub no_simulation: bool,
    #[arg(long, value_enum, default_value = "text")]
    pub format: TextOrJson,
    /// CSV to write with the plan, a row a step
    #[arg(short, long, value_name = "CSV")]
    pub output: Option<PathBuf>,
}

/// Half an hour to five days.
fn hours(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.5..=120.0).contains(&value) => Ok(value),
        _ => Err("expected 0.5 to 120".to_owned()),
    }
}

/// Seconds of a step.
fn step(text: &str) -> Result<f64, String> {
    let refused = || "expected five minutes to two hours, such as 15m, 1h or 900".to_owned();
    let (digits, seconds) = match text.strip_suffix('m') {
        Some(digits) => (digits, 60.0),
        None => text.strip_suffix('h').map_or((text, 1.0), |digits| (digits, 3600.0)),
    };
    let value = digits.parse::<f64>().map_err(|_| refused())? * seconds;
    if (300.0..=7200.0).contains(&value) { Ok(value) } else { Err(refused()) }
}
