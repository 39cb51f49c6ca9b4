//! What has to follow a command: work for other threads and wishes to the picture.

use std::path::PathBuf;
use std::sync::Arc;

use super::alternatives::{CompareRequest, MakeRequest, PageRequest};
use super::emergency::{EmergencyRequest, ReportRequest};
use super::live::LiveOrder;
use super::timeline::run::RunRequest;
use crate::io::export::ExportFormat;
use crate::network::Network;
use crate::solver::Solution;

/// The answer to a command.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    /// The network changed: solve the present revision.
    pub solve: bool,
    /// Wishes to whoever draws the picture, in order.
    pub view: Vec<ViewRequest>,
    /// A network to read.
    pub load: Option<LoadRequest>,
    /// A file to write.
    pub save: Option<SaveRequest>,
    /// What to write for other programs.
    pub export: Option<ExportRequest>,
    /// Hours to compute.
    pub run: Option<Box<RunRequest>>,
    /// Give up the run under way.
    pub stop_run: bool,
    /// A break to be answered, or a rehearsal to be judged.
    pub emergency: Option<Box<EmergencyRequest>>,
    /// A report of an emergency to be printed.
    pub report: Option<Box<ReportRequest>>,
    /// An alternative to be made for the network.
    pub make: Option<Box<MakeRequest>>,
    /// Alternatives to be simulated and set side by side.
    pub comparison: Option<Box<CompareRequest>>,
    /// The sheet of alternatives to be printed.
    pub page: Option<Box<PageRequest>>,
    /// Give up the comparison under way.
    pub stop_comparison: bool,
    /// Something for the engine that follows the field.
    pub live: Option<LiveOrder>,
    /// Close the program.
    pub quit: bool,
}

/// A wish to whoever draws the picture.
#[derive(Clone, Debug, PartialEq)]
pub enum ViewRequest {
    /// Move the camera to this point so that a sphere of this radius fills the view.
    FlyTo { x_m: f64, y_m: f64, z_m: f64, radius_m: f64 },
    /// Show the whole network.
    Fit,
    /// Turn north up.
    North,
    /// Look straight down.
    Top,
    /// Write a picture of the window.
    Screenshot { path: PathBuf },
}

/// What to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadRequest {
    /// The shipped or generated demo city.
    Demo,
    /// A native file or anything that can be imported.
    File(PathBuf),
}

/// What to write.
#[derive(Clone, Debug)]
pub struct SaveRequest {
    pub path: PathBuf,
    pub network: Arc<Network>,
    /// State of the document this is, for its saved mark.
    pub state: u64,
    /// Which of the documents opened so far this is; another may be open by the time the file is written.
    pub document: u64,
}

/// What to write for other programs.
#[derive(Clone, Debug)]
pub struct ExportRequest {
    pub path: PathBuf,
    pub format: ExportFormat,
    pub network: Arc<Network>,
    /// Results of exactly this network; `None` where there are none.
    pub solution: Option<Arc<Solution>>,
}
