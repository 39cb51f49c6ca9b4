//! A hot-water store in layers: charged at the top, discharged from it, returns at the bottom.
//!
//! Mechanism: layers of any mass move as plugs, so there is no numerical mixing and any step is allowed; warm water
//! under cold mixes; heat conducts between layers (implicit, conserving) and through the wall. When there are too many
//! layers the two neighbours that are most alike join. Heat in, out, lost and stored close to the last bits. Not here:
//! what charges it and when.

/// Water of one temperature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layer {
    pub mass_kg: f64,
    pub temperature_c: f64,
}

/// A store; layers from top to bottom.
#[derive(Clone, Debug, PartialEq)]
pub struct StratifiedStore {
    layers: Vec<Layer>,
    mass_kg: f64,
    heat_capacity_j_kgk: f64,
    /// Wall to surroundings, the whole store, W/K.
    pub loss_w_k: f64,
    /// Heat through the whole height per kelvin between top and bottom, W/K: λ_eff·A/H.
    pub conduction_w_k: f64,
    most_layers: usize,
}

/// What a step moves.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StoreFlows {
    /// In at the top, as much out at the bottom, kg.
    pub charge_kg: f64,
    /// Heat given to the charging water on its way from bottom to top, J.
    pub charge_j: f64,
    /// Out at the top, as much in at the bottom, kg.
    pub discharge_kg: f64,
    /// Temperature of what comes back at the bottom, °C.
    pub return_c: f64,
    pub ambient_c: f64,
}

/// What a step gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StoreStep {
    /// Mean temperature of the water discharged; that of the top where none was.
    pub top_c: f64,
    /// Mean temperature of the water taken from the bottom for charging.
    pub bottom_c: f64,
    /// Heat given to the network, J.
    pub discharged_j: f64,
    pub lost_j: f64,
}

impl StratifiedStore {
    /// A store full of water of one temperature. `None` unless mass and heat capacity are positive.
    pub fn new(
        mass_kg: f64,
        temperature_c: f64,
        heat_capacity_j_kgk: f64,
        most_layers: usize,
    ) -> Option<StratifiedStore> {
        let valid = mass_kg > 0.0 && mass_kg.is_finite() && heat_capacity_j_kgk > 0.0 && temperature_c.is_finite();
        valid.then(|| StratifiedStore {
            layers: vec![Layer { mass_kg, temperature_c }],
            mass_kg,
            heat_capacity_j_kgk,
            loss_w_k: 0.0,
            conduction_w_k: 0.0,
            most_layers: most_layers.max(2),
        })
    }

    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    pub fn mass_kg(&self) -> f64 {
        self.mass_kg
    }

    pub fn top_c(&self) -> f64 {
        self.layers.first().map_or(f64::NAN, |layer| layer.temperature_c)
    }

    pub fn bottom_c(&self) -> f64 {
        self.layers.last().map_or(f64::NAN, |layer| layer.temperature_c)
    }

    /// Heat above a temperature, J.
    pub fn stored_j(&self, above_c: f64) -> f64 {
        let sum: f64 = self.layers.iter().map(|layer| layer.mass_kg * (layer.temperature_c - above_c)).sum();
        sum * self.heat_capacity_j_kgk
    }

    /// Heat that can be discharged at no less than a temperature with returns at another, J.
    pub fn usable_j(&self, least_c: f64, return_c: f64) -> f64 {
        let usable = self.layers.iter().take_while(|layer| layer.temperature_c >= least_c);
        let sum: f64 = usable.map(|layer| layer.mass_kg * (layer.temperature_c - return_c).max(0.0)).sum();
        sum * self.heat_capacity_j_kgk
    }

    /// Takes a mass from one end and tells its mean temperature.
    fn take(&mut self, mut mass_kg: f64, from_top: bool) -> f64 {
        let (mut sum, mut taken) = (0.0, 0.0);
        while mass_kg > 0.0 {
            let at = if from_top { 0 } else { self.layers.len().saturating_sub(1) };
            let Some(layer) = self.layers.get_mut(at) else { break };
            let part = layer.mass_kg.min(mass_kg);
            sum += part * layer.temperature_c;
            taken += part;
            mass_kg -= part;
            if part >= layer.mass_kg {
                self.layers.remove(at);
            } else {
                layer.mass_kg -= part;
            }
        }
        if taken > 0.0 { sum / taken } else { f64::NAN }
    }

