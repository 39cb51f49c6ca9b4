//! Back into service: what has to be filled, vented and warmed, in which order, and when every station and room is as it was.
//!
//! Filling is limited by the make-up the plants can spare. Order: return first, from the lowest valve, through the bypass or a
//! crack of the valve, air out at the high points; then the supply; then circulation; then the stations from the plant
//! outwards. Heat arrives with the water: along each pipe volume over flow of the state before the break, the latest of the
//! ways that carry at least a tenth of a node's inflow. Rooms warm with their own time constant at the heat that the emitters
//! give beyond their need; the former temperature counts as reached at half a kelvin below it.

use super::cooldown::BuildingClock;
use super::isolation::Isolation;
use crate::network::{LinkId, LinkKind, Name, Network, NodeId, Side};
use crate::physics::building::RoomCooling;
use crate::solver::Solution;

/// Hot water, for volumes of masses, kg/m³.
pub const WATER_KG_M3: f64 = 960.0;
/// A room is as warm as before, K below.
const AS_BEFORE_K: f64 = 0.5;
/// Heat that radiators give above need while rooms are cold and the supply is raised (emitters are sized with a margin).
pub const REHEAT_SHARE: f64 = 1.15;
/// Share of a node's inflow from which a way counts.
const COUNTS: f64 = 0.1;

/// Filling and warming of a zone.
#[derive(Clone, Debug, PartialEq)]
pub struct Restore {
    /// Water in the drained pipes of the supply and of the return, m³.
    pub supply_volume_m3: f64,
    pub return_volume_m3: f64,
    /// Rate it is filled at, kg/s.
    pub fill_kg_s: f64,
    pub fill_s: f64,
    /// Valves in the order they are opened again.
    pub valves: Vec<LinkId>,
    /// Highest places of the zone, where air is let out.
    pub vents: Vec<NodeId>,
    /// Lowest places, where it is drained.
    pub drains: Vec<NodeId>,
    /// Chambers of the zone that have a drain, lowest first, and those that have a vent, highest first.
    pub drain_chambers: Vec<Name>,
    pub vent_chambers: Vec<Name>,
    /// Consumers with the time, from the opening of the last valve, at which hot water arrives, soonest first.
    pub arrivals: Vec<(LinkId, f64)>,
    /// Buildings with the time, from the return of heat to their station, at which rooms are as warm as before; `None`: not
    /// at this outdoor temperature.
    pub rooms: Vec<(Name, Option<f64>)>,
}

/// Volume of water in the drained pipes: (supply and single, return), m³.
pub fn drained_m3(network: &Network, zone: &[bool], broken: &[LinkId]) -> (f64, f64) {
    let (mut supply_m3, mut return_m3) = (0.0, 0.0);
    for view in network.links() {
        let Some(pipe) = view.pipe() else { continue };
        let inside = zone[view.from.index()] && zone[view.to.index()];
        if !inside && !broken.contains(&view.handle) {
            continue;
        }
        let volume_m3 = 0.25 * std::f64::consts::PI * pipe.inner_diameter_m * pipe.inner_diameter_m * pipe.length_m;
        if network.node(view.from).is_some_and(|node| node.side == Side::Return) {
            return_m3 += volume_m3;
        } else {
            supply_m3 += volume_m3;
        }
    }
    (supply_m3, return_m3)
}

/// Steps and times of bringing a zone back, for a state `before` the break that is wanted again.
pub fn restore(
    network: &Network,
    broken: &[LinkId],
    plan: &Isolation,
    before: &Solution,
    make_up_kg_s: f64,
    clocks: &[BuildingClock],
    outdoor_c: f64,
) -> Restore {
    let (supply_volume_m3, return_volume_m3) = drained_m3(network, &plan.zone, broken);
    let fill_s = if make_up_kg_s > 0.0 { 1000.0 * (supply_volume_m3 + return_volume_m3) / make_up_kg_s } else { 0.0 };
    let z_m = |link: LinkId| {
        network
            .ends(link)
            .and_then(|(from, _)| network.node(from))
            .map_or((false, 0.0), |node| (node.side != Side::Return, node.z_m))
    };
    // Return before supply, low before high.
    let mut valves: Vec<LinkId> = plan.all_valves().collect();
    valves.sort_by(|&a, &b| {
        let (a_key, b_key) = (z_m(a), z_m(b));
        a_key.0.cmp(&b_key.0).then(a_key.1.total_cmp(&b_key.1)).then(a.cmp(&b))
    });
    let mut places: Vec<(f64, NodeId)> =
        network.nodes().filter(|(node, ..)| plan.zone[node.index()]).map(|(node, _, data)| (data.z_m, node)).collect();
    places.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let drains = places.iter().take(3).map(|&(_, node)| node).collect();
    let vents = places.iter().rev().take(3).map(|&(_, node)| node).collect();
    let (drain_chambers, vent_chambers) = chambers(network, &plan.zone);
    Restore {
        supply_volume_m3,
        return_volume_m3,
        fill_kg_s: make_up_kg_s,
        fill_s,
        valves,
        vents,
        drains,
        drain_chambers,
        vent_chambers,
        arrivals: arrivals(network, plan, before),
        rooms: clocks.iter().map(|clock| (clock.building.clone(), warm_again_s(clock, outdoor_c))).collect(),
    }
}

