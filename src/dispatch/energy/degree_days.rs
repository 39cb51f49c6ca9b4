//! Degree-days of heating: what the weather asked for.
//!
//! A day counts base − mean outdoor temperature where that is positive, else nothing (采暖度日数; with a base of 18 °C the HDD18
//! of JGJ 26-2018 and GB 50176-2016). The mean is that of the hours of the day from midnight; gaps of up to three hours are
//! bridged by a straight line, a day of which less than 18 hours are known then is not known. Part of a day counts as its share.

use super::Refused;
use super::period::Period;

/// Base of the standards, °C.
pub const BASE_C: f64 = 18.0;
const LEAST_HOURS: usize = 18;
const LONGEST_GAP: usize = 3;

/// Outdoor temperature by the hour, °C, with gaps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outdoor {
    first_hour: i64,
    celsius: Vec<Option<f64>>,
}

impl Outdoor {
    pub fn new(first_hour: i64, celsius: Vec<Option<f64>>) -> Outdoor {
        let finite = |value: Option<f64>| value.filter(|celsius| celsius.is_finite());
        Outdoor { first_hour, celsius: celsius.into_iter().map(finite).collect() }
    }

    /// By the hour the median of several.
    pub fn median_of(several: &[Outdoor]) -> Option<Outdoor> {
        let first = several.iter().map(|one| one.first_hour).min()?;
        let end = several.iter().map(|one| one.first_hour + one.celsius.len() as i64).max()?;
        let median = |hour: i64| {
            let mut own: Vec<f64> = several.iter().filter_map(|one| one.at(hour)).collect();
            super::ranking::median(&mut own)
        };
        Some(Outdoor::new(first, (first..end).map(median).collect()))
    }

    pub fn at(&self, hour: i64) -> Option<f64> {
        usize::try_from(hour - self.first_hour).ok().and_then(|at| self.celsius.get(at)).copied().flatten()
    }

    /// With gaps of a few hours closed.
    fn bridged(&self) -> Outdoor {
        let mut out = self.clone();
        let mut before: Option<usize> = None;
        for (at, value) in self.celsius.iter().enumerate() {
            let Some(value) = value else { continue };
            if let Some(last) = before.filter(|last| (2..=LONGEST_GAP + 1).contains(&(at - last)))
                && let Some(start) = self.celsius[last]
            {
                for hour in last + 1..at {
                    let share = (hour - last) as f64 / (at - last) as f64;
                    out.celsius[hour] = Some(start + share * (value - start));
                }
            }
            before = Some(at);
        }
        out
    }
}

/// Degree-days of every day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DegreeDays {
    pub base_c: f64,
    first_day: i64,
    days: Vec<Option<f64>>,
}

/// Degree-days of a period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DegreeSum {
    /// K·d; those of days not known are the mean of the others.
    pub degree_days: f64,
    /// Share of the hours whose day is known.
    pub known_share: f64,
    /// Mean outdoor temperature of the known hours, °C.
    pub mean_c: f64,
}

impl DegreeDays {
    pub fn of(outdoor: &Outdoor, base_c: f64) -> DegreeDays {
        let bridged = outdoor.bridged();
        let first_day = outdoor.first_hour.div_euclid(24);
        let end_day = (outdoor.first_hour + outdoor.celsius.len() as i64 + 23).div_euclid(24);
        let day = |day: i64| {
            let known: Vec<f64> = (24 * day..24 * (day + 1)).filter_map(|hour| bridged.at(hour)).collect();
            let mean_c = known.iter().sum::<f64>() / known.len() as f64;
            (known.len() >= LEAST_HOURS).then(|| (base_c - mean_c).max(0.0))
        };
        DegreeDays { base_c, first_day, days: (first_day..end_day).map(day).collect() }
    }

    /// Degree-days of a day, counted from 1970-01-01.
    pub fn of_day(&self, day: i64) -> Option<f64> {
        usize::try_from(day - self.first_day).ok().and_then(|at| self.days.get(at)).copied().flatten()
    }

    /// The share of an hour, K·d.
    pub fn at(&self, hour: i64) -> Option<f64> {
        self.of_day(hour.div_euclid(24)).map(|day| day / 24.0)
    }

    /// Of a period; refused where less than a share of its hours is known.
    pub fn sum(&self, outdoor: &Outdoor, period: Period, least_share: f64) -> Result<DegreeSum, Refused> {
        let (mut sum, mut known) = (0.0, 0_u32);
        for own in period.hours().filter_map(|hour| self.at(hour)) {
            sum += own;
            known += 1;
        }
        let known_share = f64::from(known) / period.len() as f64;
        if known == 0 {
            return Err(Refused::NoWeather);
        }
        if known_share < least_share {
            return Err(Refused::TooLittle { known_share });
        }
        let temperatures: Vec<f64> = period.hours().filter_map(|hour| outdoor.at(hour)).collect();
        let mean_c = temperatures.iter().sum::<f64>() / temperatures.len() as f64;
        Ok(DegreeSum { degree_days: sum / known_share, known_share, mean_c })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_from_the_base_and_warm_ones_nothing() {
        let mut hours: Vec<Option<f64>> = Vec::new();
        // −2 °C, 30 °C, and 8 °C by day with 18 °C by night: 20, 0 and 5 K·d.
        hours.extend([Some(-2.0); 24]);
        hours.extend([Some(30.0); 24]);
        hours.extend([Some(8.0); 12]);
        hours.extend([Some(18.0); 12]);
        let outdoor = Outdoor::new(48, hours.clone());
        let days = DegreeDays::of(&outdoor, 18.0);
        assert_eq!([1, 2, 3, 4, 5].map(|day| days.of_day(day)), [None, Some(20.0), Some(0.0), Some(5.0), None]);
        let sum = days.sum(&outdoor, Period::new(48, 120), 1.0).unwrap();
        assert!((sum.degree_days - 25.0).abs() < 1e-9 && sum.known_share == 1.0);
        // Half of the first day.
        let half = days.sum(&outdoor, Period::new(60, 72), 1.0).unwrap();
        assert!((half.degree_days - 10.0).abs() < 1e-9);
        // A day with a short gap is known, one with a long gap is not, and its days are the mean of the others.
        hours[5] = None;
        hours[28..40].fill(None);
        let outdoor = Outdoor::new(48, hours);
        let days = DegreeDays::of(&outdoor, 18.0);
        assert_eq!([2, 3, 4].map(|day| days.of_day(day)), [Some(20.0), None, Some(5.0)]);
        let sum = days.sum(&outdoor, Period::new(48, 120), 0.6).unwrap();
        assert!((sum.degree_days - 37.5).abs() < 1e-9);
        assert!(matches!(days.sum(&outdoor, Period::new(48, 120), 0.9), Err(Refused::TooLittle { .. })));
        assert_eq!(days.sum(&outdoor, Period::new(0, 24), 0.5), Err(Refused::NoWeather));
    }
}
