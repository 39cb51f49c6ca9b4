//! The draft as a network: names, sides, and where one line stands for both pipes, the return.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Draft, DraftKind, DraftLink, Terminal};
use super::elements;
use super::fields::Field;
use super::places;
use super::read::{Item, Layer, Place, Shape};
use super::report::Report;
use crate::network::{
    Backdrop, Boundary, Building, Chamber, Demand, Finding, Link, LinkKind, Name, Network, Node, NodeId, Notes,
    Settings, Side, Source, SourceControl, Street, ValveKind,
};

/// What the twin of an element in the return is called.
const RETURN_SUFFIX: &str = "-R";
/// Storey height where only the number of storeys is known.
const STOREY_M: f64 = 3.0;
/// Height of a building nobody knows anything of: six storeys, the commonest in Chinese housing estates.
const BUILDING_M: f64 = 18.0;

/// Names that are taken, and new ones like those wanted.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    fn free(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut number = 2;
        while !self.0.insert(name.clone()) {
            name = format!("{wanted}~{number}");
            number += 1;
        }
        name
    }
}

/// Width of a street that does not tell it: two lanes.
const STREET_M: f64 = 8.0;

struct Assembly<'a> {
    network: Network,
    draft: &'a Draft,
    items: &'a [Item],
    links: Names,
    /// Node in the network for each node of the draft, and its twin in the return.
    nodes: Vec<(NodeId, Option<NodeId>)>,
    report: Report,
}

pub(super) fn assemble(draft: Draft, layer: &Layer, report: Report) -> (Network, Vec<Finding>) {
    let mut network = Network::new();
    network.set_settings(Settings {
        title: layer.title.clone(),
        coordinate_system: layer.coordinate_system.clone(),
        ..Settings::default()
    });
    let mut assembly =
        Assembly { network, draft: &draft, items: &layer.items, links: Names::default(), nodes: Vec::new(), report };
    assembly.chambers();
    assembly.nodes();
    for link in &draft.links {
        assembly.link(link);
    }
    let consumers = assembly.terminals();
    assembly.buildings(&consumers);
    assembly.streets();
    if draft.mirror {
        assembly.report.guessed("", "gis-note-mirrored", &[]);
    }
    let findings = assembly.report.findings(&draft.kinds);
    (assembly.network, findings)
}

