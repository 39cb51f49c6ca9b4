//! What a simulation looked like at every past instant, small enough to keep, and a way back into it.
//!
//! A [`Frame`] holds temperatures, flows and heats as 32-bit numbers (exact to 1e-5 K at 130 °C); frames between two
//! hydraulic solves share their flows. Between frames temperatures are read on the straight line. When the memory
//! allowed is full the oldest frames go. Clones of the simulation at longer intervals ([`Recorder::branch`]) lead back to any
//! instant: the same steps from the nearest one give the same bits.

use std::collections::VecDeque;
use std::sync::Arc;

use super::profile::Cells;
use super::{BuildingInstant, Simulation, StationInstant};

/// The network at one instant; dense indices of the simulation's problem.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    pub time_s: f64,
    pub node_c: Box<[f32]>,
    /// Mean temperature of each pipe, in the order of [`Transport::pipes`](super::Transport::pipes).
    pub pipe_c: Box<[f32]>,
    /// By link and node; shared with the frames around.
    pub mass_flow_kg_s: Arc<[f32]>,
    pub pressure_pa: Arc<[f32]>,
    /// In the order of the problem's consumers and sources, W.
    pub consumer_heat_w: Box<[f32]>,
    pub source_heat_w: Box<[f32]>,
    /// Temperature consumers and sources give the water back with.
    pub consumer_outlet_c: Box<[f32]>,
    pub source_outlet_c: Box<[f32]>,
    /// Temperatures along the pipes, coded, where they are asked for ([`Recorder::along`]); else empty.
    pub cells: Box<[u16]>,
    /// Heat lost by all pipes, W.
    pub loss_w: f32,
    /// Values the consumers' models record, one after the other (`Consumer::recorded`).
    pub models: Box<[f32]>,
}

impl Frame {
    /// Bytes of its own, without the flows and pressures it shares.
    pub fn bytes(&self) -> usize {
        let ends = self.consumer_heat_w.len() + self.source_heat_w.len();
        let numbers = self.node_c.len() + self.pipe_c.len() + 2 * ends + self.models.len();
        4 * numbers + 2 * self.cells.len() + size_of::<Frame>()
    }

    /// Bytes of its flows and pressures.
    pub fn shared_bytes(&self) -> usize {
        4 * (self.mass_flow_kg_s.len() + self.pressure_pa.len())
    }
}

/// Where each consumer's numbers begin in [`Frame::models`], and the end of the last.
pub fn model_starts(simulation: &Simulation) -> Vec<u32> {
    let ends = simulation.consumers().scan(0, |end, (model, _)| {
        *end += model.recorded().len() as u32;
        Some(*end)
    });
    std::iter::once(0).chain(ends).collect()
}

/// Keeps frames and ways back.
#[derive(Clone, Debug)]
pub struct Recorder {
    interval_s: f64,
    checkpoint_interval_s: f64,
    most_bytes: usize,
    bytes: usize,
    frames: VecDeque<Frame>,
    checkpoints: VecDeque<Simulation>,
    /// Hydraulic solve the last flows are of.
    solve: u32,
    /// Where each consumer's numbers begin in [`Frame::models`], and the end of the last.
    starts: Vec<u32>,
    /// Which consumers are substations.
    stations: Vec<bool>,
    /// Length of the cells temperatures along pipes are kept in; infinite: none are kept.
    cell_m: f64,
    cells: Option<Arc<Cells>>,
}

fn narrow(values: impl Iterator<Item = f64>) -> Box<[f32]> {
    values.map(|value| value as f32).collect()
}

impl Recorder {
    /// A frame at most every `interval_s`, a way back every `checkpoint_interval_s` (infinite: none), frames of at most
    /// `most_bytes` (at least one is kept).
    pub fn new(interval_s: f64, checkpoint_interval_s: f64, most_bytes: usize) -> Recorder {
        Recorder {
            interval_s,
            checkpoint_interval_s,
            most_bytes,
            bytes: 0,
            frames: VecDeque::new(),
            checkpoints: VecDeque::new(),
            solve: u32::MAX,
            starts: Vec::new(),
            stations: Vec::new(),
            cell_m: f64::INFINITY,
            cells: None,
        }
    }

    /// Keeps temperatures along the pipes as well, in cells of about this length.
    #[must_use]
    pub fn along(mut self, cell_m: f64) -> Recorder {
        self.cell_m = cell_m;
        self
    }

    /// Which cells belong to which pipe; `None` before the first frame, or where none are kept.
    pub fn cells(&self) -> Option<&Arc<Cells>> {
        self.cells.as_ref()
    }

    /// Looks at the simulation after a step (or before the first) and keeps what is due.
    pub fn observe(&mut self, simulation: &Simulation) {
        let time_s = simulation.time_s();
        // Rounding of added steps must not skip a frame.
        let due = |last_s: Option<f64>, interval_s: f64| {
            last_s.is_none_or(|last_s| time_s - last_s >= interval_s * (1.0 - 1e-9))
        };
        if self.checkpoint_interval_s.is_finite()
            && due(self.checkpoints.back().map(Simulation::time_s), self.checkpoint_interval_s)
        {
            self.checkpoints.push_back(simulation.clone());
        }
        if !due(self.frames.back().map(|frame| frame.time_s), self.interval_s) {
            return;
        }
        if self.starts.is_empty() {
            // Models are put in before the first frame and stay.
            self.starts = model_starts(simulation);
            self.stations = simulation.consumers().map(|(model, _)| model.station().is_some()).collect();
        }
        let frame = self.frame(simulation);
        self.bytes += frame.bytes();
        self.frames.push_back(frame);
        while self.bytes > self.most_bytes && self.frames.len() > 1 {
            if let Some(oldest) = self.frames.pop_front() {
                self.bytes -= oldest.bytes() + if self.shares_flows(&oldest) { 0 } else { oldest.shared_bytes() };
            }
        }
        // A way back to before the first frame leads nowhere anybody can see; the one at or before it is needed.
        let first_s = self.frames.front().map_or(0.0, |frame| frame.time_s);
        while self.checkpoints.get(1).is_some_and(|next| next.time_s() <= first_s) {
            self.checkpoints.pop_front();
        }
    }

