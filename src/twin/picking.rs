//! What is under the cursor: the nearest sign, pipe, node or building on the screen.
//!
//! Works on the same places as the shaders, moved apart and widened as they are, so that what is seen is what is hit. No
//! ray casts through meshes: ten thousand segments are checked in well under a millisecond.

use bevy::math::{Vec2, Vec3};
use bevy::prelude::*;
use bevy::window::PrimaryWindow;

use super::camera::{CLICK_PX, Eye};
use super::overlay::emergency::share_at;
use super::scene::routes::RoutePoint;
use super::scene::{HALF_GAP_PX, Picture, buildings, least_half_px};
use super::schedule::TwinSystems;
use super::session_bridge::{Inbox, Open};
use super::ui_host::UiState;
use crate::network::{ElementKind, ElementRef, LinkKind, Network, Side, ValveCondition};
use crate::session::{Command, ViewSettings};

/// How near the cursor must come, logical pixels.
const REACH_PX: f32 = 6.0;

/// Finds what is under the cursor and selects on click.
pub struct PickingPlugin;

impl Plugin for PickingPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Press>().add_systems(Update, pick.in_set(TwinSystems::Picking));
    }
}

/// Where the left button went down.
#[derive(Resource, Default)]
struct Press {
    at: Option<Vec2>,
    /// Whether the pointer was over the map a frame ago.
    over_map: bool,
}

fn pick(
    open: Res<Open>,
    picture: Res<Picture>,
    eye: Res<Eye>,
    ui: Res<UiState>,
    mouse: (Res<ButtonInput<MouseButton>>, Query<&Window, With<PrimaryWindow>>),
    mut state: (ResMut<Press>, ResMut<Inbox>),
) {
    let (buttons, window) = mouse;
    let (press, inbox) = (&mut state.0, &mut state.1);
    let cursor = window.iter().next().and_then(Window::cursor_position);
    let over_map = cursor.filter(|at| ui.map_has_pointer && eye.area.contains(*at));
    let found = match over_map {
        Some(at) if !eye.is_held(cursor) => nearest(&picture, open.session.network(), open.session.view(), &eye, at),
        _ => None,
    };
    if buttons.just_pressed(MouseButton::Left) {
        press.at = over_map;
    }
    if buttons.just_released(MouseButton::Left)
        && let (Some(pressed), Some(released)) = (press.at.take(), over_map)
        && pressed.distance(released) <= CLICK_PX
    {
        inbox.commands.push(match &found {
            Some(element) => {
                let times = open.session.view().pipe_exaggeration as f32;
                let link = open.session.network().find_link(element);
                let share = link.map_or(0.5, |link| share_at(&picture, &eye, times, link, released));
                Command::Point(element.clone(), share)
            }
            None => Command::ClearSelection,
        });
    }
    // While a panel is under the cursor its rows set the hover themselves; on the way there the map lets go of its own.
    let left = press.over_map && over_map.is_none();
    press.over_map = over_map.is_some();
    if (over_map.is_some() || left) && open.session.hover() != found.as_ref() {
        inbox.commands.push(Command::Hover(found));
    }
}

/// Where a place of a trench appears, moved to its side as the shaders do it; with the size of a pixel there.
pub fn shown_at(
    eye: &Eye,
    position: Vec3,
    lateral: Vec2,
    widest_m: f32,
    least_aside_px: f32,
    exaggeration: f32,
) -> Option<(Vec2, f32)> {
    let (_, depth) = eye.now.project(position, eye.aspect())?;
    let pixel_m = eye.pixel_m(depth);
    let widest = (widest_m * exaggeration).max(least_half_px(widest_m, pixel_m) * pixel_m);
    let aside = lateral * (widest + HALF_GAP_PX * pixel_m).max(least_aside_px * pixel_m);
    let (at, _) = eye.to_window(position + Vec3::new(aside.x, 0.0, aside.y))?;
    Some((at, pixel_m))
}

/// Whether signs of this element stay visible at every distance.
fn is_kept(network: &Network, element: &ElementRef) -> bool {
    network.find_link(element).and_then(|link| network.link(link)).is_some_and(|link| match &link.kind {
        LinkKind::Valve(valve) => valve.opening < 0.005 || valve.condition == ValveCondition::Stuck,
        LinkKind::Source(_) => true,
        _ => false,
    })
}

