//! The arguments of `forecast`.

use std::path::PathBuf;

use clap::Args;

use super::{TextOrJson, date};

#[derive(Debug, Args)]
pub struct Forecast {
    /// Network whose buildings and mains tell what the weather asks for; not needed where a history is long enough
    #[arg(required_unless_present = "history")]
    pub file: Option<PathBuf>,
    /// Heat loads of the past: a table with time and a column for every load (city, ids of sources and substations; W,
    /// or _kw, _mw behind the id), or the folder that the live twin records to
    #[arg(long, value_name = "CSV|FOLDER")]
    pub history: Option<PathBuf>,
    /// Device map whose tags a folder of history has; without it the network's sensors are the tags
    #[arg(long, value_name = "MAP", requires = "file")]
    pub map: Option<PathBuf>,
    /// Local time ahead of UTC, in minutes, for a folder of history and for weather that a service tells in UTC
    #[arg(long, value_name = "MINUTES", default_value = "480", allow_hyphen_values = true)]
    pub offset: i32,
    /// Weather of the past and of the days ahead: a table as for `simulate`, the saved reply of a service (Open-Meteo, MET
    /// Norway), or an example winter (beijing-like, harbin-like, urumqi-like); may be given several times, each goes on
    /// where the one before ends
    #[arg(long, value_name = "FILE")]
    pub weather: Vec<String>,
    /// Holidays: china, none, or a table with date and kind (off, work, festival) beside those of China
    #[arg(long, value_name = "WORD|CSV", default_value = "china")]
    pub holidays: String,
    /// First hour to forecast, such as 2026-01-15T18:00; by default the hour after the last value
    #[arg(long, value_name = "TIME", value_parser = date)]
    pub at: Option<f64>,
    /// How wrong weather forecasts are, times what is usual (1.5 K a day ahead, 2.7 K five days ahead); 0: the weather is known
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = factor)]
    pub weather_error: f64,
    /// Heat that a source may give in a day, GJ: a forecast above it is told
    #[arg(long = "quota", value_name = "ID=GJ", value_parser = quota)]
    pub quotas: Vec<(String, f64)>,
    /// Only these loads: city, ids of sources and substations
    #[arg(long = "element", value_name = "ID")]
    pub elements: Vec<String>,
    /// Judge by the last days, from which nothing is learned, beside persistence and plain regression
    #[arg(long)]
    pub evaluate: bool,
    /// Days held out for that
    #[arg(long, value_name = "DAYS", default_value = "28", value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub hold_out: u32,
    /// Judge the whole history from its fifth week on instead, learning anew every so many days (7)
    #[arg(long, value_name = "DAYS", num_args = 0..=1, default_missing_value = "7", requires = "evaluate",
        conflicts_with = "hold_out", value_parser = clap::value_parser!(u32).range(1..=365))]
    pub rolling: Option<u32>,
    /// No history is given: make one of so many days with the simulator, occupancy, wrong orders and failing meters
    #[arg(long, value_name = "DAYS", conflicts_with = "history", requires = "file",
        value_parser = clap::value_parser!(u32).range(1..=400))]
    pub made: Option<u32>,
    /// Chance of what is made
    #[arg(long, value_name = "SEED", default_value = "1")]
    pub seed: u64,
    /// Write the history as a table
    #[arg(long, value_name = "CSV")]
    pub write_history: Option<PathBuf>,
    /// Keep what is forecast in this table, and tell how earlier forecasts in it came true
    #[arg(long, value_name = "CSV")]
    pub journal: Option<PathBuf>,
    #[arg(long, value_enum, default_value = "text")]
    pub format: TextOrJson,
    /// Where to write; by default standard output
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
}

fn factor(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|value| (0.0..=10.0).contains(value))
        .ok_or_else(|| "expected a number from 0 to 10".to_owned())
}

fn quota(text: &str) -> Result<(String, f64), String> {
    text.split_once('=')
        .and_then(|(id, number)| Some((id.to_owned(), number.parse().ok().filter(|value: &f64| *value >= 0.0)?)))
        .ok_or_else(|| "expected ID=GJ, such as HS01=12000".to_owned())
}
