//! Pipes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{is_default, is_zero};
use crate::network::Name;

/// A pipe. What the solver reads stands first and inline; the rest is boxed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pipe {
    pub length_m: f64,
    pub inner_diameter_m: f64,
    /// Outer diameter of the steel pipe; heat loss is referred to it.
    pub outer_diameter_m: f64,
    /// Equivalent roughness k.
    pub roughness_m: f64,
    /// Sum of the local loss coefficients Σζ, referred to the inner diameter.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub zeta: f64,
    /// Heat transfer coefficient between water and surroundings, on the outer steel surface. `None`: computed from
    /// insulation, depth and soil.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub u_w_m2k: Option<f64>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub state: PipeState,
    /// Holes it loses water through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaks: Option<Box<Leaks>>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub details: Box<PipeDetails>,
}

/// Holes of a pipe, in any order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Leaks(pub Vec<Leak>);

/// A hole: from a pinhole to a burst over the whole section. Water leaves by m = Cd·A·√(2ρ(p − p₀)) while the pressure
/// inside is the higher; nothing enters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Leak {
    /// Place along the pipe: 0 at its start (`from`), 1 at its end.
    pub position: f64,
    /// Area of the hole. `None`: round, of `hole_diameter_m`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hole_area_m2: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hole_diameter_m: Option<f64>,
    /// Cd; a sharp-edged hole has about 0.6.
    #[serde(default = "sharp_edged")]
    pub discharge_coefficient: f64,
    /// Gauge pressure around the hole: 0 in air and drained soil, more under groundwater.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub outside_pressure_pa: f64,
}

fn sharp_edged() -> f64 {
    0.6
}

impl Leak {
    /// Cd·A, m²; `None` where neither area nor diameter is given.
    pub fn effective_area_m2(&self) -> Option<f64> {
        let round = |diameter_m: f64| 0.25 * std::f64::consts::PI * diameter_m * diameter_m;
        let area_m2 = self.hole_area_m2.or(self.hole_diameter_m.map(round))?;
        Some(self.discharge_coefficient * area_m2)
    }
}

/// Whether water can pass a pipe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PipeState {
    #[default]
    Open,
    /// Shut off or out of service.
    Closed,
    /// Has a check valve: water passes from → to only (EPANET's `CV`).
    OneWay,
}

/// What else is known about a pipe (appendix B.0.3 of the standard).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PipeDetails {
    /// Nominal diameter, mm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dn: Option<u16>,
    /// Nominal pressure (PN), gauge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nominal_pressure_pa: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insulation: Option<Box<Insulation>>,
    /// Cover from ground surface to pipe axis.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth_m: Option<f64>,
    #[serde(skip_serializing_if = "is_default")]
    pub laying: Laying,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub material: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year_laid: Option<u16>,
    /// The other pipe of the same trench.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub pair: Option<Name>,
    /// Bends between the two end nodes: x, y, z in m.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub route_m: Vec<[f64; 3]>,
    /// Hazen–Williams C, read only with that friction law.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hazen_williams_c: Option<f64>,
    /// Manning n, read only with that friction law.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manning_n: Option<f64>,
}

/// Heat insulation of a pipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Insulation {
    pub thickness_m: f64,
    /// Conductivity when new, W/(m·K).
    pub conductivity_w_mk: f64,
    /// Loss of today over loss when new; 1 = as new.
    #[serde(default = "one")]
    pub ageing_factor: f64,
}

fn one() -> f64 {
    1.0
}

/// How a pipe is laid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Laying {
    /// 直埋
    #[default]
    Buried,
    /// 管沟
    Duct,
    /// 架空
    Overhead,
    /// 综合管廊
    UtilityTunnel,
}

impl Default for Pipe {
    /// DN100, 100 m, the roughness the Chinese design code takes for hot-water networks (0.5 mm, CJJ 34).
    fn default() -> Self {
        Pipe {
            length_m: 100.0,
            inner_diameter_m: 0.1,
            outer_diameter_m: 0.108,
            roughness_m: 0.0005,
            zeta: 0.0,
            u_w_m2k: None,
            state: PipeState::Open,
            leaks: None,
            details: Box::default(),
        }
    }
}
