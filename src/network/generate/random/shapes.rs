//! Places, the trenches between them, and what stands at each place.

use super::{Draft, Shape};
use crate::network::{Boundary, Name, Node, NodeId, Side, SourceControl, Valve, ValveKind};

/// A trench between two places.
#[derive(Clone, Copy)]
struct Trench {
    ends: [usize; 2],
    /// Flow its pipes are sized for.
    flow_kg_s: f64,
}

/// Builds a whole network of this shape.
pub(super) fn grow(draft: &mut Draft, shape: Shape, places: usize) {
    let heights_m = heights(draft, places);
    let demands: Vec<f64> = (0..places).map(|place| demand(draft, place)).collect();
    let trenches = trenches(draft, shape, &demands);
    match shape {
        Shape::OnePipe => one_pipe(draft, &heights_m, &demands, &trenches),
        Shape::Tree | Shape::Loops | Shape::Meshed => two_pipes(draft, &heights_m, &demands, &trenches),
    }
}

/// Flat, hilly, or mountains.
fn heights(draft: &mut Draft, places: usize) -> Vec<f64> {
    let relief_m = [0.0, 40.0, 100.0, 400.0][draft.dice.below(4)];
    (0..places).map(|_| draft.dice.between(-0.5, 0.5) * relief_m).collect()
}

/// What a place asks for; nothing at some of them.
fn demand(draft: &mut Draft, place: usize) -> f64 {
    if place == 0 || draft.dice.chance(0.25) {
        0.0
    } else if draft.sized {
        draft.flow_kg_s * draft.dice.log_between(0.2, 5.0)
    } else {
        (draft.flow_kg_s * draft.dice.log_between(1e-2, 1e2)).clamp(1e-3, 1e4)
    }
}

/// A tree (a chain, a star, or between both) and the trenches that close loops.
fn trenches(draft: &mut Draft, shape: Shape, demands: &[f64]) -> Vec<Trench> {
    let places = demands.len();
    let style = draft.dice.below(3);
    let parents: Vec<usize> = (0..places)
        .map(|place| match style {
            0 => place.saturating_sub(1 + draft.dice.below(2)),
            1 => draft.dice.below(place),
            _ => draft.dice.below(place.min(3)),
        })
        .collect();
    let mut flows = demands.to_vec();
    for place in (1..places).rev() {
        flows[parents[place]] += flows[place];
    }
    let mut trenches: Vec<Trench> =
        (1..places).map(|place| Trench { ends: [parents[place], place], flow_kg_s: flows[place] }).collect();
    let more = match shape {
        Shape::Tree => 0,
        Shape::Loops | Shape::OnePipe => 1 + draft.dice.below(1 + places / 4),
        Shape::Meshed => places,
    };
    for _ in 0..more {
        let ends = [draft.dice.below(places), draft.dice.below(places)];
        if ends[0] != ends[1] {
            trenches.push(Trench { ends, flow_kg_s: 0.3 * (flows[ends[0]] + flows[ends[1]]) });
        }
    }
    trenches
}

fn two_pipes(draft: &mut Draft, heights_m: &[f64], demands: &[f64], trenches: &[Trench]) {
    let nodes: Vec<[NodeId; 2]> =
        heights_m.iter().map(|&z_m| [Side::Supply, Side::Return].map(|side| draft.node(side, z_m))).collect();
    let total: f64 = demands.iter().sum();
    first_source(draft, nodes[0]);
    for trench in trenches {
        let [a, b] = trench.ends;
        // Supply and return seldom differ, but a loop may be closed on one side only.
        let sides = if draft.dice.chance(0.05) { draft.dice.below(2)..2 } else { 0..2 };
        for side in sides {
            let (from, to) = if side == 0 { (nodes[a][0], nodes[b][0]) } else { (nodes[b][1], nodes[a][1]) };
            draft.main(from, to, trench.flow_kg_s);
        }
    }
    for (place, &flow_kg_s) in demands.iter().enumerate().skip(1) {
        for _ in 0..draft.dice.below(3).max(1) {
            lateral(draft, nodes[place], flow_kg_s);
        }
    }
    let sources = if demands.len() < 3 { 0 } else { draft.dice.below(4).saturating_sub(1) };
    for _ in 0..sources {
        let place = nodes[1 + draft.dice.below(nodes.len() - 1)];
        further_source(draft, place, total);
    }
    overlay(draft, &nodes, total);
}

