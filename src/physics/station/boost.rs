//! What lifts the secondary supply where the primary water alone does not reach: an electric heat pump that takes its
//! heat out of the primary return (补热热泵), or an electric boiler.

use crate::physics::exchanger::{PlateExchanger, Stream};
use crate::physics::root;
use crate::physics::source::lorenz_cop;

use super::conversion::Converted;

/// Plate exchanger with a heat pump behind it: evaporator in the primary return, condenser in the secondary supply.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoosterHeatPump {
    pub exchanger: PlateExchanger,
    /// Greatest heat of the condenser, W.
    pub capacity_w: f64,
    /// COP over that of Lorenz's cycle between the mean water temperatures; 0.5 usual.
    pub lorenz_share: f64,
    /// The primary return is not cooled below, °C.
    pub lowest_return_c: f64,
    /// True: the heat pump works first and the primary flow falls (large temperature difference); false: it fills up
    /// only what the plate leaves short.
    pub first: bool,
}

impl BoosterHeatPump {
    /// Outlets and power when the secondary supply is wanted at a temperature.
    pub fn convert(&self, primary: Stream, secondary: Stream, wanted_c: f64) -> Converted {
        let plate = self.exchanger.exchange(primary, secondary);
        let c1 = (primary.mass_flow_kg_s * primary.heat_capacity_j_kgk).max(0.0);
        let c2 = (secondary.mass_flow_kg_s * secondary.heat_capacity_j_kgk).max(0.0);
        let short_w = (c2 * (wanted_c - plate.secondary_outlet_c)).clamp(0.0, self.capacity_w.max(0.0));
        let warm_c = plate.primary_outlet_c;
        if short_w <= 0.0 || c1 <= 0.0 || warm_c <= self.lowest_return_c {
            return Converted::passive(plate.heat_w, plate.primary_outlet_c, plate.secondary_outlet_c);
        }
        let cop = |out_c: f64, condenser_w: f64| {
            let condenser_c = plate.secondary_outlet_c + condenser_w / c2;
            lorenz_cop(self.lorenz_share, (plate.secondary_outlet_c, condenser_c), (warm_c, out_c))
        };
        // The colder the return, the lower the COP and so the less is taken from it: one crossing.
        let taken = |out_c: f64| short_w * (1.0 - 1.0 / cop(out_c, short_w));
        let out_c = root::between(self.lowest_return_c, warm_c, 1e-9, |out_c| warm_c - taken(out_c) / c1 - out_c);
        let evaporator_w = c1 * (warm_c - out_c);
        let ratio = 1.0 - 1.0 / cop(out_c, short_w);
        // At the lowest return the condenser gets what the evaporator can take.
        let condenser_w = if ratio > 0.0 { (evaporator_w / ratio).min(short_w) } else { 0.0 };
        Converted {
            heat_from_primary_w: plate.heat_w + evaporator_w,
            primary_outlet_c: out_c,
            secondary_outlet_c: plate.secondary_outlet_c + condenser_w / c2,
            electricity_w: condenser_w - evaporator_w,
        }
    }
}

/// Plate exchanger with an electric boiler behind it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ElectricBooster {
    pub exchanger: PlateExchanger,
    pub capacity_w: f64,
    /// Heat over electricity, 0.95…0.99.
    pub efficiency: f64,
}

impl ElectricBooster {
    /// Outlets and power when the secondary supply is wanted at a temperature.
    pub fn convert(&self, primary: Stream, secondary: Stream, wanted_c: f64) -> Converted {
        let plate = self.exchanger.exchange(primary, secondary);
        let c2 = (secondary.mass_flow_kg_s * secondary.heat_capacity_j_kgk).max(0.0);
        let short_w = (c2 * (wanted_c - plate.secondary_outlet_c)).clamp(0.0, self.capacity_w.max(0.0));
        let mut out = Converted::passive(plate.heat_w, plate.primary_outlet_c, plate.secondary_outlet_c);
        if short_w > 0.0 && self.efficiency > 0.0 {
            out.secondary_outlet_c += short_w / c2;
            out.electricity_w = short_w / self.efficiency;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLATE: PlateExchanger = PlateExchanger {
        design_ua_w_k: 2.0e5,
        design_primary_kg_s: 10.0,
        design_secondary_kg_s: 25.0,
        wall_share: 0.1,
        film_exponent: 0.7,
        fouling_k_w: 0.0,
    };

    fn stream(mass_flow_kg_s: f64, inlet_c: f64) -> Stream {
        Stream { mass_flow_kg_s, inlet_c, heat_capacity_j_kgk: 4190.0 }
    }

    #[test]
    fn heat_pump_lifts_the_supply_and_cools_the_return_below_the_secondary() {
        let booster = BoosterHeatPump {
            exchanger: PLATE,
            capacity_w: 1e6,
            lorenz_share: 0.5,
            lowest_return_c: 10.0,
            first: true,
        };
        let (primary, secondary) = (stream(6.0, 80.0), stream(25.0, 42.0));
        let plate = PLATE.exchange(primary, secondary);
        let out = booster.convert(primary, secondary, 55.0);
        assert!((out.secondary_outlet_c - 55.0).abs() < 1e-6, "{out:?}");
        assert!(out.primary_outlet_c < 42.0 && out.primary_outlet_c < plate.primary_outlet_c);
        // Energy: secondary heat = primary heat + power.
        let secondary_w = 25.0 * 4190.0 * (out.secondary_outlet_c - 42.0);
        assert!((secondary_w - out.heat_from_primary_w - out.electricity_w).abs() < 1.0);
        // COP as the formula of the same temperatures.
        let condenser_w = 25.0 * 4190.0 * (55.0 - plate.secondary_outlet_c);
        let cop = lorenz_cop(0.5, (plate.secondary_outlet_c, 55.0), (plate.primary_outlet_c, out.primary_outlet_c));
        assert!((condenser_w / out.electricity_w / cop - 1.0).abs() < 1e-6);
    }

    #[test]
    fn the_lowest_return_limits_it() {
        let booster = BoosterHeatPump {
            exchanger: PLATE,
            capacity_w: 5e6,
            lorenz_share: 0.5,
            lowest_return_c: 30.0,
            first: true,
        };
        let out = booster.convert(stream(3.0, 80.0), stream(25.0, 42.0), 70.0);
        assert!((out.primary_outlet_c - 30.0).abs() < 1e-6 && out.secondary_outlet_c < 70.0, "{out:?}");
        let secondary_w = 25.0 * 4190.0 * (out.secondary_outlet_c - 42.0);
        assert!((secondary_w - out.heat_from_primary_w - out.electricity_w).abs() < 1.0);
    }

    #[test]
    fn electric_boiler_fills_up_within_its_capacity() {
        let booster = ElectricBooster { exchanger: PLATE, capacity_w: 2e5, efficiency: 0.97 };
        let (primary, secondary) = (stream(6.0, 80.0), stream(25.0, 42.0));
        let plate = PLATE.exchange(primary, secondary);
        let out = booster.convert(primary, secondary, 90.0);
        assert!((out.electricity_w - 2e5 / 0.97).abs() < 1e-6);
        assert!((out.secondary_outlet_c - plate.secondary_outlet_c - 2e5 / (25.0 * 4190.0)).abs() < 1e-9);
        assert_eq!(booster.convert(primary, secondary, 43.0).electricity_w, 0.0);
    }
}
