//! One instant of a timeline: between two frames, on the straight line.
//!
//! [`Place::solution`] makes it what a steady solve gives, by the same handles: heat losses of single pipes stay unknown.
//! [`Place::along`] is what a steady state does not have, the temperatures along a pipe; [`Place::station`] and
//! [`Place::buildings`] what substations and the buildings behind them were like.

use std::collections::BTreeMap;

use super::Part;
use crate::network::{Building, LinkId, Network, NodeId};
use crate::simulation::profile::decoded;
use crate::simulation::{BuildingInstant, Frame, StationInstant};
use crate::solver::problem::{Element, NONE, Problem};
use crate::solver::{ConsumerState, LinkState, NodeState, Solution, SourceState};

/// Place of the cause among a station's numbers.
const CAUSE: usize = 18;

/// Frames around a time.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub part: &'a Part,
    before: &'a Frame,
    after: &'a Frame,
    share: f64,
}

impl<'a> Place<'a> {
    pub(super) fn of(part: &'a Part, calendar_s: f64) -> Option<Place<'a>> {
        let (before, after, share) = part.around(calendar_s)?;
        Some(Place { part, before, after, share })
    }

    /// Exactly a frame.
    pub(super) fn still(part: &'a Part, frame: &'a Frame) -> Place<'a> {
        Place { part, before: frame, after: frame, share: 0.0 }
    }

