//! Where the return pipe is drawn when the map has only one line, and which building holds a point.

use super::draft::Draft;
use super::read::Place;

/// Clear distance between the two pipes of a trench (CJJ/T 81 asks for 0.15–0.25 m and more with size; drawn wider so
/// that both can be told apart on a screen).
const CLEAR_M: f64 = 0.6;

/// Unit vector to the right of a direction, where the direction first is turned to point east (north where it is
/// vertical): the same for a line and its reverse.
fn beside(from: Place, to: Place) -> [f64; 2] {
    let (mut x, mut y) = (to.x - from.x, to.y - from.y);
    let length = x.hypot(y);
    if length <= 0.0 {
        return [0.0, 0.0];
    }
    if x < 0.0 || (x == 0.0 && y < 0.0) {
        (x, y) = (-x, -y);
    }
    [y / length, -x / length]
}

/// Shift of every node's return twin, m: sideways of the pipes there, by their clear distance and diameters.
pub(super) fn shifts(draft: &Draft) -> Vec<[f64; 2]> {
    let mut sums = vec![[0.0_f64; 2]; draft.nodes.len()];
    let mut widths = vec![0.0_f64; draft.nodes.len()];
    for (link, pipe) in draft.pipes() {
        let (from, to) = (draft.nodes[link.from].at, draft.nodes[link.to].at);
        let first = link.route.first().copied().unwrap_or(to);
        let last = link.route.last().copied().unwrap_or(from);
        for (node, side) in [(link.from, beside(from, first)), (link.to, beside(last, to))] {
            sums[node] = [sums[node][0] + side[0], sums[node][1] + side[1]];
            widths[node] = widths[node].max(CLEAR_M + pipe.outer_diameter_m);
        }
    }
    sums.iter()
        .zip(widths)
        .map(|([x, y], width)| {
            let length = x.hypot(*y);
            let width = if width > 0.0 { width } else { CLEAR_M };
            // Where the sideways directions cancel, south-east as good as any.
            if length > 1e-6 { [x / length * width, y / length * width] } else { [0.707 * width, -0.707 * width] }
        })
        .collect()
}

/// Bends of a return pipe: those of the supply pipe, moved sideways.
pub(super) fn shifted_route(from: Place, route: &[Place], to: Place, outer_diameter_m: f64) -> Vec<Place> {
    let width = CLEAR_M + outer_diameter_m;
    (0..route.len())
        .map(|at| {
            let before = if at == 0 { from } else { route[at - 1] };
            let after = route.get(at + 1).copied().unwrap_or(to);
            let [x, y] = beside(before, after);
            Place { x: route[at].x + x * width, y: route[at].y + y * width, z: route[at].z }
        })
        .collect()
}

/// Whether an outline holds a point (even–odd rule).
pub(super) fn holds(outline: &[Place], point: Place) -> bool {
    let mut inside = false;
    let mut last = outline.len().wrapping_sub(1);
    for at in 0..outline.len() {
        let (a, b) = (outline[at], outline[last]);
        if (a.y > point.y) != (b.y > point.y) && point.x < (b.x - a.x) * (point.y - a.y) / (b.y - a.y) + a.x {
            inside = !inside;
        }
        last = at;
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f64, y: f64) -> Place {
        Place { x, y, z: None }
    }

    #[test]
    fn the_side_does_not_depend_on_the_direction() {
        assert_eq!(beside(at(0.0, 0.0), at(3.0, 4.0)), beside(at(3.0, 4.0), at(0.0, 0.0)));
        assert_eq!(beside(at(0.0, 0.0), at(0.0, 2.0)), [1.0, 0.0]);
    }

    #[test]
    fn points_in_outlines() {
        let square = [at(0.0, 0.0), at(10.0, 0.0), at(10.0, 10.0), at(0.0, 10.0)];
        assert!(holds(&square, at(5.0, 5.0)) && !holds(&square, at(11.0, 5.0)) && !holds(&[], at(0.0, 0.0)));
    }
}
