//! Where links begin and end: self loops, lonely nodes, and which side of the trench they join.

use crate::network::{Code, ElementKind, ElementRef, Finding, LinkKind, Network, Side, ValveKind};

/// Checks the ends of every link, then for nodes without links.
pub(super) fn check(network: &Network, findings: &mut Vec<Finding>) {
    let mut linked = vec![false; network.node_bound()];
    let mut sides = vec![Side::Single; network.node_bound()];
    for (handle, _, node) in network.nodes() {
        sides[handle.index()] = node.side;
    }
    for view in network.links() {
        linked[view.from.index()] = true;
        linked[view.to.index()] = true;
        if view.from == view.to {
            findings.push(Finding::new(Code::SelfLoop, view.element()));
            continue;
        }
        let (from, to) = (sides[view.from.index()], sides[view.to.index()]);
        // A network with one pipe only has no sides to mix up.
        if from == Side::Single || to == Side::Single {
            continue;
        }
        let same = |code: Code| Finding::new(code, view.element()).phrase("side", side_phrase(from), &[]);
        let reversed = || Finding::new(Code::EndsReversed, view.element());
        match &view.link.kind {
            LinkKind::Consumer(_) if from == to => findings.push(same(Code::ConsumerSides)),
            LinkKind::Consumer(_) if from == Side::Return => findings.push(reversed()),
            LinkKind::Source(_) if from == to => findings.push(same(Code::SourceSides)),
            LinkKind::Source(_) if from == Side::Supply => findings.push(reversed()),
            LinkKind::Pipe(_) if from != to => findings.push(Finding::new(Code::PipeJoinsSides, view.element())),
            LinkKind::Valve(valve)
                if from != to && matches!(valve.kind, ValveKind::Sectioning | ValveKind::Isolating) =>
            {
                findings.push(Finding::new(Code::PipeJoinsSides, view.element()));
            }
            _ => {}
        }
    }
    for (handle, id, node) in network.nodes() {
        // A lonely node that is drawn from is an island, which is reported as such.
        if !linked[handle.index()] && node.demand_kg_s == 0.0 {
            findings.push(Finding::new(Code::LonelyNode, ElementRef::new(ElementKind::Node, id.clone())));
        }
    }
}

const fn side_phrase(side: Side) -> &'static str {
    match side {
        Side::Supply => "side-supply",
        Side::Return => "side-return",
        Side::Single => "side-single",
    }
}