    fn problem(&self) -> &'a Problem {
        self.part.started.first.problem()
    }

    fn mix(&self, values: impl Fn(&'a Frame) -> &'a [f32], at: usize) -> f64 {
        let read = |frame: &'a Frame| values(frame).get(at).map_or(f64::NAN, |value| f64::from(*value));
        let before = read(self.before);
        // Without the difference of two equal infinities, and exactly a frame's value at the frame.
        if self.share == 0.0 { before } else { before + self.share * (read(self.after) - before) }
    }

    fn node_c(&self, node: usize) -> f64 {
        self.mix(|frame| &frame.node_c, node)
    }

    fn pressure_pa(&self, node: usize) -> f64 {
        self.mix(|frame| &frame.pressure_pa, node)
    }

    fn flow_kg_s(&self, link: usize) -> f64 {
        self.mix(|frame| &frame.mass_flow_kg_s, link)
    }

    /// Heat lost by all pipes, W.
    pub fn loss_w(&self) -> f64 {
        let [before, after] = [self.before, self.after].map(|frame| f64::from(frame.loss_w));
        before + self.share * (after - before)
    }

    /// Mean temperatures of the cells of a pipe from its `from` end on; empty for what is no pipe.
    pub fn cells(&self, link: LinkId) -> impl Iterator<Item = f64> + use<'a> {
        let first = &self.part.started.first;
        let row = first.problem().link(link).map_or(NONE, |link| first.transport().pipe_of_link[link]);
        let place = *self;
        self.part.started.cells.of(row as usize).map(move |cell| {
            let read = |frame: &'a Frame| frame.cells.get(cell).map_or(f64::NAN, |code| decoded(*code));
            let before = read(place.before);
            before + place.share * (read(place.after) - before)
        })
    }

    /// Temperatures at equal distances along a pipe, both ends included; empty for what is no pipe.
    pub fn along(&self, link: LinkId) -> Vec<f64> {
        let cells: Vec<f64> = self.cells(link).collect();
        let Some(dense) = self.problem().link(link).filter(|_| !cells.is_empty()) else { return Vec::new() };
        let mut knots = Vec::with_capacity(cells.len() + 1);
        // Water enters with the temperature of its node and leaves with that of its last cell.
        let flow_kg_s = self.flow_kg_s(dense);
        let problem = self.problem();
        knots.push(if flow_kg_s > 0.0 { self.node_c(problem.from[dense] as usize) } else { cells[0] });
        knots.extend(cells.windows(2).map(|pair| 0.5 * (pair[0] + pair[1])));
        let last = cells[cells.len() - 1];
        knots.push(if flow_kg_s < 0.0 { self.node_c(problem.to[dense] as usize) } else { last });
        knots
    }

    /// Numbers that the model of a consumer recorded, on the straight line.
    fn numbers(&self, row: usize) -> Vec<f32> {
        let models = self.part.models_of(row);
        models.map(|at| self.mix(|frame| &frame.models, at) as f32).collect()
    }

    /// A substation at this instant; `None` for other consumers.
    pub fn station(&self, consumer: LinkId) -> Option<StationInstant> {
        self.station_of_row(self.part.started.first.consumer_row(consumer)?)
    }

    fn station_of_row(&self, row: usize) -> Option<StationInstant> {
        let first = &self.part.started.first;
        first.consumers().nth(row)?.0.station()?;
        // A word has no middle: it is that of the frame before.
        let before = self.before.models.get(self.part.models_of(row))?;
        let cause = StationInstant::from_numbers(before)?.cause;
        let mut numbers = self.numbers(row);
        if let (Some(slot), Some(known)) = (numbers.get_mut(CAUSE), before.get(CAUSE)) {
            *slot = *known;
        }
        StationInstant::from_numbers(&numbers).map(|instant| StationInstant { cause, ..instant })
    }

    /// The buildings behind a substation, in the order in which the network's buildings name it.
    pub fn buildings(&self, consumer: LinkId) -> Vec<BuildingInstant> {
        let first = &self.part.started.first;
        let row = first.consumer_row(consumer);
        let row = row.filter(|row| first.consumers().nth(*row).is_some_and(|(model, _)| model.station().is_some()));
        row.map_or_else(Vec::new, |row| BuildingInstant::all(&self.numbers(row)))
    }

    /// Room temperature of one of the buildings behind a substation.
    pub fn room_of(&self, consumer: LinkId, building: usize) -> f64 {
        let row = self.part.started.first.consumer_row(consumer);
        let start = row.map(|row| self.part.models_of(row).start);
        start.map_or(f64::NAN, |start| self.mix(|frame| &frame.models, start + BuildingInstant::place(building)))
    }

    /// Temperature of a node.
    pub fn node_temperature_c(&self, node: NodeId) -> Option<f64> {
        self.problem().node(node).map(|node| self.node_c(node))
    }

    /// Room temperatures: of the coldest building by consumer, and of every building by its place in the network's.
    pub fn rooms_c(&self) -> (BTreeMap<LinkId, f64>, Vec<f64>) {
        let network = self.part.network();
        let first = &self.part.started.first;
        let problem = self.problem();
        let mut coldest = BTreeMap::new();
        let mut behind: BTreeMap<LinkId, std::vec::IntoIter<f64>> = BTreeMap::new();
        for (row, (model, _)) in first.consumers().enumerate().filter(|(_, (model, _))| model.station().is_some()) {
            let link = problem.link_handles[problem.consumers[row].link as usize];
            let start = self.part.models_of(row).start;
            let count = BuildingInstant::count(model.recorded());
            coldest.insert(link, self.mix(|frame| &frame.models, start));
            let rooms: Vec<f64> =
                (0..count).map(|at| self.mix(|frame| &frame.models, start + BuildingInstant::place(at))).collect();
            behind.insert(link, rooms.into_iter());
        }
        let mut room = |building: &Building| {
            let link = network.link_id(building.consumer.as_ref()?)?;
            behind.get_mut(&link)?.next()
        };
        let rooms = network.buildings().values().map(|building| room(building).unwrap_or(f64::NAN)).collect();
        (coldest, rooms)
    }

    /// The state of the network, as if a steady solve had given it.
    pub fn solution(&self) -> Solution {
        let network = self.part.network();
        let problem = self.problem();
        let mut out = Solution { converged: true, ..Solution::unsolved(network, Vec::new()) };
        for (node, handle) in problem.node_handles.iter().enumerate().take(problem.drawn_nodes) {
            if let Some(slot) = out.nodes.get_mut(handle.index()) {
                *slot = NodeState { pressure_pa: self.pressure_pa(node), temperature_c: self.node_c(node) };
            }
        }
        for link in 0..problem.drawn_links {
            let handle = problem.link_handles[link];
            if let Some(slot) = out.links.get_mut(handle.index()) {
                *slot = self.link(network, problem, link);
            }
        }
        for (row, consumer) in problem.consumers.iter().enumerate() {
            let link = consumer.link as usize;
            let handle = problem.link_handles[link];
            let available_pressure_pa =
                self.pressure_pa(problem.from[link] as usize) - self.pressure_pa(problem.to[link] as usize);
            let data = network.link_view(handle).and_then(|view| view.consumer());
            let required_pa = data.and_then(|consumer| consumer.required_pressure_pa).unwrap_or(0.0);
            out.consumers.push(ConsumerState {
                link: handle,
                mass_flow_kg_s: self.flow_kg_s(link),
                available_pressure_pa,
                heat_w: self.mix(|frame| &frame.consumer_heat_w, row),
                satisfied: available_pressure_pa >= required_pa,
            });
        }
        for (row, source) in problem.sources.iter().enumerate() {
            let link = source.link as usize;
            out.sources.push(SourceState {
                link: problem.link_handles[link],
                mass_flow_kg_s: self.flow_kg_s(link),
                heat_w: self.mix(|frame| &frame.source_heat_w, row),
                supply_pressure_pa: self.pressure_pa(problem.to[link] as usize),
                return_pressure_pa: self.pressure_pa(problem.from[link] as usize),
            });
        }
        out.consumers.sort_by_key(|state| state.link);
        out.sources.sort_by_key(|state| state.link);
        out
    }

    fn link(&self, network: &Network, problem: &Problem, link: usize) -> LinkState {
        let first = &self.part.started.first;
        let (from, to) = (problem.from[link] as usize, problem.to[link] as usize);
        let mass_flow_kg_s = self.flow_kg_s(link);
        let density_kg_m3 = problem.density_kg_m3[link];
        let forward = mass_flow_kg_s >= 0.0;
        let inlet_c = self.node_c(if forward { from } else { to });
        let row = first.transport().pipe_of_link[link];
        let pipe = first.transport().pipes.get(row as usize);
        let outlet_c = match problem.elements[link] {
            _ if pipe.is_some() => {
                let mut cells = self.cells(problem.link_handles[link]);
                let end = if forward { cells.last() } else { cells.next() };
                end.unwrap_or(inlet_c)
            }
            Element::Consumer(row) => self.mix(|frame| &frame.consumer_outlet_c, row as usize),
            Element::Source(row) => self.mix(|frame| &frame.source_outlet_c, row as usize),
            _ => inlet_c,
        };
        let velocity_m_s = pipe.map_or(f64::NAN, |pipe| {
            let area_m2 = std::f64::consts::PI / 4.0 * pipe.data.inner_diameter_m * pipe.data.inner_diameter_m;
            mass_flow_kg_s / (density_kg_m3 * area_m2)
        });
        let lift_m = problem.elevation_m[from] - problem.elevation_m[to];
        let weight_pa = density_kg_m3 * network.settings().gravity_m_s2 * lift_m;
        LinkState {
            mass_flow_kg_s,
            velocity_m_s,
            pressure_drop_pa: self.pressure_pa(from) - self.pressure_pa(to) + weight_pa,
            inlet_temperature_c: inlet_c,
            outlet_temperature_c: outlet_c,
            heat_loss_w: f64::NAN,
        }
    }
}
