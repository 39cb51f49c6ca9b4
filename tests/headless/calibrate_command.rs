//! `hypocaust calibrate`: what is rougher than drawn, and what pumps less, is found in recorded days and put right.

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use hypocaust::io;
use hypocaust::live::estimate::Options;
use hypocaust::live::estimate::calibrate::{Moment, Parameter, calibrate};
use hypocaust::live::estimate::tags_of_sensors;
use hypocaust::live::{Observed, Quality, Readings, Sample, Tag, TagTable, Timestamp};
use hypocaust::network::edit::Edit;
use hypocaust::network::generate::demo_city;
use hypocaust::network::{Demand, ElementKind, ElementRef, Network};
use hypocaust::solver::{Options as SolveOptions, Solver};
use hypocaust::units::Quantity;

use crate::support::rows::{boosted, tag};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_hypocaust")).arg("calibrate").args(arguments).env("LC_ALL", "C").output().unwrap()
}

/// The same network under another load.
fn loaded(network: &Network, load: f64) -> Network {
    let mut now = network.clone();
    for view in network.links() {
        if let Some(consumer) = view.consumer()
            && let Demand::Heat { heat_w } = consumer.demand
        {
            let demand = serde_json::json!(Demand::Heat { heat_w: load * heat_w });
            Edit::set(view.element(), "demand", demand).apply(&mut now).unwrap();
        }
    }
    now
}

/// What instruments show, with noise of their class that is the same in every run.
fn shown(network: &Network, tags: &TagTable, at: Timestamp) -> Vec<Sample> {
    let solution = Solver::new().solve(network, &SolveOptions::default());
    assert!(solution.converged);
    let readings = Readings::new(network, tags.iter().map(|(_, tag)| tag));
    let one = |(place, (tag, own)): (usize, (hypocaust::live::TagId, &Tag))| {
        let value = readings.get(network, &solution, place)?;
        let noise = (12.9898 * place as f64 + 78.233 * (at.ms() / 3_600_000) as f64).sin();
        let value = value + own.deviation_si.unwrap_or(0.0) * noise;
        Some(Sample { tag, source_time: at, arrival_time: at, value, quality: Quality::Good })
    };
    tags.iter().enumerate().filter_map(one).collect()
}

fn wide(network: &Network) -> Vec<ElementRef> {
    let wide = |view: &hypocaust::network::LinkView<'_>| view.pipe().is_some_and(|pipe| pipe.inner_diameter_m > 0.3);
    network.links().filter(wide).map(|view| view.element()).collect()
}

fn roughness_m(network: &Network, pipe: &ElementRef) -> f64 {
    network.link_view(network.find_link(pipe).unwrap()).unwrap().pipe().unwrap().roughness_m
}

/// Three days of samples every hour or so, as a table.
fn record(truth: &Network, path: &Path) {
    let tags = tags_of_sensors(truth);
    let mut table = "tag,value,time\n".to_owned();
    for (hour, load) in [(0, 1.0), (12, 0.85), (24, 1.05), (36, 0.9), (60, 0.8), (66, 1.0)] {
        let at = Timestamp::from_ms(hour * 3_600_000);
        for sample in shown(&loaded(truth, load), &tags, at) {
            let tag = tags.get(sample.tag).unwrap();
            writeln!(table, "{},{},{at}", tag.name, sample.value).unwrap();
        }
    }
    std::fs::write(path, table).unwrap();
}

