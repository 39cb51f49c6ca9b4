//! A substation in time: secondary systems side by side on one primary pair.
//!
//! Mechanism: the controller is taken as well tuned: it knows the primary flow that gives its set-point now, and the
//! valve's motor travels there (so there are no tuning constants and no step is too long). The opening stands for the
//! share of the full primary flow, as an equal-percentage valve with good authority makes it. What flow really comes is
//! the network's answer and goes into [`Station::step`]. Heat is kept account of to the last bits: primary heat plus
//! electricity = heat to the secondary water.

use super::actuator::Actuator;
use super::circuit::Circuit;
use super::conversion::{Conversion, Converted};
use super::set_point::{SetPoint, SetPointState};
use crate::physics::exchanger::Stream;

/// One secondary system (a pressure zone: 低区, 中区, 高区).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SecondarySystem {
    pub conversion: Conversion,
    pub set_point: SetPoint,
    pub actuator: Actuator,
    pub circuit: Circuit,
    /// Primary flow with the valve open, kg/s.
    pub full_primary_kg_s: f64,
    pub primary_heat_capacity_j_kgk: f64,
}

/// What a system remembers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SystemState {
    /// 0…1.
    pub opening: f64,
    /// Secondary supply and return water in the circuit, °C.
    pub supply_c: f64,
    pub return_c: f64,
    pub set_point: SetPointState,
}

/// What acts on a system during a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SystemInputs {
    /// Water coming back from the buildings, mean of the step, °C.
    pub user_return_c: f64,
    /// Secondary flow over its design, 0…
    pub flow_share: f64,
}

/// What acts on the whole station.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StationInputs {
    pub primary_inlet_c: f64,
    pub outdoor_c: f64,
    /// Around the secondary pipes, °C.
    pub ambient_c: f64,
    /// Seconds as in `calendar`.
    pub time_s: f64,
}

/// What a system did during a step; temperatures and powers are means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SystemOutputs {
    pub supply_set_c: f64,
    /// To the buildings.
    pub supply_c: f64,
    /// Into the exchanger.
    pub return_c: f64,
    pub primary_outlet_c: f64,
    pub primary_flow_kg_s: f64,
    pub heat_from_primary_w: f64,
    /// Boosters, without pumps.
    pub electricity_w: f64,
    pub pump_w: f64,
    pub make_up_kg_s: f64,
    pub opening: f64,
}

impl SecondarySystem {
    /// At rest at a temperature of its water, valve closed.
    pub fn start(&self, water_c: f64, outdoor_c: f64) -> SystemState {
        SystemState { opening: 0.0, supply_c: water_c, return_c: water_c, set_point: self.set_point.start(outdoor_c) }
    }

    /// Return water in front of the exchanger: (end, mean), °C.
    fn back_c(&self, state: &SystemState, at: &StationInputs, inputs: &SystemInputs, seconds: f64) -> (f64, f64) {
        let flow_kg_s = self.secondary_kg_s(inputs);
        let inflow_c = self.circuit.with_make_up_c(inputs.user_return_c);
        self.circuit.back.step(
            state.return_c,
            inflow_c,
            flow_kg_s,
            at.ambient_c,
            self.circuit.heat_capacity_j_kgk,
            seconds,
        )
    }

    fn secondary_kg_s(&self, inputs: &SystemInputs) -> f64 {
        self.circuit.design_flow_kg_s * inputs.flow_share.max(0.0)
    }

    fn streams(&self, primary_kg_s: f64, at: &StationInputs, back_c: f64, inputs: &SystemInputs) -> (Stream, Stream) {
        let primary = Stream {
            mass_flow_kg_s: primary_kg_s,
            inlet_c: at.primary_inlet_c,
            heat_capacity_j_kgk: self.primary_heat_capacity_j_kgk,
        };
        let secondary = Stream {
            mass_flow_kg_s: self.secondary_kg_s(inputs),
            inlet_c: back_c,
            heat_capacity_j_kgk: self.circuit.heat_capacity_j_kgk,
        };
        (primary, secondary)
    }

