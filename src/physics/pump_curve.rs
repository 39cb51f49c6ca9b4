//! Head of a pump over its flow: curve through points, always strictly falling.
//!
//! Mechanism: one point or three points make the power function H = a − b·Q^c, as in EPANET; other counts make straight
//! lines or, on request, a monotone cubic. Points that do not fall (drooping curves near shut-off) are raised from the
//! right, so that the stable branch on which pumps work keeps its printed heads, and every raised point is reported:
//! a head that is not falling lets a network have several steady states. Beyond the points the curve goes on falling,
//! also below zero head and for reverse flow; whether a pump may work there is for the caller to say
//! ([`HeadCurve::largest_flow_m3_s`]). Not here: speed, parallel pumps, efficiency (`pump`), the check valve.

use super::elementary::{exp, ln};

/// Head and its derivative by the flow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Head {
    pub head_m: f64,
    /// dH/dQ, m per m³/s; negative.
    pub slope_s_m2: f64,
}

/// Something in the points that had to be changed or refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CurveFault {
    /// No point at all.
    Empty,
    /// Point (from 0) is not finite, or its flow is negative, or no head is positive.
    Invalid { point: usize },
    /// Flow of the point is not above that of the point before.
    FlowNotRising { point: usize },
}

/// Head curve at nominal speed for one pump.
#[derive(Clone, Debug, PartialEq)]
pub struct HeadCurve {
    shape: Shape,
    largest_flow_m3_s: f64,
    raised_points: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq)]
enum Shape {
    /// H = a − b·Q^c with the first per mille of the flow range linearised as in `power_law`.
    Power { shutoff_m: f64, coefficient: f64, exponent: f64, linear_below_m3_s: f64 },
    /// H = K/Q, with the tangent at [`CONSTANT_POWER_JOINT_HEAD_M`] for smaller flows.
    ConstantPower { head_times_flow_m4_s: f64 },
    /// Straight lines, or cubic Hermite where `slopes` are the tangents; end tangents beyond.
    Points { flows_m3_s: Vec<f64>, heads_m: Vec<f64>, slopes: Vec<f64>, smooth: bool },
}

/// Each point lies above its right neighbour by at least this share of the curve's largest head …
const SMALLEST_FALL: f64 = 1e-3;
/// … times its share of the flow range. Part of the flow range over which a power function is linearised:
const LINEARISED_SHARE: f64 = 1e-3;
/// Head from which a constant-power pump is continued by its tangent towards zero flow: K/Q has no value there, and no
/// pump of a network reaches this head.
const CONSTANT_POWER_JOINT_HEAD_M: f64 = 1000.0;
/// EPANET accepts fitted exponents up to 20.
const LARGEST_EXPONENT: f64 = 20.0;

impl HeadCurve {
    /// Curve through (flow m³/s, head m) points in rising order of flow, by EPANET's rule (users manual, Pump Curves):
    /// one point: H = 4/3·h − (h/3)(Q/q)²; three points beginning at zero flow: the power function through them;
    /// otherwise straight lines.
    pub fn from_points(points: &[(f64, f64)]) -> Result<Self, CurveFault> {
        check(points)?;
        if let &[(flow, head)] = points {
            // A single point at zero flow would make a vertical line.
            if flow <= 0.0 || head <= 0.0 {
                return Err(CurveFault::Invalid { point: 0 });
            }
            return Ok(Self {
                shape: power(4.0 / 3.0 * head, head / (3.0 * flow * flow), 2.0, flow),
                largest_flow_m3_s: 2.0 * flow,
                raised_points: Vec::new(),
            });
        }
        if let &[(zero, shutoff), (q1, h1), (q2, h2)] = points
            && zero == 0.0
            && shutoff > h1
            && h1 > h2
        {
            let exponent = ((shutoff - h2) / (shutoff - h1)).ln() / (q2 / q1).ln();
            if exponent > 0.0 && exponent <= LARGEST_EXPONENT {
                let shape = power(shutoff, (shutoff - h1) / q1.powf(exponent), exponent, q1);
                return Ok(Self { shape, largest_flow_m3_s: q2, raised_points: Vec::new() });
            }
        }
        Ok(Self::through(points, false))
    }

    /// Monotone cubic through the points (Fritsch & Carlson 1980; tangents as harmonic means): smooth slope for
    /// measured curves with many points. One point falls back to [`Self::from_points`].
    pub fn smooth_from_points(points: &[(f64, f64)]) -> Result<Self, CurveFault> {
        if points.len() < 2 {
            return Self::from_points(points);
        }
        check(points)?;
        Ok(Self::through(points, true))
    }

