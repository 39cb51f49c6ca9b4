//! O1 and O5: a supply main, a return main and users between them, every one a fixed resistance S.
//!
//! S counts in the source's units (m or Pa per (m³/h)²). A valve of a given Kv obeys exactly Δp = S·Q², so each
//! resistance is one valve: Δp[Pa] = 10⁵·(Q/Kv)² at 1000 kg/m³.

use serde::Deserialize;
use serde_json::Value;

use super::super::run::solve;
use super::super::{Comparison, Quantity, Tolerance};
use super::{parse, refused};
use crate::network::{LinkId, Network, Node, Settings, Side, Source, SourceControl, Valve, ValveKind, WaterModel};
use crate::solver::{Mode, Solution};

const DENSITY_KG_M3: f64 = 1000.0;
const GRAVITY_M_S2: f64 = 9.81;
const PA_PER_M: f64 = DENSITY_KG_M3 * GRAVITY_M_S2;
/// m³/h of 1 kg/s.
const M3_H_PER_KG_S: f64 = 3600.0 / DENSITY_KG_M3;
const RETURN_PRESSURE_PA: f64 = 200_000.0;

/// Resistances of one rung in Pa/(m³/h)²; 0: none.
struct Rung {
    supply: f64,
    back: f64,
    user: f64,
    /// Water lost at the supply node of the rung, m³/h.
    leak_m3_h: f64,
}

struct Ladder {
    network: Network,
    supply: Vec<LinkId>,
    back: Vec<Option<LinkId>>,
    users: Vec<LinkId>,
}

impl Ladder {
    fn new(rungs: &[Rung], rise_pa: f64) -> Result<Ladder, String> {
        let mut network = Network::new();
        network.set_settings(Settings {
            water: WaterModel::Constant {
                density_kg_m3: DENSITY_KG_M3,
                viscosity_pa_s: 0.001,
                heat_capacity_j_kgk: 4187.0,
            },
            gravity_m_s2: GRAVITY_M_S2,
            ..Settings::default()
        });
        let node = |side, demand_kg_s| Node { side, demand_kg_s, ..Node::default() };
        let mut supply_at = network.insert_node("supply 0", node(Side::Supply, 0.0)).map_err(refused)?;
        let mut return_at = network.insert_node("return 0", node(Side::Return, 0.0)).map_err(refused)?;
        let source = Source {
            control: SourceControl::Reference { return_pressure_pa: RETURN_PRESSURE_PA, pressure_rise_pa: rise_pa },
            ..Source::default()
        };
        network.insert_link("source", return_at, supply_at, source).map_err(refused)?;
        let (mut supply, mut back, mut users) = (Vec::new(), Vec::new(), Vec::new());
        for (number, rung) in rungs.iter().enumerate() {
            let number = number + 1;
            let leak = rung.leak_m3_h / M3_H_PER_KG_S;
            let next = network.insert_node(format!("supply {number}"), node(Side::Supply, leak)).map_err(refused)?;
            supply.push(
                network
                    .insert_link(format!("supply {number}"), supply_at, next, resistance(rung.supply))
                    .map_err(refused)?,
            );
            supply_at = next;
            if rung.back > 0.0 {
                let next = network.insert_node(format!("return {number}"), node(Side::Return, 0.0)).map_err(refused)?;
                back.push(Some(
                    network
                        .insert_link(format!("return {number}"), next, return_at, resistance(rung.back))
                        .map_err(refused)?,
                ));
                return_at = next;
            } else {
                back.push(None);
            }
            users.push(
                network
                    .insert_link(format!("user {number}"), supply_at, return_at, resistance(rung.user))
                    .map_err(refused)?,
            );
        }
        Ok(Ladder { network, supply, back, users })
    }

    fn solve(&self) -> Result<Solution, String> {
        solve(&self.network, Mode::Hydraulic)
    }
}

/// The valve that takes S·Q² Pa; an infinite S is a shut valve.
fn resistance(pa_per_m3_h_squared: f64) -> Valve {
    let shut = pa_per_m3_h_squared.is_infinite();
    Valve {
        kind: ValveKind::Balancing,
        kv_m3_h: Some(if shut { 1.0 } else { (1e5 / pa_per_m3_h_squared).sqrt() }),
        opening: if shut { 0.0 } else { 1.0 },
        ..Valve::default()
    }
}

fn flow_m3_h(solution: &Solution, link: LinkId) -> f64 {
    solution.link(link).map_or(f64::NAN, |state| state.mass_flow_kg_s * M3_H_PER_KG_S)
}

#[derive(Deserialize)]
struct Leak {
    head_m: f64,
    #[serde(rename = "S_supply_each")]
    supply: f64,
    #[serde(rename = "S_return_each")]
    back: f64,
    #[serde(rename = "S_user_each")]
    user: f64,
    leak_m3h: f64,
    makeup_m3h: f64,
    users: Vec<f64>,
    #[serde(rename = "supply")]
    supply_m3_h: Vec<f64>,
    #[serde(rename = "return")]
    return_m3_h: Vec<f64>,
}

