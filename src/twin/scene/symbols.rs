//! Signs for what is more than a pipe: valves, pumps, substations, sources, chambers.

use bevy::math::{Vec2, Vec3};

use super::materials::{SignCorner, SignMesh};
use super::routes::Routes;
use crate::network::{ElementKind, ElementRef, LinkId, LinkKind, Network, Side};
use crate::twin::frame::MapFrame;

/// Height of a sign's middle above the ground, m.
const LIFT_M: f32 = 1.0;

/// Kind of a sign; the numbers are those of `symbol.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub enum SignKind {
    Valve = 0,
    Pump = 1,
    Consumer = 2,
    Source = 3,
    Chamber = 4,
}

impl SignKind {
    /// Half size: in metres, and between which pixels it is kept.
    const fn size(self) -> (f32, f32, f32) {
        match self {
            SignKind::Valve => (9.0, 6.5, 13.0),
            SignKind::Pump => (10.0, 7.0, 14.0),
            SignKind::Consumer => (13.0, 6.5, 14.0),
            SignKind::Source => (60.0, 13.0, 22.0),
            SignKind::Chamber => (5.0, 3.5, 8.0),
        }
    }
}

/// A sign in the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Sign {
    pub kind: SignKind,
    pub element: ElementRef,
    pub link: Option<LinkId>,
    pub side: Side,
    pub position: Vec3,
    pub tangent: Vec3,
    pub lateral: Vec2,
    pub widest_m: f32,
}

impl Sign {
    /// Half size in pixels where a pixel is this large; `None` where it has vanished in the crowd.
    pub fn half_px(&self, pixel_m: f32, kept: bool) -> Option<f32> {
        let (size_m, least, most) = self.kind.size();
        let natural = size_m / pixel_m;
        (kept || natural / least > 0.75).then_some(natural.clamp(least, most))
    }
}

/// All signs, those drawn first (small and many) in front of the list.
pub fn signs(network: &Network, frame: &MapFrame, routes: &Routes) -> Vec<Sign> {
    let mut signs = Vec::new();
    for (id, chamber) in network.chambers() {
        let mut position = frame.on_ground(chamber.x_m, chamber.y_m);
        position.y += LIFT_M;
        signs.push(Sign {
            kind: SignKind::Chamber,
            element: ElementRef::new(ElementKind::Chamber, id.clone()),
            link: None,
            side: Side::Single,
            position,
            tangent: Vec3::X,
            lateral: Vec2::ZERO,
            widest_m: 0.0,
        });
    }
    // Routes are in slot order, like the links.
    let mut drawn = routes.routes.iter().peekable();
    for view in network.links() {
        while drawn.peek().is_some_and(|route| route.link < view.handle) {
            drawn.next();
        }
        let route = drawn.peek().filter(|route| route.link == view.handle);
        let kind = match &view.link.kind {
            LinkKind::Pipe(_) => continue,
            LinkKind::Valve(_) => SignKind::Valve,
            LinkKind::Pump(_) => SignKind::Pump,
            LinkKind::Consumer(_) => SignKind::Consumer,
            LinkKind::Source(_) => SignKind::Source,
        };
        let (Some(from), Some(to)) = (routes.place(view.from), routes.place(view.to)) else { continue };
        let own_side = if from.side == to.side { from.side } else { Side::Single };
        let aside = own_side != Side::Single;
        let mut tangent = (to.position - from.position).normalize_or_zero();
        if tangent == Vec3::ZERO {
            tangent = network
                .links_at(view.from)
                .into_iter()
                .find_map(|link| routes.routes.iter().find(|route| route.link == link))
                .map_or(Vec3::X, |route| route.points[0].tangent);
        }
        let (lateral, widest_m) = match route {
            Some(route) if aside && route.points.len() > 2 => (route.points[1].lateral, route.radius_m),
            _ if aside => ((from.lateral + to.lateral) / 2.0, from.radius_m.max(to.radius_m)),
            _ => (Vec2::ZERO, 0.0),
        };
        signs.push(Sign {
            kind,
            element: view.element(),
            link: Some(view.handle),
            side: own_side,
            position: (from.position + to.position) / 2.0 + Vec3::Y * LIFT_M,
            tangent,
            lateral,
            widest_m,
        });
    }
    // Stable: keeps slot order among equals.
    signs.sort_by_key(|sign| match sign.kind {
        SignKind::Chamber => 0,
        SignKind::Consumer => 1,
        SignKind::Valve | SignKind::Pump => 2,
        SignKind::Source => 3,
    });
    signs
}

/// The mesh; entry `i` of the state buffer belongs to sign `i`.
pub fn build(signs: &[Sign], shown: impl Fn(Side) -> bool) -> SignMesh {
    let mut mesh = SignMesh::default();
    for (index, sign) in signs.iter().enumerate().filter(|(_, sign)| shown(sign.side)) {
        let (size_m, least_px, most_px) = sign.kind.size();
        let corners = [[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]].map(|[x, y]| {
            mesh.corner(SignCorner {
                position: sign.position.to_array(),
                direction: sign.tangent.to_array(),
                lateral: [sign.lateral.x, sign.lateral.y, sign.widest_m, size_m],
                place: [x, y, least_px, most_px],
                element: index as u32 | (sign.kind as u32) << 24,
            })
        });
        mesh.quad(corners);
    }
    mesh
}
