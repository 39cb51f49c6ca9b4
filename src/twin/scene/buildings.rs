//! Buildings as blocks and heat sources as plants with stacks, in one mesh.

use bevy::math::{Vec2, Vec3};

use super::materials::{MapMesh, NO_ELEMENT};
use crate::network::{Building, Network, Priority, SourceKind};
use crate::twin::frame::MapFrame;
use crate::twin::palette::Palette;

/// A building without a height is drawn this high, m.
const DEFAULT_HEIGHT_M: f32 = 15.0;
/// Height of a storey where only their number is known, m.
const STOREY_M: f32 = 3.0;

/// All buildings; the number of a building in the mesh is its place in [`Network::buildings`].
pub fn buildings(network: &Network, frame: &MapFrame, palette: &Palette) -> MapMesh {
    let mut mesh = MapMesh::default();
    for (number, building) in network.buildings().values().enumerate() {
        let outline = outline(building, frame);
        if outline.len() < 3 {
            continue;
        }
        let ground = outline.iter().map(|at| frame.ground.at(at.x, at.y)).fold(f32::MAX, f32::min);
        let top = outline.iter().map(|at| frame.ground.at(at.x, at.y)).fold(f32::MIN, f32::max) + height_m(building);
        let special = !matches!(building.priority, Priority::Residential);
        let (wall, roof) =
            if special { (palette.wall_special, palette.roof_special) } else { (palette.wall, palette.roof) };
        add_block(&mut mesh, &outline, ground - 1.0, top, wall, roof, number as u32);
    }
    mesh
}

/// Height of a building as drawn.
pub fn height_m(building: &Building) -> f32 {
    if building.height_m > 0.0 {
        building.height_m as f32
    } else {
        building.storeys.map_or(DEFAULT_HEIGHT_M, |storeys| f32::from(storeys) * STOREY_M)
    }
}

/// Outline on the ground of the picture (x, z), clockwise seen from above (counter-clockwise in x, z).
pub fn outline(building: &Building, frame: &MapFrame) -> Vec<Vec2> {
    let mut outline: Vec<Vec2> = building
        .footprint_m
        .iter()
        .filter(|point| point.iter().all(|value| value.is_finite()))
        .map(|[x, y]| {
            let at = frame.to_picture(*x, *y, 0.0);
            Vec2::new(at.x, at.z)
        })
        .collect();
    outline.dedup_by(|a, b| a.distance_squared(*b) < 1e-4);
    if outline.len() > 2 && outline[0].distance_squared(outline[outline.len() - 1]) < 1e-4 {
        outline.pop();
    }
    if area2(&outline) < 0.0 {
        outline.reverse();
    }
    outline
}

fn area2(outline: &[Vec2]) -> f32 {
    (0..outline.len()).map(|i| outline[i].perp_dot(outline[(i + 1) % outline.len()])).sum()
}

/// A prism: walls darker towards the ground, flat roof.
fn add_block(mesh: &mut MapMesh, outline: &[Vec2], foot: f32, top: f32, wall: Vec3, roof: Vec3, element: u32) {
    let count = outline.len();
    for i in 0..count {
        let (a, b) = (outline[i], outline[(i + 1) % count]);
        let along = (b - a).normalize_or_zero();
        let normal = [along.y, 0.0, -along.x];
        let low = (wall * 0.80).extend(1.0).to_array();
        let high = wall.extend(1.0).to_array();
        let corners = [
            mesh.corner([a.x, foot, a.y], normal, low, element),
            mesh.corner([a.x, top, a.y], normal, high, element),
            mesh.corner([b.x, top, b.y], normal, high, element),
            mesh.corner([b.x, foot, b.y], normal, low, element),
        ];
        mesh.quad(corners);
    }
    let rim: Vec<u32> = outline
        .iter()
        .map(|at| mesh.corner([at.x, top, at.y], [0.0, 1.0, 0.0], roof.extend(1.0).to_array(), element))
        .collect();
    for [a, b, c] in triangles(outline) {
        // Positive area in (x, z) is clockwise seen from above.
        mesh.triangle([rim[a as usize], rim[c as usize], rim[b as usize]]);
    }
}

/// Cuts a simple polygon of positive area into triangles by clipping ears. A polygon that crosses itself gives as many
/// as can be cut.
pub(super) fn triangles(outline: &[Vec2]) -> Vec<[u32; 3]> {
    let mut left: Vec<u32> = (0..outline.len() as u32).collect();
    let mut out = Vec::with_capacity(outline.len().saturating_sub(2));
    let at = |i: u32| outline[i as usize];
    while left.len() > 3 {
        let count = left.len();
        let ear = (0..count).find(|&i| {
            let [a, b, c] = [left[(i + count - 1) % count], left[i], left[(i + 1) % count]];
            let turn = (at(b) - at(a)).perp_dot(at(c) - at(b));
            turn > 0.0 && left.iter().all(|&p| p == a || p == b || p == c || !inside(at(p), at(a), at(b), at(c)))
        });
        let Some(i) = ear else { break };
        out.push([left[(i + count - 1) % count], left[i], left[(i + 1) % count]]);
        left.remove(i);
    }
    if left.len() == 3 {
        out.push([left[0], left[1], left[2]]);
    }
    out
}

fn inside(p: Vec2, a: Vec2, b: Vec2, c: Vec2) -> bool {
    (b - a).perp_dot(p - a) >= 0.0 && (c - b).perp_dot(p - b) >= 0.0 && (a - c).perp_dot(p - c) >= 0.0
}

