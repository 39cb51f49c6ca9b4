//! The camera and the hands on it.
//!
//! As in map programs: left drag moves the ground with the hand, right or middle drag turns about the point under the
//! cursor, the wheel zooms towards the cursor, arrows move, Shift+arrows turn, plus and minus zoom. The rig wished for is
//! reached smoothly except while the hand holds the ground. Does not know panels beyond the rectangle they leave free.

mod clear;
pub mod rig;

use bevy::camera::visibility::RenderLayers;
use bevy::camera::{CameraOutputMode, Viewport};
use bevy::core_pipeline::tonemapping::Tonemapping;
use bevy::input::mouse::{AccumulatedMouseScroll, MouseScrollUnit};
use bevy::prelude::*;
use bevy::window::{PrimaryWindow, RequestRedraw};
use bevy_egui::PrimaryEguiContext;

use self::rig::{FIELD_OF_VIEW, Rig};
use super::frame::MapFrame;
use super::quality::Quality;
use super::scene::Picture;
use super::scene::routes::Routes;
use super::schedule::TwinSystems;
use super::session_bridge::ViewWishes;
use super::ui_host::UiState;
use crate::session::ViewRequest;

/// Time constant of smooth movement, s.
const SMOOTH_S: f32 = 0.09;
/// Pointer travel below which a press is a click, px.
pub const CLICK_PX: f32 = 4.0;
/// Air a fit leaves around cards, px.
const CARD_AIR_PX: f32 = 6.0;
/// Nearest distance, m.
const NEAREST_M: f32 = 25.0;

/// Draws and moves the camera.
pub struct CameraPlugin;

impl Plugin for CameraPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Eye>()
            .add_systems(Startup, spawn)
            .add_systems(Update, (follow_wishes, hands, keys, settle).chain().in_set(TwinSystems::Camera));
    }
}

/// The state of the camera.
#[derive(Resource, Default)]
pub struct Eye {
    /// Where it is.
    pub now: Rig,
    /// Where it is going.
    pub target: Rig,
    /// Part of the window the map is drawn in, logical pixels.
    pub area: Rect,
    /// Cards that lie over the map (legend, north arrow), logical pixels.
    pub cards: Vec<Rect>,
    hold: Hold,
    /// The last fit, to follow the layout as long as nobody has moved the map; `None`: never fitted.
    fitted: Option<Fitted>,
}

/// A fit and the layout it was made for.
#[derive(Clone, Debug, PartialEq)]
struct Fitted {
    rig: Rig,
    area: Rect,
    cards: Vec<Rect>,
}

/// What the hand holds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Hold {
    #[default]
    Nothing,
    /// The ground at this point, seen with the rig at the time.
    Ground { point: Vec3, pressed: Vec2 },
    /// Turning about this point.
    Turn { pivot: Vec3, last: Vec2 },
}

/// The camera that draws the map.
#[derive(Component)]
pub struct MapCamera;

impl Eye {
    pub fn aspect(&self) -> f32 {
        let size = self.area.size();
        if size.y > 0.0 { (size.x / size.y).max(0.05) } else { 1.6 }
    }

    /// A point of the window in the picture, −1…1.
    pub fn to_unit(&self, cursor: Vec2) -> Vec2 {
        let size = self.area.size().max(Vec2::ONE);
        let at = (cursor - self.area.min) / size * 2.0 - 1.0;
        Vec2::new(at.x, -at.y)
    }

    /// A rectangle of the window in the picture with a little air around it, −1…1, up positive.
    fn card_to_unit(&self, card: Rect) -> Rect {
        let card = card.inflate(CARD_AIR_PX);
        Rect::from_corners(self.to_unit(card.min), self.to_unit(card.max))
    }

    /// Where a place appears in the window, logical pixels, and its depth.
    pub fn to_window(&self, place: Vec3) -> Option<(Vec2, f32)> {
        let (at, depth) = self.now.project(place, self.aspect())?;
        let at = Vec2::new(at.x, -at.y) * 0.5 + 0.5;
        Some((self.area.min + at * self.area.size(), depth))
    }

    /// Size of a logical pixel at a depth, m.
    pub fn pixel_m(&self, depth_m: f32) -> f32 {
        Rig::pixel_m(depth_m, self.area.height())
    }

    /// Whether the hand moves the map.
    pub fn is_held(&self, cursor: Option<Vec2>) -> bool {
        match (self.hold, cursor) {
            (Hold::Ground { pressed, .. }, Some(cursor)) => pressed.distance(cursor) > CLICK_PX,
            (Hold::Turn { .. }, _) => true,
            _ => false,
        }
    }

    /// Aims at the whole network.
    pub fn fit(&mut self, frame: &MapFrame, routes: &Routes) {
        let centre = Vec3::new(0.0, frame.ground.at(0.0, 0.0), 0.0);
        let aspect = self.aspect();
        self.target.fit(centre, frame.half_extent_m, aspect);
        let places: Vec<Vec3> = routes.places.iter().flatten().map(|place| place.position).collect();
        let cards: Vec<Rect> = self.cards.iter().map(|card| self.card_to_unit(*card)).collect();
        self.target = clear::fit(self.target, &places, aspect, &cards);
        self.fitted = Some(Fitted { rig: self.target, area: self.area, cards: self.cards.clone() });
    }

