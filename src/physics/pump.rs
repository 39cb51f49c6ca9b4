//! A group of equal pumps at a speed: affinity laws, parallel running, efficiency, shaft power, NPSH.
//!
//! At relative speed s and with n pumps side by side a curve H₀(Q) becomes H = s²·H₀(Q/(n s)) (affinity laws; fixed
//! impeller, turbulent flow; good within half to full speed). Efficiency keeps its value along the parabola Q ∝ s. Not
//! here: the curve itself (`pump_curve`), the check valve, a standing pump (no law: the caller removes it).

use super::property_table::PropertyTable;
use super::pump_curve::{Head, HeadCurve};

/// Slowest speed the affinity laws are evaluated at; a slower pump stands.
pub const SMALLEST_SPEED: f64 = 1e-3;

/// Running conditions of a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PumpGroup {
    /// Speed over nominal speed; taken as at least [`SMALLEST_SPEED`].
    pub speed: f64,
    /// Number of equal pumps running side by side; taken as at least 1.
    pub parallel: u32,
}

impl PumpGroup {
    fn speed(&self) -> f64 {
        // `max` also turns NaN into the smallest speed.
        self.speed.max(SMALLEST_SPEED)
    }

    fn parallel(&self) -> f64 {
        f64::from(self.parallel.max(1))
    }

    /// Flow of one pump brought to nominal speed, m³/s.
    pub fn nominal_flow_m3_s(&self, group_flow_m3_s: f64) -> f64 {
        group_flow_m3_s / (self.parallel() * self.speed())
    }

    /// Head of the group and its slope at the flow of the whole group.
    pub fn head(&self, curve: &HeadCurve, group_flow_m3_s: f64) -> Head {
        let at_nominal = curve.head(self.nominal_flow_m3_s(group_flow_m3_s));
        let speed = self.speed();
        Head { head_m: speed * speed * at_nominal.head_m, slope_s_m2: speed * at_nominal.slope_s_m2 / self.parallel() }
    }

    /// Pressure rise in Pa and its derivative by the mass flow (Pa s/kg, negative) at the mass flow of the group:
    /// Δp = ρ g H(m/ρ).
    pub fn pressure_rise(
        &self,
        curve: &HeadCurve,
        mass_flow_kg_s: f64,
        density_kg_m3: f64,
        gravity_m_s2: f64,
    ) -> (f64, f64) {
        let head = self.head(curve, mass_flow_kg_s / density_kg_m3);
        (density_kg_m3 * gravity_m_s2 * head.head_m, gravity_m_s2 * head.slope_s_m2)
    }

    /// Flow of the group at which its curve gives a head, m³/s; 0 for heads at or above shut-off.
    ///
    /// Bisection on the strictly falling curve, until the interval no longer shrinks.
    pub fn flow_at_head_m3_s(&self, curve: &HeadCurve, head_m: f64) -> f64 {
        if head_m.is_nan() || self.head(curve, 0.0).head_m <= head_m {
            return 0.0;
        }
        let mut low = 0.0;
        let mut high = curve.largest_flow_m3_s().min(1.0) * self.parallel() * self.speed();
        for _ in 0..64 {
            if self.head(curve, high).head_m < head_m {
                break;
            }
            low = high;
            high *= 2.0;
        }
        for _ in 0..100 {
            let middle = 0.5 * (low + high);
            if self.head(curve, middle).head_m > head_m { low = middle } else { high = middle }
        }
        0.5 * (low + high)
    }

    /// Relative speed at which a group of this size gives a head at a flow, at most `highest`; `None` where even that does
    /// not reach it. Bisection: head rises with speed at any flow.
    pub fn speed_at(&self, curve: &HeadCurve, group_flow_m3_s: f64, head_m: f64, highest: f64) -> Option<f64> {
        let head_at = |speed: f64| PumpGroup { speed, ..*self }.head(curve, group_flow_m3_s).head_m;
        if !head_m.is_finite() || head_at(highest) < head_m - 1e-6 * head_m.abs() {
            return None;
        }
        let (mut low, mut high) = (SMALLEST_SPEED, highest.max(SMALLEST_SPEED));
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if head_at(middle) < head_m { low = middle } else { high = middle }
        }
        Some(0.5 * (low + high))
    }

    /// Efficiency 0…1 at the flow of the group, from a table over the flow (here in m³/s instead of °C) of one pump at
    /// nominal speed.
    pub fn efficiency(&self, table_over_flow: &PropertyTable, group_flow_m3_s: f64) -> f64 {
        table_over_flow.value(self.nominal_flow_m3_s(group_flow_m3_s)).clamp(0.0, 1.0)
    }

    /// NPSH required, m, from the value of one pump at nominal speed and the same nominal flow: grows with s².
    pub fn npsh_required_m(&self, at_nominal_speed_m: f64) -> f64 {
        at_nominal_speed_m * self.speed() * self.speed()
    }
}

