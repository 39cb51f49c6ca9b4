//! What a crew does in the street: the next ring when a valve fails, draining, venting and filling again, holes of any size,
//! and plans made anew while crews stand in the field.

use std::f64::consts::PI;

use hypocaust::emergency::burst::Hole;
use hypocaust::emergency::closing::{Crews, Field, place_m, travel_s};
use hypocaust::emergency::incident::{BreakRecord, Entry, Event, Incident, Moment, Opening, PlanRecord};
use hypocaust::emergency::{Break, Request, Response, respond};
use hypocaust::io::emergency::{Part, part_sentences, sheet};
use hypocaust::network::edit::Edit;
use hypocaust::network::{Chamber, LinkId, Network};
use hypocaust::solver::{Mode, Options, Solver};
use hypocaust::text::Language;
use hypocaust::units::DisplayUnits;

use crate::emergency_response::row;

fn link(network: &Network, id: &str) -> LinkId {
    network.link_id(id).unwrap()
}

fn names(network: &Network, links: &[LinkId]) -> Vec<String> {
    links.iter().map(|&link| network.link_name(link).to_string()).collect()
}

fn asked(network: &Network, pipe: &str, hole: Hole) -> Request {
    let breaks = vec![Break { link: link(network, pipe), position: 0.5, hole }];
    Request { breaks, without_resupply: true, ..Request::default() }
}

fn answer(network: &mut Network, request: &Request) -> Response {
    respond(network, request, &mut Solver::new()).unwrap()
}

#[test]
fn the_next_ring_stands_ready_for_every_valve_that_fails() {
    let mut network = row();
    let request = asked(&network, "P3S", Hole::FullBore);
    let response = answer(&mut network, &request);
    assert_eq!(names(&network, &response.plan.valves), ["V2S", "V2R"]);
    // Either of them stuck: both sides of the next ring, with the district between lost as well.
    for fallback in &response.fallbacks {
        assert_eq!(names(&network, &fallback.instead), ["V1S", "V1R"], "{:?}", fallback.valve);
        assert_eq!(fallback.more_cut_off, 1);
        assert!((fallback.more_cut_off_w - 2e6).abs() < 2e3, "{}", fallback.more_cut_off_w);
        assert!(!fallback.stops_sources);
        // It is the plan that is made once the valve is reported.
        let mut without = request.clone();
        without.reliance.unusable.insert(fallback.valve);
        let anew = answer(&mut network, &without);
        assert_eq!(names(&network, &anew.plan.valves), ["V1S", "V1R"]);
    }
    assert_eq!(response.fallbacks.len(), 2);
    let ring = response.outer_ring.as_ref().unwrap();
    assert_eq!((names(&network, &ring.plan.valves), ring.more_cut_off), (vec!["V1S".into(), "V1R".into()], 1));
    // The last ring of all has only the plant behind it.
    let innermost = asked(&network, "P1S", Hole::FullBore);
    let last = answer(&mut network, &innermost);
    assert_eq!(names(&network, &last.plan.valves), ["V0S", "V0R"]);
    assert!(last.fallbacks.iter().all(|fallback| fallback.instead.is_empty() && fallback.stops_sources));
    assert_eq!(names(&network, &last.outer_ring.unwrap().plan.stopped_sources), ["H1"]);
}

