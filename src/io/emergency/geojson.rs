//! The impact zone as GeoJSON: what drains, what is cut off, and round both an area for the map.
//!
//! The area is the union of a strip along the pipes concerned (geo's buffer), in the network's own metres, as all our GeoJSON.

use geo::{BooleanOps, Buffer, LineString, MultiPolygon};
use serde_json::{Value, json};

use crate::emergency::Response;
use crate::network::{LinkView, Network};

/// Half the width of the strip along a pipe, m.
const STRIP_M: f64 = 25.0;

fn line(network: &Network, view: &LinkView<'_>) -> Option<LineString<f64>> {
    let (from, to) = (network.node(view.from)?, network.node(view.to)?);
    let route = view.pipe().map_or(&[][..], |pipe| &pipe.details.route_m);
    let mut points = vec![(from.x_m, from.y_m)];
    points.extend(route.iter().map(|point| (point[0], point[1])));
    points.push((to.x_m, to.y_m));
    Some(LineString::from(points))
}

fn polygons(area: &MultiPolygon<f64>) -> Value {
    let ring = |line: &LineString<f64>| line.coords().map(|c| json!([c.x, c.y])).collect::<Vec<_>>();
    let shapes: Vec<Value> = area
        .iter()
        .map(|polygon| {
            let rings: Vec<Value> =
                std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(|line| json!(ring(line))).collect();
            json!(rings)
        })
        .collect();
    json!({ "type": "MultiPolygon", "coordinates": shapes })
}

/// A feature collection: the drained area, the area without heat, the valves, the consumers concerned.
pub fn zone_geojson(network: &Network, response: &Response) -> String {
    let mut areas = [MultiPolygon::<f64>::new(Vec::new()), MultiPolygon::new(Vec::new())];
    for view in network.links().filter(|view| view.pipe().is_some()) {
        let is = |flags: &[bool]| flags[view.from.index()] && flags[view.to.index()];
        let broken = response.breaks.iter().any(|broken| broken.link == view.handle);
        let area = if broken || is(&response.plan.zone) {
            0
        } else if is(&response.plan.unfed) {
            1
        } else {
            continue;
        };
        if let Some(line) = line(network, &view) {
            areas[area] = areas[area].union(&line.buffer(STRIP_M));
        }
    }
    let mut features = Vec::new();
    for (area, part) in areas.iter().zip(["drained", "without-heat"]) {
        if !area.0.is_empty() {
            features.push(json!({ "type": "Feature", "properties": { "part": part }, "geometry": polygons(area) }));
        }
    }
    let point = |x_m: f64, y_m: f64, properties: Value| json!({ "type": "Feature", "properties": properties, "geometry": { "type": "Point", "coordinates": [x_m, y_m] } });
    for task in &response.tasks {
        if let Some(place) = crate::emergency::closing::place_m(network, task.valve) {
            let properties =
                json!({ "part": "valve", "id": &*network.link_name(task.valve), "optional": task.optional });
            features.push(point(place[0], place[1], properties));
        }
    }
    for consumer in response.impact.iter().flat_map(|impact| &impact.consumers) {
        if let Some(place) = crate::emergency::closing::place_m(network, consumer.consumer) {
            let id = network.link_name(consumer.consumer);
            let properties = json!({ "part": "consumer", "id": &*id, "share": consumer.share });
            features.push(point(place[0], place[1], properties));
        }
    }
    let collection = json!({ "type": "FeatureCollection", "features": features });
    format!("{collection}\n")
}
