//! Pipe sizes from design flows, the way a designer reads them from a table: the smallest diameter whose specific
//! friction loss and velocity stay below the limits.
//!
//! Friction by Altshul's law at 90 °C water, roughness 0.5 mm (CJJ 34). No network here: one pipe at a time.

use crate::network::catalogue::{NOMINAL_PIPES, NominalPipe};
use crate::physics::friction::{FrictionLaw, PipeInFluid};

/// Equivalent roughness of hot-water networks in the design code CJJ 34.
pub(super) const ROUGHNESS_M: f64 = 0.0005;
/// Water between supply and return temperature, near 80 °C.
pub(super) const DENSITY_KG_M3: f64 = 971.8;
const VISCOSITY_PA_S: f64 = 3.54e-4;
/// Mean heat capacity between 50 and 120 °C.
pub(super) const HEAT_CAPACITY_J_KGK: f64 = 4200.0;

/// Specific friction loss R of a pipe at a design flow.
pub(super) fn specific_loss_pa_m(mass_flow_kg_s: f64, pipe: &NominalPipe) -> f64 {
    PipeInFluid {
        length_m: 1.0,
        inner_diameter_m: pipe.inner_diameter_m(),
        roughness_m: ROUGHNESS_M,
        zeta: 0.0,
        density_kg_m3: DENSITY_KG_M3,
        viscosity_pa_s: VISCOSITY_PA_S,
    }
    .resistance()
    .map_or(0.0, |resistance| resistance.pressure_drop(FrictionLaw::Altshul, mass_flow_kg_s.abs()).drop_pa)
}

/// Velocity at a design flow.
pub(super) fn velocity_m_s(mass_flow_kg_s: f64, pipe: &NominalPipe) -> f64 {
    let diameter_m = pipe.inner_diameter_m();
    mass_flow_kg_s.abs() / (DENSITY_KG_M3 * 0.25 * std::f64::consts::PI * diameter_m * diameter_m)
}

/// Pressure lost in fittings with this Σζ at a design flow.
pub(super) fn fitting_loss_pa(mass_flow_kg_s: f64, pipe: &NominalPipe, zeta: f64) -> f64 {
    let velocity_m_s = velocity_m_s(mass_flow_kg_s, pipe);
    zeta * 0.5 * DENSITY_KG_M3 * velocity_m_s * velocity_m_s
}

/// Limits a designer keeps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) loss_pa_m: f64,
    pub(super) velocity_m_s: f64,
    /// Smallest nominal diameter laid.
    pub(super) smallest_dn: u16,
}

/// The smallest catalogue pipe within the limits; the largest where none is.
pub(super) fn smallest_within(mass_flow_kg_s: f64, limits: Limits) -> NominalPipe {
    NOMINAL_PIPES
        .iter()
        .copied()
        .filter(|pipe| pipe.dn >= limits.smallest_dn)
        .find(|pipe| {
            velocity_m_s(mass_flow_kg_s, pipe) <= limits.velocity_m_s
                && specific_loss_pa_m(mass_flow_kg_s, pipe) <= limits.loss_pa_m
        })
        .unwrap_or(NOMINAL_PIPES[NOMINAL_PIPES.len() - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 贺平, 供热工程, example 9-1: 44 t/h in DN150 loses 44.8 Pa/m at roughness 0.5 mm.
    #[test]
    fn textbook_main_is_met_within_four_per_cent() {
        let pipe = crate::network::catalogue::by_dn(150).unwrap();
        let loss = specific_loss_pa_m(44.0 / 3.6, &pipe);
        assert!((loss / 44.8 - 1.0).abs() < 0.04, "{loss}");
    }

    #[test]
    fn sizes_rise_with_flow_and_stay_within_limits() {
        let limits = Limits { loss_pa_m: 60.0, velocity_m_s: 3.5, smallest_dn: 50 };
        let mut last = 0;
        for step in 1..200 {
            let flow = f64::from(step * step) * 0.05;
            let pipe = smallest_within(flow, limits);
            assert!(pipe.dn >= last && pipe.dn >= 50);
            assert!(pipe.dn == 1400 || specific_loss_pa_m(flow, &pipe) <= 60.0);
            last = pipe.dn;
        }
    }
}
