//! From tables to a network: nodes first, then links table by table, with ids mended where two tables use one.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use rustc_hash::FxHashMap;

use super::elements::{self, Made};
use super::header;
use super::row::{ATTRIBUTE_PREFIX, Row};
use super::settings;
use super::table::Table;
use crate::io::file::nearest;
use crate::io::{IoError, Problem};
use crate::network::{
    Code, ElementKind, ElementRef, Finding, Link, LinkKind, Name, Network, NodeId, PumpPoint, SourceControl,
};

/// Tables of links in the order their links get into the network, with what they hold.
const LINK_TABLES: [(&str, ElementKind); 5] = [
    ("pipes", ElementKind::Pipe),
    ("valves", ElementKind::Valve),
    ("pumps", ElementKind::Pump),
    ("sources", ElementKind::Source),
    ("consumers", ElementKind::Consumer),
];

/// Makes the network, or lists everything that is wrong with the tables (after what `error` already holds).
pub fn build(place: &Path, tables: &[Table], error: IoError) -> Result<(Network, Vec<Finding>), IoError> {
    let error = RefCell::new(error);
    let mut building = Building {
        tables,
        error: &error,
        network: Network::new(),
        findings: Vec::new(),
        node_lines: FxHashMap::default(),
        renamed_consumers: FxHashMap::default(),
    };
    building.required(place);
    building.hints();
    let settings = settings::read(building.table("settings"), building.table("water"), &error);
    building.network.set_settings(settings);
    // Without nodes every end would be reported as dangling.
    if building.table("nodes").is_some_and(Building::usable) {
        building.nodes();
        building.links();
    }
    let Building { network, findings, .. } = building;
    error.into_inner().into_result()?;
    Ok((network, findings))
}

struct Building<'a> {
    tables: &'a [Table],
    error: &'a RefCell<IoError>,
    network: Network,
    findings: Vec<Finding>,
    node_lines: FxHashMap<Name, usize>,
    /// Consumers that got another id, for the sources that watch them.
    renamed_consumers: FxHashMap<Name, Name>,
}

