//! A run through the hours on a thread of its own: simulates, records, hands over finished frames as it goes.
//!
//! The caller gives it a way to tell its news and a flag to stop it by. Before the hours asked for it runs some that nobody
//! sees, so that water and substations belong to the weather and not to the steady state it starts from.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::order::{MOST_HOURS, RunOrder, RunWeather};
use crate::io::IoError;
use crate::network::{Finding, Network, Severity, validate};
use crate::simulation::profile::Cells;
use crate::simulation::{Frame, ORDER_INTERVAL_S, Options, Recorder, Simulation, equip};

/// Length of a step.
const STEP_S: f64 = 60.0;
/// Hours run before the first one shown.
const WARM_UP_S: f64 = 3.0 * 3600.0;
/// Orders of the supply temperature count from this time of the day.
const FIRST_ORDER_S: f64 = 2.0 * 3600.0;
/// Length of the cells of pipes, m: a front is seen to about this.
pub const CELL_M: f64 = 60.0;
/// Memory the frames of one run may take; longer runs of larger networks keep fewer.
const MOST_FRAME_BYTES: f64 = 1.6e8;
/// Ways back: this often in a network of at most so many pipes, else a quarter of the run.
const WAY_BACK_S: f64 = 3600.0;
const WAY_BACK_PIPES: usize = 2000;
/// News at most this often.
const NEWS_INTERVAL: Duration = Duration::from_millis(80);

/// What to run.
#[derive(Clone, Debug)]
pub struct RunRequest {
    /// Counts the runs of a session; the newest counts.
    pub number: u64,
    pub order: RunOrder,
    pub network: Arc<Network>,
    /// State of the document the network is.
    pub state: u64,
    /// Go on from there instead of starting.
    pub from: Option<Branch>,
}

/// The place in an earlier run to go on from.
#[derive(Clone, Debug)]
pub struct Branch {
    /// At or before the time to branch at.
    pub way_back: Arc<Simulation>,
    pub before: Arc<Network>,
    pub calendar_s: f64,
    pub end_calendar_s: f64,
    pub weather: RunWeather,
}

/// Frames of one network, one after the other, and ways back into them.
#[derive(Clone, Debug)]
pub struct Started {
    pub network: Arc<Network>,
    pub state: u64,
    pub order: RunOrder,
    pub weather: RunWeather,
    /// The run at its first frame: tells what the numbers in frames belong to.
    pub first: Arc<Simulation>,
    pub cells: Arc<Cells>,
    pub start_calendar_s: f64,
    pub end_calendar_s: f64,
    /// Whether it goes on from the playhead of the run before.
    pub continues: bool,
}

/// What a run has to tell.
#[derive(Debug)]
pub enum RunNews {
    Started(Box<Started>),
    Frames { frames: Vec<Arc<Frame>>, ways_back: Vec<Arc<Simulation>> },
    Ended { wall_s: f64, stopped: bool, unsolved_steps: u64 },
    Failed(RunFailure),
}

/// Why there is no run.
#[derive(Debug)]
pub enum RunFailure {
    Weather(IoError),
    Scenario(String),
    /// The network cannot be solved.
    Network(Vec<Finding>),
}

/// Runs. `tell` never waits except for the last piece of news; it says whether anybody still listens, and gives news back
/// that found no room.
pub fn run(
    request: &RunRequest,
    stop: &AtomicBool,
    tell: &mut dyn FnMut(RunNews, bool) -> Result<(), Option<RunNews>>,
) {
    let started = Instant::now();
    let news = match prepare(request, stop) {
        Ok(Some(mut run)) => match run.go(stop, tell) {
            Some(stopped) => {
                RunNews::Ended { wall_s: started.elapsed().as_secs_f64(), stopped, unsolved_steps: run.unsolved_steps }
            }
            None => return,
        },
        Ok(None) => RunNews::Ended { wall_s: started.elapsed().as_secs_f64(), stopped: true, unsolved_steps: 0 },
        Err(failure) => RunNews::Failed(failure),
    };
    let _ = tell(news, true);
}

