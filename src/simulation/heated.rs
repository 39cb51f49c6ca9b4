//! A substation with the buildings behind it as a consumer of the network: heating curve, plate exchanger, secondary water and
//! one thermal mass, from nothing but the heat the network's data gives for a design outdoor temperature.
//!
//! Mechanism: `physics::station` and `physics::building` as they are, joined by the secondary supply and return. What the
//! building sends back in a step enters the station in the next one (minutes, where secondary networks delay longer). A
//! station known better is built from its own parts with [`HeatedStation::new`].

use super::terminal::{Consumer, Moment, Passed};
use crate::physics::building::{
    Building, BuildingControl, BuildingInputs, BuildingState, Emitter, MassState, ThermalMass,
};
use crate::physics::exchanger::{PlateExchanger, ua_from_design_w_k};
use crate::physics::heating_curve::HeatingCurve;
use crate::physics::station::{
    Actuator, Circuit, CircuitPump, Conversion, MixedVolume, SecondarySystem, SetPoint, Station, StationInputs,
    SystemInputs, SystemState,
};

/// Secondary design temperatures of radiators in retrofitted stations, °C, and their emitter exponent.
const SECONDARY_SUPPLY_C: f64 = 75.0;
const SECONDARY_RETURN_C: f64 = 50.0;
const RADIATOR_EXPONENT: f64 = 0.3;
/// Room temperature of the design (GB/T 33833).
const ROOM_C: f64 = 18.0;
/// Residential building of brick.
const TIME_CONSTANT_S: f64 = 100.0 * 3600.0;
/// Time the secondary water takes once round its mains, s.
const SECONDARY_ROUND_S: f64 = 1800.0;
/// The exchanger's approach at the hot end where the primary supply allows no more.
const LEAST_APPROACH_K: f64 = 3.0;
/// Valve fully open: more than the design flow.
const VALVE_RESERVE: f64 = 1.3;
/// Travel time of a heating valve's motor, s.
const TRAVEL_TIME_S: f64 = 120.0;
const HEAT_CAPACITY_J_KGK: f64 = 4187.0;
/// Resistance of a secondary circuit, Pa, and efficiency of its pump set.
const SECONDARY_LOSS_PA: f64 = 1.5e5;
const PUMP_EFFICIENCY: f64 = 0.65;
const WATER_KG_M3: f64 = 985.0;
/// Technical room of the station, °C.
const STATION_ROOM_C: f64 = 20.0;

/// A station and its buildings, taken as one.
#[derive(Clone, Debug)]
pub struct HeatedStation {
    station: Station,
    states: Vec<SystemState>,
    building: Building,
    building_state: BuildingState,
    inputs: Vec<SystemInputs>,
    /// Room temperature °C, secondary supply °C, secondary return °C, opening of the valve.
    recorded: [f32; 4],
}

const RECORDED: [&str; 4] =
    ["room_temperature_c", "secondary_supply_temperature_c", "secondary_return_temperature_c", "valve_opening"];

impl HeatedStation {
    /// A station of one secondary system before a building, at rest at a room temperature.
    pub fn new(station: Station, building: Building, secondary_c: f64, room_c: f64, outdoor_c: f64) -> HeatedStation {
        let states = station.start(secondary_c, outdoor_c);
        let inputs = vec![SystemInputs { user_return_c: secondary_c, flow_share: 1.0 }; station.systems.len()];
        let mass = MassState { room_c, structure_c: room_c };
        HeatedStation {
            station,
            states,
            building,
            building_state: BuildingState { mass, entrance_share: 1.0 },
            inputs,
            recorded: [room_c as f32, secondary_c as f32, secondary_c as f32, 0.0],
        }
    }