    /// One step. Charging and discharging of more than the store's content are cut to it.
    pub fn step(&mut self, flows: &StoreFlows, seconds: f64) -> StoreStep {
        let cp = self.heat_capacity_j_kgk;
        let charge_kg = flows.charge_kg.clamp(0.0, self.mass_kg);
        let discharge_kg = flows.discharge_kg.clamp(0.0, self.mass_kg);
        let mut bottom_c = self.bottom_c();
        if charge_kg > 0.0 {
            bottom_c = self.take(charge_kg, false);
            let temperature_c = bottom_c + flows.charge_j / (charge_kg * cp);
            self.layers.insert(0, Layer { mass_kg: charge_kg, temperature_c });
            self.settle();
        }
        let (mut top_c, mut discharged_j) = (self.top_c(), 0.0);
        if discharge_kg > 0.0 {
            top_c = self.take(discharge_kg, true);
            discharged_j = discharge_kg * cp * (top_c - flows.return_c);
            self.layers.push(Layer { mass_kg: discharge_kg, temperature_c: flows.return_c });
            self.settle();
        }
        let lost_j = self.lose(flows.ambient_c, seconds);
        self.conduct(seconds);
        self.settle();
        StoreStep { top_c, bottom_c, discharged_j, lost_j }
    }

    /// Warm under cold mixes; then the most alike neighbours join until there are few enough.
    fn settle(&mut self) {
        let mut at = 1;
        while at < self.layers.len() {
            if self.layers[at].temperature_c > self.layers[at - 1].temperature_c {
                self.join(at - 1);
                at = at.saturating_sub(1).max(1);
            } else {
                at += 1;
            }
        }
        while self.layers.len() > self.most_layers {
            // The loss of work by mixing goes with m₁m₂/(m₁+m₂)·ΔT².
            let loss = |at: usize| {
                let (a, b) = (self.layers[at], self.layers[at + 1]);
                a.mass_kg * b.mass_kg / (a.mass_kg + b.mass_kg) * (a.temperature_c - b.temperature_c).powi(2)
            };
            let best = (0..self.layers.len() - 1).min_by(|a, b| loss(*a).total_cmp(&loss(*b)));
            let Some(best) = best else { break };
            self.join(best);
        }
    }

    fn join(&mut self, at: usize) {
        let below = self.layers.remove(at + 1);
        let above = &mut self.layers[at];
        let mass_kg = above.mass_kg + below.mass_kg;
        above.temperature_c = (above.mass_kg * above.temperature_c + below.mass_kg * below.temperature_c) / mass_kg;
        above.mass_kg = mass_kg;
    }

    /// Through the wall, every layer by its share of the mass; J.
    fn lose(&mut self, ambient_c: f64, seconds: f64) -> f64 {
        let left = (-self.loss_w_k.max(0.0) * seconds / (self.mass_kg * self.heat_capacity_j_kgk)).exp();
        let mut lost = 0.0;
        for layer in &mut self.layers {
            let new_c = ambient_c + (layer.temperature_c - ambient_c) * left;
            lost += layer.mass_kg * (layer.temperature_c - new_c);
            layer.temperature_c = new_c;
        }
        lost * self.heat_capacity_j_kgk
    }

