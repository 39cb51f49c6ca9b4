//! What the commands of time do to a session, and what a run under way brings.

use super::command::{SPEEDS, TimeCommand};
use super::order::RunOrder;
use super::run::{Branch, RunFailure, RunNews, RunRequest, run};
use super::{Part, Timeline};
use crate::network::Severity;
use crate::physics::calendar::HOUR_S;
use crate::session::effects::Effects;
use crate::session::message::Message;
use crate::session::state::Session;

/// Speed a timeline starts with.
const FIRST_SPEED: f64 = 600.0;

/// A run under way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Running {
    /// The newest run of the session; news of others are dropped.
    pub number: u64,
    /// Whether its first frame is there.
    pub has_started: bool,
}

impl Session {
    /// The hours that have been computed, where there are any.
    pub fn timeline(&self) -> Option<&Timeline> {
        self.timeline.as_ref()
    }

    /// The run under way.
    pub fn running(&self) -> Option<Running> {
        self.running
    }

    /// Share of the run under way that is done.
    pub fn run_progress(&self) -> Option<f64> {
        let running = self.running?;
        let Some(timeline) = self.timeline.as_ref().filter(|_| running.has_started) else { return Some(0.0) };
        let start_s = timeline.parts.last().map_or(timeline.start_s(), |part| part.started.start_calendar_s);
        Some(((timeline.computed_s() - start_s) / (timeline.end_s() - start_s)).clamp(0.0, 1.0))
    }

    /// Whether the network has changed since the hours shown were computed.
    pub fn timeline_is_stale(&self) -> bool {
        let part = self.timeline.as_ref().and_then(|timeline| timeline.parts.last());
        part.is_some_and(|part| part.started.state != self.document.state())
    }

    /// Lets time pass: `seconds` of the beholder. Whether the picture changed.
    pub fn advance(&mut self, seconds: f64) -> bool {
        let running = self.running.is_some();
        let Some(timeline) = self.timeline.as_mut().filter(|timeline| timeline.playing) else { return false };
        if seconds.is_nan() || seconds <= 0.0 {
            return false;
        }
        let moved = timeline.go_to(timeline.playhead_s + seconds * timeline.speed);
        // While a run is under way the playhead waits at its front; at the end of the hours it stops.
        if !running && timeline.playhead_s >= timeline.computed_s() {
            timeline.playing = false;
        }
        moved
    }

    /// Lives through some hours here and now, and shows the moment `after_s` seconds from their start (the last one where
    /// they are shorter).
    ///
    /// # Errors
    /// Why there are no hours, as a message.
    pub fn live_through(&mut self, order: RunOrder, after_s: f64) -> Result<(), Message> {
        let mut effects = Effects::default();
        start(self, order, &mut effects);
        let Some(request) = effects.run else { return Ok(()) };
        let stop = std::sync::atomic::AtomicBool::new(false);
        run(&request, &stop, &mut |news, _| {
            take_news(self, request.number, news);
            Ok(())
        });
        if self.timeline.is_none()
            && let Some(notification) = self.notifications.pop()
        {
            return Err(notification.message);
        }
        if let Some(timeline) = &mut self.timeline {
            timeline.go_to(timeline.start_s() + after_s);
        }
        Ok(())
    }

    fn forget_timeline(&mut self) {
        self.timeline = None;
        self.running = None;
    }

    /// Another network is open: nothing of the old one's hours stays.
    pub(in crate::session) fn leave_timeline(&mut self) {
        self.forget_timeline();
    }
}

/// Does what a command of time asks.
pub fn apply(session: &mut Session, command: TimeCommand, effects: &mut Effects) {
    match command {
        TimeCommand::Run(order) => start(session, order, effects),
        TimeCommand::RunNight => {
            let order = session.timeline.as_ref().and_then(|timeline| timeline.order().cloned());
            start(session, order.unwrap_or_default(), effects);
        }
        TimeCommand::RunAgain => {
            if let Some(order) = session.timeline.as_ref().and_then(|timeline| timeline.order().cloned()) {
                start(session, order, effects);
            }
        }
        TimeCommand::RunOn => run_on(session, effects),
        TimeCommand::Stop => effects.stop_run = session.running.is_some(),
        TimeCommand::Close => {
            effects.stop_run = session.running.is_some();
            session.forget_timeline();
        }
        other => move_playhead(session, &other),
    }
}

fn start(session: &mut Session, order: RunOrder, effects: &mut Effects) {
    session.document.commit_drag();
    effects.run = Some(request(session, order, None));
}

/// Asks for a run of the network as it is.
fn request(session: &mut Session, order: RunOrder, from: Option<Branch>) -> Box<RunRequest> {
    session.run_number += 1;
    session.running = Some(Running { number: session.run_number, has_started: false });
    let (network, state) = (session.document.snapshot(), session.document.state());
    Box::new(RunRequest { number: session.run_number, order, network, state, from })
}

/// From the playhead on with the network as it is.
fn run_on(session: &mut Session, effects: &mut Effects) {
    session.document.commit_drag();
    let Some(timeline) = &session.timeline else { return };
    let calendar_s = timeline.playhead_s;
    let found = timeline.part(calendar_s).and_then(|part| {
        let offset_s = part.started.first.options.start_calendar_s;
        let before = |way_back: &&std::sync::Arc<crate::simulation::Simulation>| {
            way_back.time_s() + offset_s <= calendar_s + 1e-6
        };
        let way_back = part.ways_back.iter().rev().find(before)?;
        Some((part, way_back.clone()))
    });
    let Some((part, way_back)) = found else { return };
    let from = Branch {
        way_back,
        before: part.started.network.clone(),
        calendar_s,
        end_calendar_s: timeline.end_calendar_s.max(calendar_s + HOUR_S),
        weather: part.started.weather.clone(),
    };
    let order = part.started.order.clone();
    effects.run = Some(request(session, order, Some(from)));
}

