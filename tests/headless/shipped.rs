//! The networks under `networks/`: each opens, says where it comes from, is valid, and solves to its expected results.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hypocaust::io;
use hypocaust::network::generate::{Parameters, city, demo_city};
use hypocaust::network::{LinkKind, Network, Severity, Side, validate};
use hypocaust::solver::{Options, Solution, Solver};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("networks")
}

fn names() -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| folder().join(name).is_dir())
        .collect();
    names.sort();
    names
}

/// What `open` is given: the one network file in a folder, or the folder of tables itself.
fn file_of(name: &str) -> PathBuf {
    let folder = folder().join(name);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json" || ending == "inp"))
        .collect();
    files.sort();
    if folder.join("nodes.csv").exists() { folder } else { files.remove(0) }
}

fn open(name: &str) -> Network {
    io::open(&file_of(name)).unwrap_or_else(|error| panic!("{name}: {error}")).network
}

fn solve(network: &Network) -> Solution {
    let solution = Solver::new().solve(network, &Options::default());
    assert!(solution.converged, "{:?}", solution.findings);
    solution
}

#[test]
fn every_shipped_network_opens_is_valid_and_names_its_source() {
    let names = names();
    for wanted in ["demo-city", "n100-water-heat", "n100x2-const-mdot", "schutterwald"] {
        assert!(names.iter().any(|name| name == wanted), "{wanted} is not shipped: {names:?}");
    }
    for name in names {
        let source = std::fs::read_to_string(folder().join(&name).join("SOURCE.md")).unwrap_or_default();
        assert!(source.to_lowercase().contains("licen"), "{name}: SOURCE.md names no licence");
        let network = open(&name);
        let errors: Vec<_> =
            validate::validate(&network).into_iter().filter(|finding| finding.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}

#[test]
fn the_demo_city_is_what_its_command_line_makes() {
    let shipped = open("demo-city");
    assert!(shipped.same_as(&demo_city()), "networks/demo-city is old: run the command line in its SOURCE.md");
    let size = std::fs::metadata(file_of("demo-city")).unwrap().len();
    assert!(size < 1_500_000, "{size} bytes");
}

/// Design limits hold in the solved city, not only in the walk over trees that sized it.
fn assert_well_designed(network: &Network) {
    let solution = solve(network);
    for consumer in &solution.consumers {
        assert!(consumer.satisfied, "{} is short: {consumer:?}", network.link_name(consumer.link));
    }
    // Losses of a compact city at full load are a few per cent.
    let made_w: f64 = solution.sources.iter().map(|source| source.heat_w).sum();
    let lost_w: f64 = solution.links.iter().map(|link| link.heat_loss_w).filter(|loss| loss.is_finite()).sum();
    assert!((0.002..0.06).contains(&(lost_w / made_w)), "{lost_w} of {made_w} W lost");
    let errors: Vec<_> = solution.findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let warnings = solution.findings.iter().filter(|finding| finding.severity == Severity::Warning).count();
    assert!(warnings * 50 <= network.link_count(), "{warnings} warnings: {:?}", solution.findings);
    let mut length_of_mains_m = [0.0, 0.0];
    for view in network.links() {
        let LinkKind::Pipe(pipe) = &view.link.kind else { continue };
        let state = solution.link(view.handle).unwrap();
        assert!(state.velocity_m_s.abs() <= 3.5, "{}: {} m/s", view.id, state.velocity_m_s);
        let loss_pa_m = state.pressure_drop_pa.abs() / pipe.length_m;
        if pipe.inner_diameter_m > 0.24 {
            let within = loss_pa_m <= 100.0;
            length_of_mains_m[usize::from(within)] += pipe.length_m;
        }
        let nominal_pa = pipe.details.nominal_pressure_pa.unwrap();
        let (inlet_c, outlet_c) = (state.inlet_temperature_c, state.outlet_temperature_c);
        assert!(outlet_c <= inlet_c && outlet_c > 0.0 && inlet_c <= 110.0, "{}: {inlet_c} to {outlet_c} °C", view.id);
        for end in [view.from, view.to] {
            let pressure_pa = solution.node(end).unwrap().pressure_pa;
            assert!(pressure_pa > 50_000.0 && pressure_pa < nominal_pa, "{}: {pressure_pa} Pa", view.id);
        }
    }
    let steep = length_of_mains_m[0] / (length_of_mains_m[0] + length_of_mains_m[1]);
    assert!(steep < 0.1, "{steep} of the mains lose more than 100 Pa/m");
}

#[test]
fn the_demo_city_runs_within_its_design_limits() {
    assert_well_designed(&demo_city());
}

#[test]
fn other_cities_run_within_their_design_limits() {
    for (stations, seed) in [(3, 1), (20, 2), (60, 11), (120, 5)] {
        assert_well_designed(&city(&Parameters { stations, seed, ..Parameters::default() }));
    }
}

/// Rows of an expected table by id: column → number.
fn expected(name: &str, table: &str) -> BTreeMap<String, BTreeMap<String, f64>> {
    let path = folder().join(name).join("expected").join(format!("{table}.csv"));
    let mut reader = csv::Reader::from_path(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let header = reader.headers().unwrap().clone();
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            let cells = header.iter().zip(record.iter()).skip(1);
            let row = cells.filter_map(|(column, text)| Some((column.to_owned(), text.parse().ok()?))).collect();
            (record[0].to_owned(), row)
        })
        .collect()
}

/// One of two names of a column.
fn cell(row: &BTreeMap<String, f64>, names: [&str; 2]) -> f64 {
    *names.iter().find_map(|name| row.get(*name)).unwrap_or_else(|| panic!("none of {names:?} in {row:?}"))
}

/// Compares with `expected/` of a folder: 1e-5 of the largest flow, 20 Pa, 0.01 K.
fn assert_expected(name: &str) {
    let network = open(name);
    let solution = solve(&network);
    let pipes = expected(name, "pipes");
    let flow = |row: &BTreeMap<String, f64>| cell(row, ["mdot_kg_s", "mass_flow_kg_s"]);
    let largest = pipes.values().map(|row| flow(row).abs()).fold(0.0, f64::max);
    assert!(largest > 0.0 && pipes.len() > 100, "{name}");
    let mut compared = 0;
    for (id, row) in &pipes {
        let state = solution.link(network.link_id(id).unwrap()).unwrap();
        assert!((state.mass_flow_kg_s - flow(row)).abs() < 1e-5 * largest, "{name} {id}: {state:?} {row:?}");
        // Still water has no temperature of its own there.
        if let Some(outlet_c) = row.get("t_out_c").or(row.get("outlet_temperature_c")) {
            assert!((state.outlet_temperature_c - outlet_c).abs() < 0.01, "{name} {id}: {state:?} {row:?}");
            compared += 1;
        }
    }
    let nodes = expected(name, "nodes");
    assert_eq!(nodes.len(), network.node_count());
    for (id, row) in &nodes {
        let state = solution.node(network.node_id(id).unwrap()).unwrap();
        let pressure_pa = cell(row, ["p_gauge_pa", "pressure_pa"]);
        assert!((state.pressure_pa - pressure_pa).abs() < 20.0, "{name} {id}: {state:?} {row:?}");
        if let Some(temperature_c) = row.get("t_c").or(row.get("temperature_c")) {
            assert!((state.temperature_c - temperature_c).abs() < 0.01, "{name} {id}: {state:?} {row:?}");
            compared += 1;
        }
    }
    assert!(compared * 10 > 9 * (pipes.len() + nodes.len()), "{name}: only {compared} temperatures");
}

#[test]
fn shipped_reference_networks_solve_to_their_expected_results() {
    for name in ["n100-water-heat", "n100x2-const-mdot", "schutterwald"] {
        assert_expected(name);
    }
}

#[test]
fn supply_and_return_of_shipped_district_networks_are_told_apart() {
    for name in ["demo-city", "n100-water-heat", "schutterwald"] {
        let network = open(name);
        let sides = |side| network.nodes().filter(|(_, _, node)| node.side == side).count();
        assert_eq!(sides(Side::Supply), sides(Side::Return), "{name}");
    }
}
