//! Set values that fight: two elements that hold the same pressure, or the same difference, at values that cannot both be.
//!
//! Two valves that limit one pressure do not fight, the lower governs. A source, pump or make-up that holds a pressure
//! fights another one that holds it elsewhere, and a valve that sustains a pressure fights one that keeps it below. Found
//! by name before anything is solved; what depends on the state is found by the solver. Fixed references are compared
//! in [`pressure`](super::pressure).

use std::collections::BTreeMap;

use super::zones::{Passage, passage};
use crate::network::finding::FindingValue;
use crate::network::{
    Code, ElementRef, Finding, LinkKind, LinkView, Name, Network, NodeId, PumpControl, SourceControl, Valve, ValveKind,
};
use crate::units::Quantity;

/// Set values nearer than this agree.
const AGREEMENT_PA: f64 = 1.0;

/// What is held.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Held {
    /// The pressure of a node.
    Pressure(NodeId),
    /// The difference of two nodes, the higher first.
    Difference(NodeId, NodeId),
    /// The available pressure of a consumer; none: the worst.
    Available(Option<Name>),
}

/// How it is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// At the set value.
    Exactly,
    /// Not above it.
    AtMost,
    /// Not below it.
    AtLeast,
}

struct Holder {
    way: Way,
    set_pa: f64,
    element: ElementRef,
}

/// Reports every pair that cannot both hold, each holder against the first it fights.
pub(super) fn check(network: &Network, findings: &mut Vec<Finding>) {
    let mut holders: BTreeMap<Held, Vec<Holder>> = BTreeMap::new();
    for view in network.links().filter(|view| !matches!(view.link.kind, LinkKind::Pipe(_) | LinkKind::Consumer(_))) {
        let Some((held, way, set_pa)) = holds(network, &view).filter(|_| passage(&view) != Passage::Nothing) else {
            continue;
        };
        let known = holders.entry(held).or_default();
        if let Some(other) = known.iter().find(|other| fight(way, set_pa, other)) {
            findings.push(
                Finding::new(Code::SetValuesFight, view.element())
                    .with("other", FindingValue::Element(other.element.clone()))
                    .physical("set", Quantity::Pressure, set_pa)
                    .physical("other-set", Quantity::Pressure, other.set_pa)
                    .others(vec![other.element.clone()]),
            );
        }
        known.push(Holder { way, set_pa, element: view.element() });
    }
}

fn holds(network: &Network, view: &LinkView<'_>) -> Option<(Held, Way, f64)> {
    match &view.link.kind {
        LinkKind::Valve(valve) => valve_holds(network, valve, view.from, view.to),
        LinkKind::Pump(pump) => match &pump.control {
            PumpControl::DifferentialPressure { set_pressure_pa, sensing_nodes } => {
                Some((difference(network, sensing_nodes)?, Way::Exactly, *set_pressure_pa))
            }
            _ => None,
        },
        LinkKind::Source(source) => match &source.control {
            SourceControl::SupplyPressure { supply_pressure_pa } => {
                Some((Held::Pressure(view.to), Way::Exactly, *supply_pressure_pa))
            }
            SourceControl::WorstPoint { available_pressure_pa, consumer, .. } => {
                Some((Held::Available(consumer.clone()), Way::Exactly, *available_pressure_pa))
            }
            _ => None,
        },
        LinkKind::Pipe(_) | LinkKind::Consumer(_) => None,
    }
}

fn valve_holds(network: &Network, valve: &Valve, from: NodeId, to: NodeId) -> Option<(Held, Way, f64)> {
    let set_pa = valve.set_pressure_pa?;
    match valve.kind {
        ValveKind::PressureReducing | ValveKind::Turbine => Some((Held::Pressure(to), Way::AtMost, set_pa)),
        ValveKind::PressureSustaining => Some((Held::Pressure(from), Way::AtLeast, set_pa)),
        ValveKind::DifferentialPressure => {
            Some((difference(network, valve.sensing_nodes.as_ref()?)?, Way::AtMost, set_pa))
        }
        _ => None,
    }
}

fn difference(network: &Network, nodes: &[Name; 2]) -> Option<Held> {
    Some(Held::Difference(network.node_id(&nodes[0])?, network.node_id(&nodes[1])?))
}

fn fight(way: Way, set_pa: f64, other: &Holder) -> bool {
    let above_pa = set_pa - other.set_pa;
    match (way, other.way) {
        (Way::Exactly, Way::Exactly) => above_pa.abs() > AGREEMENT_PA,
        // What must be, or be at least, lies above what may be at most.
        (Way::Exactly | Way::AtLeast, Way::AtMost) | (Way::AtLeast, Way::Exactly) => above_pa > AGREEMENT_PA,
        (Way::AtMost, Way::Exactly | Way::AtLeast) | (Way::Exactly, Way::AtLeast) => above_pa < -AGREEMENT_PA,
        (Way::AtMost, Way::AtMost) | (Way::AtLeast, Way::AtLeast) => false,
    }
}
