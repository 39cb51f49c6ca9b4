//! A plant as a source of the network: what burns, pumps or stores the heat, with its limits, fuel and cost.
//!
//! Mechanism: another source says what supply temperature is wanted ([`FixedSupply`](super::FixedSupply), a supply curve); the
//! plant of `physics::source` makes what it can of the heat that takes. What it makes in a step and what the water really took
//! (its return is known a step late, its least load may be more than is wanted) meets in a buffer, the boilers' own water, so
//! that fuel belongs to the heat given, however long the run. A plant at its least load fills the buffer for half an hour,
//! rests, and starts again in time. An electric boiler charges its store in the hours with electricity cheaper than the day's
//! mean, from 22 to 6 where all cost the same, and whenever the store would be empty within the hour.

use super::terminal::{Moment, Passed, Source};
use crate::physics::calendar;
use crate::physics::source::{OperationState, Plant, PlantInputs, PlantOutputs, PlantState, Unit};

/// A plant at its least load runs on for so long before it rests, s.
const BUFFER_S: f64 = 1800.0;
/// A supply this much below what is wanted is said to be short, K.
const SHORT_K: f64 = 0.5;
/// Hours in which electricity is taken to be cheap where its price says nothing.
const NIGHT: [usize; 8] = [22, 23, 0, 1, 2, 3, 4, 5];

/// What a plant gave and used since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PlantTotals {
    pub heat_j: f64,
    /// Lower heating value.
    pub fuel_j: f64,
    pub electricity_j: f64,
    pub sold_electricity_j: f64,
    pub bought_heat_j: f64,
    /// With the electricity bought, less that sold.
    pub co2_kg: f64,
    /// In the currency of its prices.
    pub cost: f64,
    pub starts: u32,
    /// Time with water colder than wanted, and the coldest it gave, °C (infinite: never short).
    pub short_s: f64,
    pub coldest_supply_c: f64,
}

impl PlantTotals {
    /// Of two plants together.
    pub fn add(&mut self, other: &PlantTotals) {
        self.heat_j += other.heat_j;
        self.fuel_j += other.fuel_j;
        self.electricity_j += other.electricity_j;
        self.sold_electricity_j += other.sold_electricity_j;
        self.bought_heat_j += other.bought_heat_j;
        self.co2_kg += other.co2_kg;
        self.cost += other.cost;
        self.starts += other.starts;
        self.short_s = self.short_s.max(other.short_s);
        self.coldest_supply_c = self.coldest_supply_c.min(other.coldest_supply_c);
    }
}

/// A plant.
#[derive(Clone, Debug)]
pub struct PlantSource {
    plant: Plant,
    state: PlantState,
    wish: Box<dyn Source>,
    /// Made and not yet taken by the water; negative: taken before it was made.
    buffer_j: f64,
    resting: bool,
    totals: PlantTotals,
    recorded: [f32; RECORDED.len()],
}

const RECORDED: [&str; 11] = [
    "heat_w",
    "supply_temperature_c",
    "set_supply_temperature_c",
    "fuel_w",
    "electricity_w",
    "sold_electricity_w",
    "co2_kg_s",
    "cost_1_h",
    "cop",
    "store_top_temperature_c",
    "stored_j",
];

/// What is wanted of a plant in a step.
struct Order {
    at: PlantInputs,
    set_c: f64,
    /// Of the water, W.
    wanted_w: f64,
    rests: bool,
}

impl PlantSource {
    /// A plant that runs at what passed before; `wish` says the supply temperature to reach.
    pub fn new(plant: Plant, state: PlantState, wish: Box<dyn Source>, before: &Passed) -> PlantSource {
        let running = OperationState::Running { heat_w: before.heat_w };
        let operation = if before.heat_w > 0.0 { running } else { OperationState::Off };
        PlantSource {
            plant,
            state: PlantState { operation, ..state },
            wish,
            buffer_j: 0.0,
            resting: false,
            totals: PlantTotals { coldest_supply_c: f64::INFINITY, ..PlantTotals::default() },
            recorded: [f32::NAN; RECORDED.len()],
        }
    }

