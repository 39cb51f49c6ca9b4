//! A GeoJSON file as lines, points and outlines on a plane in metres, with their columns.
//!
//! Features are read one by one, so that one bad feature is refused and the rest imported. Coordinates are longitude
//! and latitude, as RFC 7946 has it, unless a `crs` member, the caller or the values themselves say otherwise.
//! Attribute tables beside the file are joined by id. Not here: what the features mean.

use std::path::{Path, PathBuf};

use ::geojson::{Feature, GeometryValue, Position};
use rustc_hash::FxHashMap;
use serde_json::Value;

use super::super::{IoError, Problem};
use super::fields::{Field, Fields};
use super::projection::Projection;
use super::report::Report;

/// Where a feature lies, m.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    Line(Vec<Place>),
    Point(Place),
    Outline(Vec<Place>),
}

/// x, y and, where the file has it, elevation, m.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) z: Option<f64>,
}

impl Place {
    pub(super) fn distance(self, other: Place) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

/// One part of one feature.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// Id from the file, or `#12` from the place of the feature.
    pub(super) id: String,
    pub(super) fields: Fields,
    pub(super) shape: Shape,
}

impl Item {
    /// The place of a point, the middle of the ends of a line, the first corner of an outline.
    pub(super) fn position(&self) -> Place {
        match &self.shape {
            Shape::Point(place) => *place,
            Shape::Outline(points) => points[0],
            Shape::Line(points) => {
                let (a, b) = (points[0], points[points.len() - 1]);
                Place { x: 0.5 * (a.x + b.x), y: 0.5 * (a.y + b.y), z: a.z.zip(b.z).map(|(a, b)| 0.5 * (a + b)) }
            }
        }
    }
}

/// The whole file.
pub(super) struct Layer {
    pub(super) items: Vec<Item>,
    pub(super) title: String,
    /// For the settings of the network.
    pub(super) coordinate_system: String,
}

/// Geographic systems whose coordinates are longitude and latitude: WGS 84 and CGCS2000, less than 0.1 m apart.
const GEOGRAPHIC: [&str; 4] = ["CRS84", "4326", "4490", "CRS83"];

pub(super) fn read(
    text: &str,
    tables: &[(PathBuf, String)],
    file: &Path,
    crs: Option<&str>,
    report: &mut Report,
) -> Result<Layer, IoError> {
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let problem = Problem::plain(file, error.to_string(), "correct the JSON there, or export the layer again");
        problem.at(error.line(), error.column())
    })?;
    let Value::Object(mut top) = value else { return Err(Problem::new(file, "gis-not-a-collection").into()) };
    let name = crs.map(str::to_owned).or_else(|| crs_name(&top));
    let title = top.get("name").and_then(Value::as_str).map(str::to_owned);
    let kind = top.get("type").and_then(Value::as_str).unwrap_or("").to_owned();
    let features = match (kind.as_str(), top.remove("features")) {
        ("FeatureCollection", Some(Value::Array(features))) => features,
        ("Feature", None) => vec![Value::Object(top)],
        _ => return Err(Problem::new(file, "gis-not-a-collection").into()),
    };
    let mut items = Vec::new();
    for (index, feature) in features.into_iter().enumerate() {
        let place = format!("#{}", index + 1);
        let Value::Object(object) = feature else {
            report.refused(&place, "gis-note-not-a-feature", &[]);
            continue;
        };
        match serde_json::from_value::<Feature>(Value::Object(object)) {
            Ok(feature) => read_feature(feature, &place, &mut items, report),
            Err(error) => report.refused(&place, "gis-note-bad-feature", &[("reason", error.to_string())]),
        }
    }
    join(&mut items, tables, report);
    let coordinate_system = to_metres(&mut items, name.as_deref(), file, report)?;
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Layer { items, title: title.unwrap_or(stem), coordinate_system })
}

/// The name in a `crs` member (GeoJSON of 2008), or where the program's own export says it.
fn crs_name(top: &serde_json::Map<String, Value>) -> Option<String> {
    let crs = top.get("crs").and_then(|crs| crs.get("properties")?.get("name"));
    crs.or_else(|| top.get("coordinate_system"))?.as_str().map(str::to_owned)
}

fn read_feature(feature: Feature, place: &str, items: &mut Vec<Item>, report: &mut Report) {
    let mut fields = Fields::default();
    match &feature.id {
        Some(::geojson::feature::Id::String(id)) => drop(fields.add("id", &Value::from(id.as_str()))),
        Some(::geojson::feature::Id::Number(id)) => drop(fields.add("id", &Value::Number(id.clone()))),
        None => {}
    }
    // A property that contradicts the member `id` stays among the attributes.
    for (column, value) in feature.properties.iter().flatten() {
        fields.add(column, value);
    }
    let id = fields.text(Field::Id).unwrap_or_else(|| place.to_owned());
    let Some(geometry) = feature.geometry else {
        report.refused(&id, "gis-note-no-geometry", &[]);
        return;
    };
    let mut shapes = Vec::new();
    collect(&geometry.value, &mut shapes);
    let several = shapes.len() > 1;
    for (part, shape) in shapes.into_iter().enumerate() {
        let id = if several { format!("{id}.{}", part + 1) } else { id.clone() };
        let good = shape.as_ref().is_some_and(|shape| match shape {
            Shape::Line(points) => points.len() > 1,
            Shape::Outline(points) => points.len() > 2,
            Shape::Point(_) => true,
        });
        match shape {
            Some(shape) if good => items.push(Item { id, fields: fields.clone(), shape }),
            _ => report.refused(&id, "gis-note-bad-geometry", &[]),
        }
    }
}

