//! Networks from EPANET input files against EPANET's own flows and heads at hour 0.
//!
//! Tolerances: flows 0.1 % of the largest flow, heads 0.01 m. The expected values are in the units of each file.

use std::collections::BTreeMap;
use std::path::Path;

use hypocaust::io::inp;
use hypocaust::network::{FrictionModel, LinkKind, Network, WaterModel};
use hypocaust::solver::{Mode, Options, Solution, Solver};

const LITRE_PER_CUBIC_FOOT: f64 = 28.317;
const GALLON_MINUTE_PER_CUBIC_FOOT: f64 = 448.831;
const CUBIC_METRE_HOUR_PER_CUBIC_FOOT: f64 = 101.94;

/// Units of the expected values.
#[derive(Clone, Copy)]
struct Units {
    flow_per_cubic_foot: f64,
    head_m: f64,
}

const US: Units = Units { flow_per_cubic_foot: GALLON_MINUTE_PER_CUBIC_FOOT, head_m: 0.3048 };
const LITRES: Units = Units { flow_per_cubic_foot: LITRE_PER_CUBIC_FOOT, head_m: 1.0 };
const CUBIC_METRES: Units = Units { flow_per_cubic_foot: CUBIC_METRE_HOUR_PER_CUBIC_FOOT, head_m: 1.0 };

fn data(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/epanet").join(name);
    std::fs::read_to_string(path).unwrap()
}

fn parse(text: &str) -> Network {
    inp::parse(text, Path::new("test.inp")).unwrap_or_else(|error| panic!("{error}")).0
}

fn solve(network: &Network) -> Solution {
    let solution = Solver::new().solve(network, &Options { mode: Mode::Hydraulic, ..Options::default() });
    assert!(solution.converged, "{:?}", solution.findings);
    solution
}

/// (flows, heads) by id, from the column asked for.
fn expected(name: &str, column: &str) -> (BTreeMap<String, f64>, BTreeMap<String, f64>) {
    let text = data(name);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let at = reader.headers().unwrap().iter().position(|header| header == column).unwrap();
    let mut both = (BTreeMap::new(), BTreeMap::new());
    for row in reader.records() {
        let row = row.unwrap();
        let table = if &row[0] == "flow" { &mut both.0 } else { &mut both.1 };
        table.insert(row[1].to_owned(), row[at].parse().unwrap());
    }
    both
}

/// Largest deviations: share of the largest flow, and metres of head.
fn compare(network: &Network, file: &str, column: &str, units: Units) {
    let solution = solve(network);
    let (flows, heads) = expected(file, column);
    assert_eq!((flows.len(), heads.len()), (network.link_count(), network.node_count()));
    let WaterModel::Constant { density_kg_m3, .. } = network.settings().water else { panic!("water not constant") };
    let per_kg_s = units.flow_per_cubic_foot / 0.3048f64.powi(3) / density_kg_m3;
    let weight_pa_m = density_kg_m3 * network.settings().gravity_m_s2;
    let largest = flows.values().fold(0.0, |largest: f64, flow| largest.max(flow.abs()));
    let (mut worst_flow, mut worst_head) = ((0.0, String::new()), (0.0, String::new()));
    for (id, flow) in &flows {
        let here = solution.link(network.link_id(id).unwrap()).unwrap().mass_flow_kg_s * per_kg_s;
        let off = (here - flow).abs() / largest;
        assert!(off.is_finite(), "link {id}: {here}");
        if off > worst_flow.0 {
            worst_flow = (off, format!("link {id}: {here} instead of {flow}"));
        }
    }
    for (id, head) in &heads {
        let node = network.node_id(id).unwrap();
        let here_m = network.node(node).unwrap().z_m + solution.node(node).unwrap().pressure_pa / weight_pa_m;
        let off = (here_m - head * units.head_m).abs();
        assert!(off.is_finite(), "node {id}: {here_m}");
        if off > worst_head.0 {
            worst_head = (off, format!("node {id}: {here_m} m instead of {} m", head * units.head_m));
        }
    }
    println!("{file} {column}: flow {:.2e} of the largest, head {:.2e} m", worst_flow.0, worst_head.0);
    assert!(worst_flow.0 < 1e-3, "{file} {column}: {}", worst_flow.1);
    assert!(worst_head.0 < 0.01, "{file} {column}: {}", worst_head.1);
}

