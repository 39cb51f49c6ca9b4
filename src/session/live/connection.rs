//! One connection to a field, from its first read to its end: what the thread `live` does.
//!
//! Polls the devices, hands what they say to the [`Intake`], keeps it, and gives a picture out when there is something new,
//! at most every so often; carries out orders in between. Nothing here waits for a calculation or a device, and for a
//! disk only while an act of a person is recorded ([`Guard`]): the historian and the estimation have threads of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel};
use std::time::{Duration, Instant, SystemTime};

use super::engine::{Connect, LiveOrder, LiveSource, Outbox};
use super::estimating::Estimating;
use super::guard::{Ended, Guard};
use super::intake::Intake;
use super::keeping::Keeping;
use super::orders::keeper::Keeper;
use super::picture::{DeviceLine, Points};
use crate::io::IoError;
use crate::io::field::{self, Field, FieldError, FieldOptions, MapOptions};
use crate::io::modbus::map::{Device, DeviceMap};
use crate::io::modbus::{DeviceHealth, DeviceState, Health, Polling};
use crate::live::access::Right;
use crate::live::{Sample, Timestamp};
use crate::network::Network;
use crate::session::message::Message;
use crate::text::Language;

/// Time between two looks at everything: ages, commands, what is shown.
const TICKS: Duration = Duration::from_millis(200);
/// Time between two looks at alarms alone, while values come.
const ALARMS: Duration = Duration::from_millis(40);
/// Least time between two pictures where nothing comes any more: ages are shown in seconds.
const AGES: Duration = Duration::from_secs(1);
/// Longest wait for samples before orders and ages are looked at.
const PATIENCE: Duration = Duration::from_millis(100);
/// Time between two readings of a simulated device: nobody pays by the byte, and what moves is seen to move.
const DEMO_PERIOD_MS: u32 = 1000;
/// Buildings of each simulated substation with a meter and a thermometer.
const DEMO_USERS: usize = 1;
/// Batches of samples that may wait: some seconds of a large city.
const WAITING_BATCHES: usize = 4096;

/// Everything that belongs to a connection. Dropped, it lets go of devices and files.
struct Connection {
    polling: Polling,
    samples: Receiver<Vec<Sample>>,
    map: Arc<DeviceMap>,
    intake: Intake,
    guard: Guard,
    orders: Keeper,
    estimating: Estimating,
    keeping: Option<Keeping>,
    language: Language,
    /// The devices themselves, where they are simulated. Last, so that nobody polls what is gone.
    _field: Option<Field>,
}

/// Follows a field until its owner lets go of it. `every`: least time between two pictures that show no more than new values.
pub(super) fn run(asked: Connect, every: Duration, orders: &Receiver<LiveOrder>, acted: &AtomicBool, outbox: &Outbox) {
    match Connection::open(asked) {
        Ok(mut connection) => {
            connection.follow(every, orders, acted, outbox);
            connection.guard.leave(now());
        }
        Err(reason) => outbox.fault(Message::new("live-lost").with("reason", reason)),
    }
}

pub(super) fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}

impl Connection {
    /// Fails with the reason in the language asked for.
    fn open(asked: Connect) -> Result<Connection, String> {
        let Connect { source, network, state, books, orders, planner, language } = asked;
        let unreadable = |error: IoError| error.text(language);
        let (map, field, history) = match source {
            LiveSource::Simulated => {
                let field = simulated(&network).map_err(|error| error.text(language))?;
                (Arc::new(field.device_map().clone()), Some(field), None)
            }
            LiveSource::Map { map, history } => (map, None, history),
        };
        let tags = Arc::new(map.tags().map_err(|twice| twice.to_string())?);
        let (keeping, left) = match history {
            Some(folder) => {
                let (keeping, left) = Keeping::open(&folder, &tags, now(), language)?;
                (Some(keeping), left)
            }
            None => (None, Vec::new()),
        };
        let (sink, samples) = sync_channel(WAITING_BATCHES);
        let mut polling = Polling::start(&map, sink).map_err(unreadable)?;
        let guard = Guard::new(books, map.clone(), tags.clone(), network.clone(), polling.take_writer(), language);
        let points = Arc::new(Points::new(tags.clone(), &network));
        let mut intake = Intake::new(points, &network, guard.writable(), now());
        intake.restore(&left, now());
        let orders = Keeper::new(orders, &tags, &guard, network.clone(), planner, now());
        let estimating = Estimating::start(network, state, tags).map_err(|error| error.to_string())?;
        Ok(Connection { polling, samples, map, intake, guard, orders, estimating, keeping, language, _field: field })
    }

