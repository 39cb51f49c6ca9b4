//! The alarm journal while a field is followed: a thread writes events down, so that nobody who watches alarms waits for
//! a disk.
//!
//! What cannot be written is kept in order and tried again each second, up to [`WAITING`] events; the oldest are lost then, and
//! counted. Dropped, it writes what it has and ends.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::io::{IoError, alarm_journal};
use crate::live::alarm::Record;

/// Pause before a failed batch is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// Events that may wait for a disk: a flood of alarms for hours.
const WAITING: usize = 100_000;
/// Handings-over that may wait while the disk is at work: at five a second, a quarter of an hour.
const WAITING_BATCHES: usize = 4096;

/// How the writing goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Status {
    /// Why what waits cannot be written.
    pub error: Option<IoError>,
    pub lost: u64,
}

/// Writes events to a folder.
pub(super) struct Journalling {
    /// `None` once it ends.
    records: Option<SyncSender<Vec<Record>>>,
    status: Arc<Mutex<Status>>,
    thread: Option<JoinHandle<()>>,
}

impl Journalling {
    pub fn start(folder: PathBuf) -> std::io::Result<Journalling> {
        let (records, incoming) = sync_channel(WAITING_BATCHES);
        let status = Arc::new(Mutex::new(Status::default()));
        let told = status.clone();
        let work = move || write(&folder, &incoming, &told);
        let thread = std::thread::Builder::new().name("alarm-journal".to_owned()).spawn(work)?;
        Ok(Journalling { records: Some(records), status, thread: Some(thread) })
    }

    /// Hands events over. Never waits.
    pub fn offer(&self, records: Vec<Record>) {
        if let Some(sender) = self.records.as_ref().filter(|_| !records.is_empty()) {
            // The thread ends only after this sender; a disk that hangs for longer than the queue loses the newest.
            if let Err(TrySendError::Full(lost)) = sender.try_send(records) {
                self.status.lock().unwrap_or_else(PoisonError::into_inner).lost += lost.len() as u64;
            }
        }
    }

    pub fn status(&self) -> Status {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Journalling {
    fn drop(&mut self) {
        self.records = None;
        if let Some(thread) = self.thread.take() {
            // It does not panic; if it did, there is nobody to tell any more.
            let _ = thread.join();
        }
    }
}

fn write(folder: &std::path::Path, incoming: &Receiver<Vec<Record>>, status: &Mutex<Status>) {
    let mut waiting: Vec<Record> = Vec::new();
    let mut ending = false;
    while !ending {
        match incoming.recv_timeout(RETRY) {
            Ok(records) => waiting.extend(records),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => ending = true,
        }
        waiting.extend(incoming.try_iter().flatten());
        let surplus = waiting.len().saturating_sub(WAITING);
        waiting.drain(..surplus);
        let error = alarm_journal::append(folder, &waiting).err();
        if error.is_none() {
            waiting.clear();
        }
        let mut status = status.lock().unwrap_or_else(PoisonError::into_inner);
        status.lost += surplus as u64;
        status.error = error;
    }
}