#[test]
fn roughness_is_found_in_recorded_days_and_days_held_out_are_predicted_better() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (drawn, samples, output) = (path("drawn.hypocaust.json"), path("days.csv"), path("calibrated.hypocaust.json"));
    let network = demo_city();
    io::file::write(Path::new(&drawn), &network).unwrap();
    let mut truth = network.clone();
    for pipe in wide(&network) {
        let rough = 3.0 * roughness_m(&network, &pipe);
        Edit::set(pipe, "roughness_m", rough).apply(&mut truth).unwrap();
    }
    record(&truth, Path::new(&samples));
    let asked = [drawn.as_str(), "--samples", &samples, "--output", &output, "--format", "json"];
    let done = run(&asked);
    let talk = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(0), "{talk}");
    let answer: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(answer["moments"], serde_json::json!({ "history": 4, "held_out": 2 }));
    let error = |part: &str, when: &str| answer[part][when]["root_mean_square_pa"].as_f64().unwrap();
    for part in ["history", "held_out"] {
        assert!(error(part, "after") < 0.8 * error(part, "before"), "{answer:#}");
    }
    let calibrated = io::file::read(Path::new(&output)).unwrap();
    let factors: Vec<f64> =
        wide(&network).iter().map(|pipe| roughness_m(&calibrated, pipe) / roughness_m(&network, pipe)).collect();
    let mean = factors.iter().sum::<f64>() / factors.len() as f64;
    assert!((2.0..4.5).contains(&mean), "three times as rough was found to be {mean}: {answer:#}");
    // The calibrated network once more has nothing to gain: then nothing is written, and that is said.
    let again = path("again.hypocaust.json");
    let asked = [output.as_str(), "--samples", &samples, "--output", &again, "--group", "none"];
    let done = run(&asked);
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&done.stderr).contains("not predicted better"));
    assert!(!Path::new(&again).exists());
    // All days held out leave none to learn from.
    let done = run(&[&asked[..], &["--hold-out", "30"]].concat());
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&done.stderr).contains("too short"));
}

#[test]
fn a_worn_pump_is_found() {
    let network = Arc::new(boosted(serde_json::json!({
        "curve": [{ "flow_m3_h": 0.0, "head_m": 26.0 }, { "flow_m3_h": 80.0, "head_m": 22.0 },
                  { "flow_m3_h": 160.0, "head_m": 12.0 }]
    })));
    let pump = network.link_id("B").unwrap();
    let curve = |network: &Network| network.link_view(pump).unwrap().pump().unwrap().curve.clone();
    let mut truth = (*network).clone();
    let mut worn = curve(&network);
    worn.iter_mut().for_each(|point| point.head_m *= 0.8);
    let edit = Edit::set(network.link_ref(pump), "curve", serde_json::to_value(worn).unwrap());
    edit.apply(&mut truth).unwrap();
    let mut tags = TagTable::default();
    for (kind, id) in [(ElementKind::Source, "H"), (ElementKind::Consumer, "C")] {
        for (observed, quantity, deviation) in [
            (Observed::MassFlow, Quantity::MassFlow, 0.1),
            (Observed::SupplyPressure, Quantity::Pressure, 2e3),
            (Observed::ReturnPressure, Quantity::Pressure, 2e3),
            (Observed::SupplyTemperature, Quantity::Temperature, 0.2),
            (Observed::ReturnTemperature, Quantity::Temperature, 0.2),
        ] {
            let at = ElementRef::new(kind, id);
            tags.add(Tag {
                deviation_si: Some(deviation),
                ..tag(&format!("{id}.{observed:?}"), at, observed, quantity)
            })
            .unwrap();
        }
    }
    let moments: Vec<Moment> = [1.0, 0.8, 0.6, 0.9]
        .into_iter()
        .enumerate()
        .map(|(hour, load)| {
            let at = Timestamp::from_ms(hour as i64 * 3_600_000);
            Moment { at, samples: shown(&loaded(&truth, load), &tags, at) }
        })
        .collect();
    // A source that is wrong by as much as a pump: nothing is sifted while the model is still wrong.
    let options = Options { false_alarm: 1e-9, ..Options::default() };
    let parameters = [Parameter::Head(pump)];
    let parts = [&moments[..3], &moments[3..]];
    let found = calibrate(&network, &Arc::new(tags), &parameters, parts, &options, 0.5).unwrap();
    assert!(found.settled && (found.found[0].factor / 0.8 - 1.0).abs() < 0.05, "{found:?}");
    assert!(found.after.root_mean_square_pa < 0.3 * found.before.root_mean_square_pa, "{found:?}");
    let mut calibrated = (*network).clone();
    found.edits.iter().for_each(|edit| drop(edit.apply(&mut calibrated).unwrap()));
    for (found, worn) in curve(&calibrated).iter().zip(curve(&truth)) {
        assert!((found.head_m - worn.head_m).abs() < 1.5, "{found:?} {worn:?}");
    }
}
