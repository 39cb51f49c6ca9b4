//! Absorption heat exchanger (吸收式换热器): the hot end of the primary water drives a heat pump whose evaporator cools
//! the cold end of the same water below the secondary return.
//!
//! Mechanism: primary water passes generator, plate exchanger and evaporator; secondary water passes absorber and
//! condenser in parallel with the plate. The heat pump follows the characteristic equation of absorption machines
//! (H. M. Hellmann, F. Ziegler 1998): evaporator heat = s·(t_G − t_AC − B·(t_AC − t_E) − δ) with the mean water
//! temperatures of generator, absorber–condenser and evaporator, B ≈ 1.15 for water / lithium bromide, a smallest drive δ
//! of a few kelvin that the solution's circulation uses up, and a constant ratio of evaporator to generator heat (single
//! effect ≈ 0.7). s, the plate and the split follow from the nameplate. So the
//! effect fades as the primary supply gets cooler and ends where there is no drive: then the plate works alone. No
//! outside energy but the solution pumps'. Not here: several stages, crystallisation.

use crate::physics::exchanger::{PlateExchanger, Stream, ua_from_design_w_k};
use crate::physics::root;

use super::conversion::Converted;

/// Slope of the temperature lift in the characteristic equation.
const LIFT_SLOPE: f64 = 1.15;
/// Drive that the circulation of the solution uses up, K.
const SMALLEST_DRIVE_K: f64 = 4.0;
/// The evaporator's water never freezes, °C.
const LOWEST_OUTLET_C: f64 = 4.0;

/// Nameplate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AbsorptionDesign {
    pub heat_w: f64,
    pub primary_supply_c: f64,
    /// Below the secondary return.
    pub primary_return_c: f64,
    pub secondary_supply_c: f64,
    pub secondary_return_c: f64,
    /// Evaporator heat over generator heat; 0.7 for one effect.
    pub evaporator_share: f64,
    /// Primary water behind the plate above the secondary return, K; 3 usual.
    pub approach_k: f64,
    pub heat_capacity_j_kgk: f64,
}

/// A unit sized for its nameplate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AbsorptionExchanger {
    plate: PlateExchanger,
    /// Share of the secondary flow through absorber and condenser.
    heat_pump_share: f64,
    evaporator_share: f64,
    /// s, W/K.
    conductance_w_k: f64,
}

impl AbsorptionDesign {
    /// The unit that does this; `None` where no such unit is possible (no drive, temperatures in a wrong order).
    pub fn build(&self) -> Option<AbsorptionExchanger> {
        let c1 = self.heat_w / (self.primary_supply_c - self.primary_return_c);
        let c2 = self.heat_w / (self.secondary_supply_c - self.secondary_return_c);
        let ordered = self.heat_w > 0.0
            && c1 > 0.0
            && c2 > 0.0
            && self.evaporator_share > 0.0
            && self.approach_k > 0.0
            && self.heat_capacity_j_kgk > 0.0
            && self.primary_return_c >= LOWEST_OUTLET_C
            && self.primary_supply_c > self.secondary_supply_c;
        if !ordered || !(c1 + c2).is_finite() {
            return None;
        }
        let behind_plate_c = self.secondary_return_c + self.approach_k;
        let evaporator_w = c1 * (behind_plate_c - self.primary_return_c);
        let generator_w = evaporator_w / self.evaporator_share;
        let behind_generator_c = self.primary_supply_c - generator_w / c1;
        let plate_w = c1 * (behind_generator_c - behind_plate_c);
        // Both branches leave with the secondary supply temperature.
        let heat_pump_share = (generator_w + evaporator_w) / self.heat_w;
        if !(evaporator_w > 0.0 && plate_w > 0.0 && heat_pump_share < 1.0) {
            return None;
        }
        let ua_w_k = ua_from_design_w_k(plate_w, behind_generator_c - self.secondary_supply_c, self.approach_k)?;
        let drive_k = drive_k(
            0.5 * (self.primary_supply_c + behind_generator_c),
            0.5 * (self.secondary_supply_c + self.secondary_return_c),
            0.5 * (behind_plate_c + self.primary_return_c),
        );
        if drive_k <= 0.0 {
            return None;
        }
        let plate = PlateExchanger {
            design_ua_w_k: ua_w_k,
            design_primary_kg_s: c1 / self.heat_capacity_j_kgk,
            design_secondary_kg_s: (1.0 - heat_pump_share) * c2 / self.heat_capacity_j_kgk,
            wall_share: 0.1,
            film_exponent: 0.7,
            fouling_k_w: 0.0,
        };
        Some(AbsorptionExchanger {
            plate,
            heat_pump_share,
            evaporator_share: self.evaporator_share,
            conductance_w_k: evaporator_w / drive_k,
        })
    }
}

