//! Alternatives on one page: conditions, the sheet, the best against each other, two maps of what one changes.
//!
//! The sheet has the base and at most five more; the plot has all. On the maps more is solid and less is dashed, the wider the more, so that
//! a print without colours tells the same. The same input, times included, gives the same bytes. No number is made here.

use super::Printed;
use super::flow::{ACCENT, BOTTOM, Flow, GREY, LEADING, LEFT, RIGHT, RULE, WIDTH};
use super::labels::{Box2, Labels};
use super::lines::lines;
use super::map::{Extent, View, backdrop, route_m};
use super::paper::{BLACK, Colour, Paper, Style, WHITE};
use super::table;
use crate::dispatch::alternative::{Assessment, Conditions, Differences, Figure, differences_of_extremes};
use crate::emergency::incident::Moment;
use crate::io::alternatives::{Comparison, breach_lines, figure_text, label, sheet};
use crate::io::dispatch::time_text;
use crate::io::emergency::SheetTable;
use crate::network::{ElementKind, Network, Side};
use crate::text::{Argument, Language};
use crate::units::DisplayUnits;

/// Alternatives on the sheet, the base with them.
const MOST_COLUMNS: usize = 6;
/// Figures on the sheet.
const FIGURES: [Figure; 18] = [
    Figure::Money,
    Figure::Carbon,
    Figure::HeatSupplied,
    Figure::HeatConsumed,
    Figure::NetworkLosses,
    Figure::PeakHeat,
    Figure::PlantPumps,
    Figure::NetworkPumps,
    Figure::SubstationPumps,
    Figure::SecondaryPumps,
    Figure::Boosters,
    Figure::Water,
    Figure::Supply,
    Figure::Return,
    Figure::Unmet,
    Figure::ColdestRoom,
    Figure::WorstLoop,
    Figure::Breaches,
];
const PLOT_HEIGHT: f32 = 128.0;
const MORE: Colour = [0.78, 0.16, 0.12];
const LESS: Colour = [0.1, 0.33, 0.66];
const SAME: Colour = [0.72, 0.73, 0.75];
const NEW: Colour = [0.1, 0.5, 0.25];
/// Differences below this share of the greatest are not drawn as such.
const NOTHING_SHARE: f64 = 0.03;

/// What is printed.
#[derive(Clone, Copy)]
pub struct AlternativesPage<'a> {
    pub comparison: &'a Comparison<'a>,
    /// The alternative on the maps; `None`: the first after the base.
    pub map: Option<&'a str>,
    pub conditions: &'a Conditions,
    pub language: Language,
    pub units: &'a DisplayUnits,
    pub made: Moment,
}

/// Prints the page.
pub fn print_alternatives(page: &AlternativesPage<'_>) -> Printed {
    let mut flow = Flow::new();
    let title = page.head(&mut flow);
    page.sheet(&mut flow);
    page.plot(&mut flow);
    page.maps(&mut flow);
    page.foot(&mut flow, &title);
    let paper = flow.paper;
    let (pages, placed) = (paper.page_count(), paper.placed().to_vec());
    let bytes = paper.into_pdf(&title, "", page.language.tag(), page.made);
    Printed { bytes, pages, placed }
}

