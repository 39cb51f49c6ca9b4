//! What all connections of a polling share: the points, the receiver, the statistics.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::health::{DeviceHealth, Health, Latencies};
use super::line::Answer;
use super::map::{DeviceMap, Point};
use super::pdu::Reply;
use super::value::{self, DataType};
use crate::live::{Fault, Quality, Sample, TagId, Timestamp};

/// Health of one device with what its quantiles are made of.
#[derive(Default)]
pub(super) struct Statistics {
    pub health: DeviceHealth,
    latencies: Latencies,
}

pub(super) struct Shared {
    pub points: Vec<Point>,
    statistics: Vec<Mutex<Statistics>>,
    texts: Mutex<BTreeMap<TagId, (Timestamp, String)>>,
    sink: SyncSender<Vec<Sample>>,
    dropped_batches: AtomicU64,
    dropped_samples: AtomicU64,
    closed: AtomicBool,
}

/// A panic elsewhere leaves numbers, not half a structure: they may be read on.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub fn new(map: &DeviceMap, sink: SyncSender<Vec<Sample>>) -> Shared {
        let statistics = map.devices.iter().map(|device| {
            let health = DeviceHealth { device: device.name.clone(), ..DeviceHealth::default() };
            Mutex::new(Statistics { health, ..Statistics::default() })
        });
        Shared {
            points: map.points.clone(),
            statistics: statistics.collect(),
            texts: Mutex::default(),
            sink,
            dropped_batches: AtomicU64::new(0),
            dropped_samples: AtomicU64::new(0),
            closed: AtomicBool::new(false),
        }
    }

    /// Whether nobody listens any more.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    pub fn statistics(&self, device: usize, change: impl FnOnce(&mut Statistics)) {
        if let Some(statistics) = self.statistics.get(device) {
            change(&mut locked(statistics));
        }
    }

    /// Notes an answer, be it a refusal.
    pub fn answered(&self, device: usize, answer: &Answer) {
        self.statistics(device, |statistics| {
            statistics.latencies.add(answer.took);
            statistics.health.answers += 1;
            statistics.health.last_answer = Some(answer.arrival_time.into());
        });
    }

    /// Sends the values of a read that began at `start`.
    pub fn deliver(&self, rows: &[usize], start: u16, answer: &Answer) {
        let arrival_time = Timestamp::from(answer.arrival_time);
        let source_time = Timestamp::from(answer.source_time);
        let mut samples = Vec::with_capacity(rows.len());
        for &row in rows {
            let Some(point) = self.points.get(row) else { continue };
            let tag = TagId(row as u32);
            let from = usize::from(point.register.wrapping_sub(start));
            let to = from + usize::from(point.width());
            let decoded = match &answer.reply {
                Reply::Bits(bits) => bits.get(from).map(|bit| Ok(f64::from(u8::from(*bit)))),
                Reply::Words(words) => words.get(from..to).map(|words| match point.kind {
                    DataType::Text(characters) => {
                        let text = value::decode_text(words, characters, point.order);
                        locked(&self.texts).insert(tag, (source_time, text));
                        Err(None)
                    }
                    _ => value::decode(words, point.kind, point.order).map_err(Some),
                }),
                Reply::Written | Reply::Exception(_) => None,
            };
            let (value, quality) = match decoded {
                Some(Ok(raw)) => {
                    let value = point.si_of_raw(raw);
                    if value.is_finite() { (value, Quality::Good) } else { (f64::NAN, Quality::Bad(Fault::NotANumber)) }
                }
                // Texts are shown, not sampled.
                Some(Err(None)) => continue,
                Some(Err(Some(_))) | None => (f64::NAN, Quality::Bad(Fault::NotANumber)),
            };
            samples.push(Sample { tag, source_time, arrival_time, value, quality });
        }
        self.send(samples);
    }

    /// Sends bad samples now; whether they were taken.
    pub fn deliver_bad(&self, rows: &[usize], fault: Fault) -> bool {
        let now = Timestamp::from(SystemTime::now());
        let sampled = rows
            .iter()
            .filter(|&&row| self.points.get(row).is_some_and(|point| !matches!(point.kind, DataType::Text(_))));
        let bad = |&row: &usize| Sample {
            tag: TagId(row as u32),
            source_time: now,
            arrival_time: now,
            value: f64::NAN,
            quality: Quality::Bad(fault),
        };
        self.send(sampled.map(bad).collect())
    }

    /// Never waits: a receiver that is too slow loses the batch, and the loss is counted.
    fn send(&self, samples: Vec<Sample>) -> bool {
        if samples.is_empty() {
            return true;
        }
        match self.sink.try_send(samples) {
            Ok(()) => true,
            Err(TrySendError::Full(samples)) => {
                self.dropped_batches.fetch_add(1, Ordering::Relaxed);
                self.dropped_samples.fetch_add(samples.len() as u64, Ordering::Relaxed);
                false
            }
            Err(TrySendError::Disconnected(_)) => {
                self.closed.store(true, Ordering::Relaxed);
                true
            }
        }
    }

    pub fn health(&self) -> Health {
        let mut all = Latencies::default();
        let devices = self.statistics.iter().map(|statistics| {
            let Statistics { health, latencies } = &*locked(statistics);
            all.join(latencies);
            let (latency_p50_s, latency_p99_s) = (latencies.quantile_s(0.5), latencies.quantile_s(0.99));
            DeviceHealth { latency_p50_s, latency_p99_s, ..health.clone() }
        });
        let devices = devices.collect();
        Health {
            devices,
            latency_p50_s: all.quantile_s(0.5),
            latency_p99_s: all.quantile_s(0.99),
            dropped_batches: self.dropped_batches.load(Ordering::Relaxed),
            dropped_samples: self.dropped_samples.load(Ordering::Relaxed),
        }
    }

    pub fn texts(&self) -> BTreeMap<TagId, (Timestamp, String)> {
        locked(&self.texts).clone()
    }
}
