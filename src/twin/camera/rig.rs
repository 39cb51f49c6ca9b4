//! The geometry of looking: a point looked at, a distance, a direction. Plain arithmetic without Bevy's world.

use bevy::math::{Quat, Rect, Vec2, Vec3};

use crate::twin::frame::Ground;

/// Vertical angle of view: narrow, like a long lens, so that far and near keep their proportions.
pub const FIELD_OF_VIEW: f32 = 0.52;
/// Lowest and steepest look at the ground, radians below the horizon.
const LOWEST: f32 = 0.14;
const STEEPEST: f32 = std::f32::consts::FRAC_PI_2 - 0.001;

/// Where the camera looks and from where.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rig {
    /// The point in the middle of the picture.
    pub focus: Vec3,
    pub distance_m: f32,
    /// Direction of view over ground, radians clockwise from north.
    pub heading: f32,
    /// Radians below the horizon.
    pub pitch: f32,
}

impl Default for Rig {
    fn default() -> Self {
        Rig { focus: Vec3::ZERO, distance_m: 1000.0, heading: 0.0, pitch: 0.85 }
    }
}

impl Rig {
    pub fn rotation(&self) -> Quat {
        Quat::from_rotation_y(-self.heading) * Quat::from_rotation_x(-self.pitch)
    }

    /// Unit vector of the line of sight.
    pub fn forward(&self) -> Vec3 {
        self.rotation() * Vec3::NEG_Z
    }

    pub fn eye(&self) -> Vec3 {
        self.focus - self.forward() * self.distance_m
    }

    /// The ray through a point of the picture given from −1 (left, bottom) to 1 (right, top).
    pub fn ray(&self, at: Vec2, aspect: f32) -> (Vec3, Vec3) {
        let tangent = (FIELD_OF_VIEW / 2.0).tan();
        let local = Vec3::new(at.x * tangent * aspect, at.y * tangent, -1.0).normalize();
        (self.eye(), self.rotation() * local)
    }

    /// Where a place appears, −1…1 each way, and its distance along the line of sight; `None` behind the eye.
    pub fn project(&self, place: Vec3, aspect: f32) -> Option<(Vec2, f32)> {
        let local = self.rotation().inverse() * (place - self.eye());
        let depth = -local.z;
        if depth <= 0.1 {
            return None;
        }
        let tangent = (FIELD_OF_VIEW / 2.0).tan();
        Some((Vec2::new(local.x / (depth * tangent * aspect), local.y / (depth * tangent)), depth))
    }

    /// Size of a pixel at a depth, m, in a picture this many pixels high.
    pub fn pixel_m(depth_m: f32, height_px: f32) -> f32 {
        2.0 * depth_m.max(0.1) * (FIELD_OF_VIEW / 2.0).tan() / height_px.max(1.0)
    }

    /// The place of the ground under a point of the picture; where the ray goes to the sky, the plane of the focus far
    /// away, and failing that the focus.
    pub fn ground_under(&self, at: Vec2, aspect: f32, ground: Option<&Ground>) -> Vec3 {
        let (from, direction) = self.ray(at, aspect);
        let reach = self.distance_m * 12.0;
        if let Some(hit) = ground.and_then(|ground| ground.hit(from, direction, reach)) {
            return hit;
        }
        if direction.y < -1e-3 {
            let travelled = (self.focus.y - from.y) / direction.y;
            if travelled > 0.0 && travelled < reach {
                return from + direction * travelled;
            }
        }
        self.focus
    }

    /// Moves closer (`factor` below 1) or away so that `pivot` stays where it is in the picture.
    pub fn zoom(&mut self, factor: f32, pivot: Vec3, limits_m: [f32; 2]) {
        let wanted = (self.distance_m * factor).clamp(limits_m[0], limits_m[1]);
        let factor = wanted / self.distance_m;
        self.focus = pivot + (self.focus - pivot) * factor;
        self.distance_m = wanted;
    }

