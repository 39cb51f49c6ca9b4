//! Days, hours and weekdays of a time in seconds.
//!
//! Time is counted in seconds since 1970-01-01 00:00 in local standard time (no summer time, no leap seconds), so that
//! differences are plain seconds. The civil calendar is the Gregorian one (H. Hinnant's integer formulas). Not here:
//! reading text (files) and the wall clock.

/// Seconds of an hour.
pub const HOUR_S: f64 = 3600.0;
/// Seconds of a day.
pub const DAY_S: f64 = 86_400.0;

/// A date and time of day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CivilTime {
    pub year: i32,
    /// 1…12.
    pub month: u32,
    /// 1…31.
    pub day: u32,
    /// 0…86 400.
    pub second_of_day: f64,
}

/// Days since 1970-01-01; `None` where the date does not exist.
pub fn days_from_civil(year: i32, month: u32, day: u32) -> Option<i64> {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let length = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if day == 0 || day > length {
        return None;
    }
    let y = i64::from(year) - i64::from(month <= 2);
    let era = y.div_euclid(400);
    let year_of_era = y - era * 400;
    let day_of_year = (153 * i64::from((month + 9) % 12) + 2) / 5 + i64::from(day) - 1;
    Some(era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468)
}

impl CivilTime {
    /// The date and time of a time.
    pub fn of(time_s: f64) -> CivilTime {
        let days = (time_s / DAY_S).floor();
        let z = days as i64 + 719_468;
        let era = z.div_euclid(146_097);
        let day_of_era = z - era * 146_097;
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = (day_of_year - (153 * month_from_march + 2) / 5 + 1) as u32;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 } as u32;
        let year = (year_of_era + era * 400 + i64::from(month <= 2)) as i32;
        CivilTime { year, month, day, second_of_day: time_s - days * DAY_S }
    }

    /// `2026-01-15`.
    pub fn date_text(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// Back to seconds; `None` where the date does not exist.
    pub fn time_s(&self) -> Option<f64> {
        Some(days_from_civil(self.year, self.month, self.day)? as f64 * DAY_S + self.second_of_day)
    }
}

/// 0 Monday … 6 Sunday.
pub fn weekday(time_s: f64) -> usize {
    // 1970-01-01 was a Thursday.
    ((time_s / DAY_S).floor() as i64 + 3).rem_euclid(7) as usize
}

/// 0…23.
pub fn hour_of_day(time_s: f64) -> usize {
    ((time_s.rem_euclid(DAY_S) / 3600.0) as usize).min(23)
}

/// Days since the first of January 0:00, 0…366.
pub fn day_of_year(time_s: f64) -> f64 {
    let first = days_from_civil(CivilTime::of(time_s).year, 1, 1).unwrap_or(0);
    time_s / DAY_S - first as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_days() {
        assert_eq!(days_from_civil(1970, 1, 1), Some(0));
        assert_eq!(days_from_civil(2000, 3, 1), Some(11_017));
        assert_eq!(days_from_civil(2024, 2, 29), Some(19_782));
        assert_eq!(days_from_civil(2023, 2, 29), None);
        assert_eq!(days_from_civil(2023, 13, 1), None);
        // 2024-01-15 was a Monday.
        let monday = CivilTime { year: 2024, month: 1, day: 15, second_of_day: 7.5 * 3600.0 }.time_s().unwrap();
        assert_eq!((weekday(monday), hour_of_day(monday)), (0, 7));
        assert!((day_of_year(monday) - (14.0 + 7.5 / 24.0)).abs() < 1e-9);
        assert_eq!(weekday(-1.0), 2);
    }

    #[test]
    fn every_day_of_four_centuries_comes_back() {
        for days in (-200_000..150_000).step_by(13) {
            let civil = CivilTime::of(days as f64 * DAY_S + 12.0);
            assert_eq!(days_from_civil(civil.year, civil.month, civil.day), Some(days));
            assert!((civil.second_of_day - 12.0).abs() < 1e-3);
        }
    }
}
