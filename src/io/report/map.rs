//! The map of a plan: what drains, who is cut off, where the break is, and which valves are closed in which order.
//!
//! Two views: the shut-off part with the valves, near enough to find them by the streets, and the whole network with everybody
//! who loses heat. Drawn as lines, so that it can be enlarged. Nothing is told by colour alone: what drains is thick, what
//! is cut off is dashed, consumers differ in shape. Supply and return of one trench lie on each other at this scale; the valves
//! of both are numbered. Networks without coordinates have no map.

use super::flow::{BOTTOM, Flow, GREY, LEFT, RULE, TOP, WIDTH};
use super::labels::{Box2, Labels};
use super::paper::{BLACK, Colour, Paper, Style, WHITE};
use super::symbols::{self, Mark};
use crate::emergency::Response;
use crate::emergency::closing::place_m;
use crate::emergency::impact::Loss;
use crate::emergency::incident::{State, ValveStage};
use crate::emergency::repair::accident_share;
use crate::network::{LinkView, Network, Priority, Side};
use crate::text::Language;

const STREET: Colour = [0.9, 0.9, 0.88];
const WATER: Colour = [0.86, 0.92, 0.97];
const PIPE: Colour = [0.6, 0.62, 0.65];
const DRAINED: Colour = [0.82, 0.08, 0.1];
const WITHOUT: Colour = [0.93, 0.49, 0.05];
const NAME: f32 = 6.5;
/// Room for the legend below a map and the heading above it.
const LEGEND: f32 = 64.0;
const HEADING: f32 = 36.0;

/// What is drawn.
pub struct Subject<'a> {
    pub network: &'a Network,
    pub response: &'a Response,
    pub state: Option<&'a State<'a>>,
    pub language: Language,
}

/// Which of the two views.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Near,
    Whole,
}

/// Metres onto the page.
pub(super) struct View {
    pub frame: Box2,
    centre_m: [f64; 2],
    points_per_m: f64,
}

/// Bounds of places: (least, greatest) of x and y.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    least: [f64; 2],
    greatest: [f64; 2],
}

impl Extent {
    pub fn of(places: impl Iterator<Item = [f64; 2]>) -> Option<Extent> {
        places.filter(|place| place.iter().all(|value| value.is_finite())).fold(
            None,
            |extent: Option<Extent>, place| {
                let mut extent = extent.unwrap_or(Extent { least: place, greatest: place });
                for (axis, value) in place.into_iter().enumerate() {
                    extent.least[axis] = extent.least[axis].min(value);
                    extent.greatest[axis] = extent.greatest[axis].max(value);
                }
                Some(extent)
            },
        )
    }

    pub fn size(&self, axis: usize) -> f64 {
        self.greatest[axis] - self.least[axis]
    }

    /// With a margin on every side, as a share of the greater size.
    fn grown(&self, share: f64) -> Extent {
        let margin = share * self.size(0).max(self.size(1));
        Extent { least: self.least.map(|value| value - margin), greatest: self.greatest.map(|value| value + margin) }
    }

    fn holds(&self, place: [f64; 2]) -> bool {
        (0..2).all(|axis| (self.least[axis]..=self.greatest[axis]).contains(&place[axis]))
    }
}

impl View {
    /// The extent with a margin, in the middle of the frame; never nearer than 250 m across.
    pub fn new(extent: Extent, frame: Box2, margin: f64) -> View {
        let axis = |axis: usize, room: f32| {
            let size_m = (extent.size(axis) * (1.0 + 2.0 * margin)).max(250.0);
            f64::from(room) / size_m
        };
        let centre_m = [0, 1].map(|axis| 0.5 * (extent.least[axis] + extent.greatest[axis]));
        View { frame, centre_m, points_per_m: axis(0, frame.width).min(axis(1, frame.height)) }
    }

    pub fn at(&self, [x_m, y_m]: [f64; 2]) -> [f32; 2] {
        let x =
            f64::from(self.frame.x) + 0.5 * f64::from(self.frame.width) + (x_m - self.centre_m[0]) * self.points_per_m;
        let y =
            f64::from(self.frame.y) + 0.5 * f64::from(self.frame.height) - (y_m - self.centre_m[1]) * self.points_per_m;
        [x as f32, y as f32]
    }

