//! Hosts egui: panels around the map, and what is painted over the map itself.

use bevy::prelude::*;
use bevy::window::{PrimaryWindow, RequestRedraw};
use bevy_egui::{EguiContexts, EguiPlugin, EguiPrimaryContextPass, egui};

use super::camera::Eye;
use super::overlay::{furniture, labels};
use super::scene::Picture;
use super::session_bridge::{Inbox, Open};

/// Draws panels and overlays.
pub struct UiHostPlugin;

impl Plugin for UiHostPlugin {
    fn build(&self, app: &mut App) {
        app.add_plugins(EguiPlugin::default())
            .insert_resource(bevy_egui::EguiGlobalSettings { auto_create_primary_context: false, ..default() })
            .init_resource::<UiState>()
            .add_systems(EguiPrimaryContextPass, draw);
    }
}

/// What panels mean for the map below them.
#[derive(Resource, Default)]
pub struct UiState {
    /// The pointer is over the map and no panel, popup or drag wants it.
    pub map_has_pointer: bool,
    /// Someone is typing.
    pub keyboard_taken: bool,
    ready: bool,
}

fn draw(
    mut contexts: EguiContexts,
    open: Res<Open>,
    picture: Res<Picture>,
    mut eye: ResMut<Eye>,
    mut state: ResMut<UiState>,
    out: (ResMut<Inbox>, MessageWriter<RequestRedraw>, Query<&Window, With<PrimaryWindow>>),
) -> Result {
    let (_inbox, mut redraw, _window) = out;
    let ctx = contexts.ctx_mut()?;
    let mut root = egui::Ui::new(
        ctx.clone(),
        "root".into(),
        egui::UiBuilder::new().layer_id(egui::LayerId::background()).max_rect(ctx.viewport_rect()),
    );
    let free = root.available_rect_before_wrap();
    let area = Rect::new(free.min.x, free.min.y, free.max.x, free.max.y);
    if eye.area != area {
        eye.area = area;
        redraw.write(RequestRedraw);
    }
    let painter = root.painter_at(free);
    labels::draw(&painter, &open.session, &picture, &eye);
    furniture::scale_and_north(&painter, free, &eye, open.session.theme());
    root.advance_cursor_after_rect(free);

    let pointer = ctx.input(|input| input.pointer.latest_pos());
    let over_panel = pointer.is_some_and(|at| {
        !free.contains(at) || ctx.layer_id_at(at).is_some_and(|layer| layer.order != egui::Order::Background)
    });
    state.map_has_pointer = pointer.is_some() && !over_panel && !ctx.egui_is_using_pointer();
    state.keyboard_taken = ctx.egui_wants_keyboard_input();
    if !state.ready {
        state.ready = true;
        redraw.write(RequestRedraw);
    }
    Ok(())
}
