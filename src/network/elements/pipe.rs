//! Pipes.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

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
    #[schemars(with = "PipeDetails")]
    pub details: Details,
}

/// What else is known about a pipe, to be read and written like [`PipeDetails`]. Cities have few makes of pipe: all that
/// is not a pipe's own (all but its partner) can be one record for all pipes that have the same; writing makes an own one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "PipeDetails", into = "PipeDetails")]
pub struct Details(Option<Box<Known>>);

/// The two parts of [`Details`].
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The other pipe of the same trench.
    pub pair: Option<Name>,
    /// Everything else; its own `pair` is `None`. `None`: nothing is known.
    rest: Option<Arc<PipeDetails>>,
}

static NOTHING: Known = Known { pair: None, rest: None };
static NO_DETAILS: PipeDetails = PipeDetails {
    dn: None,
    nominal_pressure_pa: None,
    insulation: None,
    depth_m: None,
    laying: Laying::Buried,
    material: String::new(),
    year_laid: None,
    pair: None,
    route_m: Vec::new(),
    hazen_williams_c: None,
    manning_n: None,
};

impl From<PipeDetails> for Details {
    fn from(mut details: PipeDetails) -> Details {
        let pair = details.pair.take();
        let rest = (details != NO_DETAILS).then(|| Arc::new(details));
        Details((pair.is_some() || rest.is_some()).then(|| Box::new(Known { pair, rest })))
    }
}

impl From<Details> for PipeDetails {
    fn from(details: Details) -> PipeDetails {
        PipeDetails { pair: details.pair.clone(), ..PipeDetails::clone(&details) }
    }
}

impl Deref for Details {
    type Target = Known;

    fn deref(&self) -> &Known {
        self.0.as_deref().unwrap_or(&NOTHING)
    }
}

impl DerefMut for Details {
    fn deref_mut(&mut self) -> &mut Known {
        self.0.get_or_insert_default()
    }
}

impl Deref for Known {
    type Target = PipeDetails;

    fn deref(&self) -> &PipeDetails {
        self.rest.as_deref().unwrap_or(&NO_DETAILS)
    }
}

impl DerefMut for Known {
    fn deref_mut(&mut self) -> &mut PipeDetails {
        Arc::make_mut(self.rest.get_or_insert_default())
    }
}

impl PartialEq for Details {
    fn eq(&self, other: &Details) -> bool {
        self.pair == other.pair && ***self == ***other
    }
}

/// Records met so far, to be shared.
#[derive(Debug, Default)]
pub(in crate::network) struct SharedDetails(Vec<Arc<PipeDetails>>);

impl SharedDetails {
    /// Records worth looking through for one that is equal.
    const MOST: usize = 64;

    /// Lets the pipe have an equal record met before, if there is one; forgets the oldest when there are too many.
    pub(in crate::network) fn share(&mut self, details: &mut Details) {
        let Some(own) = details.0.as_mut().and_then(|known| known.rest.as_mut()) else { return };
        match self.0.iter().rposition(|met| Arc::ptr_eq(met, own) || met == own) {
            Some(at) => *own = self.0[at].clone(),
            None => {
                if self.0.len() == Self::MOST {
                    self.0.remove(0);
                }
                self.0.push(own.clone());
            }
        }
    }
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
            details: Details::default(),
        }
    }
}
