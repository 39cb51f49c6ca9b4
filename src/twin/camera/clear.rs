//! Fitting the network into what the cards over the map leave free.
//!
//! Legend, north arrow and scale lie over the map. The network is fitted into the whole picture; where it then runs under
//! a card, the picture is cut along one side of that card and the larger fit of the four wins, card by card.
//! Plain geometry; who draws the cards does not matter here.

use bevy::math::{Rect, Vec2, Vec3};

use super::rig::Rig;

/// Share of the free rectangle a fit fills with the network.
const FIT_SHARE: f32 = 0.92;
/// Cards cut away at most; more than that leave no map.
const MOST_CUTS: usize = 3;
/// Narrowest free rectangle, of the −1…1 of the picture.
const NARROWEST: f32 = 0.7;
/// Places looked at while choosing; the chosen fit looks at all of them.
const CHOOSING_PLACES: usize = 2000;

/// The picture without its upper edge, where symbols of plants stand above their places.
fn whole() -> Rect {
    Rect { min: Vec2::NEG_ONE, max: Vec2::new(1.0, 0.86) }
}

/// Aims at places so that they fill the picture without running under `cards`: rectangles in −1…1, up positive.
pub fn fit(start: Rig, places: &[Vec3], aspect: f32, cards: &[Rect]) -> Rig {
    let some: Vec<Vec3> = places.iter().copied().step_by(places.len() / CHOOSING_PLACES + 1).collect();
    let free = choose(start, &some, aspect, cards, whole(), 0).map_or(whole(), |(_, free)| free);
    fitted(start, places, aspect, free)
}

/// The nearest rig whose picture is clear, with the rectangle it fills; `None` where nothing sensible is left.
fn choose(start: Rig, places: &[Vec3], aspect: f32, cards: &[Rect], free: Rect, cuts: usize) -> Option<(Rig, Rect)> {
    if free.width().min(free.height()) < NARROWEST {
        return None;
    }
    let rig = fitted(start, places, aspect, free);
    let hidden =
        |card: &&Rect| places.iter().any(|&place| rig.project(place, aspect).is_some_and(|(at, _)| card.contains(at)));
    let Some(card) = cards.iter().find(hidden) else { return Some((rig, free)) };
    if cuts == MOST_CUTS {
        return None;
    }
    let sides = [
        Rect { min: Vec2::new(card.max.x, free.min.y), ..free },
        Rect { max: Vec2::new(card.min.x, free.max.y), ..free },
        Rect { min: Vec2::new(free.min.x, card.max.y), ..free },
        Rect { max: Vec2::new(free.max.x, card.min.y), ..free },
    ];
    let clear = sides.into_iter().filter_map(|side| choose(start, places, aspect, cards, side, cuts + 1));
    clear.min_by(|a, b| a.0.distance_m.total_cmp(&b.0.distance_m))
}

fn fitted(mut rig: Rig, places: &[Vec3], aspect: f32, free: Rect) -> Rig {
    let filled = Rect::from_center_half_size(free.center(), free.half_size() * FIT_SHARE);
    rig.tighten(places.iter().copied(), aspect, filled);
    rig
}

#[cfg(test)]
mod tests {
    use super::*;

    fn street_grid() -> Vec<Vec3> {
        (0..30).flat_map(|x| (0..20).map(move |y| Vec3::new(x as f32 * 100.0, 0.0, y as f32 * 100.0))).collect()
    }

    fn start() -> Rig {
        let mut rig = Rig::default();
        rig.fit(Vec3::new(1500.0, 0.0, 1000.0), [1500.0, 1000.0], 1.6);
        rig
    }

    #[test]
    fn nothing_runs_under_a_card_and_everything_stays_in_the_picture() {
        let cards = [
            Rect { min: Vec2::new(-0.97, -0.96), max: Vec2::new(-0.2, -0.3) },
            Rect { min: Vec2::new(0.8, 0.7), max: Vec2::ONE },
        ];
        let places = street_grid();
        let rig = fit(start(), &places, 1.6, &cards);
        for place in places {
            let (at, _) = rig.project(place, 1.6).expect("in front of the eye");
            assert!(at.abs().max_element() <= 1.0, "{place} is outside at {at}");
            assert!(!cards.iter().any(|card| card.contains(at)), "{place} is under a card at {at}");
        }
    }

    #[test]
    fn a_card_nobody_is_under_costs_nothing() {
        let places = street_grid();
        let corner = Rect { min: Vec2::new(0.97, 0.97), max: Vec2::ONE };
        assert_eq!(fit(start(), &places, 1.6, &[corner]), fit(start(), &places, 1.6, &[]));
    }

    #[test]
    fn cards_that_leave_nothing_are_ignored() {
        let places = street_grid();
        let everything = Rect::from_center_half_size(Vec2::ZERO, Vec2::ONE);
        assert_eq!(fit(start(), &places, 1.6, &[everything]), fit(start(), &places, 1.6, &[]));
    }
}
