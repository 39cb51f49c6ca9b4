//! The kinds of substation by what passes the heat, behind one question: these inlets, this wish, what comes out?

use crate::physics::exchanger::{PlateExchanger, Stream};
use crate::physics::root;

use super::absorption::AbsorptionExchanger;
use super::boost::{BoosterHeatPump, ElectricBooster};
use super::mixing::{self, MixingPump};

/// How heat gets from primary to secondary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Conversion {
    /// 板式换热; a building's own exchanger (楼宇换热) is the same, smaller.
    Plate(PlateExchanger),
    /// 吸收式大温差换热
    Absorption(AbsorptionExchanger),
    /// 高温热泵补热
    BoosterHeatPump(BoosterHeatPump),
    /// 电锅炉补热
    ElectricBooster(ElectricBooster),
    /// 混水
    Mixing(MixingPump),
    /// 直供: the primary water itself.
    Direct,
}

/// What leaves a conversion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Converted {
    /// Out of the primary water, W.
    pub heat_from_primary_w: f64,
    pub primary_outlet_c: f64,
    pub secondary_outlet_c: f64,
    /// Taken from the grid, W (pumps not counted).
    pub electricity_w: f64,
}

impl Converted {
    /// Without electricity.
    pub(super) fn passive(heat_w: f64, primary_outlet_c: f64, secondary_outlet_c: f64) -> Converted {
        Converted { heat_from_primary_w: heat_w, primary_outlet_c, secondary_outlet_c, electricity_w: 0.0 }
    }
}

impl Conversion {
    /// Whether primary and secondary are the same water.
    pub fn is_open(&self) -> bool {
        matches!(self, Conversion::Mixing(_) | Conversion::Direct)
    }

    /// Outlets for given inlets when the secondary supply is wanted at a temperature. Only what burns electricity looks
    /// at the wish; the primary flow is the valve's business.
    pub fn convert(&self, primary: Stream, secondary: Stream, wanted_c: f64) -> Converted {
        match self {
            Conversion::Plate(exchanger) => {
                let out = exchanger.exchange(primary, secondary);
                Converted::passive(out.heat_w, out.primary_outlet_c, out.secondary_outlet_c)
            }
            Conversion::Absorption(unit) => unit.convert(primary, secondary),
            Conversion::BoosterHeatPump(booster) => booster.convert(primary, secondary, wanted_c),
            Conversion::ElectricBooster(booster) => booster.convert(primary, secondary, wanted_c),
            Conversion::Mixing(_) | Conversion::Direct => {
                let (flow, all) = (primary.mass_flow_kg_s.max(0.0), secondary.mass_flow_kg_s.max(0.0));
                let share = if all > 0.0 { (flow / all).min(1.0) } else { 0.0 };
                let supply_c = secondary.inlet_c + share * (primary.inlet_c - secondary.inlet_c);
                // More primary than circulates goes back unused over the bypass.
                let passed = flow.min(all);
                let heat_w = passed * primary.heat_capacity_j_kgk * (primary.inlet_c - secondary.inlet_c);
                let out_c = if flow > 0.0 {
                    primary.inlet_c - heat_w / (flow * primary.heat_capacity_j_kgk)
                } else {
                    secondary.inlet_c
                };
                Converted::passive(heat_w, out_c, supply_c)
            }
        }
    }

