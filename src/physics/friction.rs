//! Darcy friction factor of full round pipes by six laws, and the pressure a pipe takes from a mass flow.
//!
//! Mechanism: every law answers with the factor λ and the local exponent n = d ln Δp / d ln m = 2 + d ln λ / d ln Re,
//! so the slope of the pressure drop costs one multiplication. Below Re 2000 every law (but the two for comparison,
//! Nikuradse's sum and Colebrook–White at every Reynolds number) is Hagen–Poiseuille, above a
//! law's own upper limit (Re 4000, see [`FrictionLaw::turbulent_from`]) it is the printed formula; between them lies
//! a curve that joins both in value and slope, so the pressure drop is strictly increasing and continuously
//! differentiable in the flow, as Newton's method and the convexity of the network problem ask.
//! Not here: head-loss formulas without a Reynolds number (`power_law`), many pipes at once (`friction_batch`), heights.

mod slow;

use std::f64::consts::PI;

use slow::{EXTENDED_FROM, colebrook_everywhere, slow_flow};

use super::elementary::{exp, ln, ln_one_plus_small, ln_quotient, log2_rough};

/// Upper end of laminar flow for all laws.
pub const LAMINAR_UNTIL: f64 = 2000.0;
/// Lower end of fully turbulent flow for all laws but a very smooth Shifrinson pipe.
pub const TURBULENT_FROM: f64 = 4000.0;
/// Largest relative roughness k/d the laws are evaluated for; rougher pipes are computed as this one.
/// The laws are validated up to 0.05 (Moody 1944); the bound keeps Colebrook's logarithm well away from 1.
pub const LARGEST_RELATIVE_ROUGHNESS: f64 = 0.25;
/// Shifrinson's law knows no smooth pipe (λ → 0 as k → 0); smoother pipes are computed as this one.
const SHIFRINSON_SMALLEST_RELATIVE_ROUGHNESS: f64 = 1e-7;
/// 2 / ln 10: −2 log₁₀ y = −`TWO_OVER_LN_10` · ln y.
const TWO_OVER_LN_10: f64 = 0.868_588_963_806_503_7;

/// Which formula gives the friction factor of turbulent flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FrictionLaw {
    /// 1/√λ = −2 log₁₀(k/(3.71 d) + 2.51/(Re √λ)) (Colebrook 1939), solved to rounding error.
    #[default]
    Colebrook,
    /// λ = 0.25/log₁₀²(k/(3.7 d) + 5.74/Re^0.9) (Swamee & Jain 1976) with Dunlop's cubic for Re 2000…4000:
    /// exactly what EPANET 2.3 computes for head-loss form D-W.
    SwameeJain,
    /// λ = 0.11 (k/d + 68/Re)^0.25 (Altshul): the whole turbulent range.
    Altshul,
    /// λ = 0.11 (k/d)^0.25 (Shifrinson): fully rough flow, Re > 560 d/k.
    Shifrinson,
    /// λ = 64/Re + 1/(2 log₁₀(3.71 d/k))²: laminar and fully rough flow (Nikuradse 1933) added, at every Reynolds
    /// number. How STANET and pandapipes (`nikuradse`) read it; for comparison with their results.
    Nikuradse,
    /// Colebrook's equation down to Re 100, without laminar flow, and a smooth rise from rest below: how pandapipes
    /// (`colebrook`) computes slow flow. For comparison with such results; real flow below Re 2000 is laminar.
    ColebrookEverywhere,
}

/// Friction factor with its sensitivity to the flow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Friction {
    /// Darcy friction factor λ, dimensionless.
    pub factor: f64,
    /// d ln(λ Re²)/d ln Re, between 1 (laminar) and a little above 2 (inside the transition more); always positive.
    pub exponent: f64,
}

impl Friction {
    /// dλ/dRe at the Reynolds number this was computed for.
    pub fn factor_slope(self, reynolds: f64) -> f64 {
        self.factor * (self.exponent - 2.0) / reynolds
    }
}

