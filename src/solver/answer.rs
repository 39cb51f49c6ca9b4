//! From dense hydraulic results to the solution by handle.

use crate::network::{LinkId, Network};

use super::coupled::Coupled;
use super::hydraulic::HydraulicState;
use super::problem::Problem;
use super::rules::{Rules, is_satisfied};
use super::solution::{ConsumerState, LeakState, LinkState, NodeState, Report, Solution, SourceState};
use super::thermal::Temperatures;

/// Share of the set flow from which a consumer counts as served.
const SERVED_SHARE: f64 = 1.0 - 1e-6;

/// Writes the solution of a hydraulic solve over whatever `solution` held: flows and pressures; heat of consumers and
/// sources at the temperatures given for them; all other temperatures NaN.
pub fn hydraulic_solution(problem: &Problem, state: &HydraulicState, solution: &mut Solution) {
    solution.findings.clone_from(&state.findings);
    solution.findings.sort_by_key(|finding| finding.severity);
    solution.converged = state.converged;
    solution.report = Report {
        iterations: state.iterations,
        hardest_pass_iterations: state.iterations,
        coupling_passes: 1,
        max_mass_imbalance_kg_s: state.max_mass_imbalance_kg_s,
        max_momentum_residual_pa: state.max_momentum_residual_pa,
        energy_imbalance_w: 0.0,
    };
    solution.nodes.clear();
    let nodes = state.pressure_pa.iter().map(|&pressure_pa| NodeState { pressure_pa, temperature_c: f64::NAN });
    let slots = problem.node_of_slot.len();
    spread(
        &mut solution.nodes,
        slots,
        NodeState::UNKNOWN,
        problem.node_handles[..problem.drawn_nodes].iter().map(|h| h.index()),
        nodes,
    );
    solution.links.clear();
    let laws = state.mass_flow_kg_s.iter().zip(&state.drop_pa);
    let bores = problem.density_kg_m3.iter().zip(&problem.figures.bore_area_m2);
    let links = laws.zip(bores).map(|((&mass_flow_kg_s, &pressure_drop_pa), (density, area_m2))| LinkState {
        mass_flow_kg_s,
        velocity_m_s: mass_flow_kg_s / (density * area_m2),
        pressure_drop_pa,
        inlet_temperature_c: f64::NAN,
        outlet_temperature_c: f64::NAN,
        heat_loss_w: f64::NAN,
    });
    let slots = problem.link_of_slot.len();
    spread(
        &mut solution.links,
        slots,
        LinkState::UNKNOWN,
        problem.link_handles[..problem.drawn_links].iter().map(|h| h.index()),
        links,
    );
    solution.consumers.clear();
    solution.sources.clear();
    solution.pumps.clear();
    solution.leaks.clear();
    let pressure = |node: u32| state.pressure_pa[node as usize];
    // Sources may differ a lot, but consumers mostly give back water of one temperature.
    let mut last = ([f64::NAN; 2], f64::NAN);
    for (consumer, figures) in problem.consumers.iter().zip(&problem.figures.consumers) {
        let link = consumer.link as usize;
        let handle = problem.link_handles[link];
        let mass_flow_kg_s = state.mass_flow_kg_s[link];
        let available_pressure_pa = pressure(problem.from[link]) - pressure(problem.to[link]);
        // A shut consumer asks for nothing.
        let asked_kg_s = if consumer.by_hand { consumer.asked_kg_s } else { consumer.set_flow_kg_s };
        let served = asked_kg_s == 0.0
            || mass_flow_kg_s >= SERVED_SHARE * asked_kg_s
                && (available_pressure_pa >= figures.required_pressure_pa || figures.required_pressure_pa.is_nan());
        let temperatures_c = [problem.supply_c(problem.from[link]), consumer.return_temperature_c];
        if last.0 != temperatures_c {
            last = (temperatures_c, problem.fluid.heat_between_j_kg(temperatures_c[0], temperatures_c[1]));
        }
        let each_j_kg = last.1;
        solution.consumers.push(ConsumerState {
            link: handle,
            mass_flow_kg_s,
            available_pressure_pa,
            heat_w: if mass_flow_kg_s == 0.0 { 0.0 } else { mass_flow_kg_s * each_j_kg },
            satisfied: served,
        });
    }
    let running = problem.sources.iter().map(|source| (source.link, Some(source.supply_temperature_c)));
    let standing = problem.standing_sources.iter().map(|&link| (link, None));
    for (link, supply_temperature_c) in running.chain(standing) {
        let (from, to) = (problem.from[link as usize], problem.to[link as usize]);
        let mass_flow_kg_s = state.mass_flow_kg_s[link as usize];
        let each_j_kg = supply_temperature_c
            .map_or(0.0, |supply_c| problem.fluid.heat_between_j_kg(supply_c, problem.return_c(from)));
        solution.sources.push(SourceState {
            link: problem.link_handles[link as usize],
            mass_flow_kg_s,
            heat_w: mass_flow_kg_s * each_j_kg,
            supply_pressure_pa: pressure(to),
            return_pressure_pa: pressure(from),
        });
    }
    solution.sources.sort_by_key(|source| source.link);
    for piece in further_pieces(problem) {
        let whole = &mut solution.links[problem.link_handles[piece].index()];
        whole.pressure_drop_pa += state.drop_pa[piece];
    }
    for (row, leak) in problem.leaks.iter().enumerate() {
        solution.leaks.push(LeakState {
            link: problem.link_handles[leak.link as usize],
            position: leak.position,
            mass_flow_kg_s: state.leak_kg_s[row],
            pressure_pa: pressure(leak.node),
            temperature_c: f64::NAN,
        });
    }
}

