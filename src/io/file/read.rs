//! Reading a native file: cut it into elements, read those in parallel, then put the network together.
//!
//! The first pass only finds where each element stands (so that every problem can be placed); the second reads them,
//! each on its own, so that one mistake does not hide the next.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;

use rayon::prelude::*;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::explain::{Text, id_in};
use super::place::{line_and_column, nearest, offset_of};
use super::record::{LINK_KEYS, Linked, PLAIN_KEYS, Plain};
use super::{SCHEMA_VERSION, SECTIONS, VERSION_KEY};
use crate::io::{IoError, Problem, numbers};
use crate::network::{
    Backdrop, Building, Chamber, Consumer, ElementKind, ElementRef, EmergencyBase, InsertError, Link, LinkKind, Name,
    Network, Node, Pipe, Pump, Scenario, Sensor, Settings, Source, Street, Terrain, Valve, Water,
};

/// Reads a network from the text of a native file; `file` only names it in problems.
pub fn from_str(text: &str, file: &Path) -> Result<Network, IoError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(Problem::new(file, "io-empty-file").into());
    }
    let source = Text { file, text };
    let parts: Parts<'_> = serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => source.problem("io-not-an-object", 0),
        _ => source.not_json(&error),
    })?;
    let mut reading = Reading { source, error: IoError::default(), network: Network::new() };
    reading.version(&parts)?;
    reading.keys(&parts);
    reading.all(&parts);
    reading.error.into_result()?;
    Ok(reading.network)
}

/// The top of the file: keys with their values unread, in file order.
struct Parts<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Parts<'a> {
    fn get(&self, key: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| *value)
    }
}

impl<'de> Deserialize<'de> for Parts<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Top;
        impl<'de> Visitor<'de> for Top {
            type Value = Parts<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parts<'de>, A::Error> {
                let mut parts = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
                    parts.push((Cow::Owned(key), value));
                }
                Ok(Parts(parts))
            }
        }
        deserializer.deserialize_map(Top)
    }
}

struct Reading<'a> {
    source: Text<'a>,
    error: IoError,
    network: Network,
}

/// A piece of the text that was read as an element.
struct Read<'a, T> {
    piece: &'a str,
    record: T,
}

impl<'a> Reading<'a> {
    /// The version decides whether anything else is worth reading.
    fn version(&mut self, parts: &Parts<'a>) -> Result<(), IoError> {
        let Some(value) = parts.get(VERSION_KEY) else {
            let geo =
                parts.get("type").is_some() && (parts.get("features").is_some() || parts.get("geometry").is_some());
            let key = if geo { "io-is-geojson" } else { "io-no-version" };
            return Err(self.source.problem(key, 0).into());
        };
        let at = offset_of(self.source.text, value.get());
        match serde_json::from_str::<u64>(value.get()) {
            Ok(SCHEMA_VERSION) => Ok(()),
            Ok(version) => {
                let key = if version > SCHEMA_VERSION { "io-newer-version" } else { "io-older-version" };
                Err(self.source.problem(key, at).with("version", version).with("known", SCHEMA_VERSION).into())
            }
            Err(_) => {
                let got: String = value.get().chars().take(40).collect();
                Err(self.source.problem("io-bad-version", at).with("version", got).with("known", SCHEMA_VERSION).into())
            }
        }
    }

    /// Refuses parts nobody knows or that stand twice.
    fn keys(&mut self, parts: &Parts<'a>) {
        for (i, (key, value)) in parts.0.iter().enumerate() {
            let at = offset_of(self.source.text, value.get());
            let known = SECTIONS.iter().map(|(name, _)| *name);
            if parts.0[..i].iter().any(|(earlier, _)| earlier == key) {
                self.error.push(self.source.problem("io-duplicate-field", at).with("field", key));
            } else if key != VERSION_KEY && !known.clone().any(|name| name == key) {
                self.error.push(match nearest(key, known.clone()) {
                    Some(meant) => {
                        self.source.problem("io-unknown-field-meant", at).with("field", key).with("meant", meant)
                    }
                    None => self
                        .source
                        .problem("io-unknown-field", at)
                        .with("field", key)
                        .with("known", known.collect::<Vec<_>>().join(", ")),
                });
            }
        }
    }

