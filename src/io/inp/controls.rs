//! CONTROLS and RULES: what they decide at hour 0.
//!
//! EPANET looks at simple controls before it solves hour 0: those on the clock act if their time is hour 0, those on a
//! tank act if its initial level satisfies them. Pump speed patterns are set just before. Controls on the pressure of
//! a junction act while it iterates, and rules only after the first hour; both are counted for the report and not used.

use super::links::{self, LinkType, Status, ValveType};
use super::model::{Index, Model, Reader};
use super::nodes::{self, NodeKind};
use super::options::{DAY_S, hours};
use super::scan::{Line, Scanned, Section, starts};

/// What became of the controls.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Controls<'a> {
    /// Links whose state at hour 0 a control or a pattern has decided, in file order.
    pub(super) applied: Vec<&'a str>,
    /// Lines of controls that act later or whose condition does not hold.
    pub(super) later: Vec<usize>,
    /// Lines of controls on the pressure of a junction.
    pub(super) on_pressure: Vec<usize>,
    /// Number of rules.
    pub(super) rules: usize,
}

/// When a control acts.
enum When {
    Time { second: i64, of_day: bool },
    Level { node: usize, level: f64, below: bool },
}

pub(super) fn read<'a>(
    model: &mut Model<'a>,
    node_index: &Index<'a>,
    link_index: &Index<'a>,
    scanned: &Scanned<'a>,
    reader: &mut Reader<'_>,
) {
    speed_patterns(model);
    let mut controls = Controls::default();
    for line in scanned.lines(Section::Controls) {
        if line.words.last().is_some_and(|last| starts(last, "DISABLED")) {
            controls.later.push(line.number);
            continue;
        }
        let Some((link, status, setting, when)) = control(model, node_index, link_index, line, reader) else {
            continue;
        };
        let acts = match when {
            When::Time { second, of_day: false } => second == 0,
            When::Time { second, of_day: true } => second % DAY_S == model.options.clock_start_s,
            When::Level { node, level, below } => match model.nodes[node].kind {
                NodeKind::Tank { level: initial, .. } => {
                    if below {
                        initial <= level
                    } else {
                        initial >= level
                    }
                }
                NodeKind::Reservoir { .. } => false,
                NodeKind::Junction => {
                    controls.on_pressure.push(line.number);
                    continue;
                }
            },
        };
        if acts {
            act(model, link, status, setting);
            controls.applied.push(model.links[link].id);
        } else {
            controls.later.push(line.number);
        }
    }
    controls.rules =
        scanned.lines(Section::Rules).iter().filter(|line| line.words[0].eq_ignore_ascii_case("RULE")).count();
    model.controls = controls;
}

/// The speed of pumps with a pattern is the pattern's value alone.
fn speed_patterns(model: &mut Model<'_>) {
    for at in 0..model.links.len() {
        if let LinkType::Pump { pattern: Some(pattern), .. } = model.links[at].kind {
            let speed = model.factor(Some(pattern)).max(0.0);
            model.links[at].change(Status::Active, speed);
        }
    }
}

/// Sets what a control commands; `setting` is `None` for the bare words OPEN and CLOSED.
fn act(model: &mut Model<'_>, link: usize, status: Status, setting: Option<f64>) {
    let link = &mut model.links[link];
    match (link.kind, setting) {
        // A number opens or shuts a pipe.
        (LinkType::Pipe { .. }, Some(value)) => {
            link.status = if value == 0.0 { Status::Closed } else { Status::Open };
        }
        (_, Some(value)) => link.change(Status::Active, value),
        (_, None) => link.change(status, 0.0),
    }
}

type Control = (usize, Status, Option<f64>, When);

/// `LINK id status AT TIME time`, `… AT CLOCKTIME time AM`, `… IF NODE id ABOVE level`.
fn control<'a>(
    model: &Model<'a>,
    node_index: &Index<'a>,
    link_index: &Index<'a>,
    line: &Line<'a>,
    reader: &mut Reader<'_>,
) -> Option<Control> {
    let words = line.words.as_slice();
    let form = "LINK id status AT TIME time, or LINK id status IF NODE id ABOVE level";
    if words.len() < 6 {
        reader.too_short(line, form);
        return None;
    }
    let link = links::find(link_index, line, 1, reader)?;
    let target = &model.links[link];
    if target.is_check_valve() {
        reader.bad_word(line, "link", words[1], "a link other than a pipe with check valve");
        return None;
    }
    let (status, setting) = match words[2] {
        word if starts(word, "OPEN") => (Status::Open, None),
        word if starts(word, "CLOSED") => (Status::Closed, None),
        _ => {
            let gpv = matches!(target.kind, LinkType::Valve { kind: ValveType::Gpv, .. });
            let valve = matches!(target.kind, LinkType::Valve { .. });
            let value = reader
                .number_if(line, 2, "status", "OPEN, CLOSED or a setting", |value| !gpv && (valve || value >= 0.0))?;
            (Status::Active, Some(value))
        }
    };
    let of_day = starts(words[4], "CLOCKTIME");
    if of_day || starts(words[4], "TIME") {
        let Some(hours) = hours(words[5], words.get(6).copied().unwrap_or("")) else {
            reader.bad_word(line, "time", words[5], "a time like 6, 6:30 or 6:30 PM");
            return None;
        };
        return Some((link, status, setting, When::Time { second: (3600.0 * hours) as i64, of_day }));
    }
    if words.len() < 8 {
        reader.too_short(line, form);
        return None;
    }
    let node = nodes::find(node_index, line, 5, reader)?;
    let below = starts(words[6], "BELOW");
    if !below && !starts(words[6], "ABOVE") {
        reader.bad_word(line, "condition", words[6], "ABOVE, BELOW");
        return None;
    }
    let level = reader.number(line, 7, "level")?;
    Some((link, status, setting, When::Level { node, level, below }))
}
