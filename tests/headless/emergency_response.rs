//! The whole answer to a burst: what must hold of it on the demo city and on small networks with known answers.

use hypocaust::emergency::burst::{Hole, leak_edits};
use hypocaust::emergency::impact::Loss;
use hypocaust::emergency::isolation::IsolationFault;
use hypocaust::emergency::resupply::Action;
use hypocaust::emergency::{Break, Request, Response, add_resupply, first_response, respond};
use hypocaust::io::emergency as forms;
use hypocaust::network::edit::Edit;
use hypocaust::network::generate::demo_city;
use hypocaust::network::{
    Building, Consumer, Demand, LinkId, Network, Node, Pipe, Settings, Side, Source, SourceControl, Valve,
    ValveCondition,
};
use hypocaust::solver::Solver;
use hypocaust::text::Language;
use hypocaust::units::DisplayUnits;

fn at(network: &Network, id: &str) -> LinkId {
    network.link_id(id).unwrap_or_else(|| panic!("{id}"))
}

fn burst_at(network: &mut Network, ids: &[&str]) -> Response {
    let breaks = ids.iter().map(|id| Break { link: at(network, id), position: 0.5, hole: Hole::FullBore }).collect();
    respond(network, &Request { breaks, ..Request::default() }, &mut Solver::new()).unwrap()
}

fn names(network: &Network, links: impl IntoIterator<Item = LinkId>) -> Vec<String> {
    links.into_iter().map(|link| network.link_name(link).to_string()).collect()
}

/// Plant – valves – main – valves – main …, three districts in a row, a tie from the last one to a second plant.
///
/// H1 ═V0═ 1 ═P1═ 2 ═V1═ 3 ═P2═ 4 ═V2═ 5 ═P3═ 6 ═T(shut)═ 7 ═ H2; consumers at 2, 4 and 6.
pub fn row() -> Network {
    let mut network = Network::new();
    network.set_settings(Settings {
        outdoor_temperature_c: -21.1,
        design_outdoor_temperature_c: Some(-21.1),
        ..Settings::default()
    });
    for (side, letter) in [(Side::Supply, 'S'), (Side::Return, 'R')] {
        for n in 0..8 {
            let node = Node { side, x_m: 300.0 * f64::from(n), ..Node::default() };
            network.insert_node(format!("{letter}{n}"), node).unwrap();
        }
        let pipe = || Pipe { length_m: 300.0, inner_diameter_m: 0.3, outer_diameter_m: 0.325, ..Pipe::default() };
        let valve = |opening| Valve { opening, diameter_m: Some(0.3), ..Valve::default() };
        let ends = |n: usize| (format!("{letter}{n}"), format!("{letter}{}", n + 1));
        for (n, id) in [(0, "V0"), (2, "V1"), (4, "V2")] {
            let (from, to) = ends(n);
            network.insert_link_between(format!("{id}{letter}"), &from, &to, valve(1.0)).unwrap();
        }
        for (n, id) in [(1, "P1"), (3, "P2"), (5, "P3")] {
            let (from, to) = ends(n);
            network.insert_link_between(format!("{id}{letter}"), &from, &to, pipe()).unwrap();
        }
        let (from, to) = ends(6);
        network.insert_link_between(format!("T{letter}"), &from, &to, valve(0.0)).unwrap();
    }
    let plant = |control| Source { control, capacity_w: Some(50e6), ..Source::default() };
    let held = SourceControl::Reference { return_pressure_pa: 3e5, pressure_rise_pa: 4e5 };
    network.insert_link_between("H1", "R0", "S0", plant(held.clone())).unwrap();
    network.insert_link_between("H2", "R7", "S7", plant(held)).unwrap();
    for n in [2, 4, 6] {
        let consumer = Consumer {
            demand: Demand::Heat { heat_w: 2e6 },
            kv_open_m3_h: Some(100.0),
            people: Some(1000),
            households: Some(400),
            ..Consumer::default()
        };
        network.insert_link_between(format!("C{n}"), &format!("S{n}"), &format!("R{n}"), consumer).unwrap();
        let building = Building {
            consumer: Some(format!("C{n}").into()),
            heated_area_m2: Some(30_000.0),
            height_m: 18.0,
            time_constant_s: Some(100.0 * 3600.0),
            ..Building::default()
        };
        network.insert_building(format!("B{n}"), building).unwrap();
    }
    network
}

