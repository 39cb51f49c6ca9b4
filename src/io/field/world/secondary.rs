//! What the steady state of the network does not know of a substation or plant, made up in keeping with what it knows: the
//! secondary side, motors, tanks, weather.
//!
//! The secondary side follows the radiator law of its heating curve: the heat the primary side gives and the secondary flow
//! its pump makes leave only one pair of temperatures. The rest is plain arithmetic with usual efficiencies. Nothing here
//! acts on the network.

use crate::network::thermal::secondary_side;
use crate::network::{Consumer, Secondary, Source, SourceKind};
use crate::physics::heating_curve::HeatingCurve;

pub(super) const HEAT_CAPACITY_J_KGK: f64 = 4187.0;
pub(super) const SECONDARY_DENSITY_KG_M3: f64 = 985.0;
/// Speed at which pumps give their design flow, over rated speed: 42 and 45 Hz of 50.
pub const STATION_PUMP_SPEED: f64 = 0.84;
pub const SOURCE_PUMP_SPEED: f64 = 0.9;
/// Volts between phases, and cos φ.
const VOLTAGE_V: f64 = 400.0;
const POWER_FACTOR: f64 = 0.86;
/// Static pressure a station's make-up holds in the secondary return.
const STATION_REFERENCE_PA: f64 = 300_000.0;
/// Loss of the exchanger's secondary side and of the dirt filter at design flow.
const EXCHANGER_PA: f64 = 40_000.0;
const FILTER_PA: f64 = 8_000.0;
/// Water secondary networks lose, share of what circulates.
const SECONDARY_LOSS_SHARE: f64 = 5e-4;
const SOURCE_PUMP_EFFICIENCY: f64 = 0.75;
/// Lower heating values and efficiency: coal, gas, straw.
const COAL_J_KG: f64 = 20.9e6;
const GAS_J_KG: f64 = 48.0e6;
const STRAW_J_KG: f64 = 14.5e6;
const BOILER_EFFICIENCY: f64 = 0.88;

/// A substation's secondary side: what it is designed for, and what its controller is told.
#[derive(Clone, Debug)]
pub struct Station {
    pub design_heat_w: f64,
    curve: HeatingCurve,
    design_flow_kg_s: f64,
    rise_pa: f64,
    pump_efficiency: f64,
    /// Speed of the circulation pump over its rated speed.
    pub pump_speed: f64,
    /// Pressure the make-up holds in the return.
    pub make_up_pressure_pa: f64,
    /// Supply temperature the controller is told to hold; `None`: that of the heating curve.
    pub held_supply_c: Option<f64>,
    /// Opening the control valve is put to by hand; `None`: the controller has it.
    pub opening: Option<f64>,
}

/// What a substation shows at a moment, SI (m³/h).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StationNow {
    pub flow_m3_h: f64,
    pub heat_w: f64,
    pub supply_c: f64,
    pub return_c: f64,
    /// What the controller wants of the supply.
    pub set_supply_c: f64,
    pub supply_pa: f64,
    pub return_pa: f64,
    pub reference_pa: f64,
    pub filtered_pa: f64,
    pub pump_outlet_pa: f64,
    pub pump_w: f64,
    pub pump_speed: f64,
    pub make_up_m3_h: f64,
    pub level_m: f64,
    pub opening: f64,
    pub automatic: f64,
}