    /// H = a − b·Q². `None` unless both are positive and finite.
    pub fn quadratic(shutoff_m: f64, coefficient_s2_m5: f64) -> Option<Self> {
        let positive = |value: f64| value > 0.0 && value.is_finite();
        if !positive(shutoff_m) || !positive(coefficient_s2_m5) {
            return None;
        }
        let largest_flow_m3_s = (shutoff_m / coefficient_s2_m5).sqrt();
        let shape = power(shutoff_m, coefficient_s2_m5, 2.0, largest_flow_m3_s);
        Some(Self { shape, largest_flow_m3_s, raised_points: Vec::new() })
    }

    /// Pump of constant hydraulic power, H = K/Q with K = P/(ρ g) in m⁴/s. `None` unless K is positive and finite.
    ///
    /// EPANET's POWER pumps take P as hydraulic power and K = 8.814 ft⁴/s per horsepower = 0.076 073 m⁴/s. The head stays
    /// positive however large the flow; for small flows it goes on along the tangent, 2000 m at rest.
    pub fn constant_power(head_times_flow_m4_s: f64) -> Option<Self> {
        let valid = head_times_flow_m4_s > 0.0 && head_times_flow_m4_s.is_finite();
        valid.then(|| Self {
            shape: Shape::ConstantPower { head_times_flow_m4_s },
            largest_flow_m3_s: f64::INFINITY,
            raised_points: Vec::new(),
        })
    }

    fn through(points: &[(f64, f64)], smooth: bool) -> Self {
        let flows_m3_s: Vec<f64> = points.iter().map(|point| point.0).collect();
        let mut heads_m: Vec<f64> = points.iter().map(|point| point.1).collect();
        let last = points.len() - 1;
        let range = flows_m3_s[last] - flows_m3_s[0];
        let scale = heads_m.iter().fold(0.0, |largest: f64, head| largest.max(head.abs()));
        let mut raised_points = Vec::new();
        for point in (0..last).rev() {
            let fall = SMALLEST_FALL * scale * (flows_m3_s[point + 1] - flows_m3_s[point]) / range;
            if heads_m[point] < heads_m[point + 1] + fall {
                heads_m[point] = heads_m[point + 1] + fall;
                raised_points.push(point);
            }
        }
        raised_points.reverse();
        let slopes = tangents(&flows_m3_s, &heads_m);
        let largest_flow_m3_s = flows_m3_s[last];
        Self { shape: Shape::Points { flows_m3_s, heads_m, slopes, smooth }, largest_flow_m3_s, raised_points }
    }

    /// Largest flow of the points, m³/s (one point: twice its flow; quadratic: the flow of zero head; constant power:
    /// infinite).
    pub fn largest_flow_m3_s(&self) -> f64 {
        self.largest_flow_m3_s
    }

    /// Points (from 0) whose head was not above its right neighbour's and has been raised.
    pub fn raised_points(&self) -> &[usize] {
        &self.raised_points
    }

    /// Head against a closed valve.
    pub fn shutoff_head_m(&self) -> f64 {
        self.head(0.0).head_m
    }

    /// Head and slope at a flow of either sign; continuous, strictly falling; the slope jumps only at the points of
    /// straight lines.
    pub fn head(&self, flow_m3_s: f64) -> Head {
        match &self.shape {
            Shape::Power { shutoff_m, coefficient, exponent, linear_below_m3_s } => {
                let (loss, slope) =
                    power_with_linear_start(flow_m3_s.abs(), *coefficient, *exponent, *linear_below_m3_s);
                Head { head_m: shutoff_m - loss.copysign(flow_m3_s), slope_s_m2: -slope }
            }
            Shape::ConstantPower { head_times_flow_m4_s } => {
                let joint = head_times_flow_m4_s / CONSTANT_POWER_JOINT_HEAD_M;
                let at = flow_m3_s.max(joint);
                let slope_s_m2 = -head_times_flow_m4_s / (at * at);
                Head { head_m: head_times_flow_m4_s / at + slope_s_m2 * (flow_m3_s - at), slope_s_m2 }
            }
            Shape::Points { flows_m3_s, heads_m, slopes, smooth } => {
                let last = flows_m3_s.len() - 1;
                let above = flows_m3_s.partition_point(|&flow| flow <= flow_m3_s).clamp(1, last);
                let below = above - 1;
                let width = flows_m3_s[above] - flows_m3_s[below];
                let rise = heads_m[above] - heads_m[below];
                let s = (flow_m3_s - flows_m3_s[below]) / width;
                if !smooth {
                    return Head { head_m: heads_m[below] + s * rise, slope_s_m2: rise / width };
                }
                if !(0.0..=1.0).contains(&s) {
                    let end = if s < 0.0 { below } else { above };
                    let head_m = heads_m[end] + slopes[end] * (flow_m3_s - flows_m3_s[end]);
                    return Head { head_m, slope_s_m2: slopes[end] };
                }
                let (d0, d1) = (slopes[below] * width, slopes[above] * width);
                let square = 3.0 * rise - 2.0 * d0 - d1;
                let cube = d0 + d1 - 2.0 * rise;
                Head {
                    head_m: heads_m[below] + s * (d0 + s * (square + s * cube)),
                    slope_s_m2: (d0 + s * (2.0 * square + s * 3.0 * cube)) / width,
                }
            }
        }
    }
}