    /// Turns about a point that stays where it is in the picture.
    pub fn orbit(&mut self, pivot: Vec3, turn: f32, tilt: f32) {
        let before = self.rotation();
        let eye = self.eye();
        self.heading = wrap(self.heading + turn);
        self.pitch = (self.pitch + tilt).clamp(LOWEST, STEEPEST);
        let change = self.rotation() * before.inverse();
        let eye = pivot + change * (eye - pivot);
        self.focus = eye + self.forward() * self.distance_m;
    }

    /// Brings the focus back to the height of the ground along the line of sight, the eye staying where it is.
    pub fn rest_on(&mut self, ground: &Ground, limits_m: [f32; 2]) {
        let eye = self.eye();
        let forward = self.forward();
        let height = ground.at(self.focus.x, self.focus.z);
        if forward.y < -0.05 {
            let distance = (height - eye.y) / forward.y;
            if distance.is_finite() && distance > limits_m[0] * 0.5 && distance < limits_m[1] * 2.0 {
                self.distance_m = distance;
                self.focus = eye + forward * distance;
            }
        }
    }

    /// Shows a rectangle on the ground (half extents east–west and north–south) around `centre`, filling the picture.
    pub fn fit(&mut self, centre: Vec3, half_extent_m: [f32; 2], aspect: f32) {
        self.focus = centre;
        let (sin, cos) = self.heading.sin_cos();
        let [east, north] = half_extent_m;
        let across = (east * cos).abs() + (north * sin).abs();
        let ahead = (east * sin).abs() + (north * cos).abs();
        let tangent = (FIELD_OF_VIEW / 2.0).tan();
        // The near edge of the rectangle is the one that must not be cut: it is closer by what leans towards the eye.
        let leaning = ahead * self.pitch.cos();
        let wide = across / (tangent * aspect) + leaning;
        let high = ahead * self.pitch.sin() / tangent + leaning;
        self.distance_m = wide.max(high).max(30.0) * 1.04;
    }

    /// Moves over ground and closer or away until these places fill `window` (in −1…1) one way, in its middle.
    pub fn tighten(&mut self, places: impl Iterator<Item = Vec3> + Clone, aspect: f32, window: Rect) {
        // Perspective makes each step a little wrong; a few of them meet the goal to a pixel.
        for _ in 0..8 {
            let (mut low, mut high) = (Vec2::splat(f32::MAX), Vec2::splat(f32::MIN));
            for (at, _) in places.clone().filter_map(|place| self.project(place, aspect)) {
                (low, high) = (low.min(at), high.max(at));
            }
            if low.x > high.x {
                return;
            }
            let tangent = (FIELD_OF_VIEW / 2.0).tan();
            let growth = ((high - low) / window.size()).max_element();
            let distance_m = (self.distance_m * growth).max(30.0);
            let middle = ((low + high) / 2.0 * self.distance_m - window.center() * distance_m) * tangent;
            let (sin, cos) = self.heading.sin_cos();
            let (right, ahead) = (middle.x * aspect, middle.y / self.pitch.sin());
            self.focus += Vec3::new(cos * right + sin * ahead, 0.0, sin * right - cos * ahead);
            self.distance_m = distance_m;
        }
    }

    /// A step towards another rig, sharing of the way 0…1: angles the short way round, distance in proportion.
    pub fn towards(&self, target: &Rig, share: f32) -> Rig {
        Rig {
            focus: self.focus.lerp(target.focus, share),
            distance_m: self.distance_m * (target.distance_m / self.distance_m).powf(share),
            heading: wrap(self.heading + wrap(target.heading - self.heading) * share),
            pitch: self.pitch + (target.pitch - self.pitch) * share,
        }
    }

    /// Whether a rig is so near that nobody sees the difference.
    pub fn is_at(&self, target: &Rig) -> bool {
        self.focus.distance(target.focus) < 1e-3 * target.distance_m
            && (self.distance_m / target.distance_m - 1.0).abs() < 1e-3
            && wrap(self.heading - target.heading).abs() < 5e-4
            && (self.pitch - target.pitch).abs() < 5e-4
    }
}