/// Plants of the heat sources: a hall, and a stack where something burns.
pub fn plants(network: &Network, frame: &MapFrame, palette: &Palette, mesh: &mut MapMesh) {
    for view in network.links() {
        let Some(source) = view.source() else { continue };
        let Some(node) = network.node(view.to) else { continue };
        let centre = frame.on_ground(node.x_m, node.y_m);
        // A bigger plant looks bigger; the scale keeps it visible in a large city without swallowing a village.
        let capacity_mw = source.capacity_w.unwrap_or(50e6) / 1e6;
        let scale = ((capacity_mw / 50.0).max(0.05).powf(0.3) as f32).clamp(0.5, 2.5);
        let scale = scale * (frame.radius_m() / 1600.0).clamp(0.35, 3.0);
        let block = |cx: f32, cz: f32, wx: f32, wz: f32| {
            let (x, z) = (centre.x + cx * scale, centre.z + cz * scale);
            let (wx, wz) = (wx * scale / 2.0, wz * scale / 2.0);
            [Vec2::new(x - wx, z - wz), Vec2::new(x + wx, z - wz), Vec2::new(x + wx, z + wz), Vec2::new(x - wx, z + wz)]
        };
        let roof = palette.plant * 1.12;
        let foot = centre.y - 2.0;
        add_block(mesh, &block(0.0, -34.0, 64.0, 34.0), foot, centre.y + 26.0 * scale, palette.plant, roof, NO_ELEMENT);
        add_block(
            mesh,
            &block(-14.0, -60.0, 36.0, 22.0),
            foot,
            centre.y + 38.0 * scale,
            palette.plant,
            roof,
            NO_ELEMENT,
        );
        let stacks = match source.kind {
            SourceKind::CombinedHeatAndPower | SourceKind::CoalBoiler => 2,
            SourceKind::GasBoiler | SourceKind::BiomassBoiler => 1,
            _ => 0,
        };
        for i in 0..stacks {
            let at = Vec2::new(centre.x + (18.0 + 13.0 * i as f32) * scale, centre.z - 62.0 * scale);
            add_stack(mesh, at, foot, centre.y, 4.2 * scale, 92.0 * scale, palette);
        }
    }
}

/// A tapering round stack with two bands at its top.
fn add_stack(mesh: &mut MapMesh, at: Vec2, foot: f32, ground: f32, radius: f32, height: f32, palette: &Palette) {
    const SIDES: usize = 14;
    let levels = [
        (foot, palette.stack),
        (ground + height * 0.80, palette.stack),
        (ground + height * 0.80, palette.stack_band),
        (ground + height * 0.87, palette.stack_band),
        (ground + height * 0.87, palette.stack),
        (ground + height * 0.93, palette.stack),
        (ground + height * 0.93, palette.stack_band),
        (ground + height, palette.stack_band),
    ];
    let ring = |y: f32| radius * (1.0 - 0.4 * ((y - ground) / height).clamp(0.0, 1.0));
    for pair in levels.chunks(2) {
        let [(y0, colour), (y1, _)] = [pair[0], pair[1]];
        let mut previous: Option<[u32; 2]> = None;
        for side in 0..=SIDES {
            let (sin, cos) = (side as f32 / SIDES as f32 * std::f32::consts::TAU).sin_cos();
            let corner = |mesh: &mut MapMesh, y: f32| {
                let r = ring(y);
                mesh.corner(
                    [at.x + cos * r, y, at.y + sin * r],
                    [cos, 0.0, sin],
                    colour.extend(1.0).to_array(),
                    NO_ELEMENT,
                )
            };
            let pair = [corner(mesh, y0), corner(mesh, y1)];
            if let Some([low, high]) = previous {
                mesh.quad([low, high, pair[1], pair[0]]);
            }
            previous = Some(pair);
        }
    }
    let top = ground + height;
    let r = ring(top);
    let dark = (palette.stack * 0.5).extend(1.0).to_array();
    let centre = mesh.corner([at.x, top, at.y], [0.0, 1.0, 0.0], dark, NO_ELEMENT);
    let rim: Vec<u32> = (0..SIDES)
        .map(|side| {
            let (sin, cos) = (side as f32 / SIDES as f32 * std::f32::consts::TAU).sin_cos();
            mesh.corner([at.x + cos * r, top, at.y + sin * r], [0.0, 1.0, 0.0], dark, NO_ELEMENT)
        })
        .collect();
    for side in 0..SIDES {
        mesh.triangle([centre, rim[(side + 1) % SIDES], rim[side]]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_l_shaped_outline_is_cut_into_its_area() {
        let corners = [[0.0, 0.0], [4.0, 0.0], [4.0, 2.0], [2.0, 2.0], [2.0, 5.0], [0.0, 5.0]].map(Vec2::from_array);
        let cut = triangles(&corners);
        let at = |i: u32| corners[i as usize];
        let area: f32 = cut.iter().map(|[a, b, c]| (at(*b) - at(*a)).perp_dot(at(*c) - at(*a)) / 2.0).sum();
        assert_eq!(cut.len(), 4);
        assert!((area - 14.0).abs() < 1e-5);
    }

    #[test]
    fn a_crossing_outline_does_not_hang() {
        let corners = [[0.0, 0.0], [4.0, 4.0], [4.0, 0.0], [0.0, 4.0]].map(Vec2::from_array);
        assert!(triangles(&corners).len() <= 2);
    }
}
