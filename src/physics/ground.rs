//! Undisturbed temperature of the ground over depth and season (Kusuda & Achenbach 1965).
//!
//! T(z, t) = T_m − A·e^(−z/δ)·cos(2π/365·(t − t₀) − z/δ), δ = √(a·365/π) with the thermal diffusivity a: the yearly wave,
//! damped and delayed with depth. Not here: the heat the pipes themselves bring into the soil.

use std::f64::consts::{PI, TAU};

const DAYS_PER_YEAR: f64 = 365.0;
const SECONDS_PER_DAY: f64 = 86_400.0;

/// Yearly wave at the ground surface and the soil below.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroundClimate {
    /// Yearly mean at the surface, °C; also the temperature of great depth.
    pub mean_c: f64,
    /// Half the difference between warmest and coldest day, K.
    pub amplitude_k: f64,
    /// Day of the year (1 January = 0) with the coldest surface.
    pub coldest_day: f64,
    /// Thermal diffusivity of the soil, m²/s; 0.4e-6 dry sand … 1.0e-6 wet clay.
    pub diffusivity_m2_s: f64,
}

impl GroundClimate {
    /// Temperature, °C, at a depth (m, from the surface; negative counts as surface) on a day of the year.
    pub fn temperature_c(&self, depth_m: f64, day_of_year: f64) -> f64 {
        let damping_depth_m =
            (self.diffusivity_m2_s.max(f64::MIN_POSITIVE) * SECONDS_PER_DAY * DAYS_PER_YEAR / PI).sqrt();
        let relative_depth = depth_m.max(0.0) / damping_depth_m;
        let phase = TAU / DAYS_PER_YEAR * (day_of_year - self.coldest_day) - relative_depth;
        self.mean_c - self.amplitude_k * (-relative_depth).exp() * phase.cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIMATE: GroundClimate =
        GroundClimate { mean_c: 10.0, amplitude_k: 14.0, coldest_day: 20.0, diffusivity_m2_s: 0.6e-6 };

    #[test]
    fn surface_is_coldest_on_its_day_and_depth_keeps_the_mean() {
        assert!((CLIMATE.temperature_c(0.0, 20.0) - -4.0).abs() < 1e-12);
        assert!((CLIMATE.temperature_c(0.0, 202.5) - 24.0).abs() < 1e-12);
        assert!((CLIMATE.temperature_c(60.0, 100.0) - 10.0).abs() < 1e-6);
    }

    #[test]
    fn depth_damps_and_delays() {
        // Published form: z·√(π/(365 a)) and a delay of z/2·√(365/(π a)) days, a in m²/day.
        let per_day: f64 = 0.6e-6 * 86_400.0;
        let (depth, day) = (1.5, 75.0);
        let damping = (-depth * (PI / (365.0 * per_day)).sqrt()).exp();
        let delay = depth / 2.0 * (365.0 / (PI * per_day)).sqrt();
        let expected = 10.0 - 14.0 * damping * (TAU / 365.0 * (day - 20.0 - delay)).cos();
        assert!((CLIMATE.temperature_c(depth, day) - expected).abs() < 1e-12);
    }
}
