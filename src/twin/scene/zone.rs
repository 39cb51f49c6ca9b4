//! The zone of an emergency on the ground: what drains and what has no heat, in quiet tints below streets and pipes.
//!
//! The same outlines as the exported map, cut into rows that follow the ground. Built when an answer arrives, not in every
//! frame; a few thousand triangles at most, whatever the zone's size.

use bevy::math::{Vec3, Vec4};
use bevy::prelude::*;

use super::materials::{MapMaterial, MapMesh, NO_ELEMENT};
use super::{Picture, rebuild};
use crate::io::emergency::Rings;
use crate::session::emergency::colours;
use crate::twin::frame::MapFrame;
use crate::twin::palette::{Palette, linear};
use crate::twin::schedule::TwinSystems;
use crate::twin::session_bridge::Open;

/// Rows over the height of a zone at most, and their least height, m.
const MOST_ROWS: f64 = 150.0;
const LEAST_ROW_M: f64 = 6.0;
/// Pieces of a row are at most this long, so that they follow the ground, m.
const PIECE_M: f64 = 60.0;
/// Above the ground, and how far pulled towards the eye, m.
const LIFT_M: f32 = 0.8;
const PULL_M: f32 = 3.0;
/// How much of the colour shows on the ground.
const STRENGTH: f32 = 0.34;

/// Draws the zone.
pub struct ZonePlugin;

impl Plugin for ZonePlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(Update, draw.after(rebuild).in_set(TwinSystems::Scene));
    }
}

#[derive(Component)]
struct ZoneLayer;

/// Which answer is drawn in which picture.
type ZoneKey = (u64, Option<(u64, bool)>);

fn draw(
    mut commands: Commands,
    open: Res<Open>,
    picture: Res<Picture>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut materials: ResMut<Assets<MapMaterial>>,
    drawn: Query<Entity, With<ZoneLayer>>,
    mut known: Local<Option<ZoneKey>>,
) {
    let (Some(frame), Some(handles)) = (&picture.frame, &picture.handles) else { return };
    let answer = open.session.shown_answer();
    let key = (picture.generation, answer.map(|answer| (answer.number, answer.complete)));
    if *known == Some(key) {
        return;
    }
    *known = Some(key);
    for entity in &drawn {
        commands.entity(entity).despawn();
    }
    let Some(answer) = answer else { return };
    let palette = Palette::of(open.session.theme());
    let mut mesh = MapMesh::default();
    // What drains lies over what has no heat.
    for (rings, colour, lift_m) in
        [(&answer.zone[1], colours::UNFED, LIFT_M), (&answer.zone[0], colours::ALARM, 2.0 * LIFT_M)]
    {
        let own = Vec3::from_array(colour.map(|channel| linear(f32::from(channel) / 255.0)));
        let tint = palette.ground_high.lerp(own, STRENGTH);
        add(&mut mesh, rings, frame, tint.extend(1.0), lift_m);
    }
    let Some(like) = materials.get(&handles.streets).cloned() else { return };
    if mesh.is_empty() {
        return;
    }
    let mut material = like;
    material.look.options.y = PULL_M;
    let material = materials.add(material);
    commands.spawn((ZoneLayer, Mesh3d(meshes.add(mesh.build())), MeshMaterial3d(material), Transform::IDENTITY));
}

fn add(mesh: &mut MapMesh, rings: &Rings, frame: &MapFrame, colour: Vec4, lift_m: f32) {
    for [left, right] in rows(rings) {
        let pieces = (((right[0][0] - left[0][0]).max(right[1][0] - left[1][0]) / PIECE_M).ceil().max(1.0)) as usize;
        let at = |end: usize, share: f64| {
            let (from, to) = (left[end], right[end]);
            let place = frame.on_ground(from[0] + (to[0] - from[0]) * share, from[1]);
            [place.x, place.y + lift_m, place.z]
        };
        let mut before: Option<[u32; 2]> = None;
        for piece in 0..=pieces {
            let share = piece as f64 / pieces as f64;
            let pair = [0, 1].map(|end| mesh.corner(at(end, share), [0.0, 1.0, 0.0], colour.to_array(), NO_ELEMENT));
            if let Some([south, north]) = before {
                mesh.quad([south, pair[0], pair[1], north]);
            }
            before = Some(pair);
        }
    }
}

/// Left and right edge of a piece of a row, each with its southern and northern end.
type Row = [[[f64; 2]; 2]; 2];

/// Cuts an area bounded by rings (even–odd) into rows.
fn rows(rings: &Rings) -> Vec<Row> {
    let points = || rings.iter().flatten();
    let low = points().map(|point| point[1]).fold(f64::MAX, f64::min);
    let high = points().map(|point| point[1]).fold(f64::MIN, f64::max);
    if low >= high {
        return Vec::new();
    }
    let height = ((high - low) / MOST_ROWS).max(LEAST_ROW_M);
    let count = ((high - low) / height).ceil() as usize;
    // Edges by the rows they reach into: every row asks only its own.
    let mut edges: Vec<Vec<[[f64; 2]; 2]>> = vec![Vec::new(); count];
    for ring in rings {
        for pair in ring.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            let row = |y: f64| (((y - low) / height) as usize).min(count - 1);
            for list in &mut edges[row(a[1].min(b[1]))..=row(a[1].max(b[1]))] {
                list.push([a, b]);
            }
        }
    }
    let mut out = Vec::new();
    for (row, edges) in edges.iter().enumerate() {
        let (south, north) = (low + row as f64 * height, low + (row + 1) as f64 * height);
        let crossings = |y: f64| {
            let mut found: Vec<f64> = edges
                .iter()
                .filter(|[a, b]| (a[1] > y) != (b[1] > y))
                .map(|[a, b]| a[0] + (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]))
                .collect();
            found.sort_unstable_by(f64::total_cmp);
            found
        };
        let middle = crossings(0.5 * (south + north));
        // Just inside of the row, where its own edges still count.
        let (below, above) = (crossings(south + 1e-6 * height), crossings(north - 1e-6 * height));
        let end = |side: &Vec<f64>, at: usize| if side.len() == middle.len() { side[at] } else { middle[at] };
        for at in (0..middle.len() / 2 * 2).step_by(2) {
            let edge = |at: usize| [[end(&below, at), south], [end(&above, at), north]];
            out.push([edge(at), edge(at + 1)]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_cover_an_area_without_its_hole() {
        let ring = |size: f64| vec![[-size, -size], [size, -size], [size, size], [-size, size], [-size, -size]];
        let area: f64 = rows(&vec![ring(60.0), ring(30.0)])
            .iter()
            .map(|[left, right]| {
                let width = |end: usize| right[end][0] - left[end][0];
                0.5 * (width(0) + width(1)) * (left[1][1] - left[0][1])
            })
            .sum();
        assert!((area - (120.0 * 120.0 - 60.0 * 60.0)).abs() < 1e-3, "{area}");
    }
}
