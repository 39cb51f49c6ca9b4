//! The published JSON Schema of the native file, made from the element types it is read into.

use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use super::{SCHEMA_VERSION, VERSION_KEY};
use crate::network::{
    Building, Chamber, Consumer, EmergencyBase, Node, Pipe, Pump, Scenario, Sensor, Settings, Source, Street, Terrain,
    Valve, Water, attributes::Attributes,
};

/// The schema (draft 2020-12) as pretty-printed JSON text with a final newline.
pub fn schema() -> String {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let mut properties = Map::new();
    let version = json!({ "description": "Version of the file form.", "const": SCHEMA_VERSION });
    properties.insert(VERSION_KEY.to_owned(), version);
    properties.insert("settings".to_owned(), reference::<Settings>(&mut generator));
    properties.insert("nodes".to_owned(), list(plain::<Node>(&mut generator)));
    properties.insert("pipes".to_owned(), list(link::<Pipe>(&mut generator)));
    properties.insert("valves".to_owned(), list(link::<Valve>(&mut generator)));
    properties.insert("pumps".to_owned(), list(link::<Pump>(&mut generator)));
    properties.insert("sources".to_owned(), list(link::<Source>(&mut generator)));
    properties.insert("consumers".to_owned(), list(link::<Consumer>(&mut generator)));
    properties.insert("chambers".to_owned(), list(plain::<Chamber>(&mut generator)));
    properties.insert("buildings".to_owned(), list(plain::<Building>(&mut generator)));
    properties.insert("sensors".to_owned(), list(plain::<Sensor>(&mut generator)));
    properties.insert("scenarios".to_owned(), list(plain::<Scenario>(&mut generator)));
    properties.insert("emergency".to_owned(), reference::<EmergencyBase>(&mut generator));
    properties.insert("streets".to_owned(), list(reference::<Street>(&mut generator)));
    properties.insert("water".to_owned(), list(reference::<Water>(&mut generator)));
    properties.insert("terrain".to_owned(), reference::<Terrain>(&mut generator));
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Hypocaust network",
        "description": "A district heating network. Units stand in the names of the fields; temperatures are °C, pressures gauge.",
        "type": "object",
        "properties": properties,
        "required": [VERSION_KEY],
        "additionalProperties": false,
        "$defs": generator.take_definitions(true),
    });
    // A tree of plain values always has a text.
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}

fn reference<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<T>().to_value()
}

fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

/// An element with an id.
fn plain<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    let id = json!({ "type": "string", "minLength": 1, "description": "Unique among its kind." });
    with_keys(T::json_schema(generator), [("id", id)], &["id"])
}

/// An element with an id, two ends and notes.
fn link<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    let attributes = reference::<Attributes>(generator);
    let id = json!({ "type": "string", "minLength": 1, "description": "Unique among all links." });
    let end = |which: &str| json!({ "type": "string", "description": format!("Id of the node where it {which}.") });
    let keys = [
        ("id", id),
        ("from", end("begins")),
        ("to", end("ends")),
        ("name", json!({ "type": "string", "description": "What people call it." })),
        ("chamber", json!({ "type": "string", "description": "Id of the chamber it lies in." })),
        ("attributes", attributes),
    ];
    with_keys(T::json_schema(generator), keys, &["id", "from", "to"])
}

fn with_keys<const N: usize>(schema: Schema, keys: [(&str, Value); N], required: &[&str]) -> Value {
    let mut schema = schema.to_value();
    if let Value::Object(object) = &mut schema {
        let properties = object.entry("properties").or_insert_with(|| json!({}));
        if let Value::Object(properties) = properties {
            for (key, value) in keys {
                properties.insert(key.to_owned(), value);
            }
        }
        let own = object.entry("required").or_insert_with(|| json!([]));
        if let Value::Array(own) = own {
            for (i, key) in required.iter().enumerate() {
                own.insert(i, json!(key));
            }
        }
    }
    schema
}
