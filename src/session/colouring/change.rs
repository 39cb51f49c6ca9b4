//! What an alternative would change: the values of a quantity in one state less those in another, element by element.
//!
//! Elements are told by their names, as the two networks may differ. What only one of them has has no value; neither has what
//! does not depend on the state (diameters, sides) nor what only an instant of a run has (rooms).

use super::{ColourBy, Coloured, Pairing, Sides, colour};
use crate::network::Network;
use crate::solver::Solution;

/// A network with its state.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    pub network: &'a Network,
    pub solution: &'a Solution,
    /// Needed for available heads only.
    pub pairing: Option<&'a Pairing>,
}

/// `after` less `before`, for the nodes and links of `on`; flows and velocities by their size.
pub fn change(on: &Network, before: Shown<'_>, after: Shown<'_>, sides: Sides, by: ColourBy) -> Coloured {
    let of = |shown: Shown<'_>| colour(shown.network, Some(shown.solution), shown.pairing, None, sides, by);
    let (was, is) = (of(before), of(after));
    let tells = !matches!(by, ColourBy::Diameter | ColourBy::Side | ColourBy::Room);
    let mut nodes = vec![f64::NAN; on.node_bound()];
    let mut links = vec![[f64::NAN; 2]; on.link_bound()];
    for (node, id, _) in on.nodes().filter(|_| tells) {
        if let (Some(a), Some(b)) = (before.network.node_id(id), after.network.node_id(id)) {
            nodes[node.index()] = is.nodes[b.index()] - was.nodes[a.index()];
        }
    }
    for view in on.links().filter(|_| tells) {
        if let (Some(a), Some(b)) = (before.network.link_id(view.id), after.network.link_id(view.id)) {
            let (was, is) = (was.links[a.index()], is.links[b.index()]);
            links[view.handle.index()] = [is[0] - was[0], is[1] - was[1]];
        }
    }
    Coloured { is_change: true, nodes, links, ..Coloured::blank(by) }.counted(on, sides)
}
