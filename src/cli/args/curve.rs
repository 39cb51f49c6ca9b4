//! The arguments of `curve`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{TableFormat, share};

/// What follows the weather.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Regulation {
    /// 质调节: the supply temperature, at the flow of design
    Quality,
    /// 量调节: the flow, at the supply temperature of design
    Quantity,
    /// 质量并调: both, the flow as a power of the load (--exponent)
    Both,
    /// 分阶段变流量质调节: the supply temperature, at a flow that goes in stages (--stages)
    Staged,
}

#[derive(Debug, Args)]
pub struct Curve {
    /// Network whose stations and sources are to be regulated
    pub file: PathBuf,
    /// What follows the weather on the secondary side
    #[arg(long, value_enum, default_value = "quality")]
    pub secondary: Regulation,
    /// What follows it on the primary side
    #[arg(long, value_enum, default_value = "quality")]
    pub primary: Regulation,
    /// `both`: relative flow = relative load to this power (0: quality alone; 1: constant spread)
    #[arg(long, value_name = "EXPONENT", default_value = "0.333", value_parser = share)]
    pub exponent: f64,
    /// `staged`: relative flows, each from the load down to which it can be had, e.g. 1,0.75
    #[arg(long, value_name = "FLOWS", value_delimiter = ',', default_value = "1,0.75", value_parser = share)]
    pub stages: Vec<f64>,
    /// Least relative flow that pumps and controls bear
    #[arg(long, value_name = "SHARE", default_value = "0.3", value_parser = share)]
    pub least_flow: f64,
    /// Least primary supply temperature, for hot tap water and exchangers
    #[arg(long, value_name = "CELSIUS", default_value = "65")]
    pub least_supply: f64,
    /// Outdoor temperatures of the table
    #[arg(long, value_name = "CELSIUS", value_delimiter = ',', allow_hyphen_values = true)]
    pub outdoor: Vec<f64>,
    /// One station alone, with its secondary side
    #[arg(long, value_name = "ID")]
    pub station: Option<String>,
    /// Weather (CSV, or an example winter): orders for the sources hour by hour, ahead by the time water takes to the stations
    #[arg(long, value_name = "CSV|EXAMPLE")]
    pub weather: Option<String>,
    /// Hours of weather to order for
    #[arg(long, value_name = "HOURS", default_value = "24", value_parser = clap::value_parser!(u32).range(1..=2400))]
    pub hours: u32,
    #[arg(long, value_enum, default_value = "text")]
    pub format: TableFormat,
    /// Where to write; by default standard output
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
}
