//! What a meter counted in every hour: from a counter, from a power, or as it is given.
//!
//! Hours are counted from 1970-01-01 00:00 in local standard time. A counter is never wrong about a gap in its readings: what it
//! rose by was used meanwhile, only the hours of it are not known, so it is spread evenly and marked as bridged. A power that
//! nobody read is not known. Not here: periods, areas, weather.

use crate::dispatch::forecast::HourlyLoad;
use crate::physics::calendar::HOUR_S;

/// Readings no further apart than this are measured hours; s.
const LONGEST_STEP_S: f64 = 1.5 * HOUR_S;
/// A counter that stands low for no longer than this and comes back to where it was did not count; s.
const LONGEST_GLITCH_S: f64 = 24.0 * HOUR_S;
/// A counter rolls over from the last tenth of its span into the first.
const EDGE_SHARE: f64 = 0.1;

/// One hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hour {
    pub amount: f64,
    /// Within a gap of the readings of a counter: its share of what was counted over the gap.
    pub bridged: bool,
}

/// Amounts by the hour (J, m³), with gaps where nothing is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hourly {
    first_hour: i64,
    hours: Vec<Option<Hour>>,
    /// How the counter behind it behaved.
    pub counter: CounterNotes,
}

/// What was remarkable about a counter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CounterNotes {
    /// It ran through its span and began again.
    pub roll_overs: u32,
    /// It fell: exchanged or set back. What it counted since the reading before is lost.
    pub resets: u32,
    /// Readings left out: single ones far above, or low ones between equal high ones.
    pub left_out: u32,
}

impl Hourly {
    /// Measured amounts; what is not finite is not known.
    pub fn new(first_hour: i64, amounts: Vec<Option<f64>>) -> Hourly {
        let hour = |amount: Option<f64>| {
            amount.filter(|amount| amount.is_finite()).map(|amount| Hour { amount, bridged: false })
        };
        Hourly { first_hour, hours: amounts.into_iter().map(hour).collect(), counter: CounterNotes::default() }
    }

    /// From the mean of a rate in every hour (W): amount = rate × 3600 s.
    pub fn of_load(load: &HourlyLoad) -> Hourly {
        let amounts = (load.first_hour()..load.end_hour()).map(|hour| load.at(hour).map(|rate| rate * HOUR_S));
        Hourly::new(load.first_hour(), amounts.collect())
    }

    /// From readings (time in s, value) of a counter. `span` is the value at which it begins again at nought, where it is
    /// known. Readings need no order; of two at one time the first counts.
    pub fn of_counter(readings: &[(f64, f64)], span: Option<f64>) -> Hourly {
        let mut sorted: Vec<(f64, f64)> =
            readings.iter().copied().filter(|(time_s, value)| time_s.is_finite() && value.is_finite()).collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        sorted.dedup_by_key(|reading| reading.0);
        let mut counter = CounterNotes::default();
        let sound = sound(&sorted, span, &mut counter);
        let (Some(first), Some(last)) = (sound.first(), sound.last()) else { return Hourly::default() };
        let first_hour = (first.0 / HOUR_S).floor() as i64;
        let count = ((last.0 / HOUR_S).ceil() as i64 - first_hour).max(0) as usize;
        // Amount, seconds counted, seconds of them within gaps.
        let mut sums = vec![(0.0, 0.0, 0.0); count];
        for pair in sound.windows(2) {
            let [(from_s, before), (to_s, after)] = [pair[0], pair[1]];
            let step_s = to_s - from_s;
            let in_gap = step_s > LONGEST_STEP_S;
            let rise = if after >= before {
                after - before
            } else if rolled_over(before, after, span) {
                counter.roll_overs += 1;
                span.unwrap_or(before) - before + after
            } else {
                counter.resets += 1;
                if in_gap {
                    // Neither when it was exchanged is known nor what was counted before.
                    continue;
                }
                after
            };
            let mut at_s = from_s;
            while at_s < to_s {
                let hour = (at_s / HOUR_S).floor();
                let end_s = to_s.min((hour + 1.0) * HOUR_S);
                if let Some(sum) = usize::try_from(hour as i64 - first_hour).ok().and_then(|at| sums.get_mut(at)) {
                    sum.0 += rise * (end_s - at_s) / step_s;
                    sum.1 += end_s - at_s;
                    sum.2 += if in_gap { end_s - at_s } else { 0.0 };
                }
                at_s = end_s;
            }
        }
        // An hour at an end of the readings counts as the part of it that is known.
        let hour = |(amount, known_s, gap_s): (f64, f64, f64)| {
            (known_s >= 0.5 * HOUR_S)
                .then(|| Hour { amount: amount * HOUR_S / known_s, bridged: gap_s > 0.5 * known_s })
        };
        Hourly { first_hour, hours: sums.into_iter().map(hour).collect(), counter }
    }

    pub fn first_hour(&self) -> i64 {
        self.first_hour
    }

    /// The hour after the last one.
    pub fn end_hour(&self) -> i64 {
        self.first_hour + self.hours.len() as i64
    }

    pub fn at(&self, hour: i64) -> Option<Hour> {
        usize::try_from(hour - self.first_hour).ok().and_then(|at| self.hours.get(at)).copied().flatten()
    }

    /// First known hour and the one after the last.
    pub fn known_span(&self) -> Option<(i64, i64)> {
        let first = self.hours.iter().position(Option::is_some)?;
        let last = self.hours.iter().rposition(Option::is_some)?;
        Some((self.first_hour + first as i64, self.first_hour + last as i64 + 1))
    }

