//! First temperatures of a network whose zones heat each other.
//!
//! Where water of different zones never meets, each has its own supply and return temperature; the mean of all would be
//! that of none. Only networks with an exchanger between zones need this; all others are one zone.

use crate::network::{LinkKind, Network, PipeState};

use super::NONE;
use crate::network::sets::Sets;

/// Supply and return temperature of the zone of each dense node.
pub(super) fn by_node(network: &Network, node_of_slot: &[u32], whole_c: [f64; 2]) -> Vec<[f64; 2]> {
    let nodes = network.node_count();
    let mut zones = Sets::new(nodes);
    let ends = |view: &crate::network::LinkView<'_>| {
        [view.from, view.to].map(|end| node_of_slot.get(end.index()).copied().unwrap_or(NONE))
    };
    for view in network.links() {
        // A pipe out of service joins nothing; a valve that is shut today still stands between parts of one zone.
        if view.pipe().is_some_and(|pipe| pipe.state == PipeState::Closed) {
            continue;
        }
        let [a, b] = ends(&view);
        if a != NONE && b != NONE {
            zones.join_under_least(a, b);
        }
    }
    // Sum and count of supply and return temperatures by zone.
    let mut sums = vec![[0.0; 4]; nodes];
    for view in network.links() {
        let [at, _] = ends(&view);
        if at == NONE {
            continue;
        }
        let sum = &mut sums[zones.of(at) as usize];
        match &view.link.kind {
            LinkKind::Source(source) if source.running && source.supply_temperature_c.is_finite() => {
                (sum[0], sum[1]) = (sum[0] + source.supply_temperature_c, sum[1] + 1.0);
            }
            LinkKind::Consumer(consumer) if !consumer.shut && consumer.return_temperature_c.is_finite() => {
                (sum[2], sum[3]) = (sum[2] + consumer.return_temperature_c, sum[3] + 1.0);
            }
            _ => {}
        }
    }
    (0..nodes as u32)
        .map(|node| {
            let [supply, sources, back, consumers] = sums[zones.of(node) as usize];
            let supply_c = if sources > 0.0 { supply / sources } else { whole_c[0] };
            [supply_c, if consumers > 0.0 { back / consumers } else { supply_c.min(whole_c[1]) }]
        })
        .collect()
}
