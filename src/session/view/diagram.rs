//! Pressure diagram (水压图): heads along the way from a source to one consumer on the supply side and back on the return.
//!
//! Heads are elevation plus pressure in conventional metres of water (9806.65 Pa, the unit printed diagrams use), so that
//! the distance of the two lines read in metres is exactly the available pressure shown elsewhere. The way is the
//! shortest one that follows the solved flow (Dijkstra over lengths); where nothing flows, the shortest one at all.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::network::{Boundary, ElementRef, LinkId, LinkKind, Network, NodeId, SourceControl};
use crate::physics::water::saturation_pressure_pa;
use crate::solver::Solution;

/// Conventional metre of water, Pa.
pub const METRE_OF_WATER_PA: f64 = 9806.65;
/// Atmosphere that gauge pressures are counted from, Pa.
const ATMOSPHERE_PA: f64 = 101_325.0;
/// GB 55010: running pressure at every point at least this far above the vapour pressure, Pa.
const VAPOUR_MARGIN_PA: f64 = 30_000.0;

/// One node on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct DiagramPoint {
    /// Distance from the source along the way, m.
    pub chainage_m: f64,
    pub node: ElementRef,
    /// Elevation of the pipe, m.
    pub elevation_m: f64,
    /// Elevation of the ground, m.
    pub ground_m: f64,
    pub pressure_pa: f64,
    pub temperature_c: f64,
    /// Elevation plus pressure, m of water.
    pub head_m: f64,
    /// Lowest head at which the water stays water with the margin of GB 55010; NaN without temperature.
    pub vapour_head_m: f64,
}

/// A device on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    pub chainage_m: f64,
    pub head_m: f64,
    pub element: ElementRef,
}

/// The diagram of one way.
#[derive(Clone, Debug, PartialEq)]
pub struct PressureDiagram {
    pub source: ElementRef,
    pub consumer: ElementRef,
    /// From the source to the consumer.
    pub supply: Vec<DiagramPoint>,
    /// From the source to the consumer as well (against the flow), so that both lines run the same way.
    pub back: Vec<DiagramPoint>,
    /// Head everywhere when the pumps stand still (静水压线): that of the pressure reference.
    pub static_head_m: Option<f64>,
    /// Available pressure at the consumer.
    pub available_pa: f64,
    /// Valves and pumps on the way.
    pub marks: Vec<Mark>,
    pub length_m: f64,
}

/// The diagram to a consumer; `None` where the element is no consumer or no way leads there.
pub fn pressure_diagram(network: &Network, solution: &Solution, consumer: &ElementRef) -> Option<PressureDiagram> {
    let view = network.link_view(network.find_link(consumer)?)?;
    view.consumer()?;
    let starts = source_ends(network);
    let supply = way(network, solution, view.from, Along::Upstream, &|node| starts.iter().any(|s| s.1 == node))?;
    let begin = supply.last().map_or(view.from, |step| step.node);
    let (source, _, _) = *starts.iter().find(|start| start.1 == begin)?;
    let same = |node: NodeId| starts.iter().any(|start| start.0 == source && start.2 == node);
    let any = |node: NodeId| starts.iter().any(|start| start.2 == node);
    let back = way(network, solution, view.to, Along::Downstream, &same)
        .or_else(|| way(network, solution, view.to, Along::Downstream, &any))?;

    let length_m = supply.last().map_or(0.0, |step| step.distance_m);
    let mut marks = Vec::new();
    let mut line = |steps: &[Step]| -> Vec<DiagramPoint> {
        let mut points = Vec::with_capacity(steps.len());
        // A return way of another length is stretched, so that both lines begin and end together.
        let own_m = steps.last().map_or(0.0, |step| step.distance_m);
        let stretch = if own_m > 0.0 { length_m / own_m } else { 1.0 };
        for step in steps.iter().rev() {
            let chainage_m = length_m - step.distance_m * stretch;
            let point = point(network, solution, step.node, chainage_m);
            if let Some(link) = step.link
                && let Some(view) = network.link_view(link)
                && matches!(view.link.kind, LinkKind::Valve(_) | LinkKind::Pump(_))
            {
                marks.push(Mark { chainage_m, head_m: point.head_m, element: view.element() });
            }
            points.push(point);
        }
        points
    };
    let (supply, back) = (line(&supply), line(&back));
    let available_pa = match (supply.last(), back.last()) {
        (Some(a), Some(b)) => a.pressure_pa - b.pressure_pa,
        _ => f64::NAN,
    };
    Some(PressureDiagram {
        source: network.link_ref(source),
        consumer: consumer.clone(),
        supply,
        back,
        static_head_m: static_head_m(network, solution),
        available_pa,
        marks,
        length_m,
    })
}

/// (link, supply node, return node) of every source.
fn source_ends(network: &Network) -> Vec<(LinkId, NodeId, NodeId)> {
    network.links().filter(|view| view.source().is_some()).map(|view| (view.handle, view.to, view.from)).collect()
}

/// Head of the pressure reference: make-up points first, else the source that holds the return pressure. With the pumps
/// standing still the whole of a connected network comes to it.
fn static_head_m(network: &Network, solution: &Solution) -> Option<f64> {
    for (_, _, node) in network.nodes() {
        if let Some(Boundary::MakeUp { pressure_pa, .. }) = node.boundary.as_deref() {
            return Some(node.z_m + pressure_pa / METRE_OF_WATER_PA);
        }
    }
    for view in network.links() {
        let Some(source) = view.source().filter(|source| source.running) else { continue };
        let held = match source.control {
            SourceControl::Reference { return_pressure_pa, .. } => Some(return_pressure_pa),
            SourceControl::WorstPoint { return_pressure_pa, .. } | SourceControl::Speed { return_pressure_pa } => {
                return_pressure_pa
            }
            _ => None,
        };
        if let (Some(pressure_pa), Some(node)) = (held, network.node(view.from)) {
            return Some(node.z_m + pressure_pa / METRE_OF_WATER_PA);
        }
    }
    // A reservoir or tank is a reference too.
    network
        .nodes()
        .find(|(_, _, node)| node.boundary.is_some())
        .and_then(|(id, _, node)| solution.node(id).map(|state| node.z_m + state.pressure_pa / METRE_OF_WATER_PA))
        .filter(|head| head.is_finite())
}

