//! The only way to change a network people see: an [`Edit`], which applies wholly or not at all and gives its inverse.
//!
//! Undo, redo, scenarios and the audit trail all rest on this. Edits name elements by id, so that a list of edits (a
//! scenario) can be kept in a file and applied to a later state of the network.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Building, Chamber, Consumer, ElementKind, ElementRef, EmergencyBase, InsertError, Link, LinkKind, Name, Network,
    Node, Notes, Pipe, Pump, Sensor, Settings, Source, Valve, fields,
};

/// A change of the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Edit {
    /// Gives one field of an element a new value; `null` takes an optional value away. Fields are named as in the native
    /// file, inner ones with a dot: `opening`, `details.dn`, `demand.heat.heat_w`.
    Set {
        element: ElementRef,
        field: String,
        value: Value,
    },
    AddNode {
        #[schemars(with = "String")]
        id: Name,
        node: Box<Node>,
    },
    AddLink {
        #[schemars(with = "String")]
        id: Name,
        #[schemars(with = "String")]
        from: Name,
        #[schemars(with = "String")]
        to: Name,
        link: Box<LinkData>,
    },
    AddChamber {
        #[schemars(with = "String")]
        id: Name,
        chamber: Box<Chamber>,
    },
    AddBuilding {
        #[schemars(with = "String")]
        id: Name,
        building: Box<Building>,
    },
    AddSensor {
        #[schemars(with = "String")]
        id: Name,
        sensor: Box<Sensor>,
    },
    /// Takes an element out. A node can go only when no link ends at it.
    Remove {
        element: ElementRef,
    },
    SetSettings {
        settings: Box<Settings>,
    },
    /// Replaces the emergency information base.
    SetEmergencyBase {
        base: Box<EmergencyBase>,
    },
    /// Several edits as one step.
    Batch {
        label: String,
        edits: Vec<Edit>,
    },
}

/// A link as edits and files carry it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LinkData {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub chamber: Option<Name>,
    #[serde(skip_serializing_if = "super::elements::is_default")]
    pub attributes: super::attributes::Attributes,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pipe: Option<Pipe>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valve: Option<Valve>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pump: Option<Pump>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consumer: Option<Consumer>,
}

impl From<Link> for LinkData {
    fn from(link: Link) -> Self {
        let notes = link.notes.map(|notes| *notes).unwrap_or_default();
        let mut data =
            LinkData { name: notes.name, chamber: notes.chamber, attributes: notes.attributes, ..LinkData::default() };
        match link.kind {
            LinkKind::Pipe(pipe) => data.pipe = Some(pipe),
            LinkKind::Valve(valve) => data.valve = Some(*valve),
            LinkKind::Pump(pump) => data.pump = Some(*pump),
            LinkKind::Source(source) => data.source = Some(*source),
            LinkKind::Consumer(consumer) => data.consumer = Some(*consumer),
        }
        data
    }
}

impl TryFrom<LinkData> for Link {
    type Error = &'static str;

    fn try_from(data: LinkData) -> Result<Link, Self::Error> {
        let LinkData { name, chamber, attributes, pipe, valve, pump, source, consumer } = data;
        let mut kinds = [
            pipe.map(LinkKind::Pipe),
            valve.map(|v| LinkKind::Valve(Box::new(v))),
            pump.map(|p| LinkKind::Pump(Box::new(p))),
            source.map(|s| LinkKind::Source(Box::new(s))),
            consumer.map(|c| LinkKind::Consumer(Box::new(c))),
        ]
        .into_iter()
        .flatten();
        let (Some(kind), None) = (kinds.next(), kinds.next()) else {
            return Err("a link is exactly one of pipe, valve, pump, source and consumer");
        };
        let notes = Notes { name, chamber, attributes };
        let notes = (notes != Notes::default()).then(|| Box::new(notes));
        Ok(Link { kind, notes })
    }
}

