//! The instruments that a network's own data name, as tags.

use crate::live::{Observed, Tag, TagTable};
use crate::network::{ElementKind, ElementRef, Network, Sensor};
use crate::units::Quantity;

/// Wanted time between two samples of an instrument that says nothing else: that of sources and stations.
const PERIOD_MS: u32 = 60_000;

/// One tag for every sensor of the network whose quantity at its element has a meaning, in the order of their ids. A
/// sensor without a tag of its own is named by its id.
pub fn tags_of_sensors(network: &Network) -> TagTable {
    let mut table = TagTable::default();
    for (id, sensor) in network.sensors() {
        let Some(observed) = observed(network, sensor) else { continue };
        let tag = |name: &str| Tag {
            name: name.into(),
            device: "".into(),
            element: Some(ElementRef::new(ElementKind::Sensor, id.clone())),
            observed,
            quantity: sensor.quantity,
            period_ms: PERIOD_MS,
            range: None,
            limits: crate::live::Limits::default(),
            deviation_si: sensor.deviation_si,
        };
        let name = if sensor.tag.is_empty() { id } else { sensor.tag.as_str() };
        // A tag that two sensors share is told apart by the sensor's id, which is its own.
        if table.add(tag(name)).is_err() {
            let _ = table.add(tag(id));
        }
    }
    table
}

fn observed(network: &Network, sensor: &Sensor) -> Option<Observed> {
    let is_node = sensor.element.kind == ElementKind::Node;
    Some(match sensor.quantity {
        Quantity::Pressure if is_node || network.find_link(&sensor.element).is_some() => Observed::Pressure,
        Quantity::PressureDifference => Observed::PressureDifference,
        Quantity::Temperature if is_node => Observed::Temperature,
        Quantity::MassFlow => Observed::MassFlow,
        Quantity::VolumeFlow => Observed::VolumeFlow,
        Quantity::Heat => Observed::Heat,
        Quantity::Share => match sensor.element.kind {
            ElementKind::Valve | ElementKind::Consumer => Observed::Opening,
            ElementKind::Pump => Observed::Speed,
            _ => return None,
        },
        _ => return None,
    })
}
