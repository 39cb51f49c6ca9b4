//! Secondary water of a substation: its heat content, pump, make-up and pressurisation.
//!
//! Mechanism: supply and return water are one mixed volume each (exact exponential over a step with constant inflow),
//! which delays and smooths as short secondary networks do. Water lost is lost at the return's temperature and replaced
//! cold. Not here: the secondary network pipe by pipe.

/// Standard acceleration of gravity, m/s².
const GRAVITY_M_S2: f64 = 9.80665;

/// Water that mixes and loses heat to its surroundings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MixedVolume {
    pub water_kg: f64,
    pub loss_w_k: f64,
}

impl MixedVolume {
    /// (end, mean) temperature after some seconds with a constant inflow. Without water the mean is what passes through.
    pub fn step(
        &self,
        start_c: f64,
        inflow_c: f64,
        flow_kg_s: f64,
        ambient_c: f64,
        heat_capacity_j_kgk: f64,
        seconds: f64,
    ) -> (f64, f64) {
        let flow_w_k = flow_kg_s.max(0.0) * heat_capacity_j_kgk;
        let sum_w_k = flow_w_k + self.loss_w_k;
        if sum_w_k <= 0.0 {
            return (start_c, start_c);
        }
        let steady_c = (flow_w_k * inflow_c + self.loss_w_k * ambient_c) / sum_w_k;
        let content_j_k = self.water_kg * heat_capacity_j_kgk;
        if content_j_k <= 0.0 {
            return (steady_c, steady_c);
        }
        let x = seconds * sum_w_k / content_j_k;
        let average = if x < 1e-8 { 1.0 - 0.5 * x } else { -(-x).exp_m1() / x };
        (steady_c + (start_c - steady_c) * (-x).exp(), steady_c + (start_c - steady_c) * average)
    }
}

/// Circulation pump of a secondary system.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CircuitPump {
    /// At design flow, Pa.
    pub pressure_rise_pa: f64,
    /// Pump, motor and converter together, 0…1.
    pub efficiency: f64,
    pub density_kg_m3: f64,
}

impl CircuitPump {
    /// Electric power at a share of the design flow, W; the circuit's resistance is quadratic, the pump follows by speed.
    pub fn power_w(&self, design_flow_kg_s: f64, share: f64) -> f64 {
        if self.efficiency <= 0.0 || self.density_kg_m3 <= 0.0 {
            return 0.0;
        }
        design_flow_kg_s * share.max(0.0).powi(3) * self.pressure_rise_pa / (self.density_kg_m3 * self.efficiency)
    }
}

/// One secondary system's water.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Circuit {
    pub design_flow_kg_s: f64,
    pub heat_capacity_j_kgk: f64,
    pub supply: MixedVolume,
    pub back: MixedVolume,
    pub pump: CircuitPump,
    /// Water lost, share of the circulation (≤ 1 % is asked for).
    pub make_up_share: f64,
    pub make_up_c: f64,
}

impl Circuit {
    /// Temperature of the return after the make-up has replaced what was lost, °C.
    pub fn with_make_up_c(&self, return_c: f64) -> f64 {
        let share = self.make_up_share.clamp(0.0, 1.0);
        return_c + share * (self.make_up_c - return_c)
    }
}

/// Gauge pressure to hold at a level so that the highest point stays full, Pa: static head, vapour pressure above
/// atmosphere where hotter than 100 °C, and a margin (30 kPa is usual).
pub fn static_pressure_pa(
    highest_point_m: f64,
    level_m: f64,
    density_kg_m3: f64,
    vapour_gauge_pa: f64,
    margin_pa: f64,
) -> f64 {
    (highest_point_m - level_m) * density_kg_m3 * GRAVITY_M_S2 + vapour_gauge_pa.max(0.0) + margin_pa
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mixed_volume_follows_its_inflow_with_its_renewal_time() {
        let volume = MixedVolume { water_kg: 3600.0, loss_w_k: 0.0 };
        let (end_c, mean_c) = volume.step(40.0, 60.0, 2.0, 10.0, 4200.0, 1800.0);
        assert!((end_c - (60.0 - 20.0 * (-1.0_f64).exp())).abs() < 1e-12);
        assert!((mean_c - (60.0 - 20.0 * (1.0 - (-1.0_f64).exp()))).abs() < 1e-12);
        // Heat in minus heat out is what is stored.
        let stored = 3600.0 * 4200.0 * (end_c - 40.0);
        assert!((stored - 2.0 * 4200.0 * (60.0 - mean_c) * 1800.0).abs() < 1e-3);
    }

    #[test]
    fn losses_and_standstill() {
        let volume = MixedVolume { water_kg: 1000.0, loss_w_k: 50.0 };
        let (end_c, mean_c) = volume.step(60.0, 99.0, 0.0, 10.0, 4200.0, 84_000.0);
        assert!((end_c - (10.0 + 50.0 * (-1.0_f64).exp())).abs() < 1e-10);
        let stored = 4.2e6 * (end_c - 60.0);
        assert!((stored + 50.0 * (mean_c - 10.0) * 84_000.0).abs() < 1e-3);
        assert_eq!(MixedVolume { water_kg: 0.0, loss_w_k: 0.0 }.step(60.0, 70.0, 1.0, 0.0, 4200.0, 9.0), (70.0, 70.0));
        assert_eq!(MixedVolume { water_kg: 5.0, loss_w_k: 0.0 }.step(60.0, 70.0, 0.0, 0.0, 4200.0, 9.0), (60.0, 60.0));
    }

    #[test]
    fn pump_power_and_static_pressure() {
        let pump = CircuitPump { pressure_rise_pa: 200_000.0, efficiency: 0.7, density_kg_m3: 980.0 };
        // 30 kg/s at 2 bar and 0.7: 8.75 kW; at half the flow an eighth.
        assert!((pump.power_w(30.0, 1.0) - 8746.4).abs() < 0.1);
        assert!((pump.power_w(30.0, 0.5) * 8.0 - 8746.4).abs() < 0.1);
        let pressure = static_pressure_pa(50.0, 0.0, 985.0, -30_000.0, 30_000.0);
        assert!((pressure - (50.0 * 985.0 * 9.80665 + 30_000.0)).abs() < 1e-6);
    }
}