    /// A line on the page; `None` where none of it can be in the frame, or it has no place.
    pub fn line(&self, points_m: &[[f64; 2]]) -> Option<Vec<[f32; 2]>> {
        let points: Vec<[f32; 2]> = points_m.iter().map(|point| self.at(*point)).collect();
        if !points.iter().flatten().all(|value| value.is_finite()) {
            return None;
        }
        let bound = |axis: usize, pick: fn(f32, f32) -> f32, start: f32| {
            points.iter().fold(start, |bound, point| pick(bound, point[axis]))
        };
        let (left, right) = (bound(0, f32::min, f32::MAX), bound(0, f32::max, f32::MIN));
        let (top, bottom) = (bound(1, f32::min, f32::MAX), bound(1, f32::max, f32::MIN));
        let frame = &self.frame;
        let seen =
            right >= frame.x && left <= frame.x + frame.width && bottom >= frame.y && top <= frame.y + frame.height;
        seen.then_some(points)
    }
}

pub(super) fn route_m(network: &Network, view: &LinkView<'_>) -> Option<Vec<[f64; 2]>> {
    let (from, to) = (network.node(view.from)?, network.node(view.to)?);
    let mut points = vec![[from.x_m, from.y_m]];
    if let Some(pipe) = view.pipe() {
        points.extend(pipe.details.route_m.iter().map(|point| [point[0], point[1]]));
    }
    points.push([to.x_m, to.y_m]);
    Some(points)
}

/// Place of a break: along the pipe's line.
fn break_m(network: &Network, broken: &crate::emergency::Break) -> Option<[f64; 2]> {
    let view = network.link_view(broken.link)?;
    let points = route_m(network, &view)?;
    let length = |pair: &[[f64; 2]]| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
    let mut rest = broken.position * points.windows(2).map(length).sum::<f64>();
    for pair in points.windows(2) {
        let piece = length(pair);
        if rest <= piece && piece > 0.0 {
            let share = rest / piece;
            return Some([0, 1].map(|axis| pair[0][axis] + share * (pair[1][axis] - pair[0][axis])));
        }
        rest -= piece;
    }
    points.last().copied()
}

/// Both views with their legends, each with a heading; `false` where the network has no coordinates.
pub fn maps(flow: &mut Flow, subject: &Subject<'_>) -> bool {
    let network = subject.network;
    let Some(all) = Extent::of(network.nodes().map(|(_, _, node)| [node.x_m, node.y_m])) else { return false };
    if all.size(0) <= 0.0 && all.size(1) <= 0.0 {
        return false;
    }
    let zone = &subject.response.plan.zone;
    let inside = network.nodes().filter(|(node, ..)| zone.get(node.index()).copied().unwrap_or(false));
    let valves = subject.response.tasks.iter().filter_map(|task| place_m(network, task.valve));
    let breaks = subject.response.breaks.iter().filter_map(|broken| break_m(network, broken));
    let near = Extent::of(inside.map(|(_, _, node)| [node.x_m, node.y_m]).chain(valves).chain(breaks)).unwrap_or(all);
    // Whoever stands close beside it is on the map, too.
    let lost = subject.response.impact.iter().flat_map(|impact| &impact.consumers);
    let beside = near.grown(0.35);
    let beside = lost.filter_map(|lost| place_m(network, lost.consumer)).filter(|place| beside.holds(*place));
    let near = Extent::of([near.least, near.greatest].into_iter().chain(beside)).unwrap_or(near);
    let texts = subject.language.texts();
    flow.new_page();
    flow.heading(&texts.get("report-map-near"));
    let high = |extent: &Extent, least: f32, room: f32| {
        let aspect = (extent.size(1).max(1.0) / extent.size(0).max(1.0)) as f32;
        (WIDTH * aspect * 1.06).clamp(least, room)
    };
    let height = high(&near.grown(0.12), 380.0, flow.left_over() - LEGEND);
    let frame = Box2 { x: LEFT, y: flow.y, width: WIDTH, height };
    let view = View::new(near, frame, 0.16);
    draw(&mut flow.paper, subject, &view, Scope::Near, None);
    flow.y += height + 5.0;
    legend(flow, subject, Scope::Near);
    let page = BOTTOM - TOP - HEADING;
    flow.ensure(high(&all, 240.0, page - LEGEND) + LEGEND + HEADING);
    flow.heading(&texts.get("report-map-whole"));
    let height = high(&all, 240.0, flow.left_over() - LEGEND);
    let frame = Box2 { x: LEFT, y: flow.y, width: WIDTH, height };
    let whole = View::new(all, frame, 0.03);
    draw(&mut flow.paper, subject, &whole, Scope::Whole, Some(&view));
    flow.y += height + 5.0;
    legend(flow, subject, Scope::Whole);
    true
}

