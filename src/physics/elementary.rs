//! Natural logarithm and exponential written out in plain additions, multiplications and bit shifts.
//!
//! Why not the standard library's: those call the C library of the machine, which the compiler can neither
//! inline nor vectorise, and whose last bits change between versions. These give the same bits everywhere and
//! let a loop over all pipes of a network run several pipes at a time. Only the range the friction laws need:
//! positive normal numbers in, no subnormals, no infinities.

use std::f64::consts::{LN_2, LOG2_E};

/// Bit pattern of √½: mantissas are centred on 1, into [√½, √2), where the series converges fastest.
const SQRT_HALF_BITS: u64 = 0x3FE6_A09E_667F_3BCD;
const EXPONENT_BIAS_BITS: u64 = 1023 << 52;
const MANTISSA_MASK: u64 = (1 << 52) - 1;
/// 2⁵² as bits: a small integer put into its mantissa becomes that number as f64 by one subtraction.
const TWO_POW_52_BITS: u64 = 0x4330_0000_0000_0000;
const TWO_POW_52: f64 = 4_503_599_627_370_496.0;

/// ln x for positive normal x; absolute error below 2 ulp of the larger of |ln x| and the exponent's part.
///
/// x = 2ᵉ·f, ln f = 2 artanh s with s = (f − 1)/(f + 1), |s| ≤ 0.172 (Abramowitz & Stegun 4.1.27).
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let biased_exponent = bits.wrapping_sub(SQRT_HALF_BITS).wrapping_add(EXPONENT_BIAS_BITS) >> 52;
    let exponent = f64::from_bits(biased_exponent | TWO_POW_52_BITS) - (TWO_POW_52 + 1023.0);
    let fraction = f64::from_bits(bits.wrapping_sub(biased_exponent << 52).wrapping_add(EXPONENT_BIAS_BITS));
    exponent * LN_2 + two_artanh((fraction - 1.0) / (fraction + 1.0))
}

/// 2 artanh s for |s| ≤ 0.2 by its odd series to s²¹.
#[inline(always)]
fn two_artanh(s: f64) -> f64 {
    let z = s * s;
    let z2 = z * z;
    let z4 = z2 * z2;
    let low = (1.0 / 3.0 + z * (1.0 / 5.0)) + z2 * (1.0 / 7.0 + z * (1.0 / 9.0));
    let high = (1.0 / 11.0 + z * (1.0 / 13.0)) + z2 * (1.0 / 15.0 + z * (1.0 / 17.0));
    let series = low + z4 * (high + z4 * (1.0 / 19.0 + z * (1.0 / 21.0)));
    2.0 * s + 2.0 * s * z * series
}

/// ln(y/x) for positive normal numbers with one division instead of two; absolute error as [`ln`].
///
/// y is scaled by a power of two so that y/x lies in [2/3, 3/2]; then the series of [`ln`] with s = (y − x)/(y + x).
#[inline(always)]
pub fn ln_quotient(y: f64, x: f64) -> f64 {
    const HALF_EXPONENT_BITS: u64 = 1 << 51;
    let (y_bits, x_bits) = (y.to_bits(), x.to_bits());
    // The difference of two bit patterns is 2⁵² times a piecewise linear log₂ of the quotient.
    let biased_exponent = y_bits.wrapping_sub(x_bits).wrapping_add(EXPONENT_BIAS_BITS + HALF_EXPONENT_BITS) >> 52;
    let exponent = f64::from_bits(biased_exponent | TWO_POW_52_BITS) - (TWO_POW_52 + 1023.0);
    let scaled = f64::from_bits(y_bits.wrapping_sub(biased_exponent << 52).wrapping_add(EXPONENT_BIAS_BITS));
    exponent * LN_2 + two_artanh((scaled - x) / (scaled + x))
}

/// ln(1 + w) for |w| ≤ 0.1 by its series without a division; absolute error below |w|¹¹/11.
#[inline(always)]
pub fn ln_one_plus_small(w: f64) -> f64 {
    let w2 = w * w;
    let w4 = w2 * w2;
    let low = (1.0 - w * (1.0 / 2.0)) + w2 * (1.0 / 3.0 - w * (1.0 / 4.0));
    let middle = (1.0 / 5.0 - w * (1.0 / 6.0)) + w2 * (1.0 / 7.0 - w * (1.0 / 8.0));
    w * (low + w4 * (middle + w4 * (1.0 / 9.0 - w * (1.0 / 10.0))))
}

/// log₂ x within ±0.01 for positive normal x: good enough to start an iteration, costs four operations.
#[inline(always)]
pub fn log2_rough(x: f64) -> f64 {
    let bits = x.to_bits();
    let exponent = f64::from_bits((bits >> 52) | TWO_POW_52_BITS) - (TWO_POW_52 + 1023.0);
    let mantissa = f64::from_bits((bits & MANTISSA_MASK) | EXPONENT_BIAS_BITS);
    // The parabola through log₂ at 1 and 2 that is nearest in between.
    exponent + mantissa * (2.0 - mantissa / 3.0) - 5.0 / 3.0
}

/// eˣ for |x| ≤ 700, relative error below 4e-16 per unit of |x| above 1.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    // Adding and taking away 1.5·2⁵² rounds to the nearest integer without a call.
    const ROUND: f64 = 6_755_399_441_055_744.0;
    const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    let shifted = x * LOG2_E + ROUND;
    let power = shifted - ROUND;
    let r = (x - power * LN_2_HIGH) - power * LN_2_LOW;
    let r2 = r * r;
    let r4 = r2 * r2;
    let a = (1.0 + r) + r2 * (1.0 / 2.0 + r * (1.0 / 6.0));
    let b = (1.0 / 24.0 + r * (1.0 / 120.0)) + r2 * (1.0 / 720.0 + r * (1.0 / 5040.0));
    let c = (1.0 / 40_320.0 + r * (1.0 / 362_880.0)) + r2 * (1.0 / 3_628_800.0 + r * (1.0 / 39_916_800.0));
    let d = 1.0 / 479_001_600.0 + r * (1.0 / 6_227_020_800.0);
    let mantissa = a + r4 * (b + r4 * (c + r4 * d));
    let scale = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    mantissa * scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithm_agrees_with_the_standard_library() {
        let mut x = 1e-12;
        while x < 1e12 {
            let error = (ln(x) - x.ln()).abs();
            assert!(error <= 4e-16 * x.ln().abs().max(1.0), "ln {x}: {error}");
            let quotient = ln_quotient(x, 7.3e-4) - (x / 7.3e-4).ln();
            assert!(quotient.abs() < 1e-14, "ln_quotient {x}: {quotient}");
            assert!((log2_rough(x) - x.log2()).abs() < 0.01, "log2_rough {x}");
            x *= 1.000_37;
        }
        assert_eq!(ln(1.0), 0.0);
    }

    #[test]
    fn logarithm_near_one_keeps_relative_accuracy() {
        let mut w: f64 = 1e-9;
        while w < 0.1 {
            for signed in [w, -w] {
                let exact = signed.ln_1p();
                let error = (ln_one_plus_small(signed) - exact).abs();
                assert!(error <= 5e-16 * w + w.powi(11) / 9.0, "{signed}: {error}");
            }
            w *= 1.01;
        }
    }

    #[test]
    fn exponential_agrees_with_the_standard_library() {
        let mut x = -300.0;
        while x < 300.0 {
            let error = (exp(x) / f64::exp(x) - 1.0).abs();
            assert!(error < 4e-16 + 2e-17 * x.abs(), "exp {x}: {error}");
            x += 0.137;
        }
    }
}
