//! A network and its results as GeoJSON for maps: one feature for every element, all its fields as flat properties.
//!
//! Links are lines along their route, nodes and chambers points, buildings outlines. A network that came from longitude
//! and latitude goes back to them (RFC 7946 knows no others); other coordinates stay those of the network, projected or
//! local metres as heating networks are surveyed in, named in the `crs` member as GIS programs read it. Reading maps lives in `geojson`.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::geojson::projection::Projection;
use super::json_lines::Lines;
use super::results::rows;
use crate::network::{
    Building, ElementKind, ElementRef, LinkKind, LinkView, Network, NodeId, Side, attributes::Attributes,
};
use crate::solver::Solution;

/// Before the name of a computed value, so that what a consumer asks for and what it gets cannot be confused.
pub const RESULT_PREFIX: &str = "result_";

/// The network as a GeoJSON text, one feature a line.
pub fn network(network: &Network) -> String {
    collection(network, None)
}

/// The network with the results of a solve, their names beginning with [`RESULT_PREFIX`].
pub fn results(network: &Network, solution: &Solution) -> String {
    collection(network, Some(solution))
}

fn collection(network: &Network, solution: Option<&Solution>) -> String {
    let mut features = nodes(network, solution);
    features.extend(links(network, solution));
    for (id, chamber) in network.chambers() {
        let at = point([chamber.x_m, chamber.y_m, chamber.z_m]);
        features.push(feature(at, properties(ElementKind::Chamber, id, chamber)));
    }
    for (id, building) in network.buildings() {
        features.push(feature(outline(building), properties(ElementKind::Building, id, building)));
    }
    for (id, sensor) in network.sensors() {
        let at = place_of(network, &sensor.element).map_or(Value::Null, point);
        let mut own = properties(ElementKind::Sensor, id, sensor);
        own.insert("element".to_owned(), json!(sensor.element.to_string()));
        features.push(feature(at, own));
    }
    for street in &network.backdrop().streets {
        let mut own = Map::new();
        own.insert("kind".to_owned(), json!("street"));
        own.insert("name".to_owned(), json!(street.name));
        own.insert("width_m".to_owned(), json!(street.width_m));
        features.push(feature(json!({ "type": "LineString", "coordinates": street.line_m }), own));
    }
    let mut out = String::from("{\n  \"type\": \"FeatureCollection\",\n");
    let settings = network.settings();
    let projection = Projection::from_definition(&settings.coordinate_system);
    if let Some(projection) = &projection {
        for feature in &mut features {
            // A place the projection cannot show is none on earth: better no place than a wrong one.
            if feature.geometry.get_mut("coordinates").is_some_and(|places| !to_degrees(places, projection)) {
                feature.geometry = Value::Null;
            }
        }
    }
    if !settings.title.is_empty() {
        out.push_str(&format!("  \"name\": {},\n", json!(settings.title)));
    }
    if projection.is_none() {
        out.push_str(&format!("  \"coordinate_system\": {},\n", json!(settings.coordinate_system)));
    }
    if let Some(code) = settings.coordinate_system.strip_prefix("EPSG:") {
        let name = format!("urn:ogc:def:crs:EPSG::{code}");
        out.push_str(&format!("  \"crs\": {},\n", line(&json!({ "type": "name", "properties": { "name": name } }))));
    }
    out.push_str("  \"features\": [");
    for (i, feature) in features.iter().enumerate() {
        out.push_str(if i > 0 { ",\n    " } else { "\n    " });
        out.push_str(&line(feature));
    }
    out.push_str("\n  ]\n}\n");
    out
}

/// Turns all positions of a geometry, however deep, into longitude and latitude; `false` where one cannot be shown.
fn to_degrees(coordinates: &mut Value, projection: &Projection) -> bool {
    let Value::Array(parts) = coordinates else { return true };
    if let [Value::Number(x), Value::Number(y), ..] = parts.as_slice() {
        let place = x.as_f64().zip(y.as_f64()).and_then(|(x, y)| projection.to_degrees(x, y));
        let Some([longitude, latitude]) = place else { return false };
        (parts[0], parts[1]) = (degrees(longitude), degrees(latitude));
        return true;
    }
    parts.iter_mut().all(|part| to_degrees(part, projection))
}

/// To 1e-9 degree, a tenth of a millimetre.
fn degrees(value: f64) -> Value {
    json!((value * 1e9).round() / 1e9)
}

fn line<T: Serialize>(value: &T) -> String {
    let mut out = Vec::new();
    let written = value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Lines::new(0, 0)));
    debug_assert!(written.is_ok(), "{written:?}");
    String::from_utf8(out).unwrap_or_default()
}

fn nodes(network: &Network, solution: Option<&Solution>) -> Vec<Feature> {
    let mut rows = solution.into_iter().flat_map(|solution| rows::nodes(network, solution)).peekable();
    let make = |(_, id, node): (NodeId, &crate::network::Name, &crate::network::Node)| {
        let mut own = properties(ElementKind::Node, id, node);
        if let Some(row) = rows.next_if(|row| row.id == *id) {
            add_results(&mut own, &row.row);
        }
        feature(point([node.x_m, node.y_m, node.z_m]), own)
    };
    network.nodes().map(make).collect()
}

