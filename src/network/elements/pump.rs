//! Pumps: circulation, distributed, make-up.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::is_default;
use crate::network::Name;

/// A pump group of equal pumps in parallel, conveying from → to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Pump {
    /// Points of one pump at rated speed, flow rising. One point: the design point; three: a power law through them;
    /// otherwise linear between them.
    pub curve: Vec<PumpPoint>,
    /// Constant shaft power instead of a curve (EPANET's POWER), W.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub power_w: Option<f64>,
    /// Speed over rated speed; where a control varies it, the greatest it may have.
    pub speed: f64,
    /// What the frequency converter holds.
    #[serde(skip_serializing_if = "is_default")]
    pub control: PumpControl,
    /// Number of equal pumps running in parallel.
    pub parallel: u16,
    pub running: bool,
    /// Whether a check valve keeps water from flowing back.
    pub check_valve: bool,
    /// Rated speed, 1/min.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rated_speed_rpm: Option<f64>,
    /// Pressure above vapour pressure the pump needs at its inlet, as NPSH in m; read where there is no `npsh_curve`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub npsh_required_head_m: Option<f64>,
    /// NPSH required over flow of one pump at rated speed: pairs (m³/h, m), flow rising, linear between.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub npsh_curve: Vec<[f64; 2]>,
    /// Efficiency of motor and frequency converter together, 0…1; with that of the pump it gives the electric power.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub motor_efficiency: Option<f64>,
    #[serde(skip_serializing_if = "is_default")]
    pub role: PumpRole,
}

/// What a pump with variable speed holds, as far as its greatest speed and its curve reach.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum PumpControl {
    /// Nothing: it turns at its speed.
    #[default]
    Speed,
    /// At most this flow.
    MassFlow { mass_flow_kg_s: f64 },
    /// This pressure rise across itself.
    PressureRise { pressure_rise_pa: f64 },
    /// This pressure difference between two nodes elsewhere, which more flow raises.
    DifferentialPressure {
        set_pressure_pa: f64,
        /// Where it senses: (higher, lower) node.
        #[schemars(with = "[String; 2]")]
        sensing_nodes: [Name; 2],
    },
}

/// What a pump is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PumpRole {
    /// 循环泵
    #[default]
    Circulation,
    /// 分布式变频泵
    Distributed,
    /// 中继泵
    Booster,
    /// 补水泵
    MakeUp,
    /// 混水泵
    Mixing,
}

/// One point of a pump curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PumpPoint {
    pub flow_m3_h: f64,
    pub head_m: f64,
    /// 0…1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub efficiency: Option<f64>,
}

impl Default for Pump {
    fn default() -> Self {
        Pump {
            curve: Vec::new(),
            power_w: None,
            speed: 1.0,
            control: PumpControl::Speed,
            parallel: 1,
            running: true,
            check_valve: true,
            rated_speed_rpm: None,
            npsh_required_head_m: None,
            npsh_curve: Vec::new(),
            motor_efficiency: None,
            role: PumpRole::Circulation,
        }
    }
}
