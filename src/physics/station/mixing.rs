//! Mixing stations (混水): primary water and the users' own return become their supply.
//!
//! m_p = m_s (T_s − T_r)/(T_p − T_r). The three types differ by the pump's place, hence by its flow, its head and the
//! pressure the users see: in the bypass (混水旁通加压), in the return (回水加压), in the supply (供水加压). A jet pump
//! (elevator, 喷射泵) mixes by the pressure of the primary water alone.

/// Where the mixing pump stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MixingPump {
    /// Lifts return water over to the supply; the network drives the users.
    #[default]
    Bypass,
    /// Behind the mixing point; the users see more than the network's return pressure.
    Supply,
    /// Before the bypass branches off; the users see less than the network's return pressure.
    Return,
}

/// What a mixing pump does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MixingPumpDuty {
    pub flow_kg_s: f64,
    pub pressure_rise_pa: f64,
    /// Users' supply and return pressure above the network's return main at the station, Pa.
    pub user_supply_pa: f64,
    pub user_return_pa: f64,
}

impl MixingPump {
    /// Duty for a primary and a secondary flow and the users' pressure loss. The bypass itself is taken without loss.
    pub fn duty(self, primary_kg_s: f64, secondary_kg_s: f64, user_loss_pa: f64) -> MixingPumpDuty {
        let (flow_kg_s, user_supply_pa, user_return_pa) = match self {
            MixingPump::Bypass => ((secondary_kg_s - primary_kg_s).max(0.0), user_loss_pa, 0.0),
            MixingPump::Supply => (secondary_kg_s, user_loss_pa, 0.0),
            MixingPump::Return => (secondary_kg_s, 0.0, -user_loss_pa),
        };
        MixingPumpDuty { flow_kg_s, pressure_rise_pa: user_loss_pa, user_supply_pa, user_return_pa }
    }
}

/// Primary flow for a supply temperature, kg/s: all primary where even that is too cold, none where the return is warm
/// enough.
pub fn primary_flow_kg_s(secondary_kg_s: f64, primary_c: f64, return_c: f64, supply_c: f64) -> f64 {
    if supply_c <= return_c {
        return 0.0;
    }
    if primary_c <= supply_c {
        return secondary_kg_s;
    }
    secondary_kg_s * (supply_c - return_c) / (primary_c - return_c)
}

/// Pressure difference a jet pump of best shape needs at its nozzle, over the pressure loss of the circuit behind it at a
/// mixing ratio of 0; grows with (1 + u)². Sokolov, E. Ya., Zinger, N. M.: Jet apparatus (Струйные аппараты), elevators
/// of heating systems: H = 1.4·h·(1 + u)².
const JET_PUMP_FACTOR: f64 = 1.4;

/// Pressure difference before a jet pump that drives a circuit of this loss at this mixing ratio, Pa.
pub fn jet_pump_drop_pa(circuit_drop_pa: f64, mixing_ratio: f64) -> f64 {
    JET_PUMP_FACTOR * circuit_drop_pa * (1.0 + mixing_ratio) * (1.0 + mixing_ratio)
}

/// Temperature of primary water mixed with u times as much return water, °C; heat capacities taken as equal.
pub fn mixed_temperature_c(supply_c: f64, return_c: f64, mixing_ratio: f64) -> f64 {
    (supply_c + mixing_ratio * return_c) / (1.0 + mixing_ratio)
}

/// Mixing ratio that gives a wanted temperature; `None` unless it lies between return and supply.
pub fn mixing_ratio(supply_c: f64, mixed_c: f64, return_c: f64) -> Option<f64> {
    (supply_c >= mixed_c && mixed_c > return_c).then(|| (supply_c - mixed_c) / (mixed_c - return_c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixing_ratio_by_hand() {
        // 110 °C and 45 °C to 60 °C: 15/65 of the flow.
        assert!((primary_flow_kg_s(13.0, 110.0, 45.0, 60.0) - 3.0).abs() < 1e-12);
        assert_eq!(primary_flow_kg_s(13.0, 55.0, 45.0, 60.0), 13.0);
        assert_eq!(primary_flow_kg_s(13.0, 110.0, 61.0, 60.0), 0.0);
    }

    #[test]
    fn the_three_pumps_differ_in_flow_and_pressure() {
        let duties = [MixingPump::Bypass, MixingPump::Supply, MixingPump::Return].map(|pump| pump.duty(3.0, 13.0, 8e4));
        assert_eq!(duties.map(|duty| duty.flow_kg_s), [10.0, 13.0, 13.0]);
        assert_eq!(duties.map(|duty| duty.user_return_pa), [0.0, 0.0, -8e4]);
        assert!(duties.iter().all(|duty| duty.user_supply_pa - duty.user_return_pa == 8e4));
    }

    #[test]
    fn the_textbook_elevator() {
        // 150/70 °C network, 95/70 °C radiators: u = 55/25 = 2.2; 10 kPa in the house take 1.4·10·3.2² = 143.4 kPa.
        let ratio = mixing_ratio(150.0, 95.0, 70.0);
        assert!(ratio.is_some_and(|u| (u - 2.2).abs() < 1e-12));
        assert!((jet_pump_drop_pa(10e3, 2.2) - 143_360.0).abs() < 1e-6);
        assert!((mixed_temperature_c(150.0, 70.0, 2.2) - 95.0).abs() < 1e-12);
        assert_eq!(mixing_ratio(90.0, 95.0, 70.0), None);
    }
}