fn links(network: &Network, solution: Option<&Solution>) -> Vec<Feature> {
    let mut links = solution.into_iter().flat_map(|solution| rows::links(network, solution)).peekable();
    let mut consumers = solution.into_iter().flat_map(|solution| rows::consumers(network, solution)).peekable();
    let mut sources = solution.into_iter().flat_map(|solution| rows::sources(network, solution)).peekable();
    let make = |view: LinkView<'_>| {
        let kind = view.link.kind.element_kind();
        let mut own = match &view.link.kind {
            LinkKind::Pipe(pipe) => properties(kind, view.id, pipe),
            LinkKind::Valve(valve) => properties(kind, view.id, &**valve),
            LinkKind::Pump(pump) => properties(kind, view.id, &**pump),
            LinkKind::Source(source) => properties(kind, view.id, &**source),
            LinkKind::Consumer(consumer) => properties(kind, view.id, &**consumer),
        };
        own.insert("from".to_owned(), json!(&*network.node_name(view.from)));
        own.insert("to".to_owned(), json!(&*network.node_name(view.to)));
        if let Some(side) = side(network, view) {
            own.insert("side".to_owned(), json!(side));
        }
        if let Some(notes) = &view.link.notes {
            if !notes.name.is_empty() {
                own.insert("name".to_owned(), json!(notes.name));
            }
            if let Some(chamber) = &notes.chamber {
                own.insert("chamber".to_owned(), json!(&**chamber));
            }
            add_attributes(&mut own, &notes.attributes);
        }
        match kind {
            ElementKind::Consumer => {
                if let Some(row) = consumers.next_if(|row| row.id == *view.id) {
                    add_results(&mut own, &row.row);
                }
            }
            ElementKind::Source => {
                if let Some(row) = sources.next_if(|row| row.id == *view.id) {
                    add_results(&mut own, &row.row);
                }
            }
            _ => {
                if let Some(row) = links.next_if(|row| row.id == *view.id) {
                    add_results(&mut own, &row.row);
                }
            }
        }
        feature(json!({ "type": "LineString", "coordinates": route(network, view) }), own)
    };
    network.links().map(make).collect()
}

/// The side of a link whose both ends lie on it.
fn side(network: &Network, view: LinkView<'_>) -> Option<Side> {
    let [from, to] = [view.from, view.to].map(|node| network.node(node).map(|node| node.side));
    (from == to).then_some(from).flatten()
}

fn route(network: &Network, view: LinkView<'_>) -> Vec<[f64; 3]> {
    let end = |node| network.node(node).map(|node| [node.x_m, node.y_m, node.z_m]);
    let bends = view.pipe().map_or(&[][..], |pipe| &pipe.details.route_m);
    end(view.from).into_iter().chain(bends.iter().copied()).chain(end(view.to)).collect()
}

/// Where an element stands: a node, or the middle of the ends of a link.
fn place_of(network: &Network, element: &ElementRef) -> Option<[f64; 3]> {
    if let ElementKind::Node = element.kind {
        let node = network.node(network.node_id(&element.id)?)?;
        return Some([node.x_m, node.y_m, node.z_m]);
    }
    let route = route(network, network.link_view(network.find_link(element)?)?);
    let (first, last) = (route.first()?, route.last()?);
    Some([0, 1, 2].map(|i| 0.5 * (first[i] + last[i])))
}

fn point(at: [f64; 3]) -> Value {
    json!({ "type": "Point", "coordinates": at })
}

/// The footprint as a closed ring; no geometry where it has no area.
fn outline(building: &Building) -> Value {
    match building.footprint_m.as_slice() {
        ring @ [first, _, _, ..] => {
            let mut ring = ring.to_vec();
            ring.push(*first);
            json!({ "type": "Polygon", "coordinates": [ring] })
        }
        _ => Value::Null,
    }
}

/// Keys in the order people expect them.
#[derive(Serialize)]
struct Feature {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Value>,
    properties: Map<String, Value>,
    geometry: Value,
}

fn feature(geometry: Value, properties: Map<String, Value>) -> Feature {
    Feature { kind: "Feature", id: properties.get("id").cloned(), properties, geometry }
}

/// All fields of an element on one level: groups lose their names, words with values (`demand`, `control`) keep theirs.
fn properties<T: Serialize>(kind: ElementKind, id: &str, element: &T) -> Map<String, Value> {
    let mut out = Map::new();
    if let Ok(Value::Object(fields)) = serde_json::to_value(element) {
        flatten(&mut out, fields, kind);
    }
    out.insert("id".to_owned(), json!(id));
    out.insert("kind".to_owned(), json!(kind.word()));
    out
}

fn flatten(out: &mut Map<String, Value>, fields: Map<String, Value>, kind: ElementKind) {
    for (key, value) in fields {
        match value {
            // Geometry says these.
            _ if matches!(key.as_str(), "x_m" | "y_m" | "route_m" | "footprint_m" | "element") => {}
            // The kind of a valve or source, beside that it is one.
            Value::String(word) if key == "kind" => {
                out.insert(format!("{}_kind", kind.word()), Value::String(word));
            }
            Value::Object(group) if key != "attributes" && group.len() == 1 && group.values().all(Value::is_object) => {
                if let Some((word, inner)) = group.into_iter().next() {
                    out.insert(key, Value::String(word));
                    if let Value::Object(inner) = inner {
                        flatten(out, inner, kind);
                    }
                }
            }
            Value::Object(group) => flatten(out, group, kind),
            value => {
                out.entry(key).or_insert(value);
            }
        }
    }
}

fn add_attributes(out: &mut Map<String, Value>, attributes: &Attributes) {
    for (key, value) in attributes.iter() {
        out.entry(key.clone()).or_insert_with(|| serde_json::to_value(value).unwrap_or_default());
    }
}

fn add_results<T: Serialize>(out: &mut Map<String, Value>, row: &T) {
    if let Ok(Value::Object(fields)) = serde_json::to_value(row) {
        out.extend(fields.into_iter().map(|(key, value)| (format!("{RESULT_PREFIX}{key}"), value)));
    }
}
