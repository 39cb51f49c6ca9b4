//! The fields of elements by name: read, check and set one field of any element.
//!
//! Works on the serialised form of the element types, so a field added to a type is at once readable, editable and in
//! the file. Numbers pass through as the same bits (no text in between). What does not live here: labels and units
//! (units come from the field's name, labels from the translations).

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::edit::EditError;
use super::{ElementKind, ElementRef, LinkKind, Network, Notes};

/// All fields of an element that are set or have a default, as one JSON object in the order of the type's definition
/// (sorted keys where the JSON library sorts). `None` where the element does not exist.
pub fn object(network: &Network, element: &ElementRef) -> Option<Map<String, Value>> {
    fn to_map<T: Serialize>(value: &T) -> Option<Map<String, Value>> {
        match serde_json::to_value(value) {
            Ok(Value::Object(map)) => Some(map),
            _ => None,
        }
    }
    match element.kind {
        ElementKind::Network => to_map(network.settings()),
        ElementKind::Node => to_map(network.node(network.node_id(&element.id)?)?),
        ElementKind::Chamber => to_map(network.chambers().get(&element.id)?),
        ElementKind::Building => to_map(network.buildings().get(&element.id)?),
        ElementKind::Sensor => to_map(network.sensors().get(&element.id)?),
        _ => {
            let link = network.link(network.find_link(element)?)?;
            let mut map = match &link.kind {
                LinkKind::Pipe(pipe) => to_map(pipe)?,
                LinkKind::Valve(valve) => to_map(&**valve)?,
                LinkKind::Pump(pump) => to_map(&**pump)?,
                LinkKind::Source(source) => to_map(&**source)?,
                LinkKind::Consumer(consumer) => to_map(&**consumer)?,
            };
            if let Some(notes) = &link.notes {
                if !notes.name.is_empty() {
                    map.insert("name".to_owned(), Value::from(notes.name.as_str()));
                }
                if let Some(chamber) = &notes.chamber {
                    map.insert("chamber".to_owned(), Value::from(&**chamber));
                }
            }
            Some(map)
        }
    }
}

/// The value of one field (`opening`, `details.dn`); `Null` where it is not set, `None` where the element is not there.
pub fn get(network: &Network, element: &ElementRef, field: &str) -> Option<Value> {
    let mut at = Value::Object(object(network, element)?);
    for part in field.split('.') {
        at = match at {
            Value::Object(mut map) => map.remove(part).unwrap_or(Value::Null),
            _ => Value::Null,
        };
    }
    Some(at)
}

/// Sets one field and returns the value it had. The network changes only if the new element is valid in form and
/// numbers lie in their [`range`].
pub fn set(network: &mut Network, element: &ElementRef, field: &str, value: &Value) -> Result<Value, EditError> {
    check_range(element, field, value)?;
    let missing = || EditError::NoSuchElement(element.clone());
    match element.kind {
        ElementKind::Network => patch(network.settings_mut(), element, field, value),
        ElementKind::Node => {
            let node = network.node_id(&element.id).ok_or_else(missing)?;
            patch(network.node_mut(node).ok_or_else(missing)?, element, field, value)
        }
        ElementKind::Chamber => {
            patch(network.chambers.get_mut(&element.id).ok_or_else(missing)?, element, field, value)
        }
        ElementKind::Building => {
            patch(network.buildings.get_mut(&element.id).ok_or_else(missing)?, element, field, value)
        }
        ElementKind::Sensor => patch(network.sensors.get_mut(&element.id).ok_or_else(missing)?, element, field, value),
        _ => {
            let link = network.find_link(element).ok_or_else(missing)?;
            let link = network.link_mut(link).ok_or_else(missing)?;
            if let "name" | "chamber" = field {
                return set_note(&mut link.notes, element, field, value);
            }
            match &mut link.kind {
                LinkKind::Pipe(pipe) => patch(pipe, element, field, value),
                LinkKind::Valve(valve) => patch(&mut **valve, element, field, value),
                LinkKind::Pump(pump) => patch(&mut **pump, element, field, value),
                LinkKind::Source(source) => patch(&mut **source, element, field, value),
                LinkKind::Consumer(consumer) => patch(&mut **consumer, element, field, value),
            }
        }
    }
}

