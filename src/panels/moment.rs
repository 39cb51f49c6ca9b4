//! The element selected, in time: room temperature and its cause, what flows and is lost at the instant, curves over the
//! hours.

use egui::{CollapsingHeader, Label, RichText, Ui, vec2};
use egui_plot::{GridMark, HLine, Line, LineStyle, Plot, PlotPoints, VLine};

use super::look::Look;
use super::theme::Colour;
use super::widgets::{element_link, weak};
use crate::network::ElementRef;
use crate::session::Command;
use crate::session::timeline::TimeCommand;
use crate::session::timeline::order::clock_text;
use crate::session::view::{Curve, CurveKind, Moment, moment};
use crate::units::Quantity;

const PLOT_HEIGHT: f32 = 132.0;

pub fn draw(ui: &mut Ui, look: &Look, element: &ElementRef, commands: &mut Vec<Command>) {
    let Some(moment) = moment(look.session, element) else { return };
    let title = RichText::new(look.t("time-title")).strong();
    CollapsingHeader::new(title).id_salt("moment").default_open(true).show_unindented(ui, |ui| {
        if let Some((room_c, design_c)) = moment.room_c {
            ui.horizontal(|ui| {
                weak(ui, look.t("room-title"));
                let cold = room_c < design_c - 0.5;
                let colour = if cold { look.colours.warning } else { look.colours.strong_text };
                let text = look.number(Quantity::Temperature, room_c);
                ui.label(RichText::new(text).size(17.0).color(colour.egui()));
                weak(ui, look.t("room-design"));
                ui.label(look.number(Quantity::Temperature, design_c));
            });
        }
        if let Some(station) = &moment.station {
            ui.horizontal(|ui| {
                weak(ui, look.t("room-station"));
                element_link(ui, look, station, commands);
            });
        }
        if let Some(why) = &moment.why {
            ui.add(Label::new(why).wrap());
        }
        if !moment.curves.is_empty() {
            key(ui, look, &moment.curves);
            plot(ui, look, &moment, element, commands);
        }
        for (label, quantity, si) in &moment.rows {
            row(ui, look, label, look.number(*quantity, *si));
        }
        ui.add_space(4.0);
    });
}

fn row(ui: &mut Ui, look: &Look, label: &str, value: String) {
    ui.horizontal(|ui| {
        ui.add(Label::new(RichText::new(look.t(label)).weak()).truncate());
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.label(RichText::new(value).color(look.colours.strong_text.egui()));
        });
    });
}

fn colour(look: &Look, kind: CurveKind) -> Colour {
    match kind {
        CurveKind::Room => look.colours.accent,
        CurveKind::Set => look.colours.weak_text,
        CurveKind::Supply => look.colours.diagram.supply,
        CurveKind::Return => look.colours.diagram.back,
    }
}

/// What the lines are, above the plot, where they hide nothing.
fn key(ui: &mut Ui, look: &Look, curves: &[Curve]) {
    ui.horizontal_wrapped(|ui| {
        for curve in curves {
            let (rect, _) = ui.allocate_exact_size(vec2(16.0, 12.0), egui::Sense::hover());
            let stroke = egui::Stroke::new(2.0, colour(look, curve.kind).egui());
            ui.painter().hline(rect.x_range(), rect.center().y, stroke);
            ui.label(RichText::new(look.t(curve.label)).small());
        }
        weak(ui, look.units.unit(Quantity::Temperature).symbol);
    });
}

fn plot(ui: &mut Ui, look: &Look, moment: &Moment, element: &ElementRef, commands: &mut Vec<Command>) {
    let shown = |si: f64| look.units.to_shown(Quantity::Temperature, si);
    let hours = ((moment.end_s - moment.start_s) / 3600.0).max(0.1);
    let every = [1.0, 2.0, 3.0, 4.0, 6.0, 12.0, 24.0].into_iter().find(|every| hours / every <= 3.6).unwrap_or(48.0);
    let symbol = look.units.unit(Quantity::Temperature).symbol;
    let values = || moment.curves.iter().flat_map(|curve| &curve.points).map(|point| shown(point[1]));
    let (low, high) = values().fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
    // Tenths of a kelvin are no swing worth the whole height.
    let spare = (0.5 * (2.0 - (high - low))).max(0.08 * (high - low));
    let response = Plot::new(("moment", element.id.to_string()))
        .height(PLOT_HEIGHT)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .grid_color(look.colours.line.egui())
        .grid_fade(0.0)
        .include_x(moment.start_s)
        .include_x(moment.end_s)
        .include_y(low - spare)
        .include_y(high + spare)
        .set_margin_fraction(vec2(0.0, 0.02))
        .x_grid_spacer(move |input| {
            let step_s = every * 3600.0;
            let first = (input.bounds.0 / step_s).ceil() as i64;
            let last = (input.bounds.1 / step_s).floor() as i64;
            (first..=last.min(first + 40)).map(|i| GridMark { value: i as f64 * step_s, step_size: step_s }).collect()
        })
        .x_axis_formatter(|mark, _| clock_text(mark.value))
        .label_formatter(move |hover| {
            let position = match hover {
                egui_plot::HoverPosition::NearDataPoint { position, .. }
                | egui_plot::HoverPosition::Elsewhere { position } => position,
            };
            Some(format!("{}\n{:.1} {symbol}", clock_text(position.x), position.y))
        })
        .show(ui, |plot| {
            for curve in &moment.curves {
                let points: Vec<[f64; 2]> = curve.points.iter().map(|[x, y]| [*x, shown(*y)]).collect();
                let style = if curve.kind == CurveKind::Set { LineStyle::dashed_loose() } else { LineStyle::Solid };
                let line = Line::new(look.t(curve.label), PlotPoints::from(points));
                plot.line(line.color(colour(look, curve.kind).egui()).width(2.0).style(style));
            }
            let now = VLine::new(look.t("time-scrubber"), moment.playhead_s);
            plot.vline(now.color(look.colours.text.egui()).width(1.0));
            if symbol == "°C" && low < 0.0 && high > 0.0 {
                plot.hline(HLine::new("0", 0.0).color(look.colours.line.egui()));
            }
            plot.response().clicked().then(|| plot.pointer_coordinate()).flatten()
        });
    // A click on the curve shows that moment.
    if let Some(at) = response.inner {
        commands.push(Command::Time(TimeCommand::Scrub(at.x)));
    }
}
