//! From dense numbers to what others read: a solution by handle, with origin and deviation of every value.

use std::cmp::Ordering;

use crate::live::Origin;
use crate::network::Network;
use crate::solver::problem::NONE;
use crate::solver::{ConsumerState, LinkState, NodeState, Report, Solution, SourceState};

use super::belief::{Belief, LinkBelief, NodeBelief};
use super::fit::{Fit, Row, RowReads};
use super::instrument::{Flow, Gradient, Reads, Warmth};
use super::model::{InputKind, Model, OUTLET, PRESSURE, Part, TEMPERATURE};
use super::state::State;

/// Which unknowns the measurements determine without any assumption.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    pub pressure: Vec<bool>,
    pub temperature: Vec<bool>,
    pub flow: Vec<bool>,
    pub outlet: Vec<bool>,
}

/// Factor on the variance of assumptions that makes them as good as absent, and how much a variance may grow by it
/// before the value counts as assumed.
pub const WITHOUT_ASSUMPTIONS: f64 = 1e8;
const GROWN: f64 = 1e5;

/// Variances of everything that is told.
#[derive(Clone, Debug, Default)]
pub struct Variances {
    pub pressure: Vec<f64>,
    pub temperature: Vec<f64>,
    pub flow: Vec<f64>,
    pub outlet: Vec<f64>,
}

impl Variances {
    /// After the selected inverse.
    pub fn of(fit: &Fit, model: &Model) -> Variances {
        let one = |scalar: usize| fit.variance(&Gradient::of(&[(scalar, 1.0)]));
        let outlet = |link: usize| match model.parts[link] {
            Part::Input(input) if model.inputs[input as usize].kind != InputKind::Controller => {
                one(model.of_input(input, OUTLET))
            }
            _ => f64::NAN,
        };
        Variances {
            pressure: (0..model.nodes() as u32).map(|node| one(model.of_node(node, PRESSURE))).collect(),
            temperature: (0..model.nodes() as u32).map(|node| one(model.of_node(node, TEMPERATURE))).collect(),
            flow: (0..model.links()).map(|link| fit.flow_variance(model, link)).collect(),
            outlet: (0..model.links()).map(outlet).collect(),
        }
    }

    /// What stays determined where these are the variances and `free` those without assumptions.
    pub fn observed(&self, free: &Variances) -> Observed {
        let list = |with: &[f64], without: &[f64]| -> Vec<bool> {
            with.iter()
                .zip(without)
                .map(|(with, without)| without.partial_cmp(&(GROWN * with)) != Some(Ordering::Greater))
                .collect()
        };
        Observed {
            pressure: list(&self.pressure, &free.pressure),
            temperature: list(&self.temperature, &free.temperature),
            flow: list(&self.flow, &free.flow),
            outlet: list(&self.outlet, &free.outlet),
        }
    }
}

/// Origin of every value: measured where an instrument in use reads just that.
pub fn origins(model: &Model, fit: &Fit, rows: &[Row], observed: &Observed) -> [Vec<Origin>; 4] {
    let origin = |seen: &bool| if *seen { Origin::Estimated } else { Origin::Assumed };
    let mut out = [&observed.pressure, &observed.temperature, &observed.flow, &observed.outlet]
        .map(|list| list.iter().map(origin).collect::<Vec<Origin>>());
    let link_of = |input: u32| model.inputs[input as usize].link;
    for row in rows.iter().filter(|row| !row.out) {
        let RowReads::Instrument(at) = row.reads else { continue };
        match fit.instruments[at].reads {
            Reads::Pressure(node) => out[0][node as usize] = Origin::Measured,
            Reads::Temperature(Warmth::Node(node)) => out[1][node as usize] = Origin::Measured,
            Reads::Temperature(Warmth::Outlet(input)) if link_of(input) != NONE => {
                out[3][link_of(input) as usize] = Origin::Measured;
            }
            Reads::Flow { flow: Flow::Link(link), .. } => out[2][link as usize] = Origin::Measured,
            Reads::Flow { flow: Flow::Input(input), .. } if link_of(input) != NONE => {
                out[2][link_of(input) as usize] = Origin::Measured;
            }
            _ => {}
        }
    }
    out
}

