//! The arguments of bursts, incidents and rankings of failures.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{TableFormat, TextOrJson, positive, share};
use crate::emergency::incident::{Moment, OrderState};

#[derive(Debug, Args)]
pub struct Burst {
    /// Network in which a main breaks
    pub file: PathBuf,
    /// Pipe, valve or pump that breaks; may be repeated for several breaks at once. Not needed where the incident names it
    #[arg(long = "pipe", value_name = "ID", required_unless_present = "incident")]
    pub pipes: Vec<String>,
    /// Where along the pipe: 0 at its start, 1 at its end
    #[arg(long, value_name = "SHARE", default_value = "0.5", value_parser = share)]
    pub at: f64,
    /// The other pipe of the trench breaks, too
    #[arg(long)]
    pub both: bool,
    /// Area of the hole; by default the pipe is torn off
    #[arg(long, value_name = "M2", value_parser = positive)]
    pub hole_m2: Option<f64>,
    /// Valve that does not move or cannot be reached; may be repeated
    #[arg(long = "stuck", visible_alias = "unreachable", value_name = "VALVE", num_args = 1..)]
    pub stuck: Vec<String>,
    /// Valve that was found in order, whatever the file says; may be repeated
    #[arg(long = "usable", value_name = "VALVE", num_args = 1..)]
    pub usable: Vec<String>,
    /// Rely on valves of unknown condition
    #[arg(long)]
    pub trust_unknown: bool,
    /// Crews that close valves
    #[arg(long, value_name = "COUNT", default_value = "2")]
    pub crews: usize,
    /// Outdoor temperature; by default that of the file
    #[arg(long, value_name = "CELSIUS", allow_negative_numbers = true)]
    pub outdoor: Option<f64>,
    /// Time until the repair ends; by default by the norm for the diameter
    #[arg(long, value_name = "HOURS", value_parser = positive)]
    pub repair_hours: Option<f64>,
    /// Table of repair times by diameter (CSV: to_diameter_m, isolate_h, total_h) instead of the norm
    #[arg(long, value_name = "CSV")]
    pub repair_norm: Option<PathBuf>,
    /// Leave out the search for tie valves and reserve plants
    #[arg(long)]
    pub without_resupply: bool,
    /// Scenario saved in the file to apply first
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,
    #[arg(long, value_enum, default_value = "text")]
    pub format: TextOrJson,
    /// Log to open or to plan anew in: breaks, stuck valves and the plan are added to it
    #[arg(long, value_name = "PATH")]
    pub incident: Option<PathBuf>,
    /// The incident is a rehearsal
    #[arg(long, requires = "incident")]
    pub drill: bool,
    /// Who writes into the incident, and answers for the report
    #[arg(long, value_name = "NAME", env = "HYPOCAUST_WHO", default_value = "", hide_env_values = true)]
    pub who: String,
    /// Also print plan, maps and lists as PDF
    #[arg(long, value_name = "PATH")]
    pub report: Option<PathBuf>,
    /// Also write the impact zone as GeoJSON
    #[arg(long, value_name = "PATH")]
    pub zone: Option<PathBuf>,
    /// Where to write; by default standard output
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Incident {
    /// Log of the incident (*.incident.json), made by `burst --incident`
    pub file: PathBuf,
    /// Network it happened in, for the names of its elements and the maps of the report
    #[arg(long, value_name = "FILE")]
    pub network: Option<PathBuf>,
    /// Also print everything as PDF; without --network, the answer frozen last and no maps
    #[arg(long, value_name = "PATH")]
    pub report: Option<PathBuf>,
    /// Who answers for the report
    #[arg(long, value_name = "NAME", env = "HYPOCAUST_WHO", default_value = "", hide_env_values = true)]
    pub by: String,
    #[arg(long, value_enum, default_value = "text")]
    pub format: TextOrJson,
    /// Stay, and show what others add
    #[arg(long)]
    pub follow: bool,
    /// Where to write; by default standard output
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    #[command(subcommand)]
    pub action: Option<IncidentAction>,
}

#[derive(Debug, Subcommand)]
pub enum IncidentAction {
    /// Add an entry
    Add(AddEntry),
}

#[derive(Debug, Args)]
pub struct AddEntry {
    #[command(subcommand)]
    pub what: NewEntry,
    /// Who writes
    #[arg(long, global = true, value_name = "NAME", env = "HYPOCAUST_WHO", default_value = "", hide_env_values = true)]
    pub who: String,
    /// When it happened, as 2026-11-22T23:20:05+08:00; by default now
    #[arg(long, global = true, value_name = "TIME")]
    pub at: Option<Moment>,
}

/// Words behind every entry.
#[derive(Debug, Args)]
pub struct AddText {
    /// In your own words
    pub text: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum NewEntry {
    /// Anything worth keeping
    Note(AddText),
    /// A crew (without --crew the control room) is told to close a valve
    Order {
        valve: String,
        #[arg(long, value_name = "NUMBER")]
        crew: Option<u32>,
        #[command(flatten)]
        words: AddText,
    },
    /// A valve is shut
    Confirm {
        valve: String,
        #[command(flatten)]
        words: AddText,
    },
    /// A valve does not move; plan again with `burst --incident`
    Stuck {
        valve: String,
        /// Nobody gets to it
        #[arg(long)]
        unreachable: bool,
        #[command(flatten)]
        words: AddText,
    },
    /// A valve is in order, whatever was thought of it
    Usable {
        valve: String,
        #[command(flatten)]
        words: AddText,
    },
    /// A valve is open again
    Reopened {
        valve: String,
        #[command(flatten)]
        words: AddText,
    },
    /// A switching action that brings heat back was taken
    Resupply {
        /// What was switched; may be repeated
        #[arg(long = "element", value_name = "ID")]
        elements: Vec<String>,
        #[command(flatten)]
        words: AddText,
    },
    /// The repair has begun
    RepairBegun(AddText),
    /// The repair is done
    RepairEnded(AddText),
    /// Everybody has heat again; the incident is over
    Restored(AddText),
    /// A user complains
    Complaint {
        #[arg(long)]
        address: String,
        #[arg(long, default_value = "")]
        phone: String,
        /// Building or consumer
        #[arg(long, value_name = "ID")]
        element: Option<String>,
        #[command(flatten)]
        words: AddText,
    },
    /// A work order is given, or stands otherwise than before
    Work {
        /// Number of the order
        order: String,
        #[arg(long, default_value = "", value_name = "NAME")]
        crew: String,
        #[arg(long, value_enum, default_value = "issued")]
        state: WorkState,
        /// What it is about
        #[arg(long, value_name = "ID")]
        element: Option<String>,
        #[command(flatten)]
        words: AddText,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WorkState {
    Issued,
    Accepted,
    OnSite,
    Done,
    Cancelled,
}

impl From<WorkState> for OrderState {
    fn from(state: WorkState) -> OrderState {
        match state {
            WorkState::Issued => OrderState::Issued,
            WorkState::Accepted => OrderState::Accepted,
            WorkState::OnSite => OrderState::OnSite,
            WorkState::Done => OrderState::Done,
            WorkState::Cancelled => OrderState::Cancelled,
        }
    }
}

#[derive(Debug, Args)]
pub struct Criticality {
    /// Network to examine
    pub file: PathBuf,
    /// Also count the buildings that fall below 12 °C before each repair ends
    #[arg(long)]
    pub rooms: bool,
    /// Outdoor temperature for --rooms; by default that of the file
    #[arg(long, value_name = "CELSIUS", allow_negative_numbers = true)]
    pub outdoor: Option<f64>,
    /// Also fail the worst so many failures two at a time
    #[arg(long, value_name = "COUNT", default_value = "0")]
    pub pairs: usize,
    /// Fail what this pipe, valve or source belongs to two at a time with the others chosen; may be repeated
    #[arg(long = "pair-of", value_name = "ID", num_args = 1..)]
    pub pairs_of: Vec<String>,
    #[arg(long, value_enum, default_value = "text")]
    pub format: TableFormat,
    /// Where to write; by default standard output
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
}
