//! Heat sources: from the return main (`from`) to the supply main (`to`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Plant, Pump, is_default, is_zero};
use crate::network::Name;

/// A heat source with its circulation pumps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Source {
    pub control: SourceControl,
    pub supply_temperature_c: f64,
    #[serde(skip_serializing_if = "is_default")]
    pub kind: SourceKind,
    /// Greatest heat output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity_w: Option<f64>,
    /// Smallest heat output while running.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_heat_w: Option<f64>,
    /// Greatest flow of the circulation pumps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_flow_kg_s: Option<f64>,
    /// Its circulation pumps: what they draw and need, and how far they reach; what it conveys where its control is their
    /// speed. They let nothing flow back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pumps: Option<Box<Pump>>,
    /// A heat store (蓄热罐) beside supply and return: its control holds a flow, which is negative while it charges.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<Box<HeatStore>>,
    /// It heats this zone with the water of another one (隔压站): heat passes, water does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchanger: Option<Box<ZoneExchanger>>,
    /// How it runs in time, what it burns and costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plant: Option<Box<Plant>>,
    pub running: bool,
}

/// Plate exchanger of a pressure-isolation station. This side of it is the source, which holds the pressures of its zone
/// like any other; the other side is a consumer of the primary zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ZoneExchanger {
    /// The consumer whose water gives the heat. It takes what the source needs to reach its supply temperature; what its
    /// demand says is the most it may take.
    #[schemars(with = "String")]
    pub primary: Name,
    /// UA when clean, at the two design flows.
    pub ua_w_k: f64,
    pub primary_flow_kg_s: f64,
    pub secondary_flow_kg_s: f64,
    /// Resistance of deposits, K/W.
    #[serde(skip_serializing_if = "is_zero")]
    pub fouling_k_w: f64,
}

impl Default for ZoneExchanger {
    fn default() -> Self {
        ZoneExchanger {
            primary: "".into(),
            ua_w_k: 1e6,
            primary_flow_kg_s: 50.0,
            secondary_flow_kg_s: 100.0,
            fouling_k_w: 0.0,
        }
    }
}

/// A tank of hot water in layers, parallel to the consumers. An open (pressureless) one is the pressure reference as
/// well: give the node of its return a tank as boundary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HeatStore {
    pub volume_m3: f64,
    /// Temperature of the lower layer: of the water it gives to the return while it charges.
    pub lower_temperature_c: f64,
    /// Share of the volume that is hot now.
    #[serde(skip_serializing_if = "is_zero")]
    pub charge_share: f64,
}

impl Default for HeatStore {
    fn default() -> Self {
        HeatStore { volume_m3: 1000.0, lower_temperature_c: 50.0, charge_share: 0.0 }
    }
}

/// What the pumps of a source hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum SourceControl {
    /// Holds the return pressure (pressure reference point, 定压点) and the rise across itself.
    Reference { return_pressure_pa: f64, pressure_rise_pa: f64 },
    /// Holds the rise across itself; the pressure level comes from elsewhere.
    PressureRise { pressure_rise_pa: f64 },
    /// Holds its flow; pressures follow.
    MassFlow { mass_flow_kg_s: f64 },
    /// Holds the supply pressure; the return pressure comes from elsewhere.
    SupplyPressure { supply_pressure_pa: f64 },
    /// Holds nothing: its pumps turn at their speed.
    Speed {
        /// Pressure held at the return side where this source is the pressure reference.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        return_pressure_pa: Option<f64>,
    },
    /// Holds the available pressure at a consumer, by default the worst one (最不利点).
    WorstPoint {
        available_pressure_pa: f64,
        /// The consumer watched; `None`: whichever is worst.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(with = "Option<String>")]
        consumer: Option<Name>,
        /// Pressure held at the return side where this source is the pressure reference.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        return_pressure_pa: Option<f64>,
    },
}

impl SourceControl {
    /// The pressure rise that is held across the source; `None` where it holds something else.
    pub const fn pressure_rise_pa(&self) -> Option<f64> {
        match self {
            SourceControl::Reference { pressure_rise_pa, .. } | SourceControl::PressureRise { pressure_rise_pa } => {
                Some(*pressure_rise_pa)
            }
            _ => None,
        }
    }

    /// The same with another pressure rise; `None` where it holds none.
    #[must_use]
    pub const fn with_pressure_rise(&self, pressure_rise_pa: f64) -> Option<SourceControl> {
        match self {
            SourceControl::Reference { return_pressure_pa, .. } => {
                Some(SourceControl::Reference { return_pressure_pa: *return_pressure_pa, pressure_rise_pa })
            }
            SourceControl::PressureRise { .. } => Some(SourceControl::PressureRise { pressure_rise_pa }),
            _ => None,
        }
    }

    /// The same with so much more rise; `None` where it holds none.
    #[must_use]
    pub fn raised_by(&self, more_pa: f64) -> Option<SourceControl> {
        self.with_pressure_rise(self.pressure_rise_pa()? + more_pa)
    }
}

/// What makes the heat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// 热电联产首站
    #[default]
    CombinedHeatAndPower,
    CoalBoiler,
    GasBoiler,
    BiomassBoiler,
    ElectricBoiler,
    HeatPump,
    WasteHeat,
    Geothermal,
    Solar,
    /// 热网间的联络或隔压站
    Interconnection,
    /// 蓄热罐
    HeatStore,
    Other,
}

impl Default for Source {
    fn default() -> Self {
        Source {
            control: SourceControl::Reference { return_pressure_pa: 400_000.0, pressure_rise_pa: 400_000.0 },
            supply_temperature_c: 110.0,
            kind: SourceKind::CombinedHeatAndPower,
            capacity_w: None,
            minimum_heat_w: None,
            maximum_flow_kg_s: None,
            pumps: None,
            store: None,
            exchanger: None,
            plant: None,
            running: true,
        }
    }
}
