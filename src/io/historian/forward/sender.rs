//! A thread that sends what a link has not sent yet, for ever.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{Backlog, Target, TargetError};
use crate::io::IoError;
use crate::io::historian::store::Historian;

/// Pause when everything is sent.
const IDLE: Duration = Duration::from_millis(500);
/// Pauses after failures: random up to this doubled each time, at most the longest, so that many links do not come back
/// at once.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How a link is doing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForwarderStatus {
    /// Rows that the other side has committed since the start.
    pub sent_rows: u64,
    pub sent_parcels: u64,
    /// Failures in a row; 0 while the link stands.
    pub failures: u32,
    /// Why the last parcel was not sent.
    pub error: Option<String>,
    pub backlog: Backlog,
}

#[derive(Debug, Default)]
struct Inner {
    status: ForwarderStatus,
    ending: bool,
}

#[derive(Debug, Default)]
struct Shared {
    inner: Mutex<Inner>,
    changed: Condvar,
}

impl Shared {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits so long; whether to end.
    fn pause(&self, duration: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.inner(), duration, |inner| !inner.ending);
        waited.unwrap_or_else(PoisonError::into_inner).0.ending
    }
}

/// A thread that sends. Dropping it ends the thread after the parcel under way.
#[derive(Debug)]
pub struct Forwarder {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Forwarder {
    /// Starts sending over the link of this name (see [`Historian::link`]).
    pub fn start(historian: Historian, link: &str, mut target: Box<dyn Target>) -> std::io::Result<Forwarder> {
        let shared = Arc::new(Shared::default());
        let (theirs, link) = (shared.clone(), link.to_owned());
        let thread = std::thread::Builder::new()
            .name(format!("link {link}"))
            .spawn(move || run(&historian, &link, &mut *target, &theirs))?;
        Ok(Forwarder { shared, thread: Some(thread) })
    }

    pub fn status(&self) -> ForwarderStatus {
        self.shared.inner().status.clone()
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        self.shared.inner().ending = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been told by the panic hook.
            let _ = thread.join();
        }
    }
}

fn run(historian: &Historian, link: &str, target: &mut dyn Target, shared: &Shared) {
    loop {
        let outcome = send(historian, link, target);
        let mut inner = shared.inner();
        inner.status.backlog = historian.backlog(link);
        let pause = match outcome {
            Ok(sent) => {
                inner.status.failures = 0;
                inner.status.error = None;
                inner.status.sent_rows += sent.unwrap_or(0) as u64;
                inner.status.sent_parcels += u64::from(sent.is_some());
                if sent.is_some() { Duration::ZERO } else { IDLE }
            }
            Err(error) => {
                inner.status.failures += 1;
                inner.status.error = Some(error);
                let most = FIRST_PAUSE.saturating_mul(1 << inner.status.failures.min(10)).min(LONGEST_PAUSE);
                most.mul_f64(any_share())
            }
        };
        drop(inner);
        if shared.pause(pause) {
            return;
        }
    }
}

/// A number from 0 to 1, another one each time.
fn any_share() -> f64 {
    // The standard library seeds its hash tables at random.
    RandomState::new().build_hasher().finish() as f64 / u64::MAX as f64
}

/// Sends one parcel; the number of its rows, `None` where there is nothing to send.
fn send(historian: &Historian, link: &str, target: &mut dyn Target) -> Result<Option<usize>, String> {
    let Some(parcel) = historian.parcel(link).map_err(|error: IoError| error.to_string())? else { return Ok(None) };
    if !parcel.rows.is_empty() {
        target.store(&parcel.rows).map_err(|error: TargetError| {
            historian.refused(link);
            error.to_string()
        })?;
    }
    historian.acknowledge(link, &parcel).map_err(|error| error.to_string())?;
    Ok(Some(parcel.rows.len()))
}
