//! What holds for the whole network: friction law, water model, ground and gravity.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Law for pipe friction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FrictionModel {
    /// Colebrook–White with 3.71 and 2.51.
    #[default]
    Colebrook,
    /// Swamee–Jain as EPANET's Darcy–Weisbach uses it.
    SwameeJain,
    /// Altshul 0.11 (k/d + 68/Re)^0.25.
    Altshul,
    /// Shifrinson 0.11 (k/d)^0.25, fully rough.
    Shifrinson,
    /// Laminar and fully rough flow added (64/Re + Nikuradse), as STANET and pandapipes have it; for comparison.
    Nikuradse,
    /// Colebrook–White at every Reynolds number, without laminar flow, as pandapipes has it; for comparison.
    ColebrookEverywhere,
    /// Hazen–Williams; pipes carry `hazen_williams_c`. For imported water networks.
    HazenWilliams,
    /// Chezy–Manning; pipes carry `manning_n`. For imported water networks.
    ChezyManning,
}

/// Where water properties come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum WaterModel {
    /// The same everywhere.
    Constant { density_kg_m3: f64, viscosity_pa_s: f64, heat_capacity_j_kgk: f64 },
    /// Tables, linear between rows and constant beyond. Density and heat capacity of a pipe are means of the values at
    /// inlet and outlet, viscosity at the mean temperature.
    Table {
        density_kg_m3: Vec<PropertyPoint>,
        viscosity_pa_s: Vec<PropertyPoint>,
        heat_capacity_j_kgk: Vec<PropertyPoint>,
    },
    /// IAPWS-IF97 and the IAPWS viscosity formulation.
    Iapws,
}

/// One row of a property table.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PropertyPoint {
    pub temperature_c: f64,
    pub value: f64,
}

/// Settings of a network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Name of the network as people call it.
    pub title: String,
    pub friction: FrictionModel,
    pub water: WaterModel,
    /// Temperature around the pipes (ground), °C.
    pub ambient_temperature_c: f64,
    /// Outdoor air temperature of the state shown, °C.
    pub outdoor_temperature_c: f64,
    /// Outdoor temperature that stations and buildings are designed for (供暖室外计算温度).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub design_outdoor_temperature_c: Option<f64>,
    pub gravity_m_s2: f64,
    /// Coordinate reference system of x and y as the source file named it (`EPSG:4547`, `local metres`).
    pub coordinate_system: String,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            title: String::new(),
            friction: FrictionModel::Colebrook,
            water: WaterModel::Iapws,
            // Mean winter ground temperature at 1–2 m in the severe-cold region; the tables' documented default.
            ambient_temperature_c: 5.0,
            outdoor_temperature_c: -10.0,
            design_outdoor_temperature_c: None,
            gravity_m_s2: 9.81,
            coordinate_system: "local metres".to_owned(),
        }
    }
}

impl Settings {
    /// The design outdoor temperature; where none is given, the outdoor temperature of the network.
    pub fn design_or_present_outdoor_c(&self) -> f64 {
        self.design_outdoor_temperature_c.unwrap_or(self.outdoor_temperature_c)
    }

    /// The design outdoor temperature; −20 °C where the planner gave none (severe-cold region B).
    pub fn design_outdoor_c(&self) -> f64 {
        self.design_outdoor_temperature_c.unwrap_or(-20.0)
    }
}
