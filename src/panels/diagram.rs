//! The pressure diagram (水压图) of the chosen way.

use std::sync::Arc;

use egui::{Align, Layout, RichText, Sense, Shape, Stroke, Ui, vec2};
use egui_plot::{GridInput, GridMark, HLine, HoverPosition, Line, LineStyle, MarkerShape, Plot, PlotPoints, Points};

use super::look::Look;
use super::widgets::{element_link, weak};
use crate::session::view::PressureDiagram;
use crate::session::view::diagram::DiagramPoint;
use crate::session::{Command, Panel};
use crate::units::Quantity;

pub fn draw(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    let diagram = look.session.diagram();
    ui.horizontal(|ui| {
        ui.label(RichText::new(look.t("diagram-title")).strong());
        if let Some(diagram) = &diagram {
            element_link(ui, look, &diagram.source, commands);
            ui.label("→");
            element_link(ui, look, &diagram.consumer, commands);
            ui.add_space(8.0);
            weak(ui, look.t("result-available-head"));
            ui.label(look.number(Quantity::PressureDifference, diagram.available_pa));
            ui.add_space(8.0);
            weak(ui, look.t("diagram-length"));
            ui.label(look.number(Quantity::Length, diagram.length_m));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let close = Command::ClosePanel(Panel::Diagram);
            if ui.small_button("×").on_hover_text(close.tip(look.language)).clicked() {
                commands.push(close);
            }
            if look.session.diagram_target().is_some() {
                let worst = Command::DiagramTo(None);
                if ui.small_button(look.t("diagram-worst")).on_hover_text(worst.tip(look.language)).clicked() {
                    commands.push(worst);
                }
            }
        });
    });
    if diagram.is_some() {
        key(ui, look);
    }
    match diagram {
        Some(diagram) => plot(ui, look, diagram),
        None => {
            ui.centered_and_justified(|ui| {
                let key = if look.session.solution().is_some() { "diagram-none" } else { "diagram-waiting" };
                ui.label(RichText::new(look.t(key)).weak());
            });
        }
    }
}

/// What the lines mean, in one row: inside the plot it would hide the ends of the lines.
fn key(ui: &mut Ui, look: &Look) {
    let c = &look.colours.diagram;
    ui.horizontal_wrapped(|ui| {
        for (colour, key, dashes) in [
            (c.supply, "diagram-supply", 1),
            (c.back, "diagram-return", 1),
            (c.fixed, "diagram-static", 2),
            (c.vapour, "diagram-vapour", 5),
            (c.ground, "diagram-ground", 1),
            (c.mark, "diagram-devices", 0),
        ] {
            let (rect, _) = ui.allocate_exact_size(vec2(20.0, 12.0), Sense::hover());
            if dashes == 0 {
                let (at, r) = (rect.center(), 4.5);
                let corners = vec![at + vec2(0.0, -r), at + vec2(r, 0.0), at + vec2(0.0, r), at + vec2(-r, 0.0)];
                ui.painter().add(Shape::convex_polygon(corners, colour.egui(), Stroke::NONE));
            }
            for i in 0..dashes {
                let part = rect.width() / (2 * dashes - 1) as f32;
                let x = rect.left() + 2.0 * part * i as f32;
                ui.painter().hline(x..=x + part, rect.center().y, Stroke::new(2.0, colour.egui()));
            }
            ui.label(RichText::new(look.t(key)).small());
            ui.add_space(4.0);
        }
    });
}

/// Grid lines at a round step (1, 2 or 5 times a power of ten), about `wanted` of them.
fn round_grid(input: &GridInput, wanted: f64) -> Vec<GridMark> {
    let (low, high) = input.bounds;
    let rough = (high - low) / wanted;
    if !(rough.is_finite() && rough > 0.0) {
        return Vec::new();
    }
    let decade = 10f64.powf(rough.log10().floor());
    let step_size =
        [1.0, 2.0, 5.0, 10.0].map(|m| m * decade).into_iter().find(|s| *s >= rough).unwrap_or(10.0 * decade);
    let first = (low / step_size).ceil() as i64;
    let last = (high / step_size).floor() as i64;
    (first..=last.min(first + 100)).map(|i| GridMark { value: i as f64 * step_size, step_size }).collect()
}

