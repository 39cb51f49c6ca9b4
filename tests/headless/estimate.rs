//! State estimation: equal to the solve where instruments are exact, and what it says about itself.

use std::sync::Arc;

use hypocaust::live::estimate::calibrate::{Moment, Parameter, calibrate};
use hypocaust::live::estimate::trial::{Happening, Setup, instruments, run};
use hypocaust::live::estimate::{Estimate, Estimator, Options};
use hypocaust::live::{Observed, Origin, Quality, Readings, Sample, Tag, TagId, TagTable, Timestamp};
use hypocaust::network::edit::Edit;
use hypocaust::network::generate::demo_city;
use hypocaust::network::{Demand, ElementKind, ElementRef, LinkId, Network};
use hypocaust::solver::{Options as SolveOptions, Solution, Solver};
use hypocaust::units::Quantity;

use crate::support::rows::{ladder, tag};

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

/// All deviations, of instruments, laws and assumptions, times the same: the same state, and deviations times that.
#[test]
fn weights_scaled_together_change_nothing() {
    let (network, solution, tags) = measured(&Setup::default(), 5);
    let mut samples = exact(&network, &solution, &tags, 0);
    for (at, sample) in samples.iter_mut().enumerate() {
        sample.value *= 1.0 + 0.002 * (at as f64).sin();
    }
    let scale = 3.0;
    let plain = Options::default();
    let scaled = Options {
        demand_share: scale * plain.demand_share,
        source_share: scale * plain.source_share,
        outlet_k: scale * plain.outlet_k,
        set_pressure_pa: scale * plain.set_pressure_pa,
        make_up_share: scale * plain.make_up_share,
        loss_share: scale * plain.loss_share,
        law_share: scale * plain.law_share,
        cooling_share: scale * plain.cooling_share,
        mixing_k: scale * plain.mixing_k,
        ..plain
    };
    let mut table = TagTable::default();
    for (_, tag) in tags.iter() {
        // A make-up meter is of a class that has a smallest deviation of its own.
        let own = tag.deviation_si.unwrap_or(0.05);
        table.add(Tag { deviation_si: Some(own), ..tag.clone() }).unwrap();
    }
    let one_table = Arc::new(table);
    let mut table = TagTable::default();
    for (_, tag) in one_table.iter() {
        table.add(Tag { deviation_si: tag.deviation_si.map(|own| scale * own), ..tag.clone() }).unwrap();
    }
    let one = once(&network, &one_table, &samples);
    let mut estimator = Estimator::with_options(network.clone(), Arc::new(table), scaled).unwrap();
    let other = estimator.estimate(&samples, Timestamp::from_ms(0));
    let (pressure_pa, temperature_k, flow_kg_s) = worst_errors(&one.solution, &other);
    assert!(pressure_pa < 5.0 && temperature_k < 0.01 && flow_kg_s < 0.02, "{pressure_pa} {temperature_k} {flow_kg_s}");
    for (one, other) in one.nodes.iter().zip(&other.nodes) {
        let ratio = other.pressure.deviation / one.pressure.deviation;
        assert!((ratio / scale - 1.0).abs() < 0.01, "{ratio}");
    }
}

/// Where a station has no instruments of its own, its flow is assumed, and said to be; the rest stays observed.
#[test]
fn what_only_assumptions_tell_is_said_to_be_assumed() {
    let (network, solution, tags) = measured(&Setup { chambers: 0.0, ..Setup::default() }, 6);
    let unmeasured = "ST012";
    let samples: Vec<Sample> = exact(&network, &solution, &tags, 0)
        .into_iter()
        .filter(|sample| !tags.get(sample.tag).unwrap().name.starts_with(unmeasured))
        .collect();
    let estimate = once(&network, &tags, &samples);
    let origin = |id: &str| estimate.links[network.link_id(id).unwrap().index()].flow.origin;
    assert_eq!(origin("ST011"), Origin::Measured);
    // What all others take and all sources give leaves what the one takes.
    assert_eq!(origin(unmeasured), Origin::Estimated);
    let without: Vec<Sample> =
        samples.iter().filter(|sample| !tags.get(sample.tag).unwrap().name.starts_with("ST013")).copied().collect();
    let two = once(&network, &tags, &without);
    let (a, b) = (network.link_id(unmeasured).unwrap(), network.link_id("ST013").unwrap());
    assert!(two.links[a.index()].flow.deviation > estimate.links[a.index()].flow.deviation);
    let nothing = once(&network, &tags, &[]);
    assert!(nothing.nodes.iter().all(|node| node.pressure.origin == Origin::Assumed));
    assert!(nothing.links[b.index()].flow.origin == Origin::Assumed);
    assert_eq!(nothing.observed_nodes[0], 0);
    let (pressure_pa, ..) = worst_errors(&solution, &nothing);
    assert!(pressure_pa < 10.0, "with nothing measured the estimate is not the network's own state: {pressure_pa}");
}

