//! Balancing: ladders computed by hand, random cities judged by a plain solve, zones, refusals, undoing.

use serde_json::json;

use hypocaust::dispatch::balance::{Bound, MET_SHARE, Obstacle, SettingKind, Wishes, balance, commissioning, total_w};
use hypocaust::network::edit::Edit;
use hypocaust::network::{
    Consumer, Demand, LinkId, Network, Node, Pipe, Side, Source, SourceControl, Valve, ValveKind, WaterModel,
};
use hypocaust::solver::{Mode, Options, Solution, Solver};
use hypocaust::verify::balancing::balance_cases;

const DENSITY_KG_M3: f64 = 1000.0;

/// A ladder: stations of 10 kg/s at the ends of equal stretches, supply and return each losing `stretch_pa` at 10 kg/s a
/// stretch by valves of fixed Kv; stations lose 100 kPa at 20 kg/s (Kv 72) fully open.
fn ladder(stations: usize, stretch_pa: f64, rise_pa: f64) -> Network {
    let mut network = Network::new();
    network.set_settings(hypocaust::network::Settings {
        water: WaterModel::Constant { density_kg_m3: DENSITY_KG_M3, viscosity_pa_s: 3e-4, heat_capacity_j_kgk: 4200.0 },
        ..Default::default()
    });
    let mut node = |id: String, side| network.insert_node(id, Node { side, ..Node::default() }).unwrap();
    let ends: Vec<_> =
        (0..=stations).map(|at| (node(format!("S{at}"), Side::Supply), node(format!("R{at}"), Side::Return))).collect();
    let control = SourceControl::Reference { return_pressure_pa: 3e5, pressure_rise_pa: rise_pa };
    let source = Source { control, supply_temperature_c: 100.0, ..Source::default() };
    network.insert_link("H", ends[0].1, ends[0].0, source).unwrap();
    // Kv of a stretch: 36 m³/h (10 kg/s) at stretch_pa.
    let kv = 36.0 / (stretch_pa / 1e5).sqrt();
    let stretch = || Valve { kind: ValveKind::Sectioning, kv_m3_h: Some(kv), ..Valve::default() };
    for at in 1..=stations {
        network.insert_link(format!("PS{at}"), ends[at - 1].0, ends[at].0, stretch()).unwrap();
        network.insert_link(format!("PR{at}"), ends[at].1, ends[at - 1].1, stretch()).unwrap();
        let consumer = Consumer {
            demand: Demand::MassFlow { mass_flow_kg_s: 10.0 },
            kv_open_m3_h: Some(72.0),
            hand_opening: Some(1.0),
            ..Consumer::default()
        };
        network.insert_link(format!("C{at}"), ends[at].0, ends[at].1, consumer).unwrap();
    }
    network
}

fn wishes() -> Wishes {
    Wishes { mode: Mode::Hydraulic, ..Wishes::default() }
}

fn applied(network: &Network, edits: &[Edit]) -> Network {
    let mut changed = network.clone();
    for edit in edits {
        edit.apply(&mut changed).unwrap();
    }
    changed
}

fn solve(network: &Network, mode: Mode) -> Solution {
    let solution = Solver::new().solve(network, &Options { mode, ..Options::default() });
    assert!(solution.converged, "{:?}", solution.findings);
    solution
}

fn link(network: &Network, id: &str) -> LinkId {
    network.link_id(id).unwrap()
}

#[test]
fn a_ladder_balanced_by_hand() {
    // Flows in the stretches 30, 20, 10 kg/s: supply and return lose 2·(9 + 4 + 1)·1 kPa up to the last station, which needs
    // 25 kPa at 10 kg/s open (100 kPa at 20 kg/s): the source has to give 53 kPa.
    let network = ladder(3, 1e3, 2e5);
    let before = solve(&network, Mode::Hydraulic);
    let answer = balance(&network, &wishes()).unwrap();
    let zone = &answer.zones[0];
    assert!((zone.lowered_pa - (2e5 - 53e3)).abs() < 1e-3, "{}", zone.lowered_pa);
    assert_eq!(zone.bound, Bound::Loop(link(&network, "C3")));
    let worst = zone.worst.unwrap();
    assert_eq!(worst.consumer, link(&network, "C3"));
    assert!((worst.margin_before_pa - 147e3).abs() < 1e-3 && worst.margin_after_pa.abs() < 1e-3);
    // Left for the nearer ones: 53 − 18 = 35 and 53 − 26 = 27 kPa, so that their openings are √(25/35) and √(25/27).
    let opening = |id: &str| {
        let link = link(&network, id);
        answer.settings.iter().find(|s| s.link == link && s.kind == SettingKind::Station).unwrap().after
    };
    assert!((opening("C1") - (25.0f64 / 35.0).sqrt()).abs() < 1e-6);
    assert!((opening("C2") - (25.0f64 / 27.0).sqrt()).abs() < 1e-6);
    assert!((opening("C3") - 1.0).abs() < 1e-6);
    // A plain solve of the edited network agrees, at 30 kg/s · 53 kPa instead of what the open valves drew at 200 kPa.
    let after = solve(&applied(&network, &answer.edits), Mode::Hydraulic);
    for id in ["C1", "C2", "C3"] {
        let flow = after.consumer(link(&network, id)).unwrap().mass_flow_kg_s;
        assert!((flow - 10.0).abs() < 1e-6, "{id} {flow}");
    }
    assert!(before.consumer(link(&network, "C1")).unwrap().mass_flow_kg_s > 20.0);
    assert!((total_w(&answer.power_after) - 30.0 / DENSITY_KG_M3 * 53e3 / 0.7).abs() < 1e-3);
    assert!(answer.before.range().0 < answer.before.range().1 && answer.unmet.is_empty());
    // Near to far, the source last.
    let order: Vec<_> = answer.settings.iter().map(|setting| network.link_name(setting.link).to_string()).collect();
    assert_eq!(order.last().unwrap(), "H");
    let steps = commissioning(&network, &wishes(), &answer).unwrap();
    assert_eq!(steps.len(), answer.settings.len());
    assert!((steps.last().unwrap().read_kg_s - 30.0).abs() < 1e-6, "{steps:?}");
}