    fn order(&self, now: &Moment, mass_flow_kg_s: f64, passed: &Passed) -> Order {
        let flow_w_k = mass_flow_kg_s.max(0.0) * passed.heat_capacity_j_kgk;
        let wish_c = self.wish.supply_c(now, mass_flow_kg_s, passed);
        let wanted_w = flow_w_k * (wish_c.min(self.plant.hottest_supply_c()) - passed.inlet_c).max(0.0);
        let minimum_j = self.plant.operation.minimum_w * BUFFER_S;
        let rests = minimum_j > 0.0
            && if self.resting {
                self.buffer_j > wanted_w * (self.plant.operation.start_time_s + now.step_s)
            } else {
                self.buffer_j >= minimum_j
            };
        // At least a spark, so that a plant at its least load stays on.
        let missing_w = wanted_w - self.buffer_j / now.step_s;
        let order_w = if rests || wanted_w <= 0.0 { 0.0 } else { missing_w.max(1e-9 * wanted_w) };
        let mut at = PlantInputs {
            wanted_w: if minimum_j > 0.0 { order_w } else { missing_w.max(0.0) },
            charge_w: 0.0,
            return_c: passed.inlet_c,
            flow_w_k,
            outdoor_c: now.weather.temperature_c,
            solar_w_m2: now.weather.solar_w_m2,
            source_c: None,
            time_s: now.calendar_s,
        };
        at.charge_w = self.charge_w(now, &at);
        Order { at, set_c: wish_c, wanted_w, rests }
    }

    fn charge_w(&self, now: &Moment, at: &PlantInputs) -> f64 {
        let (Unit::ElectricStore { capacity_w, charge_c, .. }, Some(store)) = (&self.plant.unit, &self.state.store)
        else {
            return 0.0;
        };
        let prices = &self.plant.prices.electricity_1_j;
        let mean = prices.iter().sum::<f64>() / prices.len() as f64;
        let hour = calendar::hour_of_day(now.calendar_s);
        let flat = prices.iter().all(|price| (price - mean).abs() <= 1e-9 * mean.abs());
        let cheap = if flat { NIGHT.contains(&hour) } else { prices[hour.min(23)] < mean };
        let least_c = (0.5 * (charge_c + at.return_c)).max(at.return_c);
        if cheap {
            *capacity_w
        } else if store.usable_j(least_c, at.return_c) < at.wanted_w * 3600.0_f64.max(now.step_s) {
            at.wanted_w.min(*capacity_w)
        } else {
            0.0
        }
    }

    /// Since the start.
    pub fn totals(&self) -> &PlantTotals {
        &self.totals
    }

    fn count(&mut self, out: &PlantOutputs, set_c: f64, short: bool, passed: &Passed, step_s: f64) {
        let (used, sum) = (&out.consumption, &mut self.totals);
        sum.heat_j += passed.heat_w * step_s;
        sum.fuel_j += used.fuel_w * step_s;
        sum.electricity_j += used.electricity_w * step_s;
        sum.sold_electricity_j += used.sold_electricity_w * step_s;
        sum.bought_heat_j += used.bought_heat_w * step_s;
        sum.co2_kg += out.co2_kg;
        sum.cost += out.cost;
        sum.starts += u32::from(out.started);
        if short {
            sum.short_s += step_s;
            sum.coldest_supply_c = sum.coldest_supply_c.min(passed.outlet_c);
        }
        let store = self.state.store.as_ref();
        self.recorded = [
            passed.heat_w,
            passed.outlet_c,
            set_c,
            used.fuel_w,
            used.electricity_w,
            used.sold_electricity_w,
            out.co2_kg / step_s,
            out.cost / step_s * 3600.0,
            if out.cop > 0.0 { out.cop } else { f64::NAN },
            store.map_or(f64::NAN, |store| store.top_c()),
            store.map_or(f64::NAN, |store| store.stored_j(passed.inlet_c)),
        ]
        .map(|value| value as f32);
    }
}

impl Source for PlantSource {
    fn supply_c(&self, now: &Moment, mass_flow_kg_s: f64, before: &Passed) -> f64 {
        let order = self.order(now, mass_flow_kg_s, before);
        if order.at.flow_w_k <= 0.0 {
            return order.set_c;
        }
        let out = self.plant.step(&mut self.state.clone(), &order.at, now.step_s);
        let given_w = (out.heat_w + self.buffer_j / now.step_s).clamp(0.0, order.wanted_w);
        before.inlet_c + given_w / order.at.flow_w_k
    }

    fn settle(&mut self, now: &Moment, passed: &Passed) {
        let order = self.order(now, passed.mass_flow_kg_s, passed);
        let out = self.plant.step(&mut self.state, &order.at, now.step_s);
        self.buffer_j += (out.heat_w - passed.heat_w) * now.step_s;
        self.resting = order.rests;
        let short = passed.mass_flow_kg_s > 0.0 && passed.outlet_c < order.set_c - SHORT_K;
        self.count(&out, order.set_c, short, passed, now.step_s);
        self.wish.settle(now, passed);
    }

    fn recorded(&self) -> &[f32] {
        &self.recorded
    }

    fn recorded_names(&self) -> &[&'static str] {
        &RECORDED
    }

    fn plant(&self) -> Option<&PlantTotals> {
        Some(&self.totals)
    }

    fn boxed_clone(&self) -> Box<dyn Source> {
        Box::new(self.clone())
    }
}