/// Source and pressure reference of a two-pipe network: in one, or a make-up and a source or pump beside it.
fn first_source(draft: &mut Draft, [supply, back]: [NodeId; 2]) {
    let rise_pa =
        if draft.dice.chance(0.3) { draft.dice.log_between(1e4, 2e5) } else { draft.dice.log_between(2e5, 2e6) };
    let level_pa = draft.dice.between(1e5, 8e5);
    match draft.dice.below(6) {
        0..3 => {
            let control = SourceControl::Reference { return_pressure_pa: level_pa, pressure_rise_pa: rise_pa };
            draft.source(back, supply, control);
        }
        3 => {
            let available_pressure_pa = draft.dice.log_between(1e4, 2e5);
            let control =
                SourceControl::WorstPoint { available_pressure_pa, consumer: None, return_pressure_pa: Some(level_pa) };
            draft.source(back, supply, control);
        }
        4 => {
            make_up(draft, back, level_pa);
            draft.source(back, supply, SourceControl::PressureRise { pressure_rise_pa: rise_pa });
        }
        _ => {
            make_up(draft, back, level_pa);
            for _ in 0..1 + draft.dice.below(3) {
                let pump = draft.pump(20.0 * draft.flow_kg_s, rise_pa / 9.81e3);
                draft.link('U', back, supply, pump);
            }
        }
    }
}

/// Make-up at a node, sometimes with a limit.
fn make_up(draft: &mut Draft, node: NodeId, pressure_pa: f64) {
    let z_m = draft.height_m(node);
    let capacity_kg_s = draft.dice.chance(0.3).then(|| draft.dice.log_between(0.1, 10.0) * draft.flow_kg_s);
    let boundary = Some(Box::new(Boundary::MakeUp { pressure_pa, capacity_kg_s, temperature_c: 10.0 }));
    let side = draft.network.node(node).map_or(Side::Single, |node| node.side);
    let made = draft.node_with(Node { side, z_m, boundary, ..Node::default() });
    let connection = draft.pipe(5.0, 0.5 * draft.flow_kg_s);
    draft.link('P', made, node, connection);
}

fn further_source(draft: &mut Draft, [supply, back]: [NodeId; 2], total_kg_s: f64) {
    let control = match draft.dice.below(6) {
        0 | 1 => SourceControl::PressureRise { pressure_rise_pa: draft.dice.log_between(5e4, 1e6) },
        2 | 3 => SourceControl::MassFlow { mass_flow_kg_s: total_kg_s * draft.dice.between(0.0, 0.6) },
        4 => SourceControl::SupplyPressure { supply_pressure_pa: draft.dice.between(2e5, 1.5e6) },
        _ => SourceControl::WorstPoint {
            available_pressure_pa: draft.dice.log_between(1e4, 1e5),
            consumer: None,
            return_pressure_pa: None,
        },
    };
    draft.source(back, supply, control);
}

/// A consumer, directly at its place or at the end of a lateral with regulators.
fn lateral(draft: &mut Draft, [supply, back]: [NodeId; 2], flow_kg_s: f64) {
    if flow_kg_s == 0.0 && draft.dice.chance(0.5) {
        return;
    }
    let z_m = draft.height_m(supply);
    let (mut start, mut end) = (supply, back);
    let pieces = draft.dice.below(3);
    for _ in 0..pieces {
        let next = draft.node(Side::Supply, z_m);
        draft.piece(start, next, flow_kg_s, Some(end));
        start = next;
    }
    if draft.dice.chance(0.3) {
        let next = draft.node(Side::Return, z_m);
        draft.piece(next, end, flow_kg_s, None);
        end = next;
    }
    let consumer = draft.consumer(flow_kg_s);
    draft.link('C', start, end, consumer);
}

