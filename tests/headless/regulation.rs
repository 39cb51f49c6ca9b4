//! Heating curves of a whole network, orders for its sources, and the commands `curve` and `balance`.

use std::process::Command;

use serde_json::Value;

use hypocaust::dispatch::heating_curve::{Regulation, Rules, regulated, source_point, supplied};
use hypocaust::io::file;
use hypocaust::network::generate::{Parameters, city, unbalanced};
use hypocaust::solver::{Options, Solver};

fn quality() -> Rules {
    Rules { secondary: Regulation::Quality, primary: Regulation::Quality, least_flow: 0.3, least_supply_c: 65.0 }
}

fn small_city() -> hypocaust::network::Network {
    city(&Parameters { stations: 8, seed: 5, most_buildings: 10, ..Parameters::default() })
}

#[test]
fn a_city_at_design_has_its_design_heat_and_temperatures() {
    let network = small_city();
    let found = regulated(&network);
    assert_eq!(found.stations.len(), network.links().filter(|view| view.consumer().is_some()).count());
    assert!(found.without.is_empty(), "{:?}", found.without);
    let design_c = network.settings().design_outdoor_c();
    for (link, station) in &found.stations {
        let at = station.at(design_c, &quality());
        let consumer = network.link_view(*link).unwrap().consumer().unwrap();
        assert!((at.primary.supply_c - 110.0).abs() < 1e-6, "{at:?}");
        assert!((at.primary.return_c - consumer.return_temperature_c).abs() < 1e-6, "{at:?}");
        let half = station.at(0.5 * (design_c + station.curve.room_c), &quality());
        assert!((half.heat_w / at.heat_w - 0.5).abs() < 1e-9 && half.primary.supply_c < at.primary.supply_c);
    }
}

#[test]
fn orders_lead_by_minutes_and_cover_the_cooling() {
    let network = small_city();
    let found = regulated(&network);
    let solution = Solver::new().solve(&network, &Options::default());
    let sources = supplied(&network, &found, &solution);
    let served: usize = sources.iter().map(|(_, list)| list.len()).sum();
    assert_eq!(served, found.stations.len(), "every station has a source");
    for (_, list) in &sources {
        for it in list {
            assert!(it.delay_s > 30.0 && it.delay_s < 4.0 * 3600.0, "{}", it.delay_s);
            assert!((0.0..0.1).contains(&it.cooling_share), "{}", it.cooling_share);
        }
        let cold = source_point(list, &quality(), 5.0, 0.0, |_| -15.0);
        let mild = source_point(list, &quality(), 5.0, 0.0, |_| 0.0);
        let turning = source_point(list, &quality(), 5.0, 0.0, |time_s| if time_s <= 1.0 { 0.0 } else { -15.0 });
        assert!(cold.supply_c > mild.supply_c + 10.0 && cold.highest_c >= cold.supply_c - 1e-9);
        assert!(turning.supply_c > mild.supply_c + 5.0, "the water sent now arrives in the cold");
    }
}

fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_hypocaust")).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_commands_answer_write_and_refuse() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (from, to) = (path("city.hypocaust.json"), path("after.hypocaust.json"));
    let drawn = (0..20).map(|seed| unbalanced(seed, 8)).find(|city| city.spoilt.is_empty()).unwrap();
    file::write(from.as_ref(), &drawn.network).unwrap();

    let (code, out, said) = run(&["balance", &from, "--format", "json", "--output", &to]);
    assert_eq!(code, 0, "{said}");
    let answer: Value = serde_json::from_str(&out).unwrap();
    assert!(answer["gap"].as_f64().unwrap() < 1e-3 && answer["unmet"].as_array().unwrap().is_empty());
    assert!(answer["zones"][0]["worst_loop"]["consumer"].is_string());
    // Balanced once, there is nothing left to balance.
    let (_, again, _) = run(&["balance", &to, "--format", "json"]);
    let again: Value = serde_json::from_str(&again).unwrap();
    let all = again["stations"].as_object().unwrap().len() as u64;
    assert_eq!(again["before"]["met"].as_u64().unwrap(), all);
    // As a scenario, the network below stays as it is.
    let (code, _, said) = run(&["balance", &from, "--output", &to, "--scenario", "set"]);
    assert_eq!(code, 0, "{said}");
    let (_, plain, _) = run(&["solve", &to, "--format", "json"]);
    let (_, set, _) = run(&["solve", &to, "--format", "json", "--scenario", "set"]);
    assert_ne!(plain, set);
    for language in ["en", "zh-CN"] {
        let (code, text, _) = run(&["balance", &from, "--language", language]);
        assert!(code == 0 && text.lines().count() > 12, "{text}");
        assert!(!text.contains("balance-"), "a sentence is missing: {text}");
    }
    let wanted = path("wanted.csv");
    std::fs::write(&wanted, "station,mass_flow_kg_s\nnobody,3\n").unwrap();
    let (code, _, said) = run(&["balance", &from, "--wanted", &wanted]);
    assert!(code == 1 && said.contains("nobody") && said.contains('2'), "{said}");

    let (code, out, said) = run(&["curve", &from, "--weather", "harbin-like", "--hours", "3", "--format", "json"]);
    assert_eq!(code, 0, "{said}");
    let answer: Value = serde_json::from_str(&out).unwrap();
    let rows = answer["curve"].as_array().unwrap();
    assert!(rows.len() >= 5 && answer["sources"][0]["orders"].as_array().unwrap().len() == 3);
    for pair in rows.windows(2) {
        assert!(pair[1]["primary_supply_c"].as_f64() >= pair[0]["primary_supply_c"].as_f64(), "colder, warmer");
    }
    for language in ["en", "zh-CN"] {
        let (code, text, _) = run(&["curve", &from, "--primary", "quantity", "--language", language]);
        assert!(code == 0 && !text.contains("curve-"), "{text}");
    }
    let (code, _, said) = run(&["curve", &from, "--station", "nobody"]);
    assert!(code == 1 && said.contains("nobody"), "{said}");
}