#[test]
fn a_branch_valve_takes_what_all_behind_it_can_spare() {
    // A balancing valve before the whole ladder of two: flows 20 and 10 kg/s, the last station needs 25 + 2·(4 + 1)·1 = 35 kPa.
    let mut network = ladder(2, 1e3, 1e5);
    Edit::set(network.link_ref(link(&network, "PR1")), "kind", json!("balancing")).apply(&mut network).unwrap();
    Edit::set(network.link_ref(link(&network, "PR1")), "opening", json!(0.5)).apply(&mut network).unwrap();
    // A source whose flow is given has no pressure to lower: the valve takes it all.
    let control = json!({ "reference": { "return_pressure_pa": 3e5, "pressure_rise_pa": 1e5 } });
    Edit::set(network.link_ref(link(&network, "H")), "control", control).apply(&mut network).unwrap();
    let answer = balance(&network, &wishes()).unwrap();
    assert!((answer.zones[0].lowered_pa - 65e3).abs() < 1e-3);
    let valve = answer.settings.iter().find(|setting| setting.kind == SettingKind::Valve).unwrap();
    assert_eq!((valve.link, valve.stations), (link(&network, "PR1"), 2));
    assert!((valve.after - 1.0).abs() < 1e-9, "the pumps come first: {}", valve.after);
    // Beside a far station that needs all the pressure, the valve of the near group throttles it as a whole.
    let far = Consumer {
        demand: Demand::MassFlow { mass_flow_kg_s: 10.0 },
        kv_open_m3_h: Some(36.0),
        hand_opening: Some(1.0),
        ..Consumer::default()
    };
    network.insert_link_between("FAR", "S0", "R0", far).unwrap();
    let answer = balance(&network, &wishes()).unwrap();
    assert!(answer.zones[0].lowered_pa.abs() < 1e-3, "100 kPa at 10 kg/s are what FAR needs");
    let valve = answer.settings.iter().find(|setting| setting.kind == SettingKind::Valve).unwrap();
    // It lost 4 kPa open at 20 kg/s and takes 65 more.
    assert!((valve.after - (4.0f64 / 69.0).sqrt()).abs() < 1e-6, "{}", valve.after);
    let after = solve(&applied(&network, &answer.edits), Mode::Hydraulic);
    let flow = |id: &str| after.consumer(link(&network, id)).unwrap().mass_flow_kg_s;
    assert!(["C1", "C2", "FAR"].iter().all(|id| (flow(id) - 10.0).abs() < 1e-6));
}