    fn all(&mut self, parts: &Parts<'a>) {
        if let Some(settings) = self.one::<Settings>(parts, "settings") {
            self.network.set_settings(settings);
        }
        let mut places = Places::default();
        for Read { piece, record: Plain { id, element } } in self.list::<Plain<Node>>(parts, "nodes") {
            match self.network.insert_node(id.clone(), element) {
                Ok(_) => places.nodes.push(piece),
                Err(error) => self.refused(ElementKind::Node, piece, &error, &places),
            }
        }
        self.links::<Pipe>(parts, "pipes", &mut places, LinkKind::Pipe);
        self.links::<Valve>(parts, "valves", &mut places, |valve| LinkKind::Valve(Box::new(valve)));
        self.links::<Pump>(parts, "pumps", &mut places, |pump| LinkKind::Pump(Box::new(pump)));
        self.links::<Source>(parts, "sources", &mut places, |source| LinkKind::Source(Box::new(source)));
        self.links::<Consumer>(parts, "consumers", &mut places, |consumer| LinkKind::Consumer(Box::new(consumer)));
        for Read { piece, record: Plain { id, element } } in self.list::<Plain<Chamber>>(parts, "chambers") {
            if let Err(error) = self.network.insert_chamber(id, element) {
                self.refused(ElementKind::Chamber, piece, &error, &places);
            }
        }
        for Read { piece, record: Plain { id, element } } in self.list::<Plain<Building>>(parts, "buildings") {
            if let Err(error) = self.network.insert_building(id, element) {
                self.refused(ElementKind::Building, piece, &error, &places);
            }
        }
        for Read { piece, record: Plain { id, element } } in self.list::<Plain<Sensor>>(parts, "sensors") {
            if let Err(error) = self.network.insert_sensor(id, element) {
                self.refused(ElementKind::Sensor, piece, &error, &places);
            }
        }
        for Read { piece, record: Plain { id, element } } in self.list::<Plain<Scenario>>(parts, "scenarios") {
            if self.network.scenarios().contains_key(&id) || id.is_empty() {
                let at = offset_of(self.source.text, piece);
                let key = if id.is_empty() { "io-empty-id" } else { "io-duplicate-scenario" };
                self.error.push(self.source.problem(key, at).with("id", id));
            } else {
                self.network.insert_scenario(id, element);
            }
        }
        if let Some(base) = self.one::<EmergencyBase>(parts, "emergency") {
            self.network.set_emergency_base(base);
        }
        let streets = self.list::<Street>(parts, "streets").into_iter().map(|read| read.record).collect();
        let water = self.list::<Water>(parts, "water").into_iter().map(|read| read.record).collect();
        let terrain = self.one::<Terrain>(parts, "terrain");
        if let Some(terrain) = &terrain {
            self.check_terrain(parts, terrain);
        }
        self.network.set_backdrop(Backdrop { terrain, streets, water });
    }

    fn links<T: DeserializeOwned + Serialize + Send>(
        &mut self,
        parts: &Parts<'a>,
        section: &'static str,
        places: &mut Places<'a>,
        wrap: impl Fn(T) -> LinkKind,
    ) {
        for Read { piece, record: Linked { id, from, to, notes, element } } in self.list::<Linked<T>>(parts, section) {
            let link = Link { kind: wrap(element), notes };
            let kind = link.kind.element_kind();
            let mut ends = [None; 2];
            for (end, (field, node)) in ends.iter_mut().zip([("from", &from), ("to", &to)]) {
                *end = self.network.node_id(node);
                if end.is_none() {
                    self.dangling(kind, &id, field, node, piece);
                }
            }
            let [Some(from), Some(to)] = ends else { continue };
            match self.network.insert_link(id, from, to, link) {
                Ok(_) => places.links.push(piece),
                Err(error) => self.refused(kind, piece, &error, places),
            }
        }
    }

    fn dangling(&mut self, kind: ElementKind, id: &Name, field: &str, node: &Name, piece: &str) {
        let inside = piece.find(&format!("\"{field}\"")).unwrap_or(0);
        let at = offset_of(self.source.text, piece) + inside;
        let problem = |key| {
            let element = ElementRef::new(kind, id.clone());
            self.source.problem(key, at).with("field", field).with("node", node).element(Some(element))
        };
        let enough = self.error.problems.len() >= crate::io::error::PROBLEMS_KEPT;
        // Looking through all nodes is worth it only for problems somebody reads.
        let meant = if enough { None } else { nearest(node, self.network.nodes().map(|(_, id, _)| &**id)) };
        let problem = match meant {
            Some(meant) => problem("io-dangling-end-meant").with("meant", meant),
            None => problem("io-dangling-end"),
        };
        self.error.push(problem);
    }

    fn refused(&mut self, kind: ElementKind, piece: &str, error: &InsertError, places: &Places<'a>) {
        let at = offset_of(self.source.text, piece);
        let problem = match error {
            InsertError::Taken { id, .. } => {
                let first = match kind {
                    ElementKind::Node => self.network.node_id(id).and_then(|node| places.nodes.get(node.index())),
                    kind if kind.is_link() => self.network.link_id(id).and_then(|link| places.links.get(link.index())),
                    _ => None,
                };
                let element = Some(ElementRef::new(kind, id.clone()));
                match first {
                    Some(first) => {
                        let line = line_and_column(self.source.text, offset_of(self.source.text, first)).0;
                        self.source.problem("io-duplicate-id", at).with("id", id).with("line", line).element(element)
                    }
                    None => self.source.problem("io-duplicate-id-table", at).with("id", id).element(element),
                }
            }
            InsertError::Empty => self.source.problem("io-empty-id", at),
            InsertError::NoSuchNode { node, .. } => {
                self.source.problem("io-dangling-end", at).with("field", "from").with("node", node)
            }
        };
        self.error.push(problem);
    }