/// Why an edit was refused. Nothing was changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum EditError {
    #[error("{0} does not exist; it may have been removed or renamed")]
    NoSuchElement(ElementRef),
    #[error("{element} has no field '{field}'; its fields are {known}")]
    NoSuchField { element: ElementRef, field: String, known: String },
    #[error("{element}: {field} cannot be {value}: {reason}")]
    BadValue { element: ElementRef, field: String, value: String, reason: String },
    #[error("{node} still has {count} links ({links}); remove those first")]
    NodeInUse { node: ElementRef, count: usize, links: String },
    #[error("{element}: {reason}")]
    BadLink { element: ElementRef, reason: &'static str },
    #[error(transparent)]
    Insert(#[from] InsertError),
}

impl Edit {
    /// A change of one field.
    pub fn set(element: ElementRef, field: impl Into<String>, value: impl Into<Value>) -> Edit {
        Edit::Set { element, field: field.into(), value: value.into() }
    }

    /// Applies the edit and returns its inverse. On error the network is as before.
    pub fn apply(&self, network: &mut Network) -> Result<Edit, EditError> {
        match self {
            Edit::Set { element, field, value } => {
                let before = fields::set(network, element, field, value)?;
                Ok(Edit::Set { element: element.clone(), field: field.clone(), value: before })
            }
            Edit::AddNode { id, node } => {
                network.insert_node(id.clone(), (**node).clone())?;
                Ok(Edit::Remove { element: ElementRef::new(ElementKind::Node, id.clone()) })
            }
            Edit::AddLink { id, from, to, link } => {
                let element = ElementRef::new(ElementKind::Pipe, id.clone());
                let link = Link::try_from((**link).clone()).map_err(|reason| EditError::BadLink { element, reason })?;
                let kind = link.kind.element_kind();
                network.insert_link_between(id.clone(), from, to, link)?;
                Ok(Edit::Remove { element: ElementRef::new(kind, id.clone()) })
            }
            Edit::AddChamber { id, chamber } => {
                network.insert_chamber(id.clone(), (**chamber).clone())?;
                Ok(Edit::Remove { element: ElementRef::new(ElementKind::Chamber, id.clone()) })
            }
            Edit::AddBuilding { id, building } => {
                network.insert_building(id.clone(), (**building).clone())?;
                Ok(Edit::Remove { element: ElementRef::new(ElementKind::Building, id.clone()) })
            }
            Edit::AddSensor { id, sensor } => {
                network.insert_sensor(id.clone(), (**sensor).clone())?;
                Ok(Edit::Remove { element: ElementRef::new(ElementKind::Sensor, id.clone()) })
            }
            Edit::Remove { element } => remove(network, element),
            Edit::SetSettings { settings } => {
                let before = std::mem::replace(network.settings_mut(), (**settings).clone());
                Ok(Edit::SetSettings { settings: Box::new(before) })
            }
            Edit::SetEmergencyBase { base } => {
                let before = network.emergency_base().clone();
                network.set_emergency_base((**base).clone());
                Ok(Edit::SetEmergencyBase { base: Box::new(before) })
            }
            Edit::Batch { label, edits } => {
                let mut inverse = Vec::with_capacity(edits.len());
                for edit in edits {
                    match edit.apply(network) {
                        Ok(back) => inverse.push(back),
                        Err(error) => {
                            for back in inverse.iter().rev() {
                                // The inverse of an edit just applied cannot fail: nothing happened in between.
                                let undone = back.apply(network);
                                debug_assert!(undone.is_ok(), "inverse refused: {undone:?}");
                            }
                            return Err(error);
                        }
                    }
                }
                inverse.reverse();
                Ok(Edit::Batch { label: label.clone(), edits: inverse })
            }
        }
    }
}

fn remove(network: &mut Network, element: &ElementRef) -> Result<Edit, EditError> {
    let missing = || EditError::NoSuchElement(element.clone());
    match element.kind {
        ElementKind::Node => {
            let node = network.node_id(&element.id).ok_or_else(missing)?;
            let links = network.links_at(node);
            if !links.is_empty() {
                let shown: Vec<String> = links.iter().take(5).map(|link| network.link_ref(*link).to_string()).collect();
                return Err(EditError::NodeInUse {
                    node: element.clone(),
                    count: links.len(),
                    links: shown.join(", ") + if links.len() > 5 { ", …" } else { "" },
                });
            }
            let (id, node) = network.remove_node(node).ok_or_else(missing)?;
            Ok(Edit::AddNode { id, node: Box::new(node) })
        }
        ElementKind::Chamber => {
            let chamber = network.chambers.remove(&element.id).ok_or_else(missing)?;
            Ok(Edit::AddChamber { id: element.id.clone(), chamber: Box::new(chamber) })
        }
        ElementKind::Building => {
            let building = network.buildings.remove(&element.id).ok_or_else(missing)?;
            Ok(Edit::AddBuilding { id: element.id.clone(), building: Box::new(building) })
        }
        ElementKind::Sensor => {
            let sensor = network.sensors.remove(&element.id).ok_or_else(missing)?;
            Ok(Edit::AddSensor { id: element.id.clone(), sensor: Box::new(sensor) })
        }
        ElementKind::Network => Err(missing()),
        _ => {
            let link = network.find_link(element).ok_or_else(missing)?;
            let (id, from, to, link) = network.remove_link(link).ok_or_else(missing)?;
            Ok(Edit::AddLink {
                id,
                from: network.node_name(from),
                to: network.node_name(to),
                link: Box::new(link.into()),
            })
        }
    }
}
