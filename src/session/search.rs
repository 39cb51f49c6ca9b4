//! Finding elements by id or name.

use crate::network::{ElementKind, ElementRef, Network};

/// An element found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub element: ElementRef,
    /// What people call it; empty where only the id is known.
    pub name: String,
}

/// Elements whose id or name contains `words` (case does not matter), best first: equal, then beginning with it, then
/// containing it; sources, consumers and valves before pipes and nodes. At most `limit`.
pub fn search(network: &Network, words: &str, limit: usize) -> Vec<Hit> {
    let words = words.trim().to_lowercase();
    if words.is_empty() || limit == 0 {
        return Vec::new();
    }
    let mut found: Vec<((u8, u8, usize), Hit)> = Vec::new();
    let mut order = 0usize;
    let mut consider = |kind: ElementKind, id: &crate::network::Name, name: &str| {
        order += 1;
        let rank = match (rank(id, &words), rank(name, &words)) {
            (Some(a), Some(b)) => a.min(b),
            (Some(a), None) | (None, Some(a)) => a,
            (None, None) => return,
        };
        found.push((
            (rank, kind_rank(kind), order),
            Hit { element: ElementRef::new(kind, id.clone()), name: name.to_owned() },
        ));
    };
    for view in network.links() {
        consider(view.link.kind.element_kind(), view.id, view.link.name());
    }
    for (_, id, node) in network.nodes() {
        consider(ElementKind::Node, id, &node.name);
    }
    for (id, building) in network.buildings() {
        consider(ElementKind::Building, id, &building.name);
    }
    for (id, chamber) in network.chambers() {
        consider(ElementKind::Chamber, id, &chamber.name);
    }
    for (id, sensor) in network.sensors() {
        consider(ElementKind::Sensor, id, &sensor.name);
    }
    found.sort_by_key(|(key, _)| *key);
    found.truncate(limit);
    found.into_iter().map(|(_, hit)| hit).collect()
}

fn rank(text: &str, words: &str) -> Option<u8> {
    if text.is_empty() {
        return None;
    }
    let text = text.to_lowercase();
    match text.find(words)? {
        0 if text.len() == words.len() => Some(0),
        0 => Some(1),
        _ => Some(2),
    }
}

fn kind_rank(kind: ElementKind) -> u8 {
    ElementKind::ALL.iter().position(|k| *k == kind).unwrap_or(0) as u8
}
