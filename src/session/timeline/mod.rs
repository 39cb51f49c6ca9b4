//! Hours that have been computed, and the moment of them that is shown.
//!
//! A [`Timeline`] is filled frame by frame while a run goes on ([`run`]); its playhead moves by commands
//! ([`TimeCommand`]) and, while playing, by [`Session::advance`](super::Session::advance), which is told how much time has
//! passed: no clock in here. The state at the playhead is made into a [`Solution`] ([`instant`]), so that everything that
//! shows a steady state shows this one. A timeline may consist of parts, each with a network of its own, where it was
//! continued with edits.

mod command;
pub mod instant;
pub mod order;
mod playback;
pub mod run;

use std::sync::Arc;

pub use command::{SPEEDS, TimeCommand};
pub use order::{RunOrder, RunWeather, WeatherChoice};
pub(super) use playback::take_news;
pub use playback::{Running, apply};

use self::instant::Place;
use self::run::Started;
use super::colouring::{ColourBy, Pairing, Range, Sides, colour};
use crate::network::Network;
use crate::simulation::{Frame, Simulation, model_starts};
use crate::solver::Solution;

/// Frames looked at for the range of a quantity over all hours.
const RANGE_FRAMES: usize = 12;

/// Frames of one network.
#[derive(Clone, Debug)]
pub struct Part {
    pub started: Started,
    /// Where the numbers of each consumer's model begin, and the end of the last.
    models: Box<[u32]>,
    pub(super) frames: Vec<Arc<Frame>>,
    ways_back: Vec<Arc<Simulation>>,
}

impl Part {
    pub fn network(&self) -> &Network {
        &self.started.network
    }

    /// Calendar time of a frame.
    pub fn calendar_s(&self, frame: &Frame) -> f64 {
        self.started.first.options.start_calendar_s + frame.time_s
    }

    /// Numbers of a consumer's model in [`Frame::models`].
    fn models_of(&self, row: usize) -> std::ops::Range<usize> {
        match self.models.get(row..row + 2) {
            Some(&[start, end]) => start as usize..end as usize,
            _ => 0..0,
        }
    }

    fn new(started: Started) -> Part {
        let models = model_starts(&started.first).into();
        Part { started, models, frames: Vec::new(), ways_back: Vec::new() }
    }

    fn end_s(&self) -> Option<f64> {
        self.frames.last().map(|frame| self.calendar_s(frame))
    }

    /// Frames around a time and the share of the second.
    pub(super) fn around(&self, calendar_s: f64) -> Option<(&Frame, &Frame, f64)> {
        let time_s = calendar_s - self.started.first.options.start_calendar_s;
        let after = self.frames.partition_point(|frame| frame.time_s <= time_s);
        let before = self.frames.get(after.saturating_sub(1))?;
        match self.frames.get(after) {
            Some(next) if next.time_s > before.time_s => {
                Some((before, next, ((time_s - before.time_s) / (next.time_s - before.time_s)).clamp(0.0, 1.0)))
            }
            _ => Some((before, before, 0.0)),
        }
    }
}

/// Hours computed and the moment shown.
#[derive(Clone, Debug)]
pub struct Timeline {
    parts: Vec<Part>,
    end_calendar_s: f64,
    playhead_s: f64,
    playing: bool,
    speed: f64,
    /// Changes whenever what is shown does; never the same for two timelines of a session.
    version: u64,
    shown: Option<Arc<Solution>>,
}

impl Timeline {
    fn new(started: Started, version: u64, speed: f64) -> Timeline {
        Timeline {
            end_calendar_s: started.end_calendar_s,
            playhead_s: started.start_calendar_s,
            parts: vec![Part::new(started)],
            playing: false,
            speed,
            version,
            shown: None,
        }
    }

    /// The parts, one after the other in time.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The part that holds at a time.
    pub fn part(&self, calendar_s: f64) -> Option<&Part> {
        let after = self.parts.partition_point(|part| part.started.start_calendar_s <= calendar_s);
        let part = self.parts.get(after.saturating_sub(1))?;
        if part.frames.is_empty() { self.parts.get(after.checked_sub(2)?) } else { Some(part) }
    }

    /// First moment, calendar seconds.
    pub fn start_s(&self) -> f64 {
        self.parts.first().map_or(0.0, |part| part.started.start_calendar_s)
    }

    /// Last moment asked for.
    pub fn end_s(&self) -> f64 {
        self.end_calendar_s
    }

    /// Newest moment computed.
    pub fn computed_s(&self) -> f64 {
        self.parts.iter().rev().find_map(Part::end_s).unwrap_or_else(|| self.start_s())
    }

