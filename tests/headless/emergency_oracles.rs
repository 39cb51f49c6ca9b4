//! Published and computed numbers in the path of a burst: the ladder that leaks, holes of several sizes, rooms that cool.

use hypocaust::emergency::burst::Hole;
use hypocaust::emergency::cooldown::{Conditions, clocks};
use hypocaust::emergency::{Break, Request, Response, respond};
use hypocaust::network::{
    Boundary, Building, Consumer, Network, Node, Pipe, Settings, Side, Source, SourceControl, Valve, ValveKind,
    WaterModel,
};
use hypocaust::solver::Solver;

const DENSITY_KG_M3: f64 = 1000.0;
const M3_H_PER_KG_S: f64 = 3600.0 / DENSITY_KG_M3;
const PA_PER_M: f64 = 9.81 * DENSITY_KG_M3;
const RETURN_PA: f64 = 2e5;
/// Discharge coefficient that a break counts with.
const TORN_END: f64 = 0.6;

/// The ladder of three users of engjournal.bmstu.ru/articles/764, p. 9: head 115 m, every length of main 8.41·10⁻⁶ and every
/// user 5.50·10⁻⁴ m/(m³/h)². At the first branch of the supply stands a short wide pipe, in which the hole is.
fn ladder(make_up_m3_h: f64) -> Network {
    let mut network = Network::new();
    network.set_settings(Settings {
        water: WaterModel::Constant {
            density_kg_m3: DENSITY_KG_M3,
            viscosity_pa_s: 0.001,
            heat_capacity_j_kgk: 4187.0,
        },
        gravity_m_s2: 9.81,
        ..Settings::default()
    });
    let resistance = |m_per_m3_h_squared: f64| Valve {
        kind: ValveKind::Balancing,
        kv_m3_h: Some((1e5 / (m_per_m3_h_squared * PA_PER_M)).sqrt()),
        ..Valve::default()
    };
    for (side, letter) in [(Side::Supply, 'S'), (Side::Return, 'R')] {
        for n in 0..4 {
            let boundary = (side == Side::Return && n == 0).then(|| Boundary::MakeUp {
                pressure_pa: RETURN_PA,
                capacity_kg_s: Some(make_up_m3_h / M3_H_PER_KG_S),
                temperature_c: 10.0,
            });
            let node = Node { side, boundary: boundary.map(Box::new), ..Node::default() };
            network.insert_node(format!("{letter}{n}"), node).unwrap();
        }
    }
    network.insert_node("S1a", Node { side: Side::Supply, ..Node::default() }).unwrap();
    let pump = SourceControl::PressureRise { pressure_rise_pa: 115.0 * PA_PER_M };
    network.insert_link_between("H", "R0", "S0", Source { control: pump, ..Source::default() }).unwrap();
    for (id, from, to) in [
        ("S1", "S0", "S1a"),
        ("S2", "S1", "S2"),
        ("S3", "S2", "S3"),
        ("R1", "R1", "R0"),
        ("R2", "R2", "R1"),
        ("R3", "R3", "R2"),
    ] {
        network.insert_link_between(format!("main {id}"), from, to, resistance(8.41e-6)).unwrap();
    }
    let wide = Pipe { length_m: 0.1, inner_diameter_m: 2.0, outer_diameter_m: 2.02, zeta: 0.0, ..Pipe::default() };
    network.insert_link_between("hole", "S1a", "S1", wide).unwrap();
    for n in 1..4 {
        let (from, to) = (format!("S{n}"), format!("R{n}"));
        network.insert_link_between(format!("user {n}"), &from, &to, resistance(5.50e-4)).unwrap();
    }
    network
}

fn burst_with(network: &mut Network, area_m2: f64) -> Response {
    let link = network.link_id("hole").unwrap();
    let breaks = vec![Break { link, position: 0.5, hole: Hole::Area { area_m2 } }];
    respond(network, &Request { breaks, without_resupply: true, ..Request::default() }, &mut Solver::new()).unwrap()
}

/// The hole through which 100 m³/h leave at the pressure that the published flows leave there.
fn published_hole_m2() -> f64 {
    let pressure_pa = RETURN_PA + (115.0 - 8.41e-6 * 1264.15f64.powi(2)) * PA_PER_M;
    100.0 / M3_H_PER_KG_S / (TORN_END * (2.0 * DENSITY_KG_M3 * pressure_pa).sqrt())
}

#[test]
fn the_leaking_ladder_comes_out_of_a_burst() {
    let mut network = ladder(101.0);
    let response = burst_with(&mut network, published_hole_m2());
    let state = response.burst.as_ref().unwrap();
    let at_once = state.at_once.as_ref().unwrap();
    // The make-up holds 100 m³/h: there is no second state.
    assert!(state.exhausted.is_none() && !state.make_up_assumed);
    let flow = |id: &str| {
        let link = network.link_id(id).unwrap();
        at_once.solution.link(link).unwrap().mass_flow_kg_s * M3_H_PER_KG_S
    };
    assert!((at_once.mass_flow_kg_s() * M3_H_PER_KG_S - 100.0).abs() < 0.01, "{}", at_once.mass_flow_kg_s());
    for (id, published) in [
        ("user 1", 404.88),
        ("user 2", 382.49),
        ("user 3", 376.78),
        ("main S1", 1264.15),
        ("main S2", 759.27),
        ("main S3", 376.78),
        ("main R1", 1164.15),
        ("main R2", 759.27),
        ("main R3", 376.78),
    ] {
        // Two digits are printed; the friction of ten centimetres of a wide pipe stays below them.
        assert!((flow(id) - published).abs() < 0.011, "{id}: {} {published}", flow(id));
    }
}