    fn shares_flows(&self, frame: &Frame) -> bool {
        self.frames.front().is_some_and(|next| Arc::ptr_eq(&next.mass_flow_kg_s, &frame.mass_flow_kg_s))
    }

    fn frame(&mut self, simulation: &Simulation) -> Frame {
        let transport = simulation.transport();
        let known = self.frames.back().filter(|_| self.solve == simulation.solves());
        let (mass_flow_kg_s, pressure_pa) = match known {
            Some(frame) => (frame.mass_flow_kg_s.clone(), frame.pressure_pa.clone()),
            None => {
                self.solve = simulation.solves();
                let flows: Arc<[f32]> = transport.flow_kg_s().iter().map(|&value| value as f32).collect();
                let pressures = &simulation.hydraulics().state().pressure_pa;
                let pressures: Arc<[f32]> = pressures.iter().map(|&value| value as f32).collect();
                self.bytes += 4 * (flows.len() + pressures.len());
                (flows, pressures)
            }
        };
        if self.cell_m.is_finite() && self.cells.is_none() {
            self.cells = Some(Arc::new(Cells::new(&transport.pipes, self.cell_m)));
        }
        let step_s = simulation.options.step_s;
        Frame {
            time_s: simulation.time_s(),
            node_c: narrow((0..transport.node_j_kg.len()).map(|node| transport.node_c(node))),
            pipe_c: narrow(transport.pipes.iter().map(|pipe| pipe.mean_c())),
            mass_flow_kg_s,
            pressure_pa,
            consumer_heat_w: narrow(simulation.consumers().map(|(_, passed)| passed.heat_w)),
            source_heat_w: narrow(simulation.sources().map(|(_, passed)| passed.heat_w)),
            consumer_outlet_c: narrow(simulation.consumers().map(|(_, passed)| passed.outlet_c)),
            source_outlet_c: narrow(simulation.sources().map(|(_, passed)| passed.outlet_c)),
            cells: self.cells.as_ref().map(|cells| cells.read(transport)).unwrap_or_default(),
            loss_w: (simulation.last().lost_j / step_s) as f32,
            models: simulation.consumers().flat_map(|(model, _)| model.recorded().iter().copied()).collect(),
        }
    }

    /// All frames kept, oldest first.
    pub fn frames(&self) -> impl ExactSizeIterator<Item = &Frame> + DoubleEndedIterator {
        self.frames.iter()
    }

    /// Bytes of the frames.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The last frame at or before a time; `None` before the first kept.
    pub fn at(&self, time_s: f64) -> Option<&Frame> {
        let after = self.frames.partition_point(|frame| frame.time_s <= time_s);
        self.frames.get(after.checked_sub(1)?)
    }

    /// Temperature of a node at a time, on the straight line between frames; `None` outside what is kept.
    pub fn node_c(&self, node: usize, time_s: f64) -> Option<f32> {
        let after = self.frames.partition_point(|frame| frame.time_s <= time_s);
        let before = self.frames.get(after.checked_sub(1)?)?;
        let value = *before.node_c.get(node)?;
        match self.frames.get(after) {
            Some(next) => {
                let share = ((time_s - before.time_s) / (next.time_s - before.time_s)) as f32;
                Some(value + share * (next.node_c.get(node)? - value))
            }
            None => (time_s == before.time_s).then_some(value),
        }
    }

    /// What a consumer's model recorded ([`Consumer::recorded`](super::Consumer::recorded)) in the last frame at or before a
    /// time; by its row ([`Simulation::consumer_row`]).
    pub fn recorded(&self, row: usize, time_s: f64) -> Option<&[f32]> {
        let (start, end) = (*self.starts.get(row)? as usize, *self.starts.get(row + 1)? as usize);
        self.at(time_s)?.models.get(start..end)
    }

    /// A substation in the last frame at or before a time; `None` where the consumer is none.
    pub fn station(&self, row: usize, time_s: f64) -> Option<StationInstant> {
        let station = *self.stations.get(row)?;
        StationInstant::from_numbers(self.recorded(row, time_s)?).filter(|_| station)
    }

    /// The buildings behind a substation in the last frame at or before a time, in the order of
    /// `network::thermal::Served::building_ids` (one that stands in where no building names the consumer).
    pub fn buildings(&self, row: usize, time_s: f64) -> Vec<BuildingInstant> {
        let station = self.stations.get(row).is_some_and(|station| *station);
        let numbers = self.recorded(row, time_s).filter(|_| station).unwrap_or_default();
        BuildingInstant::all(numbers)
    }

    /// A simulation to go on from at (or shortly before) a time: step it until its time is reached. `None` where no way
    /// back is kept.
    pub fn branch(&self, time_s: f64) -> Option<Simulation> {
        let after = self.checkpoints.partition_point(|checkpoint| checkpoint.time_s() <= time_s);
        self.checkpoints.get(after.checked_sub(1)?).cloned()
    }
}
