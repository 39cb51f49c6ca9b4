//! Pumps: circulation, distributed, make-up.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::is_default;

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
    /// Speed over rated speed.
    pub speed: f64,
    /// Number of equal pumps running in parallel.
    pub parallel: u16,
    pub running: bool,
    /// Whether a check valve keeps water from flowing back.
    pub check_valve: bool,
    /// Rated speed, 1/min.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rated_speed_rpm: Option<f64>,
    /// Pressure above vapour pressure the pump needs at its inlet, as NPSH in m.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub npsh_required_head_m: Option<f64>,
    #[serde(skip_serializing_if = "is_default")]
    pub role: PumpRole,
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
            parallel: 1,
            running: true,
            check_valve: true,
            rated_speed_rpm: None,
            npsh_required_head_m: None,
            role: PumpRole::Circulation,
        }
    }
}
