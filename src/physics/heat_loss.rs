//! Heat lost by buried and free pipes, and the temperature of the water along them.
//!
//! Mechanism: thermal resistances per metre of pipe (K·m/W) are summed to U′ (W/(m K)); supply and return in one
//! trench warm each other through a mutual soil resistance; along the pipe the temperature falls exponentially towards
//! its surroundings, with a defined value also at rest. Steady state only: no heat capacity of steel or soil, no
//! delay. Ground temperature is in `ground`.

use std::f64::consts::{PI, TAU};

/// Resistance of a cylindrical layer, K·m/W: ln(d_o/d_i)/(2πλ). Steel wall, insulation, casing.
pub fn layer_resistance_m_k_w(inner_diameter_m: f64, outer_diameter_m: f64, conductivity_w_mk: f64) -> f64 {
    (outer_diameter_m / inner_diameter_m).ln() / (TAU * conductivity_w_mk)
}

/// Resistance of a surface in air, K·m/W: 1/(π d α); α about 8…15 in ducts, 20…30 outdoors, W/(m² K).
pub fn surface_resistance_m_k_w(diameter_m: f64, film_coefficient_w_m2k: f64) -> f64 {
    1.0 / (PI * diameter_m * film_coefficient_w_m2k)
}

/// Resistance of the soil between a buried cylinder and the ground surface, K·m/W, exact: arcosh(2z/D)/(2πλ)
/// (Forchheimer), z = depth of the axis > D/2. A pipe less deep than that is computed as touching the surface.
pub fn soil_resistance_m_k_w(axis_depth_m: f64, outer_diameter_m: f64, soil_conductivity_w_mk: f64) -> f64 {
    (2.0 * axis_depth_m / outer_diameter_m).max(1.0).acosh() / (TAU * soil_conductivity_w_mk)
}

/// The same in the form of heating handbooks for z > 2 D, ln(4z/D)/(2πλ): at most 0.8 % above the exact one there.
pub fn deep_soil_resistance_m_k_w(axis_depth_m: f64, outer_diameter_m: f64, soil_conductivity_w_mk: f64) -> f64 {
    (4.0 * axis_depth_m / outer_diameter_m).ln() / (TAU * soil_conductivity_w_mk)
}

/// Mutual resistance of two pipes at one depth, K·m/W: ln √(1 + (2z/s)²)/(2πλ), s = distance of the axes
/// (Shubin's formula; mirror source of the neighbour).
pub fn mutual_resistance_m_k_w(axis_depth_m: f64, axis_distance_m: f64, soil_conductivity_w_mk: f64) -> f64 {
    let ratio = 2.0 * axis_depth_m / axis_distance_m;
    0.5 * (ratio * ratio).ln_1p() / (TAU * soil_conductivity_w_mk)
}

/// Depth increased by the soil layer that resists like the air above it, m: z + λ/α (EN 13941 uses 0.0685 K·m²/W for 1/α).
pub fn equivalent_depth_m(axis_depth_m: f64, soil_conductivity_w_mk: f64, surface_resistance_m2_k_w: f64) -> f64 {
    axis_depth_m + soil_conductivity_w_mk * surface_resistance_m2_k_w
}

/// U′ per metre from a heat transfer coefficient related to an outer surface, W/(m K): U π d.
pub fn u_per_metre_w_mk(u_w_m2k: f64, outer_diameter_m: f64) -> f64 {
    u_w_m2k * PI * outer_diameter_m
}

/// Supply and return buried side by side: own resistances (insulation + soil) and the mutual one, K·m/W.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BuriedPair {
    pub supply_resistance_m_k_w: f64,
    pub return_resistance_m_k_w: f64,
    pub mutual_resistance_m_k_w: f64,
}

/// Heat lost per metre; the return may gain (negative).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairLoss {
    pub supply_w_m: f64,
    pub return_w_m: f64,
}

impl PairLoss {
    pub fn total_w_m(self) -> f64 {
        self.supply_w_m + self.return_w_m
    }
}

impl BuriedPair {
    /// Coefficients (U_s, U_r, U_m) in W/(m K) of q_s = U_s (t_s − t_g) − U_m (t_r − t_g) and
    /// q_r = U_r (t_r − t_g) − U_m (t_s − t_g): the inverse of the resistance matrix [[R_s, R_m], [R_m, R_r]].
    /// `None` where the matrix is not positive definite: the pipes overlap or a resistance is not positive.
    pub fn coefficients_w_mk(&self) -> Option<(f64, f64, f64)> {
        let (supply, back, mutual) =
            (self.supply_resistance_m_k_w, self.return_resistance_m_k_w, self.mutual_resistance_m_k_w);
        let determinant = supply * back - mutual * mutual;
        let valid = supply > 0.0 && back > 0.0 && mutual >= 0.0 && determinant > 0.0 && determinant.is_finite();
        valid.then(|| (back / determinant, supply / determinant, mutual / determinant))
    }