#[test]
fn what_cannot_be_had_is_named_with_its_reason() {
    // Too little from the source: 53 kPa are needed at the third station and 45 given, nothing else is out of the ordinary.
    let weak = ladder(3, 1e3, 45e3);
    let free = Wishes { more_power: true, ..wishes() };
    let answer = balance(&weak, &free).unwrap();
    // The second needs 51, the third 53, each in the state in which all have their flow.
    assert_eq!(answer.unmet.len(), 2);
    for (unmet, (id, missing_pa)) in answer.unmet.iter().zip([("C2", 6e3), ("C3", 8e3)]) {
        assert_eq!((unmet.consumer, unmet.obstacle), (link(&weak, id), Obstacle::Pumps));
        assert!((unmet.missing_pa - missing_pa).abs() < 1.0, "{unmet:?}");
    }
    assert_eq!(answer.zones[0].lowered_pa, 0.0);
    // A valve of a fifth of the size needs 25 times the pressure: 625 kPa.
    let mut small = ladder(3, 1e3, 2e5);
    Edit::set(small.link_ref(link(&small, "C2")), "kv_open_m3_h", json!(14.4)).apply(&mut small).unwrap();
    let answer = balance(&small, &free).unwrap();
    let unmet = answer.unmet.iter().find(|unmet| unmet.consumer == link(&small, "C2")).unwrap();
    let Obstacle::OwnValve { kv_m3_h } = unmet.obstacle else { panic!("{unmet:?}") };
    assert!(kv_m3_h > 25.0 && kv_m3_h < 72.0, "{kv_m3_h}");
    let after = solve(&applied(&small, &answer.edits), Mode::Hydraulic);
    for id in ["C1", "C3"] {
        assert!((after.consumer(link(&small, id)).unwrap().mass_flow_kg_s / 10.0 - 1.0).abs() <= MET_SHARE);
    }
    // A narrow pipe: named, with a diameter that does.
    let mut narrow = ladder(3, 1e3, 2e5);
    let [far, lateral] = ["S4", "SX"].map(|id| {
        narrow.insert_node(id, Node { side: Side::Supply, ..Node::default() }).unwrap();
        id
    });
    let consumer = Consumer {
        demand: Demand::MassFlow { mass_flow_kg_s: 10.0 },
        kv_open_m3_h: Some(72.0),
        hand_opening: Some(0.5),
        ..Consumer::default()
    };
    let pipe = |bore| Pipe { length_m: 100.0, inner_diameter_m: bore, roughness_m: 5e-4, ..Pipe::default() };
    narrow.insert_link_between("WIDE", "S1", far, pipe(0.15)).unwrap();
    narrow.insert_link_between("THIN", far, lateral, pipe(0.05)).unwrap();
    narrow.insert_link_between("CX", lateral, "R1", consumer).unwrap();
    let answer = balance(&narrow, &free).unwrap();
    let unmet = answer.unmet.iter().find(|unmet| unmet.consumer == link(&narrow, "CX")).unwrap();
    let Obstacle::Pipe { link: named, dn, .. } = unmet.obstacle else { panic!("{unmet:?}") };
    assert_eq!((named, dn >= 65), (link(&narrow, "THIN"), true), "{unmet:?}");
}

#[test]
fn more_power_is_asked_for_by_name_only() {
    // Valves almost shut: little flows, and the wanted flows need more power than that.
    let mut network = ladder(3, 1e3, 6e4);
    for id in ["C1", "C2", "C3"] {
        Edit::set(network.link_ref(link(&network, id)), "hand_opening", json!(0.1)).apply(&mut network).unwrap();
    }
    let kept = balance(&network, &wishes()).unwrap();
    assert!(kept.level < 0.9, "{}", kept.level);
    assert!(total_w(&kept.power_after) <= total_w(&kept.power_before) * (1.0 + 1e-6));
    let (least, most) = kept.after.range();
    assert!((least - 1.0).abs() < 1e-3 && (most - 1.0).abs() < 1e-3, "all alike: {least} {most}");
    let free = balance(&network, &Wishes { more_power: true, ..wishes() }).unwrap();
    assert_eq!(free.level, 1.0);
    assert!(total_w(&free.power_after) > total_w(&free.power_before));
}

#[test]
fn wanted_flows_may_be_given_and_stations_taken_by_hand() {
    let mut network = ladder(3, 1e3, 2e5);
    for id in ["C1", "C2", "C3"] {
        Edit::set(network.link_ref(link(&network, id)), "hand_opening", json!(null)).apply(&mut network).unwrap();
    }
    // They regulate themselves: nothing is out of balance, the pumps still give too much.
    let regulated = balance(&network, &wishes()).unwrap();
    assert!((regulated.before.range().1 - 1.0).abs() < 1e-6);
    assert!((regulated.zones[0].lowered_pa - 147e3).abs() < 1.0);
    assert!(regulated.settings.iter().all(|setting| setting.kind == SettingKind::SourcePressure));
    let flows_kg_s = [(link(&network, "C2"), 5.0)].into_iter().collect();
    let answer = balance(&network, &Wishes { by_hand: true, flows_kg_s, ..wishes() }).unwrap();
    let after = solve(&applied(&network, &answer.edits), Mode::Hydraulic);
    for (id, wanted) in [("C1", 10.0), ("C2", 5.0), ("C3", 10.0)] {
        let flow = after.consumer(link(&network, id)).unwrap().mass_flow_kg_s;
        assert!((flow - wanted).abs() < 1e-6, "{id} {flow}");
    }
}

#[test]
fn random_cities_out_of_balance_are_balanced() {
    // The same as `hypocaust verify --balance 14 --small --seed 7`.
    let run = balance_cases(7, 14, 14, |_| {});
    for case in &run.cases {
        assert!(case.failures.is_empty(), "{}: {:?}", case.seed, case.failures);
        assert!(case.stations >= 1 && case.power_after_w <= case.power_before_w * (1.0 + 1e-6) + 1.0);
    }
    assert!(run.cases.iter().any(|case| case.before.1 > 1.5) && run.cases.iter().any(|case| case.unmet > 0));
}