struct Run {
    network: Arc<Network>,
    weather: RunWeather,
    simulation: Simulation,
    end_calendar_s: f64,
    interval_s: f64,
    way_back_s: f64,
    started: Option<Box<Started>>,
    unsolved_steps: u64,
}

/// Weather, network and the moment to record from; `None` where it was stopped meanwhile.
fn prepare(request: &RunRequest, stop: &AtomicBool) -> Result<Option<Run>, RunFailure> {
    let hours = request.order.hours.clamp(0.1, MOST_HOURS);
    let (network, simulation, weather, end_calendar_s, continues) = match &request.from {
        Some(branch) => {
            let mut simulation = Simulation::clone(&branch.way_back);
            while calendar_s(&simulation) < branch.calendar_s - 0.5 * STEP_S {
                if stop.load(Ordering::Relaxed) {
                    return Ok(None);
                }
                step(&mut simulation, &branch.before, &branch.weather);
            }
            let network = request.network.clone();
            let outdoor_c = branch.weather.at(branch.calendar_s).temperature_c;
            let continued = simulation.onto(&branch.before, &network).map_err(RunFailure::Network)?;
            let mut simulation = continued.simulation;
            let fresh = |link| continued.fresh.contains(&link);
            let _ = equip::consumers_where(&network, &mut simulation, true, outdoor_c, fresh);
            let orders = orders(&branch.weather, branch.calendar_s, branch.end_calendar_s);
            equip::sources_where(&network, &mut simulation, outdoor_c, &orders, fresh);
            let _ = equip::plants_where(&network, &mut simulation, fresh);
            // The instant itself belongs to the run before; what is new shows a step later.
            step(&mut simulation, &network, &branch.weather);
            (network, simulation, branch.weather.clone(), branch.end_calendar_s, true)
        }
        None => {
            let network = match &request.order.scenario {
                Some(name) => {
                    let scenario = request.network.with_scenario(name);
                    Arc::new(scenario.map_err(|error| RunFailure::Scenario(error.to_string()))?)
                }
                None => request.network.clone(),
            };
            let weather = RunWeather::find(&request.order, &network).map_err(RunFailure::Weather)?;
            let mut errors = validate::validate(&network);
            errors.retain(|finding| finding.severity == Severity::Error);
            if !errors.is_empty() {
                return Err(RunFailure::Network(errors));
            }
            let start_calendar_s = weather.start_calendar_s - WARM_UP_S;
            let options = Options { step_s: STEP_S, start_calendar_s, ..Options::default() };
            let mut simulation = Simulation::new(&network, options).map_err(RunFailure::Network)?;
            let outdoor_c = weather.at(start_calendar_s).temperature_c;
            // Consumers whose data make no station follow the weather in proportion.
            let _ = equip::consumers(&network, &mut simulation, true, outdoor_c);
            let end_calendar_s = weather.start_calendar_s + hours * 3600.0;
            let orders = orders(&weather, start_calendar_s, end_calendar_s);
            equip::sources_where(&network, &mut simulation, outdoor_c, &orders, |_| true);
            // Sources whose data make no plant give what is ordered.
            let _ = equip::plants(&network, &mut simulation);
            while calendar_s(&simulation) < weather.start_calendar_s - 0.5 * STEP_S {
                if stop.load(Ordering::Relaxed) {
                    return Ok(None);
                }
                step(&mut simulation, &network, &weather);
            }
            (network, simulation, weather, end_calendar_s, false)
        }
    };
    let span_s = end_calendar_s - calendar_s(&simulation);
    let pipes = simulation.transport().pipes.len();
    let way_back_s = if pipes <= WAY_BACK_PIPES { WAY_BACK_S } else { (span_s / 4.0).max(WAY_BACK_S) };
    let cells = Arc::new(Cells::new(&simulation.transport().pipes, CELL_M));
    let interval_s = interval_s(&simulation, &cells, span_s);
    let started = Some(Box::new(Started {
        network: network.clone(),
        state: request.state,
        order: request.order.clone(),
        weather: weather.clone(),
        first: Arc::new(simulation.clone()),
        cells,
        start_calendar_s: calendar_s(&simulation),
        end_calendar_s,
        continues,
    }));
    Ok(Some(Run { network, weather, simulation, end_calendar_s, interval_s, way_back_s, started, unsolved_steps: 0 }))
}

