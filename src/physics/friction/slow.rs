//! Colebrook–White at every Reynolds number, for comparison with programs that know no laminar flow.
//!
//! Down to Re 100 the equation itself; below, where its loss does not vanish with the flow, a cubic from rest.

use super::{Friction, LAMINAR_UNTIL, TWO_OVER_LN_10, colebrook};
use crate::physics::elementary::ln;

/// Below this Reynolds number [`ColebrookEverywhere`](super::FrictionLaw::ColebrookEverywhere) leaves Colebrook's formula, which does not vanish at rest.
pub(super) const EXTENDED_FROM: f64 = 100.0;

/// Colebrook's equation at any Re > 0; below [`EXTENDED_FROM`] Φ = λ Re² follows the cubic of [`slow_flow`].
pub(super) fn colebrook_everywhere(reynolds: f64, relative_roughness: f64) -> Friction {
    if reynolds >= LAMINAR_UNTIL {
        return colebrook(reynolds, relative_roughness);
    }
    if reynolds >= EXTENDED_FROM {
        return slow_colebrook(reynolds, relative_roughness);
    }
    let (value, slope) = slow_flow(reynolds, relative_roughness);
    Friction { factor: value / (reynolds * reynolds), exponent: slope * reynolds / value }
}

/// Colebrook's equation by Newton's method on x = 1/√λ, for Re 100…2000 where the series of [`colebrook`] is too short.
/// f(x) = x + c ln(a + b x) is increasing and concave, so Newton's method from below rises to the root without passing it.
fn slow_colebrook(reynolds: f64, relative_roughness: f64) -> Friction {
    let a = relative_roughness / 3.71;
    let b = 2.51 / reynolds;
    let mut x = 0.5;
    for _ in 0..12 {
        let y = a + b * x;
        x -= (x + TWO_OVER_LN_10 * ln(y)) / (1.0 + TWO_OVER_LN_10 * b / y);
    }
    let p = TWO_OVER_LN_10 * b / (a + b * x + TWO_OVER_LN_10 * b);
    Friction { factor: 1.0 / (x * x), exponent: 2.0 - 2.0 * p }
}

/// Φ = λ Re² and dΦ/dRe between rest and [`EXTENDED_FROM`]: the cubic from 0 with the slope of the chord to Colebrook's
/// value and slope; strictly increasing, since both end slopes are below three times that of the chord.
pub(super) fn slow_flow(reynolds: f64, relative_roughness: f64) -> (f64, f64) {
    let end = slow_colebrook(EXTENDED_FROM, relative_roughness);
    let rise = end.factor * EXTENDED_FROM * EXTENDED_FROM;
    let bend = (end.exponent - 1.0) * rise;
    let s = reynolds / EXTENDED_FROM;
    let value = s * (rise + s * (s - 1.0) * bend);
    let slope = (rise + s * (3.0 * s - 2.0) * bend) / EXTENDED_FROM;
    (value, slope)
}
