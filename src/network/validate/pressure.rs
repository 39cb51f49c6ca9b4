//! Pressures given twice, and temperatures that leave no heat to give.
//!
//! Elements without resistance fix pressures exactly: references against the atmosphere, sources their rise, pipes
//! without length and fittings nothing at all. Where such elements close a ring, their values must add to zero, and even
//! then the flow through the ring is not determined. A pressure rise next to a resistance is never contradictory.

use super::collect::NodeSets;
use super::zones::{Passage, passage};
use crate::network::finding::FindingValue;
use crate::network::{
    Boundary, Code, Demand, ElementRef, Finding, LinkKind, Network, PipeState, Severity, SourceControl,
};
use crate::units::Quantity;

/// References closer than this agree.
const AGREEMENT_PA: f64 = 1.0;

/// Pressure at `b` minus pressure at `a` (the atmosphere being the node after the last).
struct Rigid {
    a: usize,
    b: usize,
    rise_pa: f64,
    element: ElementRef,
}

/// Reports contradictory references, rings without resistance, and consumers hotter than any source.
pub(super) fn check(network: &Network, findings: &mut Vec<Finding>) {
    rings(network, findings);
    temperatures(network, findings);
}

fn rings(network: &Network, findings: &mut Vec<Finding>) {
    let atmosphere = network.node_bound();
    let rigid = rigid_elements(network, atmosphere);
    let mut sets = NodeSets::new(atmosphere + 1);
    for (place, link) in rigid.iter().enumerate() {
        let Some(mismatch_pa) = sets.join_with(link.a, link.b, link.rise_pa) else { continue };
        let way = way(&rigid[..place], link.a, link.b);
        let through_atmosphere = [link].into_iter().chain(way.iter().copied()).any(|link| link.a == atmosphere);
        let Some(other) = way.iter().map(|link| &link.element).find(|element| **element != link.element) else {
            continue;
        };
        let code = if mismatch_pa.is_nan() {
            continue; // A number that is none, reported as such.
        } else if mismatch_pa.abs() > AGREEMENT_PA {
            Code::ContradictoryReferences
        } else if !through_atmosphere {
            Code::UndeterminedSplit
        } else {
            continue;
        };
        let others = way.iter().map(|link| link.element.clone()).collect();
        findings.push(
            Finding::new(code, link.element.clone()).with("other", FindingValue::Element(other.clone())).others(others),
        );
    }
}

fn rigid_elements(network: &Network, atmosphere: usize) -> Vec<Rigid> {
    let mut out = Vec::new();
    for (handle, _, node) in network.nodes() {
        if let Some(Boundary::MakeUp { pressure_pa, .. }) = node.boundary() {
            out.push(Rigid {
                a: atmosphere,
                b: handle.index(),
                rise_pa: pressure_pa,
                element: network.node_ref(handle),
            });
        }
    }
    let level = |node| network.node(node).map_or(0.0, |node| node.z_m);
    for view in network.links() {
        if view.from == view.to {
            continue;
        }
        let (from, to) = (view.from.index(), view.to.index());
        let mut push = |a: usize, b: usize, rise_pa: f64| out.push(Rigid { a, b, rise_pa, element: view.element() });
        match &view.link.kind {
            LinkKind::Source(source) if source.running => match source.control {
                SourceControl::Reference { return_pressure_pa, pressure_rise_pa } => {
                    push(atmosphere, from, return_pressure_pa);
                    push(from, to, pressure_rise_pa);
                }
                SourceControl::PressureRise { pressure_rise_pa } => push(from, to, pressure_rise_pa),
                SourceControl::SupplyPressure { supply_pressure_pa } => push(atmosphere, to, supply_pressure_pa),
                SourceControl::WorstPoint { return_pressure_pa: Some(pressure_pa), .. }
                | SourceControl::Speed { return_pressure_pa: Some(pressure_pa) } => {
                    push(atmosphere, from, pressure_pa);
                }
                SourceControl::MassFlow { .. } | SourceControl::WorstPoint { .. } | SourceControl::Speed { .. } => {}
            },
            LinkKind::Pipe(pipe)
                if pipe.length_m == 0.0
                    && pipe.zeta == 0.0
                    && pipe.state == PipeState::Open
                    && level(view.from) == level(view.to) =>
            {
                push(from, to, 0.0);
            }
            _ => {}
        }
    }
    out
}

/// The elements on the shortest way between two nodes that are joined by rigid elements.
fn way(rigid: &[Rigid], from: usize, to: usize) -> Vec<&Rigid> {
    let mut reached: Vec<(usize, Option<usize>, usize)> = vec![(from, None, usize::MAX)];
    let mut next = 0;
    while next < reached.len() {
        let (node, ..) = reached[next];
        if node == to {
            let mut out = Vec::new();
            let mut at = next;
            while let (_, Some(before), link) = reached[at] {
                out.push(&rigid[link]);
                at = before;
            }
            return out;
        }
        for (place, link) in rigid.iter().enumerate() {
            let end = match node {
                _ if node == link.a => link.b,
                _ if node == link.b => link.a,
                _ => continue,
            };
            if reached.iter().all(|(known, ..)| *known != end) {
                reached.push((end, Some(next), place));
            }
        }
        next += 1;
    }
    Vec::new()
}

fn temperatures(network: &Network, findings: &mut Vec<Finding>) {
    let sources = network.links().filter_map(|view| view.source()).filter(|source| source.running);
    let hottest_c = sources.map(|source| source.supply_temperature_c).fold(f64::NEG_INFINITY, f64::max);
    if !hottest_c.is_finite() {
        return;
    }
    for view in network.links() {
        let Some(consumer) = view.consumer() else { continue };
        if consumer.return_temperature_c < hottest_c || passage(&view) == Passage::Nothing {
            continue;
        }
        // With a given flow the result is defined (the consumer heats the network), only hardly what was meant.
        let severity = if matches!(consumer.demand, Demand::Heat { .. }) { Severity::Error } else { Severity::Warning };
        if consumer.return_temperature_c.is_finite() {
            findings.push(
                Finding::new(Code::NoTemperatureDifference, view.element())
                    .severe(severity)
                    .physical("supply", Quantity::Temperature, hottest_c)
                    .physical("return", Quantity::Temperature, consumer.return_temperature_c),
            );
        }
    }
}