    /// The same in another unit.
    #[must_use]
    pub fn times(mut self, factor: f64) -> Hourly {
        for hour in self.hours.iter_mut().flatten() {
            hour.amount *= factor;
        }
        self
    }

    /// This where it is known, else the other.
    #[must_use]
    pub fn or(self, other: Hourly) -> Hourly {
        if self.known_span().is_some() { self } else { other }
    }
}

fn rolled_over(before: f64, after: f64, span: Option<f64>) -> bool {
    span.is_some_and(|span| {
        before <= span && before >= (1.0 - EDGE_SHARE) * span && after >= 0.0 && after <= EDGE_SHARE * span
    })
}

/// Readings without those that cannot be the counter's: a single one from which it falls back to where it was or
/// further on, and low ones between which it does not count.
fn sound(readings: &[(f64, f64)], span: Option<f64>, notes: &mut CounterNotes) -> Vec<(f64, f64)> {
    let mut out: Vec<(f64, f64)> = Vec::with_capacity(readings.len());
    let mut at = 0;
    while let Some(&(time_s, value)) = readings.get(at) {
        let before = out.last().copied();
        let Some((before_s, high)) = before.filter(|(_, high)| value < *high && !rolled_over(*high, value, span))
        else {
            out.push((time_s, value));
            at += 1;
            continue;
        };
        // One reading far above its neighbours.
        if out.len() >= 2 && out[out.len() - 2].1 <= value {
            out.pop();
            notes.left_out += 1;
            continue;
        }
        // Low for a while, and then in one step back to where it was: it never was there.
        let back = readings[at..]
            .windows(2)
            .position(|pair| pair[1].1 >= high && pair[1].1 - pair[0].1 > 0.5 * high)
            .map(|steps| at + steps + 1)
            .filter(|back| readings[*back].0 - before_s <= LONGEST_GLITCH_S);
        match back {
            Some(back) => {
                notes.left_out += (back - at) as u32;
                at = back;
            }
            None => {
                out.push((time_s, value));
                at += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amounts(series: &Hourly) -> Vec<Option<f64>> {
        (series.first_hour()..series.end_hour()).map(|hour| series.at(hour).map(|hour| hour.amount)).collect()
    }

    fn readings(values: &[f64]) -> Vec<(f64, f64)> {
        values.iter().enumerate().map(|(hour, value)| (hour as f64 * HOUR_S, *value)).collect()
    }

    #[test]
    fn a_counter_gives_what_it_rose_by() {
        let series = Hourly::of_counter(&readings(&[100.0, 103.0, 108.0, 108.0]), None);
        assert_eq!(amounts(&series), [Some(3.0), Some(5.0), Some(0.0)]);
        assert_eq!(series.counter, CounterNotes::default());
        assert_eq!(Hourly::of_counter(&[], None), Hourly::default());
    }

    #[test]
    fn a_gap_is_bridged_and_nothing_of_it_lost() {
        let mut given = readings(&[0.0, 2.0, 4.0, 9.0, 19.0, 24.0, 26.0]);
        given.drain(3..5);
        let series = Hourly::of_counter(&given, None);
        let hours: Vec<Hour> = (0..6).filter_map(|hour| series.at(hour)).collect();
        assert_eq!(hours.iter().map(|hour| hour.bridged).collect::<Vec<_>>(), [false, false, true, true, true, false]);
        assert!((hours.iter().map(|hour| hour.amount).sum::<f64>() - 26.0).abs() < 1e-12);
        assert!((hours[3].amount - 20.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_roll_over_counts_through_and_a_reset_begins_at_nought() {
        let rolled = Hourly::of_counter(&readings(&[990.0, 997.0, 4.0, 10.0]), Some(1000.0));
        assert_eq!(amounts(&rolled), [Some(7.0), Some(7.0), Some(6.0)]);
        assert_eq!((rolled.counter.roll_overs, rolled.counter.resets), (1, 0));
        // The span is not known, or the counter was nowhere near its end: a new meter.
        for (values, span) in [([990.0, 997.0, 4.0, 10.0], None), ([490.0, 497.0, 4.0, 10.0], Some(1000.0))] {
            let reset = Hourly::of_counter(&readings(&values), span);
            assert_eq!(amounts(&reset), [Some(7.0), Some(4.0), Some(6.0)]);
            assert_eq!((reset.counter.roll_overs, reset.counter.resets), (0, 1));
        }
        // Exchanged while nobody read: what was counted meanwhile is not known.
        let mut given = readings(&[500.0, 501.0, 0.0, 0.0, 0.0, 3.0, 4.0]);
        given.drain(2..5);
        let series = Hourly::of_counter(&given, None);
        assert_eq!(amounts(&series), [Some(1.0), None, None, None, None, Some(1.0)]);
    }

    #[test]
    fn readings_that_cannot_be_are_left_out() {
        for values in [[100.0, 101.0, 9e9, 103.0, 104.0], [100.0, 101.0, 0.0, 103.0, 104.0]] {
            let series = Hourly::of_counter(&readings(&values), None);
            assert_eq!(amounts(&series).into_iter().flatten().sum::<f64>(), 4.0, "{values:?}");
            assert_eq!((series.counter.left_out, series.counter.resets), (1, 0));
        }
        let low = Hourly::of_counter(&readings(&[100.0, 101.0, 0.0, 0.0, 1.0, 105.0]), None);
        assert_eq!((low.counter.left_out, low.counter.resets), (3, 0));
        assert_eq!(amounts(&low).into_iter().flatten().sum::<f64>(), 5.0);
    }
}
