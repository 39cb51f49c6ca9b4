//! Where every pipe runs in the picture: routes on the ground, supply and return moved apart.
//!
//! Two pipes of a trench often share their coordinates. Each place of a route therefore carries a sideways direction; the
//! shader (and picking) move along it by as much as the widths at the present distance need. Which way is sideways
//! follows the direction away from the sources, found by a walk over the network, not the direction of digitising:
//! supply left, return right. Plain data, no Bevy entities.

use std::collections::VecDeque;

use bevy::math::{Vec2, Vec3};
use rustc_hash::FxHashMap;

use crate::network::{LinkId, LinkKind, Network, NodeId, Side};
use crate::twin::frame::MapFrame;

/// Height of the drawn axis above the ground: the picture shows buried pipes lying on the ground.
const LIFT_M: f32 = 0.6;
/// Nodes of the two sides nearer than this are taken for one place.
const TOGETHER_M: f64 = 1.5;
/// Within this distance of its end a pipe bends over to the place of the node.
const INSET_M: f32 = 12.0;
/// Ends of a source or consumer further apart than this are joined by a line.
const JOIN_M: f32 = 3.0;

/// A place on a route.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoutePoint {
    /// On the middle of the trench.
    pub position: Vec3,
    /// Direction from → to, length 1.
    pub tangent: Vec3,
    /// Sideways on the ground (x, z); longer than 1 at corners.
    pub lateral: Vec2,
    /// Greatest pipe radius at this place, m: both pipes of a trench keep clear of it.
    pub widest_m: f32,
    /// Distance from the `from` end, m.
    pub along_m: f32,
}

/// One link drawn as a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    pub link: LinkId,
    pub side: Side,
    pub radius_m: f32,
    pub points: Vec<RoutePoint>,
}

/// A node in the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    pub node: NodeId,
    pub side: Side,
    pub position: Vec3,
    pub lateral: Vec2,
    /// Greatest radius of the pipes that meet here, m; 0 where none do.
    pub radius_m: f32,
}

/// Everything with a place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Routes {
    /// In slot order of the links.
    pub routes: Vec<Route>,
    /// By [`NodeId::index`]; `None` for holes.
    pub places: Vec<Option<Place>>,
}

impl Routes {
    pub fn of(network: &Network, frame: &MapFrame) -> Routes {
        let depth = distance_from_sources(network);
        let paired = together(network);
        let mut places: Vec<Option<Place>> = vec![None; network.node_bound()];
        for (node, _, data) in network.nodes() {
            let mut position = frame.on_ground(data.x_m, data.y_m);
            position.y += LIFT_M;
            places[node.index()] = Some(Place { node, side: data.side, position, lateral: Vec2::ZERO, radius_m: 0.0 });
        }
        let mut routes: Vec<Route> =
            network.links().filter_map(|view| raw_route(network, frame, &places, view.handle)).collect();
        set_radii(network, &mut routes, &mut places);
        // Sideways direction of each route end, summed at the nodes with the thick pipes counting most.
        let mut sums = vec![(Vec2::ZERO, 0.0_f32); places.len()];
        for route in &routes {
            let Some((from, to)) = network.ends(route.link) else { continue };
            let turn = sideways_sign(route.side, depth[from.index()], depth[to.index()]);
            let weight = route.radius_m * route.radius_m;
            for (end, point) in [(from, route.points.first()), (to, route.points.last())] {
                if let (Some(point), true) = (point, paired[end.index()]) {
                    let sum = &mut sums[end.index()];
                    sum.0 += left_of(point.tangent) * turn * weight;
                    sum.1 += weight;
                }
            }
        }
        for (place, (sum, weight)) in places.iter_mut().zip(&sums) {
            if let Some(place) = place
                && *weight > 0.0
            {
                let mean = *sum / *weight;
                // Opposing directions cancel out: such a node stays in the middle of the trench.
                let size = mean.length();
                place.lateral = if size > 0.35 { mean / size / size.max(0.7) } else { mean };
            }
        }
        for route in &mut routes {
            bend_to_places(route, network, &places, &depth, &paired);
        }
        Routes { routes, places }
    }

