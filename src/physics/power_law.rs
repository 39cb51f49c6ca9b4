//! Pressure laws of the form Δp = C·m·|m|^(n−1): valves, fittings, Hazen–Williams and Chézy–Manning pipes.
//!
//! A pure power has slope 0 at rest (n > 1), which makes a Newton matrix singular. Below a small flow the law is
//! therefore replaced by C m₀ⁿ·(t/n + (1 − 1/n)·tⁿ⁺¹), t = m/m₀, which meets the power at m₀ in value and slope and
//! leaves rest with slope 1/n of the chord: strictly increasing and C¹ for every n > 0. Above m₀ the power is exact.
//! Hazen–Williams and Chézy–Manning exist for water networks imported from EPANET; they ignore viscosity and have no
//! place in heating networks. Not here: laws with a Reynolds number (`friction`).

use super::elementary::{exp, ln};
use super::friction::PressureDrop;

/// Pressure drop below which a law may be linearised when nothing else is known: far below any gauge.
pub const NEGLIGIBLE_DROP_PA: f64 = 1e-3;

/// Δp = C·m·|m|^(n−1) for |m| ≥ m₀.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PowerLaw {
    /// C, Pa per (kg/s)ⁿ; > 0.
    pub coefficient: f64,
    /// n; > 0.
    pub exponent: f64,
    /// m₀, kg/s; > 0.
    pub linear_below_kg_s: f64,
}

impl PowerLaw {
    /// Law that is exact above the flow which loses [`NEGLIGIBLE_DROP_PA`]. `None` unless both numbers are positive and finite.
    pub fn new(coefficient: f64, exponent: f64) -> Option<Self> {
        let positive = |value: f64| value > 0.0 && value.is_finite();
        if !positive(coefficient) || !positive(exponent) {
            return None;
        }
        let linear_below_kg_s = (NEGLIGIBLE_DROP_PA / coefficient).powf(1.0 / exponent);
        positive(linear_below_kg_s).then_some(Self { coefficient, exponent, linear_below_kg_s })
    }

    /// Δp = S·m·|m|, S in Pa s²/kg².
    pub fn quadratic(resistance_pa_s2_kg2: f64) -> Option<Self> {
        Self::new(resistance_pa_s2_kg2, 2.0)
    }

    /// Δp and its slope; odd, strictly increasing, C¹.
    #[inline]
    pub fn pressure_drop(&self, mass_flow_kg_s: f64) -> PressureDrop {
        let magnitude = mass_flow_kg_s.abs();
        if magnitude < self.linear_below_kg_s {
            let t = magnitude / self.linear_below_kg_s;
            // t^n is only needed where t is normal; below, its share of a linear term is nothing.
            let power = if t < 1e-100 { 0.0 } else { power(t, self.exponent) };
            let share = 1.0 / self.exponent;
            let chord = self.coefficient * power_of(self.linear_below_kg_s, self.exponent) / self.linear_below_kg_s;
            return PressureDrop {
                drop_pa: chord * (share + (1.0 - share) * power) * mass_flow_kg_s,
                slope_pa_s_kg: chord * (share + (1.0 - share) * (self.exponent + 1.0) * power),
            };
        }
        let chord = self.coefficient * power_of(magnitude, self.exponent) / magnitude;
        PressureDrop { drop_pa: chord * mass_flow_kg_s, slope_pa_s_kg: self.exponent * chord }
    }
}

#[inline]
fn power(base: f64, exponent: f64) -> f64 {
    exp(exponent * ln(base))
}

/// The square, by far the commonest, without logarithm.
#[inline]
fn power_of(base: f64, exponent: f64) -> f64 {
    if exponent == 2.0 { base * base } else { power(base, exponent) }
}

/// Exponent of the flow in Hazen–Williams as EPANET uses it.
pub const HAZEN_WILLIAMS_EXPONENT: f64 = 1.852;

/// Hazen–Williams head loss per (m³/s)^1.852, in m: 4.727·C^−1.852·d^−4.871·L in feet and cubic feet a second
/// (EPANET 2.2 manual §12.1, table 12.1), converted exactly: 10.66683 in SI. C > 0 about 60…150.
pub fn hazen_williams_head_coefficient(length_m: f64, inner_diameter_m: f64, c_factor: f64) -> f64 {
    const SI: f64 = 10.666_829_488_930_052;
    SI * length_m / (c_factor.powf(HAZEN_WILLIAMS_EXPONENT) * inner_diameter_m.powf(4.871))
}

