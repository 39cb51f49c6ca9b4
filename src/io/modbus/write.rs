//! Writing a value to a device: the bare act, with its echo compared and the registers read back.
//!
//! Whoever holds the [`Writer`] can write, so there is one, and the guarded way to commands (role, arming, selection,
//! interlocks, audit) takes it. Here only what no caller may forget is held: the permit of the device map, and that a
//! command which waited too long is not carried out any more.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc as waiting;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::fault::Fault;
use super::map::{Device, Point, WritePermit};
use super::pdu::{Exception, Reply, Request};
use super::session::{Session, Trouble};
use super::shared::Shared;
use super::value::{self, DataType, NotEncoded};
use crate::live::{TagId, Timestamp};

/// A command that has not begun after this is not carried out.
const BEGIN_WITHIN: Duration = Duration::from_secs(5);
/// Readings back before a value counts as not held, and the wait between them.
const READ_BACKS: u32 = 3;
const READ_BACK_WAIT: Duration = Duration::from_millis(300);

/// What a writing did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Written {
    /// What the device now holds, SI; differs from what was asked for by its resolution.
    pub value: f64,
    /// When it was read back.
    pub at: Timestamp,
}

/// Why nothing was written, or it is not known whether.
#[derive(Clone, Debug, PartialEq)]
pub enum NotWritten {
    /// No such tag.
    UnknownTag,
    /// The device map gives no permit.
    NotPermitted,
    /// Outside the permit (SI).
    OutsidePermit { value: f64, least: f64, most: f64 },
    /// The coding of the registers cannot hold the value.
    Coding(NotEncoded),
    /// The device is known to be out of reach; it was not tried.
    OutOfReach,
    /// The device was busy with other things for too long; it was not tried.
    Expired,
    /// The device refuses.
    Refused(Exception),
    /// A fault on the line. With `sent` it is not known whether the device took the value.
    Fault { fault: Fault, sent: bool },
    /// The device took the value but holds another (SI; NaN where it cannot be read).
    NotHeld { value: f64 },
    /// Polling has ended.
    Ended,
}

/// On its way to the task of a connection.
pub(super) struct WriteCommand {
    unit: usize,
    row: usize,
    words: Vec<u16>,
    begin_until: Instant,
    answer: waiting::SyncSender<Result<Written, NotWritten>>,
}

/// The one object that can write to devices.
pub struct Writer {
    pub(super) shared: Arc<Shared>,
    /// By name of device: the task of its connection, its place there, and how long an exchange may take.
    pub(super) routes: BTreeMap<Arc<str>, Route>,
}

pub(super) struct Route {
    commands: mpsc::Sender<WriteCommand>,
    unit: usize,
    longest: Duration,
}

impl Route {
    pub fn new(device: &Device, commands: mpsc::Sender<WriteCommand>, unit: usize) -> Route {
        let exchange = u64::from(device.request_timeout_ms) * 2 + u64::from(device.pause_ms);
        let busy = u64::from(device.busy_retries) * (100 + exchange);
        let connect = u64::from(device.connect_timeout_ms);
        let longest = Duration::from_millis(connect * 2 + (exchange + busy) * (1 + u64::from(READ_BACKS)));
        Route { commands, unit, longest: longest + READ_BACK_WAIT * READ_BACKS }
    }
}

impl Writer {
    /// Writes an SI value, compares the echo, reads back. Waits for the device; not to be called where waiting hurts.
    pub fn write(&self, tag: TagId, value: f64) -> Result<Written, NotWritten> {
        let point = self.shared.points.get(tag.index()).ok_or(NotWritten::UnknownTag)?;
        let WritePermit { least, most, .. } = point.write.ok_or(NotWritten::NotPermitted)?;
        if !(value >= least && value <= most) {
            return Err(NotWritten::OutsidePermit { value, least, most });
        }
        let words = value::encode(point.raw_of_si(value), point.kind, point.order).map_err(NotWritten::Coding)?;
        let route = self.routes.get(&point.device).ok_or(NotWritten::UnknownTag)?;
        let (answer, answered) = waiting::sync_channel(1);
        let begin_until = Instant::now() + BEGIN_WITHIN;
        let command = WriteCommand { unit: route.unit, row: tag.index(), words, begin_until, answer };
        route.commands.try_send(command).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotWritten::Expired,
            mpsc::error::TrySendError::Closed(_) => NotWritten::Ended,
        })?;
        match answered.recv_timeout(BEGIN_WITHIN + route.longest) {
            Ok(result) => result,
            Err(waiting::RecvTimeoutError::Timeout) => Err(NotWritten::Fault { fault: Fault::TimeOut, sent: true }),
            Err(waiting::RecvTimeoutError::Disconnected) => Err(NotWritten::Ended),
        }
    }
}

/// The request that writes these words.
fn request(point: &Point, words: &[u16]) -> Request {
    match (point.kind, words) {
        (DataType::Bit, _) => Request::WriteCoil { at: point.register, on: words.iter().any(|word| *word != 0) },
        (_, [word]) => Request::WriteRegister { at: point.register, word: *word },
        _ => Request::WriteRegisters { at: point.register, words: words.to_vec() },
    }
}

impl Session {
    pub(super) async fn write(&mut self, command: WriteCommand) {
        let result = self.try_write(&command).await;
        // The caller may have gone.
        let _ = command.answer.try_send(result);
    }

    async fn try_write(&mut self, command: &WriteCommand) -> Result<Written, NotWritten> {
        if Instant::now() > command.begin_until {
            return Err(NotWritten::Expired);
        }
        if self.is_suspended(command.unit) {
            return Err(NotWritten::OutOfReach);
        }
        let point = self.shared().points.get(command.row).cloned().ok_or(NotWritten::UnknownTag)?;
        self.exchange(command.unit, &request(&point, &command.words)).await?;
        let read = Request::Read { table: point.table, start: point.register, count: point.width() };
        let mut held = f64::NAN;
        for attempt in 0..READ_BACKS {
            if attempt > 0 {
                tokio::time::sleep(READ_BACK_WAIT).await;
            }
            let answer = self.exchange(command.unit, &read).await?;
            self.shared().deliver(&[command.row], point.register, &answer);
            let words = match &answer.reply {
                Reply::Words(words) => words.clone(),
                Reply::Bits(bits) => bits.iter().map(|bit| u16::from(*bit)).collect(),
                Reply::Written | Reply::Exception(_) => Vec::new(),
            };
            held = value::decode(&words, point.kind, point.order).map_or(f64::NAN, |raw| point.si_of_raw(raw));
            if words == command.words {
                return Ok(Written { value: held, at: answer.source_time.into() });
            }
        }
        Err(NotWritten::NotHeld { value: held })
    }

    async fn exchange(&mut self, unit: usize, request: &Request) -> Result<super::line::Answer, NotWritten> {
        self.ask(unit, request).await.map_err(|trouble| match trouble {
            Trouble::Refused(exception) => NotWritten::Refused(exception),
            Trouble::Fault(fault) => {
                self.fault_of_write(unit, &fault);
                NotWritten::Fault { sent: !fault.is_of_line(), fault }
            }
        })
    }
}
