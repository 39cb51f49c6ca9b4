//! Ground and streets.

use bevy::math::{Vec2, Vec3};

use super::materials::{MapMesh, NO_ELEMENT};
use crate::network::Backdrop;
use crate::twin::frame::{Ground, MapFrame};
use crate::twin::palette::Palette;

/// Streets without a width are drawn this wide, m.
const DEFAULT_STREET_M: f32 = 8.0;

/// The ground as a mesh, its rim fading into the background.
pub fn ground(frame: &MapFrame, palette: &Palette) -> MapMesh {
    let ground = extended(frame);
    let (low, high) = ground.height_m.iter().fold((f32::MAX, f32::MIN), |(l, h), y| (l.min(*y), h.max(*y)));
    let relief = (high - low).max(1.0);
    let mut mesh = MapMesh::default();
    for row in 0..ground.rows {
        for column in 0..ground.columns {
            let x = ground.west_m + column as f32 * ground.cell_m[0];
            let z = -(ground.south_m + row as f32 * ground.cell_m[1]);
            let y = ground.height_m[row * ground.columns + column];
            let slope = |dx: f32, dz: f32| ground.at(x + dx, z + dz) - ground.at(x - dx, z - dz);
            let normal = Vec3::new(
                -slope(ground.cell_m[0], 0.0) / (2.0 * ground.cell_m[0]),
                // Gentle hills would hardly show: the shading exaggerates them, the geometry does not.
                0.45,
                -slope(0.0, ground.cell_m[1]) / (2.0 * ground.cell_m[1]),
            )
            .normalize();
            let tint = palette.ground_low.lerp(palette.ground_high, ((y - low) / relief).clamp(0.0, 1.0));
            let rim = (column.min(ground.columns - 1 - column)).min(row.min(ground.rows - 1 - row));
            let solid = (rim as f32 / (0.12 * ground.columns.min(ground.rows) as f32).max(1.0)).min(1.0);
            mesh.corner([x, y, z], normal.to_array(), tint.extend(solid).to_array(), NO_ELEMENT);
        }
    }
    let columns = ground.columns as u32;
    for row in 0..ground.rows as u32 - 1 {
        for column in 0..columns - 1 {
            let south_west = row * columns + column;
            mesh.quad([south_west, south_west + 1, south_west + columns + 1, south_west + columns]);
        }
    }
    mesh
}

/// The ground with a margin all around, so that it does not end at the last pipe, on at least some dozen cells.
fn extended(frame: &MapFrame) -> Ground {
    let inner = &frame.ground;
    let span = [(inner.columns.max(2) - 1) as f32 * inner.cell_m[0], (inner.rows.max(2) - 1) as f32 * inner.cell_m[1]];
    let margin = 0.25 * span[0].max(span[1]);
    let wanted = |axis: usize, count: usize| {
        let cell = (span[axis] / (count.max(2) - 1) as f32).min(span[axis] / 32.0);
        let margin_cells = (margin / cell).ceil();
        (cell, margin_cells, (span[axis] / cell).round() as usize + 1 + 2 * margin_cells as usize)
    };
    let (cell_x, margin_x, columns) = wanted(0, inner.columns);
    let (cell_y, margin_y, rows) = wanted(1, inner.rows);
    let mut out = Ground {
        west_m: inner.west_m - margin_x * cell_x,
        south_m: inner.south_m - margin_y * cell_y,
        cell_m: [cell_x, cell_y],
        columns,
        rows,
        height_m: Vec::with_capacity(columns * rows),
    };
    for row in 0..rows {
        for column in 0..columns {
            let x = out.west_m + column as f32 * cell_x;
            let z = -(out.south_m + row as f32 * cell_y);
            out.height_m.push(inner.at(x, z));
        }
    }
    out
}

/// Rivers and lakes as flat areas; never below the ground that is drawn around them.
pub fn water(backdrop: &Backdrop, frame: &MapFrame, palette: &Palette) -> MapMesh {
    let mut mesh = MapMesh::default();
    for water in &backdrop.water {
        let mut outline: Vec<Vec3> = water
            .outline_m
            .iter()
            .filter(|point| point.iter().all(|value| value.is_finite()))
            .map(|[x, y]| frame.to_picture(*x, *y, water.level_m))
            .collect();
        let flat = |outline: &[Vec3]| outline.iter().map(|at| Vec2::new(at.x, at.z)).collect::<Vec<_>>();
        let area: f32 = {
            let line = flat(&outline);
            (0..line.len()).map(|i| line[i].perp_dot(line[(i + 1) % line.len()])).sum()
        };
        if area < 0.0 {
            outline.reverse();
        }
        let corners: Vec<u32> = outline
            .iter()
            .map(|at| {
                let y = at.y.max(frame.ground.at(at.x, at.z)) + 0.1;
                mesh.corner([at.x, y, at.z], [0.0, 1.0, 0.0], palette.water.extend(1.0).to_array(), NO_ELEMENT)
            })
            .collect();
        for [a, b, c] in super::buildings::triangles(&flat(&outline)) {
            mesh.triangle([corners[a as usize], corners[c as usize], corners[b as usize]]);
        }
    }
    mesh
}

/// All streets as flat ribbons on the ground.
pub fn streets(backdrop: &Backdrop, frame: &MapFrame, palette: &Palette) -> MapMesh {
    let mut mesh = MapMesh::default();
    let step_m = frame.ground.cell_m[0].min(frame.ground.cell_m[1]).max(8.0);
    for street in &backdrop.streets {
        let half = if street.width_m > 0.0 { street.width_m as f32 } else { DEFAULT_STREET_M } / 2.0;
        let corners: Vec<Vec3> = street
            .line_m
            .iter()
            .filter(|point| point.iter().all(|value| value.is_finite()))
            .map(|[x, y]| frame.on_ground(*x, *y))
            .collect();
        let mut line: Vec<Vec2> = Vec::new();
        for pair in corners.windows(2) {
            let (a, b) = (Vec2::new(pair[0].x, pair[0].z), Vec2::new(pair[1].x, pair[1].z));
            let pieces = ((a.distance(b) / step_m) as usize).clamp(1, 400);
            line.extend((0..pieces).map(|i| a.lerp(b, i as f32 / pieces as f32)));
        }
        if let Some(last) = corners.last() {
            line.push(Vec2::new(last.x, last.z));
        }
        line.dedup_by(|a, b| a.distance_squared(*b) < 0.01);
        let mut previous: Option<[u32; 2]> = None;
        for i in 0..line.len() {
            let into = if i > 0 { (line[i] - line[i - 1]).normalize_or_zero() } else { Vec2::ZERO };
            let out = if i + 1 < line.len() { (line[i + 1] - line[i]).normalize_or_zero() } else { Vec2::ZERO };
            let along = (into + out).normalize_or(if out == Vec2::ZERO { into } else { out });
            // Half a width further at the ends closes the corners of crossings.
            let mut centre = line[i];
            if i == 0 {
                centre -= along * half * 0.9;
            } else if i + 1 == line.len() {
                centre += along * half * 0.9;
            }
            let side = Vec2::new(-along.y, along.x) * half;
            let pair = [centre - side, centre + side].map(|at| {
                let y = frame.ground.at(at.x, at.y) + 0.15;
                mesh.corner([at.x, y, at.y], [0.0, 1.0, 0.0], palette.street.extend(1.0).to_array(), NO_ELEMENT)
            });
            if let Some([left, right]) = previous {
                mesh.quad([left, right, pair[1], pair[0]]);
            }
            previous = Some(pair);
        }
    }
    mesh
}
