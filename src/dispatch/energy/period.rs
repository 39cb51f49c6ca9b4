//! Stretches of whole hours, and which other one they are compared with.

use crate::physics::calendar::{CivilTime, DAY_S, HOUR_S};

/// From an hour to another, without that one; hours are counted from 1970-01-01 00:00 in local standard time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    pub from: i64,
    pub to: i64,
}

/// Lengths that a period is cut into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Day,
    Month,
    /// From July to June, so that a winter is not cut in two.
    Season,
}

impl Period {
    /// At least an hour.
    pub fn new(from: i64, to: i64) -> Period {
        Period { from, to: to.max(from + 1) }
    }

    pub fn hours(self) -> std::ops::Range<i64> {
        self.from..self.to
    }

    /// Hours in it.
    pub fn len(self) -> usize {
        usize::try_from(self.to - self.from).unwrap_or(1)
    }

    /// Never.
    pub fn is_empty(self) -> bool {
        self.to <= self.from
    }

    /// The same dates a year earlier (同比). The 29th of February becomes the 28th.
    #[must_use]
    pub fn year_before(self) -> Period {
        Period::new(years_later(self.from, -1), years_later(self.to, -1))
    }

    /// What lies just before it (环比): of whole calendar months as many months, else as many hours.
    #[must_use]
    pub fn before(self) -> Period {
        match self.months() {
            Some(months) => Period::new(month_later(self.from, -months), self.from),
            None => Period::new(2 * self.from - self.to, self.from),
        }
    }

    /// How many calendar months it is, where it is whole ones.
    fn months(self) -> Option<i32> {
        let [from, to] = [self.from, self.to].map(|hour| CivilTime::of(hour as f64 * HOUR_S));
        let whole = |time: &CivilTime| time.day == 1 && time.second_of_day < 1.0;
        (whole(&from) && whole(&to)).then(|| 12 * (to.year - from.year) + to.month as i32 - from.month as i32)
    }

    /// Cut at midnights; the first and last piece may be shorter.
    pub fn cut(self, step: Step) -> Vec<Period> {
        let mut out = Vec::new();
        let mut from = self.from;
        while from < self.to {
            let to = after(from, step).min(self.to);
            out.push(Period { from, to });
            from = to;
        }
        out
    }
}

/// The first hour of the next day, month or season.
fn after(hour: i64, step: Step) -> i64 {
    let civil = CivilTime::of(hour as f64 * HOUR_S);
    let start = |year, month| hour_of(CivilTime { year, month, day: 1, second_of_day: 0.0 });
    match step {
        Step::Day => (hour.div_euclid(24) + 1) * 24,
        Step::Month => month_later(start(civil.year, civil.month).unwrap_or(hour), 1),
        Step::Season => {
            let year = if civil.month >= 7 { civil.year + 1 } else { civil.year };
            start(year, 7).unwrap_or(hour + 1)
        }
    }
}

fn hour_of(civil: CivilTime) -> Option<i64> {
    civil.time_s().map(|time_s| (time_s / HOUR_S).round() as i64)
}

fn years_later(hour: i64, years: i32) -> i64 {
    let civil = CivilTime::of(hour as f64 * HOUR_S);
    let moved = |day| hour_of(CivilTime { year: civil.year + years, day, ..civil });
    moved(civil.day).or_else(|| moved(28)).unwrap_or(hour - (f64::from(-years) * 365.0 * DAY_S / HOUR_S) as i64)
}

/// The same time of the first of another month.
fn month_later(hour: i64, months: i32) -> i64 {
    let civil = CivilTime::of(hour as f64 * HOUR_S);
    let count = 12 * civil.year + civil.month as i32 - 1 + months;
    let (year, month) = (count.div_euclid(12), count.rem_euclid(12) as u32 + 1);
    hour_of(CivilTime { year, month, ..civil }).unwrap_or(hour + i64::from(months) * 730)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(year: i32, month: u32, day: u32) -> i64 {
        hour_of(CivilTime { year, month, day, second_of_day: 0.0 }).unwrap()
    }

    #[test]
    fn periods_beside_each_other() {
        let january = Period::new(hour(2026, 1, 1), hour(2026, 2, 1));
        assert_eq!(january.year_before(), Period::new(hour(2025, 1, 1), hour(2025, 2, 1)));
        assert_eq!(january.before(), Period::new(hour(2025, 12, 1), january.from));
        let march = Period::new(hour(2026, 3, 1), hour(2026, 4, 1));
        assert_eq!(march.before(), Period::new(hour(2026, 2, 1), march.from));
        let week = Period::new(hour(2026, 1, 8), hour(2026, 1, 15));
        assert_eq!(week.before(), Period::new(hour(2026, 1, 1), hour(2026, 1, 8)));
        let leap = Period::new(hour(2024, 2, 29), hour(2024, 3, 1));
        assert_eq!(leap.year_before(), Period::new(hour(2023, 2, 28), hour(2023, 3, 1)));
    }

    #[test]
    fn pieces_touch_and_end_at_midnight() {
        let winter = Period::new(hour(2025, 11, 15) + 5, hour(2026, 3, 15));
        let months = winter.cut(Step::Month);
        assert_eq!(months.len(), 5);
        assert_eq!((months[0].from, months[0].to, months[4].to), (winter.from, hour(2025, 12, 1), winter.to));
        assert!(months.windows(2).all(|pair| pair[0].to == pair[1].from));
        assert_eq!(winter.cut(Step::Season), [winter]);
        assert_eq!(Period::new(hour(2025, 1, 1), hour(2026, 1, 1)).cut(Step::Season)[0].to, hour(2025, 7, 1));
        assert_eq!(winter.cut(Step::Day)[0].len(), 19);
    }
}
