//! JUNCTIONS, RESERVOIRS, TANKS, DEMANDS, EMITTERS, COORDINATES and the node part of TAGS.

use super::model::{Index, Model, Reader, finite};
use super::scan::{Line, Scanned, Section, starts};

/// What a node is, in the units of the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum NodeKind {
    Junction,
    /// Head at hour 0, its pattern applied.
    Reservoir {
        head: f64,
    },
    Tank {
        level: f64,
        minimum: f64,
        maximum: f64,
        diameter: f64,
        has_volume_curve: bool,
    },
}

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct NodeData<'a> {
    pub(super) id: &'a str,
    pub(super) kind: NodeKind,
    pub(super) elevation: f64,
    /// Sum over all categories at hour 0.
    pub(super) demand: f64,
    pub(super) position: Option<[f64; 2]>,
    pub(super) has_emitter: bool,
    pub(super) tag: Option<&'a str>,
}

pub(super) fn read<'a>(model: &mut Model<'a>, scanned: &Scanned<'a>, reader: &mut Reader<'_>) -> Index<'a> {
    let mut index = Index::default();
    let mut bases = Vec::new();
    for line in scanned.lines(Section::Junctions) {
        let elevation = if line.words.len() > 1 { reader.number(line, 1, "elevation") } else { Some(0.0) };
        let base = if line.words.len() > 2 { reader.number(line, 2, "demand") } else { Some(0.0) };
        let pattern = line.words.get(3).copied().filter(|id| known_pattern(model, line, id, reader));
        let node = NodeData { elevation: elevation.unwrap_or(0.0), ..node(line.words[0], NodeKind::Junction) };
        if index.add(reader, line, line.words[0], model.nodes.len()) {
            model.nodes.push(node);
            bases.push(Categories { replaceable: true, list: vec![(base.unwrap_or(0.0), pattern)] });
        }
    }
    for section in [Section::Reservoirs, Section::Tanks] {
        for line in scanned.lines(section) {
            if let Some(node) = fixed_grade(model, line, reader)
                && index.add(reader, line, line.words[0], model.nodes.len())
            {
                model.nodes.push(node);
            }
        }
    }
    demands(model, &index, &mut bases, scanned, reader);
    for (position, categories) in bases.iter().enumerate() {
        let sum: f64 = categories.list.iter().map(|(base, pattern)| base * model.factor(*pattern)).sum();
        model.nodes[position].demand = sum * model.options.demand_multiplier;
    }
    for line in scanned.lines(Section::Emitters) {
        let Some(at) = find(&index, line, 0, reader) else { continue };
        if let Some(coefficient) = reader.not_negative(line, 1, "coefficient") {
            model.nodes[at].has_emitter = coefficient > 0.0;
        }
    }
    // EPANET passes over coordinates and tags it cannot use.
    for line in scanned.lines(Section::Coordinates) {
        let number = |at: usize| line.words.get(at).and_then(|word| finite(word));
        if let (Some(at), Some(x), Some(y)) = (index.find(line.words[0]), number(1), number(2)) {
            model.nodes[at].position = Some([x, y]);
        }
    }
    for line in scanned.lines(Section::Tags) {
        if line.words.len() > 2
            && starts(line.words[0], "NODE")
            && let Some(at) = index.find(line.words[1])
        {
            model.nodes[at].tag = Some(line.words[2]);
        }
    }
    index
}

fn node(id: &str, kind: NodeKind) -> NodeData<'_> {
    NodeData { id, kind, elevation: 0.0, demand: 0.0, position: None, has_emitter: false, tag: None }
}

/// Demand categories of a junction. The first line of DEMANDS takes the place of what JUNCTIONS said.
struct Categories<'a> {
    replaceable: bool,
    list: Vec<(f64, Option<&'a str>)>,
}

