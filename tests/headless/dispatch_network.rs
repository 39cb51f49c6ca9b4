//! Dispatch on a network: the demo city with its example prices, planned, simulated, and what is wrong named.

use std::path::Path;

use hypocaust::dispatch::optimise::Effort;
use hypocaust::dispatch::optimise::propose::{Proposal, Refusal, Request, propose};
use hypocaust::dispatch::optimise::terms::{Clock, SourceTerms, StoreTerms, Terms};
use hypocaust::io::dispatch::{Load, plan_csv, terms};
use hypocaust::network::generate::{Parameters, city as generated};
use hypocaust::network::{Demand, Network};
use hypocaust::text::Language;

const PRICES: &str = include_str!("../../networks/demo-city/prices.toml");
const HOUR_S: f64 = 3600.0;

fn city() -> Network {
    hypocaust::network::generate::demo_city()
}

fn example() -> Terms {
    terms(Path::new("prices.toml"), PRICES).unwrap()
}

fn request(load_mw: &[f64], verify: bool) -> Request {
    Request {
        terms: example(),
        load_w: load_mw.iter().map(|mw| 1e6 * mw).collect(),
        outdoor_c: vec![-15.0; load_mw.len()],
        step_s: HOUR_S,
        start_calendar_s: 20_468.0 * 86_400.0,
        effort: Effort::default(),
        verify,
    }
}

fn planned(network: &Network, request: &Request) -> Proposal {
    propose(network, request, || {}).unwrap_or_else(|refusal| panic!("{refusal:?}"))
}

#[test]
fn the_network_bears_the_plan_and_gives_what_it_says() {
    let network = city();
    let asked = request(&[205.0, 204.0, 192.0, 180.0, 177.0, 178.0], true);
    let found = planned(&network, &asked);
    let plan = &found.outcome.plan;
    let broken = plan.violations(&found.model, 1e3);
    assert!(broken.is_empty(), "{broken:?}");
    assert!(found.outcome.gap <= 0.01, "gap {}", found.outcome.gap);
    let tried = found.tried.as_ref().unwrap();
    assert!(tried.found.is_empty(), "{:?}", tried.found.first());
    // A second solution of the same day: heat given is heat got and lost.
    let (gave, got): (f64, f64) = (tried.supplied_w.iter().sum(), tried.consumed_w.iter().sum());
    let asked_w: f64 = asked.load_w.iter().sum::<f64>();
    assert!(gave > got && gave < 1.1 * got, "{gave} given, {got} got");
    let from_buildings: f64 = plan.store_w[1].iter().sum();
    assert!((got / (asked_w - from_buildings) - 1.0).abs() < 0.005, "{got} got of {asked_w}");
    assert!(found.difference.heat_share.abs() < 0.01, "{:?}", found.difference);
    // One source holds the pressure; the other gives what the plan says but for its return temperature, a step old.
    for step in 0..asked.load_w.len() {
        for unit in 0..2 {
            let planned_w = plan.heat_w[unit][step] + if unit == 0 { plan.store_w[0][step] } else { 0.0 };
            let off_w = (tried.heat_w[unit][step] - planned_w).abs();
            assert!(off_w < 0.03 * asked.load_w[step], "step {step}, source {unit}: off by {off_w} W");
        }
    }
    let text = plan_csv(&found, asked.start_calendar_s);
    assert_eq!(text.lines().count(), 7);
    assert!(text.starts_with("time,demand_mw,HS01:on,HS01:heat_mw,HS01:simulated_mw"));
}