/// The element at a point of the window.
pub fn nearest(
    picture: &Picture,
    network: &Network,
    view: &ViewSettings,
    eye: &Eye,
    cursor: Vec2,
) -> Option<ElementRef> {
    let exaggeration = view.pipe_exaggeration as f32;
    let shown = |side: Side| match side {
        Side::Supply => view.supply,
        Side::Return => view.return_side,
        Side::Single => true,
    };
    // Signs lie on top; the last drawn is uppermost.
    let sign = picture.signs.iter().rev().filter(|sign| shown(sign.side)).find(|sign| {
        let Some((_, depth)) = eye.now.project(sign.position, eye.aspect()) else { return false };
        let Some(half_px) = sign.half_px(eye.pixel_m(depth), is_kept(network, &sign.element)) else { return false };
        shown_at(eye, sign.position, sign.lateral, sign.widest_m, half_px * 1.04, exaggeration)
            .is_some_and(|(at, _)| at.distance(cursor) <= half_px + 1.0)
    });
    if let Some(sign) = sign {
        return Some(sign.element.clone());
    }
    let mut best: Option<(f32, ElementRef)> = None;
    let mut offer = |distance_px: f32, element: &dyn Fn() -> ElementRef| {
        if distance_px <= REACH_PX && best.as_ref().is_none_or(|(known, _)| distance_px < *known) {
            best = Some((distance_px, element()));
        }
    };
    for place in picture.routes.places.iter().flatten().filter(|place| shown(place.side)) {
        if let Some((at, pixel_m)) = shown_at(eye, place.position, place.lateral, place.radius_m, 0.0, exaggeration) {
            let half_px = (place.radius_m * exaggeration / pixel_m).max(least_half_px(place.radius_m, pixel_m));
            // A node is small and lies on its pipes: it is meant only when the cursor is right on it.
            offer(at.distance(cursor) + 2.5 - half_px.min(4.0), &|| network.node_ref(place.node));
        }
    }
    for route in picture.routes.routes.iter().filter(|route| shown(route.side)) {
        let place =
            |point: &RoutePoint| shown_at(eye, point.position, point.lateral, point.widest_m, 0.0, exaggeration);
        let mut before = route.points.first().and_then(place);
        for point in &route.points[1..] {
            let here = place(point);
            if let (Some((a, _)), Some((b, pixel_m))) = (before, here) {
                let half_px = (route.radius_m * exaggeration / pixel_m).max(least_half_px(route.radius_m, pixel_m));
                offer((distance_to_segment(cursor, a, b) - half_px).max(0.0) + 0.5, &|| network.link_ref(route.link));
            }
            before = here;
        }
    }
    if let Some((_, element)) = best {
        return Some(element);
    }
    (view.buildings && !view.underground).then(|| building_at(picture, network, eye, cursor)).flatten()
}

fn distance_to_segment(p: Vec2, a: Vec2, b: Vec2) -> f32 {
    let along = b - a;
    let share =
        if along.length_squared() > 0.0 { ((p - a).dot(along) / along.length_squared()).clamp(0.0, 1.0) } else { 0.0 };
    p.distance(a + along * share)
}

/// The nearest building whose block the line of sight meets.
fn building_at(picture: &Picture, network: &Network, eye: &Eye, cursor: Vec2) -> Option<ElementRef> {
    let frame = picture.frame.as_ref()?;
    let (from, direction) = eye.now.ray(eye.to_unit(cursor), eye.aspect());
    let mut best: Option<(f32, &crate::network::Name)> = None;
    for (id, building) in network.buildings() {
        let outline = buildings::outline(building, frame);
        if outline.len() < 3 {
            continue;
        }
        let ground = outline.iter().map(|at| frame.ground.at(at.x, at.y)).fold(f32::MAX, f32::min);
        let top = outline.iter().map(|at| frame.ground.at(at.x, at.y)).fold(f32::MIN, f32::max)
            + buildings::height_m(building);
        if let Some(travelled) = meets_prism(from, direction, &outline, ground, top)
            && best.is_none_or(|(known, _)| travelled < known)
        {
            best = Some((travelled, id));
        }
    }
    best.map(|(_, id)| ElementRef::new(ElementKind::Building, id.clone()))
}

/// Distance along a ray to a prism: through its roof, or through a wall.
fn meets_prism(from: Vec3, direction: Vec3, outline: &[Vec2], foot: f32, top: f32) -> Option<f32> {
    let mut nearest: Option<f32> = None;
    let mut take = |travelled: f32| {
        if travelled > 0.0 && nearest.is_none_or(|known| travelled < known) {
            nearest = Some(travelled);
        }
    };
    if direction.y.abs() > 1e-6 {
        let travelled = (top - from.y) / direction.y;
        let at = from + direction * travelled;
        if contains(outline, Vec2::new(at.x, at.z)) {
            take(travelled);
        }
    }
    let (start, along) = (Vec2::new(from.x, from.z), Vec2::new(direction.x, direction.z));
    for i in 0..outline.len() {
        let (a, b) = (outline[i], outline[(i + 1) % outline.len()]);
        let edge = b - a;
        let cross = along.perp_dot(edge);
        if cross.abs() < 1e-9 {
            continue;
        }
        let travelled = (a - start).perp_dot(edge) / cross;
        let share = (a - start).perp_dot(along) / cross;
        let height = from.y + direction.y * travelled;
        if (0.0..=1.0).contains(&share) && (foot..=top).contains(&height) {
            take(travelled);
        }
    }
    nearest
}

fn contains(outline: &[Vec2], p: Vec2) -> bool {
    let mut inside = false;
    for i in 0..outline.len() {
        let (a, b) = (outline[i], outline[(i + 1) % outline.len()]);
        if (a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x {
            inside = !inside;
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ray_meets_roof_and_wall_of_a_block_and_misses_beside_it() {
        let outline = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]].map(Vec2::from_array);
        let down = meets_prism(Vec3::new(5.0, 100.0, 5.0), Vec3::NEG_Y, &outline, 0.0, 20.0);
        assert_eq!(down, Some(80.0));
        let level = meets_prism(Vec3::new(-30.0, 10.0, 5.0), Vec3::X, &outline, 0.0, 20.0);
        assert_eq!(level, Some(30.0));
        assert_eq!(meets_prism(Vec3::new(-30.0, 25.0, 5.0), Vec3::X, &outline, 0.0, 20.0), None);
    }
}
