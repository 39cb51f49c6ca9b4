//! Writing a native file: one element a line, in the order of the network, the same bytes for the same network.

use std::io::Write as _;
use std::path::Path;

use serde::Serialize;
use serde_json::ser::Serializer;

use super::{SCHEMA_VERSION, VERSION_KEY};
use crate::io::json_lines::Lines;
use crate::io::{IoError, Problem, numbers};
use crate::network::{ElementKind, ElementRef, EmergencyBase, LinkKind, LinkView, Network, Scenario, Terrain};

/// The text of a native file. Fails on numbers that reading would refuse (not finite, negative sizes).
pub fn to_string(network: &Network) -> Result<String, IoError> {
    let mut out = Writing { text: Vec::with_capacity(256 * network.link_count() + 4096), error: IoError::default() };
    out.raw("{\n  ");
    out.raw(&format!("\"{VERSION_KEY}\": {SCHEMA_VERSION},\n  \"settings\": "));
    out.value(network.settings(), 1, &ElementRef::network());

    out.list("nodes", network.nodes(), |out, (_, id, node)| {
        out.element(ElementRef::new(ElementKind::Node, id.clone()), &[("id", id)], node);
    });
    for (section, kind) in [
        ("pipes", ElementKind::Pipe),
        ("valves", ElementKind::Valve),
        ("pumps", ElementKind::Pump),
        ("sources", ElementKind::Source),
        ("consumers", ElementKind::Consumer),
    ] {
        let links = network.links().filter(|view| view.link.kind.element_kind() == kind);
        out.list(section, links, |out, view| out.link(network, view));
    }
    out.list("chambers", network.chambers(), |out, (id, chamber)| {
        out.element(ElementRef::new(ElementKind::Chamber, id.clone()), &[("id", id)], chamber);
    });
    out.list("buildings", network.buildings(), |out, (id, building)| {
        out.element(ElementRef::new(ElementKind::Building, id.clone()), &[("id", id)], building);
    });
    out.list("sensors", network.sensors(), |out, (id, sensor)| {
        out.element(ElementRef::new(ElementKind::Sensor, id.clone()), &[("id", id)], sensor);
    });
    out.list("scenarios", network.scenarios(), |out, (id, scenario)| out.scenario(id, scenario));
    if *network.emergency_base() != EmergencyBase::default() {
        out.raw(",\n  \"emergency\": ");
        out.value(network.emergency_base(), 2, &ElementRef::network());
    }
    out.list("streets", &network.backdrop().streets, |out, street| out.value(street, 0, &ElementRef::network()));
    out.list("water", &network.backdrop().water, |out, water| out.value(water, 0, &ElementRef::network()));
    if let Some(terrain) = &network.backdrop().terrain {
        out.terrain(terrain);
    }
    out.raw("\n}\n");
    out.error.into_result()?;
    // JSON from strings and numbers is UTF-8; the other branch is there so that nothing can panic.
    String::from_utf8(out.text).map_err(|error| Problem::new(Path::new(""), "io-system").with("reason", error).into())
}

struct Writing {
    text: Vec<u8>,
    error: IoError,
}

impl Writing {
    fn raw(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
    }

    /// A list with one item a line; an empty list is left out.
    fn list<I: IntoIterator>(&mut self, section: &str, items: I, mut each: impl FnMut(&mut Writing, I::Item)) {
        let mut items = items.into_iter().peekable();
        if items.peek().is_none() {
            return;
        }
        self.raw(&format!(",\n  \"{section}\": [\n"));
        while let Some(item) = items.next() {
            self.raw("    ");
            each(self, item);
            self.raw(if items.peek().is_some() { ",\n" } else { "\n" });
        }
        self.raw("  ]");
    }