/// What a pipe is under the plan.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Working,
    Drained,
    WithoutHeat,
}

fn part(subject: &Subject<'_>, view: &LinkView<'_>) -> Part {
    let is = |flags: &[bool]| [view.from, view.to].iter().all(|end| flags.get(end.index()).copied().unwrap_or(false));
    let plan = &subject.response.plan;
    if subject.response.breaks.iter().any(|broken| broken.link == view.handle) || is(&plan.zone) {
        Part::Drained
    } else if is(&plan.unfed) {
        Part::WithoutHeat
    } else {
        Part::Working
    }
}

fn draw(paper: &mut Paper, subject: &Subject<'_>, view: &View, scope: Scope, inner: Option<&View>) {
    let frame = view.frame;
    paper.clip(frame.x, frame.y, frame.width, frame.height);
    backdrop(paper, subject.network, view);
    let shut = pipes(paper, subject, view, scope);
    let mut labels = Labels::new(frame.grown(-3.0));
    for line in &shut {
        keep_off(line, &mut labels);
    }
    furniture(paper, subject.network, view, &mut labels);
    if let Some(inner) = inner {
        let [left, top] = view.at([0, 1].map(|axis| {
            let half = 0.5 * f64::from([inner.frame.width, inner.frame.height][axis]) / inner.points_per_m;
            inner.centre_m[axis] + if axis == 0 { -half } else { half }
        }));
        let scale = (view.points_per_m / inner.points_per_m) as f32;
        paper.frame(left, top, inner.frame.width * scale, inner.frame.height * scale, 0.8, BLACK);
    }
    consumers(paper, subject, view, scope, &mut labels);
    for broken in &subject.response.breaks {
        let Some(place) = break_m(subject.network, broken).map(|place| view.at(place)) else { continue };
        symbols::burst(paper, place, if scope == Scope::Near { 7.0 } else { 5.0 });
        labels.take(Box2 { x: place[0] - 8.0, y: place[1] - 8.0, width: 16.0, height: 16.0 });
    }
    if scope == Scope::Near {
        valves(paper, subject, view, &mut labels);
    }
    names(paper, subject, view, &mut labels);
    paper.unclip();
    paper.frame(frame.x, frame.y, frame.width, frame.height, 0.6, GREY);
}

pub(super) fn backdrop(paper: &mut Paper, network: &Network, view: &View) {
    let backdrop = network.backdrop();
    for water in &backdrop.water {
        if let Some(points) = view.line(&water.outline_m) {
            paper.area(&points, WATER, None);
        }
    }
    for street in &backdrop.streets {
        if let Some(points) = view.line(&street.line_m) {
            let width = (street.width_m * view.points_per_m).clamp(0.5, 9.0) as f32;
            paper.polyline(&points, width, STREET, &[]);
        }
    }
}

/// Keeps labels off a line.
fn keep_off(line: &[[f32; 2]], labels: &mut Labels) {
    const STEP: f32 = 5.0;
    for pair in line.windows(2) {
        let [dx, dy] = [pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]];
        // Lines far longer than the page have most of their length outside of it.
        let steps = (dx.hypot(dy) / STEP).clamp(1.0, 400.0);
        for step in 0..=steps as usize {
            let share = step as f32 / steps;
            let (x, y) = (pair[0][0] + share * dx, pair[0][1] + share * dy);
            labels.take(Box2 { x: x - 2.0, y: y - 2.0, width: 4.0, height: 4.0 });
        }
    }
}

