//! The order of things in a frame, in one place.

use bevy::prelude::*;

/// Sets of systems in `Update`, in this order.
#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TwinSystems {
    /// Commands of the last frame are applied, finished work is taken in.
    Session,
    /// Meshes follow the network.
    Scene,
    /// Colours and states follow the solution.
    Paint,
    /// The camera follows wishes and input.
    Camera,
    /// What is under the cursor.
    Picking,
    /// Marks of selection and hover, traces.
    Mark,
}

/// Sets the order.
pub struct SchedulePlugin;

impl Plugin for SchedulePlugin {
    fn build(&self, app: &mut App) {
        use TwinSystems::{Camera, Mark, Paint, Picking, Scene, Session};
        app.configure_sets(Update, (Session, Scene, Paint, Camera, Picking, Mark).chain());
    }
}