/// The same network with Darcy–Weisbach and 0.5 mm everywhere, as the second column of results was made.
fn darcy_weisbach(text: &str) -> Network {
    let mut network = parse(text);
    let mut settings = network.settings().clone();
    settings.friction = FrictionModel::SwameeJain;
    network.set_settings(settings);
    for view in network.links() {
        let LinkKind::Pipe(pipe) = &view.link.kind else { continue };
        assert_eq!(pipe.roughness_m, 0.0005, "the import's default is the roughness wanted");
    }
    network
}

#[test]
fn net1_as_published() {
    compare(&parse(&data("Net1.inp")), "Net1.expected.csv", "original", US);
}

#[test]
fn net3_as_published() {
    compare(&parse(&data("Net3.inp")), "Net3.expected.csv", "original", US);
}

#[test]
fn metric_networks_with_hazen_williams() {
    for name in ["Net1_si", "Net3_si", "ky4_si"] {
        compare(&parse(&data(&format!("{name}.inp"))), &format!("{name}.expected.csv"), "original", LITRES);
    }
}

#[test]
fn metric_networks_with_darcy_weisbach() {
    for name in ["Net1_si", "Net3_si", "ky4_si"] {
        let network = darcy_weisbach(&data(&format!("{name}.inp")));
        compare(&network, &format!("{name}.expected.csv"), "darcy_weisbach", LITRES);
    }
}

#[test]
fn every_kind_of_valve_and_pump() {
    compare(&parse(&data("valves.inp")), "valves.expected.csv", "original", US);
}

#[test]
fn chezy_manning_in_cubic_metres_an_hour_and_kilopascals() {
    compare(&parse(&data("metric.inp")), "metric.expected.csv", "original", CUBIC_METRES);
}

/// One pipe to one demand in every flow unit; heads by EPANET 2.3.5, in feet or metres.
#[test]
fn every_flow_unit() {
    let cases = [
        ("CFS", "2", 283.4459652261953),
        ("GPM", "900", 283.3614000605788),
        ("MGD", "1.3", 283.26081995180675),
        ("IMGD", "1.1", 282.72740478742725),
        ("AFD", "4", 283.1784452052935),
        ("LPS", "60", 93.32739219138871),
        ("LPM", "3600", 93.32723815614756),
        ("MLD", "5", 93.78384554562595),
        ("CMH", "210", 93.68579629427694),
        ("CMD", "5200", 93.28700513795434),
        ("CMS", "0.06", 93.32739219138871),
    ];
    for (unit, demand, head) in cases {
        let metric = head < 200.0;
        let (source, length, diameter, roughness) =
            if metric { ("100", "1000", "250", "0.3") } else { ("300", "3000", "10", "1") };
        let network = parse(&format!(
            "[RESERVOIRS]\nR {source}\n[JUNCTIONS]\nJ 10 {demand}\n[PIPES]\nP R J {length} {diameter} {roughness} 1.5\n\
             [OPTIONS]\nUNITS {unit}\nHEADLOSS D-W\n"
        ));
        let solution = solve(&network);
        let node = network.node_id("J").unwrap();
        let head_m = network.node(node).unwrap().z_m + solution.node(node).unwrap().pressure_pa / 9814.56;
        let expected_m = if metric { head } else { head * 0.3048 };
        assert!((head_m - expected_m).abs() < 1e-3, "{unit}: {head_m} instead of {expected_m}");
    }
}

/// Writing and reading back changes no result.
#[test]
fn a_written_file_gives_the_same_results() {
    for (name, units) in [("valves", US), ("Net3", US), ("metric", CUBIC_METRES)] {
        let written = inp::write(&parse(&data(&format!("{name}.inp"))));
        compare(&parse(&written.text), &format!("{name}.expected.csv"), "original", units);
    }
}
