//! The same instant in a changed network: a way on from the middle of a run with a valve shut, a pipe replaced, a plant
//! failed.
//!
//! Water keeps its place in every pipe that is still there (by share of the length where the pipe changed), nodes,
//! substations and buildings keep their state. What is new starts with the temperature of the ground.

use super::Simulation;
use crate::network::{Finding, LinkId, Network};
use crate::simulation::layout::Start;
use crate::simulation::pipe::Pipe;
use crate::solver::problem::{NONE, Problem};

/// A run in a changed network.
#[derive(Clone, Debug)]
pub struct Continued {
    pub simulation: Simulation,
    /// Consumers and sources whose data changed or that are new: they do what the network's data says until a model is
    /// put in their place.
    pub fresh: Vec<LinkId>,
}

impl Simulation {
    /// This instant of a run in `before`, in the network as it is `now`. Changes of shape, of elements and of their data
    /// are taken in; ill-posed networks give the findings that say why.
    pub fn onto(&self, before: &Network, now: &Network) -> Result<Continued, Vec<Finding>> {
        let problem = Problem::new(now)?;
        let uniform = Start::Uniform { temperature_c: now.settings().ambient_temperature_c };
        let mut next = Simulation::build(now, super::Options { start: uniform, ..self.options }, problem, None);
        next.options.start = self.options.start;
        for row in 0..next.transport.pipes.len() {
            let link = next.transport.pipes[row].data.link as usize;
            let handle = next.problem.link_handles[link];
            let known = self.problem.link(handle).map_or(NONE, |link| self.transport.pipe_of_link[link]);
            // Pieces of a pipe with holes share one handle: they start anew.
            if let Some(known) = self.transport.pipes.get(known as usize).filter(|_| link < next.problem.drawn_links) {
                let around_c = next.transport.pipes[row].surroundings_c();
                let data = next.transport.pipes[row].data;
                let mut pipe = Pipe::new(data, around_c, &known.profile(), &next.transport.enthalpy);
                pipe.lost_j = known.lost_j;
                next.transport.pipes[row] = pipe;
            }
        }
        for (node, handle) in next.problem.node_handles.iter().enumerate() {
            if let Some(known) = self.problem.node(*handle) {
                next.transport.node_j_kg[node] = self.transport.node_j_kg[known];
            }
        }
        let mut fresh = Vec::new();
        for row in 0..next.problem.consumers.len() {
            let handle = next.problem.link_handles[next.problem.consumers[row].link as usize];
            let Some(known) = self.consumer_row(handle) else {
                fresh.push(handle);
                continue;
            };
            next.at_consumers[row] = self.at_consumers[known];
            if same_consumer(before, now, handle) {
                next.consumers[row] = self.consumers[known].clone();
                next.solved_kg_s[row] = self.solved_kg_s[known];
                let shut = next.shut[row];
                next.consumers[row].set_shut(shut);
            } else {
                fresh.push(handle);
            }
        }
        for row in 0..next.problem.sources.len() {
            let handle = next.problem.link_handles[next.problem.sources[row].link as usize];
            let Some(known) = self.source_row(handle) else {
                fresh.push(handle);
                continue;
            };
            next.at_sources[row] = self.at_sources[known];
            let source = |network: &Network| network.link_view(handle).and_then(|view| view.source().cloned());
            if source(before) == source(now) {
                next.sources[row] = self.sources[known].clone();
            } else {
                fresh.push(handle);
            }
        }
        for isolation in &mut next.isolations {
            let handle =
                |problem: &Problem, row: u32| problem.link_handles[problem.sources[row as usize].link as usize];
            let own = handle(&next.problem, isolation.row.source);
            let known = self.isolations.iter().find(|known| handle(&self.problem, known.row.source) == own);
            isolation.held_j = known.map_or(0.0, |known| known.held_j);
        }
        next.time_s = self.time_s;
        (next.total, next.last) = (self.total, self.last);
        Ok(Continued { simulation: next, fresh })
    }
}

/// Whether a consumer is what it was, shut or not: shutting and opening is seen by the simulation, and the building behind
/// remembers.
fn same_consumer(before: &Network, now: &Network, link: LinkId) -> bool {
    let consumer = |network: &Network| {
        network.link_view(link).and_then(|view| view.consumer().cloned()).map(|mut consumer| {
            consumer.shut = false;
            consumer
        })
    };
    consumer(before) == consumer(now)
}
