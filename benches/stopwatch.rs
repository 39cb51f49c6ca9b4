//! Time that a bench takes of a processor, so that other programs disturb little.

use std::time::{Duration, Instant};

/// Many ticks of the kernel's processor clock.
const TICKS: Duration = Duration::from_millis(40);

/// Processor time of this thread, or the clock where that cannot be read.
pub struct Stopwatch(Instant, Option<u64>);

impl Stopwatch {
    pub fn start() -> Stopwatch {
        Stopwatch(Instant::now(), on_processor_ns())
    }

    pub fn elapsed(&self) -> Duration {
        let wall = self.0.elapsed();
        match (self.1, on_processor_ns()) {
            // The kernel counts in ticks of some milliseconds: too coarse for short times.
            (Some(before), Some(now)) if wall > TICKS => Duration::from_nanos(now.saturating_sub(before)).min(wall),
            _ => wall,
        }
    }
}

fn on_processor_ns() -> Option<u64> {
    std::fs::read_to_string("/proc/thread-self/schedstat").ok()?.split(' ').next()?.parse().ok()
}
