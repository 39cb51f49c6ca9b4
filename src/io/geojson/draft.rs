//! The map as nodes and links on one plane, before it becomes a network: pipes with their data, valves and pumps put
//! into them, sources and consumers at their nodes.
//!
//! A valve is a point on the map but a link in a network: its node is divided, and one of the pipes there moves to the
//! new half. Which pipe, and which way a pump works, follows from place, diameter and distance to the sources, never
//! from the order of features or the direction of digitising.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::elements;
use super::fields::Field;
use super::kinds::{self, Role};
use super::read::{Item, Layer, Place, Shape};
use super::report::Report;
use super::topology::{self, Event, LineIn, PointIn, Topology};
use super::{ImportOptions, Mirror};
use crate::network::{ElementKind, Pipe, Pump, Side, Valve};

/// A node on the plane.
#[derive(Clone, Debug)]
pub(super) struct DraftNode {
    pub(super) at: Place,
    pub(super) side: Side,
    /// The item that stands for it.
    pub(super) item: Option<usize>,
}

/// A link on the plane.
#[derive(Clone, Debug)]
pub(super) struct DraftLink {
    pub(super) id: String,
    pub(super) item: usize,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) kind: DraftKind,
    pub(super) route: Vec<Place>,
    middle: Place,
}

#[derive(Clone, Debug)]
pub(super) enum DraftKind {
    Pipe(Pipe),
    Valve(Valve),
    Pump(Pump),
}

/// A source or consumer and its node on each side; a single node where the map draws one line.
#[derive(Clone, Debug)]
pub(super) struct Terminal {
    pub(super) item: usize,
    pub(super) source: bool,
    pub(super) supply: usize,
    pub(super) returns: Option<usize>,
}

/// Everything that will be in the network.
pub(super) struct Draft {
    pub(super) mirror: bool,
    pub(super) nodes: Vec<DraftNode>,
    pub(super) links: Vec<DraftLink>,
    pub(super) terminals: Vec<Terminal>,
    pub(super) chambers: Vec<usize>,
    pub(super) buildings: Vec<usize>,
    pub(super) streets: Vec<usize>,
    /// What each feature became.
    pub(super) kinds: BTreeMap<String, ElementKind>,
    /// Links at each node.
    pub(super) incident: Vec<Vec<usize>>,
    /// Nodes with a source or consumer.
    served: BTreeSet<usize>,
}

/// A divided node's halves are drawn this far apart.
pub(super) const VALVE_LENGTH_M: f64 = 0.5;
/// Lengths in columns and on the map may differ by this share before somebody should look.
const LENGTH_SHARE: f64 = 0.2;

fn layer_of(side: Side) -> u8 {
    match side {
        Side::Supply => 0,
        Side::Return => 1,
        Side::Single => 2,
    }
}