    /// Heat lost per metre by both pipes at their temperatures.
    pub fn loss(&self, supply_c: f64, return_c: f64, ground_c: f64) -> Option<PairLoss> {
        let (supply, back, mutual) = self.coefficients_w_mk()?;
        let (over_supply, over_return) = (supply_c - ground_c, return_c - ground_c);
        Some(PairLoss {
            supply_w_m: supply * over_supply - mutual * over_return,
            return_w_m: back * over_return - mutual * over_supply,
        })
    }
}

/// Share of the excess temperature left at the end of a pipe: exp(−U′L/(cp |m|)); 0 at rest, whatever U′.
#[inline]
pub fn remaining_share(u_per_metre_w_mk: f64, length_m: f64, heat_capacity_j_kgk: f64, mass_flow_kg_s: f64) -> f64 {
    let stream_w_k = heat_capacity_j_kgk * mass_flow_kg_s.abs();
    if stream_w_k > 0.0 { (-u_per_metre_w_mk * length_m / stream_w_k).exp() } else { 0.0 }
}

/// Water leaving a pipe.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PipeOutlet {
    pub outlet_c: f64,
    /// Mean of the water temperature over the length.
    pub mean_c: f64,
    /// Heat lost to the surroundings; 0 at rest, when the water has taken their temperature.
    pub loss_w: f64,
}

/// T_out = T_a + (T_in − T_a)·exp(−U′L/(cp |m|)), exact for constant U′, cp and surroundings T_a.
pub fn outlet(
    inlet_c: f64,
    ambient_c: f64,
    u_per_metre_w_mk: f64,
    length_m: f64,
    heat_capacity_j_kgk: f64,
    mass_flow_kg_s: f64,
) -> PipeOutlet {
    let stream_w_k = heat_capacity_j_kgk * mass_flow_kg_s.abs();
    let excess_k = inlet_c - ambient_c;
    // Not `<= 0`: a NaN flow must not count as rest.
    if stream_w_k == 0.0 {
        return PipeOutlet { outlet_c: ambient_c, mean_c: ambient_c, loss_w: 0.0 };
    }
    let transfer_units = u_per_metre_w_mk * length_m / stream_w_k;
    // 1 − e^(−N) without losing the digits of a well insulated pipe.
    let lost_share = -(-transfer_units).exp_m1();
    let mean_share = if transfer_units.abs() < 1e-12 { 1.0 } else { lost_share / transfer_units };
    PipeOutlet {
        outlet_c: inlet_c - excess_k * lost_share,
        mean_c: ambient_c + excess_k * mean_share,
        loss_w: stream_w_k * excess_k * lost_share,
    }
}

/// Factor on U′ of insulation that has aged: 1 + growth·years, at most `largest` (at least 1). Negative years count as new.
///
/// Deliberately without built-in figures: the growth depends on the insulation and on water in the duct, and belongs to
/// the network's data, best from measured losses.
pub fn ageing_factor(years: f64, growth_per_year: f64, largest: f64) -> f64 {
    (1.0 + growth_per_year * years.max(0.0)).min(largest.max(1.0))
}

