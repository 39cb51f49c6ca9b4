//! All devices of a map read at their periods, on a thread of their own.
//!
//! One task per connection ([`session`](super::session)) on one thread: sockets are what is waited for, not the
//! processor. Batches go into a bounded channel that is never waited for. Dropping the handle ends the thread.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::health::Health;
use super::map::{DeviceMap, Transport};
use super::session::Session;
use super::shared::Shared;
use super::tls;
use super::write::{Route, Writer};
use crate::io::{IoError, Problem};
use crate::live::{Sample, TagId, Timestamp};

/// Commands waiting for one connection; an operator gives one at a time.
const COMMANDS: usize = 4;
/// How long tasks that cannot be interrupted (the look-up of a name) may hold up the end.
const END_WITHIN: Duration = Duration::from_millis(200);
/// Fraction of the golden ratio: multiples of it spread evenly however many there are.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// A running polling of all devices of a map.
pub struct Polling {
    shared: Arc<Shared>,
    writer: Option<Writer>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Polling {
    /// Starts. Samples arrive in batches, one for each answer, and one of bad samples when a device falls silent.
    ///
    /// Fails where a certificate cannot be read or a point names no device; devices out of reach are no failure.
    pub fn start(map: &DeviceMap, sink: SyncSender<Vec<Sample>>) -> Result<Polling, IoError> {
        let mut points: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (row, point) in map.points.iter().enumerate() {
            points.entry(&point.device).or_default().push(row);
        }
        if let Some(orphan) = points.keys().find(|name| map.device(name).is_none()) {
            return Err(Problem::new(Path::new("device map"), "io-modbus-no-device").with("device", orphan).into());
        }
        let shared = Arc::new(Shared::new(map, sink));
        let failed = |error: &std::io::Error| {
            IoError::from(Problem::new(Path::new("modbus"), "io-modbus-thread").with("reason", error))
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| failed(&e))?;
        // Serial ports and timers belong to the runtime from the start.
        let inside = runtime.enter();
        let mut sessions: BTreeMap<&Transport, (Session, mpsc::Sender<_>)> = BTreeMap::new();
        let mut routes = BTreeMap::new();
        for (row, device) in map.devices.iter().enumerate() {
            let (session, commands) = match sessions.entry(&device.transport) {
                std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
                std::collections::btree_map::Entry::Vacant(entry) => {
                    let tls = match &device.transport {
                        Transport::Tls { host, files, .. } => Some(tls::client(files, host)?),
                        _ => None,
                    };
                    let (sender, receiver) = mpsc::channel(COMMANDS);
                    entry.insert((Session::new(device.transport.clone(), tls, shared.clone(), receiver), sender))
                }
            };
            let rows = points.remove(&*device.name).unwrap_or_default();
            let unit = session.add(device, row, rows, (row as f64 * GOLDEN).fract());
            routes.insert(device.name.clone(), Route::new(device, commands.clone(), unit));
        }
        let sessions: Vec<Session> = sessions.into_values().map(|(session, _)| session).collect();
        drop(inside);
        let (stop, stopped) = oneshot::channel::<()>();
        let run = move || {
            runtime.block_on(async move {
                for session in sessions {
                    tokio::spawn(session.run());
                }
                // Ends when told to, and when the handle is gone.
                let _ = stopped.await;
            });
            runtime.shutdown_timeout(END_WITHIN);
        };
        let thread = std::thread::Builder::new().name("modbus".to_owned()).spawn(run).map_err(|e| failed(&e))?;
        let writer = Some(Writer { shared: shared.clone(), routes });
        Ok(Polling { shared, writer, stop: Some(stop), thread: Some(thread) })
    }

    /// How the devices do now.
    pub fn health(&self) -> Health {
        self.shared.health()
    }

    /// The last text of every point that holds text, and when it was read.
    pub fn texts(&self) -> BTreeMap<TagId, (Timestamp, String)> {
        self.shared.texts()
    }

    /// The one object that can write; `None` from the second call on.
    pub fn take_writer(&mut self) -> Option<Writer> {
        self.writer.take()
    }
}

impl Drop for Polling {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has nothing left to end.
            let _ = thread.join();
        }
    }
}