impl Draft {
    pub(super) fn new(layer: &Layer, options: &ImportOptions, report: &mut Report) -> Draft {
        let items = &layer.items;
        let (mut lines, mut symbols, mut chambers, mut buildings) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut streets = Vec::new();
        let mut roles = BTreeMap::new();
        let mut kinds = BTreeMap::new();
        for (at, item) in items.iter().enumerate() {
            if kinds::shut(&item.fields).is_none() {
                report.refused(&item.id, "gis-note-abandoned", &[]);
                continue;
            }
            match &item.shape {
                Shape::Line(_) => match kinds::line_role(&item.fields) {
                    None => lines.push(at),
                    Some(Role::Street) => {
                        streets.push(at);
                        continue;
                    }
                    Some(role) => {
                        roles.insert(at, role);
                        symbols.push(at);
                    }
                },
                Shape::Outline(_) => buildings.push(at),
                Shape::Point(_) => {
                    let (role, guessed) = kinds::role(&item.fields);
                    if guessed {
                        report.guessed(&item.id, "gis-note-role", &[("role", format!("{role:?}").to_lowercase())]);
                    }
                    roles.insert(at, role);
                    match role {
                        Role::Chamber => chambers.push(at),
                        Role::Building => buildings.push(at),
                        _ => symbols.push(at),
                    }
                }
            }
            let kind = match (&item.shape, roles.get(&at)) {
                (Shape::Line(_), None) => ElementKind::Pipe,
                (Shape::Outline(_), _) | (_, Some(Role::Building)) => ElementKind::Building,
                (_, Some(Role::Chamber)) => ElementKind::Chamber,
                (_, Some(Role::Valve)) => ElementKind::Valve,
                (_, Some(Role::Pump)) => ElementKind::Pump,
                (_, Some(Role::Source)) => ElementKind::Source,
                (_, Some(Role::Consumer)) => ElementKind::Consumer,
                _ => ElementKind::Node,
            };
            kinds.insert(item.id.clone(), kind);
        }
        let sides: Vec<Option<Side>> = lines.iter().map(|at| kinds::side(&items[*at].fields)).collect();
        let any_side = sides.iter().any(Option::is_some);
        let mirror = match options.mirror {
            Mirror::Auto => !any_side,
            Mirror::Always => true,
            Mirror::Never => false,
        };
        let line_sides: Vec<Side> = sides
            .iter()
            .zip(&lines)
            .map(|(side, at)| match side {
                _ if mirror => Side::Supply,
                Some(side) => *side,
                None if any_side => {
                    report.guessed(&items[*at].id, "gis-note-no-side", &[]);
                    Side::Supply
                }
                None => Side::Single,
            })
            .collect();
        let two_sided = any_side && !mirror;
        // On a map of both pipes a source or consumer stands beside two nodes and belongs to neither.
        let is_terminal = |at: &usize| matches!(roles[at], Role::Source | Role::Consumer);
        let (beside, on_pipes): (Vec<usize>, Vec<usize>) = symbols.iter().partition(|at| two_sided && is_terminal(at));
        let topology = Self::topology(items, &lines, &line_sides, &on_pipes, mirror, options.snap_tolerance_m);
        report_events(&topology, items, &lines, &on_pipes, options, report);
        let mut draft = Draft {
            mirror,
            nodes: Vec::new(),
            links: Vec::new(),
            terminals: Vec::new(),
            chambers,
            buildings,
            streets,
            kinds,
            incident: Vec::new(),
            served: BTreeSet::new(),
        };
        draft.place_nodes(&topology, items, &on_pipes, &roles);
        draft.lay_pipes(&topology, items, &lines, report);
        draft.place_terminals(&topology, items, &on_pipes, &beside, &roles, options.snap_tolerance_m, report);
        for (node, junction) in topology.junctions.iter().enumerate() {
            let mut inline: Vec<usize> = junction
                .points
                .iter()
                .map(|point| on_pipes[*point])
                .filter(|at| matches!(roles[at], Role::Valve | Role::Pump))
                .collect();
            inline.sort_by(|a, b| compare_places(items[*a].position(), items[*b].position()));
            for item in inline {
                draft.divide(node, item, items, roles[&item] == Role::Pump, report);
            }
        }
        draft.fill_elevations(report);
        draft.direct(items, report);
        draft
    }

    fn topology(
        items: &[Item],
        lines: &[usize],
        sides: &[Side],
        symbols: &[usize],
        mirror: bool,
        tolerance_m: f64,
    ) -> Topology {
        let lines_in: Vec<LineIn> = lines
            .iter()
            .zip(sides)
            .zip(preferences(items, lines))
            .filter_map(|((at, side), preference)| {
                let Shape::Line(points) = &items[*at].shape else { return None };
                Some(LineIn { points: points.clone(), layer: layer_of(*side), preference })
            })
            .collect();
        let points_in: Vec<PointIn> = symbols
            .iter()
            .map(|at| {
                let side = kinds::side(&items[*at].fields).filter(|_| !mirror);
                PointIn { at: items[*at].position(), layer: side.map(layer_of) }
            })
            .collect();
        topology::build(&lines_in, &points_in, tolerance_m)
    }

    /// Pipes of the draft.
    pub(super) fn pipes(&self) -> impl Iterator<Item = (&DraftLink, &Pipe)> {
        self.links.iter().filter_map(|link| match &link.kind {
            DraftKind::Pipe(pipe) => Some((link, pipe)),
            _ => None,
        })
    }

    fn place_nodes(&mut self, topology: &Topology, items: &[Item], symbols: &[usize], roles: &BTreeMap<usize, Role>) {
        for junction in &topology.junctions {
            let here: Vec<usize> = junction.points.iter().map(|point| symbols[*point]).collect();
            // The lowest id stands for the node where several symbols do.
            let item = here
                .iter()
                .copied()
                .filter(|at| roles[at] == Role::Node)
                .min_by(|a, b| items[*a].id.cmp(&items[*b].id));
            let elevation = || {
                let mut known: Vec<f64> =
                    here.iter().filter_map(|at| items[*at].fields.metres(Field::Elevation)).collect();
                known.sort_by(f64::total_cmp);
                known.first().copied()
            };
            let z = item.and_then(|at| items[at].fields.metres(Field::Elevation)).or(junction.at.z).or_else(elevation);
            let side = match junction.layer {
                0 => Side::Supply,
                1 => Side::Return,
                _ => Side::Single,
            };
            self.nodes.push(DraftNode { at: Place { z, ..junction.at }, side, item });
            self.incident.push(Vec::new());
        }
    }

