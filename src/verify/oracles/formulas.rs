//! O6, O7, O9, O10: formulas without a network.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::super::{Comparison, Quantity, Tolerance};
use super::parse;
use crate::physics::building::RoomCooling;
use crate::physics::heat_loss::{
    BuriedPair, deep_soil_resistance_m_k_w, layer_resistance_m_k_w, mutual_resistance_m_k_w,
};
use crate::physics::heating_curve::HeatingCurve;
use crate::physics::surge::{ELASTICITY_STEEL_PA, Restraint, joukowsky_pa, wave_speed_m_s};

#[derive(Deserialize)]
struct Curves {
    tn: f64,
    tw_design: f64,
    b: f64,
    tw: Vec<f64>,
    #[serde(rename = "95_70")]
    radiators: Vec<[f64; 2]>,
    #[serde(rename = "75_50")]
    secondary: Vec<[f64; 2]>,
    #[serde(rename = "130_70")]
    primary: Vec<[f64; 2]>,
    #[serde(rename = "floor_45_35_b0.1")]
    floor: BTreeMap<String, [f64; 2]>,
}

/// Supply and return temperature over outdoor temperature at constant flow.
pub fn heating_curve(entry: &Value) -> Result<Vec<Comparison>, String> {
    let given: Curves = parse(entry)?;
    let curve = |supply, back, exponent| HeatingCurve {
        room_c: given.tn,
        design_outdoor_c: given.tw_design,
        design_supply_c: supply,
        design_return_c: back,
        emitter_exponent: exponent,
    };
    let mut rows = Vec::new();
    let mut row = |name: &str, curve: &HeatingCurve, outdoor_c: f64, expected: [f64; 2]| {
        let at = curve.at_outdoor(outdoor_c, 1.0);
        rows.push((format!("{name} supply at {outdoor_c} °C"), expected[0], at.supply_c));
        rows.push((format!("{name} return at {outdoor_c} °C"), expected[1], at.return_c));
    };
    for (name, supply, back, values) in [
        ("95/70", 95.0, 70.0, &given.radiators),
        ("75/50", 75.0, 50.0, &given.secondary),
        ("130/70", 130.0, 70.0, &given.primary),
    ] {
        for (&outdoor_c, &expected) in given.tw.iter().zip(values) {
            row(name, &curve(supply, back, given.b), outdoor_c, expected);
        }
    }
    for (outdoor, &expected) in &given.floor {
        let outdoor_c = number(outdoor)?;
        row("floor 45/35", &curve(45.0, 35.0, 0.1), outdoor_c, expected);
    }
    // Two digits after the point are printed.
    Ok(vec![Comparison::new(Quantity::Temperature, Tolerance::absolute(0.0051), rows)])
}

fn number(word: &str) -> Result<f64, String> {
    word.parse().map_err(|_| format!("'{word}' is not a number"))
}

#[derive(Deserialize)]
struct HeatLoss {
    m278hlund_default: TwoPipes,
}

#[derive(Deserialize)]
struct TwoPipes {
    args: TwoPipesGiven,
    #[serde(rename = "q_total_W_m")]
    total: f64,
    q_supply: f64,
    q_return: f64,
}

#[derive(Deserialize)]
struct TwoPipesGiven {
    t1: f64,
    t2: f64,
    t0: f64,
    insd: f64,
    d: f64,
    lam1: f64,
    lam2: f64,
    soil: f64,
    z: f64,
    s: f64,
}

/// Two buried pipes that warm each other.
pub fn heat_loss(entry: &Value) -> Result<Vec<Comparison>, String> {
    let TwoPipes { args, total, q_supply, q_return } = parse::<HeatLoss>(entry)?.m278hlund_default;
    let casing_m = args.d + 2.0 * args.insd;
    let soil = deep_soil_resistance_m_k_w(args.z, casing_m, args.soil);
    let pair = BuriedPair {
        supply_resistance_m_k_w: layer_resistance_m_k_w(args.d, casing_m, args.lam1) + soil,
        return_resistance_m_k_w: layer_resistance_m_k_w(args.d, casing_m, args.lam2) + soil,
        mutual_resistance_m_k_w: mutual_resistance_m_k_w(args.z, args.s, args.soil),
    };
    let loss = pair.loss(args.t1, args.t2, args.t0).ok_or("the pair has no thermal resistance")?;
    let rows = vec![
        ("supply".to_owned(), q_supply, loss.supply_w_m),
        ("return".to_owned(), q_return, loss.return_w_m),
        ("both".to_owned(), total, loss.total_w_m()),
    ];
    Ok(vec![Comparison::new(Quantity::LossPerMetre, Tolerance::absolute(1e-4), rows)])
}

