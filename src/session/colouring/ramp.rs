//! Colour ramps: perceptually uniform, legible to colour-blind people and in grey print.
//!
//! Sampled from straight and curved lines in Oklab (Björn Ottosson, "A perceptual color space for image processing",
//! 2020; matrices and formulas from there). Lightness rises evenly from one end to the other, so that the order of values
//! survives every kind of colour blindness and a grey printer; hue runs from blue to yellow, the axis that red-green
//! blindness keeps.

use std::sync::LazyLock;

/// Drawn where there is no value.
pub const NEUTRAL: [u8; 3] = [128, 132, 138];
/// Supply: vermilion of the colour-blind safe set of Okabe and Ito (2008).
pub const SUPPLY: [u8; 3] = [213, 94, 0];
/// Return: blue of the same set.
pub const RETURN: [u8; 3] = [0, 114, 178];
/// Single-pipe networks: bluish green of the same set.
pub const SINGLE: [u8; 3] = [0, 158, 115];

/// A colour ramp.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ramp {
    /// Dark blue over green to light yellow: little to much.
    Sequential,
    /// Violet over red to light yellow: cold to hot.
    Warmth,
    /// Blue over light grey to orange: less, equal, more. For differences.
    Diverging,
}

/// Samples of a ramp: also the size of the texture a shader reads.
pub const SAMPLES: usize = 256;

impl Ramp {
    pub const ALL: [Ramp; 3] = [Ramp::Sequential, Ramp::Warmth, Ramp::Diverging];

    /// The ramp as sRGB samples.
    pub fn table(self) -> &'static [[u8; 3]; SAMPLES] {
        static TABLES: LazyLock<[[[u8; 3]; SAMPLES]; 3]> = LazyLock::new(|| Ramp::ALL.map(sample));
        &TABLES[self as usize]
    }

    /// sRGB colour at `share` 0…1 of the ramp (clamped).
    pub fn at(self, share: f32) -> [u8; 3] {
        let i = (share.clamp(0.0, 1.0) * (SAMPLES - 1) as f32).round() as usize;
        self.table()[i.min(SAMPLES - 1)]
    }

    /// Lightness, chroma and hue (degrees) at `t` 0…1.
    fn lch(self, t: f64) -> (f64, f64, f64) {
        let mix = |a: f64, b: f64, t: f64| a + (b - a) * t;
        // A hump: full colour in the middle, less at the ends, where the gamut of a screen narrows.
        let hump = |low: f64, high: f64| mix(low, high, (std::f64::consts::PI * t).sin().powf(0.7));
        match self {
            // From 0.34: darker blues vanish against a dark ground.
            Ramp::Sequential => (mix(0.36, 0.93, t), hump(0.11, 0.155), mix(278.0, 102.0, t)),
            Ramp::Warmth => (mix(0.36, 0.92, t), hump(0.11, 0.19), mix(300.0, 460.0, t) % 360.0),
            Ramp::Diverging => {
                let from_middle = (2.0 * t - 1.0).abs();
                let hue = if t < 0.5 { 255.0 } else { 60.0 };
                (mix(0.93, 0.52, from_middle), 0.15 * from_middle, hue)
            }
        }
    }
}

fn sample(ramp: Ramp) -> [[u8; 3]; SAMPLES] {
    std::array::from_fn(|i| {
        let (lightness, chroma, hue) = ramp.lch(i as f64 / (SAMPLES - 1) as f64);
        oklch_to_srgb(lightness, chroma, hue)
    })
}

/// Oklch to 8-bit sRGB; chroma is lowered until the colour can be shown, which keeps lightness and hue exact.
fn oklch_to_srgb(lightness: f64, chroma: f64, hue_degrees: f64) -> [u8; 3] {
    let (sin, cos) = hue_degrees.to_radians().sin_cos();
    let mut chroma = chroma;
    loop {
        let linear = oklab_to_linear(lightness, chroma * cos, chroma * sin);
        if chroma < 1e-3 || linear.iter().all(|c| (-1e-4..=1.0001).contains(c)) {
            return linear.map(|c| (encode(c.clamp(0.0, 1.0)) * 255.0).round() as u8);
        }
        chroma *= 0.98;
    }
}

/// Ottosson 2020: Oklab to linear sRGB.
fn oklab_to_linear(lightness: f64, a: f64, b: f64) -> [f64; 3] {
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
    [
        4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
        -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
        -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701_0 * s,
    ]
}

/// sRGB transfer function (IEC 61966-2-1).
fn encode(linear: f64) -> f64 {
    if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CIE lightness of an sRGB colour.
    fn lightness(rgb: [u8; 3]) -> f64 {
        let decode = |c: u8| {
            let c = f64::from(c) / 255.0;
            if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        };
        let y = 0.2126 * decode(rgb[0]) + 0.7152 * decode(rgb[1]) + 0.0722 * decode(rgb[2]);
        116.0 * y.cbrt() - 16.0
    }

    #[test]
    fn white_and_black_convert_exactly() {
        assert_eq!(oklch_to_srgb(1.0, 0.0, 0.0), [255, 255, 255]);
        assert_eq!(oklch_to_srgb(0.0, 0.0, 0.0), [0, 0, 0]);
    }

    #[test]
    fn lightness_rises_all_the_way_so_that_grey_print_keeps_the_order() {
        for ramp in [Ramp::Sequential, Ramp::Warmth] {
            let table = ramp.table();
            for i in (8..SAMPLES).step_by(8) {
                assert!(lightness(table[i]) > lightness(table[i - 8]) + 0.5, "{ramp:?} at {i}");
            }
        }
    }

    #[test]
    fn the_diverging_ramp_is_lightest_and_grey_in_the_middle() {
        let middle = Ramp::Diverging.at(0.5);
        assert!(middle.iter().max().unwrap() - middle.iter().min().unwrap() < 12, "{middle:?}");
        assert!(lightness(middle) > lightness(Ramp::Diverging.at(0.0)) + 25.0);
        let ends = (lightness(Ramp::Diverging.at(0.0)) - lightness(Ramp::Diverging.at(1.0))).abs();
        assert!(ends < 8.0, "ends differ by {ends}");
    }
}