fn demands<'a>(
    model: &Model<'a>,
    index: &Index<'a>,
    bases: &mut [Categories<'a>],
    scanned: &Scanned<'a>,
    reader: &mut Reader<'_>,
) {
    for line in scanned.lines(Section::Demands) {
        if line.words.len() < 2 {
            reader.too_short(line, "junction demand");
            continue;
        }
        let Some(at) = find(index, line, 0, reader) else { continue };
        let base = reader.number(line, 1, "demand");
        let pattern = line.words.get(2).copied().filter(|id| known_pattern(model, line, id, reader));
        // Demands at tanks and reservoirs mean nothing, as in EPANET.
        if let (Some(categories), Some(base)) = (bases.get_mut(at), base) {
            if categories.replaceable {
                categories.list.clear();
                categories.replaceable = false;
            }
            categories.list.push((base, pattern));
        }
    }
}

/// A reservoir or a tank: EPANET tells them by the number of words, then by the diameter.
fn fixed_grade<'a>(model: &Model<'a>, line: &Line<'a>, reader: &mut Reader<'_>) -> Option<NodeData<'a>> {
    if line.words.len() < 2 {
        reader.too_short(line, "id elevation …");
        return None;
    }
    let elevation = reader.number(line, 1, "elevation")?;
    if line.words.len() <= 3 {
        let pattern = line.words.get(2).copied().filter(|id| known_pattern(model, line, id, reader));
        let factor = pattern.map_or(1.0, |id| model.factor(Some(id)));
        return Some(NodeData { elevation, ..node(line.words[0], NodeKind::Reservoir { head: elevation * factor }) });
    }
    if line.words.len() < 6 {
        reader.too_short(line, "id elevation level minimum-level maximum-level diameter");
        return None;
    }
    let level = reader.not_negative(line, 2, "initial level")?;
    let minimum = reader.not_negative(line, 3, "minimum level")?;
    let maximum = reader.not_negative(line, 4, "maximum level")?;
    let mut diameter = reader.not_negative(line, 5, "diameter")?;
    let curve = line.words.get(7).copied().filter(|id| !id.is_empty() && !id.starts_with('*'));
    if let Some(id) = curve {
        match model.curves.get(id).map(Vec::as_slice) {
            // Nominal diameter as EPANET takes it: mean area between the first and the last point.
            Some([first, .., last]) if last[0] > first[0] && last[1] > first[1] => {
                diameter = (4.0 * (last[1] - first[1]) / (last[0] - first[0]) / std::f64::consts::PI).sqrt();
                if !diameter.is_finite() {
                    reader.bad_word(line, "volume curve", id, "volumes and levels of a tank that can be built");
                    return None;
                }
            }
            Some(_) => {
                reader.bad_word(line, "volume curve", id, "a curve of two points or more, both columns rising");
                return None;
            }
            None => {
                reader.unknown(line, "volume curve", id, "CURVES");
                return None;
            }
        }
    }
    let kind = if diameter == 0.0 {
        NodeKind::Reservoir { head: elevation + level }
    } else {
        NodeKind::Tank { level, minimum, maximum, diameter, has_volume_curve: curve.is_some() }
    };
    Some(NodeData { elevation, ..node(line.words[0], kind) })
}

/// Whether a pattern exists; a problem where it does not.
fn known_pattern(model: &Model<'_>, line: &Line<'_>, id: &str, reader: &mut Reader<'_>) -> bool {
    if id.is_empty() || id == "*" {
        return false;
    }
    let known = model.patterns.contains_key(id);
    if !known {
        reader.unknown(line, "pattern", id, "PATTERNS");
    }
    known
}

/// Index of the node named at a place of the line.
pub(super) fn find(index: &Index<'_>, line: &Line<'_>, at: usize, reader: &mut Reader<'_>) -> Option<usize> {
    let id = line.words.get(at).copied().unwrap_or("");
    let found = index.find(id);
    if found.is_none() {
        reader.unknown(line, "node", id, "JUNCTIONS, RESERVOIRS, TANKS");
    }
    found
}
