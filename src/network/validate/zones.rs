//! Which parts have a pressure reference, which float (islands), which are cut off by closed valves.
//!
//! A link either carries pressure from end to end (open pipe or valve, running pump, source that holds its rise), or
//! only flow (a consumer without Kv, a source that holds its flow: the pressures at its two ends are independent), or
//! nothing. Nodes joined by links of the first kind make a zone, and every zone needs a reference of its own.

use super::collect::NodeSets;
use crate::network::graph::LinkView;
use crate::network::{
    Boundary, Code, Consumer, Demand, ElementRef, Finding, LinkKind, Network, NodeId, PipeState, Pump, Severity,
    SourceControl, Valve,
};

/// At most this many elements are listed with a finding; the sentence has the full count.
const LISTED: usize = 20;

/// What a link lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passage {
    /// Closed, stopped, out of service.
    Nothing,
    /// Water whose flow does not depend on pressure.
    Flow,
    /// Water, and with it pressure.
    Pressure,
}

/// What the link lets through as it is set now.
pub(super) fn passage(view: &LinkView<'_>) -> Passage {
    let open = match &view.link.kind {
        LinkKind::Pipe(pipe) => pipe.state != PipeState::Closed,
        LinkKind::Valve(valve) => valve_passes(valve),
        LinkKind::Pump(pump) => pump_runs(pump),
        LinkKind::Source(source) if !source.running => false,
        LinkKind::Source(source) => match source.control {
            SourceControl::MassFlow { .. } | SourceControl::SupplyPressure { .. } => return Passage::Flow,
            SourceControl::Speed { .. } => source.pumps.as_ref().is_some_and(|pump| pump_runs(pump)),
            _ => true,
        },
        LinkKind::Consumer(consumer) if !draws(consumer) => false,
        LinkKind::Consumer(consumer) if consumer.kv_open_m3_h.is_none() => return Passage::Flow,
        LinkKind::Consumer(_) => true,
    };
    if open { Passage::Pressure } else { Passage::Nothing }
}

fn valve_passes(valve: &Valve) -> bool {
    valve.opening > 0.0 && valve.kv_m3_h != Some(0.0)
}

fn pump_runs(pump: &Pump) -> bool {
    pump.running && pump.speed > 0.0 && pump.parallel > 0
}

/// Whether a consumer asks for anything.
fn draws(consumer: &Consumer) -> bool {
    !consumer.shut
        && match consumer.demand {
            Demand::MassFlow { mass_flow_kg_s } => mass_flow_kg_s != 0.0,
            Demand::Heat { heat_w } => heat_w != 0.0,
        }
}

/// What is known of a floating part.
#[derive(Default)]
struct Part {
    nodes: Vec<NodeId>,
    node_count: usize,
    consumers: Vec<ElementRef>,
    consumer_count: usize,
    sources: Vec<ElementRef>,
    drawn_nodes: Vec<ElementRef>,
    closed: Vec<ElementRef>,
    /// At least one node has a link.
    linked: bool,
}

/// Reports missing references, islands, parts cut off and superfluous references.
pub(super) fn check(network: &Network, findings: &mut Vec<Finding>) {
    let bound = network.node_bound();
    let mut zones = NodeSets::new(bound);
    for view in network.links() {
        if passage(&view) == Passage::Pressure {
            zones.join(view.from, view.to);
        }
    }
    let references = references(network);
    let Some(first) = references.first() else {
        findings.push(Finding::new(Code::NoPressureReference, ElementRef::network()));
        return;
    };
    let mut referenced = vec![false; bound];
    for reference in &references {
        referenced[zones.root(reference.node)] = true;
    }
    several(first, &references, &mut zones, findings);
    // Floating parts that exchange water belong together: one finding for both sides of a cut-off street.
    let mut groups = NodeSets::new(bound);
    let mut floating = false;
    for (node, _, _) in network.nodes() {
        let root = zones.root(node);
        if !referenced[root] {
            floating = true;
            groups.join_with(root, node.index(), 0.0);
        }
    }
    if !floating {
        return;
    }
    for view in network.links().filter(|view| passage(view) == Passage::Flow) {
        let (from, to) = (zones.root(view.from), zones.root(view.to));
        if !referenced[from] && !referenced[to] {
            groups.join_with(from, to, 0.0);
        }
    }
    report(network, &collect(network, &mut zones, &mut groups, &referenced), findings);
}

