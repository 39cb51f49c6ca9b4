//! Flue gas of a fuel: what it carries away, and what is won by cooling it, condensation included.
//!
//! Mechanism: complete combustion with an air factor; heat content above 25 °C of CO₂, SO₂, N₂, O₂, water vapour and
//! water, mean molar heat capacities of 25…200 °C; below the dew point vapour stays only up to its saturation pressure
//! (IAPWS-IF97). Moisture of the air, sulphuric acid dew point and unburnt fuel are not counted.

use crate::physics::water;

const REFERENCE_C: f64 = 25.0;
const PRESSURE_PA: f64 = 101_325.0;
/// Molar heat capacities, J/(mol K).
const CP_CO2: f64 = 40.0;
const CP_N2: f64 = 29.2;
const CP_O2: f64 = 29.9;
const CP_VAPOUR: f64 = 33.9;
const CP_WATER: f64 = 75.4;
/// Heat of vaporisation at 25 °C, J/mol.
const LATENT_J_MOL: f64 = 43_990.0;

/// What a fuel consists of, mass shares; the rest is ash.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FuelComposition {
    pub carbon: f64,
    pub hydrogen: f64,
    pub oxygen: f64,
    pub nitrogen: f64,
    pub sulphur: f64,
    pub moisture: f64,
    /// J/kg.
    pub lower_heating_value_j_kg: f64,
}

impl FuelComposition {
    pub const METHANE: FuelComposition = FuelComposition {
        carbon: 0.748_7,
        hydrogen: 0.251_3,
        oxygen: 0.0,
        nitrogen: 0.0,
        sulphur: 0.0,
        moisture: 0.0,
        lower_heating_value_j_kg: 50.01e6,
    };
    /// A bituminous steam coal as received.
    pub const STEAM_COAL: FuelComposition = FuelComposition {
        carbon: 0.56,
        hydrogen: 0.036,
        oxygen: 0.09,
        nitrogen: 0.01,
        sulphur: 0.006,
        moisture: 0.09,
        lower_heating_value_j_kg: 20.934e6,
    };
}

/// The flue gas of one kilogram of fuel, in moles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Combustion {
    carbon_dioxide: f64,
    nitrogen: f64,
    oxygen: f64,
    water: f64,
    lower_heating_value_j_kg: f64,
}

impl Combustion {
    /// Burns a fuel with an air factor λ ≥ 1.
    pub fn new(fuel: &FuelComposition, air_factor: f64) -> Combustion {
        let moles = |share: f64, g_mol: f64| share * 1000.0 / g_mol;
        let (carbon, sulphur) = (moles(fuel.carbon, 12.011), moles(fuel.sulphur, 32.06));
        let oxygen_needed = carbon + moles(fuel.hydrogen, 4.032) + sulphur - moles(fuel.oxygen, 31.998);
        let air_factor = air_factor.max(1.0);
        Combustion {
            carbon_dioxide: carbon + sulphur,
            nitrogen: oxygen_needed * air_factor * 0.7905 / 0.2095 + moles(fuel.nitrogen, 28.014),
            oxygen: oxygen_needed * (air_factor - 1.0),
            water: moles(fuel.hydrogen, 2.016) + moles(fuel.moisture, 18.015),
            lower_heating_value_j_kg: fuel.lower_heating_value_j_kg,
        }
    }

    fn dry(&self) -> f64 {
        self.carbon_dioxide + self.nitrogen + self.oxygen
    }

    /// Moles of vapour left per kg of fuel at a temperature.
    fn vapour(&self, temperature_c: f64) -> f64 {
        let saturation_pa = water::saturation_pressure_pa(temperature_c);
        if saturation_pa >= PRESSURE_PA {
            return self.water;
        }
        (self.dry() * saturation_pa / (PRESSURE_PA - saturation_pa)).min(self.water)
    }

    /// Temperature below which water condenses, °C.
    pub fn dew_point_c(&self) -> f64 {
        water::saturation_temperature_c(PRESSURE_PA * self.water / (self.water + self.dry()))
    }

    /// What the flue gas at a temperature carries away above fuel and air at 25 °C, share of the lower heating value.
    /// Negative once more vapour condenses than the gas is warm.
    pub fn loss_share(&self, temperature_c: f64) -> f64 {
        let vapour = self.vapour(temperature_c);
        let condensed = self.water - vapour;
        let above_k = temperature_c - REFERENCE_C;
        let sensible = above_k
            * (self.carbon_dioxide * CP_CO2
                + self.nitrogen * CP_N2
                + self.oxygen * CP_O2
                + vapour * CP_VAPOUR
                + condensed * CP_WATER);
        (sensible - condensed * LATENT_J_MOL) / self.lower_heating_value_j_kg
    }

    /// Heat won by cooling the flue gas from one temperature to another, share of the lower heating value.
    pub fn recovered_share(&self, from_c: f64, to_c: f64) -> f64 {
        (self.loss_share(from_c) - self.loss_share(to_c.min(from_c))).max(0.0)
    }

    /// Water condensed at a temperature, kg per joule of lower heating value.
    pub fn condensate_kg_j(&self, temperature_c: f64) -> f64 {
        (self.water - self.vapour(temperature_c)) * 0.018_015 / self.lower_heating_value_j_kg
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methane_by_its_heating_values() {
        let gas = Combustion::new(&FuelComposition::METHANE, 1.0);
        // 802.3 and 890.6 kJ/mol: all water condensed at 25 °C is worth 0.110 of the lower value.
        let whole = (gas.water * LATENT_J_MOL) / gas.lower_heating_value_j_kg;
        assert!((whole - (890.6 / 802.3 - 1.0)).abs() < 0.001, "{whole}");
        // One mole of methane: 2 of water in 10.55 of flue gas; saturated near 59 °C.
        assert!((gas.water / (gas.water + gas.dry()) - 2.0 / 10.55).abs() < 0.001);
        assert!((gas.dew_point_c() - 59.0).abs() < 0.5, "{}", gas.dew_point_c());
        // Excess air lowers the dew point.
        assert!((Combustion::new(&FuelComposition::METHANE, 1.2).dew_point_c() - 55.6).abs() < 0.6);
    }

    #[test]
    fn losses_as_chimney_formulas_give_them() {
        // Siegert for natural gas at λ = 1.2 (3.9 % O₂): (0.66/(21 − 3.9) + 0.009)·(150 − 25) = 5.9 %.
        let gas = Combustion::new(&FuelComposition::METHANE, 1.2);
        assert!((gas.loss_share(150.0) - 0.059).abs() < 0.004, "{}", gas.loss_share(150.0));
        // Cooled to 35 °C about an eighth more heat comes out, sensible and latent.
        let won = gas.recovered_share(150.0, 35.0);
        assert!((0.11..0.14).contains(&won), "{won}");
        assert_eq!(gas.recovered_share(40.0, 60.0), 0.0);
    }

    #[test]
    fn coal_carries_less_water() {
        let coal = Combustion::new(&FuelComposition::STEAM_COAL, 1.4);
        assert!((35.0..46.0).contains(&coal.dew_point_c()), "{}", coal.dew_point_c());
        assert!(coal.recovered_share(150.0, 35.0) < 0.12);
        assert_eq!(coal.condensate_kg_j(90.0), 0.0);
        assert!(coal.condensate_kg_j(30.0) > 0.0);
    }
}
