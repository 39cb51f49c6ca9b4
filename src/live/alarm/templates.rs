//! Definitions and rules for a table of tags: limits of the tags, the standard's alarm lists, and what every instrument and
//! every link needs.
//!
//! The alarm tables of the standard (A.0.5, B.0.5, C.0.5, D.0.4) say what is to be alarmed; their rows with dead-bands,
//! delays and priorities are in the [`dictionary`]. A tag finds its row by the end of its name (`HS1.T1` is row `T1` of a
//! source). What has no row gets the starting values below, chosen by the speed of the quantity and to be tuned by the
//! history of each tag. HH and LL do not wait: one sample past them raises.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::definition::{AlarmId, Condition, Definition, Kind, Priority, Rule};
use crate::live::dictionary::{AlarmCondition, AlarmTemplate, DeviceKind, dictionary};
use crate::live::screening::{Nature, Parameters};
use crate::live::{Observed, Tag, TagId, TagTable};
use crate::network::{ElementKind, ElementRef};
use crate::units::Quantity;

/// Dead-band and delays where the standard has no row: (dead-band SI, on s, off s).
fn starting_values(quantity: Quantity, limit: f64) -> (f64, f64, f64) {
    match quantity {
        Quantity::Temperature | Quantity::TemperatureDifference => (2.0, 60.0, 60.0),
        Quantity::Pressure | Quantity::PressureDifference => (20e3, 10.0, 30.0),
        Quantity::MassFlow | Quantity::VolumeFlow | Quantity::Heat => (0.05 * limit.abs(), 15.0, 30.0),
        Quantity::Length => (0.1, 60.0, 60.0),
        _ => (0.02 * limit.abs(), 30.0, 30.0),
    }
}

/// What kind of device the tags of an element come from.
fn device_kinds(element: Option<&ElementRef>) -> &'static [DeviceKind] {
    match element.map(|element| element.kind) {
        Some(ElementKind::Source) => &[DeviceKind::Source],
        Some(ElementKind::Consumer) => &[DeviceKind::Station],
        Some(ElementKind::Building) => &[DeviceKind::User, DeviceKind::Room],
        Some(ElementKind::Node | ElementKind::Chamber | ElementKind::Pipe | ElementKind::Valve) => {
            &[DeviceKind::Network]
        }
        _ => &[],
    }
}

fn template(tag: &Tag, condition: AlarmCondition) -> Option<&'static AlarmTemplate> {
    device_kinds(tag.element.as_ref()).iter().flat_map(|kind| dictionary().alarms(*kind)).find(|template| {
        template.condition == condition
            && !template.tag.is_empty()
            && tag.name.strip_suffix(template.tag.as_str()).is_some_and(|place| place.ends_with('.'))
    })
}

fn link_template(element: Option<&ElementRef>) -> Option<&'static AlarmTemplate> {
    device_kinds(element)
        .iter()
        .flat_map(|kind| dictionary().alarms(*kind))
        .find(|template| template.condition == AlarmCondition::Communication)
}

fn clause(template: Option<&AlarmTemplate>) -> Option<Arc<str>> {
    template.map(|template| format!("{} {}", template.clause, template.row).into())
}

fn lower(priority: Priority) -> Priority {
    match priority {
        Priority::High => Priority::Medium,
        Priority::Medium | Priority::Low => Priority::Low,
    }
}

fn ms(seconds: f64) -> i64 {
    // Delays of days at most: exact.
    (seconds.clamp(0.0, 1e6) * 1e3).round() as i64
}

/// The alarm of a command to a tag that was not confirmed (see [`control`](crate::live::control)), for the program to set.
/// No rule silences it: that the device has fallen silent makes it no less urgent to know what it does.
pub fn not_confirmed(tags: &TagTable, tag: TagId) -> Option<Definition> {
    let known = tags.get(tag)?;
    Some(Definition {
        name: format!("{}/not-confirmed", known.name).into(),
        kind: Kind::Command,
        condition: Condition::Program,
        tag: Some(tag),
        device: known.device.clone(),
        element: known.element.clone(),
        priority: Priority::High,
        on_delay_ms: 0,
        off_delay_ms: 0,
        clause: None,
    })
}