/// Links of pieces of pipes beyond the first, in order.
fn further_pieces(problem: &Problem) -> impl Iterator<Item = usize> + '_ {
    problem.pieces.iter().filter(|piece| piece.link != piece.first).map(|piece| piece.link as usize)
}

/// Fills `out` up to `slots` elements: values at their slots, in the order of both, and `hole` between.
fn spread<T: Copy>(
    out: &mut Vec<T>,
    slots: usize,
    hole: T,
    at: impl ExactSizeIterator<Item = usize>,
    values: impl Iterator<Item = T>,
) {
    if at.len() == slots {
        // Places and pieces beyond what is drawn come last.
        out.extend(values.take(slots));
        return;
    }
    out.resize(slots, hole);
    for (slot, value) in at.zip(values) {
        out[slot] = value;
    }
}

/// Adds temperatures and the heat that goes with them to a hydraulic solution.
pub fn add_temperatures(
    network: &Network,
    problem: &Problem,
    temperatures: &Temperatures,
    coupled: &Coupled,
    solution: &mut Solution,
) {
    let fluid = &problem.fluid;
    solution.report.iterations = coupled.iterations;
    solution.report.hardest_pass_iterations = coupled.hardest_pass;
    solution.report.coupling_passes = coupled.passes;
    solution.report.energy_imbalance_w = coupled.balance.imbalance_w();
    for (&handle, &temperature_c) in problem.node_handles[..problem.drawn_nodes].iter().zip(&temperatures.node_c) {
        let node = &mut solution.nodes[handle.index()];
        // A node without way to a pressure reference takes no part.
        if node.pressure_pa.is_finite() {
            node.temperature_c = temperature_c;
        }
    }
    for (link, &handle) in problem.link_handles[..problem.drawn_links].iter().enumerate() {
        let state = &mut solution.links[handle.index()];
        state.inlet_temperature_c = temperatures.inlet_c[link];
        state.outlet_temperature_c = temperatures.outlet_c[link];
        state.heat_loss_w = temperatures.loss_w[link];
    }
    for piece in further_pieces(problem) {
        let whole = &mut solution.links[problem.link_handles[piece].index()];
        whole.heat_loss_w += temperatures.loss_w[piece];
        // Seen along the pipe: what enters at its start and leaves at its end, or the other way round.
        if whole.mass_flow_kg_s >= 0.0 {
            whole.outlet_temperature_c = temperatures.outlet_c[piece];
        } else {
            whole.inlet_temperature_c = temperatures.inlet_c[piece];
        }
    }
    for (row, leak) in problem.leaks.iter().enumerate() {
        solution.leaks[row].temperature_c = temperatures.node_c[leak.node as usize];
    }
    let rules = Rules::default();
    // Heat taken from the water on its way through a link, in the direction it flows.
    let taken_w = |handle: LinkId, solution: &Solution| {
        let state = &solution.links[handle.index()];
        state.mass_flow_kg_s.abs() * fluid.heat_between_j_kg(state.inlet_temperature_c, state.outlet_temperature_c)
    };
    for row in 0..solution.consumers.len() {
        let mut consumer = solution.consumers[row];
        consumer.heat_w = taken_w(consumer.link, solution);
        if let Some(data) = network.link_view(consumer.link).and_then(|view| view.consumer()) {
            // One that heats another zone asks for what that zone needs, not for its own demand.
            let feeds = problem.exchangers.iter().any(|exchanger| exchanger.consumer as usize == row);
            let enough = data.required_pressure_pa.is_none_or(|required| consumer.available_pressure_pa >= required);
            consumer.satisfied = if feeds {
                enough && consumer.mass_flow_kg_s >= SERVED_SHARE * problem.consumers[row].set_flow_kg_s
            } else {
                is_satisfied(data, &consumer, &rules)
            };
        }
        solution.consumers[row] = consumer;
    }
    for row in 0..solution.sources.len() {
        let heat_w = -taken_w(solution.sources[row].link, solution);
        // No negative zero for a source at rest.
        solution.sources[row].heat_w = if heat_w == 0.0 { 0.0 } else { heat_w };
    }
}
