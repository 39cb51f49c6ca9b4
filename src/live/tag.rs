//! What is measured: tags and the table of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::network::ElementRef;
use crate::units::Quantity;

/// Handle of a tag: its row in the [`TagTable`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TagId(pub u32);

impl TagId {
    /// Position in arrays of the table's length.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What of its element a tag tells, in the words of the model. Supply and return of a source or a substation are those
/// of the primary network, at its own connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Observed {
    /// Gauge pressure at a node.
    Pressure,
    /// Water temperature at a node.
    Temperature,
    /// Mass flow through a link, positive from its start to its end (supply to return in a substation, return to supply
    /// in a source).
    MassFlow,
    /// The same as volume flow at the meter's own temperature.
    VolumeFlow,
    SupplyPressure,
    ReturnPressure,
    SupplyTemperature,
    ReturnTemperature,
    /// Supply less return temperature.
    TemperatureDifference,
    /// Available pressure: supply less return.
    PressureDifference,
    /// Heat drawn (substation) or given (source).
    Heat,
    /// Running total of heat.
    Energy,
    /// Running total of volume, m³.
    Volume,
    SecondarySupplyTemperature,
    SecondaryReturnTemperature,
    SecondarySupplyPressure,
    SecondaryReturnPressure,
    SecondaryVolumeFlow,
    /// Make-up flow now.
    MakeUpFlow,
    /// Running total of make-up water, m³.
    MakeUpVolume,
    /// Pressure that the make-up pump holds (定压值).
    MakeUpPressure,
    /// Opening of a valve, 0…1.
    Opening,
    /// Speed of a pump over its rated speed.
    Speed,
    /// Electric power.
    Power,
    /// Running total of electricity.
    Electricity,
    /// Electric current, A.
    Current,
    /// Level in a tank, m.
    Level,
    /// 1: running.
    Running,
    /// 1: in fault.
    Fault,
    /// 1: in automatic mode.
    Automatic,
    /// A set-point for the supply temperature.
    SupplyTemperatureSetting,
    /// A set-point for the supply temperature of the secondary side.
    SecondarySupplyTemperatureSetting,
    /// Air outside.
    OutdoorTemperature,
    /// Air in a room of a building.
    RoomTemperature,
    /// Alarm contact: 1 in alarm (water on the floor, fire, intrusion, power cut).
    Contact,
    /// Anything else that is only shown and kept.
    Other,
}

/// Limits of an instrument or of a quantity, in SI units.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Range {
    pub least: f64,
    pub most: f64,
}

impl Range {
    /// Whether a value lies inside; false for NaN.
    pub fn contains(&self, value: f64) -> bool {
        value >= self.least && value <= self.most
    }
}

/// Alarm limits of a tag in SI units, any of which may be missing (HH, H, L, LL of ISA-18.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Limits {
    pub high_high: Option<f64>,
    pub high: Option<f64>,
    pub low: Option<f64>,
    pub low_low: Option<f64>,
}

/// One thing that is measured (or set) somewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Tag {
    /// Unique: `CS0012.T1`, `HS01.SUPPLY_PRESSURE` …
    pub name: Arc<str>,
    /// Device that brings it, by the name in the device map; empty where none does.
    pub device: Arc<str>,
    /// What it is measured at; `None` for what belongs to no element of the network (the weather).
    pub element: Option<ElementRef>,
    pub observed: Observed,
    /// Kind of number; its SI unit is that of the samples.
    pub quantity: Quantity,
    /// Wanted time between two samples, ms.
    pub period_ms: u32,
    /// What the instrument can show.
    pub range: Option<Range>,
    pub limits: Limits,
    /// Standard deviation of its noise in SI units; `None`: by the class of instrument.
    pub deviation_si: Option<f64>,
}

impl Tag {
    /// A tag of a name, read once a minute; of no device and no element, without range and limits.
    pub fn new(name: impl Into<Arc<str>>, observed: Observed, quantity: Quantity) -> Tag {
        Tag {
            name: name.into(),
            device: "".into(),
            element: None,
            observed,
            quantity,
            period_ms: 60_000,
            range: None,
            limits: Limits::default(),
            deviation_si: None,
        }
    }
}

/// All tags, in the order of their handles.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TagTable {
    tags: Vec<Tag>,
    by_name: BTreeMap<Arc<str>, TagId>,
}

/// Two tags of one name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("tag “{0}” stands twice; give one of the two another name")]
pub struct TwiceNamed(pub Arc<str>);

impl TagTable {
    /// Adds a tag behind the others; refused where its name is taken.
    pub fn add(&mut self, tag: Tag) -> Result<TagId, TwiceNamed> {
        // A table of four thousand million tags does not fit into memory, so the cast is exact.
        let id = TagId(self.tags.len() as u32);
        if self.by_name.contains_key(&tag.name) {
            return Err(TwiceNamed(tag.name));
        }
        self.by_name.insert(tag.name.clone(), id);
        self.tags.push(tag);
        Ok(id)
    }

    /// Number of tags.
    pub fn len(&self) -> usize {
        self.tags.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.tags.is_empty()
    }

    /// The tag of a handle; `None` for a handle of another table.
    pub fn get(&self, id: TagId) -> Option<&Tag> {
        self.tags.get(id.index())
    }

    /// The handle of a name.
    pub fn id(&self, name: &str) -> Option<TagId> {
        self.by_name.get(name).copied()
    }

    /// Tags with their handles, in the order of handles.
    pub fn iter(&self) -> impl Iterator<Item = (TagId, &Tag)> {
        self.tags.iter().enumerate().map(|(index, tag)| (TagId(index as u32), tag))
    }
}
