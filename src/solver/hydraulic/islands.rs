//! Parts without a way to a pressure reference: what they are, and whether they ask for anything.

use super::super::problem::{Element, Hold, Problem};
use super::reduction::NONE;
use super::state::HydraulicState;
use super::structure::Structure;
use crate::network::sets::Sets;
use crate::network::{Code, ElementRef, Finding, Network, Severity};
use crate::units::Quantity;

/// Elements listed by name in one finding.
const MOST_NAMES: usize = 20;

#[derive(Default)]
struct Part {
    first_node: u32,
    nodes: usize,
    links: usize,
    consumers: Vec<u32>,
    asking: usize,
    /// Nodes that draw or feed water.
    demands: Vec<u32>,
    /// Pumps and sources that run.
    drivers: Vec<u32>,
    /// A closed element leads out of it.
    closed_off: bool,
}

/// Reports every part that is adrift. Gives whether none of them asks for anything it cannot be told.
pub fn check(network: &Network, problem: &Problem, structure: &Structure, state: &mut HydraulicState) -> bool {
    let parts = parts(problem, structure);
    let no_reference =
        structure.roles.fixed.is_empty() && structure.roles.limited.is_empty() && problem.node_count() > 0;
    if no_reference {
        state.findings.push(Finding::new(Code::NoPressureReference, ElementRef::network()));
    }
    let mut good = !no_reference;
    let name_link = |link: u32| network.link_ref(problem.link_handles[link as usize]);
    let name_node = |node: u32| network.node_ref(problem.node_handles[node as usize]);
    for part in &parts {
        // A node without links is validation's business.
        if part.links == 0 && part.consumers.is_empty() && part.demands.is_empty() && !part.closed_off {
            continue;
        }
        for &node in &part.demands {
            let demand = problem.demand_kg_s[node as usize];
            state.findings.push(
                Finding::new(Code::DemandUnserved, name_node(node))
                    .severe(Severity::Error)
                    .physical("demand", Quantity::MassFlow, demand)
                    .physical("served", Quantity::MassFlow, 0.0),
            );
            good = false;
        }
        let closed = part.closed_off && part.drivers.is_empty();
        let asks = part.asking > 0 || !part.drivers.is_empty() || !part.demands.is_empty();
        let element = part
            .consumers
            .first()
            .or(part.drivers.first())
            .map_or_else(|| name_node(part.first_node), |&link| name_link(link));
        let code = if closed { Code::CutOff } else { Code::Island };
        let severity = match (closed, asks) {
            (_, false) => Severity::Info,
            (true, true) => Severity::Warning,
            (false, true) => Severity::Error,
        };
        good &= severity != Severity::Error;
        let others = part.drivers.iter().chain(&part.consumers).skip(1).take(MOST_NAMES).map(|&link| name_link(link));
        state.findings.push(
            Finding::new(code, element)
                .severe(severity)
                .count("nodes", part.nodes)
                .count("consumers", part.asking)
                .text("example", name_node(part.first_node).id.to_string())
                .others(others.collect()),
        );
    }
    good
}

/// Connected parts of what is adrift; consumers and closed elements do not connect.
fn parts(problem: &Problem, structure: &Structure) -> Vec<Part> {
    let nodes = problem.node_count();
    let mut sets = Sets::new(nodes);
    let connects = |element: &Element| match element {
        Element::Closed => false,
        Element::Source(row) => !matches!(problem.sources[*row as usize].hold, Hold::MassFlow(_)),
        // A consumer that is freed joins its two sides: what is cut off with it is one part.
        Element::Consumer(row) => problem.consumers[*row as usize].set_flow_kg_s > 0.0,
        Element::Plain(_) | Element::Valve(..) | Element::Pump(_) => true,
    };
    for link in 0..problem.link_count() {
        let (from, to) = (problem.from[link], problem.to[link]);
        let both = structure.adrift[from as usize] && structure.adrift[to as usize];
        if both && connects(&problem.elements[link]) {
            sets.join_under_least(from, to);
        }
    }
    let mut index = vec![NONE; nodes];
    let mut parts: Vec<Part> = Vec::new();
    for node in 0..nodes as u32 {
        if !structure.adrift[node as usize] {
            continue;
        }
        let root = sets.of(node) as usize;
        if index[root] == NONE {
            index[root] = parts.len() as u32;
            parts.push(Part { first_node: node, ..Part::default() });
        }
        index[node as usize] = index[root];
        let part = &mut parts[index[root] as usize];
        part.nodes += 1;
        if problem.demand_kg_s[node as usize] != 0.0 {
            part.demands.push(node);
        }
    }
    for link in 0..problem.link_count() {
        let ends = [problem.from[link] as usize, problem.to[link] as usize];
        let at = ends.map(|end| index[end]);
        for which in 0..2 {
            if at[which] == NONE || (which == 1 && at[0] == at[1]) {
                continue;
            }
            let part = &mut parts[at[which] as usize];
            match problem.elements[link] {
                Element::Closed => part.closed_off |= at[0] != at[1],
                Element::Consumer(row) => {
                    part.consumers.push(link as u32);
                    part.asking += usize::from(problem.consumers[row as usize].set_flow_kg_s > 0.0);
                }
                Element::Source(_) | Element::Pump(_) => part.drivers.push(link as u32),
                Element::Plain(_) | Element::Valve(..) => part.links += 1,
            }
        }
    }
    parts
}