/// A generated city of several plants: coal, gas, wood, and a tank beside the first; half a day that gets colder.
fn of_plants(stations: usize, sources: usize, seed: u64) -> (Network, Request) {
    let network = generated(&Parameters { stations, sources, seed, ..Parameters::default() });
    let plants = network.links().filter(|view| view.source().is_some());
    let price = [110.0, 310.0, 130.0, 210.0];
    let source: Vec<SourceTerms> = plants
        .enumerate()
        .map(|(number, view)| SourceTerms {
            id: view.id.to_string(),
            fuel_price_1_mwh: Some(price[number % 4]),
            efficiency: Some(0.85),
            standing_cost_1_h: 100.0,
            start_cost: 2000.0,
            least_mw: Some(10.0),
            ramp_mw_h: Some(60.0),
            least_on_h: 3.0,
            least_off_h: 3.0,
            was_as_network: true,
            ..SourceTerms::default()
        })
        .collect();
    let store = StoreTerms {
        id: "tank".to_owned(),
        at: source[0].id.clone(),
        capacity_mwh: 80.0,
        charge_mw: 15.0,
        discharge_mw: 15.0,
        loss_share_day: 0.01,
        start_share: 0.3,
        end_share: None,
    };
    let heat_w = |demand: &Demand| if let Demand::Heat { heat_w } = demand { *heat_w } else { 0.0 };
    let design_w: f64 = network.links().filter_map(|view| view.consumer().map(|own| heat_w(&own.demand))).sum();
    let load_w = (0..12).map(|hour| design_w * (0.62 + 0.016 * f64::from(hour))).collect();
    let terms = Terms { source, store: vec![store], ..example() };
    (network, Request { terms, load_w, ..request(&[1.0; 12], true) })
}

#[test]
fn cities_of_several_plants_bear_their_plans() {
    for (stations, sources, seed) in [(40, 3, 1), (40, 3, 2), (48, 4, 3)] {
        let (network, asked) = of_plants(stations, sources, seed);
        let found = planned(&network, &asked);
        let told =
            format!("seed {seed}, {} plans, {} simulated, drawn {:?}", found.plans, found.simulated, found.drawn);
        let tried = found.tried.as_ref().unwrap();
        assert!(tried.found.is_empty(), "{told}: {:?}", tried.found.first());
        let broken = found.outcome.plan.violations(&found.model, 2e4);
        assert!(broken.is_empty(), "{told}: {broken:?}");
        assert!(found.outcome.gap <= 0.01, "{told}: gap {}", found.outcome.gap);
        let money = found.outcome.bill.money();
        assert!(found.free_bound.unwrap() <= found.outcome.bill.objective() * (1.0 + 1e-9), "{told}");
        // The network limits something here: what no limit would cost is less.
        assert!(!found.model.cuts.is_empty(), "{told}");
        assert_eq!(found.compared.len(), 3);
        for other in found.compared.iter().filter(|other| other.missing_j < 1e6 && other.surplus_j < 1e6) {
            assert!(money < other.money, "{told}: {other:?} against {money}");
        }
        // Limits found in a plan are kept by what the simulator then shows.
        for (unit, heat) in tried.heat_w.iter().enumerate() {
            for (step, w) in heat.iter().enumerate() {
                let tank_w = if unit == 0 { found.outcome.plan.store_w[0][step] } else { 0.0 };
                let off_w = (w - found.outcome.plan.heat_w[unit][step] - tank_w).abs();
                assert!(off_w < 0.03 * asked.load_w[step], "{told}: step {step}, source {unit} off by {off_w} W");
            }
        }
    }
}

#[test]
fn planning_ahead_is_cheaper_than_the_rule() {
    let network = city();
    let found = planned(&network, &request(&[150.0; 24], false));
    let money = found.outcome.bill.money();
    assert_eq!(found.compared.len(), 2);
    for rule in &found.compared {
        assert!(rule.missing_j > 1.0 || rule.surplus_j > 1.0 || money < rule.money, "{rule:?} against {money}");
    }
    // The store is as full at the end as at the start.
    let last_j = *found.outcome.plan.content_j[0].last().unwrap();
    assert!(last_j >= found.model.stores[0].end_j - 1e6, "{last_j}");
    // Rooms swing at most by what is allowed: a content of ± C·ΔT, C = U·A·τ.
    let store = &found.model.stores[1];
    assert!(found.outcome.plan.content_j[1].iter().all(|j| j.abs() <= store.most_j * (1.0 + 1e-6)));
    let loss_w_k = 150e6 / 33.0;
    assert!((store.most_j / (loss_w_k * 60.0 * 3600.0 * 0.5) - 1.0).abs() < 1e-9);
}