#[derive(Deserialize)]
struct Surge {
    #[serde(rename = "1020x12")]
    large: Wave,
    #[serde(rename = "520x8")]
    small: Wave,
}

#[derive(Deserialize)]
struct Wave {
    a_m_s: f64,
    #[serde(rename = "dP_kPa_per_1_m_s")]
    rise_kpa: f64,
}

/// Pressure wave in steel pipes of outer diameter × wall, 950 kg/m³, bulk modulus 2.0 GPa, no lengthwise restraint.
pub fn surge(entry: &Value) -> Result<Vec<Comparison>, String> {
    const DENSITY_KG_M3: f64 = 950.0;
    let given: Surge = parse(entry)?;
    let (mut speeds, mut rises) = (Vec::new(), Vec::new());
    for (name, outer_m, wall_m, wave) in [("1020×12", 1.020, 0.012, given.large), ("520×8", 0.520, 0.008, given.small)]
    {
        let speed_m_s = wave_speed_m_s(
            DENSITY_KG_M3,
            2.0e9,
            outer_m - 2.0 * wall_m,
            wall_m,
            ELASTICITY_STEEL_PA,
            Restraint::ExpansionJoints,
        );
        speeds.push((name.to_owned(), wave.a_m_s, speed_m_s));
        rises.push((name.to_owned(), wave.rise_kpa, joukowsky_pa(DENSITY_KG_M3, speed_m_s, 1.0) / 1000.0));
    }
    Ok(vec![
        Comparison::new(Quantity::Speed, Tolerance::absolute(0.6), speeds),
        Comparison::new(Quantity::PressureKilopascal, Tolerance::absolute(0.6), rises),
    ])
}

#[derive(Deserialize)]
struct Cooling {
    tw: f64,
    t0: f64,
    phi0_hours_to_16_14_12: BTreeMap<String, [f64; 3]>,
    phi_hours_to_12: BTreeMap<String, BTreeMap<String, f64>>,
    #[serde(rename = "steady_room_T")]
    steady: BTreeMap<String, f64>,
}

/// Room temperature after the heat fails or is reduced.
pub fn cooling(entry: &Value) -> Result<Vec<Comparison>, String> {
    let given: Cooling = parse(entry)?;
    let room = |share: f64, hours: f64| RoomCooling {
        start_c: given.t0,
        normal_c: given.t0,
        outdoor_c: given.tw,
        supplied_share: share,
        time_constant_h: hours,
    };
    let mut hours = Vec::new();
    for (constant, expected) in &given.phi0_hours_to_16_14_12 {
        let room = room(0.0, number(constant)?);
        for (to_c, &expected) in [16.0, 14.0, 12.0].into_iter().zip(expected) {
            let computed = room.hours_to(to_c).unwrap_or(f64::NAN);
            hours.push((format!("τ {constant} h to {to_c} °C"), expected, computed));
        }
    }
    for (share, by_constant) in &given.phi_hours_to_12 {
        for (constant, &expected) in by_constant {
            let computed = room(number(share)?, number(constant)?).hours_to(12.0).unwrap_or(f64::NAN);
            hours.push((format!("φ {share}, τ {constant} h to 12 °C"), expected, computed));
        }
    }
    let mut steady = Vec::new();
    for (share, &expected) in &given.steady {
        steady.push((format!("φ {share}"), expected, room(number(share)?, 100.0).steady_c()));
    }
    // One digit after the point is printed.
    Ok(vec![
        Comparison::new(Quantity::Hours, Tolerance::absolute(0.051), hours),
        Comparison::new(Quantity::Temperature, Tolerance::absolute(0.051), steady),
    ])
}