    pub fn place(&self, node: NodeId) -> Option<&Place> {
        self.places.get(node.index()).and_then(Option::as_ref)
    }
}

/// Left of a direction, seen from above, on the ground of the picture (x east, z south).
fn left_of(tangent: Vec3) -> Vec2 {
    Vec2::new(tangent.z, -tangent.x).normalize_or_zero()
}

/// +1: the route's own left; −1: its right; 0: stays in the middle.
fn sideways_sign(side: Side, depth_from: u32, depth_to: u32) -> f32 {
    let outward = if depth_from <= depth_to { 1.0 } else { -1.0 };
    match side {
        Side::Supply => outward,
        Side::Return => -outward,
        Side::Single => 0.0,
    }
}

/// Number of links from the nearest source, walking on each side by itself; `u32::MAX` where no way leads.
fn distance_from_sources(network: &Network) -> Vec<u32> {
    let mut neighbours: Vec<Vec<NodeId>> = vec![Vec::new(); network.node_bound()];
    let mut depth = vec![u32::MAX; network.node_bound()];
    let mut queue = VecDeque::new();
    for view in network.links() {
        match &view.link.kind {
            LinkKind::Source(_) => {
                for end in [view.from, view.to] {
                    if depth[end.index()] == u32::MAX {
                        depth[end.index()] = 0;
                        queue.push_back(end);
                    }
                }
            }
            LinkKind::Consumer(_) => {}
            _ => {
                neighbours[view.from.index()].push(view.to);
                neighbours[view.to.index()].push(view.from);
            }
        }
    }
    while let Some(node) = queue.pop_front() {
        let next = depth[node.index()] + 1;
        for neighbour in &neighbours[node.index()] {
            if depth[neighbour.index()] == u32::MAX {
                depth[neighbour.index()] = next;
                queue.push_back(*neighbour);
            }
        }
    }
    depth
}

/// Whether a node of the other side lies at the same place.
fn together(network: &Network) -> Vec<bool> {
    let cell = |x: f64, y: f64| ((x / TOGETHER_M).floor() as i64, (y / TOGETHER_M).floor() as i64);
    // Side, x and y of the nodes of a cell.
    type Cell = Vec<(Side, f64, f64)>;
    let mut grid: FxHashMap<(i64, i64), Cell> = FxHashMap::default();
    for (_, _, node) in network.nodes().filter(|(_, _, node)| node.side != Side::Single) {
        grid.entry(cell(node.x_m, node.y_m)).or_default().push((node.side, node.x_m, node.y_m));
    }
    let mut out = vec![false; network.node_bound()];
    for (handle, _, node) in network.nodes().filter(|(_, _, node)| node.side != Side::Single) {
        let (i, j) = cell(node.x_m, node.y_m);
        out[handle.index()] = (i - 1..=i + 1).flat_map(|i| (j - 1..=j + 1).map(move |j| (i, j))).any(|at| {
            grid.get(&at).is_some_and(|found| {
                found.iter().any(|(side, x, y)| *side != node.side && (x - node.x_m).hypot(y - node.y_m) <= TOGETHER_M)
            })
        });
    }
    out
}

