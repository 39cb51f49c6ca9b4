//! Two figures against each other: what costs less against what leaves rooms colder.

use egui::{Color32, RichText, Ui};
use egui_plot::{MarkerShape, Plot, PlotPoint, Points, Text};

use super::super::look::Look;
use super::ask;
use crate::dispatch::alternative::{Assessment, Figure};
use crate::session::Command;
use crate::session::alternatives::{Alternatives, AlternativesCommand, Sheet};
use crate::session::view::{figure_key, figure_text};

pub fn draw(ui: &mut Ui, look: &Look, alternatives: &Alternatives, sheet: &Sheet, commands: &mut Vec<Command>) {
    let [across, up] = sheet.axes;
    ui.add(egui::Label::new(RichText::new(look.t("alternatives-plot-note")).weak()).wrap());
    let places: Vec<(usize, [f64; 2], [[f64; 2]; 2])> =
        sheet.rows.iter().enumerate().filter_map(|(at, row)| place(at, row.as_ref().ok()?, across, up)).collect();
    let names = [across, up].map(|figure| look.t(&figure_key(figure)));
    let hover = |figure: Figure, value: f64| figure_text(figure, look.units, value);
    let plot = Plot::new("alternatives-plot")
        .height((ui.available_height() - 96.0).max(180.0))
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .show_grid(true)
        .x_axis_label(&names[0])
        .y_axis_label(&names[1])
        .x_axis_formatter(move |mark, _| hover_text(mark.value))
        .y_axis_formatter(move |mark, _| hover_text(mark.value));
    let inks: Vec<Color32> = (0..sheet.rows.len()).map(|at| ink(look, sheet, at)).collect();
    plot.show(ui, |plot| {
        for (at, [x, y], [[left, right], [low, high]]) in &places {
            let colour = inks[*at].gamma_multiply(0.5);
            // From the run in warmer to that in colder weather.
            for line in [[[*left, *y], [*right, *y]], [[*x, *low], [*x, *high]]] {
                plot.line(egui_plot::Line::new("", line.to_vec()).color(colour).width(1.0));
            }
            let shape = if sheet.best[*at] { MarkerShape::Diamond } else { MarkerShape::Circle };
            let radius = if alternatives.chosen() == *at { 8.0 } else { 5.5 };
            plot.points(Points::new("", vec![[*x, *y]]).shape(shape).radius(radius).color(inks[*at]));
            let label = RichText::new(format!("  {}", at + 1)).color(look.colours.strong_text.egui()).size(13.0);
            let text = Text::new("", PlotPoint::new(*x, *y), label).anchor(egui::Align2::LEFT_BOTTOM);
            plot.text(text);
        }
    });
    ui.horizontal_wrapped(|ui| {
        for (at, [x, y], _) in &places {
            let text = RichText::new(format!("{}  {}", at + 1, sheet.names[*at])).color(inks[*at]);
            let about = format!("{}: {}\n{}: {}", names[0], hover(across, *x), names[1], hover(up, *y));
            if ui.selectable_label(alternatives.chosen() == *at, text).on_hover_text(about).clicked() {
                commands.push(ask(AlternativesCommand::Choose(*at)));
            }
        }
    });
}

/// Without digits that say nothing.
fn hover_text(value: f64) -> String {
    match value.abs() {
        size if size >= 1e9 => format!("{:.2}G", value / 1e9),
        size if size >= 1e6 => format!("{:.2}M", value / 1e6),
        size if size >= 1e4 => format!("{:.0}k", value / 1e3),
        size if size >= 100.0 => format!("{value:.0}"),
        _ => format!("{value:.1}"),
    }
}

/// Column, values on both axes, and what they reach over in colder and warmer weather.
fn place(at: usize, assessment: &Assessment, across: Figure, up: Figure) -> Option<(usize, [f64; 2], [[f64; 2]; 2])> {
    let [left, x, right] = assessment.range(across)?;
    let [low, y, high] = assessment.range(up)?;
    Some((at, [x, y], [[left, right], [low, high]]))
}

fn ink(look: &Look, sheet: &Sheet, at: usize) -> Color32 {
    match sheet.best.get(at) {
        Some(true) => look.colours.good.egui(),
        _ if at == 0 => look.colours.text.egui(),
        _ => look.colours.link.egui(),
    }
}