#[test]
fn a_burst_in_the_middle_is_shut_off_and_the_end_fed_by_the_tie() {
    let mut network = row();
    let whole = network.clone();
    let response = burst_at(&mut network, &["P2S"]);
    assert!(network.same_as(&whole), "the network is given back as it was");
    assert_eq!(names(&network, response.plan.valves.iter().copied()), ["V1S", "V1R"]);
    assert_eq!(names(&network, response.plan.optional.iter().copied()), ["V2S", "V2R"]);
    let impact = response.impact.as_ref().unwrap();
    assert!(impact.solution.converged);
    let mut lost = names(&network, impact.consumers.iter().map(|c| c.consumer));
    lost.sort();
    assert_eq!(lost, ["C4", "C6"]);
    assert!(impact.consumers.iter().all(|c| c.loss == Loss::CutOff && c.share == 0.0));
    assert_eq!((impact.totals.people, impact.totals.households, impact.totals.cut_off), (2000, 800, 2));
    assert!((impact.totals.lost_w - 4e6).abs() < 10.0, "{}", impact.totals.lost_w);
    // Both tie valves, and with them the last district is warm again.
    let step = &response.resupply.steps[0];
    let Action::OpenValves(valves) = &step.action else { panic!("{:?}", step.action) };
    assert_eq!(names(&network, valves.iter().copied()), ["TS", "TR"]);
    assert!((step.regained_w - 2e6).abs() < 2e4, "{}", step.regained_w);
    assert_eq!(names(&network, step.after.consumers.iter().map(|c| c.consumer)), ["C4"]);
    assert_eq!(response.resupply.steps.len(), 1);
}

#[test]
fn rooms_follow_the_closed_form() {
    // 100 h, 18 °C, −21.1 °C outside, no heat: t = −21.1 + 39.1·e^(−z/100).
    let response = burst_at(&mut row(), &["P2S"]);
    let clock = response.clocks.iter().find(|clock| &*clock.building == "B4").unwrap();
    for (limit_c, found_s) in [(16.0, clock.crosses_s[0]), (14.0, clock.crosses_s[1]), (12.0, clock.crosses_s[2])] {
        let hours = 100.0 * (39.1f64 / (limit_c + 21.1)).ln();
        assert!((found_s.unwrap() / 3600.0 - hours).abs() < 1e-9, "{limit_c}");
    }
    // DN300: 13 h by the norm.
    assert!((response.repair_s / 3600.0 - 13.0).abs() < 1e-9);
    assert!((clock.at_repair_c - (-21.1 + 39.1 * (-0.13f64).exp())).abs() < 1e-9);
    assert_eq!(response.too_cold().count(), 0);
    assert!(response.clocks_resupplied.iter().all(|clock| &*clock.building == "B4"));
}

#[test]
fn the_loss_is_what_leaves_the_hole() {
    let mut network = row();
    let response = burst_at(&mut network, &["P1S"]);
    let state = response.burst.as_ref().unwrap();
    let at_once = state.at_once.as_ref().unwrap();
    // The plants make up what runs out: mass in and out of the whole network.
    let inflow: f64 = at_once.solution.sources.iter().map(|source| source.mass_flow_kg_s).sum::<f64>();
    assert!(inflow.is_finite() && at_once.mass_flow_kg_s() > 100.0);
    let solved = network
        .what_if(&leak_edits(&network.clone(), &response.breaks), |network| {
            Solver::new().solve(network, &hypocaust::solver::Options::default())
        })
        .unwrap();
    let lost: f64 = solved.leaks.iter().map(|leak| leak.mass_flow_kg_s).sum();
    assert!((lost / at_once.mass_flow_kg_s() - 1.0).abs() < 0.05, "{lost} {}", at_once.mass_flow_kg_s());
    // With 4 % of the circulation as make-up, that is what runs out.
    let exhausted = state.exhausted.as_ref().unwrap();
    assert!(state.make_up_assumed);
    assert!((exhausted.mass_flow_kg_s() / state.make_up_capacity_kg_s - 1.0).abs() < 1e-6);
    assert!(exhausted.mass_flow_kg_s() < at_once.mass_flow_kg_s());
    // The reference pressure has fallen.
    assert!(exhausted.outflows[0].pressure_pa < at_once.outflows[0].pressure_pa);
}