    /// Primary flow, kg/s, that brings the secondary supply to the wish; the greatest allowed where that is not enough.
    pub fn primary_flow_kg_s(&self, most_kg_s: f64, primary: Stream, secondary: Stream, wanted_c: f64) -> f64 {
        if !(most_kg_s > 0.0 && secondary.mass_flow_kg_s > 0.0) || wanted_c <= secondary.inlet_c {
            return 0.0;
        }
        let at = |flow: f64| Stream { mass_flow_kg_s: flow, ..primary };
        let tolerance = 1e-7 * most_kg_s;
        let short_k = |outlet_c: f64| outlet_c - wanted_c;
        match self {
            Conversion::Mixing(_) => {
                mixing::primary_flow_kg_s(secondary.mass_flow_kg_s, primary.inlet_c, secondary.inlet_c, wanted_c)
                    .min(most_kg_s)
            }
            Conversion::Direct => secondary.mass_flow_kg_s.min(most_kg_s),
            // Only the plate counts, unless the heat pump goes first: then the least flow that reaches with its help.
            Conversion::BoosterHeatPump(booster) if booster.first => {
                let full = BoosterHeatPump { capacity_w: booster.capacity_w, ..*booster };
                // Asked for more than wanted, it shows its full reach.
                root::between(0.0, most_kg_s, tolerance, |flow| {
                    short_k(full.convert(at(flow), secondary, f64::MAX).secondary_outlet_c)
                })
            }
            Conversion::Plate(exchanger)
            | Conversion::BoosterHeatPump(BoosterHeatPump { exchanger, .. })
            | Conversion::ElectricBooster(ElectricBooster { exchanger, .. }) => {
                root::between(0.0, most_kg_s, tolerance, |flow| {
                    short_k(exchanger.exchange(at(flow), secondary).secondary_outlet_c)
                })
            }
            Conversion::Absorption(unit) => root::between(0.0, most_kg_s, tolerance, |flow| {
                short_k(unit.convert(at(flow), secondary).secondary_outlet_c)
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::physics::station::AbsorptionDesign;

    fn stream(mass_flow_kg_s: f64, inlet_c: f64) -> Stream {
        Stream { mass_flow_kg_s, inlet_c, heat_capacity_j_kgk: 4190.0 }
    }

    fn all() -> Vec<Conversion> {
        let exchanger = PlateExchanger {
            design_ua_w_k: 3.0e5,
            design_primary_kg_s: 12.0,
            design_secondary_kg_s: 40.0,
            wall_share: 0.1,
            film_exponent: 0.7,
            fouling_k_w: 0.0,
        };
        let booster =
            BoosterHeatPump { exchanger, capacity_w: 5e5, lorenz_share: 0.5, lowest_return_c: 8.0, first: true };
        let absorption = AbsorptionDesign {
            heat_w: 2.5e6,
            primary_supply_c: 110.0,
            primary_return_c: 25.0,
            secondary_supply_c: 60.0,
            secondary_return_c: 45.0,
            evaporator_share: 0.7,
            approach_k: 3.0,
            heat_capacity_j_kgk: 4190.0,
        };
        vec![
            Conversion::Plate(exchanger),
            Conversion::Absorption(absorption.build().unwrap()),
            Conversion::BoosterHeatPump(booster),
            Conversion::BoosterHeatPump(BoosterHeatPump { first: false, ..booster }),
            Conversion::ElectricBooster(ElectricBooster { exchanger, capacity_w: 5e5, efficiency: 0.97 }),
            Conversion::Mixing(MixingPump::Bypass),
        ]
    }

    #[test]
    fn the_flow_found_gives_the_supply_wanted_and_energy_closes() {
        for conversion in all() {
            let (primary, secondary) = (stream(0.0, 105.0), stream(40.0, 44.0));
            let flow = conversion.primary_flow_kg_s(30.0, primary, secondary, 57.0);
            assert!(flow > 0.0 && flow < 30.0, "{conversion:?}: {flow}");
            let out = conversion.convert(Stream { mass_flow_kg_s: flow, ..primary }, secondary, 57.0);
            assert!((out.secondary_outlet_c - 57.0).abs() < 1e-3, "{conversion:?}: {out:?}");
            let primary_w = flow * 4190.0 * (105.0 - out.primary_outlet_c);
            assert!((primary_w - out.heat_from_primary_w).abs() < 10.0, "{conversion:?}");
        }
    }

    #[test]
    fn returns_by_kind() {
        let (primary, secondary) = (stream(0.0, 105.0), stream(40.0, 44.0));
        let back = |conversion: &Conversion| {
            let flow = conversion.primary_flow_kg_s(30.0, primary, secondary, 57.0);
            (flow, conversion.convert(Stream { mass_flow_kg_s: flow, ..primary }, secondary, 57.0).primary_outlet_c)
        };
        let found: Vec<_> = all().iter().map(back).collect();
        // Plate above the secondary return, absorption and heat pump far below, mixing exactly on it.
        assert!(found[0].1 > 44.0 && found[1].1 < 30.0 && found[2].1 < 44.0, "{found:?}");
        assert!((found[5].1 - 44.0).abs() < 1e-9);
        // The heat pump that goes first saves primary water, the one that fills up does not.
        assert!(found[2].0 < found[0].0 && (found[3].0 - found[0].0).abs() < 1e-9);
    }

    #[test]
    fn fouling_warms_the_primary_return_and_asks_for_more_flow() {
        let Conversion::Plate(clean) = all()[0] else { panic!("plate first") };
        let (primary, secondary) = (stream(0.0, 105.0), stream(40.0, 44.0));
        let flows = [0.0, 1e-6, 3e-6].map(|fouling_k_w| {
            let plate = Conversion::Plate(PlateExchanger { fouling_k_w, ..clean });
            let flow = plate.primary_flow_kg_s(60.0, primary, secondary, 57.0);
            (flow, plate.convert(Stream { mass_flow_kg_s: flow, ..primary }, secondary, 57.0).primary_outlet_c)
        });
        assert!(flows[0].0 < flows[1].0 && flows[1].0 < flows[2].0);
        assert!(flows[0].1 < flows[1].1 && flows[1].1 < flows[2].1);
    }

    #[test]
    fn direct_connection_passes_the_water_itself() {
        let out = Conversion::Direct.convert(stream(40.0, 70.0), stream(40.0, 44.0), 0.0);
        assert_eq!((out.secondary_outlet_c, out.primary_outlet_c), (70.0, 44.0));
        // Half of the flow from the network, the other half runs in the circle.
        let half = Conversion::Direct.convert(stream(20.0, 70.0), stream(40.0, 44.0), 0.0);
        assert_eq!(half.secondary_outlet_c, 57.0);
        let still = Conversion::Mixing(MixingPump::Return).convert(stream(0.0, 70.0), stream(40.0, 44.0), 60.0);
        assert_eq!((still.secondary_outlet_c, still.primary_outlet_c), (44.0, 44.0));
    }
}
