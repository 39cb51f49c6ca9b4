//! What stands at the ends of the network: consumers that take heat, sources that give it. The place where models of
//! substations, buildings and plants are plugged in.
//!
//! One step goes: every consumer is asked for the flow it wants ([`Consumer::wanted_flow_kg_s`]), the hydraulics say
//! what it gets, every source says how warm its water leaves ([`Source::supply_c`]), the water moves, every consumer
//! says how warm it gives back what reached it ([`Consumer::return_c`]; a pure function, it may be asked more than
//! once), and at the end all hear what really happened ([`Consumer::settle`], [`Source::settle`]) and advance their own
//! state: a building its room temperature, a store its layers, a boiler its ramp. Heat is what the water says, mass
//! flow times difference of enthalpy, so that the balance of the network closes whatever a model does.
//!
//! To plug a model in: implement the trait, and hand it to `Simulation::set_consumer` or `Simulation::set_source`.
//! Models hold all their state in themselves and are cloned with the simulation (checkpoints, branches from a past
//! instant).

use std::fmt::Debug;

use super::heated::HeatedStation;
use super::plant::PlantTotals;
use crate::physics::calendar;
pub use crate::physics::weather::Weather;

/// The step that is taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// From the start of the simulation to the start of the step.
    pub time_s: f64,
    pub step_s: f64,
    /// Start of the step as `physics::calendar` counts: seconds since 1970-01-01 in local standard time.
    pub calendar_s: f64,
    /// Mean over the step.
    pub weather: Weather,
}

impl Moment {
    /// 1 January 0:00 = 0.
    pub fn day_of_year(&self) -> f64 {
        calendar::day_of_year(self.calendar_s)
    }
}

/// Water that passed a consumer or source in a step; means over the step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Passed {
    pub mass_flow_kg_s: f64,
    pub inlet_c: f64,
    pub outlet_c: f64,
    /// Heat taken from the water by a consumer, given to it by a source.
    pub heat_w: f64,
    /// Heat capacity that makes mass flow and temperature difference the heat, J/(kg K).
    pub heat_capacity_j_kgk: f64,
    /// Pressure difference across it at the last hydraulic solve; NaN where unknown.
    pub pressure_difference_pa: f64,
}

/// A consumer in time. `before` is what passed in the last step (the state started from, in the first).
pub trait Consumer: Debug + Send + Sync {
    /// Primary flow it asks for over the step, ≥ 0. Asked once a step, before anything else.
    fn wanted_flow_kg_s(&mut self, now: &Moment, before: &Passed) -> f64;

    /// Flow by which its own control is off what it would like, kg/s: changes of its wish up to there need no hydraulic
    /// solve.
    fn slack_kg_s(&self) -> f64 {
        0.0
    }

    /// Temperature its primary water leaves with when `mass_flow_kg_s` (> 0) enter at `inlet_c` over the step.
    fn return_c(&self, now: &Moment, inlet_c: f64, mass_flow_kg_s: f64) -> f64;

    /// The step is done.
    fn settle(&mut self, _now: &Moment, _passed: &Passed) {}

    /// Values to be recorded, such as the room temperature in °C; see [`Consumer::recorded_names`].
    fn recorded(&self) -> &[f32] {
        &[]
    }

    /// Names of [`Consumer::recorded`], with units: `room_temperature_c`.
    fn recorded_names(&self) -> &[&'static str] {
        &[]
    }

    /// Electricity used since the start: pumps, boosters.
    fn electricity_j(&self) -> f64 {
        0.0
    }

    /// Takes it out of service or back; what has no controller of its own need not know.
    fn set_shut(&mut self, _shut: bool) {}

    /// The substation, where it is one.
    fn station(&self) -> Option<&HeatedStation> {
        None
    }

    fn boxed_clone(&self) -> Box<dyn Consumer>;
}

/// A source in time.
pub trait Source: Debug + Send + Sync {
    /// Temperature its water leaves with over the step, at the flow it will have (negative: a store that charges, whose
    /// water leaves to the return). The return temperature is that
    /// of the last step (`before`): a limit of power acts one step late, the heat is counted exactly.
    fn supply_c(&self, now: &Moment, mass_flow_kg_s: f64, before: &Passed) -> f64;

