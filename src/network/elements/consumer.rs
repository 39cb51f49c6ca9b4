//! Consumers: what takes heat out of this network between supply (`from`) and return (`to`): a substation (热力站) or a
//! building connected directly.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Pump, Secondary, is_default, is_zero};

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
    /// Its valve stands at this opening, set by hand, and nothing regulates it: it draws what pressure, opening and pump
    /// (at its `speed`) give, more or less than its demand. Kv is this share of `kv_open_m3_h`, which has to be given.
    /// `None`: a controller follows the demand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hand_opening: Option<f64>,
    /// Its pump, and what it mixes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub station: Option<Box<Station>>,
    /// Its secondary side in time: set-point, control, exchanger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secondary: Option<Box<Secondary>>,
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

/// Pump and mixing of a substation.
///
/// With p the available pressure, m the primary flow and u the mixing ratio, Δp_c the loss of the circuit at its flow and
/// H the head of the pump at its own, the station draws its set flow as long as
///
/// - plate exchanger and the like with a pump (distributed pump, 分布式变频泵): p + H(m) ≥ m²/Kv²;
/// - direct connection: p + H(m) ≥ m²/Kv² + Δp_c(m);
/// - mixing with the pump in the bypass: p ≥ m²/Kv² + Δp_c((1 + u)·m); the pump lifts u·m by Δp_c;
/// - mixing with the pump in supply or return: p + H((1 + u)·m) ≥ m²/Kv² + Δp_c((1 + u)·m);
/// - jet pump: p ≥ m²/Kv² + 1.4·(1 + u)²·Δp_c((1 + u)·m).
///
/// Below that it gets what these laws give with the sign of equality. Pumps turn only as fast as they must, up to their
/// `speed`, and let nothing flow back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Station {
    /// Return water mixed into each part of primary water, by mass (混水比). Read by the mixing connections.
    #[serde(skip_serializing_if = "is_zero")]
    pub mixing_ratio: f64,
    /// Pressure the circuit behind the mixing point loses at `circuit_flow_kg_s`; it grows with the square of the flow.
    /// Read where that circuit carries this network's water: mixing and direct connections.
    #[serde(skip_serializing_if = "is_zero")]
    pub circuit_drop_pa: f64,
    #[serde(skip_serializing_if = "is_zero")]
    pub circuit_flow_kg_s: f64,
    /// `None` or not running: there is no pump.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pump: Option<Pump>,
}

impl Consumer {
    /// Whether a pump of its own makes up for pressure the network lacks.
    pub fn has_pump(&self) -> bool {
        let pump = self.station.as_ref().and_then(|station| station.pump.as_ref());
        // The pump of a bypass drives its own circuit only; a jet pump is none.
        let helps = !matches!(self.connection, Connection::MixingBypassPump | Connection::JetPump);
        helps && pump.is_some_and(|pump| pump.running && pump.parallel > 0)
    }
}

impl Connection {
    /// Whether it mixes return water into the primary water.
    pub const fn mixes(self) -> bool {
        matches!(
            self,
            Connection::MixingBypassPump
                | Connection::MixingSupplyPump
                | Connection::MixingReturnPump
                | Connection::JetPump
        )
    }
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
            hand_opening: None,
            station: None,
            secondary: None,
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