/// Three stations on one line: which flows follow from which instruments is known by counting.
#[test]
fn observability_is_rank() {
    let network = Arc::new(ladder());
    let solution = solve(&network);
    assert!(solution.converged, "{:?}", solution.findings);
    let all = ["A", "B", "C", "H"].map(|id| (id, Observed::MassFlow));
    // Every choice of the flow meters. The balance of the whole is one equation for four flows: with three of them, or
    // all, every flow follows; with fewer only those that are measured.
    for choice in 0u32..16 {
        let mut tags = TagTable::default();
        for (at, (id, observed)) in all.iter().enumerate() {
            if choice >> at & 1 == 1 {
                let kind = if *id == "H" { ElementKind::Source } else { ElementKind::Consumer };
                tags.add(tag(&format!("{id}.F"), ElementRef::new(kind, *id), *observed, Quantity::MassFlow)).unwrap();
            }
        }
        let tags = Arc::new(tags);
        let estimate = once(&network, &tags, &exact(&network, &solution, &tags, 0));
        // Rank by dense linear algebra: rows are the balance and the meters, a flow is determined where its unit vector
        // lies in their span.
        let mut rows = vec![[1.0, 1.0, 1.0, -1.0]];
        rows.extend((0..4).filter(|at| choice >> at & 1 == 1).map(|at| {
            let mut unit = [0.0; 4];
            unit[at] = 1.0;
            unit
        }));
        let rank =
            |rows: &[[f64; 4]]| nalgebra::DMatrix::from_fn(rows.len(), 4, |row, column| rows[row][column]).rank(1e-9);
        for (at, (id, _)) in all.iter().enumerate() {
            let mut unit = [0.0; 4];
            unit[at] = 1.0;
            let with: Vec<[f64; 4]> = rows.iter().copied().chain([unit]).collect();
            let wanted = rank(&with) == rank(&rows);
            let got = estimate.links[network.link_id(id).unwrap().index()].flow.origin != Origin::Assumed;
            assert_eq!(got, wanted, "{id} with choice {choice:04b}");
        }
    }
}

/// Pipes that are rougher than the file says: history tells, and days held out are predicted better for it.
#[test]
fn history_tells_what_is_rougher_than_the_file_says() {
    let network = city();
    let wide = |view: &hypocaust::network::LinkView<'_>| view.pipe().is_some_and(|pipe| pipe.inner_diameter_m > 0.3);
    let pipes = |wanted: bool| -> Vec<LinkId> {
        network.links().filter(|view| view.pipe().is_some() && wide(view) == wanted).map(|view| view.handle).collect()
    };
    let mut truth = (*network).clone();
    for &pipe in &pipes(true) {
        let (element, own) = (network.link_ref(pipe), network.link_view(pipe).unwrap().pipe().unwrap().roughness_m);
        Edit::set(element, "roughness_m", 3.0 * own).apply(&mut truth).unwrap();
    }
    let solution = solve(&network);
    let tags = Arc::new(instruments(&network, &solution, &Setup::default(), 7));
    let mut moments = Vec::new();
    for (number, load) in [1.0, 0.9, 1.05, 0.8].into_iter().enumerate() {
        let mut now = truth.clone();
        for view in truth.links() {
            if let Some(consumer) = view.consumer()
                && let Demand::Heat { heat_w } = consumer.demand
            {
                let demand = serde_json::json!(Demand::Heat { heat_w: load * heat_w });
                Edit::set(view.element(), "demand", demand).apply(&mut now).unwrap();
            }
        }
        let mut samples = exact(&now, &solve(&now), &tags, number as i64 * 60);
        for (at, sample) in samples.iter_mut().enumerate() {
            let deviation = tags.get(sample.tag).unwrap().deviation_si.unwrap_or(0.0);
            sample.value += deviation * (1.7 * at as f64 + 3.1 * number as f64).sin();
        }
        moments.push(Moment { at: Timestamp::from_ms(number as i64 * 3_600_000), samples });
    }
    let parameters = [
        Parameter::Roughness { name: "wide".into(), pipes: pipes(true) },
        Parameter::Roughness { name: "narrow".into(), pipes: pipes(false) },
    ];
    let options = Options::default();
    let found = calibrate(&network, &tags, &parameters, [&moments[..3], &moments[3..]], &options, 0.5).unwrap();
    assert!(found.settled, "{found:?}");
    // Three times the roughness is about 1.35 times the friction; fittings stay as they are.
    assert!((1.15..1.5).contains(&found.found[0].factor), "{:?}", found.found);
    assert!((0.85..1.15).contains(&found.found[1].factor), "{:?}", found.found);
    assert!(
        found.after.root_mean_square_pa < 0.6 * found.before.root_mean_square_pa,
        "{:?} {:?}",
        found.before,
        found.after
    );
    assert!(found.before.count > 100);
    // Put into the network's own data it predicts as well.
    let mut calibrated = (*network).clone();
    for edit in &found.edits {
        edit.apply(&mut calibrated).unwrap();
    }
    let again = calibrate(&Arc::new(calibrated), &tags, &[], [&[], &moments[3..]], &options, 0.5).unwrap();
    let (own, wanted) = (again.before.root_mean_square_pa, found.after.root_mean_square_pa);
    assert!((own / wanted - 1.0).abs() < 0.2, "{own} {wanted}");
}