fn check(points: &[(f64, f64)]) -> Result<(), CurveFault> {
    if points.is_empty() {
        return Err(CurveFault::Empty);
    }
    for (point, &(flow, head)) in points.iter().enumerate() {
        if !flow.is_finite() || !head.is_finite() || flow < 0.0 {
            return Err(CurveFault::Invalid { point });
        }
        if point > 0 && flow <= points[point - 1].0 {
            return Err(CurveFault::FlowNotRising { point });
        }
    }
    if points.iter().all(|point| point.1 <= 0.0) {
        return Err(CurveFault::Invalid { point: 0 });
    }
    Ok(())
}

fn power(shutoff_m: f64, coefficient: f64, exponent: f64, typical_flow_m3_s: f64) -> Shape {
    Shape::Power { shutoff_m, coefficient, exponent, linear_below_m3_s: LINEARISED_SHARE * typical_flow_m3_s }
}

/// b·Q^c and its slope, below `joint` the C¹ replacement with a finite positive slope at rest (see `power_law`).
fn power_with_linear_start(flow: f64, coefficient: f64, exponent: f64, joint: f64) -> (f64, f64) {
    let raise = |base: f64| if base < 1e-100 { 0.0 } else { exp(exponent * ln(base)) };
    if flow >= joint {
        let loss = coefficient * raise(flow);
        return (loss, exponent * loss / flow);
    }
    let at_joint = coefficient * raise(joint);
    let t = flow / joint;
    let share = 1.0 / exponent;
    let curved = (1.0 - share) * raise(t);
    (at_joint * t * (share + curved), at_joint / joint * (share + curved * (exponent + 1.0)))
}