    /// Whether panels or cards have moved since a fit that nobody has touched.
    fn is_fitted_to_another_layout(&self) -> bool {
        let moved = |fitted: &Fitted| fitted.area != self.area || fitted.cards != self.cards;
        self.fitted.as_ref().is_some_and(|fitted| fitted.rig == self.target && moved(fitted))
    }

    /// Is at once where it was going.
    pub fn jump(&mut self) {
        self.now = self.target;
    }

    fn limits_m(frame: Option<&MapFrame>) -> [f32; 2] {
        [NEAREST_M, frame.map_or(20_000.0, |frame| frame.radius_m() * 8.0 + 500.0)]
    }
}

/// One camera for the map and one for the panels over it, which always covers the whole window.
fn spawn(mut commands: Commands, quality: Res<Quality>) {
    commands.spawn((
        MapCamera,
        Camera3d::default(),
        Camera { order: 0, ..default() },
        Projection::Perspective(PerspectiveProjection { fov: FIELD_OF_VIEW, near: 1.0, far: 500_000.0, ..default() }),
        Tonemapping::None,
        quality.msaa(),
        Transform::default(),
    ));
    commands.spawn((
        PrimaryEguiContext,
        Camera2d,
        RenderLayers::none(),
        Camera {
            order: 1,
            output_mode: CameraOutputMode::Write {
                // egui draws colours already multiplied by their alpha; multiplying again greys every edge.
                blend_state: Some(bevy::render::render_resource::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
                clear_color: ClearColorConfig::None,
            },
            clear_color: ClearColorConfig::Custom(Color::NONE),
            ..default()
        },
        quality.msaa(),
    ));
}

/// Flights asked for by commands, and the first look at a new network.
fn follow_wishes(mut eye: ResMut<Eye>, picture: Res<Picture>, mut wishes: ResMut<ViewWishes>, quality: Res<Quality>) {
    let Some(frame) = &picture.frame else { return };
    if eye.area.width() < 2.0 {
        return;
    }
    if eye.fitted.is_none() || wishes.new_network {
        wishes.new_network = false;
        eye.target = Rig::default();
        eye.fit(frame, &picture.routes);
        eye.jump();
    } else if eye.is_fitted_to_another_layout() {
        eye.fit(frame, &picture.routes);
    }
    for wish in std::mem::take(&mut wishes.queue) {
        match wish {
            ViewRequest::Fit => eye.fit(frame, &picture.routes),
            ViewRequest::North => eye.target.heading = 0.0,
            ViewRequest::Top => eye.target.pitch = std::f32::consts::FRAC_PI_2 - 0.001,
            ViewRequest::FlyTo { x_m, y_m, radius_m, .. } => {
                let centre = frame.on_ground(x_m, y_m);
                let radius = (radius_m as f32).max(60.0);
                let aspect = eye.aspect();
                eye.target.fit(centre, [radius, radius], aspect);
                // Without graphics card the frames of a flight would take longer than they please.
                if !quality.animated {
                    eye.jump();
                }
            }
            ViewRequest::Screenshot { path } => wishes.screenshots.push(path),
        }
    }
}

/// Mouse.
fn hands(
    mut eye: ResMut<Eye>,
    picture: Res<Picture>,
    ui: Res<UiState>,
    buttons: Res<ButtonInput<MouseButton>>,
    scroll: Res<AccumulatedMouseScroll>,
    window: Query<&Window, With<PrimaryWindow>>,
) {
    let Some(cursor) = window.iter().next().and_then(Window::cursor_position) else { return };
    let ground = picture.frame.as_ref().map(|frame| &frame.ground);
    let limits_m = Eye::limits_m(picture.frame.as_ref());
    let aspect = eye.aspect();
    let unit = eye.to_unit(cursor);
    let free = ui.map_has_pointer && eye.area.contains(cursor);

    if free && buttons.just_pressed(MouseButton::Left) {
        let point = eye.now.ground_under(unit, aspect, ground);
        eye.hold = Hold::Ground { point, pressed: cursor };
    } else if free && (buttons.just_pressed(MouseButton::Right) || buttons.just_pressed(MouseButton::Middle)) {
        let pivot = eye.now.ground_under(unit, aspect, ground);
        eye.hold = Hold::Turn { pivot, last: cursor };
    }
    match eye.hold {
        Hold::Ground { point, pressed } if buttons.pressed(MouseButton::Left) => {
            if pressed.distance(cursor) > CLICK_PX {
                // The plane at the height of the point held: the point stays under the cursor exactly.
                let (from, direction) = eye.now.ray(unit, aspect);
                if direction.y < -0.02 {
                    let travelled = ((point.y - from.y) / direction.y).min(eye.now.distance_m * 8.0);
                    let shift = point - (from + direction * travelled);
                    let mut moved = eye.now;
                    moved.focus += Vec3::new(shift.x, 0.0, shift.z);
                    eye.now = moved;
                    eye.target = moved;
                }
            }
        }
        Hold::Turn { pivot, last } if buttons.pressed(MouseButton::Right) || buttons.pressed(MouseButton::Middle) => {
            let delta = cursor - last;
            let mut turned = eye.now;
            turned.orbit(pivot, delta.x * 0.006, delta.y * 0.005);
            eye.now = turned;
            eye.target = turned;
            eye.hold = Hold::Turn { pivot, last: cursor };
        }
        Hold::Nothing => {}
        _ => {
            eye.hold = Hold::Nothing;
            if let Some(ground) = ground {
                let mut rested = eye.target;
                rested.rest_on(ground, limits_m);
                if eye.now == eye.target {
                    eye.now = rested;
                }
                eye.target = rested;
            }
        }
    }
    let steps = match scroll.unit {
        MouseScrollUnit::Line => scroll.delta.y,
        MouseScrollUnit::Pixel => scroll.delta.y / 60.0,
    };
    if free && steps != 0.0 {
        // Aims from the target, so that several clicks of the wheel add up while the camera is still moving.
        let pivot = eye.now.ground_under(unit, aspect, ground);
        let mut target = eye.target;
        target.zoom(0.82_f32.powf(steps), pivot, limits_m);
        eye.target = target;
    }
}

/// Keyboard.
fn keys(
    mut eye: ResMut<Eye>,
    picture: Res<Picture>,
    ui: Res<UiState>,
    keys: Res<ButtonInput<KeyCode>>,
    time: Res<Time>,
    open: Res<super::session_bridge::Open>,
) {
    if ui.keyboard_taken || keys.any_pressed([KeyCode::ControlLeft, KeyCode::ControlRight, KeyCode::AltLeft]) {
        return;
    }
    let pressed = |key: KeyCode| f32::from(u8::from(keys.pressed(key)));
    // While hours are shown these two are the playhead's.
    let sideways = f32::from(u8::from(!open.session.shows_time()));
    let x = sideways * (pressed(KeyCode::ArrowRight) - pressed(KeyCode::ArrowLeft));
    let y = pressed(KeyCode::ArrowUp) - pressed(KeyCode::ArrowDown);
    let nearer = pressed(KeyCode::Equal) + pressed(KeyCode::NumpadAdd) + pressed(KeyCode::PageUp)
        - pressed(KeyCode::Minus)
        - pressed(KeyCode::NumpadSubtract)
        - pressed(KeyCode::PageDown);
    if x == 0.0 && y == 0.0 && nearer == 0.0 {
        return;
    }
    // A first key press after idling comes with a long frame; it must not throw the camera across the city.
    let seconds = time.delta_secs().clamp(0.01, 0.1);
    let mut target = eye.target;
    if keys.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]) {
        let pivot = target.focus;
        target.orbit(pivot, x * seconds * 1.4, -y * seconds * 0.9);
    } else {
        let (sin, cos) = target.heading.sin_cos();
        let step = target.distance_m * 0.55 * seconds;
        target.focus += Vec3::new(cos * x + sin * y, 0.0, sin * x - cos * y) * step;
    }
    if nearer != 0.0 {
        let pivot = target.focus;
        target.zoom((-nearer * seconds * 1.6).exp(), pivot, Eye::limits_m(picture.frame.as_ref()));
    }
    eye.target = target;
}

