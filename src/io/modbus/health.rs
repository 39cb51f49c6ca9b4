//! How the lines to the devices do: counts, latencies, the last fault.

use std::sync::Arc;
use std::time::Duration;

use super::fault::Fault;
use super::pdu::Exception;
use crate::live::Timestamp;

/// How a device is reached right now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DeviceState {
    /// Not asked yet.
    #[default]
    Waiting,
    Answering,
    /// Answers only that it cannot (exceptions).
    Refusing,
    /// The line stands, but no answer that may be believed came over it.
    Silent,
    /// No connection.
    Unreachable,
}

impl DeviceState {
    /// Key of its name in the translation files.
    pub const fn key(self) -> &'static str {
        match self {
            DeviceState::Waiting => "modbus-state-waiting",
            DeviceState::Answering => "modbus-state-answering",
            DeviceState::Refusing => "modbus-state-refusing",
            DeviceState::Silent => "modbus-state-silent",
            DeviceState::Unreachable => "modbus-state-unreachable",
        }
    }
}

/// One device. Counts are since the start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeviceHealth {
    pub device: Arc<str>,
    pub state: DeviceState,
    /// When an answer last came, be it a refusal.
    pub last_answer: Option<Timestamp>,
    /// Of the last few thousand answers, to a fifth; `None` before the first.
    pub latency_p50_s: Option<f64>,
    pub latency_p99_s: Option<f64>,
    /// Requests answered.
    pub answers: u64,
    pub time_outs: u64,
    /// Refusals, busy ones left out that went away on asking again.
    pub exceptions: u64,
    /// Connections that could not be made or broke, answers that could not be believed.
    pub line_faults: u64,
    /// Connections made after the first.
    pub reconnects: u64,
    /// Readings that were due and could not be made in their period, while the device was not known to be out of reach.
    pub missed: u64,
    pub last_fault: Option<Fault>,
    pub last_exception: Option<Exception>,
}

/// Everything [`Polling::health`](super::Polling::health) tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Health {
    /// In the order of the device map.
    pub devices: Vec<DeviceHealth>,
    /// Of the answers of all devices together, as of each.
    pub latency_p50_s: Option<f64>,
    pub latency_p99_s: Option<f64>,
    /// Batches that were thrown away because the receiver was too slow, and the samples in them.
    pub dropped_batches: u64,
    pub dropped_samples: u64,
}

/// Four steps to each doubling from 1 µs to 67 s.
const STEPS: usize = 4 * 27;
/// With so many answers the counts are halved, so that old ones fade.
const FULL: u32 = 4096;

/// Latencies of the last few thousand answers.
#[derive(Clone, Debug)]
pub(super) struct Latencies {
    counts: [u32; STEPS],
    sum: u32,
}

impl Default for Latencies {
    fn default() -> Self {
        Latencies { counts: [0; STEPS], sum: 0 }
    }
}

impl Latencies {
    pub fn add(&mut self, took: Duration) {
        let micros = u32::try_from(took.as_micros()).unwrap_or(u32::MAX).max(1);
        let doubling = micros.ilog2();
        // The two bits behind the highest.
        let quarter = if doubling >= 2 { micros >> (doubling - 2) & 3 } else { micros << (2 - doubling) & 3 };
        let step = (4 * doubling + quarter) as usize;
        self.counts[step.min(STEPS - 1)] += 1;
        self.sum += 1;
        if self.sum >= FULL {
            self.counts.iter_mut().for_each(|count| *count /= 2);
            self.sum = self.counts.iter().sum();
        }
    }

    /// Adds what another has seen.
    pub fn join(&mut self, other: &Latencies) {
        self.counts.iter_mut().zip(other.counts).for_each(|(own, count)| *own = own.saturating_add(count));
        self.sum = self.sum.saturating_add(other.sum);
    }

    /// The latency that this share of the answers does not pass, s.
    pub fn quantile_s(&self, share: f64) -> Option<f64> {
        let wanted = (share * f64::from(self.sum)).ceil().max(1.0);
        let mut below = 0;
        let step = self.counts.iter().position(|count| {
            below += count;
            f64::from(below) >= wanted
        })?;
        let (doubling, quarter) = (step / 4, step % 4);
        // The upper end of the step.
        Some(f64::from(1_u32 << doubling) * (1.0 + (quarter + 1) as f64 / 4.0) * 1e-6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_right_to_a_fifth() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.quantile_s(0.5), None);
        for millis in 1..=1000 {
            latencies.add(Duration::from_millis(millis));
        }
        let (p50, p99) = (latencies.quantile_s(0.5).unwrap(), latencies.quantile_s(0.99).unwrap());
        assert!((0.5..=0.625).contains(&p50) && (0.99..=1.24).contains(&p99), "{p50} {p99}");
        for _ in 0..20_000 {
            latencies.add(Duration::from_micros(300));
        }
        assert!(latencies.quantile_s(0.99).unwrap() < 4e-4);
    }
}
