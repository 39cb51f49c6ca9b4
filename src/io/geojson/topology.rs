//! From drawn lines and points to nodes and pieces: who meets whom.
//!
//! Ends and point symbols closer than the tolerance become one node (union–find over an R-tree, so that neither the
//! order of features nor the direction of digitising matters). A node that lies on the course of another line divides
//! it there. Lines that merely cross stay apart: in a street that is one pipe under another. Pieces that shrink to
//! nothing go, and of pieces drawn twice one stays. Supply and return are different layers and never meet.
//! Not here: what lines and points are.

use std::collections::BTreeMap;

use rstar::RTree;
use rstar::primitives::{GeomWithData, Line as RLine};

use super::read::Place;
use crate::network::sets::Sets;

/// A drawn line.
#[derive(Clone, Debug)]
pub(super) struct LineIn {
    pub(super) points: Vec<Place>,
    pub(super) layer: u8,
    /// Of several lines drawn at the same place, the one with the lowest number stays.
    pub(super) preference: usize,
}

/// A point symbol on the pipes.
#[derive(Clone, Copy, Debug)]
pub(super) struct PointIn {
    pub(super) at: Place,
    /// `None`: that of the nearest line.
    pub(super) layer: Option<u8>,
}

/// Where pieces meet.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Junction {
    pub(super) at: Place,
    pub(super) layer: u8,
    /// Point symbols here, by index.
    pub(super) points: Vec<usize>,
    /// Largest distance between two ends or symbols that were joined here.
    pub(super) gap_m: f64,
}

/// A part of a line between two junctions.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Piece {
    pub(super) line: usize,
    pub(super) from: usize,
    pub(super) to: usize,
    /// Bends between the two.
    pub(super) route: Vec<Place>,
    pub(super) length_m: f64,
    /// Part of the whole line, 0…1.
    pub(super) share: f64,
    /// The place half way.
    pub(super) middle: Place,
}

/// What happened on the way.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Event {
    /// Divided where another line or a symbol touches it, into so many pieces.
    Divided { line: usize, pieces: usize },
    /// Too short to be a pipe.
    Vanished { line: usize },
    /// Drawn twice; the other one stayed.
    Duplicate { line: usize, kept: usize },
    /// A symbol beside the pipes, joined to the nearest node.
    Reached { point: usize, distance_m: f64 },
    /// A symbol too far from every pipe.
    Lost { point: usize },
}

/// The result.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Topology {
    /// Sorted by layer, x and y.
    pub(super) junctions: Vec<Junction>,
    pub(super) pieces: Vec<Piece>,
    pub(super) events: Vec<Event>,
}

/// Symbols may stand this many tolerances beside the pipe they belong to.
pub(super) const REACH: f64 = 10.0;
/// Rounds of joining; each one removes a node, real maps need two or three.
const ROUNDS: usize = 20;

type Point = GeomWithData<[f64; 2], usize>;
type Segment = GeomWithData<RLine<[f64; 2]>, (usize, usize)>;

/// Lengths from the start of a line to each of its points.
fn course(points: &[Place]) -> Vec<f64> {
    let mut sum = 0.0;
    let mut out = vec![0.0];
    for pair in points.windows(2) {
        sum += pair[0].distance(pair[1]);
        out.push(sum);
    }
    out
}

struct Work<'a> {
    lines: &'a [LineIn],
    points: &'a [PointIn],
    tolerance_m: f64,
    courses: Vec<Vec<f64>>,
    segments: RTree<Segment>,
    /// Place and layer of both ends of every line, then of every symbol.
    ends: Vec<(Place, u8)>,
    union: Sets,
}

/// Finds nodes and pieces.
pub(super) fn build(lines: &[LineIn], points: &[PointIn], tolerance_m: f64) -> Topology {
    let segments = lines.iter().enumerate().flat_map(|(line, data)| {
        data.points
            .windows(2)
            .enumerate()
            .map(move |(at, pair)| Segment::new(RLine::new([pair[0].x, pair[0].y], [pair[1].x, pair[1].y]), (line, at)))
    });
    let segments = RTree::bulk_load(segments.collect());
    let mut ends: Vec<(Place, u8)> = Vec::with_capacity(2 * lines.len() + points.len());
    for line in lines {
        ends.extend([line.points[0], line.points[line.points.len() - 1]].map(|place| (place, line.layer)));
    }
    ends.extend(points.iter().map(|point| {
        let layer = point.layer.or_else(|| nearest_layer(point.at, lines, &segments, REACH * tolerance_m));
        (point.at, layer.unwrap_or(u8::MAX))
    }));
    let union = Sets::new(ends.len());
    let courses = lines.iter().map(|line| course(&line.points)).collect();
    let mut work = Work { lines, points, tolerance_m, courses, segments, ends, union };
    work.join_ends();
    let mut splits = work.touches();
    for _ in 0..ROUNDS {
        match splits {
            Ok(_) => break,
            Err(()) => splits = work.touches(),
        }
    }
    work.finish(splits.unwrap_or_default())
}