    /// Set supply and return in front of the exchanger in the coming step, °C.
    pub fn wish_c(&self, state: &SystemState, at: &StationInputs, inputs: &SystemInputs, seconds: f64) -> (f64, f64) {
        let (_, back_c) = self.back_c(state, at, inputs, seconds);
        let set_point = self.set_point.advance(state.set_point, at.outdoor_c, back_c, at.time_s, seconds);
        (self.set_point.supply_c(set_point, back_c, at.time_s), back_c)
    }

    /// Primary flow that brings the secondary supply to a wish, as a share of the full one.
    pub fn opening_for(&self, at: &StationInputs, inputs: &SystemInputs, wanted_c: f64, back_c: f64) -> f64 {
        let (primary, secondary) = self.streams(0.0, at, back_c, inputs);
        let flow = self.conversion.primary_flow_kg_s(self.full_primary_kg_s, primary, secondary, wanted_c);
        if self.full_primary_kg_s > 0.0 { flow / self.full_primary_kg_s } else { 0.0 }
    }

    /// What passes the conversion at a primary flow.
    pub fn converted(
        &self,
        at: &StationInputs,
        inputs: &SystemInputs,
        primary_kg_s: f64,
        wanted_c: f64,
        back_c: f64,
    ) -> Converted {
        let (primary, secondary) = self.streams(primary_kg_s, at, back_c, inputs);
        self.conversion.convert(primary, secondary, wanted_c)
    }

    /// Set supply and the valve's travel during the coming step.
    fn plan(
        &self,
        state: &SystemState,
        at: &StationInputs,
        inputs: &SystemInputs,
        seconds: f64,
    ) -> (f64, super::Travel) {
        let (wanted_c, back_c) = self.wish_c(state, at, inputs, seconds);
        let wanted = self.opening_for(at, inputs, wanted_c, back_c);
        (wanted_c, self.actuator.travel(state.opening, wanted, seconds))
    }

    /// Primary flow the valve would pass on average over the coming step if the network gives it, kg/s.
    pub fn demand_kg_s(&self, state: &SystemState, at: &StationInputs, inputs: &SystemInputs, seconds: f64) -> f64 {
        self.plan(state, at, inputs, seconds).1.mean * self.full_primary_kg_s
    }

    /// One step with the primary flow the network gave.
    pub fn step(
        &self,
        state: &mut SystemState,
        at: &StationInputs,
        inputs: &SystemInputs,
        primary_kg_s: f64,
        seconds: f64,
    ) -> SystemOutputs {
        let (supply_set_c, travel) = self.plan(state, at, inputs, seconds);
        self.step_planned(state, at, inputs, primary_kg_s, supply_set_c, travel.end, seconds)
    }

    /// One step whose set supply and valve position at the end are known already.
    pub fn step_planned(
        &self,
        state: &mut SystemState,
        at: &StationInputs,
        inputs: &SystemInputs,
        primary_kg_s: f64,
        supply_set_c: f64,
        opening_end: f64,
        seconds: f64,
    ) -> SystemOutputs {
        let (back_end_c, back_c) = self.back_c(state, at, inputs, seconds);
        let (primary, secondary) = self.streams(primary_kg_s, at, back_c, inputs);
        let converted = self.conversion.convert(primary, secondary, supply_set_c);
        let cp = self.circuit.heat_capacity_j_kgk;
        let (supply_end_c, supply_c) = self.circuit.supply.step(
            state.supply_c,
            converted.secondary_outlet_c,
            secondary.mass_flow_kg_s,
            at.ambient_c,
            cp,
            seconds,
        );
        let set_point = self.set_point.advance(state.set_point, at.outdoor_c, back_c, at.time_s, seconds);
        *state = SystemState { opening: opening_end, supply_c: supply_end_c, return_c: back_end_c, set_point };
        SystemOutputs {
            supply_set_c,
            supply_c,
            return_c: back_c,
            primary_outlet_c: converted.primary_outlet_c,
            primary_flow_kg_s: primary_kg_s,
            heat_from_primary_w: converted.heat_from_primary_w,
            electricity_w: converted.electricity_w,
            pump_w: self.circuit.pump.power_w(self.circuit.design_flow_kg_s, inputs.flow_share),
            make_up_kg_s: self.circuit.make_up_share.clamp(0.0, 1.0) * secondary.mass_flow_kg_s,
            opening: opening_end,
        }
    }
}

