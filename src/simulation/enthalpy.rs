//! Heat content of water over temperature, and back.
//!
//! Water is followed by its enthalpy, because that is what mixing and transport keep exactly; temperatures are derived. A
//! grid of 0.5 K with straight lines in between lies within 1e-5 K of the fluid's own properties and inverts
//! exactly, so that nothing is gained or lost in going to and fro.

use crate::solver::fluid::Fluid;

const STEP_K: f64 = 0.5;
const INTERVALS: usize = 400;

/// h(T) in J/kg, 0 at 0 °C; 0…200 °C, beyond by the slope at the end.
#[derive(Clone, Debug, PartialEq)]
pub struct Enthalpy {
    values_j_kg: Vec<f64>,
}

impl Enthalpy {
    pub fn new(fluid: &Fluid) -> Enthalpy {
        let mut values_j_kg = Vec::with_capacity(INTERVALS + 1);
        let mut sum_j_kg = 0.0;
        for index in 0..=INTERVALS {
            let temperature_c = STEP_K * index as f64;
            if index > 0 {
                // Over so short a way all conventions of mean heat capacities agree, and the sum is one function of T.
                sum_j_kg += fluid.mean_heat_capacity_j_kgk(temperature_c, temperature_c - STEP_K) * STEP_K;
            }
            values_j_kg.push(sum_j_kg);
        }
        Enthalpy { values_j_kg }
    }

    /// J/kg at a temperature; NaN for NaN.
    #[inline]
    pub fn of(&self, temperature_c: f64) -> f64 {
        let position = temperature_c / STEP_K;
        let index = (position.clamp(0.0, INTERVALS as f64) as usize).min(INTERVALS - 1);
        let (low, high) = (self.values_j_kg[index], self.values_j_kg[index + 1]);
        low + (position - index as f64) * (high - low)
    }

    /// Temperature at an enthalpy.
    #[inline]
    pub fn temperature_c(&self, enthalpy_j_kg: f64) -> f64 {
        let mean = self.values_j_kg[INTERVALS] / INTERVALS as f64;
        let mut index = ((enthalpy_j_kg / mean).clamp(0.0, INTERVALS as f64) as usize).min(INTERVALS - 1);
        while index > 0 && self.values_j_kg[index] > enthalpy_j_kg {
            index -= 1;
        }
        while index + 1 < INTERVALS && self.values_j_kg[index + 1] < enthalpy_j_kg {
            index += 1;
        }
        let (low, high) = (self.values_j_kg[index], self.values_j_kg[index + 1]);
        STEP_K * (index as f64 + (enthalpy_j_kg - low) / (high - low))
    }

    /// Heat capacity around a temperature, J/(kg K).
    #[inline]
    pub fn heat_capacity_j_kgk(&self, temperature_c: f64) -> f64 {
        let index = ((temperature_c / STEP_K).clamp(0.0, INTERVALS as f64) as usize).min(INTERVALS - 1);
        (self.values_j_kg[index + 1] - self.values_j_kg[index]) / STEP_K
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::WaterModel;

    #[test]
    fn there_and_back_and_near_the_formulas() {
        let fluid = Fluid::new(&WaterModel::Iapws).unwrap();
        let enthalpy = Enthalpy::new(&fluid);
        for step in -40..450 {
            let temperature_c = 0.473 * f64::from(step);
            let back = enthalpy.temperature_c(enthalpy.of(temperature_c));
            assert!((back - temperature_c).abs() < 1e-10, "{temperature_c} → {back}");
            if (0.0..200.0).contains(&temperature_c) {
                let error_j_kg = enthalpy.of(temperature_c) - fluid.heat_between_j_kg(temperature_c, 0.0);
                assert!(error_j_kg.abs() < 0.2, "{temperature_c}: {error_j_kg} J/kg");
            }
        }
        assert!(enthalpy.of(f64::NAN).is_nan());
    }
}
