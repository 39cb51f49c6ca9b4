//! All pipes as one mesh of ribbons, and round joints where they meet.

use super::materials::{SignCorner, SignMesh};
use super::routes::{Place, Route, Routes};
use crate::network::{LinkId, NodeId, Side};

/// Marks return pipes in the element number of a vertex.
const RETURN_BIT: u32 = 1 << 31;

/// What an entry of the colour buffer belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PipeOwner {
    Link(LinkId),
    Node(NodeId),
}

/// The mesh and the owner of each entry of its colour buffer.
#[derive(Debug, Default)]
pub struct PipeBatch {
    pub mesh: SignMesh,
    pub owners: Vec<PipeOwner>,
}

/// Builds the ribbons of one or both sides. Return pipes come first, so that supply pipes lie over them.
pub fn build(routes: &Routes, shown: impl Fn(Side) -> bool) -> PipeBatch {
    let mut batch = PipeBatch::default();
    let rank = |side: Side| u8::from(side != Side::Return);
    for pass in 0..2 {
        for place in routes.places.iter().flatten().filter(|place| rank(place.side) == pass && shown(place.side)) {
            if place.radius_m > 0.0 {
                add_joint(&mut batch, place);
            }
        }
        for route in routes.routes.iter().filter(|route| rank(route.side) == pass && shown(route.side)) {
            add_ribbon(&mut batch, route);
        }
    }
    batch
}

fn element(owner: usize, side: Side) -> u32 {
    owner as u32 | if side == Side::Return { RETURN_BIT } else { 0 }
}

fn add_ribbon(batch: &mut PipeBatch, route: &Route) {
    let element = element(batch.owners.len(), route.side);
    batch.owners.push(PipeOwner::Link(route.link));
    let length_m = route.points.last().map_or(0.0, |point| point.along_m).max(1e-3);
    let mut previous: Option<[u32; 2]> = None;
    for point in &route.points {
        let pair = [-1.0, 1.0].map(|across| {
            batch.mesh.corner(SignCorner {
                position: point.position.to_array(),
                direction: point.tangent.to_array(),
                lateral: [point.lateral.x, point.lateral.y, point.widest_m, route.radius_m],
                place: [across, point.along_m, point.along_m / length_m, 0.0],
                element,
            })
        });
        if let Some([left, right]) = previous {
            batch.mesh.quad([left, right, pair[1], pair[0]]);
        }
        previous = Some(pair);
    }
}

fn add_joint(batch: &mut PipeBatch, place: &Place) {
    let element = element(batch.owners.len(), place.side);
    batch.owners.push(PipeOwner::Node(place.node));
    let corners = [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]].map(|[x, y]| {
        batch.mesh.corner(SignCorner {
            position: place.position.to_array(),
            direction: [0.0; 3],
            lateral: [place.lateral.x, place.lateral.y, place.radius_m, place.radius_m],
            place: [x, y, 0.5, 0.0],
            element,
        })
    });
    batch.mesh.quad(corners);
}
