//! The arguments of `retrofit`.

use std::path::PathBuf;

use clap::Args;

use super::TableFormat;

#[derive(Debug, Args)]
pub struct Retrofit {
    /// Network to retrofit; without it the technologies are listed, with their parameters and what the guide says
    pub file: Option<PathBuf>,
    /// Technology, or all; may be repeated. By default all
    #[arg(long = "technology", value_name = "NAME", value_delimiter = ',')]
    pub technologies: Vec<String>,
    /// Stations, buildings, pipes or sources it is for, by id; a station stands for its buildings. By default all
    #[arg(long = "where", value_name = "ID", value_delimiter = ',')]
    pub places: Vec<String>,
    /// A parameter's value in place of its default
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = setting)]
    pub values: Vec<(String, f64)>,
    /// Weather by the hour (CSV), or an example winter: beijing-like, harbin-like, urumqi-like
    #[arg(long, value_name = "FILE", default_value = "harbin-like")]
    pub weather: String,
    /// When it starts, such as 2002-01-15; by default with the weather
    #[arg(long, value_name = "DATE", value_parser = super::date)]
    pub start: Option<f64>,
    /// How long; by default to the end of the weather
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub hours: Option<u32>,
    #[arg(long, value_enum, default_value = "text")]
    pub format: TableFormat,
    /// Where to write the sheet; by default standard output
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// Write a copy of the network with two scenarios a technology: the city before, and on top of it the retrofit
    #[arg(long, value_name = "PATH", requires = "file")]
    pub keep: Option<PathBuf>,
}

fn setting(text: &str) -> Result<(String, f64), String> {
    let refused = || "expected NAME=NUMBER, such as near_share=1.3".to_owned();
    let (name, value) = text.split_once('=').ok_or_else(refused)?;
    let value: f64 = value.trim().parse().map_err(|_| refused())?;
    if value.is_finite() { Ok((name.trim().to_owned(), value)) } else { Err(refused()) }
}
