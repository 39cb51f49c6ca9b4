//! PIPES, PUMPS, VALVES, STATUS, LEAKAGE, VERTICES and the link part of TAGS.

use super::model::{Index, Model, Reader, finite};
use super::nodes;
use super::options::Headloss;
use super::scan::{Line, Scanned, Section, starts};

/// Kinds of EPANET valve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValveType {
    Prv,
    Psv,
    Pbv,
    Fcv,
    Tcv,
    Gpv,
    Pcv,
}

const VALVE_TYPES: [(&str, ValveType); 7] = [
    ("PRV", ValveType::Prv),
    ("PSV", ValveType::Psv),
    ("PBV", ValveType::Pbv),
    ("FCV", ValveType::Fcv),
    ("TCV", ValveType::Tcv),
    ("GPV", ValveType::Gpv),
    ("PCV", ValveType::Pcv),
];

impl ValveType {
    pub(super) fn word(self) -> &'static str {
        VALVE_TYPES.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }
}

/// What a link is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum LinkType<'a> {
    Pipe { check_valve: bool },
    Pump { curve: Option<&'a str>, power: Option<f64>, pattern: Option<&'a str> },
    Valve { kind: ValveType, curve: Option<&'a str> },
}

/// Open, shut, or at work with its setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Open,
    Closed,
    Active,
}

/// A link in the units of the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LinkData<'a> {
    pub(super) id: &'a str,
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) kind: LinkType<'a>,
    pub(super) length: f64,
    pub(super) diameter: f64,
    pub(super) roughness: f64,
    pub(super) minor_loss: f64,
    pub(super) status: Status,
    /// Speed of a pump, set value of a valve.
    pub(super) setting: f64,
    pub(super) has_leakage: bool,
    pub(super) vertices: Vec<[f64; 2]>,
    pub(super) tag: Option<&'a str>,
}

impl LinkData<'_> {
    pub(super) const fn is_check_valve(&self) -> bool {
        matches!(self.kind, LinkType::Pipe { check_valve: true })
    }

    /// Sets the status as STATUS does, or a number as its setting (EPANET's `changestatus`).
    pub(super) fn change(&mut self, status: Status, setting: f64) {
        match self.kind {
            LinkType::Pipe { .. } | LinkType::Valve { kind: ValveType::Gpv, .. } => {
                if status != Status::Active {
                    self.status = status;
                }
            }
            LinkType::Pump { .. } => {
                self.setting = match status {
                    Status::Active => setting,
                    Status::Open => 1.0,
                    Status::Closed => 0.0,
                };
                self.status = if self.setting == 0.0 { Status::Closed } else { Status::Open };
            }
            LinkType::Valve { .. } => {
                if status == Status::Active {
                    self.setting = setting;
                }
                self.status = status;
            }
        }
    }
}

pub(super) fn read<'a>(
    model: &mut Model<'a>,
    node_index: &Index<'a>,
    scanned: &Scanned<'a>,
    reader: &mut Reader<'_>,
) -> Index<'a> {
    let mut index = Index::default();
    for section in [Section::Pipes, Section::Pumps, Section::Valves] {
        for line in scanned.lines(section) {
            let link = match section {
                Section::Pipes => pipe(model, node_index, line, reader),
                Section::Pumps => pump(model, node_index, line, reader),
                _ => valve(model, node_index, line, reader),
            };
            let Some(link) = link else { continue };
            if link.from == link.to {
                reader.same_ends(line, link.id);
            } else if index.add(reader, line, link.id, model.links.len()) {
                model.links.push(link);
            }
        }
    }
    for line in scanned.lines(Section::Status) {
        status(model, &index, line, reader);
    }
    for line in scanned.lines(Section::Leakage) {
        if let Some(at) = index.find(line.words[0]) {
            model.links[at].has_leakage = line.words[1..].iter().any(|word| finite(word).is_some_and(|v| v > 0.0));
        }
    }
    // EPANET passes over vertices and tags it cannot use.
    for line in scanned.lines(Section::Vertices) {
        let number = |at: usize| line.words.get(at).and_then(|word| finite(word));
        if let (Some(at), Some(x), Some(y)) = (index.find(line.words[0]), number(1), number(2)) {
            model.links[at].vertices.push([x, y]);
        }
    }
    for line in scanned.lines(Section::Tags) {
        if line.words.len() > 2
            && starts(line.words[0], "LINK")
            && let Some(at) = index.find(line.words[1])
        {
            model.links[at].tag = Some(line.words[2]);
        }
    }
    index
}

