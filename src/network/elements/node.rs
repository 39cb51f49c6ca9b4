//! Nodes: junctions, and the places where pressure is given.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{is_default, is_zero};
use crate::network::Name;
use crate::network::attributes::Attributes;

/// Which pipe of the trench a node or pipe belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    Supply,
    Return,
    /// A network with one pipe only (drinking water, make-up water).
    #[default]
    Single,
}

/// A point where pipes meet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Node {
    /// What people call it; empty means the id serves.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    pub side: Side,
    pub x_m: f64,
    pub y_m: f64,
    /// Elevation of the pipe axis above the common datum.
    pub z_m: f64,
    /// Water drawn off here (negative: fed in). Zero in a closed heating network.
    #[serde(skip_serializing_if = "is_zero")]
    pub demand_kg_s: f64,
    /// Pressure given from outside, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boundary: Option<Box<Boundary>>,
    /// The chamber (井室) it lies in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub chamber: Option<Name>,
    #[serde(skip_serializing_if = "is_default")]
    pub attributes: Attributes,
}

impl Node {
    /// The pressure given from outside.
    pub fn boundary(&self) -> Option<Boundary> {
        self.boundary.as_deref().copied()
    }
}

/// A pressure given from outside the network.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Boundary {
    /// Make-up holding the pressure reference point (补水定压).
    MakeUp {
        /// Gauge pressure held at this node.
        pressure_pa: f64,
        /// Greatest make-up flow; beyond it the reference pressure falls. `None`: unlimited.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        capacity_kg_s: Option<f64>,
        /// Temperature of the make-up water.
        #[serde(default = "cold_water_c")]
        temperature_c: f64,
    },
    /// A reservoir of unlimited size with its water level at `head_m` above the datum.
    Reservoir {
        head_m: f64,
        #[serde(default = "cold_water_c")]
        temperature_c: f64,
    },
    /// An open tank; the node's elevation is its bottom, pressure follows the level.
    Tank {
        /// Water level above the bottom.
        level_m: f64,
        #[serde(default)]
        minimum_level_m: f64,
        maximum_level_m: f64,
        diameter_m: f64,
        #[serde(default = "cold_water_c")]
        temperature_c: f64,
    },
}

/// Cold mains water, the usual design figure in northern China.
fn cold_water_c() -> f64 {
    10.0
}
