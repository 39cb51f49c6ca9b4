//! O4: flows from heat and specific losses of a main with three users (He Ping, Sun Gang, *Heating engineering*, example 9-1).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::super::run::solve;
use super::super::{Comparison, Quantity, Tolerance};
use super::{parse, refused};
use crate::network::{
    Consumer, Demand, FrictionModel, Network, Node, Pipe, Settings, Side, Source, SourceControl, WaterModel,
};
use crate::solver::Mode;

/// The book's tables are for water of 100 °C.
const DENSITY_KG_M3: f64 = 958.4;
const VISCOSITY_PA_S: f64 = 0.000_282;
const HEAT_CAPACITY_J_KGK: f64 = 4187.0;
/// Equivalent roughness of hot-water mains in the book.
const ROUGHNESS_M: f64 = 0.0005;
const T_H_PER_KG_S: f64 = 3.6;

#[derive(Deserialize)]
struct Given {
    #[serde(rename = "Q_GJ_h")]
    heat_gj_h: BTreeMap<String, f64>,
    t_supply: f64,
    t_return: f64,
    #[serde(rename = "G_t_h")]
    flow_t_h: BTreeMap<String, f64>,
    segments: BTreeMap<String, Segment>,
}

#[derive(Deserialize)]
struct Segment {
    #[serde(rename = "G")]
    flow_t_h: f64,
    #[serde(rename = "L")]
    length_m: f64,
    #[serde(rename = "DN")]
    diameter_mm: f64,
    #[serde(rename = "R_book")]
    book_pa_m: f64,
    #[serde(rename = "R_calc")]
    computed_pa_m: f64,
    v: f64,
}

/// Main A–B–C–D with users E at B, F at C and D at its end.
pub fn compare(entry: &Value) -> Result<Vec<Comparison>, String> {
    let given: Given = parse(entry)?;
    let mut network = Network::new();
    network.set_settings(Settings {
        friction: FrictionModel::Shifrinson,
        water: WaterModel::Constant {
            density_kg_m3: DENSITY_KG_M3,
            viscosity_pa_s: VISCOSITY_PA_S,
            heat_capacity_j_kgk: HEAT_CAPACITY_J_KGK,
        },
        ..Settings::default()
    });
    for id in ["A", "B", "C", "D"] {
        for (side, suffix) in [(Side::Supply, ""), (Side::Return, "'")] {
            network.insert_node(format!("{id}{suffix}"), Node { side, ..Node::default() }).map_err(refused)?;
        }
    }
    let source = Source {
        control: SourceControl::Reference { return_pressure_pa: 3e5, pressure_rise_pa: 4e5 },
        supply_temperature_c: given.t_supply,
        ..Source::default()
    };
    network.insert_link_between("source", "A'", "A", source).map_err(refused)?;
    for (name, segment) in &given.segments {
        let diameter_m = segment.diameter_mm / 1000.0;
        let pipe = Pipe {
            length_m: segment.length_m,
            inner_diameter_m: diameter_m,
            outer_diameter_m: diameter_m,
            roughness_m: ROUGHNESS_M,
            u_w_m2k: Some(0.0),
            ..Pipe::default()
        };
        let mut ends = name.chars().map(String::from);
        let (Some(from), Some(to)) = (ends.next(), ends.next()) else {
            return Err(format!("the section '{name}' is not named by its two ends"));
        };
        network.insert_link_between(name.as_str(), &from, &to, pipe.clone()).map_err(refused)?;
        network
            .insert_link_between(format!("{name}'"), &format!("{to}'"), &format!("{from}'"), pipe)
            .map_err(refused)?;
    }
    for (user, &heat_gj_h) in &given.heat_gj_h {
        let at = match user.as_str() {
            "E" => "B",
            "F" => "C",
            other => other,
        };
        let consumer = Consumer {
            demand: Demand::Heat { heat_w: heat_gj_h * 1e9 / 3600.0 },
            return_temperature_c: given.t_return,
            ..Consumer::default()
        };
        network.insert_link_between(format!("user {user}"), at, &format!("{at}'"), consumer).map_err(refused)?;
    }
    let solution = solve(&network, Mode::Thermal)?;
    let state = |id: &str| {
        network.link_id(id).and_then(|link| solution.link(link)).ok_or_else(|| format!("no result for {id}"))
    };
    let mut flows = Vec::new();
    for (user, &flow_t_h) in &given.flow_t_h {
        let id = format!("user {user}");
        let computed = state(&id)?.mass_flow_kg_s * T_H_PER_KG_S;
        flows.push((id, flow_t_h, computed));
    }
    let (mut book, mut computed, mut velocities) = (Vec::new(), Vec::new(), Vec::new());
    for (name, segment) in &given.segments {
        let state = state(name)?;
        let loss_pa_m = state.pressure_drop_pa / segment.length_m;
        flows.push((name.clone(), segment.flow_t_h, state.mass_flow_kg_s * T_H_PER_KG_S));
        book.push((name.clone(), segment.book_pa_m, loss_pa_m));
        computed.push((name.clone(), segment.computed_pa_m, loss_pa_m));
        velocities.push((name.clone(), segment.v, state.velocity_m_s));
    }
    Ok(vec![
        Comparison::new(Quantity::FlowTonnes, Tolerance::absolute(0.01), flows),
        Comparison::new(Quantity::SpecificLoss, Tolerance::relative(0.04), book)
            .because("the book reads its tables, which count with inner diameters of its own"),
        Comparison::new(Quantity::SpecificLoss, Tolerance::relative(0.002), computed)
            .because("the same formula computed independently"),
        Comparison::new(Quantity::Velocity, Tolerance::absolute(0.001), velocities),
    ])
}
