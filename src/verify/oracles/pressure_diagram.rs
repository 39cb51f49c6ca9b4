//! O3: one user in a pressure diagram: what is available, what has to be throttled, what it bears at rest.
//!
//! The source converts 1 m = 10 kPa, so the water weighs 1000 kg/m³ under 10 m/s².

use serde::Deserialize;
use serde_json::Value;

use super::super::run::solve;
use super::super::{Comparison, Quantity, Tolerance};
use super::{parse, refused};
use crate::network::{Boundary, Consumer, Demand, Network, Node, Settings, Side, Source, SourceControl, WaterModel};
use crate::solver::Mode;

const PA_PER_M: f64 = 10_000.0;

#[derive(Deserialize)]
struct Given {
    supply_head_m: f64,
    return_head_m: f64,
    available_m: f64,
    user_needs_m: f64,
    throttle_surplus_m: f64,
    static_line_m: f64,
    user_elev_m: f64,
    #[serde(rename = "static_at_user_kPa")]
    static_kpa: f64,
}

pub fn compare(entry: &Value) -> Result<Vec<Comparison>, String> {
    let given: Given = parse(entry)?;
    let (network, _) = network(&given, true)?;
    let running = solve(&network, Mode::Hydraulic)?;
    let user = network.link_id("user").and_then(|link| running.consumer(link)).ok_or("no result for the user")?;
    let available_m = user.available_pressure_pa / PA_PER_M;
    let node = |id: &str| network.node_id(id).and_then(|node| running.node(node)).map_or(f64::NAN, |s| s.pressure_pa);
    let head_m = |id: &str| node(id) / PA_PER_M + given.user_elev_m;

    let (network, at_user) = self::network(&given, false)?;
    let standing = solve(&network, Mode::Hydraulic)?;
    let static_kpa = standing.node(at_user).map_or(f64::NAN, |state| state.pressure_pa / 1000.0);
    let heads = vec![
        ("supply line at the user".to_owned(), given.supply_head_m, head_m("user supply")),
        ("return line at the user".to_owned(), given.return_head_m, head_m("user return")),
        ("available".to_owned(), given.available_m, available_m),
        ("to be throttled".to_owned(), given.throttle_surplus_m, available_m - given.user_needs_m),
    ];
    // Two digits after the point are printed.
    Ok(vec![
        Comparison::new(Quantity::Head, Tolerance::absolute(0.005), heads),
        Comparison::new(
            Quantity::PressureKilopascal,
            Tolerance::absolute(0.5),
            vec![("at rest at the user".to_owned(), given.static_kpa, static_kpa)],
        ),
    ])
}

/// The user below the source, with pumps running or at rest (then make-up holds the static line at the source).
fn network(given: &Given, running: bool) -> Result<(Network, crate::network::NodeId), String> {
    let mut network = Network::new();
    network.set_settings(Settings {
        water: WaterModel::Constant { density_kg_m3: 1000.0, viscosity_pa_s: 0.001, heat_capacity_j_kgk: 4187.0 },
        gravity_m_s2: PA_PER_M / 1000.0,
        ..Settings::default()
    });
    let node = |side, z_m| Node { side, z_m, ..Node::default() };
    let make_up =
        Boundary::MakeUp { pressure_pa: given.static_line_m * PA_PER_M, capacity_kg_s: None, temperature_c: 10.0 };
    let at_rest = Node { boundary: (!running).then(|| Box::new(make_up)), ..node(Side::Return, 0.0) };
    network.insert_node("source supply", node(Side::Supply, 0.0)).map_err(refused)?;
    network.insert_node("source return", at_rest).map_err(refused)?;
    let at_user = network.insert_node("user supply", node(Side::Supply, given.user_elev_m)).map_err(refused)?;
    network.insert_node("user return", node(Side::Return, given.user_elev_m)).map_err(refused)?;
    let control = if running {
        SourceControl::Reference {
            return_pressure_pa: given.return_head_m * PA_PER_M,
            pressure_rise_pa: (given.supply_head_m - given.return_head_m) * PA_PER_M,
        }
    } else {
        SourceControl::PressureRise { pressure_rise_pa: 0.0 }
    };
    let source = Source { control, ..Source::default() };
    network.insert_link_between("source", "source return", "source supply", source).map_err(refused)?;
    // Nothing is lost on the way: the diagram's lines are given at the user.
    for (id, from, to) in [("supply", "source supply", "user supply"), ("return", "user return", "source return")] {
        network.insert_link_between(id, from, to, crate::network::Valve::default()).map_err(refused)?;
    }
    let consumer = Consumer {
        demand: Demand::MassFlow { mass_flow_kg_s: if running { 1.0 } else { 0.0 } },
        required_pressure_pa: Some(given.user_needs_m * PA_PER_M),
        ..Consumer::default()
    };
    network.insert_link_between("user", "user supply", "user return", consumer).map_err(refused)?;
    Ok((network, at_user))
}