impl FrictionLaw {
    /// Reynolds number above which the printed turbulent formula holds unchanged.
    ///
    /// 2000 for Nikuradse and Colebrook everywhere, which know no transition; else 4000, except for Shifrinson in a very smooth pipe (k/d below about 4.5e-4), whose constant λ lies below
    /// 64/Re beyond 4000: there the joint moves up to the Reynolds number at which both meet, otherwise the
    /// pressure drop would fall with growing flow.
    #[inline]
    pub fn turbulent_from(self, relative_roughness: f64) -> f64 {
        match self {
            FrictionLaw::Shifrinson => TURBULENT_FROM.max(64.0 / shifrinson(relative_roughness).factor),
            FrictionLaw::Nikuradse | FrictionLaw::ColebrookEverywhere => LAMINAR_UNTIL,
            _ => TURBULENT_FROM,
        }
    }

    /// Friction factor at a Reynolds number (> 0) and relative roughness k/d (clamped to 0…0.25).
    pub fn friction(self, reynolds: f64, relative_roughness: f64) -> Friction {
        let roughness = clamp_roughness(relative_roughness);
        match self {
            FrictionLaw::Nikuradse => return nikuradse(reynolds, roughness),
            FrictionLaw::ColebrookEverywhere => return colebrook_everywhere(reynolds, roughness),
            _ => {}
        }
        if reynolds <= LAMINAR_UNTIL {
            return Friction { factor: 64.0 / reynolds, exponent: 1.0 };
        }
        let turbulent_from = self.turbulent_from(roughness);
        if reynolds >= turbulent_from {
            self.turbulent(reynolds, roughness)
        } else {
            self.transition(reynolds, roughness)
        }
    }

    /// The printed turbulent formula; callers make sure of the range.
    #[inline(always)]
    pub(super) fn turbulent(self, reynolds: f64, relative_roughness: f64) -> Friction {
        match self {
            FrictionLaw::Colebrook | FrictionLaw::ColebrookEverywhere => colebrook(reynolds, relative_roughness),
            FrictionLaw::SwameeJain => swamee_jain(reynolds, relative_roughness),
            FrictionLaw::Altshul => altshul(reynolds, relative_roughness),
            FrictionLaw::Shifrinson => shifrinson(relative_roughness),
            FrictionLaw::Nikuradse => nikuradse(reynolds, relative_roughness),
        }
    }

    /// Between laminar and turbulent flow.
    #[cold]
    #[inline(never)]
    pub(super) fn transition(self, reynolds: f64, relative_roughness: f64) -> Friction {
        if self == FrictionLaw::SwameeJain {
            return dunlop(reynolds, relative_roughness);
        }
        let upper = self.turbulent_from(relative_roughness);
        join(reynolds, upper, self.turbulent(upper, relative_roughness))
    }
}

/// Roughness is bounded, not rejected: a network check reports it by name long before, the kernel only stays finite.
pub(super) fn clamp_roughness(relative_roughness: f64) -> f64 {
    relative_roughness.clamp(0.0, LARGEST_RELATIVE_ROUGHNESS)
}

