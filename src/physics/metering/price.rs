//! The two-part price (两部制热价): a basic charge by area and a charge by heat.

/// A two-part price; money in any currency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TwoPartPrice {
    /// By floor area, per m².
    pub basic_1_m2: f64,
    /// By heat, per J.
    pub metered_1_j: f64,
    /// What the same household would pay by area alone, per m²; for comparison.
    pub area_1_m2: Option<f64>,
}

/// A household's bill.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bill {
    pub basic: f64,
    pub metered: f64,
    pub total: f64,
    /// By area alone.
    pub by_area: Option<f64>,
}

impl TwoPartPrice {
    /// Made from a price by area so that a household of reference consumption pays the same: a share stays basic (30 to
    /// 60 % is usual), the rest is spread over the reference heat, J/m². `None` where that heat is not positive.
    pub fn from_area_price(area_1_m2: f64, basic_share: f64, reference_j_m2: f64) -> Option<TwoPartPrice> {
        let valid = reference_j_m2 > 0.0 && (0.0..=1.0).contains(&basic_share);
        valid.then(|| TwoPartPrice {
            basic_1_m2: area_1_m2 * basic_share,
            metered_1_j: area_1_m2 * (1.0 - basic_share) / reference_j_m2,
            area_1_m2: Some(area_1_m2),
        })
    }

    /// The bill of an area and a heat.
    pub fn bill(&self, area_m2: f64, heat_j: f64) -> Bill {
        let (basic, metered) = (self.basic_1_m2 * area_m2, self.metered_1_j * heat_j);
        Bill { basic, metered, total: basic + metered, by_area: self.area_1_m2.map(|price| price * area_m2) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_household_pays_the_same() {
        // 19 a square metre, 30 % basic, 0.4 GJ/m²: 5.7 + 33.25/GJ.
        let price = TwoPartPrice::from_area_price(19.0, 0.3, 0.4e9).unwrap();
        assert!((price.basic_1_m2 - 5.7).abs() < 1e-12 && (price.metered_1_j * 1e9 - 33.25).abs() < 1e-9);
        let same = price.bill(100.0, 40e9);
        assert!((same.total - 1900.0).abs() < 1e-9 && same.by_area == Some(1900.0));
        let thrifty = price.bill(100.0, 24.4e9);
        assert!((thrifty.total - (570.0 + 24.4 * 33.25)).abs() < 1e-9 && thrifty.total < 1900.0);
        assert_eq!(TwoPartPrice::from_area_price(19.0, 0.3, 0.0), None);
    }
}
