//! A moment of the wall clock with the offset it was read at: `2026-11-22T23:20:05+08:00`.
//!
//! A log is read long after, and by people elsewhere: the instant must be beyond doubt, and the hour must be the one the
//! writer saw. Whole seconds. Moments compare by instant. Not here: the network's own time, which is local and without
//! offset ([`calendar`](crate::physics::calendar)).

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::physics::calendar::{CivilTime, days_from_civil};

/// The one clock of China (GB/T 7408: UTC+8 all over the country), taken where nobody says otherwise.
pub const CHINA_OFFSET_MIN: i16 = 480;
/// Offsets in use reach from −12 to +14 hours.
const GREATEST_OFFSET_MIN: i16 = 14 * 60;

/// A moment.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Seconds since 1970-01-01 00:00 UTC.
    pub unix_s: i64,
    /// Local time minus UTC.
    pub offset_min: i16,
}

impl Moment {
    /// Now, by the machine's clock.
    pub fn now(offset_min: i16) -> Moment {
        let unix_s = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
            // A clock before 1970 is wrong, but no reason to lose the entry.
            Err(before) => i64::try_from(before.duration().as_secs()).map_or(0, |seconds| -seconds),
        };
        Moment { unix_s, offset_min }
    }

    /// Seconds from `earlier` to this; negative where it is not earlier.
    pub const fn seconds_since(self, earlier: Moment) -> i64 {
        self.unix_s.saturating_sub(earlier.unix_s)
    }

    fn local(self) -> CivilTime {
        // Years beyond four digits are no wall clock; the bounds keep the text in its form.
        let local_s =
            self.unix_s.saturating_add(60 * i64::from(self.offset_min)).clamp(-62_167_219_200, 253_402_300_799);
        CivilTime::of(local_s as f64)
    }

    /// `23:20:05`, as the clock on the wall showed it.
    pub fn time_of_day(self) -> String {
        let second = self.local().second_of_day as u32;
        format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
    }

    /// `2026-11-22`.
    pub fn date(self) -> String {
        self.local().date_text()
    }
}

impl PartialEq for Moment {
    fn eq(&self, other: &Moment) -> bool {
        self.unix_s == other.unix_s
    }
}

impl Eq for Moment {}

impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Moment) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Moment {
    fn cmp(&self, other: &Moment) -> Ordering {
        self.unix_s.cmp(&other.unix_s)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}T{}", self.date(), self.time_of_day())?;
        if self.offset_min == 0 {
            return f.write_str("Z");
        }
        let sign = if self.offset_min < 0 { '-' } else { '+' };
        let offset = self.offset_min.unsigned_abs();
        write!(f, "{sign}{:02}:{:02}", offset / 60, offset % 60)
    }
}

/// Why a text is no moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no time; write it as 2026-11-22T23:20:05+08:00")]
pub struct NotAMoment(pub String);

/// A number of exactly so many digits.
fn digits(text: &str, count: usize) -> Option<u32> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

fn offset_min(text: &str) -> Option<i16> {
    if text == "Z" {
        return Some(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2).filter(|minutes| *minutes < 60)?);
    let offset = i16::try_from(60 * hours + minutes).ok()?;
    (offset <= GREATEST_OFFSET_MIN).then_some(sign * offset)
}

/// RFC 3339 with whole seconds.
fn parse(text: &str) -> Option<Moment> {
    let (date, rest) = text.split_once('T')?;
    let mut parts = date.split('-');
    let (year, month, day) = (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    if parts.next().is_some() {
        return None;
    }
    let clock = rest.get(..8)?;
    let mut parts = clock.split(':');
    let (hour, minute, second) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let offset_min = offset_min(rest.get(8..)?)?;
    let days = days_from_civil(i32::try_from(year).ok()?, month, day)?;
    let local_s = 86_400 * days + i64::from(3600 * hour + 60 * minute + second);
    Some(Moment { unix_s: local_s - 60 * i64::from(offset_min), offset_min })
}

impl FromStr for Moment {
    type Err = NotAMoment;

    fn from_str(text: &str) -> Result<Moment, NotAMoment> {
        parse(text).ok_or_else(|| NotAMoment(text.to_owned()))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Moment, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a panic in a test is its report")]
    use super::*;

    #[test]
    fn text_and_back() {
        for text in ["2026-11-22T23:20:05+08:00", "2024-02-29T00:00:00Z", "1969-12-31T23:59:59-03:30"] {
            assert_eq!(text.parse::<Moment>().unwrap().to_string(), text);
        }
        let moment: Moment = "2026-11-22T23:20:05+08:00".parse().unwrap();
        assert_eq!(moment, "2026-11-22T15:20:05Z".parse().unwrap());
        assert_eq!(moment.unix_s, 1_795_360_805);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2026-11-22",
            "2026-11-22T23:20:05",
            "2026-02-30T00:00:00Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T23:20:05+15:00",
            "2026-11-22T23:20:05+08:60",
            "2026-11-22T23:20:05 +08:00",
            "é026-11-22T23:20:05Z",
            "2026-11-22T23:2é:05Z",
            "2026-11-22-01T23:20:05Z",
        ] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }

    #[test]
    fn years_no_wall_clock_knows_still_have_a_text() {
        for unix_s in [i64::MIN, i64::MAX] {
            let text = Moment { unix_s, offset_min: CHINA_OFFSET_MIN }.to_string();
            assert!(text.parse::<Moment>().is_ok(), "{text}");
        }
    }
}
