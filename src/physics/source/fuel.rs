//! Fuels, electricity, emissions and prices.
//!
//! Heating values are the reference values of GB/T 2589 (raw coal 20.934 MJ/kg, natural gas 32.24…38.98 MJ/m³, standard
//! coal 29.3076 MJ/kg); CO₂ per energy burnt is that of the IPCC 2006 guidelines (other bituminous coal 94.6, natural gas
//! 56.1 kg/GJ); grid electricity 0.5568 kg/kWh is the Chinese mean published for 2021. Prices have no default: money is
//! whatever currency they are given in.

/// Energy of one kilogram of standard coal (标准煤), J.
pub const STANDARD_COAL_J_KG: f64 = 29.3076e6;
/// CO₂ of one joule from the Chinese grid, kg.
pub const GRID_CO2_KG_J: f64 = 0.5568 / 3.6e6;

/// A fuel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fuel {
    /// Lower heating value: per kg of a solid, per m³ (0 °C, 101.325 kPa) of a gas, J.
    pub lower_heating_value_j: f64,
    /// Per joule of lower heating value, kg.
    pub co2_kg_j: f64,
}

/// 原煤
pub const BITUMINOUS_COAL: Fuel = Fuel { lower_heating_value_j: 20.934e6, co2_kg_j: 94.6e-9 };
/// 天然气 (pipeline quality).
pub const NATURAL_GAS: Fuel = Fuel { lower_heating_value_j: 35.6e6, co2_kg_j: 56.1e-9 };

/// Mass of standard coal with this energy, kg.
pub fn standard_coal_kg(energy_j: f64) -> f64 {
    energy_j / STANDARD_COAL_J_KG
}

/// What things cost, per joule.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Prices {
    pub fuel_1_j: f64,
    /// Electricity bought and sold, by hour of the day.
    pub electricity_1_j: [f64; 24],
    pub sold_electricity_1_j: f64,
    /// Per joule of bought-in heat (waste heat, purchased heat).
    pub heat_1_j: f64,
    /// Per start.
    pub start: f64,
    /// CO₂ per joule of electricity, kg.
    pub electricity_co2_kg_j: f64,
}

/// What a step used up.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Consumption {
    /// Lower heating value of the fuel, W.
    pub fuel_w: f64,
    /// Taken from the grid, W.
    pub electricity_w: f64,
    /// Given to the grid, W.
    pub sold_electricity_w: f64,
    /// Heat bought from somebody else, W.
    pub bought_heat_w: f64,
}

impl Consumption {
    /// Money per second at an hour of the day, starts not counted.
    pub fn cost_1_s(&self, prices: &Prices, hour: usize) -> f64 {
        self.fuel_w * prices.fuel_1_j + self.electricity_w * prices.electricity_1_j[hour.min(23)]
            - self.sold_electricity_w * prices.sold_electricity_1_j
            + self.bought_heat_w * prices.heat_1_j
    }

    /// CO₂ per second, kg: fuel plus electricity taken, minus electricity given.
    pub fn co2_kg_s(&self, fuel: Option<&Fuel>, prices: &Prices) -> f64 {
        self.fuel_w * fuel.map_or(0.0, |fuel| fuel.co2_kg_j)
            + (self.electricity_w - self.sold_electricity_w) * prices.electricity_co2_kg_j
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gigajoule_of_heat_from_coal_by_hand() {
        // 1 GJ at 85 %: 1.1765 GJ of coal, 56.2 kg raw, 40.1 kg standard coal, 111.3 kg of CO₂.
        let fuel_j = 1e9 / 0.85;
        assert!((fuel_j / BITUMINOUS_COAL.lower_heating_value_j - 56.2).abs() < 0.05);
        assert!((standard_coal_kg(fuel_j) - 40.14).abs() < 0.01);
        assert!((fuel_j * BITUMINOUS_COAL.co2_kg_j - 111.29).abs() < 0.01);
    }

    #[test]
    fn cost_takes_the_hour_and_what_is_sold() {
        let mut prices = Prices { fuel_1_j: 4e-8, sold_electricity_1_j: 1e-7, heat_1_j: 2e-8, ..Prices::default() };
        prices.electricity_1_j[22] = 8e-8;
        let used = Consumption { fuel_w: 1e7, electricity_w: 1e6, sold_electricity_w: 2e6, bought_heat_w: 3e6 };
        assert!((used.cost_1_s(&prices, 22) - (0.4 + 0.08 - 0.2 + 0.06)).abs() < 1e-12);
        assert!((used.cost_1_s(&prices, 8) - (0.4 - 0.2 + 0.06)).abs() < 1e-12);
        assert!((used.co2_kg_s(Some(&NATURAL_GAS), &prices) - 0.561).abs() < 1e-12);
    }
}
