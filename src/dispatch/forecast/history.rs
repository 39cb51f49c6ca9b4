//! Heat loads of the past: mean power of every hour, with gaps where nothing is known.
//!
//! Hours are counted from 1970-01-01 00:00 in local standard time. Not here: reading files and historians.

use std::sync::Arc;

/// What a load belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectKind {
    /// All sources together.
    City,
    Source,
    Station,
}

impl SubjectKind {
    /// The word in tables and JSON.
    pub const fn word(self) -> &'static str {
        match self {
            SubjectKind::City => "city",
            SubjectKind::Source => "source",
            SubjectKind::Station => "station",
        }
    }
}

/// A city, a source, a substation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    pub kind: SubjectKind,
    /// Id in the network; that of the city is `city`.
    pub name: Arc<str>,
}

impl Subject {
    pub fn city() -> Subject {
        Subject { kind: SubjectKind::City, name: "city".into() }
    }

    pub fn source(name: &str) -> Subject {
        Subject { kind: SubjectKind::Source, name: name.into() }
    }

    pub fn station(name: &str) -> Subject {
        Subject { kind: SubjectKind::Station, name: name.into() }
    }
}

/// Mean heat of every hour, W.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HourlyLoad {
    first_hour: i64,
    values: Vec<Option<f64>>,
}

impl HourlyLoad {
    /// What is not finite is not known.
    pub fn new(first_hour: i64, values: Vec<Option<f64>>) -> HourlyLoad {
        let finite = |value: Option<f64>| value.filter(|heat_w| heat_w.is_finite());
        HourlyLoad { first_hour, values: values.into_iter().map(finite).collect() }
    }

    /// From readings (time in s, W), each of which holds until the next one, an hour and a half at most; hours known to less than
    /// half are gaps. Readings need no order; of two at one time the first counts.
    pub fn of_readings(readings: &[(f64, f64)]) -> HourlyLoad {
        const LONGEST_HOLD_S: f64 = 5400.0;
        let mut sorted: Vec<(f64, f64)> =
            readings.iter().copied().filter(|(time_s, heat_w)| time_s.is_finite() && heat_w.is_finite()).collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        sorted.dedup_by_key(|reading| reading.0);
        let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else { return HourlyLoad::default() };
        let first_hour = (first.0 / 3600.0).floor() as i64;
        let hours = ((last.0 / 3600.0).floor() as i64 - first_hour + 1) as usize;
        // (seconds known, joules) of each hour.
        let mut sums = vec![(0.0, 0.0); hours];
        // The last reading holds as long as readings usually do.
        let mut gaps: Vec<f64> = sorted.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
        gaps.sort_by(f64::total_cmp);
        let usual_s = gaps.get(gaps.len() / 2).copied().unwrap_or(3600.0);
        for (at, &(time_s, heat_w)) in sorted.iter().enumerate() {
            let next_s = sorted.get(at + 1).map_or(time_s + usual_s, |next| next.0);
            let end_s = next_s.min(time_s + LONGEST_HOLD_S);
            let mut from_s = time_s;
            while from_s < end_s {
                let hour = (from_s / 3600.0).floor();
                let to_s = end_s.min((hour + 1.0) * 3600.0);
                if let Some(sum) = usize::try_from(hour as i64 - first_hour).ok().and_then(|at| sums.get_mut(at)) {
                    sum.0 += to_s - from_s;
                    sum.1 += (to_s - from_s) * heat_w;
                }
                from_s = to_s;
            }
        }
        let mean = |(seconds, joules): (f64, f64)| (seconds >= 1800.0).then(|| joules / seconds);
        HourlyLoad::new(first_hour, sums.into_iter().map(mean).collect())
    }

    pub fn first_hour(&self) -> i64 {
        self.first_hour
    }

    /// The hour after the last one.
    pub fn end_hour(&self) -> i64 {
        self.first_hour + self.values.len() as i64
    }

    /// Mean of an hour, W; `None` where it is not known.
    pub fn at(&self, hour: i64) -> Option<f64> {
        usize::try_from(hour - self.first_hour).ok().and_then(|at| self.values.get(at)).copied().flatten()
    }

    /// Known hours with their values, in order.
    pub fn known(&self) -> impl Iterator<Item = (i64, f64)> + '_ {
        (self.first_hour..).zip(&self.values).filter_map(|(hour, value)| Some((hour, (*value)?)))
    }

    /// The last hour that is known, up to (and with) one.
    pub fn last_known(&self, hour: i64) -> Option<i64> {
        (self.first_hour..=hour.min(self.end_hour() - 1)).rev().find(|hour| self.at(*hour).is_some())
    }

    /// Only what came before an hour.
    #[must_use]
    pub fn before(&self, hour: i64) -> HourlyLoad {
        let count = usize::try_from(hour - self.first_hour).unwrap_or(0).min(self.values.len());
        HourlyLoad { first_hour: self.first_hour, values: self.values[..count].to_vec() }
    }

    /// Mean of the known hours, W; `None` without any.
    pub fn mean_w(&self) -> Option<f64> {
        let (sum, count) = self.known().fold((0.0, 0_u32), |(sum, count), (_, heat_w)| (sum + heat_w, count + 1));
        (count > 0).then(|| sum / f64::from(count))
    }
}