    /// The step is done.
    fn settle(&mut self, _now: &Moment, _passed: &Passed) {}

    fn recorded(&self) -> &[f32] {
        &[]
    }

    fn recorded_names(&self) -> &[&'static str] {
        &[]
    }

    /// Heat, fuel and cost since the start, where it is a plant.
    fn plant(&self) -> Option<&PlantTotals> {
        None
    }

    fn boxed_clone(&self) -> Box<dyn Source>;
}

impl Clone for Box<dyn Consumer> {
    fn clone(&self) -> Self {
        self.boxed_clone()
    }
}

impl Clone for Box<dyn Source> {
    fn clone(&self) -> Self {
        self.boxed_clone()
    }
}

/// Takes a given heat, or a given flow, and gives back water of one temperature: what the network's data says of a
/// consumer without any model. Its heat may follow a factor over the time of day or over any profile.
#[derive(Clone, Debug, PartialEq)]
pub struct FixedReturn {
    pub demand: FixedDemand,
    pub return_c: f64,
    /// Flow it can draw at most.
    pub most_kg_s: f64,
    /// Factors on the demand over time, each valid for `interval_s` from the start on; the last one stays. Empty: 1.
    pub factors: Vec<f64>,
    pub interval_s: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FixedDemand {
    Flow {
        mass_flow_kg_s: f64,
    },
    Heat {
        heat_w: f64,
    },
    /// `heat_w` at an outdoor temperature, in proportion to the difference to a room of 18 °C at any other.
    HeatAtOutdoor {
        heat_w: f64,
        outdoor_c: f64,
    },
}

/// Room temperature that heats in proportion to the outdoor temperature end at, °C.
const HEATING_LIMIT_C: f64 = 18.0;

impl FixedReturn {
    fn factor(&self, now: &Moment) -> f64 {
        if self.factors.is_empty() || self.interval_s.is_nan() || self.interval_s <= 0.0 {
            return 1.0;
        }
        // Rounding must not throw the first moment of an interval into the one before.
        let index = ((now.time_s + 1e-6 * now.step_s) / self.interval_s) as usize;
        self.factors[index.min(self.factors.len() - 1)]
    }
}

impl Consumer for FixedReturn {
    fn wanted_flow_kg_s(&mut self, now: &Moment, before: &Passed) -> f64 {
        let factor = self.factor(now);
        let heat_w = match self.demand {
            FixedDemand::Flow { mass_flow_kg_s } => return mass_flow_kg_s * factor,
            FixedDemand::Heat { heat_w } => heat_w * factor,
            FixedDemand::HeatAtOutdoor { heat_w, outdoor_c } => {
                let share = (HEATING_LIMIT_C - now.weather.temperature_c) / (HEATING_LIMIT_C - outdoor_c);
                // A design outdoor temperature as warm as the room is none.
                heat_w * factor * if share.is_finite() { share.max(0.0) } else { 1.0 }
            }
        };
        let each_j_kg = before.heat_capacity_j_kgk * (before.inlet_c - self.return_c);
        let wanted = if each_j_kg > 0.0 { heat_w / each_j_kg } else { self.most_kg_s };
        if heat_w > 0.0 { wanted.min(self.most_kg_s) } else { 0.0 }
    }

    fn return_c(&self, _now: &Moment, inlet_c: f64, _mass_flow_kg_s: f64) -> f64 {
        // Water that arrives colder than that heats nobody and is not heated.
        self.return_c.min(inlet_c)
    }

    fn boxed_clone(&self) -> Box<dyn Consumer> {
        Box::new(self.clone())
    }
}

/// Gives water of one temperature, up to its capacity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FixedSupply {
    pub supply_c: f64,
    /// Greatest heat; infinite: no limit.
    pub capacity_w: f64,
}

impl Source for FixedSupply {
    fn supply_c(&self, _now: &Moment, mass_flow_kg_s: f64, before: &Passed) -> f64 {
        let stream_w_k = mass_flow_kg_s * before.heat_capacity_j_kgk;
        if stream_w_k > 0.0 && self.capacity_w.is_finite() {
            self.supply_c.min(before.inlet_c + self.capacity_w / stream_w_k)
        } else {
            self.supply_c
        }
    }

    fn boxed_clone(&self) -> Box<dyn Source> {
        Box::new(*self)
    }
}
