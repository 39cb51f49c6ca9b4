//! Instants of samples, alarms and records. Reads no clock.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01 00:00 UTC, without leap seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// Text that is no instant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is no date and time; write it like 2026-01-14T03:05:00+08:00")]
pub struct NotATimestamp(pub String);

impl Timestamp {
    /// From milliseconds since 1970-01-01 00:00 UTC.
    pub const fn from_ms(ms: i64) -> Timestamp {
        Timestamp(ms)
    }

    /// Milliseconds since 1970-01-01 00:00 UTC.
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// Seconds since 1970-01-01 00:00 UTC.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / 1e3
    }

    /// Milliseconds from an earlier instant to this one; negative where `earlier` is later.
    pub const fn ms_since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The instant `ms` milliseconds later (earlier where negative).
    pub const fn plus_ms(self, ms: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(ms))
    }

    /// Date and time of day where this machine stands, to the millisecond: `2026-01-14 03:05:00.250`.
    pub fn local_text(self) -> String {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(instant) => {
                let zoned = instant.to_zoned(jiff::tz::TimeZone::system());
                format!("{} {:.3}", zoned.date(), zoned.time())
            }
            Err(_) => self.to_string(),
        }
    }

    /// Reads RFC 3339: date, time and offset from UTC (`Z` or `+08:00`).
    pub fn parse(text: &str) -> Result<Timestamp, NotATimestamp> {
        let instant: jiff::Timestamp = text.trim().parse().map_err(|_| NotATimestamp(text.to_owned()))?;
        Ok(Timestamp(instant.as_millisecond()))
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Timestamp {
        let ms = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        match time.duration_since(UNIX_EPOCH) {
            Ok(after) => Timestamp(ms(after)),
            Err(before) => Timestamp(-ms(before.duration())),
        }
    }
}

/// RFC 3339 in UTC with milliseconds; beyond the year 9999 the bare number.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(instant) => write!(f, "{instant:.3}"),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        let at = Timestamp::parse("2026-01-14T03:05:00.250+08:00").unwrap();
        assert_eq!(at.to_string(), "2026-01-13T19:05:00.250Z");
        assert_eq!(Timestamp::parse(&at.to_string()), Ok(at));
        assert!(Timestamp::parse("yesterday").is_err());
        assert_eq!(Timestamp::from(UNIX_EPOCH - Duration::from_millis(1500)), Timestamp::from_ms(-1500));
    }
}
