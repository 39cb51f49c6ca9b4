//! Quality regulation: supply and return temperature over the outdoor temperature.
//!
//! With the relative load Q̄ = (t_n − t_w)/(t_n − t_w′) and the relative flow Ḡ
//! t_supply, t_return = t_n + ½(t_g′ + t_h′ − 2 t_n)·Q̄^(1/(1+b)) ± ½(t_g′ − t_h′)·Q̄/Ḡ
//! (radiator law q ∝ Δt^(1+b); CN102003736A). b ≈ 0.3 for radiators, ≈ 0.1 for floor heating. Not here: forecasts, time
//! tables, limits of a plant.

/// Design point of a heating system.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeatingCurve {
    /// t_n, °C.
    pub room_c: f64,
    /// t_w′, °C; below `room_c`.
    pub design_outdoor_c: f64,
    /// t_g′, °C.
    pub design_supply_c: f64,
    /// t_h′, °C.
    pub design_return_c: f64,
    /// b of the heat emitter.
    pub emitter_exponent: f64,
}

/// Temperatures that give the load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SupplyAndReturn {
    pub supply_c: f64,
    pub return_c: f64,
}

impl HeatingCurve {
    /// Whether the design point makes sense: outdoor < room ≤ return < supply, exponent ≥ 0, all finite.
    pub fn is_valid(&self) -> bool {
        self.design_outdoor_c < self.room_c
            && self.room_c <= self.design_return_c
            && self.design_return_c < self.design_supply_c
            && self.emitter_exponent >= 0.0
            && self.design_supply_c.is_finite()
            && self.design_outdoor_c.is_finite()
            && self.emitter_exponent.is_finite()
    }

    /// Q̄: 1 at design, 0 when it is as warm outside as in the room or warmer, above 1 in colder weather.
    pub fn relative_load(&self, outdoor_c: f64) -> f64 {
        ((self.room_c - outdoor_c) / (self.room_c - self.design_outdoor_c)).max(0.0)
    }

    /// Temperatures for a relative load ≥ 0 at a relative flow Ḡ > 0 (1: pure quality regulation).
    pub fn at_load(&self, relative_load: f64, relative_flow: f64) -> SupplyAndReturn {
        let load = relative_load.max(0.0);
        let emitter_excess_k = 0.5 * (self.design_supply_c + self.design_return_c) - self.room_c;
        let middle_c = self.room_c + emitter_excess_k * load.powf(1.0 / (1.0 + self.emitter_exponent));
        // No load, no spread: also when the flow is 0 as well.
        let half_spread_k =
            if load > 0.0 { 0.5 * (self.design_supply_c - self.design_return_c) * load / relative_flow } else { 0.0 };
        SupplyAndReturn { supply_c: middle_c + half_spread_k, return_c: middle_c - half_spread_k }
    }

    /// Temperatures for an outdoor temperature.
    pub fn at_outdoor(&self, outdoor_c: f64, relative_flow: f64) -> SupplyAndReturn {
        self.at_load(self.relative_load(outdoor_c), relative_flow)
    }

    /// Relative load that a supply temperature delivers at a relative flow with the room at t_n: inverse of
    /// [`Self::at_load`] by bisection (the supply rises strictly with the load), to 1e-12; 0 at or below t_n.
    pub fn load_of_supply(&self, supply_c: f64, relative_flow: f64) -> f64 {
        let (mut low, mut high) = (0.0, 1.0);
        if supply_c.is_nan() || supply_c <= self.room_c {
            return 0.0;
        }
        for _ in 0..60 {
            if self.at_load(high, relative_flow).supply_c >= supply_c {
                break;
            }
            low = high;
            high *= 2.0;
        }
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if self.at_load(middle, relative_flow).supply_c < supply_c { low = middle } else { high = middle }
        }
        0.5 * (low + high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(supply: f64, back: f64, exponent: f64) -> HeatingCurve {
        HeatingCurve {
            room_c: 18.0,
            design_outdoor_c: -21.1,
            design_supply_c: supply,
            design_return_c: back,
            emitter_exponent: exponent,
        }
    }

    fn check(curve: HeatingCurve, expected: &[(f64, f64, f64)]) {
        assert!(curve.is_valid());
        for &(outdoor, supply, back) in expected {
            let found = curve.at_outdoor(outdoor, 1.0);
            // The table is rounded to 0.01 K.
            assert!((found.supply_c - supply).abs() < 0.0051, "{outdoor}: {found:?} instead of {supply}");
            assert!((found.return_c - back).abs() < 0.0051, "{outdoor}: {found:?} instead of {back}");
        }
    }

    #[test]
    fn tables_of_the_published_formula() {
        // Room 18 °C, design outdoor −21.1 °C, b = 0.3, floor heating b = 0.1.
        let radiators_95 = [
            (5.0, 49.81, 41.49),
            (0.0, 59.27, 47.76),
            (-5.0, 68.24, 53.53),
            (-10.0, 76.84, 58.94),
            (-15.0, 85.16, 64.06),
        ];
        let radiators_75 = [
            (5.0, 41.23, 32.92),
            (0.0, 48.26, 36.75),
            (-5.0, 54.94, 40.23),
            (-10.0, 61.37, 43.47),
            (-15.0, 67.61, 46.51),
        ];
        let primary_130 = [
            (5.0, 63.13, 43.18),
            (0.0, 76.96, 49.34),
            (-5.0, 90.17, 54.87),
            (-10.0, 102.91, 59.94),
            (-15.0, 115.29, 64.65),
        ];
        check(curve(95.0, 70.0, 0.3), &radiators_95);
        check(curve(75.0, 50.0, 0.3), &radiators_75);
        check(curve(130.0, 70.0, 0.3), &primary_130);
        check(curve(45.0, 35.0, 0.1), &[(5.0, 27.75, 24.42), (-10.0, 37.82, 30.66)]);
    }

    #[test]
    fn design_point_and_warm_weather() {
        let curve = curve(95.0, 70.0, 0.3);
        let design = curve.at_outdoor(-21.1, 1.0);
        assert!((design.supply_c - 95.0).abs() < 1e-12 && (design.return_c - 70.0).abs() < 1e-12);
        assert_eq!(curve.at_outdoor(25.0, 0.0), SupplyAndReturn { supply_c: 18.0, return_c: 18.0 });
    }

    #[test]
    fn less_flow_spreads_the_temperatures_but_keeps_their_mean() {
        let curve = curve(95.0, 70.0, 0.3);
        let (full, reduced) = (curve.at_outdoor(-5.0, 1.0), curve.at_outdoor(-5.0, 0.75));
        assert!((full.supply_c + full.return_c - reduced.supply_c - reduced.return_c).abs() < 1e-12);
        let (wide, narrow) = (reduced.supply_c - reduced.return_c, full.supply_c - full.return_c);
        assert!((wide * 0.75 - narrow).abs() < 1e-12);
    }

    #[test]
    fn load_of_supply_inverts() {
        let curve = curve(95.0, 70.0, 0.3);
        for load in [0.01, 0.3, 1.0, 1.4] {
            assert!((curve.load_of_supply(curve.at_load(load, 0.8).supply_c, 0.8) - load).abs() < 1e-10);
        }
        assert_eq!(curve.load_of_supply(10.0, 1.0), 0.0);
    }

    #[test]
    fn nonsense_design_points_are_recognised() {
        assert!(!curve(60.0, 70.0, 0.3).is_valid());
        assert!(!HeatingCurve { design_outdoor_c: 20.0, ..curve(95.0, 70.0, 0.3) }.is_valid());
    }
}
