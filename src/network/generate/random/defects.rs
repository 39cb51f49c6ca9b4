//! Mistakes planted on purpose, with what has to be said about each.

use super::{Draft, Shape};
use crate::network::{
    Boundary, Code, Consumer, Demand, ElementRef, LinkKind, Node, NodeId, Pipe, Side, Source, SourceControl, Valve,
    ValveKind,
};

/// Kinds of mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Defect {
    /// Nothing gives a pressure.
    NoReference,
    /// A part of its own with source and consumer but without pressure reference.
    Island,
    /// A consumer behind closed valves on both sides.
    CutOff,
    /// A node draws water behind a closed valve.
    DemandBehindClosedValve,
    /// Two sources side by side hold different differences.
    ContradictorySources,
    /// A node draws water behind a check valve that points the other way.
    DemandAgainstCheckValve,
    /// A source feeds a given flow into a dead end.
    FlowIntoDeadEnd,
    /// A make-up of limited capacity alone feeds a greater demand.
    MakeUpTooSmall,
    /// A number that is none.
    NotANumber,
    /// A controller without set value.
    NoSetValue,
    /// A pump with neither curve nor power.
    NoPumpCurve,
    /// A controller senses at a node that does not exist.
    DanglingSensor,
}

impl Defect {
    pub const ALL: &[Defect] = &[
        Defect::NoReference,
        Defect::Island,
        Defect::CutOff,
        Defect::DemandBehindClosedValve,
        Defect::ContradictorySources,
        Defect::DemandAgainstCheckValve,
        Defect::FlowIntoDeadEnd,
        Defect::MakeUpTooSmall,
        Defect::NotANumber,
        Defect::NoSetValue,
        Defect::NoPumpCurve,
        Defect::DanglingSensor,
    ];

    /// Stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Defect::NoReference => "no-reference",
            Defect::Island => "island",
            Defect::CutOff => "cut-off",
            Defect::DemandBehindClosedValve => "demand-behind-closed-valve",
            Defect::ContradictorySources => "contradictory-sources",
            Defect::DemandAgainstCheckValve => "demand-against-check-valve",
            Defect::FlowIntoDeadEnd => "flow-into-dead-end",
            Defect::MakeUpTooSmall => "make-up-too-small",
            Defect::NotANumber => "not-a-number",
            Defect::NoSetValue => "no-set-value",
            Defect::NoPumpCurve => "no-pump-curve",
            Defect::DanglingSensor => "dangling-sensor",
        }
    }

    /// Findings of which one must be there; the network is to be solved all the same where `solvable`.
    pub const fn codes(self) -> &'static [Code] {
        match self {
            Defect::NoReference => &[Code::NoPressureReference],
            Defect::Island => &[Code::Island, Code::NoPressureReference],
            Defect::CutOff => &[Code::CutOff, Code::DemandUnserved, Code::NoPressureReference],
            Defect::DemandBehindClosedValve => &[Code::DemandUnserved],
            Defect::ContradictorySources => &[Code::ContradictoryReferences],
            Defect::DemandAgainstCheckValve | Defect::FlowIntoDeadEnd | Defect::MakeUpTooSmall => {
                // Where the place it was planted at is adrift by chance, the demand is refused for that.
                &[Code::FlowNotBalanced, Code::DemandUnserved, Code::Island, Code::NoPressureReference]
            }
            Defect::NotANumber => &[Code::NotFinite],
            Defect::NoSetValue => &[Code::MissingSetValue],
            Defect::NoPumpCurve => &[Code::PumpCurve],
            Defect::DanglingSensor => &[Code::DanglingReference],
        }
    }

    /// Whether the network has a solution all the same.
    pub const fn solvable(self) -> bool {
        matches!(self, Defect::CutOff)
    }
}

/// A planted mistake and the elements of which one must be named.
#[derive(Clone, Debug, PartialEq)]
pub struct Planted {
    pub defect: Defect,
    pub elements: Vec<ElementRef>,
}

