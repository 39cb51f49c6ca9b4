//! The thread that lets the world go on and puts it into registers.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::fault::{Fault, FaultKind};
use super::image::Written;
use super::instrument::Instruments;
use super::server::{Manners, Unit};
use super::world::World;
use super::{FieldError, FieldOptions, Pace, check};
use crate::io::modbus::map::DeviceMap;
use crate::network::Network;
use crate::solver::Solution;

/// What the driver is asked to do. Replies are sent when it is done.
#[derive(Debug)]
pub enum Order {
    Step(f64, SyncSender<()>),
    Inject(Fault, SyncSender<Result<(), FieldError>>),
    Heal(SyncSender<()>),
    Network(SyncSender<Network>),
    Time(SyncSender<f64>),
    Stop,
}

/// The world, its instruments and the registers.
pub struct Driver {
    world: World,
    map: DeviceMap,
    units: Vec<Arc<Unit>>,
    /// Rows of the points of each device, in the order of the devices.
    points: Vec<Vec<usize>>,
    instruments: Instruments,
    faults: Vec<Fault>,
    written: Receiver<Written>,
    moved: watch::Sender<u64>,
    truth: Arc<Mutex<Arc<Solution>>>,
    pace: Pace,
}

impl Driver {
    pub fn new(
        world: World,
        map: DeviceMap,
        units: Vec<Arc<Unit>>,
        written: Receiver<Written>,
        moved: watch::Sender<u64>,
        truth: Arc<Mutex<Arc<Solution>>>,
        options: &FieldOptions,
    ) -> Driver {
        let mut instruments = Instruments::new(&map, options.world.seed, options.noise);
        instruments.suffer(&map, &options.faults);
        let points = map
            .devices
            .iter()
            .map(|device| (0..map.points.len()).filter(|&row| map.points[row].device == device.name).collect())
            .collect();
        Driver {
            world,
            points,
            instruments,
            faults: options.faults.clone(),
            map,
            units,
            written,
            moved,
            truth,
            pace: options.pace,
        }
    }

    /// Until it is told to stop, or nobody is left to tell it.
    pub fn run(&mut self, orders: &Receiver<Order>) {
        let Pace::RealTime { speed, refresh, refreshes_each_solve } = self.pace else {
            while let Ok(order) = orders.recv() {
                if !self.obey(order) {
                    return;
                }
            }
            return;
        };
        let mut next = Instant::now() + refresh;
        let mut count: u32 = 0;
        loop {
            let wait = next.saturating_duration_since(Instant::now());
            match orders.recv_timeout(wait) {
                Ok(order) => {
                    if !self.obey(order) {
                        return;
                    }
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {}
            }
            count = count.wrapping_add(1);
            let solves = refreshes_each_solve.max(1);
            let passed_s = if count.is_multiple_of(solves) { f64::from(solves) * refresh.as_secs_f64() } else { 0.0 };
            self.refresh(passed_s * speed);
            next += refresh;
            // A machine that slept does not catch up; the field's time stands still meanwhile.
            if next + 10 * refresh < Instant::now() {
                next = Instant::now() + Duration::from_millis(1);
            }
        }
    }

    /// `false`: stop.
    fn obey(&mut self, order: Order) -> bool {
        match order {
            Order::Step(seconds, reply) => {
                self.refresh(seconds);
                let _ = reply.send(());
            }
            Order::Inject(fault, reply) => {
                let known = check(&self.map, &self.world, &fault);
                if known.is_ok() {
                    self.faults.push(fault);
                    self.instruments.suffer(&self.map, &self.faults);
                    self.refresh(0.0);
                }
                let _ = reply.send(known);
            }
            Order::Heal(reply) => {
                self.faults.clear();
                self.instruments.suffer(&self.map, &self.faults);
                self.refresh(0.0);
                let _ = reply.send(());
            }
            Order::Network(reply) => {
                let _ = reply.send(self.world.network().clone());
            }
            Order::Time(reply) => {
                let _ = reply.send(self.world.time_s());
            }
            Order::Stop => return false,
        }
        true
    }

    /// Takes what was written, lets seconds pass, and shows the world in the registers. The network is solved where time
    /// passed or something acted on it.
    pub fn refresh(&mut self, seconds: f64) {
        let written: Vec<Written> = self.written.try_iter().collect();
        for write in &written {
            self.world.write(write.point, write.value_si);
        }
        if seconds > 0.0 || !written.is_empty() || self.world.is_to_change(&self.faults) {
            self.world.step(seconds, &self.faults);
            *self.truth.lock().unwrap_or_else(PoisonError::into_inner) = self.world.solution().clone();
        }
        let time_s = self.world.time_s();
        let world = &self.world;
        let shown = self.instruments.show(&self.map, time_s, |row| world.value(row));
        for (unit, rows) in self.units.iter().zip(&self.points) {
            let mut image = unit.image();
            for write in written.iter().filter(|write| rows.contains(&write.point)) {
                image.taken(write.point);
            }
            for &row in rows {
                if !image.is_pending(row) {
                    image.put(&self.map.points[row], shown[row].order, shown[row].raw);
                }
            }
        }
        self.manners(time_s);
    }

    /// How devices talk now.
    fn manners(&self, time_s: f64) {
        let mut changed = false;
        for (device, unit) in self.map.devices.iter().zip(&self.units) {
            let mut manners = Manners::default();
            for fault in self.faults.iter().filter(|fault| *fault.target == *device.name && fault.holds(time_s)) {
                match fault.kind {
                    FaultKind::Dead => manners.dead = true,
                    FaultKind::Silent => manners.silent = true,
                    FaultKind::Drops => manners.drops = true,
                    FaultKind::Slow(ms) => manners.slow_ms = ms,
                    FaultKind::Exception(code) => manners.exception = Some(code),
                    FaultKind::ZeroTransaction => manners.zero_transaction = true,
                    FaultKind::Short => manners.short = true,
                    _ => {}
                }
            }
            if unit.manners() != manners {
                unit.behave(manners);
                changed = true;
            }
        }
        if changed {
            self.moved.send_modify(|times| *times += 1);
        }
    }
}