/// Parts by their first node.
fn collect(network: &Network, zones: &mut NodeSets, groups: &mut NodeSets, referenced: &[bool]) -> Vec<Part> {
    let mut place = vec![usize::MAX; network.node_bound()];
    let mut parts: Vec<Part> = Vec::new();
    for (handle, _, node) in network.nodes() {
        if referenced[zones.root(handle)] {
            continue;
        }
        let root = groups.root(handle);
        if place[root] == usize::MAX {
            place[root] = parts.len();
            parts.push(Part::default());
        }
        let part = &mut parts[place[root]];
        part.node_count += 1;
        if part.nodes.len() < LISTED {
            part.nodes.push(handle);
        }
        if node.demand_kg_s != 0.0 {
            part.drawn_nodes.push(network.node_ref(handle));
        }
    }
    for view in network.links() {
        let ends = [view.from, view.to].map(|end| {
            let floating = !referenced[zones.root(end)];
            floating.then(|| place[groups.root(end)])
        });
        if ends == [None, None] {
            continue;
        }
        let passed = passage(&view);
        let inside = ends[0] == ends[1];
        for part in [ends[0], if inside { None } else { ends[1] }].into_iter().flatten() {
            let part = &mut parts[part];
            part.linked = true;
            match (&view.link.kind, passed) {
                (LinkKind::Consumer(_), Passage::Nothing) => {}
                (LinkKind::Consumer(_), _) => {
                    part.consumer_count += 1;
                    if part.consumers.len() < LISTED {
                        part.consumers.push(view.element());
                    }
                }
                (_, Passage::Nothing) if !inside && part.closed.len() < LISTED => part.closed.push(view.element()),
                (LinkKind::Source(_), Passage::Flow | Passage::Pressure) => part.sources.push(view.element()),
                _ => {}
            }
        }
    }
    parts
}

fn report(network: &Network, parts: &[Part], findings: &mut Vec<Finding>) {
    for part in parts {
        let asks = part.consumer_count > 0 || !part.drawn_nodes.is_empty();
        let drives = !part.sources.is_empty();
        if !part.linked && !asks {
            continue; // A lonely node, reported as such.
        }
        let nodes = part.nodes.iter().map(|node| network.node_ref(*node));
        let around = part.sources.first().or(part.consumers.first()).or(part.drawn_nodes.first()).cloned();
        let Some(around) = around.or_else(|| nodes.clone().next()) else { continue };
        let counted = |code: Code| {
            Finding::new(code, around.clone()).count("nodes", part.node_count).count("consumers", part.consumer_count)
        };
        if !part.closed.is_empty() && !drives {
            // A closed-off part that asks for nothing is how a network is run, not a fault.
            if asks {
                let others = part.closed.iter().cloned().chain(part.consumers.iter().skip(1).cloned());
                findings.push(counted(Code::CutOff).others(others.take(LISTED).collect()));
            }
        } else {
            let severity = if asks || drives { Severity::Error } else { Severity::Warning };
            let others = part.closed.iter().cloned().chain(nodes).take(LISTED).collect();
            findings.push(counted(Code::Island).severe(severity).others(others));
        }
    }
}

/// A pressure given at a node.
struct Reference {
    node: NodeId,
    element: ElementRef,
    /// Holds the pressure of a closed network (other than reservoirs and tanks, of which a network may have many).
    closed_network: bool,
}

fn references(network: &Network) -> Vec<Reference> {
    let mut out = Vec::new();
    for (handle, _, node) in network.nodes() {
        if let Some(boundary) = node.boundary.as_deref() {
            let closed_network = matches!(boundary, Boundary::MakeUp { .. });
            out.push(Reference { node: handle, element: network.node_ref(handle), closed_network });
        }
    }
    for view in network.links() {
        let Some(source) = view.source().filter(|source| source.running) else { continue };
        let node = match source.control {
            SourceControl::Reference { .. }
            | SourceControl::WorstPoint { return_pressure_pa: Some(_), .. }
            | SourceControl::Speed { return_pressure_pa: Some(_) } => view.from,
            SourceControl::SupplyPressure { .. } => view.to,
            _ => continue,
        };
        let closed_network = !matches!(source.control, SourceControl::SupplyPressure { .. });
        out.push(Reference { node, element: view.element(), closed_network });
    }
    out
}

/// A closed network with two references makes up water at one and pushes it out at the other.
fn several(first: &Reference, references: &[Reference], zones: &mut NodeSets, findings: &mut Vec<Finding>) {
    let mut holders: Vec<(usize, &Reference)> = Vec::new();
    for reference in references.iter().filter(|reference| reference.closed_network) {
        let root = zones.root(reference.node);
        match holders.iter().find(|(zone, _)| *zone == root) {
            None => holders.push((root, reference)),
            // Two that name the same node either agree or are reported as contradictory.
            Some((_, other)) if other.node == reference.node => {}
            Some((_, other)) => findings.push(
                Finding::new(Code::SeveralReferences, reference.element.clone())
                    .with("other", crate::network::finding::FindingValue::Element(other.element.clone()))
                    .others(vec![other.element.clone(), first.element.clone()]),
            ),
        }
    }
}