#[test]
fn prices_become_costs_by_hand() {
    let network = city();
    let clock = Clock { steps: 24, step_s: HOUR_S, start_s: 0.0 };
    let (units, links) = example().units(&network, &clock, 0.01).unwrap();
    assert_eq!((units.len(), links.len()), (2, 2));
    // Gas: 310/0.93 for the fuel, 0.01 MWh of electricity at 1150 at eight o'clock, CO2 of both at 90 a tonne.
    let carbon_kg = 202.0 / 0.93 + 0.01 * 556.8;
    let by_hand = 310.0 / 0.93 + 0.01 * 1150.0 + carbon_kg * 0.09;
    let at_eight = units[1].running_1_j[8].total() * 3.6e9;
    assert!((at_eight - by_hand).abs() < 1e-6, "{at_eight} instead of {by_hand}");
    // Turbine: 1.35/0.85 of fuel, 0.35 of power sold.
    let carbon_kg = 1.35 / 0.85 * 340.6 + (0.01 - 0.35) * 556.8;
    let by_hand = 1.35 / 0.85 * 118.0 - 350.0 * 0.55 + 11.5 + carbon_kg * 0.09;
    let at_eight = units[0].running_1_j[8].total() * 3.6e9;
    assert!((at_eight - by_hand).abs() < 1e-6, "{at_eight} instead of {by_hand}");
    assert_eq!((units[0].least_on, units[1].least_off), (12, 2));
}

#[test]
fn what_is_wrong_with_the_prices_is_named() {
    let refused = |text: &str| terms(Path::new("prices.toml"), text).unwrap_err().text(Language::English);
    let text = refused(&PRICES.replace("standing_cost_1_h = 150.0", "standing_costs = 150.0"));
    assert!(text.contains("standing_costs") && text.contains("prices.toml:"), "{text}");
    let network = city();
    let wrong = |change: &dyn Fn(&mut Terms)| -> String {
        let mut asked = request(&[150.0; 3], false);
        change(&mut asked.terms);
        match propose(&network, &asked, || {}) {
            Err(Refusal::Terms(errors)) => errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
            other => panic!("{:?}", other.is_ok()),
        }
    };
    let text = wrong(&|terms| drop(terms.source.pop()));
    assert!(text.contains("source HS02 runs in the network and has no [[source]]"), "{text}");
    let text = wrong(&|terms| terms.source[0].id = "HS9".to_owned());
    assert!(text.contains("\"HS9\"") && text.contains("HS01, HS02"), "{text}");
    let text = wrong(&|terms| terms.source[1].fuel_price_1_mwh = None);
    assert!(text.contains("source HS02 has no cost"), "{text}");
    let text = wrong(&|terms| terms.power_price_1_kwh = vec![0.5; 3]);
    assert!(text.contains("3 prices of power_price_1_kwh"), "{text}");
    let text = wrong(&|terms| terms.store[0].at = "HS07".to_owned());
    assert!(text.contains("HS07"), "{text}");
    let text = wrong(&|terms| terms.source[0].efficiency = Some(-1.0));
    assert!(text.contains("efficiency is -1"), "{text}");
}

#[test]
fn a_load_is_read_and_a_wrong_one_refused_by_line() {
    let path = Path::new("load.csv");
    let load = Load::parse(path, "time,heat_mw\n2026-01-15 00:00,100\n2026-01-15 02:00,140\n").unwrap();
    let (first_s, _) = load.span_s();
    assert!((load.at(first_s + HOUR_S).0 - 120e6).abs() < 1.0);
    assert!((load.at(first_s + 9.0 * HOUR_S).0 - 140e6).abs() < 1.0);
    let text = Load::parse(path, "time,heat_mw\n2026-01-15 00:00,100\n2026-01-15 00:00,90\n").unwrap_err();
    assert!(text.text(Language::English).contains("load.csv:3"), "{}", text.text(Language::English));
}