/// All pipes; gives back those that the plan takes out.
fn pipes(paper: &mut Paper, subject: &Subject<'_>, view: &View, scope: Scope) -> Vec<Vec<[f32; 2]>> {
    let network = subject.network;
    // Thin, middle, thick; behind them what the plan takes out.
    let mut working: [Vec<Vec<[f32; 2]>>; 3] = Default::default();
    let (mut drained, mut without) = (Vec::new(), Vec::new());
    for link in network.links().filter(|link| link.source().is_none() && link.consumer().is_none()) {
        let part = part(subject, &link);
        let side = network.node(link.from).map(|node| node.side);
        // The return lies beside the supply; from afar one line stands for both.
        if part == Part::Working && side == Some(Side::Return) && scope == Scope::Whole {
            continue;
        }
        let Some(line) = route_m(network, &link).and_then(|points| view.line(&points)) else { continue };
        match part {
            Part::Working => {
                let diameter_m = link.pipe().map_or(0.0, |pipe| pipe.outer_diameter_m);
                working[usize::from(diameter_m > 0.25) + usize::from(diameter_m > 0.55)].push(line);
            }
            Part::Drained => drained.push(line),
            Part::WithoutHeat => without.push(line),
        }
    }
    let factor = if scope == Scope::Near { 1.0 } else { 0.6 };
    for (lines, width) in working.iter().zip([0.6, 1.1, 1.7]) {
        paper.polylines(lines.iter().map(Vec::as_slice), factor * width, PIPE);
    }
    for line in &without {
        paper.polyline(line, factor * 2.0, WITHOUT, &[3.0, 3.4]);
    }
    paper.polylines(drained.iter().map(Vec::as_slice), factor * 3.0, DRAINED);
    drained.append(&mut without);
    drained
}

/// Scale bar and north arrow, kept free of labels. The arrow goes to a corner where no plant stands.
fn furniture(paper: &mut Paper, network: &Network, view: &View, labels: &mut Labels) {
    let frame = view.frame;
    let most_m = 0.28 * f64::from(frame.width) / view.points_per_m;
    let power = 10f64.powf(most_m.log10().floor());
    let length_m =
        [5.0, 2.0, 1.0].into_iter().map(|step| step * power).find(|length| *length <= most_m).unwrap_or(power);
    let length = (length_m * view.points_per_m) as f32;
    let text = if length_m >= 1000.0 { format!("{} km", length_m / 1000.0) } else { format!("{length_m} m") };
    let style = Style::plain(7.5);
    let text_width = paper.width(&text, style.size);
    let (x, y) = (frame.x + 10.0, frame.y + frame.height - 12.0);
    let board = Box2 { x: x - 5.0, y: y - 14.0, width: length.max(text_width) + 12.0, height: 21.0 };
    paper.rectangle(board.x, board.y, board.width, board.height, WHITE);
    paper.line([x, y], [x + length, y], 1.2, BLACK);
    for end in [x, x + 0.5 * length, x + length] {
        paper.line([end, y - 3.0], [end, y], 0.9, BLACK);
    }
    paper.text(x, y - 5.0, style, &text);
    labels.take(board.grown(2.0));
    let (left, right) = (frame.x + 18.0, frame.x + frame.width - 18.0);
    let (top, foot) = (frame.y + 22.0, frame.y + frame.height - 24.0);
    let around = |[x, y]: [f32; 2]| Box2 { x: x - 13.0, y: y - 19.0, width: 26.0, height: 40.0 };
    let plants: Vec<[f32; 2]> = network
        .links()
        .filter(|link| link.source().is_some())
        .filter_map(|link| Some(view.at(place_m(network, link.handle)?)))
        .collect();
    let is_free = |corner: &[f32; 2]| {
        let place = around(*corner).grown(6.0);
        !plants.iter().any(|plant| place.holds(&Box2 { x: plant[0], y: plant[1], width: 0.0, height: 0.0 }))
    };
    let north = [[right, top], [left, top], [right, foot]].into_iter().find(is_free).unwrap_or([right, top]);
    let place = around(north);
    paper.rectangle(place.x + 2.0, place.y + 2.0, 22.0, 36.0, WHITE);
    symbols::north(paper, north);
    labels.take(place);
}

