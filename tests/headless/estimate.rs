//! State estimation: equal to the solve where instruments are exact, and what it says about itself.

use std::sync::Arc;

use hypocaust::live::estimate::trial::{Happening, Setup, instruments, run};
use hypocaust::live::estimate::{Estimate, Estimator, Options};
use hypocaust::live::{Quality, Readings, Sample, TagId, TagTable, Timestamp};
use hypocaust::network::Network;
use hypocaust::network::generate::demo_city;
use hypocaust::solver::{Options as SolveOptions, Solution, Solver};

fn city() -> Arc<Network> {
    Arc::new(demo_city())
}

fn solve(network: &Network) -> Solution {
    Solver::new().solve(network, &SolveOptions::default())
}

/// What exact instruments show.
fn exact(network: &Network, solution: &Solution, tags: &TagTable, minute: i64) -> Vec<Sample> {
    let readings = Readings::new(network, tags.iter().map(|(_, tag)| tag));
    let at = Timestamp::from_ms(minute * 60_000);
    tags.iter()
        .enumerate()
        .map(|(place, (tag, _))| {
            let value = readings.get(network, solution, place).unwrap_or(f64::NAN);
            Sample { tag, source_time: at, arrival_time: at, value, quality: Quality::Good }
        })
        .collect()
}

fn worst_errors(wanted: &Solution, got: &Estimate) -> (f64, f64, f64) {
    let mut worst = (0.0f64, 0.0f64, 0.0f64);
    for (a, b) in wanted.nodes.iter().zip(&got.solution.nodes) {
        worst.0 = worst.0.max((a.pressure_pa - b.pressure_pa).abs());
        worst.1 = worst.1.max((a.temperature_c - b.temperature_c).abs());
    }
    for (a, b) in wanted.links.iter().zip(&got.solution.links) {
        worst.2 = worst.2.max((a.mass_flow_kg_s - b.mass_flow_kg_s).abs());
    }
    worst
}

/// The city with instruments as the standard asks for.
fn measured(setup: &Setup, seed: u64) -> (Arc<Network>, Solution, Arc<TagTable>) {
    let network = city();
    let solution = solve(&network);
    let tags = Arc::new(instruments(&network, &solution, setup, seed));
    (network, solution, tags)
}

fn once(network: &Arc<Network>, tags: &Arc<TagTable>, samples: &[Sample]) -> Estimate {
    Estimator::new(network.clone(), tags.clone()).unwrap().estimate(samples, Timestamp::from_ms(0))
}

#[test]
fn exact_instruments_give_the_solve() {
    let (network, solution, tags) = measured(&Setup::default(), 1);
    let estimate = once(&network, &tags, &exact(&network, &solution, &tags, 0));
    let (pressure_pa, temperature_k, flow_kg_s) = worst_errors(&solution, &estimate);
    assert!(estimate.converged && estimate.suspects.is_empty() && estimate.leak.is_none());
    assert!(pressure_pa < 0.1 && temperature_k < 1e-4 && flow_kg_s < 1e-4, "{pressure_pa} {temperature_k} {flow_kg_s}");
    assert_eq!(
        estimate.observed_nodes[0], estimate.observed_nodes[1],
        "all stations are measured, but not all is observed"
    );
}

/// What the estimator reads out of its state is what everybody else reads out of the solution.
#[test]
fn its_readings_are_those_of_the_live_side() {
    let (network, solution, tags) = measured(&Setup::default(), 2);
    let mut samples = exact(&network, &solution, &tags, 0);
    // Away from the solve, so that the two differ.
    for (at, sample) in samples.iter_mut().enumerate() {
        sample.value *= 1.0 + 0.002 * (at as f64).sin();
    }
    let estimate = once(&network, &tags, &samples);
    let readings = Readings::new(&network, tags.iter().map(|(_, tag)| tag));
    assert!(estimate.residuals.len() > 300);
    for residual in &estimate.residuals {
        let wanted = readings.get(&network, &estimate.solution, residual.tag.index()).unwrap();
        let name = &tags.get(residual.tag).unwrap().name;
        // The solution spreads ordinary losses over all nodes, which a reading of make-up cannot know.
        if !name.ends_with("MakeUpFlow") {
            let error = (residual.estimated - wanted).abs();
            assert!(error < 1e-3 * residual.deviation, "{name}: {} {wanted}", residual.estimated);
        }
    }
}