#[test]
fn what_runs_out_follows_the_hole() {
    let mut network = ladder(1e6);
    let mut last = 0.0;
    for times in [0.01, 0.1, 1.0, 3.0, 10.0] {
        let area_m2 = times * published_hole_m2();
        let response = burst_with(&mut network, area_m2);
        let at_once = response.burst.as_ref().unwrap().at_once.as_ref().unwrap();
        let outflow = at_once.outflows[0];
        let torricelli = TORN_END * area_m2 * (2.0 * DENSITY_KG_M3 * outflow.pressure_pa).sqrt();
        assert!((outflow.mass_flow_kg_s / torricelli - 1.0).abs() < 1e-6, "{times}");
        assert!(outflow.mass_flow_kg_s > last);
        last = outflow.mass_flow_kg_s;
        // What leaves is what the source sends beyond what comes back.
        let flow = |id: &str| at_once.solution.link(network.link_id(id).unwrap()).unwrap().mass_flow_kg_s;
        assert!((flow("main S1") - flow("main R1") - outflow.mass_flow_kg_s).abs() < 1e-6);
    }
    // A make-up that gives less sets the loss.
    let mut poor = ladder(40.0);
    let response = burst_with(&mut poor, published_hole_m2());
    let exhausted = response.burst.as_ref().unwrap().exhausted.as_ref().unwrap();
    assert!((exhausted.mass_flow_kg_s() * M3_H_PER_KG_S - 40.0).abs() < 1e-4, "{}", exhausted.mass_flow_kg_s());
}

/// Plant, one main, one consumer with three buildings of the time constants given.
fn three_buildings() -> Network {
    let mut network = Network::new();
    network.set_settings(Settings {
        outdoor_temperature_c: -21.1,
        design_outdoor_temperature_c: Some(-21.1),
        ..Settings::default()
    });
    for (side, letter) in [(Side::Supply, 'S'), (Side::Return, 'R')] {
        for n in 0..3 {
            network.insert_node(format!("{letter}{n}"), Node { side, ..Node::default() }).unwrap();
        }
        let (a, b, c) = (format!("{letter}0"), format!("{letter}1"), format!("{letter}2"));
        network.insert_link_between(format!("V{letter}"), &a, &b, Valve::default()).unwrap();
        network.insert_link_between(format!("P{letter}"), &b, &c, Pipe::default()).unwrap();
    }
    let held = SourceControl::Reference { return_pressure_pa: 3e5, pressure_rise_pa: 4e5 };
    network.insert_link_between("H", "R0", "S0", Source { control: held, ..Source::default() }).unwrap();
    network.insert_link_between("C", "S2", "R2", Consumer::default()).unwrap();
    for hours in [50.0, 50.8, 100.0, 191.0] {
        let building = Building {
            consumer: Some("C".into()),
            heated_area_m2: Some(10_000.0),
            height_m: 18.0,
            time_constant_s: Some(hours * 3600.0),
            ..Building::default()
        };
        network.insert_building(format!("τ {hours}"), building).unwrap();
    }
    network
}

#[test]
fn the_clock_is_that_of_the_oracle() {
    let mut network = three_buildings();
    let link = network.link_id("PS").unwrap();
    let breaks = vec![Break { link, position: 0.5, hole: Hole::FullBore }];
    let request = Request { breaks, ..Request::default() };
    let response = respond(&mut network, &request, &mut Solver::new()).unwrap();
    let hours = |id: &str, limit: usize| {
        let clock = response.clocks.iter().find(|clock| &*clock.building == id).unwrap();
        assert!(!clock.assumed && clock.supplied_share == 0.0);
        clock.crosses_s[limit].unwrap() / 3600.0
    };
    // From 18 °C at −21.1 °C: hours to 16, 14 and 12 °C, one digit printed.
    for (id, published) in [("τ 50.8", [2.7, 5.5, 8.5]), ("τ 100", [5.3, 10.8, 16.7]), ("τ 191", [10.0, 20.6, 31.8])]
    {
        for (limit, hours_to) in published.into_iter().enumerate() {
            assert!((hours(id, limit) - hours_to).abs() < 0.06, "{id}: {} {hours_to}", hours(id, limit));
        }
    }
    // With a part of the heat: hours to 12 °C.
    let conditions = Conditions { outdoor_c: -21.1, repair_s: 20.0 * 3600.0 };
    for (share, published) in [(0.40, [14.8, 29.5]), (0.55, [20.9, 41.7]), (0.65, [28.9, 57.7])] {
        let partly = clocks(&network, conditions, |_| share);
        for (id, hours_to) in [("τ 50", published[0]), ("τ 100", published[1])] {
            let clock = partly.iter().find(|clock| &*clock.building == id).unwrap();
            let found = clock.crosses_s[2].unwrap() / 3600.0;
            assert!((found - hours_to).abs() < 0.06, "{id}, {share}: {found} {hours_to}");
        }
    }
}