/// The state by handle.
pub fn solution(network: &Network, model: &Model, state: &State, converged: bool, iterations: u32) -> Solution {
    let problem = &model.problem;
    let mut out = Solution {
        converged,
        report: Report { iterations, coupling_passes: iterations, ..Report::default() },
        nodes: vec![NodeState::UNKNOWN; network.node_bound()],
        links: vec![LinkState::UNKNOWN; network.link_bound()],
        ..Solution::default()
    };
    for (at, handle) in problem.node_handles[..problem.drawn_nodes].iter().enumerate() {
        out.nodes[handle.index()] =
            NodeState { pressure_pa: state.pressure_pa[at], temperature_c: state.temperature_c[at] };
    }
    let mut imbalance = vec![0.0; model.nodes()];
    for link in 0..problem.drawn_links {
        let handle = problem.link_handles[link];
        let (from, to) = (problem.from[link] as usize, problem.to[link] as usize);
        let flow = state.flow_kg_s[link];
        imbalance[from] -= flow;
        imbalance[to] += flow;
        let up = if flow >= 0.0 { from } else { to };
        let inlet_c = if flow == 0.0 { state.outlet_c[link] } else { state.temperature_c[up] };
        let gravity = crate::solver::hydraulic::gravity_pa(problem, link);
        let is_source =
            matches!(model.parts[link], Part::Input(input) if model.inputs[input as usize].kind == InputKind::Source);
        let between = state.pressure_pa[from] - state.pressure_pa[to];
        let drop = model.drop(link, state.law_flow_kg_s[link]).map(|drop| drop.drop_pa);
        let is_pipe = model.heat.loss_w_k[link] != 0.0;
        out.links[handle.index()] = LinkState {
            mass_flow_kg_s: flow,
            velocity_m_s: flow / (problem.density_kg_m3[link] * problem.figures.bore_area_m2[link]),
            pressure_drop_pa: drop.unwrap_or(if is_source { between } else { between + gravity }),
            inlet_temperature_c: inlet_c,
            outlet_temperature_c: state.outlet_c[link],
            heat_loss_w: if is_pipe {
                flow.abs() * model.fluid.heat_between_j_kg(inlet_c, state.outlet_c[link])
            } else {
                0.0
            },
        };
    }
    for (row, consumer) in problem.consumers.iter().enumerate() {
        let link = consumer.link as usize;
        let handle = problem.link_handles[link];
        let own = out.links[handle.index()];
        let available_pressure_pa =
            state.pressure_pa[problem.from[link] as usize] - state.pressure_pa[problem.to[link] as usize];
        let required = problem.figures.consumers[row].required_pressure_pa;
        out.consumers.push(ConsumerState {
            link: handle,
            mass_flow_kg_s: own.mass_flow_kg_s,
            available_pressure_pa,
            heat_w: own.mass_flow_kg_s
                * model.fluid.heat_between_j_kg(own.inlet_temperature_c, own.outlet_temperature_c),
            satisfied: required.is_nan() || available_pressure_pa >= required,
        });
    }
    let running = problem.sources.iter().map(|source| source.link);
    for link in running.chain(problem.standing_sources.iter().copied()) {
        let handle = problem.link_handles[link as usize];
        let own = out.links[handle.index()];
        let heat_w =
            own.mass_flow_kg_s * model.fluid.heat_between_j_kg(own.outlet_temperature_c, own.inlet_temperature_c);
        out.sources.push(SourceState {
            link: handle,
            mass_flow_kg_s: own.mass_flow_kg_s,
            heat_w: if own.mass_flow_kg_s == 0.0 { 0.0 } else { heat_w },
            supply_pressure_pa: state.pressure_pa[problem.to[link as usize] as usize],
            return_pressure_pa: state.pressure_pa[problem.from[link as usize] as usize],
        });
    }
    out.sources.sort_by_key(|source| source.link);
    for &(node, input) in &model.make_ups {
        imbalance[node as usize] += state.input_flow_kg_s[input as usize];
    }
    out.report.max_mass_imbalance_kg_s = (0..model.nodes())
        .map(|node| (imbalance[node] - problem.demand_kg_s[node] - state.loss_kg_s[node]).abs())
        .fold(0.0, f64::max);
    out
}

/// Beliefs by handle.
pub fn beliefs(
    network: &Network,
    model: &Model,
    variances: &Variances,
    origins: &[Vec<Origin>; 4],
) -> (Vec<NodeBelief>, Vec<LinkBelief>) {
    let problem = &model.problem;
    let belief = |variance: f64, origin: Origin| Belief { deviation: variance.sqrt(), origin };
    let mut nodes = vec![NodeBelief { pressure: Belief::NONE, temperature: Belief::NONE }; network.node_bound()];
    for (at, handle) in problem.node_handles[..problem.drawn_nodes].iter().enumerate() {
        nodes[handle.index()] = NodeBelief {
            pressure: belief(variances.pressure[at], origins[0][at]),
            temperature: belief(variances.temperature[at], origins[1][at]),
        };
    }
    let mut links = vec![LinkBelief { flow: Belief::NONE, outlet: Belief::NONE }; network.link_bound()];
    for (at, handle) in problem.link_handles[..problem.drawn_links].iter().enumerate() {
        links[handle.index()] = LinkBelief {
            flow: belief(variances.flow[at], origins[2][at]),
            outlet: belief(variances.outlet[at], origins[3][at]),
        };
    }
    (nodes, links)
}