/// A link with EPANET's defaults and its two end nodes.
fn link<'a>(
    model: &Model<'a>,
    node_index: &Index<'a>,
    line: &Line<'a>,
    wanted: &str,
    kind: LinkType<'a>,
    reader: &mut Reader<'_>,
) -> Option<LinkData<'a>> {
    if line.words.len() < 3 {
        reader.too_short(line, wanted);
        return None;
    }
    let from = nodes::find(node_index, line, 1, reader);
    let to = nodes::find(node_index, line, 2, reader);
    let metric = model.options.units.metric();
    Some(LinkData {
        id: line.words[0],
        from: from?,
        to: to?,
        kind,
        length: if metric { 100.0 } else { 330.0 },
        diameter: if metric { 254.0 } else { 10.0 },
        roughness: match model.options.headloss {
            Headloss::HazenWilliams => 130.0,
            Headloss::DarcyWeisbach => 0.0005,
            Headloss::ChezyManning => 0.01,
        },
        minor_loss: 0.0,
        status: Status::Open,
        setting: 1.0,
        has_leakage: false,
        vertices: Vec::new(),
        tag: None,
    })
}

fn pipe<'a>(model: &Model<'a>, nodes: &Index<'a>, line: &Line<'a>, reader: &mut Reader<'_>) -> Option<LinkData<'a>> {
    let wanted = "id node1 node2 length diameter roughness minor-loss status";
    let mut pipe = link(model, nodes, line, wanted, LinkType::Pipe { check_valve: false }, reader)?;
    let given = |index: usize| line.words.len() > index;
    if given(3) {
        pipe.length = reader.positive(line, 3, "length")?;
    }
    if given(4) {
        pipe.diameter = reader.positive(line, 4, "diameter")?;
    }
    if given(5) {
        pipe.roughness = reader.positive(line, 5, "roughness")?;
    }
    // A single further word is a loss coefficient or a status; two are both.
    let state = |pipe: &mut LinkData<'a>, word: &str| {
        if starts(word, "CV") {
            pipe.kind = LinkType::Pipe { check_valve: true };
        } else if starts(word, "CLOSED") {
            pipe.status = Status::Closed;
        } else if !starts(word, "OPEN") {
            return false;
        }
        true
    };
    if given(6) && (given(7) || !state(&mut pipe, line.words[6])) {
        pipe.minor_loss = reader.not_negative(line, 6, "minor loss")?;
    }
    if given(7) && !state(&mut pipe, line.words[7]) {
        reader.bad_word(line, "status", line.words[7], "OPEN, CLOSED, CV");
        return None;
    }
    Some(pipe)
}

fn pump<'a>(model: &Model<'a>, nodes: &Index<'a>, line: &Line<'a>, reader: &mut Reader<'_>) -> Option<LinkData<'a>> {
    let (mut curve, mut power, mut pattern) = (None, None, None);
    let none = LinkType::Pump { curve, power, pattern };
    let mut pump = link(model, nodes, line, "id node1 node2 HEAD curve", none, reader)?;
    for at in (4..line.words.len()).step_by(2) {
        let word = line.words[at];
        match line.words[at - 1] {
            key if starts(key, "POWER") => power = Some(reader.positive(line, at, "POWER")?),
            key if starts(key, "HEAD") => {
                if !model.curves.contains_key(word) {
                    reader.unknown(line, "HEAD", word, "CURVES");
                    return None;
                }
                curve = Some(word);
            }
            key if starts(key, "PATT") => {
                if !model.patterns.contains_key(word) {
                    reader.unknown(line, "PATTERN", word, "PATTERNS");
                    return None;
                }
                pattern = Some(word);
            }
            key if starts(key, "SPEE") => pump.setting = reader.not_negative(line, at, "SPEED")?,
            key => {
                reader.bad_word(line, "keyword", key, "HEAD, POWER, SPEED, PATTERN");
                return None;
            }
        }
    }
    if pump.setting == 0.0 {
        pump.status = Status::Closed;
    }
    pump.kind = LinkType::Pump { curve, power, pattern };
    Some(pump)
}

