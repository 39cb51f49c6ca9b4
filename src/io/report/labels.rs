//! Places for labels on a map so that none covers another: each tries the places round its anchor, near ones first.

/// A box from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Box2 {
    pub x: f32,
    pub y: f32,
    pub width: f32,
    pub height: f32,
}

impl Box2 {
    pub fn meets(&self, other: &Box2) -> bool {
        self.x < other.x + other.width
            && other.x < self.x + self.width
            && self.y < other.y + other.height
            && other.y < self.y + self.height
    }

    pub fn holds(&self, other: &Box2) -> bool {
        other.x >= self.x
            && other.y >= self.y
            && other.x + other.width <= self.x + self.width
            && other.y + other.height <= self.y + self.height
    }

    pub const fn grown(&self, by: f32) -> Box2 {
        Box2 { x: self.x - by, y: self.y - by, width: self.width + 2.0 * by, height: self.height + 2.0 * by }
    }
}

/// Directions tried, as shares of the label's size put between anchor and label.
const DIRECTIONS: usize = 16;

/// What is taken on a map.
#[derive(Clone, Debug)]
pub struct Labels {
    frame: Box2,
    taken: Vec<Box2>,
}

impl Labels {
    pub const fn new(frame: Box2) -> Labels {
        Labels { frame, taken: Vec::new() }
    }

    /// Keeps labels off a place.
    pub fn take(&mut self, place: Box2) {
        self.taken.push(place);
    }

    fn free(&self, place: &Box2) -> bool {
        self.frame.holds(place) && !self.taken.iter().any(|taken| taken.meets(place))
    }

    /// A free place for a label near its anchor, `near` to `far` away from it; taken from now on.
    pub fn place(&mut self, anchor: [f32; 2], width: f32, height: f32, near: f32, far: f32) -> Option<Box2> {
        let mut distance = near;
        while distance <= far {
            for direction in 0..DIRECTIONS {
                // From the right round both ways: labels beside their anchor read best.
                let turn = direction.div_ceil(2) as f32 * if direction % 2 == 0 { 1.0 } else { -1.0 };
                let angle = turn * std::f32::consts::TAU / DIRECTIONS as f32;
                let (sin, cos) = angle.sin_cos();
                // The label's nearest edge, not its middle, stands `distance` away.
                let x = anchor[0] + cos * distance + 0.5 * width * (cos.clamp(-0.5, 0.5) * 2.0) - 0.5 * width;
                let y = anchor[1] - sin * distance - 0.5 * height * (sin.clamp(-0.5, 0.5) * 2.0) - 0.5 * height;
                let place = Box2 { x, y, width, height };
                if self.free(&place) {
                    self.taken.push(place.grown(0.8));
                    return Some(place);
                }
            }
            distance += 0.6 * height;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_one_place_do_not_cover_each_other() {
        let mut labels = Labels::new(Box2 { x: 0.0, y: 0.0, width: 300.0, height: 200.0 });
        let found: Vec<Box2> = (0..40).filter_map(|_| labels.place([150.0, 100.0], 40.0, 9.0, 6.0, 140.0)).collect();
        assert!(found.len() > 20, "{}", found.len());
        for (i, a) in found.iter().enumerate() {
            assert!(found[i + 1..].iter().all(|b| !a.meets(b)));
        }
        assert!(labels.place([150.0, 100.0], 400.0, 9.0, 6.0, 140.0).is_none());
    }
}
