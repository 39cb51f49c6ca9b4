//! An estate charged by heat, laid beside itself charged by area at the company's mean consumption.

/// What is known of an estate over a season; money in any currency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estate {
    /// Connected floor area.
    pub area_m2: f64,
    /// Of it, heated.
    pub heated_area_m2: f64,
    pub heat_j: f64,
    /// The company's mean consumption, J per m² connected.
    pub reference_j_m2: f64,
    /// What the company pays for heat, per J.
    pub heat_price_1_j: f64,
    /// Charged by heat, and by area.
    pub metered_revenue: f64,
    pub area_revenue: f64,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EstateComparison {
    /// J per m² connected and per m² heated.
    pub heat_j_m2: f64,
    pub heat_j_heated_m2: f64,
    /// Below the reference.
    pub saved_j: f64,
    /// Further area that the saved heat supplies at the reference consumption.
    pub further_area_m2: f64,
    pub metered_cost: f64,
    pub area_cost: f64,
    pub metered_profit: f64,
    pub area_profit: f64,
    /// Profit over revenue.
    pub metered_margin: f64,
    pub area_margin: f64,
}

impl Estate {
    /// Everything that follows from the inputs.
    pub fn comparison(&self) -> EstateComparison {
        let reference_j = self.reference_j_m2 * self.area_m2;
        let saved_j = reference_j - self.heat_j;
        let (metered_cost, area_cost) = (self.heat_j * self.heat_price_1_j, reference_j * self.heat_price_1_j);
        let (metered_profit, area_profit) = (self.metered_revenue - metered_cost, self.area_revenue - area_cost);
        EstateComparison {
            heat_j_m2: self.heat_j / self.area_m2,
            heat_j_heated_m2: self.heat_j / self.heated_area_m2,
            saved_j,
            further_area_m2: saved_j / self.reference_j_m2,
            metered_cost,
            area_cost,
            metered_profit,
            area_profit,
            metered_margin: metered_profit / self.metered_revenue,
            area_margin: area_profit / self.area_revenue,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published estate (Wuzhong, 252 households): 21 a gigajoule is what its own costs divide to.
    const ESTATE: Estate = Estate {
        area_m2: 34_326.97,
        heated_area_m2: 23_262.14,
        heat_j: 8391e9,
        reference_j_m2: 0.4e9,
        heat_price_1_j: 21e-9,
        metered_revenue: 525_933.59,
        area_revenue: 505_050.062,
    };

    #[test]
    fn published_figures_follow_from_the_inputs() {
        let found = ESTATE.comparison();
        for (computed, printed, tolerance) in [
            (found.heat_j_m2 / 1e9, 0.244, 0.0005),
            (found.heat_j_heated_m2 / 1e9, 0.36, 0.005),
            (found.saved_j / 1e9, 5339.788, 0.0005),
            (found.further_area_m2, 13_349.47, 0.005),
            (found.metered_cost, 176_211.0, 0.5),
            (found.area_cost, 288_346.548, 0.0005),
            (found.metered_profit, 349_722.59, 0.005),
            (found.area_profit, 216_703.514, 0.0005),
            (found.metered_margin, 0.665, 0.0005),
            (found.area_margin, 0.429, 0.0005),
        ] {
            assert!((computed - printed).abs() < tolerance, "{computed} {printed}");
        }
    }

    #[test]
    fn one_printed_margin_of_the_neighbour_does_not_add_up() {
        // Printed: revenue 607 364.83, cost 285 492.165, profit 321 872.665, margin 62.8 %.
        let neighbour = Estate {
            area_m2: 37_451.42,
            heated_area_m2: 29_615.92,
            heat_j: 13_594.865e9,
            metered_revenue: 607_364.83,
            ..ESTATE
        }
        .comparison();
        assert!((neighbour.metered_cost - 285_492.165).abs() < 0.001);
        assert!((neighbour.metered_profit - 321_872.665).abs() < 0.001);
        assert!((neighbour.metered_margin - 0.52995).abs() < 1e-5 && (neighbour.metered_margin - 0.628).abs() > 0.09);
        assert!((neighbour.heat_j_m2 / 1e9 - 0.363).abs() < 0.0005);
    }
}