fn point(network: &Network, solution: &Solution, node: NodeId, chainage_m: f64) -> DiagramPoint {
    let state = solution.node(node);
    let pressure_pa = state.map_or(f64::NAN, |s| s.pressure_pa);
    let temperature_c = state.map_or(f64::NAN, |s| s.temperature_c);
    let (x_m, y_m, elevation_m) = network.node(node).map_or((0.0, 0.0, 0.0), |n| (n.x_m, n.y_m, n.z_m));
    let ground_m = network
        .backdrop()
        .terrain
        .as_ref()
        .and_then(|terrain| terrain.elevation_m(x_m, y_m))
        .unwrap_or_else(|| elevation_m + cover_m(network, node));
    let vapour_head_m = if temperature_c.is_finite() {
        let boiling_pa = saturation_pressure_pa(temperature_c) - ATMOSPHERE_PA;
        elevation_m + (boiling_pa + VAPOUR_MARGIN_PA) / METRE_OF_WATER_PA
    } else {
        f64::NAN
    };
    DiagramPoint {
        chainage_m,
        node: network.node_ref(node),
        elevation_m,
        ground_m,
        pressure_pa,
        temperature_c,
        head_m: elevation_m + pressure_pa / METRE_OF_WATER_PA,
        vapour_head_m,
    }
}

/// Cover over the pipes at a node, where it is recorded.
fn cover_m(network: &Network, node: NodeId) -> f64 {
    network
        .links_at(node)
        .into_iter()
        .filter_map(|link| network.link_view(link)?.pipe()?.details.depth_m)
        .fold(0.0, f64::max)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Along {
    Upstream,
    Downstream,
    Either,
}

/// One node of a way and the link taken to it.
#[derive(Clone, Copy, Debug)]
struct Step {
    node: NodeId,
    /// Distance from the start of the search, m.
    distance_m: f64,
    link: Option<LinkId>,
}

/// Shortest way from `start` to a node that `ends`: first along the flow, then, where nothing flows, along any link.
/// From the start to the end.
fn way(
    network: &Network,
    solution: &Solution,
    start: NodeId,
    along: Along,
    ends: &dyn Fn(NodeId) -> bool,
) -> Option<Vec<Step>> {
    shortest(network, solution, start, along, ends).or_else(|| shortest(network, solution, start, Along::Either, ends))
}

fn shortest(
    network: &Network,
    solution: &Solution,
    start: NodeId,
    along: Along,
    ends: &dyn Fn(NodeId) -> bool,
) -> Option<Vec<Step>> {
    let mut reached: Vec<Option<Reached>> = vec![None; network.node_bound()];
    let mut done = vec![false; network.node_bound()];
    // Distances as bits: for finite non-negative numbers their order is the numbers' order. Ties go to the lower slot.
    let mut open = BinaryHeap::from([Reverse((0u64, start))]);
    *reached.get_mut(start.index())? = Some((0.0, None));
    while let Some(Reverse((bits, node))) = open.pop() {
        if std::mem::replace(&mut done[node.index()], true) {
            continue;
        }
        if ends(node) {
            return Some(trace(&reached, node));
        }
        let distance_m = f64::from_bits(bits);
        for link in network.links_at(node) {
            let Some(view) = network.link_view(link) else { continue };
            let length_m = match &view.link.kind {
                LinkKind::Pipe(pipe) => pipe.length_m,
                LinkKind::Valve(_) | LinkKind::Pump(_) => 0.0,
                // Ways do not lead through consumers and sources: those join the two sides.
                LinkKind::Source(_) | LinkKind::Consumer(_) => continue,
            };
            let leaves = view.from == node;
            let other = if leaves { view.to } else { view.from };
            let flow = solution.link(link).map_or(0.0, |state| state.mass_flow_kg_s);
            let along_flow = if leaves { flow > FLOWING_KG_S } else { flow < -FLOWING_KG_S };
            let against_flow = if leaves { flow < -FLOWING_KG_S } else { flow > FLOWING_KG_S };
            let allowed = match along {
                Along::Downstream => along_flow,
                Along::Upstream => against_flow,
                Along::Either => true,
            };
            if !allowed || done[other.index()] || !length_m.is_finite() {
                continue;
            }
            let farther = distance_m + length_m.max(0.0);
            if reached[other.index()].is_none_or(|(known, _)| farther < known) {
                reached[other.index()] = Some((farther, Some((link, node))));
                open.push(Reverse((farther.to_bits(), other)));
            }
        }
    }
    None
}

/// Distance of a node from the start, and the link and node it was reached by.
type Reached = (f64, Option<(LinkId, NodeId)>);

/// Below this nothing flows: rounding of the solver.
const FLOWING_KG_S: f64 = 1e-6;

fn trace(reached: &[Option<Reached>], end: NodeId) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut at = Some(end);
    while let Some(node) = at {
        let Some((distance_m, by)) = reached[node.index()] else { break };
        steps.push(Step { node, distance_m, link: by.map(|(link, _)| link) });
        at = by.map(|(_, before)| before);
    }
    steps.reverse();
    steps
}
