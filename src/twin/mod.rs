//! L8: the picture of a session: a window with panels around a 3D map, and pictures without a window.
//!
//! One plugin a file. The session is the only truth; entities, meshes and buffers here are derived from it and thrown away
//! when it changes. Systems run in the sets of [`schedule::TwinSystems`] and never wait: solving and files are jobs of the
//! session. Entry points are [`run`] and [`render`].

mod camera;
mod capture;
mod errors;
mod frame;
mod overlay;
mod palette;
mod picking;
mod quality;
mod repaint;
mod scene;
mod schedule;
mod session_bridge;
mod solve_task;
mod trace;
mod ui_host;
mod window;

use std::path::PathBuf;

use bevy::prelude::App;

pub use self::errors::TwinError;
pub use self::window::run;
use crate::session::Session;

/// What a picture without a window shows and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderOptions {
    /// Width and height, px.
    pub size: [u32; 2],
    pub view: View,
    /// PNG file.
    pub output: PathBuf,
}

impl Default for RenderOptions {
    fn default() -> Self {
        RenderOptions { size: [1600, 1000], view: View::Overview, output: PathBuf::from("hypocaust.png") }
    }
}

/// What the camera looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// Everything, obliquely from the south.
    #[default]
    Overview,
    /// Everything, straight from above.
    Top,
    /// The first source.
    Source,
    /// The consumer with the least available head.
    Worst,
    /// An element by id.
    Element(String),
}

impl View {
    /// The view a word of the command line names; any other word is an id.
    pub fn from_word(word: &str) -> View {
        match word {
            "overview" => View::Overview,
            "top" => View::Top,
            "source" => View::Source,
            "worst" => View::Worst,
            id => View::Element(id.to_owned()),
        }
    }
}

/// Draws a session into a PNG file, without window or display. What it is coloured by, language, theme and units are those
/// of the session; values appear where it has a solution.
///
/// # Errors
/// [`TwinError`]: no graphics adapter, an unknown view, a size that cannot be drawn, a file that cannot be written.
pub fn render(session: Session, options: &RenderOptions) -> Result<(), TwinError> {
    capture::render(session, options)
}

/// What window and offscreen pictures share.
fn picture_plugins(app: &mut App) {
    app.add_plugins((
        schedule::SchedulePlugin,
        scene::ScenePlugin,
        scene::zone::ZonePlugin,
        overlay::paint::PaintPlugin,
        overlay::mark::MarkPlugin,
    ));
}