impl<'a> Building<'a> {
    fn table(&self, name: &str) -> Option<&'a Table> {
        self.tables.iter().find(|table| table.name == name)
    }

    fn push(&self, problem: Problem) {
        self.error.borrow_mut().push(problem);
    }

    /// Tables and columns without which nothing can be read.
    fn required(&self, place: &Path) {
        if self.table("nodes").is_none() && self.error.borrow().is_empty() {
            self.push(Problem::new(place, "io-table-missing").with("table", "nodes"));
        }
        for table in self.tables {
            let required: &[&str] = match table.name {
                "settings" => &["key", "value"],
                "water" => &["property", "temperature_c", "value"],
                "nodes" => &["id"],
                "pump_curves" => &["pump", "flow_m3_h", "head_m"],
                _ => &["id", "from", "to"],
            };
            for column in required.iter().filter(|column| table.column(column).is_none()) {
                let present: Vec<&str> = table.columns.iter().map(|column| column.header.as_str()).collect();
                let problem = Problem::new(&table.file, "io-column-missing").with("column", column).line(1);
                self.push(problem.with("present", present.join(", ")));
            }
        }
    }

    /// Whether a table has the columns that make its rows elements.
    fn usable(table: &Table) -> bool {
        let ends = matches!(table.name, "nodes") || (table.column("from").is_some() && table.column("to").is_some());
        table.column("id").is_some() && ends
    }

    /// Says which unknown columns look like misspelt known ones; they are kept as attributes.
    fn hints(&mut self) {
        for table in self.tables {
            let elements = !matches!(table.name, "settings" | "water" | "pump_curves");
            for column in &table.columns {
                if column.known.is_some() || column.header.is_empty() || column.header.starts_with(ATTRIBUTE_PREFIX) {
                    continue;
                }
                let meant = nearest(&column.header, header::names(table.name));
                let (key, code) = match (elements, meant) {
                    (_, Some(_)) => ("io-note-column-meant", Code::ImportGuessed),
                    (true, None) => continue,
                    (false, None) => ("io-note-column-left-out", Code::ImportMended),
                };
                let arguments = [
                    ("table", table.name.to_owned()),
                    ("column", column.header.clone()),
                    ("meant", meant.unwrap_or_default().to_owned()),
                ];
                self.findings.push(Finding::new(code, ElementRef::network()).phrase("text", key, &arguments));
            }
        }
    }

    fn nodes(&mut self) {
        let Some(table) = self.table("nodes").filter(|table| Self::usable(table)) else { return };
        for entry in &table.rows {
            let row = Row::new(table, entry, ElementKind::Node, self.error);
            if row.required("id").is_none() {
                continue;
            }
            if let Some(first) = self.node_lines.get(&row.id) {
                row.push(row.problem("io-duplicate-id").with("id", &row.id).with("line", first));
                continue;
            }
            let node = elements::node(&row);
            row.check(&node);
            self.node_lines.insert(row.id.clone(), row.line);
            if let Err(reason) = self.network.insert_node(row.id.clone(), node) {
                row.push(row.problem("io-bad-value").with("field", "id").with("reason", reason));
            }
        }
    }

    fn links(&mut self) {
        let mut curves = self.curves();
        let ids = self.ids();
        let mut guessed: Vec<Name> = Vec::new();
        for (name, kind) in LINK_TABLES {
            let Some(table) = self.table(name).filter(|table| Self::usable(table)) else { continue };
            for entry in &table.rows {
                let row = Row::new(table, entry, kind, self.error);
                let ends = ["from", "to"].map(|end| self.end(&row, end));
                let made = match kind {
                    ElementKind::Pipe => {
                        let (pipe, from_distance) = elements::pipe(&row, self.distance_m(ends));
                        if from_distance {
                            guessed.push(row.id.clone());
                        }
                        pipe.map(|pipe| Made::from(LinkKind::Pipe(pipe)))
                    }
                    ElementKind::Valve => Some(elements::valve(&row)),
                    ElementKind::Pump => {
                        let mut pump = elements::pump(&row);
                        pump.curve = curves.remove(&*row.id).map(|(_, points)| points).unwrap_or_default();
                        Some(Made::from(LinkKind::Pump(Box::new(pump))))
                    }
                    ElementKind::Source => elements::source(&row),
                    _ => elements::consumer(&row),
                };
                let Some(Made { kind: mut link, aside }) = made else { continue };
                if let LinkKind::Source(source) = &mut link
                    && let SourceControl::WorstPoint { consumer: Some(consumer), .. } = &mut source.control
                    && let Some(renamed) = self.renamed_consumers.get(consumer)
                {
                    *consumer = renamed.clone();
                }
                check(&row, &link);
                let (Some(id), [Some(from), Some(to)]) = (ids.get(&(name, row.line)), ends) else { continue };
                let link = Link { kind: link, notes: row.notes(aside) };
                if let Err(reason) = self.network.insert_link(id.clone(), from, to, link) {
                    row.push(row.problem("io-bad-value").with("field", "id").with("reason", reason));
                }
            }
        }
        for (pump, (problem, _)) in curves {
            self.push(problem.with("pump", pump));
        }
        if let Some(example) = guessed.first() {
            let arguments = [("count", guessed.len().to_string()), ("example", example.to_string())];
            let element = ElementRef::new(ElementKind::Pipe, example.clone());
            self.findings.push(Finding::new(Code::ImportGuessed, element).phrase(
                "text",
                "io-note-length-guessed",
                &arguments,
            ));
        }
    }

    /// The id of every link, by table and line: its own, or one with the table before it where another has it already.
    fn ids(&mut self) -> FxHashMap<(&'static str, usize), Name> {
        let mut out = FxHashMap::default();
        let mut taken: FxHashMap<Name, &'static str> = FxHashMap::default();
        for (name, kind) in LINK_TABLES {
            let Some(table) = self.table(name).filter(|table| Self::usable(table)) else { continue };
            let mut lines: FxHashMap<Name, usize> = FxHashMap::default();
            for entry in &table.rows {
                let row = Row::new(table, entry, kind, self.error);
                if row.required("id").is_none() {
                    continue;
                }
                if let Some(first) = lines.insert(row.id.clone(), row.line) {
                    row.push(row.problem("io-duplicate-id").with("id", &row.id).with("line", first));
                    continue;
                }
                let mut id = row.id.clone();
                if let Some(other) = taken.get(&id) {
                    while taken.contains_key(&id) {
                        id = Name::from(format!("{name}/{id}"));
                    }
                    let arguments =
                        [("id", row.id.to_string()), ("other", (*other).to_owned()), ("new", id.to_string())];
                    self.findings.push(Finding::new(Code::ImportMended, ElementRef::new(kind, id.clone())).phrase(
                        "text",
                        "io-note-id-mended",
                        &arguments,
                    ));
                    if kind == ElementKind::Consumer {
                        self.renamed_consumers.insert(row.id.clone(), id.clone());
                    }
                }
                taken.insert(id.clone(), name);
                out.insert((name, row.line), id);
            }
        }
        out
    }

    fn end(&self, row: &Row<'_>, field: &'static str) -> Option<NodeId> {
        let node = row.required(field)?;
        let found = self.network.node_id(node);
        if found.is_none() {
            let enough = self.error.borrow().problems.len() >= crate::io::error::PROBLEMS_KEPT;
            let meant = if enough { None } else { nearest(node, self.network.nodes().map(|(_, id, _)| &**id)) };
            let problem = |key| row.problem(key).with("field", field).with("node", node);
            row.push(match meant {
                Some(meant) => problem("io-dangling-end-meant").with("meant", meant),
                None => problem("io-dangling-end"),
            });
        }
        found
    }

    fn distance_m(&self, ends: [Option<NodeId>; 2]) -> f64 {
        match ends.map(|end| end.and_then(|node| self.network.node(node))) {
            [Some(a), Some(b)] => (a.x_m - b.x_m).hypot(a.y_m - b.y_m).hypot(a.z_m - b.z_m),
            // The missing end is the problem then, not the length.
            _ => 1.0,
        }
    }

    /// Points of every pump's curve by its id, and the problem to report where no pump takes them.
    fn curves(&self) -> BTreeMap<String, (Problem, Vec<PumpPoint>)> {
        let mut out: BTreeMap<String, (Problem, Vec<PumpPoint>)> = BTreeMap::new();
        let Some(table) = self.table("pump_curves") else { return out };
        if ["pump", "flow_m3_h", "head_m"].iter().any(|column| table.column(column).is_none()) {
            return out;
        }
        for entry in &table.rows {
            let row = Row::new(table, entry, ElementKind::Pump, self.error);
            let (Some(pump), Some(flow_m3_h), Some(head_m)) =
                (row.required("pump"), row.required_number("flow_m3_h"), row.required_number("head_m"))
            else {
                continue;
            };
            let point = PumpPoint { flow_m3_h, head_m, efficiency: row.number("efficiency") };
            row.check(&point);
            let unknown = row.problem("io-curve-without-pump");
            out.entry(pump.to_owned()).or_insert_with(|| (unknown, Vec::new())).1.push(point);
        }
        for (_, points) in out.values_mut() {
            points.sort_by(|a, b| a.flow_m3_h.total_cmp(&b.flow_m3_h));
        }
        out
    }
}

fn check(row: &Row<'_>, link: &LinkKind) {
    match link {
        LinkKind::Pipe(pipe) => row.check(pipe),
        LinkKind::Valve(valve) => row.check(&**valve),
        LinkKind::Pump(pump) => row.check(&**pump),
        LinkKind::Source(source) => row.check(&**source),
        LinkKind::Consumer(consumer) => row.check(&**consumer),
    }
}
