//! What a planner says of stations and buildings reaches the simulation.

use std::process::Command;

use hypocaust::io::file;
use hypocaust::network::{Building, Consumer, Demand, Heating, Network, Secondary, SecondaryZone, Source};

use crate::stations_in_time::network_of;

/// One source, one pipe a side, one consumer of 1 MW with two zones, and a house behind it.
fn network(secondary: Option<Secondary>) -> Network {
    let consumer =
        Consumer { demand: Demand::Heat { heat_w: 1e6 }, secondary: secondary.map(Box::new), ..Consumer::default() };
    let house = Building {
        heated_area_m2: Some(20_000.0),
        height_m: 18.0,
        heating: Some(Box::new(Heating { thermostat_temperature_c: Some(20.0), ..Heating::default() })),
        ..Building::default()
    };
    network_of(Source::default(), consumer, &[house])
}

fn simulate(network: &Network) -> serde_json::Value {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.hypocaust.json");
    file::write(&path, network).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_hypocaust"))
        .args(["simulate", path.to_str().unwrap(), "--hours", "6", "--step", "300", "--buildings", "--format", "json"])
        .env("LC_ALL", "C")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn two_zones_run_on_their_own_data_and_the_balance_closes() {
    let zone = |heat_share| SecondaryZone { heat_share, ..SecondaryZone::default() };
    let low_temperature = Secondary {
        secondary_supply_temperature_c: 50.0,
        secondary_return_temperature_c: 35.0,
        zones: vec![zone(0.6), zone(0.4)],
        ..Secondary::default()
    };
    let (described, plain) = (simulate(&network(Some(low_temperature))), simulate(&network(None)));
    for answer in [&described, &plain] {
        assert!(answer["heat"]["imbalance_share"].as_f64().unwrap().abs() < 1e-6, "{answer}");
    }
    // A secondary side at 50/35 sends the primary water back colder than one at 75/50: less flow for the same heat, so
    // the two runs cannot agree.
    let consumed = |answer: &serde_json::Value| answer["heat"]["consumed_j"].as_f64().unwrap();
    assert!(consumed(&described) > 0.0 && (consumed(&described) / consumed(&plain) - 1.0).abs() > 1e-6);
}
