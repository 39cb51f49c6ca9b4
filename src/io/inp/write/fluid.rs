//! The one liquid of an EPANET file: the network's own where it is constant, else water at its mean temperature.

use super::super::units::VISCOSITY_M2_S;
use crate::network::{Network, WaterModel};
use crate::physics::property_table::PropertyTable;
use crate::physics::water;

/// Properties written, and temperatures that heat demands are turned into flows with.
pub(super) struct Fluid {
    pub(super) density_kg_m3: f64,
    pub(super) viscosity_m2_s: f64,
    pub(super) heat_capacity_j_kgk: f64,
    pub(super) supply_temperature_c: f64,
    /// Temperature the properties hold at; `None` where they are the network's own constants.
    pub(super) temperature_c: Option<f64>,
}

/// Pressure for water properties: they hardly depend on it.
const PRESSURE_PA: f64 = 1e6;
/// Water that is neither heated nor cooled.
const COLD_C: f64 = 20.0;

pub(super) fn of(network: &Network) -> Fluid {
    let supply = network.links().filter_map(|view| view.source().map(|source| source.supply_temperature_c));
    let supply_temperature_c = supply.fold(f64::NAN, f64::max);
    let returns: Vec<f64> =
        network.links().filter_map(|view| view.consumer().map(|consumer| consumer.return_temperature_c)).collect();
    let mean_return_c = returns.iter().sum::<f64>() / returns.len() as f64;
    let mean = 0.5 * (supply_temperature_c + mean_return_c);
    let temperature_c = if mean.is_finite() { mean } else { COLD_C };
    let at = |rows: &[crate::network::settings::PropertyPoint], otherwise: f64| {
        let rows: Vec<(f64, f64)> = rows.iter().map(|row| (row.temperature_c, row.value)).collect();
        PropertyTable::new(&rows).map_or(otherwise, |table| table.value(temperature_c))
    };
    let (density_kg_m3, viscosity_pa_s, heat_capacity_j_kgk, constant) = match &network.settings().water {
        WaterModel::Constant { density_kg_m3, viscosity_pa_s, heat_capacity_j_kgk } => {
            (*density_kg_m3, *viscosity_pa_s, *heat_capacity_j_kgk, true)
        }
        WaterModel::Table { density_kg_m3, viscosity_pa_s, heat_capacity_j_kgk } => (
            at(density_kg_m3, 1000.0),
            at(viscosity_pa_s, 1000.0 * VISCOSITY_M2_S),
            at(heat_capacity_j_kgk, 4190.0),
            false,
        ),
        WaterModel::Iapws => (
            water::density_kg_m3(temperature_c, PRESSURE_PA),
            water::viscosity_pa_s(temperature_c, PRESSURE_PA),
            water::heat_capacity_j_kgk(temperature_c, PRESSURE_PA),
            false,
        ),
    };
    Fluid {
        density_kg_m3,
        viscosity_m2_s: viscosity_pa_s / density_kg_m3,
        heat_capacity_j_kgk,
        supply_temperature_c,
        temperature_c: (!constant).then_some(temperature_c),
    }
}