    /// Between layers: backward Euler, a tridiagonal system whose columns sum to the masses, so heat is kept.
    fn conduct(&mut self, seconds: f64) {
        let count = self.layers.len();
        if count < 2 || self.conduction_w_k <= 0.0 {
            return;
        }
        // Conductance between centres: the whole height's over the share of height between them.
        let factor = self.conduction_w_k * seconds / self.heat_capacity_j_kgk;
        let links: Vec<f64> = self
            .layers
            .windows(2)
            .map(|pair| factor * self.mass_kg / (0.5 * (pair[0].mass_kg + pair[1].mass_kg)))
            .collect();
        let (mut upper, mut value) = (vec![0.0; count], vec![0.0; count]);
        for i in 0..count {
            let above = if i > 0 { links[i - 1] } else { 0.0 };
            let below = links.get(i).copied().unwrap_or(0.0);
            let layer = self.layers[i];
            let (before, carried) = if i > 0 { (upper[i - 1], value[i - 1]) } else { (0.0, 0.0) };
            let pivot = layer.mass_kg + above + below - above * before;
            upper[i] = below / pivot;
            value[i] = (layer.mass_kg * layer.temperature_c + above * carried) / pivot;
        }
        for i in (0..count - 1).rev() {
            value[i] += upper[i] * value[i + 1];
        }
        for (layer, temperature_c) in self.layers.iter_mut().zip(value) {
            layer.temperature_c = temperature_c;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CP: f64 = 4190.0;

    fn store() -> StratifiedStore {
        StratifiedStore::new(100_000.0, 45.0, CP, 20).unwrap()
    }

    fn charge(kg: f64, to_c: f64) -> StoreFlows {
        StoreFlows { charge_kg: kg, charge_j: kg * CP * (to_c - 45.0), ambient_c: 10.0, ..StoreFlows::default() }
    }

    #[test]
    fn a_sharp_front_comes_back_as_it_went_in() {
        let mut store = store();
        for _ in 0..6 {
            store.step(&charge(10_000.0, 90.0), 600.0);
        }
        assert!((store.stored_j(45.0) - 60_000.0 * CP * 45.0).abs() < 1.0);
        assert_eq!(store.layers().len(), 7);
        let flows = StoreFlows { discharge_kg: 59_000.0, return_c: 40.0, ambient_c: 10.0, ..StoreFlows::default() };
        let out = store.step(&flows, 600.0);
        assert!((out.top_c - 90.0).abs() < 1e-9, "{out:?}");
        let rest = store.step(&StoreFlows { discharge_kg: 1000.0, ..flows }, 60.0);
        let after = store.step(&StoreFlows { discharge_kg: 1000.0, ..flows }, 60.0);
        assert!((rest.top_c - 90.0).abs() < 1e-9 && (after.top_c - 45.0).abs() < 1e-9, "{rest:?} {after:?}");
    }

    #[test]
    fn losses_by_the_exponential() {
        let mut store = store();
        store.loss_w_k = 419.0;
        let out = store.step(&StoreFlows { ambient_c: 5.0, ..StoreFlows::default() }, 1e6);
        // τ = 1e5·4190/419 = 1e6 s.
        assert!((store.top_c() - (5.0 + 40.0 * (-1.0_f64).exp())).abs() < 1e-9);
        assert!((out.lost_j - 1e5 * CP * (45.0 - store.top_c())).abs() < 1.0);
    }

    #[test]
    fn conduction_evens_out_and_keeps_the_heat() {
        let mut store = store();
        store.step(&charge(50_000.0, 85.0), 60.0);
        store.conduction_w_k = 500.0;
        let before = store.stored_j(0.0);
        for _ in 0..2000 {
            store.step(&StoreFlows { ambient_c: 10.0, ..StoreFlows::default() }, 36_000.0);
        }
        assert!((store.stored_j(0.0) / before - 1.0).abs() < 1e-10);
        assert!((store.top_c() - store.bottom_c()).abs() < 0.1, "{:?}", store.layers());
    }

    #[test]
    fn cold_water_on_top_mixes() {
        let mut store = store();
        store.step(&charge(20_000.0, 80.0), 60.0);
        store.step(&StoreFlows { charge_kg: 20_000.0, charge_j: 0.0, ..charge(1.0, 45.0) }, 60.0);
        assert!((store.top_c() - 62.5).abs() < 1e-9, "{:?}", store.layers());
        assert!((store.usable_j(60.0, 45.0) - 40_000.0 * CP * 17.5).abs() < 1.0);
    }

    proptest! {
        #[test]
        fn energy_closes(steps in prop::collection::vec(
            (0.0..60_000.0_f64, 0.0..60.0_f64, 0.0..60_000.0_f64, 20.0..60.0_f64, 10.0..20_000.0_f64), 1..40)) {
            let mut store = store();
            store.loss_w_k = 300.0;
            store.conduction_w_k = 100.0;
            let (mut balance, mut scale) = (store.stored_j(0.0), store.stored_j(0.0));
            for (charge_kg, heat_k, discharge_kg, return_c, seconds) in steps {
                let charge_j = charge_kg * CP * heat_k;
                let flows = StoreFlows { charge_kg, charge_j, discharge_kg, return_c, ambient_c: 5.0 };
                let out = store.step(&flows, seconds);
                balance += charge_j - out.discharged_j - out.lost_j;
                scale += charge_j + out.discharged_j.abs();
                prop_assert!((store.stored_j(0.0) - balance).abs() <= 1e-10 * scale);
                let mass: f64 = store.layers().iter().map(|layer| layer.mass_kg).sum();
                prop_assert!((mass / 100_000.0 - 1.0).abs() < 1e-9 && store.layers().len() <= 20);
                let sorted = store.layers().windows(2).all(|pair| pair[0].temperature_c >= pair[1].temperature_c);
                prop_assert!(sorted);
            }
        }
    }
}
