//! The arguments of `energy`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::TableFormat;

#[derive(Debug, Args)]
pub struct Energy {
    /// Network that says what there is and how much floor it heats
    pub file: PathBuf,
    /// What was measured: the folder that the live twin records to, a table of meters (docs/energy.md), or the time series of
    /// `simulate --format csv`
    #[arg(long, value_name = "FOLDER|CSV")]
    pub history: PathBuf,
    /// Device map whose tags a folder of history has; without it the network's sensors are the tags
    #[arg(long, value_name = "MAP")]
    pub map: Option<PathBuf>,
    /// Local time ahead of UTC, in minutes
    #[arg(long, value_name = "MINUTES", default_value = "480", allow_negative_numbers = true, value_parser = clap::value_parser!(i16).range(-960..=960))]
    pub offset: i16,
    /// Outdoor temperature where the history has none, or in its place: a table as for `simulate`, or an example winter
    /// (beijing-like, harbin-like, urumqi-like)
    #[arg(long, value_name = "FILE")]
    pub weather: Option<String>,
    /// When a simulated run began; by default with the weather
    #[arg(long, value_name = "DATE", value_parser = super::date)]
    pub start: Option<f64>,
    /// From this hour on, such as 2026-01-15 or 2026-01-15T18:00; by default from the first that is known
    #[arg(long, value_name = "TIME", value_parser = super::date)]
    pub from: Option<f64>,
    /// Up to this hour, without it; by default to the last that is known
    #[arg(long, value_name = "TIME", value_parser = super::date)]
    pub to: Option<f64>,
    /// Another period to compare with, beside the same dates of the year before and what lies just before
    #[arg(long, value_name = "FROM..TO", value_parser = stretch)]
    pub with: Option<(f64, f64)>,
    /// The period in pieces as well
    #[arg(long, value_enum)]
    pub every: Option<Piece>,
    /// Degree-days count below this mean temperature of a day, °C
    #[arg(long, value_name = "CELSIUS", default_value = "18", allow_negative_numbers = true, value_parser = base)]
    pub base: f64,
    /// Share of the hours that must be known for a figure, per cent
    #[arg(long, value_name = "PERCENT", default_value = "90", value_parser = percent)]
    pub least_known: f64,
    /// Plan to compare with: what `dispatch --output` wrote
    #[arg(long, value_name = "CSV")]
    pub plan: Option<PathBuf>,
    /// Figures per area to keep in the period: id, heat_gj_m2, electricity_kwh_m2, water_l_m2
    #[arg(long, value_name = "CSV")]
    pub targets: Option<PathBuf>,
    /// Lower heating value of a source's fuel, GJ/t: needed where fuel is weighed
    #[arg(long = "fuel", value_name = "ID=GJ/T", value_parser = fuel)]
    pub fuels: Vec<(String, f64)>,
    /// Counters of a table begin again at nought here, in the unit of their column
    #[arg(long, value_name = "VALUE", value_parser = super::positive)]
    pub roll_over: Option<f64>,
    /// Write the regulator's table of the period (appendix E) to this CSV; needs a folder of history
    #[arg(long, value_name = "CSV")]
    pub regulator: Option<PathBuf>,
    /// Print a report to this PDF
    #[arg(long, value_name = "PDF")]
    pub report: Option<PathBuf>,
    /// Who answers for the report
    #[arg(long, value_name = "NAME", default_value = "")]
    pub who: String,
    /// Rows of the tables for people
    #[arg(long, value_name = "COUNT", default_value = "250", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub rows: u32,
    #[arg(long, value_enum, default_value = "text")]
    pub format: TableFormat,
    /// Where to write; by default standard output
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Piece {
    Day,
    Month,
    /// July to June
    Season,
}

fn base(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|value: &f64| (-30.0..=40.0).contains(value))
        .ok_or_else(|| "expected −30 to 40".to_owned())
}

fn percent(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|value: &f64| (0.0..=100.0).contains(value)).ok_or_else(|| "expected 0 to 100".to_owned())
}

fn fuel(text: &str) -> Result<(String, f64), String> {
    text.split_once('=')
        .and_then(|(id, number)| Some((id.to_owned(), number.parse().ok().filter(|value: &f64| *value > 0.0)?)))
        .ok_or_else(|| "expected ID=GJ/T, such as HS01=20.9".to_owned())
}

fn stretch(text: &str) -> Result<(f64, f64), String> {
    let refused = || "expected FROM..TO, such as 2025-01-01..2025-02-01".to_owned();
    let (from, to) = text.split_once("..").ok_or_else(refused)?;
    let (from, to) = (super::date(from)?, super::date(to)?);
    if from < to { Ok((from, to)) } else { Err(refused()) }
}
