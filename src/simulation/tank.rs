//! A heat store beside supply and return (蓄热罐): it charges while its flow is negative.
//!
//! Mechanism: the layers of `physics::source::StratifiedStore`. Hot water that comes backwards enters at the top and pushes
//! out what lies at the bottom, which goes to the return; water that goes forwards leaves from the top. So a store that is
//! empty gives cold water, and one that is full lets hot water through to the return. Who charges when is said by its
//! control, that is its flow.

use super::terminal::{Moment, Passed, Source};
use crate::physics::source::{StoreFlows, StratifiedStore};

/// A store.
#[derive(Clone, Debug)]
pub struct TankSource {
    store: StratifiedStore,
    heat_capacity_j_kgk: f64,
    recorded: [f32; RECORDED.len()],
}

const RECORDED: [&str; 4] = ["heat_w", "store_top_temperature_c", "store_bottom_temperature_c", "stored_j"];

impl TankSource {
    /// A store with what it holds at the start, and the heat capacity it counts its water with.
    pub fn new(store: StratifiedStore, heat_capacity_j_kgk: f64) -> TankSource {
        TankSource { store, heat_capacity_j_kgk, recorded: [f32::NAN; RECORDED.len()] }
    }

    fn flows(&self, now: &Moment, mass_flow_kg_s: f64, inlet_c: f64) -> StoreFlows {
        let kg = mass_flow_kg_s.abs() * now.step_s;
        let still = StoreFlows { ambient_c: now.weather.temperature_c, ..StoreFlows::default() };
        if mass_flow_kg_s >= 0.0 {
            return StoreFlows { discharge_kg: kg, return_c: inlet_c, ..still };
        }
        // The store counts what is given to its own bottom water; this makes it the water that came.
        let mut trial = self.store.clone();
        let bottom_c = trial.step(&StoreFlows { charge_kg: kg, ..still }, 0.0).bottom_c;
        StoreFlows { charge_kg: kg, charge_j: kg * self.heat_capacity_j_kgk * (inlet_c - bottom_c), ..still }
    }
}

impl Source for TankSource {
    fn supply_c(&self, now: &Moment, mass_flow_kg_s: f64, before: &Passed) -> f64 {
        let out = self.store.clone().step(&self.flows(now, mass_flow_kg_s, before.inlet_c), now.step_s);
        if mass_flow_kg_s < 0.0 { out.bottom_c } else { out.top_c }
    }

    fn settle(&mut self, now: &Moment, passed: &Passed) {
        let flows = self.flows(now, passed.mass_flow_kg_s, passed.inlet_c);
        self.store.step(&flows, now.step_s);
        let bottom_c = self.store.layers().last().map_or(f64::NAN, |layer| layer.temperature_c);
        self.recorded =
            [passed.heat_w, self.store.top_c(), bottom_c, self.store.stored_j(0.0)].map(|value| value as f32);
    }

    fn recorded(&self) -> &[f32] {
        &self.recorded
    }

    fn recorded_names(&self) -> &[&'static str] {
        &RECORDED
    }

    fn boxed_clone(&self) -> Box<dyn Source> {
        Box::new(self.clone())
    }
}