impl AlternativesPage<'_> {
    fn word(&self, key: &str) -> String {
        self.language.texts().get(key).into_owned()
    }

    fn sentence(&self, key: &str, arguments: &[(&str, Argument<'_>)]) -> String {
        self.language.texts().with(key, arguments)
    }

    fn rows(&self) -> &[&Assessment] {
        self.comparison.rows
    }

    fn head(&self, flow: &mut Flow) -> String {
        let title = self.word("compare-title");
        flow.y = 36.0;
        flow.text(&title, Style::strong(17.0), LEFT, WIDTH, false);
        let conditions = self.conditions;
        let base = self.rows().first();
        let network = base.map_or(String::new(), |row| row.network.settings().title.clone());
        let mean_c = base.map_or(f64::NAN, |row| row.figures.outdoor_mean_c);
        let mut told = vec![self.sentence(
            "compare-conditions",
            &[
                ("start", time_text(conditions.start_calendar_s).into()),
                ("hours", conditions.hours.to_string().into()),
                ("step", conditions.step_s.to_string().into()),
                ("mean", format!("{mean_c:.1}").into()),
                ("network", network.into()),
            ],
        )];
        let deviation_k = conditions.deviation_k();
        told.push(if deviation_k > 0.0 {
            self.sentence("compare-uncertainty", &[("deviation", format!("{deviation_k:.1}").into())])
        } else {
            self.word("compare-certain")
        });
        told.push(match &conditions.prices {
            Some(prices) => self.sentence("compare-note", &[("note", prices.note.clone().into())]),
            None => self.word("compare-no-prices"),
        });
        for sentence in told {
            flow.text(&sentence, Style::plain(7.5).coloured(GREY), LEFT, WIDTH, false);
        }
        flow.space(3.0);
        title
    }

    /// Columns on the sheet: the base and the first ones after it.
    fn shown(&self) -> usize {
        self.rows().len().min(MOST_COLUMNS)
    }

    fn sheet(&self, flow: &mut Flow) {
        let all = sheet(self.comparison, self.language);
        let shown = self.shown();
        let wanted: Vec<String> =
            FIGURES.iter().map(|figure| label(*figure, self.language, self.comparison.currency)).collect();
        let is_nothing =
            |row: &[String]| row[1..].iter().all(|cell| cell.bytes().all(|sign| sign == b'0' || sign == b'.'));
        let mut heads: Vec<String> = all.heads[..=shown].to_vec();
        for (number, head) in heads.iter_mut().enumerate().skip(1) {
            *head = format!("{number} {head}");
        }
        let rows = all.rows.iter().filter(|row| wanted.contains(&row[0]) && !is_nothing(row));
        let table = SheetTable { heads, rows: rows.map(|row| row[..=shown].to_vec()).collect() };
        table::table(flow, &table);
        flow.text(&all.best, Style::plain(7.5), LEFT, WIDTH, false);
        flow.space(4.0);
    }

    /// The first two axes against each other, and who is who.
    fn plot(&self, flow: &mut Flow) {
        let axes = self.comparison.axes();
        let (Some(&y_axis), Some(&x_axis)) = (axes.first(), axes.get(1)) else { return };
        let names = [("y", y_axis), ("x", x_axis)]
            .map(|(name, axis)| (name, Argument::from(label(axis, self.language, self.comparison.currency))));
        let title = self.sentence("compare-plot-title", &names);
        flow.text(&title, Style::strong(8.5), LEFT, WIDTH, false);
        let frame = Box2 { x: LEFT + 46.0, y: flow.y + 4.0, width: 0.46 * WIDTH, height: PLOT_HEIGHT - 28.0 };
        let best = self.comparison.best();
        let points: Vec<([f64; 3], [f64; 3])> =
            self.rows().iter().filter_map(|row| Some((row.range(x_axis)?, row.range(y_axis)?))).collect();
        if points.len() == self.rows().len() {
            draw_plot(&mut flow.paper, &frame, [x_axis, y_axis], &points, &best);
        }
        let legend_x = frame.x + frame.width + 18.0;
        let width = RIGHT - legend_x;
        let top = flow.y;
        let style = Style::plain(7.5);
        for (at, row) in self.rows().iter().enumerate() {
            let star = if best[at] { " ★" } else { "" };
            let note = if row.note.is_empty() { String::new() } else { format!(" – {}", row.note) };
            self.within(flow, &format!("{} {}{star}{note}", at + 1, row.name), style, legend_x, width, top);
        }
        let broken = self.rows().iter().enumerate().flat_map(|(at, row)| {
            breach_lines(row, self.language, self.units, 1).into_iter().map(move |line| format!("{}: {line}", at + 1))
        });
        for line in broken.take(4) {
            self.within(flow, &line, Style::plain(6.8).coloured(ACCENT), legend_x, width, top);
        }
        flow.y = top + PLOT_HEIGHT;
    }

    /// Lines of a text as far as the plot is high.
    fn within(&self, flow: &mut Flow, text: &str, style: Style, x: f32, width: f32, top: f32) {
        for line in lines(&flow.paper.face, text, style.size, width) {
            let next = flow.y + style.size * LEADING;
            if next > top + PLOT_HEIGHT {
                return;
            }
            flow.paper.text(x, flow.y + style.size, style, &line);
            flow.y = next;
        }
    }

    fn maps(&self, flow: &mut Flow) {
        let rows = self.rows();
        let named = self.map.and_then(|name| rows.iter().position(|row| row.name == name));
        let at = named.unwrap_or(1);
        let (Some(base), Some(row)) = (rows.first(), rows.get(at)) else { return };
        let room = BOTTOM - flow.y - 34.0;
        if room < 70.0 {
            return;
        }
        let gap = 12.0;
        let width = 0.5 * (WIDTH - gap);
        let instant = time_text(row.instant.calendar_s);
        let whole = format!("{}–{}", time_text(self.conditions.start_calendar_s), time_text(self.end_s()));
        let extremes = differences_of_extremes((&base.network, &base.extremes), (&row.network, &row.extremes));
        let maps = [
            ("compare-map-pressure", "compare-map-unit-pressure", 1e-3, 1, instant, row.differences_from(base)),
            ("compare-map-velocity", "compare-map-unit-velocity", 1.0, 2, whole, extremes),
        ];
        let top = flow.y;
        for (number, (key, unit, scale, digits, time, found)) in maps.into_iter().enumerate() {
            let x = LEFT + number as f32 * (width + gap);
            flow.y = top;
            let arguments = [
                ("name", Argument::from(row.name.clone())),
                ("base", base.name.clone().into()),
                ("quantity", self.word(key).into()),
                ("time", time.into()),
            ];
            flow.text(&self.sentence("compare-map-title", &arguments), Style::strong(7.5), x, width, false);
            let values = by_link(&row.network, &found, number == 1);
            let frame = Box2 { x, y: top + 24.0, width, height: room - 18.0 };
            let [least, most] = draw_map(&mut flow.paper, &row.network, &found, &values, frame);
            let unit = self.word(unit);
            let shown = |value: f64| format!("{:+.digits$} {unit}", scale * value + 0.0);
            let y = frame.y + frame.height + 9.0;
            let mut at = x;
            for (value, colour, dashes) in [(most, MORE, &[][..]), (least, LESS, &[3.0, 2.6][..])] {
                flow.paper.polyline(&[[at, y - 2.5], [at + 20.0, y - 2.5]], 2.0, colour, dashes);
                let text = shown(value);
                flow.paper.text(at + 25.0, y, Style::plain(7.0), &text);
                at += 40.0 + flow.paper.width(&text, 7.0);
            }
        }
        flow.y = top + room + 24.0;
    }

    fn end_s(&self) -> f64 {
        self.conditions.start_calendar_s + 3600.0 * self.conditions.hours
    }

    fn foot(&self, flow: &mut Flow, title: &str) {
        let style = Style::plain(6.5).coloured(GREY);
        let paper = &mut flow.paper;
        paper.line([LEFT, BOTTOM + 2.0], [RIGHT, BOTTOM + 2.0], 0.4, RULE);
        let made = format!("{title}  ·  {} {}", self.made.date(), self.made.time_of_day());
        let method = format!("{}  {made}", self.word("compare-method"));
        for (number, line) in lines(&paper.face, &method, style.size, WIDTH).into_iter().enumerate() {
            paper.text(LEFT, BOTTOM + 10.0 + number as f32 * 8.5, style, &line);
        }
    }
}

/// Values of supply pipes and other links that are no ends, by link index; NaN where there is none.
fn by_link(network: &Network, found: &Differences, velocity: bool) -> Vec<f64> {
    let mut out = vec![f64::NAN; network.link_bound()];
    for one in &found.links {
        let supply = network.ends(one.link).and_then(|(from, _)| network.node(from)).map(|node| node.side);
        if supply != Some(Side::Return) {
            out[one.link.index()] = if velocity { one.velocity_m_s } else { one.pressure_pa };
        }
    }
    out
}

/// Draws differences; gives the least and the greatest.
fn draw_map(paper: &mut Paper, network: &Network, found: &Differences, values: &[f64], frame: Box2) -> [f64; 2] {
    let drawn = |at: usize| values[at].is_finite();
    let known = network.links().filter(|view| view.pipe().is_some() && drawn(view.handle.index()));
    let finite: Vec<f64> = known.map(|view| values[view.handle.index()]).collect();
    let (least, most) = finite.iter().fold((0.0_f64, 0.0_f64), |(low, high), v| (low.min(*v), high.max(*v)));
    let Some(extent) = Extent::of(network.nodes().map(|(_, _, node)| [node.x_m, node.y_m])) else {
        return [least, most];
    };
    let view = View::new(extent, frame, 0.03);
    paper.clip(frame.x, frame.y, frame.width, frame.height);
    backdrop(paper, network, &view);
    let greatest = most.max(-least);
    let (mut same, mut changed, mut new) = (Vec::new(), Vec::new(), Vec::new());
    for link in network.links().filter(|link| link.source().is_none() && link.consumer().is_none()) {
        let side = network.node(link.from).map(|node| node.side);
        if side == Some(Side::Return) {
            continue;
        }
        let Some(line) = route_m(network, &link).and_then(|points| view.line(&points)) else { continue };
        let value = values[link.handle.index()];
        if found.only_in_alternative.iter().any(|element| element.id == *link.id && element.kind != ElementKind::Node) {
            new.push(line);
        } else if value.is_finite() && greatest > 0.0 && value.abs() >= NOTHING_SHARE * greatest {
            changed.push((value / greatest, line));
        } else {
            same.push(line);
        }
    }
    paper.polylines(same.iter().map(Vec::as_slice), 0.5, SAME);
    changed.sort_by(|a, b| a.0.abs().total_cmp(&b.0.abs()));
    for (share, line) in &changed {
        let (colour, dashes) = if *share > 0.0 { (MORE, &[][..]) } else { (LESS, &[3.0, 2.6][..]) };
        paper.polyline(line, 0.5 + 2.2 * share.abs() as f32, colour, dashes);
    }
    paper.polylines(new.iter().map(Vec::as_slice), 2.0, NEW);
    let mut labels = Labels::new(frame.grown(-2.0));
    for link in network.links().filter(|link| link.source().is_some()) {
        let Some(place) = network.node(link.from).map(|node| view.at([node.x_m, node.y_m])) else { continue };
        let running = link.source().is_some_and(|source| source.running);
        paper.disc(place, 3.0, if running { BLACK } else { WHITE }, Some((0.8, BLACK)));
        labels.take(Box2 { x: place[0] - 3.5, y: place[1] - 3.5, width: 7.0, height: 7.0 });
        let style = Style::strong(6.5);
        let width = paper.width(link.id, style.size);
        if let Some(found) = labels.place(place, width + 2.0, style.size + 2.0, 5.0, 24.0) {
            paper.text(found.x + 1.0, found.y + style.size, style, link.id);
        }
    }
    paper.unclip();
    paper.frame(frame.x, frame.y, frame.width, frame.height, 0.5, GREY);
    [least, most]
}

/// An axis: its bounds, its ticks, and whether it goes by powers of ten.
struct Scale {
    bounds: [f64; 2],
    ticks: Vec<f64>,
    powers: bool,
}

impl Scale {
    /// Place of a value, 0 to 1.
    fn share(&self, value: f64) -> f32 {
        let [low, high, value] =
            [self.bounds[0], self.bounds[1], value].map(|value| if self.powers { value.log10() } else { value });
        ((value - low) / (high - low)) as f32
    }
}

/// With a margin, and ticks in steps of 1, 2 or 5 times a power of ten; by powers of ten where values differ thirtyfold.
fn scale(values: impl Iterator<Item = f64>) -> Scale {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values {
        (low, high) = (low.min(value), high.max(value));
    }
    if low > 0.0 && high > 30.0 * low {
        let bounds = [0.6 * low, 1.7 * high];
        let [first, last] = bounds.map(f64::log10);
        let ticks = (first.ceil() as i32..=last.floor() as i32).map(|power| 10f64.powi(power)).collect();
        return Scale { bounds, ticks, powers: true };
    }
    let span = (high - low).max(1e-6 * high.abs()).max(1e-9);
    let (low, high) = (low - 0.12 * span, high + 0.12 * span);
    let rough = (high - low) / 4.0;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * power).find(|step| *step >= rough);
    let step = step.unwrap_or(rough);
    let first = (low / step).ceil() as i64;
    let last = (high / step).floor() as i64;
    let ticks = (first..=last.min(first + 12)).map(|tick| tick as f64 * step).collect();
    Scale { bounds: [low, high], ticks, powers: false }
}

