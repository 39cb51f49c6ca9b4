//! The impact zone as GeoJSON: what drains, what is cut off, and round both an area for the map.
//!
//! The area is the union of a strip along the pipes concerned (geo's buffer), in the network's own metres, as all our GeoJSON.
//! [`zone_areas`] gives the same areas as plain rings to whoever draws them.

use geo::{Buffer, LineString, MultiPolygon, unary_union};
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

/// An area of the map: closed rings of x and y in m, holes among them.
pub type Rings = Vec<Vec<[f64; 2]>>;

/// The drained area and the area without heat.
pub fn zone_areas(network: &Network, response: &Response) -> [Rings; 2] {
    areas(network, response).map(|area| {
        let ring = |line: &LineString<f64>| line.coords().map(|c| [c.x, c.y]).collect::<Vec<_>>();
        area.iter()
            .flat_map(|polygon| std::iter::once(polygon.exterior()).chain(polygon.interiors()))
            .map(ring)
            .collect()
    })
}

fn areas(network: &Network, response: &Response) -> [MultiPolygon<f64>; 2] {
    let mut strips: [Vec<MultiPolygon<f64>>; 2] = [Vec::new(), Vec::new()];
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
            strips[area].push(line.buffer(STRIP_M));
        }
    }
    // All at once: one after the other would cut the growing whole again with every pipe.
    strips.map(|strips| unary_union(&strips))
}

/// A feature collection: the drained area, the area without heat, the valves, the consumers concerned.
pub fn zone_geojson(network: &Network, response: &Response) -> String {
    let areas = areas(network, response);
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
