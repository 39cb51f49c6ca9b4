//! Buildings: where the heat goes, and what the map shows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Heating, Priority, is_default};
use crate::network::Name;
use crate::network::attributes::Attributes;

/// A building.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Building {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Outline on the map, x and y in m, without repeating the first point.
    pub footprint_m: Vec<[f64; 2]>,
    pub height_m: f64,
    /// Ground elevation.
    pub z_m: f64,
    /// The consumer that heats it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub consumer: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heated_area_m2: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storeys: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year_built: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub households: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people: Option<u32>,
    #[serde(skip_serializing_if = "is_default")]
    pub priority: Priority,
    /// Thermal time constant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_constant_s: Option<f64>,
    /// How it takes and keeps heat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heating: Option<Box<Heating>>,
    #[serde(skip_serializing_if = "is_default")]
    pub attributes: Attributes,
}