/// Colebrook's implicit equation for Re ≥ 2000 in one logarithm and three divisions.
///
/// With x = 1/√λ, a = k/(3.71 d), b = 2.51/Re, c = 2/ln 10 the equation reads x = −c ln(a + b x). Start at x₀, the
/// smooth pipe (Filonenko: 1.82 log₁₀ Re − 1.64); one substitution gives x₁ = −c ln y₀ with y₀ = a + b x₀. The rest is
/// small: with y = y₀ (1 + w), p = b c/(y₀ + b c) and q = (b/(y₀ + b c))·(x₁ − x₀) the solution obeys
/// (1 − p) w + p ln(1 + w) = q. |w| stays below 0.06 for every roughness, so the reversed series leaves an error of
/// 1e-6 and one Newton step of rounding size. Differentiating the equation gives
/// d ln(λ Re²)/d ln Re = 2 − 2 p/(1 + (1 − p) w). All fractions are taken times Re, which saves dividing by it.
#[inline(always)]
fn colebrook(reynolds: f64, relative_roughness: f64) -> Friction {
    const BC: f64 = 2.51 * TWO_OVER_LN_10;
    let start = (1.82 * std::f64::consts::LOG10_2) * log2_rough(reynolds) - 1.64;
    let y0_re = relative_roughness * (1.0 / 3.71) * reynolds + 2.51 * start;
    let x1 = -TWO_OVER_LN_10 * ln_quotient(y0_re, reynolds);
    let inverse = 1.0 / (y0_re + BC);
    let p = BC * inverse;
    let q = 2.51 * inverse * (x1 - start);
    let w = q * (1.0 + p * q * (0.5 + q * (0.5 * p - 1.0 / 3.0)));
    let log = ln_one_plus_small(w);
    let residual = (w - q) + p * (log - w);
    // 1/(1 + e) with |e| < 0.06: the product leaves e⁸.
    let e = (1.0 - p) * w;
    let e2 = e * e;
    let reciprocal = (1.0 - e) * (1.0 + e2) * (1.0 + e2 * e2);
    // Newton: ln(1 + w) and e both move with the step in w.
    let step = residual * reciprocal;
    let x = x1 - TWO_OVER_LN_10 * (log - step);
    let refined = reciprocal * (1.0 + reciprocal * (1.0 - p) * (1.0 + w) * step);
    Friction { factor: 1.0 / (x * x), exponent: 2.0 - 2.0 * p * refined }
}

/// Swamee & Jain 1976, J. Hydraul. Div. 102(5) 657–664; constants 3.7, 5.74 and 0.9.
#[inline(always)]
fn swamee_jain(reynolds: f64, relative_roughness: f64) -> Friction {
    let viscous = 5.74 * exp(-0.9 * ln(reynolds));
    let y = relative_roughness * (1.0 / 3.7) + viscous;
    let x = -TWO_OVER_LN_10 * ln(y);
    let inverse = 1.0 / (x * x * y);
    Friction { factor: y * inverse, exponent: 2.0 - 1.8 * TWO_OVER_LN_10 * viscous * x * inverse }
}

/// Altshul; two square roots instead of a power.
#[inline(always)]
fn altshul(reynolds: f64, relative_roughness: f64) -> Friction {
    let viscous = 68.0 / reynolds;
    let sum = relative_roughness + viscous;
    Friction { factor: 0.11 * sum.sqrt().sqrt(), exponent: 2.0 - 0.25 * viscous / sum }
}

/// Shifrinson: independent of the flow.
#[inline(always)]
fn shifrinson(relative_roughness: f64) -> Friction {
    let roughness = relative_roughness.max(SHIFRINSON_SMALLEST_RELATIVE_ROUGHNESS);
    Friction { factor: 0.11 * roughness.sqrt().sqrt(), exponent: 2.0 }
}

/// Laminar and fully rough flow added; a smooth pipe (k = 0) is laminar at every flow.
fn nikuradse(reynolds: f64, relative_roughness: f64) -> Friction {
    let laminar = 64.0 / reynolds;
    let rough = rough_factor(relative_roughness);
    let factor = laminar + rough;
    Friction { factor, exponent: 1.0 + rough / factor }
}

/// 1/(2 log₁₀(3.71 d/k))² (Nikuradse 1933 with the constant of Colebrook); 0 for a smooth pipe.
fn rough_factor(relative_roughness: f64) -> f64 {
    if relative_roughness > 0.0 {
        let x = TWO_OVER_LN_10 * ln(3.71 / relative_roughness);
        1.0 / (x * x)
    } else {
        0.0
    }
}