/// An angle between −π and π.
fn wrap(angle: f32) -> f32 {
    use std::f32::consts::{PI, TAU};
    (angle + PI).rem_euclid(TAU) - PI
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rig() -> Rig {
        Rig { focus: Vec3::new(10.0, 5.0, -20.0), distance_m: 800.0, heading: 0.7, pitch: 0.6 }
    }

    #[test]
    fn focus_is_in_the_middle_and_projection_inverts_rays() {
        let rig = rig();
        let (at, depth) = rig.project(rig.focus, 1.6).expect("in front");
        assert!(at.length() < 1e-4 && (depth - 800.0).abs() < 0.01);
        let wanted = Vec2::new(0.3, -0.5);
        let (from, direction) = rig.ray(wanted, 1.6);
        let (seen, _) = rig.project(from + direction * 500.0, 1.6).expect("in front");
        assert!(seen.distance(wanted) < 1e-4);
    }

    #[test]
    fn heading_zero_looks_north_with_east_to_the_right() {
        let rig = Rig { heading: 0.0, ..rig() };
        assert!(rig.forward().z < 0.0);
        let east = rig.project(rig.focus + Vec3::X * 50.0, 1.6).expect("in front").0;
        assert!(east.x > 0.0 && east.y.abs() < 1e-4);
    }

    #[test]
    fn zoom_and_orbit_keep_the_point_under_the_cursor() {
        let pivot = Vec3::new(90.0, 5.0, 40.0);
        for change in
            [|rig: &mut Rig, pivot| rig.zoom(0.5, pivot, [1.0, 1e5]), |rig: &mut Rig, pivot| rig.orbit(pivot, 0.4, 0.2)]
        {
            let mut rig = rig();
            let before = rig.project(pivot, 1.6).expect("in front").0;
            change(&mut rig, pivot);
            let after = rig.project(pivot, 1.6).expect("in front").0;
            assert!(before.distance(after) < 2e-3, "{before} {after}");
        }
    }

    #[test]
    fn fitting_shows_all_corners() {
        for pitch in [0.5, 0.85, 1.5] {
            for heading in [0.0, 0.5, 2.0] {
                let mut rig = Rig { pitch, heading, ..Rig::default() };
                rig.fit(Vec3::ZERO, [1500.0, 900.0], 16.0 / 9.0);
                for (x, z) in [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)] {
                    let (at, _) = rig.project(Vec3::new(x * 1500.0, 0.0, z * 900.0), 16.0 / 9.0).expect("in front");
                    assert!(at.x.abs() < 1.02 && at.y.abs() < 1.02, "pitch {pitch} heading {heading}: {at}");
                }
            }
        }
    }

    #[test]
    fn tightening_fills_the_picture_with_the_places() {
        let places = [[-900.0, 300.0], [1200.0, 100.0], [0.0, -200.0]].map(|[x, z]| Vec3::new(x, 0.0, z));
        let mut rig = Rig { heading: 0.4, ..Rig::default() };
        rig.fit(Vec3::ZERO, [1200.0, 300.0], 1.6);
        rig.tighten(places.into_iter(), 1.6, Rect::from_center_half_size(Vec2::ZERO, Vec2::splat(0.9)));
        let seen = places.map(|place| rig.project(place, 1.6).expect("in front").0);
        let greatest = seen.iter().map(|at| at.abs().max_element()).fold(0.0, f32::max);
        assert!((greatest - 0.9).abs() < 0.02, "{greatest}");
    }

    #[test]
    fn the_way_between_headings_is_the_short_one() {
        let a = Rig { heading: 3.0, ..rig() };
        let b = Rig { heading: -3.0, ..rig() };
        assert!(a.towards(&b, 0.5).heading.abs() > 3.0);
    }
}
