//! Boilers: coal, gas, electric; flue gas and its recovery.
//!
//! Mechanism: fuel = (heat + standing loss)/(1 − flue loss − unburnt). The flue gas leaves warmer than the return by an
//! approach that grows with the load; recovery cools it further, down to an approach above the return. So a cool
//! return is worth fuel. Electric boilers have an efficiency alone.

use super::flue_gas::Combustion;
use super::fuel::Fuel;

/// A boiler.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Boiler {
    Fired {
        fuel: Fuel,
        combustion: Combustion,
        /// Flue gas above the return at full load and at none, K.
        flue_approach_k: (f64, f64),
        /// Share of the fuel's heat unburnt (grate coal 0.05…0.12, gas 0).
        unburnt_share: f64,
        /// Lost through the walls while hot, W.
        standing_loss_w: f64,
        /// With recovery: flue gas leaves this much above the return, K.
        recovery_approach_k: Option<f64>,
    },
    Electric {
        efficiency: f64,
    },
}

/// What a boiler uses for its heat.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoilerHeat {
    pub fuel_w: f64,
    pub electricity_w: f64,
    /// Heat over fuel (lower heating value) or electricity; 0 without heat.
    pub efficiency: f64,
    /// Of the heat, what recovery gave, W.
    pub recovered_w: f64,
    pub flue_c: f64,
}

impl Boiler {
    /// Fuel or electricity for a heat at a load (share of capacity) and return temperature.
    pub fn heat(&self, heat_w: f64, load_share: f64, return_c: f64) -> BoilerHeat {
        match *self {
            Boiler::Electric { efficiency } => {
                let electricity_w = if efficiency > 0.0 { heat_w.max(0.0) / efficiency } else { 0.0 };
                BoilerHeat { fuel_w: 0.0, electricity_w, efficiency, recovered_w: 0.0, flue_c: return_c }
            }
            Boiler::Fired {
                combustion,
                flue_approach_k: (full_k, idle_k),
                unburnt_share,
                standing_loss_w,
                recovery_approach_k,
                ..
            } => {
                let flue_c = return_c + idle_k + load_share.clamp(0.0, 1.2) * (full_k - idle_k);
                let out_c = recovery_approach_k.map_or(flue_c, |approach_k| flue_c.min(return_c + approach_k));
                let share = 1.0 - combustion.loss_share(out_c) - unburnt_share;
                if heat_w <= 0.0 || share <= 0.0 {
                    return BoilerHeat {
                        fuel_w: 0.0,
                        electricity_w: 0.0,
                        efficiency: 0.0,
                        recovered_w: 0.0,
                        flue_c: out_c,
                    };
                }
                let fuel_w = (heat_w + standing_loss_w.max(0.0)) / share;
                BoilerHeat {
                    fuel_w,
                    electricity_w: 0.0,
                    efficiency: heat_w / fuel_w,
                    recovered_w: fuel_w * combustion.recovered_share(flue_c, out_c),
                    flue_c: out_c,
                }
            }
        }
    }

    /// The fuel burnt.
    pub fn fuel(&self) -> Option<&Fuel> {
        match self {
            Boiler::Fired { fuel, .. } => Some(fuel),
            Boiler::Electric { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::physics::source::{BITUMINOUS_COAL, FuelComposition, NATURAL_GAS};

    fn gas(recovery_approach_k: Option<f64>) -> Boiler {
        Boiler::Fired {
            fuel: NATURAL_GAS,
            combustion: Combustion::new(&FuelComposition::METHANE, 1.15),
            flue_approach_k: (80.0, 30.0),
            unburnt_share: 0.0,
            standing_loss_w: 50_000.0,
            recovery_approach_k,
        }
    }

    #[test]
    fn usual_efficiencies() {
        let plain = gas(None).heat(14e6, 1.0, 60.0);
        assert!((0.92..0.955).contains(&plain.efficiency), "{plain:?}");
        let coal = Boiler::Fired {
            fuel: BITUMINOUS_COAL,
            combustion: Combustion::new(&FuelComposition::STEAM_COAL, 1.5),
            flue_approach_k: (90.0, 40.0),
            unburnt_share: 0.07,
            standing_loss_w: 500_000.0,
            recovery_approach_k: None,
        };
        let coal = coal.heat(58e6, 1.0, 60.0);
        assert!((0.80..0.88).contains(&coal.efficiency), "{coal:?}");
    }

    #[test]
    fn recovery_gains_about_a_tenth_with_a_cool_return() {
        // The provincial guide reckons with 10 % and more.
        let (plain, won) = (gas(None).heat(14e6, 1.0, 30.0), gas(Some(5.0)).heat(14e6, 1.0, 30.0));
        let gain = won.efficiency / plain.efficiency - 1.0;
        assert!((0.08..0.14).contains(&gain), "{gain}");
        assert!(won.efficiency > 1.0 && won.recovered_w > 1e6);
        let warm = gas(Some(5.0)).heat(14e6, 1.0, 65.0).efficiency / gas(None).heat(14e6, 1.0, 65.0).efficiency;
        assert!(warm - 1.0 < 0.05, "{warm}");
    }

    #[test]
    fn idle_losses_lower_part_load() {
        let efficiency = |heat: f64| gas(None).heat(heat, heat / 14e6, 60.0).efficiency;
        assert!(efficiency(1e6) < efficiency(7e6));
        assert_eq!(gas(None).heat(0.0, 0.0, 60.0).fuel_w, 0.0);
        assert!((Boiler::Electric { efficiency: 0.98 }.heat(98e3, 1.0, 50.0).electricity_w - 1e5).abs() < 1e-9);
    }
}