/// Chézy–Manning head loss per (m³/s)², in m, of a full round pipe: (4 n/(1.49 π d²))²·(d/4)^−1.333·L in feet
/// (EPANET 2.3 source form of table 12.1), converted exactly. Manning n about 0.009…0.02.
pub fn chezy_manning_head_coefficient(length_m: f64, inner_diameter_m: f64, manning_n: f64) -> f64 {
    const FOOT_M: f64 = 0.3048;
    let diameter_ft = inner_diameter_m / FOOT_M;
    let base = 4.0 * manning_n / (1.49 * std::f64::consts::PI * diameter_ft * diameter_ft);
    // (s/ft³)² → (s/m³)²; length and head share their unit.
    base * base * (diameter_ft / 4.0).powf(-1.333) * length_m / FOOT_M.powi(6)
}

/// Coefficient of the [`PowerLaw`] in mass flow and Pa that belongs to a head-loss coefficient K in m per (m³/s)ⁿ:
/// C = ρ g K / ρⁿ.
pub fn pressure_coefficient(head_coefficient: f64, exponent: f64, density_kg_m3: f64, gravity_m_s2: f64) -> f64 {
    head_coefficient * gravity_m_s2 * density_kg_m3.powf(1.0 - exponent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hazen_williams_matches_the_us_form_by_hand() {
        // 1000 ft of 12 in pipe, C = 100, 2 ft³/s: 4.727·100^−1.852·1^−4.871·1000·2^1.852 = 3.368 ft.
        let feet = 4.727 * 100f64.powf(-1.852) * 1000.0 * 2f64.powf(1.852);
        let flow_m3_s = 2.0 * 0.3048_f64.powi(3);
        let head_m = hazen_williams_head_coefficient(304.8, 0.3048, 100.0) * flow_m3_s.powf(1.852);
        assert!((head_m / (feet * 0.3048) - 1.0).abs() < 1e-12, "{head_m}");
    }

    #[test]
    fn chezy_manning_is_near_the_metric_textbook_form() {
        // h = 10.29 n² L Q² / d^(16/3).
        let head_m = chezy_manning_head_coefficient(100.0, 0.3, 0.013) * 0.1 * 0.1;
        let metric = 10.29 * 0.013_f64.powi(2) * 100.0 * 0.01 / 0.3_f64.powf(16.0 / 3.0);
        assert!((head_m / metric - 1.0).abs() < 0.01, "{head_m} {metric}");
    }

    #[test]
    fn pressure_form_equals_head_form() {
        let law = PowerLaw::new(pressure_coefficient(7.0, 1.852, 998.0, 9.81), 1.852).expect("law");
        let expected = 998.0 * 9.81 * 7.0 * (20.0_f64 / 998.0).powf(1.852);
        assert!((law.pressure_drop(20.0).drop_pa / expected - 1.0).abs() < 1e-13);
    }

    #[test]
    fn no_law_without_a_positive_coefficient() {
        assert!(PowerLaw::quadratic(0.0).is_none());
        assert!(PowerLaw::quadratic(f64::INFINITY).is_none());
        assert!(PowerLaw::new(1.0, -2.0).is_none());
    }

    proptest! {
        #[test]
        fn strictly_increasing_odd_and_c1(
            log_c in -6.0..12.0_f64, exponent in 0.5..6.0_f64, log_t in -8.0..8.0_f64, step in 1e-6..0.5_f64,
        ) {
            let law = PowerLaw::new(10f64.powf(log_c), exponent).expect("law");
            let m = law.linear_below_kg_s * 10f64.powf(log_t);
            let here = law.pressure_drop(m);
            prop_assert!(law.pressure_drop(m * (1.0 + step)).drop_pa > here.drop_pa);
            prop_assert!(here.slope_pa_s_kg > 0.0);
            prop_assert_eq!(law.pressure_drop(-m).drop_pa, -here.drop_pa);
            let joint = law.linear_below_kg_s;
            let below = law.pressure_drop(joint * (1.0 - 1e-13));
            let above = law.pressure_drop(joint * (1.0 + 1e-13));
            prop_assert!((below.drop_pa / above.drop_pa - 1.0).abs() < 1e-11);
            prop_assert!((below.slope_pa_s_kg / above.slope_pa_s_kg - 1.0).abs() < 1e-11);
            prop_assert!(law.pressure_drop(0.0).slope_pa_s_kg > 0.0);
        }
    }
}
