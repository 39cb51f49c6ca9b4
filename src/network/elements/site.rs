//! What stands around the pipes: chambers, sensors, terrain and streets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::is_default;
use crate::network::attributes::Attributes;
use crate::network::{ElementRef, Name};
use crate::units::Quantity;

/// A chamber (井室) with valves, drains or compensators.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Chamber {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    pub x_m: f64,
    pub y_m: f64,
    /// Ground elevation at the cover.
    pub z_m: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth_m: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compensators: Option<u16>,
    /// Has a drain point.
    #[serde(skip_serializing_if = "super::is_false")]
    pub drain: bool,
    /// Has an air vent.
    #[serde(skip_serializing_if = "super::is_false")]
    pub vent: bool,
    /// Under water: nobody can turn what stands in it by hand.
    #[serde(skip_serializing_if = "super::is_false")]
    pub flooded: bool,
    #[serde(skip_serializing_if = "is_default")]
    pub attributes: Attributes,
}

/// A measuring point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sensor {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What it measures at.
    pub element: ElementRef,
    pub quantity: Quantity,
    /// Tag in the control system.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tag: String,
    /// Standard deviation of its noise, in SI units of the quantity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviation_si: Option<f64>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub attributes: Attributes,
}

/// Elevation of the ground on a regular grid, rows from south to north.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Terrain {
    pub x_m: f64,
    pub y_m: f64,
    pub cell_m: f64,
    pub columns: u32,
    /// Row by row, `columns` values each.
    pub z_m: Vec<f32>,
}

impl Terrain {
    /// Number of complete rows.
    pub fn rows(&self) -> u32 {
        if self.columns == 0 { 0 } else { (self.z_m.len() / self.columns as usize) as u32 }
    }

    /// Ground elevation at a place, bilinear; the nearest edge value outside the grid; `None` on an empty grid.
    pub fn elevation_m(&self, x_m: f64, y_m: f64) -> Option<f64> {
        let (columns, rows) = (self.columns as usize, self.rows() as usize);
        if columns == 0 || rows == 0 || self.cell_m <= 0.0 {
            return None;
        }
        let split = |at_m: f64, start_m: f64, count: usize| {
            let t = ((at_m - start_m) / self.cell_m).clamp(0.0, (count - 1) as f64);
            let i = (t as usize).min(count.saturating_sub(2));
            (i, (i + 1).min(count - 1), t - i as f64)
        };
        let (i0, i1, u) = split(x_m, self.x_m, columns);
        let (j0, j1, v) = split(y_m, self.y_m, rows);
        let z = |i: usize, j: usize| f64::from(self.z_m[j * columns + i]);
        Some((z(i0, j0) * (1.0 - u) + z(i1, j0) * u) * (1.0 - v) + (z(i0, j1) * (1.0 - u) + z(i1, j1) * u) * v)
    }
}

/// Map content that carries no water: drawn, never solved.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Backdrop {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terrain: Option<Terrain>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub streets: Vec<Street>,
    /// Rivers and lakes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub water: Vec<Water>,
}

/// A river or lake as an area on the map.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Water {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Elevation of the surface.
    pub level_m: f64,
    /// Bank line, x and y in m, without repeating the first point.
    pub outline_m: Vec<[f64; 2]>,
}

/// A street as a line on the map.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Street {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    pub width_m: f64,
    pub line_m: Vec<[f64; 2]>,
}

/// A named list of changes on top of the network as saved: one what-if.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// The scenario it starts from; `None`: the network itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub parent: Option<Name>,
    pub edits: Vec<crate::network::edit::Edit>,
}