/// Points with bars of uncertainty: `points` are (low, value, high) of x and of y.
fn draw_plot(
    paper: &mut Paper,
    frame: &Box2,
    [x_axis, y_axis]: [Figure; 2],
    points: &[([f64; 3], [f64; 3])],
    best: &[bool],
) {
    let x_scale = scale(points.iter().flat_map(|(x, _)| *x));
    let y_scale = scale(points.iter().flat_map(|(_, y)| *y));
    let x_at = |value: f64| frame.x + frame.width * x_scale.share(value);
    let y_at = |value: f64| frame.y + frame.height * (1.0 - y_scale.share(value));
    let style = Style::plain(6.5).coloured(GREY);
    for &tick in &x_scale.ticks {
        let (x, foot) = (x_at(tick), frame.y + frame.height);
        paper.line([x, frame.y], [x, foot], 0.3, RULE);
        let text = figure_text(x_axis, Some(tick));
        let width = paper.width(&text, style.size);
        paper.text(x - 0.5 * width, foot + 9.0, style, &text);
    }
    for &tick in &y_scale.ticks {
        let y = y_at(tick);
        paper.line([frame.x, y], [frame.x + frame.width, y], 0.3, RULE);
        let text = figure_text(y_axis, Some(tick));
        let width = paper.width(&text, style.size);
        paper.text(frame.x - width - 3.0, y + 2.3, style, &text);
    }
    paper.frame(frame.x, frame.y, frame.width, frame.height, 0.6, GREY);
    let mut front: Vec<[f32; 2]> =
        points.iter().zip(best).filter(|(_, best)| **best).map(|((x, y), _)| [x_at(x[1]), y_at(y[1])]).collect();
    front.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    paper.polyline(&front, 0.8, ACCENT, &[2.0, 2.4]);
    for (x, y) in points {
        paper.line([x_at(x[0]), y_at(y[1])], [x_at(x[2]), y_at(y[1])], 0.5, GREY);
        paper.line([x_at(x[1]), y_at(y[0])], [x_at(x[1]), y_at(y[2])], 0.5, GREY);
    }
    let mut labels = Labels::new(*frame);
    for ((x, y), _) in points.iter().zip(best) {
        let place = [x_at(x[1]), y_at(y[1])];
        labels.take(Box2 { x: place[0] - 2.5, y: place[1] - 2.5, width: 5.0, height: 5.0 });
    }
    for (number, ((x, y), best)) in points.iter().zip(best).enumerate() {
        let place = [x_at(x[1]), y_at(y[1])];
        paper.disc(place, 2.6, if *best { ACCENT } else { BLACK }, Some((0.5, WHITE)));
        let text = format!("{}{}", number + 1, if *best { "★" } else { "" });
        let style = Style::strong(7.5);
        let width = paper.width(&text, style.size);
        if let Some(found) = labels.place(place, width + 2.0, style.size + 1.0, 4.0, 40.0) {
            paper.text(found.x + 1.0, found.y + style.size, style, &text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_hold_their_values_and_have_round_ticks() {
        for values in [[1.0, 9.0], [0.5, 4e4], [774_580.0, 843_000.0], [0.0, 0.0], [-3.0, 0.002], [5.0, 5.0]] {
            let Scale { bounds: [low, high], ticks, .. } = scale(values.into_iter());
            assert!(low < values[0].min(values[1]) && high > values[0].max(values[1]), "{values:?}");
            assert!((1..=13).contains(&ticks.len()), "{values:?}: {ticks:?}");
            assert!(ticks.iter().all(|tick| (low..=high).contains(tick)));
        }
    }
}