/// Chambers of a zone where water can be let out, lowest first, and where air can, highest first.
fn chambers(network: &Network, zone: &[bool]) -> (Vec<Name>, Vec<Name>) {
    let of_nodes =
        network.nodes().filter(|(node, ..)| zone[node.index()]).filter_map(|(.., data)| data.chamber.as_ref());
    let of_links = network
        .links()
        .filter(|view| zone[view.from.index()] || zone[view.to.index()])
        .filter_map(|view| view.link.notes.as_ref()?.chamber.as_ref());
    let ids: std::collections::BTreeSet<&Name> = of_nodes.chain(of_links).collect();
    let mut known: Vec<_> = ids.into_iter().filter_map(|id| Some((id, network.chambers().get(id)?))).collect();
    known.sort_by(|a, b| a.1.z_m.total_cmp(&b.1.z_m).then(a.0.cmp(b.0)));
    let drains = known.iter().filter(|(_, chamber)| chamber.drain).map(|(id, _)| Name::clone(id)).collect();
    let vents = known.iter().rev().filter(|(_, chamber)| chamber.vent).map(|(id, _)| Name::clone(id)).collect();
    (drains, vents)
}

/// Seconds of full heat until a room is as warm as before.
fn warm_again_s(clock: &BuildingClock, outdoor_c: f64) -> Option<f64> {
    let warming = RoomCooling {
        start_c: clock.at_repair_c,
        normal_c: clock.start_c,
        outdoor_c,
        supplied_share: REHEAT_SHARE,
        time_constant_h: clock.time_constant_h,
    };
    let wanted_c = clock.start_c - AS_BEFORE_K;
    if clock.at_repair_c >= wanted_c { Some(0.0) } else { warming.hours_to(wanted_c).map(|hours| 3600.0 * hours) }
}

/// When hot water is at each consumer that the plan cut off, counted from the edge of the cold part.
fn arrivals(network: &Network, plan: &Isolation, before: &Solution) -> Vec<(LinkId, f64)> {
    let cold = |node: NodeId| plan.unfed[node.index()];
    let flow = |link: LinkId| before.link(link).map_or(0.0, |state| state.mass_flow_kg_s);
    // Water comes to a node through these links, with their flow and time.
    let mut into: Vec<Vec<(NodeId, f64, f64)>> = vec![Vec::new(); network.node_bound()];
    for view in network.links() {
        if matches!(view.link.kind, LinkKind::Consumer(_) | LinkKind::Source(_)) {
            continue;
        }
        let flow_kg_s = flow(view.handle);
        if !flow_kg_s.is_finite() || flow_kg_s == 0.0 {
            continue;
        }
        let (up, down) = if flow_kg_s > 0.0 { (view.from, view.to) } else { (view.to, view.from) };
        let mass_kg = view.pipe().map_or(0.0, |pipe| {
            let area_m2 = 0.25 * std::f64::consts::PI * pipe.inner_diameter_m * pipe.inner_diameter_m;
            WATER_KG_M3 * area_m2 * pipe.length_m
        });
        into[down.index()].push((up, flow_kg_s.abs(), mass_kg / flow_kg_s.abs()));
    }
    // Upstream first: a node is settled when all its ways are; flows have no rings, what is left over settles last.
    let mut at = vec![f64::NAN; network.node_bound()];
    let mut stack: Vec<(NodeId, bool)> = Vec::new();
    let mut seen = vec![false; network.node_bound()];
    let mut out = Vec::new();
    for state in &before.consumers {
        let Some((from, _)) = network.ends(state.link) else { continue };
        if !cold(from) {
            continue;
        }
        stack.push((from, false));
        while let Some((node, done)) = stack.pop() {
            let slot = node.index();
            if done {
                let total_kg_s: f64 = into[slot].iter().map(|(_, flow_kg_s, _)| flow_kg_s).sum();
                let latest = into[slot]
                    .iter()
                    .filter(|(_, flow_kg_s, _)| *flow_kg_s >= COUNTS * total_kg_s)
                    .map(
                        |(up, _, seconds)| if at[up.index()].is_finite() { at[up.index()] + seconds } else { *seconds },
                    )
                    .fold(0.0, f64::max);
                at[slot] = latest;
            } else if !cold(node) {
                at[slot] = 0.0;
                seen[slot] = true;
            } else if !std::mem::replace(&mut seen[slot], true) {
                stack.push((node, true));
                stack.extend(into[slot].iter().filter(|(up, ..)| !seen[up.index()]).map(|&(up, ..)| (up, false)));
            }
        }
        if at[from.index()].is_finite() {
            out.push((state.link, at[from.index()]));
        }
    }
    out.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    out
}