/// Tangents of a strictly falling monotone cubic: weighted harmonic mean inside (Fritsch & Butland 1984, which lies
/// inside the monotone region), the outer secant at the ends.
fn tangents(flows: &[f64], heads: &[f64]) -> Vec<f64> {
    let secant = |i: usize| (heads[i + 1] - heads[i]) / (flows[i + 1] - flows[i]);
    let last = flows.len() - 1;
    (0..=last)
        .map(|i| {
            if i == 0 {
                return secant(0);
            }
            if i == last {
                return secant(last - 1);
            }
            let (left, right) = (flows[i] - flows[i - 1], flows[i + 1] - flows[i]);
            let (w1, w2) = (2.0 * right + left, right + 2.0 * left);
            (w1 + w2) / (w1 / secant(i - 1) + w2 / secant(i))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_point_is_the_four_thirds_curve() {
        let curve = HeadCurve::from_points(&[(0.1, 60.0)]).expect("curve");
        assert!((curve.shutoff_head_m() - 80.0).abs() < 1e-12);
        assert!((curve.head(0.1).head_m - 60.0).abs() < 1e-12);
        assert!(curve.head(0.2).head_m.abs() < 1e-11);
        assert_eq!(curve.largest_flow_m3_s(), 0.2);
    }

    #[test]
    fn three_points_are_met_by_a_power_function() {
        // Net3's pump 10: 0, 2000, 4000 gpm at 104, 92, 63 ft.
        let gpm = 6.309_019_64e-5;
        let points = [(0.0, 104.0 * 0.3048), (2000.0 * gpm, 92.0 * 0.3048), (4000.0 * gpm, 63.0 * 0.3048)];
        let curve = HeadCurve::from_points(&points).expect("curve");
        for (flow, head) in points {
            assert!((curve.head(flow).head_m - head).abs() < 1e-10);
        }
        // c = ln(41/12)/ln 2; halfway 104 − 12·0.5^c.
        let exponent = (41.0_f64 / 12.0).ln() / 2f64.ln();
        let halfway = (104.0 - 12.0 * 0.5f64.powf(exponent)) * 0.3048;
        assert!((curve.head(1000.0 * gpm).head_m - halfway).abs() < 1e-10);
    }

    #[test]
    fn many_points_are_straight_lines_with_the_last_one_going_on() {
        let curve = HeadCurve::from_points(&[(0.0, 50.0), (0.1, 48.0), (0.2, 40.0), (0.3, 20.0)]).expect("curve");
        assert!((curve.head(0.15).head_m - 44.0).abs() < 1e-12);
        assert!((curve.head(0.4).head_m - 0.0).abs() < 1e-12);
        assert!((curve.head(-0.1).head_m - 52.0).abs() < 1e-12);
        assert!(curve.raised_points().is_empty());
    }

    #[test]
    fn a_drooping_curve_keeps_its_stable_branch_and_is_reported() {
        let curve = HeadCurve::from_points(&[(0.0, 50.0), (0.1, 52.0), (0.2, 45.0), (0.3, 30.0)]).expect("curve");
        assert_eq!(curve.raised_points(), [0]);
        assert!((curve.head(0.1).head_m - 52.0).abs() < 1e-12);
        assert!(curve.shutoff_head_m() > 52.0 && curve.shutoff_head_m() < 52.1);
    }

    #[test]
    fn constant_power_is_a_hyperbola() {
        // 150 hp: 8.814·150 ft⁴/s; at 5 ft³/s 264.42 ft.
        let foot = 0.3048_f64;
        let curve = HeadCurve::constant_power(150.0 * 8.814 * foot.powi(4)).expect("curve");
        assert!((curve.head(5.0 * foot.powi(3)).head_m - 264.42 * foot).abs() < 1e-9);
        assert!((curve.shutoff_head_m() - 2000.0).abs() < 1e-9);
    }

    #[test]
    fn wrong_points_are_named() {
        assert_eq!(HeadCurve::from_points(&[]), Err(CurveFault::Empty));
        assert_eq!(HeadCurve::from_points(&[(0.0, 10.0)]), Err(CurveFault::Invalid { point: 0 }));
        assert_eq!(HeadCurve::from_points(&[(0.0, 10.0), (0.1, f64::NAN)]), Err(CurveFault::Invalid { point: 1 }));
        assert_eq!(HeadCurve::from_points(&[(0.1, 10.0), (0.1, 9.0)]), Err(CurveFault::FlowNotRising { point: 1 }));
        assert!(HeadCurve::quadratic(-1.0, 2.0).is_none());
    }

    fn curves() -> Vec<HeadCurve> {
        vec![
            HeadCurve::from_points(&[(0.1, 60.0)]).expect("one"),
            HeadCurve::from_points(&[(0.0, 60.0), (0.1, 59.0), (0.2, 20.0)]).expect("steep"),
            HeadCurve::from_points(&[(0.0, 60.0), (0.1, 30.0), (0.2, 25.0)]).expect("exponent below one"),
            HeadCurve::from_points(&[(0.02, 50.0), (0.1, 52.0), (0.2, 52.0), (0.25, 10.0)]).expect("drooping"),
            HeadCurve::smooth_from_points(&[(0.0, 50.0), (0.1, 52.0), (0.15, 40.0), (0.3, 10.0)]).expect("smooth"),
            HeadCurve::smooth_from_points(&[(0.0, 50.0), (0.3, 10.0)]).expect("two"),
            HeadCurve::quadratic(80.0, 2000.0).expect("quadratic"),
            HeadCurve::constant_power(5.0).expect("constant power"),
        ]
    }

    proptest! {
        #[test]
        fn every_curve_falls_strictly_and_its_slope_is_the_derivative(
            which in 0..8usize, flow in -0.3..0.6_f64, step in 1e-6..0.1_f64,
        ) {
            let curve = &curves()[which];
            let here = curve.head(flow);
            prop_assert!(here.slope_s_m2 < 0.0 && here.slope_s_m2.is_finite());
            prop_assert!(curve.head(flow + step).head_m < here.head_m);
            // The mean of the two one-sided differences holds at corners too, when compared with both sides.
            let width = 1e-9;
            let numeric = (curve.head(flow + width).head_m - curve.head(flow - width).head_m) / (2.0 * width);
            let sides = [curve.head(flow - width).slope_s_m2, curve.head(flow + width).slope_s_m2];
            let (low, high) = (sides[0].min(sides[1]), sides[0].max(sides[1]));
            let slack = 1e-3 * low.abs() + 1e-4;
            prop_assert!(numeric >= low - slack && numeric <= high + slack, "{} in {} {}", numeric, low, high);
        }
    }
}