/// All parts of a geometry, `None` for parts with coordinates that are no numbers.
fn collect(value: &GeometryValue, out: &mut Vec<Option<Shape>>) {
    let line = |points: &[Position]| points.iter().map(place).collect::<Option<Vec<Place>>>();
    let outline = |rings: &[Vec<Position>]| {
        let mut ring = line(rings.first()?)?;
        if ring.len() > 1 && ring.first() == ring.last() {
            ring.pop();
        }
        Some(Shape::Outline(ring))
    };
    match value {
        GeometryValue::Point { coordinates } => out.push(place(coordinates).map(Shape::Point)),
        GeometryValue::MultiPoint { coordinates } => {
            out.extend(coordinates.iter().map(|point| place(point).map(Shape::Point)));
        }
        GeometryValue::LineString { coordinates } => out.push(line(coordinates).map(Shape::Line)),
        GeometryValue::MultiLineString { coordinates } => {
            out.extend(coordinates.iter().map(|points| line(points).map(Shape::Line)));
        }
        GeometryValue::Polygon { coordinates } => out.push(outline(coordinates)),
        GeometryValue::MultiPolygon { coordinates } => out.extend(coordinates.iter().map(|rings| outline(rings))),
        GeometryValue::GeometryCollection { geometries } => {
            geometries.iter().for_each(|geometry| collect(&geometry.value, out));
        }
    }
}

fn place(position: &Position) -> Option<Place> {
    let number = |at: usize| position.as_slice().get(at).copied().filter(|value: &f64| value.is_finite());
    Some(Place { x: number(0)?, y: number(1)?, z: number(2) })
}

/// Adds the columns of tables to the features with the same id; columns of the map win.
fn join(items: &mut [Item], tables: &[(PathBuf, String)], report: &mut Report) {
    let mut by_id: FxHashMap<String, Vec<usize>> = FxHashMap::default();
    for (at, item) in items.iter().enumerate() {
        if let Some(id) = item.fields.text(Field::Id) {
            by_id.entry(id).or_default().push(at);
        }
    }
    for (path, text) in tables {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let Ok(headers) = reader.headers().cloned() else {
            report.refused(&name, "gis-note-bad-table", &[("reason", "no header".to_owned())]);
            continue;
        };
        let (mut joined, mut unmatched) = (0_usize, 0_usize);
        for row in reader.records() {
            let row = match row {
                Ok(row) => row,
                Err(error) => {
                    report.refused(&name, "gis-note-bad-table", &[("reason", error.to_string())]);
                    break;
                }
            };
            let mut columns = Fields::default();
            for (header, cell) in headers.iter().zip(row.iter()) {
                columns.add(header, &Value::from(cell));
            }
            let Some(targets) = columns.text(Field::Id).and_then(|id| by_id.get(&id)) else {
                unmatched += 1;
                continue;
            };
            joined += 1;
            for &at in targets {
                for (header, cell) in headers.iter().zip(row.iter()) {
                    if !items[at].fields.add(header, &Value::from(cell)) {
                        let arguments =
                            [("column", header.to_owned()), ("value", cell.to_owned()), ("table", name.clone())];
                        report.guessed(&items[at].id, "gis-note-contradiction", &arguments);
                    }
                }
            }
        }
        let arguments = [("rows", joined.to_string()), ("unmatched", unmatched.to_string())];
        report.mended(&name, "gis-note-joined", &arguments);
    }
}

/// Turns all coordinates into metres and gives the name of the system.
fn to_metres(items: &mut [Item], name: Option<&str>, file: &Path, report: &mut Report) -> Result<String, IoError> {
    let mut low = [f64::INFINITY; 2];
    let mut high = [f64::NEG_INFINITY; 2];
    each_place(items, |place| {
        low = [low[0].min(place.x), low[1].min(place.y)];
        high = [high[0].max(place.x), high[1].max(place.y)];
    });
    let fits = low[0] >= -180.0 && high[0] <= 180.0 && low[1] >= -90.0 && high[1] <= 90.0;
    let geographic = name.map(|name| GEOGRAPHIC.iter().any(|known| name.ends_with(known)));
    match (geographic, fits) {
        (Some(true), false) => Err(Problem::new(file, "gis-not-on-earth").with("system", name.unwrap_or("")).into()),
        (Some(false), _) => Ok(name.unwrap_or("").trim_start_matches("urn:ogc:def:crs:").replace("::", ":")),
        (None, false) => {
            report.guessed("", "gis-note-projected", &[]);
            Ok("local metres".to_owned())
        }
        (Some(true) | None, true) => {
            let middle = [0.5 * (low[0] + high[0]), 0.5 * (low[1] + high[1])];
            let Some(projection) = Projection::around(middle[0], middle[1]) else {
                return Err(Problem::new(file, "gis-not-on-earth").with("system", name.unwrap_or("WGS 84")).into());
            };
            let mut lost = false;
            each_place(items, |place| match projection.to_metres(place.x, place.y) {
                Some([x, y]) => (place.x, place.y) = (x, y),
                None => lost = true,
            });
            if lost {
                return Err(Problem::new(file, "gis-not-on-earth").with("system", name.unwrap_or("WGS 84")).into());
            }
            Ok(projection.definition().to_owned())
        }
    }
}

fn each_place(items: &mut [Item], mut act: impl FnMut(&mut Place)) {
    for item in items {
        match &mut item.shape {
            Shape::Line(points) | Shape::Outline(points) => points.iter_mut().for_each(&mut act),
            Shape::Point(point) => act(point),
        }
    }
}