fn valve<'a>(model: &Model<'a>, nodes: &Index<'a>, line: &Line<'a>, reader: &mut Reader<'_>) -> Option<LinkData<'a>> {
    let wanted = "id node1 node2 diameter type setting minor-loss";
    if line.words.len() < 5 {
        reader.too_short(line, wanted);
        return None;
    }
    let Some(&(_, kind)) = VALVE_TYPES.iter().find(|(word, _)| starts(line.words[4], word)) else {
        reader.bad_word(line, "type", line.words[4], "PRV, PSV, PBV, FCV, TCV, GPV, PCV");
        return None;
    };
    let mut curve = None;
    let mut valve = link(model, nodes, line, wanted, LinkType::Valve { kind, curve }, reader)?;
    valve.status = Status::Active;
    valve.setting = 0.0;
    valve.diameter = reader.positive(line, 3, "diameter")?;
    let mut known_curve = |at: usize, reader: &mut Reader<'_>| {
        let id = line.words[at];
        if model.curves.contains_key(id) {
            curve = Some(id);
        } else {
            reader.unknown(line, "curve", id, "CURVES");
        }
        curve.map(|_| ())
    };
    if line.words.len() > 5 {
        if kind == ValveType::Gpv {
            known_curve(5, reader)?;
            valve.status = Status::Open;
        } else {
            valve.setting = reader.number(line, 5, "setting")?;
        }
    }
    if line.words.len() > 6 {
        valve.minor_loss = reader.not_negative(line, 6, "minor loss")?;
    }
    if line.words.len() > 7 && kind == ValveType::Pcv {
        known_curve(7, reader)?;
    }
    valve.kind = LinkType::Valve { kind, curve };
    Some(valve)
}

/// One line of STATUS: `id status`, or `first last status` for a range of ids.
fn status<'a>(model: &mut Model<'a>, index: &Index<'a>, line: &Line<'a>, reader: &mut Reader<'_>) {
    let last = line.words.len() - 1;
    if last < 1 {
        return reader.too_short(line, "link status");
    }
    let word = line.words[last];
    let (status, setting) = match word {
        word if starts(word, "OPEN") => (Status::Open, 0.0),
        word if starts(word, "CLOSED") => (Status::Closed, 0.0),
        _ => match finite(word).filter(|value| *value >= 0.0) {
            Some(setting) => (Status::Active, setting),
            None => return reader.bad_word(line, "status", word, "OPEN, CLOSED or a setting of at least 0"),
        },
    };
    if last == 1 {
        let Some(at) = find(index, line, 0, reader) else { return };
        let link = &mut model.links[at];
        let gpv = matches!(link.kind, LinkType::Valve { kind: ValveType::Gpv, .. });
        if link.is_check_valve() || (gpv && status == Status::Active) {
            return reader.bad_word(line, "status", word, "no status for a check valve and no setting for a GPV");
        }
        link.change(status, setting);
        return;
    }
    let (first, second) = (line.words[0], line.words[1]);
    let numbers = leading_number(first).filter(|n| *n > 0).zip(leading_number(second).filter(|n| *n > 0));
    for link in &mut model.links {
        let inside = match numbers {
            Some((low, high)) => leading_number(link.id).is_some_and(|id| (low..=high).contains(&id)),
            None => (first..=second).contains(&link.id),
        };
        if inside && !link.is_check_valve() {
            link.change(status, setting);
        }
    }
}

/// The whole number a word begins with, as C's `atol` reads it.
fn leading_number(word: &str) -> Option<i64> {
    let end = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
    word[..end].parse().ok()
}

/// Index of the link named at a place of the line.
pub(super) fn find(index: &Index<'_>, line: &Line<'_>, at: usize, reader: &mut Reader<'_>) -> Option<usize> {
    let id = line.words.get(at).copied().unwrap_or("");
    let found = index.find(id);
    if found.is_none() {
        reader.unknown(line, "link", id, "PIPES, PUMPS, VALVES");
    }
    found
}
