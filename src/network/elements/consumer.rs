//! Consumers: what takes heat out of this network between supply (`from`) and return (`to`): a substation (热力站) or a
//! building connected directly.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::is_default;

/// A consumer of heat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Consumer {
    pub demand: Demand,
    /// Temperature of the water given back to the return main.
    pub return_temperature_c: f64,
    #[serde(skip_serializing_if = "is_default")]
    pub connection: Connection,
    /// Kv of the primary side with its control valve fully open: what it draws when pressure runs short.
    /// `None`: no pressure is needed, the demand flows as long as the available pressure is positive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kv_open_m3_h: Option<f64>,
    /// Available pressure it was designed for; below it the consumer is reported as short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required_pressure_pa: Option<f64>,
    #[serde(skip_serializing_if = "is_default")]
    pub priority: Priority,
    /// Heated floor area.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heated_area_m2: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub households: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people: Option<u32>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// Out of service: takes nothing.
    #[serde(skip_serializing_if = "super::is_false")]
    pub shut: bool,
}

/// What a consumer asks for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Demand {
    MassFlow { mass_flow_kg_s: f64 },
    Heat { heat_w: f64 },
}

/// How a consumer is connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Connection {
    /// 间接连接, plate exchanger.
    #[default]
    Indirect,
    /// 混水 with the pump in the bypass.
    MixingBypassPump,
    /// 混水 with the pump in the supply.
    MixingSupplyPump,
    /// 混水 with the pump in the return.
    MixingReturnPump,
    /// Jet pump.
    JetPump,
    /// 直接连接
    Direct,
    /// 吸收式大温差
    AbsorptionExchanger,
    /// Booster heat pump.
    BoosterHeatPump,
    /// 楼宇换热
    BuildingExchanger,
}

/// Who comes first when heat is short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Priority {
    Hospital,
    School,
    /// Homes for the elderly, nurseries.
    Care,
    #[default]
    Residential,
    Public,
    Commercial,
    Industrial,
}

impl Default for Consumer {
    fn default() -> Self {
        Consumer {
            demand: Demand::Heat { heat_w: 1e6 },
            return_temperature_c: 50.0,
            connection: Connection::Indirect,
            kv_open_m3_h: None,
            required_pressure_pa: None,
            priority: Priority::Residential,
            heated_area_m2: None,
            households: None,
            people: None,
            address: String::new(),
            shut: false,
        }
    }
}