    fn link(&mut self, network: &Network, view: LinkView<'_>) {
        let (from, to) = (network.node_name(view.from), network.node_name(view.to));
        let element = view.element();
        let head: [(&str, &str); 3] = [("id", view.id), ("from", &from), ("to", &to)];
        let start = self.text.len();
        match &view.link.kind {
            LinkKind::Pipe(pipe) => self.element(element.clone(), &head, pipe),
            LinkKind::Valve(valve) => self.element(element.clone(), &head, &**valve),
            LinkKind::Pump(pump) => self.element(element.clone(), &head, &**pump),
            LinkKind::Source(source) => self.element(element.clone(), &head, &**source),
            LinkKind::Consumer(consumer) => self.element(element.clone(), &head, &**consumer),
        }
        let Some(notes) = &view.link.notes else { return };
        // Opens the object again: the notes stand last.
        debug_assert!(self.text[start..].ends_with(b" }"));
        self.text.truncate(self.text.len() - 2);
        if !notes.name.is_empty() {
            self.raw(", \"name\": ");
            self.value(&notes.name, 0, &element);
        }
        if let Some(chamber) = &notes.chamber {
            self.raw(", \"chamber\": ");
            self.value(&**chamber, 0, &element);
        }
        if !notes.attributes.is_empty() {
            self.raw(", \"attributes\": ");
            self.value(&notes.attributes, 0, &element);
        }
        self.raw(" }");
    }

    /// An element on one line: the head's texts first, then the fields of its type.
    fn element<T: Serialize>(&mut self, element: ElementRef, head: &[(&str, &str)], fields: &T) {
        self.raw("{ ");
        for (i, (key, value)) in head.iter().enumerate() {
            self.raw(if i > 0 { ", \"" } else { "\"" });
            self.raw(key);
            self.raw("\": ");
            self.value(value, 0, &element);
        }
        let start = self.text.len();
        self.value(fields, 0, &element);
        // The fields come as an object of their own; its opening brace becomes the comma behind the head.
        match &self.text[start..] {
            b"{}" => {
                self.text.truncate(start);
                self.raw(" }");
            }
            _ => {
                self.text[start] = b',';
            }
        }
    }

    /// Any value; objects down to `broken` levels have one key a line.
    fn value<T: Serialize + ?Sized>(&mut self, value: &T, broken: usize, element: &ElementRef) {
        self.refuse(numbers::impossible(value), element);
        let form = Lines::new(broken, 1);
        if let Err(error) = value.serialize(&mut Serializer::with_formatter(&mut self.text, form)) {
            let problem = Problem::new(Path::new(""), "io-system").with("reason", error);
            self.error.push(problem.element(Some(element.clone())));
        }
    }

    /// Notes numbers that reading would refuse.
    fn refuse(&mut self, bad: Vec<numbers::BadNumber>, element: &ElementRef) {
        for number in bad {
            let problem = Problem::new(Path::new(""), number.key()).with("field", number.field);
            let problem = problem.with("value", number.value).with("low", number.low).with("high", number.high);
            self.error.push(problem.element(Some(element.clone())));
        }
    }

    /// A scenario with one edit a line.
    fn scenario(&mut self, id: &str, scenario: &Scenario) {
        let network = ElementRef::network();
        let head = Scenario { edits: Vec::new(), ..scenario.clone() };
        self.element(network.clone(), &[("id", id)], &head);
        if scenario.edits.is_empty() {
            return;
        }
        // The head ends in `"edits": [] }`.
        debug_assert!(self.text.ends_with(b"[] }"));
        self.text.truncate(self.text.len() - 3);
        for (i, edit) in scenario.edits.iter().enumerate() {
            self.raw(if i > 0 { ",\n      " } else { "\n      " });
            self.value(edit, 0, &network);
        }
        self.raw("\n    ] }");
    }

    /// The grid with one row a line.
    fn terrain(&mut self, terrain: &Terrain) {
        let network = ElementRef::network();
        self.raw(",\n  \"terrain\": ");
        let head = Terrain { z_m: Vec::new(), ..terrain.clone() };
        self.value(&head, 0, &network);
        debug_assert!(self.text.ends_with(b"[] }"));
        self.text.truncate(self.text.len() - 3);
        self.refuse(numbers::impossible(&terrain.z_m), &network);
        let rows = terrain.z_m.chunks((terrain.columns as usize).max(1));
        for (i, row) in rows.enumerate() {
            self.raw(if i > 0 { ",\n    " } else { "\n    " });
            for (j, z) in row.iter().enumerate() {
                // The shortest digits that give the same number back.
                let written = write!(self.text, "{}{z:?}", if j > 0 { ", " } else { "" });
                debug_assert!(written.is_ok(), "writing to memory cannot fail");
            }
        }
        self.raw("\n  ] }");
    }
}