#[test]
fn order_of_tags_and_samples_changes_no_bit() {
    let (network, solution, tags) = measured(&Setup::default(), 3);
    let mut samples = exact(&network, &solution, &tags, 0);
    for (at, sample) in samples.iter_mut().enumerate() {
        sample.value *= 1.0 + 0.003 * (at as f64).cos();
    }
    // By their shortest text, which is another one for other bits; not numbers are equal so.
    let text = |estimate: &Estimate| format!("{:?} {:?} {:?}", estimate.solution, estimate.nodes, estimate.links);
    let one = text(&once(&network, &tags, &samples));
    assert!(one == text(&once(&network, &tags, &samples)), "twice the same gave different bits");
    let mut turned = TagTable::default();
    let all: Vec<_> = tags.iter().collect();
    for (_, tag) in all.iter().rev() {
        turned.add((*tag).clone()).unwrap();
    }
    let last = tags.len() as u32 - 1;
    let mut moved: Vec<Sample> =
        samples.iter().map(|sample| Sample { tag: TagId(last - sample.tag.0), ..*sample }).collect();
    moved.rotate_left(17);
    let other = once(&network, &Arc::new(turned), &moved);
    assert!(one == text(&other), "another order of tags gave different bits");
}

#[test]
fn more_measurements_never_make_it_less_certain() {
    let (network, solution, tags) = measured(&Setup { chambers: 0.3, ..Setup::default() }, 4);
    let samples = exact(&network, &solution, &tags, 0);
    let some: Vec<Sample> = samples.iter().filter(|sample| sample.tag.0 % 3 != 1).copied().collect();
    let (few, many) = (once(&network, &tags, &some), once(&network, &tags, &samples));
    let mut better = 0;
    for (few, many) in few.nodes.iter().zip(&many.nodes) {
        for (few, many) in [(few.pressure, many.pressure), (few.temperature, many.temperature)] {
            assert!(many.deviation <= few.deviation * (1.0 + 1e-6), "{few:?} {many:?}");
            better += usize::from(many.deviation < 0.99 * few.deviation);
        }
    }
    for (few, many) in few.links.iter().zip(&many.links) {
        assert!(many.flow.deviation <= few.flow.deviation * (1.0 + 1e-6) + 1e-9, "{few:?} {many:?}");
    }
    assert!(better > 100);
}

#[test]
fn faults_are_named_and_a_leak_is_found() {
    let network = city();
    let setup = Setup { before: 8, ..Setup::default() };
    let options = Options::default();
    let healthy = run(&network, &setup, Happening::Nothing, &options, 11).unwrap();
    assert!(healthy.false_names.is_empty() && healthy.minutes_to_leak.is_none(), "{healthy:?}");
    let swapped = run(&network, &setup, Happening::Swapped, &options, 12).unwrap();
    assert!(swapped.found == 2 && swapped.kind_right && swapped.false_names.is_empty(), "{:?}", swapped.wrong);
    let leak = run(&network, &setup, Happening::Leak(0.02), &options, 13).unwrap();
    assert!(leak.minutes_to_leak.is_some_and(|minutes| minutes <= 5) && leak.false_names.is_empty());
    assert!(leak.candidate_m.iter().any(|(distance_m, _)| *distance_m < 500.0), "{:?}", leak.candidate_m);
    assert!((leak.leak_kg_s[1] / leak.leak_kg_s[0] - 1.0).abs() < 0.2);
}