/// Several systems on one primary pair.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Station {
    pub systems: Vec<SecondarySystem>,
}

/// What the whole station did.
#[derive(Clone, Debug, PartialEq)]
pub struct StationOutputs {
    pub primary_flow_kg_s: f64,
    /// Of the systems' returns mixed; that of the primary inlet where nothing flows.
    pub primary_return_c: f64,
    pub heat_from_primary_w: f64,
    /// Boosters and pumps.
    pub electricity_w: f64,
    pub systems: Vec<SystemOutputs>,
}

impl Station {
    /// All systems at rest.
    pub fn start(&self, water_c: f64, outdoor_c: f64) -> Vec<SystemState> {
        self.systems.iter().map(|system| system.start(water_c, outdoor_c)).collect()
    }

    /// Primary flow the station takes over the coming step if the network gives it, kg/s. States and inputs one a
    /// system.
    pub fn demand(&self, states: &[SystemState], at: &StationInputs, inputs: &[SystemInputs], seconds: f64) -> f64 {
        self.demands(states, at, inputs, seconds).iter().sum()
    }

    fn demands(&self, states: &[SystemState], at: &StationInputs, inputs: &[SystemInputs], seconds: f64) -> Vec<f64> {
        self.systems
            .iter()
            .zip(states)
            .zip(inputs)
            .map(|((system, state), input)| system.demand_kg_s(state, at, input, seconds))
            .collect()
    }