#[test]
fn stuck_and_unknown_valves_are_gone_around() {
    let mut network = row();
    let link = at(&network, "P2S");
    let breaks = vec![Break { link, position: 0.5, hole: Hole::FullBore }];
    let mut request = Request { breaks, ..Request::default() };
    request.reliance.unusable.insert(at(&network, "V1S"));
    let response = respond(&mut network, &request, &mut Solver::new()).unwrap();
    // The first district hangs on both mains through its station: its return goes with it.
    assert_eq!(names(&network, response.plan.valves.iter().copied()), ["V0S", "V0R"]);
    assert!(response.tasks.iter().all(|task| task.valve != at(&network, "V1S")));
    assert!(response.fallbacks.iter().all(|fallback| !fallback.instead.contains(&at(&network, "V1S"))));
    // Nobody knows whether it moves: the plan goes around it and says so, and what it would spare.
    request.reliance.unusable.clear();
    let element = network.link_ref(at(&network, "V1S"));
    let unknown = Edit::set(element, "condition", serde_json::to_value(ValveCondition::Unknown).unwrap());
    unknown.apply(&mut network).unwrap();
    let response = respond(&mut network, &request, &mut Solver::new()).unwrap();
    assert_eq!(names(&network, response.unknown_valves.iter().copied()), ["V1S"]);
    assert!(
        response.alternatives.iter().any(|other| names(&network, other.plan.valves.iter().copied()) == ["V1S", "V1R"])
    );
}

#[test]
fn a_plant_that_loses_its_reference_hands_it_over() {
    let mut network = row();
    for (id, opening) in [("TS", 1.0), ("TR", 1.0)] {
        let element = network.link_ref(at(&network, id));
        Edit::set(element, "opening", opening).apply(&mut network).unwrap();
    }
    let element = network.link_ref(at(&network, "H2"));
    let rise = serde_json::json!({ "pressure-rise": { "pressure_rise_pa": 4e5 } });
    Edit::set(element, "control", rise).apply(&mut network).unwrap();
    // V0 is all that stands before H1, which holds the reference: without it H1 has to stop.
    let link = at(&network, "P1S");
    let mut request =
        Request { breaks: vec![Break { link, position: 0.5, hole: Hole::FullBore }], ..Request::default() };
    request.reliance.unusable.extend([at(&network, "V0S"), at(&network, "V0R")]);
    let response = respond(&mut network, &request, &mut Solver::new()).unwrap();
    assert_eq!(names(&network, response.plan.stopped_sources.iter().copied()), ["H1"]);
    let impact = response.impact.unwrap();
    assert!(impact.solution.converged, "{:?}", impact.solution.findings);
    assert_eq!(names(&network, impact.hand_overs.iter().map(|h| h.source)), ["H2"]);
    assert!(impact.consumers.iter().all(|c| c.consumer == at(&network, "C2")), "{:?}", impact.consumers);
}

#[test]
fn too_little_heat_is_shared_by_all_that_are_left() {
    let mut network = row();
    for (id, field, value) in [("TS", "opening", 1.0), ("TR", "opening", 1.0), ("H2", "capacity_w", 2e6)] {
        let element = network.link_ref(at(&network, id));
        Edit::set(element, field, value).apply(&mut network).unwrap();
    }
    // The first district breaks: H2 alone has 2 MW for 4.
    let response = burst_at(&mut network, &["P1S"]);
    let impact = response.impact.unwrap();
    let left: Vec<_> = impact.consumers.iter().filter(|c| c.loss == Loss::HeatShort).collect();
    let mut short = names(&network, left.iter().map(|c| c.consumer));
    short.sort();
    assert_eq!(short, ["C4", "C6"]);
    assert!(left.iter().all(|c| (0.45..0.5).contains(&c.share)), "{left:?}");
}

#[test]
fn bad_cases_get_a_sentence() {
    let mut network = row();
    let nothing = respond(&mut network, &Request::default(), &mut Solver::new());
    assert_eq!(nothing.unwrap_err(), IsolationFault::Nothing);
    let consumer = Break { link: at(&network, "C2"), position: 0.5, hole: Hole::FullBore };
    let refused = respond(&mut network, &Request { breaks: vec![consumer], ..Request::default() }, &mut Solver::new());
    assert!(refused.unwrap_err().to_string().contains("cannot burst"));
    // At a valve, on a dead end, on both pipes at once.
    let valve = burst_at(&mut network, &["V1S"]);
    assert_eq!(names(&network, valve.plan.valves.iter().copied()), ["V0S", "V0R"]);
    let both = burst_at(&mut network, &["P2S", "P2R"]);
    assert_eq!(names(&network, both.plan.valves.iter().copied()), ["V1S", "V1R"]);
    assert!(both.burst.unwrap().at_once.unwrap().outflows.len() == 2);
    let dead_end = burst_at(&mut network, &["P3R"]);
    assert_eq!(names(&network, dead_end.plan.valves.iter().copied()), ["V2S", "V2R"]);
    // A network that cannot be solved still has a plan.
    let mut unsolved = row();
    for id in ["H1", "H2"] {
        let element = unsolved.link_ref(at(&unsolved, id));
        let rise = serde_json::json!({ "pressure-rise": { "pressure_rise_pa": 4e5 } });
        Edit::set(element, "control", rise).apply(&mut unsolved).unwrap();
    }
    let traced = burst_at(&mut unsolved, &["P2S"]);
    assert!(!traced.before.converged && traced.impact.is_none());
    assert_eq!(names(&unsolved, traced.plan.valves.iter().copied()), ["V1S", "V1R"]);
    for language in Language::ALL {
        let text = format!("{:?}", forms::sheet(&unsolved, &traced, language, &DisplayUnits::default()));
        assert!(text.contains("check"), "{text}");
    }
}

