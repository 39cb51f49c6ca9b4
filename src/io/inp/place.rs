//! Where nodes lie on the map: COORDINATES turned into metres, and places for nodes without any.
//!
//! BACKDROP may say that the coordinates are metres or feet. Mostly it does not, and many files hold those of a sketch;
//! then the pipe lengths tell: the median of length over distance is the scale. Nodes without coordinates go to the middle of their neighbours,
//! nodes without placed neighbours to a row beside the map.

use super::model::Model;
use super::scan::{Scanned, Section, starts};
use super::units::FOOT_M;

/// Places of all nodes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Places {
    /// By node index, m.
    pub(super) nodes_m: Vec<[f64; 2]>,
    /// Metres in one unit of the file's coordinates.
    pub(super) scale: f64,
    /// Indices of nodes that had no coordinates.
    pub(super) guessed: Vec<usize>,
}

/// Ratios this near to metres or feet mean metres or feet: pipes are never drawn to the millimetre.
const NEAR: f64 = 0.05;

pub(super) fn place(model: &Model<'_>, scanned: &Scanned<'_>) -> Places {
    let scale = stated_scale(scanned).unwrap_or_else(|| scale(model));
    let scaled = |[x, y]: [f64; 2]| [x * scale, y * scale];
    let mut placed: Vec<Option<[f64; 2]>> = model.nodes.iter().map(|node| node.position.map(scaled)).collect();
    let guessed: Vec<usize> = (0..placed.len()).filter(|at| placed[*at].is_none()).collect();
    let mut waiting = guessed.clone();
    let neighbours = neighbours(model);
    while !waiting.is_empty() {
        // All of one round look at the round before, so that the order of the file does not matter.
        let found: Vec<(usize, [f64; 2])> = waiting
            .iter()
            .filter_map(|&at| {
                let around: Vec<[f64; 2]> = neighbours[at].iter().filter_map(|&other| placed[other]).collect();
                let count = around.len() as f64;
                let sum = |axis: usize| around.iter().map(|place| place[axis]).sum::<f64>();
                (count > 0.0).then(|| (at, [sum(0) / count, sum(1) / count]))
            })
            .collect();
        if found.is_empty() {
            break;
        }
        for (at, place) in found {
            placed[at] = Some(place);
        }
        waiting.retain(|at| placed[*at].is_none());
    }
    let known = || placed.iter().flatten();
    let right = known().map(|place| place[0]).fold(0.0, f64::max);
    let bottom = known().map(|place| place[1]).fold(0.0, f64::min);
    // A square beside the map, 100 m apart.
    let columns = (waiting.len() as f64).sqrt().ceil().max(1.0) as usize;
    for (order, at) in waiting.into_iter().enumerate() {
        let (column, row) = ((order % columns + 1) as f64, (order / columns) as f64);
        placed[at] = Some([right + 100.0 * column, bottom + 100.0 * row]);
    }
    Places { nodes_m: placed.into_iter().map(|place| place.unwrap_or([0.0; 2])).collect(), scale, guessed }
}

fn neighbours(model: &Model<'_>) -> Vec<Vec<usize>> {
    let mut neighbours = vec![Vec::new(); model.nodes.len()];
    for link in &model.links {
        neighbours[link.from].push(link.to);
        neighbours[link.to].push(link.from);
    }
    neighbours
}

/// Metres in one unit of the coordinates, where the file says so.
fn stated_scale(scanned: &Scanned<'_>) -> Option<f64> {
    let line = scanned.lines(Section::Backdrop).iter().find(|line| starts(line.words[0], "UNIT"))?;
    match line.words.get(1) {
        Some(word) if starts(word, "METER") => Some(1.0),
        Some(word) if starts(word, "FEET") => Some(FOOT_M),
        _ => None,
    }
}

/// Metres in one unit of the coordinates, from the pipe lengths.
fn scale(model: &Model<'_>) -> f64 {
    let mut ratios: Vec<f64> = model
        .links
        .iter()
        .filter_map(|link| {
            if !matches!(link.kind, super::links::LinkType::Pipe { .. }) {
                return None;
            }
            let (from, to) = (model.nodes[link.from].position?, model.nodes[link.to].position?);
            let mut drawn = 0.0;
            let mut last = from;
            for point in link.vertices.iter().copied().chain([to]) {
                drawn += (point[0] - last[0]).hypot(point[1] - last[1]);
                last = point;
            }
            let ratio = model.options.units.length_m(link.length) / drawn;
            ratio.is_normal().then_some(ratio)
        })
        .collect();
    if ratios.is_empty() {
        return 1.0;
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios[ratios.len() / 2];
    [1.0, FOOT_M].into_iter().find(|unit| (median / unit - 1.0).abs() < NEAR).unwrap_or(median)
}
