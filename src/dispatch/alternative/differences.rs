//! What an alternative changes, element by element, for the map.
//!
//! Elements are matched by id, since the networks are two. Compared are two states of an instant, or the extremes of a run: the
//! least pressure and temperature of a node, the greatest speed of a link. Values that one of the two does not know are NaN.

use crate::network::{ElementRef, LinkId, Name, Network, NodeId};
use crate::solver::Solution;

/// Extremes of a run, by [`NodeId::index`] and [`LinkId::index`] of its network; NaN where nothing was known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extremes {
    pub least_pressure_pa: Vec<f64>,
    pub greatest_pressure_pa: Vec<f64>,
    pub least_temperature_c: Vec<f64>,
    pub greatest_velocity_m_s: Vec<f64>,
    pub greatest_flow_kg_s: Vec<f64>,
}

impl Extremes {
    /// Takes a state in.
    pub(super) fn add(&mut self, solution: &Solution) {
        let (nodes, links) = (&solution.nodes, &solution.links);
        for list in [&mut self.least_pressure_pa, &mut self.greatest_pressure_pa, &mut self.least_temperature_c] {
            list.resize(nodes.len(), f64::NAN);
        }
        for list in [&mut self.greatest_velocity_m_s, &mut self.greatest_flow_kg_s] {
            list.resize(links.len(), f64::NAN);
        }
        for (at, node) in nodes.iter().enumerate() {
            self.least_pressure_pa[at] = self.least_pressure_pa[at].min(node.pressure_pa);
            self.greatest_pressure_pa[at] = self.greatest_pressure_pa[at].max(node.pressure_pa);
            self.least_temperature_c[at] = self.least_temperature_c[at].min(node.temperature_c);
        }
        for (at, link) in links.iter().enumerate() {
            self.greatest_velocity_m_s[at] = self.greatest_velocity_m_s[at].max(link.velocity_m_s.abs());
            self.greatest_flow_kg_s[at] = self.greatest_flow_kg_s[at].max(link.mass_flow_kg_s.abs());
        }
    }
}

/// A node: alternative less base. Handles are those of the alternative's network.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeDifference {
    pub node: NodeId,
    pub id: Name,
    pub pressure_pa: f64,
    pub temperature_k: f64,
}

/// A link: alternative less base. Flow with its direction; speed without.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkDifference {
    pub link: LinkId,
    pub id: Name,
    pub mass_flow_kg_s: f64,
    pub velocity_m_s: f64,
    /// Of the water that enters.
    pub temperature_k: f64,
    /// Mean of both ends.
    pub pressure_pa: f64,
}

/// Everything that both networks have, and what only one has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Differences {
    /// In the order of the alternative's network.
    pub nodes: Vec<NodeDifference>,
    pub links: Vec<LinkDifference>,
    pub only_in_base: Vec<ElementRef>,
    pub only_in_alternative: Vec<ElementRef>,
}

/// Two states compared.
pub fn differences(base: (&Network, &Solution), alternative: (&Network, &Solution)) -> Differences {
    let (network, solution) = alternative;
    let mut out = matched(base.0, network, |own, other| {
        let (own, other) = (solution.node(own), base.1.node(other));
        let [a, b] = [own, other].map(|node| node.map_or([f64::NAN; 2], |node| [node.pressure_pa, node.temperature_c]));
        [a[0] - b[0], a[1] - b[1]]
    });
    for one in &mut out.links {
        let other = base.0.link_id(&one.id).and_then(|link| base.1.link(link));
        let (Some(own), Some(other)) = (solution.link(one.link), other) else { continue };
        one.mass_flow_kg_s = own.mass_flow_kg_s - other.mass_flow_kg_s;
        one.velocity_m_s = own.velocity_m_s.abs() - other.velocity_m_s.abs();
        one.temperature_k = own.inlet_temperature_c - other.inlet_temperature_c;
    }
    out
}

/// The extremes of two runs compared: pressure and temperature are the least ones, flow and speed the greatest.
pub fn differences_of_extremes(base: (&Network, &Extremes), alternative: (&Network, &Extremes)) -> Differences {
    let at = |list: &[f64], index: usize| list.get(index).copied().unwrap_or(f64::NAN);
    let (own, other) = (alternative.1, base.1);
    let mut out = matched(base.0, alternative.0, |node, known| {
        let (node, known) = (node.index(), known.index());
        let pressure_pa = at(&own.least_pressure_pa, node) - at(&other.least_pressure_pa, known);
        [pressure_pa, at(&own.least_temperature_c, node) - at(&other.least_temperature_c, known)]
    });
    for one in &mut out.links {
        let Some(known) = base.0.link_id(&one.id).map(LinkId::index) else { continue };
        let link = one.link.index();
        one.mass_flow_kg_s = at(&own.greatest_flow_kg_s, link) - at(&other.greatest_flow_kg_s, known);
        one.velocity_m_s = at(&own.greatest_velocity_m_s, link) - at(&other.greatest_velocity_m_s, known);
    }
    out
}

/// Nodes with their differences of pressure and temperature, links with the means of those, flows and speeds still unknown.
fn matched(base: &Network, network: &Network, of_node: impl Fn(NodeId, NodeId) -> [f64; 2]) -> Differences {
    let mut out = Differences::default();
    let mut by_index = vec![[f64::NAN; 2]; network.node_bound()];
    for (node, id, _) in network.nodes() {
        match base.node_id(id) {
            Some(known) => {
                let [pressure_pa, temperature_k] = of_node(node, known);
                by_index[node.index()] = [pressure_pa, temperature_k];
                out.nodes.push(NodeDifference { node, id: id.clone(), pressure_pa, temperature_k });
            }
            None => out.only_in_alternative.push(network.node_ref(node)),
        }
    }
    for view in network.links() {
        if base.link_id(view.id).is_none() {
            out.only_in_alternative.push(view.element());
            continue;
        }
        let [a, b] = [view.from, view.to].map(|end| by_index[end.index()]);
        out.links.push(LinkDifference {
            link: view.handle,
            id: view.id.clone(),
            mass_flow_kg_s: f64::NAN,
            velocity_m_s: f64::NAN,
            temperature_k: 0.5 * (a[1] + b[1]),
            pressure_pa: 0.5 * (a[0] + b[0]),
        });
    }
    let gone = base.nodes().filter(|(_, id, _)| network.node_id(id).is_none()).map(|(node, ..)| base.node_ref(node));
    out.only_in_base.extend(gone);
    let gone = base.links().filter(|view| network.link_id(view.id).is_none()).map(|view| view.element());
    out.only_in_base.extend(gone);
    out
}
