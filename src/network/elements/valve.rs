//! Valves of every kind, self-acting controllers among them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::is_default;
use crate::network::Name;

/// What a valve is for, and with it which law it follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ValveKind {
    /// 分段阀: divides a main into sections that can be shut off.
    #[default]
    Sectioning,
    /// 关断阀: shuts a branch or a device off.
    Isolating,
    /// 调节阀: set to a position.
    Control,
    /// 平衡阀: set once for balancing.
    Balancing,
    /// 止回阀: from → to only.
    Check,
    /// 旁通: between supply and return.
    Bypass,
    /// 自力式压差控制阀: holds a pressure difference.
    DifferentialPressure,
    /// 自力式流量控制阀: lets at most its set flow pass.
    Flow,
    /// 减压阀: holds the pressure behind it (`to`).
    PressureReducing,
    /// 持压阀: holds the pressure before it (`from`).
    PressureSustaining,
    /// Takes a fixed pressure difference while water flows (EPANET's PBV).
    PressureBreaking,
    /// Loss by a table over flow (EPANET's GPV).
    GeneralPurpose,
    /// 余压透平: a turbine that takes pressure out of the water and gives power. With a set pressure its guide vanes hold
    /// the pressure behind it, otherwise it takes the head of its loss curve or of its Kv. Nothing flows back.
    Turbine,
}

/// How Kv follows the opening.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Characteristic {
    #[default]
    Linear,
    /// Kv/Kvs = R^(h−1) with rangeability R (usually 30 or 50); shut at h = 0.
    EqualPercentage {
        rangeability: f64,
    },
    QuickOpening,
    /// Pairs (opening, Kv share), both rising from 0 to 1.
    Table {
        points: Vec<[f64; 2]>,
    },
}

/// What moves a valve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Drive {
    #[default]
    Manual,
    Electric,
    Hydraulic,
    Pneumatic,
    /// No drive and no outside energy.
    SelfActing,
}

/// Whether a valve can be operated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ValveCondition {
    #[default]
    Operable,
    /// Does not move.
    Stuck,
    /// Cannot be reached (flooded chamber, parked car).
    Unreachable,
    /// Nobody knows.
    Unknown,
}

/// A valve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Valve {
    pub kind: ValveKind,
    /// Flow coefficient fully open, m³/h at 1 bar. `None`: from `zeta` or, failing that, from kind and diameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kv_m3_h: Option<f64>,
    /// Loss coefficient fully open, referred to `diameter_m`; read where no Kv is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zeta: Option<f64>,
    /// 0 shut … 1 fully open.
    pub opening: f64,
    #[serde(skip_serializing_if = "is_default")]
    pub characteristic: Characteristic,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diameter_m: Option<f64>,
    /// Set value of pressure and differential-pressure controllers (gauge, or difference).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_pressure_pa: Option<f64>,
    /// Set value of flow controllers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_flow_kg_s: Option<f64>,
    /// Where a differential-pressure controller senses: (higher, lower) node. `None`: across itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<[String; 2]>")]
    pub sensing_nodes: Option<[Name; 2]>,
    /// Pairs (m³/h, m of head) of a general-purpose valve.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub loss_curve: Vec<[f64; 2]>,
    /// Efficiency of a turbine with its generator, 0…1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub efficiency: Option<f64>,
    #[serde(skip_serializing_if = "is_default")]
    pub drive: Drive,
    /// Time from open to shut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closing_time_s: Option<f64>,
    #[serde(skip_serializing_if = "is_default")]
    pub condition: ValveCondition,
}

impl Default for Valve {
    fn default() -> Self {
        Valve {
            kind: ValveKind::Sectioning,
            kv_m3_h: None,
            zeta: None,
            opening: 1.0,
            characteristic: Characteristic::Linear,
            diameter_m: None,
            set_pressure_pa: None,
            set_flow_kg_s: None,
            sensing_nodes: None,
            loss_curve: Vec::new(),
            efficiency: None,
            drive: Drive::Manual,
            closing_time_s: None,
            condition: ValveCondition::Operable,
        }
    }
}
