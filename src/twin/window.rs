//! The window: everything put together.

use std::path::PathBuf;

use bevy::log::LogPlugin;
use bevy::prelude::*;
use bevy::render::RenderPlugin;
use bevy::render::settings::RenderCreation;
use bevy::window::PrimaryWindow;

use super::errors::{TwinError, check_display, open_adapter, quietly, render_settings};
use super::quality::Quality;
use super::session_bridge::Open;
use super::{camera, picking, picture_plugins, repaint, session_bridge, solve_task, trace, ui_host};
use crate::session::Session;
use crate::session::jobs::Files;

/// Opens the window on a session and returns when it is closed. Preferences that change are kept in the file given.
///
/// # Errors
/// [`TwinError`]: no display, no graphics adapter.
pub fn run(session: Session, files: Files, preferences: Option<PathBuf>) -> Result<(), TwinError> {
    check_display()?;
    let quality = match open_adapter()?.2.device_type {
        wgpu_types::DeviceType::Cpu => Quality::LEAN,
        _ => Quality::FULL,
    };
    let mut app = quietly(|| build(session, files, preferences, quality)).map_err(|reason| {
        if reason.contains("event loop") {
            TwinError::DisplayUnreachable { display: std::env::var("DISPLAY").unwrap_or_default() }
        } else {
            TwinError::Broken { reason }
        }
    })?;
    match app.run() {
        AppExit::Success => Ok(()),
        AppExit::Error(code) => Err(TwinError::Broken { reason: format!("exit {code}") }),
    }
}

fn build(session: Session, files: Files, preferences: Option<PathBuf>, quality: Quality) -> App {
    let mut app = App::new();
    let title = match session.network().settings().title.trim() {
        "" => "Hypocaust".to_owned(),
        title => format!("{title} – Hypocaust"),
    };
    app.add_plugins(
        DefaultPlugins
            .build()
            .set(LogPlugin { level: bevy::log::Level::ERROR, ..default() })
            .set(WindowPlugin {
                primary_window: Some(Window {
                    title,
                    name: Some("hypocaust".to_owned()),
                    resolution: (1280, 720).into(),
                    ..default()
                }),
                // Closing is a command like any other, so that unsaved changes are asked about.
                close_when_requested: false,
                ..default()
            })
            .set(RenderPlugin {
                render_creation: RenderCreation::Automatic(Box::new(render_settings())),
                // The first frame shows everything instead of a map that fills in.
                synchronous_pipeline_compilation: true,
                ..default()
            }),
    );
    app.insert_resource(quality).insert_resource(quality.updates()).insert_resource(Open { session });
    app.add_plugins((
        ui_host::UiHostPlugin,
        repaint::RepaintPlugin,
        session_bridge::SessionBridgePlugin,
        solve_task::SolveTaskPlugin { files, preferences },
        camera::CameraPlugin,
        picking::PickingPlugin,
        trace::TracePlugin,
    ));
    picture_plugins(&mut app);
    app.add_systems(Startup, fill_screen);
    app
}

/// A network wants all the room there is; a desktop without a window manager leaves the size as it is.
fn fill_screen(mut windows: Query<&mut Window, With<PrimaryWindow>>) {
    for mut window in &mut windows {
        window.set_maximized(true);
    }
}