/// Three users, 100 m³/h lost where the first branches off; the make-up at the return of the source replaces it.
pub fn leak(entry: &Value) -> Result<Vec<Comparison>, String> {
    let given: Leak = parse(entry)?;
    let rungs: Vec<Rung> = (0..given.users.len())
        .map(|number| Rung {
            supply: given.supply * PA_PER_M,
            back: given.back * PA_PER_M,
            user: given.user * PA_PER_M,
            leak_m3_h: if number == 0 { given.leak_m3h } else { 0.0 },
        })
        .collect();
    let ladder = Ladder::new(&rungs, given.head_m * PA_PER_M)?;
    let solution = ladder.solve()?;
    let mut rows = Vec::new();
    for (number, &link) in ladder.users.iter().enumerate() {
        rows.push((format!("user {}", number + 1), given.users[number], flow_m3_h(&solution, link)));
    }
    for (number, (&link, &expected)) in ladder.supply.iter().zip(&given.supply_m3_h).enumerate() {
        rows.push((format!("supply {}", number + 1), expected, flow_m3_h(&solution, link)));
    }
    for (number, (link, &expected)) in ladder.back.iter().zip(&given.return_m3_h).enumerate() {
        let flow = link.map_or(f64::NAN, |link| flow_m3_h(&solution, link));
        rows.push((format!("return {}", number + 1), expected, flow));
    }
    // What comes in is what the source sends out beyond what came back.
    let sent = flow_m3_h(&solution, ladder.supply[0]);
    let came_back = ladder.back[0].map_or(f64::NAN, |link| flow_m3_h(&solution, link));
    rows.push(("make-up".to_owned(), given.makeup_m3h, sent - came_back));
    // Two digits after the point are printed.
    Ok(vec![Comparison::new(Quantity::VolumeFlow, Tolerance::absolute(0.006), rows)])
}

#[derive(Deserialize)]
struct FiveUsers {
    #[serde(rename = "S_seg_Pa_per_m3h2")]
    segments: Vec<f64>,
    #[serde(rename = "S_user")]
    users: Vec<f64>,
    #[serde(rename = "H_Pa")]
    rise_pa: f64,
    x: Ratios,
    #[serde(rename = "V_total")]
    total: Totals,
    stability_y: Vec<f64>,
}

#[derive(Deserialize)]
struct Ratios {
    base: Vec<f64>,
    close_user3: Vec<f64>,
    seg1_x4: Vec<f64>,
    #[serde(rename = "H_x1.21")]
    raised: Vec<f64>,
}

#[derive(Deserialize)]
struct Totals {
    close_user3: f64,
    seg1_x4: f64,
}

/// Five users of 100 m³/h; what becomes of their flows when one shuts, the first section throttles, the pump raises
/// its head by 21 %; and their hydraulic stability y = √(available pressure/pump head).
pub fn five_users(entry: &Value) -> Result<Vec<Comparison>, String> {
    let given: FiveUsers = parse(entry)?;
    let rungs = |shut: Option<usize>, first: f64| -> Vec<Rung> {
        let pairs = given.segments.iter().zip(&given.users).enumerate();
        pairs
            .map(|(number, (&segment, &user))| Rung {
                supply: if number == 0 { segment * first } else { segment },
                back: 0.0,
                user: if shut == Some(number) { f64::INFINITY } else { user },
                leak_m3_h: 0.0,
            })
            .collect()
    };
    let base = Ladder::new(&rungs(None, 1.0), given.rise_pa)?;
    let base_solution = base.solve()?;
    let design: Vec<f64> = base.users.iter().map(|&link| flow_m3_h(&base_solution, link)).collect();

    let stability = stability(&given, &base, &base_solution)?;
    let mut ratios = Vec::new();
    let mut totals = Vec::new();
    for (name, expected, total, ladder) in [
        ("base", &given.x.base, Some(500.0), base),
        (
            "user 3 shut",
            &given.x.close_user3,
            Some(given.total.close_user3),
            Ladder::new(&rungs(Some(2), 1.0), given.rise_pa)?,
        ),
        ("section 1 ×4", &given.x.seg1_x4, Some(given.total.seg1_x4), Ladder::new(&rungs(None, 4.0), given.rise_pa)?),
        ("head ×1.21", &given.x.raised, None, Ladder::new(&rungs(None, 1.0), given.rise_pa * 1.21)?),
    ] {
        let solution = ladder.solve()?;
        for (number, (&link, &ratio)) in ladder.users.iter().zip(expected).enumerate() {
            let element = format!("{name}: user {}", number + 1);
            ratios.push((element, ratio, flow_m3_h(&solution, link) / design[number]));
        }
        if let Some(total) = total {
            totals.push((format!("{name}: all"), total, flow_m3_h(&solution, ladder.supply[0])));
        }
    }
    Ok(vec![
        // Three to four digits after the point are printed.
        Comparison::new(Quantity::Share, Tolerance::absolute(6e-4), ratios),
        Comparison::new(Quantity::Share, Tolerance::absolute(6e-5), stability),
        Comparison::new(Quantity::VolumeFlow, Tolerance::absolute(0.006), totals),
    ])
}

/// y of every user from the pressures at its ends.
fn stability(given: &FiveUsers, ladder: &Ladder, solution: &Solution) -> Result<Vec<(String, f64, f64)>, String> {
    let mut rows = Vec::new();
    for (number, (&link, &expected)) in ladder.users.iter().zip(&given.stability_y).enumerate() {
        let (from, to) = ladder.network.ends(link).ok_or("a user without ends")?;
        let pressure = |node| solution.node(node).map_or(f64::NAN, |state| state.pressure_pa);
        let y = ((pressure(from) - pressure(to)) / given.rise_pa).sqrt();
        rows.push((format!("stability of user {}", number + 1), expected, y));
    }
    Ok(rows)
}
