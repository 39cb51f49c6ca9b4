//! The sixteen houses of DESTEST CE_0 within the span of the published programs (`networks/destest/expected/span.csv`).

use std::path::PathBuf;

use hypocaust::io::tables;
use hypocaust::network::{Network, NodeId};
use hypocaust::solver::{Solution, Solver};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("networks/destest")
}

fn quantity(network: &Network, solution: &Solution, quantity: &str, element: &str) -> f64 {
    let node = |id: &str| -> NodeId { network.node_id(id).unwrap() };
    let pressure = |id: &str| solution.node(node(id)).unwrap().pressure_pa;
    let link = |id: &str| network.link_id(id).unwrap();
    match quantity {
        "supply_pressure_drop_pa" => {
            let (from, to) = element.split_once(" to ").unwrap();
            pressure(from) - pressure(to)
        }
        "temperature_c" => solution.node(node(element)).unwrap().temperature_c,
        "heat_loss_w" => solution.link(link(element)).unwrap().heat_loss_w,
        "heat_w" => solution.source(link(element)).unwrap().heat_w,
        other => panic!("unknown quantity {other}"),
    }
}

#[test]
fn sixteen_houses_lie_within_the_span_of_the_published_programs() {
    let (network, findings) = tables::read_folder(&folder()).unwrap();
    assert_eq!(findings, []);
    let solution = Solver::new().solve(&network, &Default::default());
    assert!(solution.converged);
    assert_eq!(solution.consumers.len(), 16);
    let mut rows = csv::Reader::from_path(folder().join("expected/span.csv")).unwrap();
    let mut count = 0;
    for row in rows.records() {
        let row = row.unwrap();
        let [lowest, highest] = [2, 3].map(|column| row[column].parse::<f64>().unwrap());
        let got = quantity(&network, &solution, &row[0], &row[1]);
        assert!((lowest..=highest).contains(&got), "{} of {}: {got} not in {lowest}…{highest}", &row[0], &row[1]);
        count += 1;
    }
    assert_eq!(count, 7);
}