/// t_G − t_AC − B (t_AC − t_E) − δ, K.
fn drive_k(generator_c: f64, absorber_c: f64, evaporator_c: f64) -> f64 {
    generator_c - absorber_c - LIFT_SLOPE * (absorber_c - evaporator_c) - SMALLEST_DRIVE_K
}

impl AbsorptionExchanger {
    /// Deposits on the plate, K/W.
    pub fn fouled(mut self, fouling_k_w: f64) -> AbsorptionExchanger {
        self.plate.fouling_k_w = fouling_k_w;
        self
    }

    /// Outlets for given inlets.
    pub fn convert(&self, primary: Stream, secondary: Stream) -> Converted {
        let c1 = (primary.mass_flow_kg_s * primary.heat_capacity_j_kgk).max(0.0);
        let c2 = (secondary.mass_flow_kg_s * secondary.heat_capacity_j_kgk).max(0.0);
        let hp2 = self.heat_pump_share * c2;
        let by_plate = Stream { mass_flow_kg_s: secondary.mass_flow_kg_s * (1.0 - self.heat_pump_share), ..secondary };
        let plate_outlets =
            |behind_generator_c: f64| self.plate.exchange(Stream { inlet_c: behind_generator_c, ..primary }, by_plate);
        if c1 <= 0.0 || c2 <= 0.0 {
            let still = plate_outlets(primary.inlet_c);
            return Converted::passive(0.0, still.primary_outlet_c, secondary.inlet_c);
        }
        let states = |evaporator_w: f64| {
            let generator_w = evaporator_w / self.evaporator_share;
            let behind_generator_c = primary.inlet_c - generator_w / c1;
            let plate = plate_outlets(behind_generator_c);
            let out_c = plate.primary_outlet_c - evaporator_w / c1;
            let absorber_c = secondary.inlet_c + 0.5 * (generator_w + evaporator_w) / hp2;
            let drive_k = drive_k(
                0.5 * (primary.inlet_c + behind_generator_c),
                absorber_c,
                0.5 * (plate.primary_outlet_c + out_c),
            );
            (plate, out_c, drive_k)
        };
        // At most: what cools the generator's water to the secondary return.
        let most_w = (self.evaporator_share * c1 * (primary.inlet_c - secondary.inlet_c)).max(0.0);
        let balance = |evaporator_w: f64| {
            let (_, out_c, drive_k) = states(evaporator_w);
            let by_drive = self.conductance_w_k * drive_k - evaporator_w;
            // Near freezing the machine is throttled.
            by_drive.min(c1 * (out_c - LOWEST_OUTLET_C))
        };
        let evaporator_w = if balance(0.0) > 0.0 { root::between(0.0, most_w, 1e-9 * most_w, balance) } else { 0.0 };
        let (plate, out_c, _) = states(evaporator_w);
        let heat_w = c1 * (primary.inlet_c - out_c);
        debug_assert!(
            (heat_w - plate.heat_w - evaporator_w * (1.0 + 1.0 / self.evaporator_share)).abs()
                <= 1e-6 * heat_w.abs().max(1.0)
        );
        Converted::passive(heat_w, out_c, secondary.inlet_c + heat_w / c2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESIGN: AbsorptionDesign = AbsorptionDesign {
        heat_w: 5e6,
        primary_supply_c: 110.0,
        primary_return_c: 25.0,
        secondary_supply_c: 60.0,
        secondary_return_c: 45.0,
        evaporator_share: 0.7,
        approach_k: 3.0,
        heat_capacity_j_kgk: 4190.0,
    };

    fn stream(mass_flow_kg_s: f64, inlet_c: f64) -> Stream {
        Stream { mass_flow_kg_s, inlet_c, heat_capacity_j_kgk: 4190.0 }
    }

    fn design_streams() -> (Stream, Stream) {
        (stream(5e6 / 85.0 / 4190.0, 110.0), stream(5e6 / 15.0 / 4190.0, 45.0))
    }

    #[test]
    fn nameplate_is_met_and_the_return_lies_below_the_secondary() {
        let unit = DESIGN.build().unwrap();
        let (primary, secondary) = design_streams();
        let out = unit.convert(primary, secondary);
        assert!((out.primary_outlet_c - 25.0).abs() < 1e-5, "{out:?}");
        assert!((out.secondary_outlet_c - 60.0).abs() < 1e-5);
        assert!((out.heat_from_primary_w / 5e6 - 1.0).abs() < 1e-7 && out.electricity_w == 0.0);
        // By hand: 23 K in the evaporator, 23/0.7 in the generator.
        assert!((unit.heat_pump_share - (23.0 + 23.0 / 0.7) / 85.0).abs() < 1e-12);
    }

    #[test]
    fn a_cooler_primary_drives_less() {
        let unit = DESIGN.build().unwrap();
        let (primary, secondary) = design_streams();
        let effectiveness = |supply_c: f64| {
            let out = unit.convert(Stream { inlet_c: supply_c, ..primary }, secondary);
            (supply_c - out.primary_outlet_c) / (supply_c - secondary.inlet_c)
        };
        let (hot, warm, cool, cold) =
            (effectiveness(110.0), effectiveness(95.0), effectiveness(80.0), effectiveness(58.0));
        assert!((hot - 85.0 / 65.0).abs() < 1e-6, "{hot}");
        assert!(hot > warm && warm > cool && cool > cold && cool > 1.0, "{hot} {warm} {cool} {cold}");
    }

    #[test]
    fn entropy_never_falls() {
        let unit = DESIGN.build().unwrap();
        let (primary, secondary) = design_streams();
        for supply_c in [60.0, 75.0, 90.0, 110.0, 130.0] {
            for share in [0.1, 0.4, 1.0, 1.6] {
                let flow = Stream { mass_flow_kg_s: share * primary.mass_flow_kg_s, inlet_c: supply_c, ..primary };
                let out = unit.convert(flow, secondary);
                let entropy = flow.mass_flow_kg_s * ((out.primary_outlet_c + 273.15) / (supply_c + 273.15)).ln()
                    + secondary.mass_flow_kg_s
                        * ((out.secondary_outlet_c + 273.15) / (secondary.inlet_c + 273.15)).ln();
                assert!(entropy > 0.0 && out.primary_outlet_c >= 4.0 - 1e-6, "{supply_c} {share}: {out:?}");
            }
        }
    }

    #[test]
    fn impossible_nameplates_are_refused() {
        assert!(AbsorptionDesign { primary_return_c: 2.0, ..DESIGN }.build().is_none());
        // Only 70 °C cannot lift so far.
        assert!(AbsorptionDesign { primary_supply_c: 70.0, ..DESIGN }.build().is_none());
        assert!(AbsorptionDesign { heat_w: f64::NAN, ..DESIGN }.build().is_none());
    }

    #[test]
    fn standing_sides_are_defined() {
        let unit = DESIGN.build().unwrap();
        let (primary, secondary) = design_streams();
        let out = unit.convert(Stream { mass_flow_kg_s: 0.0, ..primary }, secondary);
        assert_eq!((out.heat_from_primary_w, out.secondary_outlet_c), (0.0, 45.0));
        assert!(unit.convert(primary, Stream { mass_flow_kg_s: 0.0, ..secondary }).primary_outlet_c == 110.0);
    }
}
