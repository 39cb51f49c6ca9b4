//! A heated building in time: masses, emitters, control, gains.
//!
//! Mechanism: over a step the emitters give a constant heat that equals what they give at the mean room temperature of
//! that step. This one equation has one root because emitters fall and rooms rise with temperature; so any step is
//! stable and heat, loss and stored heat close exactly. Not here: the temperature the water arrives with (pipes,
//! stations) and who shares the building's water.

use super::control::{EntranceControl, EntranceQuantity, Thermostat};
use super::emitter::Emitter;
use super::thermal_mass::{MassState, ThermalMass};
use crate::physics::root;

/// Constants of a building.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Building {
    pub mass: ThermalMass,
    pub emitter: Emitter,
    /// Share of the emitters' heat that goes into the structure: 0 for radiators, 1 for pipes in the floor.
    pub emitter_structure_share: f64,
    /// Water through the emitters at full opening, kg/s.
    pub design_flow_kg_s: f64,
    /// Water's heat capacity, J/(kg K).
    pub heat_capacity_j_kgk: f64,
    /// Window area times transmittance times orientation: what of horizontal radiation comes in, m².
    pub solar_aperture_m2: f64,
    pub control: BuildingControl,
}

/// How the flow is set.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum BuildingControl {
    /// As the network gives it.
    #[default]
    None,
    Thermostat(Thermostat),
    Entrance(EntranceControl),
}

/// What acts on a building during a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BuildingInputs {
    /// Temperature of the water arriving.
    pub supply_c: f64,
    /// Water offered by the network, kg/s; control throttles it further.
    pub offered_flow_kg_s: f64,
    pub outdoor_c: f64,
    pub wind_m_s: f64,
    /// On the horizontal, W/m².
    pub solar_w_m2: f64,
    /// From people and appliances, W.
    pub internal_gain_w: f64,
    /// What entrance control holds (room, return or mean water temperature); unused otherwise.
    pub set_point_c: f64,
}

/// State of a building between steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BuildingState {
    pub mass: MassState,
    /// Opening of the entrance controller, 0…1.
    pub entrance_share: f64,
}

/// What a step gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BuildingOutputs {
    /// Mean over the step, W.
    pub heat_w: f64,
    pub loss_w: f64,
    pub gain_w: f64,
    /// Mean room temperature of the step.
    pub room_c: f64,
    pub mass_flow_kg_s: f64,
    pub return_c: f64,
}

impl BuildingState {
    /// Everything at one temperature, valve open.
    pub fn at(temperature_c: f64) -> BuildingState {
        BuildingState { mass: MassState { room_c: temperature_c, structure_c: temperature_c }, entrance_share: 1.0 }
    }
}

impl Building {
    /// Whether all constants make sense.
    pub fn is_valid(&self) -> bool {
        self.mass.is_valid()
            && (0.0..=1.0).contains(&self.emitter_structure_share)
            && self.design_flow_kg_s > 0.0
            && self.design_flow_kg_s.is_finite()
            && self.heat_capacity_j_kgk > 0.0
            && self.solar_aperture_m2 >= 0.0
    }

    /// So many such buildings taken as one: masses, losses, windows, emitters and flow grow together, so that its room
    /// temperature is theirs.
    pub fn times(&self, factor: f64) -> Building {
        let mut out = *self;
        out.mass.capacity_j_k *= factor;
        out.mass.loss_w_k *= factor;
        out.mass.wind_loss_w_k_per_m_s *= factor;
        if let Some(structure) = &mut out.mass.structure {
            structure.capacity_j_k *= factor;
            structure.coupling_w_k *= factor;
            structure.loss_w_k *= factor;
        }
        out.emitter = out.emitter.times(factor);
        out.design_flow_kg_s *= factor;
        out.solar_aperture_m2 *= factor;
        out
    }

