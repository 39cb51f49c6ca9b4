//! A thread that stores what others hand over, so that nobody who polls devices ever waits for a disk.
//!
//! The queue is bounded: when the disk cannot keep up (or is full) and the queue has filled, further batches are refused
//! and counted, never waited for. A batch that could not be stored is kept and tried again each second, in order.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::store::{Appended, Historian};
use crate::io::IoError;
use crate::live::Sample;

/// Pause before a failed batch is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// Samples stored with one visit to the disk at most.
const MOST_SAMPLES: usize = 1 << 16;

/// Number of a batch handed over, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// The queue is full, or the recorder has ended.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{} samples were not taken: the historian is behind", .0.len())]
pub struct Refused(pub Vec<Sample>);

/// How the recorder is doing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    /// Every batch up to this one is on the disk (or was refused by the historian as a whole, see `lost_samples`).
    pub acknowledged: u64,
    /// Batches that wait.
    pub waiting: usize,
    /// Samples on the disk since the start.
    pub stored_samples: u64,
    pub double_samples: u64,
    /// Samples of unknown tags or impossible instants.
    pub unknown_samples: u64,
    /// Samples that did not fit into the queue, and those still waiting when the recorder had to end.
    pub lost_samples: u64,
    /// Longest time that a visit to the disk took, with the sealing that followed.
    pub longest_commit: Duration,
    /// Why the batch now waiting cannot be stored.
    pub error: Option<IoError>,
}

#[derive(Debug, Default)]
struct Inner {
    status: Status,
    /// Nothing more will come.
    ending: bool,
}

#[derive(Debug, Default)]
struct Shared {
    inner: Mutex<Inner>,
    /// Told whenever a batch is acknowledged, and when the recorder is to end.
    changed: Condvar,
    lost_samples: AtomicU64,
    waiting: AtomicUsize,
    next: Mutex<u64>,
}

impl Shared {
    fn status(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread that stores batches. Dropping it stores what waits and ends the thread.
#[derive(Debug)]
pub struct Recorder {
    sender: Option<SyncSender<(u64, Vec<Sample>)>>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Recorder {
    /// Starts the thread with a queue of so many batches.
    pub fn start(historian: Historian, batches: usize) -> std::io::Result<Recorder> {
        let (sender, receiver) = sync_channel(batches.max(1));
        let shared = Arc::new(Shared::default());
        let theirs = shared.clone();
        let thread = std::thread::Builder::new()
            .name("historian".to_owned())
            .spawn(move || run(&historian, &receiver, &theirs))?;
        Ok(Recorder { sender: Some(sender), shared, thread: Some(thread) })
    }

    /// Hands a batch over without waiting. Gives it back where there is no room.
    pub fn offer(&self, samples: Vec<Sample>) -> Result<Ticket, Refused> {
        // Held over the sending, so that tickets rise in the order of the queue.
        let mut next = self.shared.next.lock().unwrap_or_else(PoisonError::into_inner);
        let ticket = *next + 1;
        let Some(sender) = &self.sender else { return Err(Refused(samples)) };
        self.shared.waiting.fetch_add(1, Ordering::Relaxed);
        match sender.try_send((ticket, samples)) {
            Ok(()) => {
                *next = ticket;
                Ok(Ticket(ticket))
            }
            Err(TrySendError::Full((_, samples)) | TrySendError::Disconnected((_, samples))) => {
                self.shared.waiting.fetch_sub(1, Ordering::Relaxed);
                self.shared.lost_samples.fetch_add(samples.len() as u64, Ordering::Relaxed);
                Err(Refused(samples))
            }
        }
    }

    /// How it is doing.
    pub fn status(&self) -> Status {
        let mut status = self.shared.status().status.clone();
        status.waiting = self.shared.waiting.load(Ordering::Relaxed);
        status.lost_samples += self.shared.lost_samples.load(Ordering::Relaxed);
        status
    }

    /// Whether a batch is on the disk.
    pub fn is_durable(&self, ticket: Ticket) -> bool {
        self.shared.status().status.acknowledged >= ticket.0
    }

    /// Waits until a batch is on the disk, at most so long; whether it is.
    pub fn wait(&self, ticket: Ticket, at_most: Duration) -> bool {
        let inner = self.shared.status();
        let waits = |inner: &mut Inner| inner.status.acknowledged < ticket.0;
        let waited = self.shared.changed.wait_timeout_while(inner, at_most, waits);
        waited.unwrap_or_else(PoisonError::into_inner).0.status.acknowledged >= ticket.0
    }

    /// Stores what waits, ends the thread and tells how it went.
    pub fn finish(mut self) -> Status {
        self.end();
        self.status()
    }

    fn end(&mut self) {
        self.sender = None;
        self.shared.status().ending = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been told by the panic hook; what was acknowledged is on the disk.
            let _ = thread.join();
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.end();
    }
}

fn run(historian: &Historian, receiver: &Receiver<(u64, Vec<Sample>)>, shared: &Shared) {
    while let Ok((mut ticket, mut samples)) = receiver.recv() {
        let mut batches = 1;
        // What waits already goes along: one visit to the disk for all of it.
        while samples.len() < MOST_SAMPLES
            && let Ok((next, more)) = receiver.try_recv()
        {
            ticket = next;
            samples.extend(more);
            batches += 1;
        }
        let stored = store(historian, shared, &samples);
        shared.waiting.fetch_sub(batches, Ordering::Relaxed);
        let mut inner = shared.status();
        let status = &mut inner.status;
        match stored {
            Some(done) => {
                status.error = None;
                status.stored_samples += done.stored as u64;
                status.double_samples += done.doubles as u64;
                status.unknown_samples += done.refused as u64;
                status.acknowledged = ticket;
            }
            None => status.lost_samples += samples.len() as u64,
        }
        drop(inner);
        shared.changed.notify_all();
    }
}

/// Stores a batch, trying again until it succeeds; `None` where it cannot be stored and the recorder is to end.
fn store(historian: &Historian, shared: &Shared, samples: &[Sample]) -> Option<Appended> {
    loop {
        let ending = shared.status().ending;
        let start = Instant::now();
        let outcome = historian.append(samples);
        let mut inner = shared.status();
        match outcome {
            Ok(done) => {
                inner.status.longest_commit = inner.status.longest_commit.max(start.elapsed());
                return Some(done);
            }
            Err(error) => inner.status.error = Some(error),
        }
        if ending {
            return None;
        }
        // Woken early where the recorder is to end.
        drop(shared.changed.wait_timeout_while(inner, RETRY, |inner| !inner.ending));
    }
}
