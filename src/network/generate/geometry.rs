//! The little plane geometry a city plan needs; exactly rounded operations only.

/// A place or direction on the map, m.
pub(super) type Point = [f64; 2];

pub(super) fn add(a: Point, b: Point) -> Point {
    [a[0] + b[0], a[1] + b[1]]
}

pub(super) fn sub(a: Point, b: Point) -> Point {
    [a[0] - b[0], a[1] - b[1]]
}

pub(super) fn scaled(a: Point, factor: f64) -> Point {
    [a[0] * factor, a[1] * factor]
}

pub(super) fn dot(a: Point, b: Point) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

pub(super) fn length(a: Point) -> f64 {
    dot(a, a).sqrt()
}

pub(super) fn distance(a: Point, b: Point) -> f64 {
    length(sub(a, b))
}

/// Same direction with length 1; east for the zero vector.
pub(super) fn unit(a: Point) -> Point {
    let length = length(a);
    if length > 0.0 { scaled(a, 1.0 / length) } else { [1.0, 0.0] }
}

/// Turned by a quarter to the right.
pub(super) fn right_of(a: Point) -> Point {
    [a[1], -a[0]]
}

pub(super) fn between(a: Point, b: Point, share: f64) -> Point {
    add(scaled(a, 1.0 - share), scaled(b, share))
}

/// Turned about a centre by the angle whose half has this tangent (exact without sines).
pub(super) fn turned(a: Point, centre: Point, half_tangent: f64) -> Point {
    let scale = 1.0 / (1.0 + half_tangent * half_tangent);
    let (cosine, sine) = ((1.0 - half_tangent * half_tangent) * scale, 2.0 * half_tangent * scale);
    let [x, y] = sub(a, centre);
    add(centre, [cosine * x - sine * y, sine * x + cosine * y])
}

/// Share along a → b of the foot of the perpendicular from a point, within 0…1.
pub(super) fn foot(point: Point, a: Point, b: Point) -> f64 {
    let along = sub(b, a);
    let square = dot(along, along);
    if square > 0.0 { (dot(sub(point, a), along) / square).clamp(0.0, 1.0) } else { 0.0 }
}

pub(super) fn distance_to_segment(point: Point, a: Point, b: Point) -> f64 {
    distance(point, between(a, b, foot(point, a, b)))
}

pub(super) fn distance_to_line(point: Point, line: &[Point]) -> f64 {
    line.windows(2).map(|part| distance_to_segment(point, part[0], part[1])).fold(f64::INFINITY, f64::min)
}

/// Mean of the corners.
pub(super) fn middle(corners: &[Point]) -> Point {
    let sum = corners.iter().fold([0.0, 0.0], |sum, &corner| add(sum, corner));
    scaled(sum, 1.0 / corners.len().max(1) as f64)
}

pub(super) fn inside(point: Point, corners: &[Point]) -> bool {
    let mut inside = false;
    let mut last = corners.len().wrapping_sub(1);
    for next in 0..corners.len() {
        let (a, b) = (corners[next], corners[last]);
        if (a[1] > point[1]) != (b[1] > point[1]) && point[0] < (b[0] - a[0]) * (point[1] - a[1]) / (b[1] - a[1]) + a[0]
        {
            inside = !inside;
        }
        last = next;
    }
    inside
}

/// Area of a simple polygon.
pub(super) fn area(corners: &[Point]) -> f64 {
    let mut twice = 0.0;
    for (index, a) in corners.iter().enumerate() {
        let b = corners[(index + 1) % corners.len()];
        twice += a[0] * b[1] - b[0] * a[1];
    }
    0.5 * twice.abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polygon_measures_are_those_of_an_l() {
        let l = [[0.0, 0.0], [4.0, 0.0], [4.0, 1.0], [1.0, 1.0], [1.0, 3.0], [0.0, 3.0]];
        assert_eq!(area(&l), 6.0);
        assert!(inside([0.5, 2.5], &l) && !inside([2.0, 2.0], &l));
        assert_eq!(distance_to_segment([5.0, 3.0], [0.0, 0.0], [4.0, 0.0]), 10f64.sqrt());
    }

    #[test]
    fn turning_keeps_distance_to_the_centre() {
        let centre = [2.0, -1.0];
        let turned = turned([5.0, 3.0], centre, 0.3);
        assert!((distance(turned, centre) - 5.0).abs() < 1e-12);
    }
}
