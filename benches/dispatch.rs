//! How long a plan takes, and what is proven of it.
//!
//! Run with `cargo bench --no-default-features --bench dispatch`.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::time::Instant;

use hypocaust::dispatch::optimise::{Effort, Model, Rates, Share, Store, Unit, optimise};

const MWH_J: f64 = 3.6e9;

fn main() {
    println!(
        "{:>8} {:>6} {:>6} {:>8} {:>8} {:>8} {:>7} {:>7} {:>8}",
        "seed", "units", "steps", "wall s", "gap %", "root %", "rounds", "trials", "branches"
    );
    for (steps, step_s) in [(96, 900.0), (480, 900.0)] {
        for seed in 0..6 {
            let model = question(seed, 5, steps, step_s);
            let start = Instant::now();
            match optimise(&model, &Effort::default(), &[]) {
                Ok(found) => println!(
                    "{seed:>8} {:>6} {steps:>6} {:>8.2} {:>8.3} {:>8.3} {:>7} {:>7} {:>8}",
                    model.units.len(),
                    start.elapsed().as_secs_f64(),
                    100.0 * found.gap,
                    100.0 * found.root_gap,
                    found.rounds,
                    found.trials,
                    found.branches,
                ),
                Err(faults) => println!("{seed:>8} {faults:?}"),
            }
        }
    }
}

/// Numbers without a crate: the same on every machine.
struct Dice(u64);

impl Dice {
    fn between(&mut self, low: f64, high: f64) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        low + (high - low) * ((self.0 >> 11) as f64 / (1_u64 << 53) as f64)
    }
}

/// Sources of a city of 600 MW with different prices, least loads, ramps and starts; a store of two hours; rooms that may swing.
fn question(seed: u64, count: usize, steps: usize, step_s: f64) -> Model {
    let mut dice = Dice(seed * 7 + 1);
    let hour = |step: usize| (step as f64 * step_s / 3600.0) % 24.0;
    let power_price = |step: usize| match hour(step) {
        h if !(6.0..22.0).contains(&h) => 0.35,
        h if (8.0..11.0).contains(&h) || (17.0..21.0).contains(&h) => 1.15,
        _ => 0.7,
    };
    let mut units = Vec::new();
    for number in 0..count {
        let capacity_w = 1e6 * dice.between(60.0, 250.0).round();
        let price = dice.between(110.0, 320.0);
        let mut unit = Unit::simple(&format!("u{number}"), steps, capacity_w, Rates::of(Share::Fuel, price / MWH_J));
        unit.least_w = vec![capacity_w * dice.between(0.2, 0.5); steps];
        let of_power = dice.between(-0.3, 0.35);
        for (step, rates) in unit.running_1_j.iter_mut().enumerate() {
            *rates = rates.with(Share::Power, of_power * 1000.0 * power_price(step) / MWH_J);
        }
        let standing = capacity_w / 1e6 * dice.between(0.0, 12.0) / 3600.0;
        unit.standing_1_s = vec![Rates::of(Share::Fuel, standing); steps];
        unit.start = capacity_w / 1e6 * dice.between(20.0, 300.0);
        (unit.rise_w, unit.fall_w) = (capacity_w * dice.between(0.05, 0.4), capacity_w * dice.between(0.05, 0.4));
        unit.least_on = (dice.between(1.0, 6.0) * 3600.0 / step_s) as usize;
        unit.least_off = (dice.between(1.0, 6.0) * 3600.0 / step_s) as usize;
        units.push(unit);
    }
    let all_w: f64 = units.iter().map(|unit| unit.most_w[0]).sum();
    let demand_w = (0..steps)
        .map(|step| {
            let day = (std::f64::consts::TAU * (hour(step) - 5.0) / 24.0).cos();
            0.55 * all_w * (1.0 + 0.15 * day + 0.05 * (step as f64 / 37.0).sin())
        })
        .collect();
    let stores = vec![Store {
        id: "tank".to_owned(),
        least_j: 0.0,
        most_j: 300.0 * MWH_J,
        start_j: 100.0 * MWH_J,
        end_j: 100.0 * MWH_J,
        charge_w: vec![80e6; steps],
        discharge_w: vec![80e6; steps],
        kept: 1.0 - 1e-4,
    }];
    let missing_1_j = Model::usual_missing_1_j(&units);
    Model { step_s, demand_w, units, stores, areas: Vec::new(), cuts: Vec::new(), forbidden: Vec::new(), missing_1_j }
}
