//! The session as a resource, and the queue of commands from panels and picture.
//!
//! One frame: finished jobs are taken in, commands pushed since the last frame are applied in order, what they ask of the
//! picture goes into [`ViewWishes`]. Nothing else changes the session.

use bevy::prelude::*;
use bevy::window::{RequestRedraw, WindowCloseRequested};

use super::schedule::TwinSystems;
use super::solve_task::Work;
use crate::session::{Command, Session, ViewRequest, apply};

/// Applies commands.
pub struct SessionBridgePlugin;

impl Plugin for SessionBridgePlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Inbox>()
            .init_resource::<ViewWishes>()
            .add_systems(Update, close_button.in_set(TwinSystems::Session).before(apply_commands))
            .add_systems(Update, apply_commands.in_set(TwinSystems::Session).after(super::solve_task::take_in));
    }
}

/// The session shown.
#[derive(Resource)]
pub struct Open {
    pub session: Session,
}

/// Commands waiting for the next frame.
#[derive(Resource, Default)]
pub struct Inbox {
    pub commands: Vec<Command>,
}

/// What commands ask of the picture.
#[derive(Resource, Default)]
pub struct ViewWishes {
    pub queue: Vec<ViewRequest>,
    /// Another document is open: look at the whole of it.
    pub new_network: bool,
    /// Paths of pictures of the window still to be taken.
    pub screenshots: Vec<std::path::PathBuf>,
}

/// The button in the window's frame asks what the menu asks.
fn close_button(mut requests: MessageReader<WindowCloseRequested>, mut inbox: ResMut<Inbox>) {
    if requests.read().count() > 0 {
        inbox.commands.push(Command::Quit);
    }
}

pub fn apply_commands(
    mut open: ResMut<Open>,
    mut inbox: ResMut<Inbox>,
    mut wishes: ResMut<ViewWishes>,
    mut work: NonSendMut<Work>,
    mut exit: MessageWriter<AppExit>,
    mut redraw: MessageWriter<RequestRedraw>,
) {
    if inbox.commands.is_empty() {
        return;
    }
    for command in std::mem::take(&mut inbox.commands) {
        let effects = apply(&mut open.session, command);
        work.follow(&mut open.session, &effects);
        wishes.queue.extend(effects.view);
        if effects.quit {
            exit.write(AppExit::Success);
        }
    }
    redraw.write(RequestRedraw);
}