fn move_playhead(session: &mut Session, command: &TimeCommand) {
    let running = session.running.is_some();
    let Some(timeline) = session.timeline.as_mut() else { return };
    let now_s = timeline.playhead_s;
    match command {
        TimeCommand::PlayPause => {
            timeline.playing = !timeline.playing;
            // Play at the end begins from the start.
            if timeline.playing && !running && now_s >= timeline.computed_s() {
                timeline.go_to(timeline.start_s());
            }
            return;
        }
        TimeCommand::SetSpeed(speed) => {
            if speed.is_finite() && *speed > 0.0 {
                timeline.speed = speed.clamp(SPEEDS[0], SPEEDS[SPEEDS.len() - 1]);
            }
            return;
        }
        TimeCommand::Faster => {
            timeline.speed = SPEEDS.into_iter().find(|speed| *speed > timeline.speed).unwrap_or(timeline.speed);
            return;
        }
        TimeCommand::Slower => {
            timeline.speed = SPEEDS.into_iter().rev().find(|speed| *speed < timeline.speed).unwrap_or(timeline.speed);
            return;
        }
        _ => {}
    }
    timeline.go_to(match command {
        TimeCommand::Scrub(at_s) if at_s.is_finite() => *at_s,
        TimeCommand::StepBack => neighbour(timeline, now_s, false),
        TimeCommand::StepForward => neighbour(timeline, now_s, true),
        TimeCommand::HourBack => now_s - HOUR_S,
        TimeCommand::HourForward => now_s + HOUR_S,
        TimeCommand::ToStart => timeline.start_s(),
        TimeCommand::ToEnd => timeline.computed_s(),
        _ => now_s,
    });
    // Whoever takes the playhead in hand wants to look.
    if !matches!(command, TimeCommand::ToEnd) {
        timeline.playing = false;
    }
}

/// Time of the next or previous frame.
fn neighbour(timeline: &Timeline, now_s: f64, forward: bool) -> f64 {
    let times = |part: &Part| part.frames.iter().map(|frame| part.calendar_s(frame)).collect::<Vec<_>>();
    let all: Vec<f64> = timeline.parts.iter().flat_map(times).collect();
    if forward {
        all.into_iter().find(|time_s| *time_s > now_s + 0.5).unwrap_or(now_s)
    } else {
        all.into_iter().rev().find(|time_s| *time_s < now_s - 0.5).unwrap_or(now_s)
    }
}

/// Takes in what a run tells; whether the picture changed.
pub(in crate::session) fn take_news(session: &mut Session, number: u64, news: RunNews) -> bool {
    if session.running.is_none_or(|running| running.number != number) {
        return false;
    }
    match news {
        RunNews::Started(started) => {
            session.running = Some(Running { number, has_started: true });
            session.version += 1;
            let version = session.version << 32;
            match session.timeline.as_mut().filter(|_| started.continues) {
                Some(timeline) => {
                    timeline.cut(started.start_calendar_s);
                    timeline.end_calendar_s = started.end_calendar_s;
                    timeline.parts.push(Part::new(*started));
                }
                None => {
                    let speed = session.timeline.as_ref().map_or(FIRST_SPEED, Timeline::speed);
                    session.timeline = Some(Timeline::new(*started, version, speed));
                }
            }
            if !session.panels.contains(&crate::session::Panel::Time) {
                session.panels.push(crate::session::Panel::Time);
                session.panels.sort_unstable();
            }
            false
        }
        RunNews::Frames { frames, ways_back } => {
            let Some(timeline) = session.timeline.as_mut() else { return false };
            let unseen = timeline.shown.is_none();
            let Some(part) = timeline.parts.last_mut() else { return false };
            let first = unseen || part.frames.is_empty();
            part.frames.extend(frames);
            part.ways_back.extend(ways_back);
            if first {
                timeline.refresh();
            }
            true
        }
        RunNews::Ended { wall_s: _, stopped, unsolved_steps } => {
            session.running = None;
            if let Some(timeline) = session.timeline.as_mut() {
                if stopped {
                    timeline.end_calendar_s = timeline.computed_s();
                }
                timeline.version += 1;
            }
            if unsolved_steps > 0 {
                let message = Message::new("message-run-unsolved").with("steps", unsolved_steps.to_string());
                session.notify(Severity::Warning, message);
            }
            true
        }
        RunNews::Failed(failure) => {
            session.running = None;
            let reason = match failure {
                RunFailure::Weather(error) => error.text(session.language()),
                RunFailure::Scenario(reason) => reason,
                RunFailure::Network(findings) => findings
                    .first()
                    .map_or_else(String::new, |finding| finding.message(session.language(), session.units())),
            };
            session.notify(Severity::Error, Message::new("message-run-failed").with("reason", reason));
            true
        }
    }
}

impl Timeline {
    /// Forgets what lies behind a time: it will be computed anew.
    fn cut(&mut self, calendar_s: f64) {
        self.parts.retain(|part| part.started.start_calendar_s < calendar_s - 1e-6 || part.frames.is_empty());
        if let Some(part) = self.parts.last_mut() {
            let offset_s = part.started.first.options.start_calendar_s;
            part.frames.retain(|frame| frame.time_s + offset_s < calendar_s - 1e-6);
            part.ways_back.retain(|way_back| way_back.time_s() + offset_s <= calendar_s + 1e-6);
        }
        self.parts.retain(|part| !part.frames.is_empty());
    }
}
