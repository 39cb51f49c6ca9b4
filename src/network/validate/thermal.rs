//! What elements say about heat in time: every number in range, and data that make a model.
//!
//! Only elements that say something are looked at: the defaults of the others are in order by test.

use super::numbers::number_finding;
use crate::network::{Building, Code, ElementKind, ElementRef, Finding, LinkKind, Network, Secondary, Source, thermal};

/// Heat capacity of water for checks of consistency, J/(kg K).
const HEAT_CAPACITY_J_KGK: f64 = 4190.0;

type Row = (&'static str, f64, f64, f64);

/// Checks consumers, buildings and sources.
pub(super) fn check(network: &Network, findings: &mut Vec<Finding>) {
    let settings = network.settings();
    let given = [("design_outdoor_temperature_c", settings.design_outdoor_temperature_c.unwrap_or(0.0), -90.0, 60.0)];
    let design_c = settings.design_outdoor_c();
    numbers(&given, &ElementRef::network(), findings);
    for view in network.links() {
        let (rows, fault) = match &view.link.kind {
            LinkKind::Consumer(consumer) if let Some(side) = consumer.secondary.as_deref() => {
                (secondary(side), thermal::station(consumer, side, design_c, HEAT_CAPACITY_J_KGK).err())
            }
            LinkKind::Source(source) if source.plant.is_some() => {
                (plant(source), thermal::plant(source, HEAT_CAPACITY_J_KGK).err())
            }
            _ => continue,
        };
        report(&rows, fault, &view.element(), findings);
    }
    for (id, building) in network.buildings() {
        if building.heating.is_some() {
            let fault = thermal::building(building, design_c, HEAT_CAPACITY_J_KGK).err();
            report(&heating(building), fault, &ElementRef::new(ElementKind::Building, id.clone()), findings);
        }
    }
}

/// Numbers first; a contradiction only where all numbers are in range, or it would be told twice.
fn report(rows: &[Row], fault: Option<thermal::ThermalFault>, element: &ElementRef, findings: &mut Vec<Finding>) {
    if numbers(rows, element, findings)
        && let Some(fault) = fault
    {
        findings.push(Finding::new(Code::ThermalContradiction, element.clone()).text("field", fault.field));
    }
}

fn numbers(rows: &[Row], element: &ElementRef, findings: &mut Vec<Finding>) -> bool {
    let before = findings.len();
    for &(name, value, low, high) in rows {
        findings.extend(number_finding(element.clone(), name, value, low, high));
    }
    findings.len() == before
}

fn secondary(side: &Secondary) -> Vec<Row> {
    let mut rows = vec![
        ("secondary.secondary_supply_temperature_c", side.secondary_supply_temperature_c, 0.0, 150.0),
        ("secondary.secondary_return_temperature_c", side.secondary_return_temperature_c, 0.0, 150.0),
        ("secondary.room_temperature_c", side.room_temperature_c, 0.0, 40.0),
        ("secondary.emitter_exponent", side.emitter_exponent, 0.0, 1.0),
        ("secondary.outdoor_filter_s", side.outdoor_filter_s, 0.0, 1e7),
        ("secondary.primary_supply_temperature_c", side.primary_supply_temperature_c, 0.0, 200.0),
        ("secondary.approach_k", side.approach_k, 0.05, 60.0),
        ("secondary.fouling_k_w", side.fouling_k_w, 0.0, 1.0),
        ("secondary.travel_time_s", side.travel_time_s, 0.0, 1e5),
        ("secondary.pump_rise_pa", side.pump_rise_pa, 0.0, 1e7),
        ("secondary.pump_efficiency", side.pump_efficiency, 0.01, 1.0),
        ("secondary.make_up_share", side.make_up_share, 0.0, 1.0),
        ("secondary.booster_heat_w", side.booster_heat_w, 0.0, 1e12),
    ];
    let more = [
        ("secondary.water_kg", side.water_kg, 0.0, 1e10),
        ("secondary.primary_return_temperature_c", side.primary_return_temperature_c, 0.0, 150.0),
    ];
    rows.extend(more.into_iter().filter_map(|(name, value, low, high)| Some((name, value?, low, high))));
    rows.extend(side.hour_shift_k.iter().map(|shift| ("secondary.hour_shift_k", *shift, -50.0, 50.0)));
    rows.extend(side.weekday_shift_k.iter().map(|shift| ("secondary.weekday_shift_k", *shift, -50.0, 50.0)));
    rows.extend(side.zones.iter().map(|zone| ("secondary.zones.heat_share", zone.heat_share, 0.0, 1.0)));
    rows.extend(side.zones.iter().map(|zone| ("secondary.zones.shift_k", zone.shift_k, -50.0, 50.0)));
    rows
}

fn heating(building: &Building) -> Vec<Row> {
    let Some(heating) = building.heating.as_deref() else { return Vec::new() };
    let mut rows = vec![
        ("heating.room_temperature_c", heating.room_temperature_c, 0.0, 40.0),
        ("heating.solar_aperture_m2", heating.solar_aperture_m2, 0.0, 1e7),
        ("heating.internal_gain_w_m2", heating.internal_gain_w_m2, 0.0, 1000.0),
        ("heating.wind_share_s_m", heating.wind_share_s_m, 0.0, 1.0),
    ];
    let more = [
        ("heating.heat_index_w_m2", heating.heat_index_w_m2, 0.1, 2000.0),
        ("heating.room_capacity_share", heating.room_capacity_share, 0.001, 1.0),
        ("heating.thermostat_temperature_c", heating.thermostat_temperature_c, 0.0, 40.0),
    ];
    rows.extend(more.into_iter().filter_map(|(name, value, low, high)| Some((name, value?, low, high))));
    rows
}

fn plant(source: &Source) -> Vec<Row> {
    let Some(plant) = source.plant.as_deref() else { return Vec::new() };
    let mut rows = vec![
        ("plant.start_time_s", plant.start_time_s, 0.0, 1e7),
        ("plant.collector_area_m2", plant.collector_area_m2, 0.0, 1e8),
        ("plant.fuel_price_1_gj", plant.fuel_price_1_gj, 0.0, 1e9),
        ("plant.sold_electricity_price_1_kwh", plant.sold_electricity_price_1_kwh, -1e6, 1e6),
        ("plant.heat_price_1_gj", plant.heat_price_1_gj, 0.0, 1e9),
        ("plant.start_cost", plant.start_cost, 0.0, 1e12),
    ];
    let more = [
        ("plant.ramp_up_w_s", plant.ramp_up_w_s, 1e-3, 1e12),
        ("plant.ramp_down_w_s", plant.ramp_down_w_s, 1e-3, 1e12),
        ("plant.efficiency", plant.efficiency, 0.01, 1.2),
        ("plant.power_to_heat", plant.power_to_heat, 0.0, 10.0),
        ("plant.turbine_fuel_w", plant.turbine_fuel_w, 0.0, 1e12),
        ("plant.steam_temperature_c", plant.steam_temperature_c, 20.0, 350.0),
        ("plant.heater_ua_w_k", plant.heater_ua_w_k, 0.0, 1e12),
        ("plant.flue_recovery_approach_k", plant.flue_recovery_approach_k, 0.0, 200.0),
        ("plant.source_temperature_c", plant.source_temperature_c, -60.0, 350.0),
        ("plant.source_flow_kg_s", plant.source_flow_kg_s, 0.0, 1e6),
        ("plant.lowest_source_temperature_c", plant.lowest_source_temperature_c, -60.0, 350.0),
        ("plant.lorenz_share", plant.lorenz_share, 0.01, 1.0),
        ("plant.charge_temperature_c", plant.charge_temperature_c, 0.0, 200.0),
    ];
    rows.extend(more.into_iter().filter_map(|(name, value, low, high)| Some((name, value?, low, high))));
    let prices = plant.electricity_price_1_kwh.iter();
    rows.extend(prices.map(|price| ("plant.electricity_price_1_kwh", *price, -1e6, 1e6)));
    rows
}