impl Station {
    /// From the consumer's own data; what they leave open as `network::thermal` has it.
    pub fn new(consumer: &Consumer, design_heat_w: f64, primary_supply_c: f64, design_outdoor_c: f64) -> Station {
        let usual = Secondary::default();
        let side = secondary_side(consumer, primary_supply_c, false, usual.room_temperature_c);
        let of = |side: &Secondary| HeatingCurve {
            room_c: side.room_temperature_c,
            design_outdoor_c,
            design_supply_c: side.secondary_supply_temperature_c,
            design_return_c: side.secondary_return_temperature_c,
            emitter_exponent: side.emitter_exponent,
        };
        // A side that contradicts itself is no reason to have no registers.
        let curve = Some(of(&side)).filter(HeatingCurve::is_valid).unwrap_or_else(|| of(&usual));
        let spread_k = curve.design_supply_c - curve.design_return_c;
        Station {
            design_heat_w,
            curve,
            design_flow_kg_s: design_heat_w / (HEAT_CAPACITY_J_KGK * spread_k),
            rise_pa: side.pump_rise_pa,
            pump_efficiency: side.pump_efficiency.clamp(0.1, 1.0),
            pump_speed: STATION_PUMP_SPEED,
            make_up_pressure_pa: STATION_REFERENCE_PA,
            held_supply_c: None,
            opening: None,
        }
    }

    /// Heat wanted at an outdoor temperature, as a share of that of design.
    pub fn wanted_share(&self, outdoor_c: f64) -> f64 {
        match self.held_supply_c {
            Some(supply_c) => self.curve.load_of_supply(supply_c, self.flow_share()),
            None => self.curve.relative_load(outdoor_c),
        }
    }

    /// Heat the weather wants, W, whatever the controller is told.
    pub fn weather_heat_w(&self, outdoor_c: f64) -> f64 {
        self.design_heat_w * self.curve.relative_load(outdoor_c)
    }

    fn flow_share(&self) -> f64 {
        (self.pump_speed / STATION_PUMP_SPEED).max(0.05)
    }

    /// The moment, from the heat that comes in. `opening` is that of the control valve where the controller has it; `wave`
    /// (−1…1) moves what is of no consequence.
    pub fn now(&self, heat_w: f64, outdoor_c: f64, opening: f64, wave: f64) -> StationNow {
        let share = self.flow_share();
        let flow_kg_s = self.design_flow_kg_s * share;
        let load = if self.design_heat_w > 0.0 { heat_w / self.design_heat_w } else { 0.0 };
        let temperatures = self.curve.at_load(load, share);
        let rise_pa = self.rise_pa * share * share;
        let inside_pa = (EXCHANGER_PA + FILTER_PA) * share * share;
        let flow_m3_h = 3600.0 * flow_kg_s / SECONDARY_DENSITY_KG_M3;
        let supply_pa = self.make_up_pressure_pa + rise_pa;
        StationNow {
            flow_m3_h,
            heat_w,
            supply_c: temperatures.supply_c,
            return_c: temperatures.return_c,
            set_supply_c: self.held_supply_c.unwrap_or_else(|| self.curve.at_outdoor(outdoor_c, share).supply_c),
            supply_pa,
            return_pa: self.make_up_pressure_pa,
            reference_pa: self.make_up_pressure_pa,
            filtered_pa: self.make_up_pressure_pa - FILTER_PA * share * share,
            pump_outlet_pa: supply_pa + EXCHANGER_PA * share * share,
            pump_w: flow_m3_h / 3600.0 * (rise_pa + inside_pa) / self.pump_efficiency,
            pump_speed: self.pump_speed,
            make_up_m3_h: SECONDARY_LOSS_SHARE * flow_m3_h * (1.0 + 0.3 * wave),
            level_m: 1.25 + 0.3 * wave,
            opening: self.opening.unwrap_or(opening),
            automatic: f64::from(u8::from(self.opening.is_none())),
        }
    }
}

/// What a plant shows at a moment beside what the network knows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SourceNow {
    pub outdoor_c: f64,
    pub humidity_share: f64,
    pub wind_m_s: f64,
    pub sun_w_m2: f64,
    pub return_pa: f64,
    pub supply_pa: f64,
    pub filtered_pa: f64,
    pub pump_w: f64,
    pub pump_speed: f64,
    pub make_up_m3_h: f64,
    /// Heat over capacity.
    pub load: f64,
    pub heat_w: f64,
    pub fuel_kg_s: f64,
    pub level_m: f64,
    pub running: f64,
}