    /// Whether all constants are those of another to a relative tolerance.
    pub fn is_nearly(&self, other: &Building, tolerance: f64) -> bool {
        let near = |a: f64, b: f64| (a - b).abs() <= tolerance * b.abs();
        let structure = match (self.mass.structure, other.mass.structure) {
            (Some(a), Some(b)) => {
                near(a.capacity_j_k, b.capacity_j_k)
                    && near(a.coupling_w_k, b.coupling_w_k)
                    && near(a.loss_w_k, b.loss_w_k)
            }
            (a, b) => a.is_none() && b.is_none(),
        };
        structure
            && near(self.mass.capacity_j_k, other.mass.capacity_j_k)
            && near(self.mass.loss_w_k, other.mass.loss_w_k)
            && near(self.mass.wind_loss_w_k_per_m_s, other.mass.wind_loss_w_k_per_m_s)
            && self.emitter.is_nearly(&other.emitter, tolerance)
            && near(self.emitter_structure_share, other.emitter_structure_share)
            && near(self.design_flow_kg_s, other.design_flow_kg_s)
            && near(self.heat_capacity_j_kgk, other.heat_capacity_j_kgk)
            && near(self.solar_aperture_m2, other.solar_aperture_m2)
            && self.control == other.control
    }

    /// Flow through the emitters at a room temperature, kg/s.
    fn flow_kg_s(&self, offered_kg_s: f64, entrance_share: f64, room_c: f64) -> f64 {
        let share = match self.control {
            BuildingControl::None => 1.0,
            BuildingControl::Thermostat(valve) => valve.flow_share(room_c),
            BuildingControl::Entrance(_) => entrance_share,
        };
        // A controlled building takes no more than its own full flow; an uncontrolled one takes what comes.
        match self.control {
            BuildingControl::None => offered_kg_s.max(0.0),
            _ => (share * self.design_flow_kg_s).min(offered_kg_s.max(0.0)),
        }
    }

    /// One step of any length ≥ 0 with constant inputs.
    pub fn step(&self, state: &mut BuildingState, inputs: &BuildingInputs, seconds: f64) -> BuildingOutputs {
        let gain_w = inputs.internal_gain_w + self.solar_aperture_m2 * inputs.solar_w_m2.max(0.0);
        // Gains: sun and people warm room and structure alike.
        let gain_split = if self.mass.structure.is_some() { 0.5 } else { 0.0 };
        let advance = |heat_w: f64| {
            let to_structure = self.emitter_structure_share * heat_w + gain_split * gain_w;
            let to_room = heat_w + gain_w - to_structure;
            self.mass.step(state.mass, to_room, to_structure, inputs.outdoor_c, inputs.wind_m_s, seconds)
        };
        let heat_at = |room_c: f64| {
            let flow_kg_s = self.flow_kg_s(inputs.offered_flow_kg_s, state.entrance_share, room_c);
            (self.emitter.heat(inputs.supply_c, flow_kg_s * self.heat_capacity_j_kgk, room_c), flow_kg_s)
        };
        // The mean room temperature is linear in the heat: two evaluations give the line.
        let without_c = advance(0.0).mean.room_c;
        let per_w = advance(1.0e6).mean.room_c;
        let per_w = ((per_w - without_c) * 1.0e-6).max(0.0);
        let mean_c = if inputs.supply_c > without_c && per_w > 0.0 {
            let excess = |room_c: f64| room_c - without_c - per_w * heat_at(room_c).0.heat_w;
            self.mean_room_c(without_c, inputs.supply_c, &excess, &heat_at, per_w)
        } else {
            without_c
        };
        let (emitted, mass_flow_kg_s) = heat_at(mean_c);
        let step = advance(emitted.heat_w);
        if let BuildingControl::Entrance(control) = self.control {
            let held_c = match control.quantity {
                EntranceQuantity::Room => step.mean.room_c,
                EntranceQuantity::Return => emitted.return_c,
                EntranceQuantity::MeanWater => 0.5 * (inputs.supply_c + emitted.return_c),
            };
            state.entrance_share = control.next_share(state.entrance_share, held_c - inputs.set_point_c, seconds);
        }
        state.mass = step.end;
        BuildingOutputs {
            heat_w: emitted.heat_w,
            loss_w: self.mass.loss_w(step.mean, inputs.outdoor_c, inputs.wind_m_s),
            gain_w,
            room_c: step.mean.room_c,
            mass_flow_kg_s,
            return_c: emitted.return_c,
        }
    }