    /// A part that is one object.
    fn one<T: DeserializeOwned + Serialize>(&mut self, parts: &Parts<'a>, section: &'static str) -> Option<T> {
        let piece = parts.get(section)?.get();
        match serde_json::from_str::<T>(piece) {
            Ok(value) => {
                self.numbers(&value, ElementRef::network(), piece);
                Some(value)
            }
            Err(error) => {
                self.error.push(self.source.bad_value::<T>(piece, ElementKind::Network, &[], &error));
                None
            }
        }
    }

    /// A part that is a list, its elements read side by side. Elements with problems are left out and reported.
    fn list<T: Record>(&mut self, parts: &Parts<'a>, section: &'static str) -> Vec<Read<'a, T>> {
        let Some(raw) = parts.get(section) else { return Vec::new() };
        let kind = SECTIONS.iter().find(|(name, _)| *name == section).and_then(|(_, kind)| *kind);
        let kind = kind.unwrap_or(ElementKind::Network);
        let pieces: Vec<&'a RawValue> = match serde_json::from_str(raw.get()) {
            Ok(pieces) => pieces,
            Err(_) => {
                let at = offset_of(self.source.text, raw.get());
                let got: String = raw.get().chars().take(20).collect();
                self.error.push(self.source.problem("io-want-list", at).with("field", section).with("got", got));
                return Vec::new();
            }
        };
        let results: Vec<Result<(T, Vec<numbers::BadNumber>), serde_json::Error>> = pieces
            .par_iter()
            .with_min_len(256)
            .map(|piece| {
                let record: T = serde_json::from_str(piece.get())?;
                let bad = record.bad_numbers();
                Ok((record, bad))
            })
            .collect();
        let mut out = Vec::with_capacity(pieces.len());
        for (piece, result) in pieces.into_iter().zip(results) {
            let piece = piece.get();
            match result {
                Ok((record, bad)) => {
                    if !bad.is_empty() {
                        let element = id_in(piece).map(|id| ElementRef::new(kind, id));
                        self.bad_numbers(bad, element, piece);
                    }
                    out.push(Read { piece, record });
                }
                Err(error) => {
                    self.error.push(self.source.bad_value::<T>(piece, kind, T::COMMON, &error));
                }
            }
        }
        out
    }

    fn numbers<T: Serialize>(&mut self, value: &T, element: ElementRef, piece: &str) {
        self.bad_numbers(numbers::impossible(value), Some(element), piece);
    }

    fn bad_numbers(&mut self, bad: Vec<numbers::BadNumber>, element: Option<ElementRef>, piece: &str) {
        for number in bad {
            let inside = piece.find(&format!("\"{}\"", number.field)).unwrap_or(0);
            let at = offset_of(self.source.text, piece) + inside;
            self.error.push(
                self.source
                    .problem(number.key(), at)
                    .with("field", number.field)
                    .with("value", number.value)
                    .with("low", number.low)
                    .with("high", number.high)
                    .element(element.clone()),
            );
        }
    }

    fn check_terrain(&mut self, parts: &Parts<'a>, terrain: &Terrain) {
        let whole =
            terrain.columns > 0 && terrain.z_m.len().is_multiple_of(terrain.columns as usize) && terrain.cell_m > 0.0;
        if !whole {
            let at = parts.get("terrain").map_or(0, |raw| offset_of(self.source.text, raw.get()));
            self.error.push(
                self.source
                    .problem("io-terrain-grid", at)
                    .with("count", terrain.z_m.len())
                    .with("columns", terrain.columns)
                    .with("cell", terrain.cell_m),
            );
        }
    }
}

/// Where the elements of a network stand in the text, by slot: to name the other one of two with one id.
#[derive(Default)]
struct Places<'a> {
    nodes: Vec<&'a str>,
    links: Vec<&'a str>,
}

/// What can stand on a line of a list.
trait Record: DeserializeOwned + Send {
    /// Keys beside those of the element's own type.
    const COMMON: &'static [&'static str];
    fn bad_numbers(&self) -> Vec<numbers::BadNumber>;
}

impl<T: DeserializeOwned + Serialize + Send> Record for Plain<T> {
    const COMMON: &'static [&'static str] = &PLAIN_KEYS;
    fn bad_numbers(&self) -> Vec<numbers::BadNumber> {
        numbers::impossible(&self.element)
    }
}

impl<T: DeserializeOwned + Serialize + Send> Record for Linked<T> {
    const COMMON: &'static [&'static str] = &LINK_KEYS;
    fn bad_numbers(&self) -> Vec<numbers::BadNumber> {
        let mut bad = numbers::impossible(&self.element);
        if let Some(notes) = &self.notes {
            bad.extend(numbers::impossible(&notes.attributes));
        }
        bad
    }
}

impl Record for Street {
    const COMMON: &'static [&'static str] = &[];
    fn bad_numbers(&self) -> Vec<numbers::BadNumber> {
        numbers::impossible(self)
    }
}

impl Record for Water {
    const COMMON: &'static [&'static str] = &[];
    fn bad_numbers(&self) -> Vec<numbers::BadNumber> {
        numbers::check(self)
    }
}