/// Weather at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Weather {
    pub outdoor_c: f64,
    pub humidity_share: f64,
    pub wind_m_s: f64,
    pub sun_w_m2: f64,
}

/// What the network knows of a plant at a moment; 0 where it knows nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SourceKnown {
    pub flow_m3_h: f64,
    pub heat_w: f64,
    pub supply_pa: f64,
    pub return_pa: f64,
    pub make_up_m3_h: f64,
    /// Of its pumps, where the network has them.
    pub speed: Option<f64>,
    pub electric_w: Option<f64>,
}

/// A plant's moment. `speed` is that of pumps the network does not know.
pub fn source_now(source: &Source, known: &SourceKnown, weather: &Weather, speed: f64, wave: f64) -> SourceNow {
    let rise_pa = (known.supply_pa - known.return_pa).max(0.0);
    let capacity_w = source.capacity_w.filter(|w| *w > 0.0).unwrap_or_else(|| known.heat_w.max(1.0));
    let heating_value_j_kg = match source.kind {
        SourceKind::GasBoiler => GAS_J_KG,
        SourceKind::BiomassBoiler => STRAW_J_KG,
        _ => COAL_J_KG,
    };
    let running = f64::from(u8::from(source.running));
    SourceNow {
        outdoor_c: weather.outdoor_c,
        humidity_share: weather.humidity_share,
        wind_m_s: weather.wind_m_s,
        sun_w_m2: weather.sun_w_m2,
        return_pa: known.return_pa,
        supply_pa: known.supply_pa,
        filtered_pa: known.return_pa - FILTER_PA,
        pump_w: known.electric_w.unwrap_or(known.flow_m3_h / 3600.0 * (rise_pa + FILTER_PA) / SOURCE_PUMP_EFFICIENCY),
        pump_speed: known.speed.unwrap_or(speed * running),
        make_up_m3_h: known.make_up_m3_h,
        load: (known.heat_w / capacity_w).clamp(0.0, 1.2),
        heat_w: known.heat_w,
        fuel_kg_s: (known.heat_w / (BOILER_EFFICIENCY * heating_value_j_kg)).max(0.0),
        level_m: 1.25 + 0.3 * wave,
        running,
    }
}

/// Current of a motor, A.
pub fn current_a(electric_w: f64) -> f64 {
    electric_w / (3.0_f64.sqrt() * VOLTAGE_V * POWER_FACTOR)
}

/// Volts between phases.
pub fn voltage_v() -> f64 {
    VOLTAGE_V
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secondary_side_carries_the_heat_of_the_primary() {
        let mut station = Station::new(&Consumer::default(), 5e6, 110.0, -21.0);
        let design = station.now(5e6, -21.0, 0.6, 0.0);
        assert!((design.supply_c - design.set_supply_c).abs() < 1e-9, "{design:?}");
        let carried = |now: &StationNow| {
            now.flow_m3_h / 3600.0 * SECONDARY_DENSITY_KG_M3 * HEAT_CAPACITY_J_KGK * (now.supply_c - now.return_c)
        };
        for (speed, heat_w) in [(0.84, 5e6), (0.7, 4e6), (0.9, 1e6)] {
            station.pump_speed = speed;
            let now = station.now(heat_w, -5.0, 0.6, 0.3);
            assert!((carried(&now) - heat_w).abs() < 1e-3 * heat_w, "{now:?}");
            assert!(now.supply_pa > now.return_pa && now.pump_outlet_pa > now.supply_pa);
        }
        // A supply held at the curve's own value wants the same heat.
        station.pump_speed = STATION_PUMP_SPEED;
        let asked = station.wanted_share(-8.0);
        station.held_supply_c = Some(station.now(0.0, -8.0, 0.0, 0.0).set_supply_c);
        assert!((station.wanted_share(-8.0) - asked).abs() < 1e-9);
    }
}