/// Share of the pipe loss that fittings, supports and compensators add in buried or duct-laid networks: the allowance
/// β = 1.15 of the Russian norm of losses (Minenergo order 325); multiply U′ by it.
pub const FITTINGS_FACTOR: f64 = 1.15;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Default arguments of the two-pipe loss in the R package pipenostics: supply 110 °C, return 60 °C, ground 5 °C,
    /// pipes of 0.25 m under 0.1 m insulation of 0.09 and 0.07 W/(m K), soil 1.74 W/(m K), axes 2 m deep, 0.55 m apart.
    fn published_pair() -> BuriedPair {
        let casing = 0.25 + 2.0 * 0.1;
        let soil = deep_soil_resistance_m_k_w(2.0, casing, 1.74);
        BuriedPair {
            supply_resistance_m_k_w: layer_resistance_m_k_w(0.25, casing, 0.09) + soil,
            return_resistance_m_k_w: layer_resistance_m_k_w(0.25, casing, 0.07) + soil,
            mutual_resistance_m_k_w: mutual_resistance_m_k_w(2.0, 0.55, 1.74),
        }
    }

    #[test]
    fn two_buried_pipes_lose_the_published_heat() {
        let loss = published_pair().loss(110.0, 60.0, 5.0).expect("valid pair");
        assert!((loss.supply_w_m - 77.0195).abs() < 5e-5, "{loss:?}");
        assert!((loss.return_w_m - 25.6031).abs() < 5e-5, "{loss:?}");
        assert!((loss.total_w_m() - 102.6226).abs() < 5e-5, "{loss:?}");
    }

    #[test]
    fn far_apart_pipes_do_not_feel_each_other() {
        let pair = BuriedPair { mutual_resistance_m_k_w: mutual_resistance_m_k_w(2.0, 1e6, 1.74), ..published_pair() };
        let loss = pair.loss(110.0, 60.0, 5.0).expect("valid pair");
        assert!((loss.supply_w_m - 105.0 / pair.supply_resistance_m_k_w).abs() < 1e-6);
    }

    #[test]
    fn overlapping_pipes_have_no_loss_formula() {
        let pair = BuriedPair { mutual_resistance_m_k_w: 10.0, ..published_pair() };
        assert_eq!(pair.loss(110.0, 60.0, 5.0), None);
    }

    #[test]
    fn soil_formulas_agree_for_deep_pipes() {
        let exact = soil_resistance_m_k_w(3.0, 0.3, 1.5);
        assert!((deep_soil_resistance_m_k_w(3.0, 0.3, 1.5) / exact - 1.0).abs() < 1e-3);
        let shallow = deep_soil_resistance_m_k_w(0.6, 0.3, 1.5) / soil_resistance_m_k_w(0.6, 0.3, 1.5);
        assert!(shallow > 1.0 && shallow < 1.008);
        assert_eq!(soil_resistance_m_k_w(0.1, 0.3, 1.5), 0.0);
    }

    #[test]
    fn air_above_the_soil_counts_as_depth() {
        assert!((equivalent_depth_m(1.0, 1.6, 0.0685) - 1.1096).abs() < 1e-12);
        assert!((u_per_metre_w_mk(0.5, 0.2) - 0.314_159_265).abs() < 1e-9);
        assert!((surface_resistance_m_k_w(0.5, 10.0) - 0.063_661_977).abs() < 1e-9);
    }

    #[test]
    fn factors_of_fittings_and_age() {
        // Norm of loss 272 kcal/(m h), with fittings 312.8 (pipenostics, Minenergo order 325).
        assert!((272.0 * FITTINGS_FACTOR - 312.8).abs() < 1e-9);
        assert!((ageing_factor(30.0, 0.005, 1.5) - 1.15).abs() < 1e-12);
        assert_eq!(ageing_factor(-3.0, 0.005, 1.5), 1.0);
        assert_eq!(ageing_factor(1000.0, 0.005, 1.5), 1.5);
    }

    #[test]
    fn temperature_at_rest_is_that_of_the_ground() {
        let rest = outlet(90.0, 8.0, 0.3, 500.0, 4190.0, 0.0);
        assert_eq!(rest, PipeOutlet { outlet_c: 8.0, mean_c: 8.0, loss_w: 0.0 });
        assert_eq!(remaining_share(0.3, 500.0, 4190.0, 0.0), 0.0);
        let creeping = outlet(90.0, 8.0, 0.3, 500.0, 4190.0, 1e-9);
        assert!((creeping.outlet_c - 8.0).abs() < 1e-12 && creeping.loss_w < 1e-3);
    }

    #[test]
    fn exponential_drop_by_hand() {
        // N = 0.3·1000/(4190·2) = 0.0357995; 8 + 82·e^−N = 87.11635 °C.
        let water = outlet(90.0, 8.0, 0.3, 1000.0, 4190.0, 2.0);
        assert!((water.outlet_c - (8.0 + 82.0 * (-0.3_f64 * 1000.0 / 8380.0).exp())).abs() < 1e-12);
        assert!((water.outlet_c - 87.116_35).abs() < 1e-4, "{water:?}");
        assert!((water.loss_w - 8380.0 * (90.0 - water.outlet_c)).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn loss_equals_u_times_mean_excess_and_flow_direction_is_irrelevant(
            inlet in 20.0..130.0_f64, ambient in -20.0..15.0_f64, u in 0.0..2.0_f64, length in 0.1..5000.0_f64,
            log_flow in -6.0..3.5_f64,
        ) {
            let flow = 10f64.powf(log_flow);
            let water = outlet(inlet, ambient, u, length, 4190.0, flow);
            prop_assert!((water.loss_w - u * length * (water.mean_c - ambient)).abs() <= 1e-9 * (1.0 + water.loss_w));
            prop_assert_eq!(water, outlet(inlet, ambient, u, length, 4190.0, -flow));
            prop_assert!(water.outlet_c >= ambient - 1e-12 && water.outlet_c <= inlet);
            let share = remaining_share(u, length, 4190.0, flow);
            prop_assert!((water.outlet_c - (ambient + share * (inlet - ambient))).abs() < 1e-10);
        }
    }
}