/// The polyline of a link without sideways directions; `None` for links that are no line in the picture.
fn raw_route(network: &Network, frame: &MapFrame, places: &[Option<Place>], link: LinkId) -> Option<Route> {
    let view = network.link_view(link)?;
    let (from, to) = (places[view.from.index()]?, places[view.to.index()]?);
    let radius_m = match &view.link.kind {
        LinkKind::Pipe(pipe) => (pipe.outer_diameter_m.max(pipe.inner_diameter_m) / 2.0) as f32,
        LinkKind::Valve(valve) => (valve.diameter_m.unwrap_or(0.0) / 2.0) as f32,
        LinkKind::Pump(_) => 0.0,
        // Stations stand on one spot; only where their two ends are drawn apart does a line join them.
        LinkKind::Source(_) | LinkKind::Consumer(_) => {
            if from.position.distance(to.position) < JOIN_M {
                return None;
            }
            0.02
        }
    };
    let mut corners = vec![from.position];
    if let Some(pipe) = view.pipe() {
        for [x, y, _] in &pipe.details.route_m {
            if x.is_finite() && y.is_finite() {
                let mut corner = frame.on_ground(*x, *y);
                corner.y += LIFT_M;
                corners.push(corner);
            }
        }
    }
    corners.push(to.position);
    corners.dedup_by(|a, b| a.distance_squared(*b) < 0.01);
    if corners.len() < 2 {
        return None;
    }
    let corners = draped(corners, frame);
    let side = if from.side == to.side { from.side } else { Side::Single };
    let mut along_m = 0.0;
    let mut points = Vec::with_capacity(corners.len() + 2);
    for (i, position) in corners.iter().enumerate() {
        let before = if i > 0 { (*position - corners[i - 1]).normalize_or_zero() } else { Vec3::ZERO };
        let after = corners.get(i + 1).map_or(Vec3::ZERO, |next| (*next - *position).normalize_or_zero());
        if i > 0 {
            along_m += position.distance(corners[i - 1]);
        }
        let tangent = (before + after).normalize_or(if after == Vec3::ZERO { before } else { after });
        points.push(RoutePoint { position: *position, tangent, lateral: Vec2::ZERO, widest_m: 0.0, along_m });
    }
    Some(Route { link, side, radius_m, points })
}

/// Adds points where the ground rises or falls away from the straight line.
fn draped(corners: Vec<Vec3>, frame: &MapFrame) -> Vec<Vec3> {
    let step_m = frame.ground.cell_m[0].min(frame.ground.cell_m[1]).max(5.0);
    let mut out = vec![corners[0]];
    for pair in corners.windows(2) {
        let pieces = ((pair[0].distance(pair[1]) / step_m) as usize).clamp(1, 64);
        for piece in 1..pieces {
            let straight = pair[0].lerp(pair[1], piece as f32 / pieces as f32);
            let ground = frame.ground.at(straight.x, straight.z) + LIFT_M;
            if (ground - straight.y).abs() > 0.25 {
                out.push(Vec3::new(straight.x, ground, straight.z));
            }
        }
        out.push(pair[1]);
    }
    out
}

/// Gives valves and pumps without diameter that of their neighbours, and every node its greatest radius.
fn set_radii(network: &Network, routes: &mut [Route], places: &mut [Option<Place>]) {
    let mut raise = |route: &Route| {
        if let Some((from, to)) = network.ends(route.link) {
            for end in [from, to] {
                if let Some(place) = &mut places[end.index()] {
                    place.radius_m = place.radius_m.max(route.radius_m);
                }
            }
        }
    };
    routes.iter().filter(|route| route.radius_m > 0.0).for_each(&mut raise);
    for route in routes.iter_mut().filter(|route| route.radius_m <= 0.0) {
        let at = |node: NodeId| places[node.index()].map_or(0.0, |place| place.radius_m);
        route.radius_m = network.ends(route.link).map_or(0.0, |(from, to)| at(from).max(at(to))).max(0.02);
    }
}