    fn follow(&mut self, every: Duration, orders: &Receiver<LiveOrder>, acted: &AtomicBool, outbox: &Outbox) {
        let (mut ticked, mut shown, mut heeded) = (Instant::now(), Instant::now(), Instant::now());
        let mut changed = false;
        // Who did something at the screen sees it at once.
        let mut done = false;
        loop {
            changed |= match self.samples.recv_timeout(PATIENCE) {
                Ok(batch) => {
                    self.take(batch);
                    while let Ok(batch) = self.samples.try_recv() {
                        self.take(batch);
                    }
                    true
                }
                Err(RecvTimeoutError::Timeout) => false,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            loop {
                match orders.try_recv() {
                    Ok(order) => {
                        self.obey(order, outbox);
                        done = true;
                    }
                    Err(TryRecvError::Empty) => break,
                    // Nobody follows any more.
                    Err(TryRecvError::Disconnected) => return,
                }
            }
            if let Some(estimate) = self.estimating.take() {
                self.intake.estimated(estimate, now());
                changed = true;
            }
            let mut urgent = false;
            if changed && heeded.elapsed() >= ALARMS {
                heeded = Instant::now();
                urgent = self.intake.heed(now());
            }
            if !urgent && ticked.elapsed() < TICKS {
                continue;
            }
            ticked = Instant::now();
            let now = now();
            if acted.swap(false, Ordering::Relaxed) {
                self.guard.touch(now);
            }
            let (ended, answered) = self.guard.tick(now);
            self.end(ended);
            let look = self.orders.tick(&mut self.guard, &self.intake, now);
            self.end(look.ended);
            for message in self.guard.news().into_iter().chain(look.news) {
                outbox.trouble(message);
            }
            urgent |= self.intake.tick(now) | answered | look.anew | std::mem::take(&mut done);
            if !urgent && shown.elapsed() < if changed { every } else { AGES } {
                continue;
            }
            (shown, changed) = (Instant::now(), false);
            self.estimating.offer(now, || self.intake.newest());
            let health = self.polling.health();
            let devices = self.devices(&health);
            let desk = self.guard.desk(now);
            let orders = Arc::new(self.orders.desk());
            outbox.picture(Arc::new(self.intake.picture(now, devices, health.dropped_samples, desk, orders)));
            self.write_down();
            if let Some(keeping) = &mut self.keeping {
                keeping.watch(self.language, outbox);
            }
        }
    }

    /// Hands what happened to the alarms to the journal.
    fn write_down(&mut self) {
        let happened = self.intake.happened();
        if let Some(keeping) = &self.keeping {
            keeping.note(happened);
        }
    }

    fn take(&mut self, mut batch: Vec<Sample>) {
        let now = now();
        self.intake.take(now, &mut batch);
        let ended = self.guard.take(&batch, now);
        self.end(ended);
        if let Some(keeping) = &self.keeping {
            keeping.offer(batch);
        }
    }

    /// Commands that have come to their end: raises the alarm of one that was not confirmed, and takes it back when the
    /// next one is.
    fn end(&mut self, ended: Vec<Ended>) {
        for (tag, confirmed) in ended {
            self.intake.command(now(), tag, !confirmed);
        }
    }

    fn obey(&mut self, order: LiveOrder, outbox: &Outbox) {
        if let Err(refused) = self.carry_out(order, outbox) {
            outbox.trouble(refused);
        }
    }

    /// Does what was asked, once it is recorded; why not, where it is refused.
    fn carry_out(&mut self, order: LiveOrder, outbox: &Outbox) -> Result<(), Message> {
        let now = now();
        match order {
            LiveOrder::Adopt { network, state } => {
                self.guard.enter(Right::Adopt, "adopt", "", &[("state", state.to_string())], now)?;
                self.intake.adopt(&network);
                self.guard.adopt(network.clone());
                self.orders.adopt(network.clone());
                self.estimating.adopt(network, state);
                outbox.adopted(state);
            }
            LiveOrder::Acknowledge(alarm) => {
                let waiting = self.intake.waiting(alarm);
                if waiting.is_empty() {
                    return Ok(());
                }
                let names: Vec<&str> = waiting.iter().map(|(_, name)| &**name).collect();
                let user = self.guard.enter(Right::Acknowledge, "acknowledge", &names.join(", "), &[], now)?;
                self.intake.acknowledge(now, &waiting, &user);
            }
            LiveOrder::Shelve { alarm, minutes } => {
                let Some(name) = self.intake.alarm_name(alarm) else { return Ok(()) };
                let user =
                    self.guard.enter(Right::Shelve, "shelve", &name, &[("minutes", minutes.to_string())], now)?;
                self.intake.shelve(now, alarm, minutes, &user);
            }
            LiveOrder::Unshelve(alarm) => {
                let Some(name) = self.intake.alarm_name(alarm) else { return Ok(()) };
                let user = self.guard.enter(Right::Shelve, "unshelve", &name, &[], now)?;
                self.intake.unshelve(now, alarm, &user);
            }
            LiveOrder::Orders(command) => self.orders.obey(command, &mut self.guard, &self.intake, now)?,
            LiveOrder::Control(command) => {
                let ended = self.guard.obey(command, now);
                self.end(ended);
            }
        }
        Ok(())
    }

    /// The devices as they are shown.
    fn devices(&self, health: &Health) -> Vec<DeviceLine> {
        let line = |(device, health): (&Device, &DeviceHealth)| {
            let (tags, good, element) = self.intake.of_device(&device.name);
            DeviceLine {
                name: device.name.clone(),
                address: device.transport.to_string(),
                answers: matches!(health.state, DeviceState::Answering | DeviceState::Refusing),
                last_answer: health.last_answer,
                latency_ms: health.latency_p50_s.zip(health.latency_p99_s).map(|(p50, p99)| [p50 * 1e3, p99 * 1e3]),
                element,
                tags,
                good_share: if tags == 0 { 1.0 } else { good as f64 / tags as f64 },
            }
        };
        self.map.devices.iter().zip(&health.devices).map(line).collect()
    }
}

impl Drop for Connection {
    /// What happened since the last picture is written down too.
    fn drop(&mut self) {
        self.write_down();
    }
}

/// Simulated devices of a network, with what goes wrong in a demonstration.
fn simulated(network: &Network) -> Result<Field, FieldError> {
    let map = MapOptions { period_ms: DEMO_PERIOD_MS, users: DEMO_USERS, ..MapOptions::default() };
    let field = Field::start(network.clone(), FieldOptions { map, ..FieldOptions::default() })?;
    for fault in field::demo_faults(field.device_map()) {
        field.inject(fault)?;
    }
    Ok(field)
}