/// Elements between any two nodes: bypasses, valves and pumps side by side, controllers that sense far away.
fn overlay(draft: &mut Draft, nodes: &[[NodeId; 2]], total_kg_s: f64) {
    let count = (draft.fittings * nodes.len() as f64 * draft.dice.share()) as usize;
    for _ in 0..count {
        let side = draft.dice.below(2);
        let ends = [draft.dice.below(nodes.len()), draft.dice.below(nodes.len())];
        if ends[0] == ends[1] {
            continue;
        }
        let (from, to) = (nodes[ends[0]][side], nodes[ends[1]][side]);
        let flow_kg_s = total_kg_s * draft.dice.log_between(0.01, 1.0) + 1e-3;
        draft.piece(from, to, flow_kg_s, (side == 0).then_some(nodes[ends[1]][1]));
        if draft.dice.chance(0.3) {
            draft.piece(from, to, flow_kg_s, (side == 0).then_some(nodes[ends[1]][1]));
        }
    }
    if draft.dice.chance(0.1) {
        // A bypass between supply and return.
        let [supply, back] = nodes[draft.dice.below(nodes.len())];
        let set_pressure_pa = Some(draft.dice.log_between(1e4, 1e6));
        let kv_m3_h = Some(draft.dice.log_between(1.0, 100.0));
        let kind = [ValveKind::Bypass, ValveKind::DifferentialPressure][draft.dice.below(2)];
        let opening = if draft.dice.chance(0.3) { 0.0 } else { draft.dice.between(0.01, 1.0) };
        draft.link('V', supply, back, Valve { kind, kv_m3_h, opening, set_pressure_pa, ..Valve::default() });
    }
}

/// A controller's sensing nodes by name.
pub(super) fn names(draft: &Draft, high: NodeId, low: NodeId) -> [Name; 2] {
    [draft.network.node_name(high), draft.network.node_name(low)]
}

fn one_pipe(draft: &mut Draft, heights_m: &[f64], demands: &[f64], trenches: &[Trench]) {
    let mut nodes = Vec::with_capacity(heights_m.len());
    for (place, &z_m) in heights_m.iter().enumerate() {
        let boundary = if place == 0 || draft.dice.chance(0.04) { Some(open_water(draft, z_m)) } else { None };
        let demand_kg_s = match boundary {
            Some(_) => 0.0,
            // Some nodes feed instead of drawing.
            None if draft.dice.chance(0.03) => -0.3 * demands[place],
            None => demands[place],
        };
        nodes.push(draft.node_with(Node {
            side: Side::Single,
            z_m,
            demand_kg_s,
            boundary: boundary.map(Box::new),
            ..Node::default()
        }));
    }
    for trench in trenches {
        let [mut a, mut b] = trench.ends;
        if draft.dice.chance(0.1) {
            (a, b) = (b, a);
        }
        if draft.dice.chance(0.1) {
            // A pumping station: pumps side by side, seldom in a row.
            let head_m = draft.dice.log_between(5.0, 200.0);
            let middle = draft.node(Side::Single, heights_m[a]);
            draft.main(nodes[a], middle, trench.flow_kg_s);
            for _ in 0..1 + draft.dice.below(3) {
                let pump = draft.pump(trench.flow_kg_s.max(1e-3), head_m);
                draft.link('U', middle, nodes[b], pump);
            }
        } else {
            draft.main(nodes[a], nodes[b], trench.flow_kg_s);
        }
    }
}

fn open_water(draft: &mut Draft, z_m: f64) -> Boundary {
    let temperature_c = 10.0;
    if draft.dice.chance(0.7) {
        Boundary::Reservoir { head_m: z_m + draft.dice.between(0.0, 150.0), temperature_c }
    } else {
        let level_m = draft.dice.between(0.0, 8.0);
        Boundary::Tank { level_m, minimum_level_m: 0.0, maximum_level_m: 10.0, diameter_m: 10.0, temperature_c }
    }
}
