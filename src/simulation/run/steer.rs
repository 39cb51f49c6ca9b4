//! Sources told anew what to hold in the middle of a run, and the state of an instant as if a steady solve had given it: pumps and
//! holes in pipes too.

use super::Simulation;
use crate::network::{LinkId, Network};
use crate::solver::machines;
use crate::solver::problem::{Hold, Problem};
use crate::solver::{LeakState, LinkState, NodeState, Solution, SourceState};

impl Simulation {
    /// What a source holds from the next step on: its flow, the rise across it, the pressure at the worst consumer. Where it is
    /// the pressure reference it stays that. `false`: no running source.
    pub fn hold(&mut self, source: LinkId, hold: Hold) -> bool {
        let Some(row) = self.source_row(source) else { return false };
        if self.problem.sources[row].hold != hold {
            self.problem.sources[row].hold = hold;
            self.steered = true;
        }
        true
    }

    /// Pressures, flows, velocities and temperatures of this instant, to be held against rules. Consumers are left out: what
    /// they get is in [`Simulation::consumers`], what they ask for in their models.
    pub fn solution(&self) -> Solution {
        let problem = &self.problem;
        let state = self.hydraulics.state();
        let mut out = Solution { converged: self.converged, ..Solution::default() };
        out.nodes.resize(problem.node_of_slot.len(), NodeState::UNKNOWN);
        out.links.resize(problem.link_of_slot.len(), LinkState::UNKNOWN);
        let pressure = |node: u32| state.pressure_pa.get(node as usize).copied().unwrap_or(f64::NAN);
        for (node, handle) in problem.node_handles.iter().enumerate().take(problem.drawn_nodes) {
            let temperature_c = self.transport.node_c(node);
            out.nodes[handle.index()] = NodeState { pressure_pa: pressure(node as u32), temperature_c };
        }
        for link in 0..problem.drawn_links {
            out.links[problem.link_handles[link].index()] = self.link_state(problem, link);
        }
        for (row, source) in problem.sources.iter().enumerate() {
            let link = source.link as usize;
            out.sources.push(SourceState {
                link: problem.link_handles[link],
                mass_flow_kg_s: self.at_sources[row].mass_flow_kg_s,
                heat_w: self.at_sources[row].heat_w,
                supply_pressure_pa: pressure(problem.to[link]),
                return_pressure_pa: pressure(problem.from[link]),
            });
        }
        out.sources.sort_by_key(|state| state.link);
        out
    }

    /// The same with what pumps, mixing stations and turbines do, and with what holes in pipes lose. The network is the one the
    /// simulation was made from.
    pub fn solution_with_machines(&self, network: &Network) -> Solution {
        let mut out = self.solution();
        let state = self.hydraulics.state();
        for (row, leak) in self.problem.leaks.iter().enumerate() {
            out.leaks.push(LeakState {
                link: self.problem.link_handles[leak.link as usize],
                position: leak.position,
                mass_flow_kg_s: state.leak_kg_s.get(row).copied().unwrap_or(f64::NAN),
                pressure_pa: state.pressure_pa.get(leak.node as usize).copied().unwrap_or(f64::NAN),
                temperature_c: self.transport.node_c(leak.node as usize),
            });
        }
        machines::add(network, &self.problem, &mut out);
        out
    }

    fn link_state(&self, problem: &Problem, link: usize) -> LinkState {
        let state = self.hydraulics.state();
        let mass_flow_kg_s = self.transport.flow_kg_s()[link];
        let (start_c, end_c) = self.transport.ends_c(problem, link);
        LinkState {
            mass_flow_kg_s,
            velocity_m_s: mass_flow_kg_s / (problem.density_kg_m3[link] * problem.figures.bore_area_m2[link]),
            pressure_drop_pa: state.drop_pa.get(link).copied().unwrap_or(f64::NAN),
            inlet_temperature_c: start_c,
            outlet_temperature_c: end_c,
            heat_loss_w: f64::NAN,
        }
    }
}
