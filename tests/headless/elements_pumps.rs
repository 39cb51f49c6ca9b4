//! Pumps as machines: what their control holds, what they draw, and what their suction needs. Figures by hand.

use hypocaust::io::results;
use hypocaust::network::{Boundary, Code, Network, Node, Pump, PumpControl, PumpPoint, Valve, ValveKind};
use hypocaust::solver::Solution;
use hypocaust::text::Language;

use crate::hydraulic_reference::solve;
use crate::hydraulic_zoo::{DENSITY_KG_M3, assert_sound, codes, flow, nodes, pressure, settings};

const GRAVITY_M_S2: f64 = 9.81;

/// Two points: 40 m at rest, 30 m at 100 m³/h; 50 % efficiency at rest, 80 % at 100 m³/h.
fn pump() -> Pump {
    let point = |flow_m3_h, head_m, efficiency| PumpPoint { flow_m3_h, head_m, efficiency: Some(efficiency) };
    Pump {
        curve: vec![point(0.0, 40.0, 0.5), point(100.0, 30.0, 0.8)],
        motor_efficiency: Some(0.9),
        npsh_curve: vec![[0.0, 2.0], [100.0, 6.0]],
        ..Pump::default()
    }
}

/// Reservoir `low` (level 10 m) – pump – valve of this Kv – reservoir `high`, all pipes without loss, all at z = 0.
fn circuit(pump: Pump, kv_m3_h: f64, lift_m: f64) -> Network {
    let mut network = Network::new();
    network.set_settings(settings());
    for (id, head_m) in [("low", 10.0), ("high", 10.0 + lift_m)] {
        let boundary = Some(Box::new(Boundary::Reservoir { head_m, temperature_c: 10.0 }));
        network.insert_node(id, Node { boundary, ..Node::default() }).unwrap();
    }
    nodes(&mut network, &["out"]);
    network.insert_link_between("pump", "low", "out", pump).unwrap();
    let valve = Valve { kind: ValveKind::Control, kv_m3_h: Some(kv_m3_h), ..Valve::default() };
    network.insert_link_between("valve", "out", "high", valve).unwrap();
    network
}

fn state(network: &Network, solution: &Solution) -> hypocaust::solver::PumpState {
    *solution.pump(network.link_id("pump").unwrap()).unwrap()
}

/// Kv that loses this head at this flow: Δp = ρ g h = 10⁵ (Q/Kv)² ρ/1000.
fn kv_for(flow_m3_h: f64, head_m: f64) -> f64 {
    flow_m3_h * (100.0 / (GRAVITY_M_S2 * head_m)).sqrt()
}

#[test]
fn power_follows_from_head_flow_and_the_two_efficiencies() {
    // 100 m³/h against 30 m: the valve takes 20 m, the lift 10 m.
    let network = circuit(pump(), kv_for(100.0, 20.0), 10.0);
    let solution = solve(&network);
    assert_sound(&solution);
    let pump = state(&network, &solution);
    assert!((pump.flow_m3_h - 100.0).abs() < 1e-6, "{pump:?}");
    assert!((pump.head_m - 30.0).abs() < 1e-6);
    assert_eq!((pump.speed, pump.efficiency), (1.0, 0.8));
    let hydraulic_w = DENSITY_KG_M3 * GRAVITY_M_S2 * 30.0 * 100.0 / 3600.0;
    assert!((pump.hydraulic_power_w - hydraulic_w).abs() < 1e-2);
    assert!((pump.shaft_power_w - hydraulic_w / 0.8).abs() < 1e-2);
    assert!((pump.electric_power_w - hydraulic_w / 0.72).abs() < 1e-2);
    assert_eq!(pump.npsh_required_head_m, 6.0);
    // 10 m of level and the atmosphere over vapour of 10 °C (1228 Pa).
    let suction_pa = DENSITY_KG_M3 * GRAVITY_M_S2 * 10.0 + 101_325.0 - 1_228.0;
    assert!((pump.suction_above_vapour_pa - suction_pa).abs() < 10.0, "{pump:?}");
    assert!((pump.npsh_available_head_m - suction_pa / (DENSITY_KG_M3 * GRAVITY_M_S2)).abs() < 1e-2);
    let json: serde_json::Value = serde_json::from_str(&results::json(&network, &solution, Language::English)).unwrap();
    assert_eq!(json["pumps"]["pump"]["efficiency"], 0.8);
    assert!(
        results::csv(&network, &solution).iter().any(|(name, text)| *name == "pumps.csv" && text.contains("pump,"))
    );
}

#[test]
fn a_slow_pair_has_the_efficiency_of_its_flow_at_rated_speed() {
    // Two at 80 %: 160 m³/h at 0.64·30 m, where each stands at its 100 m³/h point.
    let group = Pump { speed: 0.8, parallel: 2, ..pump() };
    let network = circuit(group, kv_for(160.0, 19.2), 0.0);
    let solution = solve(&network);
    assert_sound(&solution);
    let pump = state(&network, &solution);
    assert!((pump.flow_m3_h - 160.0).abs() < 1e-6 && (pump.head_m - 19.2).abs() < 1e-6, "{pump:?}");
    assert!((pump.efficiency - 0.8).abs() < 1e-9);
    assert!((pump.npsh_required_head_m - 0.64 * 6.0).abs() < 1e-9);
}

