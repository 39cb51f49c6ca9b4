//! A substation with the buildings behind it as a consumer of the network: heating curve, plate exchanger, secondary water and
//! one thermal mass, from nothing but the heat the network's data gives for a design outdoor temperature.
//!
//! Mechanism: `physics::station` and `physics::building` as they are, joined by the secondary supply and return. What the
//! building sends back enters the station in its next step (minutes, where secondary networks delay longer). Stations known
//! better, with several zones or other conversions, are built from their own parts with [`HeatedStation::new`].

use super::terminal::{Consumer, Moment, Passed};
use crate::physics::building::{
    Building, BuildingControl, BuildingInputs, BuildingState, Emitter, MassState, ThermalMass,
};
use crate::physics::exchanger::{PlateExchanger, ua_from_design_w_k};
use crate::physics::heating_curve::HeatingCurve;
use crate::physics::station::{
    Actuator, Circuit, CircuitPump, Conversion, MixedVolume, SecondarySystem, SetPoint, StationInputs, SystemInputs,
    SystemState,
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

/// The controller decides anew when one of these has moved since it last did: set supply, primary inlet, secondary return, K.
/// The flow it leaves unchanged is then right to about 0.2 %.
const DECISION_K: [f64; 3] = [0.05, 0.2, 0.1];
/// Buildings answer in hours; they are stepped no more often than this.
const BUILDING_STEP_S: f64 = 300.0;

/// One pressure zone: a secondary system and the buildings behind it, taken as one.
#[derive(Clone, Copy, Debug)]
struct Zone {
    system: SecondarySystem,
    state: SystemState,
    inputs: SystemInputs,
    building: Building,
    building_state: BuildingState,
    /// Set supply, primary inlet and secondary return the valve's target was found for, and the target.
    decided_for_c: [f64; 3],
    target: f64,
    /// Of the step under way: set supply, secondary return, opening at the end, mean primary flow asked for.
    wanted_c: f64,
    back_c: f64,
    opening_end: f64,
    asked_kg_s: f64,
    /// Since the building's last step: time, and secondary supply times time.
    waiting_s: f64,
    supply_c_s: f64,
}

/// A substation of one or several zones.
#[derive(Clone, Debug)]
pub struct HeatedStation {
    zones: Vec<Zone>,
    /// Of the first zone: room temperature °C, secondary supply °C, secondary return °C, opening of the valve.
    recorded: [f32; 4],
}

const RECORDED: [&str; 4] =
    ["room_temperature_c", "secondary_supply_temperature_c", "secondary_return_temperature_c", "valve_opening"];

impl HeatedStation {
    /// Zones of a secondary system and its building each, at rest at a room temperature.
    pub fn new(
        zones: impl IntoIterator<Item = (SecondarySystem, Building)>,
        secondary_c: f64,
        room_c: f64,
        outdoor_c: f64,
    ) -> HeatedStation {
        let mass = MassState { room_c, structure_c: room_c };
        let zone = |(system, building): (SecondarySystem, Building)| Zone {
            system,
            state: system.start(secondary_c, outdoor_c),
            inputs: SystemInputs { user_return_c: secondary_c, flow_share: 1.0 },
            building,
            building_state: BuildingState { mass, entrance_share: 1.0 },
            decided_for_c: [f64::NAN; 3],
            target: 0.0,
            wanted_c: secondary_c,
            back_c: secondary_c,
            opening_end: 0.0,
            asked_kg_s: 0.0,
            waiting_s: 0.0,
            supply_c_s: 0.0,
        };
        HeatedStation {
            zones: zones.into_iter().map(zone).collect(),
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
        if !(curve.is_valid() && heat_w > 0.0 && heat_w.is_finite()) {
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
        let mut out = HeatedStation::new([(system, building)], at.supply_c, ROOM_C, outdoor_c);
        let load = curve.relative_load(outdoor_c).clamp(0.0, 1.0);
        for zone in &mut out.zones {
            (zone.state.supply_c, zone.state.return_c) = (at.supply_c, at.return_c);
            zone.state.opening = load / VALVE_RESERVE;
            zone.inputs.user_return_c = at.return_c;
        }
        Some(out)
    }

    /// Room temperature of the coldest zone; NaN without zones.
    pub fn room_c(&self) -> f64 {
        self.zones.iter().map(|zone| zone.building_state.mass.room_c).fold(f64::NAN, f64::min)
    }

    /// Primary flow of a zone where the station gets this much: shared as asked for.
    fn share_kg_s(&self, zone: &Zone, mass_flow_kg_s: f64) -> f64 {
        let asked: f64 = self.zones.iter().map(|zone| zone.asked_kg_s).sum();
        if asked > 0.0 { mass_flow_kg_s * zone.asked_kg_s / asked } else { mass_flow_kg_s / self.zones.len() as f64 }
    }
}

fn station_inputs(now: &Moment, inlet_c: f64) -> StationInputs {
    StationInputs {
        primary_inlet_c: inlet_c,
        outdoor_c: now.weather.temperature_c,
        ambient_c: STATION_ROOM_C,
        time_s: now.calendar_s,
    }
}

impl Zone {
    /// What the controller does in the coming step; gives the flow it asks for.
    fn decide(&mut self, at: &StationInputs, step_s: f64) -> f64 {
        let (wanted_c, back_c) = self.system.wish_c(&self.state, at, &self.inputs, step_s);
        let now_c = [wanted_c, at.primary_inlet_c, back_c];
        // Not near a NaN either: nothing has been decided yet.
        let near = now_c.iter().zip(&self.decided_for_c).zip(DECISION_K).all(|((a, b), k)| (a - b).abs() <= k);
        if !near {
            self.target = self.system.opening_for(at, &self.inputs, wanted_c, back_c);
            self.decided_for_c = now_c;
        }
        let travel = self.system.actuator.travel(self.state.opening, self.target, step_s);
        (self.wanted_c, self.back_c, self.opening_end) = (wanted_c, back_c, travel.end);
        self.asked_kg_s = travel.mean * self.system.full_primary_kg_s;
        self.asked_kg_s
    }

    /// Goes on with the primary flow that came; gives the mean secondary supply.
    fn settle(&mut self, now: &Moment, at: &StationInputs, primary_kg_s: f64) {
        let out = self.system.step_planned(
            &mut self.state,
            at,
            &self.inputs,
            primary_kg_s,
            self.wanted_c,
            self.opening_end,
            now.step_s,
        );
        self.waiting_s += now.step_s;
        self.supply_c_s += now.step_s * out.supply_c;
        if self.waiting_s < BUILDING_STEP_S * (1.0 - 1e-9) {
            return;
        }
        let inputs = BuildingInputs {
            supply_c: self.supply_c_s / self.waiting_s,
            offered_flow_kg_s: self.building.design_flow_kg_s,
            outdoor_c: now.weather.temperature_c,
            wind_m_s: now.weather.wind_m_s,
            solar_w_m2: now.weather.solar_w_m2,
            internal_gain_w: 0.0,
            set_point_c: match self.building.control {
                BuildingControl::Entrance(control) => {
                    self.system.set_point.entrance_c(control.quantity, now.weather.temperature_c)
                }
                BuildingControl::None | BuildingControl::Thermostat(_) => ROOM_C,
            },
        };
        let heated = self.building.step(&mut self.building_state, &inputs, self.waiting_s);
        self.inputs.user_return_c = heated.return_c;
        (self.waiting_s, self.supply_c_s) = (0.0, 0.0);
    }
}

impl Consumer for HeatedStation {
    fn wanted_flow_kg_s(&mut self, now: &Moment, before: &Passed) -> f64 {
        let at = station_inputs(now, before.inlet_c);
        self.zones.iter_mut().map(|zone| zone.decide(&at, now.step_s)).sum()
    }

    fn return_c(&self, now: &Moment, inlet_c: f64, mass_flow_kg_s: f64) -> f64 {
        let at = station_inputs(now, inlet_c);
        let (mut flow, mut sum) = (0.0, 0.0);
        for zone in &self.zones {
            let own = self.share_kg_s(zone, mass_flow_kg_s);
            let out = zone.system.converted(&at, &zone.inputs, own, zone.wanted_c, zone.back_c);
            flow += own;
            sum += own * out.primary_outlet_c;
        }
        if flow > 0.0 { sum / flow } else { inlet_c }
    }

    fn settle(&mut self, now: &Moment, passed: &Passed) {
        let at = station_inputs(now, passed.inlet_c);
        for row in 0..self.zones.len() {
            let own = self.share_kg_s(&self.zones[row], passed.mass_flow_kg_s.max(0.0));
            self.zones[row].settle(now, &at, own);
        }
        if let Some(zone) = self.zones.first() {
            self.recorded = [
                zone.building_state.mass.room_c as f32,
                zone.state.supply_c as f32,
                zone.state.return_c as f32,
                zone.state.opening as f32,
            ];
        }
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