fn set_note(
    notes: &mut Option<Box<Notes>>,
    element: &ElementRef,
    field: &str,
    value: &Value,
) -> Result<Value, EditError> {
    let text = match value {
        Value::Null => None,
        Value::String(text) if !text.is_empty() => Some(text.as_str()),
        Value::String(_) => None,
        other => {
            return Err(EditError::BadValue {
                element: element.clone(),
                field: field.to_owned(),
                value: other.to_string(),
                reason: "it must be text".to_owned(),
            });
        }
    };
    let mut new = notes.as_deref().cloned().unwrap_or_default();
    let before = if field == "name" {
        let before = std::mem::replace(&mut new.name, text.unwrap_or("").to_owned());
        if before.is_empty() { Value::Null } else { Value::from(before) }
    } else {
        let before = std::mem::replace(&mut new.chamber, text.map(super::Name::from));
        before.map_or(Value::Null, |chamber| Value::from(&*chamber))
    };
    *notes = (new != Notes::default()).then(|| Box::new(new));
    Ok(before)
}

/// Replaces `field` in the serialised form of `target` and reads it back.
fn patch<T: Serialize + DeserializeOwned>(
    target: &mut T,
    element: &ElementRef,
    field: &str,
    value: &Value,
) -> Result<Value, EditError> {
    let bad = |reason: String| EditError::BadValue {
        element: element.clone(),
        field: field.to_owned(),
        value: value.to_string(),
        reason,
    };
    let mut form = serde_json::to_value(&*target).map_err(|e| bad(e.to_string()))?;
    let mut at = &mut form;
    let mut parts = field.split('.').peekable();
    let mut before = Value::Null;
    while let Some(part) = parts.next() {
        // An optional group that is not set yet (`details`) is made on the way.
        if at.is_null() {
            *at = Value::Object(Map::new());
        }
        let known = match &*at {
            Value::Object(map) => map.keys().cloned().collect::<Vec<_>>().join(", "),
            _ => String::new(),
        };
        let Value::Object(map) = at else {
            return Err(EditError::NoSuchField { element: element.clone(), field: field.to_owned(), known });
        };
        if parts.peek().is_some() {
            at = map.entry(part.to_owned()).or_insert(Value::Null);
        } else if value.is_null() {
            before = map.remove(part).unwrap_or(Value::Null);
            break;
        } else {
            before = map.insert(part.to_owned(), value.clone()).unwrap_or(Value::Null);
            break;
        }
    }
    let new: T = serde_json::from_value(form).map_err(|e| {
        let text = e.to_string();
        if text.starts_with("unknown field") || text.starts_with("unknown variant") {
            EditError::NoSuchField { element: element.clone(), field: field.to_owned(), known: text }
        } else {
            bad(text)
        }
    })?;
    *target = new;
    Ok(before)
}

/// Smallest and greatest sensible value of a number field, in SI units. Wider than any design, narrower than any typing
/// error that would hurt.
pub fn range(field: &str) -> (f64, f64) {
    let name = field.rsplit('.').next().unwrap_or(field);
    match name {
        "opening" | "hand_opening" | "efficiency" | "motor_efficiency" | "position" => (0.0, 1.0),
        "speed" => (0.0, 1.5),
        "parallel" => (0.0, 100.0),
        "length_m" => (0.0, 200_000.0),
        "inner_diameter_m" | "outer_diameter_m" | "diameter_m" => (1e-4, 100.0),
        "roughness_m" => (0.0, 0.1),
        "x_m" | "y_m" => (-1e8, 1e8),
        "z_m" => (-500.0, 9000.0),
        // Ends like a temperature but is none.
        "hazen_williams_c" | "manning_n" => (0.0, 1e12),
        "zeta" | "kv_m3_h" | "kv_open_m3_h" | "heat_w" | "capacity_w" | "minimum_heat_w" | "maximum_flow_kg_s"
        | "heated_area_m2" | "height_m" | "depth_m" | "thickness_m" | "closing_time_s" => (0.0, 1e12),
        name if name.ends_with("_c") => (-60.0, 350.0),
        name if name.ends_with("_pa") => (-1e5, 1e8),
        name if name.ends_with("_kg_s") => (-1e6, 1e6),
        _ => (f64::MIN, f64::MAX),
    }
}

fn check_range(element: &ElementRef, field: &str, value: &Value) -> Result<(), EditError> {
    let Some(number) = value.as_f64() else { return Ok(()) };
    let (low, high) = range(field);
    if number.is_finite() && (low..=high).contains(&number) {
        return Ok(());
    }
    Err(EditError::BadValue {
        element: element.clone(),
        field: field.to_owned(),
        value: number.to_string(),
        reason: format!("it must lie between {low} and {high}"),
    })
}
