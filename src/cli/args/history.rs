//! The arguments of `history`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{TableFormat, TextOrJson};

#[derive(Debug, Args)]
pub struct History {
    /// Folder that the live twin records to
    pub folder: PathBuf,
    /// Local time of days, months and of instants without an offset, in minutes ahead of UTC
    #[arg(long, value_name = "MINUTES", default_value = "480", allow_negative_numbers = true, value_parser = clap::value_parser!(i32).range(-960..=960))]
    pub offset: i32,
    #[command(subcommand)]
    pub action: HistoryAction,
}

#[derive(Debug, Subcommand)]
pub enum HistoryAction {
    /// List the tags that ever had a value
    Tags {
        #[arg(long, value_enum, default_value = "text")]
        format: TextOrJson,
    },
    /// Values of a tag in a stretch of time
    Range {
        /// Name of the tag
        tag: String,
        #[command(flatten)]
        time: Stretch,
        #[arg(long, value_enum, default_value = "text")]
        format: TableFormat,
        /// Where to write; by default standard output
        #[arg(short, long, value_name = "PATH")]
        output: Option<PathBuf>,
    },
    /// The latest value of every tag at an instant
    At {
        /// Such as 2026-01-15T18:00 (local time) or 2026-01-15T10:00:00Z
        time: String,
        /// How far to look back for a value
        #[arg(long, value_name = "DAYS", default_value = "31")]
        days_back: u32,
        #[arg(long, value_enum, default_value = "text")]
        format: TextOrJson,
    },
    /// Means, extremes and totals of a tag by minute, hour, day or month
    Aggregate {
        /// Name of the tag
        tag: String,
        #[arg(long, value_enum, default_value = "hour")]
        every: Every,
        #[command(flatten)]
        time: Stretch,
        #[arg(long, value_enum, default_value = "text")]
        format: TableFormat,
        /// Where to write; by default standard output
        #[arg(short, long, value_name = "PATH")]
        output: Option<PathBuf>,
    },
    /// The table a regulator receives (appendix E of DB22/T): sources, primary and secondary network, rooms
    Regulator {
        /// Device map that says what the tags measure
        map: PathBuf,
        /// At this instant, such as 2026-01-15T18:00 (local time); by default as it was last
        #[arg(long, value_name = "TIME")]
        time: Option<String>,
        /// How far to look back for a value
        #[arg(long, value_name = "DAYS", default_value = "1")]
        days_back: u32,
        #[arg(long, value_enum, default_value = "text")]
        format: TableFormat,
        /// Where to write; by default standard output
        #[arg(short, long, value_name = "PATH")]
        output: Option<PathBuf>,
    },
    /// Write values as CSV or Parquet
    Export {
        /// File to write; its ending says the form: .csv or .parquet
        output: PathBuf,
        /// Only this tag; may be repeated
        #[arg(long = "tag", value_name = "NAME")]
        tags: Vec<String>,
        #[command(flatten)]
        time: Stretch,
    },
    /// The journal of alarms: what came, went and was answered, in the order it was known
    Alarms(AlarmHistory),
    /// Links to other historians and what they have not sent yet
    Links {
        #[arg(long, value_enum, default_value = "text")]
        format: TextOrJson,
    },
    /// Read every byte and check every check sum
    Verify {
        #[arg(long, value_enum, default_value = "text")]
        format: TextOrJson,
    },
    /// Copy the history to a new folder, also while it is being written
    Backup {
        /// Folder that is empty or missing
        to: PathBuf,
    },
}

#[derive(Debug, Args)]
pub struct AlarmHistory {
    /// Only alarms whose name holds this text: a tag, a device, a kind
    #[arg(long, value_name = "TEXT")]
    pub about: Option<String>,
    /// How often each alarm came instead, the most frequent first
    #[arg(long)]
    pub frequent: bool,
    #[command(flatten)]
    pub time: Stretch,
    #[arg(long, value_enum, default_value = "text")]
    pub format: TableFormat,
    /// Where to write; by default standard output
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Stretch {
    /// From this instant on, such as 2026-01-15, 2026-01-15T18:00 (local time) or 2026-01-15T10:00:00Z
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Up to this instant, without it
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Every {
    Minute,
    Hour,
    Day,
    Month,
}
