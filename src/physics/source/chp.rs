//! Combined heat and power: back-pressure and extraction turbines, and the steam heater (首站) before the network.
//!
//! Back-pressure: power follows heat by a constant ratio. Extraction: every joule of heat costs power, the loss factor
//! of steam taken before the condenser, from its temperature (Carnot between extraction and condenser times the
//! turbine's quality). Heater: steam condenses at one temperature, so ε = 1 − e^(−NTU).

use super::fuel::{Consumption, Fuel};

/// A turbine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CombinedHeatPower {
    BackPressure {
        fuel: Fuel,
        /// Power over heat.
        power_to_heat: f64,
        /// (Heat + power) over fuel.
        total_efficiency: f64,
    },
    Extraction(Extraction),
}

/// An extraction condensing turbine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extraction {
    pub fuel: Fuel,
    /// Power over fuel without heat.
    pub condensing_efficiency: f64,
    /// Fuel it runs on, W.
    pub fuel_w: f64,
    /// Temperature in the condenser, °C.
    pub condenser_c: f64,
    /// Of the ideal work between extraction and condenser, what the turbine would have made (0.8…0.9).
    pub quality: f64,
    /// Greatest heat it can give, W.
    pub greatest_heat_w: f64,
}

impl Extraction {
    /// Power lost per joule of heat taken at a steam temperature.
    pub fn power_loss_factor(&self, steam_c: f64) -> f64 {
        let (hot_k, cold_k) = (steam_c + 273.15, self.condenser_c + 273.15);
        (self.quality * (1.0 - cold_k / hot_k)).max(0.0)
    }
}

impl CombinedHeatPower {
    /// What a heat at a steam temperature takes and gives; an extraction turbine's fuel stays, its power falls.
    pub fn heat(&self, heat_w: f64, steam_c: f64) -> Consumption {
        let heat_w = heat_w.max(0.0);
        match *self {
            CombinedHeatPower::BackPressure { power_to_heat, total_efficiency, .. } => {
                let power_w = power_to_heat * heat_w;
                let fuel_w = if total_efficiency > 0.0 { (heat_w + power_w) / total_efficiency } else { 0.0 };
                Consumption { fuel_w, sold_electricity_w: power_w, ..Consumption::default() }
            }
            CombinedHeatPower::Extraction(turbine) => {
                let condensing_w = turbine.condensing_efficiency * turbine.fuel_w;
                let power_w = (condensing_w - turbine.power_loss_factor(steam_c) * heat_w).max(0.0);
                Consumption { fuel_w: turbine.fuel_w, sold_electricity_w: power_w, ..Consumption::default() }
            }
        }
    }

    pub fn fuel(&self) -> &Fuel {
        match self {
            CombinedHeatPower::BackPressure { fuel, .. } => fuel,
            CombinedHeatPower::Extraction(turbine) => &turbine.fuel,
        }
    }
}

/// Heater of network water by condensing steam.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SteamHeater {
    /// Temperature of the condensing steam, °C.
    pub steam_c: f64,
    pub ua_w_k: f64,
}

impl SteamHeater {
    /// Hottest outlet for an inlet and a heat capacity flow, °C.
    pub fn hottest_outlet_c(&self, inlet_c: f64, flow_w_k: f64) -> f64 {
        if flow_w_k <= 0.0 {
            return self.steam_c.max(inlet_c);
        }
        let effectiveness = -(-self.ua_w_k.max(0.0) / flow_w_k).exp_m1();
        inlet_c + effectiveness * (self.steam_c - inlet_c).max(0.0)
    }

    /// Greatest heat, W.
    pub fn greatest_heat_w(&self, inlet_c: f64, flow_w_k: f64) -> f64 {
        flow_w_k.max(0.0) * (self.hottest_outlet_c(inlet_c, flow_w_k) - inlet_c)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::physics::source::BITUMINOUS_COAL;

    #[test]
    fn back_pressure_by_hand() {
        let turbine =
            CombinedHeatPower::BackPressure { fuel: BITUMINOUS_COAL, power_to_heat: 0.4, total_efficiency: 0.85 };
        let used = turbine.heat(100e6, 130.0);
        assert!((used.sold_electricity_w - 40e6).abs() < 1e-6 && (used.fuel_w - 140e6 / 0.85).abs() < 1e-6);
    }

    #[test]
    fn extraction_costs_less_power_the_cooler_the_steam() {
        let turbine = Extraction {
            fuel: BITUMINOUS_COAL,
            condensing_efficiency: 0.38,
            fuel_w: 800e6,
            condenser_c: 33.0,
            quality: 0.85,
            greatest_heat_w: 350e6,
        };
        // 130 °C: 0.85·(1 − 306.15/403.15) = 0.2045.
        assert!((turbine.power_loss_factor(130.0) - 0.2045).abs() < 1e-4);
        assert!(turbine.power_loss_factor(80.0) < 0.12);
        let unit = CombinedHeatPower::Extraction(turbine);
        let lost = unit.heat(0.0, 130.0).sold_electricity_w - unit.heat(300e6, 130.0).sold_electricity_w;
        assert!((lost - 300e6 * turbine.power_loss_factor(130.0)).abs() < 1e-3);
        assert_eq!(unit.heat(0.0, 130.0).sold_electricity_w, 0.38 * 800e6);
    }

    #[test]
    fn steam_heater_reaches_towards_its_steam() {
        let heater = SteamHeater { steam_c: 133.0, ua_w_k: 5e6 };
        let outlet = heater.hottest_outlet_c(55.0, 2.5e6);
        assert!((outlet - (55.0 + 78.0 * (1.0 - (-2.0_f64).exp()))).abs() < 1e-10);
        assert!((heater.greatest_heat_w(55.0, 2.5e6) - 2.5e6 * (outlet - 55.0)).abs() < 1e-6);
        assert_eq!(heater.greatest_heat_w(55.0, 0.0), 0.0);
        assert_eq!(heater.hottest_outlet_c(140.0, 1e6), 140.0);
    }
}