    fn add_link(&mut self, link: DraftLink) {
        self.incident[link.from].push(self.links.len());
        if link.to != link.from {
            self.incident[link.to].push(self.links.len());
        }
        self.links.push(link);
    }

    fn lay_pipes(&mut self, topology: &Topology, items: &[Item], lines: &[usize], report: &mut Report) {
        let bores = self.bores(topology, items, lines, report);
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        for piece in &topology.pieces {
            *counts.entry(piece.line).or_default() += 1;
        }
        let mut orders: BTreeMap<usize, usize> = BTreeMap::new();
        let mut compared = BTreeSet::new();
        for (piece, bore) in topology.pieces.iter().zip(bores) {
            let item = &items[lines[piece.line]];
            let order = orders.entry(piece.line).or_default();
            *order += 1;
            let id = if counts[&piece.line] > 1 { format!("{}/{order}", item.id) } else { item.id.clone() };
            let drawn_m = piece.length_m / piece.share.max(f64::MIN_POSITIVE);
            let given_m = item.fields.metres(Field::Length).filter(|length| *length > 0.0);
            if let Some(given_m) = given_m
                && (given_m - drawn_m).abs() > LENGTH_SHARE * given_m.max(drawn_m)
                && compared.insert(piece.line)
            {
                let arguments = [("given", format!("{given_m:.1}")), ("drawn", format!("{drawn_m:.1}"))];
                report.guessed(&item.id, "gis-note-length", &arguments);
            }
            let mut pipe = elements::pipe(&item.fields, bore);
            pipe.length_m = given_m.unwrap_or(drawn_m) * piece.share;
            self.add_link(DraftLink {
                id,
                item: lines[piece.line],
                from: piece.from,
                to: piece.to,
                kind: DraftKind::Pipe(pipe),
                route: piece.route.clone(),
                middle: piece.middle,
            });
        }
    }

    fn place_terminals(
        &mut self,
        topology: &Topology,
        items: &[Item],
        symbols: &[usize],
        beside: &[usize],
        roles: &BTreeMap<usize, Role>,
        tolerance_m: f64,
        report: &mut Report,
    ) {
        for (node, junction) in topology.junctions.iter().enumerate() {
            for item in junction.points.iter().map(|point| symbols[*point]) {
                if matches!(roles[&item], Role::Source | Role::Consumer) {
                    let source = roles[&item] == Role::Source;
                    self.terminals.push(Terminal { item, source, supply: node, returns: None });
                }
            }
        }
        let reach_m = topology::REACH * tolerance_m;
        for &item in beside {
            let at = items[item].position();
            let nearest = |side: Side| {
                (0..self.nodes.len())
                    .filter(|node| self.nodes[*node].side == side)
                    .map(|node| (node, self.nodes[node].at.distance(at)))
                    .filter(|(_, distance)| *distance <= reach_m)
                    .min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)))
                    .map(|(node, _)| node)
            };
            match (nearest(Side::Supply), nearest(Side::Return)) {
                (Some(supply), Some(returns)) => {
                    let source = roles[&item] == Role::Source;
                    self.terminals.push(Terminal { item, source, supply, returns: Some(returns) });
                }
                _ => report.refused(&items[item].id, "gis-note-no-pipes-near", &[("reach", format!("{reach_m}"))]),
            }
        }
        self.terminals.sort_by(|a, b| compare_places(items[a.item].position(), items[b.item].position()));
        self.served =
            self.terminals.iter().flat_map(|terminal| [Some(terminal.supply), terminal.returns]).flatten().collect();
    }

    /// Puts a valve or pump into a node.
    fn divide(&mut self, node: usize, item: usize, items: &[Item], is_pump: bool, report: &mut Report) {
        let data = &items[item];
        let mut ends = self.incident[node].clone();
        ends.sort_by(|a, b| self.compare_branches(*a, *b));
        let named = data.fields.text(Field::Pipe);
        let named = named.and_then(|pipe| ends.iter().copied().find(|at| items[self.links[*at].item].id == pipe));
        let pipe_ends: Vec<usize> =
            ends.iter().copied().filter(|at| matches!(self.links[*at].kind, DraftKind::Pipe(_))).collect();
        let at_terminal = self.served.contains(&node);
        let chosen = match named {
            Some(at) => Some(at),
            // At the end of a line with nobody behind it there is nothing to move.
            None if ends.len() + usize::from(at_terminal) < 2 => None,
            None => pipe_ends.first().copied(),
        };
        if named.is_none() && ends.len() + usize::from(at_terminal) > 2 {
            let pipe = chosen.map(|at| self.links[at].id.clone()).unwrap_or_default();
            report.guessed(&data.id, "gis-note-valve-branch", &[("pipe", pipe)]);
        }
        let mut place = self.nodes[node].at;
        if let Some(at) = chosen {
            let middle = self.links[at].middle;
            let distance = place.distance(middle);
            if distance > 0.0 {
                let share = (VALVE_LENGTH_M / distance).min(0.5);
                (place.x, place.y) = (place.x + share * (middle.x - place.x), place.y + share * (middle.y - place.y));
            }
        }
        let half = self.nodes.len();
        self.nodes.push(DraftNode { at: place, side: self.nodes[node].side, item: None });
        self.incident.push(chosen.into_iter().collect());
        if let Some(at) = chosen {
            let link = &mut self.links[at];
            if link.from == node {
                link.from = half;
            } else {
                link.to = half;
            }
            self.incident[node].retain(|other| *other != at);
        } else {
            report.guessed(&data.id, "gis-note-valve-end", &[]);
        }
        let kind = if is_pump {
            DraftKind::Pump(elements::pump(&data.id, &data.fields, report))
        } else {
            let mut valve = elements::valve(&data.id, &data.fields, report);
            let bore = chosen.or(pipe_ends.first().copied()).and_then(|at| self.bore_m(at));
            valve.diameter_m = valve.diameter_m.or(bore);
            DraftKind::Valve(valve)
        };
        self.add_link(DraftLink {
            id: data.id.clone(),
            item,
            from: node,
            to: half,
            kind,
            route: Vec::new(),
            middle: place,
        });
    }

    fn bore_m(&self, link: usize) -> Option<f64> {
        match &self.links[link].kind {
            DraftKind::Pipe(pipe) => Some(pipe.inner_diameter_m),
            _ => None,
        }
    }

    /// Smaller pipes first, then by place.
    fn compare_branches(&self, a: usize, b: usize) -> Ordering {
        let bore = |at: usize| self.bore_m(at).unwrap_or(f64::INFINITY);
        bore(a).total_cmp(&bore(b)).then_with(|| compare_places(self.links[a].middle, self.links[b].middle))
    }
}

