//! Properties of the water in a network as its settings describe it: constant, by table, or IAPWS.
//!
//! One place asks [`WaterModel`] what it means, so that hydraulics and heat use the same numbers. What does not live
//! here: which temperature a pipe has, and how properties of its two ends are averaged.

use std::sync::LazyLock;

use crate::network::WaterModel;
use crate::network::settings::PropertyPoint;
use crate::physics::property_table::{LiquidWater, PropertyTable};

/// Absolute pressure at which the properties of water are taken: middle of what heating networks have. Density changes
/// by 0.05 % per MPa.
const PROPERTY_PRESSURE_PA: f64 = 1e6;

/// The tabulated IAPWS formulas, made once.
static LIQUID_WATER: LazyLock<LiquidWater> = LazyLock::new(|| LiquidWater::new(PROPERTY_PRESSURE_PA));

/// Properties over temperature.
#[derive(Clone, Debug)]
pub enum Fluid {
    Constant { density_kg_m3: f64, viscosity_pa_s: f64, heat_capacity_j_kgk: f64 },
    Table(Box<[PropertyTable; 3]>),
    Iapws(&'static LiquidWater),
}

/// Which table of a water model is no table; the field's name as in the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadTable(pub &'static str);

impl Fluid {
    pub fn new(model: &WaterModel) -> Result<Fluid, BadTable> {
        match model {
            WaterModel::Constant { density_kg_m3, viscosity_pa_s, heat_capacity_j_kgk } => {
                let good = |value: f64| value > 0.0 && value.is_finite();
                for (value, name) in [
                    (*density_kg_m3, "density_kg_m3"),
                    (*viscosity_pa_s, "viscosity_pa_s"),
                    (*heat_capacity_j_kgk, "heat_capacity_j_kgk"),
                ] {
                    if !good(value) {
                        return Err(BadTable(name));
                    }
                }
                Ok(Fluid::Constant {
                    density_kg_m3: *density_kg_m3,
                    viscosity_pa_s: *viscosity_pa_s,
                    heat_capacity_j_kgk: *heat_capacity_j_kgk,
                })
            }
            WaterModel::Table { density_kg_m3, viscosity_pa_s, heat_capacity_j_kgk } => Ok(Fluid::Table(Box::new([
                table(density_kg_m3, "density_kg_m3")?,
                table(viscosity_pa_s, "viscosity_pa_s")?,
                table(heat_capacity_j_kgk, "heat_capacity_j_kgk")?,
            ]))),
            WaterModel::Iapws => Ok(Fluid::Iapws(&LIQUID_WATER)),
        }
    }

    pub fn density_kg_m3(&self, temperature_c: f64) -> f64 {
        match self {
            Fluid::Constant { density_kg_m3, .. } => *density_kg_m3,
            Fluid::Table(tables) => tables[0].value(temperature_c),
            Fluid::Iapws(water) => water.density_kg_m3(temperature_c),
        }
    }

    /// Dynamic viscosity.
    pub fn viscosity_pa_s(&self, temperature_c: f64) -> f64 {
        match self {
            Fluid::Constant { viscosity_pa_s, .. } => *viscosity_pa_s,
            Fluid::Table(tables) => tables[1].value(temperature_c),
            Fluid::Iapws(water) => water.viscosity_pa_s(temperature_c),
        }
    }

    pub fn heat_capacity_j_kgk(&self, temperature_c: f64) -> f64 {
        match self {
            Fluid::Constant { heat_capacity_j_kgk, .. } => *heat_capacity_j_kgk,
            Fluid::Table(tables) => tables[2].value(temperature_c),
            Fluid::Iapws(water) => water.heat_capacity_j_kgk(temperature_c),
        }
    }

    /// Heat that 1 kg gives off on its way from one temperature to another, J/kg. IAPWS: difference of the enthalpies, so
    /// that heats along any way add up exactly. Constant and table: mean of the heat capacities at both ends times the
    /// difference, the convention such data come with; it adds up only as far as the heat capacity is linear (0.05 % of
    /// the heat between 40 and 90 °C).
    pub fn heat_between_j_kg(&self, hot_c: f64, cold_c: f64) -> f64 {
        match self {
            Fluid::Constant { heat_capacity_j_kgk, .. } => heat_capacity_j_kgk * (hot_c - cold_c),
            Fluid::Table(_) => self.mean_heat_capacity_j_kgk(hot_c, cold_c) * (hot_c - cold_c),
            Fluid::Iapws(water) => water.enthalpy_j_kg(hot_c) - water.enthalpy_j_kg(cold_c),
        }
    }

    /// Heat capacity between two temperatures: what makes [`Fluid::heat_between_j_kg`] of their difference.
    pub fn mean_heat_capacity_j_kgk(&self, a_c: f64, b_c: f64) -> f64 {
        match self {
            Fluid::Constant { heat_capacity_j_kgk, .. } => *heat_capacity_j_kgk,
            Fluid::Table(tables) => 0.5 * (tables[2].value(a_c) + tables[2].value(b_c)),
            Fluid::Iapws(water) => {
                // Closer together the difference of two enthalpies has lost its digits, and the slope has not changed.
                if (a_c - b_c).abs() < 0.1 {
                    water.heat_capacity_j_kgk(0.5 * (a_c + b_c))
                } else {
                    (water.enthalpy_j_kg(a_c) - water.enthalpy_j_kg(b_c)) / (a_c - b_c)
                }
            }
        }
    }
}

fn table(points: &[PropertyPoint], name: &'static str) -> Result<PropertyTable, BadTable> {
    let rows: Vec<(f64, f64)> = points.iter().map(|point| (point.temperature_c, point.value)).collect();
    if rows.iter().any(|row| row.1.is_nan() || row.1 <= 0.0) {
        return Err(BadTable(name));
    }
    PropertyTable::new(&rows).map_err(|_| BadTable(name))
}
