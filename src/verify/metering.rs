//! Heat metering: water of the heat-meter standard, and the published comparison of an estate charged by heat.

use serde::Deserialize;

use super::run::Job;
use super::{Case, Comparison, Library, Quantity, Tolerance};
use crate::physics::building::POSITION_FACTORS;
use crate::physics::metering::{Estate, FlowSensor, heat_coefficient_j_m3k};
use crate::physics::water;

/// Its place in the library; no network, so not a case file of the usual form.
pub(super) const PATH: &str = "metering.json";

#[derive(Deserialize)]
struct File {
    water: Water,
    estate: Published,
}

#[derive(Deserialize)]
struct Water {
    source: String,
    note: String,
    pressure_pa: f64,
    /// °C, kg/m³, kJ/kg.
    rows: Vec<[f64; 3]>,
}

#[derive(Deserialize)]
struct Published {
    source: String,
    notes: Vec<String>,
    reference_gj_m2: f64,
    heat_price_1_gj: f64,
    metered: Metered,
    neighbour: Neighbour,
    network: Network,
    households: Households,
    position_factors: PositionFactors,
}

#[derive(Deserialize)]
struct Metered {
    area_m2: f64,
    heated_area_m2: f64,
    heat_gj: f64,
    revenue: f64,
    area_revenue: f64,
    gj_m2: f64,
    gj_heated_m2: f64,
    saved_gj: f64,
    further_area_m2: f64,
    cost: f64,
    area_cost: f64,
    profit: f64,
    area_profit: f64,
    margin: f64,
    area_margin: f64,
}

#[derive(Deserialize)]
struct Neighbour {
    area_m2: f64,
    heat_gj: f64,
    revenue: f64,
    gj_m2: f64,
    cost: f64,
    profit: f64,
}

#[derive(Deserialize)]
struct Network {
    primary_gj: f64,
    metered_gj: f64,
    loss_gj: f64,
    loss_share: f64,
}

#[derive(Deserialize)]
struct Households {
    all: f64,
    below: f64,
    above: f64,
    below_share: f64,
    above_share: f64,
}

#[derive(Deserialize)]
struct PositionFactors {
    top: [f64; 3],
    middle: [f64; 3],
    bottom: [f64; 3],
}

pub(super) fn all(library: &Library) -> Vec<Job<'_>> {
    let Some(text) = library.get(PATH) else { return Vec::new() };
    let read = move || serde_json::from_str::<File>(text).map_err(|error| format!("{PATH}: {error}"));
    vec![
        Box::new(move || {
            let file = match read() {
                Ok(file) => file.water,
                Err(reason) => return Case::new("M1", PATH, Err(reason)),
            };
            let mut case =
                Case::new("M1", file.source.as_str(), Ok(water_of(&file))).titled("verify-oracle-heat-meter");
            case.notes = vec![file.note];
            case
        }),
        Box::new(move || {
            let file = match read() {
                Ok(file) => file.estate,
                Err(reason) => return Case::new("M2", PATH, Err(reason)),
            };
            let mut case = Case::new("M2", file.source.as_str(), Ok(estate(&file))).titled("verify-oracle-estate");
            case.notes = file.notes;
            case
        }),
    ]
}

/// Density, enthalpy, and K of every pair of rows 10 K apart or more, flow sensor in the return.
fn water_of(given: &Water) -> Vec<Comparison> {
    let at = |name: &str, c: f64| format!("{name} at {c} °C");
    let (mut density, mut enthalpy, mut coefficient) = (Vec::new(), Vec::new(), Vec::new());
    for (i, &[hot_c, kg_m3, kj_kg]) in given.rows.iter().enumerate() {
        density.push((at("density", hot_c), kg_m3, water::density_kg_m3(hot_c, given.pressure_pa)));
        enthalpy.push((at("enthalpy", hot_c), kj_kg, water::enthalpy_j_kg(hot_c, given.pressure_pa) / 1000.0));
        for &[cold_c, cold_kg_m3, cold_kj_kg] in given.rows[..i].iter().filter(|row| hot_c - row[0] >= 10.0) {
            let expected = cold_kg_m3 * (kj_kg - cold_kj_kg) / (hot_c - cold_c) / 1000.0;
            let computed = heat_coefficient_j_m3k(hot_c, cold_c, FlowSensor::Return, given.pressure_pa) / 1e6;
            coefficient.push((format!("{hot_c}/{cold_c} °C"), expected, computed));
        }
    }
    vec![
        Comparison::new(Quantity::Density, Tolerance::relative(2e-4), density),
        Comparison::new(Quantity::Enthalpy, Tolerance::absolute(0.08), enthalpy),
        Comparison::new(Quantity::HeatCoefficient, Tolerance::relative(1.5e-3), coefficient)
            .because("EN 1434-1 class 2 calculators may be off by 0.5 % and more"),
    ]
}

