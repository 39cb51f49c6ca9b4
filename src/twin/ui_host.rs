//! Hosts egui: panels around the map, and what is painted over the map itself.

use bevy::prelude::*;
use bevy::window::RequestRedraw;
use bevy_egui::{EguiContexts, EguiGlobalSettings, EguiPlugin, EguiPrimaryContextPass, egui};

use super::camera::Eye;
use super::overlay::{emergency, field, furniture, labels};
use super::quality::Quality;
use super::scene::Picture;
use super::session_bridge::{Inbox, Open};
use crate::panels::{self, SceneInfo};

/// Draws panels and overlays.
pub struct UiHostPlugin;

impl Plugin for UiHostPlugin {
    fn build(&self, app: &mut App) {
        app.add_plugins(egui_plugin())
            .insert_resource(EguiGlobalSettings { auto_create_primary_context: false, ..default() })
            .init_resource::<UiState>()
            .add_systems(EguiPrimaryContextPass, draw);
    }
}

/// egui drawn one texture at a time: software adapters cannot bind arrays of them, and there are only a few.
pub fn egui_plugin() -> EguiPlugin {
    EguiPlugin { bindless_mode_array_size: None }
}

/// What panels mean for the map below them.
#[derive(Resource, Default)]
pub struct UiState {
    /// The pointer is over the map and no panel, popup or drag wants it.
    pub map_has_pointer: bool,
    /// Someone is typing.
    pub keyboard_taken: bool,
}

fn draw(
    mut contexts: EguiContexts,
    open: Res<Open>,
    picture: Res<Picture>,
    mut eye: ResMut<Eye>,
    mut state: ResMut<UiState>,
    moving: (Res<Quality>, Res<Time>),
    out: (ResMut<Inbox>, MessageWriter<RequestRedraw>),
) -> Result {
    let (mut inbox, mut redraw) = out;
    let (quality, time) = moving;
    let ctx = contexts.ctx_mut()?.clone();
    // Twice a second a whole picture, for as long as somebody might type.
    if quality.by_processor && ctx.global_style().visuals.text_cursor.blink {
        ctx.all_styles_mut(|style| style.visuals.text_cursor.blink = false);
    }
    let pointer = ctx.input(|input| input.pointer.latest_pos());
    let scene = SceneInfo {
        cursor_m: pointer.filter(|_| state.map_has_pointer).and_then(|at| place_under(&eye, &picture, at)),
        heading_rad: Some(f64::from(eye.now.heading)),
    };
    let mut commands = Vec::new();
    let layout = panels::draw(&ctx, &open.session, &scene, &mut commands);
    // What is drawn is the state before these commands: they want another frame.
    if !commands.is_empty() {
        inbox.commands.append(&mut commands);
        redraw.write(RequestRedraw);
    }
    let free = layout.central;
    let area = rectangle(free);
    eye.cards = layout.legend.into_iter().chain([furniture::north_card(free)]).map(rectangle).collect();
    if eye.area != area {
        eye.area = area;
        redraw.write(RequestRedraw);
    }
    let painter = egui::Painter::new(ctx.clone(), egui::LayerId::background(), free);
    // Names keep clear of the cards and of what an emergency shows.
    let mut taken: Vec<egui::Rect> = layout.legend.into_iter().chain([furniture::north_card(free)]).collect();
    let seconds = if quality.animated { time.elapsed_secs_wrapped() } else { 0.0 };
    emergency::draw(&painter, &open.session, &picture, &eye, seconds, &mut taken);
    field::draw(&painter, &open.session, &picture, &eye, &mut taken);
    labels::draw(&painter, &open.session, &picture, &eye, taken);
    furniture::scale_and_north(&painter, free, &eye, open.session.theme(), true);
    let on_map = pointer.is_some_and(|at| free.contains(at)) && !layout.wants_pointer;
    if let (true, Some(at)) = (on_map, pointer) {
        labels::tooltip(&painter, free, at, &open.session);
    }
    if state.map_has_pointer != on_map || state.keyboard_taken != layout.wants_keyboard {
        (state.map_has_pointer, state.keyboard_taken) = (on_map, layout.wants_keyboard);
        redraw.write(RequestRedraw);
    }
    Ok(())
}

fn rectangle(rect: egui::Rect) -> Rect {
    Rect::new(rect.min.x, rect.min.y, rect.max.x, rect.max.y)
}

/// Map coordinates of the ground under a point of the window.
fn place_under(eye: &Eye, picture: &Picture, at: egui::Pos2) -> Option<[f64; 3]> {
    let frame = picture.frame.as_ref()?;
    let place = eye.now.ground_under(eye.to_unit(Vec2::new(at.x, at.y)), eye.aspect(), Some(&frame.ground));
    Some(frame.to_map(place))
}