#[test]
fn variable_speed_holds_flow_and_rise_as_far_as_the_curve_reaches() {
    let set = 50.0 / 3600.0 * DENSITY_KG_M3;
    let held = Pump { control: PumpControl::MassFlow { mass_flow_kg_s: set }, ..pump() };
    let network = circuit(held.clone(), kv_for(50.0, 20.0), 0.0);
    let solution = solve(&network);
    assert_sound(&solution);
    assert!((flow(&network, &solution, "valve") - set).abs() < 1e-9);
    // 20 m at 50 m³/h: s²·40 − s·10·0.5 = 20 → s = (5 + √(25 + 3200))/80.
    let speed = (5.0 + 3225.0_f64.sqrt()) / 80.0;
    let duty = state(&network, &solution);
    assert!((duty.speed - speed).abs() < 1e-5 && (duty.head_m - 20.0).abs() < 1e-6, "{duty:?}");
    // Against 60 m it gives up, runs at full speed, and says so.
    let network = circuit(held.clone(), kv_for(50.0, 20.0), 25.0);
    let solution = solve(&network);
    assert_sound(&solution);
    assert!(flow(&network, &solution, "valve") < set && codes(&solution).contains(&Code::PumpAtFullSpeed));
    // Downhill the water needs no pump.
    let network = circuit(held, kv_for(50.0, 20.0), -30.0);
    let solution = solve(&network);
    assert_sound(&solution);
    assert!(codes(&solution).contains(&Code::PumpBrakes), "{:?}", solution.findings);

    let rise_pa = DENSITY_KG_M3 * GRAVITY_M_S2 * 20.0;
    let held = Pump { control: PumpControl::PressureRise { pressure_rise_pa: rise_pa }, ..pump() };
    let network = circuit(held, kv_for(80.0, 20.0), 0.0);
    let solution = solve(&network);
    assert_sound(&solution);
    assert!((state(&network, &solution).flow_m3_h - 80.0).abs() < 1e-4);
}

#[test]
fn variable_speed_holds_a_difference_elsewhere() {
    // The pump feeds two valves in a row and holds 15 m across the second.
    let set_pressure_pa = DENSITY_KG_M3 * GRAVITY_M_S2 * 15.0;
    let sensing_nodes = ["mid".into(), "high".into()];
    let held = Pump { control: PumpControl::DifferentialPressure { set_pressure_pa, sensing_nodes }, ..pump() };
    let build = |kv_m3_h: f64| {
        let mut network = circuit(held.clone(), kv_for(60.0, 5.0), 0.0);
        hypocaust::network::edit::Edit::Remove {
            element: hypocaust::network::ElementRef::new(hypocaust::network::ElementKind::Valve, "valve"),
        }
        .apply(&mut network)
        .unwrap();
        nodes(&mut network, &["mid"]);
        let valve = |kv| Valve { kind: ValveKind::Control, kv_m3_h: Some(kv), ..Valve::default() };
        network.insert_link_between("first", "out", "mid", valve(kv_for(60.0, 5.0))).unwrap();
        network.insert_link_between("second", "mid", "high", valve(kv_m3_h)).unwrap();
        network
    };
    let network = build(kv_for(60.0, 15.0));
    let solution = solve(&network);
    assert_sound(&solution);
    let duty = state(&network, &solution);
    assert!((duty.flow_m3_h - 60.0).abs() < 1e-4 && (duty.head_m - 20.0).abs() < 1e-4, "{duty:?}");
    // Twice as wide: 120 m³/h would need 15 + 20 m, more than the curve has there.
    let network = build(kv_for(120.0, 15.0));
    let solution = solve(&network);
    assert_sound(&solution);
    let held_pa = pressure(&network, &solution, "mid") - pressure(&network, &solution, "high");
    assert!(held_pa < set_pressure_pa && codes(&solution).contains(&Code::PumpAtFullSpeed), "{:?}", solution.findings);
    assert!((state(&network, &solution).speed - 1.0).abs() < 1e-5);
}

#[test]
fn a_starved_suction_is_named_with_what_it_lacks() {
    // 5 m below the reservoir's level there would be plenty; 6 m above it there is not.
    let mut network = circuit(pump(), kv_for(100.0, 20.0), 10.0);
    let low = hypocaust::network::ElementRef::new(hypocaust::network::ElementKind::Node, "low");
    let edit = hypocaust::network::edit::Edit::set(low, "z_m", 16.0);
    edit.apply(&mut network).unwrap();
    let solution = solve(&network);
    let duty = state(&network, &solution);
    assert!(duty.npsh_available_head_m < 6.5 && duty.npsh_available_head_m > 3.0, "{duty:?}");
    let npsh = solution.findings.iter().find(|finding| finding.code == Code::NpshShort).unwrap();
    assert_eq!(&*npsh.element.id, "pump");
    assert!(codes(&solution).contains(&Code::SuctionPressureLow), "{:?}", solution.findings);
}