/// Fills in sideways directions: those of the route itself in the middle, those of the nodes at its ends.
fn bend_to_places(route: &mut Route, network: &Network, places: &[Option<Place>], depth: &[u32], paired: &[bool]) {
    let Some((from, to)) = network.ends(route.link) else { return };
    let (Some(start), Some(end)) = (places[from.index()], places[to.index()]) else { return };
    let both = paired[from.index()] && paired[to.index()];
    let turn = if both { sideways_sign(route.side, depth[from.index()], depth[to.index()]) } else { 0.0 };
    for i in 0..route.points.len() {
        let mitre = if i > 0 && i + 1 < route.points.len() {
            let into = (route.points[i].position - route.points[i - 1].position).normalize_or_zero();
            1.0 / left_of(into).dot(left_of(route.points[i].tangent)).max(0.6)
        } else {
            1.0
        };
        let point = &mut route.points[i];
        point.lateral = left_of(point.tangent) * turn * mitre;
        point.widest_m = route.radius_m;
    }
    let last = route.points.len() - 1;
    let length_m = route.points[last].along_m;
    let inset = |share_m: f32| INSET_M.min(share_m * 0.3);
    // Points a little inside of both ends, so that only the last metres lean over to the node.
    if turn != 0.0 && length_m > 1.0 {
        let tail = between(&route.points[last], &route.points[last - 1], inset(length_m));
        let head = between(&route.points[0], &route.points[1], inset(length_m));
        if let Some(tail) = tail {
            route.points.insert(last, tail);
        }
        if let Some(head) = head {
            route.points.insert(1, head);
        }
    }
    let last = route.points.len() - 1;
    (route.points[0].lateral, route.points[0].widest_m) = (start.lateral, start.radius_m.max(route.radius_m));
    (route.points[last].lateral, route.points[last].widest_m) = (end.lateral, end.radius_m.max(route.radius_m));
}

/// The place `reach_m` from `from` towards `to`; `None` where `to` is nearer than that.
fn between(from: &RoutePoint, to: &RoutePoint, reach_m: f32) -> Option<RoutePoint> {
    let distance = from.position.distance(to.position);
    if distance <= reach_m * 1.5 {
        return None;
    }
    let share = reach_m / distance;
    Some(RoutePoint {
        position: from.position.lerp(to.position, share),
        tangent: from.tangent,
        lateral: from.lateral,
        widest_m: from.widest_m,
        along_m: from.along_m + (to.along_m - from.along_m) * share,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Node, Pipe, Source};

    /// Source at the origin, supply and return 100 m east, drawn on the same coordinates; the supply digitised towards
    /// the source when `backwards`.
    fn pair(backwards: bool) -> (Network, Routes) {
        let mut network = Network::new();
        for (id, side, x) in [
            ("S0", Side::Supply, 0.0),
            ("S1", Side::Supply, 100.0),
            ("R0", Side::Return, 0.0),
            ("R1", Side::Return, 100.0),
        ] {
            network.insert_node(id, Node { side, x_m: x, ..Node::default() }).expect("fresh id");
        }
        network.insert_link_between("H", "R0", "S0", Source::default()).expect("ends exist");
        let (a, b) = if backwards { ("S1", "S0") } else { ("S0", "S1") };
        network.insert_link_between("PS", a, b, Pipe::default()).expect("ends exist");
        network.insert_link_between("PR", "R1", "R0", Pipe::default()).expect("ends exist");
        let routes = Routes::of(&network, &MapFrame::of(&network));
        (network, routes)
    }

    #[test]
    fn supply_runs_left_of_the_way_out_whatever_the_digitising_direction() {
        for backwards in [false, true] {
            let (_, routes) = pair(backwards);
            // Away from the source is east, left of it north, which is −z.
            let middle = |i: usize| routes.routes[i].points[1].lateral;
            assert!(middle(0).y < -0.9, "supply, backwards {backwards}: {:?}", middle(0));
            assert!(middle(1).y > 0.9, "return, backwards {backwards}: {:?}", middle(1));
        }
    }

    #[test]
    fn ends_of_a_route_lie_at_its_nodes() {
        let (network, routes) = pair(false);
        for route in &routes.routes {
            let (from, to) = network.ends(route.link).expect("a link");
            let places = [from, to].map(|node| *routes.place(node).expect("a place"));
            assert_eq!(route.points[0].position, places[0].position);
            assert_eq!(route.points[0].lateral, places[0].lateral);
            assert_eq!(route.points[route.points.len() - 1].position, places[1].position);
        }
    }

    #[test]
    fn stations_on_one_spot_are_no_line() {
        let (_, routes) = pair(false);
        assert_eq!(routes.routes.len(), 2);
    }
}
