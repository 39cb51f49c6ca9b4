//! The task of one connection: who is asked when, what becomes of the answers, and what when there are none.
//!
//! One request is in flight at a time. A fault drops the connection and suspends the unit that was asked for a random,
//! growing time ([`backoff`]); units behind the same gateway go on over a new connection at once, and only where no
//! connection can be made are all of them suspended together. A refusal (exception) keeps the connection: busy devices
//! are asked again after 100 ms, reads of registers that do not exist are taken apart.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use super::backoff;
use super::fault::Fault;
use super::health::DeviceState;
use super::line::{Answer, Line};
use super::map::{Device, Transport};
use super::pdu::{Exception, Reply, Request};
use super::plan::{self, Read, ReadLimits};
use super::shared::Shared;
use super::tls;
use super::write::WriteCommand;

/// Wait before a busy device is asked again.
const BUSY_WAIT: Duration = Duration::from_millis(100);

/// Readings of one unit that fall due together.
struct Job {
    period: Duration,
    due: Instant,
    reads: Vec<Read>,
}

/// One device of the connection.
struct Unit {
    device: Device,
    /// Its row in the device map.
    row: usize,
    /// Rows of its points.
    points: Vec<usize>,
    jobs: Vec<Job>,
    /// Faults in a row.
    failures: u32,
    suspended_until: Option<Instant>,
    /// The receiver knows that its values are bad.
    told_bad: bool,
}

/// Why there is no value.
pub(super) enum Trouble {
    Refused(Exception),
    Fault(Fault),
}

pub(super) struct Session {
    transport: Transport,
    tls: Option<tls::Client>,
    units: Vec<Unit>,
    shared: std::sync::Arc<Shared>,
    commands: mpsc::Receiver<WriteCommand>,
    line: Option<Line>,
    was_connected: bool,
    failures: u32,
    /// No connection could be made; not tried again before.
    closed_until: Option<Instant>,
    /// The line rests until then.
    free_at: Instant,
}

impl Session {
    pub fn new(
        transport: Transport,
        tls: Option<tls::Client>,
        shared: std::sync::Arc<Shared>,
        commands: mpsc::Receiver<WriteCommand>,
    ) -> Session {
        let free_at = Instant::now();
        Session {
            transport,
            tls,
            units: Vec::new(),
            shared,
            commands,
            line: None,
            was_connected: false,
            failures: 0,
            closed_until: None,
            free_at,
        }
    }

    /// Adds a device; its first readings fall due after `phase`, 0…1, of two seconds or their period. Gives its place.
    pub fn add(&mut self, device: &Device, row: usize, points: Vec<usize>, phase: f64) -> usize {
        let now = Instant::now();
        let rows: Vec<_> = points.iter().map(|&row| (row, &self.shared.points[row])).collect();
        let jobs = plan::plan(&rows, &ReadLimits::from(device)).into_iter().map(|(period_ms, reads)| {
            let period = Duration::from_millis(u64::from(period_ms).max(1));
            Job { period, due: now + period.min(Duration::from_secs(2)).mul_f64(phase), reads }
        });
        let jobs = jobs.collect();
        let device = device.clone();
        self.units.push(Unit { device, row, points, jobs, failures: 0, suspended_until: None, told_bad: false });
        self.units.len() - 1
    }

    /// Polls until the runtime ends or nobody is left to listen.
    pub async fn run(mut self) {
        while !self.shared.is_closed() {
            let next = self.next();
            let due = next.map_or_else(|| Instant::now() + Duration::from_secs(60), |(at, _, _)| at);
            tokio::select! {
                biased;
                // Without writer nobody commands, and this branch is never taken.
                Some(command) = self.commands.recv() => self.write(command).await,
                () = sleep_until(due) => if let Some((base, unit, job)) = next {
                    self.poll(base, unit, job).await;
                },
            }
        }
    }

    /// The next job: when, of which unit, which.
    fn next(&self) -> Option<(Instant, usize, usize)> {
        let jobs = self.units.iter().enumerate().flat_map(|(at, unit)| {
            let held = unit.suspended_until.max(self.closed_until);
            unit.jobs.iter().enumerate().map(move |(job, it)| (held.map_or(it.due, |held| held.max(it.due)), at, job))
        });
        jobs.min()
    }

    async fn poll(&mut self, base: Instant, unit: usize, job: usize) {
        let mut at = 0;
        let mut refused = 0;
        let mut reached = true;
        while let Some(read) = self.units[unit].jobs[job].reads.get(at).cloned() {
            let request = Request::Read { table: read.table, start: read.start, count: read.count };
            match self.ask(unit, &request).await {
                Ok(answer) => {
                    let row = self.units[unit].row;
                    self.shared.statistics(row, |statistics| statistics.health.state = DeviceState::Answering);
                    self.shared.deliver(&read.points, read.start, &answer);
                    self.units[unit].told_bad = false;
                    at += 1;
                }
                Err(Trouble::Refused(exception)) if exception.is_from_gateway() => {
                    self.suspend(unit, None);
                    reached = false;
                    break;
                }
                Err(Trouble::Refused(exception)) => {
                    let limits = ReadLimits::from(&self.units[unit].device);
                    let may_split = matches!(exception, Exception::ILLEGAL_ADDRESS | Exception::ILLEGAL_VALUE);
                    match plan::split(&read, &self.shared.points, &limits).filter(|_| may_split) {
                        Some(parts) => {
                            self.units[unit].jobs[job].reads.splice(at..=at, parts);
                        }
                        None => {
                            self.shared.deliver_bad(&read.points, crate::live::Fault::DeviceException);
                            refused += 1;
                            at += 1;
                        }
                    }
                }
                Err(Trouble::Fault(fault)) => {
                    self.suspend(unit, Some(fault));
                    reached = false;
                    break;
                }
            }
        }
        if reached && refused == at {
            self.shared.statistics(self.units[unit].row, |statistics| statistics.health.state = DeviceState::Refusing);
        }
        let job = &mut self.units[unit].jobs[job];
        job.due = base + job.period;
        let late = Instant::now().saturating_duration_since(job.due);
        // Whole periods that went by are not made up for: the values of then are gone.
        let missed = (late.as_secs_f64() / job.period.as_secs_f64()) as u32;
        if missed > 0 {
            job.due += job.period * missed;
            if reached {
                let row = self.units[unit].row;
                self.shared.statistics(row, |statistics| statistics.health.missed += u64::from(missed));
            }
        }
    }