    pub fn playhead_s(&self) -> f64 {
        self.playhead_s
    }

    pub fn is_playing(&self) -> bool {
        self.playing
    }

    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// What was asked for last, and the weather found.
    pub fn order(&self) -> Option<&RunOrder> {
        self.parts.last().map(|part| &part.started.order)
    }

    pub fn weather(&self) -> Option<&RunWeather> {
        self.parts.last().map(|part| &part.started.weather)
    }

    pub fn outdoor_c(&self, calendar_s: f64) -> f64 {
        self.weather().map_or(f64::NAN, |weather| weather.at(calendar_s).temperature_c)
    }

    pub fn version(&self) -> u64 {
        self.version
    }

    /// Number of frames.
    pub fn len(&self) -> usize {
        self.parts.iter().map(|part| part.frames.len()).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of all frames, about.
    pub fn bytes(&self) -> usize {
        self.parts.iter().flat_map(|part| &part.frames).map(|frame| frame.bytes() + frame.shared_bytes()).sum()
    }

    /// The state at the playhead.
    pub fn solution(&self) -> Option<&Arc<Solution>> {
        self.shown.as_ref()
    }

    /// Where the playhead is: the frames around it.
    pub fn place(&self) -> Option<Place<'_>> {
        self.place_at(self.playhead_s)
    }

    pub fn place_at(&self, calendar_s: f64) -> Option<Place<'_>> {
        Place::of(self.part(calendar_s)?, calendar_s)
    }

    /// Whether everything asked for has been computed up to the end.
    pub fn is_complete(&self) -> bool {
        self.computed_s() >= self.end_calendar_s - 60.0
    }

    /// (calendar time, W given by all sources) for every few frames, at most about `most`.
    pub fn heat_curve(&self, most: usize) -> Vec<[f64; 2]> {
        let stride = self.len().div_ceil(most.max(1)).max(1);
        let frames = self.parts.iter().flat_map(|part| part.frames.iter().map(move |frame| (part, frame)));
        frames
            .step_by(stride)
            .map(|(part, frame)| {
                // What a station passes on to another zone has been given by a plant.
                let problem = part.started.first.problem();
                let rows = frame.source_heat_w.iter().enumerate().filter(|(row, _)| !problem.passes_on(*row));
                [part.calendar_s(frame), rows.map(|(_, heat_w)| f64::from(*heat_w)).sum()]
            })
            .collect()
    }

    /// (calendar time, value) of one number of the models, for every frame a part that has it; at most about `most`.
    pub fn series(&self, most: usize, value: impl Fn(&Place<'_>) -> Option<f64>) -> Vec<[f64; 2]> {
        let stride = self.len().div_ceil(most.max(1)).max(1);
        let frames = self.parts.iter().flat_map(|part| part.frames.iter().map(move |frame| (part, frame)));
        frames
            .step_by(stride)
            .filter_map(|(part, frame)| {
                let place = Place::still(part, frame);
                value(&place).filter(|value| value.is_finite()).map(|value| [part.calendar_s(frame), value])
            })
            .collect()
    }

    /// Range of a quantity over all hours computed: colours must not change their meaning while time goes by.
    pub fn range(&self, pairing: Option<&Pairing>, sides: Sides, by: ColourBy) -> Range {
        let mut values: Vec<f64> = Vec::new();
        let stride = self.len().div_ceil(RANGE_FRAMES).max(1);
        let frames = self.parts.iter().flat_map(|part| part.frames.iter().map(move |frame| (part, frame)));
        for (part, frame) in frames.step_by(stride) {
            let place = Place::still(part, frame);
            let coloured = colour(part.network(), Some(&place.solution()), pairing, Some(&place), sides, by);
            values.extend(coloured.sorted());
        }
        values.sort_unstable_by(f64::total_cmp);
        by.legend_range(Range::percentiles(&values, 0.02, 0.98))
    }

    /// Which of the timelines of a session this is.
    pub fn number(&self) -> u64 {
        self.version >> 32
    }

    /// Puts the playhead there, within what has been computed; whether anything changed.
    fn go_to(&mut self, calendar_s: f64) -> bool {
        let wanted_s = calendar_s.clamp(self.start_s(), self.computed_s().max(self.start_s()));
        if wanted_s == self.playhead_s && self.shown.is_some() {
            return false;
        }
        self.playhead_s = wanted_s;
        self.refresh();
        true
    }

    fn refresh(&mut self) {
        self.version += 1;
        self.shown = self.place().map(|place| Arc::new(place.solution()));
    }
}