/// Dunlop's cubic in r = Re/2000 between Hagen–Poiseuille and Swamee–Jain, as printed in the EPANET 2.2 manual (§12.1):
/// λ = X1 + r (X2 + r (X3 + r X4)). It joins 0.032 and slope −0.032 at r = 1, and Swamee–Jain with its slope at r = 2.
fn dunlop(reynolds: f64, relative_roughness: f64) -> Friction {
    /// 5.74/4000^0.9
    const VISCOUS_AT_4000: f64 = 3.288_954_763_453_990_6e-3;
    let y2 = relative_roughness / 3.7 + VISCOUS_AT_4000;
    let y3 = -TWO_OVER_LN_10 * ln(y2);
    let fa = 1.0 / (y3 * y3);
    let fb = fa * (2.0 - 1.8 * TWO_OVER_LN_10 * VISCOUS_AT_4000 / (y2 * y3));
    let r = reynolds / 2000.0;
    let x1 = 7.0 * fa - fb;
    let x2 = 0.128 - 17.0 * fa + 2.5 * fb;
    let x3 = -0.128 + 13.0 * fa - (fb + fb);
    let x4 = 0.032 - 3.0 * fa + 0.5 * fb;
    let factor = x1 + r * (x2 + r * (x3 + r * x4));
    let slope = x2 + r * (2.0 * x3 + r * 3.0 * x4);
    Friction { factor, exponent: 2.0 + slope * r / factor }
}

/// Cubic Hermite join of Φ = λ Re² (proportional to the pressure drop) from Hagen–Poiseuille at Re 2000 to a
/// turbulent law at `upper`. Φ instead of λ, because a cubic whose end slopes, divided by the secant, lie in the
/// circle of radius 3 is strictly increasing (Fritsch & Carlson 1980); for all laws here the sum of their squares is
/// below 5. Near both ends it leaves the joined law only with the square of the distance.
fn join(reynolds: f64, upper: f64, at_upper: Friction) -> Friction {
    let lower_value = 64.0 * LAMINAR_UNTIL;
    let upper_value = at_upper.factor * upper * upper;
    let width = upper - LAMINAR_UNTIL;
    let lower_rise = 64.0 * width;
    let upper_rise = at_upper.exponent * at_upper.factor * upper * width;
    let rise = upper_value - lower_value;
    let s = (reynolds - LAMINAR_UNTIL) / width;
    let square = 3.0 * rise - 2.0 * lower_rise - upper_rise;
    let cube = lower_rise + upper_rise - 2.0 * rise;
    let value = lower_value + s * (lower_rise + s * (square + s * cube));
    let slope = (lower_rise + s * (2.0 * square + s * 3.0 * cube)) / width;
    Friction { factor: value / (reynolds * reynolds), exponent: slope * reynolds / value }
}

/// All that the pressure drop of one pipe depends on besides its flow; computed once per fluid state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PipeResistance {
    /// Re/|m| = 4/(π d η), s/kg.
    pub reynolds_per_kg_s: f64,
    /// Relative roughness k/d, 0…0.25.
    pub relative_roughness: f64,
    /// (L/d)/(2 ρ A²): multiplied by λ m² it is the wall friction in Pa; Pa·s²/kg².
    pub friction_pa_s2_kg2: f64,
    /// Σζ/(2 ρ A²), Pa·s²/kg².
    pub minor_pa_s2_kg2: f64,
}

/// Measures of a round pipe and the liquid in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PipeInFluid {
    pub length_m: f64,
    pub inner_diameter_m: f64,
    /// Equivalent sand roughness k.
    pub roughness_m: f64,
    /// Sum of the minor loss coefficients Σζ, related to the pipe's own velocity.
    pub zeta: f64,
    pub density_kg_m3: f64,
    /// Dynamic viscosity η.
    pub viscosity_pa_s: f64,
}

impl PipeInFluid {
    /// `None` unless length, diameter, density and viscosity are positive and finite and roughness and Σζ are not
    /// negative: outside that the law is not strictly increasing.
    pub fn resistance(&self) -> Option<PipeResistance> {
        Some(self.resistance_if_valid()).filter(|(valid, _)| *valid).map(|(_, resistance)| resistance)
    }