    /// Root of the rising function `excess` between the unheated room and the water: Newton from the left, which a
    /// plain emitter needs two or three steps of; a valve's corner falls back to the bracket.
    fn mean_room_c(
        &self,
        low_c: f64,
        high_c: f64,
        excess: &impl Fn(f64) -> f64,
        heat_at: &impl Fn(f64) -> (super::EmitterHeat, f64),
        per_w: f64,
    ) -> f64 {
        if matches!(self.control, BuildingControl::Thermostat(_)) {
            return root::between(low_c, high_c, 1e-10, excess);
        }
        let mut room_c = low_c;
        for _ in 0..12 {
            let (emitted, _) = heat_at(room_c);
            let value = room_c - low_c - per_w * emitted.heat_w;
            let next = room_c - value / (1.0 - per_w * emitted.slope_w_k);
            if !(next >= low_c && next <= high_c) {
                break;
            }
            let moved = (next - room_c).abs();
            room_c = next;
            if moved < 1e-11 {
                return room_c;
            }
        }
        root::between(low_c, high_c, 1e-10, excess)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::physics::building::StructureMass;
    use crate::physics::heating_curve::HeatingCurve;
    use proptest::prelude::*;

    const CP: f64 = 4187.0;

    /// 1000 m² at 40 W/m², 75/50, 18 °C at −21.1 °C.
    fn building(control: BuildingControl) -> Building {
        let heat_w = 40_000.0;
        Building {
            mass: ThermalMass::single(heat_w / 39.1, 100.0 * 3600.0),
            emitter: Emitter::from_design(heat_w, 75.0, 50.0, 18.0, 0.3).unwrap(),
            emitter_structure_share: 0.0,
            design_flow_kg_s: heat_w / (25.0 * CP),
            heat_capacity_j_kgk: CP,
            solar_aperture_m2: 20.0,
            control,
        }
    }

    fn inputs(supply_c: f64, flow_kg_s: f64, outdoor_c: f64) -> BuildingInputs {
        BuildingInputs {
            supply_c,
            offered_flow_kg_s: flow_kg_s,
            outdoor_c,
            wind_m_s: 0.0,
            solar_w_m2: 0.0,
            internal_gain_w: 0.0,
            set_point_c: 0.0,
        }
    }

    fn settled(building: &Building, inputs: &BuildingInputs) -> (BuildingOutputs, BuildingState) {
        let mut state = BuildingState::at(10.0);
        let mut last = building.step(&mut state, inputs, 3600.0);
        for _ in 0..3000 {
            last = building.step(&mut state, inputs, 3600.0);
        }
        (last, state)
    }

    #[test]
    fn design_day_holds_the_design_room_temperature() {
        let building = building(BuildingControl::None);
        let (out, _) = settled(&building, &inputs(75.0, building.design_flow_kg_s, -21.1));
        assert!((out.room_c - 18.0).abs() < 1e-9 && (out.return_c - 50.0).abs() < 1e-8, "{out:?}");
        assert!((out.heat_w - 40_000.0).abs() < 1e-5);
    }

    #[test]
    fn heating_curve_holds_the_room_within_a_tenth_in_all_weather() {
        let building = building(BuildingControl::None);
        let curve = HeatingCurve {
            room_c: 18.0,
            design_outdoor_c: -21.1,
            design_supply_c: 75.0,
            design_return_c: 50.0,
            emitter_exponent: 0.3,
        };
        for outdoor_c in [-15.0, -10.0, -5.0, 0.0, 5.0] {
            let supply_c = curve.at_outdoor(outdoor_c, 1.0).supply_c;
            let (out, _) = settled(&building, &inputs(supply_c, building.design_flow_kg_s, outdoor_c));
            assert!((out.room_c - 18.0).abs() < 0.1, "{outdoor_c}: {out:?}");
        }
    }

    #[test]
    fn no_water_cools_exactly_as_the_closed_form() {
        let building = building(BuildingControl::None);
        let mut state = BuildingState::at(18.0);
        let hours = 16.7;
        building.step(&mut state, &inputs(75.0, 0.0, -21.1), hours * 3600.0);
        assert!((state.mass.room_c - 12.0).abs() < 0.02, "{state:?}");
    }

    #[test]
    fn thermostats_save_what_the_sun_gives() {
        let valve = BuildingControl::Thermostat(Thermostat { set_c: 20.0, band_k: 2.0 });
        let building = building(valve);
        let mut sunny = inputs(75.0, 1.0, 0.0);
        sunny.solar_w_m2 = 300.0;
        let (dark_out, _) = settled(&building, &inputs(75.0, 1.0, 0.0));
        let (sun_out, _) = settled(&building, &sunny);
        assert!((sun_out.gain_w - 6000.0).abs() < 1e-9);
        let saved = dark_out.heat_w - sun_out.heat_w;
        // Nearly all of it; the rest lets the room rise inside the band.
        assert!(saved > 0.85 * 6000.0 && saved < 6000.0, "{saved}");
        assert!(sun_out.room_c > dark_out.room_c && sun_out.room_c < 21.0);
    }

    #[test]
    fn entrance_control_finds_its_return_temperature() {
        let control = EntranceControl {
            quantity: EntranceQuantity::Return,
            band_k: 40.0,
            integral_time_s: 3600.0,
            smallest_share: 0.05,
        };
        let building = building(BuildingControl::Entrance(control));
        let mut wanted = inputs(70.0, 10.0, -5.0);
        wanted.set_point_c = 40.0;
        let (out, state) = settled(&building, &wanted);
        assert!((out.return_c - 40.0).abs() < 0.05, "{out:?} {state:?}");
    }

    #[test]
    fn floor_heat_reaches_the_room_through_the_structure() {
        let mut building = building(BuildingControl::None);
        building.emitter_structure_share = 1.0;
        building.mass.structure = Some(StructureMass { capacity_j_k: 3.0e8, coupling_w_k: 8000.0, loss_w_k: 1.0 });
        let mut state = BuildingState::at(15.0);
        let water = inputs(45.0, 1.0, -10.0);
        let first = building.step(&mut state, &water, 60.0);
        assert!(first.heat_w > 0.0 && state.mass.structure_c > 15.0 && state.mass.room_c < 15.0, "{state:?}");
    }

    proptest! {
        #[test]
        fn energy_closes_at_any_step_and_the_return_lies_between(
            supply in 25.0..95.0_f64, flow in 0.0..2.0_f64, outdoor in -30.0..10.0_f64, start in 0.0..25.0_f64,
            seconds in 1.0..200_000.0_f64, thermostat in any::<bool>(), two in any::<bool>(),
        ) {
            let control = if thermostat {
                BuildingControl::Thermostat(Thermostat { set_c: 19.0, band_k: 1.5 })
            } else {
                BuildingControl::None
            };
            let mut building = building(control);
            if two {
                building.mass.structure =
                    Some(StructureMass { capacity_j_k: 3.0e8, coupling_w_k: 8000.0, loss_w_k: 200.0 });
                building.emitter_structure_share = 0.3;
            }
            let mut state = BuildingState::at(start);
            let before = building.mass.stored_j(state.mass);
            let out = building.step(&mut state, &inputs(supply, flow, outdoor), seconds);
            let stored = building.mass.stored_j(state.mass) - before;
            let net = (out.heat_w + out.gain_w - out.loss_w) * seconds;
            let scale = before.abs().max(out.heat_w * seconds).max(1.0);
            prop_assert!((stored - net).abs() <= 1e-9 * scale, "{stored} {net}");
            let water = out.mass_flow_kg_s * CP * (supply - out.return_c);
            prop_assert!((water - out.heat_w).abs() <= 1e-9 * out.heat_w.max(1.0));
            prop_assert!(out.return_c <= supply + 1e-9);
            // The room never rises above the water that heats it.
            prop_assert!(state.mass.room_c <= supply.max(start) + 1e-6);
        }
    }
}