/// Every main of the demo city: the plan isolates what it says, and nothing that is not cut off by it changes connectivity.
#[test]
fn every_main_of_the_demo_city_has_a_plan() {
    let mut network = demo_city();
    let whole = network.clone();
    let mains: Vec<LinkId> = network
        .links()
        .filter(|view| view.pipe().is_some_and(|pipe| pipe.inner_diameter_m > 0.4))
        .map(|view| view.handle)
        .collect();
    assert!(mains.len() > 20);
    let mut solver = Solver::new();
    for &link in mains.iter().step_by(13) {
        let breaks = vec![Break { link, position: 0.3, hole: Hole::FullBore }];
        let request = Request { breaks, without_resupply: true, ..Request::default() };
        let response = respond(&mut network, &request, &mut solver).unwrap();
        let impact = response.impact.as_ref().unwrap();
        assert!(impact.solution.converged, "{link:?}: {:#?}", impact.solution.findings.first());
        assert!(network.same_as(&whole));
        // Heat is lost by those named and by nobody else.
        let all_w: f64 = response.before.consumers.iter().map(|c| c.heat_w).sum();
        let left_w: f64 =
            impact.solution.consumers.iter().map(|c| if c.heat_w.is_finite() { c.heat_w } else { 0.0 }).sum();
        let short: f64 =
            impact.consumers.iter().filter(|c| c.loss != Loss::HeatShort).map(|c| (1.0 - c.share) * c.before_w).sum();
        assert!(((all_w - left_w) - short).abs() < 2e-3 * all_w, "{link:?}: {all_w} {left_w} {short}");
        // No water runs through any valve that was shut.
        for valve in response.plan.all_valves() {
            let flow = impact.solution.link(valve).unwrap().mass_flow_kg_s;
            assert!(flow.is_nan() || flow.abs() <= 1e-9, "{flow}");
        }
        // Times: nobody turns before arriving, nobody is in two places.
        for crew in 0..2 {
            let mut tasks: Vec<_> = response.tasks.iter().filter(|task| task.crew == Some(crew)).collect();
            tasks.sort_by(|a, b| a.begins_s.total_cmp(&b.begins_s));
            assert!(tasks.windows(2).all(|pair| pair[1].begins_s >= pair[0].shut_s));
        }
    }
}

#[test]
fn sheet_and_json_say_the_same_in_both_languages() {
    let mut network = demo_city();
    let response = burst_at(&mut network, &["PS0001"]);
    let json: serde_json::Value = serde_json::from_str(&forms::json(&network, &response, Language::English)).unwrap();
    assert_eq!(json["isolation"]["plan"]["close"].as_array().unwrap().len(), response.plan.valves.len());
    assert_eq!(json["impact"]["totals"]["people"], response.impact.as_ref().unwrap().totals.people);
    for language in Language::ALL {
        let sheet = forms::sheet(&network, &response, language, &DisplayUnits::default());
        let titles: Vec<&String> = sheet.sections.iter().map(|section| &section.title).collect();
        assert!(titles.len() >= 7, "{titles:?}");
        for section in &sheet.sections {
            if let Some(table) = &section.table {
                assert!(table.rows.iter().all(|row| row.len() == table.heads.len()), "{}", section.title);
            }
        }
        // No key without its sentence.
        assert!(!format!("{sheet:?}").contains("emergency-"));
    }
    let zone: serde_json::Value = serde_json::from_str(&forms::zone_geojson(&network, &response)).unwrap();
    let parts: std::collections::BTreeSet<&str> =
        zone["features"].as_array().unwrap().iter().map(|f| f["properties"]["part"].as_str().unwrap()).collect();
    assert_eq!(parts.into_iter().collect::<Vec<_>>(), ["consumer", "drained", "valve", "without-heat"]);
}