    /// Whether the measures give a law, and that law; without a branch, for loops over many pipes.
    #[inline(always)]
    pub(super) fn resistance_if_valid(&self) -> (bool, PipeResistance) {
        let positive = |value: f64| (value > 0.0) & (value < f64::INFINITY);
        let not_negative = |value: f64| (value >= 0.0) & value.is_finite();
        let valid = positive(self.length_m)
            & positive(self.inner_diameter_m)
            & positive(self.density_kg_m3)
            & positive(self.viscosity_pa_s)
            & not_negative(self.roughness_m)
            & not_negative(self.zeta);
        let area_m2 = 0.25 * PI * self.inner_diameter_m * self.inner_diameter_m;
        let dynamic = 1.0 / (2.0 * self.density_kg_m3 * area_m2 * area_m2);
        let per_diameter = 1.0 / self.inner_diameter_m;
        let law = PipeResistance {
            reynolds_per_kg_s: 4.0 / (PI * self.inner_diameter_m * self.viscosity_pa_s),
            relative_roughness: clamp_roughness(self.roughness_m * per_diameter),
            friction_pa_s2_kg2: self.length_m * per_diameter * dynamic,
            minor_pa_s2_kg2: self.zeta * dynamic,
        };
        (valid, law)
    }
}

/// Pressure lost in flow direction and its derivative by the flow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PressureDrop {
    /// Δp, Pa; sign of the flow.
    pub drop_pa: f64,
    /// dΔp/dm, Pa·s/kg; positive and finite for every finite flow.
    pub slope_pa_s_kg: f64,
}

impl PipeResistance {
    /// Reynolds number at a mass flow of either sign.
    #[inline]
    pub fn reynolds(&self, mass_flow_kg_s: f64) -> f64 {
        self.reynolds_per_kg_s * mass_flow_kg_s.abs()
    }

    /// Δp = (λ L/d + Σζ) m|m|/(2ρA²) and dΔp/dm at a mass flow of either sign.
    ///
    /// Odd in the flow, strictly increasing, continuously differentiable; at m = 0 the laminar slope 128 η L/(π ρ d⁴).
    #[inline]
    pub fn pressure_drop(&self, law: FrictionLaw, mass_flow_kg_s: f64) -> PressureDrop {
        let magnitude = mass_flow_kg_s.abs();
        let reynolds = self.reynolds_per_kg_s * magnitude;
        match law {
            FrictionLaw::Nikuradse => return self.laminar_and_rough(mass_flow_kg_s),
            FrictionLaw::ColebrookEverywhere if reynolds < EXTENDED_FROM => return self.slow(mass_flow_kg_s),
            FrictionLaw::ColebrookEverywhere => {
                let friction = colebrook_everywhere(reynolds, self.relative_roughness);
                return self.with_friction(friction, mass_flow_kg_s);
            }
            _ => {}
        }
        if reynolds <= LAMINAR_UNTIL {
            return self.laminar(mass_flow_kg_s);
        }
        let friction = if reynolds >= law.turbulent_from(self.relative_roughness) {
            law.turbulent(reynolds, self.relative_roughness)
        } else {
            law.transition(reynolds, self.relative_roughness)
        };
        self.with_friction(friction, mass_flow_kg_s)
    }

    /// Hagen–Poiseuille: λ m² = 64 |m|/(Re/|m|), linear in the flow and defined at rest.
    #[inline(always)]
    pub(super) fn laminar(&self, mass_flow_kg_s: f64) -> PressureDrop {
        let linear = 64.0 * self.friction_pa_s2_kg2 / self.reynolds_per_kg_s;
        let minor = self.minor_pa_s2_kg2 * mass_flow_kg_s.abs();
        PressureDrop { drop_pa: (linear + minor) * mass_flow_kg_s, slope_pa_s_kg: linear + 2.0 * minor }
    }

    /// The sum of Nikuradse's law: λ m² is a line plus a parabola, defined at rest.
    fn laminar_and_rough(&self, mass_flow_kg_s: f64) -> PressureDrop {
        let rough = self.friction_pa_s2_kg2 * rough_factor(self.relative_roughness) * mass_flow_kg_s.abs();
        let laminar = self.laminar(mass_flow_kg_s);
        PressureDrop {
            drop_pa: laminar.drop_pa + rough * mass_flow_kg_s,
            slope_pa_s_kg: laminar.slope_pa_s_kg + 2.0 * rough,
        }
    }

