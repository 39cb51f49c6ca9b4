//! Where an element stands on the map, for cameras and markers.

use crate::network::{ElementKind, ElementRef, LinkView, Network, NodeId};

/// A place with the radius worth seeing around it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    pub x_m: f64,
    pub y_m: f64,
    pub z_m: f64,
    pub radius_m: f64,
}

/// Smallest radius a camera flies to: the neighbourhood of one chamber.
const CLOSE_M: f64 = 60.0;

/// Middle and extent of an element; `None` where it does not exist or has no place.
pub fn place(network: &Network, element: &ElementRef) -> Option<Place> {
    match element.kind {
        ElementKind::Network => whole(network),
        ElementKind::Node => around(&[point(network, network.node_id(&element.id)?)?]),
        ElementKind::Chamber => network.chambers().get(&element.id).and_then(|c| around(&[[c.x_m, c.y_m, c.z_m]])),
        ElementKind::Building => {
            let building = network.buildings().get(&element.id)?;
            let corners: Vec<[f64; 3]> = building.footprint_m.iter().map(|[x, y]| [*x, *y, building.z_m]).collect();
            around(&corners)
        }
        ElementKind::Sensor => {
            let at = &network.sensors().get(&element.id)?.element;
            // A sensor on a sensor would lead in circles.
            if at.kind == ElementKind::Sensor { None } else { place(network, at) }
        }
        _ => {
            let view = network.link_view(network.find_link(element)?)?;
            around(&line(network, &view))
        }
    }
}

/// The line of a link on the map: end, bends, end.
pub fn line(network: &Network, view: &LinkView<'_>) -> Vec<[f64; 3]> {
    let route = view.pipe().map(|pipe| pipe.details.route_m.as_slice()).unwrap_or_default();
    let ends = [point(network, view.from), point(network, view.to)];
    ends[0].into_iter().chain(route.iter().copied()).chain(ends[1]).collect()
}

fn point(network: &Network, node: NodeId) -> Option<[f64; 3]> {
    network.node(node).map(|n| [n.x_m, n.y_m, n.z_m])
}

fn whole(network: &Network) -> Option<Place> {
    let points: Vec<[f64; 3]> = network.nodes().map(|(_, _, n)| [n.x_m, n.y_m, n.z_m]).collect();
    around(&points)
}

fn around(points: &[[f64; 3]]) -> Option<Place> {
    let mut low = [f64::INFINITY; 3];
    let mut high = [f64::NEG_INFINITY; 3];
    for point in points.iter().filter(|p| p.iter().all(|c| c.is_finite())) {
        for axis in 0..3 {
            low[axis] = low[axis].min(point[axis]);
            high[axis] = high[axis].max(point[axis]);
        }
    }
    if low[0] > high[0] {
        return None;
    }
    let middle = |axis: usize| 0.5 * (low[axis] + high[axis]);
    let radius = 0.5 * (high[0] - low[0]).hypot(high[1] - low[1]);
    Some(Place { x_m: middle(0), y_m: middle(1), z_m: middle(2), radius_m: radius.max(CLOSE_M) })
}