/// Definitions and rules for these tags.
pub fn definitions(tags: &TagTable) -> (Vec<Definition>, Vec<Rule>) {
    let mut out = Vec::new();
    let mut links: BTreeMap<Arc<str>, Option<ElementRef>> = BTreeMap::new();
    for (id, tag) in tags.iter() {
        if !tag.device.is_empty() {
            let element = links.entry(tag.device.clone()).or_default();
            if element.is_none() {
                element.clone_from(&tag.element);
            }
        }
        let mut add = |kind: Kind, word: &str, condition, priority, on_s, off_s, clause| {
            out.push(Definition {
                name: format!("{}/{word}", tag.name).into(),
                kind,
                condition,
                tag: Some(id),
                device: tag.device.clone(),
                element: tag.element.clone(),
                priority,
                on_delay_ms: ms(on_s),
                off_delay_ms: ms(off_s),
                clause,
            });
        };
        let source = tag.element.as_ref().is_some_and(|element| element.kind == ElementKind::Source);
        let plain = if source { Priority::Medium } else { Priority::Low };
        let limits = template(tag, AlarmCondition::Limit);
        let urgent = limits.map_or(if source { Priority::High } else { Priority::Medium }, |template| template.urgency);
        for (limit, kind, word, above, outer) in [
            (tag.limits.high_high, Kind::HighHigh, "high-high", true, true),
            (tag.limits.high, Kind::High, "high", true, false),
            (tag.limits.low, Kind::Low, "low", false, false),
            (tag.limits.low_low, Kind::LowLow, "low-low", false, true),
        ] {
            let Some(limit) = limit.filter(|limit| limit.is_finite()) else { continue };
            let (dead_band, on_s, off_s) = limits.map_or_else(
                || starting_values(tag.quantity, limit),
                |template| (template.dead_band_si, template.on_delay_s, template.off_delay_s),
            );
            let condition =
                if above { Condition::Above { limit, dead_band } } else { Condition::Below { limit, dead_band } };
            let (priority, on_s) = if outer { (urgent, 0.0) } else { (lower(urgent), on_s) };
            add(kind, word, condition, priority, on_s, off_s, clause(limits));
        }
        if matches!(tag.observed, Observed::Contact | Observed::Fault) {
            let contact = template(tag, AlarmCondition::Contact);
            let (priority, on_s, off_s) =
                contact.map_or((plain, 2.0, 5.0), |it| (it.urgency, it.on_delay_s, it.off_delay_s));
            add(Kind::Contact, "contact", Condition::Contact, priority, on_s, off_s, clause(contact));
        }
        if Parameters::of(tag.observed, tag.element.as_ref()).nature == Nature::Measured {
            add(Kind::Quality, "quality", Condition::Quality, Priority::Low, 5.0, 60.0, None);
        }
        // What a burst does and a valve closed by hand does not; and a lasting difference from the model.
        match tag.observed {
            Observed::Pressure | Observed::SupplyPressure | Observed::ReturnPressure => {
                add(Kind::Rate, "rate", Condition::Rate { most_per_s: 30e3 }, plain, 0.0, 60.0, None);
                let deviation = Condition::Deviation { most: 50e3, dead_band: 20e3 };
                add(Kind::Deviation, "deviation", deviation, Priority::Low, 300.0, 300.0, None);
            }
            Observed::Temperature | Observed::SupplyTemperature => {
                let deviation = Condition::Deviation { most: 5.0, dead_band: 2.0 };
                add(Kind::Deviation, "deviation", deviation, Priority::Low, 900.0, 300.0, None);
            }
            _ => {}
        }
    }
    for (device, element) in links {
        let template = link_template(element.as_ref());
        out.push(Definition {
            name: format!("{device}/communication").into(),
            kind: Kind::Communication,
            condition: Condition::Communication,
            tag: None,
            device,
            priority: template.map_or(Priority::Low, |template| template.urgency),
            on_delay_ms: template.map_or(0, |template| ms(template.on_delay_s)),
            off_delay_ms: template.map_or(0, |template| ms(template.off_delay_s)),
            clause: clause(template),
            element,
        });
    }
    let rules = rules(tags, &out);
    (out, rules)
}

/// A lost link silences what comes of its tags; a plant that trips gives one alarm.
fn rules(tags: &TagTable, definitions: &[Definition]) -> Vec<Rule> {
    let mut links: BTreeMap<Arc<str>, Rule> = BTreeMap::new();
    let mut plants: BTreeMap<ElementRef, Rule> = BTreeMap::new();
    for (number, definition) in definitions.iter().enumerate() {
        let id = AlarmId(number as u32);
        if !definition.device.is_empty() {
            let rule = links.entry(definition.device.clone()).or_default();
            if definition.kind == Kind::Communication { rule.causes.push(id) } else { rule.effects.push(id) }
        }
        let Some(element) = definition.element.as_ref().filter(|it| it.kind == ElementKind::Source) else { continue };
        let rule = plants.entry(element.clone()).or_default();
        match definition.kind {
            Kind::Contact => {
                let name = definition.tag.and_then(|tag| tags.get(tag)).map(|tag| tag.name.clone());
                // Power, control system, pumps: what stops a plant. Fire, water and doors are news at any time.
                if name.is_some_and(|name| [".AL.POWER", ".AL.DCS", ".CP.FAULT"].iter().any(|it| name.ends_with(it))) {
                    rule.causes.push(id);
                }
            }
            Kind::Low | Kind::LowLow | Kind::Rate | Kind::Deviation => rule.effects.push(id),
            _ => {}
        }
    }
    let all = links.into_values().chain(plants.into_values());
    all.filter(|rule| !rule.causes.is_empty() && rule.causes.len() + rule.effects.len() > 1).collect()
}