    /// Colebrook everywhere near rest, defined at rest.
    fn slow(&self, mass_flow_kg_s: f64) -> PressureDrop {
        let magnitude = mass_flow_kg_s.abs();
        let (value, slope) = slow_flow(self.reynolds_per_kg_s * magnitude, self.relative_roughness);
        let wall = self.friction_pa_s2_kg2 / self.reynolds_per_kg_s;
        let minor = self.minor_pa_s2_kg2 * magnitude;
        PressureDrop {
            drop_pa: (wall / self.reynolds_per_kg_s * value).copysign(mass_flow_kg_s) + minor * mass_flow_kg_s,
            slope_pa_s_kg: wall * slope + 2.0 * minor,
        }
    }

    /// Pressure drop once the friction factor at this flow is known.
    #[inline(always)]
    pub(super) fn with_friction(&self, friction: Friction, mass_flow_kg_s: f64) -> PressureDrop {
        let magnitude = mass_flow_kg_s.abs();
        let wall = self.friction_pa_s2_kg2 * friction.factor * magnitude;
        let minor = self.minor_pa_s2_kg2 * magnitude;
        PressureDrop { drop_pa: (wall + minor) * mass_flow_kg_s, slope_pa_s_kg: friction.exponent * wall + 2.0 * minor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LAWS: [FrictionLaw; 6] = [
        FrictionLaw::Colebrook,
        FrictionLaw::SwameeJain,
        FrictionLaw::Altshul,
        FrictionLaw::Shifrinson,
        FrictionLaw::Nikuradse,
        FrictionLaw::ColebrookEverywhere,
    ];

    /// Colebrook by plain fixed-point iteration with the standard library: contraction below 0.35 a step.
    fn colebrook_by_iteration(reynolds: f64, relative_roughness: f64) -> f64 {
        let mut x = 7.0;
        for _ in 0..80 {
            x = -2.0 * (relative_roughness / 3.71 + 2.51 / reynolds * x).log10();
        }
        1.0 / (x * x)
    }

    #[test]
    fn colebrook_meets_the_implicit_equation_everywhere() {
        let mut worst: f64 = 0.0;
        let mut reynolds = 2000.0;
        while reynolds < 1e11 {
            for roughness in [0.0, 1e-9, 1e-7, 1e-6, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.05, 0.1, 0.25] {
                let exact = colebrook_by_iteration(reynolds, roughness);
                worst = worst.max((colebrook(reynolds, roughness).factor / exact - 1.0).abs());
            }
            reynolds *= 1.013;
        }
        assert!(worst < 1e-13, "largest relative deviation {worst:e}");
    }

    #[test]
    fn colebrook_everywhere_meets_the_implicit_equation_down_to_its_end() {
        for reynolds in [100.0, 352.0, 900.0, 1351.0, 1999.0, 2001.0, 1e5] {
            for roughness in [0.0, 1e-6, 1e-3, 0.05, 0.25] {
                let exact = colebrook_by_iteration(reynolds, roughness);
                let ours = FrictionLaw::ColebrookEverywhere.friction(reynolds, roughness).factor;
                assert!((ours / exact - 1.0).abs() < 1e-13, "Re {reynolds}, k/d {roughness}: {ours} {exact}");
            }
        }
    }

    #[test]
    fn exponent_is_the_derivative_of_the_factor() {
        for law in LAWS {
            for reynolds in [500.0, 2100.0, 2900.0, 3900.0, 4100.0, 1e4, 1e5, 1e6, 1e8] {
                for roughness in [0.0, 1e-5, 1e-3, 0.02, 0.2] {
                    let step = 1e-5;
                    let phi = |re: f64| law.friction(re, roughness).factor * re * re;
                    let numeric = (phi(reynolds * (1.0 + step)) / phi(reynolds * (1.0 - step))).ln()
                        / ((1.0 + step) / (1.0 - step)).ln();
                    let exponent = law.friction(reynolds, roughness).exponent;
                    assert!(
                        (exponent - numeric).abs() < 1e-7,
                        "{law:?} Re {reynolds} k/d {roughness}: {exponent} {numeric}"
                    );
                }
            }
        }
    }

    #[test]
    fn value_and_slope_are_continuous_at_both_joints() {
        for law in LAWS {
            for roughness in [0.0, 1e-6, 1e-4, 1e-3, 0.01, 0.05, 0.25] {
                for joint in [EXTENDED_FROM, LAMINAR_UNTIL, law.turbulent_from(roughness)] {
                    let below = law.friction(joint * (1.0 - 1e-12), roughness);
                    let above = law.friction(joint * (1.0 + 1e-12), roughness);
                    assert!((below.factor / above.factor - 1.0).abs() < 1e-10, "{law:?} {roughness} at {joint}");
                    assert!((below.exponent - above.exponent).abs() < 1e-9, "{law:?} {roughness} at {joint}");
                }
            }
        }
    }

    #[test]
    fn swamee_jain_matches_the_published_forms() {
        // λ = 0.25/log10²(k/(3.7 d) + 5.74/Re^0.9) with the standard library's power and logarithm.
        for (reynolds, roughness) in [(4000.0, 0.0), (1e5, 1e-3), (3.3e6, 2e-4), (1e8, 0.05)] {
            let logarithm = (roughness / 3.7 + 5.74 / f64::powf(reynolds, 0.9)).log10();
            let expected = 0.25 / (logarithm * logarithm);
            assert!((FrictionLaw::SwameeJain.friction(reynolds, roughness).factor / expected - 1.0).abs() < 1e-13);
        }
    }

    #[test]
    fn hand_values() {
        // Smooth pipe at Re 1e5: λ = 0.01799 (Prandtl–Kármán); k/d = 0.001 at Re 1e6: 0.0199 (Moody 1944).
        assert!((FrictionLaw::Colebrook.friction(1e5, 0.0).factor - 0.01799).abs() < 2e-5);
        assert!((FrictionLaw::Colebrook.friction(1e6, 1e-3).factor - 0.0199).abs() < 5e-5);
        assert!((FrictionLaw::Altshul.friction(1e5, 1e-3).factor - 0.11 * 0.00168_f64.powf(0.25)).abs() < 1e-15);
        assert!((FrictionLaw::Shifrinson.friction(1e6, 5e-4).factor - 0.11 * 5e-4_f64.powf(0.25)).abs() < 1e-15);
    }

    fn pipe(diameter_m: f64, roughness_m: f64, zeta: f64) -> PipeResistance {
        PipeInFluid {
            length_m: 100.0,
            inner_diameter_m: diameter_m,
            roughness_m,
            zeta,
            density_kg_m3: 977.77,
            viscosity_pa_s: 0.000404,
        }
        .resistance()
        .expect("valid pipe")
    }

    #[test]
    fn slope_at_rest_is_hagen_poiseuille() {
        let law = pipe(0.1, 1e-4, 5.0);
        let expected = 128.0 * 0.000404 * 100.0 / (PI * 977.77 * 0.1_f64.powi(4));
        for friction_law in LAWS {
            let at_rest = law.pressure_drop(friction_law, 0.0);
            assert_eq!(at_rest.drop_pa, 0.0);
            if friction_law == FrictionLaw::ColebrookEverywhere {
                assert!(at_rest.slope_pa_s_kg > 0.0 && at_rest.slope_pa_s_kg < expected);
                continue;
            }
            assert!((at_rest.slope_pa_s_kg / expected - 1.0).abs() < 1e-14);
        }
    }

    /// Re 2631, k/d 1/750 from a pipe that STANET computed: 23.9 mbar over 2 km of 75 mm at 0.0629 m/s.
    #[test]
    fn nikuradse_is_the_sum_of_laminar_and_rough_flow() {
        let factor = FrictionLaw::Nikuradse.friction(2631.1, 0.1 / 75.0).factor;
        let measured = 2390.0 / (2000.0 / 0.075 * 1000.0 * 0.0629_f64.powi(2) / 2.0);
        assert!((factor / measured - 1.0).abs() < 0.005, "{factor} {measured}");
    }

    #[test]
    fn a_pipe_without_length_or_with_a_negative_zeta_has_no_law() {
        let good = PipeInFluid {
            length_m: 1.0,
            inner_diameter_m: 0.1,
            roughness_m: 0.0,
            zeta: 0.0,
            density_kg_m3: 1000.0,
            viscosity_pa_s: 1e-3,
        };
        assert!(good.resistance().is_some());
        assert!(PipeInFluid { length_m: 0.0, ..good }.resistance().is_none());
        assert!(PipeInFluid { zeta: -1.0, ..good }.resistance().is_none());
        assert!(PipeInFluid { viscosity_pa_s: f64::NAN, ..good }.resistance().is_none());
    }

    #[test]
    fn colebrook_pipe_matches_an_independent_network_solver() {
        // Textbook form evaluated by hand: d = 0.1071 m, k = 0.1 mm, m = 5 kg/s, L = 100 m, Σζ = 0.
        let law = pipe(0.1071, 1e-4, 0.0);
        let reynolds = 4.0 * 5.0 / (PI * 0.1071 * 0.000404);
        let velocity = 5.0 / (977.77 * 0.25 * PI * 0.1071 * 0.1071);
        let expected =
            colebrook_by_iteration(reynolds, 1e-4 / 0.1071) * 100.0 / 0.1071 * 977.77 / 2.0 * velocity * velocity;
        let drop = law.pressure_drop(FrictionLaw::Colebrook, 5.0).drop_pa;
        assert!((drop / expected - 1.0).abs() < 1e-12);
    }

    fn any_law() -> impl Strategy<Value = FrictionLaw> {
        prop::sample::select(LAWS.to_vec())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn pressure_drop_is_odd_and_strictly_increasing(
            law in any_law(),
            log_reynolds in -3.0..9.0_f64,
            step in 1e-6..0.5_f64,
            log_roughness in -8.0..-0.7_f64,
            zeta in 0.0..50.0_f64,
        ) {
            let resistance = pipe(0.2, 0.2 * 10f64.powf(log_roughness), zeta);
            let flow = 10f64.powf(log_reynolds) / resistance.reynolds_per_kg_s;
            let here = resistance.pressure_drop(law, flow);
            let there = resistance.pressure_drop(law, flow * (1.0 + step));
            let back = resistance.pressure_drop(law, -flow);
            prop_assert_eq!(here.drop_pa, -back.drop_pa);
            prop_assert_eq!(here.slope_pa_s_kg, back.slope_pa_s_kg);
            prop_assert!(here.slope_pa_s_kg > 0.0 && here.slope_pa_s_kg.is_finite());
            prop_assert!(there.drop_pa > here.drop_pa);
        }

        #[test]
        fn transition_is_strictly_increasing(
            law in any_law(), s in 0.0..1.0_f64, step in 1e-6..1e-2_f64, log_roughness in -9.0..-0.61_f64,
        ) {
            let roughness = 10f64.powf(log_roughness);
            let reynolds = 2000.0 + s * (law.turbulent_from(roughness) - 2000.0);
            let here = law.friction(reynolds, roughness);
            let there = law.friction(reynolds * (1.0 + step), roughness);
            prop_assert!(here.exponent > 0.0);
            prop_assert!(there.factor * (1.0 + step).powi(2) > here.factor);
        }

        #[test]
        fn the_derivative_is_the_slope_of_the_drop(
            law in any_law(), log_reynolds in 2.0..8.0_f64, log_roughness in -7.0..-1.0_f64, zeta in 0.0..50.0_f64,
        ) {
            let resistance = pipe(0.2, 0.2 * 10f64.powf(log_roughness), zeta);
            let flow = 10f64.powf(log_reynolds) / resistance.reynolds_per_kg_s;
            let width = flow * 1e-5;
            let numeric = (resistance.pressure_drop(law, flow + width).drop_pa
                - resistance.pressure_drop(law, flow - width).drop_pa) / (2.0 * width);
            let slope = resistance.pressure_drop(law, flow).slope_pa_s_kg;
            // 1e-5: the numeric difference may straddle a joint, where the second derivative jumps.
            prop_assert!((slope / numeric - 1.0).abs() < 2e-5, "{} {}", slope, numeric);
        }
    }
}
