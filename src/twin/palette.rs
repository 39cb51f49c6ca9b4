//! Colours of the picture in light and dark: everything but the value ramps.
//!
//! The map is drawn in quiet greys with little contrast, so that the pipes are the only saturated thing in it. All
//! colours here are given as sRGB hex and held linear, as the shaders want them.

use bevy::math::{Vec3, Vec4};

use crate::session::Theme;

/// Colours of one theme, linear RGB.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Palette {
    /// Behind everything, and what far ground fades into.
    pub background: Vec3,
    pub ground_low: Vec3,
    pub ground_high: Vec3,
    pub contour: Vec3,
    pub street: Vec3,
    pub water: Vec3,
    pub wall: Vec3,
    pub roof: Vec3,
    /// Schools, hospitals and the like stand out a little.
    pub wall_special: Vec3,
    pub roof_special: Vec3,
    pub plant: Vec3,
    pub stack: Vec3,
    pub stack_band: Vec3,
    /// Edges of pipes.
    pub casing_supply: Vec3,
    pub casing_return: Vec3,
    /// Lines of symbols, and what they are drawn on.
    pub ink: Vec3,
    pub paper: Vec3,
    /// Asks for action.
    pub alert: Vec3,
    pub warn: Vec3,
    /// Under the cursor, selected.
    pub highlight: Vec3,
    /// Pipes and symbols without a value.
    pub unknown: Vec3,
    pub source: Vec3,
    pub consumer: Vec3,
    /// Share of light that comes from everywhere.
    pub ambient: f32,
}

impl Palette {
    pub fn of(theme: Theme) -> Palette {
        match theme {
            Theme::Light => Palette {
                background: srgb(0xe9_edf0),
                ground_low: srgb(0xf2_f1ec),
                ground_high: srgb(0xf9_f8f4),
                contour: srgb(0xc9_c6ba),
                street: srgb(0xe0_dfda),
                water: srgb(0xc6_dae6),
                wall: srgb(0xe4_e6e9),
                roof: srgb(0xf4_f5f6),
                wall_special: srgb(0xd9_dfe8),
                roof_special: srgb(0xe9_eef5),
                plant: srgb(0xd2_d5da),
                stack: srgb(0xee_eeee),
                stack_band: srgb(0xc8_5a4c),
                casing_supply: srgb(0x3a_2a2a),
                casing_return: srgb(0x20_2c3c),
                ink: srgb(0x2b_3440),
                paper: srgb(0xff_ffff),
                alert: srgb(0xd6_2f2f),
                warn: srgb(0xf0_a020),
                highlight: srgb(0x12_7bff),
                unknown: srgb(0xa4_a9b0),
                source: srgb(0xc4_452b),
                consumer: srgb(0x5a_6a7c),
                ambient: 0.70,
            },
            Theme::Dark => Palette {
                background: srgb(0x10_151c),
                ground_low: srgb(0x19_2029),
                ground_high: srgb(0x20_2833),
                contour: srgb(0x2d_3744),
                street: srgb(0x2a_333f),
                water: srgb(0x15_2c40),
                wall: srgb(0x42_4e5c),
                roof: srgb(0x50_5d6c),
                wall_special: srgb(0x3c_4a60),
                roof_special: srgb(0x4a_5a74),
                plant: srgb(0x4c_5560),
                stack: srgb(0x7d_848c),
                stack_band: srgb(0xa8_4a40),
                casing_supply: srgb(0x0a_0c10),
                casing_return: srgb(0x06_0a12),
                ink: srgb(0x1a_212b),
                paper: srgb(0xe6_ebf0),
                alert: srgb(0xff_5a4f),
                warn: srgb(0xff_b739),
                highlight: srgb(0x5c_c2ff),
                unknown: srgb(0x6b_7480),
                source: srgb(0xe0_6a4a),
                consumer: srgb(0x8a_9aac),
                ambient: 0.66,
            },
        }
    }
}

/// Linear RGB of an sRGB colour written 0xRRGGBB.
pub fn srgb(hex: u32) -> Vec3 {
    let channel = |shift: u32| linear(((hex >> shift) & 0xff) as f32 / 255.0);
    Vec3::new(channel(16), channel(8), channel(0))
}

/// The transfer function of sRGB (IEC 61966-2-1).
pub fn linear(encoded: f32) -> f32 {
    if encoded <= 0.040_45 { encoded / 12.92 } else { ((encoded + 0.055) / 1.055).powf(2.4) }
}

/// With full opacity, or any other fourth number.
pub fn with(colour: Vec3, fourth: f32) -> Vec4 {
    colour.extend(fourth)
}
