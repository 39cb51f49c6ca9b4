//! Working days, days off and the Spring Festival.
//!
//! China: the days off and the weekends worked for them, of the months with heating (October to April), as the General Office of
//! the State Council announced them for 2014 to 2026; other years by rule (1 January, seven days from New Year's Eve of the
//! lunar calendar, 4 to 6 April, 1 to 7 October). Days of one's own can be set. Not here: times of day, reading files.

use std::collections::BTreeMap;

use crate::physics::calendar::{CivilTime, DAY_S, days_from_civil};

/// What a day is for people and offices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DayKind {
    Work,
    Off,
    /// Spring Festival: a city half empty.
    Festival,
}

/// Announced days off as (from, to) in month·100 + day, and weekend days worked; the run that holds the Spring Festival stands
/// first.
struct Announced {
    year: i32,
    off: &'static [(u16, u16)],
    work: &'static [u16],
}

const ANNOUNCED: [Announced; 13] = [
    Announced { year: 2014, off: &[(131, 206), (101, 101), (405, 407), (1001, 1007)], work: &[126, 208, 1011] },
    Announced { year: 2015, off: &[(218, 224), (101, 103), (405, 406), (1001, 1007)], work: &[104, 215, 228, 1010] },
    Announced { year: 2016, off: &[(207, 213), (101, 101), (404, 404), (1001, 1007)], work: &[206, 214, 1008, 1009] },
    Announced { year: 2017, off: &[(127, 202), (101, 102), (402, 404), (1001, 1008)], work: &[122, 204, 401] },
    Announced {
        year: 2018,
        off: &[(215, 221), (101, 101), (405, 407), (429, 430), (1001, 1007), (1230, 1231)],
        work: &[211, 224, 408, 428, 1229],
    },
    Announced { year: 2019, off: &[(204, 210), (101, 101), (405, 407), (1001, 1007)], work: &[202, 203, 428, 1012] },
    Announced { year: 2020, off: &[(124, 202), (101, 101), (404, 406), (1001, 1008)], work: &[119, 426, 1010] },
    Announced { year: 2021, off: &[(211, 217), (101, 103), (403, 405), (1001, 1007)], work: &[207, 220, 425, 1009] },
    Announced {
        year: 2022,
        off: &[(131, 206), (101, 103), (403, 405), (430, 430), (1001, 1007), (1231, 1231)],
        work: &[129, 130, 402, 424, 1008, 1009],
    },
    Announced {
        year: 2023,
        off: &[(121, 127), (101, 102), (405, 405), (429, 430), (1001, 1006), (1230, 1231)],
        work: &[128, 129, 423, 1007, 1008],
    },
    Announced {
        year: 2024,
        off: &[(210, 217), (101, 101), (404, 406), (1001, 1007)],
        work: &[204, 218, 407, 428, 1012],
    },
    Announced { year: 2025, off: &[(128, 204), (101, 101), (404, 406), (1001, 1008)], work: &[126, 208, 427, 1011] },
    Announced { year: 2026, off: &[(215, 223), (101, 103), (404, 406), (1001, 1007)], work: &[104, 214, 228, 1010] },
];

/// First year of [`NEW_YEARS`].
const FIRST_YEAR: i32 = 2000;

/// New Year's Day of the Chinese lunar calendar, month·100 + day, from 2000 on.
const NEW_YEARS: [u16; 51] = [
    205, 124, 212, 201, 122, 209, 129, 218, 207, 126, 214, 203, 123, 210, 131, 219, 208, 128, 216, 205, 125, 212, 201,
    122, 210, 129, 217, 206, 126, 213, 203, 123, 211, 131, 219, 208, 128, 215, 204, 124, 212, 201, 122, 210, 130, 217,
    206, 126, 214, 202, 123,
];

/// Days that are not what their weekday says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Holidays {
    /// By rule where nothing else is said.
    china: bool,
    /// Days since 1970-01-01.
    days: BTreeMap<i64, DayKind>,
}

fn day(year: i32, month_and_day: u16) -> Option<i64> {
    days_from_civil(year, u32::from(month_and_day / 100), u32::from(month_and_day % 100))
}

impl Holidays {
    /// Weekends only.
    pub fn weekends() -> Holidays {
        Holidays::default()
    }