/// Marks of everybody who loses heat; labels keep off them.
fn consumers(paper: &mut Paper, subject: &Subject<'_>, view: &View, scope: Scope, labels: &mut Labels) {
    let size = if scope == Scope::Near { 3.4 } else { 2.2 };
    let least = accident_share(subject.network.settings().design_outdoor_c());
    // The worst on top.
    for lost in subject.response.impact.iter().flat_map(|impact| &impact.consumers).rev() {
        let Some(place) = place_m(subject.network, lost.consumer).map(|place| view.at(place)) else { continue };
        if !place.iter().all(|value| value.is_finite()) {
            continue;
        }
        symbols::mark(paper, mark(lost.loss, lost.share, least), place, size);
        let mut radius = 1.1 * size;
        if lost.priority < Priority::Residential {
            radius = 1.9 * size;
            symbols::ring(paper, place, radius);
        }
        labels.take(Box2 { x: place[0] - radius, y: place[1] - radius, width: 2.0 * radius, height: 2.0 * radius });
    }
}

fn mark(loss: Loss, share: f64, least: f64) -> Mark {
    if loss == Loss::CutOff || share <= 0.0 {
        Mark::CutOff
    } else if share < least {
        Mark::Below
    } else {
        Mark::Less
    }
}

fn valves(paper: &mut Paper, subject: &Subject<'_>, view: &View, labels: &mut Labels) {
    let network = subject.network;
    let placed: Vec<_> = subject
        .response
        .tasks
        .iter()
        .enumerate()
        .filter_map(|(number, task)| Some((number, task, view.at(place_m(network, task.valve)?))))
        .filter(|(.., place)| place.iter().all(|value| value.is_finite()))
        .collect();
    for (.., place) in &placed {
        labels.take(Box2 { x: place[0] - 2.5, y: place[1] - 2.5, width: 5.0, height: 5.0 });
    }
    let mut signs = Vec::new();
    for (number, task, place) in placed {
        let id = network.link_name(task.valve);
        let number = if task.optional { "·".to_owned() } else { (number + 1).to_string() };
        let status = subject.state.and_then(|state| state.valves.get(&id)).map(|status| status.stage);
        let style = Style::plain(7.5);
        let (disc, text) = (6.2, paper.width(&id, style.size));
        let width = 2.0 * disc + 3.0 + text + 3.0;
        // A network may have dozens of valves in one place; the list has them all.
        let Some(found) = labels.place(place, width, 2.0 * disc + 1.0, 9.0, 170.0) else { continue };
        signs.push((place, found, number, id, status.unwrap_or(ValveStage::Planned), disc, style));
    }
    for (place, found, ..) in &signs {
        let end = [place[0].clamp(found.x, found.x + found.width), place[1].clamp(found.y, found.y + found.height)];
        paper.line(*place, end, 0.6, BLACK);
    }
    for (place, found, number, id, stage, disc, style) in signs {
        paper.disc(place, 2.0, BLACK, Some((0.6, WHITE)));
        paper.rectangle(found.x, found.y, found.width, found.height, WHITE);
        paper.frame(found.x, found.y, found.width, found.height, 0.4, RULE);
        let middle = [found.x + disc + 0.8, found.y + 0.5 * found.height];
        symbols::valve(paper, middle, disc - 0.7, &number, stage);
        paper.text(found.x + 2.0 * disc + 3.0, middle[1] + 0.36 * style.size, style, &id);
    }
}