/// Shaft power, W: ρ g Q H/η. `None` where the efficiency is not positive.
pub fn shaft_power_w(
    flow_m3_s: f64,
    head_m: f64,
    efficiency: f64,
    density_kg_m3: f64,
    gravity_m_s2: f64,
) -> Option<f64> {
    (efficiency > 0.0).then(|| density_kg_m3 * gravity_m_s2 * flow_m3_s * head_m / efficiency)
}

/// NPSH available at the suction flange, m: (p_abs − p_vapour)/(ρ g) + v²/(2 g), ISO 9906.
pub fn npsh_available_m(
    suction_absolute_pa: f64,
    vapour_pressure_pa: f64,
    velocity_m_s: f64,
    density_kg_m3: f64,
    gravity_m_s2: f64,
) -> f64 {
    (suction_absolute_pa - vapour_pressure_pa) / (density_kg_m3 * gravity_m_s2)
        + velocity_m_s * velocity_m_s / (2.0 * gravity_m_s2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve() -> HeadCurve {
        HeadCurve::from_points(&[(0.1, 60.0)]).expect("curve")
    }

    #[test]
    fn affinity_laws_and_parallel_running() {
        let nominal = PumpGroup { speed: 1.0, parallel: 1 };
        let slow_pair = PumpGroup { speed: 0.8, parallel: 2 };
        let expected = 0.64 * nominal.head(&curve(), 0.1).head_m;
        let head = slow_pair.head(&curve(), 0.16);
        assert!((head.head_m - expected).abs() < 1e-12);
        let numeric =
            (slow_pair.head(&curve(), 0.16 + 1e-6).head_m - slow_pair.head(&curve(), 0.16 - 1e-6).head_m) / 2e-6;
        assert!((head.slope_s_m2 / numeric - 1.0).abs() < 1e-7);
    }

    #[test]
    fn flow_at_head_inverts_the_curve() {
        let group = PumpGroup { speed: 0.9, parallel: 3 };
        let head_m = group.head(&curve(), 0.21).head_m;
        assert!((group.flow_at_head_m3_s(&curve(), head_m) - 0.21).abs() < 1e-12);
        assert_eq!(group.flow_at_head_m3_s(&curve(), 100.0), 0.0);
    }

    #[test]
    fn speed_at_a_duty_point_inverts_the_affinity_laws() {
        let group = PumpGroup { speed: 1.0, parallel: 2 };
        // At 80 % speed and 160 l/s of the pair: 0.64·60 m.
        let speed = group.speed_at(&curve(), 0.16, 0.64 * 60.0, 1.0);
        assert!(speed.is_some_and(|speed| (speed - 0.8).abs() < 1e-9), "{speed:?}");
        assert_eq!(group.speed_at(&curve(), 0.16, 90.0, 1.0), None);
    }

    #[test]
    fn pressure_rise_is_head_times_weight() {
        let group = PumpGroup { speed: 1.0, parallel: 1 };
        let (rise, slope) = group.pressure_rise(&curve(), 95.0, 950.0, 9.81);
        assert!((rise - 950.0 * 9.81 * 60.0).abs() < 1e-6);
        let (next, _) = group.pressure_rise(&curve(), 95.001, 950.0, 9.81);
        assert!(((next - rise) / 0.001 / slope - 1.0).abs() < 1e-4);
    }

    #[test]
    fn power_and_npsh_by_hand() {
        // 100 l/s against 60 m at 80 %: 1000·9.81·0.1·60/0.8 = 73 575 W.
        assert_eq!(shaft_power_w(0.1, 60.0, 0.8, 1000.0, 9.81).map(f64::round), Some(73_575.0));
        assert_eq!(shaft_power_w(0.1, 60.0, 0.0, 1000.0, 9.81), None);
        assert!((npsh_available_m(2e5, 1e5, 2.0, 1000.0, 10.0) - 10.2).abs() < 1e-12);
        let standing = PumpGroup { speed: f64::NAN, parallel: 0 };
        assert!(standing.head(&curve(), 0.0).head_m.is_finite());
    }
}