/// Loads of many, by subject: the city first, then sources, then substations, each by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoadHistory {
    series: Vec<(Subject, HourlyLoad)>,
}

/// A city's hour is known where substations with this share of its usual load are.
const LEAST_SHARE: f64 = 0.9;

impl LoadHistory {
    /// Of several series of one subject the first counts. A city that is not among them is the sum of its sources, else of
    /// its substations.
    pub fn new(mut series: Vec<(Subject, HourlyLoad)>) -> LoadHistory {
        series.sort_by(|a, b| a.0.cmp(&b.0));
        series.dedup_by(|later, first| later.0 == first.0);
        if !series.iter().any(|(subject, _)| subject.kind == SubjectKind::City) {
            let of = |kind| -> Vec<&HourlyLoad> {
                series.iter().filter(|(subject, _)| subject.kind == kind).map(|(_, load)| load).collect()
            };
            let (sources, stations) = (of(SubjectKind::Source), of(SubjectKind::Station));
            let sum = if sources.is_empty() { sum(&stations, LEAST_SHARE) } else { sum(&sources, 1.0) };
            if let Some(sum) = sum {
                series.insert(0, (Subject::city(), sum));
            }
        }
        LoadHistory { series }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Subject, &HourlyLoad)> {
        self.series.iter().map(|(subject, load)| (subject, load))
    }

    pub fn len(&self) -> usize {
        self.series.len()
    }

    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    pub fn get(&self, subject: &Subject) -> Option<&HourlyLoad> {
        self.series.iter().find(|(own, _)| own == subject).map(|(_, load)| load)
    }

    /// The last hour of which anything is known.
    pub fn last_hour(&self) -> Option<i64> {
        self.series.iter().filter_map(|(_, load)| load.last_known(i64::MAX)).max()
    }
}

/// Sum by the hour. Where loads of a small share are missing, what is known is scaled to the whole.
fn sum(loads: &[&HourlyLoad], least_share: f64) -> Option<HourlyLoad> {
    let first = loads.iter().map(|load| load.first_hour()).min()?;
    let end = loads.iter().map(|load| load.end_hour()).max()?;
    let means: Vec<f64> = loads.iter().map(|load| load.mean_w().unwrap_or(0.0).max(0.0)).collect();
    let whole: f64 = means.iter().sum();
    let value = |hour: i64| {
        let (mut heat_w, mut share) = (0.0, 0.0);
        for (load, mean_w) in loads.iter().zip(&means) {
            if let Some(own_w) = load.at(hour) {
                heat_w += own_w;
                share += mean_w / whole;
            }
        }
        // The share of nothing missing is 1 but for rounding.
        (share >= least_share - 1e-9).then(|| heat_w / share)
    };
    (whole > 0.0).then(|| HourlyLoad::new(first, (first..end).map(value).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings_become_means_of_hours() {
        let quarter = |at: i32, heat_w: f64| (f64::from(at) * 900.0, heat_w);
        let mut readings: Vec<_> = (0..4).map(|at| quarter(at, 10.0)).collect();
        readings.extend([quarter(4, 20.0), quarter(5, 40.0), quarter(6, f64::NAN)]);
        readings.extend((20..24).map(|at| quarter(at, 7.0)));
        let load = HourlyLoad::of_readings(&readings);
        assert_eq!(load.at(0), Some(10.0));
        // 20 for a quarter, 40 for three; the next hour from the hold alone is known for three quarters.
        assert_eq!(load.at(1), Some(35.0));
        assert_eq!(load.at(2), Some(40.0));
        assert_eq!((load.at(3), load.at(4), load.at(5)), (None, None, Some(7.0)));
        assert_eq!(load.last_known(4), Some(2));
        assert_eq!(load.before(2).end_hour(), 2);
        assert_eq!(HourlyLoad::of_readings(&[]), HourlyLoad::default());
    }

    #[test]
    fn a_city_is_the_sum_of_its_sources_or_nearly_all_substations() {
        let load = |values: &[Option<f64>]| HourlyLoad::new(5, values.to_vec());
        let sources = LoadHistory::new(vec![
            (Subject::source("B"), load(&[Some(1.0), None])),
            (Subject::source("A"), load(&[Some(2.0), Some(2.0)])),
        ]);
        let city = sources.get(&Subject::city()).unwrap();
        assert_eq!((city.at(5), city.at(6)), (Some(3.0), None));
        assert_eq!(sources.iter().next().unwrap().0.kind, SubjectKind::City);
        let stations = LoadHistory::new(vec![
            (Subject::station("big"), load(&[Some(99.0), Some(99.0), None])),
            (Subject::station("small"), load(&[Some(1.0), None, Some(1.0)])),
        ]);
        let city = stations.get(&Subject::city()).unwrap();
        assert_eq!(city.at(5), Some(100.0));
        assert!((city.at(6).unwrap() - 100.0).abs() < 1e-9, "the small one is made up for");
        assert_eq!(city.at(7), None, "the big one is not");
        assert!(LoadHistory::new(Vec::new()).is_empty());
    }
}