/// Rank of every line: more known columns first, then by id. Ids made from the place in the file say nothing; lines
/// that differ in nothing else are equal anyway.
fn preferences(items: &[Item], lines: &[usize]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (&items[lines[*a]], &items[lines[*b]]);
        b.fields.count().cmp(&a.fields.count()).then_with(|| a.id.cmp(&b.id))
    });
    let mut ranks = vec![0; lines.len()];
    order.into_iter().enumerate().for_each(|(rank, line)| ranks[line] = rank);
    ranks
}

fn compare_places(a: Place, b: Place) -> Ordering {
    a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y))
}

fn report_events(
    topology: &Topology,
    items: &[Item],
    lines: &[usize],
    symbols: &[usize],
    options: &ImportOptions,
    report: &mut Report,
) {
    let id = |line: usize| items[lines[line]].id.as_str();
    for event in &topology.events {
        match *event {
            Event::Divided { line, pieces } => {
                report.mended(id(line), "gis-note-divided", &[("pieces", pieces.to_string())]);
            }
            Event::Vanished { line } => report.mended(id(line), "gis-note-vanished", &[]),
            Event::Duplicate { line, kept } => {
                report.mended(id(line), "gis-note-duplicate", &[("kept", id(kept).to_owned())]);
            }
            Event::Reached { point, distance_m } => {
                let arguments = [("distance", format!("{distance_m:.2}"))];
                report.guessed(&items[symbols[point]].id, "gis-note-reached", &arguments);
            }
            Event::Lost { point } => {
                let reach = [("reach", format!("{}", topology::REACH * options.snap_tolerance_m))];
                report.refused(&items[symbols[point]].id, "gis-note-lost", &reach);
            }
        }
    }
    let mut at_node: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); topology.junctions.len()];
    for piece in &topology.pieces {
        at_node[piece.from].insert(id(piece.line));
        at_node[piece.to].insert(id(piece.line));
    }
    for (junction, ids) in topology.junctions.iter().zip(at_node) {
        // A millimetre is how exactly maps are written down, not a gap.
        if junction.gap_m > 1e-3 {
            let list = ids.iter().copied().collect::<Vec<_>>().join(", ");
            let first = ids.first().copied().unwrap_or("");
            report.mended(first, "gis-note-snapped", &[("gap", format!("{:.2}", junction.gap_m)), ("list", list)]);
        }
    }
}
