//! The range a legend covers.

/// Lowest and highest value of a legend, SI units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    pub low: f64,
    pub high: f64,
}

impl Range {
    /// Whether both ends are finite and in order.
    pub fn is_valid(self) -> bool {
        self.low.is_finite() && self.high.is_finite() && self.low <= self.high
    }

    /// Range between two percentiles (0…1) of sorted finite values; NaN ends where there are none. Nearest rank, so
    /// that both ends are values that occur.
    pub fn percentiles(sorted: &[f64], low: f64, high: f64) -> Range {
        let pick = |share: f64| match sorted.len() {
            0 => f64::NAN,
            n => sorted[((n - 1) as f64 * share).round() as usize],
        };
        Range { low: pick(low), high: pick(high) }
    }

    /// The same range, or one of this extent about its middle where it is narrower: a ramp over a tenth of a kelvin would
    /// make a drama of nothing.
    #[must_use]
    pub fn at_least(self, extent: f64) -> Range {
        let missing = 0.5 * (extent - (self.high - self.low));
        if missing > 0.0 { Range { low: self.low - missing, high: self.high + missing } } else { self }
    }

    /// A range with this middle that takes in this one and reaches at least so far to both sides.
    #[must_use]
    pub fn about(self, middle: f64, least: f64) -> Range {
        let reach = (self.high - middle).max(middle - self.low).max(least);
        // Without values there is no range either.
        if self.is_valid() { Range { low: middle - reach, high: middle + reach } } else { self }
    }

    /// Where a value lies in the range: 0 at the low end, 1 at the high end, clamped. A range without extent puts
    /// everything in its middle.
    pub fn share(self, value: f64) -> f32 {
        let extent = self.high - self.low;
        // Below this the differences are rounding of the solver, and a picture of noise would mislead.
        if extent.is_nan() || extent <= 1e-9 * self.high.abs().max(self.low.abs()).max(1e-12) {
            return 0.5;
        }
        (((value - self.low) / extent) as f32).clamp(0.0, 1.0)
    }
}

/// Share of the values in each of `steps` equal steps of a range; the ends take what lies beyond.
pub fn histogram(values: &[f64], range: Range, steps: usize) -> Vec<f32> {
    let mut counts = vec![0u32; steps];
    if steps == 0 || values.is_empty() || !range.is_valid() {
        return vec![0.0; steps];
    }
    for value in values {
        let step = (range.share(*value) * steps as f32) as usize;
        counts[step.min(steps - 1)] += 1;
    }
    counts.into_iter().map(|count| count as f32 / values.len() as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occur_and_outliers_fall_outside() {
        let mut values: Vec<f64> = (0..100).map(f64::from).collect();
        values.push(1e9);
        let range = Range::percentiles(&values, 0.02, 0.98);
        assert_eq!(range, Range { low: 2.0, high: 98.0 });
        assert_eq!(range.share(1e9), 1.0);
        assert_eq!(range.share(50.0), 0.5);
        assert!(!Range::percentiles(&[], 0.0, 1.0).is_valid());
    }

    #[test]
    fn equal_values_lie_in_the_middle_and_the_histogram_sums_to_one() {
        let range = Range::percentiles(&[5.0, 5.0, 5.0], 0.0, 1.0);
        assert_eq!(range.share(5.0), 0.5);
        let shares = histogram(&[0.0, 1.0, 2.0, 3.0, 99.0], Range { low: 0.0, high: 3.0 }, 4);
        assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert_eq!(shares[3], 0.4);
    }
}
