//! What gives heat from water to a room: radiators and floors by one power law along the water's path.
//!
//! Mechanism: a piece of emitter gives off heat with the power 1 + b of its excess over the room (EN 442: n = 1 + b,
//! radiators b ≈ 0.3, floors b ≈ 0.1). Integrated along the water, the excess x falls to y with
//! y^(−b) = x^(−b) + b·k/(m cp): closed, no iteration, right at any flow. With the mean of both ends instead (as a
//! heating curve is drawn) a trickle would leave colder than the room. At the flow of design both differ by less than
//! 0.1 K of the return. Not here: the water's own heat content, standing water.

/// An emitter of heat, or all those of a building together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Emitter {
    /// b ≥ 0.
    pub exponent: f64,
    /// k of the power law, W/K^(1+b).
    coefficient: f64,
}

/// Heat given off at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct EmitterHeat {
    pub heat_w: f64,
    /// Temperature the water leaves with; that of the room where no water flows.
    pub return_c: f64,
    /// ∂heat/∂room temperature, W/K, ≤ 0.
    pub slope_w_k: f64,
}

impl Emitter {
    /// From the heat at design temperatures; `None` unless supply > return > room and the heat is positive.
    pub fn from_design(heat_w: f64, supply_c: f64, return_c: f64, room_c: f64, exponent: f64) -> Option<Emitter> {
        let (x, y) = (supply_c - room_c, return_c - room_c);
        let valid = heat_w > 0.0 && heat_w.is_finite() && y > 0.0 && x > y && x.is_finite() && exponent >= 0.0;
        if !valid || !exponent.is_finite() {
            return None;
        }
        let flow_w_k = heat_w / (x - y);
        // b → 0 is the logarithm; below 1e-6 the quotient would lose its digits.
        let difference =
            if exponent < 1e-6 { (x / y).ln() } else { (y.powf(-exponent) - x.powf(-exponent)) / exponent };
        Some(Emitter { exponent, coefficient: flow_w_k * difference })
    }

    /// So many times as large, at so many times the flow.
    pub fn times(self, factor: f64) -> Emitter {
        Emitter { coefficient: factor * self.coefficient, ..self }
    }

    /// Whether all constants are those of another to a relative tolerance.
    pub fn is_nearly(&self, other: &Emitter, tolerance: f64) -> bool {
        let near = |a: f64, b: f64| (a - b).abs() <= tolerance * b.abs();
        near(self.exponent, other.exponent) && near(self.coefficient, other.coefficient)
    }

    /// Heat at a supply temperature, a water flow (as heat capacity flow m·cp, W/K) and a room temperature. Nothing
    /// where the water is no warmer than the room or stands: emitters are not counted as coolers.
    pub fn heat(&self, supply_c: f64, flow_w_k: f64, room_c: f64) -> EmitterHeat {
        let x = supply_c - room_c;
        if !(x > 0.0 && flow_w_k > 0.0) {
            return EmitterHeat {
                heat_w: 0.0,
                return_c: if flow_w_k > 0.0 { supply_c } else { room_c },
                slope_w_k: 0.0,
            };
        }
        let b = self.exponent;
        let (ratio, return_slope) = if b < 1e-6 {
            let ratio = (-self.coefficient / flow_w_k).exp();
            (ratio, ratio)
        } else {
            let ratio = (1.0 + b * self.coefficient / flow_w_k * x.powf(b)).powf(-1.0 / b);
            (ratio, ratio.powf(1.0 + b))
        };
        let heat_w = flow_w_k * x * (1.0 - ratio);
        EmitterHeat { heat_w, return_c: room_c + x * ratio, slope_w_k: -flow_w_k * (1.0 - return_slope) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn radiators(exponent: f64) -> Emitter {
        Emitter::from_design(100_000.0, 75.0, 50.0, 18.0, exponent).unwrap()
    }

    #[test]
    fn design_point_is_met_for_every_exponent() {
        for exponent in [0.0, 1e-7, 0.1, 0.3, 0.5] {
            let at = radiators(exponent).heat(75.0, 4000.0, 18.0);
            assert!((at.heat_w - 100_000.0).abs() < 1e-4, "{exponent}: {at:?}");
            assert!((at.return_c - 50.0).abs() < 1e-8, "{exponent}: {at:?}");
        }
    }

    #[test]
    fn follows_the_heating_curve_at_part_load() {
        // 95/70 at 18 °C, b = 0.3: the published curve gives 49.81/41.49 at 13/39.1 of the load.
        let emitter = Emitter::from_design(1e5, 95.0, 70.0, 18.0, 0.3).unwrap();
        let at = emitter.heat(49.81, 4000.0, 18.0);
        assert!((at.heat_w / 1e5 - 13.0 / 39.1).abs() < 0.003, "{at:?}");
        assert!((at.return_c - 41.49).abs() < 0.08, "{at:?}");
    }

    #[test]
    fn large_flow_is_the_plain_power_law() {
        // Water hardly cools: heat = k·x^1.3, k from design.
        let emitter = radiators(0.3);
        let ratio = emitter.heat(60.0, 1e9, 20.0).heat_w / emitter.heat(40.0, 1e9, 20.0).heat_w;
        assert!((ratio - 2.0_f64.powf(1.3)).abs() < 1e-4, "{ratio}");
    }

    #[test]
    fn a_trickle_leaves_at_room_temperature_not_below() {
        let at = radiators(0.3).heat(75.0, 1e-3, 18.0);
        assert!(at.return_c >= 18.0 && at.return_c < 18.01, "{at:?}");
        assert!((at.heat_w - 1e-3 * 57.0).abs() < 1e-4);
        assert_eq!(radiators(0.3).heat(75.0, 0.0, 18.0).heat_w, 0.0);
        assert_eq!(radiators(0.3).heat(15.0, 4000.0, 18.0).heat_w, 0.0);
    }

    #[test]
    fn slope_is_the_derivative() {
        for (exponent, flow) in [(0.3, 4000.0), (0.1, 300.0), (0.0, 2000.0)] {
            let emitter = radiators(exponent);
            let step = 1e-4;
            let (up, down) = (emitter.heat(65.0, flow, 20.0 + step), emitter.heat(65.0, flow, 20.0 - step));
            let slope = (up.heat_w - down.heat_w) / (2.0 * step);
            assert!((slope / emitter.heat(65.0, flow, 20.0).slope_w_k - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn nonsense_design_is_refused() {
        assert_eq!(Emitter::from_design(1e5, 50.0, 75.0, 18.0, 0.3), None);
        assert_eq!(Emitter::from_design(1e5, 75.0, 18.0, 18.0, 0.3), None);
        assert_eq!(Emitter::from_design(f64::NAN, 75.0, 50.0, 18.0, 0.3), None);
    }
}
