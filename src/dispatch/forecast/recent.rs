//! The errors of the last hours and days, carried on: what the regression misses now it will miss for a while.
//!
//! For every group of leads a small regression says how much of the error of the last hour, of the last six, of the last
//! day, of the last week, of the same hour a day before and a week before will still be there. It is learned from errors of models that had not
//! seen those days. Where values are missing, their error counts as none. Not here: the regression that errs.

use super::history::HourlyLoad;
use super::ridge::{BLOCKS, Linear, fit};
use super::{LEADS, group_of};

/// Errors looked at.
const LOOKS: usize = 6;
/// Hours between the origins that are learned from; prime to a day, so that all hours of it occur.
const STRIDE: i64 = 5;
/// Leads of a group that are learned from.
const LEADS_OF_GROUP: usize = 6;

/// How much of past errors is carried on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recent {
    by_group: Vec<Linear>,
}

/// Errors that are known at an origin (the last hour whose load is known).
#[derive(Clone, Copy, Debug)]
struct Origin {
    hour: i64,
    /// Of the last hour, the last six, the last day, the last week.
    means: [f64; 4],
}

impl Origin {
    fn of(errors: &HourlyLoad, hour: i64) -> Origin {
        let mean = |hours: i64| {
            let known: Vec<f64> = (hour - hours + 1..=hour).filter_map(|hour| errors.at(hour)).collect();
            // Few values of many say little.
            let weight = known.len() as f64 / (0.5 * hours as f64).max(known.len() as f64);
            if known.is_empty() { 0.0 } else { weight * known.iter().sum::<f64>() / known.len() as f64 }
        };
        Origin { hour, means: [mean(1), mean(6), mean(24), mean(168)] }
    }

    fn looks(&self, errors: &HourlyLoad, lead: usize) -> [f64; LOOKS] {
        let lead = lead as i64;
        let back = |days: i64| {
            let periods = (lead + 24 * days - 1).div_euclid(24 * days);
            errors.at(self.hour + lead - periods * 24 * days).unwrap_or(0.0)
        };
        let [one, six, day, week] = self.means;
        [one, six, day, week, back(1), back(7)]
    }
}

impl Recent {
    /// Learns from errors (actual less modelled) of past hours.
    pub fn learn(errors: &HourlyLoad) -> Recent {
        let span = errors.end_hour() - errors.first_hour();
        let (sum, count) =
            errors.known().fold((0.0, 0.0), |(sum, count), (_, error)| (sum + error * error, count + 1.0_f64));
        // In units of their deviation.
        let unit = if sum > 0.0 { (sum / count).sqrt() } else { 1.0 };
        let origins: Vec<Origin> = (errors.first_hour() + 168..errors.end_hour())
            .step_by(STRIDE as usize)
            .map(|hour| Origin::of(errors, hour))
            .collect();
        let of_group = |(first, last): (usize, usize)| {
            let step = (last - first + 1).div_ceil(LEADS_OF_GROUP);
            let mut rows: Vec<([f64; LOOKS + 1], usize)> = Vec::new();
            for origin in &origins {
                for lead in (first..=last).step_by(step) {
                    let Some(target) = errors.at(origin.hour + lead as i64) else { continue };
                    let mut row = [0.0; LOOKS + 1];
                    row[..LOOKS].copy_from_slice(&origin.looks(errors, lead));
                    row[LOOKS] = target;
                    row.iter_mut().for_each(|value| *value /= unit);
                    let place = (origin.hour - errors.first_hour()) as usize * BLOCKS / span.max(1) as usize;
                    rows.push((row, place));
                }
            }
            let found = fit(rows.iter().map(|(row, place)| (&row[..], 1.0, *place)));
            // A mean error would be the regression's to explain.
            found.map_or_else(Linear::default, |found| Linear { constant: 0.0, ..found.whole })
        };
        Recent { by_group: LEADS.into_iter().map(of_group).collect() }
    }

    /// Errors to be expected 1, 2, … hours after an origin.
    pub fn ahead(&self, errors: &HourlyLoad, origin: i64, hours: usize) -> Vec<f64> {
        let origin = Origin::of(errors, origin);
        (1..=hours)
            .map(|lead| self.by_group.get(group_of(lead)).map_or(0.0, |model| model.value(&origin.looks(errors, lead))))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_stays_is_carried_on_and_one_that_does_not_is_not() {
        // Errors that forget within hours, and nothing else.
        let mut wander = crate::dispatch::weather::Wander::new(3, 0);
        let errors: Vec<Option<f64>> = (0..2400).map(|_| Some(wander.next(0.8))).collect();
        let errors = HourlyLoad::new(1000, errors);
        let recent = Recent::learn(&errors);
        let mut jump: Vec<Option<f64>> = vec![Some(0.0); 399];
        jump.push(Some(1.0));
        let ahead = recent.ahead(&HourlyLoad::new(0, jump), 399, 120);
        assert!((ahead[0] - 0.8).abs() < 0.1, "{}", ahead[0]);
        assert!((ahead[2] - 0.5).abs() < 0.12, "{}", ahead[2]);
        assert!(ahead[60].abs() < 0.1 && ahead[119].abs() < 0.1);
        // Nothing known: nothing carried on.
        assert!(recent.ahead(&HourlyLoad::default(), 5, 24).iter().all(|error| *error == 0.0));
    }
}