    /// One step with the primary flow the network gave, shared between the systems as they asked for it.
    pub fn step(
        &self,
        states: &mut [SystemState],
        at: &StationInputs,
        inputs: &[SystemInputs],
        primary_kg_s: f64,
        seconds: f64,
    ) -> StationOutputs {
        let demands = self.demands(states, at, inputs, seconds);
        let asked: f64 = demands.iter().sum();
        let count = demands.len().max(1) as f64;
        let mut systems = Vec::with_capacity(demands.len());
        for (i, (system, (state, input))) in self.systems.iter().zip(states.iter_mut().zip(inputs)).enumerate() {
            let share = if asked > 0.0 { demands[i] / asked } else { 1.0 / count };
            systems.push(system.step(state, at, input, primary_kg_s * share, seconds));
        }
        let total: f64 = systems.iter().map(|out| out.primary_flow_kg_s).sum();
        let mixed: f64 = systems.iter().map(|out| out.primary_flow_kg_s * out.primary_outlet_c).sum();
        StationOutputs {
            primary_flow_kg_s: primary_kg_s,
            primary_return_c: if total > 0.0 { mixed / total } else { at.primary_inlet_c },
            heat_from_primary_w: systems.iter().map(|out| out.heat_from_primary_w).sum(),
            electricity_w: systems.iter().map(|out| out.electricity_w + out.pump_w).sum(),
            systems,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::physics::building::{Building, BuildingControl, BuildingInputs, BuildingState, Emitter, ThermalMass};
    use crate::physics::exchanger::{PlateExchanger, ua_from_design_w_k};
    use crate::physics::heating_curve::HeatingCurve;
    use crate::physics::station::{CircuitPump, MixedVolume};

    const CP: f64 = 4187.0;
    const HEAT_W: f64 = 2.0e6;
    const CURVE: HeatingCurve = HeatingCurve {
        room_c: 18.0,
        design_outdoor_c: -21.1,
        design_supply_c: 75.0,
        design_return_c: 50.0,
        emitter_exponent: 0.3,
    };

    /// 2 MW, primary 120/55, secondary 75/50.
    fn system() -> SecondarySystem {
        let (primary, secondary) = (HEAT_W / (65.0 * CP), HEAT_W / (25.0 * CP));
        SecondarySystem {
            conversion: Conversion::Plate(PlateExchanger {
                design_ua_w_k: ua_from_design_w_k(HEAT_W, 45.0, 5.0).unwrap(),
                design_primary_kg_s: primary,
                design_secondary_kg_s: secondary,
                wall_share: 0.1,
                film_exponent: 0.7,
                fouling_k_w: 0.0,
            }),
            set_point: SetPoint::plain(CURVE),
            actuator: Actuator { travel_time_s: 120.0, dead_band: 0.0 },
            circuit: Circuit {
                design_flow_kg_s: secondary,
                heat_capacity_j_kgk: CP,
                supply: MixedVolume { water_kg: 10_000.0, loss_w_k: 0.0 },
                back: MixedVolume { water_kg: 10_000.0, loss_w_k: 0.0 },
                pump: CircuitPump { pressure_rise_pa: 2e5, efficiency: 0.7, density_kg_m3: 980.0 },
                make_up_share: 0.0,
                make_up_c: 10.0,
            },
            full_primary_kg_s: 1.5 * primary,
            primary_heat_capacity_j_kgk: CP,
        }
    }

    fn building() -> Building {
        Building {
            mass: ThermalMass::single(HEAT_W / 39.1, 100.0 * 3600.0),
            emitter: Emitter::from_design(HEAT_W, 75.0, 50.0, 18.0, 0.3).unwrap(),
            emitter_structure_share: 0.0,
            design_flow_kg_s: HEAT_W / (25.0 * CP),
            heat_capacity_j_kgk: CP,
            solar_aperture_m2: 0.0,
            control: BuildingControl::None,
        }
    }

    fn weather(outdoor_c: f64, time_s: f64) -> StationInputs {
        StationInputs { primary_inlet_c: 120.0, outdoor_c, ambient_c: 10.0, time_s }
    }

    /// Station and building together for some days; the last outputs.
    fn run(station: &Station, outdoor_c: f64, step_s: f64, share: f64) -> (StationOutputs, f64) {
        let building = building();
        let mut states = station.start(40.0, outdoor_c);
        let mut house = BuildingState::at(18.0);
        let (mut back_c, mut last) = (40.0, None);
        for i in 0..(10.0 * 86_400.0 / step_s) as usize {
            let at = weather(outdoor_c, i as f64 * step_s);
            let inputs = [SystemInputs { user_return_c: back_c, flow_share: 1.0 }];
            let flow = share * station.demand(&states, &at, &inputs, step_s);
            let out = station.step(&mut states, &at, &inputs, flow, step_s);
            let room = building.step(
                &mut house,
                &BuildingInputs {
                    supply_c: out.systems[0].supply_c,
                    offered_flow_kg_s: building.design_flow_kg_s,
                    outdoor_c,
                    wind_m_s: 0.0,
                    solar_w_m2: 0.0,
                    internal_gain_w: 0.0,
                    set_point_c: 0.0,
                },
                step_s,
            );
            back_c = room.return_c;
            last = Some(out);
        }
        (last.unwrap(), house.mass.room_c)
    }

    #[test]
    fn design_day_settles_at_the_nameplate_at_any_step() {
        let station = Station { systems: vec![system()] };
        for step_s in [60.0, 600.0, 3600.0] {
            let (out, room_c) = run(&station, -21.1, step_s, 1.0);
            assert!((room_c - 18.0).abs() < 0.05, "{step_s}: {room_c}");
            assert!((out.systems[0].supply_c - 75.0).abs() < 0.05 && (out.systems[0].return_c - 50.0).abs() < 0.1);
            assert!((out.primary_return_c - 55.0).abs() < 0.2, "{step_s}: {out:?}");
            assert!((out.heat_from_primary_w / HEAT_W - 1.0).abs() < 0.005);
        }
    }

    #[test]
    fn primary_return_follows_the_secondary_in_milder_weather() {
        let station = Station { systems: vec![system()] };
        let (cold, _) = run(&station, -15.0, 600.0, 1.0);
        let (mild, room_c) = run(&station, 5.0, 600.0, 1.0);
        assert!(mild.primary_return_c < cold.primary_return_c - 10.0, "{mild:?}");
        assert!((room_c - 18.0).abs() < 0.15, "{room_c}");
    }

    #[test]
    fn half_the_water_leaves_rooms_cold_but_not_without_heat() {
        let station = Station { systems: vec![system()] };
        let (out, room_c) = run(&station, -15.0, 600.0, 0.3);
        assert!(room_c < 15.0 && room_c > -5.0, "{room_c}");
        assert!(out.systems[0].supply_c < out.systems[0].supply_set_c - 3.0);
    }

    #[test]
    fn the_motor_needs_its_time() {
        let station = Station { systems: vec![system()] };
        let mut states = station.start(40.0, -15.0);
        let inputs = [SystemInputs { user_return_c: 40.0, flow_share: 1.0 }];
        let demand = station.demand(&states, &weather(-15.0, 0.0), &inputs, 30.0);
        station.step(&mut states, &weather(-15.0, 0.0), &inputs, demand, 30.0);
        assert!((states[0].opening - 0.25).abs() < 1e-9, "{:?}", states[0]);
        assert!((demand - 0.125 * station.systems[0].full_primary_kg_s).abs() < 1e-9);
    }

    #[test]
    fn three_zones_share_the_water_as_they_ask_and_their_returns_mix() {
        let (low, mut high) = (system(), system());
        high.set_point.hour_shift_k = [-10.0; 24];
        let station = Station { systems: vec![low, low, high] };
        let at = weather(-10.0, 0.0);
        let mut states = station.start(45.0, -10.0);
        let inputs = [SystemInputs { user_return_c: 42.0, flow_share: 1.0 }; 3];
        let mut out = None;
        for _ in 0..200 {
            let flow = station.demand(&states, &at, &inputs, 120.0);
            out = Some(station.step(&mut states, &at, &inputs, flow, 120.0));
        }
        let out = out.unwrap();
        assert!((out.systems[0].primary_flow_kg_s - out.systems[1].primary_flow_kg_s).abs() < 1e-12);
        assert!(out.systems[2].primary_flow_kg_s < 0.7 * out.systems[0].primary_flow_kg_s);
        assert!((out.systems[2].supply_set_c - out.systems[0].supply_set_c + 10.0).abs() < 1e-9);
        let mixed: f64 = out.systems.iter().map(|s| s.primary_flow_kg_s * (120.0 - s.primary_outlet_c) * CP).sum();
        let of_station = out.primary_flow_kg_s * (120.0 - out.primary_return_c) * CP;
        assert!((mixed / of_station - 1.0).abs() < 1e-12 && (mixed / out.heat_from_primary_w - 1.0).abs() < 1e-9);
    }

    #[test]
    fn lost_water_costs_its_heat() {
        let mut leaking = system();
        leaking.circuit.make_up_share = 0.01;
        let at = weather(-10.0, 0.0);
        let inputs = SystemInputs { user_return_c: 42.0, flow_share: 1.0 };
        let mut state = leaking.start(42.0, -10.0);
        let mut out = leaking.step(&mut state, &at, &inputs, 5.0, 60.0);
        for _ in 0..500 {
            out = leaking.step(&mut state, &at, &inputs, 5.0, 60.0);
        }
        assert!((out.return_c - (42.0 - 0.01 * 32.0)).abs() < 1e-9);
        assert!((out.make_up_kg_s - 0.01 * leaking.circuit.design_flow_kg_s).abs() < 1e-12);
    }
}
