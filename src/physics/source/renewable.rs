//! Solar fields, geothermal wells, waste heat: what nature or a neighbour offers at the moment.

/// A field of solar collectors after ISO 9806: η = η₀ − a₁·(t_m − t_a)/G − a₂·(t_m − t_a)²/G.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SolarField {
    pub area_m2: f64,
    /// η₀.
    pub optical_efficiency: f64,
    /// a₁, W/(m² K).
    pub loss_w_m2k: f64,
    /// a₂, W/(m² K²).
    pub loss_w_m2k2: f64,
    /// Radiation on the collectors over that on the horizontal; depends on tilt and season.
    pub tilt_factor: f64,
}

impl SolarField {
    /// Heat at a mean water temperature, W; none where losses exceed the sun.
    pub fn heat_w(&self, mean_water_c: f64, outdoor_c: f64, solar_horizontal_w_m2: f64) -> f64 {
        let sun = solar_horizontal_w_m2.max(0.0) * self.tilt_factor.max(0.0);
        let excess_k = mean_water_c - outdoor_c;
        let per_m2 =
            self.optical_efficiency * sun - self.loss_w_m2k * excess_k - self.loss_w_m2k2 * excess_k * excess_k.abs();
        if sun > 0.0 { self.area_m2 * per_m2.max(0.0) } else { 0.0 }
    }
}

/// Wells that pump hot water and press it back, or a closed probe (取热不取水) that gives heat through its wall.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GeothermalWell {
    /// 抽灌: flow at a wellhead temperature, cooled at least to an approach above the return, at most to a limit.
    Doublet {
        mass_flow_kg_s: f64,
        wellhead_c: f64,
        approach_k: f64,
        lowest_reinjection_c: f64,
        heat_capacity_j_kgk: f64,
    },
    /// Heat by the difference between rock and mean water over a resistance that grows with the years of use.
    ClosedProbe { rock_c: f64, length_m: f64, resistance_m_k_w: f64 },
}

impl GeothermalWell {
    /// Heat it can give to water coming back, W.
    pub fn greatest_heat_w(&self, return_c: f64, mean_water_c: f64) -> f64 {
        match *self {
            GeothermalWell::Doublet {
                mass_flow_kg_s,
                wellhead_c,
                approach_k,
                lowest_reinjection_c,
                heat_capacity_j_kgk,
            } => {
                let coldest_c = (return_c + approach_k).max(lowest_reinjection_c);
                mass_flow_kg_s.max(0.0) * heat_capacity_j_kgk * (wellhead_c - coldest_c).max(0.0)
            }
            GeothermalWell::ClosedProbe { rock_c, length_m, resistance_m_k_w } => {
                if resistance_m_k_w <= 0.0 {
                    return 0.0;
                }
                length_m.max(0.0) * (rock_c - mean_water_c).max(0.0) / resistance_m_k_w
            }
        }
    }
}

/// Heat from an industrial neighbour through an exchanger.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WasteHeat {
    /// Heat capacity flow of the waste stream, W/K.
    pub flow_w_k: f64,
    pub temperature_c: f64,
    /// Waste leaves this much above the network's return, K.
    pub approach_k: f64,
    /// The process must not be cooled below, °C.
    pub lowest_c: f64,
}

impl WasteHeat {
    /// Heat it can give, W.
    pub fn greatest_heat_w(&self, return_c: f64) -> f64 {
        let coldest_c = (return_c + self.approach_k).max(self.lowest_c);
        self.flow_w_k.max(0.0) * (self.temperature_c - coldest_c).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_plate_by_hand() {
        let field = SolarField {
            area_m2: 1000.0,
            optical_efficiency: 0.8,
            loss_w_m2k: 3.5,
            loss_w_m2k2: 0.015,
            tilt_factor: 1.0,
        };
        // 800 W/m², 50 K above the air: 640 − 175 − 37.5 = 427.5 W/m², 53 % (the guide asks for 35 % at least).
        assert!((field.heat_w(50.0, 0.0, 800.0) - 427_500.0).abs() < 1e-6);
        assert_eq!(field.heat_w(50.0, 0.0, 200.0), 0.0);
        assert_eq!(field.heat_w(50.0, 60.0, 0.0), 0.0);
    }

    #[test]
    fn wells_and_waste_heat_depend_on_the_return() {
        let well = GeothermalWell::Doublet {
            mass_flow_kg_s: 30.0,
            wellhead_c: 75.0,
            approach_k: 3.0,
            lowest_reinjection_c: 20.0,
            heat_capacity_j_kgk: 4190.0,
        };
        assert!((well.greatest_heat_w(40.0, 50.0) - 30.0 * 4190.0 * 32.0).abs() < 1e-6);
        assert!((well.greatest_heat_w(10.0, 50.0) - 30.0 * 4190.0 * 55.0).abs() < 1e-6);
        let probe = GeothermalWell::ClosedProbe { rock_c: 70.0, length_m: 2500.0, resistance_m_k_w: 0.25 };
        assert!((probe.greatest_heat_w(15.0, 25.0) - 450_000.0).abs() < 1e-6);
        let waste = WasteHeat { flow_w_k: 1e5, temperature_c: 60.0, approach_k: 3.0, lowest_c: 45.0 };
        assert!((waste.greatest_heat_w(50.0) - 7e5).abs() < 1e-6 && (waste.greatest_heat_w(30.0) - 1.5e6).abs() < 1e-6);
        assert_eq!(waste.greatest_heat_w(58.0), 0.0);
    }
}
