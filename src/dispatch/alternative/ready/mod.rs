//! Alternatives that a planner tries on any network: a source out, another supply temperature, a night setback, a new district.
//!
//! Each gives a list of edits, nothing else; what becomes of it the simulation says. Where a change of the sources' temperature would
//! quietly give the substations other exchangers (those whose data are left open are laid out for the network's supply temperature),
//! the secondary sides are written down first as they are: the city keeps its substations. Not here: technologies of a retrofit.

mod district;
mod sources;
mod stations;

pub use district::{District, new_district};
pub use sources::{source_out, supply_shift};
pub use stations::{night_setback, written_sides};

use super::{Alternative, SourceRunning};
use crate::network::{Finding, Network, NodeId, Side};

/// Why there is no such alternative of this network.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ReadyError {
    #[error("no source of the network is called '{0}'; it has {1}")]
    NoSource(String, String),
    #[error("source {0} does not run already")]
    StandsStill(String),
    #[error("no other source feeds the part of source {0}: nobody would be left to hold its pressure")]
    Alone(String),
    #[error("no node of the network is called '{0}'")]
    NoNode(String),
    #[error(
        "node {0} has no partner on the other side within reach: name a node where supply and return lie side by side"
    )]
    NoPartner(String),
    #[error("{0} is {1}; it must lie between {2} and {3}")]
    Range(&'static str, f64, f64, f64),
    #[error("consumer {0}: {1}")]
    Station(String, String),
    #[error("the network cannot be solved as it is: {}", .0.first().map_or("", |finding| finding.code.word()))]
    Network(Vec<Finding>),
}

/// The usual ones for a network, as far as its data allow: cheapest running, each source out, supply 5 K up and down, rooms 3 K
/// cooler at night, a district of a twentieth of the load at the end of the farthest main. `optimised`: there are prices.
pub fn usual(network: &Network, optimised: bool) -> Vec<Alternative> {
    let mut out = Vec::new();
    if optimised {
        out.push(Alternative::base("optimised").running(SourceRunning::Optimised));
    }
    let sources: Vec<String> = network
        .links()
        .filter(|view| view.source().is_some_and(super::bill::makes_heat))
        .map(|view| view.id.to_string())
        .collect();
    out.extend(sources.iter().filter_map(|id| source_out(network, id).ok()));
    out.extend([5.0, -5.0].iter().filter_map(|shift_k| supply_shift(network, *shift_k).ok()));
    out.extend(night_setback(network, 22, 5, 3.0));
    if let Some(district) = District::usual(network) {
        out.extend(new_district(network, &district));
    }
    out
}

fn range(name: &'static str, value: f64, low: f64, high: f64) -> Result<(), ReadyError> {
    if (low..=high).contains(&value) { Ok(()) } else { Err(ReadyError::Range(name, value, low, high)) }
}

/// A trench is this wide at most, m.
const NEAR_M: f64 = 5.0;

/// (supply, return) at the place of a node: by a consumer or source at it, else the nearest of the other side.
pub(super) fn pair_at(network: &Network, node: NodeId) -> Option<(NodeId, NodeId)> {
    let own = network.node(node)?;
    let wanted = match own.side {
        Side::Supply => Side::Return,
        Side::Return => Side::Supply,
        Side::Single => return None,
    };
    let side = |other: NodeId| network.node(other).map(|data| data.side);
    let joined = network.links_at(node).into_iter().find_map(|link| {
        let view = network.link_view(link)?;
        let ends = view.consumer().is_some() || view.source().is_some();
        let other = if view.from == node { view.to } else { view.from };
        (ends && side(other) == Some(wanted)).then_some(other)
    });
    let distance_m =
        |data: &crate::network::Node| (data.x_m - own.x_m).hypot(data.y_m - own.y_m).hypot(data.z_m - own.z_m);
    let nearest = || {
        let others = network.nodes().filter(|(_, _, data)| data.side == wanted && distance_m(data) <= NEAR_M);
        others.min_by(|a, b| distance_m(a.2).total_cmp(&distance_m(b.2)).then(a.0.cmp(&b.0))).map(|(other, ..)| other)
    };
    let other = joined.or_else(nearest)?;
    Some(if own.side == Side::Supply { (node, other) } else { (other, node) })
}