/// Plants a mistake; `None` where the network has no place for the one drawn.
pub(super) fn plant(draft: &mut Draft, shape: Shape) -> Option<Planted> {
    let defect = Defect::ALL[draft.dice.below(Defect::ALL.len())];
    let at = draft.dice.below(draft.network.node_count());
    let (node, side, z_m) = {
        let (handle, _, node) = draft.network.nodes().nth(at)?;
        (handle, node.side, node.z_m)
    };
    let flow_kg_s = draft.flow_kg_s.max(0.1);
    let elements = match defect {
        Defect::NoReference => no_reference(draft)?,
        Defect::Island => island(draft, shape),
        Defect::CutOff => cut_off(draft, shape, node)?,
        Defect::DemandBehindClosedValve => {
            let end = draft.node_with(Node { side, z_m, demand_kg_s: flow_kg_s, ..Node::default() });
            draft.link('V', node, end, Valve { opening: 0.0, ..Valve::default() });
            vec![draft.network.node_ref(end)]
        }
        Defect::ContradictorySources => contradictory(draft)?,
        Defect::DemandAgainstCheckValve => {
            let middle = draft.node(side, z_m);
            let end = draft.node_with(Node { side, z_m, demand_kg_s: flow_kg_s, ..Node::default() });
            let check = draft.link('V', middle, node, Valve { kind: ValveKind::Check, ..Valve::default() });
            let pipe = draft.pipe(30.0, flow_kg_s);
            draft.link('P', middle, end, pipe);
            vec![draft.network.node_ref(end), link_ref(draft, &check)]
        }
        Defect::FlowIntoDeadEnd => {
            let end = draft.node(side, z_m);
            let source = draft.source(node, end, SourceControl::MassFlow { mass_flow_kg_s: flow_kg_s });
            // Something to fill, but no way on.
            let further = draft.node(side, z_m);
            let pipe = draft.pipe(30.0, flow_kg_s);
            draft.link('P', end, further, pipe);
            let check = Valve { kind: ValveKind::Check, ..Valve::default() };
            draft.link('V', node, further, check);
            vec![link_ref(draft, &source)]
        }
        Defect::MakeUpTooSmall => {
            let boundary =
                Some(Boundary::MakeUp { pressure_pa: 3e5, capacity_kg_s: Some(0.5 * flow_kg_s), temperature_c: 10.0 });
            let start = draft.node_with(Node { side, z_m, boundary: boundary.map(Box::new), ..Node::default() });
            let end = draft.node_with(Node { side, z_m, demand_kg_s: flow_kg_s, ..Node::default() });
            let pipe = draft.pipe(30.0, flow_kg_s);
            draft.link('P', start, end, pipe);
            vec![draft.network.node_ref(start), draft.network.node_ref(end)]
        }
        Defect::NotANumber => {
            let end = draft.node(side, z_m);
            let bad = [f64::NAN, -1.0, 0.0, f64::INFINITY][draft.dice.below(4)];
            let id = draft.link('P', node, end, Pipe { length_m: bad, ..Pipe::default() });
            vec![link_ref(draft, &id)]
        }
        Defect::NoSetValue => {
            let end = draft.node(side, z_m);
            let kind = [ValveKind::PressureReducing, ValveKind::Flow, ValveKind::PressureBreaking][draft.dice.below(3)];
            let id = draft.link('V', node, end, Valve { kind, ..Valve::default() });
            vec![link_ref(draft, &id)]
        }
        Defect::NoPumpCurve => {
            let end = draft.node(side, z_m);
            let id = draft.link('U', node, end, crate::network::Pump::default());
            vec![link_ref(draft, &id)]
        }
        Defect::DanglingSensor => {
            let end = draft.node(side, z_m);
            let valve = Valve {
                kind: ValveKind::DifferentialPressure,
                set_pressure_pa: Some(5e4),
                sensing_nodes: Some(["nowhere".into(), draft.network.node_name(end)]),
                ..Valve::default()
            };
            let id = draft.link('V', node, end, valve);
            vec![link_ref(draft, &id)]
        }
    };
    Some(Planted { defect, elements })
}

