//! Cost of the friction law per pipe: one call at a time against columns, for each law.
//!
//! Run with `cargo bench --no-default-features --bench friction`; divan prints the time for 4096 pipes between Re 5000
//! and 5 million. Divide by 4096 for a pipe.

use divan::Bencher;
use hypocaust::physics::friction::{FrictionLaw, PipeInFluid, PipeResistance};
use hypocaust::physics::friction_batch::PipeResistances;

const PIPES: usize = 4096;
const LAWS: [FrictionLaw; 4] =
    [FrictionLaw::Colebrook, FrictionLaw::SwameeJain, FrictionLaw::Altshul, FrictionLaw::Shifrinson];

fn main() {
    divan::main();
}

/// Pipes and flows spread evenly and reproducibly over the ranges of a city.
fn city() -> (Vec<PipeResistance>, Vec<f64>) {
    // Multiples of the golden ratio fill an interval evenly without a random generator.
    let spread = |i: usize, stride: f64| (i as f64 * 0.618_033_988_749_895 * stride).fract();
    (0..PIPES)
        .filter_map(|i| {
            let pipe = PipeInFluid {
                length_m: 10.0 + 500.0 * spread(i, 1.0),
                inner_diameter_m: 0.05 + spread(i, 3.0),
                roughness_m: 1e-5 + 5e-4 * spread(i, 7.0),
                zeta: 5.0 * spread(i, 11.0),
                density_kg_m3: 970.0,
                viscosity_pa_s: 4e-4,
            }
            .resistance()?;
            let magnitude = 5000.0 * 10f64.powf(3.0 * spread(i, 13.0)) / pipe.reynolds_per_kg_s;
            Some((pipe, if i % 3 == 0 { -magnitude } else { magnitude }))
        })
        .unzip()
}

#[divan::bench(args = LAWS)]
fn one_at_a_time(bencher: Bencher, law: &FrictionLaw) {
    let (pipes, flows) = city();
    let mut drops = vec![(0.0, 0.0); pipes.len()];
    bencher.bench_local(|| {
        for ((pipe, &flow), drop) in pipes.iter().zip(&flows).zip(&mut drops) {
            let result = pipe.pressure_drop(*law, flow);
            *drop = (result.drop_pa, result.slope_pa_s_kg);
        }
        divan::black_box(&drops);
    });
}

#[divan::bench(args = LAWS)]
fn columns(bencher: Bencher, law: &FrictionLaw) {
    let (pipes, flows) = city();
    let columns: PipeResistances = pipes.into_iter().collect();
    let (mut drops, mut slopes) = (vec![0.0; flows.len()], vec![0.0; flows.len()]);
    bencher.bench_local(|| {
        columns.pressure_drops(*law, &flows, &mut drops, &mut slopes);
        divan::black_box((&drops, &slopes));
    });
}