    /// From the heat a consumer asks for at a design outdoor temperature and the primary temperatures of the network; starts
    /// where it rests at `outdoor_c`. `None` where these make no station (no heat, or a primary colder than the secondary).
    pub fn from_design(
        heat_w: f64,
        primary_supply_c: f64,
        primary_return_c: f64,
        design_outdoor_c: f64,
        outdoor_c: f64,
    ) -> Option<HeatedStation> {
        let curve = HeatingCurve {
            room_c: ROOM_C,
            design_outdoor_c,
            design_supply_c: SECONDARY_SUPPLY_C.min(primary_supply_c - LEAST_APPROACH_K),
            design_return_c: SECONDARY_RETURN_C.min(primary_return_c - LEAST_APPROACH_K),
            emitter_exponent: RADIATOR_EXPONENT,
        };
        if !curve.is_valid() || !(heat_w > 0.0 && heat_w.is_finite()) {
            return None;
        }
        let secondary_k = curve.design_supply_c - curve.design_return_c;
        let secondary_kg_s = heat_w / (HEAT_CAPACITY_J_KGK * secondary_k);
        let primary_kg_s = heat_w / (HEAT_CAPACITY_J_KGK * (primary_supply_c - primary_return_c));
        let plate = PlateExchanger {
            design_ua_w_k: ua_from_design_w_k(
                heat_w,
                primary_supply_c - curve.design_supply_c,
                primary_return_c - curve.design_return_c,
            )?,
            design_primary_kg_s: primary_kg_s,
            design_secondary_kg_s: secondary_kg_s,
            wall_share: 0.1,
            film_exponent: 0.7,
            fouling_k_w: 0.0,
        };
        let volume = MixedVolume { water_kg: 0.5 * SECONDARY_ROUND_S * secondary_kg_s, loss_w_k: 0.0 };
        let system = SecondarySystem {
            conversion: Conversion::Plate(plate),
            set_point: SetPoint::plain(curve),
            actuator: Actuator { travel_time_s: TRAVEL_TIME_S, dead_band: 0.0 },
            circuit: Circuit {
                design_flow_kg_s: secondary_kg_s,
                heat_capacity_j_kgk: HEAT_CAPACITY_J_KGK,
                supply: volume,
                back: volume,
                pump: CircuitPump {
                    pressure_rise_pa: SECONDARY_LOSS_PA,
                    efficiency: PUMP_EFFICIENCY,
                    density_kg_m3: WATER_KG_M3,
                },
                make_up_share: 0.0,
                make_up_c: 10.0,
            },
            full_primary_kg_s: VALVE_RESERVE * primary_kg_s,
            primary_heat_capacity_j_kgk: HEAT_CAPACITY_J_KGK,
        };
        let building = Building {
            mass: ThermalMass::single(heat_w / (ROOM_C - design_outdoor_c), TIME_CONSTANT_S),
            emitter: Emitter::from_design(
                heat_w,
                curve.design_supply_c,
                curve.design_return_c,
                ROOM_C,
                RADIATOR_EXPONENT,
            )?,
            emitter_structure_share: 0.0,
            design_flow_kg_s: secondary_kg_s,
            heat_capacity_j_kgk: HEAT_CAPACITY_J_KGK,
            solar_aperture_m2: 0.0,
            control: BuildingControl::None,
        };
        let at = curve.at_outdoor(outdoor_c, 1.0);
        let mut out = HeatedStation::new(Station { systems: vec![system] }, building, at.supply_c, ROOM_C, outdoor_c);
        let load = curve.relative_load(outdoor_c).clamp(0.0, 1.0);
        for (state, input) in out.states.iter_mut().zip(&mut out.inputs) {
            (state.supply_c, state.return_c) = (at.supply_c, at.return_c);
            state.opening = load / VALVE_RESERVE;
            input.user_return_c = at.return_c;
        }
        Some(out)
    }

    /// Room temperature.
    pub fn room_c(&self) -> f64 {
        self.building_state.mass.room_c
    }

    fn at(&self, now: &Moment, inlet_c: f64) -> StationInputs {
        StationInputs {
            primary_inlet_c: inlet_c,
            outdoor_c: now.weather.temperature_c,
            ambient_c: STATION_ROOM_C,
            time_s: now.calendar_s,
        }
    }
}

impl Consumer for HeatedStation {
    fn wanted_flow_kg_s(&self, now: &Moment, before: &Passed) -> f64 {
        self.station.demand(&self.states, &self.at(now, before.inlet_c), &self.inputs, now.step_s)
    }

    fn return_c(&self, now: &Moment, inlet_c: f64, mass_flow_kg_s: f64) -> f64 {
        let mut states = self.states.clone();
        let at = self.at(now, inlet_c);
        self.station.step(&mut states, &at, &self.inputs, mass_flow_kg_s, now.step_s).primary_return_c
    }

    fn settle(&mut self, now: &Moment, passed: &Passed) {
        let at = self.at(now, passed.inlet_c);
        let flow_kg_s = passed.mass_flow_kg_s.max(0.0);
        let out = self.station.step(&mut self.states, &at, &self.inputs, flow_kg_s, now.step_s);
        let Some(system) = out.systems.first() else { return };
        let inputs = BuildingInputs {
            supply_c: system.supply_c,
            offered_flow_kg_s: self.building.design_flow_kg_s,
            outdoor_c: now.weather.temperature_c,
            wind_m_s: now.weather.wind_m_s,
            solar_w_m2: now.weather.solar_w_m2,
            internal_gain_w: 0.0,
            set_point_c: ROOM_C,
        };
        let heated = self.building.step(&mut self.building_state, &inputs, now.step_s);
        for input in &mut self.inputs {
            input.user_return_c = heated.return_c;
        }
        self.recorded = [heated.room_c as f32, system.supply_c as f32, system.return_c as f32, system.opening as f32];
    }

    fn recorded(&self) -> &[f32] {
        &self.recorded
    }

    fn recorded_names(&self) -> &[&'static str] {
        &RECORDED
    }

    fn boxed_clone(&self) -> Box<dyn Consumer> {
        Box::new(self.clone())
    }
}
