//! Heat lost since the start by pipe, by side and by zone: the parts of a network that only exchangers join.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::way::Way;
use crate::network::sets::Sets;
use crate::network::{LinkKind, Network, Side};

const KWH_J: f64 = 3.6e6;

/// A pipe and what it lost.
struct Lost<'a> {
    id: &'a str,
    zone: &'a str,
    side: &'static str,
    length_m: f64,
    lost_j: f64,
}

const fn word(side: Side) -> &'static str {
    match side {
        Side::Supply => "supply",
        Side::Return => "return",
        Side::Single => "single",
    }
}

/// Name of the zone of every node, by index: its first running source, else its first source.
fn zones(network: &Network) -> Vec<&str> {
    let count = network.node_bound();
    let mut sets = Sets::new(count);
    for view in network.links() {
        sets.join_under_least(view.from.index() as u32, view.to.index() as u32);
    }
    let mut names = vec![""; count];
    for wanted in [true, false] {
        for view in network.links().filter(|view| view.source().is_some_and(|source| source.running == wanted)) {
            let at = sets.of(view.from.index() as u32) as usize;
            if names[at].is_empty() {
                names[at] = view.id;
            }
        }
    }
    (0..count).map(|node| names[sets.of(node as u32) as usize]).collect()
}

fn all<'a>(way: &Way<'a>) -> Vec<Lost<'a>> {
    let zones = zones(way.network);
    let lost_j = way.simulation.losses_by_zone_j(way.network.link_bound(), |link| Some(link.index()));
    let one = |view: crate::network::LinkView<'a>| {
        let LinkKind::Pipe(pipe) = &view.link.kind else { return None };
        let side = way.network.node(view.from).map_or("", |node| word(node.side));
        let (zone, lost_j) = (zones[view.from.index()], lost_j[view.handle.index()]);
        Some(Lost { id: view.id, zone, side, length_m: pipe.length_m, lost_j })
    };
    way.network.links().filter_map(one).collect()
}

/// One row a pipe.
pub fn csv(way: &Way<'_>) -> String {
    let mut out = "pipe,zone,side,length_m,lost_kwh,mean_loss_w_m\n".to_owned();
    let seconds = way.simulation.time_s();
    for Lost { id, zone, side, length_m, lost_j } in all(way) {
        let (lost_kwh, mean_w_m) = (lost_j / KWH_J, lost_j / seconds / length_m);
        let _ = writeln!(out, "{id},{zone},{side},{length_m},{lost_kwh:.3},{mean_w_m:.3}");
    }
    out
}

/// Sums by zone and side, J.
pub fn json(way: &Way<'_>) -> Value {
    let mut sums: BTreeMap<&str, BTreeMap<&str, f64>> = BTreeMap::new();
    for lost in all(way) {
        *sums.entry(lost.zone).or_default().entry(lost.side).or_default() += lost.lost_j;
    }
    json!(sums)
}
