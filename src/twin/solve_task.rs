//! Drives the session's jobs: hands them on and takes in what is finished. No system waits for anything.

use std::path::PathBuf;
use std::sync::Arc;

use bevy::prelude::*;
use bevy::window::RequestRedraw;
use bevy::winit::{EventLoopProxy, EventLoopProxyWrapper, WinitUserEvent};

use super::quality::Quality;
use super::schedule::TwinSystems;
use super::session_bridge::{Open, ViewWishes};
use crate::session::jobs::{Files, Jobs};
use crate::session::{Effects, Session};

/// Starts the jobs and polls them.
pub struct SolveTaskPlugin {
    pub files: Files,
    /// File the user's preferences are kept in.
    pub preferences: Option<PathBuf>,
}

/// The jobs; outside of the ECS proper because their channels belong to one thread.
#[derive(Default)]
pub struct Work {
    jobs: Option<Jobs>,
}

impl Plugin for SolveTaskPlugin {
    fn build(&self, app: &mut App) {
        let files = self.files;
        // A window sleeps between events; a job that ends wakes it.
        let proxy: Option<EventLoopProxy<WinitUserEvent>> =
            app.world().get_resource::<EventLoopProxyWrapper>().map(|proxy| (**proxy).clone());
        let waker: Arc<dyn Fn() + Send + Sync> = Arc::new(move || {
            if let Some(proxy) = &proxy {
                // Fails only when the event loop is gone, and with it whoever wanted to know.
                let _ = proxy.send_event(WinitUserEvent::WakeUp);
            }
        });
        let jobs = match Jobs::new(files, waker) {
            Ok(mut jobs) => {
                if app.world().get_resource::<Quality>().is_some_and(|quality| quality.by_processor) {
                    jobs.spare_the_processor();
                }
                let open = app.world().get_resource::<Open>();
                if let (Some(path), Some(open)) = (&self.preferences, open) {
                    jobs.keep_preferences(path.clone(), &open.session);
                }
                Some(jobs)
            }
            Err(error) => {
                error!("no thread for the solver: {error}");
                None
            }
        };
        app.insert_non_send(Work { jobs })
            .add_systems(Startup, first_solve)
            .add_systems(Update, take_in.in_set(TwinSystems::Session))
            .add_systems(Update, pass_time.in_set(TwinSystems::Session).after(super::session_bridge::apply_commands));
    }
}

impl Work {
    pub fn follow(&mut self, session: &mut Session, effects: &Effects) {
        if let Some(jobs) = &mut self.jobs {
            jobs.follow(session, effects);
        }
    }
}

fn first_solve(mut open: ResMut<Open>, mut work: NonSendMut<Work>) {
    if !open.session.solution_is_current()
        && let Some(jobs) = &mut work.jobs
    {
        jobs.request_solve(&mut open.session);
    }
}

/// Lets the hours go by while they play, and the minutes of a rehearsal.
fn pass_time(
    mut open: ResMut<Open>,
    time: Res<Time<Real>>,
    mut redraw: MessageWriter<RequestRedraw>,
    mut playing: Local<(bool, bool)>,
) {
    let plays = open.session.timeline().is_some_and(|timeline| timeline.is_playing()) && open.session.shows_time();
    // The frame that begins to play may come after minutes of sleep.
    if plays && playing.0 {
        open.session.advance(time.delta_secs_f64());
    }
    let rehearses = open.session.drill_runs();
    if rehearses && playing.1 {
        open.session.advance_drill(time.delta_secs_f64());
    }
    if plays || rehearses || *playing != (false, false) {
        redraw.write(RequestRedraw);
    }
    *playing = (plays, rehearses);
}

/// Takes in what has finished.
pub fn take_in(
    mut open: ResMut<Open>,
    mut work: NonSendMut<Work>,
    mut wishes: ResMut<ViewWishes>,
    mut redraw: MessageWriter<RequestRedraw>,
) {
    let Some(jobs) = &mut work.jobs else { return };
    let arrived = jobs.poll(&mut open.session);
    wishes.new_network |= arrived.document;
    if arrived.zone {
        wishes.queue.extend(open.session.emergency_view());
    }
    if arrived.solution
        || arrived.document
        || arrived.saved
        || arrived.time
        || arrived.emergency
        || arrived.live
        || arrived.comparison
    {
        redraw.write(RequestRedraw);
    }
}