#[test]
fn a_zone_is_drained_at_its_lowest_vented_at_its_highest_and_filled_by_the_make_up() {
    let mut network = row();
    for (id, z_m, drain, vent) in
        [("K-low", -3.0, true, false), ("K-mid", 0.0, true, true), ("K-high", 6.0, false, true)]
    {
        network.insert_chamber(id, Chamber { z_m, drain, vent, ..Chamber::default() }).unwrap();
    }
    // Outside the zone: nobody opens anything there.
    network.insert_chamber("K-far", Chamber { z_m: -9.0, drain: true, vent: true, ..Chamber::default() }).unwrap();
    for (node, id) in [("S3", "K-low"), ("S4", "K-mid"), ("R3", "K-high"), ("S6", "K-far")] {
        let element = network.node_ref(network.node_id(node).unwrap());
        Edit::set(element, "chamber", id).apply(&mut network).unwrap();
    }
    let request = asked(&network, "P2S", Hole::FullBore);
    let response = answer(&mut network, &request);
    let restore = &response.restore;
    let of = |names: &[hypocaust::network::Name]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(of(&restore.drain_chambers), ["K-low", "K-mid"], "lowest first");
    assert_eq!(of(&restore.vent_chambers), ["K-high", "K-mid"], "highest first");
    // Both mains of 300 m and 300 mm run empty; they are filled at what the make-up gives, with cold water.
    let main_m3 = 0.25 * PI * 0.3 * 0.3 * 300.0;
    assert!((restore.supply_volume_m3 - main_m3).abs() < 1e-9 && (restore.return_volume_m3 - main_m3).abs() < 1e-9);
    assert_eq!(response.drained_m3, restore.supply_volume_m3 + restore.return_volume_m3);
    assert_eq!(restore.fill_kg_s, response.burst.as_ref().unwrap().make_up_capacity_kg_s);
    assert!((restore.fill_s - 2.0 * main_m3 * 1000.0 / restore.fill_kg_s).abs() < 1e-6);
    // Return before supply.
    assert_eq!(names(&network, &restore.valves), ["V1R", "V2R", "V1S", "V2S"]);
    for (language, wanted) in [(Language::English, "K-low, K-mid"), (Language::Chinese, "K-high, K-mid")] {
        let part = part_sentences(&network, &response, language, &DisplayUnits::default(), Part::Restore).unwrap();
        assert!(part.lines.iter().any(|line| line.contains(wanted)), "{:?}", part.lines);
    }
}

#[test]
fn what_runs_out_goes_with_the_hole() {
    let mut network = row();
    let outflow = |network: &mut Network, hole: Hole| {
        let request = asked(network, "P2S", hole);
        let response = answer(network, &request);
        let spill = response.burst.unwrap().at_once.unwrap();
        (spill.mass_flow_kg_s(), spill.outflows[0].pressure_pa, spill.solution)
    };
    let area_m2 = |diameter_m: f64| 0.25 * PI * diameter_m * diameter_m;
    let mut last = 0.0;
    for diameter_m in [0.005, 0.02, 0.05, 0.1] {
        let (flow, pressure_pa, state) = outflow(&mut network, Hole::Area { area_m2: area_m2(diameter_m) });
        // Torricelli, with the coefficient of a torn edge, at the pressure and density there.
        let view = network.link_view(link(&network, "P2S")).unwrap();
        let temperature_c = state.node(view.from).unwrap().temperature_c;
        let density = if temperature_c.is_finite() {
            hypocaust::physics::water::density_kg_m3(temperature_c, 1e6)
        } else {
            958.0
        };
        let expected = 0.6 * area_m2(diameter_m) * (2.0 * density * pressure_pa).sqrt();
        assert!((flow / expected - 1.0).abs() < 0.02, "{diameter_m}: {flow} {expected}");
        assert!(flow > last, "{diameter_m}");
        last = flow;
    }
    // Torn off: both ends.
    let (whole, ..) = outflow(&mut network, Hole::FullBore);
    let (same, ..) = outflow(&mut network, Hole::Area { area_m2: 2.0 * area_m2(0.3) });
    assert_eq!(whole, same);
    assert!(whole > last);
    // The hole stands in the sheet and comes back from the log.
    let request = asked(&network, "P2S", Hole::Area { area_m2: area_m2(0.05) });
    let response = answer(&mut network, &request);
    let lines = sheet(&network, &response, Language::English, &DisplayUnits::default()).lines.join("\n");
    assert!(lines.contains("20 cm²"), "{lines}");
    let record = BreakRecord::of(&network, &request.breaks[0]);
    assert_eq!(record.place(&network).unwrap(), request.breaks[0]);
}

fn entry(unix_s: i64, event: Event) -> Entry {
    Entry { time: Moment { unix_s, offset_min: 480 }, who: String::new(), event, text: String::new() }
}