fn link_ref(draft: &Draft, id: &str) -> ElementRef {
    draft.network.link_id(id).map_or_else(ElementRef::network, |link| draft.network.link_ref(link))
}

/// Takes every pressure away.
fn no_reference(draft: &mut Draft) -> Option<Vec<ElementRef>> {
    use crate::network::edit::Edit;
    let nodes: Vec<ElementRef> = draft
        .network
        .nodes()
        .filter(|(_, _, node)| node.boundary.is_some())
        .map(|at| draft.network.node_ref(at.0))
        .collect();
    for element in nodes {
        Edit::set(element, "boundary", serde_json::Value::Null).apply(&mut draft.network).ok()?;
    }
    let sources: Vec<ElementRef> =
        draft.network.links().filter(|view| view.source().is_some()).map(|view| view.element()).collect();
    for element in sources {
        let control = serde_json::json!({"pressure-rise": {"pressure_rise_pa": 2e5}});
        Edit::set(element, "control", control).apply(&mut draft.network).ok()?;
    }
    Some(vec![ElementRef::network()])
}

fn island(draft: &mut Draft, shape: Shape) -> Vec<ElementRef> {
    let sides = if shape == Shape::OnePipe { [Side::Single; 2] } else { [Side::Supply, Side::Return] };
    let nodes: Vec<[NodeId; 2]> = (0..2).map(|_| sides.map(|side| draft.node(side, 0.0))).collect();
    let mut elements = Vec::new();
    let source = draft.source(nodes[0][1], nodes[0][0], SourceControl::PressureRise { pressure_rise_pa: 2e5 });
    elements.push(link_ref(draft, &source));
    for (&from, &to) in nodes[0].iter().zip(&nodes[1]) {
        let pipe = draft.pipe(100.0, draft.flow_kg_s);
        draft.link('P', from, to, pipe);
    }
    let demand = Demand::MassFlow { mass_flow_kg_s: draft.flow_kg_s };
    let consumer = draft.link('C', nodes[1][0], nodes[1][1], Consumer { demand, ..Consumer::default() });
    elements.push(link_ref(draft, &consumer));
    elements
}

/// A consumer of its own behind two closed valves, at a place with both sides.
fn cut_off(draft: &mut Draft, shape: Shape, node: NodeId) -> Option<Vec<ElementRef>> {
    if shape == Shape::OnePipe {
        return None;
    }
    let opposite = draft
        .network
        .nodes()
        .find(|(_, _, other)| Some(other.side) != draft.network.node(node).map(|node| node.side))
        .map(|at| at.0)?;
    let (supply, back) = match draft.network.node(node)?.side {
        Side::Supply => (node, opposite),
        _ => (opposite, node),
    };
    let ends = [Side::Supply, Side::Return].map(|side| draft.node(side, 0.0));
    draft.link('V', supply, ends[0], Valve { opening: 0.0, ..Valve::default() });
    draft.link('V', ends[1], back, Valve { opening: 0.0, ..Valve::default() });
    let demand = Demand::MassFlow { mass_flow_kg_s: draft.flow_kg_s };
    let consumer = draft.link('C', ends[0], ends[1], Consumer { demand, ..Consumer::default() });
    Some(vec![link_ref(draft, &consumer)])
}

/// A second source beside one that holds a difference.
fn contradictory(draft: &mut Draft) -> Option<Vec<ElementRef>> {
    let (id, from, to, rise_pa) = draft.network.links().find_map(|view| match &view.link.kind {
        LinkKind::Source(source) if source.running => match source.control {
            SourceControl::Reference { pressure_rise_pa, .. } | SourceControl::PressureRise { pressure_rise_pa } => {
                Some((view.id.to_string(), view.from, view.to, pressure_rise_pa))
            }
            _ => None,
        },
        _ => None,
    })?;
    let control = SourceControl::PressureRise { pressure_rise_pa: 0.5 * rise_pa };
    let other = draft.link('H', from, to, Source { control, ..Source::default() });
    Some(vec![link_ref(draft, &id), link_ref(draft, &other)])
}