fn plot(ui: &mut Ui, look: &Look, diagram: Arc<PressureDiagram>) {
    let c = &look.colours.diagram;
    let line = |name: String, points: &[DiagramPoint], y: fn(&DiagramPoint) -> f64| {
        let points: Vec<[f64; 2]> =
            points.iter().map(|p| [p.chainage_m, y(p)]).filter(|[_, y]| y.is_finite()).collect();
        Line::new(name, PlotPoints::from(points))
    };
    let read_out = ReadOut::new(look, diagram.clone());
    let rows = f64::from(ui.available_height() / 36.0).clamp(2.0, 12.0);
    let columns = f64::from(ui.available_width() / 110.0).clamp(2.0, 14.0);
    let plot = Plot::new("pressure-diagram")
        .grid_color(look.colours.line.egui())
        .grid_fade(0.0)
        .grid_spacing(4.0..=12.0)
        .x_grid_spacer(move |input| round_grid(&input, columns))
        .y_grid_spacer(move |input| round_grid(&input, rows))
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .set_margin_fraction(vec2(0.02, 0.12))
        .x_axis_label(look.t("diagram-axis-distance"))
        .y_axis_label(look.t("diagram-axis-head"))
        .x_axis_formatter(|mark, _| {
            let digits = if mark.step_size >= 1000.0 {
                0
            } else if mark.step_size >= 100.0 {
                1
            } else {
                2
            };
            format!("{:.*}", digits, mark.value / 1000.0)
        })
        .label_formatter(move |hover| {
            let position = match hover {
                HoverPosition::NearDataPoint { position, .. } | HoverPosition::Elsewhere { position } => position,
            };
            read_out.at(position.x)
        });
    plot.show(ui, |plot| {
        plot.line(
            line(look.t("diagram-ground"), &diagram.supply, |p| p.ground_m)
                .color(c.ground.egui())
                .width(1.5)
                .fill(-1e4)
                .fill_alpha(0.12),
        );
        plot.line(
            line(look.t("diagram-vapour"), &diagram.supply, |p| p.vapour_head_m)
                .color(c.vapour.egui())
                .width(1.5)
                .style(LineStyle::dotted_dense()),
        );
        if let Some(head) = diagram.static_head_m {
            plot.hline(
                HLine::new(look.t("diagram-static"), head)
                    .color(c.fixed.egui())
                    .width(1.5)
                    .style(LineStyle::dashed_loose()),
            );
        }
        plot.line(line(look.t("diagram-return"), &diagram.back, |p| p.head_m).color(c.back.egui()).width(2.5));
        plot.line(line(look.t("diagram-supply"), &diagram.supply, |p| p.head_m).color(c.supply.egui()).width(2.5));
        if !diagram.marks.is_empty() {
            let marks: Vec<[f64; 2]> = diagram.marks.iter().map(|m| [m.chainage_m, m.head_m]).collect();
            plot.points(
                Points::new(look.t("diagram-devices"), PlotPoints::from(marks))
                    .shape(MarkerShape::Diamond)
                    .radius(4.0)
                    .color(c.mark.egui()),
            );
        }
    });
}

/// Text for the place below the pointer, made from the nearest nodes of both lines.
struct ReadOut {
    diagram: Arc<PressureDiagram>,
    units: crate::units::DisplayUnits,
    words: [String; 5],
}

impl ReadOut {
    fn new(look: &Look, diagram: Arc<PressureDiagram>) -> ReadOut {
        let words = ["diagram-supply", "diagram-return", "result-available-head", "diagram-ground", "diagram-vapour"]
            .map(|key| look.t(key));
        ReadOut { diagram, units: look.units.clone(), words }
    }

    fn at(&self, x_m: f64) -> Option<String> {
        let nearest = |points: &[DiagramPoint]| -> Option<DiagramPoint> {
            points.iter().min_by(|a, b| (a.chainage_m - x_m).abs().total_cmp(&(b.chainage_m - x_m).abs())).cloned()
        };
        let supply = nearest(&self.diagram.supply)?;
        let back = nearest(&self.diagram.back)?;
        let head = |si: f64| self.units.text(Quantity::Head, si);
        let pressure = |si: f64| self.units.text(Quantity::Pressure, si);
        let [w_supply, w_return, w_available, w_ground, w_vapour] = &self.words;
        let difference = self.units.text(Quantity::PressureDifference, supply.pressure_pa - back.pressure_pa);
        let mut text = format!(
            "{} · {}\n{w_supply} {} · {}\n{w_return} {} · {}\n{w_available} {difference}\n{w_ground} {}",
            self.units.text(Quantity::Length, supply.chainage_m),
            supply.node.id,
            head(supply.head_m),
            pressure(supply.pressure_pa),
            head(back.head_m),
            pressure(back.pressure_pa),
            head(supply.ground_m),
        );
        if supply.vapour_head_m.is_finite() {
            text = format!("{text}\n{w_vapour} {}", head(supply.vapour_head_m));
        }
        Some(text)
    }
}
