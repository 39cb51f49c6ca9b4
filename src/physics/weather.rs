//! Weather over time: temperature, wind and sun at any moment, and their means over a step.
//!
//! Mechanism: values at given times, straight lines between them, integrals of those lines for means (so that a step
//! over noon gets the sun of its minutes, however long it is). Before the first and after the last value the nearest
//! holds and says so. Times as in `calendar`. Not here: reading files, forecasts.

/// Weather at a moment, or the mean over a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weather {
    pub temperature_c: f64,
    pub wind_m_s: f64,
    /// Global radiation on the horizontal, W/m².
    pub solar_w_m2: f64,
}

/// A series of weather.
#[derive(Clone, Debug, PartialEq)]
pub struct WeatherSeries {
    times_s: Vec<f64>,
    values: Vec<Weather>,
    /// ∫ from the first time to each.
    sums: Vec<Weather>,
}

/// Why values are no series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeatherError {
    Empty,
    /// The time of this entry (from 0) does not come after the one before.
    NotRising {
        at: usize,
    },
    /// This entry holds a value that is not finite.
    NotFinite {
        at: usize,
    },
}

fn combine(a: Weather, b: Weather, f: impl Fn(f64, f64) -> f64) -> Weather {
    Weather {
        temperature_c: f(a.temperature_c, b.temperature_c),
        wind_m_s: f(a.wind_m_s, b.wind_m_s),
        solar_w_m2: f(a.solar_w_m2, b.solar_w_m2),
    }
}

impl WeatherSeries {
    /// From entries with rising times.
    pub fn new(entries: &[(f64, Weather)]) -> Result<WeatherSeries, WeatherError> {
        if entries.is_empty() {
            return Err(WeatherError::Empty);
        }
        let mut sum = Weather { temperature_c: 0.0, wind_m_s: 0.0, solar_w_m2: 0.0 };
        let mut series = WeatherSeries { times_s: Vec::new(), values: Vec::new(), sums: Vec::new() };
        for (at, &(time_s, value)) in entries.iter().enumerate() {
            let finite = [time_s, value.temperature_c, value.wind_m_s, value.solar_w_m2].iter().all(|v| v.is_finite());
            if !finite {
                return Err(WeatherError::NotFinite { at });
            }
            if at > 0 {
                let (before_s, before) = entries[at - 1];
                if time_s <= before_s {
                    return Err(WeatherError::NotRising { at });
                }
                let half_s = 0.5 * (time_s - before_s);
                sum = combine(sum, combine(before, value, |a, b| half_s * (a + b)), |a, b| a + b);
            }
            series.times_s.push(time_s);
            series.values.push(value);
            series.sums.push(sum);
        }
        Ok(series)
    }

    /// This series, and behind its last time what another one knows: measured weather, and the forecast that goes on.
    #[must_use]
    pub fn continued_by(&self, later: &WeatherSeries) -> WeatherSeries {
        let (_, last_s) = self.span_s();
        let mut out = self.clone();
        for (time_s, value) in later.times_s.iter().zip(&later.values).filter(|(time_s, _)| **time_s > last_s) {
            // There is a last entry.
            let before = out.values[out.values.len() - 1];
            let half_s = 0.5 * (time_s - out.times_s[out.times_s.len() - 1]);
            let sum = out.sums[out.sums.len() - 1];
            out.sums.push(combine(sum, combine(before, *value, |a, b| half_s * (a + b)), |a, b| a + b));
            out.times_s.push(*time_s);
            out.values.push(*value);
        }
        out
    }

    /// First and last time, s.
    pub fn span_s(&self) -> (f64, f64) {
        // There is at least one entry.
        (self.times_s[0], self.times_s[self.times_s.len() - 1])
    }

    pub fn len(&self) -> usize {
        self.times_s.len()
    }

    /// Never: a series has at least one entry.
    pub fn is_empty(&self) -> bool {
        self.times_s.is_empty()
    }

    /// Whether a time lies within what is known.
    pub fn covers(&self, time_s: f64) -> bool {
        let (first_s, last_s) = self.span_s();
        (first_s..=last_s).contains(&time_s)
    }

    /// (entry before, share of the way to the next).
    fn place(&self, time_s: f64) -> (usize, f64) {
        let next = self.times_s.partition_point(|t| *t <= time_s);
        if next == 0 {
            return (0, 0.0);
        }
        if next == self.times_s.len() {
            return (next - 1, 0.0);
        }
        (next - 1, (time_s - self.times_s[next - 1]) / (self.times_s[next] - self.times_s[next - 1]))
    }

    /// Weather at a time.
    pub fn at(&self, time_s: f64) -> Weather {
        let (before, share) = self.place(time_s);
        let after = (before + 1).min(self.values.len() - 1);
        combine(self.values[before], self.values[after], |a, b| a + share * (b - a))
    }