#[test]
fn criticality_ranks_what_it_solved() {
    use hypocaust::emergency::criticality::{Failure, Study, criticality};
    let network = row();
    let found = criticality(&network, &Study { outdoor_c: Some(-21.1), ..Study::default() }, || ());
    // Segments: plant to V0, first, second, third district, beyond the tie (each supply and return; stations join them).
    assert!(found.outages.iter().all(|outage| outage.solved));
    let losses: Vec<f64> = found.outages.iter().map(|outage| outage.lost_w).collect();
    assert!(losses.windows(2).all(|pair| pair[0] >= pair[1]));
    let plant = found.outages.iter().find(|o| o.failure == Failure::Source(at(&network, "H1"))).unwrap();
    assert_eq!(plant.cut_off, 3);
    let district = |pipe: &str| {
        found
            .outages
            .iter()
            .find(|o| matches!(&o.failure, Failure::Segment(segment) if segment.links.contains(&at(&network, pipe))))
            .unwrap()
    };
    assert_eq!([district("P1S").cut_off, district("P2S").cut_off, district("P3S").cut_off], [3, 2, 1]);
    assert!((district("P2S").lost_w - 4e6).abs() < 1.0);
    // V1 stuck turns the second district's outage into the first one's: one consumer more than the worse side? No: the
    // first district's own outage has all three already, so no valve here widens the worst; a stuck V0 stops the plant.
    assert!(found.critical_valves.iter().all(|valve| valve.widens_consumers > 0));
    assert!(found.kept_share > 0.0 && found.kept_share < 1.0);
    // Two at a time: the plant and the second district together are what hangs on either, counted once.
    let pairs_of = vec![at(&network, "H1"), at(&network, "P3S")];
    let study = Study { pairs: 2, pairs_of, ..Study::default() };
    let both = criticality(&network, &study, || ());
    assert_eq!(both.outages.len(), found.outages.len());
    assert!(both.pairs.len() >= 3 && both.pairs.iter().all(|pair| pair.outage.solved));
    for pair in &both.pairs {
        let [first, second] = pair.of.map(|place| &both.outages[place]);
        // Nobody is served by a second failure, and nobody is lost who is lost by neither, in a row without ties.
        assert!(pair.outage.lost_w >= first.lost_w.max(second.lost_w) - 1.0);
        assert!(pair.outage.lost_w <= first.lost_w + second.lost_w + 1.0);
        assert!((pair.beyond_w - (pair.outage.lost_w - first.lost_w - second.lost_w)).abs() < 1e-6);
    }
    let worst: Vec<f64> = both.pairs.iter().map(|pair| pair.outage.lost_w).collect();
    assert!(worst.windows(2).all(|pair| pair[0] >= pair[1]));
    let one_thread = criticality(&network, &Study { threads: 1, ..study }, || ());
    assert_eq!(both, one_thread);
    // The same bits on one thread.
    let one = criticality(&network, &Study { outdoor_c: Some(-21.1), threads: 1, ..Study::default() }, || ());
    assert_eq!(found, one);
}

#[test]
fn every_alternative_can_be_worked_out_and_the_early_answer_is_the_whole_one_without_other_ways() {
    let mut network = demo_city();
    let diameter_mm = |pipe: &Pipe| (1000.0 * pipe.inner_diameter_m) as u32;
    let widest = network.links().filter_map(|view| Some((diameter_mm(view.pipe()?), view.handle))).max();
    let link = widest.unwrap().1;
    let breaks = vec![Break { link, position: 0.5, hole: Hole::FullBore }];
    let ask = Request { breaks, ..Request::default() };
    let mut solver = Solver::new();
    let mut whole = first_response(&mut network, &ask, None, &mut solver).unwrap();
    let early = whole.clone();
    add_resupply(&mut network, &ask, &mut solver, &mut whole, &mut || ());
    assert!(early.resupply.steps.is_empty() && early.plan == whole.plan && whole.resupply_searched);
    for alternative in &whole.alternatives {
        let ask = Request { merit: alternative.merits[0], without_resupply: true, ..ask.clone() };
        let response = respond(&mut network, &ask, &mut Solver::new()).unwrap();
        assert_eq!(response.plan.valves, alternative.plan.valves, "{:?}", alternative.merits);
    }
}