#[test]
fn a_plan_made_anew_sends_crews_from_where_they_stand() {
    let mut network = row();
    let mut request = asked(&network, "P2S", Hole::FullBore);
    request.crews = Crews { count: 1, bases_m: vec![[0.0, 0.0]], ..Crews::default() };
    let first = answer(&mut network, &request);
    let opened = 1_000_000;
    let mut incident = Incident::default();
    incident.push(entry(opened, Event::Opened(Box::new(Opening { id: "T".into(), ..Opening::default() })))).unwrap();
    let breaks = vec![BreakRecord::of(&network, &request.breaks[0])];
    incident.push(entry(opened, Event::Reported { breaks })).unwrap();
    let plan = |network: &Network, request: &Request, response: &Response| {
        Event::Planned(Box::new(PlanRecord::of(network, request, response)))
    };
    incident.push(entry(opened + 10, plan(&network, &request, &first))).unwrap();
    assert_eq!(incident.field(&network, Moment { unix_s: opened + 20, offset_min: 480 }), Field::default());
    // V1R is shut after forty minutes, V1S does not move; five minutes later it is planned anew.
    incident.push(entry(opened + 2400, Event::ValveConfirmed { valve: "V1R".into() })).unwrap();
    incident.push(entry(opened + 2600, Event::ValveStuck { valve: "V1S".into(), unreachable: false })).unwrap();
    let mut anew = incident.request(&network, &request).unwrap();
    anew.crews.field = incident.field(&network, Moment { unix_s: opened + 2700, offset_min: 480 });
    assert_eq!(anew.crews.field.shut[&link(&network, "V1R")], (2400.0, Some(0)));
    let second = answer(&mut network, &anew);
    let mut by_hand: Vec<_> = second.tasks.iter().filter(|task| !task.remote).collect();
    by_hand.sort_by(|a, b| a.begins_s.total_cmp(&b.begins_s));
    let here = place_m(&network, link(&network, "V1R")).unwrap();
    let goal = |task: LinkId| place_m(&network, task).unwrap();
    let next = by_hand.iter().find(|task| task.valve != link(&network, "V1R")).unwrap();
    let way_s = travel_s(here, goal(next.valve), &anew.crews);
    assert_eq!(next.begins_s, 2700.0 + way_s + anew.crews.access_s, "from the valve it has just shut");
    // What is shut already costs nobody another way.
    if let Some(done) = second.tasks.iter().find(|task| task.valve == link(&network, "V1R")) {
        assert_eq!((done.begins_s, done.shut_s, done.travel_s), (2400.0, 2400.0, 0.0));
    }
    // From its base it would have been slower: it had left it long ago.
    let from_base = travel_s([0.0, 0.0], goal(next.valve), &anew.crews);
    assert_ne!(way_s, from_base);
    // A report printed later finds the same times again.
    incident.push(entry(opened + 2700, plan(&network, &anew, &second))).unwrap();
    incident.push(entry(opened + 9000, Event::ValveConfirmed { valve: "V0S".into() })).unwrap();
    assert_eq!(incident.field_of_plan(&network), anew.crews.field);
}

#[test]
fn an_effect_found_by_flows_alone_says_so() {
    let mut network = row();
    let mut request = asked(&network, "P2S", Hole::FullBore);
    request.without_resupply = false;
    let mut response = answer(&mut network, &request);
    let says = |response: &Response, network: &Network, part: Part, words: [&str; 2]| {
        [Language::English, Language::Chinese]
            .into_iter()
            .zip(words)
            .map(|(language, words)| {
                let part = part_sentences(network, response, language, &DisplayUnits::default(), part).unwrap();
                part.lines.iter().chain(&part.notes).any(|line| line.contains(words))
            })
            .collect::<Vec<_>>()
    };
    let words = ["by flows and pressures alone", "仅按流量与压力"];
    assert_eq!(says(&response, &network, Part::Users, words), [false, false], "it was solved with heat");
    assert_eq!(says(&response, &network, Part::Resupply, words), [true, true], "the search is for flows");
    let edits = response.impact.as_ref().unwrap().edits.clone();
    let flows = Options { mode: Mode::Hydraulic, ..Options::default() };
    response.impact.as_mut().unwrap().solution =
        network.what_if(&edits, |network| Solver::new().solve(network, &flows)).unwrap();
    assert_eq!(says(&response, &network, Part::Users, words), [true, true]);
}