    /// Those of China.
    pub fn china() -> Holidays {
        let mut holidays = Holidays { china: true, days: BTreeMap::new() };
        for one in &ANNOUNCED {
            for (at, (from, to)) in one.off.iter().enumerate() {
                let kind = if at == 0 { DayKind::Festival } else { DayKind::Off };
                if let (Some(from), Some(to)) = (day(one.year, *from), day(one.year, *to)) {
                    holidays.days.extend((from..=to).map(|day| (day, kind)));
                }
            }
            holidays.days.extend(one.work.iter().filter_map(|at| Some((day(one.year, *at)?, DayKind::Work))));
        }
        holidays
    }

    /// Says what a day is (any time within it, s).
    pub fn set(&mut self, time_s: f64, kind: DayKind) {
        self.days.insert((time_s / DAY_S).floor() as i64, kind);
    }

    /// What the day of an hour is (hours since 1970-01-01 00:00 local).
    pub fn kind(&self, hour: i64) -> DayKind {
        let today = hour.div_euclid(24);
        if let Some(kind) = self.days.get(&today) {
            return *kind;
        }
        if self.china
            && let Some(kind) = by_rule(today)
        {
            return kind;
        }
        // 1970-01-01 was a Thursday.
        if (today + 3).rem_euclid(7) >= 5 { DayKind::Off } else { DayKind::Work }
    }
}

/// Holidays of the years that no announcement is known of.
fn by_rule(today: i64) -> Option<DayKind> {
    let civil = CivilTime::of(today as f64 * DAY_S);
    if ANNOUNCED.iter().any(|one| one.year == civil.year) {
        return None;
    }
    let new_year = usize::try_from(civil.year - FIRST_YEAR)
        .ok()
        .and_then(|at| NEW_YEARS.get(at))
        .and_then(|at| day(civil.year, *at));
    if new_year.is_some_and(|first| (first - 1..first + 6).contains(&today)) {
        return Some(DayKind::Festival);
    }
    let off = matches!((civil.month, civil.day), (1, 1) | (4, 4..=6) | (10, 1..=7));
    off.then_some(DayKind::Off)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(holidays: &Holidays, year: i32, month_and_day: u16) -> DayKind {
        holidays.kind(day(year, month_and_day).unwrap() * 24 + 7)
    }

    #[test]
    fn announced_years_are_as_announced() {
        let china = Holidays::china();
        // 2024: New Year's Eve was worked, 10 to 17 February off, Sundays 4 and 18 worked.
        for (at, expected) in [
            (204, DayKind::Work),
            (209, DayKind::Work),
            (210, DayKind::Festival),
            (217, DayKind::Festival),
            (218, DayKind::Work),
            (224, DayKind::Off),
            (226, DayKind::Work),
            (101, DayKind::Off),
        ] {
            assert_eq!(kind(&china, 2024, at), expected, "{at}");
        }
        assert_eq!(kind(&Holidays::weekends(), 2024, 210), DayKind::Off);
        assert_eq!(kind(&Holidays::weekends(), 2024, 212), DayKind::Work);
    }

    #[test]
    fn every_announced_festival_holds_the_lunar_new_year() {
        let china = Holidays::china();
        for one in &ANNOUNCED {
            let first = NEW_YEARS[(one.year - FIRST_YEAR) as usize];
            assert_eq!(kind(&china, one.year, first), DayKind::Festival, "{}", one.year);
            // Weekends that are worked are weekends, days off in a row are in order.
            for at in one.work {
                assert_eq!(kind(&Holidays::weekends(), one.year, *at), DayKind::Off, "{} {at}", one.year);
            }
            assert!(one.off.iter().all(|(from, to)| from <= to));
        }
    }

    #[test]
    fn other_years_go_by_rule_and_own_days_count_most() {
        let mut china = Holidays::china();
        // 12 February 2002 was New Year's Day, a Tuesday.
        assert_eq!(kind(&china, 2002, 211), DayKind::Festival);
        assert_eq!(kind(&china, 2002, 217), DayKind::Festival);
        assert_eq!(kind(&china, 2002, 218), DayKind::Work);
        assert_eq!(kind(&china, 2033, 131), DayKind::Festival);
        china.set(day(2002, 211).unwrap() as f64 * DAY_S + 5.0, DayKind::Work);
        assert_eq!(kind(&china, 2002, 211), DayKind::Work);
    }
}