    /// ∫ from the first time, with the ends held beyond them.
    fn integral(&self, time_s: f64) -> Weather {
        let (first_s, last_s) = self.span_s();
        let inside_s = time_s.clamp(first_s, last_s);
        let (before, _) = self.place(inside_s);
        let (start, end) = (self.values[before], self.at(inside_s));
        let half_s = 0.5 * (inside_s - self.times_s[before]);
        let sum = combine(self.sums[before], combine(start, end, |a, b| half_s * (a + b)), |a, b| a + b);
        let beyond_s = time_s - inside_s;
        combine(sum, end, |total, value| total + beyond_s * value)
    }

    /// Mean over a step that starts at a time.
    pub fn mean(&self, start_s: f64, seconds: f64) -> Weather {
        if seconds <= 0.0 {
            return self.at(start_s);
        }
        combine(self.integral(start_s + seconds), self.integral(start_s), |end, start| (end - start) / seconds)
    }

    /// (lowest, highest) temperature, °C.
    pub fn temperature_range_c(&self) -> (f64, f64) {
        let all = self.values.iter().map(|value| value.temperature_c);
        (all.clone().fold(f64::INFINITY, f64::min), all.fold(f64::NEG_INFINITY, f64::max))
    }

    /// Degree hours below a base temperature over the whole series, K·h.
    pub fn degree_hours(&self, base_c: f64) -> f64 {
        self.times_s
            .windows(2)
            .zip(self.values.windows(2))
            .map(|(times, values)| {
                let middle_c = 0.5 * (values[0].temperature_c + values[1].temperature_c);
                (base_c - middle_c).max(0.0) * (times[1] - times[0]) / 3600.0
            })
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weather(temperature_c: f64, solar_w_m2: f64) -> Weather {
        Weather { temperature_c, wind_m_s: 2.0, solar_w_m2 }
    }

    fn series() -> WeatherSeries {
        WeatherSeries::new(&[(0.0, weather(-10.0, 0.0)), (3600.0, weather(-4.0, 600.0)), (10_800.0, weather(2.0, 0.0))])
            .unwrap()
    }

    #[test]
    fn straight_lines_between_and_ends_held() {
        let series = series();
        assert_eq!(series.at(1800.0), weather(-7.0, 300.0));
        assert_eq!(series.at(3600.0), weather(-4.0, 600.0));
        assert_eq!(series.at(-5.0), weather(-10.0, 0.0));
        assert_eq!(series.at(1e9), weather(2.0, 0.0));
        assert!(series.covers(0.0) && series.covers(10_800.0) && !series.covers(10_801.0));
    }

    #[test]
    fn means_are_integrals() {
        let series = series();
        assert!((series.mean(0.0, 3600.0).solar_w_m2 - 300.0).abs() < 1e-9);
        // (300·3600 + 300·7200)/10800.
        assert!((series.mean(0.0, 10_800.0).solar_w_m2 - 300.0).abs() < 1e-9);
        // Half an hour on each side of the peak: 450·1800 + (600 + 450)/2·1800.
        assert!((series.mean(1800.0, 3600.0).solar_w_m2 - (450.0 + 525.0) / 2.0).abs() < 1e-9);
        assert!((series.mean(10_800.0, 7200.0).temperature_c - 2.0).abs() < 1e-9);
        assert!((series.mean(9000.0, 3600.0).temperature_c - (1.25 + 2.0) / 2.0).abs() < 1e-9);
        assert_eq!(series.mean(1800.0, 0.0), series.at(1800.0));
        let minutes: f64 = (0..180).map(|i| series.mean(f64::from(i) * 60.0, 60.0).solar_w_m2).sum::<f64>() / 180.0;
        assert!((minutes - 300.0).abs() < 1e-9);
    }

    #[test]
    fn degree_hours_and_range() {
        assert_eq!(series().temperature_range_c(), (-10.0, 2.0));
        // 25 K for one hour, 19 K for two.
        assert!((series().degree_hours(18.0) - 63.0).abs() < 1e-9);
    }

    #[test]
    fn a_series_goes_on_where_another_ends() {
        let later = [(3600.0, weather(99.0, 9.0)), (10_800.0, weather(9.0, 9.0)), (14_400.0, weather(4.0, 0.0))];
        let joined = series().continued_by(&WeatherSeries::new(&later).unwrap());
        let mut entries: Vec<(f64, Weather)> = [0.0, 3600.0, 10_800.0].map(|at| (at, series().at(at))).to_vec();
        entries.push((14_400.0, weather(4.0, 0.0)));
        assert_eq!(joined, WeatherSeries::new(&entries).unwrap());
    }

    #[test]
    fn bad_series_are_refused() {
        assert_eq!(WeatherSeries::new(&[]), Err(WeatherError::Empty));
        let twice = [(5.0, weather(0.0, 0.0)), (5.0, weather(0.0, 0.0))];
        assert_eq!(WeatherSeries::new(&twice), Err(WeatherError::NotRising { at: 1 }));
        assert_eq!(WeatherSeries::new(&[(0.0, weather(f64::NAN, 0.0))]), Err(WeatherError::NotFinite { at: 0 }));
    }
}