/// Plants, hospitals, schools and care homes that lose heat, and streets, as far as there is room.
fn names(paper: &mut Paper, subject: &Subject<'_>, view: &View, labels: &mut Labels) {
    let network = subject.network;
    let frame = view.frame;
    let inside =
        |place: &[f32; 2]| frame.grown(-4.0).holds(&Box2 { x: place[0], y: place[1], width: 0.0, height: 0.0 });
    let mut name = |paper: &mut Paper, place: [f32; 2], text: &str, style: Style, far: f32| {
        let width = paper.width(text, style.size);
        if text.is_empty() || !inside(&place) || width > 0.4 * frame.width {
            return;
        }
        if let Some(found) = labels.place(place, width + 2.0, style.size + 2.0, 6.0, far) {
            paper.rectangle(found.x, found.y, found.width, found.height, WHITE);
            paper.text(found.x + 1.0, found.y + 0.85 * style.size + 1.0, style, text);
        }
    };
    for source in network.links().filter(|link| link.source().is_some()) {
        let Some(place) = place_m(network, source.handle).map(|place| view.at(place)) else { continue };
        if inside(&place) {
            symbols::plant(paper, place);
        }
        let called = source.link.name();
        let called = if called.is_empty() { source.id } else { called };
        name(paper, place, called, Style::strong(NAME + 0.5), 30.0);
    }
    for lost in subject.response.impact.iter().flat_map(|impact| &impact.consumers) {
        if lost.priority >= Priority::Residential {
            break;
        }
        let Some(link) = network.link(lost.consumer) else { continue };
        let Some(place) = place_m(network, lost.consumer).map(|place| view.at(place)) else { continue };
        let id = network.link_name(lost.consumer);
        let called = if link.name().is_empty() { &id } else { link.name() };
        name(paper, place, called, Style::plain(NAME), 24.0);
    }
    let mut known: Vec<&str> = Vec::new();
    for street in &network.backdrop().streets {
        if street.name.is_empty() || known.contains(&street.name.as_str()) || known.len() >= 40 {
            continue;
        }
        let Some(points) = view.line(&street.line_m) else { continue };
        let Some(place) = points.iter().find(|place| inside(place)) else { continue };
        known.push(&street.name);
        name(paper, *place, &street.name, Style::plain(NAME).coloured(GREY), 9.0);
    }
}

/// What the marks mean, in a line that wraps.
fn legend(flow: &mut Flow, subject: &Subject<'_>, scope: Scope) {
    let texts = subject.language.texts();
    let state = subject.state.is_some();
    let mut items: Vec<(symbols::Sample, &str)> = vec![
        (symbols::Sample::Burst, "report-legend-burst"),
        (symbols::Sample::Line(DRAINED, 3.0, false), "report-legend-drained"),
        (symbols::Sample::Line(WITHOUT, 2.0, true), "report-legend-without"),
        (symbols::Sample::Line(PIPE, 1.4, false), "report-legend-working"),
    ];
    if scope == Scope::Near {
        let stages: &[(ValveStage, &str)] = if state {
            &[
                (ValveStage::Planned, "report-legend-planned"),
                (ValveStage::Ordered, "report-legend-ordered"),
                (ValveStage::Confirmed, "report-legend-confirmed"),
                (ValveStage::Stuck, "report-legend-stuck"),
            ]
        } else {
            &[(ValveStage::Planned, "report-legend-planned")]
        };
        items.extend(stages.iter().map(|(stage, key)| (symbols::Sample::Valve(*stage), *key)));
    }
    items.extend([
        (symbols::Sample::Mark(Mark::CutOff), "report-legend-cut-off"),
        (symbols::Sample::Mark(Mark::Below), "report-legend-below"),
        (symbols::Sample::Mark(Mark::Less), "report-legend-less"),
        (symbols::Sample::Ring, "report-legend-first"),
        (symbols::Sample::Plant, "report-legend-plant"),
    ]);
    if scope == Scope::Whole {
        items.push((symbols::Sample::Frame, "report-legend-frame"));
    }
    let style = Style::plain(7.5);
    let (mut x, mut y) = (LEFT, flow.y + 7.0);
    for (sample, key) in items {
        let text = texts.get(key);
        let width = 18.0 + flow.paper.width(&text, style.size);
        if x + width > LEFT + WIDTH && x > LEFT {
            x = LEFT;
            y += 14.0;
        }
        symbols::sample(&mut flow.paper, sample, [x + 7.0, y]);
        flow.paper.text(x + 17.0, y + 2.7, style, &text);
        x += width + 12.0;
    }
    flow.y = y + 12.0;
}
