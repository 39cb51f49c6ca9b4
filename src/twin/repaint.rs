//! When egui gets another frame: as soon as it asks for one, at the moment it asks for, and else not at all.
//!
//! Two things in its bridge to Bevy stand between it and that. The bridge tells egui in every frame which modifier keys are
//! held, and egui takes every message for a reason to draw once more: a window at rest would draw for ever, and without
//! graphics card take all processors. So what egui knows already is not told again. And the bridge takes a wish for a frame
//! in half a second (a text cursor, a tip, a message that goes by itself) for one at once: those are held back here and
//! kept by a thread until their time has come.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use bevy::ecs::message::Messages;
use bevy::prelude::*;
use bevy::window::RequestRedraw;
use bevy::winit::{EventLoopProxyWrapper, WinitUserEvent};
use bevy_egui::{EguiFullOutput, EguiInput, EguiPostUpdateSet, EguiPreUpdateSet, egui};

/// Wishes that may wait for the thread; of more it needs to know only the first.
const WAITING: usize = 64;

/// Lets egui have the frames it asks for.
pub struct RepaintPlugin;

impl Plugin for RepaintPlugin {
    fn build(&self, app: &mut App) {
        let proxy = app.world().get_resource::<EventLoopProxyWrapper>().map(|proxy| (**proxy).clone());
        let (wishes, incoming) = sync_channel(WAITING);
        let wake = move || {
            if let Some(proxy) = &proxy {
                // Fails only when the event loop is gone.
                let _ = proxy.send_event(WinitUserEvent::WakeUp);
            }
        };
        let thread = std::thread::Builder::new().name("repaint".to_owned()).spawn(move || wake_at(&incoming, wake));
        if let Err(error) = thread {
            error!("no thread for the window's wishes: {error}");
        }
        app.insert_resource(Wishes { thread: wishes, delay: Duration::MAX, others: false })
            .add_systems(
                PreUpdate,
                forget_what_is_known.after(EguiPreUpdateSet::ProcessInput).before(EguiPreUpdateSet::BeginPass),
            )
            .add_systems(
                PostUpdate,
                (
                    hear.after(EguiPostUpdateSet::EndPass).before(EguiPostUpdateSet::ProcessOutput),
                    hold_back.after(EguiPostUpdateSet::ProcessOutput),
                ),
            );
    }
}

/// What is wished for in this frame.
#[derive(Resource)]
struct Wishes {
    thread: SyncSender<Instant>,
    /// When egui wants the next frame; the greatest there is for never.
    delay: Duration,
    /// Somebody else wants one at once.
    others: bool,
}

/// Takes out the modifier keys where they are as they were. There is one context, and so one state of the keys.
fn forget_what_is_known(mut inputs: Query<&mut EguiInput>, mut known: Local<egui::Modifiers>) {
    for mut input in &mut inputs {
        input.events.retain(|event| match event {
            egui::Event::ModifiersChanged(keys) => std::mem::replace(&mut *known, *keys) != *keys,
            _ => true,
        });
    }
}

/// Takes down when egui wants the next frame, and whether others do, before the bridge asks for it.
fn hear(outputs: Query<&EguiFullOutput>, asked: Res<Messages<RequestRedraw>>, mut wishes: ResMut<Wishes>) {
    let views =
        outputs.iter().filter_map(|output| output.0.as_ref()).flat_map(|output| output.viewport_output.values());
    wishes.delay = views.map(|view| view.repaint_delay).min().unwrap_or(Duration::MAX);
    wishes.others = asked.iter_current_update_messages().next().is_some();
}

/// Takes back what the bridge asked for too soon.
fn hold_back(mut asked: ResMut<Messages<RequestRedraw>>, wishes: Res<Wishes>) {
    if wishes.delay.is_zero() {
        return;
    }
    asked.clear();
    if wishes.others {
        asked.write(RequestRedraw);
    }
    if let Some(at) = Instant::now().checked_add(wishes.delay) {
        // Where the channel is full, a frame is coming anyway.
        let _ = wishes.thread.try_send(at);
    }
}

/// Wakes at the earliest of the moments wished for, until nobody wishes any more. The frame that comes then says anew what
/// is left to wish for.
fn wake_at(wishes: &Receiver<Instant>, wake: impl Fn()) {
    let mut due: Option<Instant> = None;
    loop {
        let wish = match due {
            None => wishes.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(at) => wishes.recv_timeout(at.saturating_duration_since(Instant::now())),
        };
        match wish {
            Ok(at) => due = Some(due.map_or(at, |due| due.min(at))),
            Err(RecvTimeoutError::Timeout) => {
                due = None;
                wake();
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[test]
    fn wakes_once_for_wishes_of_one_moment_and_ends_with_its_owner() {
        let (wishes, incoming) = sync_channel(WAITING);
        let woken = Arc::new(AtomicUsize::new(0));
        let count = woken.clone();
        let wake = move || {
            count.fetch_add(1, Ordering::SeqCst);
        };
        let thread = std::thread::spawn(move || wake_at(&incoming, wake));
        let start = Instant::now();
        for at in [3600, 0, 7200] {
            wishes.send(start + Duration::from_secs(at)).unwrap();
        }
        while woken.load(Ordering::SeqCst) == 0 {
            assert!(start.elapsed() < Duration::from_secs(60));
            std::thread::yield_now();
        }
        drop(wishes);
        thread.join().unwrap();
        assert_eq!(woken.load(Ordering::SeqCst), 1);
    }
}