/// Supply temperatures are ordered at 2, 6, 10 … o'clock, for the mean outdoor temperature until the next order.
fn orders(weather: &RunWeather, start_s: f64, end_s: f64) -> Arc<[(f64, f64)]> {
    let first = ((start_s - FIRST_ORDER_S) / ORDER_INTERVAL_S).floor() as i64;
    let last = ((end_s - FIRST_ORDER_S) / ORDER_INTERVAL_S).floor() as i64;
    (first..=last)
        .map(|at| {
            let at_s = FIRST_ORDER_S + at as f64 * ORDER_INTERVAL_S;
            (at_s, weather.mean(at_s, ORDER_INTERVAL_S).temperature_c)
        })
        .collect()
}

/// Time of a simulation as the calendar counts.
pub fn calendar_s(simulation: &Simulation) -> f64 {
    simulation.options.start_calendar_s + simulation.time_s()
}

fn step(simulation: &mut Simulation, network: &Network, weather: &RunWeather) -> bool {
    let now = weather.mean(calendar_s(simulation), simulation.options.step_s);
    simulation.step(network, now).converged
}

/// A frame every step, or as many as fit the memory.
fn interval_s(simulation: &Simulation, cells: &Cells, span_s: f64) -> f64 {
    let problem = simulation.problem();
    let ends = 2 * (problem.consumers.len() + problem.sources.len());
    let models: usize = simulation.consumers().map(|(model, _)| model.recorded().len()).sum();
    let numbers = 2 * problem.node_count() + simulation.transport().pipes.len() + ends + models + problem.link_count();
    let bytes = 4 * numbers + 2 * cells.count();
    let frames = span_s / STEP_S;
    STEP_S * (frames * bytes as f64 / MOST_FRAME_BYTES).ceil().max(1.0)
}

impl Run {
    /// Steps to the end; whether it was stopped, or `None` where nobody listens any more.
    fn go(
        &mut self,
        stop: &AtomicBool,
        tell: &mut dyn FnMut(RunNews, bool) -> Result<(), Option<RunNews>>,
    ) -> Option<bool> {
        // One frame at a time: what is recorded is handed on at once.
        let mut recorder = Recorder::new(self.interval_s, f64::INFINITY, 0).along(CELL_M);
        let mut waiting: Vec<RunNews> = self.started.take().into_iter().map(RunNews::Started).collect();
        let (mut frames, mut ways_back) = (Vec::new(), Vec::new());
        let mut last_frame_s = f64::NEG_INFINITY;
        let mut last_way_back_s = f64::NEG_INFINITY;
        let mut told = Instant::now();
        loop {
            recorder.observe(&self.simulation);
            if let Some(frame) = recorder.frames().next_back()
                && frame.time_s > last_frame_s
            {
                last_frame_s = frame.time_s;
                frames.push(Arc::new(frame.clone()));
            }
            if self.simulation.time_s() - last_way_back_s >= self.way_back_s * (1.0 - 1e-9) {
                last_way_back_s = self.simulation.time_s();
                ways_back.push(Arc::new(self.simulation.clone()));
            }
            let done = calendar_s(&self.simulation) >= self.end_calendar_s - 0.5 * STEP_S;
            let stopped = stop.load(Ordering::Relaxed);
            if done || stopped || told.elapsed() >= NEWS_INTERVAL {
                told = Instant::now();
                if !frames.is_empty() {
                    let news = RunNews::Frames {
                        frames: std::mem::take(&mut frames),
                        ways_back: std::mem::take(&mut ways_back),
                    };
                    waiting.push(news);
                }
                for news in std::mem::take(&mut waiting) {
                    // In order: once one has to wait, so do the rest.
                    if !waiting.is_empty() {
                        waiting.push(news);
                        continue;
                    }
                    match tell(news, done || stopped) {
                        Ok(()) => {}
                        Err(Some(news)) => waiting.push(news),
                        Err(None) => return None,
                    }
                }
            }
            if done || stopped {
                return Some(stopped && !done);
            }
            self.unsolved_steps += u64::from(!step(&mut self.simulation, &self.network, &self.weather));
        }
    }
}