/// Layer of the nearest line within reach; the lower layer where two are equally near.
fn nearest_layer(at: Place, lines: &[LineIn], segments: &RTree<Segment>, reach_m: f64) -> Option<u8> {
    segments
        .locate_within_distance([at.x, at.y], reach_m * reach_m)
        .map(|segment| {
            let (line, index) = segment.data;
            (project(at, &lines[line].points, index).1, lines[line].layer)
        })
        .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
        .map(|(_, layer)| layer)
}

/// (share of the segment, distance) of the nearest place on it.
fn project(at: Place, points: &[Place], segment: usize) -> (f64, f64) {
    let (a, b) = (points[segment], points[segment + 1]);
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let square = dx * dx + dy * dy;
    let share = if square > 0.0 { (((at.x - a.x) * dx + (at.y - a.y) * dy) / square).clamp(0.0, 1.0) } else { 0.0 };
    (share, (a.x + share * dx - at.x).hypot(a.y + share * dy - at.y))
}

/// Nodes of lines by the place along them: (length from the start, root of the node), rising.
type Splits = Vec<Vec<(f64, usize)>>;

impl Work<'_> {
    fn join_ends(&mut self) {
        let tree: RTree<Point> = RTree::bulk_load(
            self.ends.iter().enumerate().map(|(at, (place, _))| Point::new([place.x, place.y], at)).collect(),
        );
        for at in 0..self.ends.len() {
            let (place, layer) = self.ends[at];
            for near in tree.locate_within_distance([place.x, place.y], self.tolerance_m * self.tolerance_m) {
                if self.ends[near.data].1 == layer {
                    self.union.join_under_least(at as u32, near.data as u32);
                }
            }
        }
    }

    fn root(&mut self, end: usize) -> usize {
        self.union.of(end as u32) as usize
    }

    /// Members of every node by its root.
    fn nodes(&mut self) -> BTreeMap<usize, Vec<usize>> {
        let mut nodes: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for at in 0..self.ends.len() {
            nodes.entry(self.root(at)).or_default().push(at);
        }
        nodes
    }

    /// Where a node lies: in the middle of its symbols, else of its ends, however they are ordered.
    fn middle(&self, members: &[usize]) -> Place {
        let first_symbol = 2 * self.lines.len();
        let symbols = members.iter().any(|at| *at >= first_symbol);
        let mut places: Vec<Place> =
            members.iter().filter(|at| !symbols || **at >= first_symbol).map(|at| self.ends[*at].0).collect();
        places.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        Place {
            x: mean(&places.iter().map(|place| place.x).collect::<Vec<_>>()),
            y: mean(&places.iter().map(|place| place.y).collect::<Vec<_>>()),
            z: mean_rising(members.iter().filter_map(|at| self.ends[*at].0.z).collect()),
        }
    }

    /// Elevations of lines where nodes lie on their course, by node.
    fn heights(&self, splits: &Splits) -> BTreeMap<usize, Vec<f64>> {
        let mut heights: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        for (line, split) in splits.iter().enumerate() {
            for (length, root) in split {
                let place = along(&self.lines[line].points, &self.courses[line], *length);
                heights.entry(*root).or_default().extend(place.z);
            }
        }
        heights
    }

    /// Largest distance between two members of a node.
    fn gap_m(&self, members: &[usize]) -> f64 {
        // Beyond a few members the circle around the middle says as much.
        if members.len() > 16 {
            let middle = self.middle(members);
            return 2.0 * members.iter().map(|at| self.ends[*at].0.distance(middle)).fold(0.0, f64::max);
        }
        let pairs = members.iter().flat_map(|a| members.iter().map(move |b| (a, b)));
        pairs.map(|(a, b)| self.ends[*a].0.distance(self.ends[*b].0)).fold(0.0, f64::max)
    }

    /// Nodes that lie on the course of lines. `Err` where that joined nodes, so that all must be looked at again.
    fn touches(&mut self) -> Result<Splits, ()> {
        let mut splits: Splits = vec![Vec::new(); self.lines.len()];
        let mut joins = Vec::new();
        for (root, members) in self.nodes() {
            let at = self.middle(&members);
            let layer = self.ends[root].1;
            let mut best: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
            let reach = self.tolerance_m * self.tolerance_m;
            for segment in self.segments.locate_within_distance([at.x, at.y], reach) {
                let (line, index) = segment.data;
                if self.lines[line].layer != layer {
                    continue;
                }
                let course = &self.courses[line];
                let (share, distance) = project(at, &self.lines[line].points, index);
                let length = course[index] + share * (course[index + 1] - course[index]);
                let total = course[course.len() - 1];
                let is_end = |end: usize| members.contains(&(2 * line + end));
                // A line touches itself only at some distance from its own end.
                let near_own_end = (is_end(0) && length <= 2.0 * self.tolerance_m)
                    || (is_end(1) && total - length <= 2.0 * self.tolerance_m);
                let nearest = best.get(&line).is_none_or(|(known, _)| distance < *known);
                if !near_own_end && nearest {
                    best.insert(line, (distance, length));
                }
            }
            for (line, (_, length)) in best {
                let course = &self.courses[line];
                let total = course[course.len() - 1];
                if length <= self.tolerance_m {
                    joins.push((root, 2 * line));
                } else if total - length <= self.tolerance_m {
                    joins.push((root, 2 * line + 1));
                } else {
                    splits[line].push((length, root));
                }
            }
        }
        for split in &mut splits {
            split.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            // Two nodes that touch a line at the same place are one.
            for pair in split.windows(2) {
                if pair[1].0 - pair[0].0 <= self.tolerance_m {
                    joins.push((pair[0].1, pair[1].1));
                }
            }
        }
        let mut joined = false;
        for (a, b) in joins {
            joined |= self.union.join_under_least(a as u32, b as u32);
        }
        if joined { Err(()) } else { Ok(splits) }
    }

    fn finish(mut self, splits: Splits) -> Topology {
        let nodes = self.nodes();
        let first_symbol = 2 * self.lines.len();
        let mut events = Vec::new();
        let on_line: std::collections::BTreeSet<usize> = splits.iter().flatten().map(|(_, root)| *root).collect();
        let heights = self.heights(&splits);
        let mut junctions: Vec<(Junction, usize)> = Vec::new();
        let mut beside: Vec<usize> = Vec::new();
        for (root, members) in &nodes {
            if members.iter().all(|at| *at >= first_symbol) && !on_line.contains(root) {
                beside.extend(members.iter().map(|at| at - first_symbol));
                continue;
            }
            let mut at = self.middle(members);
            at.z = at.z.or_else(|| mean_rising(heights.get(root).cloned().unwrap_or_default()));
            let gap_m = self.gap_m(members);
            let points = members.iter().filter(|at| **at >= first_symbol).map(|at| at - first_symbol).collect();
            junctions.push((Junction { at, layer: self.ends[*root].1, points, gap_m }, *root));
        }
        junctions.sort_by(|(a, _), (b, _)| {
            a.layer.cmp(&b.layer).then(a.at.x.total_cmp(&b.at.x)).then(a.at.y.total_cmp(&b.at.y))
        });
        let index: BTreeMap<usize, usize> = junctions.iter().enumerate().map(|(at, (_, root))| (*root, at)).collect();
        let mut junctions: Vec<Junction> = junctions.into_iter().map(|(junction, _)| junction).collect();
        let mut pieces = Vec::new();
        for (line, split) in splits.iter().enumerate() {
            self.pieces_of(line, split, &index, &mut pieces, &mut events);
        }
        let pieces = without_duplicates(pieces, self.lines, self.tolerance_m, &mut events);
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        pieces.iter().for_each(|piece| *counts.entry(piece.line).or_default() += 1);
        let divided = counts.into_iter().filter(|(_, pieces)| *pieces > 1);
        events.extend(divided.map(|(line, pieces)| Event::Divided { line, pieces }));
        for point in beside {
            match self.nearest(point, &junctions) {
                Some((at, distance_m)) => {
                    junctions[at].points.push(point);
                    events.push(Event::Reached { point, distance_m });
                }
                None => events.push(Event::Lost { point }),
            }
        }
        junctions.iter_mut().for_each(|junction| junction.points.sort_unstable());
        Topology { junctions, pieces, events }
    }

    /// The junction a symbol beside the pipes belongs to.
    fn nearest(&self, point: usize, junctions: &[Junction]) -> Option<(usize, f64)> {
        let (at, layer) = (self.points[point].at, self.ends[2 * self.lines.len() + point].1);
        junctions
            .iter()
            .enumerate()
            .filter(|(_, junction)| junction.layer == layer)
            .map(|(index, junction)| (index, junction.at.distance(at)))
            .filter(|(_, distance)| *distance <= REACH * self.tolerance_m)
            .min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)))
    }

    fn pieces_of(
        &mut self,
        line: usize,
        split: &[(f64, usize)],
        index: &BTreeMap<usize, usize>,
        pieces: &mut Vec<Piece>,
        events: &mut Vec<Event>,
    ) {
        let [first, last] = [self.root(2 * line), self.root(2 * line + 1)];
        let course = &self.courses[line];
        let total = course[course.len() - 1];
        let mut stops = vec![(0.0, first)];
        stops.extend_from_slice(split);
        stops.push((total, last));
        let before = pieces.len();
        for pair in stops.windows(2) {
            let ((start, from), (end, to)) = (pair[0], pair[1]);
            let (Some(&from), Some(&to)) = (index.get(&from), index.get(&to)) else { continue };
            let length_m = end - start;
            if from == to && length_m <= 2.0 * self.tolerance_m {
                continue;
            }
            let route = (0..course.len())
                .filter(|at| course[*at] > start + 1e-9 && course[*at] < end - 1e-9)
                .map(|at| self.lines[line].points[at])
                .collect();
            let share = if total > 0.0 { length_m / total } else { 1.0 };
            let middle = along(&self.lines[line].points, course, 0.5 * (start + end));
            pieces.push(Piece { line, from, to, route, length_m, share, middle });
        }
        if pieces.len() == before {
            events.push(Event::Vanished { line });
        }
    }
}

