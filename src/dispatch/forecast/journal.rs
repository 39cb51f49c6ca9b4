//! What was forecast, against what came: the accuracy of forecasts as they were issued.
//!
//! Entries are what a forecast said of an hour; scores are taken when that hour is known. Not here: files, the clock.

use super::evaluate::TOLD;
use super::forecaster::Forecast;
use super::history::{LoadHistory, Subject};

/// What was said of an hour.
#[derive(Clone, Debug, PartialEq)]
pub struct Issued {
    pub subject: Subject,
    /// Last hour that was known when it was said.
    pub origin: i64,
    pub hour: i64,
    pub heat_w: f64,
    /// Ends of the inner interval.
    pub low_w: f64,
    pub high_w: f64,
}

/// How issued forecasts of a load came true, by [`TOLD`].
#[derive(Clone, Debug, PartialEq)]
pub struct Tracked {
    pub subject: Subject,
    pub leads: [TrackedLead; TOLD.len()],
}

/// Some leads of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TrackedLead {
    pub count: usize,
    share: f64,
    inside: usize,
}

impl TrackedLead {
    /// Mean absolute share of error; NaN without any.
    pub fn mape(&self) -> f64 {
        self.share / self.count as f64
    }

    /// Share inside the inner interval; NaN without any.
    pub fn inside(&self) -> f64 {
        self.inside as f64 / self.count as f64
    }
}

/// The entries of a forecast.
pub fn entries(forecast: &Forecast) -> Vec<Issued> {
    let one = |hour: &super::ForecastHour| Issued {
        subject: forecast.subject.clone(),
        origin: forecast.origin,
        hour: hour.hour,
        heat_w: hour.heat_w,
        low_w: hour.quantiles_w[1],
        high_w: hour.quantiles_w[2],
    };
    forecast.hours.iter().map(one).collect()
}

/// Scores of all entries whose hour is known by now, by subject in their order; of entries of one origin and hour the last counts.
/// Hours with less than a twentieth of the mean load are left out.
pub fn track(issued: &[Issued], history: &LoadHistory) -> Vec<Tracked> {
    let mut sorted: Vec<(usize, &Issued)> = issued.iter().enumerate().collect();
    sorted.sort_by(|(a_at, a), (b_at, b)| {
        (&a.subject, a.origin, a.hour, b_at).cmp(&(&b.subject, b.origin, b.hour, a_at))
    });
    sorted.dedup_by(|(_, later), (_, first)| {
        (&later.subject, later.origin, later.hour) == (&first.subject, first.origin, first.hour)
    });
    let mut out: Vec<Tracked> = Vec::new();
    for (_, entry) in sorted {
        let Some(load) = history.get(&entry.subject) else { continue };
        let least_w = 0.05 * load.mean_w().unwrap_or(f64::INFINITY);
        let Some(actual_w) = load.at(entry.hour).filter(|actual_w| *actual_w >= least_w && *actual_w > 0.0) else {
            continue;
        };
        let lead = entry.hour - entry.origin;
        if out.last().is_none_or(|tracked| tracked.subject != entry.subject) {
            out.push(Tracked { subject: entry.subject.clone(), leads: Default::default() });
        }
        let Some(tracked) = out.last_mut() else { continue };
        for (score, (first, last)) in tracked.leads.iter_mut().zip(TOLD) {
            if (first as i64..=last as i64).contains(&lead) {
                score.count += 1;
                score.share += (entry.heat_w - actual_w).abs() / actual_w;
                score.inside += usize::from((entry.low_w..=entry.high_w).contains(&actual_w));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::HourlyLoad;
    use super::*;

    #[test]
    fn what_came_true_is_counted_by_lead_and_once() {
        let history =
            LoadHistory::new(vec![(Subject::city(), HourlyLoad::new(100, vec![Some(100.0), Some(50.0), None]))]);
        let said = |origin, hour, heat_w| Issued {
            subject: Subject::city(),
            origin,
            hour,
            heat_w,
            low_w: heat_w - 5.0,
            high_w: heat_w + 5.0,
        };
        let issued = [
            said(99, 100, 10.0),
            // Said again: this counts.
            said(99, 100, 110.0),
            said(99, 101, 51.0),
            said(70, 100, 80.0),
            // Not known yet, or never.
            said(99, 102, 1.0),
            said(99, 103, 1.0),
        ];
        let found = track(&issued, &history);
        assert_eq!(found.len(), 1);
        let day = found[0].leads[0];
        assert_eq!(day.count, 2);
        assert!((day.mape() - 0.06).abs() < 1e-12 && (day.inside() - 0.5).abs() < 1e-12, "{day:?}");
        // 30 hours ahead.
        assert_eq!(found[0].leads[4].count, 1);
        assert!((found[0].leads[4].mape() - 0.2).abs() < 1e-12);
        assert!(found[0].leads[7].mape().is_nan());
    }
}
