//! The last half hour of every tag, small enough to keep for fifteen thousand of them: for the curve beside a value.
//!
//! Mechanism: a ring of points per tag, thinned to one a step; what comes between two steps replaces the newest point,
//! so that the curve always ends at the value shown. The historian keeps the rest.

use crate::live::{Sample, TagId, Timestamp};

/// Points kept per tag.
const POINTS: usize = 180;
/// Least time between two points kept: 180 points are half an hour.
const STEP_MS: i64 = 10_000;

/// A point of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrendPoint {
    pub time: Timestamp,
    /// SI; NaN where there was no usable value, so that the curve has a gap there.
    pub value: f64,
}

#[derive(Clone, Debug, Default)]
struct Ring {
    /// Milliseconds since the trends began, value as shown on a curve.
    points: Vec<(u32, f32)>,
    /// The oldest of a full ring.
    first: usize,
}

/// The last half hour of all tags.
#[derive(Clone, Debug)]
pub struct Trends {
    began: Timestamp,
    rings: Vec<Ring>,
}

impl Trends {
    /// Empty curves for so many tags; nothing before `began` will be kept.
    pub fn new(tags: usize, began: Timestamp) -> Trends {
        Trends { began, rings: vec![Ring::default(); tags] }
    }

    /// Takes in a sample; one older than the newest point is left to the historian.
    pub fn push(&mut self, sample: &Sample) {
        let Ok(at_ms) = u32::try_from(sample.source_time.ms_since(self.began)) else { return };
        let Some(ring) = self.rings.get_mut(sample.tag.index()) else { return };
        let value = if sample.quality.is_usable() { sample.value as f32 } else { f32::NAN };
        ring.push(at_ms, value);
    }

    /// The curve of a tag, oldest point first.
    pub fn curve(&self, tag: TagId) -> impl Iterator<Item = TrendPoint> + '_ {
        let ring = self.rings.get(tag.index());
        let began = self.began;
        ring.into_iter()
            .flat_map(Ring::in_order)
            .map(move |(at_ms, value)| TrendPoint { time: began.plus_ms(i64::from(at_ms)), value: f64::from(value) })
    }
}

impl Ring {
    fn in_order(&self) -> impl Iterator<Item = (u32, f32)> + '_ {
        let (newer, older) = self.points.split_at(self.first.min(self.points.len()));
        older.iter().chain(newer).copied()
    }

    fn newest(&mut self) -> Option<&mut (u32, f32)> {
        let at = if self.first == 0 { self.points.len().checked_sub(1)? } else { self.first - 1 };
        self.points.get_mut(at)
    }

    /// The point before the newest, from which the step is counted.
    fn last_kept_ms(&self) -> Option<u32> {
        let count = self.points.len();
        (count >= 2).then(|| self.points[(self.first + count - 2) % count].0)
    }

    fn push(&mut self, at_ms: u32, value: f32) {
        let kept_ms = self.last_kept_ms();
        if let Some(newest) = self.newest() {
            if at_ms <= newest.0 {
                return;
            }
            let step = kept_ms.map_or(0, |kept| i64::from(newest.0) - i64::from(kept));
            // The newest is not yet a step from the one before: it moves on to the new value. A gap is not overwritten.
            if kept_ms.is_some() && step < STEP_MS && newest.1.is_nan() == value.is_nan() {
                *newest = (at_ms, value);
                return;
            }
        }
        if self.points.len() < POINTS {
            self.points.push((at_ms, value));
        } else {
            self.points[self.first] = (at_ms, value);
            self.first = (self.first + 1) % POINTS;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::{Fault, Quality};

    fn sample(at_ms: i64, value: f64, quality: Quality) -> Sample {
        let time = Timestamp::from_ms(at_ms);
        Sample { tag: TagId(0), source_time: time, arrival_time: time, value, quality }
    }

    #[test]
    fn ends_at_the_newest_value_and_spans_half_an_hour() {
        let mut trends = Trends::new(1, Timestamp::from_ms(0));
        for second in 0..7200 {
            trends.push(&sample(second * 1000, second as f64, Quality::Good));
        }
        let curve: Vec<TrendPoint> = trends.curve(TagId(0)).collect();
        assert_eq!(curve.len(), POINTS);
        assert_eq!(curve.last().map(|point| point.value), Some(7199.0));
        assert!(curve.windows(2).all(|pair| pair[0].time < pair[1].time));
        let span_ms = curve[POINTS - 1].time.ms_since(curve[0].time);
        assert!((1_750_000..=1_990_000).contains(&span_ms), "{span_ms}");
    }

    #[test]
    fn a_gap_stays_a_gap_and_the_past_is_left_alone() {
        let mut trends = Trends::new(1, Timestamp::from_ms(0));
        trends.push(&sample(1000, 1.0, Quality::Good));
        trends.push(&sample(2000, 1.0, Quality::Bad(Fault::Communication)));
        trends.push(&sample(3000, 2.0, Quality::Good));
        trends.push(&sample(500, 9.0, Quality::Good));
        trends.push(&sample(-5, 9.0, Quality::Good));
        let values: Vec<f64> = trends.curve(TagId(0)).map(|point| point.value).collect();
        assert_eq!(values.len(), 3);
        assert!(values[1].is_nan() && values[0] == 1.0 && values[2] == 2.0);
        assert_eq!(trends.curve(TagId(7)).count(), 0);
    }
}