/// Of pieces between the same nodes with the same length and course, the one of the preferred line.
fn without_duplicates(
    mut pieces: Vec<Piece>,
    lines: &[LineIn],
    tolerance_m: f64,
    events: &mut Vec<Event>,
) -> Vec<Piece> {
    let mut groups: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for (at, piece) in pieces.iter().enumerate() {
        groups.entry((piece.from.min(piece.to), piece.from.max(piece.to))).or_default().push(at);
    }
    let mut gone = vec![false; pieces.len()];
    let near = |a: f64, b: f64| (a - b).abs() <= (2.0 * tolerance_m).max(0.01 * a.min(b));
    for group in groups.values_mut() {
        group.sort_by_key(|at| (lines[pieces[*at].line].preference, *at));
        for (order, &later) in group.iter().enumerate() {
            let twin = group[..order].iter().find(|&&kept| {
                !gone[kept]
                    && near(pieces[kept].length_m, pieces[later].length_m)
                    && pieces[kept].middle.distance(pieces[later].middle) <= 2.0 * tolerance_m
            });
            if let Some(&kept) = twin {
                gone[later] = true;
                let event = Event::Duplicate { line: pieces[later].line, kept: pieces[kept].line };
                if !events.contains(&event) {
                    events.push(event);
                }
            }
        }
    }
    let mut gone = gone.into_iter();
    pieces.retain(|_| !gone.next().unwrap_or(false));
    pieces
}

/// Mean of numbers in any order, the same to the last bit.
fn mean_rising(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The place at some length along a line.
fn along(points: &[Place], course: &[f64], length_m: f64) -> Place {
    let at = course.partition_point(|known| *known < length_m).clamp(1, points.len() - 1);
    let (a, b) = (points[at - 1], points[at]);
    let width = course[at] - course[at - 1];
    let share = if width > 0.0 { (length_m - course[at - 1]) / width } else { 0.0 };
    Place {
        x: a.x + share * (b.x - a.x),
        y: a.y + share * (b.y - a.y),
        z: a.z.zip(b.z).map(|(a, b)| a + share * (b - a)),
    }
}
