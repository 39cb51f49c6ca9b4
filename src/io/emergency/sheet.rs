//! A sheet: titled sections of sentences and tables, ready to be printed anywhere.

use serde::{Deserialize, Serialize};

use super::parts::Part;
use crate::emergency::closing::place_m;
use crate::network::{LinkId, Network, NodeId, Side, Street};
use crate::text::{Argument, Language, Texts};
use crate::units::{DisplayUnits, Quantity};

/// A table of text: first column left, the rest right.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SheetTable {
    pub heads: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// A titled part.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Section {
    /// Which part of the answer it is; nothing else has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
    pub title: String,
    /// Sentences above the table.
    pub lines: Vec<String>,
    pub table: Option<SheetTable>,
    /// Sentences below it.
    pub notes: Vec<String>,
    /// How its numbers were found: solved, traced, assumed.
    pub found: String,
}

/// The whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sheet {
    pub title: String,
    pub lines: Vec<String>,
    pub sections: Vec<Section>,
}

/// A place no further from a street is said to be at it.
const AT_STREET_M: f64 = 60.0;

/// Distance of a place from a piece of a line.
fn distance_m(place: [f64; 2], [a, b]: [[f64; 2]; 2]) -> f64 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length2 = (dx * dx + dy * dy).max(f64::MIN_POSITIVE);
    let share = (((place[0] - a[0]) * dx + (place[1] - a[1]) * dy) / length2).clamp(0.0, 1.0);
    (place[0] - a[0] - share * dx).hypot(place[1] - a[1] - share * dy)
}

/// How names, numbers and sentences become text for one reader.
pub(super) struct Writer<'a> {
    pub network: &'a Network,
    pub language: Language,
    pub units: &'a DisplayUnits,
    /// Rows of the long tables; the rest is counted.
    pub most_rows: usize,
    /// Whether anybody looks at tables.
    pub tables: bool,
}

impl Writer<'_> {
    pub fn texts(&self) -> &'static Texts {
        self.language.texts()
    }

    /// A sentence of `emergency.ftl` without arguments.
    pub fn word(&self, key: &str) -> String {
        self.texts().get(key).into_owned()
    }

    pub fn sentence(&self, key: &str, arguments: &[(&str, Argument<'_>)]) -> String {
        self.texts().with(key, arguments)
    }

    /// A number with its unit.
    pub fn value(&self, quantity: Quantity, si: f64) -> String {
        self.units.text(quantity, si)
    }

    /// Id, and what people call it where that is something else.
    pub fn link(&self, link: LinkId) -> String {
        let id = self.network.link_name(link);
        match self.network.link(link).map(|link| link.name()) {
            Some(name) if !name.is_empty() => format!("{id} {name}"),
            _ => id.to_string(),
        }
    }

    pub fn node(&self, node: NodeId) -> String {
        let id = self.network.node_name(node);
        match self.network.node(node).map(|node| node.name.as_str()) {
            Some(name) if !name.is_empty() => format!("{id} {name}"),
            _ => id.to_string(),
        }
    }

    /// Where a link lies: its chamber with that one's name, else the street it lies at and its coordinates.
    pub fn place(&self, link: LinkId) -> String {
        let chamber = self.network.link(link).and_then(|link| link.notes.as_ref()?.chamber.clone());
        let Some(id) = chamber else { return self.open_place(link) };
        match self.network.chambers().get(&id).map(|chamber| chamber.name.as_str()) {
            Some(name) if !name.is_empty() => format!("{id} {name}"),
            _ => id.to_string(),
        }
    }

    /// Outside of chambers. Networks without coordinates have all of them at the origin.
    fn open_place(&self, link: LinkId) -> String {
        let Some(place) = place_m(self.network, link).filter(|place| *place != [0.0, 0.0]) else {
            return "–".to_owned();
        };
        let distance = |street: &Street| {
            let pieces = street.line_m.windows(2).map(|ends| distance_m(place, [ends[0], ends[1]]));
            pieces.fold(f64::INFINITY, f64::min)
        };
        let streets = self.network.backdrop().streets.iter().filter(|street| !street.name.is_empty());
        let nearest = streets.map(|street| (distance(street), street)).min_by(|a, b| a.0.total_cmp(&b.0));
        let (x, y) = (format!("{:.0}", place[0]), format!("{:.0}", place[1]));
        match nearest.filter(|(distance_m, _)| *distance_m <= AT_STREET_M) {
            Some((_, street)) => self.sentence(
                "emergency-at-street",
                &[("street", street.name.clone().into()), ("x", x.into()), ("y", y.into())],
            ),
            None => format!("({x}, {y})"),
        }
    }

    pub fn side(&self, link: LinkId) -> String {
        let side = self.network.ends(link).and_then(|(from, _)| self.network.node(from)).map(|node| node.side);
        self.word(match side {
            Some(Side::Supply) => "emergency-supply",
            Some(Side::Return) => "emergency-return",
            _ => "emergency-single",
        })
    }

    /// A part of the answer, with nothing in it yet.
    pub fn part(&self, part: Part) -> Section {
        Section { part: Some(part), title: self.word(part.key()), ..Section::default() }
    }

    /// A table whose heads are keys.
    pub fn table(
        &self,
        heads: &[(&str, Option<Quantity>)],
        rows: impl Iterator<Item = Vec<String>>,
    ) -> Option<SheetTable> {
        let rows: Vec<Vec<String>> = if self.tables { rows.collect() } else { Vec::new() };
        if rows.is_empty() {
            return None;
        }
        let heads = heads.iter().map(|(key, quantity)| self.units.head(&self.texts().get(key), *quantity)).collect();
        Some(SheetTable { heads, rows })
    }
}