    /// Asks, and asks again while the device says that it is busy.
    pub(super) async fn ask(&mut self, unit: usize, request: &Request) -> Result<Answer, Trouble> {
        let mut tries = 0;
        loop {
            let answer = self.ask_once(unit, request).await.map_err(Trouble::Fault)?;
            let retries = self.units[unit].device.busy_retries;
            match answer.reply {
                Reply::Exception(exception) if exception.is_busy() && tries < retries => {
                    tries += 1;
                    sleep(BUSY_WAIT).await;
                }
                Reply::Exception(exception) => {
                    self.shared.statistics(self.units[unit].row, |statistics| {
                        statistics.health.exceptions += 1;
                        statistics.health.last_exception = Some(exception);
                    });
                    return Err(Trouble::Refused(exception));
                }
                _ => return Ok(answer),
            }
        }
    }

    async fn ask_once(&mut self, unit: usize, request: &Request) -> Result<Answer, Fault> {
        let mut line = self.line.take();
        if let Some(open) = &mut line
            && open.is_closed().await
        {
            // Devices close connections that are idle: no fault, as long as they take a new one.
            line = None;
        }
        let line = match line {
            Some(line) => line,
            None => self.connect(unit).await?,
        };
        sleep_until(self.free_at).await;
        let device = &self.units[unit].device;
        let limit = Duration::from_millis(device.request_timeout_ms.into());
        let asked = line.ask(device.unit_id, request, device.ignores_transaction_id, limit).await;
        self.free_at = Instant::now() + self.rest(unit);
        let (line, answer) = asked?;
        self.line = Some(line);
        let unit = &mut self.units[unit];
        (unit.failures, unit.suspended_until) = (0, None);
        self.shared.answered(unit.row, &answer);
        Ok(answer)
    }

    async fn connect(&mut self, unit: usize) -> Result<Line, Fault> {
        let limit = Duration::from_millis(self.units[unit].device.connect_timeout_ms.into());
        let line = Line::open(&self.transport, self.tls.as_ref(), limit).await?;
        (self.failures, self.closed_until) = (0, None);
        if std::mem::replace(&mut self.was_connected, true) {
            self.shared.statistics(self.units[unit].row, |statistics| statistics.health.reconnects += 1);
        }
        Ok(line)
    }

    /// The pause a line needs after an answer: the device's own, on a wire at least the 3.5 characters that end a frame
    /// (Modbus over serial line V1.02, 2.5.1.1).
    fn rest(&self, unit: usize) -> Duration {
        let pause = Duration::from_millis(self.units[unit].device.pause_ms.into());
        match self.transport {
            Transport::Serial { baud, .. } => {
                let silence = if baud > 19_200 { 1.75e-3 } else { 3.5 * 11.0 / f64::from(baud.max(1)) };
                pause.max(Duration::from_secs_f64(silence))
            }
            _ => pause,
        }
    }

    /// The unit does not answer, or no unit can be reached. Without fault: a gateway says so.
    fn suspend(&mut self, unit: usize, fault: Option<Fault>) {
        let of_line = fault.as_ref().is_some_and(Fault::is_of_line);
        let row = self.units[unit].row;
        self.shared.statistics(row, |statistics| {
            let health = &mut statistics.health;
            if fault.as_ref().is_some_and(Fault::is_time_out) {
                health.time_outs += 1;
            } else if fault.is_some() {
                health.line_faults += 1;
            }
            health.last_fault = fault.or(health.last_fault.take());
        });
        let now = Instant::now();
        if of_line {
            self.failures += 1;
            self.closed_until = Some(now + backoff::wait(self.failures, rand::random()));
            (0..self.units.len()).for_each(|unit| self.tell_bad(unit, DeviceState::Unreachable));
        } else {
            let failures = self.units[unit].failures + 1;
            self.units[unit].failures = failures;
            self.units[unit].suspended_until = Some(now + backoff::wait(failures, rand::random()));
            self.tell_bad(unit, DeviceState::Silent);
        }
    }

    /// Marks every value of a unit as bad, once; again where the receiver was too slow to hear it.
    fn tell_bad(&mut self, unit: usize, state: DeviceState) {
        let unit = &mut self.units[unit];
        self.shared.statistics(unit.row, |statistics| statistics.health.state = state);
        if !unit.told_bad {
            unit.told_bad = self.shared.deliver_bad(&unit.points, crate::live::Fault::Communication);
        }
    }

    /// Why a unit is not asked now, where it is suspended.
    pub(super) fn is_suspended(&self, unit: usize) -> bool {
        let held = self.units[unit].suspended_until.max(self.closed_until);
        held.is_some_and(|until| until > Instant::now())
    }

    /// A write met a fault: as [`Session::poll`] treats it.
    pub(super) fn fault_of_write(&mut self, unit: usize, fault: &Fault) {
        self.suspend(unit, Some(fault.clone()));
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }
}