impl Assembly<'_> {
    fn chambers(&mut self) {
        let mut names = Names::default();
        for &at in &self.draft.chambers {
            let item = &self.items[at];
            let place = item.position();
            let chamber = Chamber {
                name: elements::name(&item.fields, &item.id),
                x_m: place.x,
                y_m: place.y,
                z_m: item.fields.metres(Field::Elevation).or(place.z).unwrap_or(0.0),
                depth_m: item.fields.metres(Field::Depth),
                attributes: item.fields.other.clone(),
                ..Chamber::default()
            };
            // Names are free by construction, so the network cannot refuse them.
            let inserted = self.network.insert_chamber(names.free(&item.id), chamber);
            debug_assert!(inserted.is_ok(), "{inserted:?}");
        }
    }

    /// Nodes, numbered from west to east where no symbol names them.
    fn nodes(&mut self) {
        let mut names = Names::default();
        let shifts = places::shifts(self.draft);
        let mut order: Vec<usize> = (0..self.draft.nodes.len()).collect();
        let place = |at: usize| self.draft.nodes[at].at;
        order.sort_by(|a, b| place(*a).x.total_cmp(&place(*b).x).then(place(*a).y.total_cmp(&place(*b).y)));
        // Named nodes first, so that a number never takes a name away.
        let (named, unnamed): (Vec<usize>, Vec<usize>) =
            order.into_iter().partition(|at| self.draft.nodes[*at].item.is_some());
        let mut handles: Vec<Option<(NodeId, Option<NodeId>)>> = vec![None; self.draft.nodes.len()];
        let mut number = 0;
        for at in named.into_iter().chain(unnamed) {
            let data = &self.draft.nodes[at];
            let item = data.item.map(|item| &self.items[item]);
            let wanted = match item {
                Some(item) => item.id.clone(),
                None => {
                    number += 1;
                    format!("N{number}")
                }
            };
            let mut node = Node {
                name: item.map(|item| elements::name(&item.fields, &item.id)).unwrap_or_default(),
                side: data.side,
                x_m: data.at.x,
                y_m: data.at.y,
                z_m: data.at.z.unwrap_or(0.0),
                chamber: item.and_then(|item| self.chamber_of(item)),
                attributes: item.map(|item| item.fields.other.clone()).unwrap_or_default(),
                ..Node::default()
            };
            let id = names.free(&wanted);
            let twin_id = self.draft.mirror.then(|| names.free(&format!("{id}{RETURN_SUFFIX}")));
            let Ok(handle) = self.network.insert_node(id, node.clone()) else { continue };
            let twin = twin_id.and_then(|id| {
                node.side = Side::Return;
                node.x_m += shifts[at][0];
                node.y_m += shifts[at][1];
                self.network.insert_node(id, node).ok()
            });
            handles[at] = Some((handle, twin));
        }
        // Every name was free, so every node has its handle.
        self.nodes = handles.into_iter().flatten().collect();
        debug_assert_eq!(self.nodes.len(), self.draft.nodes.len());
    }

    fn chamber_of(&self, item: &Item) -> Option<Name> {
        elements::chamber(&item.fields).filter(|name| self.network.chambers().contains_key(name))
    }

    fn notes(&self, item: &Item) -> Option<Box<Notes>> {
        let notes = Notes {
            name: elements::name(&item.fields, &item.id),
            chamber: self.chamber_of(item),
            attributes: item.fields.other.clone(),
        };
        (notes != Notes::default()).then(|| Box::new(notes))
    }

    fn insert(&mut self, id: String, from: NodeId, to: NodeId, kind: LinkKind, notes: Option<Box<Notes>>) {
        let inserted = self.network.insert_link(id, from, to, Link { kind, notes });
        debug_assert!(inserted.is_ok(), "{inserted:?}");
    }

    fn link(&mut self, link: &DraftLink) {
        let item = &self.items[link.item];
        let notes = self.notes(item);
        let (from, to) = (self.nodes[link.from], self.nodes[link.to]);
        let id = self.links.free(&link.id);
        let twins = from.1.zip(to.1);
        match &link.kind {
            DraftKind::Pipe(pipe) => {
                let ends = (self.draft.nodes[link.from].at, self.draft.nodes[link.to].at);
                let mut pipe = pipe.clone();
                pipe.details.route_m = route(ends.0, &link.route, ends.1);
                if let Some((twin_from, twin_to)) = twins {
                    let twin_id = self.links.free(&format!("{id}{RETURN_SUFFIX}"));
                    let mut twin = pipe.clone();
                    let shifted = places::shifted_route(ends.0, &link.route, ends.1, pipe.outer_diameter_m);
                    twin.details.route_m = route(ends.0, &shifted, ends.1);
                    twin.details.pair = Some(Name::from(id.as_str()));
                    pipe.details.pair = Some(Name::from(twin_id.as_str()));
                    self.insert(twin_id, twin_from, twin_to, LinkKind::Pipe(twin), notes.clone());
                }
                self.insert(id, from.0, to.0, LinkKind::Pipe(pipe), notes);
            }
            DraftKind::Valve(valve) => {
                if let Some((twin_from, twin_to)) = twins {
                    let mut twin = valve.clone();
                    // Shut-off valves stand in both pipes; what regulates stands in the supply.
                    if !matches!(valve.kind, ValveKind::Sectioning | ValveKind::Isolating) {
                        twin.kind = ValveKind::Isolating;
                        (twin.opening, twin.kv_m3_h) = (1.0, None);
                        (twin.set_pressure_pa, twin.set_flow_kg_s) = (None, None);
                        self.report.guessed(&item.id, "gis-note-one-valve", &[]);
                    }
                    let twin_id = self.links.free(&format!("{id}{RETURN_SUFFIX}"));
                    self.insert(twin_id, twin_from, twin_to, LinkKind::Valve(Box::new(twin)), notes.clone());
                }
                self.insert(id, from.0, to.0, LinkKind::Valve(Box::new(valve.clone())), notes);
            }
            DraftKind::Pump(pump) => {
                if let Some((twin_from, twin_to)) = twins {
                    // The return passes by: an open valve of no resistance keeps both halves together.
                    let open = crate::network::Valve {
                        kind: ValveKind::Isolating,
                        zeta: Some(0.0),
                        diameter_m: Some(1.0),
                        ..crate::network::Valve::default()
                    };
                    let twin_id = self.links.free(&format!("{id}{RETURN_SUFFIX}"));
                    self.insert(twin_id, twin_from, twin_to, LinkKind::Valve(Box::new(open)), None);
                    self.report.guessed(&item.id, "gis-note-pump-supply", &[]);
                }
                self.insert(id, from.0, to.0, LinkKind::Pump(Box::new(pump.clone())), notes);
            }
        }
    }

    /// Sources and consumers; the ids of the consumers by item.
    fn terminals(&mut self) -> BTreeMap<usize, String> {
        let mut consumers = BTreeMap::new();
        let reference = self.reference();
        for terminal in &self.draft.terminals {
            let item = &self.items[terminal.item];
            let supply = self.nodes[terminal.supply];
            let returns = terminal.returns.map(|node| self.nodes[node].0).or(supply.1);
            let is_reference = reference == Some(terminal.item);
            let Some(returns) = returns else {
                self.single(terminal, supply.0);
                continue;
            };
            let notes = self.notes(item);
            let id = self.links.free(&item.id);
            if terminal.source {
                let source = elements::source(&item.id, &item.fields, is_reference, &mut self.report);
                self.insert(id, returns, supply.0, LinkKind::Source(Box::new(source)), notes);
            } else {
                consumers.insert(terminal.item, id.clone());
                let consumer = elements::consumer(&item.id, &item.fields, &mut self.report);
                self.insert(id, supply.0, returns, LinkKind::Consumer(Box::new(consumer)), notes);
            }
        }
        if reference.is_none() {
            self.report.guessed("", "gis-note-no-source", &[]);
        }
        consumers
    }

    /// The source that holds the pressure: the largest one, of equal ones that in the west.
    fn reference(&self) -> Option<usize> {
        let capacity = |item: usize| self.items[item].fields.watts(Field::Capacity).map_or(0.0, |(heat, _)| heat);
        let sources: Vec<usize> =
            self.draft.terminals.iter().filter(|terminal| terminal.source).map(|terminal| terminal.item).collect();
        // Terminals are sorted by place; the first of the largest wins.
        sources.into_iter().fold(None, |best: Option<usize>, item| match best {
            Some(known) if capacity(known) >= capacity(item) => Some(known),
            _ => Some(item),
        })
    }

    /// In a network of single pipes a source gives its pressure and a consumer draws water.
    fn single(&mut self, terminal: &Terminal, node: NodeId) {
        let item = &self.items[terminal.item];
        self.report.guessed(&item.id, "gis-note-single", &[]);
        let change = if terminal.source {
            let source: Source = elements::source(&item.id, &item.fields, true, &mut self.report);
            let pressure_pa = match source.control {
                SourceControl::Reference { return_pressure_pa, pressure_rise_pa } => {
                    return_pressure_pa + pressure_rise_pa
                }
                _ => 0.0,
            };
            let boundary =
                Boundary::MakeUp { pressure_pa, capacity_kg_s: None, temperature_c: source.supply_temperature_c };
            serde_json::to_value(boundary).ok().map(|value| ("boundary", value))
        } else {
            match elements::consumer(&item.id, &item.fields, &mut self.report).demand {
                Demand::MassFlow { mass_flow_kg_s } => Some(("demand_kg_s", serde_json::Value::from(mass_flow_kg_s))),
                Demand::Heat { .. } => None,
            }
        };
        if let Some((field, value)) = change {
            let edit = crate::network::edit::Edit::set(self.network.node_ref(node), field, value);
            let applied = edit.apply(&mut self.network);
            debug_assert!(applied.is_ok(), "{applied:?}");
        }
    }

    fn streets(&mut self) {
        let streets: Vec<Street> = self
            .draft
            .streets
            .iter()
            .filter_map(|at| {
                let item = &self.items[*at];
                let Shape::Line(points) = &item.shape else { return None };
                let width_m = item.fields.metres(Field::Width).filter(|width| *width > 0.0).unwrap_or(STREET_M);
                let line_m = points.iter().map(|place| [place.x, place.y]).collect();
                Some(Street { name: item.fields.text(Field::Name).unwrap_or_default(), width_m, line_m })
            })
            .collect();
        if !streets.is_empty() {
            self.network.set_backdrop(Backdrop { streets, ..Backdrop::default() });
        }
    }

    fn buildings(&mut self, consumers: &BTreeMap<usize, String>) {
        let mut names = Names::default();
        for &at in &self.draft.buildings {
            let item = &self.items[at];
            let fields = &item.fields;
            let storeys = fields.whole(Field::Storeys).and_then(|count| u16::try_from(count).ok());
            let outline: &[Place] = match &item.shape {
                Shape::Outline(points) | Shape::Line(points) => points,
                Shape::Point(point) => std::slice::from_ref(point),
            };
            // The consumer named, else the one inside.
            let named = fields.text(Field::Consumer).filter(|id| consumers.values().any(|known| known == id));
            let inside = || {
                consumers
                    .iter()
                    .find(|(consumer, _)| places::holds(outline, self.items[**consumer].position()))
                    .map(|(_, id)| id.clone())
            };
            let height = fields.metres(Field::Height).filter(|height| *height > 0.0);
            let building = Building {
                name: elements::name(fields, &item.id),
                footprint_m: outline.iter().map(|place| [place.x, place.y]).collect(),
                height_m: height.unwrap_or_else(|| storeys.map_or(BUILDING_M, |count| f64::from(count) * STOREY_M)),
                z_m: fields.metres(Field::Elevation).or(outline[0].z).unwrap_or(0.0),
                consumer: named.or_else(inside).map(Name::from),
                heated_area_m2: fields.square_metres(Field::Area),
                storeys,
                year_built: fields.whole(Field::YearBuilt).and_then(|year| u16::try_from(year).ok()),
                households: fields.whole(Field::Households),
                people: fields.whole(Field::People),
                priority: elements::priority(
                    &fields.text(Field::Priority).or_else(|| fields.text(Field::Name)).unwrap_or_default(),
                ),
                attributes: fields.other.clone(),
                ..Building::default()
            };
            let inserted = self.network.insert_building(names.free(&item.id), building);
            debug_assert!(inserted.is_ok(), "{inserted:?}");
        }
    }
}

/// Bends with elevations: their own, else straight between the two ends.
fn route(from: Place, bends: &[Place], to: Place) -> Vec<[f64; 3]> {
    let (from_z, to_z) = (from.z.unwrap_or(0.0), to.z.unwrap_or(0.0));
    let count = bends.len() as f64 + 1.0;
    bends
        .iter()
        .enumerate()
        .map(|(order, place)| {
            let share = (order as f64 + 1.0) / count;
            [place.x, place.y, place.z.unwrap_or(from_z + share * (to_z - from_z))]
        })
        .collect()
}