fn estate(given: &Published) -> Vec<Comparison> {
    let (own, other) = (&given.metered, &given.neighbour);
    let estate = Estate {
        area_m2: own.area_m2,
        heated_area_m2: own.heated_area_m2,
        heat_j: own.heat_gj * 1e9,
        reference_j_m2: given.reference_gj_m2 * 1e9,
        heat_price_1_j: given.heat_price_1_gj / 1e9,
        metered_revenue: own.revenue,
        area_revenue: own.area_revenue,
    };
    let found = estate.comparison();
    let neighbour = Estate {
        area_m2: other.area_m2,
        heated_area_m2: other.area_m2,
        heat_j: other.heat_gj * 1e9,
        metered_revenue: other.revenue,
        ..estate
    }
    .comparison();
    let row = |name: &str, printed: f64, computed: f64| (name.to_owned(), printed, computed);
    let (network, households) = (&given.network, &given.households);
    let loss_gj = network.primary_gj - network.metered_gj;
    let mut factors = Vec::new();
    let printed = [given.position_factors.top, given.position_factors.middle, given.position_factors.bottom];
    for (level, (printed, ours)) in printed.iter().zip(POSITION_FACTORS).enumerate() {
        for (column, (printed, ours)) in printed.iter().zip(ours).enumerate() {
            factors.push((format!("level {level}, column {column}"), *printed, ours));
        }
    }
    vec![
        Comparison::new(
            Quantity::SpecificEnergy,
            Tolerance::absolute(0.001),
            vec![
                row("connected area", own.gj_m2, found.heat_j_m2 / 1e9),
                row("heated area", own.gj_heated_m2, found.heat_j_heated_m2 / 1e9),
                row("neighbour", other.gj_m2, neighbour.heat_j_m2 / 1e9),
            ],
        ),
        Comparison::new(
            Quantity::Energy,
            Tolerance::absolute(0.0006),
            vec![row("saved", own.saved_gj, found.saved_j / 1e9), row("network loss", network.loss_gj, loss_gj)],
        ),
        Comparison::new(
            Quantity::Area,
            Tolerance::absolute(0.006),
            vec![row("further area", own.further_area_m2, found.further_area_m2)],
        ),
        Comparison::new(
            Quantity::Money,
            Tolerance::absolute(0.006),
            vec![
                row("cost", own.cost, found.metered_cost),
                row("cost by area", own.area_cost, found.area_cost),
                row("profit", own.profit, found.metered_profit),
                row("profit by area", own.area_profit, found.area_profit),
                row("neighbour's cost", other.cost, neighbour.metered_cost),
                row("neighbour's profit", other.profit, neighbour.metered_profit),
            ],
        ),
        Comparison::new(
            Quantity::Share,
            Tolerance::absolute(0.00051),
            vec![
                row("margin", own.margin, found.metered_margin),
                row("margin by area", own.area_margin, found.area_margin),
                row("network loss", network.loss_share, loss_gj / network.primary_gj),
                row("households that pay less", households.below_share, households.below / households.all),
                row("households that pay more", households.above_share, households.above / households.all),
            ],
        ),
        Comparison::new(Quantity::Share, Tolerance::absolute(1e-12), factors)
            .because("position factors are used as printed"),
    ]
}