/// Moves towards the target and hands the result to Bevy.
fn settle(
    mut eye: ResMut<Eye>,
    time: Res<Time>,
    mut cameras: Query<(&mut Transform, &mut Camera), With<MapCamera>>,
    window: Query<&Window, With<PrimaryWindow>>,
    mut redraw: MessageWriter<RequestRedraw>,
) {
    if eye.now != eye.target {
        let share = 1.0 - (-time.delta_secs().clamp(0.005, 0.2) / SMOOTH_S).exp();
        eye.now = eye.now.towards(&eye.target, share);
        if eye.now.is_at(&eye.target) {
            eye.jump();
        } else {
            redraw.write(RequestRedraw);
        }
    }
    let Ok((mut transform, mut camera)) = cameras.single_mut() else { return };
    let wanted = Transform { translation: eye.now.eye(), rotation: eye.now.rotation(), scale: Vec3::ONE };
    transform.set_if_neq(wanted);
    if let Some(window) = window.iter().next() {
        let scale = window.scale_factor();
        let whole = UVec2::new(window.physical_width(), window.physical_height());
        let low = (eye.area.min.max(Vec2::ZERO) * scale).round().as_uvec2().min(whole);
        let high = (eye.area.max.max(Vec2::ZERO) * scale).round().as_uvec2().min(whole);
        // An area squeezed away by panels must not become a viewport of no size.
        let viewport = (high.x > low.x + 8 && high.y > low.y + 8).then(|| Viewport {
            physical_position: low,
            physical_size: high - low,
            ..default()
        });
        let same = match (&camera.viewport, &viewport) {
            (Some(a), Some(b)) => a.physical_position == b.physical_position && a.physical_size == b.physical_size,
            (None, None) => true,
            _ => false,
        };
        if !same {
            camera.viewport = viewport;
        }
    }
}
